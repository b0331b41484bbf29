import datetime as dt

import pytest

from sessions_app.programme import (
    ConferenceEntry,
    Imprint,
    LineEntry,
    PersonEntry,
    Programme,
    ProgrammeUnreadable,
    Said,
    broken_off,
    colon_of,
    comma_of,
    edition_digest,
    enumeration_of,
    from_json,
    in_brackets,
    in_quotes,
    pick,
    semicolon_of,
    space_of,
)


def make(**changed):
    values = {
        "conference": ConferenceEntry(slug="ocean", title={"en": "Ocean"}),
        "slug": "first",
        "title": {"en": "First session"},
        "city": {"en": "Geneva"},
        "zone": "Europe/Zurich",
        "starts_on": dt.date(2027, 6, 21),
        "ends_on": dt.date(2027, 6, 22),
        "languages": ("en",),
        "primary_language": "en",
    }
    return Programme(**{**values, **changed})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"fr": "Déjeuner", "en": "Lunch", "ar": "غداء"}, Said("Déjeuner", "fr")),
        ({"en": "Lunch", "ar": "غداء"}, Said("Lunch", "en")),
        ({"es": "Almuerzo", "ru": "Обед"}, Said("Обед", "ru")),
        ({}, Said("", "fr")),
    ],
)
def test_pick_gives_the_words_and_the_language_they_are_in(text, said):
    assert pick(text, "fr", "en") == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "“A”, B (C); D: E, F …"),
        ("fr", "«\u00a0A\u00a0», B (C)\u00a0; D\u00a0: E, F …"),
        ("ru", "«A», B (C); D: E, F …"),
        ("es", "«A», B (C); D: E, F …"),
        ("ar", "«A»، B (C)؛ D: E، F …"),
        ("zh-hans", "“A”，B（C）；D：E、F……"),
        (None, "“A”, B (C); D: E, F …"),
    ],
)
def test_words_are_joined_with_the_punctuation_of_the_language(language, said):
    named = enumeration_of(language).join(("E", "F"))
    first = (
        f"{in_quotes('A', language)}{comma_of(language)}B{in_brackets('C', language)}"
    )
    last = f"D{colon_of(language)}{named}"

    assert broken_off(f"{first}{semicolon_of(language)}{last}", language) == said


def test_sentences_stand_apart_but_in_chinese():
    assert space_of("fr").join(("Un.", "Deux.")) == "Un. Deux."
    assert space_of("zh-hans").join(("一。", "二。")) == "一。二。"


def test_programme_comes_back_from_its_json():
    programme = make(theme={"en": "Waves"})

    assert from_json(programme.to_json()) == programme


def test_json_is_canonical_and_leaves_defaults_out():
    assert make().to_json() == (
        b'{"city":{"en":"Geneva"},"conference":{"slug":"ocean","title":{"en":"Ocean"}},'
        b'"ends_on":"2027-06-22","format":1,"languages":["en"],"primary_language":"en",'
        b'"slug":"first","starts_on":"2027-06-21","title":{"en":"First session"},'
        b'"zone":"Europe/Zurich"}'
    )


def test_programme_of_a_newer_release_is_refused():
    newer = make().to_json().replace(b'"format":1', b'"format":2')

    with pytest.raises(ProgrammeUnreadable, match="format"):
        from_json(newer)


def test_damaged_programme_is_refused():
    with pytest.raises(ProgrammeUnreadable):
        from_json(make().to_json()[:-10])


def test_sentence_comes_apart_into_words_and_people():
    ada, bo = (
        PersonEntry(code=code, name={"en": name}, printed={"en": name})
        for code, name in (("a", "Ada"), ("b", "Bo"))
    )
    line = LineEntry(
        code="x", layout="sentence", text={"en": "By {0} and {1}."}, people=(ada, bo)
    )

    assert line.parts("fr", "en") == (["By ", ada, " and ", bo, "."], "en")


def test_digest_of_an_edition_covers_programme_and_imprint():
    at = dt.datetime(2027, 6, 1, 12, tzinfo=dt.UTC)
    imprint = Imprint(number=1, as_at=at, issued_at=at)
    programme = make().to_value()

    digests = {
        edition_digest(programme, imprint),
        edition_digest(programme, imprint.model_copy(update={"label": "Rev.1"})),
        edition_digest(make(symbol="A/1").to_value(), imprint),
    }

    assert len(digests) == 3
