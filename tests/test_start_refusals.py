"""A server or worker with a fault in its settings does not start, and says why."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from config import readiness

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parent.parent
SECRET = "0123456789abcdefghij" * 3
SECRET_SENTENCE = (
    "- SECRET_KEY is missing, short or an example: cookies could be forged. Put 50 random "
    "characters or more into .env; `python3 -c 'import secrets; "
    "print(secrets.token_urlsafe(50))'` makes them."
)
ANY_HOST = (
    "- ALLOWED_HOSTS contains *: the server would answer under any name that somebody "
    "makes up. Name the hosts, separated by commas."
)


def other_host(host):
    return (
        f"- ALLOWED_HOSTS does not contain {host}, the host of PUBLIC_URL: every address "
        "that documents print would be answered with 400. Add it."
    )


def tracebacks(host):
    return (
        f"- DEBUG is true and PUBLIC_URL leads to {host}: readers would see tracebacks "
        "and settings. Set DEBUG=false, or on a developer's own machine "
        "PUBLIC_URL=http://127.0.0.1:8000."
    )


NO_HOST = (
    "- PUBLIC_URL names no host. Write the whole address that delegates see, such as "
    "https://programme.example.org."
)
FONTS = (
    "- PDF documents would print in foreign letters: static/fonts is not complete. "
    "Restore the folder from the release."
)


@pytest.fixture
def good(tmp_path):
    """The environment of a good start on a machine without a database."""
    folder = tmp_path / "editions"
    folder.mkdir(exist_ok=True)
    # Set for the tests alone, and refused by Django's own check.
    kept = {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return {
        **kept,
        "SECRET_KEY": SECRET,
        "DEBUG": "false",
        "ALLOWED_HOSTS": "programme.example.org,127.0.0.1",
        "PUBLIC_URL": "https://programme.example.org",
        "HTTPS": "true",
        "BEHIND_PROXY": "true",
        "DATABASE_URL": "sqlite://:memory:",
        "EDITIONS_FOLDER": str(folder),
    }


def run(environment, *words, root=ROOT):
    """The exit code of Python with these words, and the lines of its refusal."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()


def start(environment, entry="wsgi", root=ROOT):
    """What comes of importing an entry point, as every server does."""
    return run(environment, "-c", f"import config.{entry}", root=root)


def refused(*sentences):
    return (3, ["Rostrum does not start:", *sentences])


@pytest.mark.parametrize("entry", ["wsgi", "asgi"])
def test_a_good_start_says_nothing(good, entry):
    assert start(good, entry) == (0, [])


@pytest.mark.parametrize("entry", ["wsgi", "asgi"])
def test_every_fault_has_its_sentence(good, entry):
    faults = {
        "SECRET_KEY": "",
        "DEBUG": "true",
        "ALLOWED_HOSTS": "*",
        "EDITIONS_FOLDER": "/nonexistent/editions",
    }

    assert start({**good, **faults}, entry) == refused(
        SECRET_SENTENCE,
        tracebacks("programme.example.org"),
        ANY_HOST,
        "- The folder of editions, /nonexistent/editions, cannot be read (No such file "
        "or directory): readers would see nothing. Let this user read the folder that "
        "EDITIONS_FOLDER names; where it is missing, `manage.py mirror` makes it.",
    )


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"SECRET_KEY": "short"}, SECRET_SENTENCE),
        (
            {"DEBUG": "true"},
            tracebacks("programme.example.org"),
        ),
        ({"ALLOWED_HOSTS": "example.org"}, other_host("programme.example.org")),
    ],
)
def test_each_fault_of_the_settings_is_refused_alone(good, fault, sentence):
    assert start({**good, **fault}) == refused(sentence)


def found(settings, **changed):
    """The faults of settings that differ from good ones as `changed` says."""
    values = {
        "SECRET_KEY": SECRET,
        "DEBUG": False,
        "ALLOWED_HOSTS": ["programme.example.org"],
        "PUBLIC_URL": "https://programme.example.org",
        **changed,
    }
    for name, value in values.items():
        setattr(settings, name, value)
    faults = [
        *readiness.check_secret(),
        *readiness.check_debug(),
        *readiness.check_hosts(),
    ]
    return [f"- {fault.msg}" for fault in faults]


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        ({"SECRET_KEY": ""}, [SECRET_SENTENCE]),
        ({"SECRET_KEY": SECRET[:49]}, [SECRET_SENTENCE]),
        ({"SECRET_KEY": "a" * 60}, [SECRET_SENTENCE]),
        ({"SECRET_KEY": f"django-insecure-{SECRET}"}, [SECRET_SENTENCE]),
        (
            {"DEBUG": True, "PUBLIC_URL": "http://192.168.1.7:8000"},
            [tracebacks("192.168.1.7"), other_host("192.168.1.7")],
        ),
        (
            {"DEBUG": True, "PUBLIC_URL": "http://localhost.example.org"},
            [tracebacks("localhost.example.org"), other_host("localhost.example.org")],
        ),
        ({"ALLOWED_HOSTS": ["programme.example.org", "*"]}, [ANY_HOST]),
        ({"ALLOWED_HOSTS": []}, [other_host("programme.example.org")]),
        (
            {"ALLOWED_HOSTS": [], "PUBLIC_URL": "http://127.0.0.1:8000"},
            [other_host("127.0.0.1")],
        ),
        ({"PUBLIC_URL": "programme.example.org"}, [NO_HOST]),
        ({"PUBLIC_URL": "https://[programme"}, [NO_HOST]),
        ({"DEBUG": True, "PUBLIC_URL": ""}, [tracebacks("no host"), NO_HOST]),
    ],
)
def test_settings_with_a_fault_are_found(settings, changed, sentences):
    assert found(settings, **changed) == sentences


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"ALLOWED_HOSTS": [".example.org"]},
        {"ALLOWED_HOSTS": ["127.0.0.1", "PROGRAMME.example.org"]},
        {"PUBLIC_URL": "https://programme.example.org:8443"},
        {"PUBLIC_URL": "http://[::1]:80", "ALLOWED_HOSTS": ["[::1]"], "DEBUG": True},
        {
            "PUBLIC_URL": "http://127.0.0.1:8001",
            "ALLOWED_HOSTS": ["127.0.0.1", "localhost"],
            "DEBUG": True,
        },
        {"PUBLIC_URL": "http://localhost:8000", "ALLOWED_HOSTS": [], "DEBUG": True},
    ],
)
def test_settings_without_a_fault_are_good(settings, changed):
    assert found(settings, **changed) == []


def test_a_start_in_development_says_nothing(good):
    developer = {
        "DEBUG": "true",
        "PUBLIC_URL": "http://127.0.0.1:8001",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "HTTPS": "false",
        "BEHIND_PROXY": "false",
    }

    assert start({**good, **developer}) == (0, [])


def test_a_folder_that_is_a_file_is_refused(settings, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    settings.EDITIONS_FOLDER = file

    (fault,) = readiness.check_folder()

    assert fault.msg == (
        f"The folder of editions, {file}, cannot be read (Not a directory): readers "
        "would see nothing. Let this user read the folder that EDITIONS_FOLDER names; "
        "where it is missing, `manage.py mirror` makes it."
    )


def test_a_release_without_its_fonts_is_refused(good, tmp_path):
    release = tmp_path / "release"
    for folder in ("config", "sessions_app", "speakers", "templates"):
        shutil.copytree(ROOT / folder, release / folder)
    (release / "static").mkdir()

    assert start(good, root=release) == refused(FONTS)


def test_a_start_while_the_database_is_away_works(good):
    nobody = "postgres://rostrum:secret@127.0.0.1:1/rostrum"

    assert start({**good, "DATABASE_URL": nobody}) == (0, [])


def test_a_start_makes_no_database(good, tmp_path):
    file = tmp_path / "rostrum.sqlite3"

    assert start({**good, "DATABASE_URL": f"sqlite:///{file}"}) == (0, [])
    assert not file.exists()


def test_a_database_older_than_the_release_is_refused(good, tmp_path):
    file = tmp_path / "rostrum.sqlite3"
    file.touch()

    code, lines = start({**good, "DATABASE_URL": f"sqlite:///{file}"})

    assert (code, lines[0], len(lines)) == (3, "Rostrum does not start:", 2)
    assert re.fullmatch(
        r"- The database is older than this release: \d+ migrations are not applied, "
        r"such as speakers\.0001_rows\. Run `manage\.py migrate`\.",
        lines[1],
    )


def test_the_worker_is_refused_and_makes_the_folder_that_it_writes(good, tmp_path):
    folder = tmp_path / "new" / "editions"
    faulty = {**good, "EDITIONS_FOLDER": str(folder), "ALLOWED_HOSTS": "*"}

    assert run(faulty, "manage.py", "worker") == refused(ANY_HOST)
    assert folder.is_dir()


def test_the_check_of_a_deployment_says_the_same_sentences(good):
    faulty = {**good, "ALLOWED_HOSTS": "*"}

    code, lines = run(faulty, "manage.py", "check", "--deploy")

    assert code == 1
    assert f"?: (config.E003) {ANY_HOST.removeprefix('- ')}" in lines
    assert run(good, "manage.py", "check", "--deploy") == (0, [])


def test_other_commands_run_all_the_same(good):
    faulty = {**good, "ALLOWED_HOSTS": "*", "SECRET_KEY": "short"}

    assert run(faulty, "manage.py", "check") == (0, [])


def gunicorn(environment):
    """A web server as it is run in service, and where it answers."""
    command = "-m gunicorn config.wsgi --no-control-socket --workers=1 --bind"
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = subprocess.Popen(
            [sys.executable, *command.split(), f"fd://{door.fileno()}"],
            cwd=ROOT,
            env=environment,
            pass_fds=[door.fileno()],
            stderr=subprocess.PIPE,
            text=True,
        )
        return server, f"http://127.0.0.1:{door.getsockname()[1]}"


def test_the_web_server_ends_and_does_not_try_again(good):
    server, _address = gunicorn({**good, "ALLOWED_HOSTS": "*"})

    _out, said = server.communicate(timeout=60)

    assert server.returncode == 3
    assert f"Rostrum does not start:\n{ANY_HOST}\n" in said
    assert "Traceback" not in said


def test_the_web_server_answers_after_a_good_start(good):
    server, address = gunicorn(good)
    with contextlib.ExitStack() as ending:
        ending.callback(server.communicate, timeout=60)
        ending.callback(server.terminate)
        with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:  # noqa: S310
            assert answer.read() == b"alive\n"
