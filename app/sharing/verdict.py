"""What a place is good for, as a value."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.sharing.mounts import Mount


class Mode(StrEnum):
    """What may be done with a workspace at its place."""

    LOCAL = "local"
    SHARED = "shared"  # several computers, rollback journal
    ONE_COMPUTER = "one_computer"  # one computer at a time, rollback journal
    READ_ONLY = "read_only"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a place is good for, why, and what to do instead where that is not enough."""

    mode: Mode
    place_kind: str  # "ext4", "nfs4", "fuse.sshfs", "cloud:Dropbox"
    why: str
    remedy: str = ""
    mount: Mount | None = None
    needs_handshake: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether the workspace can at least be read here."""
        return self.mode is not Mode.REFUSED

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as the command line prints it."""
        mount = self.mount
        return {
            "mode": self.mode.value,
            "place": self.place_kind,
            "why": self.why,
            "remedy": self.remedy,
            "needs_handshake": self.needs_handshake,
            "mount": None
            if mount is None
            else {
                "point": mount.point,
                "type": mount.kind,
                "source": mount.source,
                "options": list(mount.options),
            },
        }
