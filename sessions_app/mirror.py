"""The folder of issued editions: written when one is issued, read by every public page.

    <folder>/<digest>/programme.json, imprint.json, note.en.pdf …   never change
    <folder>/current/<conference>@<session>.json                    the Standing

The folder can always be rebuilt from the database (`manage.py mirror`). An edition's own
folder is complete before the database knows of it; the Standing that points to it is
replaced by rename after the commit, so a reader sees the old or the new, never half."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from sessions_app.programme import (
    DocumentCard,
    EditionCard,
    Imprint,
    Programme,
    ProgrammeUnreadable,
    Standing,
    canonical,
    edition_digest,
    from_json,
)

_CURRENT = "current"
# What is read within this time of its last change may change again without its time of
# change moving on: file systems count in clock ticks. Such a reading is not kept.
_TICK_SECONDS = 0.05


def folder() -> Path:
    """The folder of editions: settings.EDITIONS_FOLDER."""
    return Path(settings.EDITIONS_FOLDER)


def document_file(name: str, language: str) -> str:
    """The file name of a document in one language: "note.pdf" in "en" is note.en.pdf."""
    stem, _dot, suffix = name.rpartition(".")
    return f"{stem}.{language}.{suffix}"


# --- Writing, on the staff side ---------------------------------------------


@contextlib.contextmanager
def lock() -> Iterator[None]:
    """Holds the folder for one writer among all processes of this machine."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write_edition(
    digest: str,
    programme: Mapping[str, Any],
    imprint: Imprint,
    documents: Mapping[str, bytes],
) -> None:
    """Writes the folder of an edition: `programme` and imprint as canonical JSON,
    `documents` by file name. What is there whole already is left as it is. The caller
    holds the lock, or a rebuild would take the unfinished folder for a foreign one."""
    target = folder() / digest
    files = {
        "programme.json": canonical(programme),
        "imprint.json": canonical(imprint.to_value()),
        **documents,
    }
    if _holds(target, files):
        return
    folder().mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=folder()))
    try:
        for name, content in files.items():
            _write(scratch / name, content)
        scratch.chmod(0o755)
        _sync_folder(scratch)
        if target.exists():
            # Damaged, or redacted: put aside first, so that the name is free.
            target.rename(scratch.with_suffix(".old"))
        scratch.rename(target)
        _sync_folder(folder())
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(scratch.with_suffix(".old"), ignore_errors=True)


def forget_edition(digest: str) -> None:
    """Removes the folder of an edition that was not issued after all."""
    shutil.rmtree(folder() / digest, ignore_errors=True)


def has(digest: str) -> bool:
    """Whether the folder of an edition is there; whole, as it came there by rename."""
    return (folder() / digest).is_dir()


def point(standing: Standing) -> None:
    """Replaces the Standing of a session; from then on the public sees it."""
    where = folder() / _CURRENT
    where.mkdir(parents=True, exist_ok=True)
    target = where / _standing_file(standing.conference, standing.session)
    content = canonical(standing.model_dump(mode="json"))
    if target.exists() and target.read_bytes() == content:
        return
    handle, name = tempfile.mkstemp(prefix=".new-", dir=where)
    os.close(handle)
    _write(Path(name), content)
    Path(name).replace(target)
    _sync_folder(where)


def forget_all_but(standings: set[tuple[str, str]], digests: set[str]) -> None:
    """Removes what a rebuilt folder does not hold: Standings of other sessions
    (conference and session slug) and editions under other digests."""
    if not folder().exists():
        return
    kept = {_standing_file(*names) for names in standings}
    for file in (folder() / _CURRENT).glob("*"):
        if file.name not in kept:
            file.unlink()
    for entry in folder().iterdir():
        if entry.is_dir() and entry.name != _CURRENT and entry.name not in digests:
            shutil.rmtree(entry)


def _standing_file(conference: str, session: str) -> str:
    return f"{conference}@{session}.json"


def _holds(target: Path, files: Mapping[str, bytes]) -> bool:
    """Whether a folder holds exactly these files."""
    try:
        return {file.name for file in target.iterdir()} == set(files) and all(
            hashlib.sha256((target / name).read_bytes()).digest()
            == hashlib.sha256(content).digest()
            for name, content in files.items()
        )
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    path.chmod(0o644)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- Reading, on the public side --------------------------------------------


class Memory:
    """Bytes and values that were made once, up to a bound in MiB; the least recently
    used go first. However many ask for one that is missing, it is made once."""

    def __init__(self, mebibytes: int) -> None:
        self._limit = mebibytes * 1024 * 1024
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._making: dict[Any, threading.Lock] = {}

    def get(
        self, key: Any, make: Callable[[], Any], weigh: Callable[[Any], int] = len
    ) -> Any:
        """The value kept under `key`, or `make()`, kept from now on; `weigh` tells its
        size in bytes."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key][0]
            try:
                value = make()
                self._keep(key, value, weigh(value))
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return value

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._kept.clear()
            self._size = 0

    def _keep(self, key: Any, value: Any, size: int) -> None:
        with self._lock:
            _value, before = self._kept.pop(key, (None, 0))
            self._size -= before
            self._kept[key] = (value, size)
            self._size += size
            while self._size > self._limit and len(self._kept) > 1:
                _key, (_value, gone) = self._kept.popitem(last=False)
                self._size -= gone


# Pages, programmes and documents of this process.
memory = Memory(settings.EDITIONS_MEMORY_MIB)


def standing(conference: str, session: str) -> Standing | None:
    """How the session of these two slugs stands, or None when it was never issued.
    One `stat` when nothing changed."""
    if not _is_slug(conference) or not _is_slug(session):
        return None
    # A string: putting a Path together would take as long as the rest of this.
    path = (
        f"{settings.EDITIONS_FOLDER}/{_CURRENT}/{_standing_file(conference, session)}"
    )
    try:
        seen = os.stat(path)  # noqa: PTH116
        if _may_change_unseen(seen):
            # Nor would the inode tell: a file system gives it out again.
            return Standing.model_validate_json(Path(path).read_bytes())
        found: Standing = memory.get(
            ("standing", path, seen.st_mtime_ns, seen.st_ino, seen.st_size),
            lambda: Standing.model_validate_json(Path(path).read_bytes()),
            lambda _value: seen.st_size * 4,
        )
    except OSError:
        # Never issued, or taken away by a rebuild just now.
        return None
    return found


def standings() -> tuple[Standing, ...]:
    """All issued sessions, in no order. One `stat` when nothing changed."""
    where = folder() / _CURRENT
    try:
        seen = where.stat()
    except OSError:
        return ()
    if _may_change_unseen(seen):
        return _read_standings(where)
    found: tuple[Standing, ...] = memory.get(
        ("standings", str(where), seen.st_mtime_ns),
        lambda: _read_standings(where),
        lambda found: 8_000 * len(found),
    )
    return found


def programme(card: EditionCard) -> Programme:
    """The programme of an edition. Raises OSError when its folder is missing, and
    ProgrammeUnreadable when it is damaged or not the one that was issued."""

    def read() -> tuple[Programme, int]:
        path = folder() / card.digest / "programme.json"
        data = path.read_bytes()
        found = from_json(data)
        if edition_digest(json.loads(data), card.imprint) != card.digest:
            raise ProgrammeUnreadable(f"{path} is not the one that was issued")
        return found, 5 * len(data)

    found: tuple[Programme, int] = memory.get(
        ("programme", str(folder()), card.digest), read, lambda kept: kept[1]
    )
    return found[0]


def document(card: EditionCard, name: str, language: str) -> bytes | None:
    """The bytes of a document of an edition, or None when it has no such document.
    Raises OSError when its file is missing, or is not the one that was issued."""
    issued = document_card(card, name, language)
    return read_document(card, issued) if issued else None


def document_card(card: EditionCard, name: str, language: str) -> DocumentCard | None:
    """What the edition tells of one of its documents, None when it has no such one."""
    names = (name, language)
    return next((d for d in card.documents if (d.name, d.language) == names), None)


def read_document(card: EditionCard, issued: DocumentCard) -> bytes:
    """The bytes of a document. Raises OSError as `document`."""

    def read() -> bytes:
        name = document_file(issued.name, issued.language)
        path = folder() / card.digest / name
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != issued.sha256:
            raise OSError(f"{path} is damaged: `manage.py mirror` writes it anew")
        return content

    # The digest of the bytes alone tells them: a file that is damaged is never kept.
    where = (settings.EDITIONS_FOLDER, card.digest, issued.sha256)
    found: bytes = memory.get(("document", *where), read)
    return found


def document_place(card: EditionCard, issued: DocumentCard) -> str:
    """Where a document lies in the folder, for whoever reads it there. Raises OSError
    when its file is missing; whether it is damaged is not looked at."""
    place = f"{card.digest}/{document_file(issued.name, issued.language)}"
    (folder() / place).stat()
    return place


def _may_change_unseen(seen: os.stat_result) -> bool:
    return time.time_ns() - seen.st_mtime_ns < _TICK_SECONDS * 1e9


def _read_standings(where: Path) -> tuple[Standing, ...]:
    found = []
    for path in sorted(where.glob("[a-z0-9]*@*.json")):
        # One may be taken away by a rebuild just now.
        with contextlib.suppress(FileNotFoundError):
            found.append(Standing.model_validate_json(path.read_bytes()))
    return tuple(found)


def _is_slug(text: str) -> bool:
    return text.replace("-", "").isalnum() and text.isascii() and text == text.lower()
