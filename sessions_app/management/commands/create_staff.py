"""Creates the first account of staff."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

NAME = "secretariat"


class Command(BaseCommand):
    help = "Creates the staff account, and prints its password this once."

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = get_user_model().objects
        if accounts.filter(username=NAME).exists():
            self.stdout.write(
                f"Staff account: {NAME}  (it exists; to set a new password: "
                f"python manage.py changepassword {NAME})"
            )
            return
        password = secrets.token_urlsafe(12)
        accounts.create_superuser(username=NAME, password=password)
        self.stdout.write(f"Staff account: {NAME}  password: {password}")
