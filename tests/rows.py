"""Rows for tests: every default in sight, override what the test is about."""

import datetime as dt
from typing import Any

from sessions_app.models import Conference, Day, Line, Panel, Room, Session, Slot
from sessions_app.translated import text
from speakers.models import Person, Role


def make_conference(**changed: Any) -> Conference:
    values = {"slug": "ocean", "title": text("Conference on the ocean")}
    return Conference.objects.create(**{**values, **changed})


def make_room(**changed: Any) -> Room:
    values = {"venue": text("Palais des Nations"), "name": text("Room XIX")}
    return Room.objects.create(**{**values, **changed})


def make_session(**changed: Any) -> Session:
    values: dict[str, Any] = {
        "slug": "first",
        "title": text("First session"),
        "city": text("Geneva"),
        "zone": "Europe/Zurich",
        "starts_on": dt.date(2027, 6, 21),
        "ends_on": dt.date(2027, 6, 22),
    }
    if "conference" not in changed:
        values["conference"] = Conference.objects.first() or make_conference()
    return Session.objects.create(**{**values, **changed})


def make_day(session: Session, date: dt.date | None = None) -> Day:
    return Day.objects.create(session=session, date=date or session.starts_on)


def make_slot(
    day: Day, start: str = "10:00", end: str = "11:00", **changed: Any
) -> Slot:
    values: dict[str, Any] = {
        "kind": Slot.Kind.SESSION,
        "title": text("Statements"),
        "start": dt.time.fromisoformat(start) if start else None,
        "end": dt.time.fromisoformat(end) if end else None,
        "position": 10 * (day.slots.count() + 1),
    }
    return Slot.objects.create(day=day, **{**values, **changed})


def make_person(name: str = "Ada Lund", **changed: Any) -> Person:
    given, _space, family = name.rpartition(" ")
    values = {
        "given_names": given,
        "family_name": family,
        "printed_name": text(name),
        "honorific": text("Ms."),
        "function": text("Director"),
    }
    return Person.objects.create(**{**values, **changed})


def make_role(key: str = "panellist", **changed: Any) -> Role:
    values = {
        "label_neutral": text(key.capitalize()),
        "label_plural": text(f"{key.capitalize()}s"),
    }
    return Role.objects.create(key=key, **{**values, **changed})


def make_moderator() -> Role:
    return make_role(
        "moderator",
        prints=Role.Prints.CLOSING_LINE,
        by_line=text("Moderated by {people}"),
    )


def make_line(slot: Slot, **values: Any) -> Line:
    values.setdefault("position", 10 * (slot.lines.count() + 1))
    return Line.objects.create(slot=slot, **values)


def make_programme_of(slots: int) -> Session:
    """A session with so many slots, each a panel with three people."""
    session = make_session()
    day = make_day(session)
    panellist, moderator = make_role(), make_moderator()
    people = [make_person(f"Person Number{n}") for n in range(4)]
    for number in range(slots):
        slot = make_slot(
            day,
            f"{8 + number % 12:02d}:00",
            f"{9 + number % 12:02d}:00",
            is_parallel=True,
        )
        Panel.objects.create(slot=slot, number=number + 1)
        for place, person in enumerate(people[:3]):
            role = moderator if place == 2 else panellist
            make_line(slot, person=person, role=role)
    return session
