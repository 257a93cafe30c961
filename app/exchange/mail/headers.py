"""The headers of a mail: found in its bytes, and read as words, parameters and moments."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Final

from app.exchange.mail.charsets import text_of_header
from app.exchange.mail.limits import MAX_HEADERS
from app.exchange.mail.words import decoded_words

# A header with the lines that continue it.
_HEADER: Final = re.compile(
    rb"([!-9;-~]{1,200})[ \t]*:[ \t]*([^\n]*(?:\n[ \t]+[^\s][^\n]*)*)(?:\n|\Z)"
)
_BLANK: Final = re.compile(rb"[ \t]*\r?(?:\n|\Z)")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_IDS: Final = re.compile(r"<([^<>]+)>")
_COMMENT: Final = re.compile(r"\([^()]*\)")
_MBOX_LINE: Final = re.compile(rb">?From (?![ \t]*:)[^\n]*(?:\n|\Z)")
_MAX_JUNK: Final = 5  # lines among the headers that are none
_FURTHEST: Final = timedelta(hours=24)
_LONGEST_ID: Final = 900  # bytes: an index entry on PostgreSQL has room for so many


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of a message or part; `start` is where its body begins."""

    fields: dict[str, list[bytes]]
    start: int
    sound: bool  # they end with a blank line, as they should

    def has(self, name: str) -> bool:
        """Say whether there is such a header."""
        return name in self.fields

    def raw(self, name: str, charset: str = "") -> str:
        """Return the first header of a name as it is written, unfolded."""
        values = self.fields.get(name)
        return _unfolded(values[0], charset) if values else ""

    def all_raw(self, name: str, charset: str = "") -> list[str]:
        """Return every header of a name."""
        return [_unfolded(value, charset) for value in self.fields.get(name, ())]

    def words(self, name: str, charset: str = "") -> str:
        """Return the first header of a name that says something, its encoded words decoded."""
        for value in self.fields.get(name, ()):
            text = " ".join(decoded_words(_unfolded(value, charset)).split())
            if text:
                return text
        return ""


def read_headers(raw: bytes, start: int = 0) -> Headers:
    """Read the headers at a place; what is no header ends them, as a blank line does."""
    fields: dict[str, list[bytes]] = {}
    place = start
    limit = min(len(raw), start + MAX_HEADERS)
    mbox = _MBOX_LINE.match(raw, place, limit)
    if mbox is not None:
        place = mbox.end()
    junk = 0
    while place < limit:
        found = _HEADER.match(raw, place, limit)
        if found is None:
            after = _after_junk(raw, place, limit) if fields and junk < _MAX_JUNK else 0
            if not after:
                break
            place, junk = after, junk + 1
            continue
        fields.setdefault(found[1].decode("ascii").casefold(), []).append(found[2])
        place = found.end()
    blank = _BLANK.match(raw, place)
    if blank is not None:
        return Headers(fields, blank.end(), sound=not junk)
    return Headers(fields, place, sound=False)


def _after_junk(raw: bytes, place: int, limit: int) -> int:
    """Return where the headers go on behind a line that is none; 0 where they end with it."""
    if _BLANK.match(raw, place) or raw.startswith(b"--", place):
        return 0
    end = raw.find(b"\n", place, limit)
    while end >= 0 and raw[end + 1 : end + 2] in {b" ", b"\t"}:
        end = raw.find(b"\n", end + 1, limit)
    return end + 1 if end >= 0 and _HEADER.match(raw, end + 1, limit) else 0


def _unfolded(value: bytes, charset: str) -> str:
    text = text_of_header(value.strip(), charset)
    return _FOLD.sub(" ", text).replace("\r", " ").replace("\n", " ")


def moment_of(text: str) -> datetime | None:
    """Return the moment of a Date header, None where it says none that can be."""
    if not text:
        return None
    plain = re.sub(r"\s*:\s*", ":", _COMMENT.sub(" ", text[:200]))
    try:
        parts = parsedate_tz(plain)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if parts is None:
        return None
    try:
        zone = timedelta(seconds=parts[9] or 0)
        if abs(zone) >= _FURTHEST:
            zone = timedelta()
        second = min(parts[5], 59)  # a leap second
        naive = datetime(*parts[:5], second, tzinfo=timezone(zone))
        return naive.astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def received_at(headers: Headers) -> datetime | None:
    """Return when the last server on a mail's way took it."""
    for value in headers.all_raw("received"):
        _, _, moment = value.rpartition(";")
        found = moment_of(moment.strip())
        if found is not None:
            return found
    return None


def ids_in(text: str) -> tuple[str, ...]:
    """Return the message ids that a header names, without their brackets, each once."""
    found = [re.sub(r"\s+", "", _COMMENT.sub("", each)) for each in _IDS.findall(text)]
    if not found:
        found = [word for word in text.split() if "@" in word.strip("@")]
    return tuple(dict.fromkeys(short_id(each) for each in found if each))


def short_id(text: str) -> str:
    """Return a message id as it is stored: one too long for an index loses its middle."""
    raw = text.encode()
    if len(raw) <= _LONGEST_ID:
        return text
    half = _LONGEST_ID // 2
    return raw[:half].decode(errors="ignore") + raw[-half:].decode(errors="ignore")
