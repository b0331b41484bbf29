import datetime as dt

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.compose import compose
from sessions_app.copying import (
    copy_day,
    copy_session,
    proposed_first_day,
    weekday_changes,
)
from sessions_app.issuing import issue
from sessions_app.models import (
    Day,
    Footnote,
    Line,
    Panel,
    Section,
    Session,
    Slot,
    SlotDocument,
)
from sessions_app.translated import text
from tests.at_once import at_once
from tests.rows import (
    make_conference,
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_programme_of,
    make_role,
    make_room,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = dt.date(2027, 6, 21), dt.date(2027, 6, 22)
A_YEAR_LATER = dt.date(2028, 6, 19)
# The last Sunday of March: 02.00 to 03.00 does not exist in Zurich.
CLOCKS_GO_FORWARD = dt.date(2027, 3, 28)
NEVER_SHOWN = (
    "“Night watch”: On 2027-03-28 the clocks in Europe/Zurich go forward and never show "
    "02.30. Choose a time before or after the change."
)


@pytest.fixture
def session():
    return make_session()


@pytest.fixture
def day(session):
    return make_day(session)


@pytest.fixture
def full_day(day):
    """A day on which every field of a slot, of its panel, lines and documents is
    filled in somewhere."""
    whole = make_slot(
        day,
        "09:00",
        "01:00",
        ends_next_day=True,
        kind=Slot.Kind.PANEL,
        title=text("Statements", fr="Déclarations"),
        text=text("The concept."),
        aside=text("Space for side events"),
        room=make_room(name=text("Room XX")),
        status=Slot.Status.POSTPONED,
        is_parallel=True,
        agenda_item="Item 3 (a)",
        interpretation=["en", "fr"],
        webcast="https://webtv.example/live",
        internal_note="Ask the interpreters.",
        version=7,
    )
    make_slot(day, "", "", when=text("Upon conclusion of the panel"), part_of=whole)
    make_slot(day, "11:00", "12:00", title=text("For the desk"), is_printed=False)
    Panel.objects.create(
        slot=whole, number=2, label=text("Panel II"), questions=text("Who pays?")
    )
    moderator = make_moderator()
    make_line(whole, text=text("Opened by {people}"), unnamed=text("A delegate"))
    make_line(
        whole,
        person=make_person(),
        role=moderator,
        honorific=text("H.E. Ms."),
        function=text("Chair"),
        state=text("Norway"),
        status=Line.Status.WITHDRAWN,
        mode=Line.Mode.REMOTE,
        internal_note="Travels on Monday.",
    )
    make_line(whole, text=text("Closed by the moderators"), holders_of=moderator)
    SlotDocument.objects.create(
        slot=whole,
        position=3,
        symbol="A/71/1",
        title=text("Report"),
        address="https://undocs.example/A/71/1",
    )
    return day


def numbered(value, codes=None):
    """A programme as plain values without its dates, every code counted where it first
    comes: two programmes that differ in dates and codes alone are the same."""
    codes = {} if codes is None else codes
    if isinstance(value, list):
        return [numbered(part, codes) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        key: codes.setdefault(part, len(codes))
        if key in {"code", "part_of"}
        else numbered(part, codes)
        for key, part in value.items()
        if key not in {"date", "number", "starts_at", "ends_at"}
    }


def fields_of(row, *but):
    """All that a copy has in common with its original."""
    left = {"id", "code", "version", *but}
    return {
        column.name: getattr(row, column.attname)
        for column in row._meta.concrete_fields
        if column.name not in left
    }


def what_a_day_holds(day):
    slots = day.slots.order_by("pk")
    return [
        (
            fields_of(slot, "day", "part_of"),
            fields_of(slot.panel, "slot") if hasattr(slot, "panel") else None,
            [fields_of(line, "slot") for line in slot.lines.order_by("pk")],
            [fields_of(paper, "slot") for paper in slot.documents.order_by("pk")],
        )
        for slot in slots
    ]


def refusal(act):
    with pytest.raises(ValidationError) as refused:
        act()
    return refused.value.message_dict


# --- A day -----------------------------------------------------------------------


def test_copied_day_prints_what_the_day_prints(session, full_day):
    before = compose(session).to_value()["days"]

    copy_day(full_day, TUESDAY)

    after = compose(session).to_value()["days"]
    assert after[0] == before[0]
    assert numbered(after[1]) == numbered(after[0])
    assert [day["date"] for day in after] == ["2027-06-21", "2027-06-22"]


def test_copied_day_holds_every_field_of_every_row(full_day):
    copy = copy_day(full_day, TUESDAY)

    held = what_a_day_holds(full_day)
    assert [len(held), len(held[0][2]), len(held[0][3])] == [3, 3, 1]
    assert what_a_day_holds(copy) == held


def test_nothing_that_hangs_on_a_slot_or_a_session_is_forgotten():
    def hanging_on(model):
        return {relation.name for relation in model._meta.related_objects}

    never_copied = {
        "editions",
        "redactions",
        "issuances",
        "acknowledgements",
        "changes",
    }
    assert hanging_on(Slot) == {"panel", "lines", "documents", "parts"}
    assert hanging_on(Day) == {"slots"}
    assert hanging_on(Session) - never_copied == {"days", "sections", "footnotes"}


def test_copied_day_has_new_codes_and_first_versions(full_day):
    Day.objects.update(version=5)

    copy = copy_day(full_day, TUESDAY)

    versions = {copy.version, *copy.slots.values_list("version", flat=True)}
    assert versions == {1}
    for rows in (Slot, Line):
        codes = rows.objects.values_list("code", flat=True)
        assert len(set(codes)) == len(codes) == 6


def test_part_of_a_slot_of_the_day_is_part_of_its_copy(full_day):
    copy = copy_day(full_day, TUESDAY)

    whole, part, _desk = copy.slots.order_by("pk")
    assert part.part_of == whole


def test_part_of_a_slot_of_another_day_stays_part_of_it(session, day):
    elsewhere = make_slot(make_day(session, TUESDAY))
    make_slot(day, part_of=elsewhere)
    session.ends_on = dt.date(2027, 6, 23)
    session.save()

    copy = copy_day(day, session.ends_on)

    assert copy.slots.get().part_of == elsewhere


def test_date_outside_the_session_is_refused(day):
    assert refusal(lambda: copy_day(day, dt.date(2027, 6, 23))) == {
        "date": [
            (
                "The session lasts from 2027-06-21 to 2027-06-22. Choose a date of it, or "
                "change the session’s dates first."
            )
        ]
    }


def test_date_that_is_a_day_of_the_session_is_refused(session, day):
    assert refusal(lambda: copy_day(day, MONDAY)) == {
        "date": [
            (
                "The session has the day 2027-06-21 already. Choose a date between "
                "2027-06-21 and 2027-06-22 that is none of its days."
            )
        ]
    }


def test_day_on_which_the_clocks_leave_a_time_out_is_refused_whole():
    saturday = CLOCKS_GO_FORWARD - dt.timedelta(days=1)
    session = make_session(starts_on=saturday, ends_on=CLOCKS_GO_FORWARD)
    day = make_day(session)
    make_slot(day, "10:00", "11:00")
    make_slot(day, "02:30", "04:00", title=text("Night watch"))

    assert refusal(lambda: copy_day(day, CLOCKS_GO_FORWARD)) == {"date": [NEVER_SHOWN]}

    assert [day.date for day in session.days.all()] == [saturday]


def test_end_after_midnight_is_looked_for_on_the_next_date():
    friday = CLOCKS_GO_FORWARD - dt.timedelta(days=2)
    session = make_session(starts_on=friday, ends_on=CLOCKS_GO_FORWARD)
    day = make_day(session)
    make_slot(day, "22:00", "02:30", ends_next_day=True, title=text("Night watch"))

    saturday = friday + dt.timedelta(days=1)
    assert refusal(lambda: copy_day(day, saturday)) == {"date": [NEVER_SHOWN]}


def make_programme_to_copy(slots):
    session = make_session(slug=f"with-{slots}-slots")
    day = make_day(session)
    person = make_person()
    first = None
    for _number in range(slots):
        slot = make_slot(day, part_of=first)
        first = first or slot
        Panel.objects.create(slot=slot)
        make_line(slot, person=person)
        SlotDocument.objects.create(slot=slot, title=text("Report"))
    return session, day


def copied_day(_session, day):
    return copy_day(day, TUESDAY)


def copied_session(session, _day):
    return next_session(session, slug=f"after-{session.slug}").days.get()


@pytest.mark.parametrize("copied", [copied_day, copied_session])
def test_thirty_slots_take_as_many_queries_as_three(copied):
    counted = []
    for slots in (3, 30):
        session, day = make_programme_to_copy(slots)
        with CaptureQueriesContext(connection) as queries:
            copy = copied(session, day)
        counted.append(len(queries))
        assert copy.slots.count() == slots

    assert counted[0] == counted[1]


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_makes_the_day_and_the_other_is_told():
    session = make_programme_of(2)
    day = session.days.get()

    results = at_once(*[lambda: copy_day(day, TUESDAY)] * 2)

    told = [r.message_dict for r in results if isinstance(r, ValidationError)]
    assert [list(fault) for fault in told] == [["date"]]
    assert [day.date for day in session.days.all()] == [MONDAY, TUESDAY]


# --- A session -------------------------------------------------------------------


def next_session(session, **changed):
    asked = {
        "slug": "second",
        "title": {"en": "Second session"},
        "first_day": A_YEAR_LATER,
        "with_people": True,
    }
    return copy_session(session, **{**asked, **changed})


@pytest.fixture
def full_session(full_day):
    session = full_day.session
    session.note_title = text("Procedural note for the first session")
    session.theme = text("The ocean[^1]")
    session.symbol = "A/CONF.1/2"
    session.room = make_room()
    session.languages = ["en", "fr"]
    session.page_size = "Letter"
    session.time_style = "colon"
    session.prints_to_be_confirmed = False
    session.status = Session.Status.CANCELLED
    session.is_archived = True
    session.version = 9
    session.save()
    Section.objects.create(
        session=session, place="before", heading=text("Aim"), text=text("To agree.")
    )
    Footnote.objects.create(session=session, key="1", text=text("All of it."))
    return session


def test_copied_session_prints_what_the_former_one_prints(full_session):
    Slot.objects.update(status=Slot.Status.SCHEDULED)
    Line.objects.filter(person__isnull=False).update(
        status=Line.Status.TO_BE_CONFIRMED, mode=Line.Mode.IN_PERSON
    )
    Line.objects.exclude(unnamed={}).update(status=Line.Status.TO_BE_CONFIRMED)
    before = compose(full_session).to_value()

    copy = next_session(full_session, title={"en": "Second", "fr": "Deuxième"})

    differing = {
        "slug": "second",
        "title": {"en": "Second", "fr": "Deuxième"},
        "starts_on": "2028-06-19",
        "ends_on": "2028-06-20",
    }
    left_out = {"note_title", "symbol", "status"}
    assert set(before) >= {*differing, *left_out, "sections", "footnotes", "notes"}
    kept = {key: value for key, value in before.items() if key not in left_out}
    assert numbered(compose(copy).to_value()) == numbered(kept | differing)


def test_copied_session_has_no_note_title_symbol_or_edition_and_is_active(full_session):
    issue(full_session, by=None, reason="Seen.")

    copy = Session.objects.get(pk=next_session(full_session).pk)

    assert fields_of(copy) == fields_of(full_session) | {
        "slug": "second",
        "title": text("Second session"),
        "note_title": {},
        "symbol": "",
        "starts_on": A_YEAR_LATER,
        "ends_on": dt.date(2028, 6, 20),
        "status": Session.Status.ACTIVE,
        "is_archived": False,
    }
    assert (copy.version, copy.editions.count()) == (1, 0)


def test_slots_of_a_copied_session_are_scheduled_and_notes_are_left_empty(full_session):
    copy = next_session(full_session)

    slots = Slot.objects.filter(day__session=copy)
    lines = Line.objects.filter(slot__in=slots)
    assert slots.filter(is_printed=False).count() == 1
    assert {(slot.status, slot.internal_note) for slot in slots} == {("scheduled", "")}
    assert {line.internal_note for line in lines} == {""}


def test_part_of_a_slot_of_a_session_is_part_of_its_copy_on_another_day(session, day):
    part = make_slot(make_day(session, TUESDAY), title=text("Part"))
    part.part_of = make_slot(day)
    part.save()

    copy = next_session(session)

    monday, tuesday = copy.days.all()
    assert tuesday.slots.get().part_of == monday.slots.get()


def test_what_is_known_of_a_translation_stays_known(session, day):
    outdated = {"en": "Lunch", "fr": "Souper", "_from": {"fr": "000000"}}
    revised = text("Lunch", fr="Déjeuner") | {"_revised": ["fr"]}
    make_slot(day, title=outdated, text=revised)

    slot = Slot.objects.get(day__session=next_session(session))

    assert (slot.title, slot.text) == (outdated, revised)


def test_title_of_a_copied_session_is_kept_as_typed_in_its_main_language():
    session = make_session(languages=["en", "fr"], primary_language="fr")

    copy = next_session(session, title={"fr": " Deuxième ", "en": "Second", "es": ""})

    source = text("Deuxième", fr="x")["_from"]["fr"]
    assert Session.objects.get(pk=copy.pk).title == {
        "fr": "Deuxième",
        "en": "Second",
        "_from": {"en": source},
    }


def make_lines_of_all_kinds(slot):
    """Lines in every state; gives what each says in the copies, with people and
    without: (text, name, honorific, status, mode), or None where it is left out."""
    ada, chair = make_person(), make_role("chair")
    here = {"honorific": text("H.E."), "function": text("Chair"), "state": text("Fiji")}
    named = {"person": ada, "role": chair, **here}
    unnamed = {"unnamed": text("A delegate")}
    welcome, by_people = text("Welcome"), text("{people} speaks")
    status, remote = Line.Status, {"mode": Line.Mode.REMOTE}
    expected = ("to_be_confirmed", "in_person")
    ada_here = ("Ada Lund", "H.E.", "Chair", "Fiji", *expected)
    delegate = ("A delegate", "", "", "", *expected)
    nobody = ("", "", "", "", "confirmed", "in_person")
    as_it_was = ("", "", "", "", "confirmed", "remote")
    welcome_alone, people_alone = ("Welcome", *as_it_was), ("{people} speaks", *nobody)
    rows = [
        ({"text": welcome} | remote, welcome_alone, welcome_alone),
        ({"text": by_people}, people_alone, people_alone),
        (named | remote, ("", *ada_here), None),
        (unnamed | remote, ("", *delegate), None),
        (named | {"text": welcome}, ("Welcome", *ada_here), ("Welcome", *nobody)),
        (
            unnamed | remote | {"text": welcome},
            ("Welcome", *delegate),
            ("Welcome", *nobody),
        ),
        (named | {"text": by_people}, ("{people} speaks", *ada_here), None),
        (named | {"status": status.DECLINED}, None, None),
        (named | {"status": status.WITHDRAWN}, None, None),
        (named | {"status": status.REPLACED, "text": welcome}, None, None),
        (
            named | {"status": status.WITHDRAWN, "text": welcome},
            None,
            ("Welcome", *nobody),
        ),
        (
            {"holders_of": chair, "text": by_people} | remote,
            ("{people} speaks", *as_it_was),
            ("{people} speaks", *as_it_was),
        ),
    ]
    for values, _with_people, _without in rows:
        make_line(slot, internal_note="Ask again.", **values)
    return [row[1] for row in rows if row[1]], [row[2] for row in rows if row[2]]


def said_by(line):
    return (
        line.text.get("en", ""),
        line.person.printed_name["en"] if line.person else line.unnamed.get("en", ""),
        (line.honorific or {}).get("en", ""),
        (line.function or {}).get("en", ""),
        (line.state or {}).get("en", ""),
        line.status,
        line.mode,
    )


@pytest.mark.parametrize("with_people", [True, False])
def test_lines_of_a_copied_session_with_and_without_people(session, day, with_people):
    expected, without = make_lines_of_all_kinds(make_slot(day))

    copy = next_session(session, with_people=with_people)

    lines = Line.objects.filter(slot__day__session=copy).order_by("position")
    assert [said_by(line) for line in lines] == (expected if with_people else without)
    assert [line.holders_of_id for line in lines if line.holders_of_id] == [
        Line.objects.get(slot__day=day, holders_of__isnull=False).holders_of_id
    ]
    assert {line.internal_note for line in lines} == {""}


def test_gaps_between_days_are_kept():
    session = make_session(ends_on=dt.date(2027, 6, 30))
    for date in (TUESDAY, dt.date(2027, 6, 24), dt.date(2027, 6, 29)):
        make_day(session, date)

    copy = next_session(session, first_day=dt.date(2027, 12, 30))

    assert [day.date.isoformat() for day in copy.days.all()] == [
        "2027-12-31",
        "2028-01-02",
        "2028-01-07",
    ]
    assert (copy.starts_on, copy.ends_on) == (
        dt.date(2027, 12, 30),
        dt.date(2028, 1, 8),
    )


def test_everything_wrong_with_a_copied_session_is_said_at_once(session, day):
    make_slot(day, "02:30", "04:00", title=text("Night watch"))

    assert refusal(
        lambda: next_session(
            session, slug="first", title={"fr": "Suite"}, first_day=CLOCKS_GO_FORWARD
        )
    ) == {
        "slug": [
            (
                "Another session of this conference has the address “first”. Choose one "
                "that is not taken."
            )
        ],
        "title": ["Type the title in English, the main language."],
        "first_day": [NEVER_SHOWN],
    }
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        (
            {"slug": "Second session"},
            "slug",
            (
                "Use small letters a to z, figures and single hyphens: "
                "third-thematic-session."
            ),
        ),
        ({"slug": ""}, "slug", "This field cannot be blank."),
        ({"title": {}}, "title", "This field cannot be blank."),
        (
            {"title": {"en": "A" * 301}},
            "title",
            (
                "The text in English has 301 characters; at most 300 are printed here. "
                "Shorten it by 1."
            ),
        ),
        (
            {"first_day": dt.date(9999, 12, 31)},
            "first_day",
            "9999-12-31 is too far away for a session. Check the year.",
        ),
    ],
)
def test_session_that_cannot_be_is_refused_at_its_field(
    session, day, changed, field, sentence
):
    assert refusal(lambda: next_session(session, **changed)) == {field: [sentence]}


def test_former_session_that_is_wrong_itself_is_refused_as_a_whole():
    session = make_session(languages=["fr"], primary_language="en")

    assert refusal(lambda: next_session(session)) == {
        NON_FIELD_ERRORS: ["Choose one of the languages of the session."]
    }


def test_time_at_the_end_of_the_calendar_is_refused():
    session = make_session(ends_on=MONDAY)
    make_slot(make_day(session), "22:00", "01:00", ends_next_day=True)

    assert refusal(lambda: next_session(session, first_day=dt.date.max)) == {
        "first_day": ["9999-12-31 is too far away for a session. Check the year."]
    }


def test_address_that_another_conference_has_is_free(session):
    make_session(slug="second", conference=make_conference(slug="land"))

    assert next_session(session).slug == "second"


@pytest.mark.parametrize(
    ("today", "proposed"),
    [
        # The session lasts from Monday to Tuesday of one week.
        (dt.date(2027, 1, 1), dt.date(2027, 6, 28)),
        (dt.date(2027, 6, 27), dt.date(2027, 6, 28)),
        (dt.date(2027, 6, 28), dt.date(2027, 7, 5)),
        (dt.date(2028, 2, 29), dt.date(2028, 3, 6)),
    ],
)
def test_first_day_proposed_is_the_next_such_day_of_the_week(session, today, proposed):
    assert proposed_first_day(session, today) == proposed


def test_first_day_proposed_follows_a_session_of_over_a_week():
    session = make_session(ends_on=dt.date(2027, 6, 28))

    assert proposed_first_day(session, MONDAY) == dt.date(2027, 7, 5)


def test_former_and_new_date_of_each_day_are_shown(session):
    make_day(session, TUESDAY)
    make_day(session, MONDAY)

    assert weekday_changes(session, dt.date(2027, 7, 1)) == [
        (MONDAY, dt.date(2027, 7, 1)),
        (TUESDAY, dt.date(2027, 7, 2)),
    ]
