"""The pane beside the list: one person or company, edited in place."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.changes import Changes
from app.queries.contact_details import ContactDetails
from models.values import PointKind
from views.contacts.composer import Composer
from views.contacts.facts import FactsColumn
from views.contacts.property_list import PropertyList
from views.contacts.record_view import Details, RecordSource
from views.contacts.timeline_panel import TimelinePanel
from views.context import PageContext
from views.shared.buttons import IconButton, secondary
from views.shared.cards import Card
from views.shared.fields import TagField
from views.shared.inline_title import InlineTitle
from views.shared.labels import AvatarLabel, Divider, Label, LinkLabel
from views.shared.text import NBHY, tr


class DetailsPane(Card):
    """Name, ways to reach, properties, tags, facts, a place to write, and the latest entries."""

    closed = Signal()

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=0, spacing=0)
        self.context = context
        self.source = RecordSource(context, self)
        self.source.loaded.connect(self._show)
        self.source.gone.connect(self.closed)
        self.body.setContentsMargins(1, 1, 1, 1)
        area = self.area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("scrolled")
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(0, 18, 0, 16)
        self.column.setSpacing(14)
        area.setWidget(inner)
        self.add(area, 1)
        self._build()

    def _build(self) -> None:
        top = _padded(self.column)
        top.addLayout(self._build_head())
        top.addLayout(self._build_buttons())
        self.form = PropertyList()
        self.form.committed.connect(lambda key, value: self.source.save(key, value, self.form))
        self.form.link_clicked.connect(self._follow)
        self.tags = TagField()
        self.tags.added.connect(self.source.add_tag)
        self.tags.removed.connect(self.source.remove_tag)
        self.facts = FactsColumn(self.context.currency, plain=True)
        self.facts.record_opened.connect(self.context.open_record)
        self.facts.task_done.connect(self.source.finish_task)
        self.facts.task_wanted.connect(lambda: self._write("task"))
        self.facts.deal_wanted.connect(self.source.new_deal)
        middle = _padded(self.column)
        middle.addWidget(self.form)
        middle.addWidget(self.tags)
        middle.addWidget(Divider())
        middle.addWidget(self.facts)
        self.column.addWidget(Divider())
        self.composer = Composer(self.context, narrow=True)
        self.column.addWidget(self.composer)
        self.column.addWidget(Divider())
        self.timeline = TimelinePanel(self.context, first=8)
        self.column.addWidget(self.timeline)
        self.everything = LinkLabel(tr("Show everything"))
        self.everything.clicked.connect(self.open_full)
        _padded(self.column).addWidget(self.everything)
        self.column.addStretch(1)

    def _build_head(self) -> QHBoxLayout:
        self.avatar = AvatarLabel(0, "", 48)
        self.name = InlineTitle("")
        self.name.committed.connect(
            lambda text: self.source.save("name", text, opened=self.name.opened)
        )
        self.line = Label("", "muted", elide=True)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.line)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.name)
        words.addLayout(below)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        wide = IconButton("maximize-2", tr("Open at full width (Enter)"), size=28, icon_size=16)
        wide.clicked.connect(self.open_full)
        close = IconButton("x", tr("Close (Esc)"), size=28, icon_size=16)
        close.clicked.connect(self.closed)
        corner = QHBoxLayout()
        corner.setSpacing(0)
        for button in (wide, close):
            corner.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(corner)
        return head

    def _build_buttons(self) -> QHBoxLayout:
        self.mail = secondary(tr("E{hyphen}mail", hyphen=NBHY), "mail")
        self.mail.clicked.connect(self.send_mail)
        self.call = secondary(tr("Call"), "phone")
        self.call.clicked.connect(self.make_call)
        self.log = secondary(tr("Log"))
        self.log.clicked.connect(lambda: self._write("call"))
        line = QHBoxLayout()
        line.setSpacing(8)
        for button in (self.mail, self.call, self.log):
            button.give_way()
            line.addWidget(button)
        return line

    # What the page asks.

    def show_record(self, kind: str, record_id: int) -> None:
        """Show a contact or company."""
        if record_id != self.source.record_id:
            self.form.forget()
            self.area.verticalScrollBar().setValue(0)
        self.source.show_record(kind, record_id)
        self.timeline.show_record(kind, record_id)

    def refresh(self, changes: Changes) -> None:
        """Follow a change."""
        self.source.refresh(changes)
        self.timeline.refresh(changes)

    def open_full(self) -> None:
        """Show the record at full width."""
        if self.source.record_id is not None:
            self.context.open_record(self.source.kind, self.source.record_id, full=True)

    def _show(self, details: Details) -> None:
        row: Any = details.row
        self.avatar.set_person(row.id, row.name)
        self.name.set_text(row.name)
        is_person = isinstance(details, ContactDetails)
        parts = (row.job_title, row.company_name) if is_person else (row.industry, row.country)
        self.line.set_text(", ".join(part for part in parts if part))
        self.line.setVisible(any(parts))
        self.mail.setEnabled(self.source.reach(PointKind.EMAIL) is not None)
        self.call.setEnabled(self.source.reach(PointKind.PHONE) is not None)
        self.form.set_properties(self.source.properties())
        self.tags.set_tags([(tag.id, tag.name) for tag in details.facts.tags])
        self.tags.set_suggestions([name for _, name in self.source.choices.tags])
        self.facts.show_facts(
            details.facts, people=() if isinstance(details, ContactDetails) else details.people
        )
        self.composer.show_record(self.source.kind, row.id, row.name)

    def send_mail(self) -> None:
        """Open the mail program, then offer to log the e-mail."""
        if self.source.mail():
            self._write("email")

    def make_call(self) -> None:
        """Open the telephone, then offer to log the call."""
        if self.source.call():
            self._write("call")

    def _follow(self, key: str) -> None:
        afterwards = self.source.follow(key)
        if afterwards is not None:
            self._write(afterwards)

    def _write(self, kind: str) -> None:
        """Offer to write down what was just done."""
        self.composer.begin(kind)
        self.area.ensureWidgetVisible(self.composer, 0, 80)


def _padded(column: QVBoxLayout) -> QVBoxLayout:
    inner = QVBoxLayout()
    inner.setContentsMargins(18, 0, 14, 0)
    inner.setSpacing(12)
    column.addLayout(inner)
    return inner
