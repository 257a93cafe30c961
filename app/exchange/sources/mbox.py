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

_LINE: Final = 1_048_576  # bytes of a line that are read at once
_FIRST: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*From [^\r\n]{1,500}\r?\n([^\r\n]*)")
_HEADER: Final = re.compile(rb">?From |[!-9;-~]+[ \t]*:")
# "From somebody@place Thu Jan  1 00:00:00 2015": an envelope, not a sentence.
_DATED: Final = re.compile(
    rb"From .*\d{1,2}:\d{2}.*\b(?:19|20)\d{2}\b|From .*\b(?:19|20)\d\d-\d\d-\d\d"
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

    def add(self, line: bytes, keep: int) -> None:
        """Add a line of it, as far as there is room."""
        if len(self.content) + len(line) > keep:
            self.is_too_large = True
        else:
            self.content += line

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
    doubtful = b""  # a line that may begin a mail: the next one tells
    after_blank = False
    for line, is_whole in _lines(file):
        if doubtful and current is not None:
            if _begins(doubtful, line, after_blank=after_blank):
                yield current
                current = Packed(doubtful, bytearray())
            else:
                current.add(doubtful, keep)
            doubtful, after_blank = b"", False
        if is_whole and line.startswith(b"From "):
            if current is not None:
                doubtful = line
                continue
            current = Packed(line, bytearray())
        elif current is not None:
            current.add(line, keep)
            after_blank = line in {b"\n", b"\r\n"}
    if current is not None:
        current.add(doubtful, keep)
        yield current


def _lines(file: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the lines, very long ones in pieces, and whether each piece begins a line."""
    is_start = True
    file.seek(len(_MARK) if file.read(len(_MARK)) == _MARK else 0)
    while line := file.readline(_LINE):
        yield line, is_start
        is_start = line.endswith(b"\n")


def _begins(line: bytes, following: bytes, *, after_blank: bool) -> bool:
    """Say whether a line begins a mail: many programs leave a "From " in a text as it is."""
    is_header = bool(_HEADER.match(following))
    if _DATED.match(line):
        return is_header or (after_blank and not following.strip())
    return after_blank and is_header and bool(_BARE.match(line))
