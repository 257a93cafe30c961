"""Whether SQLite works at a place: two processes, real transactions, a conflict and a crash.

Necessary, not sufficient: sshfs, 9p and others pass between two processes of one computer. What
they cannot pass is the handshake of two computers (`app/sharing/handshake.py`).
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

PROBE_SECONDS: Final = 30.0
HIDDEN_COMMAND: Final = "--probe-child"
_TIMES: Final = 20
_START: Final = ".closeknit-probe-"
_ENDINGS: Final = ("", "-journal", "-wal", "-shm")
_LEFT_OVER_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class ProbeCheck:
    """One thing tried, and what came of it."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """All that was tried, in order; after a failure nothing more is."""

    checks: tuple[ProbeCheck, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything went well."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """Return the result as the command line prints it."""
        return {
            "passed": self.passed,
            "seconds": round(self.seconds, 2),
            "checks": [asdict(check) for check in self.checks],
        }


class _FailedError(Exception):
    """A check did not pass; its sentence."""


class _Process:
    """A child and its answers; no answer in time is an answer too."""

    def __init__(self, path: Path, ends_at: float) -> None:
        self._ends_at = ends_at
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        # One that hangs in the kernel can neither be read from nor waited for: a thread does.
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [*_child_command(), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        threading.Thread(target=self._read, name="probe", daemon=True).start()

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101  asked for above
        for line in stdout:
            self._answers.put(line)
        self._answers.put(b"")

    def tell(self, *sql: str, wait_ms: int = 5000, **more: Any) -> None:
        """Give an order and go on."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101  asked for above
        order = {"sql": sql, "wait_ms": wait_ms} | more
        try:
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.flush()
        except OSError as error:
            raise _FailedError(f"A process of the probe ended early ({error}).") from error

    def answer(self) -> dict[str, Any]:
        """Return the answer to the oldest order not yet answered."""
        try:
            line = self._answers.get(timeout=max(0.01, self._ends_at - time.monotonic()))
        except queue.Empty:
            raise _FailedError(
                "The drive did not answer in time. Check the network and the server."
            ) from None
        if not line:
            raise _FailedError("A process of the probe ended without an answer.")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, *sql: str, wait_ms: int = 5000) -> Any:
        """Give an order and return what it found; an error of SQLite's fails the check."""
        self.tell(*sql, wait_ms=wait_ms)
        return self.value()

    def value(self) -> Any:
        """Return the value of the next answer."""
        found = self.answer()
        if "error" in found:
            raise _FailedError(f"SQLite says: {found['error']}.")
        return found["value"]

    def is_locked_out(self, *sql: str) -> bool:
        """Give an order that must meet the other's lock; say whether it did."""
        self.tell(*sql, wait_ms=100)
        found = self.answer()
        if "locked" in str(found.get("error", "")):
            return True
        if "error" in found:
            raise _FailedError(f"SQLite says: {found['error']}.")
        return False

    def kill(self) -> None:
        """End the process at once, whatever it is at."""
        self._process.kill()
        _within(2.0, self._bury)  # one that hangs in the kernel ends when its drive is back

    def _bury(self) -> None:
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()


def probe(path: Path, *, seconds: float = PROBE_SECONDS) -> ProbeResult:
    """Try a scratch database beside `path`; takes about two seconds, and never over the limit."""
    started = time.monotonic()
    scratch = path.parent / f"{_START}{os.getpid():x}-{time.time_ns():x}"
    children: list[_Process] = []
    checks: list[ProbeCheck] = []
    try:
        children = [_Process(scratch, started + seconds) for _ in range(2)]
        for name, passed in _run(*children):
            checks.append(ProbeCheck(name, passed=True, detail=passed))
    except _FailedError as failure:
        name = _NAMES[len(checks)]
        checks.append(ProbeCheck(name, passed=False, detail=str(failure)))
    finally:
        for child in children:
            child.kill()
        _within(5.0, lambda: _clean(scratch))
    return ProbeResult(tuple(checks), time.monotonic() - started)


_NAMES: Final = (
    "create",
    "visible",
    "exclusive",
    "readers",
    "waiting",
    "counting",
    "crash",
    "whole",
)


def _run(one: _Process, two: _Process) -> Iterator[tuple[str, str]]:
    """Try everything in order, giving the sentence of each check that passed."""
    for name, check in zip(_NAMES, _CHECKS, strict=True):
        yield name, check(one, two)


def _create(one: _Process, _two: _Process) -> str:
    mode = one.ask("PRAGMA journal_mode=TRUNCATE")
    if mode != "truncate":
        raise _FailedError(f"The rollback journal could not be set (it is “{mode}”).")
    one.ask(
        "CREATE TABLE counter (n INTEGER NOT NULL)",
        "CREATE TABLE line (id INTEGER PRIMARY KEY, by INTEGER, filler BLOB)",
        "INSERT INTO counter VALUES (0)",
    )
    return "A database can be made here."


def _visible(one: _Process, two: _Process) -> str:
    two.ask("PRAGMA journal_mode=TRUNCATE", "SELECT n FROM counter")
    one.ask("UPDATE counter SET n = 1")
    seen = two.ask("SELECT n FROM counter")
    if seen != 1:
        raise _FailedError(f"One process saved 1, the other still reads {seen}.")
    two.ask("UPDATE counter SET n = 2")
    seen = one.ask("SELECT n FROM counter")
    if seen != 2:  # noqa: PLR2004  what the line above has stored
        raise _FailedError(f"One process saved 2, the other still reads {seen}.")
    return "Each process sees at once what the other has saved."


def _exclusive(one: _Process, two: _Process) -> str:
    one.ask("BEGIN IMMEDIATE", "UPDATE counter SET n = 3")
    if not two.is_locked_out("BEGIN IMMEDIATE"):
        raise _FailedError("Two processes could write at the same time: locks do not hold here.")
    seen = two.ask("SELECT n FROM counter")
    one.ask("ROLLBACK")
    if seen != 2:  # noqa: PLR2004  what was saved last
        raise _FailedError(f"A process read {seen}, which was never saved.")
    return "While one writes, the other cannot; it reads what was saved last."


def _readers(one: _Process, two: _Process) -> str:
    two.ask("BEGIN", "SELECT n FROM counter")
    one.ask("BEGIN IMMEDIATE", "UPDATE counter SET n = 4")
    if not one.is_locked_out("COMMIT"):
        raise _FailedError("A process saved while another was reading: its lock was not seen.")
    two.ask("COMMIT")
    one.ask("COMMIT")
    return "A save waits until the other has read to the end."


def _waiting(one: _Process, two: _Process) -> str:
    one.ask("BEGIN IMMEDIATE", "UPDATE counter SET n = 5")
    two.tell("BEGIN IMMEDIATE", "UPDATE counter SET n = n + 1", "COMMIT")
    one.ask("COMMIT")
    two.value()
    seen = one.ask("SELECT n FROM counter")
    if seen != 6:  # noqa: PLR2004  5 and one more
        raise _FailedError(f"5 and one more came to {seen}: a change was lost.")
    return "Who has to wait gets a turn, and builds on what the other has saved."


def _counting(one: _Process, two: _Process) -> str:
    for child in (one, two):
        child.tell(times=_TIMES, wait_ms=10_000)
    for child in (one, two):
        child.value()
    counted, lines = one.ask("SELECT n FROM counter"), two.ask("SELECT count(*) FROM line")
    if counted != 6 + 2 * _TIMES or lines != 2 * _TIMES:
        raise _FailedError(
            f"{2 * _TIMES} changes were saved, {counted - 6} and {lines} of them are there."
        )
    return f"{2 * _TIMES} changes by both at the same time: none was lost."


def _crash(one: _Process, two: _Process) -> str:
    # More than the memory given to it: half of the change is in the file when it is killed.
    one.ask(
        "PRAGMA cache_size=4",
        "BEGIN IMMEDIATE",
        "UPDATE counter SET n = 0",
        "WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 60) "
        "INSERT INTO line (by, filler) SELECT 0, zeroblob(4000) FROM k",
    )
    one.kill()
    seen = two.ask("SELECT n FROM counter", wait_ms=10_000)
    half = two.ask("SELECT count(*) FROM line WHERE by = 0")
    if seen != 6 + 2 * _TIMES or half:
        raise _FailedError("What a killed process had half written was left in the file.")
    two.ask("INSERT INTO line (by) VALUES (1)", wait_ms=10_000)
    return "After one was killed in the middle of a change, the other undid it and went on."


def _whole(_one: _Process, two: _Process) -> str:
    verdict = two.ask("PRAGMA integrity_check")
    if verdict != "ok":
        raise _FailedError(f"The file was damaged: {verdict}.")
    return "The file is whole."


_CHECKS: Final[tuple[Callable[[_Process, _Process], str], ...]] = (
    _create, _visible, _exclusive, _readers, _waiting, _counting, _crash, _whole,
)  # fmt: skip


def _child_command() -> list[str]:
    if getattr(sys, "frozen", False):  # inside the bundle the program is its own interpreter
        return [sys.executable, HIDDEN_COMMAND]
    return [sys.executable, "-m", "app.sharing.probe_child"]


def _within(seconds: float, work: Callable[[], None]) -> None:
    """Do something on a drive that may hang, without hanging along."""
    thread = threading.Thread(target=work, name="probe", daemon=True)
    thread.start()
    thread.join(seconds)


def _clean(scratch: Path) -> None:
    """Remove the scratch files, and those that a probe on a hanging drive once left."""
    left = [Path(f"{scratch}{ending}") for ending in _ENDINGS]
    long_ago = time.time() - _LEFT_OVER_SECONDS
    with contextlib.suppress(OSError):
        left += [x for x in scratch.parent.glob(f"{_START}*") if x.stat().st_mtime < long_ago]
    for file in left:
        with contextlib.suppress(OSError):
            file.unlink()
