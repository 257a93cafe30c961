"""What the tests of backups start as processes of their own: writers, and a backup to be killed."""

import sys
from pathlib import Path

from app.commands.companies import create_company
from app.sharing.backup_files import Reason
from app.sharing.backups import Wish, back_up
from app.workspace import Workspace


def _tell(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def write(path: str, name: str) -> None:
    """Make a company whenever told to, and tell each one that is stored."""
    opened = Workspace.open(path, watch=False)
    _tell("ready")
    n = 0
    try:
        while sys.stdin.readline().strip() == "go":
            n += 1
            opened.change("Add company", create_company, name=f"{name} {n}")
            _tell(str(n))
    finally:
        opened.close()


def stop_half_way(path: str) -> None:
    """Begin a backup and stand still in the middle of copying, to be killed."""
    told = False

    def unwanted() -> bool:
        nonlocal told
        if not told:
            told = True
            _tell("copying")
        sys.stdin.readline()
        return False

    back_up(Path(path), Reason.ASKED, wish=Wish(unwanted=unwanted))


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(*sys.argv[2:])
    else:
        stop_half_way(*sys.argv[2:])
