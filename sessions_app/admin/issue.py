"""The page on which a session is issued: what will be issued, what changed, and what
the edition says of itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sessions_app import issuing
from sessions_app.admin.forms import TIME_FORMATS
from sessions_app.changes import compare
from sessions_app.compose import compose
from sessions_app.models import Edition, Session, StatusWord
from sessions_app.outputs.addresses import agenda_address
from sessions_app.outputs.pdf import PdfRefused
from sessions_app.programme import Programme, ProgrammeUnreadable, canonical, from_json
from sessions_app.translated import NATIVE_NAMES, TranslatedFormField, normalize, words
from sessions_app.zones import instant

_REVISION = re.compile(r"Rev\.([0-9]{1,4})$")


class IssueForm(forms.Form):
    """What the next edition of a session says of itself."""

    label = forms.CharField(
        label=_("Label"),
        max_length=20,
        required=False,
        help_text=_(
            "Printed after the title: “Rev.1”, “Corr.1”, or nothing. The number counts "
            "by itself."
        ),
    )
    status_word = forms.ChoiceField(
        label=_("Status word"), choices=StatusWord.choices, required=False
    )
    as_at_date = forms.DateField(
        label=_("As at: date"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    as_at_time = forms.TimeField(
        label=_("As at: time"),
        input_formats=TIME_FORMATS,
        widget=forms.TimeInput({"class": "time-typed"}, TIME_FORMATS[0]),
    )
    remark = TranslatedFormField(
        label=_("Remark"),
        max_length=600,
        multiline=True,
        empty_value={},
        required=False,
        help_text=_(
            "For readers: why there is a new edition. Prints under the list of "
            "editions: “Panel 2: new moderator”."
        ),
    )

    def __init__(self, session: Session, *args: Any, proposed: str = "") -> None:
        self.zone = session.zone
        super().__init__(*args)
        self.initial["label"] = next_label(session)
        if proposed:
            self.initial["remark"] = {session.primary_language: proposed}
        now = timezone.now().astimezone(ZoneInfo(session.zone))
        self.initial["as_at_date"], self.initial["as_at_time"] = now.date(), now.time()
        zone = _("In %(zone)s.") % {"zone": session.zone}
        self.fields["as_at_time"].help_text = zone
        remark: Any = self.fields["remark"]
        remark.set_primary(session.primary_language)

    def clean_label(self) -> str:
        return normalize(self.cleaned_data["label"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "as_at_date" in cleaned and "as_at_time" in cleaned:
            try:
                cleaned["as_at"] = instant(
                    cleaned["as_at_date"], cleaned["as_at_time"], self.zone
                )
            except (ValidationError, OverflowError) as error:
                self.add_error("as_at_time", _as_validation_error(error))
        return cleaned


def next_label(session: Session) -> str:
    """The label to propose: none for the first edition, then the next revision."""
    labels = list(Edition.objects.of(session).values_list("label", flat=True))
    revisions = [int(found[1]) for label in labels if (found := _REVISION.match(label))]
    return f"Rev.{max(revisions, default=0) + 1}" if labels else ""


def _as_validation_error(error: Exception) -> ValidationError:
    if isinstance(error, ValidationError):
        return error
    return ValidationError(_("Choose a date of our time."))


@dataclass(frozen=True)
class ChangeLine:
    """A changed field: its address, and what it prints before and after."""

    address: str
    before: str
    after: str


@dataclass(frozen=True)
class Prospect:
    """What would be issued now."""

    programme: Programme
    digest: str
    number: int
    newest: Edition | None
    changes: tuple[ChangeLine, ...]
    note: str


def prospect_of(session: Session) -> Prospect:
    """The draft of a session beside its newest edition."""
    programme = compose(session)
    newest = Edition.objects.of(session).first()
    changes, note = _changes(newest, programme)
    return Prospect(
        programme=programme,
        digest=programme.digest,
        number=newest.number + 1 if newest else 1,
        newest=newest,
        changes=changes,
        note=note,
    )


def _changes(
    newest: Edition | None, programme: Programme
) -> tuple[tuple[ChangeLine, ...], str]:
    """What changed since the newest edition; a sentence where there is nothing to
    list."""
    if newest is None:
        return (), gettext("This will be the first edition.")
    try:
        before = from_json(canonical(newest.programme))
    except ProgrammeUnreadable as error:
        return (), gettext(
            "The newest edition cannot be read by this release (%(why)s), so the "
            "changes cannot be listed."
        ) % {"why": error}
    found = compare(before, programme)
    if not found:
        return (), gettext(
            "The draft prints the same as edition %(number)d. Issue it again only for "
            "another label, status word or date."
        ) % {"number": newest.number}
    lines = (
        ChangeLine(c.address, _printed(c.before), _printed(c.after)) for c in found
    )
    return tuple(lines), ""


def _printed(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return "–" if value is None else str(value)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def issue_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what would be issued; issues it when it is sent, and only what was seen."""
    if not request.user.has_perm("sessions_app.add_edition"):
        raise PermissionDenied
    session = get_object_or_404(Session.objects.select_related("conference"), pk=pk)
    form = IssueForm(
        session, request.POST or None, proposed=request.GET.get("remark", "")[:600]
    )
    if request.method == "POST" and form.is_valid():
        edition = _issue(request, session, form)
        if edition is not None:
            return _issued(request, session, edition)
    return _page(request, session, form)


def _issue(request: HttpRequest, session: Session, form: IssueForm) -> Edition | None:
    """The new edition, or None with the reason on the form."""
    try:
        return issuing.issue(
            session,
            by=request.user if request.user.is_authenticated else None,
            label=form.cleaned_data["label"],
            status_word=form.cleaned_data["status_word"],
            as_at=form.cleaned_data["as_at"].astimezone(dt.UTC),
            remark=words(form.cleaned_data["remark"]),
            seen_digest=request.POST.get("seen_digest", ""),
            seen_number=_number(request.POST.get("seen_number", "")),
        )
    except (issuing.NotIssued, issuing.NotMirrored, PdfRefused) as refusal:
        form.add_error(None, str(refusal))
        return None


def _number(typed: str) -> int:
    """A number that was sent; 0, which no edition has, for anything else."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def _issued(request: HttpRequest, session: Session, edition: Edition) -> HttpResponse:
    address = agenda_address(
        session.primary_language, session.conference.slug, session.slug, edition.number
    )
    said = render_to_string(
        "admin/sessions_app/session/issued.html",
        {"edition": edition, "address": address},
    )
    messages.success(request, said)
    change = reverse("admin:sessions_app_session_change", args=[session.pk])
    return HttpResponseRedirect(change)


def _page(request: HttpRequest, session: Session, form: IssueForm) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": gettext("Issue"),
        "subtitle": str(session),
        "session": session,
        "opts": Session._meta,
        "form": form,
        "prospect": prospect_of(session),
        "languages": [(code, NATIVE_NAMES[code]) for code in session.languages],
    }
    return render(request, "admin/sessions_app/session/issue.html", context)
