"""Sets the environment that the tests run in, before Django reads its settings."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0" * 40)
os.environ.setdefault("TEMPLATE_MARK_UNKNOWN", "UNKNOWN VARIABLE %s")
os.environ.setdefault("EDITIONS_FOLDER", tempfile.mkdtemp(prefix="rostrum-editions-"))
# What a .env of this checkout says must not reach the tests.
os.environ |= {
    "DEBUG": "false",
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "HTTPS": "false",
    "BEHIND_PROXY": "false",
    "CACHE_URL": "locmemcache://",
    "EDITIONS_MEMORY_MIB": "64",
    "DOCUMENTS_INTERNAL_PATH": "",
}
# Tests never touch a developer's own database: SQLite in memory unless one is named.
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
# Playwright's loop would otherwise make Django refuse the database in browser tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
