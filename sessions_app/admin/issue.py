"""The page on which a session is issued: what will be issued, what changed, what is
doubtful, and what the edition says of itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sessions_app import duties, issuing, labels, page_dates
from sessions_app.admin import parity
from sessions_app.admin.forms import TIME_FORMATS
from sessions_app.changes import Change, Nature, compare
from sessions_app.checking import Findings, findings_of
from sessions_app.compose import compose
from sessions_app.models import Edition, Issuance, Session, StatusWord
from sessions_app.outputs import changes as told_changes
from sessions_app.problems import Problem
from sessions_app.programme import Former, Programme, ProgrammeUnreadable
from sessions_app.translated import NATIVE_NAMES, TranslatedFormField, normalize, words
from sessions_app.zones import instant

_KINDS = {
    labels.Kind.FIRST: _("First issue, without a label"),
    labels.Kind.REVISION: _(
        "Revision (%(label)s): replaces the edition before, for times, order, rooms, "
        "panels and people"
    ),
    labels.Kind.CORRIGENDUM: _(
        "Corrigendum (%(label)s): corrects names and spelling; a sheet of corrections is "
        "issued with it"
    ),
    labels.Kind.REISSUE: _(
        "Re-issue for technical reasons (%(label)s): the programme is the same"
    ),
}


class IssueForm(forms.Form):
    """What the next edition of a session says of itself, and when it is issued."""

    label = forms.ChoiceField(
        label=_("Label"), widget=forms.RadioSelect, required=False
    )
    own_label = forms.CharField(
        label=_("Another label"),
        max_length=20,
        required=False,
        help_text=_(
            "In place of those above, for editions that were counted elsewhere before: "
            "“Rev.4”."
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
    at_date = forms.DateField(
        label=_("Issue later: date"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("Left empty, it is issued at once."),
    )
    at_time = forms.TimeField(
        label=_("Issue later: time"),
        required=False,
        input_formats=TIME_FORMATS,
        widget=forms.TimeInput({"class": "time-typed"}, TIME_FORMATS[0]),
    )

    def __init__(
        self, session: Session, prospect: Prospect, *args: Any, **options: Any
    ) -> None:
        self.zone = session.zone
        super().__init__(*args, **options)
        choices: Any = self.fields["label"]
        choices.choices = [
            (offer.label, str(_KINDS[offer.kind]) % {"label": offer.label})
            for offer in prospect.offers
        ]
        now = timezone.now().astimezone(ZoneInfo(session.zone))
        self.initial = {
            "label": prospect.label,
            "as_at_date": now.date(),
            "as_at_time": now.time(),
            **self.initial,
        }
        zone = _("In %(zone)s.") % {"zone": session.zone}
        for name in ("as_at_time", "at_time"):
            self.fields[name].help_text = zone
        remark: Any = self.fields["remark"]
        remark.set_primary(session.primary_language)

    def clean_own_label(self) -> str:
        return normalize(self.cleaned_data["own_label"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        self._clean_moment("as_at")
        if bool(cleaned.get("at_date")) != bool(cleaned.get("at_time")):
            missing = "at_time" if cleaned.get("at_date") else "at_date"
            if missing not in self.errors:
                self.add_error(
                    missing, _("Type both date and time, or leave both empty.")
                )
        elif cleaned.get("at_date"):
            self._clean_moment("at")
            at = cleaned.get("at")
            if at is not None and at <= timezone.now():
                self.add_error("at_time", _("Choose a minute that is still to come."))
        return cleaned

    def _clean_moment(self, name: str) -> None:
        """Puts date and time of the place together to an instant."""
        cleaned = self.cleaned_data
        date, time = cleaned.get(f"{name}_date"), cleaned.get(f"{name}_time")
        if date is None or time is None:
            return
        try:
            cleaned[name] = instant(date, time, self.zone).astimezone(dt.UTC)
        except (ValidationError, OverflowError) as error:
            self.add_error(f"{name}_time", _as_validation_error(error))

    def wish(self, request: HttpRequest, findings: Findings) -> issuing.Wish:
        """What was typed, as issuing takes it."""
        cleaned = self.cleaned_data
        return issuing.Wish(
            label=cleaned["own_label"] or cleaned["label"],
            status_word=cleaned["status_word"],
            as_at=cleaned["as_at"],
            remark=words(cleaned["remark"]),
            at=cleaned.get("at"),
            reason=normalize(request.POST.get("reason", "")[:600]),
            reasons={
                warning.key: normalize(request.POST[f"reason-{warning.key}"][:600])
                for warning in findings.warnings
                if request.POST.get(f"reason-{warning.key}")
            },
            seen_digest=request.POST.get("seen_digest", ""),
            seen_number=_number(request.POST.get("seen_number", "")),
        )


def _as_validation_error(error: Exception) -> ValidationError:
    if isinstance(error, ValidationError):
        return error
    return ValidationError(_("Choose a date of our time."))


@dataclass(frozen=True)
class WarningShown:
    """A warning with the reason that was typed for it so far."""

    problem: Problem
    reason: str


@dataclass(frozen=True)
class Prospect:
    """What would be issued now, beside the newest edition. `groups` tell the changes
    since the edition with which the next is compared; `note` stands where there is
    nothing to list; `label` is the one proposed of `offers`."""

    programme: Programme
    digest: str
    number: int
    newest: Edition | None
    former: Former | None
    changes: tuple[Change, ...]
    groups: tuple[told_changes.Group, ...]
    note: str
    offers: tuple[labels.Offer, ...]
    label: str
    findings: Findings

    @property
    def editorial(self) -> int:
        """How many of the changes are editorial."""
        return sum(change.nature == Nature.EDITORIAL for change in self.changes)


def prospect_of(session: Session) -> Prospect:
    """The draft of a session beside its newest edition."""
    programme = compose(session)
    newest = Edition.objects.of(session).defer("programme").first()
    number = newest.number + 1 if newest else 1
    former, note = _former(session, number)
    changes = compare(former.programme, programme) if former else []
    before = list(Edition.objects.of(session).values_list("label", flat=True))
    offers = labels.offers_after(before)
    kind = labels.kind_for(changes) if former else labels.Kind.REVISION
    return Prospect(
        programme=programme,
        digest=programme.digest,
        number=number,
        newest=newest,
        former=former,
        changes=tuple(changes),
        groups=tuple(_told(former, programme, changes)),
        note=note or _note(former, changes),
        offers=tuple(offers),
        label=next((o.label for o in offers if o.kind == kind), offers[0].label),
        findings=findings_of(session, programme),
    )


def _former(session: Session, number: int) -> tuple[Former | None, str]:
    """The edition to compare with, and a sentence when there is none."""
    try:
        former = issuing.former_of(session, number)
    except ProgrammeUnreadable as error:
        return None, gettext(
            "The newest edition cannot be read by this release (%(why)s), so the "
            "changes cannot be listed."
        ) % {"why": error}
    if former is None and number == 1:
        return None, gettext("This will be the first edition.")
    if former is None:
        return None, gettext(
            "Every edition before was withdrawn, so there is nothing to compare with."
        )
    return former, ""


def _note(former: Former | None, changes: list[Change]) -> str:
    if former is None or changes:
        return ""
    return gettext(
        "The draft prints the same as edition %(number)d. Issue it again only for "
        "another label, status word or date."
    ) % {"number": former.imprint.number}


def _told(
    former: Former | None, programme: Programme, changes: list[Change]
) -> list[told_changes.Group]:
    if former is None or not changes:
        return []
    language = get_language() or "en"
    return told_changes.told(former.programme, programme, language, changes)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def issue_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what would be issued; issues it when it is sent, and only what was seen."""
    rows = Session.objects.select_related("conference").defer("conference__logo")
    session = duties.found(request.user, rows, "sessions_app.add_edition", pk=pk)
    prospect = prospect_of(session)
    typed = request.POST if request.method == "POST" else None
    form = IssueForm(session, prospect, typed, initial=_initial(request, session))
    if request.method == "POST" and form.is_valid():
        issuance = _ask(request, session, form, prospect)
        if issuance is not None:
            return HttpResponseRedirect(reverse("desk:issuance", args=[issuance.pk]))
    return _page(request, session, form, prospect)


def _initial(request: HttpRequest, session: Session) -> dict[str, Any]:
    """What stands in the form before anybody types: the remark of the page that led
    here, or what was typed for an edition that was not issued after all."""
    proposed = request.GET.get("remark", "")[:600]
    if proposed:
        return {"remark": {session.primary_language: proposed}}
    void = Issuance.objects.filter(
        session=session,
        state=Issuance.State.VOID,
        pk=_number(request.GET.get("again", "")),
    ).first()
    if void is None:
        return {}
    imprint = void.imprint
    return {
        "remark": imprint.get("remark", {}),
        "status_word": imprint.get("status_word", ""),
    }


def _ask(
    request: HttpRequest, session: Session, form: IssueForm, prospect: Prospect
) -> Issuance | None:
    """The edition on its way, or None with the reason on the form."""
    by = request.user if request.user.is_authenticated else None
    try:
        return issuing.ask(session, by=by, wish=form.wish(request, prospect.findings))
    except issuing.NotIssued as refusal:
        form.add_error(None, str(refusal))
        return None


def _number(typed: str) -> int:
    """A number that was sent; 0, which no edition has, for anything else."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def _page(
    request: HttpRequest, session: Session, form: IssueForm, prospect: Prospect
) -> HttpResponse:
    on_its_way = (
        issuing.on_its_way(session).select_related("by").defer("programme").last()
    )
    context = {
        **admin.site.each_context(request),
        "title": gettext("Issue"),
        "subtitle": str(session),
        "session": session,
        "opts": Session._meta,
        "form": form,
        "prospect": prospect,
        "warnings": [
            WarningShown(problem, request.POST.get(f"reason-{problem.key}", "")[:600])
            for problem in prospect.findings.warnings
        ],
        "reason": request.POST.get("reason", "")[:600],
        "on_its_way": on_its_way,
        "minute": (
            page_dates.moment_there(on_its_way.at, session)
            if on_its_way and on_its_way.at
            else ""
        ),
        "languages": [(code, NATIVE_NAMES[code]) for code in session.languages],
        "standings": [each for each in parity.standings_of(session) if each.left],
    }
    return render(request, "admin/sessions_app/session/issue.html", context)
