"""Random public codes: what an address names a slot, a line or a person by."""

import contextlib
import random
from collections.abc import Iterator

# Digits and consonants that are not mistaken for each other on paper, and no vowels,
# so that no code spells a word.
ALPHABET = "23456789bcdfghjkmnpqrstvwxz"

_source: random.Random = random.SystemRandom()


def new_code(length: int = 7) -> str:
    """A code of `length` letters, drawn at random and never derived from private data."""
    return "".join(_source.choice(ALPHABET) for _ in range(length))


def new_check_code() -> str:
    """The code of ten letters that is printed on a document to look it up by."""
    return new_code(10)


@contextlib.contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Draws the same codes each time, for a demonstration whose addresses stay."""
    global _source  # noqa: PLW0603 - the one place that changes the source
    before, _source = _source, random.Random(seed)  # noqa: S311 - not a secret
    try:
        yield
    finally:
        _source = before
