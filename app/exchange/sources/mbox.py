"""mbox files: many mails in one, each behind a line that begins with "From "."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from app.exchange.mail.headers import moment_of
from app.exchange.mail.limits import MAX_MESSAGE
from app.exchange.mail.parsing import HEADERS, TOO_LARGE, dialect, row_of_source, stated
from app.exchange.tables import Dialect, RawTable, SourceRow, Stated

_BLOCK: Final = 1_048_576  # bytes that are read at once
_START: Final = b"\nFrom "
_LONGEST_LINE: Final = 700  # bytes of a line that is looked at
_AHEAD: Final = 3 * _LONGEST_LINE
_BEHIND: Final = 8  # bytes: a torn _START and the end of the line before
_FIRST: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*From [^\r\n]{1,500}\r?\n([^\r\n]*)")
_HEADER: Final = re.compile(rb">?From |[!-9;-~]+[ \t]*:")
# "From somebody@place Thu Jan  1 00:00:00 2015": an envelope, not a sentence.
_DATED: Final = re.compile(
    rb"From .*\d{1,2}:\d{2}.*\b(?:19|2[01])\d{2}\b|From .*\b(?:19|2[01])\d\d-\d\d-\d\d"
)
_BARE: Final = re.compile(rb"From (?:[^\s@]+@[^\s@]+|-|MAILER-DAEMON)[ \t]*\r?\n?\Z")
_DAY: Final = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*")
_MARK: Final = b"\xef\xbb\xbf"
_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_NAMES: Final = frozenset({".mbox", ".mbx"})


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file begins with an envelope line and a header; or is an mbox with no mail."""
    found = _FIRST.match(head)
    if found is not None:
        first = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0]
        is_envelope = bool(_DATED.match(first) or _BARE.match(first))
        return is_envelope and (not found[1] or bool(_HEADER.match(found[1])))
    return path.suffix.casefold() in _NAMES and not head.strip() and path.is_file()


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open an mbox; it names its encodings itself."""
    del head, reading
    return MboxFile(path)


@dataclass(frozen=True, slots=True)
class MboxFile:
    """The mails of an mbox, one after the other; of the file only one is held at a time."""

    path: Path
    stated: Stated = field(default_factory=lambda: stated("mbox"))
    dialect: Dialect = field(default_factory=lambda: dialect("mbox"))

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield a row for each mail."""
        with self.path.open("rb") as file:
            for number, message in enumerate(split(file), start=1):
                if message.is_too_large:
                    reason = TOO_LARGE.format(limit=MAX_MESSAGE // 1_000_000)
                    yield SourceRow(number, ("",) * len(HEADERS), problem=reason)
                else:
                    yield row_of_source(number, message.source(), message.at)

    def count_rows(self) -> int:
        """Return how many mails there are, without reading them."""
        with self.path.open("rb") as file:
            return sum(1 for _ in split(file, keep=0))


@dataclass(slots=True)
class Packed:
    """One mail as it stands in an mbox."""

    envelope: bytes
    content: bytearray
    is_too_large: bool = False

    def add(self, piece: bytes, keep: int) -> None:
        """Add a piece of it; of one that is too large nothing is held."""
        if self.is_too_large or len(self.content) + len(piece) > keep:
            self.is_too_large = True
            self.content.clear()
        else:
            self.content += piece

    def source(self) -> bytes:
        """Return its source: without the blank line that ends it, ">From " as it was sent."""
        raw = bytes(self.content)
        for blank in (b"\n\r\n", b"\n\n"):
            if raw.endswith(blank):
                raw = raw[: len(raw) - len(blank) + 1]
                break
        return _QUOTED.sub(rb"\1", raw) if b">From " in raw else raw

    @property
    def at(self) -> datetime | None:
        """The moment in its envelope line."""
        found = _DAY.search(self.envelope.decode("ascii", "replace"))
        return moment_of(found[0].strip()) if found else None


def split(file: IO[bytes], *, keep: int = MAX_MESSAGE) -> Iterator[Packed]:
    """Yield the mails of an mbox; of each at most `keep` bytes are held."""
    current: Packed | None = None
    data = b"\n" + file.read(_BLOCK).removeprefix(_MARK).lstrip()
    is_end = False
    while not is_end:
        block = file.read(_BLOCK)
        is_end = not block
        data += block
        begin = place = 0  # of what no mail has yet; where to look on
        while (at := data.find(_START, place)) >= 0 and (is_end or len(data) - at >= _AHEAD):
            line, following = _two_lines(data, at + 1)
            place = at + len(_START)
            if current is None or _begins(line, following, after_blank=_is_blank(data, at)):
                if current is not None:
                    current.add(data[begin : at + 1], keep)
                    yield current
                current = Packed(line, bytearray())
                begin = place = at + 1 + len(line)
        # The end of the block may cut a line in two, and the blank line before it tells too.
        held = len(data) if is_end else max(begin, (at if at >= 0 else len(data)) - _BEHIND)
        if current is not None:
            current.add(data[begin:held], keep)
        data = data[held:]
    if current is not None:
        yield current


def _two_lines(data: bytes, start: int) -> tuple[bytes, bytes]:
    """Return the line at a place and what follows it, as much of both as tells what they are."""
    end = data.find(b"\n", start, start + _LONGEST_LINE) + 1
    if not end:
        return data[start : start + _LONGEST_LINE], b""
    return data[start:end], data[end : end + _LONGEST_LINE].split(b"\n", 1)[0]


def _is_blank(data: bytes, at: int) -> bool:
    """Say whether the line that ends at a place is empty."""
    return data[max(0, at - 2) : at].endswith((b"\n", b"\n\r"))


def _begins(line: bytes, following: bytes, *, after_blank: bool) -> bool:
    """Say whether a line begins a mail: many programs leave a "From " in a text as it is."""
    is_header = bool(_HEADER.match(following))
    if _DATED.match(line):
        return is_header or (after_blank and not following.strip())
    return after_blank and is_header and bool(_BARE.match(line))
