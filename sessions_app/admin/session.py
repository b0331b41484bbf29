"""The page of a session: what heads it, its days, sections and footnotes, and the list
of its slots as they print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app.admin import issue, preview
from sessions_app.admin.forms import ProgrammeFormSet, VersionedForm
from sessions_app.admin.languages import languages_field
from sessions_app.admin.order import OrderedFormSet, count_in_tens
from sessions_app.admin.pages import (
    ProgrammeStacked,
    ProgrammeTabular,
    VersionedAdmin,
    in_each_language,
)
from sessions_app.admin.slot import times_in_words
from sessions_app.compose import compose
from sessions_app.models import Day, Edition, Footnote, Section, Session, Slot, said
from sessions_app.programme import pick
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
class SlotLink:
    """A slot in the list of the session page."""

    code: str
    address: str
    times: str
    label: str
    title: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class DayLinks:
    """A day with its slots in printed order, those that do not print at the end."""

    heading: str
    address_to_add: str
    slots: tuple[SlotLink, ...]


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
                    "primary_language",
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

    def primary_language(self, request: HttpRequest, obj: Session | None) -> str:
        typed = request.POST.get("primary_language")
        if typed in LANGUAGE_CODES:
            return typed
        return obj.primary_language if obj else super().primary_language(request, obj)

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

    def get_readonly_fields(
        self, request: HttpRequest, obj: Session | None = None
    ) -> Any:
        shown = super().get_readonly_fields(request, obj)
        return [*shown, "conference", "slug"] if obj and _is_issued(obj) else shown

    def why_not_deleted(self, obj: Session) -> str:
        if _is_issued(obj):
            return gettext(
                "This session was issued, so it stays: its editions are kept for good. "
                "Set its status to “cancelled” or “archived” instead."
            )
        return ""

    def get_urls(self) -> list[URLPattern]:
        pages = [
            ("issue/", issue.issue_page, "issue"),
            ("preview/", preview.preview_agenda, "preview"),
            ("preview/note.pdf", preview.preview_note, "preview_note"),
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
        if context["original"] is not None:
            context["days"] = list(links_of(context["original"]))
            context["may_issue"] = request.user.has_perm("sessions_app.add_edition")
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


def links_of(session: Session) -> Iterator[DayLinks]:
    """The days of a session with links to their slots, in the order in which they
    print."""
    primary = session.primary_language
    programme = compose(session)
    printed = {slot.code: slot for slot in programme.slots}
    places = {code: place for place, code in enumerate(printed)}
    days = session.days.order_by("date").prefetch_related(
        Prefetch("slots", Slot.objects.select_related("day__session"))
    )
    for day in days:
        slots = sorted(day.slots.all(), key=lambda s: places.get(s.code, len(places)))
        yield DayLinks(
            heading=formats.date_format(day.date, "l j F Y"),
            address_to_add=(f"{reverse('admin:sessions_app_slot_add')}?day={day.pk}"),
            slots=tuple(
                SlotLink(
                    code=slot.code,
                    address=reverse("admin:sessions_app_slot_change", args=[slot.pk]),
                    times=times_in_words(slot),
                    label=(
                        pick(printed[slot.code].label, primary, primary).text
                        if slot.code in printed
                        else ""
                    ),
                    title=said(slot.title, primary) or slot.code,
                    remarks=tuple(_remarks(slot)),
                )
                for slot in slots
            ),
        )


def _remarks(slot: Slot) -> Iterator[str]:
    if not slot.is_printed:
        yield gettext("not printed")
    if slot.status != Slot.Status.SCHEDULED:
        yield slot.get_status_display()


def _is_issued(session: Session) -> bool:
    return session.editions.exists()
