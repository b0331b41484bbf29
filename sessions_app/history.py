"""What staff saved: who, when, from what to what. And taking it back.

A row is kept together with its parts: a slot with its panel, lines and documents, a
session with its days, sections and footnotes. What one act changed in several rows is
one SavedChange, so that it is taken back as one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, ProtectedError
from django.utils.text import capfirst
from django.utils.translation import gettext

from sessions_app.models import (
    ChangedRow,
    Conference,
    Room,
    SavedChange,
    Session,
    Slot,
    said,
)
from sessions_app.translated import (
    LANGUAGE_CODES,
    NATIVE_NAMES,
    TranslatedField,
    words,
)
from speakers.models import Person, Role

# The kinds of rows that are kept, each with the names of its parts.
KEPT: dict[type[models.Model], tuple[str, ...]] = {
    Conference: (),
    Session: ("days", "sections", "footnotes"),
    Slot: ("panel", "lines", "documents"),
    Room: (),
    Person: (),
    Role: (),
}
_KINDS = {model._meta.model_name: model for model in KEPT}
# What a row is known by, and what only counts its saves.
_NEVER_KEPT = {"version"}
_NOTHING = "–"

# Field to value, as JSON holds it.
Fields = dict[str, Any]
# Place to fields: "" for the row itself, "lines/12" for a part of it.
Snapshot = dict[str, Fields]


class NotTakenBack(Exception):
    """Nothing was taken back; the message says why, in a sentence for staff."""


# --- Keeping ------------------------------------------------------------------


def snapshot(row: models.Model) -> Snapshot:
    """The row and its parts as the database holds them now."""
    taken = {"": _fields_of(type(row)._default_manager.get(pk=row.pk))}
    for name in KEPT[type(row)]:
        for part in _parts(row, name):
            taken[f"{name}/{part.pk}"] = _fields_of(part)
    return taken


def keep(
    by: Any,
    session: Session | None,
    rows: Iterable[tuple[models.Model, Snapshot | None, Snapshot | None]],
    act: str = SavedChange.Act.SAVED,
    takes_back: SavedChange | None = None,
) -> SavedChange | None:
    """Keeps what one act changed: each row with its Snapshot before (None when it was
    added) and after (None when it was deleted). None when nothing changed."""
    changed = []
    for row, before, after in rows:
        differences = _differences(before, after)
        if differences:
            changed.append(
                ChangedRow(
                    kind=str(row._meta.model_name),
                    key=row.pk,
                    name=str(row)[:300],
                    differences=differences,
                )
            )
    if not changed:
        return None
    change = SavedChange.objects.create(
        by=by if isinstance(by, User) else None,
        session=session,
        act=act,
        takes_back=takes_back,
    )
    for place, kept in enumerate(changed):
        kept.change, kept.place = change, place
    ChangedRow.objects.bulk_create(changed)
    return change


@dataclass
class Recording:
    """The rows that an act may change, as they were before it."""

    before: dict[models.Model, Snapshot | None] = field(default_factory=dict)
    change: SavedChange | None = None

    def watch(self, *rows: models.Model) -> None:
        """Rows that exist and may be changed or deleted."""
        for row in rows:
            self.before.setdefault(row, snapshot(row))

    def added(self, *rows: models.Model) -> None:
        """Rows that the act added."""
        for row in rows:
            self.before.setdefault(row, None)


@contextmanager
def recorded(
    by: Any, session: Session | None, act: str, *rows: models.Model
) -> Iterator[Recording]:
    """Runs an act in one transaction and keeps what it changed in `rows`, and in those
    that it names to the Recording."""
    with transaction.atomic():
        recording = Recording()
        recording.watch(*rows)
        yield recording
        compared = []
        for row, before in recording.before.items():
            remains = type(row)._default_manager.filter(pk=row.pk).exists()
            compared.append((row, before, snapshot(row) if remains else None))
        recording.change = keep(by, session, compared, act)


def next_version(*rows: models.Model) -> None:
    """Counts a save of each row, so that an editor who opened it before is told."""
    for row in rows:
        if isinstance(row, Session | Slot | Person):
            manager: Any = type(row).objects
            manager.filter(pk=row.pk).update(version=F("version") + 1)


def _parts(row: models.Model, name: str) -> list[models.Model]:
    related: Any = type(row)._meta.get_field(name)
    rows = related.related_model._default_manager
    return list(rows.filter(**{related.field.name: row.pk}).order_by("pk"))


def _kept_fields(model: type[models.Model]) -> list[Any]:
    return [
        column
        for column in model._meta.concrete_fields
        if not column.primary_key
        and column.name not in _NEVER_KEPT
        and not isinstance(column, models.BinaryField)
    ]


def _fields_of(row: models.Model) -> Fields:
    return {
        column.name: _as_json(getattr(row, column.attname))
        for column in _kept_fields(type(row))
    }


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def _differences(before: Snapshot | None, after: Snapshot | None) -> list[Any]:
    """[place, field, before, after] of all that differs; with an empty field, the
    whole of a part; with an empty place too, the whole row with its parts."""
    if before is None or after is None:
        return [] if before == after else [["", "", before, after]]
    found: list[Any] = []
    for place in [*after, *(place for place in before if place not in after)]:
        old, new = before.get(place), after.get(place)
        if old is None or new is None:
            found.append([place, "", old, new])
            continue
        found += [
            [place, name, old.get(name), new.get(name)]
            for name in new
            if old.get(name) != new.get(name)
        ]
    return found


# --- Taking back ----------------------------------------------------------------


def take_back(change: SavedChange, by: Any) -> SavedChange:
    """Puts back what `change` changed, in one transaction, and gives the change that
    did so, which can itself be taken back.

    Raises NotTakenBack when something of it was changed again since, when it was taken
    back already, or when the rows as they are now do not allow it."""
    try:
        with transaction.atomic():
            return _take_back(change, by)
    except (IntegrityError, ProtectedError) as error:
        raise NotTakenBack(
            gettext(
                "What was saved since does not go with it any more, so nothing was "
                "taken back. Change it by hand."
            )
        ) from error
    except ValidationError as error:
        raise NotTakenBack(" ".join(error.messages)) from error


def _take_back(change: SavedChange, by: Any) -> SavedChange:
    SavedChange.objects.select_for_update().get(pk=change.pk)
    if SavedChange.objects.filter(takes_back=change).exists():
        raise NotTakenBack(gettext("This was taken back already."))
    rows = list(change.rows.order_by("-place"))
    _lock(rows)
    _refuse_changed_since(rows)
    kept = []
    for changed in rows:
        model = _KINDS[changed.kind]
        row = model._default_manager.filter(pk=changed.key).first()
        before = snapshot(row) if row else None
        row = _put_back(model, row, changed)
        remains = model._default_manager.filter(pk=changed.key).exists()
        kept.append((row, before, snapshot(row) if remains else None))
        if remains:
            next_version(row)
    done = keep(by, change.session, kept, SavedChange.Act.TAKEN_BACK, change)
    if done is None:
        raise NotTakenBack(gettext("Nothing of it is left to be taken back."))
    return done


def _lock(rows: Iterable[ChangedRow]) -> None:
    """Holds the rows, in one order for everybody, until the transaction ends."""
    for changed in sorted(rows, key=lambda changed: (changed.kind, changed.key)):
        manager = _KINDS[changed.kind]._default_manager
        manager.select_for_update().filter(pk=changed.key).values_list("pk").first()


def _refuse_changed_since(rows: Iterable[ChangedRow]) -> None:
    since = []
    for changed in rows:
        model = _KINDS[changed.kind]
        row = model._default_manager.filter(pk=changed.key).first()
        now = snapshot(row) if row else None
        since += [
            _where(changed, place, name)
            for place, name, _old, new in changed.differences
            if not _still_stands(now, place, name, new)
        ]
    if since:
        raise NotTakenBack(
            gettext(
                "Changed again since, so nothing was taken back: %(where)s. Take the "
                "later change back first, or change it by hand."
            )
            % {"where": "; ".join(since)}
        )


def _still_stands(now: Snapshot | None, place: str, name: str, new: Any) -> bool:
    if not place and not name:
        return bool(now == new)
    part = (now or {}).get(place)
    if not name:
        return bool(part == new)
    return part is not None and bool(part.get(name) == new)


def _put_back(model: Any, row: Any, changed: ChangedRow) -> Any:
    """The row as it was before the change; unsaved when the change had added it."""
    for place, name, old, _new in reversed(changed.differences):
        if not place and not name:
            if old is None:
                pk = row.pk
                row.delete()
                row.pk = pk
            else:
                row = _made_anew(model, changed.key, old)
        elif not place:
            _set(row, name, old)
        else:
            _put_part_back(row, place, name, old)
    if changed.differences and not _is_whole(changed) and row.pk:
        row.full_clean(exclude=_keys_of(row))
        row.save()
    return row


def _is_whole(changed: ChangedRow) -> bool:
    return any(not place and not name for place, name, _b, _a in changed.differences)


def _made_anew(model: Any, key: int, taken: Snapshot) -> Any:
    row = _made(model, key, taken[""])
    for place, values in taken.items():
        if place:
            _made(_model_of(row, place), _key_of(place), values)
    return row


def _put_part_back(row: Any, place: str, name: str, old: Any) -> None:
    model = _model_of(row, place)
    part = model._default_manager.filter(pk=_key_of(place)).first()
    if name:
        _set(part, name, old)
        part.full_clean(exclude=_keys_of(part))
        part.save()
    elif old is None:
        part.delete()
    else:
        _made(model, _key_of(place), old)


def _made(model: Any, key: int, values: Fields) -> Any:
    row = model(pk=key)
    for name, value in values.items():
        _set(row, name, value)
    row.full_clean(validate_unique=False, exclude=_keys_of(row))
    row.save(force_insert=True)
    return row


def _set(row: Any, name: str, value: Any) -> None:
    column = row._meta.get_field(name)
    setattr(row, column.attname, column.to_python(value) if value is not None else None)


def _keys_of(row: Any) -> set[str]:
    # Codes are given by the application and have no form.
    return {column.name for column in row._meta.concrete_fields if not column.editable}


def _model_of(row: Any, place: str) -> Any:
    return row._meta.get_field(place.split("/", maxsplit=1)[0]).related_model


def _key_of(place: str) -> int:
    return int(place.split("/")[1])


# --- In words -------------------------------------------------------------------


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
        self.names: dict[tuple[type[models.Model], Any], str] = {}
        self._look_up()

    def sentences(self, change: SavedChange) -> list[Sentence]:
        """What `change` changed, in the order in which it was kept."""
        found: list[Sentence] = []
        for changed in change.rows.all():
            model = _KINDS[changed.kind]
            for place, name, old, new in changed.differences:
                found += self._sentences(changed, model, place, name, old, new)
        return found

    def _sentences(
        self,
        changed: ChangedRow,
        model: Any,
        place: str,
        name: str,
        old: Any,
        new: Any,
    ) -> Iterator[Sentence]:
        part = _part_model(model, place)
        known = self.names.get((part, _key_of(place)), "") if place and name else ""
        where = _where(changed, place, name, known)
        if not name:
            yield Sentence(
                where, self._whole(part, place, old), self._whole(part, place, new)
            )
            return
        column = part._meta.get_field(name)
        if isinstance(column, TranslatedField):
            for language in LANGUAGE_CODES:
                before, after = words(old).get(language), words(new).get(language)
                if before != after:
                    in_language = f"{where} ({NATIVE_NAMES[language]})"
                    yield Sentence(in_language, before or _NOTHING, after or _NOTHING)
        else:
            yield Sentence(where, self._value(column, old), self._value(column, new))

    def _whole(self, model: Any, place: str, values: Any) -> str:
        """A row or part in words: what it holds that is no default."""
        if values is None:
            return ""
        fields = values if place else values[""]
        told = []
        for column in _kept_fields(model):
            value = fields.get(column.name)
            if not column.editable or value in (None, "", {}, [], False):
                continue
            if column.has_default() and value == _as_json(column.get_default()):
                continue
            if not column.is_relation or column.related_model in {Person, Role, Room}:
                told.append(self._value(column, value))
        return " · ".join(told) or _NOTHING

    def _value(self, column: Any, value: Any) -> str:
        if isinstance(column, TranslatedField):
            return said(value) or _NOTHING
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if value in (None, "", []):
            return _NOTHING
        if column.is_relation:
            return self.names.get((column.related_model, value), f"#{value}")
        if isinstance(column, models.TimeField):
            return f"{dt.time.fromisoformat(value):%H.%M}"
        if column.choices:
            return str(dict(column.flatchoices).get(value, value))
        if isinstance(value, list):
            return ", ".join(NATIVE_NAMES.get(each, str(each)) for each in value)
        return str(value)

    def _look_up(self) -> None:
        wanted: dict[Any, set[Any]] = {}
        for change in self.changes:
            for changed in change.rows.all():
                for model, key in _named_by(changed):
                    wanted.setdefault(model, set()).add(key)
        for model, keys in wanted.items():
            relations = [c.name for c in model._meta.concrete_fields if c.is_relation]
            rows = model._default_manager.select_related(*relations)
            for row in rows.filter(pk__in=keys):
                self.names[model, row.pk] = str(row)


def _named_by(changed: ChangedRow) -> Iterator[tuple[Any, Any]]:
    """Each row that a change names, as its model and key: parts, and what the fields
    of the row and of its parts lead to."""
    model = _KINDS[changed.kind]
    for place, name, old, new in changed.differences:
        part = _part_model(model, place)
        if place:
            yield part, _key_of(place)
        for value in (old, new):
            if value is None:
                continue
            fields = {name: value} if name else (value if place else value[""])
            for column in _kept_fields(part):
                if column.is_relation and fields.get(column.name) is not None:
                    yield column.related_model, fields[column.name]


def _part_model(model: Any, place: str) -> Any:
    return (
        model._meta.get_field(place.split("/", maxsplit=1)[0]).related_model
        if place
        else model
    )


def _where(changed: ChangedRow, place: str, name: str, part_name: str = "") -> str:
    """Which row, part and field, in words: “10.15 Panel: line “Ada Lund”: Role”."""
    told = [changed.name]
    part = _part_model(_KINDS[changed.kind], place)
    if place:
        kind = str(part._meta.verbose_name)
        told.append(f"{kind} “{part_name}”" if part_name else kind)
    if name:
        told.append(str(capfirst(part._meta.get_field(name).verbose_name)))
    return ": ".join(told)


def last_change(session: Session) -> SavedChange | None:
    """The newest change of a session that can be taken back."""
    return (
        SavedChange.objects.filter(session=session, taken_back_by=None)
        .exclude(act=SavedChange.Act.TAKEN_BACK)
        .prefetch_related("rows")
        .order_by("-pk")
        .first()
    )


def changes_of(row: models.Model) -> models.QuerySet[SavedChange]:
    """The changes of a row, of a session with all that belongs to it; newest first."""
    changes = SavedChange.objects.select_related(
        "by", "taken_back_by"
    ).prefetch_related("rows")
    if isinstance(row, Session):
        return changes.filter(session=row).order_by("-pk")
    name = row._meta.model_name
    return changes.filter(
        pk__in=ChangedRow.objects.filter(kind=name, key=row.pk).values("change")
    ).order_by("-pk")


def session_of(row: models.Model) -> Session | None:
    """The session that a row belongs to; None for people, roles, rooms and the rest."""
    if isinstance(row, Session):
        return row
    try:
        return row.day.session if isinstance(row, Slot) else None
    except ObjectDoesNotExist:
        return None
