from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sessions_app import issuing
from sessions_app.models import Session


class Command(BaseCommand):
    help = "Issues a session as it stands, and says each step."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("conference", help="The address of the conference.")
        parser.add_argument("session", help="The address of the session.")
        parser.add_argument("--label", default="", help="What prints: Rev.1, Corr.1.")
        parser.add_argument(
            "--reason", default="", help="Why the warnings, if there are any, stand."
        )

    def handle(self, **options: Any) -> None:
        session = Session.objects.filter(
            conference__slug=options["conference"], slug=options["session"]
        ).first()
        if session is None:
            raise CommandError(
                f"There is no session at {options['conference']}/{options['session']}."
            )
        try:
            edition = issuing.issue(
                session,
                by=None,
                label=options["label"],
                reason=options["reason"],
                tell=self.stdout.write,
            )
        except (issuing.NotIssued, issuing.NotMirrored) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Issued {issuing.name_of(edition)}.")
