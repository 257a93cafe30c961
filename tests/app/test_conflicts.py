"""Two people save the same record: merged where they can be, asked where not, nothing lost."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.companies import change_company, create_company
from app.commands.contact_points import remove_contact_point
from app.commands.contacts import change_contact, change_contact_point, create_contact
from app.commands.custom_fields import create_custom_field, set_custom_value
from app.commands.deals import change_deal, create_deal, move_deal_to_stage
from app.commands.pipelines import change_stage
from app.commands.products import change_product, create_product
from app.commands.tags import tag_records
from app.commands.tasks import change_task, create_task
from app.commands.tickets import change_ticket, create_ticket
from app.commands.users import create_user
from app.conflicts import Conflict, Keep, anew
from app.errors import UserError
from app.history import trail, undo_candidate, undo_step
from app.queries.timeline_changes import TimelineScope, change_entries
from app.workspace import Workspace
from app.writer import Done
from models.ids import NODE_BITS, SEQUENCE_BITS
from models.records import Contact, ContactPoint, Deal, Record, Stage, TagLink
from models.values import FieldType, Lifecycle, PointKind, TicketPriority
from tests.conftest import count, run


def column(workspace: Workspace, record: type[Record], record_id: int, key: str) -> Any:
    return workspace.read(lambda session: getattr(session.get(record, record_id), key))


def version(workspace: Workspace, record: type[Record], record_id: int) -> int:
    return int(column(workspace, record, record_id, "row_version"))


@pytest.fixture
def ann(store: Workspace) -> int:
    return run(store, create_user, name="Ann Weber")


def as_ann(store: Workspace, ann: int, command: Any, **fields: Any) -> None:
    """Run a command as Ann's program would: another user, another process."""
    own = store.database.process
    store.database.process = "ann's program"
    try:
        with store.database.changing("Ann's change", user_id=ann) as session:
            command(session, **fields)
    finally:
        store.database.process = own


def test_changes_to_different_fields_are_merged(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott", job_title="Buyer", city="Ulm")
    seen = version(store, Contact, person)
    as_ann(store, ann, change_contact, contact_id=person, city="Bonn")
    done: Done = store.writer.submit(
        "Change contact",
        change_contact,
        contact_id=person,
        row_version=seen,
        opened={"job_title": "Buyer"},
        job_title="Head of buying",
    ).result()
    assert column(store, Contact, person, "job_title") == "Head of buying"
    assert column(store, Contact, person, "city") == "Bonn"
    (merged,) = done.merged
    assert (merged.who, merged.fields) == ("Ann Weber", ("city",))


def test_a_save_of_ones_own_beside_another_of_ones_own_says_nothing(store: Workspace) -> None:
    person = run(store, create_contact, name="Lena Ott", city="Ulm")
    seen = version(store, Contact, person)
    run(store, change_contact, contact_id=person, city="Bonn")
    done = store.writer.submit(
        "Change contact",
        change_contact,
        contact_id=person,
        row_version=seen,
        opened={"job_title": None},
        job_title="Buyer",
    ).result()
    assert done.merged == ()
    assert column(store, Contact, person, "city") == "Bonn"


def test_the_same_field_asks_and_writes_nothing(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott", city="Ulm", job_title="Buyer")
    seen = version(store, Contact, person)
    as_ann(store, ann, change_contact, contact_id=person, city="Bonn")
    with pytest.raises(Conflict) as caught:
        run(
            store,
            change_contact,
            contact_id=person,
            row_version=seen,
            opened={"city": "Ulm", "job_title": "Buyer"},
            city="Köln",
            job_title="Chief",
        )
    (field,) = caught.value.fields
    assert (field.name, field.opened, field.mine, field.theirs) == ("city", "Ulm", "Köln", "Bonn")
    assert field.who == "Ann Weber"
    assert field.when is not None
    assert caught.value.row_version == version(store, Contact, person)
    assert column(store, Contact, person, "city") == "Bonn"
    assert column(store, Contact, person, "job_title") == "Buyer"  # the whole save waits


def test_what_only_they_changed_is_not_carried_back(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott", city="Ulm", job_title="Buyer")
    as_ann(store, ann, change_contact, contact_id=person, city="Bonn")
    run(
        store,
        change_contact,
        contact_id=person,
        opened={"city": "Ulm", "job_title": "Buyer"},
        city="Ulm",
        job_title="Chief",
    )
    assert column(store, Contact, person, "city") == "Bonn"
    assert column(store, Contact, person, "job_title") == "Chief"


def _clash(store: Workspace, ann: int) -> tuple[int, Conflict, dict[str, Any]]:
    person = run(store, create_contact, name="Lena Ott", city="Ulm")
    sent: dict[str, Any] = {"contact_id": person, "opened": {"city": "Ulm"}, "city": "Köln"}
    as_ann(store, ann, change_contact, contact_id=person, city="Bonn")
    with pytest.raises(Conflict) as caught:
        run(store, change_contact, **sent)
    again = {**sent, "row_version": caught.value.row_version}
    return person, caught.value, {**again, "opened": caught.value.rebased(sent["opened"])}


def test_mine_wins_and_theirs_stays_in_the_history(store: Workspace, ann: int) -> None:
    person, _conflict, again = _clash(store, ann)
    run(store, change_contact, resolution={"city": Keep.MINE}, **again)
    assert column(store, Contact, person, "city") == "Köln"
    lines = [line for line in store.read(trail, person) if line.field == "city"]
    steps = [(line.before, line.after, line.user_name) for line in lines]
    assert steps[0] == ("Bonn", "Köln", "Elena Novak")
    assert steps[1] == ("Ulm", "Bonn", "Ann Weber")


def test_theirs_wins_and_mine_stays_in_the_history(store: Workspace, ann: int) -> None:
    person, _conflict, again = _clash(store, ann)
    before = store.read(undo_candidate, store.user_id)
    run(store, change_contact, resolution={"city": Keep.THEIRS}, **again)
    assert column(store, Contact, person, "city") == "Bonn"
    newest = store.read(trail, person)[0]
    assert (newest.action, newest.before, newest.after) == ("kept", "Köln", "Bonn")
    entries = store.read(change_entries, TimelineScope(contact_id=person), None, 10)
    kept = next(entry for entry in entries if entry.kind == "kept")
    assert [(f.field, f.before, f.after) for f in kept.fields] == [("city", "Köln", "Bonn")]
    assert kept.who == "Elena Novak"
    assert store.read(undo_candidate, store.user_id) == before  # there is nothing to undo in it


def test_both_become_a_new_value(store: Workspace, ann: int) -> None:
    person, _conflict, again = _clash(store, ann)
    run(store, change_contact, resolution={"city": anew("Bonn and Köln")}, **again)
    assert column(store, Contact, person, "city") == "Bonn and Köln"


def test_a_third_change_meanwhile_asks_again(store: Workspace, ann: int) -> None:
    person, _conflict, again = _clash(store, ann)
    as_ann(store, ann, change_contact, contact_id=person, city="Trier")
    for choice in (Keep.MINE, "theirs", anew("both")):
        with pytest.raises(Conflict) as caught:
            run(store, change_contact, resolution={"city": choice}, **again)
        assert caught.value.fields[0].theirs == "Trier"
    assert column(store, Contact, person, "city") == "Trier"


def test_undo_of_a_resolved_save_leaves_the_kept_line_alone(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott", city="Ulm", job_title="Buyer")
    as_ann(store, ann, change_contact, contact_id=person, city="Bonn")
    run(
        store,
        change_contact,
        contact_id=person,
        opened={"city": "Bonn", "job_title": "Buyer"},
        resolution={"city": Keep.THEIRS},
        city="Köln",
        job_title="Chief",
    )
    step = store.read(undo_candidate, store.user_id)
    assert step is not None
    run(store, undo_step, step=step.n)
    assert column(store, Contact, person, "job_title") == "Buyer"
    assert column(store, Contact, person, "city") == "Bonn"


def test_the_same_value_typed_by_both_is_no_conflict(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott", phone="+49 731 1")
    as_ann(store, ann, change_contact, contact_id=person, phone="+49 731 22")
    run(
        store,
        change_contact,
        contact_id=person,
        opened={"phone": "+49 731 1"},
        phone=" +49 731 22 ",
    )
    assert column(store, Contact, person, "phone") == "+49 731 22"


def test_without_opened_values_a_stale_save_is_refused(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott")
    seen = version(store, Contact, person)
    as_ann(store, ann, change_contact, contact_id=person, city="Bonn")
    with pytest.raises(UserError, match="while you had it open"):
        run(store, change_contact, contact_id=person, row_version=seen, job_title="Chief")


def test_a_deal_moved_by_two_asks_with_the_names_of_the_stages(store: Workspace, ann: int) -> None:
    deal = run(store, create_deal, name="Heat pumps")
    stages = store.read(lambda s: list(s.scalars(select(Stage.id).order_by(Stage.position))))
    first = column(store, Deal, deal, "stage_id")
    as_ann(store, ann, move_deal_to_stage, deal_id=deal, stage_id=stages[1])
    sent: dict[str, Any] = {"deal_id": deal, "stage_id": stages[2], "opened": {"stage_id": first}}
    with pytest.raises(Conflict) as caught:
        run(store, move_deal_to_stage, **sent)
    (field,) = caught.value.fields
    names = {s: column(store, Stage, s, "name") for s in stages}
    assert (field.mine_words, field.theirs_words) == (names[stages[2]], names[stages[1]])
    assert column(store, Deal, deal, "stage_id") == stages[1]
    sent["opened"] = caught.value.rebased(sent["opened"])
    run(store, move_deal_to_stage, resolution={"stage_id": Keep.THEIRS}, **sent)
    assert column(store, Deal, deal, "stage_id") == stages[1]
    run(store, move_deal_to_stage, resolution={"stage_id": Keep.MINE}, **sent)
    assert column(store, Deal, deal, "stage_id") == stages[2]


def _deal(store: Workspace) -> tuple[Any, int, Any]:
    made = run(store, create_deal, name="Heat", expected_close_on=date(2026, 12, 1))
    days = (date(2026, 12, 1), date(2026, 12, 24), date(2027, 1, 7))
    return change_deal, made, ("deal_id", "expected_close_on", *days)


def _company(store: Workspace) -> tuple[Any, int, Any]:
    made = run(store, create_company, name="Helio", employees=10)
    return change_company, made, ("company_id", "employees", 10, 12, 14)


def _ticket(store: Workspace) -> tuple[Any, int, Any]:
    made = run(store, create_ticket, subject="Broken", priority=TicketPriority.NORMAL)
    words = (TicketPriority.NORMAL, TicketPriority.HIGH, TicketPriority.LOW)
    return change_ticket, made, ("ticket_id", "priority", *words)


def _task(store: Workspace) -> tuple[Any, int, Any]:
    made = run(store, create_task, title="Call")
    return change_task, made, ("task_id", "title", "Call", "Call at 9", "Call at 10")


def _product(store: Workspace) -> tuple[Any, int, Any]:
    made = run(store, create_product, name="Panel", price_minor=100)
    return change_product, made, ("product_id", "price_minor", 100, 120, 130)


def _stage(store: Workspace) -> tuple[Any, int, Any]:
    made = store.read(lambda s: s.scalar(select(Stage.id).order_by(Stage.position).limit(1)))
    name = column(store, Stage, made, "name")
    return change_stage, made, ("stage_id", "name", name, "First talk", "First call")


def _lifecycle(store: Workspace) -> tuple[Any, int, Any]:
    made = run(store, create_contact, name="Lena Ott")
    steps = (Lifecycle.LEAD, Lifecycle.CUSTOMER, Lifecycle.QUALIFIED)
    return change_contact, made, ("contact_id", "lifecycle", *steps)


@pytest.mark.parametrize("make", [_deal, _company, _ticket, _task, _product, _stage, _lifecycle])
def test_every_editor_asks_about_its_own_kind_of_field(
    store: Workspace, ann: int, make: Any
) -> None:
    command, record_id, (key, field, opened, theirs, mine) = make(store)
    as_ann(store, ann, command, **{key: record_id, field: theirs})
    sent = {key: record_id, "opened": {field: opened}, field: mine}
    with pytest.raises(Conflict) as caught:
        run(store, command, **sent)
    assert (caught.value.fields[0].theirs, caught.value.fields[0].who) == (theirs, "Ann Weber")
    sent["opened"] = caught.value.rebased(sent["opened"])
    run(store, command, **sent, resolution={field: Keep.MINE})
    with pytest.raises(Conflict):
        run(store, command, **{**sent, field: opened})  # seen was theirs, stored is mine by now


def test_a_field_of_ones_own_asks_by_its_name(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott")
    field = run(
        store, create_custom_field, record_kind="contact", name="Roof area", type=FieldType.NUMBER
    )
    sent: dict[str, Any] = {"field_id": field, "record_id": person, "opened": {"value": None}}
    as_ann(store, ann, set_custom_value, field_id=field, record_id=person, value=40)
    with pytest.raises(Conflict) as caught:
        run(store, set_custom_value, value=55, **sent)
    (clash,) = caught.value.fields
    assert (clash.label, clash.theirs, clash.mine) == ("Roof area", 40, 55)
    sent["opened"] = caught.value.rebased(sent["opened"])
    run(store, set_custom_value, value=55, resolution={"value": Keep.MINE}, **sent)
    run(store, set_custom_value, value=60, **{**sent, "opened": {"value": 55}})


def test_a_contact_point_changed_by_one_is_not_removed_by_the_other(
    store: Workspace, ann: int
) -> None:
    person = run(store, create_contact, name="Lena Ott", phones=["+49 731 1", "+49 731 2"])
    second = store.read(
        lambda s: s.scalar(
            select(ContactPoint.id).where(
                ContactPoint.contact_id == person, ContactPoint.is_primary.is_(False)
            )
        )
    )
    as_ann(store, ann, change_contact_point, point_id=second, value="+49 731 3")
    sent: dict[str, Any] = {"point_id": second, "opened": {"value": "+49 731 2"}}
    with pytest.raises(Conflict) as caught:
        run(store, remove_contact_point, **sent)
    sent["opened"] = caught.value.rebased(sent["opened"])
    run(store, remove_contact_point, resolution={"value": Keep.THEIRS}, **sent)
    assert column(store, ContactPoint, second, "value") == "+49 731 3"
    run(store, remove_contact_point, resolution={"value": Keep.MINE}, **sent)
    assert store.read(lambda session: session.get(ContactPoint, second)) is None


def test_tags_of_two_people_are_both_kept(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott")
    as_ann(store, ann, tag_records, kind="contact", ids=[person], name="solar")
    run(store, tag_records, kind="contact", ids=[person], name="north")
    assert count(store, TagLink) == 2


def test_a_kept_line_tells_windows_about_the_record(store: Workspace, ann: int) -> None:
    person, _conflict, again = _clash(store, ann)
    done = store.writer.submit(
        "Change", change_contact, resolution={"city": Keep.THEIRS}, **again
    ).result()
    assert done.changes is not None
    assert done.changes.ids("contact") == {person}


def test_points_of_kinds_other_than_phones_compare_by_text(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott", websites=["ott.example"])

    def website(session: Session) -> int | None:
        wanted = ContactPoint.kind == PointKind.WEBSITE
        return session.scalar(select(ContactPoint.id).where(wanted))

    point = store.read(website)
    as_ann(store, ann, change_contact_point, point_id=point, value="ott.example/en")
    with pytest.raises(Conflict):
        run(
            store,
            change_contact_point,
            point_id=point,
            value="ott.example/de",
            opened={"value": "ott.example"},
        )
    assert column(store, Contact, person, "name") == "Lena Ott"


def test_a_merge_is_told_even_where_ids_run_ahead_of_the_clock(store: Workspace, ann: int) -> None:
    person = run(store, create_contact, name="Lena Ott", job_title="Buyer", city="Ulm")
    seen = version(store, Contact, person)
    hour = 3_600_000 << (NODE_BITS + SEQUENCE_BITS)
    as_ann(store, ann, change_contact, contact_id=person, city="Bonn")
    done = store.writer.submit(
        "Change contact",
        change_contact,
        contact_id=person,
        row_version=seen + hour,
        opened={"job_title": "Buyer"},
        job_title="Chief",
    ).result()
    assert [merged.fields for merged in done.merged] == [("city",)]
