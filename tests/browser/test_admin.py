"""The staff side in a browser: a panellist is replaced at six in the evening, and no
page has a barrier."""

import io

import pytest
from django.contrib.auth.models import User
from pypdf import PdfReader

from sessions_app import history, taking_back
from sessions_app.models import Day, Edition, Line, SavedChange, Session, Slot
from speakers.models import Person, Role
from tests.browser.desk import LOOK_UPS_ARE_READY, PASSWORD, sign_in
from tests.browser.states import make_reader, make_states, session_of

pytestmark = pytest.mark.browser

AGENDA = "/en/global-compact-migration/third-thematic-session/"
CHANGES = ["Ms. Chantal Ouédraogo replaces Ms. Margareta Wahlström as panellist."]


@pytest.fixture
def staff(transactional_db):
    return User.objects.create_superuser("secretariat", password=PASSWORD)


@pytest.fixture
def said_in_console(page):
    """What the browser's console holds against a page: refused scripts and styles too."""
    said = []

    def hear(line):
        is_ours = line.text != "Service Worker registration blocked by Playwright"
        if is_ours and line.type in {"error", "warning"}:
            said.append(line.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def panel_one():
    return Slot.objects.get(
        panel__number=1, day__session__slug="third-thematic-session"
    )


def bytes_of(page, live_server, address):
    answer = page.request.get(live_server.url + address)
    assert answer.status == 200, address
    return answer.body()


def words_of(pdf):
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_panellist_is_replaced_and_the_edition_before_stays_as_it_was(
    live_server, demonstration, staff, page, said_in_console
):
    kept = [
        f"{AGENDA}editions/{number}/{document}"
        for number in (1, 2)
        for document in ("note.pdf", "programme.json")
    ] + [f"{AGENDA}editions/1/"]
    before = {address: bytes_of(page, live_server, address) for address in kept}
    page.goto(f"{live_server.url}{AGENDA}editions/1/")
    assert "Margareta Wahlström" in page.inner_html("main")

    sign_in(page, live_server)
    page.get_by_role("link", name="Sessions", exact=True).first.click()
    page.get_by_role("link", name="Third informal thematic session").click()
    page.locator(".desk-day").get_by_role(
        "link", name="International cooperation"
    ).first.click()
    page.get_by_role("heading", name="Ms. Margareta Wahlström").click()
    line = page.locator("#lines-1")
    line.get_by_role("combobox", name="Person").click()
    page.locator(".select2-search__field").fill("ouedraogo")
    page.get_by_role("option", name="Chantal Ouédraogo").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Issue…").click()
    assert page.locator(".told-changes li").all_inner_texts() == CHANGES
    page.get_by_role("radio", name="Revision (Rev.1)").check()
    page.get_by_label("Remark, English").fill("Panel 1: new panellist")
    page.get_by_role("button", name="Issue edition 3").click()
    page.get_by_role("heading", name="Edition 3 is issued (Rev.1)").wait_for()
    page.get_by_role("listitem").filter(has_text="English").get_by_role(
        "link", name="Agenda"
    ).click()
    page.get_by_role("link", name="Procedural note (PDF").wait_for()

    # Only what says what changed since still names who was replaced.
    page.evaluate("document.querySelectorAll('.changed').forEach(c => c.remove())")
    now = page.inner_html("main")
    assert "Chantal Ouédraogo" in now
    assert "Margareta Wahlström" not in now
    note = words_of(bytes_of(page, live_server, f"{AGENDA}note.pdf"))
    assert "Chantal Ouédraogo" in note
    assert "Margareta Wahlström" not in note
    after = {address: bytes_of(page, live_server, address) for address in kept}
    assert after == before
    assert said_in_console == []


def test_a_line_and_a_person_are_added_in_place(
    live_server, demonstration, staff, page, said_in_console
):
    slot = panel_one()
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/sessions_app/slot/{slot.pk}/change/")

    page.get_by_role("button", name="Add another Line").click()
    line = page.locator(".line.dynamic-lines").last
    line.get_by_role("combobox", name="Person").click()
    page.locator(".select2-search__field").press("Escape")
    assert line.get_by_role("combobox", name="Person").is_visible()
    with page.expect_popup() as opened:
        line.get_by_role("link", name="Add another person").click()
    popup = opened.value
    popup.get_by_label("Printed name, English").fill("Ama Mensah")
    popup.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("combobox", name="Person").filter(has_text="Ama Mensah").wait_for()
    line.get_by_label("Role").select_option("Panellist")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_role("heading", name="Programme", exact=True).wait_for()
    assert str(slot.lines.last().person) == "Ama Mensah"
    assert slot.lines.last().position == 40
    assert said_in_console == []


def staff_pages():
    """The address of each kind of page that staff use."""
    session = Session.objects.get(slug="third-thematic-session")
    slot = panel_one()
    line, person = slot.lines.first(), Person.objects.first()
    of_session = f"/admin/sessions_app/session/{session.pk}"
    of_today = Day.objects.filter(session__slug="second-preparatory-session").last()
    return [
        "/admin/",
        "/admin/find/?q=lauber",
        "/admin/history/",
        "/admin/unconfirmed/",
        f"/admin/day/{slot.day_id}/",
        f"/admin/day/{of_today.pk}/",
        f"/admin/day/{slot.day_id}/copy/",
        f"/admin/line/{line.code}/",
        f"/admin/people/{person.pk}/merge/",
        f"{of_session}/change/",
        f"{of_session}/issue/",
        f"{of_session}/history/",
        f"{of_session}/duplicate/",
        f"{of_session}/languages/",
        f"{of_session}/translate/fr/?show=all",
        f"{of_session}/translate/ar/",
        "/admin/sessions_app/session/",
        "/admin/sessions_app/session/add/",
        "/admin/sessions_app/slot/",
        f"/admin/sessions_app/slot/{slot.pk}/change/",
        f"/admin/sessions_app/slot/add/?day={slot.day_id}",
        f"/admin/sessions_app/slot/{slot.pk}/delete/",
        f"/admin/sessions_app/conference/{session.conference_id}/change/",
        f"/admin/sessions_app/room/{session.room_id}/change/",
        "/admin/speakers/person/",
        f"/admin/speakers/person/{person.pk}/change/",
        f"/admin/speakers/role/{Role.objects.first().pk}/change/",
        "/admin/sessions_app/edition/",
        f"/admin/sessions_app/edition/{Edition.objects.first().pk}/change/",
    ]


in_every_look = pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [
        (360, "dark", "en"),
        (1280, "light", "en"),
        (360, "light", "ar"),
        (1280, "dark", "ar"),
        # The language with the longest words.
        (360, "light", "ru"),
    ],
)


def look_at(page, live_server, width, scheme, language):
    """Signs in and has the pages of the desk in this width, scheme and language."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    sign_in(page, live_server)
    cookie = {"name": "staff_language", "value": language}
    page.context.add_cookies([{**cookie, "url": f"{live_server.url}/admin/"}])


@pytest.fixture
def barriers(live_server, page, violations, said_in_console):
    """Gives a function: what is wrong with the page at an address of the desk."""

    def find(address, language):
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.lang") == language
        page.wait_for_function(LOOK_UPS_ARE_READY)
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        # What axe itself does is no fault of the page.
        of_the_page = list(said_in_console)
        found = violations(page) + of_the_page
        said_in_console.clear()
        return found

    return find


@in_every_look
def test_staff_pages_have_no_barrier_and_run_no_inline_code(
    live_server,
    demonstration,
    staff,
    page,
    violations,
    barriers,
    width,
    scheme,
    language,
):
    pages = staff_pages()

    page.goto(f"{live_server.url}/admin/")
    found = {"login": violations(page)}
    look_at(page, live_server, width, scheme, language)
    make_history()
    found |= {address: barriers(address, language) for address in pages}

    assert found == {address: [] for address in ["login", *pages]}


@pytest.mark.parametrize("language", ["zh-hans", "fr", "es"])
def test_staff_pages_fit_a_telephone_in(
    live_server, demonstration, staff, page, language
):
    look_at(page, live_server, 360, "light", language)

    wide = {}
    for address in staff_pages():
        page.goto(live_server.url + address)
        wide[address] = page.evaluate("document.documentElement.scrollWidth")

    assert {address: width for address, width in wide.items() if width > 360} == {}


REFUSED = (
    "Failed to load resource: the server responded with a status of 403 (Forbidden)"
)


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(360, "dark", "ar"), (1280, "light", "en")]
)
def test_pages_of_issuing_and_of_duties_have_no_barrier_in_any_state(
    live_server, demonstration, staff, page, barriers, width, scheme, language
):
    look_at(page, live_server, width, scheme, language)

    pages = make_states(staff)
    found = {name: barriers(address, language) for name, address in pages.items()}
    reading = make_reader(staff, session_of("third-thematic-session"))
    found |= {name: barriers(address, language) for name, address in reading.items()}

    assert found == {name: [] for name in [*pages, *reading]} | {"refused": [REFUSED]}


def make_history():
    """A saved change, and one that was taken back, so that their pages show both."""
    slot = panel_one()
    for title in ("Saved once", "Saved twice"):
        with history.recorded(None, slot.day.session, "saved", slot):
            Slot.objects.filter(pk=slot.pk).update(title={"en": title})
    taking_back.take_back(SavedChange.objects.order_by("pk").last(), None)
    Line.objects.filter(slot=slot, role__key="moderator").update(
        status=Line.Status.TO_BE_CONFIRMED
    )


def test_a_refused_save_shows_both_versions_without_a_barrier(
    live_server, demonstration, staff, page, violations
):
    slot = panel_one()
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/sessions_app/slot/{slot.pk}/change/")
    Slot.objects.filter(pk=slot.pk).update(title={"en": "Saved meanwhile"}, version=2)

    page.get_by_role("textbox", name="Title, English").fill("Typed here")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_role("heading", name="Ms. Margareta Wahlström").click()
    page.locator("#lines-1").get_by_role("combobox", name="Person").click()
    page.locator(".select2-results__option[aria-selected]").first.wait_for()
    row = page.get_by_role("row", name="Title (English)")
    assert row.get_by_role("cell").all_inner_texts() == [
        "Saved meanwhile",
        "Typed here",
    ]
    assert (
        page.get_by_role("textbox", name="Title, English").input_value() == "Typed here"
    )
    assert violations(page) == []
