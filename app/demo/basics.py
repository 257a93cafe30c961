"""What records are sorted by: products, sources, campaigns, tags and custom fields."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.demo.moments import months_back
from app.demo.office import Office, Row, TableRow
from app.demo.words import dice, words
from models.ids import new_id
from models.records import (
    Campaign,
    Company,
    Contact,
    CustomField,
    CustomValue,
    Deal,
    LeadSource,
    Product,
    Tag,
    TagLink,
    Ticket,
)
from models.values import FieldType, StageType, name_key

_OWNER_KEYS = ("contact_id", "company_id", "deal_id", "ticket_id")


def basic_rows(office: Office) -> Iterator[TableRow]:
    """Give products, lead sources and campaigns; what is there already is used as it is."""
    made = office.moments.at(office.moments.ago(800), 9)
    for product_id, product in office.products:
        yield (
            Product,
            {
                "id": product_id,
                "created_at": made,
                "name": product["name"],
                "name_key": name_key(product["name"]),
                "code": product["code"],
                "category": product["category"],
                "description": None,
                "price_minor": office.price(product["price"]),
                "currency": office.currency,
                "is_active": True,
            },
        )
    for name in words("office")["sources"]:
        key = name_key(name)
        source_id = office.ground.sources.get(key) or new_id()
        office.source_ids.append(source_id)
        if key not in office.ground.sources:
            yield (
                LeadSource,
                {"id": source_id, "created_at": made, "name": name, "name_key": key},
            )
    for part in words("office")["campaigns"]:
        start = months_back(office.moments.today, part["months_ago"]) + timedelta(days=9)
        campaign_id = new_id()
        office.campaigns.append((campaign_id, start))
        yield (
            Campaign,
            {
                "id": campaign_id,
                "created_at": made,
                "name": f"{part['name']} {start.year}",
                "name_key": name_key(f"{part['name']} {start.year}"),
                "started_on": start,
                "ended_on": start + timedelta(weeks=part["weeks"]),
                "cost_minor": office.price(part["cost"]),
                "currency": office.currency,
                "description": None,
            },
        )


def tag_rows(office: Office, tickets: list[int]) -> Iterator[TableRow]:
    """Give the tags and what carries them."""
    rng = dice(office.seed, "tags")
    made = office.moments.at(office.moments.ago(700), 9)
    ids = []
    for name in words("office")["tags"]:
        known = office.ground.tags.get(name_key(name))
        ids.append(known or new_id())
        if known is None:
            row: Row = {"id": ids[-1], "created_at": made, "name": name, "name_key": name_key(name)}
            yield Tag, row
    carriers: tuple[tuple[str, list[int], float], ...] = (
        ("contact_id", [person.id for person in office.people], 0.25),
        ("company_id", [firm.id for firm in office.firms], 0.25),
        ("deal_id", [plan.id for plan in office.deals], 0.1),
        ("ticket_id", tickets, 0.08),
    )
    for key, records, share in carriers:
        for record_id in records:
            if rng.random() >= share:
                continue
            for tag_id in rng.sample(ids, 1 if rng.random() < 0.7 else 2):  # noqa: PLR2004
                link: Row = {"id": new_id(), "created_at": office.moments.now, "tag_id": tag_id}
                yield TagLink, link | {k: record_id if k == key else None for k in _OWNER_KEYS}


def custom_rows(office: Office, tickets: list[int]) -> Iterator[TableRow]:
    """Give custom fields of every type and values in them."""
    rng = dice(office.seed, "custom")
    made = office.moments.at(office.moments.ago(700), 9)
    for position, part in enumerate(words("office")["custom_fields"]):
        if (part["kind"], name_key(part["name"])) in office.ground.fields:
            continue
        field_id = new_id()
        yield (
            CustomField,
            {
                "id": field_id,
                "created_at": made,
                "record_kind": part["kind"],
                "name": part["name"],
                "name_key": name_key(part["name"]),
                "type": FieldType(part["type"]),
                "choices": part.get("choices"),
                "position": position,
            },
        )
        share = {"contact": 0.3, "company": 0.6, "deal": 0.25, "ticket": 0.4}[part["kind"]]
        for place, record_id in enumerate(_records(office, part["kind"], tickets)):
            if rng.random() < share:
                yield CustomValue, _value(office, field_id, part, record_id, place, rng)


def _records(office: Office, kind: str, tickets: list[int]) -> list[int]:
    if kind == Contact.__tablename__:
        return [person.id for person in office.people]
    if kind == Company.__tablename__:
        return [firm.id for firm in office.firms if firm.won]
    if kind == Deal.__tablename__:
        return [plan.id for plan in office.deals if plan.kind is StageType.OPEN]
    return tickets if kind == Ticket.__tablename__ else []


def _value(office: Office, field_id: int, part: Row, record_id: int, place: int, rng: Any) -> Row:
    value: Row = dict.fromkeys(
        ("text", "number", "money_minor", "currency", "day", "yes", "linked_id")
    )
    value |= {"id": new_id(), "created_at": office.moments.now}
    value |= {"field_id": field_id, "record_id": record_id}
    kind = FieldType(part["type"])
    if kind is FieldType.CHOICE:
        value["text"] = rng.choice(part["choices"])
    elif kind is FieldType.TEXT:
        value["text"] = f"K-{20_000 + place}"
    elif kind is FieldType.NUMBER:
        value["number"] = Decimal(rng.randint(2, 140))
    elif kind is FieldType.MONEY:
        value |= {
            "money_minor": office.price(rng.randint(4, 90) * 500),
            "currency": office.currency,
        }
    elif kind is FieldType.DATE:
        value["day"] = office.moments.today + timedelta(days=rng.randint(-20, 400))
    elif kind is FieldType.YES_NO:
        value["yes"] = rng.random() < 0.6  # noqa: PLR2004
    return value
