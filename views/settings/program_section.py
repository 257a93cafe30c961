"""Appearance of the program on this computer, and about it."""

from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from PySide6.QtCore import QLocale, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.check import Check, check_workspace
from app.paths import resources_folder
from app.queries.settings_page import SettingsOverview
from views.errors import log_file
from views.operations import Lookup
from views.shared.buttons import secondary
from views.shared.chips import ChipRow, DropDown
from views.shared.labels import Label, PillLabel
from views.shared.section import LABEL_WIDTH, Section, button_row, clear_layout
from views.shared.text import tr
from views.theme import apply_theme

THEMES: Final = (("light", "Light"), ("dark", "Dark"), ("system", "As the system"))
DENSITIES: Final = (("comfortable", "Comfortable"), ("compact", "Compact"))


class AppearanceSection(Section):
    """Theme, density and language; kept on this computer."""

    def build(self) -> None:
        """Make the card."""
        settings = self.context.settings
        card = self.add_card(tr("Appearance"), tr("These settings stay on this computer."))
        self.theme = ChipRow([(value, tr(words), None) for value, words in THEMES])
        self.theme.set_value(settings.theme)
        self.theme.value_changed.connect(self._choose_theme)
        self.density = ChipRow([(value, tr(words), None) for value, words in DENSITIES])
        self.density.set_value(settings.density)
        self.density.value_changed.connect(partial(self._keep, "density"))
        self.language = DropDown()
        self.language.set_items(languages())
        self.language.set_value(settings.language)
        self.language.value_changed.connect(partial(self._keep, "language"))
        for words, editor in (
            (tr("Theme"), self.theme),
            (tr("Rows of tables"), self.density),
            (tr("Language"), self.language),
        ):
            row = QHBoxLayout()
            label = Label(words, "muted")
            label.setFixedWidth(LABEL_WIDTH)
            row.addWidget(label)
            row.addWidget(editor)
            row.addStretch(1)
            card.add(row)

    def _choose_theme(self, theme: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        self._keep("theme", theme)

    def _keep(self, key: str, value: Any) -> None:
        setattr(self.context.settings, key, value)
        self.context.settings.save()
        if key != "theme":
            self.context.toast(tr("Saved"), detail=tr("Shown from the next start on."))


class AboutSection(Section):
    """Where things lie, whether the workspace is whole, and the demo."""

    def build(self) -> None:
        """Make the cards."""
        card = self.add_card(tr("Closeknit {version}", version=program_version()))
        card.add(Label(tr("Your data stays on your own machine."), "muted"))
        self.location = Label("", "body", wrap=True)
        card.add(self.location)
        other = secondary(tr("Open another workspace…"), "folder-open")
        other.clicked.connect(self._open_other)
        demo = secondary(tr("Open the demo workspace"), "flask-conical")
        demo.clicked.connect(self.context.demo_requested)
        log = secondary(tr("Show the log"), "scroll-text")
        log.clicked.connect(self._show_log)
        card.add(button_row(other, demo, log))
        check = self.add_card(
            tr("Check this workspace"),
            tr("Reads the whole file and compares the search index with the records."),
        )
        self.verdicts = QVBoxLayout()
        self.verdicts.setSpacing(4)
        check.add(self.verdicts)
        self.run = secondary(tr("Check now"), "shield-check")
        self.run.clicked.connect(self.check)
        check.add(button_row(self.run))

    def show_overview(self, _overview: SettingsOverview) -> None:
        """Show where the workspace lies."""
        place = self.context.workspace.location
        self.location.set_text(place.rpartition("@")[2] if "://" in place else place)

    def check(self) -> None:
        """Check the workspace on another thread and list what was found."""
        self.run.setEnabled(False)
        Lookup(self, check_workspace, key="check").then(self._show_checks).lastly(
            lambda: self.run.setEnabled(True)
        )

    def _show_checks(self, checks: list[Check]) -> None:
        clear_layout(self.verdicts)
        for check in checks:
            words = tr("good") if check.passed else tr("problem")
            tone, icon = ("good", "check") if check.passed else ("bad", "circle-alert")
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.addWidget(PillLabel(words, tone, icon))
            line.addWidget(Label(f"{tr(check.name)}: {check.detail}", wrap=True), 1)
            self.verdicts.addWidget(row)

    def _open_other(self) -> None:
        window: Any = self.window()
        if hasattr(window, "open_workspace"):
            window.open_workspace()

    @staticmethod
    def _show_log() -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_file().parent)))


def program_version() -> str:
    """Return the installed version."""
    try:
        return version("closeknit")
    except PackageNotFoundError:
        return "0.1.0"


def languages() -> list[tuple[str, str, None]]:
    """Return the languages there are translations for."""
    found = [("", tr("As the system"), None), ("en", "English", None)]
    for file in sorted((resources_folder() / "translations").glob("closeknit_*.qm")):
        code = file.stem.partition("_")[2]
        found.append((code, QLocale(code).nativeLanguageName(), None))
    return found
