"""The difference of two ordered id lists: as few row signals, or as one layout change."""

from array import array
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

MAX_MIDDLE: Final = 2_000
MAX_RUNS: Final = 40
FEW: Final = 4


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive rows from `first` on; for an insertion with the ids that come there."""

    first: int
    ids: "array[int]"

    @property
    def last(self) -> int:
        """The last row of the run."""
        return self.first + len(self.ids) - 1


@dataclass(frozen=True, slots=True)
class SmallChange:
    """Removals, to be applied from the bottom up, then insertions from the top down."""

    removals: tuple[Run, ...]
    insertions: tuple[Run, ...]


def small_change(old: "array[int]", new: "array[int]") -> SmallChange | None:
    """Return the row runs that lead from old to new, or None when a layout change is cheaper."""
    head = _common_head(old, new)
    tail = _common_tail(old, new, head)
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if not old_middle:
        return SmallChange((), (Run(head, new_middle),) if new_middle else ())
    if not new_middle:
        return SmallChange((Run(head, old_middle),), ())
    if len(old_middle) + len(new_middle) > MAX_MIDDLE:
        return None
    before, after = set(old_middle), set(new_middle)
    if [i for i in old_middle if i in after] != [i for i in new_middle if i in before]:
        return None
    removals = _runs(old_middle, after, head)
    insertions = _runs(new_middle, before, head)
    if len(removals) + len(insertions) > MAX_RUNS:
        return None
    return SmallChange(tuple(reversed(removals)), tuple(insertions))


def _runs(middle: "array[int]", others: set[int], offset: int) -> list[Run]:
    """Group the ids that the other list lacks into runs of neighbours."""
    runs: list[Run] = []
    for row, record_id in enumerate(middle, offset):
        if record_id in others:
            continue
        if runs and runs[-1].last + 1 == row:
            runs[-1].ids.append(record_id)
        else:
            runs.append(Run(row, array("q", [record_id])))
    return runs


def _common_head(old: "array[int]", new: "array[int]") -> int:
    """Count the equal ids at the start, by halving: array slices compare in C."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_tail(old: "array[int]", new: "array[int]", head: int) -> int:
    low, high = 0, min(len(old), len(new)) - head
    while low < high:
        middle = (low + high + 1) // 2
        olds = old[len(old) - middle : len(old) - low]
        if olds == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def places_of(needed: set[int], ids: "array[int]") -> dict[int, int]:
    """Return the rows of some ids; for few of them the array's own search is quicker."""
    if len(needed) > FEW:
        return {key: row for row, key in enumerate(ids) if key in needed}
    places: dict[int, int] = {}
    for key in needed:
        with suppress(ValueError):
            places[key] = ids.index(key)
    return places
