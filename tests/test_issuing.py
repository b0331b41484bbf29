"""Issuing: what an edition holds, what stops it, and that each guard is needed.

A test that ends in "…without…" takes a guard away and shows the damage that it
prevents: so the test beside it is known to be able to see it."""

import dataclasses
import datetime as dt
import hashlib
import io
import itertools
import threading

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from sessions_app import issuing, mirror, outputs, publishing
from sessions_app.compose import compose
from sessions_app.issuing import NotIssued, NotMirrored, is_ahead, issue
from sessions_app.models import (
    Conference,
    Document,
    Edition,
    SavedChange,
    Session,
    Slot,
)
from sessions_app.programme import Programme, edition_digest
from sessions_app.translated import text
from tests.at_once import at_once, elsewhere, without_unique_number
from tests.rows import make_day, make_programme_of, make_session, make_slot

CHANGED = (
    "The programme was changed while you were issuing it. Nothing was issued: look at "
    "the preview again, then issue."
)
OVERTAKEN = (
    "Edition 1 was issued a moment ago, by somebody else or by a second click. Nothing "
    "more was issued: look at what it changed, then issue again if it is still needed."
)


@pytest.fixture(autouse=True)
def note(monkeypatch, request):
    """A note that is made at once, of fixed bytes; the real one where a test is marked
    `usefixtures("real_note")`. Gives a function that puts an act before its making."""
    real = outputs.FORMATS["note.pdf"]
    acts = []

    def render(programme, imprint, language):
        for act in acts:
            act()
        return f"note {imprint.number} {language} {programme.digest}".encode()

    if "real_note" not in request.fixturenames:
        quick = dataclasses.replace(real, render=render)
        monkeypatch.setitem(outputs.FORMATS, "note.pdf", quick)
    return acts.append


@pytest.fixture
def real_note():
    """Marks a test that makes the real note."""


@pytest.fixture
def session(db):
    return make_programme_of(2)


@pytest.fixture
def editor(db):
    return User.objects.create_user("editor")


def retitle(session, title):
    Slot.objects.filter(day__session=session).update(title=text(title))


def folder_names():
    return {entry.name for entry in mirror.folder().iterdir()} - {".lock", "current"}


def editions(session):
    return [edition.number for edition in Edition.objects.of(session)]


# --- What an edition holds ---------------------------------------------------


def test_numbers_count_by_themselves_in_each_session(session):
    other = make_session(slug="second")
    make_slot(make_day(other))

    numbers = [issue(s, by=None).number for s in (session, other, session, session)]

    assert numbers == [1, 1, 2, 3]


def test_edition_says_what_its_issuer_typed(session, editor):
    as_at = dt.datetime(
        2027, 6, 20, 18, 5, 33, tzinfo=dt.timezone(dt.timedelta(0, 7200))
    )
    values = {
        "label": "Rev.1",
        "status_word": "provisional",
        "remark": {"en": "The moderator changed.", "fr": "Autre modératrice."},
    }

    number = issue(session, by=editor, as_at=as_at, **values).number

    edition = Edition.objects.get(session=session, number=number)
    held = {name: getattr(edition, name) for name in values}
    assert held == values
    # To the minute, as it prints.
    assert edition.as_at == dt.datetime(2027, 6, 20, 16, 5, tzinfo=dt.UTC)
    assert edition.issued_by == editor
    imprint = mirror.standing("ocean", "first").edition().imprint
    assert imprint.model_dump(exclude={"issued_at", "check_code", "supersedes"}) == {
        "number": 1,
        "as_at": edition.as_at,
        **values,
    }
    assert (imprint.check_code, imprint.issued_at) == (
        edition.check_code,
        edition.issued_at,
    )


def test_edition_is_the_programme_of_its_moment_and_stays_it(session):
    composed = compose(session)

    edition = issue(session, by=None)
    retitle(session, "Another title")
    session.refresh_from_db()

    held = Edition.objects.get(pk=edition.pk)
    assert Programme.model_validate(held.programme) == composed
    assert held.programme_digest == composed.digest
    assert held.digest == edition_digest(held.programme, publishing.imprint_of(held))
    card = mirror.standing("ocean", "first").edition()
    assert mirror.programme(card) == composed
    assert compose(session) != composed


@pytest.mark.usefixtures("real_note")
def test_documents_are_kept_with_their_digest_and_pages(session):
    session.languages = ["en", "fr"]
    session.save()

    edition = issue(session, by=None)

    documents = list(edition.documents.order_by("language"))
    assert [(d.name, d.language) for d in documents] == [
        ("note.pdf", "en"),
        ("note.pdf", "fr"),
    ]
    card = mirror.standing("ocean", "first").edition()
    for document, described in zip(documents, card.documents, strict=True):
        content = bytes(document.content)
        assert content.startswith(b"%PDF-")
        assert document.sha256 == hashlib.sha256(content).hexdigest()
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert document.pages == len(pdf.pages)
        assert mirror.document(card, "note.pdf", document.language) == content
        assert described.model_dump() == {
            "name": "note.pdf",
            "language": document.language,
            "size": len(content),
            "sha256": document.sha256,
            "pages": document.pages,
        }


def test_each_issue_is_in_the_history_once(session, editor):
    issue(session, by=editor)
    issue(session, by=editor, label="Rev.1")

    acts = SavedChange.objects.order_by("pk").values_list(
        "by_id", "session_id", "act", "remark"
    )
    same = (editor.pk, session.pk, "issued")
    assert list(acts) == [
        (*same, "edition 1"),
        (*same, "edition 2 (Rev.1)"),
    ]


def test_history_and_edition_are_one_transaction(session, editor, monkeypatch):
    def fail(**_values):
        raise DatabaseError("the history is full")

    monkeypatch.setattr(SavedChange.objects, "create", fail)

    with pytest.raises(DatabaseError):
        issue(session, by=editor)

    assert (Edition.objects.count(), Document.objects.count()) == (0, 0)
    assert mirror.standing("ocean", "first") is None
    assert folder_names() == set()


def test_staff_are_told_each_step(session):
    said = []

    issue(session, by=None, tell=said.append)

    assert said == [
        "Composing the programme.",
        "Making note.pdf in English.",
        "Recording edition 1.",
    ]


def test_draft_is_ahead_until_it_is_issued(session):
    assert is_ahead(session, compose(session))
    issue(session, by=None)
    assert not is_ahead(session, compose(session))
    retitle(session, "Another title")
    assert is_ahead(session, compose(session))
    issue(session, by=None)
    assert not is_ahead(session, compose(session))


# --- What stops an issue -----------------------------------------------------


def test_programme_without_a_printed_slot_is_not_issued(db):
    session = make_session()
    make_slot(make_day(session), is_printed=False)

    with pytest.raises(NotIssued) as refusal:
        issue(session, by=None)

    assert str(refusal.value) == (
        "The programme has no printed slot yet. Add one, then issue."
    )
    assert editions(session) == []


def test_programme_other_than_the_one_seen_is_not_issued(session):
    seen = compose(session).digest
    retitle(session, "Changed after the preview")

    with pytest.raises(NotIssued) as refusal:
        issue(session, by=None, seen_digest=seen)

    assert str(refusal.value) == CHANGED
    assert editions(session) == []
    assert issue(session, by=None, seen_digest=compose(session).digest).number == 1


def test_folder_that_cannot_be_written_is_said_and_nothing_is_issued(session):
    mirror.folder().parent.mkdir(exist_ok=True)
    mirror.folder().write_text("a file where the folder should be")

    with pytest.raises(NotIssued) as refusal:
        issue(session, by=None)

    assert str(refusal.value) == (
        "The folder of editions cannot be written (File exists). Nothing was issued: "
        "ask whoever runs the server to look at it, then issue again."
    )
    assert editions(session) == []


def test_edition_that_readers_cannot_see_yet_is_told_apart_from_one_not_issued(
    session, monkeypatch
):
    def fail(_standing):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as no_room:
        no_room.setattr(mirror, "point", fail)
        with pytest.raises(NotMirrored) as told:
            issue(session, by=None)
    assert str(told.value).startswith(
        "Edition 1 is recorded, but readers do not see it yet: the folder of editions "
        "cannot be written (No space left on device)."
    )
    assert mirror.standing("ocean", "first") is None

    publishing.rebuild_mirror()

    assert mirror.standing("ocean", "first").current == 1


def test_text_that_the_database_refuses_is_not_taken_for_another_issuer(session):
    with pytest.raises(DatabaseError):
        issue(session, by=None, remark={"en": "long " * 2000})

    assert editions(session) == []
    assert folder_names() == set()


# --- An edit between freezing and committing ----------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["while documents are made", "before it is recorded"])
def test_edit_while_issuing_stops_it_with_a_sentence(editor, note, when):
    session = make_programme_of(2)
    issue(session, by=editor)
    standing, names = mirror.standing("ocean", "first"), folder_names()
    retitle(session, "To be issued")

    def edit(step="Recording"):
        if step.startswith("Recording"):
            elsewhere(lambda: retitle(session, "Edited meanwhile"))

    if when == "while documents are made":
        note(edit)
    with pytest.raises(NotIssued) as refusal:
        issue(
            session,
            by=editor,
            tell=edit if when == "before it is recorded" else lambda _step: None,
        )

    assert str(refusal.value) == CHANGED
    assert editions(session) == [1]
    assert Document.objects.count() == 1
    assert SavedChange.objects.count() == 1
    assert mirror.standing("ocean", "first") == standing
    assert folder_names() == names


@pytest.mark.django_db(transaction=True)
def test_edit_while_issuing_gives_a_stale_edition_without_second_composition(
    note, monkeypatch
):
    session = make_programme_of(2)
    first = compose(session)
    monkeypatch.setattr(issuing, "compose", lambda _session: first)
    note(lambda: elsewhere(lambda: retitle(session, "Edited meanwhile")))

    edition = issue(session, by=None)

    # Issued after the edit was saved, and without it.
    assert edition.programme == first.to_value()
    assert edition.programme != compose(session).to_value()


@pytest.mark.django_db(transaction=True)
def test_edit_of_another_session_does_not_disturb(note):
    session = make_programme_of(2)
    other = make_session(slug="second")
    make_slot(make_day(other))
    note(lambda: elsewhere(lambda: retitle(other, "Edited meanwhile")))

    assert issue(session, by=None).number == 1
    assert Slot.objects.get(day__session=other).title == text("Edited meanwhile")


@pytest.mark.django_db(transaction=True)
def test_edit_cannot_come_between_the_queries_of_the_second_composition(monkeypatch):
    session = make_programme_of(2)
    outcome = _edit_within_composition(2, session, monkeypatch)

    edition = issue(session, by=None)

    assert _printed_titles(Programme.model_validate(edition.programme)) == [
        "Conference on the ocean",
        "Statements",
        "Statements",
    ]
    # SQLite lets nobody else write; on PostgreSQL the composition sees one moment.
    assert outcome == [
        "saved" if connection.vendor == "postgresql" else "database is locked"
    ]


@pytest.mark.django_db(transaction=True)
def test_edit_between_the_queries_is_seen_by_half_without_a_transaction(monkeypatch):
    session = make_programme_of(2)
    _edit_within_composition(1, session, monkeypatch)

    torn = issuing.compose(session)

    assert _printed_titles(torn) == ["Conference on the ocean", "Edited", "Edited"]
    assert _printed_titles(compose(session)) == ["Edited", "Edited", "Edited"]


@pytest.mark.django_db(transaction=True)
def test_programme_that_was_seen_by_half_is_never_issued(monkeypatch):
    session = make_programme_of(2)
    _edit_within_composition(1, session, monkeypatch)

    with pytest.raises(NotIssued) as refusal:
        issue(session, by=None)

    assert str(refusal.value) == CHANGED
    assert editions(session) == []


def _printed_titles(programme):
    return [
        programme.conference.title["en"],
        *(slot.title["en"] for slot in programme.slots),
    ]


def _edit(session):
    """Changes two tables in one transaction; where the database is locked, at once."""
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA busy_timeout = 0")
    with transaction.atomic():
        Conference.objects.update(title=text("Edited"))
        retitle(session, "Edited")


def _edit_within_composition(number, session, monkeypatch):
    """Lets another connection edit before the second query of a composition, the first
    or the second; gives the list that says what became of it."""
    outcome = []
    compositions, queries = itertools.count(1), itertools.count(1)

    def edit_before_the_second(execute, *query):
        if next(queries) == 2:
            try:
                elsewhere(lambda: _edit(session))
                outcome.append("saved")
            except OperationalError as error:
                outcome.append(str(error))
        return execute(*query)

    def composing(of):
        if next(compositions) != number:
            return compose(of)
        with connection.execute_wrapper(edit_before_the_second):
            return compose(of)

    monkeypatch.setattr(issuing, "compose", composing)
    return outcome


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one level of isolation"
)
def test_second_composition_is_of_one_snapshot_on_postgresql(monkeypatch):
    session = make_programme_of(1)
    levels = []

    def composing(of):
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            levels.append(cursor.fetchone()[0])
        return compose(of)

    monkeypatch.setattr(issuing, "compose", composing)

    issue(session, by=None)

    assert levels == ["read committed", "repeatable read"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite lets one transaction write"
)
def test_serialization_failure_is_told_in_words_whatever_the_server_speaks(
    monkeypatch,
):
    session = make_programme_of(1)
    lock = Session.objects.select_for_update

    def overtaken():
        # The snapshot is taken here; the row that is locked next changes after it.
        Session.objects.count()
        elsewhere(lambda: Session.objects.filter(pk=session.pk).update(version=2))
        return lock()

    monkeypatch.setattr(Session.objects, "select_for_update", overtaken)

    with pytest.raises(NotIssued) as refusal:
        issue(session, by=None)

    assert str(refusal.value) == CHANGED
    assert refusal.value.__cause__.__cause__.pgcode == "40001"


# --- Two issuers at once -----------------------------------------------------


def _two_issuers(session, note):
    """Two issuers who have both frozen and rendered edition 1 before either records
    it; gives the numbers issued and the sentences of those who were told."""
    both = threading.Barrier(2)
    note(lambda: both.wait(timeout=30))
    results = at_once(*[lambda: issue(session, by=None)] * 2)
    issued = [r.number for r in results if isinstance(r, Edition)]
    told = [str(r) for r in results if isinstance(r, NotIssued)]
    assert len(issued) + len(told) == 2, results
    return issued, told


@pytest.mark.django_db(transaction=True)
def test_two_issuers_at_once_make_one_edition_and_the_other_is_told(note):
    session = make_programme_of(2)

    assert _two_issuers(session, note) == ([1], [OVERTAKEN])

    assert editions(session) == [1]
    standing = mirror.standing("ocean", "first")
    assert [card.imprint.number for card in standing.editions] == [1]
    assert folder_names() == {standing.editions[0].digest}


@pytest.mark.django_db(transaction=True)
def test_unique_number_alone_still_makes_one_edition(note, monkeypatch):
    session = make_programme_of(2)
    monkeypatch.setattr(issuing, "_refuse_unless_on_its_way", lambda _issuance: None)

    assert _two_issuers(session, note) == ([1], [OVERTAKEN])
    assert editions(session) == [1]


@pytest.mark.django_db(transaction=True)
def test_two_issuers_at_once_make_doubles_without_number_check_and_constraint(
    note, monkeypatch
):
    session = make_programme_of(2)
    monkeypatch.setattr(issuing, "_refuse_unless_on_its_way", lambda _issuance: None)
    monkeypatch.setattr(issuing, "_void_others", lambda _edition: None)

    with without_unique_number():
        assert _two_issuers(session, note) == ([1, 1], [])
        assert editions(session) == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_issuers_of_two_sessions_do_not_wait_for_each_other(note):
    sessions = [make_programme_of(1), make_session(slug="second")]
    make_slot(make_day(sessions[1]))
    both = threading.Barrier(2)
    note(lambda: both.wait(timeout=30))

    results = at_once(*[lambda s=s: issue(s, by=None) for s in sessions])

    assert [edition.number for edition in results] == [1, 1]
    assert len(mirror.standings()) == 2


# --- The folder follows -------------------------------------------------------


def test_issuer_stopped_before_the_folder_followed_is_caught_up(session, monkeypatch):
    def stopped(_session):
        raise KeyboardInterrupt

    issue(session, by=None)
    retitle(session, "Issued, not seen yet")
    publish = issuing.publish_standing
    monkeypatch.setattr(issuing, "publish_standing", stopped)
    with pytest.raises(KeyboardInterrupt):
        issue(session, by=None)
    assert editions(session) == [2, 1]
    assert mirror.standing("ocean", "first").current == 1

    publish(session)

    standing = mirror.standing("ocean", "first")
    assert standing.current == 2
    assert mirror.programme(standing.edition()) == compose(session)


def test_publishing_reads_no_document_of_a_former_edition(session):
    for _edition in range(3):
        issue(session, by=None)

    with CaptureQueriesContext(connection) as queries:
        publishing.publish_standing(session)

    size = 'LENGTH("sessions_app_document"."content")'
    read = [query["sql"].replace(size, "") for query in queries]
    assert [sql for sql in read if '."content"' in sql] == []
    assert len(read) == 4


def test_edition_missing_in_the_folder_comes_back_with_the_next(session):
    first = issue(session, by=None)
    mirror.forget_edition(first.digest)

    second = issue(session, by=None)

    assert folder_names() == {first.digest, second.digest}
    card = mirror.standing("ocean", "first").edition(1)
    assert mirror.document(card, "note.pdf", "en") == bytes(
        first.documents.get().content
    )


@pytest.mark.django_db(transaction=True)
def test_rebuild_of_the_folder_keeps_an_edition_that_is_recorded_meanwhile(monkeypatch):
    session = make_programme_of(1)
    issue(session, by=None)
    retitle(session, "Recorded during the rebuild")
    reading = threading.Event()
    recorded = threading.Event()
    standing_of, commit = publishing.standing_of, issuing._commit
    rebuilding = threading.get_ident()

    def standing_late(of):
        # The rebuild goes on when the edition is recorded.
        if threading.get_ident() == rebuilding:
            reading.set()
            assert recorded.wait(timeout=30)
        return standing_of(of)

    def commit_in_between(*arguments):
        assert reading.wait(timeout=30)
        try:
            return commit(*arguments)
        finally:
            recorded.set()

    monkeypatch.setattr(publishing, "standing_of", standing_late)
    monkeypatch.setattr(issuing, "_commit", commit_in_between)
    pointed = []
    forget = mirror.forget_all_but

    def forget_and_look(*kept):
        forget(*kept)
        standing = mirror.standing("ocean", "first")
        pointed.append((standing.current, mirror.has(standing.edition().digest)))

    monkeypatch.setattr(mirror, "forget_all_but", forget_and_look)
    frozen = threading.Event()

    def issue_elsewhere():
        return issue(
            session,
            by=None,
            tell=lambda step: frozen.set() if step.startswith("Recording") else None,
        )

    issuer = threading.Thread(target=lambda: elsewhere(issue_elsewhere))
    issuer.start()
    assert frozen.wait(timeout=30)
    publishing.rebuild_mirror()
    issuer.join(timeout=30)

    # What the Standing points to is there, also before the issuer has come back.
    assert pointed == [(2, True)]
    assert mirror.standing("ocean", "first").current == 2
