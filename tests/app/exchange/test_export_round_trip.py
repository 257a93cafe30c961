"""What goes out comes in again: random records through CSV, TSV, XLSX and JSON lines."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.contacts import sort_name_of
from app.exchange.counts import Outcome
from app.exchange.out.lines import record_of
from app.exchange.out.reading import read_after
from app.exchange.out.run import Wanted, export_list
from app.exchange.own_tables import SYSTEM
from app.exchange.shaping import named
from app.exchange.values import email_key, phone_key
from app.workspace import Workspace
from models.ids import new_id
from models.records import (
    Activity,
    Address,
    Base,
    Company,
    Contact,
    ContactPoint,
    CustomField,
    CustomValue,
    Deal,
    ExternalId,
    Pipeline,
    Product,
    Stage,
    Tag,
    TagLink,
    User,
)
from models.values import (
    ActivityKind,
    CallOutcome,
    Direction,
    FieldType,
    LeadStatus,
    Lifecycle,
    Money,
    PointKind,
    StageType,
    name_key,
)
from tests.app.exchange.conftest import take

ENDINGS = (".csv", ".tsv", ".xlsx", ".jsonl")
# What breaks others: formulas, blanks of other programs, right to left, joined signs, quotation.
NASTY = (
    "=1+1", "+49 30 1234", "-5", "@SUM(A1)", "'=x", "''+y", "'", '"', '"a","b"', "a;b", "null",
    "n/a", "-", "None", "?", "true", "0012", "1e5", "2024-02-30", "مرحبا بالعالم", "é̂ñ",
    "👩‍👩‍👧‍👦🏳️‍🌈", "ﬁ ﬀ", "Ünï cödé", "\u202eabc", "Straße", "a,b|c", ":::", "* x", "\u2028x",
    "_x000D_", "{}", "[1]",
)  # fmt: skip
_letters = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"))
# As the program's own commands store words: trimmed, on one line.
words = st.one_of(st.sampled_from(NASTY), st.text(_letters, min_size=1, max_size=30)).map(
    lambda text: " ".join(text.split()).strip()
).filter(bool)  # fmt: skip
long_texts = st.one_of(
    words,
    st.lists(words, min_size=2, max_size=4).map("\n".join),
    st.lists(words, min_size=2, max_size=3).map(" \n\n\t".join),
    words.map(lambda text: (text + " ") * 400 + "."),
)
amounts = st.tuples(
    st.integers(-(10**11), 10**11), st.sampled_from(["EUR", "JPY", "KWD", "USD", "CLP", "BHD"])
)
days = st.dates(date(1890, 1, 1), date(2120, 12, 31))
moments = st.integers(10**7, 4 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC))
maybe = st.none
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """A random contact with everything it may have."""

    name: str
    given: str | None
    family: str | None
    title: str | None
    company: int | None
    points: list[tuple[PointKind, str, str | None]]
    addresses: list[dict[str, str | None]]
    tags: list[str]
    choices: tuple[Lifecycle, LeadStatus | None, bool | None, bool | None, bool | None]
    birthday: date | None
    description: str | None
    made_at: datetime
    custom: dict[FieldType, Any]


emails = st.integers(1, 10**9).map(lambda n: f"p{n}.Ünder@Example{n % 7}.com")
phones = st.integers(10**6, 10**9).map(lambda n: f"+49 30 {n}")
labels = st.one_of(maybe(), st.sampled_from(["work", "home", "=cmd", "Büro, Süd", "WORK"]))
points = st.lists(
    st.one_of(
        st.tuples(st.just(PointKind.EMAIL), emails, labels),
        st.tuples(st.just(PointKind.PHONE), phones, labels),
        st.tuples(st.just(PointKind.SOCIAL), words.filter(lambda x: x.strip()), labels),
    ),
    max_size=5,
    unique_by=lambda p: (p[0], p[1].strip().casefold()),
)
addresses = st.lists(
    st.fixed_dictionaries(
        {
            "label": labels,
            "street": words,
            "postal_code": st.one_of(maybe(), st.sampled_from(["01067", "SW1A 1AA"])),
            "city": st.one_of(maybe(), words),
            "region": st.one_of(maybe(), words),
            "country": st.one_of(maybe(), words),
        }
    ),
    max_size=2,
    unique_by=lambda a: (a["street"], a["postal_code"], a["city"]),
)
customs = st.fixed_dictionaries(
    {},
    optional={
        FieldType.TEXT: long_texts,
        FieldType.NUMBER: st.decimals(-(10**9), 10**9, places=3),
        FieldType.MONEY: amounts,
        FieldType.DATE: days,
        FieldType.CHOICE: words,
        FieldType.YES_NO: st.booleans(),
    },
)
consents = st.one_of(maybe(), st.booleans())
people = st.builds(
    Person,
    name=words,
    given=st.one_of(maybe(), words),
    family=st.one_of(maybe(), words),
    title=st.one_of(maybe(), words),
    company=st.one_of(maybe(), st.integers(0, 2)),
    points=points,
    addresses=addresses,
    tags=st.lists(words, max_size=3, unique_by=lambda x: name_key(x) or x.casefold()),
    choices=st.tuples(
        st.sampled_from(Lifecycle), st.one_of(maybe(), st.sampled_from(LeadStatus)),
        consents, consents, consents,
    ),
    birthday=st.one_of(maybe(), days),
    description=st.one_of(maybe(), long_texts),
    made_at=moments,
    custom=customs,
)  # fmt: skip
relaxed = settings(
    max_examples=6,
    # Each example opens two workspaces: shrinking takes minutes and tells little more.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow,
                           HealthCheck.data_too_large],
)  # fmt: skip


@contextmanager
def two_workspaces(template: Path) -> Iterator[tuple[Workspace, Workspace, Path]]:
    """Open two fresh workspaces and give a folder."""
    with TemporaryDirectory() as folder:
        paths = [Path(shutil.copy(template, Path(folder) / f"{n}.closeknit")) for n in (1, 2)]
        opened = [Workspace.open(path, watch=False) for path in paths]
        try:
            yield opened[0], opened[1], Path(folder)
        finally:
            for workspace in opened:
                workspace.close()


def store(workspace: Workspace, *records: Base) -> None:
    workspace.change("Store", lambda session: session.add_all(records))


def store_people(workspace: Workspace, found: Sequence[Person]) -> None:
    owner = User(id=new_id(), name="Ann =Lee", name_key="annlee")
    firms = [
        Company(id=new_id(), **named("company", name), domain=None)
        for name in ("+Plus & Söhne", "O'Neil, Ltd", "شركة")
    ]
    fields = {
        type_: CustomField(
            id=new_id(), record_kind="contact", name=name, name_key=name_key(name), type=type_
        )
        for type_, name in zip(
            FieldType, ("=Fußnote", "Größe", "Budget (k)", "Seit", "Farbe", "VIP"), strict=False
        )
    }
    tags = {}
    records: list[Base] = [owner, *firms, *fields.values()]
    for person in found:
        for tag in person.tags:
            key = name_key(tag)[:80] or tag.casefold()[:80]
            if key not in tags:
                tags[key] = Tag(id=new_id(), name=tag, name_key=key)
                records.append(tags[key])
        records += rows_of(person, owner, firms, fields, tags)
    store(workspace, *records)


def rows_of(
    person: Person,
    owner: User,
    firms: Sequence[Company],
    fields: dict[FieldType, CustomField],
    tags: dict[str, Tag],
) -> list[Base]:
    lifecycle, status, email_yes, phone_yes, ads_yes = person.choices
    first = {kind: next((p for p in person.points if p[0] is kind), None) for kind in PointKind}
    mail, phone = first[PointKind.EMAIL], first[PointKind.PHONE]
    contact = Contact(
        id=new_id(),
        name=person.name,
        name_key=name_key(person.name) or person.name.casefold(),
        sort_name=sort_name_of(person.name, person.given, person.family),
        given_name=person.given,
        family_name=person.family,
        job_title=person.title,
        email=mail[1] if mail else None,
        email_key=email_key(mail[1]) if mail else None,
        phone=phone[1] if phone else None,
        phone_key=phone_key(phone[1], "DE") if phone else None,
        lifecycle=lifecycle,
        lead_status=status,
        email_consent=email_yes,
        phone_consent=phone_yes,
        ads_consent=ads_yes,
        birthday=person.birthday,
        description=person.description,
        created_at=person.made_at,
        owner_id=owner.id,
        company_id=firms[person.company].id if person.company is not None else None,
    )
    rows: list[Base] = [contact]
    seen: dict[PointKind, int] = {}
    for kind, value, label in person.points:
        place = seen[kind] = seen.get(kind, -1) + 1
        normal = phone_key(value, "DE") if kind is PointKind.PHONE else value.casefold()
        rows.append(
            ContactPoint(
                id=new_id(), contact_id=contact.id, kind=kind, label=label, value=value,
                normal=normal, is_primary=place == 0, position=place,
            )
        )  # fmt: skip
    rows += [
        Address(id=new_id(), contact_id=contact.id, position=place, **address)
        for place, address in enumerate(person.addresses)
    ]
    for tag in person.tags:
        key = name_key(tag)[:80] or tag.casefold()[:80]
        rows.append(TagLink(id=new_id(), tag_id=tags[key].id, contact_id=contact.id))
    for type_, value in person.custom.items():
        rows.append(custom_value(fields[type_], contact.id, value))
    return rows


def custom_value(field: CustomField, record_id: int, value: Any) -> CustomValue:
    made = CustomValue(id=new_id(), field_id=field.id, record_id=record_id)
    if field.type is FieldType.MONEY:
        made.money_minor, made.currency = value
    else:
        column = {FieldType.NUMBER: "number", FieldType.DATE: "day", FieldType.YES_NO: "yes"}
        setattr(made, column.get(field.type, "text"), value)
    return made


def facts(workspace: Workspace, kind: str, *, imported: bool) -> dict[str, dict[str, Any]]:
    """Return every record by the id it had when it went out, without what only our store says."""

    def read(session: Session) -> dict[str, dict[str, Any]]:
        ids = {
            row.record_id: row.value
            for row in session.scalars(
                select(ExternalId).where(
                    ExternalId.system == SYSTEM, ExternalId.record_kind == kind
                )
            )
        }
        found: dict[str, dict[str, Any]] = {}
        for item in read_after(session, kind, -1):
            record = record_of(item)
            key = ids[int(record["id"])] if imported else record["id"]
            assert key not in found
            found[key] = {k: v for k, v in record.items() if not told_by_the_store(k)}
            found[key]["custom"] = sorted(
                found[key].get("custom", []), key=lambda custom: str(custom["name"])
            )
            found[key].get("tags", []).sort()
        return found

    return workspace.read(read)


def told_by_the_store(key: str) -> bool:
    return key in {"id", "updated_at", "campaign"} or key.endswith("_id")


def sent_across(
    source: Workspace, target: Workspace, folder: Path, kind: str, ending: str
) -> tuple[int, int]:
    """Export from one, import into the other; return how many went out and how many came in."""
    path = folder / f"{kind}-{next(_numbers)}{ending}"
    sent = export_list(source, Wanted(kind), path)
    assert sent.notes == []
    result = take(target, path)[0]
    assert result.plan.kind == kind
    expected = (
        "is not known yet, so it counts as 1", "so a user was made", "closes before it opens",
    )  # fmt: skip
    assert [p for p in result.tally.problems if not any(x in p.reason for x in expected)] == []
    return sent.records, result.tally.counts[Outcome.CREATED]


@pytest.mark.parametrize("ending", ENDINGS)
@given(found=st.lists(people, min_size=1, max_size=6))
@relaxed
def test_random_people_come_back_the_same(template: Path, ending: str, found: list[Person]) -> None:
    with two_workspaces(template) as (source, target, folder):
        store_people(source, found)
        sent, made = sent_across(source, target, folder, "contact", ending)
        assert (sent, made) == (len(found), len(found))
        assert facts(target, "contact", imported=True) == facts(source, "contact", imported=False)


@pytest.mark.parametrize("ending", ENDINGS)
@given(found=st.lists(people, min_size=1, max_size=4))
@relaxed
def test_taking_the_own_export_back_changes_nothing(
    template: Path, ending: str, found: list[Person]
) -> None:
    with two_workspaces(template) as (source, _, folder):
        store_people(source, found)
        path = folder / f"people-{next(_numbers)}{ending}"
        export_list(source, Wanted("contact"), path)
        before = facts(source, "contact", imported=False)
        result = take(source, path)[0]
        assert result.tally.counts[Outcome.UNCHANGED] == len(found)
        assert facts(source, "contact", imported=False) == before


deals = st.lists(
    st.tuples(
        words, st.one_of(maybe(), amounts), st.integers(0, 2), days, st.one_of(maybe(), days),
        st.one_of(maybe(), st.integers(0, 100)), st.one_of(maybe(), long_texts),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
@given(found=deals)
@relaxed
def test_random_deals_come_back_the_same(
    template: Path, ending: str, found: list[tuple[Any, ...]]
) -> None:
    with two_workspaces(template) as (source, target, folder):
        store_deals(source, found)
        sent, made = sent_across(source, target, folder, "deal", ending)
        assert (sent, made) == (len(found), len(found))
        there = facts(target, "deal", imported=True)
        for key, deal in facts(source, "deal", imported=False).items():
            for name in ("created_at", "lost_note"):
                deal.pop(name)
                there[key].pop(name)
            assert there[key] == deal


def store_deals(workspace: Workspace, found: Sequence[tuple[Any, ...]]) -> None:
    def command(session: Session) -> None:
        pipeline = session.scalars(select(Pipeline)).one()
        stages = list(
            session.scalars(
                select(Stage).where(Stage.pipeline_id == pipeline.id).order_by(Stage.position)
            )
        )
        open_, won = stages[1], next(s for s in stages if s.type is StageType.WON)
        first = next(s for s in stages if s.type is StageType.OPEN)
        for name, amount, at, opened, day, probability, description in found:
            stage = (first, open_, won)[at]
            minor, currency = amount or (None, "EUR")
            is_won = stage.type is StageType.WON
            session.add(
                Deal(
                    id=new_id(), **named("deal", name), pipeline_id=pipeline.id, stage_id=stage.id,
                    stage_type=stage.type, stage_since=datetime(2026, 1, 1, tzinfo=UTC),
                    amount_minor=minor, currency=currency, opened_on=opened,
                    closed_on=day if is_won else None,
                    expected_close_on=None if is_won else day,
                    probability=probability, description=description,
                )
            )  # fmt: skip

    workspace.change("Store deals", command)


others = st.tuples(words, st.one_of(maybe(), words), amounts, long_texts, moments)


@pytest.mark.parametrize("ending", ENDINGS)
@given(found=st.lists(others, min_size=1, max_size=5))
@relaxed
def test_products_companies_and_activities_come_back_the_same(
    template: Path, ending: str, found: list[Any]
) -> None:
    makers: dict[str, Callable[..., Base]] = {
        "product": a_product,
        "company": a_company,
        "activity": an_activity,
    }
    with two_workspaces(template) as (source, target, folder):
        for kind, make in makers.items():
            store(source, *(make(*each) for each in found))
            sent, made = sent_across(source, target, folder, kind, ending)
            assert (sent, made) == (len(found), len(found))
            there = facts(target, kind, imported=True)
            for key, record in facts(source, kind, imported=False).items():
                record.pop("created_at")
                there[key].pop("created_at")
                assert there[key] == record


def a_product(name: str, word: str | None, price: Any, text: str, _at: datetime) -> Product:
    return Product(
        id=new_id(), **{**named("product", name), "name": name}, code=word, price_minor=price[0],
        currency=price[1], description=text,
    )  # fmt: skip


def a_company(name: str, word: str | None, price: Any, text: str, _at: datetime) -> Company:
    return Company(
        id=new_id(), **named("company", name), industry=word, annual_revenue_minor=price[0],
        currency=price[1], description=text, employees=250, founded_year=1899,
    )  # fmt: skip


def an_activity(name: str, word: str | None, _price: Any, text: str, at: datetime) -> Activity:
    return Activity(
        id=new_id(), kind=ActivityKind.CALL, at=at, subject=word or name, body=text,
        direction=Direction.OUTBOUND, outcome=CallOutcome.NO_ANSWER, duration_seconds=61,
    )  # fmt: skip


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_amounts_are_numbers_in_their_own_decimals(template: Path, ending: str) -> None:
    found = [
        ("yen", (-1234567, "JPY")),
        ("dinar", (1234567, "KWD")),
        ("euro", (-50, "EUR")),
        ("nothing", None),
    ]
    day = date(2026, 1, 2)
    with two_workspaces(template) as (source, target, folder):
        store_deals(source, [(name, amount, 0, day, None, None, None) for name, amount in found])
        sent_across(source, target, folder, "deal", ending)
        there = {d["name"]: d["amount"] for d in facts(target, "deal", imported=True).values()}
    assert there == {
        "yen": "-1234567",
        "dinar": "1234.567",
        "euro": "-0.50",
        "nothing": None,
    }
    assert Decimal(there["dinar"]) == Money(1234567, "KWD").major
