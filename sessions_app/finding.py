"""Finding slots of a Programme: by words in any of six languages, and by filters.

The rules of the words, which static/agenda/find.js has too (tests hold both side by
side): compatible forms are one (NFKD), capitals, accents, vowel signs and tatweel do not
count, forms of alef, hamza, ya and ta marbuta are one. A text is the runs of its letters
and figures; a run of Latin or Cyrillic letters is found by its beginning, one of another
script, which may have no words or joins small ones, anywhere in it. All that was typed
must be found. Names are searched as they print and as they are in Latin letters."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from sessions_app.programme import (
    DayEntry,
    LineEntry,
    PersonEntry,
    Programme,
    RoomEntry,
    SlotEntry,
    Text,
)

# In the order of the form; each is a name in the query of the agenda's address.
FILTERS = ("day", "room", "kind", "person", "of", "interpretation")
# Letters of what may be asked for under one name.
LONGEST = 100

_LATIN = ("en", "fr", "es")
# What NFKD leaves as it is.
FOLDED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"}
    | {"ٱ": "ا", "ى": "ي", "ة": "ه", "ء": "", "ـ": ""}  # noqa: RUF001
)
_RUN = re.compile("[0-9a-z\u0080-\u052f]+|[^ 0-9a-z\u0080-\u052f]+")
_STARTS_A_WORD = re.compile("[0-9a-z\u0080-\u052f]")
_UNSAID_IN_MARKDOWN = re.compile(r"(?<=\])\([^)]*\)|^\s*\d+[.)]\s", re.MULTILINE)


# Names and functions come again and again in a programme.
@lru_cache(maxsize=1024)
def runs_of(text: str) -> tuple[str, ...]:
    """The runs of letters and figures in a text, as they are compared."""
    # Up and down again: so that "ß" and "SS" are one, in Python and in browsers.
    plain = unicodedata.normalize("NFKD", text).upper().lower()
    # A capital may come apart only when it is made small.
    plain = unicodedata.normalize("NFKD", plain).translate(FOLDED)
    return tuple(_RUN.findall("".join(map(_letter, plain))))


@lru_cache(maxsize=4096)
def _letter(letter: str) -> str:
    if unicodedata.category(letter) in {"Mn", "Mc", "Me", "Cf"}:
        return ""
    return letter if letter.isalnum() else " "


def indexed(texts: Iterable[str]) -> str:
    """Texts as one line to be searched: its runs between spaces."""
    return f" {' '.join(run for text in texts for run in runs_of(text))} "


def is_in(runs: Iterable[str], line: str) -> bool:
    """Whether all runs that were typed are found in an indexed line."""
    return all((f" {r}" if _STARTS_A_WORD.match(r) else r) in line for r in runs)


class Asked(NamedTuple):
    """What the query of an address asks for: words, filters by their names, and the
    number of the edition since which slots changed; all as they were written."""

    words: str = ""
    filters: Mapping[str, str] = {}
    since: str = ""
    is_cut: bool = False

    @property
    def is_anything(self) -> bool:
        """Whether there is something to look for."""
        return bool(self.searches or self.filters or self.since or self.is_cut)

    @property
    def searches(self) -> bool:
        """Whether the words have letters or figures."""
        return bool(runs_of(self.words))


def asked_in(query: Mapping[str, str]) -> Asked:
    """Reads a query; what it asks under other names is left alone. Words and values
    keep their first LONGEST letters."""
    said = {
        name: " ".join(query.get(name, "").split()) for name in ("q", *FILTERS, "since")
    }
    cut = {name: value[:LONGEST] for name, value in said.items() if value}
    return Asked(
        cut.get("q", ""),
        {name: cut[name] for name in FILTERS if name in cut},
        cut.get("since", ""),
        any(len(value) > LONGEST for value in said.values()),
    )


class Choice(NamedTuple):
    """One value of a filter, what it stands for, and the codes of the slots that it
    leaves. State and organization stand as their texts, kinds and languages as their
    keys."""

    value: str
    thing: DayEntry | RoomEntry | PersonEntry | Text | str
    slots: frozenset[str]
    # Other values under which it is found.
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Index:
    """A Programme in one language as it is searched."""

    programme: Programme
    language: str

    @cached_property
    def choices(self) -> dict[str, tuple[Choice, ...]]:
        """The values of each of FILTERS that exist in the programme, in the order in
        which they are first met."""
        met: dict[str, dict[str, Choice]] = {name: {} for name in FILTERS}
        for name, key, choice in self._met():
            known = met[name].get(key, choice)
            met[name][key] = known._replace(
                slots=known.slots | choice.slots,
                aliases=known.aliases | choice.aliases,
            )
        return {name: tuple(each.values()) for name, each in met.items()}

    def _met(self) -> Iterator[tuple[str, str, Choice]]:
        """Each filter that leaves a slot, once for each reason to: its name, what is
        the same for all reasons of one choice, and the choice."""
        for day in self.programme.days:
            for slot in day.slots:
                code = frozenset({slot.code})
                number = str(day.number)
                yield "day", number, Choice(number, day, code)
                if slot.room:
                    room = slot.room
                    yield "room", room.code, Choice(room.code, room, code)
                yield "kind", slot.kind, Choice(slot.kind, slot.kind, code)
                for language in slot.interpretation:
                    yield "interpretation", language, Choice(language, language, code)
                for person in meant_in(slot):
                    yield from self._met_in(person, code)

    def _met_in(
        self, person: PersonEntry, slots: frozenset[str]
    ) -> Iterator[tuple[str, str, Choice]]:
        if person.person:
            aliases = frozenset(person.former_codes)
            yield "person", person.person, Choice(person.person, person, slots, aliases)
        for text in (person.state, person.organization):
            if text:
                names = frozenset(key_of(name) for name in text.values())
                choice = Choice(self._said(text), text, slots, names)
                yield "of", body_of(self.programme, text), choice

    def choice(self, name: str, value: str) -> Choice | None:
        """The choice that a value of a filter means; None when there is no such. A
        State or organization is meant by its name in any language, and a person by a
        code of old too."""
        key = key_of(value) if name == "of" else value
        for choice in self.choices[name]:
            if value == choice.value or key in choice.aliases:
                return choice
        return None

    @cached_property
    def lines(self) -> dict[str, str]:
        """What is searched of each slot, by its code."""
        return {
            slot.code: indexed(self._seen(slot)) + self.unseen[slot.code]
            for slot in self.programme.slots
        }

    @cached_property
    def unseen(self) -> dict[str, str]:
        """The runs that are searched and do not stand in the row of the slot, by its
        code: a State, a symbol, a name in Latin letters. "" for none."""
        return {slot.code: self._unseen_of(slot) for slot in self.programme.slots}

    def _unseen_of(self, slot: SlotEntry) -> str:
        seen = set(indexed(self._seen(slot)).split())
        runs = indexed(self._behind(slot)).split()
        return " ".join(dict.fromkeys(run for run in runs if run not in seen))

    def _seen(self, slot: SlotEntry) -> Iterator[str]:
        for text in (slot.label, slot.title, slot.aside):
            yield self._said(text)
        if not slot.start:
            yield self._said(slot.when)
        for markdown in (slot.text, slot.questions):
            yield html.unescape(_UNSAID_IN_MARKDOWN.sub(" ", self._said(markdown)))
        if slot.room:
            yield from map(self._said, printed_room(self.programme, slot.room))
        for line in slot.lines:
            yield from self._seen_of_line(line)

    def _seen_of_line(self, line: LineEntry) -> Iterator[str]:
        words = (self.language, self.programme.primary_language)
        if line.layout != "bullets":
            pieces, _language = line.parts(*words)
            yield from (piece for piece in pieces if isinstance(piece, str))
        else:
            yield self._said(line.text or line.heading)
        for person in line.people:
            for text in (person.printed, person.function, person.remark):
                yield self._said(text)

    def _behind(self, slot: SlotEntry) -> Iterator[str]:
        for document in slot.documents:
            yield from (document.symbol, self._said(document.title))
        for person in meant_in(slot):
            for text in (person.state, person.organization):
                yield self._said(text)
            yield from (person.name[code] for code in _LATIN if code in person.name)
        for line in slot.lines:
            for person in line.referred:
                yield from (self._said(person.printed), self._said(person.function))

    def _said(self, text: Mapping[str, str]) -> str:
        return self.programme.said(text, self.language).text


def matching(
    index: Index,
    words: str,
    chosen: Iterable[Choice],
    changed: frozenset[str] | None = None,
) -> frozenset[str]:
    """The codes of the slots in which all words are found and that all choices leave,
    among those that `changed`, if given; with the slots within which they take place,
    so that no row says "Part of" of one that is not there."""
    runs = runs_of(words)
    found = {code for code, line in index.lines.items() if is_in(runs, line)}
    for choice in chosen:
        found &= choice.slots
    if changed is not None:
        found &= changed
    around = {slot.code: slot.part_of for slot in index.programme.slots if slot.part_of}
    waiting = list(found)
    while waiting:
        outer = around.get(waiting.pop())
        if outer in index.lines and outer not in found:
            found.add(outer)
            waiting.append(outer)
    return frozenset(found)


def meant_in(slot: SlotEntry) -> Iterator[PersonEntry]:
    """Everybody who speaks in a slot: who is named there, and who is only meant ("the
    moderators")."""
    for line in slot.lines:
        yield from (*line.people, *line.referred)


def printed_room(programme: Programme, room: RoomEntry) -> Iterator[Text]:
    """What a row prints of a room: its name; its building where it has no name, or
    where the session's own room is in another one."""
    own = programme.room
    if own is None or own.venue != room.venue or not room.name:
        yield room.venue
    yield room.name


def key_of(name: str) -> str:
    """What is the same for two ways of writing a name."""
    return " ".join(runs_of(name))


def body_of(programme: Programme, text: Text) -> str:
    """What is the same for every place that names one State or organization: its name
    in the primary language, as names are compared."""
    return key_of(programme.said(text, programme.primary_language).text)
