"""The cards of a vCard file, one at a time, however its lines are broken."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from app.exchange.sources.vcard_property import Property, is_property, parsed

MAX_CARD: Final = 32_000_000  # characters; the bytes of a large picture and some more
_MAX_PROPERTIES: Final = 20_000
_PIECE: Final = 1 << 20  # characters read at once
_FRAME: Final = re.compile(
    r"[ \t]*(?:[\w-]+\.)?(BEGIN|END)[ \t]*:[ \t]*VCARD[ \t]*$", re.IGNORECASE
)
_EXCERPT: Final = 2_000  # characters of a card that cannot be read, for the reject file


@dataclass(slots=True)
class Card:
    """The properties of one card; `problem` says why they cannot be taken, `remark` what is odd."""

    properties: list[Property] = field(default_factory=list)
    problem: str = ""
    remark: str = ""
    excerpt: str = ""


@dataclass(slots=True)
class _Gathered:
    """What was read since the last card."""

    begun: bool = False
    properties: list[Property] = field(default_factory=list)
    excerpt: list[str] = field(default_factory=list)
    size: int = 0
    stray: bool = False  # a line that is no property
    too_large: bool = False
    inner: int = 0  # cards inside this one (AGENT of 2.1)

    def take(self, line: str, fallback: str) -> None:
        """Add an unfolded line."""
        if self.size < _EXCERPT:
            data = line[:200].encode("utf-8", "surrogateescape")
            self.excerpt.append(data.decode("utf-8", "replace"))
        self.size += len(line)
        if self.size > MAX_CARD or len(self.properties) >= _MAX_PROPERTIES:
            self.too_large = True
            self.properties.clear()
            return
        found = parsed(line, fallback)
        if found is None:
            self.stray = True
        else:
            self.properties.append(found)

    def awaits_agent(self) -> bool:
        """Whether a card that begins now is a value of this one."""
        last = self.properties[-1] if self.properties else None
        return last is not None and last.name == "AGENT" and not last.value.strip()

    def card(self, *, ended: bool) -> Card | None:
        """Return what was gathered as a card; None where there is nothing."""
        if not self.begun and not self.properties and not self.stray and not self.too_large:
            return None
        card = Card(self.properties, excerpt="\n".join(self.excerpt)[:_EXCERPT])
        if self.too_large:
            card.problem = (
                f"This card has more than {MAX_CARD:,} characters. Take its pictures out "
                "and import it again."
            )
        elif not self.begun and not ended:
            card.problem = (
                "These lines stand outside of any card. Put BEGIN:VCARD before and END:VCARD "
                "after them if they are one."
            )
        elif not self.begun:
            card.remark = "The card does not begin with BEGIN:VCARD; it was taken all the same."
        elif not ended:
            card.remark = "The card has no END:VCARD; it was taken up to where the next begins."
        return card


def cards(file: io.TextIOBase, fallback: str) -> Iterator[Card]:
    """Yield the cards of an open file, and what stands between them as cards with a problem."""
    now = _Gathered()
    for line in _unfolded(_lines(file)):
        frame = _FRAME.match(line) if len(line) < 100 else None  # noqa: PLR2004  a short line
        if frame is None:
            if not now.inner:
                now.take(line, fallback)
            continue
        if frame.group(1).upper() == "BEGIN":
            if now.begun and (now.inner or now.awaits_agent()):
                now.inner += 1
                continue
            card = now.card(ended=False)
            now = _Gathered(begun=True)
        elif now.inner:
            now.inner -= 1
            continue
        else:
            card = now.card(ended=True)
            now = _Gathered()
        if card is not None:
            yield card
    card = now.card(ended=False)
    if card is not None:
        if now.begun:
            card.remark = "The card has no END:VCARD: the file may be cut off there."
        yield card


def _lines(file: io.TextIOBase) -> Iterator[str]:
    """Yield lines without their ends; of one that is too long for any card only the beginning."""
    while line := file.readline(_PIECE):
        if len(line) == _PIECE and not line.endswith(("\n", "\r")):
            pieces, size = [line], len(line)
            while piece := file.readline(_PIECE):
                size += len(piece)
                if size <= MAX_CARD + 2 * _PIECE:
                    pieces.append(piece)
                if piece.endswith(("\n", "\r")):
                    break
            line = "".join(pieces)
        yield line.rstrip("\r\n")


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    """Join the lines that belong together.

    A blank first says so; in quoted-printable a last "=" does. Some programs break lines without
    a mark: what is no property continues the one before it.
    """
    current = _Line("", is_property=False)
    for line in lines:
        if current.pieces and current.goes_on() and not _FRAME.match(line[:100]):
            current.soften(line)
        elif not line.strip():
            continue
        elif current.pieces and line[0] in " \t" and not current.is_frame:
            current.add(line[1:])
        elif (starts := is_property(line)) or not current.is_bare:
            if current.pieces:
                yield current.text()
            current = _Line(line, is_property=starts)
        else:
            current.add(line if current.is_base64 else "\n" + line)
    if current.pieces:
        yield current.text()


class _Line:
    """A line being put together."""

    def __init__(self, first: str, *, is_property: bool) -> None:
        head = first[:2_000].partition(":")[0].upper()
        self.pieces = [first] if first else []
        self.size = len(first)
        self.is_quoted = "QUOTED-PRINTABLE" in head
        self.is_base64 = "BASE64" in head or "ENCODING=B" in head
        self.is_frame = _FRAME.match(first[:100]) is not None
        # A line between cards must not draw in the next one.
        self.is_bare = is_property and not self.is_frame

    def goes_on(self) -> bool:
        """Whether quoted-printable says that the next line belongs to this one."""
        return self.is_quoted and self.pieces[-1].endswith("=")

    def soften(self, line: str) -> None:
        """Join a line of quoted-printable."""
        self.pieces[-1] = self.pieces[-1][:-1]
        self.pieces.append("")
        self.add(line)

    def add(self, line: str) -> None:
        """Join a line; what is too long for any card is cut."""
        self.size += len(line)
        if self.size <= MAX_CARD + _PIECE:
            self.pieces.append(line)

    def text(self) -> str:
        """Return the whole line."""
        return "".join(self.pieces)
