"""Where processes come from: one that has loaded everything is copied for each.

What is born is a process like any other, with connections, memory and an end of its
own, and is there in a few milliseconds. Started as `python -m tests.endure.nursery FD`
with the environment of a server; FD is a socket on which it is asked for processes."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

_LONGEST_ORDER = 4096


class Born:
    """A process that was born in a nursery: the part of subprocess.Popen that tests
    use of it. `returncode` is negative for the signal that ended it."""

    def __init__(self, nursery: socket.socket, order: dict[str, Any]) -> None:
        pipes = [os.pipe() for _ in range(4)]
        (stdin, self._in), *rest = pipes
        theirs = [stdin, *(write for _read, write in rest)]
        socket.send_fds(nursery, [json.dumps(order).encode()], theirs)
        for end in theirs:
            os.close(end)
        self.stdin: IO[str] = os.fdopen(self._in, "w")
        self.stdout, self.stderr, self._status = (
            os.fdopen(read, "r") for read, _write in rest
        )
        self.pid = int(self._status.readline())
        self.returncode: int | None = None

    def wait(self, timeout: float) -> int:
        """How it ended; raises TimeoutExpired when it did not."""
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            self.returncode = int(self._status.readline())
        return self.returncode

    def kill(self) -> None:
        """kill -9, unless it ended before."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def communicate(self) -> tuple[str, str]:
        """All that it says and complains of until its end."""
        self.stdin.close()
        said = self.stdout.read(), self.stderr.read()
        self.wait(60)
        return said

    def close(self) -> None:
        """Ends it and forgets what it says."""
        self.kill()
        self.wait(60)
        for pipe in (self.stdout, self.stderr, self._status):
            pipe.close()
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()


class Nursery:
    """A process that has loaded everything and opened nothing."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.endure.nursery", str(theirs.fileno())],
            cwd=folder,
            env=environment,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def bear(self, order: dict[str, Any]) -> Born:
        """A new process that follows an Order, see tests.endure.issuer."""
        return Born(self._socket, order)

    def close(self) -> None:
        """Ends it; what was born there goes on."""
        self._socket.close()
        self._process.wait(timeout=60)


# --- In the nursery itself ------------------------------------------------------------


def main() -> None:
    from tests.endure import issuer

    issuer.load()
    # Whoever keeps a process ends without anybody waiting for it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked = socket.socket(fileno=int(sys.argv[1]))
    while True:
        order, pipes, _flags, _address = socket.recv_fds(asked, _LONGEST_ORDER, 4)
        if not order:
            return
        if os.fork() == 0:
            asked.close()
            keep(json.loads(order), *pipes)
        for pipe in pipes:
            os.close(pipe)


def keep(order: dict[str, Any], *pipes: int) -> None:
    """Starts the process and says, in lines, its number and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, status = pipes
    pid = os.fork()
    if pid == 0:
        os.close(status)
        live(order, standard)
    for pipe in standard:
        os.close(pipe)
    os.write(status, f"{pid}\n".encode())
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(status, f"{ended}\n".encode())
    os._exit(0)


def live(order: dict[str, Any], standard: list[int]) -> None:
    """Follows the order on its own standard input and output, to the end."""
    from tests.endure import issuer

    for number, pipe in enumerate(standard):
        os.dup2(pipe, number)
        os.close(pipe)
    try:
        issuer.follow(issuer.Order(**order))
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - it is told, and the copy ends here
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
