"""Takes a chunk of drafts: finds what they link to and who they are, and writes the difference."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.exchange.children import ChildWriter
from app.exchange.counts import Outcome, Problem
from app.exchange.deal_book import DealBook
from app.exchange.directory import NAME_AT, name_at
from app.exchange.drafts import Draft
from app.exchange.ledger import Ledger
from app.exchange.links import LinkFinder
from app.exchange.matching import find_match
from app.exchange.shaping import Shaped
from app.exchange.state import FileState, Pending

_NAMES: Final = frozenset({"name", "name_key", "sort_name"})
_WITH_POINTS: Final = frozenset({"contact", "company"})
SELF_LINKS: Final = {"company": "parent_id", "user": "manager_id"}


def _at_company(space: str, key: str, shaped: Shaped) -> tuple[str, str]:
    """Turn a person's name into the name at a company.

    By the name alone each chunk would read all people of its names: at 100,000 rows with common
    names that was most of the base, and the import took six times as long.
    """
    if space != "name":
        return space, key
    return NAME_AT, name_at(key, shaped.columns.get("company_id"))


class ChunkPlanner:
    """One chunk of one file; used once."""

    def __init__(self, state: FileState, session: Session, ledger: Ledger) -> None:
        self.state = state
        self.kind = state.plan.kind
        self.ledger = ledger
        self.directory = state.directory
        self.directory.begin(session)
        self.links = LinkFinder(state, ledger)
        self.children = ChildWriter(state, ledger)
        self.deals = DealBook(state, ledger) if self.kind == "deal" else None
        self.outcomes: Counter[Outcome] = Counter()
        self.problems: list[Problem] = []
        self.not_taken: list[tuple[Draft, str]] = []

    def take(self, rows: Sequence[Shaped]) -> None:
        """Take the rows in their order."""
        shaped = []
        for each in rows:
            draft = each.draft
            if draft.reject:
                self._refuse(draft, Outcome.SKIPPED if draft.blank else Outcome.FAILED)
            else:
                shaped.append(each)
        self.links.resolve(shaped)
        if self.kind == "contact":
            for each in shaped:
                each.keys = [_at_company(space, key, each) for space, key in each.keys]
        self._look_up(shaped)
        for each in shaped:
            self._take_row(each)
            self.problems += each.draft.problems
        self._settle_pending()

    def finish(self) -> None:
        """After the last row: make the records of the same kind that no row was about."""
        names = [pending.name for pending in self.state.pending]
        self.links.ask(self.kind, names)
        self.directory.load(self.kind, [p.record_id for p in self.state.pending])
        self._settle_pending(make=True)

    def _refuse(self, draft: Draft, outcome: Outcome) -> None:
        self.outcomes[outcome] += 1
        self.problems += draft.problems
        self.problems.append(Problem(draft.row, "", "", draft.reject))
        self.not_taken.append((draft, draft.reject))

    def _look_up(self, shaped: Sequence[Shaped]) -> None:
        """Ask for all keys, then read all candidates: a few statements for a thousand rows."""
        keys: dict[str, list[str]] = defaultdict(list)
        for each in shaped:
            for space, key in each.keys:
                keys[space].append(key)
        ids: dict[int, None] = {}
        for space, wanted in keys.items():
            self.directory.ask(self.kind, space, wanted)
            ids.update(self.directory.all_candidates(self.kind, space, wanted))
        self.directory.load(self.kind, ids)
        self.directory.load_external(self.kind, ids)
        if self.kind in _WITH_POINTS:
            self.directory.load_children("contact_point", f"{self.kind}_id", ids)
            self.directory.load_children("address", f"{self.kind}_id", ids)
        if self.kind == "deal":
            self.directory.load_children("deal_line", "deal_id", ids)
        if self.kind in {"contact", "company", "deal", "ticket"}:
            self.directory.load_children("tag_link", f"{self.kind}_id", ids)

    def _take_row(self, shaped: Shaped) -> None:
        found = find_match(
            shaped, self.kind, self.directory, self.state.plan.system, self.state.touched
        )
        if found is None:
            self._create(shaped)
            self.outcomes[Outcome.CREATED] += 1
            return
        before = self.state.touched.get(found)
        changed = self._update(found, shaped, again=before is not None)
        if before is None:
            self.state.touched[found] = "updated" if changed else "seen"
            self.outcomes[Outcome.UPDATED if changed else Outcome.UNCHANGED] += 1
        elif changed or before != "seen":
            self.outcomes[Outcome.MERGED] += 1
            if changed and before == "seen":
                self.state.touched[found] = "updated"
        else:
            self.outcomes[Outcome.UNCHANGED] += 1

    def _create(self, shaped: Shaped) -> None:
        values = {**shaped.defaults, **shaped.soft, **shaped.columns}
        if self.deals is not None:
            values |= self.deals.columns_for_new(shaped)
        values |= self.children.columns_for_new(self.kind, shaped)
        row = self.ledger.insert(self.kind, values)
        self.ledger.note_created(self.kind, row, shaped.draft.row)
        self.directory.add_made(row)
        self.state.touched[row["id"]] = "created"
        for space, key in shaped.keys:
            self.directory.add(self.kind, space, key, row["id"])
        if self.kind == "contact":
            self.directory.add("contact", "name", row["name_key"], row["id"])
        self._link_self(shaped, row)
        if self.deals is not None:
            self.deals.write_history(shaped, row)
        self.children.write(self.kind, shaped, row, own=True)

    def _update(self, record_id: int, shaped: Shaped, *, again: bool) -> bool:
        """Bring a record up to the row; a second row of one file fills blanks only."""
        current = self.directory.current(record_id) or {}
        own = self.state.touched.get(record_id) == "created"
        wanted = dict(shaped.columns)
        if shaped.extra.get("nameless") or shaped.extra.get("named_by_us"):
            for key in _NAMES:
                wanted.pop(key, None)
        elif current.get("name") == wanted.get("name") and self.kind == "contact":
            wanted.pop("sort_name", None)
        if self.deals is not None:
            wanted |= self.deals.columns_for_known(shaped, current, again=again)
        changes = {
            key: value
            for key, value in wanted.items()
            if current.get(key) != value and not (again and current.get(key) is not None)
        }
        changes |= {k: v for k, v in shaped.soft.items() if current.get(k) is None}
        if again:
            self._tell_kept(shaped, wanted, current)
        if changes:
            self.ledger.update(self.kind, current, changes, shaped.draft.row, own=own)
            for space, key in shaped.keys:
                self.directory.add(self.kind, space, key, record_id)
        linked = self._link_self(shaped, current, own=own, again=again)
        more = self.deals is not None and self.deals.write_move(shaped, current, own=own)
        more = self.children.write(self.kind, shaped, current, own=own) or more
        return bool(changes) or linked or more

    def _tell_kept(
        self, shaped: Shaped, wanted: Mapping[str, Any], current: Mapping[str, Any]
    ) -> None:
        """Say what a second row of one file would have changed, so that nothing is lost unsaid."""
        for field, value in shaped.draft.values.items():
            known = current.get(field)
            if field in wanted and known is not None and known != wanted[field]:
                shaped.draft.complain(
                    field, str(value), f"An earlier row of this file says “{known}”; that was kept."
                )

    def _link_self(
        self, shaped: Shaped, current: dict[str, Any], *, own: bool = True, again: bool = False
    ) -> bool:
        """Link to a record of the same kind, now or once it has come; return whether it is new."""
        column = SELF_LINKS.get(self.kind)
        if column is None or column not in shaped.links:
            return False
        if again and current.get(column) is not None:
            return False
        _, name = shaped.links[column]
        target = self.links.find(self.kind, name)
        if target is None:
            self.state.pending.append(Pending(current["id"], column, name, shaped.draft.row))
            return True
        if target == current["id"]:
            field = "parent" if self.kind == "company" else "manager"
            shaped.draft.complain(field, name, "This points to the row itself; it was left out.")
            return False
        if current.get(column) == target:
            return False
        self.ledger.update(self.kind, current, {column: target}, shaped.draft.row, own=own)
        return True

    def _settle_pending(self, *, make: bool = False) -> None:
        left = []
        for pending in self.state.pending:
            target = self.links.find(self.kind, pending.name)
            if target is None and make:
                target = self.links.make(self.kind, pending.name, pending.row)
            if target is None:
                left.append(pending)
                continue
            if target == pending.record_id:
                continue
            current = self.directory.current(pending.record_id)
            if current is None:
                self.directory.load(self.kind, [pending.record_id])
                current = self.directory.current(pending.record_id)
            if current is not None and current.get(pending.column) != target:
                own = self.state.touched.get(pending.record_id) == "created"
                changes = {pending.column: target}
                self.ledger.update(self.kind, current, changes, pending.row, own=own)
        self.state.pending = left
