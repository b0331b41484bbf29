"""The opening minute: everybody at once on a page that nobody has asked for yet, then
new editions while everybody goes on reading: `python benchmarks/opening.py`.

gunicorn with 3 workers behind nginx as deploy/nginx.conf has it, which keeps each page
for a second, then behind an nginx that keeps nothing; 500 readers with a connection each, who ask again every
second whether there is something newer. Told are: how often the page was rendered,
answers that failed, milliseconds, how long it took until everybody saw a new edition,
pages that mix two editions, and readers who were shown an older one after a newer one.
Every edition carries its number in the title of a panel too, so that a page tells it in
several places. Readers, servers and issuing share the machine. Leaves nothing behind."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import large
import report
from readers import Read, Reader
from servers import (
    BEHIND_EXAMPLE,
    ROOT,
    end_well,
    example,
    gunicorn,
    need,
    nginx,
    own_place,
    passing_on,
)

WORKERS, THREADS = 3, 4
SECONDS_TO_SEE = 30
# Where a page tells of which edition it is; the last place tells the one before.
_EDITION = re.compile(r"(?:<strong>Edition |data-edition=\")(\d+)")
# In the heading: below it the page may tell what the title was before.
_TITLE = re.compile(r"/slots/\w+/\"[^>]*>Panel as of edition (\d+)")
_SINCE = re.compile(r"What changed since edition (\d+)")


@dataclass
class Seen:
    """What all readers were shown."""

    renders: Path
    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed: int = 0
    went_back: int = 0
    # The newest edition that each reader saw, and when they saw it first.
    numbers: dict[int, int] = field(default_factory=dict)
    first: dict[tuple[int, int], float] = field(default_factory=dict)
    _judged: dict[bytes, set[int]] = field(default_factory=dict)
    _etags: dict[str, bytes] = field(default_factory=dict)

    def take(self, reader: int, read: Read) -> None:
        """Takes an answer into account."""
        self.milliseconds.append(1000 * read.seconds)
        if read.status == 304:
            return
        if read.status != 200:
            self.errors.append(f"status {read.status}")
            return
        digest = hashlib.sha256(read.content).digest()
        if digest not in self._judged:
            self._judged[digest] = numbers_in(read.text)
        numbers = self._judged[digest]
        if len(numbers) != 1 or self._etags.setdefault(read.etag, digest) != digest:
            self.mixed += 1
            return
        (number,) = numbers
        self.went_back += number < self.numbers.get(reader, 0)
        self.numbers[reader] = number
        self.first.setdefault((reader, number), time.time())

    def count(self) -> int:
        """How often the agenda was rendered."""
        lines = self.renders.read_text().splitlines()
        return sum(line.startswith("agenda/agenda.html ") for line in lines)

    def forget_figures(self) -> None:
        """Begins anew, but for what each reader saw last."""
        self.milliseconds, self.errors = [], []
        self.mixed = self.went_back = 0
        self.renders.write_text("")

    def row(self, name: str, *seconds: float) -> list[str]:
        """The figures since the last call, as a row of the table."""
        told = [f"{value:.1f}" for value in seconds] or ["", ""]
        times = self.milliseconds or [float("nan")]
        cells = [
            name,
            report.number(len(self.milliseconds)),
            str(self.count()),
            str(len(self.errors)),
            *(report.number(report.at(times, share), 1) for share in (0.5, 0.99, 1)),
            *told,
            str(self.mixed),
            str(self.went_back),
        ]
        for error in sorted(set(self.errors)):
            print(f"{self.errors.count(error)} times: {error}", file=sys.stderr)
        self.forget_figures()
        return cells


HEADS = [
    *("", "answers", "renders", "errors", "p50 ms", "p99 ms", "longest ms"),
    *("issuing s", "until all see it s", "mixed", "went back"),
]


def numbers_in(page: str) -> set[int]:
    """The editions that a page says to be of, in all places where it says so; one
    number if all is well, 0 for a place that is missing."""
    found = {int(number) for number in _EDITION.findall(page) or ["0"]}
    found |= {int(number) for number in _TITLE.findall(page) or ["0"]}
    return found | {int(number) + 1 for number in _SINCE.findall(page)}


# --- Readers ----------------------------------------------------------------------


async def at_once(readers: Sequence[Reader], path: str, seen: Seen) -> None:
    """Every reader asks for the page in the same moment, on an open connection."""
    await asyncio.gather(*(reader.connect() for reader in readers))
    await asyncio.gather(*(_ask(reader, path, seen) for reader in readers))


async def keep_reading(reader: Reader, path: str, seen: Seen, pause: float) -> None:
    """Asks again and again, until cancelled."""
    order = random.Random(reader.number)  # noqa: S311 - not for secrets
    while True:
        await asyncio.sleep(pause * order.uniform(0.5, 1.5))
        await _ask(reader, path, seen)


async def _ask(reader: Reader, path: str, seen: Seen) -> None:
    try:
        seen.take(reader.number, await reader.ask(path))
    except (OSError, EOFError, ValueError) as error:
        seen.errors.append(f"{type(error).__name__}: {error}")


# --- Issuing meanwhile ------------------------------------------------------------


async def issue_next(issued: large.Issued, number: int) -> float:
    """Puts the number of the next edition into the title of a panel and issues it, in
    a process of its own; gives the seconds that this took."""
    begun = time.monotonic()
    await asyncio.to_thread(_retitle, issued, number)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "manage.py", "issue", issued.conference, issued.session),
        *("--reason", "Measured."),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _out, said = await process.communicate()
    if process.returncode:
        raise SystemExit(f"Edition {number} was not issued: {said.decode()[-2000:]}")
    return time.monotonic() - begun


def _retitle(issued: large.Issued, number: int) -> None:
    from django.db import connection

    from sessions_app.models import Slot
    from sessions_app.translated import text

    title = text(f"Panel as of edition {number}")
    Slot.objects.filter(code=issued.slot).update(title=title)
    connection.close()


def standing_file(folder: Path, issued: large.Issued) -> Path:
    """What readers see from the moment that it is replaced."""
    name = f"{issued.conference}@{issued.session}.json"
    return folder / "editions" / "current" / name


async def until_all_see(seen: Seen, readers: Sequence[Reader], number: int) -> float:
    """When the last reader saw edition `number`; infinity when some never did."""
    until = time.monotonic() + SECONDS_TO_SEE
    wanted = [(reader.number, number) for reader in readers]
    while time.monotonic() < until:
        if all(each in seen.first for each in wanted):
            return max(seen.first[each] for each in wanted)
        await asyncio.sleep(0.05)
    return float("inf")


# --- The minute -------------------------------------------------------------------


async def opening(
    folder: Path,
    port: int,
    issued: large.Issued,
    number: int,
    seen: Seen,
    options: argparse.Namespace,
) -> list[list[str]]:
    """The rows of one opening minute; edition `number` is the current one."""
    browsers = [Reader(each, port) for each in range(options.readers)]
    await at_once(browsers, issued.address, seen)
    rows = [seen.row(f"{options.readers} browsers at once")]
    for each in browsers:
        each.close()
    readers = Reader.of_all_kinds(options.readers, port)
    await at_once(readers, issued.address, seen)
    rows.append(seen.row("as many of all kinds"))
    tasks = [
        asyncio.create_task(keep_reading(each, issued.address, seen, options.pause))
        for each in readers
    ]
    try:
        await asyncio.sleep(3 * options.pause)
        rows.append(seen.row("reading"))
        for following in range(number + 1, number + 1 + options.editions):
            took = await issue_next(issued, following)
            shown = standing_file(folder, issued).stat().st_mtime
            last = await until_all_see(seen, readers, following)
            rows.append(seen.row(f"edition {following}", took, last - shown))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for reader in readers:
            reader.close()
    return rows


def run(folder: Path, options: argparse.Namespace) -> str:
    """Sets everything up, measures, and gives what is to be told."""
    began = report.machine()
    issued = large.issue_small()
    number = 2
    how = f"{WORKERS} workers with {THREADS} threads, {options.readers} readers of the"
    parts = ["## The opening minute", f"{began} {how} demonstration's agenda."]
    renders = folder / "renders"
    for name, site in (("deploy/nginx.conf", example), ("nothing kept", passing_on)):
        number += 1
        asyncio.run(issue_next(issued, number))
        renders.write_text("")
        variables = {"BENCHMARK_RENDERS": str(renders), **BEHIND_EXAMPLE}
        counted = gunicorn(
            folder, "counted", workers=WORKERS, threads=THREADS, variables=variables
        )
        with counted as workers, nginx(folder, site(workers.port)) as front:
            seen = Seen(renders)
            rows = asyncio.run(
                opening(folder, front.port, issued, number, seen, options)
            )
        number += options.editions
        parts += [name, report.table(HEADS, rows)]
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readers", type=int, default=500)
    parser.add_argument("--editions", type=int, default=3, help="issued meanwhile")
    parser.add_argument(
        "--pause",
        type=float,
        default=1.0,
        help="seconds after which a reader asks again",
    )
    parser.add_argument(
        "--write", action="store_true", help="the tables into docs/benchmarks.md"
    )
    options = parser.parse_args()
    need("nginx")
    end_well()
    with own_place() as folder:
        told = run(folder, options)
    print(told)
    if options.write:
        report.write("opening", told)


if __name__ == "__main__":
    main()
