"""Tables of figures, printed as they are written into docs/benchmarks.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
_HEAD = "# Measured\n"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, padded so that it can be read as it is; all columns but the
    first are figures."""
    lines = [heads, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]

    def line_of(cells: Sequence[str]) -> str:
        first, *others = cells
        padded = [first.ljust(widths[0])]
        padded += [
            cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]
    return "\n".join([line_of(heads), f"|{'|'.join(rule)}|", *map(line_of, rows)])


def number(value: float, digits: int = 0) -> str:
    """ "12,345" or, with two digits, "0.98"."""
    return f"{value:,.{digits}f}"


def spread(values: Sequence[float], digits: int = 0) -> str:
    """The median and, between brackets, the quartiles: "1,234 (1,200–1,260)"."""
    middle = number(statistics.median(values), digits)
    if len(values) < 2:
        return middle
    low, _middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle} ({number(low, digits)}–{number(high, digits)})"


def at(values: Sequence[float], share: float) -> float:
    """The value below which so large a share of `values` lies: 0.99 for p99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """On what and when it was measured, and how busy the machine was before."""
    import django

    cpuinfo = Path("/proc/cpuinfo")
    names = (
        re.findall(r"model name\s*: (.*)", cpuinfo.read_text())
        if cpuinfo.exists()
        else []
    )
    processor = names[0] if names else platform.machine()
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    versions = [
        f"Python {platform.python_version()}",
        f"Django {django.get_version()}",
        *(
            f"{name} {found}"
            for name in ("gunicorn", "weasyprint")
            if (found := _of(name))
        ),
        *([_nginx()] if _nginx() else []),
    ]
    return (
        f"{dt.datetime.now(dt.UTC):%d %B %Y, %H:%M} UTC; {os.cpu_count()} × {processor}, "
        f"{platform.system()} {platform.release()}; {', '.join(versions)}. "
        f"Load when it began: {load}."
    )


def _of(package: str) -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _nginx() -> str:
    try:
        said = subprocess.run(
            ["nginx", "-v"], capture_output=True, text=True, check=False
        ).stderr
    except OSError:
        return ""
    return said.rpartition(":")[2].strip().replace("/", " ")


def write(name: str, body: str) -> None:
    """Puts `body` into docs/benchmarks.md in the place of what the benchmark `name`
    wrote there before; whatever else is there stays."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    text = DOCUMENT.read_text() if DOCUMENT.exists() else _HEAD
    before, found, rest = text.partition(begin)
    after = rest.partition(end)[2] if found else "\n"
    DOCUMENT.write_text(f"{before.rstrip()}\n\n{begin}\n{body}\n{end}{after}")
    print(f"\nWritten into {DOCUMENT}")
