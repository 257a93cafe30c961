"""Files are read whatever their encoding, delimiter and shape, or refused with what to do."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UserError
from app.exchange import tables
from app.exchange.tables import open_table
from app.exchange.text_table import guess_delimiter
from tests.app.exchange.conftest import MakeFile

ROWS = [
    ["Name", "E-mail", "City"],
    ["Zoë Ümlaut", "zoe@x.example", "Köln"],
    ["B", "b@x.example", "Åby"],
]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_recognised(
    make_file: MakeFile, encoding: str, delimiter: str
) -> None:
    table = open_table(make_file(ROWS, encoding=encoding, delimiter=delimiter))
    assert table.headers == ("Name", "E-mail", "City")
    assert [row.cells for row in table.rows()] == [tuple(row) for row in ROWS[1:]]


def test_mac_line_ends_and_quoted_newlines(make_file: MakeFile) -> None:
    table = open_table(make_file('Name,Notes\rAnna,"one\rtwo"\rBen,three\r'))
    assert [row.cells for row in table.rows()] == [("Anna", "one\rtwo"), ("Ben", "three")]


def test_the_header_is_not_always_first_and_rows_keep_the_number_a_spreadsheet_shows(
    make_file: MakeFile,
) -> None:
    text = "Notes:\nexported by somebody\n\nFirst Name,Last Name,Email Address\nA,B,a@x.example\n"
    table = open_table(make_file(text))
    assert table.headers == ("First Name", "Last Name", "Email Address")
    assert [row.number for row in table.rows()] == [5]


def test_duplicate_headers_are_told_apart_and_rows_are_padded_or_keep_their_surplus(
    make_file: MakeFile,
) -> None:
    table = open_table(make_file("Name,Phone,Phone\nA,1\nB,1,2,3\n"))
    assert table.headers == ("Name", "Phone", "Phone (2)")
    short, long = table.rows()
    assert short.cells == ("A", "1", "")
    assert (long.cells, long.surplus) == (("B", "1", "2"), ("3",))


def test_a_file_without_header_line_gets_numbered_columns(make_file: MakeFile) -> None:
    table = open_table(make_file("1,2\n3,4\n"))
    assert table.headers == ("Column 1", "Column 2")
    assert len(list(table.rows())) == 2


def test_three_hundred_columns_are_read(make_file: MakeFile) -> None:
    table = open_table(make_file([[f"c{i}" for i in range(300)], [str(i) for i in range(300)]]))
    assert len(table.headers) == 300


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"name,x\n\x00\x01\x02\x00\x03\xff\x00", "binary data"),
        (b"PK\x03\x04 broken", "workbook"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(
    make_file: MakeFile, content: bytes, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        open_table(make_file(content))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not there"):
        open_table(tmp_path / "no.csv")
    with pytest.raises(UserError, match="is a folder"):
        open_table(tmp_path)


def test_too_many_columns_are_refused(make_file: MakeFile) -> None:
    with pytest.raises(UserError, match="columns"):
        open_table(make_file([[f"c{i}" for i in range(tables.MAX_COLUMNS + 1)]]))


def test_an_endless_line_is_reported_as_a_row_and_the_next_is_read(make_file: MakeFile) -> None:
    long = "x" * (tables.MAX_LINE + 10)
    table = open_table(make_file(f"Name,Notes\nA,1\nB,{long}\nC,3\n"))
    rows = list(table.rows())
    assert [row.number for row in rows] == [2, 3, 4]
    assert "more than" in rows[1].problem
    assert rows[2].cells == ("C", "3")


def test_bytes_of_another_encoding_in_a_utf8_file_are_mended(make_file: MakeFile) -> None:
    body = "Name,City\n" + "".join(f"N{i},Köln\n" for i in range(60_000))
    table = open_table(make_file(body.encode() + "Zoë,Köln\n".encode("cp1252")))
    assert list(table.rows())[-1].cells == ("Zoë", "Köln")


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
            min_size=2,
            max_size=5,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_guessing_a_delimiter_never_fails(rows: list[list[str]]) -> None:
    assert guess_delimiter("\n".join(";".join(row) for row in rows)) in {",", ";", "\t", "|"}
