"""Says whether a workspace is whole: file, foreign keys, search index, schema revision."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.migrations import HEAD
from models.search_index import INDEXED


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, whether it passed, and what was found."""

    name: str
    passed: bool
    detail: str


def check_workspace(session: Session) -> list[Check]:
    """Return the verdict of every check; a damaged file fails checks instead of raising."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    checks = [*_tried("schema revision", _revision, session)]
    if sqlite:
        checks += _tried("integrity", _integrity, session)
        checks += _tried("foreign keys", _foreign_keys, session)
    checks += _tried("change log", _step_numbers, session)
    checks += _tried("search index", _search, session)
    checks += _tried("deals and their stages", _stage_types, session)
    return checks


def _tried(name: str, check: Callable[[Session], list[Check]], session: Session) -> list[Check]:
    try:
        return check(session)
    except DBAPIError as error:
        return [Check(name, False, str(error.orig))]


def _revision(session: Session) -> list[Check]:
    found = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return [Check("schema revision", found == HEAD, f"{found}, this program knows {HEAD}")]


def _integrity(session: Session) -> list[Check]:
    # Since SQLite 3.44 this reads the full-text index too.
    rows = [row[0] for row in session.execute(text("PRAGMA integrity_check(20)"))]
    of_index = [row for row in rows if "search_index" in row]
    of_file = [row for row in rows if row not in of_index and row != "ok"]
    return [
        Check("integrity", not of_file, "; ".join(of_file) or "ok"),
        Check("search index structure", not of_index, "; ".join(of_index) or "ok"),
    ]


def _foreign_keys(session: Session) -> list[Check]:
    rows = session.execute(text("PRAGMA foreign_key_check")).fetchmany(20)
    detail = "; ".join(f"{r[0]} row {r[1]} points to a missing {r[2]}" for r in rows)
    return [Check("foreign keys", not rows, detail or "ok")]


def _step_numbers(session: Session) -> list[Check]:
    head = session.execute(text("SELECT n FROM log_head")).scalar()
    newest = session.execute(text("SELECT coalesce(max(n), 0) FROM change_step")).scalar()
    return [Check("change log", head == newest, f"head {head}, newest step {newest}")]


def _search(session: Session) -> list[Check]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    key = "rowid" if sqlite else "id"
    problems = []
    live = 0
    for source in INDEXED:
        table = f'"{source.table}"'
        live += int(
            session.execute(
                text(f"SELECT count(*) FROM {table} r WHERE {source.live('r')}")  # noqa: S608  our own names
            ).scalar()
            or 0
        )
        missing = session.execute(
            text(
                f"SELECT count(*) FROM {table} r WHERE {source.live('r')} "  # noqa: S608  our own names
                f"AND NOT EXISTS (SELECT 1 FROM search_index s WHERE s.{key} = r.id "
                f"AND s.title = {source.title.format(r='r')} "
                f"AND s.body = {source.body.format(r='r')})"
            )
        ).scalar()
        if missing:
            problems.append(f"{missing} of {source.table} missing or old")
    indexed = session.execute(text("SELECT count(*) FROM search_index")).scalar()
    if indexed != live:
        problems.append(f"{indexed} entries for {live} records")
    return [Check("search index", not problems, "; ".join(problems) or f"{indexed} entries")]


def _stage_types(session: Session) -> list[Check]:
    wrong = session.execute(
        text(
            "SELECT count(*) FROM deal JOIN stage ON stage.id = deal.stage_id "
            "WHERE stage.type <> deal.stage_type OR stage.pipeline_id <> deal.pipeline_id"
        )
    ).scalar()
    return [Check("deals and their stages", not wrong, f"{wrong} do not agree" if wrong else "ok")]
