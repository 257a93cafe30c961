"""What hangs on a record: its ways to be reached, addresses, tags, other programs' ids, messages."""  # noqa: E501  data, kept on its line

from collections.abc import Sequence
from typing import Any, Final

from app.exchange.custom_values import write_custom
from app.exchange.ledger import Ledger
from app.exchange.own_tables import SYSTEM
from app.exchange.shaping import PRINTS, Point, Shaped
from app.exchange.state import FileState
from models.clock import now
from models.values import Lifecycle, PointKind, name_key

_PRIMARY: Final = {PointKind.EMAIL: "email", PointKind.PHONE: "phone"}
_WITH_TAGS: Final = frozenset({"contact", "company", "deal", "ticket"})
_STREET: Final = ("street", "postal_code", "city")
_TAKEN: Final = "Another record has this id already; this one was taken without it."


class ChildWriter:
    """Writes the children of one chunk's records; of those already there nothing is doubled."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        self.state = state
        self.ledger = ledger
        self.directory = state.directory

    def columns_for_new(self, kind: str, shaped: Shaped) -> dict[str, Any]:
        """Return the columns of a new record that follow from its children or must be filled."""
        columns: dict[str, Any] = {}
        if kind == "contact":
            columns.setdefault("lifecycle", shaped.columns.get("lifecycle", Lifecycle.LEAD))
            for point in reversed(shaped.points):
                columns |= _copied(point)
        elif kind == "activity":
            columns["at"] = shaped.columns.get("at") or now()
        return columns

    def write(
        self,
        kind: str,
        shaped: Shaped,
        row: dict[str, Any],
        *,
        own: bool,
        blanks_only: bool = False,
        again: bool = False,
    ) -> bool:
        """Add what the row has and the record has not; return whether that is anything.

        `blanks_only`: values of their own fields that are there stay; `again`: and that is said.
        """
        added = self._external(kind, shaped, row, own=own)
        if kind in {"contact", "company"}:
            added = self._points(kind, shaped, row, own=own) or added
            added = self._address(kind, shaped, row, own=own) or added
        if kind in _WITH_TAGS and shaped.tags:
            added = self._tags(kind, shaped, row, own=own) or added
        if shaped.custom:
            added = write_custom(
                self.state, self.ledger, shaped, row, own=own, blanks_only=blanks_only, again=again
            ) or added  # fmt: skip
        if shaped.extra.get("waiting"):
            self._waiting(kind, shaped, row, own=own)
        return added

    def _add(self, child: str, values: dict[str, Any], parent: dict[str, Any], number: int,
             *, own: bool) -> dict[str, Any]:  # fmt: skip
        """Insert a child: of an own record it shares the version, else it is noted by itself."""
        if own:
            return self.ledger.insert(child, values, version=parent["row_version"])
        row = self.ledger.insert(child, values)
        self.ledger.note_created(child, row, number)
        return row

    def _external(self, kind: str, shaped: Shaped, row: dict[str, Any], *, own: bool) -> bool:
        pairs = []
        if shaped.external is not None:
            pairs.append((self.state.plan.system, shaped.external))
        if "own_id" in shaped.extra:
            pairs.append((SYSTEM, shaped.extra["own_id"]))
        if "print" in shaped.extra:
            pairs.append((PRINTS, shaped.extra["print"]))
        added = False
        for system, value in pairs:
            known = self.directory.external(row["id"])
            if known.get(system) is not None or (system == SYSTEM and value == str(row["id"])):
                continue
            holders = self.directory.candidates(kind, f"external:{system}", value)
            if any(holder != row["id"] for holder in holders):
                if system == self.state.plan.system:
                    shaped.draft.complain("external_id", value, _TAKEN)
                continue
            values = {"system": system, "record_kind": kind, "value": value, "record_id": row["id"]}
            self._add("external_id", values, row, shaped.draft.row, own=own)
            known[system] = value
            self.directory.add(kind, f"external:{system}", value, row["id"])
            added = True
        return added

    def _waiting(self, kind: str, shaped: Shaped, row: dict[str, Any], *, own: bool) -> None:
        """Note the links whose target has not come."""
        known = self.directory.children("pending_link", row["id"])
        there = {(link["target_kind"], link["value"], link["column_name"]) for link in known}
        for ref in shaped.extra["waiting"]:
            for target in ref.kinds:
                if (target, ref.value, ref.column) in there:
                    continue
                values = {
                    "system": self.state.plan.system,
                    "target_kind": target,
                    "value": ref.value,
                    "record_kind": kind,
                    "record_id": row["id"],
                    "column_name": ref.column,
                }
                self._add("pending_link", values, row, shaped.draft.row, own=own)
                known.append(values)

    def _points(self, kind: str, shaped: Shaped, row: dict[str, Any], *, own: bool) -> bool:
        if not shaped.points:
            return False
        record_id, is_contact = row["id"], kind == "contact"
        known = self.directory.children("contact_point", record_id)
        there = {(p["kind"], p["normal"]) for p in known}
        last: dict[PointKind, int] = {}
        for p in known:
            last[p["kind"]] = max(p["position"], last.get(p["kind"], -1))
        added = False
        for point in shaped.points:
            if (point.kind, point.normal) in there:
                continue
            is_primary = point.kind not in last
            last[point.kind] = last.get(point.kind, -1) + 1
            values = {
                f"{kind}_id": record_id,
                "kind": point.kind,
                "label": point.label,
                "value": point.value,
                "normal": point.normal,
                "is_primary": is_primary,
                "position": last[point.kind],
            }
            self._add("contact_point", values, row, shaped.draft.row, own=own)
            known.append(values)
            if is_contact and point.kind in _PRIMARY:
                if is_primary:
                    self._copy_primary(point, row, shaped.draft.row, own=own)
                self.directory.add(kind, _PRIMARY[point.kind], point.normal, record_id)
            added = True
        return added

    def _copy_primary(self, point: Point, row: dict[str, Any], number: int, *, own: bool) -> None:
        copied = _copied(point)
        if any(row.get(key) != value for key, value in copied.items()):
            self.ledger.update("contact", row, copied, number, own=own)

    def _address(self, kind: str, shaped: Shaped, row: dict[str, Any], *, own: bool) -> bool:
        wanted = [shaped.address, *shaped.addresses] if shaped.address else shaped.addresses
        if not wanted:
            return False
        known = self.directory.children("address", row["id"])
        added = False
        for address in wanted:
            if any(all(a.get(k) == address.get(k) for k in _STREET) for a in known):
                continue
            values = {f"{kind}_id": row["id"], "position": len(known), **address}
            self._add("address", values, row, shaped.draft.row, own=own)
            known.append(values)
            added = True
        return added

    def _tags(self, kind: str, shaped: Shaped, row: dict[str, Any], *, own: bool) -> bool:
        known = self.directory.children("tag_link", row["id"])
        added = False
        for tag in shaped.tags:
            tag_id = self._tag(tag, shaped.draft.row)
            if tag_id is None or any(link["tag_id"] == tag_id for link in known):
                continue
            values = {"tag_id": tag_id, f"{kind}_id": row["id"]}
            self._add("tag_link", values, row, shaped.draft.row, own=own)
            known.append(values)
            added = True
        return added

    def make_tags(self, rows: Sequence[Shaped]) -> None:
        """Make the tags that rows name, before the records: undone after them, nobody uses them."""
        names = {tag for shaped in rows if not shaped.draft.reject for tag in shaped.tags}
        self.directory.ask("tag", "name", [_tag_key(name) for name in names])
        for shaped in rows:
            for tag in shaped.tags if not shaped.draft.reject else ():
                self._tag(tag, shaped.draft.row)

    def _tag(self, name: str, number: int) -> int | None:
        key = _tag_key(name)
        self.directory.ask("tag", "name", [key])
        found = self.directory.candidates("tag", "name", key)
        if found:
            return found[0]
        row = self.ledger.insert("tag", {"name": name[:80], "name_key": key})
        self.ledger.note_created("tag", row, number)
        self.directory.add("tag", "name", key, row["id"])
        return int(row["id"])


def _tag_key(name: str) -> str:
    return name_key(name)[:80] or name.casefold()[:80]


def _copied(point: Point) -> dict[str, Any]:
    column = _PRIMARY.get(point.kind)
    if column is None:
        return {}
    limit = 320 if column == "email" else 64
    return {column: point.value[:limit], f"{column}_key": point.normal[:limit]}
