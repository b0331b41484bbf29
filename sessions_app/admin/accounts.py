"""The accounts of staff and their duties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.duty import DutyInline, let_in
from sessions_app.admin.pages import StaffAdmin
from sessions_app.models import Duty
from sessions_app.programme import comma_of, semicolon_of

if TYPE_CHECKING:
    DjangoUserAdmin = UserAdmin[User]
    DjangoPasswordForm = AdminPasswordChangeForm[User]
else:
    DjangoUserAdmin = UserAdmin
    DjangoPasswordForm = AdminPasswordChangeForm

# What an account may do is told by its duties, so Django's pages for it are none of ours.
admin.site.unregister([User, Group])


class PasswordOfAccountForm(DjangoPasswordForm):
    """The password of an account. Django's own help joins its words before it knows
    the language of the page."""

    usable_password_help_text: Any = _(
        "Whether the account may be entered with a password. If disabled, its password "
        "so far is lost; other ways to log in, if the desk has any, stay."
    )


class OfAccountInline(DutyInline):
    """The duties of an account."""

    fields = ["conference", "kind"]
    verbose_name_plural = _("Duties")

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name == "conference":
            field.empty_label = gettext("every conference")
        return field


@admin.register(User)
class AccountAdmin(StaffAdmin, DjangoUserAdmin):
    """The accounts, for who administers every conference. A superuser's account is for
    superusers alone."""

    list_display = [
        "username",
        "first_name",
        "last_name",
        "duties_in_words",
        "is_active",
    ]
    list_filter = ["is_active", "duties__kind"]
    search_fields = ["username", "first_name", "last_name", "email"]
    filter_horizontal = ()
    inlines = [OfAccountInline]
    change_password_form = PasswordOfAccountForm
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Name"), {"fields": ["first_name", "last_name", "email"]}),
        (_("Standing"), {"fields": ["is_active", "last_login"]}),
    ]
    readonly_fields = ["last_login"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        if not request.user.is_superuser:
            rows = rows.filter(is_superuser=False)
        return rows.prefetch_related("duties__conference")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not request.user.is_superuser:
            return fieldsets
        *others, (name, options) = fieldsets
        fields = [*options["fields"], "is_superuser"]
        return [*others, (name, {**options, "fields": fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        shown = super().get_readonly_fields(request, obj)
        # Whoever locked themselves out could not undo it.
        own = ["is_active", "is_superuser"] if obj == request.user else []
        return [*shown, *own]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        account = context["original"]
        context["title"] = str(account) if account else gettext("New account")
        context["subtitle"] = gettext("Account") if account else None
        return super().render_change_form(request, context, *args, **options)

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: bool
    ) -> None:
        # An account made at the desk is one of staff; what it may do there, its
        # duties tell.
        obj.is_staff = obj.is_staff or not change
        super().save_model(request, obj, form, change)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: bool
    ) -> None:
        super().save_formset(request, form, formset, change)
        let_in(Duty.objects.filter(user=form.instance))

    @admin.display(description=_("duties"))
    def duties_in_words(self, account: Any) -> str:
        if account.is_superuser:
            return gettext("may do everything")
        language = get_language()
        comma = comma_of(language)
        return semicolon_of(language).join(
            f"{duty.get_kind_display()}{comma}"
            f"{duty.conference or gettext('every conference')}"
            for duty in account.duties.all()
        )
