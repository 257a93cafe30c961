"""What a column can become: the fields of each kind of record, with the words that name them.

Declared as data. Words are compared without blanks, case, accents and punctuation. The kinds that
came later stand in `app.exchange.kinds`, each with how its rows are shaped and written.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.exchange.field_types import (
    CITY_WORDS,
    COMPANY_WORDS,
    COUNTRY_WORDS,
    CREATED_WORDS,
    CURRENCY_WORDS,
    DESCRIPTION_WORDS,
    EMAIL_WORDS,
    ID_WORDS,
    LANGUAGE_WORDS,
    MODIFIED_WORDS,
    OWNER_WORDS,
    PHONE_WORDS,
    POSTAL_WORDS,
    REGION_WORDS,
    SOURCE_WORDS,
    STREET_WORDS,
    TAGS_WORDS,
    Field,
    Kind,
    Shape,
    a_field,
    a_kind,
)
from app.exchange.kinds.appointment import APPOINTMENT
from app.exchange.kinds.event import EVENT
from app.exchange.kinds.message import MESSAGE
from app.exchange.kinds.order import ORDER
from app.exchange.kinds.pipeline import PIPELINE
from app.exchange.kinds.stage import STAGE
from app.exchange.kinds.stage_change import STAGE_CHANGE
from app.exchange.kinds.task import TASK
from app.exchange.kinds.ticket import TICKET
from app.exchange.kinds.ticket_message import TICKET_MESSAGE
from models.values import name_key

_T, _N, _L = Shape.TEXT, Shape.NAME, Shape.LINK

_USER = (
    a_field("name", "Name", _N, "name|full name|user|username|user name|agent|sales agent|sales rep|"
       "rep|sales person|salesperson|employee|employee name|representative|seller|mitarbeiter|"
       "vertreter|agent name|rep name|team member|staff|staff member|account executive|"
       "verkäufer|vendeur|vendedor|consultant|advisor", 1.6, 200),
    a_field("given_name", "First name", _N, "first name|firstname|given name|vorname", 0.5, 100),
    a_field("family_name", "Last name", _N, "last name|lastname|surname|family name|nachname", 0.5, 100),
    a_field("email", "E-mail", Shape.EMAIL, EMAIL_WORDS + "|user email|login", 0.5, 320),
    a_field("manager", "Manager", _L, "manager|team lead|team leader|supervisor|boss|reports to|"
       "head|vorgesetzter|teamleiter|chef|sales manager|line manager|manager name|lead by", 2.5, 200),
    a_field("team", "Team", _T, "team|sales team|department|abteilung|équipe|equipo|unit|group|squad",
       1.5, 200),
    a_field("region", "Region", _T, "region|regional office|office|territory|branch|niederlassung|"
       "sales region|area|zone|gebiet|location|sales office|district", 1.8, 200),
    a_field("role", "Role", Shape.CHOICE, "role|permission|user role|profile|rolle", 0.8),
    a_field("time_zone", "Time zone", _T, "time zone|timezone|time zone sid key|zeitzone", 0.8, 64),
    a_field("external_id", "Other system's id", Shape.ID,
       ID_WORDS + "|user id|employee id|agent id|staff id|rep id", 0.3, 300),
)  # fmt: skip
_COMPANY_FIELDS = (
    a_field("name", "Company", _N, "name|" + COMPANY_WORDS + "|organisation legal name|legal name|"
       "site name|institution name|institution|agency name|school name|facility name", 1.2, 300),
    a_field("domain", "Domain", _T, "domain|company domain|company domain name|web domain", 1.5, 253),
    a_field("website", "Website", Shape.URL, "website|web site|url|homepage|webseite|web|site web|"
       "sitio web|company website|website url|internet", 0.8, 2000),
    a_field("industry", "Industry", _T, "industry|sector|branche|branch of industry|vertical|business "
       "sector|secteur|industria|sector name|line of business|settore|market", 2.5, 200),
    a_field("employees", "Employees", Shape.INTEGER, "employees|number of employees|headcount|staff|"
       "employee count|company size|mitarbeiter|mitarbeiterzahl|anzahl mitarbeiter|"
       "numberofemployees|no of employees|effectif|empleados|staff count|size", 2.5),
    a_field("annual_revenue", "Annual revenue", Shape.MONEY, "revenue|annual revenue|annualrevenue|"
       "turnover|sales volume|umsatz|jahresumsatz|chiffre d affaires|ingresos|yearly revenue|"
       "revenue per year|annual turnover", 2.0),
    a_field("currency", "Currency", Shape.CURRENCY, CURRENCY_WORDS, 0.2),
    a_field("founded_year", "Founded", Shape.YEAR, "year established|founded|founded year|year founded|"
       "established|gründungsjahr|gegründet|foundation year|incorporated|year of foundation|"
       "année de création|since", 2.5),
    a_field("phone", "Phone", Shape.PHONE, PHONE_WORDS, 0.4, 64),
    a_field("email", "E-mail", Shape.EMAIL, EMAIL_WORDS, 0.2, 320),
    a_field("street", "Street", _T, STREET_WORDS, 0.4, 500),
    a_field("postal_code", "Postal code", _T, POSTAL_WORDS, 0.4, 40),
    a_field("city", "City", _T, CITY_WORDS, 0.4, 150),
    a_field("region", "State or region", _T, REGION_WORDS, 0.3, 150),
    a_field("country", "Country", _T, COUNTRY_WORDS, 0.5, 100),
    a_field("vat_number", "VAT number", _T, "vat|vat number|vat id|ust id|ustid|tax id|tax number|"
       "tva|nif|cif|steuernummer|partita iva", 2.0, 40),
    a_field("parent", "Parent company", _L, "parent|parent company|parent account|subsidiary of|"
       "mother company|muttergesellschaft|konzern|holding|parent id|belongs to|part of|"
       "société mère|ultimate parent|owned by|parent organization", 2.5, 300),
    a_field("owner", "Owner", _L, OWNER_WORDS, 0.6, 200),
    a_field("lead_source", "Source", _L, SOURCE_WORDS + "|account source", 0.3, 120),
    a_field("description", "Description", Shape.LONG, DESCRIPTION_WORDS, 0.2),
    a_field("tags", "Tags", Shape.TAGS, TAGS_WORDS, 0.1),
    a_field("external_id", "Other system's id", Shape.ID,
       ID_WORDS + "|company id|account id|organization id|account number|customer number|"
       "kundennummer|accountnumber|org id", 0.3, 300),
    a_field("parent_ref", "Parent company's id", Shape.ID, "parent id|parent account id|parent company id", 0.3, 300),
    a_field("owner_ref", "Owner's id", Shape.ID, "owner id|assigned user id", 0.2, 300),
    a_field("modified_at", "Changed on", Shape.MOMENT, MODIFIED_WORDS, 0.1),
)  # fmt: skip
_CONTACT = (
    a_field("name", "Name", _N, "name|full name|contact|contact name|person|display name|fullname|"
       "ansprechpartner|kontakt|nom complet|nombre completo|person name|kontaktperson|"
       "customer full name|contact person|nom et prénom", 0.9, 300),
    a_field("given_name", "First name", _N, "first name|firstname|given name|forename|vorname|prénom|"
       "prenom|nombre|nome|first|voornaam|fname|given|customer first name|förnamn|etunimi", 2.0, 150),
    a_field("middle_name", "Middle name", _N, "middle name|second name|additional name|zweiter vorname|"
       "middle|middlename", 0.5, 100),
    a_field("family_name", "Last name", _N, "last name|lastname|surname|family name|nachname|nom|"
       "familienname|nom de famille|apellido|apellidos|cognome|last|achternaam|lname|efternamn|"
       "customer last name|sukunimi", 2.0, 150),
    a_field("email", "E-mail", Shape.EMAIL, EMAIL_WORDS, 1.6, 320),
    a_field("email2", "Second e-mail", Shape.EMAIL, "email 2|e mail 2|e mail 2 value|second email|"
       "secondary email|other email|email other|private email|personal email|email home|"
       "alternative email|additional email|e mail 3 value|e mail privat", 0.5, 320),
    a_field("phone", "Phone", Shape.PHONE, PHONE_WORDS, 1.0, 64),
    a_field("mobile", "Mobile", Shape.PHONE, "mobile|mobile phone|cell|cell phone|handy|mobil|gsm|"
       "mobile number|mobiltelefon|portable|móvil|cellphone|cellulare|handynummer|whatsapp|"
       "home mobile", 1.0, 64),
    a_field("phone2", "Second phone", Shape.PHONE, "phone 2|phone 2 value|home phone|other phone|"
       "business phone 2|private phone|second phone|telefon privat|alternate phone|phone home", 0.6, 64),
    a_field("job_title", "Job title", _T, "job title|jobtitle|position|title|role|function|beruf|"
       "funktion|organization title|organization 1 title|poste|cargo|puesto|berufsbezeichnung|"
       "occupation|designation", 0.9, 200),
    a_field("company", "Company", _L, COMPANY_WORDS + "|organization 1 name|company organization", 0.5, 300),
    a_field("street", "Street", _T, STREET_WORDS, 0.5, 500),
    a_field("postal_code", "Postal code", _T, POSTAL_WORDS, 0.5, 40),
    a_field("city", "City", _T, CITY_WORDS, 0.5, 150),
    a_field("region", "State or region", _T, REGION_WORDS, 0.3, 150),
    a_field("country", "Country", _T, COUNTRY_WORDS, 0.2, 100),
    a_field("lifecycle", "Lifecycle stage", Shape.CHOICE, "lifecycle stage|lifecycle|lifecyclestage|"
       "customer stage|contact type|contact stage|lebenszyklus", 1.5),
    a_field("lead_status", "Lead status", Shape.CHOICE, "lead status|leadstatus|status|contact status",
       0.6),
    a_field("language", "Language", _T, LANGUAGE_WORDS, 0.6, 35),
    a_field("birthday", "Birthday", Shape.DATE, "birthday|birth date|date of birth|dob|geburtstag|"
       "geburtsdatum|anniversaire|date de naissance|fecha de nacimiento|birthdate", 1.8),
    a_field("email_consent", "E-mail consent", Shape.YES_NO, "email consent|newsletter|opt in|optin|"
       "marketing consent|email opt in|subscribed|accepts marketing|marketing opt in|"
       "accepts email marketing|newsletter anmeldung|gdpr consent", 1.2),
    a_field("email_refused", "E-mail opt-out", Shape.YES_NO, "email opt out|opt out|hasoptedoutofemail|"
       "unsubscribed|do not email|has opted out of email", 1.0),
    a_field("phone_refused", "Do not call", Shape.YES_NO, "do not call|donotcall|no calls", 1.0),
    a_field("phone_consent", "Phone consent", Shape.YES_NO, "", 0.5),
    a_field("ads_consent", "Advertising consent", Shape.YES_NO, "", 0.5),
    a_field("website", "Website", Shape.URL, "website|web site|web page|homepage|webseite|url|"
       "web page 1|personal website", 0.4, 2000),
    a_field("linkedin", "LinkedIn", Shape.URL, "linkedin|linkedin url|linkedin profile|"
       "linkedin bio", 1.0, 2000),
    a_field("twitter", "Twitter", _T, "twitter|x handle|twitter handle|twitter username", 0.8, 200),
    a_field("facebook", "Facebook", _T, "facebook|facebook url", 0.8, 2000),
    a_field("owner", "Owner", _L, OWNER_WORDS + "|contact owner|lead owner", 0.5, 200),
    a_field("lead_source", "Source", _L, SOURCE_WORDS, 0.6, 120),
    a_field("created_on", "Created on", Shape.MOMENT, CREATED_WORDS, 0.1),
    a_field("description", "Description", Shape.LONG, DESCRIPTION_WORDS, 0.1),
    a_field("tags", "Tags", Shape.TAGS, TAGS_WORDS, 0.3),
    a_field("account_role", "Role in a help desk", Shape.CHOICE, "", 0.1),  # made one of us
    a_field("external_id", "Other system's id", Shape.ID,
       ID_WORDS + "|contact id|person id|customer id|lead id|kontakt id|kundennummer|vid", 0.3, 300),
    a_field("company_ref", "Company's id", Shape.ID, "account id|company id|associated company id|"
       "organization id|account name id", 0.3, 300),
    a_field("owner_ref", "Owner's id", Shape.ID, "owner id|assigned user id|user id", 0.2, 300),
    a_field("is_company", "Is a company", Shape.YES_NO, "is a company|is company|ist eine firma|"
       "company or person|est une société|es una empresa", 1.0),
    a_field("modified_at", "Changed on", Shape.MOMENT, MODIFIED_WORDS, 0.1),
)  # fmt: skip
_PRODUCT = (
    a_field("name", "Product", _N, "name|product|product name|item|item name|article|artikel|produkt|"
       "produktname|bezeichnung|produit|producto|service|sku name|article name|description short",
       1.6, 300),
    a_field("code", "Code", Shape.ID, "code|sku|product code|item code|article number|artikelnummer|"
       "item number|art nr|productcode|part number|product id|ean|barcode", 2.0, 100),
    a_field("category", "Category", _T, "category|series|product line|product family|family|range|"
       "kategorie|warengruppe|product category|product group|product type|catégorie|collection|"
       "line|model line", 1.6, 200),
    a_field("price", "Price", Shape.MONEY, "price|sales price|unit price|list price|retail price|preis|"
       "verkaufspreis|listenpreis|prix|precio|net price|msrp|selling price|standard price|"
       "price per unit|unitprice|stückpreis|einzelpreis", 2.5),
    a_field("currency", "Currency", Shape.CURRENCY, CURRENCY_WORDS, 0.2),
    a_field("is_active", "For sale", Shape.YES_NO, "active|is active|for sale|available|aktiv|enabled",
       0.5),
    a_field("description", "Description", Shape.LONG, DESCRIPTION_WORDS, 0.3),
    a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|product ref", 0.2, 300),
)  # fmt: skip
_DEAL = (
    a_field("name", "Deal", _N, "name|deal|deal name|deal title|title|opportunity|opportunity name|"
       "subject|topic|dealname|potential name|chance|verkaufschance|potential|sale", 0.9, 300),
    a_field("amount", "Amount", Shape.MONEY, "amount|value|deal value|deal amount|close value|sum|"
       "deal size|betrag|wert|auftragswert|montant|importe|expected revenue|estimated value|"
       "opportunity amount|total value|contract value|acv|tcv|closing value|won amount|"
       "volume|order value|expected amount|price", 1.8),
    a_field("currency", "Currency", Shape.CURRENCY, CURRENCY_WORDS, 0.3),
    a_field("stage", "Stage", Shape.CHOICE, "stage|deal stage|stage name|sales stage|phase|"
       "pipeline stage|opportunity stage|verkaufsphase|status|deal status|dealstage|stufe|étape|"
       "etapa|opportunity status|sales phase|outcome", 2.6, 120),
    a_field("pipeline", "Pipeline", _T, "pipeline|pipeline name|sales pipeline|sales process|"
       "deal pipeline|trichter|funnel", 2.5, 120),
    a_field("company", "Company", _L, COMPANY_WORDS, 0.3, 300),
    a_field("contact", "Contact", _L, "contact|contact name|contact person|primary contact|person|"
       "ansprechpartner|kontakt|associated contact|person name|buyer", 0.4, 300),
    a_field("contact_email", "Contact's e-mail", Shape.EMAIL, EMAIL_WORDS, 0.1, 320),
    a_field("owner", "Owner", _L, OWNER_WORDS + "|deal owner|opportunity owner|sales agent|sales rep|agent|"
       "salesperson|sales person|rep|account executive|seller|verkäufer|vendeur|consultant|"
       "opportunity owner name|rep name|agent name|closed by|representative", 0.9, 200),
    a_field("product", "Product", _L, "product|product name|item|article|produkt|produit|producto|"
       "products|service|product interest|sku|solution|package|plan", 0.6, 300),
    a_field("quantity", "Quantity", Shape.NUMBER, "quantity|qty|menge|anzahl|seats|units|"
       "totalopportunityquantity|total opportunity quantity", 0.6),
    a_field("opened_on", "Opened on", Shape.DATE, "opened|opened on|open date|engage date|start date|"
       "date opened|first contact|opportunity date|engagement date|begin|begin date|"
       "eröffnet am|started on|deal created|entered date|first meeting|kickoff|" + CREATED_WORDS, 1.0),
    a_field("closed_on", "Closed on", Shape.DATE, "close date|closed date|closed on|closing date|"
       "closedate|won date|date closed|abschlussdatum|abschluss|close time|won time|lost date|"
       "closed at|close day|date won|end date|lost on|won on|decision date|sale date|signed on|"
       "datum abschluss|finished on", 2.0),
    a_field("expected_close_on", "Expected close", Shape.DATE, "expected close date|expected close|"
       "expected closing|estimated close date|forecast close|expected to close|"
       "voraussichtlicher abschluss|target close date|est close date|planned close", 2.4),
    a_field("probability", "Probability", Shape.PERCENT, "probability|win probability|chance of winning|"
       "confidence|wahrscheinlichkeit|likelihood|forecast probability|probabilité", 2.2),
    a_field("lost_reason", "Lost because", Shape.CHOICE, "lost reason|loss reason|reason lost|"
       "closed lost reason|verlustgrund|reason for loss|reason|why lost", 2.2),
    a_field("lead_source", "Source", _L, SOURCE_WORDS, 0.4, 120),
    a_field("description", "Description", Shape.LONG, DESCRIPTION_WORDS + "|next step|nextstep", 0.2),
    a_field("tags", "Tags", Shape.TAGS, TAGS_WORDS, 0.1),
    a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|opportunity id|deal id|"
       "opportunity number|deal number|opp id|deal no|quote number|potential id", 0.8, 300),
    a_field("company_ref", "Company's id", Shape.ID, "account id|company id|organization id|"
       "associated company id|customer id", 0.3, 300),
    a_field("contact_ref", "Contact's id", Shape.ID, "contact id|person id|associated contact id|primary contact id", 0.3, 300),
    a_field("owner_ref", "Owner's id", Shape.ID, "owner id|assigned user id", 0.2, 300),
    a_field("modified_at", "Changed on", Shape.MOMENT, MODIFIED_WORDS, 0.1),
)  # fmt: skip
_ACTIVITY = (
    a_field("kind", "Kind", Shape.CHOICE, "type|activity type|kind|activity|task type|event type|"
       "call type|art|aktivität|tasksubtype|interaction type|interaction", 1.8),
    a_field("at", "When", Shape.MOMENT, "date|when|at|activity date|activitydate|time|timestamp|"
       "date time|datum|due date|start|start time|activitydatetime|call start time|logged at|"
       "occurred at|start date|" + CREATED_WORDS, 1.2),
    a_field("subject", "Subject", _T, "subject|title|topic|betreff|activity subject|summary", 1.2, 500),
    a_field("body", "Text", Shape.LONG, DESCRIPTION_WORDS + "|body|text|message|content|call notes", 0.9),
    a_field("direction", "Direction", Shape.CHOICE, "direction|call direction|inbound or outbound|"
       "richtung", 2.4),
    a_field("outcome", "Outcome", Shape.CHOICE, "outcome|call outcome|result|call result|disposition|"
       "ergebnis", 2.0),
    a_field("duration_seconds", "Duration", Shape.DURATION, "duration|call duration|duration minutes|"
       "duration in minutes|length|dauer|duration seconds|durationinminutes", 2.2),
    a_field("contact", "Contact", _L, "contact|contact name|person|name|with|kontakt|full name|who|"
       "related to contact|attendee", 0.6, 300),
    a_field("contact_email", "Contact's e-mail", Shape.EMAIL, EMAIL_WORDS, 0.3, 320),
    a_field("company", "Company", _L, COMPANY_WORDS + "|related to", 0.2, 300),
    a_field("deal", "Deal", _L, "deal|deal name|opportunity|opportunity name|associated deal", 0.6, 300),
    a_field("user", "Who", _L, OWNER_WORDS + "|user|by|logged by|author|agent|sales rep|created by|"
       "mitarbeiter", 0.5, 200),
    a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|activity id|message id|event id|"
       "task id|call id|engagement id", 0.4, 300),
    a_field("company_ref", "Company's id", Shape.ID, "account id|company id|organization id|what id", 0.3, 300),
    a_field("contact_ref", "Contact's id", Shape.ID, "contact id|who id|person id", 0.3, 300),
    a_field("deal_ref", "Deal's id", Shape.ID, "deal id|opportunity id", 0.3, 300),
    a_field("owner_ref", "Owner's id", Shape.ID, "owner id|user id|assigned user id", 0.3, 300),
    a_field("modified_at", "Changed on", Shape.MOMENT, MODIFIED_WORDS, 0.1),
)  # fmt: skip


# In the order in which the files of one import are taken: links point to what came before.
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        k.key: k
        for k in (
            a_kind("user", "User", "users", _USER, "name", "given_name", "family_name", "email"),
            a_kind("company", "Company", "companies", _COMPANY_FIELDS, "name"),
            a_kind("product", "Product", "products", _PRODUCT, "name", "code"),
            a_kind("contact", "Contact", "contacts", _CONTACT,
                  "name", "given_name", "family_name", "email", "phone", "mobile"),
            PIPELINE,
            STAGE,
            a_kind("deal", "Deal", "deals", _DEAL, "name", "external_id", "amount", "company"),
            STAGE_CHANGE,
            ORDER,
            TICKET,
            TICKET_MESSAGE,
            a_kind("activity", "Activity", "activities", _ACTIVITY, "subject", "body", "kind"),
            MESSAGE,
            TASK,
            APPOINTMENT,
            EVENT,
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
    return KINDS[kind].field(key)
