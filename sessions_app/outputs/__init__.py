"""The outputs: one file per format, and the one registry of them.

Each renders a Programme with its Imprint (None for a draft) in one language to bytes.
An output formats; what prints was decided when the programme was composed."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pikepdf

from sessions_app.changes import compare, languages_of
from sessions_app.outputs import corrections_pdf, marked_note, note_pdf, programme_json
from sessions_app.programme import Former, Imprint, Programme

Render = Callable[[Programme, Imprint | None, str], bytes]
RenderRevision = Callable[[Programme, Imprint, str, Former], bytes]


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


@dataclass(frozen=True)
class Revision:
    """A document that tells what changed since the former edition: its media type, what
    renders it, and of which editions it is made."""

    media_type: str
    render: RenderRevision
    applies: Callable[[Imprint], bool]


def _is_correction(imprint: Imprint) -> bool:
    # A corrigendum that is issued again for technical reasons corrects nothing more.
    return imprint.is_corrigendum and not imprint.is_reissue


# By the file name that ends the address. Rendered once, when an edition is issued.
REVISIONS: dict[str, Revision] = {
    "marked.pdf": Revision("application/pdf", marked_note.render, lambda _: True),
    "corrections.pdf": Revision(
        "application/pdf", corrections_pdf.render, _is_correction
    ),
}


@dataclass(frozen=True)
class ToMake:
    """A document that an edition is to have: its file name, its language, and what
    makes its bytes."""

    name: str
    language: str
    make: Callable[[], bytes]


def documents_of(
    programme: Programme, imprint: Imprint, former: Former | None
) -> list[ToMake]:
    """The documents of an edition, in the order in which they are made: those of
    FORMATS in all its languages, then those of REVISIONS in the languages that the
    former edition had too, unless both print the same. `former` is the edition with
    which it is compared, absent for the first."""
    notes = [
        ToMake(name, language, partial(output.render, programme, imprint, language))
        for name, output in FORMATS.items()
        if output.is_issued
        for language in programme.languages
    ]
    if former is None or not compare(former.programme, programme):
        return notes
    return notes + [
        ToMake(name, code, partial(output.render, programme, imprint, code, former))
        for name, output in REVISIONS.items()
        if output.applies(imprint)
        for code in languages_of(former.programme, programme)
    ]


def media_type_of(name: str) -> str:
    """The media type of a document by its file name. Raises KeyError for a name in
    neither registry."""
    document = FORMATS.get(name) or REVISIONS[name]
    return document.media_type


def pages(content: bytes) -> int:
    """The number of pages of a document; 0 for one that has none."""
    if not content.startswith(b"%PDF-"):
        return 0
    with pikepdf.open(io.BytesIO(content)) as document:
        return len(document.pages)
