"""The ways to reach somebody that a card names: mails, phones, sites, handles, addresses."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from app.exchange.field_types import ADDRESS_PARTS, a_field
from app.exchange.field_types import Shape as FieldShape
from app.exchange.sources.vcard_property import Property
from app.exchange.values import Format, UnfitValueError, read_value
from models.values import PointKind

Point = tuple[PointKind, str, str | None]  # kind, text, label

_ABOUT_NOTHING: Final = frozenset(
    {"pref", "voice", "msg", "internet", "x400", "video", "text", "postal", "parcel", "dom", "intl",
     "textphone", "uri", "personal-im", "x-internet"}
)  # fmt: skip
_SAID_BETTER: Final = {
    "cell": "mobile",
    "iphone": "mobile",
    "x-mobile": "mobile",
    "business": "work",
}
_APPLE: Final = re.compile(r"_\$!<(.*?)>!\$_")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EXTENSION: Final = re.compile(r";ext=([0-9]{1,12})", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,30}):(?!//)")
_LAST: Final = frozenset({"fax", "pager", "telex", "modem", "bbs", "pcs"})
_WHERE: Final = frozenset({"home", "work", "other", "main", "school"})
_MOST: Final = 500  # points of one card, and its addresses; more are no person's
_LABEL: Final = 60  # characters
_EMAIL: Final = a_field("email", "E-mail", FieldShape.EMAIL, "", limit=320)
_PHONE: Final = a_field("phone", "Phone", FieldShape.PHONE, "", limit=64)
_HOW: Final = Format()
_MAX_SITE: Final = 2_000
_MAX_HANDLE: Final = 500
# Instant messengers with a property of their own, in 3.0 and before.
HANDLES: Final[Mapping[str, str]] = {
    "X-AIM": "AIM", "X-ICQ": "ICQ", "X-JABBER": "Jabber", "X-MSN": "MSN", "X-YAHOO": "Yahoo",
    "X-SKYPE": "Skype", "X-SKYPE-USERNAME": "Skype", "X-GTALK": "Google Talk",
    "X-GOOGLE-TALK": "Google Talk", "X-QQ": "QQ", "X-GADUGADU": "Gadu-Gadu",
    "X-GROUPWISE": "GroupWise", "X-MATRIX": "Matrix", "X-SIP": "SIP", "X-TWITTER": "Twitter",
    "X-FACEBOOK": "Facebook", "X-LINKEDIN": "LinkedIn", "X-TELEGRAM": "Telegram",
    "X-MS-IMADDRESS": "IM", "X-KADDRESSBOOK-X-IMADDRESS": "IM",
}  # fmt: skip
_SERVICES: Final = {
    "xmpp": "Jabber", "aim": "AIM", "skype": "Skype", "ymsgr": "Yahoo", "msnim": "MSN",
    "icq": "ICQ", "sip": "SIP", "sips": "SIP", "gtalk": "Google Talk", "matrix": "Matrix",
    "tg": "Telegram", "irc": "IRC", "twitter": "Twitter", "facebook": "Facebook",
    "linkedin": "LinkedIn",
}  # fmt: skip


def tidy_label(text: str) -> str:
    """Return a label as people read it: `_$!<HomePage>!$_` is "home page"."""
    found = _APPLE.fullmatch(text.strip())
    if found is None:
        return text.strip()[:_LABEL]
    return _CAMEL.sub(" ", found.group(1)).casefold()[:_LABEL]


def label_of(item: Property, labels: Mapping[str, str]) -> str | None:
    """Return what a value is of: the label of its group, else its types."""
    named = labels.get(item.group)
    if named:
        return named
    words = [_SAID_BETTER.get(word, word).removeprefix("x-") for word in item.types
             if word not in _ABOUT_NOTHING]  # fmt: skip
    # "work fax", whichever stands first in the card
    ordered = sorted(dict.fromkeys(words), key=lambda word: word not in _WHERE)
    return " ".join(ordered)[:_LABEL] or None


def preferred(items: Iterable[Property]) -> list[Property]:
    """Return the most preferred first, faxes and pagers last, else as they stand."""
    return sorted(items, key=lambda item: (not _LAST.isdisjoint(item.types), item.preference))


class PointReader:
    """Gathers the points of one card; what does not fit goes into `problems` and `rest`."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = labels
        self.points: list[Point] = []
        self._places: dict[tuple[PointKind, str], int] = {}
        self.problems: list[tuple[str, str, str]] = []
        self.rest: list[tuple[str, str]] = []  # label, value

    def emails(self, items: Iterable[Property]) -> None:
        """Take e-mail addresses."""
        for item in preferred(items):
            self._read(PointKind.EMAIL, item, item.text().removeprefix("mailto:"))

    def phones(self, items: Iterable[Property]) -> None:
        """Take phone numbers; a `tel:` URI is taken apart."""
        for item in preferred(items):
            text = item.text()
            if text[:4].casefold() == "tel:":
                number = _EXTENSION.sub(r" ext. \1", text[4:])
                text = unquote(number.partition(";")[0])
            self._read(PointKind.PHONE, item, text)

    def _read(self, kind: PointKind, item: Property, text: str) -> None:
        if not text:
            return
        target = _EMAIL if kind is PointKind.EMAIL else _PHONE
        try:
            value = read_value(text, target, _HOW)
        except UnfitValueError as error:
            self.problems.append((target.label, text[:_MAX_HANDLE], str(error)))
            self.rest.append((target.label, text))
        else:
            self.add(kind, value, label_of(item, self.labels))

    def sites(self, items: Iterable[Property]) -> None:
        """Take web addresses."""
        for item in preferred(items):
            text = item.text()
            if len(text) > _MAX_SITE:
                self.rest.append(("Website", text))
            elif text:
                self.add(PointKind.WEBSITE, text, label_of(item, self.labels))

    def handles(self, items: Iterable[Property]) -> None:
        """Take names in messengers and networks: IMPP, X-SOCIALPROFILE, X-SKYPE and its like."""
        for item in preferred(items):
            text, label = self._handle(item)
            if len(text) > _MAX_HANDLE:
                self.rest.append((label or "Handle", text))
            elif text:
                self.add(PointKind.SOCIAL, text, label)

    def _handle(self, item: Property) -> tuple[str, str | None]:
        text = item.text()
        named = self.labels.get(item.group) or item.parameter("X-SERVICE-TYPE")
        named = named or item.parameter("SERVICE-TYPE")
        if item.name in HANDLES:
            return text, HANDLES[item.name]
        if item.name == "X-SOCIALPROFILE":
            if text.casefold().startswith("x-apple:"):
                text = item.parameter("X-USER") or text[8:]
            types = [word for word in item.types if word not in _ABOUT_NOTHING]
            return text, (named or " ".join(types))[:_LABEL] or None
        found = _SCHEME.match(text)
        if found is None:
            return text, named[:_LABEL] or label_of(item, {})
        scheme = found.group(1).casefold()
        service = named or _SERVICES.get(scheme, found.group(1))
        return unquote(text[found.end() :]), service[:_LABEL]

    def add(self, kind: PointKind, text: str, label: str | None) -> None:
        """Add a point; of one that is there already the label is added."""
        place = self._places.get((kind, text.casefold()))
        if place is None and len(self.points) >= _MOST:
            self.rest.append((label or kind.value.capitalize(), text))
        elif place is None:
            self._places[kind, text.casefold()] = len(self.points)
            self.points.append((kind, text, label))
        elif label:
            _, known, old = self.points[place]
            if label not in (old or "").split(" / "):
                both = f"{old} / {label}" if old else label
                self.points[place] = (kind, known, both[:_LABEL])


def addresses(
    items: Iterable[Property], printed: Iterable[Property], labels: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the addresses of a card, the preferred first, and what was too long for its place.

    `printed` are LABEL properties: as an address is written on an envelope, for those that have
    no parts.
    """
    found: list[dict[str, Any]] = []
    cut: list[str] = []
    for item in sorted(items, key=lambda each: each.preference):
        address = _address(item, cut)
        if address and len(found) < _MOST:
            found.append({"label": label_of(item, labels), **address})
        elif address:
            cut.append(", ".join(address.values()))
    if not found:
        for item in printed:
            if item.text():
                street = _fitting("street", item.text(), cut)
                found.append({"label": label_of(item, labels), "street": street})
    return found, cut


def _address(item: Property, cut: list[str]) -> dict[str, str]:
    parts = [part.strip(" ,\t\r\n") for part in item.parts()]
    box, extended, street, city, region, code, country, *more = [*parts, *[""] * 7]
    lines = [street, extended, f"P.O. Box {box}" if box.isdecimal() else box, *more]
    values = {
        "street": "\n".join(line for line in lines if line),
        "city": city,
        "region": region,
        "postal_code": code,
        "country": country,
    }
    if not any(values.values()):
        values = {"street": item.parameter("LABEL")}
    return {key: _fitting(key, text, cut) for key, text in values.items() if text}


def _fitting(part: str, text: str, cut: list[str]) -> str:
    if len(text) > ADDRESS_PARTS[part]:
        cut.append(text)
    return text[: ADDRESS_PARTS[part]]
