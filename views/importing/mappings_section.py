"""Settings → Imports: the way to all imports, and the mappings that are remembered."""

from functools import partial
from typing import Final

from PySide6.QtWidgets import QInputDialog, QVBoxLayout, QWidget

from app.commands.import_mappings import forget_mapping, rename_mapping
from app.queries.imports import MappingRow, import_mappings
from app.queries.settings_page import SettingsOverview
from views.importing.words import KIND_ICONS, kind_words
from views.operations import Lookup, Operation
from views.shared.buttons import IconButton, secondary
from views.shared.format import capital, moment_words
from views.shared.labels import Divider, IconLabel, Label
from views.shared.layout import clear_layout, column, row
from views.shared.section import Section, button_row
from views.shared.text import tr

_SHOWN: Final = 50


class MappingsSection(Section):
    """What is remembered of imports."""

    def build(self) -> None:
        """Make the cards."""
        card = self.add_card(
            tr("Imports"), tr("All files that were taken in, what became of them, and Undo.")
        )
        earlier = secondary(tr("All imports"), "history")
        earlier.clicked.connect(lambda: self.context.navigate("imports"))
        files = secondary(tr("Import files"), "upload")
        files.clicked.connect(lambda: self.context.navigate("import"))
        card.add(button_row(earlier, files))
        kept = self.add_card(
            tr("Remembered mappings"),
            tr("A file with the same columns is mapped as the last time you corrected one."),
        )
        self.empty = Label(tr("Nothing is remembered yet."), "muted", wrap=True)
        kept.add(self.empty)
        self.list = QVBoxLayout()
        self.list.setSpacing(0)
        kept.add(self.list)

    def show_overview(self, overview: SettingsOverview) -> None:
        """List the mappings anew."""
        del overview
        self._look()

    def _look(self) -> None:
        Lookup(self, import_mappings, _SHOWN, key="mappings").then(self._show)

    def _show(self, rows: list[MappingRow]) -> None:
        clear_layout(self.list)
        self.empty.setVisible(not rows)
        for place, each in enumerate(rows):
            if place:
                self.list.addWidget(Divider())
            self.list.addWidget(self._row(each))

    def _row(self, each: MappingRow) -> QWidget:
        holder = QWidget()
        kind = capital(kind_words().get(each.kind, each.kind))
        about = " · ".join((kind, tr("used {when}", when=moment_words(each.used_at))))
        words = column(
            Label(each.name, "medium", elide=True), Label(about, "small", elide=True), spacing=1
        )
        rename = IconButton("pencil", tr("Rename {name}", name=each.name))
        rename.clicked.connect(partial(self._rename, each))
        forget = IconButton("trash-2", tr("Forget {name}", name=each.name))
        forget.clicked.connect(partial(self._forget, each))
        line = row(IconLabel(KIND_ICONS.get(each.kind, "file"), size=16, tone="info", box=32))
        line.setSpacing(12)
        line.addLayout(words, 1)
        line.addWidget(rename)
        line.addWidget(forget)
        line.setContentsMargins(0, 8, 0, 8)
        holder.setLayout(line)
        return holder

    def _rename(self, each: MappingRow, _checked: bool = False) -> None:
        name, agreed = QInputDialog.getText(
            self, tr("Rename mapping"), tr("Name of the mapping"), text=each.name
        )
        if agreed and name.strip():
            Operation(
                self, tr("Rename mapping"), rename_mapping, mapping_id=each.id, name=name
            ).then(lambda _: self._look())

    def _forget(self, each: MappingRow, _checked: bool = False) -> None:
        Operation(self, tr("Forget mapping"), forget_mapping, mapping_id=each.id).toast(
            tr("Forgot {name}", name=each.name)
        ).then(lambda _: self._look())
