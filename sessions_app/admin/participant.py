"""The page of somebody in a line: replaced by another, to be confirmed, declined, by
video message. One step from the programme, one from the issue page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app import history
from sessions_app.admin.conflicts import who_saved
from sessions_app.admin.order import count_in_tens
from sessions_app.compose import compose
from sessions_app.models import Line, SavedChange, Session, Slot, said
from sessions_app.programme import printed_of
from sessions_app.translated import normalize, translated
from speakers.admin import PersonChoice, PersonSelect
from speakers.codes import new_code
from speakers.models import Person

# What a button of the page sets: the field of the line, and its value.
_MARKS: tuple[tuple[str, str, Any], ...] = (
    ("status", Line.Status.CONFIRMED, _("Confirmed")),
    ("status", Line.Status.TO_BE_CONFIRMED, _("To be confirmed")),
    ("status", Line.Status.DECLINED, _("Declined")),
    ("status", Line.Status.WITHDRAWN, _("Withdrawn")),
    ("mode", Line.Mode.IN_PERSON, _("In person")),
    ("mode", Line.Mode.REMOTE, _("By video link")),
    ("mode", Line.Mode.VIDEO_MESSAGE, _("By video message")),
)


class ReplaceForm(forms.Form):
    """Who takes the place: somebody of the list of people, or somebody new."""

    person = PersonChoice(
        label=_("Somebody of the list"),
        queryset=Person.objects.current(),
        required=False,
        widget=PersonSelect(Line._meta.get_field("person"), admin.site),
    )
    honorific = forms.CharField(
        label=_("Honorific"), max_length=60, required=False, help_text=_("“H.E. Mr.”")
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        help_text=_("As it prints, without honorific: “Jürg Lauber”."),
    )
    function = forms.CharField(
        label=_("Function"),
        max_length=400,
        required=False,
        help_text=_("Office and organization as one text."),
    )
    status = forms.ChoiceField(
        label=_("Standing of the new person"),
        choices=[
            (Line.Status.CONFIRMED.value, Line.Status.CONFIRMED.label),
            (Line.Status.TO_BE_CONFIRMED.value, Line.Status.TO_BE_CONFIRMED.label),
        ],
    )
    mode = forms.ChoiceField(label=_("Takes part"), choices=Line.Mode.choices)
    former = forms.ChoiceField(
        label=_("The former person"),
        choices=[
            (Line.Status.REPLACED.value, _("does not print any more")),
            (Line.Status.WITHDRAWN.value, _("prints struck through")),
        ],
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        help_text=_("For the secretariat, on the former line. Never public."),
    )

    def _normalized(self, name: str) -> str:
        return normalize(self.cleaned_data[name])

    def clean_honorific(self) -> str:
        return self._normalized("honorific")

    def clean_name(self) -> str:
        return self._normalized("name")

    def clean_function(self) -> str:
        return self._normalized("function")

    def clean_reason(self) -> str:
        return self._normalized("reason")

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        chosen, named = cleaned.get("person"), cleaned.get("name")
        if "person" in cleaned and "name" in cleaned and bool(chosen) == bool(named):
            self.add_error(
                "person",
                _("Choose one of them, not both.")
                if chosen
                else _(
                    "Choose somebody of the list, or type the name of somebody new."
                ),
            )
        return cleaned


@dataclass(frozen=True)
class Mark:
    """A button that sets one field of the line."""

    value: str
    label: str
    is_set: bool


def line_page(request: HttpRequest, code: str) -> HttpResponse:
    """Shows the line of somebody; replaces or marks them when it is sent."""
    if not request.user.has_perm("sessions_app.change_slot"):
        raise PermissionDenied
    line = get_object_or_404(
        Line.objects.select_related("slot__day__session__conference", "person", "role"),
        code=code,
    )
    form = ReplaceForm(request.POST if "replace" in request.POST else None)
    if request.method == "POST":
        answer = _obey(request, line, form)
        if answer is not None:
            return answer
    return _page(request, line, form)


def _obey(request: HttpRequest, line: Line, form: ReplaceForm) -> HttpResponse | None:
    """Does what was sent, and says where to go on; None when the page is to be shown
    again."""
    mark = request.POST.get("mark", "")
    if not mark and not form.is_valid():
        return None
    session = line.slot.day.session
    with history.recorded(
        request.user, session, SavedChange.Act.REPLACED, line.slot
    ) as recording:
        slot = Slot.objects.select_for_update().get(pk=line.slot_id)
        if request.POST.get("version_seen") != str(slot.version):
            messages.error(
                request,
                gettext(
                    "%(who)s Nothing of yours is saved yet: look again, then decide."
                )
                % {"who": who_saved(slot)},
            )
            return None
        if mark:
            _set_mark(line, mark)
            where = _row(session, line.slot)
        else:
            where = _replace(line, form.cleaned_data, recording)
            if "_issue" not in request.POST:
                where = _row(session, line.slot)
        history.next_version(slot)
    return HttpResponseRedirect(where)


def _set_mark(line: Line, mark: str) -> None:
    for field, value, _label in _MARKS:
        if mark == f"{field}:{value}":
            setattr(line, field, value)
            line.save(update_fields=[field])


def _replace(line: Line, typed: dict[str, Any], recording: history.Recording) -> str:
    """Puts the new person into the line; keeps the former one in a line behind it.
    Gives the address of the issue page, with a remark proposed."""
    session = line.slot.day.session
    before = said_of(line)
    former = Line.objects.get(pk=line.pk)
    former.pk, former.code = None, new_code()
    former._state.adding = True
    former.status = typed["former"]
    if typed["reason"]:
        notes = [former.internal_note, typed["reason"]]
        former.internal_note = "\n".join(filter(None, notes))
    line.person = typed["person"] or _new_person(typed, session, recording)
    line.unnamed, line.honorific, line.function, line.state = {}, None, None, None
    line.status, line.mode, line.internal_note = typed["status"], typed["mode"], ""
    line.save()
    former.save()
    count_in_tens(list(line.slot.lines.order_by("position", "pk")))
    remark = _remark(session, line, before)
    issue = reverse("admin:sessions_app_session_issue", args=[session.pk])
    return f"{issue}?{urlencode({'remark': remark})}"


def _new_person(
    typed: dict[str, Any], session: Session, recording: history.Recording
) -> Person:
    given, _space, family = typed["name"].rpartition(" ")
    primary = session.primary_language
    person = Person.objects.create(
        given_names=given[:120],
        family_name=family[:120],
        printed_name=translated({primary: typed["name"]}, primary),
        honorific=translated({primary: typed["honorific"]}, primary),
        function=translated({primary: typed["function"]}, primary),
    )
    recording.added(person)
    return person


def said_of(line: Line) -> str:
    """The name of who is in a line, with the honorific, in the session's main
    language; the words of somebody unnamed."""
    primary = line.slot.day.session.primary_language
    if line.person is None:
        return said(line.unnamed or line.text, primary)
    record = line.person.merged_into or line.person
    honorific = line.honorific if line.honorific is not None else record.honorific
    name = said(record.printed_name, primary)
    if primary == "zh-hans":
        return f"{name}{said(honorific, primary)}"
    return " ".join(filter(None, (said(honorific, primary), name)))


def _remark(session: Session, line: Line, before: str) -> str:
    """“Panel 1: Ms. Ama Mensah replaces Ms. Margareta Wahlström.”"""
    primary = session.primary_language
    programme = compose(session)
    entry = next((e for e in programme.slots if e.code == line.slot.code), None)
    heading = (
        programme.said((entry.label or entry.title), primary).text if entry else ""
    )
    with translation.override(primary):
        sentence = gettext("%(new)s replaces %(former)s.") % {
            "new": said_of(line),
            "former": before,
        }
    return f"{heading}: {sentence}" if heading else sentence


def _row(session: Session, slot: Slot) -> str:
    page = reverse("admin:sessions_app_session_change", args=[session.pk])
    return f"{page}#slot-{slot.code}"


def _page(request: HttpRequest, line: Line, form: ReplaceForm) -> HttpResponse:
    slot, session = line.slot, line.slot.day.session
    programme = compose(session)
    entry = next((e for e in programme.slots if e.code == slot.code), None)
    primary = session.primary_language
    printed = printed_of(entry, line.code, primary, primary) if entry else ""
    context = {
        **admin.site.each_context(request),
        "title": said_of(line),
        "line": line,
        "slot": slot,
        "session": session,
        "language": primary,
        "printed": printed,
        "opts": Slot._meta,
        "form": form,
        "media": form.media,
        "version_seen": request.POST.get("version_seen", slot.version)
        if form.errors
        else slot.version,
        "marks": [
            Mark(f"{field}:{value}", str(label), getattr(line, field) == value)
            for field, value, label in _MARKS
        ],
        "may_issue": request.user.has_perm("sessions_app.add_edition"),
    }
    return render(request, "admin/desk/line.html", context)
