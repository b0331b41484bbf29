"""Calendars: the slots or days of an edition as iCalendar (RFC 5545, RFC 7986), for
everybody to read (METHOD:PUBLISH, RFC 5546 3.2), in one language.

An entry keeps its UID over editions and languages; SEQUENCE is the edition's number, so
that a later edition moves and rewords what is in a calendar already. What is cancelled,
and what an edition no longer has, arrives as STATUS:CANCELLED: an entry that is left out
would stay where it was read from a file. What is postponed is TENTATIVE; both have the
word in SUMMARY too, for many calendars show no status.

A slot with words in place of a time is an entry of its whole day, the words in SUMMARY
(RFC 5545 3.6.1: DTSTART as a date). A slot without an end has DTSTART alone, an end that
is nowhere printed is not made up. Neither CREATED nor ORGANIZER is invented: nobody
answers an entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vText,
)

from sessions_app import dates
from sessions_app.outputs.agenda import Copy, NoSuchPart, NowUnder
from sessions_app.outputs.editions import edition_name
from sessions_app.programme import (
    DayEntry,
    DocumentEntry,
    Imprint,
    LineEntry,
    PersonEntry,
    Programme,
    RoomEntry,
    SlotEntry,
    Text,
    colon_of,
    comma_of,
    enumeration_of,
    in_brackets,
)
from sessions_app.translated import language_name

MEDIA_TYPE = "text/calendar; charset=utf-8"

_PRODUCT = "-//Rostrum//Programme of a session//EN"
# How often a calendar that follows the session asks for a newer edition.
_REFRESH = dt.timedelta(minutes=15)
_WEB = ("https://", "http://")
_DAY = dt.timedelta(days=1)
_YEAR = dt.timedelta(days=366)
_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True)
class Placed:
    """A slot on its day, in the programme of the edition that prints it. `is_gone` when
    the edition of the calendar is a later one, and has it no more."""

    programme: Programme = field(repr=False)
    day: DayEntry
    slot: SlotEntry
    is_gone: bool = False


@dataclass(frozen=True)
class Past:
    """What the editions before one had and it has not: `slots` and `days` (with their
    slots), each as the last edition that had it printed it. `codes_on` tells for each
    date the codes of all slots that were on it."""

    slots: tuple[Placed, ...] = ()
    days: tuple[tuple[Programme, DayEntry], ...] = ()
    codes_on: Mapping[dt.date, frozenset[str]] = field(default_factory=dict)


def past_of(programme: Programme, earlier: Iterable[Programme]) -> Past:
    """What the programmes of `earlier` editions, the newest first, had and `programme`
    has not."""
    codes = {slot.code for slot in programme.slots}
    on = {day.date for day in programme.days}
    slots: list[Placed] = []
    days: list[tuple[Programme, DayEntry]] = []
    codes_on: dict[dt.date, set[str]] = {}
    for former in earlier:
        # Nothing but what tells where it was: the rest need not stay in memory.
        bare = former.model_copy(update={"days": (), "sections": (), "footnotes": ()})
        for day in former.days:
            here = codes_on.setdefault(day.date, set())
            here.update(slot.code for slot in day.slots)
            new = [slot for slot in day.slots if slot.code not in codes]
            slots += (Placed(bare, day, slot, is_gone=True) for slot in new)
            codes.update(slot.code for slot in new)
            if day.date not in on:
                days.append((bare, day))
                on.add(day.date)
    return Past(
        tuple(slots),
        tuple(days),
        {date: frozenset(here) for date, here in codes_on.items()},
    )


def names_of(programme: Programme, past: Past) -> Iterator[tuple[str, ...]]:
    """Every calendar of an edition, by the parts of its address under the agenda's
    (`addresses.calendar_address`), but for those of slots that a reader chose."""
    yield from (("agenda",), ("days",))
    yield from (("days", str(day.number)) for day in programme.days)
    slots = [*programme.slots, *(placed.slot for placed in past.slots)]
    yield from (("slots", slot.code) for slot in slots)
    people = (who.person for slot in slots for who in slot.people if who.person)
    yield from (("people", code) for code in dict.fromkeys(people))


# --- The calendars ----------------------------------------------------------


def render_agenda(copy: Copy, past: Past) -> bytes:
    """One entry for each slot of the session."""
    writer = _Writer(copy)
    return writer.calendar([*_slots_of(copy.programme), *past.slots])


def render_days(copy: Copy, past: Past) -> bytes:
    """One entry for each day, from the first of its slots to the last, which stand in
    the description."""
    return _Writer(copy).calendar_of_days(past)


def render_day(copy: Copy, past: Past, number: int) -> bytes:
    """One entry for each slot of a day. What an earlier edition had on it comes too,
    where it is now: nobody is left with it at its old place. Raises NoSuchPart."""
    day = next((day for day in copy.programme.days if day.number == number), None)
    if day is None:
        raise NoSuchPart(str(number))
    before = past.codes_on.get(day.date, frozenset())
    chosen = [
        placed
        for placed in (*_slots_of(copy.programme), *past.slots)
        if placed.day.date == day.date or placed.slot.code in before
    ]
    name = dates.day_heading(day.date, copy.language)
    return _Writer(copy).calendar(chosen, name, f"#day-{number}")


def render_slot(copy: Copy, past: Past, code: str) -> bytes:
    """The entry of one slot; of one that the edition no longer has, too. Raises
    NoSuchPart."""
    chosen = _chosen(copy, past, lambda slot: slot.code == code)
    (placed,) = chosen
    writer = _Writer(copy)
    return writer.calendar(
        chosen, writer.title(placed), writer.path(placed, f"slots/{code}/")
    )


def render_person(copy: Copy, past: Past, code: str) -> bytes:
    """One entry for each slot in which a person is named. Raises NoSuchPart, and
    NowUnder for the code of a record that was merged into the person's."""
    for who in copy.programme.people:
        if who.person and code in who.former_codes:
            raise NowUnder(who.person)
    chosen = _chosen(
        copy, past, lambda slot: any(who.person == code for who in slot.people)
    )
    named = next(who for who in chosen[0].slot.people if who.person == code)
    writer = _Writer(copy)
    name = writer.said(chosen[0].programme, named.printed)
    return writer.calendar(chosen, name, writer.path(chosen[0], f"people/{code}/"))


def render_chosen(copy: Copy, past: Past, codes: Iterable[str]) -> bytes:
    """The entries of the slots under `codes`, in printed order; a code under which no
    edition has a slot is passed over. Raises NoSuchPart when all are such."""
    wanted = frozenset(codes)
    chosen = _chosen(copy, past, lambda slot: slot.code in wanted)
    with translation.override(copy.language):
        name = _("My programme")
    return _Writer(copy).calendar(chosen, name, "mine/")


def _slots_of(programme: Programme) -> Iterator[Placed]:
    for day in programme.days:
        for slot in day.slots:
            yield Placed(programme, day, slot)


def _chosen(
    copy: Copy, past: Past, is_wanted: Callable[[SlotEntry], bool]
) -> list[Placed]:
    every = (*_slots_of(copy.programme), *past.slots)
    chosen = [placed for placed in every if is_wanted(placed.slot)]
    if not chosen:
        raise NoSuchPart
    return chosen


# --- Entries ----------------------------------------------------------------


class _Writer:
    """Writes the entries of one copy. Raises ValueError for a draft: what was not issued
    is in no calendar."""

    def __init__(self, copy: Copy) -> None:
        if copy.imprint is None:
            raise ValueError("A draft has no calendar.")
        self.copy = copy
        self.imprint: Imprint = copy.imprint
        self.programme = copy.programme
        self.language = copy.language

    def calendar(
        self, chosen: Sequence[Placed], name: str = "", path: str = ""
    ) -> bytes:
        """The calendar of these slots. `name` is what it is of, where that is not the
        whole session, `path` its page under the agenda's address."""
        with translation.override(self.language):
            events = [self.slot(placed) for placed in chosen]
            return self.whole(events, name, path)

    def calendar_of_days(self, past: Past) -> bytes:
        with translation.override(self.language):
            events = [self.day(self.programme, day) for day in self.programme.days]
            events += [self.day(*gone, is_gone=True) for gone in past.days]
            return self.whole(events)

    def whole(self, events: Sequence[Event], name: str = "", path: str = "") -> bytes:
        session = self.said(self.programme, self.programme.title)
        title = f"{name} – {session}" if name else session
        calendar = Calendar()
        calendar.add("PRODID", _PRODUCT)
        calendar.add("VERSION", "2.0")
        calendar.add("METHOD", "PUBLISH")
        calendar.add("NAME", title)
        # What is not of the standard is not escaped by itself.
        calendar.add("X-WR-CALNAME", vText(title))
        calendar.add("X-WR-TIMEZONE", vText(self.programme.zone))
        calendar.add("URL", f"{settings.PUBLIC_URL}{self.copy.address}{path}")
        calendar.add("LAST-MODIFIED", self.imprint.issued_at)
        if self.copy.number is None:
            # That of a certain edition stays as it is.
            calendar.add("REFRESH-INTERVAL", _REFRESH, {"VALUE": "DURATION"})
            calendar.add("X-PUBLISHED-TTL", "PT15M")
        for zone in _zones(events, self.programme):
            calendar.add_component(zone)
        for event in events:
            calendar.add_component(event)
        written: bytes = calendar.to_ical()
        return written

    def slot(self, placed: Placed) -> Event:
        slot = placed.slot
        event = self.event(slot.code, self.path(placed, f"slots/{slot.code}/"))
        _set_time(event, placed.programme, placed.day, slot.starts_at, slot.ends_at)
        event.add("SUMMARY", self.summary(placed))
        event.add("DESCRIPTION", self.description(placed))
        self.set_location(event, placed.programme, slot.room)
        self.set_status(event, self.status(placed))
        if slot.part_of in self.copy.slots_by_code:
            event.add("RELATED-TO", self.uid(slot.part_of))
        return event

    def day(
        self, programme: Programme, day: DayEntry, *, is_gone: bool = False
    ) -> Event:
        path = "" if is_gone else f"#day-{day.number}"
        event = self.event(f"day-{day.date.isoformat()}", path)
        status = self.status_of_day(day, is_gone=is_gone)
        _set_time(event, programme, day, *_span(day))
        event.add("SUMMARY", self.summary_of_day(programme, day, status))
        event.add("DESCRIPTION", self.description_of_day(day, is_gone=is_gone))
        self.set_location(event, programme, programme.room)
        self.set_status(event, status)
        return event

    def event(self, name: str, path: str) -> Event:
        event = Event()
        event.add("UID", self.uid(name))
        event.add("SEQUENCE", self.imprint.number)
        event.add("DTSTAMP", self.imprint.issued_at)
        event.add("LAST-MODIFIED", self.imprint.issued_at)
        event.add("URL", f"{settings.PUBLIC_URL}{self.copy.address}{path}")
        return event

    def uid(self, name: str) -> str:
        """The name of an entry over all editions and languages (RFC 7986 5.3 would have
        it random; it must be found again, so it is that of the slot or day, in its
        session, at this host)."""
        conference = self.programme.conference.slug
        host = urlsplit(settings.PUBLIC_URL).hostname
        return f"{name}.{self.programme.slug}.{conference}@{host}"

    def path(self, placed: Placed, page: str) -> str:
        """The page of a slot under the agenda's address; of one that is gone, the
        agenda."""
        return "" if placed.is_gone else page

    # --- Where and whether ---

    def set_location(
        self, event: Event, programme: Programme, room: RoomEntry | None
    ) -> None:
        texts = [room.name, room.venue] if room else []
        words = [self.said(programme, text) for text in (*texts, programme.city)]
        event.add("LOCATION", comma_of(self.language).join(filter(None, words)))

    def status(self, placed: Placed) -> str:
        is_off = placed.is_gone or self.programme.status == "cancelled"
        if is_off or placed.slot.status == "cancelled":
            return "CANCELLED"
        return "TENTATIVE" if placed.slot.status == "postponed" else "CONFIRMED"

    def status_of_day(self, day: DayEntry, *, is_gone: bool) -> str:
        """A day is cancelled with the last of its slots, and tentative when nothing of
        it is sure."""
        if is_gone or self.programme.status == "cancelled":
            return "CANCELLED"
        found = {slot.status for slot in day.slots} or {"scheduled"}
        if "scheduled" in found:
            return "CONFIRMED"
        return "TENTATIVE" if "postponed" in found else "CANCELLED"

    def set_status(self, event: Event, status: str) -> None:
        event.add("STATUS", status)
        is_whole_day = not isinstance(event.decoded("DTSTART"), dt.datetime)
        if is_whole_day or status == "CANCELLED":
            # Nobody is taken to be busy then.
            event.add("TRANSP", "TRANSPARENT")

    # --- Words ---

    def said(self, programme: Programme, text: Text) -> str:
        return programme.said(text, self.language).text

    def headed(self, heading: str, words: str) -> str:
        return f"{heading}{colon_of(self.language)}{words}" if heading else words

    def title(self, placed: Placed) -> str:
        """The label and title of a slot: "Panel 1: Minutes that matter"."""
        label, title = (
            self.said(placed.programme, text)
            for text in (placed.slot.label, placed.slot.title)
        )
        return self.headed(label, title)

    def summary(self, placed: Placed) -> str:
        title = self.headed(_word_of(self.status(placed)), self.title(placed))
        if placed.slot.start is None:
            when = self.said(placed.programme, placed.slot.when)
            return title + (in_brackets(when, self.language) if when else "")
        return title

    def summary_of_day(self, programme: Programme, day: DayEntry, status: str) -> str:
        title = self.headed(_word_of(status), self.said(programme, programme.title))
        count = len(self.programme.days)
        if count < 2 or programme is not self.programme:
            return title
        return title + in_brackets(f"{day.number}/{count}", self.language)

    def description(self, placed: Placed) -> str:
        if placed.is_gone:
            return _blocks([_("This is no longer on the programme.")], self.origin)
        slot = placed.slot
        lines = [words for line in slot.lines for words in self.line(line)]
        return _blocks(self.particulars(slot), lines, self.needs(slot), self.origin)

    def description_of_day(self, day: DayEntry, *, is_gone: bool) -> str:
        if is_gone:
            return _blocks([_("This is no longer on the programme.")], self.origin)
        slots = [self.row(Placed(self.programme, day, slot)) for slot in day.slots]
        if not slots:
            slots = [_("Nothing is on the programme of this day yet.")]
        return _blocks(self.particulars(), slots, self.origin)

    def row(self, placed: Placed) -> str:
        """A slot in the list of its day: "10.00–13.00: Panel 1: Minutes that matter"."""
        slot = placed.slot
        time = self.time(slot) or self.said(self.programme, slot.when)
        title = self.headed(_word_of(self.status(placed)), self.title(placed))
        where = slot.room.name or slot.room.venue if slot.room else {}
        if slot.has_own_room and where:
            title += in_brackets(self.said(self.programme, where), self.language)
        return self.headed(time, title)

    def time(self, slot: SlotEntry) -> str:
        style = self.programme.time_style
        return dates.time_range(slot.start, slot.end, self.language, style)

    def particulars(self, slot: SlotEntry | None = None) -> Iterator[str]:
        if self.programme.status == "cancelled":
            yield _("This session is cancelled.")
        parent = self.copy.slots_by_code.get(slot.part_of or "") if slot else None
        if parent:
            title = self.said(self.programme, parent.title)
            yield _("Part of: %(title)s") % {"title": title}
        if slot and slot.aside:
            yield self.said(self.programme, slot.aside)

    def line(self, line: LineEntry) -> Iterator[str]:
        primary = self.programme.primary_language
        if line.layout != "bullets":
            yield line.plainly(self.language, primary)
            return
        if line.text:
            yield self.said(self.programme, line.text)
        elif line.heading:
            yield self.headed(self.said(self.programme, line.heading), "").rstrip()
        yield from (self.person(person) for person in line.people)

    def person(self, person: PersonEntry) -> str:
        return f"– {person.plainly(self.language, self.programme.primary_language)}"

    def needs(self, slot: SlotEntry) -> Iterator[str]:
        if slot.agenda_item:
            yield self.headed(_("Agenda item"), slot.agenda_item)
        if slot.interpretation:
            names = (language_name(code) for code in slot.interpretation)
            among = enumeration_of(self.language)
            yield self.headed(_("Interpretation"), among.join(names))
        if slot.webcast.startswith(_WEB):
            yield self.headed(_("Webcast"), slot.webcast)
        if slot.documents:
            yield self.headed(_("Documents"), "").rstrip()
            yield from (self.document(document) for document in slot.documents)

    def document(self, document: DocumentEntry) -> str:
        address = document.address if document.address.startswith(_WEB) else ""
        title = self.said(self.programme, document.title)
        return " ".join(filter(None, ("–", document.symbol, title, address)))

    @cached_property
    def origin(self) -> tuple[str, ...]:
        """Of which edition the entry is, where the one in force is, and what the
        conference says of all its papers."""
        notice = self.said(self.programme, self.programme.conference.notice)
        return (self.edition, notice) if notice else (self.edition,)

    @property
    def edition(self) -> str:
        city = self.said(self.programme, self.programme.city)
        as_at = dates.moment_there(
            self.imprint.as_at,
            self.programme.zone,
            city,
            self.language,
            self.programme.time_style,
        )
        return _(
            "%(edition)s, as at %(as_at)s. Check the current one at %(address)s"
        ) % {
            "edition": edition_name(self.imprint),
            "as_at": as_at,
            "address": f"{settings.PUBLIC_URL}{self.copy.current_address}",
        }


def _word_of(status: str) -> str:
    if status == "CANCELLED":
        return pgettext("slot", "Cancelled")
    return pgettext("slot", "Postponed") if status == "TENTATIVE" else ""


def _blocks(*blocks: Iterable[str]) -> str:
    """Lines in blocks with an empty line between them; a block without lines is none."""
    return "\n\n".join(filter(None, ("\n".join(block) for block in blocks)))


# --- Times ------------------------------------------------------------------


def _set_time(
    event: Event,
    programme: Programme,
    day: DayEntry,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
) -> None:
    """DTSTART, and DTEND when there is a later end, as wall times of the place with its
    TZID; the date of the day alone without a start. Of a wall time that comes twice,
    RFC 5545 3.3.5 means the first, as a Programme does."""
    if starts_at is None:
        event.add("DTSTART", day.date)
        return
    zone = ZoneInfo(programme.zone)
    event.add("DTSTART", starts_at.astimezone(zone))
    if ends_at and ends_at > starts_at:
        event.add("DTEND", ends_at.astimezone(zone))


def _span(day: DayEntry) -> tuple[dt.datetime | None, dt.datetime | None]:
    """From the first to the last instant of a day's slots: of those that are to take
    place, or of all when none is."""
    slots = [slot for slot in day.slots if not slot.is_struck] or day.slots
    starts = [slot.starts_at for slot in slots if slot.starts_at]
    ends = [slot.ends_at for slot in slots if slot.starts_at and slot.ends_at]
    if not starts:
        return None, None
    return min(starts), max((*starts, *ends))


def _zones(events: Iterable[Event], programme: Programme) -> Iterator[Timezone]:
    """What each zone of the entries goes by in their years; that of the session always,
    for a calendar without any component is none (RFC 5545 3.6)."""
    years = {programme.zone: {programme.starts_on.year, programme.ends_on.year}}
    for event in events:
        for name in ("DTSTART", "DTEND"):
            at = event.decoded(name, None)
            if isinstance(at, dt.datetime):
                years.setdefault(str(at.tzinfo), set()).add(at.year)
    for zone, of_zone in sorted(years.items()):
        yield _timezone(zone, min(of_zone), max(of_zone))


@lru_cache(maxsize=64)
def _timezone(zone: str, first: int, last: int) -> Timezone:
    """The rules of a zone from the beginning of one year to the end of another. Each
    begins at the wall time that the clocks show before they change (RFC 5545 3.6.5);
    icalendar 7.3 writes the time after it, where clocks go forward."""
    here = ZoneInfo(zone)
    begin, end = (
        dt.datetime(year, 1, 1, tzinfo=here).astimezone(dt.UTC)
        for year in (first, last + 1)
    )
    changes = list(_changes(here, begin - _YEAR, end))
    # What holds at the beginning began before it, if it ever did.
    onset = max((change for change in changes if change <= begin), default=begin)
    component = Timezone()
    component.add("TZID", zone)
    for change in (onset, *(change for change in changes if change > begin)):
        component.add_component(_rule(change, here))
    return component


def _rule(onset: dt.datetime, here: ZoneInfo) -> TimezoneStandard | TimezoneDaylight:
    """What the clocks do from an instant on, and what they did until then."""
    now, then = onset.astimezone(here), (onset - _SECOND).astimezone(here)
    rule = TimezoneDaylight() if now.dst() else TimezoneStandard()
    offset = then.utcoffset() or dt.timedelta()
    rule.add("DTSTART", (onset + offset).replace(tzinfo=None))
    rule.add("TZOFFSETFROM", offset)
    rule.add("TZOFFSETTO", now.utcoffset())
    rule.add("TZNAME", now.tzname())
    return rule


def _changes(
    here: ZoneInfo, begin: dt.datetime, end: dt.datetime
) -> Iterator[dt.datetime]:
    """The instants at which the clocks of a zone change, to the second."""
    while begin < end:
        low, high = begin, begin + _DAY
        if _offset(low, here) != _offset(high, here):
            while high - low > _SECOND:
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                if _offset(middle, here) == _offset(begin, here):
                    low = middle
                else:
                    high = middle
            yield high
        begin += _DAY


def _offset(at: dt.datetime, here: ZoneInfo) -> dt.timedelta | None:
    return at.astimezone(here).utcoffset()
