"""What the program remembers on this computer, apart from any workspace."""

import contextlib
import json
import logging
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from app.paths import config_folder

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Settings:
    """The settings of this computer; unknown keys of a newer version are kept."""

    user_name: str = ""
    theme: str = "system"  # light, dark, system
    density: str = "comfortable"  # comfortable, compact
    language: str = ""  # "" follows the system
    recent: list[str] = field(default_factory=list)
    window: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def path() -> Path:
        """Return where the settings lie."""
        return config_folder() / "settings.json"

    @classmethod
    def load(cls) -> "Settings":
        """Read the settings; a damaged file is set aside and the defaults serve."""
        path = cls.path()
        try:
            stored = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError):
            log.warning("The settings in %s cannot be read; defaults are used", path)
            with contextlib.suppress(OSError):
                path.replace(path.with_suffix(".damaged.json"))
            return cls()
        if not isinstance(stored, dict):
            return cls()
        known = {f.name: f for f in fields(cls)}
        defaults = cls()
        found = {
            k: v
            for k, v in stored.items()
            if k in known and isinstance(v, type(getattr(defaults, k)))
        }
        found["other"] = {k: v for k, v in stored.items() if k not in known}
        if "recent" in found:  # an earlier version kept passwords in addresses
            found["recent"] = [without_password(x) for x in found["recent"] if isinstance(x, str)]
        return cls(**found)

    def save(self) -> None:
        """Write the settings, whole or not at all."""
        path = self.path()
        stored = asdict(self)
        stored |= stored.pop("other")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}.new")
            draft.write_text(json.dumps(stored, ensure_ascii=False, indent=2), "utf-8")
            draft.replace(path)
        except OSError as error:
            log.warning("The settings cannot be kept: %s", error)

    def remember_workspace(self, location: str) -> None:
        """Put a workspace first among the recent ones; of an address, all but the password."""
        location = without_password(location)
        self.recent = [location, *(x for x in self.recent if x != location)][:10]


def without_password(location: str) -> str:
    """Return a location, a path or a server's address, as it may be shown and kept."""
    if not location.startswith(("postgresql:", "postgres:", "postgresql+psycopg:")):
        return location
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(location)
    except (ArgumentError, ValueError):
        return location.partition(":")[0] + "://…"  # the rest may hold a password
    plain = url.set(drivername="postgresql").difference_update_query(["password", "sslpassword"])
    parts = plain._asdict() | {"password": None}
    return URL.create(**parts).render_as_string(hide_password=False)
