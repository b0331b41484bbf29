from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from config import readiness
from sessions_app.outputs.pdf import check_fonts, check_pango


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    verbose_name = _("Programme")

    def ready(self) -> None:
        # Only before service: it loads the whole printing library.
        checks.register(check_pango, deploy=True)
        for check in (
            readiness.check_secret,
            readiness.check_debug,
            readiness.check_hosts,
            readiness.check_folder,
            readiness.check_migrations,
            check_fonts,
        ):
            checks.register(check, readiness.START, deploy=True)
