"""The order of names in an index, as each official language sorts."""

import pytest

from sessions_app.outputs.alphabet import (
    by_letter,
    in_order,
    index_name,
    letter_of,
)
from tests.factories import make_person_entry, make_programme


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["Eaton", "Émond", "Ezra", "Łoś", "Lund", "Ødegaard", "Ong", "Ōta"]),
        ("en", ["Gómez, Ana", "Gomez, Luis", "Gómez Camacho, Juan", "Gomezov"]),
        ("en", ["O’Brien, Ann", "Obrien, Zoe", "Saint-Just, A", "Saint Just, B"]),
        ("fr", ["Cote", "Coté", "Côté", "Coteau", "Œuvre", "Ogier"]),
        ("es", ["Nunez", "Núñez", "Nuzco", "Ñandú", "Oca"]),
        ("en", ["Ñandú", "Nunez", "Oca"]),
        ("ru", ["Ежов", "Ёлкин", "Ельцин", "Иванов", "Йорк", "Кот", "Lund"]),
        (
            "ar",
            ["إبراهيم", "أحمد", "البرادعي", "جابر", "السيد", "هاشم", "ياسين", "Lund"],
        ),
        ("zh-hans", ["Abel", "埃尔南德斯", "王", "Zapata", "曾伟", "张"]),
        ("en", ["Lund", "Zoe", "Елкин", "王"]),
    ],
)
def test_names_are_in_the_order_of_the_language(language, names):
    assert in_order(names[::-1], str, language) == names


@pytest.mark.parametrize(
    ("name", "language", "letter"),
    [
        *(("Émond", "fr", "E"), ("Ñandú", "es", "Ñ"), ("Ñandú", "en", "N")),
        *(("Ёлкин", "ru", "Е"), ("Йорк", "ru", "Й"), ("السيد", "ar", "س")),
        *(("曾伟", "zh-hans", "Z"), ("单", "zh-hans", "S"), ("4th", "en", "")),
    ],
)  # fmt: skip
def test_a_name_stands_under_its_letter(name, language, letter):
    assert letter_of(name, language) == letter


def test_entries_are_put_under_letters():
    names = in_order(["Ong", "Émond", "Eaton"], str, "en")

    assert by_letter(names, str, "en") == [("E", ["Eaton", "Émond"]), ("O", ["Ong"])]


@pytest.mark.parametrize(
    ("language", "name", "sort_name", "printed", "sorted_as"),
    [
        ("fr", "Ada Lund", "Lund, Ada", "Ada Lund", "Lund, Ada"),
        # Two words of four, as in Latin letters.
        ("ru", "Juan José Gómez Camacho", "Gómez Camacho, Juan José",
        "Хуан Хосе Гомес Камачо", "Гомес Камачо, Хуан Хосе"),
        ("zh-hans", "Juan José Gómez Camacho", "Gómez Camacho, Juan José",
        "胡安·何塞·戈麦斯·卡马乔", "戈麦斯 卡马乔, 胡安 何塞"),
        ("ar", "Rashid Al Harthy", "Al Harthy, Rashid", "راشد الحارثي",
        "الحارثي, راشد"),
        # The family name comes first.
        ("zh-hans", "Wang Wei", "Wang, Wei", "王伟", "王伟"),
        ("ru", "Wang Wei", "Wang, Wei", "Ван Вэй", "Ван, Вэй"),
        ("ru", "Pelé", "Pelé", "Пеле", "Пеле"),
        # Nothing is printed in the script of the language.
        ("ru", "Ada Lund", "Lund, Ada", "", "Lund, Ada"),
        ("zh-hans", "Ada Lund", "Lund, Ada", "Ada Lund", "Lund, Ada"),
        ("en", "Ada Lund", "", "", "Ada Lund"),
    ],
)  # fmt: skip
def test_people_are_looked_up_by_family_name(
    language, name, sort_name, printed, sorted_as
):
    names = {"en": name} | ({language: printed} if printed else {})
    person = make_person_entry(name=names, sort_name=sort_name)

    assert index_name(person, make_programme(), language) == sorted_as
