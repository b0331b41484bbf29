"""Editions of one session that differ, before the public: what readers see of changes
is tested with them."""

import datetime as dt

from sessions_app import mirror
from sessions_app.programme import (
    EditionCard,
    Imprint,
    Programme,
    Standing,
    Superseded,
)
from tests.factories import (
    ZONE,
    issue_programmes,
    make_full_programme,
    make_imprint,
    make_person_entry,
    make_slot_entry,
)


def make_revised_programme(**changed) -> Programme:
    """The full programme after five changes: panel 1 begins later and its panellist is
    another one, a word of the opening is spelt rightly, a slot is cancelled, one is
    removed, and one is new."""
    programme = make_full_programme()
    first, second = programme.days
    slots = {slot.code: slot for slot in first.slots}
    opening, panel = slots["s0900"], slots["s0930"]
    slots["s0900"] = opening.model_copy(
        update={"title": {**opening.title, "en": "Opening segments"}}
    )
    start = dt.time(9, 45)
    panellists, *others = panel.lines
    replacement = make_person_entry("Dag Holm", code=panellists.people[0].code)
    slots["s0930"] = panel.model_copy(
        update={
            "start": start,
            "starts_at": dt.datetime.combine(first.date, start, ZONE),
            "lines": (
                panellists.model_copy(
                    update={"people": (replacement, *panellists.people[1:])}
                ),
                *others,
            ),
        }
    )
    slots["group1"] = slots["group1"].model_copy(update={"status": "cancelled"})
    del slots["s1700"]
    new = make_slot_entry(
        "18:00", "19:00", first.date, code="new", title={"en": "Evening lecture"}
    )
    days = (
        first.model_copy(update={"slots": (*slots.values(), new)}),
        second,
    )
    return make_full_programme(**{"days": days, **changed})


def make_later_imprint(number: int, label: str = "", **changed) -> Imprint:
    """The imprint of an edition that supersedes the one before it."""
    before = make_imprint(number - 1)
    superseded = Superseded(
        number=before.number,
        label=changed.pop("label_before", ""),
        as_at=before.as_at,
    )
    return make_imprint(number, label=label, supersedes=superseded, **changed)


def issue_three(**changed) -> Standing:
    """Three editions: the first, one that says the same, and the revised programme."""
    return issue_programmes(
        (make_full_programme(), make_imprint(1)),
        (make_full_programme(), make_later_imprint(2, "*")),
        (
            make_revised_programme(),
            make_later_imprint(3, "Rev.1", label_before="*"),
        ),
        **{"documents": {"note.pdf": b"%PDF-1.7 a note"}, **changed},
    )


def withdraw(
    standing: Standing, number: int, reason: str = "A name was wrong."
) -> Standing:
    """Takes an edition back; with the newest one, nothing is in force any more."""
    is_newest = standing.editions[0].imprint.number == number
    withdrawn = {"en": reason}
    after = standing.model_copy(
        update={
            "editions": tuple(
                _withdrawn(card, withdrawn) if card.imprint.number == number else card
                for card in standing.editions
            ),
            **({"current": None, "withdrawn": withdrawn} if is_newest else {}),
        }
    )
    # A copy of a model keeps what was derived from the other one.
    after = Standing.model_validate(after.model_dump())
    mirror.point(after)
    return after


def _withdrawn(card: EditionCard, reason: dict[str, str]) -> EditionCard:
    return card.model_copy(update={"withdrawn": reason})
