"""Who may do what: the one place that says what each duty allows.

A duty is held in one conference, or in every one. Django's own groups and permissions of
accounts do not count; a superuser may do everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from sessions_app.models import (
    Acknowledgement,
    ChangedRow,
    Conference,
    Day,
    Document,
    Duty,
    Edition,
    Footnote,
    Issuance,
    Line,
    Panel,
    PreparedDocument,
    Redaction,
    SavedChange,
    Section,
    Session,
    Slot,
    SlotDocument,
    Withdrawal,
)
from sessions_app.programme import enumeration_of, space_of

_RANKS = {kind: rank for rank, kind in enumerate(Duty.Kind.values, start=1)}

# From a row to its conference: the relations on the way.
_WAYS: dict[type[models.Model], tuple[str, ...]] = {
    Conference: (),
    Duty: ("conference",),
    Session: ("conference",),
    Day: ("session", "conference"),
    Section: ("session", "conference"),
    Footnote: ("session", "conference"),
    Slot: ("day", "session", "conference"),
    Panel: ("slot", "day", "session", "conference"),
    Line: ("slot", "day", "session", "conference"),
    SlotDocument: ("slot", "day", "session", "conference"),
    Edition: ("session", "conference"),
    Document: ("edition", "session", "conference"),
    Withdrawal: ("edition", "session", "conference"),
    Redaction: ("session", "conference"),
    Issuance: ("session", "conference"),
    PreparedDocument: ("issuance", "session", "conference"),
    Acknowledgement: ("session", "conference"),
    SavedChange: ("session", "conference"),
    ChangedRow: ("change", "session", "conference"),
}


# --- The table --------------------------------------------------------------------


@dataclass(frozen=True)
class _Need:
    """The lowest duty that allows an act, and the sentence for who has none such. Rows
    that belong to no conference (`is_shared`) ask for the duty in any of them; what
    concerns all (`is_of_all`) asks for it in every one."""

    kind: Duty.Kind
    sentence: Any
    is_shared: bool = False
    is_of_all: bool = False


_SEES = _Need(Duty.Kind.READER, _("Only who has a duty in this conference sees it."))
_EDITS = _Need(
    Duty.Kind.EDITOR, _("Only an Editor of this conference changes its programme.")
)
_ISSUES = _Need(
    Duty.Kind.PUBLISHER, _("Only a Publisher of this conference issues its sessions.")
)
_WITHDRAWS = _Need(
    Duty.Kind.PUBLISHER,
    _("Only a Publisher of this conference withdraws its editions."),
)
_SETTLES = _Need(
    Duty.Kind.ADMINISTRATOR,
    _("Only an Administrator of this conference changes its settings and its staff."),
)
_REDACTS = _Need(
    Duty.Kind.ADMINISTRATOR,
    _("Only an Administrator of this conference redacts its editions."),
)
_LOOKS_UP = _Need(
    Duty.Kind.READER,
    _("Only who has a duty in a conference sees people, roles and rooms."),
    is_shared=True,
)
_KEEPS_LISTS = _Need(
    Duty.Kind.EDITOR,
    _("Only an Editor of a conference changes people, roles and rooms."),
    is_shared=True,
)
_RULES = _Need(
    Duty.Kind.ADMINISTRATOR,
    _("Only an Administrator of every conference adds conferences and accounts."),
    is_of_all=True,
)


def _acts(acts: str, kinds: str, application: str = "sessions_app") -> list[str]:
    return [f"{application}.{a}_{k}" for k in kinds.split() for a in acts.split()]


_PROGRAMME = "session day slot line panel footnote section slotdocument"
_ISSUED = (
    "edition document withdrawal redaction issuance prepareddocument acknowledgement"
)
# Permission to what it needs. What is not here, nobody may but a superuser.
_NEEDED: dict[str, _Need] = {
    **dict.fromkeys(_acts("view", f"conference {_PROGRAMME} {_ISSUED}"), _SEES),
    **dict.fromkeys(_acts("view", "savedchange changedrow"), _SEES),
    **dict.fromkeys(_acts("view", "room"), _LOOKS_UP),
    **dict.fromkeys(_acts("view", "person role", "speakers"), _LOOKS_UP),
    **dict.fromkeys(_acts("add change delete", _PROGRAMME), _EDITS),
    **dict.fromkeys(_acts("add change delete", "room"), _KEEPS_LISTS),
    **dict.fromkeys(
        _acts("add change delete", "person role", "speakers"), _KEEPS_LISTS
    ),
    **dict.fromkeys(_acts("add", "edition"), _ISSUES),
    **dict.fromkeys(_acts("add change delete", "issuance acknowledgement"), _ISSUES),
    **dict.fromkeys(_acts("add", "withdrawal"), _WITHDRAWS),
    **dict.fromkeys(_acts("add", "redaction"), _REDACTS),
    **dict.fromkeys(_acts("change", "conference"), _SETTLES),
    **dict.fromkeys(_acts("view add change delete", "duty"), _SETTLES),
    **dict.fromkeys(_acts("add delete", "conference"), _RULES),
    **dict.fromkeys(_acts("view add change", "user", "auth"), _RULES),
}


# --- Asking -----------------------------------------------------------------------


class DutyBackend(ModelBackend):
    """Signs accounts in as Django does, and reads from their duties what they may."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether a duty allows `perm`: with a row, in the conference that the row
        belongs to; without one, in any conference."""
        need = _NEEDED.get(perm)
        return need is not None and _rank(user_obj, need, obj) >= _RANKS[need.kind]

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return {perm for perm in _NEEDED if self.has_perm(user_obj, perm, obj)}

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return self.get_all_permissions(user_obj, obj)

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(
            perm.startswith(f"{app_label}.") and self.has_perm(user_obj, perm)
            for perm in _NEEDED
        )

    def with_perm(
        self,
        perm: Any,
        is_active: bool | None = True,
        include_superusers: bool = True,
        obj: Any = None,
    ) -> models.QuerySet[User]:
        """The accounts that has_perm() would answer yes to."""
        holders = Q(pk__in=_duties_for(str(perm), obj).values("user"))
        if include_superusers:
            holders |= Q(is_superuser=True)
        found = User.objects.filter(holders)
        return found if is_active is None else found.filter(is_active=is_active)


def conference_of(row: models.Model) -> int | None:
    """The key of the conference that a row belongs to; None for what belongs to none:
    people, roles, rooms, accounts, a duty in every conference. Without a query where the
    rows on the way are loaded, else with one."""
    way = _WAYS.get(type(row))
    if way is None:
        return None
    at: Any = row
    for place, name in enumerate(way):
        relation: Any = at._meta.get_field(name)
        key: int | None = getattr(at, relation.attname)
        if name == "conference" or key is None:
            return key
        if not relation.is_cached(at):
            rows = relation.related_model._default_manager.filter(pk=key)
            path = "__".join(way[place + 1 :])
            found: int | None = rows.values_list(path, flat=True).first()
            return found
        at = getattr(at, name)
    own: int | None = row.pk
    return own


def conferences_for(user: Any, perm: str) -> set[int] | None:
    """The keys of the conferences in which somebody may do something; None when in
    every one, those that are still to come included."""
    need = _NEEDED.get(perm)
    if user.is_active and user.is_superuser:
        return None
    if need is None:
        return set()
    held, least = _ranks(user), _RANKS[need.kind]
    reach = max(held.values(), default=0) if need.is_shared else held.get(None, 0)
    if reach >= least:
        return None
    if need.is_of_all or need.is_shared:
        return set()
    return {key for key, rank in held.items() if rank >= least and key is not None}


def seen_by(user: Any, rows: Any, act: str = "view") -> Any:
    """Of the queryset `rows`, those on which somebody may `act`."""
    opts = rows.model._meta
    return within(
        rows, conferences_for(user, f"{opts.app_label}.{act}_{opts.model_name}")
    )


def within(rows: Any, reach: set[int] | None) -> Any:
    """Of the queryset `rows`, those of the conferences in `reach`, None being all."""
    if reach is None:
        return rows
    way = _WAYS.get(rows.model)
    if way is None:
        return rows.none()
    return rows.filter(**{f"{'__'.join(way) or 'pk'}__in": reach})


def found(user: Any, rows: Any, perm: str, **which: Any) -> Any:
    """The row of the queryset `rows` that `which` names, for an act that `perm` allows.
    Raises Http404 when there is none that somebody may see, and PermissionDenied, in a
    sentence, when they may see it but not do that."""
    row = get_object_or_404(seen_by(user, rows), **which)
    require(user, perm, row)
    return row


def belongs_to_a_conference(model: Any) -> bool:
    """Whether rows of a model belong to a conference."""
    return model in _WAYS


def require(user: Any, perm: str, row: models.Model | None = None) -> None:
    """Raises PermissionDenied unless somebody may do something, with a sentence that
    says which duty it needs and, to who may see the conference, who has it."""
    if not user.has_perm(perm, row):
        raise PermissionDenied(why_not(user, perm, row))


def why_not(user: Any, perm: str, row: models.Model | None = None) -> str:
    """The sentence for somebody who lacks the duty that `perm` needs."""
    need = _NEEDED.get(perm)
    if need is None:
        return ""
    names = _names(perm, row) if _may_be_told(user, row) else []
    if not names:
        return str(need.sentence)
    asked = gettext("Ask one of: %(names)s.") % {
        "names": enumeration_of(get_language()).join(names)
    }
    return f"{need.sentence}{space_of(get_language())}{asked}"


def _may_be_told(user: Any, row: models.Model | None) -> bool:
    if row is None or conference_of(row) is None:
        return False
    return bool(user.has_perm("sessions_app.view_conference", row))


def _names(perm: str, row: models.Model | None) -> list[str]:
    found = DutyBackend().with_perm(perm, include_superusers=False, obj=row)
    return list(found.order_by("username").values_list("username", flat=True)[:5])


def _duties_for(perm: str, row: models.Model | None) -> models.QuerySet[Duty]:
    need = _NEEDED.get(perm)
    if need is None:
        return Duty.objects.none()
    enough = [kind for kind, rank in _RANKS.items() if rank >= _RANKS[need.kind]]
    duties = Duty.objects.filter(kind__in=enough)
    if need.is_of_all:
        return duties.filter(conference=None)
    if row is None or need.is_shared:
        return duties
    return duties.filter(Q(conference=None) | Q(conference=conference_of(row)))


def _rank(user: Any, need: _Need, row: models.Model | None) -> int:
    held = _ranks(user)
    everywhere = held.get(None, 0)
    if need.is_of_all or not held:
        return everywhere
    if need.is_shared or row is None:
        return max(held.values())
    # What is of no conference yet, or of all, is no matter for one of them.
    here = conference_of(row)
    return everywhere if here is None else max(everywhere, held.get(here, 0))


def _ranks(user: Any) -> dict[int | None, int]:
    """Conference to rank of the duty there, None being every conference: read once for
    each account object, so once for each request."""
    if not user.is_active or user.pk is None:
        return {}
    read: dict[int | None, int] | None = getattr(user, "duty_ranks", None)
    if read is None:
        duties = Duty.objects.filter(user=user.pk).order_by()
        read = {
            conference: _RANKS.get(kind, 0)
            for conference, kind in duties.values_list("conference", "kind")
        }
        user.duty_ranks = read
    return read
