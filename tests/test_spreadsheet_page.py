"""The page on which spreadsheets go out to translators and come back."""

import csv
import io

import openpyxl
import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sessions_app import spreadsheets
from sessions_app.admin import spreadsheets as page_of_spreadsheets
from sessions_app.models import SavedChange, Session
from sessions_app.translated import text
from sessions_app.translating import texts_of
from tests.desk import refused_on, sign_in, told_on, words_on
from tests.forms import typed
from tests.rows import make_conference, make_day, make_person, make_session, make_slot


@pytest.fixture
def session(db):
    """A session in English, French and Arabic, with one translation into French."""
    session = make_session(
        conference=make_conference(title=text("Conference on the ocean")),
        languages=["ar", "en", "fr"],
        title=text("First session", fr="Première session"),
    )
    make_slot(make_day(session))
    return session


def address_of(session):
    return reverse("admin:sessions_app_session_translations", args=[session.pk])


def file_of(session, changed, language="fr"):
    """A file as translators send it back: field of the session to the words typed."""
    typed_words = {
        f"session-{session.pk}-{field}": said for field, said in changed.items()
    }
    content = spreadsheets.write(
        session, texts_of(session), language, "xlsx", typed_words
    )
    return SimpleUploadedFile("from-translators.xlsx", content)


def carried_on(response):
    return typed(response)["carried"]


def rows_of(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


# --- Out --------------------------------------------------------------------------


def test_page_offers_each_language_in_both_formats(officer, session):
    page = officer.get(address_of(session))

    assert words_on(page)[:17] == [
        "Download",
        "Language",
        "All texts",
        "Only missing and outdated",
        "Arabic العربية",
        "4 XLSX CSV",
        "4 XLSX CSV",
        "French Français",
        "4 XLSX CSV",
        "3 XLSX CSV",
        (
            "Translators type in the column of their language alone. Rows may be deleted, "
            "sorted and sent in parts; grey columns stay as they are."
        ),
        "Send back",
        "File:",
        (
            "XLSX or CSV, as it was downloaded here, with the translations typed in. The "
            "language is told by the file. Nothing is saved yet: you see first what it "
            "would do."
        ),
        "Back to the session",
    ]


def test_file_is_named_after_session_and_language(officer, session):
    answer = officer.get(address_of(session), {"language": "fr", "format": "xlsx"})

    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="first-fr.xlsx"'
    )
    assert answer.headers["Content-Type"] == spreadsheets.FORMATS["xlsx"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 5


def test_what_is_missing_is_written_alone(officer, session):
    asked = {"language": "fr", "format": "csv", "texts": "open"}

    rows = rows_of(officer.get(address_of(session), asked))

    assert [row[5] for row in rows] == ["How it stands", *["missing"] * 3]


def test_names_in_latin_letters_are_not_for_translators_into_french(officer, session):
    make_slot(session.days.get(), start="11:00", end="12:00").lines.create(
        person=make_person(), position=10
    )

    files = {
        code: officer.get(address_of(session), {"language": code, "format": "csv"})
        for code in ("fr", "ar")
    }

    keys = {code: {row[0] for row in rows_of(file)} for code, file in files.items()}
    assert [key.rpartition("-")[2] for key in keys["ar"] - keys["fr"]] == [
        "printed_name"
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {"language": "en"},
        {"language": "ru"},
        {"language": "xx"},
        {"language": "fr", "format": "ods"},
    ],
    ids=["main language", "not of the session", "unknown", "format"],
)
def test_no_other_file_is_given(officer, session, asked):
    assert officer.get(address_of(session), asked).status_code == 404


def test_a_session_in_one_language_has_nothing_to_translate(officer, session):
    Session.objects.update(languages=["en"])

    page = officer.get(address_of(session))

    assert words_on(page)[1] == (
        "This session is issued in its main language alone. Tick other languages on "
        "its page first."
    )


# --- In ---------------------------------------------------------------------------


def test_a_file_is_looked_at_and_nothing_is_saved(officer, session):
    file = file_of(session, {"title": "Session première", "city": "Gen\u202eève"})

    page = officer.post(address_of(session), {"file": file})

    shown = words_on(page)
    assert shown[:7] == [
        "What the file would do (French)",
        "1 text to save",
        "2 unchanged",
        "1 row refused",
        "Refused",
        (
            "Row 4, column E: Character 4 (U+202E) changes the order in which the text is "
            "read. Delete it and type the words again."
        ),
        "What would be saved",
    ]
    assert shown[12:17] == [
        "3",
        "Session Title",
        "First session",
        "Première session",
        "Session première",
    ]
    assert not SavedChange.objects.exists()


def test_what_was_looked_at_is_saved_on_confirmation_as_one_act(officer, session):
    file = file_of(session, {"title": "Session première", "city": "Genève"})
    look = officer.post(address_of(session), {"file": file})

    answer = officer.post(
        address_of(session), {"carried": carried_on(look), "save": "1"}, follow=True
    )

    assert told_on(answer) == ["2 texts were saved."]
    session.refresh_from_db()
    assert (session.title["fr"], session.city["fr"]) == ("Session première", "Genève")
    change = SavedChange.objects.get()
    assert (change.by.username, change.session) == ("officer", session)


def test_sent_twice_it_is_saved_once(officer, session):
    file = file_of(session, {"title": "Session première"})
    sent = {
        "carried": carried_on(officer.post(address_of(session), {"file": file})),
        "save": "1",
    }
    officer.post(address_of(session), sent, follow=True)

    answer = officer.post(address_of(session), sent, follow=True)

    assert told_on(answer) == ["All of it was saved already."]
    assert SavedChange.objects.count() == 1


def test_what_somebody_saved_between_look_and_confirmation_is_refused(officer, session):
    file = file_of(session, {"title": "Session première", "city": "Genève"})
    look = officer.post(address_of(session), {"file": file})
    Session.objects.update(title=text("First session", fr="Séance une"))

    answer = officer.post(
        address_of(session), {"carried": carried_on(look), "save": ""}
    )

    assert told_on(answer) == [
        "1 text was saved.",
        "1 row was refused: it is listed below.",
    ]
    assert words_on(answer)[:6] == [
        "What was refused (French)",
        "Row 3, column E: Somebody else saved this translation after the file was made.",
        "Saved meanwhile",
        "Séance une",
        "In the file",
        "Session première",
    ]
    session.refresh_from_db()
    assert (session.title["fr"], session.city["fr"]) == ("Séance une", "Genève")


@pytest.mark.parametrize("format_", spreadsheets.FORMATS)
def test_refused_rows_are_corrected_in_a_file_of_their_own(officer, session, format_):
    file = file_of(session, {"title": "x" * 301, "city": "Genève"})
    look = officer.post(address_of(session), {"file": file})

    answer = officer.post(
        address_of(session),
        {"carried": carried_on(look), f"refused_{format_}": "1"},
    )

    sheet = spreadsheets.read(answer.content, f"f.{format_}")
    assert [row.text("translation") for row in sheet.rows] == ["x" * 301]
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="first-fr-refused.{format_}"'
    )
    assert not SavedChange.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "The file is empty."),
        (
            "a.csv",
            "Clé;Français\r\n".encode("cp1252"),
            (
                "The letters of this file cannot be told apart: it is not saved as UTF-8. "
                "In Excel choose “Save as”, then “CSV UTF-8 (comma delimited)”; or send the "
                "XLSX file."
            ),
        ),
        (
            "a.xlsx",
            b"PK\x03\x04",
            (
                "The file is damaged, or no XLSX file: open it in a spreadsheet program and "
                "save it anew."
            ),
        ),
    ],
    ids=["empty", "code page", "damaged"],
)
def test_a_file_that_is_none_is_refused_beside_its_input(
    officer, session, name, content, said
):
    page = officer.post(
        address_of(session), {"file": SimpleUploadedFile(name, content)}
    )

    assert refused_on(page) == {"file": [said]}


def test_without_a_file_one_is_asked_for(officer, session):
    page = officer.post(address_of(session), {})

    assert refused_on(page) == {
        "file": ["Choose the file that the translators sent back."]
    }


def test_a_file_that_asks_for_too_much_at_once_is_refused(
    officer, session, monkeypatch
):
    monkeypatch.setattr(page_of_spreadsheets, "_MOST_CARRIED", 100)
    file = file_of(session, {"title": "Session première"})

    page = officer.post(address_of(session), {"file": file})

    assert refused_on(page) == {
        "file": ["The file changes too much at once: send fewer rows at a time."]
    }


def test_so_many_rows_are_shown_and_the_rest_is_counted(officer, session, monkeypatch):
    monkeypatch.setattr(page_of_spreadsheets, "_MOST_SHOWN", 1)
    changed = {"title": "Session première", "city": "Genève"}

    page = officer.post(address_of(session), {"file": file_of(session, changed)})

    assert "And 1 more." in words_on(page)


# --- Who may, and what is trusted ---------------------------------------------------


def test_reader_downloads_and_uploads_nothing(client, session):
    reader = sign_in(client, "one", duty="reader", conference=session.conference)

    page = reader.get(address_of(session))
    file = reader.get(address_of(session), {"language": "fr"})
    sent = reader.post(
        address_of(session), {"file": file_of(session, {"title": "Session première"})}
    )

    assert (page.status_code, file.status_code, sent.status_code) == (200, 200, 403)
    assert "Send back" not in words_on(page)
    assert not SavedChange.objects.exists()


def test_editor_is_told_who_changes_the_texts_of_the_conference(client, session):
    editor = sign_in(client, "one", duty="editor", conference=session.conference)
    key = f"conference-{session.conference_id}-title"
    content = spreadsheets.write(
        session, texts_of(session), "fr", "csv", {key: "Conférence océanique"}
    )

    look = editor.post(
        address_of(session), {"file": SimpleUploadedFile("a.csv", content)}
    )

    assert words_on(look)[5] == (
        "Row 2, column E: Only an Administrator of this conference changes its settings "
        "and its staff."
    )
    assert "save" not in look.content.decode().split('name="carried"')[1][:800]


def test_confirmation_of_an_account_that_lost_its_duty_saves_nothing(client, session):
    editor = sign_in(client, "one", duty="editor", conference=session.conference)
    file = file_of(session, {"title": "Session première"})
    carried = carried_on(editor.post(address_of(session), {"file": file}))
    session.conference.duties.update(kind="reader")

    answer = editor.post(address_of(session), {"carried": carried, "save": "1"})

    assert answer.status_code == 403
    assert not SavedChange.objects.exists()


def forged(session, carried):
    return carried[:-4] + "AAAA"


def signed_elsewhere(session, carried):
    held = signing.loads(carried, salt=page_of_spreadsheets._SALT)
    return signing.dumps(held, salt="another page", compress=True)


def of_another_account(session, carried):
    held = signing.loads(carried, salt=page_of_spreadsheets._SALT)
    return signing.dumps(
        {**held, "user": held["user"] + 1}, salt=page_of_spreadsheets._SALT
    )


def of_another_session(session, carried):
    held = signing.loads(carried, salt=page_of_spreadsheets._SALT)
    return signing.dumps(
        {**held, "session": session.pk + 1}, salt=page_of_spreadsheets._SALT
    )


@pytest.mark.parametrize(
    "change", [forged, signed_elsewhere, of_another_account, of_another_session]
)
def test_what_the_page_did_not_sign_for_this_account_is_not_saved(
    officer, session, change
):
    file = file_of(session, {"title": "Session première"})
    carried = carried_on(officer.post(address_of(session), {"file": file}))

    answer = officer.post(
        address_of(session),
        {"carried": change(session, carried), "save": "1"},
        follow=True,
    )

    assert told_on(answer) == ["This is no longer valid: send the file again."]
    assert not SavedChange.objects.exists()


def test_what_lay_too_long_is_not_saved(officer, session, monkeypatch):
    file = file_of(session, {"title": "Session première"})
    carried = carried_on(officer.post(address_of(session), {"file": file}))
    monkeypatch.setattr(page_of_spreadsheets, "_SECONDS_CARRIED", -1)

    answer = officer.post(
        address_of(session), {"carried": carried, "save": "1"}, follow=True
    )

    assert told_on(answer) == ["This is no longer valid: send the file again."]


def test_arabic_page_reads_from_right_to_left_and_french_in_it_does_not(
    officer, session
):
    officer.cookies["staff_language"] = "ar"
    file = file_of(session, {"title": "Session première"})

    page = officer.post(address_of(session), {"file": file})

    assert page.status_code == 200
    markup = page.content.decode()
    assert '<html lang="ar" dir="rtl"' in markup
    assert '<span lang="fr" dir="ltr">Session première</span>' in markup
