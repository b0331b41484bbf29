"""The grid of a day: times, kinds, titles and rooms of all its slots at once, parallel
rooms side by side. Each row is checked by itself when it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sessions_app import history, timetable
from sessions_app.admin.conflicts import who_saved
from sessions_app.admin.forms import TIME_FORMATS, VersionField
from sessions_app.admin.history import told_of
from sessions_app.models import Day, Room, SavedChange, Slot, said
from sessions_app.translated import direction, edited, normalize, words

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Slot]
else:
    ModelForm = forms.ModelForm


class SlotRow(ModelForm):
    """A slot in the grid. What the editor saw is sent along unseen, so that a row
    which the editor left alone is left alone, whatever others saved in it."""

    title = forms.CharField(label=_("Title"), max_length=300)
    room = forms.TypedChoiceField(
        label=_("Room"), required=False, coerce=int, empty_value=None
    )
    version_seen = VersionField()
    over = forms.CharField(required=False)

    class Meta:
        model = Slot
        fields = ["start", "end", "ends_next_day", "kind"]

    def __init__(
        self,
        slot: Slot,
        rooms: list[tuple[Any, str]],
        data: QueryDict | None,
    ) -> None:
        self.primary = slot.day.session.primary_language
        self.heading = said(slot.title, self.primary) or slot.code
        super().__init__(data, instance=slot, prefix=slot.code)
        self.initial["title"] = words(slot.title).get(self.primary, "")
        self.initial["room"] = slot.room_id or ""
        self.initial["version_seen"] = slot.version
        self._set_fields(rooms)

    def _set_fields(self, rooms: list[tuple[Any, str]]) -> None:
        # Choices first: the widget takes them over.
        room: Any = self.fields["room"]
        room.choices = rooms
        for name in ("start", "end"):
            self.fields[name] = forms.TimeField(
                label=self.fields[name].label,
                required=False,
                input_formats=TIME_FORMATS,
                widget=forms.TimeInput(
                    {"size": 5, "class": "time-typed", "autocomplete": "off"},
                    TIME_FORMATS[0],
                ),
            )
        for name, shown in self.fields.items():
            shown.widget.attrs["aria-label"] = str(shown.label or "")
            shown.show_hidden_initial = name not in {"version_seen", "over"}
        self.fields["title"].widget.attrs |= {
            "lang": self.primary,
            "dir": direction(self.primary),
        }

    def clean_title(self) -> str:
        return normalize(self.cleaned_data["title"])

    def clean(self) -> dict[str, Any]:
        slot = self.instance
        if self.has_changed() and not self.was_seen:
            raise ValidationError(
                gettext(
                    "%(who)s Nothing of yours is saved yet. Saved now: %(saved)s. "
                    "Tick “save mine over it”, or type what was saved."
                )
                % {"who": who_saved(slot), "saved": in_words(slot)},
                code="conflict",
            )
        return self.cleaned_data

    @property
    def was_seen(self) -> bool:
        """Whether the editor saw the row as it is, or decided to save over it."""
        if not self.is_bound:
            return False
        held = self.cleaned_data
        return str(self.instance.version) in {
            str(held.get("version_seen")),
            held.get("over"),
        }

    def _post_clean(self) -> None:
        # Only what the editor changed goes into the row.
        slot = self.instance
        for name in self.changed_data:
            if name == "title" and name in self.cleaned_data:
                texts = words(slot.title) | {self.primary: self.cleaned_data[name]}
                slot.title = edited(slot.title, texts, self.primary)
            elif name == "room" and name in self.cleaned_data:
                slot.room_id = self.cleaned_data[name]
            elif name in self.Meta.fields and name in self.cleaned_data:
                setattr(slot, name, self.cleaned_data[name])
        if self.changed_data and not self.errors:
            self._check(slot)

    def _check(self, slot: Slot) -> None:
        try:
            slot.clean()
            slot.validate_constraints()
        except ValidationError as error:
            for name, found in error.update_error_dict({}).items():
                self.add_error(name if name in self.fields else None, found)

    @property
    def is_in_conflict(self) -> bool:
        return self.is_bound and any(
            error.code == "conflict" for error in self.non_field_errors().as_data()
        )


def in_words(slot: Slot) -> str:
    """A slot in one line: its times, kind and title."""
    times = "–".join(f"{at:%H.%M}" for at in (slot.start, slot.end) if at)
    title = said(slot.title, slot.day.session.primary_language)
    told = [times, str(slot.get_kind_display()), f"“{title}”"]
    if slot.room:
        told.append(str(slot.room))
    return ", ".join(filter(None, told))


@dataclass(frozen=True)
class Cell:
    """A place in the grid: the rows that start there, and over how many starts it
    reaches down. Without rows it is empty."""

    rows: tuple[SlotRow, ...]
    span: int


@dataclass(frozen=True)
class Tier:
    """All that starts at one time: a cell for each room, less those that a cell above
    reaches into."""

    time: str
    cells: tuple[Cell, ...]


@dataclass
class Grid:
    """The rows of a day. `rooms` heads the columns; with one room there is one."""

    day: Day
    rows: list[SlotRow]
    rooms: list[tuple[int, str]]

    @property
    def tiers(self) -> list[Tier]:
        starts = sorted({row.instance.start for row in self.rows if row.instance.start})
        times = [*starts, *([None] if self._without_start() else [])]
        columns = {key: self._column(key, times) for key, _name in self.rooms}
        return [
            Tier(
                f"{time:%H.%M}" if time else "–",
                tuple(
                    columns[key][place]
                    for key, _name in self.rooms
                    if place in columns[key]
                ),
            )
            for place, time in enumerate(times)
        ]

    def _without_start(self) -> list[SlotRow]:
        return [row for row in self.rows if row.instance.start is None]

    def _column(self, room: int, times: list[Any]) -> dict[int, Cell]:
        """Place to cell of one room; places that a cell reaches into are absent."""
        mine = [row for row in self.rows if self._room_of(row.instance) == room]
        begun = {row.instance.start for row in mine}
        cells: dict[int, Cell] = {}
        place = 0
        while place < len(times):
            here = tuple(row for row in mine if row.instance.start == times[place])
            span = 1
            while place + span < len(times) and _reaches(
                here, times[place + span], begun
            ):
                span += 1
            cells[place] = Cell(here, span)
            place += span
        return cells

    def _room_of(self, slot: Slot) -> int:
        return slot.room_id or self.day.session.room_id or 0


def _reaches(rows: Iterable[SlotRow], time: Any, begun: set[Any]) -> bool:
    """Whether one of the rows of a cell still goes on at `time`, when nothing else
    begins in its room."""
    if time is None or time in begun:
        return False
    return any(
        row.instance.ends_next_day or (row.instance.end and row.instance.end > time)
        for row in rows
    )


def grid_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the grid of a day; saves, moves or swaps when it is sent."""
    if not request.user.has_perm("sessions_app.change_slot"):
        raise PermissionDenied
    day = get_object_or_404(Day.objects.select_related("session__conference"), pk=pk)
    if request.method != "POST":
        return _page(request, _grid_of(day, None), {})
    with history.recorded(request.user, day.session, _act(request)) as recording:
        grid = _grid_of(day, request.POST, lock=True)
        # Every row says what is wrong with it, not only the first.
        checked = [row.is_valid() for row in grid.rows if row.is_bound]
        gone = _gone(request.POST, grid)
        if all(checked) and not gone and _obey(request, grid, recording):
            return HttpResponseRedirect(request.path)
    return _page(request, grid, request.POST, gone)


def _act(request: HttpRequest) -> str:
    if "_move" in request.POST:
        return SavedChange.Act.MOVED
    if "_swap" in request.POST:
        return SavedChange.Act.SWAPPED
    return SavedChange.Act.SAVED


def _grid_of(day: Day, data: QueryDict | None, *, lock: bool = False) -> Grid:
    slots = day.slots.order_by("start", "position", "pk")
    if lock:
        # In one order for everybody, so that two who save never wait for each other.
        list(day.slots.order_by("pk").select_for_update().values_list("pk"))
    slots = slots.select_related("room")
    primary = day.session.primary_language
    rooms = [
        (room.pk, said(room.name or room.venue, primary)) for room in Room.objects.all()
    ]
    session = day.session
    default = dict(rooms).get(session.room_id or 0, gettext("no room"))
    # The session's own room is chosen by choosing none.
    choices = [("", default), *(pair for pair in rooms if pair[0] != session.room_id)]
    rows = []
    for slot in slots:
        slot.day = day
        is_sent = data is not None and f"{slot.code}-version_seen" in data
        rows.append(SlotRow(slot, choices, data if is_sent else None))
    used = {row.instance.room_id or session.room_id or 0 for row in rows}
    columns = [(key, name) for key, name in [(0, default), *rooms] if key in used]
    return Grid(day, rows, columns or [(session.room_id or 0, default)])


def _gone(data: QueryDict, grid: Grid) -> list[str]:
    """The titles that were typed in rows of slots that were deleted meanwhile."""
    codes = {row.instance.code for row in grid.rows}
    suffix = "-version_seen"
    sent = [name.removesuffix(suffix) for name in data if name.endswith(suffix)]
    return [data.get(f"{code}-title", code) for code in sent if code not in codes]


def _obey(request: HttpRequest, grid: Grid, recording: history.Recording) -> bool:
    """Saves what was typed, moved or swapped; False with a message when that cannot
    be done."""
    slots = [row.instance for row in grid.rows]
    typed = [row.instance for row in grid.rows if row.is_bound and row.has_changed()]
    try:
        placed = _placed(request.POST, grid, slots)
        _refuse_unseen(grid, placed)
        for slot in placed:
            slot.clean()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    changed = {slot.pk: slot for slot in [*typed, *placed]}.values()
    # The rows of the database are still as they were before.
    recording.watch(*changed)
    for slot in changed:
        slot.save()
    history.next_version(*changed)
    messages.success(request, _said(request.POST, len(typed), len(placed)))
    return True


def _placed(data: QueryDict, grid: Grid, slots: list[Slot]) -> list[Slot]:
    """The slots that a move or a swap gave another place. Raises ValidationError."""
    by_code = {slot.code: slot for slot in slots}
    if "_move" in data:
        first = by_code.get(data.get("move_from", ""))
        if first is None:
            raise ValidationError(gettext("Choose the slot from which to move."))
        room = data.get("move_room", "")
        return timetable.move_on(
            slots,
            first,
            _minutes(data.get("minutes", "")),
            room_id=int(room) if room.isascii() and room.isdigit() else None,
            default_room_id=grid.day.session.room_id,
        )
    if "_swap" in data:
        picked = [by_code[code] for code in data.getlist("pick") if code in by_code]
        if len(picked) != 2:
            raise ValidationError(gettext("Tick the two slots that change places."))
        return timetable.swap(*picked, between=_is_between(picked, slots))
    return []


def _minutes(typed: str) -> int:
    try:
        return int(typed.strip().replace("\u2212", "-"))
    except ValueError:
        raise ValidationError(
            gettext("Type by how many minutes to move: 15, or -15 for earlier.")
        ) from None


def _is_between(picked: list[Slot], slots: list[Slot]) -> bool:
    starts = sorted(slot.start for slot in picked if slot.start)
    return len(starts) == 2 and any(
        slot.start is not None
        and starts[0] <= slot.start < starts[1]
        and slot not in picked
        for slot in slots
    )


def _refuse_unseen(grid: Grid, placed: Iterable[Slot]) -> None:
    """Raises ValidationError unless what is moved is what the editor saw."""
    rows = {row.instance.pk: row for row in grid.rows}
    unseen = [slot for slot in placed if not rows[slot.pk].was_seen]
    if unseen:
        raise ValidationError(
            gettext(
                "Saved by somebody else after you opened the page: %(slots)s. Nothing "
                "was moved: look at what stands there now, then move."
            )
            % {"slots": "; ".join(in_words(slot) for slot in unseen)}
        )


def _said(data: Mapping[str, Any], typed: int, placed: int) -> str:
    if "_move" in data:
        return ngettext("%d slot moved.", "%d slots moved.", placed) % placed
    if "_swap" in data:
        return gettext("The two slots changed places.")
    if not typed:
        return gettext("Nothing was changed.")
    return ngettext("%d slot saved.", "%d slots saved.", typed) % typed


def _page(
    request: HttpRequest, grid: Grid, data: Mapping[str, Any], gone: Iterable[str] = ()
) -> HttpResponse:
    day, session = grid.day, grid.day.session
    last = history.last_change(session)
    context = {
        **admin.site.each_context(request),
        "title": formats.date_format(day.date, "l j F Y"),
        "subtitle": str(session),
        "session": session,
        "day": day,
        "days": [
            (other, formats.date_format(other.date, "D j M"))
            for other in session.days.order_by("date")
        ],
        "grid": grid,
        "gone": list(gone),
        "has_errors": any(row.is_bound and row.errors for row in grid.rows),
        "minutes": data.get("minutes", ""),
        "move_from": data.get("move_from", ""),
        "move_room": data.get("move_room", ""),
        "opts": Slot._meta,
        "told": told_of(request, history.Reader([last] if last else [])),
        "here": reverse("desk:grid", args=[day.pk]),
    }
    return render(request, "admin/desk/grid.html", context)
