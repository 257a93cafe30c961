"""What is no customer data is refused, and the sentence says what was seen and what to do."""

import os
from pathlib import Path

import pytest

from app.errors import UserError
from app.exchange.guessing import guess_table
from app.exchange.plan import plan_file
from app.exchange.tables import open_table
from tests.app.exchange.conftest import MakeFile

REAL = Path(os.environ.get("CLOSEKNIT_REAL_DATA", Path(__file__).parents[4] / "shared/data/real"))


@pytest.mark.parametrize(
    ("name", "rows", "columns", "header_row", "encoding"),
    [
        ("dirty/clevercsv_imdb.csv", 100, 44, 1, "utf-8"),
        ("dirty/csvkit_bad.csv", 3, 3, 1, "utf-8"),
        ("dirty/csvkit_mac_newlines.csv", 2, 3, 1, "utf-8"),
        ("dirty/csvkit_no_header_row.csv", 1, 3, 0, "utf-8"),
        ("dirty/csvkit_optional_quote_characters.csv", 1, 3, 1, "utf-8"),
        ("dirty/csvkit_test_utf8_bom.csv", 2, 3, 1, "utf-8-sig"),
        ("dirty/csvkit_testxls_converted.csv", 5, 8, 1, "utf-8"),
        ("dirty/messytables_characters.csv", 382, 18, 1, "big5"),
        ("dirty/messytables_complex.csv", 3, 4, 1, "utf-8"),
        ("dirty/messytables_example.tsv", 140, 17, 1, "utf-8"),
        # The table begins below a title, and INDEX counts the title's lines among its rows.
        ("dirty/messytables_excel_pasting.csv", 17, 9, 4, "utf-8"),
        ("dirty/messytables_mixedGLB.csv", 133, 19, 4, "utf-8"),
        ("dirty/messytables_null.csv", 10, 4, 0, "utf-8"),
        ("dirty/messytables_skip_initials.csv", 2, 2, 1, "utf-8"),
        ("dirty/messytables_spanish_chars.csv", 116, 8, 1, "cp1252"),
        ("dirty/messytables_utf-16le_encoded.csv", 327, 19, 1, "utf-16"),
        ("dirty/messytables_weird_head_padding.csv", 76, 10, 12, "utf-8"),
        ("dirty/sfdl_csvEscapedQuotes.csv", 2, 2, 1, "utf-8"),
        ("dirty/sfdl_csvtext_BOM_UTF16LE.csv", 2, 3, 1, "utf-16"),
        ("dirty/sfdl_csvtext_BOM_UTF8.csv", 2, 3, 1, "utf-8-sig"),
        ("dirty/spectrum_empty_crlf.csv", 2, 3, 1, "utf-8"),
        ("dirty/spectrum_escaped_quotes.csv", 2, 2, 1, "utf-8"),
        ("dirty/spectrum_newlines_crlf.csv", 3, 3, 1, "utf-8"),
        ("dirty/spectrum_utf8.csv", 2, 3, 1, "utf-8"),
        ("xlsx/csvkit_sheets.xlsx", 5, 7, 1, ""),
        ("xlsx/messytables_blank_line.ods", 4, 3, 1, ""),
        ("xlsx/messytables_excel_properties.xls", 18, 1, 1, ""),
        ("xlsx/messytables_simple.xlsx", 6, 3, 1, ""),
        ("xlsx/messytables_multilineods.ods", 1, 1, 0, ""),
        ("xlsx/messytables_large.xlsx", 47, 11, 5, ""),
    ],
)
def test_a_real_table_of_something_else_is_refused(
    name: str, rows: int, columns: int, header_row: int, encoding: str
) -> None:
    file = REAL / name
    if not file.exists():
        pytest.skip(f"{name} is not in {REAL}")
    table = open_table(file)
    assert (len(table.headers), table.dialect.header_row) == (columns, header_row)
    assert table.dialect.encoding == encoding
    with pytest.raises(UserError) as refused:
        guess_table(table)
    sentence = str(refused.value)
    assert f"{rows:,} × {columns} (rows × columns)" in sentence
    assert "--as" in sentence
    assert table.headers[0][:30] in sentence
    assert sum(1 for _ in table.rows()) == rows


@pytest.mark.parametrize("name", ["dirty/csvkit_empty.csv", "xlsx/messytables_libreoffice.xlsx"])
def test_an_empty_file_is_called_empty(name: str) -> None:
    if not (REAL / name).exists():
        pytest.skip(f"{name} is not in {REAL}")
    with pytest.raises(UserError, match="is empty"):
        plan_file(REAL / name)


@pytest.mark.parametrize(
    "text",
    [
        "Name\nAnn\nBo\n",  # people, companies, products?
        "Date,Temperature,Place\n2024-01-01,3,Ulm\n",
        "Title,Year,Rating,Duration\nA film,1999,8.1,120\n",
        "text,date\nHello,2024-01-01\n",
        "Organisation_name,a,b,c,d,e,f,g\n" + "Foo Trust,1,2,3,4,5,6,7\n" * 3,
    ],
)
def test_a_table_that_could_be_anything_is_not_guessed(make_file: MakeFile, text: str) -> None:
    with pytest.raises(UserError, match="--as"):
        plan_file(make_file(text))


def test_what_is_refused_comes_in_when_the_person_says_what_it_is(make_file: MakeFile) -> None:
    plan = plan_file(make_file("Name\nAnn Lee\nBo Ray\n"), kind="contacts")
    assert (plan.kind, plan.rows) == ("contact", 2)
    assert [c.field for c in plan.guess.columns] == ["name"]


@pytest.mark.parametrize(
    ("text", "header_row", "rows"),
    [
        ("# exported by X\n# on 2024-01-02, by Ann\nFirst name,E-mail\nAnn,a@x.example\n", 3, 1),
        ("My contacts,\n,\nFirst name,E-mail\nAnn,a@x.example\n", 3, 1),
        ("\n\n\nFirst name;E-mail\nAnn;a@x.example\nBo;b@x.example\n", 4, 2),
        ("#First name,#E-mail\nAnn,a@x.example\n", 1, 1),
        ("First name,E-mail,E-mail\nAnn,a@x.example,b@x.example\n", 1, 1),
    ],
)
def test_the_header_is_found_below_notes(
    make_file: MakeFile, text: str, header_row: int, rows: int
) -> None:
    plan = plan_file(make_file(text))
    assert (plan.kind, plan.table.dialect.header_row, plan.rows) == ("contact", header_row, rows)


def test_people_without_a_header_are_known_by_their_addresses(make_file: MakeFile) -> None:
    plan = plan_file(make_file("Ann Lee,ann@x.example\nBo Ray,bo@x.example\n"))
    assert (plan.kind, plan.table.dialect.header_row, plan.rows) == ("contact", 0, 2)
    assert [c.field for c in plan.guess.columns] == ["name", "email"]
