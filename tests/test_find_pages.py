"""The agenda with what a reader asks for, and the pages to look people and States up."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import mirror
from sessions_app.outputs.agenda import render
from sessions_app.programme import LineEntry
from tests.editions import issue_three
from tests.factories import (
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_person_entry,
    make_programme,
    make_slot_entry,
)
from tests.test_pages import every, one, tree_of, words_of

AT = "/en/ocean/first/"


@pytest.fixture
def issued():
    """Three editions, the last of which changes five things of the first two."""
    return issue_three()


def slots_on(tree):
    return [slot.get("data-code") for slot in every(tree, "#programme .slot")]


def said_of_filters(tree):
    found = one(tree, "#found")
    return [words_of(part) for part in every(found, ".fault, [role], .found > ul a")]


def issue_slots(*slots, **changed):
    day = make_programme().days[0].model_copy(update={"slots": slots})
    programme = make_programme(days=(day,), **changed)
    return issue_programmes((programme, make_imprint()))


# --- What is asked for ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "slots", "said"),
    [
        ("q=minutes", ["s0930"], ["10 slots of 11 are hidden by:", "“minutes”"]),
        ("day=2", ["reports", "closing"], ["9 slots of 11 are hidden by:", "Tue 22 June"]),
        ("room=annex", ["group2"], ["10 slots of 11 are hidden by:", "Palais Wilson, Room 2"]),
        ("kind=panel", ["s0930"], ["10 slots of 11 are hidden by:", "Panel"]),
        ("person=ada-lund&day=2", ["reports"],
        ["10 slots of 11 are hidden by:", "Tue 22 June", "Ms. Ada Lund"]),
        ("of=Canada", ["s0930"], ["10 slots of 11 are hidden by:", "Canada"]),
        ("interpretation=ru", ["s0900"], ["10 slots of 11 are hidden by:", "Russian"]),
        ("since=1", ["s0900", "s0930", "group1", "new"],
        ["7 slots of 11 are hidden by:", "Changed since edition 1"]),
        ("q=coffee", ["group2", "inner"], ["9 slots of 11 are hidden by:", "“coffee”"]),
        ("q=nowhere&day=1", [],
        ["Nothing on the programme fits all of this:", "“nowhere”", "Mon 21 June"]),
    ],
)  # fmt: skip
def test_the_agenda_shows_what_is_asked_for_and_says_what_hides_the_rest(
    client, issued, query, slots, said
):
    tree = tree_of(client.get(f"{AT}?{query}"))

    assert slots_on(tree) == slots
    assert said_of_filters(tree) == [*said, "Show all"]


def test_days_keep_their_headings_and_days_without_any_slot_are_left_out(
    client, issued
):
    tree = tree_of(client.get(f"{AT}?day=2"))

    assert [words_of(h) for h in every(tree, ".day h2")] == [
        "Day 2: Tuesday, 22 June 2027"
    ]
    assert [words_of(a) for a in every(tree, "nav.days li:not(.is-other) a")] == [
        "Tue 22 June"
    ]
    # What stands before the days would stand before what was found.
    assert [words_of(h) for h in every(tree, ".section h2")] == [
        "How to take the floor"
    ]


def test_each_filter_is_removed_by_a_link_of_its_own(client, issued):
    tree = tree_of(client.get(f"{AT}?q=ada+lund&day=1&person=ada-lund"))

    assert [a.get("href") for a in every(tree, "#found > ul a")] == [
        f"{AT}?day=1&person=ada-lund",
        f"{AT}?q=ada+lund&person=ada-lund",
        f"{AT}?q=ada+lund&day=1",
        AT,
    ]
    assert [a.get("aria-label") for a in every(tree, "#found > ul a")] == [
        "“ada lund”: remove",
        "Mon 21\u00a0June: remove",
        "Ms. Ada Lund: remove",
        None,
    ]


def test_the_form_keeps_what_was_asked_for(client, issued):
    tree = tree_of(client.get(f"{AT}?q=%22A%22+%26&day=1&since=2"))

    assert one(tree, "#find-words").get("value") == '"A" &'
    assert [words_of(o) for o in every(tree, ".filters option[selected]")] == [
        "Mon 21 June"
    ]
    assert one(tree, "#find-since").get("checked") is not None
    assert words_of(one(tree, "#find-since + label")) == "Changed since edition 2"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("day=9", "“9” is left out: this programme has nothing of it (Day)."),
        ("room=x", "“x” is left out: this programme has nothing of it (Room)."),
        ("kind=keynote", "“keynote” is left out: this programme has nothing of it (Kind)."),
        ("person=x", "“x” is left out: this programme has nothing of it (Person)."),
        ("of=<b>", ("“<b>” is left out: this programme has nothing of it (State or "
        "organization).")),
        ("interpretation=de", ("“de” is left out: this programme has nothing of it "
        "(Interpretation).")),
        ("since=3", "“3” is left out: no earlier edition has this number."),
        ("since=99999999999999999999", ("“99999999999999999999” is left out: no earlier "
        "edition has this number.")),
        ("since=x", "“x” is left out: no earlier edition has this number."),
    ],
)  # fmt: skip
def test_what_is_not_there_to_ask_for_is_left_out_and_said(
    client, issued, query, sentence
):
    tree = tree_of(client.get(f"{AT}?{query}"))

    assert said_of_filters(tree) == [sentence, ""]
    assert len(slots_on(tree)) == 11
    beside = tree_of(client.get(f"{AT}?{query}&q=minutes"))
    assert said_of_filters(beside)[:2] == [sentence, "10 slots of 11 are hidden by:"]
    assert slots_on(beside) == ["s0930"]


def test_what_is_asked_for_is_bounded_and_that_is_said(client, issued):
    tree = tree_of(client.get(f"{AT}?q={'minutes+' * 20}"))

    assert said_of_filters(tree)[0] == (
        "Of what was asked for, only the first 100 letters were used."
    )
    assert one(tree, "#find-words").get("maxlength") == "100"


@pytest.mark.parametrize("query", ["q=", "q=+", "day=&room=", "utm=x", "q=%E2%80%A6"])
def test_what_asks_for_nothing_is_the_agenda_itself(client, issued, query):
    assert client.get(f"{AT}?{query}").content == client.get(AT).content


def test_an_edition_by_its_number_is_asked_alike(client, issued):
    at = f"{AT}editions/1/"

    tree = tree_of(client.get(f"{at}?q=visit"))

    assert slots_on(tree) == ["s1700"]
    assert one(tree, "#found > ul .all a").get("href") == at
    assert one(tree, ".find form").get("action") == f"{at}#found"
    assert not every(tree, "#find-since")


def test_the_same_is_asked_in_another_language(client, issued):
    tree = tree_of(client.get(f"{AT}?of=Chile&q=omar"))
    links = [a.get("href") for a in every(tree, ".languages a")]

    assert links[0] == "/ar/ocean/first/?q=omar&of=Chile"
    arabic = tree_of(client.get(links[0]))
    assert slots_on(arabic) == ["s0930"]
    assert [words_of(o) for o in every(arabic, "option[selected]")] == ["شيلي"]


def test_machines_are_led_to_the_agenda_itself(client, issued):
    tree = tree_of(client.get(f"{AT}?q=minutes"))

    assert one(tree, "meta[name=robots]").get("content") == "noindex"
    assert one(tree, "link[rel=canonical]").get("href").endswith(AT)
    assert every(tree, "link[rel=alternate][hreflang]") == []
    plain = tree_of(client.get(AT))
    assert every(plain, "meta[name=robots]") == []


def kept_but_standings():
    """What memory holds; a Standing is kept once its file is older than a tick."""
    return {key for key in mirror.memory._kept if key[0] != "standing"}


@pytest.mark.django_db
def test_what_is_asked_for_is_made_from_memory_and_not_kept(client, issued):
    client.get(f"{AT}?q=first")
    before = kept_but_standings()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        answers = [
            client.get(f"{AT}?q=minutes+{number}", headers={"Accept-Encoding": "gzip"})
            for number in range(3)
        ]

    assert len(queries) == 0
    assert kept_but_standings() == before
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-cache"}
    assert {answer.headers["Vary"] for answer in answers} == {"Accept-Encoding"}
    assert not answers[0].cookies
    etag = answers[0].headers["ETag"]
    again = client.get(
        f"{AT}?q=minutes+0",
        headers={"Accept-Encoding": "gzip", "If-None-Match": etag},
    )
    assert again.status_code == 304


# --- What there is to choose ----------------------------------------------------------


def test_only_what_the_programme_has_is_offered(client, issued):
    tree = tree_of(client.get(AT))

    assert {
        select.get("name"): [words_of(option) for option in every(select, "option")]
        for select in every(tree, ".filters select")
    } == {
        "day": ["All days", "Mon 21 June", "Tue 22 June"],
        "room": ["All rooms", "Room XIX", "Palais Wilson, Room 2"],
        "kind": [
            *("All kinds", "Opening", "Panel", "Lunch", "Working group", "Session"),
            *("Drafting group", "Closing"),
        ],
        "person": [
            *("Everybody", "H.E. Mr. Omar Diaz", "Bo Ek", "Ms. Zoé Émond"),
            *("Ms. Dag Holm", "Ms. Ada Lund"),
        ],
        "of": [
            *("All States and organizations", "Canada", "Chile"),
            "Institute of the Sea",
        ],
        "interpretation": [
            *("All languages", "Arabic", "Chinese", "English", "French"),
            *("Russian", "Spanish"),
        ],
    }
    assert words_of(one(tree, ".tick")) == "Changed since edition 2"
    assert [words_of(part) for part in every(tree, ".find summary")] == [
        "Find in the programme"
    ]


def test_one_day_one_room_and_one_kind_are_no_choice(client):
    issue_slots(make_slot_entry("09:00"), make_slot_entry("10:00"))

    tree = tree_of(client.get(AT))

    assert every(tree, ".filters") == []
    assert one(tree, "#find-words").get("type") == "search"


def test_people_are_searched_and_not_listed_where_they_are_too_many(client):
    people = tuple(make_person_entry(f"Person {n}", person=f"p{n}") for n in range(101))
    slots = (
        make_slot_entry("09:00", lines=(LineEntry(code="all", people=people),)),
        make_slot_entry("10:00", kind="closing"),
    )
    issue_slots(*slots)

    tree = tree_of(client.get(AT))
    asked = tree_of(client.get(f"{AT}?person=p7"))

    assert [s.get("name") for s in every(tree, ".filters select")] == ["kind"]
    assert slots_on(asked) == ["s0900"]


def test_a_draft_has_no_form(issued):

    page = render(make_full_programme(), None, "en").decode()

    assert 'role="search"' not in page
    assert "data-find" not in page


# --- States and organizations ---------------------------------------------------------


def test_states_and_organizations_have_a_page_of_who_speaks_where(client, issued):
    tree = tree_of(client.get(f"{AT}delegations/"))

    assert words_of(one(tree, "h1")) == "States and organizations"
    assert [words_of(h) for h in every(tree, ".group h2, .group h3")] == [
        *("States", "Canada", "Chile"),
        *("Organizations", "Institute of the Sea"),
    ]
    chile = every(tree, ".is-delegations > li")[1]
    assert words_of(chile) == (
        "Chile On the agenda H.E. Mr. Omar Diaz Ambassador of Chile Panel 1: Minutes "
        "that matter Mon 21 June, 09.45–12.00 · Moderator"
    )
    assert [a.get("href") for a in every(chile, "a")] == [
        f"{AT}?of=Chile",
        f"{AT}people/omar-diaz/",
        f"{AT}slots/s0930/",
    ]
    assert slots_on(tree_of(client.get(f"{AT}?of=Chile"))) == ["s0930"]


def test_states_are_sorted_as_the_language_does(client):
    states = [
        {"en": "Sweden", "es": "Suecia"},
        {"en": "Spain", "es": "España"},
        {"en": "Åland", "es": "Åland"},
    ]
    people = tuple(
        make_person_entry(f"P {n}", state=state) for n, state in enumerate(states)
    )
    slot = make_slot_entry(lines=(LineEntry(code="all", people=people),))
    issue_slots(slot, languages=("en", "es"))

    names = {
        language: [
            words_of(h)
            for h in every(
                tree_of(client.get(f"/{language}/ocean/first/delegations/")),
                ".is-delegations h3",
            )
        ]
        for language in ("en", "es")
    }

    assert names == {
        "en": ["Åland", "Spain", "Sweden"],
        "es": ["Åland", "España", "Suecia"],
    }


def test_a_programme_without_states_says_so_and_leads_there_from_nowhere(client):
    issue_slots(make_slot_entry())

    assert words_of(one(tree_of(client.get(f"{AT}delegations/")), ".empty")) == (
        "No State or organization is named in this programme."
    )
    links = [a.get("href") for a in every(tree_of(client.get(AT)), "a")]
    assert f"{AT}delegations/" not in links


def test_states_are_reached_from_the_agenda_and_from_people(client, issued):
    for page in (AT, f"{AT}people/"):
        links = [a.get("href") for a in every(tree_of(client.get(page)), "main a")]
        assert f"{AT}delegations/" in links


# --- People ---------------------------------------------------------------------------


def issue_people(number):
    people = tuple(
        make_person_entry(f"Ada {chr(65 + n)}und", person=f"p{n}")
        for n in range(number)
    )
    issue_slots(make_slot_entry(lines=(LineEntry(code="all", people=people),)))


def test_a_long_index_has_letters_to_go_to(client):
    issue_people(21)

    tree = tree_of(client.get(f"{AT}people/"))

    letters = [chr(65 + n) for n in range(21)]
    assert [words_of(a) for a in every(tree, ".letters a")] == letters
    assert [words_of(h) for h in every(tree, "h2.letter")] == letters
    for link in every(tree, ".letters a"):
        one(tree, link.get("href"))
    assert len(every(tree, ".profiles h3")) == 21


def test_a_short_index_has_none(client):
    issue_people(20)

    tree = tree_of(client.get(f"{AT}people/"))

    assert every(tree, ".letters, h2.letter") == []
    assert len(every(tree, ".profiles h2")) == 20


def test_people_are_in_the_order_of_the_page(client):
    people = (
        make_person_entry("Bo Ek", name={"en": "Bo Ek", "ru": "Бо Экк"},
        printed={"en": "Bo Ek", "ru": "Бо Экк"}),
        make_person_entry("Zoe Adams", name={"en": "Zoe Adams", "ru": "Зои Яковлева"},
        printed={"en": "Zoe Adams", "ru": "Зои Яковлева"}),
        make_person_entry("Max Cole", printed={"en": "Max Cole"}),
    )  # fmt: skip
    slot = make_slot_entry(lines=(LineEntry(code="all", people=people),))
    issue_slots(slot, languages=("en", "ru"))

    names = {
        language: [
            words_of(h)
            for h in every(
                tree_of(client.get(f"/{language}/ocean/first/people/")), ".profiles h2"
            )
        ]
        for language in ("en", "ru")
    }

    assert names == {
        "en": ["Zoe Adams", "Max Cole", "Bo Ek"],
        "ru": ["Бо Экк", "Зои Яковлева", "Max Cole"],
    }
