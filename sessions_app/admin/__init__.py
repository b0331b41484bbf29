"""The staff side: one module for each page of the admin."""

from sessions_app.admin import accounts, conference, edition, room, session, slot

__all__ = ["accounts", "conference", "edition", "room", "session", "slot"]
