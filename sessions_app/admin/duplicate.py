"""A session from a former one, a day from another, and the archive in the place of
deletion."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from sessions_app import history
from sessions_app.copying import (
    copy_day,
    copy_session,
    proposed_first_day,
    weekday_changes,
)
from sessions_app.models import Day, SavedChange, Session

_DATE = forms.DateInput({"type": "date"}, "%Y-%m-%d")


class DuplicateForm(forms.Form):
    """What a session made from a former one is called, and when it begins."""

    title = forms.CharField(label=_("Title"), max_length=300)
    slug = forms.CharField(
        label=_("Address"),
        max_length=60,
        help_text=_("Part of the public address: fourth-thematic-session."),
    )
    first_day = forms.DateField(label=_("First day"), widget=_DATE)
    with_people = forms.BooleanField(
        label=_("With the people, each to be confirmed"),
        required=False,
        initial=True,
    )


class CopyDayForm(forms.Form):
    """On which date the copy of a day is held."""

    date = forms.DateField(label=_("Date of the new day"), widget=_DATE)


def duplicate_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes a new session from this one."""
    if not request.user.has_perm("sessions_app.add_session"):
        raise PermissionDenied
    session = get_object_or_404(Session.objects.select_related("conference"), pk=pk)
    first_day = proposed_first_day(session, timezone.localdate())
    form = DuplicateForm(request.POST or None, initial={"first_day": first_day})
    if request.method == "POST" and form.is_valid():
        fresh = _duplicated(request, session, form)
        if fresh is not None:
            messages.success(request, gettext("The new session is here."))
            return HttpResponseRedirect(_page_of(fresh))
    return _page(
        request,
        form,
        session,
        title=gettext("New session from this one"),
        dates=_dates(session, first_day),
        button=gettext("Make the session"),
    )


def _duplicated(
    request: HttpRequest, session: Session, form: DuplicateForm
) -> Session | None:
    typed = form.cleaned_data
    try:
        return copy_session(
            session,
            slug=typed["slug"],
            title={session.primary_language: typed["title"]},
            first_day=typed["first_day"],
            with_people=typed["with_people"],
        )
    except ValidationError as error:
        _tell(form, error)
        return None


def copy_day_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Copies a day, with all that it holds, to another date of its session."""
    if not request.user.has_perm("sessions_app.add_slot"):
        raise PermissionDenied
    day = get_object_or_404(Day.objects.select_related("session__conference"), pk=pk)
    session = day.session
    form = CopyDayForm(request.POST or None, initial={"date": _free_date(session)})
    if request.method == "POST" and form.is_valid():
        fresh = _copied(request, day, form)
        if fresh is not None:
            messages.success(request, gettext("The day was copied."))
            return HttpResponseRedirect(reverse("desk:grid", args=[fresh.pk]))
    return _page(
        request,
        form,
        session,
        title=gettext("Copy %(day)s")
        % {"day": formats.date_format(day.date, "l j F Y")},
        dates=[],
        button=gettext("Copy the day"),
    )


def _copied(request: HttpRequest, day: Day, form: CopyDayForm) -> Day | None:
    try:
        with history.recorded(
            request.user, day.session, SavedChange.Act.COPIED, day.session
        ) as recording:
            fresh = copy_day(day, form.cleaned_data["date"])
            recording.added(*fresh.slots.order_by("pk"))
            history.next_version(day.session)
            return fresh
    except ValidationError as error:
        _tell(form, error)
        return None


@require_POST
def archive_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts a session into the archive, or takes it out: the sessions of the archive
    are out of the way on the desk, and stay as they are for readers."""
    if not request.user.has_perm("sessions_app.change_session"):
        raise PermissionDenied
    session = get_object_or_404(Session, pk=pk)
    is_archived = session.status == Session.Status.ARCHIVED
    with history.recorded(request.user, session, SavedChange.Act.SAVED, session):
        session.status = (
            Session.Status.ACTIVE if is_archived else Session.Status.ARCHIVED
        )
        session.save(update_fields=["status"])
        history.next_version(session)
    messages.success(
        request,
        gettext("The session is on the desk again.")
        if is_archived
        else gettext("The session is in the archive, and stays as it is for readers."),
    )
    return HttpResponseRedirect(_page_of(session))


def _free_date(session: Session) -> dt.date | None:
    """The first date of the session that is no day yet."""
    taken = set(session.days.values_list("date", flat=True))
    length = (session.ends_on - session.starts_on).days + 1
    every = (session.starts_on + dt.timedelta(days=n) for n in range(length))
    return next((date for date in every if date not in taken), None)


def _dates(session: Session, first_day: dt.date) -> list[tuple[str, str]]:
    """Each day of the session and its date in the copy, in words."""
    return [
        (
            formats.date_format(before, "l j F Y"),
            formats.date_format(after, "l j F Y"),
        )
        for before, after in weekday_changes(session, first_day)
    ]


def _tell(form: forms.Form, error: ValidationError) -> None:
    for name, found in error.update_error_dict({}).items():
        form.add_error(name if name in form.fields else None, found)


def _page_of(session: Session) -> str:
    return reverse("admin:sessions_app_session_change", args=[session.pk])


def _page(
    request: HttpRequest, form: forms.Form, session: Session, **more: Any
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        **more,
        "subtitle": str(session),
        "session": session,
        "opts": Session._meta,
        "form": form,
    }
    return render(request, "admin/desk/duplicate.html", context)
