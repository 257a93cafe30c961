"""What an empty page says: what belongs there, and the likeliest ways to begin."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from views.shared import paint
from views.shared.buttons import Button
from views.shared.labels import Divider, IconLabel, Label, LinkLabel


class EmptyState(QWidget):
    """A card in the middle: icon, a sentence, an explanation and up to two actions."""

    primary_clicked = Signal()
    secondary_clicked = Signal()
    footer_clicked = Signal()

    def __init__(
        self,
        icon: str,
        title: str,
        text: str = "",
        primary: str | tuple[str, str] | None = None,
        secondary: str | tuple[str, str] | None = None,
        footer: str = "",
        footer_link: str = "",
        hint: str | None = None,
        parent: QWidget | None = None,
        *,
        floating: bool = False,
        width: int = 560,
    ) -> None:
        super().__init__(parent)
        self._floating = floating
        margin = paint.SHADOW_MARGIN + 8 if floating else 16
        outer = QVBoxLayout(self)
        outer.setContentsMargins(margin, margin, margin, margin)
        outer.addStretch(1)
        self.panel = QWidget()
        self.panel.setMaximumWidth(width)
        self.panel.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(self.panel, 1000)
        centred.addStretch(1)
        outer.addLayout(centred)
        outer.addStretch(1)
        inner = QVBoxLayout(self.panel)
        inner.setContentsMargins(24, 30, 24, 26)
        inner.setSpacing(0)
        self.mark = IconLabel(icon, size=28, tone="accent", box=56)
        inner.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addSpacing(20)
        self.title = self._centred(inner, title, "heading")
        inner.addSpacing(10)
        self.text = self._centred(inner, "", "muted")
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self._set_text(text)
        self._add_actions(inner, primary, secondary, hint)
        self._add_footer(inner, footer, footer_link)

    @staticmethod
    def _centred(inner: QVBoxLayout, text: str, role: str) -> Label:
        label = Label(text, role, wrap=True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line = QHBoxLayout()
        line.setContentsMargins(32, 0, 32, 0)
        line.addWidget(label)
        inner.addLayout(line)
        return label

    def _add_actions(
        self,
        inner: QVBoxLayout,
        primary: str | tuple[str, str] | None,
        secondary: str | tuple[str, str] | None,
        hint: str | None,
    ) -> None:
        self.primary_button: Button | None = None
        self.secondary_button: Button | None = None
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addStretch(1)
        if primary:
            text, icon = (primary, None) if isinstance(primary, str) else primary
            self.primary_button = Button(text, icon, "primary", None if secondary else hint)
            self.primary_button.clicked.connect(self.primary_clicked)
            line.addWidget(self.primary_button)
        if secondary:
            text, icon = (secondary, None) if isinstance(secondary, str) else secondary
            self.secondary_button = Button(text, icon, "secondary", hint)
            self.secondary_button.clicked.connect(self.secondary_clicked)
            line.addWidget(self.secondary_button)
        line.addStretch(1)
        if primary or secondary:
            inner.addSpacing(22)
            inner.addLayout(line)

    def _add_footer(self, inner: QVBoxLayout, footer: str, footer_link: str) -> None:
        if not footer and not footer_link:
            return
        inner.addSpacing(28)
        inner.addWidget(Divider())
        inner.addSpacing(22)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addStretch(1)
        # "Only looking? {link} or drop a file": the link stands where the braces are.
        before, _, after = footer.partition("{link}")
        if before.strip():
            line.addWidget(Label(before.strip(), "muted"))
        if footer_link:
            self.footer_link = LinkLabel(footer_link)
            self.footer_link.clicked.connect(self.footer_clicked)
            line.addWidget(self.footer_link)
        if after.strip():
            line.addWidget(Label(after.strip(), "muted"))
        line.addStretch(1)
        inner.addLayout(line)

    def set_words(self, title: str, text: str = "") -> None:
        """Say something else."""
        self.title.set_text(title)
        self._set_text(text)

    def _set_text(self, text: str) -> None:
        # Only rich text knows a line height; the words themselves stay plain.
        self.text.setText(f'<p style="line-height:126%">{escape(text)}</p>')
        self.text.setAccessibleName(text)
        self.text.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the floating card."""
        del event
        if self._floating:
            paint.draw_shadowed_card(QPainter(self), QRectF(self.panel.geometry()))
