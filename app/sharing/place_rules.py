"""The rules: which file system, mounted how, is good for what. Evidence: docs, "Sharing".

An allow-list. What is not known to keep its locks between computers is one computer's at a time.
"""

from typing import Final, NamedTuple

from app.sharing.mounts import Mount
from app.sharing.verdict import Mode, Verdict

SERVER: Final = (
    "For several people, move the workspace to a PostgreSQL server with “Share with my office”."
)
COPY: Final = "Copy the workspace to a folder of this computer's own disk and open it there."
ONE_AT_A_TIME: Final = (
    f"Work with it on one computer at a time, or keep it on this computer's own disk. {SERVER}"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOCAL_TYPES: Final = _words(
    "ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs bcachefs nilfs2 ntfs ntfs3 fuseblk vfat msdos "
    "exfat hfs hfsplus hfs+ apfs ufs tmpfs ramfs overlay aufs ecryptfs ubifs refs csvfs fat fat32 "
    "nullfs rootfs"
)
_FAT_TYPES: Final = frozenset({"vfat", "msdos", "fat", "fat32", "exfat"})
_MEMORY_TYPES: Final = frozenset({"tmpfs", "ramfs", "rootfs"})
_DISC_TYPES: Final = frozenset({"iso9660", "cd9660", "squashfs", "erofs", "cramfs", "cdfs"})
_CIFS_TYPES: Final = frozenset({"cifs", "smb3", "smbfs", "smb2"})
_GUEST_TYPES: Final = frozenset({"9p", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "hgfs", "drvfs"})
_CLUSTER_TYPES: Final = _words(
    "gfs gfs2 ocfs2 ceph lustre gpfs afs coda beegfs orangefs pvfs2 ncpfs afpfs"
)
# They hand whole files over when one is closed, or cannot change a file in its middle at all.
_WHOLE_FILE_TYPES: Final = _words(
    "gvfsd-fuse kio-fuse jmtpfs go-mtpfs simple-mtpfs aft-mtp-mount curlftpfs webdav davfs davfs2 "
    "ftp ifuse"
)
# Names of cloud stores as they stand in the type, the source or the label of a mount.
_CLOUD_MOUNTS: Final = {
    "rclone": "rclone", "pcloud": "pCloud", "google-drive": "Google Drive",
    "google drive": "Google Drive", "drivefs": "Google Drive", "onedrive": "OneDrive",
    "s3fs": "Amazon S3", "goofys": "Amazon S3", "gcsfuse": "Google Cloud Storage",
    "geesefs": "Amazon S3", "blobfuse": "Azure", "dropbox": "Dropbox", "seadrive": "Seafile",
    "megafs": "MEGA", "icloud": "iCloud Drive", "box drive": "Box", "proton drive": "Proton Drive",
}  # fmt: skip


class Access(NamedTuple):
    """What may be done with the file itself, whatever the mount would allow."""

    exists: bool = True
    is_writable: bool = True  # the file and its folder: a journal is made beside the file


def judge(mount: Mount | None, access: Access) -> Verdict:
    """Return the verdict on a file on this mount."""
    if mount is None:
        return _one_computer(
            None,
            "unknown",
            "The system does not say what kind of drive this folder is on, so locks between "
            "computers cannot be relied on.",
        )
    verdict = _judge_type(mount, access)
    if verdict.mode is Mode.REFUSED or (access.is_writable and not mount.is_read_only):
        return verdict
    if verdict.mode is Mode.READ_ONLY:
        return verdict
    return _no_writing(mount, access)


def _judge_type(mount: Mount, access: Access) -> Verdict:  # noqa: PLR0911  a table of rules
    kind = mount.kind.lower()
    if kind == "autofs":
        return Verdict(
            Mode.REFUSED,
            kind,
            "The network drive of this folder is not connected at present.",
            "Connect the drive, then try again.",
            mount,
        )
    if kind in _DISC_TYPES:
        return _no_writing(mount, access)
    cloud = _cloud_mount(mount)
    if cloud is not None:
        return refused_cloud(cloud, mount)
    if kind in {"nfs", "nfs4"}:
        return _judge_nfs(mount)
    if kind in _CIFS_TYPES:
        return _judge_cifs(mount, access)
    if kind == "windows-network":
        return _judge_windows_network(mount)
    if kind in _GUEST_TYPES or kind.partition(".")[2] in {"vmhgfs-fuse", "grpcfuse", "osxfs"}:
        return _one_computer(
            mount,
            kind,
            "This folder is passed through to a virtual machine; locks on it do not reach the "
            "computer outside.",
        )
    if kind in _CLUSTER_TYPES:
        return _one_computer(
            mount,
            kind,
            "This is a network or cluster file system on which Closeknit has not been tried with "
            "several computers.",
        )
    if kind.partition(".")[2] in _WHOLE_FILE_TYPES or kind in _WHOLE_FILE_TYPES:
        return Verdict(
            Mode.REFUSED,
            kind,
            "This connection can only move whole files; a workspace is changed in its middle.",
            f"{COPY} {SERVER}",
            mount,
        )
    return _judge_fuse_or_disk(mount, kind)


def _judge_nfs(mount: Mount) -> Verdict:
    version = mount.value("vers") or ("4" if mount.kind == "nfs4" else "")
    kind = f"nfs{version}"
    if mount.has("nolock") or mount.value("local_lock") in {"all", "posix"}:
        return _one_computer(
            mount,
            kind,
            "This NFS drive is mounted with locks that end at this computer; with two computers "
            "writing, saved records were lost in trials.",
            "Have it mounted as NFS 4 without “nolock” and “local_lock” to share it. ",
        )
    if not version.startswith("4"):
        return _one_computer(
            mount,
            kind,
            "This is an NFS drive of a version other than 4; its locks depend on a separate "
            "service that a restart can lose.",
            "Have it mounted as NFS 4 to share it. ",
        )
    if mount.has("soft", "softerr", "nocto"):
        return _one_computer(
            mount,
            kind,
            "This NFS drive is mounted to give up waiting or to trust old contents (soft, nocto), "
            "which can lose saved records.",
            "Have it mounted with its default options to share it. ",
        )
    if mount.is_local is not None:  # only macOS says so, and tells no version and no options
        return _one_computer(
            mount, kind, "NFS drives on macOS have not been tried with several computers."
        )
    return Verdict(
        Mode.SHARED,
        kind,
        "This is an NFS 4 drive with default options; in trials with two computers and ten "
        "writers nothing was lost.",
        "Each further computer is checked once before it may write. Good for about five people "
        f"on a wired network. {SERVER}",
        mount,
        needs_handshake=True,
    )


def _judge_cifs(mount: Mount, access: Access) -> Verdict:
    kind = mount.kind.lower()
    if mount.has("nobrl"):
        return _one_computer(
            mount,
            kind,
            "This Windows or Samba drive is mounted with “nobrl”: locks end at this computer, and "
            "with two computers writing the file broke in trials.",
        )
    mode = Mode.READ_ONLY if access.exists else Mode.REFUSED
    # cache=loose and the rest too: locks are refused before anything else can go wrong.
    return Verdict(
        mode,
        kind,
        "On a Windows or Samba drive, this system cannot write to a workspace: every save ends "
        "with “database is locked”.",
        f"{COPY} {SERVER} Do not add “nobrl”, the usual advice: it damages the file.",
        mount,
    )


def _judge_windows_network(mount: Mount) -> Verdict:
    source = mount.source.lower().replace("/", "\\")
    server = source.removeprefix("\\\\").partition("\\")[0]
    if "@ssl" in server or "\\davwwwroot" in source:
        return Verdict(
            Mode.REFUSED,
            "webdav",
            "This is a WebDAV folder; it can only move whole files.",
            f"{COPY} {SERVER}",
            mount,
        )
    if server in {"wsl$", "wsl.localhost", "tsclient", ".psf", "vmware-host", "vboxsvr"}:
        return _one_computer(
            mount,
            server,
            "This folder is passed through between a virtual or remote machine and this one; "
            "locks on it do not reach the other side.",
        )
    if server.startswith("sshfs") or mount.has("fs=NFS") or mount.has("fs=FUSE-SSHFS"):
        return _one_computer(
            mount,
            server if server.startswith("sshfs") else "windows-nfs",
            "This drive is not a Windows network drive, and its locks have not been seen to reach "
            "other computers.",
        )
    return Verdict(
        Mode.SHARED,
        "windows-network",
        "This is a Windows network drive. Its locks are made for this, but Closeknit has not yet "
        "been tried on one with real hardware.",
        f"Each further computer is checked once before it may write. Keep backups. {SERVER}",
        mount,
        needs_handshake=True,
    )


def _judge_fuse_or_disk(mount: Mount, kind: str) -> Verdict:
    if kind == "fuse.sshfs":
        return _one_computer(
            mount,
            kind,
            "This folder comes over SSH; locks on it end at this computer, and with two computers "
            "writing saved records were lost in trials.",
        )
    is_fuse = kind == "fuse" or kind.startswith(("fuse.", "fuse-", "macfuse", "osxfuse", "fusefs"))
    if is_fuse:
        return _one_computer(
            mount,
            kind,
            "This drive is made by a program (FUSE); locks on it were seen not to hold between "
            "two mounts.",
        )
    is_disk = bool(mount.device) and not mount.device.startswith("0:")
    if kind in _LOCAL_TYPES and mount.is_local is not False:
        return _local(mount, kind)
    if is_disk or (mount.is_local and mount.source.startswith("/dev/")):
        return _local(mount, kind)
    return _one_computer(
        mount,
        kind,
        "Closeknit does not know this kind of drive, so its locks between computers cannot be "
        "relied on.",
    )


def _local(mount: Mount, kind: str) -> Verdict:
    if kind in _MEMORY_TYPES:
        return Verdict(
            Mode.LOCAL,
            kind,
            "This folder is kept in memory; it is emptied when the computer is turned off.",
            "Use it for trials only.",
            mount,
        )
    if mount.is_removable or (kind in _FAT_TYPES and "/media/" in f"{mount.point}/"):
        return Verdict(
            Mode.LOCAL,
            kind,
            "This is a removable drive of this computer.",
            "Eject it before you pull it out, and keep a backup elsewhere: sticks fail.",
            mount,
        )
    return Verdict(Mode.LOCAL, kind, "This is a disk of this computer.", "", mount)


def _one_computer(mount: Mount | None, kind: str, why: str, first: str = "") -> Verdict:
    return Verdict(Mode.ONE_COMPUTER, kind, why, first + ONE_AT_A_TIME, mount)


def _no_writing(mount: Mount, access: Access) -> Verdict:
    if access.exists:
        return Verdict(
            Mode.READ_ONLY,
            mount.kind.lower(),
            "This file or its folder cannot be written to; it can be looked at.",
            "To work with it, ask for write permission on the file and its folder, or open a copy.",
            mount,
        )
    return Verdict(
        Mode.REFUSED,
        mount.kind.lower(),
        "This folder cannot be written to.",
        "Choose another folder, or ask for write permission on this one.",
        mount,
    )


def _cloud_mount(mount: Mount) -> str | None:
    if not mount.kind.lower().startswith(("fuse", "macfuse", "osxfuse")) and mount.is_local is None:
        return None
    told = f"{mount.kind} {mount.source} {mount.value('label') or ''}".lower()
    if mount.kind.lower() == "fuse" and told.partition(" ")[2].startswith("http"):
        return "WebDAV"
    return next((name for word, name in _CLOUD_MOUNTS.items() if word in told), None)


def refused_cloud(service: str, mount: Mount | None) -> Verdict:
    """Return the verdict on a folder that a cloud service copies to other computers."""
    return Verdict(
        Mode.REFUSED,
        f"cloud:{service}",
        f"{service} copies this folder to other computers, file by file and without locks: two "
        "people's work would end in two conflicting copies, or in a damaged file.",
        f"Keep the workspace in a folder that is not synchronised and let its backups go there. "
        f"{SERVER}",
        mount,
    )


def not_answering() -> Verdict:
    """Return the verdict on a folder whose drive does not answer."""
    return Verdict(
        Mode.REFUSED,
        "not-answering",
        "The drive of this folder does not answer.",
        "Check the network and the server, or reconnect the drive; then try again.",
    )
