"""Help desks: tickets with their threads, people and companies, in whatever order files come."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import UserError
from app.exchange.plan import plan_file
from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import Company, Contact, Tag, TagLink, Ticket, TicketMessage, User
from tests.app.exchange.conftest import MAVEN, MakeFile, counts, take
from tests.conftest import read, snapshot

ZENDESK = MAVEN.parent / "tickets-zendesk"
NAMES = ("organization", "user", "ticket", "ticket_comment", "ticket_tag")


@pytest.fixture
def zendesk() -> dict[str, Path]:
    files = {name: ZENDESK / f"zendesk_{name}_data.csv" for name in NAMES}
    if not all(file.exists() for file in files.values()):
        pytest.skip(f"the Zendesk files are not in {ZENDESK}")
    return files


def picture(session: Session) -> dict[str, Any]:
    """Return what a person sees, without ids and moments of writing."""
    companies = {x.id: x.name for x in session.scalars(select(Company))}
    people = {x.id: x.name for x in session.scalars(select(Contact))}
    users = {x.id: x.name for x in session.scalars(select(User))}
    tickets = {t.id: t for t in session.scalars(select(Ticket))}
    tags = session.execute(
        select(TagLink.ticket_id, Tag.name).join(Tag, Tag.id == TagLink.tag_id)
    ).all()
    return {
        "tickets": sorted(
            (
                t.subject, t.status.value, t.priority.value, t.type.value, t.channel or "",
                companies.get(t.company_id or 0, ""), people.get(t.contact_id or 0, ""),
                users.get(t.owner_id or 0, ""),
            )
            for t in tickets.values()
        ),
        "messages": sorted(
            (
                tickets[m.ticket_id].subject, m.kind.value, m.body, m.at.isoformat(),
                users.get(m.user_id or 0, ""), people.get(m.contact_id or 0, ""),
            )
            for m in session.scalars(select(TicketMessage))
        ),
        "tags": sorted((tickets[i].subject, name) for i, name in tags if i is not None),
        "people": sorted(
            (c.name, companies.get(c.company_id or 0, "")) for c in session.scalars(select(Contact))
        ),
        "companies": sorted(companies.values()),
        "users": sorted(users.values()),
    }  # fmt: skip


def test_zendesk_extracts(store: Workspace, zendesk: dict[str, Path]) -> None:
    before = snapshot(store)
    dry = take(store, *zendesk.values(), dry=True)
    assert snapshot(store) == before
    results = take(store, *zendesk.values())
    by_name = {r.plan.path.stem.removeprefix("zendesk_").removesuffix("_data"): r for r in results}
    assert {name: counts(r) for name, r in by_name.items()} == {
        "organization": {"created": 10},
        "user": {"created": 10},
        "ticket": {"created": 8, "skipped": 2},
        "ticket_comment": {"created": 20},
        "ticket_tag": {"created": 5, "merged": 5},
    }
    assert {r.plan.path.name: counts(r) for r in dry} == {
        r.plan.path.name: counts(r) for r in results
    }
    deleted = [p for p in by_name["ticket"].tally.problems if "deleted" in p.reason]
    assert [p.row for p in deleted] == [2, 7]
    found = read(store, picture)
    assert len(found["tickets"]) == 8 + 7 + 5
    assert [row[1:5] for row in found["tickets"] if row[6] == "Earnest End User"] == [
        ("closed", "urgent", "question", "email")
    ]
    assert [row[7] for row in found["tickets"] if row[6] == "Earnest End User"] == ["Arthur Agent"]
    bodies = [row for row in found["messages"] if row[2].startswith("body")]
    assert len(bodies) == 20
    assert found["users"] == ["Arthur Agent", "Elena Novak"]
    assert len(found["people"]) == 9
    again = take(store, *zendesk.values())
    assert all(set(counts(r)) <= {"unchanged", "skipped"} for r in again), [
        (r.plan.path.name, counts(r)) for r in again
    ]
    assert read(store, picture) == found
    undo_batches(store, [r.batch_id for r in (*results, *again) if r.batch_id])
    after = snapshot(store)
    del before["import_batch"], after["import_batch"]
    assert after == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::11])
def test_any_order_of_the_zendesk_files_ends_the_same(
    workspace: Workspace, zendesk: dict[str, Path], order: tuple[int, ...]
) -> None:
    before = snapshot(workspace)
    files = list(zendesk.values())
    done = [take(workspace, files[place])[0] for place in order]
    found = read(workspace, picture)
    again = [take(workspace, files[place])[0] for place in order]
    assert all(set(counts(r)) <= {"unchanged", "skipped"} for r in again)
    undo_batches(workspace, [r.batch_id for r in (*done, *again) if r.batch_id])
    after = snapshot(workspace)
    assert {k: v for k, v in after.items() if k != "import_batch"} == {
        k: v for k, v in before.items() if k != "import_batch"
    }
    take(workspace, *files)
    assert read(workspace, picture) == found


def test_groups_of_a_help_desk_are_refused_with_the_reason() -> None:
    file = ZENDESK / "zendesk_group_data.csv"
    if not file.exists():
        pytest.skip(f"the Zendesk files are not in {ZENDESK}")
    with pytest.raises(UserError, match="groups of a help desk"):
        plan_file(file)


FRESHDESK = {
    "english": (
        "Ticket ID,Subject,Description,Status,Priority,Type,Created time,Resolved time,Full name,"
        "Email,Company Name\n"
        "7,Printer,It smokes,Resolved,Urgent,Incident,2024-01-02 10:00:00,2024-01-03 11:00:00,"
        "Ann Lee,ann@x.example,Foo Ltd\n"
        "8,Paper,,Pending,Low,Question,2024-01-04 10:00:00,,Bo Lund,bo@x.example,Foo Ltd\n"
    ),
    "german": (
        "Ticket-ID;Betreff;Beschreibung;Status;Priorität;Typ;Erstellungszeit;Lösungszeit;"
        "Vollständiger Name;E-Mail;Firmenname\n"
        "7;Printer;It smokes;Gelöst;Dringend;Vorfall;02.01.2024 10:00;03.01.2024 11:00;Ann Lee;"
        "ann@x.example;Foo Ltd\n"
        "8;Paper;;Ausstehend;Niedrig;Frage;04.01.2024 10:00;;Bo Lund;bo@x.example;Foo Ltd\n"
    ),
    "french": (
        "ID de ticket;Objet;Description;Statut;Priorité;Type;Heure de création;"
        "Heure de résolution;Nom complet;E-mail;Nom de l'entreprise\n"
        "7;Printer;It smokes;Résolu;Urgente;Incident;02/01/2024 10:00;13/01/2024 11:00;Ann Lee;"
        "ann@x.example;Foo Ltd\n"
        "8;Paper;;En attente;Basse;Question;04/01/2024 10:00;;Bo Lund;bo@x.example;Foo Ltd\n"
    ),
    "spanish": (
        "ID del ticket;Asunto;Descripción;Estado;Prioridad;Tipo;Hora de creación;"
        "Hora de resolución;Nombre completo;Correo electrónico;Nombre de la empresa\n"
        "7;Printer;It smokes;Resuelto;Urgente;Incidente;02/01/2024 10:00;13/01/2024 11:00;Ann Lee;"
        "ann@x.example;Foo Ltd\n"
        "8;Paper;;Pendiente;Baja;Pregunta;04/01/2024 10:00;;Bo Lund;bo@x.example;Foo Ltd\n"
    ),
}


@pytest.mark.parametrize("language", FRESHDESK)
def test_freshdesk_in_its_languages(
    workspace: Workspace, make_file: MakeFile, language: str
) -> None:
    before = snapshot(workspace)
    file = make_file(FRESHDESK[language], "tickets.csv")
    (result,) = take(workspace, file)
    assert counts(result) == {"created": 2}
    assert not result.tally.problems
    assert result.plan.system == "freshdesk"
    found = read(workspace, picture)
    assert found["tickets"] == [
        ("Paper", "waiting", "low", "question", "", "Foo Ltd", "Bo Lund", ""),
        ("Printer", "resolved", "urgent", "incident", "", "Foo Ltd", "Ann Lee", ""),
    ]
    assert [(m[0], m[1], m[2], m[5]) for m in found["messages"]] == [
        ("Printer", "customer", "It smokes", "Ann Lee")
    ]
    again = take(workspace, file)[0]
    assert counts(again) == {"unchanged": 2}
    undo_batches(workspace, [b for b in (result.batch_id, again.batch_id) if b])
    after = snapshot(workspace)
    del before["import_batch"], after["import_batch"]
    assert after == before


def test_freshdesk_all_columns_keep_their_clocks(workspace: Workspace, make_file: MakeFile) -> None:
    file = make_file(
        "Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Due by Time,"
        "Resolved time,Closed time,Last update time,Initial response time,Time tracked,"
        "First response time (in hrs),Resolution time (in hrs),Tags,Survey results,Product,"
        "Full name,Title,Email,Work phone,Contact ID,Company Name\n"
        "9,Help,Closed,High,Portal,Problem,Sam Hill,Billing,2024-01-02 10:00:00,2024-01-05 10:00:00"
        ",2024-01-03 11:00:00,2024-01-04 12:00:00,2024-01-04 12:00:00,2024-01-02 10:30:00,00:10,"
        '0.5,25,"vip, billing",Extremely Satisfied,Shop,Ann Lee,Boss,ann@x.example,123,55,Foo\n',
        "all.csv",
    )
    (result,) = take(workspace, file)

    def clocks(session: Session) -> tuple[Any, ...]:
        t = session.scalars(select(Ticket)).one()
        moments = (t.opened_at, t.first_response_at, t.resolved_at, t.closed_at)
        deadlines = (t.response_by, t.resolution_by, t.next_due_at, t.escalate_at)
        return [f"{m:%d %H:%M}" for m in moments if m], deadlines, t.satisfaction, t.category

    moments, deadlines, satisfaction, category = read(workspace, clocks)
    assert moments == ["02 10:00", "02 10:30", "03 11:00", "04 12:00"]
    assert deadlines == (None, None, None, None)
    assert (satisfaction, category) == (5, "Billing")
    assert read(workspace, picture)["tags"] == [("Help", "billing"), ("Help", "vip")]
    assert counts(result) == {"created": 1}


JIRA = {
    "english": (
        "Summary,Issue key,Issue id,Issue Type,Status,Priority,Assignee,Reporter,Created,Updated,"
        "Resolved,Labels,Labels,Description,Comment,Comment,Comment\n"
        "Printer,HD-1,10001,Incident,Waiting for customer,High,Sam Hill,Ann Lee,"
        "12/Jan/24 3:40 PM,14/Jan/24 9:00 AM,,vip,hardware,It smokes,"
        "12/Jan/24 3:45 PM;Sam Hill;Since when?,12/Jan/24 4:45 PM;Ann Lee;Since noon,\n"
        "Paper,HD-2,10002,Service Request,Done,Low,,Bo Lund,13/Jan/24 3:40 PM,14/Jan/24 9:00 AM,"
        "14/Jan/24 9:00 AM,,,,,,\n"
    ),
    "german": (
        "Zusammenfassung;Vorgangsschlüssel;Vorgangs-ID;Vorgangstyp;Status;Priorität;"
        "Zugewiesene Person;Autor;Erstellt;Aktualisiert;Erledigt;Stichwörter;Stichwörter;"
        "Beschreibung;Kommentar;Kommentar\n"
        "Printer;HD-1;10001;Vorfall;Wartet auf Kunden;Hoch;Sam Hill;Ann Lee;12.01.2024 15:40;"
        '14.01.2024 09:00;;vip;hardware;It smokes;"12.01.2024 15:45;Sam Hill;Since when?";'
        '"12.01.2024 16:45;Ann Lee;Since noon"\n'
        "Paper;HD-2;10002;Serviceanfrage;Fertig;Niedrig;;Bo Lund;13.01.2024 15:40;"
        "14.01.2024 09:00;14.01.2024 09:00;;;;;\n"
    ),
    "french": (
        "Résumé,Clé de ticket,ID de ticket,Type de ticket,État,Priorité,Responsable,Rapporteur,"
        "Création,Mise à jour,Résolue,Étiquettes,Étiquettes,Description,Commentaire,Commentaire\n"
        "Printer,HD-1,10001,Incident,En attente du client,Élevée,Sam Hill,Ann Lee,"
        "12/janv./24 15:40,14/janv./24 09:00,,vip,hardware,It smokes,"
        "12/janv./24 15:45;Sam Hill;Since when?,12/janv./24 16:45;Ann Lee;Since noon\n"
        "Paper,HD-2,10002,Demande de service,Terminé,Basse,,Bo Lund,13/janv./24 15:40,"
        "14/janv./24 09:00,14/janv./24 09:00,,,,,\n"
    ),
    "spanish": (
        "Resumen,Clave de incidencia,ID de la incidencia,Tipo de Incidencia,Estado,Prioridad,"
        "Persona asignada,Informador,Creada,Actualizada,Resuelta,Etiquetas,Etiquetas,Descripción,"
        "Comentario,Comentario\n"
        "Printer,HD-1,10001,Incidencia,Esperando al cliente,Alta,Sam Hill,Ann Lee,"
        "12/ene/24 15:40,14/ene/24 09:00,,vip,hardware,It smokes,"
        "12/ene/24 15:45;Sam Hill;Since when?,12/ene/24 16:45;Ann Lee;Since noon\n"
        "Paper,HD-2,10002,Solicitud,Finalizada,Baja,,Bo Lund,13/ene/24 15:40,14/ene/24 09:00,"
        "14/ene/24 09:00,,,,,\n"
    ),
}


@pytest.mark.parametrize("language", JIRA)
def test_jira_with_its_repeated_comments(
    workspace: Workspace, make_file: MakeFile, language: str
) -> None:
    before = snapshot(workspace)
    file = make_file(JIRA[language], "jira.csv")
    (result,) = take(workspace, file)
    assert counts(result) == {"created": 2}
    assert result.plan.system == "jira"
    assert [p.value for p in result.tally.problems] == ["Sam Hill"]
    found = read(workspace, picture)
    assert found["tickets"] == [
        ("Paper", "resolved", "low", "request", "", "", "Bo Lund", ""),
        ("Printer", "waiting", "high", "incident", "", "", "Ann Lee", "Sam Hill"),
    ]
    assert [(m[1], m[2], m[3][:16], m[4], m[5]) for m in found["messages"]] == [
        ("customer", "It smokes", "2024-01-12T15:40", "", "Ann Lee"),
        ("customer", "Since noon", "2024-01-12T16:45", "", "Ann Lee"),
        ("reply", "Since when?", "2024-01-12T15:45", "Sam Hill", ""),
    ]
    assert found["tags"] == [("Printer", "hardware"), ("Printer", "vip")]
    again = take(workspace, file)[0]
    assert counts(again) == {"unchanged": 2}
    undo_batches(workspace, [b for b in (result.batch_id, again.batch_id) if b])
    after = snapshot(workspace)
    del before["import_batch"], after["import_batch"]
    assert after == before
