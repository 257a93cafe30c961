"""Several changes as one, for a page that was hidden while they happened."""

from collections.abc import Mapping
from dataclasses import replace

from app.changes import Changes


def merge_changes(first: Changes, second: Changes) -> Changes:
    """Return one Changes that names everything both touched; it counts as nobody's own."""
    return replace(
        second,
        origin=None,
        foreign=first.foreign or second.foreign,
        created=_union(first.created, second.created),
        updated=_union(first.updated, second.updated),
        deleted=_union(first.deleted, second.deleted),
        reload=first.reload | second.reload,
    )


def _union(
    first: Mapping[str, frozenset[int]], second: Mapping[str, frozenset[int]]
) -> dict[str, frozenset[int]]:
    return {
        kind: first.get(kind, frozenset()) | second.get(kind, frozenset())
        for kind in {*first, *second}
    }
