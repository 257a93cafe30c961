"""What file system a path lies on; each platform's table comes in as an argument.

The magic number of `statfs` is no help: 9p answers with that of ext4. Type and options decide.

Named tuples, not dataclasses, here and beside: the program's start pays for making the classes.
"""

import os
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

_DIGITS: Final = 3
MOUNT_TABLE: Final = Path("/proc/self/mountinfo")


class Mount(NamedTuple):
    """One mounted file system: where, of which type, from what, with which options.

    `is_local` is what the system itself says, None where it says nothing (Linux).
    """

    point: str
    kind: str  # as the system calls it: "ext4", "nfs4", "fuse.sshfs", "NTFS"
    source: str = ""
    options: tuple[str, ...] = ()
    root: str = "/"  # the part of the file system that is seen here (bind mounts, subvolumes)
    device: str = ""  # "major:minor"
    is_local: bool | None = None
    is_removable: bool = False

    def has(self, *names: str) -> bool:
        """Say whether one of these options is set, as a flag or to these values."""
        return any(name in self.options for name in names)

    def value(self, name: str) -> str | None:
        """Return what an option is set to; None where it is not."""
        start = f"{name}="
        return next((x[len(start) :] for x in self.options if x.startswith(start)), None)

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be written here, by the mount's options."""
        return self.has("ro", "read-only")


class _Line(NamedTuple):
    number: int
    parent: int
    mount: Mount


def _lines_of(target: str, table: str) -> list[_Line]:
    """Read the mounts on the way to a path; lines that are none are passed over."""
    found = []
    for line in table.splitlines():
        left, separator, right = line.partition(" - ")
        before, after = left.split(" "), right.split(" ")
        if not separator or len(before) < 6 or len(after) < 2:  # noqa: PLR2004  fields of proc(5)
            continue
        if not _holds(_plain(before[4]), target):
            continue
        above = after[2] if len(after) > 2 else ""  # noqa: PLR2004  the file system's own options
        # Both lists: "ro" may stand in either one, and "rw" of the other says nothing.
        options = (*before[5].split(","), *(x for x in above.split(",") if x))
        mount = Mount(
            point=_plain(before[4]),
            kind=after[0],
            source=_plain(after[1]),
            options=tuple(_plain(x) for x in options),
            root=_plain(before[3]),
            device=before[2],
        )
        found.append(_Line(int(before[0]), int(before[1]), mount))
    return found


def _plain(text: str) -> str:
    """Undo the octal escapes of blanks, tabs, newlines and backslashes."""
    first, *others = text.split("\\")
    plain = [first]
    for part in others:
        code = part[:3]
        is_octal = len(code) == _DIGITS and not code.strip("01234567")
        plain.append(chr(int(code, 8)) + part[3:] if is_octal else "\\" + part)
    return "".join(plain)


def linux_mount(path: PurePosixPath, table: str) -> Mount | None:
    """Return the mount that a resolved path lies on by the text of /proc/self/mountinfo.

    As the kernel finds it: from the root along the path, crossing into whatever is mounted. So a
    mount hidden below a later one is not taken, and of several on one point the topmost is.
    """
    lines = _lines_of(str(path), table)
    numbers = {line.number for line in lines}
    # In a chroot the root itself stands in no table: then there may be several, or none.
    tops = [x for x in lines if x.parent not in numbers or x.parent == x.number]
    if not tops:
        return None
    current = max(tops, key=_length)
    while True:
        inside = [x for x in lines if x.parent == current.number != x.number]
        if not inside:
            return current.mount
        current = min(inside, key=_length)


def _length(line: _Line) -> int:
    return len(line.mount.point)


def _holds(point: str, target: str) -> bool:
    return point in {"/", target} or target.startswith(point.rstrip("/") + "/")


def nearest_existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists, with symlinks resolved.

    A dangling symlink leads to where its target would be made.
    """
    resolved = Path(os.path.realpath(path))
    while not os.path.lexists(resolved) and resolved != resolved.parent:
        resolved = resolved.parent
    return resolved
