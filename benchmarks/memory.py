"""Whether the web server grows: 200 requests a second for half an hour, and what of its
memory and open files is more afterwards: `python benchmarks/memory.py`.

gunicorn with 2 workers of 4 threads serves the demonstration's pages in six languages
and a session of 500 slots; readers ask for one after another at an even pace, now and
then for something that is not there. Growth counts from the end of the first minute, in
which everything that is kept is made. Told too: how many bytes a reader's first view of
the agenda takes. Leaves nothing behind."""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import large
import report
from readers import Reader
from servers import (
    ROOT,
    Server,
    ask,
    end_well,
    gunicorn,
    own_place,
)

WORKERS, THREADS = 2, 4
READERS = 16
EVERY_SECONDS = 10
FIRST_MINUTE = 60
BAR_PER_CENT = 5
# Bytes: the demonstration's agenda compressed, and all that its first view takes.
BAR_AGENDA, BAR_VIEW = 15_000, 100_000
LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")


class Sample(NamedTuple):
    """The server at a moment: seconds since it was loaded, MiB and open files of all
    its processes."""

    seconds: float
    mebibytes: float
    files: int


# --- Memory -----------------------------------------------------------------------


def sample(server: Server, begun: float) -> Sample:
    """The server now. Memory that its processes share is counted in each."""
    mebibytes, files = 0.0, 0
    for pid in server.processes():
        status = Path(f"/proc/{pid}/status").read_text()
        mebibytes += int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
        files += len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Sample(time.monotonic() - begun, mebibytes, files)


def addresses(small: large.Issued, big: large.Issued) -> list[str]:
    """What readers ask for."""
    found = []
    for language in LANGUAGES:
        agenda = small.address.replace("/en/", f"/{language}/")
        found += [agenda, f"{agenda}people/", f"{agenda}slots/{small.slot}/"]
        found += [f"{agenda}people/{small.person}/", f"{agenda}note.pdf"]
        found += [f"{agenda}editions/", f"{agenda}editions/2/changes/"]
        found += [f"{agenda}programme.json", f"/{language}/"]
    found += [big.address, f"{big.address}people/", f"{big.address}programme.json"]
    return [*found, "/", "/static/site.css", f"{small.address}slots/nothing/"]


async def load(
    server: Server, asked: Sequence[str], rate: int, minutes: float
) -> tuple[list[Sample], list[float], list[str]]:
    """Samples, milliseconds of all answers, and what failed, while the server is asked
    `rate` times a second."""
    begun = time.monotonic()
    until = begun + 60 * minutes
    milliseconds: list[float] = []
    errors: list[str] = []

    async def read(reader: Reader) -> None:
        turn = reader.number
        while (now := time.monotonic()) < until:
            due = begun + turn / rate
            # A reader who comes late is not made up for by asking faster.
            await asyncio.sleep(max(0.0, due - now))
            path = asked[turn % len(asked)]
            turn += READERS
            try:
                answer = await reader.ask(path)
            except (OSError, EOFError, ValueError) as error:
                errors.append(f"{path}: {type(error).__name__}: {error}")
                continue
            milliseconds.append(1000 * answer.seconds)
            if answer.status >= 500:
                errors.append(f"{path}: {answer.status}")
        reader.close()

    async def watch() -> list[Sample]:
        samples = [sample(server, begun)]
        pause = min(EVERY_SECONDS, 60 * minutes / 6)
        # The last one while all readers still have their connections.
        while time.monotonic() + pause < until:
            await asyncio.sleep(pause)
            samples.append(sample(server, begun))
        return samples

    readers = Reader.of_all_kinds(READERS, server.port)
    samples, *_rest = await asyncio.gather(watch(), *map(read, readers))
    return samples, milliseconds, errors


def growth(samples: Sequence[Sample]) -> tuple[Sample, Sample, float]:
    """The server after the first minute and at the end, and its growth in per cent."""
    # A run of seconds, to see that all works, counts from its middle.
    settled = min(FIRST_MINUTE, samples[-1].seconds / 2)
    first = next(each for each in samples if each.seconds >= settled)
    last = samples[-1]
    return first, last, 100 * (last.mebibytes / first.mebibytes - 1)


# --- Bytes ------------------------------------------------------------------------


def sizes(port: int, address: str) -> str:
    """What a reader's first view of a page takes: the page, its style sheets and icon
    as they are sent, and the fonts of whose letters it uses some."""
    whole = ask(port, address)
    page = whole.content.decode()
    links = re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', page)
    rows = []
    for coding in ("br", "gzip", "identity"):
        agenda = len(ask(port, address, Accept_Encoding=coding).content)
        others = sum(
            len(ask(port, link, Accept_Encoding=coding).content) for link in links
        )
        fonts = sum(file.stat().st_size for file in fonts_of(page))
        cells = [agenda, others, fonts, agenda + others + fonts]
        met = agenda <= BAR_AGENDA and sum(cells[:3]) <= BAR_VIEW
        rows.append([coding, *map(report.number, cells), "yes" if met else "no"])
    bars = f"≤ {BAR_AGENDA:,} and ≤ {BAR_VIEW:,}"
    heads = ["sent as", "agenda", "CSS and icon", "fonts", "first view", bars]
    return report.table(heads, rows)


def fonts_of(page: str) -> Iterator[Path]:
    """The font files of which a browser loads some letters for a page, in every weight:
    rather too many than too few."""
    letters = {ord(letter) for letter in re.sub(r"<[^>]*>", "", page)}
    folder = ROOT / "static" / "fonts" / "web"
    for face in (folder / "noto-sans.css").read_text().split("@font-face")[1:]:
        ranges = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", face)
        spans = [(int(low, 16), int(high or low, 16)) for low, high in ranges]
        if any(low <= letter <= high for low, high in spans for letter in letters):
            yield folder / re.search(r'url\("([^"]+)"\)', face)[1]


# --- Telling ----------------------------------------------------------------------


def told_of(
    samples: Sequence[Sample], milliseconds: Sequence[float], errors: Sequence[str]
) -> str:
    first, last, per_cent = growth(samples)
    rows = [
        ["after the first minute", f"{first.mebibytes:.1f}", str(first.files)],
        ["at the end", f"{last.mebibytes:.1f}", str(last.files)],
        ["at most", f"{max(s.mebibytes for s in samples):.1f}", ""],
    ]
    times = [report.number(report.at(milliseconds, share), 1) for share in (0.5, 0.99)]
    met = "yes" if per_cent <= BAR_PER_CENT else "no"
    sentence = (
        f"{last.seconds / 60:.1f} minutes, {len(milliseconds):,} answers "
        f"({len(milliseconds) / last.seconds:.0f} a second), {len(errors)} errors; p50 "
        f"{times[0]} ms, p99 {times[1]} ms. Growth: {per_cent:+.1f} % (≤ {BAR_PER_CENT} "
        f"%: {met})."
    )
    return f"{sentence}\n\n{report.table(['', 'MiB', 'open files'], rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=int, default=200, help="requests a second")
    parser.add_argument(
        "--write", action="store_true", help="the tables into docs/benchmarks.md"
    )
    options = parser.parse_args()
    end_well()
    with own_place() as folder:
        began = report.machine()
        small, big = large.issue_small(), large.issue_large()
        started = gunicorn(folder, "config.wsgi", workers=WORKERS, threads=THREADS)
        with started as server:
            view = sizes(server.port, small.address)
            asked = addresses(small, big)
            found = asyncio.run(load(server, asked, options.rate, options.minutes))
    for error in sorted(set(found[2])):
        print(error)
    how = f"gunicorn, {WORKERS} workers with {THREADS} threads."
    told = "\n\n".join(["## Memory and bytes", f"{began} {how}", told_of(*found), view])
    print(told)
    if options.write:
        report.write("memory", told)


if __name__ == "__main__":
    main()
