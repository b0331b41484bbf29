"""The sheet of corrections of a corrigendum: what is read in place of what."""

import datetime as dt
import io
import logging

import pypdf
import pytest
from django.utils import translation

from sessions_app.outputs import corrections_pdf
from sessions_app.outputs.corrections_pdf import Correction, Place
from sessions_app.programme import Former
from tests import verapdf
from tests.printed import bookmarks, links, pages_of, qr_codes
from tests.revised import AFTER, BEFORE, CORRIGENDUM, FIRST, FORMER


@pytest.fixture(autouse=True)
def public_address(settings):
    settings.PUBLIC_URL = "https://programme.example.org"


def corrected(**changed):
    """The programme before with other values in its first slot."""
    first, *others = BEFORE.days
    slot = first.slots[0].model_copy(update=changed)
    day = first.model_copy(update={"slots": (slot, *first.slots[1:])})
    return BEFORE.model_copy(update={"days": (day, *others)})


def sentences(after, before=BEFORE, language="en"):
    with translation.override(language):
        found = corrections_pdf.places(before, after, language)
    return [correction.sentence for place in found for correction in place.corrections]


SHORT = corrected(title={"en": "Opening of the session", "ar": "الجزء الافتتاحي"})


def test_a_sheet_reads_in_the_order_of_the_paper():
    (page,) = pages_of(corrections_pdf.render(SHORT, CORRIGENDUM, "en", FORMER))
    assert page == (
        "Demonstration, not an official document PREPARATORY SECRETARIAT "
        "A/CONF.99/2/Corr.1 Conference on the ocean CORRIGENDUM Procedural note "
        "“Who warns whom” Geneva, 21–22 June 2027 Palais des Nations, Room XIX "
        "Edition 2 (Corr.1), as at 14 June 2027, 14.22 Geneva time "
        "Corrects edition 1 of 14 June 2027, 14.21 Day 1: Monday, 21 June 2027 "
        "Opening of the session (09.00–09.30) "
        "1. For “Opening segment” read “Opening of the session”. "
        "The consolidated programme is edition 2 (Corr.1): "
        "programme.example.org/check/code2 First session "
        "Edition 2 (Corr.1), as at 14 June 2027, 14.22 Geneva time Corrects edition 1 "
        "Is this copy current? programme.example.org/check/code2 Page 1 of 1"
    )


def test_corrections_are_numbered_throughout_by_day_and_slot():
    with translation.override("en"):
        found = corrections_pdf.places(BEFORE, AFTER, "en")
    numbers = [c.number for place in found for c in place.corrections]
    assert numbers == list(range(1, 16))
    assert found[1:4] == [
        Place(
            "Day 1: Monday, 21\u00a0June 2027",
            "Opening segment (09.10–09.30)",
            (
                Correction(3, "For “09.00–09.30” read “09.10–09.30”."),
                Correction(4, "Ms. Bo Ek is now named before Ms. Ada Lund."),
            ),
        ),
        Place(
            "",
            "Panel 1: Minutes that count (09.30–12.00)",
            (
                Correction(5, "For “Minutes that matter” read “Minutes that count”."),
                Correction(
                    6,
                    "In the text of Panel 1, “early” is added; 1 more place is changed.",
                ),
                Correction(7, "Added: Ms. Fay Wu, Director."),
                Correction(8, "Ms. Dag Holm replaces Ms. Cai Ong."),
                Correction(
                    9,
                    "Ms. Eva Ruiz: for “Head of Warnnings” read “Head of Warnings”.",
                ),
                Correction(10, "Ms. Gus Roy has withdrawn."),
            ),
        ),
        Place("", "Lunch (12.00–13.00)", (Correction(11, "“Lunch” is cancelled."),)),
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"theme": {"en": "Who warns whom, and when", "ar": "من ينذر من"}},
            "For “Who warns whom” read “Who warns whom, and when”.",
        ),
        ({"symbol": "A/CONF.99/3"}, "For “A/CONF.99/2” read “A/CONF.99/3”."),
        ({"city": {"en": "Genève"}}, "For “Geneva” read “Genève”."),
    ],
)
def test_a_short_text_is_quoted_as_it_was_and_as_it_is_read(changed, sentence):
    assert sentences(BEFORE.model_copy(update=changed)) == [sentence]


@pytest.mark.parametrize(
    "after",
    [
        corrected(title={"en": "Opening " * 40, "ar": "الجزء الافتتاحي"}),
        corrected(aside={"en": "On the terrace"}),
        corrected(end=dt.time(0, 30), ends_next_day=True),
        corrected(start=None, end=None, starts_at=None, ends_at=None),
        corrected(title={"en": "Opening segment", "ar": "الافتتاح"}),
    ],
)
def test_anything_else_is_told_in_a_sentence(after):
    (sentence,) = sentences(after)
    assert not sentence.startswith("For ")
    assert sentence.endswith(".")


def test_each_language_has_its_own_words_and_quotation_marks():
    after = corrected(title={"en": "Opening segment", "ar": "الافتتاح"})
    assert sentences(after, language="ar") == [
        "يُستعاض عن عبارة «الجزء الافتتاحي» بعبارة «الافتتاح»."
    ]


def test_words_of_staff_are_escaped():
    after = corrected(title={"en": "<b>Opening</b> & more"})
    (page,) = pages_of(corrections_pdf.render(after, CORRIGENDUM, "en", FORMER))
    assert "read “<b>Opening</b> & more”." in page


def test_the_file_says_what_it_is_and_leads_to_the_programme():
    content = corrections_pdf.render(SHORT, CORRIGENDUM, "en", FORMER)
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert {
        "title": reader.metadata.title,
        "identifier": reader.trailer["/ID"][0].original_bytes,
        "bookmarks": bookmarks(content),
        "links": links(content),
        "codes": len(qr_codes(content)),
    } == {
        "title": "Corrigendum: Procedural note",
        "identifier": b"ocean/first/editions/2/corrections.en.pdf",
        "bookmarks": [
            "Procedural note",
            ["Day 1: Monday, 21 June 2027", ["Opening of the session (09.00–09.30)"]],
        ],
        "links": [["https://programme.example.org/check/code2"] * 2],
        "codes": 1,
    }


def test_a_sheet_is_the_same_each_time():
    first, second = (
        corrections_pdf.render(AFTER, CORRIGENDUM, "ar", FORMER) for _ in range(2)
    )
    assert first == second


def test_nothing_in_a_sheet_is_unknown_to_template_or_stylesheet(caplog):
    caplog.set_level(logging.WARNING, "weasyprint")
    content = corrections_pdf.render(AFTER, CORRIGENDUM, "en", FORMER)
    assert "UNKNOWN" not in "".join(pages_of(content))
    assert [record.getMessage() for record in caplog.records] == []


def test_the_last_line_never_stands_alone_on_a_page():
    last = pages_of(corrections_pdf.render(AFTER, CORRIGENDUM, "en", FORMER))[-1]
    assert last.startswith("Closing (17.00–18.00) 15. Closing")


@pytest.mark.verapdf
@pytest.mark.parametrize("page_size", ["A4", "Letter"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_sheet_complies_with_pdf_ua_1_in(language, page_size):
    before, after = (
        programme.model_copy(update={"page_size": page_size})
        for programme in (BEFORE, AFTER)
    )
    content = corrections_pdf.render(
        after, CORRIGENDUM, language, Former(before, FIRST)
    )
    assert verapdf.validate(content) == []
