"""The safety headers: the same on every answer, whoever made it."""

import pytest
from django.test import Client

from sessions_app.public import pages
from tests.crawl import ask
from tests.editions import issue_three, withdraw
from tests.factories import issue_programmes, make_full_programme, make_imprint

SAFETY = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), "
        "payment=(), serial=(), usb=()"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains; preload"
AT = "/en/ocean/first/"


def safety_of(answer):
    """The status, and those headers of an answer that are there for safety."""
    return answer.status, {
        name: value
        for name, value in answer.headers.items()
        if name in SAFETY or name in ("Strict-Transport-Security", "Set-Cookie")
    }


def not_raising():
    """A reader's browser: an error is an answer."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "method", "asked", "status"),
    [
        (AT, "GET", {}, 200),
        (AT, "GET", {"Accept_Encoding": "br"}, 200),
        (AT, "HEAD", {}, 200),
        (AT, "POST", {}, 405),
        (AT, "GET", {"If_Match": '"other"'}, 412),
        (f"{AT}programme.json", "GET", {}, 200),
        (f"{AT}note.pdf", "GET", {}, 200),
        (f"{AT}note.pdf", "HEAD", {}, 200),
        (f"{AT}note.pdf", "GET", {"Range": "bytes=0-4"}, 206),
        (f"{AT}note.pdf", "GET", {"Range": "bytes=9999-"}, 416),
        ("/static/site.css", "GET", {}, 200),
        ("/static/site.css", "HEAD", {}, 200),
        ("/static/site.css", "GET", {"Range": "bytes=0-4"}, 206),
        ("/static/none.css", "GET", {}, 404),
        ("/", "GET", {}, 302),
        ("/check/code1", "GET", {}, 302),
        (f"{AT}editions/2/changes/3/", "GET", {}, 301),
        ("/en", "GET", {}, 301),
        ("/unknown", "GET", {}, 404),
        ("/en/ocean/other/", "GET", {}, 404),
        (f"{AT}editions/1/", "GET", {}, 410),
        (AT, "GET", {"Content_Length": "9999999"}, 413),
        ("/admin/login/", "POST", {"Content_Length": "9999999"}, 413),
        ("/static/site.css", "GET", {"Content_Length": "9999999"}, 413),
        (AT, "GET", {"Host": "elsewhere.example"}, 400),
        ("/healthz", "GET", {}, 200),
        ("/robots.txt", "GET", {}, 200),
        ("/admin/", "GET", {}, 302),
    ],
)
def test_answer_has_all_safety_headers(address, method, asked, status):
    standing = issue_three()
    withdraw(standing, 1)

    answer = ask(Client(), address, method, **asked)

    assert safety_of(answer) == (status, SAFETY)


@pytest.mark.parametrize("address", [AT, f"{AT}note.pdf", "/static/site.css"])
def test_answer_to_who_has_the_bytes_has_all_safety_headers(address):
    issue_three()
    tag = ask(Client(), address).headers["ETag"]

    answer = ask(Client(), address, If_None_Match=tag)

    assert safety_of(answer) == (304, SAFETY)


def test_page_of_an_error_has_all_safety_headers(monkeypatch):
    def fail(_accepted):
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(pages, "start_address", fail)

    assert safety_of(ask(not_raising(), "/")) == (500, SAFETY)


def test_page_of_a_missing_file_has_all_safety_headers(monkeypatch):
    def fail(_accepted):
        raise OSError("the disk is gone")

    monkeypatch.setattr(pages, "start_address", fail)

    assert safety_of(ask(Client(), "/")) == (503, SAFETY)


def test_pages_of_staff_have_all_safety_headers(db, staff):
    assert safety_of(ask(staff, "/admin/")) == (200, SAFETY)
    assert safety_of(ask(staff, "/admin/nothing/")) == (404, SAFETY)
    assert safety_of(ask(Client(), "/admin/login/")) == (200, SAFETY)
    forged = Client(enforce_csrf_checks=True)
    assert safety_of(ask(forged, "/admin/login/", "POST")) == (403, SAFETY)


def test_a_draft_may_be_framed_by_the_desk_alone(db, staff):
    from tests.rows import make_programme_of

    session = make_programme_of(1)

    answer = ask(staff, f"/admin/sessions_app/session/{session.pk}/preview/")

    assert safety_of(answer) == (
        200,
        {
            **SAFETY,
            "X-Frame-Options": "SAMEORIGIN",
            "Content-Security-Policy": SAFETY["Content-Security-Policy"].replace(
                "frame-ancestors 'none'", "frame-ancestors 'self'"
            ),
        },
    )


@pytest.mark.parametrize(
    ("address", "asked", "status"),
    [
        (AT, {}, 200),
        (f"{AT}note.pdf", {}, 200),
        ("/static/site.css", {}, 200),
        ("/", {}, 302),
        ("/unknown", {}, 404),
        (AT, {"Content_Length": "9999999"}, 413),
        (AT, {"Host": "elsewhere.example"}, 400),
        ("/healthz", {}, 200),
    ],
)
def test_whoever_comes_by_https_is_told_to_come_so_for_a_year(
    settings, address, asked, status
):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    issue_programmes(
        (make_full_programme(), make_imprint(1)), documents={"note.pdf": b"%PDF-"}
    )

    answer = ask(Client(), address, X_Forwarded_Proto="https", **asked)

    assert safety_of(answer) == (status, {**SAFETY, "Strict-Transport-Security": HSTS})


def test_whoever_comes_without_https_is_led_there_and_health_is_not(settings):
    settings.SECURE_SSL_REDIRECT = True

    led = ask(Client(), AT)
    refused = ask(Client(), AT, Host="elsewhere.example")
    alive = ask(Client(), "/healthz")

    assert led.headers["Location"] == f"https://testserver{AT}"
    assert [safety_of(answer) for answer in (led, refused, alive)] == [
        (301, SAFETY),
        (400, SAFETY),
        (200, SAFETY),
    ]


def test_no_page_may_run_what_stands_in_it():
    directives = SAFETY["Content-Security-Policy"].split("; ")

    assert not [d for d in directives if "unsafe" in d or "*" in d]
