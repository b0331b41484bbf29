"""What pages tell the clock of the reader's device: instants, patterns, names of days."""

import datetime as dt

import pytest

from sessions_app import dates
from sessions_app.outputs import agenda
from sessions_app.outputs.agenda import Copy
from sessions_app.programme import DayEntry
from tests.factories import (
    ANNEX,
    HALL,
    ZONE,
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_programme,
    make_slot_entry,
)
from tests.test_pages import every, one, tree_of

AT = "/en/ocean/first/"
DAY = dt.date(2027, 6, 21)
HARD = "\u00a0"


@pytest.fixture
def session():
    return issue_programmes((make_full_programme(), make_imprint(1)))


def clock_of(client, at):
    return one(tree_of(client.get(at)), ".clock").attrib


def data_of(element):
    names = ("data-code", "data-starts", "data-ends", "data-over", "data-at")
    return {name[5:]: element.attrib[name] for name in names if name in element.attrib}


def copy_of(*slots, **changed):
    days = (DayEntry(number=1, date=DAY, slots=slots),)
    return Copy(make_programme(days=days, **changed), make_imprint(), "en")


# --- Slots ----------------------------------------------------------------------------


def test_slots_tell_their_instants(client, session):
    slots = {
        slot.attrib["data-code"]: data_of(slot)
        for slot in every(tree_of(client.get(AT)), ".slot")
    }

    assert slots["s0930"] == {
        "code": "s0930",
        "starts": "2027-06-21T09:30:00+02:00",
        "ends": "2027-06-21T12:00:00+02:00",
        "at": "09.30",
    }
    assert slots["s2100"] == {
        "code": "s2100",
        "starts": "2027-06-21T21:00:00+02:00",
        "ends": "2027-06-22T00:30:00+02:00",
        "at": "21.00",
    }
    assert slots["closing"] == {"code": "closing"}


def test_the_page_of_a_slot_tells_the_same(client, session):
    tree = tree_of(client.get(f"{AT}slots/s0930/"))

    assert data_of(one(tree, "article")) == {
        "code": "s0930",
        "starts": "2027-06-21T09:30:00+02:00",
        "ends": "2027-06-21T12:00:00+02:00",
        "at": "09.30",
    }
    assert every(tree, ".now, .zones") == []


def test_a_slot_without_an_end_lasts_until_the_next_one_or_the_day_is_over():
    copy = copy_of(
        make_slot_entry("10:00", ""),
        make_slot_entry("11:00", "", status="cancelled"),
        make_slot_entry("12:00", "13:00", code="one"),
        make_slot_entry("12:00", "", code="other"),
        make_slot_entry("", "", code="words"),
        make_slot_entry("15:00", ""),
    )

    assert copy.over_by == {
        "s1000": dt.datetime(2027, 6, 21, 12, tzinfo=ZONE),
        "s1100": dt.datetime(2027, 6, 21, 12, tzinfo=ZONE),
        "other": dt.datetime(2027, 6, 21, 15, tzinfo=ZONE),
        "s1500": dt.datetime(2027, 6, 22, 0, tzinfo=ZONE),
    }


def test_what_is_elsewhere_or_within_a_slot_does_not_end_it():
    copy = copy_of(
        make_slot_entry("10:00", "", code="plenary", room=HALL),
        make_slot_entry("11:00", "12:00", code="elsewhere", room=ANNEX),
        make_slot_entry("11:30", "12:00", code="part", room=HALL, part_of="plenary"),
        make_slot_entry("13:00", "15:00", code="lunch"),
    )

    assert copy.over_by == {"plenary": dt.datetime(2027, 6, 21, 13, tzinfo=ZONE)}


def test_an_end_that_is_not_known_is_not_said_to_be_one():
    page = agenda.render_agenda(copy_of(make_slot_entry("10:00", "")))

    assert (
        b'data-starts="2027-06-21T10:00:00+02:00" '
        b'data-over="2027-06-22T00:00:00+02:00" data-at="10.00"'
    ) in page


# --- Words ----------------------------------------------------------------------------


def test_the_clock_has_all_its_words_from_the_page(client, session):
    tree = tree_of(client.get(AT))
    clock, now, zones = (one(tree, part) for part in (".clock", ".now", ".zones"))

    assert (clock.attrib["data-now"], clock.attrib["data-next"]) == ("Now", "Next")
    assert clock.attrib["data-open"] == "No fixed time"
    assert clock.attrib["data-open-until"] == "2027-06-23T00:00:00+02:00"
    assert clock.attrib["data-zone"] == "{city} time"
    assert clock.attrib["data-days"].split("|")[1:3] == [
        f"2027-06-20 Sunday, 20{HARD}June",
        f"2027-06-21 Monday, 21{HARD}June",
    ]
    assert now.attrib["data-before"] == (
        "Begins on {day} at {time} Geneva time ({relative})"
    )
    assert now.attrib["data-after"] == "The session is over."
    assert zones.attrib["data-both"] == (
        "Times are Geneva time. Yours ({zone}) stand beside them."
    )


def test_nothing_of_it_is_seen_without_scripts(client, session):
    tree = tree_of(client.get(AT))

    seen = [
        element.attrib.get("class")
        for element in every(tree, ".clock, .now, .zones, .mine, .star")
        if "hidden" not in element.attrib
    ]

    assert seen == []


def test_a_cancelled_session_has_no_clock(client):
    issue_programmes((make_programme(status="cancelled"), make_imprint()))

    assert every(tree_of(client.get(AT)), ".clock") == []


def test_a_page_without_links_has_neither_stars_nor_a_clock():
    page = agenda.render_agenda(copy_of(make_slot_entry())).decode()

    assert "star" not in page.replace("data-starts", "")
    assert "clock" not in page


def test_the_chinese_page_puts_the_day_in_its_brackets(client):
    programme = make_programme(languages=("en", "zh-hans"))
    issue_programmes((programme, make_imprint()))

    assert clock_of(client, "/zh/ocean/first/")["data-brackets"] == "（{words}）"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", "الاثنين، 1 آذار/مارس"),
        ("zh-hans", "3月1日，星期一"),
        ("en", f"Monday, 1{HARD}March"),
        ("fr", f"lundi 1er{HARD}mars"),
        ("ru", f"понедельник, 1{HARD}марта"),
        ("es", f"lunes 1{HARD}de marzo"),
    ],
)
def test_days_are_named_without_the_year(language, words):
    assert dates.weekday_and_day(dt.date(2027, 3, 1), language) == words


@pytest.mark.parametrize("style", ["point", "colon", "half-days"])
@pytest.mark.parametrize("language", ["ar", "zh-hans", "en", "fr", "ru", "es"])
def test_faces_write_every_minute_as_it_prints(language, style):
    faces = dates.clock_faces(language, style)
    alone = dates.clock_alone(language)

    def written(wall):
        face = faces[2 * wall.hour + bool(wall.minute)]
        face = face.replace("{mm}", f"{wall.minute:02d}")
        return alone.format(first=face.replace("{m}", str(wall.minute)))

    walls = [dt.time(minute // 60, minute % 60) for minute in range(24 * 60)]
    assert [written(wall) for wall in walls] == [
        dates.time(wall, language, style) for wall in walls
    ]


@pytest.mark.parametrize(
    ("language", "style"),
    [
        *(
            (language, "point")
            for language in ("ar", "zh-hans", "en", "fr", "ru", "es")
        ),
        ("zh-hans", "half-days"),
    ],
)
def test_a_range_of_faces_is_the_range_that_prints(language, style):
    faces = dates.clock_faces(language, style)
    morning, evening = dt.time(9), dt.time(19)

    written = dates.clock_range(language, style).format(first=faces[18], last=faces[38])

    assert written == dates.time_range(morning, evening, language, style)
