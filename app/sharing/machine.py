"""Which computer this is, and which place of the file: what a pass of the handshake is bound to."""

import hashlib
import os
import socket
import sys
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from app.sharing.mounts import Mount

# What may differ from one connection to the next without changing how locks behave.
_PASSING = ("clientaddr=", "addr=", "mountaddr=", "mountport=", "user_id=", "group_id=", "uid=",
            "gid=", "username=", "rsize=", "wsize=", "fd=", "port=", "label=")  # fmt: skip


@lru_cache(maxsize=1)
def this_machine() -> str:
    """Return an id of this computer that stays the same over restarts and updates.

    A digest: the system's own id is not to be told to others (machine-id(5)).
    """
    told = _system_id() or f"node {_network_address()}"
    return hashlib.sha256(f"closeknit {told}".encode()).hexdigest()[:32]


def host_name() -> str:
    """Return the computer's name as people know it."""
    return socket.gethostname()[:255]


def mount_key(mount: Mount | None) -> str:
    """Return a digest of what a place is: when it changes, the handshake is due again.

    Drives made by programs count by where they are mounted too: two mounts of one folder know
    nothing of each other's locks.
    """
    if mount is None:
        return hashlib.sha256(b"unknown").hexdigest()
    options = sorted(x for x in set(mount.options) if not x.startswith(_PASSING))
    point = "" if mount.kind.startswith(("nfs", "windows-network")) else mount.point
    parts = [mount.kind, mount.source.lower(), point, *options]
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()


def _system_id() -> str:
    platform: str = sys.platform
    if platform == "win32":
        return _windows_id()
    if platform == "darwin":
        return _macos_id()
    for place in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            told = Path(place).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if told and told != "uninitialized":
            return told
    return ""


def _windows_id() -> str:
    winreg: Any = import_module("winreg")
    try:
        with winreg.OpenKey(
            winreg.HKEY_LOCAL_MACHINE,
            r"SOFTWARE\Microsoft\Cryptography",
            0,
            winreg.KEY_READ | winreg.KEY_WOW64_64KEY,
        ) as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    except OSError:
        return ""


def _macos_id() -> str:
    import subprocess

    try:
        told = subprocess.run(
            ["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    for line in told.splitlines():
        if "IOPlatformUUID" in line:
            return line.rpartition("=")[2].strip().strip('"')
    return ""


def _network_address() -> str:
    import uuid

    address = uuid.getnode()
    # Where there is no network card it is made up anew each time; then the name must do.
    made_up = bool((address >> 40) & 1)
    return f"{os.name} {host_name()}" if made_up else f"{address:012x}"
