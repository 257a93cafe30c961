"""Messages of LinkedIn: activities with the people at the other end."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.kinds.message import owner_of, profile_keys
from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import Activity, Contact, ImportBatch
from models.values import ActivityKind, Direction
from tests.app.exchange.conftest import MAVEN, MakeFile, counts, take
from tests.conftest import read, snapshot

MESSAGES = MAVEN.parent / "linkedin" / "Messages.csv"
HEAD = (
    "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,"
    "SUBJECT,CONTENT,FOLDER\n"
)


def facts(session: Session) -> list[tuple[Any, ...]]:
    rows = session.execute(
        select(Activity, Contact.name)
        .outerjoin(Contact, Contact.id == Activity.contact_id)
        .order_by(Activity.at)
    )
    return [(a.thread_key, a.direction, name, a.subject) for a, name in rows]


def test_linkedin_messages(workspace: Workspace) -> None:
    if not MESSAGES.exists():
        pytest.skip(f"{MESSAGES} is not there")
    before = snapshot(workspace)
    (result,) = take(workspace, MESSAGES)
    assert counts(result) == {"created": 11}
    found = read(workspace, facts)
    assert len({thread for thread, *_ in found}) == 4
    assert {name for _, _, name, _ in found} == {
        "Alice Johnson", "Bob Williams", "Carol Davis", "Eve Wilson"
    }  # fmt: skip
    sent = [row for row in found if row[1] is Direction.OUTBOUND]
    assert len(sent) == 5
    assert all(row[1] is not None for row in found)
    kinds = read(workspace, lambda s: set(s.scalars(select(Activity.kind))))
    assert kinds == {ActivityKind.EMAIL}
    assert set(counts(take(workspace, MESSAGES)[0])) == {"unchanged"}
    batches = read(workspace, lambda s: list(s.scalars(select(ImportBatch.id))))
    undo_batches(workspace, batches)
    after = snapshot(workspace)
    del before["import_batch"], after["import_batch"]
    assert after == before


def test_people_are_found_by_their_profile_before_their_name(
    workspace: Workspace, make_file: MakeFile
) -> None:
    people = make_file(
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Anna,Berg,https://www.linkedin.com/in/anna-b,,Foo,Head,15 Jan 2023\n"
        "Anna,Berg,https://www.linkedin.com/in/anna-c,,Bar,Boss,16 Jan 2023\n",
        "connections.csv",
    )
    messages = make_file(
        HEAD + "c1,,Anna Berg,https://linkedin.com/in/anna-c/,Elena Novak,https://x.example/e,"
        "2024-05-15 10:30:00,,Hello,INBOX\n"
        "c1,,Elena Novak,https://x.example/e,Anna Berg,https://www.linkedin.com/in/anna-c,"
        "2024-05-15 11:30:00,,Hello to you,SENT\n"
        'c2,Group,Elena Novak,https://x.example/e,"Anna Berg, Bo Lund",,2024-05-16 11:30:00,,All,\n'
        "c3,,LinkedIn Member,,Elena Novak,,2024-05-17 11:30:00,,Gone,\n",
        "messages.csv",
    )
    assert counts(take(workspace, people)[0]) == {"created": 2}
    assert counts(take(workspace, messages)[0]) == {"created": 4}

    def at_bar(session: Session) -> list[Any]:
        rows = session.execute(
            select(Contact.job_title, Activity.direction, Activity.body)
            .outerjoin_from(Activity, Contact, Contact.id == Activity.contact_id)
            .order_by(Activity.at)
        )
        return [tuple(row) for row in rows]

    found = read(workspace, at_bar)
    assert found[:2] == [
        ("Boss", Direction.INBOUND, "Hello"),
        ("Boss", Direction.OUTBOUND, "Hello to you"),
    ]
    assert found[2][2] == "All\n\nTo: Anna Berg, Bo Lund"
    assert found[3] == (None, Direction.INBOUND, "Gone")
    assert set(counts(take(workspace, messages)[0])) == {"unchanged"}


@pytest.mark.parametrize(
    ("pairs", "known", "owner"),
    [
        ([("A", "B"), ("C", "A")], "", "A"),
        ([("A", "B"), ("B", "A")], "", ""),
        ([("A", "B"), ("B", "A")], "b", "b"),
        ([("A", "B, C"), ("C", "B; A")], "Nobody", ""),
        ([], "A", ""),
    ],
)
def test_whose_messages_they_are(pairs: list[tuple[str, str]], known: str, owner: str) -> None:
    assert owner_of(pairs, known) == owner


def test_a_profile_is_the_same_however_it_is_written() -> None:
    forms = [
        "https://www.linkedin.com/in/Ann/",
        "linkedin.com/in/ann",
        "http://linkedin.com/in/ann?x=1",
    ]
    assert len({frozenset(profile_keys(form)) for form in forms}) == 1
    assert profile_keys("") == ()
