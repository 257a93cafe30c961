"""How the process of an import shares its time between reading, writing and cleaning up."""

import gc
import sys
from typing import Final

GARBAGE_THRESHOLD: Final = 50_000
SWITCH_SECONDS: Final = 0.0005


def set_pace() -> None:
    """Tune this process, which does nothing but take files in; not for a window's process."""
    # What is loaded by now stays; rows come and go by the thousand and hold no cycles.
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    # The store answers the writing thread many times in a millisecond; with Python's usual 5 ms
    # it would wait that long each time for the reading thread to give way.
    sys.setswitchinterval(SWITCH_SECONDS)
