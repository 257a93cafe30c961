"""Fields for text that refuse what no field can show: Qt's layout takes minutes for a huge word."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QMimeData, QPoint
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QToolTip, QWidget

from views.shared.format import number
from views.shared.text import tr

LINE_LIMIT: Final = 2_000
SEARCH_LIMIT: Final = 200
NOTE_LIMIT: Final = 1_000_000  # as much as the longest text the commands take
WORD_LIMIT: Final = 5_000  # laid out in 10 ms; 100,000 take 6 s, and that again for each key
TIP_MS: Final = 8_000

_WORD = re.compile(r"\S+")


def longest_word(text: str) -> int:
    """Return how long the longest piece without a space is."""
    return max((found.end() - found.start() for found in _WORD.finditer(text)), default=0)


class NoteEdit(QPlainTextEdit):
    """Plain text of several lines; what is pasted or dropped is looked at first."""

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take what can be shown, and say what was not taken."""
        text = source.text()
        cursor = self.textCursor()
        around = cursor.block().text() if len(text) <= WORD_LIMIT else ""
        word = longest_word(text)
        if word > WORD_LIMIT or longest_word(around) + word > 2 * WORD_LIMIT:
            _tell(
                self,
                tr(
                    "Not pasted: it holds {n} characters without a space. "
                    "Attach it as a file instead.",
                    n=number(word),
                ),
            )
            return
        chosen = cursor.selectionEnd() - cursor.selectionStart()
        room = max(0, NOTE_LIMIT - self.document().characterCount() + 1 + chosen)
        if len(text) <= room:
            super().insertFromMimeData(source)
            return
        cut = QMimeData()
        cut.setText(text[:room])
        super().insertFromMimeData(cut)
        _tell(
            self,
            tr(
                "The field is full: it takes {n} characters, the rest was left out.",
                n=number(NOTE_LIMIT),
            ),
        )


def cap_line(field: QLineEdit, limit: int = LINE_LIMIT) -> None:
    """Let a field take so many characters and say when it is full; what it holds stays."""
    field.setMaxLength(max(limit, len(field.text())))

    def look(text: str) -> None:
        if len(text) >= field.maxLength():
            words = tr(
                "The field is full: it takes {n} characters, the rest was left out.",
                n=number(field.maxLength()),
            )
            _tell(field, words)

    field.textEdited.connect(look)


def _tell(field: QWidget, words: str) -> None:
    """Say it beside the field, in a window and in a dialog alike."""
    place = field.mapToGlobal(QPoint(0, field.height()))
    QToolTip.showText(place, words, field, field.rect(), TIP_MS)
    field.setAccessibleDescription(words)
