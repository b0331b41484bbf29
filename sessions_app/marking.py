"""Two programmes printed as one: what is new and what is gone, marked inside the texts.

The marks are control characters, which no form lets into a programme. Outputs turn them
into insertions and deletions with `pieces`, or leave the deleted words out with
`strip`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal, TypeVar

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sessions_app import dates
from sessions_app.changes import (
    called_keys,
    compare,
    is_somebody_else,
    matched_days,
    matched_documents,
    matched_lines,
    matched_sections,
    with_gone,
    words_in,
)
from sessions_app.programme import (
    ConferenceEntry,
    DayEntry,
    DocumentEntry,
    FootnoteEntry,
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

# The characters before and after words that are new, and before and after words that
# are gone. Marks never stand inside one another.
INSERTED = ("\x0e", "\x0f")
DELETED = ("\x10", "\x11")

Mark = Literal["", "ins", "del"]

_Entry = TypeVar("_Entry")

# The share of a line's words that must be the same for single words to be marked;
# below it the whole line is exchanged, which reads better than shreds.
_ALIKE = 0.35

# What Markdown must not be cut within: links and emphasis.
_WHOLE = re.compile(
    r"(\[[^\]]*\]\([^)\s]*\)|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|(?<!\w)_[^_]+_(?!\w))"
)
_LINE = re.compile(r"(\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?)(.*)")
_PLACE = re.compile(r"(\{\d+\})")
_RUN = re.compile(r"\{\d+\}(?:.*\{\d+\})?", re.DOTALL)

_MARKED = re.compile(r"\x0e([^\x0e-\x11]*)\x0f|\x10([^\x0e-\x11]*)\x11")
_ANY_MARK = re.compile(r"[\x0e-\x11]")


def pieces(text: str) -> list[tuple[Mark, str]]:
    """The words of a text in their order, each with its mark: "" when both programmes
    have them, "ins" when they are new, "del" when they are gone. No piece is empty."""
    return list(_pieces(text))


def strip(text: str) -> str:
    """The text as it prints now: without what is gone and without any mark; a line of
    which nothing is left goes as well."""
    return "\n".join(_left(text.split("\n")))


def _left(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        left = "".join(words for mark, words in _pieces(line) if mark != "del")
        if DELETED[0] not in line or _line_of(left)[1].strip():
            yield left


def mark(before: Programme, after: Programme) -> Programme:
    """One programme that prints both: `after`, with what is new and what is gone marked
    in its texts, in every language of `after`. What is gone stands at its old place,
    with codes of its own. Times and dates that changed stand in words, in `when`,
    `heading_in_words` and `dates_in_words`. Not marked: pictures, the style of times,
    links. Of the same programme twice, the programme itself."""
    if not compare(before, after):
        return after
    return _Marking(before, after).programme()


# --- One text ---------------------------------------------------------------


def _wrapped(words: str, marks: tuple[str, str]) -> str:
    return f"{marks[0]}{words}{marks[1]}" if words else ""


def _exchanged(old: str, new: str) -> str:
    """Two words or values, the old one first."""
    parts = _wrapped(old, DELETED), _wrapped(new, INSERTED)
    return new if old == new else " ".join(filter(None, parts))


def _by_words(old: str, new: str) -> str:
    """A line of words with what differs marked word by word; wholly exchanged when
    little is the same."""
    one, other = _tokens(old), _tokens(new)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if _likeness(old, new) < _ALIKE:
        return _wrapped(old, DELETED) + _wrapped(new, INSERTED)
    marked = ""
    for is_same, start, end, first, last in _spans(matcher, one):
        if is_same:
            marked += "".join(other[first:last])
        else:
            marked += _wrapped("".join(one[start:end]), DELETED)
            marked += _wrapped("".join(other[first:last]), INSERTED)
    return marked


def _tokens(line: str) -> list[str]:
    """The words of a line, with the spaces between them; links and emphasis whole."""
    return [
        word
        for place, part in enumerate(_WHOLE.split(line))
        for word in ([part] if place % 2 else words_in(part))
    ]


def _likeness(old: str, new: str) -> float:
    """The share of words, without spaces, that two lines have in common."""
    one, other = (
        [word for word in _tokens(line) if not word.isspace()] for line in (old, new)
    )
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _spans(
    matcher: SequenceMatcher[str], words: Sequence[str]
) -> list[tuple[bool, int, int, int, int]]:
    """The same and the different stretches in turn; a space alone between two
    differences belongs to them."""
    spans: list[tuple[bool, int, int, int, int]] = []
    for tag, start, end, first, last in matcher.get_opcodes():
        is_same = tag == "equal"
        is_gap = is_same and not "".join(words[start:end]).strip()
        is_within = is_gap and spans and start and end < len(words)
        if spans and not spans[-1][0] and (is_within or not is_same):
            _same, begun, _end, here, _last = spans.pop()
            spans.append((False, begun, end, here, last))
        else:
            spans.append((is_same, start, end, first, last))
    return spans


def _by_lines(old: str, new: str) -> str:
    """Markdown with what differs marked inside its lines: the marks of lists and empty
    lines stay outside, so that the layout is that of both."""
    lines: list[str] = []
    for one, other in _aligned(old.splitlines(), new.splitlines()):
        if not (one or "").strip() and not (other or "").strip():
            if other is not None or (lines and lines[-1].strip()):
                lines.append(other or "")
            continue
        if one is None or other is None:
            begin, words = _line_of(one or other or "")
            marks = INSERTED if one is None else DELETED
            lines.append(f"{begin}{_wrapped(words, marks)}")
        else:
            begin, words = _line_of(other)
            lines.append(f"{begin}{_by_words(_line_of(one)[1], words)}")
    return "\n".join(lines)


def _line_of(line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    return (found[1], found[2]) if found else ("", line)


def _aligned(
    old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[str | None, str | None]]:
    """The lines of two texts, those that are alike side by side."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(old[start:end], new[first:last], strict=True)
        else:
            yield from _beside(old[start:end], new[first:last])


def _beside(
    old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[str | None, str | None]]:
    """Different lines, each beside the next one that is alike; between two of these,
    in turn when as many came as went."""
    behind = here = 0
    for place, line in enumerate(old):
        alike = next(
            (i for i in range(here, len(new)) if _is_alike(line, new[i])), None
        )
        if alike is not None:
            yield from _in_turn(old[behind:place], new[here:alike])
            yield line, new[alike]
            behind, here = place + 1, alike + 1
    yield from _in_turn(old[behind:], new[here:])


def _is_alike(old: str, new: str) -> bool:
    return _likeness(_line_of(old)[1], _line_of(new)[1]) >= _ALIKE


def _in_turn(
    old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[str | None, str | None]]:
    if len(old) == len(new):
        yield from zip(old, new, strict=True)
    else:
        yield from ((line, None) for line in old)
        yield from ((None, line) for line in new)


def _merged(
    old: Sequence[_Entry],
    new: Sequence[_Entry],
    same: Callable[[_Entry], _Entry | None],
) -> list[tuple[_Entry | None, _Entry | None]]:
    """Two lists as one: entries that stand in both beside each other, what is gone
    before what came. `same` gives the former self of a new entry; one that moved is
    gone at its old place and new at the other."""
    places = {id(entry): place for place, entry in enumerate(old)}
    one = list(range(len(old)))
    other = [
        places.get(id(same(entry)), len(old) + place) for place, entry in enumerate(new)
    ]
    merged: list[tuple[_Entry | None, _Entry | None]] = []
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            merged += zip(old[start:end], new[first:last], strict=True)
        else:
            merged += [(entry, None) for entry in old[start:end]]
            merged += [(None, entry) for entry in new[first:last]]
    return merged


# --- Two programmes ---------------------------------------------------------


class _Marking:
    def __init__(self, before: Programme, after: Programme) -> None:
        self.before = before
        self.after = after
        primary = after.primary_language
        self.languages = sorted(after.languages, key=lambda code: code != primary)
        self.old_slots = {slot.code: slot for slot in before.slots}
        self.old_days = {s.code: day for day in before.days for s in day.slots}
        self.new_codes = {slot.code for slot in after.slots}
        self.last_number = max((note.number for note in after.footnotes), default=0)
        # Key of a footnote that is called at a place no more, to its further number.
        self.gone_notes: dict[str, int] = {}

    def programme(self) -> Programme:
        before, after = self.before, self.after
        old_heading = before.note_title or before.title
        new_heading = after.note_title or after.title
        has_heading = bool(before.note_title or after.note_title)
        return after.model_copy(
            update={
                "conference": self.conference(before.conference, after.conference),
                "title": self.text(before.title, after.title),
                "note_title": (
                    self.text(old_heading, new_heading) if has_heading else {}
                ),
                "theme": self.text(before.theme, after.theme),
                "symbol": _exchanged(before.symbol, after.symbol),
                "city": self.text(before.city, after.city),
                "room": self.room(before.room, after.room),
                "dates_in_words": self.dates(),
                "notes": self.notes(before, after, ("title", "note_title", "theme")),
                "sections": tuple(
                    section
                    for place in ("before", "after")
                    for section in self.sections(place)
                ),
                "days": tuple(self.days()),
                # Last: by now it is known which are called no more.
                "footnotes": (),
            }
        ).model_copy(update={"footnotes": tuple(self.footnotes())})

    # --- Texts ---

    def text(
        self,
        old: Text,
        new: Text,
        marked: Callable[[str, str], str] = _by_words,
    ) -> Text:
        """Both texts as one in every language, as each prints there. A language that
        the old programme did not have is not marked but for what is wholly new."""
        if old == new and self.before.primary_language == self.after.primary_language:
            return new
        text = dict(new)
        for language in self.languages:
            words = pick(new, language, self.after.primary_language).text
            former = pick(old, language, self.before.primary_language).text
            is_known = language in self.before.languages or not old or not new
            wanted = marked(former, words) if is_known and former != words else words
            if pick(text, language, self.after.primary_language).text != wanted:
                text[language] = wanted
        return text

    def markdown(self, old: Text, new: Text) -> Text:
        return self.text(old, new, _by_lines)

    def in_words(
        self,
        old: Callable[[str], str],
        new: Callable[[str], str],
    ) -> Text:
        """Values in words of each language, exchanged as a whole."""
        return {
            language: _exchanged(old(language), new(language))
            for language in self.languages
        }

    def notes(self, old: Any, new: Any, fields: Iterable[str]) -> Notes:
        """The calls of the new entry, and behind them those that are gone."""
        notes = dict(new.notes)
        for field in fields:
            keys = called_keys(self.after, new.notes, field)
            gone = [
                self.gone_notes.setdefault(
                    key, self.last_number + len(self.gone_notes) + 1
                )
                for key in called_keys(self.before, old.notes, field)
                if key not in keys and (getattr(new, field) or field in new.notes)
            ]
            if gone:
                notes[field] = (*notes.get(field, ()), *gone)
        return notes

    def footnotes(self) -> Iterator[FootnoteEntry]:
        old = {note.key: note for note in self.before.footnotes}
        for note in self.after.footnotes:
            former = old[note.key].text if note.key in old else {}
            text = self.markdown(former, note.text)
            yield note.model_copy(update={"text": text})
        for key, number in self.gone_notes.items():
            text = self.markdown(old[key].text, {})
            yield FootnoteEntry(number=number, key=f"{key}-gone", text=text)

    # --- The session ---

    def conference(self, old: ConferenceEntry, new: ConferenceEntry) -> ConferenceEntry:
        return new.model_copy(
            update={
                "title": self.text(old.title, new.title),
                "office": self.text(old.office, new.office),
                "notice": self.text(old.notice, new.notice),
                "contact": self.markdown(old.contact, new.contact),
            }
        )

    def dates(self) -> Text:
        before, after = self.before, self.after
        if (before.starts_on, before.ends_on) == (after.starts_on, after.ends_on):
            return {}
        return self.in_words(
            lambda code: dates.date_range(before.starts_on, before.ends_on, code),
            lambda code: dates.date_range(after.starts_on, after.ends_on, code),
        )

    def room(self, old: RoomEntry | None, new: RoomEntry | None) -> RoomEntry | None:
        room = new or old
        if room is None:
            return None
        return room.model_copy(
            update={
                field: self.text(
                    getattr(old, field) if old else {},
                    getattr(new, field) if new else {},
                )
                for field in ("venue", "name")
            }
        )

    def sections(self, place: str) -> Iterator[SectionEntry]:
        pairs = {
            id(new): old
            for old, new in matched_sections(self.before, self.after)
            if old.place == new.place
        }
        merged = _merged(
            [section for section in self.before.sections if section.place == place],
            [section for section in self.after.sections if section.place == place],
            lambda section: pairs.get(id(section)),
        )
        for old, new in merged:
            yield self.section(old, new)

    def section(
        self, old: SectionEntry | None, new: SectionEntry | None
    ) -> SectionEntry:
        section = _either(old, new)
        return section.model_copy(
            update={
                "heading": self.text(*_texts(old, new, "heading")),
                "text": self.markdown(*_texts(old, new, "text")),
                "notes": self.notes_of(old, new, ("heading", "text")),
            }
        )

    def notes_of(self, old: Any, new: Any, fields: Iterable[str]) -> Notes:
        """The calls of an entry; none of one that is gone."""
        if old is not None and new is not None:
            return self.notes(old, new, fields)
        return {} if new is None else new.notes

    # --- Days ---

    def days(self) -> Iterator[DayEntry]:
        pairs = matched_days(self.before, self.after)
        partners = {new.date: old for old, new in pairs if new}
        gone = [old for old, new in pairs if old and new is None]
        number = len(self.after.days)
        for day in self.after.days:
            yield from self.gone_days(gone, day.date, number)
            yield self.day(partners[day.date], day)
        yield from self.gone_days(gone, None, number)

    def gone_days(
        self, gone: list[DayEntry], until: dt.date | None, number: int
    ) -> Iterator[DayEntry]:
        """The days that are gone and stood before a date, under further numbers."""
        while gone and (until is None or gone[0].date < until):
            old = gone.pop(0)
            slots = tuple(self.slot_before(slot) for slot in old.slots)
            yield DayEntry(
                number=number + old.number,
                date=old.date,
                heading_in_words=self.heading(old, None),
                slots=slots,
            )

    def day(self, old: DayEntry | None, new: DayEntry) -> DayEntry:
        here = {slot.code for slot in new.slots}
        slots = []
        for slot in with_gone(old, new, here) if old else new.slots:
            if slot.code not in here:
                slots.append(self.slot_before(slot))
            elif former := self.old_slots.get(slot.code):
                slots.append(self.slot(former, slot, self.old_days[slot.code] is old))
            else:
                slots.append(self.added(slot))
        return new.model_copy(
            update={"heading_in_words": self.heading(old, new), "slots": tuple(slots)}
        )

    def heading(self, old: DayEntry | None, new: DayEntry | None) -> Text:
        """The words that print above a day whose number or date changed."""

        def said(day: DayEntry | None, programme: Programme, language: str) -> str:
            if day is None:
                return ""
            if len(programme.days) == 1:
                return dates.day_heading(day.date, language)
            return dates.numbered_day(day.number, day.date, language)

        headings = {
            code: (said(old, self.before, code), said(new, self.after, code))
            for code in self.languages
        }
        if all(former == now for former, now in headings.values()):
            return {}
        return {code: _by_words(*both) for code, both in headings.items()}

    # --- Slots ---

    def slot_before(self, slot: SlotEntry) -> SlotEntry:
        """A slot at its old place: with all its texts when it is gone, and with its
        time, label and title when it stands on another day now."""
        stub = SlotEntry(
            code=f"{slot.code}-gone",
            kind=slot.kind,
            when=self.when(slot, None),
            label=self.text(slot.label, {}),
            title=self.text(slot.title, {}),
        )
        if slot.code in self.new_codes:
            return stub
        room = self.room(slot.room, None) if slot.has_own_room else None
        return stub.model_copy(
            update={
                "text": self.markdown(slot.text, {}),
                "questions": self.markdown(slot.questions, {}),
                "aside": self.text(slot.aside, {}),
                "room": room,
                "has_own_room": room is not None,
                "agenda_item": _wrapped(slot.agenda_item, DELETED),
                "interpretation": tuple(
                    _wrapped(code, DELETED) for code in slot.interpretation
                ),
                "documents": tuple(
                    self.document(document, None) for document in slot.documents
                ),
                "lines": tuple(self.line(line, None) for line in slot.lines),
            }
        )

    def added(self, slot: SlotEntry) -> SlotEntry:
        room = slot.room
        if slot.has_own_room:
            room = self.room(None, slot.room)
        return slot.model_copy(
            update={
                **self.timeless(None, slot),
                "label": self.text({}, slot.label),
                "title": self.text({}, slot.title),
                "text": self.markdown({}, slot.text),
                "questions": self.markdown({}, slot.questions),
                "aside": self.text({}, slot.aside),
                "room": room,
                "agenda_item": _wrapped(slot.agenda_item, INSERTED),
                "interpretation": tuple(
                    _wrapped(code, INSERTED) for code in slot.interpretation
                ),
                "documents": tuple(
                    self.document(None, document) for document in slot.documents
                ),
                "lines": tuple(self.line(None, line) for line in slot.lines),
            }
        )

    def slot(self, old: SlotEntry, new: SlotEntry, is_same_day: bool) -> SlotEntry:
        fields = ("label", "title", "when", "aside", "text", "questions")
        return new.model_copy(
            update={
                **self.time(old, new, is_same_day),
                **self.status(old, new),
                **self.room_of(old, new),
                "text": self.markdown(old.text, new.text),
                "questions": self.markdown(old.questions, new.questions),
                "aside": self.text(old.aside, new.aside),
                "agenda_item": _exchanged(old.agenda_item, new.agenda_item),
                "interpretation": _marked_items(old.interpretation, new.interpretation),
                "documents": tuple(self.documents(old, new)),
                "lines": tuple(self.lines(old, new)),
                "notes": self.notes(old, new, fields),
            }
        )

    def words_of_time(
        self, slot: SlotEntry | None, programme: Programme, language: str
    ) -> str:
        """When a slot takes place, in words of the language and in the style that
        times have now."""
        if slot is None:
            return ""
        style = self.after.time_style
        words = dates.time_range(slot.start, slot.end, language, style)
        words = words or programme.said(slot.when, language).text
        if not slot.ends_next_day:
            return words
        with translation.override(language):
            return f"{words} {_('(next day)')}".strip()

    def when(self, old: SlotEntry | None, new: SlotEntry | None) -> Text:
        both = {
            code: (
                self.words_of_time(old, self.before, code),
                self.words_of_time(new, self.after, code),
            )
            for code in self.languages
        }
        return {
            code: marked
            for code, (former, now) in both.items()
            if (marked := _exchanged(former, now))
        }

    def timeless(self, old: SlotEntry | None, new: SlotEntry) -> dict[str, Any]:
        """The fields of a slot whose time stands in words."""
        return {
            "start": None,
            "end": None,
            "starts_at": None,
            "ends_at": None,
            "ends_next_day": False,
            "when": self.when(old, new),
        }

    def time(self, old: SlotEntry, new: SlotEntry, is_same_day: bool) -> dict[str, Any]:
        if not is_same_day:
            return self.timeless(None, new)
        at_same_time = all(
            self.words_of_time(old, self.before, code)
            == self.words_of_time(new, self.after, code)
            for code in self.languages
            if code in self.before.languages
        )
        return {} if at_same_time else self.timeless(old, new)

    def status(self, old: SlotEntry, new: SlotEntry) -> dict[str, Any]:
        """Label and title, with a new status in words: the title of what is cancelled
        or postponed is gone, and back when it takes place after all."""
        label = self.text(old.label, new.label)
        title = self.text(old.title, new.title)
        if old.status == new.status:
            return {"label": label, "title": title}
        status = self.in_words(
            lambda code: _word_of(old.status, code),
            lambda code: _word_of(new.status, code),
        )
        return {
            "status": "scheduled",
            "label": {
                code: f"{words} {self.after.said(label, code).text}".strip()
                for code, words in status.items()
            },
            "title": (
                self.text(old.title, {}) if new.is_struck else self.text({}, new.title)
            ),
        }

    def room_of(self, old: SlotEntry, new: SlotEntry) -> dict[str, Any]:
        room = self.room(old.room, new.room)
        own = old.has_own_room or new.has_own_room
        has_own_room = own if room != new.room else new.has_own_room
        return {"room": room, "has_own_room": has_own_room}

    # --- Documents ---

    def documents(self, old: SlotEntry, new: SlotEntry) -> Iterator[DocumentEntry]:
        found = matched_documents(old, new, self.after.primary_language)
        pairs = {id(document): former for former, document in found}
        merged = _merged(
            old.documents, new.documents, lambda document: pairs.get(id(document))
        )
        for former, document in merged:
            yield self.document(former, document)

    def document(
        self, old: DocumentEntry | None, new: DocumentEntry | None
    ) -> DocumentEntry:
        return DocumentEntry(
            symbol=_exchanged(old.symbol if old else "", new.symbol if new else ""),
            title=self.text(*_texts(old, new, "title")),
            address=new.address if new else "",
        )

    # --- Lines ---

    def lines(self, old: SlotEntry, new: SlotEntry) -> Iterator[LineEntry]:
        pairs = {
            line.code: former
            for former, line in matched_lines(old, new)
            if (former.layout == "bullets") == (line.layout == "bullets")
        }
        for former, line in _merged(
            old.lines, new.lines, lambda line: pairs.get(line.code)
        ):
            yield self.line(former, line)

    def line(self, old: LineEntry | None, new: LineEntry | None) -> LineEntry:
        line = _either(old, new)
        people = self.people(old.people if old else (), new.people if new else ())
        if line.layout == "bullets":
            text = self.text(*_texts(old, new, "text"))
        else:
            text = self.sentence(old, new, people)
        return line.model_copy(
            update={
                "code": line.code if new else f"{line.code}-gone",
                "text": text,
                "heading": self.text(*_texts(old, new, "heading")),
                "people": tuple(
                    self.person(former, person) for former, person in people
                ),
                "notes": self.notes_of(old, new, ("text",)),
            }
        )

    def people(
        self, old: Sequence[PersonEntry], new: Sequence[PersonEntry]
    ) -> list[tuple[PersonEntry | None, PersonEntry | None]]:
        """The people of a line, old and new side by side; one who replaces another
        behind them."""
        former = {person.code: person for person in old}
        found: list[tuple[PersonEntry | None, PersonEntry | None]] = []
        for one, other in _merged(old, new, lambda person: former.get(person.code)):
            if one and other and is_somebody_else(one, other, self.before, self.after):
                found += [(one, None), (None, other)]
            else:
                found.append((one, other))
        return found

    def person(self, old: PersonEntry | None, new: PersonEntry | None) -> PersonEntry:
        person = _either(old, new)
        texts = {
            field: self.text(*_texts(old, new, field))
            for field in (
                "printed",
                "function",
                "remark",
                "role_label",
                "state",
                "organization",
            )
        }
        notes = self.notes_of(old, new, ("function",))
        if new is not None:
            return new.model_copy(update={**texts, "notes": notes})
        # Struck out already, and on no page of their own.
        return person.model_copy(
            update={
                **texts,
                "code": f"{person.code}-gone",
                "person": None,
                "former_codes": (),
                "status": "confirmed",
                "mode": "in_person",
                "notes": {},
            }
        )

    def sentence(
        self,
        old: LineEntry | None,
        new: LineEntry | None,
        people: Sequence[tuple[PersonEntry | None, PersonEntry | None]],
    ) -> Text:
        """The words of a sentence with a place for everybody of both lines."""
        if (
            old
            and new
            and old.text == new.text
            and all(one and now for one, now in people)
        ):
            return new.text
        former, now = old.text if old else {}, new.text if new else {}
        text = {
            language: _sentence(said, said, people) for language, said in now.items()
        }
        for language in self.languages:
            words = (
                pick(former, language, self.before.primary_language).text,
                pick(now, language, self.after.primary_language).text,
            )
            if language not in self.before.languages and old and new:
                words = words[1], words[1]
            wanted = _sentence(*words, people)
            if pick(text, language, self.after.primary_language).text != wanted:
                text[language] = wanted
        return text


def _sentence(
    old: str,
    new: str,
    people: Sequence[tuple[PersonEntry | None, PersonEntry | None]],
) -> str:
    """One sentence of both: the words around the people, and the people joined as they
    are now, those who are gone directly before those who follow."""
    one, other = _around(old), _around(new)
    joints = _joints(one[1] if not new else other[1])
    former_joints = _joints(one[1])
    are_same = all(former and now for former, now in people)
    if old and new and are_same and len(former_joints) == len(joints):
        joints = list(map(_by_words, former_joints, joints))
    marks = DELETED if not new else INSERTED if not old else None
    run = _joined(people, joints, marks)
    if one[0] == other[0] and one[2] == other[2]:
        return f"{other[0]}{run}{other[2]}"
    return f"{_by_words(one[0], other[0])}{run}{_by_words(one[2], other[2])}"


def _around(sentence: str) -> tuple[str, str, str]:
    """A sentence as the words before its people, the people, and the words behind."""
    found = _RUN.search(sentence)
    if found is None:
        return sentence, "", ""
    return sentence[: found.start()], found[0], sentence[found.end() :]


def _joints(run: str) -> list[str]:
    """What stands between the people: ", ", " and "."""
    return [part for part in _PLACE.split(run)[2:-1] if not _PLACE.fullmatch(part)]


def _joined(
    people: Sequence[tuple[PersonEntry | None, PersonEntry | None]],
    joints: Sequence[str],
    marks: tuple[str, str] | None,
) -> str:
    """Places for all people, those of one programme joined by its joints."""
    is_gone_line = all(now is None for _former, now in people)
    run, gone, left = "", "", list(joints)
    has_name = has_former = False
    for place, (former, now) in enumerate(people):
        if now is None and not is_gone_line:
            gone += f"{{{place}}}{_wrapped(' ', DELETED)}"
            continue
        is_former = former is not None or bool(gone)
        if has_name and left:
            joint = left.pop(0)
            around = marks or (None if is_former and has_former else INSERTED)
            run += _wrapped(joint, around) if around else joint
        run += f"{gone}{{{place}}}"
        gone, has_name, has_former = "", True, has_former or is_former
    return run + (_wrapped(" ", DELETED) + gone[: gone.rindex("}") + 1] if gone else "")


def _marked_items(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    marked: list[str] = []
    for tag, start, end, first, last in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            marked += new[first:last]
        else:
            marked += [_wrapped(item, DELETED) for item in old[start:end]]
            marked += [_wrapped(item, INSERTED) for item in new[first:last]]
    return tuple(marked)


def _word_of(status: str, language: str) -> str:
    with translation.override(language):
        return {
            "cancelled": pgettext("slot", "Cancelled"),
            "postponed": pgettext("slot", "Postponed"),
        }.get(status, "")


def _either(old: _Entry | None, new: _Entry | None) -> _Entry:
    entry = new if new is not None else old
    if entry is None:
        raise ValueError("Neither the old nor the new entry is there.")
    return entry


def _texts(old: Any, new: Any, field: str) -> tuple[Text, Text]:
    """A field of both; no words where there is no entry."""
    return (
        getattr(old, field) if old is not None else {},
        getattr(new, field) if new is not None else {},
    )


def _pieces(text: str) -> Iterator[tuple[Mark, str]]:
    end = 0
    for found in _MARKED.finditer(text):
        yield from _plain(text[end : found.start()])
        end = found.end()
        if found[1]:
            yield "ins", found[1]
        elif found[2]:
            yield "del", found[2]
    yield from _plain(text[end:])


def _plain(text: str) -> Iterator[tuple[Mark, str]]:
    if words := _ANY_MARK.sub("", text):
        yield "", words
