"""What a reader or an auditor would find wrong after a crash: nothing, always."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from sessions_app import issuing, mirror, outputs, publishing
from sessions_app.models import Edition, SavedChange, Session
from sessions_app.programme import (
    EditionCard,
    Imprint,
    canonical,
    edition_digest,
    from_json,
)


def find_damage(session: Session, since: int = 1) -> list[str]:
    """Everything that is torn, doubled, missing or shown before its time: in the rows
    of the editions of `session`, in the folder, and in what the public reads. A
    sentence for each; empty when all is whole. What an edition holds is read again
    from the number `since` on."""
    editions = list(Edition.objects.of(session).order_by("number", "pk"))
    newer = [edition for edition in editions if edition.number >= since]
    return [
        *_of_the_numbers(editions),
        *(said for edition in newer for said in _of_an_edition(edition)),
        *_of_the_history(session, editions),
        *_of_the_folders(),
        *_of_what_is_shown(session, editions, since),
    ]


def _of_the_numbers(editions: list[Edition]) -> list[str]:
    numbers = [edition.number for edition in editions]
    if numbers != list(range(1, len(numbers) + 1)):
        return [f"the numbers are {numbers}"]
    return []


def _of_an_edition(edition: Edition) -> list[str]:
    wanted = _documents_of(edition)
    documents = list(edition.documents.all())
    found = {(document.name, document.language) for document in documents}
    damage = [
        f"edition {edition.number} has no {name} in {language}"
        for name, language in sorted(wanted - found)
    ]
    damage += [
        f"edition {edition.number} has a foreign {name} in {language}"
        for name, language in sorted(found - wanted)
    ]
    damage += [
        f"{document} is not what its digest says"
        for document in documents
        if hashlib.sha256(bytes(document.content)).hexdigest() != document.sha256
    ]
    if (
        edition_digest(edition.programme, publishing.imprint_of(edition))
        != edition.digest
    ):
        damage.append(f"edition {edition.number} is not what its digest says")
    titles = {
        edition.programme["conference"]["title"]["en"],
        *(s["title"]["en"] for d in edition.programme["days"] for s in d["slots"]),
    }
    if len(titles) != 1:
        damage.append(f"edition {edition.number} holds half an edit: {sorted(titles)}")
    return damage


def _documents_of(edition: Edition) -> set[tuple[str, str]]:
    """The documents that an edition is to have, by name and language: its notes, and
    those that tell what changed since the former one."""
    programme = from_json(canonical(edition.programme))
    imprint = publishing.imprint_of(edition)
    former = issuing.former_of(edition.session, edition.number)
    wanted = outputs.documents_of(programme, imprint, former)
    return {(each.name, each.language) for each in wanted}


def _of_the_history(session: Session, editions: list[Edition]) -> list[str]:
    entries = SavedChange.objects.filter(session=session, act="issued").count()
    if entries != len(editions):
        return [f"{len(editions)} editions stand {entries} times in the history"]
    return []


def _of_the_folders() -> list[str]:
    """A folder under the name of a digest is whole, whether issued or not."""
    if not mirror.folder().exists():
        return []
    return [
        f"the folder {entry.name[:8]} is not whole"
        for entry in mirror.folder().iterdir()
        if len(entry.name) == 64 and not _is_whole(entry)
    ]


def _is_whole(folder: Path) -> bool:
    try:
        programme = json.loads((folder / "programme.json").read_bytes())
        imprint = Imprint.model_validate_json((folder / "imprint.json").read_bytes())
    except (OSError, ValueError):
        return False
    languages = programme["languages"]
    notes = [name for name, output in outputs.FORMATS.items() if output.is_issued]
    always = {"programme.json", "imprint.json", *_files_of(notes, languages)}
    sometimes = _files_of(outputs.REVISIONS, languages)
    files = {file.name for file in folder.iterdir()}
    return (
        edition_digest(programme, imprint) == folder.name
        and always <= files <= always | sometimes
    )


def _files_of(names: Iterable[str], languages: list[str]) -> set[str]:
    return {mirror.document_file(name, code) for name in names for code in languages}


def _of_what_is_shown(
    session: Session, editions: list[Edition], since: int
) -> list[str]:
    """What the folder shows is of the database, to the byte, up to its last edition."""
    mirror.memory.clear()
    standing = mirror.standing(session.conference.slug, session.slug)
    if standing is None:
        return []
    held = {edition.digest: edition for edition in editions}
    damage = []
    for card in standing.editions:
        edition = held.get(card.digest)
        if edition is None:
            damage.append(
                f"edition {card.imprint.number} is shown and was never issued"
            )
        elif edition.number >= since and not _is_shown_as_issued(card, edition):
            damage.append(
                f"edition {card.imprint.number} is not shown as it was issued"
            )
    numbers = [card.imprint.number for card in standing.editions]
    if numbers != list(range(len(numbers), 0, -1)):
        damage.append(f"the editions shown are {numbers}")
    return damage


def _is_shown_as_issued(card: EditionCard, edition: Edition) -> bool:
    try:
        return mirror.programme(card).to_value() == edition.programme and all(
            mirror.document(card, document.name, document.language)
            == bytes(document.content)
            for document in edition.documents.all()
        )
    except (OSError, ValueError):
        return False
