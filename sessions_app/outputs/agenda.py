"""The public agenda: the HTML pages of one session, in one language.

Formats a Programme; selects nothing. The staff's preview is made by the same functions
from a Copy without an imprint."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from sessions_app.changes import Nature
from sessions_app.outputs.addresses import (
    agenda_address,
    changes_address,
    conference_address,
    feed_address,
    sessions_address,
)
from sessions_app.outputs.alphabet import in_order, index_name
from sessions_app.outputs.changes import Group, Told, told
from sessions_app.programme import (
    DayEntry,
    DocumentCard,
    EditionCard,
    Former,
    Imprint,
    PersonEntry,
    Programme,
    SlotEntry,
    Standing,
    taken_to_last,
)
from sessions_app.translated import LANGUAGE_CODES, NATIVE_NAMES

# A line end beside a tag is the template's own, and an indent is nowhere more than a
# space: no page holds preformatted text.
_BESIDE_TAG = re.compile(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)")
_INDENT = re.compile(r"\s*\n\s*")


class NoSuchPart(LookupError):
    """The programme has no slot or person under this code."""


class NowUnder(Exception):
    """The record under this code was merged: the person is under `code` now."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Link:
    """A link on a page: its words and where it leads; the language when it leads to a
    page in a certain one, and whether that is the page itself."""

    name: str
    address: str
    language: str = ""
    is_current: bool = False

    @classmethod
    def in_language(
        cls, language: str, address: str, *, is_current: bool = False
    ) -> Link:
        """A link that names the language of its page in that language."""
        return cls(NATIVE_NAMES[language], address, language, is_current)


@dataclass(frozen=True)
class Changes:
    """What changed since an edition, whose imprint is `since`, grouped by day and slot
    and told in one language."""

    since: Imprint
    groups: tuple[Group, ...]

    @cached_property
    def by_slot(self) -> dict[str, tuple[Told, ...]]:
        """The changes of each slot, by its code."""
        found: dict[str, tuple[Told, ...]] = {}
        for group in self.groups:
            for slot in group.slots:
                found[slot.code] = found.get(slot.code, ()) + slot.items
        return found

    @property
    def total(self) -> int:
        return sum(len(items) for items in self.by_slot.values())

    @property
    def editorial(self) -> int:
        """How many are changes of form alone."""
        return sum(
            told.nature == Nature.EDITORIAL
            for items in self.by_slot.values()
            for told in items
        )

    @property
    def substantive(self) -> int:
        return self.total - self.editorial


@dataclass(frozen=True)
class Copy:
    """One session's programme in one language, as it is read.

    `imprint` is absent for a draft, `standing` where nothing was issued. `number` is
    the edition that the address asks for; absent, the pages stand at the address of
    the current edition. Without `is_public` there are no links to other pages. With
    `former` the pages mark what changed since that edition."""

    programme: Programme
    imprint: Imprint | None
    language: str
    standing: Standing | None = None
    number: int | None = None
    is_public: bool = False
    former: Former | None = field(default=None, repr=False)

    def address_in(self, language: str) -> str:
        """The address of the agenda in `language`."""
        programme = self.programme
        return agenda_address(
            language, programme.conference.slug, programme.slug, self.number
        )

    @property
    def address(self) -> str:
        return self.address_in(self.language)

    @property
    def conference_address(self) -> str:
        return conference_address(self.language, self.programme.conference.slug)

    @property
    def current_address(self) -> str:
        """The agenda of the current edition, whichever this copy is of."""
        programme = self.programme
        return agenda_address(self.language, programme.conference.slug, programme.slug)

    @property
    def feed_address(self) -> str:
        """What changed in each edition, as a feed."""
        return feed_address(self.current_address)

    @property
    def edition_address(self) -> str:
        """The agenda of this edition by its number."""
        number = self.imprint.number if self.imprint else None
        programme = self.programme
        return agenda_address(
            self.language, programme.conference.slug, programme.slug, number
        )

    @property
    def changes_address(self) -> str:
        """What changed since the former edition."""
        return changes_address(self.edition_address)

    @property
    def address_since(self) -> str:
        """What changed between this edition and the current one, whichever that is."""
        number = self.imprint.number if self.imprint else None
        return changes_address(self.current_address, number)

    def address_of_slot(self, slot: SlotEntry) -> str:
        """Where the title of a slot leads; "" for a copy without links."""
        return f"{self.address}slots/{slot.code}/" if self.is_public else ""

    def address_of_person(self, person: PersonEntry) -> str:
        """Where a name leads; "" for a copy without links and for somebody unnamed."""
        if not self.is_public or not person.person:
            return ""
        return f"{self.address}people/{person.person}/"

    @property
    def card(self) -> EditionCard | None:
        if self.standing is None or self.imprint is None:
            return None
        return self.standing.edition(self.imprint.number)

    @property
    def is_superseded(self) -> bool:
        """Whether another edition is current. Which one is not told on the page, so
        that the page of a superseded edition stays as it is, whatever is issued."""
        current = self.standing.edition() if self.standing else None
        if current is None or self.imprint is None:
            return False
        return self.imprint.number != current.imprint.number

    @property
    def note(self) -> DocumentCard | None:
        """The card of the procedural note in the language of the copy."""
        return self.document("note.pdf")

    def document(self, name: str) -> DocumentCard | None:
        """The card of a document of the edition in the language of the copy."""
        for document in self.card.documents if self.card else ():
            if (document.name, document.language) == (name, self.language):
                return document
        return None

    @cached_property
    def changes(self) -> Changes | None:
        """What changed since the former edition, when there is one."""
        if self.former is None:
            return None
        groups = told(self.former.programme, self.programme, self.language)
        return Changes(self.former.imprint, tuple(groups))

    @cached_property
    def former_codes(self) -> frozenset[str]:
        """The codes of the slots of the former edition."""
        programme = self.former.programme if self.former else None
        return (
            frozenset(slot.code for slot in programme.slots)
            if programme
            else frozenset()
        )

    @cached_property
    def slots_by_code(self) -> dict[str, SlotEntry]:
        return {slot.code: slot for slot in self.programme.slots}

    @cached_property
    def over_by(self) -> dict[str, dt.datetime]:
        """Until when each slot without an end is taken to last, by its code (aware);
        what is in another room does not end it."""
        return {
            slot.code: taken_to_last(
                slot,
                (other for other in day.slots[place + 1 :] if _may_end(other, slot)),
                day.is_over_at(self.programme.zone),
            )
            for day in self.programme.days
            for place, slot in enumerate(day.slots)
            if slot.starts_at and slot.ends_at is None
        }


def _may_end(other: SlotEntry, slot: SlotEntry) -> bool:
    rooms = {each.room.code for each in (slot, other) if each.room}
    return len(rooms) < 2


@dataclass(frozen=True)
class Appearance:
    """A person at one place of the programme."""

    day: DayEntry
    slot: SlotEntry
    person: PersonEntry


@dataclass(frozen=True)
class Profile:
    """Somebody named in the programme: everywhere they are, in printed order."""

    appearances: tuple[Appearance, ...]

    @property
    def person(self) -> PersonEntry:
        """As printed at the first place."""
        return self.appearances[0].person


# --- The pages of a session -------------------------------------------------


def render(programme: Programme, imprint: Imprint | None, language: str) -> bytes:
    """The agenda alone, without links to other pages: for previews."""
    return render_agenda(Copy(programme, imprint, language))


def render_agenda(copy: Copy) -> bytes:
    """All days of the session on one page."""
    return render_copy("agenda/agenda.html", copy, "")


def render_slot(copy: Copy, code: str) -> bytes:
    """One slot on a page of its own. Raises NoSuchPart."""
    slots = [(day, slot) for day in copy.programme.days for slot in day.slots]
    place = next((i for i, (_day, slot) in enumerate(slots) if slot.code == code), None)
    if place is None:
        raise NoSuchPart(code)
    day, slot = slots[place]
    return render_copy(
        "agenda/slot.html",
        copy,
        f"slots/{code}/",
        day=day,
        slot=slot,
        before=slots[place - 1][1] if place else None,
        after=slots[place + 1][1] if place + 1 < len(slots) else None,
    )


def render_people(copy: Copy) -> bytes:
    """Everybody named in the programme, by family name."""
    return render_copy(
        "agenda/people.html",
        copy,
        "people/",
        profiles=_profiles(copy.programme, copy.language),
    )


def render_person(copy: Copy, code: str) -> bytes:
    """One person and every place of theirs. Raises NoSuchPart, and NowUnder for the
    code of a record that was merged into the person's."""
    profiles = _profiles(copy.programme, copy.language)
    for profile in profiles:
        if profile.person.person == code:
            return render_copy(
                "agenda/person.html", copy, f"people/{code}/", profile=profile
            )
    for profile in profiles:
        if profile.person.person and code in profile.person.former_codes:
            raise NowUnder(profile.person.person)
    raise NoSuchPart(code)


# --- Lists of sessions ------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A session in a list: where it leads, and the language that it is in there."""

    standing: Standing
    address: str
    language: str


def languages_of(standings: Iterable[Standing]) -> tuple[str, ...]:
    """The languages in which some session is issued, in the organization's order;
    English when there is none."""
    offered = {language for standing in standings for language in standing.languages}
    return tuple(code for code in LANGUAGE_CODES if code in offered) or ("en",)


def render_sessions(
    standings: Iterable[Standing], language: str, now: dt.datetime
) -> bytes:
    """The sessions before the public: those of today and to come, the next one first,
    then those that are over, the latest first. `now` is aware; which day it is, is
    decided at each session's place."""
    return _render_list(
        "agenda/sessions.html", standings, language, now, sessions_address
    )


def render_conference(
    standings: Iterable[Standing], language: str, now: dt.datetime
) -> bytes:
    """`render_sessions` for the sessions of one conference; there is at least one."""
    standings = list(standings)
    conference = standings[0].conference
    return _render_list(
        "agenda/conference.html",
        standings,
        language,
        now,
        lambda code: conference_address(code, conference),
    )


def _render_list(
    template: str,
    standings: Iterable[Standing],
    language: str,
    now: dt.datetime,
    address: Callable[[str], str],
) -> bytes:
    shown = sorted(
        standings, key=lambda standing: (standing.starts_on, standing.session)
    )
    groups: dict[str, list[Entry]] = {"today": [], "to_come": [], "over": []}
    for standing in shown:
        groups[_when(standing, now)].append(_entry(standing, language))
    groups["over"].reverse()
    newest = shown[-1] if shown else None
    return render_template(
        template,
        language,
        groups=groups,
        newest=newest,
        address=address(language),
        sessions_address=sessions_address(language),
        languages=links_in_languages(language, languages_of(shown), address),
    )


def _when(standing: Standing, now: dt.datetime) -> str:
    today = now.astimezone(ZoneInfo(standing.zone)).date()
    if standing.ends_on < today:
        return "over"
    return "today" if standing.starts_on <= today else "to_come"


def _entry(standing: Standing, language: str) -> Entry:
    offered = language if language in standing.languages else standing.primary_language
    return Entry(
        standing,
        agenda_address(offered, standing.conference, standing.session),
        offered,
    )


# --- From here to bytes -----------------------------------------------------


def render_copy(template: str, copy: Copy, path: str, **more: Any) -> bytes:
    """A page of the copy by its template; `path` is its address under the agenda's,
    `more` is shown beside the copy."""
    context: dict[str, Any] = {
        "copy": copy,
        "programme": copy.programme,
        "imprint": copy.imprint,
        "standing": copy.standing,
        "path": path,
        # Filled by the tag `marks` while the template prints.
        "calls": {},
        "languages": links_in_languages(
            copy.language,
            copy.programme.languages,
            lambda code: f"{copy.address_in(code)}{path}",
        ),
    }
    return render_template(template, copy.language, **context | more)


def links_in_languages(
    language: str, languages: Iterable[str], address: Callable[[str], str]
) -> list[Link]:
    """Links to a page in each of `languages`, in the organization's order, of which the
    one in `language` is the page itself."""
    return [
        Link.in_language(code, address(code), is_current=code == language)
        for code in LANGUAGE_CODES
        if code in set(languages)
    ]


def render_template(template: str, language: str, **context: Any) -> bytes:
    """A page in a language, without the white space that no reader sees."""
    with translation.override(language):
        html = render_to_string(
            template, {"language": language, "root": settings.PUBLIC_URL, **context}
        )
    return _INDENT.sub("\n", _BESIDE_TAG.sub("", html)).encode()


def _profiles(programme: Programme, language: str) -> list[Profile]:
    """Everybody under a code of their own, by family name as `alphabet` sorts."""
    found: dict[str, list[Appearance]] = {}
    for day in programme.days:
        for slot in day.slots:
            for person in slot.people:
                if person.person:
                    place = Appearance(day, slot, person)
                    found.setdefault(person.person, []).append(place)
    profiles = [Profile(tuple(places)) for places in found.values()]
    return in_order(
        profiles,
        lambda profile: index_name(profile.person, programme, language),
        language,
    )
