"""Sets Rostrum up and starts it: `make run`, or `python3 config/start.py run` where
make is missing. `python3 config/start.py --help` lists what else it does.

Only Python's standard library is used, because this runs before anything is
installed. Every step says in one line what it does, is done at most once, and can be
interrupted and repeated. What it installs lies in .venv/ and var/; the system's
package manager is asked only for what no Python package carries.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import http.client
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

try:
    import fcntl
except ImportError:
    sys.exit("Rostrum runs on Linux and macOS; on Windows, run it in WSL.")

OLDEST_PYTHON = (3, 11)
NEWEST_TRIED_PYTHON = (3, 13)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
VAR = ROOT / "var"
LOG = VAR / "log" / "start.log"
WORKER_LOG = VAR / "log" / "worker.log"
UNPACKED = VAR / "libraries"

HOST = "127.0.0.1"
DEFAULT_PORT = "8000"
SECONDS_TO_ANSWER = 60
SECONDS_TO_END = 10

RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
COMPILER = "uv==0.13.9"

# WeasyPrint draws PDFs with these three; no Python package carries them. Without the
# third PDFs come out slower and with other bytes.
PANGO_PACKAGES = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
PANGO_TEST = "import weasyprint"
SUBSETTER_TEST = "import ctypes; ctypes.CDLL('libharfbuzz-subset.so.0')"

TEST_DATABASE = "sqlite://:memory:"
CHECK_DATABASE = "postgres://postgres@127.0.0.1:5432/rostrum"
# pytest's markers of the tests that `make test` leaves out, and their names.
LEFT_OUT = {
    "browser": "browser",
    "verapdf": "veraPDF",
    "endure": "endurance",
    "nginx": "nginx",
    "postgresql": "PostgreSQL",
    "thorough": "thorough",
}
# Those of them that are run where PostgreSQL is; the tests that touch no database are
# not run there a second time.
ON_POSTGRESQL = {"postgresql", "thorough"}
# Chromium as Debian names it, and its packages; the tests take the first that is there.
BROWSERS = ("chromium-headless-shell", "chromium")

PIP_ADVICE = {
    "No space left on device": "The disk is full: free about 500 MB",
    "DO NOT MATCH THE HASHES": (
        "A package that arrived is not the one that was pinned: do not install it, "
        "and tell the maintainers"
    ),
    "Permission denied": f"Give yourself the right to write in {VENV}",
}


class StartError(Exception):
    """Ends the command; its text is a sentence for the person who gave it."""


# --- Saying and calling --------------------------------------------------------


def say(line: str) -> None:
    """Prints one line at once, also where the output is not a terminal."""
    print(line, flush=True)


def last_lines(text: str, count: int = 5) -> str:
    """The last lines of a program's own words, indented and cut, no empty ones."""
    lines = [line.rstrip()[:160] for line in text.splitlines() if line.strip()]
    return "".join(f"\n    {line}" for line in lines[-count:])


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for every program started here: the caller's, less those that
    would bring another project's Python or settings in, plus the folders of libraries
    that were unpacked without the administrator's rights, plus `extra`."""
    variables = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "DJANGO_SETTINGS_MODULE"):
        variables.pop(name, None)
    for name, folders in library_folders().items():
        known = [variables[name]] if variables.get(name) else []
        variables[name] = os.pathsep.join([*folders, *known])
    return {**variables, **(extra or {})}


def call(
    command: Sequence[str],
    extra: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    *,
    logged: bool = True,
) -> tuple[bool, str]:
    """Runs a program out of sight; gives whether it succeeded and all it said, which
    is also added to var/log/start.log unless it holds a password."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if logged:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        with LOG.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n{done.stdout}-> {done.returncode}\n\n")
    return done.returncode == 0, done.stdout


def spelled(command: str, port: int | None = None) -> str:
    """How a person types a command of this file here, with make where it exists."""
    if shutil.which("make"):
        return f"make {command}" + (f" PORT={port}" if port else "")
    return f"python3 config/start.py {command}" + (f" --port {port}" if port else "")


# --- Before all else -----------------------------------------------------------


def refuse_old_python(version: tuple[int, int]) -> None:
    """Raises StartError when Python is too old; names a newer one that is there."""
    if version >= OLDEST_PYTHON:
        return
    newer = [f"python3.{minor}" for minor in (13, 12, 11)]
    found = next((name for name in newer if shutil.which(name)), None)
    advice = (
        f"{found} is installed: run `{found} config/start.py run` or "
        f"`make run PYTHON={found}`."
        if found
        else "Install a newer Python and run this again with it."
    )
    raise StartError(
        f"Rostrum needs Python {dotted(OLDEST_PYTHON)} or newer, and this is Python "
        f"{dotted(version)} ({sys.executable}). {advice}"
    )


def dotted(version: tuple[int, int]) -> str:
    """(3, 11) as people write it: 3.11."""
    return ".".join(str(part) for part in version)


def read_port(text: str) -> int:
    """A port number; raises StartError for anything that is none."""
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise StartError(f"The port must be a number from 1 to 65535, and not “{text}”.")


def refuse_taken_port(port: int) -> None:
    """Raises StartError when nothing can listen on the port, with one that is free."""
    problem = port_problem(port)
    if problem:
        others = range(max(port, 1023) + 1, min(port + 200, 65536))
        free = next((other for other in others if not port_problem(other)), 8000)
        raise StartError(f"{problem} Choose another: `{spelled('run', free)}`.")


def port_problem(port: int) -> str:
    """Why nothing can listen on this port of 127.0.0.1; empty when it is free."""
    with socket.socket() as probe:
        # As the web server does, so that a port just given back counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            return f"Port {port} is reserved for the administrator."
        except OSError:
            return (
                f"Port {port} is taken by another program, perhaps by a Rostrum that "
                f"already runs at http://{HOST}:{port}/."
            )
    return ""


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keeps two commands given at once from installing into the same folder."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "start.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another command that is setting up this folder")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- The system's packages -----------------------------------------------------


def administrator() -> list[str] | None:
    """The words before a command that needs the administrator's rights: none for the
    administrator, sudo where it asks no password, None where there is no way."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and call(["sudo", "-n", "true"])[0]:
        return ["sudo", "-n"]
    return None


def apt_install(packages: Sequence[str]) -> bool:
    """Installs Debian packages where that is possible without a question."""
    rights = administrator()
    if rights is None or not shutil.which("apt-get"):
        return False
    say(f"Installing {' '.join(packages)} with apt-get")
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
    apt = [*rights, *quiet, "apt-get", "-o", "DPkg::Lock::Timeout=120"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if call(install)[0]:
        return True
    # A fresh machine has no list of packages, an old one an outdated list.
    return call([*apt, "update"])[0] and call(install)[0]


def apt_unpack(packages: Sequence[str], target: Path) -> bool:
    """Unpacks Debian packages, with all they need that is not installed, into a folder
    of the project: the way without the administrator's rights."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return False
    say(f"Unpacking {' '.join(packages)} into {target.relative_to(ROOT)}")
    work = target.with_name(f"{target.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("lists/partial", "cache/archives/partial", "debs", "root"):
        (work / folder).mkdir(parents=True)
    own_state = {
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "Debug::NoLocking": "true",
    }
    options = [
        word for name, value in own_state.items() for word in ("-o", f"{name}={value}")
    ]
    apt = ["apt-get", *options]
    ready = call([*apt, "update"])[0]
    plan = call([*apt, "install", "--simulate", "--no-install-recommends", *packages])[
        1
    ]
    # "Inst name (version …" is new; "Inst name [old] (version …" would only be newer
    # than what is installed, and a second C library in reach breaks every program.
    wanted = re.findall(r"^Inst (\S+) \((\S+)", plan, re.MULTILINE)
    names = [f"{name}={version}" for name, version in wanted]
    ready = ready and bool(names)
    ready = ready and call([*apt, "download", *names], folder=work / "debs")[0]
    for package in sorted((work / "debs").glob("*.deb")):
        ready = ready and call(["dpkg", "-x", str(package), str(work / "root")])[0]
    if ready:
        shutil.rmtree(target, ignore_errors=True)
        (work / "root").rename(target)
    shutil.rmtree(work, ignore_errors=True)
    return ready


def library_folders() -> dict[str, list[str]]:
    """The variable that tells the system's loader where more libraries are, with its
    folders: those unpacked by apt_unpack(), or Homebrew's, which a Python that is not
    Homebrew's own does not search."""
    if sys.platform == "darwin":
        homes = [Path("/opt/homebrew/lib"), Path("/usr/local/lib")]
        return {"DYLD_FALLBACK_LIBRARY_PATH": [str(home) for home in homes]}
    folders = {str(file.parent) for file in UNPACKED.glob("**/*.so*")}
    return {"LD_LIBRARY_PATH": sorted(folders)} if folders else {}


# --- The virtual environment ---------------------------------------------------


def make_venv() -> None:
    """Creates .venv, unless one is there whose Python runs, is new enough and has pip.
    Raises StartError with the command to give when Python cannot create one."""
    test = f"import pip, sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    if Path(PYTHON).exists() and call([PYTHON, "-c", test])[0]:
        return
    say("Creating the virtual environment .venv")
    package = f"python{dotted(sys.version_info[:2])}-venv"
    if has_ensurepip() or (apt_install([package]) and has_ensurepip()):
        done, words = call([sys.executable, "-m", "venv", "--clear", str(VENV)])
        if not done:
            raise StartError(f"Python could not create {VENV}:{last_lines(words)}")
    elif not make_venv_with_unpacked_pip():
        raise StartError(
            "This Python cannot create virtual environments, because its package "
            f"{package} is missing. Install it and run this again: "
            f"`sudo apt-get install -y {package}`."
        )


def has_ensurepip() -> bool:
    """Whether Python brings the pip that a virtual environment starts with; Debian
    and Ubuntu put it into a package of its own."""
    return call([sys.executable, "-c", "import ensurepip, venv"])[0]


def make_venv_with_unpacked_pip() -> bool:
    """Creates .venv with the pip of Debian's package python3-pip-whl: the way without
    the administrator's rights."""
    folder = VAR / "pip"
    if not apt_unpack(["python3-pip-whl"], folder):
        return False
    wheel = next(folder.glob("**/pip-*.whl"), None)
    if wheel is None:
        return False
    # A wheel can be run where it lies, and installs itself.
    install = [PYTHON, f"{wheel}/pip", "install", "--no-index", str(wheel)]
    without_pip = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)]
    done = call(without_pip)[0] and call(install)[0]
    shutil.rmtree(folder, ignore_errors=True)
    return done


def install_packages(requirements: str) -> None:
    """Installs what a requirements file pins, checked against its hashes, unless that
    very file was installed before. Raises StartError with pip's last words."""
    stamp = VENV / f"installed-{requirements}"
    digest = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    count = len(re.findall(r"^\S+==", (ROOT / requirements).read_text(), re.MULTILINE))
    say(f"Installing the {count} packages that {requirements} pins")
    pip = [PYTHON, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    pinned = ["--require-hashes", "--only-binary", ":all:", "--retries", "3"]
    done, words = call([*pip, *pinned, "--progress-bar", "off", "-r", requirements])
    if not done:
        raise StartError(f"{pip_advice(words)}. pip said:{last_lines(words)}")
    stamp.write_text(digest)


def pip_advice(words: str) -> str:
    """What to check when pip fails, judged by what it said."""
    for sign, advice in PIP_ADVICE.items():
        if sign in words:
            return advice
    tried = f"Python {dotted(OLDEST_PYTHON)} to {dotted(NEWEST_TRIED_PYTHON)}"
    if sys.version_info[:2] > NEWEST_TRIED_PYTHON:
        return f"The packages could not be installed; Rostrum was tried with {tried}"
    return (
        "The packages could not be installed: check the network connection and, where "
        "there is a proxy or a package mirror of your own, pip's settings for it"
    )


# --- Pango ---------------------------------------------------------------------


def provide_pango() -> None:
    """Sees that PDFs can be drawn, tested in a process of .venv's Python; installs
    Pango where it is missing. Raises StartError with the command to give where no way
    works."""
    if pango_is_complete():
        return
    if sys.platform == "darwin":
        brew_install_pango()
    elif not apt_install(PANGO_PACKAGES):
        apt_unpack(PANGO_PACKAGES, UNPACKED)
    done, words = call([PYTHON, "-c", PANGO_TEST])
    if not done:
        raise StartError(
            "PDFs cannot be drawn, because the Pango libraries are missing. Install "
            f"them and run this again: {pango_command()}{last_lines(words, 1)}"
        )


def pango_is_complete() -> bool:
    """Whether WeasyPrint finds Pango and, on Linux, what makes fonts small."""
    if not call([PYTHON, "-c", PANGO_TEST])[0]:
        return False
    return sys.platform == "darwin" or call([PYTHON, "-c", SUBSETTER_TEST])[0]


def brew_install_pango() -> None:
    """Installs Pango with Homebrew, where Homebrew is installed."""
    if shutil.which("brew"):
        say("Installing pango with brew")
        call(["brew", "install", "pango"])


def pango_command() -> str:
    """The command that installs Pango on this system."""
    if sys.platform == "darwin":
        return "`brew install pango` (Homebrew itself: see brew.sh)."
    if shutil.which("apt-get"):
        packages = " ".join(PANGO_PACKAGES)
        return f"`sudo apt-get install -y --no-install-recommends {packages}`."
    if shutil.which("dnf"):
        return "`sudo dnf install pango`."
    return "they are Pango 1.44 or newer, with pangoft2, and HarfBuzz's subset library."


# --- Settings and data ---------------------------------------------------------


def write_settings() -> None:
    """Writes .env from .env.example with a secret of its own, readable by its owner
    only; never touches one that is there."""
    file = ROOT / ".env"
    if file.exists():
        return
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    line = f"SECRET_KEY={secrets.token_urlsafe(50)}"
    text, found = re.subn(r"^SECRET_KEY=.*$", line, example, flags=re.MULTILINE)
    if not found:
        raise StartError(".env.example has no line `SECRET_KEY=` to put a secret into.")
    say("Writing the settings .env with a secret of its own")
    part = file.with_name(".env.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600, exist_ok=False)
    part.write_text(text, encoding="utf-8")
    part.rename(file)


def manage(
    *words: str, extra: Mapping[str, str] | None = None, logged: bool = True
) -> str:
    """Runs a management command of Django and gives what it said; raises StartError
    with its last words when it fails."""
    done, said = call([PYTHON, "manage.py", *words], extra, logged=logged)
    if not done:
        raise StartError(
            f"`manage.py {words[0]}` did not work. It said last (all of it is in "
            f"{LOG.relative_to(ROOT)}):{last_lines(said)}"
        )
    return said.strip()


def prepare_data() -> None:
    """Brings the database up to date, loads the demonstration, rebuilds the folder of
    editions and creates the first staff account; each changes nothing the next time."""
    say("Bringing the database up to date")
    manage("migrate")
    say("Loading the demonstration")
    manage("load_demonstration")
    say("Rebuilding the folder of issued editions")
    manage("mirror")
    account = manage("create_staff", logged=False)
    if account:
        say(f"\n{account}\n")


def own_address(port: int) -> dict[str, str]:
    """PUBLIC_URL for another port than the one in .env, so that links in documents
    lead to the server that runs; nothing when .env names a server of its own."""
    said = re.search(
        r"^PUBLIC_URL=(.*)$", (ROOT / ".env").read_text(encoding="utf-8"), re.MULTILINE
    )
    local = said is None or said[1].startswith(f"http://{HOST}:")
    if local and "PUBLIC_URL" not in os.environ:
        return {"PUBLIC_URL": f"http://{HOST}:{port}"}
    return {}


def set_up(requirements: str) -> None:
    """Everything up to a Python that can run Rostrum: .venv, packages, Pango, .env."""
    with one_at_a_time():
        LOG.unlink(missing_ok=True)
        make_venv()
        install_packages(requirements)
        provide_pango()
        write_settings()


# --- Running -------------------------------------------------------------------


def server_command(port: int) -> list[str]:
    """The web server's command line. One process with eight threads: pages are kept in
    the process's memory after they were first asked for, so that a second process
    would only draw them again, and threads keep a slow reader from holding up others."""
    gunicorn = [PYTHON, "-m", "gunicorn", "config.wsgi:application"]
    size = ["--workers", "1", "--threads", "8", "--graceful-timeout", "5"]
    place = ["--bind", f"{HOST}:{port}", "--no-control-socket"]
    return [*gunicorn, *size, *place, "--log-level", "warning"]


def worker_command() -> list[str]:
    """The command line of the worker that runs what takes long: issuing in many
    languages, importing."""
    return [PYTHON, "manage.py", "worker"]


def serve(port: int) -> None:
    """Runs web server and task worker until Ctrl-C; raises StartError if one ends by
    itself, after ending the other."""
    extra = {**own_address(port), "PYTHONUNBUFFERED": "1"}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        WORKER_LOG.parent.mkdir(parents=True, exist_ok=True)
        with WORKER_LOG.open("wb") as log:
            running["web server"] = start(server_command(port), extra)
            running["task worker"] = start(worker_command(), extra, log.fileno())
        wait_for_answer(port, running)
        addresses = manage("addresses", "--port", str(port), extra=extra)
        say(f"\nRostrum runs.\n{addresses}\nCtrl-C ends it.")
        while True:
            refuse_ended(running)
            time.sleep(0.3)
    except KeyboardInterrupt:
        say("\nEnding the web server and the task worker")
    finally:
        end(list(running.values()))


def interrupt(number: int, _frame: object) -> None:
    """Takes every signal that asks to end as Ctrl-C."""
    raise KeyboardInterrupt(number)


def start(
    command: Sequence[str], extra: Mapping[str, str], output: int | None = None
) -> subprocess.Popen[bytes]:
    """Starts a program in a session of its own, so that Ctrl-C reaches only this
    process, which then ends the program in order. `output` is a file for its words."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(extra),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def wait_for_answer(port: int, running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Returns when the web server answers; raises StartError if it does not within a
    minute or if one of the programs has ended."""
    last = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < last:
        refuse_ended(running)
        connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS_TO_ANSWER)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            connection.getresponse()
            return
        time.sleep(0.1)
    raise StartError(
        f"The web server did not answer within {SECONDS_TO_ANSWER} seconds."
    )


def refuse_ended(running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Raises StartError when one of the programs has ended."""
    for name, program in running.items():
        if program.poll() is not None:
            said = WORKER_LOG.read_text(errors="replace") if "worker" in name else ""
            where = "it said last:" if said else "what it said stands above."
            raise StartError(
                f"The {name} ended by itself (exit code {program.returncode}), so that "
                f"Rostrum was ended; {where}{last_lines(said)}"
            )


def end(programs: Sequence[subprocess.Popen[bytes]]) -> None:
    """Asks programs to end and waits; kills, with what they started, those that do
    not end within ten seconds. A second Ctrl-C changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for program in programs:
        program.terminate()
    last = time.monotonic() + SECONDS_TO_END
    for program in programs:
        try:
            program.wait(max(0.1, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()


# --- Testing -------------------------------------------------------------------


def show(
    name: str, command: Sequence[str], extra: Mapping[str, str] | None = None
) -> str:
    """Runs a program in sight and gives what it said; raises StartError with its name
    when it fails."""
    lines = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment({"PYTHONUNBUFFERED": "1", **(extra or {})}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as program:
        for line in program.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    if program.returncode:
        raise StartError(f"{name} failed (exit code {program.returncode}); see above.")
    return "".join(lines)


def tool(*words: str, extra: Mapping[str, str] | None = None) -> str:
    """Runs a Python program of .venv in sight: tool("ruff", "check", ".")."""
    return show(words[0], [PYTHON, "-m", *words], extra)


def pytest(markers: str, extra: Mapping[str, str], processes: int = 0) -> str:
    """Runs the tests that a marker expression selects, shared by this many processes,
    and gives pytest's closing line. Raises StartError when one fails, and when none
    was run (pytest's exit code 5)."""
    colour = "yes" if sys.stdout.isatty() else "no"
    how = [f"--color={colour}", f"--numprocesses={processes}"]
    said = tool("pytest", *how, "-m", markers, extra=extra)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    closing = re.findall(r"^=*\s*(\d+ \w+.* in [\d.]+s.*?)[\s=]*$", plain, re.MULTILINE)
    return closing[-1] if closing else ""


def test_quickly(database: str) -> str:
    """Runs all tests but those that need more than Python and a database."""
    is_second = database != TEST_DATABASE
    left_out = set(LEFT_OUT) - (ON_POSTGRESQL if is_second else set())
    markers = " and ".join(f"not {name}" for name in LEFT_OUT if name in left_out)
    if is_second:
        markers += " and (thorough or not bare)"
    # Each process has a database and a folder of its own; more than four of them
    # spend longer on making these than they save.
    processes = min(os.cpu_count() or 1, 4)
    return pytest(markers, {"DATABASE_URL": database}, processes)


def endure(database: str, scale: str) -> str:
    """Runs the endurance tests with their counts multiplied by a scale."""
    return pytest("endure", {"DATABASE_URL": database, "ENDURE_SCALE": scale})


def check_templates() -> str:
    """Compares the templates with the form that djade gives them."""
    templates = sorted(str(file) for file in (ROOT / "templates").glob("**/*.html"))
    return show("djade", [str(VENV / "bin" / "djade"), "--check", *templates])


def check_deployment() -> str:
    """Runs Django's own check of settings as they are in production."""
    production = {
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "programme.example.org",
        "PUBLIC_URL": "https://programme.example.org",
        "HTTPS": "true",
        "BEHIND_PROXY": "true",
        "DATABASE_URL": TEST_DATABASE,
        # A folder that is there before anything was issued.
        "EDITIONS_FOLDER": str(VAR),
    }
    check = [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return show("manage.py check", check, production)


def check_migrations() -> str:
    """Sees that every change of a model has its migration."""
    check = [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]
    return show("manage.py makemigrations", check, {"DATABASE_URL": TEST_DATABASE})


def provide_chromium() -> None:
    """Sees that a browser is there for the browser tests; installs Debian's, without
    windows where there is such a one: the tests then take a third less time."""
    for package in BROWSERS:
        if any(map(shutil.which, BROWSERS)):
            return
        apt_install([package])
    if not any(map(shutil.which, BROWSERS)):
        raise StartError(
            "The browser tests need Chromium as `chromium`; on Debian: "
            "`sudo apt-get install -y --no-install-recommends chromium`."
        )


def provide_nginx() -> None:
    """Sees that nginx is there for the tests of its example configuration."""
    folders = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]
    found = shutil.which("nginx", path=os.pathsep.join(folders))
    # Unpacked and not installed, which would start a web server on port 80.
    folder = UNPACKED / "nginx"
    if not (found or folder.exists() or apt_unpack(["nginx"], folder)):
        raise StartError(
            "The tests of deploy/ need nginx; on Debian: "
            "`sudo apt-get install -y --no-install-recommends nginx`."
        )


def provide_postgresql() -> str:
    """The address of a PostgreSQL that answers; starts or installs one of Debian's
    where that is possible. Raises StartError with what to do where it is not."""
    url = os.environ.get("CHECK_DATABASE_URL", CHECK_DATABASE)
    if postgresql_answers(url):
        return url
    if not shutil.which("pg_ctlcluster"):
        apt_install(["postgresql"])
    start_postgresql()
    if postgresql_answers(url):
        return url
    own = url_with_own_role(url)
    if own and postgresql_answers(own):
        return own
    raise StartError(
        f"No PostgreSQL answers at {url.rpartition('@')[2]}. Start one there, or name "
        "another that may create databases: "
        "CHECK_DATABASE_URL=postgres://user:password@host:5432/name."
    )


def postgresql_answers(url: str) -> bool:
    """Whether PostgreSQL lets this address's user in, tried for two seconds."""
    server = url.rpartition("/")[0].replace("postgres://", "postgresql://", 1)
    test = "import psycopg2, sys; psycopg2.connect(sys.argv[1], connect_timeout=2)"
    return call([PYTHON, "-c", test, f"{server}/postgres"], logged=False)[0]


def start_postgresql() -> None:
    """Starts Debian's first PostgreSQL cluster that is down."""
    rights = administrator()
    if rights is None or not shutil.which("pg_lsclusters"):
        return
    clusters = [line.split() for line in call(["pg_lsclusters", "-h"])[1].splitlines()]
    down = [cluster for cluster in clusters if "down" in cluster]
    if down:
        version, name = down[0][:2]
        say(f"Starting PostgreSQL {version}")
        call([*rights, "pg_ctlcluster", version, name, "start"])


def url_with_own_role(url: str) -> str:
    """The address with a role made for checking, for a PostgreSQL of Debian's that
    knows no password of ours; empty where only its administrator could make one."""
    if os.geteuid() != 0 or not shutil.which("runuser") or not shutil.which("psql"):
        return ""
    psql = ["runuser", "-u", "postgres", "--", "psql", "-c"]
    password = secrets.token_urlsafe(16)
    call([*psql, "CREATE ROLE rostrum_check"], folder=Path("/"))
    grant = f"ALTER ROLE rostrum_check LOGIN CREATEDB PASSWORD '{password}'"
    call([*psql, grant], folder=Path("/"), logged=False)
    return re.sub(r"//[^@/]*@", f"//rostrum_check:{password}@", url)


def check_steps(postgresql: str) -> dict[str, Callable[[], str]]:
    """Everything that is checked, in order; each step gives its closing line."""
    sqlite = TEST_DATABASE
    short = ["--output-format", "concise"]
    return {
        "ruff": lambda: tool("ruff", "check", "."),
        "format": lambda: tool("ruff", "format", "--check", *short, "."),
        "types": lambda: tool("mypy"),
        "templates": check_templates,
        "migrations": check_migrations,
        "deployment": check_deployment,
        "tests on SQLite": lambda: test_quickly(sqlite),
        "tests on PostgreSQL": lambda: test_quickly(postgresql),
        "browser": lambda: pytest("browser", {"DATABASE_URL": sqlite}, 2),
        "veraPDF": lambda: pytest("verapdf", {"DATABASE_URL": sqlite}),
        "nginx": lambda: pytest("nginx", {"DATABASE_URL": sqlite}),
        "endurance on SQLite, a tenth": lambda: endure(sqlite, "0.1"),
        "endurance on PostgreSQL, a tenth": lambda: endure(postgresql, "0.1"),
    }


def take_steps(steps: Mapping[str, Callable[[], str]]) -> None:
    """Takes steps in order up to the first that fails, then prints a table of them
    with their durations and the sum of all tests; raises StartError for the one that
    failed."""
    rows = []
    failure = None
    for name, step in steps.items():
        say(f"\n--- {name}")
        begun = time.monotonic()
        try:
            outcome = (step().strip().splitlines() or ["in order"])[-1]
        except StartError as stop:
            failure = StartError(f"Step “{name}”: {stop}")
            outcome = "FAILED"
        rows.append((name, time.monotonic() - begun, outcome))
        say(f"--- {name}: {rows[-1][1]:.1f} s")
        if failure:
            break
    print_table(rows)
    if failure:
        raise failure


def print_table(rows: Sequence[tuple[str, float, str]]) -> None:
    """Prints what was checked, how long it took and how it ended, and below it how
    many tests passed in all steps together."""
    say("\nChecked:")
    for name, seconds, outcome in rows:
        say(f"  {name:<34}{seconds:>7.1f} s  {outcome}")
    say(f"  {'together':<34}{sum(row[1] for row in rows):>7.1f} s")
    words = " ".join(row[2] for row in rows)
    counts = {
        ending: sum(int(number) for number in re.findall(rf"(\d+) {ending}", words))
        for ending in ("passed", "failed", "skipped")
    }
    if counts["passed"]:
        say("\n" + ", ".join(f"{count} {ending}" for ending, count in counts.items()))


# --- The commands --------------------------------------------------------------


def run_command(port: int) -> None:
    """Sets up what is missing and runs the web server and the task worker."""
    begun = time.monotonic()
    refuse_taken_port(port)
    set_up(RUNTIME)
    prepare_data()
    say(f"Ready after {time.monotonic() - begun:.0f} seconds; starting")
    serve(port)


def setup_command() -> None:
    """Sets up what running needs: .venv, packages, Pango, .env; touches no data."""
    set_up(RUNTIME)
    say(f"Everything is in place: `{spelled('run')}` starts Rostrum.")


def test_command() -> None:
    """Runs the tests on SQLite, without what needs a browser, Java or minutes."""
    set_up(DEVELOPMENT)
    say("Running the tests on SQLite")
    test_quickly(TEST_DATABASE)
    *first, last = LEFT_OUT.values()
    say(
        f"Left out: {', '.join(first)} and {last} tests; `{spelled('check')}` runs them."
    )


def check_command() -> None:
    """Checks everything: style, types, both databases, browser, veraPDF, endurance."""
    set_up(DEVELOPMENT)
    provide_chromium()
    provide_nginx()
    take_steps(check_steps(provide_postgresql()))


def endure_command() -> None:
    """Runs the endurance tests in full on both databases, and on SQLite those too that
    `make check` runs on PostgreSQL alone."""
    set_up(DEVELOPMENT)
    provide_chromium()
    postgresql = provide_postgresql()
    take_steps(
        {
            "endurance on SQLite": lambda: endure(TEST_DATABASE, "1"),
            "endurance on PostgreSQL": lambda: endure(postgresql, "1"),
            "thorough tests on SQLite": lambda: pytest(
                "thorough and not bare", {"DATABASE_URL": TEST_DATABASE}, 2
            ),
        }
    )


def manage_command(words: list[str]) -> int:
    """Runs a management command in sight, with the libraries that were unpacked;
    gives its exit code."""
    command = [PYTHON, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode


def requirements_command(*, upgrade: bool) -> None:
    """Compiles requirements*.in into the pinned files; `upgrade` looks for newer
    versions of everything."""
    set_up(DEVELOPMENT)
    say(f"Compiling with {COMPILER}")
    tool("pip", "install", "--quiet", COMPILER)
    how = [
        "--universal",
        "--python-version",
        dotted(OLDEST_PYTHON),
        "--generate-hashes",
    ]
    # The files name no registry: everyone installs from the one that is set up here.
    plain = ["--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    for name in (RUNTIME, DEVELOPMENT):
        source = name.replace(".txt", ".in")
        newer = ["--upgrade"] if upgrade else []
        tool("uv", "pip", "compile", *how, *plain, *newer, source, "-o", name)
        say(f"Wrote {name}")


def clean_command() -> None:
    """Removes what was installed and cached; keeps .env, the database and editions."""
    say("Removing .venv, unpacked libraries, logs and caches; data and .env stay")
    caches = [".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"]
    for folder in (VENV, UNPACKED, VAR / "log", *(ROOT / name for name in caches)):
        shutil.rmtree(folder, ignore_errors=True)


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        prog="config/start.py", description="Sets Rostrum up and runs it."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help=run_command.__doc__)
    port = os.environ.get("PORT") or DEFAULT_PORT
    run.add_argument("--port", default=port, help=f"port on {HOST} (default {port})")
    commands.add_parser("setup", help=setup_command.__doc__)
    commands.add_parser("test", help=test_command.__doc__)
    commands.add_parser("check", help=check_command.__doc__)
    commands.add_parser("endure", help=endure_command.__doc__)
    any_other = commands.add_parser("manage", help=manage_command.__doc__)
    any_other.add_argument("words", nargs=argparse.REMAINDER)
    compiled = commands.add_parser("requirements", help=requirements_command.__doc__)
    compiled.add_argument("--upgrade", action="store_true")
    commands.add_parser("clean", help=clean_command.__doc__)
    return parser.parse_args(words)


def obey(arguments: argparse.Namespace) -> int:
    """Carries out the command that was read; gives the exit code."""
    refuse_old_python(sys.version_info[:2])
    if arguments.command == "run":
        run_command(read_port(arguments.port))
    elif arguments.command == "manage":
        return manage_command(arguments.words)
    elif arguments.command == "requirements":
        requirements_command(upgrade=arguments.upgrade)
    else:
        plain = {
            "setup": setup_command,
            "test": test_command,
            "check": check_command,
            "endure": endure_command,
            "clean": clean_command,
        }
        plain[arguments.command]()
    return 0


def explain(problem: OSError) -> str:
    """A sentence for what the system refused."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free about 500 MB and run this again."
    where = problem.filename or ROOT
    if problem.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{where} cannot be written to: run this in a folder that is yours."
    return f"The system refused {where}: {problem.strerror or problem}."


def main(words: Sequence[str]) -> int:
    """Runs one command; gives the exit code. Every failure is a sentence."""
    try:
        return obey(read_arguments(words))
    except StartError as stop:
        sentence = str(stop)
    except OSError as problem:
        sentence = explain(problem)
    except KeyboardInterrupt:
        sentence = "Stopped. The same command goes on from here."
    print(f"\n{sentence}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
