"""The agenda on paper: what Ctrl-P gives."""

import re

import pypdf
import pytest

from tests.editions import issue_three, make_revised_programme

pytestmark = pytest.mark.browser

AT = "/en/ocean/first/"


@pytest.fixture
def printed(live_server, page, tmp_path, editions_folder):
    """Gives a function: the words of the printed page at an address."""
    issue_three(documents={"note.pdf": b"%PDF-1.7"})

    def words_of(address):
        page.goto(live_server.url + address)
        path = tmp_path / "agenda.pdf"
        page.pdf(path=path, format="A4", prefer_css_page_size=True)
        # As they stand on the sheet, line by line.
        pages = [
            sheet.extract_text(extraction_mode="layout")
            for sheet in pypdf.PdfReader(path).pages
        ]
        return re.sub(r"\s+", " ", " ".join(pages))

    return words_of


def test_each_slot_prints_its_time_and_title_in_order(printed):
    words = printed(AT)

    place = 0
    for slot in make_revised_programme().slots:
        if slot.start:
            place = words.index(f"{slot.start:%H.%M}–{slot.end:%H.%M}", place)
        place = words.index(slot.title["en"], place)


def test_rooms_at_the_same_time_print_as_one_list_with_their_rooms(printed):
    words = printed(AT)

    assert re.search(
        r"In parallel in 2 rooms 13\.00–15\.00 .*? Data .*? "
        r"13\.00–15\.00 .*? Borders .*?Palais Wilson, Room 2",
        words,
    )


def test_paper_says_which_edition_it_is_of_and_where_it_was(printed, live_server):
    words = printed(AT)

    assert "as at 14 June 2027" in words
    assert AT in words
    assert "https://example.org/webcast" in words
    assert re.search(r"\b1 / \d\b", words)


def test_paper_has_no_tool(printed):
    words = printed(AT)

    tools = [
        *("Skip to", "What I need", "My programme", "Find in", "Calendar", "People "),
        *("Français", "All editions", "Back to the text", "your time"),
    ]

    assert [tool for tool in tools if tool in words] == []


def test_an_arabic_page_prints_too(printed):
    words = printed("/ar/ocean/first/")

    assert "Palais Wilson" in words
    assert "https://example.org/webcast" in words
