"""The verdict on every kind of place, over mount tables as Linux, Windows and macOS tell them."""

import os
import shutil
import struct
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from app.sharing.machine import mount_key, this_machine
from app.sharing.mounts import Mount, linux_mount
from app.sharing.mounts_macos import parse_statfs
from app.sharing.mounts_windows import Volume, windows_mount
from app.sharing.place_rules import Access, judge
from app.sharing.placement import Mode, Verdict, placement

TABLES = Path(__file__).parent / "mounts"
LOCAL, SHARED, ONE, LOOK, NO = (
    Mode.LOCAL,
    Mode.SHARED,
    Mode.ONE_COMPUTER,
    Mode.READ_ONLY,
    Mode.REFUSED,
)


def mount_of(table: str, path: str) -> Mount | None:
    return linux_mount(PurePosixPath(path), (TABLES / f"{table}.txt").read_text("utf-8"))


def verdict_of(table: str, path: str, *, exists: bool = True, writable: bool = True) -> Verdict:
    return judge(mount_of(table, path), Access(exists, writable))


@pytest.mark.parametrize(
    ("table", "path", "mode", "kind"),
    [
        ("laptop", "/home/elena/crm.closeknit", LOCAL, "btrfs"),
        ("laptop", "/srv/data/crm.closeknit", LOCAL, "xfs"),
        ("laptop", "/opt/office/crm.closeknit", LOCAL, "ext4"),
        ("laptop", "/tank/crm/crm.closeknit", LOCAL, "zfs"),
        ("laptop", "/tmp/crm.closeknit", LOCAL, "tmpfs"),  # noqa: S108  a recorded path
        ("laptop", "/media/elena/KINGSTON USB/crm.closeknit", LOCAL, "vfat"),
        ("laptop", "/media/elena/Windows/crm.closeknit", LOCAL, "fuseblk"),
        ("laptop", "/mnt/old/crm.closeknit", LOCAL, "ntfs3"),
        ("laptop", "/mnt/stick/crm.closeknit", LOCAL, "exfat"),
        ("laptop", "/media/elena/ARCHIVE/crm.closeknit", LOOK, "iso9660"),
        ("laptop", "/mnt/rescue/crm.closeknit", LOOK, "ext4"),
        ("nfs", "/mnt/office/crm.closeknit", SHARED, "nfs4.2"),
        ("nfs", "/mnt/office41/crm.closeknit", SHARED, "nfs4.1"),
        ("nfs", "/mnt/four-flock/crm.closeknit", SHARED, "nfs4.0"),
        ("nfs", "/net/direct/crm.closeknit", SHARED, "nfs4.2"),
        ("nfs", "/mnt/soft/crm.closeknit", ONE, "nfs4.2"),
        ("nfs", "/mnt/nocto/crm.closeknit", ONE, "nfs4.2"),
        ("nfs", "/mnt/three/crm.closeknit", ONE, "nfs3"),
        ("nfs", "/mnt/three-nolock/crm.closeknit", ONE, "nfs3"),
        ("nfs", "/mnt/three-local/crm.closeknit", ONE, "nfs3"),
        ("nfs", "/mnt/archive/crm.closeknit", LOOK, "nfs4"),
        ("nfs", "/net/idle/office/crm.closeknit", NO, "autofs"),
        ("smb", "/mnt/office/crm.closeknit", LOOK, "cifs"),
        ("smb", "/mnt/loose/crm.closeknit", LOOK, "cifs"),
        ("smb", "/mnt/look/crm.closeknit", LOOK, "cifs"),
        ("smb", "/mnt/nobrl/crm.closeknit", ONE, "cifs"),
        ("smb", "/mnt/loose-nobrl/crm.closeknit", ONE, "smb3"),
        ("fuse", "/mnt/ssh/crm.closeknit", ONE, "fuse.sshfs"),
        ("fuse", "/mnt/bind/crm.closeknit", ONE, "fuse.bindfs"),
        ("fuse", "/mnt/bind2/crm.closeknit", ONE, "fuse"),
        ("fuse", "/mnt/pool/crm.closeknit", ONE, "fuse.mergerfs"),
        ("fuse", "/home/elena/Vault/crm.closeknit", ONE, "fuse.gocryptfs"),
        ("fuse", "/mnt/new/crm.closeknit", ONE, "fuse.brandnewfs"),
        ("fuse", "/mnt/gluster/crm.closeknit", ONE, "fuse.glusterfs"),
        ("fuse", "/run/user/1000/gvfs/smb-share/crm.closeknit", NO, "fuse.gvfsd-fuse"),
        ("fuse", "/home/elena/drive/crm.closeknit", NO, "cloud:rclone"),
        ("fuse", "/home/elena/pc/crm.closeknit", NO, "cloud:pCloud"),
        ("fuse", "/mnt/dav/crm.closeknit", NO, "cloud:WebDAV"),
        ("fuse", "/mnt/s3/crm.closeknit", NO, "cloud:Amazon S3"),
        ("guests", "/mnt/c/Users/Elena/crm.closeknit", ONE, "9p"),
        ("guests", "/mnt/host/crm.closeknit", ONE, "9p"),
        ("guests", "/mnt/virtio/crm.closeknit", ONE, "virtiofs"),
        ("guests", "/media/sf_office/crm.closeknit", ONE, "vboxsf"),
        ("guests", "/mnt/hgfs/crm.closeknit", ONE, "fuse.vmhgfs-fuse"),
        ("guests", "/mnt/ceph/crm.closeknit", ONE, "ceph"),
        ("guests", "/mnt/gfs/crm.closeknit", ONE, "gfs2"),
        ("guests", "/mnt/lost/crm.closeknit", ONE, "somethingfs"),
        ("guests", "/mnt/odd/crm.closeknit", LOCAL, "oddfs"),
        ("container", "/work/crm.closeknit", LOCAL, "overlay"),
        ("container", "/data/crm.closeknit", LOCAL, "ext4"),
        ("container", "/shared/crm.closeknit", SHARED, "nfs4.2"),
        ("container", "/srv/team/inner/crm.closeknit", LOCAL, "tmpfs"),
        ("container", "/stack/crm.closeknit", ONE, "fuse.sshfs"),
    ],
)
def test_the_verdict_on_every_recorded_mount(table: str, path: str, mode: Mode, kind: str) -> None:
    verdict = verdict_of(table, path)
    assert (verdict.mode, verdict.place_kind) == (mode, kind)
    assert verdict.why.endswith(".")
    assert verdict.remedy.endswith(".") or (mode is LOCAL and not verdict.remedy)
    assert verdict.needs_handshake == (mode is SHARED)


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("smb", "/mnt/office/new.closeknit"),
        ("smb", "/mnt/look/new.closeknit"),
        ("nfs", "/mnt/archive/new.closeknit"),
        ("laptop", "/mnt/rescue/new.closeknit"),
        ("laptop", "/media/elena/ARCHIVE/new.closeknit"),
    ],
)
def test_where_a_file_can_only_be_read_none_can_be_made(table: str, path: str) -> None:
    assert verdict_of(table, path, exists=True).mode is LOOK
    assert verdict_of(table, path, exists=False).mode is NO


def test_a_file_without_write_permission_can_be_looked_at() -> None:
    verdict = verdict_of("nfs", "/mnt/office/crm.closeknit", writable=False)
    assert (verdict.mode, verdict.needs_handshake) == (LOOK, False)
    assert "permission" in verdict.remedy


def test_reasons_name_what_happened_in_trials_and_the_way_out() -> None:
    nobrl = verdict_of("smb", "/mnt/nobrl/x")
    assert "nobrl" in nobrl.why
    assert "PostgreSQL" in nobrl.remedy
    assert "Do not add “nobrl”" in verdict_of("smb", "/mnt/office/x").remedy
    assert "NFS 4" in verdict_of("nfs", "/mnt/three-nolock/x").remedy
    assert "emptied" in verdict_of("laptop", "/tmp/x").why  # noqa: S108  a recorded path
    assert "Eject" in verdict_of("laptop", "/media/elena/KINGSTON USB/x").remedy


def test_no_table_and_no_line_is_no_local_disk() -> None:
    assert linux_mount(PurePosixPath("/x"), "") is None
    assert linux_mount(PurePosixPath("/x"), "nonsense\n1 2 3 - ext4") is None
    assert judge(None, Access()).mode is ONE


def test_in_a_chroot_the_nearest_mount_counts() -> None:
    table = "40 27 0:39 / /tmp/jail/office rw - nfs4 nas:/o rw,vers=4.2,hard"
    found = linux_mount(PurePosixPath("/tmp/jail/office/x"), table)  # noqa: S108  a recorded path
    assert found is not None
    assert found.kind == "nfs4"
    assert linux_mount(PurePosixPath("/elsewhere/x"), table) is None


def test_the_key_of_a_place_changes_with_what_decides_about_locks() -> None:
    office = mount_of("nfs", "/mnt/office/x")
    assert office is not None
    keys = {
        mount_key(mount_of(table, path))
        for table, path in [
            ("nfs", "/mnt/office/x"),
            ("nfs", "/mnt/soft/x"),
            ("nfs", "/mnt/nocto/x"),
            ("nfs", "/mnt/three/x"),
            ("nfs", "/mnt/three-nolock/x"),
            ("fuse", "/mnt/bind/x"),
            ("fuse", "/mnt/bind2/x"),
        ]
    }
    assert len(keys) == 7
    moved = Mount(
        "/elsewhere",
        office.kind,
        office.source,
        tuple(x.replace("192.168.1.20", "192.168.1.77") for x in office.options),
    )
    assert mount_key(moved) == mount_key(office)  # another lease of an address, another point
    ssh = mount_of("fuse", "/mnt/ssh/x")
    assert ssh is not None
    second = Mount("/mnt/ssh2", ssh.kind, ssh.source, ssh.options)
    assert mount_key(second) != mount_key(ssh)  # two such mounts do not see each other's locks


def test_this_machine_is_always_the_same_and_tells_nothing() -> None:
    told = this_machine()
    assert told == this_machine()
    assert len(told) == 32
    identity = Path("/etc/machine-id")
    if identity.exists():
        assert told != identity.read_text("ascii").strip()


@dataclass
class Windows:
    """Recorded answers of Windows."""

    drives: dict[str, int]
    volumes: dict[str, Volume] = field(default_factory=dict)
    remote: dict[str, str] = field(default_factory=dict)

    def mount_point(self, path: str) -> str:
        fitting = [root for root in self.drives if path.lower().startswith(root.lower())]
        if not fitting:
            raise OSError("no such volume")
        return max(fitting, key=len)

    def drive_type(self, root: str) -> int:
        return self.drives.get(root, 1)

    def volume(self, root: str) -> Volume:
        if root not in self.volumes:
            raise OSError("not ready")
        return self.volumes[root]

    def remote_name(self, drive: str) -> str:
        return self.remote.get(drive, "")


RECORDED = Windows(
    drives={
        "C:\\": 3, "C:\\Mounts\\Data\\": 3, "D:\\": 5, "E:\\": 2, "G:\\": 3, "P:\\": 3, "S:\\": 4,
        "X:\\": 3, "Z:\\": 4, "\\\\nas\\office\\": 4, "\\\\wsl.localhost\\Debian\\": 4,
        "\\\\cloud.example.org@SSL\\DavWWWRoot\\": 4, "\\\\sshfs\\elena@nas\\": 4,
        "\\\\vboxsvr\\office\\": 4, "N:\\": 4, "R:\\": 6, "\\\\nas\\archive\\": 4,
    },
    volumes={
        "C:\\": Volume("NTFS", "Windows"), "C:\\Mounts\\Data\\": Volume("ReFS", "Data"),
        "D:\\": Volume("CDFS", "ARCHIVE", 0x80000), "E:\\": Volume("exFAT", "STICK"),
        "G:\\": Volume("FAT32", "Google Drive"), "P:\\": Volume("FAT32", "pCloud Drive"),
        "S:\\": Volume("FUSE-SSHFS", ""), "X:\\": Volume("FUSE-Cryptomator", ""),
        "Z:\\": Volume("NTFS", "Office"), "\\\\nas\\office\\": Volume("NTFS", "Office"),
        "N:\\": Volume("NFS", ""), "R:\\": Volume("NTFS", "RAM"),
        "\\\\nas\\archive\\": Volume("NTFS", "Archive", 0x80000),
    },
    remote={"Z:": "\\\\nas\\office", "N:": "\\\\nas\\export", "S:": "\\\\sshfs\\elena@nas"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "mode", "kind"),
    [
        ("C:\\Users\\Elena\\crm.closeknit", LOCAL, "ntfs"),
        ("C:\\Mounts\\Data\\crm.closeknit", LOCAL, "refs"),
        ("R:\\crm.closeknit", LOCAL, "ntfs"),
        ("E:\\crm.closeknit", LOCAL, "exfat"),
        ("D:\\crm.closeknit", LOOK, "cdfs"),
        ("Z:\\Team\\crm.closeknit", SHARED, "windows-network"),
        ("\\\\nas\\office\\crm.closeknit", SHARED, "windows-network"),
        ("\\\\?\\UNC\\nas\\office\\crm.closeknit", SHARED, "windows-network"),
        ("\\\\nas\\archive\\crm.closeknit", LOOK, "windows-network"),
        ("N:\\crm.closeknit", ONE, "windows-nfs"),
        ("S:\\crm.closeknit", ONE, "sshfs"),
        ("\\\\sshfs\\elena@nas\\crm.closeknit", ONE, "sshfs"),
        ("X:\\crm.closeknit", ONE, "fuse.cryptomator"),
        ("\\\\wsl.localhost\\Debian\\home\\crm.closeknit", ONE, "wsl.localhost"),
        ("\\\\vboxsvr\\office\\crm.closeknit", ONE, "vboxsvr"),
        ("\\\\cloud.example.org@SSL\\DavWWWRoot\\crm.closeknit", NO, "webdav"),
        ("G:\\My Drive\\crm.closeknit", NO, "cloud:Google Drive"),
        ("P:\\crm.closeknit", NO, "cloud:pCloud"),
    ],
)
def test_the_verdict_on_recorded_windows_drives(path: str, mode: Mode, kind: str) -> None:
    verdict = judge(windows_mount(PureWindowsPath(path), RECORDED), Access())
    assert (verdict.mode, verdict.place_kind) == (mode, kind)
    assert verdict.needs_handshake == (mode is SHARED)


def test_a_drive_letter_is_known_for_the_share_it_stands_for() -> None:
    letter = windows_mount(PureWindowsPath("Z:\\crm.closeknit"), RECORDED)
    assert letter is not None
    assert (letter.source, letter.is_local) == ("\\\\nas\\office", False)
    assert "not yet been tried" in judge(letter, Access()).why


def statfs(kind: str, point: str, source: str, flags: int) -> bytes:
    """Return what macOS fills in, field by field after <sys/mount.h>."""
    numbers = struct.pack("=Ii5Q2i", 4096, 1048576, 1, 1, 1, 1, 1, 16777220, 26)
    more = struct.pack("=IIII", 501, 26, flags, 0)
    names = [(kind, 16), (point, 1024), (source, 1024)]
    texts = b"".join(text.encode().ljust(size, b"\0") for text, size in names)
    return numbers + more + texts + b"\0" * 32


@pytest.mark.parametrize(
    ("kind", "point", "source", "flags", "mode"),
    [
        ("apfs", "/System/Volumes/Data", "/dev/disk3s5", 0x1000, LOCAL),
        ("hfs", "/Volumes/Backup", "/dev/disk5s2", 0x1000, LOCAL),
        ("exfat", "/Volumes/STICK", "/dev/disk6s1", 0x1200, LOCAL),
        ("apfs", "/", "/dev/disk3s1s1", 0x1001, LOOK),
        ("smbfs", "/Volumes/office", "//elena@nas/office", 0, LOOK),
        ("afpfs", "/Volumes/office", "//elena@nas/office", 0, ONE),
        ("nfs", "/Volumes/export", "nas:/export", 0, ONE),
        ("macfuse", "/Volumes/ssh", "elena@nas:/srv", 0, ONE),
        ("macfuse", "/Volumes/local", "local@macfuse0", 0x1000, ONE),
        ("macfuse", "/Volumes/pCloud Drive", "pCloud.fs", 0, NO),
        ("webdav", "/Volumes/dav", "https://cloud.example.org/", 0, NO),
        ("autofs", "/home", "map auto_home", 0, NO),
        ("neverheardof", "/Volumes/x", "somewhere", 0, ONE),
    ],
)
def test_the_verdict_on_recorded_macos_answers(
    kind: str, point: str, source: str, flags: int, mode: Mode
) -> None:
    mount = parse_statfs(statfs(kind, point, source, flags))
    assert (mount.kind, mount.point, mount.source) == (kind, point, source)
    assert judge(mount, Access()).mode is mode


def test_the_place_of_a_file_that_is_yet_to_be_made(tmp_path: Path) -> None:
    verdict = placement(tmp_path / "not" / "there" / "new.closeknit")
    assert verdict.mode is LOCAL
    assert verdict.as_json()["mount"]["type"] == verdict.place_kind


def test_a_link_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    synced = tmp_path / "synced"
    synced.mkdir()
    (synced / ".dropbox.cache").mkdir()
    (tmp_path / "link.closeknit").symlink_to(synced / "crm.closeknit")
    verdict = placement(tmp_path / "link.closeknit")
    assert (verdict.mode, verdict.place_kind) == (NO, "cloud:Dropbox")


def test_a_name_that_cannot_be_is_no_crash() -> None:
    assert placement(Path("a\0b")).mode in {LOCAL, LOOK, NO}


def test_a_drive_that_does_not_answer_does_not_hold_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    real = os.path.realpath

    def hanging(path: str | Path) -> str:
        answered.wait(30)
        return real(path)

    monkeypatch.setattr(os.path, "realpath", hanging)
    try:
        verdict = placement(tmp_path / "x.closeknit", seconds=0.05)
    finally:
        answered.set()
    assert (verdict.mode, verdict.place_kind) == (NO, "not-answering")
    assert "does not answer" in verdict.why


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting needs root")
def test_a_real_read_only_mount_is_for_looking_only(tmp_path: Path) -> None:
    folder = tmp_path / "frozen"
    folder.mkdir()
    path = folder / "crm.closeknit"
    path.write_bytes(b"")
    for how in (["--bind", str(folder), str(folder)], ["-o", "remount,bind,ro", str(folder)]):
        if subprocess.run(["mount", *how], check=False, capture_output=True).returncode:
            pytest.skip("this machine does not let us mount")
    try:
        assert placement(path).mode is LOOK
        assert placement(folder / "new.closeknit").mode is NO
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    assert placement(path).mode is LOCAL


@pytest.mark.skipif(shutil.which("findmnt") is None, reason="findmnt is not installed")
def test_the_system_itself_says_the_same(tmp_path: Path) -> None:
    told = subprocess.run(
        ["findmnt", "-nro", "FSTYPE", "-T", str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert placement(tmp_path / "x.closeknit").place_kind == told[-1]
