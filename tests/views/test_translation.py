"""All text goes through translation: with a pseudo-language nothing English is left."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from app.workspace import Workspace
from views.stage import Stage

MARK = "§"
PAGES = ("today", "contacts", "pipeline", "tickets", "analytics", "settings", "import")
# Not language: names of products and keys, symbols, and what the workspace itself holds.
NOT_TEXT = re.compile(
    r"^[\W\d_]*$|^Closeknit$|Elena|^EN$|^Ctrl|^Enter$|^Esc$|^Tab$|^Alt|^⌘|€|EUR|New business"
    r"|^[A-Z]$|^Space$|My business|\.closeknit"
)
STAGE_WORDS = {
    "Qualification",
    "Demo",
    "Proposal",
    "Negotiation",
    "Ready to close",
    "Won",
    "Lost",
    "Website",
    "Recommendation",
    "Trade fair",
    "Cold call",
    "Advertisement",
    "Partner",
}


class Pseudo(QTranslator):
    """Marks every translated text at both ends, as some texts are shown in two parts."""

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        del disambiguation, n
        return f"{MARK}{source}{MARK}" if context == "Closeknit" else ""

    def isEmpty(self) -> bool:  # noqa: N802  a Qt override
        return False


@pytest.fixture
def pseudo(qapp: QApplication) -> Iterator[None]:
    translator = Pseudo()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def visible_words(stage: Stage) -> list[str]:
    labels = [x for x in stage.window.findChildren(QLabel) if x.isVisible()]
    found = [label.text() for label in labels if not label.pixmap()]
    found += [b.text() for b in stage.window.findChildren(QAbstractButton) if b.isVisible()]
    return [text for text in found if text.strip()]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_text_past_the_translation(
    page: str, workspace: Workspace, pseudo: None, tmp_path: Path
) -> None:
    with Stage(workspace) as stage:
        stage.go(page)
        left = {
            text
            for text in visible_words(stage)
            if MARK not in text and not NOT_TEXT.search(text) and text not in STAGE_WORDS
        }
    assert left == set()
