"""What the next edition is called."""

import pytest

from sessions_app.changes import Change, Nature
from sessions_app.labels import Kind, Offer, kind_for, offers_after


def a_change(nature):
    return Change(
        kind="title",
        address="title",
        nature=nature,
        day=None,
        slot="",
        line="",
        before=None,
        after=None,
    )


def test_first_edition_has_no_label():
    assert offers_after([]) == [Offer(Kind.FIRST, "")]


@pytest.mark.parametrize(
    ("labels", "offered"),
    [
        ([""], ["Rev.1", "Corr.1", "*"]),
        (["Corr.1", ""], ["Rev.1", "Corr.2", "Corr.1*"]),
        (["Rev.1", "Corr.1", ""], ["Rev.2", "Rev.1/Corr.1", "Rev.1*"]),
        (["Rev.1/Corr.1", "Rev.1", ""], ["Rev.2", "Rev.1/Corr.2", "Rev.1/Corr.1*"]),
        (["Rev.1*", "Rev.1", ""], ["Rev.2", "Rev.1/Corr.1", "Rev.1**"]),
        (["Rev.10", "Rev.9"], ["Rev.11", "Rev.10/Corr.1", "Rev.10*"]),
        (["Rev.4"], ["Rev.5", "Rev.4/Corr.1", "Rev.4*"]),
        (["Second version"], ["Rev.1", "Corr.1", "Second version*"]),
    ],
)
def test_labels_count_on_from_the_editions_so_far(labels, offered):
    assert [offer.label for offer in offers_after(labels)] == offered


@pytest.mark.parametrize(
    ("natures", "kind"),
    [
        ([], Kind.REISSUE),
        ([Nature.EDITORIAL], Kind.CORRIGENDUM),
        ([Nature.EDITORIAL, Nature.SUBSTANTIVE], Kind.REVISION),
        ([Nature.SUBSTANTIVE], Kind.REVISION),
    ],
)
def test_changes_decide_what_is_proposed(natures, kind):
    assert kind_for(a_change(nature) for nature in natures) == kind
