"""vCard 2.1, 3.0 and 4.0, and jCard."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.exchange.encodings import detect_encoding
from app.exchange.sources.vcard_json import json_cards
from app.exchange.sources.vcard_lines import Card, cards
from app.exchange.sources.vcard_person import HEADERS, cells_of, record_of
from app.exchange.spool import Spool
from app.exchange.tables import Dialect, RawTable, SourceRow, Stated

_FRAME: Final = re.compile(
    r"^[ \t]*+(?:[\w-]{1,64}\.)?(BEGIN|END)[ \t]*:[ \t]*VCARD[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_JSON: Final = re.compile(r'\s*(?:\[\s*)?\[\s*"vcard"\s*,\s*\[')
_VERSION: Final = re.compile(r"^VERSION:\s*([\d.]{1,5})\s*$", re.IGNORECASE | re.MULTILINE)
_NAMED: Final = frozenset({".vcf", ".vcard", ".vct"})
_TELLING: Final = 40  # letters that are no ASCII, by which a charset can be guessed
_CERTAIN: Final = frozenset(
    {"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
)
_WIDE: Final = ("utf-16", "utf-32")


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is of this format.

    A card may stand in a mail as well, so it must come first; in a file that is named so, garbage
    may stand before it, and its first line may be broken.
    """
    if not head:
        return False
    text = _text(head, _encoding(head)).lstrip("\ufeff")
    found = _FRAME.search(text)
    if found is not None and path.suffix.casefold() in _NAMED:
        return True
    if found is not None and not text[: found.start()].strip():
        return found.group(1).upper() == "BEGIN"
    return _JSON.match(text) is not None


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a file of this format."""
    return CardTable(path, head, reading.get("encoding"))


def _encoding(head: bytes) -> str:
    """Return what a file is written in; a few letters alone are western ones."""
    telling = len(head) - len(head.translate(None, bytes(range(128, 256))))
    if telling < _TELLING and b"\x00" not in head and not head.startswith(codecs.BOM_UTF8):
        try:
            codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError:
            return "cp1252"
        return "utf-8"
    found = detect_encoding(head)
    return found if found in _CERTAIN or not found.startswith("utf") else "cp1252"


def _text(head: bytes, encoding: str) -> str:
    return head.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


class CardTable:
    """A file of cards; `encoding` is what bytes are read as that are no UTF-8."""

    def __init__(self, path: Path, head: bytes, encoding: str | None) -> None:
        self.path = path
        self._encoding = encoding or _encoding(head)
        text = _text(head, self._encoding)
        self._is_json = _JSON.match(text.lstrip("\ufeff")) is not None
        # A file with line ends of the old Macintosh has no others.
        self._newline = "\r" if b"\r" in head and b"\n" not in head else "\n"
        version = _VERSION.search(text)
        title = "jCard" if self._is_json else f"vCard {version.group(1) if version else ''}".strip()
        self.stated = Stated("contact", title, "vcard", HEADERS)

    @property
    def dialect(self) -> Dialect:
        """How the file is written."""
        return Dialect("jcard" if self._is_json else "vcard", self._encoding)

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield a row for each card, numbered from 1."""
        spool = Spool()
        for number, card in enumerate(self._cards(), start=1):
            given = None if card.problem else record_of(card, spool)
            if isinstance(given, str):
                card.problem, given = given, None
            yield SourceRow(number, cells_of(card, given), card.problem, given=given)

    def count_rows(self) -> int:
        """Return how many rows there are, without reading what they say."""
        return sum(1 for _ in self._cards())

    def _cards(self) -> Iterator[Card]:
        if self._is_json:
            yield from json_cards(self.path, self._encoding)
            return
        is_wide = self._encoding.startswith(_WIDE)
        # Each property may have a charset of its own, so what is no UTF-8 is kept for it.
        with self.path.open(
            encoding=self._encoding if is_wide else "utf-8-sig",
            errors="replace" if is_wide else "surrogateescape",
            newline=self._newline,
        ) as file:
            fallback = "cp1252" if self._encoding.startswith("utf") else self._encoding
            yield from cards(file, fallback)
