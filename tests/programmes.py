"""Random programmes, and random changes of one thing in them, for tests of properties.

Everything comes from a seeded `random.Random`, so a case is the same each time. A
change names the address at which it is to be told."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from zoneinfo import ZoneInfo

from sessions_app.programme import (
    ConferenceEntry,
    DayEntry,
    DocumentEntry,
    FootnoteEntry,
    LineEntry,
    PersonEntry,
    Programme,
    RoomEntry,
    SectionEntry,
    SlotEntry,
)

ZONE = "Europe/Zurich"
_FIRST_DATE = dt.date(2027, 6, 21)
_WORDS = {
    "en": [
        "warning",
        "sirens",
        "along",
        "low",
        "coasts",
        "reach",
        "every",
        "household",
        "within",
        "minutes",
    ],
    "fr": [
        "alerte",
        "sirènes",
        "long",
        "côtes",
        "basses",
        "atteignent",
        "chaque",
        "foyer",
        "quelques",
        "minutes",
    ],
    "ar": [
        "إنذار",
        "صفارات",
        "على",
        "طول",
        "السواحل",
        "المنخفضة",
        "يبلغ",
        "كل",
        "بيت",
        "خلال",
        "دقائق",
    ],
    "es": [
        "alerta",
        "sirenas",
        "costas",
        "bajas",
        "llegan",
        "cada",
        "hogar",
        "pocos",
        "minutos",
        "siempre",
    ],
    "ru": [
        "сирены",
        "вдоль",
        "низких",
        "берегов",
        "слышны",
        "каждому",
        "дому",
        "за",
        "считаные",
        "минуты",
    ],
    "zh-hans": list("警报在沿海低地几分钟内传到每户"),
}
_LABELS = {"en": "Panel", "fr": "Réunion", "ar": "حلقة", "es": "Mesa", "ru": "Форум"}
_BY = {"en": "Moderated by", "fr": "Animée par", "ar": "يدير الجلسة", "es": "Modera"}
_AND = {"en": "and", "fr": "et", "ar": "و", "es": "y", "ru": "и"}
_CALLED_AT = ("title", "text")


class Invention:
    """Invents parts of programmes from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - not for secrets
        self.numbers = count(1)
        self.known: list[PersonEntry] = []
        others = [code for code in _WORDS if code != "en"]
        self.languages = ("en", *self.random.sample(others, self.random.choice((1, 2))))
        self.primary = self.random.choice(self.languages)

    def code(self, prefix: str) -> str:
        return f"{prefix}{next(self.numbers)}"

    def is_so(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    def words(self, language: str, number: int) -> str:
        """Words that no other text has: one of them is a number in letters."""
        said = [self.random.choice(_WORDS[language]) for _ in range(number)]
        mark = f"{next(self.numbers)}".translate(
            str.maketrans("0123456789", "abcdefghij")
        )
        said.insert(self.random.randrange(number + 1), f"q{mark}x")
        return ("" if language == "zh-hans" else " ").join(said)

    def text(self, number: int = 3) -> dict[str, str]:
        """A text in the primary language and, mostly, in others."""
        if self.is_so(0.05):
            language = self.random.choice(self.languages)
            return {language: self.words(language, number)}
        return {
            language: self.words(language, number)
            for language in self.languages
            if language == self.primary or self.is_so(0.7)
        }

    def some_text(self, number: int = 3) -> dict[str, str]:
        return self.text(number) if self.is_so() else {}

    def markdown(self) -> dict[str, str]:
        def said(language: str) -> str:
            link = f"[{self.words(language, 2)}](https://example.org/{self.code('d')})"
            parts = [self.words(language, 8), f"**{self.words(language, 2)}** {link}"]
            if self.is_so():
                items = [f"- {self.words(language, 3)}" for _ in range(2)]
                parts.append("\n".join(items))
            return "\n\n".join(parts)

        return {language: said(language) for language in self.text()}

    # --- People and lines ---

    def person(self, **changed: object) -> PersonEntry:
        """Somebody new or, now and then, somebody named elsewhere already."""
        if self.known and not changed and self.is_so(0.3):
            again = {"code": self.code("p"), "role_label": self.some_text(1)}
            return self.random.choice(self.known).model_copy(update=again)
        name = self.text(2)
        remark = self.text(1) if self.is_so(0.3) else {}
        values = {
            "code": self.code("p"),
            "person": self.code("person") if self.is_so(0.8) else None,
            "name": name,
            "printed": name,
            "function": self.some_text(4),
            "state": self.some_text(1),
            "organization": self.some_text(2),
            "role": "panellist",
            "role_label": self.some_text(1),
            "remark": remark,
            "status": "to_be_confirmed" if remark else "confirmed",
        }
        person = PersonEntry(**{**values, **changed})
        self.known += [person] if person.person else []
        return person

    def people(self, least: int = 0) -> tuple[PersonEntry, ...]:
        return tuple(self.person() for _ in range(self.random.randint(least, 3)))

    def bullets(self) -> LineEntry:
        return LineEntry(code=self.code("l"), text=self.text(), people=self.people())

    def group(self) -> LineEntry:
        people = self.people(1)
        return LineEntry(
            code=f"{people[0].code}.people", heading=self.text(1), people=people
        )

    def sentence(self) -> LineEntry:
        people = self.people(1)
        text = {
            language: f"{self.words(language, 2)} {joined(language, len(people))} "
            f"{self.words(language, 2)}"
            for language in self.text()
        }
        return LineEntry(
            code=self.code("l"), layout="sentence", text=text, people=people
        )

    def closing(self) -> LineEntry:
        people = self.people(1)
        return LineEntry(
            code=f"{people[0].code}.people",
            layout="closing",
            text={
                language: f"{_BY.get(language, '–')} {joined(language, len(people))}"
                for language in self.text()
            },
            role="moderator",
            people=people,
        )

    def lines(self) -> tuple[LineEntry, ...]:
        kinds = (self.bullets, self.group, self.sentence)
        lines = [self.random.choice(kinds)() for _ in range(self.random.randint(0, 3))]
        return (*lines, *([self.closing()] if self.is_so() else []))

    # --- Slots ---

    def room(self) -> RoomEntry:
        return RoomEntry(
            code=self.code("r"), venue=self.text(1), name=self.some_text(1)
        )

    def document(self) -> DocumentEntry:
        address = f"https://example.org/{self.code('d')}" if self.is_so() else ""
        symbol = f"A/{next(self.numbers)}" if self.is_so() else ""
        return DocumentEntry(symbol=symbol, title=self.text(), address=address)

    def slot(self, room: RoomEntry | None, hour: int) -> SlotEntry:
        kind = self.random.choice(("panel", "session", "lunch", "opening", "other"))
        is_timed = self.is_so(0.8)
        has_own_room = self.is_so(0.2)
        return SlotEntry(
            code=self.code("s"),
            kind=kind,
            start=dt.time(hour) if is_timed else None,
            end=dt.time(hour, 45) if is_timed and self.is_so(0.8) else None,
            when={} if is_timed else self.text(),
            label={
                code: f"{_LABELS.get(code, '#')} {next(self.numbers)}"
                for code in self.some_text()
            },
            title=self.text(),
            text=self.markdown() if self.is_so() else {},
            questions=self.markdown() if self.is_so(0.3) else {},
            aside=self.some_text() if self.is_so() else {},
            room=self.room() if has_own_room else room,
            has_own_room=has_own_room,
            status=self.random.choice(("scheduled",) * 6 + ("cancelled", "postponed")),
            parallel=self.is_so(0.2),
            agenda_item=f"Item {next(self.numbers)}" if self.is_so(0.3) else "",
            interpretation=tuple(
                self.random.sample(list(_WORDS), self.random.choice((0, 0, 2, 3)))
            ),
            webcast="https://example.org/live" if self.is_so(0.2) else "",
            documents=tuple(
                self.document() for _ in range(self.random.choice((0, 0, 1, 3)))
            ),
            lines=self.lines(),
        )

    def day(self, number: int, room: RoomEntry | None) -> DayEntry:
        hours = range(9, 9 + self.random.randint(1, 4))
        slots = [self.slot(room, hour) for hour in hours]
        if len(slots) > 2 and self.is_so():
            slots[2] = slots[2].model_copy(update={"part_of": slots[1].code})
        date = _FIRST_DATE + dt.timedelta(days=2 * number)
        return DayEntry(number=number, date=date, slots=tuple(slots))

    # --- The session ---

    def section(self, place: str) -> SectionEntry:
        return SectionEntry(place=place, heading=self.text(), text=self.markdown())

    def footnote(self, number: int) -> FootnoteEntry:
        return FootnoteEntry(number=number, key=self.code("n"), text=self.markdown())

    def programme(self) -> Programme:
        room = self.room() if self.is_so(0.9) else None
        days = tuple(self.day(n, room) for n in range(1, self.random.randint(2, 4)))
        programme = Programme(
            conference=ConferenceEntry(
                slug="ocean",
                title=self.text(),
                office=self.some_text(),
                contact=self.markdown() if self.is_so() else {},
                notice=self.some_text(),
            ),
            slug="first",
            title=self.text(),
            note_title=self.some_text(),
            theme=self.some_text(),
            symbol="A/CONF.99/1" if self.is_so() else "",
            city=self.text(1),
            room=room,
            zone=ZONE,
            starts_on=days[0].date,
            ends_on=days[-1].date,
            languages=self.languages,
            primary_language=self.primary,
            sections=tuple(
                self.section(place)
                for place in ("before", "before", "after")
                if self.is_so()
            ),
            footnotes=tuple(self.footnote(number) for number in (1, 2, 3)),
            days=days,
        )
        for number in (1, 2, 3, 2):
            slot = self.random.choice(list(programme.slots))
            field = self.random.choice(_CALLED_AT)
            if getattr(slot, field):
                programme = with_slot(
                    programme, slot.code, notes={**slot.notes, field: (number,)}
                )
        return settled(programme)


def joined(language: str, number: int) -> str:
    """Places of people in a sentence: "{0}, {1} and {2}"."""
    places = [f"{{{place}}}" for place in range(number)]
    if number == 1:
        return places[0]
    return f"{', '.join(places[:-1])} {_AND.get(language, '&')} {places[-1]}"


def settled(programme: Programme) -> Programme:
    """With instants, numbers of days and of footnotes as compose() gives them."""
    keys = {note.number: note.key for note in programme.footnotes}
    notes = {note.key: note for note in programme.footnotes}
    called: dict[str, int] = {}

    def renumbered(entry, **parts):
        fresh = {
            field: tuple(
                called.setdefault(keys[number], len(called) + 1) for number in numbers
            )
            for field, numbers in entry.notes.items()
            if numbers
        }
        return entry.model_copy(update={"notes": fresh, **parts})

    programme = renumbered(programme)
    before = [renumbered(s) for s in programme.sections if s.place == "before"]

    def line_of(line: LineEntry) -> LineEntry:
        line = renumbered(line)
        return line.model_copy(update={"people": tuple(map(renumbered, line.people))})

    def slot_of(date: dt.date, slot: SlotEntry) -> SlotEntry:
        slot = renumbered(slot)
        lines = tuple(map(line_of, slot.lines))
        return slot.model_copy(update={"lines": lines, **_instants(date, slot)})

    by_date = sorted(programme.days, key=lambda day: day.date)
    days = [
        day.model_copy(
            update={
                "number": number,
                "slots": tuple(slot_of(day.date, slot) for slot in day.slots),
            }
        )
        for number, day in enumerate(by_date, start=1)
    ]
    after = [renumbered(s) for s in programme.sections if s.place == "after"]
    return programme.model_copy(
        update={
            "days": tuple(days),
            "sections": (*before, *after),
            "footnotes": tuple(
                notes[key].model_copy(update={"number": number})
                for key, number in called.items()
            ),
        }
    )


def _instants(date: dt.date, slot: SlotEntry) -> dict[str, dt.datetime | None]:
    last = date + dt.timedelta(days=int(slot.ends_next_day))
    zone = ZoneInfo(ZONE)
    return {
        "starts_at": slot.start and dt.datetime.combine(date, slot.start, zone),
        "ends_at": slot.end and dt.datetime.combine(last, slot.end, zone),
    }


# --- Changing one thing -----------------------------------------------------


def with_slot(programme: Programme, code: str, **changed: object) -> Programme:
    days = tuple(
        day.model_copy(
            update={
                "slots": tuple(
                    slot.model_copy(update=changed) if slot.code == code else slot
                    for slot in day.slots
                )
            }
        )
        for day in programme.days
    )
    return programme.model_copy(update={"days": days})


def with_line(
    programme: Programme, slot: SlotEntry, old: LineEntry, **changed: object
) -> Programme:
    lines = tuple(
        line.model_copy(update=changed) if line is old else line for line in slot.lines
    )
    return with_slot(programme, slot.code, lines=lines)


def with_people(
    programme: Programme, slot: SlotEntry, line: LineEntry, *people: PersonEntry
) -> Programme:
    """The line with other people, its words with as many places, and the code of a
    group that of its first person, as compose() gives it."""
    changed: dict[str, object] = {"people": people}
    if line.layout != "bullets":
        old = {code: joined(code, len(line.people)) for code in line.text}
        changed["text"] = {
            code: said.replace(old[code], joined(code, len(people)))
            for code, said in line.text.items()
        }
    if line.code.endswith(".people"):
        changed["code"] = f"{people[0].code}.people"
    return with_line(programme, slot, line, **changed)


@dataclass(frozen=True)
class Changed:
    """A programme with one thing changed, and where that is to be told."""

    name: str
    address: str
    programme: Programme


class Mutation:
    """Changes one thing of a programme that an Invention made."""

    def __init__(self, invention: Invention, programme: Programme) -> None:
        self.invention = invention
        self.random = invention.random
        self.programme = programme

    def all(self) -> Iterator[Changed]:
        """One change of each sort that the programme has something for, the sorts in a
        random order."""
        names = [name for name in dir(self) if name.startswith("change_")]
        for name in self.random.sample(names, len(names)):
            found = getattr(self, name)()
            if found is not None:
                address, programme = found
                yield Changed(name.removeprefix("change_"), address, settled(programme))

    # --- Choosing ---

    def retold(self, text: dict[str, str]) -> dict[str, str]:
        """Another text in one language: other words, or a translation that came or
        went."""
        language = self.random.choice(self.invention.languages)
        words = self.invention.words(language, 3)
        if language in text and language != self.programme.primary_language:
            others = {code: said for code, said in text.items() if code != language}
            if others and self.random.random() < 0.3:
                return others
        return {**text, language: words}

    def rewritten(self, text: dict[str, str]) -> dict[str, str]:
        """A word more in one language: at the end of the first paragraph."""
        language = self.random.choice(list(text))
        first, *rest = text[language].split("\n\n")
        more = f"{first} {self.invention.words(language, 1)}"
        return {**text, language: "\n\n".join([more, *rest])}

    def a_slot(self, is_fit: Callable[[SlotEntry], bool] = bool) -> SlotEntry | None:
        slots = [slot for slot in self.programme.slots if is_fit(slot)]
        return self.random.choice(slots) if slots else None

    def a_line(
        self, is_fit: Callable[[LineEntry], bool]
    ) -> tuple[SlotEntry, LineEntry] | tuple[None, None]:
        lines = [
            (slot, line)
            for slot in self.programme.slots
            for line in slot.lines
            if is_fit(line)
        ]
        return self.random.choice(lines) if lines else (None, None)

    def of_session(self, field: str, address: str = ""):
        text = self.retold(getattr(self.programme, field))
        return address or field, self.programme.model_copy(update={field: text})

    def of_conference(self, field: str, address: str = ""):
        conference = self.programme.conference
        text = self.retold(getattr(conference, field))
        changed = conference.model_copy(update={field: text})
        return address or field, self.programme.model_copy(
            update={"conference": changed}
        )

    def of_slot(self, field: str, is_fit: Callable[[SlotEntry], bool] = bool):
        slot = self.a_slot(is_fit)
        if slot is None:
            return None
        text = self.retold(getattr(slot, field))
        programme = with_slot(self.programme, slot.code, **{field: text})
        return f"slots/{slot.code}/{field}", programme

    def of_markdown(self, field: str):
        slot = self.a_slot(lambda slot: bool(getattr(slot, field)))
        if slot is None:
            return None
        text = self.rewritten(getattr(slot, field))
        programme = with_slot(self.programme, slot.code, **{field: text})
        return f"slots/{slot.code}/{field}", programme

    def value_of_slot(self, field: str, value: Callable[[SlotEntry], object]):
        slot = self.a_slot()
        if slot is None:
            return None
        programme = with_slot(self.programme, slot.code, **{field: value(slot)})
        return f"slots/{slot.code}/{field}", programme

    def of_person(
        self,
        part: str,
        changed: Callable[[PersonEntry], dict[str, object]],
        is_fit: Callable[[PersonEntry], bool] = bool,
    ):
        slot, line = self.a_line(lambda line: any(map(is_fit, line.people)))
        if slot is None:
            return None
        person = self.random.choice([p for p in line.people if is_fit(p)])
        people = tuple(
            p.model_copy(update=changed(p)) if p is person else p for p in line.people
        )
        address = f"slots/{slot.code}/people/{person.code}{part}"
        return address, with_people(self.programme, slot, line, *people)

    # --- The session ---

    def change_title(self):
        return self.of_session("title")

    def change_note_title(self):
        return self.of_session("note_title")

    def change_theme(self):
        return self.of_session("theme")

    def change_city(self):
        return self.of_session("city")

    def change_conference(self):
        return self.of_conference("title", "conference")

    def change_office(self):
        return self.of_conference("office")

    def change_notice(self):
        return self.of_conference("notice")

    def change_contact(self):
        return self.of_conference("contact")

    def change_symbol(self):
        return "symbol", self.programme.model_copy(update={"symbol": "A/CONF.99/7"})

    def change_status_of_session(self):
        return "status", self.programme.model_copy(update={"status": "cancelled"})

    def change_dates(self):
        later = self.programme.ends_on + dt.timedelta(days=40)
        return "dates", self.programme.model_copy(update={"ends_on": later})

    def change_time_style(self):
        if not any(slot.start for slot in self.programme.slots):
            return None
        return "time_style", self.programme.model_copy(
            update={"time_style": "half-days"}
        )

    def change_room_of_session(self):
        room = self.invention.room()
        programme = self.programme.model_copy(update={"room": room})
        for slot in self.programme.slots:
            if not slot.has_own_room and slot.room == self.programme.room:
                programme = with_slot(programme, slot.code, room=room)
        return "room", programme

    def change_footnote(self):
        notes = list(self.programme.footnotes)
        if not notes:
            return None
        place = self.random.randrange(len(notes))
        note = notes[place]
        notes[place] = note.model_copy(update={"text": self.rewritten(note.text)})
        return f"footnotes/{note.key}", self.programme.model_copy(
            update={"footnotes": tuple(notes)}
        )

    # --- Sections ---

    def with_section(self, place: int, **changed: object) -> Programme:
        sections = list(self.programme.sections)
        sections[place] = sections[place].model_copy(update=changed)
        return self.programme.model_copy(update={"sections": tuple(sections)})

    def change_section_text(self):
        if not self.programme.sections:
            return None
        place = self.random.randrange(len(self.programme.sections))
        text = self.rewritten(self.programme.sections[place].text)
        return f"sections/{place + 1}/text", self.with_section(place, text=text)

    def change_section_heading(self):
        if not self.programme.sections:
            return None
        place = self.random.randrange(len(self.programme.sections))
        heading = self.retold(self.programme.sections[place].heading)
        return f"sections/{place + 1}/heading", self.with_section(
            place, heading=heading
        )

    def change_section_added(self):
        section = self.invention.section("after")
        sections = (*self.programme.sections, section)
        return f"sections/{len(sections)}", self.programme.model_copy(
            update={"sections": sections}
        )

    def change_section_removed(self):
        if not self.programme.sections:
            return None
        return "sections/1", self.programme.model_copy(
            update={"sections": self.programme.sections[1:]}
        )

    def change_sections_order(self):
        first = [s.place for s in self.programme.sections[:2]]
        if first != ["before", "before"]:
            return None
        one, other, *rest = self.programme.sections
        return "sections/order", self.programme.model_copy(
            update={"sections": (other, one, *rest)}
        )

    # --- Days ---

    def change_day_added(self):
        day = self.invention.day(9, self.programme.room)
        return f"days/{day.date}", self.programme.model_copy(
            update={"days": (*self.programme.days, day)}
        )

    def change_day_removed(self):
        if len(self.programme.days) < 2:
            return None
        return f"days/{self.programme.days[0].date}", self.programme.model_copy(
            update={"days": self.programme.days[1:]}
        )

    def change_day_moved(self):
        *days, last = self.programme.days
        moved = last.model_copy(update={"date": last.date + dt.timedelta(days=1)})
        return f"days/{moved.date}", self.programme.model_copy(
            update={"days": (*days, moved)}
        )

    # --- Slots ---

    def with_slots(self, number: int, *slots: SlotEntry) -> Programme:
        days = list(self.programme.days)
        days[number] = days[number].model_copy(update={"slots": slots})
        return self.programme.model_copy(update={"days": tuple(days)})

    def change_slot_added(self):
        slot = self.invention.slot(self.programme.room, 20)
        programme = self.with_slots(0, *self.programme.days[0].slots, slot)
        return f"slots/{slot.code}", programme

    def change_slot_removed(self):
        slots = list(self.programme.days[0].slots)
        gone = slots.pop(self.random.randrange(len(slots)))
        return f"slots/{gone.code}", self.with_slots(0, *slots)

    def change_slot_moved(self):
        if len(self.programme.days) < 2 or len(self.programme.days[0].slots) < 2:
            return None
        *slots, moved = self.programme.days[0].slots
        first, second, *rest = self.programme.days
        days = (
            first.model_copy(update={"slots": tuple(slots)}),
            second.model_copy(update={"slots": (*second.slots, moved)}),
            *rest,
        )
        return f"slots/{moved.code}/day", self.programme.model_copy(
            update={"days": days}
        )

    def change_order(self):
        day = self.programme.days[0]
        if len(day.slots) < 2:
            return None
        first, second, *rest = day.slots
        return f"days/{day.date}/order", self.with_slots(0, second, first, *rest)

    def change_slot_title(self):
        return self.of_slot("title")

    def change_label(self):
        return self.of_slot("label")

    def change_aside(self):
        return self.of_slot("aside")

    def change_text(self):
        return self.of_markdown("text")

    def change_questions(self):
        return self.of_markdown("questions")

    def change_when(self):
        found = self.of_slot("when", lambda slot: slot.start is None)
        return found and (found[0].replace("/when", "/time"), found[1])

    def change_start(self):
        slot = self.a_slot(lambda slot: slot.start is not None)
        if slot is None:
            return None
        programme = with_slot(
            self.programme, slot.code, start=slot.start.replace(minute=5)
        )
        return f"slots/{slot.code}/time", programme

    def change_end(self):
        slot = self.a_slot(lambda slot: slot.start is not None)
        if slot is None:
            return None
        programme = with_slot(
            self.programme, slot.code, end=slot.start.replace(minute=50)
        )
        return f"slots/{slot.code}/time", programme

    def change_next_day(self):
        slot = self.a_slot(lambda slot: slot.end is not None)
        if slot is None:
            return None
        programme = with_slot(self.programme, slot.code, ends_next_day=True)
        return f"slots/{slot.code}/time", programme

    def change_status(self):
        return self.value_of_slot(
            "status",
            lambda slot: "scheduled" if slot.is_struck else "cancelled",
        )

    def change_room(self):
        slot = self.a_slot()
        if slot is None:
            return None
        programme = with_slot(
            self.programme, slot.code, room=self.invention.room(), has_own_room=True
        )
        return f"slots/{slot.code}/room", programme

    def change_parallel(self):
        return self.value_of_slot("parallel", lambda slot: not slot.parallel)

    def change_part_of(self):
        slots = list(self.programme.slots)
        slot = self.a_slot(lambda slot: slot.part_of is None and slot is not slots[0])
        if slot is None:
            return None
        programme = with_slot(self.programme, slot.code, part_of=slots[0].code)
        return f"slots/{slot.code}/part_of", programme

    def change_agenda_item(self):
        return self.value_of_slot("agenda_item", lambda _slot: "Another item")

    def change_interpretation(self):
        return self.value_of_slot(
            "interpretation",
            lambda slot: (
                (*slot.interpretation[1:], "en")
                if slot.interpretation[-1:] != ("en",)
                else slot.interpretation[:-1]
            ),
        )

    def change_webcast(self):
        return self.value_of_slot("webcast", lambda _slot: "https://example.org/other")

    def change_calls(self):
        slot = self.a_slot()
        if slot is None:
            return None
        number = len(self.programme.footnotes) + 1
        notes = (*self.programme.footnotes, self.invention.footnote(number))
        programme = self.programme.model_copy(update={"footnotes": notes})
        called = {**slot.notes, "title": (*slot.notes.get("title", ()), number)}
        return f"slots/{slot.code}/title/notes", with_slot(
            programme, slot.code, notes=called
        )

    # --- Documents ---

    def of_documents(self, change: Callable[[list[DocumentEntry]], None], part: str):
        slot = self.a_slot(lambda slot: len(slot.documents) > 1)
        if slot is None:
            return None
        documents = list(slot.documents)
        change(documents)
        programme = with_slot(self.programme, slot.code, documents=tuple(documents))
        return f"slots/{slot.code}/documents/{part}", programme

    def change_document_added(self):
        return self.of_documents(
            lambda documents: documents.append(self.invention.document()), "4"
        )

    def change_document_removed(self):
        return self.of_documents(lambda documents: documents.pop(), "3")

    def change_document(self):
        def renamed(documents):
            title = self.retold(documents[0].title)
            documents[0] = documents[0].model_copy(
                update={"title": title, "symbol": documents[0].symbol or "A/1"}
            )

        slot = self.a_slot(lambda s: bool(s.documents) and bool(s.documents[0].symbol))
        if slot is None:
            return None
        documents = list(slot.documents)
        renamed(documents)
        return f"slots/{slot.code}/documents/1", with_slot(
            self.programme, slot.code, documents=tuple(documents)
        )

    def change_documents_order(self):
        return self.of_documents(lambda documents: documents.reverse(), "order")

    # --- Lines ---

    def change_wording(self):
        slot, line = self.a_line(
            lambda line: line.layout == "bullets" and bool(line.text)
        )
        if slot is None:
            return None
        text = self.retold(line.text)
        return f"slots/{slot.code}/lines/{line.code}", with_line(
            self.programme, slot, line, text=text
        )

    def change_sentence(self):
        slot, line = self.a_line(lambda line: line.layout == "sentence")
        if slot is None:
            return None
        return f"slots/{slot.code}/lines/{line.code}", with_line(
            self.programme, slot, line, text=self.rewritten(line.text)
        )

    def change_heading(self):
        slot, line = self.a_line(lambda line: bool(line.heading))
        if slot is None:
            return None
        return f"slots/{slot.code}/lines/{line.code}/heading", with_line(
            self.programme, slot, line, heading=self.retold(line.heading)
        )

    def change_line_added(self):
        slot, line = self.a_slot(), self.invention.bullets()
        if slot is None:
            return None
        return f"slots/{slot.code}/lines/{line.code}", with_slot(
            self.programme, slot.code, lines=(line, *slot.lines)
        )

    def change_line_removed(self):
        slot, line = self.a_line(
            lambda line: line.layout == "bullets" and bool(line.text)
        )
        if slot is None:
            return None
        kept = tuple(other for other in slot.lines if other is not line)
        return f"slots/{slot.code}/lines/{line.code}", with_slot(
            self.programme, slot.code, lines=kept
        )

    def change_lines_order(self):
        slot = self.a_slot(lambda slot: len(slot.lines) > 1)
        if slot is None:
            return None
        return f"slots/{slot.code}/lines/order", with_slot(
            self.programme, slot.code, lines=tuple(reversed(slot.lines))
        )

    # --- People ---

    def change_person_added(self):
        slot, line = self.a_line(lambda line: bool(line.people))
        if slot is None:
            return None
        person = self.invention.person()
        people = [*line.people]
        people.insert(self.random.randint(0, len(people)), person)
        return f"slots/{slot.code}/people/{person.code}", with_people(
            self.programme, slot, line, *people
        )

    def change_person_removed(self):
        slot, line = self.a_line(lambda line: len(line.people) > 1)
        if slot is None:
            return None
        people = [*line.people]
        gone = people.pop(self.random.randrange(len(people)))
        return f"slots/{slot.code}/people/{gone.code}", with_people(
            self.programme, slot, line, *people
        )

    def change_replaced(self):
        def changed(_person):
            successor = self.invention.person(person=self.invention.code("person"))
            return successor.model_dump(exclude={"code", "notes"})

        return self.of_person("", changed)

    def change_name(self):
        return self.of_person(
            "/printed", lambda person: {"printed": self.retold(person.printed)}
        )

    def change_function(self):
        return self.of_person(
            "/function", lambda person: {"function": self.retold(person.function)}
        )

    def change_standing(self):
        return self.of_person(
            "/standing",
            lambda _person: {"status": "withdrawn", "remark": self.invention.text(1)},
        )

    def change_mode(self):
        return self.of_person(
            "/standing",
            lambda _person: {"mode": "remote", "remark": self.invention.text(1)},
        )

    def change_role(self):
        return self.of_person(
            "/role",
            lambda person: {"role_label": self.retold(person.role_label)},
            lambda person: bool(person.person),
        )

    def change_state(self):
        return self.of_person(
            "/state",
            lambda person: {"state": self.retold(person.state)},
            lambda person: bool(person.person),
        )

    def change_organization(self):
        return self.of_person(
            "/organization",
            lambda person: {"organization": self.retold(person.organization)},
            lambda person: bool(person.person),
        )

    def change_people_order(self):
        slot, line = self.a_line(lambda line: len(line.people) > 1)
        if slot is None:
            return None
        first, second, *rest = line.people
        code = f"{second.code}.people" if line.code.endswith(".people") else line.code
        return f"slots/{slot.code}/lines/{code}/order", with_people(
            self.programme, slot, line, second, first, *rest
        )

    def change_person_moved(self):
        slot, line = self.a_line(
            lambda line: line.layout == "bullets" and len(line.people) > 1
        )
        if slot is None:
            return None
        *people, moved = line.people
        others = [
            other
            for other in slot.lines
            if other is not line and other.text and other.layout == "bullets"
        ]
        if not others:
            return None
        programme = with_people(self.programme, slot, line, *people)
        slot = next(s for s in programme.slots if s.code == slot.code)
        return f"slots/{slot.code}/people/{moved.code}/line", with_people(
            programme, slot, others[0], *others[0].people, moved
        )
