"""The outputs: one file per format, and the one registry of them.

Each renders a Programme with its Imprint (None for a draft) in one language to bytes.
An output formats; what prints was decided when the programme was composed."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf

from sessions_app.outputs import note_pdf, programme_json
from sessions_app.programme import Imprint, Programme

Render = Callable[[Programme, Imprint | None, str], bytes]


@dataclass(frozen=True)
class Output:
    """A format: its media type, what renders it, and whether it is rendered once when
    an edition is issued and kept as a document, or from the programme when asked for."""

    media_type: str
    render: Render
    is_issued: bool


# By the file name that ends the address.
FORMATS: dict[str, Output] = {
    "note.pdf": Output("application/pdf", note_pdf.render, is_issued=True),
    "programme.json": Output(
        "application/json", programme_json.render, is_issued=False
    ),
}


def pages(content: bytes) -> int:
    """The number of pages of a document; 0 for one that has none."""
    if not content.startswith(b"%PDF-"):
        return 0
    with pikepdf.open(io.BytesIO(content)) as document:
        return len(document.pages)
