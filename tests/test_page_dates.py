"""Dates on the pages of staff, in the language of the page."""

import datetime as dt

import pytest
from django.utils import translation

from sessions_app import page_dates
from sessions_app.models import Session
from sessions_app.translated import text

DAY = dt.date(2027, 6, 21)
NOON = dt.datetime(2027, 6, 21, 10, tzinfo=dt.UTC)


def in_language(language, say, *values):
    with translation.override(language):
        return say(*values).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "heading", "in_sentence"),
    [
        ("en", "Monday, 21 June 2027", "Monday, 21 June 2027"),
        ("fr", "Lundi 21 juin 2027", "lundi 21 juin 2027"),
        ("ru", "Понедельник, 21 июня 2027 года", "понедельник, 21 июня 2027 года"),
        ("es", "Lunes 21 de junio de 2027", "lunes 21 de junio de 2027"),
        ("zh-hans", "2027年6月21日，星期一", "2027年6月21日，星期一"),
    ],
)
def test_a_day_begins_small_within_a_sentence_where_the_language_does(
    language, heading, in_sentence
):
    assert in_language(language, page_dates.day_heading, DAY) == heading
    assert in_language(language, page_dates.day_in_sentence, DAY) == in_sentence


def test_dates_are_in_the_language_of_the_page():
    later = dt.date(2027, 6, 22)

    assert in_language("es", page_dates.date, DAY) == "21 de junio de 2027"
    assert in_language("fr", page_dates.date_range, DAY, later) == "21–22 juin 2027"
    assert in_language("en", page_dates.short_day, DAY) == "Mon 21 June"


def test_the_city_of_a_moment_is_named_in_the_language_of_the_page_where_it_has_a_name():
    session = Session(
        city=text("Geneva", fr="Genève"),
        zone="Europe/Zurich",
        primary_language="en",
        time_style="point",
    )

    assert in_language("fr", page_dates.moment_there, NOON, session) == (
        "21 juin 2027, 12 heures (heure de Genève)"
    )
    assert in_language("es", page_dates.moment_there, NOON, session) == (
        "21 de junio de 2027, 12.00 horas (hora de Geneva)"
    )


def test_a_moment_of_no_session_is_told_in_utc():
    assert in_language("en", page_dates.moment_there, NOON, None) == (
        "21 June 2027, 10.00 UTC"
    )
