"""The States and organizations that speak in a programme, and where each does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sessions_app.finding import body_of, meant_in
from sessions_app.outputs.addresses import delegations_address, found_address
from sessions_app.outputs.agenda import Appearance, Copy, Profile, render_copy
from sessions_app.outputs.alphabet import in_order
from sessions_app.programme import DayEntry, PersonEntry, Programme, SlotEntry, Text


@dataclass
class Delegation:
    """A State or an organization: its name, who speaks for it, in which slots."""

    name: Text
    people: dict[str, list[Appearance]] = field(default_factory=dict)

    @property
    def profiles(self) -> list[Profile]:
        """Its people in printed order, each with the places where it is they who
        speak."""
        return [Profile(tuple(places)) for places in self.people.values()]


@dataclass(frozen=True)
class Delegations:
    """The States and the organizations of a programme, in the alphabetical order of the
    language of the page."""

    states: list[Delegation]
    organizations: list[Delegation]


def delegations_in(copy: Copy) -> Delegations:
    """Everybody who speaks for a State or an organization, by these; whoever is only
    meant ("the moderators") with the others."""
    programme = copy.programme
    states: dict[str, Delegation] = {}
    organizations: dict[str, Delegation] = {}
    for day, slot, person in _places_in(programme):
        place = Appearance(day, slot, person)
        for met, name in ((states, person.state), (organizations, person.organization)):
            if name:
                one = met.setdefault(body_of(programme, name), Delegation(name))
                one.people.setdefault(person.person or person.code, []).append(place)
    return Delegations(_in_order(copy, states), _in_order(copy, organizations))


def render_delegations(copy: Copy) -> bytes:
    """Who speaks for which State or organization, and where."""
    return render_copy(
        "agenda/delegations.html",
        copy,
        delegations_address(""),
        delegations=delegations_in(copy),
    )


def address_of(copy: Copy, delegation: Delegation) -> str:
    """The agenda with the slots in which a State or an organization speaks."""
    words = copy.programme.said(delegation.name, copy.language).text
    return found_address(copy.address, {"of": words})


def _places_in(
    programme: Programme,
) -> Iterator[tuple[DayEntry, SlotEntry, PersonEntry]]:
    for day in programme.days:
        for slot in day.slots:
            for person in meant_in(slot):
                yield day, slot, person


def _in_order(copy: Copy, met: dict[str, Delegation]) -> list[Delegation]:
    programme, language = copy.programme, copy.language
    return in_order(
        met.values(),
        lambda one: programme.said(one.name, language).text,
        language,
    )
