"""People and companies as vCard 4.0 (RFC 6350)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TextIO

from models.values import PointKind

_OCTETS: Final = 75  # of a line, without its end
_TYPES: Final = frozenset({"home", "work", "fax", "pager", "video", "text", "voice"})
_SAID: Final = {"mobile": "cell"}
_WITH_TYPE: Final = {PointKind.EMAIL: "EMAIL", PointKind.PHONE: "TEL", PointKind.WEBSITE: "URL"}
_CONTROL: Final = dict.fromkeys(
    code for code in (*range(32), 127, *range(0xD800, 0xE000)) if code not in {9, 10}
)


def card(contact: Mapping[str, Any]) -> str:
    """Return a person or a company as a card, with CRLF at the end of each line.

    `contact` has what the import calls by the same names: `kind` ("contact" or "company"), `name`,
    `given_name`, `family_name`, `company`, `job_title`, `birthday` (a day), `language`,
    `description`, `tags`, `external_id`, `modified_at` (a moment), `points` (kind, text, label) and
    `addresses` (label, street, city, region, postal_code, country). What is missing or empty is
    left out; a card needs no more than a name, for which else a point stands.
    """
    points: list[tuple[PointKind, str, str | None]] = list(contact.get("points") or ())
    name = str(contact.get("name") or next((text for _, text, _ in points), ""))
    is_company = contact.get("kind") == "company"
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"KIND:{'org' if is_company else 'individual'}"]
    lines.append(f"FN:{_escaped(name)}")
    lines += _names(contact, name, is_company=is_company)
    lines += _fields(contact)
    seen: set[PointKind] = set()
    for number, (kind, text, label) in enumerate(points, start=1):
        lines += _point(number, kind, text, label, first=kind not in seen)
        seen.add(kind)
    for number, address in enumerate(contact.get("addresses") or (), start=len(points) + 1):
        lines += _address(number, address)
    lines.append("END:VCARD")
    return "".join(_folded(line) for line in lines)


def write(target: Path | str | TextIO, contacts: Iterable[Mapping[str, Any]]) -> int:
    """Write cards to a file in UTF-8 or to an open text file; return how many."""
    if isinstance(target, Path | str):
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            return write(file, contacts)
    count = 0
    for contact in contacts:
        target.write(card(contact))
        count += 1
    return count


def _names(contact: Mapping[str, Any], name: str, *, is_company: bool) -> list[str]:
    if is_company:
        return [f"ORG:{_escaped(name)}"]
    lines = []
    family, given = contact.get("family_name") or "", contact.get("given_name") or ""
    if family or given:
        lines.append(f"N:{_escaped(family)};{_escaped(given)};;;")
    if contact.get("company"):
        lines.append(f"ORG:{_escaped(contact['company'])}")
    return lines


def _fields(contact: Mapping[str, Any]) -> list[str]:
    lines = []
    for key, head in (("job_title", "TITLE"), ("language", "LANG"), ("description", "NOTE")):
        if contact.get(key):
            lines.append(f"{head}:{_escaped(contact[key])}")
    if contact.get("external_id"):
        lines.append(f"UID;VALUE=text:{_escaped(contact['external_id'])}")
    day = contact.get("birthday")
    if isinstance(day, date):
        lines.append(f"BDAY:{day:%Y%m%d}" if day.year > 999 else f"BDAY:{day.isoformat()}")  # noqa: PLR2004  %Y has no leading zeros everywhere
    moment = contact.get("modified_at")
    if isinstance(moment, datetime):
        lines.append(f"REV:{moment:%Y%m%dT%H%M%SZ}")
    tags = [_escaped(tag) for tag in contact.get("tags") or ()]
    if tags:
        lines.append(f"CATEGORIES:{','.join(tags)}")
    return lines


def _point(number: int, kind: PointKind, text: str, label: str | None, *, first: bool) -> list[str]:
    preferred = ";PREF=1" if first else ""
    name = _WITH_TYPE.get(kind)
    if name is None:
        if label:
            head = f"item{number}.IMPP{preferred};VALUE=text"
            return [f"{head}:{_escaped(text)}", f"item{number}.X-ABLabel:{_escaped(label)}"]
        return [f"IMPP{preferred};VALUE=text:{_escaped(text)}"]
    head, more = _labelled(number, label)
    item = f"item{number}." if more else ""
    value = "" if kind is PointKind.EMAIL else ";VALUE=text"
    return [f"{item}{name}{preferred}{value}{head}:{_escaped(text)}", *more]


def _labelled(number: int, label: str | None) -> tuple[str, list[str]]:
    """Return the parameter that says a label, or the lines that do where none can."""
    if not label:
        return "", []
    words = label.split(" ")
    are_types = all(word in _TYPES or word in _SAID for word in words)
    # In the order in which they are read back.
    in_order = sorted(dict.fromkeys(words), key=lambda word: word not in {"home", "work"})
    if are_types and words == in_order:
        return f";TYPE={','.join(_SAID.get(word, word) for word in words)}", []
    return "", [f"item{number}.X-ABLabel:{_escaped(label)}"]


def _address(number: int, address: Mapping[str, Any]) -> list[str]:
    head, more = _labelled(number, address.get("label"))
    item = f"item{number}." if more else ""
    keys = ("street", "city", "region", "postal_code", "country")
    values = ";".join(_escaped(address.get(key) or "") for key in keys)
    return [f"{item}ADR{head}:;;{values}", *more]


def _escaped(value: Any) -> str:
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace(",", "\\,").replace(";", "\\;")


def _folded(line: str) -> str:
    """Break a line after at most 75 octets, never within a character."""
    if len(line) * 4 <= _OCTETS:
        return line + "\r\n"
    pieces: list[str] = []
    size = start = 0
    for place, letter in enumerate(line):
        octets = len(letter.encode())
        if size + octets > _OCTETS:
            pieces.append(line[start:place])
            start, size = place, 1  # the blank that says "goes on" counts
        size += octets
    pieces.append(line[start:])
    return "\r\n ".join(pieces) + "\r\n"
