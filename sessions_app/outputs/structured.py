"""What machines read in the head of a public page: its matter as linked data, and what
is shown where a link to it is shared.

Linked data are an Event or a Person of schema.org, in JSON-LD 1.1; a card is what the
Open Graph protocol (ogp.me) asks for. Both say what the page prints and nothing more."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sessions_app import dates
from sessions_app.markdown import to_html
from sessions_app.outputs.agenda import Copy, Profile
from sessions_app.programme import (
    DayEntry,
    PersonEntry,
    RoomEntry,
    SlotEntry,
    Text,
    broken_off,
    colon_of,
    comma_of,
)
from sessions_app.translated import language_tag

Thing = dict[str, Any]

_CONTEXT = {"@context": "https://schema.org"}
_STATUS = {
    "scheduled": "https://schema.org/EventScheduled",
    "postponed": "https://schema.org/EventPostponed",
    "cancelled": "https://schema.org/EventCancelled",
}
_THERE = "https://schema.org/OfflineEventAttendanceMode"
_THERE_OR_FROM_AFAR = "https://schema.org/MixedEventAttendanceMode"
# Inside an element `script` these could end it, or begin a comment (HTML, 4.12.1.3).
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
# The protocol wants a territory beside each language, though none is meant.
_LOCALES = {
    "ar": "ar_AR",
    "zh-hans": "zh_CN",
    "en": "en_GB",
    "fr": "fr_FR",
    "ru": "ru_RU",
    "es": "es_ES",
}
# Characters of a description; what shows it shows no more.
_DESCRIPTION = 300
# Of more slots than these the agenda names no performers: the pages of the slots do, and
# it would be half as long again.
_SLOTS_WITH_PEOPLE = 150


class Card(NamedTuple):
    """What is shown where a link to a page is shared. `kind` is the og:type, `locale`
    that of the page, `locales` those of its translations."""

    title: str
    description: str
    kind: str
    site: str
    locale: str
    locales: tuple[str, ...]


def card_of(
    copy: Copy,
    day: DayEntry | None = None,
    slot: SlotEntry | None = None,
    profile: Profile | None = None,
) -> Card:
    """The card of a page of the copy, in the active language: of the slot, which stands
    in `day`, or of the person, where the page has one."""
    said = _Sayer(copy)
    title, description, kind = (
        said.words(copy.programme.title),
        said.session(),
        "website",
    )
    if slot and day:
        title, description = said.name(slot), said.slot(day, slot)
    elif profile:
        title, description = said.words(profile.person.printed), said.person(profile)
        kind = "profile"
    return Card(
        title,
        _shortened(description, copy.language),
        kind,
        said.words(copy.programme.conference.title),
        _LOCALES[copy.language],
        tuple(
            _LOCALES[code] for code in copy.programme.languages if code != copy.language
        ),
    )


def linked_data(
    copy: Copy,
    slot: SlotEntry | None = None,
    profile: Profile | None = None,
) -> str:
    """The matter of a page as JSON-LD that may stand inside an element `script`: the
    session with all its slots, or the slot or the person of the page."""
    things = _Things(copy)
    if slot:
        thing = things.whole_slot(slot)
    elif profile:
        thing = things.person_of(profile)
    else:
        thing = things.session_with_slots()
    written = json.dumps(_CONTEXT | thing, ensure_ascii=False, separators=(",", ":"))
    return written.translate(_ESCAPED)


class _Sayer:
    """Texts of a copy in its language."""

    def __init__(self, copy: Copy) -> None:
        self.programme = copy.programme
        self.language = copy.language

    def words(self, text: Text) -> str:
        return self.programme.said(text, self.language).text

    def joined(self, texts: Iterable[Text]) -> str:
        found = (self.words(text) for text in texts)
        return comma_of(self.language).join(filter(None, found))

    def prose(self, markdown: Text) -> str:
        """A Markdown text in plain words, on one line."""
        return " ".join(unescape(strip_tags(to_html(self.words(markdown)))).split())

    def name(self, slot: SlotEntry) -> str:
        """A slot by its label and title: "Panel 1: Minutes that matter"."""
        parts = (self.words(text) for text in (slot.label, slot.title))
        name = colon_of(self.language).join(filter(None, parts))
        return name or self.words(self.programme.title)

    def place(self, room: RoomEntry | None) -> str:
        """Building, room and city."""
        texts = (room.venue, room.name) if room else ()
        return self.joined((*texts, self.programme.city))

    # --- Descriptions ---

    def session(self) -> str:
        programme = self.programme
        days = programme.starts_on, programme.ends_on
        is_off = programme.status == "cancelled"
        return _beside(
            _("Cancelled") if is_off else "",
            self.words(programme.theme),
            dates.date_range(*days, self.language),
            self.place(programme.room),
        )

    def slot(self, day: DayEntry, slot: SlotEntry) -> str:
        status = {
            "scheduled": "",
            "cancelled": pgettext("slot", "Cancelled"),
            "postponed": pgettext("slot", "Postponed"),
        }
        style = self.programme.time_style
        time = dates.time_range(slot.start, slot.end, self.language, style)
        return _beside(
            status[slot.status],
            dates.day_heading(day.date, self.language),
            time or self.words(slot.when),
            self.place(slot.room),
            self.prose(slot.text),
        )

    def person(self, profile: Profile) -> str:
        return _beside(
            self.words(profile.person.function), self.words(self.programme.title)
        )


def _beside(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _shortened(words: str, language: str) -> str:
    if len(words) <= _DESCRIPTION:
        return words
    kept, _space, _rest = words[:_DESCRIPTION].rpartition(" ")
    return broken_off(kept or words[:_DESCRIPTION], language)


class _Things:
    """A session, its slots and its people as things of schema.org, in one language."""

    def __init__(self, copy: Copy) -> None:
        self.copy = copy
        self.programme = copy.programme
        self.said = _Sayer(copy)
        self.address = f"{settings.PUBLIC_URL}{copy.current_address}"
        self.dates = {
            slot.code: day.date for day in copy.programme.days for slot in day.slots
        }

    # --- Events ---

    def session_with_slots(self) -> Thing:
        slots = list(self.programme.slots)
        with_people = len(slots) <= _SLOTS_WITH_PEOPLE
        parts = [self.slot(slot, with_people=with_people) for slot in slots]
        return _without_empty(self.session() | {"subEvent": parts})

    def session(self) -> Thing:
        """The session without its slots."""
        programme = self.programme
        webcasts = {
            slot.webcast for slot in programme.slots if _is_of_web(slot.webcast)
        }
        # Where there are several, the agenda has all of them.
        webcast = next(iter(webcasts)) if len(webcasts) == 1 else self.address
        return _without_empty(
            {
                "@type": "Event",
                "@id": self.address,
                "name": self.said.words(programme.title),
                "description": self.said.words(programme.theme),
                "url": self.address,
                **self.times(),
                "eventStatus": self.status("scheduled"),
                **self.where(programme.room, webcast if webcasts else ""),
                "organizer": self.organizer(),
                "inLanguage": language_tag(self.copy.language),
            }
        )

    def whole_slot(self, slot: SlotEntry) -> Thing:
        """A slot as the matter of a page of its own."""
        return self.slot(slot) | _without_empty(
            {
                "description": self.said.prose(slot.text),
                "organizer": self.organizer(),
                "inLanguage": language_tag(self.copy.language),
                "superEvent": self.whole_over(slot),
            }
        )

    def slot(self, slot: SlotEntry, *, with_people: bool = True) -> Thing:
        """A slot as a part of the session, without its texts."""
        address = self.address_of(slot)
        webcast = slot.webcast if _is_of_web(slot.webcast) else ""
        return _without_empty(
            {
                "@type": "Event",
                "@id": address,
                "name": self.said.name(slot),
                "url": address,
                # Of a slot without an hour the day is known.
                "startDate": _machine(slot.starts_at or self.dates[slot.code]),
                "endDate": _machine(slot.ends_at),
                "eventStatus": self.status(slot.status),
                **self.where(slot.room or self.programme.room, webcast),
                "performer": list(self.performers(slot)) if with_people else [],
                "superEvent": {"@id": self.address_of(self.parent(slot))},
            }
        )

    def address_of(self, slot: SlotEntry | None) -> str:
        """The address of a slot, or of the session."""
        return f"{self.address}slots/{slot.code}/" if slot else self.address

    def parent(self, slot: SlotEntry) -> SlotEntry | None:
        """The slot that another is a part of; none when that is the session."""
        return self.copy.slots_by_code.get(slot.part_of or "")

    def whole_over(self, slot: SlotEntry) -> Thing:
        parent = self.parent(slot)
        return self.slot(parent, with_people=False) if parent else self.session()

    def status(self, status: str) -> str:
        """The status of a slot; nothing takes place of a session that is cancelled."""
        return _STATUS["cancelled" if self.programme.status == "cancelled" else status]

    def times(self) -> Thing:
        """From the first slot to the last one that take place, or the dates alone where
        their hours are not known."""
        programme = self.programme
        slots = [slot for slot in programme.slots if not slot.is_struck]
        first = [
            s.starts_at for s in slots if self.dates[s.code] == programme.starts_on
        ]
        last = [s.ends_at for s in slots if self.dates[s.code] == programme.ends_on]
        return {
            "startDate": _machine(
                min(filter(None, first), default=programme.starts_on)
            ),
            "endDate": _machine(max(filter(None, last), default=programme.ends_on)),
        }

    def where(self, room: RoomEntry | None, webcast: str) -> Thing:
        """The place, and the webcast where there is one."""
        city = self.said.words(self.programme.city)
        place = {
            "@type": "Place",
            "name": self.said.joined((room.venue, room.name) if room else ()) or city,
            "address": {"@type": "PostalAddress", "addressLocality": city},
        }
        if not webcast:
            return {"eventAttendanceMode": _THERE, "location": place}
        afar = {"@type": "VirtualLocation", "url": webcast}
        return {"eventAttendanceMode": _THERE_OR_FROM_AFAR, "location": [place, afar]}

    # --- Organizations and people ---

    def organizer(self) -> Thing:
        """The issuing office, or the conference that has none."""
        conference = self.programme.conference
        return {
            "@type": "Organization",
            "name": self.said.words(conference.office or conference.title),
            "url": f"{settings.PUBLIC_URL}{self.copy.conference_address}",
        }

    def performers(self, slot: SlotEntry) -> Iterator[Thing]:
        """Those who are named in a slot, each once, as printed there first."""
        seen = set()
        for person in slot.people:
            if person.person and not person.is_withdrawn and person.person not in seen:
                seen.add(person.person)
                yield self.person(person)

    def person(self, person: PersonEntry) -> Thing:
        bodies = [
            {"@type": "Organization", "name": name}
            for text in (person.organization, person.state)
            if (name := self.said.words(text))
        ]
        return _without_empty(
            {
                "@type": "Person",
                "name": self.said.words(person.name),
                "honorificPrefix": self.said.words(person.honorific),
                "jobTitle": self.said.words(person.function),
                "affiliation": bodies[0] if len(bodies) == 1 else bodies,
            }
        )

    def person_of(self, profile: Profile) -> Thing:
        """Somebody with the slots in which they are named."""
        address = f"{self.address}people/{profile.person.person}/"
        slots = {
            place.slot.code: place.slot
            for place in profile.appearances
            if not place.person.is_withdrawn
        }
        return _without_empty(
            {
                **self.person(profile.person),
                "@id": address,
                "url": address,
                "performerIn": [
                    self.slot(slot, with_people=False) for slot in slots.values()
                ],
            }
        )


def _machine(at: dt.date | None) -> str:
    """A date, or an instant with the offset of its zone, as ISO 8601 writes it."""
    return at.isoformat() if at else ""


def _is_of_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))


def _without_empty(thing: Thing) -> Thing:
    return {name: value for name, value in thing.items() if value}
