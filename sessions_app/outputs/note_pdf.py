"""The procedural note as PDF/UA-1, one file for each language.

Formats the Programme with templates/note/ and static/note.css; selects nothing."""

from datetime import UTC, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from sessions_app.outputs.pdf import write_pdf
from sessions_app.programme import Former, Imprint, Programme


def render(programme: Programme, imprint: Imprint | None, language: str) -> bytes:
    """The bytes of the note in `language`; the same for the same arguments. Without an
    imprint it says that it is a draft. Raises pdf.PdfRefused when it cannot print."""
    edition = f"editions/{imprint.number}" if imprint else "draft"
    html = render_html(programme, imprint, language)
    return write_pdf(html, identifier=identifier(programme, edition, language))[0]


def render_draft(programme: Programme, language: str, as_at: datetime) -> bytes:
    """The bytes of the circulation copy in `language`, which staff send out before
    anything is issued; the same for the same arguments. Every page says at its head
    that it is a draft as at `as_at`, an aware instant, in the time of the session's
    place. Raises ValueError when `as_at` is naive, pdf.PdfRefused when it cannot
    print."""
    if as_at.utcoffset() is None:
        raise ValueError(f"A draft is as at an instant with its zone, not {as_at}.")
    html = render_html(programme, None, language, draft_as_at=as_at.astimezone(UTC))
    return write_pdf(html, identifier=identifier(programme, "draft", language))[0]


def render_html(
    programme: Programme,
    imprint: Imprint | None,
    language: str,
    *,
    draft_as_at: datetime | None = None,
    former: Former | None = None,
) -> str:
    """The HTML that the note is printed from, with addresses relative to static/. With
    `draft_as_at`, that of the circulation copy; with `former`, that of the revision
    marked against it, for a `programme` of marking.mark()."""
    values = context(programme, imprint, language, former)
    with translation.override(language):
        return render_to_string(
            "note/note.html", {**values, "draft_as_at": draft_as_at}
        )


def context(
    programme: Programme,
    imprint: Imprint | None,
    language: str,
    former: Former | None = None,
) -> dict[str, Any]:
    """What the templates of the note print from. Good for one rendering."""
    return {
        "programme": programme,
        "imprint": imprint,
        "former": former,
        "draft_as_at": None,
        "language": language,
        "heading": programme.note_title or programme.title,
        # Filled while the template prints: a footnote prints where it is first called.
        "printed_notes": set(),
    }


def identifier(
    programme: Programme, edition: str, language: str, name: str = "note"
) -> str:
    """What a document of the session is called in its file: "ocean/first/editions/2/
    note.en.pdf"."""
    file = f"{name}.{language}.pdf"
    return "/".join((programme.conference.slug, programme.slug, edition, file))
