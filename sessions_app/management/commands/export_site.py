"""Writes an edition as files that a plain web server can serve."""

import contextlib
import ctypes
import json
import os
import shutil
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sessions_app import mirror
from sessions_app.programme import EditionCard, Standing
from sessions_app.public.site import NotExported, Write, edition_of, write_site

# Tells a folder of this command from every other.
MARKER = ".rostrum-export"
# Of Linux: renameat2(2) lets two names change places in one step.
_HERE, _EXCHANGE = -100, 2


class Command(BaseCommand):
    help = (
        "Writes the current edition of a session, or one by its number, to a folder "
        "that a plain web server can serve: every page and document in every language, "
        "as Rostrum sends them. An earlier export in the folder is replaced."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "session",
            help="the address of the session: CONFERENCE/SESSION, or SESSION where "
            "only one conference has it",
        )
        parser.add_argument("folder", type=Path, help="new, empty or an earlier export")
        parser.add_argument("--edition", type=int, help="a number; the current without")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"].resolve()
        _refuse_foreign(folder)
        standing = _standing_of(options["session"])
        try:
            card = edition_of(standing, options["edition"])
            with _in_place_of(folder) as write:
                write(MARKER, _marker(standing, card))
                outside = write_site(standing, card, write, self._tell)
        except NotExported as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error}.") from error
        self.stdout.write(f"Edition {card.imprint.number} is in {folder}.")
        self._say_outside(outside)

    def _tell(self, made: int, of: int) -> None:
        """On a terminal a line that counts; elsewhere, nothing that fills a log."""
        if self.stdout.isatty():
            self.stdout.write(f"\r{made} of {of}", ending="\n" if made == of else "")
            self.stdout.flush()
        elif made == of:
            self.stdout.write(f"{made} of {of}")

    def _say_outside(self, outside: dict[str, int]) -> None:
        if outside:
            self.stdout.write("Its pages lead to what is not in it:")
        for address, count in outside.items():
            self.stdout.write(f"  {address} (from {count})")


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file; name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise CommandError(
            f"{folder} is not empty and holds no earlier export; name another folder, "
            "so that nothing in it is lost."
        )


def _standing_of(name: str) -> Standing:
    """The session that is named. Raises CommandError when there is none, and when it
    takes the conference to tell it from others."""
    conference, _slash, session = name.strip("/").rpartition("/")
    found = [
        standing
        for standing in mirror.standings()
        if standing.session == session and conference in {"", standing.conference}
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(f"Of {name} nothing is issued.")
    names = ", ".join(f"{each.conference}/{each.session}" for each in found)
    raise CommandError(f"There are several sessions {name}; name one of: {names}.")


def _marker(standing: Standing, card: EditionCard) -> bytes:
    said = {
        "conference": standing.conference,
        "session": standing.session,
        "edition": card.imprint.number,
    }
    return json.dumps(said).encode() + b"\n"


@contextlib.contextmanager
def _in_place_of(folder: Path) -> Iterator[Write]:
    """Writes files to a folder beside this one, which takes its place at the end: a web
    server sees the former export or the new one, never half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))

    def write(name: str, content: bytes) -> None:
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o644)

    try:
        yield write
        for path in (scratch, *scratch.rglob("*/")):
            path.chmod(0o755)
        _take_place(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _take_place(scratch: Path, folder: Path) -> None:
    """Gives `scratch` the folder's name, and a former folder the name of `scratch`."""
    if not folder.exists() or not any(folder.iterdir()):
        scratch.rename(folder)
        return
    with contextlib.suppress(AttributeError):
        one, other = os.fsencode(scratch), os.fsencode(folder)
        if not ctypes.CDLL(None).renameat2(_HERE, one, _HERE, other, _EXCHANGE):
            return
    # Elsewhere the name is free for a moment.
    former = scratch.with_name(f"{scratch.name}.former")
    folder.rename(former)
    scratch.rename(folder)
    shutil.rmtree(former)
