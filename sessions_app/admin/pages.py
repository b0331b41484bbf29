"""What all staff pages of the programme stand on: a page refuses with a sentence and
never loses what was typed, and the second of two editors is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import NestedObjects, flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import ProtectedError, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.outages import is_away
from sessions_app import duties, history
from sessions_app.admin.conflicts import (
    Conflict,
    differences,
    is_in_conflict,
    version_to_save_over,
    who_saved,
)
from sessions_app.admin.forms import (
    MOST_ROWS,
    ProgrammeForm,
    ProgrammeFormSet,
    VersionedForm,
    field_options,
    set_primary,
)
from sessions_app.admin.history import history_of
from sessions_app.admin.reading import for_readers
from sessions_app.models import SavedChange
from sessions_app.programme import colon_of
from sessions_app.translated import LANGUAGE_CODES

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    StackedInline = admin.StackedInline[Any, Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    StackedInline = admin.StackedInline
    TabularInline = admin.TabularInline

_REFUSAL = "rostrum.refusal"
_BEFORE = "rostrum.before"
# The button that saves one's own version over what was saved meanwhile carries the
# version that it replaces.
OVER = "save_over"


def in_each_language(*fields: str) -> list[str]:
    """The search fields of texts: each in its six languages."""
    return [f"{field}__{code}" for field in fields for code in LANGUAGE_CODES]


class ByDuty:
    """What pages and the rows on them ask for: the duty in the conference of the row,
    which of rows on a page is the row that the page is about. Who may only read, reads
    every text in its languages."""

    opts: Any

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allows(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allows(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allows(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allows(request, "delete", obj)

    def permission(self, act: str) -> str:
        """The name of the permission to view, add, change or delete rows of the kind."""
        return f"{self.opts.app_label}.{act}_{self.opts.model_name}"

    def _allows(self, request: HttpRequest, act: str, row: Any) -> bool:
        return request.user.has_perm(self.permission(act), row)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)  # type: ignore[misc]  # beside a page
        return duties.seen_by(request.user, rows)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]  # likewise
        if self._may_be_typed_in(request, obj):
            return fieldsets
        return for_readers(self.opts.model, fieldsets)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_readonly_fields(request, obj)  # type: ignore[misc]  # likewise
        if self._may_be_typed_in(request, obj):
            return shown
        fields = flatten_fieldsets(self.get_fieldsets(request, obj))
        return [*shown, *filter(callable, fields)]

    def _may_be_typed_in(self, request: HttpRequest, row: Any) -> bool:
        return row is None or self.has_change_permission(request, row)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        model = db_field.remote_field.model
        if duties.belongs_to_a_conference(model):
            rows = options.get("queryset", model._default_manager.all())
            reach = duties.conferences_for(request.user, self.permission("add"))
            options["queryset"] = duties.within(rows, reach)
        return super().formfield_for_foreignkey(  # type: ignore[misc]  # likewise
            db_field, request, **options
        )


class StaffAdmin(ByDuty, ModelAdmin):
    """What all our pages have in common: no acts on many rows at once, which no
    version guards, and lists that stand what is typed into their address."""

    actions = None
    list_per_page = 50

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """The row; None when there is none. Raises Http404 for one that the account
        may not see."""
        row = super().get_object(request, object_id, from_field)
        if row is None and self._is_out_of_reach(object_id):
            raise Http404
        return row

    def _is_out_of_reach(self, object_id: str) -> bool:
        try:
            pk = self.opts.pk.to_python(object_id)
        except ValidationError:
            return False
        return bool(self.model._default_manager.filter(pk=pk).exists())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counted, needed, protected = super().get_deleted_objects(objs, request)
        if protected:
            protected = in_use_by(objs, request.user)
        return deleted, counted, needed, protected

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if any("\0" in value for value in request.GET.values()):
            # PostgreSQL takes no such character, not even to find nothing.
            return HttpResponseRedirect(request.path)
        title = capfirst(str(self.opts.verbose_name_plural))
        context = {"title": title, **(extra_context or {})}
        return super().changelist_view(request, context)


class ProgrammeAdmin(StaffAdmin):
    """A page for rows of the programme: knows the language in which their texts are
    written, refuses with a sentence, and never loses what was typed."""

    form = ProgrammeForm
    # The template of what the form would print, shown beside it while it is typed in.
    echo_template = ""

    def echo(self, form: Any, formsets: Sequence[Any]) -> dict[str, Any]:
        """What `echo_template` prints, from the forms of the page, bound or not.
        Nothing is saved."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        if not self.echo_template:
            return super().get_urls()
        view = self.admin_site.admin_view(self.echo_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_echo"
        return [
            path("echo/", view, name=name),
            path("<int:pk>/echo/", view, name=name),
            *super().get_urls(),
        ]

    def echo_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Answers the script of the page: what the form as it is typed would print."""
        rows = self.get_queryset(request)
        row = None if pk is None else get_object_or_404(rows, pk=pk)
        if request.method != "POST":
            raise PermissionDenied
        duties.require(request.user, self.permission("view"), row)
        form = self.get_form(request, row, change=row is not None)(
            request.POST, instance=row
        )
        form.is_valid()
        formsets = []
        for kind, inline in self.get_formsets_with_inlines(request, row):
            prefix = kind.get_default_prefix()
            options = self.get_formset_kwargs(request, form.instance, inline, prefix)
            formsets.append(kind(**options))
        context = {**self.echo(form, formsets), "is_answer": True}
        return render(request, self.echo_template, context)

    def subtitle(self, row: Any) -> str:
        """What stands under the heading of a row’s page."""
        return str(capfirst(str(self.opts.verbose_name)))

    def primary_language(self, request: HttpRequest, obj: Any) -> str:
        """The language of the texts on the page, open and required."""
        return settings.LANGUAGE_CODE

    def needed_languages(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """The languages in which the texts on the page are to be; none where no session
        says so."""
        return ()

    def why_not_deleted(self, obj: Any) -> str:
        """A sentence when the row must stay, else nothing."""
        return ""

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        options = {**field_options(db_field), **options}
        return super().formfield_for_dbfield(db_field, request, **options)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        # Links name a row that a new one belongs to, and nothing else.
        return {
            field.name: request.GET[field.name]
            for field in self.opts.fields
            if field.is_relation and is_key(request.GET.get(field.name, ""))
        }

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,
        **options: Any,
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **options)
        set_primary(
            form.base_fields,
            self.primary_language(request, obj),
            self.needed_languages(request, obj),
        )
        form.refusal = request.META.get(_REFUSAL, "")
        return form

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        language = self.primary_language(request, obj)
        needed = self.needed_languages(request, obj)
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            set_primary(formset.form.base_fields, language, needed)
            yield formset, inline

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            return self._save(request, object_id, form_url, extra_context)
        except (IntegrityError, ProtectedError, OperationalError):
            # Another save came between the check and the write, or both waited for
            # each other and the database ended this one.
            request.META[_REFUSAL] = _(
                "Somebody else saved something at the same moment that does not go "
                "with this. Nothing of yours is saved yet: look again, then save."
            )
            return self._save(request, object_id, form_url, extra_context)

    def _save(
        self,
        request: HttpRequest,
        object_id: str | None,
        form_url: str,
        extra_context: dict[str, Any] | None,
    ) -> Any:
        with transaction.atomic():
            if object_id and not self.lock(object_id):
                object_id, form_url = self._enter_anew(request)
            self._remember(request, object_id)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        row = context["original"]
        if row and self.why_not_deleted(row):
            context["show_delete"] = False
        kind = self.opts.verbose_name
        context["title"] = str(row) if row else gettext("New %(kind)s") % {"kind": kind}
        context["subtitle"] = self.subtitle(row) if row else None
        if self.echo_template:
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_echo"
            inlines = context["inline_admin_formsets"]
            formsets = [inline.formset for inline in inlines]
            context |= self.echo(context["adminform"].form, formsets)
            context["echo_template"] = self.echo_template
            context["echo_address"] = reverse(name, args=[row.pk] if row else [])
        return super().render_change_form(request, context, *args, **options)

    # --- What was saved, for the history and for taking it back ---

    def _remember(self, request: HttpRequest, object_id: str | None) -> None:
        row = self.get_object(request, unquote(object_id)) if object_id else None
        act = "change" if object_id else "add"
        duties.require(request.user, self.permission(act), row)
        request.META[_BEFORE] = history.snapshot(row) if row else None

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._keep(request, obj, None, history.snapshot(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._keep(request, obj, request.META.get(_BEFORE), history.snapshot(obj))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            self._keep(request, row, history.snapshot(row), None)
        return super().log_deletions(request, queryset)

    def _keep(self, request: HttpRequest, row: Any, before: Any, after: Any) -> None:
        act = SavedChange.Act.SAVED if after is not None else SavedChange.Act.DELETED
        session = history.session_of(row)
        history.keep(request.user, session, [(row, before, after)], act)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> Any:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            # What was deleted is listed there, and can be taken back.
            return HttpResponseRedirect(reverse("desk:history"))
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        return history_of(request, row)

    def lock(self, object_id: str, *, with_parts: bool = False) -> bool:
        """Holds the row until the end of the transaction, if need be with those of its
        own kind that lead to it; False when it is gone."""
        try:
            pk = self.opts.pk.to_python(unquote(object_id))
        except ValidationError:
            return False
        rows = self.model._default_manager
        if not rows.filter(pk=pk).exists():
            return False
        held = Q(pk=pk)
        for relation in self.opts.related_objects if with_parts else ():
            if relation.related_model is self.model:
                held |= Q(**{relation.field.name: pk})
        # In one order for everybody, and not against rows that only lead to these, so
        # that two who save never wait for each other.
        locked = rows.select_for_update(no_key=True).filter(held).order_by("pk")
        return (pk,) in locked.values_list("pk")

    def _enter_anew(self, request: HttpRequest) -> tuple[None, str]:
        """Turns the save of a row that is gone into a new entry of what was typed,
        refused once so that the editor knows."""
        posted = request.POST.copy()
        of_old_rows = ("-id", "-version_seen", f"-{self.opts.model_name}")
        for name in list(posted):
            if name.endswith("-INITIAL_FORMS"):
                posted[name] = "0"
            elif name == "version_seen" or name.endswith(of_old_rows):
                posted[name] = ""
        request.POST = posted  # type: ignore[assignment]  # django-stubs: immutable
        request.META[_REFUSAL] = _(
            "This was deleted by somebody else after you opened it. What you typed "
            "stands below: save it again to enter it anew, or leave the page."
        )
        add = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_add")
        return None, add

    def why_not_deleted_now(self, request: HttpRequest, obj: Any) -> str:
        """A sentence when this very request may not delete the row, else nothing."""
        return self.why_not_deleted(obj)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            with transaction.atomic():
                if request.method == "POST":
                    self.lock(object_id, with_parts=True)
                obj = self.get_object(request, unquote(object_id))
                duties.require(request.user, self.permission("delete"), obj)
                refusal = self.why_not_deleted_now(request, obj) if obj else ""
                if not refusal:
                    return super().delete_view(request, object_id, extra_context)
        except (IntegrityError, ProtectedError):
            refusal = gettext("It is in use, and was not deleted.")
        except OperationalError as error:
            if is_away(error):
                raise
            refusal = gettext(
                "Somebody else saved something at the same moment. Nothing was "
                "deleted: look again, then decide."
            )
        self.message_user(request, refusal, messages.ERROR)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[object_id]))


class VersionedAdmin(ProgrammeAdmin):
    """A page whose row carries a version: of two editors, the second to save is told
    what the first one saved, sees both, and loses nothing typed."""

    form = VersionedForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        first, *others = super().get_fieldsets(request, obj)
        if not self._may_be_typed_in(request, obj):
            return [first, *others]
        name, options = first
        fields = (*options["fields"], "version_seen")
        return [(name, {**options, "fields": fields}), *others]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        accepted = request.POST.get(OVER, "")
        if accepted:
            # The editor saw both versions and decided.
            posted = request.POST.copy()
            posted["version_seen"] = accepted
            request.POST = posted  # type: ignore[assignment]  # as in _enter_anew
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if change and (form.has_changed() or any(f.has_changed() for f in formsets)):
            history.next_version(form.instance)
        for formset in formsets:
            if issubclass(formset.form, VersionedForm):
                for row, _fields in formset.changed_objects:
                    history.next_version(row)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        if is_in_conflict(form, formsets):
            context["conflict"] = Conflict(
                said=who_saved(form.instance),
                address=request.get_full_path(),
                differences=differences(form, formsets),
                over=version_to_save_over(form, formsets),
            )
        return super().render_change_form(request, context, *args, **options)

    def why_not_deleted_now(self, request: HttpRequest, obj: Any) -> str:
        refusal = super().why_not_deleted_now(request, obj)
        if refusal or request.method != "POST":
            return refusal
        if request.GET.get("version") == str(obj.version):
            return ""
        return gettext(
            "%(who)s Nothing was deleted: look at what was saved, then decide."
        ) % {"who": who_saved(obj)}

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        obj = self.get_object(request, unquote(object_id))
        duties.require(request.user, self.permission("delete"), obj)
        if obj and request.method == "GET" and "version" not in request.GET:
            # The question is asked, and answered, about one version.
            query = request.GET.copy()
            query["version"] = str(obj.version)
            return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
        return super().delete_view(request, object_id, extra_context)


def is_key(typed: str) -> bool:
    return typed.isascii() and typed.isdigit()


def in_use_by(rows: Any, user: Any) -> list[str]:
    """What keeps `rows` from being deleted, in words: each row that somebody may see,
    and the number of the others."""
    collector = NestedObjects(using=rows.db if hasattr(rows, "db") else "default")
    collector.collect(rows)
    seen = [row for row in collector.protected if _is_seen(row, user)]
    others = len(collector.protected) - len(seen)
    colon = colon_of(get_language())
    told = [f"{capfirst(str(row._meta.verbose_name))}{colon}{row}" for row in seen]
    if others:
        told.append(
            ngettext(
                "%(number)d row of other conferences",
                "%(number)d rows of other conferences",
                others,
            )
            % {"number": others}
        )
    return told


def _is_seen(row: Any, user: Any) -> bool:
    opts = row._meta
    return bool(user.has_perm(f"{opts.app_label}.view_{opts.model_name}", row))


class ProgrammeStacked(ByDuty, StackedInline):
    """Rows of a page, one under the other."""

    formset = ProgrammeFormSet
    form = ProgrammeForm
    extra = 1
    max_num = MOST_ROWS

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        return super().get_formset(request, obj, absolute_max=MOST_ROWS, **options)

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        options = {**field_options(db_field), **options}
        return super().formfield_for_dbfield(db_field, request, **options)


class ProgrammeTabular(ByDuty, TabularInline):
    """Rows of a page as a table. The head of a column is no label to a screen reader,
    so each input carries its own."""

    formset = ProgrammeFormSet
    form = ProgrammeForm
    extra = 1
    max_num = MOST_ROWS

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        return super().get_formset(request, obj, absolute_max=MOST_ROWS, **options)

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        options = {**field_options(db_field), **options}
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None:
            field.widget.attrs["aria-label"] = capfirst(str(field.label))
        return field
