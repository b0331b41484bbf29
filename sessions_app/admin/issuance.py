"""An edition on its way, as the page shows it while it is made and waits; and the pages
that call it off and that take an issued edition back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from sessions_app import duties, issuing, page_dates
from sessions_app.models import Document, Edition, Issuance, Session
from sessions_app.outputs.addresses import agenda_address
from sessions_app.translated import NATIVE_NAMES, TranslatedFormField, words

# Of a worker that says nothing for so long, staff are told.
_SILENCE = dt.timedelta(seconds=20)


@never_cache
@require_safe
def issuance_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an edition on its way is. `?part=1` gives what changes on the page, for
    its script; without scripts the page reads itself again."""
    issuance = _issuance(request, pk, "view_session")
    context = _progress(request, issuance)
    if request.GET.get("part"):
        return render(request, "admin/desk/progress.html", context)
    session = issuance.session
    context |= {
        **admin.site.each_context(request),
        "title": gettext("Edition %(number)d") % {"number": issuance.number},
        "subtitle": str(session),
        "opts": Session._meta,
    }
    return render(request, "admin/desk/issuance.html", context)


def _progress(request: HttpRequest, issuance: Issuance) -> dict[str, Any]:
    session, now = issuance.session, timezone.now()
    is_late = (
        issuance.state == Issuance.State.WAITING
        and issuance.at is not None
        and now > issuance.at + _SILENCE
    )
    is_silent = (
        issuance.state == Issuance.State.MAKING and now > issuance.heard_at + _SILENCE
    )
    return {
        "session": session,
        "issuance": issuance,
        "name": issuing.name_of(issuance),
        "minute": page_dates.moment_there(issuance.at, session) if issuance.at else "",
        "is_moving": issuance.state == Issuance.State.MAKING,
        "is_waiting": issuance.state == Issuance.State.WAITING,
        "is_issued": issuance.state == Issuance.State.ISSUED,
        "is_without_worker": is_late or is_silent,
        "may_issue": request.user.has_perm("sessions_app.add_edition", session),
        "asked": page_dates.moment_there(issuance.asked_at, session),
        "issued_in": _issued_in(issuance),
    }


@dataclass(frozen=True)
class IssuedIn:
    """An edition in one language: the address of its agenda, under which its documents
    stand."""

    language: str
    name: str
    address: str
    documents: tuple[Document, ...]


def _issued_in(issuance: Issuance) -> list[IssuedIn]:
    if issuance.edition is None:
        return []
    session = issuance.session
    documents = list(issuance.edition.documents.defer("content"))
    return [
        IssuedIn(
            code,
            NATIVE_NAMES[code],
            agenda_address(
                code, session.conference.slug, session.slug, issuance.number
            ),
            tuple(each for each in documents if each.language == code),
        )
        for code in issuance.programme["languages"]
    ]


@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Hands an edition that nobody works on to the worker once more."""
    issuance = _issuance(request, pk, "add_edition")
    issuing.carry_out.enqueue(issuance.pk)
    return HttpResponseRedirect(reverse("desk:issuance", args=[pk]))


@require_POST
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an edition off its way, and says so on its page."""
    issuance = _issuance(request, pk, "add_edition")
    try:
        issuing.call_off(issuance, request.user)  # type: ignore[arg-type]
    except issuing.NotIssued as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("desk:issuance", args=[pk]))


def _issuance(request: HttpRequest, pk: int, right: str) -> Issuance:
    """The edition on its way. Raises Http404 where the user may not see its session,
    PermissionDenied with a sentence where the user may see it and no more."""
    rows = Issuance.objects.select_related("session__conference", "edition", "by")
    issuance: Issuance = duties.found(
        request.user,
        rows.defer("session__conference__logo", "edition__programme"),
        f"sessions_app.{right}",
        pk=pk,
    )
    return issuance


# --- Withdrawing ------------------------------------------------------------------


class WithdrawForm(forms.Form):
    """Why an edition is taken back, in words for readers."""

    reason = TranslatedFormField(
        label=_("Reason, for readers"),
        max_length=600,
        multiline=True,
        empty_value={},
        help_text=_(
            "Stands in place of the programme: “The meeting is postponed. A new "
            "programme follows.” Name no person."
        ),
    )

    def __init__(self, session: Session, *args: Any) -> None:
        super().__init__(*args)
        reason: Any = self.fields["reason"]
        reason.set_primary(session.primary_language)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what withdrawing an edition does, asks for the reason, and does it."""
    rows = Edition.objects.select_related("session__conference", "withdrawal")
    edition = duties.found(
        request.user, rows.defer("programme"), "sessions_app.add_withdrawal", pk=pk
    )
    typed = request.POST if request.method == "POST" else None
    form = WithdrawForm(edition.session, typed)
    if (
        request.method == "POST"
        and form.is_valid()
        and _withdraw(request, edition, form)
    ):
        page = reverse("admin:sessions_app_session_change", args=[edition.session_id])
        return HttpResponseRedirect(page)
    newest = Edition.objects.of(edition.session).values_list("pk", flat=True).first()
    context = {
        **admin.site.each_context(request),
        "title": gettext("Withdraw"),
        "subtitle": str(edition.session),
        "session": edition.session,
        "edition": edition,
        "name": issuing.name_of(edition),
        "is_newest": newest == edition.pk,
        "is_withdrawn": hasattr(edition, "withdrawal"),
        "form": form,
    }
    return render(request, "admin/desk/withdraw.html", context)


def _withdraw(request: HttpRequest, edition: Edition, form: WithdrawForm) -> bool:
    """Whether the edition was taken back; if not, the form says why."""
    reason = words(form.cleaned_data["reason"])
    try:
        issuing.withdraw(edition, request.user, reason)  # type: ignore[arg-type]
    except (issuing.NotIssued, issuing.NotMirrored) as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(
        request,
        gettext("%(edition)s is withdrawn: readers are told so.")
        % {"edition": capfirst(issuing.name_of(edition))},
    )
    return True
