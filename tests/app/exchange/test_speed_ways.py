"""The ways that make imports fast change nothing but the time."""

import contextlib
import gc
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from app.exchange.fields import field_of
from app.exchange.pace import import_pace
from app.exchange.plan import plan_file
from app.exchange.runs import ImportRun, region_of
from app.exchange.values import Format, UnfitValueError, cell_reader, read_value
from app.workspace import Workspace
from models.ids import IdMaker
from models.records import Contact
from tests.app.exchange.conftest import MakeFile, counts, take
from tests.conftest import count, read

HEAD = ["First name", "Last name", "E-mail", "Phone", "Company", "City"]


def people(number: int) -> list[list[str]]:
    return [
        [f"Given{n}", f"Family{n}", f"p{n}@x.example", f"+49 30 {n:08d}", f"Firm {n % 7}", "Köln"]
        for n in range(number)
    ]


def outcome(read_text: Callable[[str], Any], text: str) -> tuple[Any, ...]:
    try:
        return (read_text(text),)
    except UnfitValueError as error:
        return str(error), error.kept


def test_ids_taken_together_rise_and_are_no_others() -> None:
    maker = IdMaker(3)
    ids = [maker(), *maker.many(5_000), maker(), *maker.many(2), maker()]
    assert ids == sorted(set(ids))


def test_a_remembered_cell_reads_as_one_read_anew() -> None:
    for key in ("job_title", "city", "company", "birthday", "tags", "email", "phone"):
        target, how = field_of("contact", key), Format()
        read_cell = cell_reader(target, how)
        for text in ("  Head  of  it ", "a\x00b", "1.2.2000", "x@x.example", "x" * 90, "+49 30 1"):
            for _ in range(2):  # the second comes from memory
                anew = outcome(lambda text: read_value(text, target, how), text)  # noqa: B023  called at once
                assert outcome(read_cell, text) == anew
        assert read_cell(" n/a ") is None
    assert cell_reader(field_of("contact", "company"), Format())("unassigned") is None
    assert cell_reader(field_of("contact", "city"), Format())("unassigned") == "unassigned"


def test_the_pace_of_an_import_ends_with_it() -> None:
    before = gc.get_threshold(), sys.getswitchinterval()
    with contextlib.suppress(ZeroDivisionError), import_pace():
        assert gc.get_threshold() != before[0]
        assert sys.getswitchinterval() < before[1]
        raise ZeroDivisionError
    assert (gc.get_threshold(), sys.getswitchinterval()) == before


def test_a_name_at_a_company_is_found_again_among_many(
    store: Workspace, make_file: MakeFile
) -> None:
    rows = [["Anna Berg", f"Firm {n}"] for n in range(1_200)] + [["Anna Berg", ""]]
    file = make_file([["Name", "Company"], *rows])
    assert counts(take(store, file, kind="contact")[0]) == {"created": 1_201}
    assert counts(take(store, file, kind="contact", chunk=500)[0]) == {"unchanged": 1_201}
    assert count(store, Contact) == 1_201


def test_a_chunk_is_looked_up_and_written_by_few_statements(
    workspace: Workspace, make_file: MakeFile
) -> None:
    executed: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        executed.append(statement)

    file = make_file([HEAD, *people(3_000)])
    event.listen(workspace.database.engine, "before_cursor_execute", note)
    try:
        (result,) = take(workspace, file)
    finally:
        event.remove(workspace.database.engine, "before_cursor_execute", note)
    assert counts(result) == {"created": 3_000}
    assert len(executed) < 3 * 50
    (insert,) = {
        statement for statement in executed if statement.startswith("INSERT INTO contact (")
    }
    assert "email_key" in insert
    assert "birthday" not in insert  # nothing is bound for columns that no row fills


def test_rows_are_read_ahead_while_the_store_commits(
    workspace: Workspace, make_file: MakeFile
) -> None:
    """And never more than two chunks: memory stays constant."""
    plan = plan_file(make_file([HEAD, *people(1_000)]), region=region_of(workspace))
    stored: list[int] = []
    read_at: list[int] = []
    lead: list[int] = []
    rows = type(plan.table).rows
    done = threading.Event()

    def counting(table: Any) -> Any:
        for row in rows(table):
            read_at.append(row.number)
            lead.append(len(read_at) - (stored[-1] if stored else 0))
            yield row
        done.set()

    run = ImportRun(workspace, [plan], chunk=100, on_progress=lambda p: stored.append(p.done))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(plan.table), "rows", counting)
        run.run()
    assert done.is_set()
    assert max(lead) <= 3 * 100
    assert stored[-1] == 1_000
    assert read(workspace, lambda s: s.query(Contact).count()) == 1_000
