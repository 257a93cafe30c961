"""What comes next with a deal: its open tasks, ticked off where they stand, and a new one."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.queries.deal_details import DealDetails, TaskLine
from models.values import NextStep
from views.context import PageContext
from views.operations import Operation
from views.shared import paint
from views.shared.buttons import IconButton, link
from views.shared.format import date_words, moment_words
from views.shared.labels import Label
from views.shared.pickers import DateTimeField
from views.shared.text import tr
from views.shared.text_fields import cap_line

_COLORS = {NextStep.LATE: "bad", NextStep.TODAY: "warning", NextStep.PLANNED: "muted"}


class TaskView(QWidget):
    """A task with its circle and its day."""

    ticked = Signal(object)

    def __init__(self, task: TaskLine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task = task
        self._hover = False
        self.setFixedHeight(42)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Task {title}, {day}", title=task.title, day=self._when()))
        self.setToolTip(tr("Click the circle, or press Space, when it is done"))

    def sizeHint(self) -> QSize:
        """Fill the width."""
        return QSize(220, 42)

    def _when(self) -> str:
        due = self.task.due_at
        if due is None:
            return tr("no day set")
        return date_words(due) if self.task.due_all_day else moment_words(due)

    def _circle(self) -> QRectF:
        return paint.mirrored(QRectF(0, 3, 18, 18), self.rect(), self.layoutDirection())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the task."""
        del event
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        area = QRectF(self.rect())
        paint.draw_check_circle(painter, self._circle(), hover=self._hover)
        title = paint.mirrored(QRectF(28, 2, area.width() - 28, 20), area, self.layoutDirection())
        paint.draw_text(painter, title, self.task.title, weight=500)
        below = paint.mirrored(QRectF(28, 21, area.width() - 28, 18), area, self.layoutDirection())
        color = _COLORS.get(self.task.light, "muted")
        paint.draw_text(painter, below, self._when(), size=12, color=color)
        if self.hasFocus():
            paint.draw_focus_ring(painter, area, 4)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that the circle can be ticked."""
        hover = self._circle().adjusted(-4, -4, 4, 4).contains(event.position())
        if hover != self._hover:
            self._hover = hover
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick the task off."""
        if self._circle().adjusted(-4, -4, 4, 4).contains(event.position()):
            self.ticked.emit(self.task)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick off by Space."""
        if event.key() == Qt.Key.Key_Space:
            self.ticked.emit(self.task)
        else:
            super().keyPressEvent(event)


class NextStepPanel(QWidget):
    """The deal's open tasks, and a line to plan another."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._details: DealDetails | None = None
        self.views: list[TaskView] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(2)
        self.nothing = Label(tr("Nothing planned. What comes next?"), "muted", wrap=True)
        self._box.addWidget(self.nothing)
        self.title = QLineEdit()
        cap_line(self.title)
        self.title.setPlaceholderText(tr("Next step, such as call back"))
        self.title.setAccessibleName(tr("Next step"))
        self.title.returnPressed.connect(self.save)
        self.due = DateTimeField()
        self.form = QWidget()
        inner = QVBoxLayout(self.form)
        inner.setContentsMargins(0, 4, 0, 4)
        inner.setSpacing(6)
        inner.addWidget(self.title)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.due, 1)
        save = IconButton("check", tr("Save the task"), bordered=True)
        save.clicked.connect(self.save)
        line.addWidget(save)
        inner.addLayout(line)
        self.form.hide()
        self._box.addWidget(self.form)
        self.add_button = link(tr("Plan a task"), "plus", flush=True)
        self.add_button.clicked.connect(self.begin)
        self._box.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_details(self, details: DealDetails) -> None:
        """Show a deal's tasks."""
        same = self._details is not None and self._details.row.id == details.row.id
        if not same:
            self._end()
        known = [view.task for view in self.views]
        self._details = details
        self.nothing.setVisible(not details.tasks and self.form.isHidden())
        if known == list(details.tasks):
            return
        for view in self.views:
            view.hide()
            view.deleteLater()
        self.views = []
        for place, task in enumerate(details.tasks):
            view = TaskView(task)
            view.ticked.connect(self._done)
            self._box.insertWidget(place, view)
            self.views.append(view)

    def begin(self) -> None:
        """Open the line for a new task."""
        self.nothing.hide()
        self.form.show()
        self.add_button.hide()
        self.title.setFocus(Qt.FocusReason.OtherFocusReason)

    def save(self) -> None:
        """Plan the task."""
        from app.commands.tasks import create_task  # noqa: PLC0415

        title = self.title.text().strip()
        if self._details is None or not title:
            self._end()
            return
        row = self._details.row
        Operation(
            self,
            tr("Plan task"),
            create_task,
            title=title,
            due_at=self.due.moment,
            deal_id=row.id,
            company_id=row.company_id,
            contact_id=row.contact_id,
        ).toast(tr("Planned “{title}”", title=title)).then(lambda _value: self._end())

    def _end(self) -> None:
        self.title.clear()
        self.form.hide()
        self.add_button.show()
        self.nothing.setVisible(not self.views)

    def _done(self, task: TaskLine) -> None:
        from app.commands.tasks import complete_task  # noqa: PLC0415

        Operation(self, tr("Complete task"), complete_task, task_id=task.id).toast(
            tr("Done: {title}", title=task.title)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take back by Escape."""
        if event.key() == Qt.Key.Key_Escape and not self.form.isHidden():
            self._end()
            self.add_button.setFocus()
        else:
            super().keyPressEvent(event)
