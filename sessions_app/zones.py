"""From the time on the wall of a place to the instant it is."""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def is_zone(name: str) -> bool:
    """Whether `name` is a zone of the IANA database."""
    return name in available_timezones()


def check_zone(name: str) -> None:
    """Raises ValidationError unless `name` is a zone of the IANA database."""
    if not is_zone(name):
        raise ValidationError(
            _("“%(zone)s” is not a time zone. Type region and city: Europe/Zurich."),
            params={"zone": name},
        )


def instant(date: dt.date, wall: dt.time, zone: str) -> dt.datetime:
    """The instant (aware, in the zone) at which the clocks of `zone` show `wall` on
    `date`; of a time that comes twice in autumn, the first (PEP 495, fold 0).

    Raises ValidationError for a time that the clocks leave out in spring."""
    here = dt.datetime.combine(date, wall, tzinfo=ZoneInfo(zone))
    if here.astimezone(dt.UTC).astimezone(ZoneInfo(zone)).time() != wall:
        raise ValidationError(
            _(
                "On %(date)s the clocks in %(zone)s go forward and never show "
                "%(time)s. Choose a time before or after the change."
            ),
            code="no_such_time",
            params={
                "date": date.isoformat(),
                "zone": zone,
                "time": wall.strftime("%H.%M"),
            },
        )
    return here


def comes_twice(date: dt.date, wall: dt.time, zone: str) -> bool:
    """Whether the clocks of `zone` show `wall` two times on `date`."""
    here = dt.datetime.combine(date, wall, tzinfo=ZoneInfo(zone))
    return here.utcoffset() > here.replace(fold=1).utcoffset()  # type: ignore[operator]
