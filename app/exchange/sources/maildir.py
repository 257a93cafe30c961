"""Maildir: a folder with a file for each mail; and any folder of .eml files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.exchange.mail.parsing import HEADERS, UNREADABLE, dialect, stated
from app.exchange.sources.message import row_of_file
from app.exchange.tables import Dialect, RawTable, SourceRow, Stated

_BOXES: Final = ("cur", "new")
_ENDING: Final = ".eml"


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a folder has mails in it, as a Maildir does or as files of their own."""
    del head
    if not path.is_dir():
        return False
    if any((path / box).is_dir() for box in _BOXES):
        return True
    return any(file.suffix.casefold() == _ENDING for file in path.iterdir())


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a folder of mails."""
    del head, reading
    return Maildir(path)


@dataclass(frozen=True, slots=True)
class Maildir:
    """The mails of a folder and of the folders within it, in the order of their names."""

    path: Path
    stated: Stated = field(default_factory=lambda: stated("Maildir"))
    dialect: Dialect = field(default_factory=lambda: dialect("maildir"))

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield a row for each mail."""
        for number, file in enumerate(_files(self.path), start=1):
            try:
                row = row_of_file(number, file)
            except OSError:  # read and moved by a mail program at this moment
                row = SourceRow(number, ("",) * len(HEADERS), problem=UNREADABLE)
            yield row

    def count_rows(self) -> int:
        """Return how many mails there are."""
        return sum(1 for _ in _files(self.path))


def _files(path: Path) -> Iterator[Path]:
    boxes = [path / box for box in _BOXES if (path / box).is_dir()]
    if not boxes:
        yield from sorted(f for f in path.iterdir() if f.suffix.casefold() == _ENDING)
        return
    for box in boxes:
        yield from sorted(f for f in box.iterdir() if f.is_file() and not f.name.startswith("."))
    # Maildir++ keeps folders as ".Name", others as "Name", each with boxes of its own.
    for folder in sorted(path.iterdir()):
        is_box = folder.name in {*_BOXES, "tmp"} or folder.is_symlink()
        if not is_box and any((folder / box).is_dir() for box in _BOXES):
            yield from _files(folder)
