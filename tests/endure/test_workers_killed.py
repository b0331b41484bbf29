"""kill -9 of the task worker: what somebody was told to be on its way is issued once."""

import datetime as dt
import random
import signal
import time
from collections import Counter

import pytest
from django.utils import timezone

from sessions_app import issuing, mirror
from sessions_app.models import Edition, Issuance, PreparedDocument
from sessions_app.publishing import publish_standing
from tests.endure.damage import find_damage
from tests.endure.issuer import give_title
from tests.test_worker import state_of, wait_until

SEED = 20170621
# From the order to its minute, in seconds: longer than documents take that are made at
# once.
AHEAD = 1.5


@pytest.fixture(autouse=True)
def left_to_the_worker(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def issued(guarded, session, issuer, settings):
    """The session with its first edition."""
    issuing.issue(session, by=issuer)
    return session


def ordered(session, issuer, number, at=None):
    """An edition that somebody was told to be on its way."""
    give_title(session.pk, f"Order {number}")
    return issuing.ask(session, by=issuer, wish=issuing.Wish(at=at))


def killed(process, delay):
    """Kills the worker after `delay` seconds, in the middle of whatever it does."""
    time.sleep(max(0, delay))
    process.kill()
    _said, complaints = process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert "Traceback" not in complaints, complaints


def worked(start, **order):
    """Lets a worker do what there is to do, up to the last task; the lines it said."""
    process = start(act="worker once", **order)
    said, complaints = process.communicate()
    assert process.returncode == 0, complaints
    assert "Traceback" not in complaints, complaints
    return said.splitlines()


def what_was_found(issuance):
    """How far the killed worker had come: the state, and whether readers see it."""
    state = state_of(issuance)
    if state != "issued":
        step = Issuance.objects.values_list("step", flat=True).get(pk=issuance.pk)
        return f"{state}, {step.split()[0].lower()}" if step else state
    seen = mirror.standing("ocean", "first").current == issuance.number
    return "issued" if seen else "issued and not shown"


def check_it_is_issued_once(issuance, found):
    """Asserts that the edition is there, once, whole, shown, and nothing is left."""
    session = issuance.session
    if found == "issued and not shown":
        # Between commit and folder: whatever starts the server brings it up.
        publish_standing(session)
    assert state_of(issuance) == "issued"
    assert Edition.objects.of(session).count() == issuance.number
    assert find_damage(session, issuance.number) == []
    assert mirror.standing("ocean", "first").current == issuance.number
    assert not PreparedDocument.objects.exists()


def test_order_survives_the_worker_that_is_killed_and_is_issued_exactly_once(
    issued, issuer, start, rounds, report
):
    draw = random.Random(SEED)  # noqa: S311 - not a secret
    outcomes = Counter()
    count = rounds(20)
    for number in range(1, count + 1):
        issuance = ordered(issued, issuer, number)
        killed(start(act="worker"), draw.uniform(0, 0.6))
        found = what_was_found(issuance)
        assert find_damage(issued, issuance.number) == []

        worked(start)

        check_it_is_issued_once(issuance, found)
        outcomes[found] += 1
    report(
        f"{count} orders, the worker killed at random (seed {SEED}), found "
        f"{dict(outcomes)}; the next worker: {count} issued, each once"
    )


def seconds_to(at):
    return (at - timezone.now()).total_seconds()


def when_killed(moment, at, draw):
    """How many seconds from now the worker is killed, "before", "at" or "after" the
    minute of an edition."""
    spans = {"before": (0, AHEAD - 0.3), "at": (-0.05, 0.25), "after": (0.3, 0.6)}
    since = draw.uniform(*spans[moment])
    return since if moment == "before" else seconds_to(at) + since


def test_scheduled_order_survives_kills_before_at_and_after_its_minute(
    issued, issuer, start, rounds, report
):
    draw = random.Random(SEED)  # noqa: S311 - not a secret
    outcomes = Counter()
    # All three moments in a tenth too.
    count = max(3, rounds(20))
    for number in range(1, count + 1):
        moment = ("before", "at", "after")[number % 3]
        at = timezone.now() + dt.timedelta(seconds=AHEAD)
        issuance = ordered(issued, issuer, number, at)
        killed(start(act="worker"), when_killed(moment, at, draw))
        found = what_was_found(issuance)
        assert seconds_to(at) < 0 or not found.startswith("issued")
        assert find_damage(issued, issuance.number) == []

        second = start(act="worker")
        wait_until(lambda issuance=issuance: state_of(issuance) == "issued")
        assert timezone.now() >= at
        wait_until(
            lambda issuance=issuance, found=found: (
                found == "issued and not shown" or what_was_found(issuance) == "issued"
            )
        )
        killed(second, 0)

        check_it_is_issued_once(issuance, found)
        outcomes[f"{moment}: {found}"] += 1
    report(
        f"{count} scheduled orders, the worker killed (seed {SEED}) before, at and after "
        f"their minute, found {dict(sorted(outcomes.items()))}; the next worker: "
        f"{count} issued, each once, none before its minute"
    )


# --- What the guard prevents ----------------------------------------------------------


def test_order_of_a_killed_worker_is_lost_without_resuming(
    issued, issuer, start, report
):
    ordered(issued, issuer, 1)
    moments = [
        line.removeprefix("moment ")
        for line in worked(start, without="resume")
        if line.startswith("moment")
    ]
    step = moments.index('UPDATE "sessions_app_issuance" SET') + 1
    issuance = ordered(issued, issuer, 2)
    first = start(act="worker once", die_at=step, without="resume")
    first.communicate()
    assert first.returncode == -signal.SIGKILL

    worked(start, without="resume")
    assert (state_of(issuance), Edition.objects.count()) == ("making", 2)
    worked(start)

    assert (state_of(issuance), Edition.objects.count()) == ("issued", 3)
    report(
        "without resuming, the order of a killed worker stays half-made; 1 of 1 lost"
    )
