"""The admin site: Django's own, speaking as the secretariat does."""

from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# What staff work with first; the queue of tasks is for operators and not listed.
_ORDER = ["sessions_app", "speakers", "auth"]


class SecretariatSite(AdminSite):
    """The desk of the secretariat."""

    site_header = _("Rostrum: programme desk")
    site_title = _("Rostrum")
    index_title = _("Programme desk")

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        listed = [
            application
            for application in super().get_app_list(request, app_label)
            if application["app_label"] in _ORDER
        ]
        return sorted(listed, key=lambda found: _ORDER.index(found["app_label"]))


class SecretariatAdminConfig(AdminConfig):
    """Puts SecretariatSite in the place of Django's default site."""

    default_site = "config.admin.SecretariatSite"
