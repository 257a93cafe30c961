"""The handshake of two computers, each a process of its own."""

import os
import signal
import threading
from pathlib import Path

import pytest

from app.errors import EnvironmentFault, UserError
from app.sharing.handshake import Side, invite, join, normal_code
from tests.app.sharing.two_computers import inviting, joining

SIDE = Side("A", "mount", "host")


def test_two_computers_whose_locks_hold_pass_and_leave_nothing(tmp_path: Path) -> None:
    first, code = inviting(tmp_path / "crm.closeknit")
    assert len(code) == 6
    assert joining(tmp_path / "crm.closeknit", f" {code[:3].lower()}-{code[3:]} ") == (
        "PASSED|A|mount of A|host of A"
    )
    assert first.end() == "PASSED|B|mount of B|host of B"
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_code_is_told_and_the_right_one_still_works(tmp_path: Path) -> None:
    first, code = inviting(tmp_path / "crm.closeknit")
    wrong = joining(tmp_path / "crm.closeknit", "AAAAAA")
    assert wrong.startswith("FAILED UserError This is not the code")
    assert joining(tmp_path / "crm.closeknit", code).startswith("PASSED")
    assert first.end().startswith("PASSED")


def test_one_computer_cannot_check_itself(tmp_path: Path) -> None:
    first, code = inviting(tmp_path / "crm.closeknit", "A")
    assert "it needs two computers" in joining(tmp_path / "crm.closeknit", code, "A")
    assert "it needs two computers" in first.end()
    assert list(tmp_path.iterdir()) == []


def test_a_second_invitation_does_not_disturb_the_first(tmp_path: Path) -> None:
    first, code = inviting(tmp_path / "crm.closeknit")
    third, told = inviting(tmp_path / "crm.closeknit", "C")
    assert "just being checked here" in told
    third.end()
    assert joining(tmp_path / "crm.closeknit", code).startswith("PASSED")
    assert first.end().startswith("PASSED")


def test_nobody_waiting_nobody_joining_and_giving_up(tmp_path: Path) -> None:
    path = tmp_path / "crm.closeknit"
    with pytest.raises(UserError, match="No computer is waiting"):
        join(path, SIDE, "ABCDEF")
    with pytest.raises(EnvironmentFault, match="No other computer has joined in time"):
        invite(path, SIDE, show=lambda _code: None, seconds=0.05)
    given_up = threading.Event()
    given_up.set()
    with pytest.raises(UserError, match="stopped"):
        invite(path, SIDE, show=lambda _code: None, stop=given_up)
    with pytest.raises(EnvironmentFault, match="Look whether the drive"):
        invite(tmp_path / "missing" / "x", SIDE, show=lambda _code: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_first_computer_that_died_is_no_reason_to_distrust_the_locks(tmp_path: Path) -> None:
    path = tmp_path / "crm.closeknit"
    first, code = inviting(path)
    first.process.send_signal(signal.SIGKILL)
    first.end()
    with pytest.raises(EnvironmentFault, match="did not answer any more"):
        join(path, Side("B", "mount", "host"), code, patience=0.3)
    # What it left does not hinder the next.
    second, code = inviting(path, "C")
    assert joining(path, code).startswith("PASSED|C")
    assert second.end().startswith("PASSED|B")
    assert list(tmp_path.iterdir()) == []


def test_codes_are_read_as_people_type_them() -> None:
    assert normal_code(" ab3-k 9z ") == "AB3K9Z"
