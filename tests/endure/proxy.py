"""A way to the database that can be cut: between the application and PostgreSQL stands
this, and the machine's own server is left alone."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable, Iterator


class Proxy:
    """Passes TCP connections on while it is "open"; "refused": nobody listens, and what
    was connected is closed; "hung": everything is accepted, and nothing is answered."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server
        self.door: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self.address = self.door.getsockname()
        self.is_hung = False
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.door, selectors.EVENT_READ)
        self.others: dict[socket.socket, socket.socket] = {}
        self.orders: list[tuple[Callable[[], None], threading.Event]] = []
        self.is_stopping = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def become(self, state: str) -> None:
        """Gives when it is so."""
        change = {"open": self._open, "refused": self._refuse, "hung": self._hang}
        self._do(change[state])

    def close(self) -> None:
        self._do(self._refuse)
        self.is_stopping = True
        self.thread.join(timeout=10)
        self.selector.close()

    def _do(self, order: Callable[[], None]) -> None:
        done = threading.Event()
        self.orders.append((order, done))
        assert done.wait(10)

    def _open(self) -> None:
        self.is_hung = False
        if self.door is None:
            self.door = socket.create_server(self.address)
            self.selector.register(self.door, selectors.EVENT_READ)

    def _refuse(self) -> None:
        self.is_hung = False
        if self.door is not None:
            self.selector.unregister(self.door)
            self.door.close()
            self.door = None
        for end in list(self.others):
            self._part(end)

    def _hang(self) -> None:
        self._open()
        self.is_hung = True

    def _run(self) -> None:
        while not self.is_stopping:
            # Orders are looked for so often; while it hangs nothing else is done.
            seconds = 0.01
            if self.is_hung or not self.selector.get_map():
                threading.Event().wait(seconds)
            else:
                for key, _events in self.selector.select(seconds):
                    self._serve(key.fileobj)
            while self.orders:
                order, done = self.orders.pop(0)
                order()
                done.set()

    def _serve(self, ready: socket.socket) -> None:
        if ready is self.door:
            self._connect(ready.accept()[0])
        elif ready in self.others:
            try:
                said = ready.recv(65536)
                self.others[ready].sendall(said)
            except OSError:
                said = b""
            if not said:
                self._part(ready)

    def _connect(self, client: socket.socket) -> None:
        server = socket.create_connection(self.server)
        self.others |= {client: server, server: client}
        for end in (client, server):
            self.selector.register(end, selectors.EVENT_READ)

    def _part(self, end: socket.socket) -> None:
        other = self.others.pop(end, None)
        if other is None:
            return
        del self.others[other]
        for each in (end, other):
            self.selector.unregister(each)
            each.close()


@contextlib.contextmanager
def proxy_to(server: tuple[str, int]) -> Iterator[Proxy]:
    proxy = Proxy(server)
    try:
        yield proxy
    finally:
        proxy.close()
