"""Processes that issue, on the database and the folder of the test."""

import dataclasses
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, connections

from sessions_app import guards, outputs
from sessions_app.models import Session
from sessions_app.translated import LANGUAGE_CODES
from tests.endure.nursery import Born, Nursery
from tests.processes import environment_of_process
from tests.rows import make_programme_of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/endure/" in str(item.path):
            item.add_marker(pytest.mark.endure)


@pytest.fixture
def rounds() -> Callable[[int], int]:
    """How many rounds of a full count: ENDURE_SCALE times it, one at least."""
    scale = float(os.environ.get("ENDURE_SCALE", "1.0"))
    return lambda full: max(1, round(full * scale))


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Says in sight what a test did."""

    def said(words: str) -> None:
        with capsys.disabled():
            print(f"\n  {connection.vendor}: {words}", end="")  # noqa: T201

    return said


@pytest.fixture
def guarded(transactional_db: None) -> Iterator[None]:
    """The guards of issued rows, as in service; gone when the tables are emptied."""
    guards.install(connection)
    yield
    guards.remove(connection)


@pytest.fixture
def issuer(transactional_db: None) -> User:
    return User.objects.create_user("issuer")


@pytest.fixture
def session(issuer: User, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session of three panels in six languages; its documents are made at once."""
    from tests.endure.issuer import give_title, make_documents_at_once

    for registry in (outputs.FORMATS, outputs.REVISIONS):
        for name, real in registry.items():
            monkeypatch.setitem(registry, name, real)
    make_documents_at_once()
    session = make_programme_of(3)
    session.languages = list(LANGUAGE_CODES)
    session.save()
    give_title(session.pk, "Statements")
    return session


@pytest.fixture(scope="session")
def nurseries() -> Iterator[list[Nursery]]:
    """The nursery, once there is one; it is closed at the end."""
    opened: list[Nursery] = []
    yield opened
    for nursery in opened:
        nursery.close()


Start = Callable[..., Born]


@pytest.fixture
def start(session: Session, issuer: User, nurseries: list[Nursery]) -> Iterator[Start]:
    """Starts an issuing process with an Order, and gives it when it is ready. None
    outlives the test."""
    from tests.endure.issuer import Order

    if not nurseries:
        nurseries.append(Nursery(environment_of_process(), settings.BASE_DIR))
    started: list[Born] = []

    def begin(**order: Any) -> Born:
        # So that the next to open the database finds it as the crash left it.
        connections.close_all()
        folder = str(settings.EDITIONS_FOLDER)
        whole = Order(session=session.pk, by=issuer.pk, folder=folder, **order)
        process = nurseries[0].bear(dataclasses.asdict(whole))
        started.append(process)
        if process.stdout.readline() != "ready\n":
            raise AssertionError(process.communicate()[1])
        return process

    yield begin
    for process in started:
        process.close()
