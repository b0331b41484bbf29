"""The start page of the desk: how each session stands, and what is to be done next."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from sessions_app import issuing, outputs
from sessions_app.admin.state import state_of, states_of
from sessions_app.models import Edition, Line, SavedChange, Session, Slot, Withdrawal
from sessions_app.page_dates import moment_there
from sessions_app.translated import text
from tests.desk import page_of, sign_in, words_on
from tests.rows import (
    make_conference,
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_role,
    make_room,
    make_session,
    make_slot,
)

START = "/admin/"
UNCONFIRMED = "/admin/unconfirmed/"
NO_BREAK = "\u00a0"
READY = "Ready: somebody who may issue is to issue it"
NOTHING_TO_DO = "Nothing to do: readers have this programme"


@pytest.fixture
def slot(db):
    """One slot without a fault, on the only day of a session."""
    session = make_session(room=make_room(), ends_on=dt.date(2027, 6, 21))
    return make_slot(make_day(session))


@pytest.fixture
def session(slot):
    return slot.day.session


@pytest.fixture
def issue(monkeypatch):
    """Issues a session. What its note looks like is the business of other tests."""
    monkeypatch.setattr(outputs, "documents_of", lambda *_arguments: [])
    return lambda session, **values: issuing.issue(
        session, by=None, reason="Seen.", **values
    )


def next_step(session, *, may_issue=True):
    """The next step of a session: its words and its address."""
    step = state_of(session, may_issue=may_issue).next_step
    return step.words, step.address


def withdraw(edition):
    Withdrawal.objects.create(
        edition=edition, at=timezone.now(), by=None, reason=text("Wrong paper")
    )


def steps_on(response):
    """The next steps on the page: their words, and where they lead."""
    page = response.content.decode()
    found = re.findall(r'<p class="start-next">(.*?)</p>', page, re.DOTALL)
    return [
        (re.sub(r"<[^>]*>", "", step), "".join(re.findall(r'href="([^"]*)"', step)))
        for step in found
    ]


def sections_on(response):
    """The headings of the page, each with the sessions under it."""
    page = response.content.decode()
    headings = re.findall(
        r"<h2[^>]*>(.*?)</h2>|<h3><a [^>]*>(.*?)</a>|<summary>(.*?)</summary>"
        r'|<li><a href="[^"]*" dir="auto">(.*?)</a>',
        page[page.index('id="content-main"') :],
    )
    return ["".join(heading) for heading in headings]


# --- The next step, in turn ---------------------------------------------------------------


def test_the_next_step_follows_the_work_from_the_first_day_to_nothing_to_do(db, issue):
    session = make_session(room=make_room(), ends_on=dt.date(2027, 6, 21))
    page = page_of(session)
    issuing_page = reverse("admin:sessions_app_session_issue", args=[session.pk])
    assert next_step(session) == ("Add the days", f"{page}#days-heading")

    day = make_day(session)
    assert next_step(session) == (
        "Add the first slot",
        f"{reverse('admin:sessions_app_slot_add')}?day={day.pk}",
    )

    slot = make_slot(day)
    other = make_slot(day, "10:30", "12:00")
    assert next_step(session) == ("Correct 1 error", f"{page}#problems")

    other.start, other.end = dt.time(11), dt.time(12)
    other.save()
    assert next_step(session) == ("Issue the first edition", issuing_page)

    issue(session)
    assert next_step(session) == (NOTHING_TO_DO, "")

    awaited = make_line(slot, person=make_person(), status=Line.Status.TO_BE_CONFIRMED)
    assert next_step(session) == ("Issue the changes", issuing_page)

    issue(session, label="Rev.1")
    assert next_step(session) == (
        "See who is to be confirmed (1)",
        f"{UNCONFIRMED}#session-{session.pk}",
    )

    withdraw(Edition.objects.latest("number"))
    assert next_step(session) == (
        "Issue a new edition for the one withdrawn",
        issuing_page,
    )

    awaited.delete()
    issue(session, label="Rev.2")
    assert next_step(session) == (NOTHING_TO_DO, "")


def test_errors_are_counted(session, slot):
    make_slot(slot.day, "10:30", "11:30")
    make_slot(slot.day, "15:00", "16:00")
    make_slot(slot.day, "15:30", "16:30")

    assert next_step(session)[0] == "Correct 2 errors"


def test_who_may_not_issue_is_not_sent_there(session, slot, issue):
    assert next_step(session, may_issue=False) == (READY, "")

    issue(session)
    assert next_step(session, may_issue=False) == (NOTHING_TO_DO, "")

    slot.title = text("Debate")
    slot.save()
    assert next_step(session, may_issue=False) == (READY, "")

    issue(session)
    withdraw(Edition.objects.latest("number"))
    assert next_step(session, may_issue=False) == (READY, "")


def test_who_may_not_issue_sees_no_way_there_on_the_page(client, session):
    editor = sign_in(client, "editor", duty="editor")

    page = editor.get(START)

    assert steps_on(page) == [(READY, "")]
    assert "/issue/" not in page.content.decode()


# --- How a session stands -----------------------------------------------------------------


def test_another_session_in_the_same_room_at_the_same_time_is_an_error(session, slot):
    make_session(slug="elsewhere", room=make_room(name=text("Room XX")))
    beside = make_session(slug="beside", title=text("Side meeting"), room=session.room)
    make_slot(make_day(beside), "10:30", "11:30")

    alone, both = (
        state_of(session, may_issue=True),
        states_of([session, beside], may_issue=True),
    )

    assert [problem.check for problem in alone.errors] == ["room_twice"]
    assert "Side meeting" in alone.errors[0].sentence
    assert [[p.check for p in state.errors] for state in both] == [
        ["room_twice"],
        ["room_twice"],
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"status": Session.Status.CANCELLED},
        {"is_archived": True},
        {"starts_on": dt.date(2027, 6, 24), "ends_on": dt.date(2027, 6, 24)},
    ],
)
def test_a_session_that_is_not_held_then_takes_no_room(session, slot, changed):
    beside = make_session(slug="beside", room=session.room, **changed)
    make_slot(make_day(beside), "10:30", "11:30")

    assert state_of(session, may_issue=True).errors == ()


def test_who_is_to_be_confirmed_is_counted_as_the_list_of_names_does(
    officer, session, slot, issue
):
    role = make_moderator()
    awaited = {"person": make_person(), "status": Line.Status.TO_BE_CONFIRMED}
    make_line(slot, role=role, **awaited)
    make_line(
        make_slot(slot.day, "11:00", "12:00"),
        text=text("{people} report"),
        holders_of=role,
    )
    for changed in ({"status": Slot.Status.CANCELLED}, {"is_printed": False}):
        make_line(make_slot(slot.day, "15:00", "16:00", **changed), **awaited)
    issue(session)

    assert steps_on(officer.get(START)) == [
        (
            "See who is to be confirmed (1)",
            f"{UNCONFIRMED}#session-{session.pk}",
        )
    ]
    assert words_on(officer.get(UNCONFIRMED))[0] == "First session 1 to be confirmed"

    session.status = Session.Status.CANCELLED
    session.save()
    issue(session)
    assert next_step(session) == (NOTHING_TO_DO, "")


def test_the_page_tells_the_edition_and_what_is_to_be_looked_at(
    officer, session, slot, issue
):
    def state():
        said = words_on(officer.get(START))
        end = said.index("Saved last") if "Saved last" in said else len(said)
        return said[said.index("Mon 21 June") + 1 : end - 1]

    assert state() == ["Not issued"]

    edition = issue(session, label="Rev.1")
    edition.refresh_from_db()
    there = state_of(session, may_issue=True).issued_there
    issued = f"Issued {there.replace(NO_BREAK, ' ')}"
    assert state() == ["Edition 1 (Rev.1) Readers have this programme.", issued]

    make_slot(slot.day, "10:30", "11:30", kind=Slot.Kind.PANEL)
    make_line(slot, person=make_person(), status=Line.Status.TO_BE_CONFIRMED)
    assert state()[:2] == [
        "Edition 1 (Rev.1) Changed since; the changes are not issued yet.",
        issued,
    ]
    assert "1 error" in state()[2]
    assert state()[2].endswith("1 to be confirmed")

    withdraw(edition)
    assert state()[0] == (
        "Edition 1 (Rev.1) Withdrawn: readers are told so, and have no programme."
    )


def test_when_an_edition_was_issued_is_said_in_the_language_of_staff(
    session, monkeypatch, issue
):
    noon = dt.datetime(2027, 6, 1, 10, 5, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    issue(session)
    state = state_of(session, may_issue=True)

    assert state.issued_there == f"1{NO_BREAK}June 2027, 12.05 Geneva time"
    with translation.override("fr"):
        there = f"1er{NO_BREAK}juin 2027, 12{NO_BREAK}h{NO_BREAK}05 (heure de Geneva)"
        assert state.issued_there == there


# --- Which sessions, in which order -------------------------------------------------------


def test_sessions_stand_under_their_conference_the_latest_first_the_archive_at_the_end(
    officer, db
):
    coast = make_conference(slug="coast", title=text("Early warning"))
    ocean = make_conference()
    make_conference(slug="empty", title=text("Conference to come"))
    for conference, name, year, changed in (
        (ocean, "First", 2025, {"is_archived": True}),
        (ocean, "Second", 2026, {}),
        (ocean, "Third", 2027, {"status": "cancelled"}),
        (coast, "Fourth", 2028, {}),
    ):
        make_session(
            conference=conference,
            slug=name.lower(),
            title=text(name),
            starts_on=dt.date(year, 6, 1),
            ends_on=dt.date(year, 6, 2),
            **changed,
        )

    page = officer.get(START)

    assert sections_on(page) == [
        "Early warning",
        "Fourth",
        "Conference on the ocean",
        "Third",
        "Second",
        "Conference to come",
        "Archive and earlier sessions (1)",
        "First",
    ]
    said = words_on(page)
    assert "Third cancelled" in said
    assert "1–2 June 2026" in said
    assert said[-1] == "First 1 June 2025 · Conference on the ocean"
    assert "No session yet. Add its first session" in said


def test_beyond_thirty_the_earliest_sessions_are_listed_without_their_state(
    officer, db
):
    for number in range(33):
        make_session(
            slug=f"number-{number}",
            title=text(f"Session {number}"),
            starts_on=dt.date(2027, 1, 1) + dt.timedelta(days=number),
            ends_on=dt.date(2027, 3, 1),
        )

    page = officer.get(START)

    assert len(steps_on(page)) == 30
    assert sections_on(page)[-4:] == [
        "Archive and earlier sessions (3)",
        "Session 2",
        "Session 1",
        "Session 0",
    ]


def test_what_was_saved_last_is_told_with_its_session(officer, slot):
    line = make_line(slot, person=make_person(), role=make_role())
    page = reverse("desk:line", args=[line.code])
    officer.post(page, {"version_seen": "1", "mark": "status:declined"})

    said = words_on(officer.get(START))

    change = SavedChange.objects.get()
    at = moment_there(change.at, slot.day.session).replace(NO_BREAK, " ")
    last = said.index("Saved last")
    assert said[last + 1 : last + 3] == [
        "All that was saved",
        f"{at} · officer · saved · First session",
    ]
    assert "from confirmed to declined (not printed)" in said[last + 3]
    assert said[-1] == "Take back"


# --- An empty desk, and who may ------------------------------------------------------------


def test_an_empty_database_says_where_to_begin(officer, db):
    page = officer.get(START)

    assert words_on(page) == [
        "Welcome",
        (
            "Begin with the conference: the process that holds the sessions. Then add its "
            "first session, with its days. Add a conference"
        ),
    ]
    assert reverse("admin:sessions_app_conference_add") in page.content.decode()


def test_who_may_not_add_a_conference_is_told_that_there_is_none(client, db):
    editor = sign_in(client, "editor", duty="editor")

    page = editor.get(START)

    assert words_on(page) == [
        "Welcome",
        (
            "There is no conference yet. Once one is added, its sessions are listed here "
            "with what is to be done next."
        ),
    ]
    assert reverse("admin:sessions_app_conference_add") not in page.content.decode()


def test_who_may_not_add_sessions_is_not_offered_it(client, session):
    make_conference(slug="empty", title=text("Conference to come"))

    page = sign_in(client, "viewer", duty="reader").get(START)

    assert reverse("admin:sessions_app_session_add") not in page.content.decode()
    assert "No session yet." in words_on(page)


def test_an_account_without_a_duty_is_told_whom_to_ask(client, session):
    page = sign_in(client, "registrar", duty="none").get(START)

    assert words_on(page) == [
        (
            "Your account has no duty in a conference yet. Ask an Administrator of yours "
            "for one: Reader, Editor or Publisher."
        )
    ]
    assert "First session" not in page.content.decode()


def test_without_an_account_of_staff_the_page_asks_to_sign_in(db):
    assert Client().get(START).url == "/admin/login/?next=/admin/"


def test_the_page_takes_as_many_queries_for_ten_sessions_as_for_one(
    officer, session, slot, issue
):
    def fill(session, number):
        person = make_person(f"Person Number{number}")
        line = make_line(session.days.get().slots.get(), person=person)
        page = reverse("desk:line", args=[line.code])
        officer.post(page, {"version_seen": "1", "mark": "status:declined"})
        issue(session)

    fill(session, 0)
    officer.get(START)
    with CaptureQueriesContext(connection) as one:
        officer.get(START)
    for number in range(1, 10):
        other = make_session(
            slug=f"number-{number}",
            room=make_room(),
            conference=make_conference(slug=f"conference-{number}"),
        )
        make_slot(make_day(other))
        fill(other, number)
    with CaptureQueriesContext(connection) as ten:
        assert len(steps_on(officer.get(START))) == 10

    assert len(ten) == len(one)
