"""jCard (RFC 7095): vCards as JSON."""

import codecs
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from app.exchange.sources.vcard_lines import MAX_CARD, Card
from app.exchange.sources.vcard_property import Property

_BROKEN: Final = "The JSON breaks off or is wrong here ({reason}). Export the cards once more."
_DEEPEST: Final = 20  # brackets within each other; a jCard needs five
_LEAST: Final = 4  # name, parameters, type, value


class _Meter:
    """Reads a file and refuses what is too much for one card."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        piece = self._file.read(size)
        self.since += len(piece)
        if self.since > MAX_CARD:
            raise ValueError(f"a card of more than {MAX_CARD:,} characters")
        return piece


def json_cards(path: Path, encoding: str) -> Iterator[Card]:
    """Yield the cards of a file that holds one jCard or an array of them."""
    import ijson

    with path.open("rb") as file:
        meter = _Meter(_in_utf8(file, encoding))
        # Of one jCard the items are "vcard" and its properties, of an array whole jCards.
        items = _items(ijson.basic_parse(meter, multiple_values=True))
        while True:
            try:
                item = next(items)
            except StopIteration:
                return
            except (ijson.JSONError, ValueError) as error:  # ValueError: of numbers and bytes
                yield Card(problem=_BROKEN.format(reason=str(error).partition("\n")[0]))
                return
            meter.since = 0
            if item == "vcard":
                continue
            yield _card(item)


def _items(events: Iterator[tuple[str, Any]]) -> Iterator[Any]:
    """Yield what stands in the outermost arrays, one after the other."""
    # Not ijson's own `items`: its time grows with the square of the depth.
    stack: list[Any] = []
    keys: list[str] = []
    for event, value in events:
        done = value
        if event in {"start_array", "start_map"}:
            if len(stack) >= _DEEPEST:
                raise ValueError(f"more than {_DEEPEST} brackets within each other")
            stack.append([] if event == "start_array" else {})
            keys.append("")
            continue
        if event == "map_key":
            keys[-1] = value
            continue
        if event in {"end_array", "end_map"}:
            done = stack.pop()
            keys.pop()
        if len(stack) == 1:
            yield done
        elif stack and isinstance(stack[-1], dict):
            stack[-1][keys[-1]] = done
        elif stack:
            stack[-1].append(done)


def _in_utf8(file: IO[bytes], encoding: str) -> Any:
    if encoding == "utf-8-sig":
        file.seek(len(codecs.BOM_UTF8))
        return file
    if encoding == "utf-8":
        return file
    return codecs.EncodedFile(file, "utf-8", encoding, "replace")


def _card(item: Any) -> Card:
    whole = isinstance(item, list) and item[:1] == ["vcard"]
    listed = item[1] if whole and len(item) > 1 else item
    if not isinstance(listed, list) or (whole and len(item) < 2):  # noqa: PLR2004  name, properties
        return Card(problem="This is no jCard: it must be “vcard” and a list of properties.")
    card = Card()
    for each in listed:
        found = _property(each)
        if found is None:
            card.remark = "Something in this card is no property; it was left out."
        else:
            card.properties.append(found)
    return card


def _property(item: Any) -> Property | None:
    if not isinstance(item, list) or len(item) < _LEAST or not isinstance(item[0], str):
        return None
    name, params, type_, *values = item
    given = params if isinstance(params, Mapping) else {}
    kept = {str(key).upper(): tuple(_texts(value)) for key, value in given.items()}
    if isinstance(type_, str) and type_ not in {"unknown", "text"}:
        kept.setdefault("VALUE", (type_,))
    group = next(iter(kept.pop("GROUP", ())), "")
    return Property(name.upper(), ",".join(map(_value, values)), group.casefold(), kept)


def _value(value: Any) -> str:
    """Return a value as vCard 4.0 writes it: parts between semicolons, several between commas."""
    if not isinstance(value, list):
        return _escaped(value)
    return ";".join(",".join(map(_escaped, _texts(part))) for part in value)


def _texts(value: Any) -> list[str]:
    each = value if isinstance(value, list) else [value]
    return [str(x) for x in each if isinstance(x, str | int | bool) or hasattr(x, "as_tuple")]


def _escaped(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value).replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace(",", "\\,").replace(";", "\\;")
