"""Which files of a folder are there to be taken: not those that are still being written."""

from typing import Final

REPORTS: Final = "Not taken"  # the subfolder for reports
_ENDINGS: Final = (
    ".part", ".partial", ".crdownload", ".download", ".opdownload", ".tmp", ".temp", ".filepart",
    ".swp", ".swx", ".lock", ".lck", ".aria2", ".!ut", ".bak", "~",
)  # fmt: skip
_STARTS: Final = (".", "~$", "~wrl", "._")
_NAMES: Final = frozenset({"thumbs.db", "desktop.ini", "icon\r"})


def is_temporary(name: str) -> bool:
    """Say whether a name is one that programs give to files which nobody should read yet."""
    folded = name.casefold()
    return folded.endswith(_ENDINGS) or folded.startswith(_STARTS) or folded in _NAMES
