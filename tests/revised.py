"""A programme and its revision, which differ in each way that a reader may notice."""

import datetime as dt
from typing import Any

from sessions_app.programme import (
    ConferenceEntry,
    DayEntry,
    FootnoteEntry,
    Former,
    LineEntry,
    Programme,
    SectionEntry,
    SlotEntry,
    Superseded,
)
from tests.factories import (
    ANNEX,
    make_imprint,
    make_person_entry,
    make_programme,
    make_slot_entry,
)

FIRST_DAY = dt.date(2027, 6, 21)
SECOND_DAY = dt.date(2027, 6, 22)
FIRST = make_imprint(1)
REVISION = make_imprint(
    2, label="Rev.1", supersedes=Superseded(number=1, as_at=FIRST.as_at)
)
CORRIGENDUM = REVISION.model_copy(update={"label": "Corr.1"})


def _before(**changed: Any) -> Programme:
    values = {
        "conference": ConferenceEntry(
            slug="ocean",
            title={"en": "Conference on the ocean", "ar": "مؤتمر المحيطات"},
            office={"en": "Preparatory secretariat"},
            notice={"en": "Demonstration, not an official document"},
        ),
        "note_title": {"en": "Procedural note", "ar": "مذكرة إجرائية"},
        "theme": {"en": "Who warns whom", "ar": "من ينذر من"},
        "symbol": "A/CONF.99/2",
        "ends_on": SECOND_DAY,
        "languages": ("ar", "en"),
        "notes": {"theme": (1,)},
        "footnotes": (
            FootnoteEntry(
                number=1,
                key="papers",
                text={"en": "See [the annex](https://example.org/annex)."},
            ),
        ),
        "sections": (
            SectionEntry(
                place="after",
                heading={"en": "How to take the floor"},
                text={"en": "Press the button.\n\n- Three minutes\n- Five for groups"},
            ),
        ),
    }
    days = (
        DayEntry(number=1, date=FIRST_DAY, slots=_first_day()),
        DayEntry(number=2, date=SECOND_DAY, slots=_second_day()),
    )
    return make_programme(**{"days": days, **values, **changed})


def _first_day() -> tuple[SlotEntry, ...]:
    return (
        _slot(
            "09:00",
            "09:30",
            "opening",
            title={"en": "Opening segment", "ar": "الجزء الافتتاحي"},
            lines=(
                LineEntry(
                    code="welcome",
                    text={"en": "Welcome remarks"},
                    people=(make_person_entry("Ada Lund"), make_person_entry("Bo Ek")),
                ),
            ),
        ),
        _slot(
            "09:30",
            "12:00",
            "panel",
            kind="panel",
            label={"en": "Panel 1", "ar": "حلقة النقاش 1"},
            title={"en": "Minutes that matter"},
            text={"en": "The panel follows one warning to the coast.\n\nIt asks why."},
            lines=(
                LineEntry(
                    code="panellists",
                    role="panellist",
                    people=(
                        make_person_entry("Cai Ong"),
                        make_person_entry(
                            "Eva Ruiz", function={"en": "Head of Warnnings"}
                        ),
                        make_person_entry("Gus Roy"),
                    ),
                ),
                LineEntry(
                    code="moderator",
                    layout="closing",
                    text={"en": "Moderated by {0}", "ar": "يدير الجلسة {0}"},
                    people=(make_person_entry("Omar Diaz"),),
                ),
            ),
        ),
        _slot("12:00", "13:00", "lunch", kind="lunch", title={"en": "Lunch"}),
        _slot("13:00", "14:00", "gone", title={"en": "Statements by observers"}),
        _slot("14:00", "15:00", "group", title={"en": "Working group"}),
        _slot("15:00", "16:00", "moved", title={"en": "Presentation of the buoys"}),
    )


def _second_day() -> tuple[SlotEntry, ...]:
    return (
        _slot("10:00", "11:00", "summary", date=SECOND_DAY, title={"en": "Summary"}),
    )


def _slot(start: str, end: str, code: str, **more: Any) -> SlotEntry:
    date = more.pop("date", FIRST_DAY)
    return make_slot_entry(start, end, date, code=code, **more)


def _after(before: Programme) -> Programme:
    """Fifteen kinds of change: a time, the wording of a title and of a text, somebody
    replaced, a function corrected, the order of two names, a room, a slot added, one
    removed, one cancelled, one on another day, somebody added, somebody withdrawn, a
    footnote and a section."""
    first, second = before.days
    opening, panel, lunch, _gone, group, moved = first.slots
    (welcome,) = opening.lines
    panellists, moderator = panel.lines
    cai, eva, gus = panellists.people
    people = (
        make_person_entry("Dag Holm", code=cai.code),
        _with(eva, function={"en": "Head of Warnings"}),
        _with(gus, status="withdrawn", remark={"en": "(withdrawn)"}),
        make_person_entry("Fay Wu"),
    )
    slots = (
        _with(
            opening,
            lines=(_with(welcome, people=welcome.people[::-1]),),
            start=dt.time(9, 10),
        ),
        _with(
            panel,
            title={"en": "Minutes that count"},
            text={"en": "The panel follows one *early* warning to the coast."},
            lines=(_with(panellists, people=people), moderator),
        ),
        _with(lunch, status="cancelled"),
        _with(group, room=ANNEX, has_own_room=True),
    )
    later = (
        *second.slots,
        _slot("15:00", "16:00", "moved", date=SECOND_DAY, title=moved.title),
        _slot("17:00", "18:00", "new", date=SECOND_DAY, title={"en": "Closing"}),
    )
    (footnote,) = before.footnotes
    (section,) = before.sections
    return _with(
        before,
        days=(_with(first, slots=slots), _with(second, slots=later)),
        footnotes=(_with(footnote, text={"en": "See the annex and its map."}),),
        sections=(
            _with(
                section,
                text={"en": "Press the button.\n\n- Four minutes\n- Five for groups"},
            ),
        ),
    )


def _with(entry: Any, **changed: Any) -> Any:
    return entry.model_copy(update=changed)


BEFORE = _before()
AFTER = _after(BEFORE)
FORMER = Former(BEFORE, FIRST)
