"""Finds what is stored already, many at a time, with what this chunk (or a dry run) adds on top."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, String, any_, cast, func, literal, select, tuple_
from sqlalchemy.orm import Session

from app.exchange.ledger import TABLES
from app.exchange.own_tables import SYSTEM
from models.records import (
    Company,
    Contact,
    ContactPoint,
    Deal,
    ExternalId,
    LeadSource,
    Pipeline,
    Product,
    Tag,
    User,
)
from models.values import PointKind

# (kind, space) → the column that holds the key; archived records are not found again by name.
_SPACES: Final[dict[tuple[str, str], ColumnElement[Any]]] = {
    ("user", "name"): User.__table__.c.name_key,
    ("user", "email"): func.lower(User.__table__.c.email, type_=String),
    ("company", "name"): Company.__table__.c.name_key,
    ("product", "name"): Product.__table__.c.name_key,
    ("product", "code"): Product.__table__.c.code,
    ("pipeline", "name"): Pipeline.__table__.c.name_key,
    ("contact", "name"): Contact.__table__.c.name_key,
    ("deal", "name"): Deal.__table__.c.sort_name,
    ("lead_source", "name"): LeadSource.__table__.c.name_key,
    ("tag", "name"): Tag.__table__.c.name_key,
}
_NOTHING: Final[Mapping[str, list[int]]] = {}
# Of children that come by the thousand only what is compared.
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {"contact_point": ("kind", "normal", "position")}
NAME_AT: Final = "name at company"
_ID_DIGITS: Final = 19  # ids have 63 bits
_POINTS: Final = {
    "email": PointKind.EMAIL,
    "phone": PointKind.PHONE,
    "social": PointKind.SOCIAL,
}


def name_at(key: str, company_id: int | None) -> str:
    """Return the key of a person's name at a company, or at none."""
    return f"{key}|{company_id or ''}"


class Directory:
    """Answers "who is this?" for one chunk; with `keep`, additions last over chunks."""

    def __init__(self, *, keep: bool = False) -> None:
        self._keep = keep
        self._asked: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._found: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(dict)
        self._added: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(dict)
        self._current: dict[int, dict[str, Any]] = {}
        self._made: dict[int, dict[str, Any]] = {}
        self._children: dict[str, dict[int, list[dict[str, Any]]]] = {}
        self._ids: dict[int, dict[str, str]] = {}
        self.session: Session | None = None

    def begin(self, session: Session) -> None:
        """Start a chunk: what was read before may have changed since."""
        self.session = session
        self._asked.clear()
        self._found.clear()
        self._current.clear()
        if not self._keep:
            self._children.clear()
            self._ids.clear()
            self._added.clear()
            self._made.clear()

    def ask(self, kind: str, space: str, keys: Iterable[str]) -> None:
        """Look up many keys at once."""
        asked = self._asked[kind, space]
        wanted = [key for key in dict.fromkeys(keys) if key and key not in asked]
        if not wanted:
            return
        asked.update(wanted)
        known = self._found[kind, space]
        for key, record_id in self._read(kind, space, wanted):
            known.setdefault(key, []).append(record_id)

    def _read(self, kind: str, space: str, keys: Sequence[str]) -> list[tuple[str, int]]:
        assert self.session is not None  # noqa: S101  begin() comes first
        system = space.removeprefix("external:")
        if system != space:
            statement = select(ExternalId.value, ExternalId.record_id).where(
                ExternalId.system == system,
                ExternalId.record_kind == kind,
                self.among(ExternalId.__table__.c.value, keys),
            )
        elif space == NAME_AT:
            return self._read_names(keys)
        elif kind == "contact" and space in _POINTS:
            statement = (
                select(ContactPoint.normal, Contact.id)
                .join(Contact, Contact.id == ContactPoint.contact_id)
                .where(
                    ContactPoint.kind == _POINTS[space],
                    self.among(ContactPoint.__table__.c.normal, keys),
                    Contact.archived_at.is_(None),
                )
                .order_by(Contact.id)
            )
        else:
            column = _SPACES[kind, space]
            table = TABLES[kind]
            statement = (
                select(column, table.c.id)
                .where(self.among(column, keys), table.c.archived_at.is_(None))
                .order_by(table.c.id)
            )
        found = [(str(row[0]), int(row[1])) for row in self.session.execute(statement)]
        return found + self._own_ids(kind, keys) if system == SYSTEM else found

    def _own_ids(self, kind: str, keys: Sequence[str]) -> list[tuple[str, int]]:
        """Return the records that our own export names by the ids they have here."""
        assert self.session is not None  # noqa: S101  begin() comes first
        ids = [int(key) for key in keys if key.isdecimal() and len(key) <= _ID_DIGITS]
        ids = [x for x in ids if x < 2**63]
        if not ids:
            return []
        column = TABLES[kind].c.id
        rows = self.session.scalars(select(column).where(self.among(column, ids)))
        return [(str(x), int(x)) for x in rows]

    def _read_names(self, keys: Sequence[str]) -> list[tuple[str, int]]:
        assert self.session is not None  # noqa: S101  begin() comes first
        there: list[tuple[str, int]] = []
        nowhere: list[str] = []
        for key in keys:
            name, _, company = key.rpartition("|")
            if not company:
                nowhere.append(name)
            elif not self.is_made(int(company)):  # at one made just now nobody stored can be
                there.append((name, int(company)))
        contact = Contact.__table__.c
        conditions = []
        if there:
            conditions.append(self._among_pairs(contact.name_key, contact.company_id, there))
        if nowhere:
            conditions.append(self.among(contact.name_key, nowhere) & contact.company_id.is_(None))
        found: list[tuple[str, int]] = []
        for condition in conditions:  # one by one: an OR of both would read far more than it gives
            statement = (
                select(contact.name_key, contact.company_id, contact.id)
                .where(condition, contact.archived_at.is_(None))
                .order_by(contact.id)
            )
            rows = self.session.execute(statement)
            found += [(name_at(name, company), record_id) for name, company, record_id in rows]
        return found

    def candidates(self, kind: str, space: str, key: str) -> Sequence[int]:
        """Return the ids known under a key, oldest first, of what was asked for or added."""
        place = kind, space
        stored = self._found.get(place, _NOTHING).get(key, ())
        added = self._added.get(place, _NOTHING).get(key)
        return [*stored, *(x for x in added if x not in stored)] if added else stored

    def all_candidates(self, kind: str, space: str, keys: Iterable[str]) -> dict[int, None]:
        """Return the ids known under any of many keys, each once, in their order."""
        found: dict[int, None] = {}
        place = kind, space
        stored, added = self._found.get(place, _NOTHING), self._added.get(place, _NOTHING)
        if not stored and not added:
            return found
        for key in keys:
            for record_id in stored.get(key, ()):
                found[record_id] = None
            for record_id in added.get(key, ()):
                found[record_id] = None
        return found

    def add(self, kind: str, space: str, key: str, record_id: int) -> None:
        """Remember a key of a new or changed record."""
        ids = self._added[kind, space].setdefault(key, [])
        if key and record_id not in ids:
            ids.append(record_id)

    def add_made(self, row: dict[str, Any]) -> None:
        """Remember a new record's values."""
        self._made[row["id"]] = row

    def load(self, kind: str, ids: Iterable[int]) -> None:
        """Read the stored values of records that will be compared."""
        assert self.session is not None  # noqa: S101  begin() comes first
        wanted = self._unknown(ids, self._current)
        if not wanted:
            return
        table = TABLES[kind]
        for row in self.session.execute(select(table).where(self.among(table.c.id, wanted))):
            self._current[row.id] = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name

    def current(self, record_id: int) -> dict[str, Any] | None:
        """Return a record's values as this chunk sees them."""
        return self._made.get(record_id) or self._current.get(record_id)

    def is_made(self, record_id: int) -> bool:
        """Say whether the record was made by this chunk or dry run."""
        return record_id in self._made

    def load_children(self, child: str, owner: str, ids: Iterable[int]) -> None:
        """Read what hangs on records: contact points, addresses, lines, tags."""
        assert self.session is not None  # noqa: S101  begin() comes first
        table = TABLES[child]
        known = self._children.setdefault(child, {})
        wanted = self._unknown(ids, known)
        if not wanted:
            return
        for record_id in wanted:
            known[record_id] = []
        keys = (owner, *_NEEDED[child]) if child in _NEEDED else tuple(table.c.keys())
        columns = [table.c[key] for key in keys]
        where = self.among(table.c[owner], wanted)
        for row in self.session.execute(select(*columns).where(where)):
            values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name
            known[values[owner]].append(values)

    def children(self, child: str, record_id: int) -> list[dict[str, Any]]:
        """Return what hangs on a record; append to it what the chunk adds."""
        return self._children.setdefault(child, {}).setdefault(record_id, [])

    def compact(self) -> None:
        """Keep of what a dry run made only what is filled."""
        for record_id, row in self._made.items():
            if None in row.values():
                self._made[record_id] = {k: v for k, v in row.items() if v is not None}

    def load_external(self, kind: str, ids: Iterable[int]) -> None:
        """Read which ids other systems use for records."""
        assert self.session is not None  # noqa: S101  begin() comes first
        wanted = self._unknown(ids, self._ids)
        if not wanted:
            return
        for record_id in wanted:
            self._ids[record_id] = {}
        stored = ExternalId.__table__.c
        rows = self.session.execute(
            select(stored.record_id, stored.system, stored.value).where(
                stored.record_kind == kind, self.among(stored.record_id, wanted)
            )
        )
        for record_id, system, value in rows:
            self._ids[record_id][system] = value

    def external(self, record_id: int) -> dict[str, str]:
        """Return the ids of other systems for a record, by system."""
        return self._ids.setdefault(record_id, {})

    def _unknown(self, ids: Iterable[int], known: dict[int, Any]) -> list[int]:
        return [x for x in dict.fromkeys(ids) if x not in known and x not in self._made]

    def among(self, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        """Return the condition that a column holds one of many values, as one parameter.

        A parameter for each value has the statement's text made anew for every chunk.
        """
        assert self.session is not None  # noqa: S101  begin() comes first
        if self.session.get_bind().dialect.name == "sqlite":
            each = func.json_each(json.dumps(values, ensure_ascii=False)).table_valued("value")
            return column.in_(select(each.c.value))
        return column == any_(_array(values, column))

    def _among_pairs(
        self, one: ColumnElement[Any], two: ColumnElement[Any], pairs: Sequence[tuple[Any, Any]]
    ) -> ColumnElement[bool]:
        """Return the condition that two columns hold one of many pairs of values."""
        assert self.session is not None  # noqa: S101  begin() comes first
        if self.session.get_bind().dialect.name == "sqlite":
            each = func.json_each(json.dumps(pairs, ensure_ascii=False)).table_valued("value")
            wanted = select(*(func.json_extract(each.c.value, f"$[{n}]") for n in (0, 1)))
        else:
            series = zip((one, two), zip(*pairs, strict=True), strict=True)
            wanted = select(*(func.unnest(_array(list(x), column)) for column, x in series))
        return tuple_(one, two).in_(wanted)


def _array(values: Sequence[Any], column: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(literal(values, ARRAY(column.type)), ARRAY(column.type))
