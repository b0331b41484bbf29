"""The staff side: one module for each page of the admin."""

from sessions_app.admin import conference, edition, room, session, slot

__all__ = ["conference", "edition", "room", "session", "slot"]
