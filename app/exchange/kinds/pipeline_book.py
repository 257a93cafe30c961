"""What belongs to the records of this kind beyond their plain columns."""

from app.exchange.books import PlainBook


class PipelineBook(PlainBook):
    """Nothing yet."""


class StageBook(PlainBook):
    """Nothing yet."""


class StageChangeBook(PlainBook):
    """Nothing yet."""
