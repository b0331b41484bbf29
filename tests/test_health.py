"""What balancers are told: that the process answers, and whether readers should come."""

import threading
import time

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.template import engines

from config import health, readiness
from tests.crawl import Answer, ask
from tests.test_headers import SAFETY

READY = "/healthz/ready"
PUBLIC = "/healthz/ready?only=public"
FOLDER = "editions folder: cannot be read\n"
AWAY = "database: does not answer\n"
LATE = "database: does not answer within 1 s\n"
OLDER = "database: migrations are not applied\n"


@pytest.fixture
def folder(editions_folder):
    """A folder of editions in which nothing is issued."""
    editions_folder.mkdir()
    return editions_folder


def said(text, status=200):
    """The answer with a text that nobody keeps."""
    return Answer(
        status,
        {
            **SAFETY,
            "Content-Type": "text/plain",
            "Content-Length": str(len(text)),
            "Cache-Control": "no-store",
        },
        text.encode(),
    )


@pytest.fixture
def nothing_applied(transactional_db):
    """A database that lacks a migration."""
    name = ("sessions_app", "0001_rows")
    MigrationRecorder(connection).record_unapplied(*name)
    yield
    MigrationRecorder(connection).record_applied(*name)


def test_ready_when_folder_and_database_answer(db, client, folder):
    assert ask(client, READY) == said("ready\n")
    assert ask(client, READY, "HEAD") == Answer(200, said("ready\n").headers, b"")
    assert ask(client, PUBLIC) == said("ready\n")


def test_readiness_asks_no_row_in_the_thread_of_the_request(
    db, client, folder, django_assert_num_queries
):
    with django_assert_num_queries(0):
        ask(client, READY)


def test_a_folder_that_cannot_be_read_is_named(db, client, editions_folder):
    assert ask(client, READY) == said(FOLDER, 503)
    assert ask(client, PUBLIC) == said(FOLDER, 503)

    editions_folder.write_text("a file")

    assert ask(client, READY) == said(FOLDER, 503)


# Without the fixture db every query fails.
def test_a_database_that_is_away_is_named_and_public_pages_do_not_need_it(
    client, folder
):
    assert ask(client, READY) == said(AWAY, 503)
    assert ask(client, PUBLIC) == said("ready\n")
    assert ask(client, "/healthz") == said("alive\n")


def test_every_part_that_does_not_work_has_a_line(client):
    assert ask(client, READY) == said(FOLDER + AWAY, 503)


@pytest.mark.usefixtures("folder")
def test_what_the_database_said_is_for_the_log_alone(client, caplog, monkeypatch):
    def fail():
        raise RuntimeError("password authentication failed for user rostrum")

    monkeypatch.setattr(health, "unapplied_migrations", fail)

    assert ask(client, READY) == said(AWAY, 503)
    assert "password authentication failed for user rostrum" in caplog.text


@pytest.mark.usefixtures("folder")
def test_a_database_that_hangs_is_waited_for_no_longer_than_a_second(
    client, monkeypatch
):
    over = threading.Event()
    asked = []

    def hang():
        asked.append(over.wait(60))
        return []

    with monkeypatch.context() as patched:
        patched.setattr(health, "unapplied_migrations", hang)
        try:
            begun = time.monotonic()
            assert ask(client, READY) == said(LATE, 503)
            assert 1 <= time.monotonic() - begun < 4
            # Nobody waits behind it, and nobody asks a second time.
            assert ask(client, READY) == said(LATE, 503)
            assert ask(client, PUBLIC) == said("ready\n")
        finally:
            over.set()
        assert ask(client, READY) == said("ready\n")

    assert asked == [True, True]


@pytest.mark.usefixtures("folder", "nothing_applied")
def test_a_database_older_than_the_release_is_not_ready(client):
    assert ask(client, READY) == said(OLDER, 503)
    assert readiness.unapplied_migrations() == ["sessions_app.0001_rows"]
    assert ask(client, PUBLIC) == said("ready\n")


def test_only_reading_is_allowed(client):
    assert ask(client, READY, "POST").status == 405


def test_a_sqlite_file_that_is_not_there_is_not_made(client, folder, settings):
    if connection.vendor != "sqlite":
        return
    file = folder.parent / "none.sqlite3"
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(file)
    try:
        assert ask(client, READY) == said(AWAY, 503)
    finally:
        connection.settings_dict["NAME"] = name
    assert not file.exists()


def test_what_every_page_needs_is_read_before_the_first_reader_asks(settings):
    templates = engines["django"].engine.template_loaders[0]
    templates.reset()

    readiness.load_ahead()

    root = settings.BASE_DIR / "templates"
    public = {str(path.relative_to(root)) for path in root.glob("agenda/**/*.html")}
    assert "agenda/agenda.html" in public
    assert public - set(templates.get_template_cache) == set()
