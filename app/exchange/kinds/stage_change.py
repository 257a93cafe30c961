"""When a deal entered a stage, as another program has noted it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

STAGE_CHANGE = a_kind(
    "stage_change",
    "Stage change",
    "stage-changes",
    (
        a_field("deal_ref", "Deal's id", Shape.ID, "deal id|opportunity id", 1.5, 300),
        a_field("stage_ref", "Stage's id", Shape.ID, "stage id|value|stage|stage name|new value|"
           "new stage", 1.5, 300),
        a_field("at", "When", Shape.MOMENT, "date entered|entered|entered at|at|changed at|"
           "changed on|created date|timestamp", 1.5),
    ),
    "deal_ref",
)  # fmt: skip


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of a move of the deal it names."""
    from app.exchange.shaping import Ref

    del shaper
    missing = [word for key, word in _NEEDED.items() if values.get(key) is None]
    if missing:
        shaped.draft.reject = f"A change of stage needs {' and '.join(missing)}. Fill it in."
        return
    shaped.columns["at"] = values["at"]
    shaped.refs.append(Ref("to_stage_id", ("stage",), values["stage_ref"]))


_NEEDED = {"deal_ref": "the deal's id", "stage_ref": "the stage", "at": "a moment"}
