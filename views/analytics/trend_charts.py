"""Won by month, and how long a sale takes: bars over an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.queries.analytics import CycleBin, MonthBar, Overview
from models.values import Money
from views.analytics.words import Scale, month_words, rough_money
from views.shared.chart import Chart, ChartRow
from views.shared.format import number
from views.shared.text import tr, tr_n

if TYPE_CHECKING:
    from views.shared.chart_board import Board

_INSIDE = 12.0  # a label this near to the goal line goes into its bar


def months_chart(numbers: Overview) -> Chart:
    """Show what was won in each of twelve months, against the goal."""
    bars, goal, currency = numbers.months, numbers.goal_minor, numbers.currency
    scale = Scale(max([bar.amount_minor for bar in bars] + [goal or 0]), currency)
    rows = tuple(
        ChartRow((f"{bar.month:%Y-%m}", bar.count, Money(bar.amount_minor, currency)), bar.deals)
        for bar in bars
    )
    full = [bar for bar in bars if not bar.is_running]
    note = ""
    if goal:
        reached = sum(1 for bar in full if bar.amount_minor >= goal)
        note = tr(
            "goal reached in {n} of {all} full months", n=number(reached), all=number(len(full))
        )
    any_won = any(bar.count for bar in bars)
    return Chart(
        tr("Won by month, {unit}", unit=scale.unit),
        note,
        (tr("Month"), tr("Deals"), tr("Won, {currency}", currency=currency)),
        rows,
        lambda board: _draw_months(board, bars, goal, scale, currency),
        numbers.won_deals,
        "" if any_won else tr("Nothing was won in these twelve months."),
    )


def _draw_months(
    board: Board, bars: tuple[MonthBar, ...], goal: int | None, scale: Scale, currency: str
) -> None:
    goal_words = tr("Goal {amount}", amount=scale.words(goal)) if goal else ""
    right = board.wide(goal_words, 12, 600) + 10 if goal else 0
    top, floor = 22.0, board.height - 38
    most = max([bar.amount_minor for bar in bars] + [goal or 0]) or 1
    slot = (board.width - right) / len(bars)
    wide = min(40.0, slot * 0.66)
    rise = (floor - top) / most
    is_tight = slot < 30
    line = floor - (goal or 0) * rise
    board.line([0, board.width - right], [floor, floor])
    for place, bar in enumerate(bars):
        x = slot * place + (slot - wide) / 2
        y = floor - bar.amount_minor * rise
        reached = not goal or bar.amount_minor >= goal
        colour = "accent_pale" if bar.is_running or not reached else "primary"
        if bar.amount_minor:
            board.bar(x, y, wide, floor - y, colour, dashed=bar.is_running)
        _label_bar(board, (x + wide / 2, y), floor, line if goal else None, bar, scale)
        month = month_words(bar.month)
        if bar.month.month == 1 or (place == 0 and bar.month.month < 12):
            board.text(
                x + wide / 2,
                floor + 29,
                str(bar.month.year),
                size=11,
                colour="muted",
                align="center",
            )
        elif bar.is_running:
            board.text(
                x + wide / 2, floor + 29, tr("so far"), size=11, colour="muted", align="center"
            )
        if not is_tight or (len(bars) - place) % 2 == 1:  # the last month always has its name
            board.text(x + wide / 2, floor + 14, month, colour="muted", align="center")
        told = f"{month} {bar.month.year}: {rough_money(bar.amount_minor, currency)}"
        deals = tr_n("{n} deal won", "{n} deals won", bar.count)
        opens = bar.deals if bar.count else None
        board.mark(
            slot * place,
            min(y, floor - 12),
            slot,
            floor - min(y, floor - 12),
            f"{told}\n{deals}",
            opens,
        )
    if goal:
        board.line([0, board.width - right + 4], [line, line], "text", 1.5, above=True)
        board.text(board.width, line, goal_words, weight=600, align="right")


def _label_bar(
    board: Board,
    tip: tuple[float, float],
    floor: float,
    line: float | None,
    bar: MonthBar,
    scale: Scale,
) -> None:
    if not bar.amount_minor:
        return
    x, y = tip
    reached = line is not None and y <= line and not bar.is_running
    crosses = line is not None and y >= line and y - line < _INSIDE + 8
    if crosses and floor - y > 24:
        board.text(
            x,
            y + 13,
            scale.words(bar.amount_minor),
            weight=600,
            colour="on_primary" if reached else "text",
            align="center",
        )
    else:
        board.text(x, y - 10, scale.words(bar.amount_minor), weight=600, align="center")


def cycle_chart(numbers: Overview) -> Chart:
    """Show how many days won deals took."""
    bins, median = numbers.cycle, numbers.cycle_days
    rows = tuple(ChartRow((_span(part), part.count), part.deals) for part in bins)
    return Chart(
        tr("Sales cycle, won deals"),
        tr("days from opened to won"),
        (tr("Days"), tr("Deals")),
        rows,
        lambda board: _draw_cycle(board, bins, median or 0.0),
        numbers.won_deals,
        "" if bins else tr("Nothing was won in this period."),
    )


def _span(part: CycleBin) -> str:
    if part.end is None:
        return tr("{n} and more", n=number(part.start))
    return f"{number(part.start)}\u2013{number(part.end)}"


def _draw_cycle(board: Board, bins: tuple[CycleBin, ...], median: float) -> None:
    top, floor, side = 44.0, board.height - 26, 16.0
    slot = (board.width - 2 * side) / len(bins)
    width = bins[1].start - bins[0].start
    most = max(part.count for part in bins) or 1
    rise = (floor - top - 14) / most
    holds = min(int(median // width), len(bins) - 1)
    for place, part in enumerate(bins):
        x, y = side + slot * place, floor - part.count * rise
        is_middle = place == holds
        colour = "primary" if is_middle else "accent_pale"
        if part.count:
            board.bar(x + 2, y, slot - 4, floor - y, colour)
        inside = is_middle and floor - y > 24
        tone = "on_primary" if inside else "text"
        board.text(
            x + slot / 2,
            y + 12 if inside else y - 9,
            number(part.count),
            weight=600,
            colour=tone,
            align="center",
        )
        board.text(x, floor + 14, number(part.start), colour="muted", align="center")
        days = tr("{span} days", span=_span(part))
        deals = tr_n("{n} deal", "{n} deals", part.count)
        tip = min(y, floor - 10)
        board.mark(
            x + 2,
            tip,
            slot - 4,
            floor - tip,
            f"{days}\n{deals}",
            part.deals if part.count else None,
        )
    last = f"{number(bins[-1].start + width)}+"
    board.text(side + slot * len(bins), floor + 14, last, colour="muted", align="center")
    board.line([0, board.width], [floor, floor])
    share = min(1.0, (median - bins[holds].start) / width) if width else 0.5
    x = side + slot * (holds + share)
    words = tr("Median {n}", n=number(round(median)))
    half = board.wide(words, 12, 600) / 2
    tip = floor - bins[holds].count * rise
    is_inside = floor - tip > 24  # else its number stands above the bar
    board.line([x, x], [18, max(20.0, tip - (4 if is_inside else 20))], "text", 1.5)
    board.text(min(max(x, half), board.width - half), 8, words, weight=600, align="center")
