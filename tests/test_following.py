"""A machine that only serves: its folder is kept like the database, by looking."""

import contextlib
import io
import os
import signal

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from sessions_app import guards, issuing, mirror, outputs, publishing
from sessions_app.management.commands import mirror as command
from sessions_app.models import Document, Edition, Issuance, Line, Slot
from sessions_app.outputs import ToMake
from sessions_app.redacting import redact
from sessions_app.translated import text
from speakers.models import Person
from tests.rows import make_day, make_programme_of, make_session, make_slot


@pytest.fixture(autouse=True)
def _notes_at_once(monkeypatch):
    monkeypatch.setattr(
        outputs,
        "documents_of",
        lambda programme, *_: [
            ToMake("note.pdf", "en", lambda: b"%PDF-1.7 " + programme.to_json())
        ],
    )
    monkeypatch.setattr(outputs, "pages", lambda _content: 1)


@pytest.fixture
def session(db):
    return make_programme_of(1)


@pytest.fixture
def issuing_folder(settings, tmp_path):
    """Issues on another machine, which has a folder of its own."""

    @contextlib.contextmanager
    def elsewhere():
        here = settings.EDITIONS_FOLDER
        settings.EDITIONS_FOLDER = tmp_path / "elsewhere"
        try:
            yield
        finally:
            settings.EDITIONS_FOLDER = here

    return elsewhere


@pytest.fixture
def issue(issuing_folder):
    """Issues there; each edition has another title than the one before."""

    def issue_there(session, **wish):
        with issuing_folder():
            Slot.objects.update(title=text(f"Statements {Edition.objects.count()}"))
            return issuing.issue(session, by=None, reason="Seen.", **wish)

    return issue_there


def follow(*events):
    """What was said while one of the events happened before each further look."""
    said = []
    left = list(events)

    def wait(seconds):
        assert seconds == 2
        if not left:
            return True
        left.pop(0)()
        return False

    command.follow(wait, said.append, 2)
    return said


def is_like_the_database(folder):
    before = files_in(folder)
    publishing.rebuild_mirror()
    return files_in(folder) == before


def files_in(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def nothing():
    pass


def test_folder_is_made_whole_first(session, issue, editions_folder):
    issue(session)

    assert follow() == ["The folder holds 1 editions, as the database does."]
    assert is_like_the_database(editions_folder)


def test_editions_are_brought_and_named_as_they_are_issued(
    session, issue, editions_folder
):
    other = make_session(slug="second", title=text("Second session"))
    make_slot(make_day(other))

    said = follow(
        lambda: issue(session),
        lambda: issue(session, label="Rev.1"),
        nothing,
        lambda: issue(other),
    )

    assert said == [
        "The folder holds 0 editions, as the database does.",
        "Brought: First session: 1",
        "Brought: First session: 2 (Rev.1)",
        "Brought: Second session: 1",
    ]
    assert is_like_the_database(editions_folder)


def test_withdrawal_is_brought(session, issue, issuing_folder, editions_folder):
    issue(session)

    def withdraw():
        with issuing_folder():
            issuing.withdraw(Edition.objects.get(), None, {"en": "A name was wrong."})

    assert follow(withdraw)[1:] == ["Withdrawn: First session: 1"]
    assert mirror.standing("ocean", "first").current is None
    assert is_like_the_database(editions_folder)


def test_what_did_not_change_is_not_published(session, issue, monkeypatch):
    other = make_session(slug="second", title=text("Second session"))
    make_slot(make_day(other))
    issue(session)
    published = []
    monkeypatch.setattr(command, "publish_standing", published.append)

    follow(nothing, lambda: issue(other), nothing)

    assert published == [other]


def test_look_at_what_did_not_change_is_two_queries_and_reads_no_programme(
    session, issue
):
    issue(session)
    queries = CaptureQueriesContext(connection)

    follow(queries.__enter__, lambda: queries.__exit__(None, None, None))

    statements = [query["sql"] for query in queries.captured_queries]
    assert len(statements) == 2
    assert not [sql for sql in statements if '"programme"' in sql or "content" in sql]


def test_removal_of_a_persons_data_is_brought_and_the_former_files_go(
    session, issue, issuing_folder, editions_folder
):
    person = Person.objects.get(family_name="Number0")
    issue(session)
    Line.objects.filter(person=person).delete()
    issue(session)

    def remove():
        with issuing_folder():
            redact(person, ["Person Number0", "Number0"], None, "A court asked.")

    said = follow(remove)

    assert said[1:] == ["The folder holds 2 editions, as the database does."]
    assert b"Number0" not in b"".join(files_in(editions_folder).values())
    assert is_like_the_database(editions_folder)


def test_backup_that_is_restored_is_brought(session, issue, editions_folder):
    issue(session)

    def restore():
        guards.remove(connection)
        Issuance.objects.all().delete()
        Document.objects.all().delete()
        Edition.objects.all().delete()
        guards.install(connection)

    assert follow(restore)[1:] == ["The folder holds 0 editions, as the database does."]
    assert [name for name in files_in(editions_folder) if name != ".lock"] == []


def test_database_that_is_away_is_told_once_and_followed_again(
    session, issue, monkeypatch, editions_folder
):
    look = command._state
    issue(session)

    def fail():
        raise OperationalError("server closed\n\tthe connection")

    said = follow(
        lambda: monkeypatch.setattr(command, "_state", fail),
        nothing,
        lambda: issue(session),
        lambda: monkeypatch.setattr(command, "_state", look),
    )

    assert said == [
        "The folder holds 1 editions, as the database does.",
        "Cannot follow for now; trying on: server closed the connection",
        "Brought: First session: 2",
        "Following again.",
    ]
    assert is_like_the_database(editions_folder)


def test_database_that_is_away_at_the_start_leaves_the_folder_as_it_is(
    session, issue, monkeypatch, editions_folder
):
    issue(session)
    publishing.rebuild_mirror()
    before = files_in(editions_folder)
    monkeypatch.setattr(
        command, "_state", lambda: (_ for _ in ()).throw(OperationalError("away"))
    )

    assert follow(nothing) == ["Cannot follow for now; trying on: away"]
    assert files_in(editions_folder) == before


def test_folder_that_cannot_be_written_is_tried_again(
    session, issue, monkeypatch, editions_folder
):
    write = mirror.write_edition

    def full(*_arguments):
        raise OSError("No space left on device")

    def break_and_issue():
        issue(session)
        monkeypatch.setattr(mirror, "write_edition", full)

    said = follow(
        break_and_issue,
        nothing,
        lambda: monkeypatch.setattr(mirror, "write_edition", write),
    )

    assert said[1:] == [
        "Cannot follow for now; trying on: No space left on device",
        "Brought: First session: 1",
        "Following again.",
    ]
    assert is_like_the_database(editions_folder)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_cleanly_and_handlers_are_given_back(session, issue, sent):
    issue(session)
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}

    class Output(io.StringIO):
        def write(self, words):
            if words.startswith("The folder holds"):
                os.kill(os.getpid(), sent)
            return super().write(words)

    out = Output()
    call_command("mirror", "--follow", "--every", "600", stdout=out)

    assert out.getvalue().splitlines() == [
        "The folder holds 1 editions, as the database does.",
        "Ended.",
    ]
    assert before == {each: signal.getsignal(each) for each in before}
