import pytest
from django import forms
from django.core.exceptions import ValidationError

from sessions_app.models import Line, Slot
from sessions_app.translated import (
    LANGUAGE_CODES,
    TranslatedField,
    TranslatedFormField,
    digest_of,
    direction,
    edited,
    normalize,
    text,
    translated,
    words,
)
from tests.rows import make_day, make_session, make_slot

NOTHING = dict.fromkeys(LANGUAGE_CODES, "")


def typed(**said):
    """What the six inputs send, in the organization's order."""
    values = NOTHING | {name.replace("_", "-"): value for name, value in said.items()}
    return [values[code] for code in LANGUAGE_CODES]


def form_with(field, before=None, data=None):
    """A form of one text, as a page builds it."""

    class TitleForm(forms.Form):
        title = field

    posted = None
    if data is not None:
        posted = {
            f"title_{code}": said
            for code, said in zip([*LANGUAGE_CODES, "none"], data, strict=False)
            if said
        }
    return TitleForm(posted, initial={"title": before})


# --- The stored form ---


def test_languages_stand_in_the_order_of_the_organization():
    assert LANGUAGE_CODES == ("ar", "zh-hans", "en", "fr", "ru", "es")
    assert [direction(code) for code in LANGUAGE_CODES] == [
        "rtl",
        "ltr",
        "ltr",
        "ltr",
        "ltr",
        "ltr",
    ]


def test_text_names_languages_and_what_each_translation_was_made_from():
    stored = text("Lunch", fr="Déjeuner", zh_hans="午餐")

    assert stored == {
        "en": "Lunch",
        "fr": "Déjeuner",
        "zh-hans": "午餐",
        "_from": {"fr": digest_of("Lunch"), "zh-hans": digest_of("Lunch")},
    }
    assert words(stored) == {"en": "Lunch", "fr": "Déjeuner", "zh-hans": "午餐"}


def test_empty_words_are_not_stored():
    assert translated({"en": "Lunch", "fr": ""}, "en") == {"en": "Lunch"}


def test_a_translation_that_stays_keeps_what_it_was_made_from():
    before = text("Lunch", fr="Déjeuner") | {"_revised": ["fr"]}

    after = edited(before, {"en": "Light lunch", "fr": "Déjeuner"}, "en")

    assert after == {
        "en": "Light lunch",
        "fr": "Déjeuner",
        "_from": {"fr": digest_of("Lunch")},
        "_revised": ["fr"],
    }


def test_a_translation_that_changes_is_made_from_the_words_of_now_and_not_revised():
    before = text("Lunch", fr="Déjeuner") | {"_revised": ["fr"]}

    after = edited(before, {"en": "Light lunch", "fr": "Déjeuner léger"}, "en")

    assert after == {
        "en": "Light lunch",
        "fr": "Déjeuner léger",
        "_from": {"fr": digest_of("Light lunch")},
    }


# --- Text in ---


def test_text_is_kept_in_form_nfc_trimmed_and_with_plain_line_ends():
    assert normalize("  Ju\u0308rg\r\n") == "Jürg"
    assert normalize("one\ttwo\nthree") == "one two three"
    assert normalize("one\r\n\r\ntwo\r", multiline=True) == "one\n\ntwo"
    assert normalize("نص\u200f عربي\u200c") == "نص\u200f عربي\u200c"


@pytest.mark.parametrize(
    ("character", "code"),
    [
        ("\u202e", "reordering"),
        ("\u2066", "reordering"),
        ("\u202a", "reordering"),
        ("\x00", "unprinted"),
        ("\x1b", "unprinted"),
        ("\x85", "unprinted"),
        ("\u2028", "unprinted"),
        ("\ufeff", "unprinted"),
        ("\ud800", "unprinted"),
    ],
)
def test_a_character_that_cannot_be_printed_is_named_with_its_place(character, code):
    with pytest.raises(ValidationError) as caught:
        normalize(f"Ada{character}Lund")

    assert caught.value.code == code
    assert "Character 4" in caught.value.messages[0]
    assert f"U+{ord(character):04X}" in caught.value.messages[0]


def test_the_models_field_refuses_another_language_and_too_long_a_text():
    field = TranslatedField("title", max_length=10)

    with pytest.raises(ValidationError, match="“de” is not one of the six languages"):
        field.clean({"de": "Mittagessen"}, None)
    with pytest.raises(ValidationError, match="has 11 characters; at most 10"):
        field.clean({"fr": "x" * 11}, None)


# --- The form field ---


def test_the_primary_language_is_required_and_no_other():
    field = TranslatedFormField(label="title")

    assert field.clean(typed(en="Lunch")) == {"en": "Lunch"}
    with pytest.raises(ValidationError, match="Type the text in English"):
        field.clean(typed(fr="Déjeuner"))


def test_another_primary_language_is_required_in_its_place():
    field = TranslatedFormField(label="title")
    field.set_primary("fr")

    assert field.clean(typed(fr="Déjeuner", en="Lunch")) == {
        "fr": "Déjeuner",
        "en": "Lunch",
        "_from": {"en": digest_of("Déjeuner")},
    }
    with pytest.raises(ValidationError, match="Type the text in French"):
        field.clean(typed(en="Lunch"))


def test_every_wrong_language_is_told_at_once_by_name():
    field = TranslatedFormField(label="title", max_length=5)

    with pytest.raises(ValidationError) as caught:
        field.clean(typed(en="Luncheon", fr="Déjeuner"))

    assert caught.value.messages == [
        (
            "The text in English has 8 characters; at most 5 are printed here. "
            "Shorten it by 3."
        ),
        (
            "The text in French has 8 characters; at most 5 are printed here. "
            "Shorten it by 3."
        ),
    ]


def test_a_wrong_translation_is_unfolded_marked_and_kept_as_typed():
    form = form_with(
        TranslatedFormField(label="title", max_length=5),
        data=typed(en="Lunch", fr="Déjeuner"),
    )

    assert not form.is_valid()
    page = str(form["title"])
    assert '<details class="translated-others" open>' in page
    assert page.count('aria-invalid="true"') == 1
    assert 'value="Déjeuner"' in page


def test_an_unchanged_text_is_not_changed_and_keeps_all_that_is_known_of_it():
    before = text("Lunch", fr="Déjeuner") | {"_revised": ["fr"]}
    form = form_with(
        TranslatedFormField(label="title"), before, typed(en="Lunch", fr="Déjeuner")
    )

    assert form.is_valid()
    assert not form.has_changed()
    assert form.cleaned_data["title"] == before


def test_an_empty_text_is_what_the_column_calls_empty():
    optional = TranslatedFormField(required=False, empty_value={})
    as_on_record = TranslatedFormField(required=False, empty_value=None)

    assert optional.clean(typed()) == {}
    assert as_on_record.clean(typed()) is None


def test_nothing_in_place_of_the_record_is_a_box_to_tick():
    field = TranslatedFormField(required=False, empty_value=None)

    assert field.clean([*typed(), "on"]) == {}
    assert field.clean([*typed(), ""]) is None
    assert field.has_changed({}, [*typed(), "on"]) is False
    assert field.has_changed({}, [*typed(), False]) is True
    assert field.has_changed(None, [*typed(), "on"]) is True
    with pytest.raises(ValidationError, match="not both"):
        field.clean([*typed(en="Mr."), "on"])


def test_a_line_that_prints_no_honorific_still_prints_none_after_its_form(db):
    field = Line._meta.get_field("honorific").formfield()
    form = form_with(field, {}, [*typed(), "on"])

    assert 'name="title_none"' in str(form_with(field, {})["title"])
    assert "checked" in str(form_with(field, {})["title"])
    assert form.is_valid()
    assert form.cleaned_data["title"] == {}


# --- The widget ---


def test_each_input_has_its_language_direction_and_a_name_of_its_own():
    page = str(form_with(TranslatedFormField(label="title"))["title"])

    for code, name in [("ar", "العربية"), ("zh-hans", "中文"), ("en", "English")]:
        assert f'name="title_{code}"' in page
        assert f'lang="{code}"' in page
        assert f'aria-label="Title, {name}"' in page
    assert page.count('dir="rtl"') == 1
    assert page.count(" required") == 1


def test_the_label_and_the_help_belong_to_the_primary_input():
    form = form_with(TranslatedFormField(label="title", help_text="Heads the note."))
    form.fields["title"].set_primary("fr")

    place = LANGUAGE_CODES.index("fr")
    assert f'for="id_title_{place}"' in form["title"].label_tag()
    page = str(form["title"])
    assert page.count("aria-describedby") == 1
    assert f'aria-describedby="id_title_{place}_helptext"' in page
    assert page.index('name="title_fr"') < page.index("<details")


def test_the_folded_languages_say_what_is_translated_and_what_is_older():
    stored = text("Lunch", fr="Déjeuner", ru="Обед")
    stored["en"] = "Light lunch"
    stored["_from"]["ru"] = digest_of("Light lunch")

    page = str(form_with(TranslatedFormField(label="title"), stored)["title"])

    assert page.count("✓") == 1
    assert page.count("⚠") == 1
    assert page.index("Français</bdi>") < page.index("⚠") < page.index("✓")


def test_the_folded_languages_say_what_is_revised_and_what_is_missing():
    field = TranslatedFormField(label="title")
    field.set_primary("en", ["ar", "en", "fr"])
    stored = {**text("Lunch", fr="Déjeuner"), "_revised": ["fr"]}

    page = str(form_with(field, stored)["title"])

    assert page.count("✓✓") == page.count("> revised</span>") == 1
    # Of those that are not filled, one is a language of the session.
    assert page.count("○") == page.count("> missing</span>") == 1


# --- What somebody else saved while a form was open ---

SHOWN = text("Lunch", fr="Déjeuner", ru="Обед")
# What the page said that its inputs held.
SEEN = " ".join(f"{code}:{digest_of(said)}" for code, said in words(SHOWN).items())


def sent(now, seen=SEEN, **changed):
    """The form of a text as it came back, over what is saved by now."""
    said = {"title_en": "Lunch", "title_fr": "Déjeuner", "title_ru": "Обед"}
    field = TranslatedFormField(label="title", empty_value={})
    form = form_with(field, now, []).__class__(
        said | {"title_seen": seen} | changed, initial={"title": now}
    )
    form.is_valid()
    return form


def test_a_page_says_what_its_inputs_held():
    page = str(form_with(TranslatedFormField(label="title"), SHOWN)["title"])

    assert f'name="title_seen" value="{SEEN}"' in page


def test_an_input_that_nobody_touched_takes_the_words_of_now():
    now = {**text("Lunch", fr="Repas", ar="غداء"), "_revised": ["fr"]}

    form = sent(now)

    assert form.cleaned_data["title"] == now
    assert not form.has_changed()
    assert sent(now, title_en="Light lunch").cleaned_data["title"] == {
        "en": "Light lunch",
        "fr": "Repas",
        "ar": "غداء",
        "_from": {"fr": digest_of("Lunch"), "ar": digest_of("Lunch")},
        "_revised": ["fr"],
    }


def test_a_translation_that_both_changed_is_refused_once_and_shown_beside():
    now = text("Lunch", fr="Repas", ru="Обед")

    form = sent(now, title_fr="Pause")

    assert form.errors["title"] == [
        (
            "Somebody else saved the French text meanwhile: “Repas”. Yours stands here and "
            "is not saved yet: save again to put it in its place."
        )
    ]
    page = str(form["title"])
    assert 'value="Pause"' in page
    assert '<details class="translated-others" open>' in page
    # What is shown stands over the words of now: sent again, it is saved.
    seen = page.split('name="title_seen" value="')[1].split('"', maxsplit=1)[0]
    again = sent(now, seen, title_fr="Pause")
    assert again.cleaned_data["title"] == text("Lunch", fr="Pause", ru="Обед")


def test_a_translation_that_somebody_took_away_is_refused_too():
    form = sent(text("Lunch", ru="Обед"), title_fr="Pause")

    assert form.errors["title"] == [
        (
            "Somebody else took the French text away meanwhile. Yours stands here and is "
            "not saved yet: save again to keep it."
        )
    ]


def test_both_may_type_the_same():
    now = text("Lunch", fr="Repas", ru="Обед")

    assert sent(now, title_fr="Repas").cleaned_data["title"] == now


def test_what_was_typed_in_a_row_that_is_gone_stays():
    form = sent({}, title_fr="Pause")

    assert words(form.cleaned_data["title"]) == {
        "en": "Lunch",
        "fr": "Pause",
        "ru": "Обед",
    }


@pytest.mark.parametrize("seen", ["", "fr", "fr:x", ":", "::: fr:"])
def test_what_a_page_says_of_itself_may_be_anything(seen):
    form = sent(SHOWN, seen)

    assert words(form.cleaned_data["title"]) == words(SHOWN)


def test_a_text_of_one_line_has_inputs_and_a_text_of_many_has_areas():
    short = Slot._meta.get_field("title").formfield()
    long = Slot._meta.get_field("text").formfield()

    assert str(form_with(short)["title"]).count("<textarea") == 0
    assert str(form_with(long)["title"]).count("<textarea") == 6


def test_a_text_is_found_in_each_language_as_it_is_written(db):
    slot = make_slot(
        make_day(make_session()),
        title=text("Early warning", zh_hans="预警", ar="إنذار"),
    )

    for language, said in [("zh-hans", "预"), ("ar", "إنذار"), ("en", "early")]:
        found = Slot.objects.filter(**{f"title__{language}__icontains": said})
        assert list(found) == [slot], language
