"""What every part of the demo shares: sizes, people of ours, products, prices and moments."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.demo.moments import Moments
from app.demo.words import words
from models.ids import new_id
from models.records import Record
from models.values import LostReason, StageType, currency_exponent

Row = dict[str, Any]
TableRow = tuple[type[Record], Row]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of each."""

    contacts: int
    companies: int
    deals: int
    tickets: int
    orders: int
    events: int
    users: int

    @classmethod
    def of(
        cls, contacts: int, deals: int | None, tickets: int | None, events: int | None
    ) -> "Sizes":
        """Return sizes in proportion; what grows history more than lists is capped."""
        return cls(
            contacts=contacts,
            companies=(contacts + 3) // 4,
            deals=min(contacts * 2, 20_000) if deals is None else deals,
            tickets=min(contacts // 2, 10_000) if tickets is None else tickets,
            orders=min(contacts * 3 // 2, 30_000),
            events=min(contacts * 5, 50_000) if events is None else events,
            users=8 + min(16, contacts // 5_000),
        )


@dataclass(frozen=True, slots=True)
class StagePlan:
    """A stage of the pipeline that the deals go through."""

    id: int
    type: StageType
    probability: int
    rotting_days: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What the workspace holds already and the demo builds upon."""

    currency: str
    pipeline_id: int
    stages: tuple[StagePlan, ...]
    user_id: int | None
    user_name: str | None
    users: int
    sources: dict[str, int]  # name_key → id
    tags: dict[str, int]
    fields: frozenset[tuple[str, str]]
    last_ticket: int

    @property
    def open_stages(self) -> list[StagePlan]:
        """The stages in which a deal is still open, in their order."""
        return [stage for stage in self.stages if stage.type is StageType.OPEN]

    def closing(self, kind: StageType) -> StagePlan:
        """Return the stage of won or of lost deals."""
        return next(stage for stage in self.stages if stage.type is kind)


@dataclass(slots=True)
class OurUser:
    """One of us."""

    id: int
    name: str
    region: str
    sells: bool
    win: float
    team: str


@dataclass(slots=True)
class Firm:
    """A company as planned."""

    id: int
    name: str
    domain: str
    country: Row
    city: tuple[str, str]
    industry: str
    scale: float
    employees: int
    owner: int
    created: date
    parent_id: int | None = None
    people: list[int] = field(default_factory=list)
    open_deal: int | None = None
    won: int = 0


@dataclass(slots=True)
class Person:
    """A contact as planned."""

    id: int
    name: str
    given: str
    family: str
    mail: str
    culture: str
    title: str | None
    firm: int | None
    country: Row
    city: tuple[str, str]
    owner: int
    created: date
    has_won: bool = False
    has_open: bool = False
    has_lost: bool = False


@dataclass(slots=True)
class DealPlan:
    """A deal as planned, before its rows are written."""

    id: int
    template: Row
    firm: int
    person: int
    owner: int
    source: int
    kind: StageType
    died_in: int  # index of the open stage it is in, or was in last
    opened: datetime
    ended: datetime  # the closing, or for open deals the last touch
    rotting: bool = False
    reason: LostReason | None = None
    note: str | None = None
    name: str = ""
    amount_minor: int = 0
    currency: str = ""
    lines: list[tuple[int, int, int]] = field(default_factory=list)  # product, quantity, price


class Office:
    """The office under construction."""

    def __init__(self, seed: int, now: datetime, sizes: Sizes, ground: Ground) -> None:
        self.seed = seed
        self.sizes = sizes
        self.ground = ground
        self.moments = Moments(now)
        self.currency = ground.currency
        self.users: list[OurUser] = []
        self.source_ids: list[int] = []
        self.campaigns: list[tuple[int, date]] = []
        self.products = [(new_id(), product) for product in words("office")["products"]]
        self.product_place = {p["code"]: i for i, (_id, p) in enumerate(self.products)}
        self.firms: list[Firm] = []
        self.people: list[Person] = []
        self.deals: list[DealPlan] = []
        self.order_numbers: list[str] = []
        self._per_euro = {k: Decimal(v) for k, v in words("places")["per_euro"].items()}

    @property
    def sellers(self) -> list[int]:
        """The places in `users` of those who sell."""
        return [i for i, user in enumerate(self.users) if user.sells]

    @property
    def supporters(self) -> list[int]:
        """The places in `users` of those who answer tickets."""
        return [i for i, user in enumerate(self.users) if not user.sells]

    def price(self, euros: float | Decimal, currency: str | None = None) -> int:
        """Return minor units of an amount thought of in euros, rounded as prices are."""
        code = currency or self.currency
        # A currency without an entry is taken as if it were worth a euro.
        major = Decimal(str(euros)) * self._per_euro.get(code, Decimal(1))
        step = Decimal(1) if major >= 20 else Decimal("0.1")  # noqa: PLR2004  round prices
        rounded = (major / step).quantize(Decimal(1)) * step
        return int(rounded.scaleb(currency_exponent(code)))

    def rates(self) -> dict[str, Decimal]:
        """Return what one unit of the usual currencies is worth in the workspace's own."""
        own = self._per_euro.get(self.currency, Decimal(1))
        return {
            code: (own / self._per_euro[code]).quantize(Decimal("0.0001"))
            for code in ("CHF", "EUR", "GBP", "USD")
            if code != self.currency
        }

    def minor_rate(self, currency: str) -> Decimal:
        """Return the factor from minor units of a currency to the workspace's."""
        if currency == self.currency:
            return Decimal(1)
        places = currency_exponent(self.currency) - currency_exponent(currency)
        return self.rates()[currency].scaleb(places)

    def person_named(self, name: str | None) -> int | None:
        """Return the place of one of the people every demo has, None where it is too small."""
        head = self.people[:40]
        return next((i for i, person in enumerate(head) if person.name == name), None)
