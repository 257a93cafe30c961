"""When a row and a stored record are the same: deterministic, and careful where it matters."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.exchange.directory import Directory
from app.exchange.shaping import Shaped, is_loose
from models.values import PointKind, fold

# Addresses that many people share.
_SHARED: Final = frozenset(
    [
        "info",
        "office",
        "sales",
        "support",
        "contact",
        "hello",
        "kontakt",
        "mail",
        "admin",
        "service",
        "team",
        "post",
        "buero",
        "verkauf",
        "vertrieb",
        "billing",
        "accounts",
        "marketing",
        "help",
        "noreply",
        "no-reply",
        "webmaster",
        "hr",
        "jobs",
        "enquiries",
    ]
)
Current = Mapping[str, Any]


def find_match(
    shaped: Shaped, kind: str, directory: Directory, system: str, touched: Mapping[int, Any]
) -> int | None:
    """Return the record that a row means, by the keys in order of trust; None for a new one."""
    for space, key in shaped.keys:
        good = []
        by_id = space.startswith("external:")
        if kind == "deal" and not by_id and shaped.external is not None:
            continue  # many deals share a name; an id that is its own leaves no doubt
        for record_id in directory.candidates(kind, space, key):
            current = directory.current(record_id)
            if current is None or (not by_id and _ids_differ(shaped, record_id, directory, system)):
                continue
            if by_id and is_loose(system, key) and _is_another(kind, shaped, current, directory):
                shaped.external = None  # the id is taken by somebody else
                continue
            if _AGREE.get(kind, _always)(space, shaped, current, directory):
                good.append(record_id)
        if kind == "deal" and not space.startswith("external:"):
            good = _deal_among(shaped, good, directory, touched)
        if good:
            return good[0]
    return None


def _always(_space: str, _shaped: Shaped, _current: Current, _directory: Directory) -> bool:
    return True


def _ids_differ(shaped: Shaped, record_id: int, directory: Directory, system: str) -> bool:
    """Two ids of one program are two records, however alike they look."""
    theirs = directory.external(record_id).get(system)
    return shaped.external is not None and theirs is not None and theirs != shaped.external


def _is_another(kind: str, shaped: Shaped, current: Current, directory: Directory) -> bool:
    """Say whether a record under the same id is clearly another: other in name and in address."""
    if "name" not in current or "name" not in shaped.columns:
        return False
    unnamed = shaped.extra.get("nameless") or shaped.extra.get("named_by_us")
    if unnamed or _share_a_name(shaped.columns, current):
        return False
    if kind in {"contact", "company"}:
        points = directory.children("contact_point", current["id"])
        if _conflict(PointKind.EMAIL, shaped, points):
            return True
        if kind == "contact":
            return False
    of_kind = _OTHER_BY.get(kind, ())
    return any(
        shaped.columns.get(column) is not None
        and current.get(column) is not None
        and shaped.columns[column] != current[column]
        for column in of_kind
    )


_OTHER_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "company": ("domain", "website"),
    "user": ("email",),
    "deal": ("company_id",),
    "product": ("code",),
}


def _contact_agrees(space: str, shaped: Shaped, current: Current, directory: Directory) -> bool:
    if space.startswith("external:"):
        return True
    nameless = shaped.extra["nameless"]
    same_name = current["name_key"] == shaped.columns["name_key"]
    if space == "email":
        local = next(key for s, key in shaped.keys if s == "email").partition("@")[0]
        return bool(
            nameless
            or same_name
            or _is_address(current)
            or (local not in _SHARED and _share_a_name(shaped.columns, current))
        )
    if space == "phone":
        return bool(nameless or same_name)
    if current.get("company_id") != shaped.columns.get("company_id"):
        return False
    points = directory.children("contact_point", current["id"])
    if _conflict(PointKind.EMAIL, shaped, points):
        return False
    # Two people of one name in one company are rare, without a company they are not.
    return current.get("company_id") is not None or not _conflict(PointKind.PHONE, shaped, points)


def _is_address(current: Current) -> bool:
    return bool(current.get("email") and current["name"] == current["email"])


def _share_a_name(columns: Current, current: Current) -> bool:
    mine = set(fold(columns["name"]).replace(",", " ").split())
    theirs = set(fold(current["name"]).replace(",", " ").split())
    return any(len(word) > 1 for word in mine & theirs)


def _conflict(kind: PointKind, shaped: Shaped, points: list[dict[str, Any]]) -> bool:
    mine = {point.normal for point in shaped.points if point.kind is kind}
    theirs = {point["normal"] for point in points if point["kind"] is kind}
    return bool(mine and theirs and not mine & theirs)


def _deal_agrees(space: str, shaped: Shaped, current: Current, _directory: Directory) -> bool:
    if space.startswith("external:"):
        return True
    return bool(current.get("company_id") == shaped.columns.get("company_id"))


def _deal_among(
    shaped: Shaped, ids: list[int], directory: Directory, touched: Mapping[int, Any]
) -> list[int]:
    """Of deals with one name and company take the equal one, else one no row has spoken of yet."""
    keys = ("amount_minor", "opened_on", "owner_id", "expected_close_on")
    for record_id in ids:
        current = directory.current(record_id) or {}
        same = all(
            current.get(k) == shaped.columns[k] for k in keys if k in shaped.columns
        ) and shaped.extra.get("closed_on") in {None, current.get("closed_on"), current.get("expected_close_on")}  # fmt: skip  # noqa: E501  data, kept on its line
        if same:
            return [record_id]
    return [record_id for record_id in ids if record_id not in touched][:1]


def _named_agrees(space: str, shaped: Shaped, current: Current, _directory: Directory) -> bool:
    if space != "name":
        return True
    for key in ("code", "email"):
        mine, theirs = shaped.columns.get(key), current.get(key)
        if mine and theirs and mine.casefold() != theirs.casefold():
            return False
    return True


def _order_agrees(_space: str, shaped: Shaped, current: Current, directory: Directory) -> bool:
    """One order's id may be another's number: either the own id or the number must be the same."""
    known = directory.external(current["id"]).values()
    return shaped.external in known or current["number"] == shaped.columns["number"]


_AGREE: Final[Mapping[str, Callable[[str, Shaped, Current, Directory], bool]]] = {
    "contact": _contact_agrees,
    "deal": _deal_agrees,
    "order": _order_agrees,
    "product": _named_agrees,
    "user": _named_agrees,
}
