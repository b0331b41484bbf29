"""What the templates find slots with: the form of the agenda, the index of people."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sessions_app.outputs import delegations
from sessions_app.outputs.addresses import delegations_address
from sessions_app.outputs.agenda import Profile
from sessions_app.outputs.alphabet import Letter, by_letter, index_name
from sessions_app.outputs.find import Finding, finding_of
from sessions_app.programme import SlotEntry

register = template.Library()

Context = Mapping[str, Any]

# In a longer index the letters are headings, with links to them.
_MOST_WITHOUT_LETTERS = 20


@register.simple_tag(takes_context=True)
def finding_here(context: Context) -> Finding:
    """What is asked of the agenda that prints; nothing on the agenda itself."""
    asked: Finding | None = context.get("finding")
    return asked or finding_of(context["copy"])


@register.simple_tag
def unseen(finding: Finding, slot: SlotEntry) -> SafeString:
    """What a slot is found by beside what its row says, as an attribute of the row."""
    runs = finding.index.unseen[slot.code]
    return format_html(' data-find="{}"', runs) if runs else SafeString("")


@register.simple_tag(takes_context=True)
def address_of_delegations(context: Context) -> str:
    """Where it stands which States and organizations speak."""
    return delegations_address(context["copy"].address)


@register.simple_tag(takes_context=True)
def slots_of_delegation(context: Context, delegation: delegations.Delegation) -> str:
    """The address of the agenda with the slots of a State or organization."""
    return delegations.address_of(context["copy"], delegation)


@register.simple_tag(takes_context=True)
def letters_of(context: Context, profiles: list[Profile]) -> list[Letter]:
    """An index of people under its letters; under one without a name while it is
    short."""
    if len(profiles) <= _MOST_WITHOUT_LETTERS:
        return [Letter("", list(profiles))] if profiles else []
    programme, language = context["programme"], context["language"]
    return by_letter(
        profiles,
        lambda profile: index_name(profile.person, programme, language),
        language,
    )
