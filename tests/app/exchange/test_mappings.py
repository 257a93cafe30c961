"""Mappings: taken from a plan, applied to another file, kept in the store, exported and loaded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.commands.import_mappings import forget_mapping, remember_mapping, rename_mapping
from app.errors import UserError
from app.exchange import mappings
from app.exchange.plan import MatchBy, OnMatch, Region, Taking, plan_file, with_field, with_taking
from app.exchange.runs import ImportRun
from app.queries.imports import import_mappings, mapping_for
from app.workspace import Workspace
from models.records import Contact, Deal
from tests.app.exchange.conftest import counts
from tests.conftest import read

REGION = Region()
HEADERS = "Vorname;Nachname;E-Mail;Rolle;Zustand\n"
MakeFile = Callable[..., Path]


@pytest.fixture
def first(make_file: MakeFile) -> Path:
    return make_file(HEADERS + "Anna;Berg;anna@x.example;Einkauf;neu\n", "first.csv")


@pytest.fixture
def second(make_file: MakeFile) -> Path:
    # The same columns in another order, spelling, delimiter and encoding.
    return make_file(
        "zustand,E-MAIL,vorname,nachname,rolle,Extra\nneu,bo@x.example,Bö,Lund,Chef,1\n",
        "second.csv",
        encoding="utf-16",
    )


def test_a_shape_does_not_depend_on_order_and_spelling() -> None:
    assert mappings.shape_of(["E-Mail", "Last name"]) == mappings.shape_of(["last_name", "e mail"])
    assert mappings.shape_of(["E-Mail"]) != mappings.shape_of(["E-Mail", "Phone"])
    assert mappings.shape_of(["№", "%"]) != mappings.shape_of(["€", "%"])


def test_a_mapping_is_applied_to_a_file_written_otherwise(first: Path, second: Path) -> None:
    plan = plan_file(first, region=REGION)
    plan = with_field(plan, 3, "job_title", REGION)
    plan = with_field(plan, 4, "custom:text:Zustand", REGION)
    taking = Taking(
        OnMatch.FILL, frozenset({MatchBy.EMAIL}), {"job_title": {"chef": "Managing director"}}
    )
    mapping = mappings.from_plan(with_taking(plan, taking, REGION), "Fair")
    other = mappings.apply(plan_file(second, region=REGION), mapping, REGION)
    assert other.mapping() == {
        "zustand": "custom:text:Zustand",
        "E-MAIL": "email",
        "vorname": "given_name",
        "nachname": "family_name",
        "rolle": "job_title",
        "Extra": None,
    }
    assert other.mapped_as == "Fair"
    assert other.taking == taking
    assert other.table.dialect.delimiter == ","  # its own, not the mapping's


def test_what_was_applied_is_taken_in(workspace: Workspace, first: Path, second: Path) -> None:
    plan = with_field(plan_file(first, region=REGION), 3, "job_title", REGION)
    taking = Taking(words={"job_title": {"chef": "Managing director"}})
    mapping = mappings.from_plan(with_taking(plan, taking, REGION))
    other = mappings.apply(plan_file(second, region=REGION), mapping, REGION)
    (result,) = ImportRun(workspace, [other]).run()
    assert counts(result) == {"created": 1}
    title = read(workspace, lambda s: s.query(Contact.job_title).scalar())
    assert title == "Managing director"


def test_a_file_is_read_as_the_mapping_says_where_only_that_finds_its_columns(
    make_file: MakeFile,
) -> None:
    mapping = mappings.FileMapping(
        "contact",
        {"X1": "given_name", "X2": "family_name"},
        reading={"encoding": "utf-8", "delimiter": "|", "header_row": 3},
    )
    path = make_file("a\nb\nX1|X2\nAnna|Berg\n")
    plan = mappings.plan_mapped(path, mapping, REGION)
    assert plan.mapping() == {"X1": "given_name", "X2": "family_name"}
    assert plan.rows == 1


def test_words_of_stages_are_translated(workspace: Workspace, make_file: MakeFile) -> None:
    path = make_file("Deal;Amount;Stage\nRoof;5;Angebot raus\nWall;7;Müll\n")
    plan = plan_file(path, region=REGION)
    assert dict(plan.words["stage"]) == {"Angebot raus": 1, "Müll": 1}
    mapping = mappings.FileMapping(
        "deal", plan.mapping(), words={"stage": {"Angebot raus": "Proposal", "Müll": None}}
    )
    plan = mappings.apply(plan, mapping, REGION)
    assert plan.stages == (("", "Proposal"),)
    (result,) = ImportRun(workspace, [plan]).run()
    assert counts(result) == {"created": 2}
    assert read(workspace, lambda s: s.query(Deal).count()) == 2


def test_an_exported_mapping_is_loaded_again(first: Path, tmp_path: Path) -> None:
    plan = with_field(plan_file(first, region=REGION), 3, "job_title", REGION)
    mapping = mappings.from_plan(plan, "Messe Köln")
    path = tmp_path / "mapping.json"
    mappings.save(mapping, path)
    found = json.loads(path.read_text("utf-8"))
    assert found["closeknit_mapping"] == 1
    assert found["columns"]["Rolle"] == "job_title"
    assert found["reading"]["delimiter"] == ";"
    assert mappings.load(path) == mapping


GOOD: dict[str, Any] = {"closeknit_mapping": 1, "kind": "contact", "columns": {"A": "email"}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("{}", "it does not begin with closeknit_mapping: 1"),
        (json.dumps(GOOD | {"kind": "spaceship"}), "no records of the kind spaceship"),
        (json.dumps(GOOD | {"columns": None}), "its columns are missing"),
        (json.dumps(GOOD | {"columns": {"A": "shoe_size"}}), "becomes shoe_size"),
        (json.dumps(GOOD | {"columns": {"A": 7}}), "becomes 7"),
        (json.dumps(GOOD | {"columns": {"A": "custom:cake:B"}}), "becomes custom:cake:B"),
        (json.dumps(GOOD | {"words": {"stage": "x"}}), "its words are not written"),
        (json.dumps(GOOD | {"on_match": "burn"}), "unknown way to match"),
        (json.dumps(GOOD | {"reading": 3}), "its reading is not written"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused_with_the_reason(
    tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(content, "utf-8")
    with pytest.raises(UserError, match="is no mapping of Closeknit") as caught:
        mappings.load(path)
    assert words in str(caught.value)


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        mappings.load(tmp_path / "none.json")


def test_mappings_are_remembered_by_shape_renamed_and_forgotten(
    store: Workspace, first: Path
) -> None:
    mapping = mappings.from_plan(plan_file(first, region=REGION), "Fair")
    fields = {"kind": mapping.kind, "shape": mapping.shape, "definition": mapping.as_json()}
    made = store.change("Remember mapping", remember_mapping, name="Fair", **fields)
    again = store.change("Remember mapping", remember_mapping, name="Fair", **fields)
    assert made == again
    other = store.change("Remember mapping", remember_mapping, name="Leads", **fields)
    found = store.read(mapping_for, mapping.shape)
    assert found is not None
    assert found.id == other  # the one used last
    assert mappings.from_json(found.definition).columns == mapping.columns
    assert store.read(mapping_for, "0" * 64) is None
    store.change("Rename mapping", rename_mapping, mapping_id=other, name="Messe")
    assert [row.name for row in store.read(import_mappings)] == ["Messe", "Fair"]
    store.change("Forget mapping", forget_mapping, mapping_id=other)
    assert [row.name for row in store.read(import_mappings)] == ["Fair"]
