import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from sessions_app.models import Edition, Redaction, Session
from sessions_app.publishing import Tell, publish_standing, rebuild_mirror

# Waits for so many seconds, and tells whether to end.
Wait = Callable[[float], bool]


class Command(BaseCommand):
    help = (
        "Rebuilds the folder of issued editions from the database. With --follow it "
        "then keeps it like the database until it is ended, on a machine that serves "
        "editions which others issue."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--follow", action="store_true", help="go on, and bring what is issued"
        )
        parser.add_argument(
            "--every",
            type=float,
            default=2,
            metavar="SECONDS",
            help="how often to look",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["follow"]:
            with _until_ended() as wait:
                follow(wait, self._tell, max(options["every"], 0.1))
            self._tell("Ended.")
            return
        tell = self.stdout.write if options["verbosity"] > 1 else lambda _step: None
        count = rebuild_mirror(tell)
        self.stdout.write(f"The folder holds {count} editions, as the database does.")

    def _tell(self, step: str) -> None:
        self.stdout.write(step)
        # A service's output is no terminal, and would keep it for itself.
        self.stdout.flush()


@contextmanager
def _until_ended() -> Iterator[Wait]:
    """What waits until SIGTERM or Ctrl-C comes, which end nothing half-way."""
    ended = threading.Event()
    wanted = (signal.SIGTERM, signal.SIGINT)
    before = {each: signal.signal(each, lambda *_: ended.set()) for each in wanted}

    def wait(seconds: float) -> bool:
        is_ended = ended.wait(seconds)
        if not is_ended:
            # One that broke is replaced by a new one.
            close_old_connections()
        return is_ended

    try:
        yield wait
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


# --- Following --------------------------------------------------------------


class State(NamedTuple):
    """What the folder depends on, in little: the editions of each session by its key,
    each by its key with its digest and whether it is withdrawn; and the last removal of
    a person's data that is done, which may change documents under the same digest."""

    editions: Mapping[int, Mapping[int, tuple[str, int | None]]]
    redaction: int | None


def follow(wait: Wait, tell: Tell, every: float) -> None:
    """Keeps the folder like the database, looking every so many seconds, until `wait`
    says to end. A database that is away, or a folder that cannot be written, is told
    once, and again when it is back; readers have what is in the folder meanwhile."""
    shown: State | None = None
    is_away = False
    while True:
        try:
            shown = _bring(shown, tell)
            if is_away:
                tell("Following again.")
            is_away = False
        except (Error, OSError) as error:
            if not is_away:
                reason = " ".join(str(error).split())
                tell(f"Cannot follow for now; trying on: {reason}")
            is_away = True
        if wait(every):
            return


def _bring(shown: State | None, tell: Tell) -> State:
    """Brings what the folder lacks since it was like `shown`; gives what it is like."""
    found = _state()
    if found == shown:
        return found
    if shown is None or _is_rewritten(shown, found):
        count = rebuild_mirror()
        tell(f"The folder holds {count} editions, as the database does.")
        return found
    changed = {
        key: editions
        for key, editions in found.editions.items()
        if editions != shown.editions.get(key)
    }
    for session in Session.objects.filter(pk__in=changed):
        publish_standing(session)
        _tell_of(shown.editions.get(session.pk, {}), changed[session.pk], tell)
    return found


def _state() -> State:
    editions: dict[int, dict[int, tuple[str, int | None]]] = {}
    rows = Edition.objects.values_list("session", "pk", "digest", "withdrawal")
    for session, edition, digest, withdrawal in rows.order_by("session", "number"):
        editions.setdefault(session, {})[edition] = digest, withdrawal
    done = Redaction.objects.filter(closed_at__isnull=False).order_by("-pk")
    return State(editions, done.values_list("pk", flat=True).first())


def _is_rewritten(shown: State, found: State) -> bool:
    """Whether editions that were there are not what they were: removed, as by a restore
    of a backup, or changed, as only the removal of a person's data may."""
    if found.redaction != shown.redaction:
        return True
    return any(
        found.editions.get(session, {}).get(edition, ("",))[0] != digest
        for session, editions in shown.editions.items()
        for edition, (digest, _withdrawal) in editions.items()
    )


def _tell_of(
    shown: Mapping[int, tuple[str, int | None]],
    found: Mapping[int, tuple[str, int | None]],
    tell: Tell,
) -> None:
    for edition in (
        Edition.objects.filter(pk__in=found).defer("programme").order_by("number")
    ):
        if edition.pk not in shown:
            tell(f"Brought: {edition}")
        withdrawal = found[edition.pk][1]
        if withdrawal and withdrawal != shown.get(edition.pk, ("", None))[1]:
            tell(f"Withdrawn: {edition}")
