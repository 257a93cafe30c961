"""The products on a deal. Where a line has a price, the deal's amount follows its lines."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.common import clean, load, money
from app.conflicts import fields_to_write
from app.errors import UserError
from models.ids import new_id
from models.records import Deal, DealLine, Product

_FIELDS: Final = {"product_id", "name", "quantity", "unit_price_minor", "position"}
_MAX_QUANTITY: Final = Decimal(10) ** 9


def add_deal_line(
    session: Session,
    *,
    deal_id: int,
    product_id: int | None = None,
    name: str | None = None,
    quantity: Decimal | int | str = 1,
    unit_price_minor: int | None = None,
) -> int:
    """Put a product, or free text, on a deal; the price defaults to the product's own."""
    deal = load(session, Deal, deal_id)
    lines = _lines(session, deal.id)
    line = DealLine(
        id=new_id(),
        deal_id=deal.id,
        product_id=product_id,
        name=clean(name, 300, "name"),
        quantity=_quantity(quantity),
        unit_price_minor=money(unit_price_minor, "unit_price_minor"),
        position=lines[-1].position + 1 if lines else 0,
    )
    if product_id is not None:
        product = load(session, Product, product_id)
        if unit_price_minor is None and product.currency in {None, deal.currency}:
            line.unit_price_minor = product.price_minor
    elif line.name is None:
        raise UserError("Choose a product or write what is sold.", field="product_id")
    session.add(line)
    session.flush()
    _follow_lines(session, deal)
    return line.id


def change_deal_line(
    session: Session,
    *,
    line_id: int,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Change a line's product, name, quantity, unit price (minor units) or position."""
    unknown = fields.keys() - _FIELDS
    if unknown:
        raise TypeError(f"a line has no {', '.join(sorted(unknown))}")
    line = load(session, DealLine, line_id)
    fields = fields_to_write(session, line, fields, opened=opened, resolution=resolution)
    if fields.get("product_id") is not None:
        load(session, Product, fields["product_id"])
    for field, value in fields.items():
        match field:
            case "quantity":
                line.quantity = _quantity(value)
            case "unit_price_minor":
                line.unit_price_minor = money(value, "unit_price_minor")
            case "name":
                line.name = clean(value, 300, "name")
            case _:
                setattr(line, field, value)
    if line.product_id is None and line.name is None:
        raise UserError("Choose a product or write what is sold.", field="product_id")
    session.flush()
    _follow_lines(session, load(session, Deal, line.deal_id))
    return line.id


def remove_deal_line(session: Session, *, line_id: int) -> int:
    """Take a line off its deal; return the deal's id."""
    line = load(session, DealLine, line_id)
    deal = load(session, Deal, line.deal_id)
    session.delete(line)
    session.flush()
    _follow_lines(session, deal)
    return deal.id


def set_deal_lines(session: Session, *, deal_id: int, lines: Iterable[Mapping[str, Any]]) -> int:
    """Replace all lines of a deal as one step; return how many there are now."""
    deal = load(session, Deal, deal_id)
    for line in _lines(session, deal.id):
        session.delete(line)
    session.flush()
    return sum(1 for line in lines if add_deal_line(session, deal_id=deal.id, **line))


def priced_lines(session: Session, deal_id: int) -> list[DealLine]:
    """Return the lines that have a price: with one or more of them, they make the amount."""
    return [line for line in _lines(session, deal_id) if line.unit_price_minor is not None]


def _lines(session: Session, deal_id: int) -> list[DealLine]:
    found = session.scalars(
        select(DealLine)
        .where(DealLine.deal_id == deal_id, DealLine.archived_at.is_(None))
        .order_by(DealLine.position, DealLine.id)
    )
    return list(found)


def _follow_lines(session: Session, deal: Deal) -> None:
    priced = priced_lines(session, deal.id)
    if not priced:
        return  # unpriced or no lines: the amount stays as the person gave it
    total = sum((line.quantity * (line.unit_price_minor or 0) for line in priced), Decimal(0))
    deal.amount_minor = money(int(total.to_integral_value(ROUND_HALF_EVEN)), "quantity")


def _quantity(value: Decimal | int | str) -> Decimal:
    try:
        quantity = Decimal(value)
    except InvalidOperation as error:
        raise UserError("“{text}” is not a number.", text=value, field="quantity") from error
    if not 0 < quantity < _MAX_QUANTITY:
        raise UserError("A quantity is more than 0.", field="quantity")
    return quantity
