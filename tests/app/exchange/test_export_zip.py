"""A whole workspace leaves as one zip and comes back the same; what is no such zip is refused."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.commands.attachments import attach_file
from app.commands.companies import create_company
from app.commands.contacts import create_contact
from app.errors import UserError
from app.exchange.out.run import ExportStoppedError
from app.exchange.out.whole import export_workspace, packed_tables
from app.exchange.plan import plan_file
from app.exchange.restore_zip import restore_zip
from app.exchange.zip_archive import is_workspace_zip
from app.sharing.canonical import TableReader, sum_of
from app.workspace import Workspace
from tests.conftest import run

Members = dict[str, bytes]


@pytest.fixture
def source(tmp_path: Path, template: Path) -> Iterator[Workspace]:
    opened = Workspace.open(shutil.copy(template, tmp_path / "source.closeknit"), watch=False)
    run(opened, create_company, name="Mutter AG")
    child = run(opened, create_company, name="Tochter GmbH", parent_id=None)
    person = run(
        opened, create_contact, name="Zoë 👩‍👩‍👧 محمد", company_id=child, description="a\n\tb"
    )
    run(opened, attach_file, contact_id=person, name="a.txt", content=b"\x00\xffx")
    yield opened
    opened.close()


@pytest.fixture
def packed(source: Workspace, tmp_path: Path) -> Path:
    path = tmp_path / "all.zip"
    export_workspace(source, path)
    return path


def sums(workspace: Workspace) -> dict[str, tuple[int, str]]:
    with workspace.database.reading(patient=True) as session:
        raw = session.connection().connection.dbapi_connection
        dialect = workspace.database.dialect
        found = {}
        for table in packed_tables():
            taken = sum_of(TableReader(table, dialect), raw)
            found[table.name] = (taken.rows, taken.checksum)
        return found


def test_workspace_comes_back_the_same_on_every_store(
    store: Workspace, source: Workspace, packed: Path
) -> None:
    home = {"workspace_setting"} if store.database.shared else set()
    counts = restore_zip(store, packed)
    before, after = sums(source), sums(store)
    assert {name for name in before if before[name] != after[name]} <= home
    assert counts["contact"] == 1
    assert counts["attachment"] == 1


def test_restored_workspace_works_on(source: Workspace, packed: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.closeknit"
    opened = Workspace.open(path, create=True, user_name="Elena Novak", watch=False)
    restore_zip(opened, packed)
    run(opened, create_contact, name="One more")
    opened.close()
    again = Workspace.open(path, watch=False)
    assert sums(again)["contact"][0] == 2
    again.close()


def test_filled_workspace_is_refused_and_kept(source: Workspace, packed: Path) -> None:
    before = sums(source)
    with pytest.raises(UserError, match="holds records already"):
        restore_zip(source, packed)
    assert sums(source) == before


def test_zip_is_recognised_and_no_table(packed: Path, tmp_path: Path) -> None:
    renamed = packed.rename(tmp_path / "people.csv")
    assert is_workspace_zip(renamed)
    with pytest.raises(UserError, match="is a whole workspace"):
        plan_file(renamed)


def changed(path: Path, change: Callable[[Members], object]) -> Path:
    """Write a zip anew with other members."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    change(members)
    out = path.with_name("changed.zip")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out


def in_manifest(members: Members, **values: Any) -> None:
    manifest = json.loads(members["manifest.json"])
    members["manifest.json"] = json.dumps({**manifest, **values}).encode()


def signed(members: Members, table: str, data: bytes) -> None:
    """Put rows into a table and sign them, as somebody who means harm would."""
    import hashlib

    manifest = json.loads(members["manifest.json"])
    manifest["tables"][table] = {
        "rows": data.count(b"\n") - 1,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    members["manifest.json"] = json.dumps(manifest).encode()
    members[f"tables/{table}.jsonl"] = data


CONTACTS = "tables/contact.jsonl"
HARM: dict[str, tuple[Callable[[Members], object], str]] = {
    "other digest": (lambda m: m.update({CONTACTS: m[CONTACTS].replace(b"Zo", b"Zu")}), "damaged"),
    "a line too few": (lambda m: m.update({CONTACTS: m[CONTACTS].split(b"\n")[0]}), "damaged"),
    "no table": (lambda m: m.pop(CONTACTS), "damaged"),
    "outside": (lambda m: m.update({"../../evil": b"x"}), "no part of a workspace"),
    "absolute": (lambda m: m.update({"/etc/passwd": b"x"}), "no part of a workspace"),
    "another file": (lambda m: m.update({"attachments/a.exe": b"x"}), "no part of a workspace"),
    "newer": (lambda m: in_manifest(m, schema="9999"), "newer version"),
    "newer format": (lambda m: in_manifest(m, version=2), "newer version"),
    "older": (lambda m: in_manifest(m, schema="0001"), "older version"),
    "no numbers": (lambda m: in_manifest(m, tables={"contact": 5}), "damaged"),
    "no manifest": (lambda m: m.update({"manifest.json": b"[" * 100_000}), "damaged"),
    "deep": (lambda m: signed(m, "tag", head_of(m, "tag") + b"[" * 100_000 + b"\n"), "damaged"),
    "not a row": (lambda m: signed(m, "tag", head_of(m, "tag") + b"5\n"), "damaged"),
    "wrong type": (
        lambda m: signed(m, "contact", m[CONTACTS].replace(b'"lead"', b'"god"')),
        "damaged",
    ),
    "dangling": (
        lambda m: signed(m, "company", head_of(m, "company")),
        "damaged",
    ),
    "other bytes": (
        lambda m: m.update({n: b"other" for n in m if n.startswith("attachments/")}),
        "damaged",
    ),
    "bomb": (
        lambda m: m.update({"tables/tag.jsonl": b"\n" * 200_000_000}),
        "far more than a workspace",
    ),
}


def head_of(members: Members, table: str) -> bytes:
    return members[f"tables/{table}.jsonl"].split(b"\n")[0] + b"\n"


@pytest.mark.parametrize("harm", HARM)
def test_harmful_zips_are_refused_and_change_nothing(
    workspace: Workspace, packed: Path, harm: str
) -> None:
    change, reason = HARM[harm]
    before = sums(workspace)
    with pytest.raises(UserError, match=reason):
        restore_zip(workspace, changed(packed, change))
    assert sums(workspace) == before


def test_cut_zip_is_refused(workspace: Workspace, packed: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(packed.read_bytes()[:-200])
    with pytest.raises(UserError, match="damaged"):
        restore_zip(workspace, cut)


def test_stopped_export_leaves_no_zip(source: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ExportStoppedError):
        export_workspace(source, tmp_path / "x.zip", should_stop=lambda: True)
    assert not list(tmp_path.glob("*x.zip*"))
