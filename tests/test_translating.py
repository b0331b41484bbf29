"""The texts of a session as translators meet them, and saving one of them."""

from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.models import (
    Footnote,
    Panel,
    SavedChange,
    Section,
    Session,
    Slot,
    SlotDocument,
)
from sessions_app.translated import digest_of, text
from sessions_app.translating import (
    MovedOn,
    Seen,
    counted,
    seen_in,
    texts_of,
    translate,
)
from tests.at_once import at_once
from tests.rows import (
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_programme_of,
    make_role,
    make_room,
    make_session,
    make_slot,
)


@pytest.fixture
def session(db):
    """One session with one slot that has a title in French."""
    session = make_session(languages=["ar", "en", "fr"])
    make_slot(make_day(session), title=text("Lunch", fr="Déjeuner"))
    return session


def found(session, name):
    """The text whose key begins and ends so: “slot-title”."""
    kind, field = name.rsplit("-", 1)
    return next(
        text
        for text in texts_of(session)
        if text.key.startswith(f"{kind}-") and text.field == field
    )


def save(session, name, typed, language="fr", **options):
    at = found(session, name)
    return translate(
        session, at, language, typed, seen_in(at, language), None, **options
    )


def refusal(session, name, typed):
    with pytest.raises(ValidationError) as refused:
        save(session, name, typed)
    return refused.value.messages


# --- Finding -------------------------------------------------------------------------


def test_texts_stand_in_reading_order_and_each_record_once(session):
    session.room = make_room()
    session.save()
    Section.objects.create(
        session=session, place=Section.Place.AFTER, position=1, text=text("Notes")
    )
    Footnote.objects.create(session=session, key="one", text=text("A note"))
    slot = Slot.objects.get()
    Panel.objects.create(slot=slot, number=1, questions=text("Who pays?"))
    SlotDocument.objects.create(slot=slot, title=text("Paper"), position=1)
    person, role = make_person(), make_role()
    make_line(slot, person=person, role=role)
    make_line(slot, person=person, role=role)

    keys = [(each.row._meta.model_name, each.field) for each in texts_of(session)]

    assert keys == [
        ("conference", "title"),
        ("session", "title"),
        ("session", "city"),
        ("panel", "questions"),
        ("slot", "title"),
        ("slotdocument", "title"),
        ("section", "text"),
        ("footnote", "text"),
        ("room", "venue"),
        ("room", "name"),
        ("person", "printed_name"),
        ("person", "honorific"),
        ("person", "function"),
        ("role", "label_neutral"),
        ("role", "label_plural"),
    ]


def test_a_slot_that_does_not_print_and_an_empty_text_are_left_out(session):
    Slot.objects.update(is_printed=False)

    assert {each.row._meta.model_name for each in texts_of(session)} == {
        "conference",
        "session",
    }


def test_names_in_latin_letters_are_not_to_be_translated_between_them(session):
    make_line(Slot.objects.get(), person=make_person())
    name = found(session, "person-printed_name")

    assert [name.is_needed_in(code) for code in ("fr", "es", "ar", "ru")] == [
        False,
        False,
        True,
        True,
    ]


def test_the_number_of_queries_does_not_grow_with_the_session(
    db, django_assert_num_queries
):
    small = make_programme_of(1)
    with CaptureQueriesContext(connection) as few:
        texts_of(Session.objects.get(pk=small.pk))
    day = small.days.get()
    for _number in range(20):
        make_slot(day)
    with django_assert_num_queries(len(few)):
        texts_of(Session.objects.get(pk=small.pk))


# --- How a translation stands ----------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "state"),
    [
        ({"en": "Lunch"}, "missing"),
        (text("Lunch", fr="Déjeuner"), "translated"),
        ({**text("Lunch", fr="Déjeuner"), "_revised": ["fr"]}, "revised"),
        ({**text("Dinner", fr="Déjeuner"), "en": "Lunch"}, "outdated"),
        (
            {**text("Dinner", fr="Déjeuner"), "en": "Lunch", "_revised": ["fr"]},
            "outdated",
        ),
        # Entered before it was kept what a translation was made from.
        ({"en": "Lunch", "fr": "Déjeuner"}, "translated"),
    ],
)
def test_each_state_is_told_from_what_is_kept(session, stored, state):
    Slot.objects.update(title=stored)

    assert found(session, "slot-title").state_in("fr") == state


def test_the_states_are_counted_of_what_is_to_be_translated(session):
    make_line(Slot.objects.get(), person=make_person())

    assert counted(texts_of(session), "fr") == Counter(missing=5, translated=1)
    assert counted(texts_of(session), "ar") == Counter(missing=7)


# --- Saving ----------------------------------------------------------------------------


def test_a_translation_is_saved_as_made_from_the_main_text_of_now(session):
    saved = save(session, "session-title", " Première  session\n")

    assert saved.stored == text("First session", fr="Première  session")
    change = SavedChange.objects.get()
    assert [row.differences for row in change.rows.all()] == [
        [
            [
                "",
                "title",
                text("First session"),
                text("First session", fr="Première  session"),
            ]
        ]
    ]


def test_an_outdated_translation_that_is_confirmed_is_outdated_no_more(session):
    Slot.objects.update(title={**text("Dinner", fr="Déjeuner"), "en": "Lunch"})

    assert save(session, "slot-title", "Déjeuner").state_in("fr") == "translated"


def test_a_revised_translation_is_so_until_its_words_change(session):
    assert (
        save(session, "slot-title", "Déjeuner", is_revised=True).state_in("fr")
        == "revised"
    )
    save(session, "slot-title", "غداء", "ar")
    assert found(session, "slot-title").state_in("fr") == "revised"
    assert save(session, "slot-title", "Repas").state_in("fr") == "translated"


def test_a_translation_is_taken_away(session):
    assert save(session, "slot-title", "").stored == {"en": "Lunch"}


def test_a_line_is_saved_and_kept_with_its_slot(session):
    slot = Slot.objects.get()
    make_line(slot, text=text("Statements"))

    save(session, "line-text", "Déclarations")

    row = SavedChange.objects.get().rows.get()
    assert (row.kind, row.key) == ("slot", slot.pk)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x" * 301, "At most 300 characters are printed, this one has 301."),
        (
            "Voir[^late]",
            "The main text does not call the footnote [^late]: take it out.",
        ),
        (
            "\u202eDéjeuner",
            (
                "Character 1 (U+202E) changes the order in which the text is read. Delete "
                "it and type the words again."
            ),
        ),
    ],
)
def test_words_that_cannot_print_are_refused_in_a_sentence(session, typed, said):
    assert refusal(session, "slot-title", typed) == [said]
    assert found(session, "slot-title").said("fr") == "Déjeuner"


def test_the_mark_of_people_is_kept_as_often_as_in_the_main_text(session):
    make_line(Slot.objects.get(), person=make_person(), role=make_moderator())

    assert refusal(session, "role-by_line", "Animé") == [
        "Write {people} as often as the main text does (1)."
    ]
    assert (
        save(session, "role-by_line", "Animé par {people}").state_in("fr")
        == "translated"
    )


# --- Two at once -------------------------------------------------------------------------


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(session):
    title = found(session, "slot-title")
    seen = seen_in(title, "fr")
    save(session, "slot-title", "Repas")

    with pytest.raises(MovedOn, match="Somebody else saved this translation") as moved:
        translate(session, title, "fr", "Lunch", seen, None)

    assert moved.value.text.said("fr") == "Repas"


def test_a_translation_of_a_main_text_that_changed_meanwhile_is_refused(session):
    title = found(session, "slot-title")
    Slot.objects.update(title=text("Lunch break", fr="Déjeuner"))

    with pytest.raises(MovedOn, match="The main text was changed") as moved:
        translate(session, title, "fr", "Pause", seen_in(title, "fr"), None)

    assert moved.value.text.source == "Lunch break"


def test_a_text_that_was_deleted_meanwhile_is_refused(session):
    title = found(session, "slot-title")
    Slot.objects.all().delete()

    with pytest.raises(MovedOn, match="The text was deleted meanwhile"):
        translate(session, title, "fr", "Pause", Seen("", ""), None)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_on_one_text_one_is_saved_and_one_is_told(session):
    title = found(session, "slot-title")
    seen = Seen(title.source_digest, digest_of("Déjeuner"))

    answers = at_once(
        *(
            lambda typed=typed: translate(session, title, "fr", typed, seen, None)
            for typed in ("Repas", "Pause")
        )
    )

    assert sorted(type(answer).__name__ for answer in answers) == [
        "MovedOn",
        "SourceText",
    ]
    saved = next(each for each in answers if not isinstance(each, MovedOn))
    assert found(session, "slot-title").said("fr") == saved.said("fr")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_on_texts_of_one_slot_do_not_disturb_each_other(session):
    Slot.objects.update(text=text("For all."), aside=text("Room 2"))
    names = {
        "slot-title": "Repas",
        "slot-text": "Pour tous.",
        "slot-aside": "Salle 2",
    }
    texts = {name: found(session, name) for name in names}

    answers = at_once(
        *(
            lambda name=name, typed=typed: translate(
                session, texts[name], "fr", typed, seen_in(texts[name], "fr"), None
            )
            for name, typed in names.items()
        )
    )

    assert [type(answer).__name__ for answer in answers] == ["SourceText"] * 3
    assert {name: found(session, name).said("fr") for name in names} == names
