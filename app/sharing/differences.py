"""What a backup and the present file hold that the other does not, before one is restored."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.errors import EnvironmentFault
from app.sharing.backups import opened
from models.records import RECORDS

_FIELDS = ("id", "row_version")


@dataclass(frozen=True, slots=True)
class KindDifference:
    """How many records of one kind differ; a change is a save that the other file has not seen."""

    kind: str
    in_backup: int
    in_current: int
    only_in_backup: int
    only_in_current: int
    changed: int

    @property
    def is_same(self) -> bool:
        """Whether both files hold the same records of this kind."""
        return not (self.only_in_backup or self.only_in_current or self.changed)


@dataclass(frozen=True, slots=True)
class LastChange:
    """The newest step of a file's change log."""

    at: datetime
    label: str
    user: str | None


@dataclass(frozen=True, slots=True)
class Differences:
    """All differences, by kind, and the newest change that each file knows.

    `problem`: why the present file could not be read (in full); None where it could.
    """

    kinds: tuple[KindDifference, ...]
    backup_change: LastChange | None
    current_change: LastChange | None
    steps_lost: int
    problem: str | None = None

    @property
    def is_same(self) -> bool:
        """Whether restoring the backup would change nothing."""
        return self.problem is None and all(kind.is_same for kind in self.kinds)

    def as_json(self) -> dict[str, Any]:
        """Return it as the command line prints it."""
        return {
            "same": self.is_same,
            "problem": self.problem,
            "steps_lost": self.steps_lost,
            "backup_change": _change_json(self.backup_change),
            "current_change": _change_json(self.current_change),
            "kinds": [
                {name: getattr(kind, name) for name in KindDifference.__slots__}
                for kind in self.kinds
                if not kind.is_same
            ],
        }


def preview(backup: Path, current: Path) -> Differences:
    """Compare a backup with the file that stands where it would be restored; writes nothing."""
    import pysqlite3.dbapi2 as sqlite

    problem: str | None = None
    with opened(backup, immutable=True) as connection:
        try:
            found = _changes(connection, "main")
            kinds = [_missing(kind, n) for kind, n in _kinds(connection, "main").items()]
        except sqlite.Error as error:
            raise EnvironmentFault(
                "{place} is damaged or not a backup ({reason}).",
                remedy="Choose another backup.",
                place=str(backup),
                reason=str(error),
            ) from error
    if not current.exists():
        return Differences(tuple(kinds), found[0], None, 0, "There is no file there.")
    try:
        with opened(current) as connection:
            connection.execute("ATTACH ? AS kept", (f"{backup.absolute().as_uri()}?immutable=1",))
            connection.execute("BEGIN")
            here = _changes(connection, "main")
            kinds = _compare(connection)
            lost = max(here[1] - found[1], 0)
            return Differences(tuple(kinds), found[0], here[0], lost)
    except sqlite.Error as error:
        problem = str(error)
    return Differences(tuple(kinds), found[0], None, 0, problem)


def _compare(connection: Any) -> list[KindDifference]:
    kept, here = _kinds(connection, "kept"), _kinds(connection, "main")
    found = []
    for kind in sorted(kept.keys() | here.keys()):
        if kind in kept and kind in here:
            both, changed = _shared(connection, kind)
            found.append(
                KindDifference(
                    kind, kept[kind], here[kind], kept[kind] - both, here[kind] - both, changed
                )
            )
        elif kind in kept:
            found.append(_missing(kind, kept[kind]))
        else:
            found.append(KindDifference(kind, 0, here[kind], 0, here[kind], 0))
    return found


def _shared(connection: Any, kind: str) -> tuple[int, int]:
    row = connection.execute(
        "SELECT count(*), coalesce(sum(a.row_version <> b.row_version), 0) "  # noqa: S608  our own names
        f'FROM main."{kind}" AS a CROSS JOIN kept."{kind}" AS b ON b.id = a.id'
    ).fetchone()
    return int(row[0]), int(row[1])


def _missing(kind: str, count: int) -> KindDifference:
    return KindDifference(kind, count, 0, count, 0, 0)


def _kinds(connection: Any, schema: str) -> dict[str, int]:
    """Return the kinds of record that a file has, with their numbers."""
    tables = {row[0] for row in connection.execute(f"SELECT name FROM {schema}.sqlite_schema")}  # noqa: S608
    return {
        kind: connection.execute(f'SELECT count(*) FROM {schema}."{kind}"').fetchone()[0]  # noqa: S608
        for kind in sorted(tables & RECORDS.keys())
        if set(_FIELDS) <= _columns(connection, schema, kind)
    }


def _columns(connection: Any, schema: str, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f'PRAGMA {schema}.table_info("{table}")')}


def _changes(connection: Any, schema: str) -> tuple[LastChange | None, int]:
    """Return the newest step that a person can be told of, and how many steps there are."""
    head = connection.execute(f"SELECT n FROM {schema}.log_head").fetchone()  # noqa: S608
    row = connection.execute(
        "SELECT s.at, s.label, u.name "  # noqa: S608
        f'FROM {schema}.change_step AS s LEFT JOIN {schema}."user" AS u ON u.id = s.user_id '
        "ORDER BY s.n DESC LIMIT 1"
    ).fetchone()
    last = None
    if row is not None:
        with contextlib.suppress(ValueError):
            at = datetime.fromisoformat(row[0])
            last = LastChange(at.replace(tzinfo=UTC), row[1], row[2])
    return last, int(head[0]) if head else 0


def _change_json(change: LastChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {"at": change.at.isoformat(), "label": change.label, "user": change.user}
