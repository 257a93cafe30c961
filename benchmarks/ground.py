"""The workspaces and files that are measured on, made once and kept in build/bench."""

import csv
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from app.demo.words import dice, words
from app.demo.words import slug as slug_of

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the measured things lie, and how long the demo took when it was made now."""

    workspace: Path
    board: Path
    people: Path
    contacts: int
    demo_seconds: float | None


def prepare(contacts: int, deals: int, cards: int, *, fresh: bool = False) -> Ground:
    """Make what is missing; `fresh` makes the demo anew, so that its time is measured."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    workspace = FOLDER / f"demo-{contacts}-{deals}.closeknit"
    seconds = None
    if fresh or not workspace.exists():
        seconds = make_demo(workspace, ["--contacts", str(contacts), "--deals", str(deals)])
    board = FOLDER / f"board-{cards}.closeknit"
    if not board.exists():
        # Of all deals of a demo 27 % are open; a few more than wanted do no harm.
        make_demo(board, ["--contacts", "3000", "--deals", str(round(cards / 0.265))])
    people = FOLDER / f"people-{contacts}.csv"
    if not people.exists():
        write_people(people, contacts)
    return Ground(workspace, board, people, contacts, seconds)


def make_demo(path: Path, sizes: list[str]) -> float:
    """Make a demo by the command line; return its seconds."""
    remove(path)
    started = time.perf_counter()
    run_program("demo", "-w", str(path), *sizes)
    return time.perf_counter() - started


def run_program(*words_: str) -> str:
    """Run `main.py` and return what it prints."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words_],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def remove(path: Path) -> None:
    """Remove a workspace with its side files."""
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def write_people(path: Path, number: int) -> None:
    """Write a file of people as another program might export it."""
    rng = dice(11, "people file")
    cultures = words("people")["cultures"]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["First name", "Last name", "E-mail", "Phone", "Company", "City", "Job title"])
        for n in range(number):
            known = cultures[rng.choice(["de", "en", "fr", "pl", "sv"])]
            given, family = rng.choice(known["given"]), rng.choice(known["family"])
            company = f"{rng.choice(words('companies')['stems'])} {n % (number // 20 + 1)}"
            mail = f"{slug_of(given)}.{slug_of(family)}.{n}@{slug_of(company)}.example"
            phone = f"+49 30 {n:08d}"
            title = rng.choice(words("people")["titles"])
            out.writerow(
                [given, family, mail, phone, company, rng.choice(["Berlin", "Lyon"]), title]
            )
