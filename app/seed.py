"""What a new workspace starts with: the default pipeline and the usual lead sources."""

from sqlalchemy.orm import Session

from app.commands.pipelines import create_pipeline
from models.ids import new_id
from models.records import LeadSource
from models.values import name_key

LEAD_SOURCES = ("Website", "Recommendation", "Trade fair", "Cold call", "Advertisement", "Partner")


def seed_workspace(session: Session) -> int:
    """Write the defaults; return the pipeline's id."""
    for name in LEAD_SOURCES:
        session.add(LeadSource(id=new_id(), name=name, name_key=name_key(name)))
    return create_pipeline(session, name="New business", template="sales", is_default=True)
