"""What changed, in sentences."""

import datetime as dt

import pytest

from sessions_app.changes import Nature, compare
from sessions_app.outputs.changes import sentence_of, told
from sessions_app.programme import (
    DocumentEntry,
    FootnoteEntry,
    LineEntry,
    Programme,
    SectionEntry,
    SlotEntry,
)
from tests.factories import (
    ANNEX,
    make_full_programme,
    make_person_entry,
    make_programme,
    make_slot_entry,
)
from tests.programmes import Invention, Mutation

_SIX = ("ar", "zh-hans", "en", "fr", "ru", "es")


def _of(*slots: SlotEntry, **changed) -> Programme:
    programme = make_programme(**changed)
    day = programme.days[0].model_copy(update={"slots": slots})
    return programme.model_copy(update={"days": (day,)})


def _panel(start: str = "10:00", end: str = "11:00", **changed) -> SlotEntry:
    values = {"code": "s1", "label": {"en": "Panel 2"}, **changed}
    return make_slot_entry(start, end, **values)


def _sentences(before: Programme, after: Programme, language: str = "en") -> list[str]:
    return [
        sentence_of(change, before, after, language).replace("\u00a0", " ")
        for change in compare(before, after)
    ]


def _of_panel(before: dict, after: dict, language: str = "en") -> str:
    (sentence,) = _sentences(_of(_panel(**before)), _of(_panel(**after)), language)
    return sentence


def _of_line(before: LineEntry, after: LineEntry) -> str:
    return _of_panel({"lines": (before,)}, {"lines": (after,)})


def _of_people(before: list, after: list) -> str:
    lines = (LineEntry(code="l", people=tuple(people)) for people in (before, after))
    return _of_line(*lines)


# --- Slots ---


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            {"start": "10:05"},
            {"start": "10:15"},
            "Panel 2 starts at 10.15, was 10.05.",
        ),
        ({"end": "12:45"}, {"end": "13:00"}, "Panel 2 ends at 13.00, was 12.45."),
        (
            {"end": "23:00"},
            {"end": "00:30", "ends_next_day": True},
            "Panel 2 ends at 00.30 (next day), was 23.00.",
        ),
        (
            {},
            {"start": "15:00", "end": "16:00"},
            "The time of Panel 2 is 15.00 to 16.00, was 10.00 to 11.00.",
        ),
        (
            {},
            {"start": "", "end": "", "when": {"en": "Upon conclusion of Panel 1"}},
            "The time of Panel 2 is Upon conclusion of Panel 1, was 10.00 to 11.00.",
        ),
        (
            {"start": "", "end": "", "when": {"en": "After lunch"}},
            {"start": "", "end": "", "when": {"en": "After dinner"}},
            "The time of Panel 2 is “After dinner”, was “After lunch”.",
        ),
        ({}, {"status": "cancelled"}, "Panel 2 is cancelled."),
        ({}, {"status": "postponed"}, "Panel 2 is postponed."),
        ({"status": "cancelled"}, {}, "Panel 2 takes place after all."),
        (
            {},
            {"title": {"en": "Safe"}},
            "The title of Panel 2 is “Safe”, was “Statements”.",
        ),
        (
            {},
            {"label": {"en": "Panel 3"}},
            "The label of “Statements” is “Panel 3”, was “Panel 2”.",
        ),
        (
            {},
            {"label": {}, "title": {"en": "Statements"}},
            "The label of “Statements” is deleted; it was “Panel 2”.",
        ),
        (
            {},
            {"room": ANNEX, "has_own_room": True},
            (
                "Panel 2 takes place in Palais Wilson, Room 2, "
                "was Palais des Nations, Room XIX."
            ),
        ),
        ({}, {"parallel": True}, "Panel 2 now takes place in parallel."),
        (
            {},
            {"agenda_item": "Item 3"},
            "The agenda item of Panel 2 is added: “Item 3”.",
        ),
        (
            {"interpretation": ("en",)},
            {"interpretation": ("en", "fr")},
            "The interpretation of Panel 2 is English, French, was English.",
        ),
        ({}, {"webcast": "https://example.org/live"}, "Panel 2 is webcast."),
        (
            {},
            {"documents": (DocumentEntry(symbol="A/1", title={"en": "Paper"}),)},
            "The document A/1 “Paper” is added to Panel 2.",
        ),
    ],
)
def test_change_of_a_slot_in_a_sentence(before, after, sentence):
    assert _of_panel(before, after) == sentence


def test_slot_without_a_label_is_named_by_its_title():
    assert _of_panel({"label": {}}, {"label": {}, "status": "cancelled"}) == (
        "“Statements” is cancelled."
    )


def test_slot_on_another_day_says_both_days_and_times():
    before = make_full_programme(languages=("en",))
    first, second = before.days
    moved = first.slots[0].model_copy(update={"start": dt.time(14), "end": None})
    after = before.model_copy(
        update={
            "days": (
                first.model_copy(update={"slots": first.slots[1:]}),
                second.model_copy(update={"slots": (*second.slots, moved)}),
            )
        }
    )

    (sentence,) = _sentences(before, after)

    assert sentence == (
        "“Opening segment” is moved to Tuesday, 22 June 2027, 14.00, "
        "was Monday, 21 June 2027, 09.00 to 09.30."
    )


# --- Texts ---

_LONG = (
    "The panel hears four panellists from coastal States, who speak for ten minutes "
    "each. It is followed by an exchange with the floor, for which a list is opened."
)


def _of_text(before: str, after: str) -> str:
    return _of_panel({"text": {"en": before}}, {"text": {"en": after}})


def test_long_text_is_told_by_the_words_that_were_exchanged():
    assert _of_text(_LONG, _LONG.replace("four", "five")) == (
        "In the text of Panel 2, “five panellists” replaces “four panellists”."
    )


def test_long_text_is_told_by_the_words_that_came():
    assert _of_text(_LONG, _LONG.replace("the floor", "the floor and observers")) == (
        "In the text of Panel 2, “and observers” is added."
    )


def test_further_places_of_a_long_text_are_counted():
    after = (
        _LONG.replace("four", "five").replace("ten", "six").replace("opened", "kept")
    )

    assert _of_text(_LONG, after) == (
        "In the text of Panel 2, “five panellists” replaces “four panellists”; "
        "2 more places are changed."
    )


def test_whole_paragraph_is_shortened():
    paragraph = "It will be streamed to all regional offices of the Organization. " * 3

    assert _of_text(_LONG, f"{_LONG}\n\n{paragraph}") == (
        "In the text of Panel 2, “It will be streamed to all regional offices of the "
        "Organization. It will be streamed to …” is added."
    )


def test_link_that_leads_elsewhere_is_told_without_its_address():
    assert _of_text("See [it](https://a.example).", "See [it](https://b.example).") == (
        "A link in the text of Panel 2 is changed."
    )


def test_translation_that_does_not_print_for_the_reader_is_named():
    titles = ({"en": "Lunch", "fr": "Déjeuner"}, {"en": "Lunch", "fr": "Le déjeuner"})
    before, after = (
        _of(_panel(title=title), languages=("en", "fr")) for title in titles
    )

    assert _sentences(before, after) == [
        "The French title of Panel 2 is “Le déjeuner”, was “Déjeuner”."
    ]
    assert _sentences(before, after, "fr") == [
        (
            "Le titre du créneau Panel 2 est désormais « Le déjeuner » (précédemment "
            "« Déjeuner »)."
        )
    ]


# --- People ---

_LABEL = {"role": "moderator", "role_label": {"en": "Moderator"}}


def test_replaced_person_is_told_with_both_names_and_the_role():
    old = make_person_entry("Bo Ek", code="p", honorific={}, **_LABEL)
    new = make_person_entry("Ada Lund", code="p", **_LABEL)

    assert _of_people([old], [new]) == "Ms. Ada Lund replaces Ms. Bo Ek as moderator."


def test_people_who_come_and_go():
    ada, bo = make_person_entry("Ada Lund", **_LABEL), make_person_entry("Bo Ek")
    withdrawn = bo.model_copy(
        update={"status": "withdrawn", "remark": {"en": "(withdrawn)"}}
    )

    assert _of_people([bo], [bo, ada]) == (
        "Added as moderator: Ms. Ada Lund, Director."
    )
    assert (
        _of_people([bo, ada], [bo]) == "Ms. Ada Lund is no longer named as moderator."
    )
    assert _of_people([bo], [withdrawn]) == "Ms. Bo Ek has withdrawn."
    assert _of_people([ada], [ada, withdrawn]) == "Ms. Bo Ek has withdrawn."
    assert _of_people([ada, bo], [bo, ada]) == (
        "Ms. Bo Ek is now named before Ms. Ada Lund."
    )


def test_standing_of_a_person():
    tentative = make_person_entry(status="to_be_confirmed", remark={"en": "(TBC)"})
    remote = make_person_entry(mode="remote", remark={"en": "(by video link)"})

    assert _of_people([tentative], [make_person_entry()]) == (
        "Ms. Ada Lund is confirmed."
    )
    assert _of_people([make_person_entry()], [remote]) == (
        "Ms. Ada Lund takes part by video link."
    )
    assert _of_people([tentative], [remote]) == (
        "Ms. Ada Lund is confirmed. Ms. Ada Lund takes part by video link."
    )


def test_function_of_a_person():
    assert _of_people(
        [make_person_entry()], [make_person_entry(function={"en": "Head"})]
    ) == ("The function of Ms. Ada Lund is “Head”, was “Director”.")


# --- The session and its groups ---


def test_changes_of_the_session():
    section = SectionEntry(place="after", heading={"en": "Format"}, text={"en": "X."})
    note = FootnoteEntry(number=1, key="a", text={"en": "See [A](https://a.example)."})
    before = make_programme(starts_on=dt.date(2027, 6, 20))
    after = make_programme(
        theme={"en": "Who warns whom"},
        status="cancelled",
        languages=("en", "fr"),
        time_style="colon",
        sections=(section,),
        footnotes=(note,),
        notes={"title": (1,)},
    )

    assert _sentences(before, after) == [
        "The session is cancelled.",
        "A footnote is added to the title of the session: “See A.”.",
        "The theme of the session is added: “Who warns whom”.",
        "The session takes place on 21 June 2027, was 20–21 June 2027.",
        "The programme is now in French, too.",
        "Times are written as “15:30”, were “15.30”.",
        "The section “Format” is added.",
    ]


def test_changes_are_grouped_by_day_and_slot():
    before = make_full_programme(languages=("en",))
    first, second = before.days
    opening, *others = first.slots
    cancelled = opening.model_copy(update={"status": "cancelled"})
    after = before.model_copy(
        update={
            "theme": {},
            "days": (
                first.model_copy(update={"slots": (cancelled, *others[1:])}),
                second.model_copy(update={"date": dt.date(2027, 6, 23)}),
            ),
        }
    )

    groups = told(before, after, "en")

    assert [group.heading.replace("\u00a0", " ") for group in groups] == [
        "The session as a whole",
        "Day 1: Monday, 21 June 2027",
        "Day 2: Wednesday, 23 June 2027",
    ]
    assert [
        [(slot.code, slot.heading, [item.is_gone for item in slot.items])]
        for slot in groups[1].slots
    ] == [
        [("s0900", "Opening segment (09.00–09.30)", [False])],
        [("s0930", "Panel 1: Minutes that matter (09.30–12.00)", [True])],
    ]
    assert groups[2].slots[0].items[0].nature == Nature.SUBSTANTIVE


def test_changes_to_tell_may_be_chosen():
    before, after = make_programme(), make_programme(theme={"en": "X"}, symbol="A/1")
    (_symbol, theme) = compare(before, after)

    (group,) = told(before, after, "en", [theme])

    assert [item.change for item in group.slots[0].items] == [theme]


@pytest.mark.parametrize("language", _SIX)
def test_every_change_has_a_sentence_in_every_language(language):
    invention = Invention(50)
    before = invention.programme()
    for changed in Mutation(invention, before).all():
        after = changed.programme
        for one, other in ((before, after), (after, before)):
            for change in compare(one, other):
                sentence = sentence_of(change, one, other, language)
                assert sentence.endswith((".", "。")), changed.name
                assert "%(" not in sentence, changed.name
                assert len(sentence) > 7, changed.name
