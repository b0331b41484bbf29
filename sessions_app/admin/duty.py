"""Duties as rows of a page: of an account, or of a conference."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.forms import ProgrammeFormSet
from sessions_app.admin.pages import ProgrammeTabular
from sessions_app.models import Duty


class DutyFormSet(ProgrammeFormSet):
    """Duties of one page. Nobody gives away the last duty by which they may open it."""

    # Who types, set by the inline.
    typist: Any = None

    def clean(self) -> None:
        super().clean()
        self._refuse_two_in_one()
        if self.typist.is_superuser or not self._was_typists() or self._is_typists():
            return
        raise ValidationError(
            _(
                "This would take your own duty of Administrator away, and with it this "
                "page. Somebody else who administers it has to do so; nothing was saved."
            ),
            code="own_duty",
        )

    def _refuse_two_in_one(self) -> None:
        # A constraint cannot tell while both are only typed, and for every conference
        # it is one of the database alone.
        name = "user_id" if self._is_of_a_conference else "conference_id"
        held: set[int | None] = set()
        for duty in self._kept():
            if getattr(duty, name) in held:
                raise ValidationError(
                    _(
                        "Two duties of one account in one conference: keep the one that "
                        "includes the other. Nothing was saved."
                    ),
                    code="two_duties",
                )
            held.add(getattr(duty, name))

    def _kept(self) -> list[Duty]:
        """The duties as they are once all is saved."""
        return [
            form.instance
            for form in self.forms
            if form not in self.deleted_forms
            and (form.instance.pk or form.has_changed())
        ]

    def _was_typists(self) -> bool:
        before = [form.instance.pk for form in self.initial_forms]
        own = Duty.objects.filter(pk__in=before, user=self.typist)
        return any(map(self._opens, own))

    def _is_typists(self) -> bool:
        """Whether the typist has the duty once all is saved."""
        if self._is_of_a_conference and self._administers_all():
            return True
        kept = [form.instance for form in self.forms if form not in self.deleted_forms]
        return any(
            duty.user_id == self.typist.pk and self._opens(duty) for duty in kept
        )

    def _administers_all(self) -> bool:
        kind = Duty.Kind.ADMINISTRATOR
        own = Duty.objects.filter(user=self.typist, conference=None, kind=kind)
        return own.exists()

    def _opens(self, duty: Duty) -> bool:
        is_its = self._is_of_a_conference or duty.conference_id is None
        return is_its and duty.kind == Duty.Kind.ADMINISTRATOR

    @property
    def _is_of_a_conference(self) -> bool:
        return str(self.fk.name) == "conference"


class DutyInline(ProgrammeTabular):
    """Duties on the page of what they are of."""

    model = Duty
    formset = DutyFormSet

    def get_queryset(self, request: HttpRequest) -> QuerySet[Duty]:
        rows: QuerySet[Duty] = super().get_queryset(request)
        if not request.user.is_superuser:
            rows = rows.filter(user__is_superuser=False)
        return rows.select_related("user", "conference")

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        formset = super().get_formset(request, obj, **options)
        formset.typist = request.user
        return formset

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "user":
            accounts = User.objects.filter(is_staff=True, is_active=True)
            if not request.user.is_superuser:
                accounts = accounts.filter(is_superuser=False)
            options["queryset"] = accounts.order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name in {"user", "conference"}:
            # A duty is given to an account, and in a conference, that is there.
            field.widget = field.widget.widget
            field.widget.attrs["aria-label"] = str(field.label)
        return field


def let_in(duties: QuerySet[Duty]) -> None:
    """Lets the accounts of `duties` sign in at the desk."""
    accounts = User.objects.filter(pk__in=duties.values("user"), is_staff=False)
    accounts.update(is_staff=True)
