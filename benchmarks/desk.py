"""How long the server takes for the pages on which staff spend their day, and how many
queries it makes, with 10 and with 100 slots: `python benchmarks/desk.py`.

Makes an SQLite database of its own and leaves nothing behind. The sizes take turns, so
that a machine that slows down slows both; the median of the rounds counts."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SIZES = (10, 100)
# Seconds on the server for the larger size.
BARS = {"session": 0.5, "slot": 0.3, "grid of a day": 0.5, "start": 0.5, "echo": 0.3}


def prepare(folder: str) -> None:
    """Sets Django up on an empty database in `folder`."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{folder}/desk.sqlite3",
        "EDITIONS_FOLDER": f"{folder}/editions",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "DEBUG": "false",
        "HTTPS": "false",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def make_session(slots: int) -> Any:
    """A session of as many slots, twenty a day, each a panel of four people with a
    concept of two paragraphs."""
    from sessions_app.models import Conference, Day, Line, Panel, Room, Session, Slot
    from sessions_app.translated import text
    from speakers.models import Person, Role
    from speakers.vocabulary import load_roles

    load_roles()
    conference, _made = Conference.objects.get_or_create(
        slug="large", defaults={"title": text("Large conference")}
    )
    room = Room.objects.create(venue=text("Palais"), name=text(f"Room {slots}"))
    first = dt.date(2027, 6, 21)
    days = max(1, slots // 20)
    session = Session.objects.create(
        conference=conference,
        slug=f"of-{slots}",
        title=text(f"Session of {slots} slots"),
        city=text("Geneva"),
        zone="Europe/Zurich",
        room=room,
        starts_on=first,
        ends_on=first + dt.timedelta(days=days - 1),
    )
    panellist = Role.objects.get(key="panellist")
    moderator = Role.objects.get(key="moderator")
    concept = "\n\n".join(["Words of a concept that explain the panel. " * 8] * 2)
    for number in range(slots):
        day, _made = Day.objects.get_or_create(
            session=session, date=first + dt.timedelta(days=number // 20)
        )
        begun, ended = (480 + 30 * (number % 20 + more) for more in (0, 1))
        slot = Slot.objects.create(
            day=day,
            kind=Slot.Kind.PANEL,
            start=dt.time(*divmod(begun, 60)),
            end=dt.time(*divmod(ended, 60)),
            title=text(f"Panel on the matter numbered {number + 1}"),
            text=text(concept),
        )
        Panel.objects.create(slot=slot, number=number + 1)
        for place in range(4):
            person = Person.objects.create(
                family_name=f"Family{number}-{place}",
                printed_name=text(f"Given Family{number}-{place}"),
                honorific=text("Ms."),
                function=text("Director of a department of some ministry"),
            )
            role = moderator if place == 3 else panellist
            Line.objects.create(
                slot=slot, position=10 * place, person=person, role=role
            )
    return session


def pages_of(session: Any) -> Iterator[tuple[str, str]]:
    """Each page by its name; the slot is one in the middle."""
    from django.urls import reverse

    from sessions_app.models import Slot

    slots = list(Slot.objects.filter(day__session=session).order_by("pk"))
    slot = slots[len(slots) // 2]
    yield "session", reverse("admin:sessions_app_session_change", args=[session.pk])
    yield "slot", reverse("admin:sessions_app_slot_change", args=[slot.pk])
    yield "grid of a day", reverse("desk:grid", args=[slot.day_id])
    yield "start", reverse("admin:index")
    yield "echo", reverse("admin:sessions_app_slot_echo", args=[slot.pk])


def measure(rounds: int) -> None:
    """Prints a row for each page: seconds (median, slowest) and queries, per size."""
    from django.contrib.auth.models import User
    from django.test import Client

    staff = Client()
    staff.force_login(
        User.objects.create(username="staff", is_staff=True, is_superuser=True)
    )
    pages = {size: dict(pages_of(make_session(size))) for size in SIZES}
    turns = [(name, size) for name in BARS for size in SIZES]
    queries = {
        (name, size): queries_of(staff, name, pages[size][name]) for name, size in turns
    }
    seconds: dict[tuple[str, int], list[float]] = {turn: [] for turn in turns}
    for _round in range(rounds):
        for name, size in turns:
            begun = time.perf_counter()
            ask(staff, name, pages[size][name])
            seconds[name, size].append(time.perf_counter() - begun)

    print(f"{rounds} rounds; seconds on the server (median, slowest), queries\n")
    print(f"{'page':<16}{'bar':>6}" + "".join(f"{f'{s} slots':>26}" for s in SIZES))
    for name, bar in BARS.items():
        row = f"{name:<16}{bar:>6.2f}"
        for size in SIZES:
            taken = seconds[name, size]
            told = f"{statistics.median(taken):.3f} {max(taken):.3f}"
            row += f"{told:>16}{queries[name, size]:>10}"
        print(row)


def ask(staff: Any, name: str, address: str) -> None:
    """Asks for a page as its reader or its script does."""
    answer = staff.post(address, {}) if name == "echo" else staff.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")


def queries_of(staff: Any, name: str, address: str) -> int:
    """How many queries a page takes, once everything that is kept is kept."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask(staff, name, address)
    with CaptureQueriesContext(connection) as made:
        ask(staff, name, address)
    return len(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        measure(rounds)


if __name__ == "__main__":
    main()
