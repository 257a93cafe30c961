"""What drive a Windows path lies on. Windows is asked through `Volumes`, tests answer instead."""

from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any, Final, Protocol

from app.sharing.mounts import Mount

DRIVE_REMOVABLE: Final = 2
DRIVE_REMOTE: Final = 4
DRIVE_DISC: Final = 5
_READ_ONLY_VOLUME: Final = 0x00080000


@dataclass(frozen=True, slots=True)
class Volume:
    """What Windows says of a volume: its file system ("NTFS"), label and flags."""

    file_system: str = ""
    label: str = ""
    flags: int = 0


class Volumes(Protocol):
    """The questions put to Windows."""

    def mount_point(self, path: str) -> str:
        """GetVolumePathNameW: the root of the volume, such as the drive C."""

    def drive_type(self, root: str) -> int:
        """GetDriveTypeW."""

    def volume(self, root: str) -> Volume:
        """GetVolumeInformationW."""

    def remote_name(self, drive: str) -> str:
        """WNetGetConnectionW: what ``Z:`` stands for; "" for none."""


def windows_mount(path: PureWindowsPath, volumes: Volumes) -> Mount | None:
    """Return the drive a path lies on; a drive letter of a network drive is one too."""
    text = str(path)
    if text.startswith("\\\\?\\UNC\\"):
        text = "\\\\" + text[8:]
    text = text.removeprefix("\\\\?\\")
    try:
        root = volumes.mount_point(text) or PureWindowsPath(text).anchor
    except OSError:
        root = PureWindowsPath(text).anchor
    if not root:
        return None
    kind_of_drive = volumes.drive_type(root)
    try:
        volume = volumes.volume(root)
    except OSError:
        volume = Volume()
    is_network = root.startswith("\\\\") or kind_of_drive == DRIVE_REMOTE
    options = tuple(
        option
        for option, stands in (
            ("ro", bool(volume.flags & _READ_ONLY_VOLUME)),
            (f"fs={volume.file_system}", bool(volume.file_system)),
            (f"label={volume.label}", bool(volume.label)),
        )
        if stands
    )
    if is_network:
        source = root if root.startswith("\\\\") else volumes.remote_name(root[:2]) or root
        return Mount(root, "windows-network", source, options, is_local=False)
    kind = "cdfs" if kind_of_drive == DRIVE_DISC else volume.file_system.lower() or "unknown"
    if kind.startswith("fuse-"):  # WinFsp: "FUSE-SSHFS", "FUSE-rclone"
        kind = f"fuse.{kind[5:]}"
    return Mount(
        root,
        kind,
        root,
        options,
        is_local=True,
        is_removable=kind_of_drive == DRIVE_REMOVABLE,
    )


class SystemVolumes:
    """Windows' own answers, by ctypes."""

    def __init__(self) -> None:
        import ctypes

        windll: Any = vars(ctypes)["windll"]  # only there on Windows
        self._ctypes = ctypes
        self._kernel, self._mpr = windll.kernel32, windll.mpr

    def mount_point(self, path: str) -> str:
        """Ask GetVolumePathNameW."""
        buffer = self._ctypes.create_unicode_buffer(1024)
        if not self._kernel.GetVolumePathNameW(path, buffer, len(buffer)):
            raise OSError("GetVolumePathNameW gave no answer")
        return str(buffer.value)

    def drive_type(self, root: str) -> int:
        """Ask GetDriveTypeW."""
        return int(self._kernel.GetDriveTypeW(root))

    def volume(self, root: str) -> Volume:
        """Ask GetVolumeInformationW."""
        label = self._ctypes.create_unicode_buffer(261)
        system = self._ctypes.create_unicode_buffer(261)
        flags = self._ctypes.c_ulong()
        answered = self._kernel.GetVolumeInformationW(
            root, label, 261, None, None, self._ctypes.byref(flags), system, 261
        )
        if not answered:
            raise OSError("GetVolumeInformationW gave no answer")
        return Volume(str(system.value), str(label.value), int(flags.value))

    def remote_name(self, drive: str) -> str:
        """Ask WNetGetConnectionW."""
        buffer = self._ctypes.create_unicode_buffer(1024)
        length = self._ctypes.c_ulong(len(buffer))
        failed = self._mpr.WNetGetConnectionW(drive, buffer, self._ctypes.byref(length))
        return "" if failed else str(buffer.value)
