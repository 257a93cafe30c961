"""Cuts a JSON file into its records, one at a time, in constant memory.

A whole-file parser loses everything behind the first broken place; here every record is found by
its braces and parsed alone, so that one that cannot be read costs only itself.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.exchange.text_table import mended

MAX_TEXT: Final = 10_000_000  # characters of one text in a record
MAX_RECORD: Final = 32_000_000
MAX_DEPTH: Final = 64
_CHUNK: Final = 1 << 20
# Texts as a whole, so that braces in them do not count; the last alternative is one not ended yet.
_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]|"', re.DOTALL)
_TEXT_END: Final = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SHOWN: Final = 60
_TOP: Final = ""

_BROKEN_OFF: Final = "The file breaks off in this record; the rest is missing. Save the file again."
_TEXT_TOO_LONG: Final = (
    f"A text in this record has more than {MAX_TEXT:,} characters. Shorten it and import again."
)
_TOO_LARGE: Final = (
    f"This record has more than {MAX_RECORD:,} characters. Split it and import again."
)
_TOO_DEEP: Final = (
    f"This record is nested more than {MAX_DEPTH} levels deep. Flatten it and import again."
)

_NO_RECORD: Final = "Between two records stands something that is none; it was left out."


@dataclass(frozen=True, slots=True)
class Piece:
    """A record of a list: `path` names the list ("data.contacts"), `problem` why it is not read."""

    path: str
    record: dict[str, Any]
    problem: str = ""
    text: str = ""  # its beginning, where it could not be read


class Duplicates(dict[str, Any]):
    """An object whose repeated keys are kept as "key (2)"."""

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> "dict[str, Any]":
        """Return an object from its pairs, each of them kept."""
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        made = cls()
        seen: dict[str, int] = {}
        for key, value in pairs:
            count = seen[key] = seen.get(key, 0) + 1
            made[key if count == 1 else f"{key} ({count})"] = value
        return made


def parse(text: str) -> tuple[Any, str]:
    """Return what a JSON text says and why it cannot be read, one of them empty; NaN is nothing."""
    try:
        return json.loads(text, object_pairs_hook=Duplicates.of, parse_constant=_nothing), ""
    except RecursionError:
        return None, _TOO_DEEP
    except ValueError as error:
        reason = getattr(error, "msg", str(error))
        place = getattr(error, "pos", 0)
        return None, (
            f"This record is not valid JSON ({reason}, at its character {place + 1}). "
            "Mend it and import again."
        )


def _nothing(_word: str) -> None:
    return None


def depth_of(value: Any) -> int:
    """Return how deeply a value is nested, at most one more than is allowed."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below += [x for x in each.values() if isinstance(x, dict | list)]
            elif isinstance(each, list):
                below += [x for x in each if isinstance(x, dict | list)]
        level = below
    return depth


def read_lines(path: Path, encoding: str) -> Iterator[Piece]:
    """Yield the records of JSON lines; a broken line costs only itself."""
    with path.open(encoding=encoding, errors="surrogateescape", newline=None) as file:
        while line := file.readline(MAX_RECORD):
            if len(line) >= MAX_RECORD and not line.endswith("\n"):
                while (rest := file.readline(_CHUNK)) and not rest.endswith("\n"):
                    pass
                yield Piece("", {}, _TOO_LARGE, line[:_SHOWN])
                continue
            text = (line if line.isascii() else mended(line)).strip("\x1e\ufeff \t\r\n,")
            if text:
                yield piece_of("", text)


def piece_of(path: str, text: str) -> Piece:
    """Return one record from its text."""
    value, problem = parse(text)
    if not problem and not isinstance(value, dict):
        problem = "This is no record but a single value; it was left out."
    if not problem and depth_of(value) > MAX_DEPTH:
        problem = _TOO_DEEP
    if not problem and len(text) > MAX_TEXT and _longest(value) > MAX_TEXT:
        problem = _TEXT_TOO_LONG
    return Piece(path, {}, problem, text[:_SHOWN]) if problem else Piece(path, value)


def _longest(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(_longest, inner), default=0)


class Scanner:
    """Finds the records of one file: the objects of its outermost lists.

    With `wrapped` an object around everything holds the lists; without it, it is itself a record.
    """

    def __init__(self, path: Path, encoding: str, *, wrapped: bool) -> None:
        self._path = path
        self._encoding = encoding
        self._wrapped = wrapped
        self._buffer = ""
        self._at = 0  # up to where the buffer has been looked at
        self._names: list[str] = []  # of the objects and lists around the place
        self._last = ""  # the last text, a key where an object or a list follows
        self._in_list = False
        self._of_records = False  # the list has shown a record, or is all there is
        self._start = -1  # of the record in the buffer, -1 outside of one
        self._depth = 0  # within the record
        self._problem = ""
        self._gap = 0  # from where nothing but commas may stand

    def pieces(self) -> Iterator[Piece]:
        """Yield the records in their order."""
        with self._path.open(encoding=self._encoding, errors="surrogateescape") as file:
            while chunk := file.read(_CHUNK):
                self._drop_seen()
                self._buffer += chunk if chunk.isascii() else mended(chunk)
                yield from self._scan()
                if self._in_text() > MAX_TEXT:
                    self._problem = self._problem or _TEXT_TOO_LONG
                    yield from self._skip_text(file)
        if self._start >= 0:
            yield self._piece(len(self._buffer), _BROKEN_OFF)
        elif self._names or self._buffer[self._at :].strip():
            yield Piece("", {}, _BROKEN_OFF, self._buffer[self._at :][:_SHOWN])

    def _in_text(self) -> int:
        """Return how long the text is in which the buffer ends, 0 where it ends in none."""
        return len(self._buffer) - self._at if self._buffer[self._at : self._at + 1] == '"' else 0

    def _drop_seen(self) -> None:
        if self._start >= 0 and self._at - self._start > MAX_RECORD:
            self._problem = self._problem or _TOO_LARGE
        keep = self._at
        if self._start >= 0 and not self._problem:
            keep = self._start
        elif self._in_list and self._start < 0:
            keep = min(self._gap, self._at)
        self._buffer = self._buffer[keep:]
        self._at -= keep
        self._gap = max(0, self._gap - keep)
        if self._start >= 0:
            self._start = 0 if self._problem else self._start - keep

    def _skip_text(self, file: Any) -> Iterator[Piece]:
        """Go behind the end of a text that is too long, keeping none of it."""
        rest = self._buffer[self._at + 1 :]
        found = _TEXT_END.match(rest)
        while found is None:
            rest = rest[-1:] if rest.endswith("\\") else ""
            chunk = file.read(_CHUNK)
            if not chunk:
                break
            rest += chunk
            found = _TEXT_END.match(rest)
        self._buffer = rest[found.end() :] if found else ""
        self._at = self._gap = 0
        self._start = min(self._start, 0)
        self._last = ""
        yield from self._scan()

    def _scan(self) -> Iterator[Piece]:
        buffer = self._buffer
        for token in _TOKEN.finditer(buffer, self._at):
            text = token.group()
            if text == '"':
                self._at = token.start()
                return
            self._at = token.end()
            if self._start >= 0:
                piece = self._within(text, token.end())
                if piece is not None:
                    yield piece
            else:
                yield from self._outside(text, token.start(), token.end())
        if self._start >= 0 or not self._in_list:
            self._at = len(buffer)
        elif len(buffer) - self._gap > _CHUNK:
            if self._of_records:
                yield Piece(self._where(), {}, _NO_RECORD, buffer[self._gap :][:_SHOWN])
            self._at = self._gap = len(buffer)

    def _within(self, text: str, end: int) -> Piece | None:
        """Follow the braces of a record; return it where it ends."""
        if text in "{[":
            self._depth += 1
            if self._depth > MAX_DEPTH:
                self._problem = self._problem or _TOO_DEEP
        elif text in "}]":
            self._depth -= 1
            if not self._depth:
                self._gap = end
                return self._piece(end, self._problem)
        return None

    def _outside(self, text: str, start: int, end: int) -> Iterator[Piece]:
        """Follow lists and the objects around them."""
        if self._in_list:
            between = self._buffer[self._gap : start].strip(" \t\r\n,")
            if self._of_records and (between or text not in "{[]"):
                yield Piece(self._where(), {}, _NO_RECORD, (between + text)[:_SHOWN])
            self._gap = end
        if text == "{" and (self._in_list or not (self._names or self._wrapped)):
            self._of_records = True
            self._open(start)
        elif text == "[" and self._in_list:
            self._open(start)
        elif text in "{[":
            self._names.append(self._last if self._names else _TOP)
            if text == "[":
                self._in_list, self._gap = True, end
                self._of_records = len(self._names) == 1
        elif text in "}]":
            if self._names:
                self._names.pop()
            self._in_list = False
        else:
            self._last = text[1:-1]

    def _open(self, start: int) -> None:
        self._start, self._depth, self._problem = start, 1, ""

    def _where(self) -> str:
        return ".".join(self._names[1:])

    def _piece(self, end: int, problem: str) -> Piece:
        text = self._buffer[self._start : end]
        self._start = -1
        if problem:
            return Piece(self._where(), {}, problem, text[:_SHOWN])
        return piece_of(self._where(), text)
