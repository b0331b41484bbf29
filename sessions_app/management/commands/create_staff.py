"""Creates the first account of staff, or gives an account a duty."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from sessions_app.models import Conference, Duty

NAME = "secretariat"


class Command(BaseCommand):
    help = (
        "Creates an account of staff that may do everything, or with --duty one that "
        "has this duty, and prints its password this once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", default=NAME, help="of the account")
        parser.add_argument("--duty", choices=Duty.Kind.values)
        parser.add_argument(
            "--conference", help="the address of the conference; every one without it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, duty, slug = options["name"], options["duty"], options["conference"]
        if slug and not duty:
            raise CommandError("Say which duty: --duty reader, editor, publisher …")
        conference = _conference(slug) if slug else None
        account = self._account(name, is_superuser=not duty)
        if duty:
            Duty.objects.update_or_create(
                user=account, conference=conference, defaults={"kind": duty}
            )
            account.is_staff = True
            account.save(update_fields=["is_staff"])
            where = conference or "every conference"
            self.stdout.write(f"Duty: {Duty.Kind(duty).label}, {where}")

    def _account(self, name: str, *, is_superuser: bool) -> Any:
        accounts = get_user_model().objects
        account = accounts.filter(username=name).first()
        if account is not None:
            self.stdout.write(
                f"Staff account: {name}  (it exists; to set a new password: "
                f"python manage.py changepassword {name})"
            )
            return account
        password = secrets.token_urlsafe(12)
        self.stdout.write(f"Staff account: {name}  password: {password}")
        return accounts.create_user(
            name, password=password, is_staff=True, is_superuser=is_superuser
        )


def _conference(slug: str) -> Conference:
    found = Conference.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no conference with the address “{slug}”.")
    return found
