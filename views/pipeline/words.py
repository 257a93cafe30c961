"""How the pipeline says things: reasons, categories, next steps, the colours of stages."""

from typing import Final, NamedTuple

from app.queries.board import Board
from app.queries.deals import DealRow
from models.values import ForecastCategory, LostReason, NextStep, StageType
from views.shared.format import money, number, short_date
from views.shared.text import tr

# Light and dark: grey, blue, violet, amber, teal, pink; won and lost have their own.
_DOTS: Final = (
    ("#98A2B3", "#98A2B3"),
    ("#1570EF", "#2E90FA"),
    ("#7A5AF8", "#8F75F9"),
    ("#CA8504", "#DC8A0B"),
    ("#0E9384", "#15B79E"),
    ("#DD2590", "#EE46BC"),
)
_WON_DOT: Final = ("#079455", "#17B26A")
_LOST_DOT: Final = ("#D92D20", "#F04438")


def stage_color(kind: StageType, position: int, *, dark: bool) -> str:
    """Return the colour of a stage's dot."""
    if kind is StageType.WON:
        return _WON_DOT[dark]
    if kind is StageType.LOST:
        return _LOST_DOT[dark]
    return _DOTS[position % len(_DOTS)][dark]


def lost_reasons() -> list[tuple[LostReason, str]]:
    """Return the reasons a person can choose."""
    return [
        (LostReason.PRICE, tr("Price")),
        (LostReason.COMPETITOR, tr("A competitor")),
        (LostReason.NO_BUDGET, tr("No budget")),
        (LostReason.NO_DECISION, tr("No decision")),
        (LostReason.TIMING, tr("Timing")),
        (LostReason.MISSING_FEATURE, tr("A missing feature")),
        (LostReason.NO_ANSWER, tr("No answer")),
        (LostReason.DUPLICATE, tr("A duplicate")),
        (LostReason.OTHER, tr("Another reason")),
    ]


def lost_reason_words(reason: LostReason | None) -> str:
    """Say why a deal was lost."""
    if reason is None:
        return ""
    return dict(lost_reasons()).get(reason, tr("Unknown"))


def forecast_words(category: ForecastCategory) -> str:
    """Say how sure the owner is."""
    return dict(forecast_choices())[category]


def forecast_choices() -> list[tuple[ForecastCategory, str]]:
    """Return the owner's own words on a deal."""
    return [
        (ForecastCategory.PIPELINE, tr("Pipeline")),
        (ForecastCategory.BEST_CASE, tr("Best case")),
        (ForecastCategory.COMMIT, tr("Commit")),
        (ForecastCategory.OMITTED, tr("Left out")),
    ]


class StepWords(NamedTuple):
    """A next step in a few letters, with icon and colour."""

    text: str
    icon: str
    color: str


def step_words(row: DealRow) -> StepWords:
    """Say what comes next with a deal, or how long nothing has happened."""
    if row.stage_type is not StageType.OPEN:
        icon = "trophy" if row.stage_type is StageType.WON else "circle-x"
        day = short_date(row.closed_on) if row.closed_on else ""
        return StepWords(day, icon, "muted")
    step = row.attention
    if step.light is NextStep.TODAY:
        return StepWords(tr("today"), "calendar-clock", "warning")
    if step.light is NextStep.LATE:
        late = tr("{n} d late", n=-step.days_ahead) if step.days_ahead else tr("late")
        return StepWords(late, "circle-alert", "bad")
    if step.light is NextStep.PLANNED:
        words = tr("planned") if step.days_ahead is None else tr("in {n} d", n=step.days_ahead)
        return StepWords(words, "calendar-check", "good")
    age = tr("{n} d", n=step.quiet_days) if step.quiet_days else tr("< 1 d")
    return StepWords(age, "clock", "bad" if step.is_rotting else "muted")


def next_step_words(row: DealRow) -> str:
    """Say a deal's next step in a sentence of a table cell."""
    words = step_words(row)
    if row.attention.next_title:
        return f"{row.attention.next_title}, {words.text}"
    return tr("Quiet for {n} d", n=row.attention.quiet_days) if row.attention.is_rotting else ""


def board_words(read: Board, currency: str) -> str:
    """Say in one line what a board holds; cents are left out."""
    if not read.has_any_deal:
        return tr("{pipeline}, no deals yet", pipeline=read.pipeline_name)
    return tr(
        "{n} open · {total} · weighted {weighted}",
        n=number(read.open_count),
        total=money(round(read.open_total_minor, -2), currency),
        weighted=money(round(read.weighted_minor, -2), currency),
    )
