"""Who may import what. A new module names its own imports here, or fails."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Module or package to the modules of ours that it may import; a package's row holds for
# all its modules.
MAY_IMPORT = {
    "speakers.codes": set(),
    "speakers.models": {"speakers.codes", "sessions_app.translated"},
    "speakers.vocabulary": {"speakers.models", "sessions_app.translated"},
    "speakers.merging": {"speakers.models", "sessions_app.translated"},
    "speakers.apps": set(),
    "sessions_app.translated": set(),
    "sessions_app.zones": set(),
    "sessions_app.guards": set(),
    "sessions_app.dates": set(),
    "sessions_app.kinds": set(),
    "sessions_app.markdown": set(),
    "sessions_app.models": {
        "sessions_app.kinds",
        "sessions_app.programme",
        "sessions_app.translated",
        "sessions_app.zones",
        "speakers.models",
        "speakers.codes",
    },
    "sessions_app.programme": set(),
    "sessions_app.page_dates": {
        "sessions_app.dates",
        "sessions_app.models",
        "sessions_app.programme",
        "sessions_app.translated",
    },
    "sessions_app.compose": {
        "sessions_app.models",
        "sessions_app.programme",
        "sessions_app.translated",
        "sessions_app.zones",
        "speakers.models",
    },
    "sessions_app.copying": {
        "sessions_app.models",
        "sessions_app.translated",
        "speakers.models",
    },
    "sessions_app.timetable": {"sessions_app.models"},
    "sessions_app.changes": {"sessions_app.programme"},
    "sessions_app.finding": {"sessions_app.programme"},
    "sessions_app.marking": {
        "sessions_app.changes",
        "sessions_app.dates",
        "sessions_app.programme",
    },
    "sessions_app.problems": {
        "sessions_app.programme",
        "sessions_app.dates",
        "sessions_app.translated",
    },
    "sessions_app.history": {
        "sessions_app.models",
        "sessions_app.translated",
        "speakers.models",
    },
    "sessions_app.telling": {
        "sessions_app.history",
        "sessions_app.models",
        "sessions_app.page_dates",
        "sessions_app.programme",
        "sessions_app.translated",
        "speakers.models",
    },
    "sessions_app.taking_back": {
        "sessions_app.history",
        "sessions_app.models",
        "sessions_app.programme",
        "sessions_app.telling",
        "sessions_app.translated",
    },
    "sessions_app.duties": {"sessions_app.models", "sessions_app.programme"},
    "sessions_app.mirror": {"sessions_app.programme"},
    "sessions_app.outputs": {
        "sessions_app.outputs",
        "sessions_app.changes",
        "sessions_app.finding",
        "sessions_app.kinds",
        "sessions_app.marking",
        "sessions_app.programme",
        "sessions_app.dates",
        "sessions_app.markdown",
        "sessions_app.translated",
    },
    # What the templates of the desk print with; those of readers know no rows.
    "sessions_app.templatetags.desk": {
        "sessions_app.models",
        "sessions_app.page_dates",
        "sessions_app.programme",
    },
    "sessions_app.templatetags": {
        "sessions_app.templatetags",
        "sessions_app.outputs",
        "sessions_app.marking",
        "sessions_app.programme",
        "sessions_app.dates",
        "sessions_app.markdown",
        "sessions_app.translated",
    },
    "sessions_app.checking": {
        "sessions_app.compose",
        "sessions_app.models",
        "sessions_app.problems",
        "sessions_app.programme",
    },
    "sessions_app.translating": {
        "sessions_app.compose",
        "sessions_app.dates",
        "sessions_app.history",
        "sessions_app.models",
        "sessions_app.translated",
        "speakers.models",
    },
    "sessions_app.spreadsheets": {
        "sessions_app.models",
        "sessions_app.translated",
        "sessions_app.translating",
    },
    "sessions_app.labels": {"sessions_app.changes"},
    "sessions_app.publishing": {
        "sessions_app.mirror",
        "sessions_app.models",
        "sessions_app.programme",
        "sessions_app.translated",
    },
    "sessions_app.issuing": {
        "sessions_app.checking",
        "sessions_app.compose",
        "sessions_app.page_dates",
        "sessions_app.mirror",
        "sessions_app.models",
        "sessions_app.outputs",
        "sessions_app.programme",
        "sessions_app.publishing",
        "sessions_app.translated",
        "speakers.codes",
    },
    "sessions_app.redacting": {
        "sessions_app.compose",
        "sessions_app.mirror",
        "sessions_app.models",
        "sessions_app.outputs",
        "sessions_app.programme",
        "sessions_app.publishing",
        "sessions_app.translated",
        "speakers.models",
    },
    "sessions_app.public": {
        "sessions_app.public",
        "sessions_app.mirror",
        "sessions_app.outputs",
        "sessions_app.programme",
        "sessions_app.changes",
        "sessions_app.finding",
        "sessions_app.translated",
    },
    # Staff code stands on everything.
    "sessions_app.admin": None,
    "speakers.admin": None,
    "sessions_app.management": None,
    "sessions_app.demonstration": None,
    "sessions_app.apps": None,
    "config": None,
}


def _modules():
    for folder in ("config", "sessions_app", "speakers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(p for p in parts if p != "__init__"), path


def _row(module):
    while module not in MAY_IMPORT:
        module, dot, _last = module.rpartition(".")
        if not dot:
            return None, module
    return MAY_IMPORT[module], module


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by full name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("module", "path"), list(_modules()))
def test_module_imports_only_what_its_row_allows(module, path):
    allowed, row = _row(module)
    if module in {"config", "sessions_app", "speakers"}:
        return
    assert row, f"{module} has no row in MAY_IMPORT"

    ours = {
        name
        for name in _imports(path)
        if name.split(".")[0] in {"sessions_app", "speakers"}
    }
    foreign = {
        name
        for name in ours
        if allowed is not None
        and not any(name == a or name.startswith(f"{a}.") for a in allowed)
    }

    assert foreign == set()


def test_public_code_names_no_rows_and_no_database():
    for module, path in _modules():
        if module.startswith(("sessions_app.public", "sessions_app.outputs")):
            names = set(_imports(path))
            assert not {n for n in names if n.startswith("django.db")}, module
