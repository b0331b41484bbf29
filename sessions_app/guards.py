"""Triggers that keep issued rows as they were written, on both databases.

A row of these tables may be inserted, never changed or deleted; only while a
Redaction of its session is open (`closed_at` empty) may an edition, its documents and
the reason of its withdrawal change. The same statements install the guards in the migration and in tests."""

from django.db.backends.base.base import BaseDatabaseWrapper

_EDITION, _DOCUMENT = "sessions_app_edition", "sessions_app_document"
_WITHDRAWAL = "sessions_app_withdrawal"

_OF_ITS_EDITION = (
    "EXISTS (SELECT 1 FROM sessions_app_redaction r "
    "JOIN sessions_app_edition e ON e.session_id = r.session_id "
    "WHERE e.id = OLD.edition_id AND r.closed_at IS NULL)"
)
_OPEN_REDACTION = {
    _EDITION: (
        "EXISTS (SELECT 1 FROM sessions_app_redaction r "
        "WHERE r.session_id = OLD.session_id AND r.closed_at IS NULL)"
    ),
    _DOCUMENT: _OF_ITS_EDITION,
    _WITHDRAWAL: _OF_ITS_EDITION,
}
# Whether a new row would take the place of another, by any key that is unique.
_IN_THE_WAY = {
    _EDITION: (
        "EXISTS (SELECT 1 FROM sessions_app_edition r WHERE r.id = NEW.id "
        "OR r.digest = NEW.digest OR r.check_code = NEW.check_code "
        "OR (r.session_id = NEW.session_id AND r.number = NEW.number))"
    ),
    _DOCUMENT: (
        "EXISTS (SELECT 1 FROM sessions_app_document r WHERE r.id = NEW.id "
        "OR (r.edition_id = NEW.edition_id AND r.name = NEW.name "
        "AND r.language = NEW.language))"
    ),
    _WITHDRAWAL: (
        "EXISTS (SELECT 1 FROM sessions_app_withdrawal r WHERE r.id = NEW.id "
        "OR r.edition_id = NEW.edition_id)"
    ),
}
_MESSAGE = "issued rows are never changed"


def install(connection: BaseDatabaseWrapper) -> None:
    """Creates the triggers on `connection`'s database; replaces those there."""
    remove(connection)
    statements = _postgresql() if connection.vendor == "postgresql" else _sqlite()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drops the triggers, as a test that empties tables between runs must."""
    with connection.cursor() as cursor:
        for table in (_EDITION, _DOCUMENT, _WITHDRAWAL):
            for act in ("update", "delete", "truncate", "replace"):
                name = f"{table}_no_{act}"
                if connection.vendor == "postgresql":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
                else:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _forbidden() -> list[tuple[str, str, str]]:
    """Table, act, and the condition under which the act is refused."""
    return [
        (_EDITION, "update", f"NOT {_OPEN_REDACTION[_EDITION]}"),
        (_EDITION, "delete", "1 = 1"),
        (_DOCUMENT, "update", f"NOT {_OPEN_REDACTION[_DOCUMENT]}"),
        (_DOCUMENT, "delete", "1 = 1"),
        (_WITHDRAWAL, "update", f"NOT {_OPEN_REDACTION[_WITHDRAWAL]}"),
        (_WITHDRAWAL, "delete", "1 = 1"),
    ]


def _sqlite() -> list[str]:
    refusals = [(t, act, act.upper(), refused) for t, act, refused in _forbidden()]
    # INSERT OR REPLACE deletes the row in its way and fires no trigger for it.
    refusals += [(t, "replace", "INSERT", found) for t, found in _IN_THE_WAY.items()]
    return [
        f"CREATE TRIGGER {table}_no_{name} BEFORE {act} ON {table} "
        f"WHEN {refused} BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
        for table, name, act, refused in refusals
    ]


def _postgresql() -> list[str]:
    statements = [
        (
            "CREATE OR REPLACE FUNCTION sessions_app_refuse() RETURNS trigger AS $$ "
            f"BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = "
            "'integrity_constraint_violation'; END $$ LANGUAGE plpgsql"
        )
    ]
    for table, act, refused in _forbidden():
        function = f"{table}_no_{act}"
        passed = "NEW" if act == "update" else "OLD"
        statements += [
            (
                f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger AS $$ BEGIN "
                f"IF {refused} THEN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = "
                f"'integrity_constraint_violation'; END IF; RETURN {passed}; "
                "END $$ LANGUAGE plpgsql"
            ),
            (
                f"CREATE TRIGGER {function} BEFORE {act.upper()} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {function}()"
            ),
        ]
    statements += [
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION sessions_app_refuse()"
        for table in (_EDITION, _DOCUMENT, _WITHDRAWAL)
    ]
    return statements
