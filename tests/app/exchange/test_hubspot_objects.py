"""HubSpot: pipelines, stages, moves, owners, tickets. Salesforce: tasks, events, users."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import (
    Activity,
    Appointment,
    Company,
    Contact,
    Deal,
    Pipeline,
    Stage,
    StageChange,
    Task,
    Ticket,
    User,
)
from models.values import ActivityKind, Direction, StageType, TaskPriority, TicketStatus
from tests.app.exchange.conftest import MAVEN, MakeFile, counts, take
from tests.conftest import read, snapshot

HUBSPOT = MAVEN.parent / "crm-hubspot"
SALESFORCE = MAVEN.parent / "crm-salesforce"


def real(folder: Path, *names: str) -> list[Path]:
    files = [folder / f"{name}_data.csv" for name in names]
    if not all(file.exists() for file in files):
        pytest.skip(f"the files are not in {folder}")
    return files


def count(workspace: Workspace, record: Any) -> int:
    return read(workspace, lambda s: s.scalar(select(func.count(record.id))) or 0)


def assert_empty_after_undo(workspace: Workspace, before: Any, batches: list[int | None]) -> None:
    undo_batches(workspace, [batch for batch in batches if batch])
    after = snapshot(workspace)
    ours = {k: v for k, v in before.items() if k != "import_batch"}
    assert {k: v for k, v in after.items() if k != "import_batch"} == ours


ROWS = {
    "deal_pipeline": {"created": 6},
    "deal_pipeline_stage": {"created": 69, "skipped": 2},
    "deal_stage": {"created": 14},
    "owner": {"created": 100},
    "ticket": {"created": 25},
}


def test_hubspot_objects(store: Workspace) -> None:
    files = real(HUBSPOT, *ROWS)
    before = snapshot(store)
    results = take(store, *files)
    found = {r.plan.path.stem.removesuffix("_data"): counts(r) for r in results}
    assert found == ROWS
    again = take(store, *files)
    assert all(set(counts(r)) <= {"unchanged", "skipped"} for r in again)
    # The stages name their pipelines by other ids than the pipelines do: six and six, and one for
    # the stages that only deals name.
    assert count(store, Pipeline) == 1 + 6 + 6 + 1
    assert count(store, Deal) == 14
    won = read(store, lambda s: s.scalars(
        select(Stage.probability).where(Stage.type == StageType.WON)).all())  # fmt: skip
    assert won.count(100) == 5 + 1  # five of the file, one of the default pipeline
    tickets = read(
        store,
        lambda s: s.execute(
            select(Ticket.status, Ticket.closed_at, Ticket.first_response_at, Ticket.owner_id)
        ).all(),
    )
    assert {status for status, closed_at, _, _ in tickets if closed_at} == {TicketStatus.CLOSED}
    assert sum(1 for row in tickets if row[2] is not None) == 4
    assert sum(1 for row in tickets if row[3] is not None) == 5
    assert_empty_after_undo(store, before, [r.batch_id for r in (*results, *again)])


def picture(session: Session) -> dict[str, Any]:
    stages = {s.id: s for s in session.scalars(select(Stage))}
    pipelines = {p.id: p.name for p in session.scalars(select(Pipeline))}
    deals = {d.id: d for d in session.scalars(select(Deal))}
    return {
        "stages": sorted(
            (s.name, pipelines[s.pipeline_id], s.type.value, s.probability)
            for s in stages.values()
        ),
        "deals": sorted(
            (d.name, stages[d.stage_id].name, pipelines[d.pipeline_id], d.stage_type.value)
            for d in deals.values()
        ),
        "moves": sorted(
            (
                deals[c.deal_id].name, c.at.isoformat(), stages[c.to_stage_id].name,
                stages[c.from_stage_id].name if c.from_stage_id else "", c.seconds_in_from or 0,
            )
            for c in session.scalars(select(StageChange))
        ),
    }  # fmt: skip


PIPELINES = "pipeline_id,label,display_order,active\np1,Sales,0,TRUE\n"
STAGES = (
    "stage_id,pipeline_id,label,closed_won,is_closed,display_order,probability\n"
    "s1,p1,Talk,FALSE,FALSE,0,0.2\ns2,p1,Offer,FALSE,FALSE,1,0.6\n"
    "s3,p1,Closed won,TRUE,TRUE,2,1.0\n"
    "s4,p1,Closed lost,FALSE,TRUE,3,0.0\n"
)
MOVES = (
    "deal_id,date_entered,value,source_id\nd1,2024-02-05 10:00:00,s3,x\n"
    "d1,2024-02-01 10:00:00,s1,x\nd1,2024-02-03 10:00:00,s2,x\nd2,2024-03-01 09:00:00,s4,x\n"
)
DEALS = (
    "Record ID,Deal Name,Deal Stage,Deal owner,Pipeline,Amount,Create Date,Close Date\n"
    "d1,Big one,Closed won,Elena Novak,Sales,100,2024-02-01,2024-02-05\n"
    "d2,Small one,Closed lost,Elena Novak,Sales,10,2024-02-20,2024-03-01\n"
    "d3,Third one,Offer,Elena Novak,Sales,10,2024-02-20,2024-12-01\n"
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_pipelines_stages_and_moves_in_any_order(
    workspace: Workspace, make_file: MakeFile, order: tuple[int, ...]
) -> None:
    files = [
        make_file(PIPELINES, "pipelines.csv"),
        make_file(STAGES, "stages.csv"),
        make_file(MOVES, "moves.csv"),
    ]
    before = snapshot(workspace)
    done = [take(workspace, files[place])[0] for place in order]
    assert all(set(counts(r)) <= {"created", "updated"} for r in done)
    found = read(workspace, picture)
    mine = [row for row in found["stages"] if row[1] == "Sales"]
    assert mine == [
        ("Closed lost", "Sales", "lost", 0),
        ("Closed won", "Sales", "won", 100),
        ("Offer", "Sales", "open", 60),
        ("Talk", "Sales", "open", 20),
    ]
    assert found["deals"] == [
        ("Deal d1", "Closed won", "Sales", "won"),
        ("Deal d2", "Closed lost", "Sales", "lost"),
    ]
    two_days = 2 * 86_400
    assert [row[2:] for row in found["moves"] if row[0] == "Deal d1"] == [
        ("Talk", "", 0),
        ("Offer", "Talk", two_days),
        ("Closed won", "Offer", two_days),
    ]
    again = [take(workspace, files[place])[0] for place in order]
    assert all(set(counts(r)) == {"unchanged"} for r in again)
    assert_empty_after_undo(workspace, before, [r.batch_id for r in (*done, *again)])


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 0, 1, 2), (0, 1, 3, 2)])
def test_moves_and_deals_make_one_history(
    workspace: Workspace, make_file: MakeFile, order: tuple[int, ...]
) -> None:
    files = [
        make_file(PIPELINES, "pipelines.csv"),
        make_file(STAGES, "stages.csv"),
        make_file(MOVES, "moves.csv"),
        make_file(DEALS, "deals.csv"),
    ]
    before = snapshot(workspace)
    done = [take(workspace, files[place])[0] for place in order]
    found = read(workspace, picture)
    assert [row[0] for row in found["stages"] if row[1] == "Sales"] == [
        "Closed lost", "Closed won", "Offer", "Talk"
    ]  # fmt: skip
    assert found["deals"] == [
        ("Big one", "Closed won", "Sales", "won"),
        ("Small one", "Closed lost", "Sales", "lost"),
        ("Third one", "Offer", "Sales", "open"),
    ]
    two_days = 2 * 86_400
    assert [row[2:] for row in found["moves"] if row[0] == "Big one"] == [
        ("Talk", "", 0),
        ("Offer", "Talk", two_days),
        ("Closed won", "Offer", two_days),
    ]
    again = [take(workspace, files[place])[0] for place in order]
    assert all(set(counts(r)) == {"unchanged"} for r in again), [counts(r) for r in again]
    assert read(workspace, picture) == found
    assert_empty_after_undo(workspace, before, [r.batch_id for r in (*done, *again)])


def test_moves_that_name_their_stage_go_to_the_pipeline_of_the_deal(
    workspace: Workspace, make_file: MakeFile
) -> None:
    deals = make_file(
        "ID,ACCOUNTID,NAME,STAGENAME,CLOSEDATE,ISWON,OWNERID,CREATEDDATE\n"
        "0061,,Big one,Closed Won,2024-02-05,TRUE,0051,2024-02-01\n"
        "0062,,Small one,Prospecting,2024-12-05,FALSE,0051,2024-02-01\n",
        "deals.csv",
    )
    moves = make_file(
        "Id,OpportunityId,StageName,CreatedDate,CreatedById,Amount,ForecastCategory\n"
        "h1,0061,Prospecting,2024-02-01T08:00:00Z,0051,,Pipeline\n"
        "h2,0061,Closed Won,2024-02-05T08:00:00Z,0051,,Closed\n",
        "history.csv",
    )
    take(workspace, deals)
    (result,) = take(workspace, moves)
    assert result.plan.kind == "stage_change"
    assert counts(result) == {"updated": 2}
    found = read(workspace, picture)
    assert [row[1:4] for row in found["moves"] if row[0] == "Big one"] == [
        ("2024-02-01T08:00:00+00:00", "Prospecting", ""),
        ("2024-02-05T08:00:00+00:00", "Closed Won", "Prospecting"),
    ]
    assert counts(take(workspace, moves)[0]) == {"unchanged": 2}


def test_salesforce_tasks_events_and_users(workspace: Workspace) -> None:
    files = real(SALESFORCE, "sf_task", "sf_event", "sf_user")
    before = snapshot(workspace)
    results = take(workspace, *files)
    assert {r.plan.kind: counts(r) for r in results} == {
        "user": {"created": 5, "skipped": 5},
        "task": {"created": 10},
        "appointment": {"created": 10},
    }
    assert (count(workspace, Company), count(workspace, Contact)) == (0, 0)
    tasks = read(workspace, lambda s: s.execute(select(Task.title, Task.done_at)).all())
    assert all(done_at is not None and title.startswith("subject ") for title, done_at in tasks)
    assert count(workspace, Appointment) == 10
    again = take(workspace, *files)
    assert all(set(counts(r)) <= {"unchanged", "skipped"} for r in again)
    assert_empty_after_undo(workspace, before, [r.batch_id for r in (*results, *again)])


TASKS = (
    "id,who_id,what_id,account_id,owner_id,subject,description,activity_date,status,priority,"
    "is_closed,task_subtype,call_type,call_duration_in_seconds,completed_date_time\n"
    "00T1,0031,0061,0011,0051,Send the offer,soon,2024-05-02,Not Started,High,FALSE,Task,,,\n"
    "00T2,0031,0011,0011,0051,Called about it,no answer,2024-05-01,Completed,Normal,TRUE,Call,"
    "Outbound,95,2024-05-01 10:30:00\n"
    "00T3,00Q1,,,0051,Write a letter,,2024-04-01,Completed,Low,TRUE,Task,,,\n"
    "00T4,,,,0051,No longer there,,2024-04-01,Completed,Odd,TRUE,Task,,,\n"
)
PEOPLE = "ID,ACCOUNTID,FIRSTNAME,LASTNAME,OWNERID\n0031,0011,Ann,Lee,0051\n"


@pytest.mark.parametrize("tasks_first", [True, False])
def test_open_work_is_a_task_and_a_call_made_an_activity(
    workspace: Workspace, make_file: MakeFile, *, tasks_first: bool
) -> None:
    tasks = make_file(TASKS, "tasks.csv")
    people = make_file(PEOPLE, "people.csv")
    before = snapshot(workspace)
    files = [tasks, people] if tasks_first else [people, tasks]
    results = [take(workspace, file)[0] for file in files]
    by_kind = {r.plan.kind: r for r in results}
    assert counts(by_kind["task"]) == {"created": 4}
    assert [(p.row, p.value) for p in by_kind["task"].tally.problems] == [(5, "Odd")]

    def facts(session: Session) -> tuple[Any, ...]:
        ann = session.scalars(select(Contact.id).where(Contact.name == "Ann Lee")).one()
        rows = session.scalars(select(Task).order_by(Task.title)).all()
        call = session.scalars(select(Activity)).one()
        return ann, [(t.title, t.due_all_day, t.done_at is not None, t.priority, t.contact_id)
                     for t in rows], (call.kind, call.direction, call.duration_seconds,
                     call.body, call.contact_id, call.at.isoformat()[:10])  # fmt: skip

    ann, rows, call = read(workspace, facts)
    assert rows == [
        ("No longer there", True, True, TaskPriority.NORMAL, None),
        ("Send the offer", True, False, TaskPriority.HIGH, ann),
        ("Write a letter", True, True, TaskPriority.LOW, None),
    ]
    assert call == (ActivityKind.CALL, Direction.OUTBOUND, 95, "no answer", ann, "2024-05-01")
    again = [take(workspace, file)[0] for file in files]
    assert all(set(counts(r)) == {"unchanged"} for r in again)
    assert_empty_after_undo(workspace, before, [r.batch_id for r in (*results, *again)])
    assert count(workspace, User) == 1


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Aufgabe;Fällig am;Status;Priorität;Zuständig;Notizen",
         "Angebot;22.05.2024;Erledigt;Hoch;Elena Novak;bald"),
        ("Tâche;Échéance;Statut;Priorité;Responsable;Description",
         "Angebot;22/05/2024;Terminé;Haute;Elena Novak;bald"),
        ("Tarea;Fecha de vencimiento;Estado;Prioridad;Responsable;Descripción",
         "Angebot;22/05/2024;Completado;Alta;Elena Novak;bald"),
        ("Task;Due date;Status;Priority;Owner;Notes",
         "Angebot;2024-05-22;Done;High;Elena Novak;bald"),
    ],
)  # fmt: skip
def test_tasks_in_other_languages(
    workspace: Workspace, make_file: MakeFile, head: str, row: str
) -> None:
    file = make_file(f"{head}\n{row}\n", "tasks.csv")
    (result,) = take(workspace, file)
    assert result.plan.kind == "task"
    assert counts(result) == {"created": 1}
    assert not result.tally.problems

    def facts(session: Session) -> tuple[Any, ...]:
        t = session.scalars(select(Task)).one()
        return t.title, t.notes, f"{t.due_at:%Y-%m-%d}", t.done_at == t.due_at, t.priority

    assert read(workspace, facts) == ("Angebot", "bald", "2024-05-22", True, TaskPriority.HIGH)
    assert counts(take(workspace, file)[0]) == {"unchanged": 1}


def test_stages_without_a_known_program(workspace: Workspace, make_file: MakeFile) -> None:
    file = make_file(
        "Stage ID,Stage name,Pipeline ID,Probability\n1,Talk,p,20%\n2,Closed lost,p,0%\n"
        "3,Talk,,5%\n",
        "stages.csv",
    )
    (result,) = take(workspace, file)
    assert counts(result) == {"created": 2, "failed": 1}
    mine = [row for row in read(workspace, picture)["stages"] if row[1] == "Pipeline p"]
    assert mine == [("Closed lost", "Pipeline p", "lost", 0), ("Talk", "Pipeline p", "open", 20)]
