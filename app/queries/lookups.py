"""Short lists to choose from: people, companies, deals, products, stages and the like."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from models.records import (
    Campaign,
    Company,
    Contact,
    Deal,
    LeadSource,
    Pipeline,
    Product,
    Stage,
    Tag,
    User,
)
from models.values import StageType, fold, name_key


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: `detail` tells apart what has the same label."""

    id: int
    label: str
    detail: str = ""


def user_options(session: Session) -> list[Option]:
    """Return our people by name."""
    return _options(
        session,
        select(User.id, User.name, User.team)
        .where(User.archived_at.is_(None))
        .order_by(User.name_key, User.id),
    )


def company_options(session: Session, text: str = "", limit: int = 20) -> list[Option]:
    """Return companies whose name has the words, those that begin with the text first."""
    found = select(Company.id, Company.name, Company.country).where(Company.archived_at.is_(None))
    return _options(session, _matching(found, Company.sort_name, text, limit))


def contact_options(session: Session, text: str = "", limit: int = 20) -> list[Option]:
    """Return people whose name, company or e-mail has the words, with their company as detail."""
    company = aliased(Company)
    found = (
        select(Contact.id, Contact.name, company.name)
        .outerjoin(company, company.id == Contact.company_id)
        .where(Contact.archived_at.is_(None))
    )
    return _options(session, _matching(found, Contact.sort_name, text, limit))


def deal_options(session: Session, text: str = "", limit: int = 20) -> list[Option]:
    """Return deals whose name has the words, the open ones first, with their company as detail."""
    company = aliased(Company)
    found = (
        select(Deal.id, Deal.name, company.name)
        .outerjoin(company, company.id == Deal.company_id)
        .where(Deal.archived_at.is_(None))
        .order_by(case((Deal.stage_type == StageType.OPEN, 0), else_=1))
    )
    return _options(session, _matching(found, Deal.sort_name, text, limit))


def product_options(session: Session, text: str = "", limit: int = 50) -> list[Option]:
    """Return products on sale whose name has the words, with their code as detail."""
    found = (
        select(Product.id, Product.name, Product.code)
        .where(Product.archived_at.is_(None), Product.is_active)
        .order_by(Product.name_key, Product.id)
        .limit(limit)
    )
    for word in text.split():
        found = found.where(Product.name_key.contains(name_key(word), autoescape=True))
    return _options(session, found)


def lead_source_options(session: Session) -> list[Option]:
    """Return the lead sources by name."""
    return _options(
        session,
        select(LeadSource.id, LeadSource.name)
        .where(LeadSource.archived_at.is_(None))
        .order_by(LeadSource.name_key),
    )


def campaign_options(session: Session) -> list[Option]:
    """Return the campaigns by name."""
    return _options(
        session,
        select(Campaign.id, Campaign.name)
        .where(Campaign.archived_at.is_(None))
        .order_by(Campaign.name_key, Campaign.id),
    )


def tag_options(session: Session) -> list[Option]:
    """Return the tags by name."""
    return _options(
        session,
        select(Tag.id, Tag.name).where(Tag.archived_at.is_(None)).order_by(Tag.name_key),
    )


def pipeline_options(session: Session) -> list[Option]:
    """Return the pipelines in their order."""
    return _options(
        session,
        select(Pipeline.id, Pipeline.name)
        .where(Pipeline.archived_at.is_(None))
        .order_by(Pipeline.position, Pipeline.id),
    )


def stage_options(session: Session, pipeline_id: int | None = None) -> list[Option]:
    """Return the stages of a pipeline, or of all with the pipeline as detail, in order."""
    found = (
        select(Stage.id, Stage.name, Pipeline.name)
        .join(Pipeline, Pipeline.id == Stage.pipeline_id)
        .where(Stage.archived_at.is_(None), Pipeline.archived_at.is_(None))
        .order_by(Pipeline.position, Pipeline.id, Stage.position, Stage.id)
    )
    if pipeline_id is not None:
        found = found.where(Stage.pipeline_id == pipeline_id)
    return _options(session, found)


def _options(session: Session, statement: Any) -> list[Option]:
    return [
        Option(int(row[0]), str(row[1]), (row[2] or "") if len(row) > 2 else "")  # noqa: PLR2004
        for row in session.execute(statement)
    ]


def _matching(statement: Any, name: Any, text: str, limit: int) -> Any:
    """Narrow to names with every word; what begins with the first word stands first."""
    words: Sequence[str] = fold(text).split()
    for word in words:
        statement = statement.where(name.contains(word, autoescape=True))
    if words:
        begins = name.startswith(words[0], autoescape=True)
        statement = statement.order_by(case((begins, 0), else_=1))
    return statement.order_by(name).limit(limit)
