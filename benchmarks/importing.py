"""Contacts from a CSV file against bare csv and executemany, and the same file once more."""

import csv
import time
from pathlib import Path
from typing import Final

from app.exchange.pace import import_pace
from app.exchange.plan import plan_file
from app.exchange.runs import LARGE_CHUNK, ImportRun, region_of
from app.workspace import Workspace
from benchmarks.figures import Figure
from benchmarks.ground import FOLDER, Ground, remove

WANTED: Final = 8_000  # rows a second
_BARE: Final = 25  # times the bare library, at most
_AGAIN: Final = 2  # times faster the second time, at least


def measure(ground: Ground) -> list[Figure]:
    """Return the seconds of the first and the second import of the ground's people."""
    path = FOLDER / "importing.closeknit"
    remove(path)
    bare = measure_bare(ground.people)
    workspace = Workspace.open(path, create=True, watch=False)
    try:
        with import_pace():
            first, rows = _import(workspace, ground.people)
            second, _ = _import(workspace, ground.people)
    finally:
        workspace.close()
        remove(path)
    name = f"{rows:,} rows of CSV"
    return [
        Figure(f"{name}, 1st time ({rows / first:,.0f}/s)", first, "s", rows / WANTED, bare,
               "csv + executemany"),
        Figure(f"{name}, at most {_BARE} x bare", first, "s", bare * _BARE),
        Figure(f"{name}, 2nd time ({rows / second:,.0f}/s)", second, "s", first / _AGAIN, first,
               "the first"),
    ]  # fmt: skip


def measure_bare(people: Path) -> float:
    """Return the seconds of reading the rows and inserting them as texts, in one transaction."""
    import pysqlite3.dbapi2 as sqlite

    path = FOLDER / "importing-bare.db"
    remove(path)
    started = time.perf_counter()
    connection = sqlite.connect(str(path))
    connection.execute("PRAGMA journal_mode=WAL")
    with people.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        width = len(next(rows))
        names = ", ".join(f"c{n}" for n in range(width))
        connection.execute(f"CREATE TABLE t ({names})")
        marks = ", ".join("?" * width)
        connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
    connection.commit()
    connection.close()
    seconds = time.perf_counter() - started
    remove(path)
    return seconds


def _import(workspace: Workspace, people: Path) -> tuple[float, int]:
    started = time.perf_counter()
    plan = plan_file(people, kind="contacts", region=region_of(workspace))
    (result,) = ImportRun(workspace, [plan], chunk=LARGE_CHUNK).run()
    return time.perf_counter() - started, result.tally.read
