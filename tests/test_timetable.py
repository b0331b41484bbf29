import pytest
from django.core.exceptions import ValidationError

from sessions_app.compose import compose
from sessions_app.models import Slot
from sessions_app.timetable import move_on, swap
from sessions_app.translated import text
from tests.rows import make_day, make_room, make_session, make_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make_session(room=make_room())


@pytest.fixture
def day(session):
    return make_day(session)


def add(day, title, times, **changed):
    """A slot with its times as they print: "10.00–11.00", "22.00–01.00+" after
    midnight, "10.00" without an end, "" without a time."""
    start, _dash, end = times.replace(".", ":").partition("–")
    return make_slot(
        day,
        start,
        end.rstrip("+"),
        ends_next_day=end.endswith("+"),
        title=text(title),
        **changed,
    )


def times_of(slot):
    start = f"{slot.start:%H.%M}" if slot.start else ""
    end = f"–{slot.end:%H.%M}" if slot.end else ""
    return start + end + ("+" if slot.ends_next_day else "")


def shown(*slots):
    return {slot.title["en"]: times_of(slot) for slot in slots}


def saved(slots):
    """Saves as a page does, so that the constraints of the table are asked too."""
    for slot in slots:
        slot.full_clean()
        slot.save()
    return slots


def refusal(act):
    with pytest.raises(ValidationError) as refused:
        act()
    return refused.value.messages


# --- Moving on -------------------------------------------------------------------


def test_slot_and_all_that_start_with_it_or_later_move_and_nothing_else(session, day):
    before = add(day, "Opening", "09.00–10.00")
    first = add(day, "Panel", "10.00–11.00")
    beside = add(day, "Side event", "10.00–10.30", is_parallel=True)
    untimed = add(day, "Discussion", "", when=text("Upon conclusion"))
    last = add(day, "Closing", "12.15")
    elsewhere = add(make_day(session, session.ends_on), "Lunch", "13.00–14.00")
    slots = [before, first, beside, untimed, last, elsewhere]

    moved = move_on(slots, first, 75)

    assert saved(moved) == [first, beside, last]
    assert shown(*slots) == {
        "Opening": "09.00–10.00",
        "Panel": "11.15–12.15",
        "Side event": "11.15–11.45",
        "Discussion": "",
        "Closing": "13.30",
        "Lunch": "13.00–14.00",
    }


def test_moving_on_and_back_prints_the_same(session, day):
    slots = [
        add(day, "Panel", "10.00–11.00"),
        add(day, "Lunch", "11.00–13.00"),
        add(day, "Reception", "21.00–23.30"),
    ]
    before = compose(session).to_value()

    saved(move_on(slots, slots[0], 45))
    moved = compose(session).to_value()
    saved(move_on(slots, slots[0], -45))

    assert moved != before
    assert compose(session).to_value() == before


def test_moving_asks_the_database_nothing(day, django_assert_num_queries):
    slots = [add(day, "Panel", "10.00–11.00"), add(day, "Lunch", "11.00–13.00")]
    slots = list(Slot.objects.order_by("start"))

    with django_assert_num_queries(0):
        move_on(slots, slots[0], 30, room_id=1)
        move_on(slots, slots[0], 30)
        swap(*slots, between=False)
        swap(*slots, between=True)


def test_only_slots_of_the_room_move(session, day):
    other = make_room(name=text("Room XX"))
    first = add(day, "Panel", "10.00–11.00")
    slots = [
        first,
        add(day, "Working group", "11.00–13.00", room=other),
        add(day, "Round table", "11.00–12.00", room=session.room),
    ]

    moved = move_on(
        slots, first, 30, room_id=session.room_id, default_room_id=session.room_id
    )
    in_the_other = move_on(slots, first, 60, room_id=other.pk)

    assert (moved, in_the_other) == ([slots[0], slots[2]], [slots[1]])
    assert shown(*slots) == {
        "Panel": "10.30–11.30",
        "Working group": "12.00–14.00",
        "Round table": "11.30–12.30",
    }


def test_room_without_slots_moves_nothing(day):
    first = add(day, "Panel", "10.00–11.00")

    assert move_on([first], first, 30, room_id=0) == []


@pytest.mark.parametrize(
    ("times", "minutes", "moved"),
    [
        ("21.00–23.30", 29, "21.29–23.59"),
        ("21.00–23.30", 30, "21.30–00.00+"),
        ("21.00–23.30", 45, "21.45–00.15+"),
        ("21.45–00.15+", -45, "21.00–23.30"),
        ("21.30–00.00+", -1, "21.29–23.59"),
        ("21.30–00.00+", 5, "21.35–00.05+"),
        ("22.00–01.00+", -60, "21.00–00.00+"),
        ("10.00–11.00+", 120, "12.00–13.00+"),
        ("00.30–01.00", -30, "00.00–00.30"),
        ("09.00–10.00", 720, "21.00–22.00"),
        ("12.00–13.00", -720, "00.00–01.00"),
    ],
)
def test_end_that_passes_midnight_is_on_the_next_day(day, times, minutes, moved):
    slot = add(day, "Reception", times)

    assert shown(*saved(move_on([slot], slot, minutes))) == {"Reception": moved}


@pytest.mark.parametrize(
    ("closing", "minutes", "sentence"),
    [
        (
            "23.14–23.30",
            56,
            (
                "“Closing” would start at 00.10 on the next day: move by at most 45 "
                "minutes."
            ),
        ),
        (
            "23.14",
            46,
            (
                "“Closing” would start at 00.00 on the next day: move by at most 45 "
                "minutes."
            ),
        ),
        (
            "23.58",
            2,
            "“Closing” would start at 00.00 on the next day: move by at most 1 minute.",
        ),
        (
            "10.00–23.50+",
            15,
            "“Closing” would end at 00.05 two days later: move by at most 9 minutes.",
        ),
    ],
)
def test_slot_is_not_moved_past_midnight(day, closing, minutes, sentence):
    slots = [add(day, "Panel", "10.00–11.00"), add(day, "Closing", closing)]

    assert refusal(lambda: move_on(slots, slots[0], minutes)) == [sentence]
    assert shown(*slots) == {"Panel": "10.00–11.00", "Closing": closing}

    most = int(sentence.split()[-2])
    assert saved(move_on(slots, slots[0], most)) == slots


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        (
            -31,
            (
                "“Opening” would start at 23.59 on the day before: move earlier by at most "
                "30 minutes."
            ),
        ),
        (
            -90,
            (
                "“Opening” would start at 23.00 on the day before: move earlier by at most "
                "30 minutes."
            ),
        ),
    ],
)
def test_slot_is_not_moved_before_midnight(day, minutes, sentence):
    slots = [add(day, "Panel", "00.45–01.00"), add(day, "Opening", "00.30–00.45")]

    assert refusal(lambda: move_on(slots, slots[1], minutes)) == [sentence]
    assert shown(*slots) == {"Panel": "00.45–01.00", "Opening": "00.30–00.45"}


@pytest.mark.parametrize("minutes", [0, 721, -721])
def test_no_minutes_and_more_than_half_a_day_are_refused(day, minutes):
    slot = add(day, "Panel", "12.00–12.30")

    assert refusal(lambda: move_on([slot], slot, minutes)) == [
        (
            "Type by how many minutes to move: from 1 to 720, or with a minus sign to move "
            "earlier."
        )
    ]


def test_slot_without_a_start_is_no_first_slot(day):
    slot = add(day, "Discussion", "")

    assert refusal(lambda: move_on([slot], slot, 10)) == [
        "“Discussion” has no start. Choose a slot that has one."
    ]


# --- Changing places ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "of_one", "of_other"),
    [
        # The other follows at once, after a gap, and until after midnight.
        ("10.00–11.00", "11.00–13.00", "12.00–13.00", "10.00–12.00"),
        ("10.00–11.00", "11.30–13.00", "12.00–13.00", "10.00–11.30"),
        ("20.00–22.00", "22.00–01.00+", "23.00–01.00+", "20.00–23.00"),
        ("20.00–22.30", "22.30–01.00+", "22.30–01.00+", "20.00–22.30"),
        # They overlap, or one has no end.
        ("10.00–11.00", "10.00–13.00", "10.00–13.00", "10.00–11.00"),
        ("10.00–11.30", "11.00–13.00", "11.00–13.00", "10.00–11.30"),
        ("10.00–11.00", "11.00", "11.00", "10.00–11.00"),
        ("10.00", "11.00–13.00", "11.00–13.00", "10.00"),
        ("10.00–01.00+", "11.00–12.00", "11.00–12.00", "10.00–01.00+"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_neighbours_change_places(day, one, other, of_one, of_other, turned):
    slots = [add(day, "One", one), add(day, "Other", other)]
    in_some_order = slots[::-1] if turned else slots

    assert saved(swap(*in_some_order, between=False)) == in_some_order
    assert shown(*slots) == {"One": of_one, "Other": of_other}


@pytest.mark.parametrize(
    ("one", "other", "start"),
    [
        ("20.00–23.00", "23.00–04.30+", "01.30"),
        ("20.00–21.00", "22.00–01.00+", "00.00"),
    ],
)
def test_neighbour_is_not_pushed_past_midnight(day, one, other, start):
    slots = [add(day, "One", one), add(day, "Other", other)]

    assert refusal(lambda: swap(*slots, between=False)) == [
        (
            f"“One” would start at {start} on the next day. Move both earlier first, or "
            "type their times."
        )
    ]
    assert shown(*slots) == {"One": one, "Other": other}


def test_swapping_twice_prints_the_same(session, day):
    room = make_room(name=text("Room XX"))
    slots = [
        add(day, "Panel", "10.00–11.00", room=room),
        add(day, "Discussion", "", when=text("Upon conclusion")),
        add(day, "Round table", "11.15–13.00"),
    ]
    before = compose(session).to_value()

    saved(swap(slots[0], slots[2], between=False))
    order = [slot.title["en"] for slot in compose(session).slots]
    saved(swap(slots[0], slots[2], between=False))

    assert order == ["Round table", "Discussion", "Panel"]
    assert compose(session).to_value() == before


def test_slots_with_another_between_take_each_others_times(day):
    one, other = add(day, "One", "10.00–11.00"), add(day, "Other", "15.00–18.00")

    swap(one, other, between=True)

    assert shown(one, other) == {"One": "15.00–18.00", "Other": "10.00–11.00"}


def test_slots_of_different_days_take_each_others_days(session, day):
    tuesday = make_day(session, session.ends_on)
    one = add(day, "One", "10.00–11.00", position=10)
    other = add(tuesday, "Other", "15.00–18.00", position=30)

    saved(swap(one, other, between=False))

    assert shown(one, other) == {"One": "15.00–18.00", "Other": "10.00–11.00"}
    assert [(slot.day, slot.position) for slot in (one, other)] == [
        (tuesday, 30),
        (day, 10),
    ]


@pytest.mark.parametrize("times", ["10.00–11.00", "11.00–13.00"])
def test_rooms_are_exchanged(day, times):
    room = make_room(name=text("Room XX"))
    one = add(day, "One", "10.00–11.00", room=room)
    other = add(day, "Other", times)

    saved(swap(one, other, between=False))

    assert (one.room, other.room) == (None, room)


@pytest.mark.parametrize("times", ["", "10.00–11.00"])
def test_slot_without_a_start_exchanges_its_order_alone(day, times):
    room = make_room(name=text("Room XX"))
    one = add(day, "One", times, position=10, room=room)
    other = add(day, "Other", "", position=20)

    assert saved(swap(one, other, between=False)) == [one, other]

    assert shown(one, other) == {"One": times, "Other": ""}
    assert [(slot.position, slot.room) for slot in (one, other)] == [
        (20, room),
        (10, None),
    ]


def test_slots_that_stand_alike_do_not_change(day):
    one, other = (add(day, name, "", position=10) for name in ("One", "Other"))

    assert swap(one, other, between=False) == []
