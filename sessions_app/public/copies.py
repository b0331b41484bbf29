"""Printed copies by the code under their square: which edition one is of.

Only editions that a Standing names are known; one whose folder is merely there is not
issued yet."""

from __future__ import annotations

import re

from sessions_app import mirror
from sessions_app.outputs.editions import Held
from sessions_app.programme import Standing

_OTHER_SIGNS = re.compile(r"[^a-z0-9]+")
# A code has ten letters; more is kept, so that a reader sees what was typed.
_LONGEST = 20

_Copies = dict[str, Held]


def code_as_printed(typed: str) -> str:
    """A code as it prints, from one that was typed in capitals, in groups, with
    hyphens: "k3fx9a2b7q"."""
    return _OTHER_SIGNS.sub("", typed.lower())[:_LONGEST]


def find(code: str) -> Held | None:
    """The copy of a code, or None when no issued edition has it. One `stat` when
    nothing changed."""
    shown = mirror.standings()
    # The tuple itself is kept beside the index: while that is so, no other can have
    # its identity.
    _shown, copies = mirror.memory.get(
        ("copies", id(shown)),
        lambda: (shown, _by_code(shown)),
        lambda kept: 8_000 * len(kept[0]),
    )
    held: Held | None = copies.get(code)
    return held


def _by_code(shown: tuple[Standing, ...]) -> _Copies:
    return {
        card.imprint.check_code: Held(standing, card)
        for standing in shown
        for card in standing.editions
        if card.imprint.check_code
    }
