"""kill -9 of an issuing process: nothing torn, nothing lost, the next issue works."""

import random
import signal
import subprocess
from collections import Counter

import pytest
from django.test import Client

from sessions_app import mirror
from sessions_app.issuing import issue
from sessions_app.models import Edition
from sessions_app.publishing import rebuild_mirror
from tests.endure.damage import find_damage

SEED = 20170619
# With a kill at each moment of an issue they are a hundred and more.
KILLS_AT_RANDOM = 40


def heard(process):
    """The lines that a process said before it ended, and how it ended."""
    said, complaints = process.communicate()
    assert "Traceback" not in complaints, complaints
    return said.splitlines(), process.returncode


def killed_at_random(process, delay):
    """Kills the process after `delay` seconds; the lines that it said."""
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=delay)
    process.kill()
    lines, code = heard(process)
    assert code == -signal.SIGKILL
    return lines


def last_issued(lines):
    """The number of the last edition of which the process said that it is issued."""
    numbers = [int(line.split()[1]) for line in lines if line.startswith("issued")]
    return max(numbers, default=0)


def check_after_kill(session, issuer, before, lines):
    """Asserts all that must hold after a kill; gives what the public then saw, "old" or
    "new" or "later" (recorded, and shown with the next issue)."""
    assert find_damage(session, before) == []
    shown = mirror.standing("ocean", "first").current
    newest = Edition.objects.of(session).first().number
    # What its issuer was told to be issued is recorded and shown.
    assert last_issued(lines) <= shown <= newest
    assert before <= shown
    check_what_a_reader_gets(session, shown)

    edition = issue(session, by=issuer)

    assert edition.number == newest + 1
    assert mirror.standing("ocean", "first").current == edition.number
    assert all(mirror.has(e.digest) for e in Edition.objects.of(session))
    assert find_damage(session, before) == []
    if shown < newest:
        return "later"
    return "old" if newest == before else "new"


def check_what_a_reader_gets(session, number):
    """Asserts that the public address is of one edition, page and documents alike."""
    edition = Edition.objects.get(session=session, number=number)
    page = Client().get("/en/ocean/first/")
    assert page.status_code == 200
    assert edition.programme["conference"]["title"]["en"] in page.content.decode()
    for document in edition.documents.filter(language="en"):
        answer = Client().get(f"/en/ocean/first/{document.name}")
        assert answer.getvalue() == bytes(document.content), document


def check_folder_at_the_end(session):
    """A rebuild clears away what the kills have left, and nothing else."""
    shown = mirror.standing("ocean", "first")
    rebuild_mirror()
    names = {entry.name for entry in mirror.folder().iterdir()}
    digests = set(Edition.objects.values_list("digest", flat=True))
    assert names == {*digests, "current", ".lock"}
    assert mirror.standing("ocean", "first") == shown
    assert find_damage(session) == []


@pytest.mark.usefixtures("guarded")
def test_process_killed_at_a_random_moment_leaves_nothing_torn(
    session, issuer, start, rounds, report
):
    draw = random.Random(SEED)  # noqa: S311 - not a secret
    issue(session, by=issuer)
    outcomes, steps, issued = Counter(), Counter(), 0
    count = rounds(KILLS_AT_RANDOM)
    for number in range(1, count + 1):
        # Every fifth makes the real note in six languages, which takes longer.
        real = number % 5 == 0
        before = Edition.objects.of(session).first().number
        process = start(act="loop", real=real)
        lines = killed_at_random(process, draw.uniform(0, 4.0 if real else 0.6))
        outcomes[check_after_kill(session, issuer, before, lines)] += 1
        steps[" ".join(lines[-1].split()[:2]) if lines else "before the first"] += 1
        issued += sum(line.startswith("issued") for line in lines)
    check_folder_at_the_end(session)
    report(
        f"{count} kills at random (seed {SEED}), {issued} editions issued between; last "
        f"heard {dict(steps)}; then the public saw {dict(outcomes)}; 0 torn, 0 lost"
    )


def moments_of_an_issue(start, **order):
    """What happens in an issue, in order: each statement and change of the folder."""
    lines, code = heard(start(act="once", **order))
    assert code == 0
    assert lines[-1].startswith("issued")
    return [line.removeprefix("moment ") for line in lines if line[:6] == "moment"]


def spread(numbers, count):
    """`count` of `numbers`, from the first to the last."""
    if count >= len(numbers):
        return list(numbers)
    step = (len(numbers) - 1) / max(1, count - 1)
    return [numbers[round(place * step)] for place in range(count)]


@pytest.mark.usefixtures("guarded")
def test_process_killed_at_each_statement_and_each_file_leaves_nothing_torn(
    session, issuer, start, rounds, report
):
    issue(session, by=issuer)
    moments = moments_of_an_issue(start)
    outcomes = Counter()
    order = []
    chosen = spread(range(1, len(moments) + 1), rounds(len(moments)))
    for number in chosen:
        before = Edition.objects.of(session).first().number
        lines, code = heard(start(act="once", die_at=number))
        assert code == -signal.SIGKILL, moments[number - 1]
        outcome = check_after_kill(session, issuer, before, lines)
        outcomes[outcome] += 1
        order.append(outcome)
    check_folder_at_the_end(session)
    # First nothing is there, then it is recorded, then it is shown.
    assert order == sorted(order, key=["old", "later", "new"].index)
    report(
        f"{len(chosen)} of the {len(moments)} moments of an issue, killed at each; then "
        f"the public saw {dict(outcomes)}; 0 torn, 0 lost; with those at random "
        f"{len(chosen) + rounds(KILLS_AT_RANDOM)} kills"
    )


# --- What the guards prevent ------------------------------------------------------


@pytest.mark.usefixtures("guarded")
def test_process_killed_while_recording_leaves_a_torn_edition_without_transaction(
    session, issuer, start, rounds, report
):
    issue(session, by=issuer)
    moments = moments_of_an_issue(start, without="transaction")
    documents = [
        number
        for number, what in enumerate(moments, start=1)
        if what == 'INSERT INTO "sessions_app_document"'
    ]
    # The note in each language, and what changed since the former one.
    assert len(documents) == 12
    torn = []
    count = rounds(12)
    for number in spread(documents, count):
        known = find_damage(session)
        heard(start(act="once", die_at=number, without="transaction"))
        torn += [said for said in find_damage(session) if said not in known]

    # Before each document: an edition that lacks it and those after it.
    incomplete = {said.partition(" has no ")[0] for said in torn if " has no " in said}
    assert len(incomplete) == count
    assert [said for said in torn if "in the history" in said]
    report(f"without a transaction {count} of {count} kills tore: {torn[0]}")


@pytest.mark.usefixtures("guarded")
def test_process_killed_before_the_commit_shows_an_edition_that_is_not_there_without_order(
    session, issuer, start, report
):
    issue(session, by=issuer)
    moments = moments_of_an_issue(start, without="order")
    recording = moments.index('INSERT INTO "sessions_app_document"')
    commit = moments.index("before COMMIT", recording) + 1
    heard(start(act="once", die_at=commit, without="order"))

    damage = find_damage(session)

    assert damage == ["edition 3 is shown and was never issued"]
    report(f"with the folder before the database a kill left: {damage[0]}")
