import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.changes import compare
from sessions_app.compose import compose, examples_of, printed_line
from sessions_app.models import (
    Footnote,
    Line,
    Panel,
    Section,
    Session,
    Slot,
    SlotDocument,
)
from sessions_app.programme import DocumentEntry, printed_of
from sessions_app.translated import LANGUAGE_CODES, text
from speakers.models import Person, Role
from speakers.vocabulary import load_roles
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

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make_session()


@pytest.fixture
def day(session):
    return make_day(session)


def first_slot(session):
    return next(compose(session).slots)


def printed(line, language="en"):
    """A sentence as a reader reads it."""
    pieces, _language = line.parts(language, "en")
    return "".join(p if isinstance(p, str) else p.printed["en"] for p in pieces)


@pytest.mark.parametrize("slots", [10, 500])
@pytest.mark.thorough
def test_number_of_queries_is_eight_at_10_and_at_500_slots(slots):
    session = make_programme_of(slots)
    for person in Person.objects.all():
        make_person(merged_into=person)

    with CaptureQueriesContext(connection) as queries:
        programme = compose(session)

    assert (len(queries), sum(1 for _slot in programme.slots)) == (8, slots)
    assert all(len(person.former_codes) == 1 for person in programme.people)


def test_slots_print_by_time_and_one_without_time_stays_behind_its_neighbour(
    session, day
):
    make_slot(day, "15:00", "16:00", title=text("Third"))
    make_slot(day, "", "", title=text("Fourth"), when=text("Upon conclusion"))
    make_slot(day, "09:00", "10:00", title=text("First"))
    make_slot(day, "", "", title=text("Second"))

    titles = [slot.title["en"] for slot in compose(session).slots]

    assert titles == ["First", "Second", "Third", "Fourth"]


def test_slot_that_is_not_printed_is_not_in_the_programme(session, day):
    make_slot(day, title=text("For the desk alone"), is_printed=False)

    assert list(compose(session).slots) == []


def test_person_line_without_text_belongs_to_the_text_above(session, day):
    slot = make_slot(day)
    make_line(slot, text=text("Welcome remarks"))
    make_line(slot, person=make_person("Jürg Lauber", honorific=text("H.E. Mr.")))
    make_line(slot, text=text("Remarks by the Secretary-General"))
    make_line(slot, person=make_person("Louise Arbour"))

    lines = first_slot(session).lines

    assert [(line.text, [p.printed for p in line.people]) for line in lines] == [
        ({"en": "Welcome remarks"}, [{"en": "H.E. Mr. Jürg Lauber"}]),
        ({"en": "Remarks by the Secretary-General"}, [{"en": "Ms. Louise Arbour"}]),
    ]


def test_panellists_print_as_bullets_and_moderators_as_one_closing_line(session, day):
    slot = make_slot(day, kind=Slot.Kind.PANEL)
    panellist, moderator = make_role(), make_moderator()
    for name in ("Ada Lund", "Bo Berg"):
        make_line(slot, person=make_person(name), role=panellist)
    for name in ("Cy Dahl", "Di Eng"):
        make_line(slot, person=make_person(name), role=moderator)

    bullets, closing = first_slot(session).lines

    assert (bullets.layout, bullets.heading) == ("bullets", {"en": "Panellists"})
    assert [p.name["en"] for p in bullets.people] == ["Ada Lund", "Bo Berg"]
    assert closing.layout == "closing"
    assert printed(closing) == "Moderated by Ms. Cy Dahl; and Ms. Di Eng"


def test_people_print_inside_a_text_that_asks_for_them(session, day):
    slot = make_slot(day)
    make_line(
        slot,
        text=text("{people} provides a short overview"),
        person=make_person("Khalid Koser", honorific=text("Dr.")),
    )

    (line,) = first_slot(session).lines

    assert line.layout == "sentence"
    assert printed(line) == "Dr. Khalid Koser provides a short overview"


def test_name_without_honorific_prints_without_one(session, day):
    make_line(make_slot(day), person=make_person("Gregory Maniatis", honorific={}))

    (person,) = first_slot(session).people

    assert (person.printed, person.honorific) == ({"en": "Gregory Maniatis"}, {})


def test_what_stands_on_the_line_replaces_the_record_in_all_languages(day):
    session = day.session
    session.languages = ["en", "fr"]
    session.save()
    person = make_person(
        "Ada Lund", function=text("Director", fr="Directrice"), honorific=text("Ms.")
    )
    make_line(make_slot(day), person=person, function=text("Judge"), honorific={})

    (entry,) = first_slot(session).people

    assert (entry.function, entry.honorific) == ({"en": "Judge"}, {})


def test_holders_of_a_role_follow_the_order_of_their_day(session):
    co_facilitator = make_role("co-facilitator")
    mexico, switzerland = make_person("Juan Gómez"), make_person("Jürg Lauber")
    for date, order in (
        (session.starts_on, [mexico, switzerland]),
        (session.ends_on, [switzerland, mexico]),
    ):
        day = make_day(session, date)
        opening = make_slot(day)
        for person in order:
            make_line(opening, person=person, role=co_facilitator)
        closing = make_slot(day, "17:00", "18:00")
        make_line(
            closing,
            text=text("Closing remarks by {people}"),
            holders_of=co_facilitator,
        )

    _o1, first, _o2, second = compose(session).slots

    assert (
        printed(first.lines[0])
        == "Closing remarks by Ms. Juan Gómez and Ms. Jürg Lauber"
    )
    assert (
        printed(second.lines[0])
        == "Closing remarks by Ms. Jürg Lauber and Ms. Juan Gómez"
    )


def test_holders_meant_by_a_text_are_known_and_not_named(session, day):
    moderator = make_moderator()
    panel = make_slot(day, "10:00", "11:00")
    make_line(panel, person=make_person("Ola Henrikson"), role=moderator)
    summary = make_slot(day, "15:00", "16:00")
    make_line(
        summary, text=text("Moderators present their panels"), holders_of=moderator
    )

    (line,) = list(compose(session).slots)[1].lines

    assert (line.text["en"], line.people) == ("Moderators present their panels", ())
    assert [p.name["en"] for p in line.referred] == ["Ola Henrikson"]


@pytest.mark.parametrize(
    ("status", "prints", "remark"),
    [
        (Line.Status.CONFIRMED, True, ""),
        (Line.Status.TO_BE_CONFIRMED, True, "(TBC)"),
        (Line.Status.DECLINED, False, ""),
        (Line.Status.WITHDRAWN, True, "(withdrawn)"),
        (Line.Status.REPLACED, False, ""),
    ],
)
def test_status_of_a_person_decides_whether_and_how_the_name_prints(
    session, day, status, prints, remark
):
    make_line(make_slot(day), person=make_person(), status=status)

    people = list(first_slot(session).people)

    assert [p.remark.get("en", "") for p in people] == ([remark] if prints else [])


def test_tbc_is_left_out_when_the_session_says_so(session, day):
    session.prints_to_be_confirmed = False
    session.save()
    make_line(make_slot(day), person=make_person(), status=Line.Status.TO_BE_CONFIRMED)

    (person,) = first_slot(session).people

    assert (person.remark, person.status) == ({}, "to_be_confirmed")


def test_footnotes_are_numbered_where_they_are_first_called(session, day):
    session.theme = text("Waves[^second]")
    session.save()
    for key in ("first", "second", "never"):
        Footnote.objects.create(session=session, key=key, text=text(f"Note {key}"))
    make_slot(day, text=text("A concept. [^first] [^second]"))
    Section.objects.create(
        session=session, heading=text("Contacts"), text=text("See below.[^first]")
    )

    programme = compose(session)

    assert (programme.theme, programme.notes) == ({"en": "Waves"}, {"theme": (1,)})
    slot = next(programme.slots)
    assert (slot.text, slot.notes) == ({"en": "A concept."}, {"text": (2, 1)})
    assert programme.sections[0].notes == {"text": (2,)}
    assert [(n.number, n.key) for n in programme.footnotes] == [
        (1, "second"),
        (2, "first"),
    ]


def test_call_of_a_footnote_that_is_not_defined_stays_in_sight(session, day):
    make_slot(day, title=text("Opening[^gone]"))

    slot = first_slot(session)

    assert (slot.title, slot.notes) == ({"en": "Opening[^gone]"}, {})


def test_only_the_languages_of_the_session_are_in_the_programme(session, day):
    make_slot(day, title=text("Lunch", fr="Déjeuner", ar="غداء"))
    session.languages = ["en", "fr"]
    session.save()

    assert first_slot(session).title == {"en": "Lunch", "fr": "Déjeuner"}


def test_text_known_in_another_language_alone_still_prints(session, day):
    make_slot(day, title={"fr": "Déjeuner"})

    assert first_slot(session).title == {"fr": "Déjeuner"}


def test_label_is_the_typed_one_or_made_from_the_number(session, day):
    numbered = make_slot(day, "09:00", kind=Slot.Kind.PANEL)
    Panel.objects.create(slot=numbered, number=2)
    table = make_slot(day, "10:00", kind=Slot.Kind.ROUND_TABLE)
    Panel.objects.create(slot=table, number=3)
    named = make_slot(day, "11:00", "12:00", kind=Slot.Kind.SUMMARY_PANEL)
    Panel.objects.create(slot=named, number=4, label=text("Summary panel"))

    labels = [slot.label["en"] for slot in compose(session).slots]

    assert labels == ["Panel 2", "Round table 3", "Summary panel"]


def test_slot_after_midnight_ends_on_the_next_date(session, day):
    make_slot(day, "21:00", "00:30", ends_next_day=True)

    slot = first_slot(session)

    assert slot.starts_at == dt.datetime(2027, 6, 21, 19, 0, tzinfo=dt.UTC)
    assert slot.ends_at == dt.datetime(2027, 6, 21, 22, 30, tzinfo=dt.UTC)


def test_room_is_the_slots_own_or_the_sessions(session, day):
    session.room = make_room()
    session.save()
    make_slot(day, "09:00", "10:00")
    make_slot(day, "11:00", "12:00", room=make_room(name=text("Room XX")))

    rooms = [(s.room.name["en"], s.has_own_room) for s in compose(session).slots]

    assert rooms == [("Room XIX", False), ("Room XX", True)]


def test_lunch_is_not_said_to_be_in_the_meeting_room(session, day):
    session.room = make_room()
    session.save()
    make_slot(day, kind=Slot.Kind.LUNCH)

    assert first_slot(session).room is None


def test_people_without_functions_are_joined_as_the_language_joins_a_list(day):
    session = day.session
    session.languages = ["en", "fr", "zh-hans"]
    session.save()
    slot, moderator = make_slot(day), make_moderator()
    moderator.by_line = {
        "en": "Moderated by {people}",
        "fr": "Modération\u00a0: {people}",
        "zh-hans": "由{people}主持",
    }
    moderator.save()
    for name in ("Ada Lund", "Bo Berg", "Cy Dahl"):
        make_line(slot, person=make_person(name, function={}), role=moderator)

    (line,) = first_slot(session).lines

    assert line.text == {
        "en": "Moderated by {0}, {1} and {2}",
        "fr": "Modération\u00a0: {0}, {1} et {2}",
        "zh-hans": "由{0}、{1}和{2}主持",
    }


def test_documents_of_a_slot_keep_their_order(session, day):
    slot = make_slot(day)
    SlotDocument.objects.create(slot=slot, position=20, title=text("Second"))
    SlotDocument.objects.create(
        slot=slot,
        position=10,
        symbol="A/1",
        title=text("First"),
        address="https://example.org/1",
    )

    assert first_slot(session).documents == (
        DocumentEntry(
            symbol="A/1", title={"en": "First"}, address="https://example.org/1"
        ),
        DocumentEntry(title={"en": "Second"}),
    )


@pytest.mark.parametrize(
    ("label_form", "expected"),
    [("", "Président(e)"), ("feminine", "Présidente"), ("masculine", "Président")],
)
def test_role_label_takes_the_form_that_the_person_stated(day, label_form, expected):
    session = day.session
    session.languages = ["en", "fr"]
    session.save()
    chair = make_role(
        "chair",
        label_neutral=text("Chair", fr="Président(e)"),
        label_masculine=text("Chair", fr="Président"),
        label_feminine=text("Chair", fr="Présidente"),
    )
    person = make_person(label_form=label_form)
    make_line(make_slot(day), person=person, role=chair)

    (entry,) = first_slot(session).people

    assert entry.role_label == {"en": "Chair", "fr": expected}


def test_merged_record_prints_as_the_one_kept(session, day):
    kept = make_person("Ada Lund")
    make_line(make_slot(day), person=make_person("A. Lund", merged_into=kept))

    (entry,) = first_slot(session).people

    assert (entry.person, entry.name) == (kept.code, {"en": "Ada Lund"})


def test_codes_of_all_merged_records_stand_with_the_person_whichever_is_named(
    session, day
):
    kept, other = make_person("Ada Lund"), make_person("Bo Berg")
    merged = [make_person(name, merged_into=kept) for name in ("A. Lund", "Lund, A.")]
    slot = make_slot(day)
    for person in (kept, merged[0], other):
        make_line(slot, person=person)

    people = first_slot(session).people

    former = tuple(sorted(record.code for record in merged))
    assert [(entry.person, entry.former_codes) for entry in people] == [
        (kept.code, former),
        (kept.code, former),
        (other.code, ()),
    ]


def test_no_former_code_is_not_said_in_the_data(session, day):
    make_line(make_slot(day), person=make_person())

    assert b"former_codes" not in compose(session).to_json()


def test_a_merge_changes_the_data_and_nothing_that_prints(session, day):
    kept = make_person()
    make_line(make_slot(day), person=kept)
    before = compose(session)
    make_person("A. Lund", merged_into=kept)

    after = compose(session)

    assert after.digest != before.digest
    assert compare(before, after) == []


def test_internal_fields_are_not_in_the_programme(session, day):
    slot = make_slot(day, internal_note="SECRET")
    make_line(
        slot,
        internal_note="SECRET",
        person=make_person(pronunciation="SECRET", internal_contact="SECRET"),
    )

    assert b"SECRET" not in compose(session).to_json()


# --- In plain words ---------------------------------------------------------


LAUBER = {
    "ar": "سعادة السيد يورغ لوبر، الممثل الدائم لسويسرا لدى الأمم المتحدة",
    "zh-hans": "于尔格·劳伯先生阁下，瑞士常驻联合国代表",
    "en": (
        "H.E. Mr. Jürg Lauber, Permanent Representative of Switzerland to the United "
        "Nations"
    ),
    "fr": (
        "S.E. M. Jürg Lauber, Représentant permanent de la Suisse auprès de "
        "l’Organisation des Nations Unies"
    ),
    # Without words of its own, Russian reads as the main language does.
    "ru": (
        "H.E. Mr. Jürg Lauber, Permanent Representative of Switzerland to the United "
        "Nations"
    ),
}


@pytest.mark.parametrize(("language", "expected"), LAUBER.items())
def test_record_alone_prints_as_on_a_line_without_words_of_its_own(
    day, language, expected
):
    person = make_person(
        "Jürg Lauber",
        printed_name={
            "ar": "يورغ لوبر",
            "zh-hans": "于尔格·劳伯",
            "en": "Jürg Lauber",
            "fr": "Jürg Lauber",
        },
        honorific={
            "ar": "سعادة السيد",
            "zh-hans": "先生阁下",
            "en": "H.E. Mr.",
            "fr": "S.E. M.",
        },
        function={
            "ar": "الممثل الدائم لسويسرا لدى الأمم المتحدة",
            "zh-hans": "瑞士常驻联合国代表",
            "en": "Permanent Representative of Switzerland to the United Nations",
            "fr": (
                "Représentant permanent de la Suisse auprès de l’Organisation des "
                "Nations Unies"
            ),
        },
    )
    session = day.session
    session.languages = list(LANGUAGE_CODES)
    session.save()
    line = make_line(make_slot(day), person=person)

    alone = printed_line(person, language)

    assert alone == printed_of(first_slot(session), line.code, language, "en")
    assert alone == expected


def test_record_without_honorific_and_function_prints_its_name():
    person = Person(printed_name={"fr": "Zoé Émond"}, state=text("Canada"))

    assert printed_line(person, "es") == "Zoé Émond"


def test_merged_record_alone_prints_as_it_stands():
    person = make_person("A. Lund", merged_into=make_person())

    assert printed_line(person, "en") == "Ms. A. Lund, Director"


def test_line_prints_by_its_code_what_it_gives_to_the_slot(session, day):
    slot = make_slot(day, kind=Slot.Kind.PANEL)
    panellist, moderator = make_role(), make_moderator()
    ada, bo = make_person("Ada Lund"), make_person("Bo Berg", function={})
    tbc = Line.Status.TO_BE_CONFIRMED
    remote = Line.Mode.REMOTE
    heads = make_slot(day, "15:00", "16:00")
    lines = [
        make_line(slot, text=text("Welcome remarks")),
        make_line(slot, person=ada),
        make_line(slot, person=bo, status=tbc, mode=remote),
        make_line(slot, text=text("{people} gives an overview"), person=ada),
        make_line(slot, text=text("Remarks by the guest"), person=bo),
        make_line(slot, unnamed=text("Representative of the public"), role=panellist),
        make_line(slot, person=ada, role=moderator),
        make_line(slot, person=bo, role=moderator, function=text("Judge")),
        make_line(slot, person=bo, status=Line.Status.DECLINED),
        make_line(heads, text=text("Closing by {people}"), holders_of=moderator),
        make_line(heads, text=text("The moderators report"), holders_of=moderator),
    ]

    panel, closing = compose(session).slots

    assert [printed_of(panel, line.code, "en", "en") for line in lines[:9]] == [
        "Welcome remarks",
        "Ms. Ada Lund, Director",
        "Ms. Bo Berg (by video link) (TBC)",
        "Ms. Ada Lund, Director gives an overview",
        "Remarks by the guest\nMs. Bo Berg",
        "Representative of the public",
        "Moderated by Ms. Ada Lund, Director; and Ms. Bo Berg, Judge",
        "Moderated by Ms. Ada Lund, Director; and Ms. Bo Berg, Judge",
        "",
    ]
    assert [printed_of(closing, line.code, "en", "en") for line in lines[9:]] == [
        "Closing by Ms. Ada Lund and Ms. Bo Berg",
        "The moderators report",
    ]


# --- Examples of a role -----------------------------------------------------


def test_examples_of_a_closing_line_have_one_person_and_two():
    load_roles()
    moderator = Role.objects.get(key="moderator")

    assert examples_of(moderator, LANGUAGE_CODES) == {
        "ar": [
            "إدارة الجلسة: السيدة آدا لوند، مديرة معهد المحيطات",
            (
                "إدارة الجلسة: السيدة آدا لوند، مديرة معهد المحيطات؛ والسيد عمر حداد، "
                "الممثل الدائم للبلد المضيف"
            ),
        ],
        "zh-hans": [
            "主持人：阿达·隆德女士，海洋研究所所长",
            "主持人：阿达·隆德女士，海洋研究所所长；奥马尔·哈达德先生，东道国常驻代表",
        ],
        "en": [
            "Moderated by Ms. Ada Lund, Director of the Ocean Institute",
            (
                "Moderated by Ms. Ada Lund, Director of the Ocean Institute; and "
                "Mr. Omar Haddad, Permanent Representative of the host country"
            ),
        ],
        "fr": [
            "Modération\u00a0: Mme Ada Lund, Directrice de l’Institut des océans",
            (
                "Modération\u00a0: Mme Ada Lund, Directrice de l’Institut des océans\u00a0; "
                "et M. Omar Haddad, Représentant permanent du pays hôte"
            ),
        ],
        "ru": [
            "Модератор: г-жа Ада Лунд, директор Института океана",
            (
                "Модератор: г-жа Ада Лунд, директор Института океана; и г-н Омар "
                "Хаддад, Постоянный представитель принимающей страны"
            ),
        ],
        "es": [
            "Moderación: Sra. Ada Lund, Directora del Instituto del Océano",
            (
                "Moderación: Sra. Ada Lund, Directora del Instituto del Océano; y Sr. "
                "Omar Haddad, Representante Permanente del país anfitrión"
            ),
        ],
    }


def test_examples_of_bullets_are_the_labels_that_stand_above_people():
    load_roles()
    expert = Role.objects.get(key="thematic-expert")

    assert examples_of(expert, ["en", "fr", "ru"]) == {
        "en": ["Thematic expert"] * 3 + ["Thematic experts"],
        "fr": [
            "Expert(e) thématique",
            "Experte thématique",
            "Expert thématique",
            "Experts thématiques",
        ],
        "ru": ["Эксперт по теме"] * 3 + ["Эксперты по теме"],
    }


def test_examples_of_a_role_as_it_is_typed_need_no_row(django_assert_num_queries):
    role = Role(
        key="chair", label_neutral=text("Chair"), prints=Role.Prints.CLOSING_LINE
    )

    with django_assert_num_queries(0):
        examples = examples_of(role, ["en"])

    assert examples == {
        "en": [
            "Chair: Ms. Ada Lund, Director of the Ocean Institute",
            (
                "Chair: Ms. Ada Lund, Director of the Ocean Institute; and Mr. Omar "
                "Haddad, Permanent Representative of the host country"
            ),
        ]
    }


def test_example_is_what_prints_in_a_session(session, day):
    moderator, slot = make_moderator(), make_slot(day)
    person = make_person(function=text("Director of the Ocean Institute"))
    line = make_line(slot, person=person, role=moderator)

    printed_here = printed_of(first_slot(session), line.code, "en", "en")

    assert examples_of(moderator, ["en"])["en"][0] == printed_here


def test_no_languages_have_no_examples():
    assert examples_of(make_moderator(), []) == {}


# --- Languages --------------------------------------------------------------


def test_a_name_in_latin_letters_stands_in_every_language_that_is_written_in_them(
    session, day
):
    session.languages = list(LANGUAGE_CODES)
    session.save()
    person = make_person("Jürg Lauber", honorific=text("Mr.", fr="M.", ru="г-н"))
    make_line(make_slot(day), person=person)

    (printed,) = first_slot(session).people

    # Spanish lacks the form of address, and Russian the name.
    assert printed.printed == {"en": "Mr. Jürg Lauber", "fr": "M. Jürg Lauber"}


def test_nothing_is_declared_where_all_is_translated(session, day):
    session.languages = ["en", "fr"]
    session.title, session.city = text("Session", fr="Session"), text("A", fr="A")
    session.theme = session.note_title = {}
    session.conference.title = text("Process", fr="Processus")
    session.conference.office = session.conference.notice = {}
    session.conference.save()
    session.room = None
    session.save()
    make_slot(day, title=text("Lunch", fr="Déjeuner"))

    assert compose(session).declared == {}


def test_a_language_with_nothing_of_the_session_is_declared_to_have_none(session, day):
    session.languages = list(LANGUAGE_CODES)
    session.save()
    make_slot(day, title=text("Lunch"))

    assert compose(session).declared == {
        "ar": "صدر باللغة الإنكليزية فقط",
        "zh-hans": "仅以英文印发",
        "fr": "Publié en anglais uniquement",
        "ru": "Издано только на одном языке: английский",
        "es": "Publicado en inglés únicamente",
    }


def test_a_language_that_lacks_a_part_is_declared_to_lack_it(session, day):
    session.languages = ["en", "fr"]
    session.title = text("First session", fr="Première session")
    session.save()
    make_slot(day, title=text("Lunch"))

    assert compose(session).declared == {
        "fr": (
            "Certaines parties, signalées comme telles, sont publiées en anglais "
            "uniquement"
        )
    }


def test_the_rule_for_missing_translations_is_known_to_the_checks_alone(session, day):
    make_slot(day)
    before = compose(session)
    session.missing_translations = Session.MissingTranslations.STOPS
    session.save()

    after = compose(session)

    assert (before.stops_untranslated, after.stops_untranslated) == (False, True)
    assert after.digest == before.digest
