import io
import shutil

import pytest
from django.core.management import call_command


def said_by(command, *arguments):
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_addresses_name_each_session_its_note_and_the_admin(demonstration):
    root = "http://127.0.0.1:8042"
    third = f"{root}/en/global-compact-migration/third-thematic-session/"
    second = f"{root}/en/early-warning/second-preparatory-session/"

    lines = [line.split("  ", 1) for line in said_by("addresses", "--port", "8042")]

    assert [line[-1].split()[-1] for line in lines] == [
        f"{root}/en/",
        third,
        f"{third}note.pdf",
        second,
        f"{second}note.pdf",
        f"{root}/admin/",
    ]


def test_addresses_without_a_port_are_the_public_ones(settings, db):
    settings.PUBLIC_URL = "https://programme.example.org"

    assert said_by("addresses")[-1].endswith("https://programme.example.org/admin/")


def test_loading_says_what_it_does_and_says_less_the_second_time(db, printed_once):
    first = said_by("load_demonstration")
    second = said_by("load_demonstration")

    assert first[0] == "Loading the third informal thematic session (Geneva, 2017)."
    assert "Recording edition 2." in first
    assert second == ["The demonstration is loaded."]


def test_mirror_brings_a_lost_folder_back(demonstration, editions_folder):
    before = {
        path.relative_to(editions_folder): path.read_bytes()
        for path in editions_folder.rglob("*")
        if path.is_file()
    }
    shutil.rmtree(editions_folder)

    said = said_by("mirror")

    assert said == ["The folder holds 3 editions, as the database does."]
    assert {
        path.relative_to(editions_folder): path.read_bytes()
        for path in editions_folder.rglob("*")
        if path.is_file()
    } == before


@pytest.mark.parametrize("verbosity", [1, 2])
def test_mirror_names_the_editions_when_asked_to(demonstration, verbosity):
    out = io.StringIO()

    call_command("mirror", verbosity=verbosity, stdout=out)

    assert len(out.getvalue().splitlines()) == (1 if verbosity == 1 else 4)
