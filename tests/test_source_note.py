"""The agenda, the note and the data of edition 1 hold every fact of the paper that the
demonstration was made from, in its order; and a changed fact is noticed."""

import datetime as dt
import json
import re
import unicodedata
from pathlib import Path

import lxml.html
import pypdfium2
import pytest
from django.db import transaction

from sessions_app.compose import compose
from sessions_app.demonstration import _MISPRINTS
from sessions_app.models import Day, Edition, Line, Session, Slot
from sessions_app.outputs import FORMATS, agenda, note_pdf
from sessions_app.programme import Imprint, from_json
from sessions_app.translated import text, words
from speakers.models import Person, Role

GOLD = json.loads(
    (Path(__file__).parent / "golden" / "third-thematic-session.json").read_text()
)
ON_PAPER = ("issuing_body", "series")
ON_THE_PAGE = ("series", "issuing_body")
PRINTED_ROLE = {
    "co_facilitator": "co-facilitator",
    "thematic_expert": "thematic-expert",
}


# --- What a reader finds ----------------------------------------------------


def folded(words_read):
    """The text as it is compared: one space, one kind of dash, quotation mark and
    letter case, as the paper's labels are in capitals."""
    plain = unicodedata.normalize("NFC", words_read)
    plain = re.sub(r"[–—‑]", "-", plain).replace("’", "'")
    plain = re.sub(r"[“”\"]", "", plain)
    return re.sub(r"\s+", " ", plain).strip().casefold()


def text_of_html(html):
    tree = lxml.html.fromstring(html)
    for hidden in tree.xpath("//head | //style | //script"):
        hidden.drop_tree()
    return folded(" ".join(tree.itertext()))


def text_of_pdf(content):
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    # A word divided at the end of a line comes back whole.
    return folded(" ".join(pages).replace("\ufffe", "-"))


class Reader:
    """Reads forward through a text: each fact must stand after the one before."""

    def __init__(self, text_read):
        self.text, self.at, self.end = text_read, 0, len(text_read)

    def finds(self, fact):
        place = self.text.find(folded(fact), self.at, self.end)
        assert place >= 0, f"{fact!r} is not after {self.text[: self.at][-60:]!r}"
        self.at = place + len(folded(fact))

    def part(self, start, end):
        """A reader of what stands between two places."""
        part = Reader(self.text)
        part.at, part.end = start, end
        return part


def hours(slot):
    return "-".join(slot[key].replace(":", ".") for key in ("start", "end"))


def check_document(text_read, *masthead):
    """Everything that the paper says, in order, in a document of words; `masthead`
    names its first two facts, which a page and a paper put in another order."""
    reader = Reader(text_read)
    for fact in masthead:
        reader.finds(GOLD[fact])
    reader.finds(GOLD["title"].split(" for the ")[-1])
    reader.finds(GOLD["theme"])
    for fact in (GOLD["place"], GOLD["dates"]["text"], *GOLD["venue"].split(", ")):
        assert folded(fact) in text_read, fact
    for day in GOLD["days"]:
        number = GOLD["days"].index(day) + 1
        date = dt.date.fromisoformat(day["date"])
        reader.finds(f"Day {number}: {date:%A}, {date.day} {date:%B %Y}")
        for slot, beginning, following in parts(reader, day["slots"]):
            check_slot(reader.part(beginning, following), slot)
            reader.at = beginning
    for link in ("General concept note", "Procedural note and the SRSG's issues brief"):
        assert folded(link) in text_read


def parts(reader, slots):
    """Each slot with the places between which it is told."""
    places = []
    for slot in slots:
        reader.finds(hours(slot))
        places.append(reader.at)
    ends = [*places[1:], None]
    for slot, beginning, following in zip(slots, places, ends, strict=True):
        end = following
        if end is None:
            later = reader.text.find("day 2: ", beginning)
            end = later if later >= 0 else len(reader.text)
        yield slot, beginning, end


def check_slot(reader, slot):
    start = reader.at
    if slot["label"]:
        reader.finds(slot["label"])
    reader.finds(slot["title"])
    for also in slot.get("also", []):
        reader.finds(also["title"])
    for person in slot["people"]:
        before = reader.at
        reader.finds(" ".join(filter(None, (person["honorific"], person["name"]))))
        check_no_other_honorific(reader, person)
        by_line = "moderated by" in reader.text[before : reader.at]
        assert by_line == (person["role"] == "moderator"), person["name"]
        reader.finds(person["function"])
    items = reader.part(start, reader.end)
    for item in slot.get("items", []):
        items.finds(item)
    whole = reader.text[start : reader.end]
    roles = {person["role"] for person in slot["people"]}
    if "co_facilitator" in roles:
        assert "by the co-facilitators" in whole
    if "thematic_expert" in roles:
        assert "thematic expert" in whole


def check_no_other_honorific(reader, person):
    start = reader.at - len(folded(person["name"]))
    if person["honorific"] is None:
        assert not re.search(r"(mr\.|ms\.|dr\.|prof\.) $", reader.text[:start])


def check_data(content):
    """The data say the same, field by field."""
    programme = json.loads(content)["programme"]
    said = lambda field: field.get("en") if field else None  # noqa: E731
    assert {
        "issuing_body": said(programme["conference"]["office"]).upper(),
        "series": said(programme["conference"]["title"]),
        "title": said(programme["note_title"]).title().replace("For The", "for the"),
        "theme": said(programme["theme"]),
        "place": said(programme["city"]),
        "venue": ", ".join(said(programme["room"][k]) for k in ("venue", "name")),
        "footnotes": [note["number"] for note in programme["footnotes"]],
    } == {
        **{k: GOLD[k] for k in ("issuing_body", "series", "title", "theme")},
        **{k: GOLD[k] for k in ("place", "venue")},
        "footnotes": [1],
    }
    assert [day["date"] for day in programme["days"]] == [
        d["date"] for d in GOLD["days"]
    ]
    for day, gold_day in zip(programme["days"], GOLD["days"], strict=True):
        for slot, gold in zip(day["slots"], gold_day["slots"], strict=True):
            assert facts_of_data(slot) == facts_of_gold(gold)


def facts_of_data(slot):
    label = slot.get("label", {}).get("en")
    return {
        "start": slot["start"][:5],
        "end": slot["end"][:5],
        "kind": slot["kind"],
        "label": label.upper() if label else None,
        "title": slot["title"]["en"],
        "aside": slot.get("aside", {}).get("en"),
        "people": [
            {
                "name": person["name"]["en"],
                "honorific": person.get("honorific", {}).get("en"),
                "function": person["function"]["en"],
                "role": person["role"],
            }
            for line in slot.get("lines", [])
            for person in line.get("people", [])
        ],
    }


def facts_of_gold(gold):
    also = gold.get("also")
    return {
        **{k: gold[k] for k in ("start", "end", "kind", "label", "title")},
        # The paper capitalizes it; the organization's running text does not.
        "aside": also[0]["title"].capitalize() if also else None,
        "people": [
            {**p, "role": PRINTED_ROLE.get(p["role"], p["role"])}
            for p in gold["people"]
        ],
    }


# --- Edition 1 holds them all -----------------------------------------------


@pytest.fixture
def first_edition(demonstration):
    return Edition.objects.get(session__slug="third-thematic-session", number=1)


ADDRESS = "/en/global-compact-migration/third-thematic-session/editions/1/"


def test_agenda_of_edition_1_holds_every_fact_in_order(first_edition, client):
    check_document(text_of_html(client.get(ADDRESS).content), *ON_THE_PAGE)


def test_note_of_edition_1_holds_every_fact_in_order(first_edition, client):
    check_document(text_of_pdf(client.get(f"{ADDRESS}note.pdf").content), *ON_PAPER)


def test_data_of_edition_1_hold_every_fact(first_edition, client):
    check_data(client.get(f"{ADDRESS}programme.json").content)


def test_the_paper_has_15_people_in_17_places(first_edition):
    programme = from_json(json.dumps(first_edition.programme))

    people = list(programme.people)

    assert (len(people), len({p.person for p in people})) == (17, 15)


# --- A changed fact is noticed ----------------------------------------------


def changed_words(stored):
    return text(words(stored)["en"] + " changed") if words(stored) else text("Changed")


def facts_of_the_database():
    """Each fact of the session as (its name, what changes it), one at a time."""
    session = Session.objects.get(slug="third-thematic-session")
    for owner, fields in (
        (session.conference, ("title", "office")),
        (session, ("title", "note_title", "theme", "city")),
        (session.room, ("venue", "name")),
        *((slot, ("title",)) for slot in Slot.objects.filter(day__session=session)),
        *(
            (person, ("printed_name", "honorific", "function"))
            for person in Person.objects.filter(
                lines__slot__day__session=session
            ).distinct()
        ),
        *(
            (line, ("text",))
            for line in Line.objects.filter(slot__day__session=session)
            if words(line.text)
        ),
        *(
            (slot.panel, ("number" if slot.panel.number else "label",))
            for slot in Slot.objects.filter(day__session=session, panel__isnull=False)
        ),
    ):
        for field in fields:
            yield f"{type(owner).__name__} {owner} {field}", _changes(owner, field)
    for slot in Slot.objects.filter(day__session=session):
        for field in ("start", "end"):
            yield f"Slot {slot} {field}", _moves(slot, field)
        yield f"Slot {slot} kind", _sets(slot, "kind", Slot.Kind.OTHER)
    for line in Line.objects.filter(slot__day__session=session, person__isnull=False):
        yield (
            f"Line {line} role",
            _sets(line, "role", Role.objects.get(key="discussant")),
        )
        yield f"Line {line} status", _sets(line, "status", Line.Status.DECLINED)
    for slot in Slot.objects.filter(day__session=session, aside__en__isnull=False):
        yield f"Slot {slot} aside", _changes(slot, "aside")
    yield "order of the co-facilitators", _swaps_co_facilitators
    yield "date of a day", _moves_second_day


def _changes(owner, field):
    def change():
        value = getattr(owner, field)
        new = changed_words(value) if isinstance(value, dict) else (value or 0) + 7
        # Words are changed inside, so that nothing of the fact is left whole.
        if isinstance(value, dict) and words(value):
            said = words(value)["en"]
            middle = len(said) // 2
            new = text(said[:middle] + "·" + said[middle:])
        type(owner).objects.filter(pk=owner.pk).update(**{field: new})

    return change


def _sets(owner, field, value):
    return lambda: type(owner).objects.filter(pk=owner.pk).update(**{field: value})


def _moves(slot, field):
    wall = getattr(slot, field)
    moved = wall.replace(minute=(wall.minute + 1) % 60)
    return _sets(slot, field, moved)


def _swaps_co_facilitators():
    lines = Line.objects.filter(
        role__key="co-facilitator", slot__title__en="Opening segment"
    )
    first, second = lines.order_by("position")
    Line.objects.filter(pk=first.pk).update(position=second.position + 1)


def _moves_second_day():
    Day.objects.filter(date=dt.date(2017, 6, 20)).update(date=dt.date(2017, 6, 21))


@pytest.mark.thorough
def test_altering_any_one_fact_in_the_database_is_noticed(first_edition):

    session = first_edition.session
    # Edition 1 was composed before the corrigendum; bring its functions back.

    for family, (printed, _corrected) in _MISPRINTS.items():
        Person.objects.filter(family_name=family).update(function=text(printed))
    check_all(session)

    facts = list(facts_of_the_database())
    unnoticed = []
    for name, change in facts:
        with transaction.atomic():
            change()
            try:
                check_all(session)
                unnoticed.append(name)
            except (AssertionError, KeyError, ValueError):
                pass
            transaction.set_rollback(True)

    assert unnoticed == []
    assert len(facts) > 130


def check_all(session):
    """Every fact in the three outputs of the session as it stands in the database."""
    programme = compose(session)
    at = dt.datetime(2017, 6, 14, 14, 20, tzinfo=dt.UTC)
    imprint = Imprint(number=1, as_at=at, issued_at=at)
    check_data(FORMATS["programme.json"].render(programme, imprint, "en"))
    check_document(
        text_of_html(note_pdf.render_html(programme, imprint, "en")), *ON_PAPER
    )
    check_document(text_of_html(agenda.render(programme, imprint, "en")), *ON_THE_PAGE)
