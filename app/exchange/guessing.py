"""Which kind of record a table holds and which field each column becomes, and how sure that is.

Recognition goes by words and by values, never by file names or by exact lists of columns.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from app.errors import UserError
from app.exchange.api_objects import refuse_objects
from app.exchange.field_types import Field, Kind, Shape
from app.exchange.fields import KINDS
from app.exchange.layout import Layout
from app.exchange.layouts import known_layout
from app.exchange.point_columns import NEVER_STORED, is_secret, point_columns
from app.exchange.repeated_columns import repeated_columns
from app.exchange.salesforce_ids import salesforce_kind
from app.exchange.shapes import ColumnLook, fits, look_at
from app.exchange.tables import SAMPLE_ROWS, Cells, Dialect, Stated, Table
from app.exchange.weighing import Mapped, is_enough, weighed
from models.values import fold, name_key

SURE_ENOUGH: Final = 0.45
_MANY: Final = SAMPLE_ROWS - 100  # the sample was cut: header, blank lines and notes are not in it
_SHOWN: Final = 6
_FEW_ROWS: Final = 20
_CELLS: Final = 200_000  # of the sample that are looked at: very wide tables must not take long
_NEARLY_ALL: Final = 0.8
_BY_VALUES: Final = frozenset({"email", "contact_email", "name", "phone"})  # see _by_values
_MADE: Final = re.compile(r"column\d+")  # the name of a column without one
_WIDE: Final = 40
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPLIT: Final = re.compile(r"[\W_]+")
_CUSTOM: Final = re.compile(r"(?:__c|__pc|_c)$", re.IGNORECASE)
_PREFIX: Final = re.compile(r"^(?:property_hs_|property_|properties\.)(?=\w)", re.IGNORECASE)
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
# With one of these a column is about something else: "IP address", "fax phone", "email count".
_ALIEN: Final = frozenset(
    {"ip", "mac", "fax", "count", "photo", "image", "picture", "token", "hash", "password", "nr",
     "code", "flag", "bounced", "sent", "preferences", "encoding", "receives", "sender",
     "quarantine", "geocode", "accuracy", "latitude", "longitude"}
)  # fmt: skip
_VAGUE: Final = frozenset({Shape.TEXT, Shape.LONG, Shape.LINK, Shape.CHOICE, Shape.NAME})
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


@lru_cache(maxsize=8192)  # asked once for each kind
def header_keys(header: str) -> tuple[str, frozenset[str]]:
    """Return a header as one key and as its set of words."""
    bare = _PREFIX.sub("", _CUSTOM.sub("", re.sub(r"\(\d+\)\s*$", "", header)))
    bare = re.sub(r"\([^)]*\)", " ", bare) or header
    words = [fold(w) for w in _SPLIT.split(_CAMEL.sub(" ", bare)) if w]
    return name_key(bare), frozenset(w for w in words if w not in _SMALL)


def guess_table(table: Table, kind: str | None = None) -> TableGuess:
    """Recognise a table; with `kind`, only its columns."""
    if table.stated is not None:
        return _stated(table.stated)
    width = len(table.headers)
    sample = table.sample[: max(_FEW_ROWS, _CELLS // max(width, 1))]
    looks = [look_at([row[i] for row in sample]) for i in range(width)]
    if kind is not None:
        layout = known_layout(table.headers, kind)
        guess = _columns_of(KINDS[kind], table.headers, looks, layout)[1]
        if layout is None and salesforce_kind(table.headers, table.sample) is not None:
            return _of_salesforce(guess)
        return guess
    refuse_objects(table)
    layout = known_layout(table.headers)
    if layout is not None:
        guess = _columns_of(KINDS[layout.kind], table.headers, looks, layout)[1]
        return replace(guess, confidence=0.98)
    ids_of = salesforce_kind(table.headers, table.sample)
    if ids_of:
        found = _columns_of(KINDS[ids_of], table.headers, looks, None)[1]
        return _of_salesforce(replace(found, confidence=0.95))
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
        raise _refusal(table)
    margin = (best - second) / best
    guess = replace(guess, confidence=round(min(0.97, 0.5 + margin), 2))
    return guess if ids_of is None else _of_salesforce(guess)


def _of_salesforce(guess: TableGuess) -> TableGuess:
    title = f"Salesforce {KINDS[guess.kind].plural}"
    return replace(guess, layout=Layout("salesforce", title, guess.kind, frozenset(), {}, 0))


def _refusal(table: Table) -> UserError:
    """Say what was seen and what to do, so that nobody has to guess why."""
    how = table.dialect
    return UserError(
        "{file} does not look like customer data: a table of {rows} × {columns} (rows × columns) "
        "was read ({how}; {header}; columns {headers}), but it does not say what its rows are. If "
        "they are people, companies, deals or the like, name the columns in the first line (Name, "
        "E-mail, Company, Amount …) or say what the rows are with --as, for example --as contacts.",
        file=table.path.name,
        rows=f"{len(table.sample):,}" + (" or more" if len(table.sample) >= _MANY else ""),
        columns=len(table.headers),
        how=f"sheet {how.sheet}" if how.sheet else f"{how.encoding}, delimiter {_shown(how)}",
        header=f"header in row {how.header_row}" if how.header_row else "no header row",
        headers=", ".join(_short(header) for header in table.headers[:_SHOWN])
        + (" …" if len(table.headers) > _SHOWN else ""),
    )


def _shown(how: Dialect) -> str:
    return "tab" if how.delimiter == "\t" else how.delimiter


def _short(header: str) -> str:
    return header if len(header) <= _WIDE else header[: _WIDE - 1] + "…"


def _stated(stated: Stated) -> TableGuess:
    layout = Layout(stated.system, stated.title, stated.kind, frozenset(), {}, 0)
    fields = stated.fields or (None,) * len(stated.headers)
    columns = tuple(
        ColumnGuess(index, header, field, 1.0, "Read by the format itself.")
        for index, (header, field) in enumerate(zip(stated.headers, fields, strict=True))
    )
    return TableGuess(stated.kind, 1.0, layout, columns)


def _columns_of(
    kind: Kind, headers: Cells, looks: Sequence[ColumnLook], layout: Layout | None
) -> tuple[float, TableGuess]:
    """Return how well a kind explains a table, and the columns that way."""
    offers: list[tuple[float, int, Field]] = []
    fixed: dict[int, str | None] = dict(point_columns(headers, looks, kind.key))
    fixed |= repeated_columns(headers, kind.key)
    for index, header in enumerate(headers):
        key, words = header_keys(header)
        renames: Mapping[str, str | None] = layout.renames if layout else {}
        rename = renames.get(name_key(header), "")
        if rename is None or (rename and _has(kind, rename)):
            fixed[index] = rename
            continue
        near = _near(kind.key, key, words)
        for place, field in enumerate(kind.fields.values()):
            if field.key not in near and field.key not in _BY_VALUES:
                continue
            score = _match(field, kind, key, words, looks[index])
            if score >= SURE_ENOUGH:
                offers.append((score - place * 1e-4, index, field))
    taken = _assigned(offers, fixed)
    columns = tuple(_guess(i, h, taken, fixed, looks[i], kind) for i, h in enumerate(headers))
    total = sum(
        kind.field(field).weight * score * (0.4 + 0.6 * min(1.0, looks[index].filled * 4))
        for index, (score, field) in taken.items()
    )
    by_field = {field: index for index, (_, field) in taken.items()}
    # `phone:home` is a phone as well.
    sorts = {field.partition(":")[0]: index for field, index in by_field.items() if ":" in field}
    mapped = Mapped(headers, looks, sorts | by_field)
    unexplained = sum(1 for i, look in enumerate(looks) if look.count and i not in taken)
    score = weighed(total, kind, mapped) - 0.08 * min(unexplained, 12)
    guess = TableGuess(kind.key, 0.9, layout, columns)
    # A table that is one of these must not be refused for its many columns.
    return (max(score, 0.01) if is_enough(kind, mapped) else 0.0), guess


def _has(kind: Kind, field: str) -> bool:
    try:
        kind.field(field)
    except KeyError:
        return False
    return True


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
        reason = NEVER_STORED if is_secret(header) else "Bookkeeping of the other program."
        return ColumnGuess(index, header, None, 0.99, reason)
    if not look.count:
        return ColumnGuess(index, header, None, 0.9, "The column is empty.")
    _, words = header_keys(header)
    if look.quarter > 0.9 or (words & _PERIOD and look.few <= 60 and kind.key == "deal"):  # noqa: PLR2004  nearly all
        return ColumnGuess(index, header, None, 0.9, "Follows from the dates beside it.")
    return ColumnGuess(index, header, None, 0.0, "No field fits; choose one to keep it.")


@lru_cache(maxsize=1024)  # a few hundred fields
def _spellings(field: Field) -> tuple[tuple[str, int, frozenset[str]], ...]:
    """Return a field's words: as one key, how many they are, and as a set."""
    return tuple(
        (name_key(text), len(text.split()), frozenset(map(fold, text.split())) - _SMALL)
        for text in field.words
    )


@lru_cache(maxsize=32)
def _index(kind: str) -> tuple[dict[str, set[str]], dict[str, list[tuple[frozenset[str], str]]]]:
    """Return the fields of a kind by key and by one of their words: tables may be very wide."""
    by_key: dict[str, set[str]] = {}
    by_word: dict[str, list[tuple[frozenset[str], str]]] = {}
    for field in KINDS[kind].fields.values():
        for key, _, target in _spellings(field):
            by_key.setdefault(key, set()).add(field.key)
            if target:
                by_word.setdefault(min(target), []).append((target, field.key))
    return by_key, by_word


def _near(kind: str, key: str, words: frozenset[str]) -> set[str]:
    """Return the fields whose words a header has."""
    by_key, by_word = _index(kind)
    near = {field for word in words for target, field in by_word.get(word, ()) if target <= words}
    return near | by_key.get(key, set())


def _match(field: Field, kind: Kind, key: str, words: frozenset[str], look: ColumnLook) -> float:
    """Return how well a column fits a field: its header's words, tempered by its values."""
    best = 0.0
    for place, (spelling, length, target) in enumerate(_spellings(field)):
        if spelling == key:
            best = 0.99 - min(place, 20) * 0.001
            break
        if not target or (len(target) == 1 and length > 1):
            continue  # "part of" is not in "part number"
        if len(target) > 1 and target == words:
            best = max(best, 0.97)
        elif target < words and not ("id" in words and field.shape is not Shape.ID):
            # "billing city" for "city"; the kind's own word costs nothing ("deal amount").
            extra = words - target - {kind.key, kind.plural}
            if extra and field.shape is Shape.ID:
                continue  # "owner id" is somebody else's
            if extra & _ALIEN or (len(extra) > 1 and field.shape in _VAGUE and len(target) == 1):
                continue
            best = max(best, 0.94 if not extra else 0.8 - 0.12 * len(extra))
    fit = fits(field.shape, look)
    if field.key in _PEOPLE:
        fit = max(fit, look.email)  # our own people may be named by their address
    if best:
        return best * (0.35 + 0.65 * fit)
    return _by_values(field, kind, look, named=not _MADE.fullmatch(key))


def _by_values(field: Field, kind: Kind, look: ColumnLook, *, named: bool) -> float:
    # Without a word in the header only values that leave no doubt are taken.
    if field.key in {"email", "contact_email"} and field.shape is Shape.EMAIL:
        return 0.75 * look.email if look.email > _NEARLY_ALL else 0.0
    if named or kind.key != "contact":
        return 0.0
    if field.key == "phone":
        return 0.6 * look.phone if look.phone > _NEARLY_ALL and not look.date else 0.0
    alien = max(look.email, look.phone, look.url, look.number, look.date, look.yes_no)
    is_name = field.key == "name" and 1.5 <= look.words <= 3.2 and look.distinct > _NEARLY_ALL  # noqa: PLR2004  "Ann Lee", "Ann van Lee"
    return 0.5 if is_name and not alien else 0.0
