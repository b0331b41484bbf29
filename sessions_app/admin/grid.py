"""The grid of a day: times, kinds, titles and rooms of all its slots at once, parallel
rooms side by side. Each row is checked by itself when it is saved."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sessions_app import duties, history, page_dates, telling, timetable
from sessions_app.admin.conflicts import who_saved
from sessions_app.admin.forms import MOST_ROWS, TIME_FORMATS, VersionField
from sessions_app.admin.history import told_of
from sessions_app.models import Day, Room, SavedChange, Session, Slot, said
from sessions_app.programme import comma_of, in_brackets, in_quotes
from sessions_app.translated import direction, edited, normalize, words

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Slot]
else:
    ModelForm = forms.ModelForm

# Room key to name; 0 is no room.
Rooms = list[tuple[int, str]]

# What is typed in a row, and what of a slot the page may change.
_TYPED = ("start", "end", "ends_next_day", "title", "kind", "room")
_WRITTEN = (*_TYPED, "position")
_VERSION = "version_seen"
_SEEN_SUFFIX = f"-{_VERSION}"


# --- A row ----------------------------------------------------------------------


def _time_field(label: Any, sentence: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        input_formats=TIME_FORMATS,
        widget=forms.TimeInput(
            {"size": 5, "class": "time-typed", "autocomplete": "off"}, TIME_FORMATS[0]
        ),
        error_messages={"invalid": sentence},
    )


class SlotRow(ModelForm):
    """A slot in the grid. What the editor saw is sent along unseen: a row that the
    editor left alone is no part of what was sent, whatever others saved in it; of any
    other, what the editor changed stands beside what is saved now."""

    start = _time_field(_("Start"), _("Start: type hours and minutes, such as 15.00."))
    end = _time_field(_("End"), _("End: type hours and minutes, such as 15.00."))
    title = forms.CharField(
        label=_("Title"),
        max_length=300,
        required=False,
        error_messages={
            "max_length": _(
                "Title: at most %(limit_value)d characters are printed, this one has "
                "%(show_value)d."
            )
        },
    )
    room = forms.TypedChoiceField(
        label=_("Room"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={
            "invalid_choice": _("That room is not in the list any more: choose again.")
        },
    )
    version_seen = VersionField()

    class Meta:
        model = Slot
        fields = ["ends_next_day", "kind"]
        error_messages = {
            "kind": {"invalid_choice": _("That kind is not in the list: choose again.")}
        }

    def __init__(
        self, slot: Slot, rooms: list[tuple[Any, str]], data: QueryDict | None
    ) -> None:
        # As the database holds it: the slot itself takes what is typed and moved.
        self.saved = copy(slot)
        self.sent: Mapping[str, str] = data or {}
        # Names of the fields that the editor changed.
        self.typed: list[str] = []
        self.is_picked = slot.code in (data.getlist("pick") if data else ())
        self.primary = slot.day.session.primary_language
        self.heading = said(slot.title, self.primary) or slot.code
        super().__init__(data, instance=slot, prefix=slot.code)
        self.initial.update(_as_typed(slot), version_seen=slot.version)
        self._set_fields(rooms)
        if self.is_bound:
            self._take_up()

    def _set_fields(self, rooms: list[tuple[Any, str]]) -> None:
        # Choices first: the widget takes them over.
        room: Any = self.fields["room"]
        room.choices = rooms
        for name in _TYPED:
            shown = self.fields[name]
            shown.show_hidden_initial = True
            if name != "ends_next_day":
                shown.widget.attrs["aria-label"] = str(shown.label or "")
        self.fields["title"].widget.attrs |= {
            "lang": self.primary,
            "dir": direction(self.primary),
        }
        if not self.initial["title"]:
            self.fields["title"].widget.attrs["placeholder"] = self.heading

    def _take_up(self) -> None:
        """Keeps what the editor changed; shows beside it what is saved now."""
        self.typed = [name for name in self.changed_data if self._was_sent(name)]
        taken = {self.add_prefix(_VERSION): self._version_to_send()}
        for name in _TYPED:
            key, now = self.add_prefix(name), str(self.initial[name])
            taken[self.add_initial_prefix(name)] = now
            taken[key] = self.sent.get(key, "False") if name in self.typed else now
        self.data = taken
        del self.changed_data
        if not self.has_changed():
            self.is_bound, self.data = False, {}

    def _was_sent(self, name: str) -> bool:
        # A box that is not ticked is not sent.
        return name == "ends_next_day" or self.add_prefix(name) in self.sent

    def _version_to_send(self) -> str:
        # Who decided to save over the row need not decide again.
        seen = self.sent.get(self.add_prefix(_VERSION), "")
        return str(self.saved.version) if self.was_seen else seen

    @property
    def was_seen(self) -> bool:
        """Whether the editor saw the row as it is, or decided to save over it."""
        seen = {self.sent.get(self.add_prefix(name)) for name in (_VERSION, "over")}
        return str(self.saved.version) in seen

    def clean_title(self) -> str:
        title = normalize(self.cleaned_data["title"])
        if not title and "title" in self.changed_data:
            raise ValidationError(
                gettext("Type the title in %(language)s, the main language.")
                % {"language": dict(settings.LANGUAGES)[self.primary]}
            )
        return title

    def clean(self) -> dict[str, Any]:
        if self.has_changed() and not self.was_seen:
            raise ValidationError(
                gettext(
                    "%(who)s Nothing of yours is saved yet. Saved now: %(saved)s. "
                    "Tick “save mine over it”, or type what was saved."
                )
                % {"who": who_saved(self.saved), "saved": in_words(self.saved)},
                code="conflict",
            )
        return self.cleaned_data

    def _post_clean(self) -> None:
        # Only what the editor changed goes into the row.
        slot = self.instance
        for name in self.changed_data:
            if name not in self.cleaned_data:
                continue
            value = self.cleaned_data[name]
            if name == "title":
                texts = words(slot.title) | {self.primary: value}
                slot.title = edited(slot.title, texts, self.primary)
            else:
                setattr(slot, "room_id" if name == "room" else name, value)
        if not self.errors:
            self._check_by(slot.clean)

    def check_constraints(self) -> None:
        """Adds what the constraints of the table say against the row: a query for
        each."""
        if not self.errors:
            self._check_by(self.instance.validate_constraints)

    def _check_by(self, check: Callable[[], None]) -> None:
        try:
            check()
        except ValidationError as error:
            for name, found in error.update_error_dict({}).items():
                self.add_error(name if name in self.fields else None, found)

    @property
    def is_in_conflict(self) -> bool:
        return self.is_bound and any(
            error.code == "conflict" for error in self.non_field_errors().as_data()
        )

    @property
    def remarks(self) -> list[str]:
        """What the fields do not show: words in place of a time, not as scheduled."""
        slot = self.saved
        told = [said(slot.when, self.primary)] if slot.start is None else []
        if slot.status != Slot.Status.SCHEDULED:
            told.append(slot.get_status_display())
        if not slot.is_printed:
            told.append(gettext("not printed"))
        return list(filter(None, told))


def _as_typed(slot: Slot) -> dict[str, Any]:
    """What the fields of the row of a slot hold."""
    session = slot.day.session
    return {
        "start": f"{slot.start:%H.%M}" if slot.start else "",
        "end": f"{slot.end:%H.%M}" if slot.end else "",
        "ends_next_day": slot.ends_next_day,
        "title": words(slot.title).get(session.primary_language, ""),
        "kind": slot.kind,
        # The session's own room is chosen by choosing none.
        "room": "" if slot.room_id in {None, session.room_id} else str(slot.room_id),
    }


def in_words(slot: Slot) -> str:
    """A slot in one line: its times, kind, title and room."""
    session = slot.day.session
    title = said(slot.title, session.primary_language)
    room = slot.room or session.room
    language = get_language()
    told = [
        _times(slot),
        str(slot.get_kind_display()),
        in_quotes(title, language),
        str(room or ""),
    ]
    return comma_of(language).join(filter(None, told))


def _times(slot: Slot) -> str:
    times = "–".join(f"{at:%H.%M}" for at in (slot.start, slot.end) if at)
    if slot.ends_next_day:
        times += in_brackets(gettext("next day"), get_language())
    return times


# --- The table ------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A place in the grid: the rows that start there in a room, and over how many
    starts it reaches down. Without rows it is empty."""

    room: int
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
    """The rows of a day, each where its slot stands now, whatever is typed in it.
    `rooms` heads the columns; with one room there is one."""

    day: Day
    rows: list[SlotRow]
    rooms: Rooms
    # A sentence for each slot that is gone, in which something was typed.
    lost: list[str]

    @property
    def typed(self) -> list[SlotRow]:
        """The rows that the editor changed."""
        return [row for row in self.rows if row.is_bound]

    @property
    def slots(self) -> list[Slot]:
        return [row.instance for row in self.rows]

    @property
    def tiers(self) -> list[Tier]:
        begun = {row.saved.start for row in self.rows}
        places: list[dt.time | None] = [*sorted(start for start in begun if start)]
        if None in begun:
            places.append(None)
        columns = {key: self._column(key, places) for key, _name in self.rooms}
        return [
            Tier(
                f"{time:%H.%M}" if time else gettext("no time"),
                tuple(
                    columns[key][place]
                    for key, _name in self.rooms
                    if place in columns[key]
                ),
            )
            for place, time in enumerate(places)
        ]

    def _column(self, room: int, times: list[dt.time | None]) -> dict[int, Cell]:
        """Place to cell of one room; places that a cell reaches into are absent."""
        mine = [row for row in self.rows if self._room_of(row.saved) == room]
        begun = {row.saved.start for row in mine}
        cells: dict[int, Cell] = {}
        place = 0
        while place < len(times):
            here = tuple(row for row in mine if row.saved.start == times[place])
            span = 1
            while place + span < len(times) and _reaches(
                here, times[place + span], begun
            ):
                span += 1
            cells[place] = Cell(room, here, span)
            place += span
        return cells

    def _room_of(self, slot: Slot) -> int:
        return slot.room_id or self.day.session.room_id or 0


def _reaches(
    rows: Iterable[SlotRow], time: dt.time | None, begun: set[dt.time | None]
) -> bool:
    """Whether one of the rows of a cell still goes on at `time`, when nothing else
    begins in its room."""
    if time is None or time in begun:
        return False
    return any(
        row.saved.ends_next_day or (row.saved.end and row.saved.end > time)
        for row in rows
    )


def _grid_of(day: Day, data: QueryDict | None, *, lock: bool = False) -> Grid:
    if lock:
        # In one order for everybody, and not against slots that are only put into
        # these, so that two who save never wait for each other.
        held = day.slots.order_by("pk").select_for_update(no_key=True)
        list(held.values_list("pk"))
    session = day.session
    rooms = _names_of(Room.objects.all(), session)
    default = dict(rooms).get(session.room_id or 0, gettext("no room"))
    choices = [("", default), *(pair for pair in rooms if pair[0] != session.room_id)]
    slots = day.slots.select_related("room").order_by("start", "position", "pk")
    rows = []
    for slot in slots:
        slot.day = day
        rows.append(SlotRow(slot, choices, data))
    used = {row.saved.room_id or session.room_id or 0 for row in rows}
    columns = [(key, name) for key, name in [(0, default), *rooms] if key in used]
    lost = _lost(day, {row.saved.code for row in rows}, data) if data else []
    return Grid(day, rows, columns, lost)


def _names_of(rooms: Iterable[Room], session: Session) -> Rooms:
    """Each room by its name; with its building where another has the same name."""
    primary = session.primary_language
    named = [(room, said(room.name or room.venue, primary)) for room in rooms]
    times = Counter(name for _room, name in named)
    return [
        (room.pk, name if times[name] == 1 else f"{name} ({said(room.venue, primary)})")
        for room, name in named
    ]


def _lost(day: Day, known: set[str], data: QueryDict) -> list[str]:
    """A sentence for each slot that is no more on the day, with what was typed in its
    row."""
    codes = [
        name.removesuffix(_SEEN_SUFFIX) for name in data if name.endswith(_SEEN_SUFFIX)
    ]
    missing = [code for code in codes if code.isalnum() and code not in known]
    rows = [SlotRow(Slot(code=code, day=day), [], data) for code in missing[:MOST_ROWS]]
    typed = [row for row in rows if row.typed]
    if not typed:
        return []
    elsewhere = set(
        Slot.objects.filter(code__in=[row.saved.code for row in typed]).values_list(
            "code", flat=True
        )
    )
    return [_said_of_lost(row, row.saved.code in elsewhere) for row in typed]


def _said_of_lost(row: SlotRow, is_elsewhere: bool) -> str:
    sent = {name: row.sent.get(row.add_prefix(name), "") for name in _TYPED}
    times = "–".join(filter(None, (sent["start"], sent["end"])))
    sentence = (
        gettext(
            "“%(title)s” was put on another day by somebody else after you opened the "
            "page. You had typed: %(typed)s. Open the slot to change it there."
        )
        if is_elsewhere
        else gettext(
            "“%(title)s” was deleted by somebody else after you opened the page. You "
            "had typed: %(typed)s. It can be taken back from the history of the "
            "session."
        )
    )
    kind = dict(Slot.Kind.choices).get(sent["kind"], "")
    typed = filter(None, (times, str(kind), f"“{sent['title']}”"))
    return sentence % {"title": sent["title"], "typed": ", ".join(typed)}


# --- The page -------------------------------------------------------------------


def grid_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the grid of a day; saves, moves or swaps when it is sent."""
    days = Day.objects.select_related("session__conference", "session__room")
    days = days.defer("session__conference__logo")
    day = duties.found(request.user, days, "sessions_app.change_slot", pk=pk)
    if request.method != "POST":
        return _page(request, _grid_of(day, None))
    refusals: list[str] = []
    try:
        with transaction.atomic():
            grid = _grid_of(day, request.POST, lock=True)
            done = _obey(request, grid)
    except ValidationError as error:
        refusals = error.messages
    except IntegrityError:
        grid = _grid_of(day, request.POST)
        refusals = _why_not_written(grid)
    else:
        messages.success(request, done)
        return HttpResponseRedirect(request.path)
    return _page(request, grid, refusals)


def _why_not_written(grid: Grid) -> list[str]:
    """What to tell when the database refused what was checked: at a row, that it is
    too long in all its languages, or a sentence that somebody else came between."""
    for row in grid.typed:
        row.check_constraints()
    if any(row.errors for row in grid.typed):
        return []
    return [
        gettext(
            "Somebody else saved something at the same moment that does not go with "
            "this. Nothing of yours is saved yet: look again, then save."
        )
    ]


def _obey(request: HttpRequest, grid: Grid) -> str:
    """Saves what was typed, and moves or swaps; gives a sentence that says so. Raises
    ValidationError, and writes nothing, when something of it cannot be done."""
    # Every row says what is wrong with it, not only the first.
    faulty = [row for row in grid.typed if row.errors]
    if faulty or grid.lost:
        raise ValidationError(grid.lost)
    saved = sum(_snapshot(row.instance) != _snapshot(row.saved) for row in grid.typed)
    told = ""
    if saved:
        told = ngettext("%(count)d slot saved.", "%(count)d slots saved.", saved) % {
            "count": saved
        }
    act, placed, sentence = _placed(request.POST, grid)
    _refuse_unseen(grid, placed)
    _refuse_times_left_out(placed)
    _write(request, grid, act)
    return " ".join(filter(None, (told, sentence))) or gettext("Nothing was changed.")


def _placed(data: QueryDict, grid: Grid) -> tuple[str, list[Slot], str]:
    """The act that a button asks for, the slots that it gives another place, and a
    sentence that says so. Raises ValidationError."""
    if "_move" in data:
        return SavedChange.Act.MOVED, *_moved(data, grid)
    if "_swap" in data:
        return SavedChange.Act.SWAPPED, *_swapped(grid)
    return SavedChange.Act.SAVED, [], ""


def _moved(data: QueryDict, grid: Grid) -> tuple[list[Slot], str]:
    by_code = {slot.code: slot for slot in grid.slots}
    first = by_code.get(data.get("move_from", ""))
    if first is None:
        raise ValidationError(gettext("Choose the slot from which to move."))
    rooms = {str(key): (key, name) for key, name in grid.rooms}
    key, room = rooms.get(data.get("move_room", ""), (None, ""))
    if data.get("move_room") and key is None:
        raise ValidationError(gettext("Choose one of the rooms of the day, or all."))
    minutes = _minutes(data.get("minutes", ""))
    moved = timetable.move_on(
        grid.slots,
        first,
        minutes,
        room_id=key,
        default_room_id=grid.day.session.room_id or 0,
    )
    if first not in moved:
        raise ValidationError(
            gettext(
                "“%(slot)s” is not in %(room)s: choose a slot of that room, or all "
                "rooms."
            )
            % {
                "slot": said(first.title, grid.day.session.primary_language),
                "room": room,
            }
        )
    return moved, _said_of_move(len(moved), minutes)


def _minutes(typed: str) -> int:
    try:
        return int(typed.strip().replace("\u2212", "-"))
    except ValueError:
        raise ValidationError(
            gettext("Type by how many minutes to move: 15, or -15 for earlier.")
        ) from None


def _said_of_move(slots: int, minutes: int) -> str:
    by = (
        ngettext("%(count)d minute later", "%(count)d minutes later", minutes)
        if minutes > 0
        else ngettext("%(count)d minute earlier", "%(count)d minutes earlier", -minutes)
    )
    return ngettext(
        "%(number)d slot moved, %(by)s.", "%(number)d slots moved, %(by)s.", slots
    ) % {"number": slots, "by": by % {"count": abs(minutes)}}


def _swapped(grid: Grid) -> tuple[list[Slot], str]:
    picked = [row.instance for row in grid.rows if row.is_picked]
    if len(picked) != 2:
        raise ValidationError(
            gettext("Tick the two slots that change places: now %(number)d are ticked.")
            % {"number": len(picked)}
        )
    primary = grid.day.session.primary_language
    titles = [said(slot.title, primary) for slot in picked]
    untimed = [
        title for slot, title in zip(picked, titles, strict=True) if not slot.start
    ]
    if len(untimed) == 1:
        raise ValidationError(
            gettext(
                "“%(slot)s” has no start: type one, then let the two change places."
            )
            % {"slot": untimed[0]}
        )
    one, other = picked
    if (one.start, one.position) == (other.start, other.position):
        # Only their order in the table can be exchanged, so they need one.
        other.position += 1
    swapped = timetable.swap(one, other, between=_is_between(one, other, grid.slots))
    return swapped, gettext("“%(one)s” and “%(other)s” changed places.") % {
        "one": titles[0],
        "other": titles[1],
    }


def _is_between(one: Slot, other: Slot, slots: Iterable[Slot]) -> bool:
    """Whether something starts after the earlier of two ends and before the later
    starts. What goes on beside them, in another room, stays out of it."""
    earlier, later = sorted((one, other), key=lambda slot: slot.start or dt.time.min)
    if earlier.end is None or later.start is None:
        return False
    return any(
        slot.start is not None
        and slot not in {one, other}
        and earlier.end <= slot.start < later.start
        for slot in slots
    )


def _refuse_unseen(grid: Grid, placed: Iterable[Slot]) -> None:
    """Raises ValidationError unless what is moved is what the editor saw."""
    rows = {row.instance.pk: row for row in grid.rows}
    unseen = [row for slot in placed if not (row := rows[slot.pk]).was_seen]
    if unseen:
        raise ValidationError(
            gettext(
                "Saved by somebody else after you opened the page: %(slots)s. Nothing "
                "was moved: look at what stands there now, then move."
            )
            % {"slots": "; ".join(in_words(row.saved) for row in unseen)}
        )


def _refuse_times_left_out(placed: Iterable[Slot]) -> None:
    """Raises ValidationError for a place at which the clocks show no such time."""
    for slot in placed:
        try:
            slot.clean()
        except ValidationError as error:
            title = said(slot.title, slot.day.session.primary_language)
            raise ValidationError(
                [
                    gettext("“%(slot)s”: %(sentence)s")
                    % {"slot": title, "sentence": sentence}
                    for sentence in error.messages
                ]
            ) from error


def _write(request: HttpRequest, grid: Grid, act: str) -> None:
    """Writes the fields that differ, and keeps the act: as many queries for fifty
    slots as for five."""
    compared = [
        (row.instance, _snapshot(row.saved), _snapshot(row.instance))
        for row in grid.rows
    ]
    changed = [(slot, old, new) for slot, old, new in compared if old != new]
    if not changed:
        return
    fields = [
        name
        for name in _WRITTEN
        if any(old[""][name] != new[""][name] for _slot, old, new in changed)
    ]
    slots = [slot for slot, _old, _new in changed]
    Slot.objects.bulk_update(slots, fields)
    written = Slot.objects.filter(pk__in=[slot.pk for slot in slots])
    written.update(version=F("version") + 1)
    history.keep(request.user, grid.day.session, changed, act)


def _snapshot(slot: Slot) -> history.Snapshot:
    """Of a slot, what the page may change, as the history keeps it."""
    held = {name: getattr(slot, name) for name in _WRITTEN if name != "room"}
    held["room"] = slot.room_id
    return {
        "": {
            name: value.isoformat() if isinstance(value, dt.time) else value
            for name, value in held.items()
        }
    }


def _page(
    request: HttpRequest, grid: Grid, refusals: Iterable[str] = ()
) -> HttpResponse:
    day, session = grid.day, grid.day.session
    last = history.last_change(session)
    sent = request.POST
    context = {
        **admin.site.each_context(request),
        "title": page_dates.day_heading(day.date),
        "subtitle": str(session),
        "session": session,
        "day": day,
        "days": [
            (other, page_dates.short_day(other.date))
            for other in session.days.order_by("date")
        ],
        "grid": grid,
        "refusals": list(refusals),
        "has_errors": request.method == "POST",
        "minutes": sent.get("minutes", ""),
        "move_from": sent.get("move_from", ""),
        "move_room": sent.get("move_room", ""),
        "opts": Slot._meta,
        "told": told_of(request, telling.Reader([last] if last else [])),
        "here": reverse("desk:grid", args=[day.pk]),
    }
    return render(request, "admin/desk/grid.html", context)
