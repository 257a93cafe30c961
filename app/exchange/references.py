"""Links by another program's ids, in whatever order the files come."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.exchange.ledger import Ledger
from app.exchange.shaping import Shaped
from app.exchange.state import FileState
from models.records import PendingLink

Place = tuple[str, int, str]  # kind, record and column that wait


class References:
    """Makes the links that waited for the records of a chunk."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        self.state = state
        self.ledger = ledger
        self.directory = state.directory

    def settle(self, by_kind: Mapping[str, Sequence[Shaped]]) -> None:
        """Link what waited, here or in the store, for one of these rows' records."""
        system = self.state.plan.system
        ids: dict[str, set[str]] = {
            kind: {each.external for each in shaped if each.external is not None}
            for kind, shaped in by_kind.items()
        }
        for row in self.ledger.inserts.get("external_id", ()):  # also of what rows only name
            if row["system"] == system:
                ids.setdefault(row["record_kind"], set()).add(row["value"])
        for kind, came in ids.items():
            if not came:
                continue
            waiting: list[tuple[str, Place]] = [
                (str(row["value"]), (row["record_kind"], row["record_id"], row["column_name"]))
                for row in self.ledger.inserts.get("pending_link", ())
                if row["target_kind"] == kind and row["value"] in came
            ]
            waiting += self._stored(system, kind, sorted(came))
            self._link(system, kind, waiting)

    def _stored(self, system: str, kind: str, values: list[str]) -> list[tuple[str, Place]]:
        link = PendingLink.__table__.c
        session = self.directory.session
        assert session is not None  # noqa: S101  begin() comes first
        rows = session.execute(
            select(link.value, link.record_kind, link.record_id, link.column_name).where(
                link.system == system,
                link.target_kind == kind,
                self.directory.among(link.value, values),
            )
        )
        return [(value, (owner, record_id, column)) for value, owner, record_id, column in rows]

    def _link(self, system: str, kind: str, waiting: Sequence[tuple[str, Place]]) -> None:
        by_owner: dict[str, list[int]] = {}
        for _, (owner, record_id, _) in waiting:
            by_owner.setdefault(owner, []).append(record_id)
        for owner, ids in by_owner.items():
            self.directory.load(owner, ids)
        for value, (owner, record_id, column) in waiting:
            found = self.directory.candidates(kind, f"external:{system}", value)
            current: dict[str, Any] | None = self.directory.current(record_id)
            if not found or current is None or current.get(column) is not None:
                continue
            if found[0] == record_id:
                continue
            own = self.state.touched.get(record_id) in {"created", "made"}
            changes = {column: found[0], **self._further(owner, current, column)}
            self.ledger.update(owner, current, changes, None, own=own)

    def _further(self, owner: str, current: Mapping[str, Any], column: str) -> dict[str, Any]:
        """Return what else follows from a link that is made now."""
        if owner != "ticket_message":
            return {}
        from app.exchange.kinds.ticket_message import when_linked

        return when_linked(current, column)
