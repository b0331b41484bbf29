"""The kinds of slots: staff choose one, delegates find slots by it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What a slot is, and how that is called in the language of the page."""

    OPENING = "opening", _("opening")
    PANEL = "panel", _("panel")
    ROUND_TABLE = "round_table", _("round table")
    SUMMARY_PANEL = "summary_panel", _("summary panel")
    PLENARY = "plenary", _("plenary meeting")
    GENERAL_DEBATE = "general_debate", _("general debate")
    INTERACTIVE_DISCUSSION = "interactive_discussion", _("interactive discussion")
    SESSION = "session", pgettext_lazy("kind of slot", "session")
    PRESENTATION = "presentation", _("presentation")
    DISCUSSION = "discussion", _("discussion")
    WORKING_GROUP = "working_group", _("working group")
    DRAFTING_GROUP = "drafting_group", _("drafting group")
    KEYNOTE = "keynote", _("keynote")
    CLOSING = "closing", _("closing")
    LUNCH = "lunch", _("lunch")
    BREAK = "break", _("break")
    RECEPTION = "reception", _("reception")
    REGISTRATION = "registration", _("registration")
    SIDE_EVENT = "side_event", _("side event")
    OTHER = "other", _("other")
