"""What the import tests share: files made on the spot, and one line to import them."""

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from app.exchange.plan import plan_file
from app.exchange.runs import FileResult, ImportRun, region_of
from app.workspace import Workspace

MAVEN = (
    Path(os.environ.get("CLOSEKNIT_REAL_DATA", Path(__file__).parents[4] / "shared/data/real"))
    / "crm-generic"
)
MAVEN_FILES = ("accounts", "products", "sales_teams", "sales_pipeline")

MakeFile = Callable[..., Path]


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    def make(
        rows: Sequence[Sequence[str]] | str | bytes,
        name: str = "file.csv",
        *,
        encoding: str = "utf-8",
        delimiter: str = ",",
    ) -> Path:
        path = tmp_path / name
        if isinstance(rows, bytes):
            path.write_bytes(rows)
        elif isinstance(rows, str):
            path.write_bytes(rows.encode(encoding))
        else:
            with path.open("w", encoding=encoding, newline="") as file:
                csv.writer(file, delimiter=delimiter).writerows(rows)
        return path

    return make


@pytest.fixture
def maven() -> list[Path]:
    files = [MAVEN / f"maven_{name}.csv" for name in MAVEN_FILES]
    if not all(file.exists() for file in files):
        pytest.skip(f"the Maven files are not in {MAVEN}")
    return files


def take(
    workspace: Workspace,
    *files: Path,
    kind: str | None = None,
    dry: bool = False,
    rejects: Path | None = None,
    chunk: int = 1_000,
) -> list[FileResult]:
    """Import files as the command line and the window do."""
    region = region_of(workspace)
    plans = [plan_file(file, kind=kind, region=region) for file in files]
    return ImportRun(workspace, plans, dry=dry, rejects=rejects, chunk=chunk).run()


def counts(result: FileResult) -> dict[str, int]:
    """Return the outcomes that are not zero."""
    return {outcome.value: n for outcome, n in result.tally.counts.items() if n}
