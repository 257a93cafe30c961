"""Alarms of a calendar's component become the one reminder that a record has."""

from datetime import datetime, timedelta
from typing import Any, Final

from app.exchange.tables import Given

MOST_MINUTES: Final = 366 * 24 * 60


def minutes_before(found: Any, given: Given) -> int | None:
    """Return how many minutes before it to remind: of the earliest alarm; the others are told."""
    minutes = sorted(
        {m for m in (_minutes(alarm, found) for alarm in found.walk("VALARM")) if m is not None},
        reverse=True,
    )
    if not minutes:
        return None
    for left in minutes[1:]:
        kept = f"One reminder is kept ({minutes[0]} minutes before)"
        reason = f"{kept}; the alarm {left} minutes before was left out."
        given.problems.append(("", "", reason))
    return minutes[0]


def _minutes(alarm: Any, found: Any) -> int | None:
    try:
        trigger = alarm["TRIGGER"].dt
        if isinstance(trigger, timedelta):
            ahead = -trigger
        elif isinstance(trigger, datetime) and trigger.tzinfo is not None:
            start = found["DTSTART" if "DTSTART" in found else "DUE"].dt
            if not isinstance(start, datetime) or start.tzinfo is None:
                return None
            ahead = start - trigger
        else:
            return None
    except Exception:  # noqa: BLE001  an alarm that cannot be read is none
        return None
    return min(max(int(ahead.total_seconds() // 60), 0), MOST_MINUTES)
