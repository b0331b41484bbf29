"""Who may what: every address of the desk, for each duty."""

import datetime as dt
import re
from http.cookies import SimpleCookie

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from sessions_app import duties, history, outputs
from sessions_app.compose import compose
from sessions_app.models import (
    Conference,
    Day,
    Document,
    Duty,
    Edition,
    Issuance,
    Line,
    Redaction,
    SavedChange,
    Session,
    Slot,
    Withdrawal,
)
from sessions_app.outputs import note_pdf
from sessions_app.translated import text
from tests.desk import page_of, sign_in
from tests.forms import typed
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

# The accounts of the table, in the order of its columns: the duty, and where it is held.
ACCOUNTS = {
    "nobody": None,
    "reader": ("reader", "ocean"),
    "editor": ("editor", "ocean"),
    "publisher": ("publisher", "ocean"),
    "administrator": ("administrator", "ocean"),
    "everywhere": ("administrator", None),
    "elsewhere": ("editor", "forests"),
}

# Address, what GET answers to each account, and behind the bar what POST of an empty form
# does; “to” leads to another page, “login” to the one on which to sign in.
TABLE = """
                                           no-   rea-  edi-  pub-  admi- every else- | no-   rea-  edi-  pub-  admi- every else-
                                           body  der   tor   lish. nist. where where | body  der   tor   lish. nist. where where

# For everybody with an account
(start)                                    login 200   200   200   200   200   200   | login 200   200   200   200   200   200
find/                                      login 200   200   200   200   200   200   | login 200   200   200   200   200   200
unconfirmed/                               login 200   200   200   200   200   200   | login 200   200   200   200   200   200
history/                                   login 200   200   200   200   200   200   | login 200   200   200   200   200   200
language/                                  to    to    to    to    to    to    to    | to    to    to    to    to    to    to
login/                                     200   to    to    to    to    to    to    | 200   200   200   200   200   200   200
logout/                                    to    405   405   405   405   405   405   | to    200   200   200   200   200   200
password_change/                           login 200   200   200   200   200   200   | login 200   200   200   200   200   200
password_change/done/                      login 200   200   200   200   200   200   | login 405   405   405   405   405   405
autocomplete/                              login 200   200   200   200   200   200   | login 405   405   405   405   405   405
jsi18n/                                    login 200   200   200   200   200   200   | login 405   405   405   405   405   405
r/#/#/                                     login 404   404   404   404   404   404   | login 404   404   404   404   404   404
(application)/                             login 200   200   200   200   200   200   | login 200   200   200   200   200   200
(anything)                                 login 404   404   404   404   404   404   | login 404   404   404   404   404   404

# Acts of the desk
day/#/                                     login 403   200   200   200   200   404   | login 403   to    to    to    to    404
day/#/copy/                                login 403   200   200   200   200   404   | login 403   200   200   200   200   404
line/#/                                    login 403   200   200   200   200   404   | login 403   200   200   200   200   404
edition/#/                                 login 200   200   200   200   200   404   | login 405   405   405   405   405   405
edition/#/try-again/                       login 405   405   405   405   405   405   | login 403   403   to    to    to    404
edition/#/call-off/                        login 405   405   405   405   405   405   | login 403   403   to    to    to    404
edition/#/withdraw/                        login 403   403   200   200   200   404   | login 403   403   200   200   200   404
people/#/merge/                            login 403   200   200   200   200   200   | login 403   200   200   200   200   200
people/#/unmerge/                          login 405   405   405   405   405   405   | login 403   to    to    to    to    to
people/#/redact/                           login 403   403   403   200   200   403   | login 403   403   403   200   200   403
history/#/take-back/                       login 405   405   405   405   405   405   | login 403   to    to    to    to    404

# Conferences
sessions_app/conference/                   login 200   200   200   200   200   200   | login 200   200   200   200   200   200
sessions_app/conference/add/               login 403   403   403   403   200   403   | login 403   403   403   403   200   403
sessions_app/conference/#/history/         login 200   200   200   200   200   404   | login 200   200   200   200   200   404
sessions_app/conference/#/delete/          login 403   403   403   403   to    404   | login 403   403   403   403   to    404
sessions_app/conference/#/change/          login 200   200   200   200   200   404   | login 403   403   403   200   200   404
sessions_app/conference/#/                 login to    to    to    to    to    to    | login to    to    to    to    to    to

# Sessions and slots
sessions_app/slot/echo/                    login 403   403   403   403   403   403   | login 200   200   200   200   200   200
sessions_app/slot/#/echo/                  login 403   403   403   403   403   404   | login 200   200   200   200   200   404
sessions_app/{slot,session}/               login 200   200   200   200   200   200   | login 200   200   200   200   200   200
sessions_app/{slot,session}/add/           login 403   200   200   200   200   200   | login 403   200   200   200   200   200
sessions_app/{slot,session}/#/history/     login 200   200   200   200   200   404   | login 200   200   200   200   200   404
sessions_app/{slot,session}/#/delete/      login 403   to    to    to    to    404   | login 403   to    to    to    to    404
sessions_app/{slot,session}/#/change/      login 200   200   200   200   200   404   | login 403   200   200   200   200   404
sessions_app/{slot,session}/#/             login to    to    to    to    to    to    | login to    to    to    to    to    to
sessions_app/session/#/issue/              login 403   403   200   200   200   404   | login 403   403   200   200   200   404
sessions_app/session/#/preview/            login 200   200   200   200   200   404   | login 405   405   405   405   405   405
sessions_app/session/#/preview/note.pdf    login 200   200   200   200   200   404   | login 405   405   405   405   405   405
sessions_app/session/#/circulation/note.pdf \\
                                           login 200   200   200   200   200   404   | login 405   405   405   405   405   405
sessions_app/session/#/duplicate/          login 403   200   200   200   200   404   | login 403   200   200   200   200   404
sessions_app/session/#/archive/            login 405   405   405   405   405   405   | login 403   to    to    to    to    404
sessions_app/session/#/languages/          login 200   200   200   200   200   404   | login 405   405   405   405   405   405
sessions_app/session/#/translate/#/        login 200   200   200   200   200   404   | login 403   to    to    to    to    404
sessions_app/session/#/translations/       login 200   200   200   200   200   404   | login 403   200   200   200   200   404

# Rooms, people and roles
sessions_app/room/                         login 200   200   200   200   200   200   | login 200   200   200   200   200   200
sessions_app/room/add/                     login 403   200   200   200   200   200   | login 403   200   200   200   200   200
sessions_app/room/#/history/               login 200   200   200   200   200   200   | login 200   200   200   200   200   200
sessions_app/room/#/delete/                login 403   200   200   200   200   200   | login 403   200   200   200   200   200
sessions_app/room/#/change/                login 200   200   200   200   200   200   | login 403   200   200   200   200   200
sessions_app/room/#/                       login to    to    to    to    to    to    | login to    to    to    to    to    to
speakers/role/echo/                        login 403   403   403   403   403   403   | login 200   200   200   200   200   200
speakers/role/#/echo/                      login 403   403   403   403   403   403   | login 200   200   200   200   200   200
speakers/role/                             login 200   200   200   200   200   200   | login 200   200   200   200   200   200
speakers/role/add/                         login 403   200   200   200   200   200   | login 403   200   200   200   200   200
speakers/role/#/history/                   login 200   200   200   200   200   200   | login 200   200   200   200   200   200
speakers/role/#/delete/                    login 403   200   200   200   200   200   | login 403   200   200   200   200   200
speakers/role/#/change/                    login 200   200   200   200   200   200   | login 403   200   200   200   200   200
speakers/role/#/                           login to    to    to    to    to    to    | login to    to    to    to    to    to
speakers/person/choices/                   login 200   200   200   200   200   200   | login 405   405   405   405   405   405
speakers/person/echo/                      login 403   403   403   403   403   403   | login 200   200   200   200   200   200
speakers/person/#/echo/                    login 403   403   403   403   403   403   | login 200   200   200   200   200   200
speakers/person/                           login 200   200   200   200   200   200   | login 200   200   200   200   200   200
speakers/person/add/                       login 403   200   200   200   200   200   | login 403   200   200   200   200   200
speakers/person/#/history/                 login 200   200   200   200   200   200   | login 200   200   200   200   200   200
speakers/person/#/delete/                  login 403   to    to    to    to    to    | login 403   to    to    to    to    to
speakers/person/#/change/                  login 200   200   200   200   200   200   | login 403   200   200   200   200   200
speakers/person/#/                         login to    to    to    to    to    to    | login to    to    to    to    to    to

# What was issued
sessions_app/{edition,document,withdrawal,redaction,issuance}/ \\
                                           login 200   200   200   200   200   200   | login 200   200   200   200   200   200
sessions_app/{edition,document,withdrawal,redaction,issuance}/add/ \\
                                           login 403   403   403   403   403   403   | login 403   403   403   403   403   403
sessions_app/{edition,document,withdrawal,redaction,issuance}/#/history/ \\
                                           login 200   200   200   200   200   404   | login 200   200   200   200   200   404
sessions_app/{edition,document,withdrawal,redaction,issuance}/#/delete/ \\
                                           login 403   403   403   403   403   404   | login 403   403   403   403   403   404
sessions_app/{edition,document,withdrawal,redaction,issuance}/#/change/ \\
                                           login 200   200   200   200   200   404   | login 403   403   403   403   403   404
sessions_app/{edition,document,withdrawal,redaction,issuance}/#/ \\
                                           login to    to    to    to    to    to    | login to    to    to    to    to    to

# Accounts
auth/user/#/password/                      login 404   404   404   404   200   404   | login 404   404   404   404   200   404
auth/user/                                 login 403   403   403   403   200   403   | login 403   403   403   403   200   403
auth/user/add/                             login 403   403   403   403   200   403   | login 403   403   403   403   200   403
auth/user/#/history/                       login 404   404   404   404   200   404   | login 404   404   404   404   200   404
auth/user/#/delete/                        login 404   404   404   404   403   404   | login 404   404   404   404   403   404
auth/user/#/change/                        login 404   404   404   404   200   404   | login 404   404   404   404   200   404
auth/user/#/                               login to    to    to    to    to    to    | login to    to    to    to    to    to

# The queue of tasks, for operators
django_tasks_database/dbtaskresult/        login 403   403   403   403   403   403   | login 403   403   403   403   403   403
django_tasks_database/dbtaskresult/add/    login 403   403   403   403   403   403   | login 403   403   403   403   403   403
django_tasks_database/dbtaskresult/#/history/ \\
                                           login to    to    to    to    to    to    | login to    to    to    to    to    to
django_tasks_database/dbtaskresult/#/delete/ \\
                                           login 403   403   403   403   403   403   | login 403   403   403   403   403   403
django_tasks_database/dbtaskresult/#/change/ \\
                                           login 403   403   403   403   403   403   | login 403   403   403   403   403   403
django_tasks_database/dbtaskresult/#/      login to    to    to    to    to    to    | login to    to    to    to    to    to
"""


# --- What the table is about ------------------------------------------------------


@pytest.fixture
def session(db):
    """A session of the conference on the ocean, with a row of each kind."""
    make_conference(slug="forests")
    session = make_session(
        conference=make_conference(), room=make_room(), languages=["en", "fr"]
    )
    slot = make_slot(make_day(session))
    make_line(slot, person=make_person(), role=make_role())
    with history.recorded(None, session, SavedChange.Act.SAVED, slot):
        slot.aside = text("Space for side events")
        slot.save()
    now, programme = timezone.now(), compose(session)
    values = {
        "session": session,
        "issued_at": now,
        "as_at": now,
        "programme": programme.to_value(),
        "programme_digest": programme.digest,
    }
    edition = Edition.objects.create(number=1, digest="1" * 64, **values)
    Document.objects.create(
        edition=edition,
        language="en",
        name="note.pdf",
        content=b"%PDF",
        sha256="0" * 64,
        pages=1,
    )
    Withdrawal.objects.create(edition=edition, at=now, reason=text("An error"))
    Redaction.objects.create(
        session=session, person_code="abc", at=now, closed_at=now, reason="Asked for"
    )
    Issuance.objects.create(
        session=session,
        number=1,
        imprint={},
        programme={},
        programme_digest="0" * 64,
        state=Issuance.State.VOID,
    )
    return session


def addresses():
    """Each address of the desk as the table names it: an unknown part is “#”."""
    return [route for route, _name in _routes(get_resolver().url_patterns)]


def _routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, route)
        elif route.startswith("admin/"):
            named = re.sub(r"<[^>]*>", "#", route.removeprefix("admin/"))
            named = re.sub(r"^\^\(\?P#.*", "(application)/", named)
            yield named.replace("(?P#.*)$", "(anything)"), pattern.name


def rows_of(table):
    """Address to its answers, by method; a group in braces is one row for each."""
    found = {}
    for line in table.replace("\\\n", "").split("\n"):
        address, *answers = [*line.replace("|", " ").split(), ""][:-1] or [""]
        if address == "#" or len(answers) != 2 * len(ACCOUNTS):
            continue
        group = re.search(r"\{(.*)\}", address)
        for name in group[1].split(",") if group else [""]:
            whole = address.replace(group[0], name) if group else address
            whole = "" if whole == "(start)" else whole
            assert whole not in found, whole
            found[whole] = answers
    return found


def filled(address, session):
    """The address with a row of the session in the place of its unknown part."""
    slot = Slot.objects.get()
    if address.startswith("r/"):
        return "/admin/r/1/1/"
    if address.endswith(("autocomplete/", "choices/")):
        asked = "app_label=sessions_app&model_name=line&field_name=person"
        return f"/admin/{address}?{asked}"
    special = {
        "day/": Day.objects.get().pk,
        "line/": Line.objects.get().code,
        "history/": SavedChange.objects.get().pk,
        "people/": slot.lines.get().person_id,
        "edition/": Edition.objects.get().pk,
        "auth/user/": User.objects.get(username="clerk").pk,
    }
    if re.match(r"edition/#/($|try|call)", address):
        special["edition/"] = Issuance.objects.get().pk
    key = next((k for start, k in special.items() if address.startswith(start)), None)
    kind = address.split("/")[1] if address.count("/") > 1 else ""
    models = {
        model._meta.model_name: model
        for model in (
            *(Conference, Session, Slot, Edition, Document, Withdrawal, Redaction),
            *(Issuance, *(type(row) for row in (slot.lines.get().person,))),
            *(type(slot.lines.get().role), type(session.room)),
        )
    }
    if key is None and kind in models:
        rows = models[kind].objects.order_by("pk")
        key = session.conference_id if kind == "conference" else rows.first().pk
    # Of the two unknown parts of an address, the second is a language.
    address = address.replace("translate/#/", "translate/fr/")
    whole = address.replace("#", str(key)).replace("(application)", "sessions_app")
    return f"/admin/{whole.replace('(anything)', 'nowhere')}"


def said_by(response):
    """The answer in the words of the table."""
    if response.status_code != 302:
        return str(response.status_code)
    return "login" if response.url.startswith("/admin/login/") else "to"


def account_of(name, client):
    held = ACCOUNTS[name]
    if held is not None:
        duty, slug = held
        conference = Conference.objects.get(slug=slug) if slug else None
        sign_in(client, name, duty=duty, conference=conference)
    return client


def head_of(address, answer):
    """What HEAD answers: as GET, but where GET alone is led on."""
    is_led_on = address == "login/" or address.endswith(
        ("slot/#/delete/", "person/#/delete/")
    )
    return "200" if is_led_on and answer == "to" else answer


@pytest.mark.thorough
@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_address_answers_each_duty_as_the_table_says(name, session, monkeypatch):
    note = outputs.FORMATS["note.pdf"]
    printed = type(note)(**{**vars(note), "render": lambda *_: b"%PDF"})
    monkeypatch.setitem(outputs.FORMATS, "note.pdf", printed)
    monkeypatch.setattr(note_pdf, "render_draft", lambda *_: b"%PDF")
    User.objects.create(username="clerk", is_staff=True)
    client = account_of(name, Client())
    cookies = client.cookies.output(header="", sep=";")
    place = list(ACCOUNTS).index(name)
    answered = {}
    for address in dict.fromkeys(addresses()):
        for method in ("get", "head", "post"):
            client.cookies = SimpleCookie(cookies)
            with transaction.atomic():
                answer = getattr(client, method)(filled(address, session))
                # Nothing that was done is kept for the next address.
                transaction.set_rollback(True)
            answered.setdefault(address, []).append(said_by(answer))

    width = len(ACCOUNTS)
    assert answered == {
        address: [
            answers[place],
            head_of(address, answers[place]),
            answers[width + place],
        ]
        for address, answers in rows_of(TABLE).items()
    }


def test_the_table_names_every_address_and_no_other():
    assert set(rows_of(TABLE)) == set(addresses())


# --- Nobody takes more than the duty gives -----------------------------------------


@pytest.fixture
def foreign(session):
    """A slot of the other conference, alone on its day."""
    other = make_session(
        conference=Conference.objects.get(slug="forests"), title=text("Forest session")
    )
    return make_slot(make_day(other), title=text("Felling"))


@pytest.fixture
def editor(client, session):
    """An Editor of the conference on the ocean."""
    return sign_in(client, "editor", duty="editor", conference=session.conference)


@pytest.fixture
def administrator(client, session):
    """An Administrator of the conference on the ocean."""
    conference = session.conference
    return sign_in(client, "admin", duty="administrator", conference=conference)


def refused(answer):
    """The names of the fields that a page refuses; nothing when it took them."""
    return list(answer.context_data["adminform"].form.errors) if answer.context else []


def columns(row):
    return type(row).objects.values().get(pk=row.pk)


def test_session_is_moved_to_no_conference_in_which_one_is_no_editor(
    editor, session, foreign
):
    fresh = make_session(conference=session.conference, slug="second")
    form = typed(editor.get(page_of(fresh)))
    elsewhere = foreign.day.session.conference_id

    answer = editor.post(page_of(fresh), {**form, "conference": str(elsewhere)})

    assert refused(answer) == ["conference"]
    assert columns(fresh)["conference_id"] == session.conference_id


@pytest.mark.parametrize("field", ["day", "part_of"])
def test_slot_is_put_into_no_session_of_another_conference(
    editor, session, foreign, field
):
    slot = Slot.objects.get(day__session=session)
    before, key = columns(slot), foreign.day_id if field == "day" else foreign.pk
    add = reverse("admin:sessions_app_slot_add")
    form = typed(editor.get(page_of(slot)))
    fresh = typed(editor.get(f"{add}?day={slot.day_id}"))

    answers = [
        editor.post(page_of(slot), {**form, field: str(key)}),
        editor.post(add, {**fresh, "title_en": "Mine", field: str(key)}),
    ]

    assert [refused(answer) for answer in answers] == [[field], [field]]
    assert columns(slot) == before
    assert Slot.objects.count() == 2


def test_page_for_a_new_slot_tells_nothing_of_a_foreign_day(editor, foreign):
    add = reverse("admin:sessions_app_slot_add")

    page = editor.get(f"{add}?day={foreign.day_id}&part_of={foreign.pk}")

    assert page.status_code == 200
    assert "Forest session" not in page.content.decode()
    assert "Felling" not in page.content.decode()


def test_rows_of_a_foreign_session_are_changed_on_no_page_of_ones_own(
    editor, session, foreign
):
    form = typed(editor.get(page_of(session)))
    date = foreign.day.date + dt.timedelta(days=1)

    editor.post(
        page_of(session),
        {**form, "days-0-id": str(foreign.day_id), "days-0-date": date.isoformat()},
    )

    assert columns(foreign.day)["date"] == foreign.day.date


def test_foreign_day_is_neither_copied_nor_filled_nor_moved(editor, session, foreign):
    before = columns(foreign)
    grid = reverse("desk:grid", args=[foreign.day_id])
    own = reverse("desk:grid", args=[session.days.get().pk])
    moved = {"_move": "1", "move_from": foreign.code, "minutes": "15"}
    seen = {f"{foreign.code}-version_seen": str(foreign.version)}

    answers = [
        editor.post(grid, {**moved, **seen}),
        editor.post(own, {**moved, **seen}),
        editor.post(reverse("desk:copy_day", args=[foreign.day_id]), {}),
    ]

    assert [answer.status_code for answer in answers] == [404, 200, 404]
    assert columns(foreign) == before


def test_foreign_change_is_not_taken_back(editor, foreign):
    session = foreign.day.session
    with history.recorded(None, session, SavedChange.Act.SAVED, foreign) as recording:
        foreign.title = text("Planting")
        foreign.save()

    answer = editor.post(reverse("desk:take_back", args=[recording.change.pk]))

    assert answer.status_code == 404
    assert columns(foreign)["title"]["en"] == "Planting"


def test_page_of_a_person_names_no_draft_of_another_conference(editor, foreign):
    person = make_person("Jo Wood")
    make_line(foreign, person=person)

    pages = [
        editor.get(page_of(person)),
        editor.get(reverse("admin:speakers_person_changelist")),
        editor.get(reverse("admin:speakers_person_delete", args=[person.pk])),
        editor.get(
            reverse("admin:speakers_person_delete", args=[person.pk]) + "?version=1"
        ),
    ]

    assert all("Forest" not in page.content.decode() for page in pages)
    assert "1 row of other conferences" in pages[-1].content.decode()


def test_editor_is_told_who_publishes_and_a_stranger_is_not(editor, session, foreign):
    publisher = User.objects.create(username="amina", is_staff=True)
    Duty.objects.create(
        user=publisher, conference=session.conference, kind=Duty.Kind.PUBLISHER
    )
    stranger = User.objects.create(username="boris", is_staff=True)
    there = foreign.day.session.conference
    Duty.objects.create(user=stranger, conference=there, kind=Duty.Kind.PUBLISHER)
    said = "Only a Publisher of this conference issues its sessions."
    account = User.objects.get(username="editor")

    told = [
        duties.why_not(account, "sessions_app.add_edition", row)
        for row in (session, foreign)
    ]

    assert told == [f"{said} Ask one of: amina.", said]
    page = editor.get(reverse("desk:grid", args=[foreign.day_id]))
    assert "Publisher" not in page.content.decode()


def test_reader_is_told_on_the_page_that_editors_do_this(client, session):
    reader = sign_in(client, "one", duty="reader", conference=session.conference)

    page = reader.get(reverse("desk:grid", args=[session.days.get().pk]))

    said = "Only an Editor of this conference changes its programme."
    assert (page.status_code, said in page.content.decode()) == (403, True)


# --- Duties are given -----------------------------------------------------------------


def staff_form(client, conference):
    return typed(client.get(page_of(conference)))


def test_administrator_gives_a_duty_in_the_own_conference_alone(
    administrator, session, foreign
):
    clerk = User.objects.create(username="clerk", is_staff=True)
    conference = session.conference
    given = {
        **staff_form(administrator, conference),
        "duties-TOTAL_FORMS": "2",
        "duties-1-user": str(clerk.pk),
        "duties-1-kind": "publisher",
    }
    foreign_key = str(foreign.day.session.conference_id)
    crafted = {**given, "duties-1-conference": foreign_key}

    assert administrator.post(page_of(conference), crafted).status_code == 200
    assert not Duty.objects.filter(user=clerk).exists()
    assert administrator.post(page_of(conference), given).status_code == 302

    held = Duty.objects.filter(user=clerk).values_list("conference", "kind")
    assert list(held) == [(conference.pk, "publisher")]


def test_foreign_duty_is_changed_on_no_page_of_ones_own(
    administrator, session, foreign
):
    elsewhere = foreign.day.session.conference
    clerk = User.objects.create(username="clerk", is_staff=True)
    duty = Duty.objects.create(user=clerk, conference=elsewhere, kind="reader")
    before = columns(duty)
    form = staff_form(administrator, session.conference)

    administrator.post(
        page_of(session.conference),
        {**form, "duties-0-id": str(duty.pk), "duties-0-kind": "administrator"},
    )

    assert columns(duty) == before


@pytest.mark.parametrize(
    "change", [{"duties-0-kind": "reader"}, {"duties-0-DELETE": "on"}]
)
def test_nobody_gives_away_the_own_last_duty(administrator, session, change):
    form = staff_form(administrator, session.conference)

    answer = administrator.post(page_of(session.conference), {**form, **change})

    assert answer.status_code == 200
    assert "take your own duty of Administrator away" in answer.content.decode()
    assert Duty.objects.get().kind == "administrator"


def test_superusers_are_out_of_reach_of_administrators(client, session):
    boss = User.objects.create(username="boss", is_staff=True, is_superuser=True)
    clerk = User.objects.create(username="clerk")
    every = sign_in(client, "every", duty="administrator")
    form = typed(every.get(page_of(clerk)))

    saved = every.post(
        page_of(clerk),
        {
            **form,
            "is_superuser": "on",
            "is_staff": "",
            "duties-0-kind": "editor",
            "duties-0-conference": "",
            "duties-TOTAL_FORMS": "1",
        },
    )

    assert saved.status_code == 302
    clerk.refresh_from_db()
    assert (clerk.is_superuser, clerk.is_staff) == (False, True)
    assert clerk.duties.get().conference is None
    assert every.get(page_of(boss)).status_code == 404
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    assert every.post(password, {"password1": "x", "password2": "x"}).status_code == 404
    assert "boss" not in every.get("/admin/auth/user/").content.decode()
    assert "boss" not in every.get(page_of(session.conference)).content.decode()


def test_second_duty_in_one_conference_is_refused_with_a_sentence(client, session):
    clerk = User.objects.create(username="clerk", is_staff=True)
    Duty.objects.create(user=clerk, conference=None, kind="reader")
    every = sign_in(client, "every", duty="administrator")
    form = typed(every.get(page_of(clerk)))

    answer = every.post(
        page_of(clerk),
        {**form, "duties-TOTAL_FORMS": "2", "duties-1-kind": "editor"},
    )

    assert answer.status_code == 200
    assert clerk.duties.get().kind == "reader"


# --- The rule itself --------------------------------------------------------------------


def test_inactive_account_may_nothing_and_rights_of_django_do_not_count(session):
    user = User.objects.create(username="one", is_staff=True, is_active=False)
    Duty.objects.create(user=user, conference=None, kind="administrator")
    assert not user.has_perm("sessions_app.view_session", session)
    assert duties.conferences_for(user, "sessions_app.view_session") == set()

    other = User.objects.create(username="two", is_staff=True)
    rights = Permission.objects.filter(codename__in=["view_session", "add_edition"])
    other.user_permissions.set(rights)
    assert not other.has_perm("sessions_app.view_session")


def test_conference_of_a_loaded_row_takes_no_query(session, django_assert_num_queries):
    line = Line.objects.select_related("slot__day__session").get()
    with django_assert_num_queries(0):
        assert duties.conference_of(line) == session.conference_id
    with django_assert_num_queries(1):
        assert duties.conference_of(Slot(day_id=line.slot.day_id))


def test_duty_is_given_by_a_command(session):
    call_command("create_staff", "amina", duty="editor", conference="ocean")
    call_command("create_staff", "amina", duty="publisher", conference="ocean")

    account = User.objects.get(username="amina")
    assert (account.is_staff, account.is_superuser) == (True, False)
    duty = account.duties.get()
    assert (duty.kind, duty.conference) == ("publisher", session.conference)
