"""Two processes that take part in a handshake as two computers."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
_PARTY = """
import sys
from pathlib import Path
from app.errors import CloseknitError
from app.sharing.handshake import Side, invite, join
what, path, machine, given = sys.argv[1:]
side = Side(machine, "mount of " + machine, "host of " + machine)
try:
    if what == "invite":
        show = lambda code: print(code, flush=True)
        found = invite(Path(path), side, show=show, seconds=float(given))
    else:
        found = join(Path(path), side, given)
except CloseknitError as error:
    print("FAILED", type(error).__name__, error)
else:
    print("PASSED", found.machine, found.mount, found.host, sep="|")
"""


class Party:
    """One computer of a handshake."""

    def __init__(self, what: str, path: Path, machine: str, given: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PARTY, what, str(path), machine, given],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """Wait for a line: the code, or the end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> str:
        """Wait for the last line."""
        told, _ = self.process.communicate(timeout=90)
        return told.strip()


def inviting(path: Path, machine: str = "A", seconds: float = 60) -> tuple[Party, str]:
    """Begin a handshake; return the party and the code it shows."""
    party = Party("invite", path, machine, str(seconds))
    return party, party.line()


def joining(path: Path, code: str, machine: str = "B") -> str:
    """Join a handshake; return its end."""
    return Party("join", path, machine, code).end()
