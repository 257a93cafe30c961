"""The commands `list` and `show`."""

import argparse
from typing import Any, Final

from app.cli.opening import open_to_look
from app.cli.run import DONE, print_json
from app.cli.table import print_table
from app.queries.records_json import full_record, record_list

_KIND_OF: Final = {
    "companies": "company", "contacts": "contact", "products": "product", "users": "user",
    "deals": "deal", "tickets": "ticket", "tasks": "task", "activities": "activity",
    "appointments": "appointment", "orders": "order", "events": "event",
}  # fmt: skip
_SHOWN: Final = {
    "company": ("id", "name", "industry", "employees", "country", "owner"),
    "contact": ("id", "name", "company", "job_title", "email", "phone", "lifecycle", "owner"),
    "product": ("id", "name", "code", "category", "price", "currency"),
    "user": ("id", "name", "role", "team", "region", "email"),
    "deal": ("id", "name", "company", "stage", "amount", "currency", "expected_close_on", "owner"),
    "ticket": ("id", "number", "subject", "status", "priority", "company", "owner", "next_due_at"),
    "task": ("id", "title", "due_at", "done_at", "contact", "owner"),
    "activity": ("id", "at", "kind", "subject", "contact", "company", "user"),
    "appointment": ("id", "starts_at", "ends_at", "title", "repeats", "contact", "owner"),
    "order": ("id", "number", "at", "status", "total", "currency", "contact", "company"),
    "event": ("id", "at", "name", "contact", "revenue", "currency"),
}


def run_list(args: argparse.Namespace) -> int:
    """Print the records of a kind, all or those with certain words."""
    kind = _KIND_OF[args.kind]
    workspace = open_to_look(args.workspace)
    try:
        rows = workspace.read(record_list, kind, words=args.filter, limit=args.limit)
    finally:
        workspace.close()
    if args.json:
        print_json(rows)
    else:
        print_table([{key: row.get(key) for key in _SHOWN[kind]} for row in rows])
    return DONE


def run_show(args: argparse.Namespace) -> int:
    """Print one record with all that belongs to it."""
    workspace = open_to_look(args.workspace)
    try:
        found = workspace.read(full_record, args.kind, args.id)
    finally:
        workspace.close()
    if args.json:
        print_json(found)
    else:
        _print_tree(found)
    return DONE


def _print_tree(found: dict[str, Any], indent: str = "") -> None:
    for key, value in found.items():
        if isinstance(value, dict) and value:
            print(f"{indent}{key}:")
            _print_tree(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            print(f"{indent}{key}:")
            for item in value:
                print(f"{indent}  -")
                _print_tree(item, indent + "    ")
        elif value not in (None, [], {}):
            print(f"{indent}{key}: {value}")
