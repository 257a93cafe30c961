"""Folders that a cloud service copies, by name, by its settings and by its marks."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from app.sharing.cloud_folders import Surroundings, cloud_folder
from app.sharing.placement import Mode, placement

HOMES: Mapping[str, PurePath] = {
    "win32": PureWindowsPath("C:\\Users\\Elena"),
    "darwin": PurePosixPath("/Users/elena"),
    "linux": PurePosixPath("/home/elena"),
}


def service_of(
    platform: str,
    path: str,
    *,
    marks: Iterable[str] = (),
    environ: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> str | None:
    there = {_plain(mark) for mark in marks}
    texts = {_plain(name): text for name, text in (files or {}).items()}
    around = Surroundings(
        platform=platform,
        home=HOMES[platform],
        environ=environ or {},
        exists=lambda x: _plain(x) in there,
        read=lambda x: texts.get(_plain(x), ""),
        names=lambda x: [
            mark.rpartition("/")[2] for mark in there if mark.rpartition("/")[0] == _plain(x)
        ],
    )
    found = cloud_folder(around.path(path), around)
    return found.service if found else None


def _plain(path: str) -> str:
    return path.replace("\\", "/")


@pytest.mark.parametrize(
    ("platform", "path", "service"),
    [
        ("win32", "C:\\Users\\Elena\\OneDrive\\crm.closeknit", "OneDrive"),
        ("win32", "C:\\Users\\Elena\\OneDrive - Novak GmbH\\a\\crm.closeknit", "OneDrive"),
        ("win32", "C:\\Users\\Elena\\Dropbox (Novak)\\crm.closeknit", "Dropbox"),
        ("win32", "C:\\Users\\Elena\\iCloudDrive\\crm.closeknit", "iCloud Drive"),
        ("win32", "C:\\Users\\Elena\\My Drive\\crm.closeknit", "Google Drive"),
        ("win32", "C:\\Users\\Elena\\Box\\crm.closeknit", "Box"),
        ("win32", "C:\\Users\\Elena\\Documents\\crm.closeknit", None),
        ("win32", "C:\\Users\\Elena\\Documents\\Box\\crm.closeknit", None),
        ("win32", "D:\\OneDrive backup\\crm.closeknit", None),
        (
            "darwin",
            "/Users/elena/Library/Mobile Documents/com~apple~CloudDocs/crm.closeknit",
            "iCloud Drive",
        ),
        (
            "darwin",
            "/Users/elena/Library/CloudStorage/GoogleDrive-e@novak.de/My Drive/x",
            "Google Drive",
        ),
        ("darwin", "/Users/elena/Library/CloudStorage/OneDrive-Novak/x", "OneDrive"),
        ("darwin", "/Users/elena/Library/CloudStorage/Brandnew-1/x", "Brandnew-1"),
        ("darwin", "/Users/elena/Library/Application Support/x", None),
        ("linux", "/home/elena/Nextcloud/crm.closeknit", "Nextcloud"),
        ("linux", "/home/elena/pCloudDrive/crm.closeknit", "pCloud"),
        ("linux", "/home/elena/SynologyDrive/team/crm.closeknit", "Synology Drive"),
        ("linux", "/home/elena/MEGA/crm.closeknit", "MEGA"),
        ("linux", "/home/elena/work/crm.closeknit", None),
        ("linux", "/home/elena/dropbox.closeknit", None),
    ],
)
def test_folders_that_services_make_are_known_by_name(
    platform: str, path: str, service: str | None
) -> None:
    assert service_of(platform, path) == service


@pytest.mark.parametrize(
    ("mark", "service"),
    [
        (".dropbox.cache", "Dropbox"),
        (".tmp.drivedownload", "Google Drive"),
        (".stfolder", "Syncthing"),
        (".owncloudsync.log", "ownCloud"),
        (".SynologyWorkingDirectory", "Synology Drive"),
        (".megaignore", "MEGA"),
        (".sync/ID", "Resilio Sync"),
        (".sync_1f2e3d.db", "Nextcloud"),
        ("._sync_1f2e3d.db", "Nextcloud"),
    ],
)
def test_any_folder_with_a_services_mark_above_the_file(mark: str, service: str) -> None:
    path = "/data/office/team/crm.closeknit"
    assert service_of("linux", path, marks=[f"/data/office/{mark}"]) == service
    assert service_of("linux", path, marks=[f"/data/other/{mark}"]) is None
    assert service_of("linux", path, marks=[f"/data/office/team/below/{mark}"]) is None


def test_a_mark_on_a_drive_of_its_own() -> None:
    marks = ["G:/.shortcut-targets-by-id"]
    assert service_of("win32", "G:\\Meine Ablage\\x", marks=marks) == "Google Drive"


@pytest.mark.parametrize("name", ["OneDrive", "OneDriveCommercial", "OneDriveConsumer"])
def test_onedrive_tells_its_folder_in_the_environment(name: str) -> None:
    environ = {name: "E:\\Cloud\\One"}
    assert service_of("win32", "e:\\cloud\\one\\Documents\\x", environ=environ) == "OneDrive"
    assert service_of("win32", "E:\\Cloud\\Only\\x", environ=environ) is None


@pytest.mark.parametrize(
    ("platform", "settings", "root", "environ"),
    [
        ("linux", "/home/elena/.dropbox/info.json", "/data/box", {}),
        (
            "win32",
            "C:\\Users\\Elena\\AppData\\Local\\Dropbox\\info.json",
            "E:\\Files",
            {"LOCALAPPDATA": "C:\\Users\\Elena\\AppData\\Local"},
        ),
    ],
)
def test_dropbox_tells_its_folder_in_its_settings(
    platform: str, settings: str, root: str, environ: dict[str, str]
) -> None:
    told = {"personal": {"path": root, "host": 4711, "is_team": False}}
    files = {settings: json.dumps(told)}
    separator = "\\" if platform == "win32" else "/"
    path = f"{root}{separator}x.closeknit"
    assert service_of(platform, path, files=files, environ=environ) == "Dropbox"
    assert service_of(platform, path, files={settings: "{broken"}, environ=environ) is None
    assert service_of(platform, path, files={settings: '["a"]'}, environ=environ) is None


@pytest.mark.parametrize(
    ("platform", "settings", "root"),
    [
        ("linux", "/home/elena/.config/Nextcloud/nextcloud.cfg", "/data/cloud"),
        ("darwin", "/Users/elena/Library/Preferences/ownCloud/owncloud.cfg", "/data/cloud"),
    ],
)
def test_nextcloud_tells_its_folders_in_its_settings(
    platform: str, settings: str, root: str
) -> None:
    text = f"[Accounts]\n0\\Folders\\1\\ignoreHiddenFiles=false\n0\\Folders\\1\\localPath={root}/\n"
    found = service_of(platform, f"{root}/a/x", files={settings: text})
    assert found == ("Nextcloud" if platform == "linux" else "ownCloud")
    assert service_of(platform, "/data/cloudy/x", files={settings: text}) is None


def test_documents_that_icloud_has_taken_over() -> None:
    marks = ["/Users/elena/Library/Mobile Documents/com~apple~CloudDocs/Documents"]
    assert service_of("darwin", "/Users/elena/Documents/x", marks=marks) == "iCloud Drive"
    assert service_of("darwin", "/Users/elena/Documents/x") is None
    assert service_of("darwin", "/Users/elena/Desktop/x", marks=marks) is None


@pytest.mark.parametrize(
    "mark", [".stfolder", ".dropbox.cache", ".SynologyWorkingDirectory", ".sync_abc.db"]
)
def test_a_real_folder_with_a_mark_is_refused(tmp_path: Path, mark: str) -> None:
    team = tmp_path / "office" / "team"
    team.mkdir(parents=True)
    assert placement(team / "crm.closeknit").mode is Mode.LOCAL
    (tmp_path / "office" / mark).mkdir()
    verdict = placement(team / "crm.closeknit")
    assert verdict.mode is Mode.REFUSED
    assert "copies this folder" in verdict.why
    assert "backups" in verdict.remedy
