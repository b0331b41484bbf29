"""What staff see while the database is away: a plain page that says so, for as long as it
lasts. Public pages do not need the database."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

logger = logging.getLogger(__name__)

_RETRY_SECONDS = "10"
# PostgreSQL's classes of errors of a connection, and of a server that is being stopped.
_AWAY = ("08", "57P")
# SQLite's names of errors of the file itself.
_FILE_AWAY = ("SQLITE_CANTOPEN", "SQLITE_IOERR")


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of an error that nobody expected; under /admin/ 503 with Retry-After when
    it is that the database is away.

    The handler of 500 and not a middleware, which sees no error of another one: a
    session, say, that could not be saved."""
    error = sys.exc_info()[1]
    if not request.path_info.startswith("/admin/") or not is_away(error):
        return defaults.server_error(request)
    logger.error("the database is away: %s", error)
    sent = request.method not in {"GET", "HEAD"}
    page = render_to_string("503_database.html", {"sent": sent})
    response = HttpResponse(page, status=503)
    response.headers["Retry-After"] = _RETRY_SECONDS
    response.headers["Cache-Control"] = "no-store"
    return response


def is_away(error: BaseException | None) -> bool:
    """Whether an error is that of the connection to the database, and not that of one
    statement."""
    if not isinstance(error, InterfaceError | OperationalError):
        return False
    cause = error.__cause__
    name = getattr(cause, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith(_FILE_AWAY)
    # A connection that failed has no code: there was nobody to give one.
    code = getattr(cause, "pgcode", None)
    return code is None or code.startswith(_AWAY)
