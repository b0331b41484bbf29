"""How sessions stand, for the start page and for each session's own: the newest
edition, whether the draft is ahead of it, what is wrong, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from sessions_app import page_dates
from sessions_app.checking import Findings, findings_beside, sessions_beside
from sessions_app.compose import compose_all
from sessions_app.models import (
    Acknowledgement,
    Day,
    Edition,
    Issuance,
    Session,
)
from sessions_app.problems import Problem
from sessions_app.programme import Programme


@dataclass(frozen=True)
class Step:
    """The next thing to do: a sentence, and the page on which it is done ("" when
    there is nothing to do)."""

    words: str
    address: str = ""


@dataclass(frozen=True)
class SessionState:
    """A session beside its newest edition. `is_ahead` when the draft prints otherwise
    than that edition, or none was issued; `is_withdrawn` when that edition was taken
    back, so that readers have none; `on_its_way` is the edition that is being made or
    waits for its minute; `may_issue` whether whoever looks may."""

    session: Session
    programme: Programme
    newest: Edition | None
    on_its_way: Issuance | None
    findings: Findings
    days: tuple[Day, ...]
    days_without_slots: tuple[Day, ...]
    may_issue: bool

    @property
    def is_ahead(self) -> bool:
        return self.newest is None or (
            self.newest.programme_digest != self.programme.digest
        )

    @property
    def is_withdrawn(self) -> bool:
        return self.newest is not None and hasattr(self.newest, "withdrawal")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is doubtful, also what staff let stand."""
        return self.findings.problems

    @property
    def to_look_at(self) -> tuple[Problem, ...]:
        """What is doubtful and what nobody let stand, the worst first."""
        return (*self.errors, *self.warnings, *self.notes)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return self.findings.errors

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Those that nobody let stand yet."""
        return self.findings.warnings

    @property
    def acknowledged(self) -> tuple[tuple[Problem, Acknowledgement], ...]:
        return self.findings.acknowledged

    @property
    def notes(self) -> tuple[Problem, ...]:
        return self.findings.notes

    @property
    def unconfirmed(self) -> int:
        """In how many places somebody is still to be confirmed, where anything is
        held. A line that names the holders of a role asks for nobody anew."""
        if self.programme.status == "cancelled":
            return 0
        return sum(
            person.status == "to_be_confirmed" and "." not in person.code
            for slot in self.programme.slots
            if slot.status != "cancelled"
            for person in slot.people
        )

    @property
    def issued_there(self) -> str:
        """When the newest edition was issued, at the session's place."""
        if self.newest is None:
            return ""
        return page_dates.moment_there(self.newest.issued_at, self.session)

    @property
    def minute_there(self) -> str:
        """The minute for which an edition waits, at the session's place."""
        if self.on_its_way is None or self.on_its_way.at is None:
            return ""
        return page_dates.moment_there(self.on_its_way.at, self.session)

    @property
    def next_step(self) -> Step:
        return self._step_of_drafting() or self._step_of_issuing() or self._last_step()

    def _step_of_drafting(self) -> Step | None:
        page = reverse("admin:sessions_app_session_change", args=[self.session.pk])
        if not self.days:
            return Step(gettext("Add the days"), f"{page}#days-heading")
        if not any(True for _slot in self.programme.slots):
            day = self.days_without_slots[0] if self.days_without_slots else None
            add = reverse("admin:sessions_app_slot_add")
            return Step(
                gettext("Add the first slot"), f"{add}?day={day.pk}" if day else page
            )
        if self.errors:
            return Step(
                ngettext(
                    "Correct %(count)d error",
                    "Correct %(count)d errors",
                    len(self.errors),
                )
                % {"count": len(self.errors)},
                f"{page}#problems",
            )
        return None

    def _step_of_issuing(self) -> Step | None:
        if self.on_its_way is not None:
            page = reverse("desk:issuance", args=[self.on_its_way.pk])
            number = self.on_its_way.number
            return Step(gettext("See edition %d on its way") % number, page)
        if not self.is_ahead and not self.is_withdrawn:
            return None
        if not self.may_issue:
            return Step(gettext("Ready: somebody who may issue is to issue it"))
        if self.newest is None:
            words = gettext("Issue the first edition")
        elif self.is_withdrawn:
            words = gettext("Issue a new edition for the one withdrawn")
        else:
            words = gettext("Issue the changes")
        issue = reverse("admin:sessions_app_session_issue", args=[self.session.pk])
        return Step(words, issue)

    def _last_step(self) -> Step:
        if self.unconfirmed:
            return Step(
                gettext("See who is to be confirmed (%d)") % self.unconfirmed,
                f"{reverse('desk:unconfirmed')}#session-{self.session.pk}",
            )
        return Step(gettext("Nothing to do: readers have this programme"))


def states_of(sessions: Iterable[Session], *, may_issue: bool) -> list[SessionState]:
    """The states of `sessions`, in their order; each is checked against the others
    that are held at the same time. The number of queries does not grow."""
    sessions = list(sessions)
    programmes = dict(zip((s.pk for s in sessions), compose_all(sessions), strict=True))
    newest, on_its_way = _newest_editions(sessions), _on_their_way(sessions)
    days, kept = _days(sessions), _acknowledgements(sessions)
    return [
        _state(
            session,
            programmes,
            newest.get(session.pk),
            on_its_way.get(session.pk),
            days.get(session.pk, []),
            kept.get(session.pk, []),
            may_issue=may_issue,
        )
        for session in sessions
    ]


def state_of(session: Session, *, may_issue: bool) -> SessionState:
    """The state of one session, checked against all that are held at the same time."""
    sessions = [session, *sessions_beside(session)]
    return states_of(sessions, may_issue=may_issue)[0]


def _state(
    session: Session,
    programmes: Mapping[int, Programme],
    newest: Edition | None,
    on_its_way: Issuance | None,
    days: list[Day],
    acknowledgements: list[Acknowledgement],
    *,
    may_issue: bool,
) -> SessionState:
    programme = programmes[session.pk]
    others = [other for key, other in programmes.items() if key != session.pk]
    filled = {day.date for day in programme.days if day.slots}
    return SessionState(
        session=session,
        programme=programme,
        newest=newest,
        on_its_way=on_its_way,
        findings=findings_beside(session, programme, others, acknowledgements),
        days_without_slots=tuple(day for day in days if day.date not in filled),
        days=tuple(days),
        may_issue=may_issue,
    )


def _newest_editions(sessions: Iterable[Session]) -> dict[int, Edition]:
    editions = (
        Edition.objects.filter(session__in=sessions)
        .select_related("issued_by", "withdrawal")
        .defer("programme")
        .order_by("number")
    )
    return {edition.session_id: edition for edition in editions}


def _days(sessions: Iterable[Session]) -> dict[int, list[Day]]:
    found: dict[int, list[Day]] = {}
    for day in Day.objects.filter(session__in=sessions).order_by("date"):
        found.setdefault(day.session_id, []).append(day)
    return found


def _on_their_way(sessions: Iterable[Session]) -> dict[int, Issuance]:
    states = [Issuance.State.MAKING, Issuance.State.WAITING]
    found = Issuance.objects.filter(session__in=sessions, state__in=states)
    rows = found.select_related("by").defer("programme", "imprint").order_by("pk")
    return {issuance.session_id: issuance for issuance in rows}


def _acknowledgements(sessions: Iterable[Session]) -> dict[int, list[Acknowledgement]]:
    found: dict[int, list[Acknowledgement]] = {}
    for kept in Acknowledgement.objects.filter(session__in=sessions).select_related(
        "by"
    ):
        found.setdefault(kept.session_id, []).append(kept)
    return found
