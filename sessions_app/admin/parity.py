"""How a session stands in its languages: what is missing or outdated, part by part, and
what that means for the next edition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sessions_app import duties
from sessions_app.compose import compose
from sessions_app.models import Session
from sessions_app.problems import find_problems
from sessions_app.translated import NATIVE_NAMES, language_name
from sessions_app.translating import SourceText, State, counted, texts_of

# Each state in a word or two, for marks.
STATE_WORDS = {
    "missing": _("missing"),
    "outdated": _("outdated"),
    "translated": _("translated"),
    "revised": _("revised"),
}
OPEN: tuple[State, ...] = ("missing", "outdated")


@dataclass(frozen=True)
class Standing:
    """How many texts of a session stand how in one of its languages; `address` leads
    to what is left to translate. The main language has nothing to count."""

    language: str
    counts: Counter[State]
    address: str = ""

    @property
    def name(self) -> str:
        return NATIVE_NAMES[self.language]

    @property
    def called(self) -> str:
        return str(capfirst(language_name(self.language)))

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """How many are missing or outdated."""
        return sum(self.counts[state] for state in OPEN)

    @property
    def done(self) -> int:
        return self.total - self.left

    @property
    def share(self) -> int:
        """What is complete, in per cent; 100 only when nothing is left."""
        return 100 * self.done // self.total if self.total else 100


@dataclass(frozen=True)
class Chip:
    """A language in which a text is missing or outdated, and where it is translated."""

    language: str
    name: str
    state: State
    said: str
    address: str


@dataclass(frozen=True)
class Gap:
    """A text that lacks something in some languages."""

    name: str
    source: str
    chips: tuple[Chip, ...]


@dataclass(frozen=True)
class Part:
    """A part of the session with its gaps."""

    where: str
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Rule:
    """What a missing translation means for the issue now; `told` says it of each
    language that lacks something."""

    sentence: str
    told: tuple[str, ...]
    is_stopped: bool


@require_safe
def languages_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The languages of a session side by side, and what is left to translate."""
    rows = Session.objects.select_related("conference").defer("conference__logo")
    session = duties.found(request.user, rows, "sessions_app.view_session", pk=pk)
    texts = texts_of(session)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Languages"),
        "subtitle": str(session),
        "session": session,
        "main": Standing(session.primary_language, Counter()),
        "count": len(texts),
        "standings": standings_of(session, texts),
        "parts": _parts(session, texts),
        "rule": _rule_of(session),
        "may_edit": request.user.has_perm("sessions_app.change_session", session),
    }
    return render(request, "admin/desk/languages.html", context)


def standings_of(
    session: Session, texts: Iterable[SourceText] | None = None
) -> list[Standing]:
    """How the session stands in each of its languages but the main one, in the
    organization's order. Without `texts` they are read, where there is such a one."""
    others = _others(session)
    if texts is None:
        texts = texts_of(session) if others else ()
    return [
        Standing(
            language, counted(texts, language), translate_address(session, language)
        )
        for language in others
    ]


def translate_address(
    session: Session, language: str, text: SourceText | None = None
) -> str:
    """The page that translates a session into a language, at a text of it."""
    name = "admin:sessions_app_session_translate"
    page = reverse(name, args=[session.pk, language])
    return f"{page}?at={text.key}#{text.key}" if text else page


def _others(session: Session) -> list[str]:
    return [code for code in session.languages if code != session.primary_language]


def _parts(session: Session, texts: Iterable[SourceText]) -> list[Part]:
    found: dict[str, list[Gap]] = {}
    for text in texts:
        chips = tuple(_chips(session, text))
        if chips:
            source = Truncator(text.source).chars(80)
            found.setdefault(text.where, []).append(Gap(text.name, source, chips))
    return [Part(where, tuple(gaps)) for where, gaps in found.items()]


def _chips(session: Session, text: SourceText) -> Iterable[Chip]:
    for language in _others(session):
        state = text.state_in(language)
        if text.is_needed_in(language) and state in OPEN:
            yield Chip(
                language,
                NATIVE_NAMES[language],
                state,
                str(STATE_WORDS[state]),
                translate_address(session, language, text),
            )


def _rule_of(session: Session) -> Rule:
    problems = find_problems(compose(session))
    told = tuple(each.sentence for each in problems if each.check == "languages")
    stops = session.missing_translations == Session.MissingTranslations.STOPS
    if told and stops:
        sentence = gettext("Issuing is stopped until everything is translated.")
    elif told:
        sentence = gettext(
            "Nothing stops the issue: readers are told what is not translated."
        )
    elif stops:
        sentence = gettext(
            "Nothing is missing, so nothing stops the issue. A missing translation would."
        )
    else:
        sentence = gettext(
            "Nothing is missing. A missing translation would print in the main "
            "language, and page and note would say so."
        )
    return Rule(sentence, told, is_stopped=bool(told) and stops)
