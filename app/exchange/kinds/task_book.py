"""What belongs to the records of this kind beyond their plain columns."""

from app.exchange.books import PlainBook


class TaskBook(PlainBook):
    """Nothing yet."""
