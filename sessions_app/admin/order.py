"""Rows in an order that staff decide: a new one goes to the end by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext

from sessions_app.admin.forms import ProgrammeFormSet

# Rows are counted in tens, so that 15 is between the first and the second.
STEP = 10


class OrderedFormSet(ProgrammeFormSet):
    """Inline rows with a `position`; one that is left empty comes last."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        position = form.fields["position"]
        position.required = False
        position.widget = forms.NumberInput(
            attrs={
                **position.widget.attrs,
                "class": "order-typed",
                "min": 0,
                "placeholder": gettext("last"),
            }
        )
        if not form.instance.pk:
            form.initial["position"] = position.initial = None

    def clean(self) -> None:
        super().clean()
        kept = [
            form
            for form in self.forms
            if form.has_changed() or form.instance.pk
            if form not in self.deleted_forms
        ]
        typed = [form.cleaned_data.get("position") for form in kept]
        last = max((position or 0 for position in typed), default=0)
        for form, position in zip(kept, typed, strict=True):
            if position is None:
                last += STEP
                form.instance.position = last


def count_in_tens(rows: Sequence[Any]) -> None:
    """Writes the positions 10, 20, 30 … to `rows`, which come in their order."""
    moved = []
    for position, row in enumerate(rows, start=1):
        if row.position != position * STEP:
            row.position = position * STEP
            moved.append(row)
    if moved:
        type(rows[0]).objects.bulk_update(moved, ["position"])
