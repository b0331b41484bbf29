"""The public pages in a browser: without barriers, by keyboard, at every width."""

import gzip

import pytest

from sessions_app import mirror
from tests.editions import issue_three, make_later_imprint, withdraw
from tests.factories import (
    issue_programmes,
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
    f"{AT}delegations/",
    f"{AT}?of=Chile",
    "/ar/ocean/first/people/",
    f"{AT}people/ada-lund/",
    f"{AT}editions/",
    f"{AT}editions/7/",
    f"{AT}editions/3/changes/",
    f"{AT}editions/2/changes/",
    f"{AT}editions/1/changes/",
    f"{AT}editions/3/changes/1/",
    f"{AT}editions/3/changes/1/marked/",
    "/ar/ocean/first/editions/3/changes/2/marked/",
    f"{AT}changes/1/",
    "/ar/ocean/first/changes/1/",
    "/en/check/",
    "/ar/check/",
    "/en/check/code1/",
    "/ar/check/code1/",
    "/fr/check/code2/",
    "/en/check/code3/",
    "/en/check/unknown/",
    "/en/check/taken2/",
    "/en/check/gone1/",
    "/en/ocean/taken/editions/",
    "/en/ocean/taken/editions/2/",
    "/ru/ocean/first/",
    "/unknown",
    "/en/ocean/gone/",
    "/en/ocean/damaged/",
    "/admin/login/",
]


@pytest.fixture(autouse=True)
def _sessions(editions_folder):
    """A full session in three editions, one of which the second was withdrawn, one that
    was withdrawn as a whole, one that is damaged."""
    names = ("corrections.pdf", "marked.pdf", "note.pdf")
    issue_three(documents=dict.fromkeys(names, b"%PDF-1.7"))
    taken = issue_programmes(
        *(
            (
                make_programme(slug="taken"),
                make_later_imprint(
                    number, remark={"en": "N"}, check_code=f"taken{number}"
                ),
            )
            for number in (2, 3)
        )
    )
    withdraw(taken, 2)
    gone = issue_programmes(
        (make_programme(slug="gone"), make_imprint(check_code="gone1"))
    )
    withdraw(gone, 1)
    damaged = issue_programmes((make_programme(slug="damaged"), make_imprint()))
    digest = damaged.editions[0].digest
    (mirror.folder() / digest / "programme.json").write_text("{")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_have_no_barrier_and_never_scroll_sideways(
    live_server, page, violations, width, scheme
):
    page.set_viewport_size({"width": width, "height": 800})
    # Without motion: a page is looked at where it has come to rest.
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

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


# What a key must reach: all that can be followed, pressed or filled in, and is shown.
WITHIN_REACH = """(() => [
  ...document.querySelectorAll('a[href], summary, button, input, select'),
].filter((each) => each.checkVisibility() && each.type !== 'hidden'))"""


@pytest.mark.parametrize("width", [360, 1280])
def test_every_link_is_reached_by_keyboard_and_seen(live_server, still_page, width):
    still_page.set_viewport_size({"width": width, "height": 800})
    still_page.goto(live_server.url + AT)
    links = still_page.evaluate(f"{WITHIN_REACH}().length")

    reached, hidden = [], []
    for _ in range(links):
        still_page.keyboard.press("Tab")
        name, is_seen = still_page.evaluate(
            f"""() => {{
              const link = document.activeElement;
              // A name over two lines is seen where its first line is.
              const box = link.getClientRects()[0];
              const top = document.elementFromPoint(
                box.x + box.width / 2, box.y + box.height / 2);
              const all = {WITHIN_REACH}();
              return [all.indexOf(link), link.contains(top)];
            }}"""
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


def test_all_that_pages_say_is_there_without_scripts(live_server, browser):
    texts = []
    for enabled in (True, False):
        context = browser.new_context(java_script_enabled=enabled)
        page = context.new_page()
        page.goto(live_server.url + AT)
        texts.append(page.locator("body").inner_text().splitlines())
        context.close()

    assert [line for line in texts[1] if line not in texts[0]] == []
    assert "Ms. Ada Lund" in texts[1]


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


def test_changes_of_a_slot_are_opened_by_keyboard(live_server, page):
    page.goto(live_server.url + AT)
    sentences = page.locator("#slot-s0930 .told")
    summary = page.locator("#slot-s0930 summary")

    assert not sentences.is_visible()
    summary.focus()
    page.keyboard.press("Enter")

    assert sentences.inner_text().split("\n") == [
        "Panel 1 starts at 09.45, was 09.30.",
        "Ms. Dag Holm replaces Ms. Cai Ong.",
    ]


def test_what_is_opened_has_no_barrier(live_server, page, violations):
    page.goto(live_server.url + AT)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert violations(page) == []


def test_a_code_is_typed_and_sent_without_scripts(live_server, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/en/check/unknown/")
    field = page.get_by_label("Code under the square")

    field.fill("CODE 1")
    field.press("Enter")

    assert page.url == f"{live_server.url}/en/check/code1/"
    assert page.locator("h1").inner_text() == "Your copy is no longer current."
    context.close()


def test_print_leaves_out_what_paper_cannot_do(live_server, page):
    page.goto(live_server.url + AT)
    page.emulate_media(media="print", color_scheme="dark")

    hidden = [
        *(
            ".bar",
            ".days",
            ".actions",
            ".more",
            ".skip >> nth=0",
            ".day > .skip >> nth=0",
        ),
        *(".tools", "#needs", ".star >> nth=0", "h3 .unseen >> nth=0"),
    ]
    shown = [
        *(".notice", "h1", ".edition >> nth=0", "#slot-s0930", ".footnotes"),
        "#slot-s0930 .told",
    ]

    assert [page.locator(part).is_visible() for part in hidden] == [False] * len(hidden)
    assert [page.locator(part).is_visible() for part in shown] == [True] * len(shown)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )


def test_nothing_is_loaded_from_elsewhere_and_little_from_here(live_server, page):
    loaded = {}

    def take(response):
        # Fonts are compressed; the rest is, as it is sent by nginx.
        is_font = response.url.endswith(".woff2")
        body = response.body()
        loaded[response.url] = len(body if is_font else gzip.compress(body))

    page.on("response", take)

    page.goto(live_server.url + AT, wait_until="networkidle")

    assert {url for url in loaded if not url.startswith(live_server.url)} == set()
    scripts = [size for url, size in loaded.items() if url.endswith(".js")]
    assert (len(scripts) > 0, sum(scripts) <= 15_000) == (True, True)
    assert sum(loaded.values()) <= 100_000
