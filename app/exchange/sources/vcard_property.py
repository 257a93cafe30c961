"""One property of a vCard: its name, its parameters, its value as text and in parts.

RFC 2426 (3.0), RFC 6350 (4.0) and the vCard 2.1 of the versit consortium.
"""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_HEAD: Final = re.compile(
    r"(?:([A-Za-z0-9_-]+)\.)?([A-Za-z][A-Za-z0-9_-]*)[ \t]*(?=[;:])", re.ASCII
)
# Possessive: it never goes back, whatever stands in the line.
_TO_COLON: Final = re.compile(r'[^":]*+(?:"[^"]*+"[^":]*+)*+:')
_PARAMETER: Final = re.compile(r'(?:[^;"]|"[^"]*"?)+')
_LISTED: Final = re.compile(r'(?:[^,"]|"[^"]*"?)+')
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_CARET: Final = re.compile(r"\^([n'^])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# What stands in 2.1 without a name and is no type.
_ENCODINGS: Final = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})
# What is text, even where an old program wrote it as bytes.
_TEXTS: Final = frozenset(
    {"FN", "N", "NICKNAME", "NOTE", "ORG", "TITLE", "ROLE", "ADR", "LABEL", "EMAIL", "TEL", "URL",
     "CATEGORIES", "BDAY", "UID", "REV", "KIND"}
)  # fmt: skip
_MAX_HEAD: Final = 16_000  # characters before the colon


@dataclass(frozen=True, slots=True)
class Property:
    """A property; `value` is decoded text in which escapes still stand, `params` are in capitals."""  # noqa: E501  data, kept on its line

    name: str
    value: str
    group: str = ""
    params: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def types(self) -> tuple[str, ...]:
        """What the property is of: home, work, cell …, in small letters."""
        return tuple(value.casefold() for value in self.params.get("TYPE", ()))

    @property
    def preference(self) -> int:
        """How much it is preferred: 1 the most, 100 not at all."""
        for value in self.params.get("PREF", ()):
            if value.isdecimal() and len(value) < 4:  # noqa: PLR2004  1 to 100
                return int(value)
        return 1 if "pref" in self.types else 100

    def parameter(self, name: str) -> str:
        """Return the first value of a parameter, "" where it has none."""
        return next(iter(self.params.get(name, ())), "")

    def text(self) -> str:
        """Return the value without escapes."""
        return unescaped(self.value).strip()

    def parts(self) -> list[str]:
        """Return what stands between semicolons, without escapes."""
        return [unescaped(part).strip() for part in split_at(self.value, ";")]

    def name_parts(self) -> list[str]:
        """Return the same of names, of which commas divide several, with blanks between them."""
        parts = [
            " ".join(unescaped(name) for name in split_at(part, ","))
            for part in split_at(self.value, ";")
        ]
        return [" ".join(part.split()) for part in parts]

    def listed(self) -> list[str]:
        """Return what stands between commas, without escapes and blanks."""
        return [text for part in split_at(self.value, ",") if (text := unescaped(part).strip())]

    @property
    def is_base64(self) -> bool:
        """Whether the value is bytes written as text."""
        return is_base64(self.params)


def is_base64(params: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether parameters tell of bytes written as text."""
    return any(value.upper() in {"B", "BASE64"} for value in params.get("ENCODING", ()))


def split_at(text: str, mark: str) -> list[str]:
    """Split a text at a mark that no backslash stands before."""
    if "\\" not in text:
        return text.split(mark)
    parts: list[str] = []
    start = at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == mark:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def unescaped(text: str) -> str:
    """Return a text without its escapes; a backslash that escapes nothing stays."""
    return _ESCAPED.sub(_plain, text) if "\\" in text else text


def _plain(found: re.Match[str]) -> str:
    letter = found.group(1)
    if letter in "nN":
        return "\n"
    return letter if letter in "\\,;:'\"" else found.group()


def parsed(line: str, fallback: str) -> Property | None:
    """Return the property that an unfolded line holds, None where it holds none.

    Bytes that are no UTF-8 stand in the line as surrogates; `fallback` is the charset that
    the file seems to be in.
    """
    head = _HEAD.match(line)
    colon = _colon(line, head.end()) if head is not None else -1
    if head is None or colon < 0:
        return None
    group, name = head.groups()
    said = line[head.end() : colon]
    if not said.isprintable():
        said = _CONTROL.sub("", _decoded(said, "", fallback))
    params = _parameters(said)
    charset = next(iter(params.get("CHARSET", ())), "")
    value = line[colon + 1 :]
    if is_base64(params) and name.upper() not in _TEXTS:  # megabytes, of which nothing is a letter
        return Property(name.upper(), value, (group or "").casefold(), params)
    if is_base64(params):
        value = _from_base64(value, charset, fallback)
    elif any(text.upper() == "QUOTED-PRINTABLE" for text in params.get("ENCODING", ())):
        value = _from_quoted_printable(value, charset, fallback)
    else:
        value = _decoded(value, charset, fallback)
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    if not value.isprintable():
        value = _CONTROL.sub("", value)
    return Property(name.upper(), value, (group or "").casefold(), params)


def is_property(line: str) -> bool:
    """Say whether a line begins a property, and not a line that was broken without a mark."""
    head = _HEAD.match(line)
    return head is not None and _colon(line, head.end()) >= 0


def _colon(line: str, start: int) -> int:
    """Return where the value begins: the first colon outside quotation marks."""
    end = min(len(line), start + _MAX_HEAD)
    found = _TO_COLON.match(line, start, end)
    return found.end() - 1 if found is not None else line.find(":", start, end)


def _parameters(text: str) -> dict[str, tuple[str, ...]]:
    params: dict[str, list[str]] = {}
    for piece in _PARAMETER.findall(text):
        name, equals, listed = piece.partition("=")
        key = name.strip().upper()
        if not equals:
            key, listed = ("ENCODING" if key in _ENCODINGS else "TYPE"), piece
        for found in _LISTED.findall(listed):
            tidy = _CARET.sub(_uncareted, found.strip().strip('"')).strip()
            # A quoted list of types is meant as a list (RFC 6350's own example).
            several = tidy.split(",") if key == "TYPE" else (tidy,)
            params.setdefault(key, []).extend(each for each in several if each)
    return {key: tuple(values) for key, values in params.items()}


def _uncareted(found: re.Match[str]) -> str:
    """Undo RFC 6868."""
    return {"n": "\n", "'": '"', "^": "^"}[found.group(1)]


def _from_quoted_printable(value: str, charset: str, fallback: str) -> str:
    data = value.encode("utf-8", "surrogateescape")
    if b";" not in data:
        plain = binascii.a2b_qp(data)
    else:  # semicolons that stand plainly divide; those written as bytes belong to the text
        plain = binascii.a2b_qp(re.sub(rb"=3[Bb]", rb"\;", data))
    return _first_fit(plain, (charset, "utf-8"), charset or fallback, fallback)


def _from_base64(value: str, charset: str, fallback: str) -> str:
    """Return a text that was written as bytes are; one that was not stays as it is."""
    try:
        plain = binascii.a2b_base64("".join(value.split()))
    except (binascii.Error, ValueError):
        return _decoded(value, charset, fallback)
    return _first_fit(plain, (charset, "utf-8"), charset or fallback, fallback)


def _decoded(value: str, charset: str, fallback: str) -> str:
    data = value.encode("utf-8", "surrogateescape")
    names = (charset,) if data.isascii() else ("utf-8", charset)
    if data.isascii() and charset.casefold() in {"", "utf-8", "us-ascii"}:
        return value
    return _first_fit(data, names, fallback, fallback)


def _first_fit(data: bytes, charsets: tuple[str, ...], mended: str, fallback: str) -> str:
    """Decode with the first charset that fits; else with `mended`, bad bytes replaced."""
    for charset in charsets:
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            continue
    try:
        return data.decode(mended, "replace")
    except (LookupError, ValueError):
        return data.decode(fallback, "replace")
