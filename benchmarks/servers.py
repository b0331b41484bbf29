"""What a benchmark starts for itself: a database, gunicorn, nginx, each ended and taken
away when the `with` block ends. Everything listens on loopback, on ports that were
free."""

from __future__ import annotations

import contextlib
import getpass
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

BENCHMARKS = Path(__file__).resolve().parent
ROOT = BENCHMARKS.parent
sys.path.insert(0, str(ROOT))

HOST = "127.0.0.1"
SECONDS_TO_ANSWER = 60


# --- Before all else --------------------------------------------------------------


def need(*programs: str) -> None:
    """Ends with a sentence when a program is missing."""
    for program in programs:
        if not shutil.which(program):
            raise SystemExit(
                f"{program} is missing; on Debian: apt-get install --no-install-recommends "
                f"{'nginx-light' if program == 'nginx' else program}."
            )


def end_well() -> None:
    """Makes a request to end (SIGTERM) unwind every `with` block, as Ctrl-C does."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        sys.exit("Ended on request.")

    signal.signal(signal.SIGTERM, stop)


@contextlib.contextmanager
def own_place(**variables: str) -> Iterator[Path]:
    """A folder for everything that a benchmark writes, and Django set up on an empty
    database: one of its own on the PostgreSQL server that DATABASE_URL names, SQLite in
    the folder otherwise. `variables` are added to the environment."""
    with (
        tempfile.TemporaryDirectory(prefix="rostrum-benchmark-") as name,
        _own_database(Path(name)) as address,
    ):
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": address,
            "EDITIONS_FOLDER": f"{name}/editions",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": f"{HOST},testserver",
            "PUBLIC_URL": f"http://{HOST}:8000",
            "DEBUG": "false",
            "HTTPS": "false",
            "BEHIND_PROXY": "false",
            "CACHE_URL": "locmemcache://",
            "EDITIONS_MEMORY_MIB": "64",
            **variables,
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield Path(name)


@contextlib.contextmanager
def _own_database(folder: Path) -> Iterator[str]:
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield f"sqlite:///{folder}/benchmark.sqlite3"
        return
    name = f"rostrum_benchmark_{os.getpid()}"
    command(server, f"CREATE DATABASE {name}")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        command(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def command(server: str, statement: str) -> tuple[int, ...]:
    """Says one statement in the maintenance database of a PostgreSQL server; gives the
    row that it answers, if any."""
    import psycopg2

    address = urlsplit(server)._replace(scheme="postgresql", path="/postgres").geturl()
    with contextlib.closing(psycopg2.connect(address, connect_timeout=5)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchone() or ()) if cursor.description else ()


# --- Servers ----------------------------------------------------------------------


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((HOST, 0)) as door:
        port: int = door.getsockname()[1]
    return port


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, its process and the file of its log."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def processes(self) -> list[int]:
        """The process and its children, by their ids."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [pid, *(int(child) for child in children.split())]


@contextlib.contextmanager
def gunicorn(
    folder: Path,
    application: str,
    *,
    workers: int,
    threads: int,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """gunicorn with an application (module:name; of this folder, or Rostrum's), whose
    workers have so many threads; with one they are its "sync" workers."""
    port = free_port()
    words = [
        *("--bind", f"{HOST}:{port}", "--workers", str(workers)),
        *("--threads", str(threads), "--pythonpath", str(BENCHMARKS)),
        *("--log-level", "warning", "--no-control-socket"),
    ]
    started = [sys.executable, "-m", "gunicorn", application, *words]
    log = folder / f"gunicorn-{port}.log"
    with _started(started, port, log, {**os.environ, **(variables or {})}) as server:
        yield server


@contextlib.contextmanager
def nginx(folder: Path, sites: str) -> Iterator[Server]:
    """nginx with `sites`, the lines of its http block that listen; the first `listen`
    must be on the port PORT, which is filled in."""
    port = free_port()
    own = Path(tempfile.mkdtemp(prefix="nginx-", dir=folder))
    # The workers of a server that root started could not read our folder.
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = "\n".join(f"  {kind}_temp_path {own}/{kind};" for kind in kinds)
    configuration = own / "nginx.conf"
    configuration.write_text(
        f"""{user}
daemon off;
worker_processes auto;
pid {own}/nginx.pid;
error_log {own}/error.log warn;
events {{ worker_connections 4096; }}
http {{
{scratch}
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  include /etc/nginx/mime.types;
{sites.replace("PORT", str(port)).replace("OWN", str(own))}
}}
"""
    )
    started = ["nginx", "-e", f"{own}/error.log", "-p", str(own), "-c"]
    log = own / "said.log"
    with _started([*started, str(configuration)], port, log, dict(os.environ)) as one:
        yield one


def example(upstream: int) -> str:
    """The site of deploy/nginx.conf, as it is shipped, in front of Rostrum on the port
    `upstream`, which must have DOCUMENTS_INTERNAL_PATH as there."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    site = text.partition("# An exported site")[0]
    for there, here in {
        "    listen 80;\n    listen [::]:80;\n": (
            f"    listen {HOST}:PORT backlog=2048;\n"
        ),
        "unix:/run/rostrum/web.sock": f"{HOST}:{upstream}",
        "/var/cache/rostrum": "OWN/cache",
        "/srv/rostrum/var/static/": f"{ROOT}/static/",
        "/srv/rostrum/var/editions/": f"{os.environ['EDITIONS_FOLDER']}/",
    }.items():
        if site.count(there) != 1:
            raise SystemExit(f"deploy/nginx.conf says something else than {there!r}.")
        site = site.replace(there, here)
    return site


BEHIND_EXAMPLE = {"DOCUMENTS_INTERNAL_PATH": "/_editions"}


def passing_on(upstream: int) -> str:
    """A site that keeps nothing and passes everything on to the port `upstream`."""
    return f"""
  upstream rostrum {{ server {HOST}:{upstream}; keepalive 16; }}
  server {{
    listen {HOST}:PORT backlog=2048;
    location / {{
      proxy_pass http://rostrum;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
    }}
  }}
"""


@contextlib.contextmanager
def _started(
    words: list[str], port: int, log: Path, environment: dict[str, str]
) -> Iterator[Server]:
    with (
        log.open("wb") as lines,
        subprocess.Popen(
            words, cwd=ROOT, env=environment, stdout=lines, stderr=lines
        ) as process,
    ):
        server = Server(port, process, log)
        try:
            _wait_for(server)
            yield server
        finally:
            _end(process)


def _wait_for(server: Server) -> None:
    until = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < until and server.process.poll() is None:
        # A connection would not tell: gunicorn listens before its workers are there.
        with contextlib.suppress(OSError, http.client.HTTPException):
            ask(server.port, "/healthz")
            return
        time.sleep(0.1)
    raise SystemExit(f"A server did not start: {server.log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()


# --- Asking -----------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes


def ask(port: int, path: str, **headers: str) -> Answer:
    """One answer on a connection of its own; `headers` with underscores for hyphens."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    with contextlib.closing(connection):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Accept-Encoding": "identity", **told})
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
