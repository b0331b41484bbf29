"""Times of slots moved and exchanged in memory.

Nothing here asks the database: the caller hands in the slots, checks those that it
gets back (the clocks may leave a time out) and saves them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext

from sessions_app.models import Slot, said

# Half a day, in minutes.
MOST_MINUTES = 720

# Wall times are counted from a midnight without a zone.
_MIDNIGHT = dt.datetime.combine(dt.date(2000, 1, 1), dt.time.min)
_DAY = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)

_TIMES = ("start", "end", "ends_next_day")
_ROOM = "room_id"
_ORDER = ("day_id", "position")


def move_on(
    slots: Iterable[Slot],
    first: Slot,
    minutes: int,
    *,
    room_id: int | None = None,
    default_room_id: int | None = None,
) -> list[Slot]:
    """Moves the start and end of `first`, and of every one of `slots` on its day that
    starts with it or later, by so many minutes (below 0: earlier), and gives those
    moved. A slot without a start stays. With `room_id` only slots in that room move;
    `default_room_id` is the room of those that have none of their own.

    Raises ValidationError, and moves nothing, when `minutes` is 0 or more than half a
    day, `first` has no start, or a slot would start on another day."""
    if not 1 <= abs(minutes) <= MOST_MINUTES:
        raise ValidationError(
            gettext(
                "Type by how many minutes to move: from 1 to %(most)d, or with a minus "
                "sign to move earlier."
            )
            % {"most": MOST_MINUTES}
        )
    start_of_first = first.start
    if start_of_first is None:
        raise ValidationError(
            gettext("“%(slot)s” has no start. Choose a slot that has one.")
            % {"slot": _titled(first)}
        )
    moved = [
        slot
        for slot in slots
        if slot.day_id == first.day_id
        and slot.start is not None
        and slot.start >= start_of_first
        and (room_id is None or (slot.room_id or default_room_id) == room_id)
    ]
    _refuse_another_day(moved, minutes)
    by = minutes * _MINUTE
    for slot in moved:
        start, end = _span(slot)
        _set_span(slot, start + by, None if end is None else end + by)
    return moved


def swap(one: Slot, other: Slot, *, between: bool) -> list[Slot]:
    """Lets two slots change places, and gives those changed. `between` says whether
    another slot starts between them.

    Two that follow each other on one day, with nothing between, keep their lengths, the
    gap between them, and the time at which the first starts and the last ends. Any
    other two take each other's day, start and end. Rooms are exchanged, and `position`.
    Where one has no start, neither changes its time or room: only `position` is
    exchanged, and the day.

    Raises ValidationError, and changes nothing, when the one that comes second now
    would start after midnight."""
    stood = {slot: _standing(slot) for slot in (one, other)}
    if one.start is not None and other.start is not None:
        earlier, later = sorted((one, other), key=lambda slot: _span(slot)[0])
        if between or not _turn_round(earlier, later):
            _exchange(one, other, *_TIMES)
        _exchange(one, other, _ROOM)
    _exchange(one, other, *_ORDER)
    return [slot for slot, before in stood.items() if _standing(slot) != before]


def _titled(slot: Slot) -> str:
    """The title of a slot in the main language of its session."""
    return said(slot.title, slot.day.session.primary_language)


# --- Times ----------------------------------------------------------------------


def _at(wall: dt.time) -> dt.datetime:
    return dt.datetime.combine(_MIDNIGHT, wall)


def _span(slot: Slot) -> tuple[dt.datetime, dt.datetime | None]:
    """Start and end of a slot that has a start."""
    start = _at(slot.start or dt.time.min)
    if slot.end is None:
        return start, None
    return start, _at(slot.end) + slot.ends_next_day * _DAY


def _set_span(slot: Slot, start: dt.datetime, end: dt.datetime | None) -> None:
    slot.start = start.time()
    slot.end = None if end is None else end.time()
    slot.ends_next_day = end is not None and end >= _MIDNIGHT + _DAY


class _Limit(NamedTuple):
    """By how many minutes a time may move, and what is said of one that moves by
    more."""

    most: int
    slot: Slot
    at: dt.datetime
    sentence: Callable[[int], str]


def _refuse_another_day(slots: Iterable[Slot], minutes: int) -> None:
    """Raises ValidationError when one of `slots`, moved by `minutes`, would not start
    on its day any more, or end later than on the next."""
    ways = _limits_earlier if minutes < 0 else _limits_later
    limits = [limit for slot in slots for limit in ways(slot)]
    tightest = min(limits, key=lambda limit: limit.most, default=None)
    if tightest and abs(minutes) > tightest.most:
        raise ValidationError(
            tightest.sentence(tightest.most)
            % {
                "slot": _titled(tightest.slot),
                "time": f"{tightest.at + minutes * _MINUTE:%H.%M}",
                "most": tightest.most,
            }
        )


def _limits_earlier(slot: Slot) -> Iterator[_Limit]:
    start, _end = _span(slot)
    yield _Limit((start - _MIDNIGHT) // _MINUTE, slot, start, _starts_the_day_before)


def _limits_later(slot: Slot) -> Iterator[_Limit]:
    start, end = _span(slot)
    yield _Limit(_minutes_before(_MIDNIGHT + _DAY, start), slot, start, _starts_next)
    if end is not None:
        most = _minutes_before(_MIDNIGHT + 2 * _DAY, end)
        yield _Limit(most, slot, end, _ends_two_days_later)


def _minutes_before(limit: dt.datetime, at: dt.datetime) -> int:
    """By how many whole minutes `at` may move and still come before `limit`."""
    return -((at - limit) // _MINUTE) - 1


def _starts_the_day_before(most: int) -> str:
    return ngettext(
        "“%(slot)s” would start at %(time)s on the day before: move earlier by at most "
        "%(most)d minute.",
        "“%(slot)s” would start at %(time)s on the day before: move earlier by at most "
        "%(most)d minutes.",
        most,
    )


def _starts_next(most: int) -> str:
    return ngettext(
        "“%(slot)s” would start at %(time)s on the next day: move by at most "
        "%(most)d minute.",
        "“%(slot)s” would start at %(time)s on the next day: move by at most "
        "%(most)d minutes.",
        most,
    )


def _ends_two_days_later(most: int) -> str:
    return ngettext(
        "“%(slot)s” would end at %(time)s two days later: move by at most "
        "%(most)d minute.",
        "“%(slot)s” would end at %(time)s two days later: move by at most "
        "%(most)d minutes.",
        most,
    )


# --- Places ---------------------------------------------------------------------


def _standing(slot: Slot) -> tuple[object, ...]:
    return tuple(getattr(slot, name) for name in (*_TIMES, _ROOM, *_ORDER))


def _exchange(one: Slot, other: Slot, *names: str) -> None:
    for name in names:
        mine, theirs = getattr(one, name), getattr(other, name)
        setattr(one, name, theirs)
        setattr(other, name, mine)


def _turn_round(earlier: Slot, later: Slot) -> bool:
    """Puts `later` first; both lengths, the gap, the outer start and end stay. False,
    and nothing is changed, where one does not follow the other on the same day."""
    (first, pause), (resumed, last) = _span(earlier), _span(later)
    if earlier.day_id != later.day_id or pause is None or last is None:
        return False
    if pause > resumed:
        return False
    end_of_later = first + (last - resumed)
    start_of_earlier = end_of_later + (resumed - pause)
    if start_of_earlier >= _MIDNIGHT + _DAY:
        raise ValidationError(
            gettext(
                "“%(slot)s” would start at %(time)s on the next day. Move both earlier "
                "first, or type their times."
            )
            % {"slot": _titled(earlier), "time": f"{start_of_earlier:%H.%M}"}
        )
    _set_span(later, first, end_of_later)
    _set_span(earlier, start_of_earlier, last)
    return True
