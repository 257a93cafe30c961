"""What a draft's values mean for its record: columns, links, keys to be found by, children."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.commands.contact_points import domain_of, website_key
from app.commands.contacts import sort_name_of
from app.exchange.choices import word_in
from app.exchange.drafts import Draft
from app.exchange.fields import KINDS
from app.exchange.made_points import made_points, more_of_contact
from app.exchange.numbered import numbered_values
from app.exchange.plan import MatchBy, Region
from app.exchange.values import email_key, phone_key
from models.values import Money, PointKind, Role, company_key, fold, name_key


@dataclass(slots=True)
class Point:
    """A way to reach somebody."""

    kind: PointKind
    value: str
    normal: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A link by the other program's id: the first of `kinds` that knows it is the target."""

    column: str
    kinds: tuple[str, ...]
    value: str


@dataclass(slots=True)
class Shaped:
    """A draft ready to be matched: own columns, links by name, keys in order of trust."""

    draft: Draft
    columns: dict[str, Any] = field(default_factory=dict)
    links: dict[str, tuple[str, str]] = field(default_factory=dict)  # column → kind, name
    keys: list[tuple[str, str]] = field(default_factory=list)  # space, key
    points: list[Point] = field(default_factory=list)
    address: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    external: str | None = None
    defaults: dict[str, Any] = field(default_factory=dict)  # for new records only
    soft: dict[str, Any] = field(default_factory=dict)  # concluded: fills blanks only
    extra: dict[str, Any] = field(default_factory=dict)
    refs: list["Ref"] = field(default_factory=list)
    addresses: list[dict[str, Any]] = field(default_factory=list)  # more of them, with a label
    custom: dict[str, Any] = field(default_factory=dict)  # made field key → value


@dataclass(frozen=True, slots=True)
class Shaper:
    """Shapes the drafts of one file."""

    system: str
    region: Region
    match_by: frozenset[MatchBy] = frozenset(MatchBy)
    owner: str = ""  # whose messages the file holds

    def shape(self, draft: Draft) -> Shaped:
        """Return what a draft means; nothing where it cannot be taken."""
        shaped = Shaped(draft)
        if draft.reject:
            return shaped
        values, kind = draft.values, draft.kind
        external = values.get("external_id")
        if external is not None and not _BLOCKED.fullmatch(external):
            shaped.external = external
            shaped.keys.append((f"external:{self.system}", external))
        shape = _SHAPES.get(kind) or _later(kind)
        shape(self, shaped, values)
        shaped.tags = values.get("tags", ())
        _more(self, shaped, values)
        if len(self.match_by) < len(MatchBy):
            shaped.keys = [key for key in shaped.keys if _space_is_wanted(key[0], self.match_by)]
        return shaped

    def money(
        self, shaped: Shaped, field_key: str, column: str, *, own_currency: bool = True
    ) -> None:
        """Put an amount into its column, with the currency of its sign, its column or the workspace."""  # noqa: E501  data, kept on its line
        values = shaped.draft.values
        if field_key not in values:
            return
        amount, sign = values[field_key]
        currency = values.get("currency") or sign or self.region.currency
        shaped.columns[column] = Money.of(amount, currency).minor
        if own_currency:
            shaped.columns["currency"] = currency

    def point(self, shaped: Shaped, kind: PointKind, key: str, label: str | None = None) -> None:
        """Add a value as a way to reach somebody, once."""
        self.add_point(shaped, kind, shaped.draft.values.get(key), label)

    def add_point(
        self, shaped: Shaped, kind: PointKind, text: str | None, label: str | None = None
    ) -> None:
        """Add a text as a way to reach somebody, once."""
        if not text:
            return
        if kind is PointKind.EMAIL:
            normal = email_key(text)
        elif kind is PointKind.PHONE:
            normal = phone_key(text, self.region.phone_region)
        else:
            normal = website_key(text) if kind is PointKind.WEBSITE else text.strip().casefold()
        if normal and all(p.kind is not kind or p.normal != normal for p in shaped.points):
            shaped.points.append(Point(kind, text, normal[:2000], label))


LIMITS: Final = {"user": 200, "lead_source": 120}  # characters of a name; of others 300
UNNAMED: Final = "import"  # the system of files whose program is not known
PRINTS: Final = "row"  # the system under which digests of rows are kept
_BLOCKED: Final = re.compile(r"[0-]*|-1|null|none|n/?a|unknown|anonymous|undefined", re.IGNORECASE)


@lru_cache(maxsize=8192)  # a linked name is asked for, compared, made and stored
def key_of(kind: str, name: str) -> str:
    """Return the key under which a record of a kind is found by name; of long ones the start."""
    limit = LIMITS.get(kind, 300)
    name = name[:limit]
    if kind == "company":
        return company_key(name)[:300] or fold(name)[:300]
    if kind == "deal":
        return fold(name)[:300]
    return name_key(name)[:limit] or fold(name)[:limit]


def named(kind: str, name: str) -> dict[str, Any]:
    """Return the columns that hold a name, in every form the kind keeps."""
    columns: dict[str, Any] = {"name": name}
    if kind != "deal":
        columns["name_key"] = key_of(kind, name)
    if kind in {"company", "deal"}:
        columns["sort_name"] = fold(name)[:300]
    elif kind == "contact":
        columns["sort_name"] = sort_name_of(name, None, None)
    return columns


def copy(shaped: Shaped, *keys: str) -> None:
    """Take fields as they are into the columns of the same names."""
    values = shaped.draft.values
    for key in keys:
        if key in values:
            shaped.columns[key] = values[key]


def link(shaped: Shaped, key: str, kind: str, column: str | None = None) -> None:
    """Link by the name in a field, where it has one."""
    name = shaped.draft.values.get(key)
    if name:
        shaped.links[column or f"{key}_id"] = (kind, name)


@lru_cache(maxsize=512)
def _is_zone(name: str) -> bool:
    """Say whether a name is one of the time zones that every computer knows."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _user(shaper: Shaper, shaped: Shaped, values: Mapping[str, Any]) -> None:
    del shaper
    name = values.get("name") or " ".join(
        values[k] for k in ("given_name", "family_name") if k in values
    )
    email = values.get("email")
    shaped.columns.update(named("user", str(name or email)[:200]))
    copy(shaped, "email", "team", "region")
    zone = values.get("time_zone")
    if zone is not None and _is_zone(zone):
        shaped.columns["time_zone"] = zone
    elif zone is not None:
        shaped.draft.complain("time_zone", zone, "This time zone is not known; it was left out.")
    if "team" not in values and "manager" in values:
        shaped.soft["team"] = values["manager"]  # a team without a name is its manager's
    if "role" in values:
        word = fold(values["role"])
        role = next((r for r in Role if r.value == word), None)
        if role is Role.READER:
            shaped.columns["role"] = role
    if email:
        shaped.keys.append(("email", email.casefold()))
    shaped.keys.append(("name", shaped.columns["name_key"]))
    link(shaped, "manager", "user")
    shaped.defaults = {"role": Role.MEMBER}


def _company(shaper: Shaper, shaped: Shaped, values: Mapping[str, Any]) -> None:
    shaped.columns.update(named("company", values["name"]))
    copy(shaped, "industry", "employees", "founded_year", "country", "vat_number",
          "description", "website")  # fmt: skip
    domain = domain_of(values.get("domain")) or domain_of(values.get("website"))
    if domain:
        shaped.columns["domain"] = domain
    shaper.money(shaped, "annual_revenue", "annual_revenue_minor")
    shaped.keys.append(("name", shaped.columns["name_key"]))
    link(shaped, "parent", "company")
    link(shaped, "owner", "user")
    link(shaped, "lead_source", "lead_source")
    shaper.point(shaped, PointKind.EMAIL, "email")
    shaper.point(shaped, PointKind.PHONE, "phone")
    shaped.address = address_of(values)


_FOUND_BY: Final = {PointKind.EMAIL: "email", PointKind.PHONE: "phone"}


def address_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the address that a row holds in its usual columns."""
    keys = ("street", "postal_code", "city", "region", "country")
    found = {key: values[key] for key in keys if key in values}
    # City or country alone stand in the record's own columns.
    return found if found.keys() & {"street", "postal_code", "region"} else {}


def _product(shaper: Shaper, shaped: Shaped, values: Mapping[str, Any]) -> None:
    shaped.columns.update(named("product", values.get("name") or values["code"]))
    copy(shaped, "code", "category", "description", "is_active")
    shaper.money(shaped, "price", "price_minor")
    if "code" in values:
        shaped.keys.append(("code", values["code"]))
    shaped.keys.append(("name", shaped.columns["name_key"]))
    shaped.defaults = {"is_active": True}


def _deal(shaper: Shaper, shaped: Shaped, values: Mapping[str, Any]) -> None:
    copy(shaped, "probability", "description", "opened_on", "expected_close_on")
    shaper.money(shaped, "amount", "amount_minor")
    name = values.get("name")
    if not name:
        # "GTX Plus Basic for Cancity" says more than a number.
        what = values.get("product") or values.get("external_id") or "Deal"
        for_whom = values.get("company") or values.get("contact")
        name = f"{what} for {for_whom}" if for_whom else what
        shaped.extra["named_by_us"] = True
    shaped.columns.update(named("deal", name[:300]))
    # Many deals share a name; an id leaves no doubt, unless another file uses it for another deal.
    if shaped.external is None or is_loose(shaper.system, shaped.external):
        shaped.keys.append(("name", shaped.columns["sort_name"]))
    link(shaped, "company", "company")
    link(shaped, "owner", "user")
    link(shaped, "lead_source", "lead_source")
    link(shaped, "product", "product", "product")
    link(shaped, "contact", "contact")
    for key in ("stage", "pipeline", "closed_on", "lost_reason", "quantity", "contact_email"):
        if key in values:
            shaped.extra[key] = values[key]


def is_loose(system: str, key: str) -> bool:
    """Say whether an id is one that two files may use for two records: "customer 1"."""
    return system == UNNAMED or key.startswith("@")


def by_print(shaped: Shaped, keys: Iterable[str]) -> None:
    """Find what has neither id nor name again by a digest of its values."""
    if shaped.external is None:
        values = shaped.draft.values
        text = "\x1f".join(str(values.get(key, "")) for key in keys)
        digest = hashlib.sha256(text.encode()).hexdigest()[:40]
        shaped.extra["print"] = digest
        shaped.keys.append((f"external:{PRINTS}", digest))


def _activity(shaper: Shaper, shaped: Shaped, values: Mapping[str, Any]) -> None:
    from app.exchange.choices import DIRECTIONS, KINDS_OF_ACTIVITY, OUTCOMES, kind_of_activity

    del shaper, KINDS_OF_ACTIVITY
    copy(shaped, "subject", "body", "at", "duration_seconds")
    shaped.columns["kind"] = kind_of_activity(values.get("kind", ""))
    for key, words in (("direction", DIRECTIONS), ("outcome", OUTCOMES)):
        if key in values and (choice := word_in(words, values[key])) is not None:
            shaped.columns[key] = choice
    link(shaped, "company", "company")
    link(shaped, "user", "user")
    link(shaped, "contact", "contact")
    link(shaped, "deal", "deal")
    by_print(shaped, KINDS["activity"].fields)
    if "contact_email" in values:
        shaped.extra["contact_email"] = values["contact_email"]
    if "owner_ref" in values:
        shaped.refs.append(Ref("user_id", ("user",), values["owner_ref"]))


Shape = Callable[["Shaper", Shaped, Mapping[str, Any]], None]


@lru_cache(maxsize=32)
def _later(kind: str) -> Shape:
    """Return how a kind of `app.exchange.kinds` is shaped."""
    shape: Shape = import_module(f"app.exchange.kinds.{kind}").shape
    return shape


def _space_is_wanted(space: str, wanted: frozenset[MatchBy]) -> bool:
    """Say whether records may be found by a key; ids of this program's own prints always."""
    if space in _PERSONAL:
        return _PERSONAL[space] in wanted
    if space == f"external:{PRINTS}":
        return True
    return (MatchBy.ID if space.startswith("external:") else MatchBy.NAME) in wanted


def _more(shaper: Shaper, shaped: Shaped, values: Mapping[str, Any]) -> None:
    """Take what every kind may have: links by id, made fields, points and addresses in lists."""
    if shaped.draft.plain:  # no column of the file is any of these
        if shaped.draft.kind == "contact" and shaped.points:
            _keys_of_points(shaped)
        return
    for key, column, kinds in _REFS:
        value = values.get(key)
        if value and column not in _NOT_A_COLUMN.get(shaped.draft.kind, ()):
            shaped.refs.append(Ref(column, kinds, value))
    for key, value in values.items():
        if key.startswith("custom:"):
            shaped.custom[key] = value
        elif key.startswith("tag:"):
            shaped.tags = tuple(dict.fromkeys((*shaped.tags, *value)))
    made = made_points(shaped.draft)
    points, addresses = numbered_values(values)
    for kind, text, label in [*made.points, *points, *values.get("points", ())]:
        shaper.add_point(shaped, kind, text, label)
    shaped.addresses = [*made.addresses, *addresses, *values.get("addresses", ())]
    if shaped.draft.kind == "contact":
        _keys_of_points(shaped)
        more_of_contact(shaped, made)


def _keys_of_points(shaped: Shaped) -> None:
    """Put addresses and numbers before the name, behind the ids, each once."""
    keys = shaped.keys
    new = []
    for point in shaped.points:
        space = _FOUND_BY.get(point.kind)
        if space is not None and (space, point.normal) not in keys:
            new.append((space, point.normal))
    if new:
        at = next((i for i, (space, _) in enumerate(keys) if space == "name"), None)
        keys[at:at] = new


_REFS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("company_ref", "company_id", ("company",)),
    ("contact_ref", "contact_id", ("contact",)),
    ("owner_ref", "owner_id", ("user",)),
    ("deal_ref", "deal_id", ("deal",)),
    ("parent_ref", "parent_id", ("company",)),
)
# An activity's person is in `user_id`.
_NOT_A_COLUMN: Final[Mapping[str, tuple[str, ...]]] = {"activity": ("owner_id",)}
_PERSONAL: Final = {"email": MatchBy.EMAIL, "phone": MatchBy.PHONE}
_SHAPES: Final[Mapping[str, Shape]] = {
    "user": _user,
    "company": _company,
    "product": _product,
    "deal": _deal,
    "activity": _activity,
}
