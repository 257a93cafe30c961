"""Columns that are one of many ways to reach somebody: `Phone 2 - Value`, `Home Street`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.exchange import point_words as words
from app.exchange.shapes import ColumnLook
from models.values import fold

NEVER_STORED: Final = "This is a secret of the other program; it is never stored."
_REACHED: Final = frozenset({"contact", "company"})
_WITH_SECRETS: Final = frozenset({"contact", "company", "user"})
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_NUMBERED: Final = re.compile(r"\s*(.+?)\s*(\d{1,2})\s*[-:]\s*(\S.*?)\s*")
_NUMBERED_SORTS: Final = {
    "email": "email", "phone": "phone", "website": "website", "im": "social", "address": "address",
    "url": "website",
}  # fmt: skip
_NUMBERED_PARTS: Final = {
    "street": "street", "city": "city", "pobox": "po_box", "region": "region",
    "postalcode": "postal_code", "country": "country", "extendedaddress": "street_2",
    "street1": "street", "street2": "street_2", "street3": "street_3",
    "stateprovince": "region", "zippostalcode": "postal_code", "countryregion": "country",
    "state": "region", "zip": "postal_code", "postofficebox": "po_box",
}  # fmt: skip
_VALUES: Final = frozenset({"value", "number"})
_NOTED_SORTS: Final = frozenset({"relation", "event", "customfield", "externalid", "jot"})
_LABELS: Final = frozenset({"type", "label", "service", "name", "addresstype"})
_MOST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class _Found:
    """What a header says: a way to reach somebody, of what, the how manieth, or a part of one."""

    sort: str  # email, phone, website, social, address
    label: str
    number: int
    part: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the usual fields say as much."""
        return self.number < 2 and self.label in {"", "mobile"}  # noqa: PLR2004  the first


def point_columns(
    headers: Sequence[str], looks: Sequence[ColumnLook], kind: str
) -> dict[int, str | None]:
    """Return the columns that become made fields (`phone:home`), by their place; None: left out.

    `phone:2@17` takes its label from the cell in column 17 (counted from 0), as Google writes it.
    """
    del looks
    fixed: dict[int, str | None] = {}
    if kind in _WITH_SECRETS:
        fixed |= dict.fromkeys((i for i, h in enumerate(headers) if is_secret(h)), None)
    if kind not in _REACHED:
        return fixed
    _numbered(headers, fixed)
    tokens = [_tokens(header) for header in headers]
    if kind == "contact":
        _birth(tokens, fixed)
    alone = _phones_alone(tokens)
    found: dict[int, _Found] = {}
    for index, each in enumerate(tokens):
        if index in fixed:
            continue
        said = _said(each, alone)
        if said is not None:
            found[index] = said
        elif _is_mail(each) and set(each) & words.ABOUT:
            fixed[index] = None
    fixed |= _keys(found, kind, has_numbered=_has_made(fixed))
    if kind == "contact" and _has_made(fixed):
        _noted(headers, tokens, fixed)
    return fixed


def _has_made(fixed: Mapping[int, str | None]) -> bool:
    return any(":" in key for key in fixed.values() if key is not None)


def is_secret(header: str) -> bool:
    """Say whether a column holds what nobody else may know: passwords, tokens."""
    return not words.SECRETS.isdisjoint(_tokens(header))


def _tokens(header: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in _WORD.findall(_CAMEL.sub(" ", header)))


def _joined(text: str) -> str:
    return "".join(_tokens(text))


def _numbered(headers: Sequence[str], fixed: dict[int, str | None]) -> None:
    """Take Google's columns: `E-mail 1 - Type` names the sort of `E-mail 1 - Value`."""
    groups: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    for index, header in enumerate(headers):
        match = _NUMBERED.fullmatch(header)
        sort = _NUMBERED_SORTS.get(_joined(match.group(1))) if match is not None else None
        if match is not None and sort is not None:
            groups[sort, int(match.group(2))].setdefault(_joined(match.group(3)), index)
    for (sort, number), parts in groups.items():
        # Beside "address" Outlook's type is the protocol, SMTP, and says nothing.
        label = next((parts[word] for word in parts if word in _LABELS), None)
        if sort != "address" and "value" not in parts:
            label = None
        stem = f"{sort}:{number}" + ("" if label is None else f"@{label}")
        has_parts = "street" in parts or "street1" in parts
        for word, index in parts.items():
            if sort != "address":
                is_value = word in _VALUES or word in words.WHOLE_ADDRESS
                fixed[index] = stem if is_value else None
            elif word == "formatted" and not has_parts:
                fixed[index] = f"{stem}:street"
            else:
                part = _NUMBERED_PARTS.get(word)
                fixed[index] = f"{stem}:{part}" if part else None


def _birth(tokens: Sequence[tuple[str, ...]], fixed: dict[int, str | None]) -> None:
    """Take a day of birth that stands in three columns, as Thunderbird writes it."""
    found: dict[str, int] = {}
    for index, each in enumerate(tokens):
        if index in fixed or words.OF_BIRTH.isdisjoint(each) or len(each) > 3:  # noqa: PLR2004
            continue
        for part, names in words.BIRTH.items():
            if not names.isdisjoint(each):
                found.setdefault(part, index)
    if len(found) == len(words.BIRTH):
        fixed |= {index: f"born:{part}" for part, index in found.items()}


def _is_mail(tokens: Iterable[str]) -> bool:
    each = set(tokens)
    return not words.EMAIL.isdisjoint(each) or any(each >= set(pair) for pair in words.EMAIL_PAIRS)


def _phones_alone(tokens: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Return the words that mean a phone all by themselves where the table is in their language."""
    there = {token for each in tokens for token in each}
    return frozenset().union(*(names for mark, names in words.ALONE.items() if mark in there))


def _said(tokens: tuple[str, ...], alone: frozenset[str]) -> _Found | None:
    """Return what a header names, None where it is no way to reach anybody."""
    each = set(tokens)
    if not each or each & words.ABOUT:
        return None
    number = next((int(token) for token in tokens if token.isdecimal() and len(token) < 3), 1)  # noqa: PLR2004  how manieth
    where = next((label for label, names in words.WHERE.items() if names & each), "")
    if _is_mail(tokens):
        return _Found("email", where, number)
    phone = _phone(each, where, number, alone)
    if phone is not None:
        return phone
    if each & words.WEBSITE or any(each >= set(pair) for pair in words.WEBSITE_PAIRS):
        return _Found("website", _site_label(tokens, where), number)
    handle = next((words.HANDLES[token] for token in tokens if token in words.HANDLES), None)
    if handle is not None and len(each) <= 3:  # noqa: PLR2004  "IM Skype", "AIM screen name"
        return _Found("social", handle, number)
    return _address(each, where, number)


def _phone(each: set[str], where: str, number: int, alone: frozenset[str]) -> _Found | None:
    if each & words.FAX:
        return _Found("phone", f"{where} fax".strip(), number)
    named = bool(each & words.PHONE or each & words.PHONES_BY_THEMSELVES)
    for label, (names, by_itself) in words.SORTS.items():
        if names & each and (named or by_itself):
            return _Found("phone", label, number)
    if each & words.MOBILE:
        return _Found("phone", f"{where} mobile".strip(), number)
    if named:
        return _Found("phone", where, number)
    bare = {token for token in each if not token.isdecimal()}
    if len(bare) == 1 and bare <= alone:
        return _Found("phone", where, number)
    return None


def _site_label(tokens: tuple[str, ...], where: str) -> str:
    """Return of what a site is: the words that do not say that it is one."""
    ours = words.WEBSITE | {"web", "page", "site", "seite", "pagina", "address", "1"}
    rest = [token for token in tokens if token not in ours and not token.isdecimal()]
    return where or " ".join(rest)


def _address(each: set[str], where: str, number: int) -> _Found | None:
    part = next((part for part, names in words.PARTS.items() if names & each), "")
    if not part and each & words.WHOLE_ADDRESS:
        part = "street"
    if not part or not where:
        return None
    if part == "street" and 1 < number <= _MOST_LINES:
        part = f"street_{number}"
    return _Found("address", where, 1, part)


def _noted(
    headers: Sequence[str], tokens: Sequence[tuple[str, ...]], fixed: dict[int, str | None]
) -> None:
    """Keep what else address books say of a person: in its field, else in the description."""
    types: dict[tuple[str, str], int] = {}
    for index, header in enumerate(headers):
        match = _NUMBERED.fullmatch(header)
        if match is None or _joined(match.group(1)) not in _NOTED_SORTS:
            continue
        place = (_joined(match.group(1)), match.group(2))
        if _joined(match.group(3)) in _LABELS:
            types[place] = index
            fixed[index] = None
        elif _joined(match.group(3)) == "value":
            label = f"@{types[place]}" if place in types else ""
            fixed[index] = f"note:{match.group(1)} {match.group(2)}{label}"
    has_title = any("".join(each) == "jobtitle" for each in tokens)
    for index, each in enumerate(tokens):
        key = "".join(each)
        if index in fixed:
            continue
        if key in words.PLAIN and words.PLAIN[key] not in fixed.values():
            fixed[index] = words.PLAIN[key]
        elif key in words.NOTED or (key == "title" and has_title):
            fixed[index] = f"note:{' '.join(headers[index].split())}"


def _keys(found: dict[int, _Found], kind: str, *, has_numbered: bool) -> dict[int, str | None]:
    """Give keys to those that the usual fields cannot hold: the second of a sort, the labelled."""
    sorts: dict[str, int] = defaultdict(int)
    for each in found.values():
        sorts[each.sort] += 1
    blocks = {each.label for each in found.values() if each.sort == "address"}
    used: dict[str, int] = defaultdict(int)
    keys: dict[int, str | None] = {}
    for index, each in found.items():
        if each.sort == "address":
            if len(blocks) > 1 or has_numbered or each.part in {"po_box", "street_2", "street_3"}:
                keys[index] = f"address:{each.label}:{each.part}"
            continue
        if each.sort == "social":
            stem = f"social:{each.label}"
        elif each.sort == "phone" and each.label == "mobile" and each.number < 2:  # noqa: PLR2004
            stem = "mobile" if kind == "contact" else "phone:mobile"
            stem = stem if stem not in used else "phone:mobile"
        elif each.is_plain or (sorts[each.sort] == 1 and "fax" not in each.label):
            continue
        else:
            stem = f"{each.sort}:{each.label or each.number}"
        used[stem] += 1
        # A label must be said once; "work 2" is shown as "work".
        keys[index] = stem if used[stem] == 1 else f"{stem} {used[stem]}"
    taken: set[str | None] = set()
    for index, key in list(keys.items()):
        if key in taken:
            del keys[index]
        taken.add(key)
    return keys
