"""What an import remembers of a long file stays within bounds, and its counts stay right."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.exchange import state
from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import Contact
from tests.app.exchange.conftest import MakeFile, take


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with closing(Workspace.open(tmp_path / "w.closeknit", create=True, watch=False)) as made:
        yield made


def test_rows_about_one_person_are_merged_also_when_the_first_is_forgotten(
    workspace: Workspace, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "MOST_TOUCHED", 20)
    people = [[f"Person {n}", f"p{n}@example.com", ""] for n in range(60)]
    again = [[f"Person {n}", f"p{n}@example.com", "Berlin"] for n in range(10)]
    path = make_file([["Name", "Email", "City"], *people, *again])
    (result,) = take(workspace, path, chunk=10)
    counts = result.as_json()
    assert (counts["created"], counts["merged"], counts["updated"]) == (60, 10, 0)
    assert result.batch_id is not None
    undo_batches(workspace, [result.batch_id])
    with workspace.database.reading() as session:
        assert session.scalar(select(func.count(Contact.id))) == 0
