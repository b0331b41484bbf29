"""How a printed copy is looked up: the address on every page of an issued document."""

from functools import lru_cache

import segno
from django.conf import settings

from sessions_app.programme import Imprint

# The pixels of one module, which static/note.css prints .34 mm wide: so many to an
# inch that no reader of PDF files which smooths pictures blurs an edge.
_PIXELS = 8


def address(imprint: Imprint) -> str:
    """The whole address at which a reader learns whether the copy is current:
    "https://programme.example.org/check/k3fx9a2b7q"."""
    return f"{settings.PUBLIC_URL}/check/{imprint.check_code}"


def short_address(imprint: Imprint) -> str:
    """The address as it prints, and as it may be typed: without "https://"."""
    return address(imprint).split("://", 1)[-1]


def picture(imprint: Imprint) -> str:
    """The QR code with its quiet zone of four modules as the address of a picture
    inside a document (a PNG in base64): ISO/IEC 18004, of the lowest version that holds
    the address, at the highest level of error correction that it has room for, L or
    better. static/note.css gives it its size."""
    return _picture(address(imprint))


# All documents of an edition, in all languages, have the same one.
@lru_cache(maxsize=8)
def _picture(whole_address: str) -> str:
    return segno.make_qr(whole_address, error="l").png_data_uri(scale=_PIXELS)
