"""Values are read as people of many countries write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.amounts import NumberStyle, guess_style, parse_amount
from app.exchange.dates import DateOrder, guess_order, parse_date, parse_moment
from app.exchange.fields import field_of
from app.exchange.values import Format, UnfitValueError, phone_key, read_value
from models.values import normal_phone


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1.234,56 €", "1234.56", "EUR"),
        ("(1,200.50)", "-1200.50", None),
        ("$1,200", "1200", "USD"),
        ("1 234,50", "1234.50", None),
        ("CHF 1'200.-", "1200", "CHF"),
        ("-5.00", "-5", None),
        ("5-", "-5", None),
        ("1,234,567.89", "1234567.89", None),
        ("1.234.567", "1234567", None),
        ("0,5", "0.5", None),
        ("1.2M", "1200000", None),
        ("50k", "50000", None),
        ("100 SEK", "100", "SEK"),
    ],
)
def test_amounts(text: str, amount: str, currency: str | None) -> None:
    assert parse_amount(text, NumberStyle()) == (Decimal(amount), currency)


@pytest.mark.parametrize("text", ["abc", "", "€", "1-2-3", "--"])
def test_what_is_no_amount(text: str) -> None:
    assert parse_amount(text, NumberStyle()) is None


def test_the_decimal_sign_is_decided_by_the_whole_column() -> None:
    style = guess_style(["1.200", "12,50", "3.000"])
    assert style == NumberStyle(",")
    assert parse_amount("1.200", style) == (Decimal(1200), None)
    style = guess_style(["1,200", "12.50"])
    assert parse_amount("1,200", style) == (Decimal(1200), None)


def test_day_and_month_are_decided_by_the_whole_column() -> None:
    order = guess_order(["01-03-17", "20-10-16"])
    assert order == DateOrder("dmy", sure=True)
    assert parse_date("20-10-16", order) == date(2016, 10, 20)
    assert parse_date("01-03-17", order) == date(2017, 3, 1)
    order = guess_order(["1/2/2024", "1/20/2024"])
    assert parse_date("1/2/2024", order) == date(2024, 1, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("29.2.2024", date(2024, 2, 29)),
        ("3. März 2024", date(2024, 3, 3)),
        ("March 3, 2024", date(2024, 3, 3)),
        ("3 mars 2024", date(2024, 3, 3)),
        ("20240303", date(2024, 3, 3)),
    ],
)
def test_dates(text: str, day: date) -> None:
    assert parse_date(text, DateOrder()) == day


@pytest.mark.parametrize("text", ["31.02.", "31.02.2024", "2023-02-29", "99", "soon", "32.1.2024"])
def test_days_that_do_not_exist(text: str) -> None:
    assert parse_date(text, DateOrder()) is None


def test_moments_with_and_without_zone() -> None:
    order = DateOrder()
    at = datetime(2006, 4, 15, 3, 23, 15, tzinfo=UTC)
    assert parse_moment("2006-04-15T03:23:15.000Z", order, UTC) == at
    assert parse_moment("2006-04-15 05:23:15+0200", order, UTC) == at
    assert parse_moment("15.04.2006 03:23:15", order, UTC) == at


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("email", "Anna <anna@x.example>", "anna@x.example"),
        ("email", "ünï@exämple.de", "ünï@exämple.de"),
        ("email_consent", "ja", True),
        ("email_consent", "Non", False),
        ("tags", "a; b,a", ("a", "b")),
    ],
)
def test_other_values(key: str, text: str, value: object) -> None:
    assert read_value(text, field_of("contact", key), Format()) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [("email", "nope"), ("phone", "call me"), ("birthday", "31.02.2000"), ("email_consent", "?!")],
)
def test_a_value_that_does_not_fit_says_why(key: str, text: str) -> None:
    with pytest.raises(UnfitValueError) as caught:
        read_value(text, field_of("contact", key), Format())
    assert str(caught.value).endswith((".", "sign.")) or "e-mail" in str(caught.value)


def test_a_long_text_keeps_its_beginning() -> None:
    with pytest.raises(UnfitValueError) as caught:
        read_value("x" * 500, field_of("contact", "job_title"), Format())
    assert caught.value.kept == "x" * 200


@pytest.mark.parametrize(
    "text", ["+49 30 5557 0142", "+1 415 555 2671", "030 55570142", "+44 (0)20 7946 0958"]
)
def test_the_quick_phone_form_is_the_one_of_phonenumbers(text: str) -> None:
    assert phone_key(text, "DE") == normal_phone(text, "DE")


@given(st.text(max_size=40))
def test_no_text_breaks_a_reader(text: str) -> None:
    parse_amount(text, NumberStyle())
    guess_style([text])
    guess_order([text])
    for order in (DateOrder(), DateOrder("mdy"), DateOrder("ymd", two_digit_first_is_year=True)):
        parse_date(text, order)
        parse_moment(text, order, UTC)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_every_written_amount_reads_back(amount: Decimal) -> None:
    assert parse_amount(f"{amount:,.2f}", NumberStyle("."))[0] == amount  # type: ignore[index]
    german = f"{amount:,.2f}".replace(",", " ").replace(".", ",")
    assert parse_amount(german, NumberStyle(","))[0] == amount  # type: ignore[index]
