"""What staff saved: who, when, from what to what. taking_back.py puts it back,
telling.py says it in words.

A row is kept together with its parts: a slot with its panel, lines and documents, a
session with its days, sections and footnotes. What one act changed in several rows is
one SavedChange, so that it is taken back as one."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.db.models import F

from sessions_app.models import (
    ChangedRow,
    Conference,
    Day,
    Room,
    SavedChange,
    Session,
    Slot,
)
from sessions_app.translated import (
    words,
)
from speakers.models import Person, Role

# The kinds of rows that are kept, each with the names of its parts. A kind stands
# behind those that its rows may need, for that is the order of putting back.
KEPT: dict[type[models.Model], tuple[str, ...]] = {
    Conference: (),
    Room: (),
    Role: (),
    Person: (),
    Session: ("days", "sections", "footnotes"),
    Slot: ("panel", "lines", "documents"),
}
KINDS: dict[str, Any] = {str(model._meta.model_name): model for model in KEPT}
# What only counts the saves of a row is no change of it.
COUNTED = {"version"}
# Rows in an order are numbered anew whenever one comes or goes, so the number of a part
# says nothing about who changed it.
NUMBERED = {"position"}
# Field to value, as JSON holds it.
Fields = dict[str, Any]
# Place to fields: "" for the row itself, "lines/12" for a part of it.
Snapshot = dict[str, Fields]
# A row with its Snapshot before (None when it was added) and after (None when it was
# deleted).
Changed = tuple[models.Model, Snapshot | None, Snapshot | None]


# --- Keeping ------------------------------------------------------------------


def snapshot(row: models.Model) -> Snapshot:
    """The row and its parts as the database holds them now."""
    taken = {"": _fields_of(type(row)._default_manager.get(pk=row.pk))}
    for name in KEPT[type(row)]:
        for part in parts_of(row, name):
            taken[f"{name}/{part.pk}"] = _fields_of(part)
    return taken


def snapshots(rows: Collection[models.Model]) -> dict[tuple[Any, Any], Snapshot]:
    """Model and key to `snapshot` of each of many rows, those that are gone left out.
    The number of queries grows with the models, not with the rows."""
    taken: dict[tuple[Any, Any], Snapshot] = {}
    for model in {type(row) for row in rows}:
        keys = [row.pk for row in rows if type(row) is model]
        for row in model._default_manager.filter(pk__in=keys):
            taken[model, row.pk] = {"": _fields_of(row)}
        for name in KEPT[model]:
            related: Any = model._meta.get_field(name)
            parts = related.related_model._default_manager
            of_rows = parts.filter(**{f"{related.field.name}__in": keys})
            for part in of_rows.order_by("pk"):
                key = getattr(part, related.field.attname)
                taken[model, key][f"{name}/{part.pk}"] = _fields_of(part)
    return taken


def keep(
    by: Any,
    session: Session | None,
    rows: Iterable[Changed],
    act: str = SavedChange.Act.SAVED,
    takes_back: SavedChange | None = None,
) -> SavedChange | None:
    """Keeps what one act changed in `rows`, with what goes along when a row that is
    still there is kept as deleted. None when nothing changed."""
    rows = list(rows)
    changed = []
    for row, before, after in [*_going_along(rows), *rows]:
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
    gone = [row.pk for row, _b, after in rows if isinstance(row, Session) and not after]
    let_go_of(gone)
    change = SavedChange.objects.create(
        by=by if isinstance(by, User) else None,
        session=None if gone else session,
        act=act,
        takes_back=takes_back,
    )
    for place, kept in enumerate(changed):
        kept.change, kept.place = change, place
    ChangedRow.objects.bulk_create(changed)
    return change


@dataclass
class Recording:
    """The rows that an act may change, as they were before it; `session` is the one of
    which the act is told, which an act may name while it runs."""

    before: dict[tuple[Any, Any], tuple[models.Model, Snapshot | None]] = field(
        default_factory=dict
    )
    change: SavedChange | None = None
    session: Session | None = None

    def watch(self, *rows: models.Model) -> None:
        """Rows that exist and may be changed or deleted."""
        for row in rows:
            if (type(row), row.pk) not in self.before:
                self.before[type(row), row.pk] = row, snapshot(row)

    def added(self, *rows: models.Model) -> None:
        """Rows that the act added."""
        for row in rows:
            self.before.setdefault((type(row), row.pk), (row, None))

    def changed(self) -> list[Changed]:
        """The rows, as they were before and as they are now."""
        compared = []
        for (model, key), (row, before) in self.before.items():
            now = model._default_manager.filter(pk=key).first()
            # A row that was deleted has forgotten its key.
            row.pk = key
            compared.append((now or row, before, snapshot(now) if now else None))
        return compared


@contextmanager
def recorded(
    by: Any, session: Session | None, act: str, *rows: models.Model
) -> Iterator[Recording]:
    """Runs an act in one transaction and keeps what it changed in `rows`, and in those
    that it names to the Recording."""
    with transaction.atomic():
        recording = Recording(session=session)
        recording.watch(*rows)
        yield recording
        recording.change = keep(by, recording.session, recording.changed(), act)


def next_version(*rows: models.Model) -> None:
    """Counts a save of each row, so that an editor who opened it before is told."""
    for row in rows:
        if isinstance(row, Session | Day | Slot | Person):
            manager: Any = type(row)._default_manager
            manager.filter(pk=row.pk).update(version=F("version") + 1)


def _going_along(rows: Iterable[Changed]) -> Iterator[Changed]:
    """What the deletion of rows takes along: a session its slots; and the slots within
    a slot are left on their own."""
    for row, _before, after in rows:
        if after is not None:
            continue
        if isinstance(row, Session):
            for slot in Slot.objects.filter(day__session=row).order_by("pk"):
                yield slot, snapshot(slot), None
        elif isinstance(row, Slot):
            for slot in Slot.objects.filter(part_of=row.pk).order_by("pk"):
                within = snapshot(slot)
                alone = {**within, "": {**within[""], "part_of": None}}
                yield slot, within, alone


def let_go_of(sessions: Collection[int]) -> None:
    """What was saved of a session outlives it."""
    SavedChange.objects.filter(session__in=sessions).update(session=None)


def parts_of(row: models.Model, name: str) -> list[models.Model]:
    related: Any = type(row)._meta.get_field(name)
    rows = related.related_model._default_manager
    return list(rows.filter(**{related.field.name: row.pk}).order_by("pk"))


def kept_fields(model: type[models.Model]) -> list[Any]:
    return [column for column in model._meta.concrete_fields if not column.primary_key]


def _fields_of(row: models.Model) -> Fields:
    return {
        column.name: as_json(getattr(row, column.attname))
        for column in kept_fields(type(row))
    }


def as_json(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
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
            if name not in COUNTED and not is_same(old.get(name), new.get(name))
        ]
    return found


def is_same(one: Any, other: Any) -> bool:
    """Of texts, the words count: what is known of their translations is no change."""
    if isinstance(one, dict) and isinstance(other, dict):
        return words(one) == words(other)
    return bool(one == other)


# --- Reading what was kept ------------------------------------------------------


def model_of(kind: str, place: str = "") -> Any:
    """The model of a kind of row, or of a part of it; None for one that was kept once
    and is no more."""
    model = KINDS.get(kind)
    name = place.partition("/")[0]
    if model is None or not name:
        return model
    if name not in KEPT[model]:
        return None
    return model._meta.get_field(name).related_model


def column_of(model: Any, name: str) -> Any:
    """A field of a model; None for one that was kept once and is no more."""
    columns = kept_fields(model) if model else []
    return next((column for column in columns if column.name == name), None)


def key_of(place: str) -> int:
    key = place.rpartition("/")[2]
    return int(key) if key.isascii() and key.isdigit() else 0


def values_in(changed: ChangedRow) -> Iterator[tuple[str, str, Any]]:
    """Each value that was kept, before or after, with its place and field."""
    for place, name, *values in changed.differences:
        for value in values:
            if name:
                yield place, name, value
            elif value is not None:
                held = {place: value} if place else value
                for at, fields in held.items():
                    yield from ((at, each, fields[each]) for each in fields)


# --- Finding ---------------------------------------------------------------------


def last_change(session: Session) -> SavedChange | None:
    """The newest change of a session that can be taken back."""
    return (
        SavedChange.objects.filter(session=session, taken_back_by=None)
        .exclude(act__in={SavedChange.Act.TAKEN_BACK, *SavedChange.ISSUING})
        .select_related("by", "session")
        .prefetch_related("rows")
        .order_by("-pk")
        .first()
    )


def changes_of(row: models.Model) -> models.QuerySet[SavedChange]:
    """The changes of a row, of a session with all that belongs to it; newest first."""
    changes = SavedChange.objects.select_related(
        "by", "session", "taken_back_by"
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
