"""The PDF writer: what it prints, what it refuses, and that it prints the same twice."""

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pikepdf
import pypdf
import pypdfium2
import pytest
from django.conf import settings
from PIL import Image

from sessions_app.outputs import pdf
from tests import verapdf

ARABIC = "عقدت الجلسة المواضيعية غير الرسمية الثالثة في جنيف بمشاركة ممثلي الدول"
CHINESE = "第三次非正式专题会议在日内瓦万国宫举行"
RUSSIAN = "Третье неофициальное тематическое заседание состоялось в Женеве"
PAGE = """<!doctype html>
<html lang="en"><head><title>A document</title><style>
@page {{ font-family: "Noto Sans"; @bottom-center {{ content: counter(page) }} }}
html {{ font-family: "Noto Sans" }}
:lang(ar) {{ font-family: "Amiri"; direction: rtl }}
:lang(zh-Hans) {{ font-family: "Noto Sans SC" }}
b {{ font-weight: 600 }}
</style></head><body><h1>A document</h1>
<p>Gómez, Wahlström, Małgorzata <b>bold</b> <i>italic</i></p>
<p lang="ru">{russian}</p><p lang="ar">{arabic}</p>
<p lang="zh-Hans">{chinese} <b>万国宫龘</b></p>
<table><thead><tr><th scope="col">Time</th><th scope="col">Concept</th></tr></thead>
<tbody><tr><th scope="row">10.00</th><td>Opening</td></tr></tbody></table>
{more}</body></html>"""


def page(more: str = "") -> str:
    return PAGE.format(arabic=ARABIC, chinese=CHINESE, russian=RUSSIAN, more=more)


@pytest.fixture(scope="module")
def printed() -> bytes:
    return pdf.write_pdf(page(), identifier="A/1")[0]


@pytest.fixture
def text(printed: bytes) -> Iterator[str]:
    with pypdfium2.PdfDocument(printed) as document:
        yield document[0].get_textpage().get_text_bounded()


def picture(kind: str) -> str:
    data = io.BytesIO()
    Image.new("RGB", (4, 4), "navy").save(data, kind)
    return f"data:image/{kind};base64,{base64.b64encode(data.getvalue()).decode()}"


def refusal(html: str) -> str:
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.write_pdf(html, identifier="A/1")
    return str(refused.value)


def in_another_process(code: str, **environment: str) -> str:
    django = "import django; django.setup()\nfrom sessions_app.outputs import pdf\n"
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", django + code],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **environment,
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_number_of_pages_comes_with_the_bytes():
    new_page = '<p style="break-before: page">More</p>'
    data, pages = pdf.write_pdf(page(new_page * 2), identifier="A/1")
    assert (pages, len(pypdf.PdfReader(io.BytesIO(data)).pages)) == (3, 3)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ('<img alt="x" src="http://127.0.0.1/x.png">', "http://127.0.0.1/x.png"),
        ('<img alt="x" src="https://example.org/x.png">', "https://example.org/x.png"),
        ('<img alt="x" src="file:///etc/hostname">', "file:///etc/hostname"),
        ('<img alt="x" src="file://localhost/etc/x">', "file://localhost/etc/x"),
        ('<img alt="x" src="//127.0.0.1/x.png">', "file://127.0.0.1/x.png"),
        ('<img alt="x" src="../manage.py">', "/manage.py"),
        ('<img alt="x" src="fonts/%2e%2e/%2e%2e/manage.py">', "%2e%2e/manage.py"),
        ('<img alt="x" src="data:image/svg+xml,%3Csvg/%3E">', "data:image/svg+xml"),
        ('<object data="file:///etc/hostname"></object>', "file:///etc/hostname"),
        ('<embed src="file:///etc/hostname">', "file:///etc/hostname"),
        ('<link rel="stylesheet" href="http://127.0.0.1/x.css">', "127.0.0.1/x.css"),
        ("<style>p { background: url(http://127.0.0.1/x) }</style>", "127.0.0.1/x"),
        ('<style>@import "http://127.0.0.1/x.css";</style>', "127.0.0.1/x.css"),
        ('<style>@import "file:///etc/hostname";</style>', "/etc/hostname"),
        (
            "<style>@font-face { font-family: x; src: url(file:///x/y.ttf) }</style>",
            "file:///x/y.ttf",
        ),
        ('<base href="http://127.0.0.1/"><img alt="x" src="x.png">', "127.0.0.1/x.png"),
    ],
)
def test_an_address_outside_the_static_folder_is_refused(asked: str, named: str):
    message = refusal(page(asked))
    assert message.startswith("The document asks for ")
    assert named in message
    assert message.endswith(
        "may use only the application's own files and pictures in PNG or JPEG inside "
        "itself."
    )


def test_a_link_out_of_the_static_folder_is_followed_and_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "static").mkdir()
    (tmp_path / "secret.css").write_text("p { color: red }")
    (tmp_path / "static" / "note.css").symlink_to(tmp_path / "secret.css")
    monkeypatch.setattr(pdf, "static_folder", lambda: tmp_path / "static")
    assert "may use only" in refusal(page('<link rel="stylesheet" href="note.css">'))


@pytest.mark.parametrize(
    "attached",
    [
        '<a rel="attachment" href="file:///etc/hostname">x</a>',
        '<a rel="attachment" href="fonts/README.md">x</a>',
        '<link rel="attachment" href="file:///etc/hostname">',
        '<link rel="attachment" href="fonts/README.md">',
    ],
)
def test_an_attachment_is_refused(attached: str):
    assert refusal(page(attached)) == (
        "The document attaches a file. A printed document holds none."
    )


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/hostname", "agenda/"]
)
def test_a_link_that_would_lead_nowhere_or_run_code_is_refused(address: str):
    message = refusal(page(f'<a href="{address}">x</a>'))
    assert message.startswith("The document links to ")
    assert message.endswith("begins with https://, http:// or mailto:.")


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_picture_inside_the_document_prints(kind: str, printed: bytes):
    data, _ = pdf.write_pdf(
        page(f'<img alt="x" src="{picture(kind)}">'), identifier="A/1"
    )
    images = [list(p.images) for p in pypdf.PdfReader(io.BytesIO(data)).pages]
    assert [len(found) for found in images] == [1]


def test_a_file_of_ours_that_is_missing_is_named():
    assert refusal(page('<img alt="x" src="no/such.png">')) == (
        "The document asks for static/no/such.png, which does not exist."
    )


def test_a_picture_without_words_is_refused():
    message = refusal(page(f'<img src="{picture("png")}">'))
    assert message.startswith("The document is not fit to print: Image ")


def test_characters_without_a_letter_in_our_fonts_are_named():
    assert refusal(page("<p>One \U0001f600, two \U0001f600, three \ua800</p>")) == (
        "The printed document has no letters for these characters: “\U0001f600” "
        "(U+1F600), “\ua800” (U+A800). Replace them in the programme."
    )


def test_only_our_fonts_are_embedded_whatever_the_stylesheet_asks():
    asked = "<p style=\"font-family: 'DejaVu Sans', sans-serif\">Gómez</p>"
    data, _ = pdf.write_pdf(page(asked), identifier="A/1")
    fonts: set[str] = set()
    embedded: set[bool] = set()
    for sheet in pypdf.PdfReader(io.BytesIO(data)).pages:
        for font in sheet["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            fonts.add(re.sub(r"^/[A-Z]{6}\+", "", descendant["/BaseFont"]))
            embedded.add("/FontFile2" in descendant["/FontDescriptor"])
    assert fonts == {
        "Amiri",
        "Noto-Sans",
        "Noto-Sans-Italic",
        "Noto-Sans-SC",
        "Noto-Sans-SC-Bold",
        "Noto-Sans-Semi-Bold",
    }
    assert embedded == {True}


def test_russian_and_chinese_come_back_from_the_text_layer(text: str):
    assert [words for words in (RUSSIAN, CHINESE, "Małgorzata") if words in text] == [
        RUSSIAN,
        CHINESE,
        "Małgorzata",
    ]


def test_arabic_words_come_back_from_the_text_layer(text: str):
    words = ARABIC.split()
    found = [word for word in words if word in text]
    # One letter form of the typeface comes back as two characters in some words.
    assert len(found) >= len(words) - 1, found


def test_header_cells_say_what_they_head(printed: bytes):
    with pikepdf.open(io.BytesIO(printed)) as document:
        scopes = [
            str(element.A.Scope)
            for element in document.objects
            if isinstance(element, pikepdf.Dictionary) and element.get("/S") == "/TH"
        ]
    assert scopes == ["/Column", "/Column", "/Row"]


@pytest.mark.thorough
def test_two_processes_print_the_same_bytes(printed: bytes):
    code = (
        "import hashlib, sys\n"
        f"data, pages = pdf.write_pdf({page()!r}, identifier='A/1')\n"
        "print(hashlib.sha256(data).hexdigest())"
    )
    seen = {in_another_process(code, PYTHONHASHSEED=seed).strip() for seed in "12"}
    assert seen == {hashlib.sha256(printed).hexdigest()}


def test_threads_print_the_same_bytes(printed: bytes):
    with ThreadPoolExecutor(4) as pool:
        copies = pool.map(
            lambda _: pdf.write_pdf(page(), identifier="A/1")[0], range(8)
        )
        assert set(copies) == {printed}


def test_a_refusal_in_one_thread_does_not_spoil_another(printed: bytes):
    def attempt(number: int) -> bytes | str:
        if number % 2:
            return refusal(page("<p>\U0001f600</p>"))
        return pdf.write_pdf(page(), identifier="A/1")[0]

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert set(outcomes[::2]) == {printed}
    assert all("U+1F600" in outcome for outcome in outcomes[1::2])


def test_another_identifier_is_another_document(printed: bytes):
    other, _ = pdf.write_pdf(page(), identifier="A/2")
    with pikepdf.open(io.BytesIO(other)) as document:
        identifier = bytes(document.trailer.ID[0])
    assert (identifier, other == printed) == (b"A/2", False)


@pytest.mark.thorough
def test_without_pango_there_is_a_sentence_and_the_site_still_starts():
    code = (
        "import cffi\n"
        "def missing(*arguments): raise OSError('cannot load library')\n"
        "cffi.FFI.dlopen = missing\n"
        "try:\n"
        "    pdf.write_pdf('<p>x</p>', identifier='A/1')\n"
        "except pdf.PdfRefused as refusal:\n"
        "    print(refusal)\n"
        "print('Problems:', [problem.id for problem in pdf.check_pango()])"
    )
    # The library prints advice of its own before.
    said = [
        line for line in in_another_process(code).splitlines() if line.startswith("P")
    ]
    assert said[-2:] == [pdf.PANGO_MISSING, "Problems: ['sessions_app.W001']"]


def test_the_system_check_misses_our_fonts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    complete = pdf.check_fonts()
    monkeypatch.setattr(pdf, "static_folder", lambda: tmp_path)
    assert (complete, [p.id for p in pdf.check_fonts()]) == ([], ["sessions_app.E001"])


@pytest.mark.verapdf
def test_a_document_complies_with_pdf_ua_1(printed: bytes):
    assert verapdf.validate(printed) == []


@pytest.mark.verapdf
def test_the_validator_finds_what_is_broken(printed: bytes):
    broken = io.BytesIO()
    with pikepdf.open(io.BytesIO(printed)) as document:
        del document.Root.MarkInfo
        del document.Root.ViewerPreferences
        document.save(broken)
    rules = [rule.split(":")[0] for rule in verapdf.validate(broken.getvalue())]
    assert rules == ["6.2-1", "7.1-10"]


@pytest.mark.verapdf
def test_the_validator_refuses_what_is_no_pdf():
    with pytest.raises(ValueError, match="cannot read"):
        verapdf.validate(b"no PDF")
