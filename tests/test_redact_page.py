"""The page on which a person's data are taken out of issued editions."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from sessions_app import outputs
from sessions_app.issuing import issue
from sessions_app.models import Edition, Redaction
from sessions_app.outputs import ToMake
from sessions_app.translated import text
from tests.desk import page_of, sign_in, told_on, words_on
from tests.rows import (
    make_conference,
    make_day,
    make_line,
    make_person,
    make_session,
    make_slot,
)

REASON = "Asked for in writing on 3 May."


@pytest.fixture(autouse=True)
def note_at_once(monkeypatch):
    """A note of fixed bytes: what it looks like is the business of other tests."""
    monkeypatch.setattr(
        outputs,
        "documents_of",
        lambda programme, *_rest: [ToMake("note.pdf", "en", programme.to_json)],
    )


@pytest.fixture
def person(db):
    return make_person("Ada Quistgaard")


@pytest.fixture
def session(person):
    """A session issued once, that names the person and says the family name."""
    session = make_session(conference=make_conference())
    slot = make_slot(make_day(session), text=text("Quistgaard opens."))
    line = make_line(slot, person=person)
    issue(session, by=None, reason="Seen.")
    line.delete()
    slot.text = {}
    slot.save()
    return session


def page(person):
    return reverse("desk:redact", args=[person.pk])


def seen_on(response):
    return re.search(r'name="seen" value="(\w+)"', response.content.decode())[1]


def confirmed(response, **changed):
    """What is sent when all was seen."""
    sent = {
        "words": "Ms. Ada Quistgaard\nAda Quistgaard\nQuistgaard",
        "reason": REASON,
        "all_seen": "on",
        "seen": seen_on(response),
        "_redact": "",
    }
    return {**sent, **changed}


def test_page_shows_every_place_and_proposes_the_words(staff, session, person):
    response = staff.get(page(person))

    said = words_on(response)
    assert response.context["form"]["words"].value().splitlines() == [
        "Ms. Ada Quistgaard",
        "Ada Quistgaard",
        "Quistgaard",
    ]
    start = said.index("First session 2 places")
    assert said[start : start + 10] == [
        "First session 2 places",
        "Edition 1 2 places",
        "Where",
        "Language",
        "Words found",
        "Statements, text",
        "English",
        "Quistgaard opens.",
        "Statements, name of a person",
        "English",
    ]


def test_look_again_finds_the_places_of_other_words_and_changes_nothing(
    staff, session, person
):
    sent = {"words": "Ada Quistgaard", "reason": "Because", "_look": ""}
    response = staff.post(page(person), sent)

    assert [p.where for p, *_ in response.context["groups"][0].editions[0].places] == [
        "Statements, name of a person"
    ]
    assert response.context["form"].errors == {}
    assert "Because" in response.content.decode()
    assert not Redaction.objects.exists()


def test_confirmed_words_are_removed_and_the_page_says_what_was_done(
    staff, session, person
):
    first = staff.get(page(person))
    response = staff.post(page(person), confirmed(first), follow=True)

    assert told_on(response) == [
        "Redacted: the editions of 1 session. Readers see them so from now."
    ]
    assert words_on(response)[0] == "What was redacted"
    assert f"First session · admin: {REASON}" in words_on(response)[1]
    assert "No edition names this person or holds these words." in words_on(response)
    (slot,) = Edition.objects.get().programme["days"][0]["slots"]
    assert slot["text"] == {"en": "[name removed] opens."}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reason": " "}, "Say who asked for it and why."),
        ({"all_seen": ""}, "Look at every place, then confirm it here."),
        ({"words": ""}, "Type at least one word to remove: the name as it prints."),
        (
            {"words": "Q"},
            (
                "“Q” is too short: it would be found everywhere. Each word needs at "
                "least two letters."
            ),
        ),
        (
            {"words": "Ada Quistgaard"},
            (
                "The words were changed, or the editions, since the places were listed. "
                "Look at the places below, then confirm again."
            ),
        ),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    changed, sentence, staff, session, person
):
    sent = confirmed(staff.get(page(person)), **changed)
    response = staff.post(page(person), sent)

    assert sentence in words_on(response)
    assert "Nothing was redacted." in words_on(response)
    assert response.context["form"]["words"].value() == sent["words"]
    assert response.context["form"]["reason"].value() == sent["reason"]
    assert not Redaction.objects.exists()


def test_draft_that_names_the_person_is_said(staff, session, person):
    slot = make_slot(session.days.get(), title=text("Lecture"))
    make_line(slot, person=person)
    response = staff.post(page(person), confirmed(staff.get(page(person))))

    assert any("still names this person" in said for said in words_on(response))
    assert not Redaction.objects.exists()


def test_only_administrators_of_each_conference_that_names_the_person_redact(
    session, person
):
    clients = {}
    for duty in ("reader", "editor", "publisher", "administrator"):
        clients[duty] = sign_in(
            Client(), duty, duty=duty, conference=session.conference
        )
    assert {d: c.get(page(person)).status_code for d, c in clients.items()} == {
        "reader": 403,
        "editor": 403,
        "publisher": 403,
        "administrator": 200,
    }

    other = make_session(conference=make_conference(slug="land"), slug="second")
    line = make_line(make_slot(make_day(other)), person=person)
    issue(other, by=None, reason="Seen.")
    line.delete()
    assert clients["administrator"].get(page(person)).status_code == 403


def test_words_found_in_a_conference_of_others_are_refused(session, person):
    other = make_session(conference=make_conference(slug="land"), slug="second")
    make_slot(make_day(other), title=text("The Quistgaard method"))
    issue(other, by=None, reason="Seen.")
    client = sign_in(
        Client(), "officer", duty="administrator", conference=session.conference
    )
    response = client.post(page(person), confirmed(client.get(page(person))))

    assert (
        "These words also stand in 1 session that you may not redact. Make them "
        "longer, or ask an administrator of every conference."
    ) in words_on(response)
    assert "Quistgaard method" not in response.content.decode()
    assert not Redaction.objects.exists()


def test_record_of_a_person_leads_to_the_page(staff, session, person):
    assert page(person) in staff.get(page_of(person)).content.decode()


def test_merged_record_leads_to_the_record_kept(staff, session, person):
    merged = make_person("A. Quist", merged_into=person)

    assert staff.get(page(merged)).context["person"] == person
