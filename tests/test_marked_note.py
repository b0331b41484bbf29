"""The marked revision: what is new and what is gone, on paper and on a page."""

import io
import logging
import re

import lxml.html
import pypdf
import pypdfium2
import pytest

from sessions_app import marking
from sessions_app.outputs import insertions, marked_note, note_pdf
from sessions_app.programme import FootnoteEntry, Former
from tests import verapdf
from tests.printed import bookmarks, links, pages_of, pages_with, qr_codes
from tests.revised import AFTER, BEFORE, FIRST, FORMER, REVISION

pytestmark = pytest.mark.thorough

NEW, END, GONE, OVER = *marking.INSERTED, *marking.DELETED
BOX = (
    "Marked revision: edition 2 (Rev.1) against edition 1. Additions are bold and "
    "underlined, deletions are struck through."
)
BACK = "/en/ocean/first/changes/1/"


@pytest.fixture(autouse=True)
def public_address(settings):
    settings.PUBLIC_URL = "https://programme.example.org"


def marked(language="en", **changed):
    after = AFTER.model_copy(update=changed)
    before = BEFORE.model_copy(update=changed)
    return marked_note.render(after, REVISION, language, Former(before, FIRST))


def page_in(language):
    html = marked_note.render_html_page(AFTER, REVISION, language, FORMER, BACK)
    return lxml.html.document_fromstring(html)


# --- Marks as elements ------------------------------------------------------


def added(words):
    begin = spoken("[added:\u00a0")
    return f"<ins>{begin}{words}{spoken(']')}</ins>"


def deleted(words):
    begin = spoken("[deleted:\u00a0")
    return f"<del>{begin}{words}{spoken(']')}</del>"


def spoken(words):
    return f'<span class="spoken">{words}</span>'


@pytest.mark.parametrize(
    ("html", "elements"),
    [
        ("Plain &amp; simple", "Plain &amp; simple"),
        (f"A {NEW}new{END} word", f"A {added('new')} word"),
        (
            f"{GONE}old{OVER}{NEW}&lt;b&gt;{END}",
            f"{deleted('old')}{added('&lt;b&gt;')}",
        ),
        (
            f"<p>{NEW}one</p>\n<p>two{END} three</p>",
            f"<p>{added('one')}</p>\n<p>{added('two')} three</p>",
        ),
        (
            f"{GONE}a <strong>b</strong> c{OVER}",
            f"{deleted('a ')}<strong>{deleted('b')}</strong>{deleted(' c')}",
        ),
        (f"<p>{NEW}{END}</p>", "<p></p>"),
    ],
)
def test_marks_become_elements_with_words(html, elements):
    assert insertions.to_elements(html) == elements


def test_no_mark_is_left_and_no_element_is_let_in():
    words = f'{NEW}<script src="x">{END} & {GONE}"gone"{OVER}'
    title = {"en": words}
    first, *others = AFTER.days
    slot = first.slots[3].model_copy(update={"title": title, "agenda_item": words})
    shown = AFTER.model_copy(
        update={
            "days": (first.model_copy(update={"slots": (slot,)}), *others),
            "symbol": words,
            "note_title": title,
            "theme": title,
        }
    )
    html = note_pdf.render_html(shown, REVISION, "en", former=FORMER)
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", html)
    assert "<script" not in html
    escaped = "&lt;script src=&quot;x&quot;&gt;"
    assert html.count(f"{added(escaped)} &amp; {deleted('&quot;gone&quot;')}") == 5
    assert f"<title>{escaped} &amp;  (Marked revision)</title>" in html


def test_languages_of_interpretation_are_marked_by_their_names():
    first, *others = AFTER.days
    codes = (f"{GONE}fr{OVER}", "en", f"{NEW}zh-hans{END}")
    slot = first.slots[3].model_copy(update={"interpretation": codes})
    shown = AFTER.model_copy(
        update={"days": (first.model_copy(update={"slots": (slot,)}), *others)}
    )
    html = note_pdf.render_html(shown, REVISION, "en", former=FORMER)
    names = f"{deleted('French')}, English, {added('Chinese')}"
    assert f"Interpretation: {names}" in html


# --- On paper ---------------------------------------------------------------


def test_everything_new_and_gone_is_in_the_text_in_its_place():
    first, second = pages_of(marked())
    assert first == (
        "Demonstration, not an official document PREPARATORY SECRETARIAT "
        f"A/CONF.99/2/Rev.1 Conference on the ocean {BOX} Procedural note "
        "“Who warns whom”1 Geneva, 21–22 June 2027 Palais des Nations, Room XIX "
        "Edition 2 (Rev.1), as at 14 June 2027, 14.22 Geneva time "
        "Supersedes edition 1 of 14 June 2027, 14.21 Organization of work "
        "Day 1: Monday, 21 June 2027 TIME CONCEPT "
        "[deleted: 09.00–09.30] [added: 09.10–09.30] Opening segment Welcome remarks "
        "• [added: Ms. Bo Ek], [added: Director] • Ms. Ada Lund, Director "
        "• [deleted: Ms. Bo Ek], [deleted: Director] "
        "09.30–12.00 PANEL 1 Minutes that [deleted: matter] [added: count] "
        "The panel follows one [added: early] warning to the coast. "
        "[deleted: It asks why.] "
        "• [deleted: Ms. Cai Ong], [deleted: Director] "
        "• [added: Ms. Dag Holm], [added: Director] "
        "• Ms. Eva Ruiz, Head of [deleted: Warnnings] [added: Warnings] "
        "• Ms. Gus Roy, Director [added: (withdrawn)] "
        "• [added: Ms. Fay Wu], [added: Director] Moderated by Ms. Omar Diaz, Director "
        "12.00–13.00 [added: CANCELLED] [deleted: Lunch] "
        "[deleted: 13.00–14.00] [deleted: Statements by observers] "
        "14.00–15.00 Working group Palais [deleted: des Nations] [added: Wilson], "
        "Room [deleted: XIX] [added: 2] "
        "[deleted: 15.00–16.00] [deleted: Presentation of the buoys] "
        "1 See [deleted: the annex][added: the annex and its map]. First session "
        "Edition 2 (Rev.1), as at 14 June 2027, 14.22 Geneva time Supersedes edition 1 "
        "Is this copy current? programme.example.org/check/code2 Page 1 of 2"
    )
    assert second == (
        "Day 2: Tuesday, 22 June 2027 TIME CONCEPT 10.00–11.00 Summary "
        "[added: 15.00–16.00] Presentation of the buoys "
        "[added: 17.00–18.00] [added: Closing] How to take the floor "
        "Press the button. – [deleted: Three] [added: Four] minutes – Five for groups "
        "Demonstration, not an official document Day 2: Tuesday, 22 June 2027 "
        "First session Edition 2 (Rev.1), as at 14 June 2027, 14.22 Geneva time "
        "Supersedes edition 1 Is this copy current? programme.example.org/check/code2 "
        "Page 2 of 2"
    )


def test_bookmarks_and_title_are_those_of_the_new_edition():
    content = marked()
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert (bookmarks(content), reader.metadata.title) == (
        [
            "Procedural note",
            [
                "Organization of work",
                [
                    "Day 1: Monday, 21 June 2027",
                    [
                        "Opening segment",
                        "09.30–12.00 Panel 1: Minutes that count",
                        "14.00–15.00 Working group",
                    ],
                    "Day 2: Tuesday, 22 June 2027",
                    ["10.00–11.00 Summary", "Presentation of the buoys", "Closing"],
                ],
                "How to take the floor",
            ],
        ],
        "Procedural note (Marked revision)",
    )
    assert reader.trailer["/ID"][0].original_bytes == (
        b"ocean/first/editions/2/marked.en.pdf"
    )


def test_new_dates_stand_beside_the_old_ones():
    days = tuple(
        day.model_copy(update={"date": day.date.replace(day=day.date.day + 7)})
        for day in BEFORE.days
    )
    first, last = days[0].date, days[-1].date
    moved = BEFORE.model_copy(
        update={"days": days, "starts_on": first, "ends_on": last}
    )
    content = marked_note.render(moved, REVISION, "en", FORMER)
    page = pages_of(content)[0]
    assert "[deleted: 21–22 June 2027] [added: 28–29 June 2027]" in page
    assert "Day 1: Monday, [deleted: 21] [added: 28] June 2027" in page
    assert "Day 1: Monday, 28 June 2027" in str(bookmarks(content))


def test_words_for_those_who_do_not_see_take_no_room():
    with pypdfium2.PdfDocument(marked()) as document:
        text = document[0].get_textpage()
        (words, shown) = (
            text.get_charbox(text.search(said).get_next()[0], loose=True)
            for said in ("[added: count]", "count]")
        )
    assert words[3] - words[1] < 1.4
    assert shown[3] - shown[1] > 10
    assert 0 <= shown[0] - words[0] < 1


@pytest.mark.parametrize("page_size", ["A4", "Letter"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_page_has_the_foot_of_the_note(language, page_size):
    content = marked(language, page_size=page_size)
    pages = pages_of(content)
    every = list(range(1, len(pages) + 1))
    assert pages_with(pages, "programme.example.org/check/code2") == every
    assert links(content)[-1] == ["https://programme.example.org/check/code2"]
    assert len(qr_codes(content)) == len(pages)


def test_the_marked_revision_is_the_same_each_time():
    assert marked() == marked()


def test_nothing_in_a_marked_revision_is_unknown_to_template_or_stylesheet(caplog):
    caplog.set_level(logging.WARNING, "weasyprint")
    html = note_pdf.render_html(AFTER, REVISION, "en", former=FORMER)
    assert "UNKNOWN VARIABLE" not in html
    marked()
    assert [record.getMessage() for record in caplog.records] == []


def test_a_note_says_nothing_of_marks():
    html = note_pdf.render_html(AFTER, REVISION, "en")
    assert not re.search("<ins|<del|spoken|[Mm]arked", html)


@pytest.mark.verapdf
@pytest.mark.parametrize("page_size", ["A4", "Letter"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_marked_revision_complies_with_pdf_ua_1_in(language, page_size):
    assert verapdf.validate(marked(language, page_size=page_size)) == []


@pytest.mark.verapdf
def test_a_new_link_complies_with_pdf_ua_1():
    note = FootnoteEntry(
        number=1,
        key="papers",
        text={"en": "See [the **long** annex](https://example.org/annex-2)."},
    )
    after = AFTER.model_copy(update={"footnotes": (note,)})
    content = marked_note.render(after, REVISION, "en", FORMER)
    assert "https://example.org/annex-2" in links(content)[0]
    assert verapdf.validate(content) == []


# --- On a page --------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "direction", "called", "back"),
    [
        ("ar", "rtl", "نسخة مبينة للتعديلات", "جميع التعديلات"),
        ("en", "ltr", "Marked revision", "All changes"),
    ],
)
def test_the_page_is_one_of_its_own(language, direction, called, back):
    page = page_in(language)
    (heading,) = page.xpath("//h1")
    assert dict(page.attrib) == {"lang": language, "dir": direction}
    assert page.xpath("//title/text()") == [
        f"{called}: {heading.text_content()}".replace(
            heading.text_content(), AFTER.note_title[language]
        )
    ]
    assert page.xpath("//meta[@name='viewport']/@content") == [
        "width=device-width, initial-scale=1"
    ]
    assert [
        re.sub(r"\.[0-9a-f]{12}", "", address)
        for address in page.xpath("//link[@rel='stylesheet']/@href")
    ] == ["/static/fonts/web/noto-sans.css", "/static/note.css", "/static/marked.css"]
    assert page.xpath("//a[@class='skip']/@href") == ["#content"]
    assert page.xpath("//main/@id") == ["content"]
    assert page.xpath("//header/a/@href") == [BACK]
    assert page.xpath("//header/a/text()") == [back]


def test_the_page_says_what_the_paper_says():
    def marks(tree):
        return [
            (element.tag, element.text_content())
            for element in tree.xpath("//ins | //del")
        ]

    shown = marking.mark(BEFORE, AFTER)
    paper = note_pdf.render_html(shown, REVISION, "en", former=FORMER)
    on_paper = marks(lxml.html.document_fromstring(paper))
    assert marks(page_in("en")) == on_paper
    assert len(on_paper) > 30


def test_the_page_has_no_script_style_or_running_line_and_ends_with_the_edition():
    page = page_in("en")
    assert page.xpath("//script | //style | //*[@style]") == []
    assert page.find_class("running") == []
    foot = " ".join(page.xpath("//footer")[0].text_content().split())
    assert foot == (
        "Edition 2 (Rev.1), as at 14 June 2027, 14.22 Geneva time "
        "Is this copy current? programme.example.org/check/code2"
    )
    assert page.xpath("//footer//a/@href") == [
        "https://programme.example.org/check/code2"
    ]
