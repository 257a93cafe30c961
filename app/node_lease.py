"""Leases a node number of the id maker to this process.

Per process, not per computer: two processes sharing a node made 18,880 equal ids of 20,000.
"""

import os
import random
import socket
import uuid
from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.recorder import writes_allowed
from models import ids
from models.clock import now
from models.records import NodeLease

STALE_AFTER = timedelta(minutes=15)
# A crashed process may have made ids up to one renewal after its last stored stamp.
MARGIN_MS = 5 * 60_000


def lease_node(session: Session, process: str) -> int:
    """Take a free node for this process and make further ids above all it has ever used."""
    rows = {row.node: row for row in session.scalars(select(NodeLease))}
    stale = now() - STALE_AFTER
    free = [
        n
        for n in range(1, ids.MAX_NODE + 1)
        if n not in rows or not rows[n].process or rows[n].renewed_at < stale
    ]
    # At random, so that two workspaces open in one program seldom meet on a number.
    node = random.choice(free or list(rows))  # noqa: S311  not a secret
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


def renew_node(session: Session, process: str) -> None:
    """Store the newest stamp, and that the process is alive."""
    _store(session, process, process)


def release_node(session: Session, process: str) -> None:
    """Give the node back with its exact last stamp."""
    _store(session, process, "")


def _store(session: Session, process: str, new_process: str) -> None:
    with writes_allowed(session):
        session.execute(
            update(NodeLease)
            .where(NodeLease.process == process)
            .values(
                process=new_process,
                renewed_at=now(),
                last_stamp=ids.current_maker().last_stamp,
            )
        )
