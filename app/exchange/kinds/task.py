"""Things to do."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import ID_WORDS, Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

TASK = a_kind(
    "task",
    "Task",
    "tasks",
    (
        a_field("title", "Task", Shape.TEXT, "task|to do|task subject|task name", 1.5, 500),
        a_field(
            "due_at", "Due", Shape.MOMENT, "due|due date|due on|deadline|fällig|fällig am", 1.8
        ),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|task id", 0.3, 300),
    ),
    "title",
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its record."""
    del shaper
    shaped.columns.update({key: values[key] for key in ("title",) if key in values})
