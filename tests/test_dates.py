"""Dates and times: every form of every language, and of every style where it counts."""

import datetime as dt

import pytest

from sessions_app import dates

SIX = ("ar", "zh-hans", "en", "fr", "ru", "es")
STYLES = ("point", "colon", "half-days")
MONDAY = dt.date(2017, 6, 19)


def plain(words):
    """Hard spaces as spaces: where a line may not break is not what is read."""
    return words.replace("\u00a0", " ")


def day(text):
    return dt.date.fromisoformat(text)


def wall(text):
    return dt.time.fromisoformat(text) if text else None


def walls(text):
    """ "10:00–13:00" as two times; "10:00" as a start alone."""
    start, _dash, end = text.partition("–")
    return wall(start), wall(end)


# --- Dates ---


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (
            lambda language: dates.date(MONDAY, language),
            {
                "ar": "19 حزيران/يونيه 2017",
                "zh-hans": "2017年6月19日",
                "en": "19 June 2017",
                "fr": "19 juin 2017",
                "ru": "19 июня 2017 года",
                "es": "19 de junio de 2017",
            },
        ),
        (
            lambda language: dates.date(day("2017-08-01"), language),
            {
                "ar": "1 آب/أغسطس 2017",
                "zh-hans": "2017年8月1日",
                "en": "1 August 2017",
                "fr": "1er août 2017",
                "ru": "1 августа 2017 года",
                "es": "1 de agosto de 2017",
            },
        ),
        (
            lambda language: dates.day_heading(MONDAY, language),
            {
                "ar": "الاثنين، 19 حزيران/يونيه 2017",
                "zh-hans": "2017年6月19日，星期一",
                "en": "Monday, 19 June 2017",
                "fr": "Lundi 19 juin 2017",
                "ru": "Понедельник, 19 июня 2017 года",
                "es": "Lunes 19 de junio de 2017",
            },
        ),
        (
            lambda language: dates.numbered_day(1, MONDAY, language),
            {
                "ar": "اليوم 1: الاثنين، 19 حزيران/يونيه 2017",
                "zh-hans": "第1天：2017年6月19日，星期一",
                "en": "Day 1: Monday, 19 June 2017",
                "fr": "Jour 1 : lundi 19 juin 2017",
                "ru": "День 1: понедельник, 19 июня 2017 года",
                "es": "Día 1: lunes 19 de junio de 2017",
            },
        ),
        (
            lambda language: dates.short_day(MONDAY, language),
            {
                "ar": "الاثنين 19 حزيران/يونيه",
                "zh-hans": "6月19日 周一",
                "en": "Mon 19 June",
                "fr": "Lun. 19 juin",
                "ru": "Пн 19 июня",
                "es": "Lun 19 de junio",
            },
        ),
    ],
    ids=["date", "first of a month", "heading", "numbered day", "short day"],
)
def test_each_language_writes_a_day_in_its_own_way(form, words):
    assert {language: plain(form(language)) for language in SIX} == words


def test_arabic_months_have_their_two_names():
    months = [dates.date(dt.date(2017, month, 2), "ar") for month in range(1, 13)]

    assert [plain(words) for words in months] == [
        "2 كانون الثاني/يناير 2017",
        "2 شباط/فبراير 2017",
        "2 آذار/مارس 2017",
        "2 نيسان/أبريل 2017",
        "2 أيار/مايو 2017",
        "2 حزيران/يونيه 2017",
        "2 تموز/يوليه 2017",
        "2 آب/أغسطس 2017",
        "2 أيلول/سبتمبر 2017",
        "2 تشرين الأول/أكتوبر 2017",
        "2 تشرين الثاني/نوفمبر 2017",
        "2 كانون الأول/ديسمبر 2017",
    ]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (
            "2017-06-19",
            "2017-06-19",
            {
                "ar": "19 حزيران/يونيه 2017",
                "zh-hans": "2017年6月19日",
                "en": "19 June 2017",
                "fr": "19 juin 2017",
                "ru": "19 июня 2017 года",
                "es": "19 de junio de 2017",
            },
        ),
        (
            "2017-06-19",
            "2017-06-20",
            {
                "ar": "19–20 حزيران/يونيه 2017",
                "zh-hans": "2017年6月19日至20日",
                "en": "19–20 June 2017",
                "fr": "19–20 juin 2017",
                "ru": "19–20 июня 2017 года",
                "es": "19–20 de junio de 2017",
            },
        ),
        (
            "2017-06-01",
            "2017-06-02",
            {
                "ar": "1–2 حزيران/يونيه 2017",
                "zh-hans": "2017年6月1日至2日",
                "en": "1–2 June 2017",
                "fr": "1er–2 juin 2017",
                "ru": "1–2 июня 2017 года",
                "es": "1–2 de junio de 2017",
            },
        ),
        (
            "2017-06-30",
            "2017-07-01",
            {
                "ar": "30 حزيران/يونيه – 1 تموز/يوليه 2017",
                "zh-hans": "2017年6月30日至7月1日",
                "en": "30 June–1 July 2017",
                "fr": "30 juin–1er juillet 2017",
                "ru": "30 июня – 1 июля 2017 года",
                "es": "30 de junio–1 de julio de 2017",
            },
        ),
        (
            "2017-12-30",
            "2018-01-02",
            {
                "ar": "30 كانون الأول/ديسمبر 2017 – 2 كانون الثاني/يناير 2018",
                "zh-hans": "2017年12月30日至2018年1月2日",
                "en": "30 December 2017 – 2 January 2018",
                "fr": "30 décembre 2017 – 2 janvier 2018",
                "ru": "30 декабря 2017 года – 2 января 2018 года",
                "es": "30 de diciembre de 2017 – 2 de enero de 2018",
            },
        ),
    ],
)
def test_range_of_dates_says_once_what_both_share(first, last, words):
    said = {
        language: plain(dates.date_range(day(first), day(last), language))
        for language in SIX
    }

    assert said == words


# --- Times ---


@pytest.mark.parametrize(
    ("language", "style", "words"),
    [
        ("ar", "point", ("10:00", "11:30", "01:00", "00:00")),
        ("ar", "colon", ("10:00", "11:30", "01:00", "00:00")),
        ("ar", "half-days", ("10:00", "11:30", "01:00", "00:00")),
        ("zh-hans", "point", ("10:00", "11:30", "01:00", "00:00")),
        ("zh-hans", "colon", ("10:00", "11:30", "01:00", "00:00")),
        (
            "zh-hans",
            "half-days",
            ("上午10时", "上午11时30分", "凌晨1时", "午夜12时"),
        ),
        ("en", "point", ("10.00", "11.30", "01.00", "00.00")),
        ("en", "colon", ("10:00", "11:30", "01:00", "00:00")),
        ("en", "half-days", ("10 a.m.", "11.30 a.m.", "1 a.m.", "midnight")),
        ("fr", "point", ("10 heures", "11 h 30", "1 heure", "0 heure")),
        ("fr", "colon", ("10 heures", "11 h 30", "1 heure", "0 heure")),
        ("fr", "half-days", ("10 heures", "11 h 30", "1 heure", "0 heure")),
        ("ru", "point", ("10:00", "11:30", "01:00", "00:00")),
        ("ru", "colon", ("10:00", "11:30", "01:00", "00:00")),
        ("ru", "half-days", ("10:00", "11:30", "01:00", "00:00")),
        ("es", "point", ("10.00 horas", "11.30 horas", "01.00 horas", "00.00 horas")),
        ("es", "colon", ("10:00 horas", "11:30 horas", "01:00 horas", "00:00 horas")),
        (
            "es",
            "half-days",
            ("10.00 horas", "11.30 horas", "01.00 horas", "00.00 horas"),
        ),
    ],
)
def test_time_alone_is_written_by_language_and_style(language, style, words):
    times = map(wall, ("10:00", "11:30", "01:00", "00:00"))

    assert tuple(plain(dates.time(at, language, style)) for at in times) == words


LISTED = {
    "ar": "من 10:00 إلى 13:00",
    "fr": "10 heures–13 heures",
    "ru": "10:00–13:00",
}
IN_SENTENCE = {
    "ar": "من الساعة 10:00 إلى الساعة 13:00",
    "fr": "de 10 heures à 13 heures",
    "ru": "с 10:00 до 13:00",
}


@pytest.mark.parametrize(
    ("style", "listed", "in_sentence"),
    [
        (
            "point",
            {
                **LISTED,
                "zh-hans": "10:00–13:00",
                "en": "10.00–13.00",
                "es": "10.00 a 13.00 horas",
            },
            {
                **IN_SENTENCE,
                "zh-hans": "10:00至13:00",
                "en": "10.00 to 13.00",
                "es": "de las 10.00 a las 13.00 horas",
            },
        ),
        (
            "colon",
            {
                **LISTED,
                "zh-hans": "10:00–13:00",
                "en": "10:00–13:00",
                "es": "10:00 a 13:00 horas",
            },
            {
                **IN_SENTENCE,
                "zh-hans": "10:00至13:00",
                "en": "10:00 to 13:00",
                "es": "de las 10:00 a las 13:00 horas",
            },
        ),
        (
            "half-days",
            {
                **LISTED,
                "zh-hans": "上午10时至下午1时",
                "en": "10 a.m.–1 p.m.",
                "es": "10.00 a 13.00 horas",
            },
            {
                **IN_SENTENCE,
                "zh-hans": "上午10时至下午1时",
                "en": "10 a.m. to 1 p.m.",
                "es": "de las 10.00 a las 13.00 horas",
            },
        ),
    ],
)
def test_range_is_written_by_language_and_style(style, listed, in_sentence):
    both = walls("10:00–13:00")

    assert (
        {code: plain(dates.time_range(*both, code, style)) for code in SIX},
        {code: plain(dates.time_range_in_sentence(*both, code, style)) for code in SIX},
    ) == (listed, in_sentence)


@pytest.mark.parametrize(
    ("language", "style", "times", "listed", "in_sentence"),
    [
        ("en", "half-days", "15:00–18:00", "3–6 p.m.", "3 to 6 p.m."),
        ("en", "half-days", "09:00–11:30", "9–11.30 a.m.", "9 to 11.30 a.m."),
        (
            "en",
            "half-days",
            "10:30–12:00",
            "10.30 a.m.–12 noon",
            "10.30 a.m. to 12 noon",
        ),
        (
            "en",
            "half-days",
            "12:00–12:30",
            "12 noon–12.30 p.m.",
            "12 noon to 12.30 p.m.",
        ),
        ("en", "half-days", "22:00–00:00", "10 p.m.–midnight", "10 p.m. to midnight"),
        # To the afternoon of the next day.
        ("en", "half-days", "18:00–15:00", "6 p.m.–3 p.m.", "6 p.m. to 3 p.m."),
        (
            "fr",
            "point",
            "10:00–10:15",
            "10 heures–10 h 15",
            "de 10 heures à 10 h 15",
        ),
        ("fr", "point", "00:00–01:00", "0 heure–1 heure", "de 0 heure à 1 heure"),
        ("fr", "point", "08:30–09:05", "8 h 30–9 h 05", "de 8 h 30 à 9 h 05"),
        (
            "es",
            "point",
            "01:00–03:00",
            "01.00 a 03.00 horas",
            "de la 01.00 a las 03.00 horas",
        ),
        (
            "es",
            "colon",
            "23:00–01:30",
            "23:00 a 01:30 horas",
            "de las 23:00 a la 01:30 horas",
        ),
        ("zh-hans", "half-days", "10:15–11:30", "上午10时15分至11时30分", None),
        ("zh-hans", "half-days", "10:00–12:00", "上午10时至中午12时", None),
        ("zh-hans", "half-days", "12:00–12:30", "中午12时至12时30分", None),
        ("zh-hans", "half-days", "12:30–15:00", "中午12时30分至下午3时", None),
        ("zh-hans", "half-days", "15:00–18:00", "下午3时至6时", None),
        ("zh-hans", "half-days", "10:00–18:00", "上午10时至下午6时", None),
        ("zh-hans", "half-days", "17:00–18:30", "下午5时至晚上6时30分", None),
        ("zh-hans", "half-days", "18:00–20:00", "晚上6时至8时", None),
        ("zh-hans", "half-days", "20:00–00:00", "晚上8时至午夜12时", None),
        ("zh-hans", "half-days", "00:00–00:30", "午夜12时至凌晨0时30分", None),
        ("zh-hans", "half-days", "03:00–06:00", "凌晨3时至6时", None),
        ("zh-hans", "half-days", "05:30–07:00", "凌晨5时30分至上午7时", None),
        ("zh-hans", "half-days", "22:00–06:00", "晚上10时至上午6时", None),
        ("zh-hans", "half-days", "16:00–15:00", "下午4时至下午3时", None),
    ],
)
def test_ends_of_a_range_share_what_they_have_in_common(
    language, style, times, listed, in_sentence
):
    both = walls(times)

    assert (
        plain(dates.time_range(*both, language, style)),
        plain(dates.time_range_in_sentence(*both, language, style)),
    ) == (listed, in_sentence or listed)


def test_start_alone_is_a_time():
    start = wall("10:00")

    assert {
        code: (
            plain(dates.time_range(start, None, code, "point")),
            plain(dates.time_range_in_sentence(start, None, code, "point")),
        )
        for code in SIX
    } == {
        "ar": ("10:00", "الساعة 10:00"),
        "zh-hans": ("10:00", "10:00"),
        "en": ("10.00", "10.00"),
        "fr": ("10 heures", "10 heures"),
        "ru": ("10:00", "10:00"),
        "es": ("10.00 horas", "10.00 horas"),
    }


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("language", SIX)
def test_without_a_start_there_is_no_range(language, style):
    assert dates.time_range(None, None, language, style) == ""
    assert dates.time_range_in_sentence(None, wall("10:00"), language, style) == ""


@pytest.mark.parametrize(
    ("language", "style", "unbroken"),
    [
        ("zh-hans", "point", ["10:00–13:00"]),
        ("zh-hans", "half-days", ["上午10时至下午1时"]),
        ("en", "half-days", ["10\u00a0a.m.–1\u00a0p.m."]),
        ("fr", "point", ["10\u00a0heures–13\u00a0heures"]),
        ("ru", "point", ["10:00–13:00"]),
        ("es", "point", ["10.00", "a\u00a013.00\u00a0horas"]),
    ],
)
def test_line_breaks_at_no_space_within_a_time(language, style, unbroken):
    words = dates.time_range(*walls("10:00–13:00"), language, style)

    assert words.split(" ") == unbroken


# --- Moments, places, lengths ---


@pytest.mark.parametrize(
    ("language", "style", "words"),
    [
        ("ar", "point", "14 حزيران/يونيه 2017، الساعة 16:20"),
        ("zh-hans", "point", "2017年6月14日 16:20"),
        ("zh-hans", "half-days", "2017年6月14日下午4时20分"),
        ("en", "point", "14 June 2017, 16.20"),
        ("en", "colon", "14 June 2017, 16:20"),
        ("en", "half-days", "14 June 2017, 4.20 p.m."),
        ("fr", "point", "14 juin 2017, 16 h 20"),
        ("ru", "point", "14 июня 2017 года, 16:20"),
        ("es", "point", "14 de junio de 2017, 16.20 horas"),
        ("es", "colon", "14 de junio de 2017, 16:20 horas"),
    ],
)
def test_moment_is_told_in_the_time_of_the_place(language, style, words):
    at = dt.datetime(2017, 6, 14, 14, 20, tzinfo=dt.UTC)

    assert plain(dates.moment(at, "Europe/Zurich", language, style)) == words


@pytest.mark.parametrize(
    ("language", "city", "words"),
    [
        ("ar", "جنيف", "14 حزيران/يونيه 2017، الساعة 16:20 بتوقيت جنيف"),
        ("zh-hans", "日内瓦", "2017年6月14日 16:20（日内瓦时间）"),
        ("en", "Geneva", "14 June 2017, 16.20 Geneva time"),
        ("fr", "Genève", "14 juin 2017, 16 h 20 (heure de Genève)"),
        ("ru", "Женева", "14 июня 2017 года, 16:20 по местному времени (Женева)"),
        ("es", "Ginebra", "14 de junio de 2017, 16.20 horas (hora de Ginebra)"),
    ],
)
def test_moment_names_the_place_whose_time_it_is(language, city, words):
    at = dt.datetime(2017, 6, 14, 14, 20, tzinfo=dt.UTC)

    said = dates.moment_there(at, "Europe/Zurich", city, language, "point")

    assert plain(said) == words


@pytest.mark.parametrize(
    ("language", "city", "words"),
    [
        ("ar", "جنيف", "بتوقيت جنيف"),
        ("zh-hans", "日内瓦", "日内瓦时间"),
        ("en", "Geneva", "Geneva time"),
        ("fr", "Genève", "heure de Genève"),
        ("fr", "Addis-Abeba", "heure d’Addis-Abeba"),
        ("fr", "Évian", "heure d’Évian"),
        ("fr", "Le Caire", "heure du Caire"),
        ("fr", "La Haye", "heure de La Haye"),
        ("ru", "Женева", "по местному времени (Женева)"),
        ("es", "Ginebra", "hora de Ginebra"),
        ("es", "El Cairo", "hora de El Cairo"),
    ],
)
def test_time_of_a_place_is_named_by_its_city(language, city, words):
    assert dates.place_time(city, language) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (
            15,
            {
                "ar": "15 دقيقة",
                "zh-hans": "15分钟",
                "en": "15 min",
                "fr": "15 min",
                "ru": "15 мин",
                "es": "15 min",
            },
        ),
        (
            60,
            {
                "ar": "ساعة",
                "zh-hans": "1小时",
                "en": "1 h",
                "fr": "1 h",
                "ru": "1 ч",
                "es": "1 h",
            },
        ),
        (
            65,
            {
                "ar": "ساعة و5 دقائق",
                "zh-hans": "1小时5分钟",
                "en": "1 h 05",
                "fr": "1 h 05",
                "ru": "1 ч 5 мин",
                "es": "1 h 5 min",
            },
        ),
        (
            165,
            {
                "ar": "ساعتان و45 دقيقة",
                "zh-hans": "2小时45分钟",
                "en": "2 h 45",
                "fr": "2 h 45",
                "ru": "2 ч 45 мин",
                "es": "2 h 45 min",
            },
        ),
        (
            180,
            {
                "ar": "3 ساعات",
                "zh-hans": "3小时",
                "en": "3 h",
                "fr": "3 h",
                "ru": "3 ч",
                "es": "3 h",
            },
        ),
    ],
)
def test_length_is_short(minutes, words):
    assert {code: plain(dates.duration(minutes, code)) for code in SIX} == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "دقيقة"),
        (2, "دقيقتان"),
        (3, "3 دقائق"),
        (10, "10 دقائق"),
        (11, "11 دقيقة"),
        (120, "ساعتان"),
        (600, "10 ساعات"),
        (660, "11 ساعة"),
        (722, "12 ساعة ودقيقتان"),
        (103 * 60, "103 ساعات"),
    ],
)
def test_arabic_lengths_count_one_two_few_and_many(minutes, words):
    assert plain(dates.duration(minutes, "ar")) == words
