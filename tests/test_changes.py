"""What changed between two programmes."""

import datetime as dt
import re
from html.parser import HTMLParser
from itertools import product

import pytest

from sessions_app.changes import Kind, Nature, compare, is_spelling
from sessions_app.outputs import agenda, note_pdf
from sessions_app.outputs.agenda import Copy
from sessions_app.outputs.changes import sentence_of
from sessions_app.programme import (
    FootnoteEntry,
    LineEntry,
    PersonEntry,
    Programme,
    SectionEntry,
)
from tests.factories import (
    ANNEX,
    HALL,
    make_full_programme,
    make_person_entry,
    make_programme,
    make_slot_entry,
)
from tests.programmes import Invention, Mutation, joined, settled

_DAY = dt.date(2027, 6, 21)


def _of(*slots, **changed) -> Programme:
    programme = make_programme(**changed)
    day = programme.days[0].model_copy(update={"slots": slots})
    return programme.model_copy(update={"days": (day,)})


def _with_lines(*lines, **changed) -> Programme:
    return _of(make_slot_entry(code="s1", lines=lines, **changed))


def _told(before: Programme, after: Programme) -> list[tuple[Kind, str, Nature]]:
    changes = compare(before, after)
    assert len({change.address for change in changes}) == len(changes)
    return [(change.kind, change.address, change.nature) for change in changes]


# --- One real change is one change ---


def test_same_programme_has_no_changes():
    programme = make_full_programme()

    assert compare(programme, programme.model_copy(deep=True)) == []


def test_what_does_not_print_is_no_change():
    slot = make_slot_entry(
        code="s1", lines=(LineEntry(code="l", people=(make_person_entry(),)),)
    )
    person = make_person_entry(sort_name="Lund", former_codes=("old",), role="speaker")
    other = make_slot_entry(
        code="s1",
        kind="presentation",
        starts_at=None,
        ends_at=None,
        webcast="javascript:alert(1)",
        part_of="gone",
        lines=(
            LineEntry(code="l", role="speaker", people=(person,), referred=(person,)),
        ),
    )

    assert (
        compare(
            _of(slot), _of(other, page_size="Letter", slug="other", status="archived")
        )
        == []
    )


def test_replaced_person_is_one_change_with_both():
    old = make_person_entry("Ada Lund", code="p1")
    new = make_person_entry("Bo Ek", code="p1", function={"en": "Minister"})
    before = _with_lines(LineEntry(code="p1.people", people=(old,)))
    after = _with_lines(LineEntry(code="p1.people", people=(new,)))

    (change,) = compare(before, after)

    assert (change.kind, change.address) == (Kind.REPLACED, "slots/s1/people/p1")
    assert (change.before, change.after) == (old, new)
    assert (change.day, change.slot, change.line) == (_DAY, "s1", "p1.people")


def test_merged_records_are_one_person():
    old = make_person_entry("Ada Lund", code="p1", person="a")
    new = old.model_copy(
        update={"person": "b", "former_codes": ("a",), "printed": {"en": "Dr. Lund"}}
    )

    changes = _told(
        _with_lines(LineEntry(code="l", people=(old,))),
        _with_lines(LineEntry(code="l", people=(new,))),
    )

    assert changes == [(Kind.NAME, "slots/s1/people/p1/printed", Nature.EDITORIAL)]


def test_first_panellist_gone_is_one_change_though_the_group_is_named_after_them():
    one, two = (make_person_entry(name) for name in ("Ada Lund", "Bo Ek"))
    heading = {"en": "Panellists"}
    before = LineEntry(code=f"{one.code}.people", people=(one, two), heading=heading)
    after = LineEntry(
        code=f"{two.code}.people", people=(two,), heading={"en": "Panellist"}
    )

    assert _told(_with_lines(before), _with_lines(after)) == [
        (
            Kind.PERSON_REMOVED,
            f"slots/s1/people/{one.code}",
            Nature.SUBSTANTIVE,
        )
    ]


def test_moderator_more_is_no_wording_of_the_sentence():
    people = [make_person_entry(n) for n in ("Ada Lund", "Bo Ek", "Cai Ong")]

    def line(number):
        return LineEntry(
            code="l",
            layout="sentence",
            text={"en": f"Moderated by {joined('en', number)}, both from Chile"},
            people=tuple(people[:number]),
        )

    kinds = [kind for kind, *_rest in _told(_with_lines(line(2)), _with_lines(line(3)))]

    assert kinds == [Kind.PERSON_ADDED]


def test_moved_slot_with_another_time_is_one_change():
    before = make_full_programme()
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

    assert _told(before, after) == [(Kind.MOVED, "slots/s0900/day", Nature.SUBSTANTIVE)]


def test_days_that_all_move_by_one_are_moved_days():
    before = make_full_programme()
    after = before.model_copy(
        update={
            "days": tuple(
                day.model_copy(update={"date": day.date + dt.timedelta(days=1)})
                for day in before.days
            )
        }
    )

    assert [(kind, address) for kind, address, _nature in _told(before, after)] == [
        (Kind.DAY_MOVED, "days/2027-06-22"),
        (Kind.DAY_MOVED, "days/2027-06-23"),
    ]


def test_day_that_comes_covers_its_slots_and_tells_what_moved_into_it():
    before = make_full_programme()
    added = before.days[1].model_copy(
        update={"date": dt.date(2027, 6, 23), "number": 3}
    )
    moved, *kept = before.days[1].slots
    new = make_slot_entry(code="new")
    after = before.model_copy(
        update={
            "days": (
                before.days[0],
                before.days[1].model_copy(update={"slots": tuple(kept)}),
                added.model_copy(update={"slots": (moved, new)}),
            )
        }
    )

    assert _told(before, after) == [
        (Kind.DAY_ADDED, "days/2027-06-23", Nature.SUBSTANTIVE),
        (Kind.MOVED, "slots/reports/day", Nature.SUBSTANTIVE),
    ]


def test_removed_slot_is_told_at_its_old_place():
    one, two, three = (
        make_slot_entry(f"{hour}:00", code=f"s{hour}") for hour in (10, 11, 12)
    )
    retitled = three.model_copy(update={"title": {"en": "Other"}})

    changes = compare(_of(one, two, three), _of(one, retitled))

    assert [(change.kind, change.slot) for change in changes] == [
        (Kind.REMOVED, "s11"),
        (Kind.TITLE, "s12"),
    ]


def test_session_that_meets_elsewhere_is_one_change_and_follows_into_its_slots():
    before = _of(make_slot_entry(code="s1"), make_slot_entry("11:00", "12:00"))
    after = _of(
        make_slot_entry(code="s1", room=ANNEX),
        make_slot_entry("11:00", "12:00", room=ANNEX),
        room=ANNEX,
    )

    assert _told(before, after) == [(Kind.ROOM, "room", Nature.SUBSTANTIVE)]


def test_slot_that_leaves_the_room_of_the_session_is_a_change_of_the_slot():
    before = _of(make_slot_entry(code="s1"))
    after = _of(make_slot_entry(code="s1", room=ANNEX, has_own_room=True))

    (change,) = compare(before, after)

    assert (change.kind, change.address) == (Kind.ROOM, "slots/s1/room")
    assert (change.before, change.after) == (HALL, ANNEX)


def test_holders_of_a_role_follow_from_the_lines_that_name_them():
    def programme(name):
        held = make_person_entry(name, code="p1")
        holder = make_person_entry(name, code="l2.p1", function={})
        return _of(
            make_slot_entry(code="s1", lines=(LineEntry(code="l", people=(held,)),)),
            make_slot_entry(
                "11:00",
                "12:00",
                code="s2",
                lines=(
                    LineEntry(
                        code="l2",
                        layout="sentence",
                        text={"en": "{0} sums up"},
                        people=(holder,),
                    ),
                ),
            ),
        )

    assert [
        address for _k, address, _n in _told(programme("Ada"), programme("Bo"))
    ] == ["slots/s1/people/p1"]


def test_holders_of_a_role_are_told_where_nothing_else_explains_them():
    def programme(name):
        holder = make_person_entry(name, code="l2.p1", function={})
        return _with_lines(
            LineEntry(
                code="l2",
                layout="sentence",
                text={"en": "{0} sums up"},
                people=(holder,),
            )
        )

    assert [
        address for _k, address, _n in _told(programme("Ada"), programme("Bo"))
    ] == ["slots/s1/people/l2.p1"]


def test_footnotes_match_by_their_keys_whatever_their_numbers():
    notes = [
        FootnoteEntry(number=1, key="a", text={"en": "See A."}),
        FootnoteEntry(number=2, key="b", text={"en": "See B."}),
    ]
    section = SectionEntry(
        place="before",
        heading={"en": "Format"},
        text={"en": "X."},
        notes={"text": (1,)},
    )
    before = _of(
        make_slot_entry(code="s1", notes={"title": (2,)}),
        sections=(section,),
        footnotes=tuple(notes),
    )
    after = _of(
        make_slot_entry(code="s1", notes={"title": (1,)}),
        sections=(section.model_copy(update={"notes": {}}),),
        footnotes=(notes[1].model_copy(update={"number": 1}),),
    )

    (change,) = compare(before, after)

    assert (change.kind, change.address) == (Kind.CALLS, "sections/1/text/notes")
    assert (change.before, change.after) == (("a",), ())


def test_text_that_differs_in_two_languages_is_one_change():
    before = make_full_programme(title={"en": "One", "fr": "Un", "ar": "١"})
    after = make_full_programme(title={"en": "Two", "fr": "Deux", "ar": "٢"})

    assert _told(before, after) == [(Kind.TITLE, "title", Nature.SUBSTANTIVE)]


def test_translation_is_editorial():
    before = make_full_programme(title={"en": "One", "fr": "Un"})
    after = make_full_programme(title={"en": "One", "fr": "Deux"})

    assert _told(before, after) == [(Kind.TITLE, "title", Nature.EDITORIAL)]


def test_translation_that_says_what_the_fallback_said_is_no_change():
    before = make_full_programme(title={"en": "One"})
    after = make_full_programme(title={"en": "One", "fr": "One"})

    assert compare(before, after) == []


def test_withdrawal_is_substantive_and_confirmation_is_not():
    def programme(status, remark):
        person = make_person_entry(
            code="p1", status=status, remark={"en": remark} if remark else {}
        )
        return _with_lines(LineEntry(code="l", people=(person,)))

    tentative = programme("to_be_confirmed", "(TBC)")
    at = "slots/s1/people/p1/standing"
    assert _told(tentative, programme("confirmed", "")) == [
        (Kind.STANDING, at, Nature.EDITORIAL)
    ]
    assert _told(tentative, programme("withdrawn", "(withdrawn)")) == [
        (Kind.STANDING, at, Nature.SUBSTANTIVE)
    ]


@pytest.mark.parametrize(
    ("before", "after", "is_only_spelling"),
    [
        ("The panelists", "The panellists", True),
        ("Co-operation at sea", "Cooperation at sea", True),
        ("opening Segment", "Opening segment.", True),
        ("Resume", "Résumé", True),
        ("Four speakers", "Five speakers", False),
        ("10.15 sharp", "10.30 sharp", False),
        ("1.5 hours", "15 hours", False),
        ("A formal meeting", "An informal meeting", False),
        ("They are ready", "They are not ready", False),
        ("预警系统", "预警系筒", False),
        ("预警系统", "预警系统。", True),
    ],
)
def test_spelling_is_told_from_another_meaning(before, after, is_only_spelling):
    assert is_spelling(before, after) is is_only_spelling


# --- Properties -------------------------------------------------------------


_SEEDS = range(5)


@pytest.mark.parametrize("seed", _SEEDS)
def test_one_change_of_a_programme_is_one_change_told_where_it_is(seed):
    invention = Invention(seed)
    before = invention.programme()

    for changed in Mutation(invention, before).all():
        found = [change.address for change in compare(before, changed.programme)]
        assert found == [changed.address], changed.name
        (change,) = compare(before, changed.programme)
        sentence = sentence_of(
            change, before, changed.programme, before.primary_language
        )
        assert sentence.endswith("."), changed.name
        assert change.slot not in sentence or not change.slot


@pytest.mark.thorough
@pytest.mark.parametrize("seed", _SEEDS[:4])
def test_programmes_print_differently_when_something_is_told(seed):
    invention = Invention(seed)
    before = invention.programme()
    printed = _Print(before)

    for place, changed in enumerate(Mutation(invention, before).all()):
        after = changed.programme
        if place % 5 == 0:
            after = next(iter(Mutation(invention, after).all())).programme
        assert bool(compare(before, after)) == printed.differs(_Print(after)), changed


@pytest.mark.parametrize("seed", _SEEDS[:2])
@pytest.mark.thorough
def test_programmes_print_the_same_when_nothing_is_told(seed):
    before = Invention(seed).programme()

    for after in (before.model_copy(deep=True), _with_what_does_not_print(before)):
        assert compare(before, after) == []
        assert not _Print(before).differs(_Print(after))


def _with_what_does_not_print(programme: Programme) -> Programme:
    """Everything that may differ without a word of difference on paper or page."""
    days = tuple(
        day.model_copy(
            update={
                "slots": tuple(
                    slot.model_copy(
                        update={
                            "kind": "session" if slot.kind == "panel" else slot.kind,
                            "part_of": slot.part_of or "gone",
                            "end": slot.end if slot.start else dt.time(18),
                            "lines": tuple(map(_line_alike, slot.lines)),
                        }
                    )
                    for slot in day.slots
                )
            }
        )
        for day in programme.days
    )
    return settled(
        programme.model_copy(
            update={
                "days": days,
                "page_size": "Letter",
                "status": "archived" if programme.status == "active" else "cancelled",
                "slug": "another",
                "footnotes": (
                    *programme.footnotes,
                    FootnoteEntry(number=99, key="uncalled", text={"en": "Never."}),
                ),
            }
        )
    )


def _line_alike(line: LineEntry) -> LineEntry:
    people = tuple(
        person.model_copy(
            update={
                "name": {"en": "Unprinted"},
                "honorific": {"en": "Ms."},
                "sort_name": person.sort_name,
                "role": "another",
                "state": person.state if person.person else {"en": "Chile"},
            }
        )
        for person in line.people
    )
    return line.model_copy(update={"people": people, "role": line.role or "another"})


class _Print:
    """All words of a programme on paper and on its pages, and where links lead."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.pages: dict[tuple[str, str, str], str] = {}

    @property
    def names(self) -> list[tuple[str, str]]:
        slots = [("slot", slot.code) for slot in self.programme.slots]
        codes = {p.person for p in self.programme.people if p.person}
        people = [("person", code) for code in sorted(codes)]
        return [("agenda", ""), ("note", ""), *people, *slots]

    def page(self, name: tuple[str, str], language: str) -> str:
        key = (*name, language)
        if key not in self.pages:
            self.pages[key] = self._printed(*key)
        return self.pages[key]

    def _printed(self, kind: str, code: str, language: str) -> str:
        copy = Copy(self.programme, None, language)
        if kind == "note":
            html = note_pdf.render_html(self.programme, None, language)
        elif kind == "agenda":
            html = agenda.render_agenda(copy).decode()
        elif kind == "slot":
            html = agenda.render_slot(copy, code).decode()
        else:
            html = agenda.render_person(copy, code).decode()
        return _words_of(html)

    def differs(self, other: "_Print") -> bool:
        if self.names != other.names:
            return True
        languages = self.programme.languages
        # The likeliest first: what differs is rarely on the page of one person alone.
        return any(
            self.page(name, language) != other.page(name, language)
            for name, language in product(self.names, languages)
            if name[0] != "person" or self.named(name[1]) != other.named(name[1])
        )

    def named(self, code: str) -> list[tuple[int, str, PersonEntry]]:
        """Where a person is named: all that the page of the person is made from, but
        what the agenda prints as well."""
        return [
            (day.number, slot.code, person)
            for day in self.programme.days
            for slot in day.slots
            for person in slot.people
            if person.person == code
        ]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "alt" or (
                name == "href" and re.match(r"https?:|mailto:|javascript:", value or "")
            ):
                self.found.append(value or "")

    def handle_data(self, data):
        self.found.append(data)


def _words_of(html: str) -> str:
    words = _Words()
    words.feed(html)
    return " ".join(" ".join(words.found).split())
