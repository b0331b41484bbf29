"""What the next edition is called: a revision replaces the one before it, a corrigendum
corrects it, and one that is issued again for technical reasons carries a star.

The suffixes are those of the organization's document symbols (research.un.org/en/docs/
symbols): Rev. and Corr. count each for itself, a corrigendum to a revision stands behind
it ("Rev.2/Corr.1")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sessions_app.changes import Change, Nature

_REVISION = re.compile(r"Rev\.([0-9]{1,4})")
_CORRIGENDUM = re.compile(r"Corr\.([0-9]{1,4})")


class Kind(StrEnum):
    """What an edition is beside the one before it."""

    FIRST = "first"
    REVISION = "revision"
    CORRIGENDUM = "corrigendum"
    REISSUE = "reissue"


@dataclass(frozen=True)
class Offer:
    """A label that the next edition may carry, and what it would be with it."""

    kind: Kind
    label: str


def offers_after(labels: Sequence[str]) -> list[Offer]:
    """The labels that may follow those of the editions so far, the newest first; the
    first edition has none."""
    if not labels:
        return [Offer(Kind.FIRST, "")]
    return [
        Offer(Kind.REVISION, f"Rev.{_highest(_REVISION, labels) + 1}"),
        Offer(Kind.CORRIGENDUM, _corrigendum_after(labels)),
        Offer(Kind.REISSUE, f"{labels[0]}*"),
    ]


def kind_for(changes: Iterable[Change]) -> Kind:
    """What the changes since the newest edition make of the next: a corrigendum when
    only names and spelling changed, a revision when anything else did, and a re-issue
    when nothing prints otherwise."""
    natures = {change.nature for change in changes}
    if not natures:
        return Kind.REISSUE
    return Kind.REVISION if Nature.SUBSTANTIVE in natures else Kind.CORRIGENDUM


def _corrigendum_after(labels: Sequence[str]) -> str:
    revision = _highest(_REVISION, labels)
    base = f"Rev.{revision}" if revision else ""
    of_it = [label for label in labels if label.startswith(base)] if base else labels
    number = _highest(_CORRIGENDUM, of_it) + 1
    return f"{base}/Corr.{number}" if base else f"Corr.{number}"


def _highest(pattern: re.Pattern[str], labels: Iterable[str]) -> int:
    found = (pattern.search(label) for label in labels)
    return max((int(match[1]) for match in found if match), default=0)
