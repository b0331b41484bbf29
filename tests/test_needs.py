"""What one needs beside the programme, gathered from it."""

import datetime as dt

from sessions_app.outputs.needs import Building, Interpreted, Meeting, Needs, Webcast
from sessions_app.programme import DayEntry
from tests.factories import (
    ANNEX,
    HALL,
    make_full_programme,
    make_programme,
    make_slot_entry,
)


def of(*slots, **changed):
    """The needs of a programme of one day, and its slots on their day by code."""
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=slots)
    programme = make_programme(days=(day,), **changed)
    return Needs(programme), {slot.code: Meeting(day, slot) for slot in slots}


def test_a_full_programme_tells_all_in_printed_order():
    needs = Needs(make_full_programme())

    assert [(n, s.heading["en"]) for n, s in needs.sections] == [
        (1, "Format"),
        (2, "How to take the floor"),
    ]
    assert [
        (papers.meeting.slot.code, [d.symbol for d in papers.documents])
        for papers in needs.papers
    ] == [("s0930", ["A/CONF.99/3", ""])]
    assert needs.buildings == (
        Building(HALL.venue, (HALL,)),
        Building(ANNEX.venue, (ANNEX,)),
    )
    assert needs.has_any


def test_interpretation_is_told_by_languages_where_it_differs():
    needs, meetings = of(
        make_slot_entry("09:00", code="one", interpretation=("en", "fr")),
        make_slot_entry("10:00", code="two", interpretation=("en",)),
        make_slot_entry("11:00", code="three", interpretation=("en", "fr")),
        make_slot_entry("12:00", code="four"),
    )

    assert needs.interpreted == (
        Interpreted(("en", "fr"), (meetings["one"], meetings["three"]), is_all=False),
        Interpreted(("en",), (meetings["two"],), is_all=False),
    )


def test_interpretation_of_all_meetings_that_take_place_is_said_to_be_so():
    needs, meetings = of(
        make_slot_entry("09:00", code="one", interpretation=("en", "fr")),
        make_slot_entry("10:00", code="break", kind="break"),
        make_slot_entry("11:00", code="off", status="cancelled"),
    )

    assert needs.interpreted == (
        Interpreted(("en", "fr"), (meetings["one"],), is_all=True),
    )


def test_meetings_at_one_webcast_are_told_together():
    needs, meetings = of(
        make_slot_entry("09:00", code="one", webcast="https://example.org/live"),
        make_slot_entry("10:00", code="two", webcast="https://example.org/two"),
        make_slot_entry("11:00", code="three", webcast="https://example.org/live"),
        make_slot_entry(
            "12:00", code="off", webcast="https://example.org/off", status="postponed"
        ),
    )

    assert needs.webcasts == (
        Webcast("https://example.org/live", (meetings["one"], meetings["three"])),
        Webcast("https://example.org/two", (meetings["two"],)),
    )


def test_rooms_stand_under_their_venue_with_the_own_of_the_session_first():
    second = ANNEX.model_copy(update={"code": "second", "venue": HALL.venue})
    needs, _meetings = of(
        make_slot_entry("09:00", room=ANNEX),
        make_slot_entry("10:00", room=second),
        make_slot_entry("11:00", room=ANNEX),
    )

    assert needs.buildings == (
        Building(HALL.venue, (HALL, second)),
        Building(ANNEX.venue, (ANNEX,)),
    )


def test_a_programme_without_anything_needs_nothing():
    needs, _meetings = of(make_slot_entry(room=None), room=None)

    assert (
        needs.papers,
        needs.interpreted,
        needs.webcasts,
        needs.buildings,
        needs.has_any,
    ) == ((), (), (), (), False)
