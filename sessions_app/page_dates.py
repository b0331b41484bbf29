"""Dates on the pages of staff, in the language of the page."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import get_language

from sessions_app import dates
from sessions_app.models import Session
from sessions_app.programme import pick
from sessions_app.translated import words


def date(day: dt.date) -> str:
    """“19 June 2017”."""
    return dates.date(day, _language())


def date_range(first: dt.date, last: dt.date) -> str:
    """“19–20 June 2017”."""
    return dates.date_range(first, last, _language())


def day_heading(day: dt.date) -> str:
    """“Monday, 19 June 2017”, where it begins a line."""
    return dates.day_heading(day, _language())


def day_in_sentence(day: dt.date) -> str:
    """“Monday, 19 June 2017” in the midst of a sentence: “lundi 19 juin 2017”."""
    return dates.in_sentence(day_heading(day), _language())


def short_day(day: dt.date) -> str:
    """“Mon 19 June”."""
    return dates.short_day(day, _language())


def moment_there(at: dt.datetime, session: Session | None) -> str:
    """An instant: “24 November 2026, 18.12 Geneva time” for what belongs to a session,
    in UTC for anything else."""
    language = _language()
    if session is None:
        return f"{dates.moment(at, 'UTC', language, 'point')} UTC"
    city = pick(words(session.city), language, session.primary_language).text
    return dates.moment_there(at, session.zone, city, language, session.time_style)


def _language() -> str:
    return get_language() or "en"
