"""The public pages: what they say, under which addresses, and how they are sent."""

import base64
import datetime as dt
import gzip
import hashlib
import itertools
import json
import re
import shutil

import brotli
import lxml.html
import pytest
from cssselect2 import ElementWrapper
from django.test import Client
from django.views import defaults

from sessions_app import mirror
from sessions_app.outputs import agenda
from sessions_app.outputs.addresses import agenda_address
from sessions_app.programme import ConferenceEntry, DayEntry, Logo, Programme
from tests.factories import (
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_programme,
    make_slot_entry,
)

NOTE = b"%PDF-1.7 a note"
AT = "/en/ocean/first/"
PAGES = [
    "/en/",
    "/en/ocean/",
    AT,
    f"{AT}slots/s0930/",
    f"{AT}people/",
    f"{AT}delegations/",
    f"{AT}people/ada-lund/",
    f"{AT}editions/",
    f"{AT}editions/1/",
    f"{AT}editions/1/slots/s0930/",
    f"{AT}editions/1/people/",
    f"{AT}editions/1/people/ada-lund/",
    f"{AT}editions/2/changes/",
    f"{AT}editions/1/changes/",
    f"{AT}editions/2/changes/1/",
    f"{AT}changes/1/",
    f"{AT}editions/2/changes/1/marked/",
    "/en/check/",
    "/en/check/code1/",
    "/en/check/code2/",
    f"{AT}programme.json",
    f"{AT}changes.atom",
    f"{AT}sitemap.xml",
    "/sitemap.xml",
    f"{AT}editions/1/programme.json",
]
HTML_PAGES = [address for address in PAGES if address.endswith("/")]


@pytest.fixture
def full_session():
    """Two editions of a session that holds everything that one can."""
    return issue_programmes(
        (make_full_programme(title={"en": "As first issued"}), make_imprint(1)),
        (
            make_full_programme(),
            make_imprint(
                2,
                label="Rev.1",
                status_word="provisional",
                remark={"en": "Panel 1 has a new moderator."},
            ),
        ),
        documents={"note.pdf": NOTE},
    )


def tree_of(response):
    return lxml.html.fromstring(response.content)


def words_of(element):
    """What an element says, with one space wherever two elements meet."""
    texts = (text for text in element.itertext() if text.strip())
    return re.sub(r"\s+", " ", " ".join(texts)).strip()


def every(tree, selector):
    """The elements inside another that a CSS selector names, in order."""
    inside = ElementWrapper.from_html_root(tree)
    return [found.etree_element for found in inside.query_all(selector)]


def one(tree, selector):
    (found,) = every(tree, selector)
    return found


def stated(response):
    return (response.status_code, words_of(one(tree_of(response), "main")))


# --- What the agenda says ---------------------------------------------------


def test_agenda_says_everything_of_its_head_in_order(client, full_session):
    tree = tree_of(client.get(AT))

    assert words_of(one(tree, "title")) == "First session – Conference on the ocean"
    assert [words_of(p) for p in every(tree, ".notice, .banner")] == [
        "Demonstration, not an official document"
    ]
    assert words_of(one(tree, "main > header")) == (
        "Office of the President First session “Who warns whom, and when” 1 "
        "21–22 June 2027 Palais des Nations, Room XIX, Geneva All times: Geneva time "
        "A/CONF.99/2 Procedural note (PDF, 3 pages) People What I need "
        "States and organizations Edition 2 (Rev.1) · "
        "Provisional · issued 14 June 2027, 16.22 · as at 14 June 2027, 14.22, "
        "Geneva time · All editions Panel 1 has a new moderator. "
        "http://127.0.0.1:8000/en/ocean/first/ "
        "What changed since edition 1 : 1 change"
    )


def test_agenda_says_every_slot_in_order(client, full_session):
    tree = tree_of(client.get(AT))

    assert [words_of(h) for h in every(tree, "h2")] == [
        "Format",
        "Day 1: Monday, 21 June 2027",
        "Day 2: Tuesday, 22 June 2027",
        "What I need",
        "How to take the floor",
        "Notes",
        "Contact",
    ]
    # What is said aloud alone has a test of its own.
    for unseen in every(tree, ".unseen"):
        unseen.drop_tree()
    assert [words_of(slot) for slot in every(tree, ".slot")] == [
        (
            "09.00–09.30 30 min Room XIX Opening segment Welcome remarks by the "
            "co-facilitators 1 Ms. Ada Lund Director Bo Ek (by video message) Director "
            "Agenda item 1 (a) Interpretation Arabic, Chinese, English, French, Russian, "
            "Spanish Webcast Watch the webcast"
        ),
        (
            "09.30–12.00 2 h 30 Room XIX Panel 1 Minutes that matter A wave crosses a bay . "
            "It does not wait. Guiding questions Who may sound the alarm? How soon? "
            "Panellists Ms. Cai Ong (TBC) Head of Warnings Ms. Zoé Émond (withdrawn) "
            "Representative of the public Moderated by "
            "H.E. Mr. Omar Diaz , Ambassador of Chile and Ms. Ada Lund , Director "
            "Documents A/CONF.99/3 Background paper Glossary"
        ),
        "12.00–13.00 1 h Room XIX Lunch Space for side events",
        "13.00–15.00 2 h Room XIX Working group 1 Data",
        "13.00–15.00 2 h Palais Wilson, Room 2 Working group 2 Borders",
        "14.00–14.30 30 min Room XIX Coffee with the experts Part of: Borders",
        "16.00–16.30 30 min Room XIX Cancelled Demonstration of the siren",
        "17.00–17.30 30 min Room XIX Postponed Visit",
        (
            "21.00–00.30 3 h 30 ends the next day Room XIX Drafting group "
            "فريق الصياغة يجتمع ليلا."
        ),
        (
            "10.00–11.00 1 h Room XIX Reports Ms. Ada Lund , Director, thematic expert "
            "gives an overview of the results 2 Comments by delegations"
        ),
        "Upon conclusion of the reports Room XIX Closing",
    ]


def test_no_space_stands_before_a_comma_in_a_sentence(client, full_session):
    tree = tree_of(client.get(AT))

    closing = one(tree, ".is-closing").text_content()

    assert closing == (
        "Moderated by H.E. Mr. Omar Diaz, Ambassador of Chile and Ms. Ada Lund, Director"
    )


def test_a_label_and_a_status_stand_apart_from_the_title(client, full_session):
    tree = tree_of(client.get(AT))

    headings = [
        one(tree, f"#slot-{code} h3").text_content() for code in ("s0930", "s1600")
    ]

    assert headings == [
        "Panel 1 Minutes that matter, Monday, 21\xa0June, 09.30–12.00",
        "Cancelled Demonstration of the siren, Monday, 21\xa0June, 16.00–16.30",
    ]


def test_times_are_instants_for_machines(client, full_session):
    tree = tree_of(client.get(AT))

    assert [
        [time.get("datetime") for time in every(slot, "time")]
        for slot in every(tree, "#slot-s0900, #slot-s2100, #slot-closing")
    ] == [
        ["2027-06-21T09:00:00+02:00", "PT30M"],
        ["2027-06-21T21:00:00+02:00", "PT210M"],
        [],
    ]


def test_cancelled_and_withdrawn_are_struck_and_said_in_words(client, full_session):
    tree = tree_of(client.get(AT))

    struck = [words_of(s) for s in every(tree, "s")]

    assert struck == [
        "Ms. Zoé Émond",
        "Demonstration of the siren",
        "Visit",
    ]


def test_footnotes_are_called_and_lead_back(client, full_session):
    tree = tree_of(client.get(AT))

    marks = [(a.get("href"), a.get("id")) for a in every(tree, ".mark a")]
    back = [a.get("href") for a in every(tree, ".footnotes .back a")]

    assert marks == [
        ("#note-1", "call-1-1"),
        ("#note-2", "call-2-1"),
        ("#note-1", "call-1-2"),
        ("#note-2", "call-2-2"),
    ]
    assert back == ["#call-1-1", "#call-1-2", "#call-2-1", "#call-2-2"]
    assert [li.get("id") for li in every(tree, ".footnotes > ol > li")] == [
        "note-1",
        "note-2",
    ]


def test_a_link_to_anything_but_the_web_is_words(client, full_session):
    page = client.get(AT).content.decode()

    assert "Glossary" in page
    assert "javascript:" not in page


def in_other_language(language):
    way = "rtl" if language == "ar" else "ltr"
    return {"lang": language, "dir": way, "data-in": language.upper()}


def test_a_text_in_another_language_says_so(client, full_session):
    arabic = tree_of(client.get("/ar/ocean/first/"))
    english = tree_of(client.get(AT))

    assert dict(arabic.attrib) == {"lang": "ar", "dir": "rtl"}
    assert dict(one(arabic, ".notice span").attrib) == in_other_language("en")
    assert words_of(one(arabic, "h1")) == "الدورة الأولى للجنة التحضيرية"
    assert not every(one(arabic, "h1"), "[lang]")
    assert dict(one(english, ".slot div[lang]").attrib) == in_other_language("ar")
    # A sentence in another language: the sentence, and the Arabic names in it.
    overview = one(arabic, ".is-sentence")
    assert dict(overview.attrib)["lang"] == "en"
    assert not every(overview, "p [lang]")


def test_chinese_is_zh_in_addresses_and_zh_hans_in_pages(client):
    issue_programmes(
        (
            make_programme(title={"zh-hans": "会议"}, languages=("zh-hans", "en")),
            make_imprint(),
        )
    )

    tree = tree_of(client.get("/zh/ocean/first/"))

    assert tree.get("lang") == "zh-Hans"
    assert [
        (a.get("href"), a.get("hreflang"), words_of(a), a.get("aria-current"))
        for a in every(tree, ".languages a")
    ] == [
        ("/zh/ocean/first/", "zh-Hans", "中文", "page"),
        ("/en/ocean/first/", "en", "English", None),
    ]
    assert client.get("/zh-hans/ocean/first/").status_code == 404


def test_an_only_day_has_no_number(client):
    issue_programmes((make_programme(), make_imprint()))

    tree = tree_of(client.get(AT))

    assert words_of(one(tree, ".day h2")) == "Monday, 21 June 2027"


def test_a_length_counts_the_hour_that_the_clocks_take(client):
    date = dt.date(2027, 3, 27)
    night = make_slot_entry("22:00", "06:00", date, ends_next_day=True)
    issue_programmes(
        (
            make_programme(
                days=(DayEntry(number=1, date=date, slots=(night,)),),
            ),
            make_imprint(),
        )
    )

    tree = tree_of(client.get(AT))

    assert [words_of(p) for p in every(tree, ".length")] == [
        "7 h",
        "ends the next day",
    ]


def test_the_logo_prints_with_its_words(client):
    png = base64.b64encode(b"png").decode()
    conference = ConferenceEntry(
        slug="ocean",
        title={"en": "Conference"},
        logo=Logo(png=png, text={"en": "Two waves"}),
    )
    issue_programmes((make_programme(conference=conference), make_imprint()))

    image = one(tree_of(client.get(AT)), "img")

    assert (image.get("src"), image.get("alt")) == (
        f"data:image/png;base64,{png}",
        "Two waves",
    )


def test_a_cancelled_session_says_so_on_its_agenda_and_in_the_list(client):
    issue_programmes((make_programme(status="cancelled"), make_imprint()))

    agenda_page, sessions = tree_of(client.get(AT)), tree_of(client.get("/en/"))

    assert words_of(one(agenda_page, "main .status")) == "This session is cancelled."
    assert words_of(one(agenda_page, "h1 s")) == "First session"
    assert words_of(one(sessions, ".entry h3")) == "Cancelled First session"


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ((), "The programme has no days yet."),
        (
            (DayEntry(number=1, date=dt.date(2027, 6, 21)),),
            "Nothing is on the programme of this day yet.",
        ),
    ],
)
def test_an_empty_programme_says_so(client, days, sentence):
    issue_programmes((make_programme(days=days), make_imprint()))

    assert words_of(one(tree_of(client.get(AT)), ".empty")) == sentence
    assert words_of(one(tree_of(client.get(f"{AT}people/")), ".empty")) == (
        "Nobody is named in this programme."
    )


# --- The other pages --------------------------------------------------------


def test_a_slot_has_a_page_with_its_day_and_its_neighbours(client, full_session):
    tree = tree_of(client.get(f"{AT}slots/reports/"))

    assert words_of(one(tree, "h1")) == "Reports"
    assert words_of(one(tree, ".day-of")) == "Day 2: Tuesday, 22 June 2027"
    assert words_of(one(tree, ".room")) == "Palais des Nations, Room XIX"
    assert [(a.get("href"), words_of(a)) for a in every(tree, ".steps a")] == [
        (f"{AT}slots/s2100/", "Earlier Drafting group"),
        (f"{AT}slots/closing/", "Later Closing"),
    ]
    # Of the footnotes only those that this slot calls, under their numbers.
    assert [words_of(li) for li in every(tree, ".footnotes > ol > li")] == [
        "Rule 4. Back to the text"
    ]
    assert one(tree, ".footnotes > ol > li").get("value") == "2"


def test_people_are_listed_by_family_name_whatever_their_accents(client, full_session):
    tree = tree_of(client.get(f"{AT}people/"))

    assert [words_of(h) for h in every(tree, "h2:not(#contact)")] == [
        "H.E. Mr. Omar Diaz",
        "Bo Ek (by video message)",
        "Ms. Zoé Émond (withdrawn)",
        "Ms. Ada Lund",
        "Ms. Cai Ong (TBC)",
    ]


def test_a_person_has_a_page_with_the_function_as_printed_at_each_place(
    client, full_session
):
    tree = tree_of(client.get(f"{AT}people/ada-lund/"))

    assert words_of(one(tree, "h1")) == "Ms. Ada Lund"
    assert [
        (every(li, "a")[0].get("href"), words_of(li))
        for li in every(tree, ".appearances li")
    ] == [
        (f"{AT}slots/s0900/", "Opening segment Mon 21 June, 09.00–09.30 Director"),
        (
            f"{AT}slots/s0930/",
            "Panel 1: Minutes that matter Mon 21 June, 09.30–12.00 Director",
        ),
        (
            f"{AT}slots/reports/",
            "Reports Tue 22 June, 10.00–11.00 Director, thematic expert",
        ),
    ]


def replaced_person(programme, **changed):
    """The programme with Ada Lund's entries changed."""
    value = json.loads(programme.to_json())
    for day in value["days"]:
        for slot in day.get("slots", ()):
            for line in slot.get("lines", ()):
                for person in line.get("people", ()):
                    if person.get("person") == "ada-lund":
                        person.update(changed)
    return Programme.model_validate(value)


@pytest.fixture
def merged_session():
    """Two editions of a session: the second after two records were merged into one."""
    programme = make_full_programme()
    kept = replaced_person(
        programme, person="kept", former_codes=["ada-lund", "older-still"]
    )
    return issue_programmes((programme, make_imprint(1)), (kept, make_imprint(2)))


@pytest.mark.parametrize(
    ("address", "status", "location"),
    [
        (f"{AT}people/kept/", 200, None),
        (f"{AT}people/ada-lund/", 301, f"{AT}people/kept/"),
        (f"{AT}people/older-still/", 301, f"{AT}people/kept/"),
        ("/ar/ocean/first/people/ada-lund/", 301, "/ar/ocean/first/people/kept/"),
        (f"{AT}editions/2/people/ada-lund/", 301, f"{AT}editions/2/people/kept/"),
        # Before the merge there was one code, and it stays the address there.
        (f"{AT}editions/1/people/ada-lund/", 200, None),
        (f"{AT}editions/1/people/kept/", 404, None),
        (f"{AT}people/unknown/", 404, None),
        ("/ru/ocean/first/people/ada-lund/", 404, None),
    ],
)
def test_the_code_of_a_merged_record_leads_to_the_one_kept(
    client, db, django_assert_num_queries, merged_session, address, status, location
):
    for method in (client.get, client.head):
        with django_assert_num_queries(0):
            response = method(address)

        assert (response.status_code, response.get("Location")) == (status, location)


def test_a_merge_that_is_undone_is_not_remembered_by_browsers(client, merged_session):
    response = client.get(f"{AT}people/ada-lund/")

    assert (response["Cache-Control"], response.cookies) == ("no-cache", {})


def test_a_person_whose_code_is_also_a_former_one_has_a_page(client):
    programme = replaced_person(make_full_programme(), former_codes=["bo-ek"])
    issue_programmes((programme, make_imprint(1)))

    assert client.get(f"{AT}people/bo-ek/").status_code == 200


def test_editions_are_listed_the_newest_first(client, full_session):
    tree = tree_of(client.get(f"{AT}editions/"))

    assert [words_of(li) for li in every(tree, ".editions > li")] == [
        (
            "Edition 2 (Rev.1) Current Provisional Issued 14 June 2027, 16.22 · as at "
            "14 June 2027, 14.22 Panel 1 has a new moderator. Changes since edition 1 "
            "Procedural note (PDF) English · 3 pages · 15 bytes"
        ),
        (
            "Edition 1 Issued 14 June 2027, 16.21 · as at 14 June 2027, 14.21 "
            "Procedural note (PDF) English · 3 pages · 15 bytes"
        ),
    ]
    assert [a.get("href") for a in every(tree, ".editions a")] == [
        f"{AT}editions/2/",
        f"{AT}editions/2/changes/",
        "/en/ocean/first/editions/2/note.pdf",
        f"{AT}editions/1/",
        "/en/ocean/first/editions/1/note.pdf",
    ]


def test_an_older_edition_says_so_and_leads_to_the_current_one(client, full_session):
    older = tree_of(client.get(f"{AT}editions/1/"))
    current = tree_of(client.get(f"{AT}editions/2/"))

    assert words_of(one(older, "h1")) == "As first issued"
    assert words_of(one(older, ".banner")) == (
        "You are reading edition 1, which is no longer current. Read the current "
        "edition · What changed since"
    )
    assert [a.get("href") for a in every(older, ".banner a")] == [
        AT,
        f"{AT}changes/1/",
    ]
    assert one(older, "meta[name=robots]").get("content") == "noindex"
    assert every(current, ".banner, meta[name=robots]") == []


@pytest.mark.thorough
def test_every_link_leads_to_a_page(client, full_session):
    seen, waiting = set(), ["/", "/ar/ocean/first/", "/fr/ocean/first/editions/1/"]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        if response["Content-Type"].startswith("text/html"):
            tree = tree_of(response)
            ids = {element.get("id") for element in every(tree, "[id]")}
            for link in every(tree, "a"):
                path, _mark, anchor = link.get("href").partition("#")
                assert path or anchor in ids, (address, anchor)
                if path.startswith("/"):
                    waiting.append(path)

    assert len(seen) > 100


def test_languages_link_to_the_same_page_and_name_it_for_machines(client, full_session):
    tree = tree_of(client.get(f"{AT}slots/s0930/"))

    assert [(a.get("href"), words_of(a)) for a in every(tree, ".languages a")] == [
        ("/ar/ocean/first/slots/s0930/", "العربية"),
        ("/en/ocean/first/slots/s0930/", "English"),
        ("/fr/ocean/first/slots/s0930/", "Français"),
    ]
    assert [
        (link.get("hreflang"), link.get("href"))
        for link in every(tree, "link[hreflang]")
    ] == [
        (code, f"http://127.0.0.1:8000/{language}/ocean/first/slots/s0930/")
        for code, language in zip(
            ("ar", "en", "x-default", "fr"), ("ar", "en", "en", "fr"), strict=True
        )
    ]
    assert one(tree, "link[rel=canonical]").get("href") == (
        "http://127.0.0.1:8000/en/ocean/first/slots/s0930/"
    )


def test_programme_json_holds_imprint_and_programme(client, full_session):
    data = client.get(f"{AT}programme.json")

    assert data["Content-Type"] == "application/json"
    assert json.loads(data.content) == {
        "edition": make_imprint(
            2,
            label="Rev.1",
            status_word="provisional",
            remark={"en": "Panel 1 has a new moderator."},
        ).to_value(),
        "programme": make_full_programme().to_value(),
    }
    assert client.get("/ar/ocean/first/programme.json").content == data.content


# --- Lists of sessions ------------------------------------------------------


def test_sessions_of_today_and_to_come_stand_before_those_that_are_over(client):
    today = dt.datetime.now(dt.UTC).date()
    for slug, days in [("old", -400), ("last", -5), ("now", 0), ("next", 5)]:
        date = today + dt.timedelta(days)
        issue_programmes(
            (
                make_programme(
                    slug=slug,
                    title={"en": slug},
                    zone="UTC",
                    starts_on=date,
                    ends_on=date + dt.timedelta(1),
                ),
                make_imprint(),
            )
        )

    tree = tree_of(client.get("/en/"))

    assert [
        (
            words_of(every(group, "h2")[0]),
            [words_of(h) for h in every(group, "h3")],
        )
        for group in every(tree, ".group")
    ] == [("Today", ["now"]), ("To come", ["next"]), ("Past", ["last", "old"])]
    assert [a.get("href") for a in every(tree, ".entry a")] == [
        f"/en/ocean/{slug}/" for slug in ("now", "next", "last", "old")
    ]


def test_which_day_it_is_is_decided_at_the_place_of_the_session():
    standing = issue_programmes(
        (
            make_programme(
                zone="Pacific/Auckland",
                starts_on=dt.date(2027, 6, 22),
                ends_on=dt.date(2027, 6, 22),
            ),
            make_imprint(),
        )
    )

    at_noon = dt.datetime(2027, 6, 21, 11, 59, tzinfo=dt.UTC)
    page = agenda.render_sessions([standing], "en", at_noon).decode()
    a_minute_later = agenda.render_sessions(
        [standing], "en", at_noon + dt.timedelta(minutes=1)
    ).decode()

    assert "To come" in page
    assert "Today" in a_minute_later


def test_a_list_says_when_there_is_nothing(client):
    assert stated(client.get("/en/")) == (
        200,
        "Sessions No session has been issued yet.",
    )


def test_a_session_in_other_languages_is_listed_and_leads_to_its_own(client):
    issue_programmes(
        (
            make_programme(title={"fr": "Session"}, languages=("fr",))
            # A session cannot be without its main language.
            .model_copy(update={"primary_language": "fr"}),
            make_imprint(),
        )
    )
    issue_programmes((make_programme(slug="second"), make_imprint()))

    tree = tree_of(client.get("/en/"))
    entry = next(e for e in every(tree, ".entry") if "Session" in words_of(e))

    link = one(entry, "a")
    assert (link.get("href"), link.get("hreflang")) == ("/fr/ocean/first/", "fr")
    assert dict(one(link, "span").attrib) == in_other_language("fr")
    assert words_of(one(entry, ".about")) == "Geneva · Français"


def test_a_conference_lists_its_own_sessions(client, full_session):
    other = ConferenceEntry(slug="desert", title={"en": "Conference on deserts"})
    issue_programmes((make_programme(conference=other), make_imprint()))

    tree = tree_of(client.get("/en/ocean/"))

    assert words_of(one(tree, "h1")) == "Conference on the ocean"
    assert words_of(one(tree, ".notice")) == "Demonstration, not an official document"
    assert [a.get("href") for a in every(tree, ".entry a")] == [AT]
    assert [a.get("href") for a in every(tree, ".languages a")] == [
        "/ar/ocean/",
        "/en/ocean/",
        "/fr/ocean/",
    ]


@pytest.mark.parametrize(
    ("accepted", "address"),
    [
        ("", "/en/"),
        ("fr-CH, fr;q=0.9, en;q=0.8", "/fr/"),
        ("de, ar;q=0.5", "/ar/"),
        ("ru, zh-CN;q=0.8", "/en/"),
        ("en;q=0.1, fr;q=0.9", "/fr/"),
        ("*", "/en/"),
        ("%%%, ,;q=x", "/en/"),
    ],
)
def test_the_start_leads_to_the_first_language_that_some_session_has(
    client, full_session, accepted, address
):
    response = client.get("/", HTTP_ACCEPT_LANGUAGE=accepted)

    assert (response.status_code, response["Location"]) == (302, address)
    assert response["Cache-Control"] == "no-store"


def test_the_start_of_an_empty_site_is_english(client):
    assert client.get("/", HTTP_ACCEPT_LANGUAGE="fr")["Location"] == "/en/"


def test_language_of_a_page_comes_from_its_address_alone(client, full_session):
    response = client.get(AT, HTTP_ACCEPT_LANGUAGE="ar")

    assert tree_of(response).get("lang") == "en"


# --- What is not there ------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "sentence", "links"),
    [
        (
            f"{AT}slots/unknown/",
            "This edition of the programme has no such part. To the agenda",
            [AT],
        ),
        (
            f"{AT}people/unknown/",
            "This edition of the programme has no such part. To the agenda",
            [AT],
        ),
        (
            f"{AT}editions/1/slots/unknown/",
            "This edition of the programme has no such part. To the agenda",
            [f"{AT}editions/1/"],
        ),
        (
            f"{AT}anything/else/",
            "This edition of the programme has no such part. To the agenda",
            [AT],
        ),
        (
            f"{AT}other.pdf",
            "This edition of the programme has no such part. To the agenda",
            [AT],
        ),
        (
            "/fr/ocean/first/note.pdf",
            "Cette édition du programme ne comporte pas cet élément. Vers le programme",
            ["/fr/ocean/first/"],
        ),
        (
            f"{AT}editions/3/",
            "There is no edition of this number. To the current edition",
            [AT],
        ),
        (
            "/ru/ocean/first/",
            (
                "На этом языке сессия не выпущена. Ее можно прочитать на следующих "
                "языках: العربية English Français"
            ),
            ["/ar/ocean/first/", "/en/ocean/first/", "/fr/ocean/first/"],
        ),
        (
            "/ru/",
            (
                "На этом языке ни одна сессия не выпущена. Список можно прочитать на "
                "следующих языках: العربية English Français"
            ),
            ["/ar/", "/en/", "/fr/"],
        ),
        (
            "/en/ocean/unknown/",
            (
                "The address may be mistyped, or the page may never have been issued. "
                "All sessions"
            ),
            ["/"],
        ),
        (
            "/en/unknown/",
            (
                "The address may be mistyped, or the page may never have been issued. "
                "All sessions"
            ),
            ["/"],
        ),
        (
            "/unknown",
            (
                "The address may be mistyped, or the page may never have been issued. "
                "All sessions"
            ),
            ["/"],
        ),
    ],
)
def test_what_is_not_there_says_so_and_leads_on(
    client, full_session, address, sentence, links
):
    response = client.get(address)

    nothing = {"fr": "Cette page n’existe pas", "ru": "Такой страницы нет"}
    heading = nothing.get(address[1:3], "There is no such page")
    assert stated(response) == (404, f"{heading} {sentence}")
    assert [a.get("href") for a in every(tree_of(response), "main a")] == links


@pytest.mark.parametrize(
    "address",
    [AT, f"{AT}editions/", f"{AT}editions/1/", f"{AT}note.pdf", f"{AT}programme.json"],
)
def test_a_withdrawn_programme_is_gone_with_its_reason_and_nothing_else(
    client, full_session, address
):
    mirror.point(
        full_session.model_copy(
            update={"current": None, "withdrawn": {"en": "Issued by mistake."}}
        )
    )

    response = client.get(address)

    assert stated(response) == (
        410,
        "This programme was withdrawn Issued by mistake. All sessions",
    )
    assert client.get("/en/ocean/").status_code == 404
    assert stated(client.get("/en/"))[1] == "Sessions No session has been issued yet."


def test_a_withdrawal_without_a_reason_has_a_sentence(client, full_session):
    mirror.point(full_session.model_copy(update={"current": None}))

    assert stated(client.get(AT)) == (
        410,
        (
            "This programme was withdrawn The secretariat has withdrawn it. A copy that you "
            "hold is no longer in force. All sessions"
        ),
    )


def remove_edition(standing):
    shutil.rmtree(mirror.folder() / standing.editions[0].digest)


def tear_programme(standing):
    path = mirror.folder() / standing.editions[0].digest / "programme.json"
    path.write_bytes(path.read_bytes()[:100])


def tear_standing(_standing):
    (path,) = (mirror.folder() / "current").glob("*.json")
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize("damage", [remove_edition, tear_programme, tear_standing])
def test_a_damaged_folder_is_a_plain_page_and_no_failure(
    client, full_session, caplog, damage
):
    damage(full_session)

    response = client.get(AT)

    assert stated(response) == (
        503,
        (
            "This page cannot be shown just now A file of this edition is missing or "
            "damaged. The secretariat can restore it; try again in a few minutes. "
            "All sessions"
        ),
    )
    assert response["Retry-After"] == "60"
    assert "cannot read what /en/ocean/first/ shows" in caplog.text


def test_a_damaged_document_is_not_sent(client, full_session):
    path = mirror.folder() / full_session.editions[0].digest / "note.en.pdf"
    path.write_bytes(NOTE[:-1])

    assert client.get(f"{AT}note.pdf").status_code == 503
    path.write_bytes(NOTE)
    assert client.get(f"{AT}note.pdf").content == NOTE


def test_pages_that_were_made_stay_up_while_the_folder_is_repaired(
    client, full_session
):
    before = client.get(AT).content

    remove_edition(full_session)

    assert client.get(AT).content == before


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_but_reading_is_taken(client, full_session, method):
    assert getattr(client, method)(AT).status_code == 405


def test_a_request_that_is_too_large_gets_a_plain_page(client):
    response = client.post("/admin/login/", CONTENT_LENGTH=str(6 * 1024**2))

    assert stated(response) == (
        413,
        (
            "That is too large This site takes at most 5 megabytes in one form. Nothing was "
            "saved: go back, and send less. All sessions"
        ),
    )


def test_a_form_without_its_token_gets_a_plain_page(db):
    response = Client(enforce_csrf_checks=True).post("/admin/login/")

    assert stated(response) == (
        403,
        (
            "The form had grown too old Nothing was saved. Go back, load the page again, and "
            "send the form once more; your browser must accept cookies of this site. "
            "All sessions"
        ),
    )


@pytest.mark.parametrize(
    ("view", "status", "heading"),
    [
        (defaults.bad_request, 400, "The request was not understood"),
        (defaults.permission_denied, 403, "This page is not for you"),
        (defaults.page_not_found, 404, "There is no such page"),
    ],
)
def test_what_django_refuses_gets_a_plain_page(rf, view, status, heading):
    response = view(rf.get("/"), Exception())

    assert (response.status_code, words_of(one(tree_of(response), "h1"))) == (
        status,
        heading,
    )
    assert "UNKNOWN VARIABLE" not in response.content.decode()


def test_a_failure_gets_a_plain_page_that_needs_nothing(rf):
    response = defaults.server_error(rf.get("/"))

    assert stated(response) == (
        500,
        (
            "Something went wrong here It is not your doing, and it was recorded. Try again "
            "in a few minutes. All sessions"
        ),
    )
    assert "UNKNOWN VARIABLE" not in response.content.decode()


# --- How it is sent ---------------------------------------------------------


@pytest.mark.parametrize("address", [*PAGES, f"{AT}note.pdf"])
def test_an_answer_asks_no_row_and_sets_no_cookie(
    client, db, django_assert_num_queries, full_session, address
):
    with django_assert_num_queries(0):
        response = client.get(address)

    assert response.status_code == 200
    assert response.cookies == {}
    assert response.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    assert response["Cache-Control"] == "no-cache"


def test_what_is_not_there_asks_no_row_and_sets_no_cookie(
    client, db, django_assert_num_queries, full_session
):
    for address in (
        "/",
        "/unknown",
        "/en/x/",
        f"{AT}slots/x/",
        "/robots.txt",
        "/healthz",
    ):
        with django_assert_num_queries(0):
            response = client.get(address)
        assert response.cookies == {}
        assert "Vary" not in response


def test_pages_need_no_database(client, full_session):
    # Without the mark django_db every query fails.
    assert [client.get(address).status_code for address in PAGES] == [200] * len(PAGES)


@pytest.mark.parametrize("address", [*PAGES, f"{AT}note.pdf"])
def test_a_reader_who_has_the_bytes_gets_none(client, full_session, address):
    first = client.get(address)

    again = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])

    assert re.fullmatch(r'"[0-9a-f]{32,64}"', first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["Cache-Control"]) == (
        first["ETag"],
        first["Cache-Control"],
    )
    other = client.get(address, HTTP_IF_NONE_MATCH='"other", W/"another"')
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("address", [AT, f"{AT}note.pdf"])
def test_head_has_the_headers_of_get_and_no_body(client, full_session, address):
    got, head = client.get(address), client.head(address)

    assert head.content == b""
    assert dict(head.items()) == dict(got.items())
    assert int(head["Content-Length"]) == len(got.content)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5, br;q=0", "gzip"),
        ("br;q=0.0, gzip;q=0", ""),
        ("identity", ""),
        ("x-gzip, brotli", ""),
    ],
)
def test_pages_are_compressed_as_the_reader_takes_them(
    client, full_session, accepted, coding
):
    plain = client.get(AT)

    response = client.get(AT, HTTP_ACCEPT_ENCODING=accepted)

    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[coding]
    assert response.get("Content-Encoding", "") == coding
    assert unpack(response.content) == plain.content
    assert response["Vary"] == "Accept-Encoding"
    assert (response["ETag"] == plain["ETag"]) == (not coding)
    again = client.get(
        AT, HTTP_ACCEPT_ENCODING=accepted, HTTP_IF_NONE_MATCH=response["ETag"]
    )
    assert again.status_code == 304


def test_bytes_do_not_depend_on_the_process(client, full_session):
    before = [client.get(address).content for address in PAGES]

    mirror.memory.clear()

    assert [client.get(address).content for address in PAGES] == before


def test_a_new_edition_shows_at_once_and_the_old_one_stays(client, full_session):
    first = client.get(f"{AT}editions/1/")
    tag = client.get(AT)["ETag"]

    issue_programmes(
        (make_full_programme(title={"en": "As first issued"}), make_imprint(1)),
        (make_full_programme(title={"en": "Third issue"}), make_imprint(3)),
    )

    after = client.get(AT, HTTP_IF_NONE_MATCH=tag)
    assert words_of(one(tree_of(after), "h1")) == "Third issue"
    assert words_of(one(tree_of(client.get(f"{AT}editions/1/")), "h1")) == (
        words_of(one(tree_of(first), "h1"))
    )


def test_a_page_is_made_once(client, full_session, monkeypatch):
    made = []
    real = agenda.render_template
    monkeypatch.setattr(
        agenda,
        "render_template",
        lambda *args, **kw: made.append(args) or real(*args, **kw),
    )

    for _ in range(3):
        client.get(AT)
        client.get(AT, HTTP_ACCEPT_ENCODING="br")
        client.head(AT)
        client.get(f"{AT}slots/unknown/")

    assert made == [("agenda/agenda.html", "en")]


def test_the_note_is_sent_as_issued_under_a_name_that_tells_its_edition(
    client, full_session
):
    current = client.get(f"{AT}note.pdf", HTTP_ACCEPT_ENCODING="gzip, br")
    numbered = client.get(f"{AT}editions/1/note.pdf")

    assert (current.content, current["Content-Type"]) == (NOTE, "application/pdf")
    assert "Content-Encoding" not in current
    assert current["ETag"] == f'"{hashlib.sha256(NOTE).hexdigest()}"'
    assert current["Cache-Control"] == "no-cache"
    assert current["Content-Disposition"] == (
        'inline; filename="first-note-edition-2-en.pdf"'
    )
    assert numbered["Cache-Control"] == "public, max-age=31536000, immutable"
    assert numbered["Content-Disposition"] == (
        'inline; filename="first-note-edition-1-en.pdf"'
    )


def test_robots_are_kept_from_the_admin_and_health_is_said(client):
    assert client.get("/robots.txt").content == (
        b"User-agent: *\nDisallow: /admin/\n\n"
        b"Sitemap: http://127.0.0.1:8000/sitemap.xml\n"
    )
    assert client.get("/healthz").content == b"alive\n"
    assert client.get("/healthz")["Cache-Control"] == "no-store"


# --- Form -------------------------------------------------------------------


# What our policy keeps browsers from obeying: styles and scripts that are no files.
WITHIN_THE_PAGE = (
    "[style], style, [onclick], script:not([src]):not([type='application/ld+json'])"
)


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_pages_are_whole_and_name_no_unknown_variable(client, full_session, language):
    at = f"/{language}/ocean/first/"
    for address in (
        *HTML_PAGES,
        "/unknown",
        "/ru/",
        f"{at}slots/group2/",
        *(page.replace("/en/", f"/{language}/") for page in HTML_PAGES),
    ):
        page = client.get(address).content.decode()
        tree = lxml.html.fromstring(page)
        ids = [element.get("id") for element in every(tree, "[id]")]
        levels = [int(h.tag[1]) for h in every(tree, "h1, h2, h3, h4")]

        assert "UNKNOWN VARIABLE" not in page, address
        assert not re.search(r"\{[{%#]", page), address
        assert len(ids) == len(set(ids)), address
        assert levels[:1] == [1], address
        assert levels.count(1) == 1, address
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), address
        assert every(tree, WITHIN_THE_PAGE) == [], address
        assert len(every(tree, "main#content")) == 1
        assert every(tree, "a.skip")[0].get("href") == "#content"


def test_a_draft_is_the_same_page_and_says_that_it_is_one(full_session):
    programme = make_full_programme()

    draft = agenda.render(programme, None, "en").decode()
    tree = lxml.html.fromstring(draft)

    assert "UNKNOWN VARIABLE" not in draft
    assert words_of(one(tree, ".banner")) == "Draft, not issued"
    assert [words_of(p) for p in every(tree, ".edition")] == [
        "Draft, not issued",
        "Draft, not issued",
    ]
    # It leads nowhere but out and to itself: its other pages are not public.
    assert [a for a in every(tree, "a") if a.get("href").startswith("/")] == []
    copy = agenda.Copy(programme, make_imprint(), "en", full_session, is_public=True)
    issued = lxml.html.fromstring(agenda.render_agenda(copy).decode())
    assert [words_of(slot) for slot in every(tree, ".slot")] == [
        words_of(slot) for slot in every(issued, ".slot")
    ]


def test_addresses_that_are_written_are_those_that_are_read(client, full_session):
    for language in ("ar", "en", "fr"):
        for number in (None, 1, 2):
            address = agenda_address(language, "ocean", "first", number)
            assert client.get(address).status_code == 200


def test_the_demonstration_fits_the_first_view(client, demonstration):
    at = "/en/global-compact-migration/third-thematic-session/"
    page = client.get(at, HTTP_ACCEPT_ENCODING="gzip")
    static = sum(
        len(b"".join(client.get(f"/static/{name}").streaming_content))
        for name in (
            "site.css",
            "fonts/web/noto-sans.css",
            "fonts/web/noto-sans-latin-400.woff2",
            "fonts/web/noto-sans-latin-600.woff2",
        )
    )

    assert len(page.content) <= 15_000
    assert len(page.content) + static <= 100_000


def pages_in_memory():
    return sum(key[0] == "page" for key in mirror.memory._kept)


def test_a_reader_cannot_make_the_memory_grow_with_what_is_not_there(full_session):
    client = Client()
    client.get(AT)
    kept = pages_in_memory()

    for number in range(20):
        client.get(f"{AT}slots/x{number}/")
        client.get(f"{AT}editions/{number + 9}/")
        client.get(f"/en/x{number}/y/")

    assert pages_in_memory() == kept == 1
