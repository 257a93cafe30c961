"""Finds what is stored already, many at a time, with what this chunk (or a dry run) adds on top."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.exchange.ledger import TABLES
from models.records import (
    Company,
    Contact,
    ContactPoint,
    Deal,
    ExternalId,
    LeadSource,
    Product,
    Tag,
    User,
)
from models.values import PointKind

_PIECE: Final = 900

# (kind, space) → the column that holds the key; archived records are not found again by name.
_SPACES: Final[dict[tuple[str, str], ColumnElement[Any]]] = {
    ("user", "name"): User.__table__.c.name_key,
    ("user", "email"): func.lower(User.__table__.c.email),
    ("company", "name"): Company.__table__.c.name_key,
    ("product", "name"): Product.__table__.c.name_key,
    ("product", "code"): Product.__table__.c.code,
    ("contact", "name"): Contact.__table__.c.name_key,
    ("deal", "name"): Deal.__table__.c.sort_name,
    ("lead_source", "name"): LeadSource.__table__.c.name_key,
    ("tag", "name"): Tag.__table__.c.name_key,
}
NAME_AT: Final = "name at company"
_POINTS: Final = {"email": PointKind.EMAIL, "phone": PointKind.PHONE}


def name_at(key: str, company_id: int | None) -> str:
    """Return the key of a person's name at a company, or at none."""
    return f"{key}|{company_id or ''}"


class Directory:
    """Answers "who is this?" for one chunk; with `keep`, additions last over chunks."""

    def __init__(self, *, keep: bool = False) -> None:
        self._keep = keep
        self._found: dict[tuple[str, str], dict[str, list[int]]] = {}
        self._added: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(dict)
        self._current: dict[int, dict[str, Any]] = {}
        self._made: dict[int, dict[str, Any]] = {}
        self._children: dict[str, dict[int, list[dict[str, Any]]]] = {}
        self._ids: dict[int, dict[str, str]] = {}
        self.session: Session | None = None

    def begin(self, session: Session) -> None:
        """Start a chunk: what was read before may have changed since."""
        self.session = session
        self._found.clear()
        self._current.clear()
        if not self._keep:
            self._children.clear()
            self._ids.clear()
            self._added.clear()
            self._made.clear()

    def ask(self, kind: str, space: str, keys: Iterable[str]) -> None:
        """Look up many keys at once."""
        known = self._found.setdefault((kind, space), {})
        wanted = [key for key in dict.fromkeys(keys) if key and key not in known]
        for start in range(0, len(wanted), _PIECE):
            piece = wanted[start : start + _PIECE]
            for key in piece:
                known[key] = []
            for key, record_id in self._read(kind, space, piece):
                known[key].append(record_id)

    def _read(self, kind: str, space: str, keys: Sequence[str]) -> list[tuple[str, int]]:
        assert self.session is not None  # noqa: S101  begin() comes first
        system = space.removeprefix("external:")
        if system != space:
            statement = select(ExternalId.value, ExternalId.record_id).where(
                ExternalId.system == system,
                ExternalId.record_kind == kind,
                ExternalId.value.in_(keys),
            )
        elif space == NAME_AT:
            return self._read_names(keys)
        elif kind == "contact" and space in _POINTS:
            statement = (
                select(ContactPoint.normal, Contact.id)
                .join(Contact, Contact.id == ContactPoint.contact_id)
                .where(
                    ContactPoint.kind == _POINTS[space],
                    ContactPoint.normal.in_(keys),
                    Contact.archived_at.is_(None),
                )
                .order_by(Contact.id)
            )
        else:
            column = _SPACES[kind, space]
            table = TABLES[kind]
            statement = (
                select(column, table.c.id)
                .where(column.in_(keys), table.c.archived_at.is_(None))
                .order_by(table.c.id)
            )
        return [(str(row[0]), int(row[1])) for row in self.session.execute(statement)]

    def _read_names(self, keys: Sequence[str]) -> list[tuple[str, int]]:
        assert self.session is not None  # noqa: S101  begin() comes first
        wanted = set(keys)
        names = {key.rpartition("|")[0] for key in keys}
        companies = {int(company) for key in keys if (company := key.rpartition("|")[2])}
        rows = self.session.execute(
            select(Contact.name_key, Contact.company_id, Contact.id)
            .where(
                Contact.name_key.in_(names),
                Contact.company_id.in_(companies) | Contact.company_id.is_(None),
                Contact.archived_at.is_(None),
            )
            .order_by(Contact.id)
        )
        found = ((name_at(name, company), record_id) for name, company, record_id in rows)
        return [(key, record_id) for key, record_id in found if key in wanted]

    def candidates(self, kind: str, space: str, key: str) -> list[int]:
        """Return the ids known under a key, oldest first, of what was asked for or added."""
        stored = self._found.get((kind, space), {}).get(key, [])
        added = self._added.get((kind, space), {}).get(key, [])
        return stored + [x for x in added if x not in stored] if added else stored

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
        table = TABLES[kind]
        for piece in self._pieces(ids, self._current):
            rows = self.session.execute(select(table).where(table.c.id.in_(piece)))
            for row in rows:
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
        for piece in self._pieces(ids, known):
            for record_id in piece:
                known[record_id] = []
            found = self.session.execute(select(table).where(table.c[owner].in_(piece)))
            for row in found:
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
        for piece in self._pieces(ids, self._ids):
            for record_id in piece:
                self._ids[record_id] = {}
            rows = self.session.execute(
                select(ExternalId.record_id, ExternalId.system, ExternalId.value).where(
                    ExternalId.record_kind == kind, ExternalId.record_id.in_(piece)
                )
            )
            for record_id, system, value in rows:
                self._ids[record_id][system] = value

    def external(self, record_id: int) -> dict[str, str]:
        """Return the ids of other systems for a record, by system."""
        return self._ids.setdefault(record_id, {})

    def _pieces(self, ids: Iterable[int], known: dict[int, Any]) -> Iterable[list[int]]:
        wanted = [x for x in dict.fromkeys(ids) if x not in known and x not in self._made]
        return (wanted[i : i + _PIECE] for i in range(0, len(wanted), _PIECE))
