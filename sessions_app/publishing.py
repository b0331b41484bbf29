"""From editions to the folder that readers see: the public side of issuing.

The database is the truth; the folder follows it and can always be made anew."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models.functions import Length

from sessions_app import mirror
from sessions_app.models import Document, Edition, Session
from sessions_app.programme import (
    DocumentCard,
    EditionCard,
    Imprint,
    Programme,
    Standing,
    Text,
)
from sessions_app.translated import words

# Told about each step, in words for staff.
Tell = Callable[[str], None]


def publish_standing(session: Session) -> None:
    """Brings the folder up to what the database holds of a session, editions and
    Standing; does nothing when it is."""
    with mirror.lock():
        for edition in Edition.objects.of(session).only("digest", "session"):
            if not mirror.has(edition.digest):
                _mirror_edition(Edition.objects.get(pk=edition.pk))
        standing = standing_of(session)
        if standing is not None:
            mirror.point(standing)


def publish_all() -> None:
    """publish_standing() for every session: shows what was recorded by a process that
    was ended before it came to show it. Raises OSError when the folder cannot be
    written."""
    for session in Session.objects.filter(editions__isnull=False).distinct():
        publish_standing(session)


def rebuild_mirror(tell: Tell = lambda _step: None) -> int:
    """Writes the whole folder anew from the database, leaving whole editions as they
    are, and gives the number of editions; what the database does not hold is removed."""
    standings: set[tuple[str, str]] = set()
    digests: set[str] = set()
    with mirror.lock():
        for session in Session.objects.filter(editions__isnull=False).distinct():
            standing = standing_of(session)
            if standing is None:
                continue
            # Those that the Standing names, and not those in the table: of an edition
            # that is issued meanwhile the folder holds all or nothing.
            for card in standing.editions:
                edition = Edition.objects.get(digest=card.digest)
                tell(str(edition))
                _mirror_edition(edition)
                digests.add(card.digest)
            mirror.point(standing)
            standings.add((standing.conference, standing.session))
        mirror.forget_all_but(standings, digests)
    return len(digests)


def _mirror_edition(edition: Edition) -> None:
    mirror.write_edition(
        edition.digest,
        edition.programme,
        imprint_of(edition),
        {
            mirror.document_file(document.name, document.language): bytes(
                document.content
            )
            for document in edition.documents.all()
        },
    )


def standing_of(session: Session) -> Standing | None:
    """How a session stands before the public, as the database has it; None when nothing
    of it was issued."""
    editions = list(
        Edition.objects.of(session).select_related("withdrawal").defer("programme")
    )
    if not editions:
        return None
    documents = _document_cards(session)
    newest = Programme.model_validate(editions[0].programme)
    withdrawn = _reason(editions[0])
    return Standing(
        conference=newest.conference.slug,
        session=newest.slug,
        conference_title=newest.conference.title,
        notice=newest.conference.notice,
        title=newest.title,
        theme=newest.theme,
        city=newest.city,
        zone=newest.zone,
        starts_on=newest.starts_on,
        ends_on=newest.ends_on,
        languages=newest.languages,
        primary_language=newest.primary_language,
        status=newest.status,
        current=None if withdrawn else editions[0].number,
        withdrawn=withdrawn,
        editions=tuple(
            EditionCard(
                imprint=imprint_of(edition),
                digest=edition.digest,
                documents=tuple(documents[edition.pk]),
                withdrawn=_reason(edition),
                withdrawn_at=_withdrawn_at(edition),
            )
            for edition in editions
        ),
    )


def _document_cards(session: Session) -> dict[int, list[DocumentCard]]:
    """The documents of each edition, by its key; their bytes stay in the database."""
    cards: dict[int, list[DocumentCard]] = defaultdict(list)
    for document in (
        Document.objects.filter(edition__session=session)
        .order_by("name", "language")
        .annotate(size=Length("content"))
        .values("edition_id", "name", "language", "size", "sha256", "pages")
    ):
        cards[document.pop("edition_id")].append(DocumentCard(**document))
    return cards


def _reason(edition: Edition) -> Text:
    """Why an edition was withdrawn; empty for all others."""
    withdrawal = getattr(edition, "withdrawal", None)
    if withdrawal is None:
        return {}
    return words(withdrawal.reason) or {"en": "The secretariat has withdrawn it."}


def _withdrawn_at(edition: Edition) -> dt.datetime | None:
    withdrawal = getattr(edition, "withdrawal", None)
    return withdrawal.at if withdrawal else None


def imprint_of(edition: Edition) -> Imprint:
    """What an edition says of itself, as it was issued."""
    values: dict[str, Any] = {
        "number": edition.number,
        "label": edition.label,
        "status_word": edition.status_word,
        "as_at": edition.as_at,
        "issued_at": edition.issued_at,
        "remark": edition.remark,
        "check_code": edition.check_code,
        "supersedes": edition.supersedes,
    }
    return Imprint(**values)
