"""What delegates need beside the programme, gathered from it: the documents, the
interpretation, the webcasts and the rooms of all slots.

Formats what the Programme decided: nothing is told here that no slot tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sessions_app.programme import (
    DayEntry,
    DocumentEntry,
    Programme,
    RoomEntry,
    SectionEntry,
    SlotEntry,
    Text,
)


class Meeting(NamedTuple):
    """A slot on its day."""

    day: DayEntry
    slot: SlotEntry


class Papers(NamedTuple):
    """The documents of one slot."""

    meeting: Meeting
    documents: tuple[DocumentEntry, ...]


class Interpreted(NamedTuple):
    """Meetings with interpretation between the same languages. `is_all` when no other
    meeting of the session takes place but these."""

    languages: tuple[str, ...]
    meetings: tuple[Meeting, ...]
    is_all: bool


class Webcast(NamedTuple):
    """The meetings that are seen at one address."""

    address: str
    meetings: tuple[Meeting, ...]


class Building(NamedTuple):
    """A venue and those of its rooms in which something takes place."""

    venue: Text
    rooms: tuple[RoomEntry, ...]


@dataclass(frozen=True)
class Needs:
    """What a programme says of what one needs, in printed order."""

    programme: Programme

    @property
    def sections(self) -> list[tuple[int, SectionEntry]]:
        """The sections under the numbers by which the page finds them."""
        return list(enumerate(self.programme.sections, start=1))

    @cached_property
    def meetings(self) -> tuple[Meeting, ...]:
        return tuple(
            Meeting(day, slot) for day in self.programme.days for slot in day.slots
        )

    @cached_property
    def papers(self) -> tuple[Papers, ...]:
        return tuple(
            Papers(meeting, meeting.slot.documents)
            for meeting in self.meetings
            if meeting.slot.documents
        )

    @cached_property
    def interpreted(self) -> tuple[Interpreted, ...]:
        """Of a meeting that names no language, nothing is told."""
        found: dict[tuple[str, ...], list[Meeting]] = {}
        for meeting in self._held:
            if meeting.slot.interpretation:
                found.setdefault(meeting.slot.interpretation, []).append(meeting)
        return tuple(
            Interpreted(languages, tuple(meetings), len(meetings) == len(self._held))
            for languages, meetings in found.items()
        )

    @cached_property
    def webcasts(self) -> tuple[Webcast, ...]:
        found: dict[str, list[Meeting]] = {}
        for meeting in self._held:
            if meeting.slot.webcast:
                found.setdefault(meeting.slot.webcast, []).append(meeting)
        return tuple(
            Webcast(address, tuple(meetings)) for address, meetings in found.items()
        )

    @cached_property
    def buildings(self) -> tuple[Building, ...]:
        """The session's own room first."""
        found: list[Building] = []
        for room in _once([self.programme.room, *(m.slot.room for m in self._held)]):
            known = next((b for b in found if b.venue == room.venue), None)
            if known is None:
                found.append(Building(room.venue, (room,)))
            else:
                found[found.index(known)] = Building(known.venue, (*known.rooms, room))
        return tuple(found)

    @property
    def has_any(self) -> bool:
        programme = self.programme
        return bool(
            programme.sections
            or programme.conference.contact
            or self.papers
            or self.interpreted
            or self.webcasts
            or self.buildings
        )

    @cached_property
    def _held(self) -> tuple[Meeting, ...]:
        """The meetings that take place, without the pauses between them."""
        return tuple(
            meeting
            for meeting in self.meetings
            if not (meeting.slot.is_pause or meeting.slot.is_struck)
        )


def _once(rooms: Iterable[RoomEntry | None]) -> list[RoomEntry]:
    return list({room.code: room for room in rooms if room}.values())
