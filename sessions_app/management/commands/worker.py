import contextlib
import logging
import threading
from argparse import ArgumentParser
from typing import Any

from django.db import close_old_connections, connection
from django.utils import timezone
from django_tasks_db.management.commands import db_worker

from config.readiness import refuse_bad_start
from sessions_app import issuing, mirror, publishing

logger = logging.getLogger(__name__)

# How often the clock looks for an edition whose minute has come, in seconds.
_TICK = 1


class Command(db_worker.Command):
    help = (
        "Does what takes long: makes the documents of editions, and issues an edition "
        "that waits for its minute. Takes up what an ended worker left half-made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        # Somebody looks at the page while the first task is waited for.
        parser.set_defaults(interval=0.5, startup_delay=False, reload=False)

    def handle(self, **options: Any) -> None:
        with contextlib.suppress(OSError):
            mirror.folder().mkdir(parents=True, exist_ok=True)
        refuse_bad_start()
        take_up()
        stop = threading.Event()
        clock = threading.Thread(target=run_clock, args=[stop], daemon=True)
        clock.start()
        try:
            super().handle(**options)
        finally:
            stop.set()
            clock.join(timeout=10)


def take_up() -> None:
    """Goes on where an ended worker stopped: shows what it recorded, and makes what it
    left half-made. A folder that cannot be written keeps no task waiting."""
    try:
        publishing.publish_all()
    except OSError:
        logger.exception("cannot write the folder of editions")
    issuing.resume()


def run_clock(stop: threading.Event) -> None:
    """Issues each edition at its minute until `stop` is set, beside whatever the worker
    is making: a long document keeps no minute waiting. A database that is away for a
    while delays it and ends nothing."""
    while not stop.wait(_TICK):
        close_old_connections()
        try:
            for issuance in issuing.issue_due(timezone.now()):
                logger.info("%s: %s", issuance, issuance.get_state_display())
        except Exception:
            logger.exception("cannot look for editions whose minute has come")
    connection.close()
