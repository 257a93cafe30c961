"""Two computers find out together whether their locks hold against each other.

The first holds a lock on a file beside the workspace and shows a code. The second, told the code,
must find that lock denied; gets it when the first lets go; and must then read, at once and through
the file it has had open, what the first wrote last. Then the same the other way round.

The messages go through two more files: closing the locked one to open it anew would end the lock.
"""

import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.errors import EnvironmentFault, UserError
from app.sharing.byte_lock import ByteLock
from app.sharing.machine import host_name, mount_key, this_machine
from app.sharing.verdict import Verdict

INVITATION_SECONDS: Final = 600.0
FAREWELL_SECONDS: Final = 5.0
STEP_SECONDS: Final = 60.0  # NFS shows what another computer wrote up to a minute late
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another
_LENGTH: Final = 6
_NONCE: Final = 32
_LOOK_EVERY: Final = 0.1
_LOCKS_FAIL: Final = (
    "Locks do not hold between the two computers here: both could write at once, and the file "
    "would be damaged."
)
_STALE: Final = (
    "This drive shows old contents: what {host} had written a moment before was not to be read."
)
_SILENT: Final = "The other computer did not answer any more."
_NOBODY: Final = "No other computer has joined in time."
_ANEW: Final = "Begin anew on the first computer, with a new code."
_INSTEAD: Final = (
    "Let one computer write and the others look, or move the workspace to a PostgreSQL server "
    "with “Share with my office”."
)


@dataclass(frozen=True, slots=True)
class Partner:
    """The other computer, after both have passed."""

    machine: str
    mount: str
    host: str


@dataclass(frozen=True, slots=True)
class Side:
    """Who takes part: this computer, at its place of the file."""

    machine: str
    mount: str
    host: str

    @classmethod
    def here(cls, verdict: Verdict) -> "Side":
        """Return this computer."""
        return cls(this_machine(), mount_key(verdict.mount), host_name())


def normal_code(typed: str) -> str:
    """Return a code as it was meant: capitals, without blanks and dashes."""
    return "".join(x for x in typed.upper() if x.isalnum())


class _Talk:
    """What one side says and hears; every message proves that its sender knows the code."""

    def __init__(self, path: Path, code: str, says: str, hears: str) -> None:
        self._says, self._hears = Path(f"{path}.probe-{says}"), Path(f"{path}.probe-{hears}")
        self._key = hashlib.sha256(code.encode()).digest()
        self.stop = threading.Event()
        self.patience = STEP_SECONDS

    def say(self, step: str, **more: str) -> None:
        """Leave a message in the place of the last."""
        body = json.dumps({"step": step} | more, sort_keys=True)
        proof = hmac.new(self._key, body.encode(), "sha256").hexdigest()
        with self._says.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"body": body, "proof": proof}))
            file.flush()
            os.fsync(file.fileno())

    def hear(
        self, *steps: str, seconds: float | None = None, otherwise: str = _SILENT
    ) -> dict[str, str]:
        """Wait for one of these messages; the other side's failure is raised as ours."""
        ends_at = time.monotonic() + (self.patience if seconds is None else seconds)
        while time.monotonic() < ends_at:
            heard = self._heard()
            step = heard.pop("step", "")
            if step == "failed":
                self.say("thanks")
                template, remedy = heard.pop("template"), heard.pop("remedy")
                raise EnvironmentFault(template, remedy=remedy, **_values(heard))
            if step in steps:
                return heard | {"step": step}
            if step == "gone":
                break
            self.pause()
        raise EnvironmentFault(otherwise, remedy=_ANEW)

    def _heard(self) -> dict[str, str]:
        try:
            told = json.loads(self._hears.read_text("utf-8"))
            body = str(told["body"])
        except FileNotFoundError:  # the first computer made both files, and has removed them
            return {"step": "gone"}
        except (ValueError, TypeError, KeyError):
            return {}  # half written
        proof = hmac.new(self._key, body.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(proof, str(told.get("proof"))):
            return {"step": "unproven"}
        found: dict[str, str] = json.loads(body)
        return found

    def pause(self) -> None:
        """Wait a little; raise where the person has given up."""
        if self.stop.wait(_LOOK_EVERY):
            raise UserError("The check was stopped.")

    def fail(self, template: str, *, remedy: str = _INSTEAD, **values: str) -> EnvironmentFault:
        """Tell the other side that it did not work, and return the error to raise."""
        fault = EnvironmentFault(template, remedy=remedy, **_values(values))
        with suppress(OSError, EnvironmentFault):
            self.say("failed", template=template, remedy=remedy, **values)
            self.hear("thanks", seconds=FAREWELL_SECONDS)  # else it is removed before it is read
        return fault


def _values(told: dict[str, str]) -> dict[str, Any]:
    return dict(told)


def invite(
    path: Path,
    side: Side,
    *,
    show: Callable[[str], None],
    seconds: float = INVITATION_SECONDS,
    stop: threading.Event | None = None,
) -> Partner:
    """Be the first computer: show a code, wait for the second, and check; blocks meanwhile.

    Raises UserError or EnvironmentFault, with a sentence, for every other end than a pass.
    """
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    talk = _Talk(path, code, "first", "second")
    talk.stop = stop or talk.stop
    with _environment_faults(path), _held(path) as lock:
        for end in ("first", "second"):  # both now: that a file is not there is remembered long
            Path(f"{path}.probe-{end}").write_bytes(b"")
        lock.write(secrets.token_bytes(_NONCE))
        talk.say("invited", machine=side.machine, host=side.host)
        show(code)
        return _first(talk, lock, side, seconds)


def _first(talk: _Talk, lock: ByteLock, side: Side, seconds: float) -> Partner:
    heard = talk.hear("denied", "free", seconds=seconds, otherwise=_NOBODY)
    if heard["step"] == "free":
        raise talk.fail(_LOCKS_FAIL)
    other = Partner(heard["machine"], heard["mount"], heard["host"])
    nonce = secrets.token_bytes(_NONCE)
    lock.write(nonce)  # still under our lock
    lock.unlock()
    talk.say("released", machine=side.machine, host=side.host, mount=side.mount)
    heard = talk.hear("holding")
    if heard["nonce"] != _digest(nonce):
        raise talk.fail(_STALE, host=side.host)
    if lock.try_lock():
        raise talk.fail(_LOCKS_FAIL)
    talk.say("denied_too")
    told = talk.hear("released_too")
    _wait_for(lock, talk)
    if _digest(lock.read(_NONCE)) != told["nonce"]:
        raise talk.fail(_STALE, host=other.host)
    talk.say("passed", machine=side.machine, host=side.host, mount=side.mount)
    with suppress(EnvironmentFault):  # it has all it needs; whether it says so is no matter
        talk.hear("thanks", seconds=FAREWELL_SECONDS)
    return other


def join(
    path: Path,
    side: Side,
    code: str,
    *,
    patience: float = STEP_SECONDS,
    stop: threading.Event | None = None,
) -> Partner:
    """Be the second computer, with the code that the first shows; blocks for some seconds.

    Raises UserError or EnvironmentFault, with a sentence, for every other end than a pass.
    """
    talk = _Talk(path, normal_code(code), "second", "first")
    talk.patience = patience
    talk.stop = stop or talk.stop
    with _environment_faults(path):
        if not Path(f"{path}.probe").exists():
            raise UserError(
                "No computer is waiting here. Begin on the first computer, and check that both "
                "have the same file open."
            )
        lock = ByteLock(Path(f"{path}.probe"), create=False)
        try:
            return _second(talk, lock, side)
        finally:
            lock.close()
            if not Path(f"{path}.probe").exists():  # our last word may have come after the end
                Path(f"{path}.probe-second").unlink(missing_ok=True)


def _second(talk: _Talk, lock: ByteLock, side: Side) -> Partner:
    heard = talk.hear("invited", "unproven", seconds=10)
    if heard["step"] == "unproven":
        raise UserError("This is not the code that the other computer shows. Type it again.")
    if heard["machine"] == side.machine:
        raise talk.fail(
            "Both sides of the check run on {host}; it needs two computers.",
            remedy="Type the code on another computer that has the same file open.",
            host=side.host,
        )
    lock.read(_NONCE)  # what is remembered from before must not be taken for what is there
    if lock.try_lock():
        lock.unlock()
        talk.say("free")
        # Only a first computer that is still there proves that the lock should have been denied.
        talk.hear("none")
    talk.say("denied", machine=side.machine, host=side.host, mount=side.mount)
    talk.hear("released")
    _wait_for(lock, talk)
    seen = lock.read(_NONCE)
    talk.say("holding", nonce=_digest(seen))
    talk.hear("denied_too")
    nonce = secrets.token_bytes(_NONCE)
    lock.write(nonce)
    lock.unlock()
    talk.say("released_too", nonce=_digest(nonce))
    heard = talk.hear("passed")
    talk.say("thanks")
    return Partner(heard["machine"], heard["mount"], heard["host"])


def _digest(nonce: bytes) -> str:
    return hashlib.sha256(nonce).hexdigest()


def _wait_for(lock: ByteLock, talk: _Talk) -> None:
    ends_at = time.monotonic() + talk.patience
    while not lock.try_lock():
        if time.monotonic() > ends_at:
            raise talk.fail("A lock that was given back stayed taken.", remedy=_ANEW)
        talk.pause()


@contextmanager
def _held(path: Path) -> Iterator[ByteLock]:
    """Hold the lock; at the end remove what the check leaves beside the workspace."""
    lock = ByteLock(Path(f"{path}.probe"), create=True)
    try:
        if not lock.try_lock():
            raise UserError("Another computer is just being checked here. Wait until that is done.")
        try:
            yield lock
        finally:
            for end in ("", "-first", "-second"):
                with suppress(OSError):
                    Path(f"{path}.probe{end}").unlink()
    finally:
        lock.close()


@contextmanager
def _environment_faults(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            "The check beside {place} failed ({reason}).",
            remedy="Look whether the drive is connected and can be written to, then begin anew.",
            place=str(path),
            reason=error.strerror or str(error),
        ) from error


def result_json(partner: Partner) -> dict[str, Any]:
    """Return a pass as the command line prints it."""
    return {"passed": True, "with": partner.host, "machine": partner.machine}
