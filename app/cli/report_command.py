"""The command `report`."""

import argparse
from typing import Any

from app.cli.opening import open_to_look
from app.cli.run import DONE, print_json
from app.cli.table import print_table
from app.queries.reports import Report, ReportRow, report
from models.values import Money


def run_report(args: argparse.Namespace) -> int:
    """Print a report from the same query function as the charts."""
    workspace = open_to_look(args.workspace)
    try:
        found = workspace.read(report, args.report, start=args.start, end=args.end, by=args.by)
    finally:
        workspace.close()
    if args.json:
        print_json(report_json(found))
        return DONE
    rows = [{"key": row.key} | _measures(row, found.currency) for row in found.rows]
    print_table([*rows, {"key": "total"} | _measures(found.total, found.currency)])
    print(f"amounts in {found.currency}")
    return DONE


def report_json(found: Report) -> dict[str, Any]:
    """Return a report as the command line prints it."""
    return {
        "report": found.name,
        "from": found.start.isoformat() if found.start else None,
        "to": found.end.isoformat() if found.end else None,
        "currency": found.currency,
        "total": _measures(found.total, found.currency),
        "rows": [{"key": row.key} | _measures(row, found.currency) for row in found.rows],
    }


def _measures(row: ReportRow, currency: str) -> dict[str, Any]:
    measures: dict[str, Any] = {"count": row.count, "amount": _text(row.amount_minor, currency)}
    for name, value in row.more.items():
        if name.endswith("_minor"):
            key = name.removesuffix("_minor")
            # "won" is how many; what they come to needs a name of its own.
            key = f"{key}_amount" if key in row.more else key
            measures[key] = _text(round(value), currency)
        else:
            measures[name] = value
    return measures


def _text(minor: int, currency: str) -> str:
    return Money(minor, currency).text()
