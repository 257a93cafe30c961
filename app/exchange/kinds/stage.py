"""Stages of another program's pipelines, under its ids."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from app.exchange.field_types import ID_WORDS, Shape, a_field, a_kind
from models.values import StageType

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

STAGE = a_kind(
    "stage",
    "Stage",
    "stages",
    (
        a_field("name", "Stage", Shape.NAME, "stage|stage label|stage name|label|phase|étape|etapa|"
           "nom de l étape", 1.5, 120),
        a_field("pipeline_ref", "Pipeline's id", Shape.ID, "pipeline id|deal pipeline id", 1.5, 300),
        a_field("probability", "Probability", Shape.PERCENT, "probability|win probability|"
           "deal probability|wahrscheinlichkeit|probabilité|probabilidad", 1.0),
        a_field("position", "Position", Shape.INTEGER, "display order|position|order nr|sort order|"
           "reihenfolge|ordre|orden", 0.6),
        a_field("won", "Won", Shape.YES_NO, "closed won|is won|won|gewonnen", 1.2),
        a_field("closed", "Closed", Shape.YES_NO, "is closed|closed|geschlossen|fermé|cerrado", 0.8),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|stage id", 0.8, 300),
    ),
    "name",
    "external_id",
)  # fmt: skip

_ALL, _HALF = 100, 50


def stand_in(external: str) -> str:
    """Return the name of a stage of which only the id is known; one without digits is a name."""
    named = not any(map(str.isdigit, external))
    return (external if named else f"Stage {external}")[:120]


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of a stage of the pipeline it names."""
    from app.exchange.shaping import Ref

    del shaper
    name = values.get("name") or stand_in(shaped.external or values.get("external_id", "?"))
    shaped.columns["name"] = name
    if values.get("position") is not None:
        shaped.columns["position"] = values["position"]
    pipeline = values.get("pipeline_ref")
    if pipeline is None:
        shaped.draft.reject = (
            "Nothing says which pipeline this stage belongs to. Fill in the pipeline's id."
        )
        return
    shaped.refs.append(Ref("pipeline_id", ("pipeline",), pipeline))
    kind = _type(name, values)
    if kind is not None:
        shaped.columns["type"] = kind
    if "probability" in values:
        shaped.columns["probability"] = values["probability"]
    else:
        shaped.defaults["probability"] = _USUAL[kind or StageType.OPEN]


def _type(name: str, values: Mapping[str, Any]) -> StageType | None:
    """Return what a stage means: what the row says, else what its name does."""
    from app.exchange.choices import stage_type

    if values.get("won") is True:
        return StageType.WON
    if values.get("closed") is True:
        return StageType.WON if values.get("probability") == _ALL else StageType.LOST
    if "won" in values or "closed" in values:
        return StageType.OPEN
    return stage_type(name)


_USUAL: Final = {StageType.OPEN: _HALF, StageType.WON: _ALL, StageType.LOST: 0}
