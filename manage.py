#!/usr/bin/env python3
"""Runs Rostrum's management commands: `python manage.py help` lists them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed in this Python. "
            "`make setup` (or `python3 config/start.py setup`) installs it."
        )
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
