"""Finds out whether a save was stored when the server's answer to its COMMIT never came."""

import contextlib

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from models.records import ChangeStep


def was_stored(writer: Engine, error: DBAPIError, step: int | None, process: str) -> bool | None:
    """Return whether a step of this process is stored; None where nobody can tell yet.

    Asks over a new connection, under the writers' lock: the server holds that for the old
    transaction until it is decided, so that the answer is final.
    """
    if writer.dialect.name != "postgresql" or not error.connection_invalidated or step is None:
        return None
    with (
        contextlib.suppress(DBAPIError),  # still away, or the old transaction still undecided
        writer.connect() as connection,
    ):
        found = connection.execute(
            select(ChangeStep.n).where(ChangeStep.n == step, ChangeStep.process == process)
        ).scalar()
        connection.rollback()
        return found is not None
    return None
