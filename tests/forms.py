"""What a browser would send: reads the form of a page as it was written into HTML."""

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._textarea: str | None = None
        self._select: str | None = None
        self._is_multiple = False
        self._first_option: str | None = None
        self._inside = False

    def handle_starttag(self, tag, attributes):
        held = dict(attributes)
        if tag == "form":
            self._inside = held.get("id") != "logout-form"
        if self._inside and tag in {"input", "textarea", "select", "option"}:
            getattr(self, f"_{tag}_starts")(held)

    def _textarea_starts(self, held):
        self._textarea = held["name"]
        self.values[self._textarea] = ""

    def _select_starts(self, held):
        self._select, self._is_multiple = held["name"], "multiple" in held
        self._first_option = None

    def _option_starts(self, held):
        value = held.get("value", "")
        if "selected" in held:
            self.values[self._select] = value
        elif self._first_option is None and not self._is_multiple:
            self._first_option = value

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            held = self.values.pop(self._textarea)
            self.values[self._textarea] = held.replace("\n", "\r\n")
            self._textarea = None
        elif tag == "select" and self._select:
            if self._first_option is not None:
                self.values.setdefault(self._select, self._first_option)
            self._select = None

    def handle_data(self, data):
        if self._textarea:
            held = self.values[self._textarea] + data
            # A line end right after the tag belongs to the markup.
            self.values[self._textarea] = held.removeprefix("\n")

    def _input_starts(self, held):
        kind, name = held.get("type", "text"), held.get("name")
        if not name or kind in {"submit", "file"}:
            return
        if kind in {"checkbox", "radio"}:
            if "checked" in held:
                value = held.get("value", "on")
                before = self.values.get(name)
                self.values[name] = [*before, value] if before else [value]
        else:
            self.values[name] = held.get("value", "")


def typed(response) -> dict[str, Any]:
    """The values of the form on a page, by name, ready to be changed and posted."""
    form = _Form()
    form.feed(response.content.decode())
    values = dict(form.values)
    values.pop("csrfmiddlewaretoken", None)
    return {name: value for name, value in values.items() if "__prefix__" not in name}
