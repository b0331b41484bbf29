"""The programme as it will print, on the pages of staff: the parts of the public
agenda, with links that lead to the pages on which the rows are edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString

from sessions_app.outputs import agenda
from sessions_app.programme import PersonEntry, Programme, SlotEntry


@dataclass(frozen=True)
class DeskCopy(agenda.Copy):
    """A draft whose titles lead to the pages of their slots (`slot_pages`: code to
    address), and for who `may_change` them, whose names lead to the pages of their
    lines."""

    slot_pages: Mapping[str, str] = field(default_factory=dict)
    may_change: bool = False

    def address_of_slot(self, slot: SlotEntry) -> str:
        return self.slot_pages.get(slot.code, "")

    def address_of_person(self, person: PersonEntry) -> str:
        # Of the holders of a role, the code names the line that refers to them first.
        code = person.code.rpartition(".")[2]
        return reverse("desk:line", args=[code]) if self.may_change else ""


@dataclass
class Printer:
    """Prints the rows of one draft, in its main language, one after the other: the
    footnotes called so far are numbered through."""

    programme: Programme
    slot_pages: Mapping[str, str] = field(default_factory=dict)
    may_change: bool = False
    calls: dict[int, list[str]] = field(default_factory=dict)

    def row(self, slot: SlotEntry) -> SafeString:
        """One slot as a row of the agenda."""
        return self._print("agenda/parts/slot.html", slot=slot)

    def footnotes(self) -> SafeString:
        """The footnotes that the rows printed so far call."""
        return self._print("agenda/parts/footnotes.html")

    def _print(self, template: str, **more: object) -> SafeString:
        language = self.programme.primary_language
        context = {
            "copy": DeskCopy(
                self.programme,
                None,
                language,
                slot_pages=self.slot_pages,
                may_change=self.may_change,
            ),
            "programme": self.programme,
            "language": language,
            "calls": self.calls,
            **more,
        }
        with translation.override(language):
            return render_to_string(template, context)
