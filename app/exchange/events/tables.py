"""Events in tables: mapped columns, and everything else among the properties."""

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any, Final

import orjson

from app.exchange.events.chunks import CHUNK, EventChunk
from app.exchange.events.messages import Gatherer, Unfit, clean_id, doublet_id, moment_text, stored
from app.exchange.events.names import CALLS, EMAIL_EVENTS
from app.exchange.field_types import Shape
from app.exchange.fields import field_of
from app.exchange.plan import FilePlan
from app.exchange.tables import SourceRow
from app.exchange.values import Format, UnfitValueError, cell_reader, is_blank

# The bookkeeping of programs that copy tables; nothing a customer did.
_LEFT_OUT: Final = ("_fivetran", "_file", "_line", "_airbyte", "_sdc_")
_READ: Final = frozenset({Shape.MONEY, Shape.CURRENCY, Shape.EMAIL})
_ORDER_KEYS: Final = {"order_ref": "order_id", "cart_ref": "cart_id"}


class EventTable:
    """Turns the rows of one planned table into events."""

    def __init__(self, plan: FilePlan, currency: str) -> None:
        self._table = plan.table
        self._system = plan.system
        self._mapped: dict[int, str] = {}
        self._rest: list[tuple[int, str]] = []
        self._readers: dict[int, Callable[[str], Any]] = {}
        for column in plan.guess.columns:
            if column.field is None or ":" in column.field:
                if not column.header.lower().startswith(_LEFT_OUT):
                    self._rest.append((column.index, column.header))
                continue
            target = field_of("event", column.field)
            self._mapped[column.index] = column.field
            how = plan.formats[column.index] if plan.formats else Format()
            if target.shape is Shape.MOMENT:
                how = Format(how.dates, zone=UTC)  # streams write in UTC
                self._readers[column.index] = cell_reader(target, how)
            elif target.shape in _READ:
                self._readers[column.index] = cell_reader(target, how)
        self._gatherer = Gatherer(currency, plan.system)

    def chunks(self) -> Iterator[EventChunk]:
        """Yield the table's events, many at a time."""
        gatherer = self._gatherer
        for row in self._table.rows():
            chunk = gatherer.chunk
            if row.problem:
                chunk.failed.append((row.number, row.cells, row.problem))
            elif not any(cell.strip() for cell in row.cells):
                chunk.blank += 1
            else:
                try:
                    self._take(row)
                except Unfit as reason:
                    chunk.failed.append((row.number, row.cells, str(reason)))
            if chunk.read >= CHUNK:
                yield gatherer.take()
        if gatherer.chunk.read:
            yield gatherer.take()

    def _take(self, row: SourceRow) -> None:
        rest = self._others(row)
        values = row.given.values if row.given is not None else self._values(row)
        at = _moment(values)
        name = self._name(values, rest)
        user = clean_id(values.get("user_id"))
        anonymous = clean_id(values.get("anonymous_id"))
        email, person = values.get("email"), values.get("person")
        if person is not None and "@" in person:
            email = email or person
        elif person is not None:  # hashed: no address, but always the same for one person
            anonymous = anonymous or clean_id(person)
        if email and name != "identify":
            rest.setdefault("email", email)
        _put_back(values, rest)
        message_id = self._message_id(values, name, at, anonymous)
        traits = {key: text for key, text in rest.items() if name == "identify"}
        traits |= {"email": email, "name": values.get("person_name") or traits.get("name")}
        self._gatherer.event(row.number, name, at, message_id, anonymous, user, rest)
        if email or name == "identify":
            self._gatherer.person(row.number, user, anonymous, traits)

    def _message_id(
        self, values: dict[str, Any], name: str, at: str, anonymous: str | None
    ) -> str | None:
        if "insert_id" in values:
            return doublet_id(values["insert_id"], name, at, anonymous)
        message_id: str | None = values.get("message_id")
        if message_id is not None and message_id.isdigit():  # a counter, unique in one table only
            return f"{self._system}:{message_id}"
        return message_id

    def _values(self, row: SourceRow) -> dict[str, Any]:
        values: dict[str, Any] = {}
        cells = row.cells
        for index, field in self._mapped.items():
            text = cells[index]
            if is_blank(text):
                continue
            read = self._readers.get(index)
            if read is None or field in {"at", "received_at"}:
                moment = moment_text(text.strip()) if read is not None else None
                if read is None or moment is not None:
                    values.setdefault(field, moment or text.strip())
                    continue
            try:
                values[field] = read(text)
            except UnfitValueError as error:
                header = self._table.headers[index]
                told = (row.number, header, text[:500], str(error))
                self._gatherer.chunk.problems.append(told)
        return values

    def _others(self, row: SourceRow) -> dict[str, Any]:
        rest: dict[str, Any] = {}
        if row.given is None:
            for index, header in self._rest:
                text = row.cells[index]
                if not is_blank(text):
                    rest[header] = _parsed(text)
        if row.surplus:
            rest["more"] = list(row.surplus)
        place = next((i for i, field in self._mapped.items() if field == "properties"), None)
        if place is not None and row.given is None:
            inner = _parsed(row.cells[place])
            if isinstance(inner, dict):
                rest |= inner
            elif inner:
                rest["properties"] = inner
        return rest

    def _name(self, values: dict[str, Any], rest: dict[str, Any]) -> str:
        """Return the event's name; a table of one call does not repeat it in its rows."""
        name = values.get("name")
        if name:
            if name == "event" and rest.get("se_action"):  # Snowplow's structured events
                return str(rest["se_action"])
            names = EMAIL_EVENTS if self._system == "hubspot" else {}
            return names.get(str(name).upper(), str(name))
        call = rest.get("type")
        if call in CALLS - {"track"}:
            return str(call)
        if "cart_ref" in values:
            return "Checkout Started"
        if rest.keys() & {"path", "url", "context_page_path", "context_page_url"}:
            return "page"
        if values.get("email") or rest.keys() & {"name", "first_name", "phone"}:
            return "identify"
        raise Unfit("The event has no name. Fill in what happened to take it.")


def _put_back(values: dict[str, Any], rest: dict[str, Any]) -> None:
    """Put what stood in mapped columns under the names that streams have for it."""
    for field, key in _ORDER_KEYS.items():
        if field in values:
            rest[key] = values[field]
    if "revenue" in values:
        amount, sign = values["revenue"]
        rest["revenue"] = str(amount)
        if sign:
            rest.setdefault("currency", sign)
    if "currency" in values:
        rest["currency"] = values["currency"]


def _moment(values: dict[str, Any]) -> str:
    for key in ("at", "received_at"):
        value = values.get(key)
        if value is not None:
            return value if isinstance(value, str) else stored(value)
    raise Unfit("The event does not say when it happened. Add a timestamp to take it.")


def _parsed(text: str) -> Any:
    """Return what a cell with JSON in it says, other text as it is."""
    bare = text.strip()
    if bare[:1] in {"{", "["} and bare[-1:] in {"}", "]"}:
        try:
            return orjson.loads(bare)
        except orjson.JSONDecodeError:
            return text
    return text
