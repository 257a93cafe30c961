"""One mail, read from its source: never trusted, never refused for being malformed."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.exchange.mail.addresses import Address, addresses_in
from app.exchange.mail.charsets import text_of_bytes
from app.exchange.mail.headers import Headers, ids_in, moment_of, received_at
from app.exchange.mail.html import html_text, is_tangled, plain_text, safe_html, text_as_html
from app.exchange.mail.limits import MAX_DEPTH, MAX_FILE, MAX_PARTS, MAX_PEOPLE, MAX_TEXT
from app.exchange.mail.names import safe_name
from app.exchange.mail.parts import Part, Taking, charset_of_headers, read_part
from models.values import MailRole

MAX_SUBJECT: Final = 500
SOURCE_NAME: Final = "message.eml"
_ROLES: Final = (
    ("from", MailRole.FROM),
    ("to", MailRole.TO),
    ("cc", MailRole.CC),
    ("bcc", MailRole.BCC),
)
_SENDERS: Final = ("from", "sender", "return-path")
# Text parts that a reader shows; every other text is a file.
_SHOWN: Final = frozenset(
    {"text/plain", "text/html", "text/enriched", "message/delivery-status", "text/rfc822-headers"}
    | {"message/disposition-notification"}
)
_MESSAGES: Final = frozenset({"message/rfc822", "message/global"})
# A further rendering of the text, for watches and for mail that runs programs.
_LEFT_OUT: Final = frozenset({"text/watch-html", "text/x-amp-html"})
_MAX_GUESSES: Final = 20  # of charsets; each takes a tenth of a second
_ODD: Final = "The message breaks the rules of mail, so parts of it may be read wrongly. "
_KEPT: Final = "Its source is kept with it as message.eml."


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that came with a mail; `digest` is SHA-256 in hex."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a mail is from or to."""

    role: MailRole
    address: Address


@dataclass(slots=True)
class Mail:
    """What a mail says. `message_id` is empty where it has none; `problems`: field, value, why."""

    subject: str = ""
    at: datetime | None = None
    body: str = ""
    body_html: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()
    in_reply_to: str = ""
    people: list[Person] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    size: int = 0  # bytes of its source

    def of_role(self, role: MailRole) -> list[Address]:
        """Return who has a role."""
        return [person.address for person in self.people if person.role is role]

    @property
    def sender(self) -> str:
        """The address it is from, as it is compared; empty where it says none."""
        return next((a.normal for a in self.of_role(MailRole.FROM)), "")


def new_file(name: str, media_type: str, content: bytes) -> MailFile:
    """Return a file with its digest."""
    digest = hashlib.sha256(content).hexdigest()
    return MailFile(name, media_type[:127] or "application/octet-stream", content, digest)


def read_message(raw: bytes, *, arrived: datetime | None = None) -> Mail:
    """Read a mail; `arrived` is its moment where it states none."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    taking = Taking()
    part = read_part(raw.lstrip(b"\r\n"), taking)
    while part.media_type in _MESSAGES and part.children and not part.headers.has("from"):
        part = part.children[0]  # a program's wrapping
    headers = part.headers
    charset = charset_of_headers(part)
    mail = Mail(size=len(raw))
    _name(mail, headers, charset)
    mail.at = moment_of(headers.raw("date")) or received_at(headers) or arrived
    mail.people = people_of(mail, headers, charset)
    body = Body(mail)
    body.take(part, is_top=True)
    body.finish()
    _tell(mail, headers, taking, body, raw)
    return mail


def _name(mail: Mail, headers: Headers, charset: str) -> None:
    subject = headers.words("subject", charset)
    if len(subject) > MAX_SUBJECT:
        mail.problems.append(
            ("subject", subject[:100], f"Subjects have up to {MAX_SUBJECT} characters. {_KEPT}")
        )
    mail.subject = subject[:MAX_SUBJECT]
    mail.message_id = next(iter(ids_in(headers.raw("message-id"))), "")
    mail.references = ids_in(headers.raw("references"))
    mail.in_reply_to = next(iter(ids_in(headers.raw("in-reply-to"))), "")


def people_of(mail: Mail, headers: Headers, charset: str) -> list[Person]:
    """Return whom the headers name, each address once in a role."""
    found: list[Person] = []
    for name, role in _ROLES:
        names = _SENDERS if role is MailRole.FROM else (name,)
        addresses: list[Address] = []
        for each in names:
            for text in headers.all_raw(each, charset):
                addresses += addresses_in(text)
            if addresses:
                break
        known: dict[str, Address] = {}
        for address in addresses:
            if address.address and address.normal:
                known.setdefault(address.normal, address)
        found += [Person(role, address) for address in known.values()]
    if len(found) > MAX_PEOPLE:
        mail.problems.append(
            ("people", str(len(found)), f"The first {MAX_PEOPLE} addresses were taken. {_KEPT}")
        )
    return found[:MAX_PEOPLE]


@dataclass(slots=True)
class Body:
    """Gathers the text and the files of a mail from its parts."""

    mail: Mail
    pieces: list[tuple[str, str]] = field(default_factory=list)  # plain, HTML: one or both
    is_odd: bool = False
    guesses: int = 0
    within: list[MailFile] = field(default_factory=list)  # of messages within

    def take(self, part: Part, *, is_top: bool = False) -> None:
        """Take a part with all in it."""
        kind = part.media_type
        if kind == "multipart/alternative" and part.children:
            self._take_alternatives(part)
        elif kind.startswith("multipart/") and part.children:
            for child in part.children:
                self.take(child)
        elif kind in _MESSAGES:
            self._take_message(part)
        elif self._is_shown(part, is_top=is_top):
            plain, html = self._text(part)
            if plain or html:
                self.pieces.append((plain, html))
        else:
            self._take_file(part)

    def _is_shown(self, part: Part, *, is_top: bool) -> bool:
        if is_top and part.media_type.startswith(("text/", "multipart/")):
            return part.disposition != "attachment"
        if part.media_type.startswith("multipart/"):  # one that could not be split
            return True
        named = part.disposition == "attachment" or bool(part.file_name)
        return part.media_type in _SHOWN and not named

    def _take_alternatives(self, part: Part) -> None:
        """Take of several ways to say one thing the plain one and the formatted one."""
        inner = Body(self.mail, guesses=self.guesses, within=self.within)
        for child in part.children:
            if child.media_type not in _LEFT_OUT:
                inner.take(child)
        self.is_odd |= inner.is_odd
        self.guesses = inner.guesses
        plain = next((p for p, h in inner.pieces if p and not h), "")
        html = next((h for _, h in reversed(inner.pieces) if h), "")
        # A part of several parts among the alternatives has its text in several pieces.
        if any(child.media_type.startswith("multipart/mixed") for child in part.children):
            plain = "\n\n".join(p for p, h in inner.pieces if p and not h)
        if plain or html:
            self.pieces.append((plain, html))

    def _take_message(self, part: Part) -> None:
        """Keep a message within as a file, and offer the files within it too."""
        content, _ = part.decoded()
        inner = part.children[0] if part.children else None
        name = part.file_name
        subject = inner.headers.words("subject") if inner is not None and not name else ""
        if subject:
            name = f"{subject}.eml"
        self._add(name, "message/rfc822", content, "attached")
        if inner is not None:
            self._take_files_within(inner)

    def _take_files_within(self, part: Part) -> None:
        waiting = [part]
        while waiting:
            each = waiting.pop(0)
            if each.children and not each.media_type.startswith("message/"):
                waiting = [*each.children, *waiting]
            elif each.file_name or each.disposition == "attachment":
                before = len(self.mail.files)
                self._take_file(each)
                self.within += self.mail.files[before:]

    def _take_file(self, part: Part) -> None:
        content, is_sound = part.decoded()
        self.is_odd |= not is_sound
        fallback = part.media_type.split("/")[0]
        self._add(
            part.file_name,
            part.media_type,
            content,
            "part" if fallback == "application" else fallback,
        )

    def _add(self, name: str, media_type: str, content: bytes, fallback: str) -> None:
        tidy = safe_name(name, media_type, fallback=fallback)
        if len(content) > MAX_FILE:
            reason = f"Files of more than {MAX_FILE // 1_000_000} MB are not kept with a mail."
            self.mail.problems.append(("files", tidy, reason))
            return
        self.mail.files.append(new_file(tidy, media_type, content))

    def _text(self, part: Part) -> tuple[str, str]:
        content, is_sound = part.decoded()
        self.guesses += 1
        guess = self.guesses <= _MAX_GUESSES
        text, is_read = text_of_bytes(content, part.charset, guess=guess)
        self.is_odd |= not (is_sound and is_read)
        if part.media_type == "text/enriched":
            return html_text(text), ""
        is_undeclared = not part.headers.has("content-type")
        if part.media_type == "text/html" or (is_undeclared and _looks_like_html(text)):
            return "", text
        if part.type_parameters.get("format", "").casefold() == "flowed":
            text = _unflowed(text, part.type_parameters.get("delsp", "").casefold() == "yes")
        return plain_text(text), ""

    def finish(self) -> None:
        """Make one text of the pieces, and one HTML where any of them is HTML."""
        mail = self.mail
        within = {id(file) for file in self.within}
        own = {(file.name, file.digest) for file in mail.files if id(file) not in within}
        mail.files = [
            file
            for file in mail.files
            if id(file) not in within or (file.name, file.digest) not in own
        ]
        texts = [plain or html_text(html) for plain, html in self.pieces]
        body = "\n\n".join(text for text in texts if text)
        if len(body) > MAX_TEXT:
            reason = f"Texts have up to {MAX_TEXT:,} characters; the rest was cut off. {_KEPT}"
            mail.problems.append(("body", body[:100], reason))
        mail.body = body[:MAX_TEXT]
        if any(html for _, html in self.pieces):
            parts = [html or text_as_html(plain) for plain, html in self.pieces]
            source = "\n".join(parts)
            mail.body_html = safe_html(source)
            if not mail.body_html and is_tangled(source):
                reason = (
                    f"The formatted text is too long or tangled; only its text was taken. {_KEPT}"
                )
                mail.problems.append(("body", "", reason))


def _looks_like_html(text: str) -> bool:
    start = text[:200].lstrip().casefold()
    return start.startswith(("<!doctype html", "<html"))


def _unflowed(text: str, without_space: bool) -> str:
    """Join lines that were broken only for their length (RFC 3676)."""
    found: list[str] = []
    is_open = False
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = line.removeprefix(" ")
        is_joined = is_open and not bare.startswith(">")
        is_open = bare.endswith(" ") and bare != "-- " and not bare.startswith(">")
        kept = bare[:-1] if is_open and without_space else bare
        if is_joined:
            found[-1] += kept
        else:
            found.append(kept)
    return "\n".join(found)


def _tell(mail: Mail, headers: Headers, taking: Taking, body: Body, raw: bytes) -> None:
    """Keep the source of a mail that could not be read as it is meant, and say why."""
    if taking.is_cut:
        reason = f"Parts beyond {MAX_PARTS:,} or deeper than {MAX_DEPTH} were left out. "
        mail.problems.append(("body", "", reason + _KEPT))
    known = {"from", "to", "subject", "date", "content-type", "message-id", "received", "cc"}
    is_nameless = known.isdisjoint(headers.fields)
    if taking.is_broken or body.is_odd or is_nameless:
        mail.problems.append(("", "", _ODD + _KEPT))
    if (mail.problems or taking.is_broken) and raw:
        if len(raw) <= MAX_FILE:
            mail.files.append(new_file(SOURCE_NAME, "message/rfc822", raw))
        else:
            mail.problems.append(
                ("", "", f"Its source is larger than {MAX_FILE // 1_000_000} MB and not kept.")
            )
