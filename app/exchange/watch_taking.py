"""Imports one file of a watched folder, as the folder says."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy.orm import Session

from app.errors import UserError
from app.exchange.mappings import FileMapping, apply, from_json, plan_mapped, shape_of
from app.exchange.plan import FilePlan, Region, plan_file
from app.exchange.runs import ImportRun, region_of
from app.exchange.watch import Take, Taken
from app.queries.imports import mapping_for
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
    if folder.mapping_id is not None:
        mapping = workspace.read(stored_mapping, folder.mapping_id)
        if mapping is not None:
            return plan_mapped(path, mapping, region)
    plan = plan_file(path, kind=folder.kind, region=region)
    if plan.table.stated is not None:
        return plan
    # As a person has mapped such a file before.
    kept = workspace.read(mapping_for, shape_of(plan.table.headers))
    if kept is None or folder.kind not in {None, kept.kind}:
        return plan
    with suppress(UserError):  # kept by another version: the guess stands
        return apply(plan, from_json(kept.definition), region)
    return plan


def stored_mapping(session: Session, mapping_id: int) -> FileMapping | None:
    """Return a remembered mapping, None where it is forgotten or not to be understood any more."""
    row = session.get(ImportMapping, mapping_id)
    if row is None or row.archived_at is not None:
        return None
    try:
        return from_json(thaw(row.definition))
    except UserError:  # of a newer version, or a field that is gone
        return None
