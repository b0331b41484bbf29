"""Which edition is current, in a few bytes, and what a page needs in order to ask."""

import json

import pytest
from django.test import Client

from sessions_app import mirror
from tests.crawl import ask
from tests.editions import issue_three, make_later_imprint, withdraw
from tests.factories import issue_programmes, make_imprint, make_programme

AT = "/en/ocean/first/"
ASKED = f"{AT}current.json"


def fresh_of(address):
    """What stands on a page for whoever reads it while it is open: attributes by name."""
    page = ask(Client(), address).content.decode()
    tag = page.partition('<div class="fresh" ')[2].partition(">")[0]
    pairs = (pair.partition("=") for pair in tag.split(" "))
    return {name: value.strip('"') for name, _is, value in pairs}


def test_answer_names_the_current_edition_its_moments_digest_and_note():
    card = issue_three().edition()

    answer = ask(Client(), ASKED)

    assert json.loads(answer.body) == {
        "edition": 3,
        "label": "Rev.1",
        "issued_at": "2027-06-14T14:23:00+00:00",
        "as_at": "2027-06-14T12:23:00+00:00",
        "digest": card.digest,
        "note": "/en/ocean/first/note.pdf",
    }
    assert len(answer.body) < 256


def test_note_is_named_only_in_a_language_that_has_one():
    issue_three()

    answer = ask(Client(), "/ar/ocean/first/current.json")

    assert json.loads(answer.body)["note"] is None


def test_who_has_the_answer_is_told_so_in_no_bytes():
    issue_three()
    first = ask(Client(), ASKED)
    tag = first.headers["ETag"]

    again = ask(Client(), ASKED, If_None_Match=tag)
    head = ask(Client(), ASKED, "HEAD")

    assert (again.status, again.body) == (304, b"")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(first.body))
    assert {
        name: first.headers[name] for name in ("Content-Type", "Cache-Control", "Vary")
    } == {
        "Content-Type": "application/json",
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }


def test_answer_changes_with_the_next_edition():
    one = (make_programme(), make_imprint(1))
    issue_programmes(one)
    tag = ask(Client(), ASKED).headers["ETag"]
    issue_programmes(one, (make_programme(), make_later_imprint(2)))

    answer = ask(Client(), ASKED, If_None_Match=tag)

    assert (answer.status, json.loads(answer.body)["edition"]) == (200, 2)


def test_withdrawn_programme_is_told_with_410():
    withdraw(issue_three(), 3)

    assert ask(Client(), ASKED).status == 410


@pytest.mark.parametrize(
    "address",
    [
        "/en/ocean/other/current.json",
        "/ru/ocean/first/current.json",
        "/en/current.json",
    ],
)
def test_there_is_no_answer_where_no_programme_is(address):
    issue_three()

    assert ask(Client(), address).status in {301, 404}
    assert ask(Client(), f"{address}/").status == 404


def test_answer_needs_no_database_and_no_programme(monkeypatch):
    # Not marked for a database: a query fails this test.
    def fail(_card):
        raise AssertionError("read for nothing")

    issue_three()
    monkeypatch.setattr(mirror, "programme", fail)

    assert ask(Client(), ASKED).status == 200


@pytest.mark.parametrize("page", ["", "slots/s0900/", "people/", "people/ada-lund/"])
def test_page_of_the_current_edition_is_renewed(page):
    card = issue_three().edition()

    assert fresh_of(AT + page) == {
        "id": "fresh",
        "aria-live": "polite",
        "data-asks": ASKED,
        "data-edition": "3",
        "data-digest": card.digest,
        "data-mode": "renew",
    }


def test_page_of_a_numbered_edition_is_told_of_a_newer_one_and_stays():
    issue_three()

    modes = {
        number: fresh_of(f"{AT}editions/{number}/")["data-mode"] for number in (1, 2, 3)
    }

    # Those that are superseded already say so.
    assert modes == {1: "", 2: "", 3: "tell"}


def test_page_has_the_words_for_its_edition():
    issue_three()

    page = ask(Client(), f"{AT}slots/s0900/").content.decode().replace("\u00a0", " ")

    assert (
        '<strong class="today" data-at="2027-06-14T14:23:00+00:00">'
        "Edition 3 (Rev.1) was issued at 16.23.</strong>"
        '<strong class="earlier">Edition 3 (Rev.1) was issued on 14 June 2027, 16.23.'
        "</strong>"
    ) in page
    assert (
        '<strong class="is-offline">You are offline.</strong>'
        '<strong class="is-silent">The server does not answer.</strong> '
        "This is edition 3 (Rev.1), as at 14 June 2027, 14.23 Geneva time; "
        "it may be out of date."
    ) in page
