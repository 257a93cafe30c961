"""Whom a mail is from and to: the addresses of its headers, however old their way of writing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.exchange.mail.words import decoded_words
from models.values import normal_email

_SIMPLE: Final = re.compile(r"\s*([^\s\"(),:;<>@]+@[^\s\"(),:;<>@]+)\s*")
_TOKEN: Final = re.compile(
    r"\"((?:[^\"\\]|\\.)*)\"?|<([^>]*)>?|([()])|([,;:])|((?:[^\"<(),;:\\)]|\\.)+|.)", re.DOTALL
)
_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)
_MAX_TEXT: Final = 150_000  # characters; 2,000 addresses are shorter


@dataclass(frozen=True, slots=True)
class Address:
    """A name, often empty, and an address as it is written."""

    name: str
    address: str

    @property
    def normal(self) -> str:
        """The address in the form that is compared."""
        return normal_address(self.address)

    @property
    def text(self) -> str:
        """Both, as people read it."""
        return f"{self.name} <{self.address}>" if self.name else self.address


@lru_cache(maxsize=4096)
def normal_address(address: str) -> str:
    """Return an address in the form that is compared, its domain in its own letters."""
    local, at, domain = normal_email(address).rpartition("@")
    if "xn--" in domain:
        domain = ".".join(_label(label) for label in domain.split("."))
    return f"{local}{at}{domain}"[:320]


def _label(label: str) -> str:
    if not label.startswith("xn--") or len(label) > 63:  # noqa: PLR2004  the longest label
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label


def addresses_in(text: str) -> list[Address]:
    """Return the addresses of a header: lists, groups, comments, routes and bare words."""
    simple = _SIMPLE.fullmatch(text)
    if simple is not None:
        return [Address("", simple[1])]
    return list(_addresses(text[:_MAX_TEXT]))


@dataclass(slots=True)
class _Parts:
    phrase: list[str]
    angle: str | None
    comment: list[str]


def _addresses(text: str) -> Iterator[Address]:
    parts, depth = _Parts([], None, []), 0
    for token in _TOKEN.finditer(text):
        quoted, angle, bracket, mark, other = token.groups()
        if bracket is not None:
            depth = depth + 1 if bracket == "(" else max(0, depth - 1)
        elif depth:
            parts.comment.append(quoted or other or angle or mark or "")
        elif mark == ":":
            if "@" in "".join(parts.phrase):
                parts.phrase.append(mark)
            else:
                parts = _Parts([], None, [])  # the name of a group
        elif mark is not None:
            yield from _address(parts)
            parts = _Parts([], None, [])
        elif angle is not None:
            parts.angle = angle
        elif quoted is not None:
            parts.phrase.append(_PAIR.sub(r"\1", quoted))
        else:
            parts.phrase.append(other)
    yield from _address(parts)


def _address(parts: _Parts) -> Iterator[Address]:
    phrase = " ".join("".join(parts.phrase).split())
    comment = " ".join("".join(parts.comment).split())
    if parts.angle is not None:
        bare = _without_comments(parts.angle)
        name = phrase or comment
    elif "@" in phrase:
        # "Name name@place", and blanks around the at sign and the dots.
        joined = re.sub(r"\s*([@.])\s*", r"\1", phrase)
        before, _, bare = joined.rpartition(" ")
        name = before or comment
    else:
        bare, name = phrase, comment
    name = " ".join(decoded_words(name).strip(" \"'").split())
    bare = decoded_words(bare) if "=?" in bare else bare
    if not bare and not name:
        return
    yield Address("" if name == bare else name, bare or name)


def _without_comments(angle: str) -> str:
    bare = re.sub(r"\([^()]*\)?", "", angle) if "(" in angle else angle
    bare = re.sub(r"\s+", "", bare)
    if bare.startswith("@"):  # a route: <@one,@two:name@place>
        bare = bare.rpartition(":")[2]
    return bare.removeprefix("mailto:")
