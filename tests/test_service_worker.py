"""What browsers keep pages with: the service worker, and the page without a network."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from sessions_app.translated import LANGUAGE_CODES
from tests.crawl import ask

WORKER = "/service-worker.js"
STATIC = Path(django_settings.BASE_DIR, "static")


def test_worker_is_at_the_root_and_asked_for_anew_each_time():
    answer = ask(Client(), WORKER)

    assert answer.content == (STATIC / "service-worker.js").read_bytes()
    assert {
        name: answer.headers[name] for name in ("Content-Type", "Cache-Control")
    } == {"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-cache"}
    assert "Set-Cookie" not in answer.headers


def test_worker_is_the_same_until_it_changes():
    tag = ask(Client(), WORKER).headers["ETag"]

    again = ask(Client(), WORKER, If_None_Match=tag)
    head = ask(Client(), WORKER, "HEAD")

    assert (again.status, again.body) == (304, b"")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", tag)


def test_worker_taken_out_of_service_removes_itself(settings):
    settings.SERVICE_WORKER = False

    content = ask(Client(), WORKER).content

    assert content == (STATIC / "service-worker-off.js").read_bytes()
    assert b"registration.unregister()" in content


def test_worker_of_another_release_removes_only_caches_of_its_own():
    names = set(
        re.findall(r'"(rostrum-[^"]*)"', (STATIC / "service-worker.js").read_text())
    )

    assert names == {
        "rostrum-",
        "rostrum-1-pages",
        "rostrum-1-documents",
        "rostrum-1-files",
    }


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("agenda/fresh.js", 3 * 1024),
        ("agenda/offline.js", 1280),
        ("service-worker.js", 2560),
    ],
)
def test_script_is_small(name, most):
    assert len(gzip.compress((STATIC / name).read_bytes(), 9, mtime=0)) <= most


@pytest.mark.parametrize("language", LANGUAGE_CODES)
def test_page_without_a_network_is_there_in_every_language(language):
    part = language.partition("-")[0]

    answer = ask(Client(), f"/{part}/offline/")

    page = answer.content.decode()
    direction = "rtl" if language == "ar" else "ltr"
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert re.search(rf'<html lang="{part}[^"]*" dir="{direction}">', page)
    assert '<script type="module" src="/static/agenda/offline.js">' in page


def test_page_without_a_network_says_so_and_leads_on():
    page = ask(Client(), "/en/offline/").content.decode()

    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))
    assert words.partition("> ")[2].strip() == (
        "You are offline This page was not read on this device before, so it is not "
        "kept here. Try again Kept on this device As it was when it was last read; it "
        "may be out of date. Nothing else is kept on this device."
    )
