"""The slots that a reader chose: a page by their codes, for any device."""

import datetime as dt

import pytest

from sessions_app import mirror
from sessions_app.outputs import mine
from sessions_app.outputs.addresses import mine_address, mine_calendar_address
from sessions_app.outputs.agenda import Copy
from sessions_app.programme import DayEntry
from tests.editions import issue_three
from tests.factories import (
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_programme,
    make_slot_entry,
)
from tests.test_pages import every, one, tree_of, words_of

AT = "/en/ocean/first/"
MINE = f"{AT}mine/"


@pytest.fixture
def session():
    return issue_programmes((make_full_programme(), make_imprint(1)))


def asked(client, codes, at=MINE):
    answer = client.get(f"{at}?slots={codes}")
    assert answer.status_code == 200
    return tree_of(answer)


def titles_on(tree):
    """The titles as they are seen; the day and time are only said aloud."""
    for unseen in every(tree, ".slot h3 .unseen"):
        unseen.drop_tree()
    return [words_of(title) for title in every(tree, ".slot h3")]


def head_of(tree):
    return words_of(one(tree, "main header"))


# --- What the page says ---------------------------------------------------------------


def test_chosen_slots_stand_by_day_in_printed_order(client, session):
    tree = asked(client, "reports,s1200,s0900")

    assert head_of(tree) == (
        "First session My programme 3 slots · All times: Geneva time"
    )
    assert [words_of(day) for day in every(tree, ".day > h2")] == [
        "Day 1: Monday, 21 June 2027",
        "Day 2: Tuesday, 22 June 2027",
    ]
    assert titles_on(tree) == ["Opening segment", "Lunch", "Reports"]


def test_a_chosen_slot_is_the_one_of_the_agenda(client, session):
    on_agenda = one(tree_of(client.get(AT)), "#slot-s0930")
    chosen = one(asked(client, "s0930"), "#slot-s0930")

    assert words_of(chosen) == words_of(on_agenda)
    # What is found there is not looked for here.
    on_agenda.attrib.pop("data-find")
    assert {**chosen.attrib} == {**on_agenda.attrib}


def test_chosen_slots_are_added_to_a_calendar_and_read_in_other_languages(
    client, session
):
    tree = asked(client, "s1200,unknown,s0900")

    assert one(tree, "[data-query]").attrib["href"] == (
        f"{AT}mine.ics?slots=s0900,s1200"
    )
    assert [a.attrib["href"] for a in every(tree, ".languages a")] == [
        "/ar/ocean/first/mine/?slots=s0900,s1200",
        "/en/ocean/first/mine/?slots=s0900,s1200",
        "/fr/ocean/first/mine/?slots=s0900,s1200",
    ]


def test_a_slot_within_another_leads_to_the_page_of_that_one(client, session):
    tree = asked(client, "inner")

    assert one(tree, ".part-of a").attrib["href"] == f"{AT}slots/group2/"


@pytest.mark.parametrize("at", [MINE, f"{MINE}?slots=s0900"])
def test_machines_are_asked_not_to_list_the_page(client, session, at):
    tree = tree_of(client.get(at))

    assert one(tree, "meta[name=robots]").attrib["content"] == "noindex"
    assert every(tree, "link[rel=canonical]") == []


def test_without_chosen_slots_the_page_says_what_it_is_for(client, session):
    tree = tree_of(client.get(MINE))

    assert words_of(one(tree, "[data-mine-empty] > p")) == (
        "Mark slots in the agenda with the star beside their titles: they then stand "
        "here. They are kept on this device alone, without an account; a link shows "
        "them to others and on your other devices."
    )
    assert words_of(one(tree, "noscript")) == (
        "To mark slots, JavaScript must be switched on. A link that somebody gives you "
        "shows its slots without it."
    )
    assert client.get(f"{MINE}?slots=,").content == client.get(MINE).content
    assert client.get(f"{MINE}?other=1").content == client.get(MINE).content


@pytest.mark.parametrize(
    ("codes", "said", "titles"),
    [
        (
            "s0900,gone",
            (
                "1 slot · All times: Geneva time "
                "1 of these slots is no longer in the programme. Take them out"
            ),
            ["Opening segment"],
        ),
        (
            "s0900,gone,s1200,also-gone,gone",
            (
                "2 slots · All times: Geneva time "
                "2 of these slots are no longer in the programme. Take them out"
            ),
            ["Opening segment", "Lunch"],
        ),
        (
            "%3Cscript%3E,%00,..%2F,%D8%A3",
            (
                "0 slots · All times: Geneva time "
                "4 of these slots are no longer in the programme. Take them out"
            ),
            [],
        ),
    ],
)
def test_what_is_no_longer_there_is_counted(client, session, codes, said, titles):
    tree = asked(client, codes)

    assert head_of(tree) == f"First session My programme {said}"
    assert titles_on(tree) == titles
    assert "script>" not in words_of(tree)


def test_no_more_than_five_hundred_codes_are_looked_up(client, session):
    codes = ",".join(f"x{number:06d}" for number in range(499))

    within = asked(client, f"{codes},s0900")
    beyond = asked(client, f"{codes},s0900,s1200")

    assert titles_on(within) == titles_on(beyond) == ["Opening segment"]
    assert [words_of(p) for p in every(beyond, ".no-longer")] == [
        "499 of these slots are no longer in the programme. Take them out",
        "Only the first 500 slots of the link are shown.",
    ]
    assert len(every(within, ".no-longer")) == 1


def test_what_changed_since_is_marked_as_on_the_agenda(client):
    issue_three()

    tree = asked(client, "s0930,group1,s1700")

    assert [words_of(told) for told in every(tree, "#slot-s0930 .told li")] == [
        "Panel 1 starts at 09.45, was 09.30.",
        "Ms. Dag Holm replaces Ms. Cai Ong.",
    ]
    assert titles_on(tree)[1] == "Cancelled Working group 1 Data"
    assert words_of(one(tree, ".no-longer")).startswith("1 of these slots is no longer")


def test_a_numbered_edition_shows_them_as_it_had_them(client):
    issue_three()

    tree = asked(client, "group1,s1700", f"{AT}editions/1/mine/")

    assert titles_on(tree) == ["Working group 1 Data", "Postponed Visit"]
    assert one(tree, "[data-query]").attrib["href"] == (
        f"{AT}editions/1/mine.ics?slots=group1,s1700"
    )


def test_damaged_files_of_the_edition_before_cost_its_marks_alone(client, caplog):
    standing = issue_three()
    damaged = mirror.folder() / standing.former(3).digest / "programme.json"
    damaged.write_text("{")

    tree = asked(client, "s0930")

    assert titles_on(tree) == ["Panel 1 Minutes that matter"]
    assert every(tree, "main .told") == []
    assert "cannot read the edition before" in caplog.text


# --- What takes place at the same time ------------------------------------------------


def clashes_of(*slots, codes=None):
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=slots)
    copy = Copy(make_programme(days=(day,)), make_imprint(), "en", is_public=True)
    chosen = mine.choose(copy, codes or ",".join(slot.code for slot in slots))
    return [
        (
            [slot.code for slot in clash.slots],
            clash.start.isoformat("minutes"),
            clash.end and clash.end.isoformat("minutes"),
        )
        for clash in chosen.clashes
    ]


def slot(code, start, end="", **changed):
    return make_slot_entry(start, end, code=code, **changed)


def test_overlaps_are_said_in_words(client, session):
    tree = asked(client, "s1200,group1,group2,s0900")

    assert [words_of(clash) for clash in every(tree, ".clashes li")] == [
        "Mon 21 June, 13.00–15.00: Working group 1: Data · Working group 2: Borders"
    ]
    assert [a.attrib["href"] for a in every(tree, ".clashes a")] == [
        "#slot-group1",
        "#slot-group2",
    ]


@pytest.mark.parametrize(
    ("slots", "clashes"),
    [
        ((slot("a", "10:00", "11:00"), slot("b", "11:00", "12:00")), []),
        (
            (slot("a", "10:00", "11:00"), slot("b", "10:45", "12:00")),
            [(["a", "b"], "10:45", "11:00")],
        ),
        (
            (
                slot("a", "10:00", "12:00"),
                slot("b", "10:00", "12:00"),
                slot("c", "10:00", "12:00"),
            ),
            [(["a", "b", "c"], "10:00", "12:00")],
        ),
        (
            (slot("a", "10:00", "12:00"), slot("b", "11:00")),
            [(["a", "b"], "11:00", None)],
        ),
        ((slot("a", "10:00"), slot("b", "11:00", "12:00")), []),
        (
            (
                slot("a", "10:00", "12:00"),
                slot("b", "10:00", "12:00", status="cancelled"),
            ),
            [],
        ),
        (
            (slot("a", "10:00", "12:00"), slot("b", "11:00", "12:00", part_of="a")),
            [],
        ),
        (
            (
                slot("a", "23:00", "00:30", ends_next_day=True),
                slot("b", "23:30", "01:00", ends_next_day=True),
            ),
            [(["a", "b"], "23:30", "00:30")],
        ),
        ((slot("a", "10:00", "12:00"), slot("b", "", "")), []),
    ],
)
def test_only_what_surely_overlaps_clashes(slots, clashes):
    assert clashes_of(*slots) == clashes


def test_what_is_not_chosen_clashes_with_nothing():
    slots = (slot("a", "10:00", "12:00"), slot("b", "10:00", "12:00"))

    assert clashes_of(*slots, codes="b,c") == []


def test_two_parts_of_one_slot_clash():
    whole = slot("whole", "10:00", "12:00")
    parts = [slot(code, "10:00", "12:00", part_of="whole") for code in "ab"]

    assert clashes_of(whole, *parts) == [(["a", "b"], "10:00", "12:00")]


# --- How it is sent -------------------------------------------------------------------


def test_codes_are_read_once_each():
    assert mine.codes_in("b,a,,b,c") == (["b", "a", "c"], False)
    assert mine.codes_in("") == ([], False)


def test_addresses_name_the_codes():
    assert mine_address(AT) == MINE
    assert mine_address(AT, ["a", "b"]) == f"{MINE}?slots=a,b"
    assert mine_calendar_address(AT, ["a", "b"]) == f"{AT}mine.ics?slots=a,b"


def test_pages_of_chosen_slots_are_not_kept(client, session):
    client.get(f"{MINE}?slots=s0900", headers={"accept-encoding": "br"})
    kept = {key for key in mirror.memory._kept if key[0] == "page"}

    for codes in ("s0930", "s1200", "s0900,s1200"):
        client.get(f"{MINE}?slots={codes}", headers={"accept-encoding": "br"})

    assert {key for key in mirror.memory._kept if key[0] == "page"} == kept


def test_a_page_that_is_had_already_is_not_sent_again(client, session):
    page = f"{MINE}?slots=s0900"
    first = client.get(page)

    again = client.get(page, headers={"if-none-match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers.get("Vary") == "Accept-Encoding"
    assert not first.cookies


@pytest.mark.parametrize("at", [MINE, f"{MINE}?slots=s0900,gone,group1,group2"])
def test_the_page_needs_no_database(client, db, django_assert_num_queries, session, at):
    with django_assert_num_queries(0):
        assert client.get(at).status_code == 200
