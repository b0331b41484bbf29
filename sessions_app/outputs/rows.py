"""The rows in which the slots of a day print on the agenda: what is meant to take place
at the same time stands side by side where there is room.

Formats what the Programme decided: every slot stands in exactly one row, in printed
order, and a screen that is too narrow for columns shows the same list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sessions_app.programme import SlotEntry

# As many columns as are read beside the times; more slots wrap.
_COLUMNS = 4
# As many lines of a row as the style sheet has rules for.
_LINES = 12


class Place(NamedTuple):
    """Where a slot stands in a row of columns: its column, the line in which it begins
    and how many lines it takes. Each counts from 1."""

    column: int
    line: int
    lines: int = 1


@dataclass(frozen=True)
class Row:
    """A row of the agenda: one slot alone, or several that overlap in time.

    `columns` is how many stand side by side at most. `places` has one for each slot
    where every column is a room, and is empty where slots wrap as they come."""

    slots: tuple[SlotEntry, ...]
    columns: int = 1
    places: tuple[Place, ...] = ()

    @property
    def is_shared(self) -> bool:
        return len(self.slots) > 1

    @property
    def is_part(self) -> bool:
        """Whether the row takes place within another slot, above it."""
        return self.slots[0].part_of is not None

    @cached_property
    def is_at_one_time(self) -> bool:
        """Whether all begin and end together: their time needs to be seen once."""
        return len({(slot.starts_at, slot.ends_at) for slot in self.slots}) == 1

    @property
    def start(self) -> dt.time | None:
        """When the first begins, as the place's clocks tell."""
        return self.slots[0].start

    @property
    def end(self) -> dt.time | None:
        """When the last is over; None when that is not known of all."""
        ends = [(slot.ends_at, slot.end) for slot in self.slots if slot.ends_at]
        return max(ends)[1] if len(ends) == len(self.slots) else None

    @property
    def rooms(self) -> int:
        """In how many rooms the row takes place."""
        return len({slot.room.code for slot in self.slots if slot.room})

    @property
    def cells(self) -> list[tuple[SlotEntry, Place | None]]:
        """The slots, each with its place where it has one."""
        if not self.places:
            return [(slot, None) for slot in self.slots]
        return list(zip(self.slots, self.places, strict=True))


def rows_of(slots: Iterable[SlotEntry]) -> list[Row]:
    """The slots of a day in rows. Slots share a row when they follow each other, are
    meant as parallel or are parts of one slot, and overlap. Up to four rooms make
    columns, each with what takes place in it; of more rooms, those slots that begin
    together share a row."""
    rows = []
    for run in _overlapping(slots):
        tracks = _tracks(run)
        columns = max(tracks) + 1
        if columns == 1:
            rows += [Row((slot,)) for slot in run]
        elif columns <= _COLUMNS:
            rows.append(Row(tuple(run), columns, _places(run, tracks)))
        else:
            rows += _beginning_together(run)
    return rows


def _overlapping(slots: Iterable[SlotEntry]) -> list[list[SlotEntry]]:
    """Slots that belong beside each other; everything else alone."""
    runs: list[list[SlotEntry]] = []
    for slot in slots:
        if runs and _belongs(slot, runs[-1]):
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return runs


def _belongs(slot: SlotEntry, run: Sequence[SlotEntry]) -> bool:
    first, last = run[0], run[-1]
    if slot.starts_at is None or last.starts_at is None:
        return False
    if slot.starts_at < last.starts_at:
        return False
    is_inside = first.parallel and slot.part_of in {other.code for other in run}
    is_beside = slot.part_of == first.part_of and (
        slot.part_of is not None or (slot.parallel and first.parallel)
    )
    return (is_inside or is_beside) and any(_overlap(other, slot) for other in run)


def _overlap(earlier: SlotEntry, later: SlotEntry) -> bool:
    """Whether one slot still lasts when another begins, which is not before it."""
    if earlier.starts_at is None or later.starts_at is None:
        return False
    if earlier.ends_at is None:
        return earlier.starts_at == later.starts_at
    return later.starts_at < earlier.ends_at


def _tracks(run: Sequence[SlotEntry]) -> list[int]:
    """The column of each slot, from 0: under the slot of which it is a part, under what
    was before it in the same room, or a new one."""
    tracks: list[list[SlotEntry]] = []
    found = []
    for slot in run:
        track = next((n for n, t in enumerate(tracks) if _continues(slot, t)), None)
        if track is None:
            track = len(tracks)
            tracks.append([])
        tracks[track].append(slot)
        found.append(track)
    return found


def _continues(slot: SlotEntry, track: Sequence[SlotEntry]) -> bool:
    if any(other.code == slot.part_of for other in track):
        return True
    return slot.room == track[0].room and not any(
        _overlap(other, slot) for other in track
    )


def _places(run: Sequence[SlotEntry], tracks: Sequence[int]) -> tuple[Place, ...]:
    """The places of slots whose columns are decided: each time at which one begins is
    a line, and a slot reaches down to where it ends or the next in its column begins.
    Nothing when two of a column begin together, or lines are too many."""
    begins = sorted({slot.starts_at for slot in run if slot.starts_at})
    lines = [begins.index(slot.starts_at) for slot in run if slot.starts_at]
    taken = list(zip(tracks, lines, strict=True))
    if len(set(taken)) < len(taken) or len(begins) > _LINES:
        return ()
    places = []
    for slot, (track, line) in zip(run, taken, strict=True):
        below = [other for column, other in taken if column == track and other > line]
        lasting = [
            n for n, at in enumerate(begins) if slot.ends_at and at >= slot.ends_at
        ]
        last = min([*below, *lasting, len(begins)])
        places.append(Place(track + 1, line + 1, max(last - line, 1)))
    return tuple(places)


def _beginning_together(run: Sequence[SlotEntry]) -> list[Row]:
    groups: list[list[SlotEntry]] = []
    for slot in run:
        if groups and groups[-1][0].starts_at == slot.starts_at:
            groups[-1].append(slot)
        else:
            groups.append([slot])
    return [Row(tuple(group), _columns_for(len(group))) for group in groups]


def _columns_for(slots: int) -> int:
    """Three columns, or four where three would leave one slot alone in the end."""
    if slots <= _COLUMNS:
        return slots
    return 4 if slots % 3 == 1 and slots % 4 != 1 else 3
