"""Prints rows as a plain table for people."""

from collections.abc import Mapping, Sequence
from typing import Any

_WIDEST = 40


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows under their keys; numbers to the right, long texts cut."""
    if not rows:
        print("(none)")
        return
    keys = list(rows[0])
    cells = [[_cell(row.get(key)) for key in keys] for row in rows]
    widths = [max(len(key), *(len(line[i]) for line in cells)) for i, key in enumerate(keys)]
    right = [all(_is_number(line[i]) for line in cells) for i in range(len(keys))]
    print("  ".join(_padded(key, widths[i], right[i]) for i, key in enumerate(keys)).rstrip())
    for line in cells:
        print("  ".join(_padded(x, widths[i], right[i]) for i, x in enumerate(line)).rstrip())


def _cell(value: Any) -> str:
    if isinstance(value, float):
        value = f"{value:.3f}"
    text = "" if value is None else str(value).replace("\n", " ")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _is_number(text: str) -> bool:
    return not text or text.lstrip("-").replace(".", "", 1).isdigit()


def _padded(text: str, width: int, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)
