"""Things to do; calls and mails that were tasks and are done become activities."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from app.exchange.field_types import (
    COMPANY_WORDS,
    EMAIL_WORDS,
    ID_WORDS,
    MODIFIED_WORDS,
    OWNER_WORDS,
    Shape,
    a_field,
    a_kind,
)
from app.exchange.kinds.parts import copy
from models.clock import local_zone, now
from models.values import ActivityKind, name_key

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

TASK = a_kind(
    "task",
    "Task",
    "tasks",
    (
        a_field("title", "Task", Shape.TEXT, "task|to do|task subject|task name|task title|subject|aufgabe|"
           "aufgabenname|tâche|nom de la tâche|tarea|nombre de la tarea|title|betreff|objet|asunto",
           1.5, 500),
        a_field("notes", "Notes", Shape.LONG, "description|notes|note|body|details|beschreibung|"
           "notizen|descripción|remarques", 0.3),
        a_field("due_at", "Due", Shape.MOMENT, "due|due date|due on|deadline|activity date|fällig|"
           "fällig am|fälligkeitsdatum|échéance|date d échéance|vencimiento|fecha de vencimiento",
           1.8),
        a_field("due_all_day", "All day", Shape.YES_NO, "due all day", 0.2),
        a_field("done_at", "Done", Shape.MOMENT, "completed date time|completed at|completed on|"
           "done at|date completed|completion date|erledigt am|abgeschlossen am|terminé le|"
           "completado el", 1.2),
        a_field("status", "Status", Shape.CHOICE, "task status|status|state|statut|estado", 0.5),
        a_field("done", "Is done", Shape.YES_NO, "is closed|done|is done|completed|is completed|"
           "erledigt|terminé|completada", 0.5),
        a_field("priority", "Priority", Shape.CHOICE, "priority|priorität|priorité|prioridad", 0.6),
        a_field("repeat_rule", "Repeats", Shape.TEXT, "repeat rule|rrule", 0.2, 300),
        a_field("subtype", "Kind", Shape.CHOICE, "task subtype|task type", 1.2),
        a_field("type", "Type", Shape.CHOICE, "type|activity type", 0.3),
        a_field("direction", "Direction", Shape.CHOICE, "call type", 0.3),
        a_field("outcome", "Outcome", Shape.CHOICE, "call disposition|call result", 0.3),
        a_field("duration_seconds", "Length", Shape.DURATION, "call duration in seconds|"
           "call duration", 0.3),
        a_field("owner", "Owner", Shape.LINK, OWNER_WORDS, 0.5, 200),
        a_field("contact", "Contact", Shape.LINK, "contact|contact name|who|person|kontakt|contacto|associated contact", 0.4, 300),
        a_field("contact_email", "Contact's e-mail", Shape.EMAIL, EMAIL_WORDS, 0.2, 320),
        a_field("company", "Company", Shape.LINK, COMPANY_WORDS, 0.2, 300),
        a_field("deal", "Deal", Shape.LINK, "deal|deal name|opportunity|opportunity name", 0.3, 300),
        a_field("owner_ref", "Owner's id", Shape.ID, "owner id|assigned user id|assignee id", 0.2, 300),
        a_field("contact_ref", "Contact's id", Shape.ID, "who id|contact id|lead id", 0.3, 300),
        a_field("company_ref", "Company's id", Shape.ID, "account id|company id", 0.3, 300),
        a_field("deal_ref", "Deal's id", Shape.ID, "deal id|opportunity id", 0.3, 300),
        a_field("what_ref", "What it is about, id", Shape.ID, "what id", 0.5, 300),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|task id|activity id", 0.3,
           300),
        a_field("modified_at", "Changed on", Shape.MOMENT, MODIFIED_WORDS, 0.1),
    ),
    "title",
)  # fmt: skip

_DONE: Final = frozenset(
    name_key(word)
    for word in ("completed", "complete", "done", "closed", "finished", "erledigt", "abgeschlossen",
                 "terminé", "terminée", "completado", "completada", "hecho", "held", "cancelled")
)  # fmt: skip
# Of Salesforce's ids the first three signs say what they belong to.
_ABOUT: Final[Mapping[str, tuple[str, str]]] = {
    "001": ("company_id", "company"),
    "006": ("deal_id", "deal"),
}
_WHOLE_HOURS: Final = frozenset({0, 12})  # as days without an hour are read and written


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of a task, or of the activity that it has been."""
    from app.exchange.shaping import Ref, link

    for key, kind in (("company", "company"), ("contact", "contact"), ("deal", "deal")):
        link(shaped, key, kind)
    what = values.get("what_ref")
    about = _ABOUT.get(what[:3]) if what and shaper.system == "salesforce" else None
    if what and about is not None:
        shaped.refs.append(Ref(about[0], (about[1],), what))
    for key in ("contact_email", "people", "minutes_before"):
        if values.get(key) is not None:
            shaped.extra[key] = values[key]
    done = _is_done(values)
    happened = _kind_of_activity(values) if done else None
    if happened is not None:
        _activity(shaped, values, happened)
    else:
        _task(shaped, values, done=done)


def _task(shaped: "Shaped", values: Mapping[str, Any], *, done: bool) -> None:
    from app.exchange.choices import TASK_PRIORITIES, word_in
    from app.exchange.own_tables import SYSTEM
    from app.exchange.shaping import by_print, link

    copy(shaped, *(k for k in ("title", "notes", "due_at", "repeat_rule") if values.get(k)))
    due: datetime | None = values.get("due_at")
    if due is not None:
        local = due.astimezone(local_zone())
        usual = not local.minute and not local.second and local.hour in _WHOLE_HOURS
        shaped.columns["due_all_day"] = bool(values.get("due_all_day", usual))
    if values.get("done_at") is not None:
        shaped.columns["done_at"] = values["done_at"]
    elif done:  # when it was done is not said: conclude it
        shaped.soft["done_at"] = due or values.get("modified_at") or now()
    priority = values.get("priority")
    if priority:
        choice = word_in(TASK_PRIORITIES, priority)
        if choice is not None:
            shaped.columns["priority"] = choice
        else:
            shaped.draft.complain(
                "priority", priority, "This word is not known here; the usual value was taken."
            )
    link(shaped, "owner", "user")
    if "own_id" not in values:
        by_print(shaped, ("title", "due_at", "contact", "contact_email", "company", "notes"))
    else:  # our own export names the record itself
        shaped.extra["own_id"] = values["own_id"]
        shaped.keys.insert(0, (f"external:{SYSTEM}", values["own_id"]))


def _activity(shaped: "Shaped", values: Mapping[str, Any], kind: ActivityKind) -> None:
    from app.exchange.choices import DIRECTIONS, OUTCOMES, word_in
    from app.exchange.shaping import Ref, by_print, link

    shaped.draft.kind = "activity"
    shaped.columns.update(kind=kind, subject=values["title"])
    if values.get("notes"):
        shaped.columns["body"] = values["notes"]
    at = values.get("done_at") or values.get("due_at") or values.get("modified_at")
    if at is not None:
        shaped.columns["at"] = at
    if "duration_seconds" in values:
        shaped.columns["duration_seconds"] = values["duration_seconds"]
    for key, words in (("direction", DIRECTIONS), ("outcome", OUTCOMES)):
        if key in values and (choice := word_in(words, values[key])) is not None:
            shaped.columns[key] = choice
    link(shaped, "owner", "user", "user_id")
    if "owner_ref" in values:
        shaped.refs.append(Ref("user_id", ("user",), values["owner_ref"]))
    by_print(shaped, ("title", "due_at", "done_at", "contact", "contact_email", "notes"))


def _is_done(values: Mapping[str, Any]) -> bool:
    if values.get("done_at") is not None or values.get("done") is True:
        return True
    return name_key(values.get("status") or "") in _DONE


def _kind_of_activity(values: Mapping[str, Any]) -> ActivityKind | None:
    """Return what a task was where it is a call, a mail or a meeting; None for other work."""
    from app.exchange.choices import kind_of_activity

    for key in ("subtype", "type"):
        found = kind_of_activity(values.get(key) or "")
        if found is not ActivityKind.NOTE:
            return found
    return None
