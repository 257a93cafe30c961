"""Files that came with an import and that nothing uses any more once it is taken back."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from models.records import Attachment, AttachmentLink, ChangeLog

_FILES = cast("Table", Attachment.__table__)
_LINKS = cast("Table", AttachmentLink.__table__)


def attached_files(session: Session, column: str, ids: Sequence[int]) -> list[int]:
    """Return the stored files on records; `column` says of which kind the records are."""
    wanted = select(_LINKS.c.attachment_id).where(_LINKS.c[column].in_(ids)).distinct()
    return list(session.scalars(wanted))


def drop_unused_files(session: Session, ids: Sequence[int]) -> None:
    """Delete the stored files that are on no record and that no undo could put back on one."""
    if not ids:
        return
    used = set(
        session.scalars(select(_LINKS.c.attachment_id).where(_LINKS.c.attachment_id.in_(ids)))
    )
    loose = [file_id for file_id in ids if file_id not in used]
    if loose:
        taken_off = _taken_off(session)
        loose = [file_id for file_id in loose if file_id not in taken_off]
        session.execute(delete(_FILES).where(_FILES.c.id.in_(loose)))


def _taken_off(session: Session) -> set[int]:
    """Return the files that a person once took off a record: undo may want them again."""
    lines = session.scalars(
        select(ChangeLog.before).where(
            ChangeLog.kind == "attachment_link", ChangeLog.action == "deleted"
        )
    )
    return {
        int(before["attachment_id"]) for before in lines if before and "attachment_id" in before
    }
