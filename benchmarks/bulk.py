"""The demo and the import from the command line, by themselves."""

import time

from benchmarks.figures import Figure
from benchmarks.ground import FOLDER, Ground, remove, run_program


def measure(ground: Ground) -> list[Figure]:
    """Return the time of the demo, when it was made in this run, and of an import."""
    figures = []
    if ground.demo_seconds is not None:
        name = f"demo of {ground.contacts:,} contacts"
        figures.append(Figure(name, ground.demo_seconds, "s", 120))
    path = FOLDER / "cli-import.closeknit"
    remove(path)
    started = time.perf_counter()
    run_program("import", str(ground.people), "-w", str(path), "--as", "contacts", "--json")
    seconds = time.perf_counter() - started
    remove(path)
    return [*figures, Figure(f"import of {ground.contacts:,} contacts", seconds, "s", 40)]
