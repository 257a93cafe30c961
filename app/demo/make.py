"""Makes the demo: plans an office, then writes it batch by batch through the one writer."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.commands.exchange_rates import KEY as RATES_KEY
from app.commands.settings import (
    WorkspaceSettings,
    change_workspace_settings,
    store_setting,
    workspace_settings,
)
from app.commands.ticket_clocks import ClockRules, calendar_of
from app.demo.basics import basic_rows, custom_rows, tag_rows
from app.demo.office import Office, Sizes, TableRow
from app.demo.people import plan_people, plan_users
from app.demo.people_rows import firm_rows, person_rows
from app.demo.plans import appointment_rows, task_rows
from app.demo.sales import deal_rows, monthly_goal, plan_deals
from app.demo.service import plan_tickets, ticket_rows
from app.demo.shop import event_rows, order_rows, plan_orders
from app.demo.store import KINDS, batches, read_ground, write_rows
from app.demo.talk import activity_rows
from app.errors import UserError
from app.workspace import Workspace
from app.writer import Priority
from models.clock import now

Progress = Callable[[int, int], None]
_LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class DemoCounts:
    """How many records of each kind were written."""

    by_kind: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All records together."""
        return sum(self.by_kind.values())

    def __getattr__(self, kind: str) -> int:
        if kind.startswith("_"):
            raise AttributeError(kind)
        return self.by_kind.get(kind, 0)


def make_demo(
    workspace: Workspace,
    *,
    contacts: int = 240,
    deals: int | None = None,
    tickets: int | None = None,
    events: int | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> DemoCounts:
    """Fill a workspace that holds no records yet with a lively office; return what was written.

    Waits for the writer: call it from the command line or from a thread of your own, never from
    the GUI thread nor from inside a command. `progress(done, expected)` is called on the calling
    thread after each batch. It is not undoable; to be rid of it, throw the workspace away.

    The same seed, sizes, hour, currency and time zone give the same content: every column of every
    record but ids, `row_version` and what refers to ids. At another hour all moments move along.
    """
    for name, wanted in {
        "contacts": contacts,
        "deals": deals,
        "tickets": tickets,
        "events": events,
    }.items():
        if wanted is not None and not (1 if name == "contacts" else 0) <= wanted <= _LARGEST:
            raise UserError(
                "The number of {name} lies between {least} and {most}.",
                name=name, least=1 if name == "contacts" else 0, most=_LARGEST,
            )  # fmt: skip
    settings = workspace.read(workspace_settings)
    ground = workspace.read(read_ground, currency=settings.currency, user_id=workspace.user_id)
    sizes = Sizes.of(contacts, deals, tickets, events)
    office = Office(seed, now(), sizes, ground)
    expected = _expected(sizes)
    counts: Counter[str] = Counter()
    first = True
    for batch in batches(_rows(office, settings)):
        command = _write_first if first else write_rows
        more: dict[str, Any] = {"office": office} if first else {}
        counts.update(KINDS[record] for record, _row in batch)
        workspace.writer.submit(
            "Make the demo", command, rows=batch, undoable=False, urgency=Priority.BATCH, **more
        ).result()
        first = False
        if progress is not None:
            progress(min(counts.total(), expected), expected)
    if office.ground.user_id is None:
        workspace.set_user(office.users[0].id)
    if progress is not None:
        progress(expected, expected)
    return DemoCounts(dict(counts))


def _write_first(session: Session, *, rows: list[TableRow], office: Office) -> int:
    change_workspace_settings(session, monthly_goal_minor=monthly_goal(office))
    rates: dict[str, Decimal] = office.rates()
    store_setting(session, RATES_KEY, {code: str(rate) for code, rate in rates.items()})
    session.flush()
    return write_rows(session, rows=rows)


def _rows(office: Office, settings: WorkspaceSettings) -> Iterator[TableRow]:
    """Plan everything, then give every row after those it refers to."""
    rules = ClockRules(calendar_of(settings), settings.targets)
    users = list(plan_users(office))
    basics = list(basic_rows(office))
    plan_people(office)
    plan_deals(office)
    orders = plan_orders(office)
    cases = plan_tickets(office, rules)
    yield from users
    yield from basics
    yield from firm_rows(office)
    yield from person_rows(office)
    yield from deal_rows(office)
    yield from ticket_rows(office, cases, rules)
    yield from activity_rows(office)
    yield from task_rows(office)
    yield from appointment_rows(office)
    yield from order_rows(office, orders)
    yield from event_rows(office, orders)
    tickets = [case.id for case in cases]
    yield from tag_rows(office, tickets)
    yield from custom_rows(office, tickets)


def _expected(sizes: Sizes) -> int:
    """Return about how many rows there will be, for the progress bar."""
    return round(
        sizes.contacts * 3.6
        + sizes.companies * 4.6
        + sizes.deals * 12.5
        + sizes.tickets * 4.6
        + sizes.orders * 3
        + sizes.events
        + 60
    )
