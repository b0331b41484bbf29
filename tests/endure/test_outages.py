"""The database or Redis away, stopped in the middle, and back: a real web server of two
processes with two threads each, with readers and somebody at the desk meanwhile."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psycopg2
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from sessions_app.issuing import issue
from sessions_app.models import Session
from tests.desk import page_of
from tests.endure.proxy import proxy_to
from tests.forms import typed
from tests.processes import environment_of_process

PUBLIC = (
    "/en/",
    "/fr/ocean/first/",
    "/ar/ocean/first/",
    "/en/ocean/first/note.pdf",
    "/en/ocean/first/programme.json",
    "/healthz",
)
# The limits that are promised, in seconds.
TOLD_WITHIN = 2
BACK_WITHIN = 5


@contextlib.contextmanager
def serving(log, **environment):
    """The web server on what this test has made; gives its address."""
    command = "-m gunicorn --workers=2 --threads=2 --no-control-socket config.wsgi"
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        log.open("a") as lines,
        subprocess.Popen(
            [sys.executable, *command.split(), "--bind", f"fd://{door.fileno()}"],
            cwd=settings.BASE_DIR,
            env=environment_of_process() | environment,
            pass_fds=[door.fileno()],
            stderr=lines,
        ) as server,
    ):
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.terminate()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


_opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))


def fetch(address, cookies="", form=None):
    """The answer, and how many seconds it took."""
    body = None if form is None else urllib.parse.urlencode(form, doseq=True).encode()
    request = urllib.request.Request(address, body, {"Cookie": cookies})  # noqa: S310
    began = time.monotonic()
    try:
        answer = _opener.open(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        content = answer.read()
    seconds = time.monotonic() - began
    return SimpleNamespace(
        status=answer.status, headers=answer.headers, content=content, seconds=seconds
    )


class Readers:
    """Two readers who ask for public pages one after the other, until they are left."""

    def __init__(self, server):
        self.statuses = Counter()
        self.longest = 0.0
        self._left = threading.Event()
        self._threads = [
            threading.Thread(target=self._read, args=[server], daemon=True)
            for _ in range(2)
        ]

    def _read(self, server):
        number = 0
        while not self._left.is_set():
            try:
                answer = fetch(server + PUBLIC[number % len(PUBLIC)])
                self.statuses[answer.status] += 1
                self.longest = max(self.longest, answer.seconds)
            except OSError as error:
                self.statuses[repr(error)] += 1
            number += 1
            # A reader, and not a load: two cores serve and ask.
            self._left.wait(0.01)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._left.set()
        for thread in self._threads:
            thread.join(timeout=30)


class Desk:
    """Somebody signed in, with the page of a session open and a title typed."""

    def __init__(self, issuer, session):
        issuer.is_staff = issuer.is_superuser = True
        issuer.set_password("long and known")
        issuer.save()
        client = Client()
        client.force_login(issuer)
        self.page = page_of(session)
        self.session = session
        self.cookies = f"sessionid={client.cookies['sessionid'].value}"
        self.form = {}

    def open_the_page(self, server):
        answer = fetch(server + self.page, self.cookies)
        assert answer.status == 200
        token = re.search(r"csrftoken=(\w+)", answer.headers["Set-Cookie"])[1]
        self.cookies = f"{self.cookies}; csrftoken={token}"
        self.form = typed(answer) | {"csrfmiddlewaretoken": token}

    def type(self, title):
        self.form["title_en"] = title

    def save(self, server):
        return fetch(server + self.page, self.cookies, self.form)

    def look(self, server):
        """The answers to all that somebody does."""
        pages = ("/admin/login/", "/admin/", self.page)
        answers = [fetch(server + page, self.cookies) for page in pages]
        if self.form:
            answers.append(self.save(server))
        return answers

    def sign_in(self, server):
        page = fetch(server + "/admin/login/")
        token = re.search(r"csrftoken=(\w+)", page.headers["Set-Cookie"])[1]
        form = typed(page) | {"username": "issuer", "password": "long and known"}
        form["csrfmiddlewaretoken"] = token
        return fetch(server + "/admin/login/", f"csrftoken={token}", form)

    def saved_title(self):
        return Session.objects.get(pk=self.session.pk).title["en"]


@pytest.fixture
def desk(guarded, session, issuer):
    issue(session, by=issuer)
    return Desk(issuer, session)


def check_staff_are_told(desk, server, seconds):
    """Asserts that for so long staff get nothing but the plain page, and soon; gives how
    many there were, and how long the slowest took."""
    last = time.monotonic() + seconds
    answers = []
    # As many at once as there are threads, so that they could hold them all.
    with ThreadPoolExecutor(4) as people:
        while not answers or time.monotonic() < last:
            for looked in people.map(desk.look, [server] * 4):
                answers += looked
    assert Counter(answer.status for answer in answers) == {503: len(answers)}
    assert {answer.headers["Retry-After"] for answer in answers} == {"10"}
    assert all(b"cannot be shown just now" in answer.content for answer in answers)
    slowest = max(answer.seconds for answer in answers)
    assert slowest <= TOLD_WITHIN
    return len(answers), slowest


def seconds_until_it_works(desk, server):
    """How long it takes until staff pages come, and go on coming, from both processes."""
    began = time.monotonic()
    taken, in_a_row = 0.0, 0
    while in_a_row < 8:
        answer = fetch(server + "/admin/", desk.cookies)
        if answer.status == 200:
            in_a_row += 1
        else:
            taken, in_a_row = time.monotonic() - began, 0
        assert taken <= BACK_WITHIN, answer.status
    return taken


@contextlib.contextmanager
def a_way_to_the_database():
    """A proxy to PostgreSQL, and the address of the database through it."""
    address = urllib.parse.urlsplit(environment_of_process()["DATABASE_URL"])
    with proxy_to((address.hostname, address.port or 5432)) as proxy:
        account = address.netloc.rpartition("@")[0]
        host, port = proxy.address
        through = address._replace(netloc=f"{account}@{host}:{port}")
        yield proxy, through.geturl()


on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite is a file, and not a server"
)


@on_postgresql
@pytest.mark.parametrize("outage", ["refused", "hung"])
def test_database_goes_away_and_comes_back(outage, desk, tmp_path, report, rounds):
    seconds = rounds(60)
    with (
        a_way_to_the_database() as (proxy, address),
        serving(tmp_path / "log", DATABASE_URL=address) as server,
    ):
        desk.open_the_page(server)
        # Each thread of each process has its connection.
        seconds_until_it_works(desk, server)
        desk.type(f"Typed while it is {outage}")
        with Readers(server) as readers:
            proxy.become(outage)
            told, slowest = check_staff_are_told(desk, server, seconds)
            refused = desk.save(server)
            proxy.become("open")
            back = seconds_until_it_works(desk, server)
        saved = desk.save(server)

    assert set(readers.statuses) == {200}
    # What was typed is sent again by loading the page again.
    assert b"What you typed is not lost." in refused.content
    assert saved.status == 302
    assert desk.saved_title() == f"Typed while it is {outage}"
    report(
        f"database {outage} for {seconds} s: {readers.statuses.total()} public answers, "
        f"all 200, the slowest in {readers.longest:.2f} s; {told} answers to staff, all "
        f"503, the slowest in {slowest:.2f} s; staff work {back:.2f} s after its return"
    )


@on_postgresql
@pytest.mark.parametrize("outage", ["refused", "hung"])
def test_application_is_started_while_the_database_is_away(
    outage, desk, tmp_path, report, rounds
):
    seconds = rounds(30)
    with a_way_to_the_database() as (proxy, address):
        proxy.become(outage)
        with serving(tmp_path / "log", DATABASE_URL=address) as server:
            assert fetch(f"{server}/healthz").status == 200
            with Readers(server) as readers:
                # Each process reads its pages in when it is first asked for one, with
                # a database or without; that is not waiting for it.
                first = [answer for _ in range(4) for answer in desk.look(server)]
                assert {answer.status for answer in first} == {503}
                told, slowest = check_staff_are_told(desk, server, seconds)
                proxy.become("open")
                back = seconds_until_it_works(desk, server)
            assert desk.sign_in(server).status == 302

    assert set(readers.statuses) == {200}
    report(
        f"started while the database is {outage}, for {seconds} s: "
        f"{readers.statuses.total()} public answers, all 200; {told} answers to staff, "
        f"all 503, the slowest in {slowest:.2f} s; staff work {back:.2f} s after it came"
    )


@on_postgresql
def test_statement_waits_for_a_stopped_server_without_a_limit_of_ours(report):
    """What libpq and the network have does not end it: a stopped process has a machine
    that acknowledges."""
    options = dict(settings.DATABASES["default"]["OPTIONS"])
    options |= {"tcp_user_timeout": 1_000, "keepalives_idle": 1}
    options |= {"keepalives_interval": 1, "keepalives_count": 1}
    answers = []

    def ask(cursor):
        cursor.execute("SELECT 1")
        answers.append(cursor.fetchone())

    with (
        a_way_to_the_database() as (proxy, address),
        contextlib.closing(psycopg2.connect(address, **options)) as open_one,
    ):
        asking = threading.Thread(target=ask, args=[open_one.cursor()], daemon=True)
        proxy.become("hung")
        asking.start()
        asking.join(timeout=2 * TOLD_WITHIN)
        assert (asking.is_alive(), answers) == (True, [])
        proxy.become("open")
        asking.join(timeout=10)

    assert answers == [(1,)]
    report(
        f"without a limit of ours a statement waits for {2 * TOLD_WITHIN} s and more"
    )


# --- Redis ------------------------------------------------------------------------------


@contextlib.contextmanager
def redis_server(folder):
    """A Redis of the test's own, with room for little; gives its process and its port."""
    if not shutil.which("redis-server"):
        message = "This test needs redis-server."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = (
        f"redis-server --bind 127.0.0.1 --port {port} --save  --maxmemory 2mb "
        "--maxmemory-policy noeviction"
    )
    with subprocess.Popen(
        command.split(" "), cwd=folder, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield process, port
        finally:
            # A stopped process ends only by this.
            process.kill()


def fill(client):
    """Writes until nothing more is taken."""

    def write(number):
        client.set(f"key {number}", "x" * 10_000)

    with pytest.raises(redis.ResponseError, match="maxmemory"):
        list(map(write, range(1_000)))


def check_nobody_notices(desk, server, seconds, name):
    """Asserts that readers read and staff work for so long; gives how many answers."""
    last = time.monotonic() + seconds
    answers = []
    with Readers(server) as readers:
        while not answers or time.monotonic() < last:
            desk.open_the_page(server)
            title = f"{name} {len(answers)}"
            desk.type(title)
            pages = [
                fetch(server + page, desk.cookies) for page in ("/admin/", desk.page)
            ]
            assert [page.status for page in pages] == [200, 200]
            assert desk.save(server).status == desk.sign_in(server).status == 302
            assert desk.saved_title() == title
            answers += pages
    assert set(readers.statuses) == {200}
    return f"{name} ({readers.statuses.total()} public answers, {2 * len(answers)} of staff)"


def test_redis_that_is_full_silent_or_away_is_noticed_by_nobody(
    desk, tmp_path, report, rounds
):
    seconds = rounds(20)
    with redis_server(tmp_path) as (process, port):
        patient = Retry(ConstantBackoff(0.1), 50)
        client = redis.Redis(port=port, retry=patient)
        fill(client)
        address = f"redis://127.0.0.1:{port}/0"
        with serving(tmp_path / "log", CACHE_URL=address) as server:
            said = [check_nobody_notices(desk, server, seconds, "full")]
            asked_by = client.info("clients")["connected_clients"]
            client.close()
            os.kill(process.pid, signal.SIGSTOP)
            said.append(check_nobody_notices(desk, server, seconds, "silent"))
            process.kill()
            process.wait(timeout=10)
            said.append(check_nobody_notices(desk, server, seconds, "away"))
        with serving(tmp_path / "log", CACHE_URL=address) as server:
            said.append(check_nobody_notices(desk, server, seconds, "never there"))

    # The test alone: nothing of ours keeps anything in the cache.
    assert asked_by == 1
    report(f"Redis {', '.join(said)}: no error, for {seconds} s each")
