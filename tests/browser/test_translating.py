"""A session is translated in a browser: by keyboard, by two at once, and while the
server is away."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from sessions_app.models import Slot
from sessions_app.translated import text
from tests.browser.desk import PASSWORD, sign_in
from tests.rows import make_day, make_session, make_slot

pytestmark = pytest.mark.browser


@pytest.fixture
def session(transactional_db):
    """A session of which French lacks three titles, and has an outdated one."""
    User.objects.create_superuser("secretariat", password=PASSWORD)
    session = make_session(
        languages=["ar", "en", "fr"],
        title=text("First session", fr="Première session"),
        city=text("Geneva", fr="Genève"),
    )
    session.conference.title = text("Ocean", fr="Océan")
    session.conference.save()
    day = make_day(session)
    for hour, title in enumerate(["Opening", "Debate", "Closing"], start=9):
        make_slot(day, f"{hour:02}:00", f"{hour + 1:02}:00", title=text(title))
    dinner = {**text("Dinner", fr="Déjeuner"), "en": "Lunch"}
    make_slot(day, "13:00", "14:00", title=dinner)
    return session


@pytest.fixture
def translating(live_server, session, page):
    """The page that translates the session into French, signed in."""
    page.set_default_timeout(15_000)
    sign_in(page, live_server)
    page.goto(address(live_server, session))
    return page


def address(live_server, session, language="fr"):
    name = "admin:sessions_app_session_translate"
    return live_server.url + reverse(name, args=[session.pk, language])


def at(page, words):
    """The part of the page that holds a text of the main language."""
    shown = page.locator(".translate-source").get_by_text(words, exact=True)
    return page.locator(".translate-text").filter(has=shown)


def box(page, words):
    return at(page, words).get_by_role("textbox")


def saying(page, words, said):
    """Waits until the page says so of a text."""
    at(page, words).locator(".translate-said").get_by_text(said).wait_for()


def saved(words):
    return Slot.objects.get(title__en=words).title.get("fr")


def focused(page):
    return page.evaluate("document.activeElement.id")


# --- By keyboard ---------------------------------------------------------------------


def test_from_field_to_field_each_text_is_saved_as_it_is_left(translating):
    page = translating
    page.get_by_text("4 of 7 left").wait_for()

    box(page, "Opening").focus()
    page.keyboard.type("Ouverture")
    assert at(page, "Opening").locator(".translate-said").inner_text() == (
        "Not saved yet"
    )
    page.keyboard.press("Tab")
    assert focused(page) == box(page, "Debate").get_attribute("id")
    saying(page, "Opening", "Saved")
    page.get_by_text("3 of 7 left").wait_for()
    page.keyboard.type("Débat")
    page.keyboard.press("Control+Enter")
    assert focused(page) == box(page, "Closing").get_attribute("id")
    saying(page, "Debate", "Saved")
    page.keyboard.type("Clôture")
    page.keyboard.press("Control+Shift+Enter")
    saying(page, "Closing", "Saved")
    assert at(page, "Closing").locator(".mark").inner_text() == "revised"
    # The last one is outdated, and still right.
    page.keyboard.press("Control+Enter")
    saying(page, "Lunch", "Saved")
    page.get_by_text("0 of 7 left").wait_for()

    said = {words: saved(words) for words in ("Opening", "Debate", "Closing")}
    assert said == {"Opening": "Ouverture", "Debate": "Débat", "Closing": "Clôture"}
    assert Slot.objects.get(title__en="Closing").title["_revised"] == ["fr"]


def test_what_cannot_be_saved_is_said_at_its_field(translating):
    page = translating

    box(page, "Opening").fill("long " * 70)
    box(page, "Debate").focus()

    saying(page, "Opening", "Not saved: At most 300 characters are printed")
    assert box(page, "Opening").get_attribute("aria-invalid") == "true"
    box(page, "Opening").fill("Ouverture")
    box(page, "Debate").focus()
    saying(page, "Opening", "Saved")
    assert box(page, "Opening").get_attribute("aria-invalid") is None


# --- Two at once -----------------------------------------------------------------------


def test_of_two_at_one_text_the_second_is_told_and_decides(
    translating, live_server, session
):
    first = translating
    second = first.context.new_page()
    second.goto(address(live_server, session))

    box(first, "Opening").fill("Ouverture")
    box(first, "Debate").focus()
    saying(first, "Opening", "Saved")
    box(second, "Opening").fill("Début")
    # Another text of the same session is saved all the same.
    box(second, "Debate").fill("Débat")
    box(second, "Closing").focus()
    saying(second, "Debate", "Saved")
    saying(second, "Opening", "Somebody else saved this translation")

    told = at(second, "Opening")
    assert told.locator(".translate-kept").inner_text() == "Ouverture"
    assert saved("Opening") == "Ouverture"
    told.get_by_role("button", name="Save mine over it").click()
    saying(second, "Opening", "Saved")
    assert saved("Opening") == "Début"

    box(first, "Opening").fill("Accueil")
    box(first, "Closing").focus()
    saying(first, "Opening", "Somebody else saved this translation")
    at(first, "Opening").get_by_role("button", name="Keep what is saved").click()
    assert box(first, "Opening").input_value() == "Début"
    assert saved("Opening") == "Début"


# --- The server away ---------------------------------------------------------------------


def test_what_is_typed_while_the_server_is_away_is_kept_and_sent_again(translating):
    page = translating
    page.route("**/translate/**", lambda route: route.abort())

    box(page, "Opening").fill("Ouverture")
    box(page, "Debate").focus()
    saying(page, "Opening", "Not saved: the server does not answer.")
    warned = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.reload()")
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    assert box(page, "Opening").input_value() == "Ouverture"
    page.unroute("**/translate/**")
    box(page, "Debate").fill("Débat")
    box(page, "Closing").focus()

    saying(page, "Opening", "Saved")
    saying(page, "Debate", "Saved")
    assert warned == ["beforeunload"]
    assert (saved("Opening"), saved("Debate")) == ("Ouverture", "Débat")


def test_who_was_signed_out_signs_in_elsewhere_and_goes_on(translating, live_server):
    page = translating
    kept = page.context.cookies()
    page.context.clear_cookies()

    box(page, "Opening").fill("Ouverture")
    box(page, "Debate").focus()
    saying(page, "Opening", "Not saved: you are not signed in any more.")
    elsewhere = page.context.new_page()
    sign_in(elsewhere, live_server)
    box(page, "Closing").focus()

    saying(page, "Opening", "Saved")
    assert saved("Opening") == "Ouverture"
    assert kept != page.context.cookies()


# --- How it looks --------------------------------------------------------------------------


def test_in_arabic_the_page_is_mirrored_and_each_text_keeps_its_way(
    translating, live_server, session
):
    page = translating
    cookie = {"name": "staff_language", "value": "ar"}
    page.context.add_cookies([{**cookie, "url": f"{live_server.url}/admin/"}])
    for language, way in (("fr", "ltr"), ("ar", "rtl")):
        page.goto(address(live_server, session, language))
        source, target = (
            page.locator(name).first for name in (".translate-source", "textarea")
        )
        assert source.bounding_box()["x"] > target.bounding_box()["x"]
        assert source.get_attribute("dir") == "ltr"
        assert target.get_attribute("dir") == way


@pytest.mark.parametrize("width", [360, 1280])
def test_a_conflict_has_no_barrier_and_never_scrolls_sideways(
    translating, session, violations, width
):
    page = translating
    page.set_viewport_size({"width": width, "height": 800})
    slot = Slot.objects.get(title__en="Opening")
    slot.title = text("Opening", fr="Ouverture" * 20)
    slot.save()

    box(page, "Opening").fill("x" * 250)
    box(page, "Debate").focus()
    saying(page, "Opening", "Somebody else saved this translation")

    assert violations(page) == []
