"""The rows of the Today list: group headers and what they head, in one list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.queries.tasks import TaskRow
from app.queries.today import QuietDeal, TicketDue, TodayList
from models.values import TaskBucket
from views.shared.format import clock_time, local, money, short_date
from views.shared.text import tr
from views.today import words

FILTERS: Final = ("all", "task", "ticket", "deal")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: `kind` is group, task, ticket or deal."""

    kind: str
    id: int
    title: str
    detail: str = ""
    pill: str = ""
    tone: str = "neutral"
    icon: str = ""
    amount: str = ""
    note: str = ""
    count: int = 0
    avatar: str = ""
    avatar_id: int = 0
    record: Any = None

    @property
    def key(self) -> tuple[str, int]:
        """What tells rows apart between two readings."""
        return self.kind, self.id


def entries_of(
    today: TodayList,
    chosen: str = "all",
    unfolded: Mapping[TaskBucket, Sequence[TaskRow]] | None = None,
) -> list[Entry]:
    """Return the rows of the list, narrowed to a kind, with the buckets that are unfolded."""
    found: list[Entry] = []
    moment = today.at
    groups = (
        ("task", _overdue(today), [_task(row, moment) for row in today.overdue]),
        ("ticket", _tickets(today), [_ticket(row, moment) for row in today.tickets]),
        (
            "task",
            Entry("group", 3, tr("Due today"), icon="sun", tone="neutral"),
            [_task(row, moment) for row in today.due_today],
        ),
        ("deal", _quiet(), [_deal(row) for row in today.quiet_deals]),
    )
    for kind, head, rows in groups:
        if rows and chosen in {"all", kind}:
            count = today.quiet_deal_count if kind == "deal" else len(rows)
            found += [_counted(head, count), *rows]
    for bucket, tasks in (unfolded or {}).items():
        if chosen in {"all", "task"}:
            head = Entry(
                "group",
                10 + list(TaskBucket).index(bucket),
                tr(words.BUCKETS[bucket]),
                icon="calendar",
            )
            found += [_counted(head, today.counts[bucket]), *(_task(row, moment) for row in tasks)]
    return found


def counts_of(today: TodayList) -> dict[str, int]:
    """Return how many entries each filter lets through."""
    tasks = len(today.overdue) + len(today.due_today)
    tickets, deals = len(today.tickets), today.quiet_deal_count
    return {"all": tasks + tickets + deals, "task": tasks, "ticket": tickets, "deal": deals}


def first_selectable(entries: Iterable[Entry]) -> int:
    """Return the first row that is no group, -1 for none."""
    return next((i for i, entry in enumerate(entries) if entry.kind != "group"), -1)


def _counted(head: Entry, count: int) -> Entry:
    return Entry(
        head.kind, head.id, head.title, icon=head.icon, tone=head.tone, note=head.note, count=count
    )


def _overdue(today: TodayList) -> Entry:
    note = words.oldest_words(today.overdue, today.at)
    return Entry("group", 1, tr("Overdue"), icon="circle-alert", tone="bad", note=note)


def _tickets(today: TodayList) -> Entry:
    note = ""
    if today.tickets_run_again_at is not None:
        again, here = local(today.tickets_run_again_at), local(today.at)
        when = clock_time(again)
        if again.date() != here.date():
            when = f"{short_date(again.date())} {when}"
        note = tr("the clock runs again at {time}", time=when)
    return Entry("group", 2, tr("Tickets close to breach"), icon="timer", tone="warning", note=note)


def _quiet() -> Entry:
    note = tr("nothing planned, past the stage's limit")
    return Entry("group", 4, tr("Deals going quiet"), icon="hourglass", note=note)


def _task(row: TaskRow, moment: datetime) -> Entry:
    pill, tone = words.task_due(row, moment)
    return Entry("task", row.id, row.title, words.task_detail(row), pill, tone, record=row)


def _ticket(row: TicketDue, moment: datetime) -> Entry:
    pill, tone = words.ticket_due(row, moment)
    title = f"#{row.number}  {row.subject}"
    detail = words.ticket_detail(row)
    return Entry("ticket", row.id, title, detail, pill, tone, icon="ticket", record=row)


def _deal(row: QuietDeal) -> Entry:
    pill, tone = words.deal_over(row)
    deal = row.deal
    return Entry(
        "deal",
        deal.id,
        deal.name,
        words.deal_detail(row),
        pill,
        tone,
        amount=money(deal.amount_minor, deal.currency) if deal.amount_minor is not None else "",
        avatar=deal.company_name or deal.name,
        avatar_id=deal.company_id or deal.id,
        record=row,
    )
