"""What every test stands on: a database of its own engine, an empty folder of editions."""

import dataclasses
import functools
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client

from sessions_app import guards, mirror
from tests.desk import sign_in

_DATABASE = {"db", "transactional_db", "live_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that touch no database: they are run once, and not on each."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if not item.get_closest_marker("django_db") and _DATABASE.isdisjoint(fixtures):
            item.add_marker("bare")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, tmp_path_factory
):
    # A file and not memory: threads and processes then meet as they do in service.
    settings = connections["default"].settings_dict
    if settings["ENGINE"].endswith("sqlite3"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        folder = tmp_path_factory.mktemp("database")
        settings["TEST"]["NAME"] = str(folder / f"test-{worker}.sqlite3")


@pytest.fixture(autouse=True)
def editions_folder(settings, tmp_path) -> Path:
    """An empty folder of editions, and nothing remembered of another."""
    settings.EDITIONS_FOLDER = tmp_path / "editions"
    mirror.memory.clear()
    return settings.EDITIONS_FOLDER


@pytest.fixture(autouse=True)
def _tasks_at_once(settings):
    """What is left to the worker is done before whoever left it goes on; tests of the
    worker itself start one."""
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}
    }


@pytest.fixture(autouse=True)
def _guards_off_where_tables_are_emptied(request):
    """A transactional test empties its tables at the end, which the guards refuse."""
    names = {"transactional_db", "live_server"} & set(request.fixturenames)
    marker = request.node.get_closest_marker("django_db")
    if names or (marker and marker.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        guards.remove(connection)


@pytest.fixture(scope="session")
def printed(tmp_path_factory) -> Path:
    """The folder in which the processes of one run keep what they printed."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    (shared / "printed").mkdir(exist_ok=True)
    return shared / "printed"


def _print_once(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Each load prints the same papers but for their minute: each is printed once."""
    from sessions_app import outputs

    wanted = outputs.documents_of

    def made_once(programme: Any, imprint: Any, former: Any) -> list[Any]:
        # All that a document prints of, but the minute of today's session.
        days = {"issued_at": imprint.issued_at.date(), "as_at": imprint.as_at.date()}
        said = (
            programme.to_json(),
            repr(imprint.model_copy(update=days)),
            former and former.programme.to_json(),
        )

        def place(document: Any) -> Path:
            of_it = repr((*said, document.name, document.language))
            return folder / hashlib.sha256(of_it.encode()).hexdigest()

        return [
            dataclasses.replace(
                each, make=functools.partial(_made_once, place(each), each.make)
            )
            for each in wanted(programme, imprint, former)
        ]

    monkeypatch.setattr(outputs, "documents_of", made_once)


@pytest.fixture
def printed_once(monkeypatch, printed) -> None:
    """What the demonstration prints is printed once for all tests."""
    _print_once(monkeypatch, printed)


@pytest.fixture
def demonstration(db, monkeypatch, printed) -> None:
    """The demonstration, loaded and issued."""
    from sessions_app.demonstration import load_demonstration

    with monkeypatch.context() as patched:
        _print_once(patched, printed)
        load_demonstration()


def _made_once(place: Path, make: Any) -> bytes:
    if not place.exists():
        # Whole or not at all: another process may ask meanwhile.
        part = place.with_suffix(f".{os.getpid()}")
        part.write_bytes(make())
        part.rename(place)
    return place.read_bytes()


@pytest.fixture
def admin_user(db: None) -> User:
    """Somebody with all rights."""
    # Without a password: making one takes longer than the rest of a test.
    return User.objects.create(username="admin", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    """Somebody with all rights, signed in."""
    client.force_login(admin_user)
    return client


@pytest.fixture
def officer(client: Client, db: None) -> Client:
    """An officer with all rights, signed in."""
    return sign_in(client)
