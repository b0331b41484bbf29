"""The page of a conference."""

from __future__ import annotations

import base64
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.duty import DutyInline, let_in
from sessions_app.admin.forms import ProgrammeForm
from sessions_app.admin.languages import languages_field
from sessions_app.admin.logo import MOST_BYTES, WIDEST, LogoField
from sessions_app.admin.pages import ProgrammeAdmin, in_each_language
from sessions_app.models import Conference, Duty, Edition, said


class ConferenceForm(ProgrammeForm):
    """A conference, with its logo as a file."""

    new_logo = LogoField(
        label=_("New logo"),
        required=False,
        help_text=format_lazy(
            _(
                "PNG or JPEG; drawn anew as PNG, at most {width} pixels wide and {size} kB. "
                "Prints in the masthead."
            ),
            width=WIDEST,
            size=MOST_BYTES // 1000,
        ),
    )
    without_logo = forms.BooleanField(label=_("Remove the logo"), required=False)


class StaffInline(DutyInline):
    """The accounts that have a duty in the conference."""

    fields = ["user", "kind"]
    verbose_name_plural = _("Staff of the conference")


@admin.register(Conference)
class ConferenceAdmin(ProgrammeAdmin):
    """Processes that hold sessions."""

    form = ConferenceForm
    list_display = ["title_in_words", "slug", "office_in_words", "sessions_held"]
    list_display_links = ["title_in_words"]
    search_fields = ["slug", *in_each_language("title", "office")]
    readonly_fields = ["logo_shown"]
    inlines = [StaffInline]
    fieldsets = [
        (None, {"fields": ["slug", "languages"]}),
        (_("Masthead"), {"fields": ["office", "title"]}),
        (
            _("Logo"),
            {"fields": ["logo_shown", "new_logo", "without_logo", "logo_text"]},
        ),
        (_("On every page"), {"fields": ["contact", "notice"]}),
        (_("Issuing"), {"fields": ["needs_second_person"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conference]:
        rows: QuerySet[Conference] = super().get_queryset(request)
        return rows.annotate(number_of_sessions=Count("sessions"))

    def primary_language(self, request: HttpRequest, obj: Conference | None) -> str:
        languages = obj.languages if obj else []
        if settings.LANGUAGE_CODE in languages or not languages:
            return settings.LANGUAGE_CODE
        return str(languages[0])

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "languages":
            return languages_field(db_field)
        return super().formfield_for_dbfield(db_field, request, **options)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Conference | None = None
    ) -> Any:
        shown = super().get_readonly_fields(request, obj)
        return [*shown, "slug"] if obj and _is_issued(obj) else shown

    def why_not_deleted(self, obj: Conference) -> str:
        if _is_issued(obj):
            return gettext(
                "A session of this conference was issued, so the conference stays: its "
                "editions are kept for good."
            )
        return ""

    def save_model(
        self, request: HttpRequest, obj: Conference, form: Any, change: bool
    ) -> None:
        if form.cleaned_data["new_logo"]:
            obj.logo = form.cleaned_data["new_logo"]
        elif form.cleaned_data["without_logo"]:
            obj.logo = None
        super().save_model(request, obj, form, change)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: bool
    ) -> None:
        super().save_formset(request, form, formset, change)
        let_in(Duty.objects.filter(conference=form.instance))

    @admin.display(description=_("title"), ordering="slug")
    def title_in_words(self, conference: Conference) -> str:
        return said(conference.title)

    @admin.display(description=_("issuing office"))
    def office_in_words(self, conference: Conference) -> str:
        return said(conference.office)

    @admin.display(description=_("sessions"), ordering="number_of_sessions")
    def sessions_held(self, conference: Any) -> int:
        return int(conference.number_of_sessions)

    @admin.display(description=_("Logo"))
    def logo_shown(self, conference: Conference) -> str:
        png = base64.b64encode(bytes(conference.logo or b"")).decode()
        return render_to_string(
            "admin/sessions_app/conference/logo.html",
            {"png": png, "text": said(conference.logo_text)},
        )


def _is_issued(conference: Conference) -> bool:
    return Edition.objects.filter(session__conference=conference).exists()
