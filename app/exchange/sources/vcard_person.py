"""What a card says, as a person or a company."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Final

from app.exchange.dates import DateOrder, guess_order, parse_date
from app.exchange.sources.vcard_files import FileReader
from app.exchange.sources.vcard_lines import Card
from app.exchange.sources.vcard_names import Names, names_of
from app.exchange.sources.vcard_points import HANDLES, PointReader, addresses, tidy_label
from app.exchange.sources.vcard_property import Property
from app.exchange.spool import Spool
from app.exchange.tables import Cells, Given
from models.values import PointKind

HEADERS: Final = (
    "Name", "Company", "Job title", "E-mail", "Phone", "Address", "Birthday", "Note", "Card",
)  # fmt: skip
# Bookkeeping of programs: it says nothing of the person.
_ABOUT_THE_FILE: Final = frozenset(
    {"VERSION", "PRODID", "REV", "UID", "CLASS", "MAILER", "PROFILE", "NAME", "SOURCE", "KIND",
     "SORT-STRING", "SORT-AS", "CLIENTPIDMAP", "XML", "LABEL", "X-ABADR", "X-ABUID", "X-ABSHOWAS",
     "X-ABLABEL", "X-MS-OL-DESIGN", "X-MS-OL-DEFAULT-POSTAL-ADDRESS", "X-MOZILLA-HTML",
     "X-MOZILLA-CPT", "X-COUCHDB-APPLICATION-ANNOTATIONS", "X-ADDRESSBOOKSERVER-KIND",
     "X-IMAGETYPE", "X-IMAGEHASH", "X-EVOLUTION-FILE-AS", "X-EVOLUTION-WEBDAV-ETAG", "X-ETAG",
     "X-ABCROP-RECTANGLE", "AGENT"}
)  # fmt: skip
_LISTS: Final = frozenset({"group", "x-group"})
_COMPANIES: Final = frozenset({"org", "organization", "organisation"})
_OTHERS: Final = frozenset({"location", "application", "device"})
_PREFIXES: Final = ("X-EVOLUTION-", "X-KADDRESSBOOK-X-", "X-MS-OL-", "X-MS-", "X-AB", "X-")
_SPOKEN: Final = {
    "TZ": "Time zone", "GEO": "Position", "CALURI": "Calendar", "CALADRURI": "Calendar requests",
    "FBURL": "Free and busy times", "RELATEDNAMES": "Related", "ASSISTANTSNAME": "Assistant",
    "MANAGERSNAME": "Manager", "SPOUSESNAME": "Spouse", "BIRTHPLACE": "Birthplace",
    "DEATHDATE": "Death", "ORG-DIRECTORY": "Directory", "EXPERTISE": "Expertise",
}  # fmt: skip
_DAY: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?")
_NO_YEAR: Final = re.compile(r"--(\d{2})-?(\d{2})(?:T.*)?")
_REVISED: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:[.,]\d+)?Z?")
_LONGEST: Final = 4_000  # characters of one value in the description
_LONGEST_NOTE: Final = 100_000
_GENDERS: Final = {"M": "male", "F": "female", "O": "other", "N": "none", "U": "unknown"}
_LIMITS: Final = {"name": 300, "given_name": 150, "middle_name": 100, "family_name": 150,
                  "job_title": 200, "company": 300, "language": 35, "city": 150, "country": 100,
                  "website": 2_000}  # fmt: skip


def record_of(card: Card, spool: Spool) -> Given | str:
    """Return what a card states; a sentence where it states nobody."""
    return _Reading(card, spool).record()


def cells_of(card: Card, given: Given | None) -> Cells:
    """Return a card for people's eyes, as wide as HEADERS."""
    if given is None:
        return ("",) * (len(HEADERS) - 1) + (card.excerpt,)
    values = given.values
    points: list[tuple[PointKind, str, str | None]] = values.get("points", [])
    first: dict[str, Any] = next(iter(values.get("addresses", ())), {})
    where = ", ".join(str(text) for key, text in first.items() if key != "label" and text)
    return (
        values.get("name", ""),
        values.get("company", ""),
        values.get("job_title", ""),
        ", ".join(text for kind, text, _ in points if kind is PointKind.EMAIL),
        ", ".join(text for kind, text, _ in points if kind is PointKind.PHONE),
        where.replace("\n", ", "),
        str(values.get("birthday", "")),
        values.get("description", ""),
        "",
    )


class _Reading:
    """One card on its way to a record."""

    def __init__(self, card: Card, spool: Spool) -> None:
        self.card = card
        self.by_name: dict[str, list[Property]] = defaultdict(list)
        for item in card.properties:
            self.by_name[item.name].append(item)
        self.labels = {
            item.group: tidy_label(item.text())
            for item in self.by_name.get("X-ABLABEL", ())
            if item.group
        }
        self.values: dict[str, Any] = {}
        self.problems: list[tuple[str, str, str]] = []
        self.notes: list[str] = []
        self.more: dict[str, None] = {}  # "Label: value", each once, behind the notes
        self.spool = spool

    def record(self) -> Given | str:
        """Return the record, or why there is none."""
        kind = (self._first("KIND") or self._first("X-ADDRESSBOOKSERVER-KIND")).casefold()
        if kind in _LISTS:
            return (
                "This card is a list of people, not a person. Its members come in with their "
                "own cards; tag them to keep them together."
            )
        if kind in _OTHERS:
            return f"This card is a {kind}, neither a person nor a company; it was left out."
        self._organisation(kind)
        self._points()
        self._addresses()
        self._birthday()
        self._other_fields()
        self._files()
        self._leftovers()
        self._describe()
        is_company = self.values.pop("is_company")
        if "name" not in self.values and not self.values.get("points"):
            return (
                "This card names nobody: it has no name, no e-mail and no phone. Add one of them."
            )
        if self.card.remark:
            self.problems.append(("", "", self.card.remark))
        return Given("company" if is_company else "contact", self.values, self.problems)

    def _take(self, name: str) -> list[Property]:
        return self.by_name.pop(name, [])

    def _first(self, name: str) -> str:
        return next((text for item in self.by_name.get(name, ()) if (text := item.text())), "")

    def _put(self, key: str, text: str) -> None:
        tidy = " ".join(text.split())
        if not tidy:
            return
        limit = _LIMITS[key]
        if len(tidy) > limit:
            reason = (
                f"This text has {len(tidy):,} characters; the first {limit} were taken and the "
                "whole text stands in the description."
            )
            self.problems.append((key, tidy[:limit], reason))
            self._tell(key.replace("_", " ").capitalize(), tidy)
        self.values[key] = tidy[:limit]

    def _tell(self, label: str, text: str) -> None:
        """Keep in the description what has no field; each saying once."""
        tidy = text.strip()
        if len(tidy) > _LONGEST:
            self.problems.append((label, tidy[:80], _cut(tidy, _LONGEST)))
        if tidy:
            self.more[f"{label}: {tidy[:_LONGEST]}"] = None

    def _organisation(self, kind: str) -> None:
        """Take names: of the person, of the company, or of a company alone."""
        names = names_of(self._take("N"), self._take("FN"), self._take("ORG"))
        shown_as_company = self._first("X-ABSHOWAS").upper() == "COMPANY"
        is_company = kind in _COMPANIES or (
            not names.is_person
            and (shown_as_company or names.shows_company)
            and bool(names.shown or not self._first("NICKNAME"))
        )
        self.values["is_company"] = is_company
        if is_company:
            self._put("name", next(iter(names.shown), names.company))
            if names.given:
                self._tell("Contact", names.composed)
        else:
            self._person(names)
        for place, (company, *departments) in enumerate(names.units):
            if place and company != names.company:
                self._tell("Company", company)
            self._tell("Department", ", ".join(departments))
        for other in names.shown[1:]:
            if other != self.values.get("name"):
                self._tell("Name", other)

    def _person(self, names: Names) -> None:
        nicknames = [nick for item in self._take("NICKNAME") for nick in item.listed()]
        name = names.name
        if not name and nicknames:
            name = nicknames.pop(0)
        self._put("name", name)
        self._put("given_name", names.given)
        self._put("middle_name", names.middle)
        self._put("family_name", names.family)
        self._put("company", names.company)
        for label, part in (("Prefix", names.prefix), ("Suffix", names.suffix)):
            if part not in self.values.get("name", ""):
                self._tell(label, part)
        self._tell("Nickname", ", ".join(nicknames))

    def _points(self) -> None:
        reader = PointReader(self.labels)
        reader.emails(self._take("EMAIL"))
        reader.phones([*self._take("TEL"), *self._take("X-MS-TEL")])
        sites = self._take("URL")
        if self.values["is_company"] and sites:
            self._put("website", sites[0].text())
        reader.sites(sites)
        handles = [
            *self._take("IMPP"),
            *self._take("X-SOCIALPROFILE"),
            *self._take("SOCIALPROFILE"),
        ]
        for name in HANDLES:
            handles += self._take(name)
        reader.handles(handles)
        if reader.points:
            self.values["points"] = reader.points
        self.problems += reader.problems
        for label, text in reader.rest:
            self._tell(label, text)

    def _addresses(self) -> None:
        found, cut = addresses(self._take("ADR"), self.by_name.get("LABEL", ()), self.labels)
        if found:
            self.values["addresses"] = found
            keys = ("country",) if self.values["is_company"] else ("city", "country")
            for key in keys:
                self._put(key, found[0].get(key, ""))
        reason = "This address is too long for its field; the whole stands in the description."
        for text in cut:
            self.problems.append(("Address", text[:80], reason))
            self._tell("Address", text)

    def _birthday(self) -> None:
        unread = []
        for item in self._take("BDAY"):
            text = item.text()
            found = _DAY.fullmatch(text)
            day = _date(found.groups()) if found is not None else _said(text)
            no_year = _NO_YEAR.fullmatch(text)
            if day is not None and str(day.year) == item.parameter("X-APPLE-OMIT-YEAR"):
                self._tell("Birthday", f"{day:%m-%d} (month and day; the year is not known)")
            elif no_year is not None:
                month = f"{no_year.group(1)}-{no_year.group(2)}"
                self._tell("Birthday", f"{month} (month and day; the year is not known)")
            elif day is not None and not self.values["is_company"]:
                self.values.setdefault("birthday", day)
            elif text:
                unread.append(text)
        for text in unread:
            self._tell("Birthday", text)
            if "birthday" not in self.values:
                reason = "This is no whole date; it stands in the description instead."
                self.problems.append(("Birthday", text[:80], reason))

    def _other_fields(self) -> None:
        titles = [item.text() for item in self._take("TITLE")]
        titles += [item.text() for item in self._take("ROLE")]
        for place, title in enumerate(filter(None, dict.fromkeys(titles))):
            if place == 0 and not self.values["is_company"]:
                self._put("job_title", title)
            else:
                self._tell("Job title", title)
        self.notes += [text for item in self._take("NOTE") if (text := item.text())]
        tags = [tag for item in self._take("CATEGORIES") for tag in item.listed()]
        if tags:
            self.values["tags"] = tuple(dict.fromkeys(tag[:80] for tag in tags))
        languages = sorted(self._take("LANG"), key=lambda item: item.preference)
        for place, item in enumerate(languages):
            if place == 0 and not self.values["is_company"]:
                self._put("language", item.text())
            else:
                self._tell("Language", item.text())
        for item in self._take("GENDER"):
            self._tell("Gender", _GENDERS.get(item.text().upper(), item.text().strip(";")))
        uid = self._first("UID").removeprefix("urn:uuid:")
        if 0 < len(uid) <= 300:  # noqa: PLR2004  the column's width
            self.values["external_id"] = uid
        revised = _REVISED.match(self._first("REV"))
        if revised is not None:
            moment = _moment(revised.groups())
            if moment is not None:
                self.values["modified_at"] = moment

    def _files(self) -> None:
        reader = FileReader(self.spool)
        for name in ("PHOTO", "LOGO", "SOUND", "KEY"):
            reader.take(name, self._take(name))
        for name, items in self.by_name.items():
            if name not in _ABOUT_THE_FILE:
                reader.take(name, [item for item in items if item.is_base64])
        if reader.files:
            self.values["attachments"] = reader.files
        self.problems += reader.problems
        for label, text in reader.rest:
            self._tell(label, text)

    def _leftovers(self) -> None:
        """Keep every other value: nothing that says something of somebody is lost."""
        for name, items in self.by_name.items():
            if name in _ABOUT_THE_FILE:
                continue
            for item in items:
                text = "" if item.is_base64 else item.text().strip(";, \n")
                label = self.labels.get(item.group) or _spoken(item)
                self._tell(label, text)

    def _describe(self) -> None:
        whole = "\n\n".join(filter(None, ["\n\n".join(self.notes), "\n".join(self.more)]))
        if len(whole) > _LONGEST_NOTE:
            self.problems.append(("Note", whole[:80], _cut(whole, _LONGEST_NOTE)))
        if whole:
            self.values["description"] = whole[:_LONGEST_NOTE]


def _spoken(item: Property) -> str:
    """Return a property's name as people say it: X-MS-MANAGER is "Manager"."""
    name = item.name
    prefix = next((each for each in _PREFIXES if name.startswith(each) and name != each), "")
    bare = name.removeprefix(prefix)
    words = _SPOKEN.get(bare) or bare.replace("-", " ").replace("_", " ").capitalize()
    types = [word for word in item.types if word != "pref"]
    return f"{words} ({', '.join(types)})" if types else words


def _cut(text: str, limit: int) -> str:
    return (
        f"This text has {len(text):,} characters; the first {limit:,} were taken. "
        "Attach the whole as a file."
    )


def _date(parts: Iterable[str | Any]) -> date | None:
    year, month, day = (int(part) for part in parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _said(text: str) -> date | None:
    """Return a day that is written in words or that can be read one way only."""
    order = guess_order([text])
    if order.sure or any(letter.isalpha() for letter in text):
        return parse_date(text, order if order.sure else DateOrder())
    return None


def _moment(parts: Iterable[str | Any]) -> datetime | None:
    year, month, day, hour, minute, second = (int(part) for part in parts)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
