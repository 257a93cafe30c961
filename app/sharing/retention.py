"""Which backups are kept: the newest, one a day, one a month, and those before an upgrade."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, Protocol, TypeVar

from app.sharing.backup_files import Reason
from models.clock import local_zone

NEWEST: Final = 10
DAYS: Final = 14
MONTHS: Final = 6
UPGRADES_FOR: Final = timedelta(days=30)
DAMAGED_FOR: Final = timedelta(days=30)


class Kept(Protocol):
    """What must be known of a backup to decide on it."""

    @property
    def at(self) -> datetime:
        """When it was made."""

    @property
    def reason(self) -> Reason:
        """Why it was made."""

    @property
    def verified(self) -> bool:
        """Whether it can be relied upon."""


B = TypeVar("B", bound=Kept)


def expired(backups: Iterable[B], moment: datetime, zone: tzinfo | None = None) -> list[B]:
    """Return the backups that are no longer needed, oldest first.

    Of those that can be relied upon are kept: the 10 newest, the newest of each of the last 14 days
    and 6 months that have one (by `zone`, else this computer's), and for 30 days those made before
    an upgrade. A damaged one takes no other's place; it goes after 30 days, but never the last.
    """
    where = zone or local_zone()
    ordered = sorted(backups, key=lambda backup: backup.at)
    sound = [backup for backup in reversed(ordered) if backup.verified]
    if not sound:
        return []
    kept = {id(backup) for backup in sound[:NEWEST]}
    kept |= _newest_of_each(sound, [f"{b.at.astimezone(where):%Y-%m-%d}" for b in sound], DAYS)
    kept |= _newest_of_each(sound, [f"{b.at.astimezone(where):%Y-%m}" for b in sound], MONTHS)
    kept |= {id(b) for b in ordered if not b.verified and moment - b.at <= DAMAGED_FOR}
    kept |= {id(b) for b in sound if b.reason is Reason.MIGRATION and moment - b.at <= UPGRADES_FOR}
    return [backup for backup in ordered if id(backup) not in kept]


def _newest_of_each(newest_first: Sequence[Kept], periods: Sequence[str], limit: int) -> set[int]:
    first: dict[str, int] = {}
    for backup, period in zip(newest_first, periods, strict=True):
        if period not in first and len(first) < limit:
            first[period] = id(backup)
    return set(first.values())
