"""Where the public pages are: the one place that writes their addresses.

`sessions_app.public.urls` reads the same addresses; a test follows every link."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

# Chinese is `zh` in addresses: readers type it, and a script is not theirs to choose.
_IN_ADDRESSES = {"zh-hans": "zh"}
_FROM_ADDRESSES = {short: language for language, short in _IN_ADDRESSES.items()}


def language_in_address(language: str) -> str:
    """The language as the first part of an address: "zh" for "zh-hans"."""
    return _IN_ADDRESSES.get(language, language)


def language_from_address(part: str) -> str:
    """The language that the first part of an address names: "zh-hans" for "zh"."""
    return _FROM_ADDRESSES.get(part, part)


def sessions_address(language: str) -> str:
    """The list of sessions: "/en/"."""
    return f"/{language_in_address(language)}/"


def conference_address(language: str, conference: str) -> str:
    """A conference and its sessions: "/en/early-warning/"."""
    return f"/{language_in_address(language)}/{conference}/"


def agenda_address(
    language: str, conference: str, session: str, number: int | None = None
) -> str:
    """The agenda of the current edition, or of edition `number`; the other pages and
    the documents of the edition stand under it."""
    edition = f"editions/{number}/" if number is not None else ""
    return f"{conference_address(language, conference)}{session}/{edition}"


def changes_address(agenda: str, number: int | None = None) -> str:
    """What changed in the edition whose agenda is at the address `agenda`: since the
    edition before it, or since edition `number`."""
    since = f"{number}/" if number is not None else ""
    return f"{agenda}changes/{since}"


def frame_address(agenda: str, day: int | None = None) -> str:
    """What other sites show inside their pages: all days, or day `day`."""
    return f"{agenda}{f'days/{day}/' if day else ''}frame/"


def sitemap_address(agenda: str = "/") -> str:
    """What search engines are to read of the session in a language; without one, the
    index of all sessions."""
    return f"{agenda}sitemap.xml"


def editions_address(agenda: str) -> str:
    """All editions of the session whose agenda is at the address `agenda`."""
    return f"{agenda}editions/"


def feed_address(agenda: str) -> str:
    """What changed in each edition of the session, as a feed."""
    return f"{agenda}changes.atom"


def marked_address(agenda: str, number: int) -> str:
    """The edition whose agenda is at the address `agenda`, with what is new and what is
    gone since edition `number` marked in the text."""
    return f"{changes_address(agenda, number)}marked/"


def found_address(agenda: str, query: Mapping[str, str]) -> str:
    """The slots that `query` asks for, of the programme whose agenda is at the address
    `agenda`; all of them for nothing."""
    return f"{agenda}?{urlencode(query)}" if query else agenda


def delegations_address(agenda: str) -> str:
    """Which States and organizations speak, and where, in the programme whose agenda is
    at the address `agenda`."""
    return f"{agenda}delegations/"


def mine_address(agenda: str, codes: Iterable[str] = ()) -> str:
    """The slots that a reader chose of the programme whose agenda is at the address
    `agenda`; without any, what that page is for."""
    return f"{agenda}mine/{_chosen(codes)}"


def mine_calendar_address(agenda: str, codes: Iterable[str]) -> str:
    """The slots that a reader chose as a calendar."""
    return f"{agenda}mine.ics{_chosen(codes)}"


def calendar_address(agenda: str, *of: str) -> str:
    """A calendar of the edition whose agenda is at the address `agenda`: of all its
    slots, or of the part of the programme that `of` names ("slots", "s3k9f2a")."""
    return f"{agenda}{'/'.join(of or ('agenda',))}.ics"


def subscription_address(whole_address: str) -> str:
    """The address at which a program for calendars follows the calendar at a whole
    address (https://…): with the scheme for which browsers ask such a program."""
    return f"webcal://{whole_address.partition('://')[2]}"


def _chosen(codes: Iterable[str]) -> str:
    listed = ",".join(codes)
    return f"?slots={listed}" if listed else ""


def current_address(agenda: str) -> str:
    """Which edition is current, where the agenda of the session is at the address
    `agenda`: what open pages ask."""
    return f"{agenda}current.json"


def offline_address(language: str) -> str:
    """What is shown, without a network, in place of a page that was never read."""
    return f"/{language_in_address(language)}/offline/"


def check_address(language: str, code: str = "") -> str:
    """What a printed copy is by the code on it; without one, where it is typed."""
    return f"/{language_in_address(language)}/check/{f'{code}/' if code else ''}"
