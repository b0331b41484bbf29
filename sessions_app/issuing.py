"""Issuing: rows in, an edition out. The only writer of editions.

Three steps. The programme is composed, checked and frozen with its imprint, in a row
that says from then on how far it is; its documents are made without any lock, by the
task worker; one short transaction locks the session, composes again, and inserts the
edition only if nothing changed meanwhile. After the commit the folder follows: a reader
sees the old edition or the new one. An edition for a later minute waits with its
documents made, and is recorded when its minute has come."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks import task

from sessions_app import checking, mirror, outputs, page_dates
from sessions_app.compose import compose
from sessions_app.models import (
    Document,
    Edition,
    Issuance,
    PreparedDocument,
    SavedChange,
    Session,
    Withdrawal,
)
from sessions_app.outputs.pdf import PdfRefused
from sessions_app.programme import (
    Former,
    Imprint,
    Programme,
    ProgrammeUnreadable,
    Superseded,
    canonical,
    edition_digest,
    from_json,
)
from sessions_app.publishing import Tell, imprint_of, publish_standing
from sessions_app.translated import language_name
from speakers.codes import new_check_code

logger = logging.getLogger(__name__)

# PostgreSQL's code for it (SQLSTATE, appendix A of its manual).
_SERIALIZATION_FAILURE = "40001"

_COUNTED_ON = dt.timedelta(hours=1)


class NotIssued(Exception):
    """Nothing was issued; the message says why, in a sentence for staff."""


class NotMirrored(Exception):
    """The edition is recorded, but readers do not see it yet: the folder could not be
    written. The message says what to do, in a sentence for staff."""


@dataclass(frozen=True)
class Wish:
    """What an issuer asks for. `label` prints ("", "Rev.1", "Corr.1"); `as_at` is aware
    and defaults to now; `remark` is a language map. `at` is the minute at which it is
    to be issued, aware; at once without one. `reasons` say, by the key of a warning, why
    it stands; `reason` is that of all others. `seen_digest` is the digest of the
    programme that the issuer saw, `seen_number` the number that the edition was to
    get."""

    label: str = ""
    status_word: str = ""
    as_at: dt.datetime | None = None
    remark: Mapping[str, str] | None = None
    at: dt.datetime | None = None
    reason: str = ""
    reasons: Mapping[str, str] | None = None
    seen_digest: str | None = None
    seen_number: int | None = None


def issue(
    session: Session,
    *,
    by: User | None,
    tell: Tell = lambda _step: None,
    **wish: object,
) -> Edition:
    """Issues the session as it stands and gives the new edition, all in this process;
    `wish` holds the fields of a Wish, but for `at`. Raises NotIssued when the programme
    has errors or warnings without a reason, when it is another than the one seen, when
    it changes while its documents are made, when another edition comes first, or when
    the folder of editions cannot be written; NotMirrored when it cannot be written
    after the edition was recorded."""
    tell(_("Composing the programme."))
    issuance = freeze(session, by=by, wish=Wish(**wish))  # type: ignore[arg-type]
    edition = make(issuance, tell)
    if edition is None:  # pragma: no cover - an Issuance without `at` never waits
        raise NotIssued(issuance.message)
    return edition


def ask(session: Session, *, by: User | None, wish: Wish) -> Issuance:
    """Freezes the session as it stands and leaves the rest to the task worker, which
    survives whatever becomes of the page that asked. Raises NotIssued as issue()
    does."""
    issuance = freeze(session, by=by, wish=wish)
    carry_out.enqueue(issuance.pk)
    return issuance


def freeze(session: Session, *, by: User | None, wish: Wish) -> Issuance:
    """The edition on its way as it will be, or not at all: programme and imprint are
    fixed from here on. Raises NotIssued when it may not be issued so."""
    programme = compose(session)
    number = _next_number(session)
    if wish.seen_number not in {None, number}:
        raise NotIssued(_issued_meanwhile(number - 1))
    if wish.seen_digest not in {None, programme.digest}:
        raise NotIssued(_changed_meanwhile())
    _refuse_unless_complete(programme)
    _refuse_last_editor(session, by)
    with transaction.atomic():
        _refuse_unless_checked(session, programme, wish, by)
        imprint = _imprint_for(session, number, wish)
        issuance = Issuance.objects.create(
            session=session,
            by=by,
            at=wish.at,
            number=number,
            label=imprint.label,
            imprint=imprint.to_value(),
            programme=programme.to_value(),
            programme_digest=programme.digest,
        )
        if wish.at is not None:
            _audit(session, SavedChange.Act.SCHEDULED, by, _scheduled(issuance))
    return issuance


@task()
def carry_out(pk: int) -> None:
    """Makes the documents of an edition on its way and records it, or leaves it waiting
    for its minute. Does nothing when that was done already: it may be called again
    after a worker was ended half-way."""
    issuance = Issuance.objects.select_related("session", "by").get(pk=pk)
    if issuance.state != Issuance.State.MAKING:
        return
    try:
        make(issuance, lambda step: logger.info("%s: %s", issuance, step))
    except (NotIssued, NotMirrored) as refusal:
        logger.warning("%s: %s", issuance, refusal)


def make(issuance: Issuance, tell: Tell) -> Edition | None:
    """Makes the documents of an edition on its way, without any lock, then records it;
    None when it waits for its minute. Each step is written to its row. Raises as
    issue(); from then on the row says why."""
    try:
        documents = _made(issuance, tell)
        if issuance.at is not None and issuance.at > timezone.now():
            _put_aside(issuance, documents)
            return None
        return _record(issuance, documents, tell)
    except (PdfRefused, ProgrammeUnreadable) as refusal:
        _void(issuance, str(refusal))
        raise NotIssued(str(refusal)) from refusal
    except NotIssued as refusal:
        _void(issuance, str(refusal))
        raise
    except Exception as error:
        _void(issuance, _failed(error))
        raise


def issue_due(now: dt.datetime) -> list[Issuance]:
    """Records every edition whose minute has come at `now` (aware), and gives them; one
    that cannot be recorded is void and says why."""
    due = Issuance.objects.filter(state=Issuance.State.WAITING, at__lte=now)
    done = []
    for issuance in due.select_related("session", "by").order_by("at", "pk"):
        documents = [
            _Made(each.name, each.language, bytes(each.content))
            for each in issuance.documents.all()
        ]
        try:
            _record(issuance, documents, lambda _step: None)
        except NotIssued as refusal:
            _void(issuance, str(refusal))
        except NotMirrored:
            logger.exception("%s is recorded and not shown", issuance)
        except Exception as error:
            logger.exception("%s cannot be issued at its minute", issuance)
            _void(issuance, _failed(error))
        issuance.refresh_from_db()
        done.append(issuance)
    return done


def resume() -> int:
    """Hands every edition that a worker left half-made to the workers again, and gives
    their number. What nobody has heard of for an hour is void: by now whoever asked for
    it counts on nothing."""
    left = Issuance.objects.filter(state=Issuance.State.MAKING)
    for issuance in left.filter(heard_at__lt=timezone.now() - _COUNTED_ON):
        _void(issuance, _left_too_long())
    keys = list(left.values_list("pk", flat=True))
    for pk in keys:
        carry_out.enqueue(pk)
    return len(keys)


def call_off(issuance: Issuance, by: User | None) -> None:
    """Takes an edition off its way. Raises NotIssued when it is issued or void
    already."""
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=issuance.session_id)
        if not on_its_way(issuance.session).filter(pk=issuance.pk).exists():
            raise NotIssued(
                _("It is too late: edition %(number)d is no longer on its way.")
                % {"number": issuance.number}
            )
        _void(issuance, _("It was called off."))
        _audit(issuance.session, SavedChange.Act.CALLED_OFF, by, name_of(issuance))


def withdraw(edition: Edition, by: User | None, reason: Mapping[str, str]) -> None:
    """Takes an issued edition back: its address answers 410 with the reason, a language
    map, for good; that of the session too, until the next edition. Raises NotIssued
    when it is withdrawn already, NotMirrored when readers still see it."""
    with transaction.atomic():
        session = Session.objects.select_for_update().get(pk=edition.session_id)
        if Withdrawal.objects.filter(edition=edition).exists():
            raise NotIssued(
                _("Edition %(number)d is withdrawn already.")
                % {"number": edition.number}
            )
        Withdrawal.objects.create(
            edition=edition, at=timezone.now(), by=by, reason=dict(reason)
        )
        _audit(session, SavedChange.Act.WITHDRAWN, by, name_of(edition))
    _publish(session, edition.number)


def is_ahead(session: Session, programme: Programme) -> bool:
    """Whether the draft `programme` prints otherwise than the newest edition, or none
    was issued."""
    newest = Edition.objects.of(session).values_list("programme_digest", flat=True)
    return newest.first() != programme.digest


def on_its_way(session: Session) -> QuerySet[Issuance]:
    """The editions of a session that are being made or wait for their minute."""
    states = [Issuance.State.MAKING, Issuance.State.WAITING]
    return Issuance.objects.filter(session=session, state__in=states)


def former_of(session: Session, number: int) -> Former | None:
    """The edition with which edition `number` of a session is compared: the newest
    before it that was not withdrawn. Raises ProgrammeUnreadable."""
    before = Edition.objects.of(session).filter(number__lt=number, withdrawal=None)
    edition = before.first()
    if edition is None:
        return None
    return Former(from_json(canonical(edition.programme)), imprint_of(edition))


def name_of(edition: Edition | Issuance) -> str:
    """An edition in a sentence for staff: "edition 2 (Rev.1)"."""
    words = {"number": edition.number, "label": edition.label}
    if not edition.label:
        return _("edition %(number)d") % words
    return _("edition %(number)d (%(label)s)") % words


# --- Freezing ------------------------------------------------------------------


def _refuse_unless_complete(programme: Programme) -> None:
    if not any(day.slots for day in programme.days):
        raise NotIssued(
            _("The programme has no printed slot yet. Add one, then issue.")
        )


def _refuse_last_editor(session: Session, by: User | None) -> None:
    """A second person issues where the conference asks for it."""
    if by is None or not session.conference.needs_second_person:
        return
    edits = SavedChange.objects.filter(session=session).exclude(
        act__in=SavedChange.ISSUING
    )
    last = edits.order_by("-pk").first()
    if last is not None and last.by_id == by.pk:
        raise NotIssued(
            _(
                "You saved the last change to this session. In this conference whoever "
                "issues is somebody else: ask a colleague to look at it and issue."
            )
        )


def _refuse_unless_checked(
    session: Session, programme: Programme, wish: Wish, by: User | None
) -> None:
    findings = checking.findings_of(session, programme)
    if findings.errors:
        raise NotIssued(
            ngettext(
                "There is %(count)d error. Correct it, then issue: %(first)s",
                "There are %(count)d errors. Correct them, then issue. The first is: "
                "%(first)s",
                len(findings.errors),
            )
            % {
                "count": len(findings.errors),
                "first": findings.errors[0].sentence,
            }
        )
    rest = checking.acknowledge(session, findings, wish.reasons or {}, wish.reason, by)
    if rest.warnings:
        raise NotIssued(
            ngettext(
                "There is %(count)d warning. Put it right, or say why it stands: "
                "%(first)s",
                "There are %(count)d warnings. Put them right, or say why they stand. "
                "The first is: %(first)s",
                len(rest.warnings),
            )
            % {"count": len(rest.warnings), "first": rest.warnings[0].sentence}
        )


def _imprint_for(session: Session, number: int, wish: Wish) -> Imprint:
    now = timezone.now()
    newest = Edition.objects.of(session).first()
    superseded = newest and Superseded(
        number=newest.number, label=newest.label, as_at=newest.as_at
    )
    return Imprint(
        number=number,
        label=wish.label,
        status_word=cast(Any, wish.status_word),
        as_at=_in_utc(wish.as_at or now).replace(second=0),
        issued_at=_in_utc(wish.at or now),
        remark=dict(wish.remark or {}),
        check_code=new_check_code(),
        supersedes=superseded,
    )


def _next_number(session: Session) -> int:
    last = Edition.objects.of(session).values_list("number", flat=True).first()
    return (last or 0) + 1


# --- Making --------------------------------------------------------------------


@dataclass(frozen=True)
class _Made:
    name: str
    language: str
    content: bytes

    @property
    def pages(self) -> int:
        return outputs.pages(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def _made(issuance: Issuance, tell: Tell) -> list[_Made]:
    programme, imprint = frozen(issuance)
    try:
        former = former_of(issuance.session, imprint.number)
    except ProgrammeUnreadable:
        # Of a newer release, which somebody went back from: nothing is compared.
        former = None
    wanted = outputs.documents_of(programme, imprint, former)
    issuance.steps, issuance.steps_done = len(wanted) + 1, 0
    made: list[_Made] = []
    for each in wanted:
        step = _("Making %(name)s in %(language)s.") % {
            "name": each.name,
            "language": language_name(each.language),
        }
        _say(issuance, tell, step, done=bool(made))
        made.append(_Made(each.name, each.language, each.make()))
    return made


def frozen(issuance: Issuance) -> tuple[Programme, Imprint]:
    """What an edition on its way holds. Raises ProgrammeUnreadable."""
    return (
        from_json(canonical(issuance.programme)),
        Imprint.model_validate(issuance.imprint),
    )


def _say(issuance: Issuance, tell: Tell, step: str, *, done: bool) -> None:
    """Tells a step, and writes it to the row for whoever looks at the page."""
    issuance.step = (step % {"number": issuance.number})[:200]
    issuance.steps_done += int(done)
    tell(issuance.step)
    Issuance.objects.filter(pk=issuance.pk).update(
        step=issuance.step,
        steps=issuance.steps,
        steps_done=issuance.steps_done,
        heard_at=timezone.now(),
    )


def _put_aside(issuance: Issuance, documents: list[_Made]) -> None:
    """Keeps the documents until the minute of their edition. Raises NotIssued when it
    was taken off its way while they were made: nothing is kept then."""
    with transaction.atomic():
        # Locked first: whoever calls it off waits, and removes what is kept here.
        now = Issuance.objects.select_for_update().get(pk=issuance.pk)
        if now.state == Issuance.State.VOID:
            raise NotIssued(now.message)
        if now.state != Issuance.State.MAKING:
            # Another worker was sooner.
            return
        issuance.documents.all().delete()
        PreparedDocument.objects.bulk_create(
            PreparedDocument(
                issuance=issuance,
                name=document.name,
                language=document.language,
                content=document.content,
            )
            for document in documents
        )
        Issuance.objects.filter(pk=issuance.pk).update(
            state=Issuance.State.WAITING,
            steps_done=issuance.steps - 1,
            heard_at=timezone.now(),
        )


# --- Recording -----------------------------------------------------------------


def _record(issuance: Issuance, documents: list[_Made], tell: Tell) -> Edition:
    programme, imprint = frozen(issuance)
    digest = edition_digest(issuance.programme, imprint)
    files = {mirror.document_file(d.name, d.language): d.content for d in documents}
    try:
        with mirror.lock():
            mirror.write_edition(digest, issuance.programme, imprint, files)
    except OSError as error:
        raise NotIssued(_not_written(error)) from error
    _say(issuance, tell, _("Recording edition %(number)d."), done=bool(documents))
    try:
        edition = _commit(issuance, programme, imprint, digest, documents)
    except BaseException as error:
        mirror.forget_edition(digest)
        refusal = _refusal(error, issuance)
        if refusal is None:
            raise
        raise NotIssued(refusal) from error
    _void_others(edition)
    _publish(issuance.session, edition.number, issuance)
    logger.info("issued edition %s of session %s", edition.number, issuance.session_id)
    return edition


def _publish(session: Session, number: int, issuance: Issuance | None = None) -> None:
    try:
        publish_standing(session)
    except OSError as error:
        message = _not_mirrored(number, error)
        if issuance is not None:
            Issuance.objects.filter(pk=issuance.pk).update(message=message[:600])
        raise NotMirrored(message) from error


def _commit(
    issuance: Issuance,
    programme: Programme,
    imprint: Imprint,
    digest: str,
    documents: list[_Made],
) -> Edition:
    session = issuance.session
    outermost = not connection.in_atomic_block
    with transaction.atomic(durable=True):
        if connection.vendor == "postgresql" and outermost:
            # One snapshot for the whole composition, whoever commits meanwhile.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        Session.objects.select_for_update().get(pk=session.pk)
        _refuse_unless_on_its_way(issuance)
        # What waits for its minute was frozen to print later changes in a later one.
        if issuance.at is None and compose(session).digest != programme.digest:
            raise NotIssued(_changed_meanwhile())
        edition = Edition.objects.create(
            session=session,
            number=imprint.number,
            label=imprint.label,
            status_word=imprint.status_word,
            issued_at=imprint.issued_at,
            as_at=imprint.as_at,
            issued_by=issuance.by,
            remark=imprint.remark,
            supersedes=imprint.to_value().get("supersedes"),
            check_code=imprint.check_code,
            programme=issuance.programme,
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
        _take_off_the_way(issuance, edition)
        _audit(session, SavedChange.Act.ISSUED, issuance.by, name_of(edition))
    return edition


def _refuse_unless_on_its_way(issuance: Issuance) -> None:
    if _next_number(issuance.session) != issuance.number:
        raise NotIssued(_issued_meanwhile(issuance.number))
    now = Issuance.objects.get(pk=issuance.pk)
    if now.state not in {Issuance.State.MAKING, Issuance.State.WAITING}:
        raise NotIssued(now.message)


def _take_off_the_way(issuance: Issuance, edition: Edition) -> None:
    """Marks the row as issued."""
    PreparedDocument.objects.filter(issuance=issuance).delete()
    Issuance.objects.filter(pk=issuance.pk).update(
        state=Issuance.State.ISSUED,
        edition=edition,
        steps=max(1, issuance.steps),
        steps_done=max(1, issuance.steps),
        heard_at=timezone.now(),
    )


def _void_others(edition: Edition) -> None:
    """Whatever else of the session was on its way is void. After the commit: a row on
    which another worker writes its steps would stop the recording on PostgreSQL. A crash
    in between leaves one to be refused when it is recorded."""
    for other in on_its_way(edition.session).filter(number__lte=edition.number):
        _void(other, _overtaken(edition))


def _void(issuance: Issuance, message: str) -> None:
    """Takes an edition off its way, with the reason."""
    on_its_way(issuance.session).filter(pk=issuance.pk).update(
        state=Issuance.State.VOID, message=message[:600], heard_at=timezone.now()
    )
    # Last: what a worker put aside while the row was waited for goes too.
    PreparedDocument.objects.filter(issuance=issuance).delete()


def _refusal(error: BaseException, issuance: Issuance) -> str | None:
    """The sentence for staff when the database refused because something else came
    first; None for any other error."""
    if isinstance(error, OperationalError):
        # PostgreSQL: another transaction changed what this one had read. By its code,
        # since a server may say it in any language.
        code = getattr(error.__cause__, "pgcode", None)
        return _changed_meanwhile() if code == _SERIALIZATION_FAILURE else None
    if isinstance(error, IntegrityError) and (
        Edition.objects.of(issuance.session).filter(number=issuance.number).exists()
    ):
        return _issued_meanwhile(issuance.number)
    return None


def _audit(session: Session, act: str, by: User | None, remark: str) -> None:
    """The one row of the history for an act of issuing, in its transaction."""
    SavedChange.objects.create(session=session, act=act, by=by, remark=remark[:600])


# --- Sentences for staff ---------------------------------------------------------


def _in_utc(at: dt.datetime) -> dt.datetime:
    # As the database gives it back, so that an imprint has one form.
    return at.astimezone(dt.UTC).replace(microsecond=0)


def _scheduled(issuance: Issuance) -> str:
    session, at = issuance.session, issuance.at
    if at is None:
        return name_of(issuance)
    return _("%(edition)s for %(when)s") % {
        "edition": name_of(issuance),
        "when": page_dates.moment_there(at, session),
    }


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


def _overtaken(edition: Edition) -> str:
    return _(
        "It is void: %(edition)s was issued first. Look at what that one changed, then "
        "issue again if it is still needed."
    ) % {"edition": name_of(edition)}


def _left_too_long() -> str:
    return _(
        "The task worker was away for more than an hour. Nothing was issued: look at "
        "the preview again, then issue."
    )


def _failed(error: Exception) -> str:
    return _(
        "Something failed that should not (%(kind)s). Nothing was issued: ask whoever "
        "runs the server to look into its log."
    ) % {"kind": type(error).__name__}
