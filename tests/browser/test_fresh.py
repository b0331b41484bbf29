"""A page that stays open: the next edition comes to it, and the reader keeps the place."""

import re

import pytest
from playwright.sync_api import expect

from tests.editions import make_later_imprint, make_revised_programme, withdraw
from tests.factories import issue_programmes, make_full_programme, make_imprint

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/"
FIRST = (make_full_programme(), make_imprint(1))
SECOND = (make_revised_programme(), make_later_imprint(2, "Rev.1"))
THIRD = (
    make_full_programme(symbol="A/CONF.99/2/Rev.2"),
    make_later_imprint(3, "Rev.2", label_before="Rev.1"),
)
JUST_AFTER = "2027-06-14T14:30:00Z"


@pytest.fixture
def open_page(live_server, page, editions_folder):
    """Opens a page of the second edition, its clock in hand, without motion."""

    def opened(address=AT, width=360):
        issue_programmes(FIRST, SECOND)
        page.set_viewport_size({"width": width, "height": 700})
        page.emulate_media(reduced_motion="reduce")
        page.clock.install(time=JUST_AFTER)
        page.goto(live_server.url + address)
        with page.expect_response("**/current.json"):
            pass_time(page, 6)
        return page

    return opened


def pass_time(page, seconds=15):
    """Lets so many seconds go by on the page."""
    page.clock.run_for(seconds * 1000)


def top_of(page, selector):
    return page.locator(selector).evaluate("e => e.getBoundingClientRect().top")


def words_of(page, selector):
    return [
        re.sub(r"\s+", " ", t).strip() for t in page.locator(selector).all_inner_texts()
    ]


def seen_again(page):
    """What a telephone tells a page when it is looked at after a sleep."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.parametrize("width", [360, 1280])
def test_next_edition_comes_within_fifteen_seconds_where_the_reader_was(
    open_page, width, violations
):
    page = open_page(width=width)
    page.locator("#slot-s0930 details summary").click()
    page.locator("#slot-s1200").evaluate("e => e.scrollIntoView()")
    page.locator("#slot-s1200 a").first.evaluate("e => e.focus({preventScroll: true})")
    before = top_of(page, "#slot-s1200")
    focused = page.evaluate("document.activeElement.outerHTML")

    issue_programmes(FIRST, SECOND, THIRD)
    pass_time(page)

    expect(page.locator(".news")).to_be_visible()
    assert abs(top_of(page, "#slot-s1200") - before) < 1
    assert page.evaluate("document.activeElement.outerHTML") == focused
    assert page.locator("#slot-s0930 details").get_attribute("open") is not None
    assert page.locator("main .edition strong").inner_text() == "Edition 3 (Rev.2)"
    assert page.locator(".foot .edition strong").inner_text() == "Edition 3 (Rev.2)"
    assert words_of(page, ".news .headline p") == [
        "Edition 3 (Rev.2) was issued at 16.23. 7 changes: 6 substantive, 1 editorial"
    ]
    assert page.locator(".news .told li").count() == 5
    assert words_of(page, ".news .onward") == ["All changes"]
    assert page.locator(".news .all").get_attribute("href") == f"{AT}changes/2/"
    # Nothing that has the focus is under what is told.
    assert page.evaluate(
        """() => document.activeElement.getBoundingClientRect().bottom
           <= document.querySelector('.news').getBoundingClientRect().top"""
    )
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []

    # Axe scrolls as it looks.
    before = top_of(page, "#slot-s1200")
    page.locator(".news button").click()

    expect(page.locator(".news")).to_have_count(0)
    assert abs(top_of(page, "#slot-s1200") - before) < 1


def test_what_was_typed_to_find_stays(open_page):
    page = open_page(width=1280)
    page.locator(".find summary").click()
    page.fill("#find-words", "Lunch")
    expect(page.locator(".slot:visible")).to_have_count(1)

    issue_programmes(FIRST, SECOND, THIRD)
    pass_time(page)

    expect(page.locator(".news")).to_be_visible()
    expect(page.locator("#find-words")).to_have_value("Lunch")
    expect(page.locator("#find-words")).to_be_focused()
    expect(page.locator(".slot:visible")).to_have_count(1)


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_what_changed_is_said_in_the_language_of_the_page(
    open_page, language, violations
):
    page = open_page(f"/{language}/ocean/first/")
    issue_programmes(FIRST, SECOND, THIRD)
    pass_time(page)
    page.locator(".news").wait_for()

    told = words_of(page, ".news .told")
    page.goto(page.url + "changes/2/")

    # The first five, each after what it is about, as the page of changes has them.
    every = words_of(page, ".is-changes .told > li")[:5]
    assert all(sentence in told[0] for sentence in every)
    page.go_back()
    issue_programmes(FIRST, SECOND)
    assert violations(page) == []


def test_page_that_slept_asks_at_once_when_it_is_seen_again(open_page):
    page = open_page()
    page.clock.set_system_time("2027-06-15T06:00:00Z")

    issue_programmes(FIRST, SECOND, THIRD)
    seen_again(page)

    # No time passes: it asked because it was looked at. And at 16.23 means yesterday.
    expect(page.locator(".news .headline strong")).to_have_text(
        "Edition 3 (Rev.2) was issued on 14 June 2027, 16.23."
    )


def test_page_of_a_slot_that_is_gone_says_so_and_leads_to_the_agenda(open_page):
    page = open_page(f"{AT}slots/new/")

    issue_programmes(FIRST, SECOND, THIRD)
    pass_time(page)

    expect(page.locator(".news .gone")).to_have_text(
        "What you were reading is not in it. To the agenda"
    )
    expect(page.locator("main")).to_contain_text(
        "This edition of the programme has no such part."
    )
    assert page.locator("main .button").get_attribute("href") == AT


def test_programme_that_is_withdrawn_goes_from_the_page_with_the_reason(open_page):
    page = open_page()
    standing = issue_programmes(FIRST, SECOND)

    withdraw(standing, 2)
    pass_time(page)

    expect(page.locator(".news .headline p")).to_have_text(
        "This programme was withdrawn"
    )
    expect(page.locator("main h1")).to_have_text("This programme was withdrawn")
    expect(page.locator("main")).to_contain_text("A name was wrong.")
    expect(page.locator(".slot, .foot")).to_have_count(0)

    issue_programmes(FIRST, SECOND, THIRD)
    pass_time(page)

    expect(page.locator(".foot .edition strong")).to_have_text("Edition 3 (Rev.2)")


def test_page_of_a_numbered_edition_is_told_and_stays_as_it_is(open_page):
    page = open_page(f"{AT}editions/2/")
    before = page.locator("main").inner_html()

    issue_programmes(FIRST, SECOND, THIRD)
    pass_time(page)

    expect(page.locator(".news .headline strong")).to_have_text(
        "Edition 3 (Rev.2) was issued at 16.23."
    )
    assert words_of(page, ".news .onward") == ["Read the current edition"]
    assert page.locator(".news .current").get_attribute("href") == AT
    assert page.locator("main").inner_html() == before


def test_page_that_nobody_sees_asks_nothing_and_one_that_is_seen_asks_seldom(open_page):
    page = open_page()
    asked = []
    page.on(
        "request",
        lambda request: asked.append(request.url) if "current" in request.url else None,
    )
    for _ in range(4):
        with page.expect_response("**/current.json") as answered:
            pass_time(page)
        assert len(answered.value.body()) < 256
    assert len(asked) == 4

    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true})"
    )
    pass_time(page, 300)

    assert len(asked) == 4


def test_failures_are_told_after_the_second_and_taken_back(open_page, live_server):
    page = open_page()
    page.route("**/current.json", lambda route: route.fulfill(status=503))
    for _ in range(2):
        with page.expect_response("**/current.json"):
            pass_time(page, 20)

    expect(page.locator(".kept")).to_be_visible()
    assert words_of(page, ".kept")[0] == (
        "The server does not answer. This is edition 2 (Rev.1), as at 14 June 2027, "
        "14.22 Geneva time; it may be out of date."
    )

    page.unroute("**/current.json")
    seen_again(page)

    expect(page.locator(".kept")).to_be_hidden()
