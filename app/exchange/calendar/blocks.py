"""Cuts an iCalendar file into its components without trusting that they are whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

MAX_BLOCK: Final = 10_000_000  # characters of one component
RECORDS: Final = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
_ENCODINGS: Final = ("utf-8-sig", "cp1252")


@dataclass(slots=True)
class CalendarHead:
    """What a calendar says for all its components: its zones and the zone of its times."""

    zones: dict[str, str] = field(default_factory=dict)  # TZID → VTIMEZONE text
    zone: str = ""  # X-WR-TIMEZONE


@dataclass(frozen=True, slots=True)
class Block:
    """One component: its unfolded lines without BEGIN and END; `problem` where it is not whole."""

    name: str
    lines: tuple[str, ...]
    calendar: CalendarHead
    problem: str = ""

    def value(self, name: str) -> str | None:
        """Return the text of a property of the component itself, the first of them."""
        found = next(iter(self.lines_of(name)), None)
        return None if found is None else found.partition(":")[2]

    def lines_of(self, name: str) -> list[str]:
        """Return the lines of a property of the component itself."""
        depth, found = 0, []
        for line in self.lines:
            upper = line[:40].upper()
            if upper.startswith("BEGIN:"):
                depth += 1
            elif upper.startswith("END:"):
                depth -= 1
            elif depth == 0 and _name(upper) == name:
                found.append(line)
        return found


def blocks_of(data: bytes) -> Iterator[Block]:
    """Yield the records of a file in their order; a calendar's zones may stand behind them."""
    scanner = _Scanner()
    for line in _unfolded(_decoded(data)):
        yield from scanner.take(line)
    yield from scanner.end(_UNCLOSED)


_UNCLOSED: Final = "It has no END; what stands there was read."


class _Scanner:
    """Holds the lines of the component that is open."""

    def __init__(self) -> None:
        self._calendar = CalendarHead()
        self._name = ""
        self._inner = 0  # components open inside it
        self._lines: list[str] = []
        self._size = 0

    def take(self, line: str) -> Iterator[Block]:
        """Take a line; yield the component that ends with it."""
        upper = line[:60].upper().strip()
        if upper.startswith("BEGIN:"):
            yield from self._begin(upper[6:], line)
        elif upper.startswith("END:"):
            if upper[4:] == self._name and self._inner == 0:
                yield from self.end(_too_long(self._size))
            else:
                self._inner = max(self._inner - 1, 0)
                self._hold(line)
        else:
            if not self._name and _name(upper) == "X-WR-TIMEZONE":
                self._calendar.zone = line.partition(":")[2].strip()
            self._hold(line)

    def _begin(self, name: str, line: str) -> Iterator[Block]:
        if name == "VCALENDAR":
            yield from self.end(_UNCLOSED)
            self._calendar = CalendarHead()
        elif not self._name or name in RECORDS:  # a record inside another: that one was not closed
            yield from self.end(_UNCLOSED)
            self._name = name
        else:
            self._inner += 1
            self._hold(line)

    def _hold(self, line: str) -> None:
        self._size += len(line)
        if self._name and self._size <= MAX_BLOCK:
            self._lines.append(line)

    def end(self, problem: str) -> Iterator[Block]:
        """Close what is open."""
        name, lines = self._name, tuple(self._lines)
        self._name, self._inner, self._lines, self._size = "", 0, [], 0
        if name == "VTIMEZONE":
            zone = next((x.partition(":")[2] for x in lines if _name(x.upper()) == "TZID"), "")
            text = "\r\n".join(["BEGIN:VTIMEZONE", *lines, "END:VTIMEZONE"])
            self._calendar.zones.setdefault(zone, text)
        elif name in RECORDS:
            yield Block(name, lines, self._calendar, problem)


def _too_long(size: int) -> str:
    if size <= MAX_BLOCK:
        return ""
    return f"It has more than {MAX_BLOCK:,} characters; what came behind them was left out."


def _name(line: str) -> str:
    end = min((at for at in (line.find(":"), line.find(";")) if at >= 0), default=len(line))
    return line[:end]


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _unfolded(text: str) -> Iterator[str]:
    held: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in {" ", "\t"} and held:
            held.append(line[1:])
            continue
        if held:
            yield "".join(held)
        held = [line] if line.strip() else []
    if held:
        yield "".join(held)
