"""Readers: clients of HTTP/1.1 that keep their connection and what they have read, as
browsers do. Standard library's asyncio; they share the machine with the server, so that
their own work is in every figure."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import time
from dataclasses import dataclass, field

import brotli
from servers import HOST

SECONDS_TO_WAIT = 30
# What browsers, older programs and scripts say that they take.
BROWSER = "gzip, deflate, br, zstd"
CODINGS = (BROWSER, "gzip, deflate", "identity")
_UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress}


@dataclass(frozen=True)
class Read:
    """One answer: its status, ETag, the bytes of its body and when it was whole, and
    the seconds since it was asked for."""

    status: int
    etag: str
    coding: str
    content: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body, unpacked."""
        return _UNPACKED.get(self.coding, bytes)(self.content).decode()


@dataclass
class Reader:
    """One reader at a server on loopback, who takes the `coding`."""

    number: int
    port: int
    coding: str = BROWSER
    etags: dict[str, str] = field(default_factory=dict)
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def connect(self) -> None:
        """Opens the connection, if it is not open."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(HOST, self.port)

    async def ask(self, path: str) -> Read:
        """One answer; 304 where the reader has the page as it is. Raises OSError,
        EOFError, ValueError and TimeoutError when there is none."""
        begun = time.perf_counter()
        async with asyncio.timeout(SECONDS_TO_WAIT):
            try:
                await self.connect()
                return await self._exchange(path, begun)
            except BaseException:
                self.close()
                raise

    @classmethod
    def of_all_kinds(cls, count: int, port: int) -> list[Reader]:
        """So many readers, one after the other of each kind of program."""
        return [cls(each, port, CODINGS[each % len(CODINGS)]) for each in range(count)]

    def close(self) -> None:
        """Drops the connection."""
        if self.streams is not None:
            with contextlib.suppress(OSError):
                self.streams[1].close()
        self.streams = None

    async def _exchange(self, path: str, begun: float) -> Read:
        reading, writing = self.streams
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {HOST}",
            f"Accept-Encoding: {self.coding}",
        ]
        if path in self.etags:
            lines.append(f"If-None-Match: {self.etags[path]}")
        writing.write("\r\n".join([*lines, "", ""]).encode())
        head = (await reading.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *others = head.splitlines()
        status = int(first.split()[1])
        pairs = (line.partition(":") for line in others if line)
        headers = {name.lower(): value.strip() for name, _colon, value in pairs}
        size = 0 if status == 304 else int(headers["content-length"])
        content = await reading.readexactly(size)
        if headers.get("connection") == "close":
            self.close()
        etag = headers.get("etag", "")
        if status == 200:
            self.etags[path] = etag
        coding = headers.get("content-encoding", "")
        return Read(status, etag, coding, content, time.perf_counter() - begun)
