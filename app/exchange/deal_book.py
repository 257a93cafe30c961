"""Deals of a file: their stage, their days, and the history that reports rest on."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.exchange.choices import LOST_REASONS, word_in
from app.exchange.dates import at_noon
from app.exchange.ledger import Ledger
from app.exchange.shaping import Shaped
from app.exchange.state import FileState, StageInfo
from models.clock import local_zone
from models.values import LostReason, StageType, name_key


def prepare(state: FileState, session: Session, ledger: Ledger) -> None:
    """Fill the state with the stages that the file's deals stand in; make what is missing."""
    from app.exchange.pipelines import prepare_deals

    prepare_deals(state, session, ledger)


class DealBook:
    """Knows the stages of the file's pipelines and what a row says of them."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        self.state = state
        self.ledger = ledger
        self.zone = local_zone()

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Read the lines of the deals."""
        del shaped
        self.state.directory.load_children("deal_line", "deal_id", ids)

    def stage_of(self, shaped: Shaped) -> StageInfo | None:
        """Return the stage a row names, None where it names none."""
        name = shaped.extra.get("stage")
        if name is None:
            return None
        pipeline = name_key(shaped.extra.get("pipeline", ""))
        return self.state.stages.get((pipeline, name_key(name)))

    def columns_for_new(self, shaped: Shaped) -> dict[str, Any]:
        """Return the columns that a new deal must have."""
        stage = self.stage_of(shaped) or self._first()
        shaped.extra["stage_info"] = stage
        closed_on = shaped.extra.get("closed_on")
        opened_on = shaped.columns.get("opened_on")
        if opened_on is None:
            opened_on = min(closed_on or self.state.today, self.state.today)
        named = shaped.draft.values.get("currency")  # also without an amount
        currency = shaped.columns.get("currency") or named or self.state.region.currency
        columns: dict[str, Any] = {
            "pipeline_id": stage.pipeline_id,
            "stage_id": stage.id,
            "stage_type": stage.type,
            "opened_on": opened_on,
            "currency": currency,
            "rate": self._rate(currency, shaped),
            "board_order": float(shaped.draft.row),
        }
        columns |= self._closing(shaped, stage)
        self._check_days(shaped, opened_on, columns.get("closed_on"))
        columns["stage_since"] = self._since(stage, opened_on, columns.get("closed_on"))
        return columns

    def columns_for_known(
        self, shaped: Shaped, current: dict[str, Any], *, again: bool
    ) -> dict[str, Any]:
        """Return what a row changes in a stored deal besides its plain columns."""
        columns: dict[str, Any] = {}
        stage = self.stage_of(shaped)
        same = stage is None or stage.id == current["stage_id"]
        if stage is None or same or again:
            columns |= self._days_in_place(shaped, current)
        else:
            shaped.extra["moved_from"] = (current["stage_id"], current["stage_since"])
            shaped.extra["stage_info"] = stage
            columns |= {
                "pipeline_id": stage.pipeline_id,
                "stage_id": stage.id,
                "stage_type": stage.type,
                "closed_on": None,
                "lost_reason": None,
            }
            columns |= self._closing(shaped, stage)
            if current["stage_type"] is StageType.OPEN and stage.type is StageType.LOST:
                columns["last_open_stage_id"] = current["stage_id"]
            closed_on = columns.get("closed_on")
            columns["stage_since"] = (
                at_noon(closed_on, self.zone) if closed_on else self.ledger.moment
            )
        currency = shaped.columns.get("currency")
        if currency is not None and currency != current.get("currency"):
            columns["rate"] = self._rate(currency, shaped)
        return columns

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Write how a new deal came to its stage, and its product."""
        stage: StageInfo = shaped.extra["stage_info"]
        opened_at = at_noon(row["opened_on"], self.zone)
        if stage.type is StageType.OPEN:
            self._change(row, None, stage.id, opened_at, None)
        else:
            entry = self.state.entry.get(stage.pipeline_id)
            closed_at: datetime = row["stage_since"]
            if entry is not None:
                self._change(row, None, entry.id, min(opened_at, closed_at), None)
                spent = max(0, int((closed_at - opened_at).total_seconds()))
                self._change(row, entry.id, stage.id, closed_at, spent)
            else:
                self._change(row, None, stage.id, closed_at, None)
        self._line(shaped, row, own=True)

    def write_more(self, shaped: Shaped, current: dict[str, Any], *, own: bool) -> bool:
        """Write down that a stored deal moved, and a product it did not have; say if it had not."""
        moved = shaped.extra.get("moved_from")
        if moved is not None:
            from_id, since = moved
            at: datetime = current["stage_since"]
            spent = max(0, int((at - since).total_seconds()))
            row = self._change(current, from_id, current["stage_id"], at, spent, own=own)
            if not own:
                self.ledger.note_created("stage_change", row, shaped.draft.row)
        return self._line(shaped, current, own=own)

    def _first(self) -> StageInfo:
        return next(iter(self.state.entry.values()))

    def _since(self, stage: StageInfo, opened_on: date, closed_on: date | None) -> datetime:
        day = closed_on if stage.type is not StageType.OPEN and closed_on else opened_on
        return at_noon(day, self.zone)

    def _closing(self, shaped: Shaped, stage: StageInfo) -> dict[str, Any]:
        """Return the columns that depend on whether the deal is open, won or lost."""
        day = shaped.extra.get("closed_on")
        if stage.type is StageType.OPEN:
            # The closing day of an open deal can only be the expected one.
            expected = shaped.columns.get("expected_close_on") or day
            return {"expected_close_on": expected} if expected else {}
        found: dict[str, Any] = {"closed_on": day or shaped.columns.get("expected_close_on")}
        if stage.type is StageType.LOST:
            entry = self.state.entry.get(stage.pipeline_id)
            found["last_open_stage_id"] = entry.id if entry is not None else None
            found |= self._reason(shaped)
        return found

    def _reason(self, shaped: Shaped) -> dict[str, Any]:
        text = shaped.extra.get("lost_reason")
        if text is None:
            return {"lost_reason": LostReason.UNKNOWN}
        known = word_in(LOST_REASONS, text)
        if known is not None:
            return {"lost_reason": known}
        return {"lost_reason": LostReason.OTHER, "lost_note": text}

    def _days_in_place(self, shaped: Shaped, current: dict[str, Any]) -> dict[str, Any]:
        day = shaped.extra.get("closed_on")
        found: dict[str, Any] = {}
        if current["stage_type"] is StageType.OPEN:
            if day is not None and "expected_close_on" not in shaped.columns:
                found["expected_close_on"] = day
        elif day is not None:
            found["closed_on"] = day
        if current["stage_type"] is StageType.LOST and "lost_reason" in shaped.extra:
            found |= self._reason(shaped)
        return found

    def _check_days(self, shaped: Shaped, opened_on: date, closed_on: date | None) -> None:
        if closed_on is not None and closed_on < opened_on:
            shaped.draft.complain(
                "closed_on",
                closed_on.isoformat(),
                f"The deal closes before it opens ({opened_on.isoformat()}); both days were kept.",
            )

    def _rate(self, currency: str, shaped: Shaped) -> Decimal:
        rate = self.state.rates.get(currency)
        if rate is not None:
            return rate
        if currency not in self.state.complained:
            self.state.complained.add(currency)
            shaped.draft.complain(
                "currency" if "currency" in shaped.draft.columns else "amount",
                currency,
                f"What one {currency} is worth is not known yet, so it counts as 1 in totals. "
                "Set the rate in Settings before you compare sums.",
            )
        return Decimal(1)

    def _change(
        self,
        deal: dict[str, Any],
        from_id: int | None,
        to_id: int,
        at: datetime,
        seconds: int | None,
        *,
        own: bool = True,
    ) -> dict[str, Any]:
        values = {
            "deal_id": deal["id"],
            "from_stage_id": from_id,
            "to_stage_id": to_id,
            "at": at,
            "seconds_in_from": seconds,
            "user_id": deal.get("owner_id"),
        }
        return self.ledger.insert("stage_change", values, version=deal["row_version"] if own else 0)

    def _line(self, shaped: Shaped, deal: dict[str, Any], *, own: bool) -> bool:
        product_id = shaped.extra.get("product_id")
        if product_id is None:
            return False
        known = self.state.directory.children("deal_line", deal["id"])
        if any(line["product_id"] == product_id for line in known):
            return False
        quantity = shaped.extra.get("quantity") or Decimal(1)
        amount = deal.get("amount_minor")
        values = {
            "deal_id": deal["id"],
            "product_id": product_id,
            "name": shaped.draft.values["product"],
            "quantity": quantity,
            "unit_price_minor": round(amount / quantity) if amount is not None else None,
            "position": len(known),
        }
        row = self.ledger.insert("deal_line", values, version=deal["row_version"] if own else 0)
        if not own:
            self.ledger.note_created("deal_line", row, shaped.draft.row)
        known.append(values)
        return True
