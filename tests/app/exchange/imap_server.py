"""A real IMAP server (Dovecot) on loopback for as long as tests run, and a proxy that cuts."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from imapclient import IMAPClient

from app.exchange.imap.access import Access
from models.values import MailSecurity

USER: Final = "elena@example.test"
PASSWORD: Final = "tell-nobody é"  # noqa: S105  of a server that lives as long as the tests
START_SECONDS: Final = 20
_BINARY: Final = shutil.which("dovecot") or "/usr/sbin/dovecot"
WHY_NOT: Final = "dovecot is not installed (apt-get install dovecot-imapd)"


def has_dovecot() -> bool:
    """Say whether there is a Dovecot of the series whose settings are written here."""
    if not Path(_BINARY).exists() or shutil.which("openssl") is None:
        return False
    version = subprocess.run([_BINARY, "--version"], capture_output=True, text=True, check=False)
    return version.stdout.startswith("2.3")


_CONFIG: Final = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{base}/mail/%u
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
default_vsz_limit = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap {{
  process_limit = 20
}}
"""


class Dovecot:
    """A server of one's own with one mailbox; its certificate is signed by nobody."""

    def __init__(self, *, plain_login: bool = True) -> None:
        # Not below pytest's folder: the mailbox belongs to another user where root runs this.
        self.base = Path(tempfile.mkdtemp(prefix="imap-"))
        self.base.chmod(0o755)
        self.ports = {"plain": _free_port(), "tls": _free_port()}
        self.certificate = self.base / "cert.pem"
        self._make_certificate()
        self._make_mail()
        text = _CONFIG.format(base=self.base, **self.ports, **self._people())
        if not plain_login:
            text = text.replace("disable_plaintext_auth = no", "disable_plaintext_auth = yes")
        (self.base / "dovecot.conf").write_text(text)
        with (self.base / "said").open("wb") as said:
            self._process = subprocess.Popen(
                [_BINARY, "-F", "-c", str(self.base / "dovecot.conf")], stdout=said, stderr=said
            )
        self._wait()

    def access(self, security: MailSecurity = MailSecurity.PLAIN, **changed: Any) -> Access:
        """Return what it takes to get in."""
        port = self.ports["tls" if security is MailSecurity.TLS else "plain"]
        login: dict[str, Any] = {"host": "localhost", "user_name": USER, "password": PASSWORD}
        return Access(**login | {"port": port, "security": security} | changed)

    @contextlib.contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """Give a client that may write, as a mail program has it."""
        client = IMAPClient("127.0.0.1", self.ports["plain"], ssl=False, timeout=30)
        client.plain_login(USER, PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def close(self) -> None:
        """End the server and remove all of it."""
        self._process.terminate()
        self._process.wait(START_SECONDS)
        shutil.rmtree(self.base, ignore_errors=True)

    def fill(self, messages: list[bytes]) -> None:
        """Put messages into the inbox past the server, as a delivery does."""
        folder = self.base / "mail" / USER / "cur"
        owner = self._people()
        for number, message in enumerate(messages):
            path = folder / f"{1_700_000_000 + number}.M{number}P1.localhost:2,"
            path.write_bytes(message)
            if os.geteuid() == 0:
                os.chown(path, int(owner["uid"]), int(owner["gid"]))

    def _make_certificate(self) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", str(self.base / "key.pem"), "-out", str(self.certificate)],
            check=True,
            capture_output=True,
        )  # fmt: skip

    def _make_mail(self) -> None:
        (self.base / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n", "utf-8")
        (self.base / "users").chmod(0o644)
        for name in ("cur", "new", "tmp"):
            (self.base / "mail" / USER / name).mkdir(parents=True)
        if os.geteuid() == 0:
            people = self._people()
            for folder, _, _ in os.walk(self.base / "mail"):
                os.chown(folder, int(people["uid"]), int(people["gid"]))

    @staticmethod
    def _people() -> dict[str, str]:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            return {"internal": "dovecot", "group": "dovecot", "login": "dovenull",
                    "uid": str(nobody.pw_uid), "gid": str(nobody.pw_gid)}  # fmt: skip
        me = pwd.getpwuid(os.geteuid())
        group = str(me.pw_gid)
        with contextlib.suppress(KeyError):
            import grp

            group = grp.getgrgid(me.pw_gid).gr_name
        return {"internal": me.pw_name, "group": group, "login": me.pw_name,
                "uid": str(me.pw_uid), "gid": str(me.pw_gid)}  # fmt: skip

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.ports["plain"]), 1) as line,
            ):
                line.settimeout(START_SECONDS)
                if line.recv(4) == b"* OK":
                    return
        told = [path.read_text() for name in ("said", "log") if (path := self.base / name).exists()]
        raise RuntimeError("\n".join(["Dovecot did not start", *told]))


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


class CuttingProxy:
    """Passes everything on, and cuts a connection when the server has said so many bytes.

    `cuts`: bytes for each connection in their order, None for whole ones; later ones are whole.
    """

    def __init__(self, port: int, cuts: list[int | None], source: str = "127.0.0.1") -> None:
        self._target = port
        self._source = source
        self.cuts = cuts
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            number, self.connections = self.connections, self.connections + 1
            cut = self.cuts[number] if number < len(self.cuts) else None
            theirs = socket.create_connection(
                ("127.0.0.1", self._target), source_address=(self._source, 0)
            )
            threading.Thread(target=_pass, args=(ours, theirs, None), daemon=True).start()
            threading.Thread(target=_pass, args=(theirs, ours, cut), daemon=True).start()


def _pass(source: socket.socket, target: socket.socket, left: int | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(4_096):
            if left is not None:
                data = data[:left]
                left -= len(data)
            target.sendall(data)
            if left == 0:
                break
    for line in (source, target):
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()
