"""Which documents an edition has, in which order and languages."""

import pytest

from sessions_app import outputs
from sessions_app.outputs import corrections_pdf, marked_note, note_pdf
from sessions_app.programme import Former
from tests.revised import AFTER, BEFORE, CORRIGENDUM, FIRST, FORMER, REVISION

NOTES = [("note.pdf", "ar"), ("note.pdf", "en")]
MARKED = [("marked.pdf", "ar"), ("marked.pdf", "en")]
SHEETS = [("corrections.pdf", "ar"), ("corrections.pdf", "en")]


def names(programme, imprint, former):
    found = outputs.documents_of(programme, imprint, former)
    return [(document.name, document.language) for document in found]


def labelled(label):
    return REVISION.model_copy(update={"label": label})


def test_a_first_edition_has_the_note_in_each_language():
    assert names(BEFORE, FIRST, None) == NOTES


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("", NOTES + MARKED),
        ("Rev.1", NOTES + MARKED),
        ("Rev.1*", NOTES + MARKED),
        ("Corr.1", NOTES + MARKED + SHEETS),
        ("Rev.2/Corr.1", NOTES + MARKED + SHEETS),
        ("Rev.2/Corr.1*", NOTES + MARKED),
    ],
)
def test_an_edition_has_the_revisions_that_its_label_asks_for(label, wanted):
    assert names(AFTER, labelled(label), FORMER) == wanted


def test_an_edition_that_prints_the_same_has_no_revisions():
    assert names(BEFORE, labelled("*"), FORMER) == NOTES
    assert names(BEFORE, CORRIGENDUM, FORMER) == NOTES


def test_revisions_are_made_in_the_languages_of_both_editions():
    former = Former(BEFORE.model_copy(update={"languages": ("en", "fr")}), FIRST)
    assert names(AFTER, CORRIGENDUM, former) == [
        *NOTES,
        ("marked.pdf", "en"),
        ("corrections.pdf", "en"),
    ]


def test_what_is_made_are_the_bytes_of_each_output():
    made = {
        (document.name, document.language): document.make()
        for document in outputs.documents_of(AFTER, CORRIGENDUM, FORMER)
        if document.language == "en"
    }
    assert made == {
        ("note.pdf", "en"): note_pdf.render(AFTER, CORRIGENDUM, "en"),
        ("marked.pdf", "en"): marked_note.render(AFTER, CORRIGENDUM, "en", FORMER),
        ("corrections.pdf", "en"): corrections_pdf.render(
            AFTER, CORRIGENDUM, "en", FORMER
        ),
    }
    assert [outputs.pages(content) for content in made.values()] == [2, 2, 2]


def test_each_document_has_its_media_type():
    assert {
        name: outputs.media_type_of(name)
        for name in (*outputs.FORMATS, *outputs.REVISIONS)
    } == {
        "note.pdf": "application/pdf",
        "programme.json": "application/json",
        "marked.pdf": "application/pdf",
        "corrections.pdf": "application/pdf",
    }
    with pytest.raises(KeyError):
        outputs.media_type_of("note.docx")
