"""No program writes into a workspace that a newer one has taken over."""

import re
from typing import Any, Final

from sqlalchemy.orm import Session

from app.commands.settings import store_setting
from app.errors import EnvironmentFault, FaultKind, UserError
from models.base import thaw
from models.migrations import HEAD

VERSION: Final = "0.1.0"  # as in pyproject.toml, which the bundle does not hold
MINIMUM_VERSION: Final = "minimum_version"  # the key of the workspace's setting
_NUMBERS: Final = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)", re.DOTALL)
# One statement: on a server each is a round trip.
_STORED: Final = (
    "SELECT (SELECT version_num FROM alembic_version), "
    "(SELECT value FROM workspace_setting WHERE key = 'minimum_version')"
)
_UPDATED: Final = "{place} was updated by a newer Closeknit."
_REMEDY: Final = "Update this computer before you write. What you typed is kept here."


def number_of(text: str) -> tuple[int, int, int, bool]:
    """Return a version so that versions compare: 1.2 < 1.10, and 1.0rc1 < 1.0."""
    found = _NUMBERS.fullmatch(text.strip())
    if found is None:
        raise UserError("Write a version as 1.2.3, not “{text}”.", text=text)
    major, minor, patch = (int(part or 0) for part in found.groups()[:3])
    rest = found[4].partition("+")[0]
    return major, minor, patch, not rest


def check_versions(session: Session, place: str) -> None:
    """Raise EnvironmentFault where this program must not write (any more) in this workspace."""
    row = session.connection().exec_driver_sql(_STORED).one()
    if row[0] == HEAD and row[1] is None:
        return
    if row[0] != HEAD:
        raise EnvironmentFault(_UPDATED, remedy=_REMEDY, kind=FaultKind.OUTDATED, place=place)
    wanted = _text_of(row[1])
    if wanted and number_of(VERSION) < number_of(wanted):
        raise EnvironmentFault(
            "{place} wants Closeknit {wanted} or newer; this is {present}.",
            remedy=_REMEDY,
            kind=FaultKind.OUTDATED,
            place=place,
            wanted=wanted,
            present=VERSION,
        )


def _text_of(value: Any) -> str:
    if isinstance(value, str) and value.startswith('"'):  # SQLite keeps JSON as text
        value = value.strip('"')
    return str(thaw(value)) if value is not None else ""


def require_version(session: Session, *, version: str) -> None:
    """Let only programs of this version or newer write in the workspace; "" lets all."""
    tidy = version.strip()
    if tidy and number_of(tidy) > number_of(VERSION):
        raise UserError(
            "This is Closeknit {present}; it cannot ask for {wanted}, which would lock it out.",
            field="version",
            present=VERSION,
            wanted=tidy,
        )
    store_setting(session, MINIMUM_VERSION, tidy)
