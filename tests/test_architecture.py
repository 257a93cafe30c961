"""The boundaries hold, and each contract catches a seeded violation."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("app", "models", "views")

# A file to write, what to put in it, and the contract that must break.
VIOLATIONS = [
    ("app/seeded.py", "import views.theme", "views → app → models, one way"),
    ("models/seeded.py", "import app.errors", "views → app → models, one way"),
    ("app/seeded.py", "from PySide6 import QtCore", "No Qt and no matplotlib outside views"),
    ("models/seeded.py", "import matplotlib", "No Qt and no matplotlib outside views"),
    ("views/seeded.py", "import sqlalchemy", "No SQLAlchemy and no driver in views"),
    (
        "views/seeded.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from models.deal import Deal",
        "Of models, views know only models.values",
    ),
    (
        "views/contacts/seeded.py",
        "def late():\n    import views.pipeline.page",
        "Feature folders of views do not know each other",
    ),
    ("app/queries/seeded.py", "import app.cli", "Inside app, imports run down"),
]


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_all_contracts_are_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(("file", "text", "contract"), VIOLATIONS)
def test_a_seeded_violation_is_caught(copy: Path, file: str, text: str, contract: str) -> None:
    seeded = copy / file
    seeded.write_text(f'"""Seeded."""\n\n{text}\n', "utf-8")
    try:
        done = lint(copy)
    finally:
        seeded.unlink()
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def test_every_feature_folder_stands_under_the_contract() -> None:
    listed = (ROOT / "pyproject.toml").read_text("utf-8")
    folders = [
        path.name
        for path in (ROOT / "views").iterdir()
        if path.is_dir() and (path / "__init__.py").exists() and path.name != "shared"
    ]
    assert [name for name in folders if f'"views.{name}"' not in listed] == []


# Whole workspaces are copied and marked outside the change flow, like migrations: no command runs
# there, and a step in the log of what was copied would make the copy differ.
COMMITTERS = {
    "app/database.py",
    "app/sharing/moved_mark.py",
    "app/sharing/move_targets.py",
    "app/sharing/moving.py",
}


def test_only_the_database_commits() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"session", "connection"}
        and str(path.relative_to(ROOT)) not in COMMITTERS
    ]
    assert found == []


def test_files_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "versions" not in path.parts
        and (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}
