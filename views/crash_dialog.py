"""What a person sees when a mistake of ours comes to light."""

import platform

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from views.shared.dialogs import Dialog
from views.shared.text import tr


class CrashDialog(Dialog):
    """Says that a mistake of ours happened, and gives the details."""

    def __init__(self, details: str, log_file: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Something went wrong in Closeknit"),
            tr(
                "This is our mistake, not yours. What was saved is safe, and you can go on working."
                " The details below help us to mend it; they are also in {file}.",
                file=log_file,
            ),
            parent,
            width=640,
            confirm=tr("Copy details"),
            cancel=tr("Close"),
        )
        self._details = f"{platform.platform()}, Python {platform.python_version()}\n\n{details}"
        text = QPlainTextEdit(self._details)
        text.setReadOnly(True)
        text.setMinimumHeight(200)
        text.setAccessibleName(tr("Details"))
        self.body.addWidget(text)

    def confirmed(self) -> bool:
        """Copy the details and stay open no longer."""
        QGuiApplication.clipboard().setText(self._details)
        return True
