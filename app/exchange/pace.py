"""How the process of an import shares its time between reading, writing and cleaning up."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

GARBAGE_THRESHOLD: Final = 50_000
SWITCH_SECONDS: Final = 0.0005


@contextmanager
def import_pace() -> Iterator[None]:
    """Tune a process that does nothing but take files in; never a window's.

    What is loaded by now stays, and rows come and go by the thousand without cycles: looking for
    garbage as often as usual took a tenth of the time. And the store answers the writing thread
    many times in a millisecond; with Python's usual 5 ms it would wait that long for each answer
    while the reading thread computes.
    """
    threshold, seconds = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(seconds)
        gc.set_threshold(*threshold)
        gc.unfreeze()
