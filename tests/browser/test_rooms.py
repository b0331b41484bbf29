"""Parallel rooms in a browser: the same list on a phone and in columns, and what is
heard of each slot."""

import datetime as dt

import pytest

from sessions_app.programme import DayEntry, RoomEntry
from tests.factories import (
    HALL,
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_slot_entry,
)

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/"
DATE = dt.date(2027, 6, 21)


def in_room(name, start, end, **changed):
    room = RoomEntry(code=name, venue=HALL.venue, name={"en": f"Room {name}"})
    return make_slot_entry(
        start, end, code=f"{name}{start[:2]}", room=room, has_own_room=True, **changed
    )


SLOTS = (
    make_slot_entry("09:00", "10:00", code="plenary"),
    in_room("A", "10:00", "12:00", parallel=True, interpretation=("en", "fr")),
    in_room("B", "10:00", "11:00", parallel=True, webcast="https://example.org/b"),
    in_room("C", "10:00", "12:00", parallel=True),
    in_room("B", "11:00", "12:00", parallel=True),
    *(in_room(name, "14:00", "15:00", parallel=True) for name in "ABCDEFG"),
)


@pytest.fixture(autouse=True)
def _session(editions_folder):
    days = (
        DayEntry(number=1, date=DATE, slots=SLOTS),
        make_full_programme().days[1],
    )
    issue_programmes((make_full_programme(days=days), make_imprint()))


def places_of(page):
    """Left and top of each slot on the screen, by its code."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('#day-1 .slot')].map(
          slot => [slot.dataset.code, [slot.getBoundingClientRect().x,
                                       slot.getBoundingClientRect().y]]))"""
    )


@pytest.mark.parametrize(("width", "most"), [(360, 1), (768, 2), (1280, 4)])
def test_columns_are_as_many_as_the_screen_has_room_for(live_server, page, width, most):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url + AT)

    lefts = [x for code, (x, _y) in places_of(page).items() if code.endswith("14")]

    assert len(set(lefts)) == most


def test_each_of_a_few_rooms_has_its_column_and_each_time_its_line(live_server, page):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url + AT)
    places = places_of(page)

    (a, b, c, later) = (places[code] for code in ("A10", "B10", "C10", "B11"))

    assert a[0] < b[0] < c[0]
    assert a[1] == b[1] == c[1] < later[1]
    assert later[0] == b[0]


def test_a_phone_shows_one_list_in_order_with_time_and_room_of_each(live_server, page):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(live_server.url + AT)

    tops = [y for _x, y in places_of(page).values()]
    told = [
        (
            slot.locator(".when > .time").inner_text(),
            slot.locator(".when > .room").inner_text(),
        )
        for slot in page.locator("#day-1 .slot").all()
    ]

    assert tops == sorted(tops)
    assert told == [
        ("09.00–10.00", "Room XIX"),
        ("10.00–12.00", "Room A"),
        ("10.00–11.00", "Room B"),
        ("10.00–12.00", "Room C"),
        ("11.00–12.00", "Room B"),
        *(("14.00–15.00", f"Room {name}") for name in "ABCDEFG"),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_rooms_beside_each_other_have_no_barrier(
    live_server, page, violations, width, scheme
):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    found = {}
    for address in (AT, "/ar/ocean/first/"):
        page.goto(live_server.url + address)
        found[address] = violations(page)

    assert found == {AT: [], "/ar/ocean/first/": []}


def test_day_and_time_are_heard_with_each_title_and_each_link_to_it(live_server, page):
    page.goto(live_server.url + AT)
    link = page.locator("#slot-A10 h3 a")

    heading = page.locator("#slot-A10").get_by_role("heading")

    assert heading.aria_snapshot().splitlines()[0] == (
        '- heading "Statements , Monday, 21 June, 10.00–12.00" [level=3]:'
    )
    assert (
        link.evaluate(
            "a => document.getElementById(a.getAttribute('aria-describedby')).textContent"
        ).replace("\xa0", " ")
        == ", Monday, 21 June, 10.00–12.00"
    )


def test_what_one_needs_is_one_tap_from_the_top_of_a_phone(live_server, page):
    page.set_viewport_size({"width": 360, "height": 640})
    page.emulate_media(reduced_motion="reduce")
    page.goto(live_server.url + AT)

    page.get_by_role("link", name="What I need").first.click()

    heading = page.get_by_role("heading", name="What I need").bounding_box()
    bar = page.locator("nav.days").bounding_box()
    assert bar["y"] + bar["height"] <= heading["y"] < 200


def test_a_reader_by_keyboard_goes_from_day_to_day(live_server, page):
    page.emulate_media(reduced_motion="reduce")
    page.goto(live_server.url + AT)
    skip = page.get_by_role("link", name="Skip to Tue 22 June")

    skip.focus()
    assert page.locator("nav.days").bounding_box()["y"] < skip.bounding_box()["y"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.locator(":focus").inner_text() == "Skip to What I need"
