"""Documents in parts, and documents that the front server sends."""

import hashlib

import pytest
from django.http import HttpResponse

from sessions_app import mirror
from sessions_app.public import ranges
from tests.crawl import Answer, ask
from tests.factories import issue_programmes, make_full_programme, make_imprint
from tests.test_headers import SAFETY

NOTE = b"%PDF-1.7 a note, 0123456789"
SIZE = 27
ETAG = f'"{hashlib.sha256(NOTE).hexdigest()}"'
CURRENT = "/en/ocean/first/note.pdf"
NUMBERED = "/en/ocean/first/editions/1/note.pdf"
FOR_EVER = "public, max-age=31536000, immutable"
OF_THE_DOCUMENT = {
    **SAFETY,
    "Content-Type": "application/pdf",
    "Content-Disposition": 'inline; filename="first-note-edition-1-en.pdf"',
    "ETag": ETAG,
    "Cache-Control": "no-cache",
}
WHOLE = Answer(
    200, {**OF_THE_DOCUMENT, "Accept-Ranges": "bytes", "Content-Length": "27"}, NOTE
)
NOTHING_THERE = Answer(
    416,
    {
        **SAFETY,
        "Content-Range": "bytes */27",
        "Content-Length": "0",
        "Cache-Control": "no-store",
    },
    b"",
)


@pytest.fixture
def edition():
    """An edition with a note."""
    standing = issue_programmes(
        (make_full_programme(), make_imprint(1)), documents={"note.pdf": NOTE}
    )
    return standing.editions[0]


@pytest.fixture
def handed_over(settings):
    """A front server sends the documents."""
    settings.DOCUMENTS_INTERNAL_PATH = "/documents"


def part(first, last):
    """The answer with the bytes from the first to the last."""
    content = NOTE[first : last + 1]
    return Answer(
        206,
        {
            **WHOLE.headers,
            "Content-Range": f"bytes {first}-{last}/27",
            "Content-Length": str(len(content)),
        },
        content,
    )


def test_a_document_says_that_it_is_sent_in_parts(client, edition):
    assert ask(client, CURRENT) == WHOLE
    assert ask(client, CURRENT, "HEAD") == Answer(200, WHOLE.headers, b"")
    assert ask(client, NUMBERED).headers == {
        **WHOLE.headers,
        "Cache-Control": FOR_EVER,
    }


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bytes=0-0", part(0, 0)),
        ("bytes=0-8", part(0, 8)),
        ("bytes=9-26", part(9, 26)),
        ("bytes=26-26", part(26, 26)),
        ("bytes=26-", part(26, 26)),
        ("bytes=0-", part(0, 26)),
        ("bytes=5-27", part(5, 26)),
        (f"bytes=5-{'9' * 99}", part(5, 26)),
        ("bytes=-1", part(26, 26)),
        ("bytes=-10", part(17, 26)),
        ("bytes=-27", part(0, 26)),
        ("bytes=-28", part(0, 26)),
        (f"bytes=-{'9' * 99}", part(0, 26)),
        ("Bytes= 00-08 ", part(0, 8)),
    ],
)
def test_one_range_is_sent_alone(client, edition, asked, wanted):
    assert ask(client, CURRENT, Range=asked) == wanted


@pytest.mark.parametrize(
    "asked", ["bytes=27-", "bytes=27-27", "bytes=1000-2000", "bytes=-0", "bytes=-00"]
)
def test_a_range_behind_the_end_is_not_satisfied(client, edition, asked):
    assert ask(client, CURRENT, Range=asked) == NOTHING_THERE
    assert ask(client, NUMBERED, Range=asked) == NOTHING_THERE


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=--1",
        "bytes=5",
        "bytes=8-5",
        "bytes=40-30",
        "bytes=a-b",
        "bytes=0x0-0x5",
        "bytes=1.0-2",
        "bytes=+1-5",
        "bytes=1 - 5",
        "bytes=٠-٥",
        "bytes 0-5",
        "bytes=0-5/27",
        "bytes=0-0,26-26",
        "bytes=0-5,",
        "bytes=0-5,40-50",
        "items=0-5",
        f"bytes=0-{'9' * 5000}",
        "bytes=0-5\x00",
    ],
)
def test_several_ranges_and_what_is_no_range_get_the_whole_document(
    client, edition, asked
):
    assert ask(client, CURRENT, Range=asked) == WHOLE


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (ETAG, part(0, 4)),
        (f" {ETAG} ", part(0, 4)),
        ('"of another edition"', WHOLE),
        (f"W/{ETAG}", WHOLE),
        (ETAG.strip('"'), WHOLE),
        (f'{ETAG}, "another"', WHOLE),
        ("*", WHOLE),
        ("Mon, 14 Jun 2027 14:22:00 GMT", WHOLE),
        ("", WHOLE),
    ],
)
def test_a_part_goes_on_only_from_a_beginning_of_the_same_bytes(
    client, edition, condition, wanted
):
    assert ask(client, CURRENT, Range="bytes=0-4", If_Range=condition) == wanted


def test_no_range_is_refused_to_who_has_another_beginning(client, edition):
    asked = {"Range": "bytes=27-", "If_Range": '"other"'}

    assert ask(client, CURRENT, **asked) == WHOLE


def test_a_condition_on_its_own_changes_nothing(client, edition):
    assert ask(client, CURRENT, If_Range='"other"') == WHOLE


def test_a_reader_who_has_the_bytes_gets_no_part_of_them(client, edition):
    plain = ask(client, CURRENT, If_None_Match=ETAG)

    asked = ask(client, CURRENT, If_None_Match=ETAG, Range="bytes=0-4")

    assert plain == asked
    assert (asked.status, asked.body) == (304, b"")
    assert "Accept-Ranges" not in asked.headers
    assert ask(client, CURRENT, If_None_Match='"other"', Range="bytes=0-4") == part(
        0, 4
    )
    assert ask(client, CURRENT, If_Match='"other"', Range="bytes=0-4").status == 412
    assert ask(client, CURRENT, If_Match=ETAG, Range="bytes=0-4") == part(0, 4)


@pytest.mark.parametrize("asked", ["bytes=0-4", "bytes=27-", "bytes=-1"])
def test_head_knows_no_ranges(client, edition, asked):
    assert ask(client, CURRENT, "HEAD", Range=asked) == Answer(200, WHOLE.headers, b"")


def test_parts_put_together_are_the_document(client, edition):
    step = 4
    parts = [
        ask(client, NUMBERED, Range=f"bytes={at}-{at + step - 1}", If_Range=ETAG)
        for at in range(0, SIZE, step)
    ]

    assert {answer.status for answer in parts} == {206}
    assert {answer.headers["Cache-Control"] for answer in parts} == {FOR_EVER}
    assert b"".join(answer.body for answer in parts) == NOTE


@pytest.mark.parametrize(
    "address", ["/en/", "/en/ocean/first/", "/en/ocean/first/programme.json"]
)
@pytest.mark.parametrize("coding", ["", "br"])
def test_pages_are_never_sent_in_parts(client, edition, address, coding):
    whole = ask(client, address, Accept_Encoding=coding)

    asked = ask(client, address, Accept_Encoding=coding, Range="bytes=0-4")

    assert asked == whole
    assert (whole.status, whole.headers.get("Content-Encoding", "")) == (200, coding)
    assert "Accept-Ranges" not in whole.headers


def test_what_is_compressed_is_never_sent_in_parts(rf):
    whole = HttpResponse(b"packed", headers={"Content-Encoding": "br", "ETag": '"1"'})

    asked = ranges.part(rf.get("/", headers={"Range": "bytes=0-1"}), whole)

    assert (asked.status_code, asked.content) == (200, b"packed")
    assert "Accept-Ranges" not in asked.headers


def test_a_damaged_document_is_sent_in_no_part(client, edition):
    path = mirror.folder() / edition.digest / "note.en.pdf"
    path.write_bytes(NOTE[:-1])

    assert ask(client, CURRENT, Range="bytes=0-4").status == 503


# --- Handed to the front server ---------------------------------------------


@pytest.mark.usefixtures("handed_over")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("address", "caching"), [(CURRENT, "no-cache"), (NUMBERED, FOR_EVER)]
)
def test_a_document_is_handed_to_the_front_server(
    client, edition, address, caching, method
):
    handed = Answer(
        200,
        {
            **OF_THE_DOCUMENT,
            "Cache-Control": caching,
            "X-Accel-Redirect": f"/documents/{edition.digest}/note.en.pdf",
            "Content-Length": "0",
        },
        b"",
    )

    assert ask(client, address, method) == handed
    # The front server knows ranges itself.
    assert ask(client, address, method, Range="bytes=0-4") == handed
    assert ask(client, address, method, Range="bytes=99-") == handed


@pytest.mark.usefixtures("handed_over")
def test_conditions_are_answered_here(client, edition):
    known = ask(client, CURRENT, If_None_Match=ETAG)

    assert (known.status, known.headers["ETag"], known.body) == (304, ETAG, b"")
    assert "X-Accel-Redirect" not in known.headers
    refused = ask(client, CURRENT, If_Match='"other"')
    assert (refused.status, "X-Accel-Redirect" in refused.headers) == (412, False)


@pytest.mark.usefixtures("edition")
def test_nothing_else_is_handed_over(client, settings):
    addresses = ["/en/", "/en/ocean/first/", "/en/ocean/first/programme.json"]
    before = [ask(client, address) for address in addresses]

    settings.DOCUMENTS_INTERNAL_PATH = "/documents"

    assert [ask(client, address) for address in addresses] == before


@pytest.mark.parametrize(
    "address",
    [
        "/fr/ocean/first/note.pdf",
        "/en/ocean/first/marked.pdf",
        "/en/ocean/first/other.pdf",
        "/en/ocean/first/editions/2/note.pdf",
    ],
)
def test_a_document_that_the_edition_has_not_is_not_found_as_before(
    client, settings, edition, address
):
    before = ask(client, address)

    settings.DOCUMENTS_INTERNAL_PATH = "/documents"

    assert ask(client, address) == before
    assert before.status == 404


def test_a_document_whose_file_is_missing_is_unavailable_as_before(
    client, settings, edition
):
    (mirror.folder() / edition.digest / "note.en.pdf").unlink()
    before = ask(client, CURRENT)

    settings.DOCUMENTS_INTERNAL_PATH = "/documents"

    assert ask(client, CURRENT) == before
    assert (before.status, before.headers["Retry-After"]) == (503, "60")


@pytest.mark.usefixtures("handed_over")
def test_a_damaged_document_is_not_noticed_by_who_does_not_read_it(client, edition):
    path = mirror.folder() / edition.digest / "note.en.pdf"
    path.write_bytes(NOTE[:-1])

    assert ask(client, CURRENT).status == 200
