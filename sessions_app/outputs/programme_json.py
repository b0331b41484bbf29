"""The programme as data: everything an edition prints, in all its languages."""

from sessions_app.programme import Imprint, Programme, canonical


def render(programme: Programme, imprint: Imprint | None, _language: str) -> bytes:
    """Canonical JSON in UTF-8: {"edition": the imprint or null, "programme": …}, the
    same bytes each time and in every language."""
    return canonical(
        {
            "edition": imprint.to_value() if imprint else None,
            "programme": programme.to_value(),
        }
    )
