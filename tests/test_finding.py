"""Finding slots: words without accents in six scripts and languages, and filters."""

import pytest

from sessions_app.finding import (
    LONGEST,
    Asked,
    Index,
    asked_in,
    indexed,
    is_in,
    matching,
    runs_of,
)
from sessions_app.programme import DocumentEntry, LineEntry
from tests.factories import (
    make_full_programme,
    make_person_entry,
    make_programme,
    make_slot_entry,
)


def found(programme, language, words="", **filters):
    """The codes of the slots that are found, in printed order."""
    index = Index(programme, language)
    chosen = [index.choice(name, value) for name, value in filters.items()]
    codes = matching(index, words, chosen)
    return [slot.code for slot in programme.slots if slot.code in codes]


def one_slot(**changed):
    day = make_programme().days[0]
    slots = (make_slot_entry(**changed),)
    return make_programme(days=(day.model_copy(update={"slots": slots}),))


# --- Words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("gomez", "Gómez Camacho"),
        ("GÓMEZ CAM", "Gómez Camacho"),
        ("lodz", "Łódź"),
        ("malmo", "Malmø"),
        ("strasse", "Straße"),
        ("oeuvre", "Œuvre"),
        ("ｆｉｎａｎｃｅ", "Finance"),
        ("99 2", "A/CONF.99/2"),
        ("A/CONF.99/2", "A/CONF.99/2"),
        ("cote divoire", "Côte d\u00adIvoire"),
        ("ноябрь елкин", "Ёлкин, ноябрь"),
        ("йорк", "Нью-Йорк"),
        # Vowel signs, tatweel, forms of alef, ya, ta marbuta; a joined article.
        ("الامم", "الأُمَم"),
        ("مستشفي", "مستشفى"),
        ("هجره", "الهجـــرة"),
        ("مناخ", "والمناخ"),
        ("مسوول", "مسؤول"),
        ("移民", "国际移民合作"),
        ("第1次", "第1次会议"),
        ("covid 疫情", "新冠COVID疫情"),
    ],
)
def test_words_are_found_however_they_are_typed(typed, printed):
    assert is_in(runs_of(typed), indexed([printed]))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        # By the beginning of a word, where a script parts words.
        ("man", "Human rights"),
        ("гранты", "мигранты"),
        ("1", "21"),
        # All of what is typed.
        ("gomez lauber", "Gómez Camacho"),
        ("移法", "移民法"),
    ],
)
def test_other_words_are_not_found(typed, printed):
    assert not is_in(runs_of(typed), indexed([printed]))


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("minutes", ["s0930"]),
        ("panel 1", ["s0930"]),
        ("bay wait", ["s0930"]),
        ("sound the alarm", ["s0930"]),
        ("A/CONF.99/3", ["s0930"]),
        ("background", ["s0930"]),
        ("diaz", ["s0930"]),
        ("ambassador", ["s0930"]),
        ("chile", ["s0930"]),
        ("canada", ["s0930"]),
        ("institute", ["s0930"]),
        ("palais wilson", ["group2"]),
        ("overview", ["reports"]),
        ("ada", ["s0900", "s0930", "reports"]),
        ("side events", ["s1200"]),
        ("conclusion of the reports", ["closing"]),
        ("عمر", []),
        ("nothing of this", []),
    ],
)
def test_all_that_a_slot_says_is_searched(typed, codes):
    assert found(make_full_programme(), "en", typed) == codes


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        # In Arabic, in Latin letters, and what is in the main language alone.
        ("دياز", ["s0930"]),
        ("diaz omar", ["s0930"]),
        ("شيلى", ["s0930"]),
        ("welcome remarks", ["s0900"]),
        ("ورقه", ["s0930"]),
        ("Opening", []),
    ],
)
def test_words_are_those_of_the_page_and_names_in_latin_letters_too(typed, codes):
    assert found(make_full_programme(), "ar", typed) == codes


def test_who_is_only_meant_is_found():
    meant = make_person_entry("Omar Diaz", state={"en": "Chile"})
    line = LineEntry(code="all", text={"en": "The moderators"}, referred=(meant,))
    programme = one_slot(lines=(line,))

    assert found(programme, "en", "diaz") == ["s1000"]
    assert found(programme, "en", of="Chile") == ["s1000"]
    assert found(programme, "en", person="omar-diaz") == ["s1000"]


def test_what_only_a_machine_reads_is_not_searched():
    programme = one_slot(
        text={
            "en": "1. See [the **annex**](https://example.org/secret)\n2. Then &amp;"
        },
        documents=(
            DocumentEntry(title={"en": "Paper"}, address="https://example.org/paper1"),
        ),
    )

    line = Index(programme, "en").lines["s1000"].split()

    assert line == ["statements", "see", "the", "annex", "then", "room", "xix", "paper"]


def test_what_the_row_says_is_not_told_again():
    index = Index(make_full_programme(), "en")

    assert {code: runs for code, runs in index.unseen.items() if runs} == {
        "s0930": "conf 99 3 background paper glossary canada institute sea"
    }


# --- Filters --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ({"day": "2"}, ["reports", "closing"]),
        ({"room": "annex"}, ["group2"]),
        ({"kind": "lunch"}, ["s1200"]),
        ({"person": "ada-lund"}, ["s0900", "s0930", "reports"]),
        ({"of": "Canada"}, ["s0930"]),
        ({"of": "شيلي"}, ["s0930"]),
        ({"of": "institute of the SEA"}, ["s0930"]),
        ({"interpretation": "ru"}, ["s0900"]),
        ({"person": "ada-lund", "day": "2"}, ["reports"]),
        ({"person": "ada-lund", "interpretation": "fr"}, ["s0900"]),
        ({"room": "annex", "day": "2"}, []),
    ],
)
def test_filters_leave_what_they_name_and_combine(filters, codes):
    assert found(make_full_programme(), "en", **filters) == codes


def test_pauses_are_hidden_by_a_person_a_state_and_a_kind_and_not_by_a_day():
    programme = make_full_programme()

    assert "s1200" in found(programme, "en", day="1")
    for filters in ({"person": "ada-lund"}, {"of": "Chile"}, {"kind": "panel"}):
        assert "s1200" not in found(programme, "en", **filters)


def test_a_slot_shows_with_the_one_that_it_is_part_of():
    assert found(make_full_programme(), "en", "coffee") == ["group2", "inner"]
    assert found(make_full_programme(), "en", "borders") == ["group2"]


def test_a_circle_of_parts_ends():
    slots = (
        make_slot_entry("09:00", code="one", part_of="two"),
        make_slot_entry("10:00", code="two", part_of="one", title={"en": "Sirens"}),
    )
    day = make_programme().days[0].model_copy(update={"slots": slots})

    assert found(make_programme(days=(day,)), "en", "sirens") == ["one", "two"]


def test_only_what_changed_is_left():
    index = Index(make_full_programme(), "en")

    changed = frozenset({"s0930", "closing"})

    assert matching(index, "", [], changed) == changed
    assert matching(index, "panel", [], changed) == {"s0930"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("day", "3"), ("day", "²"), ("room", "hall2"), ("kind", "keynote")),
        *(("person", "ms-ada"), ("of", "Chil"), ("of", ""), ("interpretation", "de")),
    ],
)
def test_what_is_not_in_the_programme_is_no_choice(name, value):
    assert Index(make_full_programme(), "en").choice(name, value) is None


def test_a_code_of_old_means_the_person():
    person = make_person_entry(former_codes=("older",))
    line = LineEntry(code="all", people=(person,))

    assert found(one_slot(lines=(line,)), "en", person="older") == ["s1000"]


def test_a_state_is_one_choice_whatever_its_translations():
    people = (
        make_person_entry("Omar Diaz", state={"en": "Chile", "ar": "شيلي"}),
        make_person_entry("Eva Paz", state={"en": "CHILE"}),
    )
    index = Index(one_slot(lines=(LineEntry(code="all", people=people),)), "ar")

    (choice,) = index.choices["of"]

    assert (choice.value, choice.slots) == ("شيلي", {"s1000"})


# --- What an address asks for ---------------------------------------------------------


def test_a_query_is_read_by_its_names():
    asked = asked_in(
        {"q": "  two \n words ", "day": "2", "since": "1", "room": "", "utm": "x"}
    )

    assert asked == Asked("two words", {"day": "2"}, "1")
    assert asked.is_anything


@pytest.mark.parametrize("query", [{}, {"q": " "}, {"q": "…"}, {"utm": "x"}])
def test_a_query_may_ask_for_nothing(query):
    assert not asked_in(query).is_anything


def test_a_query_is_bounded_and_says_so():
    asked = asked_in({"q": "a" * (LONGEST + 1), "of": "b" * (LONGEST + 1)})

    assert asked == Asked("a" * LONGEST, {"of": "b" * LONGEST}, "", is_cut=True)
