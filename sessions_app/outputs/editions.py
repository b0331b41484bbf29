"""The pages about editions: which there are, what changed between two of them, and what
became of a copy that somebody holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from sessions_app.outputs.addresses import (
    agenda_address,
    changes_address,
    check_address,
    marked_address,
    sessions_address,
)
from sessions_app.outputs.agenda import (
    Copy,
    links_in_languages,
    render_copy,
    render_template,
)
from sessions_app.programme import (
    DocumentCard,
    EditionCard,
    Imprint,
    Said,
    Standing,
    canonical,
    pick,
)


def edition_name(imprint: Imprint) -> str:
    """How readers speak of an edition, in the active language: "Edition 2 (Corr.1)",
    "Edition 2*"."""
    if not imprint.label.strip("*"):
        return _("Edition %(number)s") % {"number": f"{imprint.number}{imprint.label}"}
    return _("Edition %(number)d (%(label)s)") % {
        "number": imprint.number,
        "label": imprint.label,
    }


def render_editions(copy: Copy) -> bytes:
    """The editions of the session, the newest first."""
    return render_copy("agenda/editions.html", copy, "editions/")


# --- What changed -----------------------------------------------------------


def render_changes(copy: Copy, path: str) -> bytes:
    """What changed in the edition since its `former` one; that it is the first, when
    the copy has none. `path` is the page's address under the agenda's. Search engines
    are to find one page of each edition, not all pairs."""
    return render_copy(
        "agenda/changes.html",
        copy,
        path,
        marked=_marked(copy),
        others=_others(copy),
        is_first=not _earlier(copy),
        is_of_edition=path == changes_address(""),
    )


def _earlier(copy: Copy) -> list[EditionCard]:
    """The editions before this one, the newest first, withdrawn ones too."""
    if copy.standing is None or copy.imprint is None:
        return []
    number = copy.imprint.number
    return [card for card in copy.standing.editions if card.imprint.number < number]


class Marked(NamedTuple):
    """The marked revision of an edition since another: the address of the page, and
    which documents of the edition say the same."""

    address: str
    documents: tuple[DocumentCard, ...]


def _marked(copy: Copy) -> Marked | None:
    if copy.former is None or copy.imprint is None:
        return None
    since = copy.former.imprint.number
    documents = ("marked.pdf", "corrections.pdf") if _is_of_issue(copy) else ()
    return Marked(
        marked_address(copy.edition_address, since),
        tuple(card for name in documents if (card := copy.document(name))),
    )


def _is_of_issue(copy: Copy) -> bool:
    """Whether the edition was compared with this former one when it was issued: its
    documents then say the same as the page."""
    superseded = copy.imprint.supersedes if copy.imprint else None
    return (
        superseded is not None
        and copy.former is not None
        and superseded.number == copy.former.imprint.number
    )


class Other(NamedTuple):
    """An edition with which another is compared, and where."""

    imprint: Imprint
    address: str
    is_shown: bool


def _others(copy: Copy) -> list[Other]:
    """The editions before this one with which it can be compared, the newest first."""
    since = copy.former.imprint.number if copy.former else None
    return [
        Other(
            card.imprint,
            changes_address(copy.edition_address, card.imprint.number),
            card.imprint.number == since,
        )
        for card in _earlier(copy)
        if not card.withdrawn
    ]


# --- While a page is open, and without a network ------------------------------


def render_current(standing: Standing, card: EditionCard, language: str) -> bytes:
    """Which edition is current, as JSON of some 250 bytes: its number and label, when
    it was issued and as at when (UTC), its digest, and the address of its note in the
    language (null without one). What open pages ask every few seconds."""
    agenda = agenda_address(language, standing.conference, standing.session)
    imprint = card.imprint
    notes = {each.language for each in card.documents if each.name == "note.pdf"}
    return canonical(
        {
            "edition": imprint.number,
            "label": imprint.label,
            "issued_at": imprint.issued_at.astimezone(dt.UTC).isoformat(),
            "as_at": imprint.as_at.astimezone(dt.UTC).isoformat(),
            "digest": card.digest,
            "note": f"{agenda}note.pdf" if language in notes else None,
        }
    )


def render_offline(language: str) -> bytes:
    """What is shown, without a network, in place of a page that was never read: a list
    of what the device has kept, which a script fills."""
    return render_template("agenda/offline.html", language)


# --- Which copy somebody holds ----------------------------------------------


@dataclass(frozen=True)
class Held:
    """A copy that somebody holds: the edition that it is of, and how its session stands
    now."""

    standing: Standing
    card: EditionCard

    @property
    def imprint(self) -> Imprint:
        return self.card.imprint

    @property
    def is_current(self) -> bool:
        return self.imprint.number == self.standing.current

    @property
    def is_withdrawn(self) -> bool:
        """Whether the edition was taken back: its content is public no more."""
        newest = self.standing.editions[0]
        is_newest = newest.imprint.number == self.imprint.number
        return bool(self.card.withdrawn) or (
            is_newest and self.standing.current is None
        )

    def address_in(self, language: str) -> str:
        return check_address(language, self.imprint.check_code)

    def reason(self, language: str) -> Said:
        """Why the edition was withdrawn, or the programme when none is in force."""
        standing = self.standing
        reason = self.card.withdrawn or standing.withdrawn
        return pick(reason, language, standing.primary_language)


def render_check(held: Held, copy: Copy) -> bytes:
    """What became of a copy, for a telephone. `copy` is of the current edition, with
    the one held as its `former` where that is superseded."""
    return render_copy(
        "agenda/check.html",
        copy,
        "",
        held=held,
        reason=held.reason(copy.language),
        marked=_marked(copy),
        languages=links_in_languages(
            copy.language, held.standing.languages, held.address_in
        ),
    )


def render_check_of_withdrawn(held: Held, language: str) -> bytes:
    """The same where no edition is in force."""
    return render_template(
        "agenda/check_withdrawn.html",
        language,
        held=held,
        reason=held.reason(language),
        languages=links_in_languages(
            language, held.standing.languages, held.address_in
        ),
    )


def render_check_form(language: str, languages: Iterable[str]) -> bytes:
    """Where the code on a copy is typed. `languages`: those to choose from."""
    return render_template(
        "agenda/check_form.html",
        language,
        sessions_address=sessions_address(language),
        check_address=check_address(language),
        languages=links_in_languages(language, languages, check_address),
    )
