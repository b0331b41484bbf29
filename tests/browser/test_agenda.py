"""The public pages in a browser: without barriers, by keyboard, at every width."""

import pytest

from sessions_app import mirror
from tests.factories import (
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_programme,
)

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/"
PAGES = [
    "/en/",
    "/ar/",
    "/en/ocean/",
    AT,
    f"{AT}#slot-s0930",
    "/ar/ocean/first/",
    "/fr/ocean/first/",
    f"{AT}editions/1/",
    f"{AT}slots/s0930/",
    f"{AT}slots/s1600/",
    "/ar/ocean/first/slots/s0930/",
    f"{AT}people/",
    "/ar/ocean/first/people/",
    f"{AT}people/ada-lund/",
    f"{AT}editions/",
    f"{AT}editions/7/",
    "/ru/ocean/first/",
    "/unknown",
    "/en/ocean/gone/",
    "/en/ocean/damaged/",
    "/admin/login/",
]


@pytest.fixture(autouse=True)
def _sessions(editions_folder):
    """A full session in two editions, one that was withdrawn, one that is damaged."""
    issue_programmes(
        (make_full_programme(), make_imprint(1)),
        (make_full_programme(), make_imprint(2, label="Rev.1", remark={"en": "New."})),
        documents={"note.pdf": b"%PDF-1.7"},
    )
    issue_programmes((make_programme(slug="gone"), make_imprint()), current=None)
    damaged = issue_programmes((make_programme(slug="damaged"), make_imprint()))
    digest = damaged.editions[0].digest
    (mirror.folder() / digest / "programme.json").write_text("{")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_have_no_barrier_and_never_scroll_sideways(
    live_server, page, violations, width, scheme
):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)

    found = {}
    for address in PAGES:
        page.goto(live_server.url + address)
        found[address] = violations(page)

    assert found == {address: [] for address in PAGES}


def test_a_barrier_would_be_found(live_server, page, violations):
    page.goto(live_server.url + AT)
    page.evaluate(
        """() => {
          document.querySelector('h1').style.color = '#ddd';
          document.querySelector('main').insertAdjacentHTML(
            'beforeend', '<img src="x.png"><p class="wide">Wide</p>');
          document.querySelector('.wide').style.width = '200vw';
        }"""
    )

    kinds = {line.split(":")[0] for line in violations(page)}

    assert kinds == {"color-contrast", "image-alt", "scrolls sideways"}


@pytest.mark.parametrize("width", [320, 768, 2560])
def test_no_page_scrolls_sideways(live_server, page, width):
    page.set_viewport_size({"width": width, "height": 800})

    widths = {}
    for address in PAGES:
        page.goto(live_server.url + address)
        widths[address] = page.evaluate("document.documentElement.scrollWidth")

    assert widths == dict.fromkeys(PAGES, width)


@pytest.fixture
def still_page(page):
    """A page that jumps where others glide, for a reader who wants no motion."""
    page.emulate_media(reduced_motion="reduce")
    return page


@pytest.mark.parametrize("width", [360, 1280])
def test_every_link_is_reached_by_keyboard_and_seen(live_server, still_page, width):
    still_page.set_viewport_size({"width": width, "height": 800})
    still_page.goto(live_server.url + AT)
    links = still_page.locator("a").count()

    reached, hidden = [], []
    for _ in range(links):
        still_page.keyboard.press("Tab")
        name, is_seen = still_page.evaluate(
            """() => {
              const link = document.activeElement;
              // A name over two lines is seen where its first line is.
              const box = link.getClientRects()[0];
              const top = document.elementFromPoint(
                box.x + box.width / 2, box.y + box.height / 2);
              return [[...document.links].indexOf(link), link.contains(top)];
            }"""
        )
        reached.append(name)
        if not is_seen:
            hidden.append(name)

    assert reached == list(range(links))
    assert hidden == []


def test_the_first_key_skips_to_the_content(live_server, page):
    page.goto(live_server.url + AT)

    page.keyboard.press("Tab")
    skip = page.locator(":focus")

    assert skip.inner_text() == "Skip to the content"
    assert skip.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "#note-1"


def test_an_anchor_is_not_hidden_behind_the_days(live_server, still_page):
    still_page.set_viewport_size({"width": 360, "height": 640})
    still_page.goto(f"{live_server.url}{AT}#slot-s2100")

    bar = still_page.locator("nav.days").bounding_box()
    slot = still_page.locator("#slot-s2100 .time").bounding_box()

    assert bar["y"] == 0
    assert bar["height"] <= slot["y"] < 200


def test_pages_read_the_same_without_scripts(live_server, browser):
    texts = []
    for enabled in (True, False):
        context = browser.new_context(java_script_enabled=enabled)
        page = context.new_page()
        page.goto(live_server.url + AT)
        texts.append(page.locator("body").inner_text())
        context.close()

    assert texts[0] == texts[1]
    assert "Ms. Ada Lund" in texts[0]


def test_arabic_reads_from_the_right(live_server, page):
    sides = {}
    for language in ("en", "ar"):
        page.goto(f"{live_server.url}/{language}/ocean/first/")
        slot = page.locator("#slot-s0930")
        when, what, needs = (
            slot.locator(part).bounding_box()["x"]
            for part in (".when", ".what", ".needs")
        )
        sides[language] = [when < what, what < needs]

    assert sides == {"en": [True, True], "ar": [False, False]}


def test_print_leaves_out_what_paper_cannot_do(live_server, page):
    page.goto(live_server.url + AT)
    page.emulate_media(media="print", color_scheme="dark")

    hidden = [".bar", ".days", ".actions", ".more", ".skip"]
    shown = [".notice", "h1", ".edition >> nth=0", "#slot-s0930", ".footnotes"]

    assert [page.locator(part).is_visible() for part in hidden] == [False] * len(hidden)
    assert [page.locator(part).is_visible() for part in shown] == [True] * len(shown)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )


def test_nothing_is_loaded_from_elsewhere_and_little_from_here(live_server, page):
    loaded = {}
    page.on(
        "response",
        lambda response: loaded.update({response.url: len(response.body())}),
    )

    page.goto(live_server.url + AT, wait_until="networkidle")

    assert {url for url in loaded if not url.startswith(live_server.url)} == set()
    assert not [url for url in loaded if url.endswith(".js")]
    assert sum(loaded.values()) <= 100_000
