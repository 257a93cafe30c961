"""What a file of messages is about as a whole: whose messages they are."""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.database import acting_user
from app.exchange.books import PlainBook
from app.exchange.kinds.message import owner_of
from app.exchange.ledger import Ledger
from app.exchange.state import FileState
from models.records import User


def prepare(state: FileState, session: Session, ledger: Ledger) -> None:
    """Find out whose messages a file holds, so that what was sent is told from what came."""
    del ledger
    plan = state.plan
    sender, recipients = plan.column_of("sender"), plan.column_of("recipients")
    if sender is None or recipients is None:
        return
    user_id = acting_user(session)
    me = session.get(User, user_id) if user_id is not None else None
    rows = plan.table.sample
    pairs = [(row[sender.index], row[recipients.index]) for row in rows if row[sender.index]]
    owner = owner_of(pairs, me.name if me is not None else "")
    state.shaper = replace(state.shaper, owner=owner)


class MessageBook(PlainBook):
    """Nothing: a message has become an activity by the time it is written."""
