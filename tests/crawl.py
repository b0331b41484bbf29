"""A reader who asks for everything: every link, every address that the patterns allow."""

import base64
import contextlib
import gzip
import html
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import brotli
import pikepdf
import pypdfium2
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")


@dataclass(frozen=True)
class Answer:
    """What a reader got: the status, the headers by their names, the bytes as sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> bytes:
        """The bytes as they were before they were compressed."""
        coding = self.headers.get("Content-Encoding", "")
        if coding == "br":
            return bytes(brotli.decompress(self.body))
        return gzip.decompress(self.body) if coding == "gzip" else self.body


def ask(client: Client, address: str, method: str = "GET", **headers: str) -> Answer:
    """The answer to one request; `headers` by their names with underscores."""
    said = client.generic(
        method, address, headers={n.replace("_", "-"): v for n, v in headers.items()}
    )
    return Answer(said.status_code, dict(said.items()), said.getvalue())


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found += [v for name, v in attrs if name in {"href", "src"} and v]


def links_in(page: str, address: str) -> set[str]:
    """The addresses of this site that a page leads to, without their anchors."""
    reader = _Links()
    reader.feed(page)
    found = set()
    for link in reader.found:
        parts = urlsplit(urljoin(f"http://testserver{address}", link))
        if parts.scheme == "http" and parts.netloc == "testserver":
            found.add(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def crawl(client: Client, start: Iterable[str]) -> dict[str, Answer]:
    """The answers at all addresses that are found by following links from `start`."""
    answers: dict[str, Answer] = {}
    waiting = list(start)
    while waiting:
        address = waiting.pop()
        if address in answers:
            continue
        answers[address] = answer = ask(client, address)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting += links_in(answer.content.decode(), address)
        if "Location" in answer.headers:
            waiting.append(answer.headers["Location"])
    return answers


def addresses_of(
    patterns: Iterable[URLPattern | URLResolver],
    guesses: Mapping[str, Iterable[Any]],
    under: str = "/",
) -> Iterator[str]:
    """Every address of `patterns` with every guess for each of their arguments. Raises
    KeyError for an argument without guesses, so that a new one is not overlooked."""
    for pattern in patterns:
        if not isinstance(pattern.pattern, RoutePattern):
            # Of the admin: its own ways to redirect, written as regular expressions.
            continue
        route = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses_of(pattern.url_patterns, guesses, under + route)
            continue
        names = list(pattern.pattern.converters)
        for values in itertools.product(*(guesses[name] for name in names)):
            address = under + route
            for name, value in zip(names, values, strict=True):
                written = pattern.pattern.converters[name].to_url(value)
                address = re.sub(rf"<(\w+:)?{name}>", written, address)
            yield address


def all_text(content: bytes) -> str:
    """Everything that can be read in the bytes of a page or document, in whatever way
    it is written down there."""
    if content.startswith(b"%PDF-"):
        return _all_text_of_pdf(content)
    if content.startswith(b"\x1f\x8b"):
        return all_text(gzip.decompress(content))
    plain = content.decode(errors="replace")
    readings = [plain, html.unescape(plain), unquote(plain)]
    if "\\u" in plain:
        readings.append(
            re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), plain)
        )
    if b"\x00" in content:
        readings += [content.decode(f"utf-16-{end}", "replace") for end in ("le", "be")]
    for found in _BASE64.findall(plain):
        whole = found.rstrip("=")
        whole = whole[: len(whole) // 4 * 4]
        readings.append(base64.b64decode(whole).decode(errors="replace"))
    return "\n".join(readings)


@lru_cache(maxsize=32)
def _all_text_of_pdf(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        # Words are parted at the ends of lines, and a hyphen there is a sign of its own.
        readings = [
            re.sub(r"\s+", "", page.get_textpage().get_text_bounded()).replace(
                "\x02", "-"
            )
            for page in document
        ]
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for thing in pdf.objects:
            readings += _strings_of(thing)
            if isinstance(thing, pikepdf.Stream):
                data = thing.read_raw_bytes()
                # A picture has a form of its own.
                with contextlib.suppress(pikepdf.PdfError):
                    data = thing.read_bytes()
                readings += [
                    data.decode("latin-1"),
                    data.decode("utf-16-be", errors="replace"),
                ]
    return "\n".join(readings)


def _strings_of(thing: Any) -> Iterator[str]:
    """The strings directly in an object of a PDF, such as titles and bookmarks."""
    if isinstance(thing, pikepdf.String):
        yield str(thing)
    elif isinstance(thing, pikepdf.Array):
        for part in thing:
            if isinstance(part, pikepdf.Object) and not part.is_indirect:
                yield from _strings_of(part)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        for part in thing.values():
            if isinstance(part, pikepdf.Object) and not part.is_indirect:
                yield from _strings_of(part)
