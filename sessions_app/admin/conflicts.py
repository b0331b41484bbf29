"""Two editors of one row: where their versions differ, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.forms.models import ModelChoiceField
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext

from sessions_app import telling
from sessions_app.admin.forms import TIME_FORMATS, VersionedForm
from sessions_app.models import ChangedRow
from sessions_app.programme import colon_of, enumeration_of, in_brackets, semicolon_of
from sessions_app.translated import (
    LANGUAGE_CODES,
    NATIVE_NAMES,
    TranslatedFormField,
    merged,
    words,
)

_NO_VALUE = "–"


@dataclass(frozen=True)
class Difference:
    """What one field holds now in the database and in the form, in words."""

    where: str
    saved: str
    typed: str


@dataclass(frozen=True)
class Conflict:
    """A row that somebody else saved meanwhile: who and when, in words, and where it
    differs from the form."""

    said: str
    address: str
    differences: tuple[Difference, ...]
    # The version over which the form may be saved; None where rows of it are gone.
    over: int | None = None


def differences(form: Any, formsets: Iterable[Any]) -> tuple[Difference, ...]:
    """Where the forms of a page differ from the rows as they are now, in the order of
    the page."""
    found = list(_differences_of(form, ""))
    for formset in formsets:
        found += _differences_of_rows(formset)
    return tuple(found)


def _differences_of(form: Any, row: str) -> Iterator[Difference]:
    for name in form.changed_data:
        bound = form[name]
        if bound.is_hidden or name == "DELETE":
            continue
        typed = form.cleaned_data.get(name, bound.data)
        if isinstance(bound.field, TranslatedFormField):
            yield from _differences_of_text(bound, row)
        else:
            yield Difference(
                _where(row, bound.label),
                _in_words(bound.field, bound.initial),
                _in_words(bound.field, typed),
            )


def _differences_of_text(bound: forms.BoundField, row: str) -> Iterator[Difference]:
    saved = words(bound.initial)
    typed = dict(zip(LANGUAGE_CODES, merged(bound.data, bound.initial), strict=False))
    for language in LANGUAGE_CODES:
        before = saved.get(language, "")
        now = (typed[language] or "").strip().replace("\r\n", "\n")
        if before != now:
            yield Difference(
                _where(
                    row,
                    str(bound.label)
                    + in_brackets(NATIVE_NAMES[language], get_language()),
                ),
                before or _NO_VALUE,
                now or _NO_VALUE,
            )


def _differences_of_rows(formset: Any) -> Iterator[Difference]:
    name = capfirst(formset.model._meta.verbose_name)
    # Read anew: the instances of the forms hold what was typed.
    saved = {row.pk: row for row in formset.queryset.all()}
    shown = set()
    for form in formset.initial_forms:
        known = saved.get(form.instance.pk)
        row = telling.named(name, str(known)) if known else name
        shown.add(form.instance.pk)
        if not form.instance.pk:
            yield Difference(row, gettext("deleted"), _typed_in(form))
        elif form in formset.deleted_forms:
            yield Difference(row, gettext("kept"), gettext("deleted"))
        else:
            yield from _differences_of(form, row)
    for pk, added in saved.items():
        if pk not in shown:
            yield Difference(name, str(added), _NO_VALUE)
    for form in formset.extra_forms:
        if form.has_changed():
            yield Difference(name, _NO_VALUE, _typed_in(form))


def _typed_in(form: Any) -> str:
    """All that was typed in the form of one row."""
    said = []
    for bound in form.visible_fields():
        if isinstance(bound.field, TranslatedFormField):
            said += [typed for typed in bound.data[: len(LANGUAGE_CODES)] if typed]
        elif bound.name in form.changed_data and bound.name != "DELETE":
            typed = form.cleaned_data.get(bound.name, bound.data)
            said.append(_in_words(bound.field, typed))
    return semicolon_of(get_language()).join(said) or _NO_VALUE


def _where(row: str, label: Any) -> str:
    if not row:
        return str(capfirst(label))
    return f"{row}{colon_of(get_language())}{label}"


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(field, ModelChoiceField) and value:
        return _chosen(field, value)
    if isinstance(field, forms.MultipleChoiceField):
        names: dict[Any, Any] = dict(field.choices)  # type: ignore[arg-type]
        return enumeration_of(get_language()).join(
            str(names.get(each, each)) for each in value or []
        )
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(value, dt.time):
        return value.strftime(TIME_FORMATS[0])
    return _NO_VALUE if value in (None, "") else str(value)


def _chosen(field: Any, value: Any) -> str:
    try:
        return str(field.queryset.filter(pk=value).first() or value)
    except (ValueError, TypeError):
        return str(value)


def is_in_conflict(form: Any, formsets: Iterable[Any]) -> bool:
    versioned = [form]
    for formset in formsets:
        if issubclass(formset.form, VersionedForm):
            versioned += formset.forms
    return any(
        error.code == "conflict"
        for each in versioned
        if each.is_bound
        for error in each.non_field_errors().as_data()
    )


def version_to_save_over(form: Any, formsets: Iterable[Any]) -> int | None:
    """The version of the row as it is now, when the form can be saved in its place;
    None where rows of the form are gone, which must be entered anew."""
    rows = [row for formset in formsets for row in formset.initial_forms]
    if not is_in_conflict(form, []) or not all(row.instance.pk for row in rows):
        return None
    version: int = form.instance.version
    return version


def who_saved(row: Any) -> str:
    """Who saved a row last and how long ago, as far as the history knows."""
    kept = ChangedRow.objects.filter(kind=row._meta.model_name, key=row.pk)
    latest = kept.select_related("change__by").order_by("-change__pk").first()
    if latest is None or latest.change.by is None:
        return gettext("Somebody saved this after you opened it.")
    user = latest.change.by.get_username()
    if timezone.now() - latest.change.at < dt.timedelta(minutes=1):
        return gettext("%(user)s saved this a moment ago.") % {"user": user}
    return gettext("%(user)s saved this %(ago)s ago.") % {
        "user": user,
        "ago": timesince(latest.change.at),
    }
