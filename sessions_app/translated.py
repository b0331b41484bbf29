"""A text in up to six languages as one JSON value: its field, form field and widget.

Stored form: ``{"en": "Lunch", "fr": "Déjeuner", "_from": {"fr": "3f9a2c"},
"_revised": ["fr"]}``. A language without words is absent. ``_from`` holds, for each
translation, the digest of the primary text it was made from, so that an outdated
translation is known; ``_revised`` lists the translations that a reviser has passed.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import flatatt
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

Stored = dict[str, Any]

RIGHT_TO_LEFT = {"ar"}
# In these a name of another of them stands as it is.
IN_LATIN_LETTERS = ("en", "fr", "es")
# Native names, in which a reader looks for the own language.
NATIVE_NAMES = {
    "ar": "العربية",
    "zh-hans": "中文",
    "en": "English",
    "fr": "Français",
    "ru": "Русский",
    "es": "Español",
}
_NAMES = dict(settings.LANGUAGES)
_TAGS = {"zh-hans": "zh-Hans"}
# The organization's order of languages: settings.LANGUAGES.
LANGUAGE_CODES = tuple(code for code, _name in settings.LANGUAGES)

# Characters that make a text read in another order than it is stored (Unicode
# Standard Annex 9, explicit embeddings, overrides and isolates), and those that no
# printed text holds. LRM, RLM and the joiners stay: Arabic needs them.
_REORDERING = {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_UNPRINTED = {"\ufeff", "\u2028", "\u2029", "\u200b", "\ufffe", "\uffff"}


def direction(language: str) -> str:
    """``"rtl"`` or ``"ltr"``, as HTML's dir wants it."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def language_tag(language: str) -> str:
    """The language as HTML, PDF and feeds name it (BCP 47): "zh-Hans"."""
    return _TAGS.get(language, language)


def language_name(language: str) -> str:
    """What a language is called in the language of the page: "French"."""
    return str(_NAMES[language])


def digest_of(text: str) -> str:
    """Six hexadecimal digits that change when the text does."""
    return hashlib.sha256(text.encode()).hexdigest()[:6]


_NO_WORDS = digest_of("")


def normalize(text: str, *, multiline: bool = False) -> str:
    """The text in Unicode form NFC, trimmed, with plain line ends.

    Raises ValidationError with a sentence that names the character and where it
    stands, when the text holds a control character, a line end where one line is
    meant, a mark that reorders text, or half of a surrogate pair."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not multiline:
        # A tab or a line end pasted at the end of a word is no reason to refuse it.
        text = " ".join(part for part in text.split("\n") if part).replace("\t", " ")
    for place, character in enumerate(text, start=1):
        if character in _REORDERING:
            raise ValidationError(
                _(
                    "Character %(place)d (U+%(number)s) changes the order in which "
                    "the text is read. Delete it and type the words again."
                ),
                code="reordering",
                params={"place": place, "number": f"{ord(character):04X}"},
            )
        if character in _UNPRINTED or (
            unicodedata.category(character) in {"Cc", "Cs"}
            and not (multiline and character in "\n\t")
        ):
            raise ValidationError(
                _(
                    "Character %(place)d (U+%(number)s) cannot be printed. "
                    "Delete it and type the words again."
                ),
                code="unprinted",
                params={"place": place, "number": f"{ord(character):04X}"},
            )
    return unicodedata.normalize("NFC", text)


def words(stored: Mapping[str, Any] | None) -> dict[str, str]:
    """The words alone, language to text: the stored form without its ``_`` keys."""
    return {
        language: text
        for language, text in (stored or {}).items()
        if not language.startswith("_")
    }


def text(primary: str, **others: str) -> Stored:
    """The stored form of an English text and its translations: ``text("Lunch",
    fr="Déjeuner")``; Chinese is given as ``zh_hans``."""
    return translated({"en": primary, **_language_keys(others)}, "en")


def translated(texts: Mapping[str, str], primary: str) -> Stored:
    """The stored form of `texts` (language to words), each marked as made from the
    words of the `primary` language as they stand now."""
    stored: Stored = {language: said for language, said in texts.items() if said}
    source = digest_of(stored.get(primary, ""))
    made_from = {language: source for language in stored if language != primary}
    if made_from:
        stored["_from"] = made_from
    return stored


def edited(
    before: Mapping[str, Any] | None, after: Mapping[str, str], primary: str
) -> Stored:
    """The stored form when `after` (language to words) takes the place of `before`
    (the stored form so far): a translation whose words stay keeps what is known of
    it, one whose words change is marked as made from the primary text of now."""
    former = words(before)
    kept_from = dict((before or {}).get("_from", {}))
    stored = translated(after, primary)
    source = digest_of(former.get(primary, ""))
    for language in stored.get("_from", {}):
        if former.get(language) == stored[language]:
            # Of one whose origin was never kept, it stood beside the words of then.
            stored["_from"][language] = kept_from.get(language, source)
    revised = [
        language
        for language in (before or {}).get("_revised", [])
        if language in stored and former.get(language) == stored[language]
    ]
    if revised:
        stored["_revised"] = revised
    return stored


def retranslated(
    before: Mapping[str, Any],
    language: str,
    said: str,
    primary: str,
    *,
    is_revised: bool = False,
) -> Stored:
    """The stored form when the words of `language` are `said` ("" for none), made from
    the primary text as it stands; `is_revised` when a reviser passed them."""
    stored = edited(before, {**words(before), language: said}, primary)
    revised = [code for code in stored.pop("_revised", []) if code != language]
    if said and language != primary:
        # Also of words that stay: whoever saves them looked at the text of now.
        stored["_from"][language] = digest_of(stored.get(primary, ""))
        revised += [language] if is_revised else []
    return stored | ({"_revised": revised} if revised else {})


def _language_keys(texts: Mapping[str, str]) -> dict[str, str]:
    return {language.replace("_", "-"): said for language, said in texts.items()}


class WordsField(models.CharField[str, str]):
    """One line of words, kept in form NFC and free of unprintable characters."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return normalize(value) if isinstance(value, str) else value


class NotesField(models.TextField[str, str]):
    """Several lines of words for staff, kept like WordsField."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return normalize(value, multiline=True) if isinstance(value, str) else value


class PlainEncoder(json.JSONEncoder):
    """Stores Arabic and Chinese as they are, so that a search finds them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


class TranslatedField(models.JSONField):
    """A text in up to six languages; `max_length` bounds each of them, `multiline`
    allows line ends (and Markdown, where the model says so)."""

    description = _("Text in six languages")

    def __init__(
        self,
        verbose_name: Any = None,
        *,
        max_length: int = 300,
        multiline: bool = False,
        **options: Any,
    ) -> None:
        self.multiline = multiline
        if not options.get("null"):
            options.setdefault("default", dict)
        options["encoder"] = PlainEncoder
        super().__init__(verbose_name, max_length=max_length, **options)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, arguments, options = super().deconstruct()
        options.pop("encoder", None)
        options["max_length"] = self.max_length
        options["multiline"] = self.multiline
        return name, path, arguments, options

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value is None:
            return
        for language, said in words(value).items():
            if language not in LANGUAGE_CODES or not isinstance(said, str):
                raise ValidationError(
                    _("“%(language)s” is not one of the six languages."),
                    params={"language": language},
                )
            _check_length(said, self.max_length or 0, language)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        if isinstance(value, Mapping):
            value = {
                key: normalize(said, multiline=self.multiline)
                if isinstance(said, str)
                else said
                for key, said in value.items()
            }
        return super().clean(value, model_instance)

    def formfield(  # type: ignore[override]
        self, **options: Any
    ) -> Any:
        return models.Field.formfield(
            self,
            **{
                "form_class": TranslatedFormField,
                "max_length": self.max_length,
                "multiline": self.multiline,
                "empty_value": None if self.null else {},
                # A callable default would put a hidden copy of the value as a string
                # beside the inputs.
                "show_hidden_initial": False,
                **options,
            },
        )


def _check_length(said: str, limit: int, language: str) -> None:
    if len(said) > limit:
        raise ValidationError(
            _(
                "The text in %(language)s has %(length)d characters; "
                "at most %(limit)d are printed here. Shorten it by %(over)d."
            ),
            code="too_long",
            params={
                "language": dict(settings.LANGUAGES)[language],
                "length": len(said),
                "limit": limit,
                "over": len(said) - limit,
            },
        )


class Typed(list[Any]):
    """What the inputs of a text sent, in the organization's order. `seen` holds the
    digests of the words that stood in them when the page was made, by language; None
    when that is not known."""

    seen: dict[str, str] | None = None


def merged(typed: Sequence[Any], before: Mapping[str, Any] | None) -> Typed:
    """What was typed, with the words of `before`, the stored form as it is now, in each
    input that nobody touched: so a translation that somebody else saved meanwhile
    stays. `seen` is then that of `before`."""
    result = Typed(typed)
    former = words(before)
    for place, language in _untouched(typed, former):
        result[place] = former.get(language, "")
    result.seen = _digests(before)
    return result


def _untouched(
    typed: Sequence[Any], former: Mapping[str, str]
) -> Iterator[tuple[int, str]]:
    seen: dict[str, str] | None = getattr(typed, "seen", None)
    # Where nothing stands any more, the row is gone, and what was typed is all there is.
    if seen is not None and former:
        for place, language in enumerate(LANGUAGE_CODES[: len(typed)]):
            if _digest_typed(typed[place]) == seen.get(language, _NO_WORDS):
                yield place, language


def _digests(stored: Any) -> dict[str, str]:
    held = words(stored) if isinstance(stored, Mapping) else {}
    return {language: _digest_typed(said) for language, said in held.items()}


def _digest_typed(said: Any) -> str:
    return digest_of((said or "").strip().replace("\r\n", "\n"))


def _read_seen(sent: str) -> dict[str, str]:
    return dict(pair.split(":", 1) for pair in sent.split() if ":" in pair)


class TranslatedWidget(forms.MultiWidget):
    """One input per language: the primary one in sight, the other five folded with
    their state; a text that is to be in the `needed` languages says which it lacks.
    With `can_be_none`, a box to tick besides, for a text that prints nothing where it
    would otherwise take the place of another."""

    template_name = "widgets/translated.html"
    # The label is the primary input's; the others carry names of their own.
    use_fieldset = False

    def __init__(
        self,
        *,
        multiline: bool = False,
        rows: int = 3,
        can_be_none: bool = False,
        attrs: Any = None,
    ) -> None:
        self.primary = settings.LANGUAGE_CODE
        self.multiline, self.can_be_none = multiline, can_be_none
        self.needed: Sequence[str] = ()
        # Languages whose words were refused: their inputs must be in sight.
        self.faulty: set[str] = set()
        make = forms.Textarea if multiline else forms.TextInput
        inputs: dict[str, Any] = {
            language: make(
                {
                    "lang": language,
                    "dir": direction(language),
                    "class": "vLargeTextField" if multiline else "vTextField",
                    **({"rows": rows} if multiline else {}),
                }
            )
            for language in LANGUAGE_CODES
        }
        if can_be_none:
            inputs["none"] = forms.CheckboxInput()
        super().__init__(inputs, attrs)

    def decompress(self, value: Any) -> list[Any]:
        held = words(value)
        texts: list[Any] = [held.get(language) for language in LANGUAGE_CODES]
        return [*texts, value == {}] if self.can_be_none else texts

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:
        typed = Typed(super().value_from_datadict(data, files, name))
        sent = data.get(f"{name}_seen")
        typed.seen = _read_seen(sent) if isinstance(sent, str) else None
        return typed

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_{LANGUAGE_CODES.index(self.primary)}" if id_ else id_

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        shared = widget["attrs"]
        label = shared.get("aria-label", "")
        seen = value.seen if isinstance(value, Typed) else _digests(value)
        states = self._states(value)
        parts = dict(zip(LANGUAGE_CODES, widget["subwidgets"], strict=False))
        for part in widget["subwidgets"]:
            # What was meant for the whole is not true of each input.
            for name_of_attribute in ("required", "aria-describedby", "aria-invalid"):
                part["attrs"].pop(name_of_attribute, None)
        for language, part in parts.items():
            part["language"] = NATIVE_NAMES[language]
            part["state"] = states.get(language, "")
            part["attrs"]["aria-label"] = f"{label}, {NATIVE_NAMES[language]}"
            if language in self.faulty:
                part["attrs"]["aria-invalid"] = "true"
        primary = parts.pop(self.primary)
        primary["attrs"] |= self._of_the_whole(shared, primary["attrs"].get("id", ""))
        others = list(parts.values())
        for part in (primary, *others):
            part["written_attrs"] = flatatt(part["attrs"])
        widget |= {
            "primary": primary,
            "others": others,
            "is_multiline": self.multiline,
            "is_open": bool(self.faulty - {self.primary}),
            "seen": " ".join(f"{code}:{said}" for code, said in (seen or {}).items()),
        }
        if self.can_be_none:
            widget["none"] = widget["subwidgets"][-1]
            widget["none"]["attrs"].pop("aria-label", None)
        return context

    def _states(self, value: Any) -> dict[str, str]:
        """How each translation stands, of those of which there is something to say."""
        held = dict(zip(LANGUAGE_CODES, self._in_order(value), strict=False))
        known = value if isinstance(value, Mapping) else {}
        if not held[self.primary]:
            return {code: "translated" for code, said in held.items() if said}
        states = {
            code: "translated" if said else "missing"
            for code, said in held.items()
            if said or code in self.needed
        }
        revised = {code: "revised" for code in known.get("_revised", ()) if held[code]}
        return (
            states | revised | dict.fromkeys(_outdated(known, self.primary), "outdated")
        )

    def _in_order(self, value: Any) -> list[Any]:
        """The words in the order of the inputs, of a stored form or of what was typed."""
        return list(value) if isinstance(value, list) else self.decompress(value)

    def _of_the_whole(self, shared: Mapping[str, Any], id_: str) -> dict[str, Any]:
        """The attributes of the whole widget that its primary input carries."""
        attributes = {
            name: shared[name]
            for name in ("required", "aria-invalid", "aria-describedby")
            if name in shared and not (name == "aria-invalid" and self.faulty)
        }
        if "aria-describedby" in attributes:
            # The admin names the help text after the input that the label is for.
            attributes["aria-describedby"] = attributes["aria-describedby"].replace(
                f"{shared.get('id', '')}_helptext", f"{id_}_helptext"
            )
        return attributes


def _outdated(value: Any, primary: str) -> set[str]:
    """The languages whose words were made from other words than those of now."""
    if not isinstance(value, Mapping):
        return set()
    source = digest_of(value.get(primary, ""))
    return {
        language
        for language, made_from in value.get("_from", {}).items()
        if made_from != source
    }


def _moved_on(language: str, now: str) -> ValidationError:
    sentence = (
        _(
            "Somebody else saved the %(language)s text meanwhile: “%(now)s”. Yours "
            "stands here and is not saved yet: save again to put it in its place."
        )
        if now
        else _(
            "Somebody else took the %(language)s text away meanwhile. Yours stands here "
            "and is not saved yet: save again to keep it."
        )
    )
    named = {"language": dict(settings.LANGUAGES)[language], "now": now}
    return ValidationError(sentence, code="moved_on", params=named)


class TranslatedFormField(forms.Field):
    """Reads the inputs of TranslatedWidget; requires only the primary language. An input
    that nobody touched gives the words as they are now; one that somebody else changed,
    too, is refused.

    Gives the stored form; `empty_value` when nothing is typed. Where that is None ("as
    on the record"), a box to tick gives the empty text, which prints nothing."""

    widget: Any = TranslatedWidget

    def __init__(
        self,
        *,
        max_length: int = 300,
        multiline: bool = False,
        empty_value: Any = None,
        encoder: Any = None,
        decoder: Any = None,
        **options: Any,
    ) -> None:
        del encoder, decoder  # the model field's business
        self.max_length, self.multiline = max_length, multiline
        self.empty_value = empty_value
        self.primary = settings.LANGUAGE_CODE
        widget = options.pop("widget", None)
        if not isinstance(widget, TranslatedWidget):
            widget = TranslatedWidget(
                multiline=multiline,
                rows=3 if max_length <= 1000 else 9,
                can_be_none=empty_value is None,
            )
        super().__init__(widget=widget, **options)
        self.widget.attrs.setdefault("aria-label", capfirst(self.label or ""))

    def set_primary(self, language: str, needed: Sequence[str] = ()) -> None:
        """Makes `language` the one in sight and required; the text is to be in the
        `needed` ones."""
        self.primary = self.widget.primary = language
        self.widget.needed = needed

    def clean(self, value: Any, before: Mapping[str, Any] | None = None) -> Any:
        said, errors = self._read(merged(value or [], before))
        errors |= self._moved_on(value or [], before, errors)
        self.widget.faulty = set(errors)
        if errors:
            raise ValidationError(list(errors.values()))
        stored = edited(before, said, self.primary)
        if self.required and not stored.get(self.primary):
            raise ValidationError(
                _("Type the text in %(language)s, the main language."),
                code="required",
                params={"language": dict(settings.LANGUAGES)[self.primary]},
            )
        if not _is_none_ticked(value):
            return stored if words(stored) else self.empty_value
        if words(stored):
            raise ValidationError(
                _("Either type a text or tick “print none here”, not both."),
                code="text_and_none",
            )
        return {}

    def _read(self, value: Any) -> tuple[dict[str, str], dict[str, ValidationError]]:
        """The words typed and what is wrong with them, by language."""
        said: dict[str, str] = {}
        errors: dict[str, ValidationError] = {}
        for language, typed in zip(LANGUAGE_CODES, value or [], strict=False):
            try:
                said[language] = normalize(typed or "", multiline=self.multiline)
                _check_length(said[language], self.max_length, language)
            except ValidationError as error:
                errors[language] = error
        return said, errors

    def _moved_on(
        self,
        typed: Sequence[Any],
        before: Mapping[str, Any] | None,
        errors: Mapping[str, ValidationError],
    ) -> dict[str, ValidationError]:
        """The languages whose words were changed here and by somebody else, too."""
        seen: dict[str, str] | None = getattr(typed, "seen", None)
        former = words(before)
        if seen is None or not former:
            return {}
        return {
            language: _moved_on(language, former.get(language, ""))
            for language, said in zip(LANGUAGE_CODES, typed, strict=False)
            if language not in errors
            and seen.get(language, _NO_WORDS)
            not in {_digest_typed(said), _digest_typed(former.get(language))}
            and _digest_typed(said) != _digest_typed(former.get(language))
        }

    def bound_data(self, data: Any, initial: Any) -> Any:
        # What is shown again stands beside the row as it is now, and is saved over it.
        return merged(data, initial) if isinstance(data, list) else data

    def _clean_bound_field(self, bound: forms.BoundField) -> Any:
        # What a translation was made from is known only from the value before.
        return self.clean(bound.data, bound.initial)

    def has_changed(self, initial: Any, data: Any) -> bool:
        now = merged(data or [], initial)
        typed = {
            language: (said or "").strip().replace("\r\n", "\n")
            for language, said in zip(LANGUAGE_CODES, now, strict=False)
        }
        if _is_none_ticked(data) != (self.empty_value is None and initial == {}):
            return True
        return {k: v for k, v in typed.items() if v} != words(initial)


def _is_none_ticked(value: Any) -> bool:
    # The box follows the inputs of the six languages.
    return bool(value) and len(value) > len(LANGUAGE_CODES) and bool(value[-1])
