"""The entry point of a web server that speaks ASGI: config.asgi:application."""

import os

from django.core.asgi import get_asgi_application

from config.postgresql import bound_waiting
from config.readiness import load_ahead, refuse_bad_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Here and not in the settings: the worker and the commands have time, and hold up nobody.
bound_waiting()

application = get_asgi_application()
refuse_bad_start()
load_ahead()
