"""Looks at how a compound file (XLS, .msg) chains its sectors, before anything follows them.

A chain that runs in a circle takes calamine's memory until the process ends. Source: MS-CFB.
"""

import struct
from array import array
from pathlib import Path
from typing import IO, Final

_HEADER: Final = 512
_SHIFTS: Final = (9, 12)  # sectors of 512 or 4,096 bytes
_LAST: Final = 0xFFFFFFFA  # greater numbers are marks, not sectors
_DIRECT: Final = 109  # sectors of the table that the header names itself


def chains_end(path: Path) -> bool:
    """Say whether every chain of a compound file comes to an end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_HEADER)
        if len(header) < _HEADER:
            return False
        shift = int.from_bytes(header[30:32], "little")
        if shift not in _SHIFTS:
            return False
        sectors = _Sectors(file, 1 << shift, size >> shift)
        table = sectors.table(header)
        if table is None or _has_circle(table):
            return False
        (start,) = struct.unpack("<I", header[60:64])
        small = sectors.chain(table, start)
        return not _has_circle(small)


class _Sectors:
    """The sectors of an open file."""

    def __init__(self, file: IO[bytes], size: int, count: int) -> None:
        self._file = file
        self._size = size
        self._count = count

    def read(self, number: int) -> "array[int]":
        """Return a sector as numbers, none where it is not in the file."""
        found = array("I")
        if number <= self._count:
            self._file.seek((number + 1) * self._size)
            raw = self._file.read(self._size)
            found.frombytes(raw[: len(raw) // 4 * 4])
        return found

    def table(self, header: bytes) -> "array[int] | None":
        """Return which sector follows which, None where its own chain is a circle."""
        numbers = array("I", header[76 : 76 + 4 * _DIRECT])
        (following,) = struct.unpack("<I", header[68:72])
        for _ in range(self._count + 1):
            if following >= _LAST:
                break
            more = self.read(following)
            if not more:
                break
            following = more.pop()
            numbers += more
        else:
            return None
        found = array("I")
        for number in dict.fromkeys(n for n in numbers if n < _LAST):
            found += self.read(number)
        return found

    def chain(self, table: "array[int]", start: int) -> "array[int]":
        """Return the numbers in the sectors of a chain, which is no circle."""
        found = array("I")
        while start < len(table):
            found += self.read(start)
            start = table[start]
        return found


def _has_circle(following: "array[int]") -> bool:
    """Say whether following the numbers anywhere leads back to where one was."""
    seen = array("I", bytes(4 * len(following)))  # in which walk a place was passed, 0 for never
    for start in range(len(following)):
        place = start
        while place < len(following) and not seen[place]:
            seen[place] = start + 1
            place = following[place]
        if place < len(following) and seen[place] == start + 1:
            return True
    return False
