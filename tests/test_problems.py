import datetime as dt
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from sessions_app.compose import compose
from sessions_app.models import Session
from sessions_app.problems import CHECKS, Problem, Severity, find_problems
from sessions_app.programme import (
    ConferenceEntry,
    DayEntry,
    FootnoteEntry,
    LineEntry,
    PersonEntry,
    Programme,
    RoomEntry,
    SectionEntry,
    SlotEntry,
)

FIRST = dt.date(2027, 6, 21)
GENEVA = "Europe/Zurich"
HALL = RoomEntry(code="hall", venue={"en": "Palais"}, name={"en": "Hall"})
TERRACE = RoomEntry(code="terrace", venue={"en": "Terrace"})

# Two line codes are never alike.
_numbers = count(1)


# --- Makers -------------------------------------------------------------------


def a_programme(*slots, **changed):
    """A session with `slots` on its first day."""
    values = {
        "conference": ConferenceEntry(slug="ocean", title={"en": "Ocean"}),
        "slug": "first",
        "title": {"en": "First session"},
        "city": {"en": "Geneva"},
        "zone": GENEVA,
        "starts_on": FIRST,
        "ends_on": FIRST + dt.timedelta(days=1),
        "languages": ("en",),
        "primary_language": "en",
        "days": (DayEntry(number=1, date=FIRST, slots=slots),),
    }
    return Programme(**{**values, **changed})


def another(*slots, **changed):
    """A session beside that of `a_programme`."""
    values = {"slug": "second", "title": {"en": "Second session"}}
    return a_programme(*slots, **{**values, **changed})


def a_slot(times, code="a", zone=GENEVA, date=FIRST, **changed):
    """A slot at `times` ("10:00-11:00", "10:00", "")."""
    start, _dash, end = times.partition("-")
    values = {"code": code, "kind": "session", "title": {"en": code.upper()}}
    for name, wall in (("start", start), ("end", end)):
        if wall:
            values[name] = dt.time.fromisoformat(wall)
            values[f"{name}s_at"] = dt.datetime.combine(
                date, values[name], tzinfo=ZoneInfo(zone)
            )
    return SlotEntry(**{**values, **changed})


def a_panel(number, times="10:00-11:00", **changed):
    """A numbered panel with a moderator."""
    values = {
        "code": f"p{number}",
        "kind": "panel",
        "label": {"en": f"Panel {number}"},
        "lines": (naming(a_person(role="moderator")),),
    }
    return a_slot(times, **{**values, **changed})


def a_person(name="Ada Lund", honorific="Ms.", **changed):
    values = {
        "code": f"line{next(_numbers)}",
        "person": name.lower().replace(" ", "-"),
        "name": {"en": name},
        "honorific": {"en": honorific} if honorific else {},
        "printed": {"en": f"{honorific} {name}".strip()},
    }
    return PersonEntry(**{**values, **changed})


def naming(*people, **changed):
    """A line with `people`."""
    return LineEntry(**{"code": f"l{next(_numbers)}", "people": people, **changed})


def found(programme, *others):
    """Which check found something at which slot."""
    return [(p.check, p.slot) for p in find_problems(programme, others)]


def sentences(programme, *others):
    """What is said, with ordinary spaces."""
    return [p.sentence.replace("\u00a0", " ") for p in find_problems(programme, others)]


# --- The whole list -----------------------------------------------------------


def test_session_of_2017_has_the_one_name_without_honorific_to_look_at(
    demonstration, django_assert_num_queries
):
    programmes = {session.slug: compose(session) for session in Session.objects.all()}
    programme = programmes["third-thematic-session"]

    with django_assert_num_queries(0):
        problems = find_problems(programme, programmes.values())

    assert [(p.severity, p.check) for p in problems] == [(Severity.NOTE, "honorific")]
    assert sentences(programme) == [
        (
            "Gregory Maniatis stands without an honorific in Panel 1 (10.15–13.00, Mon "
            "19 June), while others have one: add it to the person’s record, unless the "
            "person wishes none."
        )
    ]


def test_demonstration_of_today_starts_early_and_awaits_one_answer(demonstration):
    programmes = {session.slug: compose(session) for session in Session.objects.all()}

    assert [
        (p.severity, p.check)
        for p in find_problems(
            programmes["second-preparatory-session"], programmes.values()
        )
    ] == [
        # Its place has hours of its own: from 9.00, and again from 14.00.
        *[(Severity.WARNING, "hours")] * 4,
        (Severity.NOTE, "to_be_confirmed"),
    ]


def test_session_in_preparation_lacks_people_and_two_translations(demonstration):
    programme = compose(Session.objects.get(slug="third-preparatory-session"))

    assert [(p.severity, p.check) for p in find_problems(programme)] == [
        (Severity.WARNING, "no_people"),
        (Severity.WARNING, "no_people"),
        (Severity.WARNING, "no_moderator"),
        (Severity.NOTE, "languages"),
    ]


def test_errors_come_before_warnings_before_notes_each_in_reading_order():
    late = a_person("Bo Berg", status="to_be_confirmed")
    early = a_person("Cy Dahl", status="to_be_confirmed")
    programme = a_programme(
        a_slot("09:00-10:00", "a", lines=(naming(early, late),)),
        a_slot("", "b"),
        a_slot("10:00-11:00", "c", room=HALL),
        a_slot("10:30-11:00", "d", room=HALL),
        a_panel(1, "11:00-12:00", lines=()),
    )

    problems = find_problems(programme)

    assert [(p.severity, p.check, p.slot, p.line) for p in problems] == [
        ("error", "room_twice", "d", ""),
        ("warning", "no_time", "b", ""),
        ("warning", "overlap", "d", ""),
        ("warning", "no_people", "p1", ""),
        ("warning", "no_moderator", "p1", ""),
        ("note", "to_be_confirmed", "a", early.code),
        ("note", "to_be_confirmed", "a", late.code),
    ]


def test_reading_order_goes_before_the_order_of_checks():
    awaited = a_person(status="to_be_confirmed")
    programme = a_programme(
        a_panel(1, lines=(naming(a_person()),)),
        a_slot("", "b", lines=(naming(a_person("Bo Berg", ""), awaited),)),
    )

    assert found(programme) == [
        ("no_moderator", "p1"),
        ("no_time", "b"),
        ("honorific", "b"),
        ("to_be_confirmed", "b"),
    ]


def test_problem_without_a_slot_comes_first_of_its_severity():
    empty = DayEntry(number=1, date=FIRST)
    untimed = DayEntry(number=2, date=FIRST + dt.timedelta(days=1), slots=(a_slot(""),))

    assert found(a_programme(days=(empty, untimed))) == [
        ("empty", ""),
        ("no_time", "a"),
    ]


def test_problem_is_a_plain_value():
    assert find_problems(a_programme(a_panel(2, lines=()), time_style="colon"))[1] == (
        Problem(
            check="no_moderator",
            severity=Severity.WARNING,
            sentence="Panel 2 (10:00–11:00, Mon 21\u00a0June) has no moderator: add a "
            "line with that role.",
            slot="p2",
        )
    )


def test_day_is_named_in_the_language_of_the_interface_and_the_title_in_the_main_one():
    slot = a_slot("", title={"ru": "Открытие", "en": "Opening"})
    programme = a_programme(slot, primary_language="ru", languages=("ru",))

    with override("fr"):
        sentence = sentences(programme)[0]

    assert "Открытие" in sentence
    assert "lun. 21 juin" in sentence


@pytest.mark.parametrize("language", [None, "de"])
def test_language_that_has_no_dates_is_told_in_english(language):
    with override(language):
        assert "(Mon 21 June)" in sentences(a_programme(a_slot("")))[0]


def test_every_check_is_quiet_on_a_plain_day():
    programme = a_programme(
        a_slot("09:00-10:00", kind="opening", lines=(naming(a_person()),)),
        a_panel(1, "10:00-13:00", room=HALL, interpretation=("en", "fr")),
        a_slot("13:00-15:00", "lunch", kind="lunch"),
        a_panel(2, "15:00-16:00", room=HALL),
        a_slot("", "c", kind="closing", when={"en": "Upon conclusion of the panel"}),
    )

    assert find_problems(programme) == []
    assert len(CHECKS) == 18


# --- A person in two places ---------------------------------------------------


def _side_by_side(one, two, **changed):
    """Two parallel slots, with the line `one` and the line `two`."""
    return a_programme(
        a_slot("10:00-11:00", "a", parallel=True, lines=(one,)),
        a_slot("10:30-11:30", "b", parallel=True, lines=(two,), **changed),
    )


def test_person_in_two_slots_at_once_is_an_error_at_the_later():
    here = a_person(code="k4f")
    programme = _side_by_side(naming(a_person()), naming(here))

    problems = find_problems(programme)

    assert [(p.severity, p.check, p.slot, p.line) for p in problems] == [
        ("error", "person_twice", "b", "k4f")
    ]
    assert sentences(programme) == [
        (
            "Ms. Ada Lund is expected in two places at once, in “B” (10.30–11.30, Mon "
            "21 June) and in “A” (10.00–11.00, Mon 21 June): change one of the times, or "
            "one of the lines."
        )
    ]


def test_person_whom_a_line_means_without_naming_is_there_too():
    meant = LineEntry(
        code="m1",
        text={"en": "Comments by the moderators"},
        referred=(a_person(code="m1.k4f"),),
    )

    problems = find_problems(_side_by_side(naming(a_person()), meant))

    assert [(p.check, p.line) for p in problems] == [("person_twice", "m1")]


@pytest.mark.parametrize("why", [{"status": "withdrawn"}, {"mode": "video_message"}])
def test_person_who_does_not_come_is_nowhere(why):
    programme = _side_by_side(naming(a_person()), naming(a_person(**why)))

    assert found(programme) == []


@pytest.mark.parametrize("status", ["cancelled", "postponed"])
def test_person_in_a_slot_that_is_off_is_free(status):
    programme = _side_by_side(naming(a_person()), naming(a_person()), status=status)

    assert found(programme) == []


def test_person_on_two_lines_of_a_slot_is_there_once():
    slot = a_slot("10:00-11:00", lines=(naming(a_person()), naming(a_person())))

    assert found(a_programme(slot)) == []


def test_unnamed_people_are_never_the_same():
    somebody = {"person": None, "honorific": None}
    programme = _side_by_side(
        naming(a_person("Representative", **somebody)),
        naming(a_person("Representative", **somebody)),
    )

    assert found(programme) == []


def test_person_may_be_in_a_slot_and_in_what_is_part_of_it():
    programme = a_programme(
        a_slot("10:00-12:00", "a", lines=(naming(a_person()),)),
        a_slot("10:00-11:00", "b", part_of="a"),
        a_slot("10:30-11:00", "c", part_of="b", lines=(naming(a_person()),)),
    )

    assert found(programme) == []


def test_person_may_not_be_in_two_parts_of_a_slot():
    programme = a_programme(
        a_slot("10:00-12:00", "a"),
        a_slot(
            "10:00-11:00",
            "b",
            part_of="a",
            parallel=True,
            lines=(naming(a_person()),),
        ),
        a_slot(
            "10:00-11:00",
            "c",
            part_of="a",
            parallel=True,
            lines=(naming(a_person()),),
        ),
    )

    assert found(programme) == [("person_twice", "c")]


def test_parts_that_go_round_in_a_circle_end():
    programme = a_programme(
        a_slot("10:00-12:00", "a", part_of="b"),
        a_slot("10:00-11:00", "b", part_of="a"),
        a_slot("10:00-11:00", "c", part_of="a"),
    )

    assert found(programme) == []


def test_person_may_go_from_one_slot_to_the_next():
    programme = a_programme(
        a_slot("10:00-11:00", "a", lines=(naming(a_person()),)),
        a_slot("11:00-12:00", "b", lines=(naming(a_person()),)),
    )

    assert found(programme) == []


def test_slot_without_an_end_takes_at_least_its_beginning():
    programme = a_programme(
        a_slot("10:00", "a", parallel=True, lines=(naming(a_person()),)),
        a_slot("10:00", "b", parallel=True, lines=(naming(a_person()),)),
    )

    assert found(programme) == [("person_twice", "b")]


def test_person_in_another_session_is_compared_by_the_instant():
    programme = a_programme(a_slot("16:30-17:30", "a", lines=(naming(a_person()),)))
    in_new_york = {"zone": "America/New_York", "lines": (naming(a_person()),)}
    other = another(
        a_slot("11:00-12:00", "x", **in_new_york),
        a_slot("16:30-17:30", "y", **in_new_york),
        zone="America/New_York",
        city={"en": "New York"},
    )

    assert found(programme, other) == [("person_twice", "a")]
    assert sentences(programme, other) == [
        (
            "Ms. Ada Lund is expected in two places at once, in “A” (16.30–17.30, Mon "
            "21 June) and in “X” (11.00–12.00, New York time, Mon 21 June) of “Second "
            "session”: change one of the times, or one of the lines."
        )
    ]


def test_hour_that_comes_twice_is_told_apart():
    autumn = dt.date(2027, 10, 31)
    first = dt.datetime(2027, 10, 31, 2, 30, tzinfo=ZoneInfo(GENEVA))
    slot = a_slot("02:00-02:30", "a", date=autumn, lines=(naming(a_person()),))
    programme = a_programme(
        slot.model_copy(update={"ends_at": first.replace(fold=1)}),
        a_slot("02:45-03:30", "b", date=autumn, lines=(naming(a_person()),)),
    )

    assert found(programme) == [("person_twice", "b"), ("overlap", "b")]


def test_what_two_other_sessions_do_to_each_other_is_not_told_here():
    programme = a_programme(a_slot("12:00-13:00", "a", lines=(naming(a_person()),)))
    others = [
        another(a_slot("10:00-11:00", slug, lines=(naming(a_person()),)), slug=slug)
        for slug in ("second", "third")
    ]

    assert found(programme, *others) == []


def test_cancelled_session_takes_nobody():
    programme = a_programme(a_slot("10:00-11:00", lines=(naming(a_person()),)))
    other = another(
        a_slot("10:00-11:00", "x", lines=(naming(a_person()),)), status="cancelled"
    )

    assert found(programme, other) == []


def test_session_is_not_compared_with_itself():
    programme = a_programme(a_slot("10:00-11:00", lines=(naming(a_person()),)))

    assert found(programme, programme) == []


# --- A room taken twice -------------------------------------------------------


def test_room_taken_twice_at_once_is_an_error():
    programme = a_programme(
        a_slot("10:00-11:00", "a", room=HALL, parallel=True),
        a_slot("10:59-12:00", "b", room=HALL, parallel=True),
    )

    assert [(p.severity, p.check, p.slot) for p in find_problems(programme)] == [
        ("error", "room_twice", "b")
    ]
    assert sentences(programme) == [
        (
            "Palais, Hall is taken twice at once, for “B” (10.59–12.00, Mon 21 June) and "
            "for “A” (10.00–11.00, Mon 21 June): give one of them another room or another "
            "time."
        )
    ]


def test_each_slot_in_a_room_that_is_taken_is_told_once():
    slots = [a_slot("10:00-11:00", c, room=HALL, parallel=True) for c in "abc"]

    assert found(a_programme(*slots)) == [("room_twice", "b"), ("room_twice", "c")]


def test_room_of_another_session_is_the_same_room():
    programme = a_programme(a_slot("10:00-11:00", "a", room=TERRACE))
    other = another(a_slot("10:30-11:00", "x", room=TERRACE))

    assert sentences(programme, other) == [
        (
            "Terrace is taken twice at once, for “A” (10.00–11.00, Mon 21 June) and for "
            "“X” (10.30–11.00, Mon 21 June) of “Second session”: give one of them another "
            "room or another time."
        )
    ]


@pytest.mark.parametrize(
    "excuse",
    [
        {"room": TERRACE, "parallel": True},
        {"kind": "reception", "parallel": True},
        {"part_of": "a"},
        {"status": "cancelled"},
    ],
)
def test_room_is_free_for(excuse):
    values = {"room": HALL, **excuse}
    programme = a_programme(
        a_slot("10:00-12:00", "a", room=HALL),
        a_slot("11:00-12:00", "b", **values),
    )

    assert found(programme) == []


def test_night_meeting_and_the_next_morning_are_compared_by_the_instant():
    morrow = FIRST + dt.timedelta(days=1)
    night = a_slot("21:00-00:30", "a", room=HALL, ends_next_day=True)
    ends_at = dt.datetime.combine(morrow, night.end, tzinfo=ZoneInfo(GENEVA))
    programme = a_programme(
        days=(
            DayEntry(
                number=1,
                date=FIRST,
                slots=(night.model_copy(update={"ends_at": ends_at}),),
            ),
            DayEntry(
                number=2,
                date=morrow,
                slots=(a_slot("00:15-01:00", "b", date=morrow, room=HALL),),
            ),
        )
    )

    assert found(programme) == [("room_twice", "b")]


# --- The timetable ------------------------------------------------------------


def test_slots_of_a_day_that_overlap_are_a_warning():
    programme = a_programme(
        a_slot("10:00-11:00", "a"),
        a_slot("10:30-11:00", "b"),
        a_slot("11:00-12:00", "c"),
    )

    assert [(p.severity, p.check, p.slot) for p in find_problems(programme)] == [
        ("warning", "overlap", "b")
    ]
    assert sentences(programme) == [
        (
            "“B” (10.30–11.00, Mon 21 June) begins before “A” (10.00–11.00, Mon 21 June) "
            "ends: change one of the times, or tick “meant as parallel”, or make one of "
            "them part of the other."
        )
    ]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({}, {"parallel": True}),
        ({"parallel": True}, {}),
        ({}, {"part_of": "a"}),
        ({"part_of": "b"}, {}),
        ({"kind": "lunch"}, {"kind": "side_event"}),
        ({"kind": "registration"}, {}),
        ({}, {"status": "postponed"}),
    ],
)
def test_slots_may_overlap_where_one_is(one, two):
    programme = a_programme(
        a_slot("10:00-12:00", "a", **one), a_slot("11:30-12:30", "b", **two)
    )

    assert found(programme) == []


@pytest.mark.parametrize(
    ("one", "two"),
    [({"kind": "lunch"}, {}), ({"part_of": "x"}, {"part_of": "x"})],
)
def test_slots_may_not_overlap_where_one_is_only(one, two):
    programme = a_programme(
        a_slot("10:00-12:00", "a", **one), a_slot("11:30-12:30", "b", **two)
    )

    assert found(programme) == [("overlap", "b")]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("11:05", []),
        ("11:06", [("gap", "b")]),
        ("11:59", [("gap", "b")]),
        ("12:00", []),
    ],
)
def test_gap_is_told_from_six_minutes_to_less_than_an_hour(start, expected):
    programme = a_programme(a_slot("10:00-11:00", "a"), a_slot(f"{start}-13:00", "b"))

    assert found(programme) == expected


def test_gap_says_how_long_it_is():
    programme = a_programme(a_slot("10:00-11:00", "a"), a_slot("11:20-12:00", "b"))

    assert sentences(programme) == [
        (
            "Nothing is planned for 20 min between “A” (10.00–11.00, Mon 21 June) and “B” "
            "(11.20–12.00, Mon 21 June): change one of the times, or add a break."
        )
    ]


@pytest.mark.parametrize(
    "between",
    [
        a_slot("11:00-11:20", "x"),
        a_slot("11:10-11:15", "x", kind="break"),
        a_slot("11:00-11:20", "x", status="cancelled"),
        a_slot("10:30-11:20", "x", parallel=True),
        a_slot("11:00", "x"),
        a_slot("", "x", when={"en": "Upon conclusion"}),
    ],
)
def test_there_is_no_gap_where_something_lies_between(between):
    programme = a_programme(
        a_slot("10:00-11:00", "a"), between, a_slot("11:20-12:00", "b")
    )

    assert found(programme) == []


def test_there_is_no_gap_from_one_day_to_the_next():
    morrow = FIRST + dt.timedelta(days=1)
    late, early = a_slot("23:00-23:50", "a"), a_slot("00:10-01:00", "b", date=morrow)
    programme = a_programme(
        days=(
            DayEntry(number=1, date=FIRST, slots=(late,)),
            DayEntry(number=2, date=morrow, slots=(early,)),
        )
    )

    assert found(programme) == []


def test_long_slot_bridges_the_gap_between_short_ones():
    programme = a_programme(
        a_slot("09:00-13:00", "a", parallel=True),
        a_slot("10:00-11:00", "b"),
        a_slot("11:20-12:00", "c"),
        a_slot("13:30-14:00", "d"),
    )

    assert found(programme) == [("gap", "d")]


def test_session_without_days_is_told_which_date_to_add():
    assert sentences(a_programme(days=())) == [
        (
            "The session has no days: add the first, on 21 June 2027 or another of its "
            "dates."
        )
    ]


def test_day_without_slots_is_told_by_its_date():
    assert sentences(a_programme()) == [
        "Monday, 21 June 2027 has no slots that print: add them, or delete the day."
    ]


def test_slot_needs_a_time_or_words():
    programme = a_programme(
        a_slot("", "a"),
        a_slot("", "b", when={"en": "Upon conclusion of the panel"}),
        a_slot("", "c", status="postponed"),
    )

    assert sentences(programme) == [
        (
            "“A” (Mon 21 June) has no time: type its start, or words in place of a time "
            "(“upon conclusion of the panel”)."
        )
    ]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ("10:00-13:00", 0),
        ("15:00-18:00", 0),
        ("15:00", 0),
        ("", 0),
        ("09:59-11:00", 1),
        ("17:00-18:01", 1),
        ("12:30-13:01", 1),
        ("14:59-16:00", 1),
        ("13:00-15:00", 1),
        ("13:00", 1),
        ("19:00", 1),
        ("10:00-18:00", 2),
    ],
)
def test_interpreters_have_hours(times, expected):
    slot = a_slot(times, interpretation=("en",), when={"en": "Later"})

    assert found(a_programme(slot)) == [("hours", "a")] * expected


def test_slot_outside_the_hours_of_interpreters_and_too_long_is_told_both():
    slot = a_slot("10:00-13:30", interpretation=("en", "fr"))

    assert [p.severity for p in find_problems(a_programme(slot))] == ["warning"] * 2
    assert sentences(a_programme(slot)) == [
        (
            "“A” (10.00–13.30, Mon 21 June) has interpretation outside 10.00–13.00 and "
            "15.00–18.00, when interpreters work: change its times, or take the "
            "interpretation off."
        ),
        (
            "“A” (10.00–13.30, Mon 21 June) has interpretation for 3 h 30, and one team "
            "works three hours: shorten the slot, divide it, or ask for a second team."
        ),
    ]


def test_interpretation_into_the_night_is_outside_hours():
    night = a_slot("17:00-01:00", interpretation=("en",), ends_next_day=True)
    ends_at = night.ends_at + dt.timedelta(days=1)

    assert found(a_programme(night.model_copy(update={"ends_at": ends_at}))) == [
        ("hours", "a"),
        ("hours", "a"),
    ]


@pytest.mark.parametrize(
    "excuse", [{"interpretation": ()}, {"status": "cancelled"}, {"status": "postponed"}]
)
def test_any_hour_is_right_for(excuse):
    values = {"interpretation": ("en",), **excuse}

    assert found(a_programme(a_slot("08:00-13:30", **values))) == []


def test_lunch_under_two_hours_is_a_note():
    programme = a_programme(a_slot("13:00-14:30", kind="lunch"))

    assert [(p.severity, p.check, p.slot) for p in find_problems(programme)] == [
        ("note", "short_lunch", "a")
    ]
    assert sentences(programme) == [
        (
            "“A” (13.00–14.30, Mon 21 June) lasts 1 h 30: two hours are usual, change one "
            "of the times if they can be had."
        )
    ]


@pytest.mark.parametrize(
    ("times", "changed"),
    [
        ("13:00-15:00", {}),
        ("13:00", {}),
        ("13:00-14:00", {"kind": "break"}),
        ("13:00-14:00", {"status": "cancelled"}),
    ],
)
def test_lunch_is_long_enough(times, changed):
    slot = a_slot(times, **{"kind": "lunch", **changed})

    assert found(a_programme(slot)) == []


# --- Panels -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("panel", ["no_people", "no_moderator"]),
        ("round_table", ["no_people", "no_moderator"]),
        ("summary_panel", ["no_people"]),
        ("keynote", ["no_people"]),
        ("opening", ["no_people"]),
        ("closing", []),
        ("plenary", []),
        ("lunch", []),
    ],
)
def test_people_are_expected_by_kind(kind, expected):
    programme = a_programme(a_slot("10:00-12:00", kind=kind))

    assert [p.check for p in find_problems(programme)] == expected


@pytest.mark.parametrize("kind", ["summary_panel", "opening"])
@pytest.mark.parametrize(
    "line",
    [
        LineEntry(code="l", text={"en": "Remarks by the co-facilitators"}),
        LineEntry(code="l", referred=(a_person(code="l.x"),)),
    ],
)
def test_words_suffice_where_people_are_meant(kind, line):
    assert found(a_programme(a_slot("10:00-11:00", kind=kind, lines=(line,)))) == []


def test_words_do_not_suffice_for_a_panel():
    words = LineEntry(code="l", text={"en": "Panellists"})
    programme = a_programme(a_panel(1, lines=(words,)))

    assert sentences(programme)[0] == (
        "Panel 1 (10.00–11.00, Mon 21 June) names nobody: add a line for each of its "
        "people."
    )


def test_opening_is_told_that_words_would_do():
    assert sentences(a_programme(a_slot("10:00-11:00", kind="opening"))) == [
        (
            "“A” (10.00–11.00, Mon 21 June) does not say who takes part: add a line with "
            "people or with words (“Remarks by the co-facilitators”)."
        )
    ]


def test_moderator_who_withdrew_moderates_no_more():
    gone = a_person("Bo Berg", role="moderator", status="withdrawn")
    panellist = a_person(role="panellist")
    programme = a_programme(a_panel(1, lines=(naming(panellist), naming(gone))))

    assert found(programme) == [("no_moderator", "p1")]


def test_panel_from_which_everybody_withdrew_names_nobody():
    gone = a_person(role="moderator", status="withdrawn")

    assert found(a_programme(a_panel(1, lines=(naming(gone),)))) == [
        ("no_people", "p1"),
        ("no_moderator", "p1"),
    ]


def test_panel_that_is_off_needs_nobody():
    assert found(a_programme(a_panel(1, lines=(), status="cancelled"))) == []


def _numbered(*labels):
    """Panels one after the other, each under its label."""
    return a_programme(
        *(
            a_slot(
                f"{8 + place:02d}:00-{9 + place:02d}:00",
                f"s{place}",
                label={"en": label},
            )
            for place, label in enumerate(labels)
        )
    )


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("Panel 1", "Panel 2", "Panel 3"), []),
        (("Panel 4", "Panel 5"), []),
        (("Panel 1", "Round table 1", "Panel 2", "Round table 2"), []),
        (("Panel 1", "Summary panel", "panel  2"), []),
        (("Panel 1", "PANEL 3"), ["s1"]),
        (("Panel 1", "Panel 3", "Panel 4"), ["s1"]),
        (("Panel 1", "Panel 1", "Panel 2"), ["s1"]),
        (("Panel 1", "Panel 3", "Panel 2", "Panel 4"), ["s2"]),
        (("Panel 2", "Panel 1"), ["s1"]),
        (("第1场", "第3场"), []),
        (("Panel 9", "Panel 11", "Panel 10"), ["s2"]),
        (("1", "3"), ["s1"]),
    ],
)
def test_numbers_of_panels_go_up_by_one(labels, expected):
    problems = find_problems(_numbered(*labels))

    assert [p.slot for p in problems if p.check == "numbering"] == expected


def test_what_is_wrong_with_a_number_is_said():
    assert sentences(_numbered("Panel 1", "Panel 1", "Panel 4", "Panel 2")) == [
        (
            "Panel 1 (09.00–10.00, Mon 21 June) has the number of Panel 1 (08.00–09.00, "
            "Mon 21 June): give each a number of its own."
        ),
        (
            "Panel 4 (10.00–11.00, Mon 21 June) follows Panel 1 (08.00–09.00, Mon 21 "
            "June), and a number between them is missing: correct the numbers."
        ),
        (
            "Panel 2 (11.00–12.00, Mon 21 June) comes after Panel 4 (10.00–11.00, Mon 21 "
            "June): number them in the order of the programme."
        ),
    ]


def test_numbers_are_read_in_the_main_language_alone():
    programme = a_programme(
        a_slot("10:00-11:00", "a", label={"fr": "Panel 1"}),
        a_slot("11:00-12:00", "b", label={"fr": "Panel 1"}),
    )

    assert found(programme) == []


# --- People -------------------------------------------------------------------


def test_each_line_to_be_confirmed_is_a_note():
    awaited = a_person(status="to_be_confirmed", code="k4f")
    programme = a_programme(
        a_slot("10:00-11:00", "a", lines=(naming(awaited),)),
        a_slot("11:00-12:00", "b", lines=(naming(awaited),), status="cancelled"),
    )

    assert [(p.severity, p.slot, p.line) for p in find_problems(programme)] == [
        ("note", "a", "k4f")
    ]
    assert sentences(programme) == [
        (
            "Ms. Ada Lund is still to be confirmed for “A” (10.00–11.00, Mon 21 June): set "
            "the line to confirmed or declined when the answer is there."
        )
    ]


def test_holder_of_a_role_who_is_to_be_confirmed_is_told_once():
    awaited = a_person(status="to_be_confirmed", code="k4f")
    held = awaited.model_copy(update={"code": "m1.k4f"})
    programme = a_programme(
        a_slot("10:00-11:00", "a", lines=(naming(awaited),)),
        a_slot("11:00-12:00", "b", lines=(naming(held),)),
    )

    assert found(programme) == [("to_be_confirmed", "a")]


def test_person_without_honorific_is_told_once_where_another_has_one():
    programme = a_programme(
        a_slot("10:00-11:00", "a", lines=(naming(a_person()),)),
        a_slot(
            "11:00-12:00",
            "b",
            lines=(
                naming(
                    a_person("Bo Berg", ""),
                ),
            ),
        ),
        a_slot(
            "12:00-13:00",
            "c",
            lines=(
                naming(
                    a_person("Bo Berg", ""),
                ),
            ),
        ),
    )

    assert found(programme) == [("honorific", "b")]


@pytest.mark.parametrize(
    "people",
    [
        [a_person("Ada Lund", ""), a_person("Bo Berg", "")],
        [a_person("Ada Lund", "Ms."), a_person("Ada Lund", "")],
        [a_person("Ada Lund"), a_person("Bo Berg", "", status="withdrawn")],
        [a_person("Ada Lund"), a_person("Representative", "", person=None)],
    ],
)
def test_missing_honorific_is_no_oversight_where(people):
    slot = a_slot("10:00-11:00", lines=(naming(*people),))

    assert found(a_programme(slot)) == []


# --- Words --------------------------------------------------------------------


def _saying(words, language="en", **changed):
    """A programme of one slot with a text."""
    slot = a_slot("10:00-11:00", title={language: "A"}, text={language: words})
    values = {"languages": (language,), "primary_language": language}
    return a_programme(slot, **{**values, **changed})


def test_weekday_beside_a_date_that_belies_it_is_a_warning():
    programme = _saying("Statements are due on Monday, 20 June 2017, at noon.")

    assert [(p.severity, p.check, p.slot) for p in find_problems(programme)] == [
        ("warning", "weekday", "a")
    ]
    assert sentences(programme) == [
        (
            "In “A” (10.00–11.00, Mon 21 June), text, “Monday, 20 June 2017” is really "
            "Tuesday, 20 June 2017: correct the weekday or the date."
        )
    ]


@pytest.mark.parametrize(
    ("language", "wrong", "right"),
    [
        ("en", "Monday 20 June 2017", "Tuesday 20 June 2017"),
        ("en", "MONDAY (20 June 2017)", "TUESDAY (20 June 2017)"),
        ("en", "Mon. 20th June, 2017", "Tue. 20th June, 2017"),
        ("fr", "lundi 20 juin 2017", "mardi 20 juin 2017"),
        ("fr", "mardi 1er mars 2017", "mercredi 1er mars 2017"),
        ("es", "lunes, 20 de junio de 2017", "martes, 20 de junio de 2017"),
        ("ru", "понедельник, 20 июня 2017 года", "вторник, 20 июня 2017 года"),
        ("ar", "الاثنين، 20 حزيران/يونيه 2017", "الثلاثاء، 20 حزيران/يونيه 2017"),
        ("ar", "الاثنين 20 يونيه 2017", "الثلاثاء 20 يونيه 2017"),
        ("zh-hans", "2017年6月20日，星期一", "2017年6月20日，星期二"),
        ("zh-hans", "2017年6月20日（周一）", "2017年6月20日（周二）"),
    ],
)
def test_weekday_is_read_in_each_language(language, wrong, right):
    assert found(_saying(f"… {wrong}.", language)) == [("weekday", "a")]
    assert found(_saying(f"… {right}.", language)) == []


def test_date_without_a_year_is_the_one_nearest_to_its_day():
    december = dt.date(2027, 12, 20)
    slot = a_slot(
        "10:00-11:00",
        # Right in 2027 and in January 2028, and wrong in January 2027.
        text={"en": "From Monday 20 December to Monday 10 January"},
        title={"en": "Until Tuesday, 10 January"},
        date=december,
    )
    day = DayEntry(number=1, date=december, slots=(slot,))

    assert [p.partition("” is ")[2] for p in sentences(a_programme(days=(day,)))] == [
        "really Monday, 10 January 2028: correct the weekday or the date."
    ]


def test_date_outside_the_days_is_of_the_year_of_the_session():
    section = SectionEntry(
        place="before", heading={"en": "Lists"}, text={"en": "Open on Friday 18 June."}
    )
    footnote = FootnoteEntry(number=1, key="n", text={"en": "By Sunday 18 June."})
    programme = a_programme(
        a_slot("10:00-11:00"), sections=(section,), footnotes=(footnote,)
    )

    assert sentences(programme) == [
        (
            "In Footnote 1, text, “Sunday 18 June” is really Friday, 18 June 2027: "
            "correct the weekday or the date."
        )
    ]


@pytest.mark.parametrize(
    "words",
    [
        "On Monday the panel meets; 20 June 2017 is a holiday.",
        "Monday, 30 February 2017",
        "Until 20 June 2017",
        "Tuesday 21 Juneberries",
        "2017年6月20日周边会议",
    ],
)
def test_no_weekday_is_read_in(words):
    assert found(_saying(words)) == []


def test_call_of_a_footnote_that_is_left_in_a_text_is_told_once_with_its_key():
    line = LineEntry(code="k4f", text={"en": "Remarks[^one] and a reply[^one] today"})
    programme = a_programme(a_slot("10:00-11:00", lines=(line,)))

    assert [(p.severity, p.check, p.line) for p in find_problems(programme)] == [
        ("error", "note_unknown", "k4f")
    ]
    assert sentences(programme) == [
        (
            "In “A” (10.00–11.00, Mon 21 June), text, the call “[^one]” would print as "
            "typed: add a footnote with that key, or move the call to the end of the "
            "text."
        )
    ]


def test_footnote_that_no_text_calls_is_told_with_its_key():
    programme = a_programme(a_slot("10:00-11:00"), uncalled_footnotes=("mandate",))

    assert find_problems(programme) == [
        Problem(
            check="note_uncalled",
            severity=Severity.NOTE,
            sentence="No text calls the footnote “mandate”, so it does not print: put "
            "[^mandate] at the end of a text, or delete the footnote.",
        )
    ]


def test_problem_has_the_same_key_in_every_language_and_another_when_it_says_more():
    programme = a_programme(a_panel(1, "10:00-11:00", lines=()), a_slot(""))

    keys = {}
    for language in ("en", "fr", "ar"):
        with override(language):
            keys[language] = [problem.key for problem in find_problems(programme)]

    assert keys["fr"] == keys["ar"] == keys["en"]
    assert len(set(keys["en"])) == len(keys["en"]) > 1
    later = a_programme(a_panel(1, "10:00-11:30", lines=()), a_slot(""))
    assert set(keys["en"]).isdisjoint(
        problem.key for problem in find_problems(later) if problem.slot == "p1"
    )


def test_call_left_with_a_person_is_told_at_the_line_and_one_of_the_session_at_none():
    person = a_person(code="k4f", remark={"en": "(online[^two])"})
    programme = a_programme(
        a_slot("10:00-11:00", lines=(naming(person),)), theme={"en": "Waves[^one]"}
    )

    assert [(p.check, p.slot, p.line) for p in find_problems(programme)] == [
        ("note_unknown", "", ""),
        ("note_unknown", "a", "k4f"),
    ]


def test_text_that_prints_at_several_places_is_told_of_once():
    line = naming(
        a_person(),
        code="k4f.people",
        layout="closing",
        role="chair",
        text={"en": "By  {0}"},
    )
    slots = [
        a_slot(times, code, lines=(line,))
        for times, code in (("10:00-11:00", "a"), ("11:00-12:00", "b"))
    ]

    problems = find_problems(a_programme(*slots))

    assert [(p.check, p.slot, p.line) for p in problems] == [("spelling", "a", "k4f")]


def test_word_that_the_organization_spells_otherwise_is_a_note():
    programme = _saying("The panelists answer; two panelists reply.")

    assert [(p.severity, p.check, p.slot) for p in find_problems(programme)] == [
        ("note", "spelling", "a")
    ]
    assert sentences(programme) == [
        (
            "In “A” (10.00–11.00, Mon 21 June), text, write “panellists” in place of "
            "“panelists”."
        )
    ]


def _corrections(words):
    """The right forms for `words`, in the order of the sentences."""
    return [
        sentence.partition("write “")[2].partition("”")[0]
        for sentence in sentences(_saying(words))
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("three PANELISTS", ["PANELLISTS"]),
        ("Panelists come", ["Panellists"]),
        ("- **Panelist** one", ["Panellist"]),
        ("the program of work", ["programme"]),
        ("It ends. Program of work", ["Programme"]),
        ("to organise and emphasise", ["organize", "emphasize"]),
        ("recognised by organisers", ["recognized", "organizers"]),
        ("E-mail the co-ordinators", ["Email", "coordinators"]),
        ("Co-operation in the center", ["Cooperation", "centre"]),
    ],
)
def test_right_form_has_the_capitals_and_the_ending_of_the_typed_one(words, expected):
    assert _corrections(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        "Programming and reprogrammed programmes of panellists",
        "a computer program",
        "See https://example.org/program/organisation and program@example.org",
        "See the [list](/program)",
        "Organisation for Economic Co-operation and Development",
        "with the Organisation of African Unity and the Fulbright Program",
        "emphasis, recognition, cooperation and non-co-operation-like words",
        "Analysis of exercise, promise and enterprise",
    ],
)
def test_spelling_is_right_in(words):
    assert found(_saying(words)) == []


def test_spelling_is_looked_at_in_english_and_not_in_names():
    person = a_person(
        "Ada Program",
        function={"en": "Director, program of the organisation  of work"},
    )
    slot = a_slot("10:00-11:00", lines=(naming(person),), text={"fr": "organise  ,"})

    assert found(a_programme(slot)) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("From 10.00-13.00.", ["10.00–13.00"]),
        ("(9:00 - 10:30)", ["9:00–10:30"]),
        ("10.00 a.m.-1.00 p.m.", ["10.00 a.m.–1.00"]),
        ("From 10.00–13.00", []),
        ("Call 22.10-13.00-45 or 4.10.00-13.00", []),
        ("See A/71/10.00-13.00/L.58 and 2017-06-20", []),
        ("Paragraphs 1.70-2.80", []),
    ],
)
def test_range_of_times_has_a_dash(words, expected):
    assert _corrections(words) == expected


@pytest.mark.parametrize(
    ("words", "after"),
    [
        ("It ends.  It begins.  It ends.", "ends."),
        ("Members , observers", "Members"),
        ("The end .", "end"),
        ("The first list .\n\nThe second list", "list"),
    ],
)
def test_space_too_many_is_told_once_with_the_word_before_it(words, after):
    assert sentences(_saying(words)) == [
        (
            "In “A” (10.00–11.00, Mon 21 June), text, there is a space too many after "
            f"“{after}”: delete it."
        )
    ]


@pytest.mark.parametrize(
    "words",
    [
        "-  One\n-  Two\n\n1.  Three\n\n##  Four",
        "A line that ends here  \nand one more",
        "| One  | Two   |\n| ---  | --- |",
        "And so on . . .",
        "A file .pdf",
    ],
)
def test_spaces_are_right_in(words):
    assert found(_saying(words)) == []


# --- Languages ----------------------------------------------------------------


def _whole(**changed):
    """A programme in English and French, whole in both."""
    values = {
        "conference": ConferenceEntry(
            slug="ocean", title={"en": "Ocean", "fr": "Océan"}
        ),
        "title": {"en": "First session", "fr": "Première session"},
        "city": {"en": "Geneva", "fr": "Genève"},
        "languages": ("en", "fr"),
        "days": (
            DayEntry(
                number=1,
                date=FIRST,
                slots=(a_slot("10:00-11:00", title={"en": "Debate", "fr": "Débat"}),),
            ),
        ),
    }
    return a_programme(**{**values, **changed})


def test_programme_that_is_whole_in_its_languages_has_no_problem():
    assert find_problems(_whole()) == []


def test_texts_missing_in_a_language_are_counted_and_the_first_is_named():
    programme = _whole(
        theme={"en": "Waves"},
        sections=(
            SectionEntry(
                place="after",
                heading={"en": "Floor", "fr": "Parole"},
                text={"en": "Ask."},
            ),
        ),
        footnotes=(FootnoteEntry(number=1, key="n", text={"en": "See."}),),
    )

    assert sentences(programme) == [
        (
            "3 texts are not in French yet: they print in English, and page and note say "
            "so. The first is: Session, theme."
        )
    ]


def test_where_translations_are_asked_for_a_missing_one_is_an_error():
    slot = a_slot("10:00-11:00", title={"en": "Debate"})
    programme = _whole(
        days=(DayEntry(number=1, date=FIRST, slots=(slot,)),), stops_untranslated=True
    )

    assert [(p.severity, p.sentence) for p in find_problems(programme)] == [
        (
            Severity.ERROR,
            (
                "1 text is not in French yet: translate it, take the language off the "
                "session, or let the session be issued with what is missing declared. "
                "It is: “Debate” (10.00–11.00, Mon 21 June), title."
            ),
        )
    ]


def test_each_language_is_told_of_its_own():
    programme = _whole(languages=("ar", "en", "fr"), theme={"en": "Waves"})

    assert [p.sentence.partition(" yet")[0] for p in find_problems(programme)] == [
        "5 texts are not in Arabic",
        "1 text is not in French",
    ]


def test_one_missing_text_of_a_slot_is_named_by_its_slot():
    slot = a_slot("10:00-11:00", title={"en": "Debate"})
    programme = _whole(days=(DayEntry(number=1, date=FIRST, slots=(slot,)),))

    assert sentences(programme) == [
        (
            "1 text is not in French yet: it prints in English, and page and note say so. "
            "It is: “Debate” (10.00–11.00, Mon 21 June), title."
        )
    ]


def test_texts_of_a_record_count_once_wherever_they_print():
    both = {"en": "Debate", "fr": "Débat"}
    printed = {"en": "Ms. Ada Lund", "fr": "Mme Ada Lund"}
    director = {"en": "Director"}
    slots = [
        a_slot(
            times,
            code,
            title=both,
            room=HALL,
            has_own_room=True,
            lines=(naming(a_person(printed=printed, function=function)),),
        )
        for times, code, function in (
            ("10:00-11:00", "a", director),
            ("11:00-12:00", "b", director),
            ("12:00-13:00", "c", {"en": "Chair of the day"}),
        )
    ]
    programme = _whole(days=(DayEntry(number=1, date=FIRST, slots=slots),))

    # Building, room, and two functions.
    assert [p.sentence[:7] for p in find_problems(programme)] == ["4 texts"]


def test_missing_text_of_a_person_names_the_person():
    both = {"en": "Debate", "fr": "Débat"}
    person = a_person(
        printed={"en": "Ms. Ada Lund", "fr": "Mme Ada Lund"},
        function={"en": "Director"},
    )
    slot = a_slot("10:00-11:00", title=both, lines=(naming(person),))
    programme = _whole(days=(DayEntry(number=1, date=FIRST, slots=(slot,)),))

    assert sentences(programme)[0].endswith(
        "It is: “Debate” (10.00–11.00, Mon 21 June), Ms. Ada Lund, function."
    )


def test_first_missing_text_is_the_first_in_reading_order():
    both = {"en": "Debate", "fr": "Débat"}
    after, before = (
        SectionEntry(place=place, heading=both, text={"en": "Words."})
        for place in ("after", "before")
    )
    slot = a_slot("10:00-11:00", title={"en": "Debate"})
    days = (DayEntry(number=1, date=FIRST, slots=(slot,)),)

    firsts = [
        sentences(_whole(sections=sections, days=days))[0].partition(" is: ")[2]
        for sections in ((after,), (after, before))
    ]

    assert firsts == [
        "“Debate” (10.00–11.00, Mon 21 June), title.",
        "Section “Debate”, text.",
    ]


@pytest.mark.parametrize("theme", [{}, {"fr": "Vagues"}])
def test_only_other_languages_than_the_main_one_are_looked_at(theme):
    assert find_problems(_whole(theme=theme)) == []
