"""What fuzzing asks of every reader: any bytes are read to the end or refused with a sentence."""

import io
import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.errors import EnvironmentFault, UserError
from app.exchange.drafts import RowReader
from app.exchange.guessing import guess_table
from app.exchange.plan import FilePlan, Region, plan_table
from app.exchange.tables import open_table
from tests.app.exchange.compound_file import compound_file, item

REFUSALS: Final = (UserError, EnvironmentFault)
MAX_ROWS: Final = 2_000  # a reader that makes up rows without end is found by more than these

# What is read of a workbook, from the part that names the others to the cells.
PARTS: Final = (
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
)


@cache
def small_workbook() -> bytes:
    """Return a workbook of two people with a date, an amount and a share."""
    import xlsxwriter

    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("People")
    sheet.write_row(0, 0, ["Name", "E-mail", "Birthday", "Share"])
    for row, name in enumerate(("Ann Lee", "Bo Ray"), 1):
        sheet.write_row(row, 0, [name, f"{name[:2].lower()}@x.example"])
        sheet.write_number(row, 2, 32_000 + row, book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(row, 3, row / 3, book.add_format({"num_format": "0.00%"}))
    book.close()
    return made.getvalue()


def part_of(name: str) -> bytes:
    """Return a part of the workbook."""
    with zipfile.ZipFile(io.BytesIO(small_workbook())) as archive:
        return archive.read(name)


def with_part(name: str, content: bytes) -> bytes:
    """Return the workbook with another part in its place, its checksums right."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small_workbook())) as old, zipfile.ZipFile(made, "w") as new:
        for item in old.namelist():
            new.writestr(item, content if item == name else old.read(item))
    return made.getvalue()


@cache
def outlook_message() -> bytes:
    """Return a message as Outlook saves it, with one receiver and one file."""
    to = item(8, {0x3001: "Bo Ray", 0x39FE: "bo@x.example"}, numbers={0x0C15: 1})
    file = item(8, {0x3707: "plan.txt"}, binary={0x3701: b"A plan"}, numbers={0x3705: 1})
    texts = {0x0037: "Hello", 0x1000: "A body", 0x0C1A: "Ann Lee", 0x5D01: "ann@x.example"}
    rtf = b"\x0e\x00\x00\x00\x0a\x00\x00\x00MELA\x00\x00\x00\x00{\\rtf1 Hi}"
    parts: dict[str, Any] = {
        "__recip_version1.0_#00000000": to,
        "__attach_version1.0_#00000000": file,
    }
    return compound_file(item(32, texts, binary={0x1009: rtf}, **parts))


class _Caught(logging.Handler):
    """Keeps what readers swallow and log: an exception there is a finding as well."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception of a record."""
        if record.exc_info and record.exc_info[1] is not None:
            self.errors.append(record.exc_info[1])


@contextmanager
def nothing_swallowed() -> Iterator[None]:
    """Raise again what was only logged."""
    caught, log = _Caught(), logging.getLogger("app.exchange")
    log.addHandler(caught)
    was, log.propagate = log.propagate, False
    try:
        yield
    finally:
        log.removeHandler(caught)
        log.propagate = was
    if caught.errors:
        raise caught.errors[0]


def read_all(path: Path, *, kind: str = "contact", **reading: Any) -> str:
    """Read a file as an import does and return why it was refused; empty where it was read.

    AssertionError where rows are lost or stand without a reason.
    """
    with nothing_swallowed():
        try:
            return _read(path, kind, reading)
        except REFUSALS as error:
            text = str(error)
    assert text.strip()
    return text


def _read(path: Path, kind: str, reading: dict[str, Any]) -> str:
    table = open_table(path, **reading)
    try:
        guess = guess_table(table, None)
    except UserError:
        guess = guess_table(table, kind)  # as if a person had said what it is
    plan = plan_table(table, guess, Region())
    _check_rows(plan)
    return ""


def _check_rows(plan: FilePlan) -> None:
    """Read all rows to their drafts; each has a number, a content or a reason."""
    reader = RowReader(plan)
    read, last = 0, 0
    for row in plan.table.rows():
        read += 1
        assert row.number >= last, (row.number, last)
        last = row.number
        draft = reader.read(row)
        assert draft.row == row.number
        for problem in draft.problems:
            assert problem.reason.strip()
        if row.problem:
            assert draft.reject or draft.problems
    assert read == plan.rows, (read, plan.rows)
