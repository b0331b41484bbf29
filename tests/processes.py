"""Processes of their own, on the database and the folder of the test."""

import os
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection


def environment_of_process() -> dict[str, str]:
    """The environment in which another process finds what this test has made."""
    return {
        **os.environ,
        "DATABASE_URL": _address_of_the_database(),
        "EDITIONS_FOLDER": str(settings.EDITIONS_FOLDER),
    }


def _address_of_the_database() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    address = urlsplit(os.environ["DATABASE_URL"])
    return address._replace(path=f"/{name}").geturl()
