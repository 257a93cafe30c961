"""The words of the Today page: when things are due, why to call, how to snooze."""

from datetime import datetime, timedelta
from typing import Final

from app.queries.call_next import Reason
from app.queries.tasks import TaskRow
from app.queries.today import QuietDeal, TicketDue, TodayList
from models.values import TaskBucket, TicketPriority
from views.shared.format import (
    age_words,
    capital,
    clock_time,
    date_words,
    day_heading,
    local,
    number,
    short_date,
    today_here,
)
from views.shared.text import NBHY, tr, tr_n

DOT: Final = " · "
_NOON: Final = 12
_EVENING: Final = 18
SOON: Final = timedelta(hours=1)
_PRIORITIES: Final = {
    TicketPriority.LOW: "Low",
    TicketPriority.NORMAL: "Normal",
    TicketPriority.HIGH: "High",
    TicketPriority.URGENT: "Urgent",
}
_CLOCKS: Final = {
    "response": "first response",
    "answer": "next answer",
    "resolution": "resolution",
}
BUCKETS: Final = {
    TaskBucket.TOMORROW: "Tomorrow",
    TaskBucket.THIS_WEEK: "This week",
    TaskBucket.LATER: "Later",
}
_FREQUENCIES: Final = {
    "DAILY": ("repeats every day", "repeats every {n} days"),
    "WEEKLY": ("repeats every week", "repeats every {n} weeks"),
    "MONTHLY": ("repeats every month", "repeats every {n} months"),
    "YEARLY": ("repeats every year", "repeats every {n} years"),
}


def joined(*parts: str | None) -> str:
    """Join what there is with middle dots."""
    return DOT.join(part for part in parts if part)


def greeting(name: str, moment: datetime) -> str:
    """Greet by the time of day."""
    hour = local(moment).hour
    first = next(iter(name.split()), "")
    if hour < _NOON:
        words = tr("Good morning, {name}", name=first) if first else tr("Good morning")
    elif hour < _EVENING:
        words = tr("Good afternoon, {name}", name=first) if first else tr("Good afternoon")
    else:
        words = tr("Good evening, {name}", name=first) if first else tr("Good evening")
    return words


def summary(today: TodayList) -> str:
    """Say in one line what the day holds."""
    parts = []
    if today.overdue:
        parts.append(tr_n("{n} overdue", "{n} overdue", len(today.overdue)))
    if today.tickets:
        n = len(today.tickets)
        parts.append(tr_n("{n} ticket close to breach", "{n} tickets close to breach", n))
    if today.appointments:
        n = len(today.appointments)
        parts.append(tr_n("{n} appointment", "{n} appointments", n))
    day = _full_day(local(today.at))
    rest = ", ".join(parts) or tr("nothing is late")
    return joined(day, rest)


def _full_day(moment: datetime) -> str:
    # A heading would say "Today"; here the day's own name is wanted.
    return day_heading(moment.date(), moment.date() - timedelta(days=30))


def task_due(row: TaskRow, moment: datetime) -> tuple[str, str]:
    """Return a task's pill: when it is due, and in which tone."""
    if row.waits_for_answer or row.due_at is None:
        return (
            (tr("until answered"), "info") if row.waits_for_answer else (tr("no date"), "neutral")
        )
    due = local(row.due_at)
    if row.bucket is TaskBucket.OVERDUE:
        same = due.date() == today_here()
        return (clock_time(due) if same else capital(date_words(due.date()))), "bad"
    if row.bucket is TaskBucket.TODAY:
        if row.due_all_day:
            return tr("Today"), "neutral"
        return clock_time(due), "warning" if row.due_at - moment <= SOON else "neutral"
    if row.bucket is TaskBucket.TOMORROW and not row.due_all_day:
        return clock_time(due), "neutral"
    return capital(date_words(due.date())), "neutral"


def task_detail(row: TaskRow) -> str:
    """Return a task's second line: whom and what it is about."""
    ticket = f"#{row.ticket_number}" if row.ticket_number is not None else None
    about = row.deal_name if not (row.contact_name or row.company_name) else None
    return joined(
        row.contact_name, row.company_name, ticket, about, repeat_words(row.repeat_rule), row.notes
    )


def repeat_words(rule: str | None) -> str:
    """Say how often a task repeats."""
    if not rule:
        return ""
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        key, _, value = part.partition("=")
        parts[key] = value
    if "X-BEFORE" in parts:
        n = int(parts["X-BEFORE"])
        return tr_n("every year, {n} day before", "every year, {n} days before", n)
    one, many = _FREQUENCIES.get(parts.get("FREQ", ""), ("repeats", "repeats"))
    if parts.get("BYDAY") == "MO,TU,WE,TH,FR":
        return tr("repeats every weekday")
    return tr_n(one, many, int(parts.get("INTERVAL", "1")))


def ticket_detail(row: TicketDue) -> str:
    """Return a ticket's second line: the customer, the priority and which clock runs out."""
    return joined(
        row.company_name or row.contact_name, tr(_PRIORITIES[row.priority]), tr(_CLOCKS[row.clock])
    )


def ticket_due(row: TicketDue, moment: datetime) -> tuple[str, str]:
    """Return a ticket's pill: the moment it is due, because the working clock may stand still."""
    due, here = local(row.due_at), local(moment)
    day = "" if due.date() == here.date() else f"{short_date(due.date())} "
    if row.is_late:
        return tr("late since {when}", when=f"{day}{clock_time(due)}"), "bad"
    urgent = row.priority in {TicketPriority.URGENT, TicketPriority.HIGH}
    close = row.due_at - moment < SOON or (urgent and row.priority is TicketPriority.URGENT)
    return tr("due {when}", when=f"{day}{clock_time(due)}"), "bad" if close else "warning"


def deal_detail(row: QuietDeal) -> str:
    """Return a quiet deal's second line: where it stands and since when nothing was done."""
    touch = tr_n(
        "last touch {n} day ago, limit {limit}",
        "last touch {n} days ago, limit {limit}",
        row.deal.attention.quiet_days,
        limit=number(row.limit_days),
    )
    return joined(row.deal.company_name, row.deal.stage_name, touch)


def deal_over(row: QuietDeal) -> tuple[str, str]:
    """Return a quiet deal's pill: by how much the stage's limit has passed."""
    days = row.days_over
    return tr("{n} d over", n=number(days)), "warning" if days > 1 else "neutral"


def oldest_words(rows: tuple[TaskRow, ...], moment: datetime) -> str:
    """Say how old the oldest overdue task is."""
    dues = [row.due_at for row in rows if row.due_at is not None]
    return tr("oldest {age}", age=age_words(min(dues), moment)) if dues else ""


def reason_pill(reason: Reason) -> tuple[str, str, str | None]:
    """Return why to call: words, tone and icon."""
    makers: dict[str, tuple[str, str, str | None]] = {
        "wrote": (_wrote(reason), "accent", "mail"),
        "opened": (tr_n("Looked {n} time", "Looked {n} times", reason.count), "accent", "eye"),
        "closes": (_closes(reason.count), "warning", "calendar"),
        "solved": (_solved(reason), "neutral", None),
        "new_lead": (tr("New lead"), "good", "sparkles"),
        "no_call": (_no_call(reason.count), "neutral", None),
        "never_called": (tr("Never called"), "neutral", None),
    }
    return makers[reason.kind]


def _wrote(reason: Reason) -> str:
    if reason.at is None:
        return tr("Wrote, no answer yet")
    return tr("Wrote {when}, no answer yet", when=date_words(local(reason.at).date()))


def _closes(days: int) -> str:
    if days == 0:
        return tr("Closes today")
    return tr_n("Closes in {n} day", "Closes in {n} days", days)


def _solved(reason: Reason) -> str:
    if reason.at is None:
        return tr("Ticket solved")
    return tr("Ticket solved {when}", when=date_words(local(reason.at).date()))


def _no_call(days: int) -> str:
    if days >= 14:
        return tr_n("No call for {n} week", "No call for {n} weeks", days // 7)
    return tr_n("No call for {n} day", "No call for {n} days", days)


def activity_words(kind: str, direction: str | None, outcome: str | None) -> str:
    """Say what happened: "Call, no answer", "E-mail received"."""
    if kind == "call":
        return tr("Call, no answer") if outcome == "no_answer" else tr("Call")
    if kind == "email":
        mail = tr(f"E{NBHY}mail")
        return tr("{mail} received", mail=mail) if direction == "inbound" else mail
    return tr("Meeting") if kind == "meeting" else tr("Note")
