"""What can be done with a mapping as a whole: kept, loaded, exported, taken back to the guess."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QInputDialog

from app.errors import UserError
from app.exchange.mappings import from_json
from app.queries.imports import MappingRow, import_mappings
from views.importing.work import default_name
from views.operations import Lookup
from views.shared.text import tr, translate_error

if TYPE_CHECKING:
    from views.importing.page import ImportPage

_JSON = "JSON (*.json)"
_OFFERED = 12


class MappingMenu(QObject):
    """Does what the menu of the columns asks for, for the file that is shown."""

    def __init__(self, page: "ImportPage") -> None:
        super().__init__(page)
        self._page = page
        columns = page.card.columns
        columns.guess_wanted.connect(self._back_to_guess)
        columns.save_wanted.connect(self._save)
        columns.export_wanted.connect(self._export)
        columns.load_wanted.connect(self._load)
        columns.mapping_chosen.connect(self._choose)
        page.work.planned.connect(lambda _: self.refresh())
        page.work.remembered.connect(self._remembered)
        columns.show_mappings(())

    def refresh(self) -> None:
        """Offer the mappings used last."""
        Lookup(self._page, import_mappings, _OFFERED, key="mappings").then(
            self._page.card.columns.show_mappings
        )

    def _back_to_guess(self) -> None:
        page = self._page
        page.work.replan(page.place, str(page.plans[page.place].path), None)

    def _save(self) -> None:
        page = self._page
        plan = page.plans[page.place]
        name, agreed = QInputDialog.getText(
            page, tr("Save mapping"), tr("Name of the mapping"),
            text=plan.mapped_as or default_name(plan),
        )  # fmt: skip
        if agreed and name.strip():
            page.work.remember(plan, name.strip()[:120])

    def _export(self) -> None:
        page = self._page
        plan = page.plans[page.place]
        start = str(plan.path.with_name(f"{plan.path.stem}-mapping.json"))
        name, _ = QFileDialog.getSaveFileName(page, tr("Export mapping"), start, _JSON)
        if name:
            page.work.export_mapping(plan, Path(name))

    def _load(self) -> None:
        page = self._page
        name, _ = QFileDialog.getOpenFileName(page, tr("Load mapping"), "", _JSON)
        if name:
            page.work.load_mapping(page.place, page.plans[page.place], Path(name))

    def _choose(self, row: object) -> None:
        page = self._page
        if not isinstance(row, MappingRow):
            return
        try:
            mapping = from_json(row.definition)
        except UserError as error:
            page.context.toast(translate_error(error), kind="error")
        else:
            page.work.choose_mapping(page.place, page.plans[page.place], mapping)

    def _remembered(self, name: str) -> None:
        self._page.context.toast(tr("Mapping kept: {name}", name=name), kind="good")
        self.refresh()
