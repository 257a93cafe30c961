"""Lists of people: filters, orders, rows, lookups, on both stores."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import event

from app.commands.activities import log_activity
from app.commands.companies import create_company
from app.commands.contacts import (
    create_contact,
)
from app.commands.custom_fields import create_custom_field, set_custom_value
from app.commands.deals import create_deal
from app.queries.contacts import ContactFilter, contact_count, contact_ids, contact_rows
from app.queries.filter_parts import filter_from_json
from app.queries.lookups import (
    company_options,
    contact_options,
    product_options,
    stage_options,
    tag_options,
    user_options,
)
from app.workspace import Workspace
from models.values import FieldType, Lifecycle
from tests.conftest import read, run


def selects(workspace: Workspace, act: Callable[[], object]) -> int:
    """Return how many selects something takes."""
    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(workspace.database.engine, "before_cursor_execute", note)
    act()
    event.remove(workspace.database.engine, "before_cursor_execute", note)
    return len([x for x in seen if x.lstrip().upper().startswith("SELECT")])


def test_every_filter_and_every_order_work_on_both_stores(store: Workspace) -> None:
    company_id = run(store, create_company, name="Zeta")
    run(store, create_company, name="Alpha")
    field_id = run(
        store, create_custom_field, record_kind="contact", name="Rank", type=FieldType.NUMBER
    )
    a = run(
        store,
        create_contact,
        name="Amara Okafor",
        email="amara@example.com",
        company_id=company_id,
        tags=["vip"],
        addresses=[{"city": "Oslo", "street": "Storgata 1"}],
    )
    b = run(
        store, create_contact, name="Bea Adams", lifecycle=Lifecycle.CUSTOMER, phone="0301234567"
    )
    run(store, set_custom_value, field_id=field_id, record_id=a, value="7.5")
    run(store, create_deal, name="Big", contact_id=a, amount_minor=5000)
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    run(store, log_activity, kind="call", contact_id=b, at=moment)
    tag_id = read(store, tag_options)[0].id
    only_a = [
        ContactFilter(text="ama"),
        ContactFilter(text="okaf amara"),
        ContactFilter(text="storgata"),
        ContactFilter(tag_ids=(tag_id,)),
        ContactFilter(company_id=company_id),
        ContactFilter(has_email=True),
        ContactFilter(has_phone=False),
        ContactFilter(has_open_deals=True),
        ContactFilter(city="oslo"),
        ContactFilter(custom=((field_id, "7.5"),)),
        ContactFilter(lifecycles=(Lifecycle.LEAD,)),
    ]
    for chosen in only_a:
        assert list(read(store, contact_ids, chosen)) == [a], chosen
        assert read(store, contact_count, chosen) == 1
    assert list(read(store, contact_ids, ContactFilter(untouched_days=1))) != []
    assert list(read(store, contact_ids, ContactFilter(owner_ids=(None,)))) == []
    today = datetime.now(UTC).date()
    assert set(read(store, contact_ids, ContactFilter(created_from=today - timedelta(1)))) == {a, b}
    assert list(read(store, contact_ids, ContactFilter(created_to=today - timedelta(2)))) == []
    orders = {
        "name": [b, a], "company": [a, b], "email": [a, b], "phone": [b, a], "city": [a, b],
        "open_deals": [a, b], "last_touch": [b, a], "lifecycle": [a, b], "created": [a, b],
    }  # fmt: skip
    for sort, expected in orders.items():
        assert list(read(store, contact_ids, None, sort)) == expected, sort
    for sort in ("owner", "source", "job_title"):
        assert set(read(store, contact_ids, None, sort, descending=True)) == {a, b}
    assert list(read(store, contact_ids, None, "company", descending=True)) == [a, b]  # empty last
    assert list(read(store, contact_ids, None, "name", descending=True, limit=1)) == [a]


def test_rows_need_the_same_number_of_statements_for_any_number_of_people(
    store: Workspace,
) -> None:
    ids = [
        run(store, create_contact, name=f"Person {n}", tags=["vip"], email=f"p{n}@example.com")
        for n in range(6)
    ]
    run(store, create_deal, name="Big", contact_id=ids[0], amount_minor=5000)
    run(store, log_activity, kind="note", body="x", contact_id=ids[0])
    counts = [selects(store, partial(read, store, contact_rows, ids[:n])) for n in (1, 6)]
    assert [row.id for row in read(store, contact_rows, ids[::-1])] == ids[::-1]
    assert counts[0] == counts[1] <= 5
    first = read(store, contact_rows, ids[:1])[0]
    assert (first.tags, first.open_deals, first.open_minor) == (("vip",), 1, 5000)
    assert first.last_touch is not None


def test_a_view_of_a_newer_version_still_opens() -> None:
    data = {"text": "x", "galaxy": 4, "lifecycles": ["martian"], "created_from": "soon"}
    assert filter_from_json(ContactFilter, data) == ContactFilter(text="x")


def test_lookups_put_what_begins_with_the_text_first(store: Workspace) -> None:
    run(store, create_company, name="Beta Anders")
    run(store, create_company, name="Anders & Söhne")
    assert [o.label for o in read(store, company_options, "ANDERS")] == [
        "Anders & Söhne",
        "Beta Anders",
    ]
    company_id = run(store, create_company, name="Zeta")
    run(store, create_contact, name="Anna Zorn", company_id=company_id)
    assert [(o.label, o.detail) for o in read(store, contact_options, "zorn an")] == [
        ("Anna Zorn", "Zeta")
    ]
    assert [o.label for o in read(store, user_options)] == ["Elena Novak"]
    assert len(read(store, stage_options)) == 7
    assert read(store, product_options) == []
    assert read(store, company_options, "100%") == []
