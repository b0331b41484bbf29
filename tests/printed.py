"""What a printed document says: its words, bookmarks, links and codes."""

import io
import re
from typing import Any

import pypdf
import pypdfium2

MODULE_POINTS = 0.34 / 25.4 * 72


def pages_of(content: bytes) -> list[str]:
    """The text of each page, one space between words."""
    with pypdfium2.PdfDocument(content) as document:
        return [
            re.sub(
                r"\s+",
                " ",
                page.get_textpage().get_text_bounded().replace("\ufffe", "-"),
            ).strip()
            for page in document
        ]


def pages_with(pages: list[str], words: str) -> list[int]:
    return [number for number, page in enumerate(pages, start=1) if words in page]


def bookmarks(content: bytes) -> list[Any]:
    def titles(outline: list[Any]) -> list[Any]:
        return [
            titles(entry)
            if isinstance(entry, list)
            else entry.title.replace("\u00a0", " ")
            for entry in outline
        ]

    return titles(pypdf.PdfReader(io.BytesIO(content)).outline)


def links(content: bytes) -> list[list[str]]:
    """The addresses that each page leads to."""
    return [
        [note.get_object()["/A"]["/URI"] for note in page.get("/Annots", [])]
        for page in pypdf.PdfReader(io.BytesIO(content)).pages
    ]


def qr_codes(content: bytes) -> list[Any]:
    """The modules of the QR code on each page, as they are when it is printed with 600
    points to an inch: rows of 0 and 1, without the quiet zone."""
    found = []
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            for picture in page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
                found += [modules_in(page, picture.get_bounds())]
    return found


def modules_in(page: Any, bounds: tuple[float, ...]) -> tuple[bytearray, ...]:
    left, bottom, right, top = bounds
    scale = 600 / 72
    crop = (left, bottom, page.get_width() - right, page.get_height() - top)
    image = page.render(scale=scale, crop=crop).to_pil().convert("L")
    side = MODULE_POINTS * scale
    count = round(image.width / side)
    return tuple(
        bytearray(
            image.getpixel((int((x + 0.5) * side), int((y + 0.5) * side))) < 128
            for x in range(4, count - 4)
        )
        for y in range(4, count - 4)
    )
