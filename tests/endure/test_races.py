"""Many at once: issuers against issuers, issuers against editors."""

import datetime as dt
import random
from collections import Counter

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from sessions_app import issuing, mirror
from sessions_app.compose import compose
from sessions_app.issuing import NotIssued, is_ahead, issue
from sessions_app.models import Edition, Issuance, PreparedDocument
from tests.at_once import at_once, elsewhere, without_unique_number
from tests.endure.damage import find_damage
from tests.endure.issuer import give_title

SEED = 20170620


def said(process):
    """The next line of a process that is no step of its work."""
    for line in process.stdout:
        if not line.startswith("step"):
            return line.rstrip("\n")
    raise AssertionError(process.communicate()[1])


def told(process):
    process.stdin.write("go\n")
    process.stdin.flush()


def race(processes):
    """Lets all freeze an edition, then record it in one instant; what each said."""
    for process in processes:
        told(process)
    assert [said(process) for process in processes] == ["frozen"] * len(processes)
    for process in processes:
        told(process)
    return Counter(said(process) for process in processes)


def what_became_of_all():
    """How many of those that were frozen are in each state; the void ones say why."""
    assert not Issuance.objects.filter(state="void", message="").exists()
    assert not Issuance.objects.filter(state="issued", edition=None).exists()
    return Counter(Issuance.objects.values_list("state", flat=True))


@pytest.mark.usefixtures("guarded")
def test_of_eight_issuers_in_one_instant_one_issues_and_seven_are_told(
    session, start, rounds, report
):
    processes = [start(act="on call") for _ in range(8)]
    count = rounds(50)
    for number in range(1, count + 1):
        give_title(session.pk, f"Round {number}")
        assert race(processes) == {
            f"issued {number}": 1,
            f"refused Edition {number} was issued a moment ago, by somebody else or by a "
            "second click. Nothing more was issued: look at what it changed, then issue "
            "again if it is still needed.": 7,
        }
        assert mirror.standing("ocean", "first").current == number
    assert find_damage(session) == []
    assert Edition.objects.count() == count
    assert what_became_of_all() == {"issued": count, "void": 7 * count}
    report(
        f"{count} races of 8 processes: {count} editions, 1 to {count}; "
        f"{7 * count} told so; 0 left half-made"
    )


def test_of_eight_issuers_in_one_instant_all_issue_the_same_number_without_guards(
    session, start, report
):
    processes = [start(act="on call", without="number") for _ in range(8)]

    with without_unique_number():
        assert race(processes) == {"issued 1": 8}
        damage = find_damage(session)

    assert damage[0] == "the numbers are [1, 1, 1, 1, 1, 1, 1, 1]"
    report(f"without number check and constraint: {damage[0]}")


def put_aside_against_call_off(session, issuer):
    """Lets a worker put aside the documents of a scheduled edition, and somebody call
    it off, in one instant; what became of the worker."""
    at = timezone.now() + dt.timedelta(hours=1)
    issuance = issuing.freeze(session, by=issuer, wish=issuing.Wish(at=at))
    documents = issuing._made(issuance, lambda _step: None)
    worker, officer = at_once(
        lambda: issuing._put_aside(issuance, documents),
        lambda: issuing.call_off(issuance, issuer),
    )
    assert officer is None
    assert worker is None or str(worker) == "It was called off."
    return "put aside, then called off" if worker is None else "called off first"


@pytest.mark.usefixtures("guarded")
def test_edition_called_off_while_its_documents_are_put_aside_leaves_none(
    session, issuer, rounds, report
):
    outcomes = Counter()
    for _number in range(rounds(100)):
        outcomes[put_aside_against_call_off(session, issuer)] += 1
        assert PreparedDocument.objects.count() == 0
    assert what_became_of_all() == {"void": rounds(100)}
    report(f"{rounds(100)} editions called off: {dict(outcomes)}; 0 documents left")


# --- Editors ------------------------------------------------------------------------


def edit_without_waiting(session, title):
    """Edits; is refused at once where SQLite lets another write."""
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA busy_timeout = 0")
    give_title(session.pk, title)


def issue_with_edit_at(moment, session, issuer, title):
    """Issues, and lets an editor save before the statement of that number; gives what
    became of the edit ("" when there was no such statement), and of the issue."""
    state = {"number": 0, "edit": ""}

    def statement(execute, sql, params, many, context):
        state["number"] += 1
        if state["number"] == moment:
            try:
                elsewhere(lambda: edit_without_waiting(session, title))
                state["edit"] = "saved"
            except OperationalError:
                state["edit"] = "refused"
        return execute(sql, params, many, context)

    with connection.execute_wrapper(statement):
        try:
            outcome = issue(session, by=issuer)
        except NotIssued as refusal:
            outcome = str(refusal)
    return state["edit"], outcome


@pytest.mark.usefixtures("guarded")
def test_edit_at_any_statement_of_an_issue_is_in_the_edition_wholly_or_not_at_all(
    session, issuer, rounds, report
):
    draw = random.Random(SEED)  # noqa: S311 - not a secret
    outcomes = Counter()
    latest = "Statements"
    for number in range(1, rounds(150) + 1):
        title = f"Edit {number}"
        before = Edition.objects.count()
        edited, outcome = issue_with_edit_at(
            draw.randint(1, 45), session, issuer, title
        )
        former, latest = latest, title if edited == "saved" else latest
        if isinstance(outcome, Edition):
            printed = outcome.programme["conference"]["title"]["en"]
            assert printed in {former, latest}
            assert is_ahead(session, compose(session)) is (printed != latest)
            what = "issued with it" if printed == title else "issued without it"
        else:
            # Only an edit stops an issue, and it leaves everything as it was.
            assert (edited, Edition.objects.count()) == ("saved", before)
            assert outcome.startswith("The programme was changed while you were")
            what = "told to look again"
        outcomes[f"edit {edited or 'not made'}, {what}"] += 1
    assert find_damage(session) == []
    report(f"{sum(outcomes.values())} edits during an issue: {dict(outcomes)}")


@pytest.mark.usefixtures("guarded")
def test_editors_and_issuers_at_once_never_mix(session, issuer, rounds, report):
    outcomes = Counter()
    for number in range(rounds(40)):
        results = at_once(
            *[lambda: issue(session, by=issuer)] * 2,
            *[
                lambda title=f"{number} {editor}": give_title(session.pk, title)
                for editor in range(number % 3)
            ],
        )
        assert all(
            result is None or isinstance(result, Edition | NotIssued)
            for result in results
        ), results
        outcomes.update(type(result).__name__ for result in results[:2])
        assert find_damage(session) == []
    assert find_damage(session) == []
    assert outcomes["Edition"] == Edition.objects.count() > 0
    report(
        f"{rounds(40)} rounds of 2 issuers and 0, 1 or 2 editors at once: "
        f"{dict(outcomes)}"
    )
