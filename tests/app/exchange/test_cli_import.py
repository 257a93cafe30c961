"""The real program, started as people start it: what `import` promises on the command line."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
OUTCOMES = ("created", "updated", "merged", "unchanged", "skipped", "failed")
PEOPLE = (
    "Vorname;Nachname;E-Mail;Firma;Erstellt am\r\n"
    "Jürgen;Müßig;j.muessig@beispiel.example;Süßwaren Müßig;03.11.2024\r\n"
    "Änne;Öztürk;anne@oeztuerk.example;Öztürk & Söhne;32.13.2023\r\n"
)
MAPPING = {
    "closeknit_mapping": 1,
    "name": "Office",
    "kind": "contact",
    "columns": {"Vorname": "given_name", "Nachname": "family_name", "E-Mail": "email"},
    "words": {},
    "on_match": "fill",
    "match_by": ["email"],
    "reading": {},
}


def closeknit(tmp_path: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words, "-w", str(tmp_path / "w.closeknit")],
        input=given,
        capture_output=True,
        cwd=tmp_path,
        env=os.environ | {"XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONUTF8": "1"},
        timeout=120,
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def reports(tmp_path: Path, *words: str, given: bytes = b"") -> list[dict[str, Any]]:
    done = closeknit(tmp_path, "import", *words, "--json", given=given)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    for report in found:
        assert report["read"] == sum(report[outcome] for outcome in OUTCOMES)
    return found


def listed(tmp_path: Path, kind: str, *words: str) -> list[dict[str, Any]]:
    done = closeknit(tmp_path, "list", kind, *words, "--json")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_report_has_the_shape_of_the_promise_and_a_second_run_changes_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "leute.csv").write_bytes(PEOPLE.encode("utf-16"))
    (first,) = reports(tmp_path, "leute.csv", "--kind", "auto")
    wanted = ["file", "kind", "read", *OUTCOMES, "problems", "links"]
    assert set(wanted) <= set(first)
    assert (first["file"], first["kind"], first["read"]) == ("leute.csv", "contacts", 2)
    assert first["links"] == {"company": 2}
    (problem,) = first["problems"]
    assert (problem["row"], problem["column"]) == (3, "Erstellt am")
    assert problem["value"] == "32.13.2023"
    assert problem["reason"]
    assert first["recognised"]["columns"]["Vorname"] == "given_name"
    (second,) = reports(tmp_path, "leute.csv")
    assert (second["unchanged"], second["created"]) == (2, 0)


def test_standard_input_is_a_file_and_undo_takes_it_back(tmp_path: Path) -> None:
    (report,) = reports(tmp_path, "-", given=PEOPLE.encode("cp1252"))
    assert (report["file"], report["created"]) == ("-", 2)
    assert len(listed(tmp_path, "contacts")) == 2
    batches = json.loads(closeknit(tmp_path, "imports", "list", "--json").stdout)
    assert [(each["id"], each["created"]) for each in batches] == [(report["batch"], 2)]
    assert closeknit(tmp_path, "import", "--undo", report["batch"]).returncode == 0
    assert listed(tmp_path, "contacts") == listed(tmp_path, "companies") == []
    again = closeknit(tmp_path, "import", "--undo", "last")
    assert (again.returncode, again.stdout) == (1, "")
    assert "no import to take back" in again.stderr


def test_orders_and_events_are_listed_and_shown(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(
        "Order Number,Order Date,Customer Email,Product,Quantity,Unit Price,Total,Currency\n"
        "1001,2024-03-01,zoe@ng.example,Tea,2,4.50,9.00,EUR\n"
    )
    event = {"type": "track", "event": "Signed Up", "userId": "u1", "messageId": "e1"}
    (tmp_path / "e.jsonl").write_text(json.dumps(event | {"timestamp": "2024-05-01T10:00:00Z"}))
    reports(tmp_path, "o.csv", "e.jsonl")
    (order,) = listed(tmp_path, "orders", "--filter", "1001")
    assert (order["number"], order["total"]) == ("1001", "9.00")
    (found,) = listed(tmp_path, "events", "--filter", "signed")
    shown = closeknit(tmp_path, "show", "event", found["id"])
    assert "name: Signed Up" in shown.stdout


def test_a_mapping_is_for_files_with_its_columns(tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text(json.dumps(MAPPING))
    (tmp_path / "leute.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "other.csv").write_text("Order Number,Customer Email\n1,a@b.example\n")
    assert reports(tmp_path, "leute.csv", "--mapping", "map.json")[0]["created"] == 2
    refused = closeknit(tmp_path, "import", "other.csv", "--mapping", "map.json")
    assert refused.returncode == 1
    assert "none of its columns" in refused.stderr


def test_a_reject_file_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("Name,Email,Company\nAda Berg,a@b.example,B\n,wrong,\n")
    (report,) = reports(tmp_path, "p.csv", "--reject", "rejected.csv")
    assert (report["created"], report["failed"]) == (1, 1)
    text = (tmp_path / "rejected.csv").read_text("utf-8-sig")
    (tmp_path / "rejected.csv").write_text(
        text.replace("\n,wrong", "\nIda Dahl,i@d.example"), "utf-8-sig"
    )
    (again,) = reports(tmp_path, "rejected.csv", "--kind", "auto")
    assert (again["kind"], again["created"]) == ("contacts", 1)
    assert again["recognised"]["columns"]["Not taken because"] is None


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["missing.csv"], 1, "missing.csv is not there"),
        (["."], 1, "is a folder"),
        (["picture.csv"], 1, "is not a table but a picture"),
        (["zeros.bin"], 1, "binary data"),
        (["some.zip"], 1, "Unpack it"),
        (["p.csv", "--encoding", "klingon"], 1, "no encoding called klingon"),
        (["p.csv", "--header-row", "99"], 1, "nothing in line 99"),
        (["p.csv", "--header-row", "-3"], 2, "number of a line"),
        (["p.csv", "--as", "martians"], 2, "invalid choice"),
        (["p.csv", "--match-by", "zodiac"], 2, "with commas between"),
        (["p.csv", "--reject", "no/such/folder.csv"], 1, "Name a file"),
        (["p.csv", "--mapping", "p.csv"], 1, "no mapping of Closeknit"),
        (["--undo", "12"], 1, "does not exist"),
        (["p.csv", "--undo", "last"], 2, "give files, or"),
        ([], 2, "give files, or"),
    ],
)
def test_what_cannot_be_is_said_on_standard_error(
    tmp_path: Path, words: list[str], status: int, sentence: str
) -> None:
    (tmp_path / "p.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)))
    (tmp_path / "zeros.bin").write_bytes(bytes(5_000))
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    done = closeknit(tmp_path, "import", *words)
    assert (done.returncode, done.stdout) == (status, "")
    assert sentence in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a limit of file sizes is set as POSIX knows it")
def test_a_chunk_that_could_not_be_stored_is_not_counted(tmp_path: Path) -> None:
    lines = [f"Person {n},p{n}@example.com,{'x' * 300}" for n in range(9_000)]
    (tmp_path / "p.csv").write_text("Name,Email,Notes\n" + "\n".join(lines), "utf-8")
    limit = (
        "import resource, runpy, sys; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000,) * 2); "
        f"sys.argv = [{str(ROOT / 'main.py')!r}, 'import', 'p.csv', '-w', 'w.closeknit', "
        "'--json']; "
        f"sys.path.insert(0, {str(ROOT)!r}); runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", limit],
        capture_output=True,
        cwd=tmp_path,
        env=os.environ | {"XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONUTF8": "1"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr.decode()
    (report,) = json.loads(done.stdout)
    assert report["created"] < 9_000
    assert report["created"] == len(listed(tmp_path, "contacts", "--limit", "9000"))
