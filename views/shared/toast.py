"""Toasts with Undo at the bottom of the window, and the bar for what needs attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from views.shared import paint
from views.shared.buttons import Button, IconButton, PaintedButton, secondary
from views.shared.labels import IconLabel, Label
from views.shared.text import tr
from views.theme import current_theme

Action = tuple[str, Callable[[], object]]
STEP_MS: Final = 50
_MARGIN: Final = paint.SHADOW_MARGIN
_ICONS: Final = {"info": "info", "good": "circle-check", "error": "circle-alert"}


class _ToastButton(PaintedButton):
    """A button on the dark ground of a toast."""

    def __init__(self, text: str, icon: str | None = None) -> None:
        super().__init__(text)
        self._icon = icon
        width = 32 if icon else round(paint.text_width(text, 13, 600)) + 30
        self.setFixedSize(width, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw words on a lighter ground, or an icon."""
        del event
        painter, theme = QPainter(self), current_theme()
        area = QRectF(self.rect())
        if self._icon is None or self.is_hovered:
            paint.rounded(painter, area, 6, "toast_button")
        if self._icon:
            middle = self.width() / 2 - 8
            paint.draw_icon(painter, middle, middle, self._icon, "toast_muted", 16)
        else:
            paint.draw_text(
                painter,
                area,
                self.text(),
                weight=600,
                color=theme.toast_accent,
                align=paint.CENTER,
                elide=False,
            )
        self.draw_ring(painter, 6, "toast_text")


class _ToastText(QWidget):
    """The sentence and its detail, light on dark."""

    def __init__(self, text: str, detail: str) -> None:
        super().__init__()
        self._text, self._detail = text, detail
        wide = paint.text_width(text, 13, 600) + (paint.text_width(detail) + 10 if detail else 0)
        self.setMinimumSize(60, 24)
        self.setMaximumWidth(round(wide) + 6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._wide = round(wide) + 6

    def wanted(self) -> int:
        """Give the width of everything."""
        return self._wide

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both on one line."""
        del event
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        area = QRectF(self.rect())
        runs: list[paint.Run] = [(self._text, 600, "toast_text")]
        if self._detail:
            runs.append(("   " + self._detail, 400, "toast_muted"))
        paint.draw_runs(painter, area, runs)


class Toast(QWidget):
    """One message; it waits while the pointer or the keyboard is on it."""

    closed = Signal()

    def __init__(
        self,
        parent: QWidget,
        text: str,
        detail: str = "",
        *,
        icon: str | None = None,
        kind: str = "info",
        timeout_ms: int = 6000,
        actions: tuple[Action, ...] = (),
    ) -> None:
        super().__init__(parent)
        self.text, self.detail, self.kind = text, detail, kind
        self.setAccessibleName(f"{text}. {detail}" if detail else text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box = QHBoxLayout(self)
        box.setContentsMargins(_MARGIN + 16, _MARGIN + 10, _MARGIN + 12, _MARGIN + 10)
        box.setSpacing(10)
        tint = "bad_line" if kind == "error" and not current_theme().is_dark else "toast_muted"
        box.addWidget(IconLabel(icon or _ICONS.get(kind, "info"), tint))
        self._words = _ToastText(text, detail)
        box.addWidget(self._words, 1)
        self.buttons: list[QWidget] = []
        for label, run in actions:
            button = _ToastButton(label)
            button.clicked.connect(lambda _=False, run=run: self._act(run))
            box.addWidget(button)
            self.buttons.append(button)
        close = _ToastButton("", "x")
        close.setAccessibleName(tr("Close message"))
        close.setToolTip(tr("Close message"))
        close.clicked.connect(self.close_toast)
        box.addWidget(close)
        self._total = self.left_ms = timeout_ms
        self._done = False
        self._clock = QTimer(self)
        self._clock.setInterval(STEP_MS)
        self._clock.timeout.connect(self.tick)
        if timeout_ms > 0:
            self._clock.start()

    def wanted_width(self) -> int:
        """Give the width at which nothing is cut."""
        rest = sum(button.width() + 10 for button in self.buttons)
        return self._words.wanted() + rest + 2 * _MARGIN + 28 + 28 + 42

    @property
    def is_paused(self) -> bool:
        """Whether somebody is reading it or about to press a button of it."""
        focus = self.window().focusWidget()
        on_it = focus is not None and self.isAncestorOf(focus) and focus.hasFocus()
        return self.underMouse() or on_it

    def tick(self, passed_ms: int = STEP_MS) -> None:
        """Let time pass, unless it is paused."""
        if self.is_paused:
            return
        self.left_ms -= passed_ms
        self.update(0, self.height() - _MARGIN - 3, self.width(), 3)
        if self.left_ms <= 0:
            self.close_toast()

    def _act(self, run: Callable[[], object]) -> None:
        if not self._done:
            self.close_toast()
            run()

    def close_toast(self) -> None:
        """Take it away."""
        if self._done:
            return
        self._done = True
        self._clock.stop()
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_toast()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dark card and the line of the time that is left."""
        del event
        painter, theme = QPainter(self), current_theme()
        area = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        paint.draw_shadow(painter, area, 8)
        paint.rounded(painter, area, 8, "toast")
        if self._total <= 0:
            return
        shape = QPainterPath()
        shape.addRoundedRect(area, 8, 8)
        painter.setClipPath(shape)
        line = QRectF(area.left(), area.bottom() - 2, area.width() * self.left_ms / self._total, 2)
        painter.fillRect(line, theme.color("toast_accent"))


class ToastHost(QObject):
    """Keeps toasts at the bottom centre of a widget, the newest lowest."""

    def __init__(self, container: QWidget) -> None:
        super().__init__(container)
        self._container = container
        self.toasts: list[Toast] = []
        container.installEventFilter(self)

    @property
    def latest(self) -> Toast | None:
        """The newest message."""
        return self.toasts[-1] if self.toasts else None

    def show_toast(
        self,
        text: str,
        detail: str = "",
        *,
        undo: Callable[[], object] | None = None,
        icon: str | None = None,
        kind: str = "info",
        timeout_ms: int = 6000,
        action: Action | None = None,
    ) -> Toast:
        """Show a message, with Undo or another action."""
        actions = [action] if action else []
        if undo is not None:
            actions.append((tr("Undo"), undo))
        toast = Toast(
            self._container,
            text,
            detail,
            icon=icon,
            kind=kind,
            timeout_ms=timeout_ms,
            actions=tuple(actions),
        )
        toast.closed.connect(lambda: self._gone(toast))
        self.toasts.append(toast)
        while len(self.toasts) > 3:
            self.toasts[0].close_toast()
        self._arrange()
        toast.show()
        toast.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(toast, QAccessible.Event.Alert))
        return toast

    def focus_latest(self) -> bool:
        """Bring the keyboard to the newest message's button."""
        if self.latest is None or not self.latest.buttons:
            return False
        self.latest.buttons[-1].setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def lift(self) -> None:
        """Bring all messages above what has come over them, such as another page."""
        for toast in self.toasts:
            toast.raise_()

    def clear(self) -> None:
        """Take all messages away."""
        for toast in list(self.toasts):
            toast.close_toast()

    def _gone(self, toast: Toast) -> None:
        if toast in self.toasts:
            self.toasts.remove(toast)
        self._arrange()

    def _arrange(self) -> None:
        bottom = self._container.height() - 24 + _MARGIN
        for toast in reversed(self.toasts):
            width = min(toast.wanted_width(), self._container.width() + 2 * _MARGIN - 32)
            height = toast.sizeHint().height()
            left = (self._container.width() - width) // 2
            toast.setGeometry(left, bottom - height, width, height)
            bottom -= height - 2 * _MARGIN + 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the container."""
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return super().eventFilter(watched, event)


_BAR_TONES: Final = {
    "error": ("bad", "circle-alert"),
    "warning": ("warning", "triangle-alert"),
    "info": ("info", "info"),
}


class NoticeBar(QWidget):
    """A bar across the top that says what is wrong and offers the remedy."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = "bad"
        box = QHBoxLayout(self)
        box.setContentsMargins(24, 6, 12, 6)
        box.setSpacing(10)
        self._icon = IconLabel("circle-alert", "bad")
        self.label = Label("", "medium", wrap=True)
        self.remedy: Button = secondary("")
        self.remedy.compact = True
        self._run: Callable[[], object] | None = None
        self.remedy.clicked.connect(self._remedied)
        self._close = IconButton("x", tr("Close notice"), size=28, icon_size=16)
        self._close.clicked.connect(self.clear)
        box.addWidget(self._icon)
        box.addWidget(self.label, 1)
        box.addWidget(self.remedy)
        box.addWidget(self._close)
        self.hide()

    def show_notice(
        self,
        text: str,
        kind: str = "error",
        remedy: Action | None = None,
        closable: bool = True,
    ) -> None:
        """Show a notice; ``remedy`` is a button's words and what it does."""
        self._tone, icon = _BAR_TONES[kind]
        self._icon.set_icon(icon, self._tone)
        self.label.set_text(text)
        self.setAccessibleName(text)
        self._run = remedy[1] if remedy else None
        if remedy:
            self.remedy.setText(remedy[0])
            self.remedy.updateGeometry()
        self.remedy.setVisible(remedy is not None)
        self._close.setVisible(closable)
        self.show()
        self.update()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self) -> None:
        """Take the notice away."""
        self.hide()
        self.closed.emit()

    def _remedied(self) -> None:
        if self._run is not None:
            self._run()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tinted ground and its line."""
        del event
        painter, tone = QPainter(self), current_theme().tone(self._tone)
        theme = current_theme()
        painter.fillRect(self.rect(), theme.color(tone.tint))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color(tone.line))
