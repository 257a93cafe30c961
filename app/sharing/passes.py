"""Which computers may write to a shared workspace: its home, and those that passed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, insert, select, true
from sqlalchemy.orm import Session

from app.commands.settings import store_setting, stored_setting
from app.errors import EnvironmentFault, UserError
from app.recorder import writes_allowed
from app.sharing.machine import host_name, mount_key, this_machine
from app.sharing.presence import STALE_AFTER, stamp
from app.sharing.verdict import Mode, Verdict
from models.sharing_records import MachinePass, Presence

HOME: Final = "home_machine"
# For a copy that goes to another place: there it belongs to whoever opens it.
FORGET_HOME: Final = f"DELETE FROM workspace_setting WHERE key = '{HOME}'"  # noqa: S608  our own key


class Home(NamedTuple):
    """The computer that wrote first, or took over: it needs no pass."""

    machine: str
    mount: str
    host: str


class Permission(NamedTuple):
    """Whether this computer may write, and if not, why and what to do."""

    allowed: bool
    why: str = ""
    remedy: str = ""
    home: Home | None = None
    can_take_over: bool = False


@dataclass(frozen=True, slots=True)
class CheckedMachine:
    """A computer that passed the handshake, as the settings list it."""

    machine: str
    host: str
    checked_with: str
    passed_at: datetime


def home_of(session: Session) -> Home | None:
    """Return the workspace's home computer; None for one that was never shared."""
    stored: Any = stored_setting(session, HOME)
    if not isinstance(stored, dict):
        return None
    return Home(*(str(stored.get(key, "")) for key in ("machine", "mount", "host")))


def claim_home(session: Session, *, verdict: Verdict, machine: str | None = None) -> bool:
    """Make this computer the home of a workspace that has none; say whether it was made so.

    Call it, as a step that cannot be undone, when a workspace is first opened at a place that is
    SHARED or ONE_COMPUTER.
    """
    if home_of(session) is not None:
        return False
    _store_home(session, verdict, machine)
    return True


def take_over_workspace(session: Session, *, verdict: Verdict, machine: str | None = None) -> None:
    """Make this computer the home in the place of another that is not there any more."""
    machine = machine or this_machine()
    if verdict.mode in {Mode.READ_ONLY, Mode.REFUSED}:
        raise EnvironmentFault(verdict.why, remedy=verdict.remedy)
    host = _present(session, home_of(session), machine)
    if host is not None:
        raise UserError(
            "{host} has this workspace open. Close it there first, then try again; after a crash "
            "there, wait three minutes.",
            host=host,
        )
    _store_home(session, verdict, machine)


def store_machine_pass(
    session: Session, *, machine: str, mount: str, host: str, checked_with: str
) -> None:
    """Note that a computer passed the handshake at its place of the file."""
    values = {"machine": machine, "mount": mount}
    with writes_allowed(session):
        session.execute(delete(MachinePass).filter_by(**values))
        session.execute(
            insert(MachinePass),
            values
            | {"host": host[:255], "checked_with": checked_with[:255], "passed_at": stamp(session)},
        )


def withdraw_machine_passes(session: Session, *, machine: str) -> int:
    """Forget that a computer passed; return how many of its places there were."""
    with writes_allowed(session):
        removed = session.execute(delete(MachinePass).filter_by(machine=machine))
    return int(getattr(removed, "rowcount", 0))


def checked_machines(session: Session) -> list[CheckedMachine]:
    """Return the computers that passed, the newest first."""
    rows = session.scalars(select(MachinePass).order_by(MachinePass.passed_at.desc()))
    return [CheckedMachine(x.machine, x.host, x.checked_with, x.passed_at) for x in rows]


def may_write_here(session: Session, verdict: Verdict, machine: str | None = None) -> Permission:
    """Say whether a computer may write to this workspace at its place."""
    machine = machine or this_machine()
    if verdict.mode in {Mode.READ_ONLY, Mode.REFUSED}:
        return Permission(allowed=False, why=verdict.why, remedy=verdict.remedy)
    home = home_of(session)
    mount = mount_key(verdict.mount)
    if home is None or (home.machine == machine and home.mount == mount):
        return Permission(allowed=True, home=home)
    if verdict.mode is Mode.LOCAL and home.machine == machine:
        return Permission(allowed=True, home=home)  # moved to another disk of the same computer
    passed = session.get(MachinePass, (machine, mount)) is not None
    if passed and verdict.mode is not Mode.ONE_COMPUTER:
        return Permission(allowed=True, home=home)
    present = _present(session, home, machine)
    return _refusal(verdict, home, present, is_home=home.machine == machine)


def _refusal(verdict: Verdict, home: Home, present: str | None, *, is_home: bool) -> Permission:
    can_take_over = present is None
    if verdict.mode is Mode.ONE_COMPUTER:
        why = (
            "This workspace was last worked on through another connection of this computer."
            if is_home
            else f"At this place one computer works at a time, and that is {home.host} now."
        )
        remedy = (
            "Take it over to work here; nobody has had it open for three minutes."
            if can_take_over
            else f"Close it on {present} first, then take it over here. Until then you can look."
        )
    else:
        why = (
            "The way to this drive has changed since this computer was checked."
            if is_home
            else f"This computer has not yet been checked together with {home.host}."
        )
        remedy = (
            "Check the two computers together (Settings, Sharing): it takes half a minute. "
            "Until then you can look."
        )
        if can_take_over:
            remedy += " If the other computer is gone for good, take the workspace over."
    return Permission(False, why, remedy, home, can_take_over)


def _present(session: Session, home: Home | None, machine: str) -> str | None:
    """Return the name of a computer that has the workspace open for writing.

    That of this one too where it is the home by another mount: the locks of two do not meet.
    """
    others = Presence.machine != machine
    return session.scalar(
        select(Presence.host)
        .where(
            true() if home is not None and home.machine == machine else others,
            Presence.read_only.is_(False),
            Presence.seen_at > stamp(session) - STALE_AFTER,
        )
        .order_by(Presence.seen_at.desc())
        .limit(1)
    )


def _store_home(session: Session, verdict: Verdict, machine: str | None) -> None:
    home = {
        "machine": machine or this_machine(),
        "mount": mount_key(verdict.mount),
        "host": host_name(),
    }
    store_setting(session, HOME, home)
