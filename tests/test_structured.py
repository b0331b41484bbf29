"""What machines read in the head of a page: schema.org in JSON-LD, and the card of a
shared link."""

import datetime as dt
import json
import re

import lxml.html
import pytest
from django.test import Client

from sessions_app.outputs import agenda, structured
from sessions_app.programme import ConferenceEntry, DayEntry
from tests.editions import issue_three
from tests.factories import (
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_programme,
    make_slot_entry,
)

ROOT = "http://127.0.0.1:8000"
AT = "/en/ocean/first/"
HERE = f"{ROOT}{AT}"
DEMONSTRATION = "global-compact-migration/third-thematic-session/"
IN_GENEVA = {"@type": "PostalAddress", "addressLocality": "Geneva"}
HALL = {
    "@type": "Place",
    "name": "Palais des Nations, Room XIX",
    "address": IN_GENEVA,
}
WEBCAST = {"@type": "VirtualLocation", "url": "https://example.org/webcast"}
OFFICE = {
    "@type": "Organization",
    "name": "Office of the President",
    "url": f"{ROOT}/en/ocean/",
}
SCHEDULED = "https://schema.org/EventScheduled"
CANCELLED = "https://schema.org/EventCancelled"
POSTPONED = "https://schema.org/EventPostponed"
THERE = "https://schema.org/OfflineEventAttendanceMode"
MIXED = "https://schema.org/MixedEventAttendanceMode"
SESSION = {
    "@type": "Event",
    "@id": HERE,
    "name": "First session",
    "description": "Who warns whom, and when",
    "url": HERE,
    "startDate": "2027-06-21T09:00:00+02:00",
    "endDate": "2027-06-22T11:00:00+02:00",
    "eventStatus": SCHEDULED,
    "eventAttendanceMode": MIXED,
    "location": [HALL, WEBCAST],
    "organizer": OFFICE,
    "inLanguage": "en",
}
ADA = {
    "@type": "Person",
    "name": "Ada Lund",
    "honorificPrefix": "Ms.",
    "jobTitle": "Director",
}


def page_at(address):
    return lxml.html.fromstring(Client().get(address).content)


def data_at(address):
    """The linked data of a page, None when it has none."""
    found = page_at(address).xpath("//head/script[@type='application/ld+json']/text()")
    return json.loads(found[0]) if found else None


def part(name, code, **more):
    """A slot of the full programme as it stands inside the session."""
    address = f"{HERE}slots/{code}/"
    return {
        "@type": "Event",
        "@id": address,
        "name": name,
        "url": address,
        "eventStatus": SCHEDULED,
        "eventAttendanceMode": THERE,
        "location": HALL,
        "superEvent": {"@id": HERE},
    } | more


def at(day, start, end):
    return {
        "startDate": f"2027-06-{day}T{start}:00+02:00",
        "endDate": f"2027-06-{day}T{end}:00+02:00",
    }


@pytest.fixture
def full_session():
    return issue_programmes((make_full_programme(), make_imprint(1)))


# --- Linked data ------------------------------------------------------------


def test_agenda_is_the_session_with_all_its_slots(full_session):
    data = data_at(AT)

    slots = data.pop("subEvent")
    assert data == {"@context": "https://schema.org", **SESSION}
    assert slots == [
        part(
            "Opening segment",
            "s0900",
            **at(21, "09:00", "09:30"),
            eventAttendanceMode=MIXED,
            location=[HALL, WEBCAST],
            performer=[
                ADA,
                {"@type": "Person", "name": "Bo Ek", "jobTitle": "Director"},
            ],
        ),
        part(
            "Panel 1: Minutes that matter",
            "s0930",
            **at(21, "09:30", "12:00"),
            performer=[
                {**ADA, "name": "Cai Ong", "jobTitle": "Head of Warnings"},
                {
                    "@type": "Person",
                    "name": "Omar Diaz",
                    "honorificPrefix": "H.E. Mr.",
                    "jobTitle": "Ambassador of Chile",
                    "affiliation": {"@type": "Organization", "name": "Chile"},
                },
                ADA,
            ],
        ),
        part("Lunch", "s1200", **at(21, "12:00", "13:00")),
        part("Working group 1: Data", "group1", **at(21, "13:00", "15:00")),
        part(
            "Working group 2: Borders",
            "group2",
            **at(21, "13:00", "15:00"),
            location={**HALL, "name": "Palais Wilson, Room 2"},
        ),
        part(
            "Coffee with the experts",
            "inner",
            **at(21, "14:00", "14:30"),
            superEvent={"@id": f"{HERE}slots/group2/"},
        ),
        part(
            "Demonstration of the siren",
            "s1600",
            **at(21, "16:00", "16:30"),
            eventStatus=CANCELLED,
        ),
        part("Visit", "s1700", **at(21, "17:00", "17:30"), eventStatus=POSTPONED),
        part(
            "Drafting group",
            "s2100",
            startDate="2027-06-21T21:00:00+02:00",
            endDate="2027-06-22T00:30:00+02:00",
        ),
        part(
            "Reports",
            "reports",
            **at(22, "10:00", "11:00"),
            performer=[{**ADA, "jobTitle": "Director, thematic expert"}],
        ),
        part("Closing", "closing", startDate="2027-06-22"),
    ]


def test_slot_is_an_event_within_the_session(full_session):
    address = f"{AT}slots/s0930/"

    assert data_at(address) == {
        "@context": "https://schema.org",
        **next(s for s in data_at(AT)["subEvent"] if s["url"] == ROOT + address),
        "description": "A wave crosses a bay. It does not wait.",
        "organizer": OFFICE,
        "inLanguage": "en",
        "superEvent": SESSION,
    }


def test_slot_within_another_names_that_one(full_session):
    over = data_at(f"{AT}slots/inner/")["superEvent"]

    assert over == part(
        "Working group 2: Borders",
        "group2",
        **at(21, "13:00", "15:00"),
        location={**HALL, "name": "Palais Wilson, Room 2"},
    )


def test_person_is_a_person_with_the_slots_that_name_them(full_session):
    assert data_at(f"{AT}people/ada-lund/") == {
        "@context": "https://schema.org",
        **ADA,
        "@id": f"{HERE}people/ada-lund/",
        "url": f"{HERE}people/ada-lund/",
        "performerIn": [
            {name: value for name, value in slot.items() if name != "performer"}
            for slot in data_at(AT)["subEvent"]
            if slot["name"].startswith(("Opening", "Panel 1", "Reports"))
        ],
    }


def test_who_withdrew_performs_nowhere_and_keeps_state_and_organization(full_session):
    assert data_at(f"{AT}people/zoe-emond/") == {
        "@context": "https://schema.org",
        "@type": "Person",
        "name": "Zoé Émond",
        "honorificPrefix": "Ms.",
        "affiliation": [
            {"@type": "Organization", "name": "Institute of the Sea"},
            {"@type": "Organization", "name": "Canada"},
        ],
        "@id": f"{HERE}people/zoe-emond/",
        "url": f"{HERE}people/zoe-emond/",
    }


def test_nothing_takes_place_of_a_session_that_is_cancelled():
    programme = make_full_programme(status="cancelled")
    issue_programmes((programme, make_imprint(1)))

    data = data_at(AT)

    statuses = {slot["eventStatus"] for slot in data["subEvent"]}
    assert (data["eventStatus"], statuses) == (CANCELLED, {CANCELLED})
    assert data_at(f"{AT}slots/s1700/")["eventStatus"] == CANCELLED


def test_session_without_hours_has_its_dates():
    words = make_slot_entry("", "", when={"en": "In the morning"})
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=(words,))
    issue_programmes((make_programme(days=(day,), room=None), make_imprint(1)))

    data = data_at(AT)

    assert (data["startDate"], data["endDate"]) == ("2027-06-21", "2027-06-21")
    assert data["location"] == {**HALL, "name": "Geneva"}


def test_hours_of_a_session_are_those_of_what_takes_place():
    slots = [
        make_slot_entry("08:00", "09:00", status="cancelled"),
        make_slot_entry("10:00", "11:00"),
        make_slot_entry("18:00", "19:00", status="postponed"),
    ]
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=tuple(slots))
    issue_programmes((make_programme(days=(day,)), make_imprint(1)))

    data = data_at(AT)

    assert (data["startDate"], data["endDate"]) == (
        "2027-06-21T10:00:00+02:00",
        "2027-06-21T11:00:00+02:00",
    )


def test_several_webcasts_are_found_on_the_agenda():
    slots = [
        make_slot_entry("10:00", "11:00", webcast="https://example.org/1"),
        make_slot_entry("11:00", "12:00", webcast="https://example.org/2"),
        make_slot_entry("12:00", "13:00", webcast="javascript:run"),
    ]
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=tuple(slots))
    issue_programmes((make_programme(days=(day,)), make_imprint(1)))

    data = data_at(AT)

    assert data["location"][1] == {"@type": "VirtualLocation", "url": HERE}
    assert [slot["eventAttendanceMode"] for slot in data["subEvent"]] == [
        MIXED,
        MIXED,
        THERE,
    ]


def test_performers_of_a_large_programme_stand_on_the_pages_of_its_slots():
    (first,) = make_full_programme().days[1:]
    slots = [
        first.slots[0].model_copy(update={"code": f"s{number}"})
        for number in range(151)
    ]
    day = first.model_copy(update={"slots": tuple(slots)})
    issue_programmes((make_full_programme(days=(day,)), make_imprint(1)))

    assert [slot.get("performer") for slot in data_at(AT)["subEvent"]] == [None] * 151
    assert len(data_at(f"{AT}slots/s7/")["performer"]) == 1


def test_words_cannot_end_the_script():
    title = '</script><script>alert(1)</script><!-- & \u2028 "'
    issue_programmes((make_programme(title={"en": title}), make_imprint(1)))

    page = Client().get(AT).content.decode()

    assert data_at(AT)["name"] == title
    (inside,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert not set(inside) & set("<>&")


def test_only_current_public_pages_of_matter_have_linked_data():
    standing = issue_three()

    with_data = {
        address: data_at(AT + address) is not None
        for address in (
            "",
            "slots/s0930/",
            "people/ada-lund/",
            "editions/3/",
            "people/",
            "editions/",
            "editions/3/changes/",
            "editions/1/",
            "editions/1/slots/s0930/",
        )
    }

    assert [address for address, has in with_data.items() if has] == [
        "",
        "slots/s0930/",
        "people/ada-lund/",
        "editions/3/",
    ]
    draft = agenda.render(make_full_programme(), None, "en").decode()
    assert "ld+json" not in draft
    assert "og:" not in draft
    assert standing.current == 3


def is_event(thing):
    """Whether a thing has what an Event of schema.org needs where it is searched for,
    and only values that may stand there."""
    iso = r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d[+-]\d\d:\d\d)?"
    places = thing["location"]
    places = places if isinstance(places, list) else [places]
    return (
        thing["@type"] == "Event"
        and bool(thing["name"])
        and re.fullmatch(iso, thing["startDate"]) is not None
        and re.fullmatch(iso, thing.get("endDate", "2027-01-01")) is not None
        and thing["startDate"] <= thing.get("endDate", thing["startDate"])
        and thing["eventStatus"] in {SCHEDULED, CANCELLED, POSTPONED}
        and thing["eventAttendanceMode"] in {THERE, MIXED}
        and (len(places) == 2) == (thing["eventAttendanceMode"] == MIXED)
        and all(
            set(place) == {"@type", "name", "address"}
            if place["@type"] == "Place"
            else set(place) == {"@type", "url"}
            for place in places
        )
        and thing["url"].startswith(ROOT)
        and all(is_person(person) for person in thing.get("performer", []))
        and all(is_event(inner) for inner in thing.get("subEvent", []))
        and None not in thing.values()
        and "" not in thing.values()
    )


def is_person(thing):
    known = {"@type", "name", "honorificPrefix", "jobTitle", "affiliation"}
    return thing["@type"] == "Person" and bool(thing["name"]) and set(thing) <= known


@pytest.mark.parametrize("language", ["ar", "zh", "en", "fr", "ru", "es"])
@pytest.mark.thorough
def test_demonstration_is_a_valid_event_in_six_languages(demonstration, language):
    data = data_at(f"/{language}/{DEMONSTRATION}")

    assert is_event(data)
    assert {**data, "subEvent": len(data["subEvent"])} == {
        **data,
        "url": f"{ROOT}/{language}/{DEMONSTRATION}",
        "inLanguage": {"zh": "zh-Hans"}.get(language, language),
        "startDate": "2017-06-19T10:00:00+02:00",
        "endDate": "2017-06-20T18:00:00+02:00",
        "subEvent": 10,
    }
    slot = data["subEvent"][1]
    page = data_at(slot["url"].removeprefix(ROOT))
    assert is_event(page)
    assert is_event(page["superEvent"])
    assert page["name"] == slot["name"]


# --- Cards ------------------------------------------------------------------


def card_at(address):
    """What the head says to whoever shows a link to the page: names to values."""
    tree = page_at(address)
    return [
        (
            meta.get("property") or meta.get("name"),
            meta.get("content").replace("\xa0", " "),
        )
        for meta in tree.xpath("//meta[starts-with(@property, 'og:')]")
        + tree.xpath("//meta[@name='description']")
    ]


def test_card_of_the_agenda_says_what_when_and_where(full_session):
    words = (
        "Who warns whom, and when · 21–22 June 2027 · "
        "Palais des Nations, Room XIX, Geneva"
    )
    assert card_at(AT) == [
        ("og:type", "website"),
        ("og:site_name", "Conference on the ocean"),
        ("og:title", "First session"),
        ("og:description", words),
        ("og:url", HERE),
        ("og:locale", "en_GB"),
        ("og:locale:alternate", "ar_AR"),
        ("og:locale:alternate", "fr_FR"),
        ("description", words),
    ]


def test_card_of_a_slot_says_when_where_and_what(full_session):
    card = dict(card_at(f"{AT}slots/s0930/"))

    assert (card["og:type"], card["og:title"], card["description"]) == (
        "website",
        "Panel 1: Minutes that matter",
        (
            "Monday, 21 June 2027 · 09.30–12.00 · Palais des Nations, Room XIX, Geneva · "
            "A wave crosses a bay. It does not wait."
        ),
    )


def test_card_of_a_slot_that_is_off_says_so_first(full_session):
    off, later, words = (
        dict(card_at(f"{AT}slots/{code}/"))["description"]
        for code in ("s1600", "s1700", "closing")
    )

    place = "Palais des Nations, Room XIX, Geneva"
    assert (off, later, words) == (
        f"Cancelled · Monday, 21 June 2027 · 16.00–16.30 · {place}",
        f"Postponed · Monday, 21 June 2027 · 17.00–17.30 · {place}",
        f"Tuesday, 22 June 2027 · Upon conclusion of the reports · {place}",
    )


def test_card_of_a_person_says_function_and_session(full_session):
    card = dict(card_at(f"{AT}people/ada-lund/"))

    assert (card["og:type"], card["og:title"], card["description"]) == (
        "profile",
        "Ms. Ada Lund",
        "Director · First session",
    )


def test_card_is_in_the_language_of_the_page(full_session):
    card = card_at("/ar/ocean/first/")

    assert ("og:title", "الدورة الأولى للجنة التحضيرية") in card
    assert [value for name, value in card if name.startswith("og:locale")] == [
        "ar_AR",
        "en_GB",
        "fr_FR",
    ]


def test_card_of_a_cancelled_session_says_so_first():
    issue_programmes((make_programme(status="cancelled"), make_imprint(1)))

    assert dict(card_at(AT))["description"] == (
        "Cancelled · 21 June 2027 · Palais des Nations, Room XIX, Geneva"
    )


def test_long_text_is_broken_off_at_a_word():
    slot = make_slot_entry(text={"en": "warning " * 100})
    day = DayEntry(number=1, date=dt.date(2027, 6, 21), slots=(slot,))
    issue_programmes((make_programme(days=(day,)), make_imprint(1)))

    words = dict(card_at(f"{AT}slots/s1000/"))["description"]

    assert words.endswith("warning …")
    assert 250 < len(words) <= structured._DESCRIPTION + 2


def test_no_card_names_a_picture(full_session):
    assert "og:image" not in dict(card_at(AT))


# --- Languages --------------------------------------------------------------

PAGES = [
    "",
    "slots/s0930/",
    "people/",
    "people/ada-lund/",
    "editions/",
    "editions/3/",
    "editions/1/",
    "editions/1/slots/s0930/",
    "editions/3/changes/",
    "changes/1/",
]


def alternates_at(address):
    tree = page_at(address)
    return {
        link.get("hreflang"): link.get("href").removeprefix(ROOT)
        for link in tree.xpath("//head/link[@rel='alternate'][@hreflang]")
    }


@pytest.mark.parametrize("page", PAGES)
def test_translations_of_every_page_name_each_other(page):
    issue_three()

    named = alternates_at(AT + page)

    assert named == {
        "ar": f"/ar/ocean/first/{page}",
        "en": AT + page,
        "x-default": AT + page,
        "fr": f"/fr/ocean/first/{page}",
    }
    assert [alternates_at(address) for address in named.values()] == [named] * 4


@pytest.mark.parametrize(("page", "others"), [("", "/"), ("ocean/", "/en/ocean/")])
def test_lists_of_sessions_name_each_other_and_where_others_begin(page, others):
    issue_three()

    named = alternates_at(f"/en/{page}")

    assert named == {
        "ar": f"/ar/{page}",
        "en": f"/en/{page}",
        "fr": f"/fr/{page}",
        "x-default": others,
    }
    for language in ("ar", "en", "fr"):
        assert alternates_at(f"/{language}/{page}") == named
        head = Client().get(f"/{language}/{page}").content.decode().split("</head>")[0]
        assert f'<link rel="canonical" href="{ROOT}/{language}/{page}">' in head


def test_page_for_all_other_languages_is_in_the_main_language():
    conference = ConferenceEntry(slug="ocean", title={"fr": "Conférence"})
    programme = make_programme(
        conference=conference, languages=("en", "fr"), primary_language="fr"
    )
    issue_programmes((programme, make_imprint(1)))

    assert alternates_at(AT)["x-default"] == "/fr/ocean/first/"
