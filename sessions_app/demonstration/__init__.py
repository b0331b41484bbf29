"""The demonstration: one session of the past as it was held, one of today and one in
preparation, both invented.

The past one carries the facts of the procedural note for the third informal thematic
session on the global compact for migration (Geneva, 19 and 20 June 2017): titles,
times, names, functions. Its concepts are told in other words."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from sessions_app.issuing import issue
from sessions_app.models import (
    Conference,
    Day,
    Footnote,
    Line,
    Panel,
    Room,
    Section,
    Session,
    Slot,
    SlotDocument,
    StatusWord,
)
from sessions_app.translated import LANGUAGE_CODES, Stored, translated, words
from speakers.codes import seeded
from speakers.models import Person, Role
from speakers.vocabulary import load_roles

Tell = Callable[[str], None]


# A file for each language but English: our own translation.
_WORDS = Path(__file__).parent
_NOTICE = "Demonstration, not an official document"

_GENEVA = ZoneInfo("Europe/Zurich")

# As the paper prints them, and as the corrigendum does.
_MISPRINTS = {
    "Martín": (
        (
            "Interdiciplinary Research Group on Immigration (GRITIM), University Pompeu "
            "Fabra, Barcelona"
        ),
        (
            "Interdisciplinary Research Group on Immigration (GRITIM), University Pompeu "
            "Fabra, Barcelona"
        ),
    ),
    "Fonseca Caldera": (
        (
            "International Affairs Director of the Employer' confederation of Mexico "
            "(COPARMEX NACIONAL)"
        ),
        (
            "International Affairs Director of the Employers' confederation of Mexico "
            "(COPARMEX NACIONAL)"
        ),
    ),
    "Alnuaimi": (
        (
            "Assistant Under-Secretary for Communication and International Relations, "
            "Ministry of Human Resources and Emiratisation the United Arab Emirates"
        ),
        (
            "Assistant Under-Secretary for Communication and International Relations, "
            "Ministry of Human Resources and Emiratisation of the United Arab Emirates"
        ),
    ),
}


def load_demonstration(tell: Tell = lambda _step: None) -> None:
    """Loads what of the demonstration is not there yet, issues it, and moves the
    session of today to today when it was loaded on another day. `tell` is told about
    each step."""
    load_roles()
    if not Conference.objects.filter(slug="global-compact-migration").exists():
        tell("Loading the third informal thematic session (Geneva, 2017).")
        with seeded("global compact"), transaction.atomic():
            _third_session()
    if not Conference.objects.filter(slug="early-warning").exists():
        tell("Loading a session of today and one in preparation.")
        with seeded("early warning"), transaction.atomic():
            _early_warning()
    _issue_third_session(tell)
    _bring_to_today(tell)


# --- Words ------------------------------------------------------------------


def _text(english: str) -> Stored:
    """A text of the demonstration in six languages. Raises KeyError for one that a
    file of words beside this module does not have."""
    others = {code: said[english] for code, said in other_words().items()}
    return translated({"en": english, **others}, "en")


@functools.cache
def other_words() -> dict[str, dict[str, str]]:
    """Language to its words by the English ones."""
    return {
        code: json.loads((_WORDS / f"{code}.json").read_text())
        for code in LANGUAGE_CODES
        if code != "en"
    }


# --- Rows, made short -------------------------------------------------------


def _person(
    given: str,
    family: str,
    honorific: str,
    function: str,
    *,
    printed: str = "",
    state: str = "",
    organization: str = "",
    label_form: str = "",
) -> Person:
    return Person.objects.create(
        given_names=given,
        family_name=family,
        printed_name=_text(printed or f"{given} {family}"),
        honorific=_words(honorific),
        function=_words(function),
        state=_words(state),
        organization=_words(organization),
        label_form=label_form,
    )


def _words(said: str) -> Stored:
    return _text(said) if said else {}


class _Day:
    """A day that slots are added to, in order."""

    def __init__(self, session: Session, date: dt.date) -> None:
        self.row = Day.objects.create(session=session, date=date)
        self.places = iter(range(10, 10_000, 10))

    def slot(self, start: str, end: str, kind: str, title: str, **more: Any) -> Slot:
        return Slot.objects.create(
            day=self.row,
            position=next(self.places),
            kind=kind,
            start=_time(start),
            end=_time(end),
            title=_text(title),
            **more,
        )


def _time(words: str) -> dt.time | None:
    return dt.time.fromisoformat(words.replace(".", ":")) if words else None


def _role(key: str) -> Role:
    return Role.objects.get(key=key)


def _lines(slot: Slot, *lines: dict[str, Any]) -> None:
    for place, line in enumerate(lines, start=1):
        Line.objects.create(slot=slot, position=10 * place, **line)


def _named(person: Person, role: str, **more: Any) -> dict[str, Any]:
    return {"person": person, "role": _role(role), **more}


def _said(words: str, **more: Any) -> dict[str, Any]:
    return {"text": _text(words), **more}


# --- The session of 2017 ----------------------------------------------------


def _third_session() -> Session:
    conference = Conference.objects.create(
        slug="global-compact-migration",
        title=_text("Global compact for safe, orderly and regular migration"),
        office=_text("Office of the President of the General Assembly"),
        notice=_text(_NOTICE),
    )
    room = Room.objects.create(
        venue=_text("Palais des Nations"), name=_text("Room XIX"), position=10
    )
    session = Session.objects.create(
        conference=conference,
        slug="third-thematic-session",
        title=_text("Third informal thematic session"),
        note_title=_text("Procedural note for the third informal thematic session"),
        theme=_text(
            "International cooperation and governance of migration in all its "
            "dimensions, including at borders, on transit, entry, return, readmission, "
            "integration and reintegration[^further]"
        ),
        city=_text("Geneva"),
        room=room,
        zone="Europe/Zurich",
        starts_on=dt.date(2017, 6, 19),
        ends_on=dt.date(2017, 6, 20),
        languages=list(LANGUAGE_CODES),
    )
    Footnote.objects.create(
        session=session,
        key="further",
        text=_text(
            "For further information, see:\n\n"
            "- [General concept note](https://refugeesmigrants.un.org/sites/default/"
            "files/general_concept_note_gcm_13042017.pdf) – Global compact for safe, "
            "orderly and regular migration. Phase I – consultations (April to "
            "November 2017)\n"
            "- [Procedural note and the SRSG’s issues brief]"
            "(http://refugeesmigrants.un.org/international-cooperation) for the third "
            "thematic session"
        ),
    )
    mexico, switzerland = _co_facilitators()
    _first_day(_Day(session, dt.date(2017, 6, 19)), [mexico, switzerland])
    _second_day(_Day(session, dt.date(2017, 6, 20)), [switzerland, mexico])
    return session


def _co_facilitators() -> list[Person]:
    return [
        _person(
            "Juan José",
            "Gómez Camacho",
            "H.E. Mr.",
            "Permanent Representative of Mexico to the United Nations",
            state="Mexico",
        ),
        _person(
            "Jürg",
            "Lauber",
            "H.E. Mr.",
            "Permanent Representative of Switzerland to the United Nations",
            state="Switzerland",
        ),
    ]


def _first_day(day: _Day, co_facilitators: list[Person]) -> None:
    opening = day.slot("10.00", "10.15", Slot.Kind.OPENING, "Opening segment")
    arbour = _person(
        "Louise",
        "Arbour",
        "Ms.",
        "Secretary-General of the intergovernmental conference",
    )
    _lines(
        opening,
        _said("Welcome remarks by the co-facilitators"),
        *(_named(person, "co-facilitator") for person in co_facilitators),
        _said("Remarks by the Secretary-General of the intergovernmental conference"),
        _named(arbour, "speaker"),
    )
    first = day.slot(
        "10.15",
        "13.00",
        Slot.Kind.PANEL,
        "International cooperation and governance of migration in all its dimensions",
        text=_text(
            "Two commitments of 2015 and 2016, the 2030 Agenda and the New York "
            "Declaration, ask States to work more closely together on migration. The "
            "panel asks what that takes in practice: which institutions exist at "
            "which level, which of them could be built further, and where common "
            "rules or common means are still missing.\n\n"
            "Panellists recall how cooperation has grown, name the gaps in policy and "
            "practice that States meet when they act alone, and propose remedies."
        ),
    )
    Panel.objects.create(slot=first, number=1)
    _lines(
        first,
        _named(
            _person(
                "Gregory",
                "Maniatis",
                "",
                "Columbia University, MPI, Soros, former senior advisor to SRSG "
                "Sutherland",
                organization="Columbia University",
            ),
            "panellist",
        ),
        _named(
            _person(
                "Margareta",
                "Wahlström",
                "Ms.",
                "Chairperson of the Board, Dag Hammarskjöld Foundation and President "
                "of the Swedish Red Cross",
                organization="Swedish Red Cross",
            ),
            "panellist",
        ),
        _named(
            _person(
                "Ola",
                "Henrikson",
                "H.E. Mr.",
                "Director General, Ministry of Justice of Sweden",
                state="Sweden",
            ),
            "moderator",
        ),
    )
    _lunch(day)
    second = day.slot(
        "15.00",
        "17.50",
        Slot.Kind.PANEL,
        "International cooperation and governance of migration in transit, on entry "
        "and at borders",
        text=_text(
            "What works at borders, on the way and on arrival differs from country to "
            "country. The panel compares policies and programmes that have served "
            "national priorities, and asks how ministries divide the work among "
            "themselves and with their neighbours, and what it costs.\n\n"
            "It also looks at how those concerned, migrants among them, are heard "
            "before decisions are taken, with examples that others can follow."
        ),
    )
    Panel.objects.create(slot=second, number=2)
    _lines(
        second,
        _named(
            _person(
                "Guilhem",
                "Ravier",
                "Mr.",
                "Head of the Protection of the Civilian Population Unit, International "
                "Committee of the Red Cross (ICRC)",
                organization="International Committee of the Red Cross",
            ),
            "panellist",
        ),
        _named(
            _person(
                "Raquel",
                "Ayora",
                "Ms.",
                "Director of Operations, Médecins Sans Frontières (MSF) Barcelona",
                organization="Médecins Sans Frontières",
            ),
            "panellist",
        ),
        _named(
            _person(
                "Marla",
                "Conrad",
                "Ms.",
                "Advocacy Coordinator, Kino Border Initiative, México",
                organization="Kino Border Initiative",
            ),
            "panellist",
        ),
        _named(
            _person(
                "Mehmet",
                "Samsar",
                "H.E. Ambassador",
                "Director-General for Consular Affairs, Ministry of Foreign Affairs of "
                "the Republic of Turkey",
                state="Turkey",
            ),
            "moderator",
        ),
    )
    _closing(day)


def _second_day(day: _Day, co_facilitators: list[Person]) -> None:
    welcome = day.slot(
        "10.00", "10.05", Slot.Kind.OPENING, "Welcome remarks by the co-facilitators"
    )
    _lines(welcome, *(_named(person, "co-facilitator") for person in co_facilitators))
    third = day.slot(
        "10.05",
        "13.00",
        Slot.Kind.PANEL,
        "International cooperation and governance of migration on return, readmission, "
        "integration and reintegration",
        text=_text(
            "States already meet in bilateral, regional and subregional settings, the "
            "regional consultative processes among them, to compare what they do about "
            "return and readmission, integration and reintegration. The panel takes "
            "stock of these settings and of what they have taught.\n\n"
            "It asks where closer cooperation would help most, at which level, and "
            "which part national and local authorities have at each stage of a "
            "migrant’s way."
        ),
    )
    Panel.objects.create(slot=third, number=3)
    _lines(
        third,
        _named(
            _person(
                "Iván",
                "Martín",
                "Prof.",
                _MISPRINTS["Martín"][0],
                organization="University Pompeu Fabra",
            ),
            "panellist",
        ),
        _named(
            _person(
                "Genevieve",
                "Gencianos",
                "Ms.",
                "Migration Programme Coordinator, Public Services International (PSI)",
                organization="Public Services International",
            ),
            "panellist",
        ),
        _named(
            _person(
                "Nancy",
                "Fonseca Caldera",
                "Ms.",
                _MISPRINTS["Fonseca Caldera"][0],
                organization="COPARMEX",
            ),
            "panellist",
        ),
        _named(
            _person(
                "Omar Abdulrahman Salem",
                "Alnuaimi",
                "Dr.",
                _MISPRINTS["Alnuaimi"][0],
                state="United Arab Emirates",
            ),
            "moderator",
        ),
    )
    _lunch(day)
    summary = day.slot(
        "15.00",
        "17.50",
        Slot.Kind.SUMMARY_PANEL,
        "Synopsis of the main conclusions and outcomes",
    )
    Panel.objects.create(slot=summary, label=_text("Summary panel"))
    koser = _person(
        "Khalid",
        "Koser",
        "Dr.",
        "Executive Director of the Global Community Engagement and Resilience Fund and "
        "Co-Chair of the WEF Global Future Council on Migration",
        organization="Global Community Engagement and Resilience Fund",
    )
    _lines(
        summary,
        _said(
            "Moderators present the key recommendations resulting from their panels",
            holders_of=_role("moderator"),
        ),
        _said(
            "{people}, thematic expert for this third informal thematic session, "
            "provides a short overview of the main discussions and the interlinkages "
            "between the panels",
            **_named(koser, "thematic-expert"),
        ),
        _said(
            "Interactive exchange between the moderators, the thematic expert and "
            "Member States on the outcomes of the session"
        ),
    )
    _closing(day)


def _lunch(day: _Day) -> None:
    day.slot(
        "13.00",
        "15.00",
        Slot.Kind.LUNCH,
        "Lunch",
        aside=_text("Space for side events"),
    )


def _closing(day: _Day) -> None:
    closing = day.slot(
        "17.50", "18.00", Slot.Kind.CLOSING, "Closing remarks by the co-facilitators"
    )
    _lines(closing, {"holders_of": _role("co-facilitator")})


# Why the warnings of the desk stand.
_AS_ON_PAPER = "So it was on the paper."


def _issue_third_session(tell: Tell) -> None:
    """Issues the note as the paper was, then the corrigendum; what is issued stays."""
    session = Session.objects.filter(slug="third-thematic-session").first()
    if session is None:
        return
    if not session.editions.exists():
        with seeded("first edition"):
            issue(
                session,
                by=None,
                as_at=dt.datetime(2017, 6, 14, 16, 20, tzinfo=_GENEVA),
                reason=_AS_ON_PAPER,
                tell=tell,
            )
    if session.editions.count() == 1:
        for family, (printed, corrected) in _MISPRINTS.items():
            Person.objects.filter(family_name=family, function__en=printed).update(
                function=_text(corrected)
            )
        with seeded("corrigendum"):
            issue(
                session,
                by=None,
                label="Corr.1",
                as_at=dt.datetime(2017, 6, 16, 18, 0, tzinfo=_GENEVA),
                remark=words(
                    _text(
                        "Corrects three misspellings in the functions of Prof. Martín, "
                        "Ms. Fonseca Caldera and Dr. Alnuaimi."
                    )
                ),
                reason=_AS_ON_PAPER,
                tell=tell,
            )


# --- The invented conference ------------------------------------------------


def _early_warning() -> None:
    conference = Conference.objects.create(
        slug="early-warning",
        title=_text("Intergovernmental conference on early warning for coasts"),
        office=_text("Preparatory secretariat"),
        notice=_text(_NOTICE),
        contact=_text(
            "Conference officers answer at the documents counter on the ground floor "
            "and at [desk@example.org](mailto:desk@example.org)."
        ),
    )
    rooms = {
        name: Room.objects.create(
            venue=_text("Harbour Conference Centre"), name=_text(name), position=place
        )
        for place, name in enumerate(
            ("Assembly hall", "Room Albatross", "Room Petrel", "Terrace"), start=20
        )
    }
    today = timezone.now().astimezone(ZoneInfo("Africa/Nairobi")).date()
    second = Session.objects.create(
        conference=conference,
        slug="second-preparatory-session",
        title=_text("Second preparatory session"),
        note_title=_text("Procedural note for the second preparatory session"),
        theme=_text("From the sensor to the siren: who warns whom, and when[^annex]"),
        symbol="CEW/PREP/2/INF.1",
        city=_text("Mombasa"),
        room=rooms["Assembly hall"],
        zone="Africa/Nairobi",
        starts_on=today,
        ends_on=today + dt.timedelta(days=1),
        languages=list(LANGUAGE_CODES),
    )
    _second_session(second, rooms)
    third = Session.objects.create(
        conference=conference,
        slug="third-preparatory-session",
        title=_text("Third preparatory session"),
        # In preparation: these two are to be translated.
        note_title={"en": "Procedural note for the third preparatory session"},
        theme={"en": "Paying for the last kilometre"},
        languages=["en", "fr"],
        city=_text("Mombasa"),
        room=rooms["Assembly hall"],
        zone="Africa/Nairobi",
        starts_on=today + dt.timedelta(days=90),
        ends_on=today + dt.timedelta(days=91),
    )
    day = _Day(third, third.starts_on)
    day.slot("10.00", "10.30", Slot.Kind.OPENING, "Opening of the session")
    panel = day.slot("10.30", "13.00", Slot.Kind.PANEL, "What a siren costs")
    Panel.objects.create(slot=panel, number=1)


def _second_session(session: Session, rooms: dict[str, Room]) -> None:
    Footnote.objects.create(
        session=session,
        key="annex",
        text=_text(
            "The questions put to panellists stand in the annex to the aide-memoire, "
            "[CEW/PREP/2/1](https://example.org/cew/prep/2/1)."
        ),
    )
    Section.objects.create(
        session=session,
        place=Section.Place.BEFORE,
        position=10,
        heading=_text("Format"),
        text=_text(
            "Plenary meetings are held in the morning. In the afternoon three working "
            "groups meet side by side; each reports to the plenary on the second day."
        ),
    )
    Section.objects.create(
        session=session,
        position=10,
        heading=_text("How to take the floor"),
        text=_text(
            "The list of speakers opens when the panel does. Delegations press the "
            "button of the microphone; statements are limited to **three minutes**, "
            "those on behalf of groups to five.\n\n"
            "- Texts for the interpreters: to the officer in the room, two copies.\n"
            "- Statements for the website: by electronic mail before the end of the "
            "day."
        ),
    )
    _today(_Day(session, session.starts_on), rooms)
    _tomorrow(_Day(session, session.ends_on), rooms)


def _today(day: _Day, rooms: dict[str, Room]) -> None:
    chair = _person(
        "Amani",
        "Wekesa",
        "H.E. Ms.",
        "Permanent Representative of Kenya, Chair of the preparatory committee",
        state="Kenya",
        label_form=Person.LabelForm.FEMININE,
    )
    opening = day.slot(
        "09.00",
        "09.30",
        Slot.Kind.OPENING,
        "Opening of the session",
        agenda_item="1",
        interpretation=list(LANGUAGE_CODES),
        webcast="https://example.org/webcast",
    )
    _lines(
        opening,
        _named(chair, "chair"),
        _said("Statement by the Secretary-General of the conference"),
        _named(
            _person(
                "Tomás",
                "Echeverría",
                "Mr.",
                "Secretary-General of the conference",
            ),
            "speaker",
            mode=Line.Mode.VIDEO_MESSAGE,
        ),
    )
    panel = day.slot(
        "09.30",
        "12.00",
        Slot.Kind.PANEL,
        "Minutes that matter: from detection to decision",
        text=_text(
            "A wave crosses a bay faster than a message crosses a ministry. The panel "
            "follows one warning from the instrument to the person who orders an "
            "evacuation, and asks at which desk it waits longest."
        ),
        agenda_item="2",
        interpretation=list(LANGUAGE_CODES),
    )
    Panel.objects.create(
        slot=panel,
        number=1,
        questions=_text(
            "1. Who may sound the alarm without asking?\n"
            "2. What do neighbours need to hear, and how soon?"
        ),
    )
    SlotDocument.objects.create(
        slot=panel,
        position=10,
        symbol="CEW/PREP/2/3",
        title=_text("From detection to decision: background paper"),
        address="https://example.org/cew/prep/2/3",
    )
    SlotDocument.objects.create(
        slot=panel,
        position=20,
        symbol="CEW/PREP/2/CRP.1",
        title=_text("Draft glossary"),
    )
    _lines(
        panel,
        _named(
            _person(
                "Mele",
                "Taufa",
                "Ms.",
                "Director, National Tsunami Service of Tonga",
                state="Tonga",
            ),
            "panellist",
        ),
        _named(
            _person(
                "Ingrid",
                "Solheim",
                "Prof.",
                "Chair of Coastal Engineering, Norwegian Institute of the Sea",
                organization="Norwegian Institute of the Sea",
            ),
            "panellist",
            mode=Line.Mode.REMOTE,
        ),
        _named(
            _person(
                "Rashid",
                "Al Harthy",
                "Mr.",
                "Head of Warnings, Directorate of Meteorology of Oman",
                state="Oman",
            ),
            "panellist",
            status=Line.Status.TO_BE_CONFIRMED,
        ),
        _named(
            _person(
                "Beatriz",
                "Nakamura",
                "H.E. Ms.",
                "Ambassador for the Ocean, Brazil",
                state="Brazil",
            ),
            "moderator",
        ),
    )
    day.slot(
        "12.00",
        "14.00",
        Slot.Kind.LUNCH,
        "Lunch",
        aside=_text("Exhibition of instruments on the terrace"),
    )
    _working_groups(day, rooms)
    day.slot(
        "17.00",
        "17.30",
        Slot.Kind.PRESENTATION,
        "Demonstration of the harbour siren",
        room=rooms["Terrace"],
        status=Slot.Status.CANCELLED,
    )
    night = day.slot(
        "21.00",
        "00.30",
        Slot.Kind.DRAFTING_GROUP,
        "Drafting group on the outcome document",
        ends_next_day=True,
        room=rooms["Room Petrel"],
    )
    _lines(night, {"unnamed": _text("Representatives of the regional groups")})


def _working_groups(day: _Day, rooms: dict[str, Room]) -> None:
    groups = [
        (
            "Assembly hall",
            "Instruments and data",
            _person(
                "Lars",
                "Viitanen",
                "Mr.",
                "Deputy Head of Mission, Finland",
                state="Finland",
            ),
        ),
        (
            "Room Albatross",
            "Warnings across borders",
            _person(
                "Chantal",
                "Ouédraogo",
                "Ms.",
                "Counsellor, Burkina Faso",
                state="Burkina Faso",
            ),
        ),
        (
            "Room Petrel",
            "The last kilometre",
            _person(
                "Thi Lan",
                "Nguyen",
                "Dr.",
                "Disaster Authority, Viet Nam",
                printed="Nguyen Thi Lan",
                state="Viet Nam",
            ),
        ),
    ]
    for number, (room, title, facilitator) in enumerate(groups, start=1):
        group = day.slot(
            "14.00",
            "17.00",
            Slot.Kind.WORKING_GROUP,
            title,
            room=rooms[room],
            is_parallel=True,
            interpretation=["en", "fr"] if number == 1 else [],
        )
        Panel.objects.create(slot=group, label=_text(f"Working group {number}"))
        _lines(
            group,
            _named(facilitator, "facilitator"),
        )


def _tomorrow(day: _Day, rooms: dict[str, Room]) -> None:
    reports = day.slot(
        "09.30",
        "11.00",
        Slot.Kind.PLENARY,
        "Reports of the working groups",
        agenda_item="3",
        interpretation=list(LANGUAGE_CODES),
    )
    _lines(
        reports,
        _said(
            "{people} report on the results of their groups",
            holders_of=_role("facilitator"),
        ),
        _said("Comments by delegations"),
    )
    day.slot("11.00", "11.30", Slot.Kind.BREAK, "Coffee break")
    side = day.slot(
        "11.30",
        "13.00",
        Slot.Kind.SIDE_EVENT,
        "Voices of island harbours",
        room=rooms["Room Albatross"],
    )
    _lines(side, {"unnamed": _text("Association of island harbours")})
    day.slot(
        "",
        "",
        Slot.Kind.CLOSING,
        "Closing of the session",
        when=_text("Upon conclusion of the side event"),
    )


def _bring_to_today(tell: Tell) -> None:
    """Issues the session of today, anew when its dates are no longer today's."""
    session = Session.objects.filter(slug="second-preparatory-session").first()
    if session is None:
        return
    today = timezone.now().astimezone(ZoneInfo(session.zone)).date()
    issued = session.editions.count()
    if issued and session.starts_on == today:
        return
    tell("Setting the dates of the second preparatory session to today.")
    moved = today - session.starts_on
    session.starts_on, session.ends_on = today, today + dt.timedelta(days=1)
    session.save()
    # The later day first: two days never have one date.
    for day in session.days.order_by("-date" if moved.days > 0 else "date"):
        day.date += moved
        day.save()
    with seeded(f"early warning, edition {issued + 1}"):
        issue(
            session,
            by=None,
            label=f"Rev.{issued}" if issued else "",
            status_word=StatusWord.PROVISIONAL,
            remark=words(_text("The dates were moved to today.")) if issued else None,
            reason="Agreed with the interpreters and with the city, which gives the lunch.",
            tell=tell,
        )
