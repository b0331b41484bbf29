"""What is doubtful in a programme, in sentences for staff.

A timetable under edit is briefly wrong all the time: a problem is shown and never
refuses a save. Each check is one function in CHECKS. It reads a Programme as it would
print and never rows; a new check is one more function there."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, cached_property
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import (
    get_language,
    ngettext,
    override,
    pgettext_lazy,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from sessions_app import dates
from sessions_app.programme import (
    FALLBACK_ORDER,
    DayEntry,
    LineEntry,
    PersonEntry,
    Programme,
    RoomEntry,
    SlotEntry,
    Text,
)
from sessions_app.translated import language_name

# Kinds that say who takes part, and those of them where words are enough: "Welcome
# remarks by the co-facilitators".
_EXPECTS_PEOPLE = frozenset(
    {"panel", "round_table", "summary_panel", "keynote", "opening"}
)
_WORDS_SUFFICE = frozenset({"summary_panel", "opening"})
_MODERATED = frozenset({"panel", "round_table"})

# A problem is known again by its words in this language.
_LANGUAGE_OF_KEYS = "en"

# Between these bounds a gap is too long for a change of speakers and too short for a
# rest that the programme would name.
_SHORTEST_GAP = dt.timedelta(minutes=5)
_LONGEST_GAP = dt.timedelta(minutes=60)

# What a slot without an end takes at least.
_A_MOMENT = dt.timedelta(minutes=1)

# When interpreters work, and for how long one team of them does.
_MORNING = (dt.time(10), dt.time(13))
_AFTERNOON = (dt.time(15), dt.time(18))
_ONE_TEAM = dt.timedelta(hours=3)

_LUNCH = dt.timedelta(hours=2)

_ENDING_NUMBER = re.compile(r"^(.*?)(\d{1,6})$")
_CALL = re.compile(r"\[\^([A-Za-z0-9_-]+)\]")

# What the secretariat words itself. Names, functions and addresses keep the spelling
# of those whom they belong to.
_PROSE = frozenset(
    {
        "aside",
        "heading",
        "label",
        "note_title",
        "notice",
        "questions",
        "text",
        "theme",
        "title",
        "when",
    }
)

# Only what is certain: a longer list would tell of words that are right somewhere.
_SPELLING = {
    "center": "centre",
    "co-operate": "cooperate",
    "co-operated": "cooperated",
    "co-operating": "cooperating",
    "co-operation": "cooperation",
    "co-operative": "cooperative",
    "co-ordinate": "coordinate",
    "co-ordinated": "coordinated",
    "co-ordinating": "coordinating",
    "co-ordination": "coordination",
    "co-ordinator": "coordinator",
    "e-mail": "email",
    "emphasise": "emphasize",
    "emphasised": "emphasized",
    "emphasising": "emphasizing",
    "labor": "labour",
    "organisation": "organization",
    "organisational": "organizational",
    "organise": "organize",
    "organised": "organized",
    "organiser": "organizer",
    "organising": "organizing",
    "panelist": "panellist",
    "program": "programme",
    "recognise": "recognize",
    "recognised": "recognized",
    "recognising": "recognizing",
}
_WRONG_WORD = (
    rf"\b(?=[{''.join(sorted({word[0] for word in _SPELLING}))}])(?<!-)"
    rf"(?P<word>(?:{'|'.join(_SPELLING)})s?)(?!\w)"
)
_HAS_WRONG_WORD = re.compile(_WRONG_WORD, re.IGNORECASE)
# Addresses come first, so that no word is found inside one; a body whose name begins
# the text keeps its spelling, and so does a computer program.
_MISSPELLED = re.compile(
    r"https?://\S+|(?<!\S)[^\s@]+@\S+|\]\([^)\s]*\)|\bcomputer programs?\b"
    r"|\bOrganisation (?-i:(?:for|of)(?: the)? [A-Z])"
    rf"|{_WRONG_WORD}",
    re.IGNORECASE,
)
_BEGINS_SENTENCE = re.compile(r"(?:^|[.:;!?\n|])[\s*_#>+-]*$")

_WORD_BEFORE_DATE = re.compile(r"(?<!\w)([^\W\d_]+)\.?[,،]?\s+\(?$")
_CHINESE_DATE = re.compile(
    r"(?:(?P<year>[12]\d{3})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日"
    r"[，,]?\s*[（(]?(?P<weekday>(?:星期|周).)"
)

_CLOCK = r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
_HYPHENED = re.compile(
    rf"(?<![\w.:/-])({_CLOCK}(?:\s?[ap]\.m\.)?)\s?-\s?({_CLOCK})(?![.:]?\d|[\w/-])"
)
# Behind the mark of a list or of a heading, spaces are free.
_SPACED = re.compile(
    r"(?<!\S)(?!(?:[-*+>#|]+|\d{1,2}[.)])\s)(\S+)"
    r"(?: {2,}(?=[^\s|])| +(?=,)|(?<!\.) +(?=\.(?:\s|$)(?!\s*\.)))"
)

_FIELDS = {
    "aside": _later("aside"),
    "city": _later("city"),
    "contact": _later("contact"),
    "function": _later("function"),
    "heading": _later("heading"),
    "label": _later("label"),
    "logo": _later("words of the logo"),
    "name": pgettext_lazy("of a person", "name"),
    "note_title": _later("title of the note"),
    "notice": _later("notice"),
    "office": _later("issuing office"),
    "organization": _later("organization"),
    "questions": _later("guiding questions"),
    "remark": _later("words in brackets"),
    "role": _later("role"),
    "room": _later("room"),
    "state": _later("State"),
    "text": _later("text"),
    "theme": _later("theme"),
    "title": _later("title"),
    "venue": _later("building"),
    "when": _later("words in place of a time"),
}


class Severity(StrEnum):
    """How bad a problem is, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One doubt about a programme.

    `check` is the key of the check that found it ("overlap"). `sentence` is finished,
    in the language that was active. `slot` and `line` are the codes of what it is
    about, "" where it is about more. `place` is where that stands: the places of day
    and slot in the programme. `key` is the same each time the same is found, in
    whichever language it is told: 64 hexadecimal digits."""

    check: str
    severity: Severity
    sentence: str
    slot: str = ""
    line: str = ""
    place: tuple[int, ...] = field(default=(), compare=False, repr=False)
    key: str = field(default="", compare=False, repr=False)


def find_problems(
    programme: Programme, others: Iterable[Programme] = ()
) -> list[Problem]:
    """What is doubtful in `programme`, alone and beside the sessions `others`, which
    may be held at the same time; the programme itself among them is passed over. Errors
    first, then warnings, then notes; each in reading order."""
    others = tuple(others)
    found = _found(programme, others)
    told = found
    if _interface_language() != _LANGUAGE_OF_KEYS:
        with override(_LANGUAGE_OF_KEYS):
            told = _found(programme, others)
    return [
        replace(problem, key=_key_of(same))
        for problem, same in zip(found, told, strict=True)
    ]


def _key_of(problem: Problem) -> str:
    parts = (problem.check, problem.slot, problem.line, problem.sentence)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _found(programme: Programme, others: tuple[Programme, ...]) -> list[Problem]:
    reading = _Reading(
        programme,
        tuple(other for other in others if _address(other) != _address(programme)),
        _interface_language(),
    )
    found = [problem for check in CHECKS for problem in check(reading)]
    severities = list(Severity)
    return sorted(
        found,
        key=lambda problem: (
            severities.index(problem.severity),
            problem.place,
            reading.place_of_line.get(problem.line, -1),
        ),
    )


# --- The programme as the checks read it --------------------------------------


class _Row(NamedTuple):
    """A slot with its day and its session, and their places in it."""

    programme: Programme
    day: DayEntry
    slot: SlotEntry
    place: tuple[int, int]

    @property
    def takes_place(self) -> bool:
        return not self.slot.is_struck and self.programme.status != "cancelled"


class _Stay(NamedTuple):
    """From when until when (in UTC) a slot takes place, or a person or room is needed
    in it. Wall times of one zone would compare without its changes of the clock."""

    start: dt.datetime
    end: dt.datetime
    row: _Row
    person: PersonEntry | None = None


# What a slot needs for itself, by code; of a person, the line that asks for them.
_Needs = Callable[[_Row], dict[Hashable, PersonEntry | None]]


@dataclass(frozen=True)
class _Reading:
    """A programme, the sessions beside it, and the words for both."""

    programme: Programme
    others: tuple[Programme, ...]
    language: str
    names: dict[tuple[int, tuple[int, int]], str] = field(default_factory=dict)

    @cached_property
    def rows(self) -> tuple[_Row, ...]:
        return tuple(_rows_of(self.programme))

    @cached_property
    def held(self) -> tuple[_Row, ...]:
        """The slots that take place."""
        return tuple(row for row in self.rows if row.takes_place)

    @cached_property
    def held_elsewhere(self) -> tuple[_Row, ...]:
        return tuple(
            row for other in self.others for row in _rows_of(other) if row.takes_place
        )

    @cached_property
    def place_of_line(self) -> dict[str, int]:
        """The code of each line to its place in its slot."""
        places: dict[str, int] = {}
        for row in self.rows:
            for place, person in enumerate(row.slot.people):
                places.setdefault(_line_of(person), place)
        return places

    @cached_property
    def texts(self) -> tuple[_Printed, ...]:
        """Every text that prints, in reading order."""
        return tuple(_texts(self.programme))

    @cached_property
    def sources(self) -> tuple[_Printed, ...]:
        """Every text that prints, at the first of its places alone."""
        first: dict[Hashable, _Printed] = {}
        for printed in self.texts:
            first.setdefault((printed.source, printed.name), printed)
        return tuple(first.values())

    @cached_property
    def prose(self) -> tuple[_Printed, ...]:
        """What the secretariat words itself, at the first of its places alone."""
        return tuple(printed for printed in self.sources if printed.name in _PROSE)

    @cached_property
    def parents(self) -> dict[str, str]:
        """The code of each slot that is part of another to the code of that one."""
        return {
            row.slot.code: row.slot.part_of for row in self.rows if row.slot.part_of
        }

    def is_own(self, row: _Row) -> bool:
        return row.programme is self.programme

    def may_not_share(self, one: _Row, two: _Row) -> bool:
        """Whether it matters to this session that two slots at one time need the same
        person or room."""
        if self.is_own(one) and self.is_own(two):
            return not self.are_nested(one, two)
        return self.is_own(one) or self.is_own(two)

    def may_not_overlap(self, one: _Row, two: _Row) -> bool:
        """Whether two slots of a day, neither meant as parallel, must not be at one
        time. Side events are held in the lunch break."""
        beside_pause = (one.slot.is_pause and two.slot.kind == "side_event") or (
            two.slot.is_pause and one.slot.kind == "side_event"
        )
        return not beside_pause and not self.are_nested(one, two)

    def are_nested(self, one: _Row, two: _Row) -> bool:
        """Whether one takes place within the other, directly or not."""
        return self._is_within(one.slot.code, two.slot.code) or self._is_within(
            two.slot.code, one.slot.code
        )

    def _is_within(self, inner: str, outer: str) -> bool:
        seen: set[str] = set()
        above = self.parents.get(inner)
        while above and above not in seen:
            if above == outer:
                return True
            seen.add(above)
            above = self.parents.get(above)
        return False

    # --- Words ---

    def said(self, text: Text) -> str:
        return _said(self.programme, text)

    def name(self, row: _Row) -> str:
        """A slot as a sentence names it: “Panel 2 (15.00–17.50, Mon 19 June)”."""
        key = (id(row.programme), row.place)
        if key not in self.names:
            self.names[key] = self._name(row)
        return self.names[key]

    def _name(self, row: _Row) -> str:
        words = {
            "slot": _label_or_title(row),
            "time": self._time(row),
            "day": dates.in_sentence(
                dates.short_day(row.day.date, self.language), self.language
            ),
            "session": _said(row.programme, row.programme.title),
        }
        if not self.is_own(row):
            return _("%(slot)s (%(time)s, %(day)s) of “%(session)s”") % words
        if not words["time"]:
            return _("%(slot)s (%(day)s)") % words
        return _("%(slot)s (%(time)s, %(day)s)") % words

    def _time(self, row: _Row) -> str:
        slot, other = row.slot, row.programme
        if slot.start is None:
            return _said(other, slot.when)
        time = dates.time_range(
            slot.start, slot.end, self.language, self.programme.time_style
        )
        if other.zone == self.programme.zone:
            return time
        city = dates.place_time(_said(other, other.city), self.language)
        return _("%(time)s, %(city_time)s") % {"time": time, "city_time": city}


def _rows_of(programme: Programme) -> Iterator[_Row]:
    for day_place, day in enumerate(programme.days):
        for slot_place, slot in enumerate(day.slots):
            yield _Row(programme, day, slot, (day_place, slot_place))


def _said(programme: Programme, text: Text) -> str:
    return programme.said(text, programme.primary_language).text


def _label_or_title(row: _Row) -> str:
    if label := _said(row.programme, row.slot.label):
        return label
    if title := _said(row.programme, row.slot.title):
        return _("“%(title)s”") % {"title": title}
    return _("Slot without a title")


def _address(programme: Programme) -> tuple[str, str]:
    return programme.conference.slug, programme.slug


def _interface_language() -> str:
    language = get_language() or ""
    return language if language in FALLBACK_ORDER else "en"


def _line_of(person: PersonEntry) -> str:
    """The code of the line itself: a holder of a role carries behind it, after a point,
    the code of the line that names the holder."""
    return person.code.partition(".")[0]


def _is_named_elsewhere(person: PersonEntry) -> bool:
    return "." in person.code


def _about(
    row: _Row, check: str, severity: Severity, sentence: str, line: str = ""
) -> Problem:
    return Problem(check, severity, sentence, row.slot.code, line, row.place)


# --- Twice at one time --------------------------------------------------------


def _person_in_two_places(reading: _Reading) -> Iterator[Problem]:
    """Nobody is in two slots at one time, here or in another session."""
    for own, other in _clashes(reading, _who_is_there):
        if own.person:
            sentence = _(
                "%(person)s is expected in two places at once, in %(slot)s and in "
                "%(other)s: change one of the times, or one of the lines."
            ) % {
                "person": reading.said(own.person.printed),
                "slot": reading.name(own.row),
                "other": reading.name(other.row),
            }
            yield _about(
                own.row, "person_twice", Severity.ERROR, sentence, _line_of(own.person)
            )


def _who_is_there(row: _Row) -> dict[Hashable, PersonEntry | None]:
    """The code of each person to the line that expects them. Somebody who sends a video
    message is not there; those whom a line means without naming them are."""
    there: dict[Hashable, PersonEntry | None] = {}
    for line in row.slot.lines:
        for person in (*line.people, *line.referred):
            absent = person.is_withdrawn or person.mode == "video_message"
            if person.person and not absent:
                there.setdefault(person.person, person)
    return there


def _room_taken_twice(reading: _Reading) -> Iterator[Problem]:
    """No room holds two slots at one time, of this session or of another."""
    for own, other in _clashes(reading, _which_room):
        if own.row.slot.room:
            sentence = _(
                "%(room)s is taken twice at once, for %(slot)s and for %(other)s: give "
                "one of them another room or another time."
            ) % {
                "room": _room_name(reading, own.row.slot.room),
                "slot": reading.name(own.row),
                "other": reading.name(other.row),
            }
            yield _about(own.row, "room_twice", Severity.ERROR, sentence)


def _which_room(row: _Row) -> dict[Hashable, PersonEntry | None]:
    if row.slot.room is None or row.slot.is_pause:
        return {}
    return {row.slot.room.code: None}


def _room_name(reading: _Reading, room: RoomEntry) -> str:
    venue, name = reading.said(room.venue), reading.said(room.name)
    if not name:
        return venue
    return _("%(venue)s, %(room)s") % {"venue": venue, "room": name}


def _slots_overlap(reading: _Reading) -> Iterator[Problem]:
    """Slots of a day follow each other unless they are meant as parallel."""
    for of_day in _stays(reading.held, _which_day):
        for earlier, later in _meetings(of_day, reading.may_not_overlap):
            sentence = _(
                "%(slot)s begins before %(other)s ends: change one of the times, or "
                "tick “meant as parallel”, or make one of them part of the other."
            ) % {"slot": reading.name(later.row), "other": reading.name(earlier.row)}
            yield _about(later.row, "overlap", Severity.WARNING, sentence)


def _which_day(row: _Row) -> dict[Hashable, PersonEntry | None]:
    # One that is meant as parallel excuses every slot that it runs beside, and
    # registration goes on while others meet.
    if row.slot.parallel or row.slot.kind == "registration":
        return {}
    return {row.day.number: None}


def _clashes(reading: _Reading, needs: _Needs) -> Iterator[tuple[_Stay, _Stay]]:
    """Two stays at one time of what both slots need: one of the session's own, the
    later where both are, and the other."""
    rows = (*reading.held, *reading.held_elsewhere)
    for of_one in _stays(rows, needs):
        for earlier, later in _meetings(of_one, reading.may_not_share):
            if reading.is_own(later.row):
                yield later, earlier
            else:
                yield earlier, later


def _stays(rows: Iterable[_Row], needs: _Needs) -> Iterable[list[_Stay]]:
    """The stays of each person, room or day that the slots need."""
    stays: dict[Hashable, list[_Stay]] = defaultdict(list)
    for row in rows:
        if span := _span(row.slot):
            for code, person in needs(row).items():
                stays[code].append(_Stay(*span, row, person))
    return stays.values()


def _span(slot: SlotEntry) -> tuple[dt.datetime, dt.datetime] | None:
    """From when until when a slot lasts, in UTC; None where it has no time."""
    if slot.starts_at is None:
        return None
    start = slot.starts_at.astimezone(dt.UTC)
    if slot.ends_at is None:
        return start, start + _A_MOMENT
    return start, slot.ends_at.astimezone(dt.UTC)


def _meetings(
    stays: list[_Stay], clash: Callable[[_Row, _Row], bool]
) -> Iterator[tuple[_Stay, _Stay]]:
    """For each stay that begins while another goes on, the first such other with which
    it clashes. More pairs would say little more, and could be as many as the square."""
    going_on: list[_Stay] = []
    for stay in sorted(stays, key=lambda stay: (stay.start, stay.row.place)):
        going_on = [other for other in going_on if other.end > stay.start]
        for other in going_on:
            if clash(other.row, stay.row):
                yield other, stay
                break
        going_on.append(stay)


# --- The timetable ------------------------------------------------------------


def _is_empty(reading: _Reading) -> Iterator[Problem]:
    """A session has days, and a day has slots."""
    programme = reading.programme
    if not programme.days:
        sentence = _(
            "The session has no days: add the first, on %(date)s or another of its "
            "dates."
        ) % {"date": dates.date(programme.starts_on, reading.language)}
        yield Problem("empty", Severity.WARNING, sentence)
    for place, day in enumerate(programme.days):
        if not day.slots:
            sentence = _(
                "%(day)s has no slots that print: add them, or delete the day."
            ) % {"day": dates.day_heading(day.date, reading.language)}
            yield Problem("empty", Severity.WARNING, sentence, place=(place,))


def _has_no_time(reading: _Reading) -> Iterator[Problem]:
    """A slot says when it begins, by the clock or in words."""
    for row in reading.held:
        if row.slot.start is None and not row.slot.when:
            sentence = _(
                "%(slot)s has no time: type its start, or words in place of a time "
                "(“upon conclusion of the panel”)."
            ) % {"slot": reading.name(row)}
            yield _about(row, "no_time", Severity.WARNING, sentence)


def _leaves_gap(reading: _Reading) -> Iterator[Problem]:
    """Between two slots there is no time that nobody planned. A pause beside it
    explains it; after a slot whose end is not known, none can be told."""
    for _day, of_day in groupby(reading.rows, key=lambda row: row.place[0]):
        latest, *rows = of_day
        for row in rows:
            gap = _gap(latest.slot, row.slot)
            if gap and _SHORTEST_GAP < gap < _LONGEST_GAP:
                yield _gap_between(reading, latest, row, gap)
            if not _goes_on_longer(latest.slot, row.slot):
                latest = row


def _gap(before: SlotEntry, after: SlotEntry) -> dt.timedelta | None:
    if before.is_pause or after.is_pause:
        return None
    if before.ends_at is None or after.starts_at is None:
        return None
    return after.starts_at.astimezone(dt.UTC) - before.ends_at.astimezone(dt.UTC)


def _goes_on_longer(latest: SlotEntry, slot: SlotEntry) -> bool:
    """Whether an earlier slot still goes on when `slot` is over."""
    if latest.ends_at is None or slot.ends_at is None:
        return False
    return latest.ends_at.astimezone(dt.UTC) > slot.ends_at.astimezone(dt.UTC)


def _gap_between(
    reading: _Reading, before: _Row, after: _Row, gap: dt.timedelta
) -> Problem:
    sentence = _(
        "Nothing is planned for %(length)s between %(before)s and %(after)s: change one "
        "of the times, or add a break."
    ) % {
        "length": _told(reading, gap),
        "before": reading.name(before),
        "after": reading.name(after),
    }
    return _about(after, "gap", Severity.NOTE, sentence)


def _is_outside_hours(reading: _Reading) -> Iterator[Problem]:
    """Interpreters work in the morning and in the afternoon, one team three hours."""
    for row in reading.held:
        slot = row.slot
        if not slot.interpretation or slot.start is None:
            continue
        if not _is_within_hours(slot, slot.start):
            morning, afternoon = (
                dates.time_range(*hours, reading.language, reading.programme.time_style)
                for hours in (_MORNING, _AFTERNOON)
            )
            sentence = _(
                "%(slot)s has interpretation outside %(morning)s and %(afternoon)s, when "
                "interpreters work: change its times, or take the interpretation off."
            ) % {
                "slot": reading.name(row),
                "morning": morning,
                "afternoon": afternoon,
            }
            yield _about(row, "hours", Severity.WARNING, sentence)
        length = _length(slot)
        if length and length > _ONE_TEAM:
            sentence = _(
                "%(slot)s has interpretation for %(length)s, and one team works three "
                "hours: shorten the slot, divide it, or ask for a second team."
            ) % {"slot": reading.name(row), "length": _told(reading, length)}
            yield _about(row, "hours", Severity.WARNING, sentence)


def _is_within_hours(slot: SlotEntry, start: dt.time) -> bool:
    """Whether all of a slot is in the morning or in the afternoon of interpreters. One
    without an end is where it begins."""
    if slot.ends_next_day:
        return False
    return any(
        first <= start < last and (slot.end is None or slot.end <= last)
        for first, last in (_MORNING, _AFTERNOON)
    )


def _lunch_is_short(reading: _Reading) -> Iterator[Problem]:
    """Delegations have two hours for lunch and for what is held beside it."""
    for row in reading.held:
        length = _length(row.slot)
        if row.slot.kind == "lunch" and length and length < _LUNCH:
            sentence = _(
                "%(slot)s lasts %(length)s: two hours are usual, change one of the times "
                "if they can be had."
            ) % {"slot": reading.name(row), "length": _told(reading, length)}
            yield _about(row, "short_lunch", Severity.NOTE, sentence)


def _length(slot: SlotEntry) -> dt.timedelta | None:
    if slot.starts_at is None or slot.ends_at is None:
        return None
    return slot.ends_at.astimezone(dt.UTC) - slot.starts_at.astimezone(dt.UTC)


def _told(reading: _Reading, length: dt.timedelta) -> str:
    return dates.duration(int(length.total_seconds()) // 60, reading.language)


# --- Panels -------------------------------------------------------------------


def _has_nobody(reading: _Reading) -> Iterator[Problem]:
    """A slot whose kind lives by its people says who they are."""
    for row in reading.held:
        slot = row.slot
        if slot.kind not in _EXPECTS_PEOPLE or _comes(slot.people):
            continue
        if slot.kind not in _WORDS_SUFFICE:
            sentence = _("%(slot)s names nobody: add a line for each of its people.")
        elif not any(line.text or _comes(line.referred) for line in slot.lines):
            sentence = _(
                "%(slot)s does not say who takes part: add a line with people or with "
                "words (“Remarks by the co-facilitators”)."
            )
        else:
            continue
        yield _about(
            row,
            "no_people",
            Severity.WARNING,
            sentence % {"slot": reading.name(row)},
        )


def _comes(people: Iterable[PersonEntry]) -> bool:
    return any(not person.is_withdrawn for person in people)


def _has_no_moderator(reading: _Reading) -> Iterator[Problem]:
    """A panel has somebody who moderates it."""
    for row in reading.held:
        if row.slot.kind in _MODERATED and not _comes(
            person for person in row.slot.people if person.role == "moderator"
        ):
            sentence = _("%(slot)s has no moderator: add a line with that role.") % {
                "slot": reading.name(row)
            }
            yield _about(row, "no_moderator", Severity.WARNING, sentence)


def _is_misnumbered(reading: _Reading) -> Iterator[Problem]:
    """Numbers at the end of labels go up by one, for each wording of its own. They may
    begin where another session stopped."""
    for numbered in _numbered_labels(reading).values():
        used = {number for number, _row in numbered}
        first_with: dict[int, _Row] = {}
        highest, above = numbered[0]
        for number, row in numbered:
            if number in first_with:
                yield _misnumbered(reading, _same_number(), row, first_with[number])
            elif number < highest:
                yield _misnumbered(reading, _out_of_order(), row, above)
            elif any(left not in used for left in range(highest, number)):
                yield _misnumbered(reading, _number_missing(), row, above)
            first_with.setdefault(number, row)
            if number > highest:
                highest, above = number, row


def _same_number() -> str:
    return _("%(slot)s has the number of %(other)s: give each a number of its own.")


def _out_of_order() -> str:
    return _(
        "%(slot)s comes after %(other)s: number them in the order of the programme."
    )


def _number_missing() -> str:
    return _(
        "%(slot)s follows %(other)s, and a number between them is missing: correct the "
        "numbers."
    )


def _misnumbered(reading: _Reading, sentence: str, row: _Row, other: _Row) -> Problem:
    words = {"slot": reading.name(row), "other": reading.name(other)}
    return _about(row, "numbering", Severity.WARNING, sentence % words)


def _numbered_labels(reading: _Reading) -> dict[str, list[tuple[int, _Row]]]:
    """The words before the number to the numbers that they have, in reading order."""
    numbered: dict[str, list[tuple[int, _Row]]] = defaultdict(list)
    for row in reading.rows:
        label = row.slot.label.get(reading.programme.primary_language, "").strip()
        if found := _ENDING_NUMBER.match(label):
            numbered[found[1].strip().casefold()].append((int(found[2]), row))
    return numbered


# --- People -------------------------------------------------------------------


def _is_to_be_confirmed(reading: _Reading) -> Iterator[Problem]:
    """Whose answer is still awaited: told where a line names them, not again where
    they are holders of a role."""
    for row in reading.held:
        for person in row.slot.people:
            if person.status == "to_be_confirmed" and not _is_named_elsewhere(person):
                sentence = _(
                    "%(person)s is still to be confirmed for %(slot)s: set the line to "
                    "confirmed or declined when the answer is there."
                ) % {
                    "person": reading.said(person.printed),
                    "slot": reading.name(row),
                }
                yield _about(
                    row, "to_be_confirmed", Severity.NOTE, sentence, _line_of(person)
                )


def _has_no_honorific(reading: _Reading) -> Iterator[Problem]:
    """Where others have an honorific, somebody without one may be an oversight."""
    bare: dict[str, tuple[_Row, PersonEntry]] = {}
    addressed: set[str] = set()
    for row in reading.rows:
        for person in row.slot.people:
            if person.person and person.honorific:
                addressed.add(person.person)
            elif person.person and not person.is_withdrawn:
                bare.setdefault(person.person, (row, person))
    for code, (row, person) in bare.items():
        if addressed - {code}:
            sentence = _(
                "%(person)s stands without an honorific in %(slot)s, while others have "
                "one: add it to the person’s record, unless the person wishes none."
            ) % {"person": reading.said(person.printed), "slot": reading.name(row)}
            yield _about(row, "honorific", Severity.NOTE, sentence, _line_of(person))


# --- Words --------------------------------------------------------------------


def _weekday_belies_date(reading: _Reading) -> Iterator[Problem]:
    """A weekday typed beside a date is that of the date."""
    for printed in reading.prose:
        for said in printed.text.values():
            for typed, weekday, date in _named_days(said, _day_of(reading, printed)):
                if date.weekday() != weekday:
                    sentence = _(
                        "In %(where)s, “%(typed)s” is really %(date)s: correct the "
                        "weekday or the date."
                    ) % {
                        "where": _where(reading, printed),
                        "typed": typed,
                        "date": dates.in_sentence(
                            dates.day_heading(date, reading.language), reading.language
                        ),
                    }
                    yield _in_text(printed, "weekday", Severity.WARNING, sentence)


def _day_of(reading: _Reading, printed: _Printed) -> dt.date:
    """The day that a text is about, or the first of the session."""
    if isinstance(printed.of, str):
        return reading.programme.starts_on
    return printed.of.day.date


def _named_days(said: str, near: dt.date) -> Iterator[tuple[str, int, dt.date]]:
    """Each date of a text that has its weekday beside it: as typed, the weekday (0 to
    6), and the date; without a year the one nearest to `near`."""
    for typed, word, found in (*_behind_weekdays(said), *_in_chinese(said)):
        weekday = _weekdays().get(word.casefold())
        month = _months().get(found["month"].casefold()) or int(found["month"])
        years = range(near.year - 1, near.year + 2)
        days = list(
            _dates_in(
                [int(found["year"])] if found["year"] else years,
                month,
                int(found["day"]),
            )
        )
        if weekday is not None and days:
            yield typed, weekday, min(days, key=lambda day: abs(day - near))


def _behind_weekdays(said: str) -> Iterator[tuple[str, str, re.Match[str]]]:
    """What may be a weekday with its date, in all languages but Chinese: as typed, the
    weekday, and the date. Digits are rarer than words, so the date is found first."""
    for date in _dates_in_words().finditer(said):
        before = _WORD_BEFORE_DATE.search(
            said[max(0, date.start() - 30) : date.start()]
        )
        if before:
            yield before[0] + date[0], before[1], date


def _in_chinese(said: str) -> Iterator[tuple[str, str, re.Match[str]]]:
    for date in _CHINESE_DATE.finditer(said):
        yield date[0], date["weekday"], date


def _dates_in(years: Iterable[int], month: int, day: int) -> Iterator[dt.date]:
    for year in years:
        # There is no 30 February, and 29 February is not in each year.
        with suppress(ValueError):
            yield dt.date(year, month, day)


@cache
def _dates_in_words() -> re.Pattern[str]:
    """“19 June 2017” in all languages but Chinese."""
    months = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    return re.compile(
        r"\b(?P<day>\d{1,2})(?:er|º|st|nd|rd|th)?\s+(?:de\s+)?"
        rf"(?P<month>{months})(?!\w)(?:,?\s+(?:de\s+)?(?P<year>[12]\d{{3}})(?!\d))?",
        re.IGNORECASE,
    )


@cache
def _weekdays() -> dict[str, int]:
    """The weekdays, whole and short, in all languages to their numbers (0 to 6)."""
    numbers: dict[str, int] = {}
    for language in FALLBACK_ORDER:
        # From a Monday to a Sunday.
        for number in range(2, 9):
            day = dt.date(2017, 1, number)
            heading = dates.day_heading(day, language)
            whole = heading.replace(dates.date(day, language), "").strip(" ,،，")
            short = dates.short_day(day, language).split()
            last_or_first = short[-1] if language == "zh-hans" else short[0]
            numbers[whole.casefold()] = day.weekday()
            numbers[last_or_first.rstrip(".").casefold()] = day.weekday()
    return numbers


@cache
def _months() -> dict[str, int]:
    """The months in words in all languages to their numbers. The two Arabic names of a
    month may stand alone."""
    numbers: dict[str, int] = {}
    for language in FALLBACK_ORDER:
        if language == "zh-hans":
            continue
        for month in range(1, 13):
            _day, _number, behind = dates.short_day(
                dt.date(2017, month, 28), language
            ).partition("28")
            name = behind.strip().removeprefix("de ").casefold()
            numbers |= dict.fromkeys([name, *name.split("/")], month)
    return numbers


def _note_is_unknown(reading: _Reading) -> Iterator[Problem]:
    """Each footnote that is called is there. Calls at the end of a text have become
    numbers: what is left of them would print as typed."""
    for printed in reading.sources:
        said = printed.text.values()
        for key in dict.fromkeys(key for words in said for key in _CALL.findall(words)):
            sentence = _(
                "In %(where)s, the call “[^%(key)s]” would print as typed: add a "
                "footnote with that key, or move the call to the end of the text."
            ) % {"where": _where(reading, printed), "key": key}
            yield _in_text(printed, "note_unknown", Severity.ERROR, sentence)


def _note_is_uncalled(reading: _Reading) -> Iterator[Problem]:
    """Each footnote that is there is called: no other prints."""
    for key in reading.programme.uncalled_footnotes:
        sentence = _(
            "No text calls the footnote “%(key)s”, so it does not print: put [^%(key)s] "
            "at the end of a text, or delete the footnote."
        ) % {"key": key}
        yield Problem("note_uncalled", Severity.NOTE, sentence)


def _is_misspelled(reading: _Reading) -> Iterator[Problem]:
    """English is spelled and set as the organization does."""
    for printed in reading.prose:
        said = printed.text.get("en", "")
        for typed, right in dict([*_misspelled(said), *_hyphened(said)]).items():
            sentence = _("In %(where)s, write “%(right)s” in place of “%(typed)s”.") % {
                "where": _where(reading, printed),
                "right": right,
                "typed": typed,
            }
            yield _in_text(printed, "spelling", Severity.NOTE, sentence)
        # One is enough: who types two spaces does so after each full stop.
        if spaced := _space_too_many(said):
            sentence = _(
                "In %(where)s, there is a space too many after “%(word)s”: delete it."
            ) % {"where": _where(reading, printed), "word": spaced}
            yield _in_text(printed, "spelling", Severity.NOTE, sentence)


def _misspelled(said: str) -> Iterator[tuple[str, str]]:
    """Each misspelled word of a text and its right form."""
    if not _HAS_WRONG_WORD.search(said):
        return
    for match in _MISSPELLED.finditer(said):
        typed = match["word"]
        if typed and not _is_in_name(typed, said, match.start()):
            yield typed, _well_spelled(typed)


def _is_in_name(word: str, said: str, start: int) -> bool:
    """Whether a word has its capital from a name, which keeps its spelling, and not
    from the sentence that it begins."""
    has_capital = word[0].isupper() and not word.isupper()
    before = said[max(0, start - 12) : start]
    return has_capital and not _BEGINS_SENTENCE.search(before)


def _well_spelled(typed: str) -> str:
    word = typed.lower()
    right = _SPELLING.get(word) or f"{_SPELLING[word.removesuffix('s')]}s"
    if typed.isupper():
        return right.upper()
    return right.capitalize() if typed[0].isupper() else right


def _hyphened(said: str) -> Iterator[tuple[str, str]]:
    """Each range of times with a hyphen in a text, and the same with a dash."""
    for match in _HYPHENED.finditer(said):
        yield match[0], f"{match[1]}–{match[2]}"


def _space_too_many(said: str) -> str:
    """The word before the first space too many of a text, or ""."""
    # Nearly all texts are told apart by this, at a fraction of the pattern's cost.
    if not any(doubtful in said for doubtful in ("  ", " ,", " .")):
        return ""
    found = _SPACED.search(said)
    return found[1] if found else ""


def _in_text(
    printed: _Printed, check: str, severity: Severity, sentence: str
) -> Problem:
    if isinstance(printed.of, str):
        return Problem(check, severity, sentence)
    line = _line_of(printed.person) if printed.person else printed.line
    return _about(printed.of, check, severity, sentence, line)


# --- Languages ----------------------------------------------------------------


class _Printed(NamedTuple):
    """A text that prints, told apart by its source: the same name in two slots is one
    text to translate. `of` is its part of the session in words, or its slot; `line` the
    code of its line."""

    source: Hashable
    name: str
    text: Text
    of: str | _Row
    person: PersonEntry | None = None
    line: str = ""


def _misses_language(reading: _Reading) -> Iterator[Problem]:
    """Every text that prints is there in each language of the session."""
    programme = reading.programme
    others = [
        code for code in programme.languages if code != programme.primary_language
    ]
    if not others:
        return
    missing: dict[str, dict[Hashable, _Printed]] = {code: {} for code in others}
    for printed in reading.texts:
        for code in others:
            if printed.text and code not in printed.text:
                missing[code].setdefault((printed.source, printed.name), printed)
    stops = programme.stops_untranslated
    severity = Severity.ERROR if stops else Severity.NOTE
    for code, texts in missing.items():
        if texts:
            tell = _untranslated if stops else _declared
            sentence = tell(len(texts)) % {
                "count": len(texts),
                "language": language_name(code),
                "main": language_name(programme.primary_language),
                "first": _where(reading, next(iter(texts.values()))),
            }
            yield Problem("languages", severity, sentence)


def _untranslated(count: int) -> str:
    return ngettext(
        "%(count)d text is not in %(language)s yet: translate it, take the language "
        "off the session, or let the session be issued with what is missing declared. "
        "It is: %(first)s.",
        "%(count)d texts are not in %(language)s yet: translate them, take the language "
        "off the session, or let the session be issued with what is missing declared. "
        "The first is: %(first)s.",
        count,
    )


def _declared(count: int) -> str:
    return ngettext(
        "%(count)d text is not in %(language)s yet: it prints in %(main)s, and page and "
        "note say so. It is: %(first)s.",
        "%(count)d texts are not in %(language)s yet: they print in %(main)s, and page "
        "and note say so. The first is: %(first)s.",
        count,
    )


def _where(reading: _Reading, printed: _Printed) -> str:
    """Where a text stands: “Panel 2 (15.00–17.50, Mon 19 June), title”."""
    words = {
        "of": printed.of if isinstance(printed.of, str) else reading.name(printed.of),
        "field": _FIELDS[printed.name],
    }
    if printed.person is None:
        return _("%(of)s, %(field)s") % words
    words["person"] = reading.said(printed.person.printed)
    return _("%(of)s, %(person)s, %(field)s") % words


def _texts(programme: Programme) -> Iterator[_Printed]:
    """Every text that prints, in reading order."""
    yield from _texts_of_heading(programme)
    yield from _texts_of_sections(programme, "before")
    for row in _rows_of(programme):
        yield from _texts_of_slot(row)
        for line in row.slot.lines:
            yield from _texts_of_line(row, line)
    yield from _texts_of_sections(programme, "after")
    for footnote in programme.footnotes:
        of = _("Footnote %(number)d") % {"number": footnote.number}
        yield _Printed(("footnote", footnote.key), "text", footnote.text, of)


def _texts_of_heading(programme: Programme) -> Iterator[_Printed]:
    conference, of = programme.conference, _("Conference")
    yield _Printed("conference", "office", conference.office, of)
    yield _Printed("conference", "title", conference.title, of)
    yield _Printed("conference", "notice", conference.notice, of)
    yield _Printed("conference", "contact", conference.contact, of)
    if conference.logo:
        yield _Printed("conference", "logo", conference.logo.text, of)
    of = _("Session")
    yield _Printed("session", "title", programme.title, of)
    yield _Printed("session", "note_title", programme.note_title, of)
    yield _Printed("session", "theme", programme.theme, of)
    yield _Printed("session", "city", programme.city, of)
    if programme.room:
        yield from _texts_of_room(programme.room, of)


def _texts_of_room(room: RoomEntry, of: str | _Row) -> Iterator[_Printed]:
    yield _Printed(("room", room.code), "venue", room.venue, of)
    yield _Printed(("room", room.code), "room", room.name, of)


def _texts_of_sections(programme: Programme, place: str) -> Iterator[_Printed]:
    for number, section in enumerate(programme.sections):
        if section.place == place:
            of = _("Section “%(heading)s”") % {
                "heading": _said(programme, section.heading)
            }
            yield _Printed(("section", number), "heading", section.heading, of)
            yield _Printed(("section", number), "text", section.text, of)


def _texts_of_slot(row: _Row) -> Iterator[_Printed]:
    slot = row.slot
    yield _Printed(slot.code, "when", slot.when, row)
    yield _Printed(slot.code, "label", slot.label, row)
    yield _Printed(slot.code, "title", slot.title, row)
    yield _Printed(slot.code, "aside", slot.aside, row)
    yield _Printed(slot.code, "text", slot.text, row)
    yield _Printed(slot.code, "questions", slot.questions, row)
    if slot.room:
        yield from _texts_of_room(slot.room, row)
    for number, document in enumerate(slot.documents):
        yield _Printed((slot.code, "document", number), "title", document.title, row)


def _texts_of_line(row: _Row, line: LineEntry) -> Iterator[_Printed]:
    # A closing line prints the words of its role.
    source = ("role", line.role) if line.layout == "closing" else line.code
    # A line that the role of its people made carries more behind a point.
    code = line.code.partition(".")[0]
    yield _Printed(source, "text", line.text, row, line=code)
    yield _Printed(("role", line.role), "heading", line.heading, row)
    for person in line.people:
        # A function may be typed on the line, in place of that on the record.
        record = person.person or _line_of(person)
        typed = (record, person.function.get(row.programme.primary_language))
        yield _Printed(record, "name", person.printed, row, person)
        yield _Printed(typed, "function", person.function, row, person)
        yield _Printed(record, "state", person.state, row, person)
        yield _Printed(record, "organization", person.organization, row, person)
        yield _Printed(("role", person.role), "role", person.role_label, row, person)
        yield _Printed(_line_of(person), "remark", person.remark, row, person)


_Check = Callable[[_Reading], Iterator[Problem]]

# Among problems of one severity at one place, the order in which they are told.
CHECKS: tuple[_Check, ...] = (
    _is_empty,
    _has_no_time,
    _person_in_two_places,
    _room_taken_twice,
    _slots_overlap,
    _leaves_gap,
    _is_outside_hours,
    _lunch_is_short,
    _has_nobody,
    _has_no_moderator,
    _is_misnumbered,
    _is_to_be_confirmed,
    _has_no_honorific,
    _weekday_belies_date,
    _note_is_unknown,
    _note_is_uncalled,
    _is_misspelled,
    _misses_language,
)
