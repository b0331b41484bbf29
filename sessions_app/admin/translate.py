"""The page on which a session is translated into one of its languages: the main text on
one side, its translation on the other. One form holds them all, so that nothing typed
is lost whichever button is pressed; the script saves each text as its field is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sessions_app import duties
from sessions_app.admin.parity import (
    OPEN,
    STATE_WORDS,
    standings_of,
    translate_address,
)
from sessions_app.models import Session
from sessions_app.translated import NATIVE_NAMES, digest_of, language_name, normalize
from sessions_app.translating import (
    STATES,
    MovedOn,
    Seen,
    SourceText,
    counted,
    seen_in,
    texts_of,
    translate,
)

# More texts than a translator looks through at once; a page must stay quick.
_PER_PAGE = 200
# Which texts are listed, by the word in the address. The first is what is left.
_SHOWN: dict[str, tuple[Any, tuple[str, ...]]] = {
    "missing": (_("Missing or outdated"), OPEN),
    "outdated": (_("Outdated"), ("outdated",)),
    "translated": (_("Translated"), ("translated",)),
    "revised": (_("Revised"), ("revised",)),
    "all": (_("All"), STATES),
}
# The buttons that act on one text; each carries its key.
_ACTS = ("save", "revise", "confirm", "over", "keep")


@dataclass(frozen=True)
class Refusal:
    """A text that could not be saved: what was typed, why, and the text as it is now
    when somebody else saved it meanwhile."""

    typed: str
    sentence: str
    now: SourceText | None = None


@dataclass(frozen=True)
class Entry:
    """A text as the page shows it. `why_not` says why it is only to be read."""

    text: SourceText
    language: str
    seen: str
    why_not: str
    refusal: Refusal | None = None

    @property
    def state(self) -> str:
        return self.text.state_in(self.language)

    @property
    def state_said(self) -> str:
        return str(STATE_WORDS[self.state])

    @property
    def said(self) -> str:
        """The translation as it is kept."""
        return self.text.said(self.language)

    @property
    def words(self) -> str:
        """What stands in the field."""
        return self.refusal.typed if self.refusal else self.said

    @property
    def limit(self) -> int:
        return int(self.text.column.max_length)

    @property
    def over(self) -> str:
        """What was seen, when this page is what is looked at."""
        return _as_sent(seen_in(self.text, self.language))

    @property
    def is_theirs_other(self) -> bool:
        """Whether somebody else saved another translation meanwhile."""
        return bool(
            self.refusal
            and self.refusal.now
            and _seen(self.seen).translation != digest_of(self.said)
        )


@dataclass
class Saved:
    """What became of all that was sent, by the key of the text."""

    count: int = 0
    refused: dict[str, Refusal] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Task:
    """Somebody who translates a session into a language."""

    request: HttpRequest
    session: Session
    language: str
    texts: Mapping[str, SourceText]

    @property
    def counts(self) -> dict[str, int]:
        """How many texts each list holds."""
        counts = counted(self.texts.values(), self.language)
        return {
            name: sum(counts[state] for state in STATES if state in states)
            for name, (_words, states) in _SHOWN.items()
        }

    @property
    def left_said(self) -> str:
        counts = self.counts
        return ngettext(
            "%(left)d of %(count)d text left",
            "%(left)d of %(count)d left",
            counts["all"],
        ) % {"left": counts["missing"], "count": counts["all"]}

    @property
    def show(self) -> str:
        asked = self.request.GET.get("show", "")
        at = self.texts.get(self.request.GET.get("at", ""))
        if asked in _SHOWN:
            return asked
        # A link to one text shows it, however it stands by now.
        return "all" if at and at.state_in(self.language) not in OPEN else "missing"

    def shown(self) -> list[SourceText]:
        """The texts that the page lists."""
        states = _SHOWN[self.show][1]
        return [
            text
            for text in self.texts.values()
            if text.is_needed_in(self.language)
            and text.state_in(self.language) in states
        ]

    def read_anew(self) -> _Task:
        """The same when something was saved."""
        return _task(self.request, self.session, self.language)


def _task(request: HttpRequest, session: Session, language: str) -> _Task:
    texts = {text.key: text for text in texts_of(session)}
    return _Task(request, session, language, texts)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def translate_page(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Shows the texts of a session beside their translations and saves what is sent:
    all texts of the form, or the one that the script sends. `?show=` chooses the list,
    `?at=` a text to be shown."""
    rows = Session.objects.select_related("conference").defer("conference__logo")
    session = duties.found(request.user, rows, "sessions_app.view_session", pk=pk)
    if language not in session.languages or language == session.primary_language:
        raise Http404
    task = _task(request, session, language)
    if request.method != "POST":
        return _page(task, {})
    duties.require(request.user, "sessions_app.change_session", session)
    if request.accepts("text/html"):
        return _answer(task)
    return _answer_script(task)


# --- The script ------------------------------------------------------------------


def _answer_script(task: _Task) -> JsonResponse:
    """Saves one text; 409 when somebody else saved it meanwhile, 400 with the reason
    when the words cannot be saved."""
    sent = task.request.POST
    text = task.texts.get(sent.get("key", ""))
    if text is None:
        said = gettext("The text was deleted meanwhile.")
        return JsonResponse({"said": said}, status=404)
    try:
        now = _save(task, text, sent.get("words", ""), _seen(sent.get("seen", "")))
    except MovedOn as moved:
        return JsonResponse(_moved_on(task, moved, sent.get("seen", "")), status=409)
    except ValidationError as error:
        return JsonResponse({"said": " ".join(error.messages)}, status=400)
    except PermissionDenied as error:
        return JsonResponse({"said": str(error)}, status=403)
    state = now.state_in(task.language)
    return JsonResponse(
        {
            "said": gettext("Saved"),
            "words": now.said(task.language),
            "seen": _as_sent(seen_in(now, task.language)),
            "state": state,
            "stateSaid": str(STATE_WORDS[state]),
            "leftSaid": task.read_anew().left_said,
        }
    )


def _moved_on(task: _Task, moved: MovedOn, seen: str) -> dict[str, Any]:
    theirs = moved.text.said(task.language)
    return {
        "said": str(moved),
        "source": moved.text.source,
        "theirs": theirs,
        "isTheirsOther": _seen(seen).translation != digest_of(theirs),
        "seen": _as_sent(seen_in(moved.text, task.language)),
    }


# --- The form --------------------------------------------------------------------


def _answer(task: _Task) -> HttpResponse:
    """Saves every text of the form that was changed. Leads to the next text, or shows
    the page with what could not be saved."""
    act, key = _act(task.request)
    saved = _save_all(task, act, key.split(" ")[0])
    task = task.read_anew()
    _tell(task.request, saved)
    if saved.refused:
        return _page(task, saved.refused)
    return HttpResponseRedirect(_next(task, key.split(" ")[0]))


def _act(request: HttpRequest) -> tuple[str, str]:
    pressed = ((act, request.POST.get(act, "")) for act in _ACTS)
    return next(((act, key) for act, key in pressed if key), ("save", ""))


def _save_all(task: _Task, act: str, key: str) -> Saved:
    saved, sent = Saved(), task.request.POST
    for name in [name for name in sent if name.startswith("words-")]:
        at = name.removeprefix("words-")
        typed, seen = sent[name], _seen(sent.get(f"seen-{at}", ""))
        if at == key and act == "over":
            seen = _seen(sent["over"].partition(" ")[2])
        is_asked = at == key and act in {"revise", "confirm", "over"}
        if (at == key and act == "keep") or not (is_asked or _is_other(typed, seen)):
            continue
        text = task.texts.get(at)
        if text is None:
            saved.lost.append(typed)
            continue
        try:
            _save(task, text, typed, seen, is_revised=is_asked and act == "revise")
            saved.count += 1
        except MovedOn as moved:
            saved.refused[at] = Refusal(typed, str(moved), moved.text)
        except ValidationError as error:
            saved.refused[at] = Refusal(typed, " ".join(error.messages))
        except PermissionDenied as error:
            saved.refused[at] = Refusal(typed, str(error))
    return saved


def _save(
    task: _Task, text: SourceText, typed: str, seen: Seen, *, is_revised: bool = False
) -> SourceText:
    """The text as it is saved. Raises MovedOn, ValidationError or PermissionDenied."""
    user = task.request.user
    duties.require(user, text.permission, text.owner)
    is_revised = is_revised or task.request.POST.get("act") == "revise"
    return translate(
        task.session, text, task.language, typed, seen, user, is_revised=is_revised
    )


def _is_other(typed: str, seen: Seen) -> bool:
    """Whether somebody typed anything."""
    try:
        typed = normalize(typed, multiline=True)
    except ValidationError:
        return True
    return digest_of(typed) != seen.translation


def _tell(request: HttpRequest, saved: Saved) -> None:
    if saved.count:
        said = ngettext(
            "%(count)d text is saved.", "%(count)d texts are saved.", saved.count
        )
        messages.success(request, said % {"count": saved.count})
    if saved.refused:
        said = ngettext(
            "%(count)d text could not be saved. It is marked below; nothing typed is "
            "lost.",
            "%(count)d texts could not be saved. They are marked below; nothing typed is "
            "lost.",
            len(saved.refused),
        )
        messages.error(request, said % {"count": len(saved.refused)})
    for typed in saved.lost:
        said = gettext("A text was deleted meanwhile. You typed: “%(typed)s”")
        messages.error(request, said % {"typed": typed})
    if not (saved.count or saved.refused or saved.lost):
        messages.info(request, gettext("Nothing was changed."))


def _next(task: _Task, key: str) -> str:
    """The page as it was, at the first listed text behind the one with `key`."""
    order = list(task.texts)
    place = order.index(key) if key in order else -1
    shown = [text.key for text in task.shown()]
    behind = next((each for each in shown if order.index(each) > place), "")
    asked = {"show": task.show} if "show" in task.request.GET else {}
    if behind:
        asked["at"] = behind
    page = translate_address(task.session, task.language)
    query = f"?{urlencode(asked)}" if asked else ""
    return f"{page}{query}#{behind or 'left'}"


def _seen(sent: str) -> Seen:
    source, _colon, translation = sent.partition(":")
    return Seen(source, translation)


def _as_sent(seen: Seen) -> str:
    return f"{seen.source}:{seen.translation}"


# --- The page --------------------------------------------------------------------


def _page(task: _Task, refused: Mapping[str, Refusal]) -> HttpResponse:
    session, request = task.session, task.request
    page = _listed(task, refused)
    entries = list(_entries(task, page, refused))
    counts = task.counts
    context = {
        **admin.site.each_context(request),
        "title": gettext("Translate into %(language)s")
        % {"language": language_name(task.language)},
        "subtitle": str(session),
        "session": session,
        "language": task.language,
        "name": NATIVE_NAMES[task.language],
        "main_name": NATIVE_NAMES[session.primary_language],
        "standings": standings_of(session, task.texts.values()),
        "lists": [(key, said, counts[key]) for key, (said, _s) in _SHOWN.items()],
        "show": task.show,
        "page": page,
        "parts": [
            (where, list(held))
            for where, held in groupby(entries, lambda entry: entry.text.where)
        ],
        "left_said": task.left_said,
        "may_save": any(not entry.why_not for entry in entries),
        "has_errors": bool(refused),
    }
    return render(request, "admin/desk/translate.html", context)


def _listed(task: _Task, refused: Mapping[str, Refusal]) -> Page[SourceText]:
    shown = {text.key for text in task.shown()} | set(refused)
    listed = [text for key, text in task.texts.items() if key in shown]
    # What could not be saved is all in sight, wherever it stood before.
    most = max(_PER_PAGE, len(listed)) if refused else _PER_PAGE
    pages: Paginator[SourceText] = Paginator(listed, most)
    at = task.request.GET.get("at", "")
    places = [place for place, text in enumerate(listed) if text.key == at]
    asked = places[0] // _PER_PAGE + 1 if places else task.request.GET.get("page")
    return pages.get_page(asked)


def _entries(
    task: _Task, texts: Page[SourceText], refused: Mapping[str, Refusal]
) -> Iterator[Entry]:
    user, sent = task.request.user, task.request.POST
    # Whoever may change one slot of a session may change them all.
    kinds = {text.permission: text.owner for text in texts}
    why_not = {
        perm: "" if user.has_perm(perm, owner) else duties.why_not(user, perm, owner)
        for perm, owner in kinds.items()
    }
    for text in texts:
        refusal = refused.get(text.key)
        seen = _as_sent(seen_in(text, task.language))
        if refusal:
            # Until whoever typed it decides, it is saved over nothing.
            seen = sent.get(f"seen-{text.key}", seen)
        yield Entry(text, task.language, seen, why_not[text.permission], refusal)
