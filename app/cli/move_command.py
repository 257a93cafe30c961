"""The commands `move` and `logins`."""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from app.cli.run import DONE, FAILED, WRONG_USAGE, print_json
from app.cli.table import print_table
from app.errors import EnvironmentFault, UserError
from app.settings import without_password
from app.sharing.moving import MoveReport, move_closed, read_again
from app.sharing.presence import who
from app.workspace import Workspace

_SHOWN_DIGITS = 16


def run_move(args: argparse.Namespace) -> int:
    """Move a workspace and print what was counted on both sides."""
    opened = Workspace.open(args.workspace, watch=False)  # upgrades it where that is due
    url, shared, why_not = opened.database.url, opened.database.shared, opened.why_read_only
    others = opened.read(who, process=opened.database.process)
    opened.close()
    if args.take_back:
        return _take_back(url, shared=shared, place=opened.location)
    if opened.read_only:
        raise EnvironmentFault(
            "{place} cannot be moved from here. {why}",
            remedy="Move it with a login, or on a computer, that may write to it.",
            place=without_password(args.workspace),
            why=why_not,
        )
    for other in others:
        if not other.this_process and not other.stale:
            print(
                f"closeknit: {other.user or 'Somebody'} on {other.host} has it open and cannot "
                "save there any more once it has moved.",
                file=sys.stderr,
            )
    report = move_closed(url, args.to, shared=shared, progress=_progress())
    wrong = read_again(report, args.to) if args.verify else []
    for table in wrong:
        print(f"closeknit: {table.name} was read again and is not what was moved.", file=sys.stderr)
    if args.json:
        print_json(_as_json(report) | {"read_again": not wrong if args.verify else None})
    else:
        _print(report, read_again=bool(args.verify and not wrong))
    return FAILED if wrong else DONE


def _take_back(url: Any, *, shared: bool, place: str) -> int:
    from app.sharing.moved_mark import take_back

    if not take_back(url, shared=shared):
        raise UserError("{place} was not moved; it is in use as it is.", place=place)
    print(f"{place} can be used again. What is saved in the new place does not come here.")
    return DONE


def run_logins(args: argparse.Namespace) -> int:
    """Show, make, change and remove the logins of a workspace on a server."""
    from app.sharing import server_roles as roles
    from app.sharing.passwords import login_url
    from app.sharing.server_rights import ServerRole

    if args.action != "list" and not args.name:
        print(f"closeknit: name the login: logins {args.action} NAME", file=sys.stderr)
        return WRONG_USAGE
    url, role = login_url(args.workspace), ServerRole(args.role)
    if args.action == "list":
        logins = [asdict(login) for login in roles.list_server_logins(url)]
        print_json(logins) if args.json else print_table(logins)
        return DONE
    done: dict[str, Any] = {"name": args.name}
    if args.action == "add":
        done = asdict(roles.add_server_login(url, args.name, role))
    elif args.action == "change":
        roles.change_server_role(url, args.name, role)
        done["role"] = role.value
    else:
        done["removed_from_server"] = roles.remove_server_login(url, args.name)
    if args.json:
        print_json(done)
    else:
        print("\n".join(f"{key.replace('_', ' ')}: {value}" for key, value in done.items()))
    return DONE


def _as_json(report: MoveReport) -> dict[str, Any]:
    return {
        "from": report.source,
        "to": report.target,
        "rows": report.rows,
        "seconds": round(report.seconds, 1),
        "pointer": report.pointer,
        "tables": [asdict(table) | {"agrees": table.agrees} for table in report.tables],
    }


def _print(report: MoveReport, *, read_again: bool) -> None:
    print_table(
        [
            {
                "table": table.name,
                "rows": table.rows,
                "there": table.moved_rows,
                "checksum": table.checksum[:_SHOWN_DIGITS],
                "checksum there": table.moved_checksum[:_SHOWN_DIGITS],
            }
            for table in report.tables
        ]
    )
    again = ", and read once more" if read_again else ""
    print(f"{report.rows} rows moved to {report.target} and compared{again}.")
    print(f"{report.source} can only be read from now on.")
    if report.pointer:
        print(f"Colleagues open {report.pointer}.")


def _progress() -> Any:
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        end = "\n" if done == total else ""
        print(f"\r{done * 100 // max(total, 1)} %", end=end, file=sys.stderr, flush=True)

    return tell
