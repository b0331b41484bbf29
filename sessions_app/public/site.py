"""An edition as a folder of files that a plain web server can serve: the answers of the
public addresses, to the byte, each beside what it is when it is compressed.

Reads the folder of editions, never rows."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from sessions_app import mirror
from sessions_app.outputs import FORMATS, addresses, calendar
from sessions_app.programme import EditionCard, Programme, Standing
from sessions_app.public import pages

# Coding in the header to the suffix under which web servers look for the file.
_SUFFIXES = {"br": ".br", "gzip": ".gz"}
# What is sent compressed to whoever takes it so.
_COMPRESSED = (".html", ".json", ".css", ".atom", ".xml", ".js", ".ics")
_IN_STYLES = re.compile(r"""(?:url\(|@import\s)\s*["']?([^"')]+)""")

# Given each file: its path in the folder, and its bytes.
Write = Callable[[str, bytes], None]
# Told how many of how many addresses are made.
Tell = Callable[[int, int], None]


class NotExported(Exception):
    """Why there is no site; its text is a sentence for the operator."""


def write_site(
    standing: Standing, card: EditionCard, write: Write, tell: Tell
) -> dict[str, int]:
    """Writes every public address of an edition, and those of the session when it is
    the current one, with the static files that they lead to. Gives the addresses of
    this server that its pages lead to and that are not in it, with the number of pages
    that do. Raises NotExported when an address shows no page, and when the session
    changed meanwhile."""
    wanted = sorted(set(_addresses_of(standing, card)))
    links: Counter[str] = Counter()
    for made, address in enumerate(wanted):
        tell(made, len(wanted))
        content = _content_at(card, address)
        for name, data in _with_compressed(address, content).items():
            write(name, data)
        if address.endswith("/"):
            links.update(_links_in(content.decode(), address))
    tell(len(wanted), len(wanted))
    inside = {*wanted, *_write_static_files(links, write)}
    if mirror.standing(standing.conference, standing.session) != standing:
        raise NotExported(
            "The session changed while it was exported: an edition was issued or "
            "withdrawn. Give the command again."
        )
    return {to: count for to, count in sorted(links.items()) if to not in inside}


def edition_of(standing: Standing, number: int | None) -> EditionCard:
    """The edition of this number, or the current one. Raises NotExported when there is
    none, and when it was withdrawn."""
    card = standing.edition(number)
    if card and not card.withdrawn:
        return card
    there = [str(c.imprint.number) for c in standing.editions if not c.withdrawn]
    which = "current edition" if number is None else f"edition {number}"
    others = f"--edition may be {', '.join(there)}." if there else "All are withdrawn."
    raise NotExported(f"There is no {which} to export. {others}")


# --- Which addresses --------------------------------------------------------


def _addresses_of(standing: Standing, card: EditionCard) -> Iterator[str]:
    """Every public address of an edition; those of its session when it is current."""
    programme = mirror.programme(card)
    number = card.imprint.number
    is_current = number == standing.current
    earlier = [
        each.imprint.number
        for each in standing.editions
        if each.imprint.number < number and not each.withdrawn
    ]
    yield from ("/robots.txt", "/sitemap.xml", "/service-worker.js")
    for language in programme.languages:
        yield addresses.offline_address(language)
        names = (language, standing.conference, standing.session)
        own = addresses.agenda_address(*names, number)
        roots = [own, addresses.agenda_address(*names)] if is_current else [own]
        for agenda in roots:
            yield from (agenda + part for part in _parts_of(programme))
            yield from (agenda + part for part in _documents_of(card, language))
            yield from _calendars_of(standing, card, language, agenda)
            yield from (addresses.changes_address(agenda, each) for each in earlier)
        yield addresses.changes_address(own)
        yield from (addresses.marked_address(own, each) for each in earlier)
        if is_current:
            yield f"{roots[1]}editions/"
            yield addresses.feed_address(roots[1])
            yield addresses.sitemap_address(roots[1])
            yield addresses.current_address(roots[1])


def _parts_of(programme: Programme) -> Iterator[str]:
    yield from ("", "people/", "delegations/", "mine/", "screen/")
    yield addresses.frame_address("")
    yield from (addresses.frame_address("", day.number) for day in programme.days)
    yield from (f"slots/{slot.code}/" for slot in programme.slots)
    yield from (f"people/{who.person}/" for who in programme.people if who.person)


def _calendars_of(
    standing: Standing, card: EditionCard, language: str, agenda: str
) -> Iterator[str]:
    past = pages.past_of(pages.Found(standing, card, language, None))
    for of in calendar.names_of(mirror.programme(card), past):
        yield addresses.calendar_address(agenda, *of)


def _documents_of(card: EditionCard, language: str) -> Iterator[str]:
    yield from (name for name, output in FORMATS.items() if not output.is_issued)
    yield from (each.name for each in card.documents if each.language == language)


def _file_of(address: str) -> str:
    return address[1:] + ("index.html" if address.endswith("/") else "")


# --- What is there ----------------------------------------------------------


def _content_at(card: EditionCard, address: str) -> bytes:
    name = address.rpartition("/")[2]
    if name in {document.name for document in card.documents}:
        # From the folder: the answer may leave it to the web server to send the file.
        language = addresses.language_from_address(address.split("/")[1])
        try:
            return mirror.document(card, name, language) or b""
        except OSError as error:
            raise NotExported(f"{address} cannot be read: {error}.") from error
    return _answer(address).content


def _answer(address: str, coding: str = "") -> HttpResponse:
    """The answer of the public page, without what a request passes on its way there."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = address
    request.META["HTTP_ACCEPT_ENCODING"] = coding
    found = resolve(address, "sessions_app.public.urls")
    response: HttpResponse = found.func(request, *found.args, **found.kwargs)
    if response.status_code != 200:
        raise NotExported(
            f"{address} is answered with {response.status_code}, and not with a page; "
            "`manage.py mirror` mends files that are missing or damaged."
        )
    return response


def _with_compressed(address: str, content: bytes) -> dict[str, bytes]:
    """The files of an address: as they are sent compressed too, if they ever are."""
    file = _file_of(address)
    if not file.endswith(_COMPRESSED):
        return {file: content}
    return {file: content} | {
        file + suffix: _answer(address, coding).content
        for coding, suffix in _SUFFIXES.items()
    }


def _write_static_files(links: Iterable[str], write: Write) -> set[str]:
    """Writes the static files that pages lead to, and those that these lead to; gives
    their addresses."""
    written: set[str] = set()
    waiting = {link for link in links if link.startswith(settings.STATIC_URL)}
    while waiting:
        address = waiting.pop()
        path = _static_path(address.removeprefix(settings.STATIC_URL))
        if path is None:
            continue
        content = path.read_bytes()
        for name, data in _with_compressed_text(address[1:], content).items():
            write(name, data)
        written.add(address)
        if path.suffix == ".css":
            found = (_own(to, address) for to in _IN_STYLES.findall(content.decode()))
            waiting |= {to for to in found if to} - written
    return written


def _static_path(name: str) -> Path | None:
    """Where a static file is; one that `collectstatic` named anew is only there."""
    found = finders.find(name)
    path = Path(found) if found else Path(settings.STATIC_ROOT) / name
    return path if path.is_file() else None


def _with_compressed_text(file: str, content: bytes) -> dict[str, bytes]:
    if not file.endswith((".css", ".js")):
        return {file: content}
    page = pages.Page(content, f'"{hashlib.sha256(content).hexdigest()}"')
    files = {file: content}
    for coding, suffix in _SUFFIXES.items():
        request = HttpRequest()
        request.META["HTTP_ACCEPT_ENCODING"] = coding
        files[file + suffix] = pages.send(request, page, "text/css").content
    return files


# --- Where it leads ---------------------------------------------------------


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        led = {"href", "src", "action"}
        self.found += [value for name, value in attrs if name in led and value]


def _links_in(page: str, address: str) -> set[str]:
    """The addresses of this server that a page leads to, without their anchors."""
    reader = _Links()
    reader.feed(page)
    return {own for link in reader.found if (own := _own(link, address))}


def _own(link: str, address: str) -> str:
    """The path of a link that stands at the address; empty when it leads elsewhere."""
    parts = urlsplit(urljoin(settings.PUBLIC_URL + address, link))
    own = urlsplit(settings.PUBLIC_URL)
    is_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    return unquote(parts.path) if is_own else ""
