"""Tickets of other help desks, with what their rows hold of the thread."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from app.exchange.field_types import (
    COMPANY_WORDS,
    CREATED_WORDS,
    DESCRIPTION_WORDS,
    EMAIL_WORDS,
    ID_WORDS,
    MODIFIED_WORDS,
    OWNER_WORDS,
    TAGS_WORDS,
    Shape,
    a_field,
    a_kind,
)
from app.exchange.kinds.parts import choose, copy, leave_out
from models.values import TicketPriority, TicketStatus, name_key

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

_T, _L = Shape.TEXT, Shape.LINK

TICKET = a_kind(
    "ticket",
    "Ticket",
    "tickets",
    (
        a_field("subject", "Subject", _T, "subject|title|summary|issue|betreff|ticket name|ticket subject|"
           "topic|problem|headline|ticket title|objet|asunto|request|zusammenfassung|résumé|resumen|"
           "sujet|oggetto|onderwerp|assunto|riepilogo|samenvatting|resumo|titel|titre|título", 1.6, 500),
        a_field("description", "First message", Shape.LONG, DESCRIPTION_WORDS + "|message|body|content|"
           "problem description|issue description|question|text|descripción|descrizione|omschrijving|"
           "descrição|nachricht|mensaje", 0.5),
        a_field("status", "Status", Shape.CHOICE, "status|ticket status|state|zustand|resolution status|"
           "statut|état|estado|stato", 1.0),
        a_field("priority", "Priority", Shape.CHOICE, "priority|urgency|severity|priorität|dringlichkeit|"
           "priorité|prioridad|ticket priority|priorità|prioriteit|prioridade", 2.5),
        a_field("type", "Type", Shape.CHOICE, "type|ticket type|issue type|art|request type|typ|"
           "vorgangstyp|anfragetyp|type de ticket|type de demande|tipo di ticket|tipo|tipo de incidencia|"
           "tipo de ticket|tickettyp", 0.7),
        a_field("category", "Category", _T, "category|kategorie|ticket category|product area|component|"
           "catégorie|group|gruppe|groupe|grupo|categoría", 0.5, 120),
        a_field("opened_at", "Opened", Shape.MOMENT, "opened|opened at|open date|created time|reported on|"
           "ticket created|submitted|submitted at|date reported|requested|erstellungszeit|"
           "erstellungsdatum|erstellt um|création|créé|créé le|date de création|heure de création|"
           "creada|creado|fecha de creación|hora de creación|creato|" + CREATED_WORDS, 0.6),
        a_field("resolved_at", "Resolved", Shape.MOMENT, "resolved|resolved at|resolved time|solved at|"
           "resolution date|gelöst am|date resolved|resolved on|resolution time|erledigt|gelöst|"
           "lösungszeit|lösungsdatum|résolu|résolue|résolu le|date de résolution|heure de résolution|"
           "resuelta|resuelto|fecha de resolución|hora de resolución", 2.2),
        a_field("closed_at", "Closed", Shape.MOMENT, "closed|closed at|closed time|closed date|"
           "geschlossen am|date closed|closed on|geschlossen|fermé le|cerrado el|fecha de cierre|"
           "date de fermeture|schließzeit", 0.8),
        a_field("first_response_at", "First answered", Shape.MOMENT, "first response|first response at|"
           "first responded at|initial response time|first reply|first agent reply date|"
           "first reply created at|erste antwort|première réponse|primera respuesta", 2.0),
        a_field("contact", "Contact", _L, "contact|contact name|requester|requester name|full name|"
           "reporter|name|customer name|submitted by|raised by|requested by|customer full name|"
           "anfragender|anfragesteller|melder|autor|vollständiger name|demandeur|rapporteur|"
           "nom complet|solicitante|informador|kontakt|contacto|nombre completo|richiedente", 0.8, 300),
        a_field("contact_email", "Contact's e-mail", Shape.EMAIL, EMAIL_WORDS + "|requester email|"
           "customer email|reporter email|reporter e mail", 0.3, 320),
        a_field("company", "Company", _L, COMPANY_WORDS + "|nom de l entreprise|nombre de la empresa|"
           "firmenname|organizations", 0.2, 300),
        a_field("owner", "Owner", _L, OWNER_WORDS + "|agent|assigned agent|technician|agent name|"
           "agent assigned|zugewiesene person|zugewiesen an|attribution|assigné à|persona asignada|"
           "asignado a|agente", 0.6, 200),
        a_field("channel", "Channel", _T, "channel|ticket channel|via|via channel|contact channel|origin|"
           "source|kanal|canal|quelle", 0.6, 60),
        a_field("satisfaction", "Satisfaction", Shape.CHOICE, "satisfaction|csat|satisfaction rating|"
           "customer satisfaction rating|satisfaction score|rating|zufriedenheit|satisfacción", 1.8),
        a_field("tags", "Tags", Shape.TAGS, TAGS_WORDS + "|stichwörter|étiquettes|etiquetas|mots clés",
           0.1),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|ticket id|ticket number|"
           "issue key|case number|case id|ticket|issue id|ticket no|number|vorgangsschlüssel|"
           "ticketnummer|clé de ticket|clé|numéro de ticket|id de ticket|clave de incidencia|clave|chiave|schlüssel|"
           "id del ticket|número de ticket|conversation id", 1.4, 300),
        a_field("company_ref", "Company's id", Shape.ID, "organization id|account id|company id", 0.3, 300),
        a_field("contact_ref", "Contact's id", Shape.ID,
           "requester id|contact id|customer id|submitter id|reporter id", 0.3, 300),
        a_field("owner_ref", "Owner's id", Shape.ID,
           "assignee id|owner id|agent id|assigned user id|responder id", 0.3, 300),
        a_field("modified_at", "Changed on", Shape.MOMENT, MODIFIED_WORDS, 0.1),
    ),
    "subject",
    "description",
    "external_id",
)  # fmt: skip

_GONE: Final = frozenset(
    name_key(word) for word in ("deleted", "gelöscht", "supprimé", "eliminado", "cancellato")
)
_UNASKED: Final = frozenset(name_key(word) for word in ("offered", "not offered", "unoffered"))
_GOOD, _BAD = 5, 1
_RATINGS: Final = {
    name_key(word): value
    for words, value in (("good|gut|bon|buena|happy|extremely satisfied|very satisfied", _GOOD),
                         ("satisfied|zufrieden", 4), ("neutral|okay", 3), ("unsatisfied|dissatisfied", 2),
                         ("bad|schlecht|mauvais|mala|unhappy|extremely dissatisfied|very dissatisfied", _BAD))
    for word in words.split("|")
}  # fmt: skip
# Programs whose extracts hold numbers for words.
_CODES: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {
    ("freshdesk", "status"): {"2": TicketStatus.OPEN, "3": TicketStatus.WAITING,
                              "4": TicketStatus.RESOLVED, "5": TicketStatus.CLOSED},
    ("freshdesk", "priority"): {"1": TicketPriority.LOW, "2": TicketPriority.NORMAL,
                                "3": TicketPriority.HIGH, "4": TicketPriority.URGENT},
    ("chatwoot", "status"): {"0": TicketStatus.OPEN, "1": TicketStatus.RESOLVED,
                             "2": TicketStatus.WAITING, "3": TicketStatus.ON_HOLD},
    ("chatwoot", "priority"): {"0": TicketPriority.LOW, "1": TicketPriority.NORMAL,
                               "2": TicketPriority.HIGH, "3": TicketPriority.URGENT},
}  # fmt: skip


def stand_in(external: str) -> str:
    """Return the subject of a ticket of which only the id is known."""
    return f"Ticket {external}"[:500]


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of a ticket; clocks are kept as they are given."""
    from app.exchange.shaping import by_print, link

    if name_key(values.get("status", "")) in _GONE:
        leave_out(shaped, "The ticket was deleted in the other program, so it was left out.")
        return
    text = values.get("subject") or " ".join(values.get("description", "").split())[:120]
    if text:
        shaped.columns["subject"] = text
    else:
        shaped.defaults["subject"] = stand_in(shaped.external or values.get("external_id", "?"))
    copy(shaped, "category", "channel", "opened_at", "resolved_at", "closed_at",
         "first_response_at")  # fmt: skip
    _choices(shaper.system, shaped, values)
    _rate(shaped, values)
    _check_order(shaped, values)
    link(shaped, "company", "company")
    link(shaped, "owner", "user")
    link(shaped, "contact", "contact")
    by_print(shaped, ("subject", "description", "opened_at", "contact", "contact_email"))
    for key in ("description", "contact_email"):
        if key in values:
            shaped.extra[key] = values[key]
    comments = [value for key, value in values.items() if key.startswith("comment:")]
    if comments:
        shaped.extra["comments"] = comments


def _choices(system: str, shaped: "Shaped", values: Mapping[str, Any]) -> None:
    from app.exchange.choices import PRIORITIES, STATUSES, TYPES

    for key, words in (("status", STATUSES), ("priority", PRIORITIES), ("type", TYPES)):
        code = _CODES.get((system, key), {}).get(values.get(key, ""))
        if code is not None:
            shaped.columns[key] = code
        else:
            choose(shaped, key, words)
    if "status" not in values:
        # Days say it too: what was closed is closed.
        if "closed_at" in values:
            shaped.columns["status"] = TicketStatus.CLOSED
        elif "resolved_at" in values:
            shaped.columns["status"] = TicketStatus.RESOLVED


def _rate(shaped: "Shaped", values: Mapping[str, Any]) -> None:
    text = values.get("satisfaction")
    if text is None or name_key(str(text)) in _UNASKED:
        return
    known = _RATINGS.get(name_key(str(text)))
    if known is None and str(text).strip().isdigit() and _BAD <= int(text) <= _GOOD:
        known = int(text)
    if known is None:
        shaped.draft.complain(
            "satisfaction", str(text), "Satisfaction goes from 1 to 5; the field was left empty."
        )
    else:
        shaped.columns["satisfaction"] = known


def _check_order(shaped: "Shaped", values: Mapping[str, Any]) -> None:
    opened: datetime | None = values.get("opened_at")
    for key in ("first_response_at", "resolved_at", "closed_at"):
        moment: datetime | None = values.get(key)
        if opened is not None and moment is not None and moment < opened:
            shaped.draft.complain(
                key, moment.isoformat(sep=" ", timespec="minutes"),
                "This lies before the day the ticket was opened; both were kept.",
            )  # fmt: skip
