"""Restoring: field by field what was backed up, nothing overwritten unasked, damage kept aside."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.commands.companies import change_company, create_company
from app.commands.contacts import create_contact
from app.commands.users import enter_workspace
from app.errors import EnvironmentFault, FaultKind, UserError
from app.sharing.backup_files import Reason, backups_of, newest_verified
from app.sharing.backups import back_up
from app.sharing.placement import Mode
from app.sharing.restoring import preview, restore
from app.workspace import Workspace
from tests.app.sharing.test_backups import (
    everything,
    own_home,
    parts,
    rows,
    small_disk,
    writable,
)
from tests.conftest import USER, run

__all__ = ["own_home"]  # the fixture of a home of one's own


def filled(path: Path) -> Workspace:
    opened = Workspace.open(path, user_name=USER, watch=False)
    run(opened, create_company, name="Ångström & Söhne")
    run(opened, create_contact, name="Ada Lovelace", emails=["ada@example.org"])
    return opened


def test_what_comes_back_is_equal_field_by_field(workspace_path: Path) -> None:
    opened = filled(workspace_path)
    held = everything(workspace_path)
    made = back_up(workspace_path, Reason.ASKED)
    run(opened, create_company, name="Later")
    opened.close()
    target = workspace_path.with_name("back.closeknit")
    done = restore(made.path, target)
    assert (done.path, done.replaced, done.kept) == (target, None, ())
    assert everything(target) == held
    assert [path.name for path in target.parent.glob("back*")] == [target.name]
    again = Workspace.open(target, user_name=USER, watch=False)
    run(again, create_company, name="New work")
    again.close()


def test_nothing_is_overwritten_unasked(workspace_path: Path) -> None:
    filled(workspace_path).close()
    made = back_up(workspace_path, Reason.ASKED)
    held = workspace_path.read_bytes()
    with pytest.raises(UserError, match="exists already"):
        restore(made.path, workspace_path)
    with pytest.raises(UserError, match="is a folder"):
        restore(made.path, workspace_path.parent, replace=True)
    with pytest.raises(UserError, match="does not exist"):
        restore(made.path, workspace_path.parent / "no" / "x.closeknit")
    with pytest.raises(UserError, match="backup itself"):
        restore(made.path, made.path, replace=True)
    with pytest.raises(UserError, match="no backup"):
        restore(made.path.with_name("none.closeknit"), workspace_path, replace=True)
    assert workspace_path.read_bytes() == held


def test_a_journal_left_alone_is_put_aside_too(workspace_path: Path) -> None:
    made = back_up(workspace_path, Reason.ASKED)
    held = everything(workspace_path)
    target = workspace_path.with_name("back.closeknit")
    Path(f"{target}-wal").write_bytes(b"of another file")
    with pytest.raises(UserError, match="exists already"):
        restore(made.path, target)
    done = restore(made.path, target, replace=True)
    assert [path.read_bytes() for path in done.kept] == [b"of another file"]
    assert everything(target) == held


def test_what_is_replaced_is_backed_up_first(workspace_path: Path) -> None:
    opened = filled(workspace_path)
    made = back_up(workspace_path, Reason.ASKED)
    before = everything(workspace_path)
    run(opened, create_company, name="Made since")
    opened.close()
    replaced = everything(workspace_path)
    done = restore(made.path, workspace_path, replace=True)
    assert everything(workspace_path) == before
    assert done.kept == ()
    assert done.replaced is not None
    assert done.replaced.reason is Reason.RESTORE
    assert everything(done.replaced.path) == replaced
    restore(done.replaced.path, workspace_path, replace=True)  # and forth again
    assert everything(workspace_path) == replaced


@pytest.mark.parametrize("harm", ["no database", "cut", "pages"])
def test_a_damaged_file_is_kept_with_its_journals(workspace_path: Path, harm: str) -> None:
    filled(workspace_path).close()
    made = back_up(workspace_path, Reason.ASKED)
    held = everything(workspace_path)
    if harm == "no database":
        workspace_path.write_bytes(b"\0" * 100_000)
    elif harm == "cut":
        os.truncate(workspace_path, workspace_path.stat().st_size // 2)
    else:
        with workspace_path.open("rb+") as file:
            file.seek(4096)
            file.write(b"\xa5" * 4096 * 60)
    journal = Path(f"{workspace_path}-journal")
    journal.write_bytes(b"what a crash has left")
    damaged = workspace_path.read_bytes()
    done = restore(made.path, workspace_path, replace=True)
    assert everything(workspace_path) == held
    assert done.replaced is None
    kept = {path.name[path.name.index(".") :]: path.read_bytes() for path in done.kept}
    assert kept[".closeknit"] == damaged
    assert kept[".closeknit-journal"] == b"what a crash has left"
    assert backups_of(workspace_path) == [made]


@pytest.mark.parametrize("mode", [Mode.LOCAL, Mode.SHARED])
def test_a_file_that_is_open_is_not_replaced(workspace_path: Path, mode: Mode) -> None:
    opened = Workspace.open(workspace_path, user_name=USER, watch=False, mode=mode)
    made = back_up(workspace_path, Reason.ASKED)
    with pytest.raises(UserError, match="open") as caught:
        restore(made.path, workspace_path, replace=True)
    assert "Close it there first" in str(caught.value)
    if mode is Mode.SHARED:
        assert USER in str(caught.value)
    run(opened, create_company, name="Still at work")
    opened.close()
    restore(made.path, workspace_path, replace=True)
    assert rows(workspace_path, "SELECT count(*) FROM company") == [(0,)]


def test_a_damaged_backup_is_refused(workspace_path: Path) -> None:
    made = back_up(workspace_path, Reason.ASKED)
    with writable(made.path).open("rb+") as file:
        file.seek(made.size // 2)
        file.write(b"\x01\x02\x03")
    target = workspace_path.with_name("back.closeknit")
    with pytest.raises(EnvironmentFault, match="cannot be relied upon"):
        restore(made.path, target)
    foreign = workspace_path.with_name("letter.txt")
    foreign.write_text("Dear Ada")
    with pytest.raises(EnvironmentFault, match="cannot be relied upon"):
        restore(foreign, target)
    assert not target.exists()
    assert list(target.parent.glob("*.part")) == []


def test_a_full_disk_leaves_everything_as_it_was(workspace_path: Path, tmp_path: Path) -> None:
    made = back_up(workspace_path, Reason.ASKED)
    with small_disk(tmp_path, 12) as disk:
        target = disk / "there.closeknit"
        restore(made.path, target)
        held = target.read_bytes()
        (disk / "ballast").write_bytes(os.urandom(shutil.disk_usage(disk).free - made.size // 2))
        for place, replace in ((disk / "new.closeknit", False), (target, True)):
            with pytest.raises(EnvironmentFault, match="too full; nothing was restored"):
                restore(made.path, place, replace=replace)
        assert sorted(path.name for path in disk.glob("*.closeknit*")) == [target.name]
        assert target.read_bytes() == held


def test_a_copy_without_its_manifest_is_looked_through(workspace_path: Path) -> None:
    filled(workspace_path).close()
    held = everything(workspace_path)
    made = back_up(workspace_path, Reason.ASKED)
    carried = workspace_path.with_name("from a stick.closeknit")
    carried.write_bytes(made.path.read_bytes())
    restore(carried, workspace_path.with_name("back.closeknit"))
    assert everything(workspace_path.with_name("back.closeknit")) == held


def test_the_preview_names_what_would_differ(workspace_path: Path) -> None:
    opened = filled(workspace_path)
    made = back_up(workspace_path, Reason.ASKED)
    assert preview(made.path, workspace_path).is_same
    company = rows(workspace_path, "SELECT id FROM company")[0][0]
    run(opened, change_company, company_id=company, industry="Optics")
    for n in range(3):
        run(opened, create_company, name=f"Made since {n}")
    opened.database.engine.dispose()
    found = preview(made.path, workspace_path)  # while it is open
    kinds = {kind.kind: kind for kind in found.kinds if not kind.is_same}
    assert set(kinds) == {"company"}
    assert (kinds["company"].changed, kinds["company"].only_in_current) == (1, 3)
    assert (kinds["company"].in_backup, kinds["company"].in_current) == (1, 4)
    assert found.steps_lost == 4
    assert found.current_change is not None
    assert found.backup_change is not None
    assert found.current_change.user == USER
    assert found.current_change.at >= found.backup_change.at
    opened.close()
    back = preview(newest_verified(workspace_path).path, workspace_path.with_name("none"))  # type: ignore[union-attr]
    assert back.problem is not None
    assert not back.is_same


def test_the_preview_of_a_damaged_file_says_so(workspace_path: Path) -> None:
    filled(workspace_path).close()
    made = back_up(workspace_path, Reason.ASKED)
    workspace_path.write_bytes(b"\0" * 100_000)
    found = preview(made.path, workspace_path)
    assert found.problem is not None
    assert {k.kind: k.in_backup for k in found.kinds}["company"] == 1


@pytest.mark.parametrize("harm", ["no database", "cut", "first page"])
def test_opening_a_damaged_file_names_the_newest_backup(workspace_path: Path, harm: str) -> None:
    filled(workspace_path).close()
    made = back_up(workspace_path, Reason.ASKED)
    if harm == "no database":
        workspace_path.write_bytes(b"\0" * 100_000)
    elif harm == "cut":
        os.truncate(workspace_path, workspace_path.stat().st_size // 2)
    else:
        with workspace_path.open("rb+") as file:
            file.seek(100)
            file.write(b"\xa5" * 3000)
    held = workspace_path.read_bytes()
    with pytest.raises(EnvironmentFault) as caught:
        Workspace.open(workspace_path, user_name=USER, watch=False)
    assert caught.value.kind is FaultKind.DAMAGED
    assert str(made.path) in caught.value.remedy
    assert "--replace" in caught.value.remedy
    assert workspace_path.read_bytes() == held
    assert main(["restore", str(made.path), "--to", str(workspace_path), "--replace"]) == 0
    Workspace.open(workspace_path, user_name=USER, watch=False).close()


def test_a_foreign_file_without_backups_is_only_refused(tmp_path: Path) -> None:
    letter = tmp_path / "letter.closeknit"
    letter.write_text("Dear Ada, " * 10)
    with pytest.raises(EnvironmentFault, match="is not a Closeknit workspace") as caught:
        Workspace.open(letter, watch=False)
    assert "restore" not in caught.value.remedy


def test_the_command_line(workspace_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str, status: int = 0) -> Any:
        assert main([*words, "--json"]) == status
        return json.loads(capsys.readouterr().out)

    opened = filled(workspace_path)
    place = str(workspace_path)
    made = said("backup", "-w", place)
    assert made["verified"]
    assert made["counts"]["company"] == 1
    opened.change("Enter", enter_workspace, name="Somebody else")
    opened.close()
    listed = said("backups", "list", "-w", place)["backups"]
    assert [backup["path"] for backup in listed] == [made["path"]]
    differs = said("restore", made["path"], "--to", place, "--preview")
    assert [kind["kind"] for kind in differs["kinds"]] == ["user"]
    assert main(["restore", "newest", "--to", place]) == 1
    assert "--replace" in capsys.readouterr().err
    done = said("restore", "newest", "--to", place, "--replace")
    assert (done["from"], done["kept"]) == (made["path"], [])
    assert main(["backups", "-w", place]) == 0
    assert capsys.readouterr().out.count("checked") == 2
    assert main(["backup", "-w", "postgresql://u:secret@server/crm"]) == 1
    said_no = capsys.readouterr().err
    assert "server's own backups" in said_no
    assert "secret" not in said_no
    assert parts(workspace_path) == []


def test_the_newest_backup_of_one_workspace_can_go_to_another_file(workspace_path: Path) -> None:
    back_up(workspace_path, Reason.ASKED)
    target = workspace_path.with_name("elsewhere.closeknit")
    assert main(["restore", "newest", "-w", str(workspace_path), "--to", str(target)]) == 0
    assert everything(target) == everything(workspace_path)
