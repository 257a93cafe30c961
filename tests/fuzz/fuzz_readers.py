"""Coverage-guided fuzzing of every reader with atheris, which is no dependency of the project.

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris
    PYTHONPATH=.venv/lib/python3.11/site-packages:. /tmp/fuzz/bin/python \
        -m tests.fuzz.fuzz_readers READER SECONDS FINDINGS

READER is one of GROUPS. The corpus is the reader's files in shared/data/real, read from there. An
input that does what it must not (another exception than a refusal, a lost row, more than LONGEST
seconds) is kept in the folder FINDINGS with its traceback, once for each place; the run goes on.
What is found is mended and kept, small and invented, in tests/app/exchange/test_fuzz.py.
"""

import gzip
import hashlib
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

with atheris.instrument_imports(include=["app.exchange", "icalendar", "email", "olefile"]):
    from app.errors import UserError
    from app.exchange import mappings
    from tests.app.exchange.fuzzing import PARTS, outlook_message, part_of, read_all, with_part

REAL: Final = Path(
    os.environ.get("CLOSEKNIT_REAL_DATA", Path(__file__).parents[3] / "shared/data/real")
)
LONGEST: Final = 5.0  # seconds for one input
MAX_INPUT: Final = 20_000  # bytes
# Reader → the name its inputs get, and the endings of the corpus's files.
GROUPS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "text": ("input.csv", (".csv", ".tsv")),
    "sheets": ("input.xlsx", (".xlsx", ".xls", ".ods")),
    "sheet_parts": ("input.xlsx", ()),
    "packed": ("input.gz", (".json", ".eml", ".vcf")),
    "vcard": ("input.vcf", (".vcf",)),
    "calendar": ("input.ics", (".ics",)),
    "json": ("input.json", (".json",)),
    "mbox": ("input.mbox", (".mbox",)),
    "message": ("input.eml", (".eml",)),
    "columns": ("input.txt", (".txt",)),
    "outlook": ("input.msg", (".msg",)),
    "mapping": ("input.json", ()),
}
_MAIL: Final = b"From: a@x.example\nTo: b@x.example\nSubject: A\n\nHello\n"
_SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "packed": (b"Name,E-mail\nAnn,ann@x.example\n", _MAIL),
    "vcard": (b'["vcard",[["version",{},"text","4.0"],["fn",{},"text","Ann"]]]',),
    "json": (
        b'{"type":"track","event":"A","userId":"1","timestamp":"2024-01-02T03:04:05Z",'
        b'"properties":{"revenue":1.5,"currency":"EUR"}}\n{"type":"identify","userId":"1",'
        b'"traits":{"email":"ann@x.example"}}\n',
        b'[{"event":"A","properties":{"distinct_id":"1","time":1700000000,"$insert_id":"a"}}]',
        b'{"batch":[{"type":"page","anonymousId":"x","name":"Home"}],"sentAt":"2024-01-02"}',
        b'{"records":[{"attributes":{"type":"Contact","referenceId":"a"},"LastName":"Lee"}]}',
        b'{"closeknit":"contact","id":"x1","name":"Ann Lee","points":[]}\n',
        b'[{"id":1,"properties":{"email":"ann@x.example","firstname":"Ann"},"archived":false}]',
    ),
    "outlook": (outlook_message(),),
    "mapping": (
        b'{"closeknit_mapping":1,"name":"a","kind":"contact","columns":{"Name":"name","X":null},'
        b'"words":{"type":{"a":"b"}},"on_match":"file","match_by":["id"],"reading":{}}',
    ),
}


class Harness:
    """Runs inputs and keeps those that do what they must not."""

    def __init__(self, group: str, findings: Path) -> None:
        self._group = group
        self._findings = findings
        findings.mkdir(parents=True, exist_ok=True)
        scratch = Path("/dev/shm") if Path("/dev/shm").is_dir() else findings  # noqa: S108  memory
        self._file = scratch / f"fuzz-{os.getpid()}-{GROUPS[group][0]}"
        self._seen: set[str] = set()
        self.runs = 0

    def __call__(self, data: bytes) -> None:
        """Read one input."""
        self.runs += 1
        self._file.write_bytes(_wrapped(self._group, data))
        began = time.monotonic()
        try:
            self._read()
        except Exception as error:  # noqa: BLE001  whatever it is, it is a finding
            frames = traceback.extract_tb(error.__traceback__)
            place = f"{type(error).__name__} {[(f.filename, f.lineno) for f in frames[-2:]]}"
            self._keep(data, place, "".join(traceback.format_exception(error)))
        took = time.monotonic() - began
        if took > LONGEST:
            self._keep(data, f"slow {int(took / LONGEST)}", f"{took:.1f} s")

    def _read(self) -> None:
        if self._group == "mapping":
            try:
                mappings.load(self._file)
            except UserError:
                return
        else:
            read_all(self._file)

    def _keep(self, data: bytes, place: str, text: str) -> None:
        name = hashlib.sha256(place.encode()).hexdigest()[:12]
        if name not in self._seen:
            self._seen.add(name)
            stem = self._findings / f"{self._group}-{name}"
            stem.with_suffix(".bin").write_bytes(data)
            stem.with_suffix(".txt").write_text(f"{place}\n{text}", "utf-8")
            print(f"FINDING {self._group} {place}", flush=True)  # noqa: T201  a script


def _wrapped(group: str, data: bytes) -> bytes:
    """Return a file of what was made up: checksums and packing are not left to chance."""
    if group == "packed":
        return gzip.compress(data, 1)
    if group != "sheet_parts":
        return data
    part = PARTS[data[0] % len(PARTS)] if data else PARTS[0]
    return with_part(part, data[1:])


def _corpus(group: str, folder: Path) -> Path:
    """Write the seeds of a reader to a folder of their own, which the run adds to."""
    folder.mkdir(parents=True, exist_ok=True)
    endings = GROUPS[group][1]
    seeds: list[bytes] = list(_SEEDS.get(group, ()))
    if group == "sheet_parts":
        seeds += [bytes([i]) + part_of(name) for i, name in enumerate(PARTS)]
    for file in sorted(REAL.rglob("*")):
        if file.suffix.casefold() in endings:
            data = file.read_bytes()
            if len(data) <= MAX_INPUT or group != "sheets":  # a piece of a workbook is none
                seeds.append(data[:MAX_INPUT])
    for number, seed in enumerate(seeds):
        (folder / f"seed-{number}").write_bytes(seed)
    return folder


def main() -> None:
    """Fuzz one reader for a while."""
    group, seconds, findings = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    corpus = _corpus(group, findings / f"corpus-{group}")
    harness: Any = Harness(group, findings)
    limits = [f"-max_total_time={seconds}", f"-max_len={MAX_INPUT}", "-timeout=60"]
    limits += ["-rss_limit_mb=2000", "-print_final_stats=1", f"-artifact_prefix={findings}/"]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], harness)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
