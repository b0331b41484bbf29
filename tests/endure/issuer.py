"""An issuing process of its own, to be killed or to be set against others.

It is born in a nursery, follows an `Order`, and says what it does in lines on its
standard output."""

import contextlib
import dataclasses
import itertools
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import django

_WATCHED = {"open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod"}


@dataclass(frozen=True)
class Order:
    """What the process is to do.

    `act`: "loop" edits and issues until it is killed; "once" edits and issues once,
    telling every moment at which it could be killed; "on call" freezes an edition for
    each line on its standard input, and records it on the next line; "worker" is the
    task worker, until it is killed; "worker once" ends when no task is left. `folder`:
    that of editions. `die_at`: the number of the moment at which it kills itself; 0 for
    none. `real`: makes the real documents. `without`: the guard to take away:
    "transaction", "order" (the folder points to the edition before the database has
    it), "number" or "resume"."""

    session: int
    by: int
    act: str
    folder: str
    die_at: int = 0
    real: bool = False
    without: str = ""


def say(*words: Any) -> None:
    print(*words, flush=True)  # noqa: T201 - it is how the process is heard


class Moments:
    """Counts the moments of an issue, before each statement and each change of the
    folder, and kills the process at the one that was ordered."""

    def __init__(self, die_at: int, folder: str) -> None:
        self._die_at = die_at
        self._folder = folder
        self._number = 0
        self._on = False

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        from django.db import connection
        from django.db.backends.base.base import BaseDatabaseWrapper

        commit = BaseDatabaseWrapper._commit
        moments = self

        def commit_between_moments(wrapper: Any) -> None:
            moments.now("before COMMIT")
            commit(wrapper)
            moments.now("after COMMIT")

        def statement(execute: Any, sql: str, *rest: Any) -> Any:
            self.now(" ".join(sql.split()[:3]))
            return execute(sql, *rest)

        BaseDatabaseWrapper._commit = commit_between_moments
        sys.addaudithook(self._change_of_the_folder)
        self._on = True
        with connection.execute_wrapper(statement):
            yield
        self._on = False

    def now(self, what: str) -> None:
        if self._on:
            self._number += 1
            say("moment", what)
            if self._number == self._die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def _change_of_the_folder(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _WATCHED and str(arguments[0]).startswith(self._folder):
            self.now(f"{event} {os.path.basename(str(arguments[0]))}")  # noqa: PTH119


def load() -> None:
    """Loads all that an issuing process needs, and opens nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from sessions_app.management.commands import worker  # noqa: F401


def follow(order: Order) -> None:
    """Does what is ordered."""
    from django.conf import settings

    settings.EDITIONS_FOLDER = order.folder
    if not order.real:
        make_documents_at_once()
    take_away(order.without)
    moments = Moments(order.die_at, order.folder)
    say("ready")
    if order.act == "on call":
        for _line in sys.stdin:
            issue_on_call(order)
    elif order.act.startswith("worker"):
        work(moments, batch=order.act == "worker once")
    elif order.act == "once":
        give_title(order.session, f"{os.getpid()}")
        with moments.counted():
            issue_and_say(order)
    else:
        for number in itertools.count(1):
            give_title(order.session, f"{os.getpid()} {number}")
            issue_and_say(order)


def work(moments: Moments, *, batch: bool) -> None:
    """The task worker, looking often at its tasks and its clock."""
    from django.core.management import call_command

    from sessions_app.management.commands import worker

    worker._TICK = 0.05
    with moments.counted() if batch else contextlib.nullcontext():
        call_command("worker", interval=0.05, batch=batch, verbosity=0)


def make_documents_at_once() -> None:
    """Puts fixed bytes of the size of a note in place of the making of documents."""
    from sessions_app import outputs

    def render(programme: Any, imprint: Any, language: str, *former: Any) -> bytes:
        what = "changes" if former else "note"
        words = f"{what} {imprint.number} {language} {programme.digest} ".encode()
        return words * (60_000 // len(words))

    for registry in (outputs.FORMATS, outputs.REVISIONS):
        for name, real in registry.items():
            if registry is outputs.REVISIONS or real.is_issued:
                registry[name] = dataclasses.replace(real, render=render)


def give_title(session: int, title: str) -> None:
    """Edits two tables in one transaction: the conference of a session and all its
    slots get one title."""
    from django.db import transaction

    from sessions_app.models import Conference, Slot
    from sessions_app.translated import text

    with transaction.atomic():
        Slot.objects.filter(day__session=session).update(title=text(title))
        Conference.objects.filter(sessions=session).update(title=text(title))


def issue_and_say(order: Order, tell: Any = None) -> None:
    from django.contrib.auth.models import User

    from sessions_app.issuing import NotIssued, issue
    from sessions_app.models import Session

    session = Session.objects.get(pk=order.session)
    by = User.objects.get(pk=order.by)
    try:
        edition = issue(session, by=by, tell=tell or (lambda step: say("step", step)))
    except NotIssued as refusal:
        say("refused", refusal)
    else:
        say("issued", edition.number)


def issue_on_call(order: Order) -> None:
    """Issues; waits with the frozen edition until it is told to record it."""

    def tell(step: str) -> None:
        if step.startswith("Recording"):
            say("frozen")
            sys.stdin.readline()

    try:
        issue_and_say(order, tell)
    except Exception as error:  # noqa: BLE001 - heard and judged by the test
        say("failed", repr(error))


# --- Guards taken away ---------------------------------------------------------


def take_away(guard: str) -> None:
    if guard:
        {
            "transaction": without_transaction,
            "order": without_order,
            "number": without_number,
            "resume": without_resume,
        }[guard]()


def without_transaction() -> None:
    """Each statement of the recording is committed by itself."""
    from sessions_app import issuing
    from sessions_app.models import Session

    issuing.transaction = type(
        "NoTransaction", (), {"atomic": lambda **_: contextlib.nullcontext()}
    )
    issuing.connection = type("Anywhere", (), {"in_atomic_block": True, "vendor": ""})
    Session.objects.select_for_update = Session.objects.all


def without_order() -> None:
    """The folder points to an edition before the database has it."""
    from sessions_app import issuing, mirror, publishing
    from sessions_app.programme import EditionCard

    commit = issuing._commit

    def point_and_commit(issuance, programme, imprint, digest, documents):
        standing = publishing.standing_of(issuance.session)
        card = EditionCard(imprint=imprint, digest=digest)
        mirror.point(
            standing.model_copy(
                update={
                    "current": imprint.number,
                    "editions": (card, *standing.editions),
                }
            )
        )
        return commit(issuance, programme, imprint, digest, documents)

    issuing._commit = point_and_commit


def without_number() -> None:
    """Neither number nor state is looked at again before the edition is recorded, and
    whoever comes first takes nobody else off the way."""
    from sessions_app import issuing
    from sessions_app.models import Issuance

    issuing._refuse_unless_on_its_way = lambda _issuance: None
    issuing.on_its_way = lambda _session: Issuance.objects.none()


def without_resume() -> None:
    """A worker leaves what another has left."""
    from sessions_app import issuing

    issuing.resume = lambda: 0
