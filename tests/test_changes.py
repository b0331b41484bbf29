import pytest

from sessions_app.changes import Change, compare
from sessions_app.compose import compose
from sessions_app.models import Slot
from sessions_app.translated import text
from tests.rows import make_day, make_line, make_person, make_session, make_slot

pytestmark = pytest.mark.django_db


def test_same_programme_has_no_changes():
    session = make_session()
    make_slot(make_day(session))

    assert compare(compose(session), compose(session)) == []


def test_changed_title_is_one_change_at_its_address():
    session = make_session()
    slot = make_slot(make_day(session), title=text("Old"))
    before = compose(session)
    Slot.objects.update(title=text("New"))

    assert compare(before, compose(session)) == [
        Change(f"days/2027-06-21/slots/{slot.code}/title/en", "Old", "New")
    ]


def test_replaced_person_changes_name_and_code_on_the_same_line():
    session = make_session()
    slot = make_slot(make_day(session))
    line = make_line(slot, person=make_person("Ada Lund"))
    before = compose(session)
    successor = make_person("Bo Berg")
    former, line.person = line.person, successor
    line.save()

    changes = compare(before, compose(session))

    prefix = f"days/2027-06-21/slots/{slot.code}/lines/{line.code}.people"
    person = f"{prefix}/people/{line.code}"
    assert changes == [
        Change(f"{person}/person", former.code, successor.code),
        Change(f"{person}/name/en", "Ada Lund", "Bo Berg"),
        Change(f"{person}/printed/en", "Ms. Ada Lund", "Ms. Bo Berg"),
        Change(f"{person}/sort_name", "Lund, Ada", "Berg, Bo"),
    ]


def test_swapped_people_change_their_order_alone():
    session = make_session()
    slot = make_slot(make_day(session))
    first = make_line(slot, text=text("Welcome"))
    one = make_line(slot, person=make_person("Ada Lund"), position=20)
    two = make_line(slot, person=make_person("Bo Berg"), position=30)
    before = compose(session)
    two.position = 15
    two.save()

    assert compare(before, compose(session)) == [
        Change(
            f"days/2027-06-21/slots/{slot.code}/lines/{first.code}/people/order",
            [one.code, two.code],
            [two.code, one.code],
        )
    ]


def test_new_slot_adds_its_fields_and_no_change_of_order():
    session = make_session()
    day = make_day(session)
    make_slot(day, "09:00", "10:00")
    before = compose(session)
    slot = make_slot(day, "10:00", "11:00", title=text("Added"))

    changes = compare(before, compose(session))

    at = f"days/2027-06-21/slots/{slot.code}"
    assert {change.address for change in changes} >= {f"{at}/title/en", f"{at}/start"}
    assert all(change.before is None for change in changes)
    assert not [change for change in changes if change.address.endswith("/order")]


def test_removed_slot_is_told_at_the_end():
    session = make_session()
    day = make_day(session)
    gone = make_slot(day, "09:00", "10:00")
    kept = make_slot(day, "10:00", "11:00")
    before = compose(session)
    gone.delete()
    kept.title = text("Kept")
    kept.save()

    changes = compare(before, compose(session))

    assert changes[0].address == f"days/2027-06-21/slots/{kept.code}/title/en"
    assert {change.after for change in changes[1:]} == {None}
