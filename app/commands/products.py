"""Products: what stands on deals and orders."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.common import archive_records, clean, load, money
from app.commands.settings import workspace_settings
from app.conflicts import fields_to_write
from app.errors import UserError
from models.ids import new_id
from models.records import Product
from models.values import name_key

_TEXTS: Final = {"code": 100, "category": 200, "description": 20_000}
_FIELDS: Final = {"name", "price_minor", "currency", "is_active", *_TEXTS}


def create_product(
    session: Session,
    *,
    name: str,
    code: str | None = None,
    category: str | None = None,
    price_minor: int | None = None,
    currency: str | None = None,
    description: str | None = None,
) -> int:
    """Add a product; its price is in minor units, in the workspace's currency if none is named."""
    title = _free_name(session, name)
    product = Product(
        id=new_id(),
        name=title,
        name_key=name_key(title),
        code=clean(code, _TEXTS["code"], "code"),
        category=clean(category, _TEXTS["category"], "category"),
        description=clean(description, _TEXTS["description"], "description"),
        price_minor=_price(price_minor),
        currency=currency or workspace_settings(session).currency,
        is_active=True,
    )
    session.add(product)
    return product.id


def change_product(
    session: Session,
    *,
    product_id: int,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Change fields of a product; deals keep the prices they were given."""
    unknown = set(fields) - _FIELDS
    if unknown:
        raise TypeError(f"a product has no {', '.join(sorted(unknown))}")
    product = load(session, Product, product_id)
    fields = fields_to_write(
        session,
        product,
        fields,
        row_version=row_version,
        opened=opened,
        resolution=resolution,
    )
    if "name" in fields:
        product.name = _free_name(session, fields["name"], besides=product_id)
        product.name_key = name_key(product.name)
    for field in _TEXTS.keys() & fields.keys():
        setattr(product, field, clean(fields[field], _TEXTS[field], field))
    if "price_minor" in fields:
        product.price_minor = _price(fields["price_minor"])
    for field in {"currency", "is_active"} & fields.keys():
        setattr(product, field, fields[field])
    return product.id


def archive_product(session: Session, *, product_id: int) -> int:
    """Take a product out of the lists; deals that have it keep it."""
    archive_records(session, kind="product", ids=[product_id])
    return product_id


def _price(minor: int | None) -> int | None:
    if minor is not None and minor < 0:
        raise UserError("A price is not below 0.", field="price_minor")
    return money(minor, "price_minor")


def _free_name(session: Session, name: str, besides: int | None = None) -> str:
    title = clean(name, 300, "name")
    if not title:
        raise UserError("Give the product a name.", field="name")
    taken = session.scalar(
        select(Product.id).where(
            Product.name_key == name_key(title),
            Product.archived_at.is_(None),
            Product.id != (besides or 0),
        )
    )
    if taken is not None:
        raise UserError("There is already a product “{name}”.", name=title, field="name")
    return title
