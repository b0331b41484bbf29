"""What was saved, in sentences: where, from what, to what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from sessions_app import page_dates
from sessions_app.history import (
    KEPT,
    NUMBERED,
    as_json,
    column_of,
    kept_fields,
    key_of,
    model_of,
    values_in,
)
from sessions_app.models import (
    ChangedRow,
    Conference,
    Day,
    Room,
    SavedChange,
    said,
)
from sessions_app.programme import (
    colon_of,
    enumeration_of,
    in_brackets,
    in_quotes,
    space_of,
)
from sessions_app.translated import (
    LANGUAGE_CODES,
    NATIVE_NAMES,
    TranslatedField,
    words,
)
from speakers.models import Person, Role

_NOTHING = "–"
# Of texts longer than so many characters, only what differs is told, with so many
# characters before it.
_LONG = 200
_BEFORE_IT = 40


@dataclass(frozen=True)
class Sentence:
    """One thing that changed: where (“Panel 1, Title (English)”), from what, to what.
    Without `before` or `after` it was added or removed."""

    where: str
    before: str
    after: str


class Reader:
    """Says saved changes in words; looks every row that they name up once."""

    def __init__(self, changes: Iterable[SavedChange]) -> None:
        self.changes = list(changes)
        self.names: dict[tuple[Any, Any], str] = {}
        self._look_up()

    def sentences(self, change: SavedChange) -> list[Sentence]:
        """What `change` changed, in the order in which it was kept."""
        found: list[Sentence] = []
        for changed in change.rows.all():
            for place, name, old, new in changed.differences:
                found += self._sentences(changed, place, name, old, new)
        return found

    def _sentences(
        self, changed: ChangedRow, place: str, name: str, old: Any, new: Any
    ) -> Iterator[Sentence]:
        model = model_of(changed.kind, place)
        if not name:
            before, after = (self._whole(model, place, held) for held in (old, new))
            yield Sentence(where_in_words(changed, place), before, after)
            return
        known = self.names.get((model, key_of(place)), "") if place else ""
        where = where_in_words(changed, place, name, known)
        column = column_of(model, name)
        if isinstance(column, TranslatedField) and _are_texts(old, new):
            yield from self._texts(where, column, old, new)
        else:
            yield _told(where, self._value(column, old), self._value(column, new))

    def _texts(self, where: str, column: Any, old: Any, new: Any) -> Iterator[Sentence]:
        """A sentence for each language whose words differ; one when a text that is
        empty came to print as on the record, or the other way round."""
        before, after = words(old), words(new)
        differing = [c for c in LANGUAGE_CODES if before.get(c) != after.get(c)]
        for language in differing:
            yield _told(
                where + in_brackets(NATIVE_NAMES[language], get_language()),
                str(before.get(language) or _no_words(column, old)),
                str(after.get(language) or _no_words(column, new)),
            )
        if not differing:
            yield _told(where, self._value(column, old), self._value(column, new))

    def _whole(self, model: Any, place: str, values: Any) -> str:
        """A row or part in words: what it holds that is no default."""
        if values is None:
            return ""
        fields = values if place else values.get("", {})
        if model is None:
            return _joined(self._value(None, fields[name]) for name in sorted(fields))
        return _joined(
            self._value(column, fields[column.name])
            for column in kept_fields(model)
            if _says_something(column, fields.get(column.name))
        )

    def _value(self, column: Any, value: Any) -> str:
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if isinstance(value, dict):
            return said(value) or _no_words(column, value)
        if value in (None, "", []):
            return _no_words(column, value)
        if isinstance(value, list):
            return enumeration_of(get_language()).join(
                NATIVE_NAMES.get(str(each), str(each)) for each in value
            )
        if column is None:
            return str(value)
        if column.is_relation:
            return self.names.get((column.related_model, value), f"#{value}")
        return _in_words(column, value)

    def _look_up(self) -> None:
        rows = [changed for change in self.changes for changed in change.rows.all()]
        wanted: dict[Any, set[int]] = {}
        for changed in rows:
            for model, key in _named_by(changed):
                wanted.setdefault(model, set()).add(key)
        for model, keys in wanted.items():
            self._look_up_rows(model, keys)
        for changed in rows:
            for key, name in _days_in(changed):
                self.names.setdefault((Day, key), name)

    def _look_up_rows(self, model: Any, keys: set[int]) -> None:
        relations = [c.name for c in model._meta.concrete_fields if c.is_relation]
        rows = model._default_manager.select_related(*relations)
        for row in rows.filter(pk__in=keys):
            self.names[model, row.pk] = name_of(row)
        missing = [key for key in keys if (model, key) not in self.names]
        for key, name in last_names(model, missing).items():
            self.names[model, key] = name


def _named_by(changed: ChangedRow) -> Iterator[tuple[Any, int]]:
    """Each row that a change names, as its model and key: parts, and what the fields
    of the row and of its parts lead to."""
    for place, name, value in values_in(changed):
        model = model_of(changed.kind, place)
        if model is not None and place:
            yield model, key_of(place)
        column = column_of(model, name)
        if column is not None and column.is_relation and isinstance(value, int):
            yield column.related_model, value


def _days_in(changed: ChangedRow) -> Iterator[tuple[int, str]]:
    """The days that were kept as parts, by key: those that are gone have no other
    name."""
    for place, name, value in values_in(changed):
        if name == "date" and value and model_of(changed.kind, place) is Day:
            yield key_of(place), _in_words(column_of(Day, name), value)


def last_names(model: Any, keys: Collection[int]) -> dict[int, str]:
    """The names under which deleted rows were kept last."""
    if not keys or model not in KEPT:
        return {}
    rows = ChangedRow.objects.filter(kind=model._meta.model_name, key__in=keys)
    return dict(rows.order_by("change").values_list("key", "name"))


def name_of(row: Any) -> str:
    return page_dates.date(row.date) if isinstance(row, Day) else str(row)


def _are_texts(*values: Any) -> bool:
    return all(value is None or isinstance(value, dict) for value in values)


def _says_something(column: Any, value: Any) -> bool:
    if not column.editable or value in (None, "", {}, [], False):
        return False
    if column.name in NUMBERED or (
        column.has_default() and value == as_json(column.get_default())
    ):
        return False
    named = {Person, Role, Room, Day, Conference}
    return not column.is_relation or column.related_model in named


def _joined(told: Iterable[str]) -> str:
    return " · ".join(each for each in told if each != _NOTHING) or _NOTHING


def _no_words(column: Any, value: Any) -> str:
    """What a text without words prints: nothing, or where it may stand aside for the
    record of a person, what that says."""
    if value is None and isinstance(column, TranslatedField) and column.null:
        return gettext("as on the record")
    return _NOTHING


def _in_words(column: Any, value: Any) -> str:
    with suppress(TypeError, ValueError):
        if isinstance(column, models.TimeField):
            return f"{dt.time.fromisoformat(value):%H.%M}"
        if isinstance(column, models.DateField):
            return page_dates.date(dt.date.fromisoformat(value))
    if isinstance(column, models.BinaryField):
        size = filesizeformat(len(str(value)) * 3 // 4)
        return gettext("a picture (%(size)s)") % {"size": size}
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    return str(value)


def _told(where: str, before: str, after: str) -> Sentence:
    """The sentence; of long texts, from shortly before where they begin to differ."""
    if max(len(before), len(after)) > _LONG:
        pairs = enumerate(zip(before, after, strict=False))
        shared = min(len(before), len(after))
        start = next((at for at, (b, a) in pairs if b != a), shared) - _BEFORE_IT
        if start > 0:
            start = before.find(" ", start, start + _BEFORE_IT) + 1 or start
            before, after = f"… {before[start:]}", f"… {after[start:]}"
    return Sentence(where, before, after)


def where_in_words(
    changed: ChangedRow, place: str, name: str = "", part_name: str = ""
) -> str:
    """Which row, part and field, in words: “10.15 Panel: line “Ada Lund”: Role”."""
    told = [changed.name]
    model = model_of(changed.kind, place)
    if place:
        kind = str(model._meta.verbose_name) if model else place.partition("/")[0]
        told.append(named(kind, part_name) if part_name else kind)
    if name:
        column = column_of(model, name)
        told.append(str(capfirst(column.verbose_name if column else name)))
    return colon_of(get_language()).join(told)


def named(kind: str, name: str) -> str:
    """A row by its kind and name: “Line “Ada Lund””."""
    language = get_language()
    return f"{kind}{space_of(language)}{in_quotes(name, language)}"
