"""HTML in, PDF/UA-1 out: the one place that knows the library that prints.

What a document may use is closed: our stylesheets and pictures in static/, pictures
inside the HTML itself, the fonts of static/fonts/print/. Everything else is refused with
a sentence, and the same HTML gives the same bytes in every process."""

import logging
import mimetypes
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.conf import settings
from django.core import checks

PANGO_MISSING = (
    "PDF documents cannot be printed on this machine: the Pango libraries are missing. "
    "On Debian and Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0; on macOS: brew install pango."
)
_PICTURES = ("data:image/png;", "data:image/jpeg;")
_LINKS = ("https", "http", "mailto")


class PdfRefused(RuntimeError):
    """A document that cannot or may not be printed; the message is a sentence for
    staff."""


def static_folder() -> Path:
    """The folder of our own files, the only one that a document may read."""
    return Path(settings.BASE_DIR).resolve() / "static"


def write_pdf(html: str, *, identifier: str) -> tuple[bytes, int]:
    """The PDF/UA-1 of `html` and its number of pages.

    `html` is a whole document: its `lang`, `<title>` and `<meta>` become the PDF's, its
    addresses are relative to static/. `identifier` becomes the first half of the PDF's
    ID. The bytes depend on nothing else but the release of the libraries.

    Raises PdfRefused when Pango is missing, when the document asks for anything outside
    static/, attaches a file, links to anything but http, https and mailto, uses a
    character that our fonts do not have, or is otherwise not fit to print."""
    weasyprint = _weasyprint()
    with _Log() as log:
        try:
            # One font configuration for each document: sharing one between threads is
            # not safe.
            document = weasyprint.HTML(
                string=html,
                base_url=static_folder().as_uri() + "/",
                url_fetcher=_fetch,
            ).render(
                font_config=weasyprint.text.fonts.FontConfiguration(),
                pdf_variant="pdf/ua-1",
            )
            _refuse_attachments(document)
            data: bytes = document.write_pdf(
                finisher=_finish,
                pdf_variant="pdf/ua-1",
                pdf_identifier=identifier.encode(),
            )
        # Of all that the library raises, this alone is no Exception.
        except weasyprint.urls.FatalURLFetchingError as refusal:
            raise PdfRefused(str(refusal)) from None
    log.raise_for_problems()
    return data, len(document.pages)


def check_pango(
    app_configs: Sequence[Any] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """A system check: warns when the Pango libraries are missing. The rest of the site
    works without them."""
    try:
        _weasyprint()
    except PdfRefused as refusal:
        return [checks.Warning(str(refusal), id="sessions_app.W001")]
    return []


def check_fonts(
    app_configs: Sequence[Any] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """A system check: an error when our fonts are missing."""
    fonts = static_folder() / "fonts"
    if (fonts / "fonts.conf").is_file() and any(fonts.glob("print/*.ttf")):
        return []
    return [
        checks.Error(
            "PDF documents would print in foreign letters: static/fonts is not "
            "complete. Restore the folder from the release.",
            id="sessions_app.E001",
        )
    ]


def _weasyprint() -> Any:
    # Read by fontconfig each time that fonts are looked for, first when the library is
    # imported. It must never see the fonts of the machine.
    os.environ["FONTCONFIG_FILE"] = str(static_folder() / "fonts" / "fonts.conf")
    try:
        # Here and not above: without Pango the import fails, and the site must start;
        # with it, it takes half a second that most commands need not spend.
        import weasyprint  # noqa: PLC0415
        import weasyprint.text.fonts  # noqa: PLC0415
        import weasyprint.urls  # noqa: PLC0415
    except OSError as error:
        raise PdfRefused(PANGO_MISSING) from error
    return weasyprint


def _fetch(address: str) -> Any:
    """What the library reads, it reads through this."""
    urls = _weasyprint().urls
    if address.startswith(_PICTURES):
        return urls.URLFetcher(allowed_protocols={"data"}).fetch(address)
    path = _own_file(address)
    if path is None:
        raise urls.FatalURLFetchingError(
            f"The document asks for {_shown(address)}. A printed document may use only "
            "the application's own files and pictures in PNG or JPEG inside itself."
        )
    if not path.is_file():
        raise urls.FatalURLFetchingError(
            f"The document asks for static/{path.relative_to(static_folder())}, which "
            "does not exist."
        )
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return urls.URLFetcherResponse(address, path.read_bytes(), {"Content-Type": kind})


def _own_file(address: str) -> Path | None:
    parts = urlsplit(address)
    if parts.scheme != "file" or parts.netloc:
        return None
    path = Path(url2pathname(parts.path)).resolve()
    return path if path.is_relative_to(static_folder()) else None


def _refuse_attachments(document: Any) -> None:
    links = [link for page in document.pages for link in page.links]
    if document.metadata.attachments or any(kind == "attachment" for kind, *_ in links):
        raise PdfRefused("The document attaches a file. A printed document holds none.")
    for kind, address, *_ in links:
        if kind == "external" and urlsplit(address).scheme not in _LINKS:
            raise PdfRefused(
                f"The document links to {_shown(address)}. A link in a printed document "
                "begins with https://, http:// or mailto:."
            )


def _finish(_document: Any, pdf: Any) -> None:
    _mark_headers(pdf)
    _mark_links(pdf)


def _mark_links(pdf: Any) -> None:
    """Makes a link of every element that leads somewhere (ISO 14289-1, 7.18.5): inside
    a link, the library leaves emphasis what it is."""
    elements: list[Any] = [part for part in pdf.objects if isinstance(part, dict)]
    leading = {part.reference for part in elements if part.get("Type") == "/OBJR"}
    for element in elements:
        if "S" in element and leading.intersection(element.get("K") or ()):
            element["S"] = "/Link"


def _mark_headers(pdf: Any) -> None:
    """Says of every header cell whether it heads its column or its row (ISO 32000-1,
    table 349), which the library leaves out."""
    for cell in pdf.objects:
        if isinstance(cell, dict) and cell.get("S") == "/TH":
            group = _parent(pdf, _parent(pdf, cell))
            cell["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"


def _parent(pdf: Any, element: Any) -> Any:
    return pdf.objects[int(element["P"].split()[0])]


def _shown(address: str) -> str:
    return address if len(address) <= 100 else f"{address[:100]}…"


class _Log(logging.Handler):
    """Keeps what the library says in this thread while one document is printed: it
    drops what it cannot print with no more than a line in its log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.records: list[logging.LogRecord] = []

    def __enter__(self) -> Self:
        logging.getLogger("weasyprint").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("weasyprint").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread:
            self.records.append(record)

    def raise_for_problems(self) -> None:
        missing = [r.args for r in self.records if str(r.msg).startswith(".notdef")]
        if missing:
            raise PdfRefused(_missing_letters(missing))
        for record in self.records:
            if record.levelno >= logging.ERROR:
                said = record.getMessage().rstrip(" .:")
                raise PdfRefused(f"The document is not fit to print: {said}.")


def _missing_letters(found: Iterable[Any]) -> str:
    letters = dict.fromkeys(f"“{letter}” (U+{code:04X})" for letter, code in found)
    return (
        "The printed document has no letters for these characters: "
        f"{', '.join(list(letters)[:10])}. Replace them in the programme."
    )
