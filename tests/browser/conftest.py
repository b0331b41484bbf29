"""What browser tests stand on: Chromium of the system, and axe."""

import os
import shutil
from importlib.resources import files

import pytest

from config.start import BROWSERS

# axe-core's own name for each rule set of WCAG 2.2 at levels A and AA.
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's Chromium, quiet towards the network."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        message = "These tests need Chromium as `chromium`: `make check` installs it."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """No service worker: it would ask on its own, past what a test catches. The tests of
    it allow one."""
    return {**browser_context_args, "service_workers": "block"}


@pytest.fixture(scope="session")
def base_url():
    """None: each test says where its server is. In place of the plugin's own fixture,
    of a form that pytest warns of."""


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """The server, started when the test database is there: before that, Django takes
    SQLite for one in memory, lets all threads share a connection, and crashes."""
    return live_server


@pytest.fixture(scope="session")
def axe_source():
    return (files("axe_playwright_python") / "axe.min.js").read_text()


@pytest.fixture
def violations(axe_source):
    """Gives a function: what axe finds against WCAG 2.2 AA on a page, one line for
    each element, and what sticks out at its side."""

    def find(page):
        # Evaluated, not added as a script: our content security policy forbids that.
        page.evaluate(axe_source)
        found = page.evaluate(
            "tags => axe.run({runOnly: tags, resultTypes: ['violations']})", WCAG_22_AA
        )
        lines = [
            f"{violation['id']}: {node['html'][:120]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        wide, room = page.evaluate(
            "[document.documentElement.scrollWidth, window.innerWidth]"
        )
        if wide > room:
            lines.append(f"scrolls sideways: {wide} px in {room} px")
        return lines

    return find
