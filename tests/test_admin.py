"""The staff side, page by page. Every page is posted with what its own HTML holds."""

import datetime as dt
import html
import io
import re

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageFile
from pypdf import PdfReader

from sessions_app import issuing, outputs
from sessions_app.compose import compose
from sessions_app.models import (
    Conference,
    Day,
    Document,
    Edition,
    Issuance,
    Line,
    Panel,
    Redaction,
    Room,
    Section,
    Session,
    Slot,
    Withdrawal,
)
from sessions_app.translated import text
from speakers.admin import folded
from speakers.models import Person, Role
from tests.at_once import at_once
from tests.desk import page_of, sign_in
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

BIDI = "\u202e"


@pytest.fixture
def session(db):
    """A session with one panel of two people."""
    session = make_session(room=make_room())
    slot = make_slot(make_day(session), kind=Slot.Kind.PANEL)
    Panel.objects.create(slot=slot, number=1)
    make_line(slot, text=text("Panellists"))
    make_line(slot, person=make_person("Ada Lund"), role=make_role())
    make_line(slot, person=make_person("Jürg Lauber"), role=make_moderator())
    return session


@pytest.fixture
def slot(session):
    return Slot.objects.get()


@pytest.fixture
def issued(session, monkeypatch):
    """The session, issued once."""
    _print_nothing(monkeypatch)
    issuing.issue(session, by=None, reason="Seen.")
    return session


def _print_nothing(monkeypatch):
    # What the note looks like is the business of other tests, and takes a second.
    monkeypatch.setattr(outputs, "documents_of", lambda *_arguments: [])


def add_page_of(model):
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_add")


def list_page_of(model):
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")


def save(client, page, **changed):
    """Opens a page, types, and saves it; gives the answer."""
    names = {name.replace("__", "-"): value for name, value in changed.items()}
    return post(client, page, typed(client.get(page)) | names)


def post(client, page, values):
    return client.post(
        page, {name: said for name, said in values.items() if said is not None}
    )


def errors_on(response):
    """What the page says is wrong, in words."""
    found = re.findall(
        r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>',
        response.content.decode(),
        re.DOTALL,
    )
    return re.findall(r"<li>(.*?)</li>", "".join(found), re.DOTALL)


def messages_on(client, address):
    page = client.get(address).content.decode()
    return re.findall(
        r'<li class="(?:success|error|warning)">(.*?)</li>', page, re.DOTALL
    )


# --- Every page ----------------------------------------------------------------

ROWS = (Conference, Room, Session, Slot, Person, Role)
RECORDS = (Edition, Document, Withdrawal, Redaction, Issuance)


@pytest.fixture
def everything(issued, admin_user):
    """A row of each kind."""
    edition = Edition.objects.get()
    Document.objects.create(
        edition=edition,
        language="en",
        name="note.pdf",
        content=b"%PDF-",
        sha256="0" * 64,
        pages=3,
    )
    now = timezone.now()
    Withdrawal.objects.create(
        edition=edition, at=now, by=admin_user, reason=text("Wrong paper")
    )
    Redaction.objects.create(
        session=issued, person_code="abc", at=now, closed_at=now, reason="Asked for."
    )
    Issuance.objects.create(session=issued, at=now, number=2, imprint={}, programme={})


@pytest.mark.thorough
def test_every_page_of_every_row_answers_without_inline_code_or_unknown_names(
    staff, everything
):
    pages = [reverse("admin:index"), *(add_page_of(model) for model in ROWS)]
    for model in (*ROWS, *RECORDS):
        row = model.objects.first()
        pages += [list_page_of(model), page_of(row)]
        pages.append(page_of(row).replace("/change/", "/history/"))
    for page in pages:
        response = staff.get(page)
        content = response.content.decode()

        assert response.status_code == 200, page
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", content), page
        assert not re.search(r"<script(?![^>]*\ssrc=)", content), page


@pytest.mark.thorough
def test_the_whole_demonstration_is_saved_unchanged_by_its_own_forms(
    staff, demonstration
):
    sessions = list(Session.objects.all())
    before = [compose(session).digest for session in sessions]

    for rows in (
        Slot.objects.filter(day__session__conference__slug="global-compact-migration"),
        *(
            model.objects.all()[:2]
            for model in (Conference, Room, Role, Person, Session)
        ),
    ):
        for row in rows:
            response = save(staff, page_of(row))
            assert response.status_code == 302, (row, errors_on(response))

    assert [compose(session).digest for session in sessions] == before
    assert set(Slot.objects.values_list("version", flat=True)) == {1}
    assert set(Person.objects.values_list("version", flat=True)) == {1}


@pytest.mark.parametrize("model", ROWS + RECORDS)
def test_a_list_is_searched_and_filtered_with_anything(staff, everything, model):
    page = list_page_of(model)
    for query in (
        "q=lund",
        "q=%00",
        "q=" + "x" * 3000,
        "status__exact=%00",
        "p=9999",
        "o=1.-2",
        "all=",
        "zz=1",
    ):
        response = staff.get(f"{page}?{query}", follow=True)
        assert response.status_code == 200, query


def test_an_address_may_name_the_row_that_a_new_one_belongs_to_and_nothing_else(
    staff, slot
):
    page = f"{add_page_of(Slot)}?day={slot.day_id}&title=5&room=x&kind=%00&start=zz"

    values = typed(staff.get(page))

    assert values["day"] == str(slot.day_id)
    assert (values["title_en"], values["room"], values["start"]) == ("", "", "")
    for odd in ("day=²", "day=" + "9" * 30, "part_of=-1"):
        assert staff.get(f"{add_page_of(Slot)}?{odd}").status_code == 200


def test_a_page_that_was_not_sent_whole_is_no_fault(staff, everything):
    for row in (Conference, Room, Session, Slot, Person, Role):
        page = page_of(row.objects.first())
        for values in ({}, {"day": "x", "room": "x", "merged_into": "x"}):
            assert staff.post(page, values).status_code == 200, row


@pytest.mark.parametrize("model", [Session, Slot, Person, Edition])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(
    staff, issued, model, monkeypatch
):
    with CaptureQueriesContext(connection) as few:
        staff.get(list_page_of(model))
    day = Day.objects.get()
    for number in range(4):
        make_session(slug=f"session-{number}")
        make_person(f"Person Number{number}")
        slot = make_slot(day, f"{11 + number}:00", f"{12 + number}:00")
        make_line(slot, person=make_person(f"Other Number{number}"))
        issuing.issue(issued, by=None, reason="Seen.")
    with CaptureQueriesContext(connection) as many:
        staff.get(list_page_of(model))

    assert len(many) == len(few)


def test_the_page_of_a_slot_takes_as_many_queries_for_many_lines_as_for_few(
    staff, slot
):
    staff.get(page_of(slot))
    with CaptureQueriesContext(connection) as few:
        staff.get(page_of(slot))
    for number in range(10):
        make_line(slot, person=make_person(f"Person Number{number}"))
    with CaptureQueriesContext(connection) as many:
        staff.get(page_of(slot))

    assert len(many) == len(few)


def test_the_page_of_a_session_takes_as_many_queries_for_many_slots_as_for_one(
    staff, session
):
    staff.get(page_of(session))
    with CaptureQueriesContext(connection) as few:
        staff.get(page_of(session))
    day = make_day(session, dt.date(2027, 6, 22))
    for hour in range(10, 18):
        make_slot(day, f"{hour}:00", f"{hour + 1}:00")
    with CaptureQueriesContext(connection) as many:
        staff.get(page_of(session))

    assert len(many) == len(few)


@pytest.mark.parametrize("model", RECORDS)
def test_a_record_can_be_read_and_neither_added_changed_nor_deleted(
    staff, everything, model
):
    row = model.objects.first()

    assert staff.get(page_of(row)).status_code == 200
    assert staff.get(add_page_of(model)).status_code == 403
    assert staff.post(page_of(row), {}).status_code == 403
    delete = page_of(row).replace("/change/", "/delete/")
    assert staff.post(delete, {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_an_edition_links_to_its_public_pages_and_says_who_issued_it(
    staff, everything, admin_user
):
    edition = Edition.objects.get()

    page = staff.get(page_of(edition)).content.decode()
    listed = staff.get(list_page_of(Edition)).content.decode()

    assert 'href="/en/ocean/first/editions/1/note.pdf"' in page
    assert 'href="/en/ocean/first/editions/1/"' in page
    assert "(3 pages, 5" in page
    assert 'href="/en/ocean/first/editions/1/note.pdf"' in listed


# --- The slot ------------------------------------------------------------------


def test_a_panellist_is_replaced_on_the_page_of_the_slot(staff, session, slot):
    other = make_person("Chantal Ouédraogo")

    response = save(staff, page_of(slot), **{"lines-1-person": other.pk})

    assert response.status_code == 302
    assert response["Location"] == f"{page_of(session)}#slot-{slot.code}"
    printed = [person.printed["en"] for person in compose(session).people]
    assert printed == ["Ms. Chantal Ouédraogo", "Ms. Jürg Lauber"]
    slot.refresh_from_db()
    assert slot.version == 2


def test_lines_are_listed_as_they_read_on_paper(staff, slot):
    line = slot.lines.get(person__family_name="Lund")
    line.status, line.mode = Line.Status.TO_BE_CONFIRMED, Line.Mode.REMOTE
    line.honorific = {}
    line.save()
    make_line(slot, text=text("{people} sums up"), person=make_person("Li Wei"))
    make_line(slot, text=text("Reports"), holders_of=Role.objects.get(key="moderator"))
    make_line(slot, unnamed=text("Representative of the public"))

    page = staff.get(page_of(slot)).content.decode()

    assert re.findall(r'<h3 dir="auto" data-echo="lines-\d">(.*?)</h3>', page) == [
        "Panellists",
        "Ada Lund, Director (by video link) (TBC)",
        "Moderated by Ms. Jürg Lauber, Director",
        "Ms. Li Wei, Director sums up",
        "Reports",
        "Representative of the public",
        "New line",
    ]


def test_a_new_line_goes_to_the_end_and_one_in_between_where_its_number_says(
    staff, slot
):
    values = typed(staff.get(page_of(slot)))
    values |= {
        "lines-TOTAL_FORMS": "5",
        "lines-3-text_en": "The last",
        "lines-4-id": "",
        "lines-4-slot": slot.pk,
        "lines-4-text_en": "In between",
        "lines-4-position": "15",
        "lines-4-status": "confirmed",
        "lines-4-mode": "in_person",
    }

    response = post(staff, page_of(slot), values)

    assert response.status_code == 302, errors_on(response)
    assert [(line.position, str(line)) for line in slot.lines.all()] == [
        (10, "Panellists"),
        (20, "In between"),
        (30, "Ada Lund"),
        (40, "Jürg Lauber"),
        (50, "The last"),
    ]


def test_a_slot_is_added_on_a_day_with_panel_lines_and_document(staff, session):
    page = f"{add_page_of(Slot)}?day={session.days.get().pk}"

    response = save(
        staff,
        page,
        kind="panel",
        start="15.00",
        end="17:30",
        title_en="Migrants in transit",
        **{
            "panel-0-number": "2",
            "lines-0-text_en": "Introduction",
            "documents-0-symbol": "A/71/1",
            "documents-0-title_en": "Report",
        },
    )

    assert response.status_code == 302, errors_on(response)
    slot = [*compose(session).slots][-1]
    assert slot.start == dt.time(15)
    assert slot.end == dt.time(17, 30)
    assert (slot.label, slot.title) == (
        {"en": "Panel 2"},
        {"en": "Migrants in transit"},
    )
    assert [line.text for line in slot.lines] == [{"en": "Introduction"}]
    assert [d.symbol for d in slot.documents] == ["A/71/1"]


def test_a_slot_without_panel_or_lines_gets_none(staff, session):
    page = f"{add_page_of(Slot)}?day={session.days.get().pk}"

    response = save(staff, page, kind="lunch", start="13.00", title_en="Lunch")

    slot = Slot.objects.get(kind="lunch")
    assert response.status_code == 302
    assert not hasattr(slot, "panel")
    assert slot.lines.count() == slot.documents.count() == 0


def test_texts_of_a_session_in_french_are_typed_in_french_first(staff, session, slot):
    session.primary_language, session.languages = "fr", ["en", "fr"]
    session.save()

    response = save(staff, page_of(slot), title_en="Statements", title_fr="")

    assert errors_on(response) == ["Type the text in French, the main language."]
    page = response.content.decode()
    assert page.index('name="title_fr"') < page.index('name="title_en"')
    assert page.index('name="lines-0-text_fr"') < page.index('name="lines-0-text_en"')


def test_only_days_and_slots_of_the_same_session_are_offered(staff, slot):
    other = make_slot(
        make_day(make_session(slug="second", title=text("Second session"))),
        title=text("Elsewhere"),
    )

    page = staff.get(page_of(slot)).content.decode()

    assert "Second session" not in page
    assert "Elsewhere" not in page
    assert (
        f'value="{other.day_id}"'
        not in re.search(r'<select name="day".*?</select>', page, re.DOTALL)[0]
    )


def test_a_line_prints_no_honorific_where_the_box_is_ticked(staff, session, slot):
    response = save(staff, page_of(slot), **{"lines-1-honorific_none": "on"})

    assert response.status_code == 302
    assert next(p.printed["en"] for p in compose(session).people) == "Ada Lund"
    save(staff, page_of(slot), aside_en="Space for side events")
    assert next(p.printed["en"] for p in compose(session).people) == "Ada Lund"


# --- The session ----------------------------------------------------------------


def test_the_page_of_a_session_lists_its_slots_as_they_print(staff, session):
    day = session.days.get()
    make_slot(day, "09:00", "09:30", title=text("Opening"))
    make_slot(day, "", "", title=text("Closing"), when=text("upon conclusion"))
    make_slot(day, "08:00", "09:00", title=text("Briefing"), is_printed=False)
    make_slot(day, "12:00", "13:00", title=text("Talk"), status="cancelled")

    page = staff.get(page_of(session)).content.decode()
    programme = re.search(
        r'<section class="desk-programme".*?(?=<aside)', page, re.DOTALL
    )[0]
    read = " ".join(re.sub(r"<[^>]+>", " ", programme).split())

    assert read.replace("\xa0", " ") == (
        "Programme Day 1: Monday, 21 June 2027 Grid of the day "
        "09.00–09.30 30 min Room XIX Opening Add a slot here "
        "upon conclusion Room XIX Closing Add a slot here "
        "10.00–11.00 1 h Room XIX Panel 1 Statements Panellists Ms. Ada Lund Director "
        "Moderated by Ms. Jürg Lauber , Director Add a slot here "
        "12.00–13.00 1 h Room XIX Cancelled Talk Add a slot here "
        "08.00–09.00 Briefing not printed"
    )
    assert re.findall(rf'slot/add/\?day={day.pk}([^"]*)"', programme) == [
        "&amp;start=09.30",
        "",
        "&amp;start=11.00&amp;end=12.00",
        "&amp;start=13.00",
    ]


def test_a_session_is_entered_with_its_days_section_and_footnote(staff, db):
    conference = make_conference()

    response = save(
        staff,
        add_page_of(Session),
        conference=conference.pk,
        slug="second",
        title_en="Second session[^1]",
        city_en="Nairobi",
        zone="Africa/Nairobi",
        starts_on="2027-03-01",
        ends_on="2027-03-02",
        languages=["fr", "en"],
        **{
            "days-0-date": "2027-03-01",
            "sections-0-heading_en": "Background",
            "sections-0-text_en": "Text",
            "footnotes-0-key": "1",
            "footnotes-0-text_en": "A note",
        },
    )

    assert response.status_code == 302, errors_on(response)
    programme = compose(Session.objects.get())
    assert programme.languages == ("en", "fr")
    assert [day.date for day in programme.days] == [dt.date(2027, 3, 1)]
    assert [s.heading for s in programme.sections] == [{"en": "Background"}]
    assert [n.text for n in programme.footnotes] == [{"en": "A note"}]
    assert Section.objects.get().position == 10


def test_what_was_issued_keeps_its_address_and_cannot_be_deleted(staff, issued):
    for row in (issued, issued.conference):
        page = page_of(row)

        save(staff, page, slug="other", title_en="New title")
        row.refresh_from_db()
        delete = page.replace("/change/", "/delete/")
        response = staff.post(delete, {"post": "yes"}, follow=True)

        assert (row.slug, row.title["en"]) != ("other", None)
        assert row.slug in {"first", "ocean"}
        assert row.title == {"en": "New title"}
        assert "kept for good" in response.content.decode()
        assert "deletelink" not in staff.get(page).content.decode()
    assert Session.objects.exists()


def test_a_session_that_was_never_issued_can_be_deleted(staff, session):
    delete = page_of(session).replace("/change/", "/delete/")

    confirm = staff.get(delete, follow=True)
    staff.post(confirm.redirect_chain[-1][0], {"post": "yes"})

    assert not Session.objects.exists()


def test_a_day_that_holds_slots_is_not_removed_with_them(staff, session):
    response = save(staff, page_of(session), **{"days-0-DELETE": "on"})

    assert errors_on(response) == [
        (
            "2027-06-21 still holds slots (1). Move them to another day or delete them "
            "first; nothing was saved."
        )
    ]
    assert Slot.objects.count() == 1


def test_an_empty_day_is_removed(staff, session):
    make_day(session, dt.date(2027, 6, 22))

    response = save(staff, page_of(session), **{"days-1-DELETE": "on"})

    assert response.status_code == 302
    assert session.days.count() == 1


def test_a_room_in_use_is_not_deleted(staff, session):
    delete = page_of(session.room).replace("/change/", "/delete/")

    assert "would require deleting the following protected" in (
        staff.get(delete).content.decode()
    )
    assert staff.post(delete, {"post": "yes"}).status_code == 200
    assert Room.objects.exists()


# --- The logo --------------------------------------------------------------------


def picture(width=40, height=20, file_format="PNG", **options):
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(drawn, file_format, **options)
    drawn.name = f"logo.{file_format.lower()}"
    drawn.seek(0)
    return drawn


def save_logo(client, conference, file=None, **changed):
    values = typed(client.get(page_of(conference))) | changed
    return post(client, page_of(conference), values | {"new_logo": file})


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_logo_becomes_a_png_without_anything_but_the_picture(staff, db, file_format):
    conference = make_conference()
    exif = Image.Exif()
    exif[0x010E] = "taken in secret"
    options = {"exif": exif} if file_format in {"PNG", "JPEG", "WEBP"} else {}

    response = save_logo(staff, conference, picture(file_format=file_format, **options))

    assert response.status_code == 302, errors_on(response)
    conference.refresh_from_db()
    kept = Image.open(io.BytesIO(bytes(conference.logo)))
    assert (kept.format, kept.size, kept.info) == ("PNG", (40, 20), {})
    assert "data:image/png;base64," in staff.get(page_of(conference)).content.decode()


def test_a_wide_logo_is_drawn_smaller_and_an_old_one_can_be_removed(staff, db):
    conference = make_conference()

    save_logo(staff, conference, picture(2400, 600))
    conference.refresh_from_db()
    assert Image.open(io.BytesIO(bytes(conference.logo))).size == (1200, 300)
    save_logo(staff, conference)
    conference.refresh_from_db()
    assert conference.logo
    save_logo(staff, conference, without_logo="on")
    conference.refresh_from_db()
    assert conference.logo is None


def test_what_is_no_picture_or_too_large_is_refused_with_a_sentence(
    staff, db, monkeypatch
):
    # As the library that prints sets it once it is loaded.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    conference = make_conference()
    drawing = io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    drawing.name = "logo.svg"
    cut = io.BytesIO(picture(400, 400).getvalue()[:90])
    cut.name = "logo.png"
    huge = picture(6000, 6000)
    noise = io.BytesIO()
    Image.effect_noise((1200, 900), 90).convert("RGB").save(noise, "JPEG", quality=60)
    noise.name, _place = "noise.jpg", noise.seek(0)

    said = [
        errors_on(save_logo(staff, conference, file, title_en="Kept"))
        for file in (drawing, cut, huge, noise)
    ]

    no_picture = ["This is no picture that can be read. Choose a PNG or JPEG file."]
    assert said[:2] == [no_picture, no_picture]
    assert said[2] == ["The picture is too large. Choose one at most 1200 pixels wide."]
    assert re.fullmatch(r"As PNG the picture has \d+ kB; at most 200 kB .*", said[3][0])
    conference.refresh_from_db()
    assert conference.logo is None


# --- People ---------------------------------------------------------------------


def test_a_search_needs_no_accents():
    assert (
        folded("Jürg ÅSLØG Łucja Nguyễn O’Brien") == "jurg aslog lucja nguyen o'brien"
    )


def test_people_are_found_without_accents_by_name_function_and_state(staff, db):
    make_person("Jürg Lauber", state=text("Switzerland"), function=text("Envoy"))
    make_person("Łucja Øyen", state=text("Norway", ar="النرويج"))

    for term, names in {
        "jurg": ["Jürg Lauber"],
        "LAUBER jurg": ["Jürg Lauber"],
        "oyen": ["Łucja Øyen"],
        "norway": ["Łucja Øyen"],
        "النرويج": ["Łucja Øyen"],
        "envoy switz": ["Jürg Lauber"],
        "nobody": [],
        "": ["Jürg Lauber", "Łucja Øyen"],
    }.items():
        page = staff.get(list_page_of(Person), {"q": term}).content.decode()
        found = re.findall(r'<th class="field-printed_line">.*?>Ms\. (.*?),', page)
        assert found == names, term


def choices(client, term, field_name="person"):
    response = client.get(
        reverse("admin:speakers_person_choices"),
        {
            "term": term,
            "app_label": "sessions_app",
            "model_name": "line",
            "field_name": field_name,
        },
    )
    return [choice["text"] for choice in response.json()["results"]]


def test_people_to_choose_from_are_told_apart_and_merged_records_left_out(staff, db):
    kept = make_person("Maria Silva", function=text("Mayor of Porto"))
    make_person("Maria Silva", function=text("Judge"))
    make_person("Maria Silvá", merged_into=kept)

    assert choices(staff, "silva") == [
        "Maria Silva – Mayor of Porto",
        "Maria Silva – Judge",
    ]
    assert choices(staff, "\0silva judge") == ["Maria Silva – Judge"]
    make_role("chair")
    assert choices(staff, "chair", field_name="role") == ["Chair"]


def test_the_list_of_people_says_where_they_appear_and_what_is_merged(staff, slot):
    kept = Person.objects.get(family_name="Lund")
    make_person("A. Lund", merged_into=kept)
    make_line(slot, person=kept)

    page = staff.get(list_page_of(Person)).content.decode()
    merged = staff.get(list_page_of(Person), {"merged": "yes"}).content.decode()

    assert "First session (2 times)" in page
    assert re.findall(r'class="field-merged">(.*?)<', merged) == ["Ada Lund"]


# --- Two editors ----------------------------------------------------------------


def conflict_on(response):
    """The table of a refused save: field, saved, typed."""
    rows = re.findall(
        r'<tr><th scope="row"><bdi>(.*?)</bdi></th><td dir="auto">(.*?)</td>'
        r'<td dir="auto">(.*?)</td></tr>',
        response.content.decode(),
        re.DOTALL,
    )
    return [tuple(row) for row in rows]


def test_the_second_of_two_editors_is_refused_and_loses_nothing_typed(staff, slot):
    page = page_of(slot)
    second = typed(staff.get(page))
    save(staff, page, title_en="Opening statements", end="11.30")

    response = post(
        staff, page, second | {"title_en": "Closing statements", "aside_en": "Coffee"}
    )

    assert response.status_code == 200
    assert "admin saved this a moment ago." in response.content.decode()
    assert conflict_on(response) == [
        ("End", "11.30", "11.00"),
        ("Title (English)", "Opening statements", "Closing statements"),
        ("Aside (English)", "–", "Coffee"),
    ]
    kept = typed(response)
    assert (kept["title_en"], kept["aside_en"]) == ("Closing statements", "Coffee")
    slot.refresh_from_db()
    assert (slot.title, slot.aside, slot.version) == (text("Opening statements"), {}, 2)


def test_lines_added_changed_and_deleted_meanwhile_stand_beside_what_was_typed(
    staff, slot
):
    page = page_of(slot)
    second = typed(staff.get(page))
    first = typed(staff.get(page)) | {
        "lines-1-DELETE": "on",
        "lines-2-status": "to_be_confirmed",
        "lines-3-text_en": "Questions",
    }
    post(staff, page, first)

    response = post(
        staff,
        page,
        second
        | {
            "lines-0-text_fr": "Intervenants",
            "lines-1-function_en": "Minister",
            "lines-3-text_en": "Answers",
        },
    )

    ada = Person.objects.get(family_name="Lund")
    assert conflict_on(response) == [
        ("Line “Panellists”: Text (Français)", "–", "Intervenants"),
        ("Line", "deleted", f"{ada}; Panellist; 20; Minister"),
        ("Line “Jürg Lauber”: Status", "to be confirmed", "confirmed"),
        ("Line “Jürg Lauber”: Order", "20", "30"),
        ("Line", "Questions", "–"),
        ("Line", "–", "Answers"),
    ]
    kept = typed(response)
    assert kept["lines-0-text_fr"] == "Intervenants"
    assert kept["lines-1-function_en"] == "Minister"
    assert kept["lines-3-text_en"] == "Answers"
    assert not slot.lines.filter(text__en="Answers").exists()


def test_what_was_typed_stays_in_sight_when_there_are_fewer_lines_than_before(
    staff, slot
):
    second = typed(staff.get(page_of(slot))) | {"lines-2-function_en": "Minister"}
    slot.lines.exclude(text={}).delete()
    Slot.objects.update(version=2)

    response = post(staff, page_of(slot), second)

    assert typed(response)["lines-2-function_en"] == "Minister"
    assert "Moderated by Ms. Jürg Lauber, Minister" in response.content.decode()


def test_two_editors_of_a_person_a_session_and_a_day(staff, session):
    for row, name in (
        (Person.objects.first(), "printed_name_en"),
        (session, "title_en"),
    ):
        second = typed(staff.get(page_of(row)))
        save(staff, page_of(row), **{name: "First"})
        response = post(staff, page_of(row), second | {name: "Second"})
        assert [(saved, typed) for _field, saved, typed in conflict_on(response)] == [
            ("First", "Second")
        ]
    second = typed(staff.get(page_of(session)))
    Day.objects.update(date=dt.date(2027, 6, 22), version=2)
    response = post(staff, page_of(session), second)
    assert conflict_on(response) == [
        ("Day “2027-06-22”: Date", "2027-06-22", "2027-06-21")
    ]
    assert Day.objects.get().date == dt.date(2027, 6, 22)


def test_editors_of_different_slots_do_not_meet(staff, session, slot):
    other = make_slot(slot.day, "12:00", "13:00")
    first, second = (typed(staff.get(page_of(row))) for row in (slot, other))

    one = post(staff, page_of(slot), first | {"title_en": "One"})
    two = post(staff, page_of(other), second | {"title_en": "Two"})

    assert (one.status_code, two.status_code) == (302, 302)


@pytest.mark.parametrize("seen", ["garbage", "", None, "-1", "9" * 30, "0"])
@pytest.mark.thorough
def test_a_version_that_never_was_is_a_conflict_and_no_fault(staff, slot, seen):
    response = save(staff, page_of(slot), version_seen=seen, title_en="New")

    assert response.status_code == 200
    assert conflict_on(response) == [("Title (English)", "Statements", "New")]
    slot.refresh_from_db()
    assert slot.title == text("Statements")


def test_what_was_typed_in_a_slot_deleted_meanwhile_can_be_entered_anew(
    staff, session, slot
):
    values = typed(staff.get(page_of(slot))) | {
        "title_en": "Kept",
        "aside_en": "Coffee",
    }
    day = slot.day
    slot.delete()

    refused = post(staff, page_of(slot), values)
    again = typed(refused)

    assert "was deleted by somebody else" in refused.content.decode()
    assert not Slot.objects.exists()
    assert f'action="{add_page_of(Slot)}"' in refused.content.decode()
    entered = post(staff, add_page_of(Slot), again)
    assert entered.status_code == 302, errors_on(entered)
    anew = Slot.objects.get()
    assert (anew.day, anew.title, anew.aside) == (day, text("Kept"), text("Coffee"))
    assert [str(line) for line in anew.lines.all()] == [
        "Panellists",
        "Ada Lund",
        "Jürg Lauber",
    ]
    assert anew.panel.number == 1


def test_a_deletion_of_what_was_saved_meanwhile_is_refused(staff, slot):
    delete = page_of(slot).replace("/change/", "/delete/")
    confirm = staff.get(delete, follow=True).redirect_chain[-1][0]
    save(staff, page_of(slot), title_en="Saved meanwhile")

    response = staff.post(confirm, {"post": "yes"}, follow=True)

    assert "Nothing was deleted" in response.content.decode()
    assert Slot.objects.exists()
    again = staff.get(delete, follow=True).redirect_chain[-1][0]
    staff.post(again, {"post": "yes"})
    assert not Slot.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.thorough
def test_of_two_saves_at_the_same_moment_one_is_refused(slot):
    admin = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(admin)
    page = page_of(slot)
    values = typed(clients[0].get(page))

    def saving(client, name, said):
        return lambda: post(client, page, values | {name: said})

    for round_ in range(3):
        first, second = at_once(
            saving(clients[0], "title_en", f"Title {round_}"),
            saving(clients[1], "aside_en", f"Aside {round_}"),
        )
        assert {first.status_code, second.status_code} == {200, 302}
        slot.refresh_from_db()
        assert [slot.title["en"], slot.aside.get("en")].count(f"Title {round_}") + [
            slot.title["en"],
            slot.aside.get("en"),
        ].count(f"Aside {round_}") == 1
        assert slot.version == round_ + 2
        values = typed(clients[0].get(page))


# --- Bad input -------------------------------------------------------------------

CHANGES_ORDER = (
    "changes the order in which the text is read. Delete it and type the words again."
)
NOT_OFFERED = "Select a valid choice. That choice is not one of the available choices."


def errors_at_fields(response):
    """What the page says is wrong, by the field where it says so."""
    found = re.findall(
        r'<ul class="errorlist" id="id_([^"]*)_error">(.*?)</ul>',
        response.content.decode(),
        re.DOTALL,
    )
    return {
        field: html.unescape("; ".join(re.findall("<li>(.*?)</li>", said, re.DOTALL)))
        for field, said in found
    }


def test_bad_input_on_a_slot_is_told_at_each_field_and_kept(staff, slot):
    before = compose(slot.day.session).digest
    bad = {
        "day": "999999",
        "kind": "talk",
        "start": "25.00",
        "position": "-1",
        "room": "9" * 30,
        "part_of": "x' OR 1",
        "interpretation": ["xx"],
        "webcast": "javascript:alert(1)",
        "agenda_item": f"Item {BIDI}3",
        "internal_note": "a\x00b",
        "title_en": "Statements\x00",
        "aside_fr": f"{BIDI}Café",
        "text_en": "x" * 1_000_000,
        "panel-0-number": "9" * 30,
        "panel-0-label_en": "x" * 61,
        "lines-0-text_en": "Remarks by {people} and {people}",
        "lines-1-person": "99999",
        "lines-1-role": "abc",
        "lines-1-position": "a",
        "lines-1-status": "perhaps",
        "lines-1-honorific_en": "Ms.",
        "lines-1-honorific_none": "on",
        "lines-2-function_en": "{0.__class__}\x1b",
        "documents-0-address": "file:///etc/passwd",
    }

    response = save(staff, page_of(slot), when_en="Typed before", **bad)

    assert response.status_code == 200
    at_fields = errors_at_fields(response)
    assert at_fields.pop("panel-0-number").startswith("Ensure this value is less than")
    assert at_fields == {
        "day": NOT_OFFERED,
        "kind": "Select a valid choice. talk is not one of the available choices.",
        "start": "Enter a valid time.",
        "position": "Ensure this value is greater than or equal to 0.",
        "room": NOT_OFFERED,
        "part_of": NOT_OFFERED,
        "interpretation": "Select a valid choice. xx is not one of the available choices.",
        "webcast": "Enter a valid URL.",
        "agenda_item": f"Character 6 (U+202E) {CHANGES_ORDER}",
        "internal_note": "Null characters are not allowed.",
        "title": (
            "Character 11 (U+0000) cannot be printed. Delete it and type the words again."
        ),
        "aside": f"Character 1 (U+202E) {CHANGES_ORDER}",
        "text": (
            "The text in English has 1000000 characters; at most 20000 are printed here. "
            "Shorten it by 980000."
        ),
        "panel-0-label": (
            "The text in English has 61 characters; at most 60 are printed here. Shorten "
            "it by 1."
        ),
        "lines-0-text": (
            "Curly brackets stand only for {people}, once in a text. Take the others out."
        ),
        "lines-1-person": NOT_OFFERED,
        "lines-1-role": NOT_OFFERED,
        "lines-1-position": "Enter a whole number.",
        "lines-1-status": (
            "Select a valid choice. perhaps is not one of the available choices."
        ),
        "lines-1-honorific": "Either type a text or tick “print none here”, not both.",
        "lines-2-function": (
            "Character 14 (U+001B) cannot be printed. Delete it and type the words again."
        ),
        "documents-0-title": "Type the text in English, the main language.",
        "documents-0-address": "Enter a valid URL.",
    }
    kept = typed(response)
    for name in (
        "when_en",
        "text_en",
        "aside_fr",
        "webcast",
        "start",
        "lines-0-text_en",
    ):
        assert kept[name] == ({"when_en": "Typed before"} | bad)[name], name
    assert compose(slot.day.session).digest == before


@pytest.mark.parametrize(
    ("changed", "at_fields"),
    [
        (
            {"start": "10.00", "end": "09.00"},
            {
                "end": (
                    "The slot ends at 09.00, before or when it starts (10.00). Type a "
                    "later end, or tick “ends after midnight”."
                )
            },
        ),
        (
            {"start": ""},
            {"start": "Type the start too: a slot with an end needs one."},
        ),
        (
            {"end": "", "ends_next_day": "on"},
            {"end": "Type the time at which the slot ends."},
        ),
        ({"day": ""}, {"day": "This field is required."}),
    ],
)
def test_times_that_do_not_go_together_are_told_at_the_field(
    staff, slot, changed, at_fields
):
    response = save(staff, page_of(slot), aside_en="Typed before", **changed)

    assert errors_at_fields(response) == at_fields
    assert typed(response)["aside_en"] == "Typed before"
    assert {name: typed(response).get(name) for name in changed} == {
        name: [said] if said == "on" else said for name, said in changed.items()
    }


def test_a_line_with_nothing_or_with_two_participants_is_told_at_the_line(staff, slot):
    response = save(
        staff,
        page_of(slot),
        **{"lines-0-text_en": "", "lines-1-unnamed_en": "Somebody"},
    )

    assert errors_on(response) == [
        "Type a text or choose who is named here.",
        "Choose one: a person, the holders of a role, or somebody unnamed.",
    ]
    assert typed(response)["lines-1-unnamed_en"] == "Somebody"


@pytest.mark.parametrize("key", ["abc", "99999", "\x00"])
def test_a_line_with_a_wrong_key_is_refused(staff, slot, key):
    response = save(staff, page_of(slot), **{"lines-0-id": key})

    assert response.status_code == 200
    assert "Please correct the error" in response.content.decode()
    assert slot.lines.count() == 3


@pytest.mark.parametrize("name", ["documents-TOTAL_FORMS", "lines-INITIAL_FORMS"])
@pytest.mark.parametrize("value", ["", "x", "-1", "99999999"])
@pytest.mark.thorough
def test_a_form_that_was_tampered_with_is_no_fault(staff, slot, name, value):
    response = save(staff, page_of(slot), **{name: value})

    assert response.status_code in {200, 302}
    shown = re.findall(r'name="documents-\d+-address"', response.content.decode())
    assert len(shown) <= 200
    assert slot.lines.count() == 3


def test_a_time_that_the_clocks_leave_out_is_refused_at_the_field(staff, db):
    session = make_session(starts_on=dt.date(2017, 3, 26), ends_on=dt.date(2017, 3, 26))
    page = f"{add_page_of(Slot)}?day={make_day(session).pk}"

    response = save(staff, page, start="02.30", end="04.00", title_en="Night meeting")

    assert errors_on(response) == [
        (
            "On 2017-03-26 the clocks in Europe/Zurich go forward and never show 02.30. "
            "Choose a time before or after the change."
        )
    ]
    assert typed(response)["start"] == "02.30"


def test_bad_input_on_a_session_is_told_at_each_field_and_kept(staff, session):
    bad = {
        "slug": "Third Session",
        "starts_on": "31/31/2027",
        "ends_on": "0000-00-00",
        "zone": "../../etc/passwd",
        "languages": None,
        "symbol": f"A/{BIDI}71",
        "room": "x",
        "city_en": "\x00",
        "page_size": "A0",
        "days-1-date": "tomorrow",
        "sections-0-text_en": "No heading",
        "footnotes-0-key": "no good",
        "footnotes-0-text_en": "x" * 4001,
    }

    response = save(staff, page_of(session), theme_en="Typed before", **bad)

    assert response.status_code == 200
    at_fields = errors_at_fields(response)
    assert at_fields.pop("footnotes-0-key").startswith("Enter a valid “slug”")
    assert at_fields == {
        "slug": (
            "Use small letters a to z, figures and single hyphens: "
            "third-thematic-session."
        ),
        "starts_on": "Enter a valid date.",
        "ends_on": "Enter a valid date.",
        "zone": (
            "“../../etc/passwd” is not a time zone. Type region and city: Europe/Zurich."
        ),
        "languages": "This field is required.",
        "symbol": f"Character 3 (U+202E) {CHANGES_ORDER}",
        "room": NOT_OFFERED,
        "city": (
            "Character 1 (U+0000) cannot be printed. Delete it and type the words again."
        ),
        "page_size": "Select a valid choice. A0 is not one of the available choices.",
        "days-1-date": "Enter a valid date.",
        "sections-0-heading": "Type the text in English, the main language.",
        "footnotes-0-text": (
            "The text in English has 4001 characters; at most 4000 are printed here. "
            "Shorten it by 1."
        ),
    }
    kept = typed(response)
    assert kept["theme_en"] == "Typed before"
    for name in ("slug", "starts_on", "zone", "symbol", "days-1-date"):
        assert kept[name] == bad[name]
    session.refresh_from_db()
    assert session.theme == {}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"ends_on": "2027-06-20"},
            "The last day is before the first day: choose a later one.",
        ),
        (
            {"zone": "Europe/Atlantis"},
            "“Europe/Atlantis” is not a time zone. Type region and city: Europe/Zurich.",
        ),
        ({"primary_language": "fr"}, "Choose one of the languages of the session."),
        ({"slug": "second"}, "Another session of this conference has this address."),
        (
            {"days-1-date": "2027-06-21"},
            "Please correct the duplicate data for date.",
        ),
        (
            {"days-1-date": "2027-08-01"},
            (
                "The session lasts from 2027-06-21 to 2027-06-22. Choose a date of it, or "
                "change the session’s dates first."
            ),
        ),
        ({"days-0-version_seen": "x"}, "This was saved by somebody else"),
    ],
)
def test_what_does_not_go_together_on_a_session_is_told_and_kept(
    staff, session, changed, said
):
    make_session(slug="second")

    response = save(
        staff, page_of(session), theme_en="Typed before", title_fr="Titre", **changed
    )

    assert response.status_code == 200
    assert any(error.startswith(said) for error in errors_on(response)), errors_on(
        response
    )
    assert typed(response)["theme_en"] == "Typed before"
    session.refresh_from_db()
    assert session.theme == {}


def test_a_zone_in_which_a_slot_would_be_at_no_time_is_refused(staff, db):
    session = make_session(
        starts_on=dt.date(2017, 3, 26), ends_on=dt.date(2017, 3, 26), zone="Asia/Tokyo"
    )
    make_slot(make_day(session), "02:30", "04:00")

    response = save(staff, page_of(session), zone="Europe/Zurich")

    assert "never show 02.30" in errors_on(response)[0]
    assert typed(response)["zone"] == "Europe/Zurich"


def test_bad_input_on_a_person_is_told_at_each_field_and_kept(staff, db):
    person = make_person()
    bad = {
        "family_name": f"Lund{BIDI}",
        "given_names": "x" * 121,
        "printed_name_en": f"Ada{BIDI} Lund",
        "honorific_ar": "\x00",
        "internal_contact": "x" * 1_000_000,
        "label_form": "other",
    }

    response = save(staff, page_of(person), organization_en="Typed before", **bad)

    assert errors_at_fields(response) == {
        "family_name": f"Character 5 (U+202E) {CHANGES_ORDER}",
        "given_names": "Ensure this value has at most 120 characters (it has 121).",
        "printed_name": f"Character 4 (U+202E) {CHANGES_ORDER}",
        "honorific": (
            "Character 1 (U+0000) cannot be printed. Delete it and type the words again."
        ),
        "internal_contact": (
            "Ensure this value has at most 2000 characters (it has 1000000)."
        ),
        "label_form": "Select a valid choice. other is not one of the available choices.",
    }
    assert typed(response)["organization_en"] == "Typed before"
    assert typed(response)["printed_name_en"] == bad["printed_name_en"]


def test_a_person_who_is_named_is_not_deleted(staff, slot):
    person = Person.objects.get(family_name="Lund")
    delete = page_of(person).replace("/change/", "/delete/")

    staff.post(staff.get(delete, follow=True).redirect_chain[-1][0], {"post": "yes"})

    assert Person.objects.filter(pk=person.pk).exists()


def test_what_the_database_alone_can_refuse_is_a_sentence_and_kept(
    staff, slot, monkeypatch
):
    def refuse(*_arguments, **_options):
        raise IntegrityError

    monkeypatch.setattr(Slot, "save", refuse)

    response = save(staff, page_of(slot), title_en="Typed")

    assert response.status_code == 200
    assert "Somebody else saved something at the same moment" in errors_on(response)[0]
    assert typed(response)["title_en"] == "Typed"


@pytest.mark.parametrize("number", ["abc", "0", "9" * 30, "-1", "1%00"])
def test_an_address_of_nothing_is_no_fault(staff, session, number):
    for page in (
        "session/{}/change/",
        "slot/{}/change/",
        "slot/{}/delete/",
        "session/{}/issue/",
        "session/{}/preview/",
        "edition/{}/change/",
    ):
        address = f"/admin/sessions_app/{page.format(number)}"
        assert staff.get(address).status_code in {302, 404}, address
        assert staff.post(address, {}).status_code in {200, 302, 403, 404, 405}, address


# --- Preview and issue -------------------------------------------------------------


def issue_page_of(session):
    return reverse("admin:sessions_app_session_issue", args=[session.pk])


def preview_page_of(session, name="preview"):
    return reverse(f"admin:sessions_app_session_{name}", args=[session.pk])


def test_the_preview_shows_the_draft_and_may_not_be_kept(staff, session):
    agenda = staff.get(preview_page_of(session))

    assert agenda.status_code == 200
    assert "Ada Lund" in agenda.content.decode()
    assert "Draft, not issued" in agenda.content.decode()
    assert (agenda["Cache-Control"], agenda["X-Robots-Tag"]) == ("no-store", "noindex")
    assert staff.post(preview_page_of(session)).status_code == 405


def test_the_preview_of_the_note_is_a_pdf_and_may_not_be_kept(staff, session):
    note = staff.get(preview_page_of(session, "preview_note"))

    assert note.content.startswith(b"%PDF-")
    assert note["Content-Type"] == "application/pdf"
    assert (note["Cache-Control"], note["X-Robots-Tag"]) == ("no-store", "noindex")


def test_the_draft_to_circulate_says_so_on_each_page_and_may_not_be_kept(
    staff, session
):
    response = staff.get(preview_page_of(session, "circulation"))
    pages = PdfReader(io.BytesIO(response.content)).pages

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert re.fullmatch(
        r'attachment; filename="draft-first-\d{4}-\d\d-\d\d-\d{4}-en\.pdf"',
        response.headers["Content-Disposition"],
    )
    assert all("DRAFT" in page.extract_text() for page in pages)
    assert Edition.objects.count() == 0


def test_staff_pages_are_in_the_language_that_was_chosen_and_no_others(staff, session):
    choose = reverse("desk:language")
    index = reverse("admin:index")

    answer = staff.post(choose, {"language": "ar", "next": index})
    assert (answer.status_code, answer.url) == (302, index)
    assert '<html lang="ar" dir="rtl">' in staff.get(index).content.decode()
    assert '<html lang="en"' in staff.get("/en/").content.decode()

    staff.cookies["staff_language"] = "xx"
    assert '<html lang="en" dir="ltr">' in staff.get(index).content.decode()


def test_an_empty_list_says_what_to_do(staff, db):
    page = staff.get(list_page_of(Room)).content.decode()

    assert "No rooms yet." in page
    assert f'href="{add_page_of(Room)}"' in page


def test_the_preview_is_in_a_language_of_the_session(staff, session):
    session.languages = ["en", "fr"]
    session.title = text("First session", fr="Première session")
    session.save()

    french = staff.get(preview_page_of(session), {"language": "fr"}).content.decode()
    other = staff.get(preview_page_of(session), {"language": "xx"}).content.decode()

    assert '<html lang="fr"' in french
    assert "Première session" in french
    assert '<html lang="en"' in other


def test_drafts_and_issuing_are_for_staff_with_the_right(client, session):
    pages = [
        issue_page_of(session),
        preview_page_of(session),
        preview_page_of(session, "preview_note"),
        preview_page_of(session, "circulation"),
    ]
    assert [client.get(page).status_code for page in pages] == [302] * 4

    stranger = sign_in(client, "stranger", duty="none")
    assert [stranger.get(page).status_code for page in pages] == [404] * 4

    sign_in(client, "reader", duty="reader")
    assert [client.get(page).status_code for page in pages] == [403, 200, 200, 200]
    page = client.get(page_of(session)).content.decode()
    assert issue_page_of(session) not in page
    assert client.post(pages[0], {}).status_code == 403


# --- The account -------------------------------------------------------------------


def test_the_staff_account_is_created_once_and_its_password_printed_once(db, client):
    first, second = io.StringIO(), io.StringIO()

    call_command("create_staff", stdout=first)
    call_command("create_staff", stdout=second)

    said = re.fullmatch(
        r"Staff account: secretariat  password: (\S{16})\n", first.getvalue()
    )
    assert said
    assert client.login(username="secretariat", password=said[1])
    assert User.objects.get().is_superuser
    assert "changepassword secretariat" in second.getvalue()
    assert "password:" not in second.getvalue().replace("new password:", "")
