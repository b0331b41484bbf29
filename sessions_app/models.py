"""The rows that staff edit, and the issued editions that nobody does."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sessions_app.kinds import Kind
from sessions_app.programme import comma_of, pick
from sessions_app.translated import (
    LANGUAGE_CODES,
    NATIVE_NAMES,
    NotesField,
    PlainEncoder,
    TranslatedField,
    WordsField,
    words,
)
from sessions_app.zones import check_zone, instant, is_zone
from speakers.codes import new_check_code, new_code
from speakers.models import PEOPLE, Person, Role, bounded


def said(stored: dict[str, Any] | None, primary: str = "en") -> str:
    """A text for lists of staff: in the primary language, or in any."""
    held = words(stored)
    return str(held.get(primary) or next(iter(held.values()), ""))


def check_languages(value: Any) -> None:
    """Raises ValidationError unless `value` lists official languages, each once."""
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(language, str) for language in value)
        or len(set(value)) != len(value)
        or not set(value) <= set(LANGUAGE_CODES)
    ):
        raise ValidationError(
            _("Choose at least one of the six official languages, each once.")
        )


def check_interpretation(value: Any) -> None:
    """Raises ValidationError unless `value` lists official languages, or none."""
    if value != []:
        check_languages(value)


def english_only() -> list[str]:
    return ["en"]


slug_of_two_or_more = RegexValidator(
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
    _("Use small letters a to z, figures and single hyphens: third-thematic-session."),
)


# Addresses under which no conference would be found.
_RESERVED = frozenset({"check", "offline"})

# A date beyond these is a slip of the hand, and at the end of the calendar no clock can
# tell the next day.
_YEARS = range(1900, 2200)


class Conference(models.Model):
    """A process that holds sessions: “Global compact for safe, orderly and regular
    migration”."""

    slug = models.CharField(
        _("address"),
        max_length=60,
        unique=True,
        validators=[slug_of_two_or_more],
        help_text=_("Part of every public address. Cannot change once issued."),
    )
    title = TranslatedField(
        _("title"), help_text=_("Prints above the title of each session.")
    )
    office = TranslatedField(
        _("issuing office"),
        max_length=200,
        blank=True,
        help_text=_("Prints in the masthead of the note and on the agenda."),
    )
    contact = TranslatedField(
        _("contact"),
        max_length=1000,
        multiline=True,
        blank=True,
        help_text=_("Prints at the foot of the agenda. Markdown."),
    )
    notice = TranslatedField(
        _("notice"),
        max_length=200,
        blank=True,
        help_text=_(
            "Prints on every page and in every document: "
            "“Demonstration, not an official document”."
        ),
    )
    logo = models.BinaryField(_("logo"), null=True, blank=True, editable=True)
    logo_text = TranslatedField(
        _("logo in words"),
        max_length=120,
        blank=True,
        help_text=_("Read aloud in place of the logo."),
    )
    languages = models.JSONField(
        _("languages"), default=english_only, validators=[check_languages]
    )
    needs_second_person = models.BooleanField(
        _("issued by a second person"),
        default=False,
        help_text=_("Whoever saved the last change to a session does not issue it."),
    )

    class Meta:
        verbose_name = _("conference")
        verbose_name_plural = _("conferences")
        ordering = ["slug"]
        constraints = bounded(
            "conference",
            slug=60,
            title=3000,
            office=2000,
            contact=7000,
            notice=2000,
            logo_text=1200,
            languages=100,
        )

    def __str__(self) -> str:
        return said(self.title)

    def clean(self) -> None:
        if self.slug in _RESERVED:
            raise ValidationError(
                {"slug": _("This address is taken by Rostrum itself: choose another.")}
            )


class Room(models.Model):
    """A place to meet: a room in a building."""

    code = models.CharField(
        _("code"), max_length=12, unique=True, default=new_code, editable=False
    )
    venue = TranslatedField(
        _("venue"), max_length=120, help_text=_("The building: “Palais des Nations”.")
    )
    name = TranslatedField(
        _("room"), max_length=80, blank=True, help_text=_("“Room XIX”.")
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("The order of rooms side by side.")
    )

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["position", "pk"]
        constraints = bounded("room", code=12, venue=1500, name=1000)

    def __str__(self) -> str:
        # In the words' own language, not the reader's: the history keeps the name.
        parts = [pick(words(text), "en") for text in (self.venue, self.name)]
        return comma_of(parts[0].language).join(
            part.text for part in parts if part.text
        )


class Session(models.Model):
    """A session of a conference: what one agenda and one procedural note describe."""

    class PageSize(models.TextChoices):
        A4 = "A4", _("A4")
        LETTER = "Letter", _("US Letter")

    class TimeStyle(models.TextChoices):
        POINT = "point", _("10.00–13.00")
        COLON = "colon", _("10:00–13:00")
        HALF_DAYS = "half-days", _("10 a.m.–1 p.m.")

    class MissingTranslations(models.TextChoices):
        DECLARED = (
            "declared",
            _("the main language prints, and page and note say so"),
        )
        STOPS = "stops", _("the session is not issued")

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        CANCELLED = "cancelled", _("cancelled")

    conference = models.ForeignKey(
        Conference,
        verbose_name=_("conference"),
        on_delete=models.PROTECT,
        related_name="sessions",
    )
    slug = models.CharField(
        _("address"),
        max_length=60,
        validators=[slug_of_two_or_more],
        help_text=_("Part of the public address. Cannot change once issued."),
    )
    title = TranslatedField(
        _("title"), help_text=_("Heads the agenda: “Third informal thematic session”.")
    )
    note_title = TranslatedField(
        _("title of the note"),
        blank=True,
        help_text=_(
            "Heads the procedural note: “Procedural note for the third informal "
            "thematic session”."
        ),
    )
    theme = TranslatedField(
        _("theme"),
        max_length=600,
        blank=True,
        help_text=_("Prints under the title, in quotation marks on the note."),
    )
    symbol = WordsField(
        _("document symbol"),
        max_length=60,
        blank=True,
        help_text=_("Prints at the top of the note. Informal papers have none."),
    )
    city = TranslatedField(
        _("city"), max_length=80, help_text=_("Prints before the dates.")
    )
    room = models.ForeignKey(
        Room,
        verbose_name=_("room"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sessions",
        help_text=_("Where every meeting takes place that names no room of its own."),
    )
    zone = models.CharField(
        _("time zone"),
        max_length=60,
        validators=[check_zone],
        help_text=_("Region and city: Europe/Zurich. All times are of this zone."),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    languages = models.JSONField(
        _("languages"),
        default=english_only,
        validators=[check_languages],
        help_text=_("The languages in which the session is issued."),
    )
    primary_language = models.CharField(
        _("main language"),
        max_length=10,
        choices=[(code, NATIVE_NAMES[code]) for code in LANGUAGE_CODES],
        default="en",
        help_text=_("The language in which the texts are written first."),
    )
    missing_translations = models.CharField(
        _("where a translation is missing"),
        max_length=10,
        choices=MissingTranslations,
        default=MissingTranslations.DECLARED,
        help_text=_(
            "Declared, it reads “Issued in English only”, or which parts are marked as "
            "such."
        ),
    )
    page_size = models.CharField(
        _("page size"), max_length=10, choices=PageSize, default=PageSize.A4
    )
    time_style = models.CharField(
        _("style of times"), max_length=10, choices=TimeStyle, default=TimeStyle.POINT
    )
    prints_to_be_confirmed = models.BooleanField(
        _("print “(TBC)”"),
        default=True,
        help_text=_("After the name of everybody who is still to be confirmed."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.ACTIVE
    )
    # Says where staff find it, and nothing to readers.
    is_archived = models.BooleanField(
        _("in the archive"), default=False, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-starts_on", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["conference", "slug"],
                name="session_address_is_unique_in_its_conference",
                violation_error_message=_(
                    "Another session of this conference has this address."
                ),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="session_ends_on_or_after_its_first_day",
                violation_error_message=_("The last day is before the first day."),
            ),
            *bounded(
                "session",
                slug=60,
                title=3000,
                note_title=3000,
                theme=5000,
                symbol=60,
                city=1000,
                zone=60,
                languages=100,
            ),
        ]

    def __str__(self) -> str:
        return said(self.title, self.primary_language)

    def clean(self) -> None:
        for name in ("starts_on", "ends_on"):
            date = getattr(self, name)
            if date and date.year not in _YEARS:
                raise ValidationError(
                    {
                        name: _("Choose a year from %(first)d to %(last)d.")
                        % {"first": _YEARS[0], "last": _YEARS[-1]}
                    }
                )
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError(
                {
                    "ends_on": _(
                        "The last day is before the first day: choose a later one."
                    )
                }
            )
        if self.primary_language and self.primary_language not in (
            self.languages or []
        ):
            raise ValidationError(
                {"primary_language": _("Choose one of the languages of the session.")}
            )
        # Django calls this also when a field was refused, and hands on what was typed.
        if self.pk and is_zone(self.zone) and not self._state.adding:
            self._check_times_exist()

    def _check_times_exist(self) -> None:
        for slot in Slot.objects.filter(day__session=self).select_related("day"):
            try:
                slot.check_times(slot.day.date, self.zone)
            except ValidationError as error:
                raise ValidationError({"zone": error.messages}) from error


class Day(models.Model):
    """A printed day of a session. What happens after midnight stays on it."""

    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        on_delete=models.CASCADE,
        related_name="days",
    )
    date = models.DateField(_("date"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("day")
        verbose_name_plural = _("days")
        ordering = ["session", "date"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "date"],
                name="day_has_a_date_of_its_own_in_the_session",
                violation_error_message=_("The session has this day already."),
            ),
        ]

    def __str__(self) -> str:
        return self.date.isoformat()

    def clean(self) -> None:
        session = self.session if self.session_id or self._has_session() else None
        if session is None or not self.date or not session.starts_on:
            return
        if not session.starts_on <= self.date <= (session.ends_on or dt.date.max):
            raise ValidationError(
                {
                    "date": _(
                        "The session lasts from %(first)s to %(last)s. Choose a date "
                        "of it, or change the session’s dates first."
                    )
                    % {"first": session.starts_on, "last": session.ends_on}
                }
            )
        if self.pk and is_zone(session.zone):
            for slot in self.slots.all():
                try:
                    slot.check_times(self.date, session.zone)
                except ValidationError as error:
                    raise ValidationError({"date": error.messages}) from error

    def _has_session(self) -> bool:
        # A day typed beside a session that is not saved yet has it in memory only.
        return "session" in self._state.fields_cache


class Slot(models.Model):
    """One row of the programme: an opening, a panel, a lunch, a side event."""

    Kind = Kind

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", pgettext_lazy("slot", "scheduled")
        POSTPONED = "postponed", pgettext_lazy("slot", "postponed")
        CANCELLED = "cancelled", pgettext_lazy("slot", "cancelled")

    code = models.CharField(
        _("code"), max_length=12, unique=True, default=new_code, editable=False
    )
    day = models.ForeignKey(
        Day, verbose_name=_("day"), on_delete=models.CASCADE, related_name="slots"
    )
    position = models.PositiveIntegerField(
        _("order"),
        default=100,
        help_text=_("Among slots that start at the same time or have no time."),
    )
    kind = models.CharField(
        _("kind"), max_length=30, choices=Kind, default=Kind.SESSION
    )
    start = models.TimeField(_("start"), null=True, blank=True)
    end = models.TimeField(_("end"), null=True, blank=True)
    ends_next_day = models.BooleanField(
        _("ends after midnight"),
        default=False,
        help_text=_("The end is on the next date; the slot stays on this day."),
    )
    when = TranslatedField(
        _("words in place of a time"),
        max_length=120,
        blank=True,
        help_text=_("Prints when there is no start: “upon conclusion of the panel”."),
    )
    title = TranslatedField(
        _("title"), help_text=_("Prints in bold after the label of a panel.")
    )
    text = TranslatedField(
        _("text"),
        max_length=20_000,
        multiline=True,
        blank=True,
        help_text=_(
            "The concept, under the title. Markdown: blank lines between paragraphs, "
            "*italic*, **bold**, lists, links; [^key] at the end calls a footnote."
        ),
    )
    aside = TranslatedField(
        _("aside"),
        max_length=200,
        blank=True,
        help_text=_("Prints at the other end of the row: “Space for side events”."),
    )
    room = models.ForeignKey(
        Room,
        verbose_name=_("room"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="slots",
        help_text=_("Only where it is not the session’s room."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.SCHEDULED
    )
    is_printed = models.BooleanField(
        _("printed"),
        default=True,
        help_text=_("When not ticked, the slot is for the secretariat alone."),
    )
    is_parallel = models.BooleanField(
        _("meant as parallel"),
        default=False,
        help_text=_("Takes place at the same time as others on purpose."),
    )
    part_of = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="parts",
        help_text=_("The slot within which this one takes place."),
    )
    agenda_item = WordsField(
        _("agenda item"), max_length=60, blank=True, help_text=_("“3 (a)”.")
    )
    interpretation = models.JSONField(
        _("interpretation"),
        default=list,
        blank=True,
        validators=[check_interpretation],
        help_text=_("The languages into which the slot is interpreted."),
    )
    webcast = models.URLField(_("webcast"), max_length=500, blank=True)
    internal_note = NotesField(
        _("internal note"),
        max_length=4000,
        blank=True,
        help_text=_("For the secretariat. Never public."),
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ["day", F("start").asc(nulls_last=True), "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__isnull=True)
                | Q(end__isnull=True)
                | Q(ends_next_day=True)
                | Q(end__gt=F("start")),
                name="slot_ends_after_it_starts",
                violation_error_message=_("The slot ends before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(start__isnull=False),
                name="slot_with_an_end_has_a_start",
                violation_error_message=_("A slot with an end needs a start."),
            ),
            models.CheckConstraint(
                condition=Q(ends_next_day=False) | Q(end__isnull=False),
                name="slot_that_ends_after_midnight_has_an_end",
                violation_error_message=_("Type the time at which the slot ends."),
            ),
            models.CheckConstraint(
                condition=~Q(part_of=F("id")),
                name="slot_is_not_part_of_itself",
                violation_error_message=_("A slot cannot be part of itself."),
            ),
            *bounded(
                "slot",
                code=12,
                when=1500,
                title=3000,
                text=130_000,
                aside=2000,
                agenda_item=60,
                interpretation=100,
                webcast=500,
                internal_note=4000,
            ),
        ]

    def __str__(self) -> str:
        start = f"{self.start:%H.%M} " if self.start else ""
        return f"{start}{said(self.title)}"

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        if (
            self.start
            and self.end
            and not self.ends_next_day
            and self.end <= self.start
        ):
            errors["end"] = _(
                "The slot ends at %(end)s, before or when it starts (%(start)s). Type "
                "a later end, or tick “ends after midnight”."
            ) % {"end": f"{self.end:%H.%M}", "start": f"{self.start:%H.%M}"}
        elif self.end and not self.start:
            errors["start"] = _("Type the start too: a slot with an end needs one.")
        elif self.ends_next_day and not self.end:
            errors["end"] = _("Type the time at which the slot ends.")
        if errors:
            raise ValidationError(errors)
        if self.day_id:
            self.check_times(self.day.date, self.day.session.zone)

    def check_times(self, date: dt.date, zone: str) -> None:
        """Raises ValidationError, at start or end, for a time that the clocks of
        `zone` leave out on `date`."""
        for field, wall, on in (
            ("start", self.start, date),
            ("end", self.end, date + dt.timedelta(days=int(self.ends_next_day))),
        ):
            if wall is not None:
                try:
                    instant(on, wall, zone)
                except ValidationError as error:
                    raise ValidationError({field: error}) from error


class SlotDocument(models.Model):
    """A document before a slot: symbol, title, address."""

    slot = models.ForeignKey(
        Slot, verbose_name=_("slot"), on_delete=models.CASCADE, related_name="documents"
    )
    position = models.PositiveIntegerField(_("order"), default=100)
    symbol = WordsField(_("symbol"), max_length=60, blank=True)
    title = TranslatedField(_("title"))
    address = models.URLField(_("address"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("document of a slot")
        verbose_name_plural = _("documents of slots")
        ordering = ["slot", "position", "pk"]
        constraints = bounded("slotdocument", symbol=60, title=3000, address=500)

    def __str__(self) -> str:
        return " ".join(part for part in (self.symbol, said(self.title)) if part)


class Panel(models.Model):
    """What only a panel has: its number or label, and its guiding questions. Its title
    and concept are the slot's."""

    slot = models.OneToOneField(
        Slot, verbose_name=_("slot"), on_delete=models.CASCADE, related_name="panel"
    )
    number = models.PositiveSmallIntegerField(
        _("number"),
        null=True,
        blank=True,
        help_text=_("Prints as “Panel 2” before the title."),
    )
    label = TranslatedField(
        _("label"),
        max_length=60,
        blank=True,
        help_text=_("Prints in place of the number: “Summary panel”."),
    )
    questions = TranslatedField(
        _("guiding questions"),
        max_length=6000,
        multiline=True,
        blank=True,
        help_text=_("Prints under the concept. Markdown."),
    )

    class Meta:
        verbose_name = _("panel")
        verbose_name_plural = _("panels")
        ordering = ["slot"]
        constraints = bounded("panel", label=1000, questions=40_000)

    def __str__(self) -> str:
        if label := said(self.label):
            return label
        if self.number:
            return gettext("Panel %(number)d") % {"number": self.number}
        return gettext("Panel")


class Line(models.Model):
    """One line of a slot, printed where it is listed: a text, a participant, or both.
    A line with a participant and no text belongs to the text line above it."""

    class Status(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        TO_BE_CONFIRMED = "to_be_confirmed", _("to be confirmed")
        DECLINED = "declined", _("declined (not printed)")
        WITHDRAWN = "withdrawn", _("withdrawn (printed struck through)")
        REPLACED = "replaced", _("replaced (not printed)")

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", _("in person")
        REMOTE = "remote", _("by video link")
        VIDEO_MESSAGE = "video_message", _("by video message")

    code = models.CharField(
        _("code"), max_length=12, unique=True, default=new_code, editable=False
    )
    slot = models.ForeignKey(
        Slot, verbose_name=_("slot"), on_delete=models.CASCADE, related_name="lines"
    )
    position = models.PositiveIntegerField(_("order"), default=100)
    text = TranslatedField(
        _("text"),
        max_length=600,
        blank=True,
        help_text=_(
            "“Welcome remarks by the co-facilitators”. People print at {people}, or "
            "below as bullets or a closing line."
        ),
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
    )
    holders_of = models.ForeignKey(
        Role,
        verbose_name=_("holders of"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lines_by_reference",
        help_text=_("Everybody named with this role elsewhere in the session."),
    )
    unnamed = TranslatedField(
        _("somebody unnamed"),
        max_length=200,
        blank=True,
        help_text=_("“Representative of the public”."),
    )
    role = models.ForeignKey(
        Role,
        verbose_name=_("role"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
    )
    honorific = TranslatedField(
        _("honorific here"),
        max_length=60,
        null=True,
        blank=True,
        help_text=_("Replaces the one of the person’s record, in all languages."),
    )
    function = TranslatedField(
        _("function here"),
        max_length=400,
        null=True,
        blank=True,
        help_text=_("Replaces the one of the person’s record, in all languages."),
    )
    state = TranslatedField(
        _("State here"),
        max_length=120,
        null=True,
        blank=True,
        help_text=_("Replaces the one of the person’s record, in all languages."),
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status, default=Status.CONFIRMED
    )
    mode = models.CharField(
        _("mode"), max_length=20, choices=Mode, default=Mode.IN_PERSON
    )
    internal_note = NotesField(
        _("internal note"),
        max_length=2000,
        blank=True,
        help_text=_("For the secretariat. Never public."),
    )

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["slot", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(person__isnull=True, holders_of__isnull=True)
                    | Q(person__isnull=True, unnamed={})
                    | Q(holders_of__isnull=True, unnamed={})
                ),
                name="line_has_at_most_one_participant",
                violation_error_message=_(
                    "Choose one: a person, the holders of a role, or somebody unnamed."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(
                    text={}, person__isnull=True, holders_of__isnull=True, unnamed={}
                ),
                name="line_has_a_text_or_a_participant",
                violation_error_message=_("Type a text or choose who is named here."),
            ),
            *bounded(
                "line",
                code=12,
                text=5000,
                unnamed=2000,
                honorific=1200,
                function=4000,
                state=1500,
                internal_note=2000,
            ),
        ]

    def __str__(self) -> str:
        return said(self.text) or str(self.person or self.holders_of or "…")

    def clean(self) -> None:
        for words_of_line in words(self.text).values():
            rest = words_of_line.replace(PEOPLE, "", 1)
            if "{" in rest or "}" in rest:
                raise ValidationError(
                    {
                        "text": _(
                            "Curly brackets stand only for {people}, once in a text. "
                            "Take the others out."
                        )
                    }
                )


class Footnote(models.Model):
    """A note that a text calls with [^key]; numbered where it is first called."""

    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        on_delete=models.CASCADE,
        related_name="footnotes",
    )
    key = models.SlugField(
        _("key"), max_length=40, help_text=_("[^key] at the end of a text calls it.")
    )
    text = TranslatedField(
        _("text"),
        max_length=4000,
        multiline=True,
        help_text=_("Prints at the foot of the page. Markdown."),
    )

    class Meta:
        verbose_name = _("footnote")
        verbose_name_plural = _("footnotes")
        ordering = ["session", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "key"],
                name="footnote_key_is_unique_in_its_session",
                violation_error_message=_("Another footnote has this key."),
            ),
            *bounded("footnote", key=40, text=26_000),
        ]

    def __str__(self) -> str:
        return f"[^{self.key}]"


class Section(models.Model):
    """Free text beside the programme: background, modalities of participation."""

    class Place(models.TextChoices):
        BEFORE = "before", _("before the table")
        AFTER = "after", _("after the table")

    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        on_delete=models.CASCADE,
        related_name="sections",
    )
    position = models.PositiveIntegerField(_("order"), default=100)
    place = models.CharField(
        _("place"), max_length=10, choices=Place, default=Place.AFTER
    )
    heading = TranslatedField(_("heading"), max_length=200)
    text = TranslatedField(
        _("text"),
        max_length=20_000,
        multiline=True,
        help_text=_("Markdown; [^key] at the end calls a footnote."),
    )

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["session", "position", "pk"]
        constraints = bounded("section", heading=2000, text=130_000)

    def __str__(self) -> str:
        return said(self.heading)


class EditionQuerySet(models.QuerySet["Edition"]):
    def of(self, session: Session) -> EditionQuerySet:
        """The editions of a session, the newest first."""
        return self.filter(session=session).order_by("-number")


class StatusWord(models.TextChoices):
    """What an edition calls itself."""

    NONE = "", _("none")
    PROVISIONAL = "provisional", _("provisional")
    ADVANCE = "advance", _("advance")
    FINAL = "final", _("final")


class Edition(models.Model):
    """An issued programme with its documents. Written once by issuing.issue() and never
    changed: the database refuses it."""

    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        on_delete=models.PROTECT,
        related_name="editions",
    )
    number = models.PositiveIntegerField(_("number"))
    label = models.CharField(_("label"), max_length=20, blank=True)
    status_word = models.CharField(
        _("status word"), max_length=20, choices=StatusWord, blank=True
    )
    issued_at = models.DateTimeField(_("issued at"))
    as_at = models.DateTimeField(_("as at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("issued by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    remark = TranslatedField(_("remark"), max_length=600, multiline=True, blank=True)
    # Number, label and as-at of the edition before, as the documents print them.
    supersedes = models.JSONField(_("supersedes"), null=True)
    check_code = models.CharField(
        _("code on the document"), max_length=12, unique=True, default=new_check_code
    )
    programme = models.JSONField(_("programme"))
    programme_digest = models.CharField(_("digest of the programme"), max_length=64)
    digest = models.CharField(_("digest"), max_length=64, unique=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["session", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "number"],
                name="edition_number_is_unique_in_its_session",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="edition_number_starts_at_one"
            ),
            *bounded(
                "edition",
                label=20,
                status_word=20,
                remark=4000,
                check_code=12,
                programme_digest=64,
                digest=64,
            ),
        ]

    def __str__(self) -> str:
        label = f" ({self.label})" if self.label else ""
        return f"{self.session}: {self.number}{label}"


class Document(models.Model):
    """A document of an edition, as it was issued."""

    edition = models.ForeignKey(
        Edition,
        verbose_name=_("edition"),
        on_delete=models.PROTECT,
        related_name="documents",
    )
    language = models.CharField(_("language"), max_length=10)
    name = models.CharField(_("name"), max_length=40)
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    pages = models.PositiveIntegerField(_("pages"))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["edition", "name", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "name", "language"],
                name="document_is_unique_in_its_edition",
            ),
            *bounded("document", language=10, name=40, sha256=64),
        ]

    def __str__(self) -> str:
        return f"{self.edition}: {self.name} ({self.language})"


class Withdrawal(models.Model):
    """An edition taken back; the session's address says so until the next issue."""

    edition = models.OneToOneField(
        Edition,
        verbose_name=_("edition"),
        on_delete=models.PROTECT,
        related_name="withdrawal",
    )
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    reason = TranslatedField(_("reason"), max_length=600, multiline=True)

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ["-at"]
        constraints = bounded("withdrawal", reason=4000)

    def __str__(self) -> str:
        return str(self.edition)


class Redaction(models.Model):
    """The removal of one person's data from issued editions: who asked, who did it and
    why. While it is open (`closed_at` empty), the database lets editions change."""

    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        on_delete=models.PROTECT,
        related_name="redactions",
    )
    person_code = models.CharField(_("code of the person"), max_length=12)
    at = models.DateTimeField(_("at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    reason = NotesField(_("reason"), max_length=2000)

    class Meta:
        verbose_name = _("redaction")
        verbose_name_plural = _("redactions")
        ordering = ["-at"]
        constraints = bounded("redaction", person_code=12, reason=2000)

    def __str__(self) -> str:
        return f"{self.session}: {self.person_code}"


class Issuance(models.Model):
    """An edition on its way: the programme and imprint as they were frozen, and how far
    the making of its documents has come. It is issued at once, or at its minute `at`;
    void when another edition came first, when the programme changed while it was made,
    or when somebody called it off."""

    class State(models.TextChoices):
        MAKING = "making", _("being made")
        WAITING = "waiting", _("waiting for its minute")
        ISSUED = "issued", _("issued")
        VOID = "void", _("void")

    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        on_delete=models.PROTECT,
        related_name="issuances",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    at = models.DateTimeField(_("to be issued at"), null=True, blank=True)
    number = models.PositiveIntegerField(_("number"))
    label = models.CharField(_("label"), max_length=20, blank=True)
    imprint = models.JSONField(_("imprint"))
    programme = models.JSONField(_("programme"))
    programme_digest = models.CharField(_("digest of the programme"), max_length=64)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.MAKING
    )
    step = models.CharField(_("step"), max_length=200, blank=True)
    steps_done = models.PositiveIntegerField(_("steps done"), default=0)
    steps = models.PositiveIntegerField(_("steps"), default=0)
    heard_at = models.DateTimeField(_("last heard of"), default=timezone.now)
    message = WordsField(_("message"), max_length=600, blank=True)
    edition = models.OneToOneField(
        Edition,
        verbose_name=_("edition"),
        on_delete=models.PROTECT,
        null=True,
        related_name="issuance",
    )

    class Meta:
        verbose_name = _("edition on its way")
        verbose_name_plural = _("editions on their way")
        ordering = ["-asked_at"]
        constraints = bounded(
            "issuance",
            label=20,
            programme_digest=64,
            state=10,
            step=200,
            message=600,
        )

    def __str__(self) -> str:
        label = f" ({self.label})" if self.label else ""
        return f"{self.session}: {self.number}{label}"


class PreparedDocument(models.Model):
    """A document of an edition that waits for its minute."""

    issuance = models.ForeignKey(
        Issuance,
        verbose_name=_("edition on its way"),
        on_delete=models.CASCADE,
        related_name="documents",
    )
    language = models.CharField(_("language"), max_length=10)
    name = models.CharField(_("name"), max_length=40)
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("prepared document")
        verbose_name_plural = _("prepared documents")
        ordering = ["issuance", "name", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuance", "name", "language"],
                name="prepared_document_is_unique_in_its_issuance",
            ),
            *bounded("prepareddocument", language=10, name=40),
        ]

    def __str__(self) -> str:
        return f"{self.issuance}: {self.name} ({self.language})"


class Acknowledgement(models.Model):
    """A warning that staff saw and let stand, with the reason. `key` tells the warning
    (problems.Problem.key): when it says something else, it is a new one."""

    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        on_delete=models.CASCADE,
        related_name="acknowledgements",
    )
    key = models.CharField(_("key"), max_length=64)
    sentence = WordsField(_("warning"), max_length=1000)
    reason = NotesField(_("reason"), max_length=600)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("acknowledged warning")
        verbose_name_plural = _("acknowledged warnings")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "key"],
                name="warning_is_acknowledged_once_in_its_session",
            ),
            *bounded("acknowledgement", key=64, sentence=1000, reason=600),
        ]

    def __str__(self) -> str:
        return self.sentence


class Duty(models.Model):
    """What somebody does for a conference, or for every conference when none is named.
    Each duty includes those before it."""

    class Kind(models.TextChoices):
        READER = "reader", _("Reader")
        EDITOR = "editor", _("Editor")
        PUBLISHER = "publisher", _("Publisher")
        ADMINISTRATOR = "administrator", _("Administrator")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="duties",
    )
    conference = models.ForeignKey(
        Conference,
        verbose_name=_("conference"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="duties",
        help_text=_("Nothing here: every conference."),
    )
    kind = models.CharField(_("duty"), max_length=20, choices=Kind, default=Kind.READER)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ["user", "conference"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "conference"],
                name="duty_is_one_in_its_conference",
                violation_error_message=_(
                    "This account has a duty in this conference already."
                ),
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(conference=None),
                name="duty_in_every_conference_is_one",
                violation_error_message=_(
                    "This account has a duty in every conference already."
                ),
            ),
            *bounded("duty", kind=20),
        ]

    def __str__(self) -> str:
        where = self.conference or _("every conference")
        return f"{self.user.get_username()}: {self.get_kind_display()}, {where}"


class SavedChange(models.Model):
    """One act of staff: who and when. An act that changed rows is kept by
    history.keep() with what it changed in each, and can be taken back; an act of issuing
    is kept by issuing, in its own transaction, with `remark` for what it was about."""

    class Act(models.TextChoices):
        SAVED = "saved", _("saved")
        MOVED = "moved", _("moved")
        SWAPPED = "swapped", _("swapped")
        COPIED = "copied", _("copied")
        REPLACED = "replaced", _("replaced")
        MERGED = "merged", _("merged")
        DELETED = "deleted", _("deleted")
        TAKEN_BACK = "taken_back", _("taken back")
        # Acts of issuing change no row of the programme: there is nothing to take back.
        ISSUED = "issued", _("issued")
        SCHEDULED = "scheduled", _("scheduled for its minute")
        CALLED_OFF = "called_off", _("called off")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REDACTED = "redacted", _("redacted")

    ISSUING = frozenset(
        {Act.ISSUED, Act.SCHEDULED, Act.CALLED_OFF, Act.WITHDRAWN, Act.REDACTED}
    )

    at = models.DateTimeField(_("at"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        on_delete=models.CASCADE,
        null=True,
        related_name="changes",
    )
    act = models.CharField(_("act"), max_length=12, choices=Act, default=Act.SAVED)
    takes_back = models.OneToOneField(
        "self",
        verbose_name=_("takes back"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="taken_back_by",
    )
    remark = NotesField(_("remark"), max_length=600, blank=True)

    class Meta:
        verbose_name = _("saved change")
        verbose_name_plural = _("saved changes")
        ordering = ["-pk"]
        constraints = bounded("savedchange", act=12, remark=600)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H.%M}: {self.get_act_display()}"


class ChangedRow(models.Model):
    """What a SavedChange changed in one row and its parts: `differences` lists
    [place, field, before, after] as history.py writes and reads them."""

    change = models.ForeignKey(
        SavedChange,
        verbose_name=_("change"),
        on_delete=models.CASCADE,
        related_name="rows",
    )
    place = models.PositiveIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=20)
    key = models.PositiveBigIntegerField(_("key"))
    name = models.CharField(_("name"), max_length=300)
    differences = models.JSONField(_("differences"), encoder=PlainEncoder)

    class Meta:
        verbose_name = _("changed row")
        verbose_name_plural = _("changed rows")
        ordering = ["change", "place"]
        indexes = [models.Index(fields=["kind", "key"], name="changed_row_by_key")]
        constraints = bounded("changedrow", kind=20, name=300)

    def __str__(self) -> str:
        return self.name
