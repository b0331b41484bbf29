"""The grid of a day: every row checked by itself, moved on, swapped, taken back."""

import datetime as dt
import html
import re

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app import taking_back
from sessions_app.admin import grid
from sessions_app.compose import compose
from sessions_app.models import Room, SavedChange, Slot
from sessions_app.translated import digest_of, text
from tests.at_once import at_once
from tests.desk import sign_in
from tests.forms import typed
from tests.rows import make_day, make_room, make_session, make_slot

pytestmark = pytest.mark.thorough

BIDI = "\u202e"
NUL = "\0"


@pytest.fixture
def colleague(db):
    client = Client()
    client.force_login(
        User.objects.create(username="lund", is_staff=True, is_superuser=True)
    )
    return client


@pytest.fixture
def session(db):
    return make_session(room=make_room(name=text("Room A")))


@pytest.fixture
def day(session):
    return make_day(session)


def add(day, title, times="", **changed):
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


@pytest.fixture
def slots(day):
    """Opening, panel and closing of a morning."""
    return [
        add(day, "Opening", "09.00–10.00", kind=Slot.Kind.OPENING),
        add(day, "Panel", "10.00–11.30", kind=Slot.Kind.PANEL),
        add(day, "Closing", "11.30–12.00", kind=Slot.Kind.CLOSING),
    ]


@pytest.fixture
def rooms(session):
    """Room B and Room C, beside the session's Room A."""
    return [
        make_room(name=text("Room B"), position=110),
        make_room(name=text("Room C"), position=120),
    ]


def page_of(day):
    return reverse("desk:grid", args=[day.pk])


TICKED = ["on"]


def of(slot, **fields):
    """What is typed in the row of a slot, by the names of the form."""
    return {f"{slot.code}-{name}": value for name, value in fields.items()}


def send(client, day, values):
    """Posts `values`; None leaves one out."""
    sent = {name: value for name, value in values.items() if value is not None}
    return client.post(page_of(day), sent)


def save(client, day, values, **acts):
    """Opens the page, types, and presses a button."""
    return send(client, day, typed(client.get(page_of(day))) | values | acts)


def move(client, day, slot, minutes, values=(), room=""):
    sent = {"_move": "1", "move_from": slot.code, "minutes": minutes, "move_room": room}
    return save(client, day, dict(values), **sent)


def swap(client, day, *slots):
    return save(client, day, {}, pick=[slot.code for slot in slots], _swap="1")


def message_of(client, response):
    assert response.status_code == 302, refusals_on(response)
    page = client.get(response.url).content.decode()
    return html.unescape(re.search(r'<li class="success">(.*?)</li>', page).group(1))


def refusals_on(response):
    """What the page says above the table, after the sentence that heads it all."""
    assert response.status_code == 200
    found = re.findall(
        r'<p class="errornote"[^>]*>(.*?)</p>', response.content.decode(), re.DOTALL
    )
    said = [html.unescape(sentence) for sentence in found]
    assert said[:1] == ["Nothing was saved. What you typed stands below."]
    return said[1:]


def row_on(response, slot):
    """The HTML of the row of a slot."""
    page = response.content.decode()
    return re.search(
        rf'<fieldset [^>]*id="slot-{slot.code}"[^>]*>.*?</fieldset>', page, re.DOTALL
    ).group()


def errors_on(response, slot):
    """What the row of a slot says is wrong with it."""
    lists = re.findall(
        r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', row_on(response, slot)
    )
    return [
        html.unescape(said) for said in re.findall(r"<li>(.*?)</li>", "".join(lists))
    ]


def table_on(response):
    """The table as its reader sees it: the head, and each row; a cell as the titles in
    it, with the number of rows that it reaches over when there are several."""
    page = response.content.decode()
    table = re.search(r'<table class="grid">.*?</table>', page, re.DOTALL).group()
    rows = []
    for line in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL):
        cells = re.findall(r"<(th|td)([^>]*)>(.*?)</\1>", line, re.DOTALL)
        rows.append([_cell(*cell) for cell in cells])
    return rows


def _cell(tag, attributes, content):
    if tag == "th":
        return html.unescape(content)
    titles = re.findall(r'<fieldset [^>]*aria-label="(.*?)">', content)
    span = re.search(r'rowspan="(\d+)"', attributes)
    return " + ".join(titles) + (f" ×{span.group(1)}" if span else "")


def times_of(slot):
    slot.refresh_from_db()
    start = f"{slot.start:%H.%M}" if slot.start else ""
    end = f"–{slot.end:%H.%M}" if slot.end else ""
    return start + end + ("+" if slot.ends_next_day else "")


def timetable_of(day):
    return {slot.title["en"]: times_of(slot) for slot in day.slots.all()}


def saved_values(day):
    return list(day.slots.order_by("pk").values())


def act_of(session):
    change = SavedChange.objects.get(session=session)
    return change.act, change.by.username, [row.name for row in change.rows.all()]


# --- What it shows ----------------------------------------------------------------


def test_day_of_one_room_is_one_column_in_the_order_of_times(staff, day):
    add(day, "Closing", "17.00")
    add(day, "Opening", "09.00–10.00")
    add(day, "Drafting", when=text("Upon conclusion of the panel"))

    page = staff.get(page_of(day))

    assert table_on(page) == [
        ["Start", "Room A"],
        ["09.00", "Opening"],
        ["17.00", "Closing"],
        ["no time", "Drafting"],
    ]
    assert "Upon conclusion of the panel" in page.content.decode()
    assert "UNKNOWN VARIABLE" not in page.content.decode()
    assert "move_room" not in page.content.decode()


def test_parallel_rooms_stand_side_by_side_and_long_slots_reach_down(staff, day, rooms):
    one, other = rooms
    add(day, "Opening", "09.00–10.00")
    add(day, "Group 1", "10.00–13.00", room=one)
    add(day, "Group 2", "10.00–11.00", room=other)
    add(day, "Group 3", "11.00–12.00", room=other)
    add(day, "Reception", "18.00–01.00+")
    add(day, "Night group", "21.00–22.00", room=other)

    table = table_on(staff.get(page_of(day)))

    assert table == [
        ["Start", "Room A", "Room B", "Room C"],
        ["09.00", "Opening", "", ""],
        ["10.00", "", "Group 1 ×2", "Group 2"],
        ["11.00", "", "Group 3"],
        ["18.00", "Reception ×2", "", ""],
        ["21.00", "", "Night group"],
    ]


def test_slot_ends_in_its_column_where_another_begins_in_the_room(staff, day, rooms):
    add(day, "Plenary", "09.00–12.00")
    add(day, "Aside", "10.00–11.00")
    add(day, "Statement", "10.00–10.30")
    add(day, "Group", "09.30–10.30", room=rooms[0])

    table = table_on(staff.get(page_of(day)))

    assert table == [
        ["Start", "Room A", "Room B"],
        ["09.00", "Plenary ×2", ""],
        ["09.30", "Group ×2"],
        ["10.00", "Aside + Statement"],
    ]


def test_session_without_a_room_has_a_column_for_no_room(staff, day, rooms):
    session = day.session
    session.room = None
    session.save()
    add(day, "Opening", "09.00–10.00")
    add(day, "Group", "09.00–10.00", room=rooms[0])

    assert table_on(staff.get(page_of(day))) == [
        ["Start", "no room", "Room B"],
        ["09.00", "Opening", "Group"],
    ]


def test_rooms_of_one_name_are_told_apart_by_their_buildings(staff, day):
    beside = make_room(venue=text("Headquarters"), name=text("Room A"), position=110)
    hall = make_room(venue=text("Town hall"), name={}, position=120)
    for room in (None, beside, hall):
        add(day, "Group", "10.00–11.00", room=room)

    head = table_on(staff.get(page_of(day)))[0]

    assert head == [
        "Start",
        "Room A (Palais des Nations)",
        "Room A (Headquarters)",
        "Town hall",
    ]


def test_cancelled_and_unprinted_slots_are_marked_in_words(staff, day):
    cancelled = add(day, "Lunch", "13.00–14.00", status=Slot.Status.CANCELLED)
    hidden = add(day, "Briefing", "08.00–08.30", is_printed=False)
    usual = add(day, "Panel", "10.00–11.00")

    page = staff.get(page_of(day))

    marks = [
        re.findall(r'<span class="mark"[^>]*>(.*?)</span>', row_on(page, slot))
        for slot in (cancelled, hidden, usual)
    ]
    assert marks == [["cancelled"], ["not printed"], []]
    assert [slot for slot in (cancelled, hidden) if "is-struck" in row_on(page, slot)]
    assert 'value="Panel"' in row_on(page, usual)


def test_empty_day_offers_its_first_slot_and_stands_a_post(staff, day):
    page = staff.get(page_of(day)).content.decode()
    assert page.count(f"?day={day.pk}") == 1
    assert "No slots on this day yet." in page

    assert message_of(staff, send(staff, day, {"_save": "1"})) == "Nothing was changed."
    refused = send(staff, day, {"_move": "1", "minutes": "15"})
    assert refusals_on(refused) == ["Choose the slot from which to move."]


def test_days_of_the_session_lead_to_each_other(staff, day, session):
    other = make_day(session, session.ends_on)

    page = staff.get(page_of(day)).content.decode()

    assert f'<a href="{page_of(other)}">' in page
    assert f'<a href="{page_of(day)}" aria-current="page">' in page


# --- Saving -------------------------------------------------------------------------


def test_page_that_is_sent_as_it_came_changes_nothing(staff, day, slots, rooms):
    # Its own room is the session's: shown, and sent back, as no room of its own.
    add(day, "Group", "22.00–01.00+", room=day.session.room)
    add(day, "Drafting", when=text("Upon conclusion"), room=rooms[0])
    before = saved_values(day)

    answer = save(staff, day, {})

    assert message_of(staff, answer) == "Nothing was changed."
    assert saved_values(day) == before
    assert SavedChange.objects.count() == 0


def test_every_field_is_saved_as_typed_and_nothing_else(staff, day, slots, rooms):
    opening, panel, closing = slots
    others = saved_values(day)[0], saved_values(day)[2]
    row = of(
        panel,
        start="22:15",
        end="00.30",
        ends_next_day=TICKED,
        title="  Résumé ",
        kind="summary_panel",
        room=rooms[1].pk,
    )

    answer = save(staff, day, row)

    assert message_of(staff, answer) == "1 slot saved."
    panel.refresh_from_db()
    assert (times_of(panel), panel.title, panel.kind, panel.room, panel.version) == (
        "22.15–00.30+",
        text("Résumé"),
        "summary_panel",
        rooms[1],
        2,
    )
    assert (saved_values(day)[0], saved_values(day)[2]) == others
    assert act_of(day.session) == ("saved", "admin", ["22.15 Résumé"])
    assert opening.version == closing.version == 1


def test_times_and_room_are_emptied(staff, day, rooms):
    slot = add(day, "Group", "22.00–01.00+", room=rooms[0])

    answer = save(staff, day, of(slot, start="", end="", ends_next_day=None, room=""))

    assert message_of(staff, answer) == "1 slot saved."
    assert times_of(slot) == ""
    assert slot.room is None


def test_only_the_words_of_the_main_language_are_written(staff, day):
    title = text("Panel", fr="Table ronde", ar="حلقة نقاش") | {"_revised": ["fr"]}
    slot = add(day, "")
    Slot.objects.update(title=title)

    save(staff, day, of(slot, title="Panel on cities"))

    slot.refresh_from_db()
    former = digest_of("Panel")
    assert slot.title == {
        "en": "Panel on cities",
        "fr": "Table ronde",
        "ar": "حلقة نقاش",
        "_from": {"fr": former, "ar": former},
        "_revised": ["fr"],
    }
    assert former != digest_of("Panel on cities")


def test_title_of_an_arabic_session_is_typed_in_arabic(staff, day):
    session = day.session
    session.primary_language, session.languages = "ar", ["ar", "en"]
    session.save()
    slot = add(day, "Panel", "10.00–11.00")

    page = staff.get(page_of(day))
    row = row_on(page, slot)
    assert re.search(r'<input[^>]*-title"[^>]*lang="ar"[^>]*dir="rtl"[^>]*>', row)
    # The English title shows what the row is, and is no obstacle to a new time.
    assert 'placeholder="Panel"' in row
    save(staff, day, of(slot, end="11.30"))
    save(staff, day, of(slot, title="حلقة نقاش"))

    assert times_of(slot) == "10.00–11.30"
    assert (slot.title["en"], slot.title["ar"]) == ("Panel", "حلقة نقاش")


def test_typing_the_same_words_in_another_form_changes_nothing(staff, day):
    slot = add(day, "Résumé", "10.00–11.00")

    answer = save(staff, day, of(slot, title="Re\u0301sume\u0301 ", start="10:00"))

    assert message_of(staff, answer) == "Nothing was changed."
    assert times_of(slot) == "10.00–11.00"
    assert slot.version == 1


# --- Refused at the field, and kept ---------------------------------------------------

TIME = "type hours and minutes, such as 15.00."


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"start": "25.99"}, [f"Start: {TIME}"]),
        ({"end": "noon"}, [f"End: {TIME}"]),
        ({"start": f"10{NUL}", "end": "9"}, [f"Start: {TIME}", f"End: {TIME}"]),
        (
            {"end": "09.30"},
            [
                (
                    "The slot ends at 09.30, before or when it starts (10.00). Type a later "
                    "end, or tick “ends after midnight”."
                )
            ],
        ),
        ({"start": ""}, ["Type the start too: a slot with an end needs one."]),
        (
            {"end": "", "ends_next_day": TICKED},
            ["Type the time at which the slot ends."],
        ),
        (
            {"title": "x" * 301},
            ["Title: at most 300 characters are printed, this one has 301."],
        ),
        ({"title": ""}, ["Type the title in English, the main language."]),
        (
            {"title": f"Panel{BIDI}1"},
            [
                (
                    "Character 6 (U+202E) changes the order in which the text is read. "
                    "Delete it and type the words again."
                )
            ],
        ),
        ({"title": f"Panel{NUL}"}, ["Null characters are not allowed."]),
        ({"kind": "party"}, ["That kind is not in the list: choose again."]),
        ({"kind": NUL}, ["That kind is not in the list: choose again."]),
        ({"room": "987654"}, ["That room is not in the list any more: choose again."]),
        (
            {"room": "9" * 5000},
            ["That room is not in the list any more: choose again."],
        ),
        ({"room": "B"}, ["That room is not in the list any more: choose again."]),
    ],
)
def test_what_is_wrong_is_told_at_the_row_and_everything_typed_is_kept(
    staff, day, slots, fields, told
):
    opening, panel, closing = slots
    before = saved_values(day)
    others = of(opening, title="Opening remarks") | of(closing, start="11.45")

    refused = save(staff, day, of(panel, **fields) | others)

    assert refusals_on(refused) == []
    assert errors_on(refused, panel) == told
    assert errors_on(refused, opening) == errors_on(refused, closing) == []
    assert saved_values(day) == before
    form = typed(refused)
    chosen = {"kind", "room"} & fields.keys()
    kept = others | of(panel, **{n: v for n, v in fields.items() if n not in chosen})
    assert {name: form[name] for name in kept} == kept
    assert "<title>Error: " in refused.content.decode()


def test_every_row_says_what_is_wrong_with_it(staff, day, slots):
    refused = save(staff, day, of(slots[0], start="x") | of(slots[2], end="x"))

    assert [errors_on(refused, slot) for slot in slots] == [
        [f"Start: {TIME}"],
        [],
        [f"End: {TIME}"],
    ]


def test_rows_stay_where_they_stand_when_what_was_typed_is_refused(staff, day, slots):
    before = table_on(staff.get(page_of(day)))

    refused = save(
        staff, day, of(slots[0], start="16.00", end="") | of(slots[1], end="x")
    )

    assert table_on(refused) == before
    assert f'<option value="{slots[0].code}">09.00 Opening' in refused.content.decode()


def test_corrected_page_is_saved(staff, day, slots):
    refused = save(staff, day, of(slots[0], title="Welcome", start="x"))

    answer = send(staff, day, typed(refused) | of(slots[0], start="09.10"))

    assert message_of(staff, answer) == "1 slot saved."
    assert timetable_of(day) == {
        "Welcome": "09.10–10.00",
        "Panel": "10.00–11.30",
        "Closing": "11.30–12.00",
    }


def test_time_that_the_clocks_leave_out_is_refused_at_its_field(staff):
    spring = make_day(
        make_session(starts_on=dt.date(2027, 3, 27), ends_on=dt.date(2027, 3, 29))
    )
    slot = add(spring, "Vigil", "22.00–01.00+")

    refused = save(staff, spring, of(slot, end="02.30"))

    assert errors_on(refused, slot) == [
        (
            "On 2027-03-28 the clocks in Europe/Zurich go forward and never show 02.30. "
            "Choose a time before or after the change."
        )
    ]
    assert typed(refused)[f"{slot.code}-end"] == "02.30"
    assert times_of(slot) == "22.00–01.00+"


@pytest.mark.parametrize("is_seen_sent", [True, False])
def test_field_that_was_not_sent_is_left_alone(staff, day, slots, is_seen_sent):
    form = typed(staff.get(page_of(day)))
    panel = slots[1]
    missing = of(panel, start=None, end=None, title=None, kind=None, room=None)
    if not is_seen_sent:
        missing |= {f"initial-{name}": None for name in missing}
    before = saved_values(day)[1]

    answer = send(staff, day, form | missing | of(slots[0], title="Welcome"))

    assert message_of(staff, answer) == "1 slot saved."
    assert saved_values(day)[1] == before


def test_row_sent_without_its_version_is_refused_and_kept(staff, day, slots):
    form = typed(staff.get(page_of(day)))
    for version in (None, "", "x", "-1", NUL, "9" * 400):
        sent = of(slots[1], title="Mine", version_seen=version)

        refused = send(staff, day, form | sent)

        assert "Nothing of yours is saved yet." in errors_on(refused, slots[1])[0]
        assert typed(refused)[f"{slots[1].code}-title"] == "Mine"


def test_values_before_that_were_tampered_with_write_nothing_unasked(staff, day, slots):
    form = typed(staff.get(page_of(day)))
    tampered = {
        name: "x" for name in form if name.startswith("initial-") and "seen" not in name
    }
    before = saved_values(day)

    answer = send(staff, day, form | tampered)

    assert message_of(staff, answer) == "Nothing was changed."
    assert saved_values(day) == before


@pytest.mark.parametrize(
    "sent",
    [
        {"_move": "1", "move_from": NUL, "minutes": NUL},
        {"_swap": "1", "pick": [NUL, "x", "y"]},
        {
            "nobody-version_seen": "1",
            "nobody-title": "x",
            f"a{NUL}-version_seen": "1",
            f"a{NUL}-title": "x",
        },
        {"-version_seen": NUL, "-title": "x"},
        {"_save": NUL},
        {},
    ],
)
def test_no_post_breaks_the_page(staff, day, slots, sent):
    before = saved_values(day)

    assert send(staff, day, sent).status_code in {200, 302}
    assert saved_values(day) == before


def test_title_longer_than_its_column_is_refused_in_a_sentence(staff, day):
    long = dict.fromkeys(("ar", "zh-hans", "fr", "ru"), '"' * 300)
    slot = add(day, "Panel", "10.00–11.00")
    slot.title = {"en": "Panel", **long}
    slot.save()

    refused = save(staff, day, of(slot, title='"' * 300))

    assert refusals_on(refused) == []
    assert errors_on(refused, slot) == ["This text is too long to be kept."]
    assert typed(refused)[f"{slot.code}-title"] == '"' * 300
    slot.refresh_from_db()
    assert slot.title["en"] == "Panel"


def test_save_that_the_database_refuses_is_told_and_kept(
    staff, day, slots, monkeypatch
):
    def refuse(*_arguments):
        raise IntegrityError

    monkeypatch.setattr(grid, "_write", refuse)

    refused = save(staff, day, of(slots[0], title="Welcome"))

    assert refusals_on(refused) == [
        (
            "Somebody else saved something at the same moment that does not go with "
            "this. Nothing of yours is saved yet: look again, then save."
        )
    ]
    assert typed(refused)[f"{slots[0].code}-title"] == "Welcome"


# --- Two editors -----------------------------------------------------------------------


def test_two_editors_of_different_rows_never_meet(staff, colleague, day, slots):
    mine = typed(staff.get(page_of(day)))
    theirs = typed(colleague.get(page_of(day)))

    send(colleague, day, theirs | of(slots[0], title="Welcome", start="08.30"))
    answer = send(staff, day, mine | of(slots[1], title="Panel 1"))

    assert message_of(staff, answer) == "1 slot saved."
    assert timetable_of(day) == {
        "Welcome": "08.30–10.00",
        "Panel 1": "10.00–11.30",
        "Closing": "11.30–12.00",
    }


def test_row_that_both_changed_is_refused_with_both_versions(
    staff, colleague, day, slots, rooms
):
    opening, panel, _closing = slots
    mine = typed(staff.get(page_of(day)))
    theirs = of(
        panel,
        title="Theirs",
        start="22.00",
        end="01.00",
        ends_next_day=TICKED,
        room=rooms[0].pk,
        kind="plenary",
    )
    save(colleague, day, theirs)

    refused = send(
        staff, day, mine | of(panel, title="Mine") | of(opening, start="09.05")
    )

    assert errors_on(refused, panel) == [
        (
            "lund saved this a moment ago. Nothing of yours is saved yet. Saved now: "
            "22.00–01.00 (next day), plenary meeting, “Theirs”, Palais des Nations, Room B. "
            "Tick “save mine over it”, or type what was saved."
        )
    ]
    form = typed(refused)
    # What the editor left alone in the row is what is saved now: that would be kept.
    kept = of(
        panel,
        title="Mine",
        start="22.00",
        end="01.00",
        ends_next_day=TICKED,
        kind="plenary",
        room=str(rooms[0].pk),
    )
    assert {name: form[name] for name in kept} == kept
    assert form[f"{opening.code}-start"] == "09.05"
    assert times_of(opening) == "09.00–10.00"
    assert timetable_of(day)["Theirs"] == "22.00–01.00+"


@pytest.fixture
def conflict(staff, colleague, day, slots):
    """The page of an editor who typed a title that a colleague had changed, with its
    time; and typed in another row too."""
    mine = typed(staff.get(page_of(day)))
    save(colleague, day, of(slots[1], title="Theirs", end="11.15"))
    return send(
        staff, day, mine | of(slots[1], title="Mine") | of(slots[0], title="Welcome")
    )


def test_same_page_sent_again_is_refused_again(staff, day, slots, conflict):
    again = send(staff, day, typed(conflict))

    assert errors_on(again, slots[1]) == errors_on(conflict, slots[1])
    assert typed(again) == typed(conflict)
    assert timetable_of(day)["Theirs"] == "10.00–11.15"


def test_save_mine_over_it_writes_what_was_typed_and_keeps_the_rest(
    staff, day, slots, conflict
):
    over = re.search(r'name="([^"]+-over)" value="(\d+)">', row_on(conflict, slots[1]))

    answer = send(staff, day, typed(conflict) | {over.group(1): over.group(2)})

    assert message_of(staff, answer) == "2 slots saved."
    assert timetable_of(day) == {
        "Welcome": "09.00–10.00",
        "Mine": "10.00–11.15",
        "Closing": "11.30–12.00",
    }


def test_typing_what_was_saved_ends_the_conflict(staff, day, slots, conflict):
    answer = send(staff, day, typed(conflict) | of(slots[1], title="Theirs"))

    assert message_of(staff, answer) == "1 slot saved."
    assert timetable_of(day)["Theirs"] == "10.00–11.15"
    slots[1].refresh_from_db()
    assert slots[1].version == 2


def test_decision_to_save_over_holds_while_another_row_is_corrected(
    staff, day, slots, conflict
):
    over = of(slots[1], over="2")
    refused = send(staff, day, typed(conflict) | over | of(slots[2], start="x"))
    assert errors_on(refused, slots[1]) == []

    answer = send(staff, day, typed(refused) | of(slots[2], start="11.40"))

    assert message_of(staff, answer) == "3 slots saved."
    assert timetable_of(day)["Mine"] == "10.00–11.15"


def test_decision_to_save_over_is_about_one_version(
    staff, colleague, day, slots, conflict
):
    save(colleague, day, of(slots[1], title="Theirs again"))

    refused = send(staff, day, typed(conflict) | of(slots[1], over="2"))

    assert "“Theirs again”" in errors_on(refused, slots[1])[0]
    assert typed(refused)[f"{slots[1].code}-title"] == "Mine"


def test_both_typing_the_same_is_no_conflict(staff, colleague, day, slots):
    mine = typed(staff.get(page_of(day)))
    save(colleague, day, of(slots[1], title="Panel 1"))

    answer = send(staff, day, mine | of(slots[1], title="Panel 1"))

    assert message_of(staff, answer) == "Nothing was changed."


def test_translation_saved_meanwhile_is_kept_by_whoever_saves_over_it(
    staff, day, slots
):
    mine = typed(staff.get(page_of(day)))
    slot = slots[1]
    slot.title, slot.version = text("Theirs", fr="La leur"), 2
    slot.save()

    send(staff, day, mine | of(slot, title="Mine", over="2"))

    slot.refresh_from_db()
    assert slot.title == {
        "en": "Mine",
        "fr": "La leur",
        "_from": {"fr": digest_of("Theirs")},
    }


def test_row_deleted_meanwhile_is_told_with_all_that_was_typed(staff, day, slots):
    mine = typed(staff.get(page_of(day)))
    slots[1].delete()

    row = of(slots[1], title="Panel <1>", start="10.05")
    refused = send(staff, day, mine | row | of(slots[0], title="Welcome"))

    assert refusals_on(refused) == [
        (
            "“Panel <1>” was deleted by somebody else after you opened the page. You had "
            "typed: 10.05–11.30, panel, “Panel <1>”. It can be taken back from the history "
            "of the session."
        )
    ]
    form = typed(refused)
    assert form[f"{slots[0].code}-title"] == "Welcome"
    answer = send(staff, day, form)
    assert message_of(staff, answer) == "1 slot saved."


def test_row_put_on_another_day_meanwhile_is_told_so(staff, day, slots, session):
    mine = typed(staff.get(page_of(day)))
    slots[1].day = make_day(session, session.ends_on)
    slots[1].save()

    refused = send(staff, day, mine | of(slots[1], title="Panel 1"))

    assert refusals_on(refused) == [
        (
            "“Panel 1” was put on another day by somebody else after you opened the page. "
            "You had typed: 10.00–11.30, panel, “Panel 1”. Open the slot to change it there."
        )
    ]


def test_row_left_alone_and_deleted_meanwhile_is_no_obstacle(staff, day, slots):
    mine = typed(staff.get(page_of(day)))
    slots[1].delete()

    answer = send(staff, day, mine | of(slots[0], title="Welcome"))

    assert message_of(staff, answer) == "1 slot saved."
    assert timetable_of(day) == {"Welcome": "09.00–10.00", "Closing": "11.30–12.00"}


def test_row_added_meanwhile_is_shown_and_left_alone(staff, day, slots):
    mine = typed(staff.get(page_of(day)))
    added = add(day, "Lunch", "13.00–14.00")

    refused = send(staff, day, mine | of(slots[0], start="x"))
    assert typed(refused)[f"{added.code}-title"] == "Lunch"
    answer = send(staff, day, mine | of(slots[0], title="Welcome"))

    assert message_of(staff, answer) == "1 slot saved."
    assert timetable_of(day)["Lunch"] == "13.00–14.00"


def test_room_deleted_meanwhile_is_told_at_the_row(staff, day, slots, rooms):
    mine = typed(staff.get(page_of(day))) | of(slots[1], room=str(rooms[0].pk))
    Room.objects.filter(pk=rooms[0].pk).delete()

    refused = send(staff, day, mine | of(slots[0], title="Welcome"))

    assert errors_on(refused, slots[1]) == [
        "That room is not in the list any more: choose again."
    ]
    assert typed(refused)[f"{slots[0].code}-title"] == "Welcome"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_one_row_at_once_one_is_told(staff, colleague, day, slots):
    pages = [typed(client.get(page_of(day))) for client in (staff, colleague)]

    answers = at_once(
        lambda: send(staff, day, pages[0] | of(slots[1], title="Mine")),
        lambda: send(colleague, day, pages[1] | of(slots[1], title="Theirs")),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    slots[1].refresh_from_db()
    assert slots[1].version == 2
    assert SavedChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_save_different_rows_at_once_are_both_saved(
    staff, colleague, day, slots
):
    pages = [typed(client.get(page_of(day))) for client in (staff, colleague)]

    answers = at_once(
        lambda: send(staff, day, pages[0] | of(slots[0], title="Mine")),
        lambda: send(colleague, day, pages[1] | of(slots[2], title="Theirs")),
    )

    assert [answer.status_code for answer in answers] == [302, 302]
    assert timetable_of(day).keys() == {"Mine", "Panel", "Theirs"}


# --- Moving on ---------------------------------------------------------------------------


def test_slot_and_all_after_it_move_and_the_message_says_how_far(staff, day, slots):
    answer = move(staff, day, slots[1], "15")

    assert message_of(staff, answer) == "2 slots moved, 15 minutes later."
    assert timetable_of(day) == {
        "Opening": "09.00–10.00",
        "Panel": "10.15–11.45",
        "Closing": "11.45–12.15",
    }
    assert act_of(day.session) == ("moved", "admin", ["10.15 Panel", "11.45 Closing"])
    assert [slot.version for slot in day.slots.order_by("pk")] == [1, 2, 2]


@pytest.mark.parametrize("minutes", ["-1", "−1", " -1 "])
def test_minus_moves_earlier(staff, day, slots, minutes):
    answer = move(staff, day, slots[2], minutes)

    assert message_of(staff, answer) == "1 slot moved, 1 minute earlier."
    assert times_of(slots[2]) == "11.29–11.59"


def test_one_room_moves_alone(staff, day, slots, rooms):
    group = add(day, "Group", "10.00–11.00", room=rooms[0])
    later = add(day, "Group goes on", "11.00–12.00", room=rooms[0])
    earlier = add(day, "Before", "09.00–10.00", room=rooms[0])

    answer = move(staff, day, group, "30", room=rooms[0].pk)

    assert message_of(staff, answer) == "2 slots moved, 30 minutes later."
    assert [times_of(slot) for slot in (group, later, earlier, *slots)] == [
        "10.30–11.30",
        "11.30–12.30",
        "09.00–10.00",
        "09.00–10.00",
        "10.00–11.30",
        "11.30–12.00",
    ]


def test_slots_without_a_room_move_alone_where_the_session_has_none(staff, day, rooms):
    session = day.session
    session.room = None
    session.save()
    plenary = add(day, "Plenary", "09.00–10.00")
    group = add(day, "Group", "09.00–10.00", room=rooms[0])

    answer = move(staff, day, plenary, "5", room="0")

    assert message_of(staff, answer) == "1 slot moved, 5 minutes later."
    assert times_of(group) == "09.00–10.00"


def test_slot_of_another_room_is_no_start_for_a_room(staff, day, slots, rooms):
    add(day, "Group", "10.00–11.00", room=rooms[0])

    refused = move(staff, day, slots[1], "5", room=rooms[0].pk)

    assert refusals_on(refused) == [
        "“Panel” is not in Room B: choose a slot of that room, or all rooms."
    ]


@pytest.mark.parametrize("room", ["x", "999999", NUL, "9" * 5000, "٣", "0"])
def test_room_that_is_not_of_the_day_moves_nothing(staff, day, slots, room):
    refused = move(staff, day, slots[1], "5", room=room)

    assert refusals_on(refused) == ["Choose one of the rooms of the day, or all."]
    assert times_of(slots[1]) == "10.00–11.30"


MINUTES = (
    "Type by how many minutes to move: from 1 to 720, or with a minus sign to move "
    "earlier."
)


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        ("", "Type by how many minutes to move: 15, or -15 for earlier."),
        ("a bit", "Type by how many minutes to move: 15, or -15 for earlier."),
        ("1.5", "Type by how many minutes to move: 15, or -15 for earlier."),
        ("9" * 5000, "Type by how many minutes to move: 15, or -15 for earlier."),
        ("9" * 4000, MINUTES),
        ("0", MINUTES),
        ("721", MINUTES),
        (
            "-541",
            (
                "“Opening” would start at 23.59 on the day before: move earlier by at most "
                "540 minutes."
            ),
        ),
    ],
)
def test_minutes_that_lead_nowhere_are_refused_in_a_sentence(
    staff, day, slots, minutes, told
):
    before = timetable_of(day)

    refused = move(staff, day, slots[0], minutes)

    assert refusals_on(refused) == [told]
    assert timetable_of(day) == before
    form = typed(refused)
    assert (form["minutes"], form["move_from"]) == (minutes, slots[0].code)


def test_move_past_midnight_is_refused(staff, day):
    slot = add(day, "Reception", "23.00–23.30")
    before = table_on(staff.get(page_of(day)))

    refused = move(staff, day, slot, "60")

    assert refusals_on(refused) == [
        "“Reception” would start at 00.00 on the next day: move by at most 59 minutes."
    ]
    assert table_on(refused) == before
    assert message_of(staff, move(staff, day, slot, "45")) == (
        "1 slot moved, 45 minutes later."
    )
    assert times_of(slot) == "23.45–00.15+"


def test_what_was_typed_is_saved_with_the_move(staff, day, slots):
    changes = of(slots[1], start="10.30", end="12.00") | of(slots[0], title="Welcome")

    answer = move(staff, day, slots[1], "15", changes)

    assert (
        message_of(staff, answer) == "2 slots saved. 2 slots moved, 15 minutes later."
    )
    assert timetable_of(day) == {
        "Welcome": "09.00–10.00",
        "Panel": "10.45–12.15",
        "Closing": "11.45–12.15",
    }
    assert SavedChange.objects.count() == 1


def test_refused_move_keeps_what_was_typed_and_saves_nothing(staff, day, slots):
    before = saved_values(day)

    refused = move(staff, day, slots[1], "x", of(slots[0], title="Welcome"))

    assert typed(refused)[f"{slots[0].code}-title"] == "Welcome"
    assert saved_values(day) == before


def test_nothing_moves_while_a_row_is_wrong(staff, day, slots):
    before = saved_values(day)

    refused = move(staff, day, slots[1], "15", of(slots[0], start="x"))

    assert errors_on(refused, slots[0]) == [f"Start: {TIME}"]
    assert typed(refused)["minutes"] == "15"
    assert saved_values(day) == before


def test_move_to_a_time_that_the_clocks_leave_out_names_the_slot(staff):
    spring = make_day(
        make_session(starts_on=dt.date(2027, 3, 27), ends_on=dt.date(2027, 3, 29)),
        dt.date(2027, 3, 28),
    )
    slot = add(spring, "Vigil", "01.00–01.30")

    refused = move(staff, spring, slot, "90")

    assert refusals_on(refused) == [
        (
            "“Vigil”: On 2027-03-28 the clocks in Europe/Zurich go forward and never show "
            "02.30. Choose a time before or after the change."
        )
    ]
    assert times_of(slot) == "01.00–01.30"


def test_move_that_would_carry_along_a_slot_saved_meanwhile_is_refused(
    staff, colleague, day, slots
):
    mine = typed(staff.get(page_of(day))) | of(slots[0], title="Welcome")
    save(colleague, day, of(slots[2], start="11.40"))
    acts = {"_move": "1", "move_from": slots[1].code, "minutes": "15"}

    refused = send(staff, day, mine | acts)

    assert refusals_on(refused) == [
        (
            "Saved by somebody else after you opened the page: 11.40–12.00, closing, "
            "“Closing”, Palais des Nations, Room A. Nothing was moved: look at what stands "
            "there now, then move."
        )
    ]
    form = typed(refused)
    assert form[f"{slots[2].code}-start"] == "11.40"
    assert form[f"{slots[0].code}-title"] == "Welcome"
    # The editor has seen it now.
    answer = send(staff, day, form | acts)
    assert message_of(staff, answer) == "1 slot saved. 2 slots moved, 15 minutes later."
    assert timetable_of(day) == {
        "Welcome": "09.00–10.00",
        "Panel": "10.15–11.45",
        "Closing": "11.55–12.15",
    }


def test_move_that_would_carry_along_a_slot_added_meanwhile_is_refused(
    staff, day, slots
):
    mine = typed(staff.get(page_of(day)))
    add(day, "Lunch", "13.00–14.00")

    refused = send(
        staff, day, mine | {"_move": "1", "move_from": slots[1].code, "minutes": "15"}
    )

    assert "13.00–14.00, session, “Lunch”" in refusals_on(refused)[0]


def test_move_leaves_a_slot_saved_meanwhile_where_it_carries_it_not_along(
    staff, colleague, day, slots
):
    mine = typed(staff.get(page_of(day)))
    save(colleague, day, of(slots[0], title="Welcome"))

    answer = send(
        staff, day, mine | {"_move": "1", "move_from": slots[1].code, "minutes": "15"}
    )

    assert message_of(staff, answer) == "2 slots moved, 15 minutes later."
    assert timetable_of(day)["Welcome"] == "09.00–10.00"


def test_cancelled_slots_move_along_and_slots_without_a_start_stay(staff, day, slots):
    cancelled = add(day, "Lunch", "13.00–14.00", status=Slot.Status.CANCELLED)
    untimed = add(day, "Drafting", when=text("Upon conclusion"))

    answer = move(staff, day, slots[2], "15")

    assert message_of(staff, answer) == "2 slots moved, 15 minutes later."
    assert times_of(cancelled) == "13.15–14.15"
    assert times_of(untimed) == ""
    assert f'value="{untimed.code}">' not in (
        re.search(
            r'<select name="move_from".*?</select>',
            staff.get(page_of(day)).content.decode(),
            re.DOTALL,
        ).group()
    )


def test_move_from_a_slot_deleted_meanwhile_is_refused(staff, day, slots):
    mine = typed(staff.get(page_of(day)))
    slots[1].delete()

    refused = send(
        staff, day, mine | {"_move": "1", "move_from": slots[1].code, "minutes": "15"}
    )

    assert refusals_on(refused) == ["Choose the slot from which to move."]


# --- Changing places ---------------------------------------------------------------------


def test_two_that_follow_each_other_change_places_and_keep_their_lengths(
    staff, day, slots
):
    answer = swap(staff, day, slots[1], slots[2])

    assert message_of(staff, answer) == "“Panel” and “Closing” changed places."
    assert timetable_of(day) == {
        "Opening": "09.00–10.00",
        "Closing": "10.00–10.30",
        "Panel": "10.30–12.00",
    }
    act, _by, names = act_of(day.session)
    assert (act, sorted(names)) == ("swapped", ["10.00 Closing", "10.30 Panel"])


def test_two_with_something_between_take_each_others_times(staff, day, slots):
    swap(staff, day, slots[0], slots[2])

    assert timetable_of(day) == {
        "Opening": "11.30–12.00",
        "Panel": "10.00–11.30",
        "Closing": "09.00–10.00",
    }


def test_what_goes_on_in_another_room_is_not_between(staff, day, slots, rooms):
    beside = add(day, "Group", "10.30–12.00", room=rooms[0])

    swap(staff, day, slots[1], slots[2])

    assert [times_of(slot) for slot in (slots[2], slots[1], beside)] == [
        "10.00–10.30",
        "10.30–12.00",
        "10.30–12.00",
    ]


def test_two_at_the_same_time_in_two_rooms_exchange_their_rooms(staff, day, rooms):
    one = add(day, "Group 1", "10.00–11.00", room=rooms[0], position=100)
    other = add(day, "Group 2", "10.00–11.00", room=rooms[1], position=100)

    swap(staff, day, one, other)

    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.room, other.room) == (rooms[1], rooms[0])


def test_two_at_the_same_time_in_one_room_change_their_order(staff, day):
    one = add(day, "Group 1", "10.00–11.00", position=100, is_parallel=True)
    other = add(day, "Group 2", "10.00–11.00", position=100, is_parallel=True)
    assert table_on(staff.get(page_of(day)))[1] == ["10.00", "Group 1 + Group 2"]

    swap(staff, day, one, other)

    assert table_on(staff.get(page_of(day)))[1] == ["10.00", "Group 2 + Group 1"]
    order = [slot.title["en"] for slot in compose(day.session).slots]
    assert order == ["Group 2", "Group 1"]


def test_two_without_a_time_change_their_order(staff, day):
    one = add(day, "First", position=100)
    other = add(day, "Second", position=100)

    swap(staff, day, one, other)

    assert table_on(staff.get(page_of(day)))[1] == ["no time", "Second + First"]


def test_slot_without_a_start_cannot_take_the_place_of_one_that_has_it(
    staff, day, slots
):
    untimed = add(day, "Drafting")

    refused = swap(staff, day, slots[0], untimed)

    assert refusals_on(refused) == [
        "“Drafting” has no start: type one, then let the two change places."
    ]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_two_must_be_ticked_and_ticks_are_kept(staff, day, slots, number):
    picked = slots[:number]

    refused = swap(staff, day, *picked)

    assert refusals_on(refused) == [
        f"Tick the two slots that change places: now {number} are ticked."
    ]
    boxes = re.findall(r'name="pick" value="(\w+)" checked', refused.content.decode())
    assert boxes == [slot.code for slot in picked]


def test_swap_with_a_slot_saved_meanwhile_is_refused(staff, colleague, day, slots):
    mine = typed(staff.get(page_of(day)))
    save(colleague, day, of(slots[2], title="Farewell"))

    refused = send(
        staff, day, mine | {"_swap": "1", "pick": [slots[1].code, slots[2].code]}
    )

    assert "“Farewell”" in refusals_on(refused)[0]
    assert timetable_of(day)["Farewell"] == "11.30–12.00"


def test_swap_past_midnight_is_refused(staff, day):
    one = add(day, "Reception", "22.00–22.10")
    other = add(day, "Vigil", "22.20–02.00+")

    refused = swap(staff, day, one, other)

    assert refusals_on(refused) == [
        (
            "“Reception” would start at 01.50 on the next day. Move both earlier first, or "
            "type their times."
        )
    ]
    assert timetable_of(day) == {"Reception": "22.00–22.10", "Vigil": "22.20–02.00+"}


# --- Taking back, permissions, queries ---------------------------------------------------


@pytest.mark.parametrize("act", ["moved", "swapped", "saved"])
def test_every_act_is_taken_back_as_one(staff, admin_user, day, slots, rooms, act):
    Slot.objects.filter(pk=slots[1].pk).update(
        title=text("Panel", fr="Table ronde"), room=rooms[0]
    )
    before = compose(day.session).to_value()
    acts = {
        "moved": {"_move": "1", "move_from": slots[0].code, "minutes": "15"},
        "swapped": {"_swap": "1", "pick": [slots[0].code, slots[1].code]},
        "saved": {},
    }
    row = of(slots[1], title="Cities", kind="plenary", room="", end="11.45")

    save(staff, day, row, **acts[act])

    change = SavedChange.objects.get()
    assert change.act == act
    assert compose(day.session).to_value() != before
    page = staff.get(page_of(day)).content.decode()
    assert reverse("desk:take_back", args=[change.pk]) in page
    done = taking_back.take_back(change, admin_user)
    assert compose(day.session).to_value() == before
    # And taking back can be taken back.
    taking_back.take_back(done, admin_user)
    assert compose(day.session).to_value() != before


def test_only_who_may_change_slots_sees_the_grid(client, day, slots):
    reader = sign_in(client, "reader", duty="reader")
    assert reader.get(page_of(day)).status_code == 403
    assert reader.post(page_of(day), {}).status_code == 403

    assert sign_in(client, "editor", duty="editor").get(page_of(day)).status_code == 200


def test_whoever_has_not_signed_in_is_asked_to(client, day):
    answer = client.get(page_of(day))

    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/admin/login/")


def test_day_that_does_not_exist_is_not_found(staff, db):
    assert staff.get(reverse("desk:grid", args=[987654])).status_code == 404


@pytest.fixture
def queries_of(staff, session, rooms):
    """Gives a function: how many queries each act takes on a day of so many slots."""

    def count(number):
        day = make_day(session, session.starts_on + dt.timedelta(number))
        slots = [
            add(
                day,
                f"Slot {n}",
                f"{8 + n // 6:02}.{n % 6}0–{9 + n // 6:02}.{n % 6}0",
                room=[None, *rooms][n % 3],
            )
            for n in range(number)
        ]
        every = {}
        for slot in slots:
            every |= of(slot, title=f"Renamed {slot.code}", kind="panel")
        first = {"move_from": slots[0].code, "_move": "1"}
        acts = {
            "save one": of(slots[0], title="One"),
            "save all": every,
            "move all": {**first, "minutes": "5"},
            "swap": {"_swap": "1", "pick": [slots[0].code, slots[1].code]},
            "refuse": {**first, "minutes": "x"},
        }
        found = {}
        for act, values in acts.items():
            form = typed(staff.get(page_of(day))) | values
            with CaptureQueriesContext(
                connection,
            ) as captured:
                send(staff, day, form)
            found[act] = len(captured)
        with CaptureQueriesContext(connection) as captured:
            staff.get(page_of(day))
        return found | {"show": len(captured)}

    return count


def test_queries_are_as_many_for_fifty_slots_as_for_five(queries_of):
    assert queries_of(50) == queries_of(5)
