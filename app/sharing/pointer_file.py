"""The small file that colleagues open to get to a workspace on a server; it holds no secret."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import URL

from app.errors import EnvironmentFault
from app.sharing.server_address import DEFAULT_PORT, hosts_of, server_url

ENDING = ".closeknit-server"
_FORMAT = 1
_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a workspace is served; each person brings their own user name and password."""

    host: str
    database: str
    port: int = DEFAULT_PORT
    sslmode: str = ""
    sslrootcert: str = ""
    name: str = ""

    @classmethod
    def of(cls, url: URL, *, name: str = "") -> "Pointer":
        """Return the pointer to a database."""
        ports = url.query.get("port", ())
        port = url.port or int((ports if isinstance(ports, str) else "".join(ports[:1])) or 0)
        return cls(
            host=",".join(hosts_of(url)),
            database=url.database or "",
            port=port or DEFAULT_PORT,
            sslmode=_text(url, "sslmode"),
            sslrootcert=_text(url, "sslrootcert"),
            name=name,
        )

    def location(self) -> str:
        """Return the address, without user and password."""
        query = {"sslmode": self.sslmode, "sslrootcert": self.sslrootcert}
        on_socket = self.host.startswith(("/", "@")) or "," in self.host
        if on_socket:
            query["host"] = self.host
        return URL.create(
            "postgresql",
            host=None if on_socket else self.host or None,
            port=self.port,
            database=self.database,
            query={key: value for key, value in query.items() if value},
        ).render_as_string(hide_password=False)

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        stored = {"closeknit_server": _FORMAT} | {k: v for k, v in asdict(self).items() if v}
        draft = path.with_name(f".{path.name}.new")
        draft.write_text(json.dumps(stored, ensure_ascii=False, indent=2) + "\n", "utf-8")
        draft.replace(path)


def pointer_path(file: Path) -> Path:
    """Return where the pointer file stands that takes a file's place."""
    return file.with_name(file.stem + ENDING)


def is_pointer(location: str) -> bool:
    """Say whether a location is a pointer file, by its name."""
    return location.endswith(ENDING)


def read_pointer(path: Path) -> Pointer:
    """Read a pointer file; raise EnvironmentFault, with a remedy, for what is none."""
    try:
        pointer = _read(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EnvironmentFault(
            "{place} does not lead to a workspace ({reason}).",
            remedy="Ask whoever set up the server for a new {ending} file.",
            place=str(path),
            reason=getattr(error, "strerror", None) or str(error),
            ending=ENDING,
        ) from error
    server_url(pointer.location())  # an address that waives encryption is refused here too
    return pointer


def _read(path: Path) -> Pointer:
    if path.stat().st_size > _LARGEST:
        raise ValueError("it is too large")
    stored = json.loads(path.read_text("utf-8"))
    if not isinstance(stored, dict) or "closeknit_server" not in stored:
        raise ValueError("it says nothing of a server")
    if stored["closeknit_server"] != _FORMAT:
        raise ValueError("a newer version of Closeknit has written it")
    return Pointer(
        host=str(stored.get("host", "")),
        database=str(stored["database"]),
        port=int(stored.get("port", DEFAULT_PORT)),
        sslmode=str(stored.get("sslmode", "")),
        sslrootcert=str(stored.get("sslrootcert", "")),
        name=str(stored.get("name", "")),
    )


def _text(url: URL, key: str) -> str:
    value = url.query.get(key, "")
    return value if isinstance(value, str) else value[-1]
