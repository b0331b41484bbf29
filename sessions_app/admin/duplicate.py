"""A session from a former one, a day from another, and the archive in the place of
deletion."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from sessions_app import duties, history, page_dates
from sessions_app.copying import (
    copy_day,
    copy_session,
    proposed_first_day,
    weekday_changes,
)
from sessions_app.models import Day, SavedChange, Session, Slot
from sessions_app.translated import direction

_DATE = forms.DateInput({"type": "date"}, "%Y-%m-%d")


class DuplicateForm(forms.Form):
    """What a session made from a former one is called, and when it begins."""

    title = forms.CharField(
        label=_("Title"),
        max_length=300,
        widget=forms.TextInput({"class": "vTextField"}),
    )
    slug = forms.CharField(
        label=_("Address"),
        max_length=60,
        widget=forms.TextInput({"class": "vTextField"}),
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
    sessions = Session.objects.select_related("conference")
    session = duties.found(request.user, sessions, "sessions_app.add_session", pk=pk)
    first_day = _proposed(session)
    data = request.POST if request.method == "POST" else None
    form = DuplicateForm(data, initial={"first_day": first_day})
    form.fields["title"].widget.attrs |= {
        "lang": session.primary_language,
        "dir": direction(session.primary_language),
    }
    if form.is_valid():
        first_day = form.cleaned_data["first_day"]
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


def _proposed(session: Session) -> dt.date | None:
    try:
        return proposed_first_day(session, timezone.localdate())
    except OverflowError:
        # A session of the last year that calendars have.
        return None


def _duplicated(
    request: HttpRequest, session: Session, form: DuplicateForm
) -> Session | None:
    typed = form.cleaned_data
    try:
        with history.recorded(request.user, None, SavedChange.Act.COPIED) as recording:
            fresh = copy_session(
                session,
                slug=typed["slug"],
                title={session.primary_language: typed["title"]},
                first_day=typed["first_day"],
                with_people=typed["with_people"],
            )
            slots = Slot.objects.filter(day__session=fresh)
            recording.added(fresh, *slots.order_by("pk"))
            # Told on the page of the session that it made.
            recording.session = fresh
            return fresh
    except ValidationError as error:
        _tell(form, error)
    except IntegrityError:
        # Made from another session of the conference in the same moment.
        form.add_error(
            "slug",
            gettext(
                "Another session of this conference has the address “%(slug)s”. Choose "
                "one that is not taken."
            )
            % {"slug": typed["slug"]},
        )
    return None


def copy_day_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Copies a day, with all that it holds, to another date of its session."""
    days = Day.objects.select_related("session__conference")
    day = duties.found(request.user, days, "sessions_app.add_slot", pk=pk)
    session = day.session
    data = request.POST if request.method == "POST" else None
    form = CopyDayForm(data, initial={"date": _free_date(session)})
    form.fields["date"].help_text = _dates_to_choose(session)
    if form.is_valid():
        fresh = _copied(request, day, form)
        if fresh is not None:
            messages.success(request, gettext("The day was copied."))
            return HttpResponseRedirect(reverse("desk:grid", args=[fresh.pk]))
    return _page(
        request,
        form,
        session,
        title=gettext("Copy %(day)s") % {"day": page_dates.day_in_sentence(day.date)},
        dates=[],
        button=gettext("Copy the day"),
    )


def _copied(request: HttpRequest, day: Day, form: CopyDayForm) -> Day | None:
    try:
        with history.recorded(
            request.user, day.session, SavedChange.Act.COPIED
        ) as recording:
            _held(day.session, recording)
            fresh = copy_day(day, form.cleaned_data["date"])
            recording.added(*fresh.slots.order_by("pk"))
            history.next_version(day.session)
            return fresh
    except ValidationError as error:
        _tell(form, error)
        return None


@require_POST
def archive_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts a session into the archive (`archive=1`) or takes it out: the sessions of
    the archive are out of the way on the desk, and stay as they are for readers."""
    session = duties.found(
        request.user, Session.objects.all(), "sessions_app.change_session", pk=pk
    )
    is_archived = request.POST.get("archive") == "1"
    with history.recorded(request.user, session, SavedChange.Act.SAVED) as recording:
        session = _held(session, recording)
        if session.is_archived != is_archived:
            session.is_archived = is_archived
            session.save(update_fields=["is_archived"])
            history.next_version(session)
    messages.success(
        request,
        gettext("The session is in the archive, and stays as it is for readers.")
        if is_archived
        else gettext("The session is on the desk again."),
    )
    return HttpResponseRedirect(_page_of(session))


def _held(session: Session, recording: history.Recording) -> Session:
    """The session as it is when nobody else saves it any more; watched from there, so
    that what somebody else saved a moment before is no part of this act."""
    held = Session.objects.select_for_update().get(pk=session.pk)
    recording.watch(held)
    return held


def _dates_to_choose(session: Session) -> str:
    """What is said beside the date of a new day."""
    span = {
        "first": page_dates.date(session.starts_on),
        "last": page_dates.date(session.ends_on),
    }
    if _free_date(session) is None:
        return (
            gettext(
                "Every date from %(first)s to %(last)s is a day already: change the "
                "last day of the session first."
            )
            % span
        )
    return gettext("From %(first)s to %(last)s, a date that is no day yet.") % span


def _free_date(session: Session) -> dt.date | None:
    """The first date of the session that is no day yet."""
    taken = set(session.days.values_list("date", flat=True))
    length = (session.ends_on - session.starts_on).days + 1
    every = (session.starts_on + dt.timedelta(days=n) for n in range(length))
    return next((date for date in every if date not in taken), None)


def _dates(session: Session, first_day: dt.date | None) -> list[tuple[str, str]]:
    """Each day of the session and its date in the copy, in words; nothing when a date
    is so far away that no calendar has it."""
    if first_day is None:
        return []
    try:
        changes = weekday_changes(session, first_day)
    except ValidationError:
        return []
    return [
        (page_dates.day_heading(before), page_dates.day_heading(after))
        for before, after in changes
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
