"""What is doubtful in a session as it stands, beside the sessions held at the same time,
and which warnings staff let stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.db.models import QuerySet

from sessions_app.compose import compose_all
from sessions_app.models import Acknowledgement, Session
from sessions_app.problems import Problem, Severity, find_problems
from sessions_app.programme import Programme

_BESIDE = dt.timedelta(days=1)


@dataclass(frozen=True)
class Findings:
    """The problems of a session, the worst first. `reasons` holds, by the key of a
    warning, why staff let it stand."""

    problems: tuple[Problem, ...]
    reasons: Mapping[str, Acknowledgement]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be put right before the session is issued."""
        return self._of(Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What nobody has let stand yet."""
        return tuple(
            problem
            for problem in self._of(Severity.WARNING)
            if problem.key not in self.reasons
        )

    @property
    def acknowledged(self) -> tuple[tuple[Problem, Acknowledgement], ...]:
        """The warnings that staff let stand, each with its reason."""
        return tuple(
            (problem, self.reasons[problem.key])
            for problem in self._of(Severity.WARNING)
            if problem.key in self.reasons
        )

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What may be put right, or not."""
        return self._of(Severity.NOTE)

    def _of(self, severity: Severity) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == severity)


def sessions_beside(session: Session) -> QuerySet[Session]:
    """The other sessions that are held at the same time, or within a day of it."""
    return Session.objects.filter(
        status=Session.Status.ACTIVE,
        is_archived=False,
        starts_on__lte=session.ends_on + _BESIDE,
        ends_on__gte=session.starts_on - _BESIDE,
    ).exclude(pk=session.pk)


def findings_of(session: Session, programme: Programme) -> Findings:
    """The problems of `programme`, which is that of `session`, beside all sessions held
    at the same time."""
    others = compose_all(sessions_beside(session))
    return findings_beside(session, programme, others)


def findings_beside(
    session: Session,
    programme: Programme,
    others: Iterable[Programme],
    acknowledgements: Iterable[Acknowledgement] | None = None,
) -> Findings:
    """findings_of() for whoever has composed the `others` already; of those that are
    held at another time nothing is said. `acknowledgements` are those of the session,
    looked up when they are not given."""
    beside = [other for other in others if _are_at_one_time(programme, other)]
    if acknowledgements is None:
        acknowledgements = Acknowledgement.objects.filter(session=session)
    return Findings(
        problems=tuple(find_problems(programme, beside)),
        reasons={kept.key: kept for kept in acknowledgements},
    )


def acknowledge(
    session: Session,
    findings: Findings,
    reasons: Mapping[str, str],
    reason_for_all: str,
    by: User | None,
) -> Findings:
    """Keeps why the open warnings stand: `reasons` by key, else `reason_for_all`; one
    for which there is no reason stays open. Gives the findings as they are then."""
    kept = dict(findings.reasons)
    for problem in findings.warnings:
        reason = reasons.get(problem.key) or reason_for_all
        if reason:
            kept[problem.key], _is_new = Acknowledgement.objects.update_or_create(
                session=session,
                key=problem.key,
                defaults={
                    "sentence": problem.sentence[:1000],
                    "reason": reason[:600],
                    "by": by,
                },
            )
    return replace(findings, reasons=kept)


def _are_at_one_time(one: Programme, other: Programme) -> bool:
    return (
        one.starts_on <= other.ends_on + _BESIDE
        and other.starts_on <= one.ends_on + _BESIDE
    )
