"""Two records of one person made one: what leads where, what is filled, what is told."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.compose import compose
from sessions_app.models import Line
from sessions_app.translated import text
from speakers.merging import merge, unmerge
from speakers.models import Person
from tests.at_once import at_once
from tests.rows import make_day, make_line, make_person, make_session, make_slot

pytestmark = pytest.mark.django_db

FILLED = (
    "given_names",
    "family_name",
    "honorific",
    "function",
    "state",
    "organization",
    "pronunciation",
)


@pytest.fixture
def kept():
    return make_person("Ada Lund")


@pytest.fixture
def record():
    return make_person("A. Lund")


def bare_person(**values):
    """A record of which nothing but the printed name is known, beside `values`."""
    blank = {"given_names": "", "family_name": "", "honorific": {}, "function": {}}
    return make_person("Ada Lund", **{**blank, **values})


def leads(*records):
    """What each record leads to, and its version, as stored."""
    stored = {row.pk: row for row in Person.objects.all()}
    return [(stored[r.pk].merged_into_id, stored[r.pk].version) for r in records]


def words_of(person):
    return {name: getattr(Person.objects.get(pk=person.pk), name) for name in FILLED}


def test_merged_record_leads_to_the_one_kept_and_both_count_a_save(kept, record):
    merge(record, kept)

    assert leads(record, kept) == [(kept.pk, 2), (None, 2)]
    assert (record.merged_into, record.version, kept.version) == (kept, 2, 2)


def test_merge_gives_the_number_of_lines_that_name_the_record(kept, record):
    slot = make_slot(make_day(make_session()))
    lines = [
        make_line(slot, person=person, status=status)
        for person, status in (
            (record, Line.Status.CONFIRMED),
            (record, Line.Status.DECLINED),
            (kept, Line.Status.CONFIRMED),
        )
    ]

    number = merge(record, kept)

    assert number == 2
    assert list(Line.objects.order_by("pk").values_list("person", flat=True)) == [
        line.person_id for line in lines
    ]


def test_what_was_merged_into_the_record_follows_it(kept, record):
    older = make_person("Lund, A.", merged_into=record)

    merge(record, kept)

    assert leads(older, record, kept) == [(kept.pk, 2), (kept.pk, 2), (None, 2)]


def test_what_was_merged_follows_in_print(kept, record):
    older = make_person("Lund, A.", merged_into=record)
    session = make_session()
    make_line(make_slot(make_day(session)), person=older)

    merge(record, kept)

    (entry,) = compose(session).people
    assert (entry.person, entry.former_codes) == (
        kept.code,
        tuple(sorted((record.code, older.code))),
    )


def test_nothing_is_filled_unless_asked(record):
    kept = bare_person()
    before = words_of(kept)

    merge(record, kept)

    assert words_of(kept) == before


def test_fill_takes_what_the_record_kept_has_no_words_for():
    kept = bare_person(family_name="Lund", function=text("Director", fr="Directrice"))
    record = make_person(
        "A. Lund-Berg",
        honorific={**text("Ms.", fr="Mme"), "_revised": ["fr"]},
        function=text("Judge", fr="Juge", es="Jueza"),
        state=text("Norway"),
        organization=text("Ocean Institute"),
        pronunciation="AH-da",
        internal_contact="Room 5",
    )

    merge(record, kept, fill=True)

    assert words_of(kept) == {
        "given_names": "A.",
        "family_name": "Lund",
        "honorific": record.honorific,
        # The Spanish was made from other English, and is so marked.
        "function": {
            "en": "Director",
            "fr": "Directrice",
            "es": "Jueza",
            "_from": {
                "fr": kept.function["_from"]["fr"],
                "es": record.function["_from"]["es"],
            },
        },
        "state": {"en": "Norway"},
        "organization": {"en": "Ocean Institute"},
        "pronunciation": "AH-da",
    }
    assert kept.function["_from"]["es"] != kept.function["_from"]["fr"]
    assert (kept.internal_contact, kept.printed_name) == ("", {"en": "Ada Lund"})


def test_fill_leaves_the_other_record_and_a_whole_one_as_they_are(kept, record):
    before = words_of(kept), words_of(record)

    merge(record, kept, fill=True)

    whole = {**before[0], "state": {}, "organization": {}, "pronunciation": ""}
    assert (words_of(kept), words_of(record)) == (whole, before[1])


def test_fill_marks_only_what_it_brings_and_leaves_the_mark_of_a_reviser():
    kept = bare_person(function={"en": "Director", "es": "Directora"})
    function = {**text("Judge", fr="Juge", es="Jueza"), "_revised": ["fr", "es"]}

    merge(make_person(function=function), kept, fill=True)

    assert kept.function == {
        "en": "Director",
        "es": "Directora",
        "fr": "Juge",
        "_from": {"fr": function["_from"]["fr"]},
    }


def test_filled_text_that_is_too_long_is_refused_and_nothing_is_merged():
    kept = bare_person(function={"en": "a" * 2500})
    record = make_person(function={"fr": "b" * 2500})

    with pytest.raises(ValidationError) as refusal:
        merge(record, kept, fill=True)

    assert refusal.value.messages == ["This text is too long to be kept."]
    assert leads(record, kept) == [(None, 1), (None, 1)]
    assert words_of(kept)["function"] == {"en": "a" * 2500}


def test_record_is_not_merged_into_itself(kept):
    with pytest.raises(ValidationError) as refusal:
        merge(kept, Person.objects.get(pk=kept.pk))

    assert refusal.value.messages == [
        "“Ada Lund” is the same record twice. Choose the record to be kept."
    ]
    assert leads(kept) == [(None, 1)]


@pytest.mark.parametrize("which", ["record", "into"])
def test_record_that_was_merged_is_not_merged_again(kept, record, which):
    merged = make_person("Lund, A.", merged_into=make_person("Bo Berg"))
    # As the page that was opened before somebody else merged it still holds it.
    merged.merged_into = None
    pair = (merged, kept) if which == "record" else (record, merged)

    with pytest.raises(ValidationError) as refusal:
        merge(*pair)

    assert refusal.value.messages == [
        "“Lund, A.” is merged into “Bo Berg” already. Choose that record."
    ]
    assert leads(kept, record) == [(None, 1), (None, 1)]


def test_record_that_was_deleted_is_told(kept, record):
    gone = Person.objects.get(pk=record.pk)
    record.delete()

    with pytest.raises(ValidationError) as refusal:
        merge(gone, kept)

    assert refusal.value.messages == [
        "“A. Lund” was deleted meanwhile. Choose another record."
    ]
    assert leads(kept) == [(None, 1)]


def test_unmerged_record_is_one_of_its_own_again(kept, record):
    merge(record, kept)

    unmerge(record)

    assert leads(record, kept) == [(None, 3), (None, 3)]
    assert record.merged_into is None


def test_unmerge_leaves_what_was_merged_earlier_with_the_record_kept(kept, record):
    older = make_person("Lund, A.", merged_into=record)
    merge(record, kept)

    unmerge(record)

    assert leads(older, record) == [(kept.pk, 2), (None, 3)]


def test_record_that_is_not_merged_is_not_unmerged(record):
    with pytest.raises(ValidationError) as refusal:
        unmerge(record)

    assert refusal.value.messages == ["“A. Lund” is not merged into another record."]
    assert leads(record) == [(None, 1)]


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite locks the whole database"
)
def test_records_are_held_in_one_order(kept, record):
    for act in (lambda: merge(record, kept), lambda: unmerge(record)):
        with CaptureQueriesContext(connection) as queries:
            act()

        (held,) = [q["sql"] for q in queries if "FOR UPDATE" in q["sql"]]
        assert 'ORDER BY "speakers_person"."id" ASC FOR UPDATE' in held


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_opposite_ways_at_once_one_is_told():
    kept, record = make_person("Ada Lund"), make_person("A. Lund")

    outcomes = at_once(lambda: merge(record, kept), lambda: merge(kept, record))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "ValidationError",
        "int",
    ]
    assert sorted(pk is None for pk, _version in leads(kept, record)) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_chain_that_is_merged_at_once_has_one_end():
    first, second, third = (make_person(f"Ada {n}") for n in ("One", "Two", "Three"))

    at_once(lambda: merge(first, second), lambda: merge(second, third))

    # Whoever came first: nothing leads to a record that itself leads on.
    merged = Person.objects.exclude(merged_into=None)
    assert merged.filter(merged_into=third).exists()
    assert not merged.exclude(merged_into__merged_into=None).exists()
