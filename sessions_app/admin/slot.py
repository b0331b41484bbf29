"""The page of a slot: its panel, its lines and its documents, as they print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app import duties, page_dates
from sessions_app.admin.echo import echo_of
from sessions_app.admin.forms import ProgrammeForm, parse_time_or_none
from sessions_app.admin.languages import languages_field
from sessions_app.admin.order import OrderedFormSet, count_in_tens
from sessions_app.admin.pages import (
    ProgrammeStacked,
    VersionedAdmin,
    in_each_language,
)
from sessions_app.models import (
    Day,
    Line,
    Panel,
    Session,
    Slot,
    SlotDocument,
    said,
)
from sessions_app.translated import words
from speakers.admin import PersonChoice, PersonSelect, in_full
from speakers.models import Role

if TYPE_CHECKING:
    ModelChoiceField = forms.ModelChoiceField[Day]
else:
    ModelChoiceField = forms.ModelChoiceField

_WITH_PANEL = {Slot.Kind.PANEL, Slot.Kind.SUMMARY_PANEL, Slot.Kind.ROUND_TABLE}


class DayChoice(ModelChoiceField):
    """A day by its date, under the session that it belongs to."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{page_dates.day_heading(obj.date)} · {obj.session}"


class PanelInline(ProgrammeStacked):
    """What a slot has when it is a panel."""

    model = Panel
    max_num = 1
    classes = ["compact"]
    fieldsets = [(None, {"fields": ["number", "label", "questions"]})]


class FoldedPanelInline(PanelInline):
    """The same where the slot is no panel so far."""

    classes = ["compact", "collapse"]


class LineForm(ProgrammeForm):
    """One printed line. `printed` is what it prints, word for word, in the main
    language of the session; echo.py fills it in."""

    printed = ""

    @property
    def belongs_above(self) -> bool:
        """Whether the line prints under the text of a line above."""
        return bool(self.instance.pk) and not words(self.instance.text)

    @property
    def is_typed(self) -> bool:
        """Whether somebody typed in the form."""
        return self.is_bound and self.has_changed()


class LineFormSet(OrderedFormSet):
    """The lines of a slot; reads what their inputs offer once for all of them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.roles = [("", "–"), *((role.pk, str(role)) for role in Role.objects.all())]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["role"].choices = self.roles
        form.fields["holders_of"].choices = self.roles
        if form.instance.pk and form.instance.person:
            person = form.instance.person
            form.fields["person"].widget.widget.known = {
                str(person.pk): in_full(person)
            }


class LineInline(ProgrammeStacked):
    """The lines of a slot, in printed order."""

    model = Line
    form = LineForm
    formset = LineFormSet
    template = "admin/sessions_app/slot/lines.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "text",
                    ("person", "role"),
                    ("status", "mode", "position"),
                ]
            },
        ),
        (
            _("Somebody else than a person of the list"),
            {"fields": ["holders_of", "unnamed"], "classes": ["collapse"]},
        ),
        (
            _("Printed otherwise here"),
            {
                "fields": ["honorific", "function", "state", "internal_note"],
                "classes": ["collapse"],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Line]:
        rows: QuerySet[Line] = super().get_queryset(request)
        return rows.select_related("person", "role", "holders_of")

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "person":
            options["widget"] = PersonSelect(db_field, self.admin_site)
            options["form_class"] = PersonChoice
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name in {"role", "holders_of"}:
            field.widget = field.widget.widget
        elif db_field.name == "person":
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field


class SlotDocumentInline(ProgrammeStacked):
    """The documents before a slot."""

    model = SlotDocument
    verbose_name = _("document")
    verbose_name_plural = _("documents")
    formset = OrderedFormSet
    classes = ["collapse", "compact"]
    fieldsets = [(None, {"fields": [("symbol", "position"), "title", "address"]})]


@admin.register(Slot)
class SlotAdmin(VersionedAdmin):
    """The rows of the programme."""

    list_display = [
        "title_in_words",
        "day_in_words",
        "time_in_words",
        "kind",
        "session",
        "status",
        "is_printed",
    ]
    list_display_links = ["title_in_words"]
    list_filter = [
        ("day__session", admin.RelatedOnlyFieldListFilter),
        "kind",
        "status",
        "is_printed",
    ]
    date_hierarchy = "day__date"
    search_fields = [
        "code",
        "lines__person__family_name",
        *in_each_language("title", "lines__person__printed_name"),
    ]
    search_help_text = _("Title, or somebody named in the slot.")
    readonly_fields = ["code"]
    echo_template = "admin/sessions_app/slot/echo.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("day", "kind"),
                    ("start", "end", "ends_next_day"),
                    "title",
                    "room",
                    "text",
                    "aside",
                ]
            },
        ),
        (
            _("Status and more"),
            {
                "fields": [
                    "status",
                    ("is_printed", "is_parallel"),
                    ("part_of", "position"),
                    "when",
                    ("agenda_item", "webcast"),
                    "interpretation",
                ],
                "classes": ["collapse"],
            },
        ),
        (
            _("For the secretariat"),
            {"fields": ["internal_note", "code"], "classes": ["collapse"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Slot]:
        rows: QuerySet[Slot] = super().get_queryset(request)
        return rows.select_related("day__session")

    def echo(self, form: Any, formsets: Sequence[Any]) -> dict[str, Any]:
        return {"echo": echo_of(form, formsets)}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        context["session"] = _session_of(request, context["original"])
        return super().render_change_form(request, context, *args, **options)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        if _session_of(request, None) is None:
            # Of a day that is gone, or that the account may not see.
            initial.pop("day", None)
            initial.pop("part_of", None)
        for name in ("start", "end"):
            time = parse_time_or_none(request.GET.get(name, ""))
            if time is not None:
                initial[name] = time
        if request.GET.get("kind") in Slot.Kind.values:
            initial["kind"] = request.GET["kind"]
        return initial

    def get_inlines(self, request: HttpRequest, obj: Slot | None) -> Any:
        is_panel = obj is None or obj.kind in _WITH_PANEL or hasattr(obj, "panel")
        panel = PanelInline if is_panel else FoldedPanelInline
        return [panel, LineInline, SlotDocumentInline]

    def subtitle(self, row: Slot) -> str:
        return f"{page_dates.day_heading(row.day.date)} · {row.day.session}"

    def primary_language(self, request: HttpRequest, obj: Slot | None) -> str:
        session = _session_of(request, obj)
        if session is None:
            return super().primary_language(request, obj)
        return session.primary_language

    def needed_languages(self, request: HttpRequest, obj: Slot | None) -> Sequence[str]:
        session = _session_of(request, obj)
        return session.languages if session else ()

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "day":
            options["form_class"] = DayChoice
            options["queryset"] = Day.objects.select_related("session")
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "interpretation":
            return languages_field(db_field)
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name == "part_of":
            field.widget = field.widget.widget
        elif db_field.name == "room":
            field.empty_label = gettext("the session’s room")
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def get_form(
        self,
        request: HttpRequest,
        obj: Slot | None = None,
        change: bool = False,
        **options: Any,
    ) -> Any:
        form = super().get_form(request, obj, change, **options)
        session = _session_of(request, obj)
        if session is not None and "day" in form.base_fields:
            day, part_of = form.base_fields["day"], form.base_fields["part_of"]
            day.queryset = day.queryset.filter(session=session)
            slots = Slot.objects.filter(day__session=session).select_related("day")
            part_of.queryset = slots.exclude(pk=obj.pk) if obj else slots
        return form

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        count_in_tens(form.instance.lines.order_by("position", "pk"))
        count_in_tens(form.instance.documents.order_by("position", "pk"))

    def response_post_save_add(
        self, request: HttpRequest, obj: Slot
    ) -> HttpResponseRedirect:
        return _back_to_session(obj)

    def response_post_save_change(
        self, request: HttpRequest, obj: Slot
    ) -> HttpResponseRedirect:
        return _back_to_session(obj)

    @admin.display(description=_("title"))
    def title_in_words(self, slot: Slot) -> str:
        return said(slot.title, slot.day.session.primary_language) or slot.code

    @admin.display(description=_("day"), ordering="day__date")
    def day_in_words(self, slot: Slot) -> str:
        return page_dates.day_heading(slot.day.date)

    @admin.display(description=_("time"), ordering="start")
    def time_in_words(self, slot: Slot) -> str:
        return times_in_words(slot)

    @admin.display(description=_("session"), ordering="day__session")
    def session(self, slot: Slot) -> str:
        return str(slot.day.session)


def _back_to_session(slot: Slot) -> HttpResponseRedirect:
    """To the list of slots from which staff came, at the slot."""
    page = reverse("admin:sessions_app_session_change", args=[slot.day.session_id])
    return HttpResponseRedirect(f"{page}#slot-{slot.code}")


def times_in_words(slot: Slot) -> str:
    """The times of a slot for lists of staff: “10.00–13.00”, or its words."""
    if slot.start is None:
        return said(slot.when, slot.day.session.primary_language)
    return "–".join(f"{at:%H.%M}" for at in (slot.start, slot.end) if at)


def _session_of(request: HttpRequest, slot: Slot | None) -> Session | None:
    """The session of a slot, also of one that is only being entered."""
    if slot is not None:
        return slot.day.session
    day = request.POST.get("day") or request.GET.get("day") or ""
    if not (day.isascii() and day.isdigit()):
        return None
    days = duties.seen_by(request.user, Day.objects.select_related("session"))
    found = days.filter(pk=int(day)).first()
    return found.session if found else None
