"""The agenda inside the page of another site: what it holds, and that nothing else of
ours may be shown so."""

import lxml.html
import pytest
from django.test import Client

from sessions_app import mirror
from tests.crawl import ask, crawl
from tests.editions import issue_three, withdraw
from tests.factories import issue_programmes, make_imprint, make_programme
from tests.test_headers import SAFETY, safety_of

ROOT = "http://127.0.0.1:8000"
AT = "/en/ocean/first/"
FRAMES = [
    f"{AT}frame/",
    f"{AT}days/2/frame/",
    f"{AT}editions/1/frame/",
    f"{AT}editions/3/days/1/frame/",
]
FRAMABLE = {
    **{name: value for name, value in SAFETY.items() if name != "X-Frame-Options"},
    "Content-Security-Policy": SAFETY["Content-Security-Policy"].replace(
        "frame-ancestors 'none'", "frame-ancestors *"
    ),
}


@pytest.fixture
def standing():
    return issue_three()


def page_at(address):
    return lxml.html.fromstring(ask(Client(), address).content)


def words_of(element):
    return " ".join(" ".join(element.itertext()).split())


@pytest.mark.parametrize("address", FRAMES)
def test_frame_may_be_shown_by_any_site(standing, address):
    answer = ask(Client(), address)
    tag = answer.headers["ETag"]

    assert safety_of(answer) == (200, FRAMABLE)
    assert safety_of(ask(Client(), address, "HEAD")) == (200, FRAMABLE)
    assert safety_of(ask(Client(), address, If_None_Match=tag)) == (304, FRAMABLE)


@pytest.mark.thorough
def test_no_other_answer_may_be_shown_by_another_site(standing):
    withdraw(standing, 2)
    answers = crawl(Client(), ["/", AT, *FRAMES, "/unknown", "/robots.txt"])

    framable = {
        address
        for address, answer in answers.items()
        if "frame-ancestors 'none'" not in answer.headers["Content-Security-Policy"]
        or answer.headers.get("X-Frame-Options") != "DENY"
    }

    assert framable == set(FRAMES)
    assert len(answers) > 100


def test_why_there_is_nothing_may_be_shown_too_and_leads_out_of_the_frame(standing):
    withdraw(standing, 3)

    answer = ask(Client(), f"{AT}frame/")

    assert safety_of(answer) == (410, FRAMABLE)
    tree = lxml.html.fromstring(answer.content)
    assert words_of(tree.find(".//main")) == (
        "This programme was withdrawn A name was wrong. All sessions"
    )
    assert [base.get("target") for base in tree.iter("base")] == ["_top"]


def test_frame_has_all_days_its_edition_and_a_way_to_the_agenda(standing):
    tree = page_at(f"{AT}frame/")

    main = tree.find(".//main")
    assert words_of(main.find(".//header")) == (
        "Conference on the ocean First session 21–22 June 2027 "
        "Palais des Nations, Room XIX, Geneva All times: Geneva time "
        "Edition 3 (Rev.1) · issued 14 June 2027, 16.23 · as at 14 June 2027, 14.23, "
        "Geneva time · All editions"
    )
    assert [words_of(h) for h in main.iter("h2")][:2] == [
        "Day 1: Monday, 21 June 2027",
        "Day 2: Tuesday, 22 June 2027",
    ]
    codes = [slot.get("data-code") for slot in main.iter("li") if slot.get("data-code")]
    programme = mirror.programme(standing.editions[0])
    assert codes == [slot.code for slot in programme.slots]
    first, *_others, last = [a.get("href") for a in main.iter("a")]
    assert (first, last) == (AT, AT)


def test_frame_of_one_day_has_that_day_alone(standing):
    tree = page_at(f"{AT}days/2/frame/")

    assert [words_of(h) for h in tree.find(".//main").iter("h2")] == [
        "Day 2: Tuesday, 22 June 2027",
        "Notes",
    ]
    assert not [a for a in tree.iter("a") if a.get("href") == "#day-2"]


def test_frame_has_neither_head_nor_foot_of_our_pages_and_no_script(standing):
    tree = page_at(f"{AT}frame/")

    assert not tree.xpath("//script | //footer | //nav[@class='languages']")
    # A demonstration is one in the pages of others, too.
    assert words_of(tree.xpath("//*[@class='notice']")[0]) == (
        "Demonstration, not an official document"
    )


def test_links_lead_out_of_the_frame_but_for_those_within_it(standing):
    tree = page_at(f"{AT}frame/")

    assert [base.attrib for base in tree.iter("base")] == [{"target": "_top"}]
    for link in tree.iter("a"):
        is_inside = link.get("href").startswith("#")
        assert link.get("target") == ("_self" if is_inside else None)
        assert not is_inside or tree.get_element_by_id(link.get("href")[1:]) is not None


def test_search_engines_are_led_to_the_agenda(standing):
    for address, agenda in (
        (f"{AT}frame/", AT),
        (f"{AT}days/1/frame/", AT),
        (f"{AT}editions/1/frame/", f"{AT}editions/1/"),
    ):
        tree = page_at(address)
        assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]
        assert tree.xpath("//link[@rel='canonical']/@href") == [ROOT + agenda]


def test_frame_of_an_earlier_edition_says_that_it_is_not_current(standing):
    tree = page_at(f"{AT}editions/1/frame/")

    assert words_of(tree.xpath("//*[@class='banner']")[0]) == (
        "You are reading edition 1, which is no longer current. Read the current edition"
    )


def test_cancelled_session_says_so_in_the_frame():
    issue_programmes((make_programme(status="cancelled"), make_imprint(1)))

    tree = page_at(f"{AT}frame/")

    assert words_of(tree.xpath("//*[@class='status']")[0]) == (
        "This session is cancelled."
    )


@pytest.mark.parametrize(
    ("address", "status"),
    [(f"{AT}days/3/frame/", 404), (f"{AT}days/0/frame/", 404), (f"{AT}frame", 301)],
)
def test_there_is_no_frame_of_anything_else(standing, address, status):
    assert ask(Client(), address).status == status


def test_frame_asks_no_row(db, django_assert_num_queries, standing):
    with django_assert_num_queries(0):
        for address in FRAMES:
            assert ask(Client(), address).status == 200
