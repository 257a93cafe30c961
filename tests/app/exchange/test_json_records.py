"""JSON in all its forms: every record is read, or its reason is told."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import UserError
from app.exchange.plan import FilePlan, plan_file
from app.exchange.sources.json_scan import MAX_TEXT
from app.exchange.tables import SourceRow
from app.workspace import Workspace
from tests.app.exchange.conftest import MakeFile, counts, take

ANN = {"id": 1, "first_name": "Ann", "last_name": "Lee", "email": "ann@x.example",
       "tags": ["a", "b"], "company": {"name": "Foo"}}  # fmt: skip
BO = {"id": 2, "first_name": "Bo", "last_name": "Ray", "email": "bo@x.example"}
PEOPLE = [ANN, BO]


def rows(plan: FilePlan) -> list[SourceRow]:
    return list(plan.table.rows())


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PEOPLE),
        json.dumps(PEOPLE, indent=2),
        "\n".join(map(json.dumps, PEOPLE)),
        "\r\n".join(map(json.dumps, PEOPLE)) + "\r\n\r\n",
        "\n".join(json.dumps(person, indent=1) for person in PEOPLE),
        json.dumps({"data": PEOPLE}),
        json.dumps({"paging": {"next": "x", "ids": [1, 2]}, "results": PEOPLE, "total": 2}),
        json.dumps({"contacts": PEOPLE}, indent=1),
        json.dumps({"response": {"result": {"items": PEOPLE}}}),
        json.dumps([{"id": p["id"], "properties": p} for p in PEOPLE]),
        json.dumps({"data": {"people": [{"node": p} for p in PEOPLE]}}),
    ],
)
def test_every_form_gives_the_same_people(make_file: MakeFile, text: str) -> None:
    plan = plan_file(make_file(text, "people.json"))
    assert (plan.kind, plan.rows) == ("contact", 2)
    fields = {c.field for c in plan.guess.columns}
    assert {"external_id", "given_name", "family_name", "email", "tags", "company"} <= fields
    cells = [dict(zip(plan.table.headers, row.cells, strict=True)) for row in rows(plan)]
    assert [each["email"] for each in cells] == ["ann@x.example", "bo@x.example"]
    assert cells[0]["tags"] == "a, b"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_any_encoding(make_file: MakeFile, encoding: str) -> None:
    text = json.dumps([{**ANN, "last_name": "Müller"}], ensure_ascii=False)
    plan = plan_file(make_file(text, "x.json", encoding=encoding))
    assert "Müller" in rows(plan)[0].cells


def test_one_object_is_one_record(make_file: MakeFile) -> None:
    plan = plan_file(make_file(json.dumps({**ANN, "notes": [{"text": "x"}]}), "x.json"))
    assert (plan.kind, plan.rows) == ("contact", 1)


def test_objects_in_a_list_get_columns_of_their_own(make_file: MakeFile) -> None:
    person = {**ANN, "phones": [{"value": "1", "kind": "home"}, {"value": "2", "kind": "work"}]}
    plan = plan_file(make_file(json.dumps([person]), "x.json"))
    cells = dict(zip(plan.table.headers, rows(plan)[0].cells, strict=True))
    assert cells["phones.value"] == "1"
    assert cells["phones.2.value"] == "2"


def test_a_repeated_key_loses_nothing(make_file: MakeFile) -> None:
    text = '[{"first_name": "A", "email": "a@x.example", "email": "b@x.example"}]'
    plan = plan_file(make_file(text, "x.json"))
    assert plan.table.headers == ("first_name", "email", "email (2)")
    assert rows(plan)[0].cells == ("A", "a@x.example", "b@x.example")


def test_a_number_that_is_none_is_blank(make_file: MakeFile) -> None:
    text = '[{"first_name": "A", "email": "a@x.example", "score": NaN, "other": -Infinity}]'
    plan = plan_file(make_file(text, "x.json"))
    assert rows(plan)[0].cells == ("A", "a@x.example", "", "")


def test_two_lists_are_two_kinds(workspace: Workspace, make_file: MakeFile) -> None:
    text = json.dumps(
        {
            "companies": [{"id": 7, "name": "Foo", "industry": "Retail"}],
            "contacts": [{**BO, "company_id": 7}, {"id": 3}],
        }
    )
    (result,) = take(workspace, make_file(text, "x.json"))
    assert counts(result) == {"created": 2, "failed": 1}
    assert result.tally.links["company"] == 1


def test_keys_that_come_late_are_told(workspace: Workspace, make_file: MakeFile) -> None:
    lines = [json.dumps({**BO, "id": n, "email": f"p{n}@x.example"}) for n in range(1, 2_001)]
    late = json.dumps({**BO, "id": 0, "email": "late@x.example", "shoe": "42"})
    plan = plan_file(make_file("\n".join([*lines, late]), "x.json"))
    assert rows(plan)[-1].surplus == ("shoe: 42",)
    (result,) = take(workspace, plan.path)
    assert counts(result) == {"created": 2_001}
    assert [p.value for p in result.tally.problems] == ["shoe: 42"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (json.dumps(PEOPLE)[:-20], ["breaks off"]),
        (json.dumps(PEOPLE) [:-1], ["breaks off"]),
        ('{"id": 5, "x\n' + json.dumps(ANN) + "\n" + json.dumps(BO), ["not valid JSON"]),
        (json.dumps(ANN) + '\n{"id": 5, "x\n' + json.dumps(BO), ["not valid JSON"]),
        ("[" + json.dumps(ANN) + ', {"id": 5, x}, ' + json.dumps(BO) + "]", ["not valid JSON"]),
        ("[" + json.dumps(ANN) + ', 7, "x", ' + json.dumps(BO) + "]", ["is none"]),
        ("[" + json.dumps(ANN) + ', {"x": ' + "[" * 99 + "]" * 99 + "}]", ["64 levels"]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_costs_nothing_else(
    make_file: MakeFile, text: str, problems: list[str]
) -> None:
    plan = plan_file(make_file(text, "x.json"))
    found = [row.problem for row in rows(plan) if row.problem]
    assert len(found) == len(problems)
    assert all(part in reason for part, reason in zip(problems, found, strict=True))
    assert any(row.cells[0] == "1" for row in rows(plan))


@pytest.mark.parametrize("filling", ["x", 'x\\"', "{["])
def test_a_text_of_more_than_ten_megabytes_is_not_taken(make_file: MakeFile, filling: str) -> None:
    giant = filling * (MAX_TEXT // len(filling) + 2_000_000)
    text = '[{"first_name": "A", "email": "' + giant + '"}, ' + json.dumps(BO) + "]"
    started = time.monotonic()
    plan = plan_file(make_file(text, "x.json"))
    first, second = rows(plan)
    assert "10,000,000" in first.problem
    assert "bo@x.example" in second.cells
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, "[]", '{"data": []}', '[{"a', "[[1,2],[3,4]]", '{"a":'],
)
def test_no_records_are_told_as_such(make_file: MakeFile, text: str) -> None:
    with pytest.raises(UserError, match=r"JSON|customer data"):
        plan_file(make_file(text, "x.json"))


def test_many_records_take_no_more_memory_than_a_few(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "many.json"
    with path.open("w") as file:
        file.write('{"results": [')
        for number in range(60_000):
            file.write(json.dumps({**ANN, "id": number}) + ",\n")
        file.write(json.dumps(BO) + "]}")
    plan = plan_file(path)
    tracemalloc.start()
    assert sum(1 for row in plan.table.rows() if not row.problem) == 60_001
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text(), JSON_VALUES, max_size=5), min_size=1, max_size=5))
@settings(
    max_examples=60, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_record_is_accounted_for(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    from app.exchange.sources.json_scan import Scanner

    path = tmp_path / "x.json"
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8", errors="replace")
    pieces = list(Scanner(path, "utf-8", wrapped=False).pieces())
    assert [piece.problem for piece in pieces] == [""] * len(records)


@given(st.binary(max_size=400), st.sampled_from([b"[{", b'{"a":[{', b'[{"a":1},', b""]))
@settings(
    max_examples=150, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_garbage_never_crashes(tmp_path: Path, garbage: bytes, start: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(start + garbage)
    opened = _opened(path)
    if opened is not None:
        numbers = [row.number for row in opened()]
        assert numbers == sorted(set(numbers))


def _opened(path: Path) -> Callable[[], Any] | None:
    from app.exchange.sources.json_records import open_source

    try:
        return open_source(path, path.read_bytes(), encoding=None, sheet=None).raw_rows
    except UserError:
        return None
