"""How a command that only looks opens a workspace."""

from app.errors import EnvironmentFault
from app.workspace import Workspace


def open_to_look(location: str) -> Workspace:
    """Open without writing a byte or keeping a lock, as far as that can be.

    What an older version has written is upgraded, and what a crash has left half done is taken
    back: for these it must be opened for writing after all. Raises EnvironmentFault as that does.
    """
    try:
        return Workspace.open(location, watch=False, read_only=True)
    except EnvironmentFault:
        return Workspace.open(location, watch=False)
