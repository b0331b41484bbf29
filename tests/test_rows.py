"""The rows in which the slots of a day print on the agenda."""

import pytest

from sessions_app.outputs.rows import Place, Row, rows_of
from sessions_app.programme import RoomEntry
from tests.factories import make_slot_entry


def make_slots(*said):
    """Slots as "start–end room": "10:00 11:00 A", each meant as parallel, its code its
    place in the list; with "in 1" a part of the slot of that code."""
    slots = []
    for code, words in enumerate(said):
        start, end, room, *part = words.split()
        slots.append(
            make_slot_entry(
                start,
                "" if end == "-" else end,
                code=str(code),
                room=RoomEntry(code=room, venue={"en": "Palais"}, name={"en": room}),
                parallel=not part,
                part_of=part[-1] if part else None,
            )
        )
    return slots


def laid_out(rows):
    """Each row as its codes, its columns and its places in numbers."""
    return [
        (
            "".join(slot.code for slot in row.slots),
            row.columns,
            [tuple(place) for place in row.places],
        )
        for row in rows
    ]


def test_slots_at_one_time_share_a_row_with_a_column_for_each_room():
    slots = make_slots("10:00 11:00 A", "10:00 11:00 B", "11:00 12:00 A")

    rows = rows_of(slots)

    assert rows == [
        Row((slots[0], slots[1]), 2, (Place(1, 1), Place(2, 1))),
        Row((slots[2],)),
    ]
    assert [
        (row.is_shared, row.is_at_one_time, row.rooms, row.start, row.end)
        for row in rows
    ] == [
        (True, True, 2, slots[0].start, slots[0].end),
        (False, True, 1, slots[2].start, slots[2].end),
    ]


def test_slots_of_other_lengths_begin_in_the_line_of_their_time():
    slots = make_slots(
        "10:00 13:00 A",
        "10:00 11:30 B",
        "10:00 11:00 C",
        "11:00 13:00 C",
        "11:30 13:00 B",
    )

    (row,) = rows_of(slots)

    assert laid_out([row]) == [
        ("01234", 3, [(1, 1, 3), (2, 1, 2), (3, 1, 1), (3, 2, 2), (2, 3, 1)])
    ]
    assert (row.is_at_one_time, row.start, row.end) == (
        False,
        slots[0].start,
        slots[0].end,
    )


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        # A part stands under its own, in the same column.
        (
            ["10:00 13:00 A", "10:00 13:00 B", "11:00 12:00 B in 1"],
            [("012", 2, [(1, 1, 2), (2, 1, 1), (2, 2, 1)])],
        ),
        # Two parts of one slot at one time cannot: all wrap as they come.
        (
            [
                "10:00 13:00 A",
                "10:00 13:00 B",
                "11:00 12:00 B in 1",
                "11:00 12:00 C in 1",
            ],
            [("0123", 2, [])],
        ),
        # Groups within a plenary stand beside each other under it.
        (
            ["10:00 13:00 A", "11:00 12:00 B in 0", "11:00 12:00 C in 0"],
            [("0", 1, []), ("12", 2, [(1, 1, 1), (2, 1, 1)])],
        ),
        # One part after the other needs no columns.
        (
            ["10:00 13:00 A", "10:00 11:00 A in 0", "11:00 12:00 A in 0"],
            [("0", 1, []), ("1", 1, []), ("2", 1, [])],
        ),
        # Nothing overlaps.
        (
            ["10:00 11:00 A", "11:00 12:00 B"],
            [("0", 1, []), ("1", 1, [])],
        ),
        # Without an end, only what begins together is known to overlap.
        (
            ["10:00 - A", "10:00 - B", "10:30 11:00 C"],
            [("01", 2, [(1, 1, 1), (2, 1, 1)]), ("2", 1, [])],
        ),
        # What is printed out of order stays as it is printed.
        (
            ["10:00 11:00 A", "09:00 11:00 B"],
            [("0", 1, []), ("1", 1, [])],
        ),
    ],
)
def test_rows_follow_the_printed_order(said, rows):
    slots = make_slots(*said)
    if "in 0" in said[1]:
        slots[0] = slots[0].model_copy(update={"parallel": False})

    assert laid_out(rows_of(slots)) == rows


def test_slots_not_meant_as_parallel_stand_alone():
    slots = [
        slot.model_copy(update={"parallel": False})
        for slot in make_slots("10:00 11:00 A", "10:00 11:00 B")
    ]

    assert rows_of(slots) == [Row((slots[0],)), Row((slots[1],))]


def test_of_more_rooms_than_columns_those_that_begin_together_share_a_row():
    rooms = "ABCDEFGHIJ"
    slots = make_slots(
        *(f"10:00 12:00 {room}" for room in rooms[:5]),
        *(f"11:00 12:00 {room}" for room in rooms[5:9]),
        "11:30 12:00 J",
    )

    assert laid_out(rows_of(slots)) == [("01234", 3, []), ("5678", 4, []), ("9", 1, [])]


@pytest.mark.parametrize(
    ("slots", "columns"),
    [(5, 3), (6, 3), (7, 4), (8, 3), (9, 3), (10, 4), (13, 3), (16, 4)],
)
def test_wrapped_slots_leave_none_alone_in_the_end_where_that_can_be(slots, columns):
    said = [f"10:00 12:00 room{number}" for number in range(slots)]

    assert [row.columns for row in rows_of(make_slots(*said))] == [columns]


def test_a_row_of_which_an_end_is_not_known_has_none():
    (row,) = rows_of(make_slots("10:00 - A", "10:00 11:00 B"))

    assert (row.start.hour, row.end) == (10, None)


def test_more_lines_than_the_style_sheet_knows_wrap():
    slots = make_slots(
        "08:00 20:00 A",
        *(f"{hour:02}:{m}0 {hour:02}:{m}9 B" for hour in range(8, 15) for m in "03"),
    )

    assert laid_out(rows_of(slots))[0][1:] == (2, [])


def test_a_slot_without_a_time_stands_alone():
    slots = [
        make_slot_entry("", "", code=code, when={"en": "Later"}, parallel=True)
        for code in "ab"
    ]

    assert rows_of(slots) == [Row((slots[0],)), Row((slots[1],))]
