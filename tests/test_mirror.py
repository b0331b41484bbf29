"""The folder of issued editions: written whole, read whole, rebuilt the same."""

import datetime as dt
import fcntl
import hashlib
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from sessions_app import mirror
from sessions_app.issuing import issue
from sessions_app.mirror import Memory
from sessions_app.models import Edition, Slot
from sessions_app.programme import (
    ConferenceEntry,
    DocumentCard,
    EditionCard,
    Imprint,
    Programme,
    ProgrammeUnreadable,
    Standing,
    edition_digest,
)
from sessions_app.publishing import rebuild_mirror
from sessions_app.translated import text
from tests.rows import make_conference, make_day, make_session, make_slot

PROGRAMME = Programme(
    conference=ConferenceEntry(slug="ocean", title={"en": "Conference on the ocean"}),
    slug="first",
    title={"en": "First session", "fr": "Première session"},
    city={"en": "Geneva"},
    zone="Europe/Zurich",
    starts_on=dt.date(2027, 6, 21),
    ends_on=dt.date(2027, 6, 22),
    languages=("en", "fr"),
    primary_language="en",
)
IMPRINT = Imprint(
    number=1,
    as_at=dt.datetime(2027, 6, 20, 16, 0, tzinfo=dt.UTC),
    issued_at=dt.datetime(2027, 6, 20, 16, 5, 7, tzinfo=dt.UTC),
    check_code="bcdfghjkmn",
)
DIGEST = edition_digest(PROGRAMME.to_value(), IMPRINT)
DOCUMENTS = {"note.en.pdf": b"%PDF- in English", "note.fr.pdf": b"%PDF- in French"}
CARD = EditionCard(
    imprint=IMPRINT,
    digest=DIGEST,
    documents=tuple(
        DocumentCard(
            name="note.pdf",
            language=language,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        for language, content in zip(("en", "fr"), DOCUMENTS.values(), strict=True)
    ),
)


def make_standing(title="First session", session="first", **changed):
    values = {
        "conference": "ocean",
        "session": session,
        "conference_title": {"en": "Conference on the ocean"},
        "title": {"en": title},
        "city": {"en": "Geneva"},
        "zone": "Europe/Zurich",
        "starts_on": dt.date(2027, 6, 21),
        "ends_on": dt.date(2027, 6, 22),
        "languages": ("en", "fr"),
        "primary_language": "en",
        "current": 1,
        "editions": (CARD,),
    }
    return Standing(**{**values, **changed})


def write():
    mirror.write_edition(DIGEST, PROGRAMME.to_value(), IMPRINT, DOCUMENTS)


def contents():
    """Every file of the folder but the lock, by its path."""
    return {
        str(path.relative_to(mirror.folder())): path.read_bytes()
        for path in sorted(mirror.folder().rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def later(monkeypatch):
    """Lets the folder seem to have been written a minute ago."""
    now = mirror.time.time_ns() + 60 * 10**9
    monkeypatch.setattr(mirror, "time", SimpleNamespace(time_ns=lambda: now))


# --- Written and read ---------------------------------------------------------


def test_what_was_written_is_read():
    write()
    mirror.point(make_standing())

    assert mirror.standing("ocean", "first") == make_standing()
    assert mirror.standings() == (make_standing(),)
    assert mirror.programme(CARD) == PROGRAMME
    assert mirror.document(CARD, "note.pdf", "fr") == b"%PDF- in French"


def test_folder_of_an_edition_holds_its_files_and_nothing_else():
    write()

    assert contents() == {
        f"{DIGEST}/imprint.json": json.dumps(
            {
                "as_at": "2027-06-20T16:00:00Z",
                "check_code": "bcdfghjkmn",
                "issued_at": "2027-06-20T16:05:07Z",
                "number": 1,
            },
            separators=(",", ":"),
        ).encode(),
        f"{DIGEST}/note.en.pdf": b"%PDF- in English",
        f"{DIGEST}/note.fr.pdf": b"%PDF- in French",
        f"{DIGEST}/programme.json": PROGRAMME.to_json(),
    }


def test_readers_of_another_account_may_read_the_files():
    write()
    mirror.point(make_standing())

    modes = {
        oct(path.stat().st_mode & 0o777)
        for path in mirror.folder().rglob("*")
        if path.is_file() and path.name != ".lock"
    }
    assert modes == {"0o644"}
    assert (mirror.folder() / DIGEST).stat().st_mode & 0o777 == 0o755


def test_nothing_is_read_where_no_folder_is():
    assert mirror.standing("ocean", "first") is None
    assert mirror.standings() == ()
    assert mirror.has(DIGEST) is False
    with pytest.raises(FileNotFoundError):
        mirror.programme(CARD)
    with pytest.raises(FileNotFoundError):
        mirror.document(CARD, "note.pdf", "en")
    mirror.forget_all_but(set(), set())
    assert not mirror.folder().exists()


def test_session_that_was_never_issued_is_none():
    mirror.point(make_standing())

    assert mirror.standing("ocean", "second") is None
    assert mirror.standing("sea", "first") is None


def test_document_that_the_edition_does_not_have_is_none():
    write()

    assert mirror.document(CARD, "note.pdf", "ru") is None
    assert mirror.document(CARD, "programme.json", "en") is None
    assert mirror.document(CARD, "../current/x", "json") is None


@pytest.mark.parametrize(
    "slug",
    [
        "..",
        "../ocean",
        "../../etc/passwd",
        "ocean@first",
        "/ocean",
        "ocean/",
        "ocean\\first",
        "ocean\x00",
        "OCEAN",
        "océan",
        "٣",
        "²",
        "ocean.json",
        ".lock",
        "*",
        "",
        "-",
        " ",
        "o" * 5000,
    ],
)
def test_address_that_is_no_slug_reads_nothing(slug):
    mirror.point(make_standing())
    # What a way out of the folder of Standings would find.
    outside = mirror.folder() / "ocean@first.json"
    outside.write_bytes((mirror.folder() / "current" / "ocean@first.json").read_bytes())

    assert mirror.standing(slug, "first") is None
    assert mirror.standing("ocean", slug) is None


@pytest.mark.parametrize(
    "damaged",
    [
        PROGRAMME.to_json()[:100],
        PROGRAMME.to_json().replace(b"Geneva", b"Genoa!"),
        PROGRAMME.to_json().replace(b'"format":1', b'"format":99'),
        b"",
    ],
)
def test_programme_that_is_not_the_issued_one_is_never_given(damaged):
    write()
    (mirror.folder() / DIGEST / "programme.json").write_bytes(damaged)

    with pytest.raises(ProgrammeUnreadable):
        mirror.programme(CARD)


@pytest.mark.parametrize("damaged", [b"%PDF- in Englisj", b"%PDF-", b""])
def test_document_that_is_not_the_issued_one_is_never_given(damaged):
    write()
    (mirror.folder() / DIGEST / "note.en.pdf").write_bytes(damaged)

    with pytest.raises(OSError, match="damaged"):
        mirror.document(CARD, "note.pdf", "en")
    assert mirror.document(CARD, "note.pdf", "fr") == b"%PDF- in French"


def test_whole_edition_is_left_as_it_is_and_a_damaged_one_is_replaced():
    write()
    before = (mirror.folder() / DIGEST).stat().st_ino
    write()
    assert (mirror.folder() / DIGEST).stat().st_ino == before

    whole = contents()
    (mirror.folder() / DIGEST / "note.en.pdf").write_bytes(b"%PDF- in Englisj")
    (mirror.folder() / DIGEST / "note.fr.pdf").unlink()
    (mirror.folder() / DIGEST / "note.ru.pdf").write_bytes(b"never issued")
    write()

    assert contents() == whole


def test_writing_that_fails_leaves_no_edition_and_no_rest(monkeypatch):
    def fail(path, content):
        if path.name == "note.fr.pdf":
            raise OSError(28, "No space left on device")
        real(path, content)

    real = mirror._write
    monkeypatch.setattr(mirror, "_write", fail)

    with pytest.raises(OSError, match="No space left"):
        write()

    assert list(mirror.folder().iterdir()) == []


# --- Replaced in one instant -----------------------------------------------------


def test_standing_is_replaced_when_its_file_is_whole(monkeypatch):
    mirror.point(make_standing("Before"))
    seen = []

    def write_and_look(path, content):
        real(path, content[: len(content) // 2])
        seen.append(mirror.standing("ocean", "first").title)
        real(path, content)
        seen.append(mirror.standing("ocean", "first").title)

    real = mirror._write
    monkeypatch.setattr(mirror, "_write", write_and_look)
    mirror.point(make_standing("After"))

    assert seen == [{"en": "Before"}, {"en": "Before"}]
    assert mirror.standing("ocean", "first").title == {"en": "After"}


def test_standing_is_seen_by_half_without_the_rename(monkeypatch):
    def in_place(self, target):
        content = self.read_bytes()
        target.write_bytes(content[: len(content) // 2])
        try:
            mirror.standing("ocean", "first")
        except ValueError as error:
            broken.append(error)
        target.write_bytes(content)

    broken = []
    mirror.point(make_standing("Before"))
    monkeypatch.setattr(type(mirror.folder()), "replace", in_place)

    mirror.point(make_standing("After"))

    assert len(broken) == 1


def test_reader_who_looks_all_the_time_sees_the_old_or_the_new_standing():
    titles = ["short", "long " * 2000]
    seen = set()
    done, started = threading.Event(), threading.Barrier(2)
    mirror.point(make_standing("short"))

    def look():
        started.wait(timeout=30)
        while not done.is_set():
            (listed,) = mirror.standings()
            found = mirror.standing("ocean", "first")
            seen.update({found.title["en"], listed.title["en"]})

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(look)
        started.wait(timeout=30)
        for _round in range(100):
            for title in titles:
                mirror.point(make_standing(title))
        done.set()
        reader.result(timeout=30)

    assert seen
    assert seen <= set(titles)


def test_standing_replaced_twice_within_one_tick_of_the_clock_is_seen(monkeypatch):
    mirror.point(make_standing("First"))
    path = mirror.folder() / "current" / "ocean@first.json"
    written = path.stat()
    # As on a file system that counts in ticks and gives an inode out again: same time,
    # same inode, same size.
    now = SimpleNamespace(time_ns=lambda: written.st_mtime_ns + 1_000_000)
    monkeypatch.setattr(mirror, "time", now)
    assert mirror.standing("ocean", "first").title == {"en": "First"}
    path.write_bytes(path.read_bytes().replace(b"First", b"Third"))
    os.utime(path, ns=(written.st_mtime_ns, written.st_mtime_ns))
    again = path.stat()
    assert (again.st_mtime_ns, again.st_ino, again.st_size) == (
        written.st_mtime_ns,
        written.st_ino,
        written.st_size,
    )

    assert mirror.standing("ocean", "first").title == {"en": "Third"}


def test_every_replacement_is_seen_at_once():
    for number in range(300):
        mirror.point(make_standing(f"{number:03d}"))
        if number % 2:
            # The inode of the one before is free again, and read was only that.
            assert mirror.standing("ocean", "first").title == {"en": f"{number:03d}"}
            (listed,) = mirror.standings()
            assert listed.title == {"en": f"{number:03d}"}


def test_standing_that_does_not_change_is_read_once(monkeypatch):
    mirror.point(make_standing())
    later(monkeypatch)
    first = mirror.standing("ocean", "first")
    listed = mirror.standings()
    monkeypatch.setattr(Standing, "model_validate_json", None)

    assert mirror.standing("ocean", "first") is first
    assert mirror.standings() is listed


def test_same_standing_is_not_written_again():
    mirror.point(make_standing())
    path = mirror.folder() / "current" / "ocean@first.json"
    before = path.stat().st_ino

    mirror.point(make_standing())

    assert path.stat().st_ino == before


def test_unfinished_files_are_not_taken_for_standings():
    mirror.point(make_standing())
    current = mirror.folder() / "current"
    (current / ".new-ab@cd.json").write_bytes(b"{")

    assert mirror.standings() == (make_standing(),)


def test_one_writer_at_a_time_holds_the_folder():
    with (
        mirror.lock(),
        (mirror.folder() / ".lock").open("w") as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with (mirror.folder() / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


# --- Rebuilt from the database -----------------------------------------------------


@pytest.fixture
def issued(db):
    """Two sessions with real notes, one of them in two editions; gives the folder's
    contents."""
    make_conference()
    for slug in ("first", "second"):
        session = make_session(slug=slug, languages=["en", "fr"])
        make_slot(make_day(session))
        issue(session, by=None)
    Slot.objects.update(title=text("Changed"))
    issue(session, by=None, label="Rev.1", remark=text("Another title."))
    return contents()


def test_rebuilt_folder_is_the_same_to_the_byte(issued):
    # Of each edition programme, imprint and notes; of the second, marked revisions; of
    # each session its Standing.
    assert len(issued) == 3 * 4 + 2 + 2
    for path in sorted(mirror.folder().rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    mirror.folder().rmdir()

    assert rebuild_mirror() == 3

    assert contents() == issued


def test_rebuild_repairs_what_is_damaged_or_missing_and_removes_what_is_foreign(issued):
    digests = sorted(Edition.objects.values_list("digest", flat=True))
    folder = mirror.folder()
    (folder / digests[0] / "note.en.pdf").write_bytes(b"damaged")
    (folder / digests[2] / "note.ru.pdf").write_bytes(b"foreign")
    (folder / digests[1] / "programme.json").unlink()
    (folder / ("f" * 64)).mkdir()
    (folder / ("f" * 64) / "programme.json").write_bytes(b"{}")
    (folder / ".new-left-by-a-kill").mkdir()
    (folder / "current" / "ocean@first.json").write_bytes(b"{")
    (folder / "current" / "ocean@second.json").unlink()
    (folder / "current" / "ocean@third.json").write_bytes(b"{}")
    (folder / "current" / ".new-left-by-a-kill").write_bytes(b"")

    assert rebuild_mirror() == 3

    assert contents() == issued
    assert {entry.name for entry in folder.iterdir()} == {*digests, "current", ".lock"}
    assert {entry.name for entry in (folder / "current").iterdir()} == {
        "ocean@first.json",
        "ocean@second.json",
    }


def test_rebuild_of_a_database_without_editions_leaves_an_empty_folder(db):
    write()
    mirror.point(make_standing())

    assert rebuild_mirror() == 0

    assert contents() == {}


def test_rebuild_leaves_whole_editions_in_their_place(issued):
    places = {
        entry.name: entry.stat().st_ino
        for entry in mirror.folder().iterdir()
        if entry.is_dir()
    }

    rebuild_mirror()

    assert places == {
        entry.name: entry.stat().st_ino
        for entry in mirror.folder().iterdir()
        if entry.is_dir()
    }


# --- Memory ------------------------------------------------------------------------


def test_memory_keeps_what_was_used_last_up_to_its_bound():
    memory = Memory(1)
    quarter = 256 * 1024
    made = []

    def get(key):
        return memory.get(key, lambda: made.append(key) or bytes(quarter))

    for key in "abcd":
        get(key)
    get("a")
    get("e")
    assert made == ["a", "b", "c", "d", "e"]

    for key in "acde":
        get(key)
    assert made == ["a", "b", "c", "d", "e"]
    get("b")
    assert made == ["a", "b", "c", "d", "e", "b"]


def test_memory_never_holds_more_than_its_bound():
    memory = Memory(1)

    for number in range(200):
        memory.get(number % 70, lambda n=number: bytes(1000 * (n % 37)))
        held = sum(len(value) for value, _size in memory._kept.values())
        assert held == memory._size <= 1024 * 1024


def test_memory_counts_what_it_forgets():
    memory = Memory(1)
    memory.get("a", lambda: bytes(1000))
    memory.clear()

    assert (memory._size, len(memory._kept)) == (0, 0)


def test_fifty_who_ask_at_once_make_one():
    memory = Memory(1)
    asking = threading.Barrier(51)
    made = []

    def make():
        made.append(threading.get_ident())
        # All fifty have asked, or are about to, before the first has its answer.
        everybody.wait(timeout=30)
        return b"page"

    everybody = threading.Event()

    def ask():
        asking.wait(timeout=30)
        return memory.get("page", make)

    with ThreadPoolExecutor(50) as pool:
        answers = [pool.submit(ask) for _ in range(50)]
        asking.wait(timeout=30)
        everybody.set()
        assert {answer.result(timeout=30) for answer in answers} == {b"page"}

    assert len(made) == 1
    assert memory._making == {}


def test_what_could_not_be_made_is_tried_again_and_counted_once():
    memory = Memory(1)
    first, second = threading.Event(), threading.Event()

    def fail():
        first.set()
        second.wait(timeout=30)
        raise OSError("missing")

    with ThreadPoolExecutor(2) as pool:
        failing = pool.submit(memory.get, "a", fail)
        assert first.wait(timeout=30)
        waiting = pool.submit(memory.get, "a", lambda: bytes(1000))
        second.set()
        with pytest.raises(OSError, match="missing"):
            failing.result(timeout=30)
        assert waiting.result(timeout=30) == bytes(1000)
    # Two at once for one key, as after a failure: the size is that of one.
    memory._keep("a", bytes(1000), 1000)

    assert memory._size == 1000
