"""config/start.py, copied into an empty project so that it sets up that one. Programs
that it calls (apt-get, sudo, pip, Django) are stand-ins: shell scripts on PATH."""

import ast
import errno
import importlib.util
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = (
    "# Signs cookies.\nSECRET_KEY=\nDEBUG=false\nPUBLIC_URL=http://127.0.0.1:8000\n"
)


@pytest.fixture
def project(tmp_path):
    """An empty project with nothing but start.py and what it reads."""
    (tmp_path / "config").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "config" / "start.py", tmp_path / "config")
    (tmp_path / ".env.example").write_text(EXAMPLE)
    (tmp_path / "requirements.txt").write_text("one==1\ntwo==2\n")
    return tmp_path


@pytest.fixture
def start(project, monkeypatch):
    """The module config.start of that project, with none of the variables that this
    checkout's own .env and unpacked libraries have brought into the tests."""
    for name in ("PUBLIC_URL", "LD_LIBRARY_PATH", "PORT"):
        monkeypatch.delenv(name, raising=False)
    spec = importlib.util.spec_from_file_location(
        "start_of_project", project / "config" / "start.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Adds a stand-in: programs("apt-get", "exit 1"). PATH holds these and nothing
    but the shell's own; each call is noted in the file `calls`."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("sh", "env", "cat", "mkdir", "touch"):
        (folder / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(folder))

    def add(name, script="exit 0", place=folder):
        file = place / name
        note = f'echo "{name} $*" >> {tmp_path / "calls"}'
        file.write_text(f"#!/bin/sh\n{note}\n{script}\n")
        file.chmod(0o755)

    return add


@pytest.fixture
def venv_python(project, programs):
    """Makes a stand-in for .venv's Python."""

    def make(script):
        programs("python", script, project / ".venv" / "bin")

    return make


def calls(project):
    """The calls of stand-ins so far."""
    file = project / "calls"
    return file.read_text().splitlines() if file.exists() else []


# --- Before all else -------------------------------------------------------------


def test_the_file_can_be_read_by_pythons_that_it_refuses():
    source = (ROOT / "config" / "start.py").read_text()
    ast.parse(source, feature_version=(3, 8))


def test_an_old_python_is_refused_and_a_newer_one_named(start, programs):
    programs("python3.12")
    with pytest.raises(start.StartError) as refused:
        start.refuse_old_python((3, 10))
    assert str(refused.value) == (
        f"Rostrum needs Python 3.11 or newer, and this is Python 3.10 "
        f"({sys.executable}). python3.12 is installed: run `python3.12 "
        "config/start.py run` or `make run PYTHON=python3.12`."
    )


def test_an_old_python_is_refused_where_there_is_no_newer_one(start, programs):
    with pytest.raises(start.StartError, match="Install a newer Python"):
        start.refuse_old_python((3, 9))


def test_the_oldest_python_that_is_supported_passes(start):
    start.refuse_old_python((3, 11))


@pytest.mark.parametrize("text", ["", "abc", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none_is_refused(start, text):
    with pytest.raises(start.StartError) as refused:
        start.read_port(text)
    assert str(refused.value) == (
        f"The port must be a number from 1 to 65535, and not “{text}”."
    )


def test_a_taken_port_ends_the_command_before_anything_is_made(project):
    shutil.rmtree(project / ".venv")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run_start(project, "run", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken by another program" in done.stderr
    assert re.search(r"Choose another: `.*\d+`\.", done.stderr)
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in project.iterdir()) == [
        ".env.example",
        "config",
        "requirements.txt",
    ]


def test_the_port_that_is_proposed_is_free(start):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(start.StartError) as refused:
            start.refuse_taken_port(port)
    proposed = int(re.search(r"(\d+)`\.$", str(refused.value))[1])
    assert proposed != port
    assert start.port_problem(proposed) == ""


def test_a_port_that_was_just_given_back_is_free(start):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            # The side that closes first keeps the address for a minute.
            server.accept()[0].close()
            assert client.recv(1) == b""
    assert start.port_problem(port) == ""


def test_the_port_is_read_from_the_environment(start, monkeypatch):
    monkeypatch.setenv("PORT", "8123")
    assert start.read_arguments(["run"]).port == "8123"
    monkeypatch.delenv("PORT")
    assert start.read_arguments(["run"]).port == "8000"


def run_start(project, *words, **variables):
    """Runs the project's start.py as a person does; gives what it said."""
    return subprocess.run(
        [sys.executable, "config/start.py", *words],
        cwd=project,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_second_command_waits_for_the_first(start, capsys):
    entered = threading.Event()

    def second():
        with start.one_at_a_time():
            entered.set()

    thread = threading.Thread(target=second)
    with start.one_at_a_time():
        thread.start()
        assert not entered.wait(0.2)
    thread.join(10)
    assert entered.is_set()
    assert capsys.readouterr().out == (
        "Waiting for another command that is setting up this folder\n"
    )


# --- The system's packages -------------------------------------------------------


def test_apt_is_asked_again_with_a_fresh_list(start, project, programs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    fresh = project / "fresh"
    programs("apt-get", f'case "$*" in *update*) touch {fresh};; esac; [ -e {fresh} ]')
    assert start.apt_install(["pango"]) is True
    assert calls(project) == [
        "apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends pango",
        "apt-get -o DPkg::Lock::Timeout=120 update",
        "apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends pango",
    ]


def test_sudo_that_asks_for_a_password_is_not_used(
    start, project, programs, monkeypatch
):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs("sudo", "exit 1")
    programs("apt-get")
    assert start.apt_install(["pango"]) is False
    assert calls(project) == ["sudo -n true"]


def test_without_rights_only_packages_that_are_not_installed_are_unpacked(
    start, project, programs, monkeypatch
):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs(
        "apt-get",
        """case "$*" in
          *--simulate*) echo "Inst libc6 [2.36-9] (2.36-10 Debian:12 [amd64])"
                        echo "Inst libpango (1.50-1 Debian:12 [amd64])"
                        echo "Conf libpango (1.50-1 Debian:12 [amd64])" ;;
          *download*) touch libpango.deb ;;
        esac""",
    )
    programs("dpkg", 'mkdir -p "$3/usr/lib/arch" && touch "$3/usr/lib/arch/pango.so.0"')
    target = project / "var" / "libraries"
    assert start.apt_unpack(["libpango"], target) is True
    downloads = [call for call in calls(project) if " download " in call]
    assert [call.partition(" download ")[2] for call in downloads] == [
        "libpango=1.50-1"
    ]
    assert [path.name for path in (project / "var").iterdir()] == ["log", "libraries"]
    assert start.environment()["LD_LIBRARY_PATH"] == str(target / "usr/lib/arch")


def test_a_download_that_fails_leaves_nothing_behind(start, project, programs):
    programs("apt-get", "exit 100")
    programs("dpkg")
    target = project / "var" / "libraries"
    assert start.apt_unpack(["libpango"], target) is False
    assert [path.name for path in (project / "var").iterdir()] == ["log"]


# --- The virtual environment -----------------------------------------------------


def test_a_virtual_environment_that_works_is_kept(start, venv_python, capsys):
    venv_python("exit 0")
    start.make_venv()
    assert capsys.readouterr().out == ""


def test_a_python_without_venv_gets_the_command_to_give(
    start, project, programs, monkeypatch
):
    programs("python-without-ensurepip", "exit 1")
    monkeypatch.setattr(sys, "executable", shutil.which("python-without-ensurepip"))
    package = f"python3.{sys.version_info.minor}-venv"
    with pytest.raises(start.StartError) as refused:
        start.make_venv()
    assert str(refused.value) == (
        "This Python cannot create virtual environments, because its package "
        f"{package} is missing. Install it and run this again: "
        f"`sudo apt-get install -y {package}`."
    )


def test_packages_are_installed_once_until_the_file_changes(
    start, project, venv_python, capsys
):
    venv_python("exit 0")
    start.install_packages("requirements.txt")
    start.install_packages("requirements.txt")
    assert len(calls(project)) == 1
    (project / "requirements.txt").write_text("one==1\ntwo==3\n")
    start.install_packages("requirements.txt")
    assert len(calls(project)) == 2
    assert capsys.readouterr().out == (
        "Installing the 2 packages that requirements.txt pins\n" * 2
    )


def test_packages_are_installed_from_wheels_checked_by_their_hashes(
    start, project, venv_python
):
    venv_python("exit 0")
    start.install_packages("requirements.txt")
    [call] = calls(project)
    assert call.startswith("python -m pip install ")
    assert "--require-hashes --only-binary :all:" in call


def test_a_failing_pip_is_explained_with_its_last_words(start, project, venv_python):
    venv_python("for n in 1 2 3 4 5 6; do echo word $n; done; exit 1")
    with pytest.raises(start.StartError) as refused:
        start.install_packages("requirements.txt")
    assert str(refused.value) == (
        "The packages could not be installed: check the network connection and, where "
        "there is a proxy or a package mirror of your own, pip's settings for it. pip "
        "said:\n    word 2\n    word 3\n    word 4\n    word 5\n    word 6"
    )
    assert not (project / ".venv" / "installed-requirements.txt").exists()


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM …", "do not install it"),
        ("[Errno 13] Permission denied: '/x'", "Give yourself the right to write in"),
    ],
)
def test_the_reason_of_a_failing_pip_is_told_apart(start, words, advice):
    assert advice in start.pip_advice(words)


def test_a_python_newer_than_those_tried_is_named(start, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert start.pip_advice("No matching distribution") == (
        "The packages could not be installed; Rostrum was tried with Python 3.11 to 3.13"
    )


def test_another_projects_python_settings_do_not_leak_in(start, monkeypatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, "another")
    kept = start.environment({"MINE": "1"})
    assert not {"PYTHONPATH", "PYTHONHOME", "DJANGO_SETTINGS_MODULE"} & set(kept)
    assert kept["MINE"] == "1"


# --- Pango -----------------------------------------------------------------------


def test_pango_that_is_there_is_left_alone(start, project, venv_python, capsys):
    venv_python("exit 0")
    start.provide_pango()
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has Homebrew's way")
def test_missing_pango_gives_the_command_where_no_way_works(
    start, programs, venv_python, monkeypatch
):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    venv_python("echo 'OSError: cannot load library'; exit 1")
    programs("apt-get", "exit 1")
    with pytest.raises(start.StartError) as refused:
        start.provide_pango()
    assert str(refused.value) == (
        "PDFs cannot be drawn, because the Pango libraries are missing. Install them "
        "and run this again: `sudo apt-get install -y --no-install-recommends "
        "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`."
        "\n    OSError: cannot load library"
    )


# --- Settings and data -----------------------------------------------------------


def test_settings_are_written_once_with_a_secret_for_the_owner_only(start, project):
    start.write_settings()
    file = project / ".env"
    written = file.read_text()
    secret = re.search(r"^SECRET_KEY=([\w-]{60,})$", written, re.MULTILINE)[1]
    assert written == EXAMPLE.replace("SECRET_KEY=", f"SECRET_KEY={secret}")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("mine")
    start.write_settings()
    assert file.read_text() == "mine"


def test_two_projects_get_different_secrets(start, project):
    start.write_settings()
    first = (project / ".env").read_text()
    (project / ".env").unlink()
    start.write_settings()
    assert (project / ".env").read_text() != first


def test_an_example_without_a_place_for_the_secret_is_refused(start, project):
    (project / ".env.example").write_text("DEBUG=false\n")
    with pytest.raises(start.StartError, match="no line `SECRET_KEY=`"):
        start.write_settings()
    assert not (project / ".env").exists()


def test_the_real_example_has_a_place_for_the_secret(start, project):
    shutil.copy(ROOT / ".env.example", project)
    start.write_settings()
    assert re.search(
        r"^SECRET_KEY=[\w-]{60,}$", (project / ".env").read_text(), re.MULTILINE
    )


def test_a_failing_management_command_is_a_sentence(start, project, venv_python):
    venv_python("echo Traceback; echo 'no such table: slot'; exit 1")
    with pytest.raises(start.StartError) as refused:
        start.manage("migrate")
    assert str(refused.value) == (
        "`manage.py migrate` did not work. It said last (all of it is in "
        "var/log/start.log):\n    Traceback\n    no such table: slot"
    )


def test_the_first_password_is_shown_and_not_logged(
    start, project, venv_python, capsys
):
    venv_python('[ "$2" = create_staff ] && echo "password sesame"; exit 0')
    start.prepare_data()
    assert "password sesame" in capsys.readouterr().out
    assert "sesame" not in (project / "var" / "log" / "start.log").read_text()
    assert [call.split()[2] for call in calls(project)] == [
        "migrate",
        "load_demonstration",
        "mirror",
        "create_staff",
    ]


def test_links_in_documents_lead_to_the_port_that_was_chosen(start, project):
    start.write_settings()
    assert start.own_address(8001) == {"PUBLIC_URL": "http://127.0.0.1:8001"}
    (project / ".env").write_text("PUBLIC_URL=https://programme.example.org\n")
    assert start.own_address(8001) == {}


# --- Running ---------------------------------------------------------------------

MANAGE = """
import pathlib, signal, sys
name = sys.argv[1]
if name == "addresses":
    print("Agenda  http://127.0.0.1:%s/en/" % sys.argv[3])
if name == "worker":
    print("worker", flush=True)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: pathlib.Path("reached-worker").touch())
    while not pathlib.Path("end-worker").exists():
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        signal.signal(signal.SIGALRM, lambda number, frame: None)
        signal.pause()
    sys.exit("no such table: tasks")
"""
SERVER = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return []
"""


@pytest.fixture
def running(project, start):
    """A project that is set up, served from a free port; gives the process, its port
    and what it said until it ran."""
    python = project / ".venv" / "bin" / "python"
    # What is asked of it with -c (whether it has pip, Pango) is answered with yes.
    yes = '[ "$1" = -c ] && exit 0'
    python.write_text(f'#!/bin/sh\n{yes}\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (project / "manage.py").write_text(MANAGE)
    (project / "config" / "__init__.py").touch()
    (project / "config" / "wsgi.py").write_text(SERVER)
    digest = start.hashlib.sha256((project / "requirements.txt").read_bytes())
    stamp = project / ".venv" / "installed-requirements.txt"
    stamp.write_text(digest.hexdigest())
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "config/start.py", "run", "--port", str(port)],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Ctrl-C"):
            break
    yield process, port, said
    process.terminate()
    process.communicate(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_project_that_is_set_up_runs_at_once_and_ends_in_order(
    running, project, start, number
):
    process, port, said = running
    said = [re.sub(r"after \d+ seconds", "after N seconds", line) for line in said]
    assert "".join(said) == (
        "Writing the settings .env with a secret of its own\n"
        "Bringing the database up to date\n"
        "Loading the demonstration\n"
        "Rebuilding the folder of issued editions\n"
        "Ready after N seconds; starting\n"
        "\n"
        "Rostrum runs.\n"
        f"Agenda  http://127.0.0.1:{port}/en/\n"
        "Ctrl-C ends it.\n"
    )
    # As a terminal does, to all that was started in it.
    os.killpg(process.pid, number)
    rest, _ = process.communicate(timeout=30)
    assert rest == "\nEnding the web server and the task worker\n"
    assert process.returncode == 0
    assert start.port_problem(port) == ""
    assert not (project / "reached-worker").exists()


def test_the_server_is_ended_when_the_worker_ends_by_itself(running, project, start):
    process, port, _ = running
    (project / "end-worker").touch()
    rest, _ = process.communicate(timeout=30)
    assert rest == (
        "\nThe task worker ended by itself (exit code 1), so that Rostrum was ended; "
        "it said last:\n    worker\n    no such table: tasks\n"
    )
    assert process.returncode == 1
    assert start.port_problem(port) == ""


# --- Testing ---------------------------------------------------------------------


def test_the_quick_tests_leave_out_what_needs_more(
    start, project, venv_python, monkeypatch
):
    venv_python('echo "DATABASE_URL=$DATABASE_URL"; echo "3 passed in 0.10s"')
    monkeypatch.setenv("DATABASE_URL", "postgres://production")
    assert start.test_quickly(start.TEST_DATABASE) == "3 passed in 0.10s"
    assert start.test_quickly("postgres://x") == "3 passed in 0.10s"
    assert [
        call.partition(" -m ")[2].partition(" -m ")[2] for call in calls(project)
    ] == [
        " and ".join(f"not {name}" for name in start.LEFT_OUT),
        (
            "not browser and not verapdf and not endure and not nginx and "
            "(thorough or not bare)"
        ),
    ]


def test_the_quick_tests_never_touch_the_database_of_the_environment(
    start, venv_python, monkeypatch, capsys
):
    venv_python('echo "DATABASE_URL=$DATABASE_URL"')
    monkeypatch.setenv("DATABASE_URL", "postgres://production")
    start.test_quickly(start.TEST_DATABASE)
    assert capsys.readouterr().out == "DATABASE_URL=sqlite://:memory:\n"


def test_a_run_without_any_test_fails(start, venv_python):
    venv_python('echo "12 deselected in 0.10s"; exit 5')
    with pytest.raises(start.StartError) as refused:
        start.pytest("browser", {})
    assert str(refused.value) == "pytest failed (exit code 5); see above."


def test_the_closing_line_is_found_among_other_words(start, venv_python):
    venv_python(
        'echo "== 2 passed, 1 skipped, 7 deselected in 61.20s (0:01:01) =="; echo bye'
    )
    assert start.pytest("browser", {}) == (
        "2 passed, 1 skipped, 7 deselected in 61.20s (0:01:01)"
    )


def test_steps_stop_at_the_first_failure_and_are_summed_up(start, capsys):
    def fail():
        raise start.StartError("mypy failed (exit code 1); see above.")

    steps = {
        "ruff": lambda: "All checks passed!\n",
        "tests": lambda: "30 passed, 2 skipped in 1.20s",
        "browser": lambda: "4 passed in 3.10s",
        "types": fail,
        "never": lambda: "reached",
    }
    with pytest.raises(start.StartError) as refused:
        start.take_steps(steps)
    assert str(refused.value) == "Step “types”: mypy failed (exit code 1); see above."
    table = capsys.readouterr().out.partition("Checked:\n")[2]
    assert [" ".join(line.split()) for line in table.splitlines()] == [
        "ruff 0.0 s All checks passed!",
        "tests 0.0 s 30 passed, 2 skipped in 1.20s",
        "browser 0.0 s 4 passed in 3.10s",
        "types 0.0 s FAILED",
        "together 0.0 s",
        "",
        "34 passed, 0 failed, 2 skipped",
    ]


# --- What the system refuses -----------------------------------------------------


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full: free about 500 MB and run this again."),
        (errno.EROFS, "/x cannot be written to: run this in a folder that is yours."),
        (errno.EACCES, "/x cannot be written to: run this in a folder that is yours."),
        (errno.EIO, "The system refused /x: Input/output error."),
    ],
)
def test_what_the_system_refuses_is_a_sentence(start, number, sentence):
    assert start.explain(OSError(number, os.strerror(number), "/x")) == sentence


def test_a_missing_file_of_the_project_is_a_sentence(project):
    (project / "requirements.txt").unlink()
    python = project / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)
    done = run_start(project, "setup")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"\nThe system refused {project}/requirements.txt: No such file or directory.\n"
    )


# --- The files beside it ---------------------------------------------------------


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_with_hashes_and_without_an_address(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash=sha256:", ""), re.MULTILINE)
    packages = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9._\[\],-]+==\S+( ; .*)? \\\n", package), package
        assert "--hash=sha256:" in package


def test_what_is_checked_is_what_runs():
    pin = re.compile(r"^([a-z0-9._-]+)(?:\[\S+\])?==(\S+)", re.MULTILINE)
    runtime = dict(pin.findall((ROOT / "requirements.txt").read_text()))
    development = dict(pin.findall((ROOT / "requirements-dev.txt").read_text()))
    assert runtime == {name: development.get(name) for name in runtime}


def test_make_has_a_name_for_every_command(start):
    makefile = (ROOT / "Makefile").read_text()
    names = re.findall(r"^([a-z]+): ## .*\n\t\$\(START\) (\w+)", makefile, re.MULTILINE)
    assert {name for name, _ in names} == {command for _, command in names}
    for name, _ in names:
        assert start.read_arguments([name]).command == name
    with pytest.raises(SystemExit):
        start.read_arguments(["unknown"])
