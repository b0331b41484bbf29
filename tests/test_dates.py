import datetime as dt

import pytest

from sessions_app import dates

MONDAY = dt.date(2017, 6, 19)


def plain(words):
    """Hard spaces as spaces: where a line may not break is not what is read."""
    return words.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "numbered", "dates_of_session", "times"),
    [
        (
            "ar",
            "اليوم 1: الاثنين، 19 حزيران/يونيه 2017",
            "19–20 حزيران/يونيه 2017",
            "10:15–13:00",
        ),
        (
            "zh-hans",
            "第1天：2017年6月19日，星期一",
            "2017年6月19日至20日",
            "10:15–13:00",
        ),
        ("en", "Day 1: Monday, 19 June 2017", "19–20 June 2017", "10.15–13.00"),
        ("fr", "Jour 1 : lundi 19 juin 2017", "19–20 juin 2017", "10 h 15 – 13 h"),
        (
            "ru",
            "День 1: Понедельник, 19 июня 2017 года",
            "19–20 июня 2017 года",
            "10:15–13:00",
        ),
        (
            "es",
            "Día 1: lunes 19 de junio de 2017",
            "19–20 de junio de 2017",
            "10.15–13.00",
        ),
    ],
)
def test_each_language_has_its_own_dates_and_times(
    language, numbered, dates_of_session, times
):
    assert plain(dates.numbered_day(1, MONDAY, language)) == numbered
    assert (
        plain(dates.date_range(MONDAY, dt.date(2017, 6, 20), language))
        == dates_of_session
    )
    assert (
        plain(dates.time_range(dt.time(10, 15), dt.time(13), language, "point"))
        == times
    )


@pytest.mark.parametrize(
    ("start", "end", "style", "words"),
    [
        ("10:00", "13:00", "point", "10.00–13.00"),
        ("10:00", "13:00", "colon", "10:00–13:00"),
        ("10:00", "13:00", "half-days", "10 a.m.–1 p.m."),
        ("15:00", "18:00", "half-days", "3–6 p.m."),
        ("10:30", "12:00", "half-days", "10.30 a.m.–12 noon"),
        ("22:00", "00:00", "half-days", "10 p.m.–midnight"),
        ("10:00", None, "point", "10.00"),
        (None, None, "point", ""),
    ],
)
def test_english_times_follow_the_style_of_the_session(start, end, style, words):
    wall = [dt.time.fromisoformat(t) if t else None for t in (start, end)]

    assert plain(dates.time_range(*wall, "en", style)) == words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2017-06-19", "2017-06-19", "19 June 2017"),
        ("2017-06-30", "2017-07-02", "30 June–2 July 2017"),
        ("2017-12-30", "2018-01-02", "30 December 2017 – 2 January 2018"),
    ],
)
def test_range_says_once_what_both_dates_share(first, last, words):
    range_ = map(dt.date.fromisoformat, (first, last))

    assert plain(dates.date_range(*range_, "en")) == words


def test_first_of_a_month_is_1er_in_french():
    assert (
        plain(dates.day_heading(dt.date(2017, 7, 1), "fr")) == "Samedi 1er juillet 2017"
    )


def test_moment_is_told_in_the_time_of_the_place():
    at = dt.datetime(2017, 6, 14, 14, 20, tzinfo=dt.UTC)

    said = dates.moment(at, "Europe/Zurich", "en", "point")

    assert plain(said) == "14 June 2017, 16.20"


@pytest.mark.parametrize(
    ("minutes", "words"), [(15, "15 min"), (120, "2 h"), (165, "2 h 45")]
)
def test_duration_is_short(minutes, words):
    assert plain(dates.duration(minutes, "en")) == words
