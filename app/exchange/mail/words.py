"""Encoded words (RFC 2047) and parameters (RFC 2231), and what programs make of them."""

import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from app.exchange.mail.charsets import charset_named, storable, text_of_bytes

_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)(?:\?=|\Z)")
_GAP: Final = re.compile(r"(?:\?=)[ \t\r\n]+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_PARAMETER: Final = re.compile(
    r"[;\s]\s*([^\s=;\"]{1,100})\s*=\s*(\"(?:[^\"\\]|\\.)*\"?|[^;]*)", re.DOTALL
)
_QUOTED_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)
_MAX_PIECES: Final = 200


def decoded_words(text: str) -> str:
    """Return a header with its encoded words decoded; what cannot be is left as it stands."""
    if "=?" not in text:
        return storable(text)
    text = _GAP.sub("?=", text)
    found: list[str] = []
    place = 0
    run = b""  # bytes of words side by side: a character may be torn between two
    charset = ""
    for word in _WORD.finditer(text):
        content = _content(word[2], word[3], word[1].partition("*")[0])
        if word.start() > place or word[1].partition("*")[0] != charset:
            found.append(_flushed(run, charset))
            found.append(text[place : word.start()])
            run, charset = b"", word[1].partition("*")[0]
        run += content
        place = word.end()
    found += [_flushed(run, charset), text[place:]]
    return storable("".join(found))


def _flushed(run: bytes, charset: str) -> str:
    return text_of_bytes(run, charset, guess=False)[0] if run else ""


def _content(how: str, text: str, charset: str) -> bytes:
    if how in "bB":
        return from_base64(text.encode("ascii", "ignore"))
    spaced = text.replace("_", " ")
    codec = charset_named(charset) or "utf-8" if not text.isascii() else "ascii"
    return binascii.a2b_qp(spaced.encode(codec, "replace"), header=False)


def from_base64(content: bytes) -> bytes:
    """Decode base64, whatever stands between its letters and wherever it breaks off."""
    try:
        return binascii.a2b_base64(content)
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
        whole = len(letters) // 4 * 4
        rest = letters[whole:]
        padded = rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
        return binascii.a2b_base64(letters[:whole] + padded)


def parameters(text: str) -> tuple[str, dict[str, str]]:
    """Return the value of a header and its parameters, names in lower case.

    Pieces (`name*0=`) are joined, charsets of RFC 2231 and encoded words decoded.
    """
    first = re.split(r"[;\s]", text.strip(), maxsplit=1)[0].casefold()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, value in _PARAMETER.findall(text):
        key, _, rest = name.casefold().partition("*")
        bare = _unquoted(value)
        if not rest and not name.endswith("*"):
            plain.setdefault(key, decoded_words(bare))
            continue
        number = rest.rstrip("*")
        place = int(number) if number.isdecimal() and len(number) < 4 else 0  # noqa: PLR2004  999
        found = pieces.setdefault(key, [])
        if len(found) < _MAX_PIECES:
            found.append((place, name.endswith("*"), bare))
    for key, parts in pieces.items():
        plain[key] = _joined(sorted(parts, key=lambda part: part[0]))
    return first, plain


def _unquoted(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        inner = value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
        return _QUOTED_PAIR.sub(r"\1", inner)
    return value


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    charset = ""
    content = b""
    for place, (_, is_encoded, text) in enumerate(parts):
        piece = text
        if is_encoded:
            if place == 0 and piece.count("'") > 1:
                charset, _, rest = piece.partition("'")
                piece = rest.partition("'")[2]
            content += unquote_to_bytes(piece)
        else:
            content += decoded_words(piece).encode("utf-8", "replace")
    return text_of_bytes(content, charset or "utf-8", guess=False)[0]
