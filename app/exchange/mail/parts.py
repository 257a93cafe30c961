"""The parts of a MIME message, found in its bytes without trusting how they nest."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from app.exchange.mail.headers import Headers, read_headers
from app.exchange.mail.limits import MAX_DEPTH, MAX_PARTS
from app.exchange.mail.words import from_base64, parameters

_BOUNDARY: Final = re.compile(r"boundary\s*=\s*(?:\"([^\"]*)\"?|([^\s;]+))", re.IGNORECASE)
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_SPACE: Final = b" \t\r"


@dataclass(slots=True)
class Part:
    """A piece of a message: its type, its headers and its undecoded content."""

    media_type: str
    type_parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    headers: Headers
    content: bytes
    children: list["Part"] = field(default_factory=list)

    @property
    def file_name(self) -> str:
        """The name it is to be kept under, as it is written; empty where it has none."""
        return (
            self.disposition_parameters.get("filename")
            or self.type_parameters.get("name")
            or self.disposition_parameters.get("name")
            or ""
        )

    @property
    def charset(self) -> str:
        """The charset it names."""
        return self.type_parameters.get("charset", "")

    def decoded(self) -> tuple[bytes, bool]:
        """Return its content without transfer encoding, and whether that was in order."""
        how = self.headers.raw("content-transfer-encoding").split(";")[0].strip().casefold()
        how = how.strip("\"'")
        if how == "base64":
            return from_base64(self.content), True
        if how == "quoted-printable":
            return binascii.a2b_qp(self.content), True
        if how in {"x-uuencode", "uuencode", "x-uue", "uue"}:
            return _from_uu(self.content)
        return self.content, how in {"", "7bit", "8bit", "binary"}


@dataclass(slots=True)
class Taking:
    """What splitting a message has come upon."""

    parts: int = 0
    is_cut: bool = False  # too deep, or too many parts
    is_broken: bool = False  # not closed, no boundary, no end of its headers


def read_part(raw: bytes, taking: Taking, *, depth: int = 0, inherited: str = "text/plain") -> Part:
    """Read a message or part with everything in it, down to the limits.

    `inherited` is the type where none is named: in a digest each part is a message.
    """
    taking.parts += 1
    headers = read_headers(raw)
    if not headers.sound:
        taking.is_broken = True
    media_type, options = _type_of(headers, inherited)
    word, more = parameters(headers.raw("content-disposition"))
    part = Part(media_type, options, word, more, headers, raw[headers.start :])
    if depth >= MAX_DEPTH or taking.parts >= MAX_PARTS:
        taking.is_cut = taking.is_cut or media_type.startswith(("multipart/", "message/rfc822"))
        return part
    if media_type.startswith("multipart/"):
        boundary = options.get("boundary") or _boundary_of(headers)
        within = "message/rfc822" if media_type == "multipart/digest" else "text/plain"
        _split(part, boundary, taking, depth, within)
    elif media_type in {"message/rfc822", "message/global"}:
        inner, _ = part.decoded()
        was_broken = taking.is_broken  # a message within is kept whole, however it is
        part.children.append(read_part(inner.lstrip(b"\r\n"), taking, depth=depth + 1))
        taking.is_broken = was_broken
    return part


def _type_of(headers: Headers, inherited: str) -> tuple[str, dict[str, str]]:
    if not headers.has("content-type"):
        return inherited, {}
    media_type, options = parameters(headers.raw("content-type"))
    if not _TYPE.fullmatch(media_type):
        known = {"text": "text/plain", "html": "text/html"}
        media_type = known.get(media_type, "application/octet-stream" if media_type else inherited)
    return media_type[:127], options


def _boundary_of(headers: Headers) -> str:
    """Return a boundary that stands where no parameter should: without its semicolon."""
    found = _BOUNDARY.search(headers.raw("content-type"))
    return (found[1] or found[2] or "") if found else ""


def _split(part: Part, boundary: str, taking: Taking, depth: int, inherited: str) -> None:
    pieces, is_closed = _pieces(part.content, boundary.rstrip())
    if not is_closed and part.content.strip():
        taking.is_broken = True
    for piece in pieces:
        if taking.parts >= MAX_PARTS:
            taking.is_cut = True
            return
        part.children.append(read_part(piece, taking, depth=depth + 1, inherited=inherited))


def _pieces(content: bytes, boundary: str) -> tuple[list[bytes], bool]:
    """Return what stands between the boundary lines, and whether the last one closes."""
    if not boundary:
        return [], False
    pieces: list[bytes] = []
    begin = -1
    for start, end, closes in _lines(content, b"--" + boundary.encode("utf-8", "replace")):
        if begin >= 0:
            stop = start - 1 if start and content[start - 1 : start] == b"\n" else start
            if stop > begin and content[stop - 1 : stop] == b"\r":
                stop -= 1
            pieces.append(content[begin : max(begin, stop)])
        begin = end
        if closes:
            return pieces, True
        if len(pieces) > MAX_PARTS:
            return pieces, True
    if begin >= 0:
        pieces.append(content[begin:])
    return pieces, False


def _lines(content: bytes, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield each boundary line: where it starts and ends, and whether it closes."""
    place = content.find(mark)
    while place >= 0:
        after = place + len(mark)
        if place == 0 or content[place - 1] in b"\n\r":
            end = content.find(b"\n", after)
            stop = len(content) if end < 0 else end
            rest = content[after : min(stop, after + 1000)].strip(_SPACE)
            if not rest or rest == b"--":
                yield place, len(content) if end < 0 else end + 1, rest == b"--"
        place = content.find(mark, after)


def _from_uu(content: bytes) -> tuple[bytes, bool]:
    begin = content.find(b"begin ")
    lines = content[max(begin, 0) :].splitlines()[1 if begin >= 0 else 0 :]
    found = []
    for line in lines:
        if line.strip() in {b"end", b"`", b""}:
            break
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            return content, False
    return b"".join(found), True


def walk(part: Part) -> Iterator[Part]:
    """Yield a part and everything in it, in order."""
    waiting = [part]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(each.children))


def charset_of_headers(part: Part) -> str:
    """Return the charset that bytes in a message's headers are likely in: that of its text."""
    return next((each.charset for each in walk(part) if each.charset), "")
