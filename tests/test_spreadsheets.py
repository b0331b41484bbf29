"""Spreadsheets for translators: written, read back, and everything that is refused."""

import csv
import io
import re
import zipfile

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl.utils import get_column_letter

from sessions_app import history, spreadsheets
from sessions_app.models import (
    Footnote,
    Panel,
    SavedChange,
    Section,
    Session,
    Slot,
)
from sessions_app.spreadsheets import NotRead, asked_in, proposal, read, write
from sessions_app.taking_back import take_back
from sessions_app.translated import LANGUAGE_CODES, digest_of, text, translated
from sessions_app.translating import Seen, Wish, seen_in, texts_of, translate_all
from speakers.models import Person
from tests.rows import (
    make_conference,
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_programme_of,
    make_role,
    make_room,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.thorough

# Texts that a spreadsheet program, CSV or a careless reader would bend.
AWKWARD = [
    '=HYPERLINK("https://example.org","here")',
    "+1 speaker, and then -1",
    "-5 °C at the pole",
    "@all: take your seats",
    "'Quoted' from the first letter",
    "'=an apostrophe, then a formula",
    "''twice",
    "She said “yes”, then \"no\"; 'perhaps', too",
    "_x0041_ is no letter, and _xFFFF_ none either",
    "مرحبا — \u200f(أ)\u200f 12",
    "中文，标点“引号”；和 emoji 👩🏽‍🚀🇺🇳",
    "1,5; 2.5\t3",
    "007",
    "1/2",
    "TRUE",
    "＝FULL WIDTH",
]
MARKDOWN = 'Para *one*.[^annex]\n\n- `code`; "quoted"\n- **two**,\tthree\n\n> \'=x\n\n| a | b |'
E, F = "E", "F"


def in_all(said, primary):
    """Words in each of the six languages, each a little other."""
    return translated(
        {
            code: said if code == primary else f"{said} {code}"
            for code in LANGUAGE_CODES
        },
        primary,
    )


@pytest.fixture
def make_awkward(db):
    """Makes a session whose texts are awkward, in six languages, with one main."""

    def make(primary="en"):
        conference = make_conference(title=in_all("Ocean", primary))
        session = make_session(
            conference=conference,
            primary_language=primary,
            languages=list(LANGUAGE_CODES),
            title=in_all("Session", primary),
            city=in_all("Geneva", primary),
            theme=in_all("=1+1", primary),
        )
        Footnote.objects.create(
            session=session, key="annex", text=in_all("See the annex.", primary)
        )
        Section.objects.create(
            session=session,
            place=Section.Place.BEFORE,
            position=10,
            heading=in_all("@Format", primary),
            text=in_all(MARKDOWN, primary),
        )
        day = make_day(session)
        for said in AWKWARD:
            make_slot(
                day,
                title=in_all(said, primary),
                text=in_all(f"{MARKDOWN}\n{said}", primary),
            )
        # Without any translation.
        make_slot(day, title=translated({primary: "-alone"}, primary))
        return session

    return make


@pytest.fixture
def session(db):
    """A session with a text of each kind, partly in French."""
    session = make_session(
        conference=make_conference(
            title=text("Conference on the ocean", fr="Conférence sur l’océan")
        ),
        languages=["en", "fr", "ar"],
        title=text("First session", fr="Première session"),
        city=text("Geneva", fr="Genève"),
        room=make_room(),
    )
    Footnote.objects.create(session=session, key="annex", text=text("See the annex."))
    slot = make_slot(
        make_day(session),
        title=text("Statements", fr="Déclarations"),
        text=text("By States.[^annex]", fr="Des États.[^annex]"),
    )
    Panel.objects.create(slot=slot, number=1, label=text("Panel 1", fr="Groupe 1"))
    make_line(
        slot, text=text("{people} speaks"), person=make_person(), role=make_role()
    )
    return session


def by_key(session):
    return {t.key: t for t in texts_of(session)}


def digests(session):
    return {t.key: {**t.stored} for t in texts_of(session)}


def proposed(session, data, name="file.xlsx", why_not=lambda _text: ""):
    """What a file would do to a session."""
    texts = by_key(session)
    sheet = read(data, name)
    asked, refused = asked_in(sheet, session, texts)
    found = proposal(asked, texts, sheet.language, sheet.letters, why_not)
    return found, sorted((*refused, *found.refused), key=lambda row: row.number)


def save(session, data, name="file.xlsx"):
    """Saves what a file would do; gives how many, and the sentences of what is refused."""
    found, refused = proposed(session, data, name)
    wishes = [row.wish for row in found.saves]
    language = read(data, name).language
    late = translate_all(session, wishes, language, None)
    return len(wishes) - len(late), [row.sentence for row in refused]


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def closed(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells_of(data):
    """The rows of a CSV file as the bytes have them."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def as_csv(rows, *, delimiter=",", encoding="utf-8-sig"):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode(encoding)


SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def with_shared_texts(data, more=""):
    """The workbook as Excel saves it: the texts in a table, each named by its place."""
    texts = []

    def share(found):
        texts.append(found[2])
        return f'<c{found[1]}t="s"><v>{len(texts) - 1}</v></c>'

    cell = re.compile(r'<c([^>]*)t="inlineStr"><is>(.*?)</is></c>', re.DOTALL)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings"
    for name, change in {
        "xl/worksheets/sheet1.xml": lambda content: cell.sub(share, content),
        "xl/_rels/workbook.xml.rels": lambda content: content.replace(
            "</Relationships>",
            f'<Relationship Id="rId99" Type="{RELATION}/sharedStrings" '
            'Target="/xl/sharedStrings.xml"/></Relationships>',
        ),
        "[Content_Types].xml": lambda content: content.replace(
            "</Types>",
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}+xml"/>'
            "</Types>",
        ),
    }.items():
        data = changed_part(data, name, change)
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        items = "".join(f"<si>{text}</si>" for text in texts)
        table = f'<sst xmlns="{SPACE}">{items}{more}</sst>'
        archive.writestr("xl/sharedStrings.xml", table)
    assert len(texts) > 50
    return file.getvalue()


def row_of(sheet, key):
    return next(cells[0].row for cells in sheet.iter_rows() if cells[0].value == key)


# --- Out and back -----------------------------------------------------------------


@pytest.mark.parametrize("format_", spreadsheets.FORMATS)
@pytest.mark.parametrize("language", LANGUAGE_CODES)
def test_an_unchanged_file_changes_nothing(make_awkward, language, format_):
    session = make_awkward("en" if language != "en" else "fr")
    before = digests(session)

    data = write(session, texts_of(session), language, format_)
    found, refused = proposed(session, data, f"file.{format_}")
    saved = save(session, data, f"file.{format_}")

    assert (found.saves, refused, found.emptied) == ((), [], ())
    assert found.unchanged == len(before) == 40
    assert saved == (0, [])
    assert digests(session) == before
    assert not SavedChange.objects.exists()


def test_a_workbook_that_a_program_saved_anew_changes_nothing(make_awkward):
    session = make_awkward()
    data = closed(opened(write(session, texts_of(session), "ar", "xlsx")))

    assert save(session, data) == (0, [])


@pytest.mark.parametrize("language", ["ar", "zh-hans"])
def test_a_workbook_with_shared_texts_changes_nothing(make_awkward, language):
    session = make_awkward()
    data = with_shared_texts(write(session, texts_of(session), language, "xlsx"))

    found, refused = proposed(session, data)

    assert (found.saves, refused, found.unchanged) == ((), [], 40)


@pytest.mark.parametrize("format_", spreadsheets.FORMATS)
def test_awkward_words_arrive_as_they_were_typed(make_awkward, format_):
    """Written in the place of a translation, read back, saved."""
    session = make_awkward()
    slots = Slot.objects.filter(day__session=session).order_by("position")
    keys = [f"slot-{slot.pk}-title" for slot in slots][: len(AWKWARD)]
    typed = dict(zip(keys, reversed(AWKWARD), strict=True))

    data = write(session, texts_of(session), "fr", format_, typed)
    saved = save(session, data, f"file.{format_}")

    assert saved == (len(AWKWARD), [])
    # A tab in one line is a space, as everywhere.
    assert [by_key(session)[key].said("fr") for key in keys] == [
        said.replace("\t", " ") for said in reversed(AWKWARD)
    ]


@pytest.mark.parametrize("format_", spreadsheets.FORMATS)
def test_a_changed_cell_is_saved_and_only_it(session, format_):
    before = digests(session)
    key = f"slot-{Slot.objects.get().pk}-title"
    data = write(session, texts_of(session), "fr", format_, {key: "Exposés"})

    assert save(session, data, f"file.{format_}") == (1, [])

    after = digests(session)
    changed = after.pop(key)
    was = before.pop(key)
    assert after == before
    assert changed == {**was, "fr": "Exposés"}
    assert list(SavedChange.objects.values_list("act", flat=True)) == ["saved"]


def test_headings_are_read_in_each_language_of_the_page(session):
    for code in LANGUAGE_CODES:
        with translation.override(code):
            data = write(session, texts_of(session), "ar", "xlsx")

        assert proposed(session, data)[0].unchanged == len(by_key(session))


def test_rows_and_columns_may_change_places_and_be_deleted(session):
    head, *rows = cells_of(write(session, texts_of(session), "fr", "csv"))
    order = [7, 4, 3, 0, 2]
    kept = [[row[place] for place in order] for row in (head, *reversed(rows[3:]))]

    found, refused = proposed(session, as_csv(kept), "file.csv")

    assert (found.unchanged, refused) == (len(rows) - 3, [])


@pytest.mark.parametrize(
    "how",
    [
        {"delimiter": ";"},
        {"delimiter": "\t", "encoding": "utf-16"},
        {"encoding": "utf-8"},
        {"delimiter": ";", "encoding": "utf-16"},
    ],
    ids=["semicolons", "Unicode text of Excel", "UTF-8 without mark", "UTF-16"],
)
def test_csv_is_read_as_programs_save_it(make_awkward, how):
    session = make_awkward()
    rows = cells_of(write(session, texts_of(session), "ru", "csv"))

    assert save(session, as_csv(rows, **how), "file.csv") == (0, [])


def test_an_emptied_cell_keeps_what_is_there(session):
    before = digests(session)
    book = opened(write(session, texts_of(session), "fr", "xlsx"))
    row = row_of(book.active, f"slot-{Slot.objects.get().pk}-title")
    book.active.cell(row, 5).value = None

    found, refused = proposed(session, closed(book))

    assert (found.saves, refused, found.emptied) == ((), [], (row,))
    assert digests(session) == before


def test_names_in_latin_letters_are_in_the_file_that_is_asked_for(session):
    keys = [row[0] for row in cells_of(write(session, texts_of(session), "ar", "csv"))]

    assert keys[1:] == list(by_key(session))


# --- How it is written ------------------------------------------------------------


def test_every_cell_of_a_workbook_is_a_text(make_awkward):
    session = make_awkward()

    sheet = opened(write(session, texts_of(session), "fr", "xlsx")).active

    held = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in held} == {"s"}
    assert {cell.number_format for cell in held} == {"@"}
    assert {
        cell.value
        for cell in held
        if cell.quotePrefix and cell.column == 4 and "\n" not in cell.value
    } == {"=1+1", "@Format", "-alone"} | {
        said for said in AWKWARD if said[0] in "=+-@'＝"
    }


def test_a_workbook_reads_well(session):
    book = opened(write(session, texts_of(session), "ar", "xlsx"))
    sheet = book.active

    assert [cell.value for cell in sheet[1]] == [
        "Key (do not change)",
        "Where",
        "Field",
        "English: main text (do not change)",
        "Arabic: translation",
        "How it stands",
        "Limit",
        "Mark (do not change)",
    ]
    assert (sheet.freeze_panes, sheet.sheet_view.rightToLeft) == ("A2", True)
    assert sheet.protection.sheet is False
    assert [cell.alignment.readingOrder for cell in sheet[2][3:5]] == [1, 2]
    assert all(cell.alignment.wrap_text for cell in sheet[2][:7])
    widths = [
        sheet.column_dimensions[get_column_letter(column)].width
        for column in range(1, 9)
    ]
    assert widths == [18, 30, 16, 60, 60, 16, 14, 4]
    latin = opened(write(session, texts_of(session), "fr", "xlsx")).active
    assert latin.sheet_view.rightToLeft is False


def test_no_cell_of_a_csv_file_begins_like_a_formula(make_awkward):
    session = make_awkward()

    data = write(session, texts_of(session), "fr", "csv")

    cells = [cell for row in cells_of(data) for cell in row]
    assert [cell for cell in cells if cell.startswith(tuple("=+-@\t\r＝＋－＠"))] == []
    assert "'=1+1" in cells
    assert "''=an apostrophe, then a formula" in cells
    assert "'''twice" in cells
    assert "'Quoted' from the first letter" in cells
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data


# --- What is refused, row by row ----------------------------------------------------


def in_csv(change):
    """Damage done to the rows of a CSV file, the head being row 0."""

    def done(session, data):
        rows = cells_of(write(session, texts_of(session), "fr", "csv"))
        return as_csv(change(rows) or rows), "file.csv"

    return done


def in_xlsx(change):
    """Damage done to the sheet of a workbook."""

    def done(session, data):
        book = opened(data)
        change(book.active)
        return closed(book), "file.xlsx"

    return done


def put(row, column, value):
    def change(rows):
        rows[row - 1][column] = value

    return in_csv(change)


def put_cell(address, value):
    def change(sheet):
        sheet[address] = value

    return in_xlsx(change)


def put_inline(raw, address="E2"):
    """A cell in the words of the format itself."""

    def done(session, data):
        def change(content):
            cell = rf'<c r="{address}"[^>]*>.*?</c>'
            return re.sub(cell, raw, content, count=1, flags=re.DOTALL)

        return changed_part(data, "xl/worksheets/sheet1.xml", change), "file.xlsx"

    return done


def changed_part(data, name, change):
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            content = old.read(part)
            if part.filename == name:
                content = change(content.decode()).encode()
            new.writestr(part.filename, content)
    return file.getvalue()


def doubled(rows):
    rows.append([*rows[1][:4], "Deux fois", *rows[1][5:]])


def swapped_keys(rows):
    rows[1][0], rows[2][0] = rows[2][0], rows[1][0]


def unknown_key(rows):
    session, language, *seen = rows[1][7].split(".")[:4]
    parts = (session, language, *seen, "slot-999999-title")
    rows[1][0] = "slot-999999-title"
    rows[1][7] = ".".join((*parts[:4], digest_of(".".join(parts))))


def source_moved_on(session, data):
    session.conference.title = text(
        "Conference on the seas", fr="Conférence sur l’océan"
    )
    session.conference.save()
    rows = cells_of(data_as_csv(data))
    rows[1][4] = "Conférence sur les mers"
    return as_csv(rows), "file.csv"


def saved_meanwhile(session, data):
    session.conference.title["fr"] = "Conférence des océans"
    session.conference.save()
    rows = cells_of(data_as_csv(data))
    rows[1][4] = "Conférence océanique"
    return as_csv(rows), "file.csv"


def data_as_csv(data):
    """What stands in a workbook, as CSV."""
    rows = [[cell.value or "" for cell in row] for row in opened(data).active.rows]
    return as_csv(rows)


def row_with(session, key_part):
    keys = [t.key for t in texts_of(session)]
    return next(i for i, key in enumerate(keys, start=2) if key_part in key)


# In row 2 stands the title of the conference, in row 3 that of the session.
DAMAGE = {
    "formula": (
        put_cell("E3", "=1+1"),
        ["Row 3, column E: This is a formula: type the words instead."],
    ),
    "formula of an array": (
        put_inline('<c r="E2"><f t="array" ref="E2:E3">SUM(A1:A2)</f><v>3</v></c>'),
        ["Row 2, column E: This is a formula: type the words instead."],
    ),
    "date": (
        put_inline('<c r="E2" t="d"><v>2027-06-21</v></c>'),
        [
            (
                "Row 2, column E: The spreadsheet program made a date of this: format the "
                "cell as text, and type the words again."
            )
        ],
    ),
    "number": (
        put_cell("E3", 12),
        [
            (
                "Row 3, column E: The spreadsheet program made a number of this: format the "
                "cell as text, and type the words again."
            )
        ],
    ),
    "boolean": (
        put_cell("E3", True),
        [
            (
                "Row 3, column E: The spreadsheet program made “true” or “false” of this: "
                "format the cell as text, and type the words again."
            )
        ],
    ),
    "error of the program": (
        put_inline('<c r="E2" t="e"><v>#NAME?</v></c>'),
        [
            "Row 2, column E: This is an error of the spreadsheet program, no text.",
        ],
    ),
    "error of the program, in CSV": (
        put(3, 4, "#NAME?"),
        ["Row 3, column E: This is an error of the spreadsheet program, no text."],
    ),
    "key changed": (
        put(3, 0, "session-0-title"),
        ["Row 3, column A: The key or the mark of the row was changed."],
    ),
    "keys changed places": (
        in_csv(swapped_keys),
        [
            "Row 2, column A: The key or the mark of the row was changed.",
            "Row 3, column A: The key or the mark of the row was changed.",
        ],
    ),
    "key doubled": (
        in_csv(doubled),
        ["Row 17, column A: The same key stands in row 2: keep one of them."],
    ),
    "key unknown": (
        in_csv(unknown_key),
        ["Row 2, column A: There is no such text in this session any more."],
    ),
    "mark changed": (
        put(3, 7, "1.fr.000000.000000.000000"),
        ["Row 3, column A: The key or the mark of the row was changed."],
    ),
    "mark gone": (
        put(3, 7, ""),
        ["Row 3, column H: The mark of the row is missing or was changed."],
    ),
    "main text changed": (
        put(3, 3, "Second session"),
        [
            (
                "Row 3, column D: The main text is not to be changed here: change it on its "
                "own page. Put it back as it was."
            )
        ],
    ),
    "main text moved on": (
        source_moved_on,
        ["Row 2, column D: The main text was changed after the file was made."],
    ),
    "translated by somebody else": (
        saved_meanwhile,
        [
            (
                "Row 2, column E: Somebody else saved this translation after the file was "
                "made."
            )
        ],
    ),
    "too long": (
        put(3, 4, "é" * 301),
        [
            "Row 3, column E: At most 300 characters are printed, this one has 301.",
        ],
    ),
    "unprintable": (
        put(3, 4, "Premi\x07ère"),
        [
            (
                "Row 3, column E: Character 6 (U+0007) cannot be printed. Delete it and "
                "type the words again."
            )
        ],
    ),
    "order of reading overridden": (
        put(3, 4, "Pre\u202emière"),
        [
            (
                "Row 3, column E: Character 4 (U+202E) changes the order in which the text "
                "is read. Delete it and type the words again."
            )
        ],
    ),
    "people lost": (
        in_csv(lambda rows: [*rows[:1], *typed_in(rows, "line-", "parle")]),
        [
            "Row 8, column E: Write {people} as often as the main text does (1).",
        ],
    ),
    "braces in a line": (
        in_csv(lambda rows: [*rows[:1], *typed_in(rows, "line-", "{people} {parle}")]),
        [
            (
                "Row 8, column E: Curly brackets stand only for {people}, once in a text. "
                "Take the others out."
            )
        ],
    ),
    "footnote invented": (
        in_csv(lambda rows: [*rows[:1], *typed_in(rows, "-text", "Des États.[^new]")]),
        [
            (
                "Row 7, column E: The main text does not call the footnote [^new]: take it "
                "out."
            )
        ],
    ),
}


def typed_in(rows, key_part, words):
    """The rows, with words typed in the first whose key holds a part, from row 3 on."""
    place = next(i for i, row in enumerate(rows) if i and key_part in row[0])
    rows[place][4] = words
    return rows[1:]


@pytest.mark.parametrize(("damage", "said"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_refused_with_row_and_column_and_nothing_is_saved(
    session, damage, said
):
    data, name = damage(session, write(session, texts_of(session), "fr", "xlsx"))
    before = digests(session)

    saved = save(session, data, name)

    assert saved == (0, said)
    assert digests(session) == before
    assert not SavedChange.objects.exists()


@pytest.mark.parametrize(
    ("damage", "beside"),
    [
        (
            source_moved_on,
            [
                ("Main text now", "Conference on the seas"),
                ("In the file", "Conférence sur les mers"),
            ],
        ),
        (
            saved_meanwhile,
            [
                ("Saved meanwhile", "Conférence des océans"),
                ("In the file", "Conférence océanique"),
            ],
        ),
    ],
    ids=["main text", "translation"],
)
def test_what_changed_meanwhile_is_shown_beside(session, damage, beside):
    data, name = damage(session, write(session, texts_of(session), "fr", "xlsx"))

    (refused,) = proposed(session, data, name)[1]

    assert [(shown.name, shown.said) for shown in refused.beside] == beside


def test_what_changed_meanwhile_is_no_matter_where_the_cell_was_left_alone(session):
    data = write(session, texts_of(session), "fr", "xlsx")
    source_moved_on(session, data)
    saved_meanwhile(session, data)

    assert save(session, data) == (0, [])
    session.conference.refresh_from_db()
    assert session.conference.title["fr"] == "Conférence des océans"


def test_text_that_one_may_not_change_is_refused_in_its_row(session):
    key = f"conference-{session.conference_id}-title"
    typed = {key: "Conférence océanique"}
    data = write(session, texts_of(session), "fr", "csv", typed)

    found, refused = proposed(
        session, data, "f.csv", lambda t: "No." if t.key == key else ""
    )

    assert found.saves == ()
    assert [row.sentence for row in refused] == ["Row 2, column E: No."]


def test_the_right_rows_are_saved_beside_those_that_are_refused(session):
    rows = cells_of(write(session, texts_of(session), "fr", "csv"))
    rows[1][4], rows[2][4] = "Conférence\u202e", "Session première"

    saved, refused = save(session, as_csv(rows), "file.csv")

    assert (saved, len(refused)) == (1, 1)
    session.refresh_from_db()
    assert session.title["fr"] == "Session première"


def test_refused_rows_are_written_as_they_were_typed_with_the_reason(session):
    data, name = source_moved_on(
        session, write(session, texts_of(session), "fr", "xlsx")
    )
    (row,) = proposed(session, data, name)[1]
    texts = by_key(session)

    corrected = write(
        session,
        [texts[row.key]],
        "fr",
        "xlsx",
        {row.key: row.typed},
        {row.key: row.sentence},
    )

    head, only = opened(corrected).active.values
    assert (head[8], only[3:5], only[8]) == (
        "What was refused",
        ("Conference on the seas", "Conférence sur les mers"),
        "Row 2, column D: The main text was changed after the file was made.",
    )
    assert save(session, corrected) == (1, [])


# --- Files that are refused whole ---------------------------------------------------


def other_session(session, data):
    other = make_session(slug="second", languages=["en", "fr"])
    return write(other, texts_of(other), "fr", "xlsx"), "file.xlsx"


def rows_of_another_language(session, data):
    rows = cells_of(write(session, texts_of(session), "fr", "csv"))
    rows[3] = cells_of(write(session, texts_of(session), "ar", "csv"))[3]
    return as_csv(rows), "file.csv"


def another_main_language(session, data):
    session.primary_language = "fr"
    return data, "file.xlsx"


def second_sheet(session, data):
    book = opened(data)
    book.create_sheet("Notes")
    return closed(book), "file.xlsx"


def with_macros(session, data):
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return file.getvalue(), "file.xlsx"


def zip_bomb(session, data):
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * (21 * 1024 * 1024))
    assert len(file.getvalue()) < 100_000
    return file.getvalue(), "file.xlsx"


ENTITIES = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {name} "{10 * f"&{before};"}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


def entity_bomb(session, data):
    def change(content):
        head, _tag, rest = content.partition("<worksheet")
        inside = rest.replace("Conference on the ocean", "&i;", 1)
        return f"{head}{ENTITIES}<worksheet{inside}"

    return changed_part(data, "xl/worksheets/sheet1.xml", change), "file.xlsx"


def locked(session, data):
    name = "EncryptedPackage".encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + name, "file.xlsx"


def bytes_of(content, name="file.xlsx"):
    return lambda session, data: (content, name)


def too_many_rows(rows):
    return [rows[0], *([["", "", "", "", "", "", "", ""]] * 20_001)]


def too_many_cells(session, data):
    def change(content):
        return content.replace("</row>", "<c/>" * 400_001 + "</row>", 1)

    return changed_part(data, "xl/worksheets/sheet1.xml", change), "file.xlsx"


def too_many_shared_texts(session, data):
    return with_shared_texts(data, "<si/>" * 400_001), "file.xlsx"


WHOLE = {
    "another session": (
        other_session,
        "Row 2, column H: This file was made for another session.",
    ),
    "rows of another language": (
        rows_of_another_language,
        "Row 4, column H: This row was made for Arabic, and the column is for French.",
    ),
    "another main language": (
        another_main_language,
        "Row 1, column D: The main language of this session is French.",
    ),
    "column missing": (
        in_csv(lambda rows: [row[:3] + row[4:] for row in rows]),
        (
            "Row 1, column D: The column “English: main text (do not change)” is missing, "
            "or was renamed: its heading must stand in the first row as it was."
        ),
    ),
    "column renamed": (
        put(1, 4, "Français"),
        (
            "Row 1, column E: The column “French: translation” is missing, or was renamed: "
            "its heading must stand in the first row as it was."
        ),
    ),
    "column doubled": (
        in_csv(lambda rows: [[*row, row[4]] for row in rows]),
        "Row 1, column I: This column stands here twice.",
    ),
    "no heading": (
        in_csv(lambda rows: rows[1:]),
        (
            "Row 1, column A: The column “Key (do not change)” is missing, or was renamed: "
            "its heading must stand in the first row as it was."
        ),
    ),
    "merged cells": (
        in_xlsx(lambda sheet: sheet.merge_cells("E3:E4")),
        "Row 3, column E: Cells are merged here: take them apart.",
    ),
    "quotation marks that do not match": (
        lambda session, data: (data_as_csv(data) + b'"half', "file.csv"),
        "Row 17, column A: The quotation marks of the file do not match from here on.",
    ),
    "too many rows": (
        in_csv(too_many_rows),
        "Row 20002, column A: At most 20000 rows are read.",
    ),
    "too many columns": (
        in_csv(lambda rows: [[*row, *"abcdefghijklm"] for row in rows]),
        "Row 1, column U: At most 20 columns are read.",
    ),
    "a column far away": (
        put_cell("XFD3", "far"),
        "Row 3, column U: At most 20 columns are read.",
    ),
    "a row far away": (
        put_cell("A1048576", "far"),
        "Row 20002, column A: At most 20000 rows are read.",
    ),
    "more cells than can be": (
        too_many_cells,
        "The file holds more cells than are read: send fewer rows.",
    ),
    "more shared texts than can be": (
        too_many_shared_texts,
        "The file holds more cells than are read: send fewer rows.",
    ),
    "two sheets": (
        second_sheet,
        (
            "The file holds 2 sheets. Keep the one that was downloaded, and delete the "
            "others."
        ),
    ),
    "macros": (
        with_macros,
        "The file holds macros: save it as XLSX, without macros.",
    ),
    "name of a file with macros": (
        lambda session, data: (data, "file.XLSM"),
        "Only XLSX and CSV are read, without macros: save the file as XLSX.",
    ),
    "zip bomb": (zip_bomb, "Unpacked, the file is too large: send fewer rows."),
    "entity bomb": (
        entity_bomb,
        "The file declares what no spreadsheet needs, and is not read.",
    ),
    "locked with a password": (
        locked,
        "The file is locked with a password: save it without one, as XLSX.",
    ),
    "old format": (
        bytes_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "file.xls"),
        "This is the old format XLS: save the file as XLSX.",
    ),
    "OpenDocument": (
        lambda session, data: (zipped({"mimetype": "x", "content.xml": "x"}), "f.ods"),
        "Only XLSX and CSV are read, without macros: save the file as XLSX.",
    ),
    "OpenDocument under another name": (
        lambda session, data: (zipped({"mimetype": "x", "content.xml": "x"}), "f.xlsx"),
        "This is an OpenDocument file: save it as XLSX.",
    ),
    "a letter": (
        lambda session, data: (zipped({"word/document.xml": "<w/>"}), "f.docx"),
        "The file holds no sheet of texts.",
    ),
    "damaged": (
        lambda session, data: (data[: len(data) // 2], "file.xlsx"),
        (
            "The file is damaged, or no XLSX file: open it in a spreadsheet program and "
            "save it anew."
        ),
    ),
    "empty": (bytes_of(b" \r\n"), "The file is empty."),
    "too large": (
        bytes_of(b"a" * (5 * 1024 * 1024 + 1)),
        "The file is larger than 5 MB. Send fewer rows at a time.",
    ),
}
CODE_PAGE = (
    "The letters of this file cannot be told apart: it is not saved as UTF-8. In Excel "
    "choose “Save as”, then “CSV UTF-8 (comma delimited)”; or send the XLSX file."
)
for language, said, page in (
    ("French", "Première", "cp1252"),
    ("Arabic", "الدورة", "cp1256"),
    ("Russian", "Сессия", "cp1251"),
):
    WHOLE[f"code page of Windows, {language}"] = (
        bytes_of(f"Key;{said}\r\n".encode(page), "file.csv"),
        CODE_PAGE,
    )


def zipped(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(("damage", "said"), WHOLE.values(), ids=WHOLE)
def test_a_file_is_refused_whole_and_nothing_is_saved(session, damage, said):
    data, name = damage(session, write(session, texts_of(session), "fr", "xlsx"))
    before = digests(session)

    with pytest.raises(NotRead) as refusal:
        save(session, data, name)

    assert str(refusal.value) == said
    assert digests(session) == before


def test_openpyxl_itself_opens_no_entity_bomb(session):
    """The second wall, behind our own look into the archive."""
    data, _name = entity_bomb(session, write(session, texts_of(session), "fr", "xlsx"))

    assert openpyxl.DEFUSEDXML
    with pytest.raises(ValueError, match="Unable to read workbook"):
        list(openpyxl.load_workbook(io.BytesIO(data), read_only=True).active.rows)


# --- How much it asks of the database -----------------------------------------------


def queries_of(act):
    with CaptureQueriesContext(connection) as asked:
        return act(), len(asked)


@pytest.mark.parametrize("number", [2, 12])
def test_no_more_queries_are_asked_for_more_texts(db, number):
    session = make_programme_of(number)
    texts = texts_of(session)
    typed = {text.key: f"{text.source} ا" for text in texts}
    data = write(session, texts, "ar", "csv", typed)

    (found, refused), read_with = queries_of(
        lambda: proposed(session, data, "file.csv")
    )
    wishes = [saves.wish for saves in found.saves]
    late, saved_with = queries_of(lambda: translate_all(session, wishes, "ar", None))

    assert (len(wishes), refused, late) == (len(texts), [], [])
    # Of the session, its slots and what belongs to them.
    assert read_with == 10
    # Beside one for each row that changes.
    rows = {(type(text.row), text.row.pk) for text in texts}
    assert saved_with - len(rows) == 38


def test_one_upload_is_one_act_of_the_history_and_is_taken_back_as_one(session):
    texts = [t for t in texts_of(session) if t.row._meta.model_name != "line"]
    before = {t.key: t.said("fr") for t in texts}
    wishes = [Wish(t, f"{t.source} (fr)", seen_in(t, "fr")) for t in texts]

    refused = translate_all(session, wishes, "fr", None)
    saved = by_key(Session.objects.get())
    change = SavedChange.objects.get()
    kinds = {row.kind for row in change.rows.all()}
    taken_back = take_back(change, None)

    assert refused == []
    assert {key: saved[key].said("fr") for key in before} == {
        t.key: f"{t.source} (fr)" for t in texts
    }
    assert kinds == {"conference", "session", "slot", "room", "person", "role"}
    assert taken_back
    now = by_key(Session.objects.get())
    assert {key: now[key].said("fr") for key in before} == before


def test_snapshots_are_those_that_are_taken_one_by_one(session):
    rows = [
        session,
        session.conference,
        session.room,
        *Slot.objects.all(),
        *Person.objects.all(),
    ]

    assert history.snapshots(rows) == {
        (type(row), row.pk): history.snapshot(row) for row in rows
    }


def test_what_moved_on_under_the_locks_is_given_back_and_the_rest_is_saved(session):
    texts = by_key(session)
    title = texts[f"session-{session.pk}-title"]
    city = texts[f"session-{session.pk}-city"]
    slot = Slot.objects.get()
    gone = texts[f"slot-{slot.pk}-title"]
    wishes = [
        Wish(title, "Session première", Seen("000000", "000000")),
        Wish(city, "Genf", seen_in(city, "fr")),
        Wish(gone, "Exposés", seen_in(gone, "fr")),
    ]
    slot.delete()
    account = User.objects.create(username="amina")

    refused = translate_all(session, wishes, "fr", account)

    assert [(wish.text.field, why) for wish, why in refused] == [
        (
            "title",
            "The main text was changed after you opened it: read it again, then save.",
        ),
        ("title", "The text was deleted meanwhile."),
    ]
    session.refresh_from_db()
    assert (session.title["fr"], session.city["fr"]) == ("Première session", "Genf")
    assert SavedChange.objects.get().by == account


def test_whoever_has_a_slot_open_is_not_in_the_way(session):
    slot = Slot.objects.get()
    line = next(t for t in texts_of(session) if t.key.startswith("line-"))

    translate_all(
        session, [Wish(line, "{people} parle", seen_in(line, "fr"))], "fr", None
    )

    # As translate() saves one: their form takes what they did not touch as it is.
    assert Slot.objects.get().version == slot.version


def test_moderated_by_line_keeps_its_people(db):
    role = make_moderator()
    session = make_session(languages=["en", "fr"])
    make_line(make_slot(make_day(session)), person=make_person(), role=role)
    data = write(
        session,
        texts_of(session),
        "fr",
        "csv",
        {f"role-{role.pk}-by_line": "Animé par"},
    )

    (refused,) = proposed(session, data, "file.csv")[1]

    assert refused.why == "Write {people} as often as the main text does (1)."
