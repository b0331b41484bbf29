from typing import Any

from django.core.management.base import BaseCommand

from sessions_app.publishing import rebuild_mirror


class Command(BaseCommand):
    help = "Rebuilds the folder of issued editions from the database."

    def handle(self, *args: Any, **options: Any) -> None:
        tell = self.stdout.write if options["verbosity"] > 1 else lambda _step: None
        count = rebuild_mirror(tell)
        self.stdout.write(f"The folder holds {count} editions, as the database does.")
