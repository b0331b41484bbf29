"""What search engines are to read, by the sitemaps protocol."""

import lxml.etree
import pytest
from django.test import Client

from sessions_app import mirror
from sessions_app.outputs import sitemap
from tests.editions import issue_three, withdraw
from tests.factories import issue_programmes, make_imprint, make_programme

ROOT = "http://127.0.0.1:8000"
AT = "/en/ocean/first/"
INDEX = "/sitemap.xml"
NAMESPACES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
}
MOMENT = "2027-06-14T14:23:00+00:00"


def tree_at(address):
    response = Client().get(address)
    assert response.status_code == 200, address
    return lxml.etree.fromstring(response.content)


def said(tree, path):
    return [
        words.removeprefix(ROOT) for words in tree.xpath(path, namespaces=NAMESPACES)
    ]


def named_at(address):
    """What a sitemap names: addresses to their translations, by language."""
    return {
        said(url, "s:loc/text()")[0]: dict(
            zip(
                said(url, "x:link/@hreflang"),
                said(url, "x:link/@href"),
                strict=True,
            )
        )
        for url in tree_at(address).xpath("//s:url", namespaces=NAMESPACES)
    }


@pytest.fixture
def standing():
    return issue_three()


def test_small_sitemap_is_as_the_protocol_says():
    issue_programmes((make_programme(), make_imprint(3)))

    def url(path):
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{language}" href="{ROOT}{AT}{path}"/>'
            for language in ("en", "x-default")
        )
        return (
            f"<url><loc>{ROOT}{AT}{path}</loc><lastmod>{MOMENT}</lastmod>{links}</url>"
        )

    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    protocol = "http://www.sitemaps.org/schemas/sitemap/0.9"
    written = Client().get(f"{AT}sitemap.xml").content.decode()
    assert lxml.etree.canonicalize(written) == lxml.etree.canonicalize(
        f'{head}<urlset xmlns="{protocol}" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
        f"{url('')}{url('people/')}{url('slots/s1000/')}</urlset>"
    )
    assert Client().get(INDEX).content.decode() == (
        f'{head}<sitemapindex xmlns="{protocol}"><sitemap>'
        f"<loc>{ROOT}{AT}sitemap.xml</loc><lastmod>{MOMENT}</lastmod>"
        "</sitemap></sitemapindex>"
    )


def test_index_has_a_file_for_each_language_of_each_session(standing):
    mirror.point(standing.model_copy(update={"session": "second"}))

    assert sorted(said(tree_at(INDEX), "//s:loc/text()")) == sorted(
        f"/{language}/ocean/{session}/sitemap.xml"
        for language in ("ar", "en", "fr")
        for session in ("first", "second")
    )


def test_agenda_slots_and_people_are_named_and_editions_are_not(standing):
    programme = mirror.programme(standing.edition())
    people = {who.person for who in programme.people if who.person}

    named = named_at(f"{AT}sitemap.xml")

    assert set(named) == {
        AT,
        f"{AT}people/",
        *(f"{AT}slots/{slot.code}/" for slot in programme.slots),
        *(f"{AT}people/{code}/" for code in people),
    }
    (moment,) = set(said(tree_at(f"{AT}sitemap.xml"), "//s:lastmod/text()"))
    assert moment == MOMENT


def test_every_address_is_a_page_that_may_be_found_and_translations_name_each_other(
    standing,
):
    named = {}
    for file in said(tree_at(INDEX), "//s:loc/text()"):
        # A sitemap names nothing above its own place.
        under = file.removesuffix("sitemap.xml")
        inside = named_at(file)
        assert all(address.startswith(under) for address in inside)
        named |= inside

    for address, translations in named.items():
        assert set(translations) == {"ar", "en", "fr", "x-default"}
        assert address in translations.values()
        assert [named[other] for other in translations.values()] == [translations] * 4
        page = Client().get(address)
        assert page.status_code == 200, address
        assert b'content="noindex"' not in page.content, address
        canonical = f'<link rel="canonical" href="{ROOT}{address}">'
        assert canonical in page.content.decode()


def test_session_that_was_withdrawn_is_named_no_more(standing):
    withdraw(standing, 3)

    assert said(tree_at(INDEX), "//s:loc/text()") == []
    assert Client().get(f"{AT}sitemap.xml").status_code == 410


def test_file_names_no_more_than_the_protocol_allows(standing, monkeypatch):
    monkeypatch.setattr(sitemap, "MOST_ADDRESSES", 2)

    assert list(named_at(f"{AT}sitemap.xml")) == [AT, f"{AT}people/"]
    assert len(said(tree_at(INDEX), "//s:loc/text()")) == 2


def test_sitemaps_are_sent_compressed_without_a_row_and_once_made(
    db, django_assert_num_queries, standing
):
    with django_assert_num_queries(0):
        for address in (INDEX, f"{AT}sitemap.xml"):
            first = Client().get(address, HTTP_ACCEPT_ENCODING="br")
            again = Client().get(
                address, HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=first["ETag"]
            )
            assert (first["Content-Type"], first["Content-Encoding"]) == (
                "application/xml; charset=utf-8",
                "br",
            )
            assert again.status_code == 304


def test_robots_are_told_where_the_sitemaps_are(standing):
    lines = Client().get("/robots.txt").content.decode().splitlines()

    assert f"Sitemap: {ROOT}{INDEX}" in lines


@pytest.mark.parametrize("language", ["es", "ru"])
def test_there_is_no_sitemap_in_other_languages(standing, language):
    assert Client().get(f"/{language}/ocean/first/sitemap.xml").status_code == 404
