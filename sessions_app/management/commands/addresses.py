from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from sessions_app import mirror
from sessions_app.outputs.addresses import agenda_address, sessions_address


class Command(BaseCommand):
    help = "Prints the addresses of an agenda, its procedural note and the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="the port on this machine")

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"]
        root = f"http://127.0.0.1:{port}" if port else settings.PUBLIC_URL
        lines = [("Sessions", root + sessions_address(settings.LANGUAGE_CODE))]
        for standing in sorted(mirror.standings(), key=lambda s: s.starts_on):
            language = standing.primary_language
            agenda = root + agenda_address(
                language, standing.conference, standing.session
            )
            title = standing.title.get(language, standing.session)
            lines.append((f"Agenda: {title}", agenda))
            lines.append(("  procedural note (PDF)", f"{agenda}note.pdf"))
        lines.append(("Admin", f"{root}/admin/"))
        width = max(len(name) for name, _address in lines)
        for name, address in lines:
            self.stdout.write(f"{name:{width}}  {address}")
