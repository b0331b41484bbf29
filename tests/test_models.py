import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from sessions_app.models import Day, Footnote, Line, Session, Slot
from sessions_app.translated import text
from speakers.codes import ALPHABET, new_code, seeded
from speakers.models import Person
from tests.rows import (
    make_conference,
    make_day,
    make_line,
    make_person,
    make_role,
    make_room,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.django_db


def refused(make, constraint):
    """Asserts that the database itself refuses what `make` writes."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        make()
    assert constraint in str(error.value)


@pytest.fixture
def day():
    return make_day(make_session())


def test_slot_that_ends_before_it_starts_is_refused(day):
    refused(lambda: make_slot(day, "11:00", "10:00"), "slot_ends_after_it_starts")


def test_slot_that_ends_after_midnight_may_end_at_an_earlier_hour(day):
    assert make_slot(day, "21:00", "00:30", ends_next_day=True).pk


def test_slot_with_an_end_and_no_start_is_refused(day):
    refused(lambda: make_slot(day, "", "10:00"), "slot_with_an_end_has_a_start")


def test_two_days_of_a_session_never_have_one_date(day):
    refused(
        lambda: Day.objects.create(session=day.session, date=day.date),
        # SQLite names the columns of a broken uniqueness, PostgreSQL the constraint.
        "day",
    )


def test_line_with_two_participants_is_refused(day):
    slot, person, role = make_slot(day), make_person(), make_role()
    refused(
        lambda: make_line(slot, person=person, holders_of=role),
        "line_has_at_most_one_participant",
    )
    refused(
        lambda: make_line(slot, person=person, unnamed=text("Somebody")),
        "line_has_at_most_one_participant",
    )


def test_line_without_text_and_participant_is_refused(day):
    slot = make_slot(day)
    refused(lambda: make_line(slot), "line_has_a_text_or_a_participant")


def test_text_longer_than_its_bound_is_refused_by_the_database_too(day):
    refused(lambda: make_slot(day, title=text("x" * 4000)), "slot_title_is_bounded")


def test_address_of_a_session_is_unique_in_its_conference():
    session = make_session()
    refused(
        lambda: make_session(conference=session.conference),
        "session",
    )


def test_person_in_a_programme_cannot_be_deleted(day):
    person = make_person()
    make_line(make_slot(day), person=person)

    with pytest.raises(ProtectedError):
        person.delete()


def test_room_in_use_cannot_be_deleted(day):
    room = make_room()
    make_slot(day, room=room)

    with pytest.raises(ProtectedError):
        room.delete()


@pytest.mark.parametrize("date", ["2027-06-20", "2027-06-23"])
def test_day_outside_the_session_is_named_at_its_date(date):
    day = Day(session=make_session(), date=dt.date.fromisoformat(date))

    with pytest.raises(ValidationError) as error:
        day.full_clean()

    assert error.value.message_dict == {
        "date": [
            (
                "The session lasts from 2027-06-21 to 2027-06-22. Choose a date of it, or "
                "change the session’s dates first."
            )
        ]
    }


def test_slot_at_a_time_that_does_not_exist_is_named_at_its_field():
    session = make_session(starts_on=dt.date(2027, 3, 28), ends_on=dt.date(2027, 3, 28))
    slot = make_slot(make_day(session), "01:00", "02:30")

    with pytest.raises(ValidationError) as error:
        slot.full_clean()

    assert list(error.value.message_dict) == ["end"]


def test_zone_in_which_a_slot_would_not_exist_is_refused():
    session = make_session(
        zone="UTC", starts_on=dt.date(2027, 3, 28), ends_on=dt.date(2027, 3, 28)
    )
    make_slot(make_day(session), "02:30", "03:30")
    session.zone = "Europe/Zurich"

    with pytest.raises(ValidationError) as error:
        session.full_clean()

    assert list(error.value.message_dict) == ["zone"]


@pytest.mark.parametrize("said", ["{people} and {people}", "{person}", "a } b"])
def test_curly_brackets_of_a_line_stand_only_for_people(day, said):
    line = Line(slot=make_slot(day), text=text(said))

    with pytest.raises(ValidationError) as error:
        line.full_clean()

    assert list(error.value.message_dict) == ["text"]


@pytest.mark.parametrize("said", ["Moderated", "{people} {people}", "{people} {x}"])
def test_closing_line_of_a_role_names_people_once(said):
    role = make_role(by_line=text(said))

    with pytest.raises(ValidationError) as error:
        role.full_clean()

    assert list(error.value.message_dict) == ["by_line"]


def test_records_are_merged_in_one_step():
    kept, merged, other = (make_person(name) for name in ("A Lund", "B Lund", "C Lund"))
    merged.merged_into = kept
    merged.full_clean()
    merged.save()

    other.merged_into = merged
    kept.merged_into = other
    for person in (other, kept):
        with pytest.raises(ValidationError) as error:
            person.full_clean()
        assert list(error.value.message_dict) == ["merged_into"]


def test_main_language_is_one_of_the_session():
    session = make_session(languages=["fr"])

    with pytest.raises(ValidationError) as error:
        session.full_clean()

    assert list(error.value.message_dict) == ["primary_language"]


@pytest.mark.parametrize("languages", [[], ["de"], ["en", "en"], "en", None])
def test_languages_are_official_ones_each_once(languages):
    session = make_session()
    session.languages = languages

    with pytest.raises(ValidationError) as error:
        session.full_clean()

    assert "languages" in error.value.message_dict


def test_footnote_key_is_unique_in_its_session(day):
    Footnote.objects.create(session=day.session, key="a", text=text("x"))
    refused(
        lambda: Footnote.objects.create(session=day.session, key="a", text=text("y")),
        "footnote",
    )


def test_codes_are_random_and_a_seed_repeats_them():
    with seeded("x"):
        first = [new_code() for _ in range(3)]
    with seeded("x"):
        second = [new_code() for _ in range(3)]

    assert first == second
    assert new_code() not in first
    assert all(len(code) == 7 and set(code) <= set(ALPHABET) for code in first)


def test_deleting_a_slot_takes_its_lines_and_no_person(day):
    slot = make_slot(day)
    make_line(slot, person=make_person())

    slot.delete()

    assert (Slot.objects.count(), Line.objects.count()) == (0, 0)
    assert Person.objects.count() == 1


def test_a_session_with_editions_cannot_be_deleted(demonstration):
    session = Session.objects.get(slug="third-thematic-session")

    with pytest.raises(ProtectedError):
        session.delete()


@pytest.mark.parametrize("slug", ["check", "offline"])
def test_conference_is_not_put_where_rostrum_has_a_page_of_its_own(db, slug):
    conference = make_conference(slug="ocean")
    conference.slug = slug

    with pytest.raises(ValidationError) as refusal:
        conference.full_clean()

    assert refusal.value.messages == [
        "This address is taken by Rostrum itself: choose another."
    ]
