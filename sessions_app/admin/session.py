"""The page of a session: what heads it, its days, sections and footnotes, and the list
of its slots as they print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app import dates, history, page_dates, telling
from sessions_app.admin import (
    duplicate,
    issue,
    parity,
    preview,
    spreadsheets,
    translate,
)
from sessions_app.admin.forms import ProgrammeFormSet, VersionedForm
from sessions_app.admin.history import told_of
from sessions_app.admin.languages import languages_field
from sessions_app.admin.order import OrderedFormSet, count_in_tens
from sessions_app.admin.pages import (
    ProgrammeStacked,
    ProgrammeTabular,
    VersionedAdmin,
    in_each_language,
)
from sessions_app.admin.printed import Printer
from sessions_app.admin.slot import times_in_words
from sessions_app.admin.state import state_of
from sessions_app.models import (
    Day,
    Edition,
    Footnote,
    Room,
    Section,
    Session,
    Slot,
    said,
)
from sessions_app.programme import Programme, SlotEntry
from sessions_app.translated import LANGUAGE_CODES


class ZoneInput(forms.TextInput):
    """A zone of the IANA database, proposed while it is typed."""

    template_name = "admin/widgets/zone.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["zones"] = sorted(z for z in available_timezones() if "/" in z)
        return context


class DayFormSet(ProgrammeFormSet):
    """The days of a session. A day that holds slots stays."""

    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            slots = form.instance.slots.count() if form.instance.pk else 0
            if slots:
                raise forms.ValidationError(
                    _(
                        "%(day)s still holds slots (%(number)d). Move them to another "
                        "day or delete them first; nothing was saved."
                    ),
                    code="holds_slots",
                    params={"day": form.instance, "number": slots},
                )


class DayInline(ProgrammeTabular):
    """The printed days."""

    model = Day
    form = VersionedForm
    formset = DayFormSet
    fields = ["date", "version_seen"]


class SectionInline(ProgrammeStacked):
    """Free text before and after the table."""

    model = Section
    formset = OrderedFormSet
    classes = ["collapse", "compact"]
    fieldsets = [(None, {"fields": [("place", "position"), "heading", "text"]})]


class FootnoteInline(ProgrammeStacked):
    """What [^key] in a text calls."""

    model = Footnote
    classes = ["collapse", "compact"]
    fieldsets = [(None, {"fields": ["key", "text"]})]


@dataclass(frozen=True)
class RowShown:
    """A slot on the page of a session: the row as it will print, or for one that does
    not print, its times and title; where a slot is added behind it, and for a lunch,
    where a side event is added within it."""

    code: str
    row: SafeString | str
    words: str
    address: str
    address_to_add: str
    address_of_side_event: str = ""


@dataclass(frozen=True)
class DayShown:
    """A day with its rows in printed order; those that do not print at the end."""

    day: Day
    heading: str
    address_to_add: str
    rows: tuple[RowShown, ...]


@admin.register(Session)
class SessionAdmin(VersionedAdmin):
    """The sessions, and the way from their rows to an edition."""

    list_display = [
        "title_in_words",
        "conference",
        "city_in_words",
        "starts_on",
        "ends_on",
        "newest_edition",
        "status",
    ]
    list_display_links = ["title_in_words"]
    list_filter = ["status", ("conference", admin.RelatedOnlyFieldListFilter)]
    date_hierarchy = "starts_on"
    search_fields = ["slug", "symbol", *in_each_language("title", "theme", "city")]
    inlines = [DayInline, SectionInline, FootnoteInline]
    fieldsets = [
        (None, {"fields": ["conference", "slug"]}),
        (_("Heading"), {"fields": ["title", "note_title", "theme", "symbol"]}),
        (
            _("Place and dates"),
            {"fields": [("starts_on", "ends_on"), "city", "zone", "room"]},
        ),
        (
            _("Languages and print"),
            {
                "fields": [
                    "languages",
                    ("primary_language", "missing_translations"),
                    ("page_size", "time_style"),
                    "prints_to_be_confirmed",
                ]
            },
        ),
        (_("Standing"), {"fields": ["status"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        rows: QuerySet[Session] = super().get_queryset(request)
        newest = Edition.objects.filter(session=OuterRef("pk")).order_by("-number")
        return (
            rows.select_related("conference")
            .defer("conference__logo")
            .annotate(
                newest_number=Subquery(newest.values("number")[:1]),
                newest_label=Subquery(newest.values("label")[:1]),
            )
        )

    def subtitle(self, row: Session) -> str:
        when = page_dates.date_range(row.starts_on, row.ends_on)
        return " · ".join(filter(None, (when, said(row.city, row.primary_language))))

    def primary_language(self, request: HttpRequest, obj: Session | None) -> str:
        typed = request.POST.get("primary_language")
        if typed in LANGUAGE_CODES:
            return typed
        return obj.primary_language if obj else super().primary_language(request, obj)

    def needed_languages(
        self, request: HttpRequest, obj: Session | None
    ) -> Sequence[str]:
        return obj.languages if obj else ()

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "languages":
            return languages_field(db_field)
        if db_field.name == "zone":
            options["widget"] = ZoneInput({"list": "zones", "class": "vTextField"})
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name in {"room", "conference"}:
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Session | None = None) -> Any:
        first, *others = super().get_fieldsets(request, obj)
        if obj is None:
            return [first, *others]
        # What is seldom changed is folded away under the programme.
        return [
            first,
            *((name, {**held, "classes": ["collapse"]}) for name, held in others),
        ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Session | None = None
    ) -> Any:
        shown = super().get_readonly_fields(request, obj)
        return [*shown, "conference", "slug"] if obj and _is_issued(obj) else shown

    def why_not_deleted(self, obj: Session) -> str:
        if _is_issued(obj):
            return gettext(
                "This session was issued, so it stays: its editions are kept for good. "
                "Put it into the archive instead, or set its status to “cancelled”."
            )
        return ""

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Any, str]] = [
            ("issue/", issue.issue_page, "issue"),
            ("preview/", preview.preview_agenda, "preview"),
            ("preview/note.pdf", preview.preview_note, "preview_note"),
            ("circulation/note.pdf", preview.circulation_note, "circulation"),
            ("duplicate/", duplicate.duplicate_session, "duplicate"),
            ("archive/", duplicate.archive_session, "archive"),
            ("translations/", spreadsheets.translations_page, "translations"),
            ("languages/", parity.languages_page, "languages"),
            ("translate/<slug:language>/", translate.translate_page, "translate"),
        ]
        return [
            path(
                f"<int:pk>/{address}",
                self.admin_site.admin_view(view, cacheable=True),
                name=f"sessions_app_session_{name}",
            )
            for address, view, name in pages
        ] + super().get_urls()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        session = context["original"]
        if session is not None:
            may_issue = request.user.has_perm("sessions_app.add_edition", session)
            may_edit = self.has_change_permission(request, session)
            state = state_of(session, may_issue=may_issue)
            last = history.last_change(session)
            reader = telling.Reader([last] if last else [])
            context |= {
                "state": state,
                "printed": shown(
                    session,
                    state.programme,
                    may_change=may_edit,
                ),
                "rooms": Room.objects.filter(
                    Q(sessions=session) | Q(slots__day__session=session)
                ).distinct(),
                "last": told_of(request, reader),
                "standings": parity.standings_of(session),
                "here": request.get_full_path(),
                "may_issue": may_issue,
                "may_edit": may_edit,
                "is_issued": state.newest is not None,
                "may_withdraw": state.newest is not None
                and not state.is_withdrawn
                and request.user.has_perm("sessions_app.add_withdrawal", session),
            }
        return super().render_change_form(request, context, *args, **options)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        count_in_tens(form.instance.sections.order_by("position", "pk"))

    @admin.display(description=_("title"))
    def title_in_words(self, session: Session) -> str:
        return str(session) or session.slug

    @admin.display(description=_("city"))
    def city_in_words(self, session: Session) -> str:
        return said(session.city, session.primary_language)

    @admin.display(description=_("newest edition"), ordering="newest_number")
    def newest_edition(self, session: Any) -> str:
        if session.newest_number is None:
            return gettext("not issued")
        return f"{session.newest_number} {session.newest_label}".strip()


@dataclass(frozen=True)
class ProgrammeShown:
    """The whole programme as it will print, and the footnotes that it calls."""

    days: tuple[DayShown, ...]
    footnotes: SafeString


def shown(
    session: Session, programme: Programme, *, may_change: bool
) -> ProgrammeShown:
    """The programme of a session for its page, each row with the pages on which it is
    edited. Two queries, whatever the number of slots."""
    slots = Slot.objects.filter(day__session=session).select_related("day__session")
    by_code = {slot.code: slot for slot in slots.order_by("start", "position", "pk")}
    pages = {
        code: reverse("admin:sessions_app_slot_change", args=[slot.pk])
        for code, slot in by_code.items()
    }
    printer = Printer(programme, pages, may_change=may_change)
    entries = {day.date: day.slots for day in programme.days}
    days = tuple(
        DayShown(
            day=day,
            heading=dates.numbered_day(number, day.date, programme.primary_language),
            address_to_add=_address_to_add(day),
            rows=tuple(_rows(day, entries.get(day.date, ()), by_code, printer)),
        )
        for number, day in enumerate(session.days.order_by("date"), start=1)
    )
    return ProgrammeShown(days, printer.footnotes())


def _rows(
    day: Day,
    entries: Sequence[SlotEntry],
    by_code: Mapping[str, Slot],
    printer: Printer,
) -> Iterator[RowShown]:
    for place, entry in enumerate(entries, start=1):
        end = entries[place].start if place < len(entries) else None
        yield RowShown(
            code=entry.code,
            row=printer.row(entry),
            words="",
            address=printer.slot_pages.get(entry.code, ""),
            address_to_add=_address_to_add(day, entry.end, end),
            address_of_side_event=(
                _address_to_add(
                    day,
                    entry.start,
                    entry.end,
                    kind=Slot.Kind.SIDE_EVENT.value,
                    part_of=str(by_code[entry.code].pk),
                )
                if entry.kind == Slot.Kind.LUNCH and entry.code in by_code
                else ""
            ),
        )
    printed = {entry.code for entry in entries}
    for slot in by_code.values():
        if slot.day_id == day.pk and slot.code not in printed:
            title = said(slot.title, slot.day.session.primary_language)
            yield RowShown(
                code=slot.code,
                row="",
                words=" ".join(filter(None, (times_in_words(slot), title))),
                address=printer.slot_pages[slot.code],
                address_to_add="",
            )


def _address_to_add(
    day: Day, start: dt.time | None = None, end: dt.time | None = None, **more: str
) -> str:
    """The page that adds a slot to a day, between two others."""
    typed = {"day": str(day.pk), **more}
    if start:
        typed["start"] = f"{start:%H.%M}"
    if start and end and end > start:
        typed["end"] = f"{end:%H.%M}"
    return f"{reverse('admin:sessions_app_slot_add')}?{urlencode(typed)}"


def _is_issued(session: Session) -> bool:
    return session.editions.exists()
