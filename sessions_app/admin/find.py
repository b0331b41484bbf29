"""Finds anything by a few words: sessions, slots and people, without regard to accents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from sessions_app import duties, page_dates
from sessions_app.models import Session, Slot, said
from sessions_app.translated import words
from speakers.admin import folded, is_called, people_holding

_MOST = 8
# So many slots are read for a search: the latest ones.
_MOST_READ = 5000


@dataclass(frozen=True)
class Found:
    """A row that was found: its words, what tells it apart, and its page."""

    words: str
    about: str
    address: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind."""

    name: str
    found: tuple[Found, ...]


def find_page(request: HttpRequest) -> HttpResponse:
    """What fits `?q=`; with `?part` the results alone, for the box of every page."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:200]
    context: dict[str, Any] = {"typed": typed, "groups": find(request, typed)}
    if "part" in request.GET:
        return render(request, "admin/desk/found.html", context)
    context |= {**admin.site.each_context(request), "title": gettext("Find")}
    return render(request, "admin/desk/find.html", context)


def find(request: HttpRequest, typed: str) -> list[Group]:
    """The sessions, slots and people that hold each of the words in `typed`, at most
    eight of each; only what the account may see."""
    terms = folded(typed).split()
    if not terms:
        return []
    user = request.user
    sessions = _sessions(duties.seen_by(user, Session.objects.all()), terms)
    slots = _slots(duties.seen_by(user, Slot.objects.all()), terms)
    people = _people(typed) if user.has_perm("speakers.view_person") else []
    groups = [
        Group(gettext("Sessions"), tuple(sessions)),
        Group(gettext("Slots"), tuple(slots)),
        Group(gettext("People"), tuple(people)),
    ]
    return [group for group in groups if group.found]


def _people(typed: str) -> list[Found]:
    people = sorted(people_holding(typed), key=lambda one: not is_called(one, typed))
    return [
        Found(str(one), said(one.function) or said(one.state), _page_of(one))
        for one in people[:_MOST]
    ]


def _sessions(sessions: QuerySet[Session], terms: list[str]) -> list[Found]:
    fitting = _fitting(
        sessions.select_related("conference").defer("conference__logo"),
        terms,
        lambda s: (s.title, s.theme, s.city, s.conference.title, {"": s.slug}),
    )
    return [Found(str(s), str(s.conference), _page_of(s)) for s in fitting]


def _slots(slots: QuerySet[Slot], terms: list[str]) -> list[Found]:
    slots = slots.select_related("day__session", "panel").defer("text")
    fitting = _fitting(
        slots.order_by("-day__date", "start")[:_MOST_READ],
        terms,
        lambda slot: (slot.title, slot.day.session.title, _label(slot)),
    )
    return [Found(str(slot), _about(slot), _page_of(slot)) for slot in fitting]


def _about(slot: Slot) -> str:
    date = page_dates.date(slot.day.date)
    parts = (_label(slot).get("", ""), date, str(slot.day.session))
    return " · ".join(filter(None, parts))


def _label(slot: Slot) -> dict[str, str]:
    """The label of a panel: as it was typed, else with its number."""
    panel = getattr(slot, "panel", None)
    if panel is None:
        return {}
    if words(panel.label) or not panel.number:
        return {"": str(panel), **words(panel.label)}
    if slot.kind == Slot.Kind.ROUND_TABLE:
        label = gettext("Round table %(number)d")
    else:
        label = gettext("Panel %(number)d")
    return {"": label % {"number": panel.number}}


def _fitting(rows: Iterable[Any], terms: list[str], texts: Any) -> list[Any]:
    """The rows whose `texts` hold each of the folded `terms`, at most so many; first
    those of which a text is just what was typed."""
    exactly, others = [], []
    for row in rows:
        held = [folded(said) for text in texts(row) for said in words(text).values()]
        if " ".join(terms) in held:
            exactly.append(row)
        elif all(term in " ".join(held) for term in terms):
            others.append(row)
    return [*exactly, *others][:_MOST]


def _page_of(row: Model) -> str:
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
