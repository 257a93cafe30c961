"""The lines, totals and customers of orders, whatever the order in which their rows come."""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from app.exchange.books import PlainBook
from app.exchange.kinds.order import NUMBERS, Line
from app.exchange.ledger import Ledger
from app.exchange.links import LinkFinder
from app.exchange.own_tables import SYSTEM
from app.exchange.shaping import Ref, Shaped, key_of
from app.exchange.state import FileState
from app.exchange.values import phone_key
from models.values import Lifecycle, Money, OrderStatus, PointKind

# Orders of a file whose lines are counted at a time: the lines of one stand together, or nearly.
MAX_ACCOUNTS: Final = 20_000
_NO_DATE: Final = (
    "This file does not say when its orders were made: the moment of the import stands for it "
    "until a file with their dates comes."
)
_LineKey = tuple[int | None, str | None, Decimal, int]


@dataclass(slots=True)
class _Account:
    """What a file has said of one order so far."""

    by_lines: bool  # its total is the sum of its lines
    per_line: bool  # the total that stands in its rows may be that of each line
    has_status: bool
    has_refund: bool
    lines: Counter[_LineKey] = field(default_factory=Counter)


class OrderBook(PlainBook):
    """Writes lines once each: equal ones are counted, so that a second run adds none."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        super().__init__(state, ledger)
        self.directory = state.directory
        self._links = LinkFinder(state, ledger, "order")
        self._products: dict[tuple[str | None, str | None], int] = {}
        self._accounts: OrderedDict[int, _Account] = state.memory.setdefault(
            "orders", OrderedDict()
        )

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Find or make products and customers, before any order that will point to them."""
        taken = [each for each in shaped if not each.draft.reject]
        self.directory.load_children("order_line", "order_id", ids)
        self._find_products([each.extra["line"] for each in taken if "line" in each.extra], taken)
        self._find_customers(taken)

    def columns_for_new(self, shaped: Shaped) -> dict[str, Any]:
        """Return moment, currency and sums, which every order has."""
        values = shaped.draft.values
        columns: dict[str, Any] = {"currency": self._currency(shaped)}
        if "at" not in shaped.columns:
            columns["at"] = self.ledger.moment
            if _NO_DATE not in self.state.complained:
                self.state.complained.add(_NO_DATE)
                shaped.draft.complain("at", "", _NO_DATE)
        columns |= _sums(values, columns["currency"], shaped.columns.get("status"))
        return columns

    def columns_for_known(
        self, shaped: Shaped, current: dict[str, Any], *, again: bool
    ) -> dict[str, Any]:
        """Return the sums that the row states, in its currency or the order's."""
        values = shaped.draft.values
        columns: dict[str, Any] = {}
        stated = values.get("currency") or values.get("total", (None, None))[1]
        if stated:
            columns["currency"] = stated
        if current["contact_id"] is None and "company_id" in shaped.defaults:
            columns["company_id"] = shaped.defaults["company_id"]
        account = self._account(current, shaped)
        if not again and not (account.per_line and _is_of_line(shaped)):
            status = shaped.columns.get("status")
            columns |= _sums(values, stated or current["currency"], status)
        return columns

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Write the order's number and the row's line."""
        self._number(shaped, row, own=True)
        account = _Account(
            "total" not in shaped.draft.values,
            _is_of_line(shaped),
            "status" in shaped.columns,
            "refunded" in shaped.draft.values,
        )
        self._keep(row["id"], account)
        self._line(shaped, row, account, own=True)

    def write_more(self, shaped: Shaped, current: dict[str, Any], *, own: bool) -> bool:
        """Write the number and the line where they are new, and mend what stood in for a date."""
        changed = self._number(shaped, current, own=own)
        account = self._account(current, shaped)
        account.has_status |= "status" in shaped.columns
        if "total" in shaped.draft.values:
            changed = self._total(shaped, current, account, own=own) or changed
        at = shaped.columns.get("at")
        if at is not None and current["at"] == current["created_at"] and current["at"] != at:
            self.ledger.update("order", current, {"at": at}, shaped.draft.row, own=own)
            changed = True
        return self._line(shaped, current, account, own=own) or changed

    def _total(
        self, shaped: Shaped, current: dict[str, Any], account: _Account, *, own: bool
    ) -> bool:
        if account.per_line and _is_of_line(shaped):
            account.by_lines = True
            return False
        sums = _sums(shaped.draft.values, current["currency"], current["status"])
        differ = {key: value for key, value in sums.items() if current[key] != value}
        if not differ:
            account.by_lines = False
            return False
        if account.by_lines:
            account.by_lines = False
            self.ledger.update("order", current, differ, shaped.draft.row, own=own)
            return True
        known = Money(current["total_minor"], current["currency"]).text()
        given = str(shaped.draft.values["total"][0])
        shaped.draft.complain("total", given, f"The order's total is {known}; that was kept.")
        return False

    def _currency(self, shaped: Shaped) -> str:
        values = shaped.draft.values
        line: Line | None = shaped.extra.get("line")
        sign = values.get("total", (None, None))[1] or (line.currency if line else None)
        return str(values.get("currency") or sign or self.state.region.currency)

    def _keep(self, order_id: int, account: _Account) -> None:
        self._accounts[order_id] = account
        if len(self._accounts) > MAX_ACCOUNTS:
            self._accounts.popitem(last=False)

    def _account(self, current: dict[str, Any], shaped: Shaped) -> _Account:
        order_id = current["id"]
        account = self._accounts.get(order_id)
        if account is None:
            lines = self.directory.children("order_line", order_id)
            follows = _follows(current, lines)
            per_line = follows and _is_of_line(shaped)
            account = _Account(
                follows and ("total" not in shaped.draft.values or per_line),
                per_line,
                True,
                bool(current["refunded_minor"]),
            )
            self._keep(order_id, account)
        return account

    def _number(self, shaped: Shaped, row: dict[str, Any], *, own: bool) -> bool:
        """Keep the number beside an id, so that rows with only one of them find the order."""
        number = shaped.draft.values.get("number")
        # Our own export names orders by the ids they have here: the number adds nothing.
        if number is None or number == shaped.external or self.state.plan.system == SYSTEM:
            return False
        system = f"{self.state.plan.system}{NUMBERS}"
        known = self.directory.external(row["id"])
        others = self.directory.candidates("order", f"external:{system}", number)
        if system in known or any(other != row["id"] for other in others):
            return False
        values = {
            "system": system,
            "record_kind": "order",
            "value": number,
            "record_id": row["id"],
        }
        self.add_child("external_id", values, row, shaped.draft.row, own=own)
        known[system] = number
        self.directory.add("order", f"external:{system}", number, row["id"])
        return True

    def _line(self, shaped: Shaped, order: dict[str, Any], account: _Account, *, own: bool) -> bool:
        """Add the row's line if fewer equal ones are stored than the file has spoken of."""
        line: Line | None = shaped.extra.get("line")
        if line is None:
            return False
        currency = order["currency"]
        values = {
            "order_id": order["id"],
            "product_id": self._products.get((line.code, line.name)),
            "name": line.name or line.code,
            "quantity": line.quantity.quantize(Decimal("0.001")),
            "unit_price_minor": Money.of(line.price, currency).minor,
        }
        stored = self.directory.children("order_line", order["id"])
        key = _key(values)
        account.lines[key] += 1
        if account.lines[key] <= sum(1 for each in stored if _key(each) == key):
            return False
        values["position"] = len(stored)
        # An order of an earlier chunk is undone before the products of this one: the line by itself
        own_line = own and self.directory.is_made(order["id"])
        self.add_child("order_line", values, order, shaped.draft.row, own=own_line)
        stored.append(values)
        if account.by_lines:
            self._add_up(shaped, order, account, Money.of(line.amount, currency).minor, own=own)
        return True

    def _add_up(
        self, shaped: Shaped, order: dict[str, Any], account: _Account, minor: int, *, own: bool
    ) -> None:
        """Add a line to the order's sums; what is negative was given back."""
        changes: dict[str, Any] = {}
        if minor >= 0:
            changes["total_minor"] = order["total_minor"] + minor
        elif not account.has_refund:
            changes["refunded_minor"] = order["refunded_minor"] - minor
        total = changes.get("total_minor", order["total_minor"])
        back = changes.get("refunded_minor", order["refunded_minor"])
        if not account.has_status:
            is_return = not total and back > 0
            changes["status"] = OrderStatus.REFUNDED if is_return else OrderStatus.PAID
        elif order["status"] is OrderStatus.REFUNDED and not account.has_refund:
            changes["refunded_minor"] = max(total, back)
        differ = {key: value for key, value in changes.items() if order[key] != value}
        if differ:
            self.ledger.update("order", order, differ, shaped.draft.row, own=own)

    def _find_products(self, lines: Sequence[Line], taken: Sequence[Shaped]) -> None:
        """Find each line's product by code, else by name; make those that nobody knows."""
        rows = {id(each.extra["line"]): each.draft.row for each in taken if "line" in each.extra}
        self.directory.ask("product", "code", [line.code for line in lines if line.code])
        named = [line for line in lines if line.name]
        self._links.ask("product", [str(line.name) for line in named])
        ids = [
            record_id
            for line in named
            for record_id in self.directory.candidates(
                "product", "name", key_of("product", str(line.name))
            )
        ]
        self.directory.load("product", ids)
        for line in lines:
            sort = line.code, line.name
            if sort == (None, None) or sort in self._products:
                continue
            found = self._product(line)
            if found is None:
                more = {"code": line.code} if line.code else {}
                found = self._links.make(
                    "product", str(line.name or line.code), rows[id(line)], **more
                )
                if line.code:
                    self.directory.add("product", "code", line.code, found)
            self._products[sort] = found

    def _product(self, line: Line) -> int | None:
        if line.code:
            by_code = self.directory.candidates("product", "code", line.code)
            if by_code:
                return by_code[0]
        if not line.name:
            return None
        for found in self.directory.candidates("product", "name", key_of("product", line.name)):
            code = (self.directory.current(found) or {}).get("code")
            if not line.code or not code or code == line.code:
                return found
        return None

    def _find_customers(self, taken: Sequence[Shaped]) -> None:
        """Make a customer of whom only the id is known, for a later file to name."""
        space = f"external:{self.state.plan.system}"
        wanted = [(each, ref) for each in taken for ref in each.extra.get("waiting", ())]
        self.directory.ask("company", space, [ref.value for _, ref in wanted])
        for each, ref in wanted:
            if ref.column == "contact_id":
                self._customer(each, ref, space)
        self.directory.load(
            "contact", [x for each in taken if (x := each.columns.get("contact_id"))]
        )
        for each in taken:
            self._enrich(each)

    def _customer(self, shaped: Shaped, ref: Ref, space: str) -> None:
        shaped.extra["waiting"] = [other for other in shaped.extra["waiting"] if other is not ref]
        if shaped.columns.get("contact_id") is not None:
            return
        company = self.directory.candidates("company", space, ref.value)
        if company:
            shaped.columns.setdefault("company_id", company[0])
            return
        known = self.directory.candidates("contact", space, ref.value)
        if not known:
            number = shaped.draft.row
            made = self._links.make("contact", f"Customer {ref.value}"[:300], number)
            values = {
                "system": self.state.plan.system,
                "record_kind": "contact",
                "value": ref.value,
                "record_id": made,
            }
            contact = self.directory.current(made) or {}
            self.ledger.insert("external_id", values, version=contact["row_version"])
            self.directory.external(made)[self.state.plan.system] = ref.value
            self.directory.add("contact", space, ref.value, made)
            known = [made]
        shaped.columns["contact_id"] = known[0]
        if self.state.plan.table.stated is None and "company_id" not in shaped.columns:
            # Whether the id is of a person or of a company shows when the customers come.
            shaped.extra["waiting"].append(Ref("company_id", ("company",), ref.value))

    def _enrich(self, shaped: Shaped) -> None:
        """Take the company from the customer; say of a customer made here that it has bought."""
        contact_id = shaped.columns.get("contact_id")
        contact = self.directory.current(contact_id) if contact_id is not None else None
        if contact is None:
            return
        company_id = contact.get("company_id")
        if company_id is not None:
            shaped.defaults["company_id"] = company_id  # later it may be another's
        if self.state.touched.get(contact["id"]) != "made" or not self.directory.is_made(
            contact["id"]
        ):
            return
        changes: dict[str, Any] = {}
        if contact.get("lifecycle") is not Lifecycle.CUSTOMER:
            changes["lifecycle"] = Lifecycle.CUSTOMER
        phone = shaped.draft.values.get("contact_phone")
        if phone and not contact.get("phone"):
            normal = phone_key(phone, self.state.region.phone_region)
            changes |= {"phone": phone[:64], "phone_key": normal[:64]}
            values = {"contact_id": contact["id"], "kind": PointKind.PHONE, "value": phone}
            values |= {"normal": normal, "is_primary": True}
            self.ledger.insert("contact_point", values, version=contact["row_version"])
        if changes:
            self.ledger.update("contact", contact, changes, shaped.draft.row, own=True)


def _sums(values: dict[str, Any], currency: str, status: OrderStatus | None) -> dict[str, Any]:
    """Return what a row states of an order's sums; a negative total was given back."""
    sums: dict[str, Any] = {}
    if "refunded" in values:
        sums["refunded_minor"] = abs(Money.of(values["refunded"][0], currency).minor)
    if "total" in values:
        minor = Money.of(values["total"][0], currency).minor
        sums["total_minor"] = max(minor, 0)
        if minor < 0:
            sums.setdefault("refunded_minor", -minor)
        elif status is OrderStatus.REFUNDED:
            sums.setdefault("refunded_minor", minor)
    return sums


def _is_of_line(shaped: Shaped) -> bool:
    """Say whether the total in a row is no more than its line's."""
    line: Line | None = shaped.extra.get("line")
    total = shaped.draft.values.get("total", (None, None))[0]
    return line is not None and total is not None and line.amount == total


def _key(line: dict[str, Any]) -> _LineKey:
    # Lines made in the window name their product by its id alone.
    name = line["name"] if line["product_id"] is None else None
    return line["product_id"], name, Decimal(line["quantity"]), line["unit_price_minor"]


def _follows(order: dict[str, Any], lines: Sequence[dict[str, Any]]) -> bool:
    """Say whether a stored order's sums come from its lines: then a further one adds to them."""
    if not lines:
        return not order["total_minor"] and not order["refunded_minor"]
    sums = [(line["quantity"] * line["unit_price_minor"], abs(line["quantity"])) for line in lines]
    net = order["total_minor"] - order["refunded_minor"]
    # Unit prices are kept in whole cents: each piece may be off by half of one.
    return bool(abs(net - sum(s for s, _ in sums)) <= sum(q for _, q in sums) / 2 + 1)
