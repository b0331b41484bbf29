"""The words of the interface in six languages: what the code and the templates say, and
the catalogues (GNU gettext) in config/locale that say it in the other languages.

English is the language of the sources: its catalogue would repeat them, so there is
none. `manage.py catalogues` brings the other five up to date."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

FOLDER = Path(settings.BASE_DIR) / "config" / "locale"
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES if code != "en")

# The plural rules as Django's own catalogues state them; Arabic's last two are those of
# 11 to 99 and of 100 to 102.
_PLURAL_FORMS = {
    "ar": (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
        "n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);"
    ),
    "zh-hans": "nplurals=1; plural=0;",
    "fr": "nplurals=2; plural=(n > 1);",
    "ru": (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "
        "(n%100<12 || n%100>14) ? 1 : 2);"
    ),
    "es": "nplurals=2; plural=(n != 1);",
}
# No date: a catalogue changes with its words alone.
_HEADER = """\
# Rostrum in {name}.
msgid ""
msgstr ""
"Project-Id-Version: Rostrum\\n"
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
_NO_DATE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
# Each kind of call, with the places of its words.
_CALLS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_later": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_SOURCES = (("config", "*.py"), ("sessions_app", "*.py"), ("speakers", "*.py"))
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def catalogue_path(language: str) -> Path:
    """The catalogue of a language; the compiled one stands beside it (.mo)."""
    return FOLDER / to_locale(language) / "LC_MESSAGES" / "django.po"


@cache
def said_in_sources() -> Catalog:
    """Every message that the code and the templates say, with the places where they
    do (path without line, so that a catalogue changes with its words alone)."""
    said = Catalog(fuzzy=False)
    for path, source in _sources():
        place = path.relative_to(settings.BASE_DIR).as_posix()
        found = extract("python", io.BytesIO(source.encode()), _CALLS, ["Translators:"])
        for _line, words, comments, context in found:
            known = said.get(
                words if isinstance(words, str) else words[0], context=context
            )
            places: list[Any] = [(place, None), *(known.locations if known else [])]
            said.add(
                words,
                locations=sorted(set(places)),
                auto_comments=comments,
                context=context,
            )
    return said


def _sources() -> Iterator[tuple[Path, str]]:
    """Python as it is, and templates as Python that makes the same calls."""
    root = Path(settings.BASE_DIR)
    for folder, pattern in _SOURCES:
        for path in sorted((root / folder).rglob(pattern)):
            if "migrations" not in path.parts:
                yield path, path.read_text()
    for path in sorted((root / "templates").rglob("*.html")):
        calls = templatize(path.read_text(), origin=str(path))
        # The indents of a template are none of Python's.
        yield path, "\n".join(line.strip() for line in calls.splitlines())


def read_catalogue(language: str) -> Catalog:
    """The catalogue of a language as it is kept; an empty one where there is none."""
    path = catalogue_path(language)
    kept = path.read_bytes() if path.exists() else _header(language).encode()
    return read_po(io.BytesIO(kept), locale=to_locale(language), abort_invalid=True)


def brought_up_to_date(language: str) -> Catalog:
    """The catalogue of a language with all that the sources say now: what they no
    longer say is left out, what is new is empty."""
    kept, fresh = read_catalogue(language), _new_catalogue(language)
    for message in _messages(said_in_sources()):
        known = kept.get(_key(message), context=message.context)
        is_plural = isinstance(message.id, tuple)
        known_is_alike = known is not None and isinstance(known.id, tuple) is is_plural
        fresh.add(
            message.id,
            known.string if known and known_is_alike else None,
            locations=message.locations,
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known else (),
            context=message.context,
        )
    return fresh


def in_po(catalogue: Catalog, language: str) -> bytes:
    """The catalogue as translators edit it: UTF-8, in the order of its sources."""
    written = io.BytesIO()
    write_po(written, catalogue, width=88, omit_header=True, include_lineno=False)
    return _header(language).encode() + written.getvalue()


def in_mo(catalogue: Catalog) -> bytes:
    """The catalogue as Django reads it; the same bytes for the same words."""
    catalogue.creation_date = catalogue.revision_date = _NO_DATE
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def update(language: str) -> None:
    """Writes the catalogue of a language, and the compiled one beside it."""
    path, catalogue = catalogue_path(language), brought_up_to_date(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(in_po(catalogue, language))
    path.with_suffix(".mo").write_bytes(in_mo(read_catalogue(language)))


def faults_of(language: str) -> list[str]:
    """What a catalogue lacks, a sentence for each: words that are not translated,
    placeholders dropped or invented, words that the sources no longer say, and a
    compiled catalogue that says something else."""
    return [
        *untranslated_in(language),
        *misfilled_in(language),
        *left_over_in(language),
        *compiled_otherwise(language),
    ]


def untranslated_in(language: str) -> list[str]:
    """What the sources say and a catalogue does not."""
    return [
        f"not translated: {_named(message)}"
        for message in _messages(brought_up_to_date(language))
        if not _is_translated(message)
    ]


def misfilled_in(language: str) -> list[str]:
    """Translations that drop or invent a placeholder, or begin with another space."""
    return [
        fault
        for message in _messages(brought_up_to_date(language))
        if _is_translated(message)
        for fault in misfilled(message, language)
    ]


def left_over_in(language: str) -> list[str]:
    """What a catalogue says and the sources no longer do."""
    said = {
        (_key(message), message.context) for message in _messages(said_in_sources())
    }
    return [
        f"no longer said: {_named(message)}"
        for message in _messages(read_catalogue(language))
        if (_key(message), message.context) not in said
    ]


def compiled_otherwise(language: str) -> list[str]:
    """Whether the compiled catalogue is another one than that which is edited."""
    compiled = catalogue_path(language).with_suffix(".mo")
    kept = in_mo(read_catalogue(language))
    if compiled.exists() and compiled.read_bytes() == kept:
        return []
    return ["not compiled: run manage.py catalogues"]


def _is_translated(message: Message) -> bool:
    strings = _forms(message.string)
    return bool(strings) and all(strings) and not message.fuzzy


def misfilled(message: Message, language: str) -> Iterator[str]:
    """What a translation fills in otherwise than its message, a sentence for each."""
    ids, strings = _forms(message.id), _forms(message.string)
    wanted = placeholders_in(ids[-1])
    for place, string in enumerate(strings):
        found = placeholders_in(string)
        dropped = wanted - found
        is_named = all(name.startswith("%(") for name in dropped)
        if (
            len(dropped) == 1
            and is_named
            and _says_the_number(place, strings, language)
        ):
            dropped = set()
        if dropped or found - wanted:
            yield f"placeholders {sorted(wanted)} are {sorted(found)}: {string!r}"
        if string[:1].isspace() != ids[0][:1].isspace():
            yield f"begins otherwise than {ids[0]!r}: {string!r}"


def placeholders_in(words: str) -> set[str]:
    """What is filled in: "%(count)d", "%s", "{people}"."""
    return set(_PLACEHOLDER.findall(words.replace("%%", "")))


def _says_the_number(place: int, forms: Sequence[str], language: str) -> bool:
    """Whether the form at `place` is the plural form of one number alone: "a change".
    What is filled in by its place, not by a name, must be in every form all the same:
    Python refuses what it has no place for."""
    if len(forms) == 1:
        return False
    rule = c2py(_new_catalogue(language).plural_expr)
    return sum(rule(number) == place for number in range(200)) == 1


def _forms(words: Any) -> tuple[str, ...]:
    """The singular and the plurals, or the one form that there is."""
    return words if isinstance(words, tuple) else (words or "",)


def _key(message: Message) -> str:
    return _forms(message.id)[0]


def _named(message: Message) -> str:
    """The words of a message, and behind them what they are said of."""
    of = f" ({message.context})" if message.context else ""
    return f"{_key(message)!r}{of}"


def _messages(catalogue: Catalog) -> list[Message]:
    """Without the header, whose words are none."""
    return [message for message in catalogue if message.id]


def _header(language: str) -> str:
    return _HEADER.format(
        name=Locale.parse(to_locale(language)).english_name,
        locale=to_locale(language),
        plural_forms=_PLURAL_FORMS[language],
    )


def _new_catalogue(language: str) -> Catalog:
    return read_po(io.BytesIO(_header(language).encode()), locale=to_locale(language))
