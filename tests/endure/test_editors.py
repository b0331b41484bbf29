"""Two editors of one programme: whatever they do to each other's work, nothing that was
saved is lost without a word, and nothing that was typed."""

import datetime as dt
import html
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from sessions_app.admin.forms import ProgrammeForm, VersionedForm
from sessions_app.admin.grid import SlotRow
from sessions_app.admin.pages import ProgrammeAdmin, VersionedAdmin
from sessions_app.models import Day, Line, Panel, SavedChange, Session, Slot
from sessions_app.translated import text, words
from speakers.models import Person, Role
from tests.at_once import at_once
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

SEED = 20170621
# What a page says when it refuses.
REFUSALS = (
    "Nothing of yours is saved yet",
    "was deleted by somebody else after you opened",
)
PHRASES = (
    "Opening remarks {}",
    "Clôture “{}”",
    "<b>Thanks</b> & farewell, {}",
    "كلمة {}",
)
WORDS_OF_SLOT = ("title_en", "aside_en", "text_en", "internal_note", "start", "end")
IN_GRID = ("title_en", "start", "end")
# The lines of a slot on the stage: two texts, and two people between them.
LINES = 4
PEOPLE = (1, 2)


@pytest.fixture
def programme(transactional_db) -> Session:
    """A session without days, and all that its lines need."""
    make_person("Ada Lund")
    make_person("Jürg Lauber")
    make_role()
    make_moderator()
    return make_session(room=make_room())


@pytest.fixture
def editors(transactional_db) -> list[Client]:
    """Two editors, signed in. A fault of a page is an answer to them, as in service."""
    clients = []
    for name in ("Amina", "Boris"):
        user = User.objects.create(username=name, is_staff=True, is_superuser=True)
        client = Client(raise_request_exception=False)
        client.force_login(user)
        clients.append(client)
    return clients


# --- What an editor does --------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """What an editor types on a page, and sends."""

    page: str
    # Over the values that the page came with; None leaves one out.
    typed: dict[str, Any]
    # Whether the database holds it.
    is_kept: Callable[[], bool]
    # Where the editor is sent on when it was saved.
    saved_at: str
    # How it reads beside what another typed: on the page of a slot, and in the grid.
    reads: str = ""
    reads_in_grid: str = ""

    @property
    def is_deletion(self) -> bool:
        return "/delete/" in self.page

    @property
    def is_on_slot_page(self) -> bool:
        return "/slot/" in self.page and not self.is_deletion

    @property
    def is_in_grid(self) -> bool:
        return "/day/" in self.page


def held(row: Slot | Line, name: str) -> Any:
    """What the database holds of a row, as it is typed into the input `name`."""
    now = type(row)._default_manager.filter(pk=row.pk).first()
    value = getattr(now, name.removesuffix("_en"), None)
    if isinstance(value, dict):
        return words(value).get("en")
    return f"{value:%H.%M}" if isinstance(value, dt.time) else value


@dataclass
class Stage:
    """A day of two panels, made anew for each round, and what can be done to it."""

    session: Session
    draw: random.Random
    number: Iterator[int]
    day: Day = field(init=False)
    slots: list[Slot] = field(init=False)

    def __post_init__(self) -> None:
        self.minutes = iter(self.draw.sample(range(1, 60), 59))
        self.day = make_day(self.session)
        self.slots = [self._panel("10:00", "11:00"), self._panel("12:00", "13:00")]

    def _panel(self, start: str, end: str) -> Slot:
        slot = make_slot(self.day, start, end, kind=Slot.Kind.PANEL)
        Panel.objects.create(slot=slot, number=1)
        ada, lauber = Person.objects.order_by("pk")[:2]
        panellist, moderator = Role.objects.order_by("pk")
        make_line(slot, text=text("Panellists"))
        make_line(slot, person=ada, role=panellist)
        make_line(slot, person=lauber, role=moderator)
        make_line(slot, text=text("Questions"))
        return slot

    @property
    def slot(self) -> Slot:
        return self.slots[0]

    def words(self) -> str:
        """Words that nobody typed before."""
        return self.draw.choice(PHRASES).format(next(self.number))

    def value(self, slot: Slot, name: str) -> str:
        """What nobody typed before into an input of a slot."""
        if name not in {"start", "end"}:
            return self.words()
        return f"{getattr(slot, name):%H}.{next(self.minutes):02}"

    # On the page of a slot

    def on_slot(
        self, slot: Slot, values: dict[str, Any], is_kept: Any, reads: str, **more: str
    ) -> Act:
        page = reverse("admin:sessions_app_slot_change", args=[slot.pk])
        return Act(page, values, is_kept, self._programme(), reads, **more)

    def types(self, slot: Slot, name: str) -> Act:
        value = self.value(slot, name)
        in_grid = value if name in IN_GRID else ""
        return self.on_slot(
            slot,
            {name: value},
            lambda: held(slot, name) == value,
            value,
            reads_in_grid=in_grid,
        )

    def types_anything(self, slot: Slot) -> Act:
        return self.types(slot, self.draw.choice(WORDS_OF_SLOT))

    def adds_a_line(self, slot: Slot) -> Act:
        said = self.words()
        return self.on_slot(
            slot,
            {f"lines-{LINES}-text_en": said},
            lambda: slot.lines.filter(text__en=said).exists(),
            said,
        )

    def removes_lines(self, slot: Slot) -> Act:
        places = self.draw.sample(range(LINES), self.draw.randint(1, 2))
        lines = list(slot.lines.all())
        removed = [lines[place].pk for place in places]
        return self.on_slot(
            slot,
            {f"lines-{place}-DELETE": "on" for place in places},
            lambda: not Line.objects.filter(pk__in=removed).exists(),
            "deleted",
        )

    def reorders_lines(self, slot: Slot) -> Act:
        order = list(slot.lines.values_list("pk", flat=True))
        before = list(order)
        while order == before:
            self.draw.shuffle(order)
        positions = {
            f"lines-{place}-position": str(10 * (order.index(pk) + 1))
            for place, pk in enumerate(before)
        }

        def is_kept() -> bool:
            now = slot.lines.order_by("position", "pk").values_list("pk", flat=True)
            return [pk for pk in now if pk in order] == order

        return self.on_slot(slot, positions, is_kept, "Order")

    def changes_a_line(self, slot: Slot) -> Act:
        place = self.draw.randrange(LINES)
        line = list(slot.lines.all())[place]
        name, value = "text_en", self.words()
        if place in PEOPLE:
            name = self.draw.choice(["function_en", "internal_note", "status"])
        reads = value
        if name == "status":
            value, reads = Line.Status.DECLINED, "declined"
        return self.on_slot(
            slot,
            {f"lines-{place}-{name}": str(value)},
            lambda: held(line, name) == value,
            reads,
        )

    def deletes(self, slot: Slot) -> Act:
        return Act(
            reverse("admin:sessions_app_slot_delete", args=[slot.pk]),
            {},
            lambda: not Slot.objects.filter(pk=slot.pk).exists(),
            reverse("admin:sessions_app_slot_changelist"),
        )

    # In the grid, and on the page of a line

    def types_in_grid(self, slot: Slot, name: str = "") -> Act:
        name = name or self.draw.choice(IN_GRID)
        value = self.value(slot, name)
        page = reverse("desk:grid", args=[self.day.pk])
        return Act(
            page,
            {f"{slot.code}-{name.removesuffix('_en')}": value},
            lambda: held(slot, name) == value,
            page,
            reads=value,
            reads_in_grid=value,
        )

    def types_title_in_grid(self, slot: Slot) -> Act:
        return self.types_in_grid(slot, "title_en")

    def replaces(self, slot: Slot) -> Act:
        line = list(slot.lines.all())[self.draw.choice(PEOPLE)]
        values = {"honorific": "Mr.", "name": self.words(), "function": self.words()}

        def is_kept() -> bool:
            now = Line.objects.filter(pk=line.pk).first()
            return bool(now and str(now.person) == values["name"])

        return self._on_line(line, values, is_kept, values["name"])

    def marks(self, slot: Slot) -> Act:
        line = list(slot.lines.all())[self.draw.choice(PEOPLE)]
        name, value, reads = self.draw.choice(
            [
                ("status", Line.Status.WITHDRAWN, "withdrawn"),
                ("status", Line.Status.TO_BE_CONFIRMED, "to be confirmed"),
                ("mode", Line.Mode.REMOTE, "by video link"),
            ]
        )
        return self._on_line(
            line,
            {"mark": f"{name}:{value}", "replace": None},
            lambda: held(line, name) == value,
            reads,
        )

    def _on_line(
        self, line: Line, values: dict[str, Any], is_kept: Any, reads: str
    ) -> Act:
        page = reverse("desk:line", args=[line.code])
        return Act(page, values, is_kept, self._programme(), reads)

    def _programme(self) -> str:
        return reverse("admin:sessions_app_session_change", args=[self.session.pk])

    # Two editors

    def different_fields(self) -> tuple[Act, Act]:
        one, other = self.draw.sample(WORDS_OF_SLOT, 2)
        return self.types(self.slot, one), self.types(self.slot, other)

    def same_field(self) -> tuple[Act, Act]:
        name = self.draw.choice(WORDS_OF_SLOT)
        return self.types(self.slot, name), self.types(self.slot, name)

    def lines_added_and_removed(self) -> tuple[Act, Act]:
        return self.adds_a_line(self.slot), self.removes_lines(self.slot)

    def lines_reordered_and_changed(self) -> tuple[Act, Act]:
        return self.reorders_lines(self.slot), self.changes_a_line(self.slot)

    def grid_and_slot(self) -> tuple[Act, Act]:
        return self.types_in_grid(self.slot), self.types_anything(self.slot)

    def grid_and_grid(self) -> tuple[Act, Act]:
        return self.types_in_grid(self.slot), self.types_in_grid(self.slot)

    def grid_rows(self) -> tuple[Act, Act]:
        one, other = self.slots
        return self.types_in_grid(one), self.types_in_grid(other)

    def line_and_slot(self) -> tuple[Act, Act]:
        on_line = self.draw.choice([self.replaces, self.marks])
        on_slot = self.draw.choice([self.types_anything, self.changes_a_line])
        return on_line(self.slot), on_slot(self.slot)

    def deletion_and_edit(self) -> tuple[Act, Act]:
        edit = self.draw.choice(
            [self.types_anything, self.changes_a_line, self.types_title_in_grid]
        )
        return self.deletes(self.slot), edit(self.slot)

    def different_slots(self) -> tuple[Act, Act]:
        one, other = self.slots
        return self.types_anything(one), self.types_anything(other)

    def part_in_grid_and_deletion_of_whole(self) -> tuple[Act, Act]:
        part, whole = self.slots
        Slot.objects.filter(pk=part.pk).update(part_of=whole)
        return self.types_in_grid(part), self.deletes(whole)

    def whole_in_grid_and_new_part(self) -> tuple[Act, Act]:
        whole, part = self.slots
        put_into = self.on_slot(
            part,
            {"part_of": str(whole.pk)},
            lambda: Slot.objects.get(pk=part.pk).part_of == whole,
            str(whole),
        )
        return self.types_in_grid(whole), put_into

    def deletion_and_time_in_grid(self) -> tuple[Act, Act]:
        return self.deletes(self.slot), self.types_in_grid(self.slot, "end")

    def deletion_and_replacement(self) -> tuple[Act, Act]:
        return self.deletes(self.slot), self.replaces(self.slot)


# What the two do, and how many of them are saved.
KINDS: tuple[tuple[str, Callable[[Stage], tuple[Act, Act]], int], ...] = (
    ("different fields of a slot", Stage.different_fields, 1),
    ("one field of a slot", Stage.same_field, 1),
    ("lines added, lines removed", Stage.lines_added_and_removed, 1),
    ("lines reordered, a line changed", Stage.lines_reordered_and_changed, 1),
    ("grid and slot", Stage.grid_and_slot, 1),
    ("one row of the grid", Stage.grid_and_grid, 1),
    ("two rows of the grid", Stage.grid_rows, 2),
    ("page of a line and slot", Stage.line_and_slot, 1),
    ("deletion and edit", Stage.deletion_and_edit, 1),
    ("different slots", Stage.different_slots, 2),
)


# --- A round --------------------------------------------------------------------------


@dataclass
class Editor:
    """An editor who opened a page, typed, and sends it."""

    client: Client
    act: Act
    is_blind: bool = False
    answer: Any = None

    @property
    def name(self) -> str:
        user_pk = self.client.session["_auth_user_id"]
        return User.objects.get(pk=user_pk).get_username()

    def __post_init__(self) -> None:
        opened = self.client.get(self.act.page, follow=True)
        chain = opened.redirect_chain
        self.address = chain[-1][0] if chain else self.act.page
        self.values = typed(opened) | self.act.typed

    def send(self) -> None:
        """Sends what was typed; without a look at what was saved meanwhile, when blind
        (the page of a line compares in the middle of its work)."""
        if self.is_blind and "/line/" in self.act.page:
            code = self.act.page.rstrip("/").rpartition("/")[2]
            slot = Slot.objects.filter(lines__code=code).first()
            self.values["version_seen"] = str(slot.version if slot else 0)
        self.answer = self.post(self.values)

    def post(self, values: dict[str, Any]) -> HttpResponse:
        return self.client.post(
            self.address,
            {name: said for name, said in values.items() if said is not None},
        )

    @property
    def is_saved(self) -> bool:
        return is_saved(self.act, self.answer)

    @property
    def is_lost(self) -> bool:
        """Whether it was saved, and another who never saw it saved over it."""
        return self.is_saved and not self.act.is_kept()

    @cached_property
    def refused_on(self) -> Any:
        """The page on which the editor reads of the refusal."""
        if self.answer.status_code == 302:
            return self.client.get(self.answer["Location"])
        return self.answer


def is_saved(act: Act, answer: HttpResponse) -> bool:
    place = answer.headers.get("Location", "")
    return answer.status_code == 302 and place.partition("#")[0] == act.saved_at


def said_on(answer: HttpResponse) -> str:
    return html.unescape(answer.content.decode())


def open_pages(
    acts: Iterable[Act], clients: list[Client], *, blind: bool = False
) -> list[Editor]:
    """The two editors, each with the page open and all typed."""
    pairs = zip(clients, acts, strict=True)
    return [Editor(client, act, is_blind=blind) for client, act in pairs]


def send(editors: list[Editor], *, together: bool) -> None:
    """Both send, one after the other or in one instant."""
    if not together:
        for editor in editors:
            editor.send()
        return
    assert at_once(*[editor.send for editor in editors]) == [None, None]


def play_rounds(
    count: int, programme: Session, clients: list[Client], *, blind: bool = False
) -> Iterator[tuple[str, int, list[Editor]]]:
    """What the two do in each round, how many are to be saved, and the two editors
    after both were answered; every kind comes in turn, half of the rounds at once."""
    draw = random.Random(SEED)  # noqa: S311 - not a secret
    number = iter(range(1000, 10_000))
    for round_ in range(count):
        turn, place = divmod(round_, len(KINDS))
        told, kind, saved = KINDS[place]
        stage = Stage(programme, draw, number)
        acts = draw.sample(kind(stage), 2)
        editors = open_pages(acts, clients, blind=blind)
        send(editors, together=(turn + place) % 2 == 1)
        yield told, saved, editors
        stage.day.delete()


# --- What must be true after a round --------------------------------------------------


def check_answers(editors: list[Editor]) -> int:
    """Whoever is refused still has all that was typed, and sees what the other saved.
    Gives how many were saved."""
    accepted = [editor for editor in editors if editor.is_saved]
    assert [fault_of(editor.answer) for editor in editors] == ["", ""]
    for editor in editors:
        if not editor.is_saved:
            assert_is_told(editor, accepted)
    return len(accepted)


def fault_of(answer: Any) -> str:
    """Why an answer is neither a page nor the way to one; "" when it is."""
    if answer.status_code in {200, 302}:
        return ""
    return f"{answer} {getattr(answer, 'exc_info', '')}"


def assert_is_told(editor: Editor, accepted: list[Editor]) -> None:
    page = said_on(editor.refused_on)
    if editor.act.is_deletion:
        assert "Nothing was deleted" in page
        return
    assert any(refusal in page for refusal in REFUSALS), editor
    form = typed(editor.refused_on)
    lost = {
        name: value
        for name, value in editor.act.typed.items()
        if not is_in_sight(name, value, form, page)
    }
    assert lost == {}, editor
    for other in accepted:
        assert other.act.is_deletion or f"{other.name} saved this" in page, editor
        assert reads_beside(editor.act, other.act) in page, (editor, other)


def is_in_sight(name: str, value: Any, form: dict[str, Any], page: str) -> bool:
    """Whether a page still holds what was typed: in the same input, or, when its row
    is gone, in words."""
    if value is None or name == "mark" or name.endswith("-DELETE"):
        return True
    return bool(form[name] == value) if name in form else value in page


def reads_beside(refused: Act, saved: Act) -> str:
    """How what was saved reads on the page of the other."""
    if saved.is_deletion:
        return "deleted"
    if refused.is_on_slot_page:
        return saved.reads
    return saved.reads_in_grid if refused.is_in_grid else ""


def check_second_thoughts(editor: Editor) -> str:
    """Whoever is refused and sends the same page again is refused again; with the
    button or box that decides for it, saved. Gives what became of it."""
    again = typed(editor.refused_on)
    over = decision_on(said_on(editor.refused_on))
    if not over:
        return "told"
    same = editor.post(again)
    assert not is_saved(editor.act, same), editor
    assert not editor.act.is_kept(), editor
    decided = editor.post(again | over)
    assert is_saved(editor.act, decided), said_on(decided)
    assert editor.act.is_kept(), editor
    return "told, then decided"


def decision_on(page: str) -> dict[str, str]:
    """The button or box on a page that saves over what was saved meanwhile."""
    return dict(re.findall(r'name="(save_over|[^"]+-over)" value="(\d+)">', page))


def test_no_editor_loses_a_word_to_another(programme, editors, rounds, report):
    outcomes: Counter[str] = Counter()
    losses = []
    for told, expected, both in play_rounds(rounds(100), programme, editors):
        assert check_answers(both) == expected, (told, both)
        losses += [(told, editor) for editor in both if editor.is_lost]
        # One change for each that was saved, and none of who was refused.
        assert SavedChange.objects.count() == expected, (told, both)
        outcomes[f"{told}: {what_became_of(both)}"] += 1
        SavedChange.objects.all().delete()
    assert losses == []
    report(f"{rounds(100)} rounds of two editors, silent losses {len(losses)}")
    for what, times in sorted(outcomes.items()):
        report(f"  {times:3} {what}")


def what_became_of(editors: list[Editor]) -> str:
    refused = [editor for editor in editors if not editor.is_saved]
    if not refused:
        return "both saved"
    [one] = refused
    if one.act.is_deletion:
        return "one saved, a deletion refused"
    return f"one saved, one {check_second_thoughts(one)}"


@pytest.mark.parametrize(
    "kind",
    [
        Stage.part_in_grid_and_deletion_of_whole,
        Stage.whole_in_grid_and_new_part,
    ],
)
def test_two_who_touch_the_same_two_slots_never_wait_for_each_other(
    programme, editors, rounds, kind
):
    draw = random.Random(SEED)  # noqa: S311 - not a secret
    number = iter(range(1000, 10_000))
    for _round in range(rounds(20)):
        stage = Stage(programme, draw, number)
        both = open_pages(kind(stage), editors)
        send(both, together=True)
        check_answers(both)
        assert [editor for editor in both if editor.is_lost] == []
        # A deletion that came first leaves the grid to look again.
        in_grid, other = both
        assert other.is_saved
        assert in_grid.is_saved or other.act.is_deletion
        stage.day.delete()


@pytest.mark.parametrize(
    "kind",
    [
        Stage.deletion_and_time_in_grid,
        Stage.deletion_and_replacement,
    ],
)
def test_what_was_typed_of_a_slot_deleted_meanwhile_stays_in_sight(
    programme, editors, kind
):
    stage = Stage(programme, random.Random(SEED), iter(range(1000)))  # noqa: S311
    both = open_pages(kind(stage), editors)
    send(both, together=False)

    assert check_answers(both) == 1


@pytest.mark.parametrize("kind", [Stage.types_anything, Stage.deletes])
def test_what_the_database_ends_for_the_sake_of_another_is_told_and_kept(
    programme, editors, monkeypatch, kind
):
    class Deadlock(Exception):
        pgcode = "40P01"

    def ended(*_arguments: Any, **_options: Any) -> None:
        raise OperationalError("deadlock detected") from Deadlock()

    stage = Stage(programme, random.Random(SEED), iter(range(1000)))  # noqa: S311
    [editor] = open_pages([kind(stage, stage.slot)], editors[:1])
    with monkeypatch.context() as patch:
        patch.setattr(Slot, "save", ended)
        patch.setattr(Slot, "delete", ended)
        editor.send()

    assert not editor.is_saved
    assert_is_told(editor, [])
    assert not editor.act.is_kept()


def test_editors_lose_work_silently_without_the_comparison_of_versions(
    programme, editors, rounds, report, monkeypatch
):
    monkeypatch.setattr(VersionedForm, "clean", ProgrammeForm.clean)
    monkeypatch.setattr(SlotRow, "was_seen", True)
    monkeypatch.setattr(VersionedAdmin, "why_not_deleted_now", lambda *_arguments: "")
    monkeypatch.setattr(
        ProgrammeAdmin,
        "lock",
        lambda self, key, **_options: self.model.objects.filter(pk=key).exists(),
    )
    count = max(rounds(100), len(KINDS))
    losses = Counter(
        told
        for told, _saved, both in play_rounds(count, programme, editors, blind=True)
        for editor in both
        if editor.is_lost
    )
    assert losses["one field of a slot"] > 0
    assert losses["different slots"] == losses["two rows of the grid"] == 0
    report(f"{count} rounds without comparison: {losses.total()} losses {dict(losses)}")
