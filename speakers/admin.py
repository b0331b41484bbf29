"""The admin pages of people and roles, and what every page of the programme stands on:
texts in six languages, refusals that keep what was typed, and edit conflicts."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, ProtectedError, Q
from django.forms.models import ModelChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sessions_app.translated import (
    LANGUAGE_CODES,
    NATIVE_NAMES,
    TranslatedFormField,
    words,
)
from speakers.models import Person, Role

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    StackedInline = admin.StackedInline[Any, Any]
    TabularInline = admin.TabularInline[Any, Any]
    ModelForm = forms.ModelForm[Any]
    InlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    StackedInline = admin.StackedInline
    TabularInline = admin.TabularInline
    ModelForm = forms.ModelForm
    InlineFormSet = forms.BaseInlineFormSet

# Times as the organization prints them, and as everybody else types them.
TIME_FORMATS = ["%H.%M", "%H:%M", "%H:%M:%S"]

# So many rows under one page are more than any programme has; a form that claims more
# would keep the server busy for minutes.
MOST_ROWS = 200

# So many records are searched without regard to accents; beyond them, a search heeds
# accents, which is a search of the database's own.
_FOLDED_RECORDS = 5000

_REFUSAL = "rostrum.refusal"
_NO_VALUE = "–"


def in_each_language(*fields: str) -> list[str]:
    """The search fields of texts: each in its six languages."""
    return [f"{field}__{code}" for field in fields for code in LANGUAGE_CODES]


def folded(text: str) -> str:
    """`text` in the form in which a search compares it: no accents, no capitals, the
    letters that have no accent to lose written as people type them."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return kept.translate(_TYPED_AS)


# Letters that have no accent to lose, and apostrophes.
_TYPED_AS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
    | {"\u0131": "i", "’": "'", "‘": "'", "\u02bc": "'"}
)


# --- Forms -------------------------------------------------------------------


class VersionField(forms.IntegerField):
    """The version of the row that the editor saw, carried along unseen. Anything that
    is no number reads as a version that never was."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, label=_("version"))

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return -1

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ProgrammeForm(ModelForm):
    """A form that can be refused as a whole, with all that was typed in it."""

    refusal = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal, code="refused")
        return cleaned


class VersionedForm(ProgrammeForm):
    """A form of a row with a version: refused when the row was saved by somebody else
    after the editor opened it."""

    version_seen = VersionField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["version_seen"] = self.instance.version

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get("version_seen")
        if self.instance.pk and seen != self.instance.version:
            raise ValidationError(
                _(
                    "This was saved by somebody else after you opened it. Nothing of "
                    "yours is saved yet, and nothing of it is lost: both versions "
                    "stand here."
                ),
                code="conflict",
            )
        return cleaned


class ProgrammeFormSet(InlineFormSet):
    """Inline forms that keep what was typed, also in a row that is gone meanwhile."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = gettext("Delete")

    def get_queryset(self) -> Any:
        if self.is_bound and "forms" in self.__dict__:
            # The admin pairs forms and rows by their place, but somebody else may
            # have added or deleted rows: what a form shows is the row it was made of.
            return [
                form.instance if form.instance.pk else None
                for form in self.initial_forms
            ]
        return super().get_queryset()


def set_primary(fields: Mapping[str, forms.Field], language: str) -> None:
    """Makes `language` the open and required one of all texts among `fields`."""
    for field in fields.values():
        if isinstance(field, TranslatedFormField):
            field.set_primary(language)


def _field_options(db_field: models.Field[Any, Any]) -> dict[str, Any]:
    """How fields of these kinds are typed on every page."""
    if isinstance(db_field, models.URLField):
        return {"assume_scheme": "https"}
    if isinstance(db_field, models.TimeField):
        widget = forms.TimeInput(
            format=TIME_FORMATS[0],
            attrs={"size": 6, "placeholder": "10.00", "class": "time-typed"},
        )
        return {"input_formats": TIME_FORMATS, "widget": widget}
    return {}


# --- Edit conflicts ----------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """What one field holds now in the database and in the form, in words."""

    where: str
    saved: str
    typed: str


@dataclass(frozen=True)
class Conflict:
    """A row that somebody else saved meanwhile: who and when, in words, and where it
    differs from the form."""

    said: str
    address: str
    differences: tuple[Difference, ...]


def differences(form: Any, formsets: Iterable[Any]) -> tuple[Difference, ...]:
    """Where the forms of a page differ from the rows as they are now, in the order of
    the page."""
    found = list(_differences_of(form, ""))
    for formset in formsets:
        found += _differences_of_rows(formset)
    return tuple(found)


def _differences_of(form: Any, row: str) -> Iterator[Difference]:
    for name in form.changed_data:
        bound = form[name]
        if bound.is_hidden or name == "DELETE":
            continue
        typed = form.cleaned_data.get(name, bound.data)
        if isinstance(bound.field, TranslatedFormField):
            yield from _differences_of_text(bound, row)
        else:
            yield Difference(
                _where(row, bound.label),
                _in_words(bound.field, bound.initial),
                _in_words(bound.field, typed),
            )


def _differences_of_text(bound: forms.BoundField, row: str) -> Iterator[Difference]:
    saved = words(bound.initial)
    typed = dict(zip(LANGUAGE_CODES, bound.data, strict=False))
    for language in LANGUAGE_CODES:
        before = saved.get(language, "")
        now = (typed[language] or "").strip().replace("\r\n", "\n")
        if before != now:
            yield Difference(
                _where(row, f"{bound.label} ({NATIVE_NAMES[language]})"),
                before or _NO_VALUE,
                now or _NO_VALUE,
            )


def _differences_of_rows(formset: Any) -> Iterator[Difference]:
    name = capfirst(formset.model._meta.verbose_name)  # noqa: SLF001 - documented
    # Read anew: the instances of the forms hold what was typed.
    saved = {row.pk: row for row in formset.queryset.all()}
    shown = set()
    for form in formset.initial_forms:
        known = saved.get(form.instance.pk)
        row = f"{name} “{known}”" if known else name
        shown.add(form.instance.pk)
        if not form.instance.pk:
            yield Difference(row, gettext("deleted"), _typed_in(form))
        elif form in formset.deleted_forms:
            yield Difference(row, gettext("kept"), gettext("deleted"))
        else:
            yield from _differences_of(form, row)
    for pk, added in saved.items():
        if pk not in shown:
            yield Difference(name, str(added), _NO_VALUE)
    for form in formset.extra_forms:
        if form.has_changed():
            yield Difference(name, _NO_VALUE, _typed_in(form))


def _typed_in(form: Any) -> str:
    """All that was typed in the form of one row."""
    said = []
    for bound in form.visible_fields():
        if isinstance(bound.field, TranslatedFormField):
            said += [typed for typed in bound.data[: len(LANGUAGE_CODES)] if typed]
        elif bound.name in form.changed_data and bound.name != "DELETE":
            typed = form.cleaned_data.get(bound.name, bound.data)
            said.append(_in_words(bound.field, typed))
    return "; ".join(said) or _NO_VALUE


def _where(row: str, label: Any) -> str:
    return f"{row}: {label}" if row else str(capfirst(label))


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(field, ModelChoiceField) and value:
        return _chosen(field, value)
    if isinstance(field, forms.MultipleChoiceField):
        return ", ".join(str(dict(field.choices).get(v, v)) for v in value or [])  # type: ignore[arg-type]
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(value, dt.time):
        return value.strftime(TIME_FORMATS[0])
    return _NO_VALUE if value in (None, "") else str(value)


def _chosen(field: Any, value: Any) -> str:
    try:
        return str(field.queryset.filter(pk=value).first() or value)
    except (ValueError, TypeError):
        return str(value)


# --- Pages -------------------------------------------------------------------


class StaffAdmin(ModelAdmin):
    """What all our pages have in common: no acts on many rows at once, which no
    version guards, and lists that stand what is typed into their address."""

    actions = None
    list_per_page = 50

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if any("\0" in value for value in request.GET.values()):
            # PostgreSQL takes no such character, not even to find nothing.
            return HttpResponseRedirect(request.path)
        return super().changelist_view(request, extra_context)


class ProgrammeAdmin(StaffAdmin):
    """A page for rows of the programme: knows the language in which their texts are
    written, refuses with a sentence, and never loses what was typed."""

    form = ProgrammeForm

    def primary_language(self, request: HttpRequest, obj: Any) -> str:
        """The language of the texts on the page, open and required."""
        return settings.LANGUAGE_CODE

    def why_not_deleted(self, obj: Any) -> str:
        """A sentence when the row must stay, else nothing."""
        return ""

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        options = {**_field_options(db_field), **options}
        return super().formfield_for_dbfield(db_field, request, **options)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        # Links name a row that a new one belongs to, and nothing else.
        return {
            field.name: request.GET[field.name]
            for field in self.opts.fields
            if field.is_relation and _is_key(request.GET.get(field.name, ""))
        }

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,
        **options: Any,
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **options)
        set_primary(form.base_fields, self.primary_language(request, obj))
        form.refusal = request.META.get(_REFUSAL, "")
        return form

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        language = self.primary_language(request, obj)
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            set_primary(formset.form.base_fields, language)
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
            with transaction.atomic():
                if object_id and not self.lock(object_id):
                    object_id, form_url = self._enter_anew(request)
                return super().changeform_view(
                    request, object_id, form_url, extra_context
                )
        except (IntegrityError, ProtectedError):
            # Another save came between the check and the write.
            request.META[_REFUSAL] = _(
                "Somebody else saved something at the same moment that does not go "
                "with this. Nothing of yours is saved yet: look again, then save."
            )
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        if context["original"] and self.why_not_deleted(context["original"]):
            context["show_delete"] = False
        return super().render_change_form(request, context, *args, **options)

    def lock(self, object_id: str) -> bool:
        """Holds the row until the end of the transaction; False when it is gone."""
        try:
            pk = self.opts.pk.to_python(unquote(object_id))
        except ValidationError:
            return False
        rows = self.model._default_manager.select_for_update()  # noqa: SLF001 - documented
        return rows.filter(pk=pk).values_list("pk").first() is not None

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
                    self.lock(object_id)
                obj = self.get_object(request, unquote(object_id))
                refusal = self.why_not_deleted_now(request, obj) if obj else ""
                if not refusal:
                    return super().delete_view(request, object_id, extra_context)
        except (IntegrityError, ProtectedError):
            refusal = gettext("It is in use, and was not deleted.")
        self.message_user(request, refusal, messages.ERROR)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[object_id]))


class VersionedAdmin(ProgrammeAdmin):
    """A page whose row carries a version: of two editors, the second to save is told
    what the first one saved, sees both, and loses nothing typed."""

    form = VersionedForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        first, *others = super().get_fieldsets(request, obj)
        name, options = first
        fields = (*options["fields"], "version_seen")
        return [(name, {**options, "fields": fields}), *others]

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if change and (form.has_changed() or any(f.has_changed() for f in formsets)):
            _next_version(form.instance)
        for formset in formsets:
            if issubclass(formset.form, VersionedForm):
                for row, _fields in formset.changed_objects:
                    _next_version(row)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        if _is_in_conflict(form, formsets):
            context["conflict"] = Conflict(
                said=_who_saved(form.instance),
                address=request.get_full_path(),
                differences=differences(form, formsets),
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
        ) % {"who": _who_saved(obj)}

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        obj = self.get_object(request, unquote(object_id))
        if obj and request.method == "GET" and "version" not in request.GET:
            # The question is asked, and answered, about one version.
            query = request.GET.copy()
            query["version"] = str(obj.version)
            return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
        return super().delete_view(request, object_id, extra_context)


def _is_key(typed: str) -> bool:
    return typed.isascii() and typed.isdigit()


def _next_version(row: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(version=F("version") + 1)


def _is_in_conflict(form: Any, formsets: Iterable[Any]) -> bool:
    versioned = [form]
    for formset in formsets:
        if issubclass(formset.form, VersionedForm):
            versioned += formset.forms
    return any(
        error.code == "conflict"
        for each in versioned
        if each.is_bound
        for error in each.non_field_errors().as_data()
    )


def _who_saved(row: Any) -> str:
    """Who saved a row last and how long ago, as far as the history knows."""
    entry = (
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
        )
        .select_related("user")
        .order_by("-action_time")
        .first()
    )
    if entry is None:
        return gettext("Somebody saved this after you opened it.")
    user = entry.user.get_username()
    if timezone.now() - entry.action_time < dt.timedelta(minutes=1):
        return gettext("%(user)s saved this a moment ago.") % {"user": user}
    return gettext("%(user)s saved this %(ago)s ago.") % {
        "user": user,
        "ago": timesince(entry.action_time),
    }


class ProgrammeStacked(StackedInline):
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
        options = {**_field_options(db_field), **options}
        return super().formfield_for_dbfield(db_field, request, **options)


class ProgrammeTabular(TabularInline):
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
        options = {**_field_options(db_field), **options}
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None:
            field.widget.attrs["aria-label"] = capfirst(str(field.label))
        return field


# --- People and roles --------------------------------------------------------


@admin.register(Role)
class RoleAdmin(ProgrammeAdmin):
    """The vocabulary of roles and its grammar."""

    list_display = ["__str__", "key", "by_line_in_english", "prints", "rank"]
    list_filter = ["prints"]
    search_fields = ["key", *in_each_language("label_neutral", "label_plural")]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "key",
                    "label_neutral",
                    "label_feminine",
                    "label_masculine",
                    "label_plural",
                ]
            },
        ),
        (_("How it prints"), {"fields": ["prints", "by_line", "rank"]}),
    ]

    @admin.display(description=_("closing line"))
    def by_line_in_english(self, role: Role) -> str:
        return words(role.by_line).get("en", "")


def in_full(person: Person) -> str:
    """A person in lists to choose from: the name, and the function that tells two of
    one name apart."""
    function = words(person.function)
    said = function.get("en") or next(iter(function.values()), "")
    return f"{person} – {said}"[:160] if said else str(person)


class PersonChoices(AutocompleteJsonView):
    """People to choose from, by name without regard to accents."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        said = in_full(obj) if isinstance(obj, Person) else str(obj)
        return {"id": str(getattr(obj, to_field_name)), "text": said}


class PersonSelect(AutocompleteSelect):
    """Chooses a person. `known` spares a query for each person that is shown."""

    url_name = "%s:speakers_person_choices"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.known: dict[str, str] = {}

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        said = {"data-placeholder": gettext("Type a name"), "data-width": "24em"}
        return {**attrs, **said}

    @property
    def media(self) -> forms.Media:
        return super().media + forms.Media(
            js=["admin/js/autocomplete.js", "admin_labels.js"]
        )

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        # What is no key was not chosen here, and would only upset the query.
        chosen = [str(pk) for pk in value if _is_key(str(pk))]
        if not set(chosen) <= set(self.known):
            return super().optgroups(name, chosen, attr)
        options = [self.create_option(name, "", "", False, 0)]
        for place, pk in enumerate(chosen, start=1):
            option = self.create_option(name, pk, self.known[pk], True, place)
            options.append(option)
        return [(None, options, 0)]


class MergedFilter(admin.SimpleListFilter):
    """Records in use, or those that lead to another."""

    title = _("record")
    parameter_name = "merged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("in use")), ("yes", _("merged into another"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() in {"yes", "no"}:
            return queryset.filter(merged_into__isnull=self.value() == "no")
        return queryset


@admin.register(Person)
class PersonAdmin(VersionedAdmin):
    """Everybody who may be named in a programme."""

    list_display = [
        "printed_line",
        "state_in_english",
        "organization_in_english",
        "appears_in",
        "merged",
    ]
    list_filter = [MergedFilter, "label_form"]
    search_fields = [
        "given_names",
        "family_name",
        "code",
        *in_each_language("printed_name", "state", "organization", "function"),
    ]
    search_help_text = _(
        "Name, function, State or organization; accents do not matter."
    )
    readonly_fields = ["code"]
    fieldsets = [
        (
            None,
            {"fields": ["honorific", "printed_name", "function"]},
        ),
        (
            _("For search and lists"),
            {
                "fields": [
                    ("family_name", "given_names"),
                    "state",
                    "organization",
                    "label_form",
                ]
            },
        ),
        (
            _("For the secretariat"),
            {"fields": ["pronunciation", "internal_contact", "merged_into", "code"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.select_related("merged_into").prefetch_related(
            "lines__slot__day__session"
        )

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "merged_into":
            options["widget"] = PersonSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name == "merged_into":
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def get_form(
        self,
        request: HttpRequest,
        obj: Person | None = None,
        change: bool = False,
        **options: Any,
    ) -> Any:
        form = super().get_form(request, obj, change, **options)
        if obj and "merged_into" in form.base_fields:
            others = Q(merged_into=None) & ~Q(pk=obj.pk) | Q(pk=obj.merged_into_id)
            form.base_fields["merged_into"].queryset = Person.objects.filter(others)
        return form

    def get_urls(self) -> list[URLPattern]:
        choices = PersonChoices.as_view(admin_site=self.admin_site)
        return [
            path(
                "choices/",
                self.admin_site.admin_view(choices),
                name="speakers_person_choices",
            ),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        if request.resolver_match and request.resolver_match.url_name in {
            "autocomplete",
            "speakers_person_choices",
        }:
            queryset = queryset.current().prefetch_related(None)
        term = folded(search_term.replace("\0", ""))
        if not term.strip() or queryset.count() > _FOLDED_RECORDS:
            return super().get_search_results(request, queryset, term)
        return queryset.filter(pk__in=_found(queryset, term.split())), False

    @admin.display(description=_("printed line"), ordering="family_name")
    def printed_line(self, person: Person) -> str:
        honorific = words(person.honorific).get("en", "")
        function = words(person.function).get("en", "")
        name = " ".join(part for part in (honorific, str(person)) if part)
        return ", ".join(part for part in (name, function) if part)

    @admin.display(description=_("State"))
    def state_in_english(self, person: Person) -> str:
        return words(person.state).get("en", "")

    @admin.display(description=_("organization"))
    def organization_in_english(self, person: Person) -> str:
        return words(person.organization).get("en", "")

    @admin.display(description=_("appears in"))
    def appears_in(self, person: Person) -> str:
        sessions: dict[str, int] = {}
        for line in person.lines.all():
            name = str(line.slot.day.session)
            sessions[name] = sessions.get(name, 0) + 1
        return "; ".join(
            ngettext("%(session)s", "%(session)s (%(times)d times)", times)
            % {"session": name, "times": times}
            for name, times in sessions.items()
        )

    @admin.display(description=_("merged into"))
    def merged(self, person: Person) -> str:
        return str(person.merged_into or "")


def _found(queryset: Any, terms: list[str]) -> list[int]:
    """The keys of the people whose names, function, State or organization hold each of
    the folded `terms`."""
    texts = ("printed_name", "state", "organization", "function")
    rows = queryset.order_by().values_list(
        "pk", "given_names", "family_name", "code", *texts
    )
    return [pk for pk, *said in rows if all(term in _searched(said) for term in terms)]


def _searched(columns: Iterable[Any]) -> str:
    said = [
        " ".join(words(column).values()) if isinstance(column, dict) else column
        for column in columns
    ]
    return folded(" ".join(said))
