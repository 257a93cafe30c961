"""Settings → Backups: what there is, with age and size; make one, bring one back."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import CloseknitError
from app.queries.settings_page import SettingsOverview
from app.sharing.backup_files import Backup, Reason, backup_folder, backups_of
from app.sharing.backups import Wish, back_up
from views.shared.buttons import Button, secondary
from views.shared.format import moment_words
from views.shared.labels import Divider, Label, PillLabel
from views.shared.layout import clear_layout
from views.shared.section import Section, button_row
from views.shared.text import error_words, tr
from views.sharing.backup_words import about_words, size_words, when_words
from views.work import Told, Work

_SHOWN: Final = 12  # more of them fold out
_SIZE_WIDTH: Final = 64


class BackupsSection(Section):
    """The backups of this workspace on this computer."""

    def build(self) -> None:
        """Make the card."""
        file = self.context.workspace.database.file
        self.path: Path | None = file.path if file is not None else None
        words = tr(
            "Made by itself each day, before imports and large changes, and as you work. Each is "
            "read in full before it counts."
        )
        card = self.add_card(tr("Backups"), words if self.path is not None else "")
        self._wants_newest = self._shows_all = False
        self.found: list[Backup] | None = None
        self.empty = Label("", "muted", wrap=True)
        card.add(self.empty)
        self.list = QVBoxLayout()
        self.list.setSpacing(0)
        card.add(self.list)
        self.error = Label("", "error", wrap=True)
        self.error.hide()
        card.add(self.error)
        self.now = secondary(tr("Back up now"), "archive")
        self.now.clicked.connect(self.back_up_now)
        self.folder = secondary(tr("Show in folder"), "folder-open")
        self.folder.clicked.connect(self._show_folder)
        card.add(button_row(self.now, self.folder))
        self.place = Label("", "small", wrap=True, selectable=True)
        card.add(self.place)
        if self.path is None:
            self._show_server()
        else:
            self.empty.set_text(tr("Looking for backups…"))

    def _show_server(self) -> None:
        self.empty.set_text(
            tr(
                "This workspace lies on a database server: its administrator backs it up there "
                "(pg_dump). Settings, Sharing can bring it into a file."
            )
        )
        for widget in (self.now, self.folder, self.place):
            widget.hide()

    def show_overview(self, _overview: SettingsOverview) -> None:
        """List the backups anew."""
        self.look()

    def arrive(self, **state: Any) -> None:
        """Offer the newest backup where somebody came for it."""
        self._wants_newest = bool(state.get("newest"))
        self.look()

    def look(self) -> None:
        """Read the list of backups, on another thread: their folder may be slow."""
        path = self.path
        if path is not None:
            Work(self, partial(_listed, path), key="list").then(self._show)

    def _show(self, answer: tuple[Path, list[Backup]]) -> None:
        folder, found = answer
        self._folder, self.found = folder, found
        clear_layout(self.list)
        self.empty.setVisible(not found)
        self.empty.set_text(tr("There is no backup yet. The first one is made within a minute."))
        shown = found if self._shows_all else found[:_SHOWN]
        for place, backup in enumerate(shown):
            if place:
                self.list.addWidget(Divider())
            self.list.addWidget(self._row(backup))
        if len(found) > len(shown):
            more = Button(tr("Show all {n}", n=len(found)), kind="link", compact=True, flush=True)
            more.clicked.connect(self._show_all)
            self.list.addWidget(button_row(more))
        self.place.set_text(tr("They lie in {folder}", folder=str(folder)))
        if self._wants_newest:
            self._wants_newest = False
            newest = next((backup for backup in found if backup.verified), None)
            if newest is not None:
                self.restore(newest)

    def _show_all(self) -> None:
        self._shows_all = True
        self.look()

    def _row(self, backup: Backup) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 6, 0, 6)
        line.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(when_words(backup), "strong"))
        words.addWidget(Label(about_words(backup), "small", elide=True))
        line.addLayout(words, 1)
        size = Label(size_words(backup), "muted")
        size.setMinimumWidth(_SIZE_WIDTH)
        line.addWidget(size)
        pill = ("good", "check") if backup.verified else ("bad", "circle-alert")
        line.addWidget(PillLabel(tr("checked") if backup.verified else tr("damaged"), *pill))
        bring = Button(tr("Restore…"), compact=True)
        bring.setAccessibleName(tr("Restore the backup of {when}", when=moment_words(backup.at)))
        bring.setEnabled(backup.verified)
        bring.clicked.connect(partial(self.restore, backup))
        line.addWidget(bring)
        return row

    # What the buttons do.

    def back_up_now(self) -> None:
        """Make a backup on another thread."""
        if self.path is None:
            return
        self.now.setEnabled(False)
        self.now.setText(tr("Backing up…"))
        self._complain("")
        make = partial(_backed_up, self.path, self.context.user.name)
        Work(self, make).then(self._made).or_else(self._failed).lastly(self._ready)

    def _made(self, backup: Backup) -> None:
        self.context.toast(tr("Backed up and checked"), kind="good", detail=size_words(backup))
        self.look()

    def _failed(self, error: CloseknitError) -> None:
        self._complain(error_words(error))

    def _ready(self) -> None:
        self.now.setEnabled(True)
        self.now.setText(tr("Back up now"))

    def _complain(self, words: str) -> None:
        self.error.set_text(words)
        self.error.setVisible(bool(words))

    def restore(self, backup: Backup) -> None:
        """Show what a backup would bring back, and restore it where that is wanted."""
        from views.sharing.restore_dialog import RestoreDialog  # noqa: PLC0415 - seldom

        if self.path is None:
            return
        dialog = RestoreDialog(self.context, backup, self.path, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _show_folder(self) -> None:
        if self.found is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))


def _listed(path: Path, _told: Told) -> tuple[Path, list[Backup]]:
    return backup_folder(path), backups_of(path)


def _backed_up(path: Path, user: str, told: Told) -> Backup:
    return back_up(path, Reason.ASKED, user=user, wish=Wish(unwanted=told.stop.is_set))
