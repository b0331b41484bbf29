"""From an address to the bytes that are sent: found in the folder, made once, kept.

What a page shows is a pure function of the edition, the Standing and the language; its
bytes are kept under their digests, and a request costs one `stat`."""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

import brotli  # type: ignore[import-untyped]
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_noop
from django.utils.translation.trans_real import parse_accept_lang_header
from pydantic import ValidationError

from sessions_app import mirror
from sessions_app.finding import Asked, Index
from sessions_app.outputs import (
    Output,
    addresses,
    calendar,
    editions,
    feed,
    marked_note,
    mine,
    sitemap,
)
from sessions_app.outputs.agenda import (
    Copy,
    Link,
    NoSuchPart,
    NowUnder,
    languages_of,
    render_person,
)
from sessions_app.outputs.find import Finding, render_found
from sessions_app.programme import (
    EditionCard,
    Former,
    Programme,
    ProgrammeUnreadable,
    Standing,
    pick,
)
from sessions_app.public import ranges

logger = logging.getLogger(__name__)

HTML = "text/html; charset=utf-8"
# Readers ask each time whether there is a newer edition; the answer is mostly 304.
REVALIDATE = "no-cache"
# A document of a numbered edition never changes.
FOR_EVER = "public, max-age=31536000, immutable"

# The best first. Each page is compressed once; yet the slowest setting of Brotli takes
# two seconds for a page of 600 kB, in which everybody waits, and the one below 40 ms.
_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: bytes(brotli.compress(content, quality=9)),
    "gzip": lambda content: gzip.compress(content, compresslevel=9, mtime=0),
}
_COMPRESSED_TYPES = (
    "text/",
    "application/json",
    "application/atom+xml",
    "application/xml",
)
_CONDITIONS = {"HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"}
_REFUSED = re.compile(r";\s*q=0(\.0*)?$")
# Wherever it is, midnight comes at a full quarter of an hour.
_QUARTER = dt.timedelta(minutes=15).total_seconds()


class Unavailable(Exception):
    """The address has no page to show: `status` (404 or 410) and what the page of that
    status says, in words that the template translates. `template` when it has one of
    its own."""

    def __init__(self, status: int, template: str = "", **context: Any) -> None:
        super().__init__(status)
        self.status, self.context = status, context
        self.template = template or f"{status}.html"


class Moved(Exception):
    """The page has another address: `address`, for good."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class Page(NamedTuple):
    """Bytes as they are sent, and their strong ETag; whether they are kept in memory
    for the next reader."""

    content: bytes
    etag: str
    is_kept: bool = True


class Found(NamedTuple):
    """What an address leads to: a session's Standing, one of its editions, a language.
    `number` is the edition that the address asks for, None for the current one."""

    standing: Standing
    card: EditionCard
    language: str
    number: int | None

    @property
    def key(self) -> tuple[Any, ...]:
        """What the bytes of all pages of this copy depend on."""
        return (self.card.digest, self.standing.digest, self.language, self.number)

    def copy(self, since: EditionCard | None = None) -> Copy:
        """The edition in the language, read from the folder, with the edition `since`
        as its former one. Raises Unavailable when it was not issued in the language,
        OSError or ProgrammeUnreadable when its files are missing or damaged."""
        programme = mirror.programme(self.card)
        if self.language not in programme.languages:
            raise _not_in_this_language(programme.languages, self.agenda)
        return Copy(
            programme,
            self.card.imprint,
            self.language,
            self.standing,
            self.number,
            is_public=True,
            former=Former(mirror.programme(since), since.imprint) if since else None,
        )

    @property
    def former(self) -> EditionCard | None:
        """The edition with which this one is compared."""
        return self.standing.former(self.card.imprint.number)

    def without_part(self) -> Unavailable:
        """What to raise for an address under the edition that leads to nothing."""
        return Unavailable(
            404,
            sentence=gettext_noop("This edition of the programme has no such part."),
            links=[Link(gettext_noop("To the agenda"), self.copy().address)],
        )

    def agenda(self, language: str) -> str:
        """The address of the edition's agenda in a language."""
        standing = self.standing
        return addresses.agenda_address(
            language, standing.conference, standing.session, self.number
        )


def find(
    language: str, conference: str, session: str, number: int | None = None
) -> Found:
    """The current edition of a session, or its edition `number`. Raises Unavailable
    when there is none, and when the programme or the edition was withdrawn."""
    standing = mirror.standing(conference, session)
    if standing is None:
        raise Unavailable(404)
    if standing.current is None:
        reason = pick(standing.withdrawn, language, standing.primary_language)
        raise Unavailable(410, reason=reason)
    return Found(standing, _card_of(standing, language, number), language, number)


def _card_of(standing: Standing, language: str, number: int | None) -> EditionCard:
    card = standing.edition(number)
    if card and not card.withdrawn:
        return card
    current = addresses.agenda_address(language, standing.conference, standing.session)
    links = [Link(gettext_noop("To the current edition"), current)]
    if card is None:
        sentence = gettext_noop("There is no edition of this number.")
        raise Unavailable(404, sentence=sentence, links=links)
    reason = pick(card.withdrawn, language, standing.primary_language)
    raise Unavailable(410, number=card.imprint.number, reason=reason, links=links)


def page_of(found: Found, render: Callable[..., bytes], *parts: str) -> Page:
    """A page of the edition, by what renders it from a Copy and `parts`. Raises
    Unavailable when the edition has no such part."""
    return _kept(
        (render.__name__, *parts, *found.key),
        lambda: _made(found, found.copy(), render, *parts),
    )


def page_with_changes_of(
    found: Found, render: Callable[..., bytes], *parts: str
) -> Page:
    """`page_of`, with what changed since the former edition marked. Without the marks,
    and made anew each time, while the files of that edition are missing or damaged."""

    def make() -> bytes:
        copy = found.copy()
        try:
            copy = found.copy(found.former)
        except (OSError, ProgrammeUnreadable, ValidationError) as error:
            raise _FormerUnreadable(copy) from error
        return _made(found, copy, render, *parts)

    try:
        return _kept((render.__name__, *parts, *found.key), make)
    except _FormerUnreadable as unread:
        logger.exception("cannot read the edition before %s", found.card.digest)
        return _page(_made(found, unread.copy, render, *parts))


def passing_page_of(found: Found, render: Callable[..., bytes], *parts: str) -> Page:
    """`page_with_changes_of` for what one reader chose, of which there is no end: made
    for this request, and not kept."""
    try:
        copy = found.copy(found.former)
    except (OSError, ProgrammeUnreadable, ValidationError):
        logger.exception("cannot read the edition before %s", found.card.digest)
        copy = found.copy()
    return _page(_made(found, copy, render, *parts))._replace(is_kept=False)


def asked_of(found: Found, asked: Asked) -> Page:
    """The agenda with the slots that a query asks for. What is searched is kept, the
    page is not: there is no end of queries."""

    def render(copy: Copy) -> bytes:
        index = mirror.memory.get(
            ("index", found.card.digest, found.language),
            lambda: Index(copy.programme, copy.language),
            lambda index: 4 * sum(map(len, index.lines.values())),
        )
        return render_found(Finding(copy, index, asked, _since(found, asked.since)))

    return passing_page_of(found, render)


def _since(found: Found, number: str) -> Copy | None:
    """The copy with the edition of this number as its former one, if there is one."""
    card = found.standing.edition(int(number)) if number.isdecimal() else None
    own = found.card.imprint.number
    if card is None or card.withdrawn or card.imprint.number >= own:
        return None
    return found.copy(card)


class _FormerUnreadable(Exception):
    def __init__(self, copy: Copy) -> None:
        super().__init__()
        self.copy = copy


def _made(found: Found, copy: Copy, render: Callable[..., bytes], *parts: Any) -> bytes:
    try:
        return render(copy, *parts)
    except NoSuchPart:
        raise found.without_part() from None


# --- What changed -----------------------------------------------------------


def changes_of(found: Found) -> Page:
    """What changed in the edition since its former one."""
    path = addresses.changes_address("")
    return _changes(found, found.former, path)


def changes_since(found: Found, number: int) -> Page:
    """What changed in the edition since edition `number`. Raises Unavailable when there
    is none, or it was withdrawn; Moved when it is a later one."""
    since = _before(found, number, addresses.changes_address)
    return _changes(found, since, addresses.changes_address("", number))


def marked_since(found: Found, number: int) -> Page:
    """The edition with what changed since edition `number` marked in its text. Raises
    as `changes_since`."""
    since = _before(found, number, addresses.marked_address)

    def make() -> bytes:
        copy = found.copy()
        return marked_note.render_html_page(
            copy.programme,
            found.card.imprint,
            copy.language,
            Former(mirror.programme(since), since.imprint),
            addresses.changes_address(copy.address, number),
        )

    return _kept((addresses.marked_address("", number), *found.key), make)


def feed_of(language: str, conference: str, session: str) -> Page:
    """The feed of a session's editions that are in the language. While no edition is in
    force it says so. Raises Unavailable when nothing was issued, or in other languages,
    OSError or ProgrammeUnreadable as `Found.copy`."""
    standing = mirror.standing(conference, session)
    if standing and standing.current is None and language in standing.languages:
        return _kept(
            ("feed", standing.digest, language),
            lambda: feed.render_feed_of_withdrawn(standing, language),
        )
    found = find(language, conference, session)
    return _kept(
        ("feed", *found.key),
        lambda: feed.render_feed(found.copy(), found.standing, _issues_of(found)),
    )


def _issues_of(found: Found) -> Iterator[feed.Issue]:
    for card in found.standing.editions[: feed.MOST_ENTRIES]:
        if card.withdrawn:
            yield feed.Issue(card, None)
        elif found.language in mirror.programme(card).languages:
            one = found._replace(card=card, number=card.imprint.number)
            yield feed.Issue(card, one.copy(one.former))


def _changes(found: Found, since: EditionCard | None, path: str) -> Page:
    return _kept(
        (path, *found.key),
        lambda: editions.render_changes(found.copy(since), path),
    )


def _before(found: Found, number: int, address: Callable[..., str]) -> EditionCard:
    """The edition `number` as one before the edition found. Raises as
    `changes_since`."""
    card = _card_of(found.standing, found.language, number)
    own = found.card.imprint.number
    if number == own:
        raise found.without_part()
    if number > own:
        later = found._replace(number=number).agenda(found.language)
        raise Moved(address(later, own))
    return card


# --- Which copy somebody holds ----------------------------------------------


def check_of(held: editions.Held, language: str) -> Page:
    """What became of a copy. Raises Unavailable when its session is in other
    languages."""
    standing = held.standing

    def make() -> bytes:
        if language not in standing.languages:
            raise _not_in_this_language(standing.languages, held.address_in)
        card = standing.edition()
        if card is None:
            return editions.render_check_of_withdrawn(held, language)
        is_compared = not held.is_current and not held.is_withdrawn
        current = Found(standing, card, language, None)
        copy = current.copy(held.card if is_compared else None)
        return editions.render_check(held, copy)

    return _kept(("check", held.card.digest, standing.digest, language), make)


def check_form(language: str) -> Page:
    """Where the code on a copy is typed."""
    offered = languages_of(mirror.standings())
    return _kept(
        ("check", language, offered),
        lambda: editions.render_check_form(language, offered),
    )


def check_address(code: str, held: editions.Held | None, wanted: str) -> str:
    """Where it is told what became of a copy (None: of no copy with this code), in the
    first language of the Accept-Language header `wanted` that its session has."""
    if held is None:
        offered, primary = languages_of(mirror.standings()), "en"
    else:
        offered, primary = held.standing.languages, held.standing.primary_language
    language = _best_language(wanted, offered, primary)
    return addresses.check_address(language, code)


# --- While a page is open, and without a network ------------------------------


def current_of(found: Found) -> Page:
    """Which edition of the session is current. Raises Unavailable when it is in other
    languages."""
    if found.language not in found.standing.languages:
        raise _not_in_this_language(found.standing.languages, found.agenda)
    return _kept(
        ("current", *found.key),
        lambda: editions.render_current(found.standing, found.card, found.language),
    )


def offline(language: str) -> Page:
    """What is shown, without a network, in place of a page that was never read."""
    return _kept(("offline", language), lambda: editions.render_offline(language))


def service_worker() -> Page:
    """The service worker, or what takes it out of service (settings.SERVICE_WORKER)."""
    name = "service-worker" if settings.SERVICE_WORKER else "service-worker-off"
    path = settings.BASE_DIR / "static" / f"{name}.js"
    return _kept((name,), path.read_bytes)


# --- Other pages ------------------------------------------------------------


def person_of(found: Found, code: str) -> Page:
    """The page of a person. Raises Moved for the code of a record that was merged into
    the person's, and Unavailable when nobody is under the code."""
    try:
        return page_of(found, render_person, code)
    except NowUnder as kept:
        raise Moved(f"{found.copy().address}people/{kept.code}/") from None


def data_of(found: Found, name: str, output: Output) -> Page:
    """A document that is rendered from the programme, such as programme.json."""

    def make() -> bytes:
        copy = found.copy()
        return output.render(copy.programme, copy.imprint, copy.language)

    return _kept((name, *found.key), make)


# --- Calendars --------------------------------------------------------------


def calendar_of(found: Found, render: Callable[..., bytes], *parts: Any) -> Page:
    """A calendar of the edition, by what renders it from a Copy, its Past and `parts`.
    Without what an earlier edition had, and made anew each time, while the files of
    that one are missing or damaged. Raises Unavailable when the edition has no such
    part."""

    def make() -> bytes:
        copy = found.copy()
        return _made(found, copy, render, _whole_past_of(found), *parts)

    try:
        return _kept((render.__module__, render.__name__, *parts, *found.key), make)
    except _PastUnreadable as unread:
        copy = found.copy()
        return _page(_made(found, copy, render, unread.past, *parts))


def calendar_of_person(found: Found, code: str) -> Page:
    """The calendar of a person. Raises as `person_of`."""
    try:
        return calendar_of(found, calendar.render_person, code)
    except NowUnder as kept:
        address = addresses.calendar_address(found.copy().address, "people", kept.code)
        raise Moved(address) from None


def calendar_of_chosen(found: Found, typed: str) -> Page:
    """The calendar of the slots whose codes are in the words of an address, made for
    this request. Raises Unavailable when there is none of them, or too many."""
    copy = found.copy()
    codes, is_cut = mine.codes_in(typed)
    if is_cut:
        raise _no_calendar(400, copy, most=mine.MOST_CODES)
    try:
        content = calendar.render_chosen(copy, past_of(found), codes)
    except NoSuchPart:
        raise _no_calendar(404, copy) from None
    return _page(content)._replace(is_kept=False)


def past_of(found: Found) -> calendar.Past:
    """What the editions before this one had and it has not, but for those that were
    withdrawn, and those whose files are missing or damaged."""
    try:
        return _whole_past_of(found)
    except _PastUnreadable as unread:
        return unread.past


def _whole_past_of(found: Found) -> calendar.Past:
    def read() -> calendar.Past:
        number = found.card.imprint.number
        cards = [
            card
            for card in found.standing.editions
            if card.imprint.number < number and not card.withdrawn
        ]
        programmes = map(_programme_if_readable, cards)
        earlier = [programme for programme in programmes if programme]
        past = calendar.past_of(mirror.programme(found.card), earlier)
        if len(earlier) < len(cards):
            raise _PastUnreadable(past)
        return past

    key = ("past", str(mirror.folder()), found.card.digest, found.standing.digest)
    past: calendar.Past = mirror.memory.get(key, read, _weight_of_past)
    return past


class _PastUnreadable(Exception):
    """The files of an earlier edition are missing or damaged: `past` is without it."""

    def __init__(self, past: calendar.Past) -> None:
        super().__init__()
        self.past = past


def _programme_if_readable(card: EditionCard) -> Programme | None:
    try:
        return mirror.programme(card)
    except (OSError, ProgrammeUnreadable, ValidationError):
        logger.exception("cannot read the earlier edition %s", card.digest)
        return None


def _weight_of_past(past: calendar.Past) -> int:
    # As parts of a programme weigh: a slot is some 2 kB of JSON.
    codes = sum(len(codes) for codes in past.codes_on.values())
    return 10_000 * (1 + len(past.slots) + len(past.days)) + 100 * codes


def _no_calendar(status: int, copy: Copy, **context: Any) -> Unavailable:
    return Unavailable(
        status,
        "agenda/no_calendar.html",
        example=addresses.mine_calendar_address(copy.address, ["code", "code"]),
        links=[Link(gettext_noop("To the agenda"), copy.address)],
        **context,
    )


def send_calendar(
    request: HttpRequest, found: Found, page: Page, name: str
) -> HttpResponse:
    """The answer with a calendar, to be saved under a name that tells its session and
    what it is of: `name`."""
    response = send(request, page, calendar.MEDIA_TYPE)
    response.headers["Content-Disposition"] = _saved_as(found, f"{name}.ics")
    return response


# --- Lists of sessions ------------------------------------------------------


def listed(language: str, conference: str | None = None) -> tuple[Standing, ...]:
    """The sessions before the public, of all conferences or of one. Raises Unavailable
    when there is no such conference, and when nothing is issued in the language."""
    shown = tuple(
        standing
        for standing in mirror.standings()
        if standing.current is not None and conference in {None, standing.conference}
    )
    if conference and not shown:
        raise Unavailable(404)
    offered = languages_of(shown)
    if language not in offered:
        raise Unavailable(
            404,
            sentence=gettext_noop(
                "No session is issued in this language. Read the list in:"
            ),
            links=[
                Link.in_language(code, addresses.sessions_address(code))
                for code in offered
            ],
        )
    return shown


def sitemap_of(found: Found) -> Page:
    """What search engines are to read of the session in the language."""
    return page_of(found, sitemap.render_sitemap)


def sitemap_index() -> Page:
    """Where the sitemaps of all sessions are."""
    standings = mirror.standings()
    digests = tuple(standing.digest for standing in standings)
    return _kept(("sitemaps", digests), lambda: sitemap.render_index(standings))


def start_address(accepted: str) -> str:
    """The list of sessions in the first language of an Accept-Language header in which
    some session is issued; in English, or the first that there is, without one."""
    shown = [s for s in mirror.standings() if s.current is not None]
    return addresses.sessions_address(
        _best_language(accepted, languages_of(shown), "en")
    )


def list_of(
    shown: tuple[Standing, ...],
    language: str,
    now: dt.datetime,
    render: Callable[[tuple[Standing, ...], str, dt.datetime], bytes],
) -> Page:
    """A list of sessions as at `now` (aware), kept until the day may change
    somewhere."""
    quarter = now.timestamp() // _QUARTER
    digests = tuple(standing.digest for standing in shown)
    return _kept(
        (render.__name__, digests, language, quarter),
        lambda: render(shown, language, now),
    )


def send(
    request: HttpRequest,
    page: Page,
    media_type: str = HTML,
    caching: str = REVALIDATE,
) -> HttpResponse:
    """The answer with the page: compressed as the reader takes it, 304 when the reader
    has these very bytes, without a body for HEAD."""
    is_compressed = media_type.startswith(_COMPRESSED_TYPES)
    accepted = request.META.get("HTTP_ACCEPT_ENCODING", "")
    coding = _best_coding(accepted) if is_compressed else ""
    if coding:
        page = _compressed(page, coding)
    is_head = request.method == "HEAD"
    response = HttpResponse(b"" if is_head else page.content, content_type=media_type)
    response.headers["Content-Length"] = str(len(page.content))
    response.headers["Cache-Control"] = caching
    response.headers["ETag"] = page.etag
    if is_compressed:
        response.headers["Vary"] = "Accept-Encoding"
    if coding:
        response.headers["Content-Encoding"] = coding
    if _CONDITIONS.isdisjoint(request.META):
        return response
    answer = get_conditional_response(request, etag=page.etag, response=response)
    return cast(HttpResponse, answer)


def send_document(
    request: HttpRequest, found: Found, name: str, media_type: str
) -> HttpResponse:
    """The answer with a document that was rendered when the edition was issued, or with
    the range of its bytes that is asked for, to be saved under a name that tells its
    edition. Where settings.DOCUMENTS_INTERNAL_PATH is set, the answer is empty and names
    the file to the front server, which sends it. Raises Unavailable when the edition has
    none, OSError when its file is missing, or damaged and not handed over."""
    issued = mirror.document_card(found.card, name, found.language)
    if issued is None:
        raise found.without_part()
    handed_over = bool(settings.DOCUMENTS_INTERNAL_PATH)
    content = b"" if handed_over else mirror.read_document(found.card, issued)
    caching = FOR_EVER if found.number is not None else REVALIDATE
    response = send(request, Page(content, f'"{issued.sha256}"'), media_type, caching)
    response.headers["Content-Disposition"] = _saved_as(found, name)
    if handed_over:
        return _hand_over(response, mirror.document_place(found.card, issued))
    return ranges.part(request, response)


def _hand_over(response: HttpResponse, place: str) -> HttpResponse:
    if response.status_code == 200:
        path = f"{settings.DOCUMENTS_INTERNAL_PATH}/{place}"
        response.headers["X-Accel-Redirect"] = path
    return response


def _saved_as(found: Found, name: str) -> str:
    stem, suffix = name.split(".")
    parts = (
        found.standing.session,
        stem,
        f"edition-{found.card.imprint.number}",
        addresses.language_in_address(found.language),
    )
    return f'inline; filename="{"-".join(parts)}.{suffix}"'


def _not_in_this_language(
    languages: Iterable[str], address: Callable[[str], str]
) -> Unavailable:
    return Unavailable(
        404,
        sentence=gettext_noop(
            "This session is not issued in this language. Read it in:"
        ),
        links=[Link.in_language(code, address(code)) for code in languages],
    )


def _best_language(accepted: str, offered: Sequence[str], primary: str) -> str:
    """The first language of an Accept-Language header that is offered; `primary`, or
    the first one offered, when there is none."""
    for tag, _weight_of_it in parse_accept_lang_header(accepted):
        language = addresses.language_from_address(tag.partition("-")[0])
        if language in offered:
            return language
    return primary if primary in offered else offered[0]


def _kept(key: tuple[Any, ...], make: Callable[[], bytes]) -> Page:
    page: Page = mirror.memory.get(("page", *key), lambda: _page(make()), _weight)
    return page


def _page(content: bytes) -> Page:
    return Page(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _compressed(page: Page, coding: str) -> Page:
    def made() -> Page:
        content = _CODINGS[coding](page.content)
        return Page(content, f'{page.etag[:-1]}-{coding}"')

    if not page.is_kept:
        return made()
    compressed: Page = mirror.memory.get(("page", page.etag, coding), made, _weight)
    return compressed


def _weight(page: Page) -> int:
    return len(page.content)


@functools.lru_cache(maxsize=256)
def _best_coding(accepted: str) -> str:
    """The best coding in an Accept-Encoding header (RFC 9110, 12.5.3), "" for none."""
    parts = [part.strip() for part in accepted.lower().split(",")]
    taken = {part.partition(";")[0] for part in parts if not _REFUSED.search(part)}
    return next((coding for coding in _CODINGS if coding in taken), "")
