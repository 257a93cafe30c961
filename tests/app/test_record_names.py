"""Names of records behind fields that point to them, and how much there is."""

from app.commands.contacts import create_contact
from app.commands.deals import create_deal
from app.commands.tickets import create_ticket
from app.queries.record_counts import record_counts
from app.queries.record_names import record_names, reference_of
from app.workspace import Workspace
from tests.conftest import USER, run


def test_a_field_tells_which_record_it_points_to() -> None:
    assert reference_of("contact_id", 7) == ("contact", 7)
    assert reference_of("owner_id", 7) == ("user", 7)
    assert reference_of("parent_id", 7) == ("company", 7)
    assert reference_of("city", "Ulm") is None
    assert reference_of("contact_id", None) is None
    assert reference_of("moon_id", 7) is None


def test_names_of_several_kinds_are_found(store: Workspace) -> None:
    person = run(store, create_contact, name="Lena Ott")
    deal = run(store, create_deal, name="Heat pumps")
    ticket = run(store, create_ticket, subject="The lamp flickers", contact_id=person)
    assert store.user_id is not None
    wanted = [("contact", person), ("deal", deal), ("ticket", ticket), ("user", store.user_id)]
    assert store.read(record_names, [*wanted, ("contact", 1)]) == dict(
        zip(wanted, ["Lena Ott", "Heat pumps", "The lamp flickers", USER], strict=True)
    )


def test_only_what_there_is_is_counted(store: Workspace) -> None:
    for name in ("Lena Ott", "Otto Kurz"):
        run(store, create_contact, name=name)
    run(store, create_deal, name="Heat pumps")
    assert store.read(record_counts) == {"contact": 2, "deal": 1}
