"""Taking back what was saved: a whole act or nothing of it, and every refusal names the
place. What came back keeps its key and its code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, models, transaction
from django.db.models import ProtectedError, Q
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from config.outages import is_away
from sessions_app.history import (
    COUNTED,
    KEPT,
    KINDS,
    NUMBERED,
    Changed,
    Fields,
    Recording,
    Snapshot,
    column_of,
    is_same,
    keep,
    kept_fields,
    key_of,
    let_go_of,
    model_of,
    next_version,
    parts_of,
    session_of,
    values_in,
)
from sessions_app.models import (
    ChangedRow,
    Conference,
    Day,
    Edition,
    SavedChange,
    Session,
    Slot,
)
from sessions_app.programme import colon_of, enumeration_of, semicolon_of, space_of
from sessions_app.telling import last_names, name_of, named, where_in_words
from sessions_app.translated import TranslatedField

# What is part of public addresses stays once a session was issued.
_FROZEN: dict[type[models.Model], set[str]] = {
    Session: {"conference", "slug"},
    Conference: {"slug"},
}


class NotTakenBack(Exception):
    """Nothing was taken back; the message says why, in a sentence for staff."""


def undone_by(changed: ChangedRow) -> str:
    """What taking back does to the row: "add", "change" or "delete" it."""
    for place, name, old, _new in changed.differences:
        if not place and not name:
            return "delete" if old is None else "add"
    return "change"


def take_back(change: SavedChange, by: Any) -> SavedChange:
    """Puts back what `change` changed, in one transaction, and gives the change that
    did so, which can itself be taken back.

    Raises NotTakenBack when something of it was changed again since, when it was taken
    back already, or when the rows as they are now do not allow it."""
    try:
        with transaction.atomic():
            return _take_back(change, by)
    except OperationalError as error:
        if is_away(error):
            raise
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
    now = {row: recording.before[KINDS[row.kind], row.key][1] for row in rows}
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
    return list(KINDS).index(changed.kind), undone_by(changed) != "add"


def _refuse_unknown(rows: Iterable[ChangedRow]) -> None:
    for changed in rows:
        known = model_of(changed.kind) is not None
        for place, name, _value in values_in(changed):
            if column_of(model_of(changed.kind, place), name) is None:
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
        manager = KINDS[changed.kind]._default_manager
        held = manager.select_for_update(no_key=True).filter(pk=changed.key)
        list(held.order_by("pk").values_list("pk"))


def _recording_of(rows: Iterable[ChangedRow]) -> Recording:
    """What taking back may change: the rows, and slots that are left on their own."""
    recording = Recording()
    for changed in rows:
        row = KINDS[changed.kind](pk=changed.key)
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
            % {"where": semicolon_of(get_language()).join(since)}
        )


def _still_stands(now: Snapshot | None, place: str, name: str, new: Any) -> bool:
    if not place and not name:
        return _is_same_row(now, new)
    part = (now or {}).get(place)
    if not name:
        return _holds(part, new, besides=COUNTED | NUMBERED)
    if place and name in NUMBERED:
        return True
    return part is not None and is_same(part.get(name), new)


def _is_same_row(now: Snapshot | None, kept: Snapshot | None) -> bool:
    if now is None or kept is None:
        return now == kept
    return set(now) == set(kept) and all(
        _holds(now[place], kept[place], besides=COUNTED) for place in kept
    )


def _holds(now: Fields | None, kept: Fields | None, besides: Collection[str]) -> bool:
    """Whether a row or part is as it was kept, field by field; what a later release
    added to it does not count."""
    if now is None or kept is None:
        return now == kept
    return all(
        is_same(now.get(name), value)
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
    next_version(KINDS[changed.kind](pk=changed.key))


def _fields_before(changed: ChangedRow, now: Snapshot) -> dict[str, Fields]:
    """Place to the fields that were changed there, as they were before. A part that was
    numbered anew since keeps its new number."""
    found: dict[str, Fields] = {}
    for place, name, old, new in changed.differences:
        is_numbered = bool(place) and name in NUMBERED
        if name and not (is_numbered and now.get(place, {}).get(name) != new):
            found.setdefault(place, {})[name] = old
    return found


def _set_back(changed: ChangedRow, place: str, fields: Fields) -> None:
    row = _row_at(changed, place)
    where = where_in_words(changed, place, part_name=name_of(row))
    _refuse_frozen(row, fields)
    _fill(row, fields, where)
    _save(row, where)
    if place:
        next_version(row)


def _make(changed: ChangedRow, place: str, fields: Fields) -> None:
    model = model_of(changed.kind, place)
    row = model(pk=key_of(place) if place else changed.key)
    where, itself = where_in_words(changed, place), _itself(model)
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
        for name in _itself(KINDS[changed.kind])
        if before.get(name) is not None
    }
    if leads_to:
        _set_back(changed, "", leads_to)


def _itself(model: Any) -> set[str]:
    """The fields that lead to another row of the same kind."""
    columns = kept_fields(model)
    return {c.name for c in columns if c.is_relation and c.related_model is model}


def _row_at(changed: ChangedRow, place: str) -> Any:
    manager = model_of(changed.kind, place)._default_manager
    return manager.filter(pk=key_of(place) if place else changed.key).first()


def _remove(changed: ChangedRow, place: str) -> None:
    row = _row_at(changed, place)
    where = where_in_words(changed, place, part_name=name_of(row))
    _refuse_holding(row, where)
    if isinstance(row, Session):
        let_go_of([row.pk])
    try:
        row.delete()
    except ProtectedError as error:
        users = {str(getattr(each, "slot", each)) for each in error.protected_objects}
        raise NotTakenBack(
            gettext(
                "%(where)s is in use, so nothing was taken back: %(users)s. Take it "
                "out there first."
            )
            % {
                "where": where,
                "users": semicolon_of(get_language()).join(sorted(users)),
            }
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
            % {
                "where": where,
                "slots": semicolon_of(get_language()).join(map(str, slots)),
            }
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
        name = last_names(column.related_model, [key]).get(key)
        needed = str(capfirst(column.verbose_name))
        raise NotTakenBack(
            gettext(
                "%(where)s: %(needed)s was deleted since, so nothing was taken back. "
                "Take that deletion back first."
            )
            % {"where": where, "needed": named(needed, name) if name else needed}
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
            "fields": enumeration_of(get_language()).join(
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
            for part in parts_of(row, name):
                with _refusing(part, f"{row}{colon_of(get_language())}{name_of(part)}"):
                    part.clean()


@contextmanager
def _refusing(row: Any, where: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise _refusal(where, row, error) from error


def _refusal(where: str, row: Any, error: ValidationError) -> NotTakenBack:
    language, told = get_language(), []
    for name, found in error.update_error_dict({}).items():
        column = column_of(type(row), name)
        messages = space_of(language).join(ValidationError(found).messages)
        if column:
            field = str(capfirst(column.verbose_name))
            messages = f"{field}{colon_of(language)}{messages}"
        told.append(messages)
    return NotTakenBack(
        gettext(
            "%(where)s cannot be as it was before, so nothing was taken back. %(why)s"
        )
        % {"where": where, "why": space_of(language).join(told)}
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


def _where_now(changed: ChangedRow, place: str, name: str = "") -> str:
    """The same, with the part named as it is now where it still is."""
    part = _row_at(changed, place) if place else None
    return where_in_words(changed, place, name, name_of(part) if part else "")
