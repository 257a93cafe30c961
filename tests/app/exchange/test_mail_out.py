"""Mails written as mbox are read back as they were."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.commands.activities import log_activity
from app.commands.contacts import create_contact
from app.exchange.mail.addresses import Address
from app.exchange.mail.message import Mail, Person, new_file, read_message
from app.exchange.mail.names import safe_name
from app.exchange.mail.writing import source_of
from app.exchange.out.mbox import write_items, write_mail
from app.exchange.out.run import Wanted, export_list
from app.exchange.sources.mbox import split
from app.workspace import Workspace
from models.values import MailRole
from tests.app.exchange.conftest import MakeFile, counts, take
from tests.app.exchange.test_mail_import import OFFER

_LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
_LINE = st.text(_LETTERS, max_size=120).map(lambda text: " ".join(text.split()))
_TEXT = st.lists(
    st.one_of(_LINE, st.sampled_from(["", "From me", ">From you", ">>From", "--b", ".", "=3D"])),
    max_size=12,
).map(lambda lines: "\n".join(lines).strip("\n"))  # fmt: skip
_LOCAL = st.from_regex(r"[a-z0-9_+-]{1,20}(\.[a-z0-9]{1,8})?", fullmatch=True)
_ADDRESS = st.tuples(_LOCAL, st.sampled_from(["x.example", "mächine.example", "例え.example"])).map(
    "@".join
)
_NAME = st.text(_LETTERS, max_size=40).map(lambda text: " ".join(text.strip(" \"'").split()))
_PERSON = st.builds(Person, st.sampled_from(list(MailRole)), st.builds(Address, _NAME, _ADDRESS))
_ID = st.from_regex(r"[a-zA-Z0-9.$_-]{1,40}@[a-z0-9.-]{1,20}", fullmatch=True)
_FILE = st.builds(
    new_file,
    st.text(_LETTERS, max_size=60).map(safe_name),
    st.sampled_from(["application/pdf", "image/png", "text/plain", "message/rfc822"]),
    st.binary(max_size=3_000),
)
_MOMENT = st.datetimes(
    datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001  the zone follows
).map(lambda at: at.replace(microsecond=0))  # fmt: skip
_MAILS = st.builds(
    Mail,
    subject=_LINE,
    at=_MOMENT,
    body=_TEXT,
    message_id=_ID,
    references=st.lists(_ID, unique=True, max_size=3).map(tuple),
    people=st.lists(_PERSON, max_size=6, unique_by=lambda p: (p.role, p.address.normal)),
    files=st.lists(_FILE, max_size=3),
)


def said(mail: Mail) -> tuple[object, ...]:
    people = {
        (p.role, "" if p.address.name == p.address.address else p.address.name, p.address.normal)
        for p in mail.people
    }
    files = [(f.name, f.media_type, f.digest) for f in mail.files]
    return mail.subject, mail.at, mail.body, mail.message_id, mail.references, people, files


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_MAILS, min_size=1, max_size=4))
def test_any_mails_are_read_back_from_an_mbox(mails: list[Mail]) -> None:
    file = io.BytesIO()
    for mail in mails:
        write_mail(file, mail)
    file.seek(0)
    read = [read_message(each.source()) for each in split(file)]
    assert [said(each) for each in read] == [said(each) for each in mails]
    assert not any(each.problems for each in read)


def test_a_message_within_and_a_kept_source_come_back_once() -> None:
    raw = (
        b"Subject: Fwd\nContent-Type: multipart/mixed; boundary=o\n\n--o\n"
        b"Content-Type: message/rfc822\n\nSubject: In\nContent-Type: multipart/mixed; boundary=i\n"
        b"\n--i\nContent-Type: image/png; name=a.png\n\nPNG\n--i--\n"
    )
    once = read_message(raw)  # never closed: its source is kept
    assert [f.name for f in once.files] == ["In.eml", "a.png", "message.eml"]
    again = read_message(source_of(once))
    assert [(f.name, f.digest) for f in again.files] == [(f.name, f.digest) for f in once.files]


def test_html_is_written_beside_the_text() -> None:
    mail = Mail(subject="x", body="Grüße", body_html="<p>Gr&uuml;ße</p>", at=datetime.now(UTC))
    read = read_message(source_of(mail))
    assert (read.body, read.body_html) == ("Grüße", "<p>Grüße</p>")


def test_a_workspace_of_mails_goes_out_and_comes_in_again(
    workspace: Workspace, make_file: MakeFile, tmp_path: Path
) -> None:
    person = workspace.change("New", create_contact, name="Ann", email="ann@customer.example")
    take(workspace, make_file(OFFER))
    workspace.change("Log", log_activity, kind="note", body="a note", contact_id=person)
    path = tmp_path / "out.mbox"
    result = export_list(workspace, Wanted("activity"), path)
    assert result.notes == ["1 calls, meetings and notes are no mails and were left out."]
    (again,) = take(workspace, path)
    assert counts(again) == {"unchanged": 3}
    empty = Workspace.open(tmp_path / "empty.closeknit", create=True, user_name="Me", watch=False)
    try:
        (fresh,) = take(empty, path)
        assert counts(fresh) == {"created": 3}
    finally:
        empty.close()


class _Nothing:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def __iter__(self) -> Iterator[object]:
        return iter(())


def test_no_mails_make_an_empty_file(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "none.mbox"
    assert write_items(path, _Nothing(workspace)) == []  # type: ignore[arg-type]  # holds nothing
    assert path.read_bytes() == b""
