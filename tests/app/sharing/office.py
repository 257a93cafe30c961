"""Colleagues: real processes that have a workspace open and do what they are told, line by line."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
_PROGRAM = """
import sys
from datetime import UTC, datetime, timedelta
from sqlalchemy import select, text
from app.commands.companies import create_company
from app.errors import CloseknitError
from app.sharing.job_leases import JobLeases, Turn
from app.sharing.verdict import Mode
from app.workspace import Workspace
from models import clock

location, name, mode, skew = sys.argv[1:]
if float(skew):
    clock._source = lambda: datetime.now(UTC) + timedelta(minutes=float(skew))
workspace = Workspace.open(
    location, user_name=name, watch=False, mode=Mode(mode) if mode else None
)
leases = JobLeases(workspace.database.process, name, seconds=1.0, renew_seconds=0.2)

def say(*words):
    print(*words, flush=True)

def act(session, who):
    row = session.execute(text("SELECT turn FROM job_lease WHERE name = 'job'")).one()
    return create_company(session, name=f"{row.turn} {who}")

say("open", workspace.mode or "server")
for line in sys.stdin:
    what, _, rest = line.strip().partition(" ")
    try:
        if what == "save":
            say(workspace.change("Make", create_company, name=rest))
        elif what == "hold":
            with workspace.database.changing("Hold") as session:
                create_company(session, name=rest)
                session.flush()
                say("holding")
                sys.stdin.readline()
            say("released")
        elif what == "read":
            with workspace.database.reading(patient=True) as session:
                session.execute(text("SELECT count(*) FROM company")).scalar()
                say("reading")
                sys.stdin.readline()
            say("done")
        elif what == "work":  # one turn of what the elected computer does
            turn = workspace.read(leases.look, "job")
            if turn is Turn.WAIT and not leases.is_held("job"):
                say("not elected")
            else:
                made = workspace.change("Work", leases.elected("job", act), who=name)
                say("worked" if made else "not elected")
        elif what == "beat":
            workspace.change("Heartbeat", workspace.heartbeat)
            say("beaten")
        elif what == "warnings":
            say(" ".join(str(x) for x in workspace.warnings))
        elif what == "close":
            break
    except CloseknitError as error:
        say("FAILED", error)
workspace.close()
"""


class Colleague:
    """One running program of the office."""

    def __init__(self, location: str, name: str, *, mode: str = "", skew: float = 0.0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, location, name, mode, str(skew)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        self.opened = self.hear()

    def hear(self) -> str:
        """Wait for what it says next."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def say(self, line: str) -> None:
        """Tell it what to do, without waiting."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line: str) -> str:
        """Tell it what to do, and wait for its answer."""
        self.say(line)
        return self.hear()

    def stop(self) -> None:
        """Let it stand still, as a computer that sleeps."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Wake it."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without any goodbye."""
        self.process.kill()
        self.process.communicate()

    def close(self) -> int:
        """Close its workspace and wait for its end."""
        if self.process.poll() is None:
            self.go_on()
            self.say("close")
        self.process.communicate(timeout=60)
        return self.process.returncode


def wait_until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for a condition."""
    tick, ends_at = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "it never came to that"
        tick.wait(0.02)
