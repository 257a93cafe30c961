"""Which encoding a text file is in: marks first, then the bytes themselves."""

import codecs
from typing import Final

_MARKS: Final[tuple[tuple[bytes, str], ...]] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Charsets that a western file is often taken for; cp1252 reads all their letters.
_WESTERN: Final = frozenset(
    {"latin_1", "iso8859_1", "iso8859_15", "cp1252", "cp850", "cp858", "cp437", "mac_roman"}
    | {"cp1250", "iso8859_2", "cp1257", "iso8859_4", "iso8859_10", "cp1254", "iso8859_9"}
    | {"hp_roman8", "cp775", "cp1258", "iso8859_3", "iso8859_16", "mac_latin2", "mac_turkish"}
)
_UTF16_SHARE: Final = 0.3


def detect_encoding(head: bytes) -> str:
    """Return the encoding of a file from its first bytes."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    wide = _wide_without_mark(head)
    if wide:
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return _eight_bit(head)
    return "utf-8"


def _wide_without_mark(head: bytes) -> str:  # noqa: PLR0911  one for each encoding
    """Recognise UTF-16 and UTF-32 by where their zero bytes stand."""
    sample = head[: len(head) // 4 * 4][:4096]
    if len(sample) < 8 or b"\x00" not in sample:  # noqa: PLR2004  two characters of UTF-32
        return ""
    quarter = len(sample) // 4
    zeros = [sample[i::4].count(0) / quarter for i in range(4)]
    if min(zeros) > _UTF16_SHARE:  # no text: nothing but zeros, or numbers
        return ""
    if zeros[1] > 0.9 and zeros[2] > 0.9 and zeros[3] > 0.9:  # noqa: PLR2004  nearly all
        return "utf-32-le"
    if zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[2] > 0.9:  # noqa: PLR2004  nearly all
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > _UTF16_SHARE and even < odd / 4:
        return "utf-16-le"
    if even > _UTF16_SHARE and odd < even / 4:
        return "utf-16-be"
    return ""


def _eight_bit(head: bytes) -> str:
    from charset_normalizer import from_bytes

    # Only the lines with something to tell: 60 ms instead of seconds on an ASCII-like file.
    telling = [line for line in head.splitlines() if not line.isascii()]
    sample = b"\n".join(telling)[:32_768]
    found = from_bytes(sample).best()
    name = found.encoding if found is not None else "cp1252"
    # A few letters may fit a wide encoding by chance; zero bytes have told of those before.
    if name in _WESTERN or name.startswith("utf") or not _decodes(head, name):
        return "cp1252" if _decodes(head, "cp1252") else "latin-1"
    return name


def _decodes(head: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(head, final=False)
    except (UnicodeError, LookupError):
        return False
    return True
