"""A mailbox: its headers, its mails with text and files, and the whole import of it."""

import base64
import mailbox
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.exchange.mail.headers import read_headers
from app.exchange.plan import plan_file
from app.exchange.runs import ImportRun, region_of
from app.exchange.sources.mbox import MboxFile, split
from app.workspace import Workspace
from benchmarks.figures import Figure
from benchmarks.ground import FOLDER, Ground, remove

MAILS: Final = 4_000
_FILE: Final = 60_000  # bytes of the largest attachment; every second mail has one
_WORDS: Final = "offer meeting Rechnung order delivery Grüße please find attached the contract and"


def measure(ground: Ground) -> list[Figure]:
    """Return milliseconds per 1,000 mails, beside those of Python's own mailbox and email."""
    del ground
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "bench.mbox"
    _write(path)
    figures = [
        _figure("1,000 mails: headers of an mbox", _headers, _bare_headers, path, 500),
        _figure("1,000 mails: text and files of an mbox", _read, _bare_read, path, None),
        _figure("1,000 mails: taken into a workspace", _import, _bare_read, path, 3_333),
    ]
    path.unlink()
    return figures


def _figure(
    name: str,
    ours: Callable[[Path], int],
    bare: Callable[[Path], int],
    path: Path,
    target: float | None,
) -> Figure:
    return Figure(
        name, _per_thousand(ours, path), "ms", target, _per_thousand(bare, path), "stdlib"
    )


def _per_thousand(work: Callable[[Path], int], path: Path) -> float:
    started = time.perf_counter()
    count = work(path)
    return (time.perf_counter() - started) * 1_000_000 / count


def _headers(path: Path) -> int:
    count = 0
    with path.open("rb") as file:
        for each in split(file):
            headers = read_headers(each.source())
            count += bool(headers.words("subject") and headers.words("from"))
    return count


def _bare_headers(path: Path) -> int:
    return sum(1 for each in mailbox.mbox(path) if each["subject"] and each["from"])


def _read(path: Path) -> int:
    return sum(1 for row in MboxFile(path).raw_rows() if row.given is not None)


def _bare_read(path: Path) -> int:
    count = 0
    for each in mailbox.mbox(path):
        for part in each.walk():
            if not part.is_multipart():
                part.get_payload(decode=True)
        count += 1
    return count


def _import(path: Path) -> int:
    place = FOLDER / "mail.closeknit"
    remove(place)
    workspace = Workspace.open(place, create=True, user_name="Benchmark", watch=False)
    try:
        plan = plan_file(path, region=region_of(workspace))
        (result,) = ImportRun(workspace, [plan]).run()
    finally:
        workspace.close()
        remove(place)
    return result.tally.read


def _write(path: Path) -> None:
    chance = random.Random(4)
    words = _WORDS.split()
    with path.open("wb") as file:
        for number in range(MAILS):
            text = " ".join(chance.choices(words, k=chance.randrange(40, 300)))
            content = chance.randbytes(chance.randrange(_FILE)) if number % 2 else b""
            file.write(_mail(number, text, content))


def _mail(number: int, text: str, content: bytes) -> bytes:
    subject = base64.b64encode(f"Angebot: {text[:30]}".encode()).decode()
    writer = f"p{number % 500}@customers.example"
    lines = [
        f"From {writer} Mon Jan 01 12:00:00 2024",
        "Received: from a.example by b.example; Mon, 01 Jan 2024 12:00:00 +0000",
        f"Message-ID: <m{number}@bench.example>",
        f"From: Person {number} <{writer}>",
        f'To: Me <me@ours.example>, "Other, One" <o{number % 50}@ours.example>',
        f"Subject: =?utf-8?b?{subject}?=",
        f"Date: Mon, 01 Jan 2024 12:{number % 60:02}:00 +0100",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="outer"', "", "--outer",
        'Content-Type: multipart/alternative; boundary="inner"', "", "--inner",
        "Content-Type: text/plain; charset=utf-8", "", text, "--inner",
        "Content-Type: text/html; charset=utf-8", "",
        f"<html><body><p>{text}</p><img src='http://x.example/1.png'></body></html>",
        "--inner--",
    ]  # fmt: skip
    if content:
        lines += [
            "--outer", "Content-Type: application/pdf", "Content-Transfer-Encoding: base64",
            f'Content-Disposition: attachment; filename="offer {number}.pdf"', "",
            base64.encodebytes(content).decode().rstrip("\n"),
        ]  # fmt: skip
    return "\n".join([*lines, "--outer--", "", ""]).encode()
