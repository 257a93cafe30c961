"""Where a workspace's file lies, and what may be done with it there: the verdict, with reasons.

Rules that every opener must keep:

- SHARED: rollback journal. The computers that `admission` lets in write; others open
  with `mode=ro` until they hold a pass of the handshake.
  Whoever opens a file here first makes itself its home (`passes.claim_home`).
- ONE_COMPUTER: locks do not reach other computers. Any but the home computer must open with
  `mode=ro`: a writable connection would find the journal of a running commit, take it for one
  left by a crash, and roll it back.
- LOCAL: ours alone, write-ahead log; but a file that was shared before (it has a home computer)
  stays in the rollback journal here too: this computer may be the file server of the others.
"""

import os
import sys
import threading
from pathlib import Path, PurePosixPath, PureWindowsPath

from app.sharing.cloud_folders import CloudFolder, Surroundings, cloud_folder
from app.sharing.machine import host_name, mount_key, this_machine
from app.sharing.mounts import MOUNT_TABLE, Mount, linux_mount
from app.sharing.place_rules import Access, judge, not_answering, refused_cloud
from app.sharing.verdict import Mode, Verdict

ANSWER_SECONDS = 5.0


class _Sight:
    """What was seen of a path; stays as it is where the drive does not answer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.access: Access | None = None
        self.cloud: CloudFolder | None = None


def placement(path: Path, *, seconds: float = ANSWER_SECONDS) -> Verdict:
    """Return the verdict on a path; the file need not exist yet. Never raises.

    Looking at a file on a drive that is gone can last for ever: that is left to a thread.
    """
    sight = _Sight(path)
    looking = threading.Thread(target=_look, args=[sight], name="placement", daemon=True)
    looking.start()
    looking.join(seconds)
    if sight.access is None:
        return not_answering()
    mount = _mount_of(sight.path)
    if sight.cloud is not None:
        return refused_cloud(sight.cloud.service, mount)
    return judge(mount, sight.access)


def _look(sight: _Sight) -> None:
    try:
        resolved = Path(os.path.realpath(sight.path))
    except (OSError, ValueError):
        resolved = sight.path.absolute()
    folder = resolved.parent
    exists = _may(resolved, os.F_OK)
    writable = _may(folder, os.W_OK) and (not exists or _may(resolved, os.W_OK))
    sight.cloud = cloud_folder(resolved, Surroundings())
    sight.path = resolved
    sight.access = Access(exists, writable or not _may(folder, os.F_OK))


def _may(path: Path, how: int) -> bool:
    try:
        return os.access(path, how)
    except ValueError:  # a NUL in its name
        return False


def _mount_of(path: Path) -> Mount | None:
    platform: str = sys.platform
    if platform == "win32":
        from app.sharing.mounts_windows import SystemVolumes, windows_mount

        return windows_mount(PureWindowsPath(path), SystemVolumes())
    if platform == "darwin":
        from app.sharing.mounts import nearest_existing
        from app.sharing.mounts_macos import macos_mount

        return macos_mount(nearest_existing(path))
    try:
        table = MOUNT_TABLE.read_text("utf-8", errors="surrogateescape")
    except OSError:  # no /proc in this jail
        return None
    return linux_mount(PurePosixPath(path), table)


__all__ = ["Mode", "Verdict", "host_name", "mount_key", "placement", "this_machine"]
