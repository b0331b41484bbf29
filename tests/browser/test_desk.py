"""A day at the desk, in a browser: each task with the number of things that a person
does for it once signed in, by keyboard alone, and without JavaScript."""

import datetime as dt

import pytest
from django.contrib.auth.models import User

from sessions_app.models import Edition, Line, Room, Session, Slot
from tests.browser.desk import (
    LOOK_UPS_ARE_READY,
    PASSWORD,
    Keyboard,
    Person,
    sign_in,
)

pytestmark = pytest.mark.browser

THIRD = "Third informal thematic session"
ISSUED = "Edition 3 is issued (Rev.1)"


@pytest.fixture
def staff(transactional_db):
    return User.objects.create_superuser("secretariat", password=PASSWORD)


@pytest.fixture
def desk(live_server, demonstration, staff, page):
    """The start page, signed in."""
    page.set_default_timeout(30_000)
    sign_in(page, live_server)
    return page


@pytest.fixture
def report(capsys):
    def said(task, person):
        with capsys.disabled():
            done = f"{task}: {person.actions} actions, {person.seconds:.1f} s"
            print(f"\n  {done}", end="")  # noqa: T201

    return said


def third():
    return Session.objects.get(slug="third-thematic-session")


def titles_and_times(day):
    return [
        (f"{slot.start:%H.%M}", f"{slot.end:%H.%M}")
        for slot in day.slots.order_by("start")
    ]


# --- With a mouse, counted -----------------------------------------------------------


def test_a_panellist_is_replaced_and_an_edition_issued_in_eight_actions(desk, report):
    person = Person(desk)

    person.clicks("link", THIRD)
    person.clicks("link", "Ms. Margareta Wahlström")
    person.looks_up("ouedraogo", "Chantal Ouédraogo")
    person.clicks("button", "Replace, then issue…")
    assert desk.get_by_role("radio", name="Revision (Rev.1)").is_checked()
    assert desk.get_by_label("Remark, English").input_value() == (
        "Panel 1: Ms. Chantal Ouédraogo replaces Ms. Margareta Wahlström."
    )
    person.clicks("button", "Issue edition 3")
    desk.get_by_role("heading", name=ISSUED).wait_for()

    report("replace a panellist and issue", person)
    assert person.actions <= 7  # Signing in is the eighth.
    assert person.seconds <= 60
    edition = Edition.objects.of(third()).first()
    assert "Ouédraogo" in str(edition.programme)
    assert "Wahlström" not in str(edition.programme)
    former = Line.objects.get(person__family_name="Wahlström")
    assert former.status == Line.Status.REPLACED


def test_the_afternoon_is_moved_by_fifteen_minutes_in_five_actions(desk, report):
    day = third().days.first()
    person = Person(desk)

    person.clicks("link", "Mon 19 Jun")
    person.chooses("First slot", "15.00")
    person.types("Minutes", "15")
    person.clicks("button", "Move this slot and all after it")
    desk.locator(".messagelist").wait_for()

    report("move the afternoon by 15 minutes", person)
    assert person.actions <= 4
    assert titles_and_times(day) == [
        ("10.00", "10.15"),
        ("10.15", "13.00"),
        ("13.00", "15.00"),
        ("15.15", "18.05"),
        ("18.05", "18.15"),
    ]


def test_a_session_is_made_from_a_former_one_in_six_actions(desk, report):
    person = Person(desk)

    person.clicks("link", THIRD)
    person.clicks("link", "New session from this one")
    person.types("Title:", "Fourth informal thematic session")
    person.types("Address:", "fourth-thematic-session")
    person.clicks("button", "Make the session")
    desk.get_by_text("The new session is here.").wait_for()

    report("new two-day session from a former one", person)
    assert person.actions <= 5
    fresh = Session.objects.get(slug="fourth-thematic-session")
    former = third()
    days = [day.date for day in fresh.days.order_by("date")]
    assert [day.weekday() for day in days] == [
        day.date.weekday() for day in former.days.order_by("date")
    ]
    assert days[0] > dt.date.today()  # noqa: DTZ011 - the desk's own day
    assert Slot.objects.filter(day__session=fresh).count() == 10


def test_a_side_event_is_added_with_its_room_in_six_actions(desk, report):
    Room.objects.create(venue={"en": "Palais des Nations"}, name={"en": "Room XXVI"})
    person = Person(desk)

    person.clicks("link", THIRD)
    person.clicks("link", "Add a side event")
    person.types("Title, English", "Cities and migrants")
    person.chooses("Room:", "Room XXVI")
    person.clicks("button", "Save")
    desk.get_by_role("link", name="Cities and migrants").first.wait_for()

    report("add a side event with its room", person)
    assert person.actions <= 5
    slot = Slot.objects.get(title__en="Cities and migrants")
    assert (slot.kind, str(slot.room), slot.part_of.kind) == (
        "side_event",
        "Palais des Nations, Room XXVI",
        "lunch",
    )
    assert (f"{slot.start:%H.%M}", f"{slot.end:%H.%M}") == ("13.00", "15.00")


def test_the_last_change_is_undone_in_three_actions(desk, live_server, report):
    slot = Slot.objects.get(panel__number=1, day__session=third())
    desk.goto(f"{live_server.url}/admin/sessions_app/slot/{slot.pk}/change/")
    desk.get_by_label("Title, English", exact=True).first.fill("Spoilt by mistake")
    desk.get_by_role("button", name="Save", exact=True).click()
    desk.get_by_role("link", name="Spoilt by mistake").first.wait_for()
    desk.goto(f"{live_server.url}/admin/")
    person = Person(desk)

    person.clicks("link", THIRD)
    person.clicks("button", "Take back")
    desk.get_by_text("Taken back: it is as it was before.").wait_for()

    report("undo the last change", person)
    assert person.actions <= 2
    slot.refresh_from_db()
    assert slot.title["en"].startswith("International cooperation and governance")


# --- By keyboard alone ---------------------------------------------------------------


def test_every_task_is_done_by_keyboard_alone(desk, live_server):
    keyboard = Keyboard(desk)
    day = third().days.first()
    Room.objects.create(venue={"en": "Palais des Nations"}, name={"en": "Room XXVI"})

    # Ctrl-K finds the session; the arrow keys go through what was found.
    keyboard.presses("Control+k")
    desk.keyboard.type("third informal")
    desk.locator(".find-results a").first.wait_for()
    keyboard.presses("ArrowDown")
    with desk.expect_navigation():
        keyboard.presses("Enter")

    # A panellist is replaced, and an edition issued.
    keyboard.follows("Ms. Margareta Wahlström")
    desk.wait_for_function(LOOK_UPS_ARE_READY)
    keyboard.goes_to("Somebody of the list")
    keyboard.presses("Enter")
    desk.get_by_role("searchbox", name="Somebody of the list").wait_for()
    desk.keyboard.type("ouedraogo")
    desk.get_by_role("option", name="Chantal Ouédraogo").wait_for()
    keyboard.presses("Enter")
    keyboard.follows("Replace, then issue…")
    keyboard.follows("Issue edition 3")
    desk.get_by_role("heading", name=ISSUED).wait_for()
    keyboard.follows("Back to the session")

    # The afternoon moves.
    keyboard.follows("Grid of the day")
    keyboard.goes_to("First slot")
    desk.keyboard.type("15.00")
    keyboard.goes_to("Minutes", from_start=False)
    keyboard.types("15")
    keyboard.follows("Move this slot and all after it")
    desk.locator(".messagelist").wait_for()
    assert titles_and_times(day)[3] == ("15.15", "18.05")
    # The arrow keys go from a start to the next.
    keyboard.goes_to("Start", from_start=True)
    keyboard.presses("ArrowDown")
    assert desk.evaluate("document.activeElement.value") == "10.15"

    # A side event is added with its room.
    page = f"{live_server.url}/admin/sessions_app/session/{third().pk}/change/"
    desk.goto(page)
    keyboard.follows("Add a side event")
    keyboard.goes_to("Title, English")
    keyboard.types("Cities and migrants")
    keyboard.goes_to("Room", from_start=False)
    desk.keyboard.type("Palais des Nations, Room XXVI")
    keyboard.follows("Save")
    slot = Slot.objects.get(title__en="Cities and migrants")
    assert str(slot.room) == "Palais des Nations, Room XXVI"

    # And is taken back.
    keyboard.follows("Take back")
    desk.get_by_text("Taken back: it is as it was before.").wait_for()
    assert not Slot.objects.filter(title__en="Cities and migrants").exists()

    # A session is made from this one.
    keyboard.follows("New session from this one")
    keyboard.goes_to("Title")
    keyboard.types("Fourth informal thematic session")
    keyboard.goes_to("Address", from_start=False)
    keyboard.types("fourth-thematic-session")
    keyboard.presses("Enter")
    desk.get_by_text("The new session is here.").wait_for()


def test_lines_are_put_in_order_by_keyboard_and_by_drag(desk, live_server):
    slot = Slot.objects.get(panel__number=1, day__session=third())
    page = f"{live_server.url}/admin/sessions_app/slot/{slot.pk}/change/"

    def order():
        lines = slot.lines.order_by("position").select_related("person")
        return [line.person.family_name for line in lines]

    assert order() == ["Maniatis", "Wahlström", "Henrikson"]
    desk.goto(page)
    desk.wait_for_function(LOOK_UPS_ARE_READY)
    keyboard = Keyboard(desk)
    keyboard.goes_to("Move down")
    keyboard.presses("Enter")
    assert desk.evaluate("document.activeElement.dataset.move") == "1"
    keyboard.follows("Save")
    assert order() == ["Wahlström", "Maniatis", "Henrikson"]

    desk.goto(page)
    desk.wait_for_function(LOOK_UPS_ARE_READY)
    handles = desk.locator(".has_original .line-handle")
    handles.nth(2).drag_to(handles.nth(0), target_position={"x": 4, "y": 2})
    keyboard.follows("Save")
    assert order() == ["Henrikson", "Wahlström", "Maniatis"]


def test_the_row_and_each_line_are_shown_while_they_are_typed(desk, live_server):
    slot = Slot.objects.get(panel__number=1, day__session=third())
    desk.goto(f"{live_server.url}/admin/sessions_app/slot/{slot.pk}/change/")
    desk.wait_for_function(LOOK_UPS_ARE_READY)
    beside = desk.locator(".beside")

    desk.get_by_label("Title, English", exact=True).first.fill("Typed just now")
    beside.get_by_role("heading", name="Typed just now").wait_for()
    desk.get_by_role("heading", name="Ms. Margareta Wahlström").click()
    line = desk.locator("#lines-1")
    line.get_by_role("combobox", name="Person").click()
    desk.locator(".select2-search__field").fill("ouedraogo")
    desk.get_by_role("option", name="Chantal Ouédraogo").click()
    echo = "Ms. Chantal Ouédraogo, Counsellor, Burkina Faso"
    line.get_by_role("heading", name=echo).wait_for()
    beside.get_by_text("Chantal Ouédraogo").wait_for()

    slot.refresh_from_db()
    assert slot.title["en"].startswith("International cooperation")
    assert slot.lines.filter(person__family_name="Wahlström").exists()


# --- Without JavaScript --------------------------------------------------------------


@pytest.fixture
def without_javascript(browser, live_server, demonstration, staff):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(30_000)
    sign_in(page, live_server)
    yield page
    context.close()


def test_a_slot_is_created_edited_ordered_and_issued_without_javascript(
    without_javascript,
):
    page = without_javascript
    page.get_by_role("link", name=THIRD).first.click()
    page.get_by_role("link", name="Add a slot here").last.click()
    page.get_by_label("Kind:").select_option("keynote")
    page.get_by_label("Start:").fill("18.10")
    page.get_by_label("End:").fill("18.30")
    page.get_by_label("Title, English", exact=True).first.fill("Farewell address")
    page.locator("[name=lines-0-person_typed]").fill("lauber")
    page.get_by_role("button", name="Save", exact=True).click()
    slot = Slot.objects.get(title__en="Farewell address")
    assert str(slot.lines.get().person) == "Jürg Lauber"

    page.get_by_role("link", name="Farewell address", exact=True).click()
    page.get_by_label("Title, English", exact=True).first.fill("Closing address")
    page.get_by_text("New line").first.click()
    page.locator("[name=lines-1-person_typed]").fill("nobody of the list")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Nobody of the list of people is called").wait_for()
    typed = page.locator("[name=lines-1-person_typed]")
    assert typed.input_value() == "nobody of the list"
    typed.fill("Juan José Gómez Camacho")
    page.locator("[name=lines-1-position]").fill("5")
    page.get_by_role("button", name="Save", exact=True).click()
    slot.refresh_from_db()
    assert slot.title["en"] == "Closing address"
    assert [str(line.person) for line in slot.lines.order_by("position")] == [
        "Juan José Gómez Camacho",
        "Jürg Lauber",
    ]

    page.get_by_role("link", name="Issue…").click()
    page.get_by_role("button", name="Issue edition 3").click()
    page.get_by_role("heading", name=ISSUED).wait_for()
    edition = Edition.objects.of(third()).first()
    assert "Closing address" in str(edition.programme)

    # The grid, the replacement and taking back need none either.
    page.get_by_role("link", name="Back to the session").click()
    page.get_by_role("link", name="Grid of the day").last.click()
    page.get_by_label("First slot").select_option(slot.code)
    page.get_by_label("Minutes").fill("-5")
    page.get_by_role("button", name="Move this slot and all after it").click()
    slot.refresh_from_db()
    assert f"{slot.start:%H.%M}" == "18.05"
    page.get_by_role("button", name="Take back").first.click()
    slot.refresh_from_db()
    assert f"{slot.start:%H.%M}" == "18.10"
