"""Streams of events as JSON lines, arrays, or batches: Segment, RudderStack, Mixpanel."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from app.errors import UserError
from app.exchange.events.chunks import CHUNK, EventChunk
from app.exchange.events.messages import Gatherer
from app.exchange.events.names import CALLS
from app.exchange.tables import MAX_LINE, Cells, Dialect, Given, RawTable, SourceRow, Stated

HEADERS: Final = ("type", "event", "timestamp", "user_id", "anonymous_id", "message_id",
                  "properties")  # fmt: skip
_WHITE: Final = b"\xef\xbb\xbf \t\r\n"
_CALL: Final = re.compile(rb'"type"\s*:\s*"(?:identify|track|page|screen|group|alias)"')
_WHO: Final = re.compile(rb'"(?:messageId|message_id|anonymousId|anonymous_id|userId|user_id)"\s*:')
_MIXPANEL: Final = re.compile(rb'"(?:distinct_id|\$insert_id|\$distinct_id)"\s*:')
_EVENT: Final = re.compile(rb'"event"\s*:\s*"')
_IDS: Final = ("messageId", "message_id", "anonymousId", "anonymous_id", "userId", "user_id")
_TELLS: Final = b'"traits"'
_TOO_LONG: Final = (
    f"This line has more than {MAX_LINE:,} characters. Put each event on a line of its own."
)
_NO_JSON: Final = "This is not whole JSON ({reason}). Mend it to take the event."


def recognises(path: Path, head: bytes) -> bool:
    """Say whether the first of the file is a message of such a stream."""
    del path
    start = head.lstrip(_WHITE)
    if start[:1] not in {b"{", b"["}:
        return False
    line = start.split(b"\n", 1)[0].rstrip(b" ,\r")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return _looks_like_messages(start)
    found = next(iter(_messages_in(value)), None)
    return isinstance(found, dict) and (_is_call(found) or _is_mixpanel(found))


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a file of this format."""
    del reading
    start = head.lstrip(_WHITE)
    first, _, rest = start.partition(b"\n")
    mixpanel = not _CALL.search(start)
    return JsonEvents(path, _form(start, first, rest), mixpanel=mixpanel)


def _form(start: bytes, first: bytes, rest: bytes) -> str:
    """Say how the messages stand in the file: in lines, or where ijson finds them."""
    try:
        value = orjson.loads(first.rstrip(b" ,\r"))
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict):
        return "lines"  # one batch in a line is a line as well
    if isinstance(value, list) and not rest.strip():
        return "lines"
    if start[:1] == b"[":
        return "item"
    return "batch.item" if re.match(rb'\{[^\[{]*"batch"\s*:\s*\[', start) else ""


def _looks_like_messages(start: bytes) -> bool:
    if _CALL.search(start) and _WHO.search(start):
        return True
    return bool(_EVENT.search(start) and _MIXPANEL.search(start) and b'"properties"' in start)


def _messages_in(value: Any) -> Iterator[Any]:
    """Yield the messages of one JSON value: itself, the parts of a list, of a batch."""
    if isinstance(value, dict) and isinstance(value.get("batch"), list):
        sent = value.get("sentAt")
        for message in value["batch"]:
            if sent is not None and isinstance(message, dict):
                message.setdefault("sentAt", sent)
            yield message
    elif isinstance(value, list):
        yield from value
    else:
        yield value


def _is_call(message: dict[str, Any]) -> bool:
    call = message.get("type")
    return isinstance(call, str) and call in CALLS and any(key in message for key in _IDS)


def _is_mixpanel(message: dict[str, Any]) -> bool:
    stated = message.get("properties")
    if "type" in message or not isinstance(message.get("event"), str):
        return False
    if not isinstance(stated, dict):
        return "distinct_id" in message and "time" in message
    return any(key in stated for key in ("distinct_id", "$insert_id", "$distinct_id"))


class JsonEvents:
    """Such a file; `event_chunks` gives its events in columns, `raw_rows` one by one to be seen."""

    def __init__(self, path: Path, form: str, *, mixpanel: bool) -> None:
        self.path = path
        self._form = form
        self._system = "mixpanel" if mixpanel else "segment"
        title = "Mixpanel events (JSON)" if mixpanel else "Segment or RudderStack events"
        self.stated = Stated("event", title, self._system, HEADERS)

    @property
    def dialect(self) -> Dialect:
        """How the table is written."""
        return Dialect("json", "utf-8", "", 0)

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield every message with what it says as an event."""
        gatherer = Gatherer("EUR", self._system)
        for row, message, problem in self._messages():
            reason = problem or gatherer.add(row, message)
            chunk = gatherer.take()
            if reason:
                yield SourceRow(row, _cells(message), reason)
            else:
                told = [(column, value, reason) for _, column, value, reason in chunk.problems]
                yield SourceRow(row, _cells(message), given=Given("event", chunk.first(), told))

    def event_chunks(self, currency: str) -> Iterator[EventChunk]:
        """Yield the events, many at a time; money without currency is in `currency`."""
        gatherer = Gatherer(currency, self._system)
        if self._form == "lines":
            yield from self._people(gatherer)
        for row, message, problem in self._messages():
            reason = problem or gatherer.add(row, message)
            if reason:
                gatherer.chunk.failed.append((row, _cells(message), reason))
            if gatherer.chunk.read >= CHUNK:
                yield gatherer.take()
        if gatherer.chunk.read:
            yield gatherer.take()

    def _people(self, gatherer: Gatherer) -> Iterator[EventChunk]:
        """Yield the people of the file first, in chunks without events.

        An event that finds its person in the store when it comes is written once; one that has to
        join them later is looked up and written again, at five times the price.
        """
        with self.path.open("rb") as file:
            row = 0
            while line := file.readline(MAX_LINE):
                row += 1
                if _TELLS not in line:
                    continue
                try:
                    value = orjson.loads(line.strip(_WHITE).rstrip(b","))
                except orjson.JSONDecodeError:
                    continue  # told of with the events
                for message in _messages_in(value):
                    gatherer.tell(row, message)
                if len(gatherer.chunk.persons) >= CHUNK:
                    yield gatherer.take()
        if gatherer.chunk.persons:
            yield gatherer.take()

    def _messages(self) -> Iterator[tuple[int, Any, str]]:
        return self._in_lines() if self._form == "lines" else self._in_document()

    def _in_lines(self) -> Iterator[tuple[int, Any, str]]:
        loads = orjson.loads
        with self.path.open("rb") as file:
            row = 0
            while line := file.readline(MAX_LINE):
                row += 1
                if len(line) >= MAX_LINE and not line.endswith(b"\n"):
                    while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                        pass
                    yield row, line[:200].decode("utf-8", "replace"), _TOO_LONG
                    continue
                try:
                    value = loads(line)
                except orjson.JSONDecodeError:
                    text = line.strip(_WHITE).rstrip(b",")
                    if not text:
                        continue
                    try:
                        value = loads(text)
                    except orjson.JSONDecodeError as error:
                        shown = text.decode("utf-8", "replace")
                        yield row, shown, _NO_JSON.format(reason=error.msg)
                        continue
                if isinstance(value, dict) and "batch" not in value:
                    yield row, value, ""
                    continue
                row -= 1
                for message in _messages_in(value):
                    row += 1
                    yield row, message, ""

    def _in_document(self) -> Iterator[tuple[int, Any, str]]:
        """Yield the messages of one large value; what follows a broken place cannot be read."""
        import ijson

        row = 0
        prefix = self._form
        with self.path.open("rb") as file:
            if file.read(3) != b"\xef\xbb\xbf":
                file.seek(0)
            source = _Bounded(file)
            try:
                for value in ijson.items(source, prefix, use_float=True, multiple_values=True):
                    source.used = 0
                    for message in _messages_in(value):
                        row += 1
                        yield row, message, ""
            except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
                reason = " ".join(str(error).split())[:120]
                yield row + 1, "", _NO_JSON.format(reason=reason)


class _Bounded:
    """A file that refuses to give more than one event may need."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.used = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data: bytes = self._file.read(size)
        self.used += len(data)
        if self.used > 2 * MAX_LINE:
            raise UserError(
                "An event of this file has more than {limit} characters. Leave it out and import "
                "the file again.",
                limit=f"{MAX_LINE:,}",
            )
        return data


def _cells(message: Any) -> Cells:
    """Return a message for people's eyes, and so that a reject file can be read again."""
    if not isinstance(message, dict):
        return ("", "", "", "", "", "", str(message))
    stated = message.get("properties") or message.get("traits")
    inner = stated if isinstance(stated, dict) and "type" not in message else message
    return (
        _text(message.get("type", "track")),
        _text(message.get("event")),
        _text(message.get("timestamp") or message.get("originalTimestamp") or inner.get("time")),
        _text(message.get("userId") or message.get("user_id")),
        _text(
            message.get("anonymousId") or message.get("anonymous_id") or inner.get("distinct_id")
        ),
        _text(message.get("messageId") or message.get("message_id") or inner.get("$insert_id")),
        "" if stated is None else _text(stated),
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value, default=str).decode()
    except TypeError:  # nested too deeply
        return ""
