"""A title that is not in French yet, from the desk to the reader: seen on the page of
languages, stopped or declared by the session's rule, and marked where it falls back."""

import datetime as dt

import pytest

from sessions_app.compose import compose
from sessions_app.issuing import NotIssued, issue
from sessions_app.models import Document, Session, Slot
from sessions_app.translated import text
from tests.printed import pages_of
from tests.rows import make_day, make_line, make_person, make_session, make_slot
from tests.test_pages import every, one, tree_of, words_of

pytestmark = pytest.mark.django_db

AGENDA = "/fr/ocean/first/"
DECLARED = (
    "Certaines parties, signalées comme telles, sont publiées en anglais uniquement"
)


@pytest.fixture
def session(editions_folder):
    """A session whole in English and French but for the title of one slot."""
    session = make_session(
        title=text("First session", fr="Première session"),
        city=text("Geneva", fr="Genève"),
        languages=["en", "fr"],
        ends_on=dt.date(2027, 6, 21),
    )
    conference = session.conference
    conference.title = text("Ocean", fr="Océan")
    conference.save()
    day = make_day(session)
    make_slot(day, "09:00", "10:00", title=text("Opening", fr="Ouverture"))
    debate = make_slot(
        day,
        "10:00",
        "12:00",
        title=text("Debate"),
        text=text("About ships.", fr="Des navires."),
    )
    person = make_person(
        "Ada Lund",
        honorific=text("Ms.", fr="Mme"),
        function=text("Director", fr="Directrice"),
    )
    make_line(debate, person=person)
    return session


def stop_at_missing_translations(session):
    session.missing_translations = Session.MissingTranslations.STOPS
    session.save()


def test_the_missing_title_stands_on_the_page_of_languages(session, admin_client):
    page = admin_client.get(f"/admin/sessions_app/session/{session.pk}/languages/")

    gaps = [words_of(gap) for gap in every(tree_of(page), ".parity-part li")]
    assert any("Debate" in gap for gap in gaps), gaps
    assert not any("Opening" in gap for gap in gaps)


def test_where_the_rule_says_so_it_stops_the_issue(session):
    stop_at_missing_translations(session)

    with pytest.raises(NotIssued, match="1 text is not in French yet"):
        issue(session, by=None, reason="Tested.")

    assert not session.editions.exists()


def test_otherwise_page_and_note_declare_it_and_mark_the_place(session, client):
    issue(session, by=None, reason="Tested.")

    page = tree_of(client.get(AGENDA))
    assert words_of(one(page, ".declared")) == DECLARED
    titles = [one(slot, "h3 a") for slot in every(page, ".slot")]
    assert [words_of(title) for title in titles] == ["Ouverture", "Debate"]
    marked = every(page, "[data-in]")
    assert [
        (words_of(place), dict(place.attrib)) for place in marked if words_of(place)
    ] == [("Debate", {"lang": "en", "dir": "ltr", "data-in": "EN"})]
    note = Document.objects.get(name="note.pdf", language="fr")
    words = " ".join(pages_of(bytes(note.content)))
    assert f"[{DECLARED}]" in words
    assert "Debate EN" in words.replace("\xa0", " ")


def test_what_falls_back_is_never_made_of_two_languages(session, client):
    issue(session, by=None, reason="Tested.")

    page = tree_of(client.get(AGENDA))
    (person,) = every(page, ".slot .people li")

    assert words_of(person) == "Mme Ada Lund Directrice"
    assert "Des navires." in words_of(every(page, ".slot")[1])


def test_a_page_in_the_main_language_declares_nothing(session, client):
    issue(session, by=None, reason="Tested.")

    page = tree_of(client.get("/en/ocean/first/"))

    assert every(page, ".declared") == []
    assert every(page, "[data-in]") == []


def test_once_translated_nothing_is_declared(session, client):
    Slot.objects.filter(title__en="Debate").update(title=text("Debate", fr="Débat"))
    stop_at_missing_translations(session)

    issue(session, by=None, reason="Tested.")

    assert compose(session).declared == {}
    assert every(tree_of(client.get(AGENDA)), ".declared") == []
