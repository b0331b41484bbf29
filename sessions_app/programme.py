"""The Programme: what one session prints, in all languages, with every decision made.

Frozen values that know nothing of rows, requests or files. `compose.compose()` makes
one from rows, `from_json()` reads one back from an edition; every output prints it.
Order, numbering, labels and names are final here: an output only formats."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

# Raised when the meaning of a field changes; a new field with a default needs none.
FORMAT = 1

# The order in which `pick` looks for words when the asked and the primary language
# have none.
FALLBACK_ORDER = ("ar", "zh-hans", "en", "fr", "ru", "es")

_LANGUAGES = frozenset(FALLBACK_ORDER)

# Language to words; a language without words is absent. Everything here is final: no
# footnote calls, no grammar left to do.
Text = dict[str, str]

Notes = dict[str, tuple[int, ...]]

# The kinds of slots that are a rest between meetings.
PAUSES = frozenset({"lunch", "break", "reception", "registration"})

_PLACE_OF_PERSON = re.compile(r"\{(\d+)\}")
_COMMAS = {"ar": "، ", "zh-hans": "，"}
_ENUMERATIONS = {"ar": "، ", "zh-hans": "、"}
_SEMICOLONS = {"ar": "؛ ", "zh-hans": "；", "fr": "\u00a0; "}
_COLONS = {"zh-hans": "：", "fr": "\u00a0: "}
_SPACES = {"zh-hans": ""}
_BRACKETS = {"zh-hans": ("（", "）")}
_ELLIPSES = {"zh-hans": "……"}
_QUOTES = {
    "ar": ("«", "»"),
    "zh-hans": ("“", "”"),
    "en": ("“", "”"),
    "fr": ("«\u00a0", "\u00a0»"),
    "ru": ("«", "»"),
    "es": ("«", "»"),
}


class Said(NamedTuple):
    """Words and the language that they are really in."""

    text: str
    language: str


def pick(text: Mapping[str, str], language: str, primary: str = "en") -> Said:
    """The words of `text` in `language`, else in `primary`, else in the first language
    of FALLBACK_ORDER that has any; with the language they are in, so that a fallback
    can be marked. ``Said("", language)`` when there are no words at all."""
    for candidate in (language, primary, *FALLBACK_ORDER):
        if text.get(candidate):
            return Said(text[candidate], candidate)
    return Said("", language)


def comma_of(language: str | None) -> str:
    """The comma of a language with the space behind it."""
    return _COMMAS.get(language or "", ", ")


def enumeration_of(language: str | None) -> str:
    """What stands between the names of a list in a language."""
    return _ENUMERATIONS.get(language or "", ", ")


def semicolon_of(language: str | None) -> str:
    """The semicolon of a language with the spaces around it."""
    return _SEMICOLONS.get(language or "", "; ")


def colon_of(language: str | None) -> str:
    """The colon of a language with the spaces around it."""
    return _COLONS.get(language or "", ": ")


def space_of(language: str | None) -> str:
    """What stands between two sentences in a language."""
    return _SPACES.get(language or "", " ")


def in_brackets(words: str, language: str | None) -> str:
    """Words in the brackets of a language, with the space before them."""
    first, last = _BRACKETS.get(language or "", (" (", ")"))
    return f"{first}{words}{last}"


def in_quotes(words: str, language: str | None) -> str:
    """Words between the quotation marks of a language."""
    first, last = _QUOTES.get(language or "", _QUOTES["en"])
    return f"{first}{words}{last}"


def broken_off(words: str, language: str | None) -> str:
    """Words that go on elsewhere, with the ellipsis of a language."""
    return words.rstrip() + _ELLIPSES.get(language or "", " …")


class Entry(BaseModel):
    """What all parts of a Programme share: frozen, and strict about unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RoomEntry(Entry):
    """A room as it prints: building and room."""

    code: str
    venue: Text
    name: Text = {}


class Logo(Entry):
    """The picture of the masthead: PNG bytes in base64, and its words."""

    png: str
    text: Text = {}


class ConferenceEntry(Entry):
    """The process that holds the session."""

    slug: str
    title: Text
    office: Text = {}
    contact: Text = {}
    notice: Text = {}
    logo: Logo | None = None


class FootnoteEntry(Entry):
    """A footnote under its printed number (1, 2, 3 …). `text` is Markdown."""

    number: int
    key: str
    text: Text


class SectionEntry(Entry):
    """Free text beside the programme. `text` is Markdown. `notes`: field name to the
    numbers of the footnotes called at its end."""

    place: Literal["before", "after"]
    heading: Text
    text: Text
    notes: Notes = {}


class DocumentEntry(Entry):
    """A document before a slot."""

    symbol: str = ""
    title: Text
    address: str = ""


class PersonEntry(Entry):
    """Somebody as printed at one place.

    `name` is the name alone, `printed` the name with its honorific in the order of the
    language. `role_label` is finished. `remark` holds the words printed after the
    person: "(TBC)", "(by video message)". `code` is the line's, `person` the person's
    (absent for somebody unnamed). `former_codes`, sorted, are those of the records
    merged into the person's: their addresses lead to it."""

    code: str
    person: str | None = None
    former_codes: tuple[str, ...] = ()
    name: Text
    honorific: Text = {}
    printed: Text
    sort_name: str = ""
    function: Text = {}
    state: Text = {}
    organization: Text = {}
    role: str | None = None
    role_label: Text = {}
    status: Literal["confirmed", "to_be_confirmed", "withdrawn"] = "confirmed"
    mode: Literal["in_person", "remote", "video_message"] = "in_person"
    remark: Text = {}
    notes: Notes = {}

    @property
    def is_withdrawn(self) -> bool:
        return self.status == "withdrawn"

    def plainly(self, language: str, primary: str) -> str:
        """Name, function and remark as they print, in plain words: "Ms. Ada Lund,
        Director (TBC)"."""
        name, function, remark = (
            pick(text, language, primary)
            for text in (self.printed, self.function, self.remark)
        )
        words = name.text
        if function.text:
            words += f"{comma_of(function.language)}{function.text}"
        return f"{words} {remark.text}" if remark.text else words


class LineEntry(Entry):
    """One printed line of a slot, with the people that belong to it.

    ``layout`` says how it prints. ``"bullets"``: `text` (may be empty), then each of
    `people` as an item of a list. ``"sentence"``: one paragraph; `text` holds ``{0}``,
    ``{1}`` … where people print, see `parts`. ``"closing"``: a sentence that ends the
    list ("Moderated by {0}"). `heading` names several people of one
    role on the agenda ("Panellists"); the note prints none. `referred` are people
    meant but not named here ("the moderators"): known to searches, never printed."""

    code: str
    layout: Literal["bullets", "sentence", "closing"] = "bullets"
    text: Text = {}
    heading: Text = {}
    role: str | None = None
    people: tuple[PersonEntry, ...] = ()
    referred: tuple[PersonEntry, ...] = ()
    notes: Notes = {}

    def parts(self, language: str, primary: str) -> tuple[list[str | PersonEntry], str]:
        """A sentence in pieces, words and people in their order, and the language that
        its words are in."""
        said = pick(self.text, language, primary)
        pieces: list[str | PersonEntry] = []
        for place, piece in enumerate(_PLACE_OF_PERSON.split(said.text)):
            if place % 2:
                pieces.append(self.people[int(piece)])
            elif piece:
                pieces.append(piece)
        return pieces, said.language

    def plainly(self, language: str, primary: str) -> str:
        """The text with the people in their places, in plain words: "Moderated by
        Ms. Ada Lund, Director"."""
        pieces, _language = self.parts(language, primary)
        return "".join(
            piece.plainly(language, primary)
            if isinstance(piece, PersonEntry)
            else piece
            for piece in pieces
        )


class SlotEntry(Entry):
    """One row of the programme. Wall times `start` and `end` are the place's; the
    instants `starts_at` and `ends_at` are aware, in the session's zone. `room` is where
    it takes place, `has_own_room` whether that is not the session's room. `text` and
    `questions` are Markdown; `label` is finished ("Panel 2")."""

    code: str
    kind: str
    start: dt.time | None = None
    end: dt.time | None = None
    ends_next_day: bool = False
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    when: Text = {}
    label: Text = {}
    title: Text
    text: Text = {}
    questions: Text = {}
    aside: Text = {}
    room: RoomEntry | None = None
    has_own_room: bool = False
    status: Literal["scheduled", "postponed", "cancelled"] = "scheduled"
    parallel: bool = False
    part_of: str | None = None
    agenda_item: str = ""
    interpretation: tuple[str, ...] = ()
    webcast: str = ""
    documents: tuple[DocumentEntry, ...] = ()
    lines: tuple[LineEntry, ...] = ()
    notes: Notes = {}

    @property
    def is_pause(self) -> bool:
        """Whether the row prints tinted, as a rest between meetings."""
        return self.kind in PAUSES

    @property
    def is_struck(self) -> bool:
        """Whether the row prints struck through with its status in words."""
        return self.status != "scheduled"

    @property
    def people(self) -> Iterator[PersonEntry]:
        """Everybody named in the slot, in printed order."""
        for line in self.lines:
            yield from line.people


def printed_of(slot: SlotEntry, code: str, language: str, primary: str) -> str:
    """What the line of the code prints in the slot, in plain words: its text, with the
    people that print inside it; its person as a bullet, or the whole closing line that
    names the person. Each on a line of its own; "" when nothing of it prints."""
    said = [
        words
        for line in slot.lines
        for words in _said_of(line, code, language, primary)
    ]
    return "\n".join(filter(None, said))


def _said_of(line: LineEntry, code: str, language: str, primary: str) -> Iterator[str]:
    named = [person for person in line.people if person.code == code]
    if line.code == code or (named and line.layout != "bullets"):
        yield line.plainly(language, primary)
    if line.layout == "bullets":
        for person in named:
            yield person.plainly(language, primary)


def taken_to_last(
    slot: SlotEntry, after: Iterable[SlotEntry], day_is_over: dt.datetime
) -> dt.datetime:
    """Until when a slot is taken to last (aware): until its end; where that is not
    known, until the first of the slots `after` it begins, or its `day_is_over`. What is
    struck does not begin; what is within the slot, or begins with it, ends nothing."""
    if slot.ends_at:
        return slot.ends_at
    for other in after:
        begin = other.starts_at
        if begin is None or other.is_struck or other.part_of == slot.code:
            continue
        if slot.starts_at is None or begin > slot.starts_at:
            return begin
    return day_is_over


class DayEntry(Entry):
    """A printed day under its number in the session (1, 2 …)."""

    number: int
    date: dt.date
    # Words that print in place of the date, in a marked revision.
    heading_in_words: Text = {}
    slots: tuple[SlotEntry, ...] = ()

    def is_over_at(self, zone: str) -> dt.datetime:
        """The midnight at its end (aware), in the IANA zone of the session."""
        following = self.date + dt.timedelta(days=1)
        return dt.datetime.combine(following, dt.time(0), ZoneInfo(zone))


class Programme(Entry):
    """Everything that one session prints."""

    format: Annotated[int, Field(le=FORMAT)] = FORMAT
    conference: ConferenceEntry
    slug: str
    title: Text
    note_title: Text = {}
    theme: Text = {}
    symbol: str = ""
    city: Text
    room: RoomEntry | None = None
    zone: str
    starts_on: dt.date
    ends_on: dt.date
    # Words that print in place of the dates, in a marked revision.
    dates_in_words: Text = {}
    languages: tuple[str, ...]
    primary_language: str
    page_size: Literal["A4", "Letter"] = "A4"
    time_style: Literal["point", "colon", "half-days"] = "point"
    # "archived" stands in editions of old; the archive is the desk's own business now.
    status: Literal["active", "cancelled", "archived"] = "active"
    sections: tuple[SectionEntry, ...] = ()
    footnotes: tuple[FootnoteEntry, ...] = ()
    days: tuple[DayEntry, ...] = ()
    notes: Notes = {}
    # A sentence for each language that lacks a translation: "Issued in English only".
    declared: Text = {}
    # Whether a missing translation stops the issue: known to the checks alone.
    stops_untranslated: bool = Field(default=False, exclude=True)
    # The keys of footnotes that no text calls. Known to the checks alone: they print
    # nowhere, so they are no part of what is issued.
    uncalled_footnotes: tuple[str, ...] = Field(default=(), exclude=True)

    @property
    def worded(self) -> Iterator[Text]:
        """The texts that the secretariat words for the session: all that print but
        names, functions, labels and what stands on other records."""
        yield from (self.title, self.note_title, self.theme)
        for section in self.sections:
            yield from (section.heading, section.text)
        for slot in self.slots:
            yield from (slot.when, slot.title, slot.text, slot.questions, slot.aside)
            yield from (line.text for line in slot.lines if line.layout != "closing")
        yield from (footnote.text for footnote in self.footnotes)

    @property
    def whole_in(self) -> frozenset[str]:
        """The languages in which every text is."""
        whole = _LANGUAGES.intersection(self.languages)
        for text in _texts_in(self):
            if text:
                whole = whole.intersection(text)
        return whole

    @property
    def slots(self) -> Iterator[SlotEntry]:
        """All slots in printed order."""
        for day in self.days:
            yield from day.slots

    @property
    def people(self) -> Iterator[PersonEntry]:
        """Everybody named, once for each place, in printed order."""
        for slot in self.slots:
            yield from slot.people

    def said(self, text: Mapping[str, str], language: str) -> Said:
        """`pick` with the session's primary language."""
        return pick(text, language, self.primary_language)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
        return digest_of(self.to_value())

    def to_value(self) -> dict[str, Any]:
        """The programme as plain JSON values. What an entry leaves at its default is
        left out, so that a field added later changes no digest."""
        value: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True)
        return value | {"format": self.format}

    def to_json(self) -> bytes:
        """Canonical JSON in UTF-8: sorted, compact, the same bytes each time."""
        return canonical(self.to_value())


class Superseded(Entry):
    """The edition in whose place another comes, as that one names it."""

    number: int
    label: str = ""
    as_at: AwareDatetime


class Imprint(Entry):
    """What an edition says of itself. `number` is its address, `label` ("", "Rev.1",
    "Rev.1/Corr.2", "*") prints; instants are aware; `check_code` is printed to look the
    copy up by; `supersedes` is absent for the first edition."""

    number: int
    label: str = ""
    status_word: Literal["", "provisional", "advance", "final"] = ""
    as_at: AwareDatetime
    issued_at: AwareDatetime
    remark: Text = {}
    check_code: str = ""
    supersedes: Superseded | None = None

    @property
    def is_corrigendum(self) -> bool:
        """Whether the edition only corrects the one before: "Corr.1", "Rev.2/Corr.1"."""
        return "Corr." in self.label

    @property
    def is_reissue(self) -> bool:
        """Whether the edition was issued again for technical reasons: "*"."""
        return self.label.endswith("*")

    def to_value(self) -> dict[str, Any]:
        value: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True)
        return value


class Former(NamedTuple):
    """The edition with which a new one is compared: the newest before it that was not
    withdrawn."""

    programme: Programme
    imprint: Imprint


class DocumentCard(Entry):
    """A document of an edition: its file name ("note.pdf"), language, size in bytes,
    SHA-256 and pages."""

    name: str
    language: str
    size: int
    sha256: str
    pages: int = 0


class EditionCard(Entry):
    """An edition in the list of a session's editions. `digest` finds it; `withdrawn` is
    the reason for which it was taken back and `withdrawn_at` when (aware), both empty
    for all others."""

    imprint: Imprint
    digest: str
    documents: tuple[DocumentCard, ...] = ()
    withdrawn: Text = {}
    withdrawn_at: AwareDatetime | None = None


class Standing(Entry):
    """How a session stands before the public: which editions it has, the newest first,
    and which is current (absent when that one was withdrawn, for the reason given).
    The other fields are those of the newest edition, for lists of sessions."""

    conference: str
    session: str
    conference_title: Text
    notice: Text = {}
    title: Text
    theme: Text = {}
    city: Text
    zone: str
    starts_on: dt.date
    ends_on: dt.date
    languages: tuple[str, ...]
    primary_language: str
    status: Literal["active", "cancelled", "archived"] = "active"
    current: int | None
    withdrawn: Text = {}
    editions: tuple[EditionCard, ...]

    def edition(self, number: int | None = None) -> EditionCard | None:
        """The card of an edition by its number, or of the current one."""
        wanted = self.current if number is None else number
        for card in self.editions:
            if card.imprint.number == wanted:
                return card
        return None

    def former(self, number: int) -> EditionCard | None:
        """The card of the edition with which edition `number` is compared: the newest
        before it that was not withdrawn."""
        for card in self.editions:
            if card.imprint.number < number and not card.withdrawn:
                return card
        return None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: changes whenever a page may."""
        return digest_of(self.model_dump(mode="json"))


def _texts_in(value: Any) -> Iterator[Text]:
    """Every text within an entry."""
    if isinstance(value, Entry):
        for name in type(value).model_fields:
            yield from _texts_in(getattr(value, name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts_in(part)
    elif isinstance(value, dict) and value.keys() <= _LANGUAGES:
        yield value


class ProgrammeUnreadable(ValueError):
    """A stored programme that this release cannot read: newer, or damaged."""


def from_json(data: bytes | str) -> Programme:
    """Reads `Programme.to_json()`. Raises ProgrammeUnreadable when the data are newer
    than FORMAT or not a programme."""
    try:
        return Programme.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise ProgrammeUnreadable(f"{where}: {first['msg']}") from error


def canonical(value: Any) -> bytes:
    """Sorted, compact JSON in UTF-8."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def edition_digest(programme: Mapping[str, Any], imprint: Imprint) -> str:
    """The digest of an edition: of its stored programme and its imprint together."""
    return digest_of({"programme": programme, "imprint": imprint.to_value()})
