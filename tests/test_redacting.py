"""One person's data are taken out of issued editions, and nothing else of them."""

import datetime as dt
import json
import re
import unicodedata

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from sessions_app import (
    guards,
    history,
    issuing,
    mirror,
    outputs,
    publishing,
    redacting,
)
from sessions_app.issuing import Wish, issue, withdraw
from sessions_app.models import (
    Acknowledgement,
    ChangedRow,
    Document,
    Edition,
    Footnote,
    Issuance,
    Line,
    Panel,
    PreparedDocument,
    Redaction,
    SavedChange,
    Section,
    SlotDocument,
    Withdrawal,
)
from sessions_app.redacting import (
    REMOVED,
    NotRedacted,
    StillShown,
    checked,
    places,
    redact,
    words_of,
)
from sessions_app.translated import LANGUAGE_CODES, text, words
from speakers.merging import merge
from speakers.models import Person
from tests.crawl import all_text, ask, crawl
from tests.endure.damage import find_damage
from tests.rows import (
    make_conference,
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_role,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.thorough

NAME = text(
    "Ada Quistgaard",
    ar="آدا كويستغارد",
    zh_hans="阿达·奎斯特加德",
    fr="Ada Quistgaard",
    ru="Ада Квистгорд",
    es="Ada Quistgaard",
)
HONORIFIC = text("Ms.", ar="السيدة", zh_hans="女士", fr="Mme", ru="г-жа", es="Sra.")
# What of the name is to be found nowhere, without spaces and in small letters.
FORMS = re.compile("quistgaard|كويستغارد|奎斯特加德|квистгорд")
REASON = "The person asked for it in writing on 3 May."


def in_all(words: str) -> dict:
    """A text with the name of each language in the place of the brackets."""
    said = {code: words.format(NAME[code]) for code in LANGUAGE_CODES}
    return text(said.pop("en"), **{k.replace("-", "_"): v for k, v in said.items()})


def forms_in(content: bytes | str) -> set[str]:
    """The forms of the name that can be read in bytes or words, however written."""
    said = all_text(content) if isinstance(content, bytes) else content
    said = unicodedata.normalize("NFC", said).casefold()
    return set(FORMS.findall(re.sub(r"[\s\u00ad\u200b-\u200f]+", "", said)))


def plain(programme, imprint, language, former=None) -> bytes:
    """A document that prints all that it is given."""
    parts = [programme.to_json(), str(imprint.to_value()).encode(), language.encode()]
    if former:
        parts += [former.programme.to_json(), str(former.imprint).encode()]
    return b"\n".join(parts)


@pytest.fixture
def at_once(monkeypatch):
    """Documents of plain bytes that hold all that a real one may print."""
    for name, output in outputs.FORMATS.items():
        if output.is_issued:
            fake = outputs.Output(output.media_type, plain, is_issued=True)
            monkeypatch.setitem(outputs.FORMATS, name, fake)
    for name, revision in outputs.REVISIONS.items():
        fake = outputs.Revision(revision.media_type, plain, revision.applies)
        monkeypatch.setitem(outputs.REVISIONS, name, fake)


@pytest.fixture(autouse=True)
def _guarded(request):
    """Under guards, as in service, but where tables are emptied."""
    if "transactional_db" not in request.fixturenames:
        request.getfixturevalue("db")
        guards.install(connection)


@pytest.fixture
def issuer(db):
    return User.objects.create(username="issuer")


@pytest.fixture
def person(db):
    return make_person(
        "Ada Quistgaard",
        printed_name=NAME,
        honorific=HONORIFIC,
        function=text("Director of the Quistgaard Institute"),
        state=text("Denmark"),
        organization=text("Ocean Institute"),
    )


def make_conference_of(languages):
    return make_conference(
        languages=languages,
        contact=text(
            "Write to Ada Quistgaard, [mail](mailto:ada.quistgaard@example.org)."
        ),
    )


@pytest.fixture
def languages():
    """The languages of the session; a test of real documents has fewer."""
    return list(LANGUAGE_CODES)


@pytest.fixture
def session(person, issuer, languages):
    """Four editions: the first names the person in every way; the second, a
    corrigendum that names her too, was withdrawn; the third no longer names her, but
    its marked revision tells that she was replaced; the fourth names her in its
    remark alone. A fifth waits for its minute."""
    session = make_session(
        conference=make_conference_of(languages),
        languages=languages,
        theme=in_all("The ocean and {}[^quistgaard-note]"),
    )
    Footnote.objects.create(
        session=session,
        key="quistgaard-note",
        text=in_all("See [{}](https://example.org/ada_quistgaard/paper.pdf)."),
    )
    Section.objects.create(
        session=session, heading=in_all("Life of {}"), text=in_all("_{}_ was born.")
    )
    slot = make_slot(
        make_day(session),
        title=in_all("Panel with {}"),
        text=in_all("Chaired by **{}**."),
        aside=in_all("Lunch with {}"),
        webcast="https://example.org/AdaQuistgaard",
    )
    make_line(slot, unnamed=text("Friends of Ada\u00a0QUISTGAARD"))
    Panel.objects.create(slot=slot, number=2, questions=in_all("What does {} say?"))
    SlotDocument.objects.create(
        slot=slot, title=in_all("Paper by {}"), address="https://example.org/quistgaard"
    )
    moderator = make_moderator()
    line = make_line(
        slot,
        person=person,
        role=make_role(),
        status=Line.Status.TO_BE_CONFIRMED,
        mode=Line.Mode.REMOTE,
    )
    make_line(slot, person=make_person("Dag Holm"), role=moderator)
    make_line(slot, text=text("{people} sums up"), person=person, role=moderator)
    make_line(slot, text=text("Moderators meet"), holders_of=moderator)
    issue(session, by=issuer, reason="Seen.", remark=words(in_all("With {}.")))

    Line.objects.filter(pk=line.pk).update(function=text("Head of research"))
    second = issue(session, by=issuer, label="Corr.1", reason="Seen.")
    withdraw(second, issuer, words(in_all("{} was wrongly described.")))

    keep_traces(session, person, slot)
    clean_draft(session, person)
    third = issue(session, by=issuer, label="Rev.1", reason="Seen.")
    assert not forms_in(json.dumps(third.programme, ensure_ascii=False))
    issue(
        session,
        by=issuer,
        label="Rev.2",
        reason="Seen.",
        remark=words(in_all("No {}.")),
    )
    issuing.ask(
        session,
        by=issuer,
        wish=Wish(
            at=timezone.now() + dt.timedelta(days=1),
            reason="Seen.",
            remark=words(in_all("Still no {}.")),
        ),
    )
    return session


def clean_draft(session, person):
    """Takes the person out of the draft, as staff do."""
    session.conference.contact = {}
    session.conference.save()
    session.theme = text("The ocean[^quistgaard-note]")
    session.save()
    Footnote.objects.filter(session=session).update(key="n", text=text("See."))
    session.theme = text("The ocean[^n]")
    session.save()
    session.sections.all().delete()
    for slot in session.days.get().slots.all():
        slot.title, slot.text = text("Panel"), text("Chaired by somebody.")
        slot.aside, slot.webcast = {}, ""
        slot.save()
        slot.lines.exclude(unnamed={}).delete()
        slot.lines.filter(person=person).update(person=make_person("Eva Ek"))
        slot.documents.all().delete()
        Panel.objects.filter(slot=slot).update(questions={})


def keep_traces(session, person, slot):
    """What the desk keeps besides: history, an acknowledged warning, Django's log."""
    user = User.objects.get()
    with history.recorded(user, session, SavedChange.Act.SAVED, slot, person):
        slot.internal_note = "Ask Ada Quistgaard"
        slot.save()
        person.pronunciation = "KVIST-gord"
        person.save()
    slot.internal_note = ""
    slot.save()
    SavedChange.objects.create(session=session, by=user, remark="As Квистгорд asked")
    Acknowledgement.objects.create(
        session=session,
        key="0" * 64,
        sentence=f"{NAME['ar']} twice",
        reason="Q: 奎斯特加德.",
    )
    for row in (session, person, slot):
        LogEntry.objects.create(
            user=user,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=f"About {NAME['en']}"[:200],
            action_flag=CHANGE,
            change_message=json.dumps([{"changed": {"name": NAME["ar"]}}]),
        )


@pytest.fixture
def second_session(session, person, issuer):
    """A session of another conference that names a record merged into the person's."""
    merged = make_person("A. Quistgaard")
    other = make_session(
        conference=make_conference(slug="land", title=text("Land")), slug="second"
    )
    line = make_line(make_slot(make_day(other)), person=merged)
    issue(other, by=issuer, reason="Seen.")
    merge(merged, person)
    issue(other, by=issuer, reason="Seen.")
    line.delete()
    return other


def words_for(person):
    """The words that somebody types: those proposed, and the name in other scripts."""
    return [*words_of(person), "كويستغارد", "奎斯特加德", "Квистгорд"]


def everything_issued():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Edition, Document, Withdrawal, Redaction, Issuance)
    ]


# --- What is found -----------------------------------------------------------------


@pytest.mark.usefixtures("at_once")
def test_words_proposed_are_every_printed_form_the_longest_first(session, person):
    proposed = words_of(person)

    assert [len(word) for word in proposed] == sorted(map(len, proposed), reverse=True)
    assert set(proposed) == {
        "Ms. Ada Quistgaard",
        "Mme Ada Quistgaard",
        "Sra. Ada Quistgaard",
        "السيدة آدا كويستغارد",
        "г-жа Ада Квистгорд",
        "阿达·奎斯特加德女士",
        "Ada Quistgaard",
        "آدا كويستغارد",
        "Ада Квистгорд",
        "阿达·奎斯特加德",
        "Quistgaard",
    }


@pytest.mark.usefixtures("at_once")
def test_places_say_session_edition_where_and_what(session, second_session, person):
    found = places(person, words_for(person))

    english = [p for p in found if (p.session, p.number) == (session, 1)]
    assert {p.where for p in english if p.language == "en"} == {
        "conference, contact",
        "theme",
        "footnote 1, key",
        "footnote 1, text",
        "section 1, heading",
        "section 1, text",
        "Panel 2, title",
        "Panel 2, text",
        "Panel 2, aside",
        "Panel 2, webcast",
        "Panel 2, guiding questions",
        "Panel 2, name",
        "Panel 2, name of a person",
        "Panel 2, document 1, title",
        "Panel 2, document 1, address",
        "remark of the edition",
    }
    assert {(p.session, p.number, p.is_on_its_way) for p in found} == {
        (session, 1, False),
        (session, 2, False),
        (session, 4, False),
        (session, 5, True),
        (second_session, 1, False),
        (second_session, 2, False),
    }
    (text_of_panel,) = [
        p.found for p in english if (p.where, p.language) == ("Panel 2, text", "ru")
    ]
    assert text_of_panel == "Chaired by **Ада Квистгорд**."
    assert not any(p.stays for p in found)


def test_words_are_whole_in_any_kind_of_writing_and_of_others_untouched(db):
    knife = redacting._Knife(
        redacting._Look(set(), ["Anne-Marie O'Neil", "Neil", "Лунд", "لوند", "王芳"]),
        ["Neil Armstrong"],
    )
    said = {
        "_anne\u2011marie\u00a0O\u2019NEIL_ came": "_[name removed]_ came",
        "Anne-Marie\nO'Neil's": "[name removed]'s",
        "Neill and MacNeil": "Neill and MacNeil",
        "Neil Armstrong and Neil": "Neil Armstrong and [name removed]",
        "Лунда": "Лунда",
        "См. ЛУНД.": "См. [name removed].",
        "ولُوند": "و[name removed]",
        "由王芳主持": "由[name removed]主持",
        "a@neil.example": "[name removed]",
        "[x](https://x.example/?q=%6Eeil)": "[x](https://name-removed.invalid/)",
        "e\u0301 stays as it is": "e\u0301 stays as it is",
    }

    assert {typed: knife.cut(typed, "en") for typed in said} == said


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ([], "Type at least one word to remove: the name as it prints."),
        (["", " "], "Type at least one word to remove: the name as it prints."),
        (
            ["Lund", "L."],
            (
                "“L.” is too short: it would be found everywhere. Each word needs at least "
                "two letters."
            ),
        ),
    ],
)
def test_words_that_cannot_be_looked_for_are_refused(typed, sentence):
    with pytest.raises(NotRedacted) as refusal:
        checked(typed)
    assert str(refusal.value) == sentence


# --- What becomes of it --------------------------------------------------------------


@pytest.mark.usefixtures("at_once")
def test_name_is_nowhere_after_redaction(session, second_session, person, issuer):
    assert any(forms_in(a.content) for a in crawl(Client(), ["/en/"]).values())
    assert readable_rows()

    redact(person, words_for(person), issuer, REASON)

    mirror.memory.clear()
    assert named_at() == {}
    assert named_in_files() == []
    assert readable_rows() == []


def named_at():
    """The public addresses at which the name can be read, with its forms."""
    crawled = crawl(Client(), ["/", "/en/", "/ar/"])
    asked = {a: ask(Client(), a) for a in guessed() if a not in crawled}
    answers = crawled | asked
    assert len(answers) > 300
    return {
        address: forms
        for address, answer in answers.items()
        if (forms := forms_in(answer.content) | forms_in(str(answer.headers)))
    }


def guessed():
    """The documents, data and people of every edition, linked to or not."""
    files = [*outputs.FORMATS, *outputs.REVISIONS]
    under = [
        f"/{language}/{session}/{edition}"
        for language in ("ar", "zh", "en", "fr", "ru", "es")
        for session in ("ocean/first", "land/second")
        for edition in ("", *(f"editions/{number}/" for number in range(1, 6)))
    ]
    people = [
        f"people/{code}/" for code in Person.objects.values_list("code", flat=True)
    ]
    return [
        *(f"{start}{file}" for start in under for file in files),
        *(
            f"/en/{at}/{page}"
            for at in ("ocean/first", "land/second")
            for page in people
        ),
        "/en/ocean/first/changes/1/",
        "/en/ocean/first/editions/3/changes/1/marked/",
    ]


def named_in_files():
    return [
        str(file)
        for file in mirror.folder().rglob("*")
        if file.is_file() and forms_in(file.read_bytes())
    ]


def readable_rows():
    """The tables in which the name can be read, but for the records of people."""
    found = []
    for model in apps.get_models():
        if model is Person:
            continue
        for row in model._default_manager.values():
            said = "\n".join(
                all_text(bytes(value))
                if isinstance(value, bytes | memoryview)
                else json.dumps(value, ensure_ascii=False, default=str)
                for value in row.values()
            )
            if forms_in(said):
                found.append(model.__name__)
    return sorted(set(found))


@pytest.mark.parametrize(
    "languages",
    [
        ["en", "ar"],
        pytest.param(list(LANGUAGE_CODES), marks=pytest.mark.endure),
    ],
    ids=["two languages", "six languages"],
)
def test_name_is_in_no_printed_document_after_redaction(session, person, issuer):
    before = {d.pk: bytes(d.content) for d in Document.objects.all()}
    named = {pk for pk, content in before.items() if forms_in(content)}
    assert len(named) >= 6 * 2

    redact(person, words_for(person), issuer, REASON)

    assert set(before) == set(Document.objects.values_list("pk", flat=True))
    after = {d.pk: bytes(d.content) for d in Document.objects.all()}
    assert {pk for pk, content in after.items() if forms_in(content)} == set()
    assert {d.pk for d in Document.objects.all() if d.pages < 1} == set()
    remark_alone = set(
        Document.objects.filter(edition__number__in=(3, 4)).values_list("pk", flat=True)
    )
    assert named - {pk for pk in after if after[pk] != before[pk]} == set()
    assert {pk for pk in after if after[pk] != before[pk]} - named <= remark_alone


def leaves(node, path=()):
    """Path to value of all that JSON holds."""
    if isinstance(node, dict):
        return {
            at: v
            for key, part in node.items()
            for at, v in leaves(part, (*path, key)).items()
        }
    if isinstance(node, list):
        return {
            at: v
            for key, part in enumerate(node)
            for at, v in leaves(part, (*path, key)).items()
        }
    return {path: node}


@pytest.mark.usefixtures("at_once")
def test_all_else_of_the_editions_is_unchanged(session, second_session, person, issuer):
    def rows(model, *fields):
        return list(model.objects.order_by("pk").values_list("pk", *fields))

    fixed = "session number label status_word issued_at as_at issued_by supersedes check_code"
    before = {e.pk: leaves(e.programme) for e in Edition.objects.all()}
    kept = rows(Edition, *fixed.split()), rows(Document, "edition", "name", "language")
    people = {
        path[:-1]
        for held in before.values()
        for path, value in held.items()
        if path[-1] == "person" and value == person.code
    }

    redact(person, words_for(person), issuer, REASON)

    assert (
        rows(Edition, *fixed.split()),
        rows(Document, "edition", "name", "language"),
    ) == kept
    for edition in Edition.objects.all():
        after = leaves(edition.programme)
        lost = {
            path
            for path, value in before[edition.pk].items()
            if after.get(path) != value
        }
        assert after.keys() <= before[edition.pk].keys()
        for path in lost:
            is_hers = any(path[: len(place)] == place for place in people)
            assert is_hers or forms_in(str(before[edition.pk][path])), path
    assert find_damage_in_rows() == []
    assert not find_standing_damage(session, second_session)


def find_damage_in_rows():
    """Editions and documents that are not what their digests say."""
    return [
        edition
        for edition in Edition.objects.all()
        if redacting.edition_digest(edition.programme, publishing.imprint_of(edition))
        != edition.digest
        or redacting.digest_of(edition.programme) != edition.programme_digest
        or redacting.from_json(redacting.canonical(edition.programme)).to_value()
        != edition.programme
    ]


def find_standing_damage(*sessions):
    """What the public reads otherwise than the database has it."""
    mirror.memory.clear()
    damage = []
    for session in sessions:
        standing = mirror.standing(session.conference.slug, session.slug)
        if standing != publishing.standing_of(session):
            damage.append(session)
        for card in standing.editions:
            edition = Edition.objects.get(digest=card.digest)
            damage += [
                document
                for document in edition.documents.all()
                if mirror.document(card, document.name, document.language)
                != bytes(document.content)
            ]
    return damage


@pytest.mark.usefixtures("at_once")
def test_entry_of_the_person_keeps_its_place_role_and_standing(session, person, issuer):
    redact(person, words_for(person), issuer, REASON)

    first = Edition.objects.get(session=session, number=1).programme
    lines = first["days"][0]["slots"][0]["lines"]
    people = [person for line in lines for person in line.get("people", ())]
    (entry,) = [one for one in people if one.get("role") == "panellist"]
    assert entry == {
        "code": entry["code"],
        "name": REMOVED,
        "printed": REMOVED,
        "role": "panellist",
        "role_label": {"en": "Panellist"},
        "status": "to_be_confirmed",
        "mode": "remote",
        "remark": entry["remark"],
    }
    assert entry["remark"]["en"] == "(by video link) (TBC)"


@pytest.mark.usefixtures("at_once")
def test_page_of_the_person_is_gone_and_check_codes_lead_on(
    session, second_session, person, issuer
):
    codes = redacting._codes_of(person)
    pages = [
        f"/en/{at}people/{code}/"
        for at in ("ocean/first/editions/1/", "land/second/")
        for code in codes
    ]
    assert {ask(Client(), page).status for page in pages} >= {200}
    checks = [f"/en/check/{e.check_code}/" for e in Edition.objects.all()]
    before = [ask(Client(), page).status for page in checks]

    redact(person, words_for(person), issuer, REASON)

    assert {ask(Client(), page).status for page in pages} == {404}
    assert [ask(Client(), page).status for page in checks] == before


@pytest.mark.usefixtures("at_once")
def test_trace_says_who_and_why_and_never_the_name(
    session, second_session, person, issuer
):
    done = redact(person, words_for(person), issuer, f"{REASON} Ada Quistgaard wrote.")

    assert [(r.session, r.person_code, r.by, r.reason) for r in done] == [
        (of, person.code, issuer, f"{REASON} [name removed] wrote.")
        for of in (session, second_session)
    ]
    assert all(r.closed_at for r in Redaction.objects.all())
    acts = SavedChange.objects.filter(act="redacted").order_by("pk")
    assert [(act.session, act.by, act.remark) for act in acts] == [
        (session, issuer, f"{REASON} [name removed] wrote. (editions 1, 2, 3, 4)"),
        (second_session, issuer, f"{REASON} [name removed] wrote. (editions 1, 2)"),
    ]
    assert (
        ChangedRow.objects.filter(kind="person", differences__icontains="KVIST").count()
        == 0
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(session=session).update(label="x")


@pytest.mark.usefixtures("at_once")
def test_edition_on_its_way_is_void_with_a_message(session, person, issuer):
    assert PreparedDocument.objects.exists()

    redact(person, words_for(person), issuer, REASON)

    waiting = Issuance.objects.get(number=5)
    assert (waiting.state, waiting.message) == (
        "void",
        (
            "It is void: a person’s data were removed from the editions of this session "
            "meanwhile. Look at the preview again, then issue."
        ),
    )
    assert not PreparedDocument.objects.exists()


@pytest.mark.usefixtures("at_once")
def test_next_edition_is_issued_as_ever_after_redaction(session, person, issuer):
    redact(person, words_for(person), issuer, REASON)

    assert issue(session, by=issuer, reason="Seen.").number == 5
    assert named_in_files() == []


# --- What is refused ------------------------------------------------------------------


def refused(*arguments):
    before = everything_issued()
    with pytest.raises(NotRedacted) as refusal:
        redact(*arguments)
    assert everything_issued() == before
    return str(refusal.value)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("status", ["confirmed", "replaced"])
def test_draft_that_still_names_the_person_is_refused(session, person, issuer, status):
    slot = make_slot(session.days.get(), title=text("Lecture"), is_printed=False)
    make_line(slot, person=person, status=status)

    assert refused(person, words_for(person), issuer, REASON) == (
        "The draft of “First session” still names this person "
        f"({slot}): the next edition would print the name again. Replace or "
        "remove the person there first."
    )
    session.is_archived = True
    session.save()
    assert redact(person, words_for(person), issuer, REASON)


@pytest.mark.usefixtures("at_once")
def test_draft_that_would_print_the_words_is_refused(session, person, issuer):
    make_slot(session.days.get(), title=text("On Quistgaard"))

    assert refused(person, ["Quistgaard"], issuer, REASON) == (
        "The draft of “First session” still names this person (On Quistgaard, title): "
        "the next edition would print the name again. Replace or remove the person "
        "there first."
    )


@pytest.mark.usefixtures("at_once")
def test_redaction_without_reason_words_or_edition_is_refused(session, person, issuer):
    nobody = make_person("Nobody Named")

    assert refused(person, ["Quistgaard"], issuer, " ") == (
        "Say who asked for it and why: it is kept for the record."
    )
    assert refused(person, [], issuer, REASON) == (
        "Type at least one word to remove: the name as it prints."
    )
    assert refused(nobody, ["Nobody Named"], issuer, REASON) == (
        "No edition names this person or holds these words: nothing to redact."
    )


@pytest.mark.usefixtures("at_once")
def test_edition_issued_while_documents_are_made_is_refused(session, person, issuer):
    told = []

    def tell(step):
        if not told:
            issue(session, by=issuer, reason="Seen.")
        told.append(step)

    with pytest.raises(NotRedacted, match="issued, withdrawn or redacted meanwhile"):
        redact(person, words_for(person), issuer, REASON, tell)

    assert not Redaction.objects.exists()
    assert not find_standing_damage(session)


# --- Ended half-way -------------------------------------------------------------------


@pytest.fixture
def only_notes(monkeypatch, at_once):
    """What damage.py knows of: notes and nothing else."""
    monkeypatch.setattr(outputs, "REVISIONS", {})


class Killed(BaseException):
    """As when the process is ended."""


def kill_at(monkeypatch, where, name, nth):
    """Makes the nth call of a function the last thing that is done."""
    original, calls = getattr(where, name), []

    def killed(*arguments, **options):
        calls.append(name)
        if len(calls) == nth:
            raise Killed
        return original(*arguments, **options)

    monkeypatch.setattr(where, name, killed)


STEPS = [
    (redacting, "_made_documents", 1),
    (mirror, "write_edition", 1),
    (mirror, "write_edition", 2),
    (redacting, "_refuse_unless_as_seen", 1),
    (redacting, "_write_edition", 1),
    (redacting, "_write_edition", 2),
    (redacting, "_clear_issuances", 1),
    (redacting, "_clear_traces", 1),
    (redacting, "_audit", 1),
    (redacting, "publish_standing", 1),
    (mirror, "point", 1),
    (mirror, "forget_edition", 1),
    (mirror, "forget_edition", 2),
]


@pytest.mark.usefixtures("only_notes")
@pytest.mark.parametrize(("where", "name", "nth"), STEPS)
def test_redaction_ended_half_way_leaves_the_old_or_the_new(
    where, name, nth, person, issuer, monkeypatch
):
    session = make_session(conference=make_conference(title=text("Statements")))
    line = make_line(make_slot(make_day(session)), person=person)
    issue(session, by=issuer, reason="Seen.")
    issue(session, by=issuer, label="Rev.1", reason="Seen.")
    line.delete()
    issue(session, by=issuer, label="Rev.2", reason="Seen.")
    old = everything_issued()
    assert find_damage(session) == []

    with monkeypatch.context() as patch:
        kill_at(patch, where, name, nth)
        with pytest.raises(Killed):
            redact(person, words_for(person), issuer, REASON)

    is_old = everything_issued() == old
    named = [n for n, p in editions_named() if p]
    assert named == ([1, 2] if is_old else [])
    assert not Redaction.objects.filter(closed_at=None).exists()
    assert is_old or Redaction.objects.count() == 1
    publishing.rebuild_mirror()
    assert find_damage(session) == []
    assert bool(named_in_files()) == is_old
    if is_old:
        redact(person, words_for(person), issuer, REASON)
    assert find_damage(session) == []
    assert named_in_files() == []


def editions_named():
    return [
        (e.number, forms_in(json.dumps(e.programme, ensure_ascii=False)))
        for e in Edition.objects.order_by("number")
    ]


@pytest.mark.usefixtures("at_once")
def test_folder_that_cannot_be_written_leaves_all_as_it_was(
    session, person, issuer, monkeypatch
):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mirror, "write_edition", full)

    assert refused(person, words_for(person), issuer, REASON) == (
        "The folder of editions cannot be written (No space left on device). Nothing of "
        "First session was changed: ask whoever runs the server to look at it."
    )


@pytest.mark.usefixtures("at_once")
def test_standing_that_cannot_be_written_is_said(session, person, issuer, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(mirror, "point", full)
        with pytest.raises(StillShown, match=r"run “manage\.py mirror” at once"):
            redact(person, words_for(person), issuer, REASON)

    publishing.rebuild_mirror()
    assert named_in_files() == []
    assert not find_standing_damage(session)


@pytest.mark.usefixtures("at_once")
def test_document_redacted_in_its_folder_is_read_anew_from_memory(
    session, person, issuer
):
    """The third edition names nobody; its marked revision tells who was replaced."""
    address = "/en/ocean/first/editions/3/marked.pdf"
    assert forms_in(ask(Client(), address).content)
    kept = dict(mirror.memory._kept)

    redact(person, words_for(person), issuer, REASON)

    # As in another process, which has not forgotten what it read.
    mirror.memory._kept.update(kept)
    answer = ask(Client(), address)
    assert (answer.status, forms_in(answer.content)) == (200, set())
