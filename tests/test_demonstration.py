import ast
import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from sessions_app import demonstration as demo
from sessions_app.compose import compose
from sessions_app.models import Conference, Edition, Line, Session, Slot
from sessions_app.translated import LANGUAGE_CODES, words
from speakers.models import Person

pytestmark = pytest.mark.django_db


def counts():
    return (
        Conference.objects.count(),
        Session.objects.count(),
        Slot.objects.count(),
        Line.objects.count(),
        Person.objects.count(),
        Edition.objects.count(),
    )


def test_loading_twice_changes_nothing(demonstration):
    before = counts()

    demo.load_demonstration()

    assert counts() == before


def test_past_session_has_the_paper_and_its_corrigendum(demonstration):
    editions = Edition.objects.filter(session__slug="third-thematic-session")

    assert list(editions.order_by("number").values_list("number", "label")) == [
        (1, ""),
        (2, "Corr.1"),
    ]


def test_session_of_today_is_of_today(demonstration):
    session = Session.objects.get(slug="second-preparatory-session")

    assert session.starts_on == timezone.now().astimezone(ZoneInfo(session.zone)).date()
    assert session.editions.count() == 1


@pytest.mark.thorough
def test_session_loaded_on_another_day_moves_to_today_and_is_issued_anew(demonstration):
    session = Session.objects.get(slug="second-preparatory-session")
    for day in session.days.all():
        day.date -= dt.timedelta(days=40)
        day.save()
    Session.objects.filter(pk=session.pk).update(
        starts_on=session.starts_on - dt.timedelta(days=40),
        ends_on=session.ends_on - dt.timedelta(days=40),
    )

    demo.load_demonstration()

    session.refresh_from_db()
    assert [day.date for day in session.days.all()] == [
        session.starts_on,
        session.ends_on,
    ]
    assert session.starts_on == timezone.now().astimezone(ZoneInfo(session.zone)).date()
    assert list(session.editions.values_list("label", flat=True)) == ["Rev.1", ""]


@pytest.mark.thorough
def test_loading_goes_on_where_it_was_interrupted(db, printed_once, monkeypatch):
    def fail(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "issue", fail)
    with pytest.raises(KeyboardInterrupt):
        demo.load_demonstration()
    monkeypatch.undo()

    demo.load_demonstration()

    assert Edition.objects.count() == 3


def test_addresses_of_the_demonstration_stay_the_same(demonstration):
    codes = Slot.objects.filter(
        day__session__slug="third-thematic-session"
    ).values_list("code", flat=True)

    assert list(codes.order_by("day__date", "start"))[:2] == ["nff63pt", "x2sdzbb"]


def test_demonstration_shows_what_a_programme_may_need(demonstration):
    session = Session.objects.get(slug="second-preparatory-session")
    slots = Slot.objects.filter(day__session=session)

    assert slots.filter(status=Slot.Status.CANCELLED).count() == 1
    assert slots.filter(is_parallel=True).values("room").distinct().count() == 3
    assert slots.filter(ends_next_day=True).count() == 1
    assert slots.filter(documents__isnull=False).distinct().count() == 1
    assert (
        Line.objects.filter(slot__in=slots, status=Line.Status.TO_BE_CONFIRMED).count()
        == 1
    )
    assert not Session.objects.get(slug="third-preparatory-session").editions.exists()


@pytest.mark.parametrize("language", sorted(demo.other_words()))
def test_every_text_of_the_demonstration_is_translated_and_none_besides(
    demonstration, language
):
    said = demo.other_words()[language]
    tree = ast.parse(Path(demo.__file__).read_text())
    written = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    names = {words(person.printed_name)["en"] for person in Person.objects.all()}
    groups = {f"Working group {number}" for number in (1, 2, 3)}

    assert [english for english, other in said.items() if not other.strip()] == []
    assert said.keys() - written == (names | groups) - written


@pytest.mark.parametrize(
    "slug", ["third-thematic-session", "second-preparatory-session"]
)
def test_the_sessions_of_then_and_of_today_are_whole_in_six_languages(
    demonstration, slug
):
    programme = compose(Session.objects.get(slug=slug))

    assert programme.whole_in == set(LANGUAGE_CODES)
    assert programme.declared == {}


def test_every_language_but_english_says_that_the_translation_is_our_own(demonstration):
    notice = Conference.objects.get(slug="early-warning").notice

    assert words(notice) == {
        "ar": "عرض إيضاحي، وليس وثيقة رسمية؛ الترجمة من إعدادنا",
        "zh-hans": "演示文本，并非正式文件；中文译文由我们自行翻译",
        "en": "Demonstration, not an official document",
        "fr": (
            "Démonstration\u00a0; ce document n’est pas officiel\u00a0; traduction établie "
            "par nos soins"
        ),
        "ru": (
            "Демонстрационный материал, не является официальным документом; перевод "
            "составителей"
        ),
        "es": "Demostración; no es un documento oficial; traducción propia",
    }
