"""Two records of one person become one: the other record's code leads to the kept one.

Lines go on naming the record that they name; the record kept is what prints."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from sessions_app.translated import Stored, words
from speakers.models import Person

# What may be filled from the other record: texts in six languages, and single words.
_TEXTS = ("honorific", "function", "state", "organization")
_WORDS = ("given_names", "family_name", "pronunciation")


def merge(record: Person, into: Person, *, fill: bool = False) -> int:
    """Makes `record`, and what was merged into it before, lead to `into`, and gives the
    number of lines that name `record`. With `fill`, what `into` has no words for comes
    from `record`; of a text, each language that `into` lacks.

    Raises ValidationError, with a sentence, when both are one record, when either was
    merged into another or deleted, and when a filled text is too long to be kept."""
    if record.pk == into.pk:
        raise ValidationError(
            _("“%(record)s” is the same record twice. Choose the record to be kept.")
            % {"record": record}
        )
    with transaction.atomic():
        held = _held(Q(pk__in=(record.pk, into.pk)) | Q(merged_into=record.pk))
        merged, kept = _in_use(held, record), _in_use(held, into)
        if fill:
            _fill(kept, merged)
        # Also those that came to lead to `record` while the locks were awaited.
        Person.objects.filter(Q(pk=merged.pk) | Q(merged_into=merged)).update(
            merged_into=kept, version=F("version") + 1
        )
        Person.objects.filter(pk=kept.pk).update(version=F("version") + 1)
        number = merged.lines.count()
    record.refresh_from_db()
    into.refresh_from_db()
    return number


def unmerge(record: Person) -> None:
    """Makes `record` one of its own again. What cannot be told apart any more stays
    with the record that was kept: words that were filled, and records that had been
    merged into `record` before.

    Raises ValidationError, with a sentence, when `record` is not merged."""
    with transaction.atomic():
        leads_to = Person.objects.filter(pk=record.pk).values("merged_into")
        held = _held(Q(pk=record.pk) | Q(pk__in=leads_to))
        merged = held.get(record.pk)
        if merged is None or merged.merged_into_id is None:
            raise ValidationError(
                _("“%(record)s” is not merged into another record.")
                % {"record": record}
            )
        Person.objects.filter(pk__in=(merged.pk, merged.merged_into_id)).update(
            version=F("version") + 1
        )
        Person.objects.filter(pk=merged.pk).update(merged_into=None)
    record.refresh_from_db()


def _held(which: Q) -> dict[int, Person]:
    """The records, held until the end of the transaction; in one order, so that two
    who hold the same never wait for each other."""
    rows = Person.objects.select_for_update().filter(which).order_by("pk")
    return {row.pk: row for row in rows}


def _in_use(held: dict[int, Person], record: Person) -> Person:
    row = held.get(record.pk)
    if row is None:
        raise ValidationError(
            _("“%(record)s” was deleted meanwhile. Choose another record.")
            % {"record": record}
        )
    if row.merged_into_id is not None:
        raise ValidationError(
            _("“%(record)s” is merged into “%(kept)s” already. Choose that record.")
            % {"record": record, "kept": row.merged_into}
        )
    return row


def _fill(kept: Person, merged: Person) -> None:
    for name in _TEXTS:
        setattr(kept, name, _completed(getattr(kept, name), getattr(merged, name)))
    for name in _WORDS:
        setattr(kept, name, getattr(kept, name) or getattr(merged, name))
    kept.validate_constraints()
    kept.save(update_fields=[*_TEXTS, *_WORDS])


def _completed(text: Stored, other: Stored) -> Stored:
    """`text` with the languages that it lacks. What they were translated from comes
    along, so that one made from other words than these is known to be outdated."""
    own, found = words(text), words(other)
    if not own:
        return other
    made_from = {
        language: source
        for language, source in other.get("_from", {}).items()
        if language not in own
    } | text.get("_from", {})
    completed: Stored = {**found, **text}
    return completed | ({"_from": made_from} if made_from else {})
