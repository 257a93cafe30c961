"""Mails taken into a workspace: whose they are, their threads and files, twice, and taken back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.attachments import attach_file
from app.commands.companies import create_company
from app.commands.contacts import create_contact
from app.exchange.mail.limits import MAX_MESSAGE
from app.exchange.plan import plan_file
from app.exchange.runs import undo_batches
from app.exchange.sources import mbox
from app.queries.mails import mail_facts
from app.queries.timeline import timeline
from app.workspace import Workspace
from models.records import (
    Activity,
    ActivityParticipant,
    Attachment,
    AttachmentLink,
    Contact,
    User,
)
from models.values import ActivityKind, Direction, MailRole
from tests.app.exchange.conftest import MAVEN, MakeFile, counts, take
from tests.conftest import read, run, snapshot

REAL = MAVEN.parent
OFFER = b"""From ann@customer.example Tue Mar  5 09:30:00 2024
Message-ID: <1@customer.example>
From: Ann Lee <Ann@Customer.example>
To: Elena <elena@ours.example>, Bo <bo@partner.example>
Subject: Offer
Date: Tue, 5 Mar 2024 10:30:00 +0100
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>Please send the <b>offer</b>.</p><img src="http://track.example/1.gif">
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="../plan.pdf"
Content-Transfer-Encoding: base64

UERGIGNvbnRlbnQ=
--b--

From elena@ours.example Tue Mar  5 10:00:00 2024
Message-ID: <2@ours.example>
In-Reply-To: <1@customer.example>
From: Elena <elena@ours.example>
To: Ann Lee <ann@customer.example>
Subject: Re: Offer
Date: Tue, 5 Mar 2024 11:00:00 +0100

Here it is.

>From tomorrow it is valid.

From ann@customer.example Wed Mar  6 10:00:00 2024
Message-ID: <3@customer.example>
In-Reply-To: <2@ours.example>
From: Ann Lee <ann@customer.example>
To: Elena <elena@ours.example>
Subject: AW: Offer
Date: Wed, 6 Mar 2024 11:00:00 +0100

Thanks!
"""


def set_email(session: Session, *, name: str, email: str) -> int:
    user = session.scalars(select(User).where(User.name == name)).one()
    user.email = email
    return user.id


@pytest.fixture
def ann(store: Workspace) -> int:
    run(store, set_email, name="Elena Novak", email="Elena@ours.example")
    company = run(store, create_company, name="Customer Ltd")
    return run(
        store, create_contact, name="Ann Lee", email="ann@customer.example", company_id=company
    )


def mails(workspace: Workspace) -> list[Any]:
    def query(session: Session) -> list[Any]:
        columns = Activity.__table__
        return list(session.execute(select(columns).order_by(columns.c.at, columns.c.id)))

    return workspace.read(query)


def number_of(workspace: Workspace, record: type) -> int:
    def query(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(record)) or 0

    return workspace.read(query)


def test_a_mailbox_comes_in_with_people_threads_and_files(
    store: Workspace, ann: int, make_file: MakeFile
) -> None:
    (result,) = take(store, make_file(OFFER, "inbox"))
    assert counts(result) == {"created": 3}
    assert dict(result.tally.links) == {"contact": 3, "company": 3, "owner": 3}
    first, answer, thanks = mails(store)
    assert [each.kind for each in (first, answer, thanks)] == [ActivityKind.EMAIL] * 3
    assert [each.direction for each in (first, answer, thanks)] == [
        Direction.INBOUND, Direction.OUTBOUND, Direction.INBOUND,
    ]  # fmt: skip
    assert {each.contact_id for each in (first, answer, thanks)} == {ann}
    assert {each.thread_key for each in (first, answer, thanks)} == {"1@customer.example"}
    assert first.at == datetime(2024, 3, 5, 9, 30, tzinfo=UTC)
    assert (first.subject, first.body) == ("Offer", "Please send the offer.")
    assert first.body_html == "<p>Please send the <b>offer</b>.</p>"
    assert answer.body == "Here it is.\n\nFrom tomorrow it is valid."
    facts = read(store, mail_facts, first.id)
    assert facts is not None
    assert [(p.role, p.name, p.address) for p in facts.people] == [
        (MailRole.FROM, "Ann Lee", "ann@customer.example"),
        (MailRole.TO, "Elena", "elena@ours.example"),
        (MailRole.TO, "Bo", "bo@partner.example"),
    ]
    assert [(f.name, f.size) for f in facts.files] == [("plan.pdf", 11)]


def test_the_same_mailbox_again_changes_nothing_and_undo_leaves_nothing(
    store: Workspace, ann: int, make_file: MakeFile
) -> None:
    before = snapshot(store)
    file = make_file(OFFER, "inbox.mbox")
    (result,) = take(store, file)
    (again,) = take(store, file)
    assert counts(again) == {"unchanged": 3}
    (dry,) = take(store, file, dry=True)
    assert counts(dry) == {"unchanged": 3}
    assert result.batch_id is not None
    assert again.batch_id is not None
    undo_batches(store, [again.batch_id, result.batch_id])
    after = snapshot(store)
    for kept in ("import_batch", "import_row"):
        before.pop(kept, None)
        after.pop(kept, None)
    assert after == before
    assert number_of(store, Attachment) == number_of(store, ActivityParticipant) == 0


def test_a_dry_run_counts_and_writes_nothing(workspace: Workspace, make_file: MakeFile) -> None:
    (dry,) = take(workspace, make_file(OFFER + b"\n" + OFFER), dry=True, chunk=2)
    assert counts(dry) == {"created": 3, "merged": 3}
    assert mails(workspace) == []


def test_people_who_come_later_find_their_mails(workspace: Workspace, make_file: MakeFile) -> None:
    take(workspace, make_file(OFFER))
    company = run(workspace, create_company, name="Partner")
    bo = run(workspace, create_contact, name="Bo", email="Bo@Partner.example", company_id=company)
    (entry,) = [
        each for each in read(workspace, timeline, contact_id=bo).entries if each.kind == "email"
    ]
    assert entry.title == "Offer"
    assert entry.people[0].address == "ann@customer.example"
    assert [f.name for f in entry.files] == ["plan.pdf"]
    whole = read(workspace, timeline, company_id=company, kinds=("email",))
    assert [each.title for each in whole.entries] == ["Offer"]


def test_strangers_do_not_become_contacts(workspace: Workspace, make_file: MakeFile) -> None:
    take(workspace, make_file(OFFER))
    assert number_of(workspace, Contact) == 0
    assert {each.contact_id for each in mails(workspace)} == {None}


def test_a_file_already_there_is_used_and_stays(workspace: Workspace, make_file: MakeFile) -> None:
    person = run(workspace, create_contact, name="Ann Lee")
    run(workspace, attach_file, name="mine.pdf", content=b"PDF content", contact_id=person)
    (result,) = take(workspace, make_file(OFFER))
    assert number_of(workspace, Attachment) == 1
    assert number_of(workspace, AttachmentLink) == 2
    assert result.batch_id is not None
    undo_batches(workspace, [result.batch_id])
    assert number_of(workspace, Attachment) == number_of(workspace, AttachmentLink) == 1


def test_another_copy_of_a_mail_adds_what_the_first_lacked(
    workspace: Workspace, make_file: MakeFile
) -> None:
    bare = (
        b"Message-ID: <7@x>\nFrom: a@x.example\nTo: b@x.example\nSubject: Plan\n"
        b"Date: Tue, 5 Mar 2024 10:30:00 +0100\n"
    )
    full = bare + (
        b"Bcc: c@x.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\n"
        b'Content-Type: image/png; name="a.png"\n\nPNG\n--b--\n'
    )
    take(workspace, make_file(bare + b"\nhi", "one.eml"))
    file = make_file(full.replace(b"Subject: ", b"Subject: [list] "), "two.eml")
    (more,) = take(workspace, file)
    assert counts(more) == {"updated": 1}
    (mail,) = mails(workspace)
    assert mail.subject == "Plan"
    facts = read(workspace, mail_facts, mail.id)
    assert facts is not None
    assert [p.address for p in facts.people] == ["a@x.example", "b@x.example", "c@x.example"]
    assert [f.name for f in facts.files] == ["a.png"]
    (again,) = take(workspace, file)
    assert counts(again) == {"unchanged": 1}
    assert more.batch_id is not None
    undo_batches(workspace, [more.batch_id])
    assert number_of(workspace, Attachment) == 0
    assert number_of(workspace, ActivityParticipant) == 2


def test_different_mails_with_one_id_are_different(
    workspace: Workspace, make_file: MakeFile
) -> None:
    one = (
        "Message-ID: <same@x>\nFrom: a{n}@x.example\nSubject: Import {n}\n"
        "Date: Tue, 5 Mar 2024 10:30:00 +0100\n\n{n}\n"
    )
    text = "\n".join(f"From a@x Tue Mar  5 09:30:0{n} 2024\n{one.format(n=n)}" for n in (1, 2, 3))
    file = make_file(text)
    (result,) = take(workspace, file)
    assert counts(result) == {"created": 3}
    (again,) = take(workspace, file)
    assert counts(again) == {"unchanged": 3}
    (twice,) = take(workspace, make_file(text + "\n" + text, "twice"), chunk=2)
    assert counts(twice) == {"unchanged": 6}
    assert [each.body for each in mails(workspace)] == ["1", "2", "3"]


def test_a_maildir_is_a_folder_of_mails(workspace: Workspace, tmp_path: Path) -> None:
    box = tmp_path / "Mail"
    for name in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new"):
        (box / name).mkdir(parents=True)
    for number, place in enumerate(("cur/1:2,S", "new/2", ".Sent/cur/3:2,S", "tmp/4")):
        text = f"From: a@x.example\nSubject: No {number}\nMessage-ID: <{number}@x>\n\nhi"
        (box / place).write_text(text, "utf-8")
    plan = plan_file(box)
    assert (plan.kind, plan.rows) == ("activity", 3)
    (result,) = take(workspace, box)
    assert counts(result) == {"created": 3}
    assert sorted(str(each.subject) for each in mails(workspace)) == ["No 0", "No 1", "No 2"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("takeout_sample.mbox",
         ["Hello Bob", "You have a new friend request", "Votre releve de compte"]),
        ("takeout_empty.mbox", []),
        ("roundcube_import.mbox", ["Import 1", "Import 2", "Import 3"]),
        ("perceval_single.mbox", ["[List-name] Protocol Buffers anyone?"]),
    ],
)  # fmt: skip
def test_the_real_mailboxes(workspace: Workspace, name: str, expected: list[str]) -> None:
    file = REAL / "email-mbox" / name
    if not file.exists():
        pytest.skip(f"{file} is not there")
    (result,) = take(workspace, file)
    assert result.tally.read == len(expected)
    assert sorted(str(each.subject) for each in mails(workspace)) == sorted(expected)
    (again,) = take(workspace, file)
    assert counts(again) == ({"unchanged": len(expected)} if expected else {})


def test_every_real_mail_is_taken_and_taken_back(workspace: Workspace) -> None:
    folder = REAL / "email-eml"
    if not folder.exists():
        pytest.skip(f"{folder} is not there")
    before = snapshot(workspace)
    files = sorted(folder.iterdir())
    results = take(workspace, *files)
    assert [r.tally.read for r in results] == [1] * len(files)
    assert {r.plan.kind for r in results} == {"activity"}
    assert not any(counts(r).get("failed") for r in results)
    assert {outcome for r in take(workspace, *files) for outcome in counts(r)} == {"unchanged"}
    undo_batches(workspace, [r.batch_id for r in results if r.batch_id is not None])
    after = snapshot(workspace)
    for kept in ("import_batch", "import_row"):
        before.pop(kept, None)
        after.pop(kept, None)
    assert after == before


def test_line_ends_and_lines_that_begin_with_from(make_file: MakeFile) -> None:
    text = (
        "From a@x Tue Mar  5 09:30:00 2024\nSubject: one\n\nFrom here on all is new.\n\n"
        "From the start: nothing\n>From me\n>>From him\n"
        "From b@x Tue Mar  5 09:31:00 2024\nSubject: two\n\nno end of line"
    )
    for ends in ("\n", "\r\n"):
        path = make_file(text.replace("\n", ends).encode(), "box")
        bodies = [row.given.values["body"] for row in mbox.MboxFile(path).raw_rows() if row.given]
        assert bodies == [
            "From here on all is new.\n\nFrom the start: nothing\nFrom me\n>From him",
            "no end of line",
        ]
        assert mbox.MboxFile(path).count_rows() == 2


@pytest.mark.parametrize("block", [1, 7, 64, 2_200])
def test_where_a_block_ends_makes_no_difference(
    make_file: MakeFile, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    path = make_file(OFFER * 3)
    with path.open("rb") as file:
        whole = [each.source() for each in mbox.split(file)]
    monkeypatch.setattr(mbox, "_BLOCK", block)
    with path.open("rb") as file:
        assert [each.source() for each in mbox.split(file)] == whole
    assert len(whole) == 9


def test_a_message_too_large_is_refused_and_the_others_come_in(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "big.mbox"
    with path.open("wb") as file:
        file.write(b"From a@x Tue Mar  5 09:30:00 2024\nSubject: big\n\n")
        file.seek(MAX_MESSAGE + 1_000, 1)
        file.write(b"\n\n" + OFFER)
    (result,) = take(workspace, path)
    assert counts(result) == {"failed": 1, "created": 3}
    assert "larger than 100 MB" in result.tally.problems[0].reason


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (b"From: a@x.example\nTo: b@x.example\nSubject: x\n\nhi", "E-mail"),
        (b"Received: from a\n\tby b; x\nDate: x\nSubject: x\n\n", "E-mail"),
        ("Subject: x\nFrom: a@x.example\n\nhi".encode("utf-16"), "E-mail"),
        (b"35\nSubject: x\nFrom: a@x.example\n\nhi\n\n<?xml?>", "E-mail"),
        (b"From - Tue Mar  5 09:30:00 2024\r\nX-Mozilla-Status: 0\r\nSubject: x\r\n\r\nhi", "mbox"),
        (b"\nFrom 123@xxx Mon Jan 01 12:00:00 +0000 2024\nSubject: x\n\nhi", "mbox"),
    ],
)  # fmt: skip
def test_a_mail_is_recognised_by_what_it_holds(
    make_file: MakeFile, content: bytes, title: str
) -> None:
    plan = plan_file(make_file(content, "download"))
    assert plan.guess.layout is not None
    assert plan.guess.layout.title == title
    (row,) = plan.table.rows()
    assert row.given is not None
    assert row.given.values["subject"] == "x"


@pytest.mark.parametrize(
    "content",
    [
        b"From,To,Subject,Date\na@x.example,b@x.example,Hi,2024-01-01\n",
        b"From here to there\nName,Email\nAnn,ann@x.example\n",
        b"Name: Email\nAnn: ann@x.example\nBo: bo@x.example\n",
    ],
)
def test_a_table_is_no_mail(make_file: MakeFile, content: bytes) -> None:
    assert plan_file(make_file(content, "list.csv"), kind="contacts").table.stated is None
