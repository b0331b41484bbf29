"""The pages about people and roles: merging two records, who is to be confirmed, and
how somebody prints while it is typed."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app.models import Line, SavedChange, Session, Slot
from sessions_app.translated import text, translated
from speakers.merging import merge
from speakers.models import Person, Role
from speakers.vocabulary import load_roles
from tests.desk import page_of, refused_on, sign_in, told_on, words_on
from tests.forms import typed
from tests.rows import (
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_role,
    make_session,
    make_slot,
)

BIDI = "\u202e"


@pytest.fixture
def slot(db):
    return make_slot(make_day(make_session()))


# --- Merging --------------------------------------------------------------------------


@pytest.fixture
def record(db):
    """The record that is merged: it knows the State, and the function in French."""
    return make_person(
        "A. Lund",
        function=text("Director", fr="Directrice"),
        state=text("Norway"),
        pronunciation="AH-da",
    )


@pytest.fixture
def kept(db):
    return make_person("Ada Lund", function=text("Head of Office"))


def merging(record):
    return reverse("desk:merge", args=[record.pk])


def compare(client, record, kept, **changed):
    """Chooses the record to be kept and asks for both side by side."""
    page = merging(record)
    sent = typed(client.get(page)) | {"into": str(kept.pk), "_compare": "Compare"}
    return client.post(page, sent | changed)


def merge_after(client, record, compared, **changed):
    """Presses the button under the comparison."""
    sent = typed(compared) | {"_merge": "Merge"} | changed
    return client.post(
        merging(record), {name: said for name, said in sent.items() if said is not None}
    )


def columns_of(person):
    person = Person.objects.get(pk=person.pk)
    return {
        column.name: getattr(person, column.attname)
        for column in Person._meta.fields
        if column.name != "version"
    }


def test_both_records_are_compared_in_each_language_before_they_are_merged(
    officer, record, kept
):
    assert words_on(officer.get(merging(record))) == [
        "The record to be kept:",
        "Fill what is missing there from this record:",
        "Back to the record",
    ]
    before = columns_of(record), columns_of(kept)

    page = compare(officer, record, kept)

    assert words_on(page) == [
        "The record to be kept:",
        "Ada Lund",
        "Fill what is missing there from this record:",
        "Both records",
        *("Field", "This record", "The one to be kept"),
        *("Honorific (English)", "Ms.", "Ms."),
        *("Printed name (English)", "A. Lund", "Ada Lund"),
        *("Function (English)", "Director", "Head of Office"),
        *("Function (Français)", "Directrice", "–"),
        *("State (English)", "Norway", "–"),
        *("Family name", "Lund", "Lund"),
        *("Given names", "A.", "Ada"),
        *("Pronunciation", "AH-da", "–"),
        ("Where this record is named, the one to be kept will print, and the address of "
        "this one will lead there. The merge can be undone."),
        "Back to the record",
    ]  # fmt: skip
    assert (columns_of(record), columns_of(kept)) == before


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "Merged: 1 line that named the other record prints this one."),
        (2, "Merged: 2 lines that named the other record print this one."),
    ],
)
def test_the_merge_says_how_many_lines_follow_and_fills_what_is_missing(
    officer, slot, record, kept, number, said
):
    for _each in range(number):
        make_line(slot, person=record)

    answer = merge_after(officer, record, compare(officer, record, kept))

    assert answer.url == page_of(kept)
    assert told_on(officer.get(answer.url)) == [said]
    assert columns_of(record)["merged_into"] == kept.pk
    filled = columns_of(kept)
    assert (filled["state"], filled["pronunciation"]) == (text("Norway"), "AH-da")
    assert filled["function"]["fr"] == "Directrice"
    assert filled["function"]["en"] == "Head of Office"


def test_nothing_is_filled_where_that_is_not_ticked(officer, record, kept):
    before = columns_of(kept)

    merge_after(officer, record, compare(officer, record, kept), fill=None)

    assert columns_of(record)["merged_into"] == kept.pk
    assert columns_of(kept) == before


def test_a_record_that_was_not_compared_is_not_merged_into(officer, record, kept):
    other = make_person("Ada Berg")
    compared = compare(officer, record, kept)

    page = merge_after(officer, record, compared, into=str(other.pk))

    assert columns_of(record)["merged_into"] is None
    assert typed(page)["compared_with"] == str(other.pk)
    assert "Ada Berg" in words_on(page)
    merge_after(officer, record, page)
    assert columns_of(record)["merged_into"] == other.pk


NOT_IN_THE_LIST = (
    "This person is not in the list any more: the record was deleted or merged into "
    "another meanwhile. Choose again."
)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"into": ""}, "Choose the record to be kept."),
        ({"into": "x"}, NOT_IN_THE_LIST),
        ({"into": "9" * 30}, NOT_IN_THE_LIST),
        ({"into": "MERGED"}, NOT_IN_THE_LIST),
        (
            {"into": "SELF"},
            "This is the record itself. Choose the one that is to be kept.",
        ),
        (
            {"into_typed": "Nobody"},
            ("Nobody of the list of people is called “Nobody”. Type the name as it is "
            "in the list, or add the person there first."),
        ),
        (
            {"into_typed": "lund"},
            ("“lund” fits several people: A. Lund – Director; Ada Lund – Head of Office. "
            "Type more of the name."),
        ),
        (
            {"into_typed": f"A{BIDI}"},
            ("Character 2 (U+202E) changes the order in which the text is read. Delete "
            "it and type the words again."),
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_merged_is_told_and_nothing_is_merged(
    officer, record, kept, sent, said
):
    gone = make_person("Max Berg", merged_into=make_person("Ada Berg"))
    people = {"SELF": record.pk, "MERGED": gone.pk}
    sent = {name: str(people.get(value, value)) for name, value in sent.items()}

    for button in ("_compare", "_merge"):
        page = officer.post(merging(record), {"into": "", **sent, button: "1"})
        assert refused_on(page) == {"into": [said]}
        assert "Both records" not in words_on(page)
    assert columns_of(record)["merged_into"] is None


def test_a_record_that_is_merged_already_is_not_merged_again(officer, record, kept):
    other = make_person("Ada Berg")
    compared = compare(officer, record, kept)
    merge(record, other)

    page = merge_after(officer, record, compared)

    assert refused_on(page) == {
        "into": ["“A. Lund” is merged into “Ada Berg” already. Choose that record."]
    }
    assert columns_of(record)["merged_into"] == other.pk


def test_a_merge_is_taken_back_through_the_history_with_what_was_filled(
    officer, record, kept
):
    former = make_person("Ada L.")
    merge(former, record)
    people = (former, record, kept)
    before = [columns_of(person) for person in people]
    merge_after(officer, record, compare(officer, record, kept))
    after = [columns_of(person) for person in people]
    assert [person["merged_into"] for person in after] == [kept.pk, kept.pk, None]
    change = SavedChange.objects.get()
    assert (change.act, change.by.username) == ("merged", "officer")

    officer.post(reverse("desk:take_back", args=[change.pk]))
    assert [columns_of(person) for person in people] == before

    latest = SavedChange.objects.latest("pk")
    officer.post(reverse("desk:take_back", args=[latest.pk]))
    assert [columns_of(person) for person in people] == after


def test_a_merge_is_undone_on_the_page_of_the_merged_record(officer, record, kept):
    merge_after(officer, record, compare(officer, record, kept))
    page = officer.get(page_of(record)).content.decode()
    undo = reverse("desk:unmerge", args=[record.pk])
    assert f'action="{undo}"' in page
    assert "Undo the merge" in page
    assert merging(record) not in page
    assert "This record leads to “Ada Lund”" in page

    answer = officer.post(undo)

    assert columns_of(record)["merged_into"] is None
    page = officer.get(answer.url)
    assert (answer.url, told_on(page)) == (
        page_of(record),
        ["The two records are apart again."],
    )
    assert merging(record) in page.content.decode()
    assert SavedChange.objects.filter(act="merged").count() == 2


def test_what_is_not_merged_cannot_be_undone_and_says_so(officer, record):
    answer = officer.post(reverse("desk:unmerge", args=[record.pk]))

    assert told_on(officer.get(answer.url)) == [
        "“A. Lund” is not merged into another record."
    ]
    assert SavedChange.objects.count() == 0


def test_merging_is_for_who_may_change_people_and_undoing_is_never_a_link(
    client, record, kept
):
    viewer = sign_in(client, "viewer", duty="reader")
    undo = reverse("desk:unmerge", args=[record.pk])

    assert viewer.get(merging(record)).status_code == 403
    assert viewer.post(merging(record), {"into": str(kept.pk)}).status_code == 403
    assert viewer.post(undo).status_code == 403
    officer = sign_in(Client())
    assert officer.get(undo).status_code == 405
    assert officer.get("/admin/people/0/merge/").status_code == 404
    assert officer.get(f"/admin/people/{'9' * 30}/merge/").status_code == 404
    assert officer.post(f"/admin/people/{'9' * 30}/unmerge/").status_code == 404
    assert columns_of(record)["merged_into"] is None


# --- To be confirmed --------------------------------------------------------------------

UNCONFIRMED = "/admin/unconfirmed/"
NONE_LEFT = (
    "Everybody is confirmed. As soon as somebody is marked “to be confirmed”, the name "
    "is listed here, by session and State."
)


def await_in(slot, **values):
    return make_line(slot, status=Line.Status.TO_BE_CONFIRMED, **values)


def test_who_is_to_be_confirmed_is_listed_by_session_and_by_state(officer, slot):
    later = make_session(
        slug="second",
        title=text("Second session"),
        starts_on=dt.date(2027, 9, 1),
        ends_on=dt.date(2027, 9, 1),
    )
    afternoon = make_slot(slot.day, "15:00", "16:00", title=text("Closing"))
    for name, state in (
        ("Max Moor", "Zambia"),
        ("Ida Berg", "Österreich"),
        ("Ama Mensah", "Oman"),
        ("Eve Holt", ""),
        ("Li Na", "Éthiopie"),
    ):
        await_in(
            afternoon, person=make_person(name, state=text(state) if state else {})
        )
    await_in(slot, person=make_person("Ada Lund", state=text("Oman")), role=make_role())
    await_in(slot, unnamed=text("A youth delegate"))
    await_in(
        make_slot(make_day(later)), person=make_person("Ben Otto", state=text("Oman"))
    )

    assert words_on(officer.get(UNCONFIRMED)) == [
        "First session 7 to be confirmed",
        "Éthiopie",
        "Ms. Li Na, Director Mon 21 June · 15.00 Closing",
        "Oman",
        "Ms. Ada Lund, Director Mon 21 June · 10.00 Statements · Panellist",
        "Ms. Ama Mensah, Director Mon 21 June · 15.00 Closing",
        "Österreich",
        "Ms. Ida Berg, Director Mon 21 June · 15.00 Closing",
        "Zambia",
        "Ms. Max Moor, Director Mon 21 June · 15.00 Closing",
        "No State",
        "A youth delegate Mon 21 June · 10.00 Statements",
        "Ms. Eve Holt, Director Mon 21 June · 15.00 Closing",
        "Second session 1 to be confirmed",
        "Oman",
        "Ms. Ben Otto, Director Wed 1 September · 10.00 Statements",
    ]


def test_each_name_leads_to_the_page_on_which_it_is_confirmed(officer, slot):
    line = await_in(slot, person=make_person())
    page = reverse("desk:line", args=[line.code])
    assert f'href="{page}"' in officer.get(UNCONFIRMED).content.decode()

    seen = typed(officer.get(page))["version_seen"]
    officer.post(page, {"version_seen": seen, "mark": "status:confirmed"})

    assert words_on(officer.get(UNCONFIRMED)) == [NONE_LEFT]


def test_what_is_said_at_the_line_goes_before_the_record_and_the_kept_record_prints(
    officer, slot
):
    kept = make_person("Ada Lund", function=text("Minister"), state=text("Norway"))
    await_in(slot, person=make_person("A. Lund", merged_into=kept))
    await_in(
        slot,
        person=make_person("Max Moor", state=text("Oman")),
        honorific={},
        function=text("Chair"),
        state=text("Zambia"),
    )

    assert words_on(officer.get(UNCONFIRMED))[1:] == [
        "Norway",
        "Ms. Ada Lund, Minister Mon 21 June · 10.00 Statements",
        "Zambia",
        "Max Moor, Chair Mon 21 June · 10.00 Statements",
    ]


def test_nobody_is_awaited_where_nothing_is_held_or_printed_or_nobody_is_named(
    officer, slot
):
    role = make_moderator()
    await_in(slot, text=text("Statements"))
    await_in(slot, text=text("The moderators report"), holders_of=role)
    for changed in ({"status": Slot.Status.CANCELLED}, {"is_printed": False}):
        await_in(make_slot(slot.day, **changed), person=make_person())
    for slug, changed in (
        ("archived", {"is_archived": True}),
        ("cancelled", {"status": Session.Status.CANCELLED}),
    ):
        session = make_session(slug=slug, **changed)
        await_in(make_slot(make_day(session)), person=make_person())
    for status in Line.Status.values:
        if status != Line.Status.TO_BE_CONFIRMED:
            make_line(slot, person=make_person(), status=status)

    assert words_on(officer.get(UNCONFIRMED)) == [NONE_LEFT]


def test_the_list_takes_as_many_queries_for_many_names_as_for_one(officer, slot):
    await_in(slot, person=make_person())
    officer.get(UNCONFIRMED)
    with CaptureQueriesContext(connection) as few:
        officer.get(UNCONFIRMED)
    kept = make_person("Kept Person")
    for number in range(12):
        session = make_session(slug=f"session-{number}")
        person = make_person(f"Person Number{number}", merged_into=kept)
        await_in(make_slot(make_day(session)), person=person)
    with CaptureQueriesContext(connection) as many:
        page = officer.get(UNCONFIRMED)

    assert len(words_on(page)) == 39
    assert len(many) == len(few)


def test_the_list_is_for_who_may_see_slots(client, db):
    assert client.get(UNCONFIRMED).status_code == 302
    assert sign_in(client, "one", duty="none").get(UNCONFIRMED).status_code == 403
    assert sign_in(Client(), "two", duty="reader").get(UNCONFIRMED).status_code == 200


# --- The page of a person --------------------------------------------------------------


def examples_on(response):
    """What is shown beside a form: language to the lines that print."""
    page = response.content.decode()
    examples = re.findall(
        r'<section class="example">\s*<h3 lang="([\w-]+)">(.*?)</h3>(.*?)</section>',
        page,
        re.DOTALL,
    )
    return {
        (language, name): re.findall(
            rf'<p lang="{language}" dir="auto">(.*?)</p>', lines
        )
        for language, name, lines in examples
    }


@pytest.fixture
def jurg(db):
    return make_person(
        "Jürg Lauber",
        printed_name=text(
            "Jürg Lauber", ar="يورغ لاوبر", zh_hans="于尔格·劳贝尔", fr="Jürg Lauber"
        ),
        honorific=text("H.E. Mr.", ar="سعادة السيد", zh_hans="先生阁下"),
        function=text(
            "Permanent Representative of Switzerland", zh_hans="瑞士常驻代表"
        ),
    )


def test_a_person_is_shown_as_printed_in_each_language_that_has_the_name(officer, jurg):
    assert examples_on(officer.get(page_of(jurg))) == {
        ("ar", "العربية"): ["سعادة السيد يورغ لاوبر, Permanent Representative of Switzerland"],
        ("zh-Hans", "中文"): ["于尔格·劳贝尔先生阁下，瑞士常驻代表"],
        ("en", "English"): ["H.E. Mr. Jürg Lauber, Permanent Representative of Switzerland"],
        ("fr", "Français"): [
            "H.E. Mr. Jürg Lauber, Permanent Representative of Switzerland"
        ],
    }  # fmt: skip


def test_a_person_is_shown_as_typed_before_anything_is_saved(officer, jurg):
    form = typed(officer.get(page_of(jurg)))
    before = columns_of(jurg)
    sent = form | {"printed_name_en": "Jürg <b>Lauber</b>", "honorific_en": ""}

    answer = officer.post(f"/admin/speakers/person/{jurg.pk}/echo/", sent)

    assert examples_on(answer)["en", "English"] == [
        "Jürg &lt;b&gt;Lauber&lt;/b&gt;, Permanent Representative of Switzerland"
    ]
    assert "<html" not in answer.content.decode()
    assert columns_of(jurg) == before


def test_a_new_person_is_shown_as_typed(officer):
    new = reverse("admin:speakers_person_add")
    page = officer.get(new)
    assert "Type the name: then the line is shown here as it prints." in (
        page.content.decode()
    )
    sent = typed(page) | {
        "printed_name_en": "Aminata Touré",
        "printed_name_fr": "Aminata Touré",
        "function_fr": "Ministre",
    }

    answer = officer.post("/admin/speakers/person/echo/", sent)

    assert examples_on(answer) == {
        ("en", "English"): ["Aminata Touré, Ministre"],
        ("fr", "Français"): ["Aminata Touré, Ministre"],
    }
    assert Person.objects.count() == 0


def test_what_is_refused_or_sent_in_part_is_no_fault_of_the_address(officer, jurg):
    echo = f"/admin/speakers/person/{jurg.pk}/echo/"

    for sent in ({}, {"printed_name_en": f"{BIDI}A"}, {"printed_name_en": "x" * 5000}):
        assert officer.post(echo, sent).status_code == 200
    assert officer.post("/admin/speakers/person/999999/echo/", {}).status_code == 404


@pytest.mark.parametrize("kind", ["person", "role"])
def test_what_would_print_is_told_to_who_may_see_it_and_only_when_sent(
    client, db, kind
):
    echo = f"/admin/speakers/{kind}/echo/"
    assert client.post(echo, {}).status_code == 302
    viewer = sign_in(client, "viewer", duty="reader")
    assert (viewer.get(echo).status_code, viewer.post(echo, {}).status_code) == (
        403,
        200,
    )
    other = sign_in(Client(), "other", duty="none")
    assert other.post(echo, {}).status_code == 403


def appearances_on(response):
    page = response.content.decode()
    section = re.search(
        r'<section class="module appears".*?</section>', page, re.DOTALL
    )
    items = re.findall(r"<li.*?</li>", section[0], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", item).split()) for item in items]


def test_the_page_of_a_person_lists_every_appearance_through_merged_records_too(
    officer, slot, jurg
):
    later = make_slot(
        make_day(
            make_session(
                slug="second",
                title=text("Second session"),
                starts_on=dt.date(2027, 9, 1),
                ends_on=dt.date(2027, 9, 1),
            )
        )
    )
    make_line(slot, person=make_person("J. Lauber", merged_into=jurg))
    moderated = make_line(
        later, person=jurg, role=make_moderator(), status=Line.Status.TO_BE_CONFIRMED
    )
    make_line(slot, person=make_person("Ada Lund"))

    page = officer.get(page_of(jurg))

    assert appearances_on(page) == [
        "1 September 2027, 10.00 Statements Second session · Moderator · to be confirmed",
        "21 June 2027, 10.00 Statements First session · confirmed",
    ]
    assert f'href="{reverse("desk:line", args=[moderated.code])}"' in (
        page.content.decode()
    )


def test_somebody_named_nowhere_is_said_to_be(officer, jurg):
    assert appearances_on(officer.get(page_of(jurg))) == ["Named in no session yet."]


# --- The page of a role ------------------------------------------------------------------


def test_a_role_shows_examples_in_each_of_its_languages(officer, db):
    load_roles()
    moderator = Role.objects.get(key="moderator")

    shown = examples_on(officer.get(page_of(moderator)))

    assert [language for language, _name in shown] == [
        *("ar", "zh-Hans", "en", "fr", "ru", "es")
    ]
    assert shown["en", "English"] == [
        "Moderated by Ms. Ada Lund, Director of the Ocean Institute",
        ("Moderated by Ms. Ada Lund, Director of the Ocean Institute; and Mr. Omar "
        "Haddad, Permanent Representative of the host country"),
    ]  # fmt: skip
    assert shown["zh-Hans", "中文"][0] == "主持人：阿达·隆德女士，海洋研究所所长"


def test_a_role_of_bullets_shows_its_four_labels(officer, db):
    chair = make_role(
        "chair",
        label_neutral=translated({"en": "Chair", "fr": "Président(e)"}, "en"),
        label_feminine=translated({"fr": "Présidente"}, "fr"),
        label_masculine=translated({"fr": "Président"}, "fr"),
        label_plural=translated({"en": "Chairs", "fr": "Coprésidents"}, "en"),
    )

    shown = examples_on(officer.get(page_of(chair)))

    assert shown["fr", "Français"] == [
        *("Président(e)", "Présidente", "Président", "Coprésidents")
    ]
    assert shown["en", "English"] == ["Chair", "Chair", "Chair", "Chairs"]


def test_a_role_is_shown_as_typed_before_anything_is_saved(officer, db):
    role = make_moderator()
    sent = typed(officer.get(page_of(role))) | {"by_line_en": "In the chair: {people}"}

    answer = officer.post(f"/admin/speakers/role/{role.pk}/echo/", sent)

    assert examples_on(answer)["en", "English"][0] == (
        "In the chair: Ms. Ada Lund, Director of the Ocean Institute"
    )
    role.refresh_from_db()
    assert role.by_line == text("Moderated by {people}")


@pytest.mark.parametrize("by_line", ["no names", "{people} {people}", "{", "{0}", "}{"])
def test_a_closing_line_that_is_not_right_yet_is_no_fault(officer, db, by_line):
    role = make_moderator()
    sent = typed(officer.get(page_of(role))) | {"by_line_en": by_line}

    answer = officer.post(f"/admin/speakers/role/{role.pk}/echo/", sent)

    assert answer.status_code == 200
