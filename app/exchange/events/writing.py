"""Writes chunks of events: known ones are left alone, people are met, the past joins them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, cast

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.orm import Session

from app.exchange.counts import Outcome, Problem, TakenRow
from app.exchange.drafts import Draft
from app.exchange.events.chunks import COLUMNS, EventChunk
from app.exchange.events.people import People
from app.exchange.events.undoing import JOINED, PACKED
from app.exchange.import_commands import Taken, count_rows, keep_rejects
from app.exchange.ledger import TABLES, Ledger
from app.exchange.state import FileState
from app.recorder import unrecorded
from models.ids import new_id, new_ids
from models.records import ImportRow
from models.values import BatchState

CACHE_KIB: Final = 65_536  # of SQLite's pages: the indexes of a million events
CHECKPOINT_PAGES: Final = 48_000  # 192 MB: each chunk touches most pages of the indexes again
USUAL_KIB: Final = 16_000  # as app.engines has them
USUAL_PAGES: Final = 8_000
_SEEN: Final = 3_000_000  # ids of events that a dry run remembers
_EVENT: Final = TABLES["event"]
_NOTES: Final = cast("Table", ImportRow.__table__)


def write_event_chunk(
    session: Session,
    *,
    state: FileState,
    chunk: EventChunk,
    last: bool,
    on_written: Callable[[], object] = lambda: None,
) -> Taken:
    """Take a chunk of events; after the last one close what is left open."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        _make_room(connection, last=last)
    state.directory.begin(session)
    ledger = Ledger(state.batch_id)
    people = People(state, ledger)
    with unrecorded(session, "event"):
        contacts = people.meet(chunk)
        ledger.write(session)
        outcomes = _write(session, state, chunk, contacts, people)
    taken = _told(state, chunk, outcomes, people)
    keep_rejects(session, state, taken[2])
    linked = len(contacts) - contacts.count(None)
    if linked:
        state.tally.links["contact"] += linked
    count_rows(session, state, ended=BatchState.DONE if last else None)
    on_written()
    return taken


def _make_room(connection: Connection, *, last: bool) -> None:
    """Keep the indexes in memory while events come, and give it back after the last of them."""
    cache, pages = (USUAL_KIB, USUAL_PAGES) if last else (CACHE_KIB, CHECKPOINT_PAGES)
    connection.exec_driver_sql(f"PRAGMA cache_size=-{cache}")
    connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={pages}")


def count_event_chunk(session: Session, *, state: FileState, chunk: EventChunk) -> Taken:
    """Count what a chunk would do, without writing; a query."""
    state.directory.begin(session)
    stored = _stored(session, state, chunk.message_ids)
    seen: set[int] = state.memory.setdefault("seen", set())
    outcomes: list[Outcome] = []
    for message_id in chunk.message_ids:
        mark = hash(message_id)
        if message_id in stored:
            outcomes.append(Outcome.UNCHANGED)
        elif mark in seen:
            outcomes.append(Outcome.MERGED)
        else:
            outcomes.append(Outcome.CREATED)
            if len(seen) < _SEEN:
                seen.add(mark)
    return _told(state, chunk, outcomes, None)


def _told(
    state: FileState, chunk: EventChunk, outcomes: Sequence[Outcome], people: People | None
) -> Taken:
    """Count the rows of a chunk and gather what a person should look at."""
    counts = Counter(outcomes)
    problems = [Problem(*each) for each in chunk.problems]
    if people is not None:
        problems += [Problem(*each) for each in people.problems]
    drafts: list[tuple[Draft, str]] = []
    for row, cells, reason in chunk.failed:
        draft = Draft(row, cells, "event")
        draft.reject = reason
        drafts.append((draft, reason))
        problems.append(Problem(row, "", "", reason))
        state.tally.note([(Outcome.FAILED, TakenRow(row, "event", 0))])
    if chunk.failed:
        counts[Outcome.FAILED] = len(chunk.failed)
    if chunk.blank:
        counts[Outcome.SKIPPED] = chunk.blank
    state.tally.add(counts, problems)
    return counts, problems, drafts


def _write(
    session: Session,
    state: FileState,
    chunk: EventChunk,
    contacts: Sequence[int | None],
    people: People,
) -> list[Outcome]:
    version = new_id()
    outcomes = _add(session, state, chunk, contacts, people, version) if len(chunk) else []
    _join(session, state, people, version)
    return outcomes


def _add(
    session: Session,
    state: FileState,
    chunk: EventChunk,
    contacts: Sequence[int | None],
    people: People,
    version: int,
) -> list[Outcome]:
    """Insert what the store has not yet; return what became of each event."""
    count = len(chunk)
    if state.memory.get("nothing new"):  # so was the chunk before: asking costs less than trying
        stored = _stored(session, state, chunk.message_ids)
        if stored.keys() >= set(chunk.message_ids):
            return [_known(stored[m], state) for m in chunk.message_ids]
    ids = new_ids(count)
    inserted = _insert(session.connection(), chunk, ids, contacts, version, people.ledger)
    outcomes = [Outcome.CREATED] * count
    mine: Sequence[bool] | None = None
    if inserted != count:
        stored = _stored(session, state, chunk.message_ids)
        mine = [stored.get(m) == i for m, i in zip(chunk.message_ids, ids, strict=True)]
        for place, is_mine in enumerate(mine):
            if not is_mine:
                outcomes[place] = _known(stored[chunk.message_ids[place]], state)
    state.memory["nothing new"] = not inserted
    if inserted:
        after = {"last": str(ids[-1]), "count": inserted}
        _note(session, state, ids[0], PACKED, version, after)
    _leave_word(session, state, chunk, ids, mine, people)
    return outcomes


def _known(event_id: int, state: FileState) -> Outcome:
    """Return what became of a row whose event is stored: this import made it, or another."""
    # What this import has made has ids above its batch's.
    return Outcome.MERGED if event_id > state.batch_id else Outcome.UNCHANGED


def _insert(
    connection: Connection,
    chunk: EventChunk,
    ids: Sequence[int],
    contacts: Sequence[int | None],
    version: int,
    ledger: Ledger,
) -> int:
    """Insert the events that are new; return how many were."""
    on_sqlite = connection.dialect.name == "sqlite"
    mark = "?" if on_sqlite else "%s"
    zone = "" if on_sqlite else "+00"
    moment = ledger.moment.replace(tzinfo=None).isoformat(" ", "microseconds") + zone
    # What is the same in all rows stands in the statement: binding it costs as much as the rest.
    fixed = f"{int(version)}, '{moment}', '{moment}'"
    marks = ", ".join([mark] * (len(COLUMNS) + 2))
    statement = (
        f"INSERT INTO event (row_version, created_at, updated_at, id, contact_id, "  # noqa: S608  our own names
        f"{', '.join(COLUMNS)}) VALUES ({fixed}, {marks}) ON CONFLICT (message_id) DO NOTHING"
    )
    columns = list(chunk.columns())
    if not on_sqlite:
        columns[1] = [at + zone for at in columns[1]]
    rows = list(zip(ids, contacts, *columns, strict=True))
    return connection.exec_driver_sql(statement, rows).rowcount


def _stored(session: Session, state: FileState, message_ids: Iterable[str]) -> dict[str, int]:
    """Return the ids of those events that the store has, by their message ids."""
    wanted = list(dict.fromkeys(message_ids))
    statement = select(_EVENT.c.message_id, _EVENT.c.id).where(
        state.directory.among(_EVENT.c.message_id, wanted)
    )
    return {row.message_id: row.id for row in session.execute(statement)}


def _note(
    session: Session, state: FileState, record_id: int, action: str, version: int, after: Any
) -> None:
    session.execute(
        insert(_NOTES),
        [
            {
                "id": new_id(),
                "batch_id": state.batch_id,
                "row_number": None,
                "record_kind": "event",
                "record_id": record_id,
                "action": action,
                "row_version": version,
                "before": None,
                "after": after,
            }
        ],
    )


def _leave_word(
    session: Session,
    state: FileState,
    chunk: EventChunk,
    ids: Sequence[int],
    mine: Sequence[bool] | None,
    people: People,
) -> None:
    """Note which device a yet unknown user has used, so that its past joins them one day."""
    ledger = Ledger(state.batch_id)
    for place, user, _ in people.strangers(chunk):
        if mine is not None and not mine[place]:
            continue
        ledger.insert(
            "pending_link",
            {
                "system": people.system,
                "target_kind": "contact",
                "value": user,
                "record_kind": "event",
                "record_id": ids[place],
                "column_name": "contact_id",
            },
        )
    ledger.write(session)


def _join(session: Session, state: FileState, people: People, version: int) -> None:
    """Give the stored events of devices and users who are known now to their person."""
    joined = people.joined
    if not joined:
        return
    statement = select(_EVENT.c.id, _EVENT.c.anonymous_id).where(
        state.directory.among(_EVENT.c.anonymous_id, list(joined)), _EVENT.c.contact_id.is_(None)
    )
    rows = [(joined[device], event_id) for event_id, device in session.execute(statement)]
    if not rows:
        return
    mark = "?" if session.connection().dialect.name == "sqlite" else "%s"
    session.connection().exec_driver_sql(
        f"UPDATE event SET contact_id = {mark} WHERE id = {mark}",  # noqa: S608  our own names
        rows,
    )
    before: dict[str, list[str]] = defaultdict(list)
    for contact, event_id in rows:
        if event_id < state.batch_id:  # those of this import go with it
            before[str(contact)].append(str(event_id))
    if before:
        _note(session, state, rows[0][1], JOINED, version, {"to": before})
