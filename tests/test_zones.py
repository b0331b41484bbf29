import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from sessions_app.zones import check_zone, comes_twice, instant


def test_ten_in_geneva_in_june_is_eight_in_utc():
    at = instant(dt.date(2017, 6, 19), dt.time(10), "Europe/Zurich")

    assert at.astimezone(dt.UTC) == dt.datetime(2017, 6, 19, 8, tzinfo=dt.UTC)


def test_time_that_the_clocks_leave_out_is_refused_with_a_sentence():
    with pytest.raises(ValidationError) as refused:
        instant(dt.date(2017, 3, 26), dt.time(2, 30), "Europe/Zurich")

    assert refused.value.messages == [
        (
            "On 2017-03-26 the clocks in Europe/Zurich go forward and never show 02.30. "
            "Choose a time before or after the change."
        )
    ]


def test_time_that_comes_twice_is_the_first_and_is_known():
    date, wall = dt.date(2017, 10, 29), dt.time(2, 30)

    at = instant(date, wall, "Europe/Zurich")

    assert at.astimezone(dt.UTC) == dt.datetime(2017, 10, 29, 0, 30, tzinfo=dt.UTC)
    assert comes_twice(date, wall, "Europe/Zurich")
    assert not comes_twice(date, dt.time(4), "Europe/Zurich")


@pytest.mark.parametrize("name", ["CEST", "Geneva", "../etc/passwd", ""])
def test_zone_that_is_none_is_refused(name):
    with pytest.raises(ValidationError):
        check_zone(name)
