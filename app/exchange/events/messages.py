"""Messages of Segment, RudderStack and Mixpanel as events.

The call stands in `type` (identify, track, page, screen, group, alias); the name of an event is
what `track` names, else the call itself, and a page's own name stays among its properties.
Facts: segment.com/docs/connections/spec, rudderstack.com/docs/event-spec,
docs.mixpanel.com (raw event export).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from app.exchange.dates import DateOrder, parse_moment
from app.exchange.events.chunks import EventChunk, Person
from app.exchange.events.names import CALLS, common_name
from models.values import Money, currency_exponent

MAX_TOLD: Final = 200_000  # people of a file whose traits are remembered as handed over
MAX_PROPERTIES: Final = 1_000_000  # characters of one event
_BLOCKED: Final = re.compile(
    r"[0-]*|-1|null|none|n/?a|unknown|anonymous|undefined|nan|false|test@test\.com", re.IGNORECASE
)
_MOMENTS: Final = ("timestamp", "originalTimestamp", "original_timestamp", "sentAt", "sent_at",
                   "receivedAt", "received_at")  # fmt: skip
_OWN_KEYS: Final = frozenset({
    "type", "event", "properties", "traits", "context", "messageId", "message_id", "anonymousId",
    "anonymous_id", "userId", "user_id", "integrations", "version", "writeKey", "write_key",
    "_metadata", "rudderId", "channel", "request_ip", *_MOMENTS,
})  # fmt: skip
_TELLING: Final = ("email", "name", "firstName", "first_name", "firstname", "lastName", "last_name",
                   "lastname", "phone")  # fmt: skip
_ORDER_TOTALS: Final = frozenset({"Order Completed", "Order Refunded"})
_EPOCH_MS: Final = 10**11  # larger numbers count milliseconds since 1970


class Unfit(Exception):  # noqa: N818  a reason, not a fault
    """Why a message is no event; the text is for the person."""


class Gatherer:
    """Puts messages into a chunk, one after the other; `take` begins the next."""

    def __init__(self, currency: str, system: str) -> None:
        self._currency = currency
        self._system = system  # whose user ids they are
        self._told: set[tuple[str | None, str | None, str | None]] = set()
        self.chunk = EventChunk()

    def take(self) -> EventChunk:
        """Return what has gathered and begin anew."""
        chunk, self.chunk = self.chunk, EventChunk()
        return chunk

    def add(self, row: int, message: Any) -> str:
        """Add a message of a stream; return why it cannot be taken, "" where it was."""
        try:
            if not isinstance(message, dict):
                return "This is no event but a bare value. Put each event between { and }."
            if "type" not in message and "event" in message:
                self._mixpanel(row, message)
            else:
                self._call(row, message)
        except Unfit as reason:
            return str(reason)
        return ""

    def _call(self, row: int, message: dict[str, Any]) -> None:
        get = message.get
        call = get("type")
        if call == "track":
            name = get("event")
        elif call in CALLS:
            name = call
        else:
            raise Unfit("The message has no type such as track, page or identify.")
        if not name or not isinstance(name, str):
            raise Unfit("A track call without the name of its event cannot be taken.")
        at = self._moment(row, message, _MOMENTS)
        user = clean_id(get("userId") or get("user_id"))
        anonymous = clean_id(get("anonymousId") or get("anonymous_id"))
        stated = get("properties")
        rest: dict[str, Any] = dict(stated) if isinstance(stated, dict) else {}
        traits, context = get("traits"), get("context")
        if isinstance(traits, dict):
            rest.update(traits)
        for key in message.keys() - _OWN_KEYS:
            rest.setdefault(key, message[key])
        if isinstance(context, dict) and context:
            rest["context"] = context
            if not isinstance(traits, dict):
                traits = context.get("traits")
        message_id = get("messageId") or get("message_id")
        self.event(row, name, at, message_id, anonymous, user, rest)
        if call != "group":  # a group's traits are a company's
            self.person(row, user, anonymous, traits)

    def _mixpanel(self, row: int, message: dict[str, Any]) -> None:
        stated = message.get("properties")
        if not isinstance(stated, dict):
            stated = {key: value for key, value in message.items() if key != "event"}
        name = message["event"]
        if not name or not isinstance(name, str):
            raise Unfit("An event without a name cannot be taken.")
        rest = dict(stated)
        at = self._moment(row, rest, ("time", "$time", "timestamp"))
        for key in ("time", "$time", "token"):
            rest.pop(key, None)
        distinct = clean_id(rest.pop("distinct_id", None))
        insert_id = rest.pop("$insert_id", None) or rest.pop("insert_id", None)
        user = clean_id(rest.get("$user_id") or rest.get("user_id"))
        device = clean_id(rest.get("$device_id"))
        anonymous = device or distinct
        if device and distinct and user is None and distinct != device:
            user = distinct
        message_id = doublet_id(insert_id, name, at, distinct) if insert_id else None
        self.event(row, name, at, message_id, anonymous, user, rest)
        traits = {key.lstrip("$"): rest[key] for key in ("$email", "$name", "email") if key in rest}
        self.person(row, user, anonymous, traits)

    def tell(self, row: int, message: Any) -> None:
        """Note whom a message tells of, without its event."""
        if isinstance(message, dict) and message.get("type") in CALLS - {"group"}:
            user = clean_id(message.get("userId") or message.get("user_id"))
            anonymous = clean_id(message.get("anonymousId") or message.get("anonymous_id"))
            traits, context = message.get("traits"), message.get("context")
            if not isinstance(traits, dict) and isinstance(context, dict):
                traits = context.get("traits")
            self.person(row, user, anonymous, traits)

    def event(
        self,
        row: int,
        name: str,
        at: str,
        message_id: Any,
        anonymous: str | None,
        user: str | None,
        rest: dict[str, Any],
    ) -> None:
        """Add an event; what of `rest` has no column becomes its properties."""
        chunk = self.chunk
        if len(name) > 120:  # noqa: PLR2004  the column's width
            chunk.problems.append((row, "event", name, "A name has at most 120 characters."))
            rest["event"] = name
        name = common_name(name)[:120]
        revenue, currency = self._revenue(row, name, rest)
        order, cart = clean_ref(rest, "order_id"), clean_ref(rest, "cart_id")
        if user is not None and user != anonymous:
            rest["user_id"] = user
        text = _as_json(rest) if rest else None
        if not message_id or not isinstance(message_id, str | int):
            message_id = _digest(name, at, anonymous or user or "", text or "")
        message_id = str(message_id)
        if len(message_id) > 200:  # noqa: PLR2004  the column's width
            message_id = _digest(message_id)
        chunk.names.append(name)
        chunk.moments.append(at)
        chunk.message_ids.append(message_id)
        # Until somebody knows who the user is, they are found again by this.
        chunk.anonymous.append(anonymous or (user and f"{self._system}:{user}"))
        chunk.revenues.append(revenue)
        chunk.currencies.append(currency)
        chunk.orders.append(order)
        chunk.carts.append(cart)
        chunk.properties.append(text)
        chunk.users.append(user)

    def person(self, row: int, user: str | None, anonymous: str | None, traits: Any) -> None:
        """Note who somebody is, once."""
        if not isinstance(traits, Mapping):
            traits = {}
        if user is not None and "@" in user and not traits.get("email"):
            traits = {**traits, "email": user}
        if not any(traits.get(key) for key in _TELLING):
            return
        sort = (user, anonymous, str(traits.get("email") or ""))
        if sort in self._told:
            return
        if len(self._told) < MAX_TOLD:
            self._told.add(sort)
        told = {key: _plain(value) for key, value in traits.items() if value not in (None, "")}
        self.chunk.persons.append(Person(row, user, anonymous, told))

    def _moment(self, row: int, message: Mapping[str, Any], keys: Iterable[str]) -> str:
        bad: tuple[str, Any] | None = None
        for key in keys:
            value = message.get(key)
            if value is None or value == "":
                continue
            at = moment_text(value)
            if at is not None:
                if bad is not None:
                    reason = f"There is no such moment; {key} was taken."
                    self.chunk.problems.append((row, bad[0], str(bad[1]), reason))
                return at
            bad = bad or (key, value)
        if bad is not None:
            raise Unfit(
                f"There is no such moment as {str(bad[1])[:60]}. Mend it to take the event."
            )
        raise Unfit("The event does not say when it happened. Add a timestamp to take it.")

    def _revenue(self, row: int, name: str, rest: dict[str, Any]) -> tuple[int | None, str | None]:
        """Take revenue and currency out of the properties; what was given back is negative."""
        key = "revenue" if "revenue" in rest else "total"
        if key not in rest or (key == "total" and name not in _ORDER_TOTALS):
            return None, None
        if name == "Order Cancelled":  # neither earned nor given back: it stays a property
            return None, None
        value = rest[key]
        if value is None or value == "":
            return None, None
        stated = rest.get("currency")
        currency = str(stated).upper() if _is_code(stated) else self._currency
        amount = _amount(value)
        if amount is None:
            self.chunk.problems.append((row, key, str(value)[:100], "This is no amount of money."))
            return None, None
        if currency_exponent(currency) != 2 or amount.as_tuple().exponent < -2:  # type: ignore[operator]  # noqa: PLR2004  finite
            minor = Money.of(amount, currency).minor
        else:
            minor = int(amount.scaleb(2))
        if key == "revenue" or "revenue" not in rest:
            del rest[key]
        if stated is not None and _is_code(stated):
            del rest["currency"]
        return (-abs(minor) if name == "Order Refunded" else minor), currency


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < 10**13 else None


def moment_text(value: Any) -> str | None:
    """Return a moment as the store keeps it, None where there is no such moment."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            found = parse_moment(value, DateOrder("ymd"), UTC)
            return None if found is None else stored(found)
        if moment.tzinfo is UTC and len(value) == 24:  # noqa: PLR2004  2026-01-31T12:00:00.000Z
            return f"{value[:10]} {value[11:23]}000"
        return stored(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= _EPOCH_MS else value
        try:
            return stored(datetime.fromtimestamp(seconds, UTC))
        except (OverflowError, OSError, ValueError):
            return None
    return None


def stored(moment: datetime) -> str:
    """Return an aware moment in UTC as SQLite keeps it."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:  # year 1 or 9999 at the edge of a zone
        moment = moment.replace(tzinfo=UTC)
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def clean_id(value: Any) -> str | None:
    """Return an id as text, None for what many people are called (null, 0000, anonymous)."""
    if value is None or isinstance(value, dict | list | bool):
        return None
    text = str(value).strip()
    if len(text) < 10 and _BLOCKED.fullmatch(text):  # noqa: PLR2004  the longest word
        return None
    if _BLOCKED.fullmatch(text):
        return None
    return text.replace("\x00", "")[:200] or None


def clean_ref(rest: dict[str, Any], key: str) -> str | None:
    """Take the id of an order or a cart out of the properties."""
    value = rest.get(key)
    if value is None or isinstance(value, dict | list | bool) or value == "":
        return None
    text = str(value).replace("\x00", "")
    if len(text) > 100:  # noqa: PLR2004  the column's width; it stays a property
        return None
    del rest[key]
    return text


def doublet_id(insert_id: Any, name: str, at: str, distinct: str | None) -> str:
    """Return what Mixpanel knows doublets by: $insert_id with name, time and person."""
    return f"{str(insert_id)[:150]}:{_digest(name, at, distinct or '')[:16]}"


def _digest(*parts: str) -> str:
    return hashlib.blake2b(
        "\x1f".join(parts).encode("utf-8", "replace"), digest_size=20
    ).hexdigest()


def _is_code(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 3 and text.isascii() and text.isalpha()  # noqa: PLR2004  ISO 4217


def _as_json(rest: dict[str, Any]) -> str:
    try:
        text = orjson.dumps(rest, default=str).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Unfit("The properties are nested too deeply to be kept. Flatten them.") from error
    if len(text) > MAX_PROPERTIES:
        raise Unfit(f"The event has more than {MAX_PROPERTIES:,} characters. Cut its properties.")
    return text.replace("\\u0000", "") if "\\u0000" in text else text


def _plain(value: Any) -> Any:
    """Return a trait as text, or as parts of text: nothing else crosses to the writing process."""
    if isinstance(value, Mapping):
        return {str(key): str(part) for key, part in value.items() if part is not None}
    return value if isinstance(value, str | int | float | bool) else str(value)
