"""Orders of two years, and what people did on the web site."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.demo.office import DealPlan, Office, TableRow
from app.demo.words import dice, words
from models.ids import new_id
from models.records import Event, Order, OrderLine
from models.values import Money, OrderStatus, StageType

_DAYS = 730
_SHOP_CODES = ("AC-BL", "AC-BL", "PR-L24", "PR-L24", "AC-WM", "AC-D5", "SC-S2", "PR-P1")


@dataclass(slots=True)
class _Purchase:
    at: datetime
    person: int
    channel: str
    currency: str
    lines: list[tuple[int, int, int]]
    plan: DealPlan | None
    number: str = ""

    @property
    def total(self) -> int:
        return sum(pieces * price for _id, pieces, price in self.lines)


def plan_orders(office: Office) -> list[_Purchase]:
    """Return all orders by time: those that follow won deals, and those of the web shop."""
    rng = dice(office.seed, "orders")
    found: list[_Purchase] = []
    for plan in office.deals:
        if plan.kind is StageType.WON and len(found) < office.sizes.orders and rng.random() < 0.6:  # noqa: PLR2004
            at = min(plan.ended + timedelta(days=rng.randint(0, 4), hours=1), office.moments.now)
            found.append(_Purchase(at, plan.person, "Sales", plan.currency, plan.lines, plan))
    buyers = [i for i, p in enumerate(office.people) if p.has_won or p.firm is None]
    buyers = buyers or list(range(len(office.people)))
    while buyers and len(found) < office.sizes.orders:
        person = buyers[int(len(buyers) * rng.random() ** 2)]
        found.append(_shop_order(office, person, rng))
        office.people[person].has_won = True
    found.sort(key=lambda order: order.at)
    for place, order in enumerate(found):
        order.number = f"S-{80_000 + place}"
    office.order_numbers = [order.number for order in found[-200:]]
    return found


def _shop_order(office: Office, person: int, rng: random.Random) -> _Purchase:
    first = min(_DAYS, max(1, (office.moments.today - office.people[person].created).days))
    day = office.moments.ago(int(first * rng.random() ** 1.2))
    at = min(office.moments.at(day, rng.randint(7, 21), rng.randrange(60)), office.moments.now)
    lines = []
    for code in sorted({rng.choice(_SHOP_CODES) for _ in range(rng.randint(1, 3))}):
        product_id, product = office.products[office.product_place[code]]
        lines.append((product_id, rng.choice([1, 1, 2, 2, 4, 6]), office.price(product["price"])))
    channel = "Web shop" if rng.random() < 0.85 else "Phone"  # noqa: PLR2004
    return _Purchase(at, person, channel, office.currency, lines, None)


def order_rows(office: Office, orders: list[_Purchase]) -> Iterator[TableRow]:
    """Give the rows of the orders and their lines."""
    rng = dice(office.seed, "order rows")
    for order in orders:
        person = office.people[order.person]
        status, refunded = _status(office, order, rng)
        order_id = new_id()
        yield (
            Order,
            {
                "id": order_id,
                "created_at": order.at,
                "number": order.number,
                "at": order.at,
                "status": status,
                "channel": order.channel,
                "total_minor": order.total,
                "refunded_minor": refunded,
                "currency": order.currency,
                "contact_id": person.id,
                "company_id": None if person.firm is None else office.firms[person.firm].id,
                "deal_id": None if order.plan is None else order.plan.id,
                "campaign_id": None,
            },
        )
        for position, (product_id, pieces, price) in enumerate(order.lines):
            yield (
                OrderLine,
                {
                    "id": new_id(),
                    "created_at": order.at,
                    "order_id": order_id,
                    "product_id": product_id,
                    "name": None,
                    "quantity": Decimal(pieces),
                    "unit_price_minor": price,
                    "position": position,
                },
            )


def _status(office: Office, order: _Purchase, rng: random.Random) -> tuple[OrderStatus, int]:
    roll = rng.random()
    if office.moments.now - order.at < timedelta(days=3):
        return (OrderStatus.PENDING if roll < 0.4 else OrderStatus.PAID), 0  # noqa: PLR2004
    if roll < 0.03:  # noqa: PLR2004
        return OrderStatus.REFUNDED, order.total
    if roll < 0.05:  # noqa: PLR2004
        return OrderStatus.CANCELLED, 0
    if roll < 0.09:  # noqa: PLR2004  one piece sent back
        return OrderStatus.SHIPPED, order.lines[0][2]
    return OrderStatus.SHIPPED, 0


def event_rows(office: Office, orders: list[_Purchase]) -> Iterator[TableRow]:
    """Give visits of the web site in Segment's vocabulary; purchases of the shop among them."""
    rng = dice(office.seed, "events")
    left = office.sizes.events
    number = 0
    for order in [x for x in orders if x.channel == "Web shop"][: left // 3]:
        person = office.people[order.person]
        properties = _purchase_properties(office, order)
        yield _event(
            office, number, "Order Completed", order.at, person.id, properties, order=order
        )
        number += 1
    while number < left and office.people:
        person = office.people[int(len(office.people) * rng.random() ** 1.3)]
        known = max(1, (office.moments.today - person.created).days)
        day = office.moments.ago(int(min(known, rng.expovariate(1 / 60))))
        moment = min(
            office.moments.at(day, rng.randint(7, 21), rng.randrange(60)),
            office.moments.now - timedelta(minutes=30),
        )
        anonymous = rng.random() < 0.12  # noqa: PLR2004
        visit = f"anon-{office.seed}-{number}" if anonymous else None
        for name, properties in _visit(office, rng)[: left - number]:
            yield _event(
                office, number, name, moment, None if anonymous else person.id, properties, visit
            )
            number += 1
            moment += timedelta(seconds=rng.randint(8, 150))


def _visit(office: Office, rng: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of one visit: pages, perhaps a search, perhaps a cart."""
    pages = words("texts")["pages"]
    events: list[tuple[str, dict[str, Any]]] = []
    for _ in range(rng.randint(1, 4)):
        title, path = rng.choice(pages)
        url = f"https://www.closeknit.example{path}"
        events.append(("page", {"name": title, "title": title, "path": path, "url": url}))
    if rng.random() < 0.2:  # noqa: PLR2004
        events.append(("Products Searched", {"query": rng.choice(words("texts")["searches"])}))
    if rng.random() < 0.35:  # noqa: PLR2004
        item = _product(office, rng)
        events.append(("Product Viewed", item))
        if rng.random() < 0.4:  # noqa: PLR2004
            cart = f"C-{rng.randint(100_000, 999_999)}"
            added = item | {"quantity": rng.randint(1, 4), "cart_id": cart}
            events.append(("Product Added", added))
            events.append(("Cart Viewed", {"cart_id": cart, "products": [item]}))
            if rng.random() < 0.4:  # noqa: PLR2004
                events.append(("Checkout Started", {"cart_id": cart, "products": [item]}))
    return events


def _product(office: Office, rng: random.Random) -> dict[str, Any]:
    _id, product = office.products[office.product_place[rng.choice(_SHOP_CODES)]]
    price = Money(office.price(product["price"]), office.currency).text()
    return {
        "product_id": product["code"],
        "name": product["name"],
        "category": product["category"],
        "price": price,
        "currency": office.currency,
    }


def _purchase_properties(office: Office, order: _Purchase) -> dict[str, Any]:
    by_id = dict(office.products)
    return {
        "order_id": order.number,
        "currency": order.currency,
        "revenue": Money(order.total, order.currency).text(),
        "products": [
            {
                "product_id": by_id[product_id]["code"],
                "name": by_id[product_id]["name"],
                "quantity": pieces,
                "price": Money(price, order.currency).text(),
            }
            for product_id, pieces, price in order.lines
        ],
    }


def _event(
    office: Office,
    number: int,
    name: str,
    at: datetime,
    contact_id: int | None,
    properties: dict[str, Any],
    visit: str | None = None,
    order: _Purchase | None = None,
) -> TableRow:
    return (
        Event,
        {
            "id": new_id(),
            "created_at": at,
            "name": name,
            "at": at,
            "message_id": f"demo-{office.seed}-{number}",
            "contact_id": contact_id,
            "anonymous_id": visit,
            "revenue_minor": None if order is None else order.total,
            "currency": None if order is None else order.currency,
            "order_ref": None if order is None else order.number,
            "cart_ref": properties.get("cart_id"),
            "properties": properties,
        },
    )
