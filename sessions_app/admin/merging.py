"""Two records of one person become one: both side by side, then the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from sessions_app import history
from sessions_app.models import SavedChange, said
from speakers.admin import PersonChoice, PersonSelect
from speakers.merging import merge, unmerge
from speakers.models import Person

_COMPARED = (
    "honorific",
    "printed_name",
    "function",
    "state",
    "organization",
    "family_name",
    "given_names",
)


class MergeForm(forms.Form):
    """Which record is kept, and whether it is filled from the other."""

    into = PersonChoice(
        label=_("The record to be kept"),
        queryset=Person.objects.current(),
        widget=PersonSelect(Person._meta.get_field("merged_into"), admin.site),
    )
    fill = forms.BooleanField(
        label=_("Fill what is missing there from this record"),
        required=False,
        initial=True,
    )


@dataclass(frozen=True)
class Compared:
    """One field of both records."""

    field: str
    merged: str
    kept: str


def merge_page(request: HttpRequest, pk: int) -> HttpResponse:
    """First asks for the record to be kept, then shows both, then merges them."""
    if not request.user.has_perm("speakers.change_person"):
        raise PermissionDenied
    record = get_object_or_404(Person, pk=pk)
    form = MergeForm(request.POST or None)
    compared: list[Compared] = []
    if request.method == "POST" and form.is_valid():
        kept = form.cleaned_data["into"]
        if "_merge" in request.POST and _merged(request, record, kept, form):
            return HttpResponseRedirect(_page_of(kept))
        compared = _compared(record, kept)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Merge “%(name)s”") % {"name": record},
        "record": record,
        "opts": Person._meta,
        "form": form,
        "media": form.media,
        "compared": compared,
    }
    return render(request, "admin/desk/merge.html", context)


def _merged(request: HttpRequest, record: Person, kept: Person, form: Any) -> bool:
    watched = [record, kept, *record.merged_records.all()]
    try:
        with history.recorded(request.user, None, SavedChange.Act.MERGED, *watched):
            number = merge(record, kept, fill=form.cleaned_data["fill"])
    except ValidationError as error:
        form.add_error("into", error)
        return False
    messages.success(
        request,
        ngettext(
            "Merged: %(number)d line that named the other record prints this one.",
            "Merged: %(number)d lines that named the other record print this one.",
            number,
        )
        % {"number": number},
    )
    return True


@require_POST
def unmerge_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes a merged record one of its own again."""
    if not request.user.has_perm("speakers.change_person"):
        raise PermissionDenied
    record = get_object_or_404(Person.objects.select_related("merged_into"), pk=pk)
    watched = [record, record.merged_into] if record.merged_into else [record]
    try:
        with history.recorded(request.user, None, SavedChange.Act.MERGED, *watched):
            unmerge(record)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, gettext("The two records are apart again."))
    return HttpResponseRedirect(_page_of(record))


def _compared(record: Person, kept: Person) -> list[Compared]:
    rows = []
    columns: dict[str, Any] = {column.name: column for column in Person._meta.fields}
    for name in _COMPARED:
        one, other = (_in_words(getattr(person, name)) for person in (record, kept))
        if one or other:
            label = str(capfirst(columns[name].verbose_name))
            rows.append(Compared(label, one or "–", other or "–"))
    return rows


def _in_words(value: Any) -> str:
    return said(value) if isinstance(value, dict) else str(value)


def _page_of(person: Person) -> str:
    return reverse("admin:speakers_person_change", args=[person.pk])
