"""What the templates of the procedural note print with, beside the tags of `agenda`.

Each formats what the Programme decided; the context holds `programme`, `language` and,
in the note, `printed_notes`, the footnotes printed so far."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from sessions_app import dates
from sessions_app.markdown import to_html
from sessions_app.outputs.insertions import to_elements
from sessions_app.programme import (
    LineEntry,
    Notes,
    PersonEntry,
    RoomEntry,
    Said,
    SlotEntry,
    comma_of,
    enumeration_of,
    in_quotes,
)
from sessions_app.translated import direction, language_tag

register = template.Library()
register.filter("direction", direction)
register.filter("language_tag", language_tag)

Context = Mapping[str, Any]

_TO = re.compile(r" (?=إلى )|(?=至)")
_CODE = re.compile(r"[a-z-]+")
# The concept column in average letters; the lines of a page (Arabic is set larger); the
# lines with which a parted row begins at least.
_COLUMN_LETTERS = 75
_PAGE_LINES = {"ar": 37}
_BEGINNING_LINES = 14


@register.filter
def short_name(language: str) -> str:
    """The language in two letters: "EN", "ZH"."""
    return language[:2].upper()


@register.filter(is_safe=True)
def trim(printed: str) -> str:
    """Without the line break at the end of an included template: what follows a person
    in a sentence may be a comma."""
    return printed.strip()


@register.filter
def language_names(languages: Iterable[str]) -> str:
    """The names of languages in the language of the page: "Arabic, French"."""
    names = dict(settings.LANGUAGES)
    # A marked revision has its marks around the codes.
    named = (
        _CODE.sub(lambda code: str(names[code[0]]), language) for language in languages
    )
    return enumeration_of(get_language()).join(named)


@register.filter
def marked(words: str) -> str:
    """Words in which a marked revision may have its marks, with these as insertions
    and deletions."""
    return to_elements(conditional_escape(words))


@register.simple_tag(takes_context=True)
def comma(context: Context) -> str:
    """The comma of the language with the space behind it."""
    return comma_of(context["language"])


@register.simple_tag(takes_context=True)
def quoted(context: Context, text: Mapping[str, str]) -> str:
    """A text between the quotation marks of its language."""
    said = _said(context, text)
    words = in_quotes(said.text, said.language)
    return _marked(context, Said(words, said.language))


@register.simple_tag(takes_context=True)
def paragraphs(
    context: Context, text: Mapping[str, str], notes: Notes, field: str
) -> SafeString:
    """A Markdown text, with the footnotes called at its end inside its last line."""
    said = _said(context, text)
    html = to_elements(to_html(said.text))
    before, end, after = html.rpartition(_last_end(html))
    html = mark_safe(  # noqa: S308 - of to_html
        f"{before}{calls(context, notes, field)}{end}{after}"
    )
    if said.language == context["language"]:
        return html
    return format_html("<div{}>{}</div>", in_other_language(said.language), html)


@register.simple_tag(takes_context=True)
def calls(context: Context, notes: Notes, field: str) -> SafeString:
    """The footnotes called at the end of `field`: each prints where it is first called
    and is a number elsewhere."""
    return format_html_join(
        "",
        "{}",
        ((_call(context, number),) for number in notes.get(field, ())),
    )


@register.simple_tag(takes_context=True)
def heading_calls(context: Context) -> SafeString:
    """The footnotes of the note's heading: of its own title and of the session's."""
    notes = context["programme"].notes
    numbers = dict.fromkeys((*notes.get("note_title", ()), *notes.get("title", ())))
    return calls(context, {"heading": tuple(numbers)}, "heading")


@register.simple_tag(takes_context=True)
def time_range(context: Context, slot: SlotEntry) -> str:
    """The times of a slot: "10.00–13.00"."""
    style = context["programme"].time_style
    return dates.time_range(slot.start, slot.end, context["language"], style)


@register.filter
def unbroken(time_range: str) -> str:
    """A range of times that breaks between them alone. In other languages hard spaces
    see to it; in Arabic and Chinese each time is an element that does not break."""
    to = _TO.search(time_range)
    if not to:
        return time_range
    return format_html(
        '<span class="unbroken">{}</span>{}<span class="unbroken">{}</span>',
        time_range[: to.start()],
        to[0],
        time_range[to.end() :],
    )


@register.simple_tag(takes_context=True)
def parting(context: Context, slot: SlotEntry) -> str:
    """How the row of a slot meets the end of a page, as a class of note.css: "whole"
    where it surely fits one page; else "parted", or "parted late" when it begins with
    a long paragraph. By estimate: the lines are counted before they are set. (A row
    that is kept whole and does not fit would cost its table the repeated header.)"""
    beginning = [_said(context, slot.title).text]
    concept = _lines_of(_said(context, slot.text).text)
    rest = [*concept[1:], *_lines_of(_said(context, slot.questions).text)]
    for line in slot.lines:
        rest += [_said(context, line.text).text, *_people_of(context, line)]
    rest += [_said(context, document.title).text for document in slot.documents]
    beginning += concept[:1]
    height = _height(beginning) + 2
    if height + _height(rest) <= _PAGE_LINES.get(context["language"], 44):
        return "whole"
    return "parted" if height <= _BEGINNING_LINES else "parted late"


def _people_of(context: Context, line: LineEntry) -> Iterator[str]:
    for person in line.people:
        texts = (person.printed, person.function)
        yield " ".join(_said(context, text).text for text in texts)


def _lines_of(markdown: str) -> list[str]:
    return [line for line in markdown.splitlines() if line]


def _height(paragraphs: Iterable[str]) -> float:
    """The height of paragraphs in lines, with the space between them."""
    return sum(1.3 + _width(text) // _COLUMN_LETTERS for text in paragraphs if text)


def _width(text: str) -> int:
    """The width of a text in Latin letters; a Chinese character is as wide as two."""
    return sum(2 if letter > "\u2e7f" else 1 for letter in text)


@register.simple_tag(takes_context=True)
def place_time(context: Context) -> str:
    """The zone of all times, in words: "Geneva time"."""
    city = _said(context, context["programme"].city)
    return dates.place_time(city.text, context["language"])


@register.simple_tag(takes_context=True)
def declared(context: Context) -> str:
    """What the programme says where it is not all in the language of the page."""
    said: str = context["programme"].declared.get(context["language"], "")
    return said


@register.simple_tag(takes_context=True)
def room_name(context: Context, room: RoomEntry) -> SafeString:
    """Building and room: "Palais des Nations, Room XIX"."""
    said = [_said(context, text) for text in (room.venue, room.name) if text]
    return format_html_join(
        comma_of(context["language"]),
        "{}",
        ((_marked(context, part),) for part in said),
    )


@register.simple_tag(takes_context=True)
def pieces(context: Context, line: LineEntry) -> list[dict[str, Any]]:
    """A sentence in pieces for the template: each has words or a person."""
    programme = context["programme"]
    parts, language = line.parts(context["language"], programme.primary_language)
    return [
        {"person": part, "words": ""}
        if isinstance(part, PersonEntry)
        else {"person": None, "words": _marked(context, Said(part, language))}
        for part in parts
    ]


@register.simple_tag(takes_context=True)
def name_and_function(context: Context, person: PersonEntry) -> str:
    """The name, then the function. State and organization are for searches and never
    print in its place."""
    name = _said(context, person.printed)
    rest = [_said(context, person.function)] if person.function else []
    if {said.language for said in rest} <= {name.language}:
        # Words of one other language stand in one element: a comma between two
        # elements would go astray between right and left.
        return _marked(
            context,
            Said(_name_first(name.text, rest, attrgetter("text")), name.language),
        )
    return _name_first(_marked(context, name), rest, partial(_marked, context))


def _name_first(
    name: str, rest: Iterable[Said], printed: Callable[[Said], str]
) -> SafeString:
    behind = ((comma_of(said.language), printed(said)) for said in rest)
    return format_html("<b>{}</b>{}", name, format_html_join("", "{}{}", behind))


def _said(context: Context, text: Mapping[str, str]) -> Said:
    said: Said = context["programme"].said(text, context["language"])
    return said


def _marked(context: Context, said: Said) -> str:
    words = marked(said.text)
    if said.language == context["language"] or not words:
        return words
    return format_html("<span{}>{}</span>", in_other_language(said.language), words)


@register.simple_tag
def in_other_language(language: str) -> SafeString:
    """The attributes of an element whose words are not in the language around it:
    `data-in` ("EN") is what readers see behind them."""
    return format_html('{} data-in="{}"', _of_language(language), short_name(language))


def _of_language(language: str) -> SafeString:
    return format_html(
        ' lang="{}" dir="{}"', language_tag(language), direction(language)
    )


def _call(context: Context, number: int) -> SafeString:
    printed: set[int] = context["printed_notes"]
    if number in printed:
        return format_html('<sup class="call">{}</sup>', number)
    printed.add(number)
    note = next(n for n in context["programme"].footnotes if n.number == number)
    said = _said(context, note.text)
    return format_html(
        '<span class="footnote" data-number="{}"{}>{}</span>',
        number,
        _of_language(said.language),
        _inside_a_line(to_elements(to_html(said.text))),
    )


def _inside_a_line(html: str) -> SafeString:
    """Paragraphs and lists as spans: a footnote stands inside the paragraph that calls
    it, where a browser's parser, and WeasyPrint's, would end the paragraph."""
    html = html.replace(">\n<", "><")
    for name in ("p", "ul", "ol", "li"):
        html = html.replace(f"<{name}>", f'<span class="{name}">')
        html = html.replace(f"</{name}>", "</span>")
    return mark_safe(html)  # noqa: S308 - of to_html


def _last_end(html: str) -> str:
    """The end tag before which a call at the end of `html` stands."""
    return max(("</p>", "</li>"), key=html.rfind)
