"""Takes a chunk of drafts: finds what they link to and who they are, and writes the difference."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.books import Book, open_book
from app.exchange.children import ChildWriter
from app.exchange.counts import Outcome, Problem, TakenRow
from app.exchange.custom_values import make_fields
from app.exchange.directory import NAME_AT, name_at
from app.exchange.drafts import Draft
from app.exchange.fields import KINDS
from app.exchange.ledger import Ledger
from app.exchange.links import LinkFinder
from app.exchange.matching import find_match
from app.exchange.plan import OnMatch
from app.exchange.references import References
from app.exchange.shaping import Shaped
from app.exchange.state import Difference, FileState, Pending
from models.records import ImportRow
from models.values import Money

_NAMES: Final = frozenset({"name", "name_key", "sort_name"})
_WITH_POINTS: Final = frozenset({"contact", "company"})
_WITH_TAGS: Final = frozenset({"contact", "company", "deal", "ticket"})
SELF_LINKS: Final = {"company": "parent_id", "user": "manager_id"}
_OURS: Final = frozenset({"created", "made"})
# What an amount is worth nothing without.
_OF_AMOUNTS: Final = frozenset({"currency", "rate"})
_ITSELF: Final = "This points to the row itself; it was left out."
_DERIVED: Final = frozenset({"name_key", "sort_name", "email_key", "rate", "stage_type"})
MAX_DIFFERENCES: Final = 2_000


def _at_company(space: str, key: str, shaped: Shaped) -> tuple[str, str]:
    """Turn a person's name into the name at a company.

    By the name alone each chunk would read all people of its names: at 100,000 rows with common
    names that was most of the base, and the import took six times as long.
    """
    if space != "name":
        return space, key
    return NAME_AT, name_at(key, shaped.columns.get("company_id"))


class ChunkPlanner:
    """One chunk of one file, whose rows may be of several kinds; used once."""

    def __init__(self, state: FileState, session: Session, ledger: Ledger) -> None:
        self.state = state
        self.session = session
        self.ledger = ledger
        state.directory.begin(session)
        self.outcomes: Counter[Outcome] = Counter()
        self.links: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.not_taken: list[tuple[Draft, str]] = []
        self.taken: list[tuple[Outcome, TakenRow]] = []
        self._references = References(state, ledger)

    def take(self, rows: Sequence[Shaped]) -> None:
        """Take the rows, of each kind in their order; what others link to comes first."""
        by_kind: dict[str, list[Shaped]] = defaultdict(list)
        for each in rows:
            draft = each.draft
            if draft.reject:
                self._refuse(draft, Outcome.SKIPPED if draft.blank else Outcome.FAILED)
            else:
                by_kind[draft.kind].append(each)
        for kind in sorted(by_kind, key=_PLACES.__getitem__) if len(by_kind) > 1 else by_kind:
            self._of(kind).take(by_kind[kind])
        self._references.settle(by_kind)

    def finish(self) -> None:
        """After the last row: make the records of the same kind that no row was about."""
        for kind in dict.fromkeys(pending.kind for pending in self.state.pending):
            self._of(kind).finish()

    def _of(self, kind: str) -> "KindPlanner":
        return KindPlanner(self, kind)

    def _refuse(self, draft: Draft, outcome: Outcome) -> None:
        self.outcomes[outcome] += 1
        self.taken.append((outcome, TakenRow(draft.row, draft.kind, 0)))
        self.problems += draft.problems
        self.problems.append(Problem(draft.row, "", "", draft.reject))
        self.not_taken.append((draft, draft.reject))


class KindPlanner:
    """The rows of one kind in one chunk."""

    def __init__(self, chunk: ChunkPlanner, kind: str) -> None:
        self.chunk = chunk
        self.state = chunk.state
        self.kind = kind
        self.ledger = chunk.ledger
        self.directory = chunk.state.directory
        self.links = LinkFinder(chunk.state, chunk.ledger, kind)
        self.children = ChildWriter(chunk.state, chunk.ledger)
        self.book: Book | None = open_book(kind, chunk.state, chunk.ledger)

    def take(self, shaped: Sequence[Shaped]) -> None:
        """Take rows in their order."""
        self.links.resolve(shaped)
        if self.kind == "contact":
            for each in shaped:
                each.keys = [_at_company(space, key, each) for space, key in each.keys]
        make_fields(self.state, self.chunk.session, self.ledger, self.kind, shaped)
        self._look_up(shaped)
        if self.kind in _WITH_TAGS:
            self.children.make_tags(shaped)
        for each in shaped:
            if each.draft.reject:  # its parent is not there
                self.chunk._refuse(each.draft, Outcome.FAILED)  # noqa: SLF001  two halves of one
                continue
            self._take_row(each)
            self.links.count(each, self.chunk.links)
            self.chunk.problems += each.draft.problems
        self._settle_pending()

    def finish(self) -> None:
        """Make the records of this kind that no row was about."""
        mine = [pending for pending in self.state.pending if pending.kind == self.kind]
        self.links.ask(self.kind, [pending.name for pending in mine])
        self.directory.load(self.kind, [p.record_id for p in mine])
        self._settle_pending(make=True)

    def _look_up(self, shaped: Sequence[Shaped]) -> None:
        """Ask for all keys, then read all candidates: a few statements for a thousand rows."""
        keys: dict[str, list[str]] = defaultdict(list)
        for each in shaped:
            for space, key in each.keys:
                keys[space].append(key)
            if each.external is not None:  # even if nobody is to be found by it: it may be taken
                keys[f"external:{self.state.plan.system}"].append(each.external)
        ids: dict[int, None] = {}
        for space, wanted in keys.items():
            self.directory.ask(self.kind, space, wanted)
            ids.update(self.directory.all_candidates(self.kind, space, wanted))
        self.directory.load(self.kind, ids)
        self.directory.load_external(self.kind, ids)
        self._remember(ids)
        if self.kind in _WITH_POINTS:
            self.directory.load_children("contact_point", f"{self.kind}_id", ids)
            self.directory.load_children("address", f"{self.kind}_id", ids)
        if self.kind in _WITH_TAGS:
            self.directory.load_children("tag_link", f"{self.kind}_id", ids)
        if self.state.custom:
            self.directory.load_children("custom_value", "record_id", ids)
        if any(each.refs for each in shaped):
            self.directory.load_children("pending_link", "record_id", ids)
        if self.book is not None:
            self.book.look_up(shaped, ids)

    def _remember(self, ids: Iterable[int]) -> None:
        """Ask the notes of this import which records it has touched, where it forgot them."""
        if not self.state.has_forgotten:
            return
        unknown = [record_id for record_id in ids if record_id not in self.state.touched]
        note = ImportRow.__table__.c
        found = self.chunk.session.execute(
            select(note.record_id, note.action).where(
                note.batch_id == self.state.batch_id,
                self.directory.among(note.record_id, unknown),
            )
        )
        for record_id, action in found:
            if self.state.touched.get(record_id) != "created":
                self.state.touched[record_id] = action

    def _take_row(self, shaped: Shaped) -> None:
        outcome, record_id = self._outcome_of(shaped)
        self.chunk.outcomes[outcome] += 1
        self.chunk.taken.append((outcome, TakenRow(shaped.draft.row, self.kind, record_id)))

    def _outcome_of(self, shaped: Shaped) -> tuple[Outcome, int]:
        touched = self.state.touched
        found = find_match(shaped, self.kind, self.directory, self.state.plan.system, touched)
        if found is None:
            return Outcome.CREATED, self._create(shaped)
        before = touched.get(found)
        if before == "made":  # for a link of an earlier row; this one is its own
            self._update(found, shaped, again=False)
            touched[found] = "created"
            return Outcome.CREATED, found
        changed = self._update(found, shaped, again=before is not None)
        if before is None:
            touched[found] = "updated" if changed else "seen"
            return Outcome.UPDATED if changed else Outcome.UNCHANGED, found
        if not changed and before == "seen":
            return Outcome.UNCHANGED, found
        if changed and before == "seen":
            touched[found] = "updated"
        return Outcome.MERGED, found

    def _create(self, shaped: Shaped) -> int:
        values = {**shaped.defaults, **shaped.soft, **shaped.columns}
        if self.book is not None:
            values |= self.book.columns_for_new(shaped)
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
        if self.book is not None:
            self.book.write_new(shaped, row)
        self.children.write(self.kind, shaped, row, own=True)
        return int(row["id"])

    def _update(self, record_id: int, shaped: Shaped, *, again: bool) -> bool:
        """Bring a record up to the row; a second row of one file fills blanks only."""
        current = self.directory.current(record_id) or {}
        own = self.state.touched.get(record_id) in _OURS
        wanted = self._without_itself(shaped, record_id)
        if shaped.extra.get("nameless") or shaped.extra.get("named_by_us"):
            for key in _NAMES:
                wanted.pop(key, None)
        elif current.get("name") == wanted.get("name") and self.kind == "contact":
            wanted.pop("sort_name", None)
        more = self._of_book(shaped, current, again=again)
        changes = _changes({**wanted, **more}, current)
        blanks_only = again or not (own or self._file_wins(shaped, current, changes))
        if blanks_only:
            shaped.extra.pop("moved_from", None)
            wanted |= self._of_book(shaped, current, again=True)
            changes = _only_blanks(_changes(wanted, current), current)
        else:
            wanted |= more
        changes |= {k: v for k, v in shaped.soft.items() if current.get(k) is None}
        if again:
            self._tell_kept(shaped, wanted, current)
        if changes:
            self.ledger.update(self.kind, current, changes, shaped.draft.row, own=own)
            for space, key in shaped.keys:
                self.directory.add(self.kind, space, key, record_id)
        added = self._link_self(shaped, current, own=own, blanks_only=blanks_only)
        if self.book is not None:
            added = self.book.write_more(shaped, current, own=own) or added
        added = self.children.write(
            self.kind, shaped, current, own=own, blanks_only=blanks_only, again=again
        ) or added  # fmt: skip
        return bool(changes) or added

    def _of_book(self, shaped: Shaped, current: dict[str, Any], *, again: bool) -> dict[str, Any]:
        if self.book is None:
            return {}
        return self.book.columns_for_known(shaped, current, again=again)

    def _without_itself(self, shaped: Shaped, record_id: int) -> dict[str, Any]:
        """Return the row's columns without a link of the record to itself."""
        wanted = dict(shaped.columns)
        column = SELF_LINKS.get(self.kind, "")
        if wanted.get(column) == record_id:
            del wanted[column]
            shaped.draft.complain(column.replace("_id", "_ref"), "", _ITSELF)
        return wanted

    def _file_wins(
        self, shaped: Shaped, current: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> bool:
        """Say whether the row's values replace the stored ones where both say something."""
        taking = self.state.plan.taking
        if taking.on_match is OnMatch.FILE:
            return True
        if taking.on_match is OnMatch.NEWEST:
            at = shaped.draft.values.get("modified_at") or self.state.file_changed_at
            stored: datetime | None = current.get("updated_at")
            return stored is None or (isinstance(at, datetime) and at.astimezone(UTC) > stored)
        if taking.on_match is OnMatch.ASK:
            decided = taking.decisions.get(shaped.draft.row)
            if decided is None:
                self._note_differences(shaped, current, changes)
            return decided is True
        return False

    def _note_differences(
        self, shaped: Shaped, current: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> None:
        room = MAX_DIFFERENCES - len(self.state.conflicts)
        title = str(current.get("name") or current.get("subject") or current.get("title") or "")
        found = [
            Difference(
                shaped.draft.row, self.kind, current["id"], title, key,
                _text(key, current[key], current), _text(key, value, {**current, **changes}),
            )
            for key, value in changes.items()
            if current.get(key) is not None and key not in _DERIVED
        ]  # fmt: skip
        self.state.conflicts += found[:room]

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
        self,
        shaped: Shaped,
        current: dict[str, Any],
        *,
        own: bool = True,
        blanks_only: bool = False,
    ) -> bool:
        """Link to a record of the same kind, now or once it has come; return whether it is new."""
        column = SELF_LINKS.get(self.kind)
        if column is None or column not in shaped.links:
            return False
        if blanks_only and current.get(column) is not None:
            return False
        _, name = shaped.links[column]
        target = self.links.find(self.kind, name)
        if target is None:
            self.state.pending.append(
                Pending(self.kind, current["id"], column, name, shaped.draft.row)
            )
            return True
        if target == current["id"]:
            field = "parent" if self.kind == "company" else "manager"
            shaped.draft.complain(field, name, _ITSELF)
            return False
        if current.get(column) == target:
            return False
        self.ledger.update(self.kind, current, {column: target}, shaped.draft.row, own=own)
        return True

    def _settle_pending(self, *, make: bool = False) -> None:
        left = []
        for pending in self.state.pending:
            if pending.kind != self.kind:
                left.append(pending)
                continue
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
                own = self.state.touched.get(pending.record_id) in _OURS
                changes = {pending.column: target}
                self.ledger.update(self.kind, current, changes, pending.row, own=own)
        self.state.pending = left


def _changes(wanted: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wanted.items() if current.get(key) != value}


def _only_blanks(changes: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes that fill blanks; an amount comes with its currency or not at all."""
    filled = {key: value for key, value in changes.items() if current.get(key) is None}
    if any(key.endswith("_minor") for key in filled):
        filled |= {key: changes[key] for key in _OF_AMOUNTS & changes.keys()}
    return filled


def _text(key: str, value: Any, record: Mapping[str, Any]) -> str:
    """Return a value as people read it, but for ids, which the window turns into names."""
    if key.endswith("_minor") and isinstance(value, int):
        return f"{Money(value, record['currency']).text()} {record['currency']}"
    return str(value)


_PLACES: Final = {kind: place for place, kind in enumerate(KINDS)}
