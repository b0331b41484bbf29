"""How a printed copy is looked up: the address on every page of an issued document."""

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


def qr_code(imprint: Imprint) -> segno.QRCode:
    """The address as a QR code (ISO/IEC 18004) of the lowest version that holds it, at
    the highest level of error correction that this version has room for, L or better."""
    return segno.make_qr(address(imprint), error="l")


def picture(imprint: Imprint) -> str:
    """The QR code with its quiet zone of four modules as the address of a picture
    inside a document (a PNG in base64). static/note.css gives it its size."""
    return qr_code(imprint).png_data_uri(scale=_PIXELS)
