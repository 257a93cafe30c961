"""What belongs to a mail beyond its plain columns: who took part, its thread, its files."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.books import PlainBook
from app.exchange.ledger import TABLES, Ledger
from app.exchange.mail.addresses import normal_address
from app.exchange.mail.message import SOURCE_NAME, Mail, MailFile
from app.exchange.mail.parsing import MAIL, SYSTEM
from app.exchange.mail.threads import is_same, thread_of
from app.exchange.shaping import Shaped
from app.exchange.state import FileState
from models.records import Attachment, MailAccount, User
from models.values import Direction, MailRole

_SPACE: Final = f"external:{SYSTEM}"
_OURS: Final = "mail: addresses of users"
_LONGEST_ID: Final = 300
_NAME: Final = 300
_RECEIVED: Final = (MailRole.TO, MailRole.CC, MailRole.BCC)
_FILLED: Final = frozenset({"contact_id", "company_id", "user_id", "direction", "thread_key"})


def prepare(state: FileState, session: Session, ledger: Ledger) -> None:
    """Learn which addresses are our own, of users and mailboxes: what they wrote is outbound."""
    del ledger
    mailboxes = session.execute(
        select(MailAccount.user_name, MailAccount.owner_id).where(
            MailAccount.user_name.contains("@"), MailAccount.archived_at.is_(None)
        )
    )
    users = session.execute(select(User.email, User.id).where(User.email.is_not(None)))
    state.memory[_OURS] = {
        normal_address(email): user_id for email, user_id in (*mailboxes, *users)
    }


@dataclass(slots=True)
class _Kept:
    """What a stored mail has already."""

    people: set[tuple[MailRole, str]] = field(default_factory=set)
    digests: set[str] = field(default_factory=set)


class ActivityBook(PlainBook):
    """Writes the participants and files of mails; of other activities nothing."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        super().__init__(state, ledger)
        self._files: dict[str, int] = {}  # digest → attachment
        self._kept: dict[int, _Kept] = {}  # of mails that are there

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Find people, threads, files and the mails that are there already."""
        del ids
        mails = [each for each in shaped if MAIL in each.draft.values and not each.draft.reject]
        if not mails:
            return
        self._tell_apart(mails)
        self._link_people(mails)
        threads = self._threads(mails)
        for each in mails:
            mail: Mail = each.draft.values[MAIL]
            more = {
                "message_id": mail.message_id,
                "thread_key": thread_of(mail, threads),
                "body_html": mail.body_html,
            }
            each.columns |= {key: value for key, value in more.items() if value}
        if not self.state.dry:
            self._find_files(mails)

    def _tell_apart(self, mails: Sequence[Shaped]) -> None:
        """Give a mail that has another's Message-ID an id of its own."""
        directory = self.state.directory
        stored = self._senders(mails)
        claimed: dict[str, Mail] = {}
        for each in mails:
            mail: Mail = each.draft.values[MAIL]
            if each.external is None or not mail.message_id:
                continue
            found = directory.candidates("activity", _SPACE, each.external)
            current = directory.current(found[0]) if found else None
            if current is not None:
                same = is_same(
                    mail,
                    sender=stored.get(current["id"], ""),
                    subject=current.get("subject"),
                    at=current.get("at"),
                )
            elif each.external in claimed:
                other = claimed[each.external]
                same = is_same(mail, sender=other.sender, subject=other.subject, at=other.at)
            else:
                claimed[each.external] = mail
                same = True
            if not same:
                _rename(each, mail)
        again = [each.external for each in mails if each.external and "#" in each.external]
        directory.ask("activity", _SPACE, again)
        known = directory.all_candidates("activity", _SPACE, again)
        directory.load("activity", known)
        directory.load_external("activity", known)
        self._load_kept(list(known))

    def _senders(self, mails: Sequence[Shaped]) -> dict[int, str]:
        """Return who wrote the stored mails that have an id of these."""
        directory = self.state.directory
        wanted = [each.external for each in mails if each.external]
        ids = list(directory.all_candidates("activity", _SPACE, wanted))
        self._load_kept(ids)
        made = self._made_senders()
        return {i: made[i] if i in made else self._sender(i) for i in ids}

    def _sender(self, activity_id: int) -> str:
        kept = self._kept.get(activity_id, _Kept())
        return next((a for role, a in sorted(kept.people) if role is MailRole.FROM), "")

    def _load_kept(self, ids: Sequence[int]) -> None:
        """Read who took part in stored mails, and their files."""
        directory = self.state.directory
        wanted = [x for x in ids if x not in self._kept and not directory.is_made(x)]
        session = directory.session
        if not wanted or session is None:
            return
        self._kept |= {activity_id: _Kept() for activity_id in wanted}
        people = TABLES["activity_participant"].c
        rows = session.execute(
            select(people.activity_id, people.role, people.address).where(
                directory.among(people.activity_id, wanted)
            )
        )
        for row in rows:
            self._kept[row.activity_id].people.add((row.role, row.address))
        link, file = TABLES["attachment_link"].c, TABLES["attachment"].c
        files = session.execute(
            select(link.activity_id, file.digest)
            .join_from(TABLES["attachment_link"], TABLES["attachment"])
            .where(directory.among(link.activity_id, wanted))
        )
        for each in files:
            self._kept[each.activity_id].digests.add(each.digest)

    def _made_senders(self) -> dict[int, str]:
        """Return the senders of what a dry run has made: it stores nothing to be read again."""
        kept: dict[int, str] = self.state.memory.setdefault("mail: senders", {})
        return kept

    def _link_people(self, mails: Sequence[Shaped]) -> None:
        """Link each mail to the first counterpart whose address is known."""
        directory = self.state.directory
        wanted = [
            person.address.normal for each in mails for person in each.draft.values[MAIL].people
        ]
        directory.ask("contact", "email", wanted)
        known = directory.all_candidates("contact", "email", wanted)
        directory.load("contact", known)
        for each in mails:
            self._link(each, each.draft.values[MAIL])

    def _link(self, shaped: Shaped, mail: Mail) -> None:
        ours: dict[str, int | None] = self.state.memory.get(_OURS, {})
        is_ours = mail.sender in ours
        columns: dict[str, Any] = {
            "direction": Direction.OUTBOUND if is_ours else Direction.INBOUND,
            "user_id": ours.get(mail.sender) or self._receiver(mail, ours),
        }
        contact_id = shaped.columns.get("contact_id") or self._counterpart(mail, is_ours=is_ours)
        if contact_id is not None:
            columns["contact_id"] = contact_id
            person = self.state.directory.current(contact_id) or {}
            columns["company_id"] = person.get("company_id")
        shaped.columns |= {key: value for key, value in columns.items() if value is not None}

    @staticmethod
    def _receiver(mail: Mail, ours: dict[str, int | None]) -> int | None:
        known = (ours.get(person.address.normal) for person in mail.people)
        return next((user_id for user_id in known if user_id is not None), None)

    def _counterpart(self, mail: Mail, *, is_ours: bool) -> int | None:
        roles = _RECEIVED if is_ours else (MailRole.FROM, *_RECEIVED)
        for role in roles:
            for address in mail.of_role(role):
                found = self.state.directory.candidates("contact", "email", address.normal)
                if found:
                    return found[0]
        return None

    def _threads(self, mails: Sequence[Shaped]) -> dict[str, str]:
        """Return the threads of the mails that these ones answer, by Message-ID."""
        session = self.state.directory.session
        wanted: dict[str, None] = {}
        for each in mails:
            mail: Mail = each.draft.values[MAIL]
            wanted.update(dict.fromkeys(x for x in (*mail.references, mail.in_reply_to) if x))
        found: dict[str, str] = {}
        if wanted and session is not None:
            activity = TABLES["activity"].c
            rows = session.execute(
                select(activity.message_id, activity.thread_key).where(
                    self.state.directory.among(activity.message_id, list(wanted)),
                    activity.thread_key.is_not(None),
                )
            )
            found |= {row.message_id: row.thread_key for row in rows}
        for each in mails:  # in their order: answers mostly come after what they answer
            mail = each.draft.values[MAIL]
            if mail.message_id and mail.message_id not in found:
                found[mail.message_id] = thread_of(mail, found) or mail.message_id
        return found

    def _find_files(self, mails: Sequence[Shaped]) -> None:
        wanted = {file.digest for each in mails for file in each.draft.values[MAIL].files}
        session = self.state.directory.session
        if wanted and session is not None:
            place = Attachment.__table__.c
            rows = session.execute(
                select(place.digest, place.id).where(
                    self.state.directory.among(place.digest, sorted(wanted))
                )
            )
            self._files = {row.digest: row.id for row in rows}

    def columns_for_known(
        self, shaped: Shaped, current: dict[str, Any], *, again: bool
    ) -> dict[str, Any]:
        """Leave a stored mail as it is: it was sent once. Only links that it lacks are made."""
        del again
        if MAIL not in shaped.draft.values:
            return {}
        return {
            key: current.get(key)
            for key in shaped.columns
            if key not in _FILLED or current.get(key) is not None
        }

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Write who took part in a new mail, and its files."""
        mail: Mail | None = shaped.draft.values.get(MAIL)
        if mail is None:
            return
        if self.state.dry:
            self._made_senders()[row["id"]] = mail.sender
            row.update(body=None, body_html=None)  # not compared again, and a mailbox of them
            return
        self._kept[row["id"]] = _Kept()
        self._write_people(mail, row, shaped.draft.row, own=True)
        self._write_files(mail.files, row, shaped.draft.row, own=True)

    def write_more(self, shaped: Shaped, current: dict[str, Any], *, own: bool) -> bool:
        """Write whom and what another copy of a mail has more: a Bcc, files taken out of one."""
        mail: Mail | None = shaped.draft.values.get(MAIL)
        kept = self._kept.get(current["id"])
        if mail is None or kept is None:
            return False
        number = shaped.draft.row
        files = [file for file in mail.files if file.name != SOURCE_NAME]
        added = self._write_people(mail, current, number, own=own)
        return self._write_files(files, current, number, own=own) or added

    def _write_people(self, mail: Mail, row: dict[str, Any], number: int, *, own: bool) -> bool:
        kept = self._kept[row["id"]]
        added = False
        for position, person in enumerate(mail.people):
            key = (person.role, person.address.normal)
            if key in kept.people:
                continue
            kept.people.add(key)
            values = {
                "activity_id": row["id"],
                "role": person.role,
                "name": person.address.name[:_NAME] or None,
                "address": person.address.normal,
                "position": position,
            }
            self.add_child("activity_participant", values, row, number, own=own)
            added = True
        return added

    def _write_files(
        self, files: Sequence[MailFile], row: dict[str, Any], number: int, *, own: bool
    ) -> bool:
        kept = self._kept[row["id"]]
        wanted = [file for file in files if file.digest not in kept.digests]
        if self.state.dry:
            return bool(wanted)
        for file in wanted:  # one that comes twice with a mail, under two names, stays twice
            kept.digests.add(file.digest)
            values = {
                "attachment_id": self._attachment(file.digest, file.content, row["row_version"]),
                "name": file.name,
                "media_type": file.media_type,
                "activity_id": row["id"],
            }
            self.add_child("attachment_link", values, row, number, own=own)
        return bool(wanted)

    def _attachment(self, digest: str, content: bytes, version: int) -> int:
        """Return the stored file of a digest; equal bytes are stored once."""
        if digest not in self._files:
            values = {"digest": digest, "size": len(content), "content": content}
            row = self.ledger.insert("attachment", values, version=version)
            self._files[digest] = row["id"]
        return self._files[digest]


def _rename(shaped: Shaped, mail: Mail) -> None:
    parts = (mail.sender, mail.subject, str(mail.at))
    digest = hashlib.sha256(chr(31).join(parts).encode()).hexdigest()[:16]
    old = shaped.external or ""
    shaped.external = f"{old[: _LONGEST_ID - 17]}#{digest}"
    shaped.keys = [
        (space, shaped.external if space == _SPACE and key == old else key)
        for space, key in shaped.keys
    ]
