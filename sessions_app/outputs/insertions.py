"""Words of a marked revision as insertions and deletions, to be seen and to be heard."""

import re

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sessions_app.marking import DELETED, INSERTED

_ANY = re.compile(r"[\x0e-\x11]")
_PARTS = re.compile(r"(<[^>]*>|[\x0e-\x11])")
_BEGINS = {INSERTED[0]: "ins", DELETED[0]: "del"}
_ENDS = {INSERTED[1], DELETED[1]}


def to_elements(html: str) -> str:
    """`html` with its marks as <ins> and <del>, each with words for those who do not
    see it. A stretch with elements inside, or over the end of one, is marked in parts,
    so that elements never overlap. The same string when it has no marks."""
    if not _ANY.search(html):
        return html
    element = ""
    parts: list[str] = []
    for part in _PARTS.split(html):
        if part in _BEGINS:
            element = _BEGINS[part]
        elif part in _ENDS:
            element = ""
        elif element and part.strip() and not part.startswith("<"):
            parts.append(_element(element, mark_safe(part)))  # noqa: S308 - see above
        else:
            parts.append(part)
    return mark_safe("".join(parts))  # noqa: S308 - html, and elements of ours


def _element(name: str, words: SafeString) -> SafeString:
    begin = _("[added:") if name == "ins" else _("[deleted:")
    return format_html(
        '<{name}><span class="spoken">{begin}\u00a0</span>{words}'
        '<span class="spoken">]</span></{name}>',
        name=name,
        begin=begin,
        words=words,
    )
