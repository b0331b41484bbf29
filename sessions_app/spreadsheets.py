"""The texts of a session in one language as a spreadsheet for translators: written as
XLSX or CSV, read back, and compared with what stands there now.

A file comes back from programs and people that nobody here knows: it is bounded before
it is opened, nothing in it is evaluated, and each refusal names row and column. Nothing
is saved here; translating.translate_all does that."""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from sessions_app.models import Session
from sessions_app.translated import (
    LANGUAGE_CODES,
    digest_of,
    direction,
    language_name,
    normalize,
)
from sessions_app.translating import (
    Seen,
    SourceText,
    Wish,
    check_holds,
    checked,
    seen_in,
)

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MOST_BYTES = 5 * 1024 * 1024
MOST_BYTES_UNZIPPED = 20 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 20
# Of a part that holds no texts (formats, properties): each of its elements becomes an
# object of a thousand bytes when it is read.
_MOST_BYTES_OF_OTHER_PARTS = 2 * 1024 * 1024
_MOST_EMPTY_CELLS = 500

COLUMNS = (
    "key",
    "where",
    "field",
    "source",
    "translation",
    "state",
    "limit",
    "mark",
)
_NEEDED = ("key", "source", "translation", "mark")
_WIDTHS = dict(zip(COLUMNS, (18, 30, 16, 60, 60, 16, 14, 4), strict=True))

# A cell that begins so is evaluated by one spreadsheet program or another (OWASP, CSV
# injection), those of full width by programs for Chinese and Japanese.
_EVALUATED = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FAILED = {
    *("#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#N/A", "#NUM!", "#NULL!", "#SPILL!")
}
# What openpyxl raises on a damaged workbook, as far as its readers are known.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error, InvalidFileException, EOFError),
    *(ArithmeticError, AttributeError, LookupError, OSError, RuntimeError),
    *(SyntaxError, TypeError, ValueError),
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_TEXTS = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml", re.IGNORECASE)
# A cell, and a text that cells share.
_CELL = re.compile(rb"<(?:\w+:)?(?:c|si)[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})([0-9]{1,7})")


class NotRead(Exception):
    """The whole file is refused; the text is a sentence for whoever sent it."""


# --- The columns ------------------------------------------------------------------


def _headings(main: str, language: str) -> dict[str, str]:
    """The name of each column to its heading, in the language of the page."""
    names = {"main": language_name(main), "language": language_name(language)}
    return {
        "key": _("Key (do not change)"),
        "where": _("Where"),
        "field": _("Field"),
        "source": _("%(main)s: main text (do not change)") % names,
        "translation": _("%(language)s: translation") % names,
        "state": _("How it stands"),
        "limit": _("Limit"),
        "mark": _("Mark (do not change)"),
    }


def _known_headings() -> dict[str, tuple[str, str]]:
    """Each heading as it may stand in a file, which may have been made with the page in
    any language, to its column and the language of the texts in that."""
    known = {}
    for of_page in LANGUAGE_CODES:
        with override(of_page):
            for language in LANGUAGE_CODES:
                for name, heading in _headings(language, language).items():
                    known[_folded(heading)] = name, language
    return known


def _folded(heading: str) -> str:
    return " ".join(heading.casefold().split())


def _states() -> dict[str, str]:
    return {
        "missing": _("missing"),
        "outdated": _("older than the main text"),
        "translated": _("translated"),
        "revised": _("revised"),
    }


def _mark(session: int, language: str, key: str, seen: Seen) -> str:
    """What a row was made from, and a digest that shows whether somebody changed that
    or the key: "12.fr.3f9a2c.e3b0c4.0a1b2c"."""
    parts = (str(session), language, seen.source, seen.translation)
    return ".".join((*parts, digest_of(".".join((*parts, key)))))


# --- Writing ----------------------------------------------------------------------


def write(
    session: Session,
    texts: Iterable[SourceText],
    language: str,
    format_: str,
    typed: Mapping[str, str] | None = None,
    remarks: Mapping[str, str] | None = None,
) -> bytes:
    """The texts and their translations into `language` as a file, "xlsx" or "csv", with
    headings in the language of the page. `typed` (key to words) stands in the place of
    the translations; with `remarks` (key to sentence) there is a column for them."""
    rows = list(_rows(session, texts, language, typed or {}, remarks))
    headings = list(_headings(session.primary_language, language).values())
    if remarks is not None:
        headings.append(_("What was refused"))
    if format_ == "csv":
        return _as_csv([headings, *rows])
    return _as_xlsx(session, language, headings, rows)


def _rows(
    session: Session,
    texts: Iterable[SourceText],
    language: str,
    typed: Mapping[str, str],
    remarks: Mapping[str, str] | None,
) -> Iterator[list[str]]:
    states = _states()
    for text in texts:
        limit = ngettext(
            "%(count)d character", "%(count)d characters", text.column.max_length
        )
        yield [
            text.key,
            text.where,
            text.name,
            text.source,
            typed.get(text.key, text.said(language)),
            states[text.state_in(language)],
            limit % {"count": text.column.max_length},
            _mark(session.pk, language, text.key, seen_in(text, language)),
            *([remarks.get(text.key, "")] if remarks is not None else []),
        ]


def _as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """RFC 4180, with the mark by which Excel knows UTF-8."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """The cell with an apostrophe before what a program might evaluate, and before one
    that could be taken for such an apostrophe when it is read."""
    is_like_one = cell.startswith("'") and cell[1:].startswith((*_EVALUATED, "'"))
    return f"'{cell}" if cell.startswith(_EVALUATED) or is_like_one else cell


def _as_it_was(cell: str) -> str:
    has_one = cell.startswith("'") and cell[1:].startswith((*_EVALUATED, "'"))
    return cell[1:] if has_one else cell


def _as_xlsx(
    session: Session,
    language: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    book.properties.creator = ""
    book.properties.title = str(session)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", language_name(language)))
    sheet.sheet_view.rightToLeft = direction(language) == "rtl"
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    for place, _heading in enumerate(headings):
        name = COLUMNS[place] if place < len(COLUMNS) else "where"
        sheet.column_dimensions[get_column_letter(place + 1)].width = _WIDTHS[name]
    looks = _looks(session.primary_language, language)
    bold = Font(bold=True)
    sheet.append([_cell(sheet, h, looks["head"], bold) for h in headings])
    for row in rows:
        sheet.append(
            _cell(sheet, value, looks.get(name, looks["other"]))
            for name, value in zip((*COLUMNS, "remark"), row, strict=False)
        )
    # To list what is missing alone.
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{len(rows) + 1}"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


_Look = tuple[Alignment, PatternFill | None]


def _looks(main: str, language: str) -> dict[str, _Look]:
    """How the cells of each column look: wrapped, in the direction of their language,
    and grey where nothing is to be typed."""
    orders = {"rtl": 2, "ltr": 1}
    grey = PatternFill("solid", fgColor="E8EAED")
    page = get_language() or main

    def wrapped(of: str) -> Alignment:
        return Alignment(
            wrap_text=True, vertical="top", readingOrder=orders[direction(of)]
        )

    return {
        "head": (wrapped(page), grey),
        "source": (wrapped(main), grey),
        "translation": (wrapped(language), None),
        # Long and of no use to people: cut off instead of wrapped.
        "mark": (Alignment(vertical="top"), grey),
        "other": (wrapped(page), grey),
    }


def _cell(sheet: Any, value: str, look: _Look, font: Font | None = None) -> Any:
    cell = WriteOnlyCell(sheet, value=_ESCAPED.sub("_x005F_", value))
    # A text whatever it begins with: openpyxl takes "=" for a formula.
    cell.data_type = "s"
    cell.number_format = "@"
    # Copies nothing: a style of its own for each cell takes most of the time.
    cell.alignment, fill = look
    if fill is not None:
        cell.fill = fill
    if font is not None:
        cell.font = font
    if value.startswith((*_EVALUATED, "'")):
        cell.quotePrefix = True
    return cell


# --- Reading ----------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """What stands in a cell; `fault` says why it is no text."""

    text: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Row:
    """The cells that count, by the name of their column; `number` is that of the row as
    a spreadsheet program shows it."""

    number: int
    cells: Mapping[str, Cell]

    def text(self, name: str) -> str:
        return self.cells[name].text


@dataclass(frozen=True)
class Sheet:
    """A file that was read: the letter of each column, the language of the main texts
    and that of the translations as its headings name them, and its rows."""

    letters: Mapping[str, str]
    main: str
    language: str
    rows: tuple[Row, ...]


def read(data: bytes, name: str) -> Sheet:
    """What stands in a file. Raises NotRead when it is none of ours, too large, or made
    to do harm; what is wrong with single cells stands in them."""
    if len(data) > MOST_BYTES:
        raise NotRead(
            _("The file is larger than %(most)d MB. Send fewer rows at a time.")
            % {"most": MOST_BYTES // 1024**2}
        )
    _refuse_other_kinds(data, name.lower())
    lines = _of_xlsx(data) if data.startswith(b"PK") else _of_csv(data)
    return _sheet(lines)


def _refuse_other_kinds(data: bytes, name: str) -> None:
    if not data.strip():
        raise NotRead(_("The file is empty."))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise NotRead(
                _("The file is locked with a password: save it without one, as XLSX.")
            )
        raise NotRead(_("This is the old format XLS: save the file as XLSX."))
    if name.endswith((".xlsm", ".xltm", ".xlsb", ".xls", ".ods")):
        raise NotRead(
            _("Only XLSX and CSV are read, without macros: save the file as XLSX.")
        )


_Line = Sequence[Cell]


def _sheet(lines: Iterable[tuple[int, _Line]]) -> Sheet:
    numbered = iter(lines)
    _number, head = next(numbered, (1, ()))
    places, main, language = _places(head)
    rows = []
    for number, line in numbered:
        cells = {
            name: line[place] if place < len(line) else Cell()
            for name, place in places.items()
        }
        if any(cell.text or cell.fault for cell in cells.values()):
            rows.append(Row(number, cells))
    letters = {name: get_column_letter(place + 1) for name, place in places.items()}
    return Sheet(letters, main, language, tuple(rows))


def _places(head: _Line) -> tuple[dict[str, int], str, str]:
    """Where each column that counts stands, whatever their order; and both languages."""
    known = _known_headings()
    places: dict[str, int] = {}
    languages: dict[str, str] = {}
    for place, cell in enumerate(head):
        name, language = known.get(_folded(cell.text), ("", ""))
        if name in places:
            raise NotRead(
                _at(
                    1, get_column_letter(place + 1), _("This column stands here twice.")
                )
            )
        if name in _NEEDED:
            places[name], languages[name] = place, language
    _refuse_missing(places, languages, len(head))
    return places, languages["source"], languages["translation"]


def _refuse_missing(
    places: Mapping[str, int], languages: Mapping[str, str], width: int
) -> None:
    asked = {
        "source": languages.get("source", "en"),
        "translation": languages.get("translation", "fr"),
    }
    for name in _NEEDED:
        if name not in places:
            letter = get_column_letter(
                min(COLUMNS.index(name) + 1, max(width, 1), MOST_COLUMNS)
            )
            heading = _headings(asked["source"], asked["translation"])[name]
            raise NotRead(
                _at(
                    1,
                    letter,
                    _(
                        "The column “%(heading)s” is missing, or was renamed: its "
                        "heading must stand in the first row as it was."
                    )
                    % {"heading": heading},
                )
            )


def _at(row: int, column: str, sentence: str) -> str:
    return _("Row %(row)d, column %(column)s: %(sentence)s") % {
        "row": row,
        "column": column,
        "sentence": sentence,
    }


def _refuse_length(number: int) -> None:
    if number > MOST_ROWS + 1:
        raise NotRead(
            _at(number, "A", _("At most %(most)d rows are read.") % {"most": MOST_ROWS})
        )


def _refuse_width(number: int, width: int) -> None:
    if width > MOST_COLUMNS:
        raise NotRead(
            _at(
                number,
                get_column_letter(MOST_COLUMNS + 1),
                _("At most %(most)d columns are read.") % {"most": MOST_COLUMNS},
            )
        )


def _failed(text: str) -> Cell:
    if text.strip().upper() in _FAILED:
        return Cell(text, _("This is an error of the spreadsheet program, no text."))
    return Cell(text)


# CSV


def _of_csv(data: bytes) -> Iterator[tuple[int, _Line]]:
    written = _decoded(data)
    delimiter = _delimiter(written)
    lines = csv.reader(
        io.StringIO(written, newline=""), delimiter=delimiter, strict=True
    )
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            _refuse_length(number)
            _refuse_width(number, len(line))
            yield number, [_failed(_as_it_was(cell)) for cell in line]
    except csv.Error:
        raise NotRead(
            _at(
                number + 1,
                "A",
                _("The quotation marks of the file do not match from here on."),
            )
        ) from None


def _decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 as Excel saves "Unicode text"."""
    is_of_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if is_of_16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise NotRead(
            _(
                "The letters of this file cannot be told apart: it is not saved as "
                "UTF-8. In Excel choose “Save as”, then “CSV UTF-8 (comma delimited)”; "
                "or send the XLSX file."
            )
        ) from None


def _delimiter(written: str) -> str:
    """The one with which most headings are known."""
    known = _known_headings()

    def found(delimiter: str) -> int:
        line = io.StringIO(written[:10_000], newline="")
        try:
            head = next(csv.reader(line, delimiter=delimiter), [])
        except csv.Error:
            return 0
        return sum(_folded(cell) in known for cell in head)

    return max(",;\t", key=found)


# XLSX


def _of_xlsx(data: bytes) -> Iterator[tuple[int, _Line]]:
    try:
        _refuse_what_is_unsafe(data)
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, keep_links=False
        )
        sheet = book.worksheets[0]
        # Not all programs tell the size of a sheet rightly.
        sheet.reset_dimensions()
        for number, line in enumerate(sheet.iter_rows(), start=1):
            _refuse_length(number)
            _refuse_width(number, _width(line))
            yield number, [_of_cell(cell) for cell in line[:MOST_COLUMNS]]
    except _DAMAGED:
        raise NotRead(
            _(
                "The file is damaged, or no XLSX file: open it in a spreadsheet program "
                "and save it anew."
            )
        ) from None


def _width(line: Sequence[Any]) -> int:
    """Up to the last cell that holds something: empty ones may be formatted, but not so
    many that looking at them takes long."""
    if len(line) > _MOST_EMPTY_CELLS:
        return len(line)
    filled = (p for p, cell in enumerate(line, start=1) if cell.value is not None)
    return max(filled, default=0)


def _refuse_what_is_unsafe(data: bytes) -> None:
    """Looks into the archive, each part no further than it may be, before it is read
    as a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        names = [part.filename for part in parts]
        sizes = [part.file_size for part in parts]
        if sum(sizes) > MOST_BYTES_UNZIPPED or len(parts) > 1000:
            raise NotRead(_("Unpacked, the file is too large: send fewer rows."))
        _refuse_other_archives(names)
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                _refuse_unsafe_part(part.filename, archive.read(part))


def _refuse_other_archives(names: Sequence[str]) -> None:
    if "mimetype" in names and "content.xml" in names:
        raise NotRead(_("This is an OpenDocument file: save it as XLSX."))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise NotRead(_("The file holds macros: save it as XLSX, without macros."))
    sheets = [name for name in names if _SHEET.fullmatch(name)]
    if len(sheets) > 1:
        raise NotRead(
            _(
                "The file holds %(count)d sheets. Keep the one that was downloaded, "
                "and delete the others."
            )
            % {"count": len(sheets)}
        )
    if not sheets:
        raise NotRead(_("The file holds no sheet of texts."))


def _refuse_unsafe_part(name: str, content: bytes) -> None:
    # UTF-16 would hide what is looked for; no spreadsheet program writes it here.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
        raise NotRead(
            _("The file declares what no spreadsheet needs, and is not read.")
        )
    if not _TEXTS.fullmatch(name) and len(content) > _MOST_BYTES_OF_OTHER_PARTS:
        raise NotRead(
            _(
                "The formats of the file are too large: copy its rows into the file as "
                "it was downloaded."
            )
        )
    _refuse_length(sum(1 for _found in _ROW.finditer(content)))
    if sum(1 for _found in _CELL.finditer(content)) > MOST_ROWS * MOST_COLUMNS:
        raise NotRead(_("The file holds more cells than are read: send fewer rows."))
    merged = _MERGED.search(content) if _SHEET.fullmatch(name) else None
    if merged:
        raise NotRead(
            _at(
                int(merged[2]),
                merged[1].decode(),
                _("Cells are merged here: take them apart."),
            )
        )


def _of_cell(cell: Any) -> Cell:
    if cell.value is None:
        return Cell()
    if cell.data_type == "s":
        # As _cell wrote it. Of texts that cells share, openpyxl has undone this already.
        text = str(cell.value).replace("_x005F_", "_").replace("_x000D_", "\r")
        return _failed(text)
    return Cell(str(cell.value), _fault_of(cell.data_type))


def _fault_of(kind: str) -> str:
    if kind == "f":
        return _("This is a formula: type the words instead.")
    if kind == "e":
        return _("This is an error of the spreadsheet program, no text.")
    if kind == "d":
        return _(
            "The spreadsheet program made a date of this: format the cell as text, and "
            "type the words again."
        )
    if kind == "b":
        return _(
            "The spreadsheet program made “true” or “false” of this: format the cell as "
            "text, and type the words again."
        )
    return _(
        "The spreadsheet program made a number of this: format the cell as text, and "
        "type the words again."
    )


# --- Comparing --------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A row that is whole: the words typed in it, and what its translator saw."""

    number: int
    key: str
    typed: str
    seen: Seen


@dataclass(frozen=True)
class Beside:
    """Words shown with a refusal, and what they are."""

    name: str
    said: str
    language: str


@dataclass(frozen=True)
class Refused:
    """A row that is not saved: where (row and column) and why; `key` and `typed` for a
    file of what is to be corrected, where the key is known."""

    number: int
    column: str
    why: str
    key: str = ""
    typed: str = ""
    beside: tuple[Beside, ...] = ()

    @property
    def sentence(self) -> str:
        return _at(self.number, self.column, self.why)


@dataclass(frozen=True)
class Saves:
    """A row whose words differ from what stands there, and may be saved."""

    number: int
    wish: Wish


@dataclass(frozen=True)
class Proposal:
    """What a file would do: what it would save, what is refused, how many rows are
    as they were, and the rows whose cell was emptied, which keep their words."""

    saves: tuple[Saves, ...]
    refused: tuple[Refused, ...]
    unchanged: int
    emptied: tuple[int, ...]


class _Refusal(Exception):
    """Why a row is refused, and at which column."""

    def __init__(self, column: str, why: str, *beside: Beside) -> None:
        super().__init__(why)
        self.column, self.why, self.beside = column, why, beside


WhyNot = Callable[[SourceText], str]


def asked_in(
    sheet: Sheet, session: Session, texts: Mapping[str, SourceText]
) -> tuple[list[Asked], list[Refused]]:
    """The rows of a file that are whole, and those that are not. Raises NotRead for a
    file of another session or language."""
    _refuse_other_languages(sheet, session)
    first: dict[str, int] = {}
    asked, refused = [], []
    for row in sheet.rows:
        key = row.text("key").strip()
        try:
            asked.append(_asked(row, key, sheet, session, first))
        except _Refusal as refusal:
            typed = "" if row.cells["translation"].fault else row.text("translation")
            known = key in texts and first.setdefault(key, row.number) == row.number
            letter = sheet.letters[refusal.column]
            refused.append(
                Refused(
                    row.number,
                    letter,
                    refusal.why,
                    key if known else "",
                    typed,
                )
            )
        first.setdefault(key, row.number)
    return asked, refused


def _refuse_other_languages(sheet: Sheet, session: Session) -> None:
    if sheet.main != session.primary_language:
        raise NotRead(
            _at(
                1,
                sheet.letters["source"],
                _("The main language of this session is %(language)s.")
                % {"language": language_name(session.primary_language)},
            )
        )
    if sheet.language == session.primary_language:
        raise NotRead(
            _at(
                1,
                sheet.letters["translation"],
                _("Into its main language nothing is translated here."),
            )
        )


def _asked(
    row: Row, key: str, sheet: Sheet, session: Session, first: Mapping[str, int]
) -> Asked:
    for name in _NEEDED:
        if row.cells[name].fault:
            raise _Refusal(name, row.cells[name].fault)
    if key in first:
        raise _Refusal(
            "key",
            _("The same key stands in row %(row)d: keep one of them.")
            % {"row": first[key]},
        )
    seen = _seen_by(row, key, sheet, session)
    if not _is_of(seen.source, row.text("source")):
        raise _Refusal(
            "source",
            _(
                "The main text is not to be changed here: change it on its own page. "
                "Put it back as it was."
            ),
        )
    return Asked(row.number, key, row.text("translation"), seen)


def _is_of(digest: str, cell: str) -> bool:
    """Whether a cell holds the words of a digest, with whatever line ends a program
    gave them."""
    plain = cell.replace("\r\n", "\n").replace("\r", "\n")
    return digest in {digest_of(cell), digest_of(plain), digest_of(plain.strip())}


def _seen_by(row: Row, key: str, sheet: Sheet, session: Session) -> Seen:
    """What the mark says that the translator saw."""
    parts = row.text("mark").strip().split(".")
    if len(parts) != 5:
        raise _Refusal("mark", _("The mark of the row is missing or was changed."))
    of_session, language, *digests, check = parts
    seen = Seen(*digests)
    if digest_of(".".join((of_session, language, *digests, key))) != check:
        raise _Refusal("key", _("The key or the mark of the row was changed."))
    place = row.number, sheet.letters["mark"]
    if of_session != str(session.pk):
        raise NotRead(_at(*place, _("This file was made for another session.")))
    if language != sheet.language:
        raise NotRead(
            _at(
                *place,
                _("This row was made for %(row)s, and the column is for %(column)s.")
                % {
                    "row": language_name(language),
                    "column": language_name(sheet.language),
                },
            )
        )
    return seen


def proposal(
    asked: Iterable[Asked],
    texts: Mapping[str, SourceText],
    language: str,
    letters: Mapping[str, str],
    why_not: WhyNot,
) -> Proposal:
    """What the rows would do to the texts as they stand now. `why_not` says why somebody
    may not change a text, "" when they may."""
    saves, refused, emptied = [], [], []
    unchanged = 0
    for row in asked:
        text = texts.get(row.key)
        if text is None:
            why = _("There is no such text in this session any more.")
            refused.append(Refused(row.number, letters["key"], why))
            continue
        try:
            if not row.typed.strip() and text.said(language):
                emptied.append(row.number)
                continue
            said = _changed(row, text, language)
            if said is None:
                unchanged += 1
            else:
                _refuse(text, said, language, row.seen, why_not)
                saves.append(Saves(row.number, Wish(text, said, row.seen)))
        except _Refusal as refusal:
            column = letters[refusal.column]
            refused.append(
                Refused(
                    *(row.number, column, refusal.why, row.key, row.typed),
                    beside=refusal.beside,
                )
            )
    return Proposal(tuple(saves), tuple(refused), unchanged, tuple(emptied))


def _changed(row: Asked, text: SourceText, language: str) -> str | None:
    """The words that were typed. None when they are those that stand there now, or those
    that stood there when the file was made: whoever left them alone wants no change."""
    if _is_of(row.seen.translation, row.typed) or row.typed == text.said(language):
        return None
    try:
        said = normalize(row.typed, multiline=text.column.multiline)
    except ValidationError as error:
        raise _Refusal("translation", error.messages[0]) from None
    return None if said == text.said(language) else said


def _refuse(
    text: SourceText, said: str, language: str, seen: Seen, why_not: WhyNot
) -> None:
    if seen.source != text.source_digest:
        raise _Refusal(
            "source",
            _("The main text was changed after the file was made."),
            Beside(_("Main text now"), text.source, text.primary),
            Beside(_("In the file"), said, language),
        )
    if seen.translation != digest_of(text.said(language)):
        raise _Refusal(
            "translation",
            _("Somebody else saved this translation after the file was made."),
            Beside(_("Saved meanwhile"), text.said(language), language),
            Beside(_("In the file"), said, language),
        )
    try:
        check_holds(text, language, checked(text, language, said))
    except ValidationError as error:
        raise _Refusal("translation", error.messages[0]) from None
    why = why_not(text)
    if why:
        raise _Refusal("translation", why)
