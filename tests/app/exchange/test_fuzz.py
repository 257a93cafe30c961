"""No reader crashes, hangs or loses a row, whatever the bytes; see also tests/fuzz."""

import gzip
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import UserError
from app.exchange import mappings
from app.exchange.out.whole import FORMAT, MANIFEST
from tests.app.exchange.compound_file import compound_file
from tests.app.exchange.fuzzing import (
    PARTS,
    outlook_message,
    part_of,
    read_all,
    small_workbook,
    with_part,
)

LONGEST: Final = 5.0  # seconds
EXAMPLES: Final = 40

_MAIL: Final = (
    b"From: Ann Lee <ann@x.example>\nTo: bo@x.example\nSubject: =?utf-8?b?SGk=?=\n"
    b"Message-ID: <1@x.example>\nDate: Tue, 2 Jan 2024 03:04:05 +0100\nMIME-Version: 1.0\n"
    b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/html\n\n<p>Hi\n'
    b'--b\nContent-Disposition: attachment; filename="../../etc/a"\n\nabc\n--b--\n'
)
_CALENDAR: Final = (
    b"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nSUMMARY:Lunch\n"
    b"DTSTART;TZID=Europe/Berlin:20240102T120000\nRRULE:FREQ=WEEKLY;COUNT=3\n"
    b"BEGIN:VALARM\nTRIGGER:-PT15M\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
)
_CARD: Final = (
    b"BEGIN:VCARD\nVERSION:3.0\nN:Lee;Ann;;;\nFN:Ann Lee\nitem1.EMAIL;TYPE=work:ann@x.example\n"
    b"item1.X-ABLabel:_$!<Work>!$_\nPHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo=\nBDAY:1980-02-29\n"
    b"ADR;TYPE=home:;;Road 1;Ulm;;89073;DE\nNOTE;ENCODING=QUOTED-PRINTABLE:a=3D=\n b\nEND:VCARD\n"
)
_EVENTS: Final = (
    b'{"type":"track","event":"A","userId":"1","messageId":"m","timestamp":"2024-01-02T03:04:05Z"'
    b',"properties":{"revenue":1.5,"currency":"EUR"}}\n{"type":"identify","userId":"1",'
    b'"traits":{"email":"ann@x.example"}}\n'
)
_MAPPING: Final = json.dumps(
    {"closeknit_mapping": 1, "kind": "contact", "columns": {"Name": "name"}, "words": {}}
).encode()
# Reader → a file of it, which is then mutated.
SEEDS: Final[dict[str, tuple[str, bytes]]] = {
    "text": ("a.csv", "Name;E-mail;Phone\nZoë;zoe@x.example;0171 1\n".encode()),
    "wide text": ("a.csv", "Name\tE-mail\r\nZoë\tzoe@x.example\r\n".encode("utf-16")),
    "xlsx": ("a.xlsx", small_workbook()),
    "vcard": ("a.vcf", _CARD),
    "jcard": ("a.json", b'[["vcard",[["version",{},"text","4.0"],["fn",{},"text","Ann"]]]]'),
    "calendar": ("a.ics", _CALENDAR),
    "json events": ("a.json", _EVENTS),
    "json batch": ("a.json", b'{"batch":[{"type":"page","anonymousId":"x"}],"sentAt":"2024"}'),
    "json records": ("a.json", b'[{"id":1,"email":"ann@x.example","name":{"first":"Ann"}}]'),
    "json tree": (
        "a.json",
        b'{"records":[{"attributes":{"type":"Contact","referenceId":"a"},"LastName":"Lee"}]}',
    ),
    "own lines": ("a.jsonl", b'{"closeknit":"contact","id":"1","name":"Ann","points":[]}\n'),
    "mbox": ("a.mbox", b"From a@x.example Tue Jan  2 03:04:05 2024\n" + _MAIL + b"\n"),
    "message": ("a.eml", _MAIL),
    "outlook message": ("a.msg", outlook_message()),
    "columns": ("a.txt", b"0001 19970101 1 11.77\n0002 19970112 1 12.00\n0002 19970112 5 7.00\n"),
}


def mutated(seed: bytes) -> st.SearchStrategy[bytes]:
    """Return strategies that cut, repeat, overwrite and insert in a file."""
    place = st.integers(0, max(len(seed) - 1, 0))
    piece = st.one_of(
        st.binary(max_size=12),
        st.sampled_from([b'"', b"\x00", b"\n", b"[" * 200, b"\xff\xfe", b"9" * 30, b":", b"-"]),
    )
    change = st.tuples(place, st.integers(0, 40), piece)

    def apply(changes: list[tuple[int, int, bytes]]) -> bytes:
        data = seed
        for at, cut, new in changes:
            data = data[:at] + new + data[at + cut :]
        return data

    return st.one_of(st.binary(max_size=300), st.lists(change, min_size=1, max_size=4).map(apply))


def read_quickly(path: Path, work: Callable[[Path], object] = read_all) -> None:
    """Read a file; AssertionError where it takes too long."""
    began = time.monotonic()
    work(path)
    assert time.monotonic() - began < LONGEST


@pytest.mark.parametrize("reader", SEEDS)
def test_any_bytes_are_read_to_the_end_or_refused(
    reader: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name, seed = SEEDS[reader]
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes(seed)
    assert read_all(path) == ""  # the seed itself is sound

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutated(seed))
    def fuzz(data: bytes) -> None:
        path.write_bytes(data)
        read_quickly(path)

    fuzz()


@pytest.mark.parametrize("part", PARTS)
def test_any_part_of_a_workbook_is_read_or_refused(
    part: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.xlsx"

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutated(part_of(part)))
    def fuzz(content: bytes) -> None:
        path.write_bytes(with_part(part, content))
        read_quickly(path)

    fuzz()


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.sampled_from(sorted(SEEDS)).flatmap(lambda name: mutated(SEEDS[name][1])))
def test_what_is_packed_is_read_or_refused(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.gz"
    path.write_bytes(gzip.compress(data, 1))
    read_quickly(path)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=mutated(_MAIL))
def test_any_mail_in_a_maildir_is_read(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    for box in ("cur", "new", "tmp"):
        (folder / box).mkdir()
    (folder / "cur" / "1:2,S").write_bytes(data)
    read_quickly(folder)


@settings(max_examples=EXAMPLES * 2, deadline=None)
@given(data=mutated(_MAPPING))
def test_any_mapping_is_loaded_or_refused(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.json"
    path.write_bytes(data)

    def load(place: Path) -> None:
        try:
            mappings.load(place)
        except UserError as error:
            said = str(error)
        else:
            return
        assert said

    read_quickly(path, load)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=mutated(json.dumps({"format": FORMAT, "version": 1, "tables": {}}).encode()))
def test_any_manifest_of_a_workspace_is_refused_as_a_table(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(MANIFEST, data)
    path = tmp_path_factory.mktemp("fuzz") / "a.zip"
    path.write_bytes(made.getvalue())
    assert read_all(path)


def _circle_in_the_chains() -> bytes:
    """Return a compound file whose table's first sector follows itself."""
    data = bytearray(compound_file({"Workbook": b"x" * 5_000}))
    table = int.from_bytes(data[76:80], "little")
    data[512 * (table + 1) : 512 * (table + 1) + 4] = bytes(4)
    return bytes(data)


def _sheet(cells: str) -> bytes:
    return with_part(
        PARTS[0],
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        f'2006/main"><sheetData>{cells}</sheetData></worksheet>'.encode(),
    )


# What fuzzing has found, small: name of the file, its bytes, a word of the refusal ("" for none).
FINDINGS: Final[dict[str, tuple[str, bytes, str]]] = {
    "a parser that panics": ("a.xls", outlook_message()[:4_000] + b"\x00" * 7, ""),
    "a chain of sectors in a circle": ("a.xls", _circle_in_the_chains(), "circle"),
    "a cell that shares no text": (
        "a.xlsx",
        _sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'),
        "cannot be read as a workbook",
    ),
    "a sheet that is no XML": ("a.xlsx", with_part(PARTS[0], b""), "cannot be read as a workbook"),
    "series that take for ever": (
        "a.ics",
        b"BEGIN:VCALENDAR\nVERSION:2.0\n"
        + b"".join(
            b"BEGIN:VEVENT\nUID:%d\nSUMMARY:A\nDTSTART;TZID=Nowhere:20020218T2200%02d\n"
            b"DTEND:20200128T230000Z\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n" % (n, n)
            for n in range(10)
        )
        + b"END:VCALENDAR\n",
        "",
    ),
}


@pytest.mark.parametrize("finding", FINDINGS)
def test_what_was_found_stays_mended(finding: str, tmp_path: Path) -> None:
    name, data, says = FINDINGS[finding]
    path = tmp_path / name
    path.write_bytes(data)
    began = time.monotonic()
    refused = read_all(path)
    assert says in refused
    assert time.monotonic() - began < LONGEST + 1
