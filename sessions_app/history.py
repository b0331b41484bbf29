"""What staff saved: who, when, from what to what. And taking it back.

A row is kept together with its parts: a slot with its panel, lines and documents, a
session with its days, sections and footnotes. What one act changed in several rows is
one SavedChange, so that it is taken back as one."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, OperationalError, models, transaction
from django.db.models import F, ProtectedError, Q
from django.template.defaultfilters import filesizeformat
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext

from sessions_app.models import (
    ChangedRow,
    Conference,
    Day,
    Edition,
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
_KINDS: dict[str, Any] = {str(model._meta.model_name): model for model in KEPT}
# What only counts the saves of a row is no change of it.
_COUNTED = {"version"}
# Rows in an order are numbered anew whenever one comes or goes, so the number of a part
# says nothing about who changed it.
_NUMBERED = {"position"}
# What is part of public addresses stays once a session was issued.
_FROZEN: dict[type[models.Model], set[str]] = {
    Session: {"conference", "slug"},
    Conference: {"slug"},
}
_NOTHING = "–"
# Of texts longer than so many characters, only what differs is told, with so many
# characters before it.
_LONG = 200
_BEFORE_IT = 40

# Field to value, as JSON holds it.
Fields = dict[str, Any]
# Place to fields: "" for the row itself, "lines/12" for a part of it.
Snapshot = dict[str, Fields]
# A row with its Snapshot before (None when it was added) and after (None when it was
# deleted).
Changed = tuple[models.Model, Snapshot | None, Snapshot | None]


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
    _let_go_of(gone)
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
    """The rows that an act may change, as they were before it."""

    before: dict[tuple[Any, Any], tuple[models.Model, Snapshot | None]] = field(
        default_factory=dict
    )
    change: SavedChange | None = None

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
        recording = Recording()
        recording.watch(*rows)
        yield recording
        recording.change = keep(by, session, recording.changed(), act)


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


def _let_go_of(sessions: Collection[int]) -> None:
    """What was saved of a session outlives it."""
    SavedChange.objects.filter(session__in=sessions).update(session=None)


def _parts(row: models.Model, name: str) -> list[models.Model]:
    related: Any = type(row)._meta.get_field(name)
    rows = related.related_model._default_manager
    return list(rows.filter(**{related.field.name: row.pk}).order_by("pk"))


def _kept_fields(model: type[models.Model]) -> list[Any]:
    return [column for column in model._meta.concrete_fields if not column.primary_key]


def _fields_of(row: models.Model) -> Fields:
    return {
        column.name: _as_json(getattr(row, column.attname))
        for column in _kept_fields(type(row))
    }


def _as_json(value: Any) -> Any:
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
            if name not in _COUNTED and not _is_same(old.get(name), new.get(name))
        ]
    return found


def _is_same(one: Any, other: Any) -> bool:
    """Of texts, the words count: what is known of their translations is no change."""
    if isinstance(one, dict) and isinstance(other, dict):
        return words(one) == words(other)
    return bool(one == other)


# --- Reading what was kept ------------------------------------------------------


def model_of(kind: str, place: str = "") -> Any:
    """The model of a kind of row, or of a part of it; None for one that was kept once
    and is no more."""
    model = _KINDS.get(kind)
    name = place.partition("/")[0]
    if model is None or not name:
        return model
    if name not in KEPT[model]:
        return None
    return model._meta.get_field(name).related_model


def undone_by(changed: ChangedRow) -> str:
    """What taking back does to the row: "add", "change" or "delete" it."""
    for place, name, old, _new in changed.differences:
        if not place and not name:
            return "delete" if old is None else "add"
    return "change"


def _column_of(model: Any, name: str) -> Any:
    """A field of a model; None for one that was kept once and is no more."""
    columns = _kept_fields(model) if model else []
    return next((column for column in columns if column.name == name), None)


def _key_of(place: str) -> int:
    key = place.rpartition("/")[2]
    return int(key) if key.isascii() and key.isdigit() else 0


def _values_in(changed: ChangedRow) -> Iterator[tuple[str, str, Any]]:
    """Each value that was kept, before or after, with its place and field."""
    for place, name, *values in changed.differences:
        for value in values:
            if name:
                yield place, name, value
            elif value is not None:
                held = {place: value} if place else value
                for at, fields in held.items():
                    yield from ((at, each, fields[each]) for each in fields)


# --- Taking back ----------------------------------------------------------------


def take_back(change: SavedChange, by: Any) -> SavedChange:
    """Puts back what `change` changed, in one transaction, and gives the change that
    did so, which can itself be taken back.

    Raises NotTakenBack when something of it was changed again since, when it was taken
    back already, or when the rows as they are now do not allow it."""
    try:
        with transaction.atomic():
            return _take_back(change, by)
    except OperationalError as error:
        # Both waited for each other, and the database ended this one.
        raise NotTakenBack(
            gettext(
                "Somebody else saved something at the same moment, so nothing was "
                "taken back. Try again."
            )
        ) from error
    except IntegrityError as error:
        raise NotTakenBack(
            gettext(
                "What was saved since does not go with it any more, so nothing was "
                "taken back. Change it by hand."
            )
        ) from error


def _take_back(change: SavedChange, by: Any) -> SavedChange:
    SavedChange.objects.select_for_update().get(pk=change.pk)
    if SavedChange.objects.filter(takes_back=change).exists():
        raise NotTakenBack(gettext("This was taken back already."))
    rows = list(change.rows.all())
    _refuse_unknown(rows)
    rows.sort(key=_place_in_putting_back)
    _lock(rows)
    recording = _recording_of(rows)
    now = {row: recording.before[_KINDS[row.kind], row.key][1] for row in rows}
    _refuse_changed_since(now)
    _put_all_back(now)
    kept = recording.changed()
    _refuse_unsound(kept)
    session = _session_among(kept, change.session_id)
    done = keep(by, session, kept, SavedChange.Act.TAKEN_BACK, change)
    if done is None:
        raise NotTakenBack(gettext("Nothing of it is left to be taken back."))
    _tell_again(row.key for row in rows if row.kind == Session._meta.model_name)
    return done


def _place_in_putting_back(changed: ChangedRow) -> tuple[int, bool]:
    """A row is put back after those that it may need, which come back first."""
    return list(_KINDS).index(changed.kind), undone_by(changed) != "add"


def _refuse_unknown(rows: Iterable[ChangedRow]) -> None:
    for changed in rows:
        known = model_of(changed.kind) is not None
        for place, name, _value in _values_in(changed):
            if _column_of(model_of(changed.kind, place), name) is None:
                known = False
        if not known:
            raise NotTakenBack(
                gettext(
                    "“%(row)s” was kept by an earlier release in a form that is no "
                    "more, so nothing was taken back. Change it by hand."
                )
                % {"row": changed.name}
            )


def _lock(rows: Iterable[ChangedRow]) -> None:
    """Holds the rows, in one order for everybody, until the transaction ends."""
    for changed in sorted(rows, key=lambda changed: (changed.kind, changed.key)):
        manager = _KINDS[changed.kind]._default_manager
        held = manager.select_for_update(no_key=True).filter(pk=changed.key)
        list(held.order_by("pk").values_list("pk"))


def _recording_of(rows: Iterable[ChangedRow]) -> Recording:
    """What taking back may change: the rows, and slots that are left on their own."""
    recording = Recording()
    for changed in rows:
        row = _KINDS[changed.kind](pk=changed.key)
        if type(row)._default_manager.filter(pk=row.pk).exists():
            recording.watch(row)
        else:
            recording.added(row)
    gone = [row.key for row in rows if _is_added_slot(row)]
    recording.watch(*Slot.objects.filter(part_of__in=gone).order_by("pk"))
    return recording


def _is_added_slot(changed: ChangedRow) -> bool:
    return changed.kind == Slot._meta.model_name and undone_by(changed) == "delete"


def _refuse_changed_since(now: dict[ChangedRow, Snapshot | None]) -> None:
    since = [
        _where_now(changed, place, name)
        for changed, held in now.items()
        for place, name, _old, new in changed.differences
        if not _still_stands(held, place, name, new)
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
        return _is_same_row(now, new)
    part = (now or {}).get(place)
    if not name:
        return _holds(part, new, besides=_COUNTED | _NUMBERED)
    if place and name in _NUMBERED:
        return True
    return part is not None and _is_same(part.get(name), new)


def _is_same_row(now: Snapshot | None, kept: Snapshot | None) -> bool:
    if now is None or kept is None:
        return now == kept
    return set(now) == set(kept) and all(
        _holds(now[place], kept[place], besides=_COUNTED) for place in kept
    )


def _holds(now: Fields | None, kept: Fields | None, besides: Collection[str]) -> bool:
    """Whether a row or part is as it was kept, field by field; what a later release
    added to it does not count."""
    if now is None or kept is None:
        return now == kept
    return all(
        _is_same(now.get(name), value)
        for name, value in kept.items()
        if name not in besides
    )


def _put_all_back(now: dict[ChangedRow, Snapshot | None]) -> None:
    added = [row for row in now if undone_by(row) == "delete"]
    # Nothing stands on a slot, and a day must be empty before it goes; any other row
    # goes when no row names it any more.
    for changed in filter(_is_added_slot, added):
        _remove(changed, "")
    others = [row for row in now if row not in added]
    for changed in others:
        _put_back(changed, now[changed])
    for changed in others:
        _lead_again(changed)
    for changed in reversed(added):
        if not _is_added_slot(changed):
            _remove(changed, "")


def _put_back(changed: ChangedRow, now: Snapshot | None) -> None:
    """Puts a row that was changed or deleted back to what it was before."""
    wholes = {place: old for place, name, old, _new in changed.differences if not name}
    if undone_by(changed) == "add":
        for place, fields in sorted(wholes[""].items()):
            _make(changed, place, fields)
        return
    # What was added goes first: what comes back may need its place.
    for place, fields in wholes.items():
        if fields is None:
            _remove(changed, place)
    for place, fields in sorted(_fields_before(changed, now or {}).items()):
        _set_back(changed, place, fields)
    for place, fields in wholes.items():
        if fields is not None:
            _make(changed, place, fields)
    next_version(_KINDS[changed.kind](pk=changed.key))


def _fields_before(changed: ChangedRow, now: Snapshot) -> dict[str, Fields]:
    """Place to the fields that were changed there, as they were before. A part that was
    numbered anew since keeps its new number."""
    found: dict[str, Fields] = {}
    for place, name, old, new in changed.differences:
        is_numbered = bool(place) and name in _NUMBERED
        if name and not (is_numbered and now.get(place, {}).get(name) != new):
            found.setdefault(place, {})[name] = old
    return found


def _set_back(changed: ChangedRow, place: str, fields: Fields) -> None:
    row = _row_at(changed, place)
    where = _where(changed, place, part_name=_name_of(row))
    _refuse_frozen(row, fields)
    _fill(row, fields, where)
    _save(row, where)
    if place:
        next_version(row)


def _make(changed: ChangedRow, place: str, fields: Fields) -> None:
    model = model_of(changed.kind, place)
    row = model(pk=_key_of(place) if place else changed.key)
    where, itself = _where(changed, place), _itself(model)
    _fill(row, {name: fields[name] for name in fields if name not in itself}, where)
    if "version" in fields:
        # An editor who opened it before it was deleted must be told.
        row.version += 1
    _save(row, where, force_insert=True)


def _lead_again(changed: ChangedRow) -> None:
    """Leads a row that came back to another of its kind, which may have come back
    after it."""
    if undone_by(changed) != "add":
        return
    before = changed.differences[0][2][""]
    leads_to = {
        name: before[name]
        for name in _itself(_KINDS[changed.kind])
        if before.get(name) is not None
    }
    if leads_to:
        _set_back(changed, "", leads_to)


def _itself(model: Any) -> set[str]:
    """The fields that lead to another row of the same kind."""
    columns = _kept_fields(model)
    return {c.name for c in columns if c.is_relation and c.related_model is model}


def _row_at(changed: ChangedRow, place: str) -> Any:
    manager = model_of(changed.kind, place)._default_manager
    return manager.filter(pk=_key_of(place) if place else changed.key).first()


def _remove(changed: ChangedRow, place: str) -> None:
    row = _row_at(changed, place)
    where = _where(changed, place, part_name=_name_of(row))
    _refuse_holding(row, where)
    if isinstance(row, Session):
        _let_go_of([row.pk])
    try:
        row.delete()
    except ProtectedError as error:
        users = {str(getattr(each, "slot", each)) for each in error.protected_objects}
        raise NotTakenBack(
            gettext(
                "%(where)s is in use, so nothing was taken back: %(users)s. Take it "
                "out there first."
            )
            % {"where": where, "users": "; ".join(sorted(users))}
        ) from error


def _refuse_holding(row: Any, where: str) -> None:
    """Slots that were added since go with no session and no day."""
    slots = Slot.objects.none()
    if isinstance(row, Session):
        slots = Slot.objects.filter(day__session=row)
    elif isinstance(row, Day):
        # Held, so that no slot comes onto it from now on.
        list(Day.objects.select_for_update().filter(pk=row.pk).order_by("pk"))
        slots = Slot.objects.filter(day=row)
    if slots:
        raise NotTakenBack(
            gettext(
                "%(where)s holds slots that were added since, so nothing was taken "
                "back: %(slots)s. Move them or delete them first."
            )
            % {"where": where, "slots": "; ".join(map(str, slots))}
        )


def _fill(row: Any, fields: Fields, where: str) -> None:
    for name, value in fields.items():
        column = row._meta.get_field(name)
        try:
            setattr(row, column.attname, _as_python(column, value))
        except ValidationError as error:
            raise _refusal(where, row, ValidationError({name: error})) from error


def _as_python(column: Any, value: Any) -> Any:
    if value is None:
        return None
    with suppress(TypeError, ValueError):
        if isinstance(value, dict) or not isinstance(column, TranslatedField):
            return column.to_python(value)
    raise ValidationError(gettext("What was kept cannot be read any more."))


def _save(row: Any, where: str, **options: Any) -> None:
    _refuse_missing(row, where)
    # Codes are given by the application; what a row leads to was looked up just now.
    given = {c.name for c in row._meta.concrete_fields if not c.editable}
    leading = {c.name for c in row._meta.concrete_fields if c.is_relation}
    with _refusing(row, where):
        row.clean_fields(exclude=given | leading)
        row.validate_unique(exclude=given)
        row.validate_constraints(exclude=given)
    row.save(**options)


def _refuse_missing(row: Any, where: str) -> None:
    for column in row._meta.concrete_fields:
        key = getattr(row, column.attname) if column.is_relation else None
        if key is None or column.related_model._default_manager.filter(pk=key).exists():
            continue
        name = _last_names(column.related_model, [key]).get(key)
        needed = str(capfirst(column.verbose_name))
        raise NotTakenBack(
            gettext(
                "%(where)s: %(needed)s was deleted since, so nothing was taken back. "
                "Take that deletion back first."
            )
            % {"where": where, "needed": f"{needed} “{name}”" if name else needed}
        )


def _refuse_frozen(row: Any, fields: Fields) -> None:
    frozen = _FROZEN.get(type(row), set()) & set(fields)
    if not frozen or not _is_issued(row):
        return
    raise NotTakenBack(
        gettext(
            "“%(row)s” was issued since, so nothing was taken back: %(fields)s stays, "
            "for it is part of its public addresses."
        )
        % {
            "row": row,
            "fields": ", ".join(
                str(capfirst(row._meta.get_field(name).verbose_name))
                for name in sorted(frozen)
            ),
        }
    )


def _is_issued(row: Session | Conference) -> bool:
    of = "session" if isinstance(row, Session) else "session__conference"
    return Edition.objects.filter(**{of: row.pk}).exists()


def _refuse_unsound(kept: Iterable[Changed]) -> None:
    """What only several rows together can tell: a day outside the dates."""
    for row, _before, after in kept:
        if after is None:
            continue
        with _refusing(row, str(row)):
            row.clean()
        for name in KEPT[type(row)]:
            for part in _parts(row, name):
                with _refusing(part, f"{row}: {_name_of(part)}"):
                    part.clean()


@contextmanager
def _refusing(row: Any, where: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise _refusal(where, row, error) from error


def _refusal(where: str, row: Any, error: ValidationError) -> NotTakenBack:
    told = []
    for name, found in error.update_error_dict({}).items():
        column = _column_of(type(row), name)
        messages = " ".join(ValidationError(found).messages)
        told.append(
            f"{capfirst(column.verbose_name)}: {messages}" if column else messages
        )
    return NotTakenBack(
        gettext(
            "%(where)s cannot be as it was before, so nothing was taken back. %(why)s"
        )
        % {"where": where, "why": " ".join(told)}
    )


def _session_among(kept: Iterable[Changed], otherwise: Any) -> Session | None:
    """The session of which the change is told."""
    for row, _before, after in kept:
        session = session_of(row) if after is not None else None
        if session is not None:
            return session
    return Session.objects.filter(pk=otherwise).first()


def _tell_again(keys: Iterable[int]) -> None:
    """What was saved of a session that came back is told on its page again."""
    for session in Session.objects.filter(pk__in=list(keys)):
        slots = Slot.objects.filter(day__session=session)
        rows = ChangedRow.objects.filter(
            Q(kind=Session._meta.model_name, key=session.pk)
            | Q(kind=Slot._meta.model_name, key__in=slots.values("pk"))
        )
        SavedChange.objects.filter(session=None, pk__in=rows.values("change")).update(
            session=session
        )


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
        self.names: dict[tuple[Any, Any], str] = {}
        self._look_up()

    def sentences(
        self, change: SavedChange, hidden: Collection[str] = ()
    ) -> list[Sentence]:
        """What `change` changed, in the order in which it was kept, but for rows of
        the kinds that are `hidden`."""
        found: list[Sentence] = []
        for changed in change.rows.all():
            if changed.kind in hidden:
                continue
            for place, name, old, new in changed.differences:
                found += self._sentences(changed, place, name, old, new)
        return found

    def _sentences(
        self, changed: ChangedRow, place: str, name: str, old: Any, new: Any
    ) -> Iterator[Sentence]:
        model = model_of(changed.kind, place)
        if not name:
            before, after = (self._whole(model, place, held) for held in (old, new))
            yield Sentence(_where(changed, place), before, after)
            return
        known = self.names.get((model, _key_of(place)), "") if place else ""
        where = _where(changed, place, name, known)
        column = _column_of(model, name)
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
                f"{where} ({NATIVE_NAMES[language]})",
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
            for column in _kept_fields(model)
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
            return ", ".join(NATIVE_NAMES.get(str(each), str(each)) for each in value)
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
            self.names[model, row.pk] = _name_of(row)
        missing = [key for key in keys if (model, key) not in self.names]
        for key, name in _last_names(model, missing).items():
            self.names[model, key] = name


def _named_by(changed: ChangedRow) -> Iterator[tuple[Any, int]]:
    """Each row that a change names, as its model and key: parts, and what the fields
    of the row and of its parts lead to."""
    for place, name, value in _values_in(changed):
        model = model_of(changed.kind, place)
        if model is not None and place:
            yield model, _key_of(place)
        column = _column_of(model, name)
        if column is not None and column.is_relation and isinstance(value, int):
            yield column.related_model, value


def _days_in(changed: ChangedRow) -> Iterator[tuple[int, str]]:
    """The days that were kept as parts, by key: those that are gone have no other
    name."""
    for place, name, value in _values_in(changed):
        if name == "date" and value and model_of(changed.kind, place) is Day:
            yield _key_of(place), _in_words(_column_of(Day, name), value)


def _last_names(model: Any, keys: Collection[int]) -> dict[int, str]:
    """The names under which deleted rows were kept last."""
    if not keys or model not in KEPT:
        return {}
    rows = ChangedRow.objects.filter(kind=model._meta.model_name, key__in=keys)
    return dict(rows.order_by("change").values_list("key", "name"))


def _name_of(row: Any) -> str:
    return formats.date_format(row.date, "j F Y") if isinstance(row, Day) else str(row)


def _are_texts(*values: Any) -> bool:
    return all(value is None or isinstance(value, dict) for value in values)


def _says_something(column: Any, value: Any) -> bool:
    if not column.editable or value in (None, "", {}, [], False):
        return False
    if column.name in _NUMBERED or (
        column.has_default() and value == _as_json(column.get_default())
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
            return formats.date_format(dt.date.fromisoformat(value), "j F Y")
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


def _where(changed: ChangedRow, place: str, name: str = "", part_name: str = "") -> str:
    """Which row, part and field, in words: “10.15 Panel: line “Ada Lund”: Role”."""
    told = [changed.name]
    model = model_of(changed.kind, place)
    if place:
        kind = str(model._meta.verbose_name) if model else place.partition("/")[0]
        told.append(f"{kind} “{part_name}”" if part_name else kind)
    if name:
        column = _column_of(model, name)
        told.append(str(capfirst(column.verbose_name if column else name)))
    return ": ".join(told)


def _where_now(changed: ChangedRow, place: str, name: str = "") -> str:
    """The same, with the part named as it is now where it still is."""
    part = _row_at(changed, place) if place else None
    return _where(changed, place, name, _name_of(part) if part else "")


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
