"""The history of a row in sentences, and the button that takes a change back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from sessions_app import history, taking_back, telling
from sessions_app.admin.state import moment_there
from sessions_app.models import Edition, SavedChange, Session

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
            (edition, moment_there(edition.issued_at, row))
            for edition in editions.defer("programme")
        ]
    return _page(request, history.changes_of(row), context)


def history_of_all(request: HttpRequest) -> HttpResponse:
    """The page of everything that was saved, newest first: what was deleted is taken
    back here."""
    if not request.user.has_perm("sessions_app.view_session"):
        raise PermissionDenied
    changes = (
        SavedChange.objects.select_related("by", "taken_back_by", "session")
        .prefetch_related("rows")
        .order_by("-pk")
    )
    context = {"title": gettext("What was saved"), "names_session": True}
    return _page(request, changes, context)


def told_of(request: HttpRequest, reader: telling.Reader) -> list[Told]:
    """The changes of a reader as pages tell them to whoever asks: rows of a kind that
    they may not see are left out, and no button is shown that would be refused."""
    hidden = _hidden_from(request)
    told = []
    for change in reader.changes:
        was_taken_back = hasattr(change, "taken_back_by")
        told.append(
            Told(
                change=change,
                when=moment_there(change.at, change.session),
                sentences=tuple(reader.sentences(change, hidden)),
                was_taken_back=was_taken_back,
                may_be_taken_back=not was_taken_back
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


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a change back and returns to the page from which that was asked."""
    change = get_object_or_404(SavedChange, pk=pk)
    if not _may_take_back(request, change):
        raise PermissionDenied
    try:
        taking_back.take_back(change, request.user)
    except taking_back.NotTakenBack as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("Taken back: it is as it was before."))
    return HttpResponseRedirect(_whence(request))


def _may_take_back(request: HttpRequest, change: SavedChange) -> bool:
    """Whoever may do by hand what taking back does to each row."""
    rights = {_right(row.kind, taking_back.undone_by(row)) for row in change.rows.all()}
    return request.user.has_perms(rights)


def _hidden_from(request: HttpRequest) -> set[str]:
    """The kinds of rows that the user may neither see nor change."""
    kinds = {str(model._meta.model_name) for model in history.KEPT}
    return {
        kind
        for kind in kinds
        if not request.user.has_perm(_right(kind, "view"))
        and not request.user.has_perm(_right(kind, "change"))
    }


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
