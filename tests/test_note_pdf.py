"""The procedural note on paper: what stands on which page, in which order and how."""

import base64
import datetime as dt
import hashlib
import io
import logging
import os
import re
import subprocess
import sys
from typing import Any

import pikepdf
import pypdf
import pypdfium2
import pytest
import segno
from django.conf import settings
from PIL import Image

from sessions_app.models import Document
from sessions_app.outputs import note_pdf
from sessions_app.programme import (
    ConferenceEntry,
    DayEntry,
    FootnoteEntry,
    Imprint,
    LineEntry,
    Logo,
    PersonEntry,
    Programme,
    RoomEntry,
    SectionEntry,
    SlotEntry,
    Superseded,
)
from tests import verapdf
from tests.printed import bookmarks, links, pages_of, pages_with, qr_codes

pytestmark = pytest.mark.thorough

AT = dt.datetime(2027, 6, 14, 14, 20, tzinfo=dt.UTC)
IMPRINT = Imprint(number=2, label="Corr.1", as_at=AT, issued_at=AT)
EDITION = "Edition 2 (Corr.1), as at 14 June 2027, 16.20 Geneva time"
NOTICE = "Demonstration, not an official document"
SENTENCE = (
    "The panel looks at the ways in which States cooperate across borders, at what "
    "exists and at what could be built on it, and says where gaps remain."
)
PEOPLE = (
    ("Ms. Małgorzata Wahlström", "Chairperson of the Board of a very long institution"),
    ("H.E. Mr. Jürg Lauber", "Permanent Representative of Switzerland"),
    ("Prof. Iván Martín", "University Pompeu Fabra, Barcelona"),
)


# --- Programmes -------------------------------------------------------------


def person(name: str, office: str = "", **more: Any) -> PersonEntry:
    values = {
        "code": name,
        "name": {"en": name},
        "printed": {"en": name},
        "function": {"en": office} if office else {},
    }
    return PersonEntry(**{**values, **more})


def slot(hour: int, name: str, **more: Any) -> SlotEntry:
    values: dict[str, Any] = {
        "code": f"{hour}-{name}",
        "kind": "session",
        "start": dt.time(hour % 24),
        "end": dt.time(hour % 24, 50),
        "title": {"en": name},
    }
    return SlotEntry(**{**values, **more})


def panel(number: int, sentences: int = 4, people: int = 1, **more: Any) -> SlotEntry:
    bullets = tuple(person(*PEOPLE[place % 3]) for place in range(people))
    chair = person("H.E. Mr. Ola Henrikson", "Director General, Ministry of Justice")
    values: dict[str, Any] = {
        "kind": "panel",
        "label": {"en": f"Panel {number}"},
        "text": {"en": "\n\n".join([SENTENCE] * sentences)},
        "lines": (
            LineEntry(code=f"{number}b", people=bullets),
            LineEntry(
                code=f"{number}c",
                layout="closing",
                text={"en": "Moderated by {0}"},
                people=(chair,),
            ),
        ),
    }
    return slot(10, f"Subject {number} of the panels", **{**values, **more})


def programme(*days: list[SlotEntry], **more: Any) -> Programme:
    first = dt.date(2027, 6, 21)
    values: dict[str, Any] = {
        "conference": ConferenceEntry(
            slug="ocean",
            title={"en": "Conference on the ocean"},
            office={"en": "Preparatory secretariat"},
            notice={"en": NOTICE},
        ),
        "slug": "first",
        "title": {"en": "First session"},
        "note_title": {"en": "Procedural note for the first session"},
        "theme": {"en": "Who warns whom"},
        "city": {"en": "Geneva"},
        "room": RoomEntry(
            code="xix", venue={"en": "Palais des Nations"}, name={"en": "Room XIX"}
        ),
        "zone": "Europe/Zurich",
        "starts_on": first,
        "ends_on": first + dt.timedelta(days=max(len(days) - 1, 0)),
        "languages": ("en",),
        "primary_language": "en",
        "days": tuple(
            DayEntry(
                number=number + 1,
                date=first + dt.timedelta(days=number),
                slots=tuple(slots),
            )
            for number, slots in enumerate(days)
        ),
    }
    return Programme(**{**values, **more})


def footnotes(*texts: str) -> tuple[FootnoteEntry, ...]:
    return tuple(
        FootnoteEntry(number=number, key=str(number), text={"en": text})
        for number, text in enumerate(texts, start=1)
    )


def in_three_languages(**more: Any) -> Programme:
    def said(ar: str, zh: str, en: str) -> dict[str, str]:
        return {"ar": ar, "zh-hans": zh, "en": en}

    swiss = said(
        "الممثل الدائم لسويسرا", "瑞士常驻代表", "Representative of Switzerland"
    )
    lauber = person(
        "lauber",
        printed=said("السيد يورغ لاوبر", "于尔格·劳贝尔先生", "Mr. Jürg Lauber"),
        function=swiss,
    )
    return programme(
        [
            slot(
                10,
                "",
                title=said("الجزء الافتتاحي", "开幕式", "Opening segment"),
                text=said(
                    "تنظر الوفود في السبل العملية للتعاون.",
                    "各代表团探讨合作的实际方法。",
                    "Delegations look at ways of cooperating.",
                ),
                notes={"text": (1,)},
                lines=(LineEntry(code="l", people=(lauber, person(*PEOPLE[0]))),),
            ),
            slot(13, "", kind="lunch", title=said("استراحة الغداء", "午餐", "Lunch")),
        ],
        languages=("ar", "zh-hans", "en"),
        note_title=said("مذكرة إجرائية", "程序说明", "Procedural note"),
        footnotes=(
            FootnoteEntry(number=1, key="a", text=said("ملاحظة", "说明", "A note")),
        ),
        **more,
    )


# --- Reading a note ---------------------------------------------------------


def note(shown: Programme, language: str = "en", **more: Any) -> list[str]:
    return pages_of(note_pdf.render(shown, more.get("imprint", IMPRINT), language))


def place_of(content: bytes, words: str) -> float:
    """How far from the left edge of its page `words` begin, in points."""
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            found = page.get_textpage().search(words).get_next()
            if found:
                return page.get_textpage().get_charbox(found[0])[0]
    raise AssertionError(f"{words!r} is not in the note")


# --- The sheet --------------------------------------------------------------


def test_a_short_note_reads_in_the_order_of_the_paper():
    shown = programme(
        [
            slot(
                9,
                "Opening segment",
                lines=(
                    LineEntry(
                        code="w",
                        text={"en": "Welcome remarks"},
                        people=(person(*PEOPLE[1]),),
                    ),
                ),
            ),
            panel(1, sentences=1),
            slot(13, "Lunch", kind="lunch", aside={"en": "Space for side events"}),
        ],
        notes={"theme": (1,)},
        footnotes=footnotes("For further information, see:\n\n- the concept note"),
        sections=(
            SectionEntry(
                place="before", heading={"en": "Format"}, text={"en": "Plenary."}
            ),
            SectionEntry(
                place="after", heading={"en": "Contact"}, text={"en": "The *desk*."}
            ),
        ),
        symbol="OCEAN/1/INF.1",
    )
    (page,) = note(shown)
    assert page == (
        f"{NOTICE} PREPARATORY SECRETARIAT OCEAN/1/INF.1/Corr.1 "
        "Conference on the ocean "
        "Procedural note for the first session “Who warns whom”1 Geneva, 21 June 2027 "
        f"Palais des Nations, Room XIX {EDITION} Format Plenary. Organization of work "
        "Monday, 21 June 2027 TIME CONCEPT "
        "09.00–09.50 Opening segment Welcome remarks • H.E. Mr. Jürg Lauber, Permanent "
        "Representative of Switzerland "
        f"10.00–10.50 PANEL 1 Subject 1 of the panels {SENTENCE} • Ms. Małgorzata "
        "Wahlström, Chairperson of the Board of a very long institution Moderated by "
        "H.E. Mr. Ola Henrikson, Director General, Ministry of Justice "
        "13.00–13.50 Lunch Space for side events Contact The desk. "
        "1 For further information, see: – the concept note "
        f"First session {EDITION} Page 1 of 1"
    )


def test_every_page_has_notice_edition_and_number():
    pages = note(programme([panel(n) for n in range(1, 8)]))
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert NOTICE in page
        assert page.count(EDITION) == (2 if number == 1 else 1)
        assert f"Page {number} of 3" in page


def test_later_pages_name_the_day_that_they_begin_in():
    panels = [panel(number) for number in range(1, 8)]
    pages = note(programme(panels[:3], panels[3:]))
    first, second = "Day 1: Monday, 21 June 2027", "Day 2: Tuesday, 22 June 2027"
    assert (pages_with(pages, first), pages_with(pages, second)) == ([1, 2], [2, 3])


@pytest.mark.parametrize(
    ("page_size", "points"), [("A4", (595, 842)), ("Letter", (612, 792))]
)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_sheet_has_the_size_asked_for(page_size, points, language):
    content = note_pdf.render(
        in_three_languages(page_size=page_size), IMPRINT, language
    )
    sizes = {
        tuple(round(float(side)) for side in page.mediabox[2:])
        for page in pypdf.PdfReader(io.BytesIO(content)).pages
    }
    assert sizes == {points}


def test_a_draft_says_so_on_every_page():
    pages = note(programme([panel(n) for n in range(1, 6)]), imprint=None)
    assert len(pages) > 1
    assert pages_with(pages, "Draft") == list(range(1, len(pages) + 1))
    assert "DRAFT Procedural note" in pages[0]
    assert pages_with(pages, "Edition") == []


def test_the_status_word_and_the_remark_of_the_edition_print():
    imprint = IMPRINT.model_copy(
        update={"status_word": "provisional", "remark": {"en": "Corrects a name."}}
    )
    page = note(programme([panel(1)]), imprint=imprint)[0]
    assert "PROVISIONAL Procedural note" in page
    assert f"{EDITION} Corrects a name." in page


def test_a_cancelled_session_says_so():
    page = note(programme([panel(1)], status="cancelled"))[0]
    assert "CANCELLED Procedural note" in page


def test_a_logo_prints_with_its_words():
    data = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(data, "png")
    logo = Logo(png=base64.b64encode(data.getvalue()).decode(), text={"en": "A wave"})
    conference = programme().conference.model_copy(update={"logo": logo})
    content = note_pdf.render(
        programme([panel(1)], conference=conference), IMPRINT, "en"
    )
    with pikepdf.open(io.BytesIO(content)) as document:
        words = [
            str(element.Alt)
            for element in document.objects
            if isinstance(element, pikepdf.Dictionary)
            and element.get("/S") == "/Figure"
        ]
    assert words == ["A wave"]


# --- Rows and pages ---------------------------------------------------------


def test_a_row_that_fits_a_page_is_kept_whole():
    panels = [panel(n, sentences=n % 5 + 2, people=3) for n in range(1, 10)]
    pages = note(programme(panels))
    assert len(pages) > 3
    ends = [page.count("Moderated by") for page in pages]
    titles = [len(re.findall(r"PANEL \d Subject", page)) for page in pages]
    concepts = [page.count(SENTENCE) for page in pages]
    assert titles == ends
    assert sum(concepts) == sum(n % 5 + 2 for n in range(1, 10))
    for page in pages:
        numbers = [int(n) for n in re.findall(r"PANEL (\d) Subject", page)]
        assert page.count(SENTENCE) == sum(n % 5 + 2 for n in numbers)


def test_the_header_row_is_repeated_on_every_page_of_a_table():
    pages = note(programme([panel(n) for n in range(1, 10)]))
    assert len(pages) > 3
    assert pages_with(pages, "TIME CONCEPT") == list(range(1, len(pages) + 1))


@pytest.mark.parametrize("page_size", ["A4", "Letter"])
def test_a_row_longer_than_a_page_goes_on_under_a_header_and_splits_nobody(page_size):
    long = panel(1, sentences=20, people=31)
    pages = note(programme([long, panel(2)], page_size=page_size))
    assert len(pages) >= 3
    assert pages_with(pages, "TIME CONCEPT") == list(range(1, len(pages) + 1))
    whole = [f"{name}, {function}" for name, function in PEOPLE]
    counts = [sum(page.count(words) for page in pages) for words in whole]
    assert counts == [11 + 1, 10, 10]
    assert sum(page.count(SENTENCE) for page in pages) == 24


@pytest.mark.parametrize("length", [1, 9])
def test_no_label_title_or_time_stands_alone_at_the_foot_of_a_page(length):
    first = " ".join([SENTENCE] * length)
    for height in range(9, 27, 3):
        above = slot(9, "Statements", text={"en": "\n\n".join(["One."] * height)})
        long = panel(2, people=8, text={"en": f"{first}\n\n" + f"{SENTENCE}\n\n" * 16})
        pages = note(programme([above, long]))
        row_and_concept = f"10.00–10.50 PANEL 2 Subject 2 of the panels {first}"
        assert pages_with(pages, row_and_concept), height


def test_the_heading_of_a_day_stays_with_its_first_row():
    for sentences in range(3, 10):
        pages = note(programme([panel(1, sentences)], [panel(2, 3)]))
        (page,) = pages_with(pages, "TIME CONCEPT 10.00–10.50 PANEL 2")
        heading = "Day 2: Tuesday, 22 June 2027 TIME CONCEPT 10.00–10.50 PANEL 2"
        assert pages_with(pages, heading) == [page]


def with_footnotes_everywhere(words: int) -> Programme:
    """Three days with twelve footnotes, and rows whose height depends on `words`."""
    speech = (SENTENCE + " ").split() * 9
    texts = ["First note."]
    days = []
    for day in range(3):
        rows = []
        for kind in ("opening", "panel", "panel", "closing"):
            number = len(texts) + 1
            length = words * (day + 1) + 13 * number
            texts.append(f"Body{number}. " + " ".join(speech[: number * 7 % 40]))
            field = "title" if number % 2 or kind == "closing" else "text"
            said = {
                "title": f"Row {number}",
                "text": " ".join(speech[: length % 220]) or "Nothing.",
            }
            said[field] += f" Call{number}."
            row = panel(number, people=number % 4) if kind == "panel" else slot(9, "")
            rows.append(
                row.model_copy(
                    update={
                        "title": {"en": said["title"]},
                        "text": {"en": said["text"]},
                        "notes": {field: (number,)},
                    }
                )
            )
        days.append(rows)
    return programme(
        *days,
        theme={"en": " ".join(speech[: words % 60])},
        footnotes=footnotes(*texts),
        notes={"theme": (1,)},
        page_size="A4" if words % 2 else "Letter",
    )


@pytest.mark.parametrize("words", [3, 54, 71, 122, 173, 207])
def test_a_footnote_is_on_the_page_of_its_call(words):
    pages = note(with_footnotes_everywhere(words))
    calls = [pages_with(pages, f"Call{n}.") for n in range(2, 14)]
    bodies = [pages_with(pages, f"{n} Body{n}.") for n in range(2, 14)]
    assert bodies == calls
    assert {len(found) for found in calls} == {1}
    assert pages_with(pages, "1 First note.") == [1]


def test_a_footnote_called_twice_prints_once():
    shown = programme(
        [panel(1, sentences=1, notes={"title": (1,)})],
        notes={"theme": (1,)},
        footnotes=footnotes("Once."),
    )
    page = note(shown)[0]
    assert page.count("Once.") == 1
    assert "“Who warns whom”1 " in page
    assert "Subject 1 of the panels1 " in page


def test_a_footnote_of_the_title_alone_prints_at_the_heading():
    shown = programme(
        [panel(1)], notes={"title": (1,)}, footnotes=footnotes("Of the title.")
    )
    page = note(shown)[0]
    assert "Procedural note for the first session1 " in page
    assert "1 Of the title." in page


# --- What a row says --------------------------------------------------------


def row(shown: SlotEntry, **more: Any) -> str:
    """What a single row prints."""
    page = note(programme([shown], **more))[0]
    return page.split("TIME CONCEPT ")[1].split(" First session Edition")[0]


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (
            slot(21, "Drafting group", ends_next_day=True, end=dt.time(0, 30)),
            "21.00–00.30 (next day) Drafting group",
        ),
        (
            slot(9, "Closing", start=None, end=None, when={"en": "Upon conclusion"}),
            "Upon conclusion Closing",
        ),
        (slot(9, "Statements", end=None), "09.00 Statements"),
        (slot(9, "Siren", status="cancelled"), "09.00–09.50 CANCELLED Siren"),
        (slot(9, "Siren", status="postponed"), "09.00–09.50 POSTPONED Siren"),
        (
            slot(
                9,
                "Reports",
                agenda_item="3",
                interpretation=("ar", "fr"),
                has_own_room=True,
                room=RoomEntry(code="h", venue={"en": "Harbour"}, name={"en": "Hall"}),
            ),
            "09.00–09.50 Reports Harbour, Hall · Agenda item 3 · Interpretation: Arabic, French",
        ),
        (
            slot(
                9,
                "Summary",
                lines=(
                    LineEntry(
                        code="s",
                        layout="sentence",
                        text={"en": "{0}, thematic expert, gives an overview"},
                        people=(person("Ms. A", "Director"),),
                    ),
                ),
            ),
            "09.00–09.50 Summary Ms. A, Director, thematic expert, gives an overview",
        ),
        (
            slot(
                9,
                "Remarks",
                lines=(
                    LineEntry(
                        code="r",
                        people=(
                            person("Ms. A", "Director", remark={"en": "(TBC)"}),
                            person(
                                "Mr. B",
                                organization={"en": "Red Cross"},
                                state={"en": "Kenya"},
                            ),
                        ),
                    ),
                ),
            ),
            "09.00–09.50 Remarks • Ms. A, Director (TBC) • Mr. B",
        ),
        (
            slot(9, "Questions", questions={"en": "1. Who?\n2. What?"}),
            "09.00–09.50 Questions 1. Who? 2. What?",
        ),
        (
            slot(9, "<b>R&D</b> {{ x }}", text={"en": "<script>1</script> & *more*"}),
            "09.00–09.50 <b>R&D</b> {{ x }} <script>1</script> & more",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_says(shown, printed):
    assert row(shown) == printed


def test_half_days_print_as_the_organization_writes_them():
    assert row(slot(10, "Plenary", end=dt.time(13)), time_style="half-days").startswith(
        "10 a.m.–1 p.m. Plenary"
    )


def test_bookmarks_name_days_sections_and_rows():
    shown = programme(
        [panel(1), slot(13, "Lunch", kind="lunch"), slot(14, "X", status="cancelled")],
        [slot(9, "Closing", start=None, end=None)],
        sections=(
            SectionEntry(place="after", heading={"en": "Contact"}, text={"en": "Us."}),
        ),
    )
    assert bookmarks(note_pdf.render(shown, IMPRINT, "en")) == [
        "Procedural note for the first session",
        [
            "Organization of work",
            [
                "Day 1: Monday, 21 June 2027",
                [
                    "10.00–10.50 Panel 1: Subject 1 of the panels",
                    "14.00–14.50 X (Cancelled)",
                ],
                "Day 2: Tuesday, 22 June 2027",
                ["Closing"],
            ],
            "Contact",
        ],
    ]


def test_the_file_names_its_language_title_and_edition():
    content = note_pdf.render(in_three_languages(), IMPRINT, "zh-hans")
    reader = pypdf.PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    assert {
        "language": root["/Lang"],
        "title": reader.metadata.title,
        "author": reader.metadata.author,
        "subject": reader.metadata.subject,
        "created": reader.metadata.creation_date,
        "title in the window": root["/ViewerPreferences"]["/DisplayDocTitle"],
        "identifier": reader.trailer["/ID"][0].original_bytes,
    } == {
        "language": "zh-Hans",
        "title": "程序说明",
        "author": "Preparatory secretariat",
        "subject": "Who warns whom",
        "created": AT,
        "title in the window": True,
        "identifier": b"ocean/first/editions/2/note.zh-hans.pdf",
    }


# --- Languages --------------------------------------------------------------


def test_arabic_mirrors_the_table():
    english = note_pdf.render(in_three_languages(), IMPRINT, "en")
    arabic = note_pdf.render(in_three_languages(), IMPRINT, "ar")
    assert place_of(english, "10.00") < place_of(english, "Opening")
    assert place_of(arabic, "10:00") > place_of(arabic, "الجزء")


def test_arabic_prints_in_its_own_letters_and_comes_back():
    content = note_pdf.render(in_three_languages(), IMPRINT, "ar")
    fonts = {
        re.sub(r"^/[A-Z]{6}\+", "", font.get_object()["/BaseFont"])
        for page in pypdf.PdfReader(io.BytesIO(content)).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert (
        {"Amiri", "Amiri-Bold"}
        <= fonts
        <= {
            "Amiri",
            "Amiri-Bold",
            "Noto-Sans",
            "Noto-Sans-Semi-Bold",
        }
    )
    text = " ".join(pages_of(content))
    words = ["مذكرة", "إجرائية", "الجزء", "الافتتاحي", "الوفود", "للتعاون", "الدائم"]
    assert [word for word in words if word in text] == words


def test_words_of_another_language_say_so():
    html = note_pdf.render_html(in_three_languages(), IMPRINT, "ar")
    name, function = PEOPLE[0]
    assert '<html lang="ar" dir="rtl">' in html
    english = '<span lang="en" dir="ltr" data-in="EN">'
    assert f"{english}<b>{name}</b>, {function}</span>" in html
    assert f"{english}Conference on the ocean</span>" in html


def test_quotation_marks_are_those_of_the_language():
    themes = {
        "ar": "«موضوع»",
        "zh-hans": "“主题”",
        "en": "“Theme”",
        "fr": "«\u00a0Thème\u00a0»",
        "ru": "«Тема»",
        "es": "«Tema»",
    }
    theme = {language: said.strip("«»“”\u00a0") for language, said in themes.items()}
    shown = programme([], theme=theme, languages=tuple(themes))
    printed = {
        language: re.search(
            r'class="theme">([^<]*)<', note_pdf.render_html(shown, IMPRINT, language)
        )[1]
        for language in themes
    }
    assert printed == themes


# --- The file ---------------------------------------------------------------


def test_nothing_is_unknown_to_template_or_stylesheet(caplog):
    caplog.set_level(logging.WARNING, "weasyprint")
    shown = programme(
        [panel(1, notes={"title": (1,)}), slot(13, "Lunch", kind="lunch")],
        footnotes=footnotes("A note."),
        sections=(SectionEntry(place="after", heading={"en": "x"}, text={"en": "y"}),),
    )
    for imprint in (IMPRINT, None):
        assert "UNKNOWN VARIABLE" not in note_pdf.render_html(shown, imprint, "en")
        note_pdf.render(shown, imprint, "en")
    assert [record.getMessage() for record in caplog.records] == []


def test_two_processes_print_the_same_note(tmp_path):
    shown = in_three_languages()
    (tmp_path / "programme.json").write_bytes(shown.to_json())
    code = (
        "import django, hashlib, pathlib; django.setup()\n"
        "from sessions_app.outputs import note_pdf\n"
        "from sessions_app.programme import Imprint, from_json\n"
        f"data = pathlib.Path({str(tmp_path)!r}, 'programme.json').read_bytes()\n"
        f"imprint = Imprint.model_validate_json({IMPRINT.model_dump_json()!r})\n"
        "for language in ('ar', 'en'):\n"
        "    note = note_pdf.render(from_json(data), imprint, language)\n"
        "    print(hashlib.sha256(note).hexdigest())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "PYTHONHASHSEED": seed,
            },
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    here = [
        hashlib.sha256(note_pdf.render(shown, IMPRINT, language)).hexdigest()
        for language in ("ar", "en")
    ]
    assert printed == {"".join(f"{digest}\n" for digest in here)}


def notes_of_the_demonstration() -> dict[str, bytes]:
    return {
        f"{document.edition.session.slug} {document.edition.number}": bytes(
            document.content
        )
        for document in Document.objects.filter(
            name="note.pdf", language="en"
        ).select_related("edition__session")
    }


def test_the_demonstration_is_small_and_splits_nobody(demonstration):
    notes = notes_of_the_demonstration()
    assert sorted(notes) == [
        "second-preparatory-session 1",
        "third-thematic-session 1",
        "third-thematic-session 2",
    ]
    for document in Document.objects.filter(name="note.pdf"):
        pages = pages_of(bytes(document.content))
        shown = Programme.model_validate(document.edition.programme)
        assert len(document.content) <= 300_000
        assert document.pages == len(pages)
        if document.language != "en":
            continue
        assert pages_with(pages, NOTICE) == list(range(1, len(pages) + 1))
        for entry in shown.people:
            printed = ", ".join(
                words["en"] for words in (entry.printed, entry.function) if words
            )
            assert pages_with(pages, printed), printed


@pytest.mark.verapdf
def test_the_documents_of_the_demonstration_comply_with_pdf_ua_1_in_six_languages(
    demonstration,
):
    broken, languages = {}, {}
    for document in Document.objects.select_related("edition__session"):
        content = bytes(document.content)
        name = (document.edition.session.slug, document.edition.number, document.name)
        broken[*name, document.language] = verapdf.validate(content)
        languages.setdefault(name, []).append(language_of(content))

    assert {name: rules for name, rules in broken.items() if rules} == {}
    expected = ["ar", "en", "es", "fr", "ru", "zh-Hans"]
    assert {name: sorted(found) for name, found in languages.items()} == {
        ("third-thematic-session", 1, "note.pdf"): expected,
        ("third-thematic-session", 2, "note.pdf"): expected,
        ("third-thematic-session", 2, "marked.pdf"): expected,
        ("third-thematic-session", 2, "corrections.pdf"): expected,
        ("second-preparatory-session", 1, "note.pdf"): expected,
    }


def language_of(content: bytes) -> str:
    """The natural language that a PDF says it is in (ISO 32000-1, 14.9.2)."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return str(document.Root.Lang)


@pytest.mark.verapdf
@pytest.mark.parametrize("language", ["ar", "zh-hans", "en"])
def test_the_note_complies_with_pdf_ua_1_in(language):
    content = note_pdf.render(in_three_languages(), IMPRINT, language)
    assert verapdf.validate(content) == []


@pytest.mark.verapdf
def test_a_note_of_many_pages_complies_with_pdf_ua_1():
    shown = with_footnotes_everywhere(70)
    long = [panel(1, sentences=20, people=31), panel(2, questions={"en": "1. Who?"})]
    longer = shown.model_copy(update={"days": (*programme(long).days, *shown.days)})
    assert verapdf.validate(note_pdf.render(longer, None, "en")) == []


# --- The circulation copy ---------------------------------------------------

DRAFT_AT = dt.datetime(2017, 6, 14, 16, 0, tzinfo=dt.UTC)
MARK = "DRAFT Draft for circulation, as at 14 June 2017, 18.00 Geneva time"
# Word by word: a reader of PDF files puts a line of two directions in its own order.
ARABIC_MARK = ("مسودة", "للتعميم", "حزيران", "يونيه", "2017", "18:00", "بتوقيت")


def draft(shown: Programme, language: str = "en") -> bytes:
    return note_pdf.render_draft(shown, language, DRAFT_AT)


def three_pages(**more: Any) -> Programme:
    return programme([panel(n) for n in range(1, 8)], **more)


def by_another_reader(content: bytes) -> list[str]:
    return [
        " ".join(page.extract_text().split())
        for page in pypdf.PdfReader(io.BytesIO(content)).pages
    ]


@pytest.fixture
def without_catalogues(settings) -> None:
    """No words but those of the sources."""
    settings.LOCALE_PATHS = []


@pytest.mark.parametrize("page_size", ["A4", "Letter"])
def test_every_page_of_a_circulation_copy_has_mark_moment_and_footer(page_size):
    content = draft(three_pages(page_size=page_size))
    for pages in (pages_of(content), by_another_reader(content)):
        every = list(range(1, len(pages) + 1))
        assert len(pages) >= 3
        assert [page.count("DRAFT") for page in pages] == [1 for _ in pages]
        assert pages_with(pages, MARK) == every
        assert pages_with(pages, "First session Draft, not issued") == every
        assert pages_with(pages, NOTICE) == every
        assert pages_with(pages, "Edition") == []


@pytest.mark.parametrize("page_size", ["A4", "Letter"])
def test_every_page_of_an_arabic_circulation_copy_has_mark_and_moment(page_size):
    pages = pages_of(draft(three_pages(page_size=page_size), "ar"))
    every = list(range(1, len(pages) + 1))
    assert len(pages) >= 3
    for words in ARABIC_MARK:
        assert pages_with(pages, words) == every, words


def test_the_mark_without_a_translation_is_on_every_page(without_catalogues):
    pages = pages_of(draft(three_pages(), "ar"))
    assert [page.count("DRAFT") for page in pages] == [1 for _ in pages]


@pytest.mark.parametrize("page_size", ["A4", "Letter"])
def test_the_mark_stands_where_the_lines_of_a_language_begin(
    page_size, without_catalogues
):
    def quarters(language: str) -> list[int]:
        """In which quarter of its width the mark of each page begins."""
        found = []
        content = draft(three_pages(page_size=page_size), language)
        with pypdfium2.PdfDocument(content) as document:
            for page in document:
                text = page.get_textpage()
                first, _ = text.search("DRAFT", match_case=True).get_next()
                found.append(int(text.get_charbox(first)[0] / page.get_width() * 4) + 1)
        return found

    assert (quarters("en"), quarters("ar")) == ([1, 1, 1], [4, 4, 4])


def test_arabic_letters_of_the_mark_stay_joined():
    content = draft(in_three_languages(), "ar")
    with pypdfium2.PdfDocument(content) as document:
        text = document[0].get_textpage()
        # The mark is the larger of the two places that begin with the word.
        boxes = max(
            ([text.get_charbox(place + n) for n in range(5)] for place in places(text)),
            key=lambda letters: letters[0][3] - letters[0][1],
        )
    meem, seen, waw = boxes[:3]
    assert meem[0] - seen[2] < 0.5
    assert seen[0] - waw[2] < 0.5


def places(text: Any) -> list[int]:
    """Where the Arabic word for a draft begins on a page."""
    finder = text.search("مسودة")
    return [found[0] for found in iter(finder.get_next, None)]


def test_the_moment_of_a_circulation_copy_is_an_instant():
    elsewhere = DRAFT_AT.astimezone(dt.timezone(dt.timedelta(hours=-4)))
    shown = programme([panel(1)])
    assert note_pdf.render_draft(shown, "en", elsewhere) == draft(shown)
    with pytest.raises(ValueError, match="with its zone"):
        note_pdf.render_draft(shown, "en", DRAFT_AT.replace(tzinfo=None))


def test_the_file_of_a_circulation_copy_says_that_it_is_a_draft():
    reader = pypdf.PdfReader(io.BytesIO(draft(programme([panel(1)]))))
    assert {
        "title": reader.metadata.title,
        "created": reader.metadata.creation_date,
        "identifier": reader.trailer["/ID"][0].original_bytes,
    } == {
        "title": "Procedural note for the first session (Draft)",
        "created": DRAFT_AT,
        "identifier": b"ocean/first/draft/note.en.pdf",
    }


def test_the_moment_is_read_out_once_and_not_with_every_page():
    html = note_pdf.render_html(three_pages(), None, "en", draft_as_at=DRAFT_AT)
    body = html.split('<div class="masthead">')[1]
    assert body.count("Draft for circulation, as at") == 1


def test_nothing_in_a_circulation_copy_is_unknown_to_template_or_stylesheet(caplog):
    caplog.set_level(logging.WARNING, "weasyprint")
    shown = three_pages()
    html = note_pdf.render_html(shown, None, "en", draft_as_at=DRAFT_AT)
    assert "UNKNOWN VARIABLE" not in html
    draft(shown)
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize("language", ["ar", "zh-hans", "en"])
def test_an_issued_note_is_no_draft(language):
    pages = note(in_three_languages(), language)
    assert [page for page in pages if "draft" in page.lower()] == []


def test_the_preview_has_no_moment_and_no_frame():
    pages = note(three_pages(), imprint=None)
    assert pages_with(pages, "for circulation") == []
    assert pages_with(pages, "DRAFT") == [1]


@pytest.mark.verapdf
@pytest.mark.parametrize("language", ["ar", "zh-hans", "en"])
def test_a_circulation_copy_complies_with_pdf_ua_1_in(language):
    assert verapdf.validate(draft(in_three_languages(), language)) == []


@pytest.mark.verapdf
def test_a_circulation_copy_of_many_pages_complies_with_pdf_ua_1():
    assert verapdf.validate(draft(with_footnotes_everywhere(70))) == []


# --- Which edition it is, and whether it is current --------------------------

FIRST = Superseded(number=1, as_at=AT - dt.timedelta(days=3))


def edition(**more: Any) -> Imprint:
    values = {"check_code": "k3fx9a2b7q", "supersedes": FIRST, "label": "", **more}
    return IMPRINT.model_copy(update=values)


@pytest.fixture
def public_address(settings) -> str:
    settings.PUBLIC_URL = "https://programme.example.org"
    return "https://programme.example.org/check/k3fx9a2b7q"


@pytest.mark.parametrize(
    ("symbol", "label", "printed"),
    [
        ("A/CONF.9/3", "", "A/CONF.9/3 Conference"),
        ("A/CONF.9/3", "Rev.1", "A/CONF.9/3/Rev.1 Conference"),
        ("A/CONF.9/3", "Rev.2/Corr.1", "A/CONF.9/3/Rev.2/Corr.1 Conference"),
        ("A/CONF.9/3", "*", "A/CONF.9/3* Conference"),
        ("A/CONF.9/3", "Rev.2**", "A/CONF.9/3/Rev.2** Conference"),
        ("", "Rev.1", f"{NOTICE} PREPARATORY SECRETARIAT Conference"),
    ],
)
def test_the_symbol_prints_with_what_the_edition_adds_to_it(symbol, label, printed):
    shown = programme([panel(1)], symbol=symbol)
    assert printed in note(shown, imprint=edition(label=label))[0]


def test_a_draft_has_the_symbol_alone():
    page = note(programme([panel(1)], symbol="A/CONF.9/3"), imprint=None)[0]
    assert "A/CONF.9/3 Conference" in page


@pytest.mark.parametrize(
    ("imprint", "at_the_head", "at_the_foot"),
    [
        (
            edition(label="Rev.1"),
            (
                "Edition 2 (Rev.1), as at 14 June 2027, 16.20 Geneva time "
                "Supersedes edition 1 of 11 June 2027, 16.20 Organization"
            ),
            "16.20 Geneva time Supersedes edition 1 Is this copy current?",
        ),
        (
            edition(
                label="Rev.2/Corr.1",
                supersedes=FIRST.model_copy(update={"number": 3, "label": "Rev.2"}),
            ),
            (
                "Edition 2 (Rev.2/Corr.1), as at 14 June 2027, 16.20 Geneva time "
                "Corrects edition 3 (Rev.2) of 11 June 2027, 16.20 Organization"
            ),
            "16.20 Geneva time Corrects edition 3 (Rev.2) Is this copy current?",
        ),
        (
            edition(label="*", issued_at=AT + dt.timedelta(hours=9)),
            (
                "Edition 2*, as at 14 June 2027, 16.20 Geneva time "
                "Reissued for technical reasons on 15 June 2027. Organization"
            ),
            "16.20 Geneva time Reissued for technical reasons Is this copy current?",
        ),
        (
            edition(supersedes=FIRST.model_copy(update={"label": "*"})),
            "Supersedes edition 1* of 11 June 2027, 16.20 Organization",
            "16.20 Geneva time Supersedes edition 1* Is this copy current?",
        ),
        (
            edition(supersedes=None),
            "Edition 2, as at 14 June 2027, 16.20 Geneva time Organization",
            "16.20 Geneva time Is this copy current?",
        ),
    ],
)
def test_the_note_says_what_it_does_to_the_edition_before(
    imprint, at_the_head, at_the_foot
):
    page = note(programme([panel(1)]), imprint=imprint)[0]
    assert at_the_head in page
    assert at_the_foot in page


@pytest.mark.parametrize("language", ["ar", "zh-hans", "en"])
@pytest.mark.parametrize("page_size", ["A4", "Letter"])
def test_every_page_has_the_address_at_which_a_copy_is_checked(
    language, page_size, public_address
):
    shown = in_three_languages(page_size=page_size)
    days = (*shown.days, *three_pages().days)
    content = note_pdf.render(
        shown.model_copy(update={"days": days}), edition(), language
    )
    every = [public_address.removeprefix("https://") in p for p in pages_of(content)]
    assert every == [True] * len(every)
    assert len(every) >= 3
    assert links(content) == [[public_address]] * len(every)
    for code in qr_codes(content):
        assert code == segno.make_qr(public_address, error="l").matrix


@pytest.mark.parametrize(
    ("root", "printed"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000/check/k3fx9a2b7q Page"),
        (
            f"https://{'very' * 15}long.example.org",
            f"{'very' * 15}long.example.org/check/ k3fx9a2b7q Page",
        ),
    ],
)
def test_the_address_is_that_of_the_installation_and_prints_whole(
    root, printed, settings
):
    settings.PUBLIC_URL = root
    page = note(programme([panel(1)]), imprint=edition())[0]
    assert printed.replace(" ", "") in page.replace(" ", "")


@pytest.mark.parametrize(
    "content",
    [
        lambda shown: note_pdf.render(shown, None, "en"),
        lambda shown: note_pdf.render_draft(shown, "en", AT),
    ],
)
def test_what_was_not_issued_has_no_code(content):
    printed = content(programme([panel(1)]))
    assert (links(printed), qr_codes(printed)) == ([[]], [])
    assert "current" not in pages_of(printed)[0]


def test_a_module_of_the_code_is_large_enough_for_a_telephone(public_address):
    content = note_pdf.render(programme([panel(1)]), edition(), "en")
    with pypdfium2.PdfDocument(content) as document:
        (picture,) = document[0].get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
        left, bottom, right, top = picture.get_bounds()
    modules = segno.make_qr(public_address, error="l").symbol_size()[0]
    millimetres = [side / 72 * 25.4 / modules for side in (right - left, top - bottom)]
    assert [round(side, 2) for side in millimetres] == [0.34, 0.34]
    assert bottom / 72 * 25.4 > 5


def test_the_code_has_words_for_those_who_do_not_see_it(public_address):
    html = note_pdf.render_html(programme([panel(1)]), edition(), "en")
    assert (
        'alt="QR code: check this copy at programme.example.org/check/k3fx9a2b7q"'
        in html
    )


# --- A pause that does not take place ----------------------------------------


@pytest.mark.parametrize(
    ("status", "words"), [("cancelled", "CANCELLED"), ("postponed", "POSTPONED")]
)
def test_a_pause_that_does_not_take_place_says_so(status, words):
    lunch = slot(13, "Lunch", kind="lunch", aside={"en": "Terrace"}, status=status)
    page = note(programme([panel(1), lunch]))[0]
    html = note_pdf.render_html(programme([lunch]), IMPRINT, "en")
    assert f"13.00–13.50 {words} Lunch Terrace" in page
    assert " pause struck" in html
    assert '<span class="title">Lunch</span>' in html
