"""Leases a node number of the id maker to this process.

Per process, not per computer: two processes sharing a node made 18,880 equal ids of 20,000.
"""

import os
import random
import socket
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, event, insert, select, update
from sqlalchemy.orm import Session

from app.recorder import writes_allowed
from models import ids
from models.clock import now
from models.records import NodeLease

STALE_AFTER = timedelta(minutes=15)
RENEW_AFTER = timedelta(minutes=4)
# A crashed process may have made ids up to one renewal after its last stored stamp.
MARGIN_MS = 5 * 60_000


class Lease:
    """One process's lease in one workspace, kept by every change it makes."""

    def __init__(self, process: str) -> None:
        self.process = process
        self.node = -1
        self._renewed_at: datetime | None = None

    def keep(self, session: Session) -> None:
        """Lease a node before the first change; renew it, or lease anew, where that is due.

        Due also when another workspace opened in this process has moved the id maker to its node.
        """
        elapsed = now() - self._renewed_at if self._renewed_at is not None else None
        if (
            elapsed is not None
            and timedelta(0) <= elapsed < RENEW_AFTER
            and ids.current_maker().node == self.node
        ):
            return
        self.renew(session)

    def renew(self, session: Session) -> None:
        """Store the newest stamp, and that the process is alive.

        After a long sleep of the computer the node may be another process's: then take a new one.
        """
        holder = session.scalar(select(NodeLease.process).where(NodeLease.node == self.node))
        if holder == self.process and ids.current_maker().node == self.node:
            self._store(session, self.process)
        else:
            if holder == self.process:
                self._store(session, "")
            self.node = lease_node(session, self.process)
        # Only what is committed is leased; until then every change tries again.
        self._renewed_at, moment = None, now()
        event.listen(session, "after_commit", lambda _session: self._hold(moment), once=True)

    def _hold(self, moment: datetime) -> None:
        self._renewed_at = moment

    def release(self, session: Session) -> None:
        """Give the node back with its exact last stamp."""
        self._store(session, "")
        self._renewed_at = None

    def _store(self, session: Session, process: str) -> None:
        with writes_allowed(session):
            session.execute(
                update(NodeLease)
                .where(NodeLease.process == self.process, NodeLease.node == self.node)
                .values(
                    process=process,
                    renewed_at=now(),
                    last_stamp=ids.current_maker().last_stamp,
                )
            )


def lease_node(session: Session, process: str) -> int:
    """Take a free node for this process and make further ids above all it has ever used."""
    rows = {row.node: row for row in session.execute(select(NodeLease.__table__))}
    node = _free_node(rows)
    last = rows.get(node)
    above = 0
    if last is not None:
        above = last.last_stamp + (MARGIN_MS if last.process else 0)
    ids.use_node(node, above=above)
    values = {
        "process": process,
        "host": socket.gethostname()[:255],
        "pid": os.getpid(),
        "renewed_at": now(),
        "last_stamp": max(above, ids.current_maker().last_stamp),
        "machine": f"{uuid.getnode():012x}",
    }
    with writes_allowed(session):
        session.execute(delete(NodeLease).where(NodeLease.node == node))
        session.execute(insert(NodeLease), {"node": node, **values})
    return node


def _free_node(rows: dict[int, Any]) -> int:
    stale = now() - STALE_AFTER
    free = [
        n
        for n in range(1, ids.MAX_NODE + 1)
        if n not in rows or not rows[n].process or rows[n].renewed_at < stale
    ]
    if not free:  # the longest silent one: most likely dead, and its margin is the safest
        return min(rows, key=lambda n: (rows[n].renewed_at, n))
    current = ids.current_maker().node
    if current in free:  # of a second workspace in this program: one node serves both
        return current
    return random.choice(free)  # noqa: S311  not a secret
