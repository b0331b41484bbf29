"""The sessions that benchmarks serve: the demonstration's, and one as large as a whole
congress."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any

DAYS, ROOMS, SLOTS, PEOPLE = 5, 10, 500, 600
_FIRST_DATE = dt.date(2027, 6, 21)
_CONCEPT = (
    "The panel considers how warnings that are issued by a national service reach "
    "every household on a low coast within minutes, which of the means that exist "
    "today failed in the storms of the last ten years, and what it would cost to "
    "keep two of them in working order everywhere."
)


@dataclass(frozen=True)
class Issued:
    """A session that was issued, and what of it is asked for."""

    size: str
    conference: str
    session: str
    slot: str
    person: str

    @property
    def address(self) -> str:
        """The agenda in English."""
        return f"/en/{self.conference}/{self.session}/"


def issue_small() -> Issued:
    """Loads the demonstration, which issues its third session in six languages."""
    from sessions_app.demonstration import load_demonstration

    load_demonstration()
    return _as_issued("small", "global-compact-migration", "third-thematic-session")


def issue_large() -> Issued:
    """Makes and issues a session of DAYS days, ROOMS rooms, SLOTS slots and PEOPLE
    people, in English."""
    from sessions_app.issuing import issue

    session = make_large()
    issue(session, by=None, reason="Measured.")
    return _as_issued("large", session.conference.slug, session.slug)


def make_large() -> Any:
    """The session of issue_large(), not issued."""
    from django.db import transaction

    from sessions_app.models import Conference, Day, Room, Session
    from sessions_app.translated import text
    from speakers.models import Person
    from speakers.vocabulary import load_roles

    load_roles()
    with transaction.atomic():
        session = Session.objects.create(
            conference=Conference.objects.create(
                slug="congress", title=text("Congress on early warning")
            ),
            slug="whole",
            title=text("The whole congress"),
            city=text("Geneva"),
            zone="Europe/Zurich",
            starts_on=_FIRST_DATE,
            ends_on=_FIRST_DATE + dt.timedelta(days=DAYS - 1),
        )
        rooms = [
            Room.objects.create(venue=text("Palais"), name=text(f"Room {number + 1}"))
            for number in range(ROOMS)
        ]
        people = [
            Person.objects.create(
                given_names=f"Given{number}",
                family_name=f"Family{number}",
                printed_name=text(f"Given{number} Family{number}"),
                honorific=text("Ms."),
                function=text("Director of a department of some ministry"),
            )
            for number in range(PEOPLE)
        ]
        days = [
            Day.objects.create(
                session=session, date=_FIRST_DATE + dt.timedelta(days=number)
            )
            for number in range(DAYS)
        ]
        everybody = itertools.cycle(people)
        for number in range(SLOTS):
            place, room = divmod(number, ROOMS)
            day, hour = divmod(place, SLOTS // DAYS // ROOMS)
            two = next(everybody), next(everybody)
            _make_slot(number, days[day], 8 + hour, rooms[room], two)
    return session


def _make_slot(number: int, day: Any, hour: int, room: Any, people: Any) -> None:
    from sessions_app.models import Line, Panel, Slot
    from sessions_app.translated import text
    from speakers.models import Role

    slot = Slot.objects.create(
        day=day,
        kind=Slot.Kind.PANEL,
        start=dt.time(hour),
        end=dt.time(hour, 50),
        room=room,
        is_parallel=True,
        title=text(f"Panel on the matter numbered {number + 1}"),
        text=text(_CONCEPT),
    )
    Panel.objects.create(slot=slot, number=number + 1)
    for place, (key, person) in enumerate(
        zip(("panellist", "moderator"), people, strict=True)
    ):
        role = Role.objects.get(key=key)
        Line.objects.create(slot=slot, position=10 * place, person=person, role=role)


def _as_issued(size: str, conference: str, session: str) -> Issued:
    from sessions_app import mirror

    standing = mirror.standing(conference, session)
    card = standing and standing.edition()
    if card is None:
        raise SystemExit(f"{conference}/{session} is not issued.")
    slots = list(mirror.programme(card).slots)
    slot = slots[len(slots) // 2]
    slot = next(found for found in [slot, *slots] if any(found.people))
    person = next(found.person for found in slot.people if found.person)
    return Issued(size, conference, session, slot.code, person)
