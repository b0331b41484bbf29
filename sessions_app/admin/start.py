"""The start page: each conference with its sessions, how they stand, and the next thing
to do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from sessions_app import telling
from sessions_app.admin.history import told_of
from sessions_app.admin.state import SessionState, states_of
from sessions_app.models import Conference, SavedChange, Session

# Beyond the latest so many, a session is listed without being composed and checked.
_MOST_STATED = 30
_LATEST_CHANGES = 6


@dataclass(frozen=True)
class ConferenceShown:
    """A conference with the states of its sessions, the latest first."""

    conference: Conference
    states: tuple[SessionState, ...]


def start_page(request: HttpRequest) -> HttpResponse:
    """The desk, for whoever may see sessions; others get the list of what they may see,
    and are told."""
    context = {
        **admin.site.each_context(request),
        "title": gettext("Programme desk"),
        "app_list": admin.site.get_app_list(request),
    }
    if request.user.has_perm("sessions_app.view_session"):
        context |= {"may_see": True, **_sessions(request)}
    return render(request, "admin/desk/start.html", context)


def _sessions(request: HttpRequest) -> dict[str, object]:
    sessions = list(
        Session.objects.select_related("conference")
        .defer("conference__logo")
        .order_by("conference__slug", "-starts_on", "slug")
    )
    open_ones = [s for s in sessions if not s.is_archived]
    latest = sorted(open_ones, key=lambda s: s.starts_on, reverse=True)[:_MOST_STATED]
    states = states_of(
        [s for s in open_ones if s in latest],
        may_issue=request.user.has_perm("sessions_app.add_edition"),
    )
    grouped = groupby(states, key=lambda state: state.session.conference)
    changes = SavedChange.objects.select_related("by", "session", "taken_back_by")
    reader = telling.Reader(
        changes.prefetch_related("rows").order_by("-pk")[:_LATEST_CHANGES]
    )
    return {
        "conferences": [ConferenceShown(c, tuple(found)) for c, found in grouped],
        "empty_conferences": Conference.objects.filter(sessions=None).defer("logo"),
        "others": [s for s in sessions if s not in latest],
        "has_conference": Conference.objects.exists(),
        "may_add": request.user.has_perm("sessions_app.add_session"),
        "may_add_conference": request.user.has_perm("sessions_app.add_conference"),
        "told": told_of(request, reader),
    }
