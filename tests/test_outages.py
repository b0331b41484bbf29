"""While the database is away staff get a plain page that says so, and readers notice
nothing. With real servers and proxies: tests/endure/test_outages.py."""

import contextlib
import re
import socket
import time
from types import SimpleNamespace

import psycopg2
import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from psycopg2 import extensions

from config import outages, postgresql
from sessions_app.issuing import issue
from sessions_app.models import SavedChange
from sessions_app.taking_back import take_back
from sessions_app.translated import LANGUAGE_CODES
from tests.desk import page_of, words_on
from tests.rows import make_programme_of

NOT_NOW = "This page cannot be shown just now"
NOT_YOURS = "It is not your doing, and it was recorded. Try again in a few minutes."
NOT_LOST = (
    "What you typed is not lost. Leave this page open, and load it again in a few "
    "minutes: your browser then asks whether to send everything once more."
)


@pytest.fixture
def session(admin_user):
    session = make_programme_of(1)
    issue(session, by=admin_user)
    return session


@pytest.fixture
def desk(staff):
    """Somebody signed in, who gets the page of an error and not the error."""
    staff.raise_request_exception = False
    return staff


@contextlib.contextmanager
def failing(error):
    """Every statement fails as it does with `error`."""

    def fail(*_arguments, **_named):
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "cursor", fail)
        patch.setattr(connection, "chunked_cursor", fail)
        yield


def away():
    return failing(OperationalError("the database server does not answer"))


def told(answer):
    """What a page says in its content, but for the way out."""
    return words_on(answer, within="content")[:-1]


def test_staff_are_told_that_the_database_is_away(desk, session):
    pages = ["/admin/", page_of(session), "/admin/find/?q=x"]

    with away():
        answers = [desk.get(page) for page in pages]

    assert [told(answer) for answer in answers] == [[NOT_NOW, NOT_YOURS]] * 3
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["Retry-After"] for answer in answers} == {"10"}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert [desk.get(page).status_code for page in pages] == [200, 200, 200]


def test_what_was_being_saved_is_said_not_to_be_lost(desk, session):
    with away():
        saved = desk.post(page_of(session), {"title_en": "Typed"})
        signed_in = Client(raise_request_exception=False).post(
            "/admin/login/", {"username": "admin", "password": "b"}
        )

    assert told(saved) == told(signed_in) == [NOT_NOW, NOT_YOURS, NOT_LOST]
    assert (saved.status_code, signed_in.status_code) == (503, 503)


def test_outage_is_not_taken_for_what_somebody_else_saves(db):
    change = SavedChange()

    with away(), pytest.raises(OperationalError, match="does not answer"):
        take_back(change, None)


@pytest.mark.parametrize("language", [c for c in LANGUAGE_CODES if c != "en"])
def test_page_is_in_the_language_of_the_desk(desk, session, language):
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    with away():
        answer = desk.post(page_of(session), {})

    sentences = told(answer)
    assert len(sentences) == 3
    assert not {NOT_NOW, NOT_YOURS, NOT_LOST} & set(sentences)


def test_session_that_cannot_be_saved_is_the_same_to_staff(
    admin_user, client, monkeypatch
):
    admin_user.set_password("long and known")
    admin_user.save()
    client.raise_request_exception = False

    def fail(*_arguments, **_named):
        raise OperationalError("server closed the connection unexpectedly")

    # After the view, where no view and no middleware inside sees it.
    monkeypatch.setattr(SessionStore, "save", fail)
    answer = client.post(
        "/admin/login/", {"username": "admin", "password": "long and known"}
    )

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")


def test_public_pages_are_shown_while_the_database_is_away(client, session):
    pages = ["/en/", "/en/ocean/first/", "/en/ocean/first/note.pdf", "/healthz"]

    with away():
        statuses = [client.get(page).status_code for page in pages]

    assert statuses == [200] * 4


def error(kind, **cause):
    raised = kind("said by the server")
    raised.__cause__ = type("Cause", (Exception,), cause)()
    return raised


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (OperationalError("the database server does not answer"), True),
        (error(OperationalError, pgcode=None), True),
        (error(InterfaceError, pgcode=None), True),
        # A server that is being stopped; a connection that broke.
        (error(OperationalError, pgcode="57P01"), True),
        (error(OperationalError, pgcode="08006"), True),
        (error(OperationalError, sqlite_errorname="SQLITE_CANTOPEN"), True),
        (error(OperationalError, sqlite_errorname="SQLITE_IOERR_READ"), True),
        # A deadlock; a statement that took too long; a lock.
        (error(OperationalError, pgcode="40P01"), False),
        (error(OperationalError, pgcode="57014"), False),
        (error(OperationalError, sqlite_errorname="SQLITE_BUSY"), False),
        (error(OperationalError, sqlite_errorname="SQLITE_ERROR"), False),
        (ValueError("no such day"), False),
        (None, False),
    ],
)
def test_error_of_a_statement_is_not_taken_for_an_outage(raised, expected):
    assert outages.is_away(raised) is expected


def test_error_of_a_statement_stays_an_error(desk, session):
    with failing(error(OperationalError, pgcode="57014", sqlite_errorname=None)):
        answer = desk.get(page_of(session))

    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers


# --- Waiting for PostgreSQL -----------------------------------------------------------


@pytest.fixture
def short(monkeypatch):
    """Limits of a tenth, on connections of the test's own."""
    for name in ("_CONNECT", "_SILENCE", "_ANSWER", "_SLOW", "_PAUSE"):
        monkeypatch.setattr(postgresql, name, getattr(postgresql, name) / 10)
    monkeypatch.setattr(postgresql, "_silent_until", 0.0)
    former = extensions.get_wait_callback()
    postgresql.bound_waiting()
    yield
    extensions.set_wait_callback(former)


def test_server_that_accepts_and_says_nothing_is_given_up(short):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgres://rostrum@127.0.0.1:{silent.getsockname()[1]}/rostrum"
        took = []
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(psycopg2.OperationalError, match="does not answer"):
                psycopg2.connect(address)
            took.append(time.monotonic() - began)
    with pytest.raises(psycopg2.OperationalError, match="does not answer"):
        psycopg2.connect(address)

    # Once waited for; then the silence is known for a while.
    assert 0.1 < took[0] < 2
    assert took[1] < 0.1


def test_one_tries_for_all_after_a_silence(short, monkeypatch):
    moment = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: moment)

    def is_refused():
        try:
            postgresql._go_first()
        except psycopg2.OperationalError:
            return True
        return False

    assert [is_refused(), is_refused()] == [False, False]
    postgresql._nobody_waits_for(0.1)
    assert is_refused()
    moment += 0.2
    assert [is_refused(), is_refused()] == [False, True]
    postgresql._nobody_waits_for(0)
    assert [is_refused(), is_refused()] == [False, False]


def test_slow_statement_is_left_to_its_own_limit_and_silence_is_not(short, monkeypatch):
    if not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    place = {
        name.lower(): settings.DATABASES["default"][name]
        for name in ("HOST", "PORT", "USER", "PASSWORD")
    }
    with contextlib.closing(psycopg2.connect(dbname="postgres", **place)) as slow:
        cursor = slow.cursor()
        cursor.execute("SELECT pg_sleep(0.3), 1")
        assert cursor.fetchone()[1] == 1

        monkeypatch.setattr(postgresql, "_is_there", lambda _server: False)
        with pytest.raises(psycopg2.OperationalError, match="does not answer"):
            cursor.execute("SELECT pg_sleep(30)")
        assert slow.closed


def test_only_a_server_that_speaks_is_there(short, tmp_path):
    """Over TCP, and through a socket of the machine."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        socket.socket(socket.AF_UNIX) as local,
    ):
        local.bind(str(tmp_path / ".s.PGSQL.5432"))
        local.listen()
        places = [
            SimpleNamespace(host="127.0.0.1", port=silent.getsockname()[1]),
            SimpleNamespace(host=str(tmp_path), port=5432),
            SimpleNamespace(host="127.0.0.1", port=1),
        ]
        assert [postgresql._is_there(place) for place in places] == [False] * 3


# --- The cache ------------------------------------------------------------------------


def test_nothing_uses_the_cache():
    """So that a Redis that is away, silent or full is noticed by nobody. Whoever brings
    a use in sees to it that it survives all three, and tests it."""
    root = settings.BASE_DIR
    of_ours = [
        str(path.relative_to(root))
        for folder in ("config", "sessions_app", "speakers", "templates")
        for path in (root / folder).rglob("*")
        if path.suffix in {".py", ".html"}
        and path.name != "settings.py"
        and re.search(
            r"django\.core\.cache|decorators\.cache import .*cache_page"
            r"|\{% load [^%]*\bcache\b",
            path.read_text(),
        )
    ]

    assert of_ours == []
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    assert not [name for name in settings.MIDDLEWARE if "cache" in name]
