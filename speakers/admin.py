"""The admin pages of people and roles, and the boxes in which a person is looked up."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sessions_app import duties, page_dates
from sessions_app.admin.pages import (
    ProgrammeAdmin,
    VersionedAdmin,
    in_each_language,
    is_key,
)
from sessions_app.compose import examples_of, printed_line
from sessions_app.programme import comma_of, semicolon_of
from sessions_app.translated import LANGUAGE_CODES, NATIVE_NAMES, normalize, words
from speakers.models import Person, Role

if TYPE_CHECKING:
    ModelChoiceField = forms.ModelChoiceField[Person]
else:
    ModelChoiceField = forms.ModelChoiceField

# So many records are searched without regard to accents; beyond them, a search heeds
# accents, which is a search of the database's own.
_FOLDED_RECORDS = 5000
# So much of a typed name is said again in a sentence.
_LONGEST_SAID = 80


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
    echo_template = "admin/speakers/echo.html"
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

    def echo(self, form: Any, formsets: Sequence[Any]) -> dict[str, Any]:
        examples = examples_of(form.instance, LANGUAGE_CODES)
        return {
            "examples": _in_languages(examples),
            "nothing_yet": gettext(
                "Type a label: then an example of each language is shown here."
            ),
        }

    @admin.display(description=_("closing line"))
    def by_line_in_english(self, role: Role) -> str:
        return words(role.by_line).get("en", "")


@dataclass(frozen=True)
class Printed:
    """What prints in one language, line by line."""

    language: str
    name: str
    lines: tuple[str, ...]


def _in_languages(printed: Mapping[str, Sequence[str]]) -> list[Printed]:
    """The languages in which something prints, in the organization's order."""
    return [
        Printed(language, NATIVE_NAMES[language], tuple(filter(None, lines)))
        for language, lines in printed.items()
        if any(lines)
    ]


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


# Said where a person was chosen who is not offered any more.
NOT_IN_THE_LIST = _(
    "This person is not in the list any more: the record was deleted or merged into "
    "another meanwhile. Choose again."
)


class TypedName(str):
    """A name that was typed where nobody was chosen."""

    __slots__ = ()


class PersonSelect(AutocompleteSelect):
    """Chooses a person. `known` spares a query for each person that is shown. Without
    JavaScript, a name is typed into the box beside it."""

    url_name = "%s:speakers_person_choices"
    template_name = "admin/widgets/person.html"

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

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = (data.get(f"{name}_typed") or "").strip()
        return (
            TypedName(typed)
            if typed
            else super().value_from_datadict(data, files, name)
        )

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        typed = value if isinstance(value, TypedName) else ""
        chosen = None if typed else value
        context: dict[str, Any] = super().get_context(name, chosen, attrs)
        context["widget"]["typed"] = typed
        return context

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        # What is no key was not chosen here, and would only upset the query.
        chosen = [str(pk) for pk in value if is_key(str(pk)) and len(str(pk)) < 19]
        if not set(chosen) <= set(self.known):
            return super().optgroups(name, chosen, attr)
        options = [self.create_option(name, "", "", False, 0)]
        for place, pk in enumerate(chosen, start=1):
            option = self.create_option(name, pk, self.known[pk], True, place)
            options.append(option)
        return [(None, options, 0)]


class PersonChoice(ModelChoiceField):
    """Gives the person that was chosen, or the one whose name was typed: a name that
    fits nobody, or several, is refused with those whom it fits."""

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, TypedName):
            return super().to_python(value)
        typed = normalize(value)
        found = people_named(typed)
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(
                _(
                    "Nobody of the list of people is called “%(name)s”. Type the name "
                    "as it is in the list, or add the person there first."
                ),
                code="nobody",
                params={"name": _in_short(typed)},
            )
        raise ValidationError(
            _("“%(name)s” fits several people: %(people)s. Type more of the name."),
            code="several",
            params={
                "name": _in_short(typed),
                "people": semicolon_of(get_language()).join(map(in_full, found[:8])),
            },
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return isinstance(data, TypedName) or bool(super().has_changed(initial, data))


def _in_short(typed: str) -> str:
    return typed if len(typed) <= _LONGEST_SAID else f"{typed[:_LONGEST_SAID]}…"


def people_named(typed: str) -> list[Person]:
    """The people in use whom a typed name fits: the one who is called just so, else
    all whose names, function, State or organization hold each of its words."""
    found = people_holding(typed)
    exactly = [person for person in found if is_called(person, typed)]
    return exactly if len(exactly) == 1 else found


def people_holding(typed: str) -> list[Person]:
    """The people in use whose names, function, State or organization hold each of the
    words in `typed`; by family name."""
    people = Person.objects.current()
    terms = folded(typed.replace("\0", "")).split()
    if not terms:
        return []
    return list(people.filter(pk__in=_found(people, terms)[:_FOLDED_RECORDS]))


def is_called(person: Person, typed: str) -> bool:
    """Whether the printed name in any language is `typed`, without regard to accents."""
    names = map(folded, words(person.printed_name).values())
    return " ".join(folded(typed.replace("\0", "")).split()) in names


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
    echo_template = "admin/speakers/echo.html"
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
            {"fields": ["pronunciation", "internal_contact", "code"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        lines: Any = Person._meta.get_field("lines").related_model
        seen = duties.seen_by(
            request.user, lines.objects.select_related("slot__day__session")
        )
        return rows.select_related("merged_into").prefetch_related(
            Prefetch("lines", queryset=seen)
        )

    def echo(self, form: Any, formsets: Sequence[Any]) -> dict[str, Any]:
        person: Person = form.instance
        named = [code for code in LANGUAGE_CODES if code in words(person.printed_name)]
        return {
            "examples": _in_languages(
                {code: [printed_line(person, code)] for code in named}
            ),
            "nothing_yet": gettext(
                "Type the name: then the line is shown here as it prints."
            ),
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        if context["original"]:
            context["appearances"] = appearances_of(context["original"], request.user)
        return super().render_change_form(request, context, *args, **options)

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
        return printed_line(person, "en")

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
        said = [
            name
            if times == 1
            else ngettext(
                "%(session)s (%(times)d time)", "%(session)s (%(times)d times)", times
            )
            % {"session": name, "times": times}
            for name, times in sessions.items()
        ]
        return semicolon_of(get_language()).join(said)

    @admin.display(description=_("merged into"))
    def merged(self, person: Person) -> str:
        return str(person.merged_into or "")


@dataclass(frozen=True)
class Appearance:
    """A person in a line: which, of which session and slot, and with what standing;
    `may_change` whether whoever looks may replace or mark them there."""

    code: str
    session: str
    slot: str
    role: str
    standing: str
    may_change: bool


def appearances_of(person: Person, user: Any) -> list[Appearance]:
    """Everywhere a person is named that `user` may see, through merged records too;
    the latest session first."""
    lines: Any = person.lines.model
    named = duties.seen_by(user, lines.objects).filter(
        Q(person=person) | Q(person__merged_into=person)
    )
    return [
        Appearance(
            code=line.code,
            session=str(line.slot.day.session),
            slot=comma_of(get_language()).join(
                (page_dates.date(line.slot.day.date), str(line.slot))
            ),
            role=str(line.role or ""),
            standing=str(line.get_status_display()),
            may_change=user.has_perm("sessions_app.change_slot", line),
        )
        for line in named.select_related("slot__day__session", "role").order_by(
            "-slot__day__date", "slot__start"
        )
    ]


def _found(queryset: Any, terms: list[str]) -> list[int]:
    """The keys of the people whose names, function, State or organization hold each of
    the folded `terms`. A code, of which a part says nothing, counts as a whole."""
    texts = ("printed_name", "state", "organization", "function")
    rows = queryset.order_by().values_list(
        "pk", "code", "given_names", "family_name", *texts
    )
    return [
        pk
        for pk, code, *said in rows
        if all(term == code or term in _searched(said) for term in terms)
    ]


def _searched(columns: Iterable[Any]) -> str:
    said = [
        " ".join(words(column).values()) if isinstance(column, dict) else column
        for column in columns
    ]
    return folded(" ".join(said))
