"""Pipelines of another program, under its ids."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import ID_WORDS, Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

PIPELINE = a_kind(
    "pipeline",
    "Pipeline",
    "pipelines",
    (
        a_field("name", "Pipeline", Shape.NAME, "pipeline|pipeline label|pipeline name|"
           "deal pipeline label|vertriebspipeline|nom du pipeline|nombre del pipeline", 1.5, 120),
        a_field("position", "Position", Shape.INTEGER, "display order|position|order nr|sort order|"
           "reihenfolge|ordre|orden", 0.4),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|pipeline id", 0.8, 300),
    ),
    "name",
    "external_id",
)  # fmt: skip


def stand_in(external: str) -> str:
    """Return the name of a pipeline of which only the id is known."""
    return f"Pipeline {external}"[:120]


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of a pipeline."""
    del shaper
    from app.exchange.shaping import key_of

    name = values.get("name") or stand_in(shaped.external or values.get("external_id", "?"))
    shaped.columns.update(name=name, name_key=key_of("pipeline", name)[:120])
    if values.get("position") is not None:
        shaped.columns["position"] = values["position"]
    shaped.keys.append(("name", shaped.columns["name_key"]))
