"""Whether this machine can serve: what a start is refused for, in sentences for operators,
and what tells a balancer whether to send readers here.

`manage.py check --deploy` says the same sentences, as Django's system checks."""

from __future__ import annotations

import functools
import ipaddress
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks.security.base import check_secret_key
from django.db import Error, OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http.request import validate_host
from django.template.loader import get_template
from django.urls import resolve
from django.utils import translation

# The tag of all checks for which a start is refused.
START = "start"
# Of gunicorn and uvicorn: an application that does not start is not started again.
_EXIT_CODE = 3
_LOOPBACK = [".localhost", "127.0.0.1", "[::1]"]


def refuse_bad_start() -> None:
    """Ends the process with the sentences of all checks tagged START that find a fault,
    so that it never serves with it."""
    faults = checks.run_checks(tags=[START], include_deployment_checks=True)
    if not faults:
        return
    # Django keeps checks in no order.
    in_order = sorted(faults, key=lambda fault: str(fault.id))
    sentences = "".join(f"\n- {fault.msg}" for fault in in_order)
    # Not as the exception's text: its exit code would be one at which servers try again.
    print(f"Rostrum does not start:{sentences}", file=sys.stderr, flush=True)  # noqa: T201
    raise SystemExit(_EXIT_CODE)


def load_ahead() -> None:
    """Reads what each process has to read once, before the first reader waits for it:
    the addresses, the templates of public pages and the words of all languages."""
    resolve("/")
    root = settings.BASE_DIR / "templates"
    for path in sorted(root.glob("agenda/**/*.html")):
        get_template(str(path.relative_to(root)))
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            pass


# --- What is looked at ------------------------------------------------------


def folder_fault() -> str:
    """Why the folder of editions cannot be read; empty when it can."""
    try:
        with os.scandir(settings.EDITIONS_FOLDER):
            return ""
    except OSError as error:
        return error.strerror or "it cannot be read"


def unapplied_migrations() -> list[str]:
    """The migrations that the database has not had. Raises django.db.Error when the
    database does not answer, or there is none."""
    if not _has_database():
        raise OperationalError("no database")
    applied = MigrationRecorder(connection).applied_migrations()
    return [".".join(name) for name in _migrations() if name not in applied]


def _has_database() -> bool:
    """False for a SQLite file that is not there, which asking would create, and for
    SQLite in memory: so a machine without a database names none."""
    if connection.vendor != "sqlite":
        return True
    name = str(connection.settings_dict["NAME"])
    return Path(name).is_file()


@functools.cache
def _migrations() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(MigrationLoader(None).graph.nodes))


# --- What a start is refused for --------------------------------------------


def check_secret(**_kwargs: Any) -> list[checks.CheckMessage]:
    """The key that signs cookies is long, and of this machine."""
    if not check_secret_key(None):
        return []
    return [
        checks.Error(
            "SECRET_KEY is missing, short or an example: cookies could be forged. Put 50 "
            "random characters or more into .env; `python3 -c 'import secrets; "
            "print(secrets.token_urlsafe(50))'` makes them.",
            id="config.E001",
        )
    ]


def check_debug(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Nobody but the developer sees tracebacks."""
    host = _public_host()
    if not settings.DEBUG or _is_loopback(host):
        return []
    return [
        checks.Error(
            f"DEBUG is true and PUBLIC_URL leads to {host or 'no host'}: readers would "
            "see tracebacks and settings. Set DEBUG=false, or on a developer's own "
            "machine PUBLIC_URL=http://127.0.0.1:8000.",
            id="config.E002",
        )
    ]


def check_hosts(**_kwargs: Any) -> list[checks.CheckMessage]:
    """The server answers under the name that documents print, and not under every one."""
    allowed, host = settings.ALLOWED_HOSTS, _public_host()
    if "*" in allowed:
        sentence = (
            "ALLOWED_HOSTS contains *: the server would answer under any name that "
            "somebody makes up. Name the hosts, separated by commas."
        )
    elif not host:
        sentence = (
            "PUBLIC_URL names no host. Write the whole address that delegates see, such "
            "as https://programme.example.org."
        )
    elif not validate_host(host, allowed or (_LOOPBACK if settings.DEBUG else [])):
        sentence = (
            f"ALLOWED_HOSTS does not contain {host}, the host of PUBLIC_URL: every "
            "address that documents print would be answered with 400. Add it."
        )
    else:
        return []
    return [checks.Error(sentence, id="config.E003")]


def check_folder(**_kwargs: Any) -> list[checks.CheckMessage]:
    """What the public reads can be read."""
    fault = folder_fault()
    if not fault:
        return []
    return [
        checks.Error(
            f"The folder of editions, {settings.EDITIONS_FOLDER}, cannot be read "
            f"({fault}): readers would see nothing. Let this user read the folder that "
            "EDITIONS_FOLDER names; where it is missing, `manage.py mirror` makes it.",
            id="config.E004",
        )
    ]


def check_migrations(**_kwargs: Any) -> list[checks.CheckMessage]:
    """The database is of this release. While it is away nobody knows: the public pages
    are served without it."""
    try:
        missing = unapplied_migrations()
    except Error:
        return []
    finally:
        connection.close()
    if not missing:
        return []
    return [
        checks.Error(
            f"The database is older than this release: {len(missing)} migrations are "
            f"not applied, such as {missing[-1]}. Run `manage.py migrate`.",
            id="config.E005",
        )
    ]


def _public_host() -> str:
    """The host of PUBLIC_URL as a browser names it, empty when it has none."""
    try:
        host = urlsplit(settings.PUBLIC_URL).hostname or ""
    except ValueError:
        return ""
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return validate_host(host, [".localhost"])
