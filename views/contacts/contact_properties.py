"""The properties of a person and of a company, and what saving one means."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from PySide6.QtCore import QLocale, QObject

from app.commands.companies import change_company
from app.commands.contacts import (
    add_contact_point,
    change_contact,
    change_contact_point,
    remove_contact_point,
)
from app.commands.custom_fields import set_custom_value
from app.queries.contact_details import CompanyDetails, ContactDetails, Origin
from app.queries.lookups import company_options
from app.queries.record_facts import CustomFact, RecordFacts
from models.values import FieldType, PointKind
from views.contacts.property_list import Property
from views.contacts.searches import search_with
from views.contacts.words import field_word, lead_status_choices, lifecycle_choices
from views.shared.format import date_words
from views.shared.text import tr

Write = tuple[str, Callable[..., Any], dict[str, Any]]
_LANGUAGES: Final = (
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "is",
    "it", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "tr", "uk", "zh",
)  # fmt: skip
_POINT_WORDS: Final = {
    PointKind.EMAIL: ("More mail", "mail"),
    PointKind.PHONE: ("More phone", "phone"),
    PointKind.SOCIAL: ("Social", "at-sign"),
    PointKind.WEBSITE: ("Website", "globe"),
}
_CUSTOM_KINDS: Final = {
    FieldType.TEXT: "text",
    FieldType.NUMBER: "number",
    FieldType.MONEY: "money",
    FieldType.DATE: "date",
    FieldType.CHOICE: "choice",
    FieldType.YES_NO: "bool",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen everywhere: our people and the lead sources."""

    users: tuple[tuple[int | None, str], ...] = ()
    sources: tuple[tuple[int | None, str], ...] = ()
    tags: tuple[tuple[int, str], ...] = field(default=())


def contact_properties(
    owner: QObject, details: ContactDetails, choices: Choices, currency: str
) -> list[Property]:
    """Return the properties of a person in the order of the page."""
    row, group = details.row, tr("Contact")
    note = _origin_note(details.origin)
    search = search_with(owner, company_options)
    found = [
        _text("email", row.email, group, link=True, always=True, note=note if row.email else None),
        _text("phone", row.phone, group, link=True, always=True, note=note if row.phone else None),
        *_points(details.facts, group),
        _text("job_title", row.job_title, group, always=True),
        _text("city", row.city, group, always=True),
        _text("country", row.country, group),
        Property(
            "language",
            field_word("language"),
            details.language,
            "choice",
            group,
            language_choices(details.language),
        ),
        Property("birthday", field_word("birthday"), details.birthday, "date", group),
        _text("given_name", details.given_name, group, rare=True),
        _text("family_name", details.family_name, group, rare=True),
        Property("description", field_word("description"), details.description, "multiline", group),
    ]
    group = tr("Company")
    found.append(
        Property(
            "company_id",
            tr("Name"),
            row.company_id,
            "relation",
            group,
            words=row.company_name or "",
            link=True,
            always=True,
            search=search,
        )
    )
    if details.company is not None:
        found += [
            _text("company.industry", details.company.industry, group),
            Property("company.employees", tr("Staff"), details.company.employees, "number", group),
            _text("company.vat_number", details.vat_number, group),
        ]
    group = tr("Relationship")
    found += [
        Property(
            "lifecycle", field_word("lifecycle"), row.lifecycle, "choice", group,
            tuple(lifecycle_choices()), always=True,
        ),
        Property(
            "lead_status", field_word("lead_status"), row.lead_status, "choice", group,
            tuple(lead_status_choices()),
        ),
        *_relationship(row.owner_id, details.lead_source_id, group, choices),
        *_consents(details, group),
    ]  # fmt: skip
    return found + _custom(details.facts, currency)


def company_properties(
    owner: QObject, details: CompanyDetails, choices: Choices, currency: str
) -> list[Property]:
    """Return the properties of a company in the order of the page."""
    row, group = details.row, tr("Company")
    money = row.currency or currency
    found = [
        _text("website", row.website, group, link=True, always=True),
        _text("domain", row.domain, group),
        *_points(details.facts, group),
        _text("industry", row.industry, group, always=True),
        Property("employees", field_word("employees"), row.employees, "number", group, always=True),
        Property(
            "annual_revenue_minor", field_word("annual_revenue_minor"), row.annual_revenue_minor,
            "money", group, currency=money,
        ),
        _text("founded_year", str(details.founded_year or ""), group),
        _text("country", row.country, group, always=True),
        _text("vat_number", details.vat_number, group),
        Property("description", field_word("description"), details.description, "multiline", group),
        Property(
            "parent_id", field_word("parent_id"), row.parent_id, "relation", group,
            words=row.parent_name or "", link=True, search=search_with(owner, company_options),
        ),
    ]  # fmt: skip
    found += _relationship(row.owner_id, details.lead_source_id, tr("Relationship"), choices)
    return found + _custom(details.facts, currency)


def language_choices(present: str | None) -> tuple[tuple[str | None, str], ...]:
    """Return the languages a person may speak by name, with the present one among them."""
    codes = {*_LANGUAGES, present} if present else set(_LANGUAGES)
    named = ((code, _language_name(code)) for code in codes)
    return ((None, tr("None")), *sorted(named, key=lambda pair: pair[1].casefold()))


def _language_name(code: str) -> str:
    language = QLocale.codeToLanguage(code.replace("_", "-").partition("-")[0])
    known = language is not QLocale.Language.AnyLanguage
    return QLocale.languageToString(language) if known else code


def _text(key: str, value: str | None, group: str, **more: Any) -> Property:
    return Property(key, field_word(key.rpartition(".")[2]), value, "text", group, **more)


def _points(facts: RecordFacts, group: str) -> list[Property]:
    """Return what is beyond the primary e-mail and phone, and an empty place for one more."""
    found = []
    for kind, (word, icon) in _POINT_WORDS.items():
        listed = kind in {PointKind.EMAIL, PointKind.PHONE}
        for point in facts.points:
            if point.kind is kind and not (listed and point.is_primary):
                label = point.label or tr(word)
                found.append(
                    Property(
                        f"point:{point.id}",
                        label[:1].upper() + label[1:],
                        point.value,
                        "text",
                        group,
                        link=True,
                        note=(icon, label),
                    )
                )
        found.append(Property(f"point+{kind.value}", tr(word), None, "text", group))
    return found


def _relationship(
    owner_id: int | None, source_id: int | None, group: str, choices: Choices
) -> list[Property]:
    return [
        Property("owner_id", field_word("owner_id"), owner_id, "choice", group,
                 ((None, tr("Nobody")), *choices.users), always=True),
        Property("lead_source_id", field_word("lead_source_id"), source_id, "choice", group,
                 ((None, tr("None")), *choices.sources), always=True),
    ]  # fmt: skip


def _consents(details: ContactDetails, group: str) -> list[Property]:
    words = ((None, tr("Not asked")), (True, tr("Agreed")), (False, tr("Refused")))
    return [
        Property(key, field_word(key), value, "choice", group, words)
        for key, value in (
            ("email_consent", details.email_consent),
            ("phone_consent", details.phone_consent),
            ("ads_consent", details.ads_consent),
        )
    ]


def _custom(facts: RecordFacts, currency: str) -> list[Property]:
    return [_custom_property(fact, currency) for fact in facts.custom if fact.type in _CUSTOM_KINDS]


def _custom_property(fact: CustomFact, currency: str) -> Property:
    choices: tuple[tuple[Any, str], ...] = ()
    if fact.type is FieldType.CHOICE:
        choices = ((None, tr("None")), *((word, word) for word in fact.choices))
    return Property(
        f"custom:{fact.field_id}", fact.name, fact.value, _CUSTOM_KINDS[fact.type],
        tr("More"), choices, currency=currency,
    )  # fmt: skip


def _origin_note(origin: Origin | None) -> tuple[str, str] | None:
    if origin is None:
        return None
    where = tr(
        "From {file}, line {n}, {day}",
        file=origin.file_name,
        n=origin.row_number or "?",
        day=date_words(origin.at),
    )
    return ("file-up", where)


def write_of(kind: str, record_id: int, company_id: int | None, key: str, value: Any) -> Write:
    """Return the label, the command and its fields that save a property."""
    if value == "":
        value = None
    if key.startswith("point+"):
        more = {f"{kind}_id": record_id, "kind": PointKind(key[6:]), "value": value or ""}
        return "Add contact point", add_contact_point, more
    if key.startswith("point:"):
        return _point_write(int(key[6:]), value)
    if key.startswith("custom:"):
        more = {"field_id": int(key[7:]), "record_id": record_id, "value": value}
        return "Change field", set_custom_value, more
    company = company_id if key.startswith("company.") else record_id
    if kind == "company" or key.startswith("company."):
        name = key.removeprefix("company.")
        return "Change company", change_company, {"company_id": company, name: value}
    return "Change contact", change_contact, {"contact_id": record_id, key: value}


def opened_of(key: str, opened: Any) -> dict[str, Any]:
    """Return what the command of a property is told about the value shown when editing began."""
    if key.startswith("point+"):
        return {}  # a new one; nobody else can have changed it
    name = "value" if key.startswith(("point:", "custom:")) else key.removeprefix("company.")
    return {"opened": {name: opened}}


def _point_write(point_id: int, value: str | None) -> Write:
    if value is None:
        return "Remove contact point", remove_contact_point, {"point_id": point_id}
    return "Change contact point", change_contact_point, {"point_id": point_id, "value": value}
