"""Tables are recognised by words and values, not by file names or exact lists."""

import pytest

from app.exchange.guessing import guess_table
from app.exchange.tables import open_table
from tests.app.exchange.conftest import MakeFile


def fields(make_file: MakeFile, header: str, *rows: str) -> tuple[str, dict[str, str]]:
    guess = guess_table(open_table(make_file("\n".join([header, *rows]) + "\n", "x.csv")))
    return guess.kind, {c.header: c.field for c in guess.columns if c.field is not None}


@pytest.mark.parametrize(
    ("header", "row", "kind", "some"),
    [
        (
            "Client,Industry,Founded,Turnover,Headcount,HQ,Parent Company",
            "Foo,retail,1990,12.5,100,Spain,Bar",
            "company",
            {"Client": "name", "Turnover": "annual_revenue", "Parent Company": "parent"},
        ),
        ("Article,Family,List Price", "Alpha,A,10.50", "product", {"List Price": "price"}),
        (
            "Rep,Team Lead,Territory",
            "Ann Lee,Bo Day,North",
            "user",
            {"Rep": "name", "Team Lead": "manager", "Territory": "region"},
        ),
        (
            "Opportunity ID,Rep,Solution,Customer,Stage,Start Date,Close Date,Amount",
            "X1,Ann Lee,Alpha,Foo,Won,20-10-16,01-03-17,100",
            "deal",
            {"Rep": "owner", "Customer": "company", "Close Date": "closed_on"},
        ),
        (
            "Vorname,Nachname,E-Mail,Telefon,Firma",
            "Anna,Berg,a@x.example,030 1234567,Foo",
            "contact",
            {"Vorname": "given_name", "Firma": "company", "Telefon": "phone"},
        ),
        (
            "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,Lead Status,"
            "Contact owner,Associated Company",
            "1,A,B,a@x.example,1,lead,new,C,D",
            "contact",
            {"Record ID": "external_id", "Contact owner": "owner", "Associated Company": "company"},
        ),
        (
            "Ticket ID,Subject,Description,Status,Priority,Type,Created time,Resolved time,"
            "Full name,Email,Company Name",
            "1,Help,It broke,Open,High,Question,2024-01-02 10:00,,Ann,a@x.example,Foo",
            "ticket",
            {"Ticket ID": "external_id", "Full name": "contact", "Email": "contact_email"},
        ),
        (
            "Deal - Title,Deal - Value,Deal - Currency,Deal - Stage,Deal - Pipeline,"
            "Deal - Organization,Deal - Contact person,Deal - Owner,Deal - Expected close date",
            "T,100,EUR,Demo,Main,Foo,Ann,Bo,2030-01-02",
            "deal",
            {"Deal - Value": "amount", "Deal - Expected close date": "expected_close_on"},
        ),
        (
            "Activity Type,Date,Subject,Notes,Contact,Duration",
            "Call,2024-01-02,Hello,we spoke,Ann,5",
            "activity",
            {"Date": "at", "Contact": "contact", "Notes": "body"},
        ),
    ],
)
def test_kinds_and_columns(
    make_file: MakeFile, header: str, row: str, kind: str, some: dict[str, str]
) -> None:
    found, mapping = fields(make_file, header, row)
    assert found == kind
    assert some.items() <= mapping.items()


def test_an_id_of_another_record_is_no_name(make_file: MakeFile) -> None:
    _, mapping = fields(make_file, "Name,Owner ID,Industry", "Foo,005x,retail")
    assert mapping["Owner ID"] == "owner_ref"


def test_a_quarter_beside_its_date_is_left_out_with_a_reason(make_file: MakeFile) -> None:
    text = "deal,stage,close_date,close_quarter,amount\nX,Won,2017-03-01,Q1 2017,5\n"
    guess = guess_table(open_table(make_file(text)))
    column = next(c for c in guess.columns if c.header == "close_quarter")
    assert (column.field, column.reason) == (None, "Follows from the dates beside it.")
