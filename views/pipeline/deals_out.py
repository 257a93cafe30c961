"""What the board hands to others: deals into a file, or put away; a column as a stage."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from app.queries.board import BoardColumn
from app.queries.deal_details import StageStep
from app.queries.deals import DealFilter, deal_ids
from views.shared.export_records import ask_export
from views.shared.page import Page
from views.shared.record_table import RecordTableModel
from views.shared.text import tr, tr_n

Action = tuple[str, str, Callable[[], object], str]  # icon, words, what to do, key


def export_deals(page: Page, chosen: DealFilter, model: RecordTableModel[Any]) -> None:
    """Take the deals that a filter lets through into a file, in the table's order."""
    sort, descending = model.sort_key, model.descending
    ask_export(
        page,
        "deal",
        lambda session: deal_ids(session, chosen, sort=sort, descending=descending),
    )


def whole_actions(
    page: Page, ids: Sequence[int], archive: Callable[[Sequence[int]], object]
) -> list[Action]:
    """Return the last entries of the menu of deals."""
    count = len(ids)
    export = tr_n("Export {n} deal…", "Export {n} deals…", count)
    away = tr_n("Archive {n} deal", "Archive {n} deals", count)
    return [
        ("download", export, partial(ask_export, page, "deal", tuple(ids)), ""),
        ("archive", away, partial(archive, tuple(ids)), tr("Del")),
    ]


def stage_step(column: BoardColumn) -> StageStep:
    """Return the stage that a column stands for."""
    return StageStep(column.stage_id, column.name, column.type, column.probability)
