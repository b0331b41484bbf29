"""Two programmes printed as one."""

import datetime as dt
import re
from collections import Counter

import pytest
from django.utils import translation
from django.utils.translation import gettext

from sessions_app import dates
from sessions_app.marking import DELETED, INSERTED, mark, pieces, strip
from sessions_app.programme import (
    FootnoteEntry,
    LineEntry,
    PersonEntry,
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

_LIST_MARK = re.compile(r"^\s*(-|\d+\.)\s")
_ONLY_A_LIST_MARK = re.compile(r"\s*(-|\d+\.)?\s*")


def _ins(words: str) -> str:
    return f"{INSERTED[0]}{words}{INSERTED[1]}"


def _del(words: str) -> str:
    return f"{DELETED[0]}{words}{DELETED[1]}"


def _of(*slots: SlotEntry, **changed) -> Programme:
    programme = make_programme(**changed)
    day = programme.days[0].model_copy(update={"slots": slots})
    return programme.model_copy(update={"days": (day,)})


def _slot(**changed) -> SlotEntry:
    return make_slot_entry(code="s1", **changed)


def _marked_slot(before: SlotEntry, after: SlotEntry) -> SlotEntry:
    (slot,) = mark(_of(before), _of(after)).days[0].slots
    return slot


def _marked_line(before: LineEntry, after: LineEntry) -> LineEntry:
    (line,) = _marked_slot(_slot(lines=(before,)), _slot(lines=(after,))).lines
    return line


def _text(before: str, after: str) -> str:
    slot = _marked_slot(_slot(text={"en": before}), _slot(text={"en": after}))
    return slot.text["en"]


# --- The marks ---


def test_pieces_tell_what_is_new_and_what_is_gone():
    assert pieces(f"With {_del('four')}{_ins('five')} panellists") == [
        ("", "With "),
        ("del", "four"),
        ("ins", "five"),
        ("", " panellists"),
    ]


def test_stray_mark_is_left_out():
    assert pieces(f"a{INSERTED[0]}b") == [("", "ab")]


def test_strip_leaves_the_words_that_print_now():
    assert strip(f"With {_del('four')}{_ins('five')} panellists") == (
        "With five panellists"
    )


# --- Texts ---


def test_same_programme_is_itself():
    programme = make_full_programme()

    assert mark(programme, programme) == programme
    assert mark(programme, programme.model_copy(deep=True)) == programme


def test_word_is_exchanged_within_its_sentence():
    assert _text("With four panellists today.", "With five panellists today.") == (
        f"With {_del('four')}{_ins('five')} panellists today."
    )


def test_words_beside_each_other_are_exchanged_together():
    assert _text("It is a small step for all.", "It is one giant step for all.") == (
        f"It is {_del('a small')}{_ins('one giant')} step for all."
    )


def test_text_with_little_in_common_is_exchanged_as_a_whole():
    assert _text("Who warns whom", "A wave crosses a bay") == (
        f"{_del('Who warns whom')}{_ins('A wave crosses a bay')}"
    )


def test_link_and_emphasis_are_never_cut():
    assert _text(
        "See [the annex](https://example.org/a) and **all of it** now.",
        "See [the annex](https://example.org/b) and **most of it** now.",
    ) == (
        f"See {_del('[the annex](https://example.org/a)')}"
        f"{_ins('[the annex](https://example.org/b)')} and "
        f"{_del('**all of it**')}{_ins('**most of it**')} now."
    )


def test_marks_of_lists_and_empty_lines_stay_outside():
    assert _text(
        "Speakers agree:\n\n- on one\n- on two",
        "Speakers agree:\n\nIt is new.\n\n1. on one\n1. on three",
    ) == (
        f"Speakers agree:\n\n{_ins('It is new.')}\n\n"
        f"1. on one\n1. on {_del('two')}{_ins('three')}"
    )


def test_paragraph_that_is_gone_stays_a_paragraph():
    assert _text(
        "One is here.\n\nTwo is gone.\n\nThree.", "One is here.\n\nThree."
    ) == (f"One is here.\n\n{_del('Two is gone.')}\n\nThree.")


def test_chinese_is_marked_by_character():
    before = _of(_slot(title={"zh-hans": "海啸预警系统"}), languages=("zh-hans",))
    after = _of(_slot(title={"zh-hans": "海啸警报系统"}), languages=("zh-hans",))

    (slot,) = mark(before, after).slots

    assert slot.title["zh-hans"] == f"海啸{_del('预')}警{_ins('报')}系统"


def test_translation_that_came_takes_the_place_of_the_fallback():
    languages = {"languages": ("en", "fr")}
    before = _of(_slot(title={"en": "Lunch"}), **languages)
    after = _of(_slot(title={"en": "Lunch", "fr": "Déjeuner"}), **languages)

    (slot,) = mark(before, after).slots

    assert slot.title == {"en": "Lunch", "fr": f"{_del('Lunch')}{_ins('Déjeuner')}"}


def test_new_language_is_not_marked():
    before = _of(_slot(title={"en": "Lunch"}))
    after = _of(
        _slot(title={"en": "Late lunch", "fr": "Déjeuner"}), languages=("en", "fr")
    )

    (slot,) = mark(before, after).slots

    assert slot.title["fr"] == "Déjeuner"


# --- Slots ---


def test_changed_time_stands_in_words():
    slot = _marked_slot(_slot(), make_slot_entry("10:15", "11:00", code="s1"))

    assert (slot.start, slot.end, slot.starts_at, slot.ends_at) == (None,) * 4
    assert slot.when == {"en": f"{_del('10.00–11.00')} {_ins('10.15–11.00')}"}


def test_end_on_the_next_day_stands_in_words():
    slot = _marked_slot(_slot(), _slot(ends_next_day=True))

    assert slot.when == {
        "en": f"{_del('10.00–11.00')} {_ins('10.00–11.00 (next day)')}"
    }
    assert not slot.ends_next_day


def test_removed_slot_stays_at_its_old_place():
    one, two, three = (
        make_slot_entry(f"{hour}:00", "", code=f"s{hour}", title={"en": f"At {hour}"})
        for hour in (10, 11, 12)
    )

    slots = mark(_of(one, two, three), _of(one, three)).days[0].slots

    assert [slot.code for slot in slots] == ["s10", "s11-gone", "s12"]
    assert slots[1].when == {"en": _del("11.00")}
    assert slots[1].title == {"en": _del("At 11")}
    assert (slots[0], slots[2]) == (one, three)


def test_added_slot_is_new_as_a_whole():
    added = make_slot_entry(
        "12:00",
        "",
        code="s2",
        text={"en": "One.\n\n- Two"},
        agenda_item="Item 3",
        interpretation=("fr",),
        lines=(LineEntry(code="l", text={"en": "Welcome"}),),
    )

    slot = mark(_of(_slot()), _of(_slot(), added)).days[0].slots[1]

    assert slot.when == {"en": _ins("12.00")}
    assert slot.title == {"en": _ins("Statements")}
    assert slot.text == {"en": f"{_ins('One.')}\n\n- {_ins('Two')}"}
    assert slot.agenda_item == _ins("Item 3")
    assert slot.interpretation == (_ins("fr"),)
    assert slot.lines[0].text == {"en": _ins("Welcome")}


def test_slot_on_another_day_leaves_its_time_and_title_behind():
    before = make_full_programme(languages=("en",))
    first, second = before.days
    moved = first.slots[0]
    after = before.model_copy(
        update={
            "days": (
                first.model_copy(update={"slots": first.slots[1:]}),
                second.model_copy(update={"slots": (*second.slots, moved)}),
            )
        }
    )

    one, other = mark(before, after).days

    assert one.slots[0] == SlotEntry(
        code="s0900-gone",
        kind="opening",
        when={"en": _del("09.00–09.30")},
        title={"en": _del("Opening segment")},
    )
    assert other.slots[-1].title["en"] == "Opening segment"
    assert other.slots[-1].when == {"en": _ins("09.00–09.30")}


def test_cancelled_slot_has_its_title_struck_out_and_the_word_before_its_label():
    panel = _slot(label={"en": "Panel 2"})

    slot = _marked_slot(panel, panel.model_copy(update={"status": "cancelled"}))

    assert slot.status == "scheduled"
    assert slot.label == {"en": f"{_ins('Cancelled')} Panel 2"}
    assert slot.title == {"en": _del("Statements")}


def test_slot_that_takes_place_after_all_has_its_title_back():
    slot = _marked_slot(_slot(status="postponed"), _slot())

    assert (slot.status, slot.label, slot.title) == (
        "scheduled",
        {"en": _del("Postponed")},
        {"en": _ins("Statements")},
    )


def test_other_room_prints_though_it_is_that_of_the_session_now():
    slot = _marked_slot(_slot(room=ANNEX, has_own_room=True), _slot())

    assert slot.has_own_room
    assert slot.room.venue["en"] == (f"Palais {_del('Wilson')}{_ins('des Nations')}")


def test_languages_of_interpretation_are_marked_one_by_one():
    slot = _marked_slot(
        _slot(interpretation=("en", "fr")), _slot(interpretation=("en", "es"))
    )

    assert slot.interpretation == ("en", _del("fr"), _ins("es"))


# --- Lines and people ---


def _closing(*people: PersonEntry) -> LineEntry:
    places = " and ".join(f"{{{place}}}" for place in range(len(people)))
    return LineEntry(
        code=f"{people[0].code}.people",
        layout="closing",
        text={"en": f"Moderated by {places}"},
        people=people,
    )


def test_replaced_person_is_gone_and_the_other_is_new():
    old = make_person_entry("Bo Ek", code="p1")
    new = make_person_entry("Ada Lund", code="p1")
    line = LineEntry(code="l", people=(old,))

    gone, came = _marked_line(line, line.model_copy(update={"people": (new,)})).people

    assert gone.printed == {"en": _del("Ms. Bo Ek")}
    assert (gone.function, gone.person) == ({"en": _del("Director")}, None)
    assert came.printed == {"en": _ins("Ms. Ada Lund")}
    assert (came.code, came.person) == ("p1", "ada-lund")


def test_replaced_moderator_stands_directly_before_the_new_one():
    old = make_person_entry("Bo Ek", code="p1")
    new = make_person_entry("Ada Lund", code="p1")

    line = _marked_line(_closing(old), _closing(new))

    assert line.text == {"en": f"Moderated by {{0}}{_del(' ')}{{1}}"}
    assert [person.code for person in line.people] == ["p1-gone", "p1"]


def test_second_moderator_comes_with_the_word_between():
    one, two = make_person_entry("Bo Ek"), make_person_entry("Ada Lund")

    line = _marked_line(_closing(one), _closing(one, two))

    assert line.text == {"en": f"Moderated by {{0}}{_ins(' and ')}{{1}}"}
    assert line.people[1].printed == {"en": _ins("Ms. Ada Lund")}


def test_swapped_people_are_gone_at_one_place_and_new_at_the_other():
    one, two = make_person_entry("Bo Ek"), make_person_entry("Ada Lund")

    line = _marked_line(
        LineEntry(code="l", people=(one, two)), LineEntry(code="l", people=(two, one))
    )

    assert [person.printed["en"] for person in line.people] == [
        _ins("Ms. Ada Lund"),
        "Ms. Bo Ek",
        _del("Ms. Ada Lund"),
    ]


def test_changed_function_is_marked_by_word():
    old = make_person_entry(function={"en": "Head of the desk"})
    new = make_person_entry(function={"en": "Deputy Head of the desk"})

    line = _marked_line(
        LineEntry(code="l", people=(old,)), LineEntry(code="l", people=(new,))
    )

    assert line.people[0].function == {"en": f"{_ins('Deputy ')}Head of the desk"}


# --- The session ---


def test_dates_stand_in_words():
    before = make_programme()
    after = make_programme(ends_on=dt.date(2027, 6, 22))

    assert mark(before, after).dates_in_words == {
        "en": f"{_del('21 June 2027')} {_ins('21–22 June 2027')}".replace(
            " June", "\u00a0June"
        )
    }


def test_day_that_moved_has_both_dates_above_it():
    before = make_full_programme(languages=("en",))
    first, second = before.days
    moved = second.model_copy(update={"date": dt.date(2027, 6, 23)})

    one, other = mark(before, before.model_copy(update={"days": (first, moved)})).days

    assert one.heading_in_words == {}
    assert other.heading_in_words["en"].replace("\u00a0", " ") == (
        f"Day 2: {_del('Tuesday')}{_ins('Wednesday')}, "
        f"{_del('22')}{_ins('23')} June 2027"
    )


def test_removed_day_stays_between_the_others():
    before = make_full_programme(languages=("en",))
    _first, second = before.days
    kept = second.model_copy(update={"number": 1})

    gone, left = mark(before, before.model_copy(update={"days": (kept,)})).days

    assert [slot.code for slot in gone.slots][:2] == ["s0900-gone", "s0930-gone"]
    assert gone.heading_in_words["en"].startswith(_del("Day 1: Monday")[:-1])
    assert left.heading_in_words["en"].startswith(_del("Day 2: ")[:-1])


def test_removed_call_keeps_its_footnote_under_a_further_number():
    note = FootnoteEntry(number=1, key="a", text={"en": "See A."})
    section = SectionEntry(place="before", heading={"en": "Format"}, text={"en": "X."})
    called = section.model_copy(update={"notes": {"text": (1,)}})
    before = _of(_slot(), sections=(called,), footnotes=(note,))
    other = FootnoteEntry(number=1, key="b", text={"en": "See B."})
    after = _of(_slot(notes={"title": (1,)}), sections=(section,), footnotes=(other,))

    marked = mark(before, after)

    assert marked.sections[0].notes == {"text": (2,)}
    assert marked.footnotes == (
        FootnoteEntry(number=1, key="b", text={"en": _ins("See B.")}),
        FootnoteEntry(number=2, key="a-gone", text={"en": _del("See A.")}),
    )


# --- Properties -------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20, 25))
@pytest.mark.thorough
def test_marked_programme_holds_both(seed):
    invention = Invention(seed)
    before = invention.programme()

    for changed in Mutation(invention, before).all():
        again = next(iter(Mutation(invention, changed.programme).all()))
        for after in (changed.programme, again.programme):
            marked = mark(before, after)
            restruck = _restruck(before, after)
            for language in invention.random.sample(after.languages, 1):
                now = _words(marked, language, "del", restruck)
                assert now == _words(after, language, "del", restruck), changed.name
                if _has_same_structure(before, after):
                    former = _words(marked, language, "ins", restruck)
                    assert Counter(former) == Counter(
                        _words(before, language, "ins", restruck)
                    ), changed.name


def _restruck(before: Programme, after: Programme) -> set[str]:
    """Slots whose status changed: their title stands as deleted, and the word for the
    status before their label."""
    old = {slot.code: slot.status for slot in before.slots}
    return {s.code for s in after.slots if old.get(s.code, s.status) != s.status}


def _has_same_structure(before: Programme, after: Programme) -> bool:
    return [[slot.code for slot in day.slots] for day in before.days] == [
        [slot.code for slot in day.slots] for day in after.days
    ] and before.time_style == after.time_style


def _words(
    programme: Programme, language: str, without: str, restruck: set[str]
) -> list[str]:
    """Everything that a programme prints in a language, piece by piece, without the
    words of one mark."""

    def bare(text: str) -> str:
        return _without(text, without)

    def said(text: dict[str, str]) -> str:
        return bare(programme.said(text, language).text)

    conference = programme.conference
    days = dates.date_range(programme.starts_on, programme.ends_on, language)
    found = [
        said(conference.title),
        said(conference.office),
        said(conference.notice),
        said(conference.contact),
        said(programme.title),
        said(programme.note_title or programme.title),
        said(programme.theme),
        said(programme.city),
        bare(programme.symbol),
        said(programme.dates_in_words or {language: days}),
    ]
    if programme.room:
        found += [said(programme.room.venue), said(programme.room.name)]
    for section in programme.sections:
        found += [said(section.heading), said(section.text)]
        found += _notes(programme, section, said)
    for day in programme.days:
        heading = _heading(programme, day, language)
        found.append(said(day.heading_in_words or {language: heading}))
        for slot in day.slots:
            found += _words_of_slot(
                programme, slot, language, said, bare, restruck, without == "ins"
            )
    return [words for words in found if words]


def _without(text: str, without: str) -> str:
    lines = []
    for line in text.split("\n"):
        kept = "".join(words for mark, words in pieces(line) if mark != without)
        if kept == line or not _ONLY_A_LIST_MARK.fullmatch(kept):
            # Of a line that is in both, the mark of a list is that of now.
            lines.append(_LIST_MARK.sub("", kept))
    return " ".join(" ".join(lines).split())


def _heading(programme, day, language):
    if len(programme.days) == 1:
        return dates.day_heading(day.date, language)
    return dates.numbered_day(day.number, day.date, language)


def _notes(programme, entry, said):
    texts = {note.number: note.text for note in programme.footnotes}
    return [said(texts[n]) for field in sorted(entry.notes) for n in entry.notes[field]]


def _words_of_slot(programme, slot, language, said, bare, restruck, former):
    style = programme.time_style
    time = dates.time_range(slot.start, slot.end, language, style) or said(slot.when)
    with translation.override(language):
        next_day = f" {gettext('(next day)')}" if slot.ends_next_day else ""
    found = [bare(f"{time}{next_day}")]
    if slot.code not in restruck:
        found += [said(slot.label), said(slot.title)]
    found += [said(slot.aside), said(slot.text), said(slot.questions)]
    if slot.room and not slot.code.endswith("-gone"):
        found += [said(slot.room.venue), said(slot.room.name)]
    found.append(bare(slot.agenda_item))
    found += [bare(code) for code in slot.interpretation]
    for document in slot.documents:
        found += [bare(document.symbol), said(document.title)]
    for line in slot.lines:
        found += [said(line.heading)]
        found += _words_of_line(programme, line, language, said, bare, former)
        found += _notes(programme, line, said)
    return found + _notes(programme, slot, said)


def _words_of_line(programme, line, language, said, bare, former):
    def person(entry):
        return " ".join(
            f"{said(entry.printed)} {said(entry.function)} {said(entry.remark)}".split()
        )

    if line.layout == "bullets":
        yield said(line.text)
        yield from (person(entry) for entry in line.people)
        return
    parts, _language = line.parts(language, programme.primary_language)
    if former:
        # Where somebody came or went, the words between people are those of now.
        ends = {0, len(parts) - 1}
        parts = [
            part
            for place, part in enumerate(parts)
            if place in ends or isinstance(part, PersonEntry)
        ]
    yield " ".join(
        " ".join(
            person(part) if isinstance(part, PersonEntry) else bare(part)
            for part in parts
        ).split()
    )
