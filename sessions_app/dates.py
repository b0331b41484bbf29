"""Dates and times as the organization prints them, in six languages.

English follows the editorial practice of the United Nations (10 a.m., 12 noon, a point
between hours and minutes, day before month, closed en dash in ranges); the Arabic month
has its two names, and an Arabic range has words for its dash, so that nobody reads it
from the wrong end; Chinese puts the year first. Hard spaces keep a time or a date from
breaking, but not in Arabic: beside a number, readers of PDF files put them on its wrong
side. Everything takes and gives wall times of the place: nothing here converts
between zones but `moment`."""

import datetime as dt
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
# No language here needs the name of the city in another case.
_PLACE_TIME = {
    "ar": "بتوقيت {city}",
    "zh-hans": "{city}时间",
    "en": "{city} time",
    "fr": "heure {of}{city}",
    "ru": "по местному времени ({city})",
    "es": "hora de {city}",
}
_MOMENT_THERE = {
    "zh-hans": "{moment}（{place_time}）",
    "fr": "{moment} ({place_time})",
    "es": "{moment} ({place_time})",
}
_FRENCH_VOWELS = frozenset("AÀÂÄÅÆEÉÈÊËIÎÏOÓÔÖØŒUÙÛÜ")
# Between dates that share no month: closed, where no words with spaces stand beside it.
_DASH = {"ar": " – ", "ru": " – "}
# A line may break before the word for "to", nowhere else.
_RANGE = {
    "ar": "من {first} إلى {last}",
    "es": f"{{first}} a{_HARD}{{last}}",
}
_RANGE_IN_SENTENCE = {
    "ar": "من الساعة {first} إلى الساعة {last}",
    "zh-hans": "{first}至{last}",
    "en": "{first} to {last}",
    "fr": f"de{_HARD}{{first}} à{_HARD}{{last}}",
    "ru": f"с{_HARD}{{first}} до{_HARD}{{last}}",  # noqa: RUF001 - Russian
    "es": f"de {{first_article}}{_HARD}{{first}} a {{last_article}}{_HARD}{{last}}",
}
_BETWEEN_UNITS = {"ar": " و", "zh-hans": "", "ru": " "}
# One, two, three to ten; the number stands before the last two alone.
_ARABIC_HOURS = ("ساعة", "ساعتان", "ساعات")
_ARABIC_MINUTES = ("دقيقة", "دقيقتان", "دقائق")
_NOON = dt.time(12)
_MIDNIGHT = dt.time(0)
# From which hour on a part of the day is called so.
_CHINESE_PARTS = ((18, "晚上"), (13, "下午"), (12, "中午"), (6, "上午"), (0, "凌晨"))


def date(day: dt.date, language: str) -> str:
    """“19 June 2017”."""
    return _filled(_DATE[language], day, language)


def day_heading(day: dt.date, language: str) -> str:
    """“Monday, 19 June 2017”: the weekday is always derived, never typed."""
    heading = _WITH_WEEKDAY[language].format(
        weekday=_weekday(day, language), date=date(day, language)
    )
    return heading[:1].upper() + heading[1:]


def in_sentence(day_in_words: str, language: str) -> str:
    """A heading or short name of a day in the midst of a sentence: “lundi 19 juin
    2017”; weekdays have capitals in English alone."""
    if language in {"fr", "es", "ru"}:
        return day_in_words[:1].lower() + day_in_words[1:]
    return day_in_words


def numbered_day(number: int, day: dt.date, language: str) -> str:
    """“Day 1: Monday, 19 June 2017”."""
    heading = in_sentence(day_heading(day, language), language)
    return _DAY_NUMBER[language].format(number=number, date=heading)


def short_day(day: dt.date, language: str) -> str:
    """“Mon 19 June”, for a row of links to the days."""
    words = _filled(_SHORT[language], day, language)
    return words[:1].upper() + words[1:]


def date_range(first: dt.date, last: dt.date, language: str) -> str:
    """“19–20 June 2017”, “30 June–2 July 2017”: what both dates share is said once."""
    if first == last:
        return date(first, language)
    if language == "zh-hans":
        end = date(last, language)
        if first.year == last.year:
            end = end.partition("年")[2]
        if (first.year, first.month) == (last.year, last.month):
            end = end.partition("月")[2]
        return f"{date(first, language)}至{end}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{_day(first, language)}–{date(last, language)}"
    if first.year == last.year:
        pattern = _DATE[language].split("{year}")[0].rstrip(" ").removesuffix(" de")
        dash = _DASH.get(language, "–")
        return f"{_filled(pattern, first, language)}{dash}{date(last, language)}"
    return f"{date(first, language)} – {date(last, language)}"


def time(wall: dt.time, language: str, style: str) -> str:
    """One wall time. In English “10.15”, “10:15” or “10.15 a.m.” by `style` ("point",
    "colon", "half-days"); Spanish follows the first two, Chinese the last; the others
    have one form each: “10 h 15”, “10:15”."""
    if language == "en" and style == "half-days":
        return _english_half_days(wall)
    if language == "zh-hans" and style == "half-days":
        return _chinese_part(wall) + _chinese_clock(wall)
    if language == "fr":
        return _french(wall)
    clock = _clock(wall, language, style)
    return f"{clock}{_HARD}horas" if language == "es" else clock


def time_range(
    start: dt.time | None, end: dt.time | None, language: str, style: str
) -> str:
    """“10.00–13.00”, for lists and headings; a start alone when there is no end; ""
    without a start."""
    if start is None:
        return ""
    if end is None:
        return time(start, language, style)
    first, last = _both(start, end, language, style)
    if language == "zh-hans" and style == "half-days":
        return f"{first}至{last}"
    return _RANGE.get(language, "{first}–{last}").format(first=first, last=last)


def time_range_in_sentence(
    start: dt.time | None, end: dt.time | None, language: str, style: str
) -> str:
    """“10.00 to 13.00”, as time_range, for running text."""
    if start is None:
        return ""
    if end is None:
        hour = "الساعة " if language == "ar" else ""
        return hour + time(start, language, style)
    first, last = _both(start, end, language, style)
    return _RANGE_IN_SENTENCE[language].format(
        first=first,
        last=last,
        first_article=_spanish_article(start),
        last_article=_spanish_article(end),
    )


def moment(at: dt.datetime, zone: str, language: str, style: str) -> str:
    """An instant (aware) as date and wall time of `zone`: “14 June 2017, 16.20”."""
    here = at.astimezone(ZoneInfo(zone))
    words = _MOMENT[language].format(
        date=date(here.date(), language), time=time(here.time(), language, style)
    )
    if language == "zh-hans" and style == "half-days":
        return words.replace(" ", "")
    return words


def moment_there(
    at: dt.datetime, zone: str, city: str, language: str, style: str
) -> str:
    """An instant (aware) as a moment of `zone`, which is named by its `city`: “14 June
    2017, 16.20 Geneva time”."""
    return _MOMENT_THERE.get(language, "{moment} {place_time}").format(
        moment=moment(at, zone, language, style), place_time=place_time(city, language)
    )


def place_time(city: str, language: str) -> str:
    """The zone in words: “Geneva time”."""
    of = ""
    if language == "fr":
        of, city = _french_of(city)
    return _PLACE_TIME[language].format(city=city, of=of)


def weekday_and_day(day: dt.date, language: str) -> str:
    """“Monday, 19 June”, as in the midst of a sentence: where the year is known."""
    pattern = _DATE[language]
    if language == "zh-hans":
        pattern = pattern.removeprefix("{year}年")
    else:
        pattern = pattern.partition("{year}")[0].rstrip().removesuffix(" de")
    words = _WITH_WEEKDAY[language].format(
        weekday=_weekday(day, language), date=_filled(pattern, day, language)
    )
    return in_sentence(words, language)


def clock_faces(language: str, style: str) -> list[str]:
    """How each hour is written, for a script that writes times of other places: 48
    patterns, of every hour from midnight on the full one and the one with minutes,
    whose place is {mm} (always two figures) or {m}. In Spanish without the word that
    `clock_range` and `clock_alone` have."""
    faces = []
    for hour in range(24):
        for wall in (dt.time(hour), dt.time(hour, 7)):
            face = time(wall, language, style).removesuffix(f"{_HARD}horas")
            if wall.minute:
                before, minute, after = face.rpartition("07")
                if not minute:
                    before, minute, after = face.rpartition("7")
                face = f"{before}{{{'m' * len(minute)}}}{after}"
            faces.append(face)
    return faces


def clock_range(language: str, style: str) -> str:
    """What `clock_faces` stand in for a range: "{first}–{last}"."""
    if language == "zh-hans" and style == "half-days":
        return "{first}至{last}"
    pattern = _RANGE.get(language, "{first}–{last}")
    return f"{pattern}{_HARD}horas" if language == "es" else pattern


def clock_alone(language: str) -> str:
    """What one of `clock_faces` stands in: "{first}"."""
    return f"{{first}}{_HARD}horas" if language == "es" else "{first}"


def duration(minutes: int, language: str) -> str:
    """A length of time for the agenda: “15 min”, “2 h 45”."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(_hours(hours, language))
    if rest or not hours:
        parts.append(_minutes(rest, language, is_behind_hours=bool(hours)))
    return _BETWEEN_UNITS.get(language, _HARD).join(parts)


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


def _clock(wall: dt.time, language: str, style: str) -> str:
    has_point = style == "point" if language == "en" else style != "colon"
    return wall.strftime("%H.%M" if has_point and language in {"en", "es"} else "%H:%M")


def _both(start: dt.time, end: dt.time, language: str, style: str) -> tuple[str, str]:
    """The two times of a range: what both share is said once."""
    if language == "es":
        return _clock(start, language, style), time(end, language, style)
    first, last = time(start, language, style), time(end, language, style)
    if style != "half-days":
        return first, last
    if language == "en" and start < end:
        for half in ("a.m.", "p.m."):
            if first.endswith(half) and last.endswith(half):
                first = first.removesuffix(half).rstrip(_HARD)
    if language == "zh-hans":
        last = _chinese_end(start, end)
    return first, last


def _english_half_days(wall: dt.time) -> str:
    if wall == _NOON:
        return f"12{_HARD}noon"
    if wall == _MIDNIGHT:
        return "midnight"
    hour = wall.hour % 12 or 12
    minutes = f".{wall:%M}" if wall.minute else ""
    return f"{hour}{minutes}{_HARD}{'a.m.' if wall.hour < 12 else 'p.m.'}"


def _french(wall: dt.time) -> str:
    if wall.minute:
        return f"{wall.hour}{_HARD}h{_HARD}{wall:%M}"
    return f"{wall.hour}{_HARD}{'heure' if wall.hour < 2 else 'heures'}"


def _french_of(city: str) -> tuple[str, str]:
    """How French says that something is of a city: “de Genève”, “d’Addis-Abeba”, “du
    Caire”."""
    if city[:1].upper() in _FRENCH_VOWELS:
        return "d’", city
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if city.startswith(article):
            return contracted, city.removeprefix(article)
    return "de ", city


def _spanish_article(wall: dt.time) -> str:
    return "la" if wall.hour == 1 else "las"


def _chinese_part(wall: dt.time) -> str:
    if wall == _MIDNIGHT:
        return "午夜"
    return next(part for hour, part in _CHINESE_PARTS if wall.hour >= hour)


def _chinese_clock(wall: dt.time) -> str:
    """“3时15分”; the hours of noon and midnight are 12, those behind midnight 0."""
    hour = wall.hour - 12 if wall.hour > 12 else wall.hour
    if wall == _MIDNIGHT:
        hour = 12
    return f"{hour}时{wall.minute}分" if wall.minute else f"{hour}时"


def _chinese_end(start: dt.time, end: dt.time) -> str:
    """An end, without the part of the day when the start has said it. At six, what
    began before is still the afternoon, or still the small hours."""
    part = _chinese_part(end)
    before = _chinese_part(start)
    if start < end == dt.time(18):
        part = "下午"
    if start < end <= dt.time(6):
        part = "凌晨"
    is_said = start < end and part == before
    return _chinese_clock(end) if is_said else part + _chinese_clock(end)


def _hours(count: int, language: str) -> str:
    if language == "ar":
        return _arabic_count(count, _ARABIC_HOURS)
    if language == "zh-hans":
        return f"{count}小时"
    return f"{count}{_HARD}{'ч' if language == 'ru' else 'h'}"


def _minutes(count: int, language: str, *, is_behind_hours: bool) -> str:
    if language == "ar":
        return _arabic_count(count, _ARABIC_MINUTES)
    if language == "zh-hans":
        return f"{count}分钟"
    if language == "ru":
        return f"{count}{_HARD}мин"
    # “2 h 05”: there the minutes have no name, but in Spanish.
    if is_behind_hours and language != "es":
        return f"{count:02d}"
    return f"{count}{_HARD}min"


def _arabic_count(count: int, names: tuple[str, str, str]) -> str:
    if count in {1, 2}:
        return names[count - 1]
    # The hundreds are counted by what stands behind them.
    name = names[2] if 3 <= count % 100 <= 10 else names[0]
    return f"{count} {name}"
