"""The words other programs use for what we call otherwise, and the order of unknown stages."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from models.values import (
    ActivityKind,
    CallOutcome,
    Direction,
    LeadStatus,
    Lifecycle,
    LostReason,
    StageType,
    TaskPriority,
    TicketPriority,
    TicketStatus,
    TicketType,
    name_key,
)


def _words(table: Mapping[StrEnum, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for choice, words in table.items():
        for word in (choice.value, *words.split("|")):
            found.setdefault(name_key(word), choice)
    return found


def word_in(words: Mapping[str, Any], text: str) -> Any:
    """Return our choice for another program's word, None where nothing fits."""
    return words.get(name_key(text))


LIFECYCLES: Final = _words({
    Lifecycle.SUBSCRIBER: "newsletter|abonnent",
    Lifecycle.LEAD: "new lead|interessent|prospect|marketingqualifiedlead|marketing qualified lead|MQL|suspect",  # noqa: E501  data, kept on its line
    Lifecycle.QUALIFIED: "salesqualifiedlead|sales qualified lead|SQL|qualified lead",
    Lifecycle.OPPORTUNITY: "deal|chance",
    Lifecycle.CUSTOMER: "client|kunde|evangelist|active customer|kundin|cliente",
    Lifecycle.FORMER: "former customer|churned|lost customer|ex customer|ehemalig|other",
})  # fmt: skip
LEAD_STATUSES: Final = _words({
    LeadStatus.NEW: "open|neu|not contacted|uncontacted|nuevo|nouveau",
    LeadStatus.CONTACTED: "attempted to contact|attempted|working|connected|in progress|kontaktiert|working contacted",  # noqa: E501  data, kept on its line
    LeadStatus.NURTURE: "nurturing|later|contact in future|bad timing|badtiming",
    LeadStatus.QUALIFIED: "pre qualified|qualifiziert|converted|open deal|opendeal|interested",
    LeadStatus.UNQUALIFIED: "not qualified|disqualified|not interested|lost lead|dead",
    LeadStatus.JUNK: "junk lead|spam|invalid",
})  # fmt: skip
LOST_REASONS: Final = _words({
    LostReason.PRICE: "too expensive|expensive|pricing|cost|preis|zu teuer|prix|price too high",
    LostReason.COMPETITOR: "competition|lost to competitor|wettbewerb|konkurrenz|chose competitor",
    LostReason.NO_BUDGET: "budget|kein budget|lack of budget|no funds",
    LostReason.NO_DECISION: "no decision non responsive|undecided|keine entscheidung|stalled",
    LostReason.TIMING: "bad timing|not now|zeitpunkt|postponed",
    LostReason.MISSING_FEATURE: "missing features|feature|product fit|no fit|poor fit|funktion fehlt",  # noqa: E501  data, kept on its line
    LostReason.NO_ANSWER: "no response|unresponsive|ghosted|keine antwort|went silent",
    LostReason.DUPLICATE: "duplikat|double",
    LostReason.UNKNOWN: "not stated|unbekannt",
})  # fmt: skip
STATUSES: Final = _words({
    TicketStatus.NEW: "neu|todo|to do|created|backlog|nouveau|nuevo|zu erledigen|à faire|por hacer|tareas por hacer|nuova|nieuw|selected for development",  # noqa: E501  data, kept on its line
    TicketStatus.OPEN: "in progress|active|offen|reopened|being processed|ouvert|en cours|in arbeit|abierto|en curso|en progreso|assigned|working on it|waiting for support|waiting on agent|wartet auf support|warten auf support|en attente de l'assistance|esperando asistencia|escalated|eskaliert|in bearbeitung|aperto|wiedereröffnet|work in progress|under review|in review",  # noqa: E501  data, kept on its line
    TicketStatus.WAITING: "pending|waiting on customer|waiting for customer|awaiting your reply|waiting on contact|pending customer response|wartend|en attente|waiting on you|wartet auf kunde|wartet auf kunden|warten auf kunden|warten auf kundenantwort|ausstehend|en attente du client|en attente de réponse|pendiente|esperando al cliente|esperando por el cliente|a la espera del cliente|in sospeso|feedback",  # noqa: E501  data, kept on its line
    TicketStatus.ON_HOLD: "hold|on hold|paused|waiting on third party|zurückgestellt|deferred|waiting for third party|pausiert|angehalten|snoozed|suspendu|en espera|en pausa|blocked|blockiert|waiting for approval|wartet auf genehmigung",  # noqa: E501  data, kept on its line
    TicketStatus.RESOLVED: "solved|done|fixed|gelöst|resolved|résolu|résolue|completed|resuelto|resuelta|erledigt|fertig|terminé|terminée|terminado|hecho|listo|finalizada|risolto|opgelost",  # noqa: E501  data, kept on its line
    TicketStatus.CLOSED: "geschlossen|fermé|fermée|cerrado|cerrada|cancelled|canceled|wont fix|won't do|declined|abgelehnt|storniert|annulé|annulée|cancelado|cancelada|chiuso|gesloten|archived|spam",  # noqa: E501  data, kept on its line
})  # fmt: skip
PRIORITIES: Final = _words({
    TicketPriority.LOW: "lowest|minor|niedrig|niedrigste|sehr niedrig|p4|4|trivial|basse|faible|la plus basse|baja|más baja|muy baja|p5|gering|bassa|laag",  # noqa: E501  data, kept on its line
    TicketPriority.NORMAL: "medium|mittel|p3|3|moderate|standard|normale|media|moyenne|moyen|gemiddeld|none",  # noqa: E501  data, kept on its line
    TicketPriority.HIGH: "major|hoch|p2|2|important|haute|élevée|élevé|alta|alto|hoog",
    TicketPriority.URGENT: "critical|highest|blocker|dringend|kritisch|höchste|sehr hoch|p1|1|p0|emergency|urgente|immediate|la plus élevée|la plus haute|critique|crítica|más alta|muy alta|sofort",  # noqa: E501  data, kept on its line
})  # fmt: skip
TASK_PRIORITIES: Final = _words({
    TaskPriority.LOW: "niedrig|gering|lowest|basse|faible|baja|minor",
    TaskPriority.NORMAL: "medium|mittel|normale|moyenne|media|none|not set",
    TaskPriority.HIGH: "hoch|urgent|highest|critical|haute|élevée|alta|dringend|important",
})  # fmt: skip
TYPES: Final = _words({
    TicketType.QUESTION: "frage|inquiry|general|how to|product inquiry|general inquiry|pregunta|consulta|ask a question|allgemeine frage|domanda",  # noqa: E501  data, kept on its line
    TicketType.INCIDENT: "störung|outage|technical issue|support|vorfall|incidente|incidencia|report an incident|panne",  # noqa: E501  data, kept on its line
    TicketType.PROBLEM: "bug|defect|fault|fehler|issue|problème|problema|bogue|anomalie|error|epic",
    TicketType.COMPLAINT: "beschwerde|reklamation|claim|billing inquiry|refund request|refund|plainte|réclamation|queja|reclamación",  # noqa: E501  data, kept on its line
    TicketType.REQUEST: "service request|feature request|task|change|anfrage|cancellation request|story|new feature|service request with approvals|improvement|serviceanfrage|service anfrage|demande|demande de service|solicitud|solicitud de servicio|petición|aufgabe|tâche|tarea|sub task|verbesserung|[system] service request|[system] change|ticket",  # noqa: E501  data, kept on its line
})  # fmt: skip
DIRECTIONS: Final = _words({
    Direction.INBOUND: "incoming|in|received|eingehend|incoming email",
    Direction.OUTBOUND: "outgoing|out|sent|ausgehend|made",
})  # fmt: skip
OUTCOMES: Final = _words({
    CallOutcome.REACHED: "connected|answered|completed|erreicht|success",
    CallOutcome.NO_ANSWER: "no answer|missed|unanswered|nicht erreicht",
    CallOutcome.VOICEMAIL: "left voicemail|voice mail|mailbox|left message",
    CallOutcome.BUSY: "besetzt|line busy",
    CallOutcome.WRONG_NUMBER: "wrong number|falsche nummer",
})  # fmt: skip
KINDS_OF_ACTIVITY: Final = _words({
    ActivityKind.CALL: "phone call|anruf|phone|appel|llamada|telephone",
    ActivityKind.EMAIL: "mail|e mail sent|e mail|incoming email|list email|newsletter",
    ActivityKind.MEETING: "event|termin|treffen|demo|visit|lunch|appointment|besprechung|video call",  # noqa: E501  data, kept on its line
    ActivityKind.NOTE: "notiz|comment|task|to do|todo|other|nota",
})  # fmt: skip

_WON: Final = ("won", "gewonnen", "gagn", "ganad", "vinto", "vunnen", "success", "closedwon", "signed", "sold", "verkauft")  # fmt: skip  # noqa: E501  data, kept on its line
_LOST: Final = ("lost", "verloren", "perdu", "perdid", "perso", "closedlost", "rejected", "abandon", "dead", "cancel", "abgelehnt", "declin", "disqualif")  # fmt: skip  # noqa: E501  data, kept on its line
# The start of a stage's name → how far along it usually is, in percent.
_PLACES: Final[Sequence[tuple[str, int]]] = (
    ("new", 4), ("lead", 5), ("neu", 4), ("suspect", 3), ("inbound", 5), ("prospect", 8), ("target", 6),  # noqa: E501  data, kept on its line
    ("idea", 5), ("identif", 8), ("contact", 15), ("kontakt", 15), ("qualif", 20), ("engag", 30),
    ("discover", 25), ("needs", 28), ("bedarf", 28), ("meeting", 32), ("appointment", 30), ("termin", 30),  # noqa: E501  data, kept on its line
    ("interest", 28), ("value", 40), ("demo", 42), ("showing", 42), ("present", 45), ("solution", 45),  # noqa: E501  data, kept on its line
    ("trial", 48), ("pilot", 50), ("evaluat", 50), ("decisionmaker", 52), ("percept", 55), ("id", 50),  # noqa: E501  data, kept on its line
    ("proposal", 60), ("propos", 60), ("angebot", 60), ("quot", 60), ("offer", 60), ("devis", 60),
    ("negot", 72), ("verhandl", 72), ("review", 72), ("legal", 76), ("decision", 74), ("verbal", 82),  # noqa: E501  data, kept on its line
    ("commit", 85), ("contract", 88), ("vertrag", 88), ("undercontract", 90), ("ready", 90), ("closing", 90),  # noqa: E501  data, kept on its line
)  # fmt: skip


def stage_type(name: str) -> StageType:
    """Return whether a stage's name says won, lost or neither."""
    key = name_key(name)
    if any(word in key for word in _LOST):
        return StageType.LOST
    if any(word in key for word in _WON):
        return StageType.WON
    return StageType.OPEN


def stage_place(name: str) -> int | None:
    """Return how far along a stage of this name usually is, in percent; None for an unknown word."""  # noqa: E501  data, kept on its line
    key = name_key(name)
    best: tuple[int, int] | None = None
    for word, place in _PLACES:
        if word in key and len(word) > 2 and (best is None or len(word) > best[0]):  # noqa: PLR2004  two letters say nothing
            best = (len(word), place)
    return best[1] if best is not None else None


def kind_of_activity(text: str) -> ActivityKind:
    """Return the kind of an activity; what is not known is a note."""
    exact = word_in(KINDS_OF_ACTIVITY, text)
    if exact is not None:
        return ActivityKind(exact)
    key = name_key(text)
    for word, kind in (("call", ActivityKind.CALL), ("mail", ActivityKind.EMAIL),
                       ("meet", ActivityKind.MEETING), ("event", ActivityKind.MEETING)):  # fmt: skip  # noqa: E501  data, kept on its line
        if word in key:
            return kind
    return ActivityKind.NOTE
