"""The page's words for kinds, fields, shapes and guesses."""

from typing import Final

from app.exchange.counts import Outcome, Tally
from app.exchange.field_types import Field, Shape, custom_key
from app.exchange.fields import KINDS
from app.exchange.own_fields import WITH_OWN_FIELDS, type_of
from app.exchange.plan import FilePlan
from app.exchange.shapes import look_at
from models.values import FieldType
from views.shared.format import number, percent
from views.shared.text import tr, tr_n

FIELD_ICONS: Final = {
    Shape.NAME: "user",
    Shape.EMAIL: "mail",
    Shape.PHONE: "phone",
    Shape.URL: "globe",
    Shape.MONEY: "coins",
    Shape.NUMBER: "hash",
    Shape.INTEGER: "hash",
    Shape.YEAR: "calendar",
    Shape.PERCENT: "percent",
    Shape.DATE: "calendar",
    Shape.MOMENT: "clock",
    Shape.YES_NO: "shield-check",
    Shape.CHOICE: "circle-dot",
    Shape.LINK: "link",
    Shape.ID: "key-round",
    Shape.TAGS: "tag",
    Shape.DURATION: "timer",
    Shape.CURRENCY: "coins",
    Shape.TEXT: "type",
    Shape.LONG: "text",
}
OUTCOME_COLOURS: Final = {
    Outcome.CREATED: "primary",
    Outcome.UPDATED: "#8496EA",  # between primary and its pale tint, in both themes
    Outcome.MERGED: "accent_pale",
    Outcome.UNCHANGED: "neutral_line",
    Outcome.SKIPPED: "warning",
    Outcome.FAILED: "bad",
}
OUTCOME_TONES: Final = {
    Outcome.CREATED: "good",
    Outcome.UPDATED: "info",
    Outcome.MERGED: "info",
    Outcome.UNCHANGED: "neutral",
    Outcome.SKIPPED: "warning",
    Outcome.FAILED: "bad",
}
KIND_ICONS: Final = {
    "user": "user",
    "company": "building-2",
    "contact": "user",
    "product": "package",
    "pipeline": "columns-3",
    "stage": "flag",
    "deal": "handshake",
    "stage_change": "arrow-right",
    "order": "shopping-cart",
    "ticket": "inbox",
    "ticket_message": "message-square",
    "activity": "sticky-note",
    "task": "circle-check",
    "appointment": "calendar",
    "event": "zap",
}


def kind_words() -> dict[str, str]:
    """Return the kinds in the plural, as they stand in a sentence."""
    return {kind.key: tr(kind.plural.replace("_", " ")) for kind in KINDS.values()}


def counted_kind(count: int, kind: str) -> str:
    """Return "1 contact", "12 contacts"."""
    one = KINDS[kind].label.lower() if kind in KINDS else kind.replace("_", " ")
    many = KINDS[kind].plural.replace("_", " ") if kind in KINDS else one
    return tr_n("{n} {one}", "{n} {many}", count, one=tr(one), many=tr(many))


def mark_words() -> dict[Outcome, str]:
    """Return what becomes of one row, in a word."""
    return {
        Outcome.CREATED: tr("New"),
        Outcome.UPDATED: tr("Update"),
        Outcome.MERGED: tr("Merge"),
        Outcome.UNCHANGED: tr("Same"),
        Outcome.SKIPPED: tr("Skipped"),
        Outcome.FAILED: tr("Not taken"),
    }


def field_label(kind: str, key: str) -> str:
    """Return what a field of a kind is called, also one that a format made up."""
    try:
        return tr(KINDS[kind].field(key).label)
    except (KeyError, ValueError):
        return key.strip(":").replace(":", ", ").replace("_", " ").capitalize()


def kind_titles() -> list[tuple[str, str]]:
    """Return the kinds to choose from."""
    return [(key, word[:1].upper() + word[1:]) for key, word in kind_words().items()]


def outcome_words() -> dict[Outcome, str]:
    """Return the six outcomes."""
    return {
        Outcome.CREATED: tr("Created"),
        Outcome.UPDATED: tr("Updated"),
        Outcome.MERGED: tr("Merged"),
        Outcome.UNCHANGED: tr("Unchanged"),
        Outcome.SKIPPED: tr("Skipped"),
        Outcome.FAILED: tr("Failed"),
    }


def field_of(plan: FilePlan, key: str | None) -> Field | None:
    """Return the field a column becomes."""
    return KINDS[plan.kind].field(key) if key is not None else None


def type_words() -> dict[FieldType, str]:
    """Return the types of own fields."""
    return {
        FieldType.TEXT: tr("text"),
        FieldType.NUMBER: tr("number"),
        FieldType.MONEY: tr("money"),
        FieldType.DATE: tr("date"),
        FieldType.CHOICE: tr("choice"),
        FieldType.YES_NO: tr("yes or no"),
    }


def new_field_items(plan: FilePlan, column: int) -> list[tuple[str | None, str, str | None]]:
    """Return the fields that can be made for a column: of the type of its values, and of text."""
    if plan.kind not in WITH_OWN_FIELDS:
        return []
    guess = plan.guess.columns[column]
    look = look_at([line[guess.index] for line in plan.table.sample])
    name = guess.header[:120]
    words = type_words()
    return [
        (
            custom_key(kind, name),
            tr("New field “{name}”, {type}", name=name, type=words[kind]),
            "plus",
        )
        for kind in dict.fromkeys((type_of(look), FieldType.TEXT))
        if custom_key(kind, name) != guess.field
    ]


def field_items(plan: FilePlan, column: int) -> list[tuple[str | None, str, str | None]]:
    """Return what a column may become: nothing, a field of its own, or one of the kind's."""
    kind = KINDS[plan.kind]
    fields = sorted(kind.fields.values(), key=lambda f: tr(f.label))
    made = [kind.field(c.field) for c in plan.guess.columns if c.field and ":" in c.field]
    known: list[tuple[str | None, str, str | None]] = [
        (f.key, tr(f.label), FIELD_ICONS.get(f.shape)) for f in [*made, *fields]
    ]
    return [(None, tr("Left out"), "minus"), *new_field_items(plan, column), *known]


def guess_sentence(plan: FilePlan) -> str:
    """Say what the file looks like and how sure that is."""
    kind = kind_words()[plan.kind]
    if plan.guess.layout is not None:
        return tr(
            "Looks like an export from {program}, {share} sure",
            program=plan.guess.layout.title,
            share=percent(plan.guess.confidence),
        )
    return tr("Looks like {kind}, {share} sure", kind=kind, share=percent(plan.guess.confidence))


def rows_words(count: int) -> str:
    """Say how many rows."""
    return tr_n("{n} row", "{n} rows", count)


def import_words(plans: list[FilePlan], created: int) -> str:
    """Name the result on the button: "Import 3 914 contacts"."""
    kinds = {plan.kind for plan in plans}
    if len(kinds) == 1:
        return tr("Import {n} {kind}", n=number(created), kind=kind_words()[kinds.pop()])
    return tr("Import {n} records", n=number(created))


def ended_words(tallies: list[Tally], *, cancelled: bool) -> str:
    """Say how many rows came in, and whether the person ended the import."""
    done = sum(tally.read for tally in tallies)
    lost = sum(t.counts[o] for t in tallies for o in (Outcome.SKIPPED, Outcome.FAILED))
    if not cancelled:
        words = tr_n("{n} row is in.", "{n} rows are in.", done - lost)
        left = tr_n("{n} was not taken.", "{n} were not taken.", lost) if lost else ""
        return f"{words} {left}".strip()
    words = tr_n("Cancelled after {n} row.", "Cancelled after {n} rows.", done)
    return f"{words} {stays_words()}"


def take_words(count: int) -> str:
    """Return what the button says that takes mended rows."""
    if not count:
        return tr("Take mended rows")
    return tr_n("Take {n} mended row", "Take {n} mended rows", count)


def stays_words() -> str:
    """Say what can be done about half an import."""
    return tr("What is stored stays; import again to continue, or undo it.")


def delimiter_words() -> list[tuple[str, str]]:
    """Return the delimiters to choose from."""
    return [
        (",", tr("comma")),
        (";", tr("semicolon")),
        ("\t", tr("tab")),
        ("|", tr("bar")),
    ]


def encoding_words() -> list[tuple[str, str]]:
    """Return the encodings to choose from."""
    return [
        ("utf-8", "UTF\u20118"),
        ("utf-8-sig", tr("UTF\u20118 with BOM")),
        ("utf-16", "UTF\u201116"),
        ("cp1252", "Windows 1252"),
        ("latin-1", "Latin\u20111"),
    ]
