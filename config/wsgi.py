"""The entry point of a web server that speaks WSGI: config.wsgi:application."""

import os

from django.core.wsgi import get_wsgi_application

from config.postgresql import bound_waiting
from config.readiness import load_ahead, refuse_bad_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Here and not in the settings: the worker and the commands have time, and hold up nobody.
bound_waiting()

application = get_wsgi_application()
refuse_bad_start()
load_ahead()
