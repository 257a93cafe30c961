"""One person, or one company, at full width: properties, timeline, facts."""

from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from app.changes import Changes
from app.queries.contact_details import CompanyDetails, ContactDetails
from models.values import PointKind
from views.contacts.composer import Composer
from views.contacts.facts import FactsColumn
from views.contacts.files_panel import FilesPanel
from views.contacts.property_list import PropertyList
from views.contacts.record_view import KINDS, Details, RecordSource
from views.contacts.timeline_panel import TimelinePanel
from views.contacts.words import lifecycle_pill
from views.context import PageContext
from views.shared.buttons import IconButton, primary, secondary
from views.shared.cards import Card, EmptyState, Skeleton
from views.shared.fields import TagField
from views.shared.format import number
from views.shared.inline_title import InlineTitle
from views.shared.labels import AvatarLabel, Divider, Label, LinkLabel, PillLabel
from views.shared.page import Page
from views.shared.text import NBHY, tr

LEFT, RIGHT = 280, 304
FOLD = 940  # below this width of the page the facts move under the properties


class RecordPage(Page):
    """The page of one record; the two kinds differ in what they show, not in how."""

    kinds: ClassVar[tuple[str, ...]] = (*KINDS, "stage_change", "ticket_message")
    kind = "contact"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._ids: Sequence[int] = ()
        self._folded = False
        self.source = RecordSource(context, self)
        self.source.loaded.connect(self._show)
        self.source.gone.connect(self._gone)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 14, 24, 24)
        box.setSpacing(8)
        box.addLayout(self._build_crumbs())
        box.addLayout(self._build_head())
        box.addSpacing(8)
        self.body = QWidget()
        columns = QHBoxLayout(self.body)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(16)
        columns.addWidget(self._build_left())
        columns.addWidget(self._build_middle(), 1)
        self._right = self._build_right()
        columns.addWidget(self._right)
        self.skeleton = Skeleton(8, 44)
        self.missing = EmptyState(
            "user-x", tr("This record is not there any more"),
            tr("Perhaps somebody removed it, or an undo took it back."), tr("Back to the list"),
        )  # fmt: skip
        self.missing.primary_clicked.connect(lambda: context.navigate("contacts"))
        self.missing.hide()
        self.body.hide()
        box.addWidget(self.skeleton)
        box.addWidget(self.missing, 1)
        box.addWidget(self.body, 1)
        self._add_keys()

    # Building.

    def _build_crumbs(self) -> QHBoxLayout:
        self.back = LinkLabel(tr("Contacts"))
        self.back.set_role("muted")
        self.back.clicked.connect(lambda: self.context.navigate("contacts"))
        self.place = Label("", "muted", elide=True)
        self.position = Label("", "small")
        self.previous = IconButton(
            "chevron-left", tr("Previous (Alt+Up)"), bordered=True, size=28, icon_size=16
        )
        self.next = IconButton(
            "chevron-right", tr("Next (Alt+Down)"), bordered=True, size=28, icon_size=16
        )
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.back)
        line.addWidget(self.place)
        line.addStretch(1)
        line.addWidget(self.position)
        line.addWidget(self.previous)
        line.addWidget(self.next)
        return line

    def _build_head(self) -> QHBoxLayout:
        self.avatar = AvatarLabel(0, "", 56, square=self.kind == "company")
        self.name = InlineTitle("")
        self.name.committed.connect(
            lambda text: self.source.save("name", text, opened=self.name.opened)
        )
        self.pill = PillLabel("", outlined=True)
        self.away = PillLabel(tr("Archived"), "warning", "archive", outlined=True)
        self.line = Label("", "muted", elide=True)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.line)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.name)
        top.addWidget(self.pill)
        top.addWidget(self.away)
        top.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(top)
        words.addLayout(below)
        self.more = IconButton("ellipsis", tr("More"), bordered=True)
        self.more.clicked.connect(self._open_menu)
        self.deal = secondary(tr("New deal"), "plus")
        self.deal.clicked.connect(self.source.new_deal)
        self.call = secondary(tr("Call"), "phone")
        self.call.clicked.connect(self._make_call)
        self.mail = primary(tr("E{hyphen}mail", hyphen=NBHY), "mail")
        self.mail.clicked.connect(self._send_mail)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.avatar)
        line.addLayout(words, 1)
        for widget in (self.more, self.deal, self.call, self.mail):
            line.addWidget(widget)
        return line

    def _build_left(self) -> Card:
        card = Card(padding=0)
        card.setFixedWidth(LEFT)
        area, inner = _scrolling()
        card.body.setContentsMargins(1, 1, 1, 1)
        card.add(area, 1)
        self.left_box = QVBoxLayout(inner)
        self.left_box.setContentsMargins(19, 16, 15, 12)
        self.left_box.setSpacing(10)
        self.form = PropertyList()
        self.form.committed.connect(lambda key, value: self.source.save(key, value, self.form))
        self.form.link_clicked.connect(self._follow)
        self.tags = TagField()
        self.tags.added.connect(self.source.add_tag)
        self.tags.removed.connect(self.source.remove_tag)
        self.files = FilesPanel(self.context)
        self.left_box.addWidget(self.form)
        self.left_box.addWidget(Label(tr("Tags"), "section"))
        self.left_box.addWidget(self.tags)
        self.left_box.addWidget(self.files)
        self.left_box.addStretch(1)
        return card

    def _build_middle(self) -> Card:
        card = Card(padding=0, spacing=0)
        card.body.setContentsMargins(1, 1, 1, 1)
        self.composer = Composer(self.context)
        self.timeline = TimelinePanel(self.context)
        card.add(self.composer)
        card.add(Divider())
        card.add(self.timeline, 1)
        return card

    def _build_right(self) -> QScrollArea:
        area, inner = _scrolling()
        area.setFixedWidth(RIGHT)
        self._facts_home = QVBoxLayout(inner)
        self._facts_home.setContentsMargins(0, 0, 0, 0)
        self.facts = FactsColumn(self.context.currency)
        self.facts.record_opened.connect(self._open_record)
        self.facts.task_done.connect(self.source.finish_task)
        self.facts.task_wanted.connect(lambda: self.composer.begin("task"))
        self.facts.deal_wanted.connect(self.source.new_deal)
        self._facts_home.addWidget(self.facts)
        return area

    def _add_keys(self) -> None:
        for keys, act in (
            ("Alt+Up", lambda: self.step(-1)),
            ("Alt+Down", lambda: self.step(1)),
            ("Escape", self.context.back),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # Page.

    def refresh(self, changes: Changes | None) -> None:
        """Show what changed."""
        if changes is None:
            self.source.reload()
        else:
            self.source.refresh(changes)
            self.timeline.refresh(changes)

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Show a record; `ids` are its neighbours in the list it came from, `place` its name."""
        del kind
        if record_id is None:
            return
        if "ids" in state or record_id not in self._ids:
            self._ids = tuple(state.get("ids") or ())
            place = str(state.get("place") or "")
            self.place.set_text(f"/  {place}" if place else "")
        self.show_record(record_id)

    def new_record(self) -> None:
        """Begin another record of this kind."""
        self.context.navigate("contacts", self.kind, None, new=True)

    def save_state(self) -> dict[str, Any]:
        """Return which record is shown."""
        return {"record": str(self.source.record_id)} if self.source.record_id else {}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Show the record again."""
        if state.get("record"):
            self.show_record(int(state["record"]))

    def show_record(self, record_id: int) -> None:
        """Show a record."""
        if record_id != self.source.record_id:
            self.form.forget()
            self.body.hide()
            self.skeleton.show()
        self.missing.hide()
        self.source.show_record(self.kind, record_id)
        self.timeline.show_record(self.kind, record_id)
        place = self._ids.index(record_id) + 1 if record_id in self._ids else 0
        self.position.set_text(
            tr("{n} of {all}", n=number(place), all=number(len(self._ids))) if place else ""
        )
        self.previous.setEnabled(place > 1)
        self.next.setEnabled(0 < place < len(self._ids))

    def step(self, by: int) -> None:
        """Show the next or the previous record of the list."""
        if self.source.record_id in self._ids:
            place = self._ids.index(self.source.record_id) + by
            if 0 <= place < len(self._ids):
                self.show_record(self._ids[place])

    # Showing.

    def _gone(self) -> None:
        self.skeleton.hide()
        self.body.hide()
        self.missing.show()

    def _show(self, details: Details) -> None:
        row: Any = details.row
        self.skeleton.hide()
        self.missing.hide()
        self.body.show()
        self.avatar.set_person(row.id, row.name)
        self.name.set_text(row.name)
        self.away.setVisible(row.archived_at is not None)
        self.line.set_text("  ·  ".join(self._line_parts(details)))
        self.pill.setVisible(isinstance(details, ContactDetails))
        if isinstance(details, ContactDetails):
            pill = lifecycle_pill(details.row.lifecycle, icon=True)
            self.pill.set_pill(pill.text, pill.tone, pill.icon)
        self.mail.setEnabled(self.source.reach(PointKind.EMAIL) is not None)
        self.call.setEnabled(self.source.reach(PointKind.PHONE) is not None)
        self.form.set_properties(self.source.properties())
        self.tags.set_tags([(tag.id, tag.name) for tag in details.facts.tags])
        self.tags.set_suggestions([name for _, name in self.source.choices.tags])
        self.files.show_files(self.kind, row.id, details.facts.files)
        if isinstance(details, ContactDetails):
            self.facts.show_facts(details.facts, contact=details)
        else:
            self.facts.show_facts(details.facts, people=details.people)
        self.composer.show_record(self.kind, row.id, row.name)

    @staticmethod
    def _line_parts(details: Details) -> list[str]:
        owner = details.row.owner_name
        owned = tr("owner {name}", name=owner) if owner else tr("nobody's")
        if isinstance(details, CompanyDetails):
            parts = [details.row.industry, details.row.country, owned]
            return [part for part in parts if part]
        row = details.row
        if row.job_title and row.company_name:
            work = tr("{job} at {company}", job=row.job_title, company=row.company_name)
        else:
            work = row.job_title or row.company_name or ""
        return [part for part in (work, row.city, owned) if part]

    # Acting.

    def _send_mail(self) -> None:
        if self.source.mail():
            self.composer.begin("email")

    def _make_call(self) -> None:
        if self.source.call():
            self.composer.begin("call")

    def _follow(self, key: str) -> None:
        afterwards = self.source.follow(key)
        if afterwards is not None:
            self.composer.begin(afterwards)

    def _open_record(self, kind: str, record_id: object) -> None:
        if isinstance(record_id, int):
            self.context.open_record(kind, record_id, full=kind in {"contact", "company"})

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Log call"), lambda: self.composer.begin("call"))
        menu.addAction(tr("Create task"), lambda: self.composer.begin("task"))
        menu.addAction(tr("Attach a file…"), self.files.choose_file)
        menu.addSeparator()
        details = self.source.details
        away = details is not None and details.row.archived_at is not None
        menu.addAction(tr("Bring back") if away else tr("Archive"), self.source.archive)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the facts under the properties where there is no room for three columns."""
        super().resizeEvent(event)
        folded = self.width() < FOLD
        if folded != self._folded:
            self._folded = folded
            self._right.setVisible(not folded)
            if folded:
                self.left_box.insertWidget(self.left_box.count() - 1, self.facts)
            else:
                self._facts_home.addWidget(self.facts)
        self.deal.setVisible(self.width() >= 760)


class ContactRecordPage(RecordPage):
    """One person at full width."""


def _scrolling() -> tuple[QScrollArea, QWidget]:
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    inner = QWidget()
    inner.setObjectName("scrolled")
    area.setWidget(inner)
    return area, inner
