"""What belongs to the records of this kind beyond their plain columns."""

from app.exchange.books import PlainBook


class ActivityBook(PlainBook):
    """Nothing yet."""
