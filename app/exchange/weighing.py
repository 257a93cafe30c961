"""What a table must say before its rows are taken for records of a kind, and how well it says so.

Single columns cannot tell: half of all tables have a "title" or a "date".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.exchange.field_types import Kind
from app.exchange.fields import KINDS
from app.exchange.shapes import ColumnLook
from models.values import name_key

Groups = tuple[frozenset[str], ...]


def _groups(*lines: str) -> Groups:
    return tuple(frozenset(line.split()) for line in lines)


# Of each kind the ways in which a table can be one: of every group at least one field is there.
_DEMANDS: Final[Mapping[str, tuple[Groups, ...]]] = {
    "user": (
        _groups("name given_name family_name email", "manager team region role"),
    ),
    "company": (
        _groups(
            "name",
            "domain website industry employees annual_revenue founded_year vat_number parent "
            "parent_ref owner owner_ref phone email street postal_code city country external_id "
            "lead_source tags",
        ),
    ),
    "product": (_groups("name", "price code category"), _groups("code", "price")),
    "contact": (
        _groups("given_name family_name email phone mobile linkedin"),
        _groups("name", "job_title company company_ref birthday lifecycle street city owner"),
    ),
    "deal": (
        _groups("name external_id company contact", "stage amount"),
        _groups("name", "pipeline expected_close_on probability", "company contact owner"),
    ),
    "stage_change": (_groups("deal_ref", "stage_ref", "at"),),
    "order": (
        _groups(
            "number external_id contact contact_email contact_ref",
            "at created_on total quantity",
            "total quantity price line_total status product sku contact contact_ref",
        ),
    ),
    "ticket": (_groups("subject description external_id", "status priority"),),
    "ticket_message": (_groups("ticket_ref", "body"),),
    "activity": (
        _groups("at", "kind", "subject body contact contact_email company deal external_id"),
        _groups(
            "at",
            "subject body",
            "direction outcome duration_seconds contact contact_email contact_ref company "
            "company_ref deal deal_ref",
        ),
    ),
    "message": (_groups("body", "sender sender_url", "recipients recipient_urls thread at"),),
    "task": (_groups("title", "due_at done_at"),),
    "appointment": (_groups("title", "starts_at"),),
    "event": (_groups("name", "at", "message_id anonymous_id user_id email person person_name"),),
}  # fmt: skip
# A header that says the kind by itself needs nothing beside it ("Company", but not "Name").
_NAMED_FOR: Final = ("company", "product")
_BARE: Final = frozenset({"name", "title", "item", "account", "size", "bezeichnung", "business",
                          "service", "customer", "client", "kunde", "organisation", "organization",
                          "organisationname", "organizationname"})  # fmt: skip
_SAYING: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(map(name_key, KINDS[kind].fields["name"].words)) - _BARE for kind in _NAMED_FOR
}
_WORD_OF: Final[Mapping[str, str]] = {"pipeline": "pipeline", "stage": "stage"}
_PERSONS: Final = ("contactname", "contactperson", "personname", "fullname")
_FIGURES: Final = 6  # columns of unexplained numbers that make a table of figures
_FEW: Final = 4
_ENOUGH_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class Mapped:
    """A table as one kind would read it: field → column."""

    headers: Sequence[str]
    looks: Sequence[ColumnLook]
    by_field: Mapping[str, int]

    def header_key(self, field: str) -> str:
        """Return a field's header as one key, empty where no column becomes the field."""
        index = self.by_field.get(field)
        return "" if index is None else name_key(self.headers[index])


def is_enough(kind: Kind, mapped: Mapped) -> bool:
    """Say whether the columns are enough to take a table for records of a kind."""
    fields = mapped.by_field.keys()
    if set(kind.needs).isdisjoint(fields) or _is_of_figures(mapped):
        return False
    if kind.key in _NAMED_FOR and any(word in mapped.header_key("name") for word in _PERSONS):
        return False
    word = _WORD_OF.get(kind.key)
    if word is not None and word not in mapped.header_key("name") + mapped.header_key(
        "external_id"
    ):
        return False
    if kind.key in _NAMED_FOR and mapped.header_key("name") in _SAYING[kind.key]:
        return True
    ways = _DEMANDS.get(kind.key)
    return ways is None or any(all(group & fields for group in way) for way in ways)


def _is_of_figures(mapped: Mapped) -> bool:
    """Say whether the columns are mostly numbers nobody explains: statistics, not records."""
    taken = set(mapped.by_field.values())
    filled = [i for i, look in enumerate(mapped.looks) if look.count]
    figures = [i for i in filled if i not in taken and mapped.looks[i].number > 0.9]  # noqa: PLR2004  nearly all
    return (
        len(taken) <= _FEW
        and len(figures) >= _FIGURES
        and len(figures) > len(filled) / 2
        and "email" not in mapped.by_field
    )


def weighed(total: float, kind: Kind, mapped: Mapped) -> float:
    """Weigh what single columns cannot say: what a table of this kind is made of."""
    fields = mapped.by_field.keys()
    total *= next((f for k, any_of, f in _WANTED if k == kind.key and not any_of & fields), 1.0)
    name = mapped.by_field.get("name")
    if (
        kind.key in {"user", "company", "product"}
        and name is not None
        and mapped.looks[name].count > _ENOUGH_ROWS
    ):
        # A table of things names each of them once; a table of deals repeats its companies.
        total *= 0.3 + 0.7 * mapped.looks[name].distinct
    if kind.key == "company" and name is None:
        total *= 0.2
    if kind.key == "contact" and "is_company" in fields:
        total *= 1.5  # people and companies in one table
    elif kind.key == "contact" and name is not None and not _of_people(mapped, name):
        total *= 0.3
    return total


def _of_people(mapped: Mapped, name: int) -> bool:
    """Say whether a column of names may be people's: "Site name" with five words is not."""
    if not _PERSONAL.isdisjoint(mapped.by_field):
        return True
    look = mapped.looks[name]
    return look.count <= _ENOUGH_ROWS or look.words <= _WORDS_OF_A_PERSON


_PERSONAL: Final = frozenset({"given_name", "family_name", "job_title", "birthday", "company"})
_WORDS_OF_A_PERSON: Final = 3.2


# Kind, what it is hardly without, and what is left of its score then.
_WANTED: Final[tuple[tuple[str, frozenset[str], float], ...]] = (
    ("deal", frozenset({"stage", "amount"}), 0.3),
    ("contact", frozenset({"given_name", "family_name", "email", "phone", "mobile",
                           "is_company"}), 0.5),
    ("user", frozenset({"manager", "team", "region", "role"}), 0.3),
    ("product", frozenset({"price", "code"}), 0.5),
    ("ticket", frozenset({"priority", "subject"}), 0.4),
    ("activity", frozenset({"kind"}), 0.5),
    ("order", frozenset({"total", "quantity", "contact_ref", "line_total", "product"}), 0.3),
    ("order", frozenset({"number", "at"}), 0.3),
    ("event", frozenset({"at"}), 0.3),
    ("task", frozenset({"due_at"}), 0.4),
)  # fmt: skip
assert {kind for kind, _, _ in _WANTED} <= KINDS.keys()  # noqa: S101  a typing error in the table
