"""What the templates of the public agenda print with, beside the tags of `note`.

Each formats what the Programme decided; the context holds `language` and, on the pages
of a session, `programme` and `copy`."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from sessions_app import dates
from sessions_app.markdown import to_html
from sessions_app.marking import strip
from sessions_app.outputs import editions, structured
from sessions_app.outputs.addresses import (
    agenda_address,
    calendar_address,
    mine_address,
    mine_calendar_address,
    subscription_address,
)
from sessions_app.outputs.changes import Told
from sessions_app.outputs.needs import Needs
from sessions_app.outputs.rows import Row, rows_of
from sessions_app.programme import (
    DayEntry,
    DocumentCard,
    EditionCard,
    FootnoteEntry,
    Imprint,
    LineEntry,
    Notes,
    PersonEntry,
    Programme,
    RoomEntry,
    Said,
    SlotEntry,
    colon_of,
    comma_of,
    in_brackets,
    pick,
)
from sessions_app.templatetags.note import in_other_language, marked
from sessions_app.translated import NATIVE_NAMES

register = template.Library()
register.simple_tag(editions.edition_name)

Context = Mapping[str, Any]


class Piece(NamedTuple):
    """A part of a sentence: a person, or words and the language they are in."""

    person: PersonEntry | None
    words: str = ""


class Sentence(NamedTuple):
    """A sentence in pieces, and the language that its words are in."""

    pieces: list[Piece]
    language: str


# --- Texts ---


@register.simple_tag(takes_context=True)
def said(context: Context, text: Mapping[str, str], primary: str = "") -> str:
    """A text in the language of the page; in another one, inside an element that says
    so. `primary` is the main language of a session that is only listed."""
    return _marked(context, _pick(context, text, primary))


@register.simple_tag(takes_context=True)
def plainly(context: Context, text: Mapping[str, str], primary: str = "") -> str:
    """As `said`, without any element around it: for titles and attributes."""
    return strip(_pick(context, text, primary).text)


@register.simple_tag(takes_context=True)
def prose(
    context: Context,
    text: Mapping[str, str],
    notes: Notes | None = None,
    field: str = "",
) -> SafeString:
    """A Markdown text as paragraphs and lists, with the marks of the footnotes called
    at its end inside its last line."""
    words = _pick(context, text)
    # A line end inside a paragraph is a space; pages drop the line ends beside tags.
    html = to_html(words.text).replace("\n", " ")
    end = max(("</p>", "</li>"), key=html.rfind)
    before, end, after = html.rpartition(end)
    html = mark_safe(  # noqa: S308 - all of to_html and marks
        f"{before}{marks(context, notes or {}, field)}{end}{after}"
    )
    if words.language == _surrounding(context):
        return html
    return format_html("<div{}>{}</div>", in_other_language(words.language), html)


@register.simple_tag(takes_context=True)
def marks(context: Context, notes: Notes, field: str) -> SafeString:
    """The marks of the footnotes called at the end of `field`, each a link to its
    footnote. The context's `calls` remember them for the way back."""
    called = []
    for number in notes.get(field, ()):
        places = context["calls"].setdefault(number, [])
        places.append(f"call-{number}-{len(places) + 1}")
        called.append((number, places[-1], _("Note %d") % number, number))
    return format_html_join(
        "",
        '<sup class="mark"><a href="#note-{}" id="{}" aria-label="{}">{}</a></sup>',
        called,
    )


@register.simple_tag(takes_context=True)
def called_footnotes(context: Context) -> list[tuple[FootnoteEntry, list[str]]]:
    """The footnotes called on the page so far, each with the ids of its marks."""
    return [
        (note, context["calls"][note.number])
        for note in context["programme"].footnotes
        if note.number in context["calls"]
    ]


@register.simple_tag(takes_context=True)
def sentence(context: Context, line: LineEntry) -> Sentence:
    """A sentence in pieces for the template, which puts each person in its place."""
    parts, language = line.parts(
        context["language"], context["programme"].primary_language
    )
    pieces = [
        Piece(part) if isinstance(part, PersonEntry) else Piece(None, part)
        for part in parts
    ]
    return Sentence(pieces, language)


@register.simple_tag(takes_context=True)
def list_comma(context: Context) -> str:
    """The comma of the surrounding language with the space behind it."""
    return comma_of(_surrounding(context))


@register.simple_tag
def colon() -> str:
    """The colon of the page with the spaces around it."""
    return colon_of(get_language())


@register.filter("in_brackets")
def in_brackets_of_page(words: str) -> str:
    """Words in the brackets of the page, with the space before them; nothing for no
    words."""
    return in_brackets(words, get_language()) if words else ""


@register.simple_tag(takes_context=True)
def function_of(context: Context, person: PersonEntry) -> SafeString:
    """The function of a person, as printed at one place."""
    return _listed(context, [person.function])


@register.simple_tag(takes_context=True)
def place(context: Context, room: RoomEntry, *, whole: bool = False) -> SafeString:
    """A room by its name; with its building where `whole` is asked, or where it has no
    name, or where the session's own room is in another building."""
    own = context["programme"].room
    is_elsewhere = own is None or own.venue != room.venue
    building = [room.venue] if whole or is_elsewhere or not room.name else []
    return _listed(context, [*building, room.name])


# --- Dates and times ---


@register.simple_tag(takes_context=True)
def date_heading(context: Context, day: DayEntry) -> str:
    """ "Day 1: Monday, 19 June 2017"; the date alone when it is the only one."""
    if len(context["programme"].days) == 1:
        return dates.day_heading(day.date, context["language"])
    return dates.numbered_day(day.number, day.date, context["language"])


@register.simple_tag(takes_context=True)
def short_day(context: Context, day: DayEntry) -> str:
    """ "Mon 19 June", for links to the days."""
    return dates.short_day(day.date, context["language"])


@register.simple_tag(takes_context=True)
def dates_of(context: Context, session: Any) -> str:
    """The dates of a Programme or Standing: "19–20 June 2017"."""
    return dates.date_range(session.starts_on, session.ends_on, context["language"])


@register.simple_tag(takes_context=True)
def moment(context: Context, at: dt.datetime) -> str:
    """An instant as date and time of the session's place: "14 June 2017, 16.20"."""
    programme = context["programme"]
    return dates.moment(at, programme.zone, context["language"], programme.time_style)


@register.simple_tag(takes_context=True)
def moment_there(context: Context, at: dt.datetime) -> str:
    """As `moment`, with the place named: "14 June 2017, 16.20 Geneva time"."""
    programme = context["programme"]
    return dates.moment_there(
        at,
        programme.zone,
        _pick(context, programme.city).text,
        context["language"],
        programme.time_style,
    )


@register.simple_tag(takes_context=True)
def hour(context: Context, at: dt.datetime) -> str:
    """An instant as the time of the session's place alone: "16.20"."""
    programme = context["programme"]
    there = at.astimezone(ZoneInfo(programme.zone)).time()
    return dates.time(there, context["language"], programme.time_style)


@register.simple_tag(takes_context=True)
def length(context: Context, slot: SlotEntry) -> str:
    """How long a slot takes: "2 h 45"; nothing when that is not known."""
    minutes = _minutes(slot)
    return dates.duration(minutes, context["language"]) if minutes else ""


@register.filter
def machine_length(slot: SlotEntry) -> str:
    """How long a slot takes, for a machine (ISO 8601): "PT165M"."""
    return f"PT{_minutes(slot)}M"


# --- What the clock of the page goes by ---


@register.simple_tag(takes_context=True)
def instants(context: Context, slot: SlotEntry) -> SafeString:
    """The attributes of a slot's element by which a script knows when it runs:
    `data-starts`, `data-ends` (ISO 8601, with the place's offset), `data-over` in place
    of an end that is not known, and `data-at`, the start as it prints. Nothing for a
    slot with words in place of a time."""
    if slot.starts_at is None or slot.start is None:
        return mark_safe("")
    style = context["programme"].time_style
    at = dates.time(slot.start, context["language"], style)
    over = slot.ends_at or context["copy"].over_by[slot.code]
    return format_html(
        ' data-starts="{}" data-{}="{}" data-at="{}"',
        slot.starts_at.isoformat(),
        "ends" if slot.ends_at else "over",
        over.isoformat(),
        at,
    )


@register.simple_tag(takes_context=True)
def clock_faces(context: Context) -> str:
    """How each hour is written in the style of the session, one after the other."""
    style = context["programme"].time_style
    return "|".join(dates.clock_faces(context["language"], style))


@register.simple_tag(takes_context=True)
def clock_range(context: Context) -> str:
    """What two times of `clock_faces` stand in."""
    return dates.clock_range(context["language"], context["programme"].time_style)


@register.simple_tag(takes_context=True)
def clock_alone(context: Context) -> str:
    """What one time of `clock_faces` stands in."""
    return dates.clock_alone(context["language"])


@register.simple_tag(takes_context=True)
def city_time(context: Context) -> str:
    """The zone of a reader elsewhere, in words, where `{city}` is its city."""
    return dates.place_time("{city}", context["language"])


@register.simple_tag(takes_context=True)
def days_around(context: Context) -> str:
    """The dates that are today somewhere while a slot runs, each with its name:
    "2017-06-18 Sunday, 18 June", one after the other."""
    around = {
        day.date + dt.timedelta(days=distance)
        for day in context["programme"].days
        for distance in range(-2, 4)
    }
    language = context["language"]
    return "|".join(
        f"{date} {dates.weekday_and_day(date, language)}" for date in sorted(around)
    )


@register.simple_tag(takes_context=True)
def open_until(context: Context) -> str:
    """Until when (ISO 8601) something may take place that has words in place of a time:
    the midnight after the last day that has such a slot; nothing without one."""
    programme: Programme = context["programme"]
    for day in reversed(programme.days):
        if any(not slot.starts_at and not slot.is_struck for slot in day.slots):
            return day.is_over_at(programme.zone).isoformat()
    return ""


# --- Chosen slots ---


@register.simple_tag(takes_context=True)
def address_of_chosen(context: Context, codes: Sequence[str] = ()) -> str:
    """The page of the slots that a reader chose; without any, what it is for."""
    return mine_address(context["copy"].address, codes)


@register.simple_tag(takes_context=True)
def calendar_of_chosen(context: Context, codes: Sequence[str]) -> str:
    """The slots that a reader chose as a calendar."""
    return mine_calendar_address(context["copy"].address, codes)


@register.simple_tag(takes_context=True)
def times_of_clash(context: Context, clash: Any) -> str:
    """From when to when two chosen slots both take place: "13.00–14.00"."""
    style = context["programme"].time_style
    return dates.time_range(clash.start, clash.end, context["language"], style)


@register.simple_tag(takes_context=True)
def day_and_time(context: Context, day: DayEntry, slot: SlotEntry) -> str:
    """When a slot is, for who hears its title alone: "Monday, 19 June, 10.00–13.00"."""
    programme, language = context["programme"], context["language"]
    on = dates.weekday_and_day(day.date, language)
    style = programme.time_style
    at = dates.time_range(slot.start, slot.end, language, style)
    at = at or _marked(context, _pick(context, slot.when))
    return format_html("{}{}{}", on, comma_of(language), at) if at else on


@register.simple_tag
def day_after(day: DayEntry, days: Sequence[DayEntry]) -> DayEntry | None:
    """The next of the days that are shown."""
    return next((other for other in days if other.number > day.number), None)


@register.simple_tag(takes_context=True)
def needs_of_programme(context: Context) -> Needs:
    """What one needs beside the programme, gathered from it."""
    return Needs(context["programme"])


# --- Rows ---


@register.simple_tag
def rows_of_day(day: DayEntry) -> list[Row]:
    """The slots of a day in rows: those at the same time in one."""
    return rows_of(day.slots)


@register.simple_tag(takes_context=True)
def row_time(context: Context, row: Row) -> str:
    """From when to when a row lasts: "14.00–17.00"."""
    style = context["programme"].time_style
    return dates.time_range(row.start, row.end, context["language"], style)


@register.simple_tag
def in_parallel(row: Row) -> str:
    """That the slots of a row take place beside each other, and in how many rooms."""
    if row.rooms < 2:
        return _("In parallel")
    return ngettext(
        "In parallel in %(rooms)d room", "In parallel in %(rooms)d rooms", row.rooms
    ) % {"rooms": row.rooms}


# --- Calendars ---


@register.simple_tag(takes_context=True)
def calendar_of(context: Context, *of: str | int) -> str:
    """The calendar of all slots, or of the part of the programme that is named: of a
    slot ("slots" and its code), a person ("people" and the code), a day ("days" and its
    number), of all days ("days")."""
    return calendar_address(context["copy"].address, *map(str, of))


@register.simple_tag(takes_context=True)
def calendar_of_current(context: Context) -> str:
    """The whole address of the calendar that always is of the current edition."""
    return f"{context['root']}{calendar_address(context['copy'].current_address)}"


@register.filter
def to_subscribe(whole_address: str) -> str:
    """The address by which a program for calendars follows the calendar at another."""
    return subscription_address(whole_address)


# --- Editions and links ---


@register.simple_tag
def edition_in_sentence(imprint: Imprint) -> str:
    """How readers speak of an edition in the middle of a sentence: "edition 2*"."""
    if not imprint.label.strip("*"):
        return _("edition %(number)s") % {"number": f"{imprint.number}{imprint.label}"}
    return _("edition %(number)d (%(label)s)") % {
        "number": imprint.number,
        "label": imprint.label,
    }


@register.simple_tag(takes_context=True)
def former_of(context: Context, card: EditionCard) -> EditionCard | None:
    """The edition with which another one is compared."""
    found: EditionCard | None = context["standing"].former(card.imprint.number)
    return found


class SlotMark(NamedTuple):
    """What is marked at a slot: that it is new, or what changed in it."""

    is_new: bool
    items: tuple[Told, ...]


@register.simple_tag(takes_context=True)
def changes_of_slot(context: Context, slot: SlotEntry) -> SlotMark:
    """What changed in a slot since the former edition, in a copy that has one."""
    copy = context["copy"]
    return SlotMark(
        slot.code not in copy.former_codes,
        copy.changes.by_slot.get(slot.code, ()),
    )


@register.simple_tag
def status_word(imprint: Imprint) -> str:
    """What an edition says of its standing: "Provisional"; mostly nothing."""
    return {
        "": "",
        "provisional": _("Provisional"),
        "advance": _("Advance version"),
        "final": _("Final"),
    }[imprint.status_word]


@register.simple_tag
def document_name(document: DocumentCard) -> str:
    """What a document of an edition is, and its format in brackets."""
    names = {
        "note.pdf": _("Procedural note (PDF)"),
        "marked.pdf": _("Marked revision (PDF)"),
        "corrections.pdf": _("Sheet of corrections (PDF)"),
    }
    return names.get(document.name, document.name)


@register.simple_tag(takes_context=True)
def document_address(
    context: Context, card: EditionCard, document: DocumentCard
) -> str:
    """Where a document of an edition is, in its own language."""
    programme = context["programme"]
    under = agenda_address(
        document.language,
        programme.conference.slug,
        programme.slug,
        card.imprint.number,
    )
    return f"{under}{document.name}"


@register.simple_tag(takes_context=True)
def address_of_slot(context: Context, slot: SlotEntry) -> str:
    """Where the title of a slot leads; nothing in a copy without links."""
    address: str = context["copy"].address_of_slot(slot)
    return address


@register.simple_tag(takes_context=True)
def address_of_code(context: Context, code: str) -> str:
    """Where a slot is found by its code; nothing for one that is not in the copy."""
    slot = context["copy"].slots_by_code.get(code)
    return address_of_slot(context, slot) if slot else ""


@register.simple_tag(takes_context=True)
def address_of_person(context: Context, person: PersonEntry) -> str:
    """Where a name leads; nothing in a copy without links."""
    address: str = context["copy"].address_of_person(person)
    return address


@register.simple_tag(takes_context=True)
def parent_of(context: Context, slot: SlotEntry) -> SlotEntry | None:
    """The slot within which another takes place, when it prints."""
    found: SlotEntry | None = context["copy"].slots_by_code.get(slot.part_of)
    return found


@register.simple_tag(takes_context=True)
def card_of(context: Context) -> structured.Card:
    """What is shown where a link to the page is shared."""
    return structured.card_of(
        context["copy"],
        context.get("day"),
        context.get("slot"),
        context.get("profile"),
    )


@register.simple_tag(takes_context=True)
def linked_data(context: Context) -> SafeString:
    """The matter of the page as JSON-LD: the session, its slot or its person."""
    return mark_safe(  # noqa: S308 - escaped for an element script
        structured.linked_data(
            context["copy"], context.get("slot"), context.get("profile")
        )
    )


@register.filter
def native_name(language: str) -> str:
    """The name of a language in itself: "Français"."""
    return NATIVE_NAMES[language]


@register.filter
def web_address(address: str) -> str:
    """The address when it may be followed from a page (http, https), else nothing."""
    return address if address.startswith(("https://", "http://")) else ""


def _minutes(slot: SlotEntry) -> int:
    """The minutes that pass between start and end, also when the clocks change."""
    if slot.starts_at is None or slot.ends_at is None:
        return 0
    return int((slot.ends_at - slot.starts_at).total_seconds()) // 60


def _pick(context: Context, text: Mapping[str, str], primary: str = "") -> Said:
    primary = primary or context["programme"].primary_language
    return pick(text, context["language"], primary)


def _surrounding(context: Context) -> str:
    """The language of what a text stands in: a sentence's, else the page's."""
    language: str = context.get("within") or context["language"]
    return language


def _marked(context: Context, words: Said) -> str:
    said = marked(words.text)
    if words.language == _surrounding(context) or not said:
        return said
    return format_html("<span{}>{}</span>", in_other_language(words.language), said)


def _listed(context: Context, texts: Sequence[Mapping[str, str]]) -> SafeString:
    chosen = [_pick(context, text) for text in texts if text]
    return format_html_join(
        list_comma(context),
        "{}",
        ((_marked(context, words),) for words in chosen),
    )
