"""The alphabetical order of names in an index, in each official language.

- Accents and capitals do not count, but between two names that are the same without
  them. In Spanish ñ comes after n; in Russian ё
  counts without its points, and й comes after и.
- In Arabic the letters come in their order, forms of alef, hamza, ya and ta marbuta
  together, and the article "ال" that begins a name does not count.
- Chinese names come by their pinyin, among the Latin letters.
- A name in another script comes after all names in the script of the language.

People are looked up by family name. In English, French and Spanish that is the
record's. In Arabic, Chinese and Russian it is sought in the printed name, where it stands
as in Latin letters: as many words at the end, or at the beginning where the family name
comes first. A Chinese name without a point between its parts begins with it. Where a
person has no name in the script of the language, the record's name sorts.

No library that is well kept and needs no compiler sorts by language (pyuca rests since
2017 and knows no language's own rules, PyICU is compiled); pypinyin reads Chinese."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple, TypeVar

from sessions_app.finding import FOLDED
from sessions_app.programme import PersonEntry, Programme

# After n, before o; after и, before к.
_OWN_LETTERS = {"es": ("ñ", "n\uffff"), "ru": ("й", "и\uffff")}
_ARTICLE = re.compile("^ال(?=..)")
_LATIN_ARTICLES = {"al", "el"}
_HAN = re.compile("[\u3400-\u9fff]")
_PARTS_OF_NAME = re.compile(r"[\s·•・]+")
# As family names, which are read otherwise than the words that they are written like.
_FAMILY_READINGS = dict(
    zip(
        "曾单解仇区查朴任华翟缪盖乐折尉种繁员",
        [
            "zeng",
            "shan",
            "xie",
            "qiu",
            "ou",
            "zha",
            "piao",
            "ren",
            "hua",
            "zhai",
            "miao",
            "ge",
            "yue",
            "she",
            "yu",
            "chong",
            "po",
            "yun",
        ],
        strict=True,
    )
)
# The scripts of names, as the first word of the names of their letters.
_SCRIPTS = {"ar": "ARABIC", "zh-hans": "LATIN", "ru": "CYRILLIC"}

Key = tuple[int, str, str, str]
Sorted = TypeVar("Sorted")


class Letter(NamedTuple):
    """A part of an index: the letter under which it stands, and what stands there."""

    letter: str
    entries: list[object]


def key_of(name: str, language: str) -> Key:
    """What sorts a name as an index in the language does."""
    read = _in_pinyin(name) if language == "zh-hans" else name
    first = _letters(read, language)
    script = _SCRIPTS.get(language, "LATIN")
    is_foreign = not _script_of(first).startswith(script)
    return (int(is_foreign), first, read.casefold(), name)


def letter_of(name: str, language: str) -> str:
    """The letter under which a name stands in an index in the language; "" for what
    begins with none."""
    first = key_of(name, language)[1][:2]
    if first == _OWN_LETTERS.get(language, ("", ""))[1]:
        return _OWN_LETTERS[language][0].upper()
    return first[:1].upper() if first[:1].isalpha() else ""


def in_order(
    entries: Iterable[Sorted], name_of: Callable[[Sorted], str], language: str
) -> list[Sorted]:
    """Entries of an index in the language, by what `name_of` tells of each."""
    return sorted(entries, key=lambda entry: key_of(name_of(entry), language))


def by_letter(
    entries: Iterable[Sorted], name_of: Callable[[Sorted], str], language: str
) -> list[Letter]:
    """Entries that are in order, under their letters."""
    letters: list[Letter] = []
    for entry in entries:
        letter = letter_of(name_of(entry), language)
        if not letters or letters[-1].letter != letter:
            letters.append(Letter(letter, []))
        letters[-1].entries.append(entry)
    return letters


def index_name(person: PersonEntry, programme: Programme, language: str) -> str:
    """The name of a person as an index in the language sorts it, the family name
    first: "Gómez Camacho, Juan José"."""
    recorded = person.sort_name or programme.said(person.name, language).text
    printed = person.name.get(language, "")
    if language not in _SCRIPTS or _script_of(printed) in {"", "LATIN"}:
        return recorded
    words = _PARTS_OF_NAME.split(printed)
    if language == "zh-hans" and len(words) == 1:
        return printed
    first, last = _family_of(person, len(words))
    family = words[first:last]
    given = words[:first] + words[last:]
    return ", ".join(filter(None, (" ".join(family), " ".join(given))))


def _family_of(person: PersonEntry, words: int) -> tuple[int, int]:
    """Which of the words of a printed name are the family name."""
    family = person.sort_name.partition(",")[0].split()
    latin = person.name.get("en", "").split()
    count = sum(word.casefold() not in _LATIN_ARTICLES for word in family) or 1
    if count >= words:
        return 0, words
    if family and latin[: len(family)] == family:
        return 0, count
    return words - count, words


def _letters(name: str, language: str) -> str:
    own, written = _OWN_LETTERS.get(language, ("", ""))
    small = unicodedata.normalize("NFC", name.casefold())
    if own:
        small = small.replace(own, written)
    plain = unicodedata.normalize("NFKD", small).translate(FOLDED)
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    if language == "ar":
        plain = _ARTICLE.sub("", plain)
    # "O’Brien" is with "Obrien", "Saint-Just" with "Saint Just".
    plain = re.sub("['’`ʼ]", "", plain)  # noqa: RUF001
    plain = re.sub("[-\u2010-\u2015\\s]+", " ", plain).strip()
    # Who shares a family name comes before those whose family name goes on.
    return plain.replace(", ", "\x01")


def _script_of(name: str) -> str:
    for letter in name:
        if letter.isalpha():
            return unicodedata.name(letter, "").split(" ")[0]
    return ""


@lru_cache(maxsize=4096)
def _in_pinyin(name: str) -> str:
    """A name with the reading of each Chinese character in Latin letters."""
    if not _HAN.search(name):
        return name
    # Inside: its dictionary takes 14 MB, and most processes never read Chinese; that of
    # phrases, which takes most of a second, is not needed for names.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    family = _FAMILY_READINGS.get(name[0])
    # Characters that are read alike come together: a space ends each.
    return " ".join(
        [*([family] if family else []), *lazy_pinyin(name[1:] if family else name)]
    )
