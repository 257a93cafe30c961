"""Whether a folder is one that a cloud service copies: by the marks such services leave.

Only the folders above the file are looked at, by name and by a few marks; nothing is searched.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Final, NamedTuple

_MARKS: Final = (
    (".dropbox.cache", "Dropbox"),
    (".tmp.drivedownload", "Google Drive"),
    (".shortcut-targets-by-id", "Google Drive"),
    (".stfolder", "Syncthing"),
    (".owncloudsync.log", "ownCloud"),
    (".nextcloudsync.log", "Nextcloud"),
    (".SynologyWorkingDirectory", "Synology Drive"),
    (".megaignore", "MEGA"),
    (".sync/ID", "Resilio Sync"),
    (".seafile-data", "Seafile"),
)
# Folders that a service makes in the person's own folder; the name alone is enough there.
_DEFAULT_NAMES: Final = {
    "onedrive": "OneDrive", "dropbox": "Dropbox", "google drive": "Google Drive",
    "my drive": "Google Drive", "googledrive": "Google Drive", "iclouddrive": "iCloud Drive",
    "nextcloud": "Nextcloud", "owncloud": "ownCloud", "pclouddrive": "pCloud",
    "pcloud drive": "pCloud", "pcloudsync": "pCloud", "synologydrive": "Synology Drive",
    "box": "Box", "box sync": "Box", "mega": "MEGA", "megasync": "MEGA", "seafile": "Seafile",
    "proton drive": "Proton Drive", "tresorit": "Tresorit", "hidrive": "HiDrive",
    "yandex.disk": "Yandex Disk", "insync": "Insync",
}  # fmt: skip
_VARIANTS: Final = (" - ", " (")  # "OneDrive - Firm", "Dropbox (Firm)"
_NAMES_OF_MACOS: Final = {
    "googledrive": "Google Drive", "onedrive": "OneDrive", "dropbox": "Dropbox", "box": "Box",
    "protondrive": "Proton Drive", "pcloud": "pCloud", "synologydrive": "Synology Drive",
}  # fmt: skip
_ONEDRIVE_VARIABLES: Final = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
_SYNC_DATABASE: Final = (".sync_", "._sync_")
_LISTED: Final = 256  # entries of a folder that are looked at for the database of a sync client


class CloudFolder(NamedTuple):
    """A folder that a service copies."""

    service: str
    root: str


def _exists(path: str) -> bool:
    return os.access(path, os.F_OK)  # a third of what Path.exists costs


def _read(path: str) -> str:
    if not _exists(path):  # nearly always: an exception costs more
        return ""
    try:
        return Path(path).read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _names(path: str) -> Iterable[str]:
    try:
        with os.scandir(path) as entries:
            return [entry.name for entry in islice(entries, _LISTED)]
    except OSError:
        return []


def _home() -> PurePath:
    return PurePath(os.path.expanduser("~"))  # noqa: PTH111  pathlib's raises where there is none


class Surroundings:
    """What the marks are looked up in: this computer's, or what a test has written down."""

    def __init__(
        self,
        *,
        platform: str = sys.platform,
        home: PurePath | None = None,
        environ: Mapping[str, str] = os.environ,
        exists: Callable[[str], bool] = _exists,
        read: Callable[[str], str] = _read,
        names: Callable[[str], Iterable[str]] = _names,
    ) -> None:
        self.platform = platform
        self.home = home if home is not None else _home()
        self.environ = environ
        self.exists, self.read, self.names = exists, read, names

    def path(self, text: str) -> PurePath:
        """Return a path as this platform writes it."""
        return PureWindowsPath(text) if self.platform == "win32" else PurePosixPath(text)


def cloud_folder(path: PurePath, around: Surroundings) -> CloudFolder | None:
    """Return the service whose folder this resolved path is in, None where it is in none."""
    above = [path, *path.parents]
    return (
        _by_name(above, around)
        or _by_settings(path, around)
        or _by_mark(above[1:], around)
        or _by_sync_database(above[1:], around)
    )


def _by_name(above: list[PurePath], around: Surroundings) -> CloudFolder | None:
    home, library = around.home, around.home / "Library"
    for folder in above:
        parent, name = folder.parent, folder.name.lower()
        if parent == home:
            for variant in _VARIANTS:
                name = name.partition(variant)[0]
            service = _DEFAULT_NAMES.get(name)
            if service is not None:
                return CloudFolder(service, str(folder))
        if around.platform != "darwin":
            continue
        if folder == library / "Mobile Documents":
            return CloudFolder("iCloud Drive", str(folder))
        if parent == library / "CloudStorage":
            word = name.partition("-")[0]
            return CloudFolder(_NAMES_OF_MACOS.get(word, folder.name), str(folder))
    return None


def _by_settings(path: PurePath, around: Surroundings) -> CloudFolder | None:
    for service, root in _configured(around):
        if root and path.is_relative_to(around.path(root)):
            return CloudFolder(service, root)
    return None


def _configured(around: Surroundings) -> Iterator[tuple[str, str]]:
    """Give the folders that the services' own settings name."""
    home, environ = around.home, around.environ
    for name in _ONEDRIVE_VARIABLES:
        yield "OneDrive", environ.get(name, "")
    places = [environ.get("APPDATA"), environ.get("LOCALAPPDATA")]
    dropbox = [around.path(place) / "Dropbox" for place in places if place]
    for folder in (*dropbox, home / ".dropbox"):
        yield from _dropbox_folders(around.read(str(folder / "info.json")))
    clients = [home / ".config", home / "Library" / "Preferences"]
    clients += [around.path(place) for place in places[:1] if place]
    for folder in clients:
        for name in ("Nextcloud", "ownCloud"):
            settings = around.read(str(folder / name / f"{name.lower()}.cfg"))
            for line in settings.splitlines() if settings else ():
                key, _, value = line.partition("=")
                if key.rpartition("\\")[2] == "localPath":
                    yield name, value.strip().rstrip("/")
    if around.platform == "darwin":  # “Desktop & Documents” in iCloud keep their usual paths
        cloud = home / "Library" / "Mobile Documents" / "com~apple~CloudDocs"
        for name in ("Documents", "Desktop"):
            if around.exists(str(cloud / name)):
                yield "iCloud Drive", str(home / name)


def _dropbox_folders(text: str) -> Iterator[tuple[str, str]]:
    if not text:
        return
    import json

    try:
        accounts = json.loads(text)
    except ValueError:
        return
    if isinstance(accounts, dict):
        for account in accounts.values():
            if isinstance(account, dict) and isinstance(account.get("path"), str):
                yield "Dropbox", account["path"]


def _by_mark(above: list[PurePath], around: Surroundings) -> CloudFolder | None:
    for folder in above:
        start = str(folder).rstrip("/\\")
        for mark, service in _MARKS:
            if around.exists(f"{start}/{mark}"):
                return CloudFolder(service, str(folder))
    return None


def _by_sync_database(above: list[PurePath], around: Surroundings) -> CloudFolder | None:
    """Nextcloud's and ownCloud's client keep a database in the folder; its name is half chance."""
    for folder in above:
        # Where there is no settings file: a folder of another system, or another user's.
        if folder == folder.parent or folder in {around.home, around.home.parent}:
            return None
        names = around.names(str(folder))
        if any(name.startswith(_SYNC_DATABASE) and name.endswith(".db") for name in names):
            return CloudFolder("Nextcloud", str(folder))
    return None
