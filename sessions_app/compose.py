"""From rows to the Programme: the only module that joins rows for print.

What is printed, in which order, under which number and label, is decided here and
nowhere else. The number of queries does not grow with the session."""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from babel.lists import format_list
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.utils import translation

from sessions_app.models import Day, Footnote, Line, Room, Session, Slot, SlotDocument
from sessions_app.programme import (
    PAUSES,
    ConferenceEntry,
    DayEntry,
    DocumentEntry,
    FootnoteEntry,
    LineEntry,
    Logo,
    Notes,
    PersonEntry,
    Programme,
    RoomEntry,
    SectionEntry,
    SlotEntry,
    Text,
    pick,
)
from sessions_app.translated import IN_LATIN_LETTERS, language_name, words
from sessions_app.zones import instant
from speakers.models import PEOPLE, Person, Role

_CALL_AT_END = re.compile(r"\s*\[\^([A-Za-z0-9_-]+)\]\s*$")

_NOT_PRINTED = {Line.Status.DECLINED, Line.Status.REPLACED}
_HOLDING = {Line.Status.CONFIRMED, Line.Status.TO_BE_CONFIRMED}

# The label of a numbered panel, and of a numbered round table.
_PANEL: Text = {
    "ar": "حلقة النقاش {number}",
    "zh-hans": "小组讨论{number}",
    "en": "Panel {number}",
    "fr": "Réunion-débat {number}",
    "ru": "Дискуссионный форум {number}",
    "es": "Panel {number}",
}
_ROUND_TABLE: Text = {
    "ar": "المائدة المستديرة {number}",
    "zh-hans": "圆桌会议{number}",
    "en": "Round table {number}",
    "fr": "Table ronde {number}",
    "ru": "Круглый стол {number}",
    "es": "Mesa redonda {number}",
}

# The words in brackets after a person.
_TO_BE_CONFIRMED: Text = {
    "ar": "(يُؤكد لاحقا)",
    "zh-hans": "（待定）",
    "en": "(TBC)",
    "fr": "(à confirmer)",
    "ru": "(уточняется)",
    "es": "(por confirmar)",
}
_WITHDRAWN: Text = {
    "ar": "(أُلغيت المشاركة)",
    "zh-hans": "（不再出席）",
    "en": "(withdrawn)",
    "fr": "(ne participera pas)",
    "ru": "(участие отменено)",
    "es": "(no participará)",
}
_MODES: dict[str, Text] = {
    Line.Mode.VIDEO_MESSAGE: {
        "ar": "(برسالة مسجلة بالفيديو)",
        "zh-hans": "（视频致辞）",
        "en": "(by video message)",
        "fr": "(message vidéo)",
        "ru": "(видеообращение)",
        "es": "(por mensaje de vídeo)",
    },
    Line.Mode.REMOTE: {
        "ar": "(عن طريق وصلة فيديو)",
        "zh-hans": "（视频连线）",
        "en": "(by video link)",
        "fr": "(par visioconférence)",
        "ru": "(по видеосвязи)",
        "es": "(por videoconferencia)",
    },
}
_LIST_LOCALE = {"zh-hans": "zh_Hans", "en": "en_GB"}
# What is said on page and note in a language that nothing of the session is in, and in
# one that parts of it are not in.
_ISSUED_IN_ONLY: Text = {
    "ar": "صدر باللغة {language} فقط",
    "zh-hans": "仅以{language}印发",
    "en": "Issued in {language} only",
    "fr": "Publié en {language} uniquement",
    "ru": "Издано только на одном языке: {language}",
    "es": "Publicado en {language} únicamente",
}
_PARTS_IN_ONLY: Text = {
    "ar": "أجزاء من هذه الوثيقة صادرة باللغة {language} فقط، وقد أُشير إليها",
    "zh-hans": "部分内容仅以{language}印发，均已标明",
    "en": "Parts are issued in {language} only, and are marked",
    "fr": "Certaines parties, signalées comme telles, sont publiées en {language} "
    "uniquement",
    "ru": "Отдельные части (отмечены) изданы только на одном языке: {language}",
    "es": "Algunas partes, señaladas como tales, se publican en {language} únicamente",
}
# Between people whose functions print too and have commas of their own: between any
# two, and before the last.
_SEMICOLONS = {
    "ar": ("؛ ", "؛ و"),
    "zh-hans": ("；", "；"),
    "en": ("; ", "; and "),
    "fr": ("\u00a0; ", "\u00a0; et "),
    "ru": ("; ", "; и "),
    "es": ("; ", "; y "),
}
# Two invented people, a woman and a man who stated these forms, for examples.
_ADA: dict[str, Any] = {
    "printed_name": {
        "ar": "آدا لوند",
        "zh-hans": "阿达·隆德",
        "en": "Ada Lund",
        "fr": "Ada Lund",
        "ru": "Ада Лунд",
        "es": "Ada Lund",
    },
    "honorific": {
        "ar": "السيدة",
        "zh-hans": "女士",
        "en": "Ms.",
        "fr": "Mme",
        "ru": "г-жа",  # noqa: RUF001 - Russian
        "es": "Sra.",
    },
    "function": {
        "ar": "مديرة معهد المحيطات",
        "zh-hans": "海洋研究所所长",
        "en": "Director of the Ocean Institute",
        "fr": "Directrice de l’Institut des océans",
        "ru": "директор Института океана",
        "es": "Directora del Instituto del Océano",
    },
    "label_form": Person.LabelForm.FEMININE,
}
_OMAR: dict[str, Any] = {
    "printed_name": {
        "ar": "عمر حداد",
        "zh-hans": "奥马尔·哈达德",
        "en": "Omar Haddad",
        "fr": "Omar Haddad",
        "ru": "Омар Хаддад",
        "es": "Omar Haddad",
    },
    "honorific": {
        "ar": "السيد",
        "zh-hans": "先生",
        "en": "Mr.",
        "fr": "M.",
        "ru": "г-н",  # noqa: RUF001 - Russian
        "es": "Sr.",
    },
    "function": {
        "ar": "الممثل الدائم للبلد المضيف",
        "zh-hans": "东道国常驻代表",
        "en": "Permanent Representative of the host country",
        "fr": "Représentant permanent du pays hôte",
        "ru": "Постоянный представитель принимающей страны",
        "es": "Representante Permanente del país anfitrión",
    },
    "label_form": Person.LabelForm.MASCULINE,
}


def compose(session: Session, draft: Slot | None = None) -> Programme:
    """The Programme of the rows as they stand in the database now: printed slots only,
    in the languages of the session. Eight queries, whatever its size.

    With `draft`, a slot as it is being typed takes the place of its row, or is added:
    its `lines` and `documents` are prefetched lists, its panel is on it. Nothing is
    written."""
    rows = _rows().get(pk=session.pk)
    return _Composition(rows, _former_codes(), draft).programme()


def compose_all(sessions: Iterable[Session]) -> list[Programme]:
    """compose() for several sessions, in their order, with as many queries as for
    one."""
    keys = [session.pk for session in sessions]
    rows = {row.pk: row for row in _rows().filter(pk__in=keys)}
    former_codes = _former_codes()
    return [_Composition(rows[key], former_codes).programme() for key in keys]


def printed_line(person: Person, language: str, primary: str = "en") -> str:
    """What a line prints that names the person and says no more: "H.E. Mr. Jürg Lauber,
    Permanent Representative of Switzerland". A merged record prints as it stands."""
    printing = _Printing(dict.fromkeys((language, primary)), primary)
    return printing.person_as(Line(), person).plainly(language, primary)


def name_printed(line: Line, language: str) -> str:
    """The name of whom a line names, with the honorific there: "H.E. Mr. Jürg Lauber";
    the words of somebody unnamed."""
    name, honorific = _Printing([language], language).named(line, record_of(line))
    return pick(_printed_name(name, honorific), language).text


def record_of(line: Line) -> Person | None:
    """The record of the person that a line names: of merged ones, the one kept."""
    if line.person is None:
        return None
    return line.person.merged_into or line.person


def examples_of(role: Role, languages: Sequence[str]) -> dict[str, list[str]]:
    """How a role prints, by language, with invented people. As a closing line: one
    person, then two. As bullets: the label of somebody who stated no form, of a woman
    and of a man who stated theirs, and of several people."""
    primary = "en" if "en" in languages else next(iter(languages), "en")
    printing = _Printing(languages, primary)
    ada, omar = Person(**_ADA), Person(**_OMAR)
    if role.prints == Role.Prints.CLOSING_LINE:
        lines = [printing.example(role, *of) for of in ((ada,), (ada, omar))]
        return {
            language: [line.plainly(language, primary) for line in lines]
            for language in languages
        }
    unstated = Person(printed_name=ada.printed_name)
    groups = ((unstated,), (ada,), (omar,), (ada, omar))
    headings = [printing.example(role, *of).heading for of in groups]
    return {
        language: [pick(heading, language, primary).text for heading in headings]
        for language in languages
    }


def _rows() -> QuerySet[Session]:
    """Sessions with all that they print."""
    return Session.objects.select_related("conference", "room").prefetch_related(
        "footnotes",
        "sections",
        Prefetch("days", Day.objects.order_by("date")),
        Prefetch(
            "days__slots",
            Slot.objects.filter(is_printed=True)
            .select_related("room", "panel")
            .order_by("position", "pk"),
        ),
        Prefetch(
            "days__slots__lines",
            Line.objects.exclude(status__in=_NOT_PRINTED)
            .select_related("person__merged_into", "role", "holders_of")
            .order_by("position", "pk"),
        ),
        Prefetch(
            "days__slots__documents",
            SlotDocument.objects.order_by("position", "pk"),
        ),
    )


def _former_codes() -> dict[int, tuple[str, ...]]:
    """Record to the codes of the records merged into it, sorted: of all people, who
    are few, so that a draft's people are among them without a query of their own."""
    codes: dict[int, list[str]] = defaultdict(list)
    merged = Person.objects.exclude(merged_into=None).order_by()
    for kept, code in merged.values_list("merged_into", "code"):
        codes[cast(int, kept)].append(code)
    return {kept: tuple(sorted(former)) for kept, former in codes.items()}


class _Printing:
    """How texts, roles and people print in some languages, whatever they stand in:
    the footnotes that may be called, and those called so far."""

    def __init__(self, languages: Iterable[str], primary: str) -> None:
        self.languages = list(languages)
        self.primary = primary
        self.prints_to_be_confirmed = True
        self.footnotes: dict[str, Footnote] = {}
        self.called: dict[str, int] = {}
        self.former_codes: dict[int, tuple[str, ...]] = {}

    # --- Texts ---

    def text(
        self,
        stored: Mapping[str, Any] | None,
        notes: Notes | None = None,
        field: str = "",
    ) -> Text:
        """The words in the session's languages. With `notes`, footnote calls at the end
        are taken out and their numbers put into `notes` under `field`."""
        said = words(stored)
        kept = {code: said[code] for code in self.languages if code in said}
        if not kept and said:
            # A name known in another language alone still prints.
            fallback = pick(said, self.primary, self.primary)
            kept = {fallback.language: fallback.text}
        if notes is None:
            return kept
        calls: dict[str, list[str]] = {}
        for language, typed in kept.items():
            kept[language], calls[language] = self.without_calls(typed)
        keys = calls.get(self.primary) or next(filter(None, calls.values()), [])
        if keys:
            notes[field] = tuple(
                self.called.setdefault(key, len(self.called) + 1) for key in keys
            )
        return {language: typed for language, typed in kept.items() if typed}

    def without_calls(self, typed: str) -> tuple[str, list[str]]:
        keys: list[str] = []
        while (call := _CALL_AT_END.search(typed)) and call[1] in self.footnotes:
            keys.insert(0, call[1])
            typed = typed[: call.start()]
        return typed, keys

    # --- Lines ---

    def add_people(
        self,
        entries: list[LineEntry],
        role: Role | None,
        people: tuple[PersonEntry, ...],
    ) -> None:
        """Prints people without words around them: by the grammar of their role as a
        closing line, else as bullets of the text above or of their own."""
        key = role.key if role else None
        above = entries[-1] if entries else None
        if role and role.prints == Role.Prints.CLOSING_LINE:
            if above and (above.layout, above.role) == ("closing", key):
                people = (*above.people, *people)
                entries.pop()
            entries.append(
                LineEntry(
                    code=f"{people[0].code}.people",
                    layout="closing",
                    text=_with_places(self.by_line(role), people),
                    role=key,
                    people=people,
                )
            )
        elif above and above.layout == "bullets" and (above.text or above.role == key):
            people = (*above.people, *people)
            heading = {} if above.text else self.heading(role, people)
            entries[-1] = above.model_copy(
                update={"people": people, "heading": heading}
            )
        else:
            entries.append(
                LineEntry(
                    code=f"{people[0].code}.people",
                    heading=self.heading(role, people),
                    role=key,
                    people=people,
                )
            )

    def example(self, role: Role, *people: Person) -> LineEntry:
        """The line that people of a role print when nothing stands around it."""
        entries: list[LineEntry] = []
        for person in people:
            named = self.person(Line(person=person, role=role))
            self.add_people(entries, role, (named,))
        return entries[0]

    def by_line(self, role: Role) -> Text:
        """The words of a closing line; where a language has none, its label before the
        names."""
        typed = self.text(role.by_line)
        label = self.text(role.label_neutral)
        return {
            language: typed.get(language) or f"{said}: {PEOPLE}"
            for language, said in label.items()
        } | typed

    def heading(self, role: Role | None, people: tuple[PersonEntry, ...]) -> Text:
        """What one or several people of a role are called on the agenda."""
        if role is None:
            return {}
        if len(people) == 1:
            return people[0].role_label
        return self.text(role.label_neutral) | self.text(role.label_plural)

    # --- People ---

    def person(self, row: Line) -> PersonEntry:
        return self.person_as(row, record_of(row))

    def person_as(self, row: Line, record: Person | None) -> PersonEntry:
        """Somebody as the line says, and where it says nothing, as the record does."""
        name, honorific = self.named(row, record)
        function = _here(row.function, record.function if record else None)
        notes: Notes = {}
        return PersonEntry(
            code=row.code,
            person=record.code if record else None,
            former_codes=self.former_codes.get(record.pk, ()) if record else (),
            name=name,
            honorific=honorific,
            printed=_printed_name(name, honorific),
            sort_name=_sort_name(record),
            function=self.text(function, notes, "function"),
            state=self.text(_here(row.state, record.state if record else None)),
            organization=self.text(record.organization if record else None),
            role=row.role.key if row.role else None,
            role_label=self.role_label(row.role, record),
            status=cast(Any, row.status),
            mode=cast(Any, row.mode),
            remark=self.remark(row),
            notes=notes,
        )

    def named(self, row: Line, record: Person | None) -> tuple[Text, Text]:
        """The name and the honorific of whom a line names."""
        honorific = self.text(
            _here(row.honorific, record.honorific if record else None)
        )
        if record is None:
            return self.text(row.unnamed), honorific
        return self.name(record, honorific or self.languages), honorific

    def name(self, record: Person, addressed: Collection[str]) -> Text:
        """A name in each language; where one in Latin letters has none of its own, as
        another such language has it: a name is not translated. But only in languages
        in which the person is `addressed`."""
        name, written = self.text(record.printed_name), words(record.printed_name)
        forms = (written.get(code) for code in (self.primary, *IN_LATIN_LETTERS))
        latin = next(filter(None, forms), "")
        if not latin or self.primary not in IN_LATIN_LETTERS:
            return name
        filled = dict.fromkeys(set(IN_LATIN_LETTERS).intersection(addressed), latin)
        filled |= name
        return {code: filled[code] for code in self.languages if code in filled} or name

    def role_label(self, role: Role | None, record: Person | None) -> Text:
        """The label in the form that the person stated; the neutral one where the
        person stated none or the language has none."""
        if role is None:
            return {}
        stated = {
            "masculine": role.label_masculine,
            "feminine": role.label_feminine,
        }.get(record.label_form if record else "")
        return self.text(role.label_neutral) | self.text(stated)

    def remark(self, row: Line) -> Text:
        """The words in brackets after a person: how, and whether for certain."""
        said: list[Text] = []
        if row.mode in _MODES:
            said.append(_MODES[row.mode])
        if row.status == Line.Status.WITHDRAWN:
            said.append(_WITHDRAWN)
        elif row.status == Line.Status.TO_BE_CONFIRMED and (
            self.prints_to_be_confirmed
        ):
            said.append(_TO_BE_CONFIRMED)
        return {
            language: " ".join(remark[language] for remark in said)
            for language in self.languages
            if said
        }


class _Composition(_Printing):
    """One composition of the rows of a session."""

    def __init__(
        self,
        rows: Session,
        former_codes: dict[int, tuple[str, ...]],
        draft: Slot | None = None,
    ) -> None:
        super().__init__(rows.languages, rows.primary_language)
        self.rows = rows
        self.former_codes = former_codes
        self.prints_to_be_confirmed = rows.prints_to_be_confirmed
        self.footnotes = {note.key: note for note in rows.footnotes.all()}
        self.days = [
            (number, day, _in_order(_with_draft(day, draft)))
            for number, day in enumerate(rows.days.all(), start=1)
        ]
        self.codes = {
            slot.pk: slot.code for _number, _day, slots in self.days for slot in slots
        }
        self.holders = self._holders()

    def programme(self) -> Programme:
        rows = self.rows
        notes: Notes = {}
        # Arguments are evaluated in reading order: a footnote gets its number where it
        # is first called.
        title = self.text(rows.title, notes, "title")
        note_title = self.text(rows.note_title, notes, "note_title")
        theme = self.text(rows.theme, notes, "theme")
        before = self.sections("before")
        days = tuple(
            DayEntry(
                number=number,
                date=day.date,
                slots=tuple(self.slot(number, day, slot) for slot in slots),
            )
            for number, day, slots in self.days
        )
        after = self.sections("after")
        programme = Programme(
            conference=self.conference(),
            slug=rows.slug,
            title=title,
            note_title=note_title,
            theme=theme,
            symbol=rows.symbol,
            city=self.text(rows.city),
            room=self.room(rows.room),
            zone=rows.zone,
            starts_on=rows.starts_on,
            ends_on=rows.ends_on,
            languages=tuple(self.languages),
            primary_language=self.primary,
            page_size=cast(Any, rows.page_size),
            time_style=cast(Any, rows.time_style),
            status=cast(Any, rows.status),
            sections=(*before, *after),
            footnotes=self.called_footnotes(),
            days=days,
            notes=notes,
            uncalled_footnotes=tuple(sorted(self.footnotes.keys() - self.called)),
            stops_untranslated=(
                rows.missing_translations == Session.MissingTranslations.STOPS
            ),
        )
        return programme.model_copy(update={"declared": self.declared(programme)})

    def declared(self, programme: Programme) -> Text:
        """What is said where the programme is not all in a language."""
        whole = programme.whole_in
        return {
            language: (
                _PARTS_IN_ONLY
                if any(language in text for text in programme.worded)
                else _ISSUED_IN_ONLY
            )[language].format(language=_called(self.primary, language))
            for language in self.languages
            if language != self.primary and language not in whole
        }

    # --- Footnotes ---

    def called_footnotes(self) -> tuple[FootnoteEntry, ...]:
        return tuple(
            FootnoteEntry(
                number=number, key=key, text=self.text(self.footnotes[key].text)
            )
            for key, number in self.called.items()
        )

    # --- Parts ---

    def conference(self) -> ConferenceEntry:
        row = self.rows.conference
        logo = None
        if row.logo:
            logo = Logo(
                png=base64.b64encode(bytes(row.logo)).decode(),
                text=self.text(row.logo_text),
            )
        return ConferenceEntry(
            slug=row.slug,
            title=self.text(row.title),
            office=self.text(row.office),
            contact=self.text(row.contact),
            notice=self.text(row.notice),
            logo=logo,
        )

    def room(self, row: Room | None) -> RoomEntry | None:
        if row is None:
            return None
        return RoomEntry(
            code=row.code, venue=self.text(row.venue), name=self.text(row.name)
        )

    def sections(self, place: str) -> tuple[SectionEntry, ...]:
        entries = []
        for row in self.rows.sections.all():
            if row.place == place:
                notes: Notes = {}
                heading = self.text(row.heading, notes, "heading")
                text = self.text(row.text, notes, "text")
                entries.append(
                    SectionEntry(
                        place=cast(Any, place), heading=heading, text=text, notes=notes
                    )
                )
        return tuple(entries)

    def slot(self, number: int, day: Day, row: Slot) -> SlotEntry:
        notes: Notes = {}
        panel = getattr(row, "panel", None)
        end_date = day.date + dt.timedelta(days=int(row.ends_next_day))
        is_pause = row.kind in PAUSES
        return SlotEntry(
            code=row.code,
            kind=row.kind,
            start=row.start,
            end=row.end,
            ends_next_day=row.ends_next_day,
            starts_at=self.instant(day.date, row.start),
            ends_at=self.instant(end_date, row.end),
            when=self.text(row.when, notes, "when") if row.start is None else {},
            label=self.label(panel, row.kind, notes),
            title=self.text(row.title, notes, "title"),
            text=self.text(row.text, notes, "text"),
            questions=(self.text(panel.questions, notes, "questions") if panel else {}),
            aside=self.text(row.aside, notes, "aside"),
            # The session does not lunch in its meeting room.
            room=self.room(row.room or (None if is_pause else self.rows.room)),
            has_own_room=bool(row.room_id) and row.room_id != self.rows.room_id,
            status=cast(Any, row.status),
            parallel=row.is_parallel,
            part_of=self.codes.get(row.part_of_id) if row.part_of_id else None,
            agenda_item=row.agenda_item,
            interpretation=tuple(row.interpretation),
            webcast=row.webcast,
            documents=tuple(
                DocumentEntry(
                    symbol=document.symbol,
                    title=self.text(document.title),
                    address=document.address,
                )
                for document in row.documents.all()
            ),
            lines=self.lines(number, row),
            notes=notes,
        )

    def instant(self, date: dt.date, wall: dt.time | None) -> dt.datetime | None:
        if wall is None:
            return None
        try:
            return instant(date, wall, self.rows.zone)
        except ValidationError:
            # The forms refuse such a time; one that came another way prints as typed.
            return None

    def label(self, panel: Any, kind: str, notes: Notes) -> Text:
        if panel is None:
            return {}
        typed = self.text(panel.label, notes, "label")
        if typed or panel.number is None:
            return typed
        label = _ROUND_TABLE if kind == Slot.Kind.ROUND_TABLE else _PANEL
        return {
            language: label[language].format(number=panel.number)
            for language in self.languages
        }

    # --- Lines ---

    def lines(self, number: int, slot: Slot) -> tuple[LineEntry, ...]:
        entries: list[LineEntry] = []
        for row in _printed_lines(slot):
            notes: Notes = {}
            text = self.text(row.text, notes, "text")
            people, referred = self.participants(number, row)
            if _names_people(text):
                if people:
                    entries.append(
                        LineEntry(
                            code=row.code,
                            layout="sentence",
                            text=_with_places(text, people),
                            role=row.role.key if row.role else None,
                            people=people,
                            notes=notes,
                        )
                    )
                continue
            if text or referred:
                entries.append(
                    LineEntry(code=row.code, text=text, referred=referred, notes=notes)
                )
            if people:
                self.add_people(entries, row.role, people)
        return tuple(entries)

    # --- People ---

    def participants(
        self, number: int, row: Line
    ) -> tuple[tuple[PersonEntry, ...], tuple[PersonEntry, ...]]:
        """Who prints with a line, and who is meant by it without being named. Holders
        of a role are named where the text says {people}, else only meant; their
        functions print where they hold the role."""
        if row.holders_of_id:
            people = tuple(
                self.person(held).model_copy(
                    update={
                        "code": f"{row.code}.{held.code}",
                        "function": {},
                        "notes": {},
                    }
                )
                for held in self.holders_on(number, row.holders_of_id)
            )
            return (people, ()) if _names_people(words(row.text)) else ((), people)
        if row.person_id or words(row.unnamed):
            return (self.person(row),), ()
        return (), ()

    def _holders(self) -> dict[int, list[tuple[int, Line]]]:
        """Role to the lines that name its holders, each with the number of its day, in
        printed order."""
        holders: dict[int, list[tuple[int, Line]]] = defaultdict(list)
        for number, _day, slots in self.days:
            for slot in slots:
                for line in _printed_lines(slot):
                    if line.role_id and line.person_id and line.status in _HOLDING:
                        holders[line.role_id].append((number, line))
        return holders

    def holders_on(self, number: int, role: int) -> list[Line]:
        """One line for each holder of a role: in the order of the day `number` when
        that day names them all, otherwise in the order of the session."""
        named = self.holders.get(role, [])
        everywhere = _first_of_each(line for _day, line in named)
        on_the_day = _first_of_each(line for day, line in named if day == number)
        return on_the_day if len(on_the_day) == len(everywhere) else everywhere


def _called(named: str, language: str) -> str:
    """What a language is called in another one: "anglais"."""
    with translation.override(language):
        return language_name(named)


def _with_draft(day: Day, draft: Slot | None) -> list[Slot]:
    """The slots of a day by position, with `draft` in the place of its row."""
    slots = list(day.slots.all())
    if draft is None:
        return slots
    slots = [slot for slot in slots if slot.pk != draft.pk]
    if draft.day_id == day.pk and draft.is_printed:
        slots.append(draft)
    return sorted(slots, key=lambda slot: (slot.position, slot.pk))


def _in_order(slots: Iterable[Slot]) -> list[Slot]:
    """Slots by their start; one without a time stays behind the slot that staff put it
    after. `slots` come by position."""
    latest = dt.time.min
    keyed = []
    for slot in slots:
        latest = slot.start or latest
        keyed.append((latest, slot))
    return [slot for _start, slot in sorted(keyed, key=lambda pair: pair[0])]


def _printed_lines(slot: Slot) -> list[Line]:
    # Rows come without those that do not print; a draft holds all of its lines.
    return [line for line in slot.lines.all() if line.status not in _NOT_PRINTED]


def _names_people(text: Mapping[str, str]) -> bool:
    return any(PEOPLE in said for said in text.values())


def _with_places(text: Text, people: tuple[PersonEntry, ...]) -> Text:
    """`text` with {people} replaced by a place for each person, joined as the language
    joins a list: "{0}, {1} and {2}". A language whose words name nobody is left out:
    the people would be missing there."""
    places = [f"{{{place}}}" for place in range(len(people))]
    with_functions = any(person.function for person in people)
    return {
        language: said.replace(PEOPLE, _joined(places, language, with_functions))
        for language, said in text.items()
        if PEOPLE in said
    }


def _joined(places: list[str], language: str, with_functions: bool) -> str:
    if with_functions and len(places) > 1:
        between, before_last = _SEMICOLONS[language]
        return between.join(places[:-1]) + before_last + places[-1]
    return str(format_list(places, locale=_LIST_LOCALE.get(language, language)))


def _here(value: dict[str, Any] | None, record: dict[str, Any] | None) -> Any:
    """What prints at one place: the value there, in all languages, else the record's."""
    return record if value is None else value


def _printed_name(name: Text, honorific: Text) -> Text:
    """Name with honorific, in the order of each language. A language that lacks the
    honorific is left out: the whole form of address in another language is better
    than half of it."""
    if not honorific:
        return name
    return {
        language: (
            f"{said}{honorific[language]}"
            if language == "zh-hans"
            else f"{honorific[language]} {said}"
        )
        for language, said in name.items()
        if language in honorific
    } or name


def _sort_name(record: Person | None) -> str:
    if record is None:
        return ""
    return ", ".join(part for part in (record.family_name, record.given_names) if part)


def _first_of_each(lines: Iterable[Line]) -> list[Line]:
    """The first line of each person."""
    seen: dict[Person | None, Line] = {}
    for line in lines:
        seen.setdefault(record_of(line), line)
    return list(seen.values())
