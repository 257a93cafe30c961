"""One look into a mailbox: what has come since the last becomes an import of its own.

How far a folder is read is stored in the same commit as its mails, so that a look that is cut off
anywhere loses nothing and repeats nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from sqlalchemy.orm import Session

from app.commands.mail_accounts import move_mail_position, note_mail_poll
from app.errors import CloseknitError, UserError
from app.exchange.counts import Tally
from app.exchange.drafts import RowReader
from app.exchange.imap import faults
from app.exchange.imap.access import Access
from app.exchange.imap.client import FolderState, Stop
from app.exchange.imap.folder_table import ImapFolder, plan_of, uid_of
from app.exchange.imap.messages import PAUSES, Arrivals
from app.exchange.import_commands import Taken, begin_import, cancel_import, write_import_chunk
from app.exchange.runs import region_of, rest
from app.exchange.shaping import Shaped
from app.exchange.state import FileState
from app.queries.intake import MailAccountRow, MailFolderRow, mail_accounts
from app.workspace import Workspace
from app.writer import Priority
from models.ids import new_id

CHUNK: Final = 100  # mails stored at once, fewer where they are large
CHUNK_BYTES: Final = 8_000_000
Position = tuple[int | None, int]  # UIDVALIDITY and the last UID that was read


@dataclass(frozen=True, slots=True)
class FolderNews:
    """A folder to which something has come, and how far it reaches now."""

    folder: MailFolderRow
    state: FolderState

    @property
    def start(self) -> int:
        """The last UID that was read; 0 where the server has numbered the folder anew."""
        known = self.folder.uid_validity == self.state.validity
        return self.folder.last_uid if known else 0


@dataclass(slots=True)
class PolledFolder:
    """What came from one folder; `batch_id` is None where nothing was new."""

    name: str
    tally: Tally = field(default_factory=Tally)
    batch_id: int | None = None
    error: str = ""


@dataclass(slots=True)
class Polled:
    """What a look at an account brought; `error` is what the person should know of."""

    account_id: int
    folders: list[PolledFolder] = field(default_factory=list)
    error: str | None = None
    wrong_login: bool = False

    @property
    def created(self) -> int:
        """How many mails are new."""
        return sum(folder.tally.as_json()["created"] for folder in self.folders)

    def as_json(self) -> dict[str, Any]:
        """Return the result as the command line prints it."""
        return {
            "account": self.account_id,
            "error": self.error,
            "folders": [
                {"folder": f.name, "batch": f.batch_id, "error": f.error or None}
                | f.tally.as_json()
                for f in self.folders
            ],
        }


def access_of(account: MailAccountRow, password: str = "") -> Access:
    """Return what it takes to get into an account's mailbox."""
    return Access(account.host, account.port, account.security, account.user_name, password)


def find_news(
    account: MailAccountRow, password: str, stop: Stop | None = None
) -> list[FolderNews | PolledFolder]:
    """Ask the server which chosen folders have something new; a folder with an error tells it.

    Raises what keeps us out of the mailbox altogether. Opens no folder and writes nothing.
    """
    found: list[FolderNews | PolledFolder] = []
    with (stop or Stop()).line(access_of(account, password)) as box:
        for folder in account.chosen:
            try:
                state = box.status(folder.name)
            except faults.FolderGoneFault as fault:
                found.append(PolledFolder(folder.name, error=str(fault)))
                continue
            news = FolderNews(folder, state)
            if folder.uid_validity != state.validity or news.start < state.next_uid - 1:
                found.append(news)
    return found


@dataclass(slots=True)
class Poll:
    """A look at one account. `run` waits for the network; `cancel` may come from any thread."""

    workspace: Workspace
    account_id: int
    password: str = field(repr=False)
    pause: Callable[[float], object] = rest  # between chunks
    pauses: Sequence[float] = PAUSES  # before another connection
    on_progress: Callable[[int], object] | None = None  # told how many mails have been read
    chunk: int = CHUNK
    stopped: Stop = field(default_factory=Stop)
    _read: int = 0

    def cancel(self) -> None:
        """End after the running chunk; what is stored stays, and the next look goes on there."""
        self.stopped.set()

    def run(self) -> Polled:
        """Take in what is new; what goes wrong is in the result and with the account."""
        polled = Polled(self.account_id)
        accounts = self.workspace.read(mail_accounts, self.account_id)
        if not accounts:
            raise UserError("This mail account is not there any more.")
        try:
            for each in find_news(accounts[0], self.password, self.stopped):
                if self.stopped.is_set():
                    break
                if isinstance(each, FolderNews):
                    polled.folders.append(self._take(accounts[0], each))
                else:
                    polled.folders.append(each)
        except CloseknitError as error:
            polled.error = str(error)
            polled.wrong_login = isinstance(error, UserError) and error.field == "password"
        said = dict.fromkeys(folder.error for folder in polled.folders if folder.error)
        polled.error = polled.error or "\n".join(said) or None
        if not self.stopped.is_set():  # a line that we cut ourselves is no error
            self.write(note_mail_poll, account_id=self.account_id, error=polled.error)
        return polled

    def _take(self, account: MailAccountRow, news: FolderNews) -> PolledFolder:
        folder, end = news.folder, news.state.next_uid - 1
        result = PolledFolder(folder.name)
        arrivals = Arrivals(
            access_of(account, self.password),
            folder.name,
            news.state.validity,
            news.start,
            end,
            account.since,
            self.pauses,
            self.stopped,
        )
        taking = _Taking(self, account, news, arrivals, result)
        taking.run()
        if arrivals.fault is not None:
            result.error = str(arrivals.fault)
        return result

    def write(self, command: Callable[..., Any], **fields: Any) -> Any:
        """Run a command on the writer, behind what people do, and wait."""
        future = self.workspace.writer.submit(
            "Read mail", command, urgency=Priority.BATCH, undoable=False, **fields
        )
        return future.result().value

    def tell(self, rows: int) -> None:
        """Take note that so many mails more are stored."""
        self._read += rows
        if self.on_progress is not None:
            self.on_progress(self._read)


class _Taking:
    """The mails of one folder on their way in."""

    def __init__(
        self,
        poll: Poll,
        account: MailAccountRow,
        news: FolderNews,
        arrivals: Arrivals,
        result: PolledFolder,
    ) -> None:
        self._poll = poll
        self._arrivals = arrivals
        self._result = result
        self._folder_id = news.folder.id
        self._validity = news.state.validity
        self._at: Position = (news.folder.uid_validity, news.folder.last_uid)
        source = f"imap://{account.host}/{news.folder.name}"
        plan = plan_of(ImapFolder(arrivals), f"{account.name}: {news.folder.name}", source)
        self._state = FileState(plan, new_id(), region_of(poll.workspace))
        result.tally = self._state.tally

    def run(self) -> None:
        """Store the mails chunk by chunk; only the first makes it an import."""
        chunks = self._chunks()
        chunk = next(chunks, None)
        while chunk is not None:
            following = next(chunks, None)
            self._store(chunk, last=following is None)
            self._poll.tell(len(chunk))
            chunk = following
            if chunk is not None:
                self._poll.pause(0.0)
        if not self._poll.stopped.is_set() and self._arrivals.fault is None:
            # Beyond the last mail: what is too old, or deleted, need not be asked about again.
            self._move(self._arrivals.reached)

    def _chunks(self) -> Iterator[list[Shaped]]:
        reader, shaper = RowReader(self._state.plan), self._state.shaper
        rows = self._state.plan.table.rows()
        while True:
            chunk: list[Shaped] = []
            weight = 0
            for row in islice(rows, min(self._poll.chunk, CHUNK)):
                chunk.append(shaper.shape(reader.read(row)))
                weight += chunk[-1].draft.weight
                if weight > CHUNK_BYTES:
                    break
            if not chunk:
                return
            yield chunk

    def _store(self, chunk: list[Shaped], *, last: bool) -> None:
        if self._result.batch_id is None:
            self._poll.write(begin_import, state=self._state)
            self._result.batch_id = self._state.batch_id
        after = (self._validity, uid_of(chunk[-1].draft.cells))
        try:
            self._poll.write(
                store_mails,
                state=self._state,
                rows=chunk,
                last=last,
                folder_id=self._folder_id,
                before=self._at,
                after=after,
            )
        except BaseException:
            self._poll.write(cancel_import, state=self._state)
            raise
        self._at = after

    def _move(self, last_uid: int) -> None:
        after = (self._validity, last_uid)
        if after != self._at:
            self._poll.write(
                move_mail_position, folder_id=self._folder_id, before=self._at, after=after
            )


def store_mails(
    session: Session,
    *,
    state: FileState,
    rows: Sequence[Shaped],
    last: bool,
    folder_id: int,
    before: Position,
    after: tuple[int, int],
) -> Taken:
    """Take some mails in and write down how far the folder is read: both or neither."""
    move_mail_position(session, folder_id=folder_id, before=before, after=after)
    return write_import_chunk(session, state=state, rows=rows, last=last)
