"""The page of a session's languages, and what other pages say of them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app.models import Conference, Session, Slot
from sessions_app.translated import text
from tests.desk import page_of, sign_in, words_on
from tests.rows import make_conference, make_day, make_session, make_slot


@pytest.fixture
def session(db):
    """A session in three languages: in Arabic nothing, in French one text outdated."""
    conference = make_conference(title=text("Ocean", fr="Océan"))
    session = make_session(
        conference=conference,
        languages=["ar", "en", "fr"],
        title=text("First session", fr="Première session"),
        city=text("Geneva", fr="Genève"),
    )
    title = {**text("Dinner", fr="Déjeuner"), "en": "Lunch"}
    make_slot(make_day(session), title=title)
    return session


def languages_page(session):
    return reverse("admin:sessions_app_session_languages", args=[session.pk])


def complete(language):
    """Everything into a language, as if somebody had worked through the night."""
    for rows in (Conference.objects, Session.objects, Slot.objects):
        for row in rows.all():
            row.title = text(row.title["en"], **{language: "…"})
            row.save()
    Session.objects.update(city=text("Geneva", **{language: "…"}))


# --- The table -------------------------------------------------------------------------


def test_each_language_of_the_session_stands_in_a_row(officer, session):
    page = officer.get(languages_page(session))

    words = words_on(page)
    assert words[: words.index("What it means for the issue")] == [
        "4 texts in the main language (English)",
        "Language",
        "Missing",
        "Outdated",
        "Translated",
        "Revised",
        "Complete",
        "To do",
        "العربية Arabic",
        "4",
        "0",
        "0",
        "0",
        "0 % (0 of 4)",
        "Translate (Arabic)",
        "Français French",
        "0",
        "1",
        "3",
        "0",
        "75 % (3 of 4)",
        "Translate (French)",
        "Download or upload as a spreadsheet",
    ]


def test_a_share_is_whole_only_when_nothing_is_left(officer, session):
    day = session.days.get()
    for _number in range(300):
        make_slot(day, title=text("Lunch", fr="Déjeuner"))

    words = words_on(officer.get(languages_page(session)))

    assert "99 % (303 of 304)" in words


def test_what_is_missing_or_outdated_is_listed_with_its_languages(officer, session):
    page = officer.get(languages_page(session))

    words = words_on(page)
    assert words[words.index("Missing and outdated, part by part") + 1 :] == [
        "Conference",
        "Title Ocean",
        "العربية missing",
        "Session",
        "Title First session",
        "العربية missing",
        "City Geneva",
        "العربية missing",
        "Day 1: Monday, 21 June 2027 · 10.00–11.00 · Lunch",
        "Title Lunch",
        "العربية missing Français outdated",
    ]
    slot = Slot.objects.get()
    chips = re.findall(r'class="chip is-outdated" href="(.*?)"', page.content.decode())
    assert chips == [
        (
            f"/admin/sessions_app/session/{session.pk}/translate/fr/"
            f"?at=slot-{slot.pk}-title#slot-{slot.pk}-title"
        )
    ]
    assert officer.get(chips[0]).status_code == 200


def test_a_session_of_one_language_says_how_to_have_more(officer, session):
    Session.objects.update(languages=["en"])

    words = words_on(officer.get(languages_page(session)))

    assert words[-1] == (
        "The session is issued in its main language only. Tick another one among its "
        "particulars, and what is to be translated is listed here."
    )


# --- The rule --------------------------------------------------------------------------

FIRST = "The first is: Conference, title."


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "declared",
            [
                "Nothing stops the issue: readers are told what is not translated.",
                (
                    "4 texts are not in Arabic yet: they print in English, and page and "
                    f"note say so. {FIRST}"
                ),
            ],
        ),
        (
            "stops",
            [
                "Stopped Issuing is stopped until everything is translated.",
                (
                    "4 texts are not in Arabic yet: translate them, take the language off "
                    "the session, or let the session be issued with what is missing "
                    f"declared. {FIRST}"
                ),
            ],
        ),
    ],
)
def test_the_rule_says_what_is_missing_means_now(officer, session, rule, said):
    Session.objects.update(missing_translations=rule)

    words = words_on(officer.get(languages_page(session)))

    place = words.index("What it means for the issue")
    assert words[place + 1 : place + 3] == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "declared",
            (
                "Nothing is missing. A missing translation would print in the main "
                "language, and page and note would say so."
            ),
        ),
        (
            "stops",
            (
                "Nothing is missing, so nothing stops the issue. A missing translation "
                "would."
            ),
        ),
    ],
)
def test_the_rule_says_what_would_be_when_nothing_is_missing(
    officer, session, rule, said
):
    Session.objects.update(missing_translations=rule, languages=["en", "fr"])

    words = words_on(officer.get(languages_page(session)))

    assert words[words.index("What it means for the issue") + 1] == said
    complete("fr")
    words = words_on(officer.get(languages_page(session)))
    assert words[-1] == "Every text is translated into every language of the session."


# --- Who sees it -----------------------------------------------------------------------


def test_a_reader_looks_and_an_editor_translates(client, session):
    conference = session.conference
    reader = sign_in(client, "reader", duty="reader", conference=conference)
    words = words_on(reader.get(languages_page(session)))
    assert "Look (Arabic)" in words
    assert not any("Change the rule" in said for said in words)

    editor = sign_in(client, "editor", duty="editor", conference=conference)
    words = words_on(editor.get(languages_page(session)))
    assert "Translate (Arabic)" in words
    assert any("Change the rule" in said for said in words)


def test_the_number_of_queries_does_not_grow_with_the_slots(
    officer, session, django_assert_num_queries
):
    day = session.days.get()
    for _number in range(9):
        make_slot(day)
    officer.get(languages_page(session))
    with CaptureQueriesContext(connection) as few:
        officer.get(languages_page(session))
    for _number in range(190):
        make_slot(day)
    with django_assert_num_queries(len(few)):
        officer.get(languages_page(session))


# --- On other pages ----------------------------------------------------------------------


def test_the_session_and_its_issue_page_say_what_is_left(officer, session):
    issue = reverse("admin:sessions_app_session_issue", args=[session.pk])

    of_session = words_on(officer.get(page_of(session)), within="")
    place = of_session.index("العربية 4 missing")
    assert of_session[place - 1 : place + 2] == [
        "Languages",
        "العربية 4 missing",
        "Français 1 outdated",
    ]
    words = words_on(officer.get(issue))
    place = words.index("Not all is translated")
    assert words[place + 1 : place + 4] == [
        "العربية 4 missing",
        "Français 1 outdated",
        "An outdated translation prints as it is, and never stops the issue.",
    ]

    Session.objects.update(languages=["en", "fr"])
    complete("fr")
    assert "Français complete" in words_on(officer.get(page_of(session)), within="")
    assert "Not all is translated" not in words_on(officer.get(issue))
