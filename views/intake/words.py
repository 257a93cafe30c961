"""What is said of mail accounts and watched folders."""

from typing import Final

from app.queries.intake import MailAccountRow, WatchedFolderRow
from models.values import MailSecurity
from views.shared.format import moment_words
from views.shared.text import tr, tr_n

SECURITY_WORDS: Final = {
    MailSecurity.TLS: "TLS",
    MailSecurity.STARTTLS: "STARTTLS",
    MailSecurity.PLAIN: "Without encryption",
}
Pill = tuple[str, str, str]  # words, tone, icon


def account_words(account: MailAccountRow) -> str:
    """Say from where and how often an account is read."""
    folders = ", ".join(folder.name for folder in account.chosen)
    often = tr_n("every minute", "every {n} minutes", account.every_minutes)
    return " · ".join((f"{account.user_name} @ {account.host}", folders, often))


def account_pill(account: MailAccountRow, *, has_password: bool) -> Pill:
    """Say how an account does."""
    if account.is_paused:
        return tr("paused"), "neutral", "pause"
    if not has_password:
        return tr("no password here"), "warning", "key-round"
    if account.error:
        return tr("problem"), "bad", "circle-alert"
    if account.polled_at is None:
        return tr("not read yet"), "neutral", "clock"
    return tr("read {when}", when=moment_words(account.polled_at)), "good", "check"


def folder_words(folder: WatchedFolderRow) -> str:
    """Say what has come from a watched folder."""
    taken = tr_n("{n} file taken", "{n} files taken", folder.taken)
    if not folder.failed:
        return taken
    return f"{taken} · {tr_n('{n} not taken', '{n} not taken', folder.failed)}"


def folder_pill(folder: WatchedFolderRow) -> Pill:
    """Say how a watched folder does."""
    if folder.is_paused:
        return tr("paused"), "neutral", "pause"
    if folder.error:
        return tr("problem"), "bad", "circle-alert"
    if folder.failed:
        return tr("look at files"), "warning", "triangle-alert"
    return tr("watched"), "good", "check"
