"""Moving deals from the views: asks why a deal is lost, tells with Undo, puts back on failure."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.commands.deals import (
    archive_deals,
    assign_deals,
    move_deal_to_stage,
    move_deals_to_stage,
    reorder_deal,
)
from app.errors import UserError
from app.queries.deal_details import StageStep
from models.values import LostReason, StageType
from views.operations import Operation
from views.pipeline.lost_dialog import LostDialog
from views.shared.text import tr, tr_n, translate_error

_END: Final = 2**31  # a place below every card


class _Move(NamedTuple):
    """What a person wants to move where."""

    ids: tuple[int, ...]
    stage: StageStep
    names: tuple[str, ...]
    place: dict[str, int | None]
    anticipate: Callable[[], None] | None
    from_stage: int | None = None  # where the person saw the one deal that is moved


class DealMover(QObject):
    """Starts moves for a page; `refused` says that the cards have to go back."""

    refused = Signal()
    moved = Signal(object)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self.dialog: LostDialog | None = None

    def move(
        self,
        ids: Sequence[int],
        stage: StageStep,
        names: Sequence[str],
        *,
        before_id: int | None = None,
        at_end: bool = False,
        anticipate: Callable[[], None] | None = None,
        from_stage: int | None = None,
    ) -> None:
        """Move deals to a stage; a lost stage first asks why, and cancelling moves nothing.

        They land above `before_id`, at the end, or at the top of the column. With `from_stage`
        the person is asked when a colleague has moved the deal from there meanwhile.
        """
        if not ids:
            return
        place = {"before_id": before_id, "position": _END if at_end else None}
        move = _Move(tuple(ids), stage, tuple(names), place, anticipate, from_stage)
        if stage.type is not StageType.LOST:
            self._start(move, None, None)
            return
        # Not from inside a drop: a dialog there would stop the drag half-way.
        QTimer.singleShot(0, self, partial(self._ask, move))

    def reorder(self, deal_id: int, before_id: int | None) -> None:
        """Put a card elsewhere in its column."""
        operation = Operation(
            self._owner, tr("Reorder deals"), reorder_deal, deal_id=deal_id, before_id=before_id
        )
        operation.or_else(self._on_refused)

    def assign(self, ids: Sequence[int], owner_id: int | None, owner_name: str) -> None:
        """Give deals to an owner."""
        words = tr_n(
            "Gave {n} deal to {name}", "Gave {n} deals to {name}", len(ids), name=owner_name
        )
        Operation(
            self._owner, tr("Change owner"), assign_deals, deal_ids=tuple(ids), owner_id=owner_id
        ).toast(words)

    def archive(self, ids: Sequence[int]) -> None:
        """Put deals away."""
        words = tr_n("Archived {n} deal", "Archived {n} deals", len(ids))
        Operation(self._owner, tr("Archive deals"), archive_deals, deal_ids=tuple(ids)).toast(words)

    def _ask(self, move: _Move) -> None:
        names = move.names or ("",) * len(move.ids)
        self.dialog = LostDialog(names, self._owner)
        self.dialog.answered.connect(partial(self._start, move))
        self.dialog.rejected.connect(self.refused)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def _start(self, move: _Move, reason: LostReason | None, note: str | None) -> None:
        if move.anticipate is not None:
            move.anticipate()
        more: dict[str, Any] = {
            "stage_id": move.stage.id,
            "lost_reason": reason,
            "lost_note": note,
            **move.place,
        }
        if len(move.ids) == 1:
            if move.from_stage is not None:
                more["opened"] = {"stage_id": move.from_stage}
            operation = Operation(
                self._owner, tr("Move deal"), move_deal_to_stage, deal_id=move.ids[0], **more
            )
        else:
            operation = Operation(
                self._owner, tr("Move deals"), move_deals_to_stage, deal_ids=move.ids, **more
            )
        words = move_words(move.stage, move.names, len(move.ids))
        operation.toast(words).or_else(self._on_refused)
        operation.then(lambda _value: self.moved.emit(move.ids))

    def _on_refused(self, error: UserError) -> None:
        context = getattr(self._owner, "context", None)
        if context is not None:
            context.toast(translate_error(error), kind="error")
        self.refused.emit()


def move_words(stage: StageStep, names: Sequence[str], count: int) -> str:
    """Say what a move did."""
    if count == 1 and names:
        if stage.type is StageType.WON:
            return tr("Won {deal}", deal=names[0])
        if stage.type is StageType.LOST:
            return tr("Lost {deal}", deal=names[0])
        return tr("Moved {deal} to {stage}", deal=names[0], stage=stage.name)
    return tr_n("Moved {n} deal to {stage}", "Moved {n} deals to {stage}", count, stage=stage.name)
