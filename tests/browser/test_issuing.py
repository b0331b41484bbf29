"""An edition on its way in a browser, made by a task worker of its own process."""

import re
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.urls import reverse

from sessions_app.models import Edition, Slot
from tests.browser.desk import PASSWORD, sign_in
from tests.browser.states import session_of
from tests.processes import environment_of_process

pytestmark = pytest.mark.browser

ISSUED = "Edition 3 is issued (Rev.1)"


@pytest.fixture
def staff(transactional_db):
    return User.objects.create_superuser("secretariat", password=PASSWORD)


@pytest.fixture
def start_worker():
    """Starts a task worker as a process of its own, and ends it after the test."""
    running = []

    def start():
        command = [sys.executable, "manage.py", "worker"]
        worker = subprocess.Popen(
            command,
            cwd=django_settings.BASE_DIR,
            env=environment_of_process(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running.append(worker)

    yield start
    for worker in running:
        worker.kill()
        worker.wait(timeout=30)


@pytest.fixture
def pressed(live_server, demonstration, staff, page, settings):
    """The page to which Issue leads, while nobody works on the edition yet."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    third = session_of("third-thematic-session")
    slots = Slot.objects.filter(day__session=third, panel__number=1)
    slots.update(title={"en": "Governance of migration"})
    sign_in(page, live_server)
    address = reverse("admin:sessions_app_session_issue", args=[third.pk])
    page.goto(live_server.url + address)
    page.get_by_role("button", name="Issue edition 3").click()
    page.get_by_role("heading", name="Edition 3 is being made").wait_for()
    page.set_default_timeout(60_000)
    return page


def test_page_is_closed_while_it_is_made_and_the_edition_is_issued(
    pressed, start_worker
):
    address, context = pressed.url, pressed.context
    staying = context.new_page()
    staying.set_default_timeout(60_000)
    staying.goto(address)
    assert staying.get_by_text("Waiting for the task worker.").is_visible()
    staying.evaluate("window.wasNotReadAgain = true")

    start_worker()
    pressed.get_by_text(re.compile(r"^Making .* in English\.$")).wait_for()
    pressed.close()

    # The page that stayed says so by itself.
    staying.get_by_role("heading", name=ISSUED).wait_for()
    assert staying.evaluate("window.wasNotReadAgain")
    later = context.new_page()
    later.goto(address)
    assert later.get_by_role("heading", name=ISSUED).is_visible()
    later.get_by_role("link", name="Agenda").first.click()
    later.get_by_text("Governance of migration").first.wait_for()
    assert Edition.objects.of(session_of("third-thematic-session")).count() == 3
