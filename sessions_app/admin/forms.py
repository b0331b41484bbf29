"""The forms that every page of the programme stands on: texts in six languages,
refusals that keep what was typed, and the version of the row that the editor saw."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app.translated import TranslatedFormField

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    InlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    ModelForm = forms.ModelForm
    InlineFormSet = forms.BaseInlineFormSet

# Times as the organization prints them, and as everybody else types them.
TIME_FORMATS = ["%H.%M", "%H:%M", "%H:%M:%S"]

# So many rows under one page are more than any programme has; a form that claims more
# would keep the server busy for minutes.
MOST_ROWS = 200


class VersionField(forms.IntegerField):
    """The version of the row that the editor saw, carried along unseen. Anything that
    is no number reads as a version that never was."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, label=_("version"))

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return -1

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ProgrammeForm(ModelForm):
    """A form that can be refused as a whole, with all that was typed in it."""

    refusal = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal, code="refused")
        return cleaned


class VersionedForm(ProgrammeForm):
    """A form of a row with a version: refused when the row was saved by somebody else
    after the editor opened it."""

    version_seen = VersionField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["version_seen"] = self.instance.version

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get("version_seen")
        if self.instance.pk and seen != self.instance.version:
            raise ValidationError(
                _(
                    "This was saved by somebody else after you opened it. Nothing of "
                    "yours is saved yet, and nothing of it is lost: both versions "
                    "stand here."
                ),
                code="conflict",
            )
        return cleaned


class ProgrammeFormSet(InlineFormSet):
    """Inline forms that keep what was typed, also in a row that is gone meanwhile."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = gettext("Delete")

    def get_queryset(self) -> Any:
        if self.is_bound and "forms" in self.__dict__:
            # The admin pairs forms and rows by their place, but somebody else may
            # have added or deleted rows: what a form shows is the row it was made of.
            return [
                form.instance if form.instance.pk else None
                for form in self.initial_forms
            ]
        return super().get_queryset()


def set_primary(
    fields: Mapping[str, forms.Field], language: str, needed: Sequence[str] = ()
) -> None:
    """Makes `language` the open and required one of all texts among `fields`, which are
    to be in the `needed` languages."""
    for field in fields.values():
        if isinstance(field, TranslatedFormField):
            field.set_primary(language, needed)


def field_options(db_field: models.Field[Any, Any]) -> dict[str, Any]:
    """How fields of these kinds are typed on every page."""
    if isinstance(db_field, models.URLField):
        return {"assume_scheme": "https"}
    if isinstance(db_field, models.TimeField):
        widget = forms.TimeInput(
            format=TIME_FORMATS[0],
            attrs={"size": 6, "placeholder": "10.00", "class": "time-typed"},
        )
        return {"input_formats": TIME_FORMATS, "widget": widget}
    return {}


def parse_time_or_none(typed: str) -> dt.time | None:
    """The wall time in `typed` ("15.00", "15:00"); None for anything else."""
    for form in TIME_FORMATS:
        with contextlib.suppress(ValueError):
            return dt.datetime.strptime(typed, form).time()  # noqa: DTZ007 - a wall time
    return None
