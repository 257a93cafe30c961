"""Settings → Watched folders: whose files are taken in as they arrive on this computer."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.commands.watched_folders import change_watched_folder, remove_watched_folder
from app.errors import CloseknitError
from app.queries.intake import WatchedFolderRow, watched_folders
from app.queries.settings_page import SettingsOverview
from app.sharing.machine import this_machine
from models.values import WatchState
from views.intake.parts import headed_row
from views.intake.watch_dialogs import AddFolderDialog, FilesDialog
from views.intake.words import folder_pill, folder_words
from views.operations import Lookup, Operation
from views.shared.buttons import Button, IconButton, secondary
from views.shared.dialogs import Dialog
from views.shared.labels import Divider, Label
from views.shared.layout import clear_layout
from views.shared.section import Section, button_row
from views.shared.text import error_words, tr, tr_n
from views.work import Told, Work

if TYPE_CHECKING:
    from app.exchange.intake_start import IntakeStarter
    from app.exchange.watch import WatchResult


class WatchSection(Section):
    """The folders of this computer that are watched."""

    def build(self) -> None:
        """Make the card."""
        card = self.add_card(
            tr("Watched folders"),
            tr(
                "What arrives in these folders is taken in, each content once, and stays where "
                "it is; “Not taken” holds the reports."
            ),
        )
        self.folders: list[WatchedFolderRow] = []
        self.looking: set[int] = set()
        self.empty = Label(
            tr(
                "No folder is watched yet. Choose one into which other programs put their exports, "
                "or a calendar file that changes."
            ),
            "muted",
            wrap=True,
        )
        card.add(self.empty)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(0)
        card.add(self.rows)
        self.elsewhere = Label("", "small", wrap=True)
        self.elsewhere.hide()
        card.add(self.elsewhere)
        self.add = secondary(tr("Watch a folder…"), "folder-plus")
        self.add.clicked.connect(self.add_folder)
        self.add.setEnabled(not self.context.workspace.read_only)
        card.add(button_row(self.add))

    def show_overview(self, _overview: SettingsOverview) -> None:
        """List the folders anew."""
        self.look()

    def look(self) -> None:
        """Read the folders."""
        Lookup(self, watched_folders, key="folders").then(self._show)

    def _show(self, folders: list[WatchedFolderRow]) -> None:
        here = this_machine()
        self.folders = [folder for folder in folders if folder.machine == here]
        others = len(folders) - len(self.folders)
        self.elsewhere.setVisible(bool(others))
        words = tr_n(
            "Another computer watches {n} folder of its own.",
            "Other computers watch {n} folders of their own.",
            others,
        )
        self.elsewhere.set_text(words)
        self._fill()

    def _fill(self) -> None:
        clear_layout(self.rows)
        self.empty.setVisible(not self.folders)
        for place, folder in enumerate(self.folders):
            if place:
                self.rows.addWidget(Divider())
            self.rows.addWidget(self._row(folder))

    def _row(self, folder: WatchedFolderRow) -> QWidget:
        error = "" if folder.is_paused else folder.error or ""
        row, buttons = headed_row(folder.path, folder_words(folder), folder_pill(folder), error)
        now = Button(tr("Look now"), compact=True)
        if folder.id in self.looking:
            now.setText(tr("Looking…"))
            now.setEnabled(False)
        now.setAccessibleName(tr("Look into {folder} now", folder=folder.path))
        now.clicked.connect(partial(self.look_now, folder))
        files = IconButton("files", tr("Files of {folder}…", folder=folder.path))
        files.clicked.connect(partial(self.show_files, folder))
        icon, words = (
            ("play", tr("Go on watching {folder}", folder=folder.path))
            if folder.is_paused
            else ("pause", tr("Pause {folder}", folder=folder.path))
        )
        pause = IconButton(icon, words)
        pause.clicked.connect(partial(self.pause, folder))
        remove = IconButton("trash-2", tr("Watch {folder} no more", folder=folder.path))
        remove.clicked.connect(partial(self.remove, folder))
        for button in (now, files, pause, remove):
            buttons.addWidget(button)
            if self.context.workspace.read_only and button is not files:
                button.setEnabled(False)
        return row

    # What the buttons do.

    def add_folder(self) -> None:
        """Ask for a folder."""
        self._open(AddFolderDialog(self.context, self))

    def show_files(self, folder: WatchedFolderRow) -> None:
        """Show what became of a folder's files."""
        self._open(FilesDialog(self.context, folder, self))

    def pause(self, folder: WatchedFolderRow) -> None:
        """Watch a folder no more for now, or again."""
        paused = not folder.is_paused
        words = tr("Paused") if paused else tr("Watched again from now on")
        Operation(
            self,
            "Pause watched folder",
            change_watched_folder,
            folder_id=folder.id,
            is_paused=paused,
        ).toast(words, folder.path)

    def remove(self, folder: WatchedFolderRow) -> None:
        """Watch a folder no more."""
        Operation(self, "Stop watching", remove_watched_folder, folder_id=folder.id).toast(
            tr("Watched no more"), tr("What was taken from it stays.")
        )

    def look_now(self, folder: WatchedFolderRow) -> None:
        """Look into a folder now, also at what could not be taken."""
        starter = self.context.intake
        if starter is None or folder.id in self.looking:
            return
        self.looking.add(folder.id)
        self._fill()
        work = Work(self, partial(_looked, starter, folder.id))
        work.then(self._told).or_else(self._complain).lastly(partial(self._ended, folder.id))

    def _told(self, results: "list[WatchResult]") -> None:
        taken = sum(result.state is WatchState.DONE for result in results)
        failed = len(results) - taken
        if failed:
            words = tr_n("{n} file could not be taken", "{n} files could not be taken", failed)
            self.context.toast(words, kind="error")
        elif taken:
            self.context.toast(tr_n("{n} file taken", "{n} files taken", taken), kind="good")
        else:
            self.context.toast(tr("Nothing new"))

    def _ended(self, folder_id: int) -> None:
        self.looking.discard(folder_id)
        self.look()

    def _complain(self, error: CloseknitError) -> None:
        self.context.toast(error_words(error), kind="error")

    @staticmethod
    def _open(dialog: Dialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _looked(starter: "IntakeStarter", folder_id: int, _told: Told) -> "list[WatchResult]":
    return starter.get().look_now(folder_id).result()
