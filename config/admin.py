"""The admin site: Django's own, speaking as the secretariat does."""

from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# The models in the order in which staff need them, under headings of the desk's own.
# The queue of tasks is for operators and not listed.
_HEADINGS: list[tuple[Any, list[str]]] = [
    (_("Programme"), ["Session", "Conference", "Slot", "Room"]),
    (_("People"), ["Person", "Role"]),
    (
        _("Issued"),
        ["Edition", "Document", "Issuance", "Withdrawal", "Redaction"],
    ),
    (_("Accounts"), ["User"]),
]


class SecretariatSite(AdminSite):
    """The desk of the secretariat."""

    site_header = _("Rostrum")
    site_title = _("Rostrum")
    index_title = _("Programme desk")

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        listed = super().get_app_list(request, app_label)
        if app_label is not None:
            return listed
        models = {
            model["object_name"]: {**application, "models": [model]}
            for application in listed
            for model in application["models"]
        }
        return [
            _under(heading, [models[name] for name in names if name in models])
            for heading, names in _HEADINGS
            if any(name in models for name in names)
        ]


def _under(heading: Any, applications: list[Any]) -> dict[str, Any]:
    """Models of several applications as one entry of the list."""
    return {
        **applications[0],
        "name": heading,
        "models": [application["models"][0] for application in applications],
    }


class SecretariatAdminConfig(AdminConfig):
    """Puts SecretariatSite in the place of Django's default site."""

    default_site = "config.admin.SecretariatSite"
