"""The page of somebody in a line: replaced, marked, refused, and taken back."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app import history, issuing, outputs, taking_back, telling
from sessions_app.compose import compose
from sessions_app.models import ChangedRow, Line, Panel, SavedChange, Slot
from sessions_app.translated import text, translated
from speakers.models import Person
from tests.at_once import at_once
from tests.desk import page_of, refused_on, sign_in, told_on, words_on
from tests.forms import typed
from tests.rows import (
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_role,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.thorough

BIDI = "\u202e"
NOTHING_YET = "Nothing of yours is saved yet: look again, then decide."


@pytest.fixture
def slot(db):
    """Panel 1: a heading, Ada Lund as panellist, Jürg Lauber as moderator."""
    slot = make_slot(make_day(make_session()), kind=Slot.Kind.PANEL)
    Panel.objects.create(slot=slot, number=1)
    make_line(slot, text=text("Panellists"))
    make_line(slot, person=make_person("Ada Lund"), role=make_role())
    make_line(slot, person=make_person("Jürg Lauber"), role=make_moderator())
    return slot


@pytest.fixture
def line(slot):
    """The line of Ada Lund."""
    return slot.lines.get(person__family_name="Lund")


@pytest.fixture
def ama(db):
    """Somebody of the list."""
    return make_person("Ama Mensah", function=text("Minister"))


def desk(line):
    return reverse("desk:line", args=[line.code])


def send(client, line, **changed):
    """Opens the page of a line, types, and sends the form that replaces."""
    page = desk(line)
    return client.post(page, {**typed(client.get(page)), "_save": "Replace", **changed})


def mark(client, line, value):
    """Presses one of the marks."""
    page = desk(line)
    seen = typed(client.get(page))["version_seen"]
    return client.post(page, {"version_seen": seen, "mark": value})


def lines_of(slot):
    """The lines of a slot in order: place, code, who or what, status and mode."""
    return [
        (row.position, row.code, str(row.person or row), row.status, row.mode)
        for row in slot.lines.order_by("position", "pk")
    ]


def prints(slot, language="en"):
    """What a slot prints, line by line; who is withdrawn between tildes."""
    programme = compose(slot.day.session)
    (entry,) = (each for each in programme.slots if each.code == slot.code)
    said = []
    for row in entry.lines:
        heading = row.plainly(language, programme.primary_language)
        if row.layout != "bullets" or heading:
            said.append(heading)
        if row.layout == "bullets":
            said += [_person(person, language) for person in row.people]
    return said


def _person(person, language):
    said = person.plainly(language, language)
    return f"~{said}~" if person.is_withdrawn else said


def everything():
    """Every row that a replacement may touch, as the database holds it, but for the
    counting of saves."""
    rows = [*Line.objects.order_by("pk"), *Person.objects.order_by("pk")]
    rows += Slot.objects.order_by("pk")
    return [
        {
            column.attname: getattr(row, column.attname)
            for column in row._meta.concrete_fields
            if column.name != "version"
        }
        for row in rows
    ]


# --- Replacing ------------------------------------------------------------------------


def test_somebody_of_the_list_takes_the_place_and_the_former_stays_behind(
    officer, slot, line, ama
):
    heading, ada, moderator = lines_of(slot)

    answer = send(officer, line, person=str(ama.pk), reason="On mission elsewhere")

    former = slot.lines.get(status="replaced")
    assert answer.url == f"{page_of(slot.day.session)}#slot-{slot.code}"
    assert lines_of(slot) == [
        heading,
        (20, ada[1], "Ama Mensah", "confirmed", "in_person"),
        (30, former.code, "Ada Lund", "replaced", "in_person"),
        (40, *moderator[1:]),
    ]
    assert former.internal_note == "On mission elsewhere"
    assert former.code != ada[1]
    assert prints(slot) == [
        "Panellists",
        "Ms. Ama Mensah, Minister",
        "Moderated by Ms. Jürg Lauber, Director",
    ]
    assert told_on(officer.get(answer.url)) == [
        "Ms. Ama Mensah is in the place of Ms. Ada Lund."
    ]


def test_the_new_person_prints_as_recorded_and_the_former_keeps_what_was_said_there(
    officer, slot, line, ama
):
    line.honorific, line.function = text("H.E. Ms."), text("Chair")
    line.state, line.mode = text("Norway"), Line.Mode.REMOTE
    line.internal_note = "Prefers the morning"
    line.save()

    send(officer, line, person=str(ama.pk), reason="Ill")

    said_there = ("honorific", "function", "state", "mode", "role_id", "internal_note")
    new, former = slot.lines.filter(role__key="panellist").order_by("position")
    assert [getattr(new, name) for name in said_there] == [
        None,
        None,
        None,
        "in_person",
        line.role_id,
        "",
    ]
    assert [getattr(former, name) for name in said_there] == [
        text("H.E. Ms."),
        text("Chair"),
        text("Norway"),
        "remote",
        line.role_id,
        "Prefers the morning\nIll",
    ]


def test_somebody_new_is_typed_confirmed_later_and_by_video_link(officer, slot, line):
    send(
        officer,
        line,
        honorific="  H.E. Mr. ",
        name="José  Ramos-Horta",
        function="President of Timor-Leste",
        status="to_be_confirmed",
        mode="remote",
    )

    person = Person.objects.get(family_name="Ramos-Horta")
    assert (person.given_names, person.printed_name, person.honorific) == (
        "José",
        text("José  Ramos-Horta"),
        text("H.E. Mr."),
    )
    assert person.function == text("President of Timor-Leste")
    assert lines_of(slot)[1][1:] == (
        line.code,
        str(person),
        "to_be_confirmed",
        "remote",
    )
    assert prints(slot)[1] == (
        "H.E. Mr. José  Ramos-Horta, President of Timor-Leste (by video link) (TBC)"
    )


def test_somebody_new_in_a_session_in_french_is_recorded_in_french(officer, slot, line):
    slot.day.session.languages, slot.day.session.primary_language = ["fr"], "fr"
    slot.day.session.save()

    send(officer, line, name="Aminata Touré", honorific="Mme", function="Ministre")

    person = Person.objects.get(family_name="Touré")
    assert (person.printed_name, person.honorific, person.function) == (
        translated({"fr": "Aminata Touré"}, "fr"),
        translated({"fr": "Mme"}, "fr"),
        translated({"fr": "Ministre"}, "fr"),
    )


def test_the_former_person_prints_struck_through_where_that_is_chosen(
    officer, slot, line, ama
):
    send(officer, line, person=str(ama.pk), former="withdrawn")

    assert prints(slot) == [
        "Panellists",
        "Ms. Ama Mensah, Minister",
        "~Ms. Ada Lund, Director (withdrawn)~",
        "Moderated by Ms. Jürg Lauber, Director",
    ]


def test_the_former_line_stands_right_behind_also_among_lines_of_one_place(
    officer, slot, line, ama
):
    slot.lines.update(position=100)

    send(officer, line, person=str(ama.pk))

    assert [(place, who) for place, _code, who, *_how in lines_of(slot)] == [
        (10, "Panellists"),
        (20, "Ama Mensah"),
        (30, "Ada Lund"),
        (40, "Jürg Lauber"),
    ]


@pytest.mark.parametrize(
    ("words", "before", "after", "struck"),
    [
        (
            "{people} provides an overview",
            ["Ms. Ada Lund, Director provides an overview"],
            ["Ms. Ama Mensah, Minister provides an overview"],
            [
                "Ms. Ama Mensah, Minister provides an overview",
                "~Ms. Ada Lund, Director (withdrawn)~",
            ],
        ),
        (
            "Welcome remarks",
            ["Welcome remarks", "Ms. Ada Lund, Director"],
            ["Welcome remarks", "Ms. Ama Mensah, Minister"],
            [
                "Welcome remarks",
                "Ms. Ama Mensah, Minister",
                "~Ms. Ada Lund, Director (withdrawn)~",
            ],
        ),
    ],
)
def test_the_words_of_a_line_stay_with_it_and_print_once(
    officer, slot, line, ama, words, before, after, struck
):
    slot.lines.exclude(pk=line.pk).delete()
    line.text = text(words)
    line.save()
    assert prints(slot) == before

    send(officer, line, person=str(ama.pk))
    assert prints(slot) == after

    taking_back.take_back(SavedChange.objects.latest("pk"), None)
    send(officer, line, person=str(ama.pk), former="withdrawn")
    assert prints(slot) == struck


def test_a_line_that_names_the_holders_of_a_role_follows(officer, slot, ama):
    moderator = slot.lines.get(role__key="moderator")
    summary = make_slot(slot.day, "15:00", "16:00")
    make_line(
        summary,
        text=text("{people} reports on the panel"),
        holders_of=moderator.role,
    )
    assert prints(summary) == ["Ms. Jürg Lauber reports on the panel"]

    send(officer, moderator, person=str(ama.pk))

    assert prints(summary) == ["Ms. Ama Mensah reports on the panel"]


def test_one_name_without_javascript_is_typed_as_it_is_in_the_list(officer, line, ama):
    send(officer, line, person_typed="ama MÉNSAH")

    line.refresh_from_db()
    assert line.person == ama


def test_a_name_that_just_one_person_has_is_not_mistaken_for_a_longer_one(
    officer, line, ama
):
    make_person("Ama Mensah Osei")

    send(officer, line, person_typed="Ama  Mensah")

    line.refresh_from_db()
    assert line.person == ama


# --- What readers are told --------------------------------------------------------------


def remark_of(answer):
    """The remark that an answer leads to the issue page with."""
    return parse_qs(urlsplit(answer.url).query)["remark"]


REMARKS = {
    "ar": "حلقة النقاش 1: Ms. Ama Mensah بدلا من Ms. Ada Lund.",
    "zh-hans": "小组讨论1：Ms. Ama Mensah接替Ms. Ada Lund。",
    "en": "Panel 1: Ms. Ama Mensah replaces Ms. Ada Lund.",
    "fr": "Réunion-débat 1\u00a0: Ms. Ama Mensah remplace Ms. Ada Lund.",
    "ru": "Дискуссионный форум 1: Замена: Ms. Ama Mensah (ранее – Ms. Ada Lund).",
    "es": "Panel 1: Sustitución: Ms. Ama Mensah en lugar de Ms. Ada Lund.",
}


@pytest.mark.parametrize("language", list(REMARKS))
def test_a_remark_is_proposed_in_the_main_language_of_the_session(
    officer, slot, line, ama, language
):
    slot.day.session.languages = list(REMARKS)
    slot.day.session.primary_language = language
    slot.day.session.save()

    answer = send(officer, line, person=str(ama.pk), _issue="Replace, then issue…")

    assert remark_of(answer) == [REMARKS[language]]


def test_the_issue_page_holds_the_remark_and_the_next_label(
    officer, slot, line, ama, monkeypatch
):
    monkeypatch.setattr(outputs, "documents_of", lambda *_arguments: [])
    issuing.issue(slot.day.session, by=None, reason="Seen.")

    answer = send(officer, line, person=str(ama.pk), _issue="Replace, then issue…")

    page = officer.get(answer.url)
    form = typed(page)
    assert urlsplit(answer.url).path == reverse(
        "admin:sessions_app_session_issue", args=[slot.day.session.pk]
    )
    assert (form["label"], form["remark_en"]) == (["Rev.1"], REMARKS["en"])
    assert told_on(page) == ["Ms. Ama Mensah is in the place of Ms. Ada Lund."]


def test_a_row_without_a_label_is_named_by_its_title(officer, slot, line, ama):
    slot.panel.delete()

    answer = send(officer, line, person=str(ama.pk), _issue="Replace, then issue…")

    assert remark_of(answer) == ["Statements: Ms. Ama Mensah replaces Ms. Ada Lund."]


def test_a_row_that_does_not_print_is_not_named_to_readers(officer, slot, line, ama):
    slot.is_printed = False
    slot.save()

    answer = send(officer, line, person=str(ama.pk), _issue="Replace, then issue…")

    assert remark_of(answer) == ["Ms. Ama Mensah replaces Ms. Ada Lund."]


# --- Marks ------------------------------------------------------------------------------

ADA = "Ms. Ada Lund, Director"


@pytest.mark.parametrize(
    ("value", "said", "held", "printed"),
    [
        (
            "status:confirmed",
            "Confirmed",
            ("confirmed", "remote"),
            [f"{ADA} (by video link)"],
        ),
        (
            "status:to_be_confirmed",
            "To be confirmed",
            ("to_be_confirmed", "remote"),
            [f"{ADA} (by video link) (TBC)"],
        ),
        ("status:declined", "Declined", ("declined", "remote"), []),
        (
            "status:withdrawn",
            "Withdrawn",
            ("withdrawn", "remote"),
            [f"~{ADA} (by video link) (withdrawn)~"],
        ),
        (
            "mode:in_person",
            "In person",
            ("to_be_confirmed", "in_person"),
            [f"{ADA} (TBC)"],
        ),
        (
            "mode:remote",
            "By video link",
            ("to_be_confirmed", "remote"),
            [f"{ADA} (by video link) (TBC)"],
        ),
        (
            "mode:video_message",
            "By video message",
            ("to_be_confirmed", "video_message"),
            [f"{ADA} (by video message) (TBC)"],
        ),
    ],
)
def test_a_mark_sets_one_thing_and_is_shown_as_set(
    officer, slot, line, value, said, held, printed
):
    slot.lines.exclude(pk=line.pk).delete()
    line.status, line.mode = Line.Status.TO_BE_CONFIRMED, Line.Mode.REMOTE
    line.save()

    answer = mark(officer, line, value)

    line.refresh_from_db()
    assert (line.status, line.mode) == held
    assert prints(slot) == printed
    assert answer.url == f"{page_of(slot.day.session)}#slot-{slot.code}"
    page = officer.get(desk(line))
    assert told_on(page) == [f"Ms. Ada Lund is marked “{said}”."]
    pressed = re.findall(
        r'value="(\w+:\w+)" aria-pressed="true"', page.content.decode()
    )
    assert pressed == [f"status:{held[0]}", f"mode:{held[1]}"]


def test_a_mark_is_kept_in_the_history_as_saved_and_one_that_changes_nothing_is_not(
    officer, slot, line
):
    mark(officer, line, "status:confirmed")
    slot.refresh_from_db()
    assert (slot.version, SavedChange.objects.count()) == (1, 0)

    mark(officer, line, "status:declined")

    slot.refresh_from_db()
    change = SavedChange.objects.get()
    assert (slot.version, change.act, change.by.username) == (2, "saved", "officer")
    assert change.rows.get().differences == [
        [f"lines/{line.pk}", "status", "confirmed", "declined"]
    ]


@pytest.mark.parametrize("value", ["status:replaced", "status:", "role:1", "", "\0"])
def test_a_mark_that_is_none_is_told_and_saves_nothing(officer, line, value):
    before = everything()

    answer = mark(officer, line, value)

    assert everything() == before
    assert told_on(answer) == [
        "This page knows no such mark, so nothing was saved. Press one of its buttons."
    ]


def test_a_form_without_mark_and_without_a_person_is_told(officer, line):
    answer = officer.post(desk(line), {"version_seen": "1"})

    assert (answer.status_code, len(told_on(answer))) == (200, 1)


# --- Lines without a person ---------------------------------------------------------------


def test_somebody_unnamed_is_replaced_and_marked_like_everybody(officer, slot, ama):
    slot.lines.all().delete()
    line = make_line(slot, unnamed=text("Representative of the public"))

    mark(officer, line, "status:to_be_confirmed")
    assert prints(slot) == ["Representative of the public (TBC)"]
    answer = send(officer, line, person=str(ama.pk), _issue="1", former="withdrawn")

    assert remark_of(answer) == [
        "Panel 1: Ms. Ama Mensah replaces Representative of the public."
    ]
    assert prints(slot) == [
        "Ms. Ama Mensah, Minister",
        "~Representative of the public (withdrawn)~",
    ]


def test_somebody_is_named_in_a_line_of_words_alone(officer, slot, ama):
    line = slot.lines.first()
    line.internal_note = "Ask the missions"
    line.save()
    page = officer.get(desk(line))
    said = words_on(page)
    assert said[0] == "Name somebody here"
    assert "former" not in typed(page)
    assert 'name="mark"' not in page.content.decode()

    answer = send(officer, line, person=str(ama.pk), _issue="1")

    assert remark_of(answer) == ["Panel 1: Ms. Ama Mensah takes part."]
    assert prints(slot)[:3] == [
        "Panellists",
        "Ms. Ama Mensah, Minister",
        "Ms. Ada Lund, Director",
    ]
    line.refresh_from_db()
    assert (line.internal_note, slot.lines.count()) == ("Ask the missions", 3)


def test_a_line_of_words_alone_cannot_be_marked(officer, slot):
    line = slot.lines.first()

    answer = mark(officer, line, "status:declined")

    line.refresh_from_db()
    assert line.status == "confirmed"
    assert told_on(answer) == ["Nobody is named in this line, so nothing was saved."]


@pytest.mark.parametrize("sent", [{"replace": "1"}, {"mark": "status:declined"}])
def test_the_holders_of_a_role_are_replaced_where_they_are_named(
    officer, slot, ama, sent
):
    role = slot.lines.get(role__key="moderator").role
    line = make_line(slot, text=text("The moderators report"), holders_of=role)
    page = officer.get(desk(line))
    assert words_on(page) == [
        (
            "This line names whoever holds the role on other lines of the session. "
            "Replace or mark them there, and it follows. Open the slot"
        )
    ]
    assert "<h1><bdi>Holders of the role “Moderator”</bdi></h1>" in (
        page.content.decode()
    )
    before = everything()

    answer = officer.post(
        desk(line), {**sent, "version_seen": "1", "person": str(ama.pk)}
    )

    assert everything() == before
    assert told_on(answer) == [
        (
            "This line names whoever holds a role on other lines. Replace or mark them "
            "there; nothing was saved."
        )
    ]


# --- The page ---------------------------------------------------------------------------


def test_the_page_reads_as_the_line_prints_and_leads_back(officer, slot, line):
    page = officer.get(desk(line))

    content = page.content.decode()
    assert "<h1><bdi>Ms. Ada Lund</bdi></h1>" in content
    assert f'<p class="prints" lang="en" dir="ltr">{ADA}</p>' in content
    assert words_on(page) == [
        "Mark as",
        *("Confirmed", "To be confirmed", "Declined", "Withdrawn"),
        *("In person", "By video link", "By video message"),
        "Replace by",
        "Somebody of the list:",
        "Somebody new",
        *("Honorific:", "“H.E. Mr.”"),
        *("Name:", "As it prints, without honorific: “Jürg Lauber”."),
        *("Function:", "Office and organization as one text."),
        *("Status:", "confirmed", "to be confirmed"),
        *("Takes part:", "in person", "by video link", "by video message"),
        "The former person:",
        *("does not print any more", "prints struck through"),
        *("Reason:", "For the secretariat, beside the former name. Never public."),
        "Back to the programme",
    ]
    assert f'{page_of(slot.day.session)}#slot-{slot.code}"' in content


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": "replaced"}, "Replaced (not printed)"),
        ({"status": "declined"}, "Declined (not printed)"),
        (
            {"slot__is_printed": False},
            "The slot does not print, and so neither does this.",
        ),
    ],
)
def test_the_page_says_why_a_line_does_not_print(officer, slot, line, changed, said):
    line.status = changed.get("status", line.status)
    line.save()
    slot.is_printed = changed.get("slot__is_printed", True)
    slot.save()

    assert f'<p class="prints">{said}</p>' in officer.get(desk(line)).content.decode()


def test_a_line_of_a_merged_record_names_the_one_kept(officer, line, ama):
    line.person.merged_into = ama
    line.person.save()

    content = officer.get(desk(line)).content.decode()

    assert "<h1><bdi>Ms. Ama Mensah</bdi></h1>" in content
    assert "Ada Lund" not in content


def test_what_is_markup_in_a_name_stays_words(officer, line):
    send(officer, line, name="<b>Ada</b> <script>alert(1)</script>")

    content = officer.get(desk(line)).content.decode()

    assert "<script>alert" not in content
    assert "&lt;b&gt;Ada&lt;/b&gt;" in content


def test_the_page_takes_as_many_queries_in_a_long_slot_as_in_a_short_one(
    officer, slot, line
):
    officer.get(desk(line))
    with CaptureQueriesContext(
        connection,
    ) as few:
        officer.get(desk(line))
    for number in range(30):
        make_line(slot, person=make_person(f"Person Number{number}"), role=line.role)
    with CaptureQueriesContext(connection) as many:
        officer.get(desk(line))

    assert len(many) == len(few)


# --- Refusals ---------------------------------------------------------------------------

LONG = {"honorific": 61, "name": 201, "function": 401, "reason": 501}


def too_long(length, most):
    return [f"Ensure this value has at most {most} characters (it has {length})."]


REORDERS = (
    "Character 1 (U+202E) changes the order in which the text is read. Delete it and "
    "type the words again."
)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (
            {},
            {
                "person": [
                    "Choose somebody of the list, or type the name of somebody new."
                ]
            },
        ),
        (
            {"person": "AMA", "name": "Somebody Else"},
            {
                "person": [
                    (
                        "Somebody of the list is chosen here and somebody new is typed "
                        "below. Keep one of them."
                    )
                ]
            },
        ),
        (
            {"person": "AMA", "honorific": "Mr."},
            {
                "person": [
                    (
                        "Somebody of the list is chosen here and somebody new is typed "
                        "below. Keep one of them."
                    )
                ]
            },
        ),
        (
            {"function": "Minister"},
            {"name": ["Type the name of the new person too."]},
        ),
        (
            {"person": "ADA"},
            {"person": ["Ada Lund stands here already. Choose somebody else."]},
        ),
        (
            {"person_typed": "Nobody Known"},
            {
                "person": [
                    (
                        "Nobody of the list of people is called “Nobody Known”. Type the "
                        "name as it is in the list, or add the person there first."
                    )
                ]
            },
        ),
        (
            {"person_typed": "director"},
            {
                "person": [
                    (
                        "“director” fits several people: Jürg Lauber – Director; "
                        "Ada Lund – Director. Type more of the name."
                    )
                ]
            },
        ),
        ({"person_typed": f"{BIDI}Ama"}, {"person": [REORDERS]}),
        ({"honorific": f"{BIDI}Mr.", "name": "Max"}, {"honorific": [REORDERS]}),
        ({"name": f"{BIDI}Max"}, {"name": [REORDERS]}),
        ({"name": "Max", "function": f"{BIDI}Chair"}, {"function": [REORDERS]}),
        ({"name": "Max", "reason": f"{BIDI}Ill"}, {"reason": [REORDERS]}),
        (
            {name: "x" * length for name, length in LONG.items()},
            {name: too_long(length, length - 1) for name, length in LONG.items()},
        ),
        (
            {"person": "9" * 30},
            {
                "person": [
                    (
                        "This person is not in the list any more: the record was deleted "
                        "or merged into another meanwhile. Choose again."
                    )
                ]
            },
        ),
        (
            {"person": "x"},
            {
                "person": [
                    (
                        "This person is not in the list any more: the record was deleted "
                        "or merged into another meanwhile. Choose again."
                    )
                ]
            },
        ),
        (
            {"person": "AMA", "status": "withdrawn", "mode": "by horse", "former": "x"},
            {
                "status": [
                    (
                        "Select a valid choice. withdrawn is not one of the available "
                        "choices."
                    )
                ],
                "mode": [
                    (
                        "Select a valid choice. by horse is not one of the available "
                        "choices."
                    )
                ],
                "former": [
                    "Select a valid choice. x is not one of the available choices."
                ],
            },
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    officer, line, ama, sent, said
):
    people = {"AMA": ama.pk, "ADA": line.person_id}
    sent = {name: str(people.get(value, value)) for name, value in sent.items()}
    before = everything()

    answer = send(officer, line, **sent)

    assert refused_on(answer) == said
    assert everything() == before
    assert SavedChange.objects.count() == 0
    kept = typed(answer)
    for name in ("honorific", "name", "function", "reason", "person_typed"):
        assert kept[name] == sent.get(name, "")
    if "person" in sent and sent["person"] in {str(ama.pk), str(line.person_id)}:
        assert kept["person"] == sent["person"]


def test_a_number_that_is_typed_as_a_name_chooses_nobody(officer, line, ama):
    answer = send(officer, line, person_typed=str(ama.pk))

    assert list(refused_on(answer)) == ["person"]
    assert (typed(answer)["person"], typed(answer)["person_typed"]) == ("", str(ama.pk))


def test_a_very_long_name_is_not_said_again_in_full(officer, line):
    answer = send(officer, line, person_typed="x" * 10_000)

    assert refused_on(answer)["person"] == [
        (
            f"Nobody of the list of people is called “{'x' * 80}…”. Type the name as it "
            "is in the list, or add the person there first."
        )
    ]


def test_somebody_merged_meanwhile_is_not_taken(officer, line, ama):
    ama.merged_into = make_person("Kept Mensah")
    ama.save()

    answer = send(officer, line, person=str(ama.pk))

    assert refused_on(answer) == {
        "person": [
            (
                "This person is not in the list any more: the record was deleted or merged "
                "into another meanwhile. Choose again."
            )
        ]
    }


@pytest.mark.parametrize("code", ["zzzzzzz", "x" * 300, "7-_-7"])
def test_a_code_that_no_line_has_is_not_found(officer, line, code):
    assert officer.get(f"/admin/line/{code}/").status_code == 404
    assert officer.post(f"/admin/line/{code}/", {"mark": "x"}).status_code == 404


# --- Two editors ------------------------------------------------------------------------


def test_the_second_of_two_editors_is_told_who_saved_and_keeps_what_was_typed(
    officer, slot, line, ama
):
    opened = typed(officer.get(desk(line)))
    other = sign_in(Client(), "Margareta")
    mark(other, line, "status:to_be_confirmed")
    before = everything()

    answer = officer.post(
        desk(line),
        opened | {"person": str(ama.pk), "reason": "Ill", "former": "withdrawn"},
    )

    assert everything() == before
    assert told_on(answer) == [f"Margareta saved this a moment ago. {NOTHING_YET}"]
    kept = typed(answer)
    assert [kept[name] for name in ("person", "reason", "former")] == [
        str(ama.pk),
        "Ill",
        "withdrawn",
    ]

    officer.post(desk(line), kept)

    line.refresh_from_db()
    assert (line.person, kept["version_seen"]) == (ama, "2")


def test_a_mark_upon_what_was_saved_meanwhile_is_refused(officer, line):
    other = sign_in(Client(), "Margareta")
    seen = typed(officer.get(desk(line)))["version_seen"]
    mark(other, line, "status:to_be_confirmed")

    answer = officer.post(
        desk(line), {"version_seen": seen, "mark": "status:withdrawn"}
    )

    line.refresh_from_db()
    assert line.status == "to_be_confirmed"
    assert told_on(answer) == [f"Margareta saved this a moment ago. {NOTHING_YET}"]


@pytest.mark.parametrize("seen", ["", "0", "-1", "x", "9" * 40])
def test_a_version_that_never_was_is_a_conflict_and_no_fault(officer, line, ama, seen):
    answer = send(officer, line, person=str(ama.pk), version_seen=seen)

    assert told_on(answer) == [
        f"Somebody saved this after you opened it. {NOTHING_YET}"
    ]


def test_what_was_refused_does_not_hide_that_somebody_saved(officer, line, ama):
    opened = typed(officer.get(desk(line)))
    mark(sign_in(Client(), "Margareta"), line, "status:to_be_confirmed")

    refused = typed(officer.post(desk(line), opened))
    answer = officer.post(desk(line), refused | {"person": str(ama.pk)})

    assert told_on(answer) == [f"Margareta saved this a moment ago. {NOTHING_YET}"]


@pytest.mark.django_db(transaction=True)
def test_of_two_replacements_at_the_same_moment_one_is_made():
    slot = make_slot(make_day(make_session()))
    line = make_line(slot, person=make_person("Ada Lund"))
    people = [make_person("Ama Mensah"), make_person("Max Moor")]
    clients = [sign_in(Client(), name) for name in ("one", "two")]
    page = desk(line)
    opened = [typed(client.get(page)) for client in clients]

    answers = at_once(
        *(
            lambda client=client, sent=sent, person=person: client.post(
                page, sent | {"person": str(person.pk)}
            )
            for client, sent, person in zip(clients, opened, people, strict=True)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert [row[3] for row in lines_of(slot)] == ["confirmed", "replaced"]
    assert SavedChange.objects.count() == 1


# --- History ------------------------------------------------------------------------------

CASES = {
    "of the list": {"person": "AMA", "reason": "Ill"},
    "struck through": {"person": "AMA", "former": "withdrawn", "mode": "remote"},
    "somebody new": {"name": "Max Moor", "honorific": "Mr.", "function": "Chair"},
}


def case_of(name, ama):
    return {
        key: value.replace("AMA", str(ama.pk)) for key, value in CASES[name].items()
    }


@pytest.mark.parametrize("name", list(CASES))
@pytest.mark.parametrize("kind", ["person", "unnamed", "words"])
def test_a_replacement_is_one_act_and_is_taken_back_exactly(
    officer, slot, line, ama, name, kind
):
    if kind == "unnamed":
        line.person, line.unnamed = None, text("A youth delegate")
        line.honorific = text("H.E.")
        line.save()
    sent = case_of(name, ama)
    if kind == "words":
        line = slot.lines.first()
        sent = {
            key: said for key, said in sent.items() if key not in ("former", "reason")
        }
    before, digest = everything(), compose(slot.day.session).digest

    send(officer, line, **sent)

    after = everything()
    change = SavedChange.objects.get()
    assert (change.act, change.by.username, change.session) == (
        "replaced",
        "officer",
        slot.day.session,
    )
    assert sorted(change.rows.values_list("kind", flat=True)) == (
        ["person", "slot"] if "name" in sent else ["slot"]
    )

    officer.post(reverse("desk:take_back", args=[change.pk]))

    assert everything() == before
    assert compose(slot.day.session).digest == digest

    officer.post(reverse("desk:take_back", args=[SavedChange.objects.latest("pk").pk]))

    assert everything() == after


def test_a_new_person_who_is_named_elsewhere_since_is_not_taken_back(
    officer, slot, line
):
    officer.get(send(officer, line, name="Max Moor").url)
    person = Person.objects.get(family_name="Moor")
    make_line(make_slot(slot.day, "15:00", "16:00"), person=person)
    before = everything()

    answer = officer.post(
        reverse("desk:take_back", args=[SavedChange.objects.get().pk]), follow=True
    )

    assert everything() == before
    (refusal,) = told_on(answer)
    assert "nothing was taken back" in refusal


def test_the_history_tells_the_replacement_in_sentences(officer, slot, line, ama):
    send(officer, line, person=str(ama.pk))

    (change,) = history.changes_of(slot)
    told = [
        (sentence.before, sentence.after)
        for sentence in telling.Reader([change]).sentences(change)
    ]
    assert ("Ada Lund", "Ama Mensah") in told
    assert any(not before and "Ada Lund" in after for before, after in told)
    assert ChangedRow.objects.get().name == str(slot)


# --- Who may ----------------------------------------------------------------------------


def test_the_page_is_for_staff_who_may_change_slots(client, line):
    page = desk(line)
    assert client.get(page).url == f"/admin/login/?next={page}"
    viewer = sign_in(Client(), "viewer", duty="reader")
    assert viewer.get(page).status_code == 403
    assert viewer.post(page, {"mark": "status:declined"}).status_code == 403
    line.refresh_from_db()
    assert line.status == "confirmed"


def test_who_may_not_issue_is_not_sent_there(client, slot, line, ama):
    editor = sign_in(client, "editor", duty="editor")
    page = editor.get(desk(line))
    assert "_issue" not in page.content.decode()

    answer = send(editor, line, person=str(ama.pk), _issue="Replace, then issue…")

    line.refresh_from_db()
    assert (line.person, answer.url) == (
        ama,
        f"{page_of(slot.day.session)}#slot-{slot.code}",
    )
