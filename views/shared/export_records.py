"""Takes the records of a list into a file: asks where, works off the GUI thread, tells the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import CloseknitError
from app.paths import documents_folder
from views.context import PageContext, context_of
from views.shared.dialogs import Dialog, ask
from views.shared.progress import ProgressPanel
from views.shared.text import tr, tr_n, translate_error

if TYPE_CHECKING:
    from app.exchange.out.run import ExportResult

# The records to take, in their order: ids, or a query that gives them.
Ids = Sequence[int] | Callable[[Any], Sequence[int]]
_SHOW_AFTER_MS: Final = 400  # most exports are done by then


def format_words(ending: str) -> str:
    """Return what people call the files of an ending."""
    return {
        ".csv": tr("CSV, for spreadsheets and other programs"),
        ".xlsx": tr("Excel workbook"),
        ".tsv": tr("Text with tabs"),
        ".jsonl": tr("JSON lines, with everything that belongs to each"),
        ".vcf": tr("vCard, for address books"),
        ".ics": tr("iCalendar"),
        ".mbox": tr("Mailbox"),
    }[ending]


def list_words(kind: str) -> str:
    """Return the name that a list's file begins with."""
    return {
        "contact": tr("Contacts"),
        "company": tr("Companies"),
        "deal": tr("Deals"),
        "ticket": tr("Tickets"),
        "activity": tr("Activities"),
    }[kind]


def ask_export(owner: QWidget, kind: str, ids: Ids) -> Exporter | None:
    """Ask for the file and its format, then take the records there; None where nobody wants."""
    from app.exchange.out.run import endings_for  # noqa: PLC0415 - not before it is asked for

    endings = endings_for(kind)
    filters = {f"{format_words(ending)} (*{ending})": ending for ending in endings}
    start = documents_folder() / f"{list_words(kind)}{endings[0]}"
    name, chosen = QFileDialog.getSaveFileName(
        owner, tr("Export"), str(start), ";;".join(filters), next(iter(filters))
    )
    if not name:
        return None
    path = Path(name)
    if path.suffix.lower() not in endings:
        path = path.with_name(path.name + filters.get(chosen, endings[0]))
        if path.exists() and not ask(
            owner, tr("Replace {name}?", name=path.name), tr("It is there already."), tr("Replace")
        ):
            return None
    exporter = Exporter(context_of(owner), owner)
    exporter.start(kind, ids, path)
    return exporter


class Exporter(QObject):
    """One export on a thread of its own; `ended` tells the result, or None where there is none."""

    ended = Signal(object)
    _progressed = Signal(int, int)
    _finished = Signal(object)
    _failed = Signal(object)

    def __init__(self, context: PageContext, over: QWidget) -> None:
        super().__init__(context)  # a page may go before its export ends
        self._context = context
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="export")
        self._stopped = False
        self.panel = ProgressPanel(tr("Reading the records"), cancellable=False)
        self.dialog = _Progress(self.panel, over.window())
        self.dialog.rejected.connect(self.stop)
        self._show_soon = QTimer(self)
        self._show_soon.setSingleShot(True)
        self._show_soon.setInterval(_SHOW_AFTER_MS)
        self._show_soon.timeout.connect(self.dialog.show)
        for signal, slot in (
            (self._progressed, self.panel.set_progress),
            (self._finished, self._tell),
            (self._failed, self._complain),
        ):
            signal.connect(slot, Qt.ConnectionType.QueuedConnection)
        context.workspace.before_close(self._close)

    def start(self, kind: str, ids: Ids, path: Path) -> None:
        """Begin; a file that is there is replaced when the new one is whole."""
        self.panel.set_label(tr("Writing {name}", name=path.name))
        self._show_soon.start()
        self._pool.submit(self._work, kind, ids, path)

    def stop(self) -> None:
        """End after the page of records that is being read; no file is left behind."""
        self._stopped = True

    def _work(self, kind: str, ids: Ids, path: Path) -> None:
        from app.exchange.out.run import Wanted, export_list  # noqa: PLC0415 - as above

        workspace = self._context.workspace
        try:
            wanted = workspace.read(ids) if callable(ids) else ids
            result = export_list(
                workspace,
                Wanted(kind, ids=wanted),
                path,
                force=True,
                on_progress=self._progressed.emit,
                should_stop=lambda: self._stopped,
            )
        except Exception as error:  # noqa: BLE001  told on the GUI thread
            self._failed.emit(error)
        else:
            self._finished.emit(result)

    def _tell(self, result: ExportResult) -> None:
        self._put_away()
        folder = str(result.path.parent)
        self._context.toast(
            tr_n("{n} record exported", "{n} records exported", result.records),
            kind="good",
            detail=result.notes[0] if result.notes else result.path.name,
            action=(
                tr("Open folder"),
                lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(folder)),
            ),
        )
        self.ended.emit(result)
        self.deleteLater()

    def _complain(self, error: Exception) -> None:
        self._put_away()
        if not isinstance(error, CloseknitError):
            raise error
        self._context.toast(translate_error(error), kind="info" if self._stopped else "error")
        self.ended.emit(None)
        self.deleteLater()

    def _put_away(self) -> None:
        self._show_soon.stop()
        self.dialog.hide()
        self.dialog.deleteLater()
        self._pool.shutdown(wait=False)

    def _close(self) -> None:
        """End before the workspace closes."""
        self._stopped = True
        self._pool.shutdown(wait=True)


class _Progress(Dialog):
    """How far it is, and a way out; the window behind it stays usable."""

    def __init__(self, panel: ProgressPanel, parent: QWidget) -> None:
        super().__init__(tr("Exporting"), "", parent, width=420)
        self.setModal(False)
        self.confirm_button.hide()
        self.body.addWidget(panel)
        self.cancel_button.setText(tr("Stop"))
        self.fit()
