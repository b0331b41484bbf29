"""The page on which translators fetch the texts of a session as a spreadsheet and send
it back: first it is shown what that would do, then it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sessions_app import duties, spreadsheets
from sessions_app.models import Session
from sessions_app.spreadsheets import Asked, Beside, NotRead, Proposal, Refused
from sessions_app.translated import NATIVE_NAMES, direction, language_name
from sessions_app.translating import (
    Seen,
    SourceText,
    counted,
    texts_of,
    translate_all,
)

# Rows that are shown; the others are counted, and what is refused is in the file.
_MOST_SHOWN = 200
# What is carried from the look at a file to its saving comes back in a request, which
# is bounded by settings.REQUEST_LIMIT_BYTES; and no longer than a session of an account.
_MOST_CARRIED = 4 * 1024 * 1024
_SECONDS_CARRIED = 8 * 60 * 60
_SALT = "sessions_app.admin.spreadsheets"


class UploadForm(forms.Form):
    """A file that comes back from translators."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput({"accept": ".xlsx,.csv"}),
        help_text=_(
            "XLSX or CSV, as it was downloaded here, with the translations typed in. "
            "The language is told by the file. Nothing is saved yet: you see first what "
            "it would do."
        ),
        error_messages={
            "required": _("Choose the file that the translators sent back."),
            "empty": _("The file is empty."),
        },
    )


@dataclass(frozen=True)
class Offer:
    """A language into which the session is translated, with its files."""

    code: str
    name: str
    native_name: str
    count: int
    open: int
    files: tuple[tuple[str, str], ...]
    files_of_open: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Carried:
    """What a file asks for, carried in the page between the look and the saving: bound
    to the session and the account, and signed. It allows nothing by itself."""

    session: int
    user: int
    language: str
    letters: dict[str, str]
    asked: list[Asked]
    refused: list[Refused]

    def signed(self) -> str:
        return signing.dumps(asdict(self), salt=_SALT, compress=True)

    @classmethod
    def read(cls, signed: str, session: Session, user: Any) -> Carried:
        """Raises NotRead for what was not made by this page for this account."""
        try:
            held = signing.loads(signed, salt=_SALT, max_age=_SECONDS_CARRIED)
        except signing.BadSignature:
            held = {}
        if (held.get("session"), held.get("user")) != (session.pk, user.pk):
            raise NotRead(gettext("This is no longer valid: send the file again."))
        asked = [Asked(**{**row, "seen": Seen(**row["seen"])}) for row in held["asked"]]
        refused = [
            Refused(**{**row, "beside": tuple(Beside(**b) for b in row["beside"])})
            for row in held["refused"]
        ]
        return cls(**{**held, "asked": asked, "refused": refused})


class _Desk:
    """A session, its texts, and what somebody may do to them."""

    def __init__(self, request: HttpRequest, session: Session) -> None:
        self.request, self.session = request, session
        self._said: dict[tuple[str, Any], str] = {}

    @property
    def address(self) -> str:
        name = "admin:sessions_app_session_translations"
        return reverse(name, args=[self.session.pk])

    @cached_property
    def texts(self) -> list[SourceText]:
        return texts_of(self.session)

    @cached_property
    def by_key(self) -> dict[str, SourceText]:
        return {text.key: text for text in self.texts}

    def why_not(self, text: SourceText) -> str:
        """Why the account may not change a text, "" when it may."""
        asked = text.permission, text.owner.pk
        if asked not in self._said:
            user: Any = self.request.user
            may = user.has_perm(text.permission, text.owner)
            self._said[asked] = (
                "" if may else duties.why_not(user, text.permission, text.owner)
            )
        return self._said[asked]

    def proposal(self, carried: Carried) -> Proposal:
        proposed = spreadsheets.proposal(
            *(carried.asked, self.by_key, carried.language, carried.letters),
            self.why_not,
        )
        refused = [*carried.refused, *proposed.refused]
        refused.sort(key=lambda row: row.number)
        return replace(proposed, refused=tuple(refused))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def translations_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The files to download; of a file that is sent, what it would do; and, when that
    is confirmed, does it."""
    rows = Session.objects.select_related("conference").defer("conference__logo")
    session = duties.found(request.user, rows, "sessions_app.view_session", pk=pk)
    desk = _Desk(request, session)
    if request.method != "POST":
        return _file_of_all(desk) if "language" in request.GET else _page(desk)
    duties.require(request.user, "sessions_app.change_session", session)
    if "carried" in request.POST:
        return _confirmed(desk)
    return _looked_at(desk)


# --- Out --------------------------------------------------------------------------


def _file_of_all(desk: _Desk) -> HttpResponse:
    asked = desk.request.GET
    language, format_ = asked["language"], asked.get("format", "xlsx")
    if language not in _languages(desk.session) or format_ not in spreadsheets.FORMATS:
        raise Http404
    texts = [text for text in desk.texts if _is_written(text, language)]
    if asked.get("texts") == "open":
        texts = [
            text for text in texts if text.state_in(language) in {"missing", "outdated"}
        ]
    content = spreadsheets.write(desk.session, texts, language, format_)
    return _file(desk.session, content, language, format_)


def _is_written(text: SourceText, language: str) -> bool:
    """Names between two languages in Latin letters stand in no file, unless one is
    spelled otherwise already."""
    return text.is_needed_in(language) or bool(text.said(language))


def _file(
    session: Session, content: bytes, language: str, format_: str
) -> HttpResponse:
    name = f"{session.slug}-{language}.{format_}"
    return HttpResponse(
        content,
        content_type=spreadsheets.FORMATS[format_],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _languages(session: Session) -> list[str]:
    return [code for code in session.languages if code != session.primary_language]


# --- In ---------------------------------------------------------------------------


def _looked_at(desk: _Desk) -> HttpResponse:
    """What a file would do."""
    form = UploadForm(desk.request.POST, desk.request.FILES)
    if not form.is_valid():
        return _page(desk, form)
    try:
        carried, proposed = _read(desk, form.cleaned_data["file"])
        signed = _signed(carried)
    except NotRead as refusal:
        form.add_error("file", str(refusal))
        return _page(desk, form)
    return _page(desk, form, shown=_shown(carried.language, proposed, signed))


def _read(desk: _Desk, file: UploadedFile) -> tuple[Carried, Proposal]:
    size = file.size or 0
    # What is longer is refused by its length, unread.
    sheet = spreadsheets.read(
        file.read(min(size, spreadsheets.MOST_BYTES + 1)), file.name or ""
    )
    asked, refused = spreadsheets.asked_in(sheet, desk.session, desk.by_key)
    whole = Carried(
        session=desk.session.pk,
        user=desk.request.user.pk or 0,
        language=sheet.language,
        letters=dict(sheet.letters),
        asked=asked,
        refused=refused,
    )
    proposed = desk.proposal(whole)
    saves = [
        Asked(row.number, row.wish.text.key, row.wish.typed, row.wish.seen)
        for row in proposed.saves
    ]
    return replace(whole, asked=saves, refused=list(proposed.refused)), proposed


def _signed(carried: Carried) -> str:
    signed = carried.signed()
    if len(signed) > _MOST_CARRIED:
        raise NotRead(
            gettext("The file changes too much at once: send fewer rows at a time.")
        )
    return signed


def _confirmed(desk: _Desk) -> HttpResponse:
    """Saves what was shown, as far as it still holds; or gives the file of the rows
    that are to be corrected."""
    posted = desk.request.POST
    try:
        carried = Carried.read(posted["carried"], desk.session, desk.request.user)
    except NotRead as refusal:
        messages.error(desk.request, str(refusal))
        return HttpResponseRedirect(desk.address)
    for format_ in spreadsheets.FORMATS:
        if f"refused_{format_}" in posted:
            return _file_of_refused(desk, carried, format_)
    return _saved(desk, carried)


def _saved(desk: _Desk, carried: Carried) -> HttpResponse:
    proposed = desk.proposal(carried)
    numbers = {row.wish.text.key: row.number for row in proposed.saves}
    wishes = [row.wish for row in proposed.saves]
    by, language = desk.request.user, carried.language
    not_saved = translate_all(desk.session, wishes, language, by) if wishes else []
    late = [
        Refused(
            *(numbers[wish.text.key], carried.letters["translation"], why),
            *(wish.text.key, wish.typed),
        )
        for wish, why in not_saved
    ]
    refused = sorted((*proposed.refused, *late), key=lambda row: row.number)
    _tell(desk.request, len(wishes) - len(late), len(refused))
    if not refused:
        return HttpResponseRedirect(desk.address)
    left = replace(carried, asked=[], refused=refused)
    # Read anew: what was saved stands on other copies of these rows.
    fresh = _Desk(desk.request, Session.objects.get(pk=desk.session.pk))
    shown = _shown(language, replace(proposed, saves=(), refused=tuple(refused)))
    return _page(fresh, shown=replace(shown, signed=left.signed(), is_done=True))


def _tell(request: HttpRequest, saved: int, refused: int) -> None:
    if saved:
        messages.success(
            request,
            ngettext("%(count)d text was saved.", "%(count)d texts were saved.", saved)
            % {"count": saved},
        )
    elif not refused:
        messages.success(request, gettext("All of it was saved already."))
    if refused:
        messages.warning(
            request,
            ngettext(
                "%(count)d row was refused: it is listed below.",
                "%(count)d rows were refused: they are listed below.",
                refused,
            )
            % {"count": refused},
        )


def _file_of_refused(desk: _Desk, carried: Carried, format_: str) -> HttpResponse:
    """What was refused, as it was typed, beside the texts of now: corrected, it can be
    sent."""
    remarks = {
        row.key: row.sentence for row in carried.refused if row.key in desk.by_key
    }
    typed = {row.key: row.typed for row in carried.refused if row.typed}
    content = spreadsheets.write(
        desk.session,
        [text for text in desk.texts if text.key in remarks],
        carried.language,
        format_,
        typed,
        remarks,
    )
    return _file(desk.session, content, f"{carried.language}-refused", format_)


# --- The page ---------------------------------------------------------------------


@dataclass(frozen=True)
class SavesShown:
    """A text that would be saved: its row, where it stands, and its words."""

    number: int
    text: SourceText
    before: str
    after: str


@dataclass(frozen=True)
class BesideShown:
    """Words that are shown with a refusal, with the direction of their language."""

    name: str
    said: str
    language: str
    way: str


@dataclass(frozen=True)
class Shown:
    """What a file would do, or did, as far as a page shows it."""

    code: str
    way: str
    language: str
    saves: Sequence[SavesShown]
    more_saves: int
    count_saves: int
    refused: Sequence[tuple[Refused, list[BesideShown]]]
    more_refused: int
    count_refused: int
    can_be_corrected: bool
    unchanged: int
    emptied: str
    count_emptied: int
    signed: str = ""
    is_done: bool = False


def _shown(language: str, proposed: Proposal, signed: str = "") -> Shown:
    saves, refused, emptied = proposed.saves, proposed.refused, proposed.emptied
    return Shown(
        code=language,
        way=direction(language),
        language=language_name(language),
        saves=[
            SavesShown(
                row.number, row.wish.text, row.wish.text.said(language), row.wish.typed
            )
            for row in saves[:_MOST_SHOWN]
        ],
        more_saves=max(len(saves) - _MOST_SHOWN, 0),
        count_saves=len(saves),
        refused=[(row, _beside(row)) for row in refused[:_MOST_SHOWN]],
        more_refused=max(len(refused) - _MOST_SHOWN, 0),
        count_refused=len(refused),
        can_be_corrected=any(row.key for row in refused),
        unchanged=proposed.unchanged,
        emptied=", ".join(str(number) for number in emptied[:_MOST_SHOWN]),
        count_emptied=len(emptied),
        signed=signed,
    )


def _beside(row: Refused) -> list[BesideShown]:
    return [
        BesideShown(b.name, b.said, b.language, direction(b.language))
        for b in row.beside
    ]


def _offers(desk: _Desk) -> list[Offer]:
    return [_offer(desk, code) for code in _languages(desk.session)]


def _offer(desk: _Desk, code: str) -> Offer:
    states = counted(desk.texts, code)
    files = [
        (format_.upper(), f"{desk.address}?language={code}&format={format_}")
        for format_ in spreadsheets.FORMATS
    ]
    return Offer(
        code=code,
        name=capfirst(language_name(code)),
        native_name=NATIVE_NAMES[code],
        count=sum(_is_written(text, code) for text in desk.texts),
        open=states["missing"] + states["outdated"],
        files=tuple(files),
        files_of_open=tuple((name, f"{url}&texts=open") for name, url in files),
    )


def _page(
    desk: _Desk, form: UploadForm | None = None, shown: Shown | None = None
) -> HttpResponse:
    user: Any = desk.request.user
    context = {
        **admin.site.each_context(desk.request),
        "title": gettext("Spreadsheets for translators"),
        "subtitle": str(desk.session),
        "session": desk.session,
        "opts": Session._meta,
        "form": form or UploadForm(),
        "may_edit": user.has_perm("sessions_app.change_session", desk.session),
        "main": capfirst(language_name(desk.session.primary_language)),
        "main_code": desk.session.primary_language,
        "main_way": direction(desk.session.primary_language),
        "offers": _offers(desk),
        "shown": shown,
    }
    return render(desk.request, "admin/desk/spreadsheets.html", context)
