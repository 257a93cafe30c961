"""Companies: entering, changing, lists and duplicates, on both stores; every command undone."""

from typing import Any

import pytest
from sqlalchemy import select

from app.commands.companies import (
    archive_companies,
    change_company,
    create_company,
    restore_companies,
)
from app.commands.contacts import create_contact
from app.commands.custom_fields import (
    archive_custom_field,
    change_custom_field,
    create_custom_field,
    restore_custom_field,
    set_custom_value,
)
from app.commands.deals import create_deal
from app.commands.record_batches import assign_companies, tag_chosen
from app.commands.users import create_user
from app.errors import UserError
from app.queries.companies import (
    CompanyFilter,
    company_count,
    company_ids,
    company_rows,
    country_options,
    industry_options,
)
from app.queries.contact_details import company_details
from app.queries.duplicates import possible_company_duplicates
from app.queries.lookups import tag_options
from app.workspace import Workspace
from models.records import Company
from models.values import FieldType, Money
from tests.conftest import read, run, undo_roundtrip


def company(workspace: Workspace, company_id: int) -> Any:
    columns = Company.__table__.columns
    return workspace.read(
        lambda session: session.execute(select(*columns).where(columns.id == company_id)).one()
    )


def test_a_company_is_stored_with_its_key_and_domain(store: Workspace) -> None:
    company_id = undo_roundtrip(
        store,
        create_company,
        name="Brückner & Söhne GmbH",
        website="https://www.Brueckner.example/en?x=1",
        annual_revenue_minor=1_000_00,
        emails=["info@brueckner.example"],
        phones=["030 1234567"],
        addresses=[{"city": "Köln", "country": "Germany"}],
        tags=["reseller"],
    )
    found = company(store, company_id)
    assert (found.name_key, found.sort_name) == ("brucknersohne", "bruckner & sohne gmbh")
    assert (found.domain, found.currency, found.country) == ("brueckner.example", "EUR", "Germany")
    undo_roundtrip(
        store, change_company, company_id=company_id, name="Brückner SE", website=None, employees=12
    )
    assert company(store, company_id).domain is None
    undo_roundtrip(store, archive_companies, company_ids=[company_id])
    assert read(store, company_count) == 0
    undo_roundtrip(store, restore_companies, company_ids=[company_id])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"employees": -1}, "employees"),
        ({"founded_year": "soon"}, "founded_year"),
        ({"industry": "x" * 201}, "industry"),
    ],
)
def test_what_does_not_fit_names_its_field(
    workspace: Workspace, fields: dict[str, Any], field: str
) -> None:
    company_id = run(workspace, create_company, name="Alpha")
    with pytest.raises(UserError) as refused:
        run(workspace, change_company, company_id=company_id, **fields)
    assert refused.value.field == field


def test_no_company_stands_under_itself(workspace: Workspace) -> None:
    top = run(workspace, create_company, name="Top")
    middle = run(workspace, create_company, name="Middle", parent_id=top)
    below = run(workspace, create_company, name="Below", parent_id=middle)
    with pytest.raises(UserError) as refused:
        run(workspace, change_company, company_id=top, parent_id=below)
    assert refused.value.field == "parent_id"


def test_filters_orders_and_rows(store: Workspace) -> None:
    farah = run(store, create_user, name="Farah Aziz")
    a = run(
        store, create_company, name="Alpha", industry="Logistics", country="Norway", employees=5
    )
    b = run(store, create_company, name="Beta", parent_id=a, domain="beta.example")
    person = run(store, create_contact, name="Bea Adams", company_id=b)
    run(store, create_deal, name="Big", contact_id=person, amount_minor=9900)
    assert undo_roundtrip(store, assign_companies, chosen=[b], owner_id=farah) == 1
    hers = CompanyFilter(owner_ids=(farah,))
    assert undo_roundtrip(store, tag_chosen, kind="company", chosen=hers, name="vip") == 1
    tag_id = read(store, tag_options)[0].id
    only_b = [
        hers,
        CompanyFilter(text="beta"),
        CompanyFilter(tag_ids=(tag_id,)),
        CompanyFilter(parent_id=a),
        CompanyFilter(has_open_deals=True),
    ]
    for chosen in only_b:
        assert list(read(store, company_ids, chosen)) == [b], chosen
    assert list(read(store, company_ids, CompanyFilter(industry="logistics"))) == [a]
    assert list(read(store, company_ids, CompanyFilter(country="NORWAY"))) == [a]
    orders = {
        "name": [a, b], "industry": [a, b], "employees": [a, b], "country": [a, b],
        "domain": [b, a], "parent": [b, a], "open_deals": [b, a], "people": [a, b],
        "owner": [a, b],
    }  # fmt: skip
    for sort, expected in orders.items():
        assert list(read(store, company_ids, None, sort)) == expected, sort
    for sort in ("last_touch", "revenue", "created"):
        assert set(read(store, company_ids, None, sort, descending=True)) == {a, b}
    row = read(store, company_rows, [b])[0]
    assert (row.people, row.open_deals, row.open_minor, row.parent_name) == (1, 1, 9900, "Alpha")
    assert row.tags == ("vip",)
    assert read(store, industry_options) == ["Logistics"]
    assert read(store, country_options) == ["Norway"]
    details = read(store, company_details, b)
    assert details is not None
    assert [p.name for p in details.people] == ["Bea Adams"]
    assert [(d.name, d.step, d.steps) for d in details.facts.deals] == [("Big", 1, 5)]


def test_the_same_company_in_another_legal_form_is_noticed(store: Workspace) -> None:
    company_id = run(store, create_company, name="Aldgate Partners Ltd", domain="aldgate.example")
    found = read(store, possible_company_duplicates, name="ALDGATE Partners GmbH")
    assert [(item.id, item.reasons) for item in found] == [(company_id, ("name",))]
    found = read(
        store, possible_company_duplicates, name="X", website="http://www.aldgate.example/"
    )
    assert [(item.id, item.reasons) for item in found] == [(company_id, ("domain",))]
    own = read(store, possible_company_duplicates, name="Aldgate Partners", exclude_id=company_id)
    assert own == []
    assert read(store, possible_company_duplicates, name="") == []


@pytest.mark.parametrize(
    ("kind", "choices", "value", "stored"),
    [
        (FieldType.TEXT, (), " forty two ", "forty two"),
        (FieldType.NUMBER, (), "42.5", "42.5"),
        (FieldType.MONEY, (), Money(4250, "USD"), 4250),
        (FieldType.DATE, (), "2026-11-23", "2026-11-23"),
        (FieldType.CHOICE, ("gold", "silver"), "gold", "gold"),
        (FieldType.YES_NO, (), True, True),
    ],
)
def test_custom_fields_hold_their_type_and_are_undone(
    store: Workspace, kind: FieldType, choices: tuple[str, ...], value: Any, stored: Any
) -> None:
    company_id = run(store, create_company, name="Alpha")
    field_id = undo_roundtrip(
        store, create_custom_field, record_kind="company", name="Extra", type=kind, choices=choices
    )
    undo_roundtrip(store, set_custom_value, field_id=field_id, record_id=company_id, value=value)
    details = read(store, company_details, company_id)
    assert details is not None
    (fact,) = details.facts.custom
    held = fact.value
    assert held == stored or str(held).rstrip("0") == str(stored)
    with pytest.raises(UserError):
        run(store, set_custom_value, field_id=field_id, record_id=company_id, value=object())
    undo_roundtrip(store, set_custom_value, field_id=field_id, record_id=company_id, value=None)
    undo_roundtrip(store, change_custom_field, field_id=field_id, name="Other", position=3)
    undo_roundtrip(store, archive_custom_field, field_id=field_id)
    gone = read(store, company_details, company_id)
    assert gone is not None
    assert gone.facts.custom == ()
    undo_roundtrip(store, restore_custom_field, field_id=field_id)


def test_a_field_needs_a_name_of_its_own_and_its_choices(workspace: Workspace) -> None:
    first = {"record_kind": "contact", "name": "Rank", "type": FieldType.TEXT}
    run(workspace, create_custom_field, **first)
    with pytest.raises(UserError):
        run(workspace, create_custom_field, **{**first, "name": "RANK"})
    with pytest.raises(UserError):
        run(workspace, create_custom_field, **{**first, "name": "C", "type": FieldType.CHOICE})
    with pytest.raises(UserError):
        run(workspace, create_custom_field, **{**first, "record_kind": "order", "name": "D"})
