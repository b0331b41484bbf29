"""Rostrum for gunicorn, which writes a line for each page that it renders:
`counted:application`."""

from __future__ import annotations

import os
from typing import Any

from config.wsgi import application
from sessions_app.outputs import agenda

_render = agenda.render_template
# One write to a file that is only added to: lines of several processes never mix.
_LINES = os.open(os.environ["BENCHMARK_RENDERS"], os.O_WRONLY | os.O_APPEND)


def render_and_tell(template: str, language: str, **context: Any) -> bytes:
    """What Rostrum renders; the template and the process are written down."""
    os.write(_LINES, f"{template} {os.getpid()}\n".encode())
    return _render(template, language, **context)


agenda.render_template = render_and_tell
__all__ = ["application"]
