"""Names in a row become links; who is not there yet is made, for a later file to fill in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from app.exchange.kinds.message import profile_keys
from app.exchange.ledger import Ledger
from app.exchange.shaping import LIMITS, Shaped, key_of, named
from app.exchange.state import FileState
from app.exchange.values import email_key, is_blank
from models.values import Lifecycle, PointKind, Role

_NEW: Final[dict[str, dict[str, Any]]] = {
    "user": {"role": Role.MEMBER},
    "product": {"is_active": True},
    "contact": {"lifecycle": Lifecycle.LEAD},
}
_COUNTED: Final = {
    "company_id": "company",
    "contact_id": "contact",
    "owner_id": "owner",
    "user_id": "owner",
    "deal_id": "deal",
    "ticket_id": "ticket",
    "order_id": "order",
    "product_id": "product",
    "parent_id": "parent",
    "manager_id": "manager",
    "campaign_id": "campaign",
}


class LinkFinder:
    """Resolves the links of one chunk."""

    def __init__(self, state: FileState, ledger: Ledger, kind: str) -> None:
        self.state = state
        self.ledger = ledger
        self.kind = kind  # of the rows
        self.directory = state.directory

    def resolve(self, shaped: Sequence[Shaped]) -> None:
        """Turn every link of the rows into an id in its column; links to the own kind wait."""
        names: dict[str, list[str]] = defaultdict(list)
        for each in shaped:
            for kind, name in each.links.values():
                names[kind].append(name)
        for kind, wanted in names.items():
            self.ask(kind, wanted)
        self._ask_ids(shaped)
        emails = [each.extra["contact_email"] for each in shaped if "contact_email" in each.extra]
        self.directory.ask("contact", "email", [email_key(email) for email in emails])
        profiles = [
            each.extra["contact_profile"] for each in shaped if "contact_profile" in each.extra
        ]
        self.directory.ask("contact", "social", [k for url in profiles for k in profile_keys(url)])
        for each in shaped:
            if each.refs:
                self._link_refs(each)
            for column, (kind, name) in each.links.items():
                if kind not in {self.kind, "contact"} and column not in each.columns:
                    self._link(each, column, kind, name)
            if "contact_id" not in each.columns:
                self._link_contact(each)
            if "waiting" in each.extra:
                self._name_refs(each)

    def ask(self, kind: str, names: Iterable[str]) -> None:
        """Look up names, and for users addresses too."""
        wanted = list(names)
        self.directory.ask(kind, "name", [key_of(kind, name) for name in wanted])
        if kind == "user":
            self.directory.ask(kind, "email", [n.casefold() for n in wanted if "@" in n])

    def find(self, kind: str, name: str) -> int | None:
        """Return the record of a name, None where there is none yet."""
        found: Sequence[int] = ()
        if kind == "user" and "@" in name:
            found = self.directory.candidates(kind, "email", name.casefold())
        found = found or self.directory.candidates(kind, "name", key_of(kind, name))
        return found[0] if found else None

    def make(self, kind: str, name: str, number: int, **more: Any) -> int:
        """Make a record of which only the name is known."""
        short = name[: LIMITS.get(kind, 300)]
        values = {**_NEW.get(kind, {}), **named(kind, short), **more}
        if kind == "user" and "@" in name:
            values["email"] = name[:320]
        row = self.ledger.insert(kind, values)
        self.ledger.note_created(kind, row, number)
        self.directory.add_made(row)
        self.state.touched[row["id"]] = "made"
        self.directory.add(kind, "name", key_of(kind, short), row["id"])
        if kind == "user" and "@" in name:
            self.directory.add(kind, "email", name.casefold(), row["id"])
        return int(row["id"])

    def _link(self, shaped: Shaped, column: str, kind: str, name: str) -> None:
        found = self.find(kind, name)
        if found is None and kind == "deal":
            shaped.draft.complain(
                "deal", name, "There is no such deal; the row was taken without it."
            )
            return
        if found is None:
            if kind == "user":
                self._tell_unknown_user(shaped, column, name)
            found = self.make(kind, name, shaped.draft.row)
        if column == "product":
            shaped.extra["product_id"] = found
        else:
            shaped.columns[column] = found

    def _tell_unknown_user(self, shaped: Shaped, column: str, name: str) -> None:
        if name not in self.state.complained:  # once a name, not once a row
            self.state.complained.add(name)
            shaped.draft.complain(
                column.removesuffix("_id"),
                name,
                "Nobody here has this name, so a user was made. If it is somebody's other "
                "spelling, assign the records and archive the new user.",
            )

    def count(self, shaped: Shaped, links: Counter[str]) -> None:
        """Count what a row was linked to, by the words that people use."""
        for column, word in _COUNTED.items():
            if column in shaped.columns and shaped.columns[column] is not None:
                links[word] += 1

    def _ask_ids(self, shaped: Sequence[Shaped]) -> None:
        wanted: dict[str, list[str]] = defaultdict(list)
        for each in shaped:
            for ref in each.refs:
                for kind in ref.kinds:
                    wanted[kind].append(ref.value)
        for kind, values in wanted.items():
            self.directory.ask(kind, f"external:{self.state.plan.system}", values)

    def _link_refs(self, shaped: Shaped) -> None:
        """Link by the other program's ids; what is not there yet waits."""
        space = f"external:{self.state.plan.system}"
        for ref in shaped.refs:
            found = next(
                (
                    x
                    for kind in ref.kinds
                    for x in self.directory.candidates(kind, space, ref.value)
                ),
                None,
            )
            if found is not None:
                shaped.columns[ref.column] = found
            else:
                shaped.extra.setdefault("waiting", []).append(ref)

    def _name_refs(self, shaped: Shaped) -> None:
        """Give the id that a row names beside a name to the record found or made by the name."""
        system = self.state.plan.system
        left = []
        for ref in shaped.extra["waiting"]:
            target = shaped.columns.get(ref.column)
            if target is None:
                left.append(ref)
                continue
            kind = ref.kinds[0]
            if self.directory.candidates(kind, f"external:{system}", ref.value):
                continue
            self.directory.load_external(kind, [target])
            known = self.directory.external(target)
            if system in known:  # it has another id: two records of one name
                continue
            known[system] = ref.value
            row = self.ledger.insert(
                "external_id",
                {
                    "system": system,
                    "record_kind": kind,
                    "value": ref.value,
                    "record_id": target,
                },
            )
            self.ledger.note_created("external_id", row, shaped.draft.row)
            self.directory.add(kind, f"external:{system}", ref.value, target)
        shaped.extra["waiting"] = left

    def _link_contact(self, shaped: Shaped) -> None:
        if self.kind == "contact":
            return
        email = shaped.extra.get("contact_email")
        _, name = shaped.links.get("contact_id", ("", ""))
        profile = shaped.extra.get("contact_profile", "")
        known = [
            i
            for k in profile_keys(profile)
            for i in self.directory.candidates("contact", "social", k)
        ]
        if known:
            shaped.columns["contact_id"] = known[0]
        elif email:
            found = self.directory.candidates("contact", "email", email_key(email))
            shaped.columns["contact_id"] = (
                found[0] if found else self._make_contact(name or email, email, shaped)
            )
        elif name and not is_blank(name):
            found = self._contacts_named(name, shaped.columns.get("company_id"))
            shaped.columns["contact_id"] = (
                found[0] if found else self._make_contact(name, None, shaped)
            )
            if profile and not found:
                self._add_profile(shaped.columns["contact_id"], profile)

    def _contacts_named(self, name: str, company_id: int | None) -> Sequence[int]:
        ids = self.directory.candidates("contact", "name", key_of("contact", name))
        if company_id is None or len(ids) <= 1:
            return ids
        self.directory.load("contact", ids)
        there = [
            i for i in ids if (self.directory.current(i) or {}).get("company_id") == company_id
        ]
        return there or ids

    def _make_contact(self, name: str, email: str | None, shaped: Shaped) -> int:
        more: dict[str, Any] = {"company_id": shaped.columns.get("company_id")}
        if email:
            more |= {"email": email, "email_key": email_key(email)}
        record_id = self.make("contact", name, shaped.draft.row, **more)
        if email:
            made = self.directory.current(record_id) or {}
            self.ledger.insert(
                "contact_point",
                {
                    "contact_id": record_id,
                    "kind": PointKind.EMAIL,
                    "value": email,
                    "normal": email_key(email),
                    "is_primary": True,
                },
                version=made["row_version"],
            )
            self.directory.add("contact", "email", email_key(email), record_id)
        return record_id

    def _add_profile(self, contact_id: int, profile: str) -> None:
        """Give a person just made the profile by which a later row finds them."""
        made = self.directory.current(contact_id) or {}
        normal = profile.strip().casefold()
        self.ledger.insert(
            "contact_point",
            {
                "contact_id": contact_id,
                "kind": PointKind.SOCIAL,
                "value": profile,
                "normal": normal[:2000],
                "is_primary": True,
            },
            version=made["row_version"],
        )
        self.directory.add("contact", "social", normal, contact_id)
