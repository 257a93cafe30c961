"""Anybody is found by two letters, on both stores, whatever the alphabet."""

import pytest
from sqlalchemy.orm import Session

from app.check import check_workspace
from app.commands.common import archive_records, restore_records
from app.search import matching_ids, search
from app.workspace import Workspace
from models.clock import now, today
from models.ids import new_id
from models.records import Company, Contact, Deal, Pipeline, Stage
from models.values import fold, name_key
from tests.conftest import read, run, undo_roundtrip

PEOPLE = ("Jürgen Groß", "محمد الأحمد", "Élodie Lefèvre", "Þóra Jónsdóttir", "Anna Novak")


@pytest.fixture
def people(store: Workspace) -> dict[str, int]:
    def make(session: Session) -> dict[str, int]:
        company = Company(
            id=new_id(), name="Osprey Health", name_key="ospreyhealth", sort_name="osprey health"
        )
        session.add(company)
        made = {}
        for name in PEOPLE:
            contact = Contact(
                id=new_id(),
                name=name,
                name_key=name_key(name),
                sort_name=fold(name),
                email=f"{name_key(name)[:6]}@example.test",
                company_id=company.id,
            )
            session.add(contact)
            made[name] = contact.id
        return made

    return run(store, make)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ju", "Jürgen Groß"),
        ("jür", "Jürgen Groß"),
        ("gross jurg", "Jürgen Groß"),
        ("GROß", "Jürgen Groß"),
        ("مح", "محمد الأحمد"),
        ("elod lef", "Élodie Lefèvre"),
        ("anna@exa", "Anna Novak"),
        ("annano@example", "Anna Novak"),
    ],
)
def test_two_letters_find_a_person(
    store: Workspace, people: dict[str, int], typed: str, name: str
) -> None:
    hits = [hit for hit in read(store, search, typed) if hit.kind == "contact"]
    assert [hit.id for hit in hits[:1]] == [people[name]]


@pytest.mark.parametrize("typed", ["gross j", "j gross", "jurgen g"])
def test_a_word_of_one_letter_beside_a_longer_one_narrows(
    store: Workspace, people: dict[str, int], typed: str
) -> None:
    hits = read(store, search, typed, kinds=("contact",))
    assert [hit.id for hit in hits] == [people["Jürgen Groß"]]
    assert read(store, search, f"{typed} x", kinds=("contact",)) == []


def test_one_letter_is_too_little(store: Workspace, people: dict[str, int]) -> None:
    assert read(store, search, "j") == []
    assert read(store, search, "  ") == []


@pytest.mark.parametrize("typed", ['"', "a* OR b*", "NEAR(a b)", "';--", "a:b", "-x", "()", "%_\\"])
def test_what_looks_like_syntax_is_only_text(store: Workspace, typed: str) -> None:
    assert isinstance(read(store, search, typed), list)


def test_a_company_brings_its_people(store: Workspace, people: dict[str, int]) -> None:
    hits = read(store, search, "osprey")
    assert hits[0].title == "Osprey Health"
    assert {hit.id for hit in hits if hit.kind == "contact"} == set(people.values())


def test_archived_records_leave_the_index_and_come_back(
    store: Workspace, people: dict[str, int]
) -> None:
    wanted = people["Anna Novak"]
    undo_roundtrip(store, archive_records, kind="contact", ids=[wanted])
    assert wanted not in [hit.id for hit in read(store, search, "anna")]
    assert all(check.passed for check in read(store, check_workspace))
    run(store, restore_records, kind="contact", ids=[wanted])
    assert wanted in [hit.id for hit in read(store, search, "anna")]
    assert all(check.passed for check in read(store, check_workspace))


def test_a_rare_kind_is_found_among_many_matches(store: Workspace) -> None:
    def make(session: Session) -> int:
        for number in range(400):
            name = f"Harbour {number}"
            session.add(
                Contact(id=new_id(), name=name, name_key=name_key(name), sort_name=fold(name))
            )
        pipeline = session.query(Pipeline).first()
        stage = session.query(Stage).order_by(Stage.position).first()
        assert pipeline is not None
        assert stage is not None
        deal = Deal(
            id=new_id(),
            name="Harbour renewal",
            sort_name="harbour renewal",
            stage_since=now(),
            pipeline_id=pipeline.id,
            stage_id=stage.id,
            currency="EUR",
            opened_on=today(),
        )
        session.add(deal)
        return deal.id

    deal_id = run(store, make)
    assert deal_id in [hit.id for hit in read(store, search, "harbour") if hit.kind == "deal"]
    assert read(store, matching_ids, "harb ren", "deal") == [deal_id]
    assert len(read(store, matching_ids, "harb", "contact")) == 400
