"""Mail accounts against a real IMAP server on loopback."""

import dataclasses
import logging
import os
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.commands.contacts import create_contact
from app.commands.mail_accounts import (
    change_mail_account,
    create_mail_account,
    move_mail_position,
    remove_mail_account,
)
from app.errors import CloseknitError, UserError
from app.exchange.imap.access import Access
from app.exchange.imap.client import Mailbox
from app.exchange.imap.messages import PIECE
from app.exchange.imap.poll import Poll, Polled
from app.exchange.intake import Intake
from app.exchange.runs import undo_batches
from app.queries.intake import MailAccountRow, mail_accounts
from app.workspace import Workspace
from models.records import Activity, ImportBatch
from models.values import BatchState, Direction, MailSecurity
from tests.app.exchange.imap_server import (
    PASSWORD,
    USER,
    WHY_NOT,
    CuttingProxy,
    Dovecot,
    has_dovecot,
)
from tests.conftest import count, run, undo_roundtrip

pytestmark = pytest.mark.skipif(not has_dovecot(), reason=WHY_NOT)


@pytest.fixture(scope="module")
def shared_server() -> Iterator[Dovecot]:
    made = Dovecot()
    yield made
    made.close()


@pytest.fixture
def server(shared_server: Dovecot) -> Dovecot:
    """Give the server with an empty mailbox."""
    with shared_server.client() as client:
        for _, _, name in client.list_folders():
            if name != "INBOX":
                client.delete_folder(name)
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
    return shared_server


def mail(number: int, *, size: int = 0, subject: str = "") -> bytes:
    made = EmailMessage()
    made["From"] = f"Customer {number} <customer{number}@example.org>"
    made["To"] = USER
    made["Subject"] = subject or f"Question {number}"
    made["Date"] = datetime(2026, 3, 1 + number % 28, 9, 30, tzinfo=UTC)
    made["Message-ID"] = f"<{number}@example.org>"
    made.set_content(f"Hello, this is mail {number}.\n" + "x" * 70 + "\n")
    if size:
        made.add_attachment(os.urandom(size), maintype="application", subtype="octet-stream",
                            filename="plan.bin")  # fmt: skip
    return made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def put(server: Dovecot, *messages: bytes, folder: str = "INBOX", flags: Any = ()) -> None:
    with server.client() as client:
        if folder != "INBOX" and not client.folder_exists(folder):
            client.create_folder(folder)
        for message in messages:
            client.append(folder, message, flags)


def add(workspace: Workspace, access: Access, *folders: str, **more: Any) -> int:
    return run(
        workspace,
        create_mail_account,
        host=access.host,
        port=access.port,
        security=access.security,
        user_name=access.user_name,
        folders=folders or ("INBOX",),
        **more,
    )


def poll(workspace: Workspace, account_id: int, **more: Any) -> Polled:
    fields = {"pauses": (0.0, 0.0, 0.0)} | more
    return Poll(workspace, account_id, fields.pop("password", PASSWORD), **fields).run()


def account(workspace: Workspace, account_id: int) -> MailAccountRow:
    return workspace.read(mail_accounts, account_id)[0]


def subjects(workspace: Workspace) -> list[str]:
    return sorted(workspace.read(lambda s: list(s.scalars(select(Activity.subject)))))


def inbox(server: Dovecot) -> tuple[dict[bytes, int], dict[int, Any]]:
    """Return what a mail program sees: counts, and the flags of each message."""
    with server.client() as client:
        status = client.folder_status("INBOX")
        client.select_folder("INBOX", readonly=True)
        flags = {
            uid: tuple(flag for flag in flags if flag != b"\\Recent")
            for uid, flags in client.get_flags(client.search()).items()
        }
    return status, flags


@pytest.mark.parametrize("security", list(MailSecurity))
def test_mails_come_in_once_over_every_kind_of_connection(
    server: Dovecot, workspace: Workspace, security: MailSecurity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    put(server, *(mail(n) for n in range(1, 4)))
    account_id = add(workspace, server.access(security))
    first = poll(workspace, account_id)
    assert (first.error, first.created) == (None, 3)
    assert subjects(workspace) == ["Question 1", "Question 2", "Question 3"]
    again = poll(workspace, account_id)
    assert (again.error, again.folders) == (None, [])  # nothing new: no import was made
    assert count(workspace, ImportBatch) == 1
    put(server, mail(4))
    assert poll(workspace, account_id).created == 1
    assert count(workspace, ImportBatch) == 2


def test_the_position_and_the_mails_are_one_commit_in_every_store(
    server: Dovecot, store: Workspace
) -> None:
    put(server, *(mail(n) for n in range(1, 8)))
    account_id = add(store, server.access())
    polled = poll(store, account_id, chunk=3)
    (folder,) = account(store, account_id).folders
    assert (polled.created, folder.last_uid >= 7) == (7, True)
    columns = select(ImportBatch.state, ImportBatch.read, ImportBatch.source)
    batch = store.read(lambda s: tuple(s.execute(columns).one()))
    assert batch == (BatchState.DONE, 7, "imap://localhost/INBOX")
    with pytest.raises(UserError, match="Another computer reads this mailbox"):
        run(store, move_mail_position, folder_id=folder.id, before=(None, 0), after=(1, 1))


def test_nothing_on_the_server_is_changed(server: Dovecot, workspace: Workspace) -> None:
    put(server, mail(1), mail(2))
    put(server, mail(3, size=PIECE * 2), flags=[b"\\Flagged"])
    put(server, mail(4), flags=[b"\\Seen", b"\\Answered"])
    before = inbox(server)
    assert before[0][b"UNSEEN"] == 3
    assert poll(workspace, add(workspace, server.access())).created == 4
    assert inbox(server) == before


def test_an_import_of_mails_is_undone_like_any_other(server: Dovecot, workspace: Workspace) -> None:
    put(server, mail(1), mail(2))
    account_id = add(workspace, server.access())
    (folder,) = poll(workspace, account_id).folders
    assert count(workspace, Activity) == 2
    assert folder.batch_id is not None
    undo_batches(workspace, [folder.batch_id])
    assert count(workspace, Activity) == 0
    assert poll(workspace, account_id).folders == []  # what was taken back does not come again


def test_a_wrong_password_is_explained_and_kept_nowhere(
    server: Dovecot, workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account_id = add(workspace, server.access())
    polled = poll(workspace, account_id, password="not-this-one")  # noqa: S106  a wrong one
    assert polled.wrong_login
    assert polled.error is not None
    assert "does not accept the user name and password" in polled.error
    assert "app password" in polled.error
    assert account(workspace, account_id).error == polled.error
    assert poll(workspace, account_id).error is None
    assert account(workspace, account_id).error is None
    texts = [caplog.text, repr(server.access()), repr(Poll(workspace, account_id, PASSWORD))]
    workspace.writer.drain()
    texts.append(Path(workspace.location).read_bytes().decode("latin-1"))
    for text in texts:
        assert "not-this-one" not in text
        assert "tell-nobody" not in text


def refusal(access: Access, **seconds: float) -> CloseknitError:
    with pytest.raises(CloseknitError) as caught:
        Mailbox.open(access, **seconds)
    return caught.value


def test_a_certificate_of_nobody_or_for_another_name_stops_before_the_password(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for security in (MailSecurity.TLS, MailSecurity.STARTTLS):
        text = str(refusal(server.access(security)))
        assert "signed by nobody this computer knows; the password was not sent" in text
        assert "add its certificate authority" in text
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    text = str(refusal(server.access(MailSecurity.TLS, host="127.0.0.1")))
    assert "made for another name; the password was not sent" in text


def test_what_cannot_be_reached_says_what_to_check(server: Dovecot) -> None:
    tls, plain = server.ports["tls"], server.ports["plain"]
    unknown = refusal(server.access(host="no-such-host.invalid"))
    assert isinstance(unknown, UserError)
    assert unknown.field == "host"
    assert "takes no connections at port 1" in str(refusal(server.access(port=1)))
    wrong = refusal(server.access(MailSecurity.TLS, port=plain))
    assert "Choose STARTTLS" in str(wrong)
    # A TLS port waits for us to begin: only a time-out ends that.
    began = time.monotonic()
    silent = refusal(server.access(port=tls), connect_seconds=1, read_seconds=1)
    assert "does not answer at port" in str(silent)
    assert time.monotonic() - began < 10


def test_a_server_that_wants_encryption_is_not_told_the_password(
    workspace: Workspace,
) -> None:
    strict = Dovecot(plain_login=False)
    # From another address: Dovecot takes a line within one as safe.
    proxy = CuttingProxy(strict.ports["plain"], [], source="127.0.0.2")
    try:
        access = strict.access(port=proxy.port)
        text = str(poll(workspace, add(workspace, access)).error)
        assert "takes no password without encryption. Choose TLS" in text
    finally:
        proxy.close()
        strict.close()


@pytest.mark.parametrize("cut", [700, 2_500, 4_000, 9_000])
def test_a_dropped_connection_goes_on_where_it_ended(
    server: Dovecot, workspace: Workspace, cut: int
) -> None:
    put(server, *(mail(n) for n in range(1, 21)))
    proxy = CuttingProxy(server.ports["plain"], [None, cut])  # the second reads the mails
    try:
        account_id = add(workspace, server.access(port=proxy.port))
        polled = poll(workspace, account_id)
        assert (polled.error, polled.created) == (None, 20)
        assert proxy.connections >= 3
        assert count(workspace, Activity) == 20
    finally:
        proxy.close()


def test_a_huge_mail_goes_on_within_itself(server: Dovecot, workspace: Workspace) -> None:
    put(server, mail(1, size=3_000_000), mail(2))
    size = len(mail(1, size=3_000_000))
    # Each connection lives for about one piece: begun anew each time, it would never come.
    cuts: list[int | None] = [None] + [PIECE + 200_000] * (size // PIECE + 2)
    proxy = CuttingProxy(server.ports["plain"], cuts)
    try:
        polled = poll(workspace, add(workspace, server.access(port=proxy.port)))
        assert (polled.error, polled.created) == (None, 2)
        assert proxy.connections > 5
    finally:
        proxy.close()


def test_a_line_that_stays_broken_keeps_what_came_and_goes_on_later(
    server: Dovecot, workspace: Workspace
) -> None:
    put(server, *(mail(n) for n in range(1, 121)))
    proxy = CuttingProxy(server.ports["plain"], [None, 40_000, 300, 300, 300, 300])
    try:
        account_id = add(workspace, server.access(port=proxy.port))
        polled = poll(workspace, account_id)
        came = count(workspace, Activity)
        assert polled.error is not None
        assert "no connection to the mail server" in polled.error
        assert account(workspace, account_id).error == polled.error
        assert 0 < came < 120
        state = workspace.read(lambda s: s.scalars(select(ImportBatch.state)).one())
        assert state is BatchState.DONE
        proxy.cuts = []
        later = poll(workspace, account_id)
        assert (later.error, later.created) == (None, 120 - came)
        assert count(workspace, Activity) == 120
        assert account(workspace, account_id).error is None
    finally:
        proxy.close()


def test_a_folder_numbered_anew_is_read_again_without_doubles(
    server: Dovecot, workspace: Workspace
) -> None:
    put(server, *(mail(n) for n in range(1, 6)), folder="Projects")
    account_id = add(workspace, server.access(), "Projects")
    assert poll(workspace, account_id).created == 5
    (before,) = account(workspace, account_id).folders
    with server.client() as client:
        client.delete_folder("Projects")
    put(server, *(mail(n) for n in range(1, 7)), folder="Projects")
    polled = poll(workspace, account_id)
    (after,) = account(workspace, account_id).folders
    assert after.uid_validity != before.uid_validity
    (folder,) = polled.folders
    assert (folder.tally.as_json()["unchanged"], polled.created) == (5, 1)
    assert count(workspace, Activity) == 6


def test_a_folder_that_is_renamed_or_deleted_is_told_and_the_others_go_on(
    server: Dovecot, workspace: Workspace
) -> None:
    put(server, mail(1))
    put(server, mail(2), folder="Old name")
    account_id = add(workspace, server.access(), "INBOX", "Old name")
    with server.client() as client:
        client.rename_folder("Old name", "New name")
    polled = poll(workspace, account_id)
    assert polled.created == 1
    assert polled.error is not None
    assert "no folder “Old name”" in polled.error
    assert "choose the folders of this account anew" in polled.error
    run(workspace, change_mail_account, account_id=account_id, folders=["INBOX", "New name"])
    assert poll(workspace, account_id).created == 1
    assert account(workspace, account_id).error is None


def test_folders_with_international_names_are_listed_and_read(
    server: Dovecot, workspace: Workspace
) -> None:
    names = ["Aufträge & Büro", "日本語", "Заказы", "naïve ~peter"]
    for number, name in enumerate(names):
        put(server, mail(number), folder=name)
    with Mailbox.open(server.access()) as box:
        listed = {folder.name for folder in box.folders()}
    assert listed == {"INBOX", *names}
    polled = poll(workspace, add(workspace, server.access(), *names))
    assert (polled.error, polled.created) == (None, len(names))


def test_an_empty_folder_and_mails_older_than_wanted(server: Dovecot, workspace: Workspace) -> None:
    account_id = add(workspace, server.access(), since=date(2026, 1, 1))
    assert poll(workspace, account_id).created == 0
    with server.client() as client:
        for number, year in ((1, 2024), (2, 2025), (3, 2026)):
            client.append("INBOX", mail(number), (), datetime(year, 6, 1, tzinfo=UTC))
    assert poll(workspace, account_id).created == 1
    assert subjects(workspace) == ["Question 3"]
    assert poll(workspace, account_id).folders == []
    assert count(workspace, ImportBatch) == 1


def test_a_mail_that_is_far_too_large_leaves_its_body_on_the_server(
    server: Dovecot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.exchange.imap.messages.MAX_MESSAGE", 1_000_000)
    put(server, mail(1, size=1_500_000, subject="Very large"), mail(2))
    (folder,) = poll(workspace, add(workspace, server.access())).folders
    assert folder.tally.as_json()["created"] == 2
    assert subjects(workspace) == ["Question 2", "Very large"]
    assert any("were left on the server" in problem.reason for problem in folder.tally.problems)


def test_uids_far_apart_and_deleted_mails_do_not_hold_it_up(
    server: Dovecot, workspace: Workspace
) -> None:
    put(server, *(mail(n) for n in range(1, 31)))
    with server.client() as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search()[5:25])
        client.expunge()
    assert poll(workspace, add(workspace, server.access())).created == 10


def test_stopping_ends_a_wait_at_once_and_is_no_error(
    server: Dovecot, workspace: Workspace
) -> None:
    put(server, *(mail(n) for n in range(1, 301)))
    account_id = add(workspace, server.access())
    reading = Poll(workspace, account_id, PASSWORD, pauses=(), chunk=50)
    reading.on_progress = lambda _done: reading.cancel()
    polled = reading.run()
    came = count(workspace, Activity)
    assert 0 < came < 300
    assert account(workspace, account_id).error is None
    assert polled.error is None
    assert poll(workspace, account_id).created == 300 - came
    assert count(workspace, Activity) == 300


def test_a_mailbox_is_added_once_and_what_does_not_fit_is_refused(workspace: Workspace) -> None:
    access = Access("mail.example.org", 993, MailSecurity.TLS, USER)
    add(workspace, access)
    with pytest.raises(UserError, match="is read already"):
        add(workspace, access)
    wrongs: list[dict[str, Any]] = [
        {"folders": []},
        {"port": 0},
        {"every_minutes": 0},
        {"host": " "},
    ]
    for wrong in wrongs:
        fields = {"host": "h", "user_name": "u", "folders": ["INBOX"]} | wrong
        with pytest.raises(UserError) as caught:
            run(workspace, create_mail_account, **fields)
        assert caught.value.field == next(iter(wrong))


def test_only_a_plain_connection_beyond_this_computer_is_exposed() -> None:
    access = Access("mail.example.org", 143, MailSecurity.PLAIN, USER)
    assert access.is_exposed
    assert not dataclasses.replace(access, security=MailSecurity.STARTTLS).is_exposed
    for here in ("localhost", "127.0.0.1", "::1"):
        assert not dataclasses.replace(access, host=here).is_exposed


def test_ten_thousand_mails_come_in_with_as_little_memory_as_a_hundred(
    workspace: Workspace,
) -> None:
    own = Dovecot()
    try:
        body = b"From: a@example.org\r\nMessage-ID: <%d@many>\r\nSubject: Mail %d\r\n\r\nHello\r\n"
        own.fill([body % (n, n) for n in range(10_000)])
        account_id = add(workspace, own.access())
        before = inbox(own)
        tracemalloc.start()
        polled = poll(workspace, account_id)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (polled.error, polled.created) == (None, 10_000)
        assert count(workspace, Activity) == 10_000
        assert peak < 60_000_000  # bytes
        assert inbox(own) == before
        assert poll(workspace, account_id).folders == []
    finally:
        own.close()


def test_the_window_reads_mailboxes_through_the_importing_process(
    server: Dovecot, workspace: Workspace
) -> None:
    put(server, mail(1), mail(2))
    account_id = add(workspace, server.access())
    intake = Intake(workspace)
    intake.turn()
    assert count(workspace, Activity) == 0  # this computer has no password
    intake.remember_access(account_id, server.access())
    intake.turn()
    assert subjects(workspace) == ["Question 1", "Question 2"]
    put(server, mail(3))
    intake.turn()  # not due yet
    assert count(workspace, Activity) == 2
    intake.stop()


def test_a_failing_account_is_asked_less_and_less_often(
    server: Dovecot, workspace: Workspace
) -> None:
    account_id = add(workspace, server.access(port=1))
    intake = Intake(workspace, seconds=3_600)
    intake.remember_access(account_id, server.access(port=1))
    intake.start()
    waits = []
    for _ in range(4):
        polled = intake.poll_now(account_id).result(60)
        assert polled.error is not None
        waits.append(intake._next[account_id] - time.monotonic())
    intake.stop()
    minutes = [round(seconds / 60) for seconds in waits]
    assert minutes == sorted(minutes)
    assert minutes[-1] > minutes[0] >= 10  # every five minutes when all is well
    assert "takes no connections" in (account(workspace, account_id).error or "")


def test_what_a_shared_mailbox_sent_is_ours_and_goes_to_whom_it_was_for(
    server: Dovecot, workspace: Workspace
) -> None:
    contact_id = run(workspace, create_contact, name="Anna Berg", email="anna@example.org")
    put(
        server,
        f"From: Support <{USER}>\r\nTo: anna@example.org\r\nSubject: Sent\r\n"
        "Message-ID: <s@x>\r\n\r\nHello".encode(),
        f"From: anna@example.org\r\nTo: {USER}\r\nSubject: Came\r\n"
        "Message-ID: <c@x>\r\n\r\nHello".encode(),
    )
    assert poll(workspace, add(workspace, server.access())).created == 2
    columns = select(Activity.subject, Activity.direction, Activity.contact_id)
    found = workspace.read(lambda s: {tuple(row) for row in s.execute(columns)})
    assert found == {
        ("Sent", Direction.OUTBOUND, contact_id),
        ("Came", Direction.INBOUND, contact_id),
    }


def test_adding_changing_and_removing_an_account_is_undone(workspace: Workspace) -> None:
    account_id = undo_roundtrip(
        workspace, create_mail_account, host="h", user_name="u", folders=["INBOX", "Sent"]
    )
    undo_roundtrip(
        workspace, change_mail_account, account_id=account_id, is_paused=True, folders=["Sent"]
    )
    undo_roundtrip(workspace, remove_mail_account, account_id=account_id)
