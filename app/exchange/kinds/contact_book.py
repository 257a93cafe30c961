"""What people and companies bring along: pictures and other files."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from sqlalchemy import insert, select

from app.exchange.books import PlainBook
from app.exchange.ledger import TABLES, Ledger
from app.exchange.shaping import Shaped
from app.exchange.spool import KeptFile
from app.exchange.state import FileState
from app.recorder import unrecorded
from models.ids import new_id

_MEMORY = "attachments"  # digest → id of what this file has stored


class ContactBook(PlainBook):
    """Keeps files with people; equal bytes are stored once."""

    owner: ClassVar[str] = "contact_id"

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        super().__init__(state, ledger)
        self._stored: dict[str, int] = state.memory.setdefault(_MEMORY, {})
        self._linked: set[tuple[int, str]] = set()

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Read which of the files are there, and on whom."""
        wanted = {file.kept.digest for each in shaped for file in _files(each)}
        session = self.state.directory.session
        if not wanted or session is None:
            return
        among = self.state.directory.among
        attachment, link = TABLES["attachment"].c, TABLES["attachment_link"].c
        found = session.execute(
            select(attachment.digest, attachment.id).where(among(attachment.digest, sorted(wanted)))
        )
        self._stored.update((digest, record_id) for digest, record_id in found)
        owner = link[self.owner]
        linked = session.execute(
            select(owner, attachment.digest)
            .select_from(TABLES["attachment_link"].join(TABLES["attachment"]))
            .where(among(owner, list(ids)))
        )
        self._linked.update((record_id, digest) for record_id, digest in linked)

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Keep the files with a new record."""
        self._attach(shaped, row, own=True)

    def write_more(self, shaped: Shaped, current: dict[str, Any], *, own: bool) -> bool:
        """Keep those of the files that a stored record has not yet."""
        return self._attach(shaped, current, own=own)

    def _attach(self, shaped: Shaped, row: dict[str, Any], *, own: bool) -> bool:
        added = False
        for file in _files(shaped):
            place = (row["id"], file.kept.digest)
            if place in self._linked:
                continue
            self._linked.add(place)
            attachment_id = self._stored.get(file.kept.digest)
            if attachment_id is None:
                attachment_id = self._store(file)
            values = {
                "attachment_id": attachment_id,
                self.owner: row["id"],
                "name": file.name,
                "media_type": file.media_type,
            }
            self.add_child("attachment_link", values, row, shaped.draft.row, own=own)
            added = True
        return added

    def _store(self, file: KeptFile) -> int:
        """Store bytes at once: a chunk's pictures together would fill the memory.

        They need no note: undo deletes with the last link what it was for.
        """
        record_id = self._stored[file.kept.digest] = new_id()
        session = self.state.directory.session
        if self.state.dry or session is None:
            return record_id
        row: dict[str, Any] = {
            "id": record_id,
            "created_at": self.ledger.moment,
            "updated_at": self.ledger.moment,
            "row_version": new_id(),
            "digest": file.kept.digest,
            "size": file.kept.size,
            "content": file.kept.content(),
        }
        with unrecorded(session, "attachment"):
            session.execute(insert(TABLES["attachment"]), [row])
        return record_id


class CompanyBook(ContactBook):
    """Keeps files with companies."""

    owner: ClassVar[str] = "company_id"


def _files(shaped: Shaped) -> Sequence[KeptFile]:
    files: Sequence[KeptFile] = shaped.draft.values.get("attachments", ())
    return files
