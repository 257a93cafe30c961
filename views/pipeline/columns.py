"""The columns of the deals table."""

from app.queries.deals import DealRow
from models.values import StageType
from views.pipeline.words import forecast_words, lost_reason_words, next_step_words, step_words
from views.shared.column import Column, Pill
from views.shared.format import date_words, exact_moment, money, percent, short_date

_TONES = {StageType.OPEN: "accent", StageType.WON: "good", StageType.LOST: "bad"}


def _stage(row: DealRow) -> Pill:
    return Pill(row.stage_name, _TONES[row.stage_type])


def _close(row: DealRow) -> str:
    day = row.closed_on or row.expected_close_on
    return short_date(day) if day else ""


def _close_tip(row: DealRow) -> str | None:
    day = row.closed_on or row.expected_close_on
    return exact_moment(day) if day else None


def _owner(row: DealRow) -> tuple[int, str, bool] | None:
    return None if row.owner_id is None else (row.owner_id, row.owner_name or "", False)


def _next_pill(row: DealRow) -> Pill | None:
    if row.stage_type is not StageType.OPEN:
        return None
    words = step_words(row)
    tone = words.color if words.color in {"good", "warning", "bad"} else "neutral"
    return Pill(words.text, tone, words.icon)


COLUMNS: tuple[Column[DealRow], ...] = (
    Column("name", "Deal", lambda r: r.name, width=220, sort="name", weight=500, stretch=True),
    Column("company", "Company", lambda r: r.company_name or "", width=170, sort="company"),
    Column("stage", "Stage", lambda r: r.stage_name, width=140, sort="stage", pill=_stage),
    Column(
        "amount",
        "Amount",
        lambda r: money(r.amount_minor, r.currency),
        width=110,
        align="right",
        sort="amount",
        tabular=True,
        weight=500,
    ),
    Column(
        "probability",
        "Probability",
        lambda r: percent(r.probability / 100),
        width=96,
        align="right",
        sort="probability",
        tabular=True,
        tone="muted",
    ),
    Column(
        "next_step",
        "Next step",
        next_step_words,
        width=120,
        pill=_next_pill,
        tooltip=lambda r: r.attention.next_title,
    ),
    Column("close", "Closes", _close, width=120, sort="expected_close", tooltip=_close_tip),
    Column("owner", "Owner", lambda r: r.owner_name or "", width=150, sort="owner", avatar=_owner),
    Column("contact", "Contact", lambda r: r.contact_name or "", width=150, hidden=True),
    Column("products", "Products", lambda r: r.products, width=160, hidden=True, tone="muted"),
    Column(
        "forecast",
        "Forecast",
        lambda r: forecast_words(r.forecast_category),
        width=110,
        hidden=True,
    ),
    Column(
        "lost_reason",
        "Lost because of",
        lambda r: lost_reason_words(r.lost_reason),
        width=140,
        hidden=True,
    ),
    Column(
        "opened",
        "Opened",
        lambda r: date_words(r.opened_on),
        width=110,
        sort="opened",
        hidden=True,
        tone="muted",
    ),
    Column(
        "closed",
        "Closed",
        lambda r: date_words(r.closed_on) if r.closed_on else "",
        width=110,
        sort="closed",
        hidden=True,
        tone="muted",
    ),
)
