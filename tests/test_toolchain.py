"""Guards against faults of the libraries we stand on."""

import json
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QObject, Signal

ROOT = Path(__file__).resolve().parents[1]


class Sender(QObject):
    sent = Signal(object)


def test_signals_do_not_eat_references(qapp: QObject) -> None:
    # PySide6 6.12.0 dropped a reference to True with each emit and aborted after some 500.
    sender = Sender()
    sender.sent.connect(lambda _value: None)
    before = sys.getrefcount(True)
    for _ in range(200):
        sender.sent.emit(True)
    assert sys.getrefcount(True) >= before - 5


def test_ids_cross_signals_and_json_exactly(qapp: QObject) -> None:
    got: list[int] = []
    sender = Sender()
    sender.sent.connect(got.append)
    big = 2**63 - 1
    sender.sent.emit(big)
    assert got == [big]
    assert json.loads(json.dumps(str(big))) == str(big)


def test_sqlite_is_one_without_the_wal_reset_bug() -> None:
    import pysqlite3.dbapi2 as sqlite

    assert tuple(map(int, sqlite.sqlite_version.split("."))) >= (3, 51, 3)


def test_the_lock_names_no_host_and_pins_everything_by_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    pins = [line for line in lock.splitlines() if "==" in line and not line.startswith("#")]
    assert len(pins) > 30
    assert lock.count("--hash=sha256:") >= len(pins)
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "uv.lock" not in tracked.stdout.splitlines()


def test_a_command_does_not_import_qt() -> None:
    program = (
        "import sys, main\n"
        "try:\n    main.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "sys.exit(any(m.split('.')[0] in ('PySide6', 'matplotlib') for m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0
