"""What search engines are to read, as sitemaps (sitemaps.org, protocol 0.9): an index, and
a file for each session in each language, which stands at the place of what it names."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from collections.abc import Iterable, Iterator
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.utils.xmlutils import SimplerXMLGenerator

from sessions_app.outputs.addresses import agenda_address, sitemap_address
from sessions_app.outputs.agenda import Copy
from sessions_app.programme import Standing
from sessions_app.translated import LANGUAGE_CODES, language_tag

MEDIA_TYPE = "application/xml; charset=utf-8"
# What one file may name at most, by the protocol.
MOST_ADDRESSES = 50_000

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"


def render_index(standings: Iterable[Standing]) -> bytes:
    """The index: a file for each language of each session that has an edition in
    force, with the moment of that one."""
    xml = _begun("sitemapindex", {"xmlns": _SITEMAP})
    named = (
        (agenda_address(language, standing.conference, standing.session), card)
        for standing in standings
        if (card := standing.edition())
        for language in standing.languages
    )
    for agenda, card in itertools.islice(named, MOST_ADDRESSES):
        xml.startElement("sitemap", AttributesImpl({}))
        xml.addQuickElement("loc", f"{settings.PUBLIC_URL}{sitemap_address(agenda)}")
        xml.addQuickElement("lastmod", _machine(card.imprint.issued_at))
        xml.endElement("sitemap")
    return _ended(xml, "sitemapindex")


def render_sitemap(copy: Copy) -> bytes:
    """The agenda of the current edition, its slots and its people in the language of
    the copy, each with its translations and the moment of the edition."""
    xml = _begun("urlset", {"xmlns": _SITEMAP, "xmlns:xhtml": _XHTML})
    for path in itertools.islice(_paths(copy), MOST_ADDRESSES):
        xml.startElement("url", AttributesImpl({}))
        xml.addQuickElement("loc", f"{settings.PUBLIC_URL}{copy.address}{path}")
        if copy.imprint:
            xml.addQuickElement("lastmod", _machine(copy.imprint.issued_at))
        for language, address in _translations(copy):
            link = {
                "rel": "alternate",
                "hreflang": language,
                "href": f"{settings.PUBLIC_URL}{address}{path}",
            }
            xml.addQuickElement("xhtml:link", "", link)
        xml.endElement("url")
    return _ended(xml, "urlset")


def _paths(copy: Copy) -> Iterator[str]:
    yield from ("", "people/")
    yield from (f"slots/{slot.code}/" for slot in copy.programme.slots)
    codes = (who.person for who in copy.programme.people if who.person)
    yield from (f"people/{code}/" for code in dict.fromkeys(codes))


def _translations(copy: Copy) -> Iterator[tuple[str, str]]:
    """The languages as their tags, and where the agenda is in each; for all others the
    main one."""
    for code in LANGUAGE_CODES:
        if code in copy.programme.languages:
            yield language_tag(code), copy.address_in(code)
    yield "x-default", copy.address_in(copy.programme.primary_language)


def _machine(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")


class _Document(SimplerXMLGenerator):
    """An XML document that is written in memory."""

    def __init__(self) -> None:
        self.written = io.StringIO()
        super().__init__(self.written, "utf-8", short_empty_elements=True)


def _begun(root: str, attributes: dict[str, str]) -> _Document:
    xml = _Document()
    xml.startDocument()
    xml.startElement(root, AttributesImpl(attributes))
    return xml


def _ended(xml: _Document, root: str) -> bytes:
    xml.endElement(root)
    return xml.written.getvalue().encode()
