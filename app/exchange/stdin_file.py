"""What comes on standard input, as a file: readers go over a file more than once."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

STDIN: Final = "-"


@contextmanager
def taken_from_stdin() -> Iterator[str]:
    """Copy standard input into a file that is gone afterwards; give its path."""
    with TemporaryDirectory(prefix="closeknit-stdin-") as folder:
        path = Path(folder) / "standard input"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield str(path)
