"""Every state in which the pages that issue, withdraw and redact can be."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from sessions_app.checking import findings_of
from sessions_app.compose import compose
from sessions_app.models import (
    Acknowledgement,
    Duty,
    Edition,
    Issuance,
    Redaction,
    Session,
    Slot,
    Withdrawal,
)
from speakers.models import Person

_HOUR = dt.timedelta(hours=1)


def session_of(slug: str) -> Session:
    return Session.objects.get(slug=slug)


def make_states(user: User) -> dict[str, str]:
    """Brings the demonstration into every state of issuing; gives the address of each
    page by what it shows."""
    third = session_of("third-thematic-session")
    with_errors = session_of("second-preparatory-session")
    with_warnings = session_of("third-preparatory-session")
    _change_something(third)
    _call_a_note_that_is_not_there(with_errors)
    _let_one_warning_stand(with_warnings, user)
    pages = {
        **_ways(with_warnings, user),
        "issue, with changes": _of_session(third, "issue"),
        "issue, with errors": _of_session(with_errors, "issue"),
        "issue, with warnings and one on its way": _of_session(with_warnings, "issue"),
        "session, with one on its way": _of_session(with_warnings, "change"),
        **_withdrawals(third, user),
        **_redactions(third, user),
        **_accounts(third, user),
        **_gaps(third),
        "spreadsheets for translators": _of_session(third, "translations"),
    }
    return {**pages, "start, with one on its way": reverse("desk:start")}


def _of_session(session: Session, page: str) -> str:
    return reverse(f"admin:sessions_app_session_{page}", args=[session.pk])


def _change_something(session: Session) -> None:
    slots = Slot.objects.filter(day__session=session)
    slots.filter(panel__number=1).update(title={"en": "Governance of migration"})
    slots.filter(panel__number=2).update(end=dt.time(17, 45))


def _call_a_note_that_is_not_there(session: Session) -> None:
    slots = Slot.objects.filter(day__session=session, is_printed=True)
    slots.filter(pk=slots.first().pk).update(text={"en": "Remarks.[^none]"})


def _let_one_warning_stand(session: Session, user: User) -> None:
    warning = findings_of(session, compose(session)).warnings[0]
    Acknowledgement.objects.create(
        session=session,
        key=warning.key,
        sentence=warning.sentence,
        reason="The bureau names them on Friday.",
        by=user,
    )


def _ways(session: Session, user: User) -> dict[str, str]:
    """An edition on its way in each of its states, the one that waits the last."""
    now, programme = timezone.now(), compose(session)
    issued = Issuance.objects.filter(state="issued").first()
    imprint = {**issued.imprint, "number": 1, "label": ""}
    states: dict[str, dict[str, Any]] = {
        "void": {"state": "void", "message": "It was called off."},
        "without worker": {"heard_at": now - _HOUR},
        "making": {"steps_done": 3, "step": "Making note.pdf in French."},
        "waiting": {"state": "waiting", "at": now + _HOUR},
    }
    ways = {
        name: _way(session, user, imprint, programme, **state)
        for name, state in states.items()
    }
    ways["issued"] = issued
    return {
        f"on its way, {name}": reverse("desk:issuance", args=[way.pk])
        for name, way in ways.items()
    }


def _way(
    session: Session, user: User, imprint: Any, programme: Any, **state: Any
) -> Issuance:
    # What is being made was heard of just now, for as long as a test looks at it.
    kept = {"steps": 9, "heard_at": timezone.now() + _HOUR, **state}
    return Issuance.objects.create(
        session=session,
        by=user,
        number=1,
        imprint=imprint,
        programme=programme.to_value(),
        programme_digest=programme.digest,
        **kept,
    )


def _withdrawals(session: Session, user: User) -> dict[str, str]:
    newest, first = Edition.objects.of(session)[:2]
    Withdrawal.objects.create(
        edition=first, at=timezone.now(), by=user, reason={"en": "Sent in error."}
    )
    return {
        "withdraw": reverse("desk:withdraw", args=[newest.pk]),
        "withdraw, withdrawn already": reverse("desk:withdraw", args=[first.pk]),
    }


def _redactions(session: Session, user: User) -> dict[str, str]:
    named = Person.objects.get(family_name="Wahlström")
    other = Person.objects.get(family_name="Lauber")
    Redaction.objects.create(
        session=session,
        person_code=other.code,
        at=timezone.now(),
        closed_at=timezone.now(),
        by=user,
        reason="Asked for in writing on 3 May.",
    )
    return {
        "redact": reverse("desk:redact", args=[named.pk]),
        "redact, done": reverse("desk:redact", args=[other.pk]),
    }


def _accounts(session: Session, user: User) -> dict[str, str]:
    colleague = User.objects.create(username="colleague", is_staff=True)
    Duty.objects.create(
        user=colleague, conference=session.conference, kind=Duty.Kind.READER
    )
    return {
        "conference, with its staff": reverse(
            "admin:sessions_app_conference_change", args=[session.conference_id]
        ),
        "accounts": reverse("admin:auth_user_changelist"),
        "account, new": reverse("admin:auth_user_add"),
        "account": reverse("admin:auth_user_change", args=[colleague.pk]),
        "account, own": reverse("admin:auth_user_change", args=[user.pk]),
    }


def _gaps(session: Session) -> dict[str, str]:
    """Some texts of the session missing in French, some older than the main text."""
    for place, slot in enumerate(Slot.objects.filter(day__session=session)):
        if place % 2:
            slot.title = {"en": slot.title["en"]}
        else:
            slot.title["en"] += ", as agreed"
        slot.save()
    page = reverse("admin:sessions_app_session_translate", args=[session.pk, "fr"])
    return {
        "languages, with gaps": _of_session(session, "languages"),
        "translate, with gaps": page,
    }


def make_reader(user: User, session: Session) -> dict[str, str]:
    """Leaves the account no more than to read, and gives the pages that then show less."""
    User.objects.filter(pk=user.pk).update(is_superuser=False)
    Duty.objects.create(user=user, conference=session.conference)
    slot = Slot.objects.filter(day__session=session).first()
    return {
        "start, to a reader": reverse("desk:start"),
        "session, to a reader": _of_session(session, "change"),
        "slot, to a reader": reverse("admin:sessions_app_slot_change", args=[slot.pk]),
        "languages, to a reader": _of_session(session, "languages"),
        "translate, to a reader": reverse(
            "admin:sessions_app_session_translate", args=[session.pk, "fr"]
        ),
        "refused": _of_session(session, "issue"),
    }
