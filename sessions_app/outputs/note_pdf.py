"""The procedural note as PDF/UA-1, one file for each language.

Formats the Programme with templates/note/ and static/note.css; selects nothing."""

from django.template.loader import render_to_string
from django.utils import translation

from sessions_app.outputs.pdf import write_pdf
from sessions_app.programme import Imprint, Programme


def render(programme: Programme, imprint: Imprint | None, language: str) -> bytes:
    """The bytes of the note in `language`; the same for the same arguments. Without an
    imprint it says that it is a draft. Raises pdf.PdfRefused when it cannot print."""
    edition = f"editions/{imprint.number}" if imprint else "draft"
    identifier = "/".join(
        (programme.conference.slug, programme.slug, edition, f"note.{language}.pdf")
    )
    html = render_html(programme, imprint, language)
    return write_pdf(html, identifier=identifier)[0]


def render_html(programme: Programme, imprint: Imprint | None, language: str) -> str:
    """The HTML that the note is printed from, with addresses relative to static/."""
    with translation.override(language):
        return render_to_string(
            "note/note.html",
            {
                "programme": programme,
                "imprint": imprint,
                "language": language,
                "heading": programme.note_title or programme.title,
                # Filled while the template prints: a footnote prints where it is first
                # called.
                "printed_notes": set(),
            },
        )
