"""The sheet of corrections: what a corrigendum corrects, numbered, on a paper of its own
that is read with the note.

Tells what `sessions_app.changes` found; a short text of one field is quoted as it was
and as it is to be read, anything else is told in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from sessions_app import dates
from sessions_app.changes import Change, Kind
from sessions_app.outputs import note_pdf
from sessions_app.outputs.changes import told
from sessions_app.outputs.pdf import write_pdf
from sessions_app.programme import (
    Former,
    Imprint,
    PersonEntry,
    Programme,
    SlotEntry,
    Text,
    in_quotes,
)

# The longest text that is quoted whole, in characters.
_LONGEST = 200


@dataclass(frozen=True)
class Correction:
    """One correction under its number on the sheet, in a sentence."""

    number: int
    sentence: str


@dataclass(frozen=True)
class Place:
    """Where corrections are made: a slot, or what stands above all slots (without a
    heading). `day` is the heading of the day at the first of its places, else ""."""

    day: str
    heading: str
    corrections: tuple[Correction, ...]


def render(
    programme: Programme, imprint: Imprint, language: str, former: Former
) -> bytes:
    """The bytes of the sheet of corrections as PDF/UA-1; the same for the same
    arguments. `language` is one of both editions. Raises pdf.PdfRefused when it cannot
    print."""
    with translation.override(language):
        values = {"places": places(former.programme, programme, language)}
        html = render_to_string(
            "note/corrections.html",
            {**note_pdf.context(programme, imprint, language), **values},
        )
    edition = f"editions/{imprint.number}"
    name = note_pdf.identifier(programme, edition, language, "corrections")
    return write_pdf(html, identifier=name)[0]


def places(before: Programme, after: Programme, language: str) -> list[Place]:
    """The corrections from `before` to `after` in reading order, numbered throughout,
    in the active language, which is to be `language`."""
    found: list[Place] = []
    number = 0
    for group in told(before, after, language):
        day = group.heading
        for slot in group.slots:
            corrections = []
            for item in slot.items:
                number += 1
                quoted = _quoted(item.change, before, after, language)
                corrections.append(Correction(number, quoted or item.sentence))
            found.append(Place(day, slot.heading, tuple(corrections)))
            day = ""
    return found


def _quoted(change: Change, before: Programme, after: Programme, language: str) -> str:
    """“For … read …”, where a short text takes the place of another; else nothing."""
    field = _FIELDS.get(change.kind)
    if field is None:
        return ""
    values = (
        field(before, change.before, language),
        field(after, change.after, language),
    )
    are_short = all(0 < len(said) <= _LONGEST and "\n" not in said for said in values)
    if values[0] == values[1] or not are_short:
        return ""
    old, new = (in_quotes(said, language) for said in values)
    quoted = {"old": old, "new": new}
    if change.kind is Kind.FUNCTION:
        who = after.said(change.after.printed, language).text
        return _("%(who)s: for %(old)s read %(new)s.") % {"who": who, **quoted}
    return _("For %(old)s read %(new)s.") % quoted


def _said(programme: Programme, text: Text, language: str) -> str:
    return programme.said(text, language).text


def _plain(_programme: Programme, words: str, _language: str) -> str:
    return words


def _name(programme: Programme, person: PersonEntry, language: str) -> str:
    return programme.said(person.printed, language).text


def _function(programme: Programme, person: PersonEntry, language: str) -> str:
    return programme.said(person.function, language).text


def _time(programme: Programme, slot: SlotEntry, language: str) -> str:
    if slot.ends_next_day:
        return ""
    return dates.time_range(slot.start, slot.end, language, programme.time_style)


# What is one text on the paper, and how it reads there.
_FIELDS: dict[Kind, Callable[[Programme, Any, str], str]] = {
    Kind.TITLE: _said,
    Kind.NOTE_TITLE: _said,
    Kind.THEME: _said,
    Kind.CITY: _said,
    Kind.CONFERENCE: _said,
    Kind.OFFICE: _said,
    Kind.NOTICE: _said,
    Kind.LABEL: _said,
    Kind.ASIDE: _said,
    Kind.SECTION_HEADING: _said,
    Kind.SYMBOL: _plain,
    Kind.AGENDA_ITEM: _plain,
    Kind.NAME: _name,
    Kind.FUNCTION: _function,
    Kind.TIME: _time,
}
