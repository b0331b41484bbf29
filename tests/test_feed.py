"""The Atom feed of a session's editions, by the rules of RFC 4287."""

import datetime as dt
import re

import lxml.etree
import lxml.html
import pytest
from django.test import Client

from sessions_app import mirror
from sessions_app.outputs import feed
from sessions_app.publishing import standing_of
from tests.editions import issue_three, make_later_imprint, withdraw
from tests.factories import issue_programmes, make_imprint, make_programme

ROOT = "http://127.0.0.1:8000"
AT = "/en/ocean/first/"
FEED = f"{AT}changes.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# RFC 3339, with its offset.
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
# RFC 4151.
TAG = r"tag:[a-z0-9.-]+,\d{4}-\d\d-\d\d:/[a-z0-9/.-]+"
# What of each there is at most and at least (RFC 4287, 4.1.1 and 4.1.2).
IN_FEED = {
    "title": (1, 1),
    "id": (1, 1),
    "updated": (1, 1),
    "author": (1, 1),
    "subtitle": (0, 1),
    "link": (2, 2),
    "entry": (1, feed.MOST_ENTRIES),
}
IN_ENTRY = {
    "title": (1, 1),
    "id": (1, 1),
    "published": (1, 1),
    "updated": (1, 1),
    "link": (1, 1),
    "summary": (1, 1),
    "content": (1, 1),
}


def feed_at(address=FEED):
    response = Client().get(address)
    assert response.status_code == 200, address
    return lxml.etree.fromstring(response.content)


def text_of(element, name):
    return element.findtext(f"{ATOM}{name}")


def entries_of(tree):
    return tree.findall(f"{ATOM}entry")


def links_of(element):
    return {
        link.get("rel"): link.get("href") for link in element.findall(f"{ATOM}link")
    }


def words_of(html):
    texts = lxml.html.fromstring(html).itertext()
    return " | ".join(text.strip() for text in texts if text.strip())


def counts_are_right(element, allowed):
    names = [child.tag.removeprefix(ATOM) for child in element]
    return set(names) <= set(allowed) and all(
        least <= names.count(name) <= most for name, (least, most) in allowed.items()
    )


def assert_valid(tree):
    """What RFC 4287 asks of a feed, and what our own promise beside it."""
    entries = entries_of(tree)
    both = [tree, *entries]
    assert tree.tag == f"{ATOM}feed"
    assert counts_are_right(tree, IN_FEED)
    assert all(counts_are_right(entry, IN_ENTRY) for entry in entries)
    for element in both:
        assert text_of(element, "title")
        assert re.fullmatch(TAG, text_of(element, "id"))
        assert re.fullmatch(MOMENT, text_of(element, "updated"))
        for to in links_of(element).values():
            assert to.startswith(f"{ROOT}/")
    ids = [text_of(element, "id") for element in both]
    assert len(set(ids)) == len(ids)
    assert set(links_of(tree)) == {"alternate", "self"}
    assert text_of(tree.find(f"{ATOM}author"), "name")
    for entry in entries:
        assert set(links_of(entry)) == {"alternate"}
        assert text_of(entry, "published") <= text_of(entry, "updated")
        for name in ("summary", "content"):
            element = entry.find(f"{ATOM}{name}")
            assert dict(element.attrib) == {"type": "html"}
            # HTML inside is text here, and whole by itself.
            assert len(element) == 0
            lxml.html.fragment_fromstring(element.text, create_parent=True)
    assert text_of(tree, "updated") == max(text_of(e, "updated") for e in entries)


@pytest.fixture
def three_editions():
    return issue_three()


def test_small_feed_is_as_the_standard_says():
    issue_programmes(
        (make_programme(), make_imprint(1)),
        (
            make_programme(title={"en": "Opening <session>"}),
            make_later_imprint(2, "Corr.1", remark={"en": "The title was wrong."}),
        ),
    )

    assert Client().get(FEED).content.decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xml:lang="en" xmlns="http://www.w3.org/2005/Atom">'
        "<title>Opening &lt;session&gt; – Conference on the ocean</title>"
        f'<link href="{ROOT}{AT}" rel="alternate"/>'
        f'<link href="{ROOT}{FEED}" rel="self"/>'
        f"<id>tag:127.0.0.1,2027-06-14:{FEED}</id>"
        "<updated>2027-06-14T14:22:00+00:00</updated>"
        "<author><name>Conference on the ocean</name></author>"
        "<subtitle>What changed in each edition of the programme</subtitle>"
        "<entry>"
        "<title>Edition 2 (Corr.1)</title>"
        f'<link href="{ROOT}{AT}editions/2/changes/" rel="alternate"/>'
        "<published>2027-06-14T14:22:00+00:00</published>"
        "<updated>2027-06-14T14:22:00+00:00</updated>"
        f"<id>tag:127.0.0.1,2027-06-14:{AT}editions/2/</id>"
        '<summary type="html">1 change</summary>'
        '<content type="html">'
        '&lt;div lang="en" dir="ltr"&gt;&lt;p&gt;The title was wrong.&lt;/p&gt;'
        "&lt;p&gt;1 change&lt;/p&gt;&lt;h2&gt;The session as a whole&lt;/h2&gt;"
        '&lt;ul class="told"&gt;&lt;li&gt;The title of the session is '
        "“Opening &amp;lt;session&amp;gt;”, was “First session”.&lt;/li&gt;&lt;/ul&gt;"
        "&lt;/div&gt;</content>"
        "</entry>"
        "<entry>"
        "<title>Edition 1</title>"
        f'<link href="{ROOT}{AT}editions/1/changes/" rel="alternate"/>'
        "<published>2027-06-14T14:21:00+00:00</published>"
        "<updated>2027-06-14T14:21:00+00:00</updated>"
        f"<id>tag:127.0.0.1,2027-06-14:{AT}editions/1/</id>"
        '<summary type="html">This is the first edition.</summary>'
        '<content type="html">&lt;div lang="en" dir="ltr"&gt;'
        "&lt;p&gt;This is the first edition.&lt;/p&gt;&lt;/div&gt;</content>"
        "</entry>"
        "</feed>"
    )


def test_entries_tell_what_changed_the_newest_first(three_editions):
    tree = feed_at()

    assert_valid(tree)
    assert [
        (
            text_of(entry, "title"),
            links_of(entry)["alternate"].removeprefix(ROOT + AT),
            text_of(entry, "summary"),
            words_of(text_of(entry, "content")),
        )
        for entry in entries_of(tree)
    ] == [
        (
            "Edition 3 (Rev.1)",
            "editions/3/changes/",
            "6 changes: 5 substantive, 1 editorial",
            (
                "6 changes: 5 substantive, 1 editorial | Day 1: Monday, 21\xa0June 2027 | "
                "Opening segments (09.00–09.30) | "
                "The title is “Opening segments”, was “Opening segment”. | Editorial | "
                "Panel 1: Minutes that matter (09.45–12.00) | "
                "Panel 1 starts at 09.45, was 09.30. | "
                "Ms. Dag Holm replaces Ms. Cai Ong. | "
                "Working group 1: Data (13.00–15.00) | Working group 1 is cancelled. | "
                "Visit (17.00–17.30) | "
                "Visit (17.00–17.30) is no longer on the programme. | "
                "Evening lecture (18.00–19.00) | "
                "Evening lecture (18.00–19.00) is added to the programme."
            ),
        ),
        ("Edition 2*", "editions/2/changes/", *["Nothing has changed."] * 2),
        ("Edition 1", "editions/1/changes/", *["This is the first edition."] * 2),
    ]


def test_every_link_of_the_feed_leads_to_a_page(three_editions):
    withdraw(three_editions, 2)
    tree = feed_at()

    links = {to for e in [tree, *entries_of(tree)] for to in links_of(e).values()}
    for entry in entries_of(tree):
        inside = lxml.html.fromstring(text_of(entry, "content"))
        links |= {a.get("href") for a in inside.iter("a")}

    answers = {to: Client().get(to.removeprefix(ROOT)).status_code for to in links}
    assert set(answers.values()) == {200}
    assert len(answers) > 6


def test_withdrawn_edition_says_so_with_its_reason_and_nothing_of_its_content(
    three_editions,
):
    before = {text_of(entry, "id") for entry in entries_of(feed_at())}
    withdraw(three_editions, 2)

    tree = feed_at()

    assert_valid(tree)
    gone = entries_of(tree)[1]
    assert (
        text_of(gone, "title"),
        links_of(gone)["alternate"],
        text_of(gone, "summary"),
        text_of(gone, "content"),
    ) == (
        "Edition 2*: Withdrawn",
        f"{ROOT}{AT}editions/",
        "A name was wrong.",
        '<div lang="en" dir="ltr"><p class="reason">A name was wrong.</p></div>',
    )
    assert {text_of(entry, "id") for entry in entries_of(tree)} == before


def test_withdrawal_is_news_at_its_own_time(three_editions):
    at = dt.datetime(2027, 6, 15, 9, 0, tzinfo=dt.UTC)
    newest, gone, first = withdraw(three_editions, 2).editions
    gone = gone.model_copy(update={"withdrawn_at": at})
    mirror.point(three_editions.model_copy(update={"editions": (newest, gone, first)}))

    tree = feed_at()

    assert_valid(tree)
    assert [text_of(entry, "updated") for entry in entries_of(tree)] == [
        "2027-06-14T14:23:00+00:00",
        "2027-06-15T09:00:00+00:00",
        "2027-06-14T14:21:00+00:00",
    ]
    assert text_of(tree, "updated") == "2027-06-15T09:00:00+00:00"


def test_feed_of_a_withdrawn_programme_stays_and_says_that_alone(three_editions):
    (_newest_entry, *_others) = entries_of(feed_at())
    withdraw(three_editions, 3, reason="Issued <by mistake>.")

    response = Client().get(FEED)
    tree = lxml.etree.fromstring(response.content)

    assert_valid(tree)
    (entry,) = entries_of(tree)
    assert text_of(tree, "title") == "This programme was withdrawn"
    assert text_of(entry, "title") == "Edition 3 (Rev.1): Withdrawn"
    assert text_of(entry, "id") == text_of(_newest_entry, "id")
    assert words_of(text_of(entry, "summary")) == "Issued <by mistake>."
    assert words_of(text_of(entry, "content")) == "Issued <by mistake>."
    for words in (b"First session", b"ocean on", b"Opening", b"Conference"):
        assert words not in response.content
    assert Client().get("/es/ocean/first/changes.atom").status_code == 410


def test_withdrawal_without_a_reason_has_a_sentence(three_editions):
    withdrawn = three_editions.model_copy(update={"current": None})
    mirror.point(withdrawn)

    (entry,) = entries_of(feed_at())

    assert text_of(entry, "summary") == (
        "The secretariat has withdrawn it. A copy that you hold is no longer in force."
    )
    assert text_of(entry, "content") == (
        '<div lang="en" dir="ltr"><p>The secretariat has withdrawn it. A copy that you '
        "hold is no longer in force.</p></div>"
    )


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_feed_speaks_the_language_of_its_address(three_editions, language):
    tree = feed_at(f"/{language}/ocean/first/changes.atom")

    assert_valid(tree)
    assert tree.get(XML_LANG) == language
    direction = "rtl" if language == "ar" else "ltr"
    for entry in entries_of(tree):
        content = lxml.html.fromstring(text_of(entry, "content"))
        assert dict(content.attrib) == {"lang": language, "dir": direction}
        assert f",2027-06-14:/{language}/ocean/" in text_of(entry, "id")


@pytest.mark.parametrize("language", ["ar", "zh", "en", "fr", "ru", "es"])
@pytest.mark.thorough
def test_feed_of_the_demonstration_is_valid_in_six_languages(demonstration, language):
    at = f"/{language}/global-compact-migration/third-thematic-session/"

    tree = feed_at(f"{at}changes.atom")

    assert_valid(tree)
    assert tree.get(XML_LANG) == {"zh": "zh-Hans"}.get(language, language)
    (standing,) = [s for s in mirror.standings() if s.session in at]
    assert len(entries_of(tree)) == len(standing.editions)


def test_edition_that_was_not_issued_in_the_language_has_no_entry():
    issue_programmes(
        (make_programme(), make_imprint(1)),
        (make_programme(languages=("en", "fr")), make_later_imprint(2)),
    )

    numbers = [
        [text_of(entry, "title") for entry in entries_of(feed_at(address))]
        for address in (FEED, "/fr/ocean/first/changes.atom")
    ]

    assert numbers == [["Edition 2", "Edition 1"], ["Édition 2"]]
    assert Client().get("/ru/ocean/first/changes.atom").status_code == 404


def test_feed_has_the_newest_editions_alone():
    issue_programmes(
        (make_programme(), make_imprint(1)),
        *(
            (make_programme(), make_later_imprint(number))
            for number in range(2, feed.MOST_ENTRIES + 3)
        ),
    )

    titles = [text_of(entry, "title") for entry in entries_of(feed_at())]

    assert titles == [f"Edition {number}" for number in range(22, 2, -1)]


def test_pages_of_the_session_lead_to_the_feed(three_editions):
    for page in ("", "slots/s0930/", "people/", "editions/", "editions/1/"):
        tree = lxml.html.fromstring(Client().get(AT + page).content)
        (link,) = tree.xpath("//head/link[@type='application/atom+xml']")
        assert (link.get("rel"), link.get("href")) == ("alternate", ROOT + FEED)
        named = [a for a in tree.iter("a") if a.get("href") == FEED]
        assert {a.text_content() for a in named} == {"Feed of changes (Atom)"}
        assert len(named) == (2 if page == "editions/" else 1)


def test_feed_is_sent_compressed_once_made_and_not_again_to_who_has_it(
    three_editions, monkeypatch
):
    made = []
    real = feed.render_feed
    monkeypatch.setattr(
        feed, "render_feed", lambda *given: made.append(given) or real(*given)
    )

    first = Client().get(FEED, HTTP_ACCEPT_ENCODING="gzip")
    again = Client().get(
        FEED, HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=first["ETag"]
    )

    assert (
        first["Content-Type"],
        first["Content-Encoding"],
        first["Cache-Control"],
    ) == (
        "application/atom+xml; charset=utf-8",
        "gzip",
        "no-cache",
    )
    assert (again.status_code, again.content) == (304, b"")
    assert len(made) == 1


def test_feed_asks_no_row(db, django_assert_num_queries, three_editions):
    with django_assert_num_queries(0):
        response = Client().get(FEED)

    assert response.cookies == {}
    assert Client().head(FEED).content == b""
    assert Client().post(FEED).status_code == 405


@pytest.mark.parametrize(
    "address",
    [
        "/en/ocean/second/changes.atom",
        "/en/lake/first/changes.atom",
        f"{AT}editions/1/changes.atom",
    ],
)
def test_there_is_no_feed_of_anything_else(three_editions, address):
    assert Client().get(address, follow=True).status_code == 404


def test_damaged_edition_is_said_and_not_half_told(three_editions, editions_folder):
    digest = three_editions.editions[1].digest
    (editions_folder / digest / "programme.json").write_bytes(b"half")

    assert Client().get(FEED).status_code == 503


def test_moment_of_a_withdrawal_is_known_to_readers(db, admin_user):
    from sessions_app import issuing
    from tests.rows import make_programme_of

    session = make_programme_of(1)
    edition = issuing.issue(session, by=None, reason="Seen.")
    issuing.withdraw(edition, by=admin_user, reason={"en": "A name was wrong."})

    (card,) = standing_of(session).editions

    assert card.withdrawn_at == edition.withdrawal.at
