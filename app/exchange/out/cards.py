"""People and companies as vCards, under the ids they have here."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.exchange.out.reading import Item
from app.exchange.out.vcard import write
from models.values import PointKind

_COPIED = ("name", "given_name", "family_name", "job_title", "birthday", "language", "description")


def write_items(path: Path, items: Iterable[Item]) -> list[str]:
    """Write one card for each."""
    write(path, map(contact_of, items))
    return []


def contact_of(item: Item) -> dict[str, Any]:
    """Return a record as the card's writer takes it."""
    found = {key: item.values.get(key) for key in _COPIED}
    points = [(PointKind(p["kind"]), p["value"], p["label"]) for p in item.points]
    if item.kind == "company" and item.values["website"]:
        points.append((PointKind.WEBSITE, item.values["website"], None))
    return {
        **found,
        "kind": item.kind,
        "company": item.names.get("company_id"),
        "external_id": str(item.values["id"]),
        "modified_at": item.values["updated_at"],
        "tags": tuple(item.tags),
        "points": points,
        "addresses": _addresses(item),
    }


def _addresses(item: Item) -> list[dict[str, Any]]:
    if item.addresses or not (item.values.get("city") or item.values.get("country")):
        return item.addresses
    # Town and country stand in the record itself where there is no address.
    return [{"city": item.values.get("city"), "country": item.values.get("country")}]
