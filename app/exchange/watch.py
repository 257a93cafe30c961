"""Takes in the files of a folder as they arrive: each content once, and only when it is whole.

Nobody tells when a file is complete. So it is taken when size and time of change were the same at
two looks, and its digest is kept: the same content again, under whatever name, is known.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from app.commands.watched_folders import (
    adopt_watched_folder,
    note_watched_file,
    note_watched_look,
)
from app.errors import CloseknitError, EnvironmentFault, UserError
from app.exchange.counts import Outcome, Tally
from app.exchange.watch_names import is_temporary
from app.exchange.watch_reports import forget_report, problem_lines, set_aside, write_report
from app.queries.intake import WatchedFolderRow, content_taken, watched_files, watched_folders
from app.sharing.machine import this_machine
from app.workspace import Workspace
from app.writer import Priority
from models.values import WatchState

LOOK_SECONDS: Final = 10.0
ONCE_SECONDS: Final = 1.0  # between the two looks of `once`
STILL: Final = 2  # looks at which a file must be the same
STILL_EMPTY: Final = 6  # an empty file is most likely one that is just being written
AGAIN: Final = 6  # looks until a file is tried again that could not be read for outer reasons
MAX_FILES: Final = 50_000


class Stamp(NamedTuple):
    """What a file's entry says of its content: size in bytes, and time of change."""

    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What the import of a file counted, and the batch it was written down under."""

    tally: Tally
    batch_id: int | None = None


class Take(Protocol):
    """Imports a file; raises CloseknitError where it cannot be read."""

    def __call__(self, path: Path, folder: WatchedFolderRow, /) -> Taken:
        """Import `path` as its folder says."""


class Ending(Protocol):
    """Whether it is time to end."""

    def is_set(self) -> bool:
        """Say whether it is."""


@dataclass(frozen=True, slots=True)
class WatchResult:
    """What became of one file; `again`: this content had been taken before."""

    path: Path
    state: WatchState
    tally: Tally | None = None
    batch_id: int | None = None
    report: str = ""
    again: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the result as the command line prints it."""
        found: dict[str, Any] = {"file": str(self.path), "state": self.state.value}
        found |= {"batch": self.batch_id, "again": self.again, "report": self.report or None}
        return found | (self.tally.as_json() if self.tally is not None else {})

    def lines(self) -> list[str]:
        """Return the result as the command line tells it: what was counted, then what to mend."""
        if self.again:
            return [f"{self.path.name}: this content was taken before"]
        if self.tally is None:
            return [f"{self.path.name}: not taken. {self.report}"]
        counts = self.tally.counts
        words = ", ".join(f"{counts[o]:,} {o.value}" for o in Outcome if counts[o]) or "no rows"
        return [f"{self.path.name}: {words}", *(f"  {line}" for line in self.report.splitlines())]


@dataclass(slots=True)
class _Seen:
    stamp: Stamp
    looks: int = 1
    wait: int = 0  # looks to let pass before it is tried again


@dataclass(slots=True)
class FolderWatch:
    """One watched folder, or file, from look to look. Used by one thread."""

    workspace: Workspace
    folder: WatchedFolderRow
    take: Take
    move: bool = False  # put what cannot be taken beside its report
    stopped: Ending = field(default_factory=threading.Event)
    error: str | None = None
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _settled: dict[str, Stamp] = field(default_factory=dict)
    _told: str | None = ""  # what was written down of the last look

    def look(self) -> Iterator[WatchResult]:
        """Look once: yield what became of each file that was whole and new."""
        try:
            there = self._there()
        except OSError as error:
            self._note(_unreachable(self.folder.path, error))
            return
        self._seen = {name: seen for name, seen in self._seen.items() if name in there}
        self._settled = {name: x for name, x in self._settled.items() if name in there}
        ready = [name for name, stamp in there.items() if self._is_ready(name, stamp)]
        troubles: list[str] = []
        for name in self._news(ready):
            if self.stopped.is_set():
                return
            try:
                result = self._taken(name)
            except (OSError, EnvironmentFault) as error:
                self._seen[name].wait = AGAIN
                troubles.append(_not_now(name, error))
                continue
            if result is not None:
                yield result
        waiting = any(seen.wait for seen in self._seen.values())
        if troubles or not waiting:
            self._note("\n".join(troubles[:5]) or None)

    @property
    def waits(self) -> bool:
        """Whether there are files that are not whole yet, or could not be read."""
        return bool(self._seen)

    def forget(self) -> None:
        """Look at every file anew, such as after its failure was forgotten."""
        self._seen, self._settled = {}, {}

    def _there(self) -> dict[str, Stamp]:
        """Return the files that are there, by name; OSError where the folder is not."""
        path = Path(self.folder.path)
        if path.is_file():
            return {path.name: _stamp(path)}
        found: dict[str, Stamp] = {}
        for place in path.iterdir():
            if is_temporary(place.name):
                continue
            try:
                if place.is_file():
                    found[place.name] = _stamp(place)
            except OSError:  # it has just gone, or leads nowhere
                continue
            if len(found) >= MAX_FILES:
                break
        return dict(sorted(found.items(), key=lambda item: (item[1].changed_ns, item[0])))

    def _is_ready(self, name: str, stamp: Stamp) -> bool:
        if self._settled.get(name) == stamp:
            return False
        seen = self._seen.get(name)
        if seen is None or seen.stamp != stamp:
            self._seen[name] = _Seen(stamp)
            return False
        seen.looks += 1
        if seen.wait:
            seen.wait -= 1
            return seen.wait == 0
        return seen.looks >= (STILL if stamp.size else STILL_EMPTY)

    def _news(self, ready: list[str]) -> list[str]:
        """Return those of the files that are not written down as they are now."""
        known: dict[str, set[Stamp]] = {}
        for start in range(0, len(ready), 500):
            names = ready[start : start + 500]
            for row in self.workspace.read(watched_files, self.folder.id, names):
                known.setdefault(row.name, set()).add(Stamp(row.size, row.changed_ns))
        news = []
        for name in ready:
            if self._seen[name].stamp in known.get(name, ()):
                self._settled[name] = self._seen.pop(name).stamp
            else:
                news.append(name)
        return news

    def _taken(self, name: str) -> WatchResult | None:
        """Take a file in; None where it has changed or gone meanwhile."""
        root = Path(self.folder.path)
        path = root / name if root.is_dir() else root
        stamp = self._seen[name].stamp
        try:
            digest = _digest(path)
            if _stamp(path) != stamp:
                return None
        except FileNotFoundError:
            return None
        before = self.workspace.read(content_taken, self.folder.id, digest)
        result: WatchResult | None = (
            WatchResult(path, WatchState.DONE, batch_id=before.batch_id, again=True)
            if before is not None
            else self._imported(path)
        )
        if result is None:
            return None
        self._write(
            note_watched_file,
            folder_id=self.folder.id,
            name=name,
            size=stamp.size,
            changed_ns=stamp.changed_ns,
            digest=digest,
            state=result.state,
            batch_id=result.batch_id,
            report=result.report or None,
        )
        self._settled[name] = stamp
        self._seen.pop(name, None)
        return result

    def _imported(self, path: Path) -> WatchResult | None:
        try:
            taken = self.take(path, self.folder)
        except UserError as error:
            if not path.exists():
                return None
            report = self._report(path, str(error))
            return WatchResult(path, WatchState.FAILED, report=report)
        tally, batch = taken.tally, taken.batch_id
        if tally.read and tally.counts[Outcome.FAILED] == tally.read:
            lines = ["None of its rows could be taken.", *problem_lines(tally.problems)]
            report = self._report(path, "\n".join(lines))
            return WatchResult(path, WatchState.FAILED, tally, batch, report)
        report = "\n".join(problem_lines(tally.problems))
        if tally.counts[Outcome.FAILED]:
            write_report(path, report)
        else:
            forget_report(path)
        return WatchResult(path, WatchState.DONE, tally, batch, report)

    def _report(self, path: Path, text: str) -> str:
        write_report(path, text)
        if self.move:
            set_aside(path)
        return text

    def _note(self, error: str | None) -> None:
        """Write down that the folder was looked at, where that says something new."""
        self.error = error
        if error == self._told:
            return
        self._write(note_watched_look, folder_id=self.folder.id, error=error)
        self._told = error

    def _write(self, command: Callable[..., Any], **fields: Any) -> Any:
        future = self.workspace.writer.submit(
            "Watch folder", command, urgency=Priority.BATCH, undoable=False, **fields
        )
        return future.result().value


def watch(
    workspace: Workspace,
    path: Path,
    *,
    once: bool = False,
    kind: str | None = None,
    on_result: Callable[[WatchResult], object] | None = None,
    on_error: Callable[[str | None], object] | None = None,
    take: Take | None = None,
    move: bool = False,
    seconds: float = LOOK_SECONDS,
    stopped: threading.Event | None = None,
) -> list[WatchResult]:
    """Watch a folder, or one file, until `stopped` is set or Ctrl+C; `once`: only what is there.

    What is taken is remembered for this folder of this computer, so that it is not taken again.
    `on_error` is told what keeps the folder from being read, and None when that is over.
    """
    from app.exchange.watch_taking import take_file

    place = path.expanduser().absolute()
    if once and not place.exists():
        raise UserError("{path} is not there. Check the name.", path=str(place))
    folder = _adopted(workspace, place, kind)
    end = stopped or threading.Event()
    chosen = take or take_file(workspace)
    looking = FolderWatch(workspace, folder, chosen, move=move, stopped=end)
    pause = min(seconds, ONCE_SECONDS) if once else seconds
    results: list[WatchResult] = []
    told: str | None = None
    looks = 0
    while not end.is_set():
        for result in looking.look():
            results.append(result)
            if on_result is not None:
                on_result(result)
        if on_error is not None and looking.error != told:
            on_error(looking.error)
        told = looking.error
        looks += 1
        if once and (looks >= STILL_EMPTY or (looks >= STILL and not looking.waits)):
            break
        end.wait(pause)
    return results


def _adopted(workspace: Workspace, place: Path, kind: str | None) -> WatchedFolderRow:
    machine = this_machine()
    submitted = workspace.writer.submit(
        "Watch folder",
        adopt_watched_folder,
        path=str(place),
        machine=machine,
        kind=kind,
        undoable=False,
    )
    folder_id = submitted.result().value
    rows = workspace.read(watched_folders, machine, archived=True)
    return next(row for row in rows if row.id == folder_id)


def _stamp(path: Path) -> Stamp:
    told = path.stat()
    return Stamp(told.st_size, told.st_mtime_ns)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unreachable(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"{path} is not there. If it lies on a network drive or a stick, connect it; it is looked for again by itself."  # noqa: E501  one sentence
    if isinstance(error, PermissionError):
        return f"{path} may not be read. Give yourself the right to read it; it is tried again by itself."  # noqa: E501  one sentence
    return f"{path} cannot be read: {error.strerror or error}. It is tried again by itself."


def _not_now(name: str, error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"{name} may not be read. Check its permissions; it is tried again by itself."
    if isinstance(error, CloseknitError):
        return f"{name}: {error}"
    said = getattr(error, "strerror", None) or str(error)
    return f"{name} cannot be read: {said}. It is tried again by itself."
