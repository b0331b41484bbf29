"""Programmes for tests of what is made from one, without rows and without a database:
every default in sight, override what the test is about."""

import datetime as dt
import hashlib
from typing import Any
from zoneinfo import ZoneInfo

from sessions_app import mirror
from sessions_app.programme import (
    ConferenceEntry,
    DayEntry,
    DocumentCard,
    DocumentEntry,
    EditionCard,
    FootnoteEntry,
    Imprint,
    LineEntry,
    PersonEntry,
    Programme,
    RoomEntry,
    SectionEntry,
    SlotEntry,
    Standing,
    edition_digest,
)

ZONE = ZoneInfo("Europe/Zurich")
HALL = RoomEntry(
    code="hall",
    venue={"en": "Palais des Nations", "ar": "قصر الأمم"},
    name={"en": "Room XIX", "ar": "القاعة التاسعة عشرة"},
)
ANNEX = RoomEntry(code="annex", venue={"en": "Palais Wilson"}, name={"en": "Room 2"})


def make_person_entry(name: str = "Ada Lund", /, **changed: Any) -> PersonEntry:
    given, _space, family = name.rpartition(" ")
    code = name.lower().replace(" ", "-")
    values: dict[str, Any] = {
        "code": f"line-{code}",
        "person": code,
        "name": {"en": name},
        "honorific": {"en": "Ms."},
        "printed": {"en": f"Ms. {name}"},
        "sort_name": f"{family}, {given}",
        "function": {"en": "Director"},
    }
    return PersonEntry(**{**values, **changed})


def make_slot_entry(
    start: str = "10:00",
    end: str = "11:00",
    date: dt.date = dt.date(2027, 6, 21),
    **changed: Any,
) -> SlotEntry:
    first = dt.time.fromisoformat(start) if start else None
    last = dt.time.fromisoformat(end) if end else None
    last_date = date + dt.timedelta(days=int(changed.get("ends_next_day", False)))
    values: dict[str, Any] = {
        "code": f"s{start.replace(':', '')}" if start else "stimeless",
        "kind": "session",
        "start": first,
        "end": last,
        "starts_at": first and dt.datetime.combine(date, first, ZONE),
        "ends_at": last and dt.datetime.combine(last_date, last, ZONE),
        "title": {"en": "Statements"},
        "room": HALL,
    }
    return SlotEntry(**{**values, **changed})


def make_programme(**changed: Any) -> Programme:
    values: dict[str, Any] = {
        "conference": ConferenceEntry(
            slug="ocean", title={"en": "Conference on the ocean"}
        ),
        "slug": "first",
        "title": {"en": "First session"},
        "city": {"en": "Geneva"},
        "room": HALL,
        "zone": "Europe/Zurich",
        "starts_on": dt.date(2027, 6, 21),
        "ends_on": dt.date(2027, 6, 21),
        "languages": ("en",),
        "primary_language": "en",
        "days": (
            DayEntry(number=1, date=dt.date(2027, 6, 21), slots=(make_slot_entry(),)),
        ),
    }
    return Programme(**{**values, **changed})


def make_imprint(number: int = 1, **changed: Any) -> Imprint:
    at = dt.datetime(2027, 6, 14, 14, 20 + number, tzinfo=dt.UTC)
    values: dict[str, Any] = {
        "number": number,
        "as_at": at.replace(hour=12),
        "issued_at": at,
        "check_code": f"code{number}",
    }
    return Imprint(**{**values, **changed})


def issue_programmes(
    *editions: tuple[Programme, Imprint],
    documents: dict[str, bytes] | None = None,
    **changed: Any,
) -> Standing:
    """Puts editions of one session, the oldest first, before the public, each with
    `documents` (file name in English to bytes); `changed` changes the Standing."""
    contents = documents or {}
    cards = tuple(
        EditionCard(
            imprint=imprint,
            digest=edition_digest(programme.to_value(), imprint),
            documents=tuple(
                DocumentCard(
                    name=name,
                    language="en",
                    size=len(content),
                    sha256=hashlib.sha256(content).hexdigest(),
                    pages=3,
                )
                for name, content in contents.items()
            ),
        )
        for programme, imprint in editions
    )
    for (programme, imprint), card in zip(editions, cards, strict=True):
        mirror.write_edition(
            card.digest,
            programme.to_value(),
            imprint,
            {
                mirror.document_file(name, "en"): content
                for name, content in contents.items()
            },
        )
    newest, imprint = editions[-1]
    values: dict[str, Any] = {
        "conference": newest.conference.slug,
        "session": newest.slug,
        "conference_title": newest.conference.title,
        "notice": newest.conference.notice,
        "title": newest.title,
        "theme": newest.theme,
        "city": newest.city,
        "zone": newest.zone,
        "starts_on": newest.starts_on,
        "ends_on": newest.ends_on,
        "languages": newest.languages,
        "primary_language": newest.primary_language,
        "status": newest.status,
        "current": imprint.number,
        "editions": tuple(reversed(cards)),
    }
    standing = Standing(**{**values, **changed})
    mirror.point(standing)
    return standing


def make_full_programme(**changed: Any) -> Programme:
    """Everything that a programme can hold, in English and partly in Arabic and French;
    one text is in Arabic alone."""
    return make_programme(
        **{
            "conference": ConferenceEntry(
                slug="ocean",
                title={"en": "Conference on the ocean", "ar": "مؤتمر المحيطات"},
                office={"en": "Office of the President", "ar": "مكتب الرئيس"},
                contact={"en": "Write to [the desk](mailto:desk@example.org)."},
                notice={"en": "Demonstration, not an official document"},
            ),
            "title": {
                "en": "First session",
                "ar": "الدورة الأولى للجنة التحضيرية",
                "fr": "Première session",
            },
            "theme": {
                "en": "Who warns whom, and when",
                "ar": "من ينذر من، ومتى",
            },
            "symbol": "A/CONF.99/2",
            "city": {"en": "Geneva", "ar": "جنيف", "fr": "Genève"},
            "ends_on": dt.date(2027, 6, 22),
            "languages": ("ar", "en", "fr"),
            "days": (_first_day(), _second_day()),
            "sections": (
                SectionEntry(
                    place="before",
                    heading={"en": "Format"},
                    text={"en": "Plenary in the morning."},
                    notes={"text": (2,)},
                ),
                SectionEntry(
                    place="after",
                    heading={"en": "How to take the floor", "ar": "طلب الكلمة"},
                    text={
                        "en": "Press the button.\n\n- Three minutes\n- *Five* for groups"
                    },
                ),
            ),
            "footnotes": (
                FootnoteEntry(
                    number=1,
                    key="annex",
                    text={"en": "See [the annex](https://example.org/annex)."},
                ),
                FootnoteEntry(number=2, key="rules", text={"en": "Rule 4."}),
            ),
            "notes": {"theme": (1,)},
            **changed,
        }
    )


def _first_day() -> DayEntry:
    moderator = make_person_entry(
        "Omar Diaz",
        honorific={"en": "H.E. Mr.", "ar": "سعادة السيد"},
        name={"en": "Omar Diaz", "ar": "عمر دياز"},
        printed={"en": "H.E. Mr. Omar Diaz", "ar": "سعادة السيد عمر دياز"},
        function={"en": "Ambassador of Chile", "ar": "سفير شيلي"},
        state={"en": "Chile", "ar": "شيلي"},
        role="moderator",
        role_label={"en": "Moderator", "ar": "مدير الجلسة"},
    )
    return DayEntry(
        number=1,
        date=dt.date(2027, 6, 21),
        slots=(
            make_slot_entry(
                "09:00",
                "09:30",
                kind="opening",
                title={"en": "Opening segment", "ar": "الجزء الافتتاحي"},
                agenda_item="1 (a)",
                interpretation=("ar", "zh-hans", "en", "fr", "ru", "es"),
                webcast="https://example.org/webcast",
                lines=(
                    LineEntry(
                        code="welcome",
                        text={"en": "Welcome remarks by the co-facilitators"},
                        people=(
                            make_person_entry("Ada Lund"),
                            make_person_entry(
                                "Bo Ek",
                                printed={"en": "Bo Ek"},
                                honorific={},
                                remark={"en": "(by video message)"},
                                mode="video_message",
                            ),
                        ),
                        notes={"text": (1,)},
                    ),
                ),
            ),
            make_slot_entry(
                "09:30",
                "12:00",
                kind="panel",
                label={"en": "Panel 1", "ar": "حلقة النقاش 1"},
                title={
                    "en": "Minutes that matter",
                    "ar": "دقائق حاسمة: من الرصد إلى القرار",
                },
                text={
                    "en": "A wave crosses a *bay*.\n\nIt does not wait.",
                    "ar": "تعبر الموجة الخليج أسرع مما تعبر الرسالة أروقة الوزارة.",
                },
                questions={"en": "1. Who may sound the alarm?\n2. How soon?"},
                documents=(
                    DocumentEntry(
                        symbol="A/CONF.99/3",
                        title={"en": "Background paper", "ar": "ورقة معلومات أساسية"},
                        address="https://example.org/3",
                    ),
                    DocumentEntry(title={"en": "Glossary"}, address="javascript:run"),
                ),
                lines=(
                    LineEntry(
                        code="panellists",
                        heading={"en": "Panellists", "ar": "المشاركون في الحلقة"},
                        role="panellist",
                        people=(
                            make_person_entry(
                                "Cai Ong",
                                role="panellist",
                                role_label={"en": "Panellist"},
                                status="to_be_confirmed",
                                remark={"en": "(TBC)", "ar": "(يُؤكد لاحقا)"},
                                function={
                                    "en": "Head of Warnings",
                                    "ar": "رئيس الإنذار",
                                },
                            ),
                            make_person_entry(
                                "Zoé Émond",
                                person="zoe-emond",
                                function={},
                                organization={"en": "Institute of the Sea"},
                                state={"en": "Canada"},
                                status="withdrawn",
                                remark={"en": "(withdrawn)"},
                            ),
                            make_person_entry(
                                "Representative of the public",
                                person=None,
                                honorific={},
                                printed={"en": "Representative of the public"},
                                function={},
                            ),
                        ),
                    ),
                    LineEntry(
                        code="moderators",
                        layout="closing",
                        text={
                            "en": "Moderated by {0} and {1}",
                            "ar": "يدير الجلسة {0} و{1}",
                        },
                        role="moderator",
                        people=(moderator, make_person_entry("Ada Lund", code="ada-2")),
                    ),
                ),
            ),
            make_slot_entry(
                "12:00",
                "13:00",
                kind="lunch",
                title={"en": "Lunch", "ar": "الغداء"},
                aside={"en": "Space for side events", "ar": "متسع لأنشطة جانبية"},
            ),
            make_slot_entry(
                "13:00",
                "15:00",
                code="group1",
                kind="working_group",
                label={"en": "Working group 1"},
                title={"en": "Data"},
                parallel=True,
            ),
            make_slot_entry(
                "13:00",
                "15:00",
                code="group2",
                kind="working_group",
                label={"en": "Working group 2"},
                title={"en": "Borders"},
                parallel=True,
                room=ANNEX,
                has_own_room=True,
            ),
            make_slot_entry(
                "14:00",
                "14:30",
                code="inner",
                title={"en": "Coffee with the experts"},
                part_of="group2",
            ),
            make_slot_entry(
                "16:00",
                "16:30",
                title={"en": "Demonstration of the siren"},
                status="cancelled",
            ),
            make_slot_entry(
                "17:00", "17:30", title={"en": "Visit"}, status="postponed"
            ),
            make_slot_entry(
                "21:00",
                "00:30",
                kind="drafting_group",
                title={"en": "Drafting group"},
                ends_next_day=True,
                text={"ar": "فريق الصياغة يجتمع ليلا."},
            ),
        ),
    )


def _second_day() -> DayEntry:
    date = dt.date(2027, 6, 22)
    return DayEntry(
        number=2,
        date=date,
        slots=(
            make_slot_entry(
                "10:00",
                "11:00",
                date,
                code="reports",
                title={"en": "Reports"},
                lines=(
                    LineEntry(
                        code="overview",
                        layout="sentence",
                        text={"en": "{0} gives an overview of the results"},
                        people=(
                            make_person_entry(
                                "Ada Lund",
                                code="ada-3",
                                function={"en": "Director, thematic expert"},
                            ),
                        ),
                        notes={"text": (2,)},
                    ),
                    LineEntry(code="comments", text={"en": "Comments by delegations"}),
                ),
            ),
            make_slot_entry(
                "",
                "",
                date,
                code="closing",
                kind="closing",
                when={"en": "Upon conclusion of the reports"},
                title={"en": "Closing"},
            ),
        ),
    )
