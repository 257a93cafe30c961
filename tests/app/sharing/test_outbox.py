"""What could not be saved waits on this computer, as it was given, also after a crash."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.commands.activities import log_activity
from app.commands.contacts import change_contact
from app.errors import UserError
from app.sharing.outbox import (
    NotKeepableError,
    Outbox,
    command_of,
    folder_of,
    from_json,
    name_of,
    to_json,
)
from models.values import ActivityKind, Lifecycle

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.decimals(allow_nan=False)
    | st.sampled_from([*ActivityKind, *Lifecycle]),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_every_value_comes_back_as_it_was(value: Any) -> None:
    import json

    again = from_json(json.loads(json.dumps(to_json(value))))
    assert again == value
    assert type(again) is type(value)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    kept = Outbox(str(tmp_path / "office.closeknit"), "one")
    yield kept
    kept.forget(*[entry.id for entry in kept.waiting()])


def keep(outbox: Outbox, subject: str) -> int:
    return outbox.keep(
        "Add note",
        log_activity,
        {"kind": ActivityKind.NOTE, "subject": subject, "at": datetime(2026, 3, 1, tzinfo=UTC)},
        user_id=7,
        after_step=12,
    ).id


def test_what_is_kept_is_found_by_the_next_start_and_by_another_window(outbox: Outbox) -> None:
    first = keep(outbox, "Zoë called")
    other = Outbox(outbox.folder_location, "two")
    second = keep(other, "later")
    next_start = Outbox(outbox.folder_location, "three")
    assert next_start.waiting() == []  # both are still there to offer it themselves
    outbox.close()
    other.close()
    again = next_start.waiting()
    next_start.forget(first, second)
    assert outbox.waiting() == other.waiting() == []
    assert [kept.id for kept in again] == [first, second]
    assert again[0].function is log_activity
    assert again[0].fields == {
        "kind": ActivityKind.NOTE,
        "subject": "Zoë called",
        "at": datetime(2026, 3, 1, tzinfo=UTC),
    }
    assert (again[0].user_id, again[0].after_step, again[0].process) == (7, 12, "one")


def test_what_was_saved_is_forgotten_and_the_rest_stays(outbox: Outbox) -> None:
    first, second = keep(outbox, "a"), keep(outbox, "b")
    outbox.forget(first)
    assert [kept.id for kept in outbox.waiting()] == [second]
    outbox.forget(second)
    assert not list(outbox.folder.glob("*"))


def test_a_doubt_can_be_settled(outbox: Outbox) -> None:
    kept = outbox.keep(
        "Change", change_contact, {"contact_id": 5}, user_id=None, after_step=0, in_doubt=True
    )
    outbox.settle(kept)
    assert [entry.in_doubt for entry in outbox.waiting()] == [False]


def test_a_draft_cut_off_by_a_crash_harms_nothing(outbox: Outbox) -> None:
    first = keep(outbox, "a")
    (outbox.folder / "one.new").write_text('[{"id": "1', "utf-8")
    assert [kept.id for kept in outbox.waiting()] == [first]


def test_a_damaged_file_is_set_aside_not_overwritten(outbox: Outbox) -> None:
    keep(outbox, "a")
    path = outbox.folder / "one.json"
    path.write_text("[{", "utf-8")
    assert outbox.waiting() == []
    assert (outbox.folder / "one.damaged").read_text("utf-8") == "[{"


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "app.commands.contacts:Session",
        "app.commands.contacts:nothing",
        "app.exchange.runs:undo_batches",
        "app.commands.contacts:__import__('os')",
    ],
)
def test_only_our_commands_are_run_from_a_file(name: str) -> None:
    with pytest.raises(NotKeepableError):
        command_of(name)


@pytest.mark.parametrize("command", [print, lambda: 0, UserError, Path.unlink])
def test_only_our_commands_are_kept(command: Any) -> None:
    with pytest.raises(NotKeepableError):
        name_of(command)


@pytest.mark.parametrize("value", [object(), {"deep": [Path("x")]}, date])
def test_what_a_file_cannot_hold_is_refused_before_anything_is_written(
    outbox: Outbox, value: Any
) -> None:
    with pytest.raises(NotKeepableError):
        outbox.keep("Change", change_contact, {"value": value}, user_id=None, after_step=0)
    assert outbox.waiting() == []


def test_the_folder_belongs_to_the_place(tmp_path: Path) -> None:
    assert folder_of("a") != folder_of("b")
    assert folder_of("a") == folder_of("a")
    assert from_json(to_json(Decimal("1.10"))) == Decimal("1.10")
