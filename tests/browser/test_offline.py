"""Without a network: what was read last opens, and says that it may be out of date."""

import re

import pytest
from playwright.sync_api import expect

from tests.editions import issue_three, withdraw

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/"
NOTE = b"%PDF-1.7 a note"
OFFLINE = (
    "You are offline. This is edition 3 (Rev.1), as at 14 June 2027, 14.23 Geneva time; "
    "it may be out of date."
)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """With the service worker that other tests do without."""
    return {**browser_context_args, "service_workers": "allow"}


@pytest.fixture
def reader(live_server, page, editions_folder):
    """A page that can go to an address, with a service worker that has seen the agenda."""
    issue_three(documents={"note.pdf": NOTE})
    page.set_viewport_size({"width": 360, "height": 700})
    page.emulate_media(reduced_motion="reduce")
    page.base = live_server.url
    page.goto(page.base + AT)
    wait_until_kept(page, AT)
    return page


def wait_until_kept(page, address):
    """Until the worker is there and has kept a page, and the page without a network."""
    page.evaluate(
        """async (address) => {
          await navigator.serviceWorker.ready;
          const look = async () =>
            (await caches.match(address)) && (await caches.match('/en/offline/'))
            && (await caches.match('/static/agenda/offline.js'))
            && (await caches.match('/static/site.css'));
          while (!(await look())) await new Promise(requestAnimationFrame);
        }""",
        address,
    )


def kept(page):
    """The addresses that are kept, by the last part of the cache's name."""
    return page.evaluate(
        """async () => {
          const found = {};
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            found[name.split('-').pop()] =
              (await cache.keys()).map(({url}) => new URL(url).pathname).sort();
          }
          return found;
        }"""
    )


def words_of(page, selector):
    return re.sub(r"\s+", " ", page.locator(selector).inner_text()).strip()


def test_what_was_read_opens_without_a_network_and_says_how_old_it_is(
    reader, context, violations
):
    page = reader
    page.goto(page.base + f"{AT}slots/s0930/")
    wait_until_kept(page, f"{AT}slots/s0930/")
    got = "async (a) => new TextDecoder().decode(await (await fetch(a)).arrayBuffer())"
    assert page.evaluate(got, f"{AT}note.pdf") == NOTE.decode()
    page.evaluate(
        """async (a) => {
          while (!(await caches.match(a))) await new Promise(requestAnimationFrame);
        }""",
        f"{AT}note.pdf",
    )

    context.set_offline(True)
    page.reload()

    assert "Minutes that matter" in words_of(page, "h1")
    assert words_of(page, ".kept") == OFFLINE
    page.goto(page.base + AT)
    assert page.locator(".slot").count() > 5
    assert words_of(page, ".kept") == OFFLINE
    assert page.evaluate(got, f"{AT}note.pdf") == NOTE.decode()
    for width, scheme in ((360, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 700})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []
    # The filters of the address are the script's matter then.
    page.goto(page.base + f"{AT}?q=lunch")
    assert words_of(page, ".kept") == OFFLINE

    context.set_offline(False)

    expect(page.locator(".kept")).to_be_hidden()


def test_page_that_was_never_read_is_a_plain_page_that_lists_what_was(
    reader, context, violations
):
    page = reader
    context.set_offline(True)

    page.goto(page.base + f"{AT}people/")

    assert words_of(page, "h1") == "You are offline"
    expect(page.locator(".keeps h3")).to_have_text(
        "First session – Conference on the ocean"
    )
    assert page.locator(".keeps a").get_attribute("href") == AT
    assert violations(page) == []
    with page.expect_navigation(url=page.base + AT):
        page.locator(".keeps a").click()
    assert words_of(page, ".kept") == OFFLINE
    page.goto(page.base + f"{AT}people/")

    context.set_offline(False)

    # By itself: it looks every five seconds.
    expect(page.locator("h1")).to_have_text("People", timeout=20_000)


def test_only_what_readers_read_is_kept(reader):
    page = reader
    elsewhere = ("/admin/login/", "/en/check/", "/en/check/code3/", f"{AT}none/")
    for address in elsewhere:
        page.goto(page.base + address)
    page.goto(page.base + f"{AT}people/")
    wait_until_kept(page, f"{AT}people/")

    found = kept(page)

    assert found["pages"] == [AT, f"{AT}people/"]
    assert not [name for name in found["files"] if re.search("admin|desk", name)]


def test_what_was_withdrawn_is_not_kept_any_longer(reader):
    page = reader
    standing = issue_three(documents={"note.pdf": NOTE})
    withdraw(standing, 3)

    page.goto(page.base + AT)

    page.wait_for_function(
        """async (address) => !(await caches.match(address))""", arg=AT
    )
    assert kept(page)["pages"] == []


def test_caches_of_an_earlier_worker_are_removed_and_those_of_others_stay(
    live_server, page, editions_folder
):
    issue_three()
    page.goto(live_server.url + "/robots.txt")
    page.evaluate("caches.open('rostrum-0-pages').then(() => caches.open('others'))")

    page.goto(live_server.url + AT)
    wait_until_kept(page, AT)

    names = set(page.evaluate("caches.keys()"))
    assert names == {"others", "rostrum-1-files", "rostrum-1-pages"}


def test_worker_taken_out_of_service_leaves_nothing(reader, settings):
    page = reader
    settings.SERVICE_WORKER = False

    page.evaluate(
        """async () => {
          const one = await navigator.serviceWorker.ready;
          await one.update();
          while (await navigator.serviceWorker.getRegistration()) {
            await new Promise(requestAnimationFrame);
          }
        }"""
    )

    assert kept(page) == {}
