"""The agenda with the slots that a reader asks for, and the form that asks.

What fits is decided by `sessions_app.finding`; here it gets its words. The form tells
the script which slots each choice leaves, so that it hides the others without asking."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sessions_app import dates
from sessions_app.finding import Asked, Choice, Index, matching, printed_room
from sessions_app.kinds import Kind
from sessions_app.marking import strip
from sessions_app.outputs.addresses import found_address
from sessions_app.outputs.agenda import Copy, links_in_languages, render_copy
from sessions_app.outputs.alphabet import in_order, index_name
from sessions_app.programme import (
    DayEntry,
    PersonEntry,
    RoomEntry,
    comma_of,
    in_quotes,
)

# People that a list to choose from may hold; in longer ones nobody finds anybody, and
# their names are searched.
MOST_PEOPLE = 100

# Of each filter: what it is called, and what leaves it open.
_FIELDS = {
    "day": (gettext_lazy("Day"), gettext_lazy("All days")),
    "room": (gettext_lazy("Room"), gettext_lazy("All rooms")),
    "kind": (gettext_lazy("Kind"), gettext_lazy("All kinds")),
    "person": (gettext_lazy("Person"), gettext_lazy("Everybody")),
    "of": (
        gettext_lazy("State or organization"),
        gettext_lazy("All States and organizations"),
    ),
    "interpretation": (
        gettext_lazy("Interpretation"),
        gettext_lazy("All languages"),
    ),
}
# One number of each form that a plural has in the official languages.
_NUMBERS = (0, 1, 2, 3, 11, 100)


class Option(NamedTuple):
    """A choice of a filter in words; `places` are those of its slots among all slots of
    the programme, counted from 0: "0 4 5"."""

    value: str
    words: str
    is_chosen: bool
    places: str


class Field(NamedTuple):
    """A filter of the form: its name, what it is called, what leaves it open."""

    name: str
    label: str
    open: str
    options: list[Option]


class Term(NamedTuple):
    """Something that was asked for under a name, in words, and the address without
    it."""

    name: str
    words: str
    without: str


@dataclass(frozen=True)
class Finding:
    """What is asked of the agenda of `copy`, and what there is to ask.

    `since` is the same copy with the edition that `asked` compares it with, absent when
    there is none of that number."""

    copy: Copy
    index: Index
    asked: Asked = field(default_factory=Asked)
    since: Copy | None = None

    @property
    def is_asked(self) -> bool:
        """Whether anything is asked for that is there to ask: else all slots show."""
        return bool(self.query)

    @cached_property
    def chosen(self) -> dict[str, Choice]:
        """The choices that are asked for and exist, by their filters."""
        found = {
            name: self.index.choice(name, value)
            for name, value in self.asked.filters.items()
        }
        return {name: choice for name, choice in found.items() if choice}

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the slots that show."""
        changed = changed_in(self.since) if self.since else None
        return matching(self.index, self.asked.words, self.chosen.values(), changed)

    @cached_property
    def days(self) -> tuple[DayEntry, ...]:
        """The days that show, with the slots that do; all when nothing is asked for."""
        if not self.is_asked:
            return self.copy.programme.days
        days = (
            day.model_copy(
                update={"slots": tuple(s for s in day.slots if s.code in self.codes)}
            )
            for day in self.copy.programme.days
        )
        return tuple(day for day in days if day.slots)

    @cached_property
    def total(self) -> int:
        return sum(1 for _slot in self.copy.programme.slots)

    @property
    def count(self) -> str:
        """ "7 slots of 10 are hidden by:"; a sentence when nothing is found."""
        if not self.codes:
            return self.nothing
        return _hidden(self.total - len(self.codes)) % {
            "hidden": self.total - len(self.codes),
            "total": self.total,
        }

    @property
    def counts(self) -> str:
        """The forms of `count` by numbers that need them, for the script: JSON."""
        blanks = {"hidden": "{hidden}", "total": str(self.total)}
        forms = {number: _hidden(number) % blanks for number in _NUMBERS}
        return json.dumps(forms, ensure_ascii=False, separators=(",", ":"))

    @property
    def quoted(self) -> str:
        """How words that were typed are told, for the script: "“{words}”"."""
        return in_quotes("{words}", self.copy.language)

    @property
    def nothing(self) -> str:
        return _("Nothing on the programme fits all of this:")

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """What is asked for and exists, each with the address without it."""
        query = self.query
        return tuple(
            Term(
                name,
                self._words_asked(name),
                self._address_of({n: v for n, v in query.items() if n != name}),
            )
            for name in query
        )

    @cached_property
    def query(self) -> dict[str, str]:
        """What is asked for and exists, as the query of an address has it."""
        asked = {"q": self.asked.words} if self.asked.searches else {}
        asked |= {name: self.asked.filters[name] for name in self.chosen}
        return asked | ({"since": self.asked.since} if self.since else {})

    def in_language(self, language: str) -> str:
        """The address of the same in another language."""
        return found_address(self.copy.address_in(language), self.query)

    @cached_property
    def faults(self) -> list[str]:
        """What was asked for and left out, in sentences."""
        sentence = _(
            "“%(value)s” is left out: this programme has nothing of it (%(filter)s)."
        )
        found = [
            sentence % {"value": value, "filter": _FIELDS[name][0]}
            for name, value in self.asked.filters.items()
            if name not in self.chosen
        ]
        if self.asked.since and not self.since:
            found.append(
                _("“%s” is left out: no earlier edition has this number.")
                % self.asked.since
            )
        if self.asked.is_cut:
            found.append(
                _("Of what was asked for, only the first 100 letters were used.")
            )
        return found

    @cached_property
    def fields(self) -> list[Field]:
        """The filters that have something to choose here."""
        return [
            Field(name, str(label), str(nothing), list(self._options(name)))
            for name, (label, nothing) in _FIELDS.items()
            if name in self.chosen or self._is_offered(name)
        ]

    def _is_offered(self, name: str) -> bool:
        """Whether there is something to choose that would hide a slot."""
        choices = self.index.choices[name]
        if name == "person" and len(choices) > MOST_PEOPLE:
            return False
        if name in {"day", "room", "kind"} and len(choices) == 1:
            return False
        return any(len(choice.slots) < self.total for choice in choices)

    def _options(self, name: str) -> Iterator[Option]:
        chosen = self.chosen.get(name)
        for choice in self._in_order(name):
            yield Option(
                choice.value,
                self._words_of(name, choice),
                chosen is not None and choice.value == chosen.value,
                self._places_of(choice.slots),
            )

    def _in_order(self, name: str) -> list[Choice]:
        choices = list(self.index.choices[name])
        language, programme = self.copy.language, self.copy.programme
        if name == "of":
            return in_order(choices, lambda choice: choice.value, language)
        if name == "interpretation":
            order = [code for code, _name in settings.LANGUAGES]
            return sorted(choices, key=lambda choice: order.index(choice.value))
        if name == "person":
            people = {
                choice.value: choice.thing
                for choice in choices
                if isinstance(choice.thing, PersonEntry)
            }
            return in_order(
                choices,
                lambda choice: index_name(people[choice.value], programme, language),
                language,
            )
        return choices

    def _places_of(self, codes: frozenset[str]) -> str:
        return " ".join(
            str(self._places[code]) for code in self._places if code in codes
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        return {slot.code: i for i, slot in enumerate(self.copy.programme.slots)}

    def _words_asked(self, name: str) -> str:
        if name == "q":
            return in_quotes(self.asked.words, self.copy.language)
        if name == "since":
            return self.changed.words if self.changed else ""
        return self._words_of(name, self.chosen[name])

    def _words_of(self, name: str, choice: Choice) -> str:
        language, thing = self.copy.language, choice.thing
        if isinstance(thing, DayEntry):
            return dates.short_day(thing.date, language)
        if isinstance(thing, RoomEntry):
            parts = map(self._said, printed_room(self.copy.programme, thing))
            return comma_of(language).join(filter(None, parts))
        if isinstance(thing, PersonEntry):
            return self._said(thing.printed)
        if name == "kind":
            # Of a later release there may be a kind that this one does not know.
            return capfirst(str(dict(Kind.choices).get(choice.value, choice.value)))
        if name == "interpretation":
            return capfirst(str(dict(settings.LANGUAGES)[choice.value]))
        return choice.value

    @cached_property
    def changed(self) -> Option | None:
        """The choice of what changed since an edition: the one that is asked for, else
        the former one. None where there is none, or nothing changed."""
        copy = self.since or self.copy
        codes = changed_in(copy)
        if copy.former is None or (not codes and not self.since):
            return None
        imprint = copy.former.imprint
        words = _("Changed since edition %d") % imprint.number
        return Option(
            str(imprint.number), words, self.since is not None, self._places_of(codes)
        )

    def _address_of(self, query: Mapping[str, str]) -> str:
        return found_address(self.copy.address, query)

    def _said(self, text: Mapping[str, str]) -> str:
        return strip(self.copy.programme.said(text, self.copy.language).text)


def finding_of(copy: Copy) -> Finding:
    """The form of the agenda of a copy, with nothing asked for."""
    return Finding(copy, Index(copy.programme, copy.language))


def changed_in(copy: Copy) -> frozenset[str]:
    """The codes of the slots that changed, or are new, since the former edition."""
    if copy.changes is None:
        return frozenset()
    new = copy.slots_by_code.keys() - copy.former_codes
    return frozenset(new | (copy.changes.by_slot.keys() & copy.slots_by_code.keys()))


def _hidden(number: int) -> str:
    return ngettext(
        "%(hidden)s slot of %(total)s is hidden by:",
        "%(hidden)s slots of %(total)s are hidden by:",
        number,
    )


def render_found(finding: Finding) -> bytes:
    """The agenda with the slots that are asked for."""
    copy = finding.copy
    return render_copy(
        "agenda/agenda.html",
        copy,
        "",
        finding=finding,
        languages=links_in_languages(
            copy.language, copy.programme.languages, finding.in_language
        ),
    )
