"""The moment and the day, in one place so that tests can stand at any moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_source: Callable[[], datetime] | None = None


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _source() if _source is not None else datetime.now(UTC)


@lru_cache(maxsize=1)
def local_zone() -> tzinfo:
    """Return the computer's time zone; UTC where it cannot be found."""
    import tzlocal  # noqa: PLC0415  costs start-up time and only some callers need it

    try:
        return ZoneInfo(tzlocal.get_localzone_name())
    except Exception:  # noqa: BLE001  a broken zone setting must not keep the program from starting
        return UTC


def local(moment: datetime) -> datetime:
    """Return a moment in the computer's time zone."""
    return moment.astimezone(local_zone())


def today() -> date:
    """Return the present day in the computer's time zone."""
    return local(now()).date()


@contextmanager
def standing_at(moment: datetime | Callable[[], datetime]) -> Iterator[None]:
    """Let the clock stand at a moment, or follow a function, for tests and demo data."""
    global _source  # noqa: PLW0603  the clock is the one deliberate global
    before = _source
    _source = moment if callable(moment) else lambda: moment
    try:
        yield
    finally:
        _source = before
