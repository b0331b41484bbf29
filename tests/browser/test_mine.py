"""Starring slots and passing them on: by keyboard, kept on the device, shared as a link."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import (
    issue_programmes,
    make_full_programme,
    make_imprint,
)

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/"
MINE = f"{AT}mine/"
NOTHING_IS_KEPT = """
  Object.defineProperty(window, 'localStorage', {
    get() { throw new DOMException('refused', 'SecurityError'); },
  });
"""
NOTHING_FITS = """
  Storage.prototype.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
"""
LOST = (
    "This browser keeps nothing: your choice is gone when you close the page. To keep "
    "it, open “My programme” and share its link."
)


@pytest.fixture(autouse=True)
def _session(editions_folder):
    issue_programmes((make_full_programme(), make_imprint()))


@pytest.fixture
def device(browser):
    """Gives a function: a page of a device of its own. Whatever its scripts fail at
    fails the test."""
    contexts, faults = [], []

    def page_of_device(script="", **options):
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield page_of_device
    for context in contexts:
        context.close()
    assert faults == []


def star(page, code):
    return page.locator(f"[data-code='{code}'] > .star")


def pressed(page):
    """The codes of the slots whose star is pressed, in the order of the page."""
    stars = page.locator(".slot > .star[aria-pressed=true]")
    return stars.evaluate_all("all => all.map(one => one.parentNode.dataset.code)")


def titles(page):
    heads = page.locator(".slot h3")
    return heads.evaluate_all(
        """all => all.map(head => [...head.querySelectorAll('.label, a')].filter(
             one => !one.closest('.mark')).map(one => one.textContent).join(' '))"""
    )


def mine(page):
    return page.locator(".mine > a")


def words(locator):
    return re.sub(r"\s+", " ", locator.inner_text()).strip()


def path_of(page):
    return re.sub(r"^https?://[^/]+", "", page.url)


def starred(page, url, *codes):
    page.goto(url)
    for code in codes:
        star(page, code).click()
    return page


# --- Starring -------------------------------------------------------------------------


def test_a_slot_is_starred_by_keyboard_and_stays_so(live_server, device):
    page = device()
    page.goto(live_server.url + AT)
    button = page.get_by_role(
        "button", name="Add to my programme: Panel 1: Minutes that matter", exact=True
    )

    button.focus()
    page.keyboard.press("Space")
    first = (pressed(page), words(mine(page)), mine(page).get_attribute("href"))
    page.reload()
    reloaded = (pressed(page), words(mine(page)), mine(page).get_attribute("href"))
    star(page, "s0930").press("Enter")

    assert first == (["s0930"], "My programme (1)", f"{MINE}?slots=s0930")
    assert reloaded == first
    assert (pressed(page), words(mine(page)), mine(page).get_attribute("href")) == (
        [],
        "My programme (0)",
        MINE,
    )


def test_stars_are_the_same_in_each_language_and_edition(live_server, device):
    page = starred(device(), live_server.url + AT, "s0930")

    for at in ("/ar/ocean/first/", f"{AT}editions/1/", f"{AT}slots/s0930/"):
        page.goto(live_server.url + at)
        expect(star(page, "s0930")).to_have_attribute("aria-pressed", "true")


def test_the_page_of_a_slot_has_a_star_with_words(live_server, device):
    page = device()
    page.goto(f"{live_server.url}{AT}slots/s0930/")

    page.get_by_role("button", name="Add to my programme").press("Enter")

    assert words(mine(page)) == "My programme (1)"


def test_another_tab_follows(live_server, device):
    page = device()
    page.goto(live_server.url + AT)
    other = page.context.new_page()
    other.goto(live_server.url + AT)

    star(page, "s1200").click()

    expect(star(other, "s1200")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(("width", "least"), [(360, 44), (1280, 24)])
def test_stars_are_large_enough_to_meet(live_server, device, width, least):
    page = device(viewport={"width": width, "height": 800})
    page.goto(live_server.url + AT)

    boxes = [one.bounding_box() for one in page.locator(".slot > .star").all()]

    assert len(boxes) == 11
    assert all(min(box["width"], box["height"]) >= least for box in boxes)
    assert all(0 <= box["x"] <= width - box["width"] for box in boxes)


@pytest.mark.parametrize("script", [NOTHING_IS_KEPT, NOTHING_FITS])
def test_a_browser_that_keeps_nothing_is_told_of_plainly(live_server, device, script):
    page = starred(device(script), live_server.url + AT, "s0930", "s1200")

    assert page.get_by_role("status").filter(has_text="keeps").inner_text() == LOST
    assert pressed(page) == ["s0930", "s1200"]
    mine(page).click()
    assert path_of(page) == f"{MINE}?slots=s0930,s1200"
    assert titles(page) == ["Panel 1 Minutes that matter", "Lunch"]


def test_after_a_newer_edition_stars_are_as_before(live_server, device):
    page = starred(device(), live_server.url + AT, "s0930")

    page.evaluate(
        """async () => {
          const answer = await fetch(location.pathname);
          const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
          document.querySelector('main').replaceWith(fresh.querySelector('main'));
          document.dispatchEvent(new CustomEvent('rostrum:renewed'));
        }"""
    )

    assert pressed(page) == ["s0930"]
    assert words(mine(page)) == "My programme (1)"
    star(page, "s0930").click()
    assert pressed(page) == []


# --- Their page -----------------------------------------------------------------------


def test_ones_own_programme_is_two_steps_away(live_server, device):
    page = starred(device(), live_server.url + AT, "s1200", "reports")

    page.goto(live_server.url + MINE)
    page.wait_for_url("**/mine/?slots=*")

    assert titles(page) == ["Lunch", "Reports"]
    assert not mine(page).is_visible()
    assert not page.get_by_role("button", name="Keep these").is_visible()


def test_without_stars_it_says_how_to_begin(live_server, device):
    page = device()
    page.goto(live_server.url + MINE)

    assert page.locator("[data-mine-empty]").inner_text().startswith("Mark slots in")
    assert not mine(page).is_visible()


def test_what_is_unstarred_there_is_out_of_the_address_too(live_server, device):
    page = starred(device(), live_server.url + AT, "s0930", "s1200")
    mine(page).click()

    star(page, "s0930").click()

    assert path_of(page) == f"{MINE}?slots=s1200"
    calendar = page.get_by_role("link", name="Add all to calendar")
    assert calendar.get_attribute("href").endswith("mine.ics?slots=s1200")
    page.reload()
    assert titles(page) == ["Lunch"]


def test_a_link_opens_on_another_device_without_scripts(live_server, device):
    page = starred(device(), live_server.url + AT, "s0930", "group1", "group2")
    link = mine(page).get_attribute("href")

    other = device(java_script_enabled=False)
    other.goto(live_server.url + link)

    assert titles(other) == [
        "Panel 1 Minutes that matter",
        "Working group 1 Data",
        "Working group 2 Borders",
    ]
    assert words(other.locator(".clashes li")) == (
        "Mon 21 June, 13.00–15.00: Working group 1: Data · Working group 2: Borders"
    )
    assert other.locator("button:visible").count() == 0
    assert other.get_by_role("link", name="Add all to calendar").is_visible()


def test_slots_that_somebody_shared_are_kept_beside_ones_own(live_server, device):
    page = starred(device(), live_server.url + AT, "s1200")
    page.goto(f"{live_server.url}{MINE}?slots=s0930,reports")

    page.get_by_role("button", name="Keep these in my programme").press("Enter")

    assert page.locator(".message").inner_text() == "They are in your programme now."
    assert pressed(page) == ["s0930", "reports"]
    assert not page.get_by_role("button", name="Keep these").is_visible()
    page.goto(live_server.url + AT)
    assert pressed(page) == ["s0930", "s1200", "reports"]


def test_what_is_no_longer_there_is_taken_out(live_server, device):
    page = device()
    page.goto(live_server.url + AT)
    page.evaluate("localStorage.setItem('rostrum.mine:ocean/first', 's1200,gone')")
    page.goto(live_server.url + MINE)

    page.get_by_role("button", name="Take them out").click()
    page.wait_for_url("**/mine/?slots=s1200")

    assert page.locator(".no-longer").count() == 0
    stored = page.evaluate("localStorage.getItem('rostrum.mine:ocean/first')")
    assert stored == "s1200"


def test_the_link_is_handed_to_the_system(live_server, device):
    page = device("navigator.share = async (given) => { window.shared = given; };")
    page.goto(f"{live_server.url}{MINE}?slots=s0930,gone")

    page.get_by_role("button", name="Share").click()

    assert page.evaluate("window.shared") == {
        "title": "My programme – First session",
        "url": f"{live_server.url}{MINE}?slots=s0930",
    }


@pytest.mark.parametrize(
    ("clipboard", "said"),
    [
        (
            "writeText: async (given) => { window.copied = given; }",
            "The link is copied. It shows these slots on any device.",
        ),
        (
            "writeText: async () => { throw new DOMException('', 'NotAllowedError'); }",
            "Copy this link: {link}",
        ),
    ],
)
def test_where_nothing_shares_the_link_is_copied(live_server, device, clipboard, said):
    page = device(
        f"""Object.defineProperty(navigator, 'share', {{value: undefined}});
        Object.defineProperty(navigator, 'clipboard', {{value: {{ {clipboard} }}}});"""
    )
    page.goto(f"{live_server.url}{MINE}?slots=s0930")

    page.get_by_role("button", name="Share").click()

    link = f"{live_server.url}{MINE}?slots=s0930"
    expect(page.locator(".message")).to_have_text(said.format(link=link))
    assert page.evaluate("window.copied ?? ''") in {link, ""}


# --- Without barriers -----------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_with_all_of_it_shown_there_is_no_barrier(
    live_server, device, violations, width, scheme
):
    page = device(
        NOTHING_FITS,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        timezone_id="Pacific/Auckland",
    )
    found = {}
    for path in (
        AT,
        f"{MINE}?slots=s0900,s0930,group1,group2,gone",
        "/ar/ocean/first/mine/?slots=s0930,s2100,gone",
        MINE,
    ):
        page.goto(live_server.url + path)
        if path != MINE:
            star(page, "s0930").click()
        found[path] = violations(page)

    assert found == {path: [] for path in found}
