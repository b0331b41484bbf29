"""Ten questions of a delegate in a corridor, each asked on the agenda of a phone 360 pixels
wide: answered in three taps at most, by what is then in sight."""

import pytest
from playwright.sync_api import expect

from tests.editions import issue_three

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/"
TAPS = 3


class Delegate:
    """Somebody with a phone. Every tap is counted; reading on by scrolling is not one."""

    def __init__(self, page):
        self.page = page
        self.taps = 0

    def follows(self, link, within="body"):
        self.page.locator(within).get_by_role("link", name=link).first.tap()
        self.taps += 1

    def looks_for(self, words):
        """Opens the search, taps its field, types, and taps the keyboard's search key."""
        self.page.locator(".find summary").tap()
        field = self.page.locator("#find-words")
        field.tap()
        field.press_sequentially(words)
        field.press("Enter")
        self.taps += 3

    def reads(self, words, within="main", *, scrolling=False):
        """That words are in sight; where `scrolling`, after reading on."""
        there = self.page.locator(within).get_by_text(words).filter(visible=True).first
        if scrolling:
            there.scroll_into_view_if_needed()
        expect(there).to_be_in_viewport()
        assert self.taps <= TAPS


@pytest.fixture
def phone(live_server, browser, editions_folder):
    """Gives a function: a delegate with an address open at ten on the first day, after
    three editions."""
    issue_three()
    contexts = []

    def open_at(path=AT):
        context = browser.new_context(
            viewport={"width": 360, "height": 740},
            has_touch=True,
            is_mobile=True,
            reduced_motion="reduce",
            timezone_id="America/New_York",
        )
        contexts.append(context)
        page = context.new_page()
        page.clock.set_fixed_time("2027-06-21T08:00:00Z")
        page.route("**/current.json", lambda route: route.abort())
        page.goto(live_server.url + path)
        return Delegate(page)

    yield open_at
    for context in contexts:
        context.close()


def test_where_does_working_group_2_meet(phone):
    delegate = phone()
    delegate.looks_for("borders")
    delegate.reads("Palais Wilson, Room 2", "#slot-group2")


def test_when_is_panel_1(phone):
    delegate = phone()
    delegate.looks_for("minutes that matter")
    delegate.reads("09.45–12.00", "#slot-s0930")


def test_who_moderates_panel_1(phone):
    delegate = phone()
    delegate.looks_for("panel 1")
    delegate.reads("H.E. Mr. Omar Diaz", "#slot-s0930", scrolling=True)
    delegate.reads("Moderated by", "#slot-s0930")


def test_what_has_changed(phone):
    delegate = phone()
    delegate.follows("What changed since edition 2")
    delegate.reads("Dag Holm replaces", scrolling=True)


def test_how_do_i_take_the_floor(phone):
    delegate = phone()
    delegate.follows("What I need")
    delegate.follows("How to take the floor", "#needs")
    delegate.reads("Press the button.")
    delegate.reads("Three minutes")


def test_which_documents_do_i_need_for_panel_1(phone):
    delegate = phone()
    delegate.follows("What I need")
    delegate.reads("Background paper", "#needs", scrolling=True)
    delegate.reads("A/CONF.99/3", "#needs")


def test_is_there_interpretation(phone):
    delegate = phone()
    delegate.follows("What I need")
    delegate.reads("Arabic, Chinese, English, French, Russian, Spanish", "#needs")


def test_what_is_on_now(phone):
    delegate = phone()
    delegate.reads("Minutes that matter", ".now")
    delegate.follows("Minutes that matter", ".now")
    delegate.reads("Minutes that matter", "#slot-s0930 h3")


def test_where_does_my_state_speak(phone):
    delegate = phone()
    delegate.follows("States and organizations")
    delegate.reads("Chile", scrolling=True)
    delegate.reads("H.E. Mr. Omar Diaz")
    delegate.reads("Mon 21 June, 09.45–12.00")


def test_is_my_copy_current(phone):
    of_today = phone()
    of_today.reads("Edition 3 (Rev.1)")
    of_before = phone(f"{AT}editions/1/")
    of_before.reads("You are reading edition 1, which is no longer current.", "body")
    of_before.follows("Read the current edition")
    of_before.reads("Edition 3 (Rev.1)")
