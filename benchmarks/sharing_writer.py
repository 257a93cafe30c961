"""One colleague of `benchmarks/sharing.py`: works until its standard input is closed."""

import json
import os
import random
import select
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select as sql_select
from sqlalchemy.orm import Session

from app.commands.activities import log_activity
from app.commands.contacts import change_contact
from app.commands.deal_moves import move_deal_to_stage
from app.commands.deals import change_deal
from app.errors import EnvironmentFault, UserError
from app.workspace import Workspace
from benchmarks.sharing_ground import open_workspace
from models.records import Contact, Deal
from models.values import ActivityKind


class Colleague:
    """Chooses work at random, notes when it begins and that it was acknowledged."""

    def __init__(
        self, workspace: Workspace, number: int, path: Path, ids: dict[str, list[int]]
    ) -> None:
        self.workspace, self.ids = workspace, ids
        self.name = f"{number}-{os.getpid()}"
        self.count = 0
        self.dice = random.Random(f"{number} {os.getpid()}")
        # Unbuffered: what was written survives a kill of this process.
        self.notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def work_once(self) -> None:
        """Do one piece of work."""
        self.count += 1
        work: Callable[[], None] = self.dice.choice(
            [self.add_note, self.move_deal, self.edit_contact, self.count_up]
        )
        work()

    def add_note(self) -> None:
        """Write a note of its own."""
        subject = f"note {self.name} {self.count}"
        contact = self.ids["contact"][0]
        self._do(
            "note",
            {"subject": subject},
            log_activity,
            kind=ActivityKind.NOTE,
            subject=subject,
            contact_id=contact,
        )

    def move_deal(self) -> None:
        """Move a card as the mouse does: to where it is told, whoever moved it before."""
        deal, stage = self.dice.choice(self.ids["deals"]), self.dice.choice(self.ids["stages"])
        self._do(
            "move", {"deal": deal, "stage": stage}, move_deal_to_stage, deal_id=deal, stage_id=stage
        )

    def edit_contact(self) -> None:
        """Edit the contact that everybody edits, as a form does: from what it showed."""
        contact = self.ids["contact"][0]
        version = self.workspace.read(_version, Contact, contact)
        title = f"Title {self.name} {self.count}"
        self._do(
            "edit",
            {"title": title},
            change_contact,
            contact_id=contact,
            row_version=version,
            job_title=title,
        )

    def count_up(self) -> None:
        """Add one to the deal that everybody counts with: read, add, save if unchanged."""
        deal = self.ids["counter"][0]
        version, amount = self.workspace.read(_amount, deal)
        self._do(
            "count",
            {"amount": amount + 100},
            change_deal,
            deal_id=deal,
            row_version=version,
            amount_minor=amount + 100,
        )

    def _do(
        self, op: str, said: dict[str, object], command: Callable[..., object], **fields: Any
    ) -> None:
        key = f"{self.name} {self.count}"
        self._note({"what": "begin", "key": key, "op": op, **said})
        started = time.perf_counter()
        try:
            done = self.workspace.writer.submit(op, command, **fields).result()
        except UserError:  # somebody was faster: a person looks again and repeats
            self._note({"what": "again", "key": key})
        except EnvironmentFault as fault:
            self._note({"what": "fault", "key": key, "text": str(fault)})
        else:
            took = (time.perf_counter() - started) * 1000
            step = done.changes.step if done.changes is not None else None
            self._note({"what": "done", "key": key, "ms": took, "step": step})

    def _note(self, note: dict[str, object]) -> None:
        os.write(self.notes, (json.dumps(note) + "\n").encode())


def _version(session: Session, record: type[Contact], record_id: int) -> int:
    return int(session.scalars(sql_select(record.row_version).where(record.id == record_id)).one())


def _amount(session: Session, deal_id: int) -> tuple[int, int]:
    row = session.execute(
        sql_select(Deal.row_version, Deal.amount_minor).where(Deal.id == deal_id)
    ).one()
    return int(row[0]), int(row[1] or 0)


def main() -> int:
    """Work until told to stop, with pauses as a person makes them."""
    location, mode, number, path, think, ids = sys.argv[1:]
    workspace = open_workspace(location, mode, name=f"Writer {number}")
    try:
        colleague = Colleague(workspace, int(number), Path(path), json.loads(ids))
        while True:
            pause = colleague.dice.uniform(0, float(think))
            if select.select([sys.stdin], [], [], pause)[0]:
                return 0
            colleague.work_once()
    finally:
        workspace.close()


if __name__ == "__main__":
    sys.exit(main())
