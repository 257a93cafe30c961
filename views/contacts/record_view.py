"""What the pane and the page of one record share: loading, saving in place, calling, mailing."""

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.changes import Changes
from app.commands.companies import change_company
from app.commands.contacts import change_contact
from app.commands.record_batches import archive_chosen, restore_chosen
from app.commands.tags import tag_records, untag_records
from app.commands.tasks import complete_task
from app.queries.contact_details import (
    CompanyDetails,
    ContactDetails,
    company_details,
    contact_details,
)
from app.queries.lookups import Option, lead_source_options, tag_options, user_options
from models.values import PointKind
from views.contacts.contact_properties import (
    Choices,
    company_properties,
    contact_properties,
    opened_of,
    write_of,
)
from views.contacts.property_list import Property, PropertyList
from views.context import PageContext
from views.operations import Lookup, Operation
from views.shared.text import tr, translate_error

Details = ContactDetails | CompanyDetails
_CHANGES: Final[tuple[Callable[..., Any], ...]] = (change_contact, change_company)
KEEP: Final = object()  # stands for "nobody knows what was shown"
KINDS: Final = (
    "contact", "company", "contact_point", "address", "tag", "tag_link", "custom_value",
    "custom_field", "deal", "ticket", "order", "task", "appointment", "activity", "user",
    "lead_source", "attachment_link",
)  # fmt: skip


class RecordSource(QObject):
    """One contact or company: read off the GUI thread, read again when something of it changed."""

    loaded = Signal(object)
    gone = Signal()

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self.context = context
        self.kind = "contact"
        self.record_id: int | None = None
        self.details: Details | None = None
        self.choices = Choices()

    def show_record(self, kind: str, record_id: int) -> None:
        """Read a record."""
        if (kind, record_id) != (self.kind, self.record_id):
            self.details = None
        self.kind, self.record_id = kind, record_id
        self.reload()

    def reload(self) -> None:
        """Read the record and the choices again."""
        if self.record_id is None:
            return
        query: Callable[..., Any] = contact_details if self.kind == "contact" else company_details
        Lookup(self, read_choices, key="choices").then(self._take_choices)
        Lookup(self, query, self.record_id, key="details").then(self._take)

    def refresh(self, changes: Changes) -> None:
        """Follow a change."""
        if self.record_id is not None and changes.touches(*KINDS):
            self.reload()

    def _take_choices(self, choices: Choices) -> None:
        if choices != self.choices:
            self.choices = choices
            if self.details is not None:
                self.loaded.emit(self.details)

    def _take(self, details: Details | None) -> None:
        if details is None:
            self.gone.emit()
        elif details.row.id == self.record_id:
            self.details = details
            self.loaded.emit(details)

    def properties(self) -> list[Property]:
        """Return the record's properties."""
        if isinstance(self.details, ContactDetails):
            return contact_properties(self, self.details, self.choices, self.context.currency)
        if isinstance(self.details, CompanyDetails):
            return company_properties(self, self.details, self.choices, self.context.currency)
        return []

    @property
    def name(self) -> str:
        """The record's name."""
        return self.details.row.name if self.details is not None else ""

    # Saving.

    def save(
        self, key: str, value: Any, form: PropertyList | None = None, *, opened: Any = KEEP
    ) -> None:
        """Save one property; what is refused stands beside its field.

        `opened` is what stood there when editing began.
        """
        if self.record_id is None:
            return
        company_id = (
            self.details.row.company_id if isinstance(self.details, ContactDetails) else None
        )
        field = form.field(key) if form is not None else None
        opened = field.opened if field is not None else opened
        label, command, fields = write_of(self.kind, self.record_id, company_id, key, value)
        if opened is not KEEP:
            fields |= opened_of(key, opened)
        is_own = command in _CHANGES and fields.get(f"{self.kind}_id") == self.record_id
        if self.details is not None and is_own:
            fields["row_version"] = self.details.row.row_version
        operation = Operation(self, label, command, **fields)
        if field is not None:
            operation.or_else(lambda error: field.set_error(translate_error(error)))

    def add_tag(self, name: str) -> None:
        """Put a tag on the record."""
        Operation(self, "Add tag", tag_records, kind=self.kind, ids=[self.record_id], name=name)

    def remove_tag(self, tag_id: object) -> None:
        """Take a tag off the record."""
        Operation(
            self, "Remove tag", untag_records, kind=self.kind, ids=[self.record_id], tag_id=tag_id
        )

    def finish_task(self, task_id: object) -> None:
        """Mark the next step as done."""
        Operation(self, "Complete task", complete_task, task_id=task_id).toast(tr("Done"))

    def archive(self) -> None:
        """Put the record away, or bring it back."""
        if self.details is None:
            return
        away = self.details.row.archived_at is not None
        command = restore_chosen if away else archive_chosen
        label = "Restore" if away else "Archive"
        words = tr("{name} is back") if away else tr("{name} archived")
        Operation(self, label, command, kind=self.kind, chosen=(self.record_id,)).toast(
            words.format(name=self.name)
        )

    # Reaching.

    def reach(self, kind: PointKind) -> str | None:
        """Return the first number or address of a kind."""
        if self.details is None:
            return None
        points = [p for p in self.details.facts.points if p.kind is kind]
        if points:
            return points[0].normal if kind is PointKind.PHONE else points[0].value
        if isinstance(self.details, ContactDetails):
            row = self.details.row
            return row.email if kind is PointKind.EMAIL else row.phone
        return None

    def call(self) -> bool:
        """Hand the number to the system's telephone; False where there is none."""
        number = self.reach(PointKind.PHONE)
        if number:
            open_url(f"tel:{number.replace(' ', '')}")
        return number is not None

    def mail(self) -> bool:
        """Hand the address to the system's mail program; False where there is none."""
        address = self.reach(PointKind.EMAIL)
        if address:
            open_url(f"mailto:{address}")
        return address is not None

    def follow(self, key: str) -> str | None:
        """Follow a property's link; return what to write down afterwards, "call" or "email"."""
        if key == "email":
            return "email" if self.mail() else None
        if key == "phone":
            return "call" if self.call() else None
        if key == "company_id" and isinstance(self.details, ContactDetails):
            self._open("company", self.details.row.company_id)
        elif key == "parent_id" and isinstance(self.details, CompanyDetails):
            self._open("company", self.details.row.parent_id)
        elif key == "website" and isinstance(self.details, CompanyDetails):
            open_url(_web(self.details.row.website or ""))
        elif key.startswith("point:"):
            return self._follow_point(int(key[6:]))
        return None

    def _follow_point(self, point_id: int) -> str | None:
        points = self.details.facts.points if self.details is not None else ()
        point = next((p for p in points if p.id == point_id), None)
        if point is None:
            return None
        if point.kind is PointKind.EMAIL:
            open_url(f"mailto:{point.value}")
            return "email"
        if point.kind is PointKind.PHONE:
            open_url(f"tel:{point.normal}")
            return "call"
        open_url(_web(point.value))
        return None

    def _open(self, kind: str, record_id: int | None) -> None:
        if record_id is not None:
            self.context.open_record(kind, record_id, full=True)

    def new_deal(self) -> None:
        """Begin a deal with this person or company."""
        known: dict[str, Any] = {}
        if isinstance(self.details, ContactDetails):
            row = self.details.row
            known = {"contact_id": row.id, "contact_name": row.name}
            if row.company_id is not None:
                known |= {"company_id": row.company_id, "company_name": row.company_name}
        elif self.details is not None:
            known = {"company_id": self.details.row.id, "company_name": self.details.row.name}
        self.context.navigate("pipeline", None, None, new=True, **known)


def open_url(url: str) -> None:
    """Hand an address to the system's own program."""
    QDesktopServices.openUrl(QUrl(url))


def _web(address: str) -> str:
    return address if "://" in address else f"https://{address}"


def read_choices(session: Any) -> Choices:
    """Return what can be chosen everywhere."""

    def pairs(options: list[Option]) -> tuple[tuple[int, str], ...]:
        return tuple((option.id, option.label) for option in options)

    return Choices(
        users=pairs(user_options(session)),
        sources=pairs(lead_source_options(session)),
        tags=pairs(tag_options(session)),
    )
