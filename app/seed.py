"""What a new workspace starts with: the default pipeline and the usual lead sources."""

from sqlalchemy.orm import Session

from models.ids import new_id
from models.records import LeadSource, Pipeline, Stage
from models.values import StageType, name_key

# Name, probability in percent, days without a touch until a deal rots (Frappe CRM's stages).
DEFAULT_STAGES: tuple[tuple[str, StageType, int, int], ...] = (
    ("Qualification", StageType.OPEN, 10, 14),
    ("Demo", StageType.OPEN, 25, 14),
    ("Proposal", StageType.OPEN, 50, 10),
    ("Negotiation", StageType.OPEN, 70, 10),
    ("Ready to close", StageType.OPEN, 90, 7),
    ("Won", StageType.WON, 100, 0),
    ("Lost", StageType.LOST, 0, 0),
)
LEAD_SOURCES = ("Website", "Recommendation", "Trade fair", "Cold call", "Advertisement", "Partner")


def seed_workspace(session: Session) -> int:
    """Write the defaults; return the pipeline's id."""
    pipeline = Pipeline(
        id=new_id(),
        name="New business",
        name_key=name_key("New business"),
        position=0,
        is_default=True,
    )
    session.add(pipeline)
    session.flush()
    for position, (name, kind, probability, rotting) in enumerate(DEFAULT_STAGES):
        session.add(
            Stage(
                id=new_id(),
                pipeline_id=pipeline.id,
                name=name,
                position=position,
                type=kind,
                probability=probability,
                rotting_days=rotting,
            )
        )
    for name in LEAD_SOURCES:
        session.add(LeadSource(id=new_id(), name=name, name_key=name_key(name)))
    return pipeline.id
