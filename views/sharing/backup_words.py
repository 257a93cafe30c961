"""Backups and their differences in words."""

from typing import Final

from app.sharing.backup_files import Backup, Reason
from app.sharing.differences import Differences, LastChange
from views.shared.format import age_words, capital, file_size, moment_words, number
from views.shared.text import tr, tr_n

_REASONS: Final[dict[Reason, str]] = {
    Reason.ASKED: "asked for",
    Reason.DAILY: "the day's first",
    Reason.EDITS: "after edits",
    Reason.MIGRATION: "before an upgrade",
    Reason.IMPORT: "before an import",
    Reason.BULK: "before a large change",
    Reason.RESTORE: "before a restore",
    Reason.MOVE: "before a move",
}
_KINDS: Final[dict[str, str]] = {
    "activity": "Activities",
    "address": "Addresses",
    "appointment": "Appointments",
    "attachment": "Files",
    "attachment_link": "Files on records",
    "campaign": "Campaigns",
    "canned_reply": "Ready replies",
    "company": "Companies",
    "contact": "Contacts",
    "contact_point": "E\u2011mails and phones",
    "custom_field": "Own fields",
    "custom_value": "Values of own fields",
    "deal": "Deals",
    "deal_line": "Products of deals",
    "event": "Events",
    "external_id": "Numbers in other programs",
    "import_batch": "Imports",
    "import_row": "Rows of imports",
    "lead_source": "Sources",
    "order": "Orders",
    "order_line": "Products of orders",
    "pipeline": "Pipelines",
    "product": "Products",
    "reminder": "Reminders",
    "saved_view": "Saved views",
    "stage": "Stages",
    "stage_change": "Moves of deals",
    "tag": "Tags",
    "tag_link": "Tags on records",
    "task": "Tasks",
    "ticket": "Tickets",
    "ticket_message": "Messages in tickets",
    "user": "People",
    "workspace_setting": "Settings",
}


def when_words(backup: Backup) -> str:
    """Return when a backup was made: "Today 14:05"."""
    return capital(moment_words(backup.at))


def about_words(backup: Backup) -> str:
    """Return its age, why it was made, and by whom."""
    parts = [tr("{age} ago", age=age_words(backup.at)), tr(_REASONS[backup.reason])]
    if backup.user and backup.reason is Reason.ASKED:
        parts.append(tr("by {name}", name=backup.user))
    return " · ".join(parts)


def size_words(backup: Backup) -> str:
    """Return its size and what it holds: "2.4 MB"."""
    return file_size(backup.size)


def kind_words(kind: str) -> str:
    """Return a kind of record as a heading."""
    return tr(_KINDS[kind]) if kind in _KINDS else kind.replace("_", " ").capitalize()


def summary_words(found: Differences) -> str:
    """Say what a restore would mean as a whole."""
    if found.problem is not None:
        records = sum(kind.in_backup for kind in found.kinds)
        return tr(
            "The present file cannot be read ({problem}). The backup holds {n} records.",
            problem=found.problem.rstrip("."),
            n=number(records),
        )
    if found.is_same:
        return tr("The backup and the workspace hold the same records.")
    if not found.steps_lost:
        return tr("The backup and the workspace differ.")
    return tr_n(
        "{n} change made since the backup would be undone.",
        "{n} changes made since the backup would be undone.",
        found.steps_lost,
    )


def change_words(change: LastChange | None) -> str:
    """Return the newest change of a file: "Move deal, today 14:02, Elena Novak"."""
    if change is None:
        return ""
    parts = [tr(change.label), moment_words(change.at), change.user or ""]
    return ", ".join(part for part in parts if part)
