"""The task worker: makes what it is left, issues at the minute, survives what ends it."""

import datetime as dt
import itertools
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from sessions_app import issuing, mirror, outputs
from sessions_app.management.commands import worker
from sessions_app.models import Edition, Issuance, PreparedDocument, Slot
from sessions_app.outputs import ToMake
from sessions_app.public import urls
from sessions_app.translated import text
from tests.crawl import addresses_of, all_text, ask
from tests.processes import environment_of_process
from tests.rows import make_programme_of

pytestmark = pytest.mark.thorough

_SOON = dt.timedelta(seconds=2)


@pytest.fixture
def session(transactional_db):
    return make_programme_of(1)


@pytest.fixture
def note_at_once(monkeypatch):
    monkeypatch.setattr(
        outputs,
        "documents_of",
        lambda *_arguments: [ToMake("note.pdf", "en", lambda: b"note")],
    )


@pytest.fixture
def left_to_the_worker(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def wait_until(condition, seconds=60):
    """Looks again and again until something is so; gives what it is then."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        found = condition()
        if found:
            return found
        threading.Event().wait(0.05)
    raise AssertionError("it never came to be")


@pytest.fixture
def start_worker():
    """Starts a worker as a process of its own, and ends it after the test."""
    running = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=django_settings.BASE_DIR,
            env=environment_of_process(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait(timeout=30)
        process.stdout.close()


def state_of(issuance):
    return Issuance.objects.values_list("state", flat=True).get(pk=issuance.pk)


@pytest.mark.usefixtures("left_to_the_worker")
def test_page_may_be_closed_and_the_worker_issues_and_says_each_step(
    session, start_worker
):
    issuance = issuing.ask(session, by=None, wish=issuing.Wish(reason="Seen."))
    assert state_of(issuance) == "making"

    process = start_worker()
    wait_until(lambda: state_of(issuance) == "issued")

    assert Client().get("/en/ocean/first/").status_code == 200
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=30)[0]
    assert "First session: 1: Making note.pdf in English." in said
    assert "First session: 1: Recording edition 1." in said


@pytest.mark.usefixtures("left_to_the_worker")
def test_worker_that_is_killed_half_way_is_followed_by_one_that_goes_on(
    session, start_worker
):
    issuance = issuing.ask(session, by=None, wish=issuing.Wish(reason="Seen."))
    first = start_worker()
    wait_until(
        lambda: (
            Issuance.objects.get().step.startswith("Making")
            or state_of(issuance) == "issued"
        )
    )
    os.kill(first.pid, signal.SIGKILL)
    first.wait(timeout=30)

    start_worker()
    wait_until(lambda: state_of(issuance) == "issued")

    assert Edition.objects.get().number == 1


def every_address(session, code):
    """Every public address of the session in its language, with the next edition's."""
    slot = session.days.get().slots.get()
    guesses = {
        "language": ["en"],
        "conference": ["ocean"],
        "session": ["first"],
        "number": [1, 2],
        "since": [1, 2],
        "day": [1, 2],
        "code": [slot.code, slot.lines.first().person.code, code],
        "name": [*outputs.FORMATS, *outputs.REVISIONS],
        "path": ["draft"],
        "typed": [code],
    }
    return sorted(addresses_of(urls.urlpatterns, guesses))


def _time_to_ask_everywhere(session):
    """How long this machine takes for a round of all addresses, and for the documents
    that are made meanwhile."""
    begun = timezone.now()
    for address in every_address(session, "unknown"):
        ask(Client(), address)
    return timezone.now() - begun + dt.timedelta(seconds=4)


@pytest.mark.usefixtures("left_to_the_worker")
def test_edition_is_invisible_at_every_address_up_to_its_minute_and_there_after_it(
    session, start_worker
):
    first = issuing.ask(session, by=None, wish=issuing.Wish(reason="Seen."))
    start_worker()
    wait_until(lambda: state_of(first) == "issued")
    Slot.objects.update(title=text("Words of the minute"))
    at = timezone.now().replace(microsecond=0) + 3 * _time_to_ask_everywhere(session)
    issuance = issuing.ask(session, by=None, wish=issuing.Wish(reason="Seen.", at=at))
    wait_until(lambda: state_of(issuance) == "waiting")
    code = issuance.imprint["check_code"]
    addresses = every_address(session, code)
    asked = 0
    for address in itertools.cycle(addresses):
        answer = ask(Client(), address)
        if timezone.now() >= at:
            break
        assert "Words of the minute" not in all_text(answer.content), address
        if "/editions/2/" in address or "/changes/2/" in address:
            assert answer.status == 404, address
        if address == f"/en/check/{code}/":
            assert answer.status == 404
        asked += 1

    wait_until(
        lambda: Client().get("/en/ocean/first/editions/2/").status_code == 200,
        seconds=5,
    )

    assert timezone.now() - at < dt.timedelta(seconds=5)
    assert asked >= len(addresses) > 50
    assert b"Words of the minute" in Client().get("/en/ocean/first/").content


@pytest.mark.usefixtures("note_at_once")
def test_clock_issues_what_is_due_and_outlives_an_error(session, monkeypatch):
    issuance = issuing.freeze(
        session, by=None, wish=issuing.Wish(reason="Seen.", at=timezone.now() + _SOON)
    )
    issuing.make(issuance, lambda _step: None)
    due = issuing.issue_due
    stop, failed = threading.Event(), threading.Event()

    def fail_once(now):
        if not failed.is_set():
            failed.set()
            raise OSError("the database is away")
        return due(now)

    monkeypatch.setattr(worker, "_TICK", 0.05)
    monkeypatch.setattr(worker.issuing, "issue_due", fail_once)
    clock = threading.Thread(target=worker.run_clock, args=[stop])
    clock.start()
    try:
        wait_until(Edition.objects.exists)
    finally:
        stop.set()
        clock.join(timeout=30)

    assert failed.is_set()
    assert state_of(issuance) == "issued"


@pytest.mark.usefixtures("note_at_once")
def test_what_was_left_half_made_is_taken_up_and_what_is_old_is_void(session):
    old = issuing.freeze(session, by=None, wish=issuing.Wish(reason="Seen."))
    Issuance.objects.update(heard_at=timezone.now() - dt.timedelta(hours=2))
    new = issuing.freeze(session, by=None, wish=issuing.Wish())

    assert issuing.resume() == 1

    assert (state_of(old), state_of(new)) == ("void", "issued")
    old.refresh_from_db()
    assert old.message.startswith("The task worker was away for more than an hour.")


@pytest.mark.usefixtures("note_at_once")
def test_worker_shows_what_was_recorded_by_one_that_was_ended_before_it_was_shown(
    session, monkeypatch
):
    with monkeypatch.context() as ended:
        ended.setattr(issuing, "publish_standing", lambda _session: None)
        issuing.issue(session, by=None, reason="Seen.")
    assert mirror.standing("ocean", "first") is None

    worker.take_up()

    assert mirror.standing("ocean", "first").current == 1


@pytest.mark.usefixtures("note_at_once")
def test_folder_that_cannot_be_written_keeps_no_task_waiting(session, monkeypatch):
    issuance = issuing.freeze(session, by=None, wish=issuing.Wish(reason="Seen."))

    def refuse():
        raise OSError("no space left")

    monkeypatch.setattr(worker.publishing, "publish_all", refuse)
    worker.take_up()

    assert state_of(issuance) == "issued"


@pytest.mark.usefixtures("note_at_once")
def test_order_that_comes_right_after_an_edition_is_not_void_with_those_before(
    session, monkeypatch
):
    before = issuing.freeze(session, by=None, wish=issuing.Wish(reason="Seen."))
    others, orders = issuing._void_others, []

    def ask_first(edition):
        orders.append(issuing.freeze(session, by=None, wish=issuing.Wish()))
        others(edition)

    monkeypatch.setattr(issuing, "_void_others", ask_first)
    issuing.issue(session, by=None)

    assert (state_of(before), state_of(orders[0])) == ("void", "making")


@pytest.mark.usefixtures("note_at_once")
def test_task_that_is_run_twice_issues_once(session):
    issuance = issuing.freeze(session, by=None, wish=issuing.Wish(reason="Seen."))

    issuing.carry_out.call(issuance.pk)
    issuing.carry_out.call(issuance.pk)

    assert Edition.objects.count() == 1


def test_worker_that_comes_after_its_edition_was_called_off_keeps_nothing(
    session, monkeypatch
):
    issuance = issuing.freeze(
        session, by=None, wish=issuing.Wish(reason="Seen.", at=timezone.now() + _SOON)
    )

    def make_while_it_is_called_off():
        issuing.call_off(issuance, None)
        return b"note"

    note = ToMake("note.pdf", "en", make_while_it_is_called_off)
    monkeypatch.setattr(outputs, "documents_of", lambda *_arguments: [note])

    with pytest.raises(issuing.NotIssued, match=r"^It was called off\.$"):
        issuing.make(issuance, lambda _step: None)

    assert not PreparedDocument.objects.exists()
    assert state_of(issuance) == "void"


@pytest.mark.usefixtures("note_at_once")
def test_two_workers_who_make_one_edition_leave_it_waiting_for_its_minute(session):
    issuance = issuing.freeze(
        session, by=None, wish=issuing.Wish(reason="Seen.", at=timezone.now() + _SOON)
    )
    sooner = Issuance.objects.get()

    assert issuing.make(sooner, lambda _step: None) is None
    assert issuing.make(issuance, lambda _step: None) is None

    assert state_of(issuance) == "waiting"
    assert bytes(PreparedDocument.objects.get().content) == b"note"


@pytest.mark.usefixtures("note_at_once")
def test_failure_nobody_foresaw_is_told_and_leaves_nothing(session, monkeypatch):
    issuance = issuing.freeze(
        session, by=None, wish=issuing.Wish(reason="Seen.", at=timezone.now() + _SOON)
    )
    issuing.make(issuance, lambda _step: None)

    def fail(*_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(issuing, "_commit", fail)
    issuing.issue_due(timezone.now() + _SOON)

    issuance.refresh_from_db()
    assert issuance.message == (
        "Something failed that should not (ZeroDivisionError). Nothing was issued: ask "
        "whoever runs the server to look into its log."
    )
    assert not PreparedDocument.objects.exists()
    assert not Edition.objects.exists()


@pytest.mark.usefixtures("note_at_once")
def test_command_issues_and_says_each_step(session, capsys):
    call_command("issue", "ocean", "first", reason="Seen.", label="Rev.1")

    assert capsys.readouterr().out.splitlines() == [
        "Composing the programme.",
        "Making note.pdf in English.",
        "Recording edition 1.",
        "Issued edition 1 (Rev.1).",
    ]


def test_command_says_why_it_issued_nothing(session):
    with pytest.raises(CommandError, match=r"^There is no session at ocean/none\.$"):
        call_command("issue", "ocean", "none")
    session.days.get().slots.all().delete()
    with pytest.raises(CommandError, match=r"^The programme has no printed slot yet\."):
        call_command("issue", "ocean", "first")
