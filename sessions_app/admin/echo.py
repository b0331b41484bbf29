"""What a slot would print while it is being typed: composed like everything that
prints, from the forms of the page in the place of the row. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from sessions_app.admin.printed import Printer
from sessions_app.compose import compose
from sessions_app.models import Day, Line, Panel, Slot, SlotDocument
from sessions_app.programme import Programme, SlotEntry, printed_of


@dataclass(frozen=True)
class LineEcho:
    """What one line prints: `name` is the prefix of its form."""

    name: str
    said: str


@dataclass(frozen=True)
class Echo:
    """The row as it would print, and each of its lines. `note` says why there is no
    row, when there is none."""

    row: SafeString | str
    lines: tuple[LineEcho, ...]
    language: str
    note: str = ""


def echo_of(form: Any, formsets: Iterable[Any]) -> Echo | None:
    """The Echo of the forms of a slot's page, bound or not; None while the slot has no
    day yet. Sets `printed` on each form of a line."""
    slot, lines = _draft(form, list(formsets))
    day = Day.objects.select_related("session").filter(pk=slot.day_id).first()
    if day is None:
        return None
    programme = compose(day.session, draft=slot)
    entry = next((e for e in programme.slots if e.code == slot.code), None)
    language = programme.primary_language
    for line_form in lines:
        line_form.printed = _said(programme, entry, line_form.instance)
    echoes = tuple(LineEcho(line_form.prefix, line_form.printed) for line_form in lines)
    if entry is None:
        return Echo("", echoes, language, gettext("This slot does not print."))
    printer = Printer(programme)
    return Echo(printer.row(entry), echoes, language)


def _draft(form: Any, formsets: list[Any]) -> tuple[Slot, list[Any]]:
    """The slot as its forms hold it, ready for compose(), and the forms of its lines
    that hold one."""
    slot: Slot = form.instance
    if not slot.pk:
        # Relations can be prefetched on a row with a key only.
        slot = _unsaved_copy(slot, form)
    lines: list[Any] = []
    held: dict[str, list[Any]] = {"lines": [], "documents": []}
    slot._state.fields_cache["panel"] = None
    for formset in formsets:
        if formset.is_bound:
            formset.is_valid()
        forms = [each for each in formset.forms if _holds_something(formset, each)]
        rows = [each.instance for each in forms]
        if formset.model is Panel:
            for panel in rows:
                slot._state.fields_cache["panel"] = panel
        elif formset.model is Line:
            lines = forms
            held["lines"] = _in_order(rows)
        elif formset.model is SlotDocument:
            held["documents"] = _in_order(rows)
    # Where prefetched rows are kept; compose() reads them with .all().
    slot._prefetched_objects_cache = held  # type: ignore[attr-defined]  # noqa: SLF001
    return slot, lines


def _unsaved_copy(slot: Slot, form: Any) -> Slot:
    copy = Slot(pk=0)
    for column in Slot._meta.concrete_fields:
        if not column.primary_key:
            value = getattr(slot, column.attname)
            initial = form.initial.get(column.name)
            if value is None and initial:
                value = column.to_python(initial)
            setattr(copy, column.attname, value)
    return copy


def _holds_something(formset: Any, form: Any) -> bool:
    if formset.is_bound and form in formset.deleted_forms:
        return False
    return bool(form.instance.pk) or (formset.is_bound and form.has_changed())


def _in_order(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (row.position, row.pk or 0))


def _said(programme: Programme, entry: SlotEntry | None, line: Line) -> str:
    """What a line prints, or what it is and why it prints nothing."""
    language = programme.primary_language
    said = printed_of(entry, line.code, language, language) if entry else ""
    if said:
        return said
    if line.status in {Line.Status.DECLINED, Line.Status.REPLACED}:
        return f"{line} · {line.get_status_display()}"
    return str(line)
