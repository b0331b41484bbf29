"""Issuing: rows in, an edition out. The only writer of editions and of their folder.

Three steps. The programme is composed and frozen; its documents are rendered without
any lock; one short transaction locks the session, composes again, and inserts the
edition only if nothing changed meanwhile. After the commit the folder follows: a reader
sees the old edition or the new one."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from sessions_app import mirror, outputs
from sessions_app.compose import compose
from sessions_app.models import Document, Edition, Session
from sessions_app.programme import (
    DocumentCard,
    EditionCard,
    Imprint,
    Programme,
    Standing,
    edition_digest,
)
from speakers.codes import new_check_code

logger = logging.getLogger(__name__)

# PostgreSQL's code for it (SQLSTATE, appendix A of its manual).
_SERIALIZATION_FAILURE = "40001"

# Told about each step, in words for staff.
Tell = Callable[[str], None]


class NotIssued(Exception):
    """Nothing was issued; the message says why, in a sentence for staff."""


class NotMirrored(Exception):
    """The edition is recorded, but readers do not see it yet: the folder could not be
    written. The message says what to do, in a sentence for staff."""


@dataclass(frozen=True)
class _Rendered:
    name: str
    language: str
    content: bytes

    @property
    def pages(self) -> int:
        return outputs.pages(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def issue(
    session: Session,
    *,
    by: User | None,
    label: str = "",
    status_word: str = "",
    as_at: dt.datetime | None = None,
    remark: Mapping[str, str] | None = None,
    seen_digest: str | None = None,
    seen_number: int | None = None,
    tell: Tell = lambda _step: None,
) -> Edition:
    """Issues the session as it stands and gives the new edition.

    `label` prints ("", "Rev.1", "Corr.1"); `as_at` is aware and defaults to now;
    `remark` is a language map; `seen_digest` is the digest of the programme that the
    issuer saw, `seen_number` the number that the edition was to get. Raises NotIssued when the programme is another than the one seen, when
    it changes while its documents are made, when another edition comes first, or when
    the folder of editions cannot be written; NotMirrored when it cannot be written
    after the edition was recorded."""
    tell(_("Composing the programme."))
    programme = compose(session)
    _refuse_unless_complete(programme)
    number = _next_number(session)
    if seen_number not in {None, number}:
        raise NotIssued(_issued_meanwhile(number - 1))
    if seen_digest not in {None, programme.digest}:
        raise NotIssued(_changed_meanwhile())
    now = timezone.now()
    imprint = Imprint(
        number=number,
        label=label,
        status_word=status_word,
        as_at=_in_utc(as_at or now).replace(second=0),
        issued_at=_in_utc(now),
        remark=dict(remark or {}),
        check_code=new_check_code(),
    )
    documents = _render(programme, imprint, tell)
    stored = programme.to_value()
    digest = edition_digest(stored, imprint)
    files = {mirror.document_file(d.name, d.language): d.content for d in documents}
    try:
        with mirror.lock():
            mirror.write_edition(digest, stored, imprint, files)
    except OSError as error:
        raise NotIssued(_not_written(error)) from error
    tell(_("Recording edition %(number)d.") % {"number": imprint.number})
    try:
        edition = _commit(session, programme, imprint, digest, documents, by)
    except BaseException as error:
        mirror.forget_edition(digest)
        refusal = _refusal(error, session, imprint)
        if refusal is None:
            raise
        raise NotIssued(refusal) from error
    try:
        publish_standing(session)
    except OSError as error:
        raise NotMirrored(_not_mirrored(imprint.number, error)) from error
    logger.info("issued edition %s of session %s", edition.number, session.pk)
    return edition


def publish_standing(session: Session) -> None:
    """Brings the folder up to what the database holds of a session, editions and
    Standing; does nothing when it is."""
    with mirror.lock():
        for edition in Edition.objects.of(session).only("digest", "session"):
            if not mirror.has(edition.digest):
                _mirror_edition(Edition.objects.get(pk=edition.pk))
        standing = _standing(session)
        if standing is not None:
            mirror.point(standing)


def rebuild_mirror(tell: Tell = lambda _step: None) -> int:
    """Writes the whole folder anew from the database, leaving whole editions as they
    are, and gives the number of editions; what the database does not hold is removed."""
    standings: set[tuple[str, str]] = set()
    digests: set[str] = set()
    with mirror.lock():
        for session in Session.objects.filter(editions__isnull=False).distinct():
            standing = _standing(session)
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
        _imprint(edition),
        {
            mirror.document_file(document.name, document.language): bytes(
                document.content
            )
            for document in edition.documents.all()
        },
    )


def is_ahead(session: Session, programme: Programme) -> bool:
    """Whether the draft `programme` prints otherwise than the newest edition, or none
    was issued."""
    newest = Edition.objects.of(session).values_list("programme_digest", flat=True)
    return newest.first() != programme.digest


def _refuse_unless_complete(programme: Programme) -> None:
    if not any(day.slots for day in programme.days):
        raise NotIssued(
            _("The programme has no printed slot yet. Add one, then issue.")
        )


def _next_number(session: Session) -> int:
    last = Edition.objects.of(session).values_list("number", flat=True).first()
    return (last or 0) + 1


def _render(programme: Programme, imprint: Imprint, tell: Tell) -> list[_Rendered]:
    documents = []
    for name, output in outputs.FORMATS.items():
        if not output.is_issued:
            continue
        for language in programme.languages:
            tell(
                _("Making %(name)s in %(language)s.")
                % {"name": name, "language": language}
            )
            content = output.render(programme, imprint, language)
            documents.append(_Rendered(name, language, content))
    return documents


def _commit(
    session: Session,
    programme: Programme,
    imprint: Imprint,
    digest: str,
    documents: list[_Rendered],
    by: User | None,
) -> Edition:
    outermost = not connection.in_atomic_block
    with transaction.atomic(durable=True):
        if connection.vendor == "postgresql" and outermost:
            # One snapshot for the whole composition, whoever commits meanwhile.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        Session.objects.select_for_update().get(pk=session.pk)
        if _next_number(session) != imprint.number:
            raise NotIssued(_issued_meanwhile(imprint.number))
        if compose(session).digest != programme.digest:
            raise NotIssued(_changed_meanwhile())
        edition = Edition.objects.create(
            session=session,
            number=imprint.number,
            label=imprint.label,
            status_word=imprint.status_word,
            issued_at=imprint.issued_at,
            as_at=imprint.as_at,
            issued_by=by,
            remark=imprint.remark,
            check_code=imprint.check_code,
            programme=programme.to_value(),
            programme_digest=programme.digest,
            digest=digest,
        )
        for document in documents:
            Document.objects.create(
                edition=edition,
                name=document.name,
                language=document.language,
                content=document.content,
                sha256=document.sha256,
                pages=document.pages,
            )
        _audit(edition, by)
    return edition


def _refusal(error: BaseException, session: Session, imprint: Imprint) -> str | None:
    """The sentence for staff when the database refused because something else came
    first; None for any other error."""
    if isinstance(error, OperationalError):
        # PostgreSQL: another transaction changed what this one had read. By its code,
        # since a server may say it in any language.
        code = getattr(error.__cause__, "pgcode", None)
        return _changed_meanwhile() if code == _SERIALIZATION_FAILURE else None
    if isinstance(error, IntegrityError) and (
        Edition.objects.of(session).filter(number=imprint.number).exists()
    ):
        return _issued_meanwhile(imprint.number)
    return None


def _audit(edition: Edition, by: User | None) -> None:
    """One row of the admin's history for each issuing act, in its transaction."""
    if by is None:
        return
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(Session),
        object_id=str(edition.session_id),
        object_repr=str(edition.session)[:200],
        action_flag=CHANGE,
        change_message=_("Issued edition %(number)d %(label)s")
        % {"number": edition.number, "label": edition.label},
    )


def _standing(session: Session) -> Standing | None:
    editions = list(
        Edition.objects.of(session).select_related("withdrawal").defer("programme")
    )
    if not editions:
        return None
    documents = _document_cards(session)
    newest = Programme.model_validate(editions[0].programme)
    withdrawal = getattr(editions[0], "withdrawal", None)
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
        current=None if withdrawal else editions[0].number,
        withdrawn=dict(withdrawal.reason) if withdrawal else {},
        editions=tuple(
            EditionCard(
                imprint=_imprint(edition),
                digest=edition.digest,
                documents=tuple(documents[edition.pk]),
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


def _imprint(edition: Edition) -> Imprint:
    values: dict[str, Any] = {
        "number": edition.number,
        "label": edition.label,
        "status_word": edition.status_word,
        "as_at": edition.as_at,
        "issued_at": edition.issued_at,
        "remark": edition.remark,
        "check_code": edition.check_code,
    }
    return Imprint(**values)


def _in_utc(at: dt.datetime) -> dt.datetime:
    # As the database gives it back, so that an imprint has one form.
    return at.astimezone(dt.UTC).replace(microsecond=0)


def _changed_meanwhile() -> str:
    return _(
        "The programme was changed while you were issuing it. Nothing was issued: look "
        "at the preview again, then issue."
    )


def _not_written(error: OSError) -> str:
    return _(
        "The folder of editions cannot be written (%(reason)s). Nothing was issued: "
        "ask whoever runs the server to look at it, then issue again."
    ) % {"reason": error.strerror or error}


def _not_mirrored(number: int, error: OSError) -> str:
    return _(
        "Edition %(number)d is recorded, but readers do not see it yet: the folder of "
        "editions cannot be written (%(reason)s). Ask whoever runs the server to make "
        "room and run “manage.py mirror”; do not issue again."
    ) % {"number": number, "reason": error.strerror or error}


def _issued_meanwhile(number: int) -> str:
    return _(
        "Edition %(number)d was issued a moment ago, by somebody else or by a second "
        "click. Nothing more was issued: look at what it changed, then issue again if "
        "it is still needed."
    ) % {"number": number}
