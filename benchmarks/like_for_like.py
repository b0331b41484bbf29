"""What Rostrum is compared with, for gunicorn: `like_for_like:application`.

The settings and the middleware are Rostrum's. Under a page's own address stands a
constant view that sends the very same headers and bytes; under /rendered/ the agenda is
made by Django's templates each time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.utils.cache import get_conditional_response

from config.wsgi import application
from sessions_app.outputs.agenda import render_agenda
from sessions_app.public import pages


class Kept(NamedTuple):
    """An answer as it is sent; the headers without those of the middleware."""

    content: bytes
    headers: dict[str, str]


def _kept() -> dict[tuple[str, str], Kept]:
    """The answers by path and Accept-Encoding, as serving.py put them aside."""
    folder = Path(os.environ["BENCHMARK_ANSWERS"])
    lines = (folder / "answers.jsonl").read_text().splitlines()
    return {
        (each["path"], each["coding"]): Kept(
            (folder / each["file"]).read_bytes(), each["headers"]
        )
        for each in map(json.loads, lines)
    }


KEPT = _kept()


def constant(request: HttpRequest) -> Any:
    """The answer that was put aside."""
    kept = KEPT[request.path, request.META.get("HTTP_ACCEPT_ENCODING", "")]
    response = HttpResponse(kept.content, headers=kept.headers)
    if "HTTP_IF_NONE_MATCH" not in request.META:
        return response
    return get_conditional_response(
        request, etag=kept.headers["ETag"], response=response
    )


def rendered(_request: HttpRequest, conference: str, session: str) -> HttpResponse:
    """The agenda in English, made anew from the programme in memory."""
    found = pages.find("en", conference, session)
    return HttpResponse(render_agenda(found.copy(found.former)))


# The constant view first, under the cheapest pattern that there is.
urlpatterns = [
    re_path("^en/", constant),
    path("rendered/en/<slug:conference>/<slug:session>/", rendered),
]
settings.ROOT_URLCONF = __name__
__all__ = ["application"]
