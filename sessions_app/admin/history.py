"""The history of a row in sentences, and the button that takes a change back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from sessions_app import duties, history, page_dates, taking_back, telling
from sessions_app.models import (
    ChangedRow,
    Conference,
    Edition,
    SavedChange,
    Session,
    Slot,
)

_PER_PAGE = 30


@dataclass(frozen=True)
class Told:
    """A saved change as the page tells it."""

    change: SavedChange
    when: str
    sentences: tuple[telling.Sentence, ...]
    was_taken_back: bool
    may_be_taken_back: bool


def history_of(request: HttpRequest, row: Model) -> HttpResponse:
    """The page of what was saved of a row; of a session, with all that belongs to it
    and with its editions."""
    context: dict[str, Any] = {
        "row": row,
        "opts": row._meta,
        "title": gettext("History"),
        "subtitle": str(row),
        "back": reverse(
            f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]
        ),
    }
    if isinstance(row, Session):
        editions = Edition.objects.of(row).select_related("issued_by")
        context["editions"] = [
            (edition, page_dates.moment_there(edition.issued_at, row))
            for edition in editions.defer("programme")
        ]
    changes = seen_by(request.user, history.changes_of(row))
    return _page(request, changes, context)


def history_of_all(request: HttpRequest) -> HttpResponse:
    """The page of everything that was saved, newest first: what was deleted is taken
    back here."""
    duties.require(request.user, "sessions_app.view_savedchange")
    changes = (
        seen_by(request.user, SavedChange.objects.all())
        .select_related("by", "taken_back_by", "session")
        .prefetch_related("rows")
        .order_by("-pk")
    )
    context = {"title": gettext("What was saved"), "names_session": True}
    return _page(request, changes, context)


def told_of(request: HttpRequest, reader: telling.Reader) -> list[Told]:
    """The changes of a reader as pages tell them to whoever asks: no button is shown
    that would be refused."""
    told = []
    for change in reader.changes:
        was_taken_back = hasattr(change, "taken_back_by")
        told.append(
            Told(
                change=change,
                when=page_dates.moment_there(change.at, change.session),
                sentences=tuple(reader.sentences(change)),
                was_taken_back=was_taken_back,
                may_be_taken_back=not was_taken_back
                and change.act not in SavedChange.ISSUING
                and _may_take_back(request, change),
            )
        )
    return told


def _page(
    request: HttpRequest, changes: QuerySet[SavedChange], context: dict[str, Any]
) -> HttpResponse:
    page = Paginator(changes, _PER_PAGE).get_page(request.GET.get("page"))
    whole = {
        **admin.site.each_context(request),
        **context,
        "page": page,
        "told": told_of(request, telling.Reader(page.object_list)),
        "here": request.get_full_path(),
    }
    return render(request, "admin/desk/history.html", whole)


# --- Who sees what ---------------------------------------------------------------


def seen_by(user: Any, changes: QuerySet[SavedChange]) -> QuerySet[SavedChange]:
    """Of `changes`, those of the conferences that somebody may see, and those of
    people, roles and rooms."""
    reach = duties.conferences_for(user, "sessions_app.view_savedchange")
    if reach is None:
        return changes
    hidden = [pk for pk, named in _named_without_session() if not named <= reach]
    of_none = Q(session=None) & ~Q(pk__in=hidden)
    return changes.filter(Q(session__conference__in=reach) | of_none)


# Stands for a conference that is not known any more, and that is within nobody's reach.
_UNKNOWN = 0


def _named_without_session() -> list[tuple[int, set[int]]]:
    """The conferences of each change that has no session: of conferences themselves, and
    of sessions that were deleted with their slots. At most three queries."""
    session, slot = (str(model._meta.model_name) for model in (Session, Slot))
    kinds = [session, slot, str(Conference._meta.model_name)]
    rows = list(ChangedRow.objects.filter(change__session=None, kind__in=kinds))
    of_rows = _living(Session, session, rows) | _living(Slot, slot, rows)
    of_changes: dict[int, set[int]] = {}
    for row in rows:
        named = set(_conferences_of_session(row))
        if row.kind not in {session, slot}:
            named = {row.key}
        of_changes.setdefault(row.change_id, set()).update(named)
    for row in rows:
        # A session and its slots are deleted by one act.
        of_rows.setdefault((row.kind, row.key), set()).update(of_changes[row.change_id])
    for row in rows:
        of_changes[row.change_id] |= of_rows[row.kind, row.key] or {_UNKNOWN}
    return list(of_changes.items())


def _living(
    model: Any, kind: str, rows: Iterable[ChangedRow]
) -> dict[tuple[str, int], set[int]]:
    """Kind and key to the conference, of the rows that are there still."""
    keys = {row.key for row in rows if row.kind == kind}
    if not keys:
        return {}
    way = "conference" if model is Session else "day__session__conference"
    found = model.objects.filter(pk__in=keys).values_list("pk", way)
    return {(kind, pk): {conference} for pk, conference in found}


def _conferences_of_session(row: ChangedRow) -> Iterator[int]:
    """Those to which a session belonged before or after a change."""
    if row.kind == Session._meta.model_name:
        for place, name, value in history.values_in(row):
            if not place and name == "conference" and value is not None:
                yield value


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a change back and returns to the page from which that was asked."""
    changes = seen_by(request.user, SavedChange.objects.select_related("session"))
    change = get_object_or_404(changes, pk=pk)
    for right, conference in _rights(change):
        duties.require(request.user, right, conference)
    try:
        taking_back.take_back(change, request.user)
    except taking_back.NotTakenBack as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("Taken back: it is as it was before."))
    return HttpResponseRedirect(_whence(request))


def _may_take_back(request: HttpRequest, change: SavedChange) -> bool:
    """Whoever may do by hand what taking back does to each row. Of an act that changed
    no row, there is nothing to take back."""
    rights = _rights(change)
    return bool(rights) and all(
        request.user.has_perm(right, conference) for right, conference in rights
    )


def _rights(change: SavedChange) -> list[tuple[str, Conference]]:
    """What taking back needs: each permission with a conference in which it is needed,
    one without a key when it is not known any more."""
    rows = list(change.rows.all())
    named: set[int | None] = set()
    for row in rows:
        named.update(_conferences_of_session(row))
    if change.session:
        named.add(change.session.conference_id)
    needed: dict[tuple[str, int | None], None] = {}
    for row in rows:
        keys = {row.key} if row.kind == Conference._meta.model_name else named
        for key in keys or {None}:
            needed[_right(row.kind, taking_back.undone_by(row)), key] = None
    return [(right, Conference(pk=key)) for right, key in needed]


def _right(kind: str, act: str) -> str:
    """The right to an act on a kind of row. Of a kind that is no more, nobody has it
    but whoever has all rights."""
    model = history.model_of(kind)
    application = model._meta.app_label if model else "sessions_app"
    return f"{application}.{act}_{kind}"


def _whence(request: HttpRequest) -> str:
    """The page of ours that the form names, else the start page."""
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return back
    return reverse("admin:index")
