"""What readers see of changes: on the agenda, on a slot's page, on the pages that compare
two editions, in the list of editions, and where an edition was withdrawn."""

import logging
import shutil

import pytest

from sessions_app import mirror
from sessions_app.outputs import agenda, editions
from tests.editions import (
    issue_three,
    make_later_imprint,
    make_revised_programme,
    withdraw,
)
from tests.factories import (
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_programme,
)
from tests.test_pages import every, one, stated, tree_of, words_of

AT = "/en/ocean/first/"
THIRD = f"{AT}editions/3/"
CHANGES = [
    ("h2", "Day 1: Monday, 21 June 2027"),
    ("h3", "Opening segments (09.00–09.30)"),
    ("li", "The title is “Opening segments”, was “Opening segment”. Editorial"),
    ("h3", "Panel 1: Minutes that matter (09.45–12.00)"),
    ("li", "Panel 1 starts at 09.45, was 09.30."),
    ("li", "Ms. Dag Holm replaces Ms. Cai Ong."),
    ("h3", "Working group 1: Data (13.00–15.00)"),
    ("li", "Working group 1 is cancelled."),
    ("h3", "Visit (17.00–17.30)"),
    ("li", "Visit (17.00–17.30) is no longer on the programme."),
    ("h3", "Evening lecture (18.00–19.00)"),
    ("li", "Evening lecture (18.00–19.00) is added to the programme."),
]


@pytest.fixture
def three_editions():
    """The first, one that says the same, and a revised one."""
    return issue_three()


def changes_on(tree):
    """The changes that a page lists, with their headings, each under its tag."""
    found = every(tree, ".is-changes h2, .is-changes h3, .is-changes li")
    return [(element.tag, words_of(element)) for element in found]


def head_of(tree):
    """What the head of a page says, each paragraph and list item for itself."""
    parts = every(tree, ".head h1, .head p, .head div, .head li")
    return [words_of(part) for part in parts]


def links_of(tree, selector):
    return [(a.get("href"), words_of(a)) for a in every(tree, selector)]


# --- What changed between two editions --------------------------------------


def test_changes_are_told_by_day_and_slot_with_their_count(client, three_editions):
    tree = tree_of(client.get(f"{THIRD}changes/"))

    assert words_of(one(tree, "title")) == (
        "What changed – Edition 3 (Rev.1) – First session"
    )
    assert head_of(tree)[:5] == [
        "First session",
        "What changed since edition 2*",
        "6 changes: 5 substantive, 1 editorial",
        "Before Edition 2*, as at 14 June 2027, 14.22",
        "After Edition 3 (Rev.1), as at 14 June 2027, 14.23",
    ]
    assert changes_on(tree) == CHANGES


def test_a_changed_slot_leads_to_itself_in_the_newer_edition(client, three_editions):
    tree = tree_of(client.get(f"{THIRD}changes/"))

    # The visit is gone, and leads nowhere.
    assert [a.get("href") for a in every(tree, ".is-changes a")] == [
        f"{THIRD}slots/{code}/" for code in ("s0900", "s0930", "group1", "new")
    ]


def test_any_two_editions_are_compared_and_lead_to_the_others(client, three_editions):
    tree = tree_of(client.get(f"{THIRD}changes/1/"))

    assert words_of(one(tree, "h1")) == "What changed since edition 1"
    assert changes_on(tree) == CHANGES
    assert words_of(one(tree, ".others h2")) == "Edition 3 (Rev.1) compared with"
    assert [
        (a.get("href"), words_of(a), a.get("aria-current"))
        for a in every(tree, ".others a")
    ] == [
        (f"{THIRD}changes/2/", "Edition 2*", None),
        (f"{THIRD}changes/1/", "Edition 1", "true"),
    ]


def test_an_edition_that_says_the_same_says_so(client, three_editions):
    tree = tree_of(client.get(f"{AT}editions/2/changes/"))

    assert head_of(tree)[1:3] == [
        "What changed since edition 1",
        "Nothing has changed.",
    ]
    assert changes_on(tree) == []


def test_the_first_edition_says_that_it_is_the_first(client, three_editions):
    tree = tree_of(client.get(f"{AT}editions/1/changes/"))

    assert head_of(tree) == [
        "First session",
        "What changed",
        "This is the first edition.",
    ]
    assert every(tree, ".is-changes, .others") == []


def test_only_editorial_changes_are_counted_as_such(client):
    programme = make_programme()
    issue_programmes(
        (programme, make_imprint(1)),
        (
            programme.model_copy(update={"title": {"en": "First sesion"}}),
            make_later_imprint(2, "Corr.1"),
        ),
    )

    tree = tree_of(client.get(f"{AT}editions/2/changes/"))

    assert words_of(one(tree, "main .counts")) == "1 change: editorial only"


def test_what_changed_until_the_current_edition_has_an_address_that_lasts(
    client, three_editions
):
    tree = tree_of(client.get(f"{AT}changes/1/"))

    assert changes_on(tree) == CHANGES
    assert every(tree, ".is-changes a")[0].get("href") == (f"{AT}slots/s0900/")
    assert one(tree, "link[rel=canonical]").get("href") == (
        f"http://127.0.0.1:8000{AT}changes/1/"
    )
    issue_programmes(
        (make_full_programme(), make_imprint(1)),
        (make_full_programme(), make_later_imprint(4)),
    )
    tree = tree_of(client.get(f"{AT}changes/1/"))
    assert words_of(one(tree, "main .counts")) == "Nothing has changed."


def test_the_later_edition_stands_first_in_the_address(client, three_editions):
    for method in (client.get, client.head):
        response = method(f"{AT}editions/1/changes/3/")

        assert (response.status_code, response["Location"]) == (
            301,
            f"{THIRD}changes/1/",
        )


def test_changes_in_a_language_that_was_not_issued_are_not_there(
    client, three_editions
):
    status, words = stated(client.get("/ru/ocean/first/changes/1/"))

    assert (status, words.partition(".")[0]) == (
        404,
        "Такой страницы нет На этом языке сессия не выпущена",
    )


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (f"{THIRD}changes/3/", "This edition of the programme has no such part."),
        (f"{AT}changes/3/", "This edition of the programme has no such part."),
        (f"{THIRD}changes/9/", "There is no edition of this number."),
        (f"{AT}editions/9/changes/1/", "There is no edition of this number."),
        (f"{AT}changes/9/", "There is no edition of this number."),
        (f"{AT}changes/", "This edition of the programme has no such part."),
    ],
)
def test_what_cannot_be_compared_is_not_there(
    client, three_editions, address, sentence
):
    status, words = stated(client.get(address))

    assert (status, words.startswith(f"There is no such page {sentence}")) == (
        404,
        True,
    )


def test_an_edition_in_fewer_languages_is_compared_in_those_of_the_later(client):
    issue_programmes(
        (make_programme(), make_imprint(1)),
        (
            make_programme(languages=("en", "ar"), city={"en": "Basel", "ar": "بازل"}),
            make_later_imprint(2, "Rev.1"),
        ),
    )

    tree = tree_of(client.get("/ar/ocean/first/editions/2/changes/"))

    assert dict(tree.attrib) == {"lang": "ar", "dir": "rtl"}
    assert len(every(tree, ".is-changes li")) == 2


def test_robots_are_led_to_one_page_of_each_edition(client, three_editions):
    robots = {
        address: [
            meta.get("content")
            for meta in every(tree_of(client.get(address)), "meta[name=robots]")
        ]
        for address in (f"{THIRD}changes/", f"{THIRD}changes/1/", f"{AT}changes/1/")
    }

    assert list(robots.values()) == [[], ["noindex"], ["noindex"]]
    old = tree_of(client.get(f"{AT}editions/2/changes/1/"))
    assert one(old, "meta[name=robots]").get("content") == "noindex"


# --- The marked revision ----------------------------------------------------


def test_changes_lead_to_the_marked_revision_and_to_the_papers_that_say_the_same(
    client,
):
    issue_three(
        documents=dict.fromkeys(("corrections.pdf", "marked.pdf"), b"%PDF-1.7 m")
    )
    marked = {
        number: (f"{THIRD}changes/{number}/marked/", "Marked revision")
        for number in (1, 2)
    }
    papers = [
        (f"{THIRD}marked.pdf", "Marked revision (PDF)"),
        (f"{THIRD}corrections.pdf", "Sheet of corrections (PDF)"),
    ]

    assert {
        address: links_of(tree_of(client.get(address)), ".actions a")
        for address in (
            f"{THIRD}changes/",
            f"{THIRD}changes/2/",
            f"{THIRD}changes/1/",
            f"{AT}changes/1/",
            f"{AT}editions/2/changes/",
        )
    } == {
        f"{THIRD}changes/": [marked[2], *papers],
        f"{THIRD}changes/2/": [marked[2], *papers],
        # The papers compare with edition 2.
        f"{THIRD}changes/1/": [marked[1]],
        f"{AT}changes/1/": [marked[1]],
        f"{AT}editions/2/changes/": [],
    }
    check = {
        code: links_of(tree_of(client.get(f"/en/check/{code}/")), ".actions a")[1:]
        for code in ("code1", "code2")
    }
    assert check == {"code1": [marked[1]], "code2": [marked[2], *papers]}


@pytest.mark.parametrize("name", ["marked.pdf", "corrections.pdf"])
def test_the_papers_of_a_revision_are_documents_of_the_edition(client, name):
    issue_three(documents={name: b"%PDF-1.7 m"})

    response = client.get(f"{THIRD}{name}")

    assert (response.content, response["Content-Type"]) == (
        b"%PDF-1.7 m",
        "application/pdf",
    )
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Content-Disposition"] == (
        f'inline; filename="first-{name[:-4]}-edition-3-en.pdf"'
    )


def test_the_marked_revision_shows_what_is_new_and_what_is_gone_in_the_text(
    client, three_editions
):
    response = client.get(f"{THIRD}changes/1/marked/")
    tree = tree_of(response)

    assert any("Evening lecture" in words_of(new) for new in every(tree, "ins"))
    assert any("Visit" in words_of(gone) for gone in every(tree, "del"))
    assert links_of(tree, "header.back a") == [(f"{THIRD}changes/1/", "All changes")]
    again = client.get(f"{THIRD}changes/1/marked/", HTTP_IF_NONE_MATCH=response["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_the_marked_revision_of_a_pair_has_one_address(client, three_editions):
    moved = client.get(f"{AT}editions/1/changes/3/marked/")

    assert (moved.status_code, moved["Location"]) == (
        301,
        f"{THIRD}changes/1/marked/",
    )
    assert client.get(f"{THIRD}changes/3/marked/").status_code == 404
    assert client.get("/ru/ocean/first/editions/3/changes/1/marked/").status_code == 404
    withdraw(three_editions, 1)
    assert client.get(f"{THIRD}changes/1/marked/").status_code == 410


# --- On the agenda ----------------------------------------------------------


def test_the_agenda_marks_what_changed_since_the_last_edition(client, three_editions):
    tree = tree_of(client.get(AT))

    assert words_of(one(tree, ".since")) == (
        "What changed since edition 2* : 6 changes"
    )
    assert one(tree, ".since a").get("href") == f"{THIRD}changes/"
    assert [
        (slot.get("id"), words_of(one(slot, ".changed")))
        for slot in every(tree, ".slot")
        if every(slot, ".changed")
    ] == [
        (
            "slot-s0900",
            (
                "Changed 1 change since edition 2* The title is “Opening segments”, was "
                "“Opening segment”. Editorial"
            ),
        ),
        (
            "slot-s0930",
            (
                "Changed 2 changes since edition 2* Panel 1 starts at 09.45, was 09.30. "
                "Ms. Dag Holm replaces Ms. Cai Ong."
            ),
        ),
        (
            "slot-group1",
            "Changed 1 change since edition 2* Working group 1 is cancelled.",
        ),
        ("slot-new", "New"),
    ]
    # What is gone is told on the page of the changes alone.
    assert "Visit" not in words_of(one(tree, "main"))


def test_a_numbered_edition_keeps_its_own_marks(client, three_editions):
    marks = {
        number: [
            words_of(p)
            for p in every(tree_of(client.get(f"{AT}editions/{number}/")), ".since")
        ]
        for number in (1, 2, 3)
    }

    assert marks == {
        1: [],
        2: ["Nothing has changed since edition 1."],
        3: ["What changed since edition 2* : 6 changes"],
    }


def test_marks_are_since_the_newest_edition_that_was_not_withdrawn(
    client, three_editions
):
    withdraw(three_editions, 2)

    tree = tree_of(client.get(AT))

    assert words_of(one(tree, ".since")) == "What changed since edition 1 : 6 changes"


def test_a_draft_has_no_marks():
    page = agenda.render(make_revised_programme(), None, "en").decode()

    assert 'class="since"' not in page
    assert 'class="changed"' not in page


def test_a_slot_tells_its_own_changes(client, three_editions):
    changed = tree_of(client.get(f"{AT}slots/s0930/"))
    unchanged = tree_of(client.get(f"{AT}slots/reports/"))

    assert words_of(one(changed, ".changes")) == (
        "What changed since edition 2* Panel 1 starts at 09.45, was 09.30. Ms. Dag Holm "
        "replaces Ms. Cai Ong."
    )
    assert every(unchanged, ".changes") == []


def test_marks_in_arabic_stand_on_a_page_in_arabic(client, three_editions):
    tree = tree_of(client.get("/ar/ocean/first/"))

    assert tree.get("dir") == "rtl"
    assert len(every(tree, "details.changed")) == 3


@pytest.fixture
def former_is_missing(three_editions):
    shutil.rmtree(mirror.folder() / three_editions.editions[1].digest)


@pytest.mark.parametrize("address", [AT, f"{AT}slots/s0930/"])
def test_the_agenda_is_there_without_marks_while_the_former_edition_is_not(
    client, three_editions, former_is_missing, caplog, address
):
    tree = tree_of(client.get(address))

    assert every(tree, ".since, .changed, .changes") == []
    assert "cannot read the edition before" in caplog.text
    # It is not kept: the marks are back with the edition.
    issue_three()
    assert every(tree_of(client.get(address)), ".since, .changed, .changes") != []


def test_what_is_not_there_stays_so_while_the_former_edition_is_not(
    client, three_editions, former_is_missing, caplog
):
    caplog.set_level(logging.CRITICAL)

    assert client.get(f"{AT}slots/unknown/").status_code == 404
    assert client.get(f"{THIRD}changes/").status_code == 503


# --- What was cancelled or withdrawn inside a programme ------------------------


def test_who_withdrew_is_struck_and_said_in_words_wherever_named(
    client, three_editions
):
    person = tree_of(client.get(f"{AT}people/zoe-emond/"))
    people = tree_of(client.get(f"{AT}people/"))

    (place,) = every(person, ".appearances li")
    assert words_of(every(place, "s")[0]) == "Panel 1: Minutes that matter"
    assert words_of(place).endswith("(withdrawn)")
    listed = [li for li in every(people, ".profiles > li") if "Zoé" in words_of(li)]
    assert [words_of(s) for s in every(listed[0], "s")] == [
        "Ms. Zoé Émond",
        "Panel 1: Minutes that matter",
    ]


# --- The list of editions ---------------------------------------------------


def test_each_edition_says_what_it_is_and_leads_to_its_changes(client):
    issue_three(
        documents={
            "corrections.pdf": b"%PDF-1.7 c",
            "marked.pdf": b"%PDF-1.7 m",
            "note.pdf": b"%PDF-1.7 n",
        }
    )

    tree = tree_of(client.get(f"{AT}editions/"))

    papers = (
        "Sheet of corrections (PDF) English · 3 pages · 10 bytes "
        "Marked revision (PDF) English · 3 pages · 10 bytes "
        "Procedural note (PDF) English · 3 pages · 10 bytes"
    ).replace("\N{NO-BREAK SPACE}", " ")
    assert [words_of(li) for li in every(tree, ".editions > li")] == [
        (
            "Edition 3 (Rev.1) Current Issued 14 June 2027, 16.23 · as at 14 June 2027, "
            f"14.23 Supersedes edition 2* Changes since edition 2* {papers}"
        ),
        (
            "Edition 2* Issued 14 June 2027, 16.22 · as at 14 June 2027, 14.22 Reissued "
            f"for technical reasons Changes since edition 1 {papers}"
        ),
        f"Edition 1 Issued 14 June 2027, 16.21 · as at 14 June 2027, 14.21 {papers}",
    ]


def test_a_withdrawn_edition_is_listed_with_its_reason_and_without_links(
    client, three_editions
):
    withdraw(three_editions, 2)

    card = every(tree_of(client.get(f"{AT}editions/")), ".editions > li")[1]

    assert words_of(card) == (
        "Edition 2* Withdrawn Issued 14 June 2027, 16.22 · as at 14 June 2027, 14.22 "
        "Reissued for technical reasons A name was wrong."
    )
    assert every(card, "a") == []


@pytest.mark.parametrize(
    "under",
    [
        *("", "note.pdf", "programme.json", "people/", "people/ada-lund/"),
        *("slots/s0930/", "changes/", "changes/1/", "nothing/"),
    ],
)
def test_a_withdrawn_edition_is_gone_for_good_and_leads_to_the_current_one(
    client, three_editions, under
):
    withdraw(three_editions, 2)

    response = client.get(f"{AT}editions/2/{under}")

    assert stated(response) == (
        410,
        "Edition 2 was withdrawn A name was wrong. To the current edition",
    )
    assert links_of(tree_of(response), "main a") == [(AT, "To the current edition")]
    assert client.get(AT).status_code == 200


@pytest.mark.parametrize("pair", [f"{THIRD}changes/2/", f"{AT}changes/2/"])
def test_nothing_is_compared_with_a_withdrawn_edition(client, three_editions, pair):
    withdraw(three_editions, 2)

    assert stated(client.get(pair)) == (
        410,
        "Edition 2 was withdrawn A name was wrong. To the current edition",
    )
    assert "Edition 2" not in client.get(f"{THIRD}changes/").content.decode()


def test_an_edition_before_the_withdrawn_ones_only_says_so(client, three_editions):
    withdraw(withdraw(three_editions, 1), 2)

    tree = tree_of(client.get(f"{THIRD}changes/"))

    assert words_of(one(tree, "main .counts")) == (
        "The editions before this one were withdrawn."
    )


@pytest.mark.parametrize("under", ["", "changes/1/", "editions/3/changes/"])
def test_changes_are_gone_with_the_whole_programme(client, three_editions, under):
    withdraw(three_editions, 3)

    assert stated(client.get(f"{AT}{under}")) == (
        410,
        "This programme was withdrawn A name was wrong. All sessions",
    )


# --- How they are sent ------------------------------------------------------


@pytest.mark.parametrize("address", [f"{THIRD}changes/", f"{AT}changes/1/"])
def test_changes_are_made_once_without_a_row(
    client, db, django_assert_num_queries, three_editions, monkeypatch, address
):
    made = []
    real = editions.render_changes
    monkeypatch.setattr(
        editions, "render_changes", lambda *args: made.append(args) or real(*args)
    )

    with django_assert_num_queries(0):
        first = client.get(address)
        again = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
        head = client.head(address)

    assert (first.status_code, again.status_code, head.content) == (200, 304, b"")
    assert dict(head.items()) == dict(first.items())
    assert len(made) == 1


def test_the_page_of_an_old_edition_does_not_tell_which_one_is_current(client):
    issue_three()
    before = client.get(f"{AT}editions/1/").content

    issue_programmes(
        (make_full_programme(), make_imprint(1)),
        (make_full_programme(), make_later_imprint(7)),
        documents={"note.pdf": b"%PDF-1.7 a note"},
    )

    assert client.get(f"{AT}editions/1/").content == before
