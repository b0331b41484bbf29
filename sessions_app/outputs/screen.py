"""The screen at the door of a room: what takes place there now, and what comes next.

One page for all rooms, with the same bytes for each: static/agenda/screen.js shows the
room that the address asks for, as at the hour of the place. Without the script it is the
programme of each room, to be read like any page."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from zoneinfo import ZoneInfo

from sessions_app import dates
from sessions_app.outputs.agenda import Copy, render_copy
from sessions_app.programme import (
    DayEntry,
    LineEntry,
    Programme,
    RoomEntry,
    SlotEntry,
    taken_to_last,
)

# A screen that is hung up earlier, or that stays longer, shows the hour without a date.
_DAYS_AROUND = dt.timedelta(days=7)
# Far enough that a clock is right whenever the screen hangs.
_YEAR = dt.timedelta(days=366)
_DAY = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Shown:
    """A slot at the door. `starts` (aware) is absent for one that only words say when:
    it is still to come until `until`. Any other takes place from `starts` to `until`:
    its end, or without one, when the next in the room begins, or the day is over. `at`
    and `ends` are the hours of both in words, "" where the slot has none."""

    slot: SlotEntry
    starts: dt.datetime | None
    until: dt.datetime
    at: str
    ends: str


@dataclass(frozen=True)
class ShownDay:
    """A day in a room that has any slots on it; `name` is "Monday, 21 June"."""

    day: DayEntry
    name: str
    slots: tuple[Shown, ...]


@dataclass(frozen=True)
class ShownRoom:
    """A room and its days; `room` is absent where the programme names no rooms at all,
    and `code` is empty then."""

    code: str
    room: RoomEntry | None
    days: tuple[ShownDay, ...]


def render_screen(copy: Copy) -> bytes:
    """The page for the screens at all doors of the session."""
    rooms = rooms_of(copy.programme, copy.language)
    return render_copy(
        "agenda/screen.html",
        # At a door nothing leads anywhere.
        replace(copy, is_public=False),
        "screen/",
        rooms=rooms,
        clock=json.dumps(
            clock_of(copy.programme, copy.language), ensure_ascii=False, sort_keys=True
        ),
        cut=range(1, _most_at_once(rooms)),
    )


def rooms_of(programme: Programme, language: str) -> tuple[ShownRoom, ...]:
    """The rooms in which anything takes place, the session's own first, then as they
    come in the programme. What has no room, such as lunch, is shown at the session's
    own; where that has nothing else, at every room."""
    rooms = {slot.room.code: slot.room for slot in programme.slots if slot.room}
    own = programme.room
    home = own.code if own and own.code in rooms else None
    if own and home:
        rooms = {home: own} | rooms
    shown = []
    for code in rooms or [""]:
        here = {code, ""} if home in {None, code} else {code}
        days = [
            _day_of(programme, day, language, [s for s in day.slots if _at(s) in here])
            for day in programme.days
        ]
        shown.append(
            ShownRoom(code, rooms.get(code), tuple(day for day in days if day.slots))
        )
    return tuple(shown)


def clock_of(programme: Programme, language: str) -> dict[str, object]:
    """What a script needs to tell the hour of the place in a language. `offsets`: from
    which second since 1970 on the place is how many minutes ahead of UTC; `faces` and
    `alone` as `dates` has them; `dates`: each date around the session in words."""
    first, last = programme.starts_on, programme.ends_on
    return {
        "offsets": _offsets(programme.zone, first - _YEAR, last + _YEAR),
        "faces": dates.clock_faces(language, programme.time_style),
        "alone": dates.clock_alone(language),
        "dates": {
            day.isoformat(): dates.day_heading(day, language)
            for day in _days(first - _DAYS_AROUND, last + _DAYS_AROUND)
        },
    }


def _at(slot: SlotEntry) -> str:
    return slot.room.code if slot.room else ""


def _day_of(
    programme: Programme, day: DayEntry, language: str, slots: Sequence[SlotEntry]
) -> ShownDay:
    style, midnight = programme.time_style, day.is_over_at(programme.zone)
    name = dates.weekday_and_day(day.date, language)
    return ShownDay(
        day,
        name[:1].upper() + name[1:],
        tuple(
            Shown(
                _without_notes(slot),
                slot.starts_at,
                taken_to_last(slot, slots[place + 1 :], midnight),
                dates.time(slot.start, language, style) if slot.start else "",
                dates.time(slot.end, language, style) if slot.end else "",
            )
            for place, slot in enumerate(slots)
        ),
    )


def _without_notes(slot: SlotEntry) -> SlotEntry:
    """The slot without its calls of footnotes, which do not hang at a door."""
    lines = tuple(_line_without_notes(line) for line in slot.lines)
    return slot.model_copy(update={"notes": {}, "lines": lines})


def _line_without_notes(line: LineEntry) -> LineEntry:
    people = tuple(person.model_copy(update={"notes": {}}) for person in line.people)
    return line.model_copy(update={"notes": {}, "people": people})


def _most_at_once(rooms: Iterable[ShownRoom]) -> int:
    """The length of the longest list that may have to be cut: of the people of a slot,
    or of the slots of a day."""
    lengths = [0]
    for room in rooms:
        for day in room.days:
            lengths.append(len(day.slots))
            lengths += [sum(1 for _ in shown.slot.people) for shown in day.slots]
    return max(lengths)


def _offsets(zone: str, first: dt.date, last: dt.date) -> list[tuple[int, int]]:
    """The changes of the clocks of a zone from one date to another: no two of them are
    within a day."""
    there = ZoneInfo(zone)
    noons = [
        dt.datetime.combine(day, dt.time(12), dt.UTC) for day in _days(first, last)
    ]
    found = [(int(noons[0].timestamp()), _minutes_ahead(noons[0], there))]
    for before, after in pairwise(noons):
        if _minutes_ahead(before, there) != _minutes_ahead(after, there):
            changes = _change(before, after, there)
            found.append((int(changes.timestamp()), _minutes_ahead(changes, there)))
    return found


def _change(before: dt.datetime, after: dt.datetime, there: ZoneInfo) -> dt.datetime:
    """The first minute at which a zone is as far ahead as it is at `after`."""
    while after - before > _MINUTE:
        minutes = (after - before) // _MINUTE
        middle = before + minutes // 2 * _MINUTE
        if _minutes_ahead(middle, there) == _minutes_ahead(after, there):
            after = middle
        else:
            before = middle
    return after


def _minutes_ahead(at: dt.datetime, there: ZoneInfo) -> int:
    offset = at.astimezone(there).utcoffset() or dt.timedelta()
    return offset // _MINUTE


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + _DAY * count for count in range((last - first).days + 1)]
