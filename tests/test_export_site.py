"""An edition as files: the live answers to the byte, whole, and in place at once."""

import gzip
import io
from pathlib import Path
from urllib.parse import urldefrag

import brotli
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.test import Client

from sessions_app import mirror
from sessions_app.management.commands import export_site
from sessions_app.outputs import FORMATS, REVISIONS
from sessions_app.outputs.addresses import language_in_address
from sessions_app.public import urls
from tests.crawl import addresses_of, ask, crawl, links_in
from tests.editions import issue_three, withdraw
from tests.factories import issue_programmes, make_imprint, make_programme

pytestmark = pytest.mark.thorough


def export(name, folder, *arguments):
    """What the command says, line by line."""
    out = io.StringIO()
    call_command("export_site", name, str(folder), *arguments, stdout=out)
    return out.getvalue().splitlines()


def files_in(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def address_of(file):
    return f"/{file.removesuffix('index.html')}"


def plain_files(files):
    return {
        name: content
        for name, content in files.items()
        if not name.endswith((".br", ".gz", export_site.MARKER))
    }


def live(address):
    if address.startswith(django_settings.STATIC_URL):
        name = address.removeprefix(django_settings.STATIC_URL)
        return Path(django_settings.STATICFILES_DIRS[0], name).read_bytes()
    answer = ask(Client(), address)
    assert answer.status == 200, address
    return answer.content


def addresses_of_current(standing):
    """Every address of the session and of its current edition in English that is
    answered with a page or a document."""
    card = standing.edition()
    programme = mirror.programme(card)
    # The calendars of slots that are gone tell that they are.
    every = [mirror.programme(each) for each in standing.editions]
    codes = {slot.code for one in every for slot in one.slots}
    codes |= {who.person for one in every for who in one.people if who.person}
    guesses = {
        "language": ["en"],
        "conference": [standing.conference],
        "session": [standing.session],
        "number": [standing.current],
        "since": [each.imprint.number for each in standing.editions],
        "day": [day.number for day in programme.days],
        "code": codes,
        "name": [*FORMATS, *REVISIONS],
        "path": ["nothing"],
        "typed": ["abc"],
    }
    return {
        address
        for address in addresses_of(urls.urlpatterns, guesses)
        if address.startswith("/en/ocean/first/")
        and ask(Client(), address).status == 200
    }


def leads_outside(files, said):
    """Where pages lead that neither a file nor a line of what was said accounts for."""
    outside = {line.split()[0] for line in said if line.startswith("  /")}
    inside = {address_of(name) for name in files}
    found = set()
    for name, content in plain_files(files).items():
        if name.endswith(".html"):
            # Canonical links name the public address in full.
            page = content.decode().replace(django_settings.PUBLIC_URL, "")
            found |= links_in(page, address_of(name))
    # A web server sends the file whatever the query says; a script reads that.
    paths = {urldefrag(link)[0].partition("?")[0] for link in found}
    return paths - inside - outside


def issue_one():
    """One small edition, for what does not depend on what is in it."""
    return issue_programmes(
        (make_programme(), make_imprint(1)),
        documents={"note.pdf": b"%PDF-1.7 a note"},
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "site"


def test_every_file_of_the_demonstration_is_the_live_answer_to_the_byte(
    demonstration, folder
):
    said = export("global-compact-migration/third-thematic-session", folder)

    files = files_in(folder)
    for name, content in plain_files(files).items():
        assert content == live(address_of(name)), name
    for language in django_settings.LANGUAGES:
        agenda = (
            f"{language_in_address(language[0])}/global-compact-migration/"
            "third-thematic-session"
        )
        assert {f"{agenda}/index.html", f"{agenda}/note.pdf"} <= files.keys()
    assert leads_outside(files, said) == set()


def test_every_address_of_the_current_edition_is_exported(folder):
    standing = issue_three()

    export("first", folder)

    exported = {address_of(name) for name in plain_files(files_in(folder))}
    languages = {address.split("/")[1] for address in exported}
    files = {"robots.txt", "service-worker.js", "sitemap.xml"}
    assert languages == {"ar", "en", "fr", "static", *files}
    assert {address for address in exported if address.startswith("/en/")} == {
        *addresses_of_current(standing),
        "/en/offline/",
    }
    for language in ("ar", "fr"):
        translated = {a for a in exported if a.startswith(f"/{language}/")}
        pages = {a for a in exported if a.startswith("/en/") and not a.endswith(".pdf")}
        assert translated == {f"/{language}/{a[4:]}" for a in pages}


def test_links_of_the_pages_lead_to_files_or_are_named(folder):
    issue_three()

    said = export("first", folder)

    assert leads_outside(files_in(folder), said) == set()
    named = {line.split()[0] for line in said if line.startswith("  /")}
    assert "/en/ocean/" in named
    assert "/en/ocean/first/editions/1/" in named
    assert not {name for name in named if name.startswith("/static/")}


def test_styles_and_what_they_lead_to_are_exported(folder):
    issue_one()

    export("first", folder)

    crawled = crawl(Client(), ["/en/ocean/first/"])
    linked = {address for address in crawled if address.startswith("/static/")}
    names = {name for name in files_in(folder) if name.startswith("static/")}
    assert {address[1:] for address in linked} <= names
    assert any(name.endswith(".woff2") for name in names)


def test_compressed_files_are_the_compressed_answers(folder):
    issue_one()

    export("first", folder)

    files = files_in(folder)
    for name, content in files.items():
        if name.endswith((".html", ".json", ".css", ".ics")):
            assert gzip.decompress(files[f"{name}.gz"]) == content
            assert brotli.decompress(files[f"{name}.br"]) == content
    page = "en/ocean/first/index.html"
    for coding, suffix in (("gzip", ".gz"), ("br", ".br")):
        answer = ask(Client(), address_of(page), Accept_Encoding=coding)
        assert answer.headers["Content-Encoding"] == coding
        assert files[page + suffix] == answer.body
    assert "en/ocean/first/note.pdf.gz" not in files


def test_documents_are_whole_where_the_web_server_sends_them(folder, settings):
    settings.DOCUMENTS_INTERNAL_PATH = "/_editions"
    issue_one()

    export("first", folder)

    assert (folder / "en/ocean/first/note.pdf").read_bytes() == b"%PDF-1.7 a note"


def test_an_earlier_edition_is_exported_at_its_own_addresses_alone(folder):
    issue_three()

    said = export("ocean/first", folder, "--edition", "2")

    assert f"Edition 2 is in {folder}." in said
    pages = {name for name in files_in(folder) if name.endswith(".html")}
    assert "en/ocean/first/editions/2/index.html" in pages
    assert {name for name in pages if "/first/editions/2/" not in name} == {
        f"{language}/offline/index.html" for language in ("ar", "en", "fr")
    }


def test_second_export_takes_the_place_of_the_first(folder):
    issue_one()
    export("first", folder)
    before = files_in(folder)["en/ocean/first/index.html"]
    (folder / "en" / "left.html").write_text("left over")
    changed = make_programme(title={"en": "The first of all sessions"})
    issue_programmes((changed, make_imprint(1)))

    export("first", folder)

    files = files_in(folder)
    assert "en/left.html" not in files
    assert files["en/ocean/first/index.html"] != before
    assert files["en/ocean/first/index.html"] == live("/en/ocean/first/")
    assert [path.name for path in folder.parent.glob(".site-*")] == []


def test_two_exports_of_an_edition_are_the_same_to_the_byte(folder):
    issue_one()

    export("first", folder)
    export("first", folder.with_name("other"))

    assert files_in(folder) == files_in(folder.with_name("other"))


def test_where_names_cannot_change_places_the_export_is_replaced_all_the_same(
    folder, monkeypatch
):
    issue_one()
    export("first", folder)
    (folder / "left.html").write_text("left over")
    monkeypatch.setattr(export_site.ctypes, "CDLL", lambda _none: object())

    export("first", folder)

    assert not (folder / "left.html").exists()
    assert [path.name for path in folder.parent.glob(".site-*")] == []


def test_folder_that_holds_something_else_is_refused_and_left_as_it_is(folder):
    issue_one()
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")

    with pytest.raises(CommandError) as refused:
        export("first", folder)

    assert str(refused.value) == (
        f"{folder} is not empty and holds no earlier export; name another folder, so "
        "that nothing in it is lost."
    )
    assert files_in(folder) == {"thesis.txt": b"years of work"}


def test_empty_folder_is_filled_and_a_file_is_refused(folder):
    issue_one()
    folder.mkdir()

    export("first", folder)

    assert (folder / "robots.txt").is_file()
    with pytest.raises(CommandError) as refused:
        export("first", folder / "robots.txt")
    assert str(refused.value) == f"{folder}/robots.txt is a file; name a folder."


def test_server_of_another_account_may_read_the_files(folder):
    issue_one()

    export("first", folder)

    modes = {p.stat().st_mode & 0o777 for p in (folder, *folder.rglob("*"))}
    assert modes == {0o755, 0o644}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("second", "Of second nothing is issued."),
        ("sea/first", "Of sea/first nothing is issued."),
        (
            "first",
            "There are several sessions first; name one of: lake/first, ocean/first.",
        ),
    ],
)
def test_session_that_is_not_one_is_refused(folder, name, sentence):
    standing = issue_three()
    mirror.point(standing.model_copy(update={"conference": "lake"}))

    with pytest.raises(CommandError) as refused:
        export(name, folder)

    assert str(refused.value) == sentence
    assert not folder.exists()


def test_edition_that_is_not_there_or_withdrawn_is_refused(folder):
    standing = withdraw(issue_three(), 2)

    for number in ("2", "7"):
        with pytest.raises(CommandError) as refused:
            export("first", folder, "--edition", number)
        assert str(refused.value) == (
            f"There is no edition {number} to export. --edition may be 3, 1."
        )
    withdraw(standing, 3)
    with pytest.raises(CommandError) as refused:
        export("first", folder)
    assert str(refused.value) == (
        "There is no current edition to export. --edition may be 1."
    )


def test_damaged_edition_leaves_the_earlier_export_as_it_was(folder, editions_folder):
    standing = issue_one()
    export("first", folder)
    before = files_in(folder)
    (editions_folder / standing.editions[0].digest / "note.en.pdf").write_bytes(b"half")
    mirror.memory.clear()

    with pytest.raises(CommandError) as refused:
        export("first", folder)

    assert "/en/ocean/first/editions/1/note.pdf cannot be read" in str(refused.value)
    assert files_in(folder) == before
    assert [path.name for path in folder.parent.glob(".site-*")] == []


def test_edition_that_is_issued_meanwhile_leaves_no_mixture(folder, monkeypatch):
    standing = issue_one()
    later = standing.model_copy(update={"status": "cancelled"})
    monkeypatch.setattr(
        export_site.Command,
        "_tell",
        lambda _command, made, _of: made or mirror.point(later),
    )

    with pytest.raises(CommandError) as refused:
        export("first", folder)

    assert str(refused.value) == (
        "The session changed while it was exported: an edition was issued or "
        "withdrawn. Give the command again."
    )
    assert not folder.exists()


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_terminal_counts_the_addresses(folder):
    issue_one()
    out = Terminal()

    call_command("export_site", "first", str(folder), stdout=out)

    lines = out.getvalue().split("\n")[0].split("\r")[1:]
    assert lines[0].split()[0] == "0"
    total = lines[0].split()[2]
    assert lines[-1] == f"{total} of {total}"
    assert len(lines) == int(total) + 1
