"""Everybody who is not confirmed yet, by session and by State."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from sessions_app import duties, page_dates
from sessions_app.admin.participant import said_of
from sessions_app.compose import record_of
from sessions_app.models import Line, Session, Slot, said
from speakers.admin import folded


@dataclass(frozen=True)
class Awaited:
    """Somebody whose confirmation is awaited, at one place."""

    line: Line
    name: str
    function: str
    where: str
    state: str


@dataclass(frozen=True)
class StateAwaited:
    """Those of one State, or of none ("")."""

    name: str
    people: tuple[Awaited, ...]


@dataclass(frozen=True)
class SessionAwaited:
    """Those of one session, by State in alphabetical order, those of none at the
    end; `may_change` whether whoever looks may confirm them."""

    session: Session
    states: tuple[StateAwaited, ...]
    may_change: bool

    @property
    def count(self) -> int:
        return sum(len(state.people) for state in self.states)


def unconfirmed_page(request: HttpRequest) -> HttpResponse:
    """The list, each name leading to the page on which it is confirmed or replaced."""
    duties.require(request.user, "sessions_app.view_slot")
    context = {
        **admin.site.each_context(request),
        "title": gettext("To be confirmed"),
        "sessions": awaited(request.user),
    }
    return render(request, "admin/desk/unconfirmed.html", context)


def awaited(user: Any) -> list[SessionAwaited]:
    """Everybody who is to be confirmed in a slot that prints and is not cancelled, of a
    session that is active and that `user` may see; the sessions in the order of their
    dates. One query."""
    lines = (
        duties.seen_by(user, Line.objects)
        .filter(
            status=Line.Status.TO_BE_CONFIRMED,
            slot__is_printed=True,
            slot__day__session__status=Session.Status.ACTIVE,
            slot__day__session__is_archived=False,
        )
        .exclude(slot__status=Slot.Status.CANCELLED)
        .exclude(person=None, unnamed={})
        .select_related("slot__day__session", "person__merged_into", "role")
        .order_by(
            "slot__day__session__starts_on",
            "slot__day__session",
            "slot__day__date",
            "slot__start",
            "slot__position",
            "slot",
            "position",
            "pk",
        )
    )
    found: dict[Session, list[Awaited]] = {}
    for line in lines:
        found.setdefault(line.slot.day.session, []).append(_awaited(line))
    return [
        SessionAwaited(
            session,
            tuple(_by_state(people)),
            may_change=user.has_perm("sessions_app.change_slot", session),
        )
        for session, people in found.items()
    ]


def _awaited(line: Line) -> Awaited:
    primary = line.slot.day.session.primary_language
    record = record_of(line)
    function = record.function if record and line.function is None else line.function
    state = record.state if record and line.state is None else line.state
    date = page_dates.short_day(line.slot.day.date)
    parts = [date, str(line.slot), str(line.role or "")]
    return Awaited(
        line=line,
        name=said_of(line),
        function=said(function, primary),
        where=" · ".join(filter(None, parts)),
        state=said(state, primary),
    )


def _by_state(people: Iterable[Awaited]) -> list[StateAwaited]:
    found: dict[str, list[Awaited]] = {}
    for one in people:
        found.setdefault(one.state, []).append(one)
    names = sorted(found, key=lambda name: (not name, folded(name)))
    return [StateAwaited(name, tuple(found[name])) for name in names]
