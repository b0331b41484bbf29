"""Waiting for PostgreSQL has an end: a server that accepts and says nothing is found out
within two seconds, and a statement that only takes long is left to its own limit."""

import select
import socket
import struct
import time
from typing import Any

import psycopg2
from psycopg2 import extensions

# In seconds: to connect; without a word from a statement; for the server to say that it
# is there; and until it is asked again while the statement goes on.
_CONNECT = 1.2
_SILENCE = 0.7
_ANSWER = 0.6
_SLOW = 5.0
# For so long after a silence nobody waits again: whoever reads staff pages would
# otherwise hold the threads that public pages need.
_PAUSE = 1.0

# The request for TLS, which every server answers with one letter before anything else.
_ARE_YOU_THERE = struct.pack("!ii", 8, 80877103)

_silent_until = 0.0


def bound_waiting() -> None:
    """Makes every connection of this process wait as `wait` does. libpq's own limits do
    not end a statement whose server is stopped: its machine still acknowledges."""
    extensions.set_wait_callback(wait)


def wait(connection: Any) -> None:
    """Waits until a connection is made or a statement has its answer. psycopg2 calls it.

    Raises psycopg2.OperationalError when nobody answers; the connection is then
    closed."""
    connecting = connection.status == extensions.STATUS_SETUP
    if connecting:
        _go_first()
    until = time.monotonic() + (_CONNECT if connecting else _SILENCE)
    while (state := connection.poll()) != extensions.POLL_OK:
        if _is_ready(connection.fileno(), state, until - time.monotonic()):
            if not connecting:
                until = time.monotonic() + _SILENCE
        elif connecting or not _is_there(connection.info):
            _nobody_waits_for(_PAUSE)
            raise _silent()
        else:
            until = time.monotonic() + _SLOW
    if connecting:
        _nobody_waits_for(0)


def _go_first() -> None:
    """After a silence one thread tries for all, when the pause is over; the others are
    refused meanwhile."""
    now = time.monotonic()
    if now < _silent_until:
        raise _silent()
    if _silent_until:
        _nobody_waits_for(_CONNECT)


def _nobody_waits_for(seconds: float) -> None:
    global _silent_until  # noqa: PLW0603 - one database, one silence, all threads
    _silent_until = time.monotonic() + seconds if seconds else 0.0


def _silent() -> psycopg2.OperationalError:
    return psycopg2.OperationalError("the database server does not answer")


def _is_ready(place: int, state: int, seconds: float) -> bool:
    """Whether the socket can go on within `seconds`."""
    waiting = select.poll()
    events = select.POLLIN if state == extensions.POLL_READ else select.POLLOUT
    waiting.register(place, events)
    return bool(waiting.poll(max(0, seconds) * 1000))


def _is_there(server: Any) -> bool:
    """Whether a PostgreSQL server answers where this connection leads."""
    try:
        with _knock(server.host, server.port) as door:
            door.settimeout(_ANSWER)
            door.sendall(_ARE_YOU_THERE)
            return bool(door.recv(1))
    except OSError:
        return False


def _knock(host: str, port: int) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port), timeout=_ANSWER)
    door = socket.socket(socket.AF_UNIX)
    door.settimeout(_ANSWER)
    door.connect(f"{host}/.s.PGSQL.{port}")
    return door
