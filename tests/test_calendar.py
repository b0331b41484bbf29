"""Calendars: what three libraries read from them, of which one did not write them, and
what becomes of an entry from one edition to the next."""

import datetime as dt
import io
import re
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import brotli
import icalendar
import lxml.html
import pytest
import vobject
from cssselect2 import ElementWrapper
from dateutil import tz
from ical.calendar_stream import IcsCalendarStream

from sessions_app import mirror
from sessions_app.outputs import calendar
from sessions_app.outputs.addresses import language_in_address
from sessions_app.outputs.agenda import Copy
from sessions_app.programme import ConferenceEntry, DayEntry
from tests.editions import issue_three, make_later_imprint, withdraw
from tests.factories import (
    ZONE,
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_person_entry,
    make_programme,
    make_slot_entry,
)

GOLDEN = Path(__file__).parent / "golden" / "first-session.ics"
AT = "/en/ocean/first/"
MONDAY = dt.date(2027, 6, 21)
SINCE_EDITION_3 = (
    "Edition 3 (Rev.1), as at 14\u00a0June 2027, 14.23 Geneva time. Check the current one at "
    "http://127.0.0.1:8000/en/ocean/first/\nDemonstration, not an official document"
)


def day_of(*slots, date=MONDAY, number=1):
    return DayEntry(number=number, date=date, slots=slots)


def issue_slots(*editions, **changed):
    """Editions of a session of one day, each with its slots."""
    return issue_programmes(
        *(
            (
                make_programme(days=(day_of(*slots),), **changed),
                make_imprint(1) if number == 1 else make_later_imprint(number),
            )
            for number, slots in enumerate(editions, start=1)
        )
    )


def fetched(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content


# --- Three readers ----------------------------------------------------------


def as_read(uid, summary, start, end, status, sequence):
    """An entry in the same values from every reader: instants in UTC, dates as they
    are, no end where there is none."""

    def plain(at):
        return at.astimezone(dt.UTC) if isinstance(at, dt.datetime) else at

    return (uid, summary, plain(start), plain(end), status, int(sequence))


def read_by_icalendar(content):
    return [
        as_read(
            str(entry["UID"]),
            str(entry["SUMMARY"]),
            entry.decoded("DTSTART"),
            entry.decoded("DTEND", None),
            str(entry["STATUS"]),
            entry["SEQUENCE"],
        )
        for entry in icalendar.Calendar.from_ical(content).walk("VEVENT")
    ]


def read_by_vobject(content):
    # It remembers what the first file said of a zone, of whatever years.
    vars(vobject.icalendar)["__tzidMap"].clear()
    return [
        as_read(
            entry.uid.value,
            entry.summary.value,
            entry.dtstart.value,
            entry.dtend.value if hasattr(entry, "dtend") else None,
            entry.status.value,
            entry.sequence.value,
        )
        for entry in vobject.readOne(content.decode()).contents.get("vevent", [])
    ]


def read_by_ical(content):
    return [
        as_read(
            entry.uid,
            entry.summary,
            entry.dtstart,
            entry.dtend,
            str(entry.status.value),
            entry.sequence,
        )
        for entry in IcsCalendarStream.calendar_from_ics(content.decode()).events
    ]


READERS = [read_by_icalendar, read_by_vobject, read_by_ical]


def entries(client, address):
    """The entries of a calendar by the first part of their UID, as icalendar reads
    them."""
    whole = icalendar.Calendar.from_ical(fetched(client, address))
    return {str(e["UID"]).partition(".")[0]: e for e in whole.walk("VEVENT")}


def of_every(client, address, *names):
    """Some properties of each entry."""
    return {
        code: tuple(plain(entry.decoded(name, None)) for name in names)
        for code, entry in entries(client, address).items()
    }


def plain(value):
    return value.decode() if isinstance(value, bytes) else value


def at(date, wall):
    return dt.datetime.combine(date, dt.time.fromisoformat(wall), ZONE)


def every_calendar(standing):
    """The addresses of all calendars of the current edition, in its languages, under
    the session and under its number."""
    programme = mirror.programme(standing.edition())
    earlier = [mirror.programme(card) for card in standing.editions[1:]]
    past = calendar.past_of(programme, earlier)
    return [
        f"/{language_in_address(language)}/ocean/first/{under}{'/'.join(name)}.ics"
        for language in programme.languages
        for under in ("", f"editions/{standing.current}/")
        for name in calendar.names_of(programme, past)
    ]


@pytest.mark.thorough
def test_three_libraries_read_the_same_from_every_calendar(client):
    addresses = every_calendar(issue_three())

    for address in addresses:
        content = fetched(client, address)
        found = [read(content) for read in READERS]
        assert found[0], address
        assert found[1] == found[0], address
        assert found[2] == found[0], address
    assert len(addresses) == 3 * 2 * (2 + 2 + 12 + 5)


@pytest.mark.parametrize("read", READERS)
def test_ten_in_geneva_in_june_is_eight_utc(client, read):
    date = dt.date(2017, 6, 19)
    slot = make_slot_entry("10:00", "13:00", date, code="opening")
    issue_programmes(
        (
            make_programme(
                days=(day_of(slot, date=date),), starts_on=date, ends_on=date
            ),
            make_imprint(),
        )
    )

    content = fetched(client, f"{AT}agenda.ics")

    assert b"DTSTART;TZID=Europe/Zurich:20170619T100000\r\n" in content
    assert read(content) == [
        (
            "opening.first.ocean@127.0.0.1",
            "Statements",
            dt.datetime(2017, 6, 19, 8, tzinfo=dt.UTC),
            dt.datetime(2017, 6, 19, 11, tzinfo=dt.UTC),
            "CONFIRMED",
            1,
        )
    ]


# --- The file ---------------------------------------------------------------


def small_session():
    person = make_person_entry("Ada Lund", function={"en": "Director, Warnings"})
    return make_programme(
        days=(
            day_of(
                make_slot_entry(
                    "10:00",
                    "11:30",
                    label={"en": "Panel 1"},
                    title={"en": "Minutes, metres; and what \\ is between"},
                    interpretation=("ar", "fr"),
                    lines=make_full_programme().days[0].slots[0].lines[:1],
                ),
                make_slot_entry(
                    "",
                    "",
                    code="closing",
                    when={"en": "Upon conclusion"},
                    title={"en": "Closing"},
                ),
                make_slot_entry("15:00", "", title={"en": "Visit"}, status="postponed"),
            ),
        ),
        sections=(),
        theme={"en": f"By {person.printed['en']}"},
    )


def test_calendar_of_a_small_session_is_the_golden_file(client):
    issue_programmes((small_session(), make_imprint()))

    assert fetched(client, f"{AT}agenda.ics") == GOLDEN.read_bytes()


def test_calendar_has_the_same_bytes_each_time(client):
    issue_three()
    first = fetched(client, f"{AT}agenda.ics")
    mirror.memory.clear()

    assert fetched(client, f"{AT}agenda.ics") == first


def test_lines_have_75_octets_at_most_and_whole_characters(client):
    long = {
        "ar": "من ينذر من، ومتى " * 30,
        "zh-hans": "警报在沿海低地几分钟内传到每户" * 30,
    }
    issue_slots(
        [make_slot_entry(title=long)],
        languages=("ar", "zh-hans"),
        primary_language="ar",
    )

    for language, code in (("ar", "ar"), ("zh", "zh-hans")):
        content = fetched(client, f"/{language}/ocean/first/agenda.ics")
        lines = content.split(b"\r\n")
        assert lines.pop() == b""
        assert max(len(line) for line in lines) <= 75
        assert not [line for line in lines if b"\n" in line or b"\r" in line]
        # Each line is of whole characters.
        assert all(line.decode() for line in lines)
        (read,) = read_by_ical(content)
        assert read[1] == long[code]


def test_calendar_says_what_it_is_of_and_how_often_to_ask(client):
    issue_three()

    whole = icalendar.Calendar.from_ical(fetched(client, f"{AT}people/ada-lund.ics"))

    assert {
        name: value.to_ical().decode()
        for name, value in whole.property_items(recursive=False)
        if name not in {"BEGIN", "END"}
    } == {
        "VERSION": "2.0",
        "PRODID": "-//Rostrum//Programme of a session//EN",
        "METHOD": "PUBLISH",
        "NAME": "Ms. Ada Lund – First session",
        "X-WR-CALNAME": "Ms. Ada Lund – First session",
        "X-WR-TIMEZONE": "Europe/Zurich",
        "URL": "http://127.0.0.1:8000/en/ocean/first/people/ada-lund/",
        "LAST-MODIFIED": "20270614T142300Z",
        "REFRESH-INTERVAL": "PT15M",
        "X-PUBLISHED-TTL": "PT15M",
    }


def test_calendar_of_a_numbered_edition_asks_for_nothing_newer(client):
    issue_three()

    content = fetched(client, f"{AT}editions/2/agenda.ics")

    assert b"REFRESH" not in content
    assert b"X-PUBLISHED-TTL" not in content
    assert b"URL:http://127.0.0.1:8000/en/ocean/first/editions/2/\r\n" in content


def test_session_without_slots_is_a_calendar_all_the_same(client):
    issue_programmes((make_programme(days=()), make_imprint()))

    content = fetched(client, f"{AT}agenda.ics")

    assert [read(content) for read in READERS] == [[], [], []]
    assert content.count(b"BEGIN:VTIMEZONE") == 1


# --- From edition to edition ------------------------------------------------


def test_slot_that_moved_arrives_as_an_update(client):
    issue_three()
    names = ("UID", "SEQUENCE", "DTSTART", "DTEND", "DTSTAMP")

    before = of_every(client, f"{AT}editions/2/agenda.ics", *names)["s0930"]
    after = of_every(client, f"{AT}agenda.ics", *names)["s0930"]

    uid, end = "s0930.first.ocean@127.0.0.1", at(MONDAY, "12:00")
    issued = dt.datetime(2027, 6, 14, 14, tzinfo=dt.UTC)
    assert before == (uid, 2, at(MONDAY, "09:30"), end, issued.replace(minute=22))
    assert after == (uid, 3, at(MONDAY, "09:45"), end, issued.replace(minute=23))


def test_what_is_off_arrives_as_cancelled_and_what_waits_as_tentative(client):
    issue_three()

    statuses = of_every(client, f"{AT}agenda.ics", "STATUS", "SUMMARY", "TRANSP")
    before = of_every(client, f"{AT}editions/1/agenda.ics", "STATUS", "SUMMARY")

    assert {code: said for code, said in statuses.items() if said[2]} == {
        "group1": ("CANCELLED", "Cancelled: Working group 1: Data", "TRANSPARENT"),
        "s1600": ("CANCELLED", "Cancelled: Demonstration of the siren", "TRANSPARENT"),
        "s1700": ("CANCELLED", "Cancelled: Visit", "TRANSPARENT"),
        "closing": (
            "CONFIRMED",
            "Closing (Upon conclusion of the reports)",
            "TRANSPARENT",
        ),
    }
    assert before["s1700"] == ("TENTATIVE", "Postponed: Visit")
    assert before["group1"] == ("CONFIRMED", "Working group 1: Data")


def test_slot_that_is_gone_comes_cancelled_at_its_last_known_time(client):
    slot = make_slot_entry("10:00", "11:00", code="kept")
    early, late = (
        make_slot_entry(start, end, code="gone", title={"en": title})
        for start, end, title in (
            ("14:00", "15:00", "Visit"),
            ("15:30", "16:00", "Visit to the harbour"),
        )
    )
    issue_slots([slot, early], [slot, late], [slot], [slot])

    assert entries(client, f"{AT}agenda.ics").keys() == {"kept", "gone"}
    assert entries(client, f"{AT}editions/1/slots/gone.ics")["gone"]["STATUS"] == (
        "CONFIRMED"
    )
    for name in ("agenda", "slots/gone", "days/1"):
        gone = entries(client, f"{AT}{name}.ics")["gone"]
        assert {key: plain(gone.decoded(key)) for key in gone if key != "DTSTAMP"} == {
            "UID": "gone.first.ocean@127.0.0.1",
            "SEQUENCE": 4,
            "LAST-MODIFIED": dt.datetime(2027, 6, 14, 14, 24, tzinfo=dt.UTC),
            "STATUS": "CANCELLED",
            "TRANSP": "TRANSPARENT",
            "SUMMARY": "Cancelled: Visit to the harbour",
            "DTSTART": at(MONDAY, "15:30"),
            "DTEND": at(MONDAY, "16:00"),
            "LOCATION": "Room XIX, Palais des Nations, Geneva",
            "URL": "http://127.0.0.1:8000/en/ocean/first/",
            "DESCRIPTION": (
                "This is no longer on the programme.\n\nEdition 4, as at 14\u00a0June 2027, "
                "14.24 Geneva time. Check the current one at "
                "http://127.0.0.1:8000/en/ocean/first/"
            ),
        }


def test_slot_that_comes_again_is_an_update_and_not_cancelled(client):
    slot, other = make_slot_entry(code="back"), make_slot_entry("12:00", "13:00")
    issue_slots([slot, other], [other], [slot, other])

    assert of_every(client, f"{AT}agenda.ics", "STATUS", "SEQUENCE")["back"] == (
        "CONFIRMED",
        3,
    )


def test_edition_that_was_withdrawn_leaves_nothing_behind(client):
    slot, draft = make_slot_entry(code="kept"), make_slot_entry(code="never")
    withdraw(issue_slots([slot, draft], [slot]), 1)

    assert entries(client, f"{AT}agenda.ics").keys() == {"kept"}
    assert client.get(f"{AT}slots/never.ics").status_code == 404


def test_later_editions_change_nothing_in_the_calendar_of_an_earlier_one(client):
    slot, gone = make_slot_entry(code="kept"), make_slot_entry(code="gone")
    issue_slots([slot, gone], [slot])

    assert of_every(client, f"{AT}editions/1/agenda.ics", "STATUS") == {
        "kept": ("CONFIRMED",),
        "gone": ("CONFIRMED",),
    }


def test_names_of_entries_stay_over_editions_and_languages(client):
    issue_three()
    names = {
        address: set(of_every(client, address, "UID").values())
        for address in (
            f"{AT}editions/1/agenda.ics",
            f"{AT}editions/2/agenda.ics",
            "/ar/ocean/first/editions/1/agenda.ics",
            "/fr/ocean/first/editions/2/agenda.ics",
        )
    }

    (first, *others) = names.values()
    assert ("s0930.first.ocean@127.0.0.1",) in first
    assert all(other == first for other in others)
    # What is new in the third edition is so beside all those before it.
    assert set(of_every(client, f"{AT}agenda.ics", "UID").values()) - first == {
        ("new.first.ocean@127.0.0.1",)
    }


def test_earlier_edition_with_damaged_files_is_left_out_until_it_is_mended(
    client, caplog, editions_folder
):
    slot, gone = make_slot_entry(code="kept"), make_slot_entry(code="gone")
    standing = issue_slots([slot, gone], [slot])
    folder = editions_folder / standing.editions[1].digest
    kept_aside = shutil.move(folder, editions_folder / "aside")

    found = entries(client, f"{AT}agenda.ics").keys()
    chosen = entries(client, f"{AT}mine.ics?slots=kept,gone").keys()
    shutil.move(kept_aside, folder)

    assert (found, chosen) == ({"kept"}, {"kept"})
    assert f"cannot read the earlier edition {folder.name}" in caplog.text
    assert entries(client, f"{AT}agenda.ics").keys() == {"kept", "gone"}


# --- What an entry says -----------------------------------------------------


def test_entry_says_who_where_and_what_one_needs(client):
    issue_three()

    found = of_every(client, f"{AT}agenda.ics", "DESCRIPTION", "LOCATION", "URL")

    assert found["s0900"] == (
        (
            "Welcome remarks by the co-facilitators\n"
            "– Ms. Ada Lund, Director\n"
            "– Bo Ek, Director (by video message)\n"
            "\n"
            "Agenda item: 1 (a)\n"
            "Interpretation: Arabic, Chinese, English, French, Russian, Spanish\n"
            "Webcast: https://example.org/webcast\n"
            "\n"
            f"{SINCE_EDITION_3}"
        ),
        "Room XIX, Palais des Nations, Geneva",
        "http://127.0.0.1:8000/en/ocean/first/slots/s0900/",
    )
    assert found["s0930"][0] == (
        "Panellists:\n"
        "– Ms. Dag Holm, Director\n"
        "– Ms. Zoé Émond (withdrawn)\n"
        "– Representative of the public\n"
        "Moderated by H.E. Mr. Omar Diaz, Ambassador of Chile and Ms. Ada Lund, "
        "Director\n"
        "\n"
        "Documents:\n"
        "– A/CONF.99/3 Background paper https://example.org/3\n"
        "– Glossary\n"
        "\n"
        f"{SINCE_EDITION_3}"
    )
    assert found["s1200"][0] == f"Space for side events\n\n{SINCE_EDITION_3}"
    assert found["group2"][1] == "Room 2, Palais Wilson, Geneva"


def test_entry_is_in_the_language_of_the_address(client):
    issue_three()

    found = of_every(
        client, "/ar/ocean/first/agenda.ics", "SUMMARY", "LOCATION", "URL", "STATUS"
    )

    assert found["s0930"] == (
        "حلقة النقاش 1: دقائق حاسمة: من الرصد إلى القرار",
        "القاعة التاسعة عشرة، قصر الأمم، جنيف",
        "http://127.0.0.1:8000/ar/ocean/first/slots/s0930/",
        "CONFIRMED",
    )


def test_part_of_a_slot_is_an_entry_of_its_own_that_names_the_whole(client):
    issue_three()

    inner = entries(client, f"{AT}slots/inner.ics")["inner"]

    assert str(inner["RELATED-TO"]) == "group2.first.ocean@127.0.0.1"
    assert inner["DESCRIPTION"] == f"Part of: Borders\n\n{SINCE_EDITION_3}"
    assert (inner.decoded("DTSTART"), inner.decoded("DTEND")) == (
        at(MONDAY, "14:00"),
        at(MONDAY, "14:30"),
    )


def test_cancelled_session_is_cancelled_in_every_entry(client):
    issue_three(status="cancelled")
    issue_programmes(
        (make_full_programme(slug="off", status="cancelled"), make_imprint())
    )

    for name in ("agenda", "days"):
        found = of_every(client, f"/en/ocean/off/{name}.ics", "STATUS", "DESCRIPTION")
        assert {status for status, _words in found.values()} == {"CANCELLED"}
        assert all(
            words.startswith("This session is cancelled.\n")
            for _status, words in found.values()
        )


# --- Times ------------------------------------------------------------------


def test_slot_with_words_in_place_of_a_time_takes_its_day_and_says_them(client):
    issue_three()

    content = fetched(client, f"{AT}slots/closing.ics")

    assert b"DTSTART;VALUE=DATE:20270622\r\n" in content
    assert [read(content) for read in READERS] == [
        [
            (
                "closing.first.ocean@127.0.0.1",
                "Closing (Upon conclusion of the reports)",
                dt.date(2027, 6, 22),
                None,
                "CONFIRMED",
                3,
            )
        ]
    ] * 3


def test_slot_without_an_end_has_none(client):
    issue_slots([make_slot_entry("10:00", "", code="open")])

    assert of_every(client, f"{AT}agenda.ics", "DTSTART", "DTEND", "DURATION") == {
        "open": (at(MONDAY, "10:00"), None, None)
    }


def test_slot_that_ends_the_next_day_ends_there(client):
    issue_three()

    assert of_every(client, f"{AT}slots/s2100.ics", "DTSTART", "DTEND") == {
        "s2100": (at(MONDAY, "21:00"), at(dt.date(2027, 6, 22), "00:30"))
    }


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("date", "wall", "instants"),
    [
        # The clocks go forward at 2 and back at 3; of an hour that comes twice, a
        # programme means the first.
        (dt.date(2027, 3, 28), ("01:30", "03:30"), ("00:30", "01:30")),
        (dt.date(2027, 10, 31), ("01:30", "04:00"), ("23:30", "03:00")),
        (dt.date(2027, 10, 31), ("02:30", "03:30"), ("00:30", "02:30")),
    ],
)
def test_slot_across_a_change_of_the_clocks_is_at_its_instants(
    client, read, date, wall, instants
):
    issue_programmes(
        (
            make_programme(
                days=(day_of(make_slot_entry(*wall, date), date=date),),
                starts_on=date,
                ends_on=date,
            ),
            make_imprint(),
        )
    )

    ((_uid, _summary, start, end, _status, _sequence),) = read(
        fetched(client, f"{AT}agenda.ics")
    )

    assert tuple(f"{at:%H:%M}" for at in (start, end)) == instants


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Zurich",
        "America/New_York",
        "Pacific/Auckland",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Kathmandu",
        "America/Santiago",
        "UTC",
    ],
)
def test_zone_in_the_file_says_what_the_clocks_do(client, zone):
    here = ZoneInfo(zone)
    first, last = dt.date(2027, 12, 30), dt.date(2028, 1, 2)
    starts_at = dt.datetime.combine(first, dt.time(10), here)
    slot = make_slot_entry(date=first, starts_at=starts_at, ends_at=None)
    issue_programmes(
        (
            make_programme(
                zone=zone,
                starts_on=first,
                ends_on=last,
                days=(day_of(slot, date=first),),
            ),
            make_imprint(),
        )
    )

    content = fetched(client, f"{AT}agenda.ics").decode()

    (written,) = re.findall(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE\r\n", content, re.DOTALL)
    read = tz.tzical(io.StringIO(written)).get(zone)
    instant = dt.datetime(2027, 1, 2, tzinfo=dt.UTC)
    wrong = []
    while instant.year < 2029:
        there = instant.astimezone(here)
        if there.replace(tzinfo=read).utcoffset() != there.utcoffset():
            wrong.append(there)
        instant += dt.timedelta(minutes=30)
    assert wrong == []
    assert read_by_ical(content.encode())[0][2] == starts_at.astimezone(dt.UTC)


# --- Days -------------------------------------------------------------------


def test_each_day_is_one_entry_with_its_slots_in_words(client):
    issue_three()
    names = ("DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "STATUS", "URL")

    found = of_every(client, f"{AT}days.ics", *names)

    second = dt.date(2027, 6, 22)
    assert found == {
        "day-2027-06-21": (
            at(MONDAY, "09:00"),
            at(second, "00:30"),
            "First session (1/2)",
            (
                "09.00–09.30: Opening segments\n"
                "09.45–12.00: Panel 1: Minutes that matter\n"
                "12.00–13.00: Lunch\n"
                "13.00–15.00: Cancelled: Working group 1: Data\n"
                "13.00–15.00: Working group 2: Borders (Room 2)\n"
                "14.00–14.30: Coffee with the experts\n"
                "16.00–16.30: Cancelled: Demonstration of the siren\n"
                "21.00–00.30: Drafting group\n"
                "18.00–19.00: Evening lecture\n"
                f"\n{SINCE_EDITION_3}"
            ),
            "CONFIRMED",
            "http://127.0.0.1:8000/en/ocean/first/#day-1",
        ),
        "day-2027-06-22": (
            at(second, "10:00"),
            at(second, "11:00"),
            "First session (2/2)",
            (
                "10.00–11.00: Reports\n"
                "Upon conclusion of the reports: Closing\n"
                f"\n{SINCE_EDITION_3}"
            ),
            "CONFIRMED",
            "http://127.0.0.1:8000/en/ocean/first/#day-2",
        ),
    }


def test_day_that_is_gone_comes_cancelled(client):
    programme = make_full_programme()
    issue_programmes(
        (programme, make_imprint(1)),
        (make_full_programme(days=programme.days[:1]), make_later_imprint(2)),
    )

    found = of_every(client, f"{AT}days.ics", "STATUS", "SUMMARY", "SEQUENCE")

    assert found == {
        "day-2027-06-21": ("CONFIRMED", "First session", 2),
        "day-2027-06-22": ("CANCELLED", "Cancelled: First session", 2),
    }


@pytest.mark.parametrize(
    ("statuses", "status", "start"),
    [
        (("scheduled", "cancelled"), "CONFIRMED", "10:00"),
        (("cancelled", "scheduled"), "CONFIRMED", "12:00"),
        (("cancelled", "postponed"), "TENTATIVE", "10:00"),
        (("cancelled", "cancelled"), "CANCELLED", "10:00"),
    ],
)
def test_day_takes_place_while_one_of_its_slots_does(client, statuses, status, start):
    slots = [
        make_slot_entry(hour, "13:00", status=each)
        for hour, each in zip(("10:00", "12:00"), statuses, strict=True)
    ]
    issue_slots(slots)

    assert of_every(client, f"{AT}days.ics", "STATUS", "DTSTART", "DTEND") == {
        "day-2027-06-21": (status, at(MONDAY, start), at(MONDAY, "13:00"))
    }


def test_day_without_a_time_is_an_entry_of_the_whole_day(client):
    issue_slots([])

    ((start, words),) = of_every(
        client, f"{AT}days.ics", "DTSTART", "DESCRIPTION"
    ).values()

    assert start == MONDAY
    assert words.startswith("Nothing is on the programme of this day yet.\n")


def test_calendar_of_a_day_tells_where_what_was_on_it_is_now(client):
    tuesday = dt.date(2027, 6, 22)
    moved = make_slot_entry("10:00", "11:00", code="moved")
    first, second = (
        make_slot_entry(code="first"),
        make_slot_entry("14:00", "15:00", tuesday, code="second"),
    )
    days = (
        [day_of(first, moved), day_of(second, date=tuesday, number=2)],
        [
            day_of(first),
            day_of(
                make_slot_entry("10:00", "11:00", tuesday, code="moved"),
                second,
                date=tuesday,
                number=2,
            ),
        ],
    )
    issue_programmes(
        *(
            (
                make_programme(days=tuple(each), ends_on=tuesday),
                make_imprint(number),
            )
            for number, each in enumerate(days, start=1)
        )
    )

    assert of_every(client, f"{AT}days/1.ics", "DTSTART", "STATUS") == {
        "first": (at(MONDAY, "10:00"), "CONFIRMED"),
        "moved": (at(tuesday, "10:00"), "CONFIRMED"),
    }
    assert entries(client, f"{AT}days/2.ics").keys() == {"moved", "second"}


# --- One person, and what a reader chose ------------------------------------


def test_calendar_of_a_person_has_every_slot_that_names_them(client):
    issue_three()

    assert list(entries(client, f"{AT}people/ada-lund.ics")) == [
        "s0900",
        "s0930",
        "reports",
    ]
    # Replaced in the third edition.
    assert client.get(f"{AT}people/cai-ong.ics").status_code == 404
    assert list(entries(client, f"{AT}editions/2/people/cai-ong.ics")) == ["s0930"]


def test_calendar_of_a_person_tells_of_a_slot_that_is_gone(client):
    lines = make_full_programme().days[0].slots[0].lines
    slot, gone = make_slot_entry(code="kept"), make_slot_entry(code="gone", lines=lines)
    issue_slots([slot, gone], [slot])

    assert of_every(client, f"{AT}people/ada-lund.ics", "STATUS") == {
        "gone": ("CANCELLED",)
    }


def test_calendar_of_a_merged_record_is_at_the_one_that_is_kept(client):
    kept = make_person_entry("Ada Lund", former_codes=("old",))
    line = make_full_programme().days[0].slots[0].lines[0]
    named = line.model_copy(update={"people": (kept,)})
    issue_slots([make_slot_entry(lines=(named,))])

    response = client.get(f"{AT}people/old.ics")

    assert (response.status_code, response["Location"]) == (
        301,
        f"{AT}people/ada-lund.ics",
    )


def test_chosen_slots_come_in_printed_order_and_unknown_codes_are_passed_over(client):
    issue_three()

    found = entries(
        client, f"{AT}mine.ics?slots=s1200,nothing,,s0900,s1200,%3Cb%3E,s1700"
    )

    assert list(found) == ["s0900", "s1200", "s1700"]
    assert found["s1700"]["STATUS"] == "CANCELLED"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?slots=",
        "?slots=,,,",
        "?slots=nothing,none",
        "?slots=%00%FF",
        "?codes=s0900",
    ],
)
def test_choice_of_nothing_is_answered_with_what_would_be_right(client, query):
    issue_three()

    response = client.get(f"{AT}mine.ics{query}")

    assert response.status_code == 404
    assert response["Content-Type"] == "text/html; charset=utf-8"
    words = " ".join(tree_of(response).find(".//main").text_content().split())
    assert words == (
        "There is no such calendar The address names no slot of this programme. It is "
        "to name one or more by their codes, with commas between them: "
        "/en/ocean/first/mine.ics?slots=code,code To the agenda"
    )


def test_choice_of_more_than_a_calendar_holds_is_refused(client):
    issue_three()
    codes = ",".join(f"s{number}" for number in range(501))

    response = client.get(f"{AT}mine.ics?slots={codes}")

    assert response.status_code == 400
    words = " ".join(tree_of(response).find(".//main").text_content().split())
    assert words == (
        "There is no such calendar The address names more slots than a calendar holds: "
        "500 at most. To the agenda"
    )


def test_chosen_slots_are_not_kept_in_memory(client):
    issue_three()

    for code in ("s0930", "s1200", "s1600"):
        client.get(f"{AT}mine.ics?slots={code}", HTTP_ACCEPT_ENCODING="br")

    assert [key for key in mirror.memory._kept if key[0] == "page"] == []


# --- How it is sent ---------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("agenda", "first-agenda-edition-3-en.ics"),
        ("days", "first-days-edition-3-en.ics"),
        ("days/2", "first-day-2-edition-3-en.ics"),
        ("slots/s0900", "first-s0900-edition-3-en.ics"),
        ("people/ada-lund", "first-ada-lund-edition-3-en.ics"),
        ("mine", "first-mine-edition-3-en.ics"),
    ],
)
def test_calendar_is_sent_as_one_compressed_and_with_a_name(client, name, file):
    issue_three()
    address = f"{AT}{name}.ics?slots=s0900"

    response = client.get(address, HTTP_ACCEPT_ENCODING="br")

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == f'inline; filename="{file}"'
    assert response["Cache-Control"] == "no-cache"
    assert brotli.decompress(response.content) == fetched(client, address)
    again = client.get(
        address, HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=response["ETag"]
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name",
    ["slots/unknown", "slots/a.b", "people/unknown", "days/3", "unknown"],
)
def test_calendar_of_what_is_not_there_leads_to_the_agenda(client, name):
    issue_three()

    response = client.get(f"{AT}{name}.ics")

    assert response.status_code == 404
    assert f'href="{AT}"' in response.content.decode()


def test_calendars_are_not_in_a_language_that_the_session_has_not(client):
    issue_three()

    assert client.get("/ru/ocean/first/agenda.ics").status_code == 404
    assert client.get("/ru/ocean/first/mine.ics?slots=s0900").status_code == 404


@pytest.mark.django_db
def test_calendars_ask_the_database_nothing(client, django_assert_num_queries):
    addresses = every_calendar(issue_three())

    with django_assert_num_queries(0):
        for address in (*addresses, f"{AT}mine.ics?slots=s0900", f"{AT}mine.ics"):
            client.get(address)


def test_draft_is_in_no_calendar():
    with pytest.raises(ValueError, match="A draft has no calendar"):
        calendar.render_agenda(Copy(make_programme(), None, "en"), calendar.Past())


def test_host_of_the_public_address_names_the_entries(client, settings):
    settings.PUBLIC_URL = "https://programme.example.org:8443"
    issue_slots([make_slot_entry(code="one")])

    assert of_every(client, f"{AT}agenda.ics", "UID", "URL") == {
        "one": (
            "one.first.ocean@programme.example.org",
            "https://programme.example.org:8443/en/ocean/first/slots/one/",
        )
    }


# --- Where they are found ---------------------------------------------------


def tree_of(response):
    return lxml.html.fromstring(response.content)


def links_in(client, address, selector):
    inside = ElementWrapper.from_html_root(tree_of(client.get(address)))
    return [
        (found.etree_element.text_content().strip(), found.etree_element.get("href"))
        for found in inside.query_all(selector)
    ]


def test_agenda_leads_to_its_calendars(client, settings):
    settings.PUBLIC_URL = "https://programme.example.org"
    issue_three()

    assert links_in(client, AT, ".calendar a") == [
        ("Subscribe", f"webcal://programme.example.org{AT}agenda.ics"),
        ("An entry for each slot", f"{AT}agenda.ics"),
        ("An entry for each day", f"{AT}days.ics"),
        ("Mon 21\u00a0June", f"{AT}days/1.ics"),
        ("Tue 22\u00a0June", f"{AT}days/2.ics"),
    ]
    assert links_in(client, f"{AT}editions/2/", ".calendar a")[:2] == [
        ("Subscribe", f"webcal://programme.example.org{AT}agenda.ics"),
        ("An entry for each slot", f"{AT}editions/2/agenda.ics"),
    ]


def test_pages_of_slots_and_people_lead_to_theirs(client):
    issue_three()

    for page in ("slots/s0930", "people/ada-lund", "editions/1/slots/s1700"):
        assert ("Add to calendar", f"{AT}{page}.ics") in links_in(
            client, f"{AT}{page}/", "a.button"
        )


def test_notice_of_the_conference_is_in_every_entry(client):
    notice = {"en": "Demonstration"}
    conference = ConferenceEntry(slug="ocean", title={"en": "Ocean"}, notice=notice)
    issue_slots([make_slot_entry()], conference=conference)

    for name in ("agenda", "days"):
        (words,) = entries(client, f"{AT}{name}.ics").values()
        assert words["DESCRIPTION"].endswith("\n\nDemonstration") or words[
            "DESCRIPTION"
        ].endswith("\nDemonstration")
