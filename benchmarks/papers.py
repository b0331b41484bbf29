"""How long the procedural note takes to print, against what WeasyPrint alone takes for
the same HTML, and how composing and issuing grow: `python benchmarks/papers.py`.

The note is the demonstration's, then one of ten and of a hundred times its days. Both
sides print HTML with a fixed table layout to tagged PDF, with our fonts and a fetcher
that opens no network; Rostrum's also refuses what may not be printed and mends the tags.
They take turns in one process, so that a machine that slows down slows both; the median
of the ratios counts. The peak of memory is of one process for each side and size, which
prints once. Makes a database of its own and leaves nothing behind."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import report
from desk import make_session
from servers import ROOT, end_well, own_place

TIMES = (1, 10, 100)
SLOTS = (10, 100, 500)
# Of WeasyPrint's own time, at most.
BAR = 1.1
STATIC = ROOT / "static"


# --- Two ways to print ------------------------------------------------------------


def print_with_rostrum(html: str) -> bytes:
    """The PDF as Rostrum prints it."""
    from sessions_app.outputs.pdf import write_pdf

    return write_pdf(html, identifier="benchmark")[0]


def print_with_weasyprint(html: str) -> bytes:
    """The PDF as the library prints it when nothing is asked of it but that it be
    tagged."""
    os.environ["FONTCONFIG_FILE"] = str(STATIC / "fonts" / "fonts.conf")
    import weasyprint

    document = weasyprint.HTML(
        string=html, base_url=f"{STATIC.as_uri()}/", url_fetcher=_fetch
    )
    data: bytes = document.write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=b"benchmark"
    )
    return data


def _fetch(address: str) -> Any:
    import weasyprint.urls

    if not address.startswith(STATIC.as_uri()):
        return weasyprint.urls.URLFetcher(allowed_protocols={"data"}).fetch(address)
    path = Path(address.removeprefix("file://"))
    kind = {".css": "text/css", ".svg": "image/svg+xml"}.get(path.suffix, "")
    headers = {"Content-Type": kind or "application/octet-stream"}
    return weasyprint.urls.URLFetcherResponse(address, path.read_bytes(), headers)


SIDES: dict[str, Callable[[str], bytes]] = {
    "rostrum": print_with_rostrum,
    "weasyprint": print_with_weasyprint,
}


# --- In processes of their own ----------------------------------------------------


def print_in_turns(file: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of each side, by round; which one is first changes from round to round."""
    html = file.read_text()
    seconds: dict[str, list[float]] = {name: [] for name in SIDES}
    for turn in range(rounds):
        order = list(SIDES) if turn % 2 else list(reversed(SIDES))
        for name in order:
            begun = time.perf_counter()
            SIDES[name](html)
            seconds[name].append(time.perf_counter() - begun)
    return seconds


def print_once(file: Path, side: str) -> dict[str, float]:
    """MiB before printing and at most, bytes and pages of the PDF."""
    html = file.read_text()
    before = peak()
    data = SIDES[side](html)
    most = peak()
    from sessions_app.outputs import pages

    return {"before": before, "peak": most, "bytes": len(data), "pages": pages(data)}


def peak() -> float:
    """The most memory that this process ever held, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("/proc/self/status tells no peak of memory.")


def child(*words: str) -> Any:
    """What this file says when it is called so, in a process of its own."""
    said = subprocess.run(
        [sys.executable, __file__, "--child", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode:
        raise SystemExit(f"Printing failed: {said.stderr[-2000:]}")
    return json.loads(said.stdout)


def be_child(side: str, file: str, rounds: str) -> None:
    """Prints, and says the figures as JSON."""
    import django

    # Both sides pay for it, so that their peaks can be compared.
    django.setup()
    if side == "both":
        # The first print of a process reads what the others find read.
        print_in_turns(Path(file).with_name("1.html"), 1)
        print(json.dumps(print_in_turns(Path(file), int(rounds))))
    else:
        print(json.dumps(print_once(Path(file), side)))


# --- What is printed --------------------------------------------------------------


def notes(folder: Path) -> dict[int, Path]:
    """The HTML of the demonstration's note, by how many times its days it has."""
    from sessions_app import mirror
    from sessions_app.demonstration import load_demonstration
    from sessions_app.outputs.note_pdf import render_html

    load_demonstration()
    standing = mirror.standing("global-compact-migration", "third-thematic-session")
    card = standing and standing.edition()
    if card is None:
        raise SystemExit("The demonstration was not issued.")
    programme = mirror.programme(card)
    files = {}
    for times in TIMES:
        files[times] = folder / f"{times}.html"
        html = render_html(multiplied(programme, times), card.imprint, "en")
        files[times].write_text(html)
    return files


def multiplied(programme: Any, times: int) -> Any:
    """The programme with its days so many times, one run after the other."""
    days = []
    for turn in range(times):
        for day in programme.days:
            later = dt.timedelta(days=turn * len(programme.days))
            slots = tuple(
                slot.model_copy(update={"code": f"{slot.code}-{turn}"})
                for slot in day.slots
            )
            changed = {"date": day.date + later, "number": len(days) + 1}
            days.append(day.model_copy(update={**changed, "slots": slots}))
    return programme.model_copy(
        update={"days": tuple(days), "ends_on": days[-1].date},
    )


# --- Telling ----------------------------------------------------------------------


def printing_table(files: dict[int, Path], rounds: int) -> str:
    """Rostrum and WeasyPrint, by size. The days once are printed in five times the
    rounds: a third of a second is told badly. A hundred times the days are printed in a
    quarter of them: it takes a minute each time."""
    rows = []
    for times, file in files.items():
        many = {1: 5 * rounds, 100: max(1, rounds // 4)}.get(times, rounds)
        seconds = child("both", str(file), str(many))
        pairs = zip(seconds["rostrum"], seconds["weasyprint"], strict=True)
        ratios = [ours / theirs for ours, theirs in pairs]
        ours, theirs = (child(side, str(file), "1") for side in SIDES)
        rows.append(
            [
                f"× {times}",
                report.number(ours["pages"]),
                report.spread(seconds["rostrum"], 2),
                report.spread(seconds["weasyprint"], 2),
                report.spread(ratios, 3),
                "yes" if statistics.median(ratios) <= BAR else "no",
                f"{ours['peak']:.0f} ({ours['before']:.0f})",
                f"{theirs['peak']:.0f} ({theirs['before']:.0f})",
                report.number(ours["bytes"]),
                report.number(theirs["bytes"]),
            ]
        )
        print(f"printed × {times}", flush=True)
    heads = ["days", "pages", "Rostrum s", "WeasyPrint s", "ratio", f"≤ {BAR}"]
    heads += ["Rostrum peak MiB (before)", "WeasyPrint peak MiB (before)"]
    return report.table([*heads, "Rostrum bytes", "WeasyPrint bytes"], rows)


def issuing_table(rounds: int) -> str:
    """Composing and issuing in one language, by slots; each slot is a panel of four
    people with a concept of two paragraphs."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from sessions_app import publishing
    from sessions_app.compose import compose
    from sessions_app.issuing import issue

    rows = []
    for slots in SLOTS:
        session = make_session(slots)
        seconds = [_seconds(compose, session) for _round in range(rounds)]
        with CaptureQueriesContext(connection) as queries:
            compose(session)
        taken = _seconds(issue, session, by=None, reason="Measured.")
        standing = publishing.standing_of(session)
        rows.append(
            [
                f"{slots} slots",
                report.number(4 * slots),
                report.spread([1000 * value for value in seconds], 1),
                str(len(queries)),
                report.number(taken, 1),
                str(standing.edition().documents[0].pages),
            ]
        )
        print(f"issued {slots} slots", flush=True)
    heads = ["size", "people", "compose ms", "queries", "issue s", "pages of the note"]
    return report.table(heads, rows)


def _seconds(act: Callable[..., Any], *values: Any, **named: Any) -> float:
    begun = time.perf_counter()
    act(*values, **named)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument(
        "--times", type=int, default=TIMES[-1], help="at most so many times the days"
    )
    parser.add_argument(
        "--write", action="store_true", help="the tables into docs/benchmarks.md"
    )
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        be_child(*options.child)
        return
    end_well()
    with own_place() as folder:
        began = report.machine()
        files = {
            times: file
            for times, file in notes(folder).items()
            if times <= options.times
        }
        printed = printing_table(files, options.rounds)
        issued = issuing_table(options.rounds)
    how = f"{options.rounds} rounds; medians (quartiles)."
    told = "\n\n".join(["## Printing and issuing", f"{began} {how}", printed, issued])
    print(told)
    if options.write:
        report.write("papers", told)


if __name__ == "__main__":
    main()
