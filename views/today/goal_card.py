"""The month's goal: won, in commit, and how far from today's pace."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.queries.goal import Goal
from views.shared.bars import GoalBar
from views.shared.cards import Card
from views.shared.format import money, percent
from views.shared.labels import Label, LinkLabel
from views.shared.text import tr, tr_n

_MONTHS = "January February March April May June July August September October November December"


class GoalCard(Card):
    """A bar with three lines of words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=19, spacing=6)
        self.title = Label("", "muted")
        self.left = Label("", "muted")
        self.won = Label("", "title")
        self.goal = Label("", "muted", elide=True)
        self.share = Label("", "strong")
        self.bar = GoalBar()
        self.commit = Label("", "small", elide=True)
        self.pace = Label("", "small")
        self.set_goal = LinkLabel(tr("Set a monthly goal"))
        self.add(_line(self.title, None, self.left))
        self.add(_line(self.won, self.goal, self.share))
        self.add(self.bar)
        self.add(_line(self.commit, None, self.pace, self.set_goal))

    def show_goal(self, goal: Goal) -> None:
        """Show how the month stands."""
        month = tr(_MONTHS.split()[goal.month.month - 1])
        has_goal = bool(goal.goal_minor)
        self.title.set_text(
            tr("{month} goal", month=month) if has_goal else tr("Won in {month}", month=month)
        )
        n = goal.working_days_left
        self.left.set_text(tr_n("{n} working day left", "{n} working days left", n))
        self.won.set_text(money(goal.won_minor, goal.currency))
        self.commit.set_text(
            tr("+ {amount} in commit", amount=money(goal.commit_minor, goal.currency))
        )
        for widget in (self.share, self.bar, self.pace):
            widget.setVisible(has_goal)
        self.set_goal.setVisible(not has_goal)
        if not goal.goal_minor:
            self.goal.set_text(tr_n("{n} deal", "{n} deals", goal.won_count))
            return
        self.goal.set_text(tr("of {goal} won", goal=money(goal.goal_minor, goal.currency)))
        self.share.set_text(percent(goal.won_minor / goal.goal_minor))
        self.bar.set_values(goal.won_minor, goal.commit_minor, goal.goal_minor, goal.pace_minor)
        self._show_pace(goal)

    def _show_pace(self, goal: Goal) -> None:
        ahead = goal.won_minor - (goal.pace_minor or 0)
        amount = money(abs(ahead), goal.currency)
        if ahead < 0:
            words, tone = tr("{amount} behind today's pace", amount=amount), "warning"
        else:
            words, tone = tr("{amount} ahead of today's pace", amount=amount), "good"
        self.pace.set_text(words)
        self.pace.setProperty("tone", tone)
        self.pace.set_role("small")


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
