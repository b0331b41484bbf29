from typing import Any

from django.core.management.base import BaseCommand

from sessions_app.demonstration import load_demonstration


class Command(BaseCommand):
    help = "Loads the demonstration: two conferences, three sessions, issued editions."

    def handle(self, *args: Any, **options: Any) -> None:
        load_demonstration(tell=self.stdout.write)
        self.stdout.write("The demonstration is loaded.")
