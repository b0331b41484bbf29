"""The pages of the desk as somebody reads them: who is signed in, and the words that
stand on a page, without its marks."""

import html
import re
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from sessions_app.models import Duty

_UNREAD = re.compile(r"<(script|style|noscript|template)\b.*?</\1>", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:p|li|ul|ol|h[1-6]|div|tr|td|th|table|caption|section|form|fieldset|header"
    r"|main|details|summary|button|option|select|dt|dd|dl)\b[^>]*>"
)


def sign_in(
    client: Client, name: str = "officer", *, duty: str = "", conference: Any = None
) -> Client:
    """Signs an account in: with a duty in a conference, or in every one when none is
    given; with no duty at all ("none"); as a superuser when nothing is said of it."""
    # Without a password: making one takes longer than the rest of a test.
    user = User.objects.create(username=name, is_staff=True, is_superuser=not duty)
    if duty not in {"", "none"}:
        Duty.objects.create(user=user, conference=conference, kind=duty)
    client.force_login(user)
    return client


def page_of(row: Any) -> str:
    """The address of the page on which a row is edited."""
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])


def words_on(response: HttpResponse, within: str = "content-main") -> list[str]:
    """What stands inside the element of this id, piece by piece, read aloud; the whole
    answer when `within` is empty."""
    page = _UNREAD.sub("", response.content.decode())
    assert "UNKNOWN VARIABLE" not in page
    pieces = _BLOCK.sub("\n", _inside(page, within) if within else page)
    said = (
        " ".join(html.unescape(re.sub(r"<[^>]*>", "", piece)).split())
        for piece in pieces.split("\n")
    )
    return [piece for piece in said if piece]


def _inside(page: str, name: str) -> str:
    opening = re.search(rf'<(\w+)\b[^>]*\bid="{re.escape(name)}"[^>]*>', page)
    assert opening, f"nothing is called {name}"
    tag, depth = opening[1], 1
    for found in re.finditer(rf"<(/?){tag}\b[^>]*>", page[opening.end() :]):
        depth += -1 if found[1] else 1
        if not depth:
            return page[opening.end() :][: found.start()]
    raise AssertionError(f"{name} does not end")


def told_on(response: HttpResponse) -> list[str]:
    """What a page says of what was just done, or was not."""
    page = response.content.decode()
    if 'class="messagelist"' not in page:
        return []
    return words_of(re.findall(r'<ul class="messagelist">(.*?)</ul>', page, re.DOTALL))


def refused_on(response: HttpResponse) -> dict[str, list[str]]:
    """What a page says is wrong, by the name of the field; "" is the whole form."""
    page = response.content.decode()
    found: dict[str, list[str]] = {}
    for name, said in re.findall(
        r'<div class="form-row field-(\w+) errors">\s*<ul class="errorlist[^>]*>(.*?)</ul>',
        page,
        re.DOTALL,
    ):
        found[name] = words_of([said])
    whole = re.findall(
        r'<ul class="errorlist nonfield"[^>]*>(.*?)</ul>', page, re.DOTALL
    )
    return found | ({"": words_of(whole)} if whole else {})


def words_of(markup: list[str]) -> list[str]:
    """The words of the items of lists."""
    items = re.findall(r"<li[^>]*>(.*?)</li>", "".join(markup), re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]*>", "", item)).strip() for item in items]
