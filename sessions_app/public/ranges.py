"""The part of a document that a reader asks for (RFC 9110, section 14): a PDF viewer that
jumps to a page, a download that goes on where it broke off."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse

# One range of bytes. A number is bounded, as whoever sends more digits means no byte.
_ONE_RANGE = re.compile(
    r"bytes=\s*(?:([0-9]{1,99})-([0-9]{0,99})|-([0-9]{1,99}))\s*", re.IGNORECASE
)


def part(request: HttpRequest, whole: HttpResponse) -> HttpResponse:
    """The answer with the range of bytes for which the request asks: 206, or 416 when the
    document ends before it. `whole`, the answer with the whole document and its strong
    ETag, when the request asks for no range, for several or for what is no range, when
    the reader's beginning is of other bytes, and when `whole` is no 200."""
    if whole.status_code != 200 or "Content-Encoding" in whole.headers:
        return whole
    whole.headers["Accept-Ranges"] = "bytes"
    asked = _ONE_RANGE.fullmatch(request.META.get("HTTP_RANGE", ""))
    content = whole.content
    # HEAD, for which the header means nothing (14.2), has no content.
    if not asked or not content or not _same(request, whole):
        return whole
    first, last = _bounds(asked, len(content))
    if last < first:
        return whole
    if first >= len(content):
        return _none_of(len(content))
    last = min(last, len(content) - 1)
    whole.status_code = 206
    whole.content = content[first : last + 1]
    whole.headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    whole.headers["Content-Length"] = str(last + 1 - first)
    return whole


def _same(request: HttpRequest, whole: HttpResponse) -> bool:
    """Whether the reader has the beginning of these bytes (13.1.5). A date never tells:
    documents are sent without one."""
    condition = request.META.get("HTTP_IF_RANGE")
    return condition is None or condition.strip() == whole.headers["ETag"]


def _bounds(asked: re.Match[str], size: int) -> tuple[int, int]:
    """The first and the last byte that are asked for; they may lie behind the end."""
    begin, end, suffix = asked.groups()
    if suffix is not None:
        # The last none bytes lie behind the end.
        return (max(size - int(suffix), 0), size)
    return (int(begin), int(end) if end else max(size, int(begin)))


def _none_of(size: int) -> HttpResponse:
    response = HttpResponse(status=416)
    del response.headers["Content-Type"]
    response.headers["Content-Range"] = f"bytes */{size}"
    response.headers["Content-Length"] = "0"
    response.headers["Cache-Control"] = "no-store"
    return response
