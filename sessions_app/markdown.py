"""Markdown of concepts, sections and footnotes, to the little HTML that pages print."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_NOT_IN_A_PROGRAMME = [
    "image",
    "fence",
    "code",
    "html_block",
    "html_inline",
    "heading",
    "lheading",
    "hr",
    "blockquote",
    "backticks",
]
_READER = MarkdownIt("commonmark", {"html": False}).disable(_NOT_IN_A_PROGRAMME)
_TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "br"}


def to_html(text: str) -> SafeString:
    """Paragraphs, lists, emphasis and links (http, https, mailto) of `text`; all else
    is printed as the characters it was typed with."""
    return mark_safe(  # noqa: S308 - cleaned by _clean
        _clean(_READER.render(text))
    )


def to_inline_html(text: str) -> SafeString:
    """As `to_html`, for one paragraph that stands inside another."""
    return mark_safe(_clean(_READER.renderInline(text)))  # noqa: S308 - cleaned


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https", "http", "mailto"},
        attribute_filter=_without_foreign_root,
        link_rel=None,
    ).strip()


def _without_foreign_root(tag: str, attribute: str, value: str) -> str | None:
    # nh3 lets an address through that names a host and no scheme.
    if (tag, attribute) == ("a", "href") and value.startswith(("//", "\\")):
        return None
    return value
