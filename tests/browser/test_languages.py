"""The public pages of the demonstration in a browser, in all six languages: without
barriers, within the screen, and from right to left in Arabic."""

import itertools

import pytest

from sessions_app.models import Edition, Slot
from sessions_app.translated import LANGUAGE_CODES
from speakers.models import Person

pytestmark = pytest.mark.browser

THIRD = "global-compact-migration/third-thematic-session/"
TODAY = "early-warning/second-preparatory-session/"
# Every control of the page in the order in which the keyboard comes to it: where its
# line begins and its middle, from the top left corner of the page.
STOPS = """() => {
  const at = document.activeElement;
  // The row of links to the days is moved along under the focus.
  if (!at || at === document.body || at.closest('.days')) return null;
  const box = at.getClientRects()[0];
  return {
    words: at.textContent.trim().slice(0, 40),
    top: Math.round(box.top + scrollY),
    bottom: Math.round(box.bottom + scrollY),
    middle: Math.round(box.left + box.width / 2),
  };
}"""


def pages_in(language):
    """The address of each kind of public page, in a language."""
    at = f"/{'zh' if language == 'zh-hans' else language}/"
    panel = Slot.objects.get(
        panel__number=1, day__session__slug="third-thematic-session"
    )
    person = Person.objects.get(family_name="Lauber")
    check_code = Edition.objects.get(
        number=1, session__slug="third-thematic-session"
    ).check_code
    return [
        at,
        f"{at}global-compact-migration/",
        at + THIRD,
        at + TODAY,
        f"{at}{THIRD}slots/{panel.code}/",
        f"{at}{THIRD}people/",
        f"{at}{THIRD}people/{person.code}/",
        f"{at}{THIRD}editions/",
        f"{at}{THIRD}editions/1/",
        f"{at}{THIRD}editions/2/changes/",
        f"{at}{THIRD}editions/2/changes/1/marked/",
        f"{at}check/",
        f"{at}check/{check_code}/",
        f"{at}{THIRD}nothing/",
    ]


@pytest.mark.parametrize(
    ("width", "scheme", "languages"),
    [(360, "light", LANGUAGE_CODES), (1280, "dark", ("ar", "zh-hans", "ru"))],
)
def test_pages_in_six_languages_have_no_barrier_and_never_scroll_sideways(
    live_server, demonstration, page, violations, width, scheme, languages
):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    found = {}
    for language in languages:
        for address in pages_in(language):
            page.goto(live_server.url + address)
            found[address] = violations(page)

    assert len(found) == 14 * len(languages)
    assert {address: lines for address, lines in found.items() if lines} == {}


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_the_focus_goes_as_the_page_is_read(
    live_server, demonstration, page, language, width
):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/{language}/{TODAY}")

    stops = []
    for _press in range(40):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(STOPS))

    stops = [stop for stop in stops[1:] if stop]
    onward = -1 if language == "ar" else 1
    backward = [
        (before["words"], after["words"])
        for before, after in itertools.pairwise(stops)
        if not _comes_after(before, after, onward)
    ]
    assert len(stops) > 30
    assert backward == []


def _comes_after(before, after, onward):
    """Whether a stop is read after another: below it, or further along, on its line or
    in a column beyond."""
    is_below = after["top"] >= before["bottom"] - 2
    return is_below or (after["middle"] - before["middle"]) * onward > 0


@pytest.mark.parametrize("language", LANGUAGE_CODES)
def test_the_time_stands_where_the_lines_of_the_language_begin(
    live_server, demonstration, page, language
):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url + pages_in(language)[2])

    time = page.locator(".slot .when").first.bounding_box()
    what = page.locator(".slot .what").first.bounding_box()

    is_at_the_right = time["x"] > what["x"] + what["width"] - 1
    is_at_the_left = time["x"] + time["width"] < what["x"] + 1
    assert (is_at_the_right, is_at_the_left) == (
        (True, False) if language == "ar" else (False, True)
    )


@pytest.mark.parametrize("language", LANGUAGE_CODES)
def test_the_page_leads_to_itself_in_each_language(
    live_server, demonstration, page, language
):
    page.goto(live_server.url + pages_in(language)[2])

    named = page.locator(".languages a").all()
    links = [(a.get_attribute("lang"), a.inner_text()) for a in named]
    current = page.locator(".languages [aria-current=page]").inner_text()
    alternates = page.locator("link[rel=alternate][hreflang]").all()

    assert links == [
        ("ar", "العربية"),
        ("zh-Hans", "中文"),
        ("en", "English"),
        ("fr", "Français"),
        ("ru", "Русский"),
        ("es", "Español"),
    ]
    tag = page.evaluate("document.documentElement.lang")
    assert dict(links)[tag] == current
    addresses = {
        a.get_attribute("hreflang"): a.get_attribute("href") for a in alternates
    }
    assert list(addresses) == ["ar", "zh-Hans", "en", "x-default", "fr", "ru", "es"]
    assert addresses["x-default"] == addresses["en"]
