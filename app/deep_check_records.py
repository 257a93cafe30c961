"""The checks of `check --deep` on what records say of each other."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.commands.settings import workspace_settings
from models.records import (
    RECORDS,
    Attachment,
    Company,
    Contact,
    ContactPoint,
    CustomField,
    CustomValue,
    Deal,
    DealLine,
    ExternalId,
    ImportRow,
    StageChange,
)
from models.values import (
    FieldType,
    PointKind,
    company_key,
    fold,
    name_key,
    normal_email,
    normal_phone,
)

Problems = Iterator[str]
_STREAM: Final = {"yield_per": 2_000}


def _number(session: Session, statement: str) -> int:
    return int(session.execute(text(statement)).scalar() or 0)


def _rows(session: Session, statement: Any) -> Iterator[Any]:
    yield from session.execute(statement, execution_options=_STREAM)


# Deals.


def _deal_ends(session: Session) -> Problems:
    found = _number(
        session,
        "SELECT count(*) FROM deal WHERE stage_type = 'open' "
        "AND (closed_on IS NOT NULL OR lost_reason IS NOT NULL)",
    )
    if found:
        yield f"{found:,} open deals have a closing day or a reason why they were lost"
    won = _number(
        session, "SELECT count(*) FROM deal WHERE stage_type = 'won' AND lost_reason IS NOT NULL"
    )
    if won:
        yield f"{won:,} won deals have a reason why they were lost"


def _stage_history(session: Session) -> Problems:
    """Each deal's moves, in any order, must lead from nowhere to the stage it is in."""
    balance: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    moves = select(StageChange.deal_id, StageChange.from_stage_id, StageChange.to_stage_id)
    for deal_id, before, after in _rows(session, moves):
        balance[deal_id][after] += 1
        if before is not None:
            balance[deal_id][before] -= 1
    for deal_id, stage_id in _rows(session, select(Deal.id, Deal.stage_id)):
        left = {stage: n for stage, n in balance.pop(deal_id, {}).items() if n}
        if left != {stage_id: 1}:
            yield f"the moves of deal {deal_id} do not lead to its stage"


def _deal_amounts(session: Session) -> Problems:
    """Priced lines make a deal's amount; an import may give an amount of its own."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    lines = select(DealLine.deal_id, DealLine.quantity, DealLine.unit_price_minor).where(
        DealLine.archived_at.is_(None), DealLine.unit_price_minor.is_not(None)
    )
    for deal_id, quantity, price in _rows(session, lines):
        sums[deal_id] += quantity * price
    imported = select(ImportRow.id).where(ImportRow.record_id == Deal.id).exists()
    for deal_id, amount in _rows(session, select(Deal.id, Deal.amount_minor).where(~imported)):
        if deal_id in sums and amount != int(sums[deal_id].to_integral_value(ROUND_HALF_EVEN)):
            yield f"the amount of deal {deal_id} is not the sum of its lines"


# People and companies.


def _points(session: Session) -> Problems:
    twice = _number(
        session,
        "SELECT count(*) FROM (SELECT 1 AS n FROM contact_point "
        "WHERE archived_at IS NULL AND kind IN ('email', 'phone') "
        "GROUP BY contact_id, company_id, kind "
        "HAVING sum(CASE WHEN is_primary THEN 1 ELSE 0 END) <> 1) AS d",
    )
    if twice:
        yield f"{twice:,} people or companies have no, or more than one, main e-mail or phone"


def _primaries(session: Session) -> Problems:
    for kind in ("email", "phone"):
        wrong = _number(
            session,
            "SELECT count(*) FROM contact AS c LEFT JOIN contact_point AS p "  # noqa: S608  our own names
            f"ON p.contact_id = c.id AND p.kind = '{kind}' AND p.is_primary "
            "AND p.archived_at IS NULL "
            f"WHERE coalesce(c.{kind}, '') <> coalesce(p.value, '') "
            f"OR coalesce(c.{kind}_key, '') <> coalesce(p.normal, '')",
        )
        if wrong:
            yield f"{wrong:,} people show another {kind} than their main one"


def _normal_forms(session: Session) -> Problems:
    """Only by its normal form is a person found again by e-mail or phone."""
    region = workspace_settings(session).phone_region
    points = select(ContactPoint.id, ContactPoint.kind, ContactPoint.value, ContactPoint.normal)
    wanted = points.where(ContactPoint.kind.in_((PointKind.EMAIL, PointKind.PHONE)))
    for point_id, kind, value, normal in _rows(session, wanted):
        good = (
            normal == normal_email(value)
            if kind is PointKind.EMAIL
            else _is_normal_phone(value, normal, region)
        )
        if not good:
            yield f"{kind.value} {point_id} is kept under another normal form than its own"


def _is_normal_phone(value: str, normal: str, region: str) -> bool:
    if normal == normal_phone(value, region):
        return True
    if value.lstrip().startswith("+"):
        return False
    # Without a country it may have been entered while the workspace was set to another one.
    digits = re.sub(r"\D", "", value).lstrip("0")
    return bool(digits) and normal.endswith(digits[-6:])


def _names(session: Session) -> Problems:
    key: Callable[[str], str]
    for record, key in ((Contact, name_key), (Company, company_key)):
        for record_id, name, held in _rows(
            session, select(record.id, record.name, record.name_key)
        ):
            if held != (key(name)[:300] or fold(name)[:300]):
                yield f"{record.__tablename__} {record_id} cannot be found by its name"


# Files, and links that no foreign key guards.


def _files(session: Session) -> Problems:
    digests = select(Attachment.id, Attachment.digest, Attachment.size)
    for attachment_id, digest, size in session.execute(digests).all():
        content = session.scalar(select(Attachment.content).where(Attachment.id == attachment_id))
        if content is None or len(content) != size:
            yield f"file {attachment_id} has {len(content or b''):,} of {size:,} bytes"
        elif hashlib.sha256(content).hexdigest() != digest:
            yield f"the bytes of file {attachment_id} have changed"


def _links(session: Session) -> Problems:
    kinds = session.execute(select(CustomField.record_kind).distinct()).scalars().all()
    for kind in kinds:
        lost = _lost(session, CustomValue.record_id, kind, _values_of(kind))
        if lost:
            yield f"{lost:,} values of custom fields belong to a missing {kind}"
    linking = select(CustomField).where(CustomField.type == FieldType.LINK)
    for field in session.scalars(linking):
        target = field.choices if isinstance(field.choices, str) else (field.choices or ("",))[0]
        lost = _lost(session, CustomValue.linked_id, target, CustomValue.field_id == field.id)
        if lost:
            yield f"{lost:,} values of “{field.name}” point to a missing {target}"
    outer = session.execute(select(ExternalId.record_kind).distinct()).scalars().all()
    for kind in outer:
        lost = _lost(session, ExternalId.record_id, kind, ExternalId.record_kind == kind)
        if lost:
            yield f"{lost:,} numbers of other systems belong to a missing {kind}"


def _values_of(kind: str) -> Any:
    return CustomValue.field_id.in_(
        select(CustomField.id).where(CustomField.record_kind == kind).scalar_subquery()
    )


def _lost(session: Session, link: Any, kind: str, rule: Any) -> int:
    record = RECORDS.get(kind)
    missing = (
        link.is_not(None)
        if record is None
        else ~select(record.id).where(record.id == link).exists() & link.is_not(None)
    )
    return session.scalar(select(func.count()).select_from(link.class_).where(rule, missing)) or 0


RECORD_CHECKS: Final[dict[str, Callable[[Session], Problems]]] = {
    "ends of deals": _deal_ends,
    "moves of deals": _stage_history,
    "amounts of deals": _deal_amounts,
    "ways to reach people": _points,
    "main e-mails and phones": _primaries,
    "normal forms": _normal_forms,
    "names": _names,
    "files": _files,
    "links between records": _links,
}
