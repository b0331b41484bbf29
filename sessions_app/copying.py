"""A day made from another, and a session made from a former one.

A copy holds every field of the original but its key, code and version: a field added
later is copied too. Editions are never copied."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext

from sessions_app.models import (
    Day,
    Footnote,
    Line,
    Panel,
    Section,
    Session,
    Slot,
    SlotDocument,
    said,
)
from sessions_app.translated import translated, words
from speakers.models import PEOPLE

Row = TypeVar("Row", bound=models.Model)
# Field to the value that it has in the copy.
Fields = dict[str, Any]

# What a row is known by, and what counts its saves: a copy has its own.
_NEVER_COPIED = {"code", "version"}

_GONE = {Line.Status.DECLINED, Line.Status.WITHDRAWN, Line.Status.REPLACED}
_NOT_PRINTED = _GONE - {Line.Status.WITHDRAWN}

# The fields of a session that are typed for a copy, each under the name in the form.
_TYPED = {
    "slug": "slug",
    "title": "title",
    "starts_on": "first_day",
    "ends_on": "first_day",
}


@transaction.atomic
def copy_day(day: Day, date: dt.date) -> Day:
    """A new day of the same session on `date`, with all that the slots of `day` hold,
    printed or not. What was part of a slot of `day` is part of its copy. As many
    queries for thirty slots as for three (SQLite takes long lists in batches).

    Raises ValidationError, at ``date``, when the session does not last until then or
    has that day already, or when the clocks leave out a time of a slot on it."""
    session = _locked(day.session_id)
    fresh = _copied(day, session=session, date=date)
    fresh.clean()
    if session.days.filter(date=date).exists():
        raise ValidationError(
            {
                "date": gettext(
                    "The session has the day %(date)s already. Choose a date between "
                    "%(first)s and %(last)s that is none of its days."
                )
                % {
                    "date": date,
                    "first": session.starts_on,
                    "last": session.ends_on,
                }
            }
        )
    slots = _slots_of([day])
    sentences = _times_left_out(slots, {day.pk: date}, session)
    if sentences:
        raise ValidationError({"date": sentences})
    fresh.save(force_insert=True)
    _copy_slots(slots, {day.pk: fresh})
    return fresh


@transaction.atomic
def copy_session(
    session: Session,
    *,
    slug: str,
    title: Mapping[str, str],
    first_day: dt.date,
    with_people: bool,
) -> Session:
    """A new session of the same conference, with the particulars and the programme of
    a former one; `title` maps languages to words. All its dates are moved by as many
    days as the first, so gaps stay. The title of the note and the symbol, which name
    the former session, and the internal notes are left empty; every slot is scheduled.

    With people, everybody who was named is to be confirmed, in person; a line of
    somebody who declined, withdrew or was replaced is left out. Without, the texts stay
    and nobody is named; a line that has no text, or a text around {people}, goes with
    its person. Lines that name the holders of a role stay.

    Raises ValidationError at ``slug``, ``title`` or ``first_day``: an address that is
    taken or malformed, a title that is missing or too long, a date so far away that no
    calendar has it, or on which the clocks leave out a time of a slot."""
    former = _locked(session.pk)
    days = list(former.days.order_by("date"))
    slots = _slots_of(days)
    fresh = _copied(
        former,
        slug=slug,
        title=dict(title),
        note_title={},
        symbol="",
        starts_on=first_day,
        ends_on=_moved(former.ends_on, former, first_day),
        status=Session.Status.ACTIVE,
        is_archived=False,
    )
    dates = {day.pk: _moved(day.date, former, first_day) for day in days}
    errors = _faults_of(fresh)
    sentences = _times_left_out(slots, dates, former)
    if sentences:
        errors["first_day"] = [*errors.get("first_day", []), *sentences]
    if errors:
        raise ValidationError(errors)
    fresh.title = translated(words(fresh.title), fresh.primary_language)
    fresh.save(force_insert=True)
    Section.objects.bulk_create(
        [_copied(row, session=fresh) for row in former.sections.order_by("pk")]
    )
    Footnote.objects.bulk_create(
        [_copied(row, session=fresh) for row in former.footnotes.order_by("pk")]
    )
    copies = Day.objects.bulk_create(
        [_copied(day, session=fresh, date=dates[day.pk]) for day in days]
    )
    _copy_slots(
        slots,
        {day.pk: copy for day, copy in zip(days, copies, strict=True)},
        changed={"status": Slot.Status.SCHEDULED, "internal_note": ""},
        changed_in_line=partial(_changed_in_next, with_people=with_people),
    )
    return fresh


def proposed_first_day(session: Session, today: dt.date) -> dt.date:
    """The first date after `today` and after the session that is the same day of the
    week as its first day."""
    earliest = max(today, session.ends_on) + dt.timedelta(days=1)
    days = (session.starts_on.weekday() - earliest.weekday()) % 7
    return earliest + dt.timedelta(days=days)


def weekday_changes(
    session: Session, first_day: dt.date
) -> list[tuple[dt.date, dt.date]]:
    """The date of each day of the session, and its date in a copy that starts on
    `first_day`. Raises ValidationError like copy_session() when that is too far away.
    """
    return [
        (day.date, _moved(day.date, session, first_day))
        for day in session.days.order_by("date")
    ]


# --- Rows -----------------------------------------------------------------------


def _locked(pk: int) -> Session:
    # A second click waits here, then finds what the first one made.
    return Session.objects.select_for_update().get(pk=pk)


def _copied(row: Row, **replaced: Any) -> Row:
    """An unsaved copy of `row` in which the fields named by `replaced` differ."""
    left = _NEVER_COPIED | replaced.keys()
    kept = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in left
    }
    return type(row)(**kept, **replaced)


def _slots_of(days: Iterable[Day]) -> list[Slot]:
    # By their key, which decides last about the order in print.
    return list(Slot.objects.filter(day__in=days).order_by("pk"))


def _as_it_is(_line: Line) -> Fields | None:
    return {}


def _copy_slots(
    slots: list[Slot],
    days: Mapping[int, Day],
    changed: Mapping[str, Any] | None = None,
    changed_in_line: Callable[[Line], Fields | None] = _as_it_is,
) -> None:
    """Copies `slots`, with all that they hold, to the `days` that take the place of
    theirs. `changed_in_line` gives what differs in the copy of a line; None leaves it
    out."""
    made = Slot.objects.bulk_create(
        [_copied(slot, day=days[slot.day_id], **(changed or {})) for slot in slots]
    )
    copies = {slot.pk: copy for slot, copy in zip(slots, made, strict=True)}
    parts = [copy for copy in made if copy.part_of_id in copies]
    for part in parts:
        part.part_of = copies[part.part_of_id or 0]
    Slot.objects.bulk_update(parts, ["part_of"])
    of_the_slots = {"slot__day__in": list(days)}
    Panel.objects.bulk_create(
        [
            _copied(panel, slot=copies[panel.slot_id])
            for panel in Panel.objects.filter(**of_the_slots).order_by("pk")
        ]
    )
    Line.objects.bulk_create(
        [
            _copied(line, slot=copies[line.slot_id], **differing)
            for line in Line.objects.filter(**of_the_slots).order_by("pk")
            if (differing := changed_in_line(line)) is not None
        ]
    )
    SlotDocument.objects.bulk_create(
        [
            _copied(document, slot=copies[document.slot_id])
            for document in SlotDocument.objects.filter(**of_the_slots).order_by("pk")
        ]
    )


def _changed_in_next(line: Line, *, with_people: bool) -> Fields | None:
    """What differs in the copy of a line for another session; None when the line is
    left out."""
    changed: Fields = {"internal_note": ""}
    if line.person_id is None and not words(line.unnamed):
        return changed
    changed["mode"] = Line.Mode.IN_PERSON
    if with_people:
        changed["status"] = Line.Status.TO_BE_CONFIRMED
        return None if line.status in _GONE else changed
    texts = words(line.text).values()
    is_about_people = not texts or any(PEOPLE in text for text in texts)
    if is_about_people or line.status in _NOT_PRINTED:
        return None
    # What was written of the person here goes too.
    return changed | {
        "status": Line.Status.CONFIRMED,
        "person": None,
        "unnamed": {},
        "honorific": None,
        "function": None,
        "state": None,
    }


# --- What is refused --------------------------------------------------------------


def _moved(date: dt.date, session: Session, first_day: dt.date) -> dt.date:
    """`date` of the session in a copy that starts on `first_day`."""
    try:
        return date + (first_day - session.starts_on)
    except OverflowError as error:
        raise _too_far_away(first_day) from error


def _too_far_away(date: dt.date) -> ValidationError:
    return ValidationError(
        {
            "first_day": gettext(
                "%(date)s is too far away for a session. Check the year."
            )
            % {"date": date}
        }
    )


def _times_left_out(
    slots: Iterable[Slot], dates: Mapping[int, dt.date], session: Session
) -> list[str]:
    """A sentence for each time of `slots` that the clocks leave out on the date that
    `dates` gives for its day."""
    sentences = []
    for slot in slots:
        try:
            slot.check_times(dates[slot.day_id], session.zone)
        except ValidationError as error:
            sentences += [
                gettext("“%(slot)s”: %(sentence)s")
                % {
                    "slot": said(slot.title, session.primary_language),
                    "sentence": sentence,
                }
                for sentence in error.messages
            ]
        except OverflowError as error:
            raise _too_far_away(dates[slot.day_id]) from error
    return sentences


def _faults_of(fresh: Session) -> dict[str, list[Any]]:
    """What is wrong with a session about to be saved, by the names in the form."""
    errors: dict[str, list[Any]] = {}
    # The other fields stand in a row already.
    copied = {field.name for field in Session._meta.fields} - _TYPED.keys()
    try:
        fresh.full_clean(exclude=copied)
    except ValidationError as error:
        for field, faults in error.error_dict.items():
            errors.setdefault(_TYPED.get(field, NON_FIELD_ERRORS), []).extend(faults)
    if "title" not in errors and not words(fresh.title).get(fresh.primary_language):
        errors["title"] = [
            gettext("Type the title in %(language)s, the main language.")
            % {"language": dict(settings.LANGUAGES)[fresh.primary_language]}
        ]
    others = Session.objects.filter(conference=fresh.conference_id, slug=fresh.slug)
    if others.exists():
        errors["slug"] = [
            gettext(
                "Another session of this conference has the address “%(slug)s”. Choose "
                "one that is not taken."
            )
            % {"slug": fresh.slug}
        ]
    return errors
