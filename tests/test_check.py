"""The check of a printed copy: from the code on the paper to what became of it."""

import dataclasses

import pytest

from sessions_app import mirror, outputs
from sessions_app.issuing import issue, withdraw
from sessions_app.models import Slot
from sessions_app.outputs import editions
from sessions_app.public import copies
from sessions_app.translated import text
from tests.editions import (
    issue_three,
    make_later_imprint,
    make_revised_programme,
)
from tests.editions import withdraw as take_back
from tests.factories import (
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_programme,
)
from tests.rows import make_programme_of
from tests.test_changes_pages import CHANGES, changes_on, head_of, links_of
from tests.test_pages import every, one, stated, tree_of, words_of

AT = "/en/ocean/first/"
NOT_KNOWN = (
    "No copy has this code. Compare the letters under the square. Code under the square "
    "Ten letters and figures, on every page of a printed note Check"
)


@pytest.fixture
def three_editions():
    """The first, one that says the same, and a revised one; codes code1 to code3."""
    return issue_three()


# --- From the code to its page ----------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["code1", "CODE1", "co%20de1", "CO-DE-1", "%20code1.", "code1/", "co%C2%A0de1"],
)
def test_a_code_is_found_however_it_is_typed(client, three_editions, typed):
    for method in (client.get, client.head):
        response = method(f"/check/{typed}")

        assert (response.status_code, response["Location"], response.content) == (
            302,
            "/en/check/code1/",
            b"",
        )
        assert response["Cache-Control"] == "no-store"
        assert "Vary" not in response


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ar", "ar"),
        ("ru, fr-CH;q=0.8, en;q=0.1", "fr"),
        ("ru", "en"),
        ("%%%, ;q=x", "en"),
    ],
)
def test_the_page_is_in_a_language_of_the_session_that_the_reader_has(
    client, three_editions, accepted, language
):
    response = client.get("/check/code1", HTTP_ACCEPT_LANGUAGE=accepted)

    assert response["Location"] == f"/{language}/check/code1/"


def test_a_reader_of_other_languages_reads_the_primary_one(client):
    issue_programmes(
        (
            make_programme(languages=("fr", "zh-hans"), primary_language="zh-hans"),
            make_imprint(),
        )
    )

    for accepted, language in (("en", "zh"), ("fr", "fr"), ("zh-CN", "zh")):
        response = client.get("/check/code1", HTTP_ACCEPT_LANGUAGE=accepted)
        assert response["Location"] == f"/{language}/check/code1/"
    assert client.get("/zh/check/code1/").status_code == 200


def test_a_code_in_the_address_of_a_page_has_one_form(client, three_editions):
    response = client.get("/fr/check/Co-De1/")

    assert (response.status_code, response["Location"]) == (301, "/fr/check/code1/")
    assert client.get("/fr/check/--/")["Location"] == "/fr/check/"


def test_a_session_that_is_not_in_the_language_leads_to_those_that_it_has(
    client, three_editions
):
    response = client.get("/ru/check/code1/")

    assert stated(response) == (
        404,
        (
            "Такой страницы нет На этом языке сессия не выпущена. Ее можно прочитать на "
            "следующих языках: العربية English Français"
        ),
    )
    assert [a.get("href") for a in every(tree_of(response), "main a")] == [
        "/ar/check/code1/",
        "/en/check/code1/",
        "/fr/check/code1/",
    ]


# --- What the page says -----------------------------------------------------


def test_a_current_copy_is_said_to_be_current(client, three_editions):
    tree = tree_of(client.get("/en/check/code3/"))

    assert words_of(one(tree, "title")) == "Is this copy current? – First session"
    assert head_of(tree) == [
        "First session",
        "Your copy is current.",
        "Your copy Edition 3 (Rev.1), as at 14 June 2027, 14.23",
        "Current agenda",
        "Current note (PDF)",
    ]
    assert changes_on(tree) == []


def test_a_superseded_copy_is_told_everything_that_changed_since(
    client, three_editions
):
    tree = tree_of(client.get("/en/check/code1/"))

    assert head_of(tree)[:5] == [
        "First session",
        "Your copy is no longer current.",
        "Your copy Edition 1, as at 14 June 2027, 14.21",
        "Current Edition 3 (Rev.1), as at 14 June 2027, 14.23",
        "6 changes: 5 substantive, 1 editorial",
    ]
    assert changes_on(tree) == CHANGES
    assert links_of(tree, ".actions a")[:2] == [
        (AT, "Current agenda"),
        (f"{AT}note.pdf", "Current note (PDF)"),
    ]
    assert [a.get("href") for a in every(tree, ".is-changes a")] == [
        f"{AT}slots/{code}/" for code in ("s0900", "s0930", "group1", "new")
    ]


def test_a_copy_that_differs_in_nothing_is_said_to(client):
    issue_programmes(
        (make_full_programme(), make_imprint(1)),
        (make_full_programme(), make_later_imprint(2, "*")),
    )

    tree = tree_of(client.get("/en/check/code1/"))

    assert head_of(tree)[1:] == [
        "A newer edition says the same as your copy.",
        "Your copy Edition 1, as at 14 June 2027, 14.21",
        "Current Edition 2*, as at 14 June 2027, 14.22",
        "Current agenda",
    ]


def test_a_withdrawn_copy_is_told_the_reason_and_no_changes(client, three_editions):
    take_back(three_editions, 1)

    tree = tree_of(client.get("/en/check/code1/"))

    assert head_of(tree) == [
        "First session",
        "Your copy was withdrawn.",
        "A name was wrong.",
        "Your copy Edition 1, as at 14 June 2027, 14.21",
        "Current Edition 3 (Rev.1), as at 14 June 2027, 14.23",
        "Current agenda",
        "Current note (PDF)",
    ]
    assert changes_on(tree) == []


@pytest.mark.parametrize(("code", "number"), [("code1", "1"), ("code3", "3 (Rev.1)")])
def test_a_copy_of_a_withdrawn_programme_is_told_that_nothing_is_in_force(
    client, three_editions, code, number
):
    take_back(three_editions, 3)

    response = client.get(f"/en/check/{code}/")

    assert stated(response) == (
        200,
        (
            "This programme was withdrawn. A name was wrong. Your copy Edition "
            f"{number} Current No edition is in force."
        ),
    )
    # Nothing of its content is public any more.
    assert "First session" not in response.content.decode()


def test_a_copy_of_a_cancelled_session_is_told_so(client):
    issue_programmes(
        (make_full_programme(), make_imprint(1)),
        (make_revised_programme(status="cancelled"), make_later_imprint(2, "Rev.1")),
    )

    for code in ("code1", "code2"):
        tree = tree_of(client.get(f"/en/check/{code}/"))
        assert words_of(one(tree, ".status")) == "This session is cancelled."


def test_the_page_is_in_arabic_from_right_to_left(client, three_editions):
    tree = tree_of(client.get("/ar/check/code1/"))

    assert dict(tree.attrib) == {"lang": "ar", "dir": "rtl"}
    assert [
        (a.get("href"), a.get("aria-current")) for a in every(tree, ".languages a")
    ] == [
        ("/ar/check/code1/", "page"),
        ("/en/check/code1/", None),
        ("/fr/check/code1/", None),
    ]


# --- Codes that no copy has -------------------------------------------------


@pytest.mark.parametrize("code", ["code9", "x", "zzzzzzzzzzzzzzzzzzzz"])
def test_an_unknown_code_is_not_found_and_may_be_typed_again(
    client, three_editions, code
):
    assert client.get(f"/check/{code}")["Location"] == f"/en/check/{code}/"

    response = client.get(f"/en/check/{code}/")
    tree = tree_of(response)

    assert stated(response) == (404, NOT_KNOWN)
    assert one(tree, "form").get("action") == "/en/check/"
    field = one(tree, "input")
    assert (field.get("name"), field.get("value"), field.get("aria-invalid")) == (
        "code",
        code,
        "true",
    )
    assert one(tree, "label").get("for") == field.get("id")


def test_what_is_typed_is_shown_as_words_and_never_at_length(client, three_editions):
    typed = "%22%3E%3Cscript%3E" + "x" * 500

    response = client.get(f"/check/{typed}")

    assert response["Location"] == f"/en/check/{'script' + 'x' * 14}/"


def test_an_edition_that_waits_is_not_known_by_its_code(client, three_editions):
    programme, imprint = make_programme(), make_imprint(4)
    with mirror.lock():
        mirror.write_edition("0" * 64, programme.to_value(), imprint, {})

    assert client.get("/en/check/code4/").status_code == 404


def test_a_new_edition_is_known_at_once(client, three_editions):
    assert client.get("/en/check/code4/").status_code == 404

    issue_programmes(
        (make_full_programme(), make_imprint(1)),
        (make_full_programme(), make_later_imprint(4)),
    )

    assert (
        head_of(tree_of(client.get("/en/check/code4/")))[1] == "Your copy is current."
    )
    assert client.get("/en/check/code3/").status_code == 404


# --- Where a code is typed --------------------------------------------------


def test_a_code_is_typed_on_a_page_of_its_own(client, three_editions):
    assert client.get("/check/", HTTP_ACCEPT_LANGUAGE="fr")["Location"] == "/fr/check/"

    tree = tree_of(client.get("/en/check/"))

    assert words_of(one(tree, "h1")) == "Is your copy current?"
    form = one(tree, "form")
    assert (form.get("method"), form.get("action")) == ("get", "/en/check/")
    assert one(tree, "input").get("aria-invalid") is None
    assert [a.get("href") for a in every(tree, ".languages a")] == [
        "/ar/check/",
        "/en/check/",
        "/fr/check/",
    ]


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("/en/check/?code=CODE-1", "/en/check/code1/"),
        ("/ar/check/?code=code1", "/ar/check/code1/"),
        # The session is not in Russian.
        ("/ru/check/?code=code1", "/en/check/code1/"),
        ("/fr/check/?code=unknown", "/fr/check/unknown/"),
    ],
)
def test_a_typed_code_leads_to_its_page(client, three_editions, asked, address):
    response = client.get(asked)

    assert (response.status_code, response["Location"]) == (302, address)
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "asked", ["/en/check/?code=", "/en/check/?code=%20-", "/en/check/?x"]
)
def test_without_a_code_the_form_is_shown_again(client, three_editions, asked):
    assert client.get(asked).content == client.get("/en/check/").content


def test_an_empty_site_knows_no_copy(client):
    assert client.get("/check/abc")["Location"] == "/en/check/abc/"
    assert client.get("/en/check/abc/").status_code == 404
    assert client.get("/en/check/").status_code == 200


# --- How it is sent ---------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/en/check/", "/en/check/code1/", "/en/check/code3/"]
)
def test_the_check_is_made_once_without_a_row_or_a_cookie(
    client, db, django_assert_num_queries, three_editions, monkeypatch, address
):
    made = []
    for name in ("render_check", "render_check_form"):
        real = getattr(editions, name)
        monkeypatch.setattr(
            editions, name, lambda *args, real=real: made.append(args) or real(*args)
        )

    with django_assert_num_queries(0):
        first = client.get(address)
        again = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
        head = client.head(address)

    assert (first.status_code, again.status_code, head.content) == (200, 304, b"")
    assert dict(head.items()) == dict(first.items())
    assert (first.cookies, first["Vary"]) == ({}, "Accept-Encoding")
    assert first["Cache-Control"] == "no-cache"
    assert len(made) == 1


def test_robots_are_kept_from_the_check(client, three_editions):
    for address in ("/en/check/", "/en/check/code1/", "/en/check/nothing/"):
        tree = tree_of(client.get(address))
        assert one(tree, "meta[name=robots]").get("content") == "noindex"
        assert every(tree, "link[rel=canonical]") == []


def test_codes_are_read_from_the_folder_once(three_editions, monkeypatch):
    read = []
    real = copies._by_code
    # Read again while the folder may still change within its tick.
    monkeypatch.setattr(mirror, "_may_change_unseen", lambda _seen: False)
    monkeypatch.setattr(copies, "_by_code", lambda s: read.append(s) or real(s))

    found = [copies.find(code) for code in ("code1", "code2", "code3", "code9")]

    assert [held and held.imprint.number for held in found] == [1, 2, 3, None]
    assert len(read) == 1


def test_no_other_way_than_reading_is_taken(client, three_editions):
    for address in ("/check/code1", "/en/check/", "/en/check/code1/"):
        assert client.post(address, {"code": "code1"}).status_code == 405


# --- From rows to the check -------------------------------------------------


def test_a_copy_follows_its_session_from_issue_to_withdrawal(client, db, monkeypatch):
    for name, output in outputs.FORMATS.items():
        quick = dataclasses.replace(output, render=lambda *_asked: b"%PDF-1.7 quick")
        monkeypatch.setitem(outputs.FORMATS, name, quick)
    for name, revision in outputs.REVISIONS.items():
        quick = dataclasses.replace(revision, render=lambda *_asked: b"%PDF-1.7 quick")
        monkeypatch.setitem(outputs.REVISIONS, name, quick)
    monkeypatch.setattr(outputs, "pages", lambda _content: 1)
    session = make_programme_of(1)
    said = []

    def ask():
        tree = tree_of(client.get(f"/en/check/{first.check_code}/"))
        said.append(words_of(one(tree, "h1")))

    first = issue(session, by=None)
    ask()
    Slot.objects.filter(day__session=session).update(title=text("Another title"))
    second = issue(session, by=None, label="Rev.1")
    ask()
    withdraw(second, None, {"en": "Issued too early."})
    ask()
    issue(session, by=None, label="Rev.2")
    ask()

    assert said == [
        "Your copy is current.",
        "Your copy is no longer current.",
        "This programme was withdrawn.",
        "Your copy is no longer current.",
    ]
    taken = client.get(f"/en/check/{second.check_code}/")
    assert head_of(tree_of(taken))[1:3] == [
        "Your copy was withdrawn.",
        "Issued too early.",
    ]
    at = f"/en/{session.conference.slug}/{session.slug}/"
    assert [
        client.get(f"{at}{under}").status_code
        for under in ("", "editions/1/", "editions/2/", "editions/3/changes/2/")
    ] == [200, 200, 410, 410]
    changes = tree_of(client.get(f"{at}editions/3/changes/"))
    assert words_of(one(changes, "h1")) == "What changed since edition 1"
