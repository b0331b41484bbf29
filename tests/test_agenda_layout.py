"""How the agenda is laid out: rows of slots at the same time, what one needs, and what
is said aloud of each slot."""

import datetime as dt

import pytest

from sessions_app.programme import ConferenceEntry, DayEntry
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

AT = "/en/ocean/first/"


@pytest.fixture
def agenda(client):
    """The agenda of a session that holds everything that one can."""
    issue_programmes((make_full_programme(), make_imprint()))
    return tree_of(client.get(AT))


def test_slots_at_the_same_time_stand_in_one_row_with_its_time_and_rooms(agenda):
    (row,) = every(agenda, ".slots > .together")

    assert words_of(one(row, ".span")) == "13.00–15.00 In parallel in 2 rooms"
    assert [
        (slot.get("data-code"), slot.get("data-column"), slot.get("data-line"))
        for slot in every(row, "ol > .slot")
    ] == [("group1", "1", "1"), ("group2", "2", "1"), ("inner", "2", "2")]


def test_every_slot_is_found_by_its_code_in_printed_order(agenda):
    codes = [slot.code for slot in make_full_programme().slots]

    assert [slot.get("id") for slot in every(agenda, "li.slot")] == [
        f"slot-{code}" for code in codes
    ]
    assert [slot.get("data-code") for slot in every(agenda, "li.slot")] == codes


def test_a_parallel_slot_alone_says_that_it_is_parallel(client):
    slot = make_slot_entry(parallel=True)
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=(slot,))
    issue_programmes((make_programme(days=(day,)), make_imprint()))

    tree = tree_of(client.get(AT))

    assert every(tree, ".together") == []
    assert words_of(one(tree, ".when .tag")) == "In parallel"


def test_who_hears_the_title_of_a_slot_hears_its_day_and_time(agenda):
    spoken = {
        slot.get("data-code"): words_of(one(slot, "h3 .unseen"))
        for slot in every(agenda, "#slot-s0930, #slot-inner, #slot-closing")
    }
    link = one(agenda, "#slot-s0930 h3 a:not(.mark a)")

    assert spoken == {
        "s0930": ", Monday, 21 June, 09.30–12.00",
        "inner": ", Monday, 21 June, 14.00–14.30",
        "closing": ", Tuesday, 22 June, Upon conclusion of the reports",
    }
    assert one(agenda, f"#{link.get('aria-describedby')}") == one(
        agenda, "#slot-s0930 h3 .unseen"
    )


def test_a_reader_by_keyboard_skips_to_the_programme_and_from_day_to_day(agenda):
    assert [(words_of(a), a.get("href")) for a in every(agenda, "a.skip")] == [
        ("Skip to the content", "#content"),
        ("Skip to the programme", "#day-1"),
        ("Skip to Tue 22 June", "#day-2"),
        ("Skip to What I need", "#needs"),
    ]


def test_what_one_needs_is_reached_from_the_top_and_gathered_from_the_programme(agenda):
    assert [words_of(a) for a in every(agenda, 'a[href="#needs"]:not(.skip)')] == [
        "What I need",
        "What I need",
    ]
    assert [words_of(kind) for kind in every(agenda, "#needs .kind")] == [
        "Information for participants Format How to take the floor Contact",
        "Rooms Palais des Nations: Room XIX Palais Wilson: Room 2",
        (
            "Interpretation Arabic, Chinese, English, French, Russian, Spanish "
            "Opening segment Mon 21 June, 09.00–09.30"
        ),
        "Webcast Watch the webcast Opening segment Mon 21 June, 09.00–09.30",
        (
            "Documents Panel 1: Minutes that matter Mon 21 June, 09.30–12.00 "
            "A/CONF.99/3 Background paper Glossary"
        ),
    ]


def test_each_link_of_what_one_needs_leads_to_a_place_of_the_page(agenda):
    ids = {element.get("id") for element in every(agenda, "[id]")}
    inside = [a.get("href") for a in every(agenda, "#needs a[href^='#']")]

    assert inside == [
        "#section-1",
        "#section-2",
        "#contact",
        "#slot-s0900",
        "#slot-s0900",
        "#slot-s0930",
    ]
    assert {f"#{found}" for found in ids} >= set(inside)


def test_what_a_programme_does_not_tell_is_not_shown(client):
    slot = make_slot_entry(room=None)
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=(slot,))
    issue_programmes((make_programme(days=(day,), room=None), make_imprint()))

    tree = tree_of(client.get(AT))

    assert every(tree, "#needs, a[href='#needs']") == []


def test_meetings_that_are_many_are_folded(client):
    slots = tuple(
        make_slot_entry(f"{hour:02}:00", f"{hour:02}:45", interpretation=languages)
        for hour, languages in enumerate([("en", "fr")] * 5 + [("en",)] * 4, start=8)
    )
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=slots)
    issue_programmes((make_programme(days=(day,)), make_imprint()))

    tree = tree_of(client.get(AT))

    assert [words_of(s) for s in every(tree, "#needs summary")] == ["5 meetings"]
    assert len(every(tree, "#needs .meetings li")) == 9


def test_rooms_of_the_venue_are_named_once(client):
    second = HALL.model_copy(update={"code": "second", "name": {"en": "Room XX"}})
    slots = (
        make_slot_entry("09:00", room=second),
        make_slot_entry("10:00", room=ANNEX),
    )
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=slots)
    issue_programmes(
        (
            make_programme(
                days=(day,),
                conference=ConferenceEntry(slug="ocean", title={"en": "Ocean"}),
            ),
            make_imprint(),
        )
    )

    tree = tree_of(client.get(AT))

    assert [words_of(li) for li in every(tree, "#needs .kind li")] == [
        "Palais des Nations: Room XIX, Room XX",
        "Palais Wilson: Room 2",
    ]
