"""What the panes and pages of a person and of a company show beside their fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from models.clock import now
from models.records import (
    Address,
    Appointment,
    Attachment,
    AttachmentLink,
    Contact,
    ContactPoint,
    CustomField,
    CustomValue,
    Deal,
    Order,
    Stage,
    Tag,
    TagLink,
    Task,
    Ticket,
)
from models.values import FieldType, PointKind, StageType, StatusCategory, TicketStatus

SHOWN = 5


@dataclass(frozen=True, slots=True)
class PointRow:
    """A way to reach a person or company."""

    id: int
    kind: PointKind
    label: str | None
    value: str
    normal: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A postal address."""

    id: int
    label: str | None
    street: str | None
    postal_code: str | None
    city: str | None
    region: str | None
    country: str | None

    @property
    def line(self) -> str:
        """The address on one line."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return ", ".join(part for part in (self.street, town, self.region, self.country) if part)


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag on the record."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class CustomFact:
    """A field of the workspace and what the record holds in it (None: nothing)."""

    field_id: int
    name: str
    type: FieldType
    choices: tuple[str, ...]
    value: str | Decimal | int | date | bool | None


@dataclass(frozen=True, slots=True)
class NextStepRow:
    """The next thing planned: a task or an appointment."""

    kind: str
    id: int
    title: str
    at: datetime | None
    all_day: bool


@dataclass(frozen=True, slots=True)
class DealFact:
    """An open deal with its place among the open stages of its pipeline."""

    id: int
    name: str
    amount_minor: int | None
    currency: str
    stage_name: str
    step: int
    steps: int
    expected_close_on: date | None


@dataclass(frozen=True, slots=True)
class TicketFact:
    """A ticket that is not done."""

    id: int
    number: int
    subject: str
    status: TicketStatus
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Past purchases in the latest one's currency, refunds subtracted; newest month last."""

    count: int
    total_minor: int
    currency: str
    first_at: datetime
    last_at: datetime
    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file on the record."""

    link_id: int
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """Everything beside the fields."""

    points: tuple[PointRow, ...]
    addresses: tuple[AddressRow, ...]
    tags: tuple[TagRow, ...]
    custom: tuple[CustomFact, ...]
    next_step: NextStepRow | None
    deals: tuple[DealFact, ...]
    tickets: tuple[TicketFact, ...]
    ticket_count: int
    orders: OrderFacts | None
    files: tuple[FileFact, ...]


def record_facts(session: Session, kind: str, record_id: int) -> RecordFacts:
    """Return the facts of a contact or company; a company has its people's deals and tickets."""
    own = f"{kind}_id"
    tickets, ticket_count = _tickets(session, own, record_id)
    return RecordFacts(
        points=_points(session, own, record_id),
        addresses=_addresses(session, own, record_id),
        tags=_tags(session, own, record_id),
        custom=custom_facts(session, kind, record_id),
        next_step=_next_step(session, own, record_id),
        deals=_deals(session, own, record_id),
        tickets=tickets,
        ticket_count=ticket_count,
        orders=_orders(session, own, record_id),
        files=_files(session, own, record_id),
    )


def _points(session: Session, own: str, record_id: int) -> tuple[PointRow, ...]:
    rows = session.execute(
        select(
            ContactPoint.id,
            ContactPoint.kind,
            ContactPoint.label,
            ContactPoint.value,
            ContactPoint.normal,
            ContactPoint.is_primary,
        )
        .where(getattr(ContactPoint, own) == record_id, ContactPoint.archived_at.is_(None))
        .order_by(ContactPoint.is_primary.desc(), ContactPoint.position, ContactPoint.id)
    )
    return tuple(PointRow(*row) for row in rows)


def _addresses(session: Session, own: str, record_id: int) -> tuple[AddressRow, ...]:
    rows = session.execute(
        select(
            Address.id,
            Address.label,
            Address.street,
            Address.postal_code,
            Address.city,
            Address.region,
            Address.country,
        )
        .where(getattr(Address, own) == record_id, Address.archived_at.is_(None))
        .order_by(Address.position, Address.id)
    )
    return tuple(AddressRow(*row) for row in rows)


def _tags(session: Session, own: str, record_id: int) -> tuple[TagRow, ...]:
    rows = session.execute(
        select(Tag.id, Tag.name)
        .join(TagLink, TagLink.tag_id == Tag.id)
        .where(getattr(TagLink, own) == record_id)
        .order_by(Tag.name_key)
    )
    return tuple(TagRow(*row) for row in rows)


def custom_facts(session: Session, kind: str, record_id: int) -> tuple[CustomFact, ...]:
    """Return every field of the kind with what the record holds in it."""
    rows = session.execute(
        select(CustomField, CustomValue)
        .outerjoin(
            CustomValue,
            (CustomValue.field_id == CustomField.id) & (CustomValue.record_id == record_id),
        )
        .where(CustomField.record_kind == kind, CustomField.archived_at.is_(None))
        .order_by(CustomField.position, CustomField.id)
    )
    return tuple(
        CustomFact(
            field.id, field.name, field.type, tuple(field.choices or ()), _held(field, value)
        )
        for field, value in rows
    )


def _held(field: CustomField, value: CustomValue | None) -> Any:
    if value is None:
        return None
    column = {
        FieldType.NUMBER: "number",
        FieldType.MONEY: "money_minor",
        FieldType.DATE: "day",
        FieldType.YES_NO: "yes",
        FieldType.LINK: "linked_id",
    }.get(field.type, "text")
    return getattr(value, column)


def _next_step(session: Session, own: str, record_id: int) -> NextStepRow | None:
    task = session.execute(
        select(Task.id, Task.title, Task.due_at, Task.due_all_day)
        .where(getattr(Task, own) == record_id, Task.done_at.is_(None), Task.archived_at.is_(None))
        .order_by(Task.due_at.is_(None), Task.due_at, Task.id)
        .limit(1)
    ).first()
    meeting = session.execute(
        select(Appointment.id, Appointment.title, Appointment.starts_at, Appointment.all_day)
        .where(
            getattr(Appointment, own) == record_id,
            Appointment.cancelled_at.is_(None),
            Appointment.archived_at.is_(None),
            Appointment.ends_at >= now(),
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(1)
    ).first()
    if meeting is not None and (task is None or task[2] is None or meeting[2] < task[2]):
        return NextStepRow("appointment", *meeting)
    return NextStepRow("task", *task) if task is not None else None


def _deals(session: Session, own: str, record_id: int) -> tuple[DealFact, ...]:
    other = aliased(Stage)
    place = (
        select(func.count())
        .where(
            other.pipeline_id == Deal.pipeline_id,
            other.type == StageType.OPEN,
            other.archived_at.is_(None),
        )
        .correlate(Deal, Stage)
    )
    rows = session.execute(
        select(
            Deal.id,
            Deal.name,
            Deal.amount_minor,
            Deal.currency,
            Stage.name,
            place.where(other.position <= Stage.position).scalar_subquery(),
            place.scalar_subquery(),
            Deal.expected_close_on,
        )
        .join(Stage, Stage.id == Deal.stage_id)
        .where(
            _belongs(Deal, own, record_id),
            Deal.stage_type == StageType.OPEN,
            Deal.archived_at.is_(None),
        )
        .order_by(Deal.expected_close_on.is_(None), Deal.expected_close_on, Deal.id)
    )
    return tuple(DealFact(*row) for row in rows)


def _belongs(record: Any, own: str, record_id: int) -> Any:
    if own == "contact_id":
        return record.contact_id == record_id
    people = select(Contact.id).where(Contact.company_id == record_id)
    return (record.company_id == record_id) | record.contact_id.in_(people)


def _tickets(session: Session, own: str, record_id: int) -> tuple[tuple[TicketFact, ...], int]:
    undone = [status for status in TicketStatus if status.category is not StatusCategory.DONE]
    whose = (_belongs(Ticket, own, record_id), Ticket.archived_at.is_(None))
    rows = session.execute(
        select(Ticket.id, Ticket.number, Ticket.subject, Ticket.status, Ticket.opened_at)
        .where(*whose, Ticket.status.in_(undone))
        .order_by(Ticket.opened_at.desc(), Ticket.id)
    )
    count = session.scalar(select(func.count()).select_from(Ticket).where(*whose)) or 0
    return tuple(TicketFact(*row) for row in rows), count


def _orders(session: Session, own: str, record_id: int) -> OrderFacts | None:
    rows: Sequence[Any] = session.execute(
        select(Order.at, Order.total_minor, Order.refunded_minor, Order.currency)
        .where(_belongs(Order, own, record_id), Order.archived_at.is_(None))
        .order_by(Order.at, Order.id)
    ).all()
    if not rows:
        return None
    currency = rows[-1].currency
    same = [row for row in rows if row.currency == currency]
    months: dict[int, int] = {}
    last = same[-1].at.year * 12 + same[-1].at.month
    for row in same:
        age = last - (row.at.year * 12 + row.at.month)
        months[age] = months.get(age, 0) + row.total_minor - row.refunded_minor
    return OrderFacts(
        count=len(rows),
        total_minor=sum(row.total_minor - row.refunded_minor for row in same),
        currency=currency,
        first_at=rows[0].at,
        last_at=rows[-1].at,
        months=tuple(months.get(age, 0) for age in range(9, -1, -1)),
    )


def _files(session: Session, own: str, record_id: int) -> tuple[FileFact, ...]:
    rows = session.execute(
        select(AttachmentLink.id, AttachmentLink.name, Attachment.size, AttachmentLink.media_type)
        .join(Attachment, Attachment.id == AttachmentLink.attachment_id)
        .where(getattr(AttachmentLink, own) == record_id)
        .order_by(AttachmentLink.id)
    )
    return tuple(FileFact(*row) for row in rows)


def attachment_content(session: Session, link_id: int) -> tuple[str, bytes] | None:
    """Return a file's name and bytes; None when it is gone."""
    row = session.execute(
        select(AttachmentLink.name, Attachment.content)
        .join(Attachment, Attachment.id == AttachmentLink.attachment_id)
        .where(AttachmentLink.id == link_id)
    ).first()
    return None if row is None else (row[0], row[1])
