"""The slots that a reader chose, on a page of their own: "My programme".

Which they are is in the address, so that a link shows them on any device."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from sessions_app.outputs.addresses import mine_address
from sessions_app.outputs.agenda import Copy, render_copy
from sessions_app.programme import DayEntry, SlotEntry

# As many as an address of 4 kB holds.
MOST_CODES = 500
_MOST_PAIRS = 1000
_CODE = re.compile(r"[-a-z0-9_]{1,12}")

_Span = tuple[dt.datetime, dt.datetime | None]


@dataclass(frozen=True)
class Clash:
    """Chosen slots at the same time, and the printed `day` of the one that begins last.
    `start` and `end` are the place's wall times between which all take place; `end` is
    absent when it is unknown of one of them."""

    day: DayEntry
    slots: tuple[SlotEntry, ...]
    start: dt.time
    end: dt.time | None


@dataclass(frozen=True)
class Chosen:
    """The slots of `copy` under `codes`, in printed order, by day. `missing` counts
    the codes under which there is none, `is_cut` says that there were more codes than
    are looked up."""

    copy: Copy
    codes: tuple[str, ...]
    missing: int
    is_cut: bool

    @cached_property
    def days(self) -> tuple[DayEntry, ...]:
        """The days that have chosen slots, with those alone."""
        chosen = frozenset(self.codes)
        days = (
            day.model_copy(
                update={"slots": tuple(s for s in day.slots if s.code in chosen)}
            )
            for day in self.copy.programme.days
        )
        return tuple(day for day in days if day.slots)

    @property
    def total(self) -> int:
        return len(self.codes)

    @property
    def path(self) -> str:
        """The address of the page under the agenda's."""
        return mine_address("", self.codes)

    @cached_property
    def clashes(self) -> tuple[Clash, ...]:
        """What takes place at the same time, without the parts of a chosen slot; of no
        more than a thousand pairs of slots."""
        shared: dict[_Span, dict[str, SlotEntry]] = {}
        days = {slot.code: day for day in self.days for slot in day.slots}
        for first, second in islice(self._pairs(), _MOST_PAIRS):
            both = {first.code: first, second.code: second}
            shared.setdefault(_span(first, second), {}).update(both)
        return tuple(
            Clash(
                days[max(slots.values(), key=_start).code],
                tuple(slots.values()),
                start.time(),
                end.time() if end else None,
            )
            for (start, end), slots in shared.items()
        )

    def _pairs(self) -> Iterator[tuple[SlotEntry, SlotEntry]]:
        taking_place = sorted(
            (
                slot
                for day in self.days
                for slot in day.slots
                if slot.starts_at is not None and not slot.is_struck
            ),
            key=_start,
        )
        for place, first in enumerate(taking_place):
            for second in taking_place[place + 1 :]:
                if first.ends_at is None or _start(second) >= first.ends_at:
                    break
                if not self._is_within(second, first):
                    yield first, second

    def _is_within(self, slot: SlotEntry, other: SlotEntry) -> bool:
        """Whether one of two slots is part of the other."""
        return bool({slot.code, other.code} & {*self._above(slot), *self._above(other)})

    def _above(self, slot: SlotEntry) -> set[str]:
        above: set[str] = set()
        while slot.part_of and slot.part_of not in above:
            above.add(slot.part_of)
            slot = self.copy.slots_by_code.get(slot.part_of, slot)
        return above


def codes_in(typed: str) -> tuple[list[str], bool]:
    """The codes in the words of an address, "a,b,c", each once, no more than
    MOST_CODES, and whether there were more. What cannot be a code stays one that leads
    to nothing."""
    codes = dict.fromkeys(code for code in typed.split(",") if code)
    return list(islice(codes, MOST_CODES)), len(codes) > MOST_CODES


def choose(copy: Copy, typed: str) -> Chosen:
    """The slots of a copy that the words of an address ask for."""
    asked, is_cut = codes_in(typed)
    wanted = frozenset(code for code in asked if _CODE.fullmatch(code))
    found = tuple(s.code for s in copy.programme.slots if s.code in wanted)
    return Chosen(copy, found, len(asked) - len(found), is_cut)


def render_mine(copy: Copy) -> bytes:
    """The page without chosen slots: what it is for."""
    return render_copy("agenda/mine.html", copy, mine_address(""), chosen=None)


def render_chosen(copy: Copy, typed: str) -> bytes:
    """The page with the slots that the words of an address ask for."""
    chosen = choose(copy, typed)
    return render_copy("agenda/mine.html", copy, chosen.path, chosen=chosen)


def _start(slot: SlotEntry) -> dt.datetime:
    """When a slot with a time begins."""
    if slot.starts_at is None:
        raise ValueError(slot.code)
    return slot.starts_at


def _span(first: SlotEntry, second: SlotEntry) -> _Span:
    """From when to when both take place; without an end where one has none."""
    start = max(first, second, key=_start)
    if first.ends_at is None or second.ends_at is None:
        return _start(start), None
    return _start(start), min(first.ends_at, second.ends_at)
