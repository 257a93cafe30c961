"""Search as you type, against the bare SQLite statement on the same index."""

from typing import Any

from sqlalchemy.orm import Session

from app.search import search
from app.workspace import Workspace
from benchmarks.figures import Figure, percentile, timed
from benchmarks.ground import Ground

TYPED = (
    "priya raman",
    "müller",
    "kestrel log",
    "scanner",
    "berlin",
    "schafer jorg",
    "haddad",
    "fleet",
)
_BARE = (
    "SELECT title, substr(body, 1, 2000), kind, owner FROM search_index "
    "WHERE search_index MATCH ? LIMIT 200"
)


def measure(ground: Ground) -> list[Figure]:
    """Type each text letter by letter from the second on; compare the 95th percentiles."""
    workspace = Workspace.open(ground.workspace, watch=False)
    own: list[float] = []
    bare: list[float] = []
    texts = [typed[:n] for typed in TYPED for n in range(2, len(typed) + 1) if typed[n - 1] != " "]

    def work(session: Session) -> None:
        raw: Any = session.connection().connection.dbapi_connection
        for warm in (True, False):
            for text in texts:
                match = " AND ".join(f'"{word}" *' for word in text.split())
                plain = timed(lambda m=match: raw.execute(_BARE, (m,)).fetchall())  # type: ignore[misc]
                found = timed(lambda t=text: search(session, t))  # type: ignore[misc]
                if not warm:
                    bare.append(plain)
                    own.append(found)

    try:
        workspace.read(work)
    finally:
        workspace.close()
    name = f"search as you type, 95th percentile of {len(own)}"
    return [
        Figure(name, percentile(own, 0.95), "ms", 20, percentile(bare, 0.95), "bare statement"),
        Figure("search as you type, median", percentile(own, 0.5), "ms"),
    ]
