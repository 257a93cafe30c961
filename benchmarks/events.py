"""Events into one workspace, end to end, against bare orjson and executemany in the same run.

`python -m benchmarks.events [--events 600000]`. The stream: a tenth of the visitors become known,
a fifth of the events are the shop's with money, every message has an id, a device and a context.
"""

import argparse
import itertools
import os
import random
import shutil
import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import orjson

from app.exchange.pace import import_pace
from app.exchange.plan import plan_file
from app.exchange.runs import ImportRun, region_of, undo_batches
from app.workspace import Workspace
from benchmarks.figures import Figure, heading
from benchmarks.ground import FOLDER, Ground, remove

WANTED: Final = 60_000  # events a second
EVENTS: Final = 600_000
_AT_ONCE: Final = 25_000
_NAMES: Final = ("Product Viewed", "Product Added", "Products Searched", "Cart Viewed")
_BEGIN: Final = datetime(2026, 3, 1)  # noqa: DTZ001  written with a Z of its own


def write_stream(path: Path, number: int) -> None:
    """Write a stream of events as Segment's and RudderStack's archives hold them."""
    rng = random.Random(7)
    visitors = [
        (str(uuid.UUID(int=rng.getrandbits(128))), f"u{n}" if n % 10 == 0 else None)
        for n in range(number // 10)
    ]
    with path.open("wb") as file:
        for n in range(number):
            device, user = rng.choice(visitors)
            at = (_BEGIN + timedelta(seconds=n)).isoformat(timespec="milliseconds") + "Z"
            message = _message(rng, n, user)
            message |= {
                "messageId": str(uuid.UUID(int=rng.getrandbits(128))),
                "anonymousId": device,
                "timestamp": at,
                "sentAt": at,
                "context": {"ip": "203.0.113.7", "locale": "de-DE", "page": {"path": "/lamps"}},
            }
            file.write(orjson.dumps(message) + b"\n")


def _message(rng: random.Random, n: int, user: str | None) -> dict[str, object]:
    share = rng.random()
    if user is not None and share < 0.1:
        traits = {"email": f"{user}@mail.example", "name": f"Person {user}"}
        return {"type": "identify", "userId": user, "traits": traits}
    if share < 0.5:
        return {"type": "page", "name": "Lamps", "properties": {"path": "/lamps", "title": "Lamps"}}
    thing = {"product_id": str(n % 900), "price": 19.9, "quantity": 1, "category": "Lamps"}
    if share < 0.95:
        return {"type": "track", "event": rng.choice(_NAMES), "properties": thing}
    order = {"order_id": f"o{n}", "revenue": 59.7, "currency": "EUR"}
    return {"type": "track", "event": "Order Completed", "properties": order}


def measure_bare(stream: Path, empty: Path) -> float:
    """Return the seconds of parsing and inserting alone: no check, no people, the same indexes."""
    import pysqlite3.dbapi2 as sqlite

    path = FOLDER / "events-bare.closeknit"
    remove(path)
    shutil.copy(empty, path)
    connection = sqlite.connect(str(path), isolation_level=None)
    for pragma in ("synchronous=FULL", "cache_size=-65536", "wal_autocheckpoint=48000"):
        connection.execute(f"PRAGMA {pragma}")
    statement = (
        "INSERT INTO event (id, created_at, updated_at, row_version, name, at, message_id, "
        "anonymous_id, properties) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)"
    )
    started = time.perf_counter()
    number = 0
    with stream.open("rb") as file:
        while lines := list(itertools.islice(file, _AT_ONCE)):
            rows = []
            for line in lines:
                m = orjson.loads(line)
                number += 1
                at = m["timestamp"]
                name = m.get("event") or m["type"]
                rest = orjson.dumps(m.get("properties")).decode()
                rows.append((number, at, at, name, at, m["messageId"], m["anonymousId"], rest))
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, rows)
            connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    remove(path)
    return seconds


def measure(_ground: Ground) -> list[Figure]:
    """Return the figures of a stream that needs no ground."""
    return measure_stream(EVENTS // 2)


def measure_stream(events: int = EVENTS) -> list[Figure]:
    """Return the figures of a first import, of a second one and of its undo."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stream, empty = FOLDER / f"events-{events}.jsonl", FOLDER / "events-empty.closeknit"
    if not stream.exists():
        write_stream(stream, events)
    remove(empty)
    Workspace.open(empty, create=True, user_name="Bench", watch=False).close()
    bare = measure_bare(stream, empty)
    path = FOLDER / "events.closeknit"
    remove(path)
    shutil.copy(empty, path)
    workspace = Workspace.open(path, user_name="Bench", watch=False)
    seconds = []
    try:
        with import_pace():
            plan = plan_file(stream, region=region_of(workspace))
            for _ in range(2):
                started = time.perf_counter()
                (result,) = ImportRun(workspace, [plan]).run()
                seconds.append(time.perf_counter() - started)
                print({str(k): n for k, n in result.tally.counts.items()}, dict(result.tally.links))
            started = time.perf_counter()
            first = [batch for batch in [result.batch_id] if batch is not None]
            undo_batches(workspace, first)
            seconds.append(time.perf_counter() - started)
    finally:
        workspace.close()
        remove(path)
    made, again = seconds[0] / events * 1e6, seconds[1] / events * 1e6
    limit = 1e6 / WANTED
    shown = f"{events:,} events"
    return [
        Figure(f"{shown}, each ({1e6 / made:,.0f}/s)", made, "µs", limit, bare / events * 1e6,
               "orjson + executemany"),
        Figure(f"{shown} again, each ({1e6 / again:,.0f}/s)", again, "µs", limit),
    ]  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    args = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    print(heading(), flush=True)
    for figure in measure_stream(args.events):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
