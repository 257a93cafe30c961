"""The properties of an Outlook message (MS-OXMSG), read from the streams of its storage."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from app.exchange.mail.addresses import Address
from app.exchange.mail.charsets import storable, text_of_bytes
from app.exchange.mail.headers import Headers, ids_in, moment_of, read_headers, received_at
from app.exchange.mail.html import html_text, plain_text, safe_html
from app.exchange.mail.limits import MAX_DEPTH, MAX_FILE, MAX_PEOPLE, MAX_TEXT
from app.exchange.mail.message import MAX_SUBJECT, Mail, Person, new_file, people_of
from app.exchange.mail.names import safe_name
from app.exchange.mail.rtf import rtf_content, unpacked
from models.values import MailRole

_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_TRANSPORT, _MESSAGE_ID, _REFERENCES, _IN_REPLY_TO = 0x007D, 0x1035, 0x1039, 0x1042
_SUBMITTED, _DELIVERED, _CREATED = 0x0039, 0x0E06, 0x3007
# Name, SMTP address, address of any kind; whoever a mail was sent for, then whoever sent it.
_WRITERS: Final = ((0x0042, 0x5D02, 0x0065), (0x0C1A, 0x5D01, 0x0C1F))
_ROLE, _NAME, _ADDRESS, _SMTP = 0x0C15, 0x3001, 0x3003, 0x39FE
_ROLES: Final = {1: MailRole.TO, 2: MailRole.CC, 3: MailRole.BCC}
_DATA, _LONG_NAME, _SHORT_NAME, _MEDIA_TYPE = 0x3701, 0x3707, 0x3704, 0x370E
_CODEPAGE, _INTERNET_CODEPAGE = 0x3FFD, 0x3FDE
_TEXT, _TEXT8, _BINARY, _STORAGE, _TIME, _NUMBER = 0x1F, 0x1E, 0x102, 0x0D, 0x40, 0x03
_PROPERTIES: Final = "__properties_version1.0"
_ENTRY: Final = struct.Struct("<HHI8s")
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_CHARSETS: Final = {65001: "utf-8", 20127: "ascii", 28591: "latin-1", 1200: "utf-16-le"}
_MAX_ITEMS: Final = 10_000


class Storage(Protocol):
    """The streams of a compound file by their paths."""

    def read(self, path: str) -> bytes | None:
        """Return a stream, None where there is none of this path."""

    def folders(self, path: str) -> list[str]:
        """Return the names of the storages within one."""


@dataclass(slots=True)
class Item:
    """A message, recipient or attachment: a folder of the storage with properties."""

    storage: Storage
    path: str  # "" or one that ends in a slash
    header: int  # bytes before the properties
    _fixed: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    _charset: str = ""

    def __post_init__(self) -> None:
        content = self.storage.read(self.path + _PROPERTIES) or b""
        usable = (len(content) - self.header) // _ENTRY.size * _ENTRY.size
        if usable > 0:
            table = content[self.header : self.header + usable]
            for kind, key, _, value in _ENTRY.iter_unpack(table):
                self._fixed.setdefault(key, (kind, value))

    def stream(self, key: int, kind: int) -> bytes | None:
        """Return a property of any length."""
        return self.storage.read(f"{self.path}__substg1.0_{key:04X}{kind:04X}")

    def text(self, *keys: int) -> str:
        """Return the first of some properties that is a text and not empty."""
        for key in keys:
            wide = self.stream(key, _TEXT)
            if wide is not None:
                found = storable(wide[: 4 * MAX_TEXT].decode("utf-16-le", "replace")).rstrip("\x00")
            else:
                narrow = self.stream(key, _TEXT8) or b""
                found = text_of_bytes(narrow[: 4 * MAX_TEXT].rstrip(b"\x00"), self.charset())[0]
            if found.strip():
                return found
        return ""

    def number(self, key: int) -> int | None:
        """Return a property that is a number."""
        kind, value = self._fixed.get(key, (0, b""))
        return int.from_bytes(value[:4], "little") if kind == _NUMBER else None

    def moment(self, *keys: int) -> datetime | None:
        """Return the first of some properties that is a moment."""
        for key in keys:
            kind, value = self._fixed.get(key, (0, b""))
            ticks = int.from_bytes(value, "little")
            if kind == _TIME and ticks:
                try:
                    return _EPOCH + timedelta(microseconds=ticks // 10)
                except OverflowError:
                    continue
        return None

    def charset(self, *keys: int) -> str:
        """Return the charset of its narrow texts, or the one that some properties name."""
        for key in (*keys, _CODEPAGE, _INTERNET_CODEPAGE):
            page = self.number(key)
            if page:
                return _CHARSETS.get(page, f"cp{page}")
        return self._charset

    def within(self, prefix: str, header: int = 8) -> Iterator["Item"]:
        """Yield its recipients or attachments, in their order."""
        names = [name for name in self.storage.folders(self.path) if name.startswith(prefix)]
        for name in sorted(names)[:_MAX_ITEMS]:
            yield Item(self.storage, f"{self.path}{name}/", header, _charset=self.charset())


Packer = Callable[[Mail], bytes]


def read_item(item: Item, pack: Packer, *, depth: int = 0) -> Mail:
    """Return the mail that an Outlook message is; `pack` makes a file of a message within it."""
    headers = read_headers(item.text(_TRANSPORT).encode())
    mail = Mail()
    mail.subject = " ".join(item.text(_SUBJECT).split())[:MAX_SUBJECT]
    mail.at = (
        moment_of(headers.raw("date"))
        or item.moment(_SUBMITTED, _DELIVERED)
        or received_at(headers)
        or item.moment(_CREATED)
    )
    for key, name, column in (
        (_MESSAGE_ID, "message-id", "message_id"),
        (_IN_REPLY_TO, "in-reply-to", "in_reply_to"),
    ):
        found = ids_in(item.text(key)) or ids_in(headers.raw(name))
        setattr(mail, column, next(iter(found), ""))
    mail.references = ids_in(item.text(_REFERENCES)) or ids_in(headers.raw("references"))
    mail.people = _people(mail, item, headers)
    _take_body(mail, item)
    for attachment in item.within("__attach_version1.0_#"):
        _take_file(mail, attachment, pack, depth)
    return mail


def _people(mail: Mail, item: Item, headers: Headers) -> list[Person]:
    stated = people_of(mail, headers, "")
    found = [person for person in stated if person.role is MailRole.FROM]
    if not found:
        for name, smtp, any_kind in _WRITERS:
            writer = _address(item.text(name), item.text(smtp, any_kind))
            if writer is not None:
                found.append(Person(MailRole.FROM, writer))
                break
    known = {(person.role, person.address.normal) for person in found}
    receivers = [
        Person(_ROLES.get(each.number(_ROLE) or 1, MailRole.TO), address)
        for each in item.within("__recip_version1.0_#")
        if (address := _address(each.text(_NAME), each.text(_SMTP, _ADDRESS))) is not None
    ]
    # Names without addresses, as of colleagues at Exchange, are better in the headers.
    if not any("@" in person.address.address for person in receivers):
        receivers = [p for p in stated if p.role is not MailRole.FROM] or receivers
    for person in receivers:
        key = (person.role, person.address.normal)
        if key not in known:
            known.add(key)
            found.append(person)
    return found[:MAX_PEOPLE]


def _address(name: str, address: str) -> Address | None:
    name, address = (" ".join(text.split()).strip("' ") for text in (name, address))
    if address.casefold().startswith("/o="):  # Exchange's own name for a mailbox
        address = name if "@" in name else address.rpartition("=")[2]
    if not name and not address:
        return None
    return Address("" if name == address else name, address or name)


def _take_body(mail: Mail, item: Item) -> None:
    plain = plain_text(item.text(_BODY))
    raw = item.stream(_HTML, _BINARY)
    if raw is not None:
        source = text_of_bytes(raw.rstrip(b"\x00"), item.charset(_INTERNET_CODEPAGE))[0]
    else:
        source = item.text(_HTML)
    if not source:
        packed = item.stream(_RTF, _BINARY)
        content, is_html = rtf_content(unpacked(packed)) if packed else ("", False)
        source = content if is_html else ""
        plain = plain or ("" if is_html else plain_text(content))
    mail.body = (plain or html_text(source))[:MAX_TEXT] if (plain or source) else ""
    mail.body_html = safe_html(source) if source else ""


def _take_file(mail: Mail, item: Item, pack: Packer, depth: int) -> None:
    name = item.text(_LONG_NAME, _SHORT_NAME, _NAME)
    media_type = item.text(_MEDIA_TYPE).strip().casefold()
    content = item.stream(_DATA, _BINARY)
    if content is None:
        place = f"{item.path}__substg1.0_{_DATA:04X}{_STORAGE:04X}/"
        inner = Item(item.storage, place, 24)
        if depth >= MAX_DEPTH or item.storage.read(place + _PROPERTIES) is None:
            mail.problems.append(
                ("files", name, "This object can only be opened in Outlook; save it as a file.")
            )
            return
        within = read_item(inner, pack, depth=depth + 1)
        content, media_type = pack(within), "message/rfc822"
        name = f"{(name or within.subject or 'attached').removesuffix('.msg')}.eml"
    tidy = safe_name(name, media_type)
    if len(content) > MAX_FILE:
        reason = f"Files of more than {MAX_FILE // 1_000_000} MB are not kept with a mail."
        mail.problems.append(("files", tidy, reason))
        return
    mail.files.append(new_file(tidy, media_type, content))
