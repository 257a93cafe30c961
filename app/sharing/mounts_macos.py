"""What file system a macOS path lies on: one `statfs`, read from its bytes."""

import os
import struct
from pathlib import Path
from typing import Any, Final

from app.sharing.mounts import Mount

# struct statfs with 64-bit inodes, <sys/mount.h>: sizes, counts, owner, type, flags, subtype,
# then the names of type, mount point and source.
_LAYOUT: Final = struct.Struct("=Ii5Q2iIIII16s1024s1024sI7I")
_FLAGS: Final = 11
_TYPE, _POINT, _SOURCE = 13, 14, 15
_MNT_RDONLY: Final = 0x00000001
_MNT_LOCAL: Final = 0x00001000
_MNT_REMOVABLE: Final = 0x00000200


def parse_statfs(raw: bytes) -> Mount:
    """Read the bytes that `statfs` has filled in."""
    fields = _LAYOUT.unpack(raw[: _LAYOUT.size])
    flags = int(fields[_FLAGS])
    return Mount(
        point=_text(fields[_POINT]),
        kind=_text(fields[_TYPE]),
        source=_text(fields[_SOURCE]),
        options=("ro",) if flags & _MNT_RDONLY else ("rw",),
        is_local=bool(flags & _MNT_LOCAL),
        is_removable=bool(flags & _MNT_REMOVABLE),
    )


def _text(raw: bytes) -> str:
    return os.fsdecode(raw.split(b"\0", 1)[0])


def macos_mount(path: Path) -> Mount | None:
    """Return the mount a path lies on, None where the system gives no answer."""
    import ctypes

    library: Any = ctypes.CDLL(None, use_errno=True)
    # On Intel the plain name is the old layout with 32-bit inodes.
    call = getattr(library, "statfs$INODE64", None) or library.statfs
    buffer = ctypes.create_string_buffer(_LAYOUT.size)
    if call(os.fsencode(path), buffer) != 0:
        return None
    return parse_statfs(buffer.raw)
