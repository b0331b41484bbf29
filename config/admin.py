"""The admin site: Django's own, speaking as the secretariat does."""

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite
from django.utils.translation import gettext_lazy as _


class SecretariatSite(AdminSite):
    site_header = _("Rostrum: programme desk")
    site_title = _("Rostrum")
    index_title = _("Programme desk")


class SecretariatAdminConfig(AdminConfig):
    """Puts SecretariatSite in the place of Django's default site."""

    default_site = "config.admin.SecretariatSite"
