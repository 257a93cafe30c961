"""One of the two processes of a probe: does to a scratch database what it is told, line by line.

Reads and writes the raw descriptors: a windowed program on Windows has no sys.stdin.
"""

import json
import os
from collections.abc import Iterator
from typing import Any


class Child:
    """A connection to the scratch database in a process of its own."""

    def __init__(self, path: str) -> None:
        import pysqlite3.dbapi2

        self._sqlite = pysqlite3.dbapi2
        self._connection = self._sqlite.connect(path, isolation_level=None, timeout=5)
        self._connection.execute("PRAGMA synchronous=EXTRA")
        self._connection.execute("PRAGMA mmap_size=0")

    def do(self, order: dict[str, Any]) -> Any:
        """Carry out one order; return what it found."""
        self._connection.execute(f"PRAGMA busy_timeout={int(order.get('wait_ms', 5000))}")
        if "times" in order:
            return self._increment(int(order["times"]))
        found: Any = None
        for statement in order["sql"]:
            row = self._connection.execute(statement).fetchone()
            found = row[0] if row else None
        return found

    def _increment(self, times: int) -> int:
        """Count up with a read and a write in one transaction; a lost update would show."""
        for _ in range(times):
            self._connection.execute("BEGIN IMMEDIATE")
            count = self._connection.execute("SELECT n FROM counter").fetchone()[0]
            self._connection.execute("UPDATE counter SET n = ?", (count + 1,))
            self._connection.execute("INSERT INTO line (by) VALUES (?)", (os.getpid(),))
            self._connection.execute("COMMIT")
        return times

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def main(arguments: list[str]) -> int:
    """Serve orders until standard input ends."""
    child: Child | None = None
    for line in _lines():
        answer: dict[str, Any]
        try:
            if child is None:
                child = Child(arguments[0])
            answer = {"value": child.do(json.loads(line))}
        except Exception as error:  # noqa: BLE001  every failure is the probe's result
            answer = {"error": str(error) or type(error).__name__}
        os.write(1, json.dumps(answer).encode() + b"\n")
    if child is not None:
        child.close()
    return 0


def _lines() -> Iterator[bytes]:
    rest = b""
    while True:
        piece = os.read(0, 65536)
        if not piece:
            return
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
