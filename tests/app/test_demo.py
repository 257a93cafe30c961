import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.check import check_workspace
from app.commands.settings import workspace_settings
from app.commands.ticket_clocks import clock_rules
from app.demo import make_demo
from app.demo.people_rows import e164
from app.demo.words import dice, filled, words
from app.errors import UserError
from app.queries.reports import report
from app.workspace import Workspace
from models.clock import local, standing_at, today
from models.records import (
    RECORDS,
    Activity,
    Appointment,
    Base,
    Company,
    Contact,
    ContactPoint,
    Deal,
    DealLine,
    Order,
    OrderLine,
    Stage,
    StageChange,
    Task,
    Ticket,
    TicketMessage,
    User,
)
from models.values import (
    PointKind,
    StageType,
    StatusCategory,
    TicketStatus,
    normal_email,
    normal_phone,
)
from tests.conftest import count, run

ROOT = Path(__file__).resolve().parents[2]
MOMENT = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
# What "the same" leaves out: ids, what refers to them, and what a save stamps.
_STAMPS = {"id", "row_version", "series_id", "record_id"}


@pytest.fixture
def demo(workspace: Workspace) -> Workspace:
    make_demo(workspace)
    return workspace


def content(workspace: Workspace) -> dict[str, list[Any]]:
    def everything(session: Any) -> dict[str, list[Any]]:
        found = {}
        for kind in RECORDS:
            table = Base.metadata.tables[kind]
            columns = [c for c in table.columns if c.name not in _STAMPS and not c.foreign_keys]
            rows = session.execute(select(*columns).order_by(table.c.id))
            found[kind] = [tuple(map(str, row)) for row in rows]
        return found

    return workspace.read(everything)


def rows_of(workspace: Workspace, statement: Any) -> list[Any]:
    return workspace.read(lambda session: list(session.execute(statement).all()))


def records_of(workspace: Workspace, record: Any) -> list[Any]:
    def loaded(session: Any) -> list[Any]:
        found = list(session.scalars(select(record)))
        session.expunge_all()  # to be looked at after the session has ended
        return found

    return workspace.read(loaded)


def made_twice(tmp_path: Path, **second: Any) -> list[dict[str, list[Any]]]:
    found = []
    for place, more in enumerate(({}, second)):
        with standing_at(more.pop("at", MOMENT)):
            path = tmp_path / f"{place}.closeknit"
            opened = Workspace.open(path, create=True, user_name="Elena Novak", watch=False)
            make_demo(opened, **{"contacts": 60, **more})
            found.append(content(opened))
            opened.close()
    for one in found:  # made by opening, not by the demo
        del one["pipeline"], one["stage"], one["lead_source"]
        one["user"] = one["user"][1:]
        one["workspace_setting"] = [row[:2] for row in one["workspace_setting"]]
    return found


def test_same_seed_gives_the_same_content(tmp_path: Path) -> None:
    first, second = made_twice(tmp_path, at=MOMENT + timedelta(minutes=20))
    differing = [
        (kind, pair)
        for kind, rows in first.items()
        for pair in zip(rows, second[kind], strict=True)
        if pair[0] != pair[1]
    ]
    assert differing == []


def test_other_seed_gives_other_content(tmp_path: Path) -> None:
    first, second = made_twice(tmp_path, seed=2)
    assert first["contact"] != second["contact"]
    assert first["deal"] != second["deal"]


def test_more_deals_do_not_change_the_names(tmp_path: Path) -> None:
    first, second = made_twice(tmp_path, deals=7)
    names = [[row[i] for row in x["company"] for i in (4, 5)] for x in (first, second)]
    assert names[0] == names[1]
    assert len(second["deal"]) == 7


def test_content_is_independent_of_hash_randomisation(tmp_path: Path) -> None:
    program = (
        "import sys, hashlib\n"
        "from datetime import UTC, datetime\n"
        "from models.clock import standing_at\n"
        "from app.workspace import Workspace\n"
        "from app.demo import make_demo\n"
        "from sqlalchemy import select\n"
        "from models.records import Contact, Deal, Activity\n"
        "with standing_at(datetime(2026, 11, 23, 9, tzinfo=UTC)):\n"
        "    w = Workspace.open(sys.argv[1], create=True, watch=False)\n"
        "    make_demo(w, contacts=40)\n"
        "    rows = w.read(lambda s: [[tuple(r) for r in s.execute(q)] for q in (\n"
        "        select(Contact.name, Contact.email, Contact.phone).order_by(Contact.id),\n"
        "        select(Deal.name, Deal.amount_minor, Deal.opened_on).order_by(Deal.id),\n"
        "        select(Activity.subject, Activity.at).order_by(Activity.id))])\n"
        "    w.close()\n"
        "print(hashlib.sha256(repr(rows).encode()).hexdigest())\n"
    )
    digests = set()
    for seed in ("1", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / f"{seed}.closeknit")],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1


def test_a_demo_passes_every_check_on_both_stores(store: Workspace) -> None:
    counts = make_demo(store, contacts=80)
    assert counts.contact == count(store, Contact) == 80
    assert [check for check in store.read(check_workspace) if not check.passed] == []


def test_amounts_agree_with_their_lines(demo: Workspace) -> None:
    sums = dict(
        tuple(row)
        for row in rows_of(
            demo,
            select(
                DealLine.deal_id, func.sum(DealLine.quantity * DealLine.unit_price_minor)
            ).group_by(DealLine.deal_id),
        )
    )
    deals = records_of(demo, Deal)
    assert [d.id for d in deals if d.amount_minor != int(sums[d.id])] == []
    totals = dict(
        tuple(row)
        for row in rows_of(
            demo,
            select(
                OrderLine.order_id, func.sum(OrderLine.quantity * OrderLine.unit_price_minor)
            ).group_by(OrderLine.order_id),
        )
    )
    assert [o.id for o in records_of(demo, Order) if o.total_minor != int(totals[o.id])] == []


def test_stage_histories_agree_with_the_deals(demo: Workspace) -> None:
    moves: dict[int, list[StageChange]] = {}
    for move in sorted(records_of(demo, StageChange), key=lambda m: (m.deal_id, m.at, m.id)):
        moves.setdefault(move.deal_id, []).append(move)
    kinds = {stage.id: stage.type for stage in records_of(demo, Stage)}
    for deal in records_of(demo, Deal):
        own = moves[deal.id]
        assert own[0].from_stage_id is None
        assert local(own[0].at).date() == deal.opened_on
        assert (own[-1].to_stage_id, own[-1].at) == (deal.stage_id, deal.stage_since)
        for before, after in pairwise(own):
            assert after.from_stage_id == before.to_stage_id
            assert after.at > before.at
            assert after.seconds_in_from == int((after.at - before.at).total_seconds())
            assert kinds[before.to_stage_id] is StageType.OPEN
        if deal.stage_type is StageType.OPEN:
            assert deal.closed_on is None
        else:
            assert local(own[-1].at).date() == deal.closed_on
            assert own[-1].from_stage_id == deal.last_open_stage_id
        assert (deal.lost_reason is not None) == (deal.stage_type is StageType.LOST)


def test_nothing_that_happened_lies_in_the_future(demo: Workspace) -> None:
    now = datetime.now(UTC)
    happened = (Activity.at, Order.at, TicketMessage.at, StageChange.at, Ticket.opened_at)
    newest = [rows_of(demo, select(func.max(column)))[0][0] for column in happened]
    assert [moment for moment in newest if moment > now] == []
    oldest = rows_of(demo, select(func.min(Deal.closed_on)))[0][0]
    assert today() - timedelta(days=800) < oldest < today() - timedelta(days=600)


def test_tickets_keep_the_promises_of_the_clocks(demo: Workspace) -> None:
    rules = demo.read(clock_rules)
    tickets = records_of(demo, Ticket)
    assert {ticket.status for ticket in tickets} >= set(TicketStatus) - {TicketStatus.ON_HOLD}
    for ticket in tickets:
        response, resolution = (60 * x for x in rules.targets[ticket.priority])
        assert ticket.response_by == rules.calendar.add(ticket.opened_at, response)
        due = rules.calendar.add(ticket.opened_at, resolution + ticket.hold_seconds)
        assert ticket.resolution_by == due
        assert (ticket.resolved_at is not None) == (ticket.status.category is StatusCategory.DONE)
        assert (ticket.paused_since is not None) == (
            ticket.status.category is StatusCategory.PAUSED
        )


def test_today_has_something_for_the_person(demo: Workspace) -> None:
    mine = [t for t in records_of(demo, Task) if t.owner_id == demo.user_id and t.done_at is None]
    days = [local(task.due_at).date() for task in mine]
    assert len([day for day in days if day < today()]) == 3
    assert len([day for day in days if day == today()]) == 4
    assert len([day for day in days if day > today()]) > 5
    starts = rows_of(demo, select(Appointment.starts_at, Appointment.owner_id))
    own = [at for at, owner in starts if owner == demo.user_id and local(at).date() == today()]
    assert len(own) == 4


def test_the_office_is_lively(demo: Workspace) -> None:
    won = demo.read(report, "won", by="month")
    assert len(won.rows) >= 20
    assert len({row.amount_minor for row in won.rows}) == len(won.rows)
    stages = demo.read(report, "pipeline")
    assert all(row.count for row in stages.rows)
    rate = demo.read(report, "winrate").total
    assert 0.25 < rate.more["rate"] < 0.5
    assert demo.read(workspace_settings).monthly_goal_minor
    assert count(demo, User) == 8
    assert sum(1 for c in records_of(demo, Company) if c.parent_id) >= 1
    assert any("\u0600" < letter < "\u06ff" for c in records_of(demo, Contact) for letter in c.name)


def test_normal_forms_are_those_of_the_program(demo: Workspace) -> None:
    points = records_of(demo, ContactPoint)
    for point in points:
        if point.kind is PointKind.PHONE:
            assert point.normal == normal_phone(point.value, "DE")
        elif point.kind is PointKind.EMAIL:
            assert point.normal == normal_email(point.value)
            assert point.value.endswith(".example")
    mails = [point.normal for point in points if point.kind is PointKind.EMAIL]
    assert len(set(mails)) == len(mails)


def test_every_phone_pattern_is_a_possible_number() -> None:
    rng = dice(1, "test")
    for country in words("places")["countries"]:
        for pattern in country["phone"] + country["mobile"]:
            phone = filled(pattern, rng)
            assert normal_phone(phone, "DE") == e164(phone), pattern


def test_records_are_never_mixed_with_a_demo(workspace: Workspace) -> None:
    from app.commands.contacts import create_contact

    run(workspace, create_contact, name="Ada Byron")
    with pytest.raises(UserError, match="goes into a new workspace"):
        make_demo(workspace)
    assert count(workspace, Contact) == 1


@pytest.mark.parametrize("sizes", [{"contacts": 0}, {"deals": -1}, {"events": 10**9}])
def test_sizes_beyond_reason_are_refused(workspace: Workspace, sizes: dict[str, int]) -> None:
    with pytest.raises(UserError, match="lies between"):
        make_demo(workspace, **sizes)  # type: ignore[arg-type]


@pytest.mark.parametrize("contacts", [1, 2, 5, 13])
def test_small_demos_are_whole(workspace: Workspace, contacts: int) -> None:
    counts = make_demo(workspace, contacts=contacts, deals=3, tickets=2, events=9)
    assert (counts.contact, counts.deal, counts.ticket, counts.event) == (contacts, 3, 2, 9)
    assert all(check.passed for check in workspace.read(check_workspace))


def test_progress_rises_to_its_end(workspace: Workspace) -> None:
    told: list[tuple[int, int]] = []
    make_demo(workspace, contacts=600, progress=lambda done, all_: told.append((done, all_)))
    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_another_currency_has_plausible_prices(tmp_path: Path) -> None:
    from app.commands.settings import change_workspace_settings

    opened = Workspace.open(tmp_path / "yen.closeknit", create=True, watch=False)
    try:
        run(opened, change_workspace_settings, currency="JPY")
        make_demo(opened, contacts=40)
        deals = records_of(opened, Deal)
        yen = [deal.amount_minor for deal in deals if deal.currency == "JPY"]
        assert 100_000 < sorted(yen)[len(yen) // 2] < 5_000_000
        others = [deal for deal in deals if deal.currency != "JPY"]
        worth = [float(deal.amount_minor * deal.rate) for deal in others]
        assert all(100_000 < amount < 20_000_000 for amount in worth)
    finally:
        opened.close()
