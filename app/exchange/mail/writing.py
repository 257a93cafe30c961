"""Mails as their source (RFC 5322, MIME), such as every mail program reads."""

import base64
import hashlib
import re
from datetime import UTC
from email.utils import format_datetime
from typing import Final
from urllib.parse import quote

from app.exchange.mail.addresses import Address
from app.exchange.mail.message import Mail, MailFile
from models.values import MailRole

_LONGEST_LINE: Final = 998
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~. -]*")
_PLAIN_HEADER: Final = re.compile(r"[!-~]+(?: [!-~]+)*")
_NAME: Final = re.compile(r"[A-Za-z0-9!#$&+^_`{}~. -]+")
_ENCODED: Final = 39  # bytes of a piece whose encoded word fits into 75 characters
_HEADERS: Final = (
    ("From", MailRole.FROM),
    ("To", MailRole.TO),
    ("Cc", MailRole.CC),
    ("Bcc", MailRole.BCC),
)


def source_of(mail: Mail) -> bytes:
    """Return a mail as its source, with line feeds for line ends."""
    lines = []
    for name, role in _HEADERS:
        addresses = mail.of_role(role)
        if addresses:
            lines.append(f"{name}: " + ",\n ".join(_written(each) for each in addresses))
    lines.append(f"Subject: {_encoded(mail.subject)}")
    if mail.at is not None:
        lines.append(f"Date: {format_datetime(mail.at.astimezone(UTC))}")
    if mail.message_id:
        lines.append(f"Message-ID: <{mail.message_id}>")
    if mail.in_reply_to:
        lines.append(f"In-Reply-To: <{mail.in_reply_to}>")
    if mail.references:
        lines.append("References: " + "\n ".join(f"<{each}>" for each in mail.references))
    lines.append("MIME-Version: 1.0")
    return "\n".join(lines).encode("utf-8", "replace") + b"\n" + _entity(mail)


def _entity(mail: Mail) -> bytes:
    """Return the headers and content of the whole of a mail's body."""
    body = _text("plain", mail.body)
    if mail.body_html:
        body = _together("alternative", [body, _text("html", mail.body_html)])
    if mail.files:
        body = _together("mixed", [body, *(_file(each) for each in mail.files)])
    return body


def _text(kind: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    is_plain = raw.isascii() and b"\r" not in raw and b"\x00" not in raw
    if is_plain and all(len(line) <= _LONGEST_LINE for line in raw.split(b"\n")):
        head = f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 7bit\n\n"
        return head.encode() + raw + b"\n"
    head = f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + base64.encodebytes(raw)


def _file(file: MailFile) -> bytes:
    if _NAME.fullmatch(file.name):
        name = f'filename="{file.name}"'
    else:
        name = f"filename*=utf-8''{quote(file.name, safe='')}"
    kind = file.media_type if re.fullmatch(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", file.media_type) else ""
    if not kind or kind.startswith(("multipart/", "message/")):
        kind = kind if kind == "message/rfc822" else "application/octet-stream"
    head = (
        f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n"
        f"Content-Disposition: attachment; {name}\n\n"
    )
    return head.encode("utf-8", "replace") + base64.encodebytes(file.content)


def _together(kind: str, parts: list[bytes]) -> bytes:
    whole = b"".join(parts)
    seed = hashlib.sha256(whole).hexdigest()[:24]
    boundary = f"=_{kind}_{seed}"
    while boundary.encode() in whole:
        boundary += "_"
    mark = boundary.encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()
    pieces = b"".join(b"--" + mark + b"\n" + part + b"\n" for part in parts)
    return head + pieces + b"--" + mark + b"--\n"


def _written(address: Address) -> str:
    bare = re.sub(r"[<>\s\x00-\x1f]", "", address.address)
    if not address.name:
        return f"<{bare}>"
    if _PLAIN_WORD.fullmatch(address.name) and "=?" not in address.name:
        return f'"{address.name}" <{bare}>'
    return f"{_encoded_words(address.name)} <{bare}>"


def _encoded(text: str) -> str:
    """Return a text for a header: as it is, or as encoded words (RFC 2047)."""
    if not text or (
        _PLAIN_HEADER.fullmatch(text) and "=?" not in text and len(text) < _LONGEST_LINE - 80
    ):
        return text
    return _encoded_words(text)


def _encoded_words(text: str) -> str:
    words = []
    piece = b""
    for character in text:
        raw = character.encode("utf-8", "replace")
        if len(piece) + len(raw) > _ENCODED:
            words.append(piece)
            piece = b""
        piece += raw
    words.append(piece)
    return "\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)
