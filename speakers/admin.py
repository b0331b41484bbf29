"""The admin pages of people and roles, and the boxes in which a person is looked up."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Q
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.pages import (
    ProgrammeAdmin,
    VersionedAdmin,
    in_each_language,
    is_key,
)
from sessions_app.translated import words
from speakers.models import Person, Role

# So many records are searched without regard to accents; beyond them, a search heeds
# accents, which is a search of the database's own.
_FOLDED_RECORDS = 5000


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
        chosen = [str(pk) for pk in value if is_key(str(pk))]
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
