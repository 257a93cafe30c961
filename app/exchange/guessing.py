"""Which kind of record a table holds and which field each column becomes, and how sure that is.

Recognition goes by words and by values, never by file names or by exact lists of columns.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.errors import UserError
from app.exchange.field_types import Field, Kind, Shape
from app.exchange.fields import KINDS
from app.exchange.layout import Layout
from app.exchange.layouts import known_layout
from app.exchange.point_columns import point_columns
from app.exchange.shapes import ColumnLook, fits, look_at
from app.exchange.tables import Cells, Stated, Table
from models.values import fold, name_key

SURE_ENOUGH: Final = 0.45
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPLIT: Final = re.compile(r"[\W_]+")
_CUSTOM: Final = re.compile(r"(?:__c|__pc|_c)$", re.IGNORECASE)
_SMALL: Final = frozenset(
    [
        "the",
        "of",
        "in",
        "a",
        "an",
        "s",
        "de",
        "der",
        "die",
        "das",
        "des",
        "du",
        "la",
        "le",
        "el",
        "and",
        "und",
        "no",
    ]
)
_PEOPLE: Final = frozenset({"owner", "user", "manager"})
_PERIOD: Final = frozenset({"quarter", "month", "year", "week", "quartal", "monat", "jahr"})


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What one column becomes: a field's key or None (left out), and why."""

    index: int
    header: str
    field: str | None
    confidence: float
    reason: str = ""
    chosen: bool = False  # by the person


@dataclass(frozen=True, slots=True)
class TableGuess:
    """The kind of a table, the layout known for it, and its columns."""

    kind: str
    confidence: float
    layout: Layout | None
    columns: tuple[ColumnGuess, ...]


def header_keys(header: str) -> tuple[str, frozenset[str]]:
    """Return a header as one key and as its set of words."""
    bare = _CUSTOM.sub("", re.sub(r"\(\d+\)\s*$", "", header))
    bare = re.sub(r"\([^)]*\)", " ", bare) or header
    words = [fold(w) for w in _SPLIT.split(_CAMEL.sub(" ", bare)) if w]
    return name_key(bare), frozenset(w for w in words if w not in _SMALL)


def guess_table(table: Table, kind: str | None = None) -> TableGuess:
    """Recognise a table; with `kind`, only its columns."""
    if table.stated is not None:
        return _stated(table.stated)
    looks = [look_at([row[i] for row in table.sample]) for i in range(len(table.headers))]
    if kind is not None:
        return _columns_of(KINDS[kind], table.headers, looks, known_layout(table.headers, kind))[1]
    layout = known_layout(table.headers)
    if layout is not None:
        guess = _columns_of(KINDS[layout.kind], table.headers, looks, layout)[1]
        return replace(guess, confidence=0.98)
    scored = sorted(
        (
            (*_columns_of(each, table.headers, looks, None), -place)
            for place, each in enumerate(KINDS.values())
        ),
        key=lambda item: (item[0], item[2]),
        reverse=True,
    )
    (best, guess, _), second = scored[0], scored[1][0]
    if best <= 0:
        raise UserError(
            "{file}: no column says what its rows are. Name the columns in the first line "
            "(Name, E-mail, Company, Amount …) or say what they are with --as.",
            file=table.path.name,
        )
    margin = (best - second) / best
    return replace(guess, confidence=round(min(0.97, 0.5 + margin), 2))


def _stated(stated: Stated) -> TableGuess:
    layout = Layout(stated.system, stated.title, stated.kind, frozenset(), {}, 0)
    columns = tuple(
        ColumnGuess(index, header, None, 1.0, "Read by the format itself.")
        for index, header in enumerate(stated.headers)
    )
    return TableGuess(stated.kind, 1.0, layout, columns)


def _columns_of(
    kind: Kind, headers: Cells, looks: Sequence[ColumnLook], layout: Layout | None
) -> tuple[float, TableGuess]:
    """Return how well a kind explains a table, and the columns that way."""
    offers: list[tuple[float, int, Field]] = []
    fixed: dict[int, str | None] = dict(point_columns(headers, looks, kind.key))
    for index, header in enumerate(headers):
        key, words = header_keys(header)
        renames: Mapping[str, str | None] = layout.renames if layout else {}
        if name_key(header) in renames:
            fixed[index] = renames[name_key(header)]
            continue
        for place, field in enumerate(kind.fields.values()):
            score = _match(field, kind, key, words, looks[index])
            if score >= SURE_ENOUGH:
                offers.append((score - place * 1e-4, index, field))
    taken = _assigned(offers, fixed)
    columns = tuple(_guess(i, h, taken, fixed, looks[i], kind) for i, h in enumerate(headers))
    total = sum(
        kind.field(field).weight * score * (0.4 + 0.6 * min(1.0, looks[index].filled * 4))
        for index, (score, field) in taken.items()
    )
    unexplained = len(headers) - len(taken)
    needed = any(field in kind.needs for _, field in taken.values())
    score = _adjusted(total, kind, {f: i for i, (_, f) in taken.items()}, looks)
    score -= 0.08 * min(unexplained, 12)
    return (score if needed else 0.0), TableGuess(kind.key, 0.9, layout, columns)


def _assigned(
    offers: list[tuple[float, int, Field]], fixed: Mapping[int, str | None]
) -> dict[int, tuple[float, str]]:
    """Give each column at most one field and each field at most one column, best first."""
    taken: dict[int, tuple[float, str]] = {
        index: (0.99, field) for index, field in fixed.items() if field is not None
    }
    used = {field for _, field in taken.values()}
    for score, index, field in sorted(offers, key=lambda offer: (-offer[0], offer[1])):
        if index not in taken and index not in fixed and field.key not in used:
            taken[index] = (round(min(score, 0.99), 2), field.key)
            used.add(field.key)
    return taken


def _guess(
    index: int,
    header: str,
    taken: Mapping[int, tuple[float, str]],
    fixed: Mapping[int, str | None],
    look: ColumnLook,
    kind: Kind,
) -> ColumnGuess:
    if index in taken:
        score, field = taken[index]
        return ColumnGuess(index, header, field, score)
    if index in fixed:
        return ColumnGuess(index, header, None, 0.99, "Bookkeeping of the other program.")
    if not look.count:
        return ColumnGuess(index, header, None, 0.9, "The column is empty.")
    _, words = header_keys(header)
    if look.quarter > 0.9 or (words & _PERIOD and look.few <= 60 and kind.key == "deal"):  # noqa: PLR2004  nearly all
        return ColumnGuess(index, header, None, 0.9, "Follows from the dates beside it.")
    return ColumnGuess(index, header, None, 0.0, "No field fits; choose one to keep it.")


def _match(field: Field, kind: Kind, key: str, words: frozenset[str], look: ColumnLook) -> float:
    """Return how well a column fits a field: its header's words, tempered by its values."""
    best = 0.0
    for place, spelling in enumerate(field.words):
        if name_key(spelling) == key:
            best = 0.99 - min(place, 20) * 0.001
            break
        target = frozenset(fold(w) for w in spelling.split()) - _SMALL
        if not target:
            continue
        if len(target) > 1 and target == words:
            best = max(best, 0.97)
        elif target < words and not ("id" in words and field.shape is not Shape.ID):
            # "billing city" for "city"; the kind's own word costs nothing ("deal amount").
            extra = words - target - {kind.key, kind.plural}
            if extra and field.shape is Shape.ID:
                continue  # "owner id" is somebody else's
            best = max(best, 0.94 if not extra else 0.8 - 0.12 * len(extra))
    fit = fits(field.shape, look)
    if field.key in _PEOPLE:
        fit = max(fit, look.email)  # our own people may be named by their address
    if best:
        return best * (0.35 + 0.65 * fit)
    return _by_values(field, look)


def _by_values(field: Field, look: ColumnLook) -> float:
    # Without a word in the header only values that leave no doubt are taken.
    if field.key in {"email", "contact_email"} and field.shape is Shape.EMAIL:
        return 0.75 * look.email if look.email > 0.8 else 0.0  # noqa: PLR2004  nearly all
    return 0.0


def _adjusted(
    total: float, kind: Kind, by_field: Mapping[str, int], looks: Sequence[ColumnLook]
) -> float:
    """Weigh what single columns cannot say: what a table of this kind is made of."""
    if kind.key == "deal" and not {"stage", "amount"} & by_field.keys():
        total *= 0.3
    if kind.key == "contact" and not {
        "given_name", "family_name", "email", "phone", "mobile"
    } & by_field.keys():  # fmt: skip
        total *= 0.5
    if kind.key == "user" and not {"manager", "team", "region", "role"} & by_field.keys():
        total *= 0.3
    if kind.key == "product" and not {"price", "code"} & by_field.keys():
        total *= 0.5
    if kind.key == "ticket" and not {"status", "priority"} & by_field.keys():
        total *= 0.4
    if kind.key == "activity" and not {"kind", "at"} <= by_field.keys():
        total *= 0.3
    name = by_field.get("name")
    if kind.key in {"user", "company", "product"} and name is not None and looks[name].count > 20:  # noqa: PLR2004  enough to judge
        # A table of things names each of them once; a table of deals repeats its companies.
        total *= 0.3 + 0.7 * looks[name].distinct
    if kind.key == "company" and "given_name" not in by_field and name is None:
        total *= 0.2
    return total
