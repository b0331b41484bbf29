"""Two programmes printed as one: what is new and what is gone, marked inside the texts.

The marks are control characters, which no form lets into a programme. Outputs turn them
into insertions and deletions with `pieces`, or leave the deleted words out with
`strip`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

# The characters before and after words that are new, and before and after words that
# are gone. Marks never stand inside one another.
INSERTED = ("\x0e", "\x0f")
DELETED = ("\x10", "\x11")

Mark = Literal["", "ins", "del"]

_MARKED = re.compile(r"\x0e([^\x0e-\x11]*)\x0f|\x10([^\x0e-\x11]*)\x11")
_ANY_MARK = re.compile(r"[\x0e-\x11]")


def pieces(text: str) -> list[tuple[Mark, str]]:
    """The words of a text in their order, each with its mark: "" when both programmes
    have them, "ins" when they are new, "del" when they are gone. No piece is empty."""
    return list(_pieces(text))


def strip(text: str) -> str:
    """The text as it prints now: without what is gone and without any mark."""
    return "".join(words for mark, words in _pieces(text) if mark != "del")


def _pieces(text: str) -> Iterator[tuple[Mark, str]]:
    end = 0
    for found in _MARKED.finditer(text):
        yield from _plain(text[end : found.start()])
        end = found.end()
        if found[1]:
            yield "ins", found[1]
        elif found[2]:
            yield "del", found[2]
    yield from _plain(text[end:])


def _plain(text: str) -> Iterator[tuple[Mark, str]]:
    if words := _ANY_MARK.sub("", text):
        yield "", words
