"""Programs whose exports are known by their headers, as data: name, kind, what must be there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.values import name_key


@dataclass(frozen=True, slots=True)
class Layout:
    """An export: `system` names the ids it holds, `renames` maps its headers to fields."""

    system: str
    title: str
    kind: str
    marks: frozenset[str]
    renames: dict[str, str | None]
    least: int


def _layout(
    system: str, title: str, kind: str, marks: str, renames: dict[str, str | None], least: int = 0
) -> Layout:
    keys = frozenset(name_key(mark) for mark in marks.split("|"))
    return Layout(
        system,
        title,
        kind,
        keys,
        {name_key(header): field for header, field in renames.items()},
        least or len(keys),
    )


LAYOUTS: Final = (
    _layout("hubspot", "HubSpot contacts", "contact", "Record ID|Lifecycle Stage|Contact owner|"
            "Associated Company|Lead Status", {"Record ID": "external_id"}, 3),
    _layout("hubspot", "HubSpot deals", "deal", "Record ID|Deal Name|Deal Stage|Deal owner|Pipeline",
            {"Record ID": "external_id"}, 4),
    _layout("hubspot", "HubSpot companies", "company", "Record ID|Company name|Company owner|"
            "Company Domain Name", {"Record ID": "external_id"}, 3),
    _layout("google", "Google Contacts", "contact", "E-mail 1 - Value|Given Name|Family Name",
            {"Given Name": "given_name", "Additional Name": "middle_name", "Occupation": None}, 3),
    _layout("google", "Google Contacts", "contact", "E-mail 1 - Label|E-mail 1 - Value|First Name|"
            "Organization Name", {}, 3),
    _layout("dynamics", "Dynamics contacts", "contact", "(Do Not Modify) Contact|"
            "(Do Not Modify) Row Checksum|(Do Not Modify) Modified On",
            {"(Do Not Modify) Contact": "external_id", "(Do Not Modify) Row Checksum": None,
             "(Do Not Modify) Modified On": None}, 2),
    _layout("dynamics", "Dynamics accounts", "company", "(Do Not Modify) Account|"
            "(Do Not Modify) Row Checksum", {"(Do Not Modify) Account": "external_id",
            "(Do Not Modify) Row Checksum": None, "(Do Not Modify) Modified On": None}),
    _layout("dynamics", "Dynamics opportunities", "deal", "(Do Not Modify) Opportunity|"
            "(Do Not Modify) Row Checksum", {"(Do Not Modify) Opportunity": "external_id",
            "(Do Not Modify) Row Checksum": None, "(Do Not Modify) Modified On": None}),
    _layout("freshdesk", "Freshdesk tickets", "ticket", "Ticket ID|Subject|Created time|"
            "Resolved time|Full name", {"Ticket ID": "external_id", "Full name": "contact"}, 4),
    _layout("zendesk", "Zendesk tickets", "ticket", "Requester|Requester email|Assignee|Subject|Ticket ID|"
            "Satisfaction Score", {"Id": "external_id"}, 4),
    _layout("jira", "Jira issues", "ticket", "Issue key|Issue Type|Reporter|Summary",
            {"Issue key": "external_id", "Issue id": None, "Summary": "subject"}, 3),
    _layout("linkedin", "LinkedIn connections", "contact", "First Name|Last Name|URL|Connected On|"
            "Position", {"URL": "linkedin", "Connected On": "created_on"}, 4),
    _layout("pipedrive", "Pipedrive deals", "deal", "Deal - Title|Deal - Value|Deal - Stage|"
            "Deal - Organization|Deal - Owner",
            {"Deal - ID": "external_id", "Deal - Title": "name", "Deal - Value": "amount",
             "Deal - Currency": "currency", "Deal - Stage": "stage", "Deal - Pipeline": "pipeline",
             "Deal - Organization": "company", "Deal - Contact person": "contact",
             "Deal - Owner": "owner", "Deal - Expected close date": "expected_close_on",
             "Deal - Won time": "closed_on", "Deal - Lost reason": "lost_reason",
             "Deal - Probability": "probability", "Deal - Deal created": "opened_on"}, 3),
    _layout("pipedrive", "Pipedrive people", "contact", "Person - Name|Person - Email|Person - Phone|"
            "Person - Organization|Person - ID",
            {"Person - ID": "external_id", "Person - Name": "name", "Person - Email": "email",
             "Person - Phone": "phone", "Person - Organization": "company",
             "Person - Owner": "owner"}, 2),
    _layout("pipedrive", "Pipedrive organizations", "company", "Organization - Name|"
            "Organization - Owner|Organization - ID|Organization - Address",
            {"Organization - ID": "external_id", "Organization - Name": "name",
             "Organization - Owner": "owner", "Organization - Address": "street"}, 2),
    _layout("zoho", "Zoho contacts", "contact", "Record Id|First Name|Last Name|Account Name|"
            "Contact Owner", {"Record Id": "external_id", "Account Name.id": "company_ref",
            "Account Name": "company"}, 4),
    _layout("zoho", "Zoho deals", "deal", "Record Id|Deal Name|Stage|Closing Date|Account Name",
            {"Record Id": "external_id", "Account Name.id": "company_ref"}, 4),
    _layout("salesforce", "Salesforce accounts", "company", "ID|NAME|BILLINGCITY|PARENTID|OWNERID|"
            "SYSTEMMODSTAMP|ANNUALREVENUE", {"ID": "external_id", "ISDELETED": None, "TYPE": None,
            "PARENTID": None, "OWNERID": None, "ACCOUNTNUMBER": None}, 4),
    _layout("salesforce", "Salesforce contacts", "contact", "ID|ACCOUNTID|FIRSTNAME|LASTNAME|OWNERID",
            {"ID": "external_id", "ACCOUNTID": "company_ref", "OWNERID": None}, 4),
    _layout("salesforce", "Salesforce opportunities", "deal", "ID|ACCOUNTID|STAGENAME|CLOSEDATE|"
            "ISWON|OWNERID", {"ID": "external_id", "ACCOUNTID": "company_ref", "OWNERID": None,
            "ISCLOSED": None, "ISWON": None, "EXPECTEDREVENUE": None}, 4),
    _layout("thunderbird", "Thunderbird address book", "contact", "First Name|Last Name|"
            "Display Name|Primary Email|Screen Name", {"Secondary Email": "email2",
            "Work Phone": "phone", "Home Phone": "phone2", "Mobile Number": "mobile",
            "Organization": "company", "Home Address": "street"}, 4),
    _layout("outlook", "Outlook contacts", "contact", "First Name|Last Name|Business Phone|"
            "Business Street|Job Title|Company", {"Business Phone": "phone", "Home Phone": "phone2",
            "E-mail Address": "email"}, 4),
)  # fmt: skip


def known_layout(headers: Sequence[str], kind: str | None = None) -> Layout | None:
    """Return the layout whose marks the headers carry most fully."""
    keys = {name_key(header) for header in headers}
    best: Layout | None = None
    best_share = 0.0
    for layout in LAYOUTS:
        hits = len(layout.marks & keys)
        if hits < layout.least or (kind is not None and layout.kind != kind):
            continue
        share = hits / len(layout.marks) + hits / 100
        if share > best_share:
            best, best_share = layout, share
    return best
