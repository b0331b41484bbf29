"""Two records of one person become one: both side by side, then the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from sessions_app import duties, history
from sessions_app.models import SavedChange
from sessions_app.translated import LANGUAGE_CODES, NATIVE_NAMES, words
from speakers.admin import NOT_IN_THE_LIST, PersonChoice, PersonSelect
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
    "pronunciation",
)


class MergeForm(forms.Form):
    """Which record is kept, and whether it is filled from the other."""

    into = PersonChoice(
        label=_("The record to be kept"),
        queryset=Person.objects.current(),
        widget=PersonSelect(Person._meta.get_field("merged_into"), admin.site),
        error_messages={
            "invalid_choice": NOT_IN_THE_LIST,
            "required": _("Choose the record to be kept."),
        },
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
    """First asks for the record to be kept, then shows both, then merges them: only
    what was shown side by side is merged."""
    duties.require(request.user, "speakers.change_person")
    record = get_object_or_404(Person, pk=pk)
    form = MergeForm(request.POST or None)
    kept = _chosen(record, form) if request.method == "POST" else None
    if kept and request.POST.get("_merge") and _was_compared(request, kept):
        if _merged(request, record, kept, form):
            return HttpResponseRedirect(_page_of(kept))
        kept = None
    context = {
        **admin.site.each_context(request),
        "title": gettext("Merge “%(name)s”") % {"name": record},
        "record": record,
        "opts": Person._meta,
        "form": form,
        "media": form.media,
        "kept": kept,
        "compared": _compared(record, kept) if kept else [],
    }
    return render(request, "admin/desk/merge.html", context)


def _chosen(record: Person, form: MergeForm) -> Person | None:
    """The record to be kept, when it is another than `record`."""
    if not form.is_valid():
        return None
    kept: Person = form.cleaned_data["into"]
    if kept == record:
        form.add_error(
            "into", _("This is the record itself. Choose the one that is to be kept.")
        )
        return None
    return kept


def _was_compared(request: HttpRequest, kept: Person) -> bool:
    return request.POST.get("compared_with") == str(kept.pk)


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
    duties.require(request.user, "speakers.change_person")
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
        label = str(capfirst(columns[name].verbose_name))
        one, other = (_in_words(getattr(person, name)) for person in (record, kept))
        for language in ("", *LANGUAGE_CODES):
            if language in one or language in other:
                field = f"{label} ({NATIVE_NAMES[language]})" if language else label
                merged, stays = one.get(language, "–"), other.get(language, "–")
                rows.append(Compared(field, merged, stays))
    return rows


def _in_words(value: Any) -> dict[str, str]:
    """What a field holds, by language; under "" what is in no language."""
    if isinstance(value, dict):
        return words(value)
    return {"": str(value)} if value else {}


def _page_of(person: Person) -> str:
    return reverse("admin:speakers_person_change", args=[person.pk])
