"""What is too large, endless or made to do harm is refused with a reason, soon and in little room.

Each file is read in a process of its own, which tells how long it took and how much room it had.
"""

import io
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from app.errors import UserError
from app.exchange.mail.names import safe_name
from app.exchange.tables import MAX_LINE, open_table
from tests.app.exchange.fuzzing import PARTS, read_all, with_part

LONGEST: Final = 5.0  # seconds
MOST_ROOM: Final = 400  # MB
_BUSY: Final = 3.0  # how much slower a machine may be that runs other tests beside
_CHILD: Final = """
import json, sys, time
from pathlib import Path
from tests.app.exchange.fuzzing import read_all
began = time.monotonic()
said = read_all(Path(sys.argv[1]))
status = Path("/proc/self/status").read_text()  # getrusage would count its parent's as well
room = int(status.partition("VmHWM:")[2].split()[0]) // 1024
print(json.dumps([said, time.monotonic() - began, room]))
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="how much room it takes is told by Linux alone"
)


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a file; `said` is the refusal, empty where it was read."""

    said: str
    seconds: float
    room: int


def read_apart(path: Path) -> Read:
    """Read a file in a process of its own; a crash of it is a failure here."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-1_000:]
    return Read(*json.loads(done.stdout.strip().splitlines()[-1]))


def _sheet(rows: str, head: str = "") -> bytes:
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        f'2006/main">{head}<sheetData>{rows}</sheetData></worksheet>'
    ).encode()


def _far_away(place: str) -> bytes:
    row = "".join(filter(str.isdigit, place))
    return with_part(
        PARTS[0],
        _sheet(
            '<row r="1"><c r="A1"><v>1</v></c></row>'
            f'<row r="{row}"><c r="{place}"><v>1</v></c></row>'
        ),
    )


def _shared_often() -> bytes:
    """Return a workbook whose thousand cells share one text of a megabyte."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 1_001))
    texts = f"<sst><si><t>{'x' * 1_000_000}</t></si></sst>".encode()
    book = with_part(PARTS[0], _sheet(cells))
    return _replaced(book, PARTS[1], texts)


def _replaced(book: bytes, name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.namelist():
            new.writestr(item, content if item == name else old.read(item))
    return made.getvalue()


def _swelling(*, lying: bool) -> bytes:
    """Return a workbook that unpacks to 120 MB, of which its directory says nothing."""
    book = _replaced(with_part(PARTS[0], _sheet("")), PARTS[0], _sheet("<row/>" * 20_000_000))
    if not lying:
        return book
    data = bytearray(book)
    for found in re.finditer(b"PK\x01\x02", book):
        name_at = found.start() + 46
        if book[name_at : name_at + len(PARTS[0])] == PARTS[0].encode():
            struct.pack_into("<I", data, found.start() + 24, 1_000)
    return bytes(data)


def _open_document(row: str) -> bytes:
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="A">{row}</table:table></office:spreadsheet></office:body>'
            "</office:document-content>",
        )
    return made.getvalue()


def _laughs() -> bytes:
    entities = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10)
    )
    return with_part(
        PARTS[1],
        f'<?xml version="1.0"?><!DOCTYPE l [{entities}]><sst><si><t>&k;</t></si></sst>'.encode(),
    )


def _foreign_entity() -> bytes:
    return with_part(
        PARTS[1],
        b'<!DOCTYPE l [<!ENTITY k SYSTEM "file:///etc/passwd">]><sst><si><t>&k;</t></si></sst>',
    )


def _many_sheets() -> bytes:
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 200_000))
    return with_part(
        "xl/workbook.xml",
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http:'
        '//schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f"<sheets>{sheets}</sheets></workbook>".encode(),
    )


_REPEATED_CELL: Final = (
    '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
    'office:value-type="string" table:number-columns-repeated="16000"><text:p>x</text:p>'
    "</table:table-cell></table:table-row>"
)
_LONG: Final = 10_000_000
# What is tried → the file's name, its bytes, a word of the refusal.
REFUSED: Final[dict[str, tuple[str, Callable[[], bytes], str]]] = {
    "a cell far away": ("a.xlsx", lambda: _far_away("XFD1048576"), "cells are possible"),
    "a cell beyond all sheets": ("a.xlsx", lambda: _far_away("ZZZZ4294967295"), "cells are"),
    "one text in a thousand cells": ("a.xlsx", _shared_often, "of text in one sheet"),
    "a zip that swells": ("a.xlsx", lambda: _swelling(lying=False), "would unpack to"),
    "a zip that swells and lies": ("a.xlsx", lambda: _swelling(lying=True), "would unpack to"),
    "an ODS that repeats": ("a.ods", lambda: _open_document(_REPEATED_CELL), "cells are possible"),
    "a billion laughs": ("a.xlsx", _laughs, "cannot be read as a workbook"),
    "an entity of a file": ("a.xlsx", _foreign_entity, "cannot be read as a workbook"),
    "a million sheets": ("a.xlsx", _many_sheets, "sheets"),
    "a million columns": ("a.csv", lambda: b"a," * 1_000_000 + b"b\n1\n", "columns"),
    "a gzip that swells": ("a.csv.gz", lambda: _packed(b"Name,Email\n", 200_000_000), "unpacks to"),
    "only a mark": ("a.csv", lambda: b"\xef\xbb\xbf", "is empty"),
    "nothing": ("a.csv", lambda: b"", "is empty"),
    "zeros": ("a.csv", lambda: bytes(1_000_000), "binary data"),
}


def _packed(head: bytes, zeros: int) -> bytes:
    import gzip

    return gzip.compress(head + b"x" * zeros, 9)


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_harm_is_refused_soon_and_in_little_room(what: str, tmp_path: Path) -> None:
    name, made, says = REFUSED[what]
    path = tmp_path / name
    path.write_bytes(made())
    read = read_apart(path)
    assert says in read.said
    assert read.seconds < LONGEST * _BUSY
    assert read.room < MOST_ROOM


def _endless_line() -> bytes:
    return b"Name,Email\nAnn," + b"x" * (MAX_LINE * 3) + b"\nBo,bo@x.example\n"


READ: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "an endless line": ("a.csv", _endless_line),
    "a cell of 10 MB": (
        "a.csv", lambda: b'Name,Email\n"' + b"x\n" * (_LONG // 2) + b'",a@x.example\n',
    ),
    "a hundred cells of 100 kB": (
        "a.csv", lambda: b"Name,Email\n" + (b"x" * 100_000 + b",a@x.example\n") * 100,
    ),
    "deep JSON": (
        "a.json", lambda: b'[{"email":"a@x.example"},' + b'{"a":' * 200_000 + b"}" * 200_000 + b"]",
    ),
    "a JSON text of 12 MB": (
        "a.json", lambda: b'[{"email":"a@x.example"},{"email":"' + b"x" * 12_000_000 + b'"}]',
    ),
    "a card of 10 MB": (
        "a.vcf", lambda: b"BEGIN:VCARD\nVERSION:3.0\nFN:" + b"x" * _LONG + b"\nEND:VCARD\n",
    ),
    "only a header": ("a.csv", lambda: b"Name,Email\n"),
}  # fmt: skip


@pytest.mark.parametrize("what", READ)
def test_what_is_too_long_costs_only_itself(what: str, tmp_path: Path) -> None:
    name, made = READ[what]
    path = tmp_path / name
    path.write_bytes(made())
    read = read_apart(path)
    assert read.seconds < LONGEST * _BUSY
    assert read.room < MOST_ROOM


def test_sixty_megabytes_stream_in_little_room(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    line = "Ann {n} Lee,ann{n}@x.example,0171 555 {n},Some notes of the usual length about her\n"
    with path.open("w") as file:
        file.write("Name,Email,Phone,Notes\n")
        file.writelines(line.format(n=n) for n in range(120_000))
        for _ in range(12):  # lines that make it long without making it slow
            file.write(",," + " " * 4_000_000 + "\n")
    assert path.stat().st_size > 55_000_000
    assert read_apart(path).room < MOST_ROOM


def test_a_pipe_and_a_device_are_refused_and_hold_nobody_up(tmp_path: Path) -> None:
    pipe = tmp_path / "a.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), Path("/dev/tty")):
        with pytest.raises(UserError, match="pipe or a device"):
            open_table(path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator reads all")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name,Email\n")
    path.chmod(0)
    with pytest.raises(UserError, match="cannot be read"):
        open_table(path)


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "a.csv"
    path.write_text("Name,Email\n" + "Ann,ann@x.example\n" * 20_000)
    yield path
    path.unlink()


def test_a_file_that_grows_or_shrinks_while_it_is_read_ends(growing: Path) -> None:
    table = open_table(growing)
    rows = table.rows()
    next(rows)
    with growing.open("a") as file:
        file.write("Bo,bo@x.example\n")
    assert sum(1 for _ in rows) == 20_000
    rows = table.rows()
    next(rows)
    os.truncate(growing, 11)
    assert sum(1 for _ in rows) < 20_000
    assert list(table.rows()) == []


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\windows\\system32\\a.dll", "/etc/passwd", "C:\\a.txt", "..",
     "a\x00b", "con.txt", "\u202egpj.exe", "x" * 5_000],
)  # fmt: skip
def test_the_name_of_an_attachment_never_leaves_its_folder(name: str, tmp_path: Path) -> None:
    safe = safe_name(name)
    assert (tmp_path / safe).resolve().parent == tmp_path.resolve()
    assert len(safe.encode()) <= 255
    (tmp_path / safe).write_bytes(b"")


def test_a_device_in_disguise_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.symlink_to("/dev/zero")
    assert "pipe or a device" in read_all(path)
