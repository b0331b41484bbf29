"""Finding slots on the agenda in a browser: as one types, by keyboard, without scripts;
the script finds what the server does."""

import re
import sys
import unicodedata
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from sessions_app import mirror
from sessions_app.finding import Index, matching, runs_of
from sessions_app.outputs.addresses import agenda_address
from sessions_app.programme import DayEntry, LineEntry
from sessions_app.translated import LANGUAGE_CODES
from tests.editions import issue_three
from tests.factories import (
    issue_programmes,
    make_imprint,
    make_person_entry,
    make_programme,
    make_slot_entry,
)

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/"
SHOWN = """() => [...document.querySelectorAll('#programme .slot')]
  .filter(slot => slot.checkVisibility()).map(slot => slot.dataset.code)"""
QUERIES = {
    "en": ["gomez", "GÓMEZ cam", "panel 1", "lauber", "mexico", "red cross", "turk"],
    "fr": ["gomez", "cooperation", "frontieres", "croix rouge", "mexique", "emirats"],
    "es": ["gomez", "migracion", "naciones unidas", "sintesis", "mexico"],
    "ru": [
        "гомес",
        "ГОМЕС КАМАЧО",
        "миграц",
        "лаубер",
        "lauber",
        "сотруднич",
        "мексик",
    ],
    "ar": ["غوميس", "الهجره", "هجرة", "إفتتاح", "lauber", "gomez", "المكسيك", "حلقه"],
    "zh-hans": ["移民", "国际合作", "戈麦斯", "lauber", "墨西哥", "边境", "小组讨论2"],
}


@pytest.fixture
def agenda(live_server, page):
    """The agenda of three editions, without motion."""
    issue_three()
    page.emulate_media(reduced_motion="reduce")
    page.goto(live_server.url + AT)
    return page


def open_form(page):
    page.locator(".find summary").click()
    return page.locator("#find-words")


def status(page):
    return page.locator("#found [role=status]")


def address(page):
    return re.sub(r"^https?://[^/]+", "", page.url)


# --- The script and the server --------------------------------------------------------


def test_the_script_reads_letters_as_the_server_does(agenda):
    known = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"}
    ]

    read = agenda.evaluate(
        """async (letters) => {
          const { runsOf } = await import('/static/agenda/find.js');
          return letters.map((letter) => runsOf(letter).join(' '));
        }""",
        known,
    )

    differing = {
        letter: (script, " ".join(runs_of(letter)))
        for letter, script in zip(known, read, strict=True)
        if script != " ".join(runs_of(letter))
    }
    assert differing == {}


@pytest.mark.parametrize("language", LANGUAGE_CODES)
def test_the_script_finds_what_the_server_finds(
    live_server, demonstration, page, language
):
    standings = {standing.session: standing for standing in mirror.standings()}
    for session in ("third-thematic-session", "second-preparatory-session"):
        standing = standings[session]
        index = Index(mirror.programme(standing.edition()), language)
        at = agenda_address(language, standing.conference, session)
        page.goto(live_server.url + at)

        lines = page.evaluate(
            """async () => {
              const { lineOf } = await import('/static/agenda/find.js');
              return Object.fromEntries([...document.querySelectorAll('.slot')].map(
                (slot) => [slot.dataset.code, lineOf(slot)]));
            }"""
        )

        assert {code: set(line.split()) for code, line in lines.items()} == {
            code: set(line.split()) for code, line in index.lines.items()
        }
    standing = standings["third-thematic-session"]
    at = agenda_address(language, standing.conference, standing.session)
    index = Index(mirror.programme(standing.edition()), language)
    found = {}
    page.goto(live_server.url + at)
    field = open_form(page)
    for query in QUERIES[language]:
        field.fill(query)
        field.press("Enter")
        expect(page.locator("#found li a").first).to_contain_text(query)
        found[query] = set(page.evaluate(SHOWN))

    assert found == {query: matching(index, query, []) for query in QUERIES[language]}
    # They find something, and not everything.
    assert all(found.values())
    assert all(len(codes) < len(index.lines) for codes in found.values())


# --- As one types ---------------------------------------------------------------------


def test_slots_are_found_as_one_types_and_the_address_and_a_count_say_so(agenda):
    asked = []
    agenda.on("request", lambda request: asked.append(request.url))
    field = open_form(agenda)

    field.press_sequentially("drafting")

    expect(status(agenda)).to_have_text("10 slots of 11 are hidden by:")
    assert agenda.evaluate(SHOWN) == ["s2100"]
    assert address(agenda) == f"{AT}?q=drafting"
    assert agenda.locator("#found li").all_inner_texts() == ["“drafting”", "Show all"]
    assert [url for url in asked if "/ocean/" in url and "current" not in url] == []
    assert agenda.locator("#day-2").is_hidden()
    assert agenda.locator('.days a[href="#day-2"]').is_hidden()
    field.press("Escape")
    expect(status(agenda)).to_have_text("All slots are shown.")
    assert len(agenda.evaluate(SHOWN)) == 11
    assert address(agenda) == AT
    assert field.input_value() == ""


@pytest.mark.parametrize(
    ("language", "typed", "count", "code"),
    [
        ("ar", "إلانذار", "حلقة", "warnings"),
        ("ar", "omar diaz", "حلقة", "warnings"),
        ("zh-hans", "预警", "", "warnings"),
        ("zh-hans", "diaz", "", "warnings"),
    ],
)
def test_arabic_and_chinese_are_found_as_one_types(
    live_server, page, language, typed, count, code
):
    del count
    person = make_person_entry(
        "Omar Díaz",
        name={"en": "Omar Díaz", "ar": "عمر دياز", "zh-hans": "奥马尔·迪亚斯"},
        printed={"en": "Omar Díaz", "ar": "عمر دياز", "zh-hans": "奥马尔·迪亚斯"},
    )
    slots = (
        make_slot_entry(
            code="warnings",
            title={
                "en": "Warnings",
                "ar": "نُظم الإنـــذار المبكّر",
                "zh-hans": "多灾种预警系统",
            },
            lines=(LineEntry(code="all", people=(person,)),),
        ),
        make_slot_entry(
            "12:00",
            code="lunch",
            title={"en": "Lunch", "ar": "الغداء", "zh-hans": "午餐"},
        ),
    )
    day = DayEntry(number=1, date=make_programme().starts_on, slots=slots)
    languages = ("ar", "en", "zh-hans")
    issue_programmes((make_programme(days=(day,), languages=languages), make_imprint()))
    at = agenda_address(language, "ocean", "first")
    page.goto(live_server.url + at)

    open_form(page).press_sequentially(typed)

    expect(page.locator("#slot-lunch")).to_be_hidden()
    assert page.evaluate(SHOWN) == [code]
    assert address(page) == f"{at}?q={quote(typed).replace('%20', '+')}"


def test_filters_combine_and_each_is_taken_away_alone(agenda):
    open_form(agenda)
    agenda.get_by_label("Person").select_option("Ms. Ada Lund")
    expect(status(agenda)).to_have_text("8 slots of 11 are hidden by:")
    agenda.get_by_label("Changed since edition 2").check()

    expect(status(agenda)).to_have_text("9 slots of 11 are hidden by:")
    assert agenda.evaluate(SHOWN) == ["s0900", "s0930"]
    assert address(agenda) == f"{AT}?person=ada-lund&since=2"
    agenda.get_by_role("link", name="Ms. Ada Lund: remove").click()
    expect(status(agenda)).to_have_text("7 slots of 11 are hidden by:")
    assert address(agenda) == f"{AT}?since=2"
    agenda.get_by_role("link", name="Show all").click()
    expect(status(agenda)).to_have_text("All slots are shown.")
    assert len(agenda.evaluate(SHOWN)) == 11


def test_nothing_found_says_so_and_leads_back(agenda):
    open_form(agenda).press_sequentially("nowhere")

    expect(status(agenda)).to_have_text("Nothing on the programme fits all of this:")
    assert agenda.evaluate(SHOWN) == []
    agenda.get_by_role("link", name="Show all").click()
    assert len(agenda.evaluate(SHOWN)) == 11


def test_a_page_that_came_with_some_slots_gets_the_others_when_more_is_asked(
    live_server, agenda
):
    agenda.goto(f"{live_server.url}{AT}?q=coffee")
    assert agenda.evaluate(SHOWN) == ["group2", "inner"]

    open_form(agenda).fill("lecture")

    expect(agenda.locator("#slot-new")).to_be_visible()
    assert agenda.evaluate(SHOWN) == ["new"]
    assert address(agenda) == f"{AT}?q=lecture"
    expect(status(agenda)).to_have_text("10 slots of 11 are hidden by:")
    # The same page as one finds by typing alone.
    agenda.locator("#find-words").press("Escape")
    expect(status(agenda)).to_have_text("All slots are shown.")
    assert len(agenda.evaluate(SHOWN)) == 11


def test_a_link_to_a_hidden_slot_shows_it(agenda):
    open_form(agenda).fill("drafting")
    expect(agenda.locator("#slot-reports")).to_be_hidden()

    agenda.evaluate("location.hash = '#slot-reports'")

    expect(agenda.locator("#slot-reports")).to_be_in_viewport()


def test_what_was_found_is_found_again_on_the_way_back(live_server, agenda):
    open_form(agenda).fill("drafting")
    expect(agenda.locator("#slot-reports")).to_be_hidden()
    agenda.goto(f"{live_server.url}{AT}people/")

    agenda.go_back()

    expect(agenda.locator("#slot-reports")).to_be_hidden()
    assert agenda.evaluate(SHOWN) == ["s2100"]
    assert agenda.locator("#find-words").input_value() == "drafting"


def test_a_site_of_files_filters_by_its_address(live_server, agenda):
    """A plain web server sends the agenda whatever the query says."""
    whole = agenda.content()
    agenda.route("**/first/?*", lambda route: route.fulfill(body=whole))

    agenda.goto(f"{live_server.url}{AT}?day=2&q=reports")

    expect(status(agenda)).to_have_text("9 slots of 11 are hidden by:")
    assert agenda.evaluate(SHOWN) == ["reports", "closing"]


def test_a_newer_edition_is_filtered_alike(agenda):
    open_form(agenda).fill("drafting")
    expect(agenda.locator("#slot-reports")).to_be_hidden()

    agenda.evaluate(
        """async () => {
          const answer = await fetch(location.pathname);
          const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
          document.querySelector('main').replaceWith(page.querySelector('main'));
          document.dispatchEvent(new CustomEvent('rostrum:renewed'));
        }"""
    )

    assert agenda.evaluate(SHOWN) == ["s2100"]
    assert agenda.locator("#find-words").input_value() == "drafting"


# --- By keyboard, without scripts, without barriers -----------------------------------


def test_the_keyboard_is_enough(agenda):
    agenda.locator(".find summary").focus()
    agenda.keyboard.press("Enter")
    agenda.keyboard.press("Tab")
    agenda.keyboard.type("drafting")
    expect(status(agenda)).to_have_text("10 slots of 11 are hidden by:")
    for _stop in range(20):
        agenda.keyboard.press("Tab")
        if agenda.evaluate("document.activeElement.closest('#found') !== null"):
            break

    agenda.keyboard.press("Enter")

    expect(status(agenda)).to_have_text("All slots are shown.")
    # The link is gone; one goes on where one came from.
    assert agenda.evaluate("document.activeElement.id") == "find-words"


def test_filters_work_without_scripts(live_server, browser):
    issue_three()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(live_server.url + AT)

    open_form(page).fill("ada")
    page.get_by_label("Day", exact=True).select_option("Tue 22 June")
    page.get_by_role("button", name="Find").click()

    assert status(page).inner_text() == "10 slots of 11 are hidden by:"
    assert page.locator(".slot").count() == 1
    assert "q=ada&" in page.url
    assert "day=2" in page.url
    expect(status(page)).to_be_in_viewport()
    page.get_by_role("link", name="“ada”: remove").click()
    assert page.locator(".slot").count() == 2
    page.get_by_role("link", name="Show all").click()
    assert page.locator(".slot").count() == 11
    context.close()


def test_where_a_state_speaks_is_three_taps_away(live_server, page):
    issue_three()
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(live_server.url + AT)

    page.get_by_role("link", name="States and organizations").first.click()
    chile = page.locator(".is-delegations > li").filter(has_text="Chile")
    assert "Mon 21\u00a0June, 09.45–12.00 · Moderator" in chile.inner_text()
    chile.get_by_role("link", name="On the agenda").click()

    assert page.evaluate(SHOWN) == ["s0930"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_finding_has_no_barrier(live_server, page, violations, width, scheme):
    issue_three()
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = {}

    for at in (AT, "/ar/ocean/first/"):
        for query in ("?of=Chile&q=omar", "?day=9&since=8", "?q=nowhere"):
            page.goto(live_server.url + at + query)
            open_form(page)
            found[at + query] = violations(page)
        page.goto(f"{live_server.url}{at}delegations/")
        found[f"{at}delegations/"] = violations(page)
        page.goto(live_server.url + at)
        open_form(page).fill("zz")
        expect(page.locator("#slot-reports")).to_be_hidden()
        found[f"{at} typed"] = violations(page)

    assert [lines for lines in found.values() if lines] == []
    assert len(found) == 10
