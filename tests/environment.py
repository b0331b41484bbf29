"""Sets the environment that the tests run in, before Django reads its settings."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0" * 40)
os.environ.setdefault("TEMPLATE_MARK_UNKNOWN", "UNKNOWN VARIABLE %s")
os.environ.setdefault("EDITIONS_FOLDER", tempfile.mkdtemp(prefix="rostrum-editions-"))
os.environ["DEBUG"] = "false"
os.environ["ALLOWED_HOSTS"] = "*"
# Tests never touch a developer's own database: SQLite in memory unless one is named.
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
# Playwright's loop would otherwise make Django refuse the database in browser tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
