"""What a form would print while it is typed in: composed like everything that prints,
and never written."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app.compose import compose
from sessions_app.models import Footnote, Line, Panel, Slot
from sessions_app.translated import text
from speakers.models import Person, Role
from tests.forms import typed
from tests.rows import (
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_role,
    make_room,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.thorough


@pytest.fixture
def slot(db):
    """A panel with two people, between two other slots."""
    session = make_session(room=make_room())
    day = make_day(session)
    make_slot(day, "09:00", "10:00", title=text("Opening"))
    slot = make_slot(day, kind=Slot.Kind.PANEL)
    Panel.objects.create(slot=slot, number=1)
    make_line(slot, person=make_person("Ada Lund"), role=make_role())
    make_line(slot, person=make_person("Jürg Lauber"), role=make_moderator())
    make_slot(day, "11:00", "12:00", title=text("Closing"))
    return slot


def change_page(slot):
    return reverse("admin:sessions_app_slot_change", args=[slot.pk])


def echo(client, slot, **changed):
    """The answer to the form of a slot's page with something typed: the row in words,
    and each line."""
    values = typed(client.get(change_page(slot)))
    values |= {name.replace("__", "-"): said for name, said in changed.items()}
    address = reverse("admin:sessions_app_slot_echo", args=[slot.pk])
    return parts_of(client.post(address, values))


def parts_of(response):
    assert response.status_code == 200
    page = response.content.decode()
    row = re.search(
        r'data-echo="row">(.*?)</div>\s*(?=<p data-echo|<p class="quiet is-stale|$)',
        page,
        re.DOTALL,
    )
    lines = re.findall(r'<p data-echo="(.*?)">(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", row[1]).split()), dict(lines)


def test_the_page_shows_the_row_as_it_prints_and_each_line_as_its_heading(staff, slot):
    page = staff.get(change_page(slot)).content.decode()

    assert re.findall(r'<h3 dir="auto" data-echo="lines-\d">(.*?)</h3>', page) == [
        "Ms. Ada Lund, Director",
        "Moderated by Ms. Jürg Lauber, Director",
        "New line",
    ]
    assert parts_of(staff.get(change_page(slot)))[0] == (
        "10.00–11.00 1 h Room XIX Panel 1 Statements Panellist Ms. Ada Lund Director "
        "Moderated by Ms. Jürg Lauber , Director"
    )


def test_what_is_typed_is_shown_as_it_would_print_and_nothing_is_saved(staff, slot):
    before = compose(slot.day.session).to_value()

    row, lines = echo(
        staff,
        slot,
        title_en="Typed",
        start="10.30",
        lines__0__function_en="Minister",
        lines__2__text_en="Exchange with {people}",
        lines__2__person=str(make_person("Li Wei").pk),
    )

    assert row == (
        "10.30–11.00 30 min Room XIX Panel 1 Typed Panellist Ms. Ada Lund Minister "
        "Moderated by Ms. Jürg Lauber , Director Exchange with Ms. Li Wei , Director"
    )
    assert lines == {
        "lines-0": "Ms. Ada Lund, Minister",
        "lines-1": "Moderated by Ms. Jürg Lauber, Director",
        "lines-2": "Exchange with Ms. Li Wei, Director",
    }
    assert compose(slot.day.session).to_value() == before


def test_what_cannot_be_read_is_shown_as_it_was(staff, slot):
    row, _lines = echo(staff, slot, start="25.99", title_en="Typed", kind="nonsense")

    assert row.startswith("10.00–11.00 1 h Room XIX Panel 1 Typed")


def test_lines_are_shown_in_the_order_typed_without_those_to_be_deleted(staff, slot):
    row, lines = echo(staff, slot, lines__0__position="30", lines__1__DELETE="on")

    assert "Moderated" not in row
    assert lines == {"lines-0": "Ms. Ada Lund, Director"}


def test_a_line_that_does_not_print_says_why(staff, slot):
    _row, lines = echo(staff, slot, lines__0__status="declined")

    assert lines["lines-0"] == "Ada Lund · declined (not printed)"


def test_a_slot_that_does_not_print_says_so(staff, slot):
    values = typed(staff.get(change_page(slot)))
    values.pop("is_printed")
    address = reverse("admin:sessions_app_slot_echo", args=[slot.pk])

    row, lines = parts_of(staff.post(address, values))

    assert row == "This slot does not print."
    assert lines["lines-0"] == "Ada Lund"


def test_footnotes_are_numbered_as_in_the_whole_programme(staff, slot):
    session = slot.day.session
    for key in ("first", "second"):
        Footnote.objects.create(session=session, key=key, text=text(key))
    Slot.objects.filter(title__en="Opening").update(title=text("Opening[^first]"))

    row, _lines = echo(staff, slot, title_en="Typed[^second]")

    assert "Typed 2" in row


def test_a_new_slot_is_shown_as_soon_as_it_has_a_day(staff, slot):
    add = reverse("admin:sessions_app_slot_add")
    address = reverse("admin:sessions_app_slot_echo")
    day = slot.day

    assert parts_of(staff.get(add))[0] == (
        "Choose the day: then the row is shown here while you type."
    )
    page = f"{add}?day={day.pk}&start=13.00&end=14.30"
    assert parts_of(staff.get(page))[0] == "13.00–14.30 1 h 30 Room XIX"
    values = typed(staff.get(page)) | {"title_en": "New", "panel-0-number": "4"}
    row, _lines = parts_of(staff.post(address, values))
    assert row == "13.00–14.30 1 h 30 Room XIX Panel 4 New"
    assert Slot.objects.count() == 3


def test_a_draft_leaves_all_other_slots_as_they_are(slot):
    session = slot.day.session
    before = compose(session)

    draft = Slot(pk=0, day=slot.day, title=text("Draft"), position=5)
    draft._prefetched_objects_cache = {"lines": [], "documents": []}
    after = compose(session, draft=draft)

    others = [entry for entry in after.slots if entry.code != draft.code]
    assert others == list(before.slots)
    assert [entry.part_of for entry in after.slots] == [None] * 4


def test_the_echo_is_for_staff_with_a_duty_in_the_conference(client, slot):
    address = reverse("admin:sessions_app_slot_echo", args=[slot.pk])
    assert client.post(address).status_code == 302

    client.force_login(User.objects.create(username="reader", is_staff=True))
    assert client.post(address).status_code == 404


def test_the_echo_asks_for_as_much_with_many_slots_as_with_few(staff, slot):
    values = typed(staff.get(change_page(slot)))
    address = reverse("admin:sessions_app_slot_echo", args=[slot.pk])
    counts = []
    for more in (0, 30):
        for _number in range(more):
            other = make_slot(slot.day, "14:00", "15:00")
            make_line(other, person=Person.objects.first(), role=Role.objects.first())
        with CaptureQueriesContext(connection) as queries:
            staff.post(address, values)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_role_and_a_person_are_echoed_in_their_languages(staff, slot):
    role = Role.objects.get(key="moderator")
    page = reverse("admin:speakers_role_change", args=[role.pk])
    values = typed(staff.get(page)) | {"by_line_en": "In the chair: {people}"}
    answer = staff.post(page.replace("/change/", "/echo/"), values).content.decode()
    assert re.findall(r'<p lang="en" dir="auto">(.*?)</p>', answer) == [
        "In the chair: Ms. Ada Lund, Director of the Ocean Institute",
        (
            "In the chair: Ms. Ada Lund, Director of the Ocean Institute; and Mr. Omar "
            "Haddad, Permanent Representative of the host country"
        ),
    ]

    person = Person.objects.get(family_name="Lauber")
    page = reverse("admin:speakers_person_change", args=[person.pk])
    values = typed(staff.get(page)) | {
        "honorific_en": "H.E. Mr.",
        "printed_name_zh-hans": "劳贝尔",
        "honorific_zh-hans": "先生",
    }
    answer = staff.post(page.replace("/change/", "/echo/"), values).content.decode()
    assert re.findall(r'<p lang="(.*?)" dir="auto">(.*?)</p>', answer) == [
        ("zh-Hans", "劳贝尔先生, Director"),
        ("en", "H.E. Mr. Jürg Lauber, Director"),
    ]
    assert Line.objects.filter(person=person).count() == 1
