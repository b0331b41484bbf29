"""What the printed documents say of the edition that they are."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sessions_app import dates
from sessions_app.outputs import copy_check
from sessions_app.programme import Imprint, Superseded
from sessions_app.templatetags.note import marked

register = template.Library()

Context = Mapping[str, Any]


@register.simple_tag
def check_address(imprint: Imprint) -> str:
    """Where a reader learns whether the copy is current, in full."""
    return copy_check.address(imprint)


@register.simple_tag
def check_address_printed(imprint: Imprint) -> str:
    """The same address as it prints: "programme.example.org/check/k3fx9a2b7q"."""
    return copy_check.short_address(imprint)


@register.simple_tag
def check_picture(imprint: Imprint) -> SafeString:
    """The same address as a QR code."""
    words = _("QR code: check this copy at %(address)s") % {
        "address": copy_check.short_address(imprint)
    }
    return format_html(
        '<img class="qr" src="{}" alt="{}">', copy_check.picture(imprint), words
    )


@register.simple_tag(takes_context=True)
def printed_symbol(context: Context) -> str:
    """The document symbol with what the edition adds to it: "A/CONF.231/3/Rev.1"; a
    star of a re-issue stands close to it: "A/CONF.231/3*"."""
    symbol = marked(context["programme"].symbol)
    imprint = context["imprint"]
    label = imprint.label if imprint else ""
    if not symbol or not label or label.startswith("*"):
        return format_html("{}{}", symbol, label) if symbol else ""
    return format_html("{}/{}", symbol, label)


@register.simple_tag(takes_context=True)
def in_place_of(context: Context) -> str:
    """What the edition does to an earlier one, in a sentence for the head of the first
    page; nothing for an edition that is the first."""
    imprint: Imprint = context["imprint"]
    if imprint.is_reissue:
        return _("Reissued for technical reasons on %(date)s.") % {
            "date": _date_of_issue(context)
        }
    if imprint.supersedes is None:
        return ""
    values = {
        "edition": _named(imprint.supersedes),
        "as_at": _moment(context, imprint.supersedes),
    }
    if imprint.is_corrigendum:
        return _("Corrects %(edition)s of %(as_at)s") % values
    return _("Supersedes %(edition)s of %(as_at)s") % values


@register.simple_tag
def in_place_of_shortly(imprint: Imprint) -> str:
    """The same for the foot of every page: "Supersedes edition 1"."""
    if imprint.is_reissue:
        return _("Reissued for technical reasons")
    if imprint.supersedes is None:
        return ""
    values = {"edition": _named(imprint.supersedes)}
    if imprint.is_corrigendum:
        return _("Corrects %(edition)s") % values
    return _("Supersedes %(edition)s") % values


@register.simple_tag
def edition_in_words(edition: Imprint | Superseded) -> str:
    """An edition inside a sentence: "edition 2 (Rev.1)"."""
    return _named(edition)


def _named(edition: Imprint | Superseded) -> str:
    """An edition inside a sentence: "edition 2 (Rev.1)", "edition 2*"."""
    if not edition.label.strip("*"):
        return _("edition %(number)s") % {"number": f"{edition.number}{edition.label}"}
    return _("edition %(number)d (%(label)s)") % {
        "number": edition.number,
        "label": edition.label,
    }


def _moment(context: Context, edition: Superseded) -> str:
    programme = context["programme"]
    return dates.moment(
        edition.as_at, programme.zone, context["language"], programme.time_style
    )


def _date_of_issue(context: Context) -> str:
    zone = ZoneInfo(context["programme"].zone)
    day = context["imprint"].issued_at.astimezone(zone).date()
    return dates.date(day, context["language"])
