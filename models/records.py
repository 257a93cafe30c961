"""All mapped records, imported in one place so that the metadata is complete."""

from sqlalchemy.orm import Mapper, relationship

from models.activity import Activity, ActivityParticipant
from models.attachment import Attachment, AttachmentLink
from models.base import Base, Record
from models.campaign import Campaign, LeadSource
from models.company import Company
from models.contact import Address, Contact, ContactPoint, ExternalId
from models.custom_field import CustomField, CustomValue
from models.deal import Deal, DealLine, Pipeline, Stage, StageChange
from models.intake import (
    ImportMapping,
    MailAccount,
    MailFolder,
    PendingLink,
    WatchedFile,
    WatchedFolder,
)
from models.order import Event, Order, OrderLine
from models.product import Product
from models.sharing_records import JobLease, MachinePass, Presence
from models.tag import Tag, TagLink
from models.task import Appointment, Reminder, Task
from models.ticket import CannedReply, Ticket, TicketMessage
from models.user import User
from models.workspace_records import (
    ChangeLog,
    ChangeStep,
    ImportBatch,
    ImportReject,
    ImportRow,
    LogHead,
    NodeLease,
    SavedView,
    WorkspaceSetting,
)

RECORDS: dict[str, type[Record]] = {
    mapper.class_.__tablename__: mapper.class_
    for mapper in Base.registry.mappers
    if issubclass(mapper.class_, Record)
}


def _order_by_foreign_keys() -> None:
    """Tell the unit of work which table needs which first.

    Records hold ids, not each other, so without these it would flush a deal before its company.
    They carry nothing: never loaded, no cascade.
    """
    by_table = {record.__table__: record for record in RECORDS.values()}
    for record in RECORDS.values():
        mapper: Mapper[Record] = record.__mapper__
        for column in mapper.local_table.columns:
            for key in column.foreign_keys:
                target = by_table.get(key.column.table)
                if target is None or target is record:
                    continue
                mapper.add_property(
                    f"_after_{column.key}",
                    relationship(
                        target,
                        primaryjoin=column == key.column,
                        foreign_keys=[column],
                        lazy="raise",
                        cascade="",
                        passive_deletes="all",
                    ),
                )


_order_by_foreign_keys()

__all__ = [
    "RECORDS",
    "Activity",
    "ActivityParticipant",
    "Address",
    "Appointment",
    "Attachment",
    "AttachmentLink",
    "Base",
    "Campaign",
    "CannedReply",
    "ChangeLog",
    "ChangeStep",
    "Company",
    "Contact",
    "ContactPoint",
    "CustomField",
    "CustomValue",
    "Deal",
    "DealLine",
    "Event",
    "ExternalId",
    "ImportBatch",
    "ImportMapping",
    "ImportReject",
    "ImportRow",
    "JobLease",
    "LeadSource",
    "LogHead",
    "MachinePass",
    "MailAccount",
    "MailFolder",
    "NodeLease",
    "Order",
    "OrderLine",
    "PendingLink",
    "Pipeline",
    "Presence",
    "Product",
    "Record",
    "Reminder",
    "SavedView",
    "Stage",
    "StageChange",
    "Tag",
    "TagLink",
    "Task",
    "Ticket",
    "TicketMessage",
    "User",
    "WatchedFile",
    "WatchedFolder",
    "WorkspaceSetting",
]
