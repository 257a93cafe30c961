"""Funnel, win rate by owner and why we lose: rows of words with a bar each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.queries.analytics import Overview, OwnerRate, ReasonRow
from app.queries.funnel import FunnelStep
from models.values import LostReason, Money
from views.analytics.words import change_words, reason_words, rough_money
from views.shared.chart import Chart, ChartRow
from views.shared.format import MINUS, number, percent
from views.shared.text import tr, tr_n

if TYPE_CHECKING:
    from views.shared.chart_board import Board

_ROW = 40.0
_MAX_OWNERS = 12
_FEW = 6  # so many fit in any case


def _widest(board: Board, words: list[tuple[str, int, int]], share: float) -> float:
    """Return the room for names: as wide as the widest, but not more than a share."""
    wide = max((board.wide(text, size, weight) for text, size, weight in words), default=0)
    return min(wide, board.width * share)


# --- funnel


def funnel_chart(numbers: Overview) -> Chart:
    """Show how far the deals opened in the period came."""
    steps = numbers.funnel
    rows = tuple(
        ChartRow(
            (
                _step_name(step),
                step.count,
                percent(-step.drop) if step.drop is not None else "",
                round(step.median_days, 1) if step.median_days is not None else None,
            ),
            step.deals,
        )
        for step in steps
    )
    columns = (tr("Stage"), tr("Deals"), tr("Change"), tr("Median days"))
    any_deal = bool(steps) and steps[0].count > 0
    return Chart(
        tr("Funnel, deals"),
        tr("opened in this period, lost ones too"),
        columns,
        rows,
        lambda board: _draw_funnel(board, steps),
        steps[0].deals if steps else None,
        "" if any_deal else tr("No deals were opened in this period."),
    )


def _step_name(step: FunnelStep) -> str:
    return step.name if step.stage_id is not None else tr("Won")


def _stay(step: FunnelStep) -> str:
    if step.median_days is None:
        return ""
    if step.median_days < 1:
        return tr("under a day")
    days = round(step.median_days)
    return tr_n("{n} day", "{n} days", days)


def _draw_funnel(board: Board, steps: tuple[FunnelStep, ...]) -> None:
    slot = min(46.0, board.height / len(steps))
    words = [(_step_name(step), 12, 500) for step in steps]
    left = _widest(board, words, 0.4) + 14
    numbers_wide = max(board.wide(number(step.count), 13, 600) for step in steps) + 8
    right = board.wide(f"{MINUS}100 %") + 6
    room = board.width - left - right - numbers_wide
    most = max(step.count for step in steps)
    worst = max((step.drop or 0 for step in steps), default=0)
    for place, step in enumerate(steps):
        middle = slot * (place + 0.5)
        stay, is_won = _stay(step), step.stage_id is None
        has_two = bool(stay) and slot >= 32
        board.text(
            0,
            middle - (8 if has_two else 0),
            _step_name(step),
            weight=600 if is_won else 400,
            room=left - 10,
        )
        if has_two:
            board.text(0, middle + 8, stay, size=11, colour="muted", room=left - 10)
        tall = min(20.0, slot * 0.5)
        wide = max(2.0, room * step.count / most) if step.count else 0
        board.bar(left, middle - tall / 2, wide, tall, "primary" if is_won else "accent_pale")
        edge = left + room + numbers_wide
        board.text(edge, middle, number(step.count), size=13, weight=600, align="right")
        if step.drop is not None:
            bad = step.drop == worst and step.drop > 0
            drop = f"{MINUS}{percent(step.drop)}" if step.drop > 0 else percent(0)
            colour = "bad" if bad else "muted"
            board.text(board.width, middle - slot / 2, drop, colour=colour, align="right")
        told = tr_n("{name}: {n} deal", "{name}: {n} deals", step.count, name=_step_name(step))
        more = [tr("median stay {days}", days=stay)] if stay else []
        if step.drop is not None:
            more.append(tr("{share} did not get here", share=percent(step.drop)))
        board.mark(left, middle - tall / 2, room, tall, "\n".join([told, *more]), step.deals)


# --- win rate by owner


def owners_chart(numbers: Overview) -> Chart:
    """Show each owner's win rate with the range in which it likely lies."""
    owners = numbers.owners
    rows = tuple(
        ChartRow(
            (
                owner.name,
                round(owner.rate * 100, 1),
                owner.won,
                owner.closed,
                round(owner.low * 100, 1),
                round(owner.high * 100, 1),
            ),
            owner.deals,
        )
        for owner in owners
    )
    columns = (tr("Owner"), tr("Win rate, %"), tr("Won"), tr("Closed"), tr("Likely from"), tr("to"))
    team = numbers.now.win_rate or 0.0
    return Chart(
        tr("Win rate by owner, %"),
        tr("won of closed; bar: likely range")
        if len(owners) <= _FEW
        else tr("those with most deals; all {n} in the table", n=number(len(owners))),
        columns,
        rows,
        lambda board: _draw_owners(board, owners, team),
        None if not owners else numbers.won_deals,
        "" if owners else tr("No deals were closed in this period."),
    )


class _Axis(NamedTuple):
    """Where shares stand on a line."""

    left: float
    room: float
    ceiling: float

    def at(self, share: float) -> float:
        """Return the place of a share."""
        return self.left + self.room * min(1.0, share / self.ceiling)


def _draw_owners(board: Board, owners: tuple[OwnerRate, ...], team: float) -> None:
    top, bottom = 26.0, 26.0
    fits = max(1, min(_MAX_OWNERS, int((board.height - top - bottom) // 34)))
    # Where not all fit, those with most cases say most.
    chosen = set(sorted(owners, key=lambda owner: -owner.closed)[:fits])
    shown = [owner for owner in owners if owner in chosen]
    slot = min(50.0, (board.height - top - bottom) / len(shown))
    words = [(owner.name, 12, 500) for owner in shown]
    left = _widest(board, words, 0.42) + 14
    right = board.wide("100", 13, 600) + 14
    room = board.width - left - right
    ceiling = max(0.6, min(1.0, max(owner.high for owner in shown)))
    axis = _Axis(left, room, ceiling)
    end = top + slot * len(shown)
    board.line([left, left + room], [end, end])
    step = 0.2 if ceiling <= 0.8 else 0.25
    for n in range(int(ceiling / step + 1e-9) + 1):
        board.text(
            axis.at(n * step), end + 13, number(n * step * 100), colour="muted", align="center"
        )
    for place, owner in enumerate(shown):
        _draw_owner(board, owner, top + slot * (place + 0.5), axis)
    board.line([axis.at(team), axis.at(team)], [top - 6, end], "text", 1.5, above=True)
    words_team = tr("Team {rate}", rate=number(round(team * 100)))
    half = board.wide(words_team, 12, 600) / 2
    x = min(max(axis.at(team), half), board.width - half)
    board.text(x, 8, words_team, weight=600, align="center")
    for place, owner in enumerate(shown):
        middle = top + slot * (place + 0.5)
        radius = 5 if axis.at(owner.high) - axis.at(owner.low) < 28 else 7
        colour = "accent" if board.theme.is_dark else "primary"
        board.dot(axis.at(owner.rate), middle, radius, colour)


def _draw_owner(board: Board, owner: OwnerRate, middle: float, axis: _Axis) -> None:
    left = axis.left
    board.text(0, middle - 8, owner.name, weight=500, room=left - 10)
    cases = tr("{won} of {closed}", won=number(owner.won), closed=number(owner.closed))
    board.text(0, middle + 8, cases, size=11, colour="muted", room=left - 10)
    start, end = axis.at(owner.low), axis.at(owner.high)
    board.pill(start, middle - 3.5, end - start, 7, "accent_pale")
    rate = number(round(owner.rate * 100))
    board.text(board.width, middle, rate, size=13, weight=600, align="right")
    words = tr("{name}: {rate} won", name=owner.name, rate=percent(owner.rate))
    likely = tr("likely {low} to {high}", low=percent(owner.low), high=percent(owner.high))
    board.mark(
        start - 4, middle - 12, end - start + 8, 24, f"{words}\n{cases}\n{likely}", owner.deals
    )


# --- why we lose


def reasons_chart(numbers: Overview) -> Chart:
    """Show why deals were lost, and how that changed."""
    reasons, currency = numbers.reasons, numbers.currency
    rows = tuple(
        ChartRow(
            (
                reason_words(row.reason),
                row.count,
                change_words(row.change),
                Money(row.amount_minor, currency),
            ),
            row.deals,
        )
        for row in reasons
    )
    columns = (tr("Reason"), tr("Deals"), tr("Change"), tr("Amount, {currency}", currency=currency))
    lost = tr("{n} lost", n=number(numbers.now.lost_count))
    asked = rough_money(numbers.now.lost_minor, currency)
    more = tr("{amount} asked for", amount=asked)
    note = f"{lost}, {more}" if numbers.now.lost_minor else lost
    return Chart(
        tr("Why we lose, deals"),
        note,
        columns,
        rows,
        lambda board: _draw_reasons(board, reasons, currency),
        numbers.lost_deals,
        "" if reasons else tr("No deals were lost in this period."),
    )


def _draw_reasons(board: Board, reasons: tuple[ReasonRow, ...], currency: str) -> None:
    top = 24.0
    fits = max(1, int((board.height - top) // 26))
    shown = reasons[:fits]
    slot = min(_ROW, (board.height - top) / len(shown))
    words = [(reason_words(row.reason), 12, 500) for row in shown]
    left = _widest(board, words, 0.42) + 12
    change_wide = max(
        board.wide(tr("change")), *(board.wide(change_words(row.change)) for row in shown)
    )
    counts = max(board.wide(number(row.count), 13, 600) for row in shown) + 12
    room = board.width - left - change_wide - 14 - counts
    most = max(row.count for row in shown)
    board.text(board.width, 8, tr("change"), colour="muted", align="right")
    for place, row in enumerate(shown):
        middle = top + slot * (place + 0.5)
        tall = min(20.0, slot * 0.55)
        colour = "primary" if place == 0 and row.reason is not LostReason.UNKNOWN else "accent_pale"
        name = reason_words(row.reason)
        board.text(0, middle, name, weight=600 if place == 0 else 400, room=left - 8)
        board.bar(left, middle - tall / 2, max(2.0, room * row.count / most), tall, colour)
        edge = left + room + counts
        board.text(edge, middle, number(row.count), size=13, weight=600, align="right")
        tone = "bad" if row.change >= 3 and row.change * 4 >= row.count else "muted"
        board.text(board.width, middle, change_words(row.change), colour=tone, align="right")
        told = tr_n("{name}: {n} deal", "{name}: {n} deals", row.count, name=name)
        amount = tr("{amount} asked for", amount=rough_money(row.amount_minor, currency))
        board.mark(left, middle - tall / 2, room, tall, f"{told}\n{amount}", row.deals)
