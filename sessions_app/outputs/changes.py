"""What changed between two programmes, in sentences for readers.

A sentence is built when it is printed, in the reader's language, from a Change that
holds values; texts in other languages are named as such."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_app import dates
from sessions_app.changes import (
    Change,
    Nature,
    changed_languages,
    compare,
    with_people_as_one,
    words_in,
)
from sessions_app.programme import (
    DocumentEntry,
    LineEntry,
    PersonEntry,
    Programme,
    RoomEntry,
    SectionEntry,
    SlotEntry,
    Text,
    broken_off,
    colon_of,
    comma_of,
    enumeration_of,
    in_brackets,
    in_quotes,
    semicolon_of,
    space_of,
)
from sessions_app.translated import language_name

# The longest text that is quoted whole, in characters; the longest piece of one.
_SHORT = 120
_PIECE = 90

_SAMPLE = dt.time(15, 30)

_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)")
_LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+", re.MULTILINE)


@dataclass(frozen=True)
class Told:
    """A change in a sentence. `is_gone`: of a slot that is on the programme no more."""

    sentence: str
    nature: Nature
    change: Change
    is_gone: bool = False


@dataclass(frozen=True)
class SlotChanges:
    """The changes of one slot, under its name and time; of the day or the session
    itself, with neither code nor heading."""

    code: str
    heading: str
    items: tuple[Told, ...]


@dataclass(frozen=True)
class Group:
    """The changes of one day, or of the session as a whole (without a day)."""

    heading: str
    day: dt.date | None
    slots: tuple[SlotChanges, ...]


def told(
    before: Programme,
    after: Programme,
    language: str,
    changes: Iterable[Change] | None = None,
) -> list[Group]:
    """What changed, in sentences of `language`: the session as a whole first, then by
    day and slot in reading order. `changes` are those to tell, all when left out."""
    with translation.override(language):
        teller = _Teller(before, after, language)
        found = compare(before, after) if changes is None else changes
        return teller.groups(found)


def sentence_of(
    change: Change, before: Programme, after: Programme, language: str
) -> str:
    """One change in a sentence of `language`, with its full stop."""
    with translation.override(language):
        return _Teller(before, after, language).sentence(change)


class _Teller:
    """Tells the changes between two programmes in the active language."""

    def __init__(self, before: Programme, after: Programme, language: str) -> None:
        self.before = before
        self.after = after
        self.language = language
        self.old_slots = {slot.code: slot for slot in before.slots}
        self.new_slots = {slot.code: slot for slot in after.slots}
        self.old_days = {s.code: day for day in before.days for s in day.slots}

    # --- Groups ---

    def groups(self, changes: Iterable[Change]) -> list[Group]:
        found: dict[dt.date | None, dict[str, list[Told]]] = {None: {"": []}}
        for change in changes:
            slots = found.setdefault(change.day, {"": []})
            slots.setdefault(change.slot, []).append(self.told(change))
        return [
            Group(
                self.heading_of_day(day),
                day,
                tuple(
                    SlotChanges(code, self.heading_of_slot(code), tuple(items))
                    for code, items in slots.items()
                    if items
                ),
            )
            for day, slots in found.items()
            if any(slots.values())
        ]

    def told(self, change: Change) -> Told:
        is_gone = bool(change.slot) and change.slot not in self.new_slots
        return Told(self.sentence(change), change.nature, change, is_gone)

    def heading_of_day(self, date: dt.date | None) -> str:
        if date is None:
            return _("The session as a whole")
        for programme in (self.after, self.before):
            for day in programme.days:
                if day.date == date and len(programme.days) > 1:
                    return dates.numbered_day(day.number, date, self.language)
        return dates.day_heading(date, self.language)

    def heading_of_slot(self, code: str) -> str:
        slot = self.new_slots.get(code) or self.old_slots.get(code)
        if slot is None:
            return ""
        time = self.time(slot, dates.time_range)
        name = self.full_name(slot)
        return f"{name}{in_brackets(time, self.language)}" if time else name

    # --- Words ---

    def said(self, text: Text, *, old: bool = False) -> str:
        programme = self.before if old else self.after
        return programme.said(text, self.language).text

    def quoted(self, words: str) -> str:
        return in_quotes(words, self.language)

    def shortened(self, words: str) -> str:
        return _shortened(words, self.language)

    def name(self, slot: SlotEntry) -> str:
        """A slot by its label, else by its title."""
        if label := self.said(slot.label):
            return label
        title = self.said(slot.title)
        return self.quoted(title) if title else _("a part of the programme")

    def full_name(self, slot: SlotEntry) -> str:
        parts = self.said(slot.label), self.said(slot.title)
        if not any(parts):
            return _("A part of the programme")
        return colon_of(self.language).join(filter(None, parts))

    def time(
        self,
        slot: SlotEntry,
        range_: Callable[..., str] = dates.time_range_in_sentence,
        *,
        old: bool = False,
    ) -> str:
        """When a slot takes place: its hours as `range_` says them, else its words,
        else nothing."""
        if slot.start is None:
            words = self.said(slot.when, old=old)
        else:
            style = (self.before if old else self.after).time_style
            words = range_(slot.start, slot.end, self.language, style)
        if slot.ends_next_day:
            words = f"{words} {_('(next day)')}".strip()
        return words

    def wall(self, time: dt.time, style: str) -> str:
        return dates.time(time, self.language, style)

    def dates(self, both: tuple[dt.date, dt.date]) -> str:
        first, last = both
        return dates.date_range(first, last, self.language)

    def room(self, room: RoomEntry | None, *, old: bool = False) -> str:
        if room is None:
            return ""
        parts = (self.said(text, old=old) for text in (room.venue, room.name))
        return comma_of(self.language).join(filter(None, parts))

    def names_of(self, languages: Iterable[str]) -> str:
        return enumeration_of(self.language).join(map(language_name, languages))

    def document(self, document: DocumentEntry) -> str:
        title = self.quoted(self.said(document.title))
        return f"{document.symbol} {title}" if document.symbol else title

    def person(self, person: PersonEntry, *, old: bool = False) -> str:
        return self.said(person.printed, old=old) or _("somebody unnamed")

    def role(self, person: PersonEntry, *, old: bool = False) -> str:
        """A role in the midst of a sentence: "moderator"."""
        label = self.said(person.role_label, old=old)
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]

    def line(self, line: LineEntry, *, old: bool = False) -> str:
        """A line by its words, else by those whom it names."""
        programme = self.before if old else self.after
        words = line.plainly(self.language, programme.primary_language)
        if line.layout != "bullets" and words:
            return self.quoted(self.shortened(words))
        if words := words or self.said(line.heading, old=old):
            return self.quoted(self.shortened(words))
        return self.list_of(self.person(person, old=old) for person in line.people)

    def list_of(self, names: Iterable[str]) -> str:
        return semicolon_of(self.language).join(names)

    # --- Sentences ---

    def sentence(self, change: Change) -> str:
        tell: Callable[[Change], str] = getattr(self, f"tell_{change.kind.value}")
        return _capitalised(tell(change))

    def joined(self, sentences: Iterable[str]) -> str:
        return space_of(self.language).join(map(_capitalised, sentences))

    def slot_of(self, change: Change) -> SlotEntry:
        return self.new_slots.get(change.slot) or self.old_slots[change.slot]

    def text(
        self,
        things: tuple[str, str],
        old: Text,
        new: Text,
        bare: Callable[[str], str] = str,
    ) -> str:
        """How a text changed. `things` name it: in the reader's language, and with a
        place for the name of another one. `bare` leaves the marks of Markdown out."""
        words = self.said(old, old=True), self.said(new)
        thing = things[0]
        others = changed_languages(old, new, self.before, self.after)
        if words[0] == words[1] and others:
            language = others[0]
            thing = things[1].replace("%(language)s", language_name(language))
            words = (
                self.before.said(old, language).text,
                self.after.said(new, language).text,
            )
        return self.words(thing, *words, bare)

    def words(
        self, thing: str, old: str, new: str, bare: Callable[[str], str] = str
    ) -> str:
        """How the words of a thing changed: short ones are quoted whole, of long ones
        what differs."""
        plain = bare(old), bare(new)
        if not old or not new:
            words = self.quoted(self.shortened(plain[0] or plain[1]))
            if new:
                return _("%(thing)s is added: %(after)s.") % {
                    "thing": thing,
                    "after": words,
                }
            return _("%(thing)s is deleted; it was %(before)s.") % {
                "thing": thing,
                "before": words,
            }
        if plain[0] != plain[1] and all(map(_is_short, (old, new))):
            return _("%(thing)s is %(after)s, was %(before)s.") % {
                "thing": thing,
                "after": self.quoted(plain[1]),
                "before": self.quoted(plain[0]),
            }
        if found := _differences(*plain):
            return self.places(thing, found)
        if _LINK.findall(old) != _LINK.findall(new):
            return _("A link in %(thing)s is changed.") % {"thing": thing}
        return _("The layout of %(thing)s is changed.") % {"thing": thing}

    def places(self, thing: str, found: list[tuple[str, str]]) -> str:
        said = {"thing": thing, "clause": self.clause(*found[0])}
        more = len(found) - 1
        if not more:
            return _("In %(thing)s, %(clause)s.") % said
        return ngettext(
            "In %(thing)s, %(clause)s; %(count)d more place is changed.",
            "In %(thing)s, %(clause)s; %(count)d more places are changed.",
            more,
        ) % {**said, "count": more}

    def clause(self, old: str, new: str) -> str:
        said = {
            "before": self.quoted(self.shortened(old)),
            "after": self.quoted(self.shortened(new)),
        }
        if not old:
            return _("%(after)s is added") % said
        if not new:
            return _("%(before)s is deleted") % said
        return _("%(after)s replaces %(before)s") % said

    # --- The session ---

    def tell_title(self, change: Change) -> str:
        if not change.slot:
            things = (
                _("the title of the session"),
                _("the %(language)s title of the session"),
            )
        else:
            slot = self.slot_of(change)
            label = self.said(slot.label)
            things = (
                self.of(_("the title of %(slot)s"), label) if label else _("the title"),
                self.of(_("the %(language)s title of %(slot)s"), label)
                if label
                else _("the %(language)s title"),
            )
        return self.text(things, change.before, change.after)

    def of(self, thing: str, slot: str) -> str:
        return thing.replace("%(slot)s", slot)

    def tell_note_title(self, change: Change) -> str:
        things = (
            _("the heading of the note"),
            _("the %(language)s heading of the note"),
        )
        return self.text(things, change.before, change.after)

    def tell_theme(self, change: Change) -> str:
        things = (
            _("the theme of the session"),
            _("the %(language)s theme of the session"),
        )
        return self.text(things, change.before, change.after)

    def tell_symbol(self, change: Change) -> str:
        return self.words(_("the symbol of the document"), change.before, change.after)

    def tell_city(self, change: Change) -> str:
        things = (
            _("the place of the session"),
            _("the %(language)s name of the place of the session"),
        )
        return self.text(things, change.before, change.after)

    def tell_zone(self, change: Change) -> str:
        return _("The time zone of the session is %(after)s, was %(before)s.") % {
            "after": change.after,
            "before": change.before,
        }

    def tell_dates(self, change: Change) -> str:
        return _("The session takes place on %(after)s, was %(before)s.") % {
            "after": self.dates(change.after),
            "before": self.dates(change.before),
        }

    def tell_room(self, change: Change) -> str:
        before = self.room(change.before, old=True)
        after = self.room(change.after)
        who = self.name(self.slot_of(change)) if change.slot else _("the session")
        said = {"who": who, "after": after, "before": before}
        if before and after and before != after:
            return _("%(who)s takes place in %(after)s, was %(before)s.") % said
        if not after:
            return _("The room of %(who)s is no longer given, was %(before)s.") % said
        if change.before is not None and before == after:
            return self.room_alike(change, said)
        return _("%(who)s takes place in %(after)s.") % said

    def room_alike(self, change: Change, said: dict[str, str]) -> str:
        """Of a room that prints the same in the reader's language."""
        for field in ("venue", "name"):
            texts = getattr(change.before, field), getattr(change.after, field)
            others = changed_languages(*texts, self.before, self.after)
            if others:
                thing = _("the %(language)s name of the room of %(who)s") % {
                    "language": language_name(others[0]),
                    "who": said["who"],
                }
                return self.words(
                    thing,
                    self.before.said(texts[0], others[0]).text,
                    self.after.said(texts[1], others[0]).text,
                )
        if self.slot_of(change).has_own_room:
            return _("%(who)s has a room of its own, %(after)s.") % said
        return _("%(who)s takes place in the room of the session, %(after)s.") % said

    def tell_languages(self, change: Change) -> str:
        old, new = change.before, change.after
        sentences = []
        if added := [code for code in new if code not in old]:
            sentences.append(
                _("The programme is now in %(languages)s, too.")
                % {"languages": self.names_of(added)}
            )
        if removed := [code for code in old if code not in new]:
            sentences.append(
                _("The programme is no longer in %(languages)s.")
                % {"languages": self.names_of(removed)}
            )
        return self.joined(sentences)

    def tell_time_style(self, change: Change) -> str:
        """By an example, in the first language in which the styles differ."""
        for language in (self.language, *self.after.languages):
            before, after = (
                dates.time(_SAMPLE, language, style)
                for style in (change.before, change.after)
            )
            if before != after:
                break
        said = {
            "after": self.quoted(after),
            "before": self.quoted(before),
            "language": language_name(language),
        }
        if language == self.language:
            return _("Times are written as %(after)s, were %(before)s.") % said
        return _("Times in %(language)s are written as %(after)s, were %(before)s.") % (
            said
        )

    def tell_status(self, change: Change) -> str:
        if not change.slot:
            if change.after == "cancelled":
                return _("The session is cancelled.")
            return _("The session takes place after all.")
        said = {"slot": self.name(self.slot_of(change))}
        if change.after == "cancelled":
            return _("%(slot)s is cancelled.") % said
        if change.after == "postponed":
            return _("%(slot)s is postponed.") % said
        return _("%(slot)s takes place after all.") % said

    def tell_conference(self, change: Change) -> str:
        things = (
            _("the name of the conference"),
            _("the %(language)s name of the conference"),
        )
        return self.text(things, change.before, change.after)

    def tell_office(self, change: Change) -> str:
        things = (_("the issuing office"), _("the %(language)s name of the office"))
        return self.text(things, change.before, change.after)

    def tell_contact(self, change: Change) -> str:
        things = (_("the contact"), _("the %(language)s text of the contact"))
        return self.text(things, change.before, change.after, _plain)

    def tell_notice(self, change: Change) -> str:
        things = (
            _("the notice at the head"),
            _("the %(language)s notice at the head"),
        )
        return self.text(things, change.before, change.after)

    def tell_logo(self, change: Change) -> str:
        if change.before is None:
            return _("A logo is added.")
        if change.after is None:
            return _("The logo is removed.")
        if change.before.png != change.after.png:
            return _("The logo is another picture.")
        things = (
            _("the description of the logo"),
            _("the %(language)s description of the logo"),
        )
        return self.text(things, change.before.text, change.after.text)

    # --- Footnotes ---

    def tell_footnote(self, change: Change) -> str:
        key = change.address.partition("/")[2]
        number = next(note.number for note in self.after.footnotes if note.key == key)
        things = (
            _("footnote %(number)d") % {"number": number},
            _("the %(language)s text of footnote %(number)d").replace(
                "%(number)d", str(number)
            ),
        )
        return self.text(things, change.before, change.after, _plain)

    def tell_calls(self, change: Change) -> str:
        thing = self.called_from(change)
        removed = [key for key in change.before if key not in change.after]
        added = [key for key in change.after if key not in change.before]
        sentences = [
            _("A footnote is added to %(thing)s: %(note)s.")
            % {"thing": thing, "note": self.footnote(self.after, key)}
            for key in added
        ] + [
            _("The footnote %(note)s is removed from %(thing)s.")
            % {"thing": thing, "note": self.footnote(self.before, key)}
            for key in removed
        ]
        if not sentences:
            return _("The footnotes to %(thing)s stand in another order.") % {
                "thing": thing
            }
        return self.joined(sentences)

    def footnote(self, programme: Programme, key: str) -> str:
        text = next(note.text for note in programme.footnotes if note.key == key)
        words = programme.said(text, self.language).text
        return self.quoted(self.shortened(_plain(words)))

    def called_from(self, change: Change) -> str:
        """What a footnote is called from, in the midst of a sentence."""
        *_path, field, _notes = change.address.split("/")
        if change.line:
            return self.called_from_line(change, field)
        if change.slot:
            slot = self.name(self.slot_of(change))
            if field == "title" and not self.said(self.slot_of(change).label):
                return slot
            names = {
                "title": _("the title of %(slot)s"),
                "label": _("the label of %(slot)s"),
                "when": _("the time of %(slot)s"),
                "text": _("the text of %(slot)s"),
                "questions": _("the guiding questions of %(slot)s"),
                "aside": _("the remark beside %(slot)s"),
            }
            return names[field] % {"slot": slot}
        if change.address.startswith("sections/"):
            return self.section(self.section_of(change))
        return {
            "title": _("the title of the session"),
            "note_title": _("the heading of the note"),
            "theme": _("the theme of the session"),
        }[field]

    def called_from_line(self, change: Change, field: str) -> str:
        slot = self.slot_of(change)
        line = next(line for line in slot.lines if line.code == change.line)
        if field == "text":
            return _("the line %(line)s") % {"line": self.line(line)}
        code = change.address.split("/")[-3]
        person = next(person for person in slot.people if person.code == code)
        return _("the name of %(person)s") % {"person": self.person(person)}

    # --- Sections ---

    def section(self, section: SectionEntry, *, old: bool = False) -> str:
        heading = self.quoted(self.said(section.heading, old=old))
        return _("the section %(heading)s") % {"heading": heading}

    def section_of(self, change: Change) -> SectionEntry:
        return self.after.sections[int(change.address.split("/")[1]) - 1]

    def tell_section_added(self, change: Change) -> str:
        return _("%(section)s is added.") % {"section": self.section(change.after)}

    def tell_section_removed(self, change: Change) -> str:
        section = self.section(change.before, old=True)
        return _("%(section)s is deleted.") % {"section": section}

    def tell_section_place(self, change: Change) -> str:
        said = {"section": self.section(change.after)}
        if change.after.place == "before":
            return _("%(section)s now stands before the programme.") % said
        return _("%(section)s now stands after the programme.") % said

    def tell_section_heading(self, change: Change) -> str:
        things = (
            _("the heading of a section"),
            _("the %(language)s heading of a section"),
        )
        return self.text(things, change.before, change.after)

    def tell_section_text(self, change: Change) -> str:
        section = self.section(self.section_of(change))
        things = (
            _("the text of %(section)s").replace("%(section)s", section),
            _("the %(language)s text of %(section)s").replace("%(section)s", section),
        )
        return self.text(things, change.before, change.after, _plain)

    def tell_sections_order(self, change: Change) -> str:
        names = self.list_of(
            self.quoted(self.said(section.heading)) for section in change.after
        )
        return _("The order of the sections is now: %(names)s.") % {"names": names}

    # --- Days ---

    def tell_day_added(self, change: Change) -> str:
        day = self.day(change.after.date)
        return _("%(day)s is added to the programme.") % {"day": day}

    def tell_day_removed(self, change: Change) -> str:
        day = self.day(change.before.date)
        return _("%(day)s is no longer on the programme.") % {"day": day}

    def tell_day_moved(self, change: Change) -> str:
        return _("Day %(number)d is on %(after)s, was %(before)s.") % {
            "number": change.after.number,
            "after": self.day(change.after.date),
            "before": self.day(change.before.date),
        }

    def tell_order(self, change: Change) -> str:
        if moved := _moved(change.before, change.after):
            one, other = (self.name(slot) if slot else "" for slot in moved)
            return self.before_or_last(
                one,
                other,
                _("%(one)s is now before %(other)s."),
                _("%(one)s is now last."),
            )
        names = self.list_of(self.name(slot) for slot in change.after)
        return _("The order is now: %(names)s.") % {"names": names}

    def before_or_last(self, one: str, other: str, stands: str, is_last: str) -> str:
        return (stands if other else is_last) % {"one": one, "other": other}

    # --- Slots ---

    def tell_added(self, change: Change) -> str:
        name = self.heading_of_slot(change.slot)
        return _("%(slot)s is added to the programme.") % {"slot": name}

    def tell_removed(self, change: Change) -> str:
        name = self.heading_of_slot(change.slot)
        return _("%(slot)s is no longer on the programme.") % {"slot": name}

    def tell_moved(self, change: Change) -> str:
        old, new = change.before, change.after
        return _("%(slot)s is moved to %(after)s, was %(before)s.") % {
            "slot": self.name(new),
            "after": self.day_and_time(change.day, self.time(new)),
            "before": self.day_and_time(
                self.old_days[change.slot].date, self.time(old, old=True)
            ),
        }

    def day(self, date: dt.date) -> str:
        """A day in the midst of a sentence."""
        heading = dates.day_heading(date, self.language)
        return dates.in_sentence(heading, self.language)

    def day_and_time(self, date: dt.date | None, time: str) -> str:
        day = self.day(date) if date else ""
        return comma_of(self.language).join(filter(None, (day, time)))

    def tell_time(self, change: Change) -> str:
        old, new = change.before, change.after
        slot = self.name(new)
        if not old.start and not new.start and old.ends_next_day == new.ends_next_day:
            things = (
                self.of(_("the time of %(slot)s"), slot),
                self.of(_("the %(language)s time of %(slot)s"), slot),
            )
            return self.text(things, old.when, new.when)
        told = self.one_end(slot, old, new)
        times = {
            "slot": slot,
            "after": self.time(new),
            "before": self.time(old, old=True),
        }
        if not times["before"]:
            return _("The time of %(slot)s is %(after)s, was not given.") % times
        if not times["after"]:
            return _("The time of %(slot)s is no longer given, was %(before)s.") % times
        return told or _("The time of %(slot)s is %(after)s, was %(before)s.") % times

    def one_end(self, slot: str, old: SlotEntry, new: SlotEntry) -> str:
        """Of a slot that only starts, or only ends, at another time; else nothing."""
        if not (old.start and new.start and old.end and new.end):
            return ""
        if old.end == new.end and old.ends_next_day == new.ends_next_day:
            return _("%(slot)s starts at %(after)s, was %(before)s.") % {
                "slot": slot,
                "after": self.wall(new.start, self.after.time_style),
                "before": self.wall(old.start, self.before.time_style),
            }
        if old.start != new.start:
            return ""
        ends = [
            f"{self.wall(end, programme.time_style)}"
            f"{' ' + _('(next day)') if is_next_day else ''}"
            for end, is_next_day, programme in (
                (old.end, old.ends_next_day, self.before),
                (new.end, new.ends_next_day, self.after),
            )
        ]
        return _("%(slot)s ends at %(after)s, was %(before)s.") % {
            "slot": slot,
            "after": ends[1],
            "before": ends[0],
        }

    def tell_label(self, change: Change) -> str:
        slot = self.slot_of(change)
        title = self.quoted(self.said(slot.title))
        things = (
            self.of(_("the label of %(slot)s"), title),
            self.of(_("the %(language)s label of %(slot)s"), title),
        )
        return self.text(things, change.before, change.after)

    def tell_text(self, change: Change) -> str:
        slot = self.name(self.slot_of(change))
        things = (
            self.of(_("the text of %(slot)s"), slot),
            self.of(_("the %(language)s text of %(slot)s"), slot),
        )
        return self.text(things, change.before, change.after, _plain)

    def tell_questions(self, change: Change) -> str:
        slot = self.name(self.slot_of(change))
        things = (
            self.of(_("the text of the guiding questions of %(slot)s"), slot),
            self.of(
                _("the %(language)s text of the guiding questions of %(slot)s"), slot
            ),
        )
        return self.text(things, change.before, change.after, _plain)

    def tell_aside(self, change: Change) -> str:
        slot = self.name(self.slot_of(change))
        things = (
            self.of(_("the remark beside %(slot)s"), slot),
            self.of(_("the %(language)s remark beside %(slot)s"), slot),
        )
        return self.text(things, change.before, change.after)

    def tell_parallel(self, change: Change) -> str:
        said = {"slot": self.name(self.slot_of(change))}
        if change.after:
            return _("%(slot)s now takes place in parallel.") % said
        return _("%(slot)s no longer takes place in parallel.") % said

    def tell_part_of(self, change: Change) -> str:
        slots = self.new_slots | self.old_slots
        said = {"slot": self.name(self.slot_of(change))}
        if change.after:
            other = {"other": self.name(slots[change.after])}
            return _("%(slot)s is now part of %(other)s.") % {**said, **other}
        other = {"other": self.name(slots[change.before])}
        return _("%(slot)s is no longer part of %(other)s.") % {**said, **other}

    def tell_agenda_item(self, change: Change) -> str:
        slot = self.name(self.slot_of(change))
        thing = self.of(_("the agenda item of %(slot)s"), slot)
        return self.words(thing, change.before, change.after)

    def tell_interpretation(self, change: Change) -> str:
        said = {
            "slot": self.name(self.slot_of(change)),
            "after": self.names_of(change.after),
            "before": self.names_of(change.before),
        }
        if not change.before:
            return _("%(slot)s has interpretation: %(after)s.") % said
        if not change.after:
            return _("%(slot)s no longer has interpretation, was %(before)s.") % said
        return _("The interpretation of %(slot)s is %(after)s, was %(before)s.") % said

    def tell_webcast(self, change: Change) -> str:
        said = {"slot": self.name(self.slot_of(change))}
        if not change.before:
            return _("%(slot)s is webcast.") % said
        if not change.after:
            return _("The webcast of %(slot)s is no longer announced.") % said
        return _("The webcast of %(slot)s has another link.") % said

    # --- Documents ---

    def tell_document_added(self, change: Change) -> str:
        return _("The document %(document)s is added to %(slot)s.") % {
            "document": self.document(change.after),
            "slot": self.name(self.slot_of(change)),
        }

    def tell_document_removed(self, change: Change) -> str:
        return _("The document %(document)s is removed from %(slot)s.") % {
            "document": self.document(change.before),
            "slot": self.name(self.slot_of(change)),
        }

    def tell_document(self, change: Change) -> str:
        old, new = change.before, change.after
        slot = self.name(self.slot_of(change))
        document = {"document": self.document(new), "before": self.document(old)}
        if changed_languages(old.title, new.title, self.before, self.after):
            things = (
                self.of(_("the title of a document of %(slot)s"), slot),
                self.of(_("the %(language)s title of a document of %(slot)s"), slot),
            )
            return self.text(things, old.title, new.title)
        if old.symbol != new.symbol:
            thing = _("the symbol of the document %(document)s") % {
                "document": self.quoted(self.said(new.title))
            }
            return self.words(thing, old.symbol, new.symbol)
        return _("The document %(document)s has another link.") % document

    def tell_documents_order(self, change: Change) -> str:
        return _("The order of the documents of %(slot)s is now: %(names)s.") % {
            "slot": self.name(self.slot_of(change)),
            "names": self.list_of(map(self.document, change.after)),
        }

    # --- Lines ---

    def tell_line_added(self, change: Change) -> str:
        line = change.after
        if not any(line.text.values()):
            return self.people_added(line)
        said = {"line": self.line(line)}
        if line.layout == "bullets" and line.people:
            said["people"] = self.list_of(map(self.plainly, line.people))
            return _("The line %(line)s is added, with: %(people)s.") % said
        return _("The line %(line)s is added.") % said

    def people_added(self, line: LineEntry) -> str:
        names = self.list_of(map(self.plainly, line.people))
        return _("Added: %(people)s.") % {"people": names}

    def tell_line_removed(self, change: Change) -> str:
        line = change.before
        people = self.list_of(self.person(p, old=True) for p in line.people)
        said = {"line": self.line(line, old=True), "people": people}
        if not any(line.text.values()):
            return _("No longer named: %(people)s.") % said
        if line.layout == "bullets" and line.people:
            return _("The line %(line)s is deleted, with: %(people)s.") % said
        return _("The line %(line)s is deleted.") % said

    def tell_wording(self, change: Change) -> str:
        slot = self.name(self.slot_of(change))
        things = (
            self.of(_("the wording of a line of %(slot)s"), slot),
            self.of(_("the %(language)s wording of a line of %(slot)s"), slot),
        )
        old, new = (
            {
                code: said.replace("{people}", "…").strip()
                for code, said in with_people_as_one(line.text).items()
            }
            for line in (change.before, change.after)
        )
        if not changed_languages(old, new, self.before, self.after):
            return _("The layout of the line %(line)s is changed.") % {
                "line": self.line(change.after)
            }
        return self.text(things, old, new)

    def tell_heading(self, change: Change) -> str:
        things = (
            _("the heading of a list of people"),
            _("the %(language)s heading of a list of people"),
        )
        return self.text(things, change.before, change.after)

    def tell_lines_order(self, change: Change) -> str:
        if moved := _moved(change.before, change.after):
            one, other = (self.line(line) if line else "" for line in moved)
            return self.before_or_last(
                one,
                other,
                _("%(one)s now stands before %(other)s."),
                _("%(one)s now stands last."),
            )
        names = self.list_of(map(self.line, change.after))
        return _("The order of the lines is now: %(names)s.") % {"names": names}

    # --- People ---

    def plainly(self, person: PersonEntry) -> str:
        return person.plainly(self.language, self.after.primary_language)

    def tell_person_added(self, change: Change) -> str:
        person = change.after
        if person.is_withdrawn:
            return _("%(person)s has withdrawn.") % {"person": self.person(person)}
        said = {"person": self.plainly(person), "role": self.role(person)}
        if said["role"]:
            return _("Added as %(role)s: %(person)s.") % said
        return _("Added: %(person)s.") % said

    def tell_person_removed(self, change: Change) -> str:
        person = change.before
        said = {
            "person": self.person(person, old=True),
            "role": self.role(person, old=True),
        }
        if said["role"]:
            return _("%(person)s is no longer named as %(role)s.") % said
        return _("%(person)s is no longer named.") % said

    def tell_replaced(self, change: Change) -> str:
        old, new = change.before, change.after
        said = {
            "after": self.person(new),
            "before": self.person(old, old=True),
            "role": self.role(new),
        }
        if said["role"]:
            return _("%(after)s replaces %(before)s as %(role)s.") % said
        return _("%(after)s replaces %(before)s.") % said

    def tell_name(self, change: Change) -> str:
        things = (
            _("the name"),
            _("the %(language)s form of the name"),
        )
        return self.text(things, change.before.printed, change.after.printed)

    def tell_function(self, change: Change) -> str:
        person = self.person(change.after)
        things = (
            _("the function of %(person)s").replace("%(person)s", person),
            _("the %(language)s function of %(person)s").replace("%(person)s", person),
        )
        return self.text(things, change.before.function, change.after.function)

    def tell_standing(self, change: Change) -> str:
        old, new = change.before, change.after
        said = {"person": self.person(new)}
        sentences = []
        if old.status != new.status:
            sentences.append(
                {
                    "withdrawn": _("%(person)s has withdrawn."),
                    "to_be_confirmed": _("%(person)s is to be confirmed."),
                    "confirmed": _("%(person)s takes part after all.")
                    if old.is_withdrawn
                    else _("%(person)s is confirmed."),
                }[new.status]
                % said
            )
        if old.mode != new.mode:
            sentences.append(
                {
                    "in_person": _("%(person)s takes part in person."),
                    "remote": _("%(person)s takes part by video link."),
                    "video_message": _("%(person)s speaks by video message."),
                }[new.mode]
                % said
            )
        if sentences:
            return self.joined(sentences)
        person = self.person(new)
        things = (
            _("the remark after %(person)s").replace("%(person)s", person),
            _("the %(language)s remark after %(person)s").replace("%(person)s", person),
        )
        return self.text(things, old.remark, new.remark)

    def tell_role(self, change: Change) -> str:
        person = self.person(change.after)
        things = (
            _("the role of %(person)s").replace("%(person)s", person),
            _("the %(language)s role of %(person)s").replace("%(person)s", person),
        )
        return self.text(things, change.before.role_label, change.after.role_label)

    def tell_state(self, change: Change) -> str:
        person = self.person(change.after)
        things = (
            _("the State of %(person)s").replace("%(person)s", person),
            _("the %(language)s State of %(person)s").replace("%(person)s", person),
        )
        return self.text(things, change.before.state, change.after.state)

    def tell_organization(self, change: Change) -> str:
        person = self.person(change.after)
        things = (
            _("the organization of %(person)s").replace("%(person)s", person),
            _("the %(language)s organization of %(person)s").replace(
                "%(person)s", person
            ),
        )
        return self.text(things, change.before.organization, change.after.organization)

    def tell_person_moved(self, change: Change) -> str:
        slot = self.slot_of(change)
        line = next(line for line in slot.lines if line.code == change.line)
        said = {"person": self.person(change.after), "line": self.line(line)}
        if line.text or line.heading:
            return _("%(person)s is now named under %(line)s.") % said
        return _("%(person)s is now named in another place.") % said

    def tell_people_order(self, change: Change) -> str:
        if moved := _moved(change.before, change.after):
            one, other = (self.person(person) if person else "" for person in moved)
            return self.before_or_last(
                one,
                other,
                _("%(one)s is now named before %(other)s."),
                _("%(one)s is now named last."),
            )
        names = self.list_of(map(self.person, change.after))
        return _("The order of the people is now: %(names)s.") % {"names": names}


def _is_short(text: str) -> bool:
    return len(text) <= _SHORT and "\n" not in text


def _plain(markdown: str) -> str:
    """The words of a Markdown text, without its marks."""
    words = _LINK.sub(r"\1", _LIST_MARK.sub("", markdown))
    return " ".join(_EMPHASIS.sub("", words).split())


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _shortened(words: str, language: str) -> str:
    """Words up to the length of a piece, the rest as an ellipsis."""
    if len(words) <= _PIECE:
        return words
    kept = ""
    for word in words_in(words):
        if len(kept) + len(word) > _PIECE:
            break
        kept += word
    return broken_off(kept or words[:_PIECE], language)


def _differences(old: str, new: str) -> list[tuple[str, str]]:
    """The places in which two texts differ, each as the words that were there and
    those that are. Short ones have the next word beside them, to be found by."""
    one, other = words_in(old), words_in(new)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    places = _joined(
        [span for tag, *span in matcher.get_opcodes() if tag != "equal"], one
    )
    return [
        (_beside(one, start, end, is_alone), _beside(other, first, last, is_alone))
        for start, end, first, last in places
        for is_alone in [_is_lone(one[start:end], other[first:last])]
    ]


def _joined(spans: list[list[int]], words: Sequence[str]) -> list[list[int]]:
    """Places between which there is one word at most are one place."""
    places: list[list[int]] = []
    for span in spans:
        if places and len("".join(words[places[-1][1] : span[0]]).split()) <= 1:
            places[-1][1], places[-1][3] = span[1], span[3]
        else:
            places.append(span)
    return places


def _is_lone(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether one word was exchanged for another."""
    return all(len("".join(words).split()) == 1 for words in (old, new))


def _beside(words: Sequence[str], start: int, end: int, is_alone: bool) -> str:
    """The words from `start` to `end`; a lone one with the word behind it, or the one
    before it at the end of the text."""
    if is_alone and end < len(words):
        end += 2
    elif is_alone:
        start = max(0, start - 2)
    return "".join(words[start:end]).strip()


def _moved(before: Sequence[Any], after: Sequence[Any]) -> tuple[Any, Any] | None:
    """The one entry that stands at another place, and the one that it stands before
    now (None when it is last); None when several moved."""
    old, new = _names(before), _names(after)
    for place, name in enumerate(new):
        rest = [n for n in new if n != name]
        if rest == [n for n in old if n != name]:
            following = after[place + 1] if place + 1 < len(after) else None
            return after[place], following
    return None


def _names(entries: Iterable[Any]) -> list[str]:
    return [entry.code for entry in entries]
