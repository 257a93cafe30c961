"""People: entering, changing, batches, duplicates, lists, on both stores; every command undone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.commands.attachments import attach_file, detach_file, rename_attachment
from app.commands.companies import create_company
from app.commands.contact_points import (
    add_address,
    add_contact_point,
    change_address,
    change_contact_point,
    make_point_primary,
    remove_address,
    remove_contact_point,
)
from app.commands.contacts import (
    archive_contacts,
    change_contact,
    create_contact,
    restore_contacts,
    sort_name_of,
)
from app.commands.record_batches import (
    archive_chosen,
    assign_contacts,
    restore_chosen,
    set_contacts_lifecycle,
    set_contacts_status,
    tag_chosen,
    untag_chosen,
)
from app.commands.saved_views import change_view, order_views, remove_view, save_view
from app.commands.tags import ensure_tag, remove_tag, rename_tag, set_tags, tag_records
from app.commands.users import create_user
from app.errors import UserError
from app.queries.contact_details import contact_details
from app.queries.contacts import ContactFilter, contact_ids
from app.queries.duplicates import possible_duplicates
from app.queries.filter_parts import filter_from_json, filter_to_json
from app.queries.lookups import (
    tag_options,
)
from app.queries.saved_views import saved_views
from app.workspace import Workspace
from models.records import Attachment, Contact, ContactPoint, Tag, TagLink
from models.values import LeadStatus, Lifecycle, PointKind
from tests.conftest import count, read, run, undo_roundtrip


def contact(workspace: Workspace, contact_id: int) -> Any:
    columns = Contact.__table__.columns
    return workspace.read(
        lambda session: session.execute(select(*columns).where(columns.id == contact_id)).one()
    )


def points(workspace: Workspace, contact_id: int, kind: PointKind) -> list[tuple[str, str, bool]]:
    found = workspace.read(
        lambda session: session.execute(
            select(ContactPoint.value, ContactPoint.normal, ContactPoint.is_primary)
            .where(ContactPoint.contact_id == contact_id, ContactPoint.kind == kind)
            .order_by(ContactPoint.position)
        ).all()
    )
    return list(found)


def test_a_person_is_stored_with_normal_forms_and_all_ways_to_reach_them(store: Workspace) -> None:
    company_id = run(store, create_company, name="Aldgate Partners GmbH")
    contact_id = undo_roundtrip(
        store,
        create_contact,
        given_name="Élodie",
        family_name="Ångström",
        email="Elodie@Aldgate.Example ",
        phone="030 5557 0142",
        company_id=company_id,
        emails=[("private@example.com", "home")],
        phones=["+49 151 5550177", "0151/5550177"],
        websites=["https://www.elodie.example/"],
        socials=[("@elodie", "Mastodon")],
        addresses=[{"city": "Berlin", "country": "Germany"}],
        tags=["Key account"],
    )
    found = contact(store, contact_id)
    assert (found.name, found.sort_name, found.name_key) == (
        "Élodie Ångström",
        "angstrom elodie",
        "elodieangstrom",
    )
    assert (found.email, found.email_key) == ("Elodie@Aldgate.Example", "elodie@aldgate.example")
    assert (found.phone, found.phone_key) == ("030 5557 0142", "+493055570142")
    assert (found.city, found.country) == ("Berlin", "Germany")
    assert points(store, contact_id, PointKind.PHONE) == [
        ("030 5557 0142", "+493055570142", True),
        ("+49 151 5550177", "+491515550177", False),
    ]
    assert points(store, contact_id, PointKind.WEBSITE)[0][1] == "elodie.example"
    details = read(store, contact_details, contact_id)
    assert details is not None
    assert [tag.name for tag in details.facts.tags] == ["Key account"]
    assert details.company is not None
    assert details.company.people == 1
    assert details.row.owner_name == "Elena Novak"


@pytest.mark.parametrize(
    ("name", "given", "family", "expected"),
    [
        ("Priya Raman", None, None, "raman priya"),
        ("Ludwig van Beethoven", None, None, "ludwig van beethoven"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven", "van beethoven ludwig"),
        ("Madonna", None, None, "madonna"),
    ],
)
def test_the_order_by_name_never_changes_the_name(
    name: str, given: str | None, family: str | None, expected: str
) -> None:
    assert sort_name_of(name, given, family) == expected


def test_a_person_without_a_name_is_called_by_what_is_known(workspace: Workspace) -> None:
    contact_id = run(workspace, create_contact, email="who@example.com")
    assert contact(workspace, contact_id).name == "who@example.com"
    with pytest.raises(UserError) as refused:
        run(workspace, create_contact, name="  ")
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"job_title": "x" * 201}, "job_title"),
        ({"lifecycle": None}, "lifecycle"),
    ],
)
def test_what_does_not_fit_names_its_field_and_changes_nothing(
    workspace: Workspace, fields: dict[str, object], field: str
) -> None:
    contact_id = run(workspace, create_contact, name="Priya Raman", email="priya@example.com")
    before = contact(workspace, contact_id).row_version
    with pytest.raises(UserError) as refused:
        run(workspace, change_contact, contact_id=contact_id, **fields)
    assert refused.value.field == field
    assert contact(workspace, contact_id).row_version == before


def test_changing_fields_can_be_undone(store: Workspace) -> None:
    contact_id = run(store, create_contact, name="Priya Raman", email="priya@example.com")
    undo_roundtrip(
        store,
        change_contact,
        contact_id=contact_id,
        name="Priya Rahman",
        job_title="Head of Purchasing",
        email="p.rahman@example.com",
        phone="+44 161 496 0519",
        lifecycle=Lifecycle.CUSTOMER,
        lead_status=LeadStatus.QUALIFIED,
    )
    found = contact(store, contact_id)
    assert (found.name, found.sort_name) == ("Priya Rahman", "rahman priya")
    assert (found.email_key, found.phone_key) == ("p.rahman@example.com", "+441614960519")
    undo_roundtrip(store, change_contact, contact_id=contact_id, email=None, phone="")
    assert contact(store, contact_id).email is None
    assert points(store, contact_id, PointKind.EMAIL) == []


def test_a_form_opened_before_somebody_elses_save_is_refused(workspace: Workspace) -> None:
    contact_id = run(workspace, create_contact, name="Priya Raman")
    seen = contact(workspace, contact_id).row_version
    run(workspace, change_contact, contact_id=contact_id, row_version=seen, job_title="Buyer")
    with pytest.raises(UserError):
        run(workspace, change_contact, contact_id=contact_id, row_version=seen, job_title="CEO")


def test_points_and_addresses_can_be_undone_and_keep_the_primary_in_step(store: Workspace) -> None:
    contact_id = run(store, create_contact, name="Priya Raman", email="a@example.com")
    second = undo_roundtrip(
        store,
        add_contact_point,
        kind=PointKind.EMAIL,
        value="b@example.com",
        contact_id=contact_id,
    )
    with pytest.raises(UserError):
        run(store, add_contact_point, kind="email", value="B@Example.com", contact_id=contact_id)
    undo_roundtrip(store, make_point_primary, point_id=second)
    assert contact(store, contact_id).email_key == "b@example.com"
    undo_roundtrip(store, change_contact_point, point_id=second, value="c@example.com", label="x")
    assert contact(store, contact_id).email_key == "c@example.com"
    undo_roundtrip(store, remove_contact_point, point_id=second)
    assert points(store, contact_id, PointKind.EMAIL) == [("a@example.com", "a@example.com", True)]
    assert contact(store, contact_id).email_key == "a@example.com"
    address = undo_roundtrip(store, add_address, contact_id=contact_id, city="Oslo")
    undo_roundtrip(store, change_address, address_id=address, city="Bergen", country="Norway")
    assert contact(store, contact_id).city == "Bergen"
    undo_roundtrip(store, remove_address, address_id=address)
    assert contact(store, contact_id).city is None


def test_archived_people_leave_lists_and_come_back(store: Workspace) -> None:
    contact_id = run(store, create_contact, name="Priya Raman")
    undo_roundtrip(store, archive_contacts, contact_ids=[contact_id])
    assert list(read(store, contact_ids, None)) == []
    assert list(read(store, contact_ids, ContactFilter(archived=True))) == [contact_id]
    undo_roundtrip(store, restore_contacts, contact_ids=[contact_id])
    assert list(read(store, contact_ids, None)) == [contact_id]


def test_a_batch_over_ids_or_over_a_filter_is_one_step(store: Workspace) -> None:
    ids = [run(store, create_contact, name=f"Person {n}") for n in range(5)]
    other = run(store, create_user, name="Farah Aziz")
    assert undo_roundtrip(store, assign_contacts, chosen=ids[:2], owner_id=other) == 2
    hers = ContactFilter(owner_ids=(other,))
    assert undo_roundtrip(store, tag_chosen, kind="contact", chosen=hers, name="vip") == 2
    tag_id = read(store, tag_options)[0].id
    tagged = ContactFilter(tag_ids=(tag_id,))
    assert (
        undo_roundtrip(store, set_contacts_lifecycle, chosen=tagged, lifecycle=Lifecycle.CUSTOMER)
        == 2
    )
    assert (
        undo_roundtrip(store, set_contacts_status, chosen=tagged, lead_status=LeadStatus.NURTURE)
        == 2
    )
    customers = ContactFilter(lifecycles=(Lifecycle.CUSTOMER,))
    assert undo_roundtrip(store, archive_chosen, kind="contact", chosen=customers) == 2
    away = ContactFilter(archived=True)
    assert undo_roundtrip(store, restore_chosen, kind="contact", chosen=away) == 2
    assert undo_roundtrip(store, untag_chosen, kind="contact", chosen=tagged, tag_id=tag_id) == 2
    assert count(store, TagLink) == 0


@pytest.mark.parametrize(
    ("entered", "reasons"),
    [
        ({"emails": ["PRIYA@example.com"]}, {"email"}),
        ({"emails": ["priya+shop@example.com"]}, {"email"}),
        ({"emails": ["p.raman@example.com"]}, set()),
        ({"phones": ["+49 30 55570142"]}, {"phone"}),
        ({"name": "priya  RAMAN"}, {"name"}),
        ({"given_name": "Priya", "family_name": "Raman"}, {"name"}),
        ({"name": "Raman Priya"}, {"name"}),
        ({"name": "Priya"}, set()),
        ({"name": "Priya Raman", "emails": ["priya@example.com"]}, {"name", "email"}),
    ],
)
def test_likely_duplicates_are_found_on_entry(
    workspace: Workspace, entered: dict[str, Any], reasons: set[str]
) -> None:
    person = {"name": "Priya Raman", "email": "priya@example.com", "phone": "030 55570142"}
    run(workspace, create_contact, **person)
    run(workspace, create_contact, name="Priya Okafor", email="okafor@example.com")
    found = workspace.read(lambda session: possible_duplicates(session, **entered))
    expected = [("Priya Raman", reasons)] if reasons else []
    assert [(item.name, set(item.reasons)) for item in found] == expected


def test_gmail_spellings_are_one_mailbox_and_the_person_itself_is_no_duplicate(
    store: Workspace,
) -> None:
    contact_id = run(store, create_contact, name="Priya Raman", email="priya.raman@googlemail.com")
    ask: dict[str, Any] = {"emails": ["priyaraman+x@gmail.com"]}
    found = store.read(lambda session: possible_duplicates(session, **ask))
    assert [item.id for item in found] == [contact_id]
    again = store.read(lambda session: possible_duplicates(session, exclude_id=contact_id, **ask))
    assert again == []


def test_tags_are_one_word_in_any_spelling_and_undoable(store: Workspace) -> None:
    contact_id = run(store, create_contact, name="Priya Raman")
    tag_id = undo_roundtrip(store, ensure_tag, name="Key account")
    assert run(store, ensure_tag, name="key-account") == tag_id
    assert (
        undo_roundtrip(store, tag_records, kind="contact", ids=[contact_id], name="KEY ACCOUNT")
        == 1
    )
    assert run(store, tag_records, kind="contact", ids=[contact_id], name="key account") == 0
    assert (
        undo_roundtrip(store, set_tags, kind="contact", record_id=contact_id, names=["a", "b"]) == 2
    )
    undo_roundtrip(store, rename_tag, tag_id=tag_id, name="Key customer")
    with pytest.raises(UserError):
        run(store, rename_tag, tag_id=tag_id, name="A")
    second = run(store, ensure_tag, name="a")
    assert undo_roundtrip(store, remove_tag, tag_id=second) == 1
    assert count(store, Tag) == 2


def test_equal_bytes_are_stored_once(store: Workspace) -> None:
    contact_id = run(store, create_contact, name="Priya Raman")
    run(store, attach_file, name="offer.pdf", content=b"%PDF", contact_id=contact_id)
    link = undo_roundtrip(
        store, attach_file, name="again.pdf", content=b"%PDF", contact_id=contact_id
    )
    assert count(store, Attachment) == 1
    undo_roundtrip(store, rename_attachment, link_id=link, name="third.pdf")
    undo_roundtrip(store, detach_file, link_id=link)
    details = read(store, contact_details, contact_id)
    assert details is not None
    assert [(f.name, f.size, f.media_type) for f in details.facts.files] == [
        ("offer.pdf", 4, "application/pdf")
    ]


def test_views_keep_a_filter_and_come_in_their_order(store: Workspace) -> None:
    chosen = ContactFilter(
        text="am",
        owner_ids=(store.user_id, None),
        lifecycles=(Lifecycle.CUSTOMER, Lifecycle.LEAD),
        tag_ids=(2**61,),
        has_email=True,
        created_from=datetime(2026, 3, 1, tzinfo=UTC).date(),
        custom=((5, "x"),),
    )
    definition = {"filter": filter_to_json(chosen)}
    mine = undo_roundtrip(store, save_view, page="contacts", name="Mine", definition=definition)
    ours = run(store, save_view, page="contacts", name="Ours", definition={}, everybody=True)
    undo_roundtrip(store, order_views, view_ids=[ours, mine])
    undo_roundtrip(store, change_view, view_id=ours, name="All of us", definition={"filter": {}})
    rows = read(store, saved_views, "contacts", store.user_id)
    assert [(row.name, row.owner_id) for row in rows] == [
        ("All of us", None),
        ("Mine", store.user_id),
    ]
    assert filter_from_json(ContactFilter, rows[1].definition["filter"]) == chosen
    assert [row.name for row in read(store, saved_views, "contacts", 1)] == ["All of us"]
    undo_roundtrip(store, remove_view, view_id=ours)
