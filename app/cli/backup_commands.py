"""The commands `backup`, `backups list` and `restore`."""

import argparse
import getpass
from datetime import timedelta
from pathlib import Path

from app.cli.run import DONE, print_json
from app.errors import EnvironmentFault, UserError
from app.sharing.backup_files import Backup, Reason, backup_folder, backups_of, newest_verified
from app.sharing.backups import back_up
from app.sharing.restoring import Differences, Restored, check_backup, preview, restore
from app.sqlite_file import check_path

NEWEST = "newest"
_MEGABYTE = 1_000_000
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def run_backup(args: argparse.Namespace) -> int:
    """Make a backup now, check it, and say where it lies."""
    source = _file_of(args.workspace)
    check_path(source, create=False)
    made = back_up(source, Reason.ASKED, user=_user())
    if args.json:
        print_json(made.as_json())
    else:
        print(f"{made.path}")
        print(f"{_size(made.size)}, {sum(made.counts.values()):,} rows, checked.")
    return DONE


def run_backups(args: argparse.Namespace) -> int:
    """List the backups of a workspace on this computer, newest first."""
    source = _file_of(args.workspace)
    found = backups_of(source)
    if args.json:
        folder = str(backup_folder(source))
        print_json({"folder": folder, "backups": [backup.as_json() for backup in found]})
        return DONE
    if not found:
        print(f"No backups yet in {backup_folder(source)}.")
    for backup in found:
        print(_line(backup))
    return DONE


def run_restore(args: argparse.Namespace) -> int:
    """Bring a backup back, or only say what that would change."""
    target = _file_of(args.to)
    backup = _chosen(args.backup, _file_of(args.workspace) if args.workspace else target)
    if args.preview:
        check_backup(backup)
        _print_preview(preview(backup, target), json=args.json)
        return DONE
    done = restore(backup, target, replace=args.replace, user=_user())
    if args.json:
        print_json(
            {
                "restored": str(done.path),
                "from": str(backup),
                "replaced": str(done.replaced.path) if done.replaced else None,
                "kept": [str(path) for path in done.kept],
            }
        )
    else:
        _print_restored(done)
    return DONE


def _chosen(name: str, source: Path) -> Path:
    """Return the backup of a name; “newest” is the newest of a workspace."""
    if name != NEWEST:
        return Path(name).expanduser().absolute()
    found = newest_verified(source)
    if found is None:
        raise UserError("There is no backup of {path} on this computer.", path=str(source))
    return found.path


def _file_of(location: str) -> Path:
    if "://" in location:
        raise EnvironmentFault(
            "A workspace on a database server has no backups on this computer.",
            remedy="Its server's own backups are responsible for it (pg_dump, or its "
            "administrator); “move --to FILE” brings the workspace itself into a file.",
        )
    return Path(location).expanduser().absolute()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without names
        return ""


def _print_restored(done: Restored) -> None:
    print(f"Restored to {done.path}.")
    if done.replaced is not None:
        print(f"What stood there is kept as a backup: {done.replaced.path}")
    for path in done.kept:
        print(f"What stood there is kept as {path}")


def _print_preview(found: Differences, *, json: bool) -> None:
    if json:
        print_json(found.as_json())
        return
    if found.problem is not None:
        print(f"The present file cannot be compared: {found.problem}")
        print(f"The backup holds {sum(kind.in_backup for kind in found.kinds):,} records.")
    elif found.is_same:
        print("Both hold the same records.")
    for kind in () if found.problem is not None else found.kinds:
        if not kind.is_same:
            print(
                f"{kind.kind}: {kind.only_in_current:,} would go, {kind.only_in_backup:,} would "
                f"come back, {kind.changed:,} would be as before"
            )
    for name, change in (("backup", found.backup_change), ("present", found.current_change)):
        if change is not None:
            who = f" by {change.user}" if change.user else ""
            when = f"{change.at.astimezone():%Y-%m-%d %H:%M}"
            print(f"Newest change in the {name} file: {when}, {change.label}{who}")
    if found.steps_lost:
        print(f"{found.steps_lost:,} changes since the backup would be lost.")


def _line(backup: Backup) -> str:
    state = "checked" if backup.verified else "DAMAGED"
    return (
        f"{backup.at.astimezone():%Y-%m-%d %H:%M}  {_age(backup.age()):>12}  "
        f"{_size(backup.size):>10}  {backup.reason.value:<9}  {state}  {backup.path}"
    )


def _age(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    for name, length in _UNITS:
        if seconds >= length:
            n = seconds // length
            return f"{n} {name}{'s' if n > 1 else ''}"
    return "just now"


def _size(size: int) -> str:
    return f"{size / _MEGABYTE:,.1f} MB"
