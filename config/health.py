"""Whether readers should be sent to this machine, as balancers ask.

`/healthz` says only that the process answers; a machine whose database is away still
serves the public pages."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from config.readiness import folder_fault, unapplied_migrations

logger = logging.getLogger(__name__)

# In seconds: a balancer gives up soon after.
_PATIENCE = 1
# One: while a question hangs, those after it fail and heap up no connections.
_database = ThreadPoolExecutor(1, "health")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when all parts work, 503 with a line for each part that does not;
    `?only=public` looks at what the public pages need alone."""
    faults = ["editions folder: cannot be read"] if folder_fault() else []
    if request.GET.get("only") != "public":
        faults += _database_faults()
    said = "".join(f"{line}\n" for line in faults or ["ready"])
    response = HttpResponse(
        said, content_type="text/plain", status=503 if faults else 200
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _database_faults() -> list[str]:
    asked: Future[list[str]] = _database.submit(_ask)
    try:
        error = asked.exception(_PATIENCE)
    except TimeoutError:
        asked.cancel()
        return [f"database: does not answer within {_PATIENCE} s"]
    if error:
        # Who asks may be anybody: what the error tells is for the log.
        logger.warning("the database does not answer: %s", error)
        return ["database: does not answer"]
    return ["database: migrations are not applied"] if asked.result() else []


def _ask() -> list[str]:
    """In a thread of its own, with a connection of its own."""
    try:
        return unapplied_migrations()
    finally:
        connection.close()
