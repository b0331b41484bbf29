"""The page on which a session is issued, and the page of an edition on its way."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sessions_app import issuing, mirror, outputs
from sessions_app.compose import compose
from sessions_app.models import (
    Acknowledgement,
    Edition,
    Issuance,
    Panel,
    PreparedDocument,
    SavedChange,
    Session,
    Slot,
)
from sessions_app.outputs import ToMake
from sessions_app.outputs.pdf import PdfRefused
from sessions_app.translated import text, words
from tests.desk import page_of, refused_on, told_on, words_on
from tests.forms import typed
from tests.rows import (
    make_day,
    make_line,
    make_moderator,
    make_person,
    make_role,
    make_room,
    make_session,
    make_slot,
)

BIDI = "\u202e"


@pytest.fixture
def session(db):
    """A session of one day with one panel of two people, about which nothing is
    doubtful."""
    session = make_session(room=make_room(), ends_on=dt.date(2027, 6, 21))
    slot = make_slot(make_day(session), kind=Slot.Kind.PANEL)
    Panel.objects.create(slot=slot, number=1)
    make_line(slot, text=text("Panellists"))
    make_line(slot, person=make_person("Ada Lund"), role=make_role())
    make_line(slot, person=make_person("Jürg Lauber"), role=make_moderator())
    return session


@pytest.fixture
def slot(session):
    return Slot.objects.get()


@pytest.fixture(autouse=True)
def note_at_once(monkeypatch):
    """A note of fixed bytes: what it looks like is the business of other tests."""
    monkeypatch.setattr(
        outputs,
        "documents_of",
        lambda _programme, imprint, _former: [
            ToMake("note.pdf", "en", f"note {imprint.number}".encode)
        ],
    )


@pytest.fixture
def issued(session):
    """The session, issued once."""
    issuing.issue(session, by=None)
    return session


def issue_page_of(session):
    return reverse("admin:sessions_app_session_issue", args=[session.pk])


def send(client, session, **changed):
    """Opens the issue page, types, and sends it; gives the answer."""
    page = issue_page_of(session)
    values = typed(client.get(page)) | changed
    return client.post(page, {n: v for n, v in values.items() if v is not None})


def retitle(title):
    Slot.objects.update(title=text(title))


def a_minute_from_now(**later):
    at = (timezone.now() + dt.timedelta(**later)).astimezone(
        dt.timezone(dt.timedelta(hours=1))
    )
    return {"at_date": f"{at:%Y-%m-%d}", "at_time": f"{at:%H.%M}"}


@pytest.fixture
def winter(settings, session):
    """The session in a zone without summer time, one hour before Greenwich."""
    Session.objects.update(zone="Africa/Lagos")
    return session


# --- Issuing ------------------------------------------------------------------------


def test_first_edition_is_issued_as_it_was_seen(staff, session, admin_user):
    digest = compose(session).digest

    page = staff.get(issue_page_of(session))
    answer = send(
        staff,
        session,
        own_label=" Rev.1 ",
        status_word="provisional",
        as_at_date="2027-06-14",
        as_at_time="16.20",
        remark_en="New moderator",
        remark_fr="Nouvelle modératrice",
    )

    assert "This will be the first edition." in words_on(page)
    issuance = Issuance.objects.get()
    assert answer["Location"] == reverse("desk:issuance", args=[issuance.pk])
    edition = Edition.objects.get()
    assert issuance.edition == edition
    assert edition.programme_digest == digest
    assert (edition.number, edition.label, edition.status_word) == (
        1,
        "Rev.1",
        "provisional",
    )
    assert edition.as_at == dt.datetime(2027, 6, 14, 14, 20, tzinfo=dt.UTC)
    assert words(edition.remark) == {
        "en": "New moderator",
        "fr": "Nouvelle modératrice",
    }
    assert edition.issued_by == admin_user
    page = staff.get(answer["Location"])
    assert "Edition 1 is issued (Rev.1)" in words_on(page)
    content = page.content.decode()
    assert 'href="/en/ocean/first/editions/1/"' in content
    assert 'href="/en/ocean/first/editions/1/note.pdf"' in content


@pytest.mark.parametrize(
    ("changed", "label"),
    [
        (lambda: retitle("Opening of the meeting"), "Rev.1"),
        (lambda: retitle("Statementz"), "Corr.1"),
        (lambda: None, "*"),
    ],
)
def test_changes_propose_the_label_and_staff_decide(staff, issued, changed, label):
    changed()

    assert typed(staff.get(issue_page_of(issued)))["label"] == [label]
    send(staff, issued, label="Rev.1")

    assert Edition.objects.of(issued).first().label == "Rev.1"


def test_changes_are_told_in_sentences_with_the_editorial_ones_marked(staff, issued):
    retitle("Statementz")
    make_line(Slot.objects.get(), person=make_person("Bo Ek"), role=make_role("expert"))

    said = words_on(staff.get(issue_page_of(issued)))

    assert "Changes since edition 1" in said
    assert "2 changes, 1 of them editorial" in said
    title = next(words for words in said if "“Statementz”" in words)
    assert title.endswith("editorial")
    person = next(words for words in said if "Ms. Bo Ek" in words)
    assert not person.endswith("editorial")


def test_unchanged_draft_says_so(staff, issued):
    said = words_on(staff.get(issue_page_of(issued)))

    assert any(s.startswith("The draft prints the same as edition 1.") for s in said)


def test_double_click_issues_once(staff, session):
    page = issue_page_of(session)
    values = typed(staff.get(page))

    first, second = staff.post(page, values), staff.post(page, values)

    assert (first.status_code, second.status_code) == (302, 200)
    assert "Nothing more was issued:" in refused_on(second)[""][0]
    assert Edition.objects.count() == 1


def test_what_was_not_seen_is_not_issued(staff, session):
    page = issue_page_of(session)
    values = typed(staff.get(page)) | {"remark_en": "Typed"}
    retitle("Changed meanwhile")

    refused = staff.post(page, values)

    assert "was changed while you were issuing it" in refused_on(refused)[""][0]
    assert not Edition.objects.exists()
    again = typed(refused)
    assert again["remark_en"] == "Typed"
    assert staff.post(page, again).status_code == 302


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"label": "Rev.9"}, "Select a valid choice."),
        ({"own_label": "x" * 21}, "Ensure this value has at most 20 characters"),
        ({"own_label": f"Rev{BIDI}"}, "Character 4 (U+202E) changes the order"),
        ({"status_word": "secret"}, "Select a valid choice."),
        ({"as_at_date": ""}, "This field is required."),
        ({"as_at_date": "0001-01-01", "as_at_time": "00.00"}, ""),
        ({"as_at_time": "24.00"}, "Enter a valid time."),
        (
            {"as_at_date": "2017-03-26", "as_at_time": "02.30"},
            "On 2017-03-26 the clocks in Europe/Zurich go forward",
        ),
        ({"remark_en": "x" * 1000}, ""),
        ({"at_date": "2099-01-01"}, "Type both date and time, or leave both empty."),
        ({"at_time": "10.00"}, "Type both date and time, or leave both empty."),
        (
            {"at_date": "2026-01-01", "at_time": "10.00"},
            "Choose a minute that is still to come.",
        ),
        ({"seen_digest": ""}, "The programme was changed"),
        ({"seen_digest": "\x00"}, "The programme was changed"),
        ({"seen_number": "x"}, "Edition 0 was issued"),
        ({"seen_number": None}, "Edition 0 was issued"),
    ],
)
def test_bad_input_issues_nothing_and_is_kept(staff, session, changed, said):
    answer = send(staff, session, **{"remark_fr": "Typed", **changed})

    assert answer.status_code == 200
    told = [sentence for each in refused_on(answer).values() for sentence in each]
    assert any(said in sentence for sentence in told)
    assert typed(answer)["remark_fr"] == "Typed"
    assert not Issuance.objects.exists()


def test_note_that_cannot_be_printed_is_told_and_what_was_typed_comes_back(
    staff, session, monkeypatch
):
    def refuse(*_arguments):
        raise PdfRefused("The Pango libraries are missing.")

    monkeypatch.setattr(outputs, "documents_of", refuse)

    answer = send(staff, session, remark_en="Typed", status_word="final")

    said = words_on(staff.get(answer["Location"]))
    assert "Edition 1 was not issued" in said
    assert "The Pango libraries are missing." in said
    assert not Edition.objects.exists()
    again = staff.get(f"{issue_page_of(session)}?again={Issuance.objects.get().pk}")
    held = typed(again)
    assert (held["remark_en"], held["status_word"]) == ("Typed", "final")


def test_session_without_slots_is_not_issued(staff, db):
    assert refused_on(send(staff, make_session())) == {
        "": ["The programme has no printed slot yet. Add one, then issue."]
    }


def test_edition_of_a_newer_release_does_not_stop_the_next(staff, session):
    now = timezone.now()
    Edition.objects.create(
        session=session,
        number=1,
        issued_at=now,
        as_at=now,
        programme={**compose(session).to_value(), "format": 99},
        programme_digest="0" * 64,
        digest="0" * 64,
    )

    said = words_on(staff.get(issue_page_of(session)))

    assert any("The newest edition cannot be read by this release" in s for s in said)


# --- Checks -------------------------------------------------------------------------


def test_errors_are_told_and_nothing_is_issued_before_they_are_corrected(
    staff, session, slot
):
    other = make_slot(slot.day, "10:30", "11:30", is_parallel=True)
    Slot.objects.filter(pk=slot.pk).update(is_parallel=True)
    line = make_line(other, person=slot.lines.get(role__key="panellist").person)

    page = staff.get(issue_page_of(session))
    answer = send(staff, session, reason="It does not matter.")

    assert "Errors: to be corrected first" in words_on(page)
    assert b'<input type="submit" class="default"' not in page.content
    assert refused_on(answer)[""][0].startswith("There are 2 errors.")
    assert not Issuance.objects.exists()
    line.delete()
    other.delete()
    assert send(staff, session).status_code == 302


def test_warning_is_let_stand_with_a_reason_that_is_kept_and_not_asked_again(
    staff, session, slot, admin_user
):
    slot.lines.filter(role__key="moderator").delete()

    refused = send(staff, session)
    answer = send(staff, session, reason=" The President of the Assembly presides. ")

    assert refused_on(refused)[""][0].startswith("There is 1 warning.")
    assert answer.status_code == 302
    kept = Acknowledgement.objects.get()
    assert (kept.by, kept.reason) == (
        admin_user,
        "The President of the Assembly presides.",
    )
    assert kept.sentence.endswith("has no moderator: add a line with that role.")
    said = words_on(staff.get(issue_page_of(session)))
    assert "1 warning stands with its reason" in said
    assert not any(s.startswith("Warnings: put them right") for s in said)
    said = words_on(staff.get(page_of(session)))
    assert "1 warning stands with its reason" in said


def test_each_warning_may_have_a_reason_of_its_own(staff, session, slot):
    slot.lines.filter(role__key="moderator").delete()
    Slot.objects.filter(pk=slot.pk).update(text=text("Tuesday, 21 June 2027"))
    names = [
        name
        for name in typed(staff.get(issue_page_of(session)))
        if name.startswith("reason-")
    ]

    one = send(staff, session, **{names[0]: "First."})
    both = send(staff, session, **{names[0]: "First.", "reason": "The others."})

    assert one.status_code == 200
    assert typed(one)[names[0]] == "First."
    assert both.status_code == 302
    reasons = Acknowledgement.objects.values_list("reason", flat=True)
    assert sorted(reasons) == ["First.", "The others."]


def test_warning_that_says_something_else_is_asked_about_anew(staff, session, slot):
    slot.lines.filter(role__key="moderator").delete()
    send(staff, session, reason="Seen.")
    Slot.objects.update(end=dt.time(11, 30))

    assert refused_on(send(staff, session))[""][0].startswith("There is 1 warning.")


def test_last_editor_does_not_issue_where_a_second_person_is_asked_for(
    staff, session, slot, admin_user
):
    session.conference.needs_second_person = True
    session.conference.save()
    values = typed(staff.get(page_of(slot))) | {"title_en": "Opening"}
    assert staff.post(page_of(slot), values).status_code == 302

    refused = send(staff, session)
    colleague = Client()
    colleague.force_login(
        User.objects.create(username="second", is_staff=True, is_superuser=True)
    )

    assert refused_on(refused)[""][0].startswith("You saved the last change")
    assert send(colleague, session).status_code == 302
    # An act of issuing is no edit: the same person may issue again.
    assert send(colleague, session).status_code == 302


# --- Later ----------------------------------------------------------------------------


def test_scheduled_edition_waits_with_its_documents_and_nobody_sees_it(staff, winter):
    answer = send(staff, winter, **a_minute_from_now(hours=2))

    issuance = Issuance.objects.get()
    assert issuance.state == "waiting"
    assert bytes(PreparedDocument.objects.get().content) == b"note 1"
    said = words_on(staff.get(answer["Location"]))
    assert "Edition 1 is ready and waits for its minute" in said
    assert mirror.standings() == ()
    assert SavedChange.objects.get().act == "scheduled"
    start = words_on(staff.get(reverse("admin:index")))
    assert any(s.startswith("Edition 1 on its way") for s in start)


def test_scheduled_edition_prints_what_was_frozen_and_is_issued_at_its_minute(
    staff, winter
):
    send(staff, winter, **a_minute_from_now(hours=2))
    issuance = Issuance.objects.get()
    retitle("Changed since")

    assert issuing.issue_due(issuance.at - dt.timedelta(seconds=1)) == []
    assert issuing.issue_due(issuance.at) == [issuance]

    edition = Edition.objects.get()
    assert edition.issued_at == issuance.at
    assert edition.programme["days"][0]["slots"][0]["title"] == {"en": "Statements"}
    card = mirror.standing("ocean", "first").edition()
    assert card.imprint.issued_at == issuance.at
    assert mirror.document(card, "note.pdf", "en") == b"note 1"
    assert not PreparedDocument.objects.exists()
    assert issuing.issue_due(issuance.at) == []


def test_scheduled_edition_is_void_when_another_comes_first(staff, winter):
    answer = send(staff, winter, **a_minute_from_now(hours=2))
    issuing.issue(winter, by=None)

    said = words_on(staff.get(answer["Location"]))

    assert "Edition 1 was not issued" in said
    assert (
        "It is void: edition 1 was issued first. Look at what that one changed, then "
        "issue again if it is still needed." in said
    )
    assert issuing.issue_due(timezone.now() + dt.timedelta(days=1)) == []
    assert not PreparedDocument.objects.exists()


def test_scheduled_edition_is_called_off_and_then_it_is_too_late(staff, winter):
    answer = send(staff, winter, **a_minute_from_now(hours=2))
    call_off = reverse("desk:call_off", args=[Issuance.objects.get().pk])

    assert staff.post(call_off)["Location"] == answer["Location"]
    assert "It was called off." in words_on(staff.get(answer["Location"]))
    again = staff.post(call_off, follow=True)

    assert told_on(again) == ["It is too late: edition 1 is no longer on its way."]
    acts = SavedChange.objects.order_by("pk").values_list("act", "remark")
    assert [act for act, _remark in acts] == ["scheduled", "called_off"]
    assert send(staff, winter).status_code == 302


# --- Progress -------------------------------------------------------------------------


@pytest.fixture
def half_made(session):
    return Issuance.objects.create(
        session=session,
        number=1,
        imprint={},
        programme=compose(session).to_value(),
        steps=4,
        steps_done=1,
        step="Making note.pdf in English.",
    )


def test_page_of_an_edition_shows_how_far_it_is(staff, half_made):
    page = staff.get(reverse("desk:issuance", args=[half_made.pk]))

    assert '<progress value="1" max="4"' in page.content.decode()
    assert "Making note.pdf in English." in words_on(page)
    part = staff.get(reverse("desk:issuance", args=[half_made.pk]), {"part": "1"})
    assert part.content.decode().startswith('\n<section class="module"')
    assert b"<html" not in part.content


def test_edition_that_nobody_works_on_is_handed_to_the_worker_again(staff, session):
    issuance = issuing.freeze(session, by=None, wish=issuing.Wish())
    long_ago = timezone.now() - dt.timedelta(minutes=1)
    Issuance.objects.update(heard_at=long_ago)

    page = staff.get(reverse("desk:issuance", args=[issuance.pk]))
    staff.post(reverse("desk:try_again", args=[issuance.pk]))

    assert any(s.startswith("The task worker has said nothing") for s in words_on(page))
    assert Edition.objects.get().number == 1


# --- Withdrawing ----------------------------------------------------------------------


def withdraw_page_of(edition):
    return reverse("desk:withdraw", args=[edition.pk])


def test_edition_is_withdrawn_with_a_reason_for_readers(staff, issued, admin_user):
    edition = Edition.objects.get()

    said = words_on(staff.get(withdraw_page_of(edition)))
    answer = staff.post(
        withdraw_page_of(edition), {"reason_en": "The meeting is postponed."}
    )

    assert (
        "So does every page of the session, until the next edition is issued." in said
    )
    assert answer["Location"] == page_of(issued)
    standing = mirror.standing("ocean", "first")
    assert (standing.current, standing.withdrawn) == (
        None,
        {"en": "The meeting is postponed."},
    )
    readers = Client().get("/en/ocean/first/")
    assert readers.status_code == 410
    assert "The meeting is postponed." in readers.content.decode()
    last = SavedChange.objects.order_by("pk").last()
    assert (last.act, last.by, last.remark) == ("withdrawn", admin_user, "edition 1")


def test_withdrawn_edition_stays_withdrawn_after_the_next(staff, issued):
    edition = Edition.objects.get()
    staff.post(withdraw_page_of(edition), {"reason_en": "Wrong paper."})
    issuing.issue(issued, by=None)

    standing = mirror.standing("ocean", "first")

    assert standing.current == 2
    assert standing.edition(1).withdrawn == {"en": "Wrong paper."}
    assert Client().get("/en/ocean/first/").status_code == 200
    assert Client().get("/en/ocean/first/editions/1/").status_code == 410


def test_withdrawing_needs_a_reason_and_is_done_once(staff, issued):
    edition = Edition.objects.get()

    without = staff.post(withdraw_page_of(edition), {"reason_en": " "})
    staff.post(withdraw_page_of(edition), {"reason_en": "Wrong paper."})
    again = staff.post(withdraw_page_of(edition), {"reason_en": "Again."})

    assert refused_on(without) == {
        "reason": ["Type the text in English, the main language."]
    }
    assert "Edition 1 is withdrawn already." in words_on(again)
    assert SavedChange.objects.filter(act="withdrawn").count() == 1
