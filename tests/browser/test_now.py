"""What runs now and what is next, by a frozen clock, for readers in other zones; their own
times beside the place's, across midnight and a change of clocks."""

import datetime as dt
import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from sessions_app.programme import DayEntry
from tests.factories import (
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_programme,
    make_slot_entry,
)

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/"
GENEVA, NEW_YORK, AUCKLAND = "Europe/Zurich", "America/New_York", "Pacific/Auckland"
LUNCH_IS_NEXT = "2027-06-21T08:00:00Z"
# Instant to what is said at it, wherever the reader is. In Geneva it is two hours later.
SAID = {
    "2027-06-18T08:00:00Z": [
        "Begins on Monday, 21 June at 09.00 Geneva time (in 3 days)",
    ],
    LUNCH_IS_NEXT: [
        "Now 09.30–12.00 Panel 1 Minutes that matter · Room XIX",
        "Next 12.00–13.00 Lunch · Room XIX (in 2 hours)",
    ],
    "2027-06-21T12:10:00Z": [
        "Now 13.00–15.00 Working group 1 Data · Room XIX",
        "Now 13.00–15.00 Working group 2 Borders · Palais Wilson, Room 2",
        "Now 14.00–14.30 Coffee with the experts · Room XIX",
        "Next 21.00–00.30 Drafting group · Room XIX (in 7 hours)",
    ],
    "2027-06-21T22:10:00Z": [
        "Now 21.00–00.30 Drafting group · Room XIX",
        "Next Tuesday, 22 June 10.00–11.00 Reports · Room XIX (in 10 hours)",
    ],
    "2027-06-22T09:30:00Z": [
        "No fixed time Upon conclusion of the reports Closing · Room XIX",
    ],
    "2027-06-22T22:00:01Z": ["The session is over."],
}
# How it is marked in the list at the same instants: slots that run, slots that are next.
MARKED = {
    "2027-06-18T08:00:00Z": ([], []),
    LUNCH_IS_NEXT: (["s0930"], ["s1200"]),
    "2027-06-21T12:10:00Z": (["group1", "group2", "inner"], ["s2100"]),
    "2027-06-21T22:10:00Z": (["s2100"], ["reports"]),
    "2027-06-22T09:30:00Z": ([], []),
    "2027-06-22T22:00:01Z": ([], []),
}


@pytest.fixture
def session(editions_folder):
    return issue_programmes((make_full_programme(), make_imprint()))


@pytest.fixture
def open_in(live_server, browser):
    """Gives a function: a page read in a zone at an instant, frozen unless it `runs`.
    Whatever its scripts fail at fails the test."""
    contexts, faults = [], []

    def open_page(zone=GENEVA, at=LUNCH_IS_NEXT, path=AT, *, runs=False, **options):
        context = browser.new_context(
            timezone_id=zone, reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.route("**/current.json", without_date(live_server))
        page.clock.install(time=at) if runs else page.clock.set_fixed_time(at)
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def without_date(live_server):
    """Answers as the server does, but for its time: its clock is not frozen, and would
    put the device's right."""

    def answer(route):
        path = route.request.url.removeprefix(live_server.url)
        there = Client().get(path, headers={"accept-encoding": "identity"})
        route.fulfill(
            status=there.status_code,
            body=b"".join(there),
            headers={name: said for name, said in there.items() if name != "Date"},
        )

    return answer


def plain(text):
    return re.sub(r"\s+", " ", text).strip()


def said_on(page):
    return [plain(line) for line in page.locator(".now > p").all_inner_texts()]


def codes_of(page, selector):
    slots = page.locator(f".slot:has(> .when > {selector})")
    return slots.evaluate_all("slots => slots.map(slot => slot.dataset.code)")


def own_times(page):
    """The code of each slot to the reader's own times beside it."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.yours')].map(
             line => [line.closest('.slot').dataset.code,
                      line.textContent.replaceAll('\\u00a0', ' ')]))"""
    )


# --- Now and next ---------------------------------------------------------------------


@pytest.mark.parametrize("zone", [GENEVA, NEW_YORK, AUCKLAND])
def test_what_runs_and_what_is_next_is_the_same_in_every_zone(session, open_in, zone):
    page = open_in(zone)
    said, marked = {}, {}

    for at in SAID:
        page.clock.set_fixed_time(at)
        page.reload()
        said[at] = said_on(page)
        marked[at] = (codes_of(page, ".is-now"), codes_of(page, ".is-next"))
        running = page.locator(".slot[aria-current=time]")
        assert (
            running.evaluate_all("s => s.map(one => one.dataset.code)")
            == (MARKED[at][0])
        )

    assert said == SAID
    assert marked == MARKED


def test_the_page_follows_the_clock_by_itself(session, open_in):
    page = open_in(at="2027-06-21T07:29:30Z", runs=True)
    before = said_on(page)

    page.clock.run_for(31_000)
    after = said_on(page)
    page.clock.fast_forward("04:45:00")

    assert before == [
        "Now 09.00–09.30 Opening segment · Room XIX",
        "Next 09.30–12.00 Panel 1 Minutes that matter · Room XIX (in 1 minute)",
    ]
    assert after[0] == "Now 09.30–12.00 Panel 1 Minutes that matter · Room XIX"
    expect(page.locator(".slot[aria-current]")).to_have_count(3)
    assert codes_of(page, ".is-now") == ["group1", "group2", "inner"]


def test_a_page_that_wakes_up_is_right_at_once(session, open_in):
    page = open_in()

    page.clock.set_fixed_time("2027-06-22T22:00:01Z")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert said_on(page) == ["The session is over."]
    assert codes_of(page, ".is-now") == []


@pytest.mark.parametrize("width", [360, 1280])
def test_a_link_goes_to_the_slot_and_its_heading_has_the_focus(session, open_in, width):
    page = open_in(viewport={"width": width, "height": 700})

    page.locator(".now a").last.press("Enter")

    heading = page.locator("#slot-s1200 h3")
    expect(heading).to_be_focused()
    days = page.locator(".days").bounding_box()
    assert heading.bounding_box()["y"] >= days["y"] + days["height"]
    page.locator(".days .is-jump a").press("Enter")
    expect(page.locator("#slot-s0930 h3")).to_be_focused()
    assert page.locator(".days .is-jump").inner_text() == "Now"


def test_a_link_keeps_the_focus_while_minutes_pass(session, open_in):
    page = open_in(at="2027-06-21T09:00:30Z", runs=True)
    link = page.locator(".now a").last
    link.focus()

    page.clock.run_for(61_000)

    assert said_on(page)[1] == "Next 12.00–13.00 Lunch · Room XIX (in 59 minutes)"
    expect(page.locator(".now a").last).to_be_focused()


def test_after_a_newer_edition_everything_is_marked_once(session, open_in):
    page = open_in(NEW_YORK)
    before = (said_on(page), own_times(page))

    page.evaluate(
        """async () => {
          const answer = await fetch(location.pathname);
          const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
          document.querySelector('main').replaceWith(fresh.querySelector('main'));
          for (let time = 0; time < 2; time += 1) {
            document.dispatchEvent(new CustomEvent('rostrum:renewed'));
          }
        }"""
    )

    assert (said_on(page), own_times(page)) == before
    assert page.locator(".when > .is-now").count() == 1
    assert page.locator(".is-jump").count() == 1


def test_a_device_whose_clock_is_wrong_goes_by_the_server(session, open_in):
    page = open_in(at="2027-06-21T05:00:00Z")
    tell = "at => document.dispatchEvent(new CustomEvent('rostrum:date', {detail: at}))"
    before = said_on(page)

    page.evaluate(tell, "Mon, 21 Jun 2027 05:01:30 GMT")
    nearly_right = said_on(page)
    page.evaluate(tell, "Mon, 21 Jun 2027 08:00:00 GMT")

    assert before == nearly_right
    assert said_on(page) == SAID[LUNCH_IS_NEXT]


def test_the_server_tells_its_time_with_what_the_page_asks_anyway(session, open_in):
    page = open_in(at="2027-06-21T05:00:00Z", runs=True)
    page.unroute("**/current.json")
    page.route(
        "**/current.json",
        lambda route: route.fulfill(
            json={}, headers={"Date": "Mon, 21 Jun 2027 08:00:00 GMT"}
        ),
    )

    with page.expect_response("**/current.json"):
        page.clock.run_for(20_000)

    now = page.locator(".now > p").first
    expect(now).to_contain_text("Minutes that matter")


def test_without_scripts_nothing_of_it_stands_there(session, open_in):
    page = open_in(java_script_enabled=False)

    for part in (".clock", ".now", ".zones", ".yours", ".is-now"):
        assert page.locator(f"{part}:visible").count() == 0


# --- Times of the reader --------------------------------------------------------------


def test_a_reader_in_another_zone_reads_both_times(session, open_in):
    page = open_in(NEW_YORK)

    assert plain(page.locator(".zones").inner_text()) == (
        "Times are Geneva time. Yours (New York time) stand beside them. Hide mine"
    )
    times = own_times(page)
    assert times["s0900"] == "03.00–03.30 your time"
    assert times["s2100"] == "15.00–18.30 your time"
    assert times["s1600"] == "10.00–10.30 your time"
    assert "closing" not in times


def test_a_slot_stays_under_its_day_when_the_reader_has_another_one(session, open_in):
    page = open_in(AUCKLAND)
    times = own_times(page)

    assert times["group1"] == "23.00–01.00 your time"
    assert times["inner"] == "00.00–00.30 your time (Tuesday, 22 June)"
    assert times["s2100"] == "07.00–10.30 your time (Tuesday, 22 June)"
    assert page.locator("#day-1 .slot").count() == 9
    assert page.locator("#day-2 .slot").count() == 2


@pytest.mark.parametrize("zone", [GENEVA, "Europe/Paris", "Africa/Johannesburg"])
def test_a_reader_with_the_same_times_sees_nothing_of_it(session, open_in, zone):
    page = open_in(zone)

    assert own_times(page) == {}
    assert not page.locator(".zones").is_visible()


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Asia/Tokyo", "Tokyo time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("Asia/Calcutta", "Kolkata time"),
        ("UTC", "Coordinated Universal Time"),
    ],
)
def test_zones_are_named_in_words(session, open_in, zone, words):
    sentence = open_in(zone).locator(".zones > span").inner_text()

    assert sentence == f"Times are Geneva time. Yours ({words}) stand beside them."


def test_own_times_are_hidden_and_stay_hidden(session, open_in):
    page = open_in(NEW_YORK)

    page.get_by_role("button", name="Hide mine").press("Enter")
    hidden = own_times(page)
    page.reload()
    reloaded = own_times(page)
    page.get_by_role("button", name="Show mine (New York time)").press("Enter")

    assert (hidden, reloaded) == ({}, {})
    assert own_times(page)["s0900"] == "03.00–03.30 your time"


def test_the_page_of_a_slot_has_them_too(session, open_in):
    page = open_in(AUCKLAND, path=f"{AT}slots/s0930/")

    line = page.locator(".yours")
    assert line.inner_text() == "19.30–22.00 your time"
    assert page.locator("article .is-now").inner_text() == "Now"


def test_arabic_keeps_its_figures_and_its_words(session, open_in):
    page = open_in("Asia/Tokyo", path="/ar/ocean/first/")
    times = own_times(page)

    assert times["s0930"].startswith("من 16:30 إلى 19:00")
    assert "من 09:30 إلى 12:00" in said_on(page)[0]
    assert not re.search("[٠-٩]|JST|GMT", page.locator(".tools").inner_text())


# --- When clocks change ---------------------------------------------------------------


def issue_across_the_change():
    """A night at the end of which Geneva sets its clocks back by an hour."""
    saturday, sunday = dt.date(2026, 10, 24), dt.date(2026, 10, 25)
    night = make_slot_entry(
        "22:00", "04:00", saturday, code="night", ends_next_day=True
    )
    morning = make_slot_entry("10:00", "11:00", sunday, code="morning")
    programme = make_programme(
        starts_on=saturday,
        ends_on=sunday,
        days=(
            DayEntry(number=1, date=saturday, slots=(night,)),
            DayEntry(number=2, date=sunday, slots=(morning,)),
        ),
    )
    issue_programmes((programme, make_imprint()))


@pytest.mark.parametrize("zone", [GENEVA, NEW_YORK, AUCKLAND])
def test_a_night_with_one_hour_twice_runs_for_seven(editions_folder, open_in, zone):
    issue_across_the_change()
    page = open_in(zone, "2026-10-24T20:00:00Z")
    running = {}

    for at in ("20:00", "23:59", "00:30", "01:30", "02:59", "03:00"):
        day = 24 if at >= "20" else 25
        page.clock.set_fixed_time(f"2026-10-{day}T{at}:00Z")
        page.evaluate("dispatchEvent(new Event('pageshow'))")
        running[at] = codes_of(page, ".is-now")

    assert running == {
        **{at: ["night"] for at in ("20:00", "23:59", "00:30", "01:30", "02:59")},
        "03:00": [],
    }


@pytest.mark.parametrize(
    ("zone", "times"),
    [
        (
            NEW_YORK,
            {"night": "16.00–23.00 your time", "morning": "05.00–06.00 your time"},
        ),
        # An hour behind until the clocks change, then alike.
        ("Africa/Lagos", {"night": "21.00–04.00 your time"}),
        (
            AUCKLAND,
            {
                "night": "09.00–16.00 your time (Sunday, 25 October)",
                "morning": "22.00–23.00 your time",
            },
        ),
    ],
)
def test_own_times_hold_at_the_instant_of_the_slot(
    editions_folder, open_in, zone, times
):
    issue_across_the_change()

    assert own_times(open_in(zone, "2026-10-20T08:00:00Z")) == times


# --- Without barriers -----------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_with_all_of_it_shown_there_is_no_barrier(
    session, open_in, violations, width, scheme
):
    found = {}
    for path in (AT, "/ar/ocean/first/", f"{AT}slots/inner/"):
        page = open_in(
            AUCKLAND,
            "2027-06-21T12:10:00Z",
            path,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
        )
        assert page.locator(".yours").count() > 0
        found[path] = violations(page)

    assert found == {path: [] for path in found}
