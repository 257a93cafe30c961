"""Keeps on this computer what could not be saved where the workspace lies, until it can be.

One JSON file per workspace and process in the data folder, written whole and synced before a person
is told that an edit is kept. An entry names its command by module and function and holds the fields
as they were given, so that it runs again exactly as it would have run.
"""

import hashlib
import importlib
import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final

from app.paths import data_folder
from app.sharing.backup_files import sync_folder
from app.sharing.outbox_owner import Owner, inheriting
from models import values
from models.clock import now
from models.ids import new_id

log = logging.getLogger(__name__)

COMMANDS: Final = "app.commands."  # nothing else is ever run from a file
_TAG: Final = "$"


class NotKeepableError(ValueError):
    """A command or one of its values cannot be written to a file."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One edit that waits; `in_doubt` when it may have been stored before the place was lost."""

    id: int
    at: datetime
    label: str
    command: str  # module:function
    fields: Mapping[str, Any]
    user_id: int | None
    process: str
    after_step: int  # the newest step known when it was made
    in_doubt: bool = False

    @property
    def function(self) -> Callable[..., Any]:
        """The command itself."""
        return command_of(self.command)


def name_of(command: Callable[..., Any]) -> str:
    """Return how a command is written down; NotKeepableError for anything but our commands."""
    module, name = getattr(command, "__module__", ""), getattr(command, "__qualname__", "")
    if not f"{module}.".startswith(COMMANDS) or "." in name or "<" in name:
        raise NotKeepableError(f"{module}.{name} is not a command")
    return f"{module}:{name}"


def command_of(name: str) -> Callable[..., Any]:
    """Return the command of a name; NotKeepableError for anything but our commands."""
    module, _, function = name.partition(":")
    if not module.startswith(COMMANDS) or not function.isidentifier():
        raise NotKeepableError(f"{name} is not a command")
    found = getattr(importlib.import_module(module), function, None)
    if found is None or getattr(found, "__module__", None) != module:
        raise NotKeepableError(f"{name} is not a command")
    return found  # type: ignore[no-any-return]  # a function of ours


_TAGS: Final[tuple[tuple[type, str, Callable[[Any], Any]], ...]] = (
    (datetime, "moment", datetime.isoformat),  # before day: a moment is a day too
    (date, "day", date.isoformat),
    (Decimal, "decimal", str),
    (bytes, "bytes", bytes.hex),
    (tuple, "tuple", lambda parts: [to_json(part) for part in parts]),
    (list, "list", lambda parts: [to_json(part) for part in parts]),
    (set, "set", lambda parts: [to_json(part) for part in parts]),
    (frozenset, "frozenset", lambda parts: [to_json(part) for part in parts]),
    (Mapping, "mapping", lambda held: [[to_json(k), to_json(v)] for k, v in held.items()]),
)


def to_json(value: Any) -> Any:
    """Return a field's value as JSON data; NotKeepableError for what a file cannot hold."""
    if isinstance(value, Enum):
        if type(value).__module__ != values.__name__:
            raise NotKeepableError(f"{type(value).__name__} is not a choice of ours")
        return {_TAG: "choice", "of": type(value).__name__, "is": value.value}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    for kind, tag, write in _TAGS:
        if isinstance(value, kind):
            return {_TAG: tag, "is": write(value)}
    raise NotKeepableError(f"a {type(value).__name__} cannot be kept")


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "decimal": Decimal,
    "bytes": bytes.fromhex,
    "tuple": lambda parts: tuple(map(from_json, parts)),
    "list": lambda parts: list(map(from_json, parts)),
    "set": lambda parts: set(map(from_json, parts)),
    "frozenset": lambda parts: frozenset(map(from_json, parts)),
    "mapping": lambda pairs: {from_json(key): from_json(part) for key, part in pairs},
}


def from_json(value: Any) -> Any:
    """Return a field's value from its JSON data."""
    if not isinstance(value, dict):
        return value
    tag, held = value.get(_TAG), value.get("is")
    if tag == "choice":
        choices = getattr(values, str(value.get("of")), None)
        if not (isinstance(choices, type) and issubclass(choices, Enum)):
            raise NotKeepableError(f"{value.get('of')} is not a choice of ours")
        return choices(held)
    if tag not in _READ:
        raise NotKeepableError(f"{tag} is not known")
    return _READ[tag](held)


def folder_of(location: str) -> Path:
    """Return the folder of what waits for one workspace."""
    digest = hashlib.sha256(location.encode()).hexdigest()[:16]
    return data_folder() / "outbox" / digest


class Outbox:
    """What waits for one workspace on this computer; usable from any thread.

    Each process writes its own file, so that two windows never overwrite each other's edits, nor
    offer the same ones. What a process that has ended left is taken over by the first that looks.
    """

    def __init__(self, location: str, process: str) -> None:
        self.folder_location = location
        self.folder = folder_of(location)
        self.process = process
        self._lock = threading.Lock()
        self._own = self.folder / f"{process}.json"
        self._owner = Owner(self._own)

    def keep(
        self,
        label: str,
        command: Callable[..., Any],
        fields: Mapping[str, Any],
        *,
        user_id: int | None,
        after_step: int,
        in_doubt: bool = False,
    ) -> Kept:
        """Keep an edit; on return it is on this computer's disk.

        Raises NotKeepableError for what no file can hold, OSError when this disk fails too.
        """
        kept = Kept(
            new_id(),
            now(),
            label,
            name_of(command),
            dict(fields),
            user_id,
            self.process,
            after_step,
            in_doubt,
        )
        entry = _entry(kept)
        with self._lock:
            self._write([*self._read(self._own), entry])
        return kept

    def waiting(self) -> list[Kept]:
        """Return everything that waits, oldest first, also what earlier runs left."""
        with self._lock:
            self._take_over()
            entries = self._read(self._own)
        found = [kept for entry in entries if (kept := _kept(entry)) is not None]
        return sorted(found, key=lambda kept: kept.id)  # by the clock only if that never ran back

    def forget(self, *ids: int) -> None:
        """Let go of edits that were saved or that the person does not want any more."""
        unwanted = {str(one) for one in ids}
        with self._lock:
            held = self._read(self._own)
            left = [entry for entry in held if entry.get("id") not in unwanted]
            if len(left) < len(held):
                self._write(left)

    def settle(self, kept: Kept) -> None:
        """Take the doubt from an entry: it was not stored."""
        self._change(kept, in_doubt=False)

    def trying(self, kept: Kept, *, after_step: int) -> None:
        """Note that an entry is about to be saved: after a crash it is known whether it was."""
        self._change(kept, in_doubt=True, process=self.process, after_step=after_step)

    def _change(self, kept: Kept, **values: Any) -> None:
        with self._lock:
            held = self._read(self._own)
            for entry in held:
                if entry.get("id") == str(kept.id):
                    entry.update(values)
            self._write(held)

    def close(self) -> None:
        """Leave what waits to the next run."""
        with self._lock:
            self._owner.let_go()

    def _take_over(self) -> None:
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.glob("*.json")):
            if path == self._own:
                continue
            with inheriting(path) as is_ours:
                if is_ours:
                    held = self._read(self._own)
                    known = {entry.get("id") for entry in held}
                    # Twice where a crash came between the two: known by its number.
                    left = [x for x in self._read(path) if x.get("id") not in known]
                    self._write([*held, *left])
                    path.unlink(missing_ok=True)

    def _read(self, path: Path) -> list[dict[str, Any]]:
        """Return the entries of a file as they stand there, also those we cannot read."""
        try:
            stored = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return []
        except ValueError:
            stored = None
        if isinstance(stored, list) and all(isinstance(entry, dict) for entry in stored):
            return stored
        log.error("The kept edits in %s cannot be read; the file is set aside", path)
        path.replace(_free(path.with_suffix(".damaged")))
        return []

    def _write(self, held: list[dict[str, Any]]) -> None:
        if not held:
            self._own.unlink(missing_ok=True)
            self._owner.let_go()
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._owner.hold()
        draft = self._own.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(held, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._own)
        sync_folder(self.folder)


def _free(wanted: Path) -> Path:
    path, n = wanted, 2
    while path.exists():
        path, n = wanted.with_stem(f"{wanted.stem}-{n}"), n + 1
    return path


def _entry(kept: Kept) -> dict[str, Any]:
    return {
        "id": str(kept.id),
        "at": kept.at.isoformat(),
        "label": kept.label,
        "command": kept.command,
        "fields": {key: to_json(value) for key, value in kept.fields.items()},
        "user": None if kept.user_id is None else str(kept.user_id),
        "process": kept.process,
        "after_step": kept.after_step,
        "in_doubt": kept.in_doubt,
    }


def _kept(entry: dict[str, Any]) -> Kept | None:
    try:
        return _read_entry(entry)
    except (KeyError, TypeError, ValueError):
        # It stays in the file, for a version that knows it; its contents are nobody's business.
        log.exception("A kept edit cannot be read: %s", entry.get("command"))
        return None


def _read_entry(entry: dict[str, Any]) -> Kept:
    user = entry.get("user")
    return Kept(
        int(entry["id"]),
        datetime.fromisoformat(entry["at"]),
        entry["label"],
        entry["command"],
        {key: from_json(value) for key, value in entry["fields"].items()},
        None if user is None else int(user),
        entry["process"],
        int(entry["after_step"]),
        bool(entry["in_doubt"]),
    )
