"""Imports one file of a watched folder, as the folder says."""

from pathlib import Path

from sqlalchemy.orm import Session

from app.errors import UserError
from app.exchange.mappings import FileMapping, from_json, plan_mapped
from app.exchange.plan import FilePlan, Region, plan_file
from app.exchange.runs import ImportRun, region_of
from app.exchange.watch import Take, Taken
from app.queries.intake import WatchedFolderRow
from app.workspace import Workspace
from models.base import thaw
from models.records import ImportMapping


def take_file(workspace: Workspace) -> Take:
    """Return what imports a file in this process; for the command line."""

    def take(path: Path, folder: WatchedFolderRow) -> Taken:
        results = ImportRun(workspace, [plan_watched(workspace, path, folder)]).run()
        return Taken(results[0].tally, results[0].batch_id)

    return take


def plan_watched(workspace: Workspace, path: Path, folder: WatchedFolderRow) -> FilePlan:
    """Open and recognise a file, or map it as its folder says."""
    region: Region = region_of(workspace)
    mapping = (
        workspace.read(stored_mapping, folder.mapping_id) if folder.mapping_id is not None else None
    )
    if mapping is not None:
        return plan_mapped(path, mapping, region)
    return plan_file(path, kind=folder.kind, region=region)


def stored_mapping(session: Session, mapping_id: int) -> FileMapping | None:
    """Return a remembered mapping, None where it is forgotten or not to be understood any more."""
    row = session.get(ImportMapping, mapping_id)
    if row is None or row.archived_at is not None:
        return None
    try:
        return from_json(thaw(row.definition))
    except UserError:  # of a newer version, or a field that is gone
        return None
