"""The settings: a list of sections at the left, cards of rows at the right."""

from typing import Any, ClassVar, Final, cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.changes import Changes
from app.queries.settings_page import SettingsOverview, settings_overview
from views.context import PageContext
from views.icons import icon
from views.operations import Lookup
from views.page_loader import load
from views.settings.lists_section import FieldsSection, PeopleSection
from views.settings.pipeline_section import PipelineSection
from views.settings.program_section import AboutSection, AppearanceSection
from views.settings.workspace_section import WorkspaceSection, YouSection
from views.shared.bar_margin import BAR, keep_edge
from views.shared.cards import PageHeader
from views.shared.page import Page
from views.shared.section import Section
from views.shared.text import tr

# A section of another feature is named, and imported when the page is made.
SECTIONS: Final[tuple[tuple[str, str, str, type[Section] | str], ...]] = (
    ("you", "You", "user", YouSection),
    ("workspace", "Workspace", "building-2", WorkspaceSection),
    ("pipelines", "Pipelines", "handshake", PipelineSection),
    ("fields", "Own fields", "text-cursor-input", FieldsSection),
    ("people", "People", "users", PeopleSection),
    ("mail", "Mail accounts", "mail", "views.intake.mail_section:MailSection"),
    ("watched", "Watched folders", "folder-sync", "views.intake.watch_section:WatchSection"),
    ("sharing", "Sharing", "share-2", "views.sharing.sharing_section:SharingSection"),
    ("imports", "Imports", "upload", "views.importing.mappings_section:MappingsSection"),
    ("backups", "Backups", "archive-restore", "views.sharing.backups_section:BackupsSection"),
    ("appearance", "Appearance", "palette", AppearanceSection),
    ("about", "About", "info", AboutSection),
)
LIST_WIDTH: Final = 184
ROW_HEIGHT: Final = 36
COLUMN_WIDTH: Final = 760
LIST_STYLE: Final = (
    "QListWidget { background: transparent; }"
    "QListWidget::item { border-radius: 6px; padding: 0 10px; margin: 1px 0; }"
)


class SettingsPage(Page):
    """Everything that can be set, edited where it stands."""

    kinds: ClassVar[tuple[str, ...]] = (
        "user",
        "pipeline",
        "stage",
        "custom_field",
        "workspace_setting",
        "mail_account",
        "mail_folder",
        "watched_folder",
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.header = PageHeader(tr("Settings"), tr("Saved as you leave each field"))
        self.list = QListWidget()
        self.list.setFixedWidth(LIST_WIDTH)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName(tr("Sections of the settings"))
        self.list.setStyleSheet(LIST_STYLE)
        self.stack = QStackedWidget()
        self.sections: dict[str, Section] = {}
        for key, words, mark, kind in SECTIONS:
            item = QListWidgetItem(icon(mark), tr(words))
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self.list.addItem(item)
            self.sections[key] = _made(kind, context)
            self.stack.addWidget(self._scrolled(self.sections[key]))
        self.list.currentRowChanged.connect(self.stack.setCurrentIndex)
        self.list.setCurrentRow(0)
        body = QHBoxLayout()
        body.setSpacing(24)
        body.addWidget(self.list)
        body.addWidget(self.stack, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24 - BAR, 0)
        layout.setSpacing(20)
        layout.addWidget(self.header)
        layout.addLayout(body, 1)

    @staticmethod
    def _scrolled(section: Section) -> QScrollArea:
        section.setMaximumWidth(COLUMN_WIDTH)
        holder = QWidget()
        across = QHBoxLayout(holder)
        across.setContentsMargins(0, 0, 0, 24)
        across.addWidget(section, 1)
        across.addStretch(0)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(holder)
        keep_edge(area, across)
        area.viewport().setAutoFillBackground(False)
        holder.setAutoFillBackground(False)
        return area

    def refresh(self, _changes: Changes | None) -> None:
        """Read everything again; it is little."""
        Lookup(self, settings_overview, key="overview").then(self._show)

    def _show(self, overview: SettingsOverview) -> None:
        for section in self.sections.values():
            section.show_overview(overview)

    def show_section(self, key: str) -> None:
        """Show a section by its key."""
        self.list.setCurrentRow([entry[0] for entry in SECTIONS].index(key))

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Show the section that was asked for."""
        del record_id
        key = state.pop("section", None) or {"user": "people"}.get(kind or "", "")
        if key in self.sections:
            self.show_section(key)
            self.sections[key].arrive(**state)

    def begin(self, what: str, kind: str | None = None, record_id: int | None = None) -> bool:
        """Show the section that the palette names."""
        del kind, record_id
        if what not in self.sections:
            return False
        self.show_section(what)
        return True

    def save_state(self) -> dict[str, Any]:
        """Remember the section."""
        return {"section": SECTIONS[max(self.list.currentRow(), 0)][0]}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Return to the section."""
        if state.get("section") in self.sections:
            self.show_section(state["section"])


def _made(kind: type[Section] | str, context: PageContext) -> Section:
    if isinstance(kind, str):
        return cast("type[Section]", load(kind))(context)
    return kind(context)
