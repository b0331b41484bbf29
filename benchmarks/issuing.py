"""How long issuing takes, and the checks and comparison before it:
`python benchmarks/issuing.py`.

Makes an SQLite database of its own and leaves nothing behind. The demonstration's
session is issued in its six languages as the desk does it, from the answer to the button
to the page that says it is issued, by a task worker beside; the checks and the comparison
are of a session of 500 slots; an edition of 300 slots in six languages is read as the
public side reads it. The median of the rounds counts."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from desk import ROOT, make_session, prepare

SLOTS = 500
SLOTS_LOADED = 300
# Seconds, where there is a bar.
BARS = {
    "demonstration issued": 6.0,
    "problems of 500 slots": 1.0,
    "300 slots loaded": 0.1,
}


def issued(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds in which the demonstration's third session is issued in six languages: as
    a revision, whose notes and marked revisions are made, and where nothing changed,
    with the notes alone."""
    from sessions_app import issuing
    from sessions_app.demonstration import load_demonstration
    from sessions_app.models import Session, Slot
    from sessions_app.translated import text

    load_demonstration()
    session = Session.objects.get(slug="third-thematic-session")
    slot = Slot.objects.filter(day__session=session, kind=Slot.Kind.PANEL)[0]
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        seconds: dict[bool, list[float]] = {True: [], False: []}
        # The first pays for what the worker reads once.
        for number, changes in itertools.product(range(rounds + 1), (True, False)):
            if changes:
                Slot.objects.filter(pk=slot.pk).update(title=text(f"Panel {number}"))
            begun = time.perf_counter()
            wish = issuing.Wish(reason="Measured.")
            wait_for(issuing.ask(session, by=None, wish=wish))
            if number:
                seconds[changes].append(time.perf_counter() - begun)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    return seconds[True], seconds[False]


def loaded(rounds: int) -> list[float]:
    """Seconds in which an edition of SLOTS_LOADED slots in six languages, made of those
    of the demonstration, is read from its JSON."""
    from sessions_app.compose import compose
    from sessions_app.models import Session
    from sessions_app.programme import from_json

    programme = compose(Session.objects.get(slug="third-thematic-session"))
    slots = itertools.cycle(list(programme.slots))
    many = tuple(
        slot.model_copy(update={"code": f"slot{number}"})
        for number, slot in zip(range(SLOTS_LOADED), slots, strict=False)
    )
    day = programme.days[0].model_copy(update={"slots": many})
    data = programme.model_copy(update={"days": (day,)}).to_json()
    return taken(lambda: from_json(data), rounds)


def wait_for(issuance: Any) -> None:
    """Looks as the page does until an edition is issued."""
    while issuance.state == "making":
        time.sleep(0.05)
        issuance.refresh_from_db()
    if issuance.state != "issued":
        raise SystemExit(issuance.message)


def large(rounds: int) -> dict[str, list[float]]:
    """Seconds of the acts on a session of SLOTS slots, of which twenty changed."""
    from sessions_app.changes import compare
    from sessions_app.compose import compose
    from sessions_app.marking import mark
    from sessions_app.outputs.changes import told
    from sessions_app.problems import find_problems

    programme = compose(make_session(SLOTS))
    days = tuple(
        day.model_copy(
            update={
                "slots": (
                    day.slots[0].model_copy(update={"title": {"en": "Another title"}}),
                    *day.slots[1:],
                )
            }
        )
        for day in programme.days
    )
    after = programme.model_copy(update={"days": days})
    acts: dict[str, Callable[[], Any]] = {
        "problems of 500 slots": lambda: find_problems(programme),
        "changes of 500 slots": lambda: compare(programme, after),
        "and their sentences": lambda: told(programme, after, "en"),
        "marked programme": lambda: mark(programme, after),
    }
    return {name: taken(act, rounds) for name, act in acts.items()}


def taken(act: Callable[[], Any], rounds: int) -> list[float]:
    """The seconds that an act takes, once for each round."""
    seconds = []
    for _round in range(rounds):
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return seconds


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the report: what was measured, and the seconds of each round."""

    name: str
    seconds: list[float]

    def __str__(self) -> str:
        bar = f"{BARS[self.name]:.1f}" if self.name in BARS else ""
        median, slowest = statistics.median(self.seconds), max(self.seconds)
        return f"{self.name:<28}{bar:>6}{median:>10.2f}{slowest:>10.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        revision, again = issued(rounds)
        rows = [
            Row("demonstration issued", revision),
            Row("the same, nothing changed", again),
            Row("300 slots loaded", loaded(rounds)),
            *(Row(name, seconds) for name, seconds in large(rounds).items()),
        ]
    print(f"{rounds} rounds; seconds (median, slowest)\n")
    print(f"{'':<28}{'bar':>6}{'median':>10}{'slowest':>10}")
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
