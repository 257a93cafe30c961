"""A whole lively office leaves as lists and is taken back: the same place knows it all already."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli import main
from app.exchange.counts import Outcome
from app.exchange.out.run import KINDS, Wanted, export_list
from app.exchange.plan import plan_file
from app.exchange.runs import ImportRun, region_of
from app.workspace import Workspace
from models.records import Contact, Order, OrderLine, Ticket, TicketMessage


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("office") / "office.closeknit"
    made = main(
        ["demo", "-w", str(path), "--contacts", "30", "--deals", "20", "--tickets", "15",
         "--events", "40"]
    )  # fmt: skip
    assert made == 0
    return path


def lists_of(office: Path, folder: Path, ending: str) -> list[Path]:
    opened = Workspace.open(office, watch=False)
    try:
        return [
            export_list(opened, Wanted(kind), folder / f"{plural}{ending}").path
            for plural, kind in KINDS.items()
        ]
    finally:
        opened.close()


def taken(place: Path, files: list[Path], *, create: bool = False) -> dict[str, dict[Outcome, int]]:
    opened = Workspace.open(place, create=create, watch=False)
    try:
        plans = [plan_file(file, region=region_of(opened)) for file in files]
        results = ImportRun(opened, plans).run()
        return {r.plan.path.stem: {o: n for o, n in r.tally.counts.items() if n} for r in results}
    finally:
        opened.close()


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".jsonl"])
def test_the_office_itself_learns_nothing_new(office: Path, tmp_path: Path, ending: str) -> None:
    files = lists_of(office, tmp_path, ending)
    same = Path(shutil.copy(office, tmp_path / "same.closeknit"))
    for name, counts in taken(same, files).items():
        assert set(counts) == {Outcome.UNCHANGED}, name


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_an_empty_place_gets_orders_and_threads(office: Path, tmp_path: Path, ending: str) -> None:
    files = lists_of(office, tmp_path, ending)
    new = tmp_path / "new.closeknit"
    counts = taken(new, files, create=True)
    assert all(not found.get(Outcome.FAILED) for found in counts.values())
    before, after = said(office), said(new)
    assert after["lines"] == before["lines"]
    if ending == ".jsonl":  # a table holds the first message of a ticket only
        assert after["messages"] == before["messages"]


def said(place: Path) -> dict[str, list[Any]]:
    """Return order lines and ticket messages by what they say."""

    def read(session: Session) -> dict[str, list[Any]]:
        lines = session.execute(
            select(Order.number, Order.total_minor, OrderLine.quantity, OrderLine.unit_price_minor)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .order_by(Order.number, OrderLine.unit_price_minor, OrderLine.quantity)
        )
        messages = session.execute(
            select(Ticket.subject, TicketMessage.at, TicketMessage.body, Contact.name)
            .join(Ticket, Ticket.id == TicketMessage.ticket_id)
            .outerjoin(Contact, Contact.id == TicketMessage.contact_id)
            .order_by(TicketMessage.at, TicketMessage.body)
        )
        return {"lines": [tuple(x) for x in lines], "messages": [tuple(x) for x in messages]}

    opened = Workspace.open(place, watch=False)
    try:
        return opened.read(read)
    finally:
        opened.close()
