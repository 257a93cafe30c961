"""Migrations make exactly what the records say, and an upgrade writes a backup first."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, text

from app import schema
from app.changes import ChangeFeed
from app.check import check_workspace
from app.database import Database
from app.search import search
from app.sharing.backup_files import Reason, backups_of
from app.sharing.entrance import url_of
from app.workspace import Workspace
from models.clock import now
from models.ids import new_id
from models.migrations import HEAD
from models.records import Base, User


def test_the_migrated_schema_is_the_one_the_records_describe(store: Workspace) -> None:
    with store.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda _o, name, kind, *_: (
                    not (kind == "table" and str(name).startswith("search_index"))
                ),
                "compare_type": False,
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_migration_is_the_one_the_program_compares_with() -> None:
    files = sorted((schema.MIGRATIONS / "versions").glob("0*.py"))
    assert files[-1].name[:4] == HEAD
    assert [file.name[:4] for file in files] == schema.known_revisions()


@pytest.fixture
def old_workspace(tmp_path: Path) -> Path:
    """Give a workspace of the first revision, with one user in it."""
    path = tmp_path / "old.closeknit"
    database = Database(url_of(str(path)), ChangeFeed())
    schema.migrate(database.engine, target="0001")
    with database.engine.connect().execution_options(closeknit="write") as connection:
        values = {"id": new_id(), "name": "Jürgen", "name_key": "jurgen", "role": "owner"}
        connection.execute(
            insert(User),
            values | {"created_at": now(), "updated_at": now(), "row_version": new_id()},
        )
        connection.commit()
    database.dispose()
    return path


def test_an_upgrade_writes_a_checked_backup_and_keeps_everything(old_workspace: Path) -> None:
    opened = Workspace.open(old_workspace, watch=False)
    try:
        (made,) = backups_of(old_workspace)
        assert (made.reason, made.revision, made.verified) == (Reason.MIGRATION, "0001", True)
        copy = Database(url_of(str(made.path)), ChangeFeed(), read_only=True)
        with copy.reading() as session:
            assert (
                session.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0001"
            )
            assert session.execute(text('SELECT name FROM "user"')).scalar() == "Jürgen"
        copy.dispose()
        assert [hit.title for hit in opened.read(search, "jur")] == ["Jürgen"]
        assert all(check.passed for check in opened.read(check_workspace))
    finally:
        opened.close()


def test_checks_find_what_is_wrong(workspace: Workspace) -> None:
    assert all(check.passed for check in workspace.read(check_workspace))
    with workspace.database.engine.connect().execution_options(closeknit="write") as connection:
        connection.execute(text("DELETE FROM search_index WHERE title = 'Website'"))
        connection.commit()
    failed = [check.name for check in workspace.read(check_workspace) if not check.passed]
    assert failed == ["search index"]
