"""What a reader without an account sees. Reads the folder of editions, never rows."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe
from pydantic import ValidationError

from config.middleware import content_security_policy
from sessions_app.finding import asked_in
from sessions_app.outputs import (
    FORMATS,
    REVISIONS,
    Output,
    addresses,
    agenda,
    calendar,
    sitemap,
)
from sessions_app.outputs import editions as editions_pages
from sessions_app.outputs import feed as feeds
from sessions_app.outputs.delegations import render_delegations
from sessions_app.outputs.frame import render_frame
from sessions_app.outputs.mine import render_chosen, render_mine
from sessions_app.outputs.screen import render_screen
from sessions_app.programme import ProgrammeUnreadable
from sessions_app.public import copies, pages

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """A view in the language of its address. What has moved is a redirect, and what it
    cannot show a page that says so: 404, 410, or 503 when files of an edition are
    missing or damaged."""

    @require_safe
    @functools.wraps(view)
    def answer(request: HttpRequest, **address: Any) -> HttpResponse:
        language = address.get("language", "en")
        try:
            return view(request, **address)
        except pages.Moved as moved:
            return _redirect(moved.address)
        except pages.Unavailable as missing:
            return _plain(missing.status, language, missing.template, **missing.context)
        except (OSError, ProgrammeUnreadable, ValidationError):
            logger.exception("cannot read what %s shows", request.path)
            return _plain(503, language, "503.html")

    return answer


def framable(view: View) -> View:
    """A page that other sites may show inside theirs, and whatever else is said at its
    address; the links of that lead out of the frame too."""

    @functools.wraps(view)
    def answer(request: HttpRequest, **address: Any) -> HttpResponse:
        response = view(request, **address)
        if response.status_code >= 400:
            head = b'<head><base target="_top">'
            response.content = response.content.replace(b"<head>", head, 1)
        policy = content_security_policy(frame_ancestors=["*"])
        response.headers["Content-Security-Policy"] = policy
        return xframe_options_exempt(lambda _request: response)(request)

    return answer


@public_page
def start(request: HttpRequest) -> HttpResponse:
    """Leads to the list of sessions in the reader's language."""
    return _lead(pages.start_address(request.headers.get("Accept-Language", "")))


@public_page
def sessions(request: HttpRequest, language: str) -> HttpResponse:
    """The sessions of all conferences."""
    shown = pages.listed(language)
    page = pages.list_of(shown, language, timezone.now(), agenda.render_sessions)
    return pages.send(request, page)


@public_page
def conference(request: HttpRequest, language: str, conference: str) -> HttpResponse:
    """The sessions of one conference."""
    shown = pages.listed(language, conference)
    page = pages.list_of(shown, language, timezone.now(), agenda.render_conference)
    return pages.send(request, page)


@public_page
def session(request: HttpRequest, **address: Any) -> HttpResponse:
    """The agenda of a session: all its days, or the slots that the query asks for."""
    found, asked = pages.find(**address), asked_in(request.GET.dict())
    if asked.is_anything:
        return pages.send(request, pages.asked_of(found, asked))
    page = pages.page_with_changes_of(found, agenda.render_agenda)
    return pages.send(request, page)


@public_page
def slot(request: HttpRequest, code: str, **address: Any) -> HttpResponse:
    """One slot."""
    page = pages.page_with_changes_of(pages.find(**address), agenda.render_slot, code)
    return pages.send(request, page)


@public_page
def people(request: HttpRequest, **address: Any) -> HttpResponse:
    """Everybody named in the programme."""
    return pages.send(
        request, pages.page_of(pages.find(**address), agenda.render_people)
    )


@public_page
def delegations(request: HttpRequest, **address: Any) -> HttpResponse:
    """The States and organizations that speak, and where each does."""
    return pages.send(request, pages.page_of(pages.find(**address), render_delegations))


@public_page
def person(request: HttpRequest, code: str, **address: Any) -> HttpResponse:
    """One person and every place of theirs."""
    return pages.send(request, pages.person_of(pages.find(**address), code))


@public_page
def mine(request: HttpRequest, **address: Any) -> HttpResponse:
    """The slots that a reader chose, whose codes are in the address."""
    found, typed = pages.find(**address), request.GET.get("slots", "")
    if not typed.strip(","):
        return pages.send(request, pages.page_of(found, render_mine))
    return pages.send(request, pages.passing_page_of(found, render_chosen, typed))


@public_page
def current(request: HttpRequest, **address: Any) -> HttpResponse:
    """Which edition is current, in a few bytes: what open pages ask."""
    page = pages.current_of(pages.find(**address))
    return pages.send(request, page, FORMATS["programme.json"].media_type)


@public_page
def screen(request: HttpRequest, **address: Any) -> HttpResponse:
    """The page for the screens at the doors of the rooms."""
    return pages.send(request, pages.page_of(pages.find(**address), render_screen))


@public_page
def agenda_calendar(request: HttpRequest, **address: Any) -> HttpResponse:
    """The session as a calendar with an entry for each slot."""
    return _send_calendar(request, address, "agenda", calendar.render_agenda)


@public_page
def days_calendar(request: HttpRequest, **address: Any) -> HttpResponse:
    """The session as a calendar with an entry for each day."""
    return _send_calendar(request, address, "days", calendar.render_days)


@public_page
def day_calendar(request: HttpRequest, day: int, **address: Any) -> HttpResponse:
    """The slots of one day as a calendar."""
    return _send_calendar(request, address, f"day-{day}", calendar.render_day, day)


@public_page
def slot_calendar(request: HttpRequest, code: str, **address: Any) -> HttpResponse:
    """One slot as a calendar."""
    return _send_calendar(request, address, code, calendar.render_slot, code)


@public_page
def person_calendar(request: HttpRequest, code: str, **address: Any) -> HttpResponse:
    """The slots in which a person is named as a calendar."""
    found = pages.find(**address)
    page = pages.calendar_of_person(found, code)
    return pages.send_calendar(request, found, page, code)


@public_page
def chosen_calendar(request: HttpRequest, **address: Any) -> HttpResponse:
    """The slots that a reader chose, whose codes are in the address, as a calendar."""
    found = pages.find(**address)
    page = pages.calendar_of_chosen(found, request.GET.get("slots", ""))
    return pages.send_calendar(request, found, page, "mine")


@framable
@public_page
def frame(request: HttpRequest, day: int = 0, **address: Any) -> HttpResponse:
    """The agenda, or one day of it, for the pages of other sites."""
    found, parts = pages.find(**address), [str(day)] if day else []
    return pages.send(request, pages.page_of(found, render_frame, *parts))


@public_page
def editions(request: HttpRequest, **address: Any) -> HttpResponse:
    """All editions of a session."""
    return pages.send(
        request, pages.page_of(pages.find(**address), editions_pages.render_editions)
    )


@public_page
def feed(request: HttpRequest, **address: Any) -> HttpResponse:
    """What changed in each edition of a session, as an Atom feed."""
    return pages.send(request, pages.feed_of(**address), feeds.MEDIA_TYPE)


@public_page
def session_sitemap(request: HttpRequest, **address: Any) -> HttpResponse:
    """What search engines are to read of a session in a language."""
    page = pages.sitemap_of(pages.find(**address))
    return pages.send(request, page, sitemap.MEDIA_TYPE)


@public_page
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """Where the sitemaps of all sessions are."""
    return pages.send(request, pages.sitemap_index(), sitemap.MEDIA_TYPE)


@public_page
def changes(request: HttpRequest, **address: Any) -> HttpResponse:
    """What changed in an edition since the one before it."""
    return pages.send(request, pages.changes_of(pages.find(**address)))


@public_page
def changes_since(request: HttpRequest, since: int, **address: Any) -> HttpResponse:
    """What changed between two editions."""
    return pages.send(request, pages.changes_since(pages.find(**address), since))


@public_page
def marked(request: HttpRequest, since: int, **address: Any) -> HttpResponse:
    """An edition with what changed since another one marked in its text."""
    return pages.send(request, pages.marked_since(pages.find(**address), since))


@public_page
def look_up(request: HttpRequest, typed: str = "") -> HttpResponse:
    """Leads from the code on a printed copy to the page about it, in the reader's
    language."""
    code = copies.code_as_printed(typed)
    accepted = request.headers.get("Accept-Language", "")
    return _lead(pages.check_address(code, copies.find(code), accepted))


@public_page
def check(request: HttpRequest, language: str, code: str) -> HttpResponse:
    """What became of a printed copy: whether it is current, and what changed since."""
    as_printed = copies.code_as_printed(code)
    if code != as_printed:
        raise pages.Moved(addresses.check_address(language, as_printed))
    held = copies.find(code)
    if held is None:
        raise pages.Unavailable(
            404,
            "agenda/no_copy.html",
            code=code,
            check_address=addresses.check_address(language),
        )
    return pages.send(request, pages.check_of(held, language))


@public_page
def check_form(request: HttpRequest, language: str) -> HttpResponse:
    """Where the code on a printed copy is typed; a code that was typed leads on."""
    code = copies.code_as_printed(request.GET.get("code", ""))
    if code:
        return _lead(pages.check_address(code, copies.find(code), language))
    return pages.send(request, pages.check_form(language))


@public_page
def document(request: HttpRequest, name: str, **address: Any) -> HttpResponse:
    """A document of an edition under its file name: note.pdf, programme.json."""
    found = pages.find(**address)
    output = FORMATS.get(name) or REVISIONS.get(name)
    if output is None:
        raise found.without_part()
    if isinstance(output, Output) and not output.is_issued:
        page = pages.data_of(found, name, output)
        return pages.send(request, page, output.media_type)
    return pages.send_document(request, found, name, output.media_type)


@public_page
def nothing(request: HttpRequest, path: str, **address: Any) -> HttpResponse:
    """Any other address under an edition: a page that leads back to it."""
    raise pages.find(**address).without_part()


@public_page
def offline(request: HttpRequest, language: str) -> HttpResponse:
    """What a page shows that was never read, while there is no network."""
    return pages.send(request, pages.offline(language))


@public_page
def service_worker(request: HttpRequest) -> HttpResponse:
    """What a browser runs to keep what was read last. At the root, since it may only
    answer for addresses under its own."""
    return pages.send(request, pages.service_worker(), "text/javascript; charset=utf-8")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What machines that read the whole Web are asked to leave alone, and to read."""
    index = f"{settings.PUBLIC_URL}{addresses.sitemap_address()}"
    words = f"User-agent: *\nDisallow: /admin/\n\nSitemap: {index}\n"
    return HttpResponse(words, content_type="text/plain")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Says that this process answers; asks nothing of the database."""
    response = HttpResponse("alive\n", content_type="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


def _send_calendar(
    request: HttpRequest,
    address: dict[str, Any],
    name: str,
    render: Callable[..., bytes],
    *parts: Any,
) -> HttpResponse:
    found = pages.find(**address)
    page = pages.calendar_of(found, render, *parts)
    return pages.send_calendar(request, found, page, name)


def _redirect(address: str) -> HttpResponse:
    # Asked for again each time: a merge that was a mistake is undone by an edition.
    response = HttpResponsePermanentRedirect(address)
    response.headers["Cache-Control"] = pages.REVALIDATE
    return response


def _lead(address: str) -> HttpResponse:
    """Leads on to what depends on the reader."""
    response = HttpResponseRedirect(address)
    response.headers["Cache-Control"] = "no-store"
    return response


def _plain(status: int, language: str, template: str, **context: Any) -> HttpResponse:
    with translation.override(language):
        page = render_to_string(template, {"language": language, **context})
    response = HttpResponse(page, status=status)
    response.headers["Cache-Control"] = "no-cache"
    if status == 503:
        response.headers["Retry-After"] = "60"
    return response
