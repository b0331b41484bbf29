"""The page of somebody in a line: replaced by another, to be confirmed, declined, by
video message. One step from the programme, one from the issue page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sessions_app import duties, history
from sessions_app.admin.conflicts import who_saved
from sessions_app.admin.order import count_in_tens
from sessions_app.compose import compose, name_printed, record_of
from sessions_app.models import Line, SavedChange, Session, Slot, said
from sessions_app.programme import (
    Programme,
    SlotEntry,
    colon_of,
    pick,
    printed_of,
    semicolon_of,
)
from sessions_app.translated import normalize, translated
from speakers.admin import NOT_IN_THE_LIST, PersonChoice, PersonSelect
from speakers.codes import new_code
from speakers.models import Person

# What readers are told of a replacement, and of somebody where nobody was named: in
# the words of each language that need no agreement with a name.
_REPLACES = {
    "ar": "{new} بدلا من {former}.",
    "zh-hans": "{new}接替{former}。",
    "en": "{new} replaces {former}.",
    "fr": "{new} remplace {former}.",
    "ru": "Замена: {new} (ранее – {former}).",
    "es": "Sustitución: {new} en lugar de {former}.",
}
_TAKES_PART = {
    "ar": "مشاركة {new}.",
    "zh-hans": "新增{new}。",
    "en": "{new} takes part.",
    "fr": "Participation de {new}.",
    "ru": "Добавлено имя: {new}.",
    "es": "Participación: {new}.",
}

# What a button of the page sends, to the field of the line that it sets, the value,
# and its words.
_MARKS: dict[str, tuple[str, str, Any]] = {
    f"{field}:{value}": (field, value, label)
    for field, value, label in (
        ("status", Line.Status.CONFIRMED, _("Confirmed")),
        ("status", Line.Status.TO_BE_CONFIRMED, _("To be confirmed")),
        ("status", Line.Status.DECLINED, _("Declined")),
        ("status", Line.Status.WITHDRAWN, pgettext_lazy("person", "Withdrawn")),
        ("mode", Line.Mode.IN_PERSON, _("In person")),
        ("mode", Line.Mode.REMOTE, _("By video link")),
        ("mode", Line.Mode.VIDEO_MESSAGE, _("By video message")),
    )
}
_OF_SOMEBODY_NEW = ("honorific", "name", "function")
_LONGEST_NOTE = 2000


class ReplaceForm(forms.Form):
    """Who takes the place: somebody of the list of people, or somebody new."""

    person = PersonChoice(
        label=_("Somebody of the list"),
        queryset=Person.objects.current(),
        required=False,
        widget=PersonSelect(Line._meta.get_field("person"), admin.site),
        error_messages={"invalid_choice": NOT_IN_THE_LIST},
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
        label=_("Status"),
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
        help_text=_("For the secretariat, beside the former name. Never public."),
    )

    def __init__(self, line: Line, data: Any = None, *, may_add: bool) -> None:
        """`may_add`: whether somebody new may be typed."""
        super().__init__(data)
        self.line = line
        if not may_add:
            for name in _OF_SOMEBODY_NEW:
                del self.fields[name]
        if not _names_somebody(line):
            for name in ("former", "reason"):
                del self.fields[name]

    @property
    def of_somebody_new(self) -> list[forms.BoundField]:
        """The fields in which somebody new is typed."""
        return [self[name] for name in _OF_SOMEBODY_NEW if name in self.fields]

    @property
    def is_somebody_new(self) -> bool:
        """Whether anything stands in them."""
        return any(bound.value() or bound.errors for bound in self.of_somebody_new)

    @property
    def of_the_line(self) -> list[forms.BoundField]:
        """The fields that say how the person takes part, and what becomes of the
        former one."""
        names = ("status", "mode", "former", "reason")
        return [self[name] for name in names if name in self.fields]

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
        is_typed = any(cleaned.get(name) for name in _OF_SOMEBODY_NEW)
        if "person" in self.errors or "name" in self.errors:
            return cleaned
        if cleaned["person"]:
            self._check_chosen(cleaned["person"], is_typed)
        elif is_typed and not cleaned["name"]:
            self.add_error("name", _("Type the name of the new person too."))
        elif not is_typed and "name" in self.fields:
            self.add_error(
                "person",
                _("Choose somebody of the list, or type the name of somebody new."),
            )
        elif not is_typed:
            self.add_error("person", _("Choose somebody of the list."))
        return cleaned

    def _check_chosen(self, chosen: Person, is_typed: bool) -> None:
        if is_typed:
            self.add_error(
                "person",
                _(
                    "Somebody of the list is chosen here and somebody new is typed "
                    "below. Keep one of them."
                ),
            )
        elif chosen == record_of(self.line):
            self.add_error(
                "person",
                _("%(name)s stands here already. Choose somebody else.")
                % {"name": chosen},
            )


@dataclass(frozen=True)
class Mark:
    """A button that sets one field of the line."""

    value: str
    label: str
    is_set: bool


def line_page(request: HttpRequest, code: str) -> HttpResponse:
    """Shows the line of somebody; replaces or marks them when it is sent."""
    lines = Line.objects.select_related(
        "slot__day__session__conference", "person__merged_into", "role", "holders_of"
    )
    if "version_seen" in request.POST and not lines.filter(code=code).exists():
        duties.require(request.user, "sessions_app.change_slot")
        return HttpResponseRedirect(_tell_gone(request))
    line = duties.found(request.user, lines, "sessions_app.change_slot", code=code)
    form = ReplaceForm(
        line,
        request.POST if "replace" in request.POST else None,
        may_add=request.user.has_perm("speakers.add_person"),
    )
    if request.method == "POST":
        where = _obey(request, line, form)
        if where:
            return HttpResponseRedirect(where)
    return _page(request, line, form)


def _obey(request: HttpRequest, line: Line, form: ReplaceForm) -> str:
    """Does what was sent, and gives the address of the page to go on with; "" when
    nothing was done and this page is to be shown again."""
    refusal = _refusal(request, line)
    if refusal:
        messages.error(request, refusal)
        return ""
    if form.is_bound and not form.is_valid():
        return ""
    with transaction.atomic():
        slots = Slot.objects.select_for_update(no_key=True)
        slot = slots.filter(pk=line.slot_id).first()
        if slot is None:
            return _tell_gone(request)
        if request.POST.get("version_seen") != str(slot.version):
            messages.error(
                request,
                gettext(
                    "%(who)s Nothing of yours is saved yet: look again, then decide."
                )
                % {"who": who_saved(slot)},
            )
            return ""
        if form.is_bound:
            return _replace(request, line, form.cleaned_data)
        return _set_mark(request, line, request.POST["mark"])


def _tell_gone(request: HttpRequest) -> str:
    """Says that the line is gone, with all that was typed; gives the address of the
    page on which it can be taken back."""
    names = (*_OF_SOMEBODY_NEW, "reason")
    said = filter(None, (request.POST.get(name, "").strip() for name in names))
    messages.error(
        request,
        gettext(
            "The line was deleted by somebody else after you opened it. Nothing of "
            "yours is saved yet: take the deletion back here, then enter it. You typed: "
            "%(typed)s"
        )
        % {"typed": semicolon_of(get_language()).join(said) or "–"},
    )
    return reverse("desk:history")


def _refusal(request: HttpRequest, line: Line) -> str:
    """Why what was sent cannot be done here at all; "" when it can."""
    if line.holders_of:
        return gettext(
            "This line names whoever holds a role on other lines. Replace or mark "
            "them there; nothing was saved."
        )
    if "replace" in request.POST:
        return ""
    if request.POST.get("mark") not in _MARKS:
        return gettext(
            "This page knows no such mark, so nothing was saved. Press one of its "
            "buttons."
        )
    if not _names_somebody(line):
        return gettext("Nobody is named in this line, so nothing was saved.")
    return ""


def _set_mark(request: HttpRequest, line: Line, mark: str) -> str:
    field, value, label = _MARKS[mark]
    session, slot = line.slot.day.session, line.slot
    with history.recorded(request.user, session, SavedChange.Act.SAVED, slot):
        if getattr(line, field) != value:
            setattr(line, field, value)
            line.save(update_fields=[field])
            history.next_version(slot)
    messages.success(
        request,
        gettext("%(name)s is marked “%(mark)s”.")
        % {"name": said_of(line), "mark": label},
    )
    return _row(session, slot)


def _replace(request: HttpRequest, line: Line, typed: dict[str, Any]) -> str:
    """Puts the new person into the line; keeps the former one in a line behind it.
    Gives the address of the row, or of the issue page with a remark proposed."""
    session, slot = line.slot.day.session, line.slot
    before = said_of(line) if _names_somebody(line) else ""
    with history.recorded(request.user, session, SavedChange.Act.REPLACED) as recording:
        # First of all: it goes last when this is taken back, when no line names it.
        person = typed["person"] or _new_person(typed, session, recording)
        recording.watch(slot)
        if before:
            _keep_former(line, typed)
            line.internal_note = ""
        line.person = person
        line.unnamed, line.honorific, line.function, line.state = {}, None, None, None
        line.status, line.mode = typed["status"], typed["mode"]
        line.save()
        history.next_version(slot)
    messages.success(
        request,
        gettext("%(new)s is in the place of %(former)s.")
        % {"new": said_of(line), "former": before}
        if before
        else gettext("%(new)s is named in this line.") % {"new": said_of(line)},
    )
    may_issue = request.user.has_perm("sessions_app.add_edition", session)
    if "_issue" in request.POST and may_issue:
        issue = reverse("admin:sessions_app_session_issue", args=[session.pk])
        return f"{issue}?{urlencode({'remark': _remark(line, before)})}"
    return _row(session, slot)


def _keep_former(line: Line, typed: dict[str, Any]) -> None:
    """Adds a line right behind `line` for who stood there so far."""
    former = Line.objects.get(pk=line.pk)
    former.pk, former.code = None, new_code()
    former._state.adding = True
    # The words around the name stay with the line: they print once.
    former.text = {}
    former.status = typed["former"]
    notes = (former.internal_note, typed["reason"])
    former.internal_note = "\n".join(filter(None, notes))[:_LONGEST_NOTE]
    former.save()
    in_order = []
    for row in line.slot.lines.exclude(pk=former.pk).order_by("position", "pk"):
        in_order += [row, former] if row.pk == line.pk else [row]
    count_in_tens(in_order)
    line.refresh_from_db(fields=["position"])


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
    language; the words of somebody unnamed, or of a line that names nobody."""
    primary = line.slot.day.session.primary_language
    if line.holders_of:
        return gettext("Holders of the role “%(role)s”") % {"role": line.holders_of}
    if _names_somebody(line):
        return name_printed(line, primary)
    return said(line.text, primary)


def _names_somebody(line: Line) -> bool:
    return bool(line.person_id or line.unnamed)


def _remark(line: Line, before: str) -> str:
    """“Panel 1: Ms. Ama Mensah replaces Ms. Margareta Wahlström.”"""
    primary = line.slot.day.session.primary_language
    programme = compose(line.slot.day.session)
    entry = _entry(programme, line.slot)
    sentence = (_REPLACES if before else _TAKES_PART)[primary].format(
        new=said_of(line), former=before
    )
    if entry is None:
        return sentence
    heading = pick(entry.label or entry.title, primary, primary).text
    return f"{heading}{colon_of(primary)}{sentence}"


def _entry(programme: Programme, slot: Slot) -> SlotEntry | None:
    return next((each for each in programme.slots if each.code == slot.code), None)


def _row(session: Session, slot: Slot) -> str:
    page = reverse("admin:sessions_app_session_change", args=[session.pk])
    return f"{page}#slot-{slot.code}"


def _page(request: HttpRequest, line: Line, form: ReplaceForm) -> HttpResponse:
    slot, session = line.slot, line.slot.day.session
    primary = session.primary_language
    entry = _entry(compose(session), slot)
    context = {
        **admin.site.each_context(request),
        "title": said_of(line),
        "line": line,
        "slot": slot,
        "session": session,
        "language": primary,
        "printed": printed_of(entry, line.code, primary, primary) if entry else "",
        "why_not_printed": _why_not_printed(line, entry),
        "opts": Slot._meta,
        "form": form,
        "media": form.media,
        "version_seen": request.POST.get("version_seen", slot.version)
        if form.errors
        else slot.version,
        "marks": [
            Mark(mark, str(label), getattr(line, field) == value)
            for mark, (field, value, label) in _MARKS.items()
        ],
        "names_somebody": _names_somebody(line),
        "may_issue": request.user.has_perm("sessions_app.add_edition", session),
    }
    return render(request, "admin/desk/line.html", context)


def _why_not_printed(line: Line, entry: SlotEntry | None) -> str:
    if entry is None:
        return gettext("The slot does not print, and so neither does this.")
    if line.status in {Line.Status.DECLINED, Line.Status.REPLACED}:
        return str(capfirst(line.get_status_display()))
    return gettext("Does not print.")
