"""A spreadsheet in a browser: downloaded, changed, sent, looked at, saved."""

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from sessions_app.models import Session
from tests.browser.desk import PASSWORD, sign_in
from tests.browser.states import session_of

pytestmark = pytest.mark.browser


@pytest.fixture
def staff(transactional_db):
    return User.objects.create_superuser("secretariat", password=PASSWORD)


def translated(path, changes):
    """Types into the column of the translation, by the number of the row."""
    book = openpyxl.load_workbook(path)
    for row, said in changes.items():
        book.active.cell(row, 5).value = said
    book.save(path)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_a_file_goes_out_and_comes_back_without_a_barrier(
    live_server, demonstration, staff, page, violations, tmp_path, width, scheme
):
    third = session_of("third-thematic-session")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    sign_in(page, live_server)
    address = reverse("admin:sessions_app_session_translations", args=[third.pk])
    page.goto(live_server.url + address)
    found = {"out": violations(page)}

    with page.expect_download() as download:
        page.get_by_role("link", name="French, all texts, XLSX").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    translated(file, {5: "Session informelle", 6: "=1+1"})
    Session.objects.filter(pk=third.pk).update(
        note_title={**third.note_title, "en": "Changed meanwhile"}
    )
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Show what it would do").click()

    page.get_by_text("1 text to save").wait_for()
    assert page.get_by_text("Row 6, column E: This is a formula").is_visible()
    found["looked at"] = violations(page)
    page.get_by_role("button", name="Save 1 text").click()

    page.get_by_text("1 text was saved.").wait_for()
    found["saved"] = violations(page)
    third.refresh_from_db()
    assert third.title["fr"] == "Session informelle"
    assert found == {"out": [], "looked at": [], "saved": []}
