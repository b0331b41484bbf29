"""A long crawl of everything that a reader might try."""

import logging
from collections import Counter

from django.test import Client

from tests import test_leaks

issued = test_leaks.issued
issuer = test_leaks.issuer
marks = test_leaks.marks
session = test_leaks.session


def test_draft_is_at_none_of_thousands_of_addresses(
    issued, marks, rounds, report, caplog
):
    caplog.set_level(logging.ERROR, "django.request")
    asked = test_leaks.addresses(issued, sample=rounds(8_000))

    answers = test_leaks.answers_to(Client(), asked)

    # A code that was asked for may be said back.
    asked_for = {where: {c for c in marks.codes if c in where[0]} for where in answers}
    leaks = {
        where: found
        for where, a in answers.items()
        if (found := marks.leaks_in(a) - asked_for[where])
    }
    assert leaks == {}
    statuses = Counter(answer.status for answer in answers.values())
    assert set(statuses) == {200, 302, 404}
    report(
        f"{len(answers)} answers to a reader without account, by status "
        f"{dict(statuses)}: no draft in any"
    )
