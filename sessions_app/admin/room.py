"""The page of a room."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.pages import ProgrammeAdmin, in_each_language
from sessions_app.models import Room, said


@admin.register(Room)
class RoomAdmin(ProgrammeAdmin):
    """Places to meet."""

    list_display = ["name_in_words", "venue_in_words", "position"]
    search_fields = in_each_language("venue", "name")
    fieldsets = [(None, {"fields": ["venue", "name", "position"]})]

    @admin.display(description=_("room"), ordering="position")
    def name_in_words(self, room: Room) -> str:
        return said(room.name) or said(room.venue)

    @admin.display(description=_("venue"))
    def venue_in_words(self, room: Room) -> str:
        return said(room.venue)
