"""Pages for who may read and not change: texts in their languages, not as the database
keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.db.models import JSONField
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from sessions_app.programme import enumeration_of
from sessions_app.translated import NATIVE_NAMES, TranslatedField, words


def for_readers(model: Any, fieldsets: Any) -> list[Any]:
    """`fieldsets` with something to read in the place of each field that is kept as
    JSON."""
    return [
        (
            name,
            {**options, "fields": [_shown(model, each) for each in options["fields"]]},
        )
        for name, options in fieldsets
    ]


def texts_of(text: Mapping[str, Any] | None) -> str:
    """A text in all its languages, as HTML; a dash when it has none."""
    texts = [{"language": code, "words": said} for code, said in words(text).items()]
    template = "admin/sessions_app/edition/remark.html"
    return render_to_string(template, {"texts": texts})


def _shown(model: Any, name: Any) -> Any:
    if isinstance(name, tuple | list):
        return tuple(_shown(model, each) for each in name)
    columns = {column.name: column for column in model._meta.fields}
    column = columns.get(name) if isinstance(name, str) else None
    return _reader(column) if isinstance(column, JSONField) else name


@cache
def _reader(column: Any) -> Callable[[Any], str]:
    def read(row: Any) -> str:
        held = getattr(row, column.attname)
        if isinstance(column, TranslatedField):
            return _text(column, held)
        names = [NATIVE_NAMES.get(each, str(each)) for each in held or []]
        return enumeration_of(get_language()).join(names) or "–"

    # Read by Django's admin for the label, the help and the class of the row.
    read.__name__ = column.name
    read.short_description = column.verbose_name  # type: ignore[attr-defined]  # of admin
    return read


def _text(column: Any, held: Any) -> str:
    if held is None and column.null:
        return gettext("as on the record")
    return texts_of(held)
