"""What staff save is kept, told in sentences, and can be taken back."""

import datetime as dt
import html
import io
import re
from functools import partial

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from sessions_app import history, issuing, outputs, taking_back
from sessions_app.compose import compose
from sessions_app.models import (
    ChangedRow,
    Conference,
    Day,
    Footnote,
    Line,
    Panel,
    Room,
    SavedChange,
    Section,
    Session,
    Slot,
    SlotDocument,
)
from sessions_app.translated import text
from speakers.merging import merge
from speakers.models import Person, Role
from tests.at_once import at_once, elsewhere
from tests.desk import sign_in
from tests.forms import typed
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

pytestmark = pytest.mark.thorough

SESSION_DAYS = (dt.date(2027, 6, 21), dt.date(2027, 6, 22))


@pytest.fixture
def staff(client, db):
    user = User.objects.create(username="margareta", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


@pytest.fixture
def session(db):
    """A session with a row of each kind, and a day that holds nothing yet."""
    session = make_session(room=make_room(), languages=["en", "fr"])
    day = make_day(session)
    make_day(session, SESSION_DAYS[1])
    slot = make_slot(
        day, title=text("Panel on remedies[^1]", fr="Réunion"), kind=Slot.Kind.PANEL
    )
    Panel.objects.create(slot=slot, number=1)
    make_line(slot, text=text("Panellists"))
    make_line(slot, person=make_person("Ada Lund"), role=make_role())
    make_line(slot, person=make_person("Jürg Lauber"), role=make_moderator())
    SlotDocument.objects.create(
        slot=slot, position=10, symbol="A/71/1", title=text("Report")
    )
    make_slot(day, "10:15", "10:45", title=text("Working group"), part_of=slot)
    Section.objects.create(
        session=session, position=10, heading=text("Background"), text=text("Text")
    )
    Footnote.objects.create(session=session, key="1", text=text("A note"))
    return session


@pytest.fixture
def slot(session):
    return Slot.objects.get(kind=Slot.Kind.PANEL)


# --- What staff do ----------------------------------------------------------------


def page_of(row, view="change"):
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{view}", args=[row.pk])


def add_page_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")


def post(client, page, values):
    answer = client.post(
        page, {name: said for name, said in values.items() if said is not None}
    )
    refusals = re.findall(
        r'class="errorlist.*?</ul>', answer.content.decode(), re.DOTALL
    )
    assert (answer.status_code, refusals) == (302, [])
    return answer


def save(client, page, **changed):
    """Opens a page, types, and saves it; gives the change that was kept."""
    names = {name.replace("__", "-"): value for name, value in changed.items()}
    post(client, page, typed(client.get(page)) | names)
    return SavedChange.objects.order_by("pk").last()


def delete(client, row):
    """Deletes a row on its page; gives the change that was kept."""
    page = page_of(row, "delete")
    asked = client.get(page, follow=True)
    address = asked.redirect_chain[-1][0] if asked.redirect_chain else page
    post(client, address, {"post": "yes"})
    assert not type(row).objects.filter(pk=row.pk).exists()
    return SavedChange.objects.order_by("pk").last()


def take_back(client, change):
    """Presses the button; gives what the desk says then."""
    address = reverse("desk:take_back", args=[change.pk])
    answer = client.post(address, {"back": "/admin/history/"}, follow=True)
    assert answer.status_code == 200
    found = re.findall(
        r'<li class="(?:success|error|warning)">(.*?)</li>',
        answer.content.decode(),
        re.DOTALL,
    )
    return html.unescape(found[-1])


DONE = "Taken back: it is as it was before."


def latest():
    return SavedChange.objects.order_by("pk").last()


def told_on(answer):
    """The changes of a page, the newest first: each as the sentences that it tells."""
    content = answer.content.decode()
    listed = re.search(r'<ol class="told">(.*)</ol>', content, re.DOTALL)
    changes = listed[1].split('<p class="told-head">')[1:] if listed else []
    return [
        [_plain(each) for each in re.findall(r"<li>(<bdi>.*?)</li>", change, re.DOTALL)]
        for change in changes
    ]


def _plain(markup):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


def history_of(client, row):
    return told_on(client.get(page_of(row, "history")))


def whole():
    """Everything that the database holds of ours."""
    rows = {}
    for label in ("sessions_app", "speakers"):
        for model in apps.get_app_config(label).get_models():
            names = [column.attname for column in model._meta.concrete_fields]
            rows[model] = [
                tuple(
                    bytes(value) if isinstance(value, memoryview) else value
                    for value in row
                )
                for row in model.objects.order_by("pk").values_list(*names)
            ]
    return rows


def refused(client, change):
    """What the desk says to a button that changes nothing at all."""
    before = whole()
    said = take_back(client, change)
    assert whole() == before
    assert said != DONE
    return said


def programmes():
    """What every session would print."""
    return {s.slug: compose(s).to_value() for s in Session.objects.order_by("pk")}


def picture(colour="red"):
    held = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(held, "PNG")
    return SimpleUploadedFile("logo.png", held.getvalue(), "image/png")


# --- Each kind of change: kept, told, taken back -----------------------------------

PANEL = "10.00 Panel on remedies[^1]"


def change_words(client):
    slot = Slot.objects.get(kind="panel")
    return save(
        client,
        page_of(slot),
        title_en="Panel on redress[^1]",
        title_ar="حلقة نقاش",
        title_fr="",
        aside_en="Space for side events",
    )


def change_times_choices_and_the_rest(client):
    slot = Slot.objects.get(kind="panel")
    room = make_room(name=text("Room XX"))
    return save(
        client,
        page_of(slot),
        day=Day.objects.get(date=SESSION_DAYS[1]).pk,
        start="11.30",
        end="0.15",
        ends_next_day="on",
        kind="round_table",
        room=room.pk,
        is_printed=None,
        interpretation=["fr", "ar"],
        webcast="https://example.org/live",
        agenda_item="Item 3 (a)",
        internal_note="Keys at the desk",
        part_of="",
    )


def change_within(client):
    slot = Slot.objects.get(title__en="Working group")
    return save(client, page_of(slot), part_of="", start="", end="", when_en="Later")


def change_lines(client):
    slot = Slot.objects.get(kind="panel")
    lines = list(slot.lines.order_by("position"))
    return save(
        client,
        page_of(slot),
        **{
            "lines-0-DELETE": "on",
            "lines-1-person": "",
            "lines-1-holders_of": Role.objects.get(key="moderator").pk,
            "lines-1-role": "",
            "lines-2-person": make_person("Ama Mensah").pk,
            "lines-2-honorific_none": "on",
            "lines-2-function_en": "Chair",
            "lines-2-status": "to_be_confirmed",
            "lines-3-text_en": "Discussion",
            "panel-0-number": "2",
            "panel-0-label_en": "Opening panel",
            "documents-0-symbol": "A/71/2",
            "documents-1-title_en": "Second report",
        }
        | {f"lines-{n}-id": line.pk for n, line in enumerate(lines)},
    )


def delete_panel_and_document(client):
    slot = Slot.objects.get(kind="panel")
    boxes = {"panel-0-DELETE": "on", "documents-0-DELETE": "on"}
    return save(client, page_of(slot), kind="plenary", **boxes)


def add_slot(client):
    day = Day.objects.get(date=SESSION_DAYS[1])
    return save(
        client,
        f"{add_page_of(Slot)}?day={day.pk}",
        kind="panel",
        start="15.00",
        title_en="Migrants in transit",
        **{"panel-0-number": "2", "lines-0-text_en": "Introduction"},
    )


def delete_slot(client):
    return delete(client, Slot.objects.get(kind="panel"))


def change_session(client):
    return save(
        client,
        page_of(Session.objects.get()),
        title_en="First session of all",
        theme_en="Remedies",
        starts_on="2027-06-20",
        ends_on="2027-06-23",
        languages=["ar", "en", "fr"],
        time_style="colon",
        prints_to_be_confirmed=None,
        **{
            "days-1-date": "2027-06-23",
            "days-2-date": "2027-06-20",
            "sections-0-heading_en": "The background",
            "sections-1-heading_en": "Modalities",
            "sections-1-text_en": "Text of modalities",
            "footnotes-0-key": "2",
            "footnotes-0-text_en": "A second note",
            "footnotes-1-key": "1",
            "footnotes-1-text_en": "Another note",
        },
    )


def shorten_session(client):
    return save(
        client,
        page_of(Session.objects.get()),
        ends_on="2027-06-21",
        **{
            "days-1-DELETE": "on",
            "sections-0-DELETE": "on",
            "footnotes-0-DELETE": "on",
            "footnotes-1-key": "1",
            "footnotes-1-text_en": "Another note",
        },
    )


def add_session(client):
    return save(
        client,
        add_page_of(Session),
        conference=Conference.objects.get().pk,
        slug="second",
        title_en="Second session",
        city_en="Nairobi",
        zone="Africa/Nairobi",
        starts_on="2027-09-01",
        ends_on="2027-09-02",
        languages=["en"],
        **{
            "days-0-date": "2027-09-01",
            "sections-0-heading_en": "Background",
            "sections-0-text_en": "Text",
            "footnotes-0-key": "1",
            "footnotes-0-text_en": "A note",
        },
    )


def delete_session(client):
    return delete(client, Session.objects.get())


def change_person(client):
    person = Person.objects.get(family_name="Lund")
    return save(
        client,
        page_of(person),
        printed_name_en="Ada Lund-Berg",
        honorific_en="",
        label_form="feminine",
        internal_contact="Room 4,\r\nsecond floor",
    )


def add_person(client):
    return save(client, add_page_of(Person), printed_name_en="Li Wei")


def delete_person(client):
    return delete(client, make_person("Max Moor"))


def change_role(client):
    role = Role.objects.get(key="moderator")
    return save(
        client, page_of(role), by_line_en="Chaired by {people}", prints="bullets"
    )


def add_role(client):
    return save(
        client, add_page_of(Role), key="chair", label_neutral_en="Chair", rank="5"
    )


def delete_role(client):
    return delete(client, make_role("chair"))


def change_room(client):
    return save(client, page_of(Room.objects.get()), name_en="Room XX", position="5")


def add_room(client):
    return save(client, add_page_of(Room), venue_en="Palais Wilson")


def delete_room(client):
    return delete(client, make_room(venue=text("Palais Wilson"), name={}))


def change_conference(client):
    conference = Conference.objects.get()
    return save(
        client,
        page_of(conference),
        title_en="Conference on the seas",
        languages=["en", "es"],
        new_logo=picture(),
    )


def add_conference(client):
    return save(
        client,
        add_page_of(Conference),
        slug="forests",
        title_en="Forests",
        languages=["en"],
    )


def delete_conference(client):
    forests = make_conference(slug="forests", logo=b"\x89PNG", title=text("Forests"))
    return delete(client, forests)


TOLD = {
    change_words: [
        "10.00 Panel on redress[^1]: Title (العربية): from – to حلقة نقاش",
        (
            "10.00 Panel on redress[^1]: Title (English): "
            "from Panel on remedies[^1] to Panel on redress[^1]"
        ),
        "10.00 Panel on redress[^1]: Title (Français): from Réunion to –",
        "10.00 Panel on redress[^1]: Aside (English): from – to Space for side events",
    ],
    change_times_choices_and_the_rest: [
        f"11.30 Panel on remedies[^1]: {sentence}"
        for sentence in (
            "Day: from 21 June 2027 to 22 June 2027",
            "Kind: from panel to round table",
            "Start: from 10.00 to 11.30",
            "End: from 11.00 to 00.15",
            "Ends after midnight: from no to yes",
            "Room: from – to Palais des Nations, Room XX",
            "Printed: from yes to no",
            "Agenda item: from – to Item 3 (a)",
            "Interpretation: from – to العربية, Français",
            "Webcast: from – to https://example.org/live",
            "Internal note: from – to Keys at the desk",
        )
    ],
    change_within: [
        "Working group: Start: from 10.15 to –",
        "Working group: End: from 10.45 to –",
        "Working group: Words in place of a time (English): from – to Later",
        "Working group: Part of: from 10.00 Panel on remedies[^1] to –",
    ],
    change_lines: [
        f"{PANEL}: {sentence}"
        for sentence in (
            "panel “Opening panel”: Number: from 1 to 2",
            "panel “Opening panel”: Label (English): from – to Opening panel",
            "line “Moderator”: Order: from 20 to 10",
            "line “Moderator”: Person: from Ada Lund to –",
            "line “Moderator”: Holders of: from – to Moderator",
            "line “Moderator”: Role: from Panellist to –",
            "line “Ama Mensah”: Order: from 30 to 20",
            "line “Ama Mensah”: Person: from Jürg Lauber to Ama Mensah",
            "line “Ama Mensah”: Honorific here: from as on the record to –",
            "line “Ama Mensah”: Function here (English): from as on the record to Chair",
            "line “Ama Mensah”: Status: from confirmed to to be confirmed",
            "line: added Discussion",
            "document of a slot “A/71/2 Report”: Symbol: from A/71/1 to A/71/2",
            "document of a slot: added Second report",
            "line: deleted Panellists",
        )
    ],
    delete_panel_and_document: [
        f"{PANEL}: Kind: from panel to plenary meeting",
        f"{PANEL}: panel: deleted 1",
        f"{PANEL}: document of a slot: deleted A/71/1 · Report",
    ],
    add_slot: [
        (
            "15.00 Migrants in transit: added "
            "22 June 2027 · panel · 15.00 · Migrants in transit"
        )
    ],
    delete_slot: [
        "10.15 Working group: Part of: from 10.00 Panel on remedies[^1] to –",
        (
            f"{PANEL}: deleted "
            "21 June 2027 · panel · 10.00 · 11.00 · Panel on remedies[^1]"
        ),
    ],
    change_session: [
        f"First session of all: {sentence}"
        for sentence in (
            "Title (English): from First session to First session of all",
            "Theme (English): from – to Remedies",
            "First day: from 21 June 2027 to 20 June 2027",
            "Last day: from 22 June 2027 to 23 June 2027",
            "Languages: from English, Français to العربية, English, Français",
            "Style of times: from 10.00–13.00 to 10:00–13:00",
            "Print “(TBC)”: from yes to no",
            "day “23 June 2027”: Date: from 22 June 2027 to 23 June 2027",
            "day: added 20 June 2027",
            (
                "section “The background”: Heading (English): "
                "from Background to The background"
            ),
            "section: added Modalities · Text of modalities",
            "footnote “[^2]”: Key: from 1 to 2",
            "footnote “[^2]”: Text (English): from A note to A second note",
            "footnote: added 1 · Another note",
        )
    ],
    shorten_session: [
        "First session: Last day: from 22 June 2027 to 21 June 2027",
        "First session: footnote: added 1 · Another note",
        "First session: day: deleted 22 June 2027",
        "First session: section: deleted Background · Text",
        "First session: footnote: deleted 1 · A note",
    ],
    add_session: [
        (
            "Second session: added Conference on the ocean · second · Second session · "
            "Nairobi · Africa/Nairobi · 1 September 2027 · 2 September 2027"
        )
    ],
    delete_session: [
        f"{PANEL}: deleted 21 June 2027 · panel · 10.00 · 11.00 · Panel on remedies[^1]",
        "10.15 Working group: deleted 21 June 2027 · 10.15 · 10.45 · Working group",
        (
            "First session: deleted Conference on the ocean · first · First session · "
            "Geneva · Palais des Nations, Room XIX · Europe/Zurich · 21 June 2027 · "
            "22 June 2027 · English, Français"
        ),
    ],
    change_person: [
        "Ada Lund-Berg: Printed name (English): from Ada Lund to Ada Lund-Berg",
        "Ada Lund-Berg: Honorific (English): from Ms. to –",
        "Ada Lund-Berg: Form of labels: from – to feminine",
        "Ada Lund-Berg: Internal contact: from – to Room 4, second floor",
    ],
    add_person: ["Li Wei: added Li Wei"],
    delete_person: ["Max Moor: deleted Max · Moor · Max Moor · Ms. · Director"],
    change_role: [
        (
            "Moderator: Closing line (English): "
            "from Moderated by {people} to Chaired by {people}"
        ),
        "Moderator: Prints: from as a closing line to as a list of people",
    ],
    add_role: ["Chair: added chair · Chair · 5"],
    delete_role: ["Chair: deleted chair · Chair · Chairs"],
    change_room: [
        "Palais des Nations, Room XX: Room (English): from Room XIX to Room XX",
        "Palais des Nations, Room XX: Order: from 100 to 5",
    ],
    add_room: ["Palais Wilson: added Palais Wilson"],
    delete_room: ["Palais Wilson: deleted Palais Wilson"],
    change_conference: [
        (
            "Conference on the seas: Title (English): "
            "from Conference on the ocean to Conference on the seas"
        ),
        "Conference on the seas: Logo: from – to a picture (81 bytes)",
        "Conference on the seas: Languages: from English to English, Español",
    ],
    add_conference: ["Forests: added forests · Forests"],
    delete_conference: ["Forests: deleted forests · Forests · a picture (81 bytes)"],
}


@pytest.mark.parametrize("act", TOLD, ids=lambda act: act.__name__)
def test_what_is_saved_is_one_change_told_in_sentences(staff, session, act):
    before = dt.datetime.now(dt.UTC)

    change = act(staff)

    is_deletion = act.__name__.startswith("delete_") and "panel" not in act.__name__
    assert SavedChange.objects.get() == change
    assert change.by.username == "margareta"
    assert before <= change.at <= dt.datetime.now(dt.UTC)
    assert change.act == ("deleted" if is_deletion else "saved")
    told = told_on(staff.get("/admin/history/"))
    size = re.compile(r"\(\d+ bytes\)")
    assert [[size.sub("(81 bytes)", said) for said in each] for each in told] == [
        TOLD[act]
    ]


@pytest.mark.parametrize("act", TOLD, ids=lambda act: act.__name__)
def test_each_kind_of_change_is_taken_back_and_that_is_taken_back(staff, session, act):
    make_person("Nobody Yet")
    before = programmes()
    change = act(staff)
    after = programmes()
    codes = set(Line.objects.values_list("code", "pk", "person"))

    assert take_back(staff, change) == DONE
    assert programmes() == before
    rows_before = _without_versions()

    assert take_back(staff, latest()) == DONE
    assert programmes() == after
    assert set(Line.objects.values_list("code", "pk", "person")) == codes

    assert take_back(staff, latest()) == DONE
    assert programmes() == before
    assert _without_versions() == rows_before
    assert SavedChange.objects.count() == 4


def _without_versions():
    """Every row that staff edit, but for how often it was saved."""
    kept = whole()
    rows = {}
    for model in (*history.KEPT, Day, Line, Panel, SlotDocument, Section, Footnote):
        names = [column.name for column in model._meta.concrete_fields]
        rows[model] = [
            tuple(v for n, v in zip(names, row, strict=True) if n != "version")
            for row in kept[model]
        ]
    return rows


def test_what_is_saved_without_a_change_is_not_kept(staff, session):
    pages = [page_of(model.objects.first()) for model in history.KEPT]

    for page in pages:
        post(staff, page, typed(staff.get(page)))

    assert not SavedChange.objects.exists()
    assert not ChangedRow.objects.exists()


def test_a_text_saved_anew_in_another_main_language_is_no_change(staff, session):
    slot = make_slot(session.days.first(), title={"en": "Closing", "fr": "Clôture"})
    Session.objects.update(primary_language="fr")

    post(staff, page_of(slot), typed(staff.get(page_of(slot))))

    slot.refresh_from_db()
    assert "_from" in slot.title
    assert not SavedChange.objects.exists()


def test_a_save_that_was_refused_is_not_kept(staff, slot):
    values = typed(staff.get(page_of(slot)))

    answer = staff.post(page_of(slot), values | {"end": "9.00", "title_en": "Other"})

    assert answer.status_code == 200
    assert not SavedChange.objects.exists()


# --- Where it is told -------------------------------------------------------------


def test_the_history_of_a_session_tells_all_that_belongs_to_it_and_its_editions(
    staff, session, slot, monkeypatch
):
    monkeypatch.setattr(outputs, "documents_of", lambda *_arguments: [])
    other = make_session(slug="other", title=text("Other session"))
    save(staff, page_of(other), title_en="Another session")
    save(staff, page_of(slot), aside_en="Space")
    save(staff, page_of(session), theme_en="Remedies")
    delete(staff, slot)
    issuing.issue(session, by=User.objects.get(), reason="Seen.", label="Rev.1")

    page = staff.get(page_of(session, "history"))
    content = page.content.decode()

    assert [each[-1].split(": ")[0] for each in told_on(page) if each] == [
        "10.00 Panel on remedies[^1]",
        "First session",
        "10.00 Panel on remedies[^1]",
    ]
    assert "Edition 1 (Rev.1)</a>" in content
    assert 'issued: <span dir="auto">edition 1 (Rev.1)</span>' in content
    assert history_of(staff, other) == [
        ["Another session: Title (English): from Other session to Another session"]
    ]


def test_the_history_of_a_row_tells_its_own_changes_the_newest_first(
    staff, session, slot
):
    person = Person.objects.get(family_name="Lund")
    save(staff, page_of(person), honorific_en="Dr.")
    save(staff, page_of(slot), aside_en="Space")
    save(staff, page_of(person), honorific_en="Mr.")

    assert history_of(staff, person) == [
        ["Ada Lund: Honorific (English): from Dr. to Mr."],
        ["Ada Lund: Honorific (English): from Ms. to Dr."],
    ]


def test_the_history_of_a_row_that_is_gone_leads_to_what_was_deleted(staff, session):
    room = make_room()
    address = page_of(room, "history")
    delete(staff, room)

    page = staff.get(address, follow=True)

    assert page.redirect_chain == [("/admin/history/", 302)]
    assert told_on(page) == [
        [
            "Palais des Nations, Room XIX: deleted Palais des Nations · Room XIX",
        ]
    ]


def test_a_page_of_the_history_takes_as_many_queries_for_many_changes_as_for_few(
    staff, session, slot
):
    pages = (
        reverse("desk:history"),
        page_of(session, "history"),
        page_of(slot, "history"),
    )

    def save_some(number):
        save(
            staff,
            page_of(slot),
            title_en=f"Title {number}",
            **{
                "lines-1-person": make_person(f"Person Number{number}").pk,
                "lines-2-text_en": f"Line {number}",
            },
        )
        take_back(staff, latest())
        save(staff, page_of(session), theme_en=f"Theme {number}")
        delete(staff, make_person(f"Gone Number{number}"))

    def queries():
        numbers = []
        for page in pages:
            with CaptureQueriesContext(connection) as asked:
                staff.get(page)
            numbers.append(len(asked))
        return numbers

    save_some(0)
    queries()
    few = queries()
    for number in range(1, 5):
        save_some(number)

    assert queries() == few


def test_many_changes_are_told_page_by_page(staff, session):
    for number in range(31):
        row = Room.objects.get()
        with history.recorded(None, None, "saved", row):
            Room.objects.update(position=number)

    first, second = (staff.get(f"/admin/history/?page={page}") for page in (1, 2))

    assert (len(told_on(first)), len(told_on(second))) == (30, 1)
    assert "Page 1 of 2" in first.content.decode()
    for odd in ("0", "-1", "99", "x", "%00", "9" * 40):
        assert staff.get(f"/admin/history/?page={odd}").status_code == 200


def test_a_history_without_changes_says_so(staff, session):
    page = staff.get(page_of(session, "history")).content.decode()

    assert "Nothing was saved here so far." in page


def test_of_a_long_text_what_differs_is_told(staff, session, slot):
    before = "A word here and there. " * 40
    Slot.objects.filter(pk=slot.pk).update(text=text(f"{before}The end."))

    save(staff, page_of(slot), text_en=f"{before}The very end.")

    assert history_of(staff, slot) == [
        [
            (
                f"{PANEL}: Text (English): from … and there. A word here and there. "
                "The end. to … and there. A word here and there. The very end."
            )
        ]
    ]


def test_a_long_text_that_was_added_is_told_from_its_beginning(staff, slot):
    save(staff, page_of(slot), text_en="字" * 900)

    ((said,),) = history_of(staff, slot)

    assert said == f"{PANEL}: Text (English): from – to {'字' * 299}…"


def test_an_act_on_several_rows_is_one_change(staff, session):
    ada, max_moor = Person.objects.get(family_name="Lund"), make_person("Max Moor")
    before = programmes()
    with history.recorded(None, None, SavedChange.Act.MERGED, max_moor, ada):
        merge(max_moor, ada)

    page = staff.get("/admin/history/")

    assert told_on(page) == [["Max Moor: Merged into: from – to Ada Lund"]]
    assert "<b>somebody</b> · merged" in page.content.decode()
    assert take_back(staff, latest()) == DONE
    assert Person.objects.filter(merged_into=None).count() == 3
    assert programmes() == before


def test_a_row_that_its_own_act_deletes_is_kept_as_deleted(staff, session):
    room = make_room(venue=text("Palais Wilson"))

    with history.recorded(None, None, SavedChange.Act.DELETED, room) as recording:
        room.delete()

    assert told_on(staff.get("/admin/history/")) == [
        ["Palais Wilson, Room XIX: deleted Palais Wilson · Room XIX"]
    ]
    assert take_back(staff, recording.change) == DONE
    assert Room.objects.filter(venue__en="Palais Wilson").exists()


# --- Taking back ------------------------------------------------------------------


def test_somebody_who_has_a_page_open_is_told_that_a_change_was_taken_back(
    staff, session, slot
):
    person = Person.objects.get(family_name="Lund")
    for row, field in ((slot, "aside_en"), (session, "theme_en"), (person, "state_en")):
        change = save(staff, page_of(row), **{field: "Other"})
        opened = typed(staff.get(page_of(row)))
        take_back(staff, change)

        answer = staff.post(page_of(row), opened | {field: "Mine"})

        assert answer.status_code == 200
        assert "margareta saved this a moment ago." in answer.content.decode()


def test_somebody_who_has_the_page_of_a_deleted_row_open_is_told_when_it_is_back(
    staff, session, slot
):
    opened = typed(staff.get(page_of(slot)))
    save(staff, page_of(slot), aside_en="Saved meanwhile")
    change = delete(staff, slot)
    take_back(staff, change)

    answer = staff.post(page_of(slot), opened | {"title_en": "Mine"})

    assert answer.status_code == 200
    slot.refresh_from_db()
    assert (slot.version, slot.title["en"]) == (3, "Panel on remedies[^1]")


def test_the_oldest_of_several_independent_changes_is_taken_back(staff, session, slot):
    oldest = save(staff, page_of(slot), title_en="Other title")
    save(staff, page_of(slot), title_fr="", start="10.05")
    save(staff, page_of(session), theme_en="Remedies")
    words = save(staff, page_of(slot), aside_en="Space")

    assert "Changed again since" in refused(staff, oldest)
    assert take_back(staff, words) == DONE
    slot.refresh_from_db()
    assert (slot.aside, slot.start) == ({}, dt.time(10, 5))


def test_a_line_comes_and_goes_whatever_was_numbered_anew_since(staff, session, slot):
    added = save(
        staff, page_of(slot), **{"lines-3-text_en": "New", "lines-3-position": "15"}
    )
    deleted = save(staff, page_of(slot), **{"lines-0-DELETE": "on"})
    for form, said in ((3, "A"), (4, "B")):
        at_first = {f"lines-{form}-text_en": said, f"lines-{form}-position": "5"}
        save(staff, page_of(slot), **at_first)

    assert take_back(staff, added) == DONE
    assert take_back(staff, deleted) == DONE

    # Two have the first place; the older line stands first.
    assert [str(line) for line in slot.lines.all()] == [
        "Panellists",
        "B",
        "A",
        "Ada Lund",
        "Jürg Lauber",
    ]


def test_what_was_added_goes_when_all_that_was_saved_since_was_taken_back(
    staff, session
):
    before = programmes()
    added = add_slot(staff)
    slot = Slot.objects.get(title__en="Migrants in transit")
    changed = save(staff, page_of(slot), aside_en="Space")

    assert "Changed again since" in refused(staff, added)
    assert take_back(staff, changed) == DONE
    assert take_back(staff, added) == DONE
    assert programmes() == before


def test_a_change_of_what_was_changed_again_since_is_refused(staff, session, slot):
    change = save(
        staff,
        page_of(slot),
        title_en="Other",
        start="9.30",
        **{"lines-1-status": "declined"},
    )
    newer = save(
        staff,
        page_of(slot),
        start="9.45",
        **{"lines-1-status": "withdrawn", "lines-1-mode": "remote"},
    )

    assert refused(staff, change) == (
        "Changed again since, so nothing was taken back: 09.30 Other: Start; "
        "09.30 Other: line “Ada Lund”: Status. Take the later change back first, or "
        "change it by hand."
    )
    assert take_back(staff, newer) == DONE
    assert take_back(staff, change) == DONE


def test_a_change_is_taken_back_once(staff, slot):
    change = save(staff, page_of(slot), aside_en="Space")
    take_back(staff, change)

    assert refused(staff, change) == "This was taken back already."
    assert SavedChange.objects.count() == 2


@pytest.mark.parametrize("by_deleting", ["the slot", "the line"])
def test_a_change_of_what_was_deleted_since_is_refused(
    staff, session, slot, by_deleting
):
    change = save(staff, page_of(slot), **{"lines-1-status": "declined"})
    deletion = (
        delete(staff, slot)
        if by_deleting == "the slot"
        else save(staff, page_of(slot), **{"lines-1-DELETE": "on"})
    )

    assert refused(staff, change) == (
        f"Changed again since, so nothing was taken back: {PANEL}: line: Status. Take "
        "the later change back first, or change it by hand."
    )
    assert take_back(staff, deletion) == DONE
    assert take_back(staff, change) == DONE


def test_a_line_does_not_come_back_without_its_person(staff, session, slot):
    change = save(staff, page_of(slot), **{"lines-1-DELETE": "on"})
    deletion = delete(staff, Person.objects.get(family_name="Lund"))

    assert refused(staff, change) == (
        f"{PANEL}: line: Person “Ada Lund” was deleted since, so nothing was taken "
        "back. Take that deletion back first."
    )
    told = told_on(staff.get("/admin/history/"))
    assert told[1][-1] == f"{PANEL}: line: deleted Ada Lund · Panellist"
    assert take_back(staff, deletion) == DONE
    assert take_back(staff, change) == DONE


def test_a_line_is_not_given_back_to_a_person_who_is_gone(staff, session, slot):
    other = make_person("Ama Mensah")
    change = save(staff, page_of(slot), **{"lines-1-person": other.pk})
    delete(staff, Person.objects.get(family_name="Lund"))

    assert refused(staff, change) == (
        f"{PANEL}: line “Ama Mensah”: Person “Ada Lund” was deleted since, so nothing "
        "was taken back. Take that deletion back first."
    )


def test_a_slot_does_not_come_back_without_its_day(staff, session):
    day = Day.objects.get(date=SESSION_DAYS[1])
    change = delete(staff, make_slot(day, title=text("Closing")))
    deletion = save(staff, page_of(session), **{"days-1-DELETE": "on"})

    assert refused(staff, change) == (
        "10.00 Closing: Day was deleted since, so nothing was taken back. Take that "
        "deletion back first."
    )
    assert take_back(staff, deletion) == DONE
    assert take_back(staff, change) == DONE


def test_a_session_keeps_the_room_when_the_one_before_is_gone(staff, session):
    former, room = session.room, make_room(name=text("Room XX"))
    change = save(staff, page_of(session), room=room.pk)
    delete(staff, former)

    assert refused(staff, change) == (
        "First session: Room “Palais des Nations, Room XIX” was deleted since, so "
        "nothing was taken back. Take that deletion back first."
    )


def test_what_is_in_use_does_not_go(staff, session, slot):
    room = save(staff, add_page_of(Room), venue_en="Palais Wilson")
    person = save(staff, add_page_of(Person), printed_name_en="Li Wei")
    save(
        staff,
        page_of(slot),
        room=Room.objects.latest("pk").pk,
        **{"lines-1-person": Person.objects.latest("pk").pk},
    )

    assert refused(staff, room) == (
        "Palais Wilson is in use, so nothing was taken back: 10.00 Panel on "
        "remedies[^1]. Take it out there first."
    )
    assert refused(staff, person) == (
        "Li Wei is in use, so nothing was taken back: 10.00 Panel on remedies[^1]. "
        "Take it out there first."
    )


def test_a_day_and_a_session_stay_while_they_hold_slots_that_came_since(staff, session):
    added_day = save(
        staff,
        page_of(session),
        ends_on="2027-06-23",
        **{"days-2-date": "2027-06-23"},
    )
    make_slot(Day.objects.get(date="2027-06-23"), title=text("Closing"))
    added_session = add_session(staff)
    make_slot(Day.objects.get(date="2027-09-01"), title=text("Opening"))

    assert refused(staff, added_day) == (
        "First session: day “23\u00a0June 2027” holds slots that were added since, so "
        "nothing was taken back: 10.00 Closing. Move them or delete them first."
    )
    assert refused(staff, added_session) == (
        "Second session holds slots that were added since, so nothing was taken back: "
        "10.00 Opening. Move them or delete them first."
    )


def test_a_day_does_not_get_outside_the_dates_of_its_session(staff, session):
    longer = save(staff, page_of(session), ends_on="2027-06-24")
    save(staff, page_of(session), **{"days-2-date": "2027-06-24"})

    assert refused(staff, longer) == (
        "First session: 24\u00a0June 2027 cannot be as it was before, so nothing was taken "
        "back. Date: The session lasts from 2027-06-21 to 2027-06-22. Choose a date of "
        "it, or change the session’s dates first."
    )


def test_a_day_does_not_come_back_to_a_date_outside_the_session(staff, db):
    session = make_session()
    make_day(session)
    moved = save(staff, page_of(session), **{"days-0-date": "2027-06-22"})
    save(staff, page_of(session), starts_on="2027-06-22")

    assert refused(staff, moved) == (
        "First session: 21\u00a0June 2027 cannot be as it was before, so nothing was taken "
        "back. Date: The session lasts from 2027-06-22 to 2027-06-22. Choose a date of "
        "it, or change the session’s dates first."
    )


def test_a_zone_does_not_come_back_in_which_a_time_would_not_exist(staff, db):
    night = dt.date(2027, 3, 28)
    session = make_session(starts_on=night, ends_on=night)
    slot = make_slot(make_day(session))
    change = save(staff, page_of(session), zone="Africa/Nairobi")
    save(staff, page_of(slot), start="2.30", end="3.30")

    said = refused(staff, change)

    assert said.startswith(
        "First session cannot be as it was before, so nothing was taken back. Time "
        "zone: "
    )


def test_an_address_does_not_come_back_once_it_was_issued(staff, session, monkeypatch):
    monkeypatch.setattr(outputs, "documents_of", lambda *_arguments: [])
    changes = [
        save(staff, page_of(session), slug="number-one"),
        save(staff, page_of(session.conference), slug="seas"),
    ]
    issuing.issue(session, by=None, reason="Seen.")

    assert [refused(staff, change) for change in changes] == [
        f"“{name}” was issued since, so nothing was taken back: Address stays, for it "
        "is part of its public addresses."
        for name in ("First session", "Conference on the ocean")
    ]


def test_an_issued_session_is_not_taken_back(staff, session, monkeypatch):
    monkeypatch.setattr(outputs, "documents_of", lambda *_arguments: [])
    change = add_session(staff)
    added = Session.objects.get(slug="second")
    slot = make_slot(added.days.get())
    issuing.issue(added, by=None, reason="Seen.")
    slot.delete()

    assert "Second session is in use, so nothing was taken back" in refused(
        staff, change
    )


def test_what_somebody_else_took_meanwhile_does_not_come_back(staff, session):
    conference = save(staff, page_of(session.conference), slug="seas")
    make_conference(slug="ocean")
    footnote = save(staff, page_of(session), **{"footnotes-0-DELETE": "on"})
    Footnote.objects.create(session=session, key="1", text=text("Newer"))

    assert refused(staff, conference) == (
        "Conference on the ocean cannot be as it was before, so nothing was taken "
        "back. Address: Conference with this Address already exists."
    )
    assert refused(staff, footnote) == (
        "First session: footnote cannot be as it was before, so nothing was taken "
        "back. Another footnote has this key."
    )


def store(row, **values):
    """Stores what no page would: as if it was stored long ago."""
    table = connection.ops.quote_name(row._meta.db_table)
    for name, value in values.items():
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {connection.ops.quote_name(name)} = %s "  # noqa: S608
                "WHERE id = %s",
                [value, row.pk],
            )


@pytest.mark.parametrize(
    ("field", "stored", "saved", "why"),
    [
        (
            "aside",
            '{"en": "\u202eesreveR"}',
            {"aside_en": "Space"},
            (
                "Aside: Character 1 (U+202E) changes the order in which the text is read. "
                "Delete it and type the words again."
            ),
        ),
        (
            "agenda_item",
            "Item \x07",
            {"agenda_item": "Item 3"},
            (
                "Agenda item: Character 6 (U+0007) cannot be printed. Delete it and type "
                "the words again."
            ),
        ),
        (
            "webcast",
            "no address",
            {"webcast": "https://example.org/"},
            "Webcast: Enter a valid URL.",
        ),
    ],
)
def test_what_no_page_would_save_is_told_and_does_not_come_back(
    staff, session, slot, field, stored, saved, why
):
    store(slot, **{field: stored})
    change = save(staff, page_of(slot), **saved)

    assert staff.get(page_of(slot, "history")).status_code == 200
    assert refused(staff, change) == (
        f"{PANEL} cannot be as it was before, so nothing was taken back. {why}"
    )


NAMES = [
    "Ada « la comtesse » Lund",
    "“Ada” <b>Lund</b> & Co",
    "\u202eRTL\u202c Lund",
    "A \x07 bell",
    "عائشة بنت",
    "陈明",
    "N" * 200,
    "{people} %(where)s {0}",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_that_was_ever_stored_is_told_and_taken_back(
    staff, session, slot, name
):
    person = Person.objects.get(family_name="Lund")
    Person.objects.filter(pk=person.pk).update(printed_name={"en": name})
    Slot.objects.filter(pk=slot.pk).update(title={"en": name})
    slot.refresh_from_db()
    line = slot.lines.get(person=person)
    with history.recorded(None, session, "saved", slot) as recording:
        Line.objects.filter(pk=line.pk).update(person=make_person("Ama Mensah"))
        slot.lines.filter(person=None).delete()

    (sentences,) = history_of(staff, session)

    said = " ".join(name.split())
    assert sentences == [
        f"10.00 {said}: line “Ama Mensah”: Person: from {said} to Ama Mensah",
        f"10.00 {said}: line: deleted Panellists",
    ]
    assert take_back(staff, recording.change) == DONE
    line.refresh_from_db()
    assert line.person == person


# --- What leads to another row ----------------------------------------------------


def test_a_slot_within_a_deleted_slot_survives_and_is_within_it_again(
    staff, session, slot
):
    within = Slot.objects.get(title__en="Working group")
    opened = typed(staff.get(page_of(within)))
    change = delete(staff, slot)
    within.refresh_from_db()

    assert within.part_of is None
    assert history_of(staff, within) == [TOLD[delete_slot]]

    assert take_back(staff, change) == DONE
    within.refresh_from_db()
    assert within.part_of == slot
    answer = staff.post(page_of(within), opened | {"title_en": "Mine"})
    assert "margareta saved this a moment ago." in answer.content.decode()


def test_a_slot_within_one_that_is_gone_comes_back_after_it(staff, session, slot):
    change = delete(staff, Slot.objects.get(title__en="Working group"))
    deletion = delete(staff, slot)

    assert refused(staff, change) == (
        "10.15 Working group: Part of “10.00 Panel on remedies[^1]” was deleted since, "
        "so nothing was taken back. Take that deletion back first."
    )
    assert take_back(staff, deletion) == DONE
    assert take_back(staff, change) == DONE


def test_a_slot_within_one_whose_addition_is_taken_back_survives(staff, session):
    change = add_slot(staff)
    slot = Slot.objects.get(title__en="Migrants in transit")
    within = make_slot(slot.day, title=text("Drafting group"), part_of=slot)

    assert take_back(staff, change) == DONE
    within.refresh_from_db()
    assert within.part_of is None

    assert take_back(staff, latest()) == DONE
    within.refresh_from_db()
    assert within.part_of == slot


def test_slots_that_are_within_each_other_come_and_go_as_one(staff, session):
    day = session.days.last()
    with history.recorded(None, session, SavedChange.Act.COPIED, session) as recording:
        whole_day = make_slot(day, title=text("All day"))
        part = make_slot(day, title=text("Part"), part_of=whole_day)
        Slot.objects.filter(pk=whole_day.pk).update(part_of=part)
        recording.added(part, whole_day)
    before = programmes()

    assert take_back(staff, recording.change) == DONE
    assert not day.slots.exists()
    assert take_back(staff, latest()) == DONE
    assert programmes() == before


def test_somebody_new_goes_with_the_line_that_named_them(staff, session, slot):
    before = programmes()
    with history.recorded(None, session, SavedChange.Act.REPLACED, slot) as recording:
        person = make_person("Ama Mensah")
        slot.lines.filter(person__family_name="Lund").update(person=person)
        recording.added(person)
    after = programmes()

    assert take_back(staff, recording.change) == DONE
    assert programmes() == before
    assert not Person.objects.filter(family_name="Mensah").exists()
    assert take_back(staff, latest()) == DONE
    assert programmes() == after


def test_records_that_were_merged_on_and_on_are_apart_again(staff, session):
    first, second, third = (make_person(f"Record {n}") for n in ("One", "Two", "Three"))
    merge(first, second)
    watched = (second, third, first)
    with history.recorded(None, None, SavedChange.Act.MERGED, *watched) as recording:
        merge(second, third)

    assert take_back(staff, recording.change) == DONE
    leads_to = dict(Person.objects.values_list("pk", "merged_into"))
    assert [leads_to[p.pk] for p in (first, second, third)] == [second.pk, None, None]


def test_a_deleted_session_comes_back_with_its_slots_and_its_history(
    staff, session, slot
):
    save(staff, page_of(slot), aside_en="Space")
    save(staff, page_of(session), theme_en="Remedies")
    before, told = programmes(), history_of(staff, session)

    change = delete(staff, session)

    assert not Slot.objects.exists()
    assert change.session is None
    assert take_back(staff, change) == DONE
    assert programmes() == before
    assert history_of(staff, session)[2:] == told


def test_a_slot_that_was_deleted_before_its_session_comes_back_after_it(staff, session):
    before = programmes()
    deleted_slot = delete(staff, Slot.objects.get(title__en="Working group"))
    deleted_session = delete(staff, session)

    assert refused(staff, deleted_slot) == (
        "10.15 Working group: Day was deleted since, so nothing was taken back. Take "
        "that deletion back first."
    )
    assert take_back(staff, deleted_session) == DONE
    assert take_back(staff, deleted_slot) == DONE
    assert programmes() == before
    assert latest().session == session


def test_a_deleted_conference_comes_back_with_its_logo(staff, db):
    forests = make_conference(slug="forests", logo=b"\x89PNG\x00\xff")
    change = delete(staff, forests)

    assert take_back(staff, change) == DONE
    assert bytes(Conference.objects.get().logo) == b"\x89PNG\x00\xff"


# --- Rows that an earlier release kept ---------------------------------------------


def kept_long_ago(session, kind, key, differences, name="An old row"):
    change = SavedChange.objects.create(session=session)
    ChangedRow.objects.create(
        change=change, kind=kind, key=key, name=name, differences=differences
    )
    return change


OLD = {
    "a kind": ("speech", [["", "colour", "red", {"en": "blue"}]]),
    "a kind, whole": ("speech", [["", "", None, {"": {"colour": "red"}, "x/1": {}}]]),
    "a field": ("slot", [["", "colour", ["fr"], None]]),
    "a part": ("slot", [["chairs/7", "", {"name": "Ada", "on": True}, None]]),
    "a field of a part": ("slot", [["lines/7", "colour", "red", "blue"]]),
    "a field of a whole part": ("slot", [["lines/x", "", {"colour": "red"}, None]]),
    "a field of a whole row": (
        "slot",
        [["", "", {"": {"colour": "red", "position": 5, "kind": "panel"}}, None]],
    ),
    "a part of a whole row": (
        "slot",
        [["", "", {"": {"kind": "panel"}, "chairs/7": {"name": "Ada"}}, None]],
    ),
}
OLD_TOLD = {
    "a kind": "An old row: Colour: from red to blue",
    "a kind, whole": "An old row: added red",
    "a field": "An old row: Colour: from Français to –",
    "a part": "An old row: chairs: deleted Ada · yes",
    "a field of a part": "An old row: line: Colour: from red to blue",
    "a field of a whole part": "An old row: line: deleted –",
    "a field of a whole row": "An old row: deleted panel",
    "a part of a whole row": "An old row: deleted panel",
}


@pytest.mark.parametrize("what", OLD)
def test_what_is_no_more_since_it_was_kept_is_told_and_not_taken_back(
    staff, session, what
):
    kind, differences = OLD[what]
    change = kept_long_ago(session, kind, 4711, differences)

    assert history_of(staff, session) == [[OLD_TOLD[what]]]
    assert staff.get("/admin/").status_code == 200
    assert refused(staff, change) == (
        "“An old row” was kept by an earlier release in a form that is no more, so "
        "nothing was taken back. Change it by hand."
    )


ODD = [
    ("start", "noon", "25:00"),
    ("start", 12, True),
    ("title", "in English", {"en": "Title"}),
    ("title", {"tlh": "yIDoghQo’"}, {"en": 5}),
    ("kind", ["panel"], {"en": "panel"}),
    ("kind", "speech", None),
    ("room", "Room XIX", 4711),
    ("room", [1], {"a": 1}),
    ("interpretation", ["tlh", None], "en"),
    ("is_printed", "yes", 0),
    ("day", 4711, 4712),
]


@pytest.mark.parametrize(("field", "old", "new"), ODD)
def test_a_value_that_was_kept_in_another_form_is_told_and_not_taken_back(
    staff, session, slot, field, old, new
):
    kept = kept_long_ago(session, "slot", slot.pk, [["", field, old, new]])
    stands = history.snapshot(slot)[""][field]
    other = kept_long_ago(session, "slot", slot.pk, [["", field, old, stands]])

    assert [len(each) for each in history_of(staff, session)] >= [1, 1]
    assert "Changed again since" in refused(staff, kept)
    assert refused(staff, other)


def test_what_was_kept_before_a_field_was_added_is_taken_back(staff, session):
    change = add_slot(staff)
    row = change.rows.get()
    for fields in row.differences[0][3].values():
        fields.pop("internal_note", None)
    row.save()

    assert take_back(staff, change) == DONE
    assert take_back(staff, latest()) == DONE
    slot = Slot.objects.get(title__en="Migrants in transit")
    assert slot.internal_note == ""


# --- Two at once ------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_same_change_back_at_once_one_is_told():
    make_slot(make_day(make_session()))
    slot = Slot.objects.get()
    user = User.objects.create(username="m", is_staff=True, is_superuser=True)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(user)
    for round_ in range(3):
        change = save(clients[0], page_of(slot), aside_en=f"Space {round_}")
        said = at_once(*(partial(take_back, client, change) for client in clients))

        assert sorted(said) == [DONE, "This was taken back already."]
        slot.refresh_from_db()
        assert (slot.aside, slot.version) == ({}, 3 + 2 * round_)
    assert SavedChange.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_slot_that_is_put_onto_a_day_while_it_is_taken_back_is_not_lost(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time")
    session = make_session()
    with history.recorded(None, session, "saved", session) as recording:
        day = make_day(session)
    real = taking_back._refuse_holding

    def slowly(row, where):
        real(row, where)
        with pytest.raises(OperationalError, match="lock"):
            elsewhere(adds_a_slot)

    def adds_a_slot():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        make_slot(day)

    monkeypatch.setattr(taking_back, "_refuse_holding", slowly)

    taking_back.take_back(recording.change, None)

    assert not Slot.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_whom_the_database_ended_is_told(monkeypatch):
    session = make_session()
    with history.recorded(None, session, "saved", session) as recording:
        Session.objects.update(theme=text("Remedies"))

    class DeadlockDetected(Exception):
        pgcode = "40P01"

    def deadlock(_rows):
        raise OperationalError("deadlock detected") from DeadlockDetected()

    monkeypatch.setattr(taking_back, "_lock", deadlock)

    with pytest.raises(taking_back.NotTakenBack, match="at the same moment"):
        taking_back.take_back(recording.change, None)


@pytest.mark.django_db(transaction=True)
def test_what_the_database_itself_refuses_is_said_in_a_sentence(monkeypatch):
    session = make_session()
    footnote = Footnote.objects.create(session=session, key="1", text=text("A note"))
    with history.recorded(None, session, "saved", session) as recording:
        Footnote.objects.filter(pk=footnote.pk).update(key="2")
    Footnote.objects.create(session=session, key="1", text=text("Newer"))
    # Somebody was faster than the check.
    monkeypatch.setattr(Footnote, "validate_constraints", lambda *_a, **_o: None)

    with pytest.raises(taking_back.NotTakenBack, match="Change it by hand"):
        taking_back.take_back(recording.change, None)

    assert sorted(Footnote.objects.values_list("key", flat=True)) == ["1", "2"]


# --- Who may ----------------------------------------------------------------------


BUTTON = "Take back</button>"


def test_nobody_takes_back_without_the_right_and_no_button_is_shown(
    staff, session, slot
):
    change = save(staff, page_of(slot), aside_en="Space")
    reader = sign_in(Client(), "reader", duty="reader")
    before = whole()

    pages = [
        reader.get(page)
        for page in (
            "/admin/",
            "/admin/history/",
            page_of(session, "history"),
            page_of(session),
        )
    ]
    answer = reader.post(reverse("desk:take_back", args=[change.pk]))

    assert [page.status_code for page in pages] == [200] * 4
    assert all(BUTTON not in page.content.decode() for page in pages)
    assert told_on(pages[1]) == [[f"{PANEL}: Aside (English): from – to Space"]]
    assert answer.status_code == 403
    assert {**whole(), User: None} == {**before, User: None}


NEEDED = [
    (change_words, "editor"),
    (add_slot, "editor"),
    (delete_slot, "editor"),
    (change_session, "editor"),
    (delete_session, "editor"),
    (change_person, "editor"),
    (delete_person, "editor"),
    (add_room, "editor"),
    (change_conference, "administrator"),
]
LESS = {"editor": "reader", "administrator": "publisher"}


@pytest.mark.parametrize(("act", "duty"), NEEDED)
def test_whoever_may_do_by_hand_what_taking_back_does_may_take_back(
    staff, session, act, duty
):
    here = session.conference
    change = act(staff)
    address = reverse("desk:take_back", args=[change.pk])
    client = sign_in(Client(), "less", duty=LESS[duty], conference=here)
    assert BUTTON not in client.get("/admin/history/").content.decode()
    assert client.post(address).status_code == 403

    client = sign_in(Client(), "enough", duty=duty, conference=here)

    assert BUTTON in client.get("/admin/history/").content.decode()
    assert take_back(client, change) == DONE


def told_to(duty, conference, page="/admin/history/"):
    reader = sign_in(Client(), f"{duty} {conference}", duty=duty, conference=conference)
    return told_on(reader.get(page))


def test_what_was_saved_in_another_conference_is_not_told(staff, session, slot):
    save(staff, page_of(slot), aside_en="Space")
    change_conference(staff)
    delete_slot(staff)
    person = change_person(staff).rows.get()
    elsewhere = make_conference(slug="forests")
    told = told_to("reader", session.conference)

    assert len(told) == 4
    assert told_to("administrator", elsewhere) == [told[0]]
    history_of_person = reverse("admin:speakers_person_history", args=[person.key])
    assert len(told_to("editor", elsewhere, history_of_person)) == 1


def test_what_was_saved_of_a_deleted_session_is_told_in_its_conference_alone(
    staff, session, slot
):
    elsewhere = make_conference(slug="forests")
    change_words(staff)
    change = delete_session(staff)
    assert change.session is None

    told = told_to("reader", session.conference)

    assert len(told) == 2
    assert told_to("administrator", elsewhere) == []
    other = sign_in(Client(), "other", duty="administrator", conference=elsewhere)
    assert other.post(reverse("desk:take_back", args=[change.pk])).status_code == 404


def test_the_history_is_for_those_who_may_see_sessions(staff, session):
    stranger = sign_in(Client(), "stranger", duty="none")

    assert stranger.get("/admin/history/").status_code == 403
    assert stranger.get(page_of(session, "history")).status_code == 404


def test_strangers_are_asked_to_sign_in(staff, slot):
    change = save(staff, page_of(slot), aside_en="Space")

    for client in (Client(),):
        for answer in (
            client.get("/admin/history/"),
            client.post(reverse("desk:take_back", args=[change.pk])),
        ):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/login/")
    assert SavedChange.objects.count() == 1


def test_a_change_is_taken_back_by_a_button_alone(staff, slot):
    change = save(staff, page_of(slot), aside_en="Space")
    address = reverse("desk:take_back", args=[change.pk])
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(User.objects.get())

    assert staff.get(address).status_code == 405
    assert guarded.post(address).status_code == 403
    for nothing in (4711, 9 * 10**30):
        answer = staff.post(reverse("desk:take_back", args=[nothing]))
        assert answer.status_code == 404
    assert SavedChange.objects.count() == 1


@pytest.mark.parametrize(
    "back",
    [
        "https://example.org/",
        "//example.org/",
        "/\\example.org/",
        "http:///example.org/",
        "javascript:alert(1)",
        "https://testserver.example.org/",
        "http://[",
        "\x00//example.org",
        " //example.org",
        "",
    ],
)
def test_the_way_back_never_leads_to_another_site(staff, slot, back):
    change = save(staff, page_of(slot), aside_en="Space")

    answer = staff.post(reverse("desk:take_back", args=[change.pk]), {"back": back})

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("page", ["/admin/", "/admin/history/?page=1", "a session"])
def test_the_way_back_leads_to_the_page_on_which_the_button_was(staff, slot, page):
    save(staff, page_of(slot), aside_en="Space")
    page = page_of(slot.day.session) if page == "a session" else page
    form = re.search(
        r'<form method="post" action="([^"]*take-back/)">(.*?)</form>',
        staff.get(page).content.decode(),
        re.DOTALL,
    )
    back = re.search(r'name="back" value="([^"]*)"', form[2])[1]

    answer = staff.post(form[1], {"back": back})

    assert (answer.status_code, answer["Location"]) == (302, page)


def test_a_change_that_was_taken_back_says_so_and_has_no_button(staff, session, slot):
    change = save(staff, page_of(slot), aside_en="Space")
    take_back(staff, change)

    page = staff.get("/admin/history/").content.decode()

    assert page.count("was taken back") == page.count('class="is-taken-back"') == 1
    assert page.count(BUTTON) == 1
    assert "<b>margareta</b> · taken back" in page
    assert history.last_change(session) is None


def test_nothing_is_left_to_be_taken_back_of_a_change_without_rows(staff, session):
    change = SavedChange.objects.create(session=session)

    assert history_of(staff, session) == [[]]
    assert refused(staff, change) == "Nothing of it is left to be taken back."
