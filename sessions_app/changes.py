"""What changed between two programmes: everything that prints, each change once.

Slots and people are matched by their codes, days by their dates, footnotes by their
keys; so a slot that moves is the same slot, and its title is no change. Texts are
compared as they print in the languages that both programmes have."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, TypeVar

from sessions_app.programme import (
    DayEntry,
    DocumentEntry,
    LineEntry,
    Notes,
    PersonEntry,
    Programme,
    RoomEntry,
    SectionEntry,
    SlotEntry,
    Text,
    pick,
)


class Nature(StrEnum):
    """Whether a change is one of form, or one that somebody must know of."""

    EDITORIAL = "editorial"
    SUBSTANTIVE = "substantive"


class Kind(StrEnum):
    """What a change is about, with the values that `before` and `after` hold."""

    # The session as a whole: language maps, but where something else is said.
    TITLE = "title"  # of the session or of a slot
    NOTE_TITLE = "note_title"
    THEME = "theme"
    SYMBOL = "symbol"  # str
    CITY = "city"
    ZONE = "zone"  # str
    ROOM = "room"  # RoomEntry or None; of the session or of a slot
    DATES = "dates"  # (first date, last date)
    LANGUAGES = "languages"  # tuples of codes
    TIME_STYLE = "time_style"  # str
    STATUS = "status"  # str; of the session or of a slot
    CONFERENCE = "conference"
    OFFICE = "office"
    CONTACT = "contact"
    NOTICE = "notice"
    LOGO = "logo"  # Logo or None
    FOOTNOTE = "footnote"
    CALLS = "calls"  # keys of the footnotes called at the end of a text
    # Sections: SectionEntry, but the language maps of heading and text.
    SECTION_ADDED = "section_added"
    SECTION_REMOVED = "section_removed"
    SECTION_PLACE = "section_place"
    SECTION_HEADING = "section_heading"
    SECTION_TEXT = "section_text"
    SECTIONS_ORDER = "sections_order"  # tuples of SectionEntry
    # Days: DayEntry.
    DAY_ADDED = "day_added"
    DAY_REMOVED = "day_removed"
    DAY_MOVED = "day_moved"
    ORDER = "order"  # of the slots of a day: tuples of SlotEntry
    # Slots: SlotEntry.
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    TIME = "time"
    # What a slot says: language maps, but where something else is said.
    LABEL = "label"
    TEXT = "text"
    QUESTIONS = "questions"
    ASIDE = "aside"
    PARALLEL = "parallel"  # bool
    PART_OF = "part_of"  # code or None
    AGENDA_ITEM = "agenda_item"  # str
    INTERPRETATION = "interpretation"  # tuples of codes
    WEBCAST = "webcast"  # str
    # Documents: DocumentEntry.
    DOCUMENT_ADDED = "document_added"
    DOCUMENT_REMOVED = "document_removed"
    DOCUMENT = "document"
    DOCUMENTS_ORDER = "documents_order"  # tuples of DocumentEntry
    # Lines: LineEntry.
    LINE_ADDED = "line_added"
    LINE_REMOVED = "line_removed"
    WORDING = "wording"
    HEADING = "heading"  # language maps
    LINES_ORDER = "lines_order"  # tuples of LineEntry
    # People: PersonEntry.
    PERSON_ADDED = "person_added"
    PERSON_REMOVED = "person_removed"
    REPLACED = "replaced"
    NAME = "name"
    FUNCTION = "function"
    STANDING = "standing"  # to be confirmed, withdrawn, by video message
    ROLE = "role"
    STATE = "state"
    ORGANIZATION = "organization"
    PERSON_MOVED = "person_moved"
    PEOPLE_ORDER = "people_order"  # tuples of PersonEntry


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `address` leads to it ("slots/fk3hr29/title"); `before` and `after`
    are values as `kind` says, None where there is none. `day` is the date of the group
    it belongs to, in the new programme, or in the old one for what is gone (None for
    the session as a whole); `slot` and `line` are codes, or ""."""

    kind: Kind
    address: str
    nature: Nature
    before: Any
    after: Any
    day: dt.date | None = None
    slot: str = ""
    line: str = ""


def compare(before: Programme, after: Programme) -> list[Change]:
    """The changes from `before` to `after` in the reading order of `after`; what is
    gone stands at its old place, a whole day at the end. Empty when the two print the
    same."""
    return _without_followers(list(_Comparison(before, after).changes()))


# --- What belongs together --------------------------------------------------


_Entry = TypeVar("_Entry")


def matched_days(
    before: Programme, after: Programme
) -> list[tuple[DayEntry | None, DayEntry | None]]:
    """The days of both, each beside its other self: that of the same date, or for a
    day that is gone the one that has its slots now. In the order of `after`, days that
    are gone at the end."""
    partners: dict[dt.date, DayEntry] = {}
    left = {day.date: day for day in before.days}
    dates = {day.date for day in after.days}

    def match(likeness: Callable[[DayEntry, DayEntry], int]) -> bool:
        for day in after.days:
            free = {} if day.date in partners else left
            best = max(free.values(), key=lambda old: likeness(old, day), default=None)
            if best and likeness(best, day):
                partners[day.date] = left.pop(best.date)
                return True
        return False

    def same(old: DayEntry, day: DayEntry) -> int:
        return _shared(old, day) if old.date == day.date else 0

    def moved(old: DayEntry, day: DayEntry) -> int:
        is_gone = old.date not in dates or old.date in partners
        return _shared(old, day) if is_gone else 0

    for likeness in (same, moved, lambda old, day: int(old.date == day.date)):
        while match(likeness):
            pass
    return [
        *((partners.get(day.date), day) for day in after.days),
        *((old, None) for old in left.values()),
    ]


def matched_lines(
    before: SlotEntry, after: SlotEntry
) -> list[tuple[LineEntry, LineEntry]]:
    """The lines that both have, in the order of `after`: of the same code; else with
    the same people (a group without words is named after its first person); else of
    the same role."""
    left = {line.code: line for line in before.lines}
    pairs: dict[str, LineEntry] = {}
    for line in after.lines:
        if line.code in left:
            pairs[line.code] = left.pop(line.code)

    def take(likeness: Callable[[LineEntry, LineEntry], int]) -> None:
        for line in after.lines:
            if line.code in pairs or not left:
                continue
            best = max(left.values(), key=lambda old: likeness(old, line))
            if likeness(best, line):
                pairs[line.code] = left.pop(best.code)

    take(_people_in_common)
    take(_same_role)
    return [(pairs[line.code], line) for line in after.lines if line.code in pairs]


def matched_documents(
    before: SlotEntry, after: SlotEntry, primary: str
) -> list[tuple[DocumentEntry, DocumentEntry]]:
    """The documents that both have, in the order of `after`: of the same symbol, else
    address, else title."""
    return _matched(
        before.documents,
        after.documents,
        lambda document: document.symbol,
        lambda document: document.address,
        lambda document: pick(document.title, primary, primary).text,
    )


def matched_sections(
    before: Programme, after: Programme
) -> list[tuple[SectionEntry, SectionEntry]]:
    """The sections that both have, in the order of `after`: of the same heading, the
    rest in their order."""
    primary = after.primary_language
    pairs = _matched(
        before.sections,
        after.sections,
        lambda section: pick(section.heading, primary, primary).text,
    )
    old = _others(before.sections, (pair[0] for pair in pairs))
    new = _others(after.sections, (pair[1] for pair in pairs))
    pairs += zip(old, new, strict=False)
    return sorted(pairs, key=lambda pair: _place(after.sections, pair[1]))


def _matched(
    before: Sequence[_Entry],
    after: Sequence[_Entry],
    *names: Callable[[_Entry], str],
) -> list[tuple[_Entry, _Entry]]:
    left = list(before)
    pairs: dict[int, _Entry] = {}
    for name in names:
        for place, entry in enumerate(after):
            wanted = name(entry)
            for old in left if wanted and place not in pairs else ():
                if name(old) == wanted:
                    pairs[place] = old
                    del left[_place(left, old)]
                    break
    return [(pairs[place], after[place]) for place in sorted(pairs)]


def _place(entries: Sequence[Any], entry: Any) -> int:
    """The place of this very entry: equal ones may stand beside it."""
    return next(i for i, other in enumerate(entries) if other is entry)


def _others(entries: Iterable[_Entry], known: Iterable[_Entry]) -> list[_Entry]:
    ids = {id(entry) for entry in known}
    return [entry for entry in entries if id(entry) not in ids]


def _shared(one: DayEntry, other: DayEntry) -> int:
    return len({s.code for s in one.slots} & {s.code for s in other.slots})


def _people_in_common(one: LineEntry, other: LineEntry) -> int:
    return len({p.code for p in one.people} & {p.code for p in other.people})


def _same_role(one: LineEntry, other: LineEntry) -> int:
    same = (one.role, one.layout) == (other.role, other.layout)
    return int(same and one.role is not None and _is_group(one) and _is_group(other))


def _is_group(line: LineEntry) -> bool:
    """Whether people stand without a line of words that was typed for them."""
    return line.code.endswith(".people")


# --- Texts ------------------------------------------------------------------


_CHINESE = "\\u2e80-\\u9fff\\uf900-\\ufaff\\uff00-\\uffef"
# Spaces; each letter of Chinese; words ("10.15", "co-operation" and "A/CONF.99/3" are
# one); and what stands between.
_TOKEN = re.compile(
    rf"\s+|[{_CHINESE}]"
    rf"|(?:(?![{_CHINESE}])\w)+(?:[-./:@’'](?:(?![{_CHINESE}])\w)+)*"
    rf"|(?:(?![{_CHINESE}])[^\w\s])+"
)
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_PEOPLE = re.compile(r"\{\d+\}(?:.*\{\d+\})?", re.DOTALL)


def words_in(text: str) -> list[str]:
    """The words of a text with the spaces and the punctuation between them; of Chinese,
    each character. Joined they are the text."""
    return _TOKEN.findall(text)


def is_spelling(before: str, after: str) -> bool:
    """Whether two texts differ in spelling, punctuation, accents or capitals only: the
    same figures, and as many words, each like the other ("panelists", "panellists").
    Words of less than five letters are like themselves alone, and so are words of
    Chinese: one stroke there is another meaning."""
    if _DIGITS.findall(before) != _DIGITS.findall(after):
        return False
    old, new = _WORD.findall(_bare(before)), _WORD.findall(_bare(after))
    if "".join(old) == "".join(new):
        return True
    return len(old) == len(new) and all(map(_is_like, old, new))


def _bare(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _is_like(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < 5 or one[0] != other[0] or max(one) > "\u2e7f":
        return False
    matcher = SequenceMatcher(None, one, other)
    return abs(len(one) - len(other)) <= 2 and matcher.ratio() >= 0.8


def languages_of(before: Programme, after: Programme) -> tuple[str, ...]:
    """The languages that both programmes print in, in the order of `after`."""
    return tuple(code for code in after.languages if code in before.languages)


def changed_languages(
    old: Text, new: Text, before: Programme, after: Programme
) -> tuple[str, ...]:
    """The languages in which a text of `before` prints otherwise in `after`."""
    if old == new and before.primary_language == after.primary_language:
        return ()
    return tuple(
        code
        for code in languages_of(before, after)
        if before.said(old, code).text != after.said(new, code).text
    )


def with_people_as_one(text: Text) -> Text:
    """The words of a sentence with all places of people, however many and however
    joined, as one: "Moderated by {people}"."""
    return {code: _PEOPLE.sub("{people}", said) for code, said in text.items()}


# --- Footnotes --------------------------------------------------------------


def called_keys(programme: Programme, notes: Notes, field: str) -> tuple[str, ...]:
    """The keys of the footnotes called at the end of a field, in their order."""
    keys = {note.number: note.key for note in programme.footnotes}
    return tuple(keys[number] for number in notes.get(field, ()) if number in keys)


# --- Rooms ------------------------------------------------------------------


def prints_in_note(slot: SlotEntry) -> bool:
    """Whether the note names the room of a slot."""
    return slot.room is not None and (slot.has_own_room or slot.parallel)


def web_address(address: str) -> str:
    """The address where pages print it as a link, else ""."""
    return address if address.startswith(("https://", "http://")) else ""


@dataclass(frozen=True, slots=True)
class _At:
    """Where a change stands."""

    address: str = ""
    day: dt.date | None = None
    slot: str = ""
    line: str = ""

    def of(self, part: str, line: str | None = None) -> _At:
        address = f"{self.address}/{part}" if self.address else part
        return replace(self, address=address, line=self.line if line is None else line)


class _Comparison:
    def __init__(self, before: Programme, after: Programme) -> None:
        self.before = before
        self.after = after
        self.days = matched_days(before, after)
        self.pairs = {id(new): old for old, new in self.days if new}
        self.old_days = {s.code: day for day in before.days for s in day.slots}
        self.new_days = {s.code: day for day in after.days for s in day.slots}
        self.old_slots = {slot.code: slot for slot in before.slots}
        self.new_slots = {slot.code: slot for slot in after.slots}
        self.first_places = (_first_places(before), _first_places(after))

    # --- One difference ---

    def change(
        self,
        at: _At,
        kind: Kind,
        before: Any,
        after: Any,
        nature: Nature = Nature.SUBSTANTIVE,
    ) -> Change:
        return Change(kind, at.address, nature, before, after, at.day, at.slot, at.line)

    def differs(self, old: Text, new: Text) -> tuple[str, ...]:
        return changed_languages(old, new, self.before, self.after)

    def nature_of(self, old: Text, new: Text) -> Nature:
        """A translation, or a spelling, is a matter of form."""
        languages = self.differs(old, new)
        if self.after.primary_language not in languages:
            return Nature.EDITORIAL
        only_spelling = all(
            is_spelling(
                self.before.said(old, code).text, self.after.said(new, code).text
            )
            for code in languages
        )
        return Nature.EDITORIAL if only_spelling else Nature.SUBSTANTIVE

    def text(
        self, at: _At, kind: Kind, old: Text, new: Text, nature: Nature | None = None
    ) -> Iterator[Change]:
        if self.differs(old, new):
            found = nature or self.nature_of(old, new)
            yield self.change(at, kind, old, new, found)

    def label(self, at: _At, old: Text, new: Text) -> Iterator[Change]:
        if languages := self.differs(old, new):
            is_translation = self.after.primary_language not in languages
            nature = Nature.EDITORIAL if is_translation else Nature.SUBSTANTIVE
            yield self.change(at, Kind.LABEL, old, new, nature)

    def value(self, at: _At, kind: Kind, old: Any, new: Any) -> Iterator[Change]:
        if old != new:
            yield self.change(at, kind, old, new)

    def calls(
        self, at: _At, old: Any, new: Any, field: str, *, always: bool = False
    ) -> Iterator[Change]:
        """Footnotes called at the end of a field, where the field prints in both."""
        if not always and not (getattr(old, field) and getattr(new, field)):
            return
        keys = called_keys(self.before, old.notes, field)
        now = called_keys(self.after, new.notes, field)
        if keys != now:
            where = at.of(f"{field}/notes")
            yield self.change(where, Kind.CALLS, keys, now, Nature.EDITORIAL)

    # --- The session ---

    def changes(self) -> Iterator[Change]:
        at = _At()
        before, after = self.before, self.after
        one, other = before.conference, after.conference
        yield from self.text(at.of("notice"), Kind.NOTICE, one.notice, other.notice)
        if self._logo_differs():
            yield self.change(
                at.of("logo"), Kind.LOGO, one.logo, other.logo, Nature.EDITORIAL
            )
        yield from self.text(at.of("office"), Kind.OFFICE, one.office, other.office)
        yield from self.value(at.of("symbol"), Kind.SYMBOL, before.symbol, after.symbol)
        yield from self.text(
            at.of("conference"), Kind.CONFERENCE, one.title, other.title
        )
        yield from self._status(at, before, after)
        for field, kind in (
            ("note_title", Kind.NOTE_TITLE),
            ("title", Kind.TITLE),
            ("theme", Kind.THEME),
        ):
            old, new = getattr(before, field), getattr(after, field)
            yield from self.text(at.of(field), kind, old, new)
            yield from self.calls(at, before, after, field)
        yield from self.text(at.of("city"), Kind.CITY, before.city, after.city)
        yield from self.value(at.of("zone"), Kind.ZONE, before.zone, after.zone)
        yield from self.value(
            at.of("dates"),
            Kind.DATES,
            (before.starts_on, before.ends_on),
            (after.starts_on, after.ends_on),
        )
        if self._room_words(before.room) != self._room_words(after.room, new=True):
            yield self.change(at.of("room"), Kind.ROOM, before.room, after.room)
        if set(before.languages) != set(after.languages):
            yield self.change(
                at.of("languages"), Kind.LANGUAGES, before.languages, after.languages
            )
        if self._style_prints():
            yield self.change(
                at.of("time_style"),
                Kind.TIME_STYLE,
                before.time_style,
                after.time_style,
                Nature.EDITORIAL,
            )
        yield from self.sections("before")
        for old_day, new_day in self.days:
            yield from self.day(old_day, new_day)
        yield from self.sections("after")
        yield from self.footnotes()
        yield from self.text(at.of("contact"), Kind.CONTACT, one.contact, other.contact)

    def _logo_differs(self) -> bool:
        old, new = self.before.conference.logo, self.after.conference.logo
        if old is None or new is None:
            return old is not new
        return old.png != new.png or bool(self.differs(old.text, new.text))

    def _status(self, at: _At, before: Programme, after: Programme) -> Iterator[Change]:
        if (before.status == "cancelled") != (after.status == "cancelled"):
            where = at.of("status")
            yield self.change(where, Kind.STATUS, before.status, after.status)

    def _style_prints(self) -> bool:
        old, new = self.before.time_style, self.after.time_style
        languages = languages_of(self.before, self.after)
        has_times = any(slot.start for slot in self.after.slots)
        prints = "en" in languages or ("es" in languages and "colon" in {old, new})
        return old != new and has_times and prints

    def _room_words(self, room: RoomEntry | None, *, new: bool = False) -> Any:
        programme = self.after if new else self.before
        if room is None:
            return None
        return [
            (
                programme.said(room.venue, code).text,
                programme.said(room.name, code).text,
            )
            for code in languages_of(self.before, self.after)
        ]

    def footnotes(self) -> Iterator[Change]:
        """Notes that both programmes call; a new call is told where it stands."""
        old = {note.key: note for note in self.before.footnotes}
        called = set(_numbers_called(self.after)), set(_numbers_called(self.before))
        for note in self.after.footnotes:
            former = old.get(note.key)
            if former and note.number in called[0] and former.number in called[1]:
                at = _At(f"footnotes/{note.key}")
                yield from self.text(
                    at, Kind.FOOTNOTE, former.text, note.text, Nature.EDITORIAL
                )

    # --- Sections ---

    def sections(self, place: str) -> Iterator[Change]:
        """The changes of the sections that stand before or after the programme now;
        what is gone by where it stood."""
        pairs = matched_sections(self.before, self.after)
        partners = {id(new): old for old, new in pairs}
        for number, new in enumerate(self.after.sections, start=1):
            if new.place == place:
                at = _At(f"sections/{number}")
                old = partners.get(id(new))
                if old is None:
                    yield self.change(at, Kind.SECTION_ADDED, None, new)
                else:
                    yield from self._section(at, old, new)
        gone = _others(self.before.sections, (old for old, _new in pairs))
        for number, old in enumerate(self.before.sections, start=1):
            if old.place == place and any(old is entry for entry in gone):
                at = _At(f"sections/{number}")
                yield self.change(at, Kind.SECTION_REMOVED, old, None)
        here = [p for p in pairs if p[0].place == p[1].place == place]
        order = tuple(new for _old, new in here)
        former = tuple(
            new
            for _old, new in sorted(
                here, key=lambda pair: _place(self.before.sections, pair[0])
            )
        )
        if [id(s) for s in former] != [id(s) for s in order]:
            yield self.change(
                _At("sections/order"),
                Kind.SECTIONS_ORDER,
                former,
                order,
                Nature.EDITORIAL,
            )

    def _section(
        self, at: _At, old: SectionEntry, new: SectionEntry
    ) -> Iterator[Change]:
        if old.place != new.place:
            where = at.of("place")
            yield self.change(where, Kind.SECTION_PLACE, old, new, Nature.EDITORIAL)
        yield from self.text(
            at.of("heading"), Kind.SECTION_HEADING, old.heading, new.heading
        )
        yield from self.calls(at, old, new, "heading")
        yield from self.text(at.of("text"), Kind.SECTION_TEXT, old.text, new.text)
        yield from self.calls(at, old, new, "text")

    # --- Days ---

    def day(self, old: DayEntry | None, new: DayEntry | None) -> Iterator[Change]:
        """What came or went with a whole day is told with the day."""
        if old is None or new is None:
            yield from self._whole_day(old, new)
        else:
            if old.date != new.date:
                at = _At(f"days/{new.date}", new.date)
                yield self.change(at, Kind.DAY_MOVED, old, new)
            for slot in with_gone(old, new, self.new_slots):
                yield from self._slot(new, slot)
            yield from self._order(old, new)

    def _whole_day(
        self, old: DayEntry | None, new: DayEntry | None
    ) -> Iterator[Change]:
        if day := new or old:
            at = _At(f"days/{day.date}", day.date)
            kind = Kind.DAY_ADDED if new else Kind.DAY_REMOVED
            yield self.change(at, kind, old, new)
        for slot in new.slots if new else ():
            if new and slot.code in self.old_slots:
                yield from self._slot(new, slot)

    def _slot(self, day: DayEntry, slot: SlotEntry) -> Iterator[Change]:
        """The changes of a slot of the day, or of one that was there."""
        old, new = (slots.get(slot.code) for slots in (self.old_slots, self.new_slots))
        if old and new:
            yield from self.slot(day, old, new)
        else:
            at = _At(f"slots/{slot.code}", day.date, slot.code)
            kind = Kind.ADDED if new else Kind.REMOVED
            yield self.change(at, kind, old, new)

    def _order(self, old: DayEntry, new: DayEntry) -> Iterator[Change]:
        """Slots of a day that both have and whose times are the same."""
        kept = [
            slot
            for slot in new.slots
            if (former := self.old_slots.get(slot.code))
            and self.old_days[slot.code] is old
            and not self._time_differs(former, slot)
        ]
        codes = {slot.code: slot for slot in kept}
        former_order = tuple(codes[s.code] for s in old.slots if s.code in codes)
        if [s.code for s in former_order] != [s.code for s in kept]:
            at = _At(f"days/{new.date}/order", new.date)
            yield self.change(at, Kind.ORDER, former_order, tuple(kept))

    # --- Slots ---

    def slot(self, day: DayEntry, old: SlotEntry, new: SlotEntry) -> Iterator[Change]:
        at = _At(f"slots/{new.code}", day.date, new.code)
        if self.pairs[id(day)] is not self.old_days[new.code]:
            yield self.change(at.of("day"), Kind.MOVED, old, new)
        elif self._time_differs(old, new):
            nature = Nature.SUBSTANTIVE
            if _hours(old) == _hours(new):
                nature = self.nature_of(old.when, new.when)
            yield self.change(at.of("time"), Kind.TIME, old, new, nature)
        if not old.start and not new.start:
            yield from self.calls(at, old, new, "when")
        yield from self.value(at.of("status"), Kind.STATUS, old.status, new.status)
        yield from self.label(at.of("label"), old.label, new.label)
        yield from self.calls(at, old, new, "label")
        yield from self.text(at.of("title"), Kind.TITLE, old.title, new.title)
        yield from self.calls(at, old, new, "title")
        yield from self._room(at.of("room"), old, new)
        yield from self.value(
            at.of("parallel"), Kind.PARALLEL, old.parallel, new.parallel
        )
        yield from self._part_of(at.of("part_of"), old, new)
        yield from self.value(
            at.of("agenda_item"), Kind.AGENDA_ITEM, old.agenda_item, new.agenda_item
        )
        yield from self.value(
            at.of("interpretation"),
            Kind.INTERPRETATION,
            old.interpretation,
            new.interpretation,
        )
        yield from self.value(
            at.of("webcast"),
            Kind.WEBCAST,
            web_address(old.webcast),
            web_address(new.webcast),
        )
        for field in ("aside", "text", "questions"):
            texts = getattr(old, field), getattr(new, field)
            yield from self.text(at.of(field), Kind(field), *texts)
            yield from self.calls(at, old, new, field)
        yield from _Lines(self, at, old, new).changes()
        yield from self._documents(at, old, new)

    def _time_differs(self, old: SlotEntry, new: SlotEntry) -> bool:
        if _hours(old) != _hours(new):
            return True
        return not old.start and bool(self.differs(old.when, new.when))

    def _room(self, at: _At, old: SlotEntry, new: SlotEntry) -> Iterator[Change]:
        words = self._room_words(old.room), self._room_words(new.room, new=True)
        of_session = (
            self._room_words(self.before.room),
            self._room_words(self.after.room, new=True),
        )
        if words[0] == words[1]:
            in_note = prints_in_note(old) != prints_in_note(new)
            differs = in_note and old.parallel == new.parallel
            is_explained = of_session[0] != of_session[1]
        else:
            differs = True
            is_explained = not (old.has_own_room or new.has_own_room) and (
                words == of_session
            )
        if differs and not is_explained:
            yield self.change(at, Kind.ROOM, old.room, new.room)

    def _part_of(self, at: _At, old: SlotEntry, new: SlotEntry) -> Iterator[Change]:
        former = old.part_of if old.part_of in self.old_slots else None
        now = new.part_of if new.part_of in self.new_slots else None
        went_with_it = now is None and former not in self.new_slots
        if former != now and old.part_of != new.part_of and not went_with_it:
            yield self.change(at, Kind.PART_OF, former, now)

    def _documents(self, at: _At, old: SlotEntry, new: SlotEntry) -> Iterator[Change]:
        pairs = matched_documents(old, new, self.after.primary_language)
        partners = {id(document): former for former, document in pairs}
        for number, document in enumerate(new.documents, start=1):
            where = at.of(f"documents/{number}")
            former = partners.get(id(document))
            if former is None:
                yield self.change(where, Kind.DOCUMENT_ADDED, None, document)
            elif (former.symbol, former.address) != (
                document.symbol,
                document.address,
            ) or self.differs(former.title, document.title):
                yield self.change(
                    where, Kind.DOCUMENT, former, document, Nature.EDITORIAL
                )
        gone = _others(old.documents, (former for former, _new in pairs))
        for former in gone:
            number = _place(old.documents, former) + 1
            where = at.of(f"documents/{number}")
            yield self.change(where, Kind.DOCUMENT_REMOVED, former, None)
        former_order = sorted(pairs, key=lambda p: _place(old.documents, p[0]))
        if former_order != pairs:
            yield self.change(
                at.of("documents/order"),
                Kind.DOCUMENTS_ORDER,
                tuple(document for _old, document in former_order),
                tuple(document for _old, document in pairs),
                Nature.EDITORIAL,
            )


class _Lines:
    """The lines and people of a slot that both programmes have."""

    def __init__(
        self, comparison: _Comparison, at: _At, old: SlotEntry, new: SlotEntry
    ) -> None:
        self.comparison = comparison
        self.at = at
        self.old = old
        self.new = new
        self.pairs = matched_lines(old, new)
        self.partners = {line.code: former for former, line in self.pairs}
        self.old_lines = {p.code: line for line in old.lines for p in line.people}
        self.new_lines = {p.code: line for line in new.lines for p in line.people}
        self.old_people = {person.code: person for person in old.people}
        self.new_people = {person.code: person for person in new.people}

    def changes(self) -> Iterator[Change]:
        kept = {former.code for former, _line in self.pairs}
        gone = [line for line in self.old.lines if line.code not in kept]
        for line in self.new.lines:
            former = self.partners.get(line.code)
            if former is None:
                yield from self.added(line)
            else:
                yield from self.line(former, line)
            for person in line.people:
                if person.code in self.old_people:
                    yield from self.person(self.old_people[person.code], person)
        for line in gone:
            yield from self.removed(line)
        order = {former.code: line for former, line in self.pairs}
        before = tuple(order[line.code] for line in self.old.lines if line.code in kept)
        after = tuple(line for _former, line in self.pairs)
        if [line.code for line in before] != [line.code for line in after]:
            where = self.at.of("lines/order")
            yield self.comparison.change(where, Kind.LINES_ORDER, before, after)

    def at_line(self, line: LineEntry) -> _At:
        return self.at.of(f"lines/{line.code}", line.code)

    def at_person(self, line: LineEntry, person: PersonEntry) -> _At:
        return self.at.of(f"people/{person.code}", line.code)

    # --- Lines ---

    def added(self, line: LineEntry) -> Iterator[Change]:
        people = tuple(p for p in line.people if p.code not in self.old_people)
        only_people = _is_group(line) and len(people) < 2
        if not only_people:
            where = self.at_line(line)
            yield self.comparison.change(where, Kind.LINE_ADDED, None, line)
        for person in people if only_people else ():
            at = self.at_person(line, person)
            yield self.comparison.change(at, Kind.PERSON_ADDED, None, person)

    def removed(self, line: LineEntry) -> Iterator[Change]:
        people = tuple(p for p in line.people if p.code not in self.new_people)
        only_people = _is_group(line) and len(people) < 2
        if not only_people:
            where = self.at_line(line)
            yield self.comparison.change(where, Kind.LINE_REMOVED, line, None)
        for person in people if only_people else ():
            at = self.at_person(line, person)
            yield self.comparison.change(at, Kind.PERSON_REMOVED, person, None)

    def line(self, old: LineEntry, new: LineEntry) -> Iterator[Change]:
        at = self.at_line(new)
        yield from self._wording(at, old, new)
        if (old.layout == "bullets") == (new.layout == "bullets"):
            always = new.layout != "bullets"
            yield from self.comparison.calls(at, old, new, "text", always=always)
        for person in new.people:
            if person.code not in self.old_people:
                where = self.at_person(new, person)
                yield self.comparison.change(where, Kind.PERSON_ADDED, None, person)
        for person in old.people:
            if person.code not in self.new_people:
                where = self.at_person(new, person)
                yield self.comparison.change(where, Kind.PERSON_REMOVED, person, None)
        codes = {p.code: p for p in new.people}
        common = [p.code for p in old.people if p.code in codes]
        now = [p.code for p in new.people if p.code in common]
        if common != now:
            yield self.comparison.change(
                at.of("order"),
                Kind.PEOPLE_ORDER,
                tuple(codes[code] for code in common),
                tuple(codes[code] for code in now),
            )

    def _wording(self, at: _At, old: LineEntry, new: LineEntry) -> Iterator[Change]:
        has_new_role = _is_group(new) and any(
            self._role_differs(self.old_people[person.code], person)
            for person in new.people
            if person.code in self.old_people
        )
        are_bullets = old.layout == "bullets", new.layout == "bullets"
        texts = with_people_as_one(old.text), with_people_as_one(new.text)
        if are_bullets != (True, True) and _same_people(old, new):
            texts = old.text, new.text
        if are_bullets[0] != are_bullets[1] or self.comparison.differs(*texts):
            if not has_new_role:
                is_form = self.comparison.nature_of(*texts) == Nature.EDITORIAL
                nature = Nature.EDITORIAL if is_form else Nature.SUBSTANTIVE
                yield self.comparison.change(at, Kind.WORDING, old, new, nature)
        elif all(are_bullets) and not old.text and not new.text and not has_new_role:
            same_number = {p.code for p in old.people} == {p.code for p in new.people}
            if same_number or (len(old.people) > 1) == (len(new.people) > 1):
                yield from self.comparison.text(
                    at.of("heading"), Kind.HEADING, old.heading, new.heading
                )

    # --- People ---

    def person(self, old: PersonEntry, new: PersonEntry) -> Iterator[Change]:
        comparison = self.comparison
        line, former = self.new_lines[new.code], self.old_lines[old.code]
        at = self.at_person(line, new)
        if self.partners.get(line.code) is not former:
            yield comparison.change(at.of("line"), Kind.PERSON_MOVED, old, new)
        if is_somebody_else(old, new, comparison.before, comparison.after):
            yield comparison.change(at, Kind.REPLACED, old, new)
            return
        for kind, field in ((Kind.NAME, "printed"), (Kind.FUNCTION, "function")):
            if comparison.differs(getattr(old, field), getattr(new, field)):
                where = at.of(field)
                yield comparison.change(where, kind, old, new, Nature.EDITORIAL)
        yield from comparison.calls(at, old, new, "function", always=True)
        yield from self._standing(at.of("standing"), old, new)
        if self._role_differs(old, new):
            yield comparison.change(at.of("role"), Kind.ROLE, old, new)
        for kind in (Kind.STATE, Kind.ORGANIZATION):
            if self._of_person_differs(old, new, kind.value):
                where = at.of(kind.value)
                yield comparison.change(where, kind, old, new, Nature.EDITORIAL)

    def _standing(
        self, at: _At, old: PersonEntry, new: PersonEntry
    ) -> Iterator[Change]:
        if self._standing_differs(old, new):
            is_form = _is_confirmed_only(old, new)
            nature = Nature.EDITORIAL if is_form else Nature.SUBSTANTIVE
            yield self.comparison.change(at, Kind.STANDING, old, new, nature)

    def _standing_differs(self, old: PersonEntry, new: PersonEntry) -> bool:
        return bool(self.comparison.differs(old.remark, new.remark)) or (
            old.is_withdrawn != new.is_withdrawn
        )

    def _role_differs(self, old: PersonEntry, new: PersonEntry) -> bool:
        """Roles print on the pages of people with a page."""
        if not (old.person and new.person):
            return False
        return bool(self.comparison.differs(old.role_label, new.role_label))

    def _of_person_differs(
        self, old: PersonEntry, new: PersonEntry, field: str
    ) -> bool:
        """State and organization print on the page of the person: those of the first
        place at the head, another one beside its own place."""
        if not (old.person and new.person):
            return False
        texts = getattr(old, field), getattr(new, field)
        firsts = [
            getattr(places[person.person], field)
            for places, person in zip(
                self.comparison.first_places, (old, new), strict=True
            )
        ]
        shown = [text or first for text, first in zip(texts, firsts, strict=True)]
        return bool(self.comparison.differs(*texts)) and bool(
            self.comparison.differs(*shown)
        )


def _first_places(programme: Programme) -> dict[str | None, PersonEntry]:
    first: dict[str | None, PersonEntry] = {}
    for person in programme.people:
        first.setdefault(person.person, person)
    return first


def _numbers_called(programme: Programme) -> Iterator[int]:
    entries: list[Any] = [programme, *programme.sections]
    for slot in programme.slots:
        entries += [slot, *slot.lines, *slot.people]
    for entry in entries:
        for numbers in entry.notes.values():
            yield from numbers


def with_gone(old: DayEntry, new: DayEntry, kept: Container[str]) -> list[SlotEntry]:
    """The slots of a day, with those whose codes are not `kept` behind the one that
    they stood after."""
    slots = list(new.slots)
    previous = ""
    for slot in old.slots:
        if slot.code not in kept:
            place = next((i for i, s in enumerate(slots) if s.code == previous), -1)
            slots.insert(place + 1, slot)
        if any(slot.code == s.code for s in slots):
            previous = slot.code
    return slots


def _hours(slot: SlotEntry) -> tuple[dt.time | None, dt.time | None, bool]:
    """The hours that print: an end stands behind a start only."""
    return slot.start, slot.end if slot.start else None, slot.ends_next_day


def _same_people(one: LineEntry, other: LineEntry) -> bool:
    """Whether the people of two sentences are joined by the same words."""
    return [p.code for p in one.people] == [p.code for p in other.people] and (
        any(p.function for p in one.people) == any(p.function for p in other.people)
    )


def is_somebody_else(
    old: PersonEntry, new: PersonEntry, before: Programme, after: Programme
) -> bool:
    """Whether another person is named at a place, under another name. Records that
    were merged are of one person."""
    is_same = old.person == new.person or (
        old.person in new.former_codes or new.person in old.former_codes
    )
    return not is_same and bool(
        changed_languages(old.printed, new.printed, before, after)
    )


def _is_confirmed_only(old: PersonEntry, new: PersonEntry) -> bool:
    """Whether somebody is confirmed now, or again to be confirmed, and nothing else."""
    certain = {"confirmed", "to_be_confirmed"}
    return old.mode == new.mode and {old.status, new.status} <= certain


# --- What only follows ------------------------------------------------------


def _without_followers(changes: list[Change]) -> list[Change]:
    """Without the changes of people that a line names as the holders of a role, where
    the lines that name them for themselves changed."""
    touched = {
        name
        for change in changes
        if not _is_follower(change)
        for person in (*_people(change.before), *_people(change.after))
        for name in (person.code, person.person)
        if name
    }
    return [
        change
        for change in changes
        if not _is_follower(change) or not (_held(change) & touched)
    ]


def _is_follower(change: Change) -> bool:
    people = [*_people(change.before), *_people(change.after)]
    of_people = change.line and change.kind not in {Kind.CALLS, Kind.WORDING}
    return bool(of_people and people and all("." in p.code for p in people))


def _held(change: Change) -> set[str | None]:
    people = [*_people(change.before), *_people(change.after)]
    return {p.code.rpartition(".")[2] for p in people} | {p.person for p in people}


def _people(value: Any) -> Iterator[PersonEntry]:
    if isinstance(value, PersonEntry):
        yield value
    elif isinstance(value, LineEntry | SlotEntry):
        yield from value.people
    elif isinstance(value, DayEntry):
        yield from _people(value.slots)
    elif isinstance(value, tuple):
        for part in value:
            yield from _people(part)
