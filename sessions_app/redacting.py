"""Redacting: one person's data are taken out of issued editions.

The one exception to the rule that an edition never changes: named, logged, and made
while a Redaction of the session is open, which alone lifts the guards. Everything is
made anew before anything is written. Then, session by session: the new folders, the rows
in one transaction, the Standing that readers follow, and last the old folders are
removed. Ended half-way it leaves the old or the new; `manage.py mirror` does the rest."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from sessions_app import mirror, outputs
from sessions_app.compose import compose
from sessions_app.models import (
    Acknowledgement,
    ChangedRow,
    Document,
    Edition,
    Issuance,
    Line,
    PreparedDocument,
    Redaction,
    SavedChange,
    Session,
    Slot,
    Withdrawal,
)
from sessions_app.outputs.pdf import PdfRefused
from sessions_app.programme import (
    Former,
    Imprint,
    Programme,
    ProgrammeUnreadable,
    Text,
    canonical,
    comma_of,
    digest_of,
    edition_digest,
    enumeration_of,
    from_json,
    pick,
)
from sessions_app.publishing import Tell, imprint_of, publish_standing
from sessions_app.translated import LANGUAGE_CODES, language_name, normalize
from sessions_app.translated import words as words_alone
from speakers.models import Person

# The fewest characters of a word that is taken out.
FEWEST = 2

# What prints in place of a name.
REMOVED: Text = {
    "ar": "[حُذف الاسم]",
    "zh-hans": "[姓名已删除]",
    "en": "[name removed]",
    "fr": "[nom supprimé]",
    "ru": "[имя удалено]",
    "es": "[nombre suprimido]",
}

# What an entry of the person loses; all else of it stays: its place, its role, whether
# it was to be confirmed.
_PERSONAL = {
    "person",
    "former_codes",
    "honorific",
    "sort_name",
    "function",
    "state",
    "organization",
}
# What holds no words: codes, dates, choices, pictures. The address of a session, its
# slug, never changes and is told of on its own.
_WORDLESS = {
    "code",
    "date",
    "end",
    "ends_at",
    "ends_on",
    "format",
    "former_codes",
    "interpretation",
    "kind",
    "languages",
    "layout",
    "mode",
    "notes",
    "number",
    "page_size",
    "part_of",
    "person",
    "place",
    "png",
    "primary_language",
    "role",
    "slug",
    "start",
    "starts_at",
    "starts_on",
    "status",
    "time_style",
    "zone",
}
_ADDRESSES = {"address", "webcast"}
# Of the record of a person, the fields that hold names and nothing else.
_NAMES_OF_RECORD = {"given_names", "family_name", "printed_name", "pronunciation"}

# The fields of an edition in words for staff.
_FIELDS: dict[str, Any] = {
    "address": _later("address"),
    "agenda_item": _later("agenda item"),
    "aside": _later("aside"),
    "contact": _later("contact"),
    "dates_in_words": _later("dates"),
    "function": _later("function of a person"),
    "heading": _later("heading"),
    "heading_in_words": _later("heading of the day"),
    "key": _later("key"),
    "label": _later("label"),
    "name": _later("name"),
    "note_title": _later("title of the note"),
    "notice": _later("notice"),
    "office": _later("issuing office"),
    "organization": _later("organization of a person"),
    "printed": _later("name of a person"),
    "questions": _later("guiding questions"),
    "remark": _later("remark"),
    "role_label": _later("role of a person"),
    "state": _later("State of a person"),
    "symbol": _later("document symbol"),
    "text": _later("text"),
    "theme": _later("theme"),
    "title": _later("title"),
    "venue": _later("venue"),
    "webcast": _later("webcast"),
    "when": _later("time in words"),
}


class NotRedacted(Exception):
    """Nothing was changed; the message says why, in a sentence for staff."""


class StillShown(Exception):
    """The database is redacted, but readers may still see the former state: the folder
    could not be written. The message says what to do, in a sentence for staff."""


@dataclass(frozen=True)
class Place:
    """One place in an edition where somebody is named: its session, the number of the
    edition, the language, the place in words ("Panel 2, text") and the words found with
    some around them. `is_named` when the entry is the person's own; `stays` when it
    will not be changed, since it belongs to another person's record or is an address.
    `is_on_its_way` for an edition that is not issued yet."""

    session: Session
    number: int
    language: str
    where: str
    found: str
    is_named: bool = False
    stays: bool = False
    is_on_its_way: bool = False


# --- Looking ---------------------------------------------------------------------


def record_of(person: Person) -> Person:
    """The record that is kept of the person: of a merged one, the one it leads to."""
    return person.merged_into or person


def places(person: Person, words: Sequence[str]) -> list[Place]:
    """Every place of every edition of every session that names the person, by the code
    of the record or of one merged into it, or that holds one of `words`: in any text of
    its programme, in its remark, in the reason for which it was withdrawn; and in those
    editions that wait to be issued. In the order of sessions and editions."""
    look = _Look(_codes_of(person), words)
    found: list[Place] = []
    for session in _sessions_issued():
        for edition in _editions_of(session):
            found += _Read.of(edition, look).places
        for issuance in _on_its_way(session):
            found += _read_issuance(issuance, look).places
    return found


def words_of(person: Person) -> list[str]:
    """The words that are proposed to be removed: every form of the name that an edition
    prints, in all languages, with and without honorific, and the family name alone; the
    longest first."""
    codes = _codes_of(person)
    forms: list[str] = []
    for value in Edition.objects.values_list("programme", flat=True).iterator():
        for entry in _people_in(value):
            if _codes_in(entry) & codes:
                forms += [*entry["printed"].values(), *entry["name"].values()]
                forms.append(entry.get("sort_name", "").partition(",")[0])
    if forms:
        forms += [row.family_name for row in _records_of(person)]
    return _longest_first(word for word in forms if len(word.strip()) >= FEWEST)


def checked(words: Iterable[str]) -> list[str]:
    """The words as they are looked for: trimmed, each once, the longest first. Raises
    NotRedacted when there is none, or one of them is too short or cannot be printed."""
    kept = []
    for typed in words:
        try:
            word = normalize(typed)
        except ValidationError as error:
            raise NotRedacted(" ".join(error.messages)) from error
        if not word:
            continue
        if sum(character.isalnum() for character in word) < FEWEST:
            raise NotRedacted(
                _(
                    "“%(word)s” is too short: it would be found everywhere. Each word "
                    "needs at least two letters."
                )
                % {"word": word}
            )
        kept.append(word)
    if not kept:
        raise NotRedacted(_("Type at least one word to remove: the name as it prints."))
    return _longest_first(kept)


def _longest_first(words: Iterable[str]) -> list[str]:
    each = {word.strip().casefold(): word.strip() for word in words}
    return sorted(each.values(), key=lambda word: (-len(word), word))


def _records_of(person: Person) -> list[Person]:
    """The record kept, and those merged into it."""
    kept = record_of(person)
    return [kept, *kept.merged_records.order_by("pk")]


def _codes_of(person: Person) -> set[str]:
    return {record.code for record in _records_of(person)}


def _sessions_issued() -> models.QuerySet[Session]:
    issued = Q(editions__isnull=False) | Q(issuances__isnull=False)
    rows = Session.objects.filter(issued).distinct().select_related("conference")
    return rows.defer("conference__logo").order_by("starts_on", "slug", "pk")


def _editions_of(session: Session) -> models.QuerySet[Edition]:
    rows = Edition.objects.filter(session=session).order_by("number")
    return rows.select_related("session", "withdrawal")


def _on_its_way(session: Session) -> models.QuerySet[Issuance]:
    states = (Issuance.State.MAKING, Issuance.State.WAITING)
    return Issuance.objects.filter(session=session, state__in=states).order_by("pk")


# --- Finding words in a text -----------------------------------------------------

# Signs that nobody sees, between any two letters: soft hyphen, joiners, marks of
# direction, word joiner.
_UNSEEN = "[\u00ad\u200b-\u200f\u2060\ufeff]*"
# Short vowels and the stretching of Arabic, which may be written or not.
_ARABIC_MARKS = "[\u064b-\u065f\u0670\u0640]*"
# One-letter words that Arabic writes together with the next: and, so, in, for, like.
_ARABIC_PREFIX = f"(?:[\u0648\u0641\u0628\u0644\u0643]{_ARABIC_MARKS}){{1,2}}"
_ALIKE = {
    **dict.fromkeys(
        "-\u2010\u2011\u2012\u2013\u2014\u2212", "\\\\?[-\u2010-\u2014\u2212]"
    ),
    **dict.fromkeys(
        "'\u2018\u2019\u02bc\u02b9`\u00b4",
        "\\\\?(?:['\u2018\u2019\u02bc\u02b9`\u00b4]|&#39;|&apos;)",
    ),
    # Between the parts of a foreign name in Chinese.
    **dict.fromkeys("\u00b7\u2022\u2027\u30fb", "[\u00b7\u2022\u2027\u30fb]"),
    **dict.fromkeys("اأإآٱ", "[اأإآٱ]"),
    **dict.fromkeys("يى", "[يى]"),
    **dict.fromkeys("ةه", "[ةه]"),
}
_SPACE = r"(?:\s|&nbsp;)+"
# Not \b: emphasis in Markdown, "_Ada Lund_", parts words too.
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"
_ADDRESS = re.compile(
    r"(?:https?|ftp|mailto|tel|sips?|xmpp):[^\s<>\"()\[\]]+"
    r"|www\.[^\s<>\"()\[\]]+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
# A name of a site that is nobody's, for good (RFC 2606, 2).
_NO_SITE = "https://name-removed.invalid/"
_NO_MAILBOX = "mailto:name-removed@name-removed.invalid"
# The fewest letters of a name that is found where it is run together in an address.
_FEWEST_RUN_TOGETHER = 5
_AROUND = 40


@dataclass(frozen=True)
class _Look:
    """What is looked for: the codes of a person, and words."""

    codes: set[str]
    words: Sequence[str]

    @functools.cached_property
    def alone(self) -> _Knife:
        """Finds the words wherever they stand, in the names of others too."""
        return _Knife(self)

    @functools.cached_property
    def run_together(self) -> list[str]:
        squeezed = (_squeezed(word) for word in self.words)
        return [word for word in squeezed if len(word) >= _FEWEST_RUN_TOGETHER]


class _Knife:
    """Finds words in a text, and cuts them out. Names of `others` are passed over even
    where they hold one of the words, unless they are one of them."""

    def __init__(self, look: _Look, others: Iterable[str] = ()) -> None:
        self.look = look
        mine = {_plain(word) for word in look.words}
        kept = {name for name in others if _plain(name) not in mine}
        parts = [(word, False) for word in look.words]
        if look.words:
            parts += [(name, True) for name in kept if name.strip()]
        parts.sort(key=lambda part: -len(part[0]))
        self._pattern = re.compile(
            "|".join(
                f"(?P<{'k' if stays else 'w'}{place}>{_pattern_of(word, place)})"
                for place, (word, stays) in enumerate(parts)
            )
            or r"(?!)",
            re.IGNORECASE,
        )

    def holds(self, text: str) -> bool:
        """Whether one of the words stands in a text."""
        return next(self._found(unicodedata.normalize("NFC", text)), None) is not None

    def snippets(self, text: str) -> list[str]:
        """The words found in a text, each with some words around it."""
        plain = unicodedata.normalize("NFC", text)
        return [_around(plain, *span) for span, _new in self._found(plain)]

    def cut(self, text: str, language: str) -> str:
        """The text with the neutral words of the language in place of each word found;
        the text itself when none is."""
        plain, done, pieces = unicodedata.normalize("NFC", text), 0, []
        neutral = REMOVED.get(language, REMOVED["en"])
        for (start, end), new in self._found(plain):
            pieces += [plain[done:start], neutral if new is None else new]
            done = end
        return "".join([*pieces, plain[done:]]) if pieces else text

    def is_in_address(self, address: str) -> bool:
        """Whether one of the words stands in an address, in whatever way it is written
        there."""
        plain = unicodedata.normalize("NFC", unquote(address))
        apart = re.sub(r"[-_.+/]+", " ", plain)
        together = _squeezed(plain)
        return (
            self._is_in_words(plain)
            or self._is_in_words(apart)
            or any(word in together for word in self.look.run_together)
        )

    def _is_in_words(self, plain: str) -> bool:
        return next(self._in_words(plain, 0, len(plain)), None) is not None

    def _found(self, plain: str) -> Iterator[tuple[tuple[int, int], str | None]]:
        """Each span to be replaced, in order, with what takes its place; None for the
        neutral words."""
        done = 0
        for address in _ADDRESS.finditer(plain):
            yield from self._in_words(plain, done, address.start())
            if self.is_in_address(address[0]):
                yield address.span(), _instead_of(address[0])
            done = address.end()
        yield from self._in_words(plain, done, len(plain))

    def _in_words(
        self, plain: str, start: int, end: int
    ) -> Iterator[tuple[tuple[int, int], None]]:
        for match in self._pattern.finditer(plain, start, end):
            name = str(match.lastgroup)
            if name[0] == "w":
                prefix = match.groupdict().get(f"p{name[1:]}") or ""
                yield (match.start() + len(prefix), match.end()), None


def _instead_of(address: str) -> str | None:
    scheme = address.partition(":")[0].casefold()
    if scheme == "mailto":
        return _NO_MAILBOX
    return _NO_SITE if scheme in {"http", "https", "ftp"} else None


def _pattern_of(word: str, place: int) -> str:
    """A pattern for a word: whole, in small letters or capitals, with any kind of
    space, hyphen and apostrophe. Chinese parts no words, so there it is found inside
    others."""
    plain = re.sub(_ARABIC_MARKS, "", unicodedata.normalize("NFC", word).strip())
    pieces = []
    for part in re.split(r"(\s+)", plain):
        if not part:
            continue
        pieces.append(_SPACE if part.isspace() else _UNSEEN.join(map(_letter, part)))
    whole = _UNSEEN.join(pieces)
    if not _is_ideograph(plain[:1]):
        prefix = f"(?P<p{place}>{_ARABIC_PREFIX})?" if _is_arabic(plain[:1]) else ""
        whole = f"{_BEFORE if plain[:1].isalnum() else ''}{prefix}{whole}"
    if plain[-1:].isalnum() and not _is_ideograph(plain[-1:]):
        whole += _AFTER
    return whole


def _letter(character: str) -> str:
    said = _ALIKE.get(character) or rf"{re.escape(character)}"
    if _is_arabic(character):
        return said + _ARABIC_MARKS
    # Markdown may escape a sign.
    return said if character.isalnum() or character in _ALIKE else rf"\\?{said}"


def _is_arabic(character: str) -> bool:
    return "\u0600" <= character <= "\u06ff"


def _is_ideograph(character: str) -> bool:
    return bool(character) and "CJK UNIFIED" in unicodedata.name(character, "")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _squeezed(text: str) -> str:
    """The letters and digits alone, without accents, as names are run together."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if character.isalnum())


def _around(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    first = "…" if start > _AROUND else ""
    last = "…" if len(text) > end + _AROUND else ""
    return " ".join(f"{first}{before}{text[start:end]}{after}{last}".split())


# --- Reading an edition ----------------------------------------------------------


def _people_in(node: Any) -> Iterator[dict[str, Any]]:
    """Every entry of a person in the JSON of a programme."""
    if isinstance(node, dict):
        if _is_person(node):
            yield node
        for value in node.values():
            yield from _people_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from _people_in(value)


def _is_person(node: Mapping[str, Any]) -> bool:
    return "printed" in node and "name" in node and "code" in node


def _codes_in(entry: Mapping[str, Any]) -> set[str]:
    return {entry.get("person"), *entry.get("former_codes", ())} - {None}


def _others_in(value: Any, look: _Look) -> set[str]:
    """The names of those whose own records they are."""
    return {
        name
        for entry in _people_in(value)
        if entry.get("person") and not _codes_in(entry) & look.codes
        for texts in (entry["printed"], entry["name"])
        for name in texts.values()
    }


def _is_text(node: Mapping[str, Any]) -> bool:
    return bool(node) and all(
        key in LANGUAGE_CODES and isinstance(said, str) for key, said in node.items()
    )


class _Walk:
    """One walk through the JSON of a programme: what it holds without the data of the
    person, and where they stood."""

    def __init__(self, look: _Look, programme: Mapping[str, Any]) -> None:
        self.look = look
        self.others = {
            name for name in _others_in(programme, look) if look.alone.holds(name)
        }
        self.knife = _Knife(look, self.others)
        self.primary = str(programme.get("primary_language", "en"))
        # Language, where in words, what was found, whether it is the person's entry,
        # whether it stays.
        self.found: list[tuple[str, str, str, bool, bool]] = []

    def through(self, node: Any, where: tuple[str, ...] = (), key: str = "") -> Any:
        """`node` with the data taken out; `key` is the field that holds it."""
        if isinstance(node, dict):
            if _is_person(node):
                return self._person(node, where)
            if _is_text(node):
                return self.text(node, (*where, _field(key)))
            return self._parts(node, where)
        if isinstance(node, list):
            return [
                self.through(part, _into(where, key, part, place, self.primary), key)
                for place, part in enumerate(node, start=1)
            ]
        if isinstance(node, str):
            return self._said(node, self.primary, (*where, _field(key)))
        return node

    def _parts(self, node: Mapping[str, Any], where: tuple[str, ...]) -> Any:
        new = {}
        for key, value in node.items():
            if key == "slug" and self.knife.is_in_address(value):
                self._find(self.primary, (*where, _("address")), value, stays=True)
            if key in _WORDLESS:
                new[key] = value
            elif key in _ADDRESSES:
                if self.knife.is_in_address(value):
                    self._find(self.primary, (*where, _field(key)), value)
                else:
                    new[key] = value
            elif key == "key" and self.knife.is_in_address(value):
                self._find(self.primary, (*where, _field(key)), value)
                new[key] = f"removed-{node.get('number', 0)}"
            else:
                new[key] = self.through(value, _within(where, key), key)
        return new

    def _person(self, node: Mapping[str, Any], where: tuple[str, ...]) -> Any:
        if _codes_in(node) & self.look.codes:
            for language, said in {**node["name"], **node["printed"]}.items():
                place = (*where, _field("printed"))
                self._find(language, place, said, is_named=True)
            rest = {k: v for k, v in node.items() if k not in _PERSONAL}
            new = self._parts(
                {k: v for k, v in rest.items() if k not in {"name", "printed"}}, where
            )
            return {
                **new,
                "name": _neutral(node["name"]),
                "printed": _neutral(node["printed"]),
            }
        if not node.get("person"):
            return self._parts(node, where)
        # The name of another record's person is not ours to touch.
        names = {
            key: node[key] for key in ("name", "printed", "sort_name") if key in node
        }
        for language, said in node["printed"].items():
            if self.look.alone.holds(said):
                place = (*where, _field("printed"))
                self._find(language, place, said, stays=True)
        rest = {key: value for key, value in node.items() if key not in names}
        return {**self._parts(rest, where), **names}

    def text(self, node: Mapping[str, str], where: tuple[str, ...]) -> Text:
        return {code: self._said(said, code, where) for code, said in node.items()}

    def _said(self, said: str, language: str, where: tuple[str, ...]) -> str:
        for snippet in self.knife.snippets(said):
            self._find(language, where, snippet)
        return self.knife.cut(said, language)

    def _find(
        self,
        language: str,
        where: tuple[str, ...],
        found: str,
        *,
        is_named: bool = False,
        stays: bool = False,
    ) -> None:
        said = comma_of(get_language()).join(filter(None, where))
        self.found.append((language, said, found, is_named, stays))


def _neutral(text: Mapping[str, str]) -> Text:
    return {language: REMOVED.get(language, REMOVED["en"]) for language in text}


def _field(key: str) -> str:
    return str(_FIELDS.get(key, key.replace("_", " ")))


def _within(where: tuple[str, ...], key: str) -> tuple[str, ...]:
    names = {"conference": _("conference"), "room": _("room"), "logo": _("logo")}
    return (*where, names[key]) if key in names else where


def _into(
    where: tuple[str, ...], key: str, part: Any, place: int, primary: str
) -> tuple[str, ...]:
    """Where a part of a list stands: the slot by its printed name, others by number."""
    if key == "slots" and isinstance(part, dict):
        label, title = part.get("label") or {}, part.get("title") or {}
        name = pick(label, primary).text or pick(title, primary).text
        return (*where, name or part.get("code", ""))
    named = {
        "sections": _("section %(number)d"),
        "footnotes": _("footnote %(number)d"),
        "documents": _("document %(number)d"),
    }
    return (*where, named[key] % {"number": place}) if key in named else where


@dataclass(frozen=True)
class _Read:
    """An edition, or one on its way, without the data of the person: the JSON of its
    programme, its remark, the reason of its withdrawal as stored; and every place where
    the data stood."""

    programme: dict[str, Any]
    remark: dict[str, Any]
    reason: dict[str, Any] | None
    places: list[Place]
    is_concerned: bool
    others: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, edition: Edition, look: _Look) -> _Read:
        withdrawal = getattr(edition, "withdrawal", None)
        return cls.made(
            look,
            edition.session,
            edition.number,
            edition.programme,
            edition.remark,
            withdrawal.reason if withdrawal else None,
        )

    @classmethod
    def made(
        cls,
        look: _Look,
        session: Session,
        number: int,
        programme: dict[str, Any],
        remark: dict[str, Any],
        reason: dict[str, Any] | None,
        *,
        is_on_its_way: bool = False,
    ) -> _Read:
        walk = _Walk(look, programme)
        new = walk.through(programme)
        new_remark = _stored(walk, remark, _("remark of the edition"))
        new_reason = reason
        if reason is not None:
            new_reason = _stored(walk, reason, _("reason of the withdrawal"))
        found = [
            Place(session, number, *one, is_on_its_way=is_on_its_way)
            for one in walk.found
        ]
        return cls(
            new,
            new_remark,
            new_reason,
            found,
            (new, new_remark, new_reason) != (programme, remark, reason),
            walk.others,
        )


def _stored(walk: _Walk, stored: dict[str, Any], where: str) -> dict[str, Any]:
    """A stored text without the words, with what else is known of it."""
    new = walk.text(words_alone(stored), (where,))
    return {**stored, **new}


def _read_issuance(issuance: Issuance, look: _Look) -> _Read:
    return _Read.made(
        look,
        issuance.session,
        issuance.number,
        issuance.programme,
        issuance.imprint.get("remark", {}),
        None,
        is_on_its_way=issuance.state in {Issuance.State.MAKING, Issuance.State.WAITING},
    )


# --- Redacting -------------------------------------------------------------------


@dataclass(frozen=True)
class _Made:
    """A document made anew, in the place of the row `pk`."""

    pk: int
    name: str
    language: str
    content: bytes
    pages: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class _Anew:
    """An edition as it will be."""

    edition: Edition
    read: _Read
    imprint: Imprint
    digest: str
    documents: list[_Made]
    # The digests of the documents as they were when this was made.
    seen: frozenset[tuple[int, str]]

    @property
    def is_changed(self) -> bool:
        return self.read.is_concerned or bool(self.documents)


def redact(
    person: Person,
    words: Sequence[str],
    by: User | None,
    reason: str,
    tell: Tell = lambda _step: None,
) -> list[Redaction]:
    """Takes the person's data out of every edition that names the person or holds one
    of `words`, and gives one closed Redaction for each session concerned. `reason` says
    who asked and why; the words are taken out of it, too. Each step is told to `tell`.

    Everything is made before anything is written; then each session changes in one
    transaction of its own. Raises NotRedacted, and nothing has changed, when no edition
    is concerned, when a draft still names the person, when a document cannot be made or
    when an edition changed meanwhile; with several sessions, those before may be done,
    and the sentence says so. Raises StillShown when the rows are redacted and the folder
    is not."""
    kept = record_of(person)
    look = _Look(_codes_of(kept), checked(words))
    if not reason.strip():
        raise NotRedacted(_("Say who asked for it and why: it is kept for the record."))
    refuse_while_in_draft(kept, look.words)
    plans = _plans(look, tell)
    if not plans:
        raise NotRedacted(
            _("No edition names this person or holds these words: nothing to redact.")
        )
    done: list[Redaction] = []
    still_shown: list[str] = []
    for session, anew in plans:
        tell(_("Redacting the editions of %(session)s.") % {"session": session})
        try:
            done.append(_redact_session(session, anew, kept, look, by, reason))
        except NotRedacted as refusal:
            raise NotRedacted(_with_those_done(str(refusal), done)) from refusal
        try:
            _show(session, anew)
        except StillShown as failure:
            still_shown.append(str(failure))
    if still_shown:
        raise StillShown(" ".join(still_shown))
    return done


def refuse_while_in_draft(person: Person, words: Sequence[str]) -> None:
    """Raises NotRedacted when a session that was issued, and is not in the archive,
    names the person on a line of its draft, printed or not, or would print one of
    `words`: the next edition would print them again."""
    records = _records_of(person)
    sessions = [
        session
        for session in _sessions_issued().filter(is_archived=False)
        if session.editions.exists() or _on_its_way(session).exists()
    ]
    line = (
        Line.objects.filter(slot__day__session__in=sessions, person__in=records)
        .select_related("slot__day__session")
        .order_by("slot__day__date", "slot__position", "position")
        .first()
    )
    if line is not None:
        slot = line.slot
        raise NotRedacted(_still_named(slot.day.session, str(slot)))
    look = _Look({record.code for record in records}, words)
    for session in sessions:
        if not _is_concerned(session, look):
            continue
        draft = compose(session).to_value()
        walk = _Walk(look, draft)
        walk.through(draft)
        for _language, where, _found, _named, stays in walk.found:
            if not stays:
                raise NotRedacted(_still_named(session, where))


def _is_concerned(session: Session, look: _Look) -> bool:
    return any(_Read.of(e, look).is_concerned for e in _editions_of(session))


# --- Making everything anew ------------------------------------------------------


def _plans(look: _Look, tell: Tell) -> list[tuple[Session, list[_Anew]]]:
    """Each session concerned with its editions as they will be."""
    plans = []
    for session in _sessions_issued():
        editions = list(_editions_of(session))
        reads = {edition.pk: _Read.of(edition, look) for edition in editions}
        waits = any(_read_issuance(i, look).is_concerned for i in _issuances(session))
        if waits or any(read.is_concerned for read in reads.values()):
            plans.append((session, _made_anew(editions, reads, tell)))
    return plans


def _issuances(session: Session) -> models.QuerySet[Issuance]:
    """Those on their way and those of old: their rows hold whole programmes."""
    return Issuance.objects.filter(session=session).order_by("pk")


def _made_anew(
    editions: list[Edition], reads: Mapping[int, _Read], tell: Tell
) -> list[_Anew]:
    anew = []
    for edition in editions:
        read = reads[edition.pk]
        former = _former_then(edition, editions)
        compared = reads[former.pk] if former else None
        imprint = imprint_of(edition).model_copy(
            update={"remark": words_alone(read.remark)}
        )
        made: list[_Made] = []
        rows = list(edition.documents.only("pk", "name", "language", "sha256"))
        if read.is_concerned or (compared and compared.is_concerned):
            wanted = [r for r in rows if read.is_concerned or _tells_changes(r.name)]
            made = _made_documents(
                edition, read, imprint, former, compared, wanted, tell
            )
        anew.append(
            _Anew(
                edition=edition,
                read=read,
                imprint=imprint,
                digest=edition_digest(read.programme, imprint),
                documents=made,
                seen=frozenset((row.pk, row.sha256) for row in rows),
            )
        )
    return anew


def _tells_changes(name: str) -> bool:
    """Whether a document prints the former edition, too."""
    return name in outputs.REVISIONS


def _former_then(edition: Edition, editions: list[Edition]) -> Edition | None:
    """The edition with which this one was compared when it was made: the newest before
    it that was not withdrawn by then."""
    issuance = getattr(edition, "issuance", None)
    made_at = issuance.asked_at if issuance else edition.issued_at
    for other in reversed(editions):
        withdrawal = getattr(other, "withdrawal", None)
        stood = withdrawal is None or withdrawal.at > made_at
        if other.number < edition.number and stood:
            return other
    return None


def _made_documents(
    edition: Edition,
    read: _Read,
    imprint: Imprint,
    former_edition: Edition | None,
    compared: _Read | None,
    wanted: list[Document],
    tell: Tell,
) -> list[_Made]:
    try:
        programme = from_json(canonical(read.programme))
        former = None
        if former_edition and compared:
            former = Former(
                from_json(canonical(compared.programme)),
                imprint_of(former_edition).model_copy(
                    update={"remark": words_alone(compared.remark)}
                ),
            )
        makers = {
            (each.name, each.language): each.make
            for each in outputs.documents_of(programme, imprint, former)
        }
        made = []
        for row in wanted:
            tell(
                _("Making %(name)s of edition %(number)d in %(language)s.")
                % {
                    "name": row.name,
                    "number": edition.number,
                    "language": language_name(row.language),
                }
            )
            make = makers.get((row.name, row.language)) or _maker(
                row, programme, imprint, former
            )
            content = make()
            pages = outputs.pages(content)
            made.append(_Made(row.pk, row.name, row.language, content, pages))
    except (PdfRefused, ProgrammeUnreadable) as refusal:
        raise NotRedacted(
            _("Edition %(number)d cannot be made anew: %(reason)s")
            % {"number": edition.number, "reason": refusal}
        ) from refusal
    return made


def _maker(
    row: Document, programme: Programme, imprint: Imprint, former: Former | None
) -> Callable[[], bytes]:
    """What makes a document that an edition of today would not have: without the data
    of the person both editions may print the same, and yet the document was issued."""
    output, revision = outputs.FORMATS.get(row.name), outputs.REVISIONS.get(row.name)
    if output is not None:
        return lambda: output.render(programme, imprint, row.language)
    if revision is not None and former is not None:
        return lambda: revision.render(programme, imprint, row.language, former)
    raise NotRedacted(
        _(
            "Edition %(number)d has a document, %(name)s, that this release cannot "
            "make. Ask whoever runs the server."
        )
        % {"number": imprint.number, "name": row.name}
    )


# --- Writing ---------------------------------------------------------------------


def _redact_session(
    session: Session,
    anew: list[_Anew],
    person: Person,
    look: _Look,
    by: User | None,
    reason: str,
) -> Redaction:
    """The new folders, then the rows: readers see the former editions still."""
    new = [one for one in anew if one.digest != one.edition.digest]
    try:
        with mirror.lock():
            for one in new:
                _write_folder(one)
    except OSError as error:
        _forget(one.digest for one in new)
        raise NotRedacted(
            _(
                "The folder of editions cannot be written (%(reason)s). Nothing of "
                "%(session)s was changed: ask whoever runs the server to look at it."
            )
            % {"reason": error.strerror or error, "session": session}
        ) from error
    except BaseException:
        _forget(one.digest for one in new)
        raise
    try:
        return _commit(session, anew, person, look, by, reason)
    except BaseException:
        _forget(one.digest for one in new)
        raise


def _write_folder(one: _Anew) -> None:
    files = {
        mirror.document_file(document.name, document.language): bytes(document.content)
        for document in one.edition.documents.all()
    }
    files |= {
        mirror.document_file(document.name, document.language): document.content
        for document in one.documents
    }
    mirror.write_edition(one.digest, one.read.programme, one.imprint, files)


def _forget(digests: Iterable[str]) -> None:
    with mirror.lock():
        for digest in digests:
            mirror.forget_edition(digest)


def _show(session: Session, anew: list[_Anew]) -> None:
    """Readers see the redacted editions; nothing of the former ones stays in the
    folder. An edition whose documents alone changed keeps its folder: it is written
    after the Standing, which refuses the former documents by their digests."""
    try:
        publish_standing(session)
        with mirror.lock():
            for one in anew:
                if one.digest == one.edition.digest and one.documents:
                    _write_folder(one)
            for one in anew:
                if one.digest != one.edition.digest:
                    mirror.forget_edition(one.edition.digest)
        left = any(
            mirror.has(one.edition.digest)
            for one in anew
            if one.digest != one.edition.digest
        )
    except OSError as error:
        raise StillShown(_still_shown(session, error.strerror or error)) from error
    finally:
        mirror.memory.clear()
    if left:
        raise StillShown(_still_shown(session, _("an old folder cannot be removed")))


def _commit(
    session: Session,
    anew: list[_Anew],
    person: Person,
    look: _Look,
    by: User | None,
    reason: str,
) -> Redaction:
    others: set[str] = set().union(*(one.read.others for one in anew))
    knife = _Knife(look, others)
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=session.pk)
        _refuse_unless_as_seen(session, anew)
        redaction = Redaction.objects.create(
            session=session,
            person_code=person.code,
            at=timezone.now(),
            by=by,
            reason=knife.cut(reason, "en")[:2000],
        )
        for one in anew:
            if one.is_changed:
                _write_edition(one)
        _clear_issuances(session, anew, look, knife)
        _clear_traces(session, person, knife)
        changed = [one.edition.number for one in anew if one.is_changed]
        _audit(session, by, changed, redaction.reason)
        redaction.closed_at = timezone.now()
        redaction.save(update_fields=["closed_at"])
    return redaction


def _refuse_unless_as_seen(session: Session, anew: list[_Anew]) -> None:
    """Whoever issues, withdraws or redacts holds the session first."""
    now = {
        edition.pk: (edition.digest, getattr(edition, "withdrawal", None))
        for edition in _editions_of(session)
    }
    seen = {
        one.edition.pk: (one.edition.digest, getattr(one.edition, "withdrawal", None))
        for one in anew
    }
    documents = frozenset(
        Document.objects.filter(edition__session=session).values_list("pk", "sha256")
    )
    if now != seen or documents != frozenset().union(*(one.seen for one in anew)):
        raise NotRedacted(
            _(
                "An edition of %(session)s was issued, withdrawn or redacted meanwhile. "
                "Nothing of it was changed: look at the places again."
            )
            % {"session": session}
        )


def _write_edition(one: _Anew) -> None:
    if one.read.is_concerned:
        Edition.objects.filter(pk=one.edition.pk).update(
            programme=one.read.programme,
            programme_digest=digest_of(one.read.programme),
            remark=one.read.remark,
            digest=one.digest,
        )
    for document in one.documents:
        Document.objects.filter(pk=document.pk).update(
            content=document.content, sha256=document.sha256, pages=document.pages
        )
    if one.read.reason is not None and one.read.reason != one.edition.withdrawal.reason:
        Withdrawal.objects.filter(edition=one.edition).update(reason=one.read.reason)


def _clear_issuances(
    session: Session, anew: list[_Anew], look: _Look, knife: _Knife
) -> None:
    """Every edition on its way that holds the data, or is compared with one that does,
    is void; and no row of what was on its way keeps the data."""
    changed = [one.edition.number for one in anew if one.read.is_concerned]
    for issuance in _issuances(session):
        read = _read_issuance(issuance, look)
        values: dict[str, Any] = {"message": knife.cut(issuance.message, "en")[:600]}
        if read.is_concerned:
            values["programme"] = read.programme
            values["programme_digest"] = digest_of(read.programme)
            values["imprint"] = {**issuance.imprint}
            if read.remark:
                values["imprint"]["remark"] = read.remark
        is_moving = issuance.state in {Issuance.State.MAKING, Issuance.State.WAITING}
        if is_moving and (read.is_concerned or changed):
            values |= {
                "state": Issuance.State.VOID,
                "message": _void_by_redaction(),
                "heard_at": timezone.now(),
            }
            PreparedDocument.objects.filter(issuance=issuance).delete()
        Issuance.objects.filter(pk=issuance.pk).update(**values)


def _audit(session: Session, by: User | None, numbers: list[int], reason: str) -> None:
    remark = _("%(reason)s (%(editions)s)")
    editions = ngettext("edition %(numbers)s", "editions %(numbers)s", len(numbers)) % {
        "numbers": enumeration_of(get_language()).join(map(str, numbers))
    }
    if not numbers:
        editions = _("an edition on its way")
    room = 600 - len(remark % {"reason": "", "editions": editions})
    SavedChange.objects.create(
        session=session,
        act=SavedChange.Act.REDACTED,
        by=by,
        remark=remark % {"reason": reason[: max(0, room)], "editions": editions},
    )


# --- Traces in the desk's own records --------------------------------------------


def _clear_traces(session: Session, person: Person, knife: _Knife) -> None:
    """Takes the words out of what the desk keeps of the session and of the person: the
    history, acknowledged warnings, and Django's log."""
    records = [record.pk for record in _records_of(person)]
    of_person = Q(kind="person", key__in=records)
    of_conference = Q(kind="conference", key=session.conference_id)
    rows = ChangedRow.objects.filter(
        Q(change__session=session) | of_person | of_conference
    )
    slots = set(Slot.objects.filter(day__session=session).values_list("pk", flat=True))
    for row in rows.iterator():
        if row.kind == "slot":
            slots.add(row.key)
        is_own = row.kind == "person" and row.key in records
        _clear(row, knife, name=300)
        differences = _without(row.differences, knife, is_own=is_own)
        if differences != row.differences:
            ChangedRow.objects.filter(pk=row.pk).update(differences=differences)
    changes = SavedChange.objects.filter(
        Q(session=session) | Q(rows__in=rows.filter(of_person))
    ).distinct()
    for change in changes.exclude(remark=""):
        _clear(change, knife, remark=600)
    for warning in Acknowledgement.objects.filter(session=session):
        _clear(warning, knife, sentence=1000, reason=600)
    _clear_log(session, records, slots, knife)


def _clear_log(
    session: Session, records: list[int], slots: Iterable[int], knife: _Knife
) -> None:
    kept: dict[type[models.Model], Iterable[int]] = {
        Person: records,
        Session: [session.pk],
        Slot: slots,
    }
    for model, keys in kept.items():
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model),
            object_id__in=[str(key) for key in keys],
        )
        for entry in entries:
            _clear(entry, knife, object_repr=200)
            message = _message_without(entry.change_message, knife)
            if message != entry.change_message:
                LogEntry.objects.filter(pk=entry.pk).update(change_message=message)


def _clear(row: models.Model, knife: _Knife, **fields: int) -> None:
    """Takes the words out of fields of a row, each of at most so many characters."""
    new = {
        name: knife.cut(getattr(row, name), "en")[:length]
        for name, length in fields.items()
    }
    if any(getattr(row, name) != said for name, said in new.items()):
        type(row)._default_manager.filter(pk=row.pk).update(**new)


def _message_without(message: str, knife: _Knife) -> str:
    """Django keeps what it says as JSON, in which Arabic and Chinese are escaped."""
    with contextlib.suppress(ValueError):
        held = json.loads(message)
        new = _strings_without(held, knife)
        return json.dumps(new, ensure_ascii=False) if new != held else message
    return knife.cut(message, "en")


def _without(differences: list[Any], knife: _Knife, *, is_own: bool) -> list[Any]:
    """What changed in a row, [place, field, before, after] for each, without the words;
    of the person's own record, without any name."""
    return [
        [place, name, *(_kept(value, name, knife, is_own=is_own) for value in values)]
        for place, name, *values in differences
    ]


def _kept(value: Any, name: str, knife: _Knife, *, is_own: bool) -> Any:
    if name == "logo":
        return value
    if is_own and name in _NAMES_OF_RECORD:
        return _all_removed(value)
    if isinstance(value, dict):
        return {
            key: _kept(held, key, knife, is_own=is_own) for key, held in value.items()
        }
    return _strings_without(value, knife)


def _strings_without(value: Any, knife: _Knife) -> Any:
    if isinstance(value, str):
        return knife.cut(value, "en")
    if isinstance(value, list):
        return [_strings_without(part, knife) for part in value]
    if isinstance(value, dict):
        return {key: _strings_without(part, knife) for key, part in value.items()}
    return value


def _all_removed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: held if key.startswith("_") else _all_removed(held)
            for key, held in value.items()
        }
    return REMOVED["en"] if isinstance(value, str) and value else value


# --- Sentences for staff ---------------------------------------------------------


def _still_named(session: Session, where: str) -> str:
    return _(
        "The draft of “%(session)s” still names this person (%(where)s): the next "
        "edition would print the name again. Replace or remove the person there first."
    ) % {"session": session, "where": where}


def _with_those_done(sentence: str, done: list[Redaction]) -> str:
    if not done:
        return sentence
    return _("%(sentence)s Redacted before that: %(sessions)s.") % {
        "sentence": sentence,
        "sessions": enumeration_of(get_language()).join(
            str(redaction.session) for redaction in done
        ),
    }


def _void_by_redaction() -> str:
    return _(
        "It is void: a person’s data were removed from the editions of this session "
        "meanwhile. Look at the preview again, then issue."
    )


def _still_shown(session: Session, reason: object) -> str:
    return _(
        "The editions of %(session)s are redacted, but readers may still see them as "
        "they were: the folder of editions cannot be written (%(reason)s). Ask whoever "
        "runs the server to run “manage.py mirror” at once."
    ) % {"session": session, "reason": reason}
