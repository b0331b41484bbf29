"""No draft at any public address, and no public address that needs the database.

Every text of every row is marked with a mark of its own: SHOWN where it is issued, LEAK
where it must never be public. What fields there are is asked of the models, so that a
new field is marked too."""

import base64
import contextlib
import dataclasses
import gzip
import itertools
import json
import logging
import os
import random
import re
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.utils import timezone

from sessions_app import compose, mirror, outputs
from sessions_app.issuing import issue
from sessions_app.models import (
    Acknowledgement,
    ChangedRow,
    Conference,
    Document,
    Edition,
    Footnote,
    Issuance,
    Line,
    Panel,
    PreparedDocument,
    Redaction,
    SavedChange,
    Section,
    Session,
    Slot,
    SlotDocument,
    Withdrawal,
)
from sessions_app.outputs import agenda
from sessions_app.public import urls
from sessions_app.translated import LANGUAGE_CODES, TranslatedField, text
from speakers.codes import new_code
from speakers.models import Person, Role
from tests.crawl import Answer, addresses_of, all_text, ask, crawl
from tests.rows import (
    make_conference,
    make_day,
    make_line,
    make_person,
    make_role,
    make_room,
    make_session,
    make_slot,
)

# What is issued; everything else that the two applications keep is draft.
ISSUED = {Edition, Document, Withdrawal}
DRAFT = {
    model
    for label in ("sessions_app", "speakers")
    for model in apps.get_app_config(label).get_models()
} - ISSUED
# Fields that hold no words of their own: one of a list, or a code.
WITHOUT_MARK = {
    "conference.languages",
    "session.languages",
    "session.zone",
    "slot.interpretation",
    "redaction.person_code",
    "prepareddocument.language",
}
# What no page and no document prints.
OF_SECRETARIAT = (
    "acknowledgement.",
    "changedrow.",
    "issuance.",
    "prepareddocument.",
    "redaction.",
    "savedchange.",
)
# The words of a logo are public where there is one.
NOT_PRINTED_HERE = {"conference.logo_text"}
MARK = re.compile(r"(LEAK|SHOWN)-([a-z]+)-([a-z_-]+?)-([0-9a-f]{8})", re.IGNORECASE)


class Marks:
    """Puts marks into rows, and knows them again."""

    def __init__(self):
        self._draw = random.Random(20170619)  # noqa: S311 - not a secret
        self.marked = set()
        self.codes = set()

    def mark(self, row, *, shown, keep=()):
        """Marks every text of a row but those in `keep`: as SHOWN in English where the
        row is printed, as LEAK in the other languages and where it is not."""
        for field in text_fields(type(row)):
            prefix = "SHOWN" if shown and not is_internal(field) else "LEAK"
            if field.name not in keep:
                self.put(row, field, prefix)
        if hasattr(row, "code") and not shown:
            row.code = new_code()
            self.codes.add(row.code)
        row.save()

    def put(self, row, field, prefix):
        """Puts a mark into a field, unless the row would then be refused."""
        value = self.value(field, prefix)
        try:
            with transaction.atomic():
                type(row).objects.filter(pk=row.pk).update(**{field.name: value})
        except IntegrityError:
            return
        setattr(row, field.name, value)
        self.marked.add((name_of(field), prefix))

    def value(self, field, prefix):
        def mark(prefix=prefix):
            token = f"{self._draw.getrandbits(32):08x}"
            model, name = field.model._meta.model_name, field.name
            whole = f"{prefix}-{model}-{name}-{token}"
            if len(whole) <= (field.max_length or len(whole)):
                return whole
            return f"{prefix}-{model[0]}-{name[0]}-{token}"

        if isinstance(field, TranslatedField):
            return {
                language: mark(prefix if language == "en" else "LEAK")
                for language in LANGUAGE_CODES
            }
        if isinstance(field, models.BinaryField):
            return mark().encode()
        if isinstance(field, models.JSONField):
            return {"title": {"en": mark()}}
        if any(isinstance(check, URLValidator) for check in field.validators):
            return f"https://example.org/{mark()}"
        if isinstance(field, models.SlugField) or field.name == "slug":
            return mark().lower().replace("_", "-")
        return mark()

    def found_in(self, content):
        """The marks in bytes, as (field, prefix), and the secret codes."""
        said = all_text(content)
        marks = {
            (f"{model}.{field.replace('-', '_')}".lower(), prefix.upper())
            for prefix, model, field, _token in MARK.findall(said)
        }
        return marks | {(code, "LEAK") for code in self.codes if code in said}

    def leaks_in(self, answer):
        """What of the draft is in an answer, its headers included."""
        headers = str(dict(answer.headers)).encode()
        found = self.found_in(answer.content) | self.found_in(headers)
        return {name for name, prefix in found if prefix == "LEAK"}


def name_of(field):
    return f"{field.model._meta.model_name}.{field.name}"


def is_internal(field):
    return "Never public" in str(field.help_text)


def text_fields(model):
    """The fields of a model that hold words somebody typed."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, kinds)
        and not field.choices
        and field.name != "code"
        and name_of(field) not in WITHOUT_MARK
    ]


@pytest.fixture(autouse=True)
def _without_a_line_for_each_page_that_is_not_there(caplog):
    caplog.set_level(logging.ERROR, "django.request")


@pytest.fixture
def marks():
    return Marks()


@pytest.fixture
def issuer(marks):
    user = User.objects.create_user("issuer", "issuer@example.org")
    for name in ("username", "first_name", "last_name"):
        setattr(user, name, marks.value(User._meta.get_field(name), "LEAK"))
    user.email = f"{marks.value(User._meta.get_field('email'), 'LEAK')}@example.org"
    user.save()
    return user


@pytest.fixture
def session(db, marks):
    """A session in English of which every field is used, with every kind of row beside
    it that is not printed; all of them marked."""
    conference = make_conference(languages=list(LANGUAGE_CODES))
    hall, side_room, unused_room = make_room(), make_room(), make_room()
    panellist, moderator = make_role(), make_role("moderator")
    moderator.prints = Role.Prints.CLOSING_LINE
    expert, hidden_role = make_role("expert"), make_role("hidden")
    session = make_session(conference=conference, room=hall)
    day = make_day(session)
    slot = make_slot(day, room=side_room, webcast="https://example.org/")
    words = make_slot(day, "", "", when=text("Later"))
    headed = make_slot(day, "12:00", "13:00")
    panel = Panel.objects.create(slot=slot)
    people = [make_person(f"Number {n}") for n in range(8)]
    ada, bo, chi, dee, eve, kept, merged, elsewhere = people
    eve.label_form = Person.LabelForm.FEMININE
    dee.label_form = Person.LabelForm.MASCULINE
    lines = [
        make_line(slot, text=text("Remarks")),
        make_line(slot, person=ada, role=panellist),
        make_line(slot, person=bo, role=panellist, status=Line.Status.TO_BE_CONFIRMED),
        make_line(slot, person=chi, role=panellist, status=Line.Status.WITHDRAWN),
        make_line(slot, unnamed=text("Somebody")),
        make_line(slot, person=dee, role=moderator, mode=Line.Mode.REMOTE),
        make_line(words, text=text("{people}"), person=eve, role=expert),
        make_line(words, person=merged, role=panellist),
        make_line(words, text=text("Summary"), holders_of=moderator),
        make_line(headed, person=ada, role=panellist),
        make_line(headed, person=bo, role=panellist),
        make_line(
            words,
            person=elsewhere,
            honorific=text("Dr."),
            function=text("Chair"),
            state=text("Norway"),
        ),
    ]
    printed = [
        *(conference, hall, side_room, session, slot, words, headed, panel),
        *(ada, bo, chi, dee, eve, kept, elsewhere, panellist, moderator, expert),
        SlotDocument.objects.create(slot=slot, title=text("Paper")),
        Section.objects.create(session=session, heading=text("H"), text=text("T")),
    ]
    note = Footnote.objects.create(session=session, key="note", text=text("Note"))

    # Beside it, for the secretariat alone.
    unprinted = make_slot(day, is_printed=False, room=unused_room)
    make_draft(unprinted, marks, hidden_role)
    refused = [
        make_line(slot, person=make_person("Who Declined"), status="declined"),
        make_line(slot, person=make_person("Who Is Replaced"), status="replaced"),
    ]
    hidden = [
        *(hidden_role, unused_room, merged, make_person("Named Nowhere")),
        *(row for line in refused for row in (line, line.person)),
        Footnote.objects.create(session=session, key="uncalled", text=text("None")),
        Redaction.objects.create(
            session=session, person_code="bcd2345", at=timezone.now(), reason="Asked"
        ),
        issuance := Issuance.objects.create(
            session=session, at=timezone.now(), number=9, imprint={}, programme={}
        ),
        PreparedDocument.objects.create(
            issuance=issuance, language="en", name="note.pdf", content=b"%PDF-"
        ),
        Acknowledgement.objects.create(session=session, key="0" * 64),
        ChangedRow.objects.create(
            change=SavedChange.objects.create(session=session),
            kind="slot",
            key=slot.pk,
            name="Saved",
            differences=[],
        ),
    ]
    for of, slug in ((conference, "draft"), (make_conference(slug="new"), "newer")):
        draft = make_session(conference=of, slug=slug)
        make_draft(make_slot(make_day(draft)), marks, hidden_role)
        section = Section.objects.create(
            session=draft, heading=text("Hidden"), text=text("Hidden")
        )
        hidden += [draft, section, *([] if of is conference else [of])]

    for row in printed:
        marks.mark(row, shown=True, keep={"slug", "logo"})
    marks.mark(note, shown=True, keep={"key"})
    for line in lines:
        # What is empty here is as on the record of the person.
        empty = {f.name for f in text_fields(Line) if not getattr(line, f.name)}
        marks.mark(line, shown=True, keep=empty - {"internal_note"})
    for row in hidden:
        marks.mark(row, shown=False)
    Person.objects.filter(pk=merged.pk).update(merged_into=kept)
    # The code of a merged record is public, for it leads to the one kept.
    marks.codes.discard(merged.code)
    finish_grammar(session, moderator, lines[6])
    # The record is replaced by the line; the form that nobody stated is not chosen.
    for row, names in (
        (elsewhere, ("honorific", "function", "state")),
        (expert, ("label_masculine",)),
        (panellist, ("label_masculine", "label_feminine")),
        (moderator, ("label_feminine",)),
    ):
        for name in names:
            marks.put(row, row._meta.get_field(name), "LEAK")
    return session


def make_draft(slot, marks, role):
    """Fills a slot that is not printed, and marks it all."""
    person = make_person("Hidden Person")
    for row in (
        slot,
        person,
        Panel.objects.create(slot=slot),
        make_line(slot, text=text("Hidden"), person=person, role=role),
        SlotDocument.objects.create(slot=slot, title=text("Hidden")),
    ):
        marks.mark(row, shown=False)


def finish_grammar(session, moderator, sentence):
    """Puts into marked texts what makes them print: a call and places of people."""
    session.theme["en"] += "[^note]"
    moderator.by_line["en"] += " {people}"
    sentence.text["en"] += " {people}"
    for row in (session, moderator, sentence):
        row.save()


@pytest.fixture
def issued(session, issuer, marks):
    """The session, issued, and then changed everywhere."""
    remark = {"en": marks.value(Edition._meta.get_field("remark"), "SHOWN")["en"]}
    issue(session, by=issuer, reason="Seen.", remark=remark)
    change_everything(marks)
    mirror.memory.clear()
    return session


def change_everything(marks):
    """Edits every row after the issue: each text anew, and all codes."""
    for model in sorted(DRAFT, key=lambda model: model.__name__):
        for row in model.objects.all():
            is_issued_address = getattr(row, "slug", None) in {"ocean", "first"}
            marks.mark(row, shown=False, keep={"slug"} if is_issued_address else ())


def guesses(session):
    """For each argument of an address: what is issued, and what a curious reader tries
    or knows from elsewhere."""
    printed = Edition.objects.get().programme
    slots = [slot for day in printed["days"] for slot in day["slots"]]
    lines = [line for slot in slots for line in slot["lines"]]
    people = [person for line in lines for person in line.get("people", ())]
    rows = (Slot, Line, Person)
    codes = {
        *(entry["code"] for entry in (*slots, *lines, *people)),
        *(person["person"] for person in people if "person" in person),
        *(
            code
            for model in rows
            for code in model.objects.values_list("code", flat=True)
        ),
        *(str(pk) for pk in Slot.objects.values_list("pk", flat=True)),
        "x",
    }
    checked = [edition.check_code for edition in Edition.objects.all()]
    return {
        "language": LANGUAGE_CODES,
        "conference": [*Conference.objects.values_list("slug", flat=True), "nothing"],
        "session": [*Session.objects.values_list("slug", flat=True), "nothing"],
        "number": [1, 2, 3, 99],
        "since": [1, 2, 99],
        "day": [1, 99],
        "typed": [*sorted(codes)[:3], *checked, "PRINTED-99"],
        "code": sorted({*codes, *checked}),
        "name": [*outputs.FORMATS, "agenda.ics", "note.docx", "draft.pdf"],
        "path": ["changes", "draft", "preview", "editions/2/changes", "screen", "x/y"],
    }


def addresses(session, sample=300):
    """Public addresses, known and guessed: those of the session as it was issued, and a
    sample of the others, alike each time."""
    every = sorted(addresses_of(urls.urlpatterns, guesses(session)))
    draw = random.Random(1)  # noqa: S311 - not a secret
    guessed = draw.sample(every, min(sample, len(every)))
    under = ("/en/ocean/first/", "/en/ocean/first/editions/2/")
    known = [a for a in every if a.startswith(under[1]) or not a.count("editions")]
    known = [a for a in known if a.startswith(under[0])]
    checks = {a for a in every if "/check/" in a}
    short = [a for a in every if a.count("/") <= 4 and a not in checks]
    short += [a for a in checks if a.startswith(("/en/", "/check/"))]
    asked = [
        f"/en/ocean/first/{page}?{query}"
        for page in ("", "programme.json", "note.pdf", "editions/2/")
        for query in (
            "format=json",
            "version=draft",
            "edition=2",
            "preview=1",
            "lang=fr",
        )
    ]
    return sorted({*known, *guessed, *short, *asked})


def answers_to(client, asked):
    """Every answer to an anonymous reader, by address and what else was asked for."""
    answers = {
        (address, "GET"): answer for address, answer in crawl(client, asked).items()
    }
    for address, _get in list(answers):
        answers[address, "HEAD"] = ask(client, address, "HEAD")
    for address, accepted in itertools.product(
        ("/", "/en/", "/en/ocean/first/", "/en/ocean/draft/"),
        ("fr", "ar, ru;q=0.5", "*"),
    ):
        answers[address, accepted] = ask(client, address, Accept_Language=accepted)
    for address, coding in itertools.product(
        [a for a, how in answers if how == "GET" and answers[a, how].status == 200],
        ("br", "gzip"),
    ):
        answers[address, coding] = ask(client, address, Accept_Encoding=coding)
    return answers


# --- The marks themselves -----------------------------------------------------------


def test_every_text_of_every_draft_row_takes_a_mark(issued, marks):
    fields = {name_of(field) for model in DRAFT for field in text_fields(model)}
    leaked = {name for name, prefix in marks.marked if prefix == "LEAK"}
    shown = {name for name, prefix in marks.marked if prefix == "SHOWN"}

    assert fields - leaked == set()
    of_secretariat = {name for name in fields if name.startswith(OF_SECRETARIAT)}
    internal = {
        name_of(f) for model in DRAFT for f in text_fields(model) if is_internal(f)
    }
    assert fields - shown - of_secretariat == internal | {
        "conference.slug",
        "conference.logo",
        "session.slug",
        "footnote.key",
    }


@pytest.mark.parametrize("name", sorted(WITHOUT_MARK))
def test_field_without_mark_is_one_that_takes_none(name):
    model, field_name = name.split(".")
    (field,) = [
        m._meta.get_field(field_name) for m in DRAFT if m._meta.model_name == model
    ]

    with pytest.raises(ValidationError):
        field.clean("LEAK-x-x-00000000", None)


@pytest.mark.parametrize(
    "write",
    [
        lambda mark: mark.encode(),
        lambda mark: f"<p>{mark}</p>".encode(),
        lambda mark: "".join(f"&#{ord(c)};" for c in mark).encode(),
        lambda mark: "".join(f"%{ord(c):02x}" for c in mark).encode(),
        lambda mark: "".join(f"\\u{ord(c):04x}" for c in mark).encode(),
        lambda mark: base64.b64encode(b"PNG" + mark.encode() * 2),
        lambda mark: mark.encode("utf-16"),
        lambda mark: mark.encode("utf-16-be"),
        lambda mark: gzip.compress(mark.encode()),
        lambda mark: mark.lower().replace("_", "-").encode(),
    ],
)
def test_mark_is_found_however_it_is_written(marks, write):
    content = write("LEAK-slot-internal_note-0badf00d")

    assert marks.found_in(content) == {("slot.internal_note", "LEAK")}


# --- What is public, and what is not ---------------------------------------------------


def test_draft_is_at_no_public_address(issued, marks):
    answers = answers_to(Client(), ["/", *addresses(issued)])

    # A code that was asked for may be said back.
    asked = {where: {c for c in marks.codes if c in where[0]} for where in answers}
    leaks = {
        where: found
        for where, a in answers.items()
        if (found := marks.leaks_in(a) - asked[where])
    }
    assert leaks == {}
    assert len(answers) > 1500
    assert {answer.status for answer in answers.values()} == {200, 302, 404}
    found = [where for where, answer in answers.items() if answer.status == 200]
    assert ("/en/ocean/first/editions/1/note.pdf", "GET") in found
    # What is kept for a reader could be given to another.
    assert not [where for where, a in answers.items() if "Set-Cookie" in a.headers]
    # Of what is not issued no address is found.
    assert not [a for a, _how in found if "leak" in a.lower() or "editions/2" in a]


def test_draft_is_at_no_staff_address_for_a_reader_without_account(issued, marks):
    keys = [*map(str, Session.objects.values_list("pk", flat=True)), "0"]
    arguments = {
        "object_id": keys,
        "pk": keys,
        "id": keys,
        "app_label": ["sessions_app", "speakers", "auth"],
        "content_type_id": ["1"],
        "url": ["x"],
        "language": ["fr", "ar"],
    }
    paths = set(addresses_of(admin.site.get_urls(), arguments, "/admin/"))
    client = Client()
    answers = {path: ask(client, path) for path in sorted(paths)}

    assert len(answers) > 50
    leaks = {path: found for path, a in answers.items() if (found := marks.leaks_in(a))}
    assert leaks == {}
    assert {path for path, a in answers.items() if a.status == 200} <= {
        "/admin/login/",
        "/admin/jsi18n/",
        "/admin/logout/",
    }


def test_issued_text_is_found_on_the_pages_in_the_data_and_in_the_note(issued, marks):
    client = Client()
    start = "/en/ocean/first/"
    answers = crawl(client, [start, f"{start}people/", f"{start}editions/"])

    def shown(suffix):
        return {
            name
            for address, answer in answers.items()
            if address.endswith(suffix)
            for name, prefix in marks.found_in(answer.content)
            if prefix == "SHOWN"
        }

    pages, note = shown("/"), shown("note.pdf")
    data = marks.found_in(ask(client, f"{start}programme.json").content)
    data = {name for name, prefix in data if prefix == "SHOWN"}
    everywhere = {
        "conference.title",
        "conference.office",
        "conference.notice",
        "session.theme",
        "session.symbol",
        "session.city",
        "room.venue",
        "room.name",
        "slot.title",
        "slot.text",
        "slot.aside",
        "slot.when",
        "panel.label",
        "panel.questions",
        "line.text",
        "line.unnamed",
        "line.honorific",
        "line.function",
        "person.printed_name",
        "person.honorific",
        "person.function",
        "role.by_line",
        "footnote.text",
        "section.heading",
        "section.text",
    }
    assert everywhere - pages == set()
    assert everywhere - data == set()
    assert everywhere - note == set()
    # And of what is typed for the public, nothing is lost.
    public = {
        name for name, prefix in marks.marked if prefix == "SHOWN"
    } - NOT_PRINTED_HERE
    assert public - data == set()


def make_note_of_the_data(patch):
    """Saves the making of a note where what it says is not looked at."""
    note, data = outputs.FORMATS["note.pdf"], outputs.FORMATS["programme.json"]
    quick = dataclasses.replace(note, render=data.render)
    patch.setitem(outputs.FORMATS, "note.pdf", quick)


def _print_unprinted_slots(patch):
    patch.setattr(Slot.objects, "filter", lambda **_asked: Slot.objects.all())


def _print_declined_people(patch):
    del patch
    Line.objects.filter(status__in=compose._NOT_PRINTED).update(status="confirmed")


def _issue_in_french_too(patch):
    del patch
    Session.objects.filter(slug="first").update(languages=["en", "fr"])


def _print_the_record_of_a_person(patch):
    patch.setattr(compose, "_here", lambda _value, record: record)


def _put_rows_on_a_page(patch):
    render = agenda.render_agenda

    def with_rows(copy):
        return render(copy) + str(list(Slot.objects.values())).encode()

    patch.setattr(agenda, "render_agenda", with_rows)


def _put_rows_into_the_data(patch):
    def rows(*_arguments):
        return json.dumps(list(Session.objects.values("title")), default=str).encode()

    output = outputs.FORMATS["programme.json"]
    patch.setitem(
        outputs.FORMATS, "programme.json", dataclasses.replace(output, render=rows)
    )


@pytest.mark.parametrize(
    "let_in",
    [
        _print_unprinted_slots,
        _print_declined_people,
        _issue_in_french_too,
        _print_the_record_of_a_person,
        _put_rows_on_a_page,
        _put_rows_into_the_data,
    ],
)
@pytest.mark.thorough
def test_leak_that_is_let_in_is_found(session, issuer, marks, monkeypatch, let_in):
    make_note_of_the_data(monkeypatch)
    let_in(monkeypatch)
    issue(session, by=issuer, reason="Seen.")

    answers = crawl(Client(), ["/en/ocean/first/", "/en/ocean/first/programme.json"])

    assert any(marks.leaks_in(answer) for answer in answers.values())


@pytest.mark.thorough
def test_no_leak_is_found_where_none_is_let_in(session, issuer, marks, monkeypatch):
    make_note_of_the_data(monkeypatch)
    issue(session, by=issuer, reason="Seen.")

    answers = crawl(Client(), ["/en/ocean/first/", "/en/ocean/first/programme.json"])

    assert not any(marks.leaks_in(answer) for answer in answers.values())


def test_address_of_a_draft_answers_as_one_that_never_was(issued):
    client = Client()
    slug = (
        Session.objects.exclude(slug="first")
        .filter(conference__slug="ocean")
        .get()
        .slug
    )
    unissued = Conference.objects.exclude(slug="ocean").get().slug
    code = Slot.objects.filter(is_printed=False, day__session=issued).get().code
    person = Person.objects.order_by("-pk").first().code
    for draft, nothing in (
        (f"/en/{unissued}/", "/en/never-was/"),
        (f"/en/ocean/{slug}/", "/en/ocean/never-was/"),
        (f"/en/ocean/{slug}/note.pdf", "/en/ocean/never-was/note.pdf"),
        (f"/en/ocean/{slug}/editions/1/", "/en/ocean/never-was/editions/1/"),
        ("/en/ocean/first/editions/2/", "/en/ocean/first/editions/77/"),
        ("/en/ocean/first/editions/2/note.pdf", "/en/ocean/first/editions/77/note.pdf"),
        (f"/en/ocean/first/slots/{code}/", "/en/ocean/first/slots/bcdfghj/"),
        (f"/en/ocean/first/people/{person}/", "/en/ocean/first/people/bcdfghj/"),
    ):
        answer = ask(client, draft)
        assert answer.status == 404, draft
        assert answer == ask(client, nothing), draft


# --- Without the database ---------------------------------------------------------------


@pytest.mark.thorough
def test_public_answers_are_the_same_while_the_database_is_blocked(
    issued, monkeypatch, django_db_blocker
):
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    asked = addresses(issued, sample=100)
    before = crawl(Client(), asked)
    mirror.memory.clear()

    with django_db_blocker.block():
        after = crawl(Client(), asked)
        with pytest.raises(RuntimeError, match="Database access not allowed"):
            Client().post("/admin/login/", {"username": "a", "password": "b"})

    assert after == before


@contextlib.contextmanager
def serving(database, log):
    """A web server of its own on the folder of the test; gives its address."""
    command = "-m gunicorn --workers=1 config.wsgi --bind"
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        log.open("a") as lines,
        subprocess.Popen(
            [sys.executable, *command.split(), f"fd://{door.fileno()}"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DATABASE_URL": database,
                "EDITIONS_FOLDER": str(settings.EDITIONS_FOLDER),
            },
            pass_fds=[door.fileno()],
            stderr=lines,
        ) as server,
    ):
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.terminate()


def fetch(address, cookie=""):
    """The answer of a server, without the time of day."""
    request = urllib.request.Request(address, headers={"Cookie": cookie})  # noqa: S310
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return Answer(answer.status, _lasting(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.status, _lasting(error.headers), error.read())


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


def _lasting(headers):
    return {name: value for name, value in headers.items() if name != "Date"}


def test_public_answers_are_the_same_while_the_database_is_away(issued, tmp_path):
    """SQLite: the file is moved away. PostgreSQL: nobody listens at its address."""
    paths = ["/", *crawl(Client(), ["/en/"]), "/en/ocean/draft/", "/healthz"]
    file = tmp_path / "database" / "rostrum.sqlite3"
    file.parent.mkdir()
    there, away = f"sqlite:///{file}", f"sqlite:///{file}"
    if connection.vendor == "postgresql":
        name = connection.settings_dict["NAME"]
        address = urllib.parse.urlsplit(os.environ["DATABASE_URL"])
        there = address._replace(path=f"/{name}").geturl()
        away = "postgres://postgres@127.0.0.1:1/rostrum"
    else:
        with contextlib.closing(
            sqlite3.connect(connection.settings_dict["NAME"])
        ) as db:
            db.execute("VACUUM INTO ?", [str(file)])
    staff = "/admin/", "sessionid=" + "a" * 32

    log = tmp_path / "server.log"
    with serving(there, log) as server:
        before = [fetch(server + path) for path in paths]
        assert fetch(server + staff[0], staff[1]).status == 302
        file.parent.rename(tmp_path / "moved away")
        warm = [fetch(server + path) for path in paths]
    with serving(away, log) as server:
        cold = [fetch(server + path) for path in paths]
        assert fetch(server + staff[0], staff[1]).status >= 500

    assert warm == before
    assert cold == before
    assert {answer.status for answer in before} == {200, 302, 404}
    assert len([a for a in before if a.body.startswith(b"%PDF-")]) == 2
