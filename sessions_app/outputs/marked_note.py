"""The marked revision: the procedural note of an edition with what is new and what is
gone since the former edition marked in the text, on paper and as a page."""

from django.template.loader import render_to_string
from django.utils import translation

from sessions_app import marking
from sessions_app.outputs import note_pdf
from sessions_app.outputs.pdf import write_pdf
from sessions_app.programme import Former, Imprint, Programme


def render(
    programme: Programme, imprint: Imprint, language: str, former: Former
) -> bytes:
    """The bytes of the marked revision as PDF/UA-1; the same for the same arguments.
    `language` is one of both editions. Raises pdf.PdfRefused when it cannot print."""
    html = note_pdf.render_html(
        marking.mark(former.programme, programme), imprint, language, former=former
    )
    name = f"editions/{imprint.number}"
    return write_pdf(
        html, identifier=note_pdf.identifier(programme, name, language, "marked")
    )[0]


def render_html_page(
    programme: Programme, imprint: Imprint, language: str, former: Former, back: str
) -> bytes:
    """The marked revision as a page of its own for the web, HTML in UTF-8. `back` is
    the address of the list of all changes."""
    marked = marking.mark(former.programme, programme)
    with translation.override(language):
        return render_to_string(
            "note/page.html",
            {**note_pdf.context(marked, imprint, language, former), "back": back},
        ).encode()
