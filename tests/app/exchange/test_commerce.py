"""Orders: lines in any order, returns, guests, several currencies, customers known and not."""

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.counts import Outcome
from app.exchange.plan import plan_file
from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import Contact, ExternalId, Order, OrderLine, Product
from models.values import Lifecycle, OrderStatus
from tests.app.exchange.conftest import MakeFile, counts, take
from tests.conftest import read, snapshot

REAL = Path(os.environ.get("CLOSEKNIT_REAL_DATA", Path(__file__).parents[4] / "shared/data/real"))
SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,"
    "Lineitem sku,Billing Name,Billing Company,Cancelled at,Refunded Amount,Id,Lineitem discount,"
    "Source\n"
    "#1001,anna@x.example,paid,2026-01-05 10:00:00 +0100,fulfilled,,no,EUR,50.00,5.00,0.00,55.00,"
    ",0.00,Post,2026-01-05 09:58:00 +0100,2,Lamp,20.00,,L-1,Anna Berg,,,0.00,9001,0.00,web\n"
    "#1001,anna@x.example,,,,,,,,,,,,,,2026-01-05 09:58:00 +0100,1,Bulb,10.00,,B-1,,,,,,0.00,\n"
    "#1002,bo@x.example,partially_refunded,2026-01-06 10:00:00 +0100,,,no,JPY,3000,0,0,3000,"
    "TEN,300,Post,2026-01-06 09:00:00 +0100,1,Lamp,3000,,L-1,Bo Lund,,,1000,9002,0,web\n"
    "#1003,,voided,,,,no,EUR,20.00,0.00,0.00,20.00,,0.00,Post,2026-01-07 09:00:00 +0100,1,Lamp,"
    "20.00,,L-1,,,2026-01-07 10:00:00 +0100,0.00,9003,0.00,pos\n"
)
WOO = (
    "order_number,order_date,status,order_currency,order_total,customer_email,billing_first_name,"
    "billing_last_name,product_name,sku,quantity,item_total\n"
    "71,2026-02-01 08:00:00,processing,EUR,45.00,cara@x.example,Cara,Dahl,Chair,C-1,1,30.00\n"
    "71,2026-02-01 08:00:00,processing,EUR,45.00,cara@x.example,Cara,Dahl,Mat,M-1,3,15.00\n"
    "72,2026-02-02 08:00:00,refunded,EUR,30.00,cara@x.example,Cara,Dahl,Chair,C-1,1,30.00\n"
)


def orders(session: Session) -> dict[str, tuple[Any, ...]]:
    rows = session.execute(
        select(
            Order.number, Order.total_minor, Order.refunded_minor, Order.currency, Order.status,
            Contact.name,
        )
        .outerjoin(Contact, Contact.id == Order.contact_id)
        .order_by(Order.number)
    )  # fmt: skip
    return {row[0]: tuple(row[1:]) for row in rows}


def lines(session: Session) -> list[tuple[Any, ...]]:
    rows = session.execute(
        select(Order.number, OrderLine.name, OrderLine.quantity, OrderLine.unit_price_minor)
        .join(Order, Order.id == OrderLine.order_id)
        .order_by(Order.number, OrderLine.position)
    )
    return [(n, name, float(quantity), price) for n, name, quantity, price in rows]


def contents(workspace: Workspace) -> dict[str, Any]:
    """Return everything but the imports' own history."""
    return {k: v for k, v in snapshot(workspace).items() if not k.startswith("import_")}


def count(workspace: Workspace, record: Any) -> int:
    return int(read(workspace, lambda s: s.scalar(select(func.count(record.id)))) or 0)


def real(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def test_shopify_orders_with_lines_below_refunds_and_cancellations(
    store: Workspace, make_file: MakeFile
) -> None:
    before = contents(store)
    file = make_file(SHOPIFY)
    (result,) = take(store, file)
    assert result.plan.system == "shopify"
    assert counts(result) == {"created": 3, "merged": 1}
    assert read(store, orders) == {
        "#1001": (5500, 0, "EUR", OrderStatus.SHIPPED, "Anna Berg"),
        "#1002": (3000, 1000, "JPY", OrderStatus.PAID, "Bo Lund"),
        "#1003": (2000, 0, "EUR", OrderStatus.CANCELLED, None),
    }
    assert read(store, lines) == [
        ("#1001", "Lamp", 2, 2000),
        ("#1001", "Bulb", 1, 1000),
        ("#1002", "Lamp", 1, 3000),
        ("#1003", "Lamp", 1, 2000),
    ]
    buyer = read(store, lambda s: s.scalars(select(Contact.lifecycle)).all())
    assert set(buyer) == {Lifecycle.CUSTOMER}
    (again,) = take(store, file)
    assert counts(again) == {"unchanged": 4}
    undo_batches(store, [b for b in (result.batch_id, again.batch_id) if b is not None])
    assert contents(store) == before


def test_woocommerce_repeats_the_total_in_every_row_of_an_order(
    workspace: Workspace, make_file: MakeFile
) -> None:
    file = make_file(WOO)
    (result,) = take(workspace, file)
    assert (result.plan.system, counts(result)) == ("woocommerce", {"created": 2, "merged": 1})
    assert read(workspace, orders) == {
        "71": (4500, 0, "EUR", OrderStatus.PAID, "Cara Dahl"),
        "72": (3000, 3000, "EUR", OrderStatus.REFUNDED, "Cara Dahl"),
    }
    assert read(workspace, lines)[1] == ("71", "Mat", 3, 500)
    assert counts(take(workspace, file)[0]) == {"unchanged": 3}


def test_totals_of_lines_add_up_and_a_return_subtracts(
    workspace: Workspace, make_file: MakeFile
) -> None:
    rows = [
        ["Order ID", "Order date", "Customer ID", "Product", "Quantity", "Unit price", "Total"],
        ["A1", "2026-03-01", "K7", "Cup", "2", "5.00", "10.00"],
        ["A1", "2026-03-01", "K7", "Pot", "1", "30.00", "30.00"],
        ["A1", "2026-03-01", "K7", "Cup", "-1", "5.00", "-5.00"],
        ["A2", "2026-03-02", "", "Pot", "-1", "30.00", "-30.00"],
    ]
    file = make_file(rows)
    (result,) = take(workspace, file)
    assert counts(result) == {"created": 2, "merged": 2}
    found = read(workspace, orders)
    assert found["A1"][:2] == (4000, 500)
    assert found["A2"][:2] == (0, 3000)
    assert found["A1"][4] == "Customer K7"
    assert found["A2"][4] is None  # a guest
    assert counts(take(workspace, file)[0]) == {"unchanged": 4}
    assert read(workspace, orders) == found


def test_two_equal_lines_of_one_order_are_two_and_stay_two(
    workspace: Workspace, make_file: MakeFile
) -> None:
    rows = [["Invoice no", "Invoice date", "Item", "Quantity", "Price"]]
    rows += [["7", "2026-03-01", "Cup", "1", "5.00"]] * 2
    file = make_file(rows)
    take(workspace, file, chunk=1)
    take(workspace, file, chunk=1)
    assert read(workspace, lines) == [("7", "Cup", 1, 500), ("7", "Cup", 1, 500)]


def test_lines_before_their_orders_make_room_for_them(
    store: Workspace, make_file: MakeFile
) -> None:
    before = contents(store)
    details = make_file(
        [
            ["orderID", "productID", "unitPrice", "quantity", "discount"],
            ["10", "11", "14.00", "12", "0"],
            ["10", "42", "10.00", "10", "0.1"],
        ],
        "details.csv",
    )
    heads = make_file(
        [["orderID", "customerID", "orderDate"], ["10", "VINET", "1996-07-04"]], "orders.csv"
    )
    first = take(store, details)[0]
    assert [p.reason for p in first.tally.problems if "does not say when" in p.reason]
    second = take(store, heads)[0]
    assert counts(second) == {"updated": 1}

    def order(session: Session) -> tuple[Any, ...]:
        found = session.scalars(select(Order)).one()
        return found.at.date().isoformat(), found.total_minor

    assert read(store, order) == ("1996-07-04", 25_800)
    assert counts(take(store, details)[0]) == {"unchanged": 2}
    assert counts(take(store, heads)[0]) == {"unchanged": 1}
    undo_batches(store, [b for b in (first.batch_id, second.batch_id) if b is not None])
    assert contents(store) == before


def test_an_id_and_a_number_are_one_order_in_whichever_file_comes_first(
    workspace: Workspace, make_file: MakeFile
) -> None:
    lines_file = make_file(
        "order_id,id,product_id,variant_id,name,price,quantity,sku,fulfillable_quantity,"
        "fulfillment_service,requires_shipping,gift_card,grams\n"
        "9001,1,5,6,Lamp,20.00,2,L-1,0,manual,TRUE,FALSE,0\n"
    )
    take(workspace, lines_file)
    (result,) = take(workspace, make_file(SHOPIFY, "orders.csv"))
    assert counts(result) == {"updated": 1, "created": 2, "merged": 1}
    assert read(workspace, orders)["#1001"][0] == 5500
    assert count(workspace, Order) == 3


def test_a_customer_who_comes_after_the_orders_gets_their_name(
    workspace: Workspace, make_file: MakeFile
) -> None:
    take(
        workspace,
        make_file("id,user_id,order_date,status\n1,5,2026-01-01,returned\n2,5,2026-01-02,placed\n"),
    )
    assert {row[4] for row in read(workspace, orders).values()} == {"Customer 5"}
    take(workspace, make_file("id,first_name,last_name\n5,Michael,P.\n", "people.csv"))
    found = read(workspace, orders)
    assert {row[4] for row in found.values()} == {"Michael P."}
    assert [row[3] for row in found.values()] == [OrderStatus.REFUNDED, OrderStatus.PENDING]
    assert count(workspace, Contact) == 1


def test_columns_without_a_header_are_purchases(workspace: Workspace, make_file: MakeFile) -> None:
    text = (
        " 00004 0001 19970101  2   29.33\n 00004 0001 19970101  2   10.00\n"
        " 00004 0001 19970802  1   14.96\n 00021 0002 19970101  3   63.34\n 00021 0002 nonsense\n"
    )
    file = make_file(text, "purchases.txt")
    plan = plan_file(file)
    assert (plan.kind, plan.table.dialect.format) == ("order", "columns")
    (result,) = take(workspace, file)
    assert counts(result) == {"created": 4, "failed": 1}
    found = read(workspace, orders)
    assert {number: row[0] for number, row in found.items()} == {
        "00004-19970101": 2933,
        "00004-19970101-2": 1000,
        "00004-19970802": 1496,
        "00021-19970101": 6334,
    }
    assert count(workspace, Contact) == 2
    assert counts(take(workspace, file)[0]) == {"unchanged": 4, "failed": 1}


def test_an_unknown_status_is_told_and_the_order_taken(
    workspace: Workspace, make_file: MakeFile
) -> None:
    file = make_file("Order number,Order date,Status,Total\n5,2026-01-01,Wobbly,10\n")
    (result,) = take(workspace, file)
    assert counts(result) == {"created": 1}
    assert [(p.column, p.value) for p in result.tally.problems] == [("Status", "Wobbly")]


@pytest.mark.parametrize(
    ("name", "expected", "people"),
    [
        ("commerce-uci/OnlineRetail_part1.csv", {"orders": 44, "lines": 483}, 30),
        ("commerce-generic/cdnow_sample.txt", {"orders": 6919, "lines": 6919}, 2357),
        ("commerce-generic/jaffle_raw_orders.csv", {"orders": 99, "lines": 0}, 62),
        ("commerce-northwind/northwind_orders.csv", {"orders": 830, "lines": 0}, 89),
        ("commerce-northwind/northwind_order-details.csv", {"orders": 830, "lines": 2155}, 0),
        ("commerce-shopify/shopify_order_line_data.csv", {"orders": 3, "lines": 3}, 0),
        ("commerce-shopify/shopify_gql_customer_data.csv", {"orders": 0, "lines": 0}, 10),
        ("commerce-magento/magento_customers.csv", {"orders": 0, "lines": 0}, 3),
        ("commerce-northwind/northwind_customers.csv", {"orders": 0, "lines": 0}, 91),
        ("commerce-generic/jaffle_raw_customers.csv", {"orders": 0, "lines": 0}, 100),
    ],
)
def test_real_files_give_what_their_index_says(
    workspace: Workspace, name: str, expected: dict[str, int], people: int
) -> None:
    before = contents(workspace)
    file = real(name)
    (result,) = take(workspace, file)
    assert result.tally.counts[Outcome.FAILED] == 0
    assert {"orders": count(workspace, Order), "lines": count(workspace, OrderLine)} == expected
    assert count(workspace, Contact) == people
    (again,) = take(workspace, file)
    assert counts(again) == {"unchanged": result.tally.read}
    undo_batches(workspace, [b for b in (again.batch_id, result.batch_id) if b is not None])
    assert contents(workspace) == before


def test_cancelled_invoices_of_uci_are_returns(workspace: Workspace) -> None:
    take(workspace, real("commerce-uci/OnlineRetail_part1.csv"))

    def sums(session: Session) -> tuple[Any, ...]:
        row = session.execute(
            select(func.sum(Order.total_minor), func.sum(Order.refunded_minor))
        ).one()
        refunded = session.scalar(select(func.count()).where(Order.status == OrderStatus.REFUNDED))
        return row[0] - row[1], refunded

    # The sum over the file of quantity times price, each line in whole pence.
    assert read(workspace, sums) == (1_666_236, 3)


def test_northwind_in_one_go_links_orders_to_people_and_companies(workspace: Workspace) -> None:
    files = [
        real(f"commerce-northwind/northwind_{n}.csv")
        for n in ("order-details", "orders", "customers")
    ]
    results = {r.plan.path.name: r for r in take(workspace, *files)}
    assert results["northwind_orders.csv"].tally.links["contact"] == 830
    products, codes = count(workspace, Product), count(workspace, ExternalId)
    assert (products, codes) == (77, 91 + 830)

    def linked(session: Session) -> tuple[Any, ...]:
        return tuple(
            session.execute(
                select(
                    func.count(func.distinct(Order.company_id)),
                    func.count(func.distinct(Order.contact_id)),
                    func.sum(Order.total_minor),
                )
            ).one()
        )

    companies, people, total = read(workspace, linked)
    assert (companies, people) == (89, 89)
    assert abs(total - 126_579_300) <= 100  # what Northwind is known to have sold, in cents
