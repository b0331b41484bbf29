"""What the templates of the desk print with: dates, and commas, in the language of the
page."""

import datetime as dt

from django import template
from django.utils.translation import get_language

from sessions_app import page_dates
from sessions_app.models import Session
from sessions_app.programme import comma_of

register = template.Library()

register.filter("date_in_words", page_dates.date)
register.filter("short_day", page_dates.short_day)


@register.simple_tag
def dates_of_session(session: Session) -> str:
    """The dates of a session: “19–20 June 2017”."""
    return page_dates.date_range(session.starts_on, session.ends_on)


@register.simple_tag
def moment_there(at: dt.datetime, session: Session | None) -> str:
    """An instant as date and time of the session's place, which is named."""
    return page_dates.moment_there(at, session)


@register.simple_tag
def page_comma() -> str:
    """The comma of the page with the space behind it."""
    return comma_of(get_language())
