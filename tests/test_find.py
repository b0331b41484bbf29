"""Finding anything by a few words: sessions, slots and people."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app.models import Conference, Panel, Slot
from sessions_app.translated import text, translated
from tests.desk import page_of, sign_in, words_on
from tests.rows import (
    make_conference,
    make_day,
    make_person,
    make_session,
    make_slot,
)

FIND = "/admin/find/"


@pytest.fixture
def session(db):
    """A session of a conference, with a panel and a round table among its slots."""
    session = make_session(
        title=text("Third informal thematic session", ar="الجلسة المواضيعية الثالثة"),
        theme=text("International cooperation", zh_hans="国际合作"),
        city=text("Genève"),
    )
    day = make_day(session)
    make_slot(day, "09:00", "10:00", title=text("Opening of the session"))
    panel = make_slot(day, kind=Slot.Kind.PANEL, title=text("Migration in transit"))
    Panel.objects.create(slot=panel, number=2)
    table = make_slot(day, "15:00", "16:00", kind=Slot.Kind.ROUND_TABLE)
    Panel.objects.create(slot=table, number=3)
    return session


def find(client, typed, **more):
    """What is found, by group: the words of each, and what tells it apart."""
    page = client.get(FIND, {"q": typed, **more}).content.decode()
    groups = re.findall(
        r'<section class="found">\s*<h2>(.*?)</h2>(.*?)</section>', page, re.DOTALL
    )
    items = r'<span dir="auto">(.*?)</span> <span class="quiet" dir="auto">(.*?)</span>'
    return {name: re.findall(items, rows) for name, rows in groups}


SESSION = {"Sessions": [("Third informal thematic session", "Conference on the ocean")]}
PANEL = (
    "10.00 Migration in transit",
    "Panel 2 · 21\u00a0June 2027 · Third informal thematic session",
)
TABLE = (
    "15.00 Statements",
    "Round table 3 · 21\u00a0June 2027 · Third informal thematic session",
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cooperation", SESSION),
        ("GENEVE", SESSION),
        ("国际合作", SESSION),
        ("first ocean", SESSION),
        ("Panel 2", {"Slots": [PANEL]}),
        ("panel", {"Slots": [PANEL]}),
        ("TRANSIT migration", {"Slots": [PANEL]}),
        ("round table 3", {"Slots": [TABLE]}),
        ("transit cooperation", {}),
    ],
)
def test_sessions_and_slots_are_found_by_title_theme_city_address_and_label(
    officer, session, typed, found
):
    assert find(officer, typed) == found


def test_the_slots_of_a_session_are_found_with_it_and_by_its_arabic_title(
    officer, session
):
    found = find(officer, "المواضيعية")

    assert found["Sessions"] == SESSION["Sessions"]
    assert [words for words, _about in found["Slots"]] == [
        "09.00 Opening of the session",
        "10.00 Migration in transit",
        "15.00 Statements",
    ]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("ouedraogo", ["Chantal Ouédraogo"]),
        ("OUÉDRAOGO chantal", ["Chantal Ouédraogo"]),
        ("burkina", ["Chantal Ouédraogo"]),
        ("劳贝尔", ["Jürg Lauber"]),
        ("于尔格·劳贝尔", ["Jürg Lauber"]),
        ("لاوبر", ["Jürg Lauber"]),
        ("Permanent Representative", ["Jürg Lauber"]),
        ("obrien", []),
        ("o'brien", ["Sinéad O’Brien"]),
        ("lukasz", ["Łukasz Ørsted"]),
        ("orsted", ["Łukasz Ørsted"]),
        ("lauber ouedraogo", []),
    ],
)
def test_people_are_found_without_accents_in_every_script(officer, typed, names):
    make_person("Chantal Ouédraogo", state=text("Burkina Faso"))
    make_person(
        "Jürg Lauber",
        printed_name=text("Jürg Lauber", ar="يورغ لاوبر", zh_hans="于尔格·劳贝尔"),
        function=text("Permanent Representative of Switzerland"),
    )
    make_person("Sinéad O’Brien")
    make_person("Łukasz Ørsted")

    found = find(officer, typed)

    assert [words for words, _about in found.get("People", [])] == names


def test_two_of_one_name_are_told_apart_and_a_merged_record_is_left_out(officer):
    kept = make_person("Ada Lund", function=text("Minister"))
    make_person("Ada Lund", function={}, state=text("Norway"))
    make_person("Ada Lund", merged_into=kept)

    assert find(officer, "lund") == {
        "People": [("Ada Lund", "Minister"), ("Ada Lund", "Norway")]
    }


def test_each_leads_to_its_page(officer, session):
    person = make_person("Thema Tic")
    slot = session.days.get().slots.get(panel__number=2)

    page = officer.get(FIND, {"q": "thema tic"}).content.decode()

    content = page[page.index('id="content-main"') :]
    assert re.findall(r'<a href="([^"]*)"', content) == [
        page_of(session),
        *(page_of(slot) for slot in session.days.get().slots.order_by("start")),
        page_of(person),
    ]
    assert page_of(slot) in content


def test_what_is_called_just_so_comes_first_and_of_each_kind_eight_are_shown(officer):
    session = make_session(title=text("Twelfth session"))
    day = make_day(session)
    for number in range(1, 13):
        slot = make_slot(day, f"{number:02d}:00", f"{number:02d}:30")
        Panel.objects.create(slot=slot, number=number)
        make_person(f"Ada Lund{number}")
        make_session(slug=f"panel-{number}")
    make_person("Ada Lund", family_name="Zzz")

    slots = find(officer, "Panel 2")["Slots"]
    people = find(officer, "ada lund")["People"]
    sessions = find(officer, "panel-")["Sessions"]

    assert slots == [
        ("02.00 Statements", "Panel 2 · 21\u00a0June 2027 · Twelfth session"),
        ("12.00 Statements", "Panel 12 · 21\u00a0June 2027 · Twelfth session"),
    ]
    assert (len(people), people[0][0]) == (8, "Ada Lund")
    assert len(sessions) == 8
    assert len(find(officer, "statements")["Slots"]) == 8


def test_a_label_is_found_as_it_was_typed_in_any_language(officer, session):
    slot = make_slot(session.days.get(), "16:00", "17:00", kind=Slot.Kind.PANEL)
    label = translated({"en": "Summary panel", "fr": "Réunion-débat de synthèse"}, "en")
    Panel.objects.create(slot=slot, label=label)

    assert find(officer, "synthese") == find(officer, "summary panel")
    assert find(officer, "synthese")["Slots"] == [
        (
            "16.00 Statements",
            "Summary panel · 21\u00a0June 2027 · Third informal thematic session",
        )
    ]


def test_sessions_and_slots_of_other_conferences_are_found_too_the_latest_first(
    officer, session
):
    other = make_session(
        conference=make_conference(slug="coast", title=text("Early warning")),
        starts_on=dt.date(2028, 1, 1),
        ends_on=dt.date(2028, 1, 1),
        title=text("Opening session"),
    )
    make_slot(make_day(other), "09:00", "10:00", title=text("Opening words"))

    assert find(officer, "opening") == {
        "Sessions": [("Opening session", "Early warning")],
        "Slots": [
            ("09.00 Opening words", "1\u00a0January 2028 · Opening session"),
            (
                "09.00 Opening of the session",
                "21\u00a0June 2027 · Third informal thematic session",
            ),
        ],
    }


# --- Anything may be typed ----------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", "   ", "\0", "\0 \0"])
def test_where_nothing_is_typed_the_page_says_what_can_be(officer, session, typed):
    page = officer.get(FIND, {"q": typed})

    assert words_on(page) == [
        "Type a title, a name, a State or a label such as “Panel 2”."
    ]


def test_where_nothing_is_found_the_page_says_so(officer, session):
    page = officer.get(FIND, {"q": "<b>nowhere</b>"})

    assert words_on(page) == [
        "Nothing was found for “<b>nowhere</b>”. Fewer words find more."
    ]
    assert "<b>nowhere" not in page.content.decode()
    assert 'value="&lt;b&gt;nowhere&lt;/b&gt;"' in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("Pa\0nel 2", 1),
        ("panel 2 " + "x" * 10_000, 0),
        ("panel " * 2_000, 1),
        ("%", 0),
        ("_", 0),
        ("'\"\\", 0),
        ("\u202epanel", 0),
        ("😀", 0),
    ],
)
def test_whatever_is_typed_is_searched_and_no_fault(officer, session, typed, count):
    assert len(find(officer, typed).get("Slots", [])) == count


def test_of_what_is_typed_the_first_two_hundred_characters_are_kept(officer, session):
    part = officer.get(FIND, {"q": "x" * 10_000, "part": "1"}).content.decode()

    assert re.findall("x{3,}", part) == ["x" * 200]


def test_the_box_of_every_page_gets_the_results_alone(officer, session):
    part = officer.get(FIND, {"q": "panel 2", "part": "1"}).content.decode()

    assert find(officer, "panel 2", part="1") == {"Slots": [PANEL]}
    assert not re.search(r"<html|<body|<form|<h1", part)
    assert "<h1" in officer.get(FIND, {"q": "panel 2"}).content.decode()


# --- Who may ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duty", "slug", "kinds"),
    [
        ("reader", "", ["Sessions", "Slots", "People"]),
        ("reader", "ocean", ["Sessions", "Slots", "People"]),
        ("administrator", "forests", ["People"]),
        ("none", "", []),
    ],
)
def test_only_what_the_account_may_see_is_found(client, session, duty, slug, kinds):
    make_person("Thematic Person")
    make_conference(slug="forests")
    conference = Conference.objects.filter(slug=slug).first()

    viewer = sign_in(client, "viewer", duty=duty, conference=conference)

    assert list(find(viewer, "thematic")) == kinds


def test_without_an_account_of_staff_nothing_is_found(client, session):
    answer = client.get(FIND, {"q": "panel", "part": "1"})

    assert (answer.status_code, answer.url) == (
        302,
        f"{reverse('admin:login')}?next=/admin/find/%3Fq%3Dpanel%26part%3D1",
    )
    assert find(Client(), "panel") == {}


def test_finding_takes_as_many_queries_among_many_as_among_few(officer, session):
    make_person("Thematic Person")
    find(officer, "thematic")
    with CaptureQueriesContext(connection) as few:
        find(officer, "thematic")
    for number in range(10):
        other = make_session(slug=f"thematic-{number}", title=text("Thematic session"))
        Panel.objects.create(slot=make_slot(make_day(other)), number=number + 1)
        make_person(f"Thematic Number{number}")
    with CaptureQueriesContext(connection) as many:
        assert [len(rows) for rows in find(officer, "thematic").values()] == [8, 8, 8]

    assert len(many) == len(few)
