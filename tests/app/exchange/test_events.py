"""Events: streams and tables, who did them, also backwards in time, once each."""

import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import UserError
from app.exchange.events.chunks import EventChunk
from app.exchange.events.messages import Gatherer, moment_text
from app.exchange.events.reading import WORTH_A_PROCESS
from app.exchange.plan import plan_file
from app.exchange.runs import ImportRun, Progress, region_of, undo_batches
from app.exchange.sources.packed import MAX_RATIO
from app.workspace import Workspace
from models.records import Contact, Event, ExternalId, ImportReject, PendingLink
from tests.app.exchange.conftest import MakeFile, counts, take
from tests.conftest import read, snapshot

REAL = Path(os.environ.get("CLOSEKNIT_REAL_DATA", Path(__file__).parents[4] / "shared/data/real"))
ANNA = {"email": "anna@x.example", "firstName": "Anna", "lastName": "Berg"}


def call(type_: str, id_: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "messageId": id_, "timestamp": "2026-01-01T10:00:00.000Z", **more}


def in_lines(messages: Sequence[Any]) -> str:
    return "".join(json.dumps(message) + "\n" for message in messages)


def contents(workspace: Workspace) -> dict[str, Any]:
    """Return everything but the imports' own history."""
    return {k: v for k, v in snapshot(workspace).items() if not k.startswith("import_")}


def who(session: Session) -> dict[str, str | None]:
    rows = session.execute(
        select(Event.message_id, Contact.name).outerjoin(Contact, Contact.id == Event.contact_id)
    )
    return {row[0]: row[1] for row in rows}


def events(session: Session) -> dict[str, Any]:
    return {row.message_id: row for row in session.execute(select(*Event.__table__.columns))}


def undo(workspace: Workspace, *results: Any) -> None:
    undo_batches(workspace, [r.batch_id for r in results if r.batch_id is not None])


STREAM = [
    call("page", "m1", anonymousId="a1", name="Home", properties={"url": "https://x.example/"}),
    call("track", "m2", anonymousId="a1", event="Product Added",
         properties={"cart_id": "c1", "price": 9.9, "product_id": "7"}),
    call("identify", "m3", anonymousId="a1", userId="u1", traits=ANNA),
    call("track", "m4", userId="u1", event="Order Completed",
         properties={"order_id": "o1", "revenue": 99.5, "currency": "USD"}),
    call("track", "m5", userId="u1", event="Order Refunded",
         properties={"order_id": "o1", "total": "19.50", "currency": "USD"}),
    call("page", "m6", anonymousId="b1"),
]  # fmt: skip


def test_a_stream_becomes_events_of_the_person_who_shows_in_it(
    store: Workspace, make_file: MakeFile
) -> None:
    before = contents(store)
    file = make_file(in_lines(STREAM), "stream.jsonl")
    plan = plan_file(file)
    assert (plan.kind, plan.system, plan.rows) == ("event", "segment", 6)
    (result,) = take(store, file)
    assert counts(result) == {"created": 6}
    assert result.tally.links == {"contact": 5}
    anna = "Anna Berg"
    assert read(store, who) == {
        "m1": anna, "m2": anna, "m3": anna, "m4": anna, "m5": anna, "m6": None,
    }  # fmt: skip
    found = read(store, events)
    assert (found["m1"].name, found["m1"].properties["name"]) == ("page", "Home")
    assert (found["m2"].cart_ref, found["m2"].properties["price"]) == ("c1", 9.9)
    assert found["m3"].name == "identify"
    sums = [(found[m].revenue_minor, found[m].currency, found[m].order_ref) for m in ("m4", "m5")]
    assert sums == [(9950, "USD", "o1"), (-1950, "USD", "o1")]
    assert found["m1"].at.isoformat() == "2026-01-01T10:00:00+00:00"
    (again,) = take(store, file)
    assert counts(again) == {"unchanged": 6}
    undo(store, result, again)
    assert contents(store) == before


def test_events_of_an_earlier_file_join_the_person_and_part_again(
    store: Workspace, make_file: MakeFile
) -> None:
    first = make_file(
        in_lines([
            call("page", "p1", anonymousId="a9"),
            call("track", "p2", anonymousId="a8", userId="u9", event="Searched"),
            call("page", "p3", anonymousId="a8"),
            call("track", "p4", userId="u9", event="Paid"),
        ]),
        "first.jsonl",
    )  # fmt: skip
    (one,) = take(store, first)
    assert set(read(store, who).values()) == {None}
    between = contents(store)
    later = [call("identify", "i1", anonymousId="a9", userId="u9", traits={"name": "Bo Lund"})]
    (two,) = take(store, make_file(in_lines(later), "later.jsonl"))
    assert set(read(store, who).values()) == {"Bo Lund"}
    undo(store, two)
    assert contents(store) == between
    (two,) = take(store, make_file(in_lines(later), "later.jsonl"))
    undo(store, one)
    assert list(read(store, who)) == ["i1"]
    undo(store, two)
    assert read(store, lambda s: s.scalar(select(func.count(PendingLink.id)))) == 0


def test_an_address_finds_the_contact_and_a_second_number_does_not_merge(
    workspace: Workspace, make_file: MakeFile
) -> None:
    take(workspace, make_file("Name,E-mail\nAnna Berg,anna@x.example\n"))
    messages = [
        call("identify", "m1", anonymousId="a1", userId="u1", traits=ANNA),
        call("identify", "m2", anonymousId="a2", userId="u2", traits=ANNA),
    ]
    take(workspace, make_file(in_lines(messages), "stream.jsonl"))

    def people(session: Session) -> list[int]:
        by_user = select(ExternalId.record_id).where(ExternalId.system == "segment")
        return list(session.scalars(by_user.order_by(ExternalId.value)))

    first, second = read(workspace, people)
    assert first != second
    assert read(workspace, lambda s: s.scalar(select(func.count(Contact.id)))) == 2


def test_a_device_that_two_people_use_is_nobodys(workspace: Workspace, make_file: MakeFile) -> None:
    messages = [
        call("identify", "m1", anonymousId="shop", userId="u1", traits=ANNA),
        call("identify", "m2", anonymousId="shop", userId="u2", traits={"email": "bo@x.example"}),
        call("page", "m3", anonymousId="shop"),
        call("page", "m4", anonymousId="shop", userId="u2"),
    ]
    take(workspace, make_file(in_lines(messages), "one.jsonl"))
    found = read(workspace, who)
    assert found == {"m1": "Anna Berg", "m2": "bo@x.example", "m3": None, "m4": "bo@x.example"}
    take(workspace, make_file(in_lines([call("page", "m5", anonymousId="shop")]), "two.jsonl"))
    assert read(workspace, who)["m5"] is None


def test_no_more_than_five_devices_and_no_blocked_ids_lead_to_a_person(
    workspace: Workspace, make_file: MakeFile
) -> None:
    messages = [
        call("identify", f"i{n}", anonymousId=f"d{n}", userId="u1", traits=ANNA) for n in range(7)
    ]
    messages += [call("page", f"p{n}", anonymousId=f"d{n}") for n in range(7)]
    messages += [call("page", "null", anonymousId="null"), call("page", "zero", userId="0000")]
    take(workspace, make_file(in_lines(messages), "stream.jsonl"))
    found = read(workspace, who)
    assert sum(1 for n in range(7) if found[f"p{n}"]) == 5
    stored = read(workspace, events)
    assert (stored["null"].anonymous_id, stored["zero"].anonymous_id) == (None, None)


def test_what_cannot_be_taken_is_counted_told_and_kept(
    workspace: Workspace, make_file: MakeFile, tmp_path: Path
) -> None:
    text = in_lines([
        call("track", "m1", userId="u1"),
        call("page", "m2", userId="u1", timestamp="nope"),
        {**call("page", "m3", userId="u1"), "timestamp": "nope", "sentAt": "2026-01-01T10:00:00Z"},
        call("page", "m4", userId="u1"),
        call("page", "m4", userId="u1"),
        {"type": "wobble", "userId": "u1"},
        7,
        call("track", "m5", event="Order Completed", properties={"revenue": "much"}),
        {"type": "page", "userId": "u2", "timestamp": "2026-01-01T10:00:00Z"},
    ]) + "{broken\n\n"  # fmt: skip
    rejects = tmp_path / "rejects.csv"
    (result,) = take(workspace, make_file(text, "stream.jsonl"), rejects=rejects)
    assert counts(result) == {"created": 4, "merged": 1, "failed": 5}
    told = {(p.row, p.column) for p in result.tally.problems}
    assert told == {(1, ""), (2, ""), (3, "timestamp"), (6, ""), (7, ""), (8, "revenue"), (10, "")}
    lines = rejects.read_text("utf-8-sig").splitlines()
    assert (
        lines[0]
        == "type,event,timestamp,user_id,anonymous_id,message_id,properties,Not taken because"
    )
    assert len(lines) == 6
    kept = read(workspace, lambda s: s.scalar(select(func.count(ImportReject.id))))
    assert kept == 5
    (again,) = take(workspace, make_file(text, "stream.jsonl"))
    assert counts(again) == {"unchanged": 5, "failed": 5}
    mended = rejects.read_text("utf-8-sig").replace(",nope,", ",2026-01-02T08:00:00Z,")
    (third,) = take(workspace, make_file(mended, "mended.csv"))
    assert counts(third)["created"] >= 1
    assert read(workspace, events)["m2"].name == "page"


@pytest.mark.parametrize("form", ["array", "pretty array", "batch", "pretty batch", "batches"])
def test_arrays_and_batches_are_streams(
    workspace: Workspace, make_file: MakeFile, form: str
) -> None:
    indent = 2 if form.startswith("pretty") else None
    body: Any = STREAM if "array" in form else {"batch": STREAM, "sentAt": "2026-01-01T10:00:00Z"}
    text = json.dumps(body, indent=indent)
    if form == "batches":
        text = in_lines([{"batch": STREAM[:2]}, {"batch": STREAM[2:]}])
    (result,) = take(workspace, make_file(text, "stream.json"))
    assert counts(result) == {"created": 6}
    assert read(workspace, who)["m1"] == "Anna Berg"


def test_rudderstack_tells_who_it_is_in_the_context(
    workspace: Workspace, make_file: MakeFile
) -> None:
    message = {
        "channel": "web", "context": {"traits": {"email": "zoe@x.example"}, "locale": "de"},
        "type": "track", "messageId": "r1", "anonymousId": "ra", "userId": "zoe",
        "originalTimestamp": "2026-01-01T12:00:00.123+02:00", "event": "Products Searched",
        "properties": {"query": "lamp"}, "rudderId": "x", "integrations": {"All": True},
    }  # fmt: skip
    take(workspace, make_file(in_lines([message]), "rudder.json"))
    assert read(workspace, who) == {"r1": "zoe@x.example"}
    event = read(workspace, events)["r1"]
    assert event.at.isoformat() == "2026-01-01T10:00:00.123000+00:00"
    assert (event.properties["query"], event.properties["context"]["locale"]) == ("lamp", "de")


def test_mixpanel_knows_doublets_by_name_time_person_and_insert_id(
    workspace: Workspace, make_file: MakeFile
) -> None:
    def event(name: str, time: int, insert_id: str) -> dict[str, Any]:
        stated = {"time": time, "distinct_id": "d1", "$insert_id": insert_id, "$browser": "X"}
        return {"event": name, "properties": stated}

    messages = [
        event("Signed up", 1601412131, "i1"),
        event("Signed up", 1601412131, "i1"),
        event("Signed up", 1601412132, "i1"),
        event("$mp_web_page_view", 1601412131123, "i2"),
    ]
    file = make_file(in_lines(messages), "export.json")
    (result,) = take(workspace, file)
    assert (result.plan.system, counts(result)) == ("mixpanel", {"created": 3, "merged": 1})
    names = sorted(event.name for event in read(workspace, events).values())
    assert names == ["Signed up", "Signed up", "page"]
    assert counts(take(workspace, file)[0]) == {"unchanged": 4}


def test_packed_files_are_read_as_what_is_in_them(
    workspace: Workspace, make_file: MakeFile
) -> None:
    packed = make_file(gzip.compress(in_lines(STREAM).encode()), "stream.json.gz")
    assert counts(take(workspace, packed)[0]) == {"created": 6}
    table = make_file(gzip.compress(b"Name,E-mail\nBo Lund,bo@x.example\n"), "people.csv.gz")
    assert counts(take(workspace, table)[0]) == {"created": 1}


def test_packed_files_that_are_broken_or_swell_are_refused(make_file: MakeFile) -> None:
    whole = gzip.compress(os.urandom(200_000).hex().encode())
    with pytest.raises(UserError, match="is not whole"):
        plan_file(make_file(whole[: len(whole) // 2], "broken.csv.gz"))
    bomb = gzip.compress(b"Name,E-mail\n" + b"A,a@x.example\n" * 4_000_000, compresslevel=9)
    assert len(bomb) * MAX_RATIO < 4_000_000 * 14
    with pytest.raises(UserError, match="fill a disk"):
        plan_file(make_file(bomb, "bomb.csv.gz"))
    twice = gzip.compress(gzip.compress(b"Name\nA\n"))
    with pytest.raises(UserError, match="packed twice"):
        plan_file(make_file(twice, "twice.gz"))


def test_a_dry_run_counts_what_the_import_does(workspace: Workspace, make_file: MakeFile) -> None:
    file = make_file(in_lines([*STREAM, STREAM[0]]), "stream.jsonl")
    (dry,) = take(workspace, file, dry=True)
    (real_,) = take(workspace, file)
    assert counts(dry) == counts(real_) == {"created": 6, "merged": 1}
    assert counts(take(workspace, file, dry=True)[0]) == {"unchanged": 7}


def test_a_large_file_is_read_by_a_process_of_its_own_and_can_be_cancelled(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "large.jsonl"
    filler = {"text": "x" * 300}
    with path.open("w") as file:
        n = 0
        while file.tell() <= WORTH_A_PROCESS * 1.5:
            n += 1
            message = call("page", f"m{n}", anonymousId=f"a{n % 50}", properties=filler)
            file.write(json.dumps(message) + "\n")
    plan = plan_file(path, region=region_of(workspace))
    (result,) = ImportRun(workspace, [plan]).run()
    assert counts(result) == {"created": n}
    (again,) = ImportRun(workspace, [plan]).run()
    assert counts(again) == {"unchanged": n}
    undo(workspace, again, result)
    assert read(workspace, events) == {}
    seen: list[int] = []
    run = ImportRun(workspace, [plan])

    def cancel(progress: Progress) -> None:
        seen.append(progress.done)
        run.cancel()

    run.on_progress = cancel
    (half,) = run.run()
    assert seen == [half.tally.read]
    assert 0 < half.tally.read < n
    assert len(read(workspace, events)) == half.tally.read
    undo(workspace, half)
    assert read(workspace, events) == {}


def test_a_chunk_comes_out_of_the_pipe_as_it_went_in() -> None:
    gatherer = Gatherer("EUR", "segment")
    for n, message in enumerate(STREAM, 1):
        assert not gatherer.add(n, message)
    chunk = gatherer.take()
    chunk.failed.append((9, ("a", "b"), "why"))
    assert EventChunk.unpacked(chunk.packed()) == chunk


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31T12:00:00.123Z", "2026-01-31 12:00:00.123000"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31 10:00:00.000000"),
        ("2026-01-31 12:00:00", "2026-01-31 12:00:00.000000"),
        (1601412131, "2020-09-29 20:42:11.000000"),
        (1601412131123, "2020-09-29 20:42:11.123000"),
        ("1601412131", "2020-09-29 20:42:11.000000"),
        ("nope", None),
        (True, None),
        (10**30, None),
    ],
)
def test_moments_are_read_as_streams_write_them(value: Any, expected: str | None) -> None:
    assert moment_text(value) == expected


@pytest.mark.parametrize(
    ("name", "expected", "names"),
    [
        ("events/snowplow_web_events.csv", {"created": 157, "merged": 3}, {"page", "login"}),
        ("events/mixpanel_event.csv", {"created": 5}, {"plays", "playthrough_25"}),
        ("events/segment_pages.csv", {"created": 1}, {"page"}),
        ("commerce-shopify/shopify_abandoned_checkout_data.csv", {"created": 3},
         {"Checkout Started"}),
        ("crm-hubspot/email_event_data.csv", {"created": 100}, {"Email Opened", "Email Delivered"}),
    ],
)  # fmt: skip
def test_real_files_give_what_their_index_says(
    workspace: Workspace, name: str, expected: dict[str, int], names: set[str]
) -> None:
    file = REAL / name
    if not file.exists():
        pytest.skip(f"{file} is not there")
    before = contents(workspace)
    (result,) = take(workspace, file)
    assert counts(result) == expected
    assert names <= {event.name for event in read(workspace, events).values()}
    (again,) = take(workspace, file)
    assert counts(again) == {"unchanged": result.tally.read}
    undo(workspace, again, result)
    assert contents(workspace) == before


def test_abandoned_checkouts_are_of_people_with_carts(workspace: Workspace) -> None:
    file = REAL / "commerce-shopify/shopify_abandoned_checkout_data.csv"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    take(workspace, file)
    found = read(workspace, events).values()
    assert {event.currency for event in found} == {"USD"}
    assert all(event.cart_ref and event.contact_id for event in found)
    assert sum(event.revenue_minor or 0 for event in found) == 50_136 + 1_035 + 11_100
