"""The page for the screens at doors: what it holds for each room, and how it is sent.
What the script shows of it is tested in a browser."""

import datetime as dt
import io
import json
from zoneinfo import ZoneInfo

import lxml.html
import pytest
from django.core.management import call_command
from django.test import Client

from sessions_app import dates
from sessions_app.outputs.screen import clock_of, rooms_of
from sessions_app.programme import DayEntry
from tests.crawl import ask
from tests.editions import issue_three, withdraw
from tests.factories import (
    ANNEX,
    HALL,
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_programme,
    make_slot_entry,
)
from tests.test_pages import every, one, tree_of, words_of

AT = "/en/ocean/first/screen/"
DATE = dt.date(2027, 6, 21)


def hours_of(programme):
    """For each room and day: when each slot starts and until when it lasts there."""
    return {
        room.code: {
            in_room.day.date.day: [
                (
                    shown.slot.code,
                    shown.starts and shown.starts.strftime("%d %H:%M"),
                    shown.until.strftime("%d %H:%M"),
                )
                for shown in in_room.slots
            ]
            for in_room in room.days
        }
        for room in rooms_of(programme, "en")
    }


def of_one_day(*slots, **changed):
    day = DayEntry(number=1, date=DATE, slots=slots)
    return make_programme(**{"days": (day,), **changed})


# --- What is shown where, and until when ------------------------------------


def test_each_room_has_its_slots_and_their_hours():
    assert hours_of(make_full_programme()) == {
        "hall": {
            21: [
                ("s0900", "21 09:00", "21 09:30"),
                ("s0930", "21 09:30", "21 12:00"),
                ("s1200", "21 12:00", "21 13:00"),
                ("group1", "21 13:00", "21 15:00"),
                ("inner", "21 14:00", "21 14:30"),
                ("s1600", "21 16:00", "21 16:30"),
                ("s1700", "21 17:00", "21 17:30"),
                ("s2100", "21 21:00", "22 00:30"),
            ],
            22: [
                ("reports", "22 10:00", "22 11:00"),
                ("closing", None, "23 00:00"),
            ],
        },
        "annex": {21: [("group2", "21 13:00", "21 15:00")]},
    }


def test_without_an_end_a_slot_lasts_until_the_next_one_that_takes_place():
    programme = of_one_day(
        make_slot_entry("09:00", "", code="whole"),
        make_slot_entry("09:00", "", code="beside", parallel=True),
        make_slot_entry("09:30", "10:00", code="part", part_of="whole"),
        make_slot_entry("10:00", "", code="off", status="cancelled"),
        make_slot_entry("", "", code="worded", when={"en": "Upon conclusion"}),
        make_slot_entry("11:00", "", code="last"),
    )

    assert hours_of(programme) == {
        "hall": {
            21: [
                ("whole", "21 09:00", "21 11:00"),
                ("beside", "21 09:00", "21 09:30"),
                ("part", "21 09:30", "21 10:00"),
                ("off", "21 10:00", "21 11:00"),
                ("worded", None, "21 11:00"),
                ("last", "21 11:00", "22 00:00"),
            ]
        }
    }


def rooms_and_codes(programme):
    return {
        room.code: [shown.slot.code for day in room.days for shown in day.slots]
        for room in rooms_of(programme, "en")
    }


def test_what_has_no_room_is_shown_at_the_room_of_the_session():
    slots = (
        make_slot_entry("09:00", "10:00", code="group", room=ANNEX),
        make_slot_entry("10:00", "11:00", code="plenary"),
        make_slot_entry("11:00", "12:00", code="lunch", room=None),
    )

    assert rooms_and_codes(of_one_day(*slots)) == {
        "hall": ["plenary", "lunch"],
        "annex": ["group"],
    }


def test_what_has_no_room_is_shown_at_all_where_the_session_has_none():
    slots = (
        make_slot_entry("09:00", "10:00", code="group", room=ANNEX),
        make_slot_entry("09:00", "10:00", code="plenary", room=HALL),
        make_slot_entry("11:00", "12:00", code="lunch", room=None),
    )

    assert rooms_and_codes(of_one_day(*slots, room=None)) == {
        "annex": ["group", "lunch"],
        "hall": ["plenary", "lunch"],
    }


def test_without_any_room_there_is_one_screen():
    slots = (make_slot_entry("09:00", "10:00", room=None),)

    assert rooms_and_codes(of_one_day(*slots, room=None)) == {"": ["s0900"]}
    assert rooms_and_codes(of_one_day(room=HALL)) == {"": []}


# --- The clock of the place -------------------------------------------------


@pytest.mark.parametrize(
    "zone",
    ["Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"],
)
def test_the_hour_of_the_place_is_known_for_a_year_around(zone):
    programme = make_programme(zone=zone)
    there = ZoneInfo(zone)
    offsets = clock_of(programme, "en")["offsets"]
    at = dt.datetime(2026, 6, 25, tzinfo=dt.UTC)
    wrong = []
    while at < dt.datetime(2028, 6, 15, tzinfo=dt.UTC):
        second = at.timestamp()
        ahead = [minutes for since, minutes in offsets if since <= second][-1]
        if at.astimezone(there).utcoffset() != dt.timedelta(minutes=ahead):
            wrong.append(at)
        at += dt.timedelta(minutes=30)

    assert wrong == []
    assert len(offsets) == (1 if zone == "Asia/Kathmandu" else 5)


def test_clocks_change_at_their_minute():
    offsets = clock_of(make_programme(), "en")["offsets"]

    assert [
        (dt.datetime.fromtimestamp(second, dt.UTC).isoformat(), minutes)
        for second, minutes in offsets[1:3]
    ] == [("2026-10-25T01:00:00+00:00", 60), ("2027-03-28T01:00:00+00:00", 120)]


def test_dates_around_the_session_are_in_the_language_of_the_page():
    clock = clock_of(make_full_programme(), "fr")

    named = clock["dates"]
    assert (next(iter(named)), list(named)[-1]) == ("2027-06-14", "2027-06-29")
    assert named["2027-06-20"] == "Dimanche 20\u00a0juin 2027"
    assert clock["faces"] == dates.clock_faces("fr", "point")
    assert clock["alone"] == dates.clock_alone("fr")


# --- The page ---------------------------------------------------------------


@pytest.fixture
def full_session():
    return issue_programmes(
        (make_full_programme(), make_imprint(1)),
        (make_full_programme(), make_imprint(2, label="Rev.1", status_word="final")),
    )


def test_the_page_says_everything_of_each_room(client, full_session):
    tree = tree_of(client.get(AT))

    assert words_of(one(tree, "title")) == "Door screen – First session"
    assert words_of(one(tree, ".notice")) == "Demonstration, not an official document"
    assert words_of(one(tree, "header")) == "Conference on the ocean First session"
    assert [words_of(room) for room in every(tree, "#programme > section")] == [
        (
            "Room XIX Day 1: Monday, 21 June 2027 "
            "09.00–09.30 Opening segment Welcome remarks by the co-facilitators "
            "Ms. Ada Lund Director Bo Ek (by video message) Director "
            "09.30–12.00 Panel 1 Minutes that matter Panellists "
            "Ms. Cai Ong (TBC) Head of Warnings Ms. Zoé Émond (withdrawn) "
            "Representative of the public "
            "Moderated by H.E. Mr. Omar Diaz , Ambassador of Chile and "
            "Ms. Ada Lund , Director "
            "12.00–13.00 Lunch Space for side events "
            "13.00–15.00 Working group 1 Data 14.00–14.30 Coffee with the experts "
            "16.00–16.30 Cancelled Demonstration of the siren "
            "17.00–17.30 Postponed Visit 21.00–00.30 Drafting group "
            "Day 2: Tuesday, 22 June 2027 10.00–11.00 Reports "
            "Ms. Ada Lund , Director, thematic expert gives an overview of the results "
            "Comments by delegations Upon conclusion of the reports Closing"
        ),
        (
            "Palais Wilson, Room 2 Day 1: Monday, 21 June 2027 "
            "13.00–15.00 Working group 2 Borders"
        ),
    ]
    assert words_of(one(tree, ".edition")) == (
        "Edition 2 (Rev.1) · Final · as at 14 June 2027, 14.22, Geneva time"
    )


def test_the_page_lists_the_rooms_with_their_screens(client, full_session):
    tree = tree_of(client.get(AT))

    assert [(link.get("href"), words_of(link)) for link in every(tree, "#rooms a")] == [
        ("?room=hall#room-hall", "Room XIX"),
        ("?room=annex#room-annex", "Palais Wilson, Room 2"),
    ]
    assert [room.get("id") for room in every(tree, "#programme > section")] == [
        "room-hall",
        "room-annex",
    ]


def test_a_slot_tells_the_script_its_hours(client, full_session):
    panel, closing = (
        dict(every(tree_of(client.get(AT)), ".slot")[place].attrib) for place in (1, 9)
    )

    assert panel == {
        "class": "slot",
        "data-starts": "2027-06-21T09:30:00+02:00",
        "data-until": "2027-06-21T12:00:00+02:00",
        "data-at": "09.30",
        "data-ends": "12.00",
    }
    assert closing == {"class": "slot", "data-until": "2027-06-23T00:00:00+02:00"}


def test_the_words_of_the_script_come_with_the_page(client, full_session):
    tree = tree_of(client.get(AT))

    words = {
        word.get("data-word"): word.text for word in every(tree, "#words [data-word]")
    }
    assert words == {
        "now": "Now",
        "next": "Next",
        "next_at": "Next at {time}",
        "later": "The rest of today",
        "tomorrow": "Tomorrow",
        "tomorrow_at": "Tomorrow at {time}",
        "day_at": "{day} at {time}",
        "nothing_today": "Nothing is on the programme of this room today.",
        "over_today": "Nothing more takes place in this room today.",
        "over": "Nothing more takes place in this room.",
        "withdrawn": "The programme of this session was withdrawn.",
        "old": "Not up to date since {time}",
        "others_1": "and 1 other",
        "more_1": "and 1 more",
        **{f"others_{count}": f"and {count} others" for count in range(2, 8)},
        **{f"more_{count}": f"and {count} more" for count in range(2, 8)},
    }
    clock = json.loads(one(tree, "[data-clock]").get("data-clock"))
    # As JSON has it: pairs are lists.
    assert clock == json.loads(json.dumps(clock_of(make_full_programme(), "en")))


def test_nothing_at_a_door_leads_away_but_to_other_rooms_and_languages(
    client, full_session
):
    tree = tree_of(client.get(AT))

    assert [link.get("href") for link in every(tree, "body a")] == [
        "?room=hall#room-hall",
        "?room=annex#room-annex",
        "/ar/ocean/first/screen/",
        "/en/ocean/first/screen/",
        "/fr/ocean/first/screen/",
    ]


def test_without_scripts_the_page_is_loaded_anew_each_minute(client, full_session):
    tree = tree_of(client.get(AT))

    (again,) = every(tree, "noscript meta")
    assert dict(again.attrib) == {"http-equiv": "refresh", "content": "60"}
    assert not every(tree, "[style], script:not([src])")


def test_arabic_is_mirrored_and_marks_what_is_not_in_it(client, full_session):
    tree = tree_of(client.get("/ar/ocean/first/screen/"))

    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")
    marked = one(
        tree, "#room-annex h4 span[lang] ~ span, #room-annex h4 > span:last-child"
    )
    assert (marked.get("lang"), marked.get("dir"), words_of(marked)) == (
        "en",
        "ltr",
        "Borders",
    )


def test_a_superseded_edition_and_a_cancelled_session_say_so(client, full_session):
    issue_programmes((make_programme(slug="off", status="cancelled"), make_imprint(1)))

    former = tree_of(client.get("/en/ocean/first/editions/1/screen/"))
    cancelled = tree_of(client.get("/en/ocean/off/screen/"))

    assert words_of(one(former, ".notice.is-alert")) == (
        "You are reading edition 1, which is no longer current."
    )
    assert words_of(one(cancelled, "h1 s")) == "First session"
    assert words_of(one(cancelled, "#cancelled")) == "This session is cancelled."


# --- How it is sent ---------------------------------------------------------


def test_all_rooms_are_sent_the_same_bytes(client, full_session):
    pages = {
        ask(client, f"{AT}{query}").body
        for query in ("", "?room=hall", "?room=annex", "?room=unknown", "?lang=fr")
    }

    assert len(pages) == 1


def test_a_screen_that_has_the_page_is_sent_nothing_more(client, full_session):
    first = ask(client, AT, Accept_Encoding="br")
    again = ask(client, AT, Accept_Encoding="br", If_None_Match=first.headers["ETag"])

    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert {
        name: first.headers.get(name)
        for name in ("Content-Type", "Cache-Control", "Vary", "Set-Cookie")
    } == {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "Set-Cookie": None,
    }


def test_a_new_edition_is_another_page(client):
    issue_programmes((make_full_programme(), make_imprint(1)))
    tag = ask(client, AT).headers["ETag"]

    issue_three()
    after = ask(client, AT, If_None_Match=tag)

    assert after.status == 200
    assert "Edition 3 (Rev.1)" in after.content.decode()


def test_a_withdrawn_programme_is_gone_from_doors(client):
    withdraw(issue_programmes((make_programme(), make_imprint(1))), 1)

    assert client.get(AT).status_code == 410


def test_screens_ask_nothing_of_the_database(
    db, client, full_session, django_assert_num_queries
):
    with django_assert_num_queries(0):
        answers = [client.get(AT).status_code for _ in range(2)]

    assert answers == [200, 200]


@pytest.mark.thorough
def test_the_exported_site_has_the_screen_and_what_it_needs(full_session, tmp_path):
    call_command("export_site", "first", str(tmp_path / "site"), stdout=io.StringIO())

    site = tmp_path / "site"
    for address in (
        AT,
        "/ar/ocean/first/screen/",
        "/en/ocean/first/editions/2/screen/",
    ):
        page = (site / address[1:] / "index.html").read_bytes()
        assert page == ask(Client(), address).content
        led = lxml.html.fromstring(page).xpath("//link/@href | //script/@src")
        assert [name for name in led if not (site / name[1:]).is_file()] == []


def test_the_page_for_a_large_programme_stays_small(client, demonstration):
    at = "/en/early-warning/second-preparatory-session/screen/"

    assert len(ask(client, at, Accept_Encoding="br").body) <= 10_000
