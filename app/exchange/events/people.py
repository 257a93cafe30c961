"""Who did it: the ids, devices and addresses of a chunk's events become contacts.

An id of the other program is trusted most, then an e-mail address, then the id of a device. A
device that two people have used is nobody's any more, and nobody has more than five.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select

from app.commands.contacts import sort_name_of
from app.exchange.events.chunks import EventChunk, Person
from app.exchange.fields import field_of
from app.exchange.ledger import TABLES, Ledger
from app.exchange.shaping import named
from app.exchange.state import FileState
from app.exchange.values import Format, UnfitValueError, email_key, phone_key, read_value
from models.values import Lifecycle, PointKind

DEVICES: Final = 5
REMEMBERED: Final = 300_000  # ids; beyond that they are asked for again
_GIVEN: Final = ("firstName", "first_name", "firstname")
_FAMILY: Final = ("lastName", "last_name", "lastname")
_EMAIL: Final = field_of("contact", "email")
_PHONE: Final = field_of("contact", "phone")


@dataclass(slots=True)
class Known:
    """What a file's import remembers of people from chunk to chunk."""

    users: dict[str, int | None] = field(default_factory=dict)
    devices: dict[str, int | None] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)  # user and device nobody knows yet

    def bound(self) -> None:
        """Forget everything where it has become too much."""
        for memory in (self.users, self.devices, self.shared, self.pairs):
            if len(memory) > REMEMBERED:
                memory.clear()


class People:
    """Finds and makes the people of one chunk."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        self.state = state
        self.ledger = ledger
        self.directory = state.directory
        self.system = state.plan.system
        self.devices = f"{state.plan.system[:48]}:anonymous"
        self.not_owned = f"{state.plan.system[:48]}:shared"
        self.known: Known = state.memory.setdefault("people", Known())
        self.joined: dict[str, int] = {}  # anonymous id → whose it is from now on
        self.problems: list[tuple[int, str, str, str]] = []
        self._counts: dict[int, int] = {}

    def meet(self, chunk: EventChunk) -> list[int | None]:
        """Return the contact of each event, having found or made whom the chunk tells of."""
        self.known.bound()
        self._ask(chunk)
        emails = {id(p): self._email(p) for p in chunk.persons}
        self.directory.ask("contact", "email", [email_key(e) for e in emails.values() if e])
        for person in chunk.persons:
            self._meet(person, emails[id(person)])
        self._devices_before()
        users, devices = self.known.users, self.known.devices
        met = {(u, a) for u, a in zip(chunk.users, chunk.anonymous, strict=True) if u and a}
        for user, device in met:
            contact = users.get(user)
            if contact is not None and device != f"{self.system}:{user}":
                self._give_device(device, contact)
        return [
            users.get(user) if user is not None else devices.get(device) if device else None
            for user, device in zip(chunk.users, chunk.anonymous, strict=True)
        ]

    def strangers(self, chunk: EventChunk) -> list[tuple[int, str, str]]:
        """Return place, user and device of events whose user nobody knows, each pair once."""
        found = []
        users, pairs = self.known.users, self.known.pairs
        for place, (user, device) in enumerate(zip(chunk.users, chunk.anonymous, strict=True)):
            if user is None or device is None or users.get(user) is not None:
                continue
            if (user, device) in pairs:
                continue
            pairs.add((user, device))
            if device != f"{self.system}:{user}":  # which is found again by itself
                found.append((place, user, device))
        return found

    def _ask(self, chunk: EventChunk) -> None:
        known = self.known
        told = chunk.persons
        users = self._unknown([*chunk.users, *(p.user for p in told)], known.users)
        devices = self._unknown([*chunk.anonymous, *(p.anonymous for p in told)], known.devices)
        self._load(users, self.system, known.users)
        self._load(devices, self.devices, known.devices)
        self.directory.ask("contact", f"external:{self.not_owned}", devices)
        for device in devices:
            if self.directory.candidates("contact", f"external:{self.not_owned}", device):
                known.shared.add(device)
                known.devices[device] = None

    def _unknown(self, ids: Iterable[str | None], known: dict[str, int | None]) -> list[str]:
        return [x for x in set(ids) - known.keys() if x is not None]

    def _load(self, ids: Sequence[str], system: str, into: dict[str, int | None]) -> None:
        space = f"external:{system}"
        self.directory.ask("contact", space, ids)
        for each in ids:
            found = self.directory.candidates("contact", space, each)
            into[each] = found[0] if found else None

    def _meet(self, person: Person, email: str | None) -> None:
        user, device = person.user, person.anonymous
        contact = self.known.users.get(user) if user is not None else None
        if contact is None and email is not None:
            contact = self._by_email(email, user)
        if contact is None and device is not None:
            owner = self.known.devices.get(device)
            if owner is not None and not (user and self._has_id(owner)) and email is None:
                contact = owner
        if contact is None:
            contact = self._make(person, email)
        if user is not None and self.known.users.get(user) is None:
            self._give_id(self.system, user, contact)
            self.known.users[user] = contact
            self.joined[f"{self.system}:{user}"] = contact
        if device is not None:
            self._give_device(device, contact)

    def _devices_before(self) -> None:
        """Add the devices that users of this chunk have had before anybody knew them."""
        start = f"{self.system}:"
        users = {key.removeprefix(start): who for key, who in self.joined.items()
                 if key.startswith(start)}  # fmt: skip
        if not users:
            return
        session = self.directory.session
        assert session is not None  # noqa: S101  begin() comes first
        pending, event = TABLES["pending_link"].c, TABLES["event"].c
        statement = (
            select(pending.value, event.anonymous_id)
            .join(TABLES["event"], event.id == pending.record_id)
            .where(
                pending.system == self.system,
                pending.target_kind == "contact",
                pending.record_kind == "event",
                self.directory.among(pending.value, list(users)),
            )
        )
        rows = [(user, device) for user, device in session.execute(statement) if device]
        self._load(
            self._unknown((device for _, device in rows), self.known.devices),
            self.devices,
            self.known.devices,
        )
        for user, device in rows:
            self._give_device(device, users[user])

    def _by_email(self, email: str, user: str | None) -> int | None:
        """Return who has an address; of two ids of one program nobody is both."""
        for found in self.directory.candidates("contact", "email", email_key(email)):
            if user is None or not self._has_id(found):
                return found
        return None

    def _has_id(self, contact: int) -> bool:
        self.directory.load_external("contact", [contact])
        return self.system in self.directory.external(contact)

    def _give_id(self, system: str, value: str, contact: int) -> None:
        values = {"system": system, "record_kind": "contact", "value": value, "record_id": contact}
        current = self.directory.current(contact)
        if current is not None and self.directory.is_made(contact):
            self.ledger.insert("external_id", values, version=current["row_version"])
        else:
            row = self.ledger.insert("external_id", values)
            self.ledger.note_created("external_id", row, None)
        self.directory.external(contact)[system] = value
        self.directory.add("contact", f"external:{system}", value, contact)

    def _give_device(self, device: str, contact: int) -> None:
        """Say whose a device is; of one that two people use nothing is concluded any more."""
        known = self.known
        owner = known.devices.get(device)
        if owner == contact or device in known.shared:
            return
        if owner is not None:
            known.shared.add(device)
            known.devices[device] = None
            self.joined.pop(device, None)
            self._give_id(self.not_owned, device, owner)
            return
        if self._count(contact) >= DEVICES:
            return
        self._counts[contact] += 1
        self._give_id(self.devices, device, contact)
        known.devices[device] = contact
        self.joined[device] = contact

    def _count(self, contact: int) -> int:
        if contact not in self._counts:
            session = self.directory.session
            assert session is not None  # noqa: S101  begin() comes first
            ids = TABLES["external_id"].c
            stored = 0
            if not self.directory.is_made(contact):
                stored = (
                    session.scalar(
                        select(func.count()).where(
                            ids.record_id == contact, ids.system == self.devices
                        )
                    )
                    or 0
                )
            self._counts[contact] = stored
        return self._counts[contact]

    def _email(self, person: Person) -> str | None:
        text = person.traits.get("email")
        if not isinstance(text, str) or not text.strip():
            return None
        try:
            email: str = read_value(text, _EMAIL, Format())
        except UnfitValueError as error:
            self.problems.append((person.row, "email", text[:500], str(error)))
            return None
        return email

    def _make(self, person: Person, email: str | None) -> int:
        """Make a contact of what somebody has said of themselves."""
        traits = person.traits
        given, family = _first(traits, _GIVEN), _first(traits, _FAMILY)
        name = _text(traits.get("name")) or " ".join(x for x in (given, family) if x)
        phone = self._phone(person)
        name = (name or email or phone or person.user or person.anonymous or "?")[:300]
        values = {**named("contact", name), "sort_name": sort_name_of(name, given, family)}
        values["lifecycle"] = Lifecycle.LEAD
        if given:
            values["given_name"] = given[:150]
        if family:
            values["family_name"] = family[:150]
        title = _text(traits.get("title"))
        if title:
            values["job_title"] = title[:200]
        points = []
        if email:
            values |= {"email": email, "email_key": email_key(email)}
            points.append((PointKind.EMAIL, email, email_key(email)))
        if phone:
            normal = phone_key(phone, self.state.region.phone_region)
            values |= {"phone": phone[:64], "phone_key": normal[:64]}
            points.append((PointKind.PHONE, phone, normal))
        row = self.ledger.insert("contact", values)
        self.ledger.note_created("contact", row, person.row)
        self.directory.add_made(row)
        for kind, value, normal in points:
            point = {"contact_id": row["id"], "kind": kind, "value": value, "normal": normal}
            self.ledger.insert(
                "contact_point", {**point, "is_primary": True}, version=row["row_version"]
            )
        if email:
            self.directory.add("contact", "email", email_key(email), row["id"])
        return int(row["id"])

    def _phone(self, person: Person) -> str | None:
        text = _text(person.traits.get("phone"))
        if not text:
            return None
        try:
            phone: str = read_value(text, _PHONE, Format())
        except UnfitValueError as error:
            self.problems.append((person.row, "phone", text[:500], str(error)))
            return None
        return phone


def _text(value: Any) -> str:
    return " ".join(value.replace("\x00", "").split()) if isinstance(value, str) else ""


def _first(traits: dict[str, Any], keys: Iterable[str]) -> str:
    return next((text for key in keys if (text := _text(traits.get(key)))), "")
