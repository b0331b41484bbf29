"""A list of official languages, chosen by ticking."""

from __future__ import annotations

from typing import Any

from django import forms

from sessions_app.translated import LANGUAGE_CODES, NATIVE_NAMES


class LanguagesWidget(forms.CheckboxSelectMultiple):
    """The six languages in the organization's order, each by its native name."""

    template_name = "admin/widgets/languages.html"
    group_label = ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["group_label"] = self.group_label
        return context


class LanguagesField(forms.MultipleChoiceField):
    """Gives the codes of the languages that are ticked, in the organization's order."""

    widget: Any = LanguagesWidget

    def __init__(self, **options: Any) -> None:
        choices = [(code, NATIVE_NAMES[code]) for code in LANGUAGE_CODES]
        super().__init__(choices=choices, **options)
        self.widget.group_label = self.label

    def clean(self, value: Any) -> list[str]:
        ticked = super().clean(value)
        return [code for code in LANGUAGE_CODES if code in ticked]


def languages_field(db_field: Any) -> LanguagesField:
    """The form field of a model's field that lists languages."""
    return LanguagesField(
        label=str(db_field.verbose_name).capitalize(),
        help_text=db_field.help_text,
        required=not db_field.blank,
    )
