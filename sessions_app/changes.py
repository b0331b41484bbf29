"""What changed between two programmes: every printed field, by its address.

Slots, lines and people are matched by their codes, days by their dates, footnotes by
their keys; so a slot that moves is the same slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sessions_app.programme import Programme

# The field that names an entry of a list, by the list's name; others by their place.
_NAMED_BY = {
    "days": "date",
    "slots": "code",
    "lines": "code",
    "people": "code",
    "referred": "code",
    "footnotes": "key",
}
_ORDER = "order"


@dataclass(frozen=True, slots=True)
class Change:
    """One printed field that differs. `address` leads to it
    ("days/2017-06-19/slots/fk3hr29/title/en"); `before` and `after` are JSON values,
    None where the field is absent; at ".../order" they are the codes in their order."""

    address: str
    before: Any
    after: Any


def compare(before: Programme, after: Programme) -> list[Change]:
    """The changes from `before` to `after`, in the reading order of `after`, what is
    gone at the end; empty when the two print the same."""
    old = dict(_fields(before.model_dump(mode="json"), ""))
    new = dict(_fields(after.model_dump(mode="json"), ""))
    return [
        Change(address, old.get(address), new.get(address))
        for address in [*new, *(gone for gone in old if gone not in new)]
        if old.get(address) != new.get(address)
        and not _only_order_of_others(address, old, new)
    ]


def _fields(value: Any, address: str) -> Iterator[tuple[str, Any]]:
    """Each single value under its address, with the order of each list of entries."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _fields(part, f"{address}/{name}" if address else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        named_by = _NAMED_BY.get(address.rsplit("/", 1)[-1])
        names = [
            str(part[named_by]) if named_by else str(place)
            for place, part in enumerate(value, start=1)
        ]
        for name, part in zip(names, value, strict=True):
            yield from _fields(part, f"{address}/{name}")
        yield f"{address}/{_ORDER}", names
    elif value not in (None, "", [], {}):
        yield address, value


def _only_order_of_others(
    address: str, old: dict[str, Any], new: dict[str, Any]
) -> bool:
    """Whether an order differs only because entries came or went, which are changes of
    their own."""
    if not address.endswith(f"/{_ORDER}"):
        return False
    before, after = old.get(address) or [], new.get(address) or []
    return [n for n in before if n in after] == [n for n in after if n in before]
