"""One mail as a file (.eml, and Apple Mail's .emlx)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from app.exchange.mail.headers import read_headers
from app.exchange.mail.limits import MAX_MESSAGE
from app.exchange.mail.parsing import HEADERS, TOO_LARGE, dialect, row_of_source, stated
from app.exchange.tables import Dialect, RawTable, SourceRow, Stated

_ENDINGS: Final = frozenset({".eml", ".emlx"})
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_LENGTH_LINE: Final = re.compile(rb"(\d{1,9})[ \t]*\r?\n")  # Apple Mail's, before the message
# Headers that a mail has and no table begins with.
_TELLING: Final = frozenset(
    {"from", "to", "subject", "date", "message-id", "received", "return-path", "mime-version"}
    | {"content-type", "cc", "sender", "reply-to", "delivered-to", "in-reply-to", "references"}
    | {"dkim-signature", "content-transfer-encoding", "x-mailer", "x-received", "user-agent"}
)
_ENOUGH: Final = 2


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file begins with the headers of a mail; what is named one needs to be text."""
    if not head.strip() or path.is_dir():
        return False
    text = _as_bytes(head)
    headers = read_headers(text)
    if path.suffix.casefold() in _ENDINGS:
        return bool(headers.fields) or b"\x00" not in text[:1024]
    found = _TELLING & headers.fields.keys()
    return len(found) >= _ENOUGH and headers.sound


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a mail; it names its encodings itself."""
    del head, reading
    return MessageFile(path)


@dataclass(frozen=True, slots=True)
class MessageFile:
    """A table of one row."""

    path: Path
    stated: Stated = field(default_factory=lambda: stated("E-mail"))
    dialect: Dialect = field(default_factory=lambda: dialect("eml"))

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield the one row."""
        yield row_of_file(1, self.path)

    def count_rows(self) -> int:
        """Return 1: a mail is one record, whatever is in it."""
        return 1


def row_of_file(number: int, path: Path) -> SourceRow:
    """Return a file with one mail as a row."""
    about = path.stat()
    if about.st_size > MAX_MESSAGE:
        reason = TOO_LARGE.format(limit=MAX_MESSAGE // 1_000_000)
        return SourceRow(number, ("",) * len(HEADERS), problem=reason)
    changed = datetime.fromtimestamp(about.st_mtime, UTC)
    return row_of_source(number, _as_bytes(path.read_bytes()), changed)


def _as_bytes(raw: bytes) -> bytes:
    """Return a mail's own bytes, of one saved as UTF-16 or by Apple Mail too."""
    if raw.startswith(_WIDE):
        raw = raw.decode("utf-16", "replace").encode()
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    length = _LENGTH_LINE.match(raw)
    if length is not None:
        return raw[length.end() : length.end() + int(length[1])]
    return raw
