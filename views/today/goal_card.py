"""The month's goal: won, in commit, and how far from today's pace."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.queries.goal import Goal
from models.values import currency_exponent
from views.shared import paint
from views.shared.bars import GoalBar
from views.shared.cards import Card
from views.shared.format import money, percent
from views.shared.labels import Label, LinkLabel
from views.shared.text import tr, tr_n
from views.theme import current_theme

_MONTHS = "January February March April May June July August September October November December"


class GoalCard(Card):
    """A bar with three lines of words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=19, spacing=6)
        self.title = Label("", "muted", elide=True)
        self.left = Label("", "muted", elide=True)
        self.won = Label("", "title")
        self.goal = Label("", "muted", elide=True)
        self.share = Label("", "strong")
        self.bar = GoalBar()
        self.foot = _Foot()
        self.set_goal = LinkLabel(tr("Set a monthly goal"))
        self.add(_line(self.title, None, self.left))
        self.add(_line(self.won, self.goal, None, self.share))
        self.add(self.bar)
        foot = _line(self.foot, self.set_goal)
        foot.setStretch(0, 1)
        self.add(foot)

    def show_goal(self, goal: Goal) -> None:
        """Show how the month stands."""
        month = tr(_MONTHS.split()[goal.month.month - 1])
        has_goal = bool(goal.goal_minor)
        self.title.set_text(
            tr("{month} goal", month=month) if has_goal else tr("Won in {month}", month=month)
        )
        n = goal.working_days_left
        self.left.set_text(tr_n("{n} working day left", "{n} working days left", n))
        self.won.set_text(_rounded(goal.won_minor, goal.currency))
        commit = tr(
            "+ {amount} in commit",
            amount=_rounded(goal.commit_minor, goal.currency),
        )
        self.foot.show_words(commit)
        for widget in (self.share, self.bar):
            widget.setVisible(has_goal)
        self.set_goal.setVisible(not has_goal)
        if not goal.goal_minor:
            self.goal.set_text(tr_n("{n} deal", "{n} deals", goal.won_count))
            return
        self.goal.set_text(tr("of {goal} won", goal=money(goal.goal_minor, goal.currency)))
        self.share.set_text(percent(goal.won_minor / goal.goal_minor))
        self.bar.set_values(goal.won_minor, goal.commit_minor, goal.goal_minor, goal.pace_minor)
        self.foot.show_words(commit, *_pace(goal))


def _rounded(minor: int, currency: str) -> str:
    """Write an amount in whole units: cents say nothing about a month."""
    unit = int(10 ** currency_exponent(currency))
    return money(round(minor / unit) * unit, currency)


def _pace(goal: Goal) -> tuple[str, str]:
    """Say how far the month is from today's pace, and in which tone."""
    ahead = goal.won_minor - (goal.pace_minor or 0)
    amount = _rounded(abs(ahead), goal.currency)
    if ahead < 0:
        return tr("{amount} behind today's pace", amount=amount), "warning"
    return tr("{amount} ahead of today's pace", amount=amount), "good"


class _Foot(QWidget):
    """What is in commit, and at the other end the pace in its tone."""

    def __init__(self) -> None:
        super().__init__()
        self.commit, self.pace, self.tone = "", "", "good"
        self.setFixedHeight(20)

    def show_words(self, commit: str, pace: str = "", tone: str = "good") -> None:
        """Show other words."""
        self.commit, self.pace, self.tone = commit, pace, tone
        self.setAccessibleName(f"{commit}, {pace}" if pace else commit)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both ends."""
        del event
        painter, rect = QPainter(self), QRectF(self.rect())
        color = current_theme().tone(self.tone).text
        wide = paint.draw_text(
            painter, rect, self.pace, size=12, weight=500, color=color, align=paint.RIGHT
        )
        left = paint.mirrored(rect.adjusted(0, 0, -wide - 12, 0), rect, self.layoutDirection())
        if paint.text_width(self.commit, 12) <= left.width():  # else the bar alone shows it
            paint.draw_text(painter, left, self.commit, size=12, color="muted")


def _line(*widgets: QWidget | None) -> QHBoxLayout:
    """Put words beside each other; None is the room between left and right."""
    line = QHBoxLayout()
    line.setSpacing(8)
    for widget in widgets:
        if widget is None:
            line.addStretch(1)
        else:
            line.addWidget(widget)
    return line
