"""Won by the end of the period: the curve so far, and where it may end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app.queries.analytics import Overview
from app.queries.forecast import Forecast
from app.queries.periods import Period, months_on
from models.values import Money
from views.analytics.words import Scale, month_words, nice_steps, rough_money
from views.shared.chart import Chart, ChartRow
from views.shared.format import local, money, number, short_date
from views.shared.text import tr

if TYPE_CHECKING:
    from views.shared.chart_board import Board

_LABEL_STEP = 22.0
_LABELS = 150.0


@dataclass(frozen=True, slots=True)
class _End:
    """One of the values at the end of the curve."""

    name: str
    minor: int
    strong: bool
    words: str
    opens: Any = None


def forecast_chart(numbers: Overview) -> Chart:
    """Show what is won and what may be won by the end of the period."""
    found, period = numbers.forecast, numbers.period
    months = (period.horizon.year - period.start.year) * 12
    months += period.horizon.month - period.start.month + 1
    quota = numbers.goal_minor * months if numbers.goal_minor else None
    ends = _ends(found, quota, numbers.currency)
    scale = Scale(max([end.minor for end in ends], default=0), numbers.currency)
    rows = tuple(
        ChartRow((end.name, Money(end.minor, numbers.currency)), end.opens) for end in ends
    )
    title = tr("Won by {day}, {unit}", day=_long_day(period.horizon), unit=scale.unit)
    is_nothing = not any(end.minor for end in ends if end.name != tr("Quota"))
    return Chart(
        title,
        _note(found, numbers.currency),
        (tr("Measure"), tr("Amount, {currency}", currency=numbers.currency)),
        rows,
        lambda board: _Drawing(board, numbers, quota, ends, scale).draw(),
        found.open_deals if period.is_running else found.won_deals,
        tr("Nothing won in this period, and nothing expected.") if is_nothing else "",
    )


def _long_day(day: date) -> str:
    return f"{day.day} {_month(day)}"


def _month(day: date) -> str:
    from views.shared.format import locale  # noqa: PLC0415

    return locale().standaloneMonthName(day.month)


def _note(found: Forecast, currency: str) -> str:
    if not found.runs:
        return ""
    runs = tr("{n} simulations", n=number(found.runs))
    if not found.overdue_count:
        return tr("band: {runs}", runs=runs)
    # Past their day: they count from today, and are told of here.
    amount = money(found.overdue_minor, currency, compact=True)
    late = tr("{n} overdue, {amount}", n=number(found.overdue_count), amount=amount)
    return f"{runs} · {late}"


def _ends(found: Forecast, quota: int | None, currency: str) -> list[_End]:
    """Return the values at the end, the highest first."""

    def end(name: str, minor: int, more: str, opens: Any, *, strong: bool = True) -> _End:
        words = f"{name}: {rough_money(minor, currency)}\n{more}"
        return _End(name, minor, strong, words, opens)

    ends = []
    if found.ahead:
        last, opens = found.ahead[-1], found.open_deals
        ends = [
            end(tr("Best case"), found.best_minor, tr("won, commit and best case"), opens),
            end(
                tr("Weighted"),
                found.weighted_minor,
                tr("won, and amounts by their probability"),
                opens,
            ),
            end(tr("Commit"), found.commit_minor, tr("won and what owners commit to"), opens),
            end("P90", last.p90_minor, tr("reached in {n} of 10 runs", n=1), opens, strong=False),
            end("P50", last.p50_minor, tr("reached in {n} of 10 runs", n=5), opens, strong=False),
            end("P10", last.p10_minor, tr("reached in {n} of 10 runs", n=9), opens, strong=False),
        ]
    else:
        ends = [end(tr("Won"), found.won_minor, tr("closed in the period"), found.won_deals)]
    if quota:
        ends.append(end(tr("Quota"), quota, tr("the monthly goal, for the period"), None))
    return sorted(ends, key=lambda one: -one.minor)


class _Drawing:
    """One drawing of the curve: its scales, and the parts in order."""

    def __init__(
        self, board: Board, numbers: Overview, quota: int | None, ends: list[_End], scale: Scale
    ) -> None:
        self._board, self._quota, self._ends, self._scale = board, quota, ends, scale
        self._found: Forecast = numbers.forecast
        self._period: Period = numbers.period
        self._currency = numbers.currency
        self._today = local(numbers.counted_at).date()
        most = max([end.minor for end in ends], default=1) or 1
        self._steps = nice_steps(scale.value(most))
        axis = max(board.wide(self._step(step)) for step in self._steps)
        self._left = axis + 10
        self._right = board.width - min(_LABELS, board.width * 0.36)
        self._top, self._floor = 14.0, board.height - 26
        self._rise = (self._floor - self._top) / (most * 1.04)
        self._days = max(1, (self._period.horizon - self._period.start).days)

    def _step(self, value: float) -> str:
        return number(value, 0 if value == int(value) else 1)

    def _x(self, day: date) -> float:
        share = (day - self._period.start).days / self._days
        return self._left + (self._right - self._left) * share

    def _y(self, minor: float) -> float:
        return self._floor - minor * self._rise

    def draw(self) -> None:
        """Draw everything, the ground first."""
        self._draw_grid()
        self._draw_days()
        self._draw_ahead()
        self._draw_won()
        self._draw_quota()
        self._draw_ends()

    def _draw_grid(self) -> None:
        quota = self._y(self._quota) if self._quota else None
        for step in self._steps:
            y = self._y(self._scale.minor(step))
            self._board.line([self._left, self._right], [y, y], "row_line" if step else "border")
            if step and (quota is None or abs(quota - y) > 10):
                words = self._step(step)
                self._board.text(self._left - 10, y, words, colour="muted", align="right")

    def _draw_days(self) -> None:
        """Write the ends, today, and the months that have room."""
        start, horizon, end = self._period.start, self._period.horizon, self._period.end
        wanted = [(start, short_date(start)), (horizon, short_date(horizon))]
        if self._found.ahead:
            wanted.append((end, tr("Today")))
        month = months_on(start, 1)
        while month < horizon:
            is_long = self._days > 120
            wanted.append((month, month_words(month) if is_long else short_date(month)))
            month = months_on(month, 1)
        taken: list[tuple[float, float]] = []
        for day, words in wanted:
            x, half = self._x(day), self._board.wide(words) / 2 + 6
            if any(x - half < right and x + half > left for left, right in taken):
                continue
            taken.append((x - half, x + half))
            self._board.text(x, self._floor + 14, words, colour="muted", align="center")
        if self._found.ahead:
            x = self._x(end)
            y = self._y(self._found.won_minor)
            self._board.line([x, x], [y, self._floor], "border")

    def _draw_ahead(self) -> None:
        points = self._found.ahead
        if not points:
            return
        xs = [self._x(point.day) for point in points]
        low = [self._y(point.p10_minor) for point in points]
        high = [self._y(point.p90_minor) for point in points]
        self._board.band(xs, low, high)
        middle = [self._y(point.p50_minor) for point in points]
        self._board.line(xs, middle, "accent", 2, dashed=True)

    def _draw_won(self) -> None:
        board, won = self._board, self._found.won
        xs, ys = [self._x(day) for day, _ in won], [self._y(minor) for _, minor in won]
        board.line(xs, ys, "accent", 2.2, above=True)
        x, y = xs[-1], ys[-1]
        board.dot(x, y, 5, "accent")
        words = tr("Won so far {amount}", amount=self._scale.words(self._found.won_minor))
        if not self._found.ahead:
            words = ""
        wide = board.wide(words, 12, 600)
        near_quota = self._quota is not None and abs(self._y(self._quota) - (y - 14)) < 12
        if x - self._left > wide + 8:
            above = y + 18 if near_quota else y - 14
            board.text(x - 8, above, words, weight=600, colour="accent", align="right")
        else:
            below = min(y + 18, self._floor - 10)
            board.text(x + 10, below, words, weight=600, colour="accent")
        told = rough_money(self._found.won_minor, self._currency)
        board.mark(
            x - 8, y - 8, 16, 16, tr("Won so far: {amount}", amount=told), self._found.won_deals
        )

    def _draw_quota(self) -> None:
        if self._quota is None:
            return
        y = self._y(self._quota)
        self._board.line([self._left, self._right], [y, y], "text", 1.5)
        self._board.text(self._left, y - 9, tr("Quota"), weight=600)

    def _draw_ends(self) -> None:
        """Write the values in a column, with lines to where they end."""
        board = self._board
        places = _spread([self._y(end.minor) for end in self._ends], 8, self._floor)
        names = self._right + 30
        for end, place in zip(self._ends, places, strict=True):
            y = self._y(end.minor)
            weight, colour = (600, "text") if end.strong else (400, "muted")
            board.line([self._right + 5, names - 4], [y, place], "border")
            board.dot(self._right, y, 4.5 if end.strong else 4, "text" if end.strong else "accent")
            amount = self._scale.words(end.minor)
            room = board.width - names - board.wide(amount, 12, weight) - 6
            board.text(names, place, end.name, weight=weight, colour=colour, room=room)
            board.text(board.width, place, amount, weight=weight, colour=colour, align="right")
            board.mark(names - 4, place - 10, board.width - names + 4, 20, end.words, end.opens)


def _spread(wanted: list[float], top: float, bottom: float) -> list[float]:
    """Return places near the wanted ones, in their order, that do not overlap."""
    step = min(_LABEL_STEP, (bottom - top) / max(1, len(wanted)))
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + step if places else top))
    over = (places[-1] if places else 0) - bottom
    for n in range(len(places) - 1, -1, -1):
        if over <= 0:
            break
        places[n] -= over
        if n:
            over = places[n - 1] + step - places[n]
    return places
