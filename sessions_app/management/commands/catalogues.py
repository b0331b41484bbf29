"""Brings the catalogues of the interface up to date with the sources."""

from typing import Any

from django.core.management.base import BaseCommand

from config import catalogues


class Command(BaseCommand):
    """Writes and compiles the catalogues in config/locale; translators fill what is
    empty there, and run it again. With --check, writes nothing and fails when a
    catalogue lacks something."""

    help = "Brings the catalogues of the interface up to date and compiles them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("languages", nargs="*", help="ar, zh-hans, fr, ru, es; all")
        parser.add_argument("--check", action="store_true", help="only look")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for language in options["languages"] or catalogues.LANGUAGES:
            if not options["check"]:
                catalogues.update(language)
            found = catalogues.faults_of(language)
            faults += len(found)
            for fault in found:
                self.stdout.write(f"{language}: {fault}")
            self.stdout.write(f"{language}: {len(found)} faults")
        if options["check"] and faults:
            raise SystemExit(1)
