"""Deals: two years of won and lost ones, and the open ones on the board."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.demo.moments import in_order, months_back, workday
from app.demo.office import DealPlan, Office, Row, StagePlan, TableRow
from app.demo.people import first_met
from app.demo.words import Weighted, dice, words
from models.ids import new_id
from models.records import Deal, DealLine, StageChange
from models.values import ForecastCategory, LostReason, StageType, fold

_OPEN_SHARE = 0.27
_MONTHS = 24
_SEASON = (0.8, 0.75, 1.15, 0.9, 1.05, 1.2, 0.8, 0.65, 1.15, 1.2, 1.1, 1.3)
_SOURCE_FACTOR = (0.95, 1.35, 1.0, 0.6, 0.75, 1.2)
# Where lost deals died, and where open ones stand.
_DEPTH = Weighted(enumerate((33, 26, 20, 13, 8)))
_FOREIGN = ("USD", "GBP", "CHF")
_MOST_PIECES = 120


def plan_deals(office: Office) -> None:
    """Plan all deals, so that people can be written with the standing that they lead to."""
    rng = dice(office.seed, "deals")
    days = _closing_days(office, rng)
    templates = Weighted((t, t["weight"]) for t in words("office")["deals"])
    sources = Weighted(enumerate((30, 18, 14, 16, 12, 10)))
    reasons = Weighted((LostReason(k), w) for k, w in words("office")["lost"].items())
    if not office.firms:
        return
    for _ in range(office.sizes.deals):
        firm = int(len(office.firms) * rng.random() ** 1.25)
        owner = office.firms[firm].owner if rng.random() < 0.88 else rng.choice(office.sellers)  # noqa: PLR2004
        source = sources.pick(rng)
        plan = DealPlan(
            new_id(), templates.pick(rng), firm, _contact_of(office, firm, rng), owner, source,
            StageType.OPEN, 0, office.moments.now, office.moments.now,
        )  # fmt: skip
        if rng.random() < _OPEN_SHARE:
            _stand_open(office, plan, rng)
        else:
            chance = 1.08 * office.users[owner].win * _SOURCE_FACTOR[source]
            plan.kind = StageType.WON if rng.random() < chance else StageType.LOST
            _close(office, plan, days.pick(rng), rng)
            if plan.kind is StageType.LOST:
                plan.reason = reasons.pick(rng)
                notes = words("office")["lost_notes"].get(plan.reason.value, [])
                if notes and (plan.reason is LostReason.OTHER or rng.random() < 0.6):  # noqa: PLR2004
                    plan.note = rng.choice(notes)
        _price_lines(office, plan, rng)
        _remember(office, plan)
        office.deals.append(plan)
    office.deals.sort(key=lambda plan: plan.opened)


def _contact_of(office: Office, firm: int, rng: random.Random) -> int:
    people = office.firms[firm].people
    if people:
        return people[int(len(people) * rng.random() ** 1.6)]
    return rng.randrange(len(office.people))


def _closing_days(office: Office, rng: random.Random) -> "Weighted[date]":
    """Return the working days of two years, weighted by season, growth and chance."""
    pairs: list[tuple[date, float]] = []
    for back in range(_MONTHS, -1, -1):
        first = months_back(office.moments.today, back)
        weight = _SEASON[first.month - 1] * (1 + 0.5 * (_MONTHS - back) / _MONTHS)
        weight *= rng.uniform(0.8, 1.2)
        day, next_month = first, months_back(office.moments.today, back - 1)
        while day < next_month and day < office.moments.today:
            if day == workday(day):
                pairs.append((day, weight))
            day += timedelta(days=1)
    return Weighted(pairs)


def _close(office: Office, plan: DealPlan, day: date, rng: random.Random) -> None:
    won = plan.kind is StageType.WON
    cycle = int(rng.lognormvariate(3.55 if won else 3.75, 0.55 if won else 0.7))
    plan.ended = office.moments.office(day, rng)
    plan.opened = office.moments.office(workday(day - timedelta(days=min(max(cycle, 5), 190))), rng)
    last = len(office.ground.open_stages) - 1
    plan.died_in = last if won else _depth(last, rng)


def _stand_open(office: Office, plan: DealPlan, rng: random.Random) -> None:
    stages = office.ground.open_stages
    plan.died_in = place = _depth(len(stages) - 1, rng)
    plan.rotting = stages[place].rotting_days > 0 and rng.random() < 0.15  # noqa: PLR2004
    quiet = stages[place].rotting_days + rng.randint(1, 9) if plan.rotting else rng.randint(0, 6)
    plan.ended = office.moments.office(workday(office.moments.ago(quiet)), rng)
    age = quiet + 3 + 7 * place + int(rng.expovariate(1 / 14))
    plan.opened = office.moments.office(workday(office.moments.ago(age)), rng)


def _depth(last: int, rng: random.Random) -> int:
    return min(_DEPTH.pick(rng), last)


def _price_lines(office: Office, plan: DealPlan, rng: random.Random) -> None:
    firm = office.firms[plan.firm]
    abroad = firm.country["currency"]
    foreign = abroad in _FOREIGN and abroad in office.rates() and rng.random() < 0.4  # noqa: PLR2004
    plan.currency = abroad if foreign else office.currency
    discount = rng.choice([0, 0, 0, 5, 8, 12])
    for code, share, least in plan.template["lines"]:
        product_id, product = office.products[office.product_place[code]]
        wanted = round(firm.employees * share * rng.uniform(0.5, 1.2))
        pieces = min(max(least, wanted), _MOST_PIECES) + (rng.randint(0, 2) if share == 0 else 0)
        price = office.price(product["price"] * (100 - discount) / 100, plan.currency)
        plan.lines.append((product_id, pieces, price))
    plan.amount_minor = sum(pieces * price for _id, pieces, price in plan.lines)
    plan.name = plan.template["name"].format(
        city=firm.city[0],
        company=firm.name,
        year=plan.ended.year + 1,
        count=plan.lines[0][1],
        years=plan.lines[0][1],
    )


def _remember(office: Office, plan: DealPlan) -> None:
    person, firm = office.people[plan.person], office.firms[plan.firm]
    known = (office.moments.now - plan.opened).days + 2
    first_met(person, firm, known, office)
    person.has_won |= plan.kind is StageType.WON
    person.has_lost |= plan.kind is StageType.LOST
    person.has_open |= plan.kind is StageType.OPEN
    firm.won += plan.kind is StageType.WON


def monthly_goal(office: Office) -> int:
    """Return a goal a little above what the last half year won each month."""
    since = office.moments.at(months_back(office.moments.today, 6), 0)
    until = office.moments.at(months_back(office.moments.today, 0), 0)
    won = sum(
        int(plan.amount_minor * office.minor_rate(plan.currency))
        for plan in office.deals
        if plan.kind is StageType.WON and since <= plan.ended < until
    )
    raw = won * 1.12 / 6
    step = 10 ** max(0, len(str(int(raw))) - 2)
    return int(max(1, round(raw / step)) * step)


def deal_rows(office: Office) -> Iterator[TableRow]:
    """Give the rows of the deals, their lines and their moves."""
    rng = dice(office.seed, "deal rows")
    orders: dict[int, float] = {}
    for plan in office.deals:
        moves = _moves(office, plan, rng)
        stage, since = moves[-1]
        orders[stage.id] = orders.get(stage.id, 0.0) + 1.0
        row = _deal(office, plan, stage, since, moves[0][1], rng)
        row["board_order"] = orders[stage.id]
        yield Deal, row
        for position, (product_id, pieces, price) in enumerate(plan.lines):
            yield (
                DealLine,
                {
                    "id": new_id(),
                    "created_at": moves[0][1],
                    "deal_id": plan.id,
                    "product_id": product_id,
                    "name": None,
                    "quantity": Decimal(pieces),
                    "unit_price_minor": price,
                    "position": position,
                },
            )
        yield from _stage_changes(office, plan, moves)


def _moves(office: Office, plan: DealPlan, rng: random.Random) -> list[tuple[StagePlan, datetime]]:
    """Return the stages the deal has entered and when, from the first to the present one."""
    stages = office.ground.open_stages
    path = stages[: plan.died_in + 1]
    if len(path) > 3 and rng.random() < 0.08:  # noqa: PLR2004  some stages are skipped
        del path[rng.randrange(1, len(path) - 1)]
    if len(path) > 2 and rng.random() < 0.06:  # noqa: PLR2004  and some entered twice
        place = rng.randrange(1, len(path) - 1)
        path = [*path[: place + 1], path[place - 1], *path[place:]]
    if plan.kind is not StageType.OPEN:
        path = [*path, office.ground.closing(plan.kind)]
    # An open deal stands in its stage for a while already.
    end = plan.ended
    shares = sorted(rng.random() for _ in path[1:])
    inner = [office.moments.between(plan.opened, end, share * 0.95, rng) for share in shares]
    if plan.kind is not StageType.OPEN:
        inner[-1] = end
        moments = in_order([plan.opened, *inner])
    else:
        moments = in_order([plan.opened, *inner, end])[:-1]
    return list(zip(path, moments, strict=True))


def _deal(
    office: Office,
    plan: DealPlan,
    stage: StagePlan,
    since: datetime,
    opened: datetime,
    rng: random.Random,
) -> Row:
    closed = plan.kind is not StageType.OPEN
    firm = office.firms[plan.firm]
    day = office.moments.day_of
    stages = office.ground.open_stages
    campaign = rng.choice(office.campaigns) if rng.random() < 0.25 else None  # noqa: PLR2004
    return {
        "id": plan.id,
        "created_at": opened,
        "updated_at": plan.ended,
        "name": plan.name,
        "sort_name": fold(plan.name),
        "pipeline_id": office.ground.pipeline_id,
        "stage_id": stage.id,
        "stage_type": plan.kind,
        "stage_since": since,
        "amount_minor": plan.amount_minor,
        "currency": plan.currency,
        "rate": office.minor_rate(plan.currency),
        "probability": rng.choice([30, 60, 80]) if not closed and rng.random() < 0.06 else None,  # noqa: PLR2004
        "forecast_category": _category(plan, len(stages), rng),
        "opened_on": day(opened),
        "expected_close_on": _expected(office, plan, rng),
        "closed_on": day(plan.ended) if closed else None,
        "lost_reason": plan.reason,
        "lost_note": plan.note,
        "last_open_stage_id": stages[plan.died_in].id if closed else None,
        "description": None,
        "company_id": firm.id,
        "contact_id": office.people[plan.person].id,
        "owner_id": office.users[plan.owner].id,
        "lead_source_id": office.source_ids[plan.source % len(office.source_ids)],
        "campaign_id": None if campaign is None else campaign[0],
    }


def _expected(office: Office, plan: DealPlan, rng: random.Random) -> date:
    if plan.kind is not StageType.OPEN:
        return office.moments.day_of(plan.ended) + timedelta(days=round(rng.gauss(0, 11)))
    if rng.random() < 0.08:  # noqa: PLR2004  overdue
        return office.moments.ago(rng.randint(1, 12))
    reach = 100 - 16 * plan.died_in
    return office.moments.today + timedelta(days=rng.randint(2, max(14, reach)))


def _category(plan: DealPlan, stages: int, rng: random.Random) -> ForecastCategory:
    roll, left = rng.random(), stages - 1 - plan.died_in
    if plan.kind is not StageType.OPEN:
        return ForecastCategory.PIPELINE
    if roll < 0.03:  # noqa: PLR2004
        return ForecastCategory.OMITTED
    if left == 0:
        return ForecastCategory.COMMIT if roll < 0.65 else ForecastCategory.BEST_CASE  # noqa: PLR2004
    if left == 1:
        return ForecastCategory.BEST_CASE if roll < 0.5 else ForecastCategory.PIPELINE  # noqa: PLR2004
    return ForecastCategory.PIPELINE


def _stage_changes(
    office: Office, plan: DealPlan, moves: list[tuple[StagePlan, datetime]]
) -> Iterator[TableRow]:
    before: tuple[StagePlan, datetime] | None = None
    for stage, moment in moves:
        yield (
            StageChange,
            {
                "id": new_id(),
                "created_at": moment,
                "deal_id": plan.id,
                "from_stage_id": None if before is None else before[0].id,
                "to_stage_id": stage.id,
                "at": moment,
                "seconds_in_from": None
                if before is None
                else int((moment - before[1]).total_seconds()),
                "user_id": office.users[plan.owner].id,
            },
        )
        before = stage, moment
