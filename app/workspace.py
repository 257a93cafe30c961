"""The open CRM database and all that hangs on it; passed in, never a global."""

import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.settings import workspace_settings
from app.commands.users import enter_workspace, user_named
from app.database import Database
from app.database_faults import place_of
from app.errors import EnvironmentFault, UserError
from app.node_lease import Lease
from app.readers import Readers
from app.sharing.clocks import ClockCheck
from app.sharing.entrance import entered
from app.sharing.modes import Opening
from app.sharing.passes import claim_home, take_over_workspace
from app.sharing.presence import BEAT_SECONDS, Attendance
from app.sharing.verdict import Mode, Verdict
from app.sharing.versions import check_versions
from app.watcher import Watcher
from app.writer import Priority, Writer
from models.records import LogHead

if TYPE_CHECKING:
    from app.sharing.rescue import Rescue

log = logging.getLogger(__name__)

T = TypeVar("T")
_PATIENCE_SECONDS: Final = 5.0


class Workspace:
    """An open workspace. Make one with `Workspace.open`; end it with `close`."""

    def __init__(self, location: str, database: Database, opening: Opening) -> None:
        self.location = location
        self.database = database
        self.opening = opening
        # What the person should know of but can work with, such as a clock that is wrong.
        self.warnings: list[EnvironmentFault] = []
        self.feed = database.feed
        self.is_new = False
        self.user_id: int | None = None
        self._closed = False
        self._before_close: list[Callable[[], None]] = []
        with database.reading() as session:
            settings = workspace_settings(session)
        self.name, self.currency = settings.name, settings.currency
        self.watcher = Watcher(database)
        self.readers = Readers(database)
        self._lease = Lease(database.process)
        self._attendance = Attendance(database.process)
        self._clock = ClockCheck(database.process)
        self._beating = threading.Event()
        database.before_change = self._before_change
        self.writer = Writer(database, lambda: self.user_id)
        self.rescue: Rescue | None = None
        self.hung = False  # threads are left behind in a place that does not answer

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        create: bool = False,
        user_name: str | None = None,
        watch: bool = True,
        read_only: bool = False,
        mode: Mode | None = None,
        take_over: bool = False,
    ) -> "Workspace":
        """Open a SQLite path or a PostgreSQL URL; with `create`, make it where there is none.

        `read_only` writes nothing and keeps no lock. `mode` is for tests: the file's place decides.
        `take_over`: make this computer the one that writes to a shared file, for one that is gone.
        Raises EnvironmentFault, with a remedy, for whatever cannot be opened; leaves it untouched.
        """
        workspace = entered(
            str(location), cls, create=create, read_only=read_only, mode=mode, take_over=take_over
        )
        workspace.enter(user_name, watch=watch, take_over=take_over)
        return workspace

    def enter(self, user_name: str | None, *, watch: bool, take_over: bool = False) -> None:
        """Come in under a name; the last part of opening."""
        try:
            if self.read_only:
                self.user_id = self.read(user_named, user_name) if user_name else None
                self.writer.refuse(self.opening.why_read_only)
                self._look_at_clock()
            else:
                self._begin(user_name, take_over=take_over)
        except BaseException:
            self.close()
            raise
        if watch:
            self.watcher.start()

    def _begin(self, user_name: str | None, *, take_over: bool) -> None:
        # By the writer, which is patient with others who hold the store.
        self.writer.submit(
            "Open workspace",
            self._come_in,
            undoable=False,
            user_name=user_name,
            take_over=take_over,
        ).result()
        if user_name and self.user_id is None:
            self.user_id = self.change("Enter workspace", self._enter_as, name=user_name)
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def _come_in(self, session: Session, *, user_name: str | None, take_over: bool) -> None:
        if self.verdict is not None and self.verdict.mode is self.mode and self.opening.shared:
            (take_over_workspace if take_over else claim_home)(session, verdict=self.verdict)
        # By the log, not by who made the tables: its maker may have died before this.
        self.is_new = session.scalar(select(LogHead.n)) == 0
        if self.is_new:
            from app.seed import seed_workspace

            seed_workspace(session)
        self.user_id = user_named(session, user_name) if user_name else None
        self._warn(self._clock.look(session))
        self._attendance.beat(session, self.user_id)

    def _enter_as(self, session: Session, *, name: str) -> int:
        user_id = enter_workspace(session, name=name)
        self._attendance.beat(session, user_id)
        return user_id

    def _before_change(self, session: Session) -> None:
        check_versions(session, place_of(self.database.url))
        self._lease.keep(session)

    @property
    def mode(self) -> Mode | None:
        """How the file is used at its place; None for a database server."""
        return self.opening.mode

    @property
    def verdict(self) -> Verdict | None:
        """What was found of the file's place; None for a server, or where the mode was forced."""
        return self.opening.verdict

    @property
    def is_server(self) -> bool:
        """Whether this is a database on a server rather than a file."""
        return self.opening.mode is None

    @property
    def read_only(self) -> bool:
        """Whether nothing can be saved, for as long as it is open."""
        return self.opening.read_only

    @property
    def why_read_only(self) -> str:
        """The reason, as a sentence; empty where it can be written to."""
        return self.opening.why_read_only

    @property
    def node(self) -> int:
        """The node of the ids that this process makes."""
        return self._lease.node

    def set_user(self, user_id: int | None) -> None:
        """Say in whose name changes are made from now on."""
        self.user_id = user_id
        self.beat()

    def change(self, label: str, command: Callable[..., T], /, **fields: Any) -> T:
        """Run a command now and wait; for the command line, tests and start-up, not for windows."""
        if self.writer.is_current_thread:
            raise RuntimeError("a command would wait for itself; call the other command directly")
        value: T = self.writer.submit(label, command, **fields).result().value
        return value

    def read(self, query: Callable[..., T], /, *args: Any, **fields: Any) -> T:
        """Run a query now and wait; not for windows."""
        with self.database.reading() as session:
            return query(session, *args, **fields)

    def beat(self) -> None:
        """Store that we are in and hold our node, and compare clocks; each minute, by itself."""
        if not self.read_only:
            with contextlib.suppress(UserError):  # the workspace is being closed
                self.writer.submit(
                    "Heartbeat", self.heartbeat, urgency=Priority.BATCH, undoable=False
                )

    def heartbeat(self, session: Session) -> None:
        """Do what `beat` submits: a command like any other."""
        self._warn(self._clock.look(session))
        self._attendance.beat(session, self.user_id)
        self._lease.renew(session)

    def _beat(self) -> None:
        while not self._beating.wait(BEAT_SECONDS):
            self.beat()

    def _look_at_clock(self) -> None:
        self._warn(self.read(self._clock.look))

    def _warn(self, warning: EnvironmentFault | None) -> None:
        self.warnings = [warning] if warning is not None else []

    def start_rescue(self, **pace: Any) -> "Rescue":
        """Go on while the place fails: read from a copy, keep edits, try again; for a window."""
        if self.rescue is None:
            from app.sharing.rescue import Rescue

            self.rescue = Rescue(
                self.location, self.database, self.writer, self.readers, self.heartbeat, **pace
            )
            self.watcher.on_fault = self.rescue.met_in_passing
        return self.rescue

    def before_close(self, end: Callable[[], None]) -> None:
        """Have `end` called first when the workspace closes (the scheduler's shutdown)."""
        self._before_close.append(end)

    def close(self) -> None:
        """End everything in the one order that neither hangs nor reports stored saves as failed."""
        if self._closed:
            return
        self._closed = True
        self._beating.set()
        try:
            for end in self._before_close:
                with contextlib.suppress(Exception):
                    end()
            self.writer.refuse()
            self._end_threads()
            self.feed.clear()
            if not self.hung:
                self._say_goodbye()
        finally:
            self.database.dispose(hung=self.hung)

    def _end_threads(self) -> None:
        """End readers, writer and watcher; what hangs in a lost drive is left behind."""
        rescue = self.rescue
        patience = None if rescue is None else _PATIENCE_SECONDS
        while not (self.readers.close(patience=patience) and self.writer.drain(patience)):
            if rescue is not None and rescue.hangs:
                self.hung = True
                rescue.keep_what_hangs()
                break
        self.watcher.stop(patience=patience)
        if rescue is not None:
            rescue.close()

    def _say_goodbye(self) -> None:
        """Take back what says that we are in; an idle window may learn only now of a lost drive."""
        if self.rescue is None:
            self._leave()
            return
        leaving = threading.Thread(target=self._leave, name="goodbye", daemon=True)
        leaving.start()
        leaving.join(_PATIENCE_SECONDS)
        while leaving.is_alive():
            if not self.rescue.answers():
                self.hung = True
                return
            leaving.join(_PATIENCE_SECONDS)

    def _leave(self) -> None:
        with (
            contextlib.suppress(Exception),  # a lost drive must not keep the program open
            self.database.changing("Close workspace", undoable=False) as session,
        ):
            self._lease.release(session)
            self._attendance.leave(session)
