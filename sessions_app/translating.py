"""The texts of a session as translators meet them: each where it stands, what it says
in the main language, and how its translation into another one stands.

Staff alone read this; what prints is compose()'s. A text is found again by its key, and
is saved only over what the translator saw."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sessions_app import dates, history
from sessions_app.compose import record_of
from sessions_app.models import (
    Conference,
    Line,
    Panel,
    Room,
    SavedChange,
    Section,
    Session,
    Slot,
    SlotDocument,
    said,
)
from sessions_app.translated import (
    IN_LATIN_LETTERS,
    Stored,
    digest_of,
    normalize,
    retranslated,
    words,
)
from speakers.models import PEOPLE, Person, Role

State = Literal["missing", "outdated", "translated", "revised"]
STATES: tuple[State, ...] = ("missing", "outdated", "translated", "revised")

_CALL = re.compile(r"\[\^[A-Za-z0-9_-]+\]")

# The texts of each kind of row, in the order in which they print.
_FIELDS: dict[type[models.Model], tuple[str, ...]] = {
    Conference: ("title", "office", "notice", "contact", "logo_text"),
    Session: ("title", "note_title", "theme", "city"),
    Room: ("venue", "name"),
    Section: ("heading", "text"),
    Slot: ("when", "title", "aside", "text"),
    Panel: ("label", "questions"),
    SlotDocument: ("title",),
    Line: ("text", "unnamed", "honorific", "function", "state"),
    Person: ("printed_name", "honorific", "function", "state", "organization"),
    Role: (
        "label_neutral",
        "label_masculine",
        "label_feminine",
        "label_plural",
        "by_line",
    ),
}


class MovedOn(Exception):
    """The text in the main language, or its translation, is not what the translator
    saw any more. `text` is what stands there now."""

    def __init__(self, text: SourceText, sentence: str) -> None:
        super().__init__(sentence)
        self.text = text


@dataclass(frozen=True)
class SourceText:
    """One text of a session. `row` holds it under `field`; `owner` is the row with
    which it is saved and kept in the history (a slot for its lines). `where` names the
    part of the session in words, `name` the field."""

    row: Any
    field: str
    owner: Any
    where: str
    primary: str

    @property
    def key(self) -> str:
        """Finds the text again: "slot-12-title"."""
        return f"{self.row._meta.model_name}-{self.row.pk}-{self.field}"

    @property
    def column(self) -> Any:
        return self.row._meta.get_field(self.field)

    @property
    def name(self) -> str:
        return str(capfirst(self.column.verbose_name))

    @property
    def stored(self) -> Stored:
        held: Stored | None = getattr(self.row, self.field)
        return held or {}

    @property
    def source(self) -> str:
        """The words in the main language."""
        return self.said(self.primary)

    @property
    def source_digest(self) -> str:
        return digest_of(self.source)

    def said(self, language: str) -> str:
        """The words in a language, "" where there are none."""
        return words(self.stored).get(language, "")

    @property
    def permission(self) -> str:
        """The permission to change the row with which the text is saved."""
        meta = self.owner._meta
        return f"{meta.app_label}.change_{meta.model_name}"

    def is_needed_in(self, language: str) -> bool:
        """Whether the text is to be translated: not a name between two languages that
        are written in Latin letters, where it prints as it is."""
        is_name = isinstance(self.row, Person) and self.field == "printed_name"
        return not (is_name and {self.primary, language} <= set(IN_LATIN_LETTERS))

    def state_in(self, language: str) -> State:
        """How the translation stands: "outdated" when it was made from other words of
        the main language than those of now."""
        if not self.said(language):
            return "missing"
        made_from = self.stored.get("_from", {}).get(language)
        if made_from is not None and made_from != self.source_digest:
            return "outdated"
        if language in self.stored.get("_revised", ()):
            return "revised"
        return "translated"


# --- Finding --------------------------------------------------------------------


def texts_of(session: Session) -> list[SourceText]:
    """Every text of a session that has words in its main language, in reading order;
    what stands on records of their own (people, roles, rooms) once, behind. The number
    of queries does not grow with the session."""
    return [text for text in _texts_of(session) if text.source]


def counted(texts: Iterable[SourceText], language: str) -> Counter[State]:
    """How many texts stand how in a language, of those to be translated into it."""
    return Counter(
        text.state_in(language) for text in texts if text.is_needed_in(language)
    )


def _texts_of(session: Session) -> Iterator[SourceText]:
    primary = session.primary_language
    language = get_language() or primary
    conference = session.conference
    yield from _of(conference, conference, _("Conference"), primary)
    yield from _of(session, session, _("Session"), primary)
    slots = list(_slots(session))
    sections = list(session.sections.all())
    yield from _sections(session, sections, Section.Place.BEFORE)
    for number, day in enumerate(session.days.order_by("date"), start=1):
        heading = dates.numbered_day(number, day.date, language)
        for slot in slots:
            if slot.day_id == day.pk:
                yield from _slot(slot, heading, session)
    yield from _sections(session, sections, Section.Place.AFTER)
    for note in session.footnotes.all():
        where = _("Footnote %(key)s") % {"key": note.key}
        yield SourceText(note, "text", session, where, primary)
    yield from _records(session, slots)


def _slots(session: Session) -> Iterable[Slot]:
    return (
        Slot.objects.filter(day__session=session, is_printed=True)
        .select_related("day__session", "panel", "room")
        .prefetch_related(
            "lines__person__merged_into",
            "lines__role",
            "lines__holders_of",
            "documents",
        )
        .order_by(F("start").asc(nulls_last=True), "position", "pk")
    )


def _sections(
    session: Session, sections: Iterable[Section], place: str
) -> Iterator[SourceText]:
    for section in sections:
        if section.place == place:
            heading = said(section.heading, session.primary_language)
            where = _("Section “%(heading)s”") % {"heading": heading}
            yield from _of(section, session, where, session.primary_language)


def _slot(slot: Slot, day: str, session: Session) -> Iterator[SourceText]:
    primary = session.primary_language
    time = dates.time_range(
        slot.start, slot.end, get_language() or primary, session.time_style
    )
    title = said(slot.title, primary)
    where = " · ".join(filter(None, (day, time, title)))
    panel = getattr(slot, "panel", None)
    if panel:
        yield from _of(panel, slot, where, primary)
    yield from _of(slot, slot, where, primary)
    for line in slot.lines.all():
        yield from _of(line, slot, where, primary)
    for document in slot.documents.all():
        yield from _of(document, slot, where, primary)


def _records(session: Session, slots: Iterable[Slot]) -> Iterator[SourceText]:
    """What stands on records that sessions share, each once in the order in which the
    session comes to them: rooms, people, roles."""
    primary = session.primary_language
    lines = [line for slot in slots for line in slot.lines.all()]
    for room in _each_once([session.room, *(slot.room for slot in slots)]):
        where = _("Room %(name)s") % {"name": said(room.name or room.venue, primary)}
        yield from _of(room, room, where, primary)
    for person in _each_once(record_of(line) for line in lines):
        yield from _of(person, person, said(person.printed_name, primary), primary)
    for role in _each_once(line.role for line in lines):
        where = _("Role “%(name)s”") % {"name": said(role.label_neutral, primary)}
        yield from _of(role, role, where, primary)


def _each_once(rows: Iterable[Any]) -> list[Any]:
    return list({row.pk: row for row in rows if row is not None}.values())


def _of(
    row: models.Model, owner: models.Model, where: str, primary: str
) -> Iterator[SourceText]:
    for field in _FIELDS[type(row)]:
        yield SourceText(row, field, owner, where, primary)


# --- Saving ---------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What a translator saw: digests of the words in the main language and of the
    translation, as `SourceText.source_digest` gives them."""

    source: str
    translation: str


def seen_in(text: SourceText, language: str) -> Seen:
    """What somebody who looks at the text now sees."""
    return Seen(text.source_digest, digest_of(text.said(language)))


def translate(
    session: Session,
    text: SourceText,
    language: str,
    typed: str,
    seen: Seen,
    by: Any,
    *,
    is_revised: bool = False,
) -> SourceText:
    """Saves a translation, made from the main words as they stand; "" takes it away.
    Gives the text as it is then. Raises ValidationError with a sentence when the words
    cannot be saved, and MovedOn when somebody else saved the main words or the
    translation after `seen`; nothing is saved then."""
    with history.recorded(by, session, SavedChange.Act.SAVED) as recording:
        owner = _locked(text.owner)
        now = _read_anew(text)
        if now is None or owner is None:
            raise MovedOn(text, _("The text was deleted meanwhile."))
        _check_seen(now, language, seen)
        said = checked(now, language, typed)
        recording.watch(owner)
        _put(now, language, said, is_revised=is_revised)
        # No save of the row for who has its form open: what they did not touch, their
        # form takes from the row as it is (translated.merged).
        now.row.save(update_fields=[now.field])
    return _read_anew(text) or text


def checked(text: SourceText, language: str, typed: str) -> str:
    """The words of a translation as they are kept. Raises ValidationError with a
    sentence when they are too long, cannot be printed, or lost a mark of the main
    words: {people}, or the call of a footnote that there is none of."""
    column = text.column
    said = normalize(typed, multiline=column.multiline)
    if len(said) > column.max_length:
        raise ValidationError(
            _("At most %(most)d characters are printed, this one has %(count)d.")
            % {"most": column.max_length, "count": len(said)}
        )
    if said and said.count(PEOPLE) != text.source.count(PEOPLE):
        raise ValidationError(
            _("Write %(mark)s as often as the main text does (%(count)d).")
            % {"mark": PEOPLE, "count": text.source.count(PEOPLE)}
        )
    unknown = set(_CALL.findall(said)) - set(_CALL.findall(text.source))
    if unknown:
        raise ValidationError(
            _("The main text does not call the footnote %(call)s: take it out.")
            % {"call": min(unknown)}
        )
    return said


def _check_seen(now: SourceText, language: str, seen: Seen) -> None:
    if seen.source != now.source_digest:
        raise MovedOn(
            now,
            _(
                "The main text was changed after you opened it: read it again, then save."
            ),
        )
    if seen.translation != digest_of(now.said(language)):
        raise MovedOn(
            now,
            _(
                "Somebody else saved this translation after you opened it: compare both."
            ),
        )


def _locked(owner: Any) -> Any:
    rows = type(owner)._default_manager.select_for_update(no_key=True, of=("self",))
    return rows.filter(pk=owner.pk).first()


def _read_anew(text: SourceText) -> SourceText | None:
    row = type(text.row)._default_manager.filter(pk=text.row.pk).first()
    if row is None:
        return None
    return SourceText(row, text.field, text.owner, text.where, text.primary)


# --- Saving many ----------------------------------------------------------------


@dataclass(frozen=True)
class Wish:
    """The words of a translation that somebody wants saved, and what they saw."""

    text: SourceText
    typed: str
    seen: Seen


def translate_all(
    session: Session, wishes: Iterable[Wish], language: str, by: Any
) -> list[tuple[Wish, str]]:
    """Saves translations as one act, each as `translate` saves one. Gives those that
    were not saved, each with the sentence why; all others are. Reading asks a number of
    queries that does not grow, saving one for each row that changes."""
    refused: list[tuple[Wish, str]] = []
    with transaction.atomic():
        wishes = list(wishes)
        owners = _all_locked(wish.text.owner for wish in wishes)
        rows = _all_read_anew(wish.text.row for wish in wishes)
        changed: dict[Any, list[str]] = {}
        changed_owners: dict[Any, Any] = {}
        for wish in wishes:
            try:
                now = _as_it_is(wish.text, rows, owners)
                _check_seen(now, language, wish.seen)
                _put(now, language, checked(now, language, wish.typed))
            except (MovedOn, ValidationError) as refusal:
                refused.append((wish, _sentence_of(refusal)))
            else:
                place = _place(now.owner)
                changed.setdefault(_place(now.row), []).append(now.field)
                changed_owners[place] = owners[place]
        before = history.snapshots(changed_owners.values())
        for place, fields in changed.items():
            rows[place].save(update_fields=fields)
        after = history.snapshots(changed_owners.values())
        history.keep(
            by,
            session,
            [(row, before[at], after[at]) for at, row in changed_owners.items()],
        )
    return refused


def _sentence_of(refusal: Exception) -> str:
    said = refusal.messages[0] if isinstance(refusal, ValidationError) else refusal
    return str(said)


def _place(row: Any) -> tuple[Any, Any]:
    return type(row), row.pk


def _by_model(rows: Iterable[Any]) -> list[tuple[Any, set[Any]]]:
    """The keys of rows by their model, in one order for everybody, so that two who save
    never wait for each other."""
    keys: dict[Any, set[Any]] = {}
    for row in rows:
        keys.setdefault(type(row), set()).add(row.pk)
    return sorted(keys.items(), key=lambda held: str(held[0]._meta.label))


def _all_locked(owners: Iterable[Any]) -> dict[Any, Any]:
    found = {}
    for model, keys in _by_model(owners):
        rows = model._default_manager.select_for_update(no_key=True, of=("self",))
        for row in rows.filter(pk__in=keys).order_by("pk"):
            found[_place(row)] = row
    return found


def _all_read_anew(rows: Iterable[Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for model, keys in _by_model(rows):
        read = model._default_manager.filter(pk__in=keys)
        # A slot looks at the clocks of its session when it is checked.
        found |= {
            _place(row): row
            for row in (read.select_related("day__session") if model is Slot else read)
        }
    return found


def _as_it_is(
    text: SourceText, rows: dict[Any, Any], owners: dict[Any, Any]
) -> SourceText:
    row = rows.get(_place(text.row))
    if row is None or _place(text.owner) not in owners:
        raise MovedOn(text, _("The text was deleted meanwhile."))
    return SourceText(row, text.field, text.owner, text.where, text.primary)


def check_holds(text: SourceText, language: str, said: str) -> None:
    """Raises ValidationError with a sentence when the row of a text would refuse these
    words of a translation; the row stays as it is."""
    before = getattr(text.row, text.field)
    try:
        _put(text, language, said)
    finally:
        setattr(text.row, text.field, before)


def _put(
    text: SourceText, language: str, said: str, *, is_revised: bool = False
) -> None:
    """The words into the row, which keeps what it held when they cannot stand there."""
    before = getattr(text.row, text.field)
    stored = retranslated(
        text.stored, language, said, text.primary, is_revised=is_revised
    )
    try:
        text.column.clean(stored, text.row)
        setattr(text.row, text.field, stored)
        text.row.clean()
    except ValidationError:
        setattr(text.row, text.field, before)
        raise
