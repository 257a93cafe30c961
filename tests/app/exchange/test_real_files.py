"""Each file of the index comes in as it says, once, and goes again without a trace."""

from pathlib import Path
from typing import Final

import pytest

from tests.app.exchange.real_files import REAL, Entry, differences, entries, walk

ENTRIES: Final = entries()
# Where INDEX.md counts otherwise than records can be, or holds nothing to be one.
REASONS: Final[dict[str, str]] = {}
# Not CRM data: refused with what was seen and what to do.
REFUSED: Final = "not CRM data"


@pytest.mark.skipif(not ENTRIES, reason=f"the real files are not in {REAL}")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_a_real_file(entry: Entry, tmp_path: Path) -> None:
    got = walk(entry, tmp_path)
    print(f"{entry.key} | {entry.expected} | {got.words()} | {REASONS.get(entry.key, '')}")
    if got.refused:
        assert entry.key in REASONS
        assert entry.name in got.refused
        return
    rows = ("created", "updated", "merged", "unchanged", "skipped", "failed")
    assert got.counts["read"] == sum(got.counts[word] for word in rows)
    assert bool(differences(entry, got)) == (entry.key in REASONS), differences(entry, got)
    taken = got.counts["read"] - got.counts["skipped"] - got.counts["failed"]
    assert got.again["unchanged"] == taken
    assert got.again["failed"] == got.counts["failed"]
    assert got.left == {}
