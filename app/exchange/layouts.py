"""Programs whose exports are known by their headers, as data: name, kind, what must be there."""

from collections.abc import Sequence
from typing import Final

from app.exchange import layouts_commerce, layouts_crm, layouts_people, layouts_tickets
from app.exchange.layout import Layout
from app.exchange.own_tables import own_layout
from models.values import name_key

LAYOUTS: Final = (
    *layouts_crm.LAYOUTS,
    *layouts_people.LAYOUTS,
    *layouts_tickets.LAYOUTS,
    *layouts_commerce.LAYOUTS,
)


def known_layout(headers: Sequence[str], kind: str | None = None) -> Layout | None:
    """Return the layout whose marks the headers carry most fully."""
    own = own_layout(headers)
    if own is not None and kind in {None, own.kind}:
        return own
    keys = {name_key(header) for header in headers}
    best: Layout | None = None
    best_share = 0.0
    for layout in LAYOUTS:
        hits = len(layout.marks & keys)
        if hits < layout.least or (kind is not None and layout.kind != kind):
            continue
        if layout.most and len(headers) > layout.most:
            continue
        share = hits / len(layout.marks) + hits / 100
        if share > best_share:
            best, best_share = layout, share
    return best
