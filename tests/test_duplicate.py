"""A session from a former one, a day from another, and the archive."""

import datetime as dt
import html
import re

import pytest
from django.db import IntegrityError
from django.urls import reverse

from sessions_app import issuing, outputs, taking_back
from sessions_app.admin import duplicate
from sessions_app.compose import compose
from sessions_app.models import Day, Line, Panel, SavedChange, Session, Slot
from sessions_app.translated import text
from tests.at_once import at_once
from tests.desk import sign_in
from tests.forms import typed
from tests.rows import (
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_role,
    make_session,
    make_slot,
)

BIDI = "\u202e"
NUL = "\0"
# The Monday after the session of the tests, and the night in which the clocks of
# Zurich go forward.
NEXT_MONDAY = "2027-06-28"
CLOCKS_GO_FORWARD = dt.date(2027, 3, 28)


@pytest.fixture
def session(db):
    """Monday, Tuesday and Friday of a week; a panel of two people on the Monday."""
    session = make_session(ends_on=dt.date(2027, 6, 25))
    for day in (21, 22, 25):
        make_day(session, dt.date(2027, 6, day))
    slot = make_slot(monday_of(session), kind=Slot.Kind.PANEL, title=text("Cities"))
    Panel.objects.create(slot=slot, number=1)
    make_line(slot, text=text("Panellists"))
    make_line(slot, person=make_person("Ada Lund"), role=make_role())
    make_line(slot, person=make_person("Jürg Lauber"), role=make_moderator())
    make_slot(monday_of(session), "13:00", "14:00", part_of=slot, title=text("Lunch"))
    return session


def monday_of(session):
    return session.days.get(date=session.starts_on)


def page_of(session):
    return reverse("admin:sessions_app_session_change", args=[session.pk])


def duplicate_page(session):
    return reverse("admin:sessions_app_session_duplicate", args=[session.pk])


def copy_page(day):
    return reverse("desk:copy_day", args=[day.pk])


def archive_page(session):
    return reverse("admin:sessions_app_session_archive", args=[session.pk])


def save(client, page, **changed):
    """Opens a page, types, and presses its button; None leaves a field out."""
    values = typed(client.get(page)) | changed
    return client.post(page, {n: v for n, v in values.items() if v is not None})


def refusals_on(response):
    """What the page says is wrong, by the name of the field."""
    assert response.status_code == 200
    page = response.content.decode()
    assert "Nothing was copied." in page
    rows = re.split(r'<div class="form-row field-', page)
    said = {
        row.split(" ")[0].rstrip('">'): [
            html.unescape(sentence)
            for sentence in re.findall(
                r"<li>(.*?)</li>",
                "".join(re.findall(r'<ul class="errorlist".*?</ul>', row, re.DOTALL)),
                re.DOTALL,
            )
        ]
        for row in rows[1:]
    }
    return {name: sentences for name, sentences in said.items() if sentences}


def messages_on(client, address):
    page = client.get(address).content.decode()
    found = re.findall(r'<li class="success">(.*?)</li>', page, re.DOTALL)
    return [html.unescape(said) for said in found]


def dates_on(response):
    """The former and the new date of each day, as the page shows them."""
    page = response.content.decode()
    return re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", page)


def people_of(session):
    return [
        (str(line.person or ""), line.status)
        for line in Line.objects.filter(slot__day__session=session).order_by("pk")
    ]


# --- A session from a former one ------------------------------------------------------


def test_new_session_is_proposed_for_the_same_days_of_the_week(staff, session):
    page = staff.get(duplicate_page(session))

    first = dt.date.fromisoformat(typed(page)["first_day"])
    assert first > session.ends_on
    assert first.weekday() == session.starts_on.weekday()
    assert [
        (before.split(",")[0], after.split(",")[0]) for before, after in dates_on(page)
    ] == [("Monday", "Monday"), ("Tuesday", "Tuesday"), ("Friday", "Friday")]
    assert "UNKNOWN VARIABLE" not in page.content.decode()


def test_new_session_with_its_people_has_each_to_be_confirmed(staff, session):
    answer = save(
        staff,
        duplicate_page(session),
        title=" Second session ",
        slug="second",
        first_day=NEXT_MONDAY,
    )

    fresh = Session.objects.get(slug="second")
    assert (answer.status_code, answer.url) == (302, page_of(fresh))
    assert messages_on(staff, answer.url) == ["The new session is here."]
    assert fresh.title == text("Second session")
    assert [day.date.isoformat() for day in fresh.days.order_by("date")] == [
        "2027-06-28",
        "2027-06-29",
        "2027-07-02",
    ]
    assert people_of(fresh) == [
        ("", "confirmed"),
        ("Ada Lund", "to_be_confirmed"),
        ("Jürg Lauber", "to_be_confirmed"),
    ]
    assert people_of(session)[1] == ("Ada Lund", "confirmed")


def test_new_session_without_people_names_nobody(staff, session):
    save(
        staff,
        duplicate_page(session),
        title="Second session",
        slug="second",
        first_day=NEXT_MONDAY,
        with_people=None,
    )

    assert people_of(Session.objects.get(slug="second")) == [("", "confirmed")]


def test_new_session_is_written_in_the_main_language_of_the_former(staff, session):
    session.languages, session.primary_language = ["ar", "en"], "ar"
    session.save()
    page = staff.get(duplicate_page(session)).content.decode()
    assert re.search(r'<input[^>]*name="title"[^>]*lang="ar"[^>]*dir="rtl"', page)

    save(
        staff,
        duplicate_page(session),
        title="الدورة الثانية",
        slug="second",
        first_day=NEXT_MONDAY,
    )

    assert Session.objects.get(slug="second").title == {"ar": "الدورة الثانية"}


REQUIRED = ["This field is required."]
SLUG = ["Use small letters a to z, figures and single hyphens: third-thematic-session."]


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"title": ""}, {"title": REQUIRED}),
        ({"title": None}, {"title": REQUIRED}),
        (
            {"title": "x" * 301},
            {"title": ["Ensure this value has at most 300 characters (it has 301)."]},
        ),
        (
            {"title": f"Second{BIDI}"},
            {
                "title": [
                    (
                        "Character 7 (U+202E) changes the order in which the text is "
                        "read. Delete it and type the words again."
                    )
                ]
            },
        ),
        ({"title": NUL}, {"title": ["Null characters are not allowed."]}),
        ({"slug": ""}, {"slug": REQUIRED}),
        ({"slug": "Second session"}, {"slug": SLUG}),
        ({"slug": f"second{NUL}"}, {"slug": ["Null characters are not allowed."]}),
        (
            {"slug": "a" * 61},
            {"slug": ["Ensure this value has at most 60 characters (it has 61)."]},
        ),
        (
            {"slug": "first"},
            {
                "slug": [
                    (
                        "Another session of this conference has the address “first”. "
                        "Choose one that is not taken."
                    )
                ]
            },
        ),
        ({"first_day": ""}, {"first_day": REQUIRED}),
        ({"first_day": "soon"}, {"first_day": ["Enter a valid date."]}),
        ({"first_day": NUL}, {"first_day": ["Enter a valid date."]}),
        (
            {"first_day": "9999-12-31"},
            {
                "first_day": [
                    "9999-12-31 is too far away for a session. Check the year."
                ]
            },
        ),
        (
            {"slug": "first", "title": f"{BIDI}Second", "first_day": "9999-12-31"},
            {
                "first_day": [
                    "9999-12-31 is too far away for a session. Check the year."
                ],
            },
        ),
        (
            {"slug": "", "title": "", "first_day": ""},
            {"title": REQUIRED, "slug": REQUIRED, "first_day": REQUIRED},
        ),
    ],
)
def test_what_is_wrong_with_a_new_session_is_told_at_its_field_and_kept(
    staff, session, changed, refused
):
    whole = {"title": "Second", "slug": "second", "first_day": NEXT_MONDAY, **changed}

    page = save(staff, duplicate_page(session), **whole, with_people=None)

    assert refusals_on(page) == refused
    form = typed(page)
    kept = {name: value or "" for name, value in whole.items()}
    assert {name: form[name] for name in kept} == kept
    assert "with_people" not in form
    assert Session.objects.count() == 1


def test_post_without_a_field_is_refused_at_each(staff, session):
    page = staff.post(duplicate_page(session), {})

    assert refusals_on(page) == {
        "title": REQUIRED,
        "slug": REQUIRED,
        "first_day": REQUIRED,
    }


def test_first_day_on_which_the_clocks_leave_a_time_out_is_refused(staff, session):
    make_slot(monday_of(session), "02:30", "04:00", title=text("Vigil"))

    page = save(
        staff,
        duplicate_page(session),
        title="Second",
        slug="second",
        first_day=CLOCKS_GO_FORWARD.isoformat(),
    )

    assert refusals_on(page) == {
        "first_day": [
            (
                "“Vigil”: On 2027-03-28 the clocks in Europe/Zurich go forward and never "
                "show 02.30. Choose a time before or after the change."
            )
        ]
    }
    # The days stand as they would fall with what was typed.
    assert dates_on(page)[0] == (
        "Monday, 21\u00a0June 2027",
        "Sunday, 28\u00a0March 2027",
    )


def test_session_at_the_end_of_the_calendar_has_no_day_proposed(staff, session):
    Session.objects.update(ends_on=dt.date.max)

    page = staff.get(duplicate_page(session))

    assert page.status_code == 200
    assert typed(page)["first_day"] == ""
    assert dates_on(page) == []


def test_address_taken_in_the_same_moment_is_refused_at_its_field(
    staff, session, monkeypatch
):
    def taken(*_arguments, **_options):
        raise IntegrityError

    monkeypatch.setattr(duplicate, "copy_session", taken)

    page = save(
        staff,
        duplicate_page(session),
        title="Second",
        slug="second",
        first_day=NEXT_MONDAY,
    )

    assert refusals_on(page) == {
        "slug": [
            (
                "Another session of this conference has the address “second”. Choose "
                "one that is not taken."
            )
        ]
    }


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_makes_the_session(staff, session):
    values = {"title": "Second", "slug": "second", "first_day": NEXT_MONDAY}

    def post():
        return staff.post(duplicate_page(session), values)

    answers = at_once(post, post)

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert Session.objects.count() == 2


# --- A day from another ---------------------------------------------------------------


def test_first_free_date_is_proposed(staff, session):
    page = staff.get(copy_page(monday_of(session)))

    assert typed(page)["date"] == "2027-06-23"
    content = page.content.decode()
    assert "Copy Monday, 21\u00a0June 2027" in content
    assert (
        "From 21\u00a0June 2027 to 25\u00a0June 2027, a date that is no day yet."
        in content
    )
    assert "UNKNOWN VARIABLE" not in content


def test_session_whose_every_date_is_a_day_says_so(staff):
    session = make_session()
    days = [make_day(session, session.starts_on), make_day(session, session.ends_on)]

    page = staff.get(copy_page(days[0]))

    assert typed(page)["date"] == ""
    assert (
        "Every date from 21\u00a0June 2027 to 22\u00a0June 2027 is a day already: change the last "
        "day of the session first."
    ) in page.content.decode()


def test_copied_day_leads_to_its_grid_and_is_kept_as_one_act(staff, session):
    answer = save(staff, copy_page(monday_of(session)), date="2027-06-24")

    fresh = session.days.get(date=dt.date(2027, 6, 24))
    assert answer.url == reverse("desk:grid", args=[fresh.pk])
    assert messages_on(staff, answer.url) == ["The day was copied."]
    cities, lunch = fresh.slots.order_by("pk")
    assert (cities.title, lunch.part_of) == (text("Cities"), cities)
    assert people_of(session)[3:] == people_of(session)[:3]
    change = SavedChange.objects.get()
    assert (change.act, change.by.username, change.session) == (
        "copied",
        "admin",
        session,
    )
    session.refresh_from_db()
    assert session.version == 2


def test_copied_day_is_taken_back_as_one_and_all_is_as_before(
    staff, admin_user, session
):
    before = compose(session).to_value()
    rows = [list(model.objects.values()) for model in (Day, Slot, Panel, Line)]
    save(staff, copy_page(monday_of(session)), date="2027-06-24")
    copied = compose(session).to_value()
    assert copied != before

    done = taking_back.take_back(SavedChange.objects.get(), admin_user)

    assert compose(session).to_value() == before
    assert [list(model.objects.values()) for model in (Day, Slot, Panel, Line)] == rows
    # And once more: what was taken back comes again, the lunch within its panel.
    taking_back.take_back(done, admin_user)
    assert compose(session).to_value() == copied


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("", "This field is required."),
        (None, "This field is required."),
        ("soon", "Enter a valid date."),
        (NUL, "Enter a valid date."),
        (
            "2027-06-22",
            (
                "The session has the day 2027-06-22 already. Choose a date between "
                "2027-06-21 and 2027-06-25 that is none of its days."
            ),
        ),
        (
            "2027-07-01",
            (
                "The session lasts from 2027-06-21 to 2027-06-25. Choose a date of it, "
                "or change the session’s dates first."
            ),
        ),
        (
            "9999-12-31",
            (
                "The session lasts from 2027-06-21 to 2027-06-25. Choose a date of it, "
                "or change the session’s dates first."
            ),
        ),
    ],
)
def test_date_to_which_no_day_is_copied_is_told_at_its_field_and_kept(
    staff, session, date, told
):
    page = save(staff, copy_page(monday_of(session)), date=date)

    assert refusals_on(page) == {"date": [told]}
    assert typed(page)["date"] == (date or "")
    assert (Day.objects.count(), SavedChange.objects.count()) == (3, 0)


def test_copy_on_which_the_clocks_leave_a_time_out_is_refused(staff):
    session = make_session(
        starts_on=CLOCKS_GO_FORWARD - dt.timedelta(1), ends_on=CLOCKS_GO_FORWARD
    )
    day = make_day(session)
    make_slot(day, "02:30", "04:00", title=text("Vigil"))

    page = save(staff, copy_page(day), date=CLOCKS_GO_FORWARD.isoformat())

    assert refusals_on(page) == {
        "date": [
            (
                "“Vigil”: On 2027-03-28 the clocks in Europe/Zurich go forward and never "
                "show 02.30. Choose a time before or after the change."
            )
        ]
    }
    assert typed(page)["date"] == CLOCKS_GO_FORWARD.isoformat()


@pytest.mark.django_db(transaction=True)
def test_of_two_copies_at_once_each_is_taken_back_alone(staff, admin_user, session):
    page = copy_page(monday_of(session))

    answers = at_once(
        lambda: staff.post(page, {"date": "2027-06-23"}),
        lambda: staff.post(page, {"date": "2027-06-24"}),
    )

    assert [answer.status_code for answer in answers] == [302, 302]
    first, second = SavedChange.objects.order_by("pk")
    taking_back.take_back(first, admin_user)
    assert session.days.count() == 4
    taking_back.take_back(second, admin_user)
    assert session.days.count() == 3


# --- The archive ----------------------------------------------------------------------


@pytest.fixture
def issued(session, monkeypatch):
    """The session, issued once; its documents are the business of other tests."""
    monkeypatch.setattr(outputs, "documents_of", lambda *_arguments: [])
    issuing.issue(session, by=None, reason="Seen.")
    return session


def test_session_goes_into_the_archive_and_comes_out_of_it(staff, session):
    answer = staff.post(archive_page(session), {"archive": "1"})
    session.refresh_from_db()

    assert (session.is_archived, session.version) == (True, 2)
    assert messages_on(staff, answer.url) == [
        "The session is in the archive, and stays as it is for readers."
    ]
    # A double click puts it there once.
    twice = staff.post(archive_page(session), {"archive": "1"})
    assert len(messages_on(staff, twice.url)) == 1
    session.refresh_from_db()
    assert (session.is_archived, session.version) == (True, 2)
    answer = staff.post(archive_page(session), {"archive": "0"})
    session.refresh_from_db()
    assert (session.is_archived, session.version) == (False, 3)
    assert messages_on(staff, answer.url) == ["The session is on the desk again."]


def test_the_archive_changes_nothing_that_prints(staff, session):
    Session.objects.update(status=Session.Status.CANCELLED)
    before = compose(session).to_value()

    staff.post(archive_page(session), {"archive": "1"})

    assert compose(session).to_value() == before


def test_archiving_is_kept_in_the_history_and_taken_back(staff, admin_user, session):
    staff.post(archive_page(session), {"archive": "1"})

    change = SavedChange.objects.get()
    assert (change.act, change.by, change.session) == ("saved", admin_user, session)
    assert [row.differences for row in change.rows.all()] == [
        [["", "is_archived", False, True]]
    ]
    page = staff.get(page_of(session).replace("/change/", "/history/"))
    assert "In the archive" in page.content.decode()
    taking_back.take_back(change, admin_user)
    session.refresh_from_db()
    assert not session.is_archived


def test_archive_is_reached_by_post_alone(staff, session):
    answer = staff.get(archive_page(session))

    assert answer.status_code == 405
    session.refresh_from_db()
    assert session.status == "active"


def test_readers_see_the_same_bytes_of_a_session_in_the_archive(
    staff, issued, editions_folder, client
):
    def folder():
        return {
            path.relative_to(editions_folder): path.read_bytes()
            for path in editions_folder.rglob("*")
            if path.is_file()
        }

    def answers():
        address = f"/en/{issued.conference.slug}/{issued.slug}/"
        pages = [address, f"{address}programme.json", f"{address}agenda.ics", "/en/"]
        return [client.get(page).content for page in pages]

    before = folder(), answers()
    assert len(before[0]) > 0

    staff.post(archive_page(issued))

    assert (folder(), answers()) == before
    assert issued.editions.count() == 1


def test_session_in_the_archive_is_out_of_the_way_on_the_desk(staff, session):
    address = f'href="{page_of(session)}"'
    on_desk = staff.get(reverse("admin:index")).content.decode()
    assert address in on_desk
    assert "Archive and earlier sessions" not in on_desk

    staff.post(archive_page(session), {"archive": "1"})

    page = staff.get(reverse("admin:index")).content.decode()
    desk, archive = page.split("Archive and earlier sessions")
    assert (address in desk, address in archive) == (False, True)


# --- Who may ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address_of",
    [duplicate_page, lambda session: copy_page(monday_of(session))],
)
def test_only_who_may_add_sees_the_page(client, session, address_of):
    address = address_of(session)
    reader = sign_in(client, "reader", duty="reader")
    assert reader.get(address).status_code == 403
    assert reader.post(address, {}).status_code == 403

    assert sign_in(client, "editor", duty="editor").get(address).status_code == 200


def test_only_who_may_change_a_session_archives_it(client, session):
    reader = sign_in(client, "reader", duty="reader")
    assert reader.post(archive_page(session), {"archive": "1"}).status_code == 403
    session.refresh_from_db()
    assert not session.is_archived

    sign_in(client, "editor", duty="editor").post(
        archive_page(session), {"archive": "1"}
    )

    session.refresh_from_db()
    assert session.is_archived


def test_what_does_not_exist_is_not_found(staff, db):
    absent = Session(pk=987654)
    answers = [
        staff.get(duplicate_page(absent)),
        staff.get(copy_page(Day(pk=987654))),
        staff.post(archive_page(absent)),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_session_from_a_former_one_is_told_on_its_page_and_taken_back(
    staff, admin_user, session
):
    make_slot(session.days.first(), title=text("Kept beside"))
    save(staff, duplicate_page(session), title="Second session", slug="second")
    fresh = Session.objects.get(slug="second")

    change = SavedChange.objects.get(session=fresh)
    assert (change.act, change.by) == ("copied", admin_user)
    taking_back.take_back(change, admin_user)

    assert list(Session.objects.values_list("slug", flat=True)) == [session.slug]
    assert set(Slot.objects.values_list("day__session", flat=True)) == {session.pk}
