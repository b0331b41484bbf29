"""The editions of a session as an Atom feed (RFC 4287), for who wants to be told.

One entry for each edition, the newest first, with what changed in it. The ids are tags
(RFC 4151) of the host, the day and the address without what may change in it: they stay
the same when an edition is withdrawn or redacted, and no two languages share one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from sessions_app.outputs.addresses import (
    agenda_address,
    changes_address,
    editions_address,
    feed_address,
)
from sessions_app.outputs.agenda import Copy
from sessions_app.outputs.editions import edition_name
from sessions_app.programme import EditionCard, Standing, colon_of, pick
from sessions_app.translated import language_tag

MEDIA_TYPE = Atom1Feed.content_type
# Who reads the feed once a day misses none of these, and each compares two editions.
MOST_ENTRIES = 20


class Issue(NamedTuple):
    """An edition as the feed tells it: its card, and its copy with the edition before it
    as the former one; without a copy when it was withdrawn."""

    card: EditionCard
    copy: Copy | None


def render_feed(copy: Copy, standing: Standing, issues: Iterable[Issue]) -> bytes:
    """The feed of a session: `copy` is of the current edition, `issues` the newest
    first."""
    with translation.override(copy.language):
        feed = _feed(
            standing,
            copy.language,
            title=" – ".join(
                copy.programme.said(text, copy.language).text
                for text in (copy.programme.title, copy.programme.conference.title)
            ),
            subtitle=_("What changed in each edition of the programme"),
            author_name=copy.programme.said(
                copy.programme.conference.office or copy.programme.conference.title,
                copy.language,
            ).text,
        )
        for issue in issues:
            _add(feed, standing, copy.language, issue)
        return _written(feed)


def render_feed_of_withdrawn(standing: Standing, language: str) -> bytes:
    """The feed of a session whose newest edition was withdrawn: that alone, and nothing
    of what it said. A feed that is gone would be asked for no more, and who reads it
    would not learn of the next edition."""
    with translation.override(language):
        feed = _feed(
            standing,
            language,
            title=_("This programme was withdrawn"),
            author_name=_("Programme of sessions"),
        )
        newest = standing.editions[0]
        gone = newest.model_copy(update={"withdrawn": standing.withdrawn})
        _add(feed, standing, language, Issue(gone, None))
        return _written(feed)


class _Feed(Atom1Feed):
    """Adds the content that Django's own entries do not have."""

    def add_item_elements(
        self, handler: SimplerXMLGenerator, item: dict[str, Any]
    ) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


def _feed(
    standing: Standing,
    language: str,
    title: str,
    author_name: str,
    subtitle: str | None = None,
) -> _Feed:
    address = feed_address(_agenda(standing, language))
    first = standing.editions[-1].imprint.issued_at
    return _Feed(
        title=title,
        link=f"{settings.PUBLIC_URL}{_agenda(standing, language)}",
        description=subtitle or "",
        language=language_tag(language),
        feed_url=f"{settings.PUBLIC_URL}{address}",
        feed_guid=_tag(first, address),
        author_name=author_name,
        subtitle=subtitle,
    )


def _add(feed: _Feed, standing: Standing, language: str, issue: Issue) -> None:
    imprint = issue.card.imprint
    numbered = _agenda(standing, language, imprint.number)
    if issue.copy:
        title, link = edition_name(imprint), changes_address(numbered)
        summary, content = _told(issue.copy)
    else:
        title = colon_of(language).join([edition_name(imprint), _("Withdrawn")])
        link = editions_address(_agenda(standing, language))
        summary, content = _withdrawn(standing, language, issue.card)
    feed.add_item(
        title=title,
        link=f"{settings.PUBLIC_URL}{link}",
        description=summary,
        content=content,
        pubdate=imprint.issued_at,
        updateddate=issue.card.withdrawn_at or imprint.issued_at,
        unique_id=_tag(imprint.issued_at, numbered),
    )


def _told(copy: Copy) -> tuple[str, str]:
    """How much changed in an edition, and what, both in HTML."""
    editions = copy.standing.editions if copy.standing else ()
    context = {
        "copy": copy,
        "programme": copy.programme,
        "imprint": copy.imprint,
        "changes": copy.changes,
        "is_first": bool(editions) and editions[-1].imprint == copy.imprint,
        "language": copy.language,
        "root": settings.PUBLIC_URL,
    }
    return (
        _printed("agenda/feed_summary.html", context),
        _printed("agenda/feed_entry.html", context),
    )


def _withdrawn(standing: Standing, language: str, card: EditionCard) -> tuple[str, str]:
    """Why an edition was withdrawn, in HTML: shortly, and as the content."""
    reason = pick(card.withdrawn, language, standing.primary_language)
    context = {"reason": reason, "language": language}
    words = reason.text or _(
        "The secretariat has withdrawn it. A copy that you hold is no longer in force."
    )
    return escape(words), _printed("agenda/feed_withdrawn.html", context)


def _printed(template: str, context: dict[str, Any]) -> str:
    lines = render_to_string(template, context).splitlines()
    return "".join(line.strip() for line in lines)


def _agenda(standing: Standing, language: str, number: int | None = None) -> str:
    return agenda_address(language, standing.conference, standing.session, number)


def _tag(at: dt.datetime, address: str) -> str:
    host = urlsplit(settings.PUBLIC_URL).hostname
    return f"tag:{host},{at.astimezone(dt.UTC).date()}:{address}"


def _written(feed: _Feed) -> bytes:
    return str(feed.writeString("utf-8")).encode()
