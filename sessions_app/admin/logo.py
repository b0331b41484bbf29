"""The picture of the masthead: any usual picture in, a small PNG out."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

WIDEST = 1200
MOST_BYTES = 200_000
# A small file may unpack to a picture that fills the memory.
MOST_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


class LogoField(forms.FileField):
    """Gives the bytes of a PNG at most WIDEST pixels wide and MOST_BYTES long, drawn
    anew so that nothing but the picture is kept; None when no file was chosen."""

    widget = forms.FileInput(
        attrs={"accept": "image/png,image/jpeg,image/gif,image/webp"}
    )

    def clean(self, data: Any, initial: Any = None) -> bytes | None:
        file = super().clean(data, initial)
        return to_png(file.read()) if file else None


def to_png(content: bytes) -> bytes:
    """The picture in `content` as PNG. Raises ValidationError, in a sentence, for what
    is no picture of FORMATS, or too large."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _too_large()
            picture.verify()
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            drawn = ImageOps.exif_transpose(picture).convert(
                "RGBA" if picture.has_transparency_data else "RGB"
            )
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise ValidationError(
            _("This is no picture that can be read. Choose a PNG or JPEG file."),
            code="not_a_picture",
        ) from error
    drawn.thumbnail((WIDEST, max(drawn.height, 1)))
    drawn.info.clear()
    small = io.BytesIO()
    drawn.save(small, "PNG", optimize=True)
    if small.tell() > MOST_BYTES:
        raise ValidationError(
            _(
                "As PNG the picture has %(size)d kB; at most %(most)d kB print well. "
                "Choose one with fewer colours or a smaller one."
            ),
            code="too_many_bytes",
            params={"size": small.tell() // 1000, "most": MOST_BYTES // 1000},
        )
    return small.getvalue()


def _too_large() -> ValidationError:
    return ValidationError(
        _("The picture is too large. Choose one at most %(width)d pixels wide."),
        code="too_many_pixels",
        params={"width": WIDEST},
    )
