"""The agenda, or one day of it, to be shown inside the page of another site."""

from __future__ import annotations

from sessions_app.outputs.agenda import Copy, NoSuchPart, render_copy


def render_frame(copy: Copy, number: str = "") -> bytes:
    """The days of the programme, or the one of this number, without the head and the
    foot of our own pages. Links lead out of the frame. Raises NoSuchPart."""
    days = [day for day in copy.programme.days if number in {"", str(day.number)}]
    if number and not days:
        raise NoSuchPart(number)
    page = render_copy("agenda/frame.html", copy, "frame/", days=days)
    # What leads to a place on this page stays in it, whatever prints the link.
    return page.replace(b'href="#', b'target="_self" href="#')
