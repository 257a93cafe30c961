"""The command line's `imports list`: what was taken in, from where, by whom, with what result."""

import argparse
from typing import Any

from app.cli.opening import open_to_look
from app.cli.run import print_json
from app.cli.table import print_table
from app.queries.imports import ImportBatchRow, import_batches

MOST = 100


def run_imports(args: argparse.Namespace) -> int:
    """Print the imports, the newest first."""
    workspace = open_to_look(args.workspace)
    try:
        rows = workspace.read(import_batches, limit=args.limit or MOST)
    finally:
        workspace.close()
    found = [_as_json(row) for row in rows]
    if args.json:
        print_json(found)
    else:
        print_table([{key: each[key] for key in _SHOWN} for each in found])
    return 0


_SHOWN = ("id", "started_at", "file", "kind", "state", "read", "created", "updated", "failed")


def _as_json(row: ImportBatchRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "file": row.file_name,
        "source": row.source,
        "kind": row.kind,
        "program": row.layout,
        "state": row.state.value,
        "started_at": row.started_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "user": row.user_name,
        "read": row.read,
        "created": row.created,
        "updated": row.updated,
        "merged": row.merged,
        "unchanged": row.unchanged,
        "skipped": row.skipped,
        "failed": row.failed,
        "undo": row.undo_report,
    }
