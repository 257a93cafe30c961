"""The RTF of an Outlook message: unpacked (MS-OXRTFCP), and the HTML or text in it (MS-OXRTFEX)."""

import html
import re
import struct
from dataclasses import dataclass, field, replace
from typing import Final

from app.exchange.mail.charsets import text_of_bytes

MAX_RTF: Final = 20_000_000  # bytes, unpacked
_BEGINNING: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW: Final = 4096
_HEADER: Final = struct.Struct("<4I")
_PACKED, _PLAIN = 0x75465A4C, 0x414C454D
_TOKEN: Final = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
# Groups whose text is not the message's.
_SILENT: Final = frozenset(
    {"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "listtable", "header", "footer"}
    | {"listoverridetable", "generator", "themedata", "xmlnstbl", "fldinst", "rsidtbl", "mmathPr"}
)
_CHARACTERS: Final = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "cell": "\t", "tab": "\t",
    "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ", "bullet": "•", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”",
}  # fmt: skip
_SYMBOLS: Final = {"~": "\xa0", "_": "-", "-": "", "\n": "\n", "\r": "\n"}


def unpacked(content: bytes) -> bytes:
    """Return the RTF of a compressed stream; empty where it is none."""
    if len(content) < _HEADER.size:
        return b""
    _, size, kind, _ = _HEADER.unpack_from(content)
    body = content[_HEADER.size :]
    if kind == _PLAIN:
        return body[: min(size, MAX_RTF)]
    if kind != _PACKED:
        return b""
    return _unpacked(body, min(size, MAX_RTF))


def _unpacked(body: bytes, size: int) -> bytes:
    window = bytearray(_WINDOW)
    window[: len(_BEGINNING)] = _BEGINNING
    write = len(_BEGINNING)
    found = bytearray()
    place = 0
    while place < len(body) and len(found) < size:
        control = body[place]
        place += 1
        for bit in range(8):
            if place >= len(body):
                return bytes(found[:size])
            if not control >> bit & 1:
                piece = body[place : place + 1]
                place += 1
            else:
                reference = int.from_bytes(body[place : place + 2], "big")
                place += 2
                start, length = reference >> 4, (reference & 15) + 2
                if start == write:  # the end of the stream points to itself
                    return bytes(found[:size])
                piece = b""
                for step in range(length):  # it may run into what it writes
                    byte = window[(start + step) % _WINDOW]
                    window[(write + step) % _WINDOW] = byte
                    piece += bytes((byte,))
            for byte in piece:
                window[write] = byte
                write = (write + 1) % _WINDOW
            found += piece
    return bytes(found[:size])


@dataclass(slots=True)
class _Group:
    is_silent: bool = False
    is_markup: bool = False  # a tag of the HTML in it
    is_hidden: bool = False  # between \htmlrtf and \htmlrtf0: for programs without HTML
    skips: int = 1  # characters after \u that stand for it


@dataclass(slots=True)
class _Reader:
    codepage: str = "cp1252"
    is_html: bool = False
    group: _Group = field(default_factory=_Group)
    found: list[str] = field(default_factory=list)
    run: bytearray = field(default_factory=bytearray)  # of one charset, perhaps several bytes each
    skip: int = 0

    def say(self, text: str) -> None:
        """Add some text, unless the group is silent."""
        if self.skip:
            cut = min(self.skip, len(text))
            self.skip -= cut
            text = text[cut:]
        self.flush()
        if text and not (self.group.is_silent or self.group.is_hidden):
            escaped = self.is_html and not self.group.is_markup
            self.found.append(html.escape(text, quote=False) if escaped else text)

    def byte(self, value: int) -> None:
        """Add a byte of the document's charset."""
        if self.skip:
            self.skip -= 1
        elif not (self.group.is_silent or self.group.is_hidden):
            self.run.append(value)

    def flush(self) -> None:
        """Turn the bytes that came so far into text."""
        if self.run:
            text = text_of_bytes(bytes(self.run), self.codepage, guess=False)[0]
            self.run.clear()
            escaped = self.is_html and not self.group.is_markup
            self.found.append(html.escape(text, quote=False) if escaped else text)


def rtf_content(content: bytes) -> tuple[str, bool]:
    """Return what an RTF document says, and whether that is HTML."""
    reader = _Reader()
    reader.is_html = b"\\fromhtml" in content[:4096]
    stack: list[_Group] = []
    is_starred = False
    for token in _TOKEN.finditer(content.decode("latin-1")):
        word, number, code, symbol, brace, text = token.groups()
        if brace == "{":
            stack.append(reader.group)
            reader.flush()
            reader.group = replace(reader.group)
        elif brace == "}":
            reader.flush()
            reader.group = stack.pop() if stack else _Group()
        elif word:
            _word(reader, word, number, starred=is_starred)
        elif code:
            reader.byte(int(code, 16))
        elif symbol and symbol != "*":
            reader.say(_SYMBOLS.get(symbol, symbol))
        elif text:
            for byte in text.encode("latin-1") if not text.isascii() else b"":
                reader.byte(byte)
            if text.isascii():
                reader.say(text)
        is_starred = symbol == "*"
    reader.flush()
    return "".join(reader.found), reader.is_html


def _word(reader: _Reader, word: str, number: str | None, *, starred: bool) -> None:
    if word == "htmltag" and starred:
        reader.flush()
        reader.group.is_markup = True
    elif starred or word in _SILENT:
        reader.group.is_silent = True
    elif word == "htmlrtf":
        reader.flush()
        reader.group.is_hidden = number != "0"
    elif word == "ansicpg" and number:
        reader.codepage = {"65001": "utf-8"}.get(number, f"cp{number}")
    elif word == "uc":
        reader.group.skips = min(int(number or 1), 10)
    elif word == "u" and number:
        reader.say(chr(int(number) % 65536))
        reader.skip = reader.group.skips
    elif word in _CHARACTERS:
        is_break = word in {"par", "line"} and reader.is_html and not reader.group.is_markup
        reader.say("\r\n" if is_break else _CHARACTERS[word])
