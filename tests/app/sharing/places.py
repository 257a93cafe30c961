"""Real places that fail: a small disk, and a folder behind a file system of its own process."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.sharing.outage import Outage, Situation


def _run(*words: str | Path) -> str:
    return subprocess.run(
        [str(word) for word in words], check=True, capture_output=True, text=True
    ).stdout.strip()


class SmallDisk:
    """A file system of a few megabytes on a loop device."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.image, self.root = folder / "disk.img", folder / "disk"
        self.root.mkdir()
        with self.image.open("wb") as file:
            file.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-m", "0", self.image)
        _run("mount", "-o", "loop", self.image, self.root)
        self._filler = self.root / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._filler.open("ab", buffering=0) as file:
            size = 1 << 16
            while size:
                try:
                    file.write(b"x" * size)
                except OSError:
                    size //= 2
            os.fsync(file.fileno())

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink()

    def forbid(self, *, write: bool) -> None:
        """Take away, or give back, the right to write to what lies here, from root as well."""
        # Not the memory that SQLite shares: there the kernel ends a writer with a bus error.
        files = [p for p in self.root.iterdir() if p.is_file() and not p.name.endswith("-shm")]
        _run("chattr", "-i" if write else "+i", *files)

    def end(self) -> None:
        """Take it away."""
        subprocess.run(["umount", "-l", str(self.root)], check=False, capture_output=True)


class Passage:
    """A folder seen through bindfs, whose process can hang or die as a network drive does."""

    def __init__(self, folder: Path) -> None:
        self.source, self.root = folder / "source", folder / "share"
        self.source.mkdir()
        self.root.mkdir()
        self._process: subprocess.Popen[bytes] | None = None
        self.mount()

    def mount(self) -> None:
        """Make the folder reachable."""
        self._process = subprocess.Popen(
            ["bindfs", "-f", str(self.source), str(self.root)], stderr=subprocess.DEVNULL
        )
        while not os.path.ismount(self.root):
            assert self._process.poll() is None, "bindfs ended"

    def hang(self) -> None:
        """Answer nothing any more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def break_off(self) -> None:
        """Fail at every touch, as a share whose server has died."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
        self._process.kill()
        self._process.wait()

    def unmount(self) -> None:
        """Take the broken mount away."""
        subprocess.run(["umount", "-l", str(self.root)], check=False, capture_output=True)

    def end(self) -> None:
        """Take everything away."""
        self.break_off()
        self.unmount()


def _needs(*tools: str) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing or os.name != "posix" or os.geteuid() != 0:
        pytest.skip(f"needs root and {', '.join(missing or tools)}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Give a real disk of 24 MB."""
    _needs("mkfs.ext4", "mount", "umount", "chattr")
    try:
        disk = SmallDisk(tmp_path, 24)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no loop device here: {error.stderr.strip()}")
    yield disk
    disk.end()


@pytest.fixture
def passage(tmp_path: Path) -> Iterator[Passage]:
    """Give a folder behind a real FUSE file system."""
    _needs("bindfs", "umount")
    if not Path("/dev/fuse").exists():
        pytest.skip("no FUSE here")
    made = Passage(tmp_path)
    yield made
    made.end()


def wait_until(outage: Outage, fits: Callable[[Situation], bool], seconds: float = 30) -> Situation:
    """Return the first situation that fits; fail after so many seconds."""
    import threading

    found: list[Situation] = []
    there = threading.Event()

    def look(situation: Situation) -> None:
        if not found and fits(situation):
            found.append(situation)
            there.set()

    end = outage.subscribe(look)
    look(outage.situation)
    try:
        assert there.wait(seconds), f"still {outage.situation}"
    finally:
        end()
    return found[0]
