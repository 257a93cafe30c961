"""Bytes of a mail as text: by the charset it names, and where that is wrong by a better one."""

import codecs
import re
from functools import lru_cache
from typing import Final

from app.exchange.encodings import detect_encoding

# Wider sets than the named ones, which real programs write under the narrower name.
_WIDER: Final = {
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso2022_jp": "iso2022_jp_ext",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-cp1252": "cp1252",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "cp-850": "cp850",
}
# Python's codecs that are no charsets: some take minutes for a hostile text.
_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_STATEFUL: Final = ("utf-7", "utf-16", "utf-32", "hz", "iso2022")
_LETTERS: Final = bytes(range(32, 127))


@lru_cache(maxsize=256)
def charset_named(name: str) -> str | None:
    """Return Python's codec for a charset's name, None where there is no such charset."""
    word = name.strip().strip("\"'").casefold()[:60]
    for candidate in (word, re.sub(r"[^a-z0-9_.-]", "", word)):
        wider = _WIDER.get(candidate, candidate)
        try:
            codec = codecs.lookup(wider)
        except (LookupError, ValueError):  # ValueError: a null character in the name
            continue
        if codec.name.replace("-", "_") in _NO_CHARSETS or not codec._is_text_encoding:  # noqa: SLF001  the only place that tells
            return None
        return _WIDER.get(codec.name, codec.name)
    return None


def text_of_bytes(content: bytes, named: str = "", *, guess: bool = True) -> tuple[str, bool]:
    """Return bytes as text, and whether every one of them could be read for what it is.

    `guess`: find out the charset where the named one is wrong; it takes up to a tenth of a second.
    """
    codec = charset_named(named) if named else None
    if content.isascii() and (codec is None or _holds_ascii(codec)):
        text = content.decode("ascii")
        if "\x1b$" in text:  # ISO-2022 that nobody declared
            return _decoded(content, "iso2022_jp_ext") or (storable(text), False)
        return storable(text), True
    if codec is not None:
        found = _decoded(content, codec)
        if found is not None:
            return found
    found = _decoded(content, "utf-8")
    if found is None:
        likely = detect_encoding(content[:65_536]) if guess else "cp1252"
        found = _decoded(content, likely)
    return found or (storable(content.decode(codec or "cp1252", "replace")), False)


def text_of_header(content: bytes, charset: str) -> str:
    """Return a header's bytes as text; `charset`, that of the message's text, is a last hint."""
    if not content.isascii():
        found = _decoded(content, "utf-8")
        return found[0] if found else text_of_bytes(content, charset, guess=False)[0]
    return text_of_bytes(content)[0]


@lru_cache(maxsize=256)
def _holds_ascii(codec: str) -> bool:
    """Say whether bytes below 128 are what they are in ASCII; of old mainframes they are not."""
    if codec.startswith(_STATEFUL):
        return False
    return _LETTERS.decode(codec, "replace") == _LETTERS.decode("ascii")


def _decoded(content: bytes, codec: str) -> tuple[str, bool] | None:
    try:
        return storable(content.decode(codec)), True
    except (UnicodeError, ValueError, OverflowError):
        return None


def storable(text: str) -> str:
    """Return a text without what no database holds: null characters and halves of characters."""
    return _UNSTORABLE.sub("", text) if _UNSTORABLE.search(text) else text
