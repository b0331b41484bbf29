"""Every word that a user sees is said in six languages.

English is the language of the sources and has no catalogue of its own; the words that
Django's own pages show come from Django's catalogues."""

import ast
import re
from gettext import GNUTranslations
from html.parser import HTMLParser
from pathlib import Path

import django
import pytest
from babel.messages import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import to_locale

from config import catalogues

FIVE = catalogues.LANGUAGES
ROOT = Path(settings.BASE_DIR)

# What Django says on the pages of the desk: its own, those of the admin and of accounts.
_OF_DJANGO = ("conf", "contrib/admin", "contrib/auth")
# What neither Django nor ours translates, because no page of ours shows it.
_NEVER_SHOWN = {
    "ar": {
        "%(model)s instance with %(field)s %(value)r is not a valid choice.",
        "Central Kurdish (Sorani)",
        (
            "Ensure this value is a multiple of step size %(limit_value)s, starting from "
            "%(offset)s, e.g. %(offset)s, %(valid_value1)s, %(valid_value2)s, and so on."
        ),
        "Ensure this value is a multiple of step size %(limit_value)s.",
        "Enter a valid %(protocol)s address.",
        "Enter a valid domain name.",
        (
            "Enter a valid username. This value may contain only unaccented lowercase a-z "
            "and uppercase A-Z letters, numbers, and @/./+/-/_ characters."
        ),
        "IPv4",
        "IPv4 or IPv6",
        "IPv6",
        "Malay",
        "String (unlimited)",
        "Uyghur",
    },
    "zh-hans": {
        "%(model)s instance with %(field)s %(value)r is not a valid choice.",
        # Of resetting a password by mail, which the desk does not do.
        "Forgotten your login credentials?",
        "In case you’ve forgotten, you are:",
    },
}

# What is the same in every language.
_SAME_EVERYWHERE = {"(PDF)", "Ctrl K", "JSON", "PDF", "Rostrum", "SHA-256"}
_SHOWN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}
# Messages with their words, and comments: none of it is text of the template itself.
_BLOCKS = re.compile(
    r"\{%\s*(blocktranslate|comment|block bodyclass)\b.*?\{%\s*end.*?%\}", re.DOTALL
)
_TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")
_SAID_BY_SCRIPTS = re.compile(
    r"""(?:\.(?:textContent|innerText|innerHTML|title|placeholder|ariaLabel)\s*\+?=\s*"""
    r"""|setAttribute\(\s*["'](?:aria-label|title|placeholder|alt)["']\s*,\s*"""
    r"""|\b(?:alert|confirm|prompt)\(\s*)"""
    r"""(["'`])(?P<words>.*?)\1"""
)

_AMERICAN = re.compile(
    r"\b(?:\w*(?:organis|recognis|authoris|summaris|finalis)\w*|colors?|centers?|"
    r"canceled|canceling)\b",
    re.IGNORECASE,
)
_IN_TAGS = re.compile(r"<[^>]*>")


# --- The catalogues ----------------------------------------------------------------------


@pytest.mark.parametrize("language", FIVE)
def test_every_message_that_a_user_sees_is_translated(language):
    assert catalogues.untranslated_in(language) == []


@pytest.mark.parametrize("language", FIVE)
def test_no_translation_drops_or_invents_a_placeholder(language):
    assert catalogues.misfilled_in(language) == []


@pytest.mark.parametrize("language", FIVE)
def test_no_catalogue_keeps_what_is_no_longer_said(language):
    assert catalogues.left_over_in(language) == []


@pytest.mark.parametrize("language", FIVE)
def test_the_compiled_catalogue_says_what_the_edited_one_does(language):
    assert catalogues.compiled_otherwise(language) == []


def test_english_is_said_by_the_sources_and_has_no_catalogue():
    assert not catalogues.catalogue_path("en").exists()
    assert set(FIVE) | {"en"} == {code for code, _name in settings.LANGUAGES}


# --- That the checks find what they look for ---------------------------------------------


@pytest.fixture
def french(tmp_path, monkeypatch):
    """A copy of the French catalogue, compiled, where the checks look."""
    kept = catalogues.brought_up_to_date("fr")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogues.catalogue_path("fr").parent.mkdir(parents=True)
    _write(kept)
    return kept


def _write(catalogue):
    path = catalogues.catalogue_path("fr")
    path.write_bytes(catalogues.in_po(catalogue, "fr"))
    read = catalogues.read_catalogue("fr")
    path.with_suffix(".mo").write_bytes(catalogues.in_mo(read))


def _faults_when(catalogue, words, translation):
    """The faults that come of one translation."""
    known = catalogues.faults_of("fr")
    catalogue.get(words).string = translation
    _write(catalogue)
    return [fault for fault in catalogues.faults_of("fr") if fault not in known]


def test_a_message_that_is_not_translated_is_found(french):
    assert _faults_when(french, "All editions", "") == [
        "not translated: 'All editions'"
    ]


def test_a_placeholder_that_is_dropped_is_found(french):
    assert _faults_when(french, "Edition %(number)s", "Édition") == [
        "placeholders ['%(number)s'] are []: 'Édition'"
    ]


def test_only_a_named_number_may_stand_in_words_and_only_for_one_number():
    def faults(words, *forms):
        message = Message((words, f"{words}s"), forms)
        return len(list(catalogues.misfilled(message, "ar")))

    named = ["%(count)d"] * 6
    assert faults("%(count)d slot", *named) == 0
    assert faults("%(count)d slot", named[0], "one", "two", *named[3:]) == 0
    assert faults("%(count)d slot", *named[:3], "a few", *named[4:]) == 1
    by_place = ["%d"] * 6
    assert faults("%d slot", by_place[0], "one", *by_place[2:]) == 1


def test_a_placeholder_that_is_invented_is_found(french):
    assert _faults_when(french, "All editions", "Toutes les %(number)s éditions") == [
        "placeholders [] are ['%(number)s']: 'Toutes les %(number)s éditions'"
    ]


def test_a_message_that_is_no_longer_said_is_found(french):
    french.add("Long ago", "Jadis")
    _write(french)

    assert catalogues.left_over_in("fr") == ["no longer said: 'Long ago'"]


def test_a_catalogue_that_was_not_compiled_is_found(french):
    assert catalogues.compiled_otherwise("fr") == []

    french.get("All editions").string = "Les éditions"
    path = catalogues.catalogue_path("fr")
    path.write_bytes(catalogues.in_po(french, "fr"))

    assert catalogues.compiled_otherwise("fr") == [
        "not compiled: run manage.py catalogues"
    ]


# --- What Django says --------------------------------------------------------------------


@pytest.mark.parametrize("language", FIVE)
def test_what_django_says_is_translated_by_it_or_by_us_but_what_no_page_shows(language):
    ours = {_first(message.id) for message in catalogues.read_catalogue(language)}
    missing = {
        words
        for app in _OF_DJANGO
        for words in _said_by_django(app) - _translated_by_django(app, language) - ours
    }

    assert missing == _NEVER_SHOWN.get(language, set())


def _said_by_django(app):
    """The English catalogue of a part of Django lists all that it says."""
    with _of_django(app, "en").with_suffix(".po").open("rb") as file:
        return {(_first(message.id)) for message in read_po(file) if message.id}


def _translated_by_django(app, language):
    with _of_django(app, language).open("rb") as file:
        compiled = GNUTranslations(file)._catalog
    # The plural of a message has its place beside its words; a context stands before.
    words = (key if isinstance(key, str) else key[0] for key in compiled)
    return {each.rpartition("\x04")[2] for each in words}


def _of_django(app, language):
    folder = Path(django.__file__).parent / app / "locale" / to_locale(language)
    return folder / "LC_MESSAGES" / "django.mo"


def _first(words):
    return words if isinstance(words, str) else words[0]


# --- No English outside the catalogues ---------------------------------------------------


def test_no_template_says_a_word_that_is_not_translated():
    said = {
        path.relative_to(ROOT).as_posix(): found
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if (found := _said_in(path.read_text()))
    }

    assert said == {}


def test_no_script_says_a_word_of_its_own():
    said = {
        path.relative_to(ROOT).as_posix(): found
        for path in sorted((ROOT / "static").rglob("*.js"))
        if (found := _said_in_script(path.read_text()))
    }

    assert said == {}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>{% translate 'Day' %} Rostrum</p>", ["Rostrum"]),
        ("<p>All editions</p>", ["All editions"]),
        ('<a title="Go on">{{ name }}</a>', ["Go on"]),
        ('<a title="{% translate "Go on" %}">{{ name }} · 2</a>', []),
        ("{% blocktranslate trimmed %}Go on{% endblocktranslate %}", []),
        ("<script>const name = 'Day';</script>", []),
    ],
)
def test_words_in_a_template_are_found(template, found):
    assert _words_in(template) == found


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('mark.textContent = "Not saved";', ["Not saved"]),
        ('box.setAttribute("aria-label", `Day ${name}`);', ["Day ${name}"]),
        ("box.title = '…';", []),
        ("mark.textContent = told.words;", []),
        ('box.setAttribute("aria-controls", "list");', []),
    ],
)
def test_words_in_a_script_are_found(script, found):
    assert _said_in_script(script) == found


class _Reader(HTMLParser):
    """Gathers what a page says: text, and the attributes that are read or seen."""

    def __init__(self):
        super().__init__()
        self.words = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in {"script", "style"}
        self._keep(value for name, value in attrs if name in _SHOWN_ATTRIBUTES)

    def handle_endtag(self, tag):
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data):
        if not self.silent:
            self._keep([data])

    def _keep(self, said):
        self.words += [each.strip() for each in said if _LETTER.search(each or "")]


def _words_in(template):
    reader = _Reader()
    reader.feed(_TAGS.sub("", _BLOCKS.sub("", template)))
    reader.close()
    return reader.words


def _said_in(template):
    return [words for words in _words_in(template) if words not in _SAME_EVERYWHERE]


def _said_in_script(script):
    said = (match["words"] for match in _SAID_BY_SCRIPTS.finditer(script))
    return [words for words in said if _LETTER.search(words)]


@pytest.mark.parametrize(
    "path",
    [
        path
        for folder in ("config", "sessions_app", "speakers")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_no_words_are_filled_in_before_the_language_of_the_page_is_known(path):
    assert list(_filled_in_too_early(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("LABEL = _('At most %(most)d') % {'most': 3}", [1]),
        ("class Form:\n    help = _('Yes.') + ' ' + _('No.')", [2]),
        ("LABEL = str(_('Day'))", [1]),
        ("LABEL = f\"{_('Day')}: 1\"", [1]),
        ("def label():\n    return _('At most %(most)d') % {'most': 3}", []),
        ("LABEL = format_lazy(_('At most {most}'), most=3)", []),
    ],
)
def test_words_that_are_filled_in_too_early_are_found(source, lines):
    assert sorted(set(_filled_in_too_early(ast.parse(source)))) == lines


def _filled_in_too_early(node):
    """The lines on which words are joined or filled in while their module is read."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        is_filled = isinstance(part, ast.BinOp | ast.JoinedStr) or (
            isinstance(part, ast.Call) and getattr(part.func, "id", "") == "str"
        )
        if is_filled and any(map(_says_something, ast.walk(part))):
            yield part.lineno
        yield from _filled_in_too_early(part)


def _says_something(node):
    name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
    return name in {"_", "_later", "gettext", "gettext_lazy", "pgettext_lazy"}


# --- The English of the sources ----------------------------------------------------------


def test_the_sources_say_each_thing_with_single_spaces():
    assert [words for words in _english() if "  " in words] == []


def test_the_sources_use_typographic_quotation_marks_and_apostrophes():
    said = (_IN_TAGS.sub("", words) for words in _english())

    assert [words for words in said if re.search(r"[\"'`]|\.\.\.", words)] == []


def test_the_sources_are_spelt_as_the_organization_spells():
    assert [words for words in _english() if _AMERICAN.search(words)] == []


def _english():
    """Each form of all that the sources say."""
    for message in catalogues.said_in_sources():
        if message.id:
            yield from (message.id if isinstance(message.id, tuple) else (message.id,))
