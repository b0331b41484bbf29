"""Several at the same time: threads that each have a connection of their own."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections

from sessions_app.models import Document, Edition, Issuance


def elsewhere(act: Callable[[], Any]) -> Any:
    """What `act` gives, or raises, on another connection; waits for it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_with_own_connection, act).result()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of `acts` gives, or the exception that it raised; they start in one
    instant."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        runs = [
            pool.submit(_with_own_connection, lambda act=act: run(act)) for act in acts
        ]
        return [done.exception() or done.result() for done in runs]


@contextlib.contextmanager
def without_unique_number() -> Iterator[None]:
    """Takes the constraint off the table of editions, and puts it back onto an empty
    one: for showing what it prevents."""
    options = Edition._meta
    whole = options.constraints
    unique = next(
        c for c in whole if c.name == "edition_number_is_unique_in_its_session"
    )
    options.constraints = [c for c in whole if c is not unique]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Edition, unique)
    try:
        yield
    finally:
        Issuance.objects.all().delete()
        Document.objects.all().delete()
        Edition.objects.all().delete()
        options.constraints = whole
        with connection.schema_editor() as editor:
            editor.add_constraint(Edition, unique)


def _with_own_connection(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connections.close_all()
