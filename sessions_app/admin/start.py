"""The start page: each conference with its sessions, how they stand, and the next thing
to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from sessions_app import duties, telling
from sessions_app.admin.history import seen_by, told_of
from sessions_app.admin.state import SessionState, states_of
from sessions_app.models import Conference, SavedChange, Session

# Beyond the latest so many, a session is listed without being composed and checked.
_MOST_STATED = 30
_LATEST_CHANGES = 6


@dataclass(frozen=True)
class ConferenceShown:
    """A conference with the states of its sessions, the latest first; `may_edit`
    whether whoever looks may add and change them."""

    conference: Conference
    states: tuple[SessionState, ...]
    may_edit: bool


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
    user = request.user
    sessions = list(
        duties.seen_by(user, Session.objects.select_related("conference"))
        .defer("conference__logo")
        .order_by("conference__slug", "-starts_on", "slug")
    )
    open_ones = [s for s in sessions if not s.is_archived]
    latest = sorted(open_ones, key=lambda s: s.starts_on, reverse=True)[:_MOST_STATED]
    changes = seen_by(user, SavedChange.objects.all())
    reader = telling.Reader(
        changes.select_related("by", "session", "taken_back_by")
        .prefetch_related("rows")
        .order_by("-pk")[:_LATEST_CHANGES]
    )
    empty = duties.seen_by(user, Conference.objects.filter(sessions=None))
    return {
        "conferences": _shown(request, [s for s in open_ones if s in latest]),
        "empty_conferences": [
            ConferenceShown(conference, (), _may_edit(request, conference))
            for conference in empty.defer("logo")
        ],
        "others": [s for s in sessions if s not in latest],
        "has_conference": duties.seen_by(user, Conference.objects.all()).exists(),
        "may_add_conference": user.has_perm("sessions_app.add_conference"),
        "told": told_of(request, reader),
    }


def _shown(request: HttpRequest, sessions: list[Session]) -> list[ConferenceShown]:
    states = [
        replace(
            state,
            may_issue=request.user.has_perm("sessions_app.add_edition", state.session),
        )
        for state in states_of(sessions, may_issue=False)
    ]
    return [
        ConferenceShown(conference, tuple(found), _may_edit(request, conference))
        for conference, found in groupby(states, lambda s: s.session.conference)
    ]


def _may_edit(request: HttpRequest, conference: Conference) -> bool:
    return request.user.has_perm("sessions_app.add_session", conference)
