"""What browser tests of the desk stand on: signing in, counting what a person does, and
going about by keyboard alone."""

import time
from typing import Any

PASSWORD = "six in the evening"
# The last of a page's scripts has run: it names the boxes in which people are looked up.
LOOK_UPS_ARE_READY = """() => [...document.querySelectorAll('.select2-selection')].every(
  box => box.getAttribute('aria-labelledby').includes('_label'))
  && !document.querySelector(
    'select.admin-autocomplete:not(.select2-hidden-accessible):not([id*=__prefix__])')"""

_FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "";
  const labelled = (at.getAttribute("aria-labelledby") || "").split(" ")
    .map(id => document.getElementById(id)?.textContent || "").join(" ");
  const label = at.labels?.length ? at.labels[0].textContent : "";
  const said = at.getAttribute("aria-label") || labelled || label
    || (at.tagName === "INPUT" ? at.value : at.textContent) || at.title || "";
  return said.replace(/\\s+/g, " ").trim();
}"""


def sign_in(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("secretariat")
    page.get_by_label("Password").fill(PASSWORD)
    # Until the page has loaded with its scripts, a key that they listen to is lost.
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()


class Person:
    """Somebody at the desk: each call is one thing that they do."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.actions = 0
        self.begun = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun

    def clicks(self, role: str, name: str, within: str = "main") -> None:
        self.actions += 1
        found = self.page.locator(within).get_by_role(role, name=name)
        found.first.click()

    def types(self, label: str, words: str) -> None:
        self.actions += 1
        self.page.get_by_label(label, exact=True).first.fill(words)

    def chooses(self, label: str, option: str) -> None:
        self.actions += 1
        box = self.page.get_by_label(label, exact=True).first
        value = box.evaluate(
            "(box, words) => [...box.options]"
            ".find(o => o.textContent.trim().includes(words)).value",
            option,
        )
        box.select_option(value)

    def looks_up(self, words: str, option: str) -> None:
        """Opens the box, types, and takes what is found: three actions."""
        self.actions += 3
        self.page.locator("main .select2-selection").first.click()
        self.page.get_by_role("searchbox").last.fill(words)
        self.page.get_by_role("option", name=option).click()


class Keyboard:
    """The same person without a mouse."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def goes_to(self, name: str, *, from_start: bool = True) -> None:
        """Tab until what has the focus is called `name`, or begins with it."""
        if from_start:
            self.page.evaluate(
                "() => { document.activeElement?.blur();"
                " getSelection().removeAllRanges(); window.scrollTo(0, 0);"
                " document.querySelector('.skip-to-content-link')?.focus(); }"
            )
        said = ""
        for _stop in range(400):
            said = self.page.evaluate(_FOCUSED)
            if said.startswith(name):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way by keyboard to “{name}”; the last was “{said}”")

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def types(self, words: str) -> None:
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words)

    def follows(self, name: str) -> None:
        """Goes to a link or button and presses Enter; waits for the page it opens."""
        self.goes_to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
