import pytest

from sessions_app.translated import LANGUAGE_CODES, words
from speakers.models import PEOPLE, Role
from speakers.vocabulary import load_roles

pytestmark = pytest.mark.django_db


def test_every_role_has_its_neutral_label_in_six_languages():
    load_roles()

    for role in Role.objects.all():
        assert set(words(role.label_neutral)) == set(LANGUAGE_CODES), role.key


def test_a_closing_line_is_complete_in_six_languages_and_names_people_once():
    load_roles()

    closing = Role.objects.filter(prints=Role.Prints.CLOSING_LINE)

    assert {r.key for r in closing} >= {"moderator", "chair", "rapporteur"}
    for role in closing:
        by_line = words(role.by_line)
        assert set(by_line) == set(LANGUAGE_CODES), role.key
        assert all(said.count(PEOPLE) == 1 for said in by_line.values()), role.key


def test_loading_again_adds_nothing_and_keeps_what_staff_changed():
    count = load_roles()
    Role.objects.filter(key="moderator").update(rank=1)

    assert (count, load_roles()) == (15, 0)
    assert Role.objects.get(key="moderator").rank == 1


def test_every_label_form_that_is_given_is_complete():
    load_roles()

    for role in Role.objects.all():
        for field in ("label_masculine", "label_feminine", "label_plural"):
            assert len(words(getattr(role, field))) in {0, 6}, (role.key, field)
