"""The screen at a door, over a day and when things go wrong around it. The browser's
clock stands still but where a test moves it, in a zone that is not the place's; the
server's hour is told in its answers."""

import datetime as dt
import time
from email.utils import format_datetime

import pytest
from playwright.sync_api import expect

from sessions_app.programme import DayEntry, LineEntry
from tests.editions import withdraw
from tests.factories import (
    ANNEX,
    ZONE,
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_person_entry,
    make_programme,
    make_slot_entry,
)

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/screen/"
FIRST, SECOND = dt.date(2027, 6, 21), dt.date(2027, 6, 22)
LAST = dt.date(2027, 6, 24)
QUARTER = dt.timedelta(seconds=15)


def there(date, hour):
    """An hour of the place."""
    return dt.datetime.combine(date, dt.time.fromisoformat(hour), ZONE)


def panellists(count):
    people = tuple(
        make_person_entry(f"Person Number{place}", function={"en": f"Head {place}"})
        for place in range(1, count + 1)
    )
    return LineEntry(code="panel", heading={"en": "Panellists"}, people=people)


def make_days(**changed):
    """A day of most things, a day in the annex alone, and a last one."""
    panel = {
        "code": "panel",
        "kind": "panel",
        "label": {"en": "Panel 1"},
        "title": {"en": "Minutes that matter"},
        "lines": (panellists(3),),
        **changed,
    }
    on_first = (
        make_slot_entry("10:00", "10:15", FIRST, title={"en": "Opening"}),
        make_slot_entry("10:15", "13:00", FIRST, **panel),
        make_slot_entry("13:00", "15:00", FIRST, kind="lunch", title={"en": "Lunch"}),
        make_slot_entry(
            "15:30", "16:00", FIRST, title={"en": "Visit"}, status="cancelled"
        ),
        make_slot_entry(
            "16:00", "", FIRST, code="data", title={"en": "Data"}, parallel=True
        ),
        make_slot_entry(
            "16:00", "17:00", FIRST, code="ice", title={"en": "Ice"}, parallel=True
        ),
        make_slot_entry("17:30", "18:00", FIRST, title={"en": "Closing of the day"}),
        make_slot_entry(
            "", "", FIRST, when={"en": "Upon conclusion"}, title={"en": "Bureau"}
        ),
    )
    return (
        DayEntry(number=1, date=FIRST, slots=on_first),
        DayEntry(
            number=2,
            date=SECOND,
            slots=(make_slot_entry("09:00", "10:00", SECOND, room=ANNEX),),
        ),
        DayEntry(
            number=3,
            date=LAST,
            slots=(
                make_slot_entry("21:00", "", LAST, code="end", title={"en": "End"}),
            ),
        ),
    )


def make_door_programme(**changed):
    return make_programme(**{"days": make_days(), "ends_on": LAST, **changed})


class Door:
    """A browser at a door. `hour` is what the server's answers say; it is away while
    `network` is not "there"."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.hour = there(FIRST, "08:00")
        self.network, self.kept = "there", self.hour
        self.runs_since = None
        self.errors = []
        page.on("pageerror", self._remember)
        page.route(lambda address: "/screen/" in address, self._answer)

    def _remember(self, error):
        self.errors.append(error)

    def _answer(self, route):
        if self.network == "away":
            return route.abort("internetdisconnected")
        if self.network == "password":
            return route.fulfill(body="<p>Password</p>", content_type="text/html")
        answer = route.fetch()
        if self.network == "kept":
            body = answer.text().replace("<html", '<html data-kept="offline"')
            said = format_datetime(self.kept.astimezone(dt.UTC), usegmt=True)
            headers = {"content-type": "text/html", "date": said}
            return route.fulfill(body=body, headers=headers)
        said = format_datetime(self._told_hour().astimezone(dt.UTC), usegmt=True)
        return route.fulfill(response=answer, headers={**answer.headers, "date": said})

    def _told_hour(self):
        if self.runs_since is None:
            return self.hour
        return self.hour + dt.timedelta(seconds=time.monotonic() - self.runs_since)

    def barriers(self, violations):
        """What `violations` finds, for which time must go on: axe waits for timers."""
        self.runs_since = time.monotonic()
        self.page.clock.resume()
        found = violations(self.page)
        self.hour = self._told_hour() + dt.timedelta(seconds=2)
        self.runs_since = None
        self.page.clock.pause_at(self.hour)
        return found

    def open(self, hour, address=AT, machine=None):
        """Opens the page at an hour of the place; `machine` is what the browser's
        clock says, when that is another instant."""
        self.hour = hour
        machine = machine or hour
        self.page.clock.install(time=machine - dt.timedelta(hours=1))
        self.page.clock.pause_at(machine)
        self.go(address)

    def go(self, address):
        """Opens the page at the same hour, and waits until it has asked for it."""
        with self.page.expect_event(
            "requestfinished", lambda asked: asked.resource_type == "fetch"
        ):
            self.page.goto(self.url + address)
        expect(self.page.locator("html.is-live")).to_be_attached()

    def wait(self, duration):
        """Lets time pass, at once: a machine that slept sees no more of it. Comes back
        when the page has been asked for again."""
        self.hour += duration
        asked = "requestfinished" if self.network != "away" else "requestfailed"
        with self.page.expect_event(asked):
            self.page.clock.fast_forward(duration // dt.timedelta(milliseconds=1))

    def wait_until(self, hour):
        self.wait(hour - self.hour)

    def reads(self):
        """The clock, the large part, and what is beside it."""
        parts = [
            self.page.locator(part)
            for part in ("#clock", "#board .now", "#board .then")
        ]
        return [
            " / ".join(part.inner_text().split("\n")) if part.is_visible() else ""
            for part in parts
        ]

    @property
    def clock(self):
        return self.page.locator("#clock")

    @property
    def old(self):
        return self.page.locator("#old")


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "timezone_id": "Pacific/Auckland"}


@pytest.fixture
def door(live_server, page):
    door = Door(page, live_server.url)
    yield door
    # What was on its way when the test ended.
    page.unroute_all(behavior="ignoreErrors")
    assert door.errors == []


@pytest.fixture
def standing(editions_folder):
    return issue_programmes((make_door_programme(), make_imprint(1)))


HALL_DOOR = f"{AT}?room=hall"
PEOPLE = " / ".join(
    ["Panellists"]
    + [
        part
        for place in (1, 2, 3)
        for part in (f"Ms. Person Number{place}", f"Head {place}")
    ]
)


def squeezed(text):
    return [part for part in (piece.strip() for piece in text.split(" / ")) if part]


def test_the_screen_follows_the_day(door, standing):
    door.open(there(FIRST, "08:00"), HALL_DOOR)
    hours = [
        (FIRST, "10:00"),
        (FIRST, "12:59"),
        (FIRST, "13:00"),
        (FIRST, "15:10"),
        (FIRST, "15:45"),
        (FIRST, "16:30"),
        (FIRST, "17:10"),
        (FIRST, "18:05"),
        (SECOND, "09:30"),
        (LAST, "20:00"),
        (LAST, "23:59"),
        (LAST + dt.timedelta(days=1), "00:00"),
    ]

    seen = [door.reads()]
    for date, hour in hours:
        door.wait_until(there(date, hour))
        expect(door.clock).to_have_text(hour.replace(":", "."))
        seen.append(door.reads())

    assert [[squeezed(text) for text in part] for part in seen] == [
        [squeezed(text) for text in part]
        for part in [
            [
                "08.00",
                "Next at 10.00 / 10.00–10.15 / Opening",
                (
                    "The rest of today / 10.15–13.00 / Panel 1 / Minutes that matter / "
                    "13.00–15.00 / Lunch / 15.30–16.00 / Cancelled Visit / 16.00 / Data /"
                    " 16.00–17.00 / Ice / 17.30–18.00 / Closing of the day / "
                    "Upon conclusion / Bureau"
                ),
            ],
            [
                "10.00",
                "Now / 10.00–10.15 / Opening",
                (
                    "Next / 10.15–13.00 / Panel 1 / Minutes that matter / The rest of today / "
                    "13.00–15.00 / Lunch / 15.30–16.00 / Cancelled Visit / 16.00 / Data /"
                    " 16.00–17.00 / Ice / 17.30–18.00 / Closing of the day / "
                    "Upon conclusion / Bureau"
                ),
            ],
            [
                "12.59",
                f"Now / 10.15–13.00 / Panel 1 / Minutes that matter / {PEOPLE}",
                (
                    "Next / 13.00–15.00 / Lunch / The rest of today / 15.30–16.00 / "
                    "Cancelled Visit / 16.00 / Data / 16.00–17.00 / Ice / 17.30–18.00 / "
                    "Closing of the day / Upon conclusion / Bureau"
                ),
            ],
            [
                "13.00",
                "Now / 13.00–15.00 / Lunch",
                (
                    "Next / 16.00 / Data / 16.00–17.00 / Ice / The rest of today / 15.30–16.00 / "
                    "Cancelled Visit / 17.30–18.00 / Closing of the day / "
                    "Upon conclusion / Bureau"
                ),
            ],
            [
                "15.10",
                "Next at 16.00 / 16.00 / Data / 16.00–17.00 / Ice",
                (
                    "The rest of today / 15.30–16.00 / Cancelled Visit / 17.30–18.00 / "
                    "Closing of the day / Upon conclusion / Bureau"
                ),
            ],
            [
                "15.45",
                (
                    "15.30–16.00 / Cancelled Visit / "
                    "Next at 16.00 / 16.00 / Data / 16.00–17.00 / Ice"
                ),
                (
                    "The rest of today / 17.30–18.00 / Closing of the day / "
                    "Upon conclusion / Bureau"
                ),
            ],
            [
                "16.30",
                "Now / 16.00 / Data / 16.00–17.00 / Ice",
                (
                    "Next / 17.30–18.00 / Closing of the day / The rest of today / "
                    "Upon conclusion / Bureau"
                ),
            ],
            [
                "17.10",
                "Now / 16.00 / Data",
                (
                    "Next / 17.30–18.00 / Closing of the day / The rest of today / "
                    "Upon conclusion / Bureau"
                ),
            ],
            ["18.05", "Next / Upon conclusion / Bureau", ""],
            [
                "09.30",
                (
                    "Nothing is on the programme of this room today. / "
                    "Thursday, 24\u00a0June at 21.00 / 21.00 / End"
                ),
                "",
            ],
            ["20.00", "Next at 21.00 / 21.00 / End", ""],
            ["23.59", "Now / 21.00 / End", ""],
            ["00.00", "Nothing more takes place in this room.", ""],
        ]
    ]


def test_after_the_last_slot_of_a_day_the_next_day_is_shown(door, editions_folder):
    issue_programmes((make_full_programme(), make_imprint(1)))
    door.open(there(FIRST, "15:30"), f"{AT}?room=annex")
    assert squeezed(door.reads()[1]) == ["Nothing more takes place in this room."]

    door.go(HALL_DOOR)
    door.wait_until(there(FIRST, "20:00"))
    assert squeezed(door.reads()[1]) == [
        "Next at 21.00",
        "21.00–00.30",
        "Drafting group",
    ]

    door.wait_until(there(SECOND, "00:15"))
    assert [squeezed(part) for part in door.reads()] == [
        ["00.15"],
        ["Now", "21.00–00.30", "Drafting group"],
        [
            "Next",
            "10.00–11.00",
            "Reports",
            "The rest of today",
            "Upon conclusion of the reports",
            "Closing",
        ],
    ]


def test_the_day_that_is_over_leads_to_tomorrow(door, editions_folder):
    days = (
        DayEntry(number=1, date=FIRST, slots=(make_slot_entry(date=FIRST),)),
        DayEntry(
            number=2,
            date=SECOND,
            slots=(
                make_slot_entry(date=SECOND, title={"en": "Reports"}),
                make_slot_entry("12:00", "13:00", SECOND, title={"en": "Lunch"}),
            ),
        ),
    )
    issue_programmes((make_programme(days=days, ends_on=SECOND), make_imprint(1)))

    door.open(there(FIRST, "11:00"), AT)

    assert [squeezed(part) for part in door.reads()[1:]] == [
        [
            "Nothing more takes place in this room today.",
            "Tomorrow at 10.00",
            "10.00–11.00",
            "Reports",
        ],
        ["Tomorrow", "12.00–13.00", "Lunch"],
    ]
    assert door.page.locator("#date").inner_text() == "Monday, 21\u00a0June 2027"
    assert door.page.locator("#room").inner_text() == "Room XIX"


def test_a_wrong_clock_of_the_machine_is_corrected(door, standing):
    at = there(FIRST, "10:20")

    door.open(at, HALL_DOOR, machine=at + dt.timedelta(days=300, hours=3))

    expect(door.clock).to_have_text("10.20")
    expect(door.page.locator("#board .now h4")).to_have_text(
        "Panel 1 Minutes that matter"
    )
    door.wait(dt.timedelta(minutes=1))
    expect(door.clock).to_have_text("10.21")


def test_the_clock_is_the_places_when_clocks_change(door, editions_folder):
    sunday = dt.date(2027, 10, 31)
    days = (DayEntry(number=1, date=sunday, slots=(make_slot_entry(date=sunday),)),)
    issue_programmes(
        (
            make_programme(days=days, starts_on=sunday, ends_on=sunday),
            make_imprint(1),
        )
    )
    door.open(dt.datetime(2027, 10, 31, 0, 59, tzinfo=dt.UTC))
    expect(door.clock).to_have_text("02.59")

    door.wait(dt.timedelta(minutes=1))
    expect(door.clock).to_have_text("02.00")

    door.wait(dt.timedelta(hours=8))
    expect(door.clock).to_have_text("10.00")
    expect(door.page.locator("#board .now .heading")).to_have_text("Now 10.00–11.00")


def test_while_the_network_is_away_the_screen_goes_on_and_says_so(door, standing):
    door.open(there(FIRST, "09:58"), HALL_DOOR)
    heading = door.page.locator("#board .now .heading")

    door.network = "away"
    door.wait(QUARTER)
    expect(door.old).to_have_text("Not up to date since 09.58")
    door.wait_until(there(FIRST, "10:20"))
    expect(heading).to_have_text("Now 10.15–13.00")
    expect(door.clock).to_have_text("10.20")
    expect(door.old).to_have_text("Not up to date since 09.58")
    door.wait_until(there(SECOND, "10:00"))
    expect(door.old).to_have_text("Not up to date since Monday, 21 June 2027")

    door.network = "there"
    door.wait(QUARTER)
    expect(door.old).to_have_text("")


@pytest.mark.parametrize("network", ["away", "password"])
def test_a_page_from_elsewhere_does_not_take_the_place_of_the_programme(
    door, standing, network
):
    door.open(there(FIRST, "10:20"), HALL_DOOR)

    door.network = network
    door.wait(QUARTER)

    expect(door.old).to_have_text("Not up to date since 10.20")
    assert squeezed(door.reads()[1])[:2] == ["Now", "10.15–13.00"]


def test_an_answer_that_was_kept_somewhere_is_not_taken_for_the_hour(door, standing):
    door.open(there(FIRST, "10:20"), HALL_DOOR)
    kept = door.hour

    door.page.clock.fast_forward(10 * 60 * 1000)
    door.hour = kept
    expect(door.old).to_have_text("Not up to date since 10.20")

    expect(door.clock).to_have_text("10.30")


def test_a_page_that_the_device_kept_says_since_when(door, standing):
    door.network, door.kept = "kept", there(FIRST, "08:30")
    door.open(there(FIRST, "10:20"), HALL_DOOR)

    expect(door.old).to_have_text("Not up to date since 08.30")
    expect(door.clock).to_have_text("10.20")

    door.network = "there"
    door.wait(QUARTER)
    expect(door.old).to_have_text("")


def test_a_new_edition_is_shown_within_15_seconds(door, standing):
    door.open(there(FIRST, "10:20"), HALL_DOOR)
    edition = door.page.locator(".edition")
    expect(edition).to_contain_text("Edition 1")
    door.page.evaluate("document.querySelector('#board .now').kept = true")

    issue_programmes(
        (make_door_programme(), make_imprint(1)),
        (
            make_door_programme(days=make_days(title={"en": "Hours that matter"})),
            make_imprint(2),
        ),
    )
    door.wait(QUARTER)

    expect(edition).to_contain_text("Edition 2")
    expect(door.page.locator("#board .now h4")).to_have_text(
        "Panel 1 Hours that matter"
    )
    # What reads the screen aloud hears of it: the element is the one that it knows.
    assert door.page.evaluate("document.querySelector('#board .now').kept")
    expect(door.old).to_have_text("")


def test_a_withdrawn_programme_is_taken_down_and_a_new_one_put_up(door, standing):
    door.open(there(FIRST, "10:20"), HALL_DOOR)

    withdraw(standing, 1)
    door.wait(QUARTER)
    expect(door.old).to_have_text("The programme of this session was withdrawn.")
    expect(door.page.locator("#board")).to_be_hidden()

    issue_programmes((make_door_programme(), make_imprint(1)))
    door.wait(QUARTER)
    expect(door.page.locator("#board .now .heading")).to_have_text("Now 10.15–13.00")
    expect(door.old).to_have_text("")


def test_only_a_change_of_slot_is_said_aloud(door, standing):
    door.open(there(FIRST, "10:20"), HALL_DOOR)
    door.page.evaluate(
        """() => {
          window.changes = 0;
          new MutationObserver((all) => { window.changes += all.length; })
            .observe(document.querySelector('[aria-live]'),
                     {childList: true, subtree: true, characterData: true});
        }"""
    )

    for _ in range(5):
        door.wait(dt.timedelta(minutes=1))
    expect(door.clock).to_have_text("10.25")
    assert door.page.evaluate("window.changes") == 0

    door.wait_until(there(FIRST, "13:00"))
    expect(door.page.locator("#board .now h4")).to_have_text("Lunch")
    assert door.page.evaluate("window.changes") > 0


def test_without_a_room_all_rooms_are_shown_and_lead_to_their_screens(door, standing):
    door.open(there(FIRST, "12:00"))

    cards = door.page.locator("#rooms > li")
    assert [squeezed(" / ".join(c.inner_text().split("\n"))) for c in cards.all()] == [
        [
            "Room XIX",
            "Now",
            "10.15–13.00",
            "Panel 1",
            "Minutes that matter",
            "Next at 13.00",
            "13.00–15.00",
            "Lunch",
        ],
        [
            "Palais Wilson, Room 2",
            "Nothing is on the programme of this room today.",
            "Tomorrow at 09.00",
            "09.00–10.00",
            "Statements",
        ],
    ]
    expect(door.page.locator("#unknown")).to_be_hidden()
    cards.nth(1).get_by_role("link").click()
    expect(door.page.locator("#room")).to_have_text("Palais Wilson, Room 2")


def test_an_unknown_room_is_said_and_the_rooms_are_listed(door, standing):
    door.open(there(FIRST, "12:00"), f"{AT}?room=cellar")

    assert door.page.locator("#unknown").inner_text() == (
        "There is no room under this address. The rooms of this session are:"
    )
    assert door.page.locator("#rooms h2").all_inner_texts() == [
        "Room XIX",
        "Palais Wilson, Room 2",
    ]
    expect(door.page.locator("#board")).to_be_hidden()


def test_a_cancelled_session_is_said_at_the_door(door, editions_folder):
    issue_programmes((make_door_programme(status="cancelled"), make_imprint(1)))

    door.open(there(FIRST, "12:00"), HALL_DOOR)

    assert door.page.locator("main").inner_text() == "This session is cancelled."
    assert door.page.locator("#room").inner_text() == "Room XIX"


def test_many_people_are_cut_and_counted(door, editions_folder):
    days = make_days(lines=(panellists(60),))
    issue_programmes((make_door_programme(days=days), make_imprint(1)))
    door.page.set_viewport_size({"width": 1920, "height": 1080})

    door.open(there(FIRST, "12:00"), HALL_DOOR)

    shown = door.page.locator("#board .people li:visible").all_inner_texts()
    *people, others = shown
    assert people[0] == "Ms. Person Number1\nHead 1"
    assert 4 <= len(people) < 60
    assert others == f"and {60 - len(people)} others"
    assert sticks_out(door.page) == []


def sticks_out(page):
    """What is larger than its place on a screen that nobody scrolls."""
    return page.evaluate(
        """() => ['html', '#board .now', '#board .then', 'main']
          .filter((part) => {
            const box = document.querySelector(part);
            return box.scrollWidth > box.clientWidth + 1
              || box.scrollHeight > box.clientHeight + 1;
          })"""
    )


@pytest.mark.parametrize(
    "size", [(1920, 1080), (1080, 1920), (3840, 2160), (800, 1280), (1024, 768)]
)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_everything_fits_every_screen(door, editions_folder, size, language):
    issue_programmes((make_full_programme(), make_imprint(1)))
    page = door.page
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    door.open(there(FIRST, "09:00"), f"/{language}/ocean/first/screen/?room=hall")

    found = {}
    for hour in ("09:10", "10:00", "14:10", "15:30", "16:10", "20:00"):
        door.wait_until(there(FIRST, hour))
        expect(door.clock).to_contain_text(hour[-2:])
        found[hour] = sticks_out(page)

    assert {hour: parts for hour, parts in found.items() if parts} == {}
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 16


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("language", "width", "height"),
    [("en", 1920, 1080), ("ar", 1080, 1920), ("en", 360, 640)],
)
def test_a_door_has_no_barrier(
    door, editions_folder, violations, language, width, height, scheme
):
    issue_programmes((make_full_programme(), make_imprint(1)))
    door.page.set_viewport_size({"width": width, "height": height})
    door.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    door.open(there(FIRST, "10:00"), f"/{language}/ocean/first/screen/?room=hall")

    found = {"10:00": door.barriers(violations)}
    door.wait_until(there(FIRST, "16:10"))
    door.network = "away"
    door.wait(QUARTER)
    expect(door.old).not_to_be_empty()
    found["16:10"] = door.barriers(violations)

    assert found == {"10:00": [], "16:10": []}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1920])
def test_all_rooms_have_no_barrier(door, editions_folder, violations, scheme, width):
    issue_programmes((make_full_programme(), make_imprint(1)))
    door.page.set_viewport_size({"width": width, "height": 1080})
    door.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    door.open(there(FIRST, "14:10"), f"{AT}?room=cellar")
    found = door.barriers(violations)
    door.go(f"/ar{AT[3:]}")

    assert found + door.barriers(violations) == []


def test_the_pointer_is_gone_after_five_seconds(door, standing):
    door.open(there(FIRST, "10:20"), HALL_DOOR)
    pointer = "getComputedStyle(document.querySelector('main')).cursor"

    door.page.mouse.move(100, 100)
    assert door.page.evaluate(pointer) == "auto"
    door.page.clock.fast_forward(5000)
    assert door.page.evaluate(pointer) == "none"
    door.page.mouse.move(120, 100)
    assert door.page.evaluate(pointer) == "auto"


def test_without_scripts_the_programme_of_each_room_is_read(
    live_server, browser, standing, axe_source
):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + AT)

    assert page.locator("#programme h2").all_inner_texts() == [
        "Room XIX",
        "Palais Wilson, Room 2",
    ]
    assert page.get_by_text("Minutes that matter").is_visible()
    assert page.locator("#board, #clock").first.is_hidden()
    page.get_by_role("link", name="Room 2").click()
    assert page.url == f"{live_server.url}{AT}?room=annex#room-annex"
    context.close()
