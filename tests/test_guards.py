"""The triggers that keep issued rows as they were written."""

import importlib
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from sessions_app import guards
from sessions_app.issuing import issue
from sessions_app.models import Document, Edition, Redaction, Withdrawal
from sessions_app.outputs import ToMake
from sessions_app.translated import text
from tests.rows import make_conference, make_day, make_session, make_slot

TABLES = ("sessions_app_edition", "sessions_app_document", "sessions_app_withdrawal")
ON_POSTGRESQL = connection.vendor == "postgresql"


def trigger_names():
    """The names of all triggers on the issued tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            if ON_POSTGRESQL
            else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        )
        return {name for (name,) in cursor.fetchall() if name.startswith(TABLES)}


ALL_NAMES = {
    f"{table}_no_{act}"
    for table in TABLES
    for act in ("update", "delete", "truncate" if ON_POSTGRESQL else "replace")
}


def refused(act):
    """Asserts that the database refuses `act`, in the words of the guards."""
    with pytest.raises(IntegrityError, match=guards._MESSAGE), transaction.atomic():
        act()


def run(statement):
    with connection.cursor() as cursor:
        if ON_POSTGRESQL:
            # No table is emptied while checks wait for the end of the transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(statement)
        return cursor.rowcount


@pytest.fixture
def edition(db, note_at_once):
    """An issued and withdrawn edition, the guards being in place."""
    guards.install(connection)
    make_conference()
    session = make_session()
    make_slot(make_day(session))
    issued = issue(session, by=None)
    Withdrawal.objects.create(
        edition=issued, at=timezone.now(), by=None, reason=text("Wrong room.")
    )
    return issued


@pytest.fixture
def note_at_once(monkeypatch):
    """A note of fixed bytes."""
    monkeypatch.setattr(
        "sessions_app.outputs.documents_of",
        lambda *_arguments: [ToMake("note.pdf", "en", lambda: b"note")],
    )


def everything():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Edition, Document, Withdrawal)
    ]


def open_redaction(session, **changed):
    values = {"person_code": "bcd2345", "at": timezone.now(), "reason": "Asked for."}
    return Redaction.objects.create(session=session, **{**values, **changed})


RAW = [
    "UPDATE sessions_app_edition SET label = 'Rev.9'",
    "UPDATE sessions_app_edition SET number = number + 1",
    "UPDATE sessions_app_edition SET id = id",
    "UPDATE sessions_app_document SET pages = 9",
    "UPDATE sessions_app_document SET content = ''",
    "UPDATE sessions_app_withdrawal SET reason = '{}'",
    "DELETE FROM sessions_app_edition",
    "DELETE FROM sessions_app_document",
    "DELETE FROM sessions_app_withdrawal",
]
# What each engine has of its own.
RAW += (
    [
        *(f"TRUNCATE {table} CASCADE" for table in TABLES),
        "TRUNCATE sessions_app_session CASCADE",
        "TRUNCATE sessions_app_conference CASCADE",
        "UPDATE ONLY sessions_app_edition SET label = 'Rev.9'",
        """INSERT INTO sessions_app_document SELECT * FROM sessions_app_document
        ON CONFLICT (id) DO UPDATE SET pages = 9""",
    ]
    if ON_POSTGRESQL
    else [
        "UPDATE OR REPLACE sessions_app_edition SET label = 'Rev.9'",
        "UPDATE OR IGNORE sessions_app_document SET pages = 9",
        "REPLACE INTO sessions_app_edition SELECT * FROM sessions_app_edition",
        "REPLACE INTO sessions_app_document SELECT * FROM sessions_app_document",
        "REPLACE INTO sessions_app_withdrawal SELECT * FROM sessions_app_withdrawal",
        """INSERT OR REPLACE INTO sessions_app_document
        (language, name, content, sha256, pages, edition_id)
        SELECT language, name, 'forged', sha256, 9, edition_id
        FROM sessions_app_document""",
        """INSERT OR REPLACE INTO sessions_app_withdrawal (at, reason, edition_id)
        SELECT at, '{}', edition_id FROM sessions_app_withdrawal""",
        """INSERT INTO sessions_app_document SELECT * FROM sessions_app_document
        WHERE 1 ON CONFLICT (id) DO UPDATE SET pages = 9""",
    ]
)


@pytest.mark.parametrize("statement", RAW)
def test_statement_that_changes_issued_rows_is_refused(edition, statement):
    before = everything()

    refused(lambda: run(statement))

    assert everything() == before


@pytest.mark.parametrize("statement", RAW)
def test_statement_that_changes_issued_rows_passes_without_guards(edition, statement):
    guards.remove(connection)

    with transaction.atomic():
        assert run(statement)
        transaction.set_rollback(True)


ORM = [
    lambda e: Edition.objects.filter(pk=e.pk).update(label="Rev.9"),
    lambda e: setattr(e, "label", "Rev.9") or e.save(),
    lambda e: Edition.objects.bulk_update([e], ["label"]),
    lambda e: Document.objects.update(pages=9),
    lambda e: Document.objects.all().delete(),
    lambda e: e.documents.get().delete(),
    lambda e: Edition.objects.all()._raw_delete("default"),
    lambda e: e.withdrawal.delete(),
    lambda e: setattr(e.withdrawal, "at", timezone.now()) or e.withdrawal.save(),
    lambda e: Document.objects.bulk_create(
        list(e.documents.all()),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["pages"],
    ),
]


@pytest.mark.parametrize("act", ORM)
def test_models_cannot_change_issued_rows(edition, act):
    before = everything()

    refused(lambda: act(edition))

    assert everything() == before


@pytest.mark.parametrize("act", ORM)
def test_models_change_issued_rows_without_guards(edition, act):
    guards.remove(connection)

    with transaction.atomic():
        # Deleted editions leave documents behind them, which the end would refuse.
        act(edition)
        transaction.set_rollback(True)


def test_session_with_editions_and_edition_with_documents_are_protected(edition):
    for row in (edition.session, edition):
        with pytest.raises(ProtectedError):
            row.delete()


def test_issuing_and_withdrawing_go_on_under_guards(edition):
    second = issue(edition.session, by=None)
    Withdrawal.objects.create(
        edition=second, at=timezone.now(), by=None, reason=text("Again.")
    )

    assert Edition.objects.count() == Document.objects.count() == 2
    assert Withdrawal.objects.count() == 2


# --- Redaction -------------------------------------------------------------------


def test_open_redaction_lets_edition_documents_and_withdrawal_change(edition):
    open_redaction(edition.session)

    assert Edition.objects.filter(pk=edition.pk).update(programme={}) == 1
    assert Document.objects.update(content=b"redacted") == 1
    assert Withdrawal.objects.update(reason=text("Redacted.")) == 1


def test_open_redaction_lets_nothing_be_deleted(edition):
    open_redaction(edition.session)

    refused(lambda: run("DELETE FROM sessions_app_document"))
    refused(lambda: run("DELETE FROM sessions_app_edition"))
    refused(lambda: run("DELETE FROM sessions_app_withdrawal"))


def test_closed_redaction_lets_nothing_change(edition):
    redaction = open_redaction(edition.session)
    redaction.closed_at = timezone.now()
    redaction.save()

    refused(lambda: Edition.objects.update(label="Rev.9"))
    refused(lambda: Document.objects.update(pages=9))
    refused(lambda: Withdrawal.objects.update(reason={}))


def test_redaction_of_another_session_lets_nothing_change(edition):
    other = make_session(slug="second")
    make_slot(make_day(other))
    issue(other, by=None)
    open_redaction(other)

    refused(lambda: Edition.objects.filter(pk=edition.pk).update(label="Rev.9"))
    refused(lambda: edition.documents.update(pages=9))
    refused(lambda: Withdrawal.objects.update(reason={}))
    assert Edition.objects.filter(session=other).update(label="Rev.9") == 1
    assert Document.objects.filter(edition__session=other).update(pages=9) == 1


# --- Where the guards come from -----------------------------------------------------


def test_guards_may_be_installed_again(edition):
    assert trigger_names() == ALL_NAMES

    guards.install(connection)
    guards.install(connection)

    assert trigger_names() == ALL_NAMES
    refused(lambda: Edition.objects.update(label="Rev.9"))


def test_guards_removed_twice_are_gone(edition):
    guards.remove(connection)
    guards.remove(connection)

    assert trigger_names() == set()
    assert Edition.objects.update(label="Rev.9") == 1


def test_migration_installs_and_removes_the_guards(db):
    migration = importlib.import_module("sessions_app.migrations.0002_guards")
    (operation,) = migration.Migration.operations
    editor = SimpleNamespace(connection=connection)
    guards.remove(connection)

    operation.code(None, editor)
    assert trigger_names() == ALL_NAMES
    operation.reverse_code(None, editor)
    assert trigger_names() == set()


def test_later_migration_lets_an_open_redaction_change_a_withdrawal(edition):
    migration = importlib.import_module("sessions_app.migrations.0006_redaction")
    (operation,) = migration.Migration.operations
    open_redaction(edition.session)
    guards.remove(connection)

    operation.code(None, SimpleNamespace(connection=connection))

    assert trigger_names() == ALL_NAMES
    assert Withdrawal.objects.update(reason=text("Redacted.")) == 1


@pytest.fixture
def guards_back(transactional_db):
    """Guards in place in a test whose rows are committed; gone again when its tables
    are emptied."""
    assert trigger_names() == set()
    guards.install(connection)
    yield
    guards.remove(connection)


@pytest.mark.usefixtures("guards_back", "note_at_once")
def test_guards_hold_where_rows_are_committed(transactional_db):
    make_conference()
    session = make_session()
    make_slot(make_day(session))
    issue(session, by=None)
    before = everything()

    refused(lambda: run("UPDATE sessions_app_edition SET label = 'Rev.9'"))
    refused(lambda: run("DELETE FROM sessions_app_document"))
    assert everything() == before
    with pytest.raises(IntegrityError, match=guards._MESSAGE):
        run("DELETE FROM sessions_app_edition")
    assert everything() == before
