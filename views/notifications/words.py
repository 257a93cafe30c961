"""The words of reminders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from views.shared.format import date_words, local, moment_words
from views.shared.text import tr, tr_n

MOST_SINGLE = 5


class Reminding(Protocol):
    """What a fired reminder and a row of the list both tell."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def contact_name(self) -> str | None: ...  # noqa: D102
    @property
    def company_name(self) -> str | None: ...  # noqa: D102
    @property
    def at(self) -> datetime | None: ...  # noqa: D102
    @property
    def all_day(self) -> bool: ...  # noqa: D102


def when_words(row: Reminding) -> str:
    """Say when it is due or begins."""
    if row.at is None:
        return tr("no date")
    if row.all_day:
        return tr("due {when}", when=date_words(local(row.at).date()))
    when = moment_words(row.at)
    return tr("due {when}", when=when) if row.kind == "task" else tr("begins {when}", when=when)


def detail(row: Reminding) -> str:
    """Say whom it is about and when."""
    return " · ".join(x for x in (row.contact_name, row.company_name, when_words(row)) if x)


def summary(rows: Sequence[Reminding]) -> tuple[str, str]:
    """Return title and text of one message for several reminders, the newest first."""
    if len(rows) == 1:
        return rows[0].title, detail(rows[0])
    title = tr_n("{n} reminder", "{n} reminders", len(rows))
    names = ", ".join(row.title for row in rows[:3])
    more = len(rows) - 3
    return title, f"{names} {tr('and {n} more', n=more)}" if more > 0 else names
