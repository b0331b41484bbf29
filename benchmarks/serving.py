"""How many requests a second the public pages take, against what could be had at best:
`python benchmarks/serving.py`.

Issues the demonstration's session and one of 500 slots, 10 rooms and 600 people, and
starts by itself, on loopback: gunicorn with Rostrum; the same gunicorn with a constant
Django view that sends the same headers and bytes through the same middleware, and with
Django's templates rendering the agenda each time; nginx with files of the same bytes;
nginx in front of Rostrum as deploy/nginx.conf has it, keeping pages for a second. wrk
asks with 16 connections, from the same machine. Within a round each page is asked for
from every server, one after the other, so that a machine that slows down slows all;
ratios are of one round, and their median counts. Where DATABASE_URL names a PostgreSQL
server, a database is made there, and the server itself counts what comes from the pages:
nothing may. Leaves nothing behind."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import large
import report
from servers import (
    BEHIND_EXAMPLE,
    HOST,
    Answer,
    ask,
    command,
    end_well,
    example,
    gunicorn,
    need,
    nginx,
    own_place,
)

WORKERS = 2
CONNECTIONS = 16
# At least so much of a constant view's rate, and of nginx's own files', is wanted.
BAR_CONSTANT, BAR_CACHE = 0.8, 0.75
# So many requests go ahead of the measuring, for every worker to have each page.
AHEAD = 8
LONGEST_SECONDS = 25

# What a constant view must set by itself; the rest comes from the middleware.
OWN_HEADERS = (
    *("Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition"),
    *("Cache-Control", "ETag", "Vary", "Accept-Ranges"),
)
OF_THE_SERVER = {"Date", "Server", "Connection"}
ROSTRUM, CONSTANT = "Rostrum", "constant view"
TEMPLATES, FILES, CACHE = "templates anew", "nginx, files", "nginx, kept 1 s"


@dataclass(frozen=True)
class Page:
    """What is asked for: where, in which coding, and whether the reader has it already,
    so that 304 is the answer. `file` is its name among nginx's files."""

    name: str
    size: str
    path: str
    coding: str
    file: str
    bytes: int
    is_known: bool = False

    @property
    def title(self) -> str:
        how = "304" if self.is_known else self.coding
        return f"{self.name}, {self.size}, {how}"


@dataclass(frozen=True)
class Target:
    """A server under load; `threads` are those of each worker of gunicorn."""

    name: str
    port: int
    threads: int = 0
    connections: int = CONNECTIONS

    def path(self, page: Page) -> str:
        """Where this server has the page."""
        if self.name == FILES:
            return f"/{page.file}"
        return f"/rendered{page.path}" if self.name == TEMPLATES else page.path

    def has(self, page: Page) -> bool:
        """Whether it is asked for this page. Rendered anew, only the agenda is of
        interest, as it leaves the templates."""
        if self.name != TEMPLATES:
            return True
        return (page.name, page.coding) == ("agenda", "identity")

    def ask(self, page: Page) -> Answer:
        return ask(self.port, self.path(page), **self.headers(page))

    def headers(self, page: Page) -> dict[str, str]:
        """What a reader says; every server has ETags of its own."""
        told = {"Accept_Encoding": page.coding}
        if page.is_known:
            whole = ask(self.port, self.path(page), **told)
            told["If_None_Match"] = whole.headers["ETag"]
        return told

    def command(self, page: Page, seconds: int) -> list[str]:
        """What loads it with requests for the page."""
        said = [
            part
            for name, value in self.headers(page).items()
            for part in ("-H", f"{name.replace('_', '-')}: {value}")
        ]
        many = [
            "-t2",
            f"-c{self.connections}",
            f"-d{seconds}s",
            "--latency",
            "--timeout=30",
        ]
        address = f"http://{HOST}:{self.port}{self.path(page)}"
        return ["wrk", *many, *said, address]


@dataclass
class Figures:
    """Of one page at one server, by round: requests a second, and milliseconds."""

    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


Measured = dict[tuple[Target, Page], Figures]


# --- What is asked for ------------------------------------------------------------


def paths_of(issued: large.Issued) -> Iterator[tuple[str, str, str]]:
    """Each page of a session: its name, its file among nginx's, its path."""
    size, address = issued.size, issued.address
    yield "agenda", f"{size}.html", address
    yield "slot page", f"{size}-slot.html", f"{address}slots/{issued.slot}/"
    yield "person page", f"{size}-person.html", f"{address}people/{issued.person}/"
    yield "programme.json", f"{size}.json", f"{address}programme.json"
    yield "note.pdf", f"{size}.pdf", f"{address}note.pdf"


def pages_of(issued: large.Issued, port: int, folder: Path) -> Iterator[Page]:
    """Every page of a session to ask for, as Rostrum on `port` answers; its bytes are
    put aside in `folder` for nginx and the constant view."""
    for name, file, path in paths_of(issued):
        for coding in ("gzip", "identity"):
            answer = ask(port, path, Accept_Encoding=coding)
            if answer.status != 200:
                raise SystemExit(f"{path} answered {answer.status}")
            is_compressed = "Content-Encoding" in answer.headers
            if coding == "gzip" and not is_compressed:
                continue
            stored = folder / (f"{file}.gz" if is_compressed else file)
            stored.write_bytes(answer.content)
            headers = {
                name: value
                for name, value in answer.headers.items()
                if name in OWN_HEADERS
            }
            kept = {"path": path, "coding": coding, "headers": headers}
            with (folder / "answers.jsonl").open("a") as lines:
                lines.write(json.dumps({**kept, "file": stored.name}) + "\n")
            page = Page(name, issued.size, path, coding, file, len(answer.content))
            yield page
            if (name, coding) == ("agenda", "gzip"):
                yield Page(name, issued.size, path, coding, file, 0, is_known=True)


def refuse_differences(pages: Sequence[Page], targets: Sequence[Target]) -> None:
    """Ends unless every server sends the same bytes, and the constant view the same
    headers too."""
    for page in pages:
        rostrum = next(target for target in targets if target.name == ROSTRUM)
        wanted = rostrum.ask(page)
        for target in (each for each in targets if each.has(page)):
            for _time in range(AHEAD):
                answer = target.ask(page)
            if answer.status != (304 if page.is_known else 200):
                raise SystemExit(f"{target.name}: {page.title}: {answer.status}")
            if _plain(answer) != _plain(wanted):
                raise SystemExit(f"{target.name}: {page.title}: other bytes")
            odd = set(_lasting(answer)) ^ set(_lasting(wanted))
            if target.name == CONSTANT and odd:
                raise SystemExit(f"{target.name}: {page.title}: {sorted(odd)}")


def _plain(answer: Answer) -> bytes:
    is_gzip = answer.headers.get("Content-Encoding") == "gzip"
    return (
        gzip.decompress(answer.content)
        if is_gzip and answer.content
        else answer.content
    )


def _lasting(answer: Answer) -> Iterator[tuple[str, str]]:
    yield from (each for each in answer.headers.items() if each[0] not in OF_THE_SERVER)


# --- Measuring --------------------------------------------------------------------


def measure(
    pages: Sequence[Page], targets: Sequence[Target], rounds: int, seconds: int
) -> Measured:
    """All figures. A round before the first one warms up and is not counted."""
    measured: Measured = {}
    for turn in range(rounds + 1):
        for page in pages:
            asked = [target for target in targets if target.has(page)]
            # No server is always the first, nor always after the same one.
            first = turn % len(asked)
            order = asked[first:] + asked[:first]
            for target in order if turn % 2 else reversed(order):
                figures = measured.setdefault((target, page), Figures())
                load(target, page, seconds, figures if turn else Figures())
        print(f"round {turn} of {rounds}", flush=True)
    return measured


def load(target: Target, page: Page, seconds: int, figures: Figures) -> None:
    """Loads one server with requests for one page, and adds what wrk says."""
    said = subprocess.run(
        target.command(page, seconds), capture_output=True, text=True, check=True
    ).stdout
    if target.name == TEMPLATES:
        # Answered once the last page that nobody waits for any more is rendered.
        target.ask(page)
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{target.name}: {page.title}:\n{said}")
    rate = float(_found(r"Requests/sec:\s+([\d.]+)", said))
    if not rate and seconds < LONGEST_SECONDS:
        # Not one answer came in this time: nothing was measured yet.
        load(target, page, 5 * seconds, figures)
        return
    figures.rates.append(rate)
    figures.p50.append(_milliseconds(_found(r"^ +50% +(\S+)", said)))
    figures.p99.append(_milliseconds(_found(r"^ +99% +(\S+)", said)))


def _found(pattern: str, said: str) -> str:
    found = re.search(pattern, said, re.MULTILINE)
    if found is None:
        raise SystemExit(f"wrk said something else:\n{said}")
    return found[1]


def _milliseconds(said: str) -> float:
    value, unit = _found(r"([\d.]+)", said), _found(r"([a-z]+)", said)
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


class Statements:
    """What PostgreSQL counts of the benchmark's database from now on. Its own cleaning
    (autovacuum) commits too, and opens no session. All that were open, by what every
    worker asks when it starts, are ended here: so a page that asks must open one."""

    COLUMNS = "sessions, xact_commit + xact_rollback, tup_returned"
    END = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND datname = "
    )

    def __init__(self) -> None:
        address = os.environ["DATABASE_URL"]
        self.address = address if address.startswith("postgres") else ""
        self.name = urlsplit(address).path.lstrip("/")
        if self.address:
            command(self.address, f"{self.END}'{self.name}'")
        time.sleep(2)
        self.before = self._now()

    def since(self) -> tuple[int, ...]:
        """Sessions opened, transactions, rows read; empty where nothing is counted."""
        # A process reports at the end of a transaction, at most once a second.
        time.sleep(2)
        pairs = zip(self._now(), self.before, strict=True)
        return tuple(int(now - before) for now, before in pairs)

    def _now(self) -> tuple[int, ...]:
        if not self.address:
            return ()
        asked = f"SELECT {self.COLUMNS} FROM pg_stat_database WHERE datname = "  # noqa: S608 - a name of ours
        return command(self.address, f"{asked}'{self.name}'")


# --- Telling ----------------------------------------------------------------------


def workers_table(measured: Measured, pages: Sequence[Page], threads: int) -> str:
    """Rostrum against the constant view, both in workers with so many threads."""
    found = {
        (target.name, page): figures
        for (target, page), figures in measured.items()
        if target.threads == threads
    }
    rows = []
    for page in pages:
        ours, theirs = found[ROSTRUM, page], found[CONSTANT, page]
        ratios = _ratios(ours, theirs)
        rows.append(
            [
                page.title,
                report.number(page.bytes),
                report.spread(ours.rates),
                report.spread(theirs.rates),
                report.spread(ratios, 2),
                _met(ratios, BAR_CONSTANT),
                report.number(statistics.median(ours.p50), 1),
                report.number(statistics.median(ours.p99), 1),
            ]
        )
    heads = ["page", "bytes", "Rostrum, req/s", CONSTANT, "ratio", f"≥ {BAR_CONSTANT}"]
    return report.table([*heads, "p50 ms", "p99 ms"], rows)


def limits_table(measured: Measured, pages: Sequence[Page]) -> str:
    """Rostrum behind nginx's cache against nginx's own files, and the agenda rendered
    anew each time."""
    found = {
        (target.name, page): figures for (target, page), figures in measured.items()
    }
    rows = []
    for page in pages:
        kept, files = found[CACHE, page], found[FILES, page]
        anew = found.get((TEMPLATES, page))
        ratios = _ratios(kept, files)
        rows.append(
            [
                page.title,
                report.number(page.bytes),
                report.spread(kept.rates),
                report.spread(files.rates),
                report.spread(ratios, 2),
                _met(ratios, BAR_CACHE),
                report.spread(anew.rates, 1) if anew else "",
            ]
        )
    heads = ["page", "bytes", CACHE, FILES, "ratio", f"≥ {BAR_CACHE}", TEMPLATES]
    return report.table(heads, rows)


def _ratios(ours: Figures, theirs: Figures) -> list[float]:
    pairs = zip(ours.rates, theirs.rates, strict=True)
    return [mine / other if other else float("inf") for mine, other in pairs]


def _met(ratios: Sequence[float], bar: float) -> str:
    return "yes" if statistics.median(ratios) >= bar else "no"


def told_of(statements: tuple[int, ...], control: tuple[int, ...]) -> str:
    """What the database counted, in a sentence."""
    if not statements:
        return "The database was SQLite, which counts nothing."
    sessions, transactions, rows = statements
    return (
        f"PostgreSQL counted {sessions} sessions opened while all this was served (0 is "
        f"wanted), {transactions} transactions and {rows} rows read (its own cleaning "
        f"among them); one page of staff afterwards opened {control[0]}."
    )


# --- The command ------------------------------------------------------------------


def start_servers(
    stack: ExitStack, folder: Path, sessions: Sequence[large.Issued], threads: list[int]
) -> tuple[list[Page], list[Target]]:
    """Starts everything that is measured, until `stack` ends. Behind nginx there is a
    gunicorn of its own, which leaves documents to nginx."""
    answers = folder / "answers"
    answers.mkdir()

    def workers(application: str, count: int, **variables: str) -> int:
        started = gunicorn(
            folder,
            application,
            workers=WORKERS,
            threads=count,
            variables=variables,
        )
        return stack.enter_context(started).port

    targets = [Target(ROSTRUM, workers("config.wsgi", n), n) for n in threads]
    rostrum = targets[-1].port
    pages = [page for each in sessions for page in pages_of(each, rostrum, answers)]
    aside = {"BENCHMARK_ANSWERS": str(answers)}
    for count in threads:
        port = workers("like_for_like", count, **aside)
        targets.append(Target(CONSTANT, port, count))
    # By itself, and with nobody waiting: what it began would slow down the next server.
    port = workers("like_for_like", 1, **aside)
    targets.append(Target(TEMPLATES, port, connections=WORKERS))
    files = _files(answers, targets[0].ask(pages[0]))
    behind = workers("config.wsgi", threads[-1], **BEHIND_EXAMPLE)
    for name, site in ((FILES, files), (CACHE, example(behind))):
        targets.append(Target(name, stack.enter_context(nginx(folder, site)).port))
    return pages, targets


def _files(answers: Path, answer: Answer) -> str:
    """A site of files, which sends the safety headers of an answer too: on a page of
    a kilobyte they are half of what is sent."""
    sent = "".join(
        f'add_header {name} "{value}";'
        for name, value in answer.headers.items()
        if name not in {*OWN_HEADERS, *OF_THE_SERVER}
    )
    return f"server {{ listen {HOST}:PORT; root {answers}; gzip_static on; {sent} }}"


def serve(folder: Path, options: argparse.Namespace) -> str:
    """Sets everything up, measures, and gives what is to be told."""
    began = report.machine()
    sessions = [large.issue_small(), large.issue_large()]
    with ExitStack() as stack:
        pages, targets = start_servers(stack, folder, sessions, options.threads)
        pages = [page for page in pages if options.pages in page.title]
        refuse_differences(pages, targets)
        statements = Statements()
        measured = measure(pages, targets, options.rounds, options.seconds)
        counted, afterwards = statements.since(), Statements()
        ask(targets[0].port, "/admin/", Cookie="sessionid=" + "a" * 32)
        control = afterwards.since()
    how = f"{options.seconds} s, {options.rounds} rounds; medians (quartiles)."
    parts = ["## Serving", f"{began} wrk with {CONNECTIONS} connections, {how}"]
    for threads in options.threads:
        parts.append(f"gunicorn, {WORKERS} workers, threads in each: {threads}")
        parts.append(workers_table(measured, pages, threads))
    parts += ["nginx in front of it", limits_table(measured, pages)]
    return "\n\n".join([*parts, told_of(counted, control)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=1, help="of each load")
    parser.add_argument(
        "--threads", type=int, nargs="+", default=[1, 4], help="of each worker"
    )
    parser.add_argument(
        "--pages", default="", help="only those with this in their title: agenda"
    )
    parser.add_argument(
        "--write", action="store_true", help="the tables into docs/benchmarks.md"
    )
    options = parser.parse_args()
    need("wrk", "nginx")
    end_well()
    with own_place() as folder:
        told = serve(folder, options)
    print(told)
    if options.write:
        report.write("serving", told)


if __name__ == "__main__":
    main()
