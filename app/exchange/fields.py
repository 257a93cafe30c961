"""What a column can become: the fields of each kind of record, with the words that name them.

Declared as data. Words are compared without blanks, case, accents and punctuation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from models.values import name_key


class Shape(StrEnum):
    """How a field's text is read."""

    TEXT = "text"
    LONG = "long"
    NAME = "name"
    LINK = "link"
    ID = "id"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    MONEY = "money"
    NUMBER = "number"
    INTEGER = "integer"
    YEAR = "year"
    PERCENT = "percent"
    DATE = "date"
    MOMENT = "moment"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CURRENCY = "currency"
    TAGS = "tags"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `weight` says how much its presence speaks for the kind, `limit` is in characters."""  # noqa: E501  data, kept on its line

    key: str
    label: str
    shape: Shape
    words: tuple[str, ...]
    weight: float = 1.0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record that files hold; without one of `needs` a row is nothing."""

    key: str
    label: str
    plural: str
    fields: Mapping[str, Field]
    needs: tuple[str, ...]


def _f(
    key: str, label: str, shape: Shape, words: str, weight: float = 1.0, limit: int = 0
) -> Field:
    return Field(key, label, shape, tuple(words.split("|")), weight, limit)


_T, _N, _L = Shape.TEXT, Shape.NAME, Shape.LINK
_ID = "id|record id|external id|identifier|unique id|uuid|guid|key|reference|ref"
_OWNER = (
    "owner|owner name|assigned to|assignee|responsible|account owner|account manager|"
    "zuständig|besitzer|betreuer|bearbeiter|propriétaire|propietario|responsable|"
    "record owner|handled by|owner email|assigned user|assigned agent|account owner email"
)
_COMPANY = (
    "company|company name|organization|organisation|organization name|account|account name|firm|"
    "employer|business|business name|customer company|firma|unternehmen|organisationsname|société|"
    "entreprise|empresa|compañía|azienda|società|bedrijf|associated company|company or account|"
    "related company|client|client name|customer name|customer|kunde|firmenname|org|org name|"
    "organisation name|account id name"
)
_EMAIL = (
    "email|e mail|email address|e mail address|mail|primary email|email 1|e mail 1 value|"
    "work email|emailadresse|e mail adresse|courriel|adresse e mail|correo|correo electrónico|"
    "email work|contact email|posta elettronica|e mail adres|mailadresse|email id"
)
_PHONE = (
    "phone|telephone|phone number|tel|phone 1|phone 1 value|primary phone|business phone|"
    "work phone|office phone|telefon|telefonnummer|téléphone|teléfono|telefono|rufnummer|"
    "telefoon|contact number|company phone|direct phone|tel no|phone no|main phone"
)
_SOURCE = (
    "source|lead source|original source|channel of origin|herkunft|quelle|lead quelle|origin|"
    "how did you hear|acquisition source|utm source"
)
_DESCRIPTION = (
    "description|notes|note|comment|comments|remarks|details|beschreibung|bemerkung|notizen|"
    "about|memo|background|observaciones|remarque|anmerkung|info"
)
_TAGS = "tags|tag|labels|label|groups|group membership|categories|schlagworte|etiketten|etiquetas"
_STREET = (
    "street|address|street address|address 1|address1|address line 1|billing street|straße|strasse|"
    "adresse|rue|calle|dirección|indirizzo|home street|business street|mailing street|"
    "anschrift|home address|work address"
)
_POSTAL = (
    "zip|zip code|zipcode|postal code|postcode|plz|postleitzahl|code postal|código postal|"
    "billing postal code|mailing postal code|cap|billing zip|home zip"
)
_CITY = (
    "city|town|ort|stadt|ville|ciudad|città|billing city|mailing city|home city|plaats|"
    "work city|wohnort"
)
_REGION = "state|region|province|county|bundesland|kanton|billing state|mailing state|provincia"
_COUNTRY = (
    "country|office location|land|pays|país|paese|billing country|mailing country|location|"
    "headquarters|hq|hq location|hq country|home country|country region|nation|home base"
)
_CREATED = (
    "created|created at|created date|create date|date created|created on|erstellt|erstellt am|"
    "creation date|date added|added on|createdate|connected on|signup date|registered"
)
_CURRENCY = "currency|currency code|währung|waehrung|devise|moneda|currency iso code"
_LANGUAGE = "language|locale|sprache|langue|idioma|preferred language"

_USER = (
    _f("name", "Name", _N, "name|full name|user|username|user name|agent|sales agent|sales rep|"
       "rep|sales person|salesperson|employee|employee name|representative|seller|mitarbeiter|"
       "vertreter|agent name|rep name|team member|staff|staff member|account executive|"
       "verkäufer|vendeur|vendedor|consultant|advisor", 1.6, 200),
    _f("given_name", "First name", _N, "first name|firstname|given name|vorname", 0.5, 100),
    _f("family_name", "Last name", _N, "last name|lastname|surname|family name|nachname", 0.5, 100),
    _f("email", "E-mail", Shape.EMAIL, _EMAIL + "|user email|login", 0.5, 320),
    _f("manager", "Manager", _L, "manager|team lead|team leader|supervisor|boss|reports to|"
       "head|vorgesetzter|teamleiter|chef|sales manager|line manager|manager name|lead by", 2.5, 200),  # noqa: E501  data, kept on its line
    _f("team", "Team", _T, "team|sales team|department|abteilung|équipe|equipo|unit|group|squad",
       1.5, 200),
    _f("region", "Region", _T, "region|regional office|office|territory|branch|niederlassung|"
       "sales region|area|zone|gebiet|location|sales office|district", 1.8, 200),
    _f("role", "Role", Shape.CHOICE, "role|permission|user role|profile|rolle", 0.8),
    _f("time_zone", "Time zone", _T, "time zone|timezone|time zone sid key|zeitzone", 0.8, 64),
    _f("external_id", "Other system's id", Shape.ID,
       _ID + "|user id|employee id|agent id|staff id|rep id", 0.3, 300),
)  # fmt: skip
_COMPANY_FIELDS = (
    _f("name", "Company", _N, "name|" + _COMPANY + "|organisation legal name|legal name", 1.2, 300),
    _f("domain", "Domain", _T, "domain|company domain|company domain name|web domain", 1.5, 253),
    _f("website", "Website", Shape.URL, "website|web site|url|homepage|webseite|web|site web|"
       "sitio web|company website|website url|internet", 0.8, 2000),
    _f("industry", "Industry", _T, "industry|sector|branche|branch of industry|vertical|business "
       "sector|secteur|industria|sector name|line of business|settore|market", 2.5, 200),
    _f("employees", "Employees", Shape.INTEGER, "employees|number of employees|headcount|staff|"
       "employee count|company size|mitarbeiter|mitarbeiterzahl|anzahl mitarbeiter|"
       "numberofemployees|no of employees|effectif|empleados|staff count|size", 2.5),
    _f("annual_revenue", "Annual revenue", Shape.MONEY, "revenue|annual revenue|annualrevenue|"
       "turnover|sales volume|umsatz|jahresumsatz|chiffre d affaires|ingresos|yearly revenue|"
       "revenue per year|annual turnover", 2.0),
    _f("currency", "Currency", Shape.CURRENCY, _CURRENCY, 0.2),
    _f("founded_year", "Founded", Shape.YEAR, "year established|founded|founded year|year founded|"
       "established|gründungsjahr|gegründet|foundation year|incorporated|year of foundation|"
       "année de création|since", 2.5),
    _f("phone", "Phone", Shape.PHONE, _PHONE, 0.4, 64),
    _f("email", "E-mail", Shape.EMAIL, _EMAIL, 0.2, 320),
    _f("street", "Street", _T, _STREET, 0.4, 500),
    _f("postal_code", "Postal code", _T, _POSTAL, 0.4, 40),
    _f("city", "City", _T, _CITY, 0.4, 150),
    _f("region", "State or region", _T, _REGION, 0.3, 150),
    _f("country", "Country", _T, _COUNTRY, 0.5, 100),
    _f("vat_number", "VAT number", _T, "vat|vat number|vat id|ust id|ustid|tax id|tax number|"
       "tva|nif|cif|steuernummer|partita iva", 2.0, 40),
    _f("parent", "Parent company", _L, "parent|parent company|parent account|subsidiary of|"
       "mother company|muttergesellschaft|konzern|holding|parent id|belongs to|part of|"
       "société mère|ultimate parent|owned by|parent organization", 2.5, 300),
    _f("owner", "Owner", _L, _OWNER, 0.6, 200),
    _f("lead_source", "Source", _L, _SOURCE + "|account source", 0.3, 120),
    _f("description", "Description", Shape.LONG, _DESCRIPTION, 0.2),
    _f("tags", "Tags", Shape.TAGS, _TAGS, 0.1),
    _f("external_id", "Other system's id", Shape.ID,
       _ID + "|company id|account id|organization id|account number|customer number|"
       "kundennummer|accountnumber|org id", 0.3, 300),
)  # fmt: skip
_CONTACT = (
    _f("name", "Name", _N, "name|full name|contact|contact name|person|display name|fullname|"
       "ansprechpartner|kontakt|nom complet|nombre completo|person name|kontaktperson|"
       "customer full name|contact person|nom et prénom", 0.9, 300),
    _f("given_name", "First name", _N, "first name|firstname|given name|forename|vorname|prénom|"
       "prenom|nombre|nome|first|voornaam|fname|given|customer first name|förnamn|etunimi", 2.0, 150),  # noqa: E501  data, kept on its line
    _f("middle_name", "Middle name", _N, "middle name|second name|additional name|zweiter vorname|"
       "middle|middlename", 0.5, 100),
    _f("family_name", "Last name", _N, "last name|lastname|surname|family name|nachname|nom|"
       "familienname|nom de famille|apellido|apellidos|cognome|last|achternaam|lname|efternamn|"
       "customer last name|sukunimi", 2.0, 150),
    _f("email", "E-mail", Shape.EMAIL, _EMAIL, 1.6, 320),
    _f("email2", "Second e-mail", Shape.EMAIL, "email 2|e mail 2|e mail 2 value|second email|"
       "secondary email|other email|email other|private email|personal email|email home|"
       "alternative email|additional email|e mail 3 value|e mail privat", 0.5, 320),
    _f("phone", "Phone", Shape.PHONE, _PHONE, 1.0, 64),
    _f("mobile", "Mobile", Shape.PHONE, "mobile|mobile phone|cell|cell phone|handy|mobil|gsm|"
       "mobile number|mobiltelefon|portable|móvil|cellphone|cellulare|handynummer|whatsapp|"
       "home mobile", 1.0, 64),
    _f("phone2", "Second phone", Shape.PHONE, "phone 2|phone 2 value|home phone|other phone|"
       "business phone 2|private phone|second phone|telefon privat|alternate phone|phone home", 0.6, 64),  # noqa: E501  data, kept on its line
    _f("job_title", "Job title", _T, "job title|jobtitle|position|title|role|function|beruf|"
       "funktion|organization title|organization 1 title|poste|cargo|puesto|berufsbezeichnung|"
       "occupation|designation", 0.9, 200),
    _f("company", "Company", _L, _COMPANY + "|organization 1 name|company organization", 0.5, 300),
    _f("street", "Street", _T, _STREET, 0.5, 500),
    _f("postal_code", "Postal code", _T, _POSTAL, 0.5, 40),
    _f("city", "City", _T, _CITY, 0.5, 150),
    _f("region", "State or region", _T, _REGION, 0.3, 150),
    _f("country", "Country", _T, _COUNTRY, 0.2, 100),
    _f("lifecycle", "Lifecycle stage", Shape.CHOICE, "lifecycle stage|lifecycle|lifecyclestage|"
       "customer stage|contact type|contact stage|lebenszyklus", 1.5),
    _f("lead_status", "Lead status", Shape.CHOICE, "lead status|leadstatus|status|contact status",
       0.6),
    _f("language", "Language", _T, _LANGUAGE, 0.6, 35),
    _f("birthday", "Birthday", Shape.DATE, "birthday|birth date|date of birth|dob|geburtstag|"
       "geburtsdatum|anniversaire|date de naissance|fecha de nacimiento|birthdate", 1.8),
    _f("email_consent", "E-mail consent", Shape.YES_NO, "email consent|newsletter|opt in|optin|"
       "marketing consent|email opt in|subscribed|accepts marketing|marketing opt in|"
       "accepts email marketing|newsletter anmeldung|gdpr consent", 1.2),
    _f("email_refused", "E-mail opt-out", Shape.YES_NO, "email opt out|opt out|hasoptedoutofemail|"
       "unsubscribed|do not email|has opted out of email", 1.0),
    _f("phone_refused", "Do not call", Shape.YES_NO, "do not call|donotcall|no calls", 1.0),
    _f("website", "Website", Shape.URL, "website|web site|web page|homepage|webseite|url|"
       "web page 1|personal website", 0.4, 2000),
    _f("linkedin", "LinkedIn", Shape.URL, "linkedin|linkedin url|linkedin profile|"
       "linkedin bio", 1.0, 2000),
    _f("twitter", "Twitter", _T, "twitter|x handle|twitter handle|twitter username", 0.8, 200),
    _f("facebook", "Facebook", _T, "facebook|facebook url", 0.8, 2000),
    _f("owner", "Owner", _L, _OWNER + "|contact owner|lead owner", 0.5, 200),
    _f("lead_source", "Source", _L, _SOURCE, 0.6, 120),
    _f("created_on", "Created on", Shape.MOMENT, _CREATED, 0.1),
    _f("description", "Description", Shape.LONG, _DESCRIPTION, 0.1),
    _f("tags", "Tags", Shape.TAGS, _TAGS, 0.3),
    _f("external_id", "Other system's id", Shape.ID,
       _ID + "|contact id|person id|customer id|lead id|kontakt id|kundennummer|vid", 0.3, 300),
    _f("company_ref", "Company's id", Shape.ID, "account id|company id|associated company id|"
       "organization id|account name id", 0.3, 300),
)  # fmt: skip
_PRODUCT = (
    _f("name", "Product", _N, "name|product|product name|item|item name|article|artikel|produkt|"
       "produktname|bezeichnung|produit|producto|service|sku name|article name|description short",
       1.6, 300),
    _f("code", "Code", Shape.ID, "code|sku|product code|item code|article number|artikelnummer|"
       "item number|art nr|productcode|part number|product id|ean|barcode", 2.0, 100),
    _f("category", "Category", _T, "category|series|product line|product family|family|range|"
       "kategorie|warengruppe|product category|product group|product type|catégorie|collection|"
       "line|model line", 1.6, 200),
    _f("price", "Price", Shape.MONEY, "price|sales price|unit price|list price|retail price|preis|"
       "verkaufspreis|listenpreis|prix|precio|net price|msrp|selling price|standard price|"
       "price per unit|unitprice|stückpreis|einzelpreis", 2.5),
    _f("currency", "Currency", Shape.CURRENCY, _CURRENCY, 0.2),
    _f("is_active", "For sale", Shape.YES_NO, "active|is active|for sale|available|aktiv|enabled",
       0.5),
    _f("description", "Description", Shape.LONG, _DESCRIPTION, 0.3),
    _f("external_id", "Other system's id", Shape.ID, _ID + "|product ref", 0.2, 300),
)  # fmt: skip
_DEAL = (
    _f("name", "Deal", _N, "name|deal|deal name|deal title|title|opportunity|opportunity name|"
       "subject|topic|dealname|potential name|chance|verkaufschance|potential|sale", 0.9, 300),
    _f("amount", "Amount", Shape.MONEY, "amount|value|deal value|deal amount|close value|sum|"
       "deal size|betrag|wert|auftragswert|montant|importe|expected revenue|estimated value|"
       "opportunity amount|total value|contract value|acv|tcv|closing value|won amount|"
       "volume|order value|expected amount|price", 1.8),
    _f("currency", "Currency", Shape.CURRENCY, _CURRENCY, 0.3),
    _f("stage", "Stage", Shape.CHOICE, "stage|deal stage|stage name|sales stage|phase|"
       "pipeline stage|opportunity stage|verkaufsphase|status|deal status|dealstage|stufe|étape|"
       "etapa|opportunity status|sales phase|outcome", 2.6, 120),
    _f("pipeline", "Pipeline", _T, "pipeline|pipeline name|sales pipeline|sales process|"
       "deal pipeline|trichter|funnel", 2.5, 120),
    _f("company", "Company", _L, _COMPANY, 0.3, 300),
    _f("contact", "Contact", _L, "contact|contact name|contact person|primary contact|person|"
       "ansprechpartner|kontakt|associated contact|person name|buyer", 0.4, 300),
    _f("contact_email", "Contact's e-mail", Shape.EMAIL, _EMAIL, 0.1, 320),
    _f("owner", "Owner", _L, _OWNER + "|deal owner|opportunity owner|sales agent|sales rep|agent|"
       "salesperson|sales person|rep|account executive|seller|verkäufer|vendeur|consultant|"
       "opportunity owner name|rep name|agent name|closed by|representative", 0.9, 200),
    _f("product", "Product", _L, "product|product name|item|article|produkt|produit|producto|"
       "products|service|product interest|sku|solution|package|plan", 0.6, 300),
    _f("quantity", "Quantity", Shape.NUMBER, "quantity|qty|menge|anzahl|seats|units|"
       "totalopportunityquantity|total opportunity quantity", 0.6),
    _f("opened_on", "Opened on", Shape.DATE, "opened|opened on|open date|engage date|start date|"
       "date opened|first contact|opportunity date|engagement date|begin|begin date|"
       "eröffnet am|started on|deal created|entered date|first meeting|kickoff|" + _CREATED, 1.0),
    _f("closed_on", "Closed on", Shape.DATE, "close date|closed date|closed on|closing date|"
       "closedate|won date|date closed|abschlussdatum|abschluss|close time|won time|lost date|"
       "closed at|close day|date won|end date|lost on|won on|decision date|sale date|signed on|"
       "datum abschluss|finished on", 2.0),
    _f("expected_close_on", "Expected close", Shape.DATE, "expected close date|expected close|"
       "expected closing|estimated close date|forecast close|expected to close|"
       "voraussichtlicher abschluss|target close date|est close date|planned close", 2.4),
    _f("probability", "Probability", Shape.PERCENT, "probability|win probability|chance of winning|"
       "confidence|wahrscheinlichkeit|likelihood|forecast probability|probabilité", 2.2),
    _f("lost_reason", "Lost because", Shape.CHOICE, "lost reason|loss reason|reason lost|"
       "closed lost reason|verlustgrund|reason for loss|reason|why lost", 2.2),
    _f("lead_source", "Source", _L, _SOURCE, 0.4, 120),
    _f("description", "Description", Shape.LONG, _DESCRIPTION + "|next step|nextstep", 0.2),
    _f("tags", "Tags", Shape.TAGS, _TAGS, 0.1),
    _f("external_id", "Other system's id", Shape.ID, _ID + "|opportunity id|deal id|"
       "opportunity number|deal number|opp id|deal no|quote number|potential id", 0.8, 300),
    _f("company_ref", "Company's id", Shape.ID, "account id|company id|organization id|"
       "associated company id|customer id", 0.3, 300),
)  # fmt: skip
_TICKET = (
    _f("subject", "Subject", _T, "subject|title|summary|issue|betreff|ticket name|ticket subject|"
       "topic|problem|headline|ticket title|objet|asunto|request", 1.6, 500),
    _f("description", "First message", Shape.LONG, _DESCRIPTION + "|message|body|content|"
       "problem description|issue description|question|text", 0.5),
    _f("status", "Status", Shape.CHOICE, "status|ticket status|state|zustand|resolution status",
       1.0),
    _f("priority", "Priority", Shape.CHOICE, "priority|urgency|severity|priorität|dringlichkeit|"
       "priorité|prioridad|ticket priority", 2.5),
    _f("type", "Type", Shape.CHOICE, "type|ticket type|issue type|art|request type", 0.7),
    _f("category", "Category", _T, "category|kategorie|ticket category|product area|component|"
       "catégorie|group", 0.5, 120),
    _f("opened_at", "Opened", Shape.MOMENT, "opened|opened at|open date|created time|reported on|"
       "ticket created|submitted|submitted at|date reported|" + _CREATED, 0.6),
    _f("resolved_at", "Resolved", Shape.MOMENT, "resolved|resolved at|resolved time|solved at|"
       "resolution date|gelöst am|date resolved|resolved on|resolution time", 2.2),
    _f("closed_at", "Closed", Shape.MOMENT, "closed|closed at|closed time|closed date|"
       "geschlossen am|date closed|closed on", 0.8),
    _f("first_response_at", "First answered", Shape.MOMENT, "first response|first response at|"
       "first responded at|initial response time|first reply", 2.0),
    _f("contact", "Contact", _L, "contact|contact name|requester|requester name|full name|"
       "reporter|name|customer name|submitted by|raised by|requested by|customer full name", 0.8, 300),  # noqa: E501  data, kept on its line
    _f("contact_email", "Contact's e-mail", Shape.EMAIL, _EMAIL + "|requester email|"
       "customer email|reporter email", 0.3, 320),
    _f("company", "Company", _L, _COMPANY, 0.2, 300),
    _f("owner", "Owner", _L, _OWNER + "|agent|assigned agent|technician|agent name|"
       "agent assigned", 0.6, 200),
    _f("channel", "Channel", _T, "channel|ticket channel|via|contact channel|origin|source", 0.6, 60),  # noqa: E501  data, kept on its line
    _f("satisfaction", "Satisfaction", Shape.INTEGER, "satisfaction|csat|satisfaction rating|"
       "customer satisfaction rating|satisfaction score|rating", 1.8),
    _f("tags", "Tags", Shape.TAGS, _TAGS, 0.1),
    _f("external_id", "Other system's id", Shape.ID, _ID + "|ticket id|ticket number|issue key|"
       "case number|case id|ticket|issue id|ticket no|number", 1.4, 300),
)  # fmt: skip
_ACTIVITY = (
    _f("kind", "Kind", Shape.CHOICE, "type|activity type|kind|activity|task type|event type|"
       "call type|art|aktivität|tasksubtype|interaction type|interaction", 1.8),
    _f("at", "When", Shape.MOMENT, "date|when|at|activity date|activitydate|time|timestamp|"
       "date time|datum|due date|start|start time|activitydatetime|call start time|logged at|"
       "occurred at|start date|" + _CREATED, 1.2),
    _f("subject", "Subject", _T, "subject|title|topic|betreff|activity subject|summary", 1.2, 500),
    _f("body", "Text", Shape.LONG, _DESCRIPTION + "|body|text|message|content|call notes", 0.9),
    _f("direction", "Direction", Shape.CHOICE, "direction|call direction|inbound or outbound|"
       "richtung", 2.4),
    _f("outcome", "Outcome", Shape.CHOICE, "outcome|call outcome|result|call result|disposition|"
       "ergebnis", 2.0),
    _f("duration_seconds", "Duration", Shape.DURATION, "duration|call duration|duration minutes|"
       "duration in minutes|length|dauer|duration seconds|durationinminutes", 2.2),
    _f("contact", "Contact", _L, "contact|contact name|person|name|with|kontakt|full name|who|"
       "related to contact|attendee", 0.6, 300),
    _f("contact_email", "Contact's e-mail", Shape.EMAIL, _EMAIL, 0.3, 320),
    _f("company", "Company", _L, _COMPANY + "|related to", 0.2, 300),
    _f("deal", "Deal", _L, "deal|deal name|opportunity|opportunity name|associated deal", 0.6, 300),
    _f("user", "Who", _L, _OWNER + "|user|by|logged by|author|agent|sales rep|created by|"
       "mitarbeiter", 0.5, 200),
    _f("external_id", "Other system's id", Shape.ID, _ID + "|activity id|message id|event id|"
       "task id|call id|engagement id", 0.4, 300),
)  # fmt: skip


def _kind(key: str, label: str, plural: str, fields: tuple[Field, ...], *needs: str) -> Kind:
    return Kind(key, label, plural, MappingProxyType({f.key: f for f in fields}), needs)


# In the order in which the files of one import are taken: links point to what came before.
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        k.key: k
        for k in (
            _kind("user", "User", "users", _USER, "name", "given_name", "family_name", "email"),
            _kind("company", "Company", "companies", _COMPANY_FIELDS, "name"),
            _kind("product", "Product", "products", _PRODUCT, "name", "code"),
            _kind("contact", "Contact", "contacts", _CONTACT,
                  "name", "given_name", "family_name", "email", "phone", "mobile"),
            _kind("deal", "Deal", "deals", _DEAL, "name", "external_id", "amount", "company"),
            _kind("ticket", "Ticket", "tickets", _TICKET, "subject", "description"),
            _kind("activity", "Activity", "activities", _ACTIVITY, "subject", "body", "kind"),
        )
    }
)  # fmt: skip
BY_PLURAL: Final = {kind.plural: kind.key for kind in KINDS.values()}
HEADER_WORDS: Final = frozenset(
    name_key(word)
    for kind in KINDS.values()
    for field in kind.fields.values()
    for word in field.words
)


def field_of(kind: str, key: str) -> Field:
    """Return a field of a kind."""
    return KINDS[kind].fields[key]
