"""Somebody saves while the database is away, and what was typed is there in the end."""

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from sessions_app.models import Slot
from sessions_app.translated import text
from tests.browser.desk import PASSWORD, sign_in
from tests.desk import page_of
from tests.rows import make_day, make_session, make_slot

pytestmark = pytest.mark.browser


@pytest.fixture
def slot(transactional_db):
    User.objects.create_superuser("secretariat", password=PASSWORD)
    return make_slot(make_day(make_session()), "09:00", "10:00", title=text("Opening"))


def test_page_that_says_so_is_loaded_again_and_saves_what_was_typed(
    live_server, slot, page, monkeypatch, violations
):
    page.set_default_timeout(15_000)
    sign_in(page, live_server)
    page.goto(live_server.url + page_of(slot))
    page.get_by_label("Title, English", exact=True).first.fill("Typed just then")

    def away(*_arguments):
        raise OperationalError("the database server does not answer")

    with monkeypatch.context() as outage:
        outage.setattr(BaseDatabaseWrapper, "_cursor", away)
        with page.expect_navigation():
            page.get_by_role("button", name="Save", exact=True).click()
        said = page.get_by_role("main").get_by_role("paragraph").all_inner_texts()
        found = violations(page)
        page.reload()
        again = page.get_by_role("main").get_by_role("paragraph").all_inner_texts()
    page.reload()

    assert said[-1].startswith("What you typed is not lost.")
    assert again == said
    assert found == []
    page.get_by_text("was changed successfully").wait_for()
    slot.refresh_from_db()
    assert slot.title["en"] == "Typed just then"
    assert Slot.objects.count() == 1
