"""What Django says on pages of the desk and has not translated into all our languages:
our catalogues do."""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

WORDS = (
    # Lists of the desk.
    _("Add link"),
    _("Change or view list link"),
    _("Model name"),
    # Forms.
    _("Error:"),
    _("Constraint “%(name)s” is violated."),
    ngettext_lazy(
        "Please submit at least %(num)d form.",
        "Please submit at least %(num)d forms.",
        "num",
    ),
    ngettext_lazy(
        "Please submit at most %(num)d form.",
        "Please submit at most %(num)d forms.",
        "num",
    ),
    # Accounts and passwords.
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("Conflicting form data submitted. Please try again."),
    _("Disabled"),
    _("Enable password-based authentication for this user by setting a password."),
    _("Enabled"),
    _("Password-based authentication"),
    _("Password-based authentication was disabled."),
    _("Raw passwords are not stored, so there is no way to see the user’s password."),
    _("Reset password"),
    _("Set password"),
    _("Set password: %s"),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    _(
        "Whether the user will be able to authenticate using a password or not. If "
        "disabled, they may still be able to authenticate using other backends, such "
        "as Single Sign-On or LDAP."
    ),
)
