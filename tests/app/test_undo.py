"""Undo brings back exactly what was, whatever the columns hold and whoever worked since."""

import time
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import UserError
from app.history import redo_candidate, redo_step, undo_candidate, undo_step
from app.workspace import Workspace
from models.clock import now
from models.ids import new_id
from models.records import (
    Company,
    Contact,
    CustomField,
    CustomValue,
    Deal,
    DealLine,
    Pipeline,
    Record,
    SavedView,
    Stage,
    Tag,
    User,
)
from models.values import FieldType, Lifecycle, fold, name_key
from tests.conftest import read, run, snapshot, undo_roundtrip


def make_companies(session: Session, *, names: list[str], nested: bool = False) -> list[int]:
    """Make companies; nested, each is the parent of the next, and has the lower id."""
    ids = [new_id() for _ in names]
    parent = None
    for record_id, name in zip(ids, names, strict=True):
        session.add(
            Company(
                id=record_id,
                name=name,
                name_key=name_key(name),
                sort_name=fold(name),
                parent_id=parent,
            )
        )
        session.flush()
        parent = record_id if nested else None
    return ids


def change(session: Session, *, record: type[Record], record_id: int, **fields: object) -> None:
    found = session.get(record, record_id)
    assert found is not None
    for key, value in fields.items():
        setattr(found, key, value)


def remove(session: Session, *, records: list[tuple[type[Record], int]]) -> None:
    for record, record_id in records:
        session.delete(session.get(record, record_id))
        session.flush()


def undo_newest(store: Workspace) -> str:
    step = read(store, undo_candidate, store.user_id, process=store.database.process)
    assert step is not None
    store.change("Undo", undo_step, step=step.n)
    return step.label


def redo_newest(store: Workspace) -> str:
    step = read(store, redo_candidate, store.user_id, process=store.database.process)
    assert step is not None
    store.change("Redo", redo_step, step=step.n)
    return step.label


@pytest.fixture
def deal(store: Workspace) -> dict[str, int]:
    """Give a company with a contact and a deal with a line, all of one step."""

    def make_office(session: Session) -> dict[str, int]:
        [company_id] = make_companies(session, names=["Åkerblom & Söhne 株式会社"])
        contact = Contact(
            id=new_id(),
            name="Þóra",
            name_key="thora",
            sort_name="thora",
            company_id=company_id,
            lifecycle=Lifecycle.LEAD,
        )
        pipeline = session.scalars(select(Pipeline)).one()
        stage = session.scalars(select(Stage).order_by(Stage.position).limit(1)).one()
        made = Deal(
            id=new_id(),
            name="Renewal",
            sort_name="renewal",
            stage_since=now(),
            pipeline_id=pipeline.id,
            stage_id=stage.id,
            currency="EUR",
            opened_on=date(2026, 2, 28),
            company_id=company_id,
        )
        line = DealLine(
            id=new_id(),
            deal_id=made.id,
            name="Hours",
            quantity=Decimal("1.50"),
            unit_price_minor=100,
        )
        session.add_all([line, made, contact])
        return {
            "company": company_id,
            "contact": contact.id,
            "deal": made.id,
            "line": line.id,
            "pipeline": pipeline.id,
        }

    return undo_roundtrip(store, make_office)


def test_every_kind_of_column_comes_back(store: Workspace, deal: dict[str, int]) -> None:
    undo_roundtrip(
        store,
        change,
        record=Deal,
        record_id=deal["deal"],
        opened_on=date(2024, 2, 29),
        expected_close_on=date(2026, 12, 31),
        closed_on=None,
        rate=Decimal("1.10"),
        description="Zeile\nzwei 🌍 مرحبا \u202e",
        board_order=0.1 + 0.2,
        archived_at=now(),
    )
    undo_roundtrip(
        store,
        change,
        record=Contact,
        record_id=deal["contact"],
        lifecycle=Lifecycle.CUSTOMER,
        name="",
        company_id=None,
    )
    undo_roundtrip(
        store, change, record=DealLine, record_id=deal["line"], quantity=Decimal("2.500")
    )

    def keep_view(session: Session) -> int:
        definition = {"columns": ["name", {"width": 120.5, "on": None}], "é": [[], {}], "n": 2**53}
        view = SavedView(id=new_id(), page="contacts", name="Mine", definition=definition)
        session.add(view)
        return view.id

    view_id = undo_roundtrip(store, keep_view)
    undo_roundtrip(
        store,
        change,
        record=SavedView,
        record_id=view_id,
        definition={"columns": [], "x": [1, [2]]},
    )


def test_numbers_with_more_digits_than_are_stored_do_not_look_changed(store: Workspace) -> None:
    def keep_number(session: Session, *, number: Decimal) -> int:
        field = CustomField(
            id=new_id(),
            record_kind="company",
            name=f"Size {number}",
            name_key=f"size{number}",
            type=FieldType.NUMBER,
        )
        session.add(field)
        session.flush()
        value = CustomValue(id=new_id(), field_id=field.id, record_id=new_id(), number=number)
        session.add(value)
        return value.id

    for number in ("0.123456789012", "1234567890123456.7", "-3.10", "1E+3"):
        before = snapshot(store)
        run(store, keep_number, number=Decimal(number))
        undo_newest(store)
        assert snapshot(store) == before


def test_parents_and_children_made_in_one_step_go_in_one_step(store: Workspace) -> None:
    undo_roundtrip(store, make_companies, names=["Parent", "Child", "Grandchild"])
    undo_roundtrip(store, make_companies, names=["P", "C", "G"], nested=True)


def test_parents_and_children_removed_in_one_step_come_back(
    store: Workspace, deal: dict[str, int]
) -> None:
    undo_roundtrip(
        store,
        remove,
        records=[
            (DealLine, deal["line"]),
            (Deal, deal["deal"]),
            (Contact, deal["contact"]),
            (Company, deal["company"]),
        ],
    )
    ids = run(store, make_companies, names=["P", "C", "G"], nested=True)
    undo_roundtrip(store, remove, records=[(Company, x) for x in reversed(ids)])


def test_what_pointed_to_a_removed_record_points_to_it_again(
    store: Workspace, deal: dict[str, int]
) -> None:
    [other] = run(store, make_companies, names=["Other"])

    def replace_company(session: Session) -> None:
        for record, key in ((Deal, "deal"), (Contact, "contact")):
            change(session, record=record, record_id=deal[key], company_id=other)
        change(session, record=Company, record_id=other, parent_id=None)
        session.flush()
        remove(session, records=[(Company, deal["company"])])

    undo_roundtrip(store, replace_company)


def test_a_unique_name_taken_over_in_one_step_goes_back(store: Workspace) -> None:
    def make_tag(session: Session) -> int:
        tag = Tag(id=new_id(), name="VIP", name_key="vip")
        session.add(tag)
        return tag.id

    tag_id = run(store, make_tag)

    def replace_tag(session: Session) -> None:
        remove(session, records=[(Tag, tag_id)])
        make_tag(session)

    undo_roundtrip(store, replace_tag)


def test_undo_after_redo_after_undo_walks_both_ways(store: Workspace) -> None:
    states = [snapshot(store)]
    [company_id] = run(store, make_companies, names=["A"])
    states.append(snapshot(store))
    for name in "BC":
        run(store, change, record=Company, record_id=company_id, name=name)
        states.append(snapshot(store))
    for _ in range(3):
        for expected in (2, 1, 0):
            undo_newest(store)
            assert snapshot(store) == states[expected]
        for expected in (1, 2, 3):
            redo_newest(store)
            assert snapshot(store) == states[expected]
    undo_newest(store)
    run(store, change, record=Company, record_id=company_id, name="D")
    assert read(store, redo_candidate, store.user_id) is None


def test_each_user_takes_back_their_own(store: Workspace) -> None:
    elena = store.user_id
    [company_id] = run(store, make_companies, names=["A"])

    def make_user(session: Session) -> int:
        user = User(id=new_id(), name="Jonas", name_key="jonas")
        session.add(user)
        return user.id

    jonas = run(store, make_user)
    run(store, change, record=Company, record_id=company_id, industry="Shipping")
    store.set_user(jonas)
    run(store, change, record=Company, record_id=company_id, country="SE")
    store.set_user(elena)
    undo_newest(store)
    row = read(
        store,
        lambda s: s.execute(
            select(Company.industry, Company.country).where(Company.id == company_id)
        ).one(),
    )
    assert tuple(row) == (None, "SE")
    store.set_user(jonas)
    undo_newest(store)
    assert read(store, undo_candidate, jonas) is None


def test_undo_is_refused_by_what_another_process_did_meanwhile(store: Workspace) -> None:
    [company_id] = run(store, make_companies, names=["A"])
    run(store, change, record=Company, record_id=company_id, name="B")
    step = read(store, undo_candidate, store.user_id)
    assert step is not None
    other = Workspace.open(store.location, user_name="Jonas", watch=False)
    try:
        run(other, change, record=Company, record_id=company_id, name="C")
        with pytest.raises(UserError, match="Changed since by Jonas: name"):
            store.change("Undo", undo_step, step=step.n)
        run(other, remove, records=[(Company, company_id)])
        with pytest.raises(UserError, match="removed meanwhile"):
            store.change("Undo", undo_step, step=step.n)
        undo_newest(other)
        undo_newest(other)
    finally:
        other.close()
    store.change("Undo", undo_step, step=step.n)
    with pytest.raises(UserError, match="undone already"):
        store.change("Undo", undo_step, step=step.n)


def test_twenty_thousand_records_go_and_come_back(workspace: Workspace) -> None:
    names = [f"Company {n}" for n in range(20_000)]

    def make_many(session: Session) -> None:
        for name in names:
            session.add(Company(id=new_id(), name=name, name_key=name, sort_name=name))

    began = time.thread_time()
    undo_roundtrip(workspace, make_many)
    assert time.thread_time() - began < 60
