"""The page that translates a session: without a script, and as its script sends."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app.models import Footnote, Slot
from sessions_app.translated import digest_of, text
from sessions_app.translating import texts_of
from tests.desk import page_of, sign_in, told_on, words_on
from tests.forms import typed
from tests.rows import (
    make_conference,
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_session,
    make_slot,
)

NONE = digest_of("")


@pytest.fixture
def session(db):
    """In French, two titles are missing, one is outdated and one is translated."""
    session = make_session(
        languages=["ar", "en", "fr"],
        title=text("First session", fr="Première session"),
        city=text("Geneva", fr="Genève"),
    )
    session.conference.title = text("Ocean", fr="Océan")
    session.conference.save()
    day = make_day(session)
    make_slot(day, "09:00", "10:00", title=text("Opening"))
    make_slot(day, "10:00", "11:00", title=text("Debate"), text=text("*For all.*\nB"))
    dinner = {**text("Dinner", fr="Déjeuner"), "en": "Lunch"}
    make_slot(day, "12:00", "13:00", title=dinner)
    make_slot(day, "13:00", "14:00", title=text("Closing", fr="Clôture"))
    return session


@pytest.fixture
def editor(client, session):
    """Somebody who edits the programme of the conference, and nothing else."""
    return sign_in(client, "editor", duty="editor", conference=session.conference)


def address(session, language="fr", **asked):
    page = reverse("admin:sessions_app_session_translate", args=[session.pk, language])
    return page + (
        "?" + "&".join(f"{k}={v}" for k, v in asked.items()) if asked else ""
    )


def title(words):
    """The key of the title of the slot that is called so."""
    return f"slot-{Slot.objects.get(title__en=words).pk}-title"


def said(words, language="fr"):
    return Slot.objects.get(title__en=words).title.get(language)


def keys_on(page):
    return re.findall(r' data-key="(.*?)"', page.content.decode())


def state_of(session, key, language="fr"):
    return next(
        each.state_in(language) for each in texts_of(session) if each.key == key
    )


def send(client, session, key, words, *, seen=None, act="save", language="fr"):
    """What the script of the page sends for one text."""
    if seen is None:
        text = next(each for each in texts_of(session) if each.key == key)
        seen = f"{text.source_digest}:{digest_of(text.said(language))}"
    return client.post(
        address(session, language),
        {"key": key, "words": words, "seen": seen, "act": act},
        headers={"accept": "application/json"},
    )


# --- What it shows -----------------------------------------------------------------------


def test_what_is_missing_or_outdated_stands_beside_the_main_text(editor, session):
    page = editor.get(address(session))

    debate = Slot.objects.get(title__en="Debate").pk
    assert keys_on(page) == [
        title("Opening"),
        title("Debate"),
        f"slot-{debate}-text",
        title("Lunch"),
    ]
    words = words_on(page)
    assert "3 of 8 left" not in words
    assert "4 of 8 left" in words[2]
    heading = "Day 1: Monday, 21 June 2027 · 12.00–13.00 · Lunch"
    place = words.index(heading)
    assert words[place : place + 7] == [
        heading,
        "Title at most 300 characters",
        "Lunch",
        (
            "outdated The main text was changed since. Correct the translation, or "
            "confirm it."
        ),
        "Déjeuner",
        "Theirs: Déjeuner",
        "Keep what is saved",
    ]
    # The Markdown as it is typed, with its line ends.
    assert ">*For all.*\nB</p>" in page.content.decode()


@pytest.mark.parametrize(
    ("show", "shown"),
    [
        ("outdated", ["Lunch"]),
        ("translated", ["Closing"]),
        ("revised", []),
        ("nonsense", ["Opening", "Debate", "Lunch"]),
        ("all", ["Opening", "Debate", "Lunch", "Closing"]),
    ],
)
def test_which_texts_are_listed_stands_in_the_address(editor, session, show, shown):
    page = editor.get(address(session, show=show))

    listed = [key for key in keys_on(page) if re.fullmatch(r"slot-\d+-title", key)]
    assert listed == [title(words) for words in shown]


def test_both_sides_carry_their_language_and_direction(editor, session):
    page = editor.get(address(session, "ar")).content.decode()

    key = title("Opening")
    assert f'id="source-{key}" lang="en" dir="ltr"' in page
    assert re.search(rf'id="words-{key}" rows="1" lang="ar" dir="rtl"', page)


@pytest.mark.parametrize("language", ["en", "es", "zh-hans", "nothing"])
def test_a_language_that_is_not_translated_into_has_no_page(editor, session, language):
    assert editor.get(address(session, language)).status_code == 404


def test_a_link_to_one_text_shows_it_however_it_stands(editor, session):
    key = title("Closing")

    assert key not in keys_on(editor.get(address(session)))
    assert key in keys_on(editor.get(address(session, at=key)))


def test_many_texts_stand_on_several_pages_and_a_link_finds_its_own(editor, session):
    day = session.days.get()
    for _number in range(210):
        last = make_slot(day, "15:00", "16:00")

    assert len(keys_on(editor.get(address(session)))) == 200
    assert len(keys_on(editor.get(address(session, page=2)))) == 14
    key = f"slot-{last.pk}-title"
    assert key in keys_on(editor.get(address(session, at=key)))


def test_the_number_of_queries_does_not_grow_with_the_slots(
    editor, session, django_assert_num_queries
):
    editor.get(address(session))
    with CaptureQueriesContext(connection) as few:
        editor.get(address(session))
    day = session.days.get()
    for _number in range(190):
        make_slot(day)
    with django_assert_num_queries(len(few)):
        editor.get(address(session))


# --- Without a script ----------------------------------------------------------------------


def test_a_text_is_saved_and_the_next_one_comes(editor, session):
    values = typed(editor.get(address(session)))
    key, then = title("Opening"), title("Debate")

    answer = editor.post(
        address(session), values | {f"words-{key}": "Ouverture", "save": key}
    )

    assert answer.url == f"{address(session)}?at={then}#{then}"
    assert told_on(editor.get(answer.url)) == ["1 text is saved."]
    assert said("Opening") == "Ouverture"
    assert state_of(session, title("Lunch")) == "outdated"


def test_all_that_was_typed_is_saved_at_once(editor, session):
    values = typed(editor.get(address(session, show="all")))
    values |= {
        f"words-{title('Opening')}": "Ouverture",
        f"words-{title('Debate')}": "Débat",
        f"words-{title('Closing')}": "",
    }

    answer = editor.post(address(session, show="all"), values)

    assert answer.status_code == 302
    assert answer.url.startswith(f"{address(session)}?show=all&at=")
    assert told_on(editor.get(answer.url)) == ["3 texts are saved."]
    assert [said(words) for words in ("Opening", "Debate", "Closing")] == [
        "Ouverture",
        "Débat",
        None,
    ]


def test_a_form_in_which_nothing_was_typed_saves_nothing(editor, session):
    values = typed(editor.get(address(session, show="all")))

    answer = editor.post(address(session), values)

    assert told_on(editor.get(answer.url)) == ["Nothing was changed."]
    assert state_of(session, title("Lunch")) == "outdated"


def test_an_outdated_text_is_confirmed(editor, session):
    key = title("Lunch")
    values = typed(editor.get(address(session)))

    editor.post(address(session), values | {"confirm": key})

    assert state_of(session, key) == "translated"


def test_a_text_is_saved_as_revised(editor, session):
    key = title("Lunch")
    values = typed(editor.get(address(session)))

    editor.post(address(session), values | {"revise": key})

    assert (said("Lunch"), state_of(session, key)) == ("Déjeuner", "revised")


def test_what_cannot_be_saved_stays_typed_and_the_rest_is_saved(editor, session):
    values = typed(editor.get(address(session)))
    long = "long " * 70
    key = title("Opening")
    values |= {f"words-{key}": long, f"words-{title('Debate')}": "Débat"}

    page = editor.post(address(session), values)

    assert page.status_code == 200
    assert told_on(page) == [
        "1 text is saved.",
        "1 text could not be saved. It is marked below; nothing typed is lost.",
    ]
    assert said("Debate") == "Débat"
    assert said("Opening") is None
    again = typed(page)
    assert again[f"words-{key}"].strip() == long.strip()
    assert "At most 300 characters are printed, this one has 349." in words_on(page)


def meanwhile(**changed):
    """What somebody else saves: “Lunch” gets another main text or translation."""
    row = Slot.objects.get(title__en="Lunch")
    row.title = {**row.title, **changed}
    row.save()


def test_the_second_of_two_sees_both_and_decides(editor, session):
    key = title("Lunch")
    values = typed(editor.get(address(session))) | {f"words-{key}": "Pause"}
    meanwhile(fr="Repas")

    page = editor.post(address(session), values)

    words = words_on(page)
    assert (
        "Somebody else saved this translation after you opened it: compare both."
        in words
    )
    place = words.index("Theirs: Repas")
    assert words[place : place + 3] == [
        "Theirs: Repas",
        "Keep what is saved",
        "Save mine over it",
    ]
    again = typed(page)
    assert again[f"words-{key}"] == "Pause"
    # Saved once more without a decision, it is told again.
    assert "Theirs: Repas" in words_on(editor.post(address(session), again))
    assert said("Lunch") == "Repas"
    over = re.search(rf'name="over" value="({key} [^"]*)"', page.content.decode())[1]
    assert editor.post(address(session), again | {"over": over}).status_code == 302
    assert said("Lunch") == "Pause"


def test_what_is_saved_is_kept_by_who_decides_so(editor, session):
    key = title("Lunch")
    values = typed(editor.get(address(session)))
    values |= {f"words-{key}": "Pause", f"words-{title('Debate')}": "Débat"}
    meanwhile(fr="Repas")

    answer = editor.post(address(session), values | {"keep": key})

    assert answer.status_code == 302
    assert (said("Lunch"), said("Debate")) == ("Repas", "Débat")


def test_what_was_typed_for_a_text_that_is_gone_is_told(editor, session):
    key = title("Lunch")
    values = typed(editor.get(address(session))) | {f"words-{key}": "Pause"}
    Slot.objects.get(title__en="Lunch").delete()

    answer = editor.post(address(session), values)

    assert told_on(editor.get(answer.url)) == [
        "A text was deleted meanwhile. You typed: “Pause”"
    ]


# --- As the script sends -------------------------------------------------------------------


def test_the_script_is_told_what_was_saved_and_what_is_left(editor, session):
    answer = send(editor, session, title("Opening"), " Ouverture ")

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "said": "Saved",
            "words": "Ouverture",
            "seen": f"{digest_of('Opening')}:{digest_of('Ouverture')}",
            "state": "translated",
            "stateSaid": "translated",
            "leftSaid": "3 of 8 left",
        },
    )


def test_the_script_saves_as_revised(editor, session):
    answer = send(editor, session, title("Lunch"), "Déjeuner", act="revise")

    assert answer.json()["state"] == "revised"


def test_the_script_is_told_of_somebody_else(editor, session):
    key = title("Lunch")
    seen = f"{digest_of('Lunch')}:{digest_of('Déjeuner')}"
    meanwhile(fr="Repas")

    answer = send(editor, session, key, "Pause", seen=seen)

    now = f"{digest_of('Lunch')}:{digest_of('Repas')}"
    assert (answer.status_code, answer.json()) == (
        409,
        {
            "said": (
                "Somebody else saved this translation after you opened it: compare both."
            ),
            "source": "Lunch",
            "theirs": "Repas",
            "isTheirsOther": True,
            "seen": now,
        },
    )
    assert send(editor, session, key, "Pause", seen=now).status_code == 200
    assert said("Lunch") == "Pause"


def test_the_script_is_told_of_another_main_text(editor, session):
    key = title("Lunch")
    seen = f"{digest_of('Lunch')}:{digest_of('Déjeuner')}"
    meanwhile(en="Lunch break")

    answer = send(editor, session, key, "Pause", seen=seen)

    told = answer.json()
    assert (answer.status_code, told["source"], told["isTheirsOther"]) == (
        409,
        "Lunch break",
        False,
    )


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        (
            "text",
            "x" * 20_001,
            "At most 20000 characters are printed, this one has 20001.",
        ),
        (
            "text",
            "Voir[^late]",
            "The main text does not call the footnote [^late]: take it out.",
        ),
        (
            "by_line",
            "Animé",
            "Write {people} as often as the main text does (1).",
        ),
    ],
)
def test_words_that_cannot_print_are_refused_at_their_field(
    editor, session, name, words, said
):
    Footnote.objects.create(session=session, key="note", text=text("A note"))
    slot = Slot.objects.get(title__en="Debate")
    make_line(slot, person=make_person(), role=make_moderator())
    key = next(each.key for each in texts_of(session) if each.field == name)

    answer = send(editor, session, key, words)

    assert (answer.status_code, answer.json()) == (400, {"said": said})


def test_a_text_that_is_not_there_is_not_found(editor, session):
    answer = send(editor, session, "slot-0-title", "Pause", seen=f"{NONE}:{NONE}")

    assert (answer.status_code, answer.json()) == (
        404,
        {"said": "The text was deleted meanwhile."},
    )


# --- Who may ---------------------------------------------------------------------------------


def test_a_reader_reads_and_saves_nothing(client, session):
    reader = sign_in(client, "reader", duty="reader", conference=session.conference)
    page = reader.get(address(session))

    assert "<textarea" not in page.content.decode()
    assert (
        "Only an Editor of this conference changes its programme."
        in (words_on(page)[words_on(page).index("Opening") + 3])
    )
    assert send(reader, session, title("Opening"), "Ouverture").status_code == 403
    assert said("Opening") is None


def test_the_texts_of_the_conference_are_only_read_by_an_editor(editor, session):
    key = f"conference-{session.conference_id}-title"
    page = editor.get(address(session, show="all"))

    assert f'name="words-{key}"' not in page.content.decode()
    sentence = (
        "Only an Administrator of this conference changes its settings and its staff."
    )
    assert sentence in words_on(page)
    answer = send(editor, session, key, "Mers")
    assert (answer.status_code, answer.json()) == (403, {"said": sentence})
    refused = editor.post(
        address(session), {f"words-{key}": "Mers", f"seen-{key}": f"{NONE}:{NONE}"}
    )
    assert refused.status_code == 200
    session.conference.refresh_from_db()
    assert session.conference.title["fr"] == "Océan"


def test_an_editor_of_another_conference_finds_nothing(client, session):
    other = sign_in(client, "other", duty="editor")
    assert other.get(address(session)).status_code == 200
    elsewhere = make_conference(slug="forests")
    other = sign_in(client, "elsewhere", duty="editor", conference=elsewhere)
    assert other.get(address(session)).status_code == 404


# --- Beside the form of the slot ---------------------------------------------------------------


def test_a_translation_saved_meanwhile_stays_when_the_slot_is_saved(officer, session):
    slot = Slot.objects.get(title__en="Opening")
    values = typed(officer.get(page_of(slot)))
    send(officer, session, title("Opening"), "Ouverture")

    answer = officer.post(page_of(slot), values | {"title_en": "Opening of the day"})

    assert answer.status_code == 302
    slot.refresh_from_db()
    assert (slot.title["en"], slot.title["fr"]) == ("Opening of the day", "Ouverture")
    assert state_of(session, f"slot-{slot.pk}-title") == "outdated"


def test_a_translation_typed_on_both_pages_is_told_and_then_saved_over(
    officer, session
):
    slot = Slot.objects.get(title__en="Opening")
    values = typed(officer.get(page_of(slot))) | {"title_fr": "Début"}
    send(officer, session, title("Opening"), "Ouverture")

    page = officer.post(page_of(slot), values)

    assert page.status_code == 200
    assert (
        "Somebody else saved the French text meanwhile: “Ouverture”. Yours stands here "
        "and is not saved yet: save again to put it in its place."
    ) in words_on(page, within="")
    assert said("Opening") == "Ouverture"
    again = typed(page)
    assert again["title_fr"] == "Début"
    assert officer.post(page_of(slot), again).status_code == 302
    assert said("Opening") == "Début"


def test_a_translation_of_a_line_saved_meanwhile_stays(officer, session):
    slot = Slot.objects.get(title__en="Opening")
    line = make_line(slot, text=text("Statements"))
    values = typed(officer.get(page_of(slot)))
    send(officer, session, f"line-{line.pk}-text", "Déclarations")

    answer = officer.post(page_of(slot), values | {"title_en": "The opening"})

    assert answer.status_code == 302
    line.refresh_from_db()
    assert line.text == text("Statements", fr="Déclarations")


def test_the_form_of_a_slot_says_which_translations_are_missing(officer, session):
    page = officer.get(page_of(Slot.objects.get(title__en="Lunch"))).content.decode()

    summary = re.search(r"<summary>(.*?)</summary>", page[page.index("title_seen") :])[
        1
    ]
    read = " ".join(re.sub(r"<[^>]*>", " ", summary).split())
    assert read == (
        "Other languages العربية ○ missing 中文 Français ⚠ older than the main text "
        "Русский Español"
    )
