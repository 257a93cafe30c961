"""What belongs to the records of this kind beyond their plain columns."""

from app.exchange.books import PlainBook


class TicketBook(PlainBook):
    """Nothing yet."""


class TicketMessageBook(PlainBook):
    """Nothing yet."""
