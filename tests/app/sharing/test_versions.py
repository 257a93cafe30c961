"""A program that is too old stops writing; what it tried to write is not half there."""

import tomllib
from pathlib import Path

import pytest
from sqlalchemy import text

from app.commands.companies import create_company
from app.errors import EnvironmentFault, FaultKind, UserError
from app.sharing import versions
from app.sharing.versions import VERSION, number_of, require_version
from app.workspace import Workspace
from models.migrations import HEAD
from models.records import Company
from tests.conftest import count, run

ROOT = Path(__file__).parents[3]


def test_the_version_is_the_one_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.2", "1.10"),
        ("1.2.3", "1.2.4"),
        ("1.9.9", "2"),
        ("2.0.0rc1", "2.0.0"),
        ("v0.1", "0.1.1"),
    ],
)
def test_versions_compare_as_numbers(older: str, newer: str) -> None:
    assert number_of(older) < number_of(newer)
    assert not number_of(newer) < number_of(older)


def test_equal_versions_are_equal() -> None:
    assert number_of("1.2") == number_of("1.2.0") == number_of("v1.2.0+build7")


def test_a_colleagues_upgrade_ends_our_writing_but_not_our_reading(store: Workspace) -> None:
    run(store, create_company, name="before")
    writer = store.database.engine.execution_options(closeknit="write")
    with writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    with pytest.raises(EnvironmentFault, match="updated by a newer Closeknit") as caught:
        run(store, create_company, name="after")
    assert caught.value.kind is FaultKind.OUTDATED
    assert "kept here" in caught.value.remedy
    assert count(store, Company) == 1
    with writer.begin() as connection:  # the next test's server has the schema as it was
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})


def test_a_workspace_can_ask_for_a_version(
    store: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(store, require_version, version=VERSION)
    run(store, create_company, name="new enough")
    monkeypatch.setattr(versions, "VERSION", "0.0.9")
    with pytest.raises(EnvironmentFault, match=f"wants Closeknit {VERSION} or newer") as caught:
        run(store, create_company, name="too old")
    assert caught.value.kind is FaultKind.OUTDATED
    monkeypatch.undo()
    run(store, require_version, version="")
    monkeypatch.setattr(versions, "VERSION", "0.0.9")
    run(store, create_company, name="any will do")
    assert count(store, Company) == 2


@pytest.mark.parametrize("wanted", ["99.0", "one", "1..2"])
def test_nobody_locks_himself_out(workspace: Workspace, wanted: str) -> None:
    with pytest.raises(UserError):
        run(workspace, require_version, version=wanted)
    run(workspace, create_company, name="still in")
