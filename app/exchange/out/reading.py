"""Reads records with all that belongs to them, a page at a time, for what goes out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from app.exchange.own_tables import COLUMNS
from app.search import MIN_LETTERS, matching_ids, search_words
from models.records import (
    RECORDS,
    Address,
    ContactPoint,
    CustomField,
    Tag,
    TagLink,
)
from models.values import FieldType, Money, PointKind

PAGE: Final = 1_000  # records read at once
MATCHES: Final = 1_000_000
_TITLE: Final = {
    "task": "title", "appointment": "title", "activity": "subject", "ticket": "subject",
    "order": "number",
}  # fmt: skip
_REACHED: Final = frozenset({"contact", "company"})
_TAGGED: Final = frozenset({"contact", "company", "deal", "ticket"})
_LINES: Final = {"deal": "deal_line", "order": "order_line"}
_PIECE: Final = 500
_POINT_PLACES: Final = {kind: place for place, kind in enumerate(PointKind)}
_BOOKKEEPING: Final = frozenset({"created_at", "updated_at", "row_version", "archived_at"})


_HOLDS: Final = {
    FieldType.NUMBER: "number",
    FieldType.DATE: "day",
    FieldType.YES_NO: "yes",
    FieldType.LINK: "linked_id",
}


@dataclass(frozen=True, slots=True)
class CustomKey:
    """A field of the workspace's own."""

    name: str
    type: FieldType


@dataclass(frozen=True, slots=True)
class Extent:
    """How many columns a list needs for what each of its records may have several of."""

    points: Mapping[PointKind, int] = field(default_factory=dict)
    addresses: int = 0
    custom: tuple[CustomKey, ...] = ()


@dataclass(slots=True)
class Item:
    """A record: its columns as stored, the names of what it links to, and what belongs to it."""

    kind: str
    values: dict[str, Any]
    names: dict[str, str] = field(default_factory=dict)  # link's column → name
    points: list[dict[str, Any]] = field(default_factory=list)  # the primary ones first
    addresses: list[dict[str, Any]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    custom: dict[CustomKey, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def money(self, column: str) -> Decimal | None:
        """Return an amount in major units."""
        return self.money_of(self.values.get(column))

    def money_of(self, minor: int | None) -> Decimal | None:
        """Return minor units of the record's currency in major units."""
        if minor is None:
            return None
        money = Money(minor, self.values.get("currency") or "EUR")
        return Decimal(money.text())


def table_of(kind: str) -> Table:
    """Return the table of a kind."""
    return cast("Table", RECORDS[kind].__table__)


def matching(session: Session, kind: str, words: str) -> list[int]:
    """Return the ids of the records of a kind in which words occur, archived ones left out."""
    table = table_of(kind)
    live = select(table.c.id).where(table.c.archived_at.is_(None)).order_by(table.c.id)
    if sum(map(len, search_words(words))) < MIN_LETTERS or kind == "event":
        name = table.c[_TITLE.get(kind, "name")]
        return list(session.scalars(live.where(name.icontains(words.strip(), autoescape=True))))
    ids = matching_ids(session, words, kind, limit=MATCHES)
    found: list[int] = []
    for start in range(0, len(ids), _PIECE):
        found += session.scalars(live.where(table.c.id.in_(ids[start : start + _PIECE])))
    return sorted(found)


def count_records(session: Session, kind: str) -> int:
    """Return how many records of a kind there are, archived ones left out."""
    table = table_of(kind)
    statement = select(func.count()).select_from(table).where(table.c.archived_at.is_(None))
    return int(session.scalar(statement) or 0)


def extent_of(session: Session, kind: str) -> Extent:
    """Return how many columns the records of a kind need at most."""
    points: dict[PointKind, int] = {}
    addresses = 0
    if kind in _REACHED:
        owner = getattr(ContactPoint, f"{kind}_id")
        each = (
            select(ContactPoint.kind.label("kind"), func.count().label("n"))
            .where(owner.is_not(None))
            .group_by(owner, ContactPoint.kind)
            .subquery()
        )
        rows = session.execute(select(each.c.kind, func.max(each.c.n)).group_by(each.c.kind))
        points = {PointKind(kind): int(n) for kind, n in rows}
        owner = getattr(Address, f"{kind}_id")
        numbers = (
            select(func.count().label("n")).where(owner.is_not(None)).group_by(owner).subquery()
        )
        addresses = int(session.scalar(select(func.max(numbers.c.n))) or 0)
    fields = session.execute(
        select(CustomField.name, CustomField.type)
        .where(CustomField.record_kind == kind, CustomField.archived_at.is_(None))
        .order_by(CustomField.position, CustomField.name_key)
    )
    return Extent(points, addresses, tuple(CustomKey(name, type_) for name, type_ in fields))


def read_after(session: Session, kind: str, after: int) -> list[Item]:
    """Return the next page of the records of a kind, by id; an empty one at the end."""
    table = table_of(kind)
    statement = (
        select(table)
        .where(table.c.id > after, table.c.archived_at.is_(None))
        .order_by(table.c.id)
        .limit(PAGE)
    )
    return _completed(session, kind, _items(session, kind, statement))


def read_ids(session: Session, kind: str, ids: Sequence[int]) -> list[Item]:
    """Return records in the order of their ids; those that are gone meanwhile are left out."""
    table = table_of(kind)
    items: dict[int, Item] = {}
    for piece in _pieces(ids):
        for item in _items(session, kind, select(table).where(table.c.id.in_(piece))):
            items[item.values["id"]] = item
    return _completed(session, kind, [items[x] for x in ids if x in items])


def _items(session: Session, kind: str, statement: Any) -> list[Item]:
    result = session.execute(statement)
    names = tuple(result.keys())
    return [Item(kind, dict(zip(names, row, strict=True))) for row in result.all()]


def _completed(session: Session, kind: str, items: list[Item]) -> list[Item]:
    if not items:
        return items
    by_id = {item.values["id"]: item for item in items}
    _add_names(session, kind, items)
    if kind in _REACHED:
        _add_ways(session, kind, by_id)
    if kind in _TAGGED:
        _add_tags(session, kind, by_id)
    _add_custom(session, kind, by_id)
    if kind in _LINES:
        _add_lines(session, kind, by_id)
    if kind == "ticket":
        _add_messages(session, by_id)
    return items


def _add_ways(session: Session, kind: str, by_id: Mapping[int, Item]) -> None:
    column = f"{kind}_id"
    for row in _children(session, "contact_point", column, by_id):
        by_id[row[column]].points.append(row)
    for row in _children(session, "address", column, by_id):
        by_id[row[column]].addresses.append(row)
    for item in by_id.values():
        item.points.sort(key=_place_of_point)
        item.addresses.sort(key=lambda a: (a["position"], a["id"]))


def _add_messages(session: Session, by_id: Mapping[int, Item]) -> None:
    messages = list(_children(session, "ticket_message", "ticket_id", by_id))
    _add_authors(session, messages)
    for row in sorted(messages, key=lambda m: (m["at"], m["id"])):
        by_id[row["ticket_id"]].messages.append(row)


def _place_of_point(point: Mapping[str, Any]) -> tuple[int, bool, int, int]:
    kind = _POINT_PLACES[point["kind"]]
    return kind, not point["is_primary"], point["position"], point["id"]


def _add_names(session: Session, kind: str, items: Sequence[Item]) -> None:
    """Read what links point to, once for a page."""
    wanted = [c.source[1:] for c in COLUMNS[kind] if c.source.startswith("@")]
    table = table_of(kind)
    for column in wanted:
        target = next(iter(table.c[column].foreign_keys)).column.table
        title = target.c[_TITLE.get(target.name, "name")]
        ids = dict.fromkeys(x for item in items if (x := item.values[column]) is not None)
        names: dict[int, str] = {}
        for piece in _pieces(list(ids)):
            rows = session.execute(select(target.c.id, title).where(target.c.id.in_(piece)))
            names |= {row[0]: row[1] for row in rows if row[1] is not None}
        for item in items:
            name = names.get(item.values[column])
            if name is not None:
                item.names[column] = name


def _children(
    session: Session, child: str, column: str, ids: Iterable[int]
) -> Iterator[dict[str, Any]]:
    table = table_of(child)
    columns = [column for column in table.columns if column.name not in _BOOKKEEPING]
    names = [column.name for column in columns]
    for piece in _pieces(list(ids)):
        statement = select(*columns).where(
            table.c[column].in_(piece), table.c.archived_at.is_(None)
        )
        # All at once: row by row takes twice as long.
        for row in session.execute(statement).all():
            yield dict(zip(names, row, strict=True))


def _add_tags(session: Session, kind: str, by_id: Mapping[int, Item]) -> None:
    owner = getattr(TagLink, f"{kind}_id")
    for piece in _pieces(list(by_id)):
        rows = session.execute(
            select(owner, Tag.name)
            .join(Tag, Tag.id == TagLink.tag_id)
            .where(owner.in_(piece))
            .order_by(Tag.name_key)
        )
        for record_id, name in rows:
            by_id[record_id].tags.append(name)


def _add_custom(session: Session, kind: str, by_id: Mapping[int, Item]) -> None:
    fields = {
        found.id: CustomKey(found.name, found.type)
        for found in session.scalars(select(CustomField).where(CustomField.record_kind == kind))
    }
    if not fields:
        return
    for row in _children(session, "custom_value", "record_id", by_id):
        key = fields.get(row["field_id"])
        if key is not None:
            by_id[row["record_id"]].custom[key] = _custom_value(key.type, row)


def _custom_value(type_: FieldType, row: Mapping[str, Any]) -> Any:
    if type_ is FieldType.MONEY:
        if row["money_minor"] is None or row["currency"] is None:
            return None
        return Money(row["money_minor"], row["currency"])
    return row[_HOLDS.get(type_, "text")]


def _add_lines(session: Session, kind: str, by_id: Mapping[int, Item]) -> None:
    column = f"{kind}_id"
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _children(session, _LINES[kind], column, by_id):
        found[row[column]].append(row)
    products = table_of("product")
    ids = list({r["product_id"] for rows in found.values() for r in rows if r["product_id"]})
    names: dict[int, str] = {}
    for piece in _pieces(ids):
        rows = session.execute(
            select(products.c.id, products.c.name).where(products.c.id.in_(piece))
        )
        names |= {row[0]: row[1] for row in rows}
    for record_id, lines in found.items():
        for line in lines:
            line["product"] = names.get(line["product_id"])
        by_id[record_id].lines = sorted(lines, key=lambda x: (x["position"], x["id"]))


def _add_authors(session: Session, messages: Sequence[dict[str, Any]]) -> None:
    for kind in ("contact", "user"):
        table = table_of(kind)
        wanted = list({m[f"{kind}_id"] for m in messages if m[f"{kind}_id"] is not None})
        names: dict[int, str] = {}
        for piece in _pieces(wanted):
            rows = session.execute(select(table.c.id, table.c.name).where(table.c.id.in_(piece)))
            names |= {row[0]: row[1] for row in rows}
        for message in messages:
            message["author"] = names.get(message[f"{kind}_id"], message.get("author"))


def _pieces(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _PIECE):
        yield list(ids[start : start + _PIECE])
