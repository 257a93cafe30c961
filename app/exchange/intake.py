"""What comes in by itself while a window is open: mail accounts and watched folders.

A thread of its own looks; of all processes only the one that holds an account's or a folder's
lease does so. Where something has come, the importing process takes it in, as it does for a
person's imports: a mail or a file that crashes its parser does not take the window with it.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from app.commands.mail_accounts import note_mail_poll
from app.commands.watched_folders import forget_failed_files
from app.errors import CloseknitError, UserError
from app.exchange.background import Background, BreakdownError
from app.exchange.imap.access import Access, kept_password
from app.exchange.imap.client import Stop
from app.exchange.imap.poll import FolderNews, Polled, access_of, find_news
from app.exchange.watch import LOOK_SECONDS, FolderWatch, Taken, WatchResult
from app.queries.intake import MailAccountRow, WatchedFolderRow, mail_accounts, watched_folders
from app.sharing.job_leases import JobLeases, Turn
from app.sharing.machine import host_name, this_machine
from app.workspace import Workspace
from app.writer import Priority
from models.clock import now

log = logging.getLogger(__name__)

END_SECONDS: Final = 5.0
MAX_MINUTES: Final = 60  # between looks at an account that fails again and again
_BROKEN: Final = (
    "The program itself failed at this; the log says where. It is tried again later by itself."
)


@dataclass(slots=True)
class _Wish:
    """Something a person wants looked at now."""

    run: Callable[[], Any]
    future: "Future[Any]"


class Intake:
    """Looks at mail accounts and watched folders. The methods may be called from any thread."""

    def __init__(
        self,
        workspace: Workspace,
        leases: JobLeases | None = None,
        *,
        seconds: float = LOOK_SECONDS,
    ) -> None:
        self.workspace = workspace
        self.leases = leases or JobLeases(workspace.database.process, host_name())
        self._seconds = seconds
        self._background = Background(workspace)
        self._stop = Stop()
        self._wake = threading.Condition()
        self._wishes: list[_Wish] = []
        self._passwords: dict[str, str] = {}  # given by the person, where there is no keyring
        self._watches: dict[int, FolderWatch] = {}
        self._failures: dict[int, int] = {}  # account → how often in a row
        self._next: dict[int, float] = {}  # account → when to look, by the monotonic clock
        self._held: set[str] = set()
        self._thread = threading.Thread(target=self._work, name="intake", daemon=True)

    def start(self) -> None:
        """Begin to look, now and every few seconds."""
        if self.workspace.read_only:  # nothing could be stored
            return
        self.workspace.before_close(self.stop)
        self._thread.start()

    def stop(self) -> None:
        """End: what is on its way is stored or left for the next time."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._background.cancel()
        with self._wake:
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(END_SECONDS)
        for name in self._held:
            with contextlib.suppress(UserError):  # where nothing is taken any more, it runs out
                self.workspace.writer.submit(
                    "Elect", self.leases.release, name=name, undoable=False
                )

    def remember_access(self, account_id: int, access: Access) -> None:
        """Use a password until the program ends, and soon; the keyring may not have it."""
        self._passwords[access.key] = access.password
        self._next.pop(account_id, None)

    def access(self, account: MailAccountRow) -> Access | None:
        """Return an account's login, None without a password; asks the keyring, which may wait."""
        bare = access_of(account)
        password = self._passwords.get(bare.key) or kept_password(bare)
        return replace(bare, password=password) if password else None

    def has_password(self, account: MailAccountRow) -> bool:
        """Say whether this computer can log in to an account."""
        return self.access(account) is not None

    def poll_now(self, account_id: int) -> "Future[Polled]":
        """Look at a mail account now, paused or not."""
        return self._wish(partial(self._poll_wanted, account_id))

    def look_now(self, folder_id: int) -> "Future[list[WatchResult]]":
        """Look at a watched folder now; what could not be taken is tried again."""
        return self._wish(partial(self._look_wanted, folder_id))

    def turn(self) -> None:
        """Look once at everything that is due; the thread does this, and tests."""
        try:
            for account in self.workspace.read(mail_accounts):
                if self._stop.is_set():
                    return
                if not account.is_paused and self._is_due(account) and self._may(account):
                    self._poll(account)
            rows = self.workspace.read(watched_folders, this_machine())
            self._watches = {row.id: self._watch_of(row) for row in rows if not row.is_paused}
            for watch in list(self._watches.values()):
                if self._stop.is_set():
                    return
                if self._holds(f"watch-{watch.folder.id}"):
                    self._look(watch)
        finally:
            if self._background.process_id is not None:
                self._background.rest()

    # The thread.

    def _work(self) -> None:
        while not self._stop.is_set():
            self._attempt(self.turn)
            end = time.monotonic() + self._seconds
            while not self._stop.is_set():
                with self._wake:
                    if not self._wishes and not self._stop.is_set():
                        self._wake.wait(max(0.0, end - time.monotonic()))
                    wishes, self._wishes = self._wishes, []
                if not wishes:
                    break
                for wish in wishes:
                    self._fulfil(wish)
        for wish in self._wishes:
            wish.future.cancel()

    @staticmethod
    def _attempt(work: Callable[[], object]) -> None:
        try:
            work()
        except CloseknitError as error:  # the store is away, or being closed: the next turn
            log.info("Nothing is taken in now: %s", error)
        except Exception:
            log.exception("Taking in what comes by itself failed")

    def _wish(self, run: Callable[[], Any]) -> "Future[Any]":
        future: Future[Any] = Future()
        if not self._thread.is_alive():
            future.set_exception(UserError("This workspace takes nothing in at the moment."))
            return future
        with self._wake:
            self._wishes.append(_Wish(run, future))
            self._wake.notify_all()
        return future

    def _fulfil(self, wish: _Wish) -> None:
        if not wish.future.set_running_or_notify_cancel():
            return
        try:
            value = wish.run()
        except BaseException as error:  # noqa: BLE001  whoever waits gets every error
            wish.future.set_exception(error)
        else:
            wish.future.set_result(value)
        finally:
            if self._background.process_id is not None:
                self._background.rest()

    # Mail accounts.

    def _is_due(self, account: MailAccountRow) -> bool:
        if account.id in self._next:
            return time.monotonic() >= self._next[account.id]
        if account.polled_at is None or account.error:
            return True
        return now() >= account.polled_at + timedelta(minutes=account.every_minutes)

    def _may(self, account: MailAccountRow) -> bool:
        """Say whether it is ours to look; a computer without the password leaves it to others."""
        if not self.has_password(account):
            # Not at each turn: a keyring may ask its owner each time.
            self._next[account.id] = time.monotonic() + MAX_MINUTES * 60
            return False
        return self._holds(f"mail-{account.id}")

    def _poll_wanted(self, account_id: int) -> Polled:
        accounts = self.workspace.read(mail_accounts, account_id)
        if not accounts:
            raise UserError("This mail account is not there any more.")
        if not self.has_password(accounts[0]):
            raise UserError(
                "This computer has no password for {account}. Enter it first.",
                field="password",
                account=accounts[0].name,
            )
        return self._poll(accounts[0])

    def _poll(self, account: MailAccountRow) -> Polled:
        """Ask the server what is new, and have it taken in where anything is."""
        polled = self._polled(account)
        failures = self._failures.get(account.id, 0) + 1 if polled.error else 0
        self._failures[account.id] = failures
        minutes = min(account.every_minutes * 2 ** min(failures, 8), MAX_MINUTES)
        if polled.wrong_login:  # many wrong tries lock a mailbox
            minutes = MAX_MINUTES
        minutes = max(minutes, account.every_minutes)
        self._next[account.id] = time.monotonic() + minutes * 60
        return polled

    def _polled(self, account: MailAccountRow) -> Polled:
        access = self.access(account)
        password = access.password if access is not None else ""
        polled = Polled(account.id)
        try:
            found = find_news(account, password, self._stop)
            if any(isinstance(each, FolderNews) for each in found):
                renew = partial(self._holds, f"mail-{account.id}")
                done: Polled = self._background.poll(account.id, password, lambda _n: renew())
                return done
            errors = dict.fromkeys(x.error for x in found if not isinstance(x, FolderNews))
            polled.error = "\n".join(errors) or None
        except BreakdownError:
            log.exception("Reading a mail account failed")
            polled.error = _BROKEN
        except CloseknitError as error:
            polled.error = str(error)
            polled.wrong_login = isinstance(error, UserError) and error.field == "password"
        if not self._stop.is_set():
            self._write(note_mail_poll, account_id=account.id, error=polled.error)
        return polled

    # Watched folders.

    def _watch_of(self, row: WatchedFolderRow) -> FolderWatch:
        known = self._watches.get(row.id)
        if known is None or known.folder.path != row.path:
            return FolderWatch(self.workspace, row, self._take, stopped=self._stop)
        known.folder = row
        return known

    def _take(self, path: Path, folder: WatchedFolderRow) -> Taken:
        try:
            taken: Taken = self._background.take_file(path, folder)
        except BreakdownError as error:
            log.exception("Reading a file of a watched folder failed")
            raise UserError(
                "Reading {file} failed by a fault of this program; the log says where. Save it in "
                "another format and try again.",
                file=path.name,
            ) from error
        return taken

    @staticmethod
    def _look(watch: FolderWatch) -> list[WatchResult]:
        return list(watch.look())

    def _look_wanted(self, folder_id: int) -> list[WatchResult]:
        rows = self.workspace.read(watched_folders, this_machine())
        row = next((row for row in rows if row.id == folder_id), None)
        if row is None:
            raise UserError("This folder is not watched on this computer any more.")
        self._write(forget_failed_files, folder_id=folder_id)
        watch = self._watches[folder_id] = self._watch_of(row)
        watch.forget()
        self._look(watch)  # the first of the two looks at which a file must be the same
        if self._stop.wait(1.0):
            return []
        return self._look(watch)

    # Both.

    def _holds(self, name: str) -> bool:
        """Say whether the lease is ours, and take or renew it where it can be."""
        turn = self.workspace.read(self.leases.look, name)
        if turn is not Turn.WAIT:
            self._write(self.leases.claim, name=name)
        held = self.leases.is_held(name)
        if held:
            self._held.add(name)
        return held

    def _write(self, command: Callable[..., Any], **fields: Any) -> Any:
        future = self.workspace.writer.submit(
            "Take in", command, urgency=Priority.BATCH, undoable=False, **fields
        )
        return future.result().value
