"""Dates and times as the organization prints them, in six languages.

English follows the editorial practice of the United Nations (10 a.m., 12 noon, a point
between hours and minutes, day before month, closed en dash in ranges); the Arabic month
has its two names; Chinese puts the year first. Everything takes and gives wall times of
the place: nothing here converts between zones but `moment`."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names

_LOCALE = {
    "ar": "ar",
    "zh-hans": "zh_Hans",
    "en": "en_GB",
    "fr": "fr",
    "ru": "ru",
    "es": "es",
}
# Levantine and Egyptian month, as the organization's Arabic documents print both.
_ARABIC_MONTHS = (
    "كانون الثاني/يناير",
    "شباط/فبراير",
    "آذار/مارس",
    "نيسان/أبريل",
    "أيار/مايو",
    "حزيران/يونيه",
    "تموز/يوليه",
    "آب/أغسطس",
    "أيلول/سبتمبر",
    "تشرين الأول/أكتوبر",
    "تشرين الثاني/نوفمبر",
    "كانون الأول/ديسمبر",
)
_HARD = "\u00a0"
# {day} carries the "1er" of French.
_DATE = {
    "ar": "{day} {month} {year}",
    "zh-hans": "{year}年{number}月{day}日",
    "en": f"{{day}}{_HARD}{{month}} {{year}}",
    "fr": f"{{day}}{_HARD}{{month}} {{year}}",
    "ru": f"{{day}}{_HARD}{{month}} {{year}}{_HARD}года",
    "es": f"{{day}}{_HARD}de {{month}} de {{year}}",
}
_WITH_WEEKDAY = {
    "ar": "{weekday}، {date}",
    "zh-hans": "{date}，{weekday}",
    "en": "{weekday}, {date}",
    "fr": "{weekday} {date}",
    "ru": "{weekday}, {date}",
    "es": "{weekday} {date}",
}
_SHORT = {
    "ar": "{weekday} {day} {month}",
    "zh-hans": "{number}月{day}日 {weekday}",
    "en": f"{{weekday}} {{day}}{_HARD}{{month}}",
    "fr": f"{{weekday}} {{day}}{_HARD}{{month}}",
    "ru": f"{{weekday}} {{day}}{_HARD}{{month}}",
    "es": f"{{weekday}} {{day}}{_HARD}de {{month}}",
}
_DAY_NUMBER = {
    "ar": "اليوم {number}: {date}",
    "zh-hans": "第{number}天：{date}",
    "en": "Day {number}: {date}",
    "fr": "Jour {number} : {date}",
    "ru": "День {number}: {date}",
    "es": "Día {number}: {date}",
}
_MOMENT = {
    "ar": "{date}، الساعة {time}",
    "zh-hans": "{date} {time}",
    "en": "{date}, {time}",
    "fr": "{date}, {time}",
    "ru": "{date}, {time}",
    "es": "{date}, {time}",
}
_PLACE_TIME = {
    "ar": "بتوقيت {city}",
    "zh-hans": "{city}时间",
    "en": "{city} time",
    "fr": "heure de {city}",
    "ru": "время места проведения: {city}",
    "es": "hora de {city}",
}


def date(day: dt.date, language: str) -> str:
    """“19 June 2017”."""
    return _filled(_DATE[language], day, language)


def day_heading(day: dt.date, language: str) -> str:
    """“Monday, 19 June 2017”: the weekday is always derived, never typed."""
    heading = _WITH_WEEKDAY[language].format(
        weekday=_weekday(day, language), date=date(day, language)
    )
    return heading[:1].upper() + heading[1:]


def numbered_day(number: int, day: dt.date, language: str) -> str:
    """“Day 1: Monday, 19 June 2017”."""
    heading = day_heading(day, language)
    if language in {"fr", "es"}:
        heading = heading[:1].lower() + heading[1:]
    return _DAY_NUMBER[language].format(number=number, date=heading)


def short_day(day: dt.date, language: str) -> str:
    """“Mon 19 June”, for a row of links to the days."""
    words = _filled(_SHORT[language], day, language)
    return words[:1].upper() + words[1:]


def date_range(first: dt.date, last: dt.date, language: str) -> str:
    """“19–20 June 2017”, “30 June–2 July 2017”: what both dates share is said once."""
    if first == last:
        return date(first, language)
    if (first.year, first.month) == (last.year, last.month):
        if language == "zh-hans":
            return f"{date(first, language)}至{last.day}日"
        return f"{_day(first, language)}–{date(last, language)}"
    if first.year == last.year and language != "zh-hans":
        pattern = _DATE[language].split("{year}")[0].rstrip(" ").removesuffix(" de")
        return f"{_filled(pattern, first, language)}–{date(last, language)}"
    joiner = "至" if language == "zh-hans" else " – "
    return f"{date(first, language)}{joiner}{date(last, language)}"


def time(wall: dt.time, language: str, style: str) -> str:
    """One wall time: “10.15”, “10:15” or “10.15 a.m.” by `style` ("point", "colon",
    "half-days") in English; in the other languages as each prints it."""
    if language == "en" and style == "half-days":
        return _english_half_days(wall)
    if language == "fr":
        minutes = f"{_HARD}{wall:%M}" if wall.minute else ""
        return f"{wall.hour}{_HARD}h{minutes}"
    point = {"en": style == "point", "es": style != "colon"}.get(language, False)
    return wall.strftime("%H.%M" if point else "%H:%M")


def time_range(
    start: dt.time | None, end: dt.time | None, language: str, style: str
) -> str:
    """“10.00–13.00”; a start alone when there is no end; "" without a start."""
    if start is None:
        return ""
    first = time(start, language, style)
    if end is None:
        return first
    last = time(end, language, style)
    if language == "en" and style == "half-days":
        for half in ("a.m.", "p.m."):
            if first.endswith(half) and last.endswith(half):
                first = first.removesuffix(half).rstrip(_HARD)
    joiner = " – " if language == "fr" else "–"
    return f"{first}{joiner}{last}"


def moment(at: dt.datetime, zone: str, language: str, style: str) -> str:
    """An instant (aware) as date and wall time of `zone`: “14 June 2017, 16.20”."""
    here = at.astimezone(ZoneInfo(zone))
    return _MOMENT[language].format(
        date=date(here.date(), language), time=time(here.time(), language, style)
    )


def place_time(city: str, language: str) -> str:
    """The zone in words: “Geneva time”."""
    return _PLACE_TIME[language].format(city=city)


def duration(minutes: int, language: str) -> str:
    """A length of time for the agenda: “15 min”, “2 h 45”."""
    units: Mapping[str, tuple[str, str]] = {
        "ar": ("ساعة", "دقيقة"),
        "zh-hans": ("小时", "分钟"),
        "ru": ("ч", "мин"),
    }
    hour, minute = units.get(language, ("h", "min"))
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}{_HARD}{minute}"
    if not rest:
        return f"{hours}{_HARD}{hour}"
    if language in {"en", "fr", "es"}:
        return f"{hours}{_HARD}{hour}{_HARD}{rest:02d}"
    return f"{hours}{_HARD}{hour} {rest}{_HARD}{minute}"


def _weekday(
    day: dt.date, language: str, width: Literal["wide", "abbreviated"] = "wide"
) -> str:
    names = get_day_names(width, locale=_LOCALE[language])
    return str(names[day.weekday()])


def _month(day: dt.date, language: str) -> str:
    if language == "ar":
        return _ARABIC_MONTHS[day.month - 1]
    return str(get_month_names("wide", locale=_LOCALE[language])[day.month])


def _day(day: dt.date, language: str) -> str:
    return "1er" if language == "fr" and day.day == 1 else str(day.day)


def _filled(pattern: str, day: dt.date, language: str) -> str:
    return pattern.format(
        day=_day(day, language),
        month=_month(day, language),
        number=day.month,
        year=day.year,
        weekday=_weekday(day, language, "abbreviated"),
    )


def _english_half_days(wall: dt.time) -> str:
    if (wall.hour, wall.minute) == (12, 0):
        return f"12{_HARD}noon"
    if (wall.hour, wall.minute) == (0, 0):
        return "midnight"
    hour = wall.hour % 12 or 12
    minutes = f".{wall:%M}" if wall.minute else ""
    return f"{hour}{minutes}{_HARD}{'a.m.' if wall.hour < 12 else 'p.m.'}"
