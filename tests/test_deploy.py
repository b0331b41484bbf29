"""The examples in deploy/: nginx takes them, and does in front of gunicorn what they say."""

import contextlib
import gzip
import http.client
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import brotli
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client

from tests import crawl
from tests.editions import issue_three, withdraw
from tests.factories import issue_programmes, make_imprint, make_programme

DEPLOY = Path(django_settings.BASE_DIR) / "deploy"
# Where the second example begins.
EXPORTED = "# map $request_uri"
NAME = "programme.example.org"
NOTE = b"%PDF-1.7 " + b"a note " * 1000


def nginx_program():
    """Debian puts it where only the administrator's PATH leads; config/start.py unpacks
    one where none is installed."""
    unpacked = Path(django_settings.BASE_DIR) / "var/libraries/nginx/usr/sbin"
    folders = [
        os.environ.get("PATH", ""),
        "/usr/sbin",
        "/usr/local/sbin",
        str(unpacked),
    ]
    found = shutil.which("nginx", path=os.pathsep.join(folders))
    assert found, "nginx is not installed: `make check` sees that it is there"
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Front:
    """nginx with deploy/nginx.conf in a folder of its own, with or without gunicorn."""

    def __init__(self, folder, editions):
        self.folder, self.editions, self.port = folder, editions, free_port()
        self.running = {}
        (folder / "static").mkdir()
        (folder / "static/site.css").write_text("body { color: black }\n" * 100)
        self.configure(self._site())
        self.words = [nginx_program(), "-p", str(folder), "-c", "nginx.conf"]
        self.words += ["-e", "error.log"]

    def configure(self, site):
        """Writes the configuration: `site` within a whole one."""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        scratch = "".join(f"{kind}_temp_path {kind};\n" for kind in kinds)
        # A worker of another account could not read the folder of the test.
        user = "user root;\n" if os.geteuid() == 0 else ""
        types = "types { text/css css; text/html html; application/pdf pdf; }"
        (self.folder / "nginx.conf").write_text(
            f"{user}daemon off;\nworker_processes 1;\npid nginx.pid;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{scratch}{types}\n{site}}}\n"
        )

    def _site(self):
        text = (DEPLOY / "nginx.conf").read_text()
        site = text[: text.index(EXPORTED)]
        for there, here in {
            "    listen 80;\n    listen [::]:80;\n": (
                f"    listen 127.0.0.1:{self.port};\n"
            ),
            "/run/rostrum/web.sock": f"{self.folder}/web.sock",
            "/var/cache/rostrum": f"{self.folder}/cache",
            "/srv/rostrum/var/static/": f"{self.folder}/static/",
            "/srv/rostrum/var/editions/": f"{self.editions}/",
        }.items():
            assert site.count(there) == 1, there
            site = site.replace(there, here)
        return site

    def exported_site(self):
        """The example of a site of files, whose other addresses are Rostrum's."""
        text = (DEPLOY / "nginx.conf").read_text()
        begin = text.index("upstream rostrum {")
        upstream = text[begin : text.index("}", begin) + 1]
        commented = text[text.index(EXPORTED) :]
        site = "\n".join(line.removeprefix("# ") for line in commented.splitlines())
        alone = "        try_files $uri $uri/index.html =404;\n        # try_files"
        for there, here in {
            "    listen 80;\n    listen [::]:80;\n": (
                f"    listen 127.0.0.1:{self.port};\n"
            ),
            "/srv/site": f"{self.folder}/site",
            "/srv/rostrum/var/editions/": f"{self.editions}/",
            alone: "        try_files",
        }.items():
            assert site.count(there) == 1, there
            site = site.replace(there, here)
        return upstream.replace("/run/rostrum", str(self.folder)) + site

    def start_nginx(self):
        self.running["nginx"] = subprocess.Popen(self.words)
        self._wait(lambda: self.ask("/static/site.css").status == 200)

    def start_gunicorn(self):
        words = ["-m", "gunicorn", "config.wsgi:application", "--no-control-socket"]
        place = ["--bind", f"unix:{self.folder}/web.sock", "--log-level", "warning"]
        self.running["gunicorn"] = subprocess.Popen(
            [sys.executable, *words, *place],
            cwd=django_settings.BASE_DIR,
            env={
                **os.environ,
                "EDITIONS_FOLDER": str(self.editions),
                "DOCUMENTS_INTERNAL_PATH": "/_editions",
                "ALLOWED_HOSTS": NAME,
                "PUBLIC_URL": f"http://{NAME}",
                "BEHIND_PROXY": "true",
                "DATABASE_URL": f"sqlite:///{self.folder}/none.sqlite3",
            },
        )
        self._wait(lambda: self.ask("/healthz").status == 200)

    def stop_gunicorn(self):
        process = self.running.pop("gunicorn")
        process.terminate()
        process.wait(timeout=30)

    def stop(self):
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait(timeout=30)

    def ask(self, address, method="GET", body=None, **headers):
        """The answer, with its bytes as `content`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            said = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, address, body, {"Host": NAME, **said})
            answer = connection.getresponse()
            answer.content = answer.read()
            return answer

    def ask_until_it_is(self, kept, address):
        """The first answer that nginx gives in this state of the page that it keeps."""
        return self._wait(
            lambda: (
                answer
                if (answer := self.ask(address)).headers["X-Cache"] in kept.split()
                else None
            )
        )

    def ask_anew(self, address):
        """The answer once the one that is kept is over a second old."""
        return self.ask_until_it_is("EXPIRED REVALIDATED STALE", address)

    def _wait(self, condition):
        last = time.monotonic() + 60
        while time.monotonic() < last:
            with contextlib.suppress(OSError):
                if found := condition():
                    return found
            assert not any(process.poll() for process in self.running.values())
            time.sleep(0.05)
        raise AssertionError("it never came to be")


@pytest.fixture
def front(editions_folder):
    # Short: the name of a socket has at most 107 signs.
    folder = Path(tempfile.mkdtemp(prefix="rostrum-"))
    front = Front(folder, editions_folder)
    yield front
    front.stop()
    shutil.rmtree(folder)


@pytest.fixture
def served(front):
    """Three editions, served by nginx with gunicorn behind it."""
    front.standing = issue_three(documents={"note.pdf": NOTE})
    front.start_nginx()
    front.start_gunicorn()
    return front


@pytest.mark.nginx
def test_nginx_takes_the_example(front):
    tested = subprocess.run(
        [*front.words, "-t"], capture_output=True, text=True, check=False
    )

    assert tested.returncode == 0, tested.stderr
    assert "[warn]" not in tested.stderr


@pytest.mark.nginx
def test_page_is_kept_for_a_second_and_read_while_gunicorn_is_away(served):
    agenda = "/en/ocean/first/"

    first = served.ask(agenda)
    second = served.ask_until_it_is("HIT", agenda)

    assert (first.status, first.headers["X-Cache"]) == (200, "MISS")
    assert first.content == second.content
    assert second.headers["Cache-Control"] == "no-cache"
    assert served.ask(agenda, If_None_Match=first.headers["ETag"]).status == 304

    served.stop_gunicorn()
    stale = served.ask_anew(agenda)

    assert (stale.status, stale.headers["X-Cache"]) == (200, "STALE")
    assert stale.content == first.content
    assert served.ask("/en/ocean/first/people/").status == 502


@pytest.mark.nginx
def test_what_is_issued_or_withdrawn_is_read_once_the_second_is_over(served):
    agenda = "/en/ocean/first/"
    before = served.ask(agenda)

    changed = make_programme(title={"en": "The first of all sessions"})
    standing = issue_programmes((changed, make_imprint(1)))
    # The very next answer that is not of this second: none of an hour ago in between.
    after = served.ask_anew(agenda)
    withdraw(standing, 1)
    gone = served.ask_anew(agenda)

    assert b"The first of all sessions" not in before.content
    assert (after.status, gone.status) == (200, 410)
    assert b"The first of all sessions" in after.content


@pytest.mark.nginx
def test_each_coding_is_kept_by_itself_however_the_header_is_written(served):
    agenda = "/en/ocean/first/"
    plain = served.ask(agenda)

    seen = {
        accepted: served.ask(agenda, Accept_Encoding=accepted)
        for accepted in (
            "gzip, deflate, br, zstd",
            "br;q=1.0, gzip;q=0.8, *;q=0.1",
            "gzip, br;q=0",
            "gzip",
            "brotli, gzip;q=0",
            "deflate",
        )
    }

    assert plain.headers["Content-Encoding"] is None
    assert {
        accepted: answer.headers["Content-Encoding"]
        for accepted, answer in seen.items()
    } == {
        "gzip, deflate, br, zstd": "br",
        "br;q=1.0, gzip;q=0.8, *;q=0.1": "br",
        "gzip, br;q=0": "gzip",
        "gzip": "gzip",
        "brotli, gzip;q=0": None,
        "deflate": None,
    }
    kept = [path for path in (served.folder / "cache").rglob("*") if path.is_file()]
    assert len(kept) == 3
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
    assert {
        unpack[a.headers["Content-Encoding"]](a.content) for a in seen.values()
    } == {plain.content}
    assert plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.nginx
def test_what_depends_on_the_reader_is_never_kept(served):
    for wanted in ("fr", "ar"):
        led = served.ask("/", Accept_Language=wanted)
        assert (led.status, led.headers["Location"]) == (302, f"/{wanted}/")
        led = served.ask("/check/code3", Accept_Language=wanted)
        assert led.headers["Location"] == f"/{wanted}/check/code3/"
    for typed in ("code2", "code3"):
        led = served.ask(f"/en/check/?code={typed}")
        assert led.headers["Location"] == f"/en/check/{typed}/"
    assert served.ask("/healthz").headers["X-Cache"] is None
    assert served.ask("/admin/").headers["X-Cache"] is None


@pytest.mark.nginx
def test_document_is_sent_by_nginx_and_its_folder_is_closed(served):
    address = "/en/ocean/first/editions/3/note.pdf"
    digest = served.standing.editions[0].digest

    note = served.ask(address)

    assert (note.status, note.content) == (200, NOTE)
    assert note.headers["Content-Type"] == "application/pdf"
    assert note.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (
        note.headers["Content-Disposition"]
        == 'inline; filename="first-note-edition-3-en.pdf"'
    )
    assert (
        note.headers["ETag"] == f'"{served.standing.editions[0].documents[0].sha256}"'
    )
    assert note.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in note.headers["Content-Security-Policy"]
    assert served.ask(address, If_None_Match=note.headers["ETag"]).status == 304
    part = served.ask(address, Range="bytes=0-7")
    assert (part.status, part.content) == (206, NOTE[:8])
    # Only nginx says when a file was written: Rostrum has sent none.
    assert note.headers["Last-Modified"]
    for guess in (f"/_editions/{digest}/programme.json", "/_editions/current/"):
        assert served.ask(guess).status == 404


@pytest.mark.nginx
def test_static_files_come_from_their_folder(served):
    served.stop_gunicorn()

    style = served.ask("/static/site.css", Accept_Encoding="gzip")

    assert (style.status, style.headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(style.content).startswith(b"body { color: black }")
    assert style.headers["Cache-Control"] == "public, max-age=60"
    (served.folder / "static/site.css.gz").write_bytes(gzip.compress(b"made before"))
    style = served.ask("/static/site.css", Accept_Encoding="gzip")
    assert gzip.decompress(style.content) == b"made before"


@pytest.mark.nginx
def test_exported_site_is_served_to_the_byte_and_all_its_links_lead_somewhere(front):
    issue_three(documents={"note.pdf": NOTE})
    site = front.folder / "site"
    call_command("export_site", "first", str(site), stdout=io.StringIO())
    front.configure(front.exported_site())
    front.start_nginx()
    front.start_gunicorn()

    files = {
        f"/{path.relative_to(site)}".removesuffix("index.html"): path
        for path in site.rglob("[!.]*.*")
        if path.suffix not in {".br", ".gz"}
    }
    links = set()
    for address, path in files.items():
        served = front.ask(address)
        assert served.status == 200, address
        if not address.startswith("/static/"):
            assert served.content == crawl.ask(Client(), address).content, address
            assert served.headers["Content-Security-Policy"], address
        packed = path.with_name(f"{path.name}.gz")
        if packed.exists():
            compressed = front.ask(address, Accept_Encoding="gzip")
            assert compressed.content == packed.read_bytes(), address
        is_framed = address.endswith("/frame/")
        assert ("X-Frame-Options" in served.headers) != is_framed, address
        if address.endswith(".ics"):
            kind = served.headers["Content-Type"]
            assert kind == "text/calendar; charset=utf-8", address
        if address.endswith("/"):
            page = served.content.decode().replace(django_settings.PUBLIC_URL, "")
            links |= crawl.links_in(page, address)

    assert {"/en/ocean/first/note.pdf", "/en/ocean/first/editions/1/"} <= links
    assert "/en/ocean/first/note.pdf" in files
    assert "/en/ocean/first/editions/1/" not in files
    answered = {link: front.ask(link).status for link in links}
    assert {link for link, status in answered.items() if status not in {200, 302}} == (
        set()
    )


@pytest.mark.nginx
def test_upload_that_is_too_large_is_refused_before_it_is_read(served):
    headers = {"Content_Length": str(7 * 1024**2)}

    assert served.ask("/admin/", "POST", b"", **headers).status == 413


def test_units_and_environment_name_what_exists():
    example = (DEPLOY.parent / ".env.example").read_text()
    names = {
        line.partition("=")[0]
        for line in (DEPLOY / "rostrum.env").read_text().splitlines()
        if line and not line.startswith("#")
    }
    assert {name for name in names if f"{name}=" not in example} == set()
    assert "DOCUMENTS_INTERNAL_PATH" in names
    for unit in sorted(DEPLOY.glob("*.service")):
        lines = unit.read_text().splitlines()
        assert "EnvironmentFile=/etc/rostrum.env" in lines, unit
        assert "Restart=always" in lines, unit
        assert "NoNewPrivileges=true" in lines, unit
