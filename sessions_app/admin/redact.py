"""One person's data are taken out of issued editions: first every place is shown, then,
when they were all seen, it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sessions_app import duties, redacting
from sessions_app.models import Redaction, Session
from sessions_app.redacting import NotRedacted, Place, StillShown
from sessions_app.translated import direction, language_name
from speakers.models import Person

_RIGHT = "sessions_app.add_redaction"


class RedactForm(forms.Form):
    """The words to be removed, and, to do it, the reason and that all was seen."""

    words = forms.CharField(
        label=_("Words to remove"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        help_text=_(
            "One on each line: each form of the name, in each script and inflection. "
            "They are found as whole words, in small letters or capitals, with any kind "
            "of space, hyphen and apostrophe. The entries of the person are found "
            "without them. Words that are common elsewhere are removed there, too: look "
            "at the places."
        ),
        error_messages={
            "required": _("Type at least one word to remove: the name as it prints.")
        },
    )
    reason = forms.CharField(
        label=_("Who asked for it, and why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("Kept for the record, for staff. Do not name the person."),
        error_messages={"required": _("Say who asked for it and why.")},
    )
    all_seen = forms.BooleanField(
        label=_("I have seen every place listed"),
        error_messages={"required": _("Look at every place, then confirm it here.")},
    )

    def __init__(self, *args: Any, acts: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("reason", "all_seen"):
            self.fields[name].required = acts
            self.fields[name].widget.is_required = False

    def clean_words(self) -> list[str]:
        try:
            return redacting.checked(self.cleaned_data["words"].splitlines())
        except NotRedacted as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


@dataclass(frozen=True)
class FoundIn:
    """The places of one edition, with its name in words."""

    name: str
    places: list[tuple[Place, str, str]]


@dataclass(frozen=True)
class FoundOf:
    """The editions of one session that hold places, and the number of these."""

    session: Session
    editions: list[FoundIn]
    count: int


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def redact_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Every place where the person is named, what will become of them, and the form that
    does it: only what was shown is redacted."""
    person = _person(request, pk)
    acts = request.method == "POST" and "_redact" in request.POST
    proposed = redacting.words_of(person)
    form = RedactForm(
        request.POST if request.method == "POST" else None,
        acts=acts,
        initial={"words": "\n".join(proposed)},
    )
    is_valid = form.is_valid()
    words = form.cleaned_data.get("words", []) if form.is_bound else proposed
    found = redacting.places(person, words)
    if is_valid and acts and _may_go_on(request, form, found, words):
        if _was_redacted(request, person, form):
            return HttpResponseRedirect(reverse("desk:redact", args=[person.pk]))
        found = redacting.places(person, words)
    return render(
        request,
        "admin/desk/redact.html",
        _context(request, person, form, found, words),
    )


def _person(request: HttpRequest, pk: int) -> Person:
    """The record kept of the person. Raises PermissionDenied unless the user may redact
    every session that names the person."""
    duties.require(request.user, _RIGHT)
    record = get_object_or_404(Person.objects.select_related("merged_into"), pk=pk)
    person = redacting.record_of(record)
    for session in _sessions_in(redacting.places(person, [])):
        duties.require(request.user, _RIGHT, session)
    return person


def _sessions_in(found: Iterable[Place]) -> list[Session]:
    return list(dict.fromkeys(place.session for place in found))


def _may_go_on(
    request: HttpRequest, form: RedactForm, found: list[Place], words: list[str]
) -> bool:
    """Whether what was shown is what is there, and all of it may be changed."""
    if not _are_in_reach(request, form, found):
        return False
    if request.POST.get("seen") != _digest_of(found, words):
        form.add_error(
            None,
            _(
                "The words were changed, or the editions, since the places were listed. "
                "Look at the places below, then confirm again."
            ),
        )
        return False
    return True


def _are_in_reach(request: HttpRequest, form: RedactForm, found: list[Place]) -> bool:
    barred = [
        session
        for session in _sessions_in(found)
        if not request.user.has_perm(_RIGHT, session)
    ]
    if barred:
        form.add_error(
            "words",
            ngettext(
                "These words also stand in %(count)d session that you may not redact. "
                "Make them longer, or ask an administrator of every conference.",
                "These words also stand in %(count)d sessions that you may not redact. "
                "Make them longer, or ask an administrator of every conference.",
                len(barred),
            )
            % {"count": len(barred)},
        )
    return not barred


def _was_redacted(request: HttpRequest, person: Person, form: RedactForm) -> bool:
    """Whether it was done; if not, the form says why."""
    data = form.cleaned_data
    try:
        done = redacting.redact(
            person,
            data["words"],
            request.user,  # type: ignore[arg-type]
            data["reason"],
            lambda _step: None,
        )
    except NotRedacted as refusal:
        form.add_error(None, str(refusal))
        return False
    except StillShown as failure:
        messages.warning(request, str(failure))
        return True
    messages.success(
        request,
        ngettext(
            "Redacted: the editions of %(count)d session. Readers see them so from now.",
            "Redacted: the editions of %(count)d sessions. Readers see them so from "
            "now.",
            len(done),
        )
        % {"count": len(done)},
    )
    return True


def _digest_of(found: list[Place], words: list[str]) -> str:
    """Changes when another place is found, or the same by other words."""
    seen = [
        (p.session.pk, p.number, p.language, p.where, p.found, p.stays) for p in found
    ]
    return hashlib.sha256(repr((seen, words)).encode()).hexdigest()


def _context(
    request: HttpRequest,
    person: Person,
    form: RedactForm,
    found: list[Place],
    words: list[str],
) -> dict[str, Any]:
    shown = [p for p in found if request.user.has_perm(_RIGHT, p.session)]
    done = Redaction.objects.filter(person_code=person.code).select_related(
        "session", "by"
    )
    return {
        **admin.site.each_context(request),
        "title": gettext("Remove “%(name)s” from issued editions") % {"name": person},
        "person": person,
        "opts": Person._meta,
        "form": form,
        "groups": _groups(shown),
        "count": len(shown),
        "seen": _digest_of(found, words),
        "done": [
            redaction
            for redaction in done
            if request.user.has_perm(_RIGHT, redaction.session)
        ],
    }


def _groups(found: list[Place]) -> list[FoundOf]:
    groups = []
    for session, of_session in groupby(found, key=lambda place: place.session):
        places = list(of_session)
        editions = [
            FoundIn(
                _name_of(number, is_on_its_way=moving), [_row(p) for p in of_number]
            )
            for (number, moving), of_number in groupby(
                places, key=lambda place: (place.number, place.is_on_its_way)
            )
        ]
        groups.append(FoundOf(session, editions, len(places)))
    return groups


def _row(place: Place) -> tuple[Place, str, str]:
    """A place, the name of its language, and the direction of that."""
    return place, language_name(place.language), direction(place.language)


def _name_of(number: int, *, is_on_its_way: bool) -> str:
    words = {"number": number}
    if is_on_its_way:
        return gettext("Edition %(number)d, on its way") % words
    return gettext("Edition %(number)d") % words
