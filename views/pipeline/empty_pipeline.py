"""What stands over a pipeline without deals."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from views.shared.cards import EmptyState
from views.shared.text import tr


class EmptyPipeline(QWidget):
    """Says what belongs here and offers to import, to begin, or to look at the demo."""

    new_requested = Signal()
    import_requested = Signal()
    demo_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.state = EmptyState(
            "handshake",
            tr("Every sale you are working on, in one row of columns"),
            tr(
                "Drag a deal to the right as it gets closer to yes. Closeknit tells you "
                "which ones go quiet and what the month is likely to bring."
            ),
            primary=(tr("Import deals"), "upload"),
            secondary=(tr("New deal"), "plus"),
            hint="Ctrl N",
            footer=tr("Only looking? {link} or drop a file anywhere here"),
            footer_link=tr("Open the demo workspace"),
            floating=True,
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.state)
        self.state.primary_clicked.connect(self.import_requested)
        self.state.secondary_clicked.connect(self.new_requested)
        self.state.footer_clicked.connect(self.demo_requested)
        parent.installEventFilter(self)

    def show_over(self, shown: bool) -> None:
        """Stand over the board, or not."""
        self.setVisible(shown)
        if shown:
            self.place()
            self.raise_()

    def place(self) -> None:
        """Cover the middle of the board."""
        parent = self.parentWidget()
        if parent is None:
            return
        # Beside the card the wheel and the mouse still reach the board.
        width = min(parent.width(), 660)
        height = min(parent.height(), self.sizeHint().height())
        self.setGeometry(
            (parent.width() - width) // 2, (parent.height() - height) // 2, width, height
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of what is covered."""
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)
