"""Reports of files that could not be taken, in a subfolder of the folder that is watched."""

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.exchange.counts import Problem
from app.exchange.watch_names import REPORTS

MAX_PROBLEMS: Final = 200
_ENDING: Final = ".report.txt"


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """Return problems as lines: the row, its column, the value and what to do."""
    lines = []
    for problem in problems[:MAX_PROBLEMS]:
        where = f"Row {problem.row}" + (f", {problem.column}" if problem.column else "")
        value = f" “{problem.value[:80]}”" if problem.value else ""
        lines.append(f"{where}:{value} {problem.reason}")
    if len(problems) > MAX_PROBLEMS:
        lines.append(f"… and {len(problems) - MAX_PROBLEMS:,} more")
    return lines


def write_report(file: Path, text: str) -> Path | None:
    """Put a report into the subfolder; None where nothing can be written there."""
    place = _report_of(file)
    try:
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"{file.name}\n\n{text}\n", "utf-8")
    except OSError:
        return None  # the workspace keeps the report all the same
    return place


def forget_report(file: Path) -> None:
    """Take a file's report away: it has been taken after all."""
    place = _report_of(file)
    with contextlib.suppress(OSError):
        place.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        place.parent.rmdir()  # unless other reports lie there


def set_aside(file: Path) -> Path | None:
    """Move a file to its report; None where that cannot be done, and then it stays."""
    target = file.parent / REPORTS / file.name
    number = 2
    while target.exists():
        target = target.with_name(f"{file.stem} ({number}){file.suffix}")
        number += 1
    try:
        target.parent.mkdir(exist_ok=True)
        shutil.move(file, target)
    except OSError:
        return None
    return target


def _report_of(file: Path) -> Path:
    return file.parent / REPORTS / (file.name + _ENDING)
