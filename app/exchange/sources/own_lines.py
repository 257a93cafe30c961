"""JSON lines that this program wrote itself (`app.exchange.out.lines`): records, to the letter."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

import orjson

from app.errors import UserError
from app.exchange.field_types import Shape, custom_key, custom_parts
from app.exchange.fields import KINDS
from app.exchange.out.lines import json_key
from app.exchange.own_tables import COLUMNS, SYSTEM
from app.exchange.tables import MAX_LINE, Dialect, Given, RawTable, SourceRow, Stated
from models.values import FieldType, PointKind

_MARK: Final = b'{"closeknit":"'
_CUSTOM: Final = b'"custom":[{'
_MAX_CELL: Final = 500  # characters shown of a value
_ADDRESS: Final = ("label", "street", "postal_code", "city", "region", "country")


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file begins with a record that our own export wrote."""
    del path
    return head.removeprefix(b"\xef\xbb\xbf").startswith(_MARK)


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a file of such records."""
    del reading
    kind = head.removeprefix(b"\xef\xbb\xbf")[len(_MARK) :].split(b'"')[0].decode(errors="replace")
    if kind not in COLUMNS:
        raise UserError(
            "{file} holds records of a kind that this version does not know ({kind}). "
            "Update this program, then try again.",
            file=path.name,
            kind=kind[:40],
        )
    return OwnLines(path, kind)


class OwnLines:
    """Records of one kind, one a line; a ticket's messages follow it as rows of their own."""

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        self._kind = kind
        self._keys = [k for col in COLUMNS[kind] if (k := json_key(col.source)) is not None]
        custom = self._custom_keys()
        headers = ("id", *self._keys, *(custom_parts(key)[1] for key in custom))
        known: tuple[str | None, ...] = (None,) * (1 + len(self._keys))
        title = f"Closeknit {KINDS[kind].plural}"
        others = ("ticket_message",) if kind == "ticket" else ()
        self.stated = Stated(kind, title, SYSTEM, headers, kinds=others, fields=(*known, *custom))

    @property
    def dialect(self) -> Dialect:
        """How the file is written."""
        return Dialect("jsonl", "utf-8", "")

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield every record; a line that is none with the reason."""
        for number, line in self._lines():
            if len(line) > MAX_LINE:
                reason = f"This line has more than {MAX_LINE:,} characters."
                yield SourceRow(number, (), reason, given=Given(self._kind, {}))
                continue
            try:
                record = orjson.loads(line)
                if record[SYSTEM] != self._kind or not isinstance(record["id"], str):
                    raise ValueError(record[SYSTEM])  # noqa: TRY301  told like any other damage
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                reason = f"This line is not a {self._kind} as our export writes it."
                cells = (line[:_MAX_CELL].decode(errors="replace"),)
                yield SourceRow(number, cells, reason, given=Given(self._kind, {}))
                continue
            yield from self._rows_of(number, record)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        with self.path.open("rb", buffering=1 << 18) as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    _skip_rest(file, line)
                line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if line.strip():
                    yield number, line

    def _rows_of(self, number: int, record: Mapping[str, Any]) -> Iterator[SourceRow]:
        given = Given(self._kind, {})
        _Reading(record, given).read()
        cells = tuple(_text(record.get(key)) for key in ("id", *self._keys))
        own = {custom_key(type_, name): value for type_, name, value in _custom_of(record)}
        more = self.stated.fields[len(cells) :]
        cells += tuple(_text(own.get(str(key))) for key in more)
        yield SourceRow(number, cells, given=given)
        further = _list(record.get("lines"))[1:] if self._kind == "order" else []
        for line in filter(_is_object, further):
            part = Given("order", {"external_id": record["id"]})
            _Reading(record, part).line(line)
            for key in ("number", "currency"):
                if isinstance(record.get(key), str):
                    part.values[key] = record[key]
            yield SourceRow(number, cells, given=part)
        messages = record.get("messages")
        for message in messages if isinstance(messages, list) else ():
            part = Given("ticket_message", {"ticket_ref": record["id"]})
            _read_message(message, part)
            yield SourceRow(number, cells, given=part)

    def _custom_keys(self) -> tuple[str, ...]:
        """Read the file once for the fields of the workspace's own that its records hold."""
        found: dict[str, None] = {}
        for _, line in self._lines():
            if _CUSTOM not in line or len(line) > MAX_LINE:
                continue
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            if isinstance(record, dict):
                found.update(
                    (custom_key(type_, name), None) for type_, name, _ in _custom_of(record)
                )
        return tuple(found)


class _Reading:
    """One record's values, each of its field's type; what does not fit is a problem."""

    def __init__(self, record: Mapping[str, Any], given: Given) -> None:
        self._record = record
        self._given = given

    def read(self) -> None:
        kind, values = KINDS[self._given.kind], self._given.values
        values["external_id"] = self._record["id"]
        for col in COLUMNS[kind.key]:
            key = json_key(col.source)
            if key is not None and col.field is not None and col.field in kind.fields:
                self._take(col.field, self._record.get(key), kind.fields[col.field].shape)
        self._parts()
        for type_, name, value in _custom_of(self._record):
            self._take_custom(custom_key(type_, name), type_, value)
        if kind.key == "deal":
            reason = self._record.get("lost_reason")
            note = self._record.get("lost_note")
            self._take("lost_reason", note if reason == "other" and note else reason, Shape.TEXT)
            self._first_line()
        if kind.key == "order":
            self._first_line()
        if kind.key == "event" and "properties" in kind.fields:
            properties = self._record.get("properties")
            if properties is not None:
                values["properties"] = properties

    def _take(self, field: str, value: Any, shape: Shape) -> None:
        if value is None:
            return
        read: Callable[[Any], Any] = _READ.get(shape, _word)
        try:
            self._given.values[field] = read(value)
        except (ValueError, TypeError, ArithmeticError):
            reason = "This is not a value as our export writes it; the field was left empty."
            self._given.problems.append((field, _text(value), reason))

    def _take_custom(self, key: str, type_: FieldType, value: Any) -> None:
        if type_ is FieldType.MONEY and isinstance(value, dict):
            amount = value.get("amount")
            self._take(key, f"{amount} {value.get('currency')}", Shape.MONEY)
        else:
            self._take(key, value, _CUSTOM_SHAPES.get(type_, Shape.TEXT))

    def _parts(self) -> None:
        values = self._given.values
        tags = _list(self._record.get("tags"))
        if tags:
            values["tags"] = tuple(str(tag)[:80] for tag in tags)
        points = [
            (PointKind(p["kind"]), str(p["value"]), p.get("label"))
            for p in _list(self._record.get("points"))
            if isinstance(p, dict) and p.get("kind") in _POINTS and p.get("value")
        ]
        if points:
            values["points"] = points
        addresses = [
            {key: a.get(key) for key in _ADDRESS}
            for a in _list(self._record.get("addresses"))
            if isinstance(a, dict)
        ]
        if addresses:
            values["addresses"] = addresses

    def _first_line(self) -> None:
        lines = _list(self._record.get("lines"))
        if lines and isinstance(lines[0], dict):
            self.line(lines[0])

    def line(self, line: Mapping[str, Any]) -> None:
        """Take a line of a deal or an order."""
        if line.get("product"):
            self._take("product", line["product"], Shape.TEXT)
            self._take("quantity", line.get("quantity"), Shape.NUMBER)
        if self._given.kind == "order":
            self._take("price", line.get("unit_price"), Shape.MONEY)


def _read_message(message: Any, given: Given) -> None:
    if not isinstance(message, dict):
        return
    for field, key, read in (
        ("body", "body", _string),
        ("at", "at", _moment),
        ("direction", "kind", _string),
        ("author", "author", _string),
        ("author_ref", "author_id", _string),
        ("author_kind", "author_kind", _string),
    ):
        value = message.get(key)
        if value is None:
            continue
        try:
            given.values[field] = read(value)
        except (ValueError, TypeError):
            reason = "This is not a value as our export writes it; the field was left empty."
            given.problems.append((field, _text(value), reason))


def _custom_of(record: Mapping[str, Any]) -> Iterator[tuple[FieldType, str, Any]]:
    for each in _list(record.get("custom")):
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            continue
        if each.get("type") in _TYPES:
            yield FieldType(each["type"]), each["name"], each.get("value")


def _skip_rest(file: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = file.readline(MAX_LINE)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:_MAX_CELL]


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _word(value: Any) -> str:
    return str(value) if type(value) is int else _string(value)


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(_string(value))
    if found.tzinfo is None:
        raise ValueError(value)
    return found.astimezone(UTC)


def _money(value: Any) -> tuple[Decimal, str | None]:
    amount, _, currency = _string(value).partition(" ")
    return _decimal(amount), currency or None


def _decimal(value: Any) -> Decimal:
    found = Decimal(value if isinstance(value, str | int) else str(value))
    if not found.is_finite():
        raise ValueError(value)
    return found


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return value


_READ: Final[Mapping[Shape, Callable[[Any], Any]]] = {
    Shape.MOMENT: _moment,
    Shape.DATE: lambda value: date.fromisoformat(_string(value)),
    Shape.MONEY: _money,
    Shape.NUMBER: _decimal,
    Shape.INTEGER: _integer,
    Shape.YEAR: _integer,
    Shape.PERCENT: _integer,
    Shape.DURATION: _integer,
    Shape.YES_NO: _boolean,
}
_CUSTOM_SHAPES: Final = {
    FieldType.NUMBER: Shape.NUMBER,
    FieldType.DATE: Shape.DATE,
    FieldType.YES_NO: Shape.YES_NO,
}
_POINTS: Final = frozenset(kind.value for kind in PointKind)
_TYPES: Final = frozenset(type_.value for type_ in FieldType if type_ is not FieldType.LINK)
