"""Other CRMs that are known by their headers."""

from typing import Final

from app.exchange.layout import Layout, layout

LAYOUTS: Final[tuple[Layout, ...]] = (
    layout("hubspot", "HubSpot contacts", "contact", "Record ID|Lifecycle Stage|Contact owner|"
            "Associated Company|Lead Status", {"Record ID": "external_id"}, 3),
    layout("hubspot", "HubSpot deals", "deal", "Record ID|Deal Name|Deal Stage|Deal owner|Pipeline",
            {"Record ID": "external_id"}, 4),
    layout("hubspot", "HubSpot companies", "company", "Record ID|Company name|Company owner|"
            "Company Domain Name", {"Record ID": "external_id"}, 3),
    layout("dynamics", "Dynamics contacts", "contact", "(Do Not Modify) Contact|"
            "(Do Not Modify) Row Checksum|(Do Not Modify) Modified On",
            {"(Do Not Modify) Contact": "external_id", "(Do Not Modify) Row Checksum": None,
             "(Do Not Modify) Modified On": None}, 2),
    layout("dynamics", "Dynamics accounts", "company", "(Do Not Modify) Account|"
            "(Do Not Modify) Row Checksum", {"(Do Not Modify) Account": "external_id",
            "(Do Not Modify) Row Checksum": None, "(Do Not Modify) Modified On": None}),
    layout("dynamics", "Dynamics opportunities", "deal", "(Do Not Modify) Opportunity|"
            "(Do Not Modify) Row Checksum", {"(Do Not Modify) Opportunity": "external_id",
            "(Do Not Modify) Row Checksum": None, "(Do Not Modify) Modified On": None}),
    layout("pipedrive", "Pipedrive deals", "deal", "Deal - Title|Deal - Value|Deal - Stage|"
            "Deal - Organization|Deal - Owner",
            {"Deal - ID": "external_id", "Deal - Title": "name", "Deal - Value": "amount",
             "Deal - Currency": "currency", "Deal - Stage": "stage", "Deal - Pipeline": "pipeline",
             "Deal - Organization": "company", "Deal - Contact person": "contact",
             "Deal - Owner": "owner", "Deal - Expected close date": "expected_close_on",
             "Deal - Won time": "closed_on", "Deal - Lost reason": "lost_reason",
             "Deal - Probability": "probability", "Deal - Deal created": "opened_on"}, 3),
    layout("pipedrive", "Pipedrive people", "contact", "Person - Name|Person - Email|Person - Phone|"
            "Person - Organization|Person - ID",
            {"Person - ID": "external_id", "Person - Name": "name", "Person - Email": "email",
             "Person - Phone": "phone", "Person - Organization": "company",
             "Person - Owner": "owner"}, 2),
    layout("pipedrive", "Pipedrive organizations", "company", "Organization - Name|"
            "Organization - Owner|Organization - ID|Organization - Address",
            {"Organization - ID": "external_id", "Organization - Name": "name",
             "Organization - Owner": "owner", "Organization - Address": "street"}, 2),
    layout("zoho", "Zoho contacts", "contact", "Record Id|First Name|Last Name|Account Name|"
            "Contact Owner", {"Record Id": "external_id", "Account Name.id": "company_ref",
            "Account Name": "company"}, 4),
    layout("zoho", "Zoho deals", "deal", "Record Id|Deal Name|Stage|Closing Date|Account Name",
            {"Record Id": "external_id", "Account Name.id": "company_ref"}, 4),
    layout("salesforce", "Salesforce accounts", "company", "ID|NAME|BILLINGCITY|PARENTID|OWNERID|"
            "SYSTEMMODSTAMP|ANNUALREVENUE", {"ID": "external_id", "ISDELETED": None, "TYPE": None,
            "PARENTID": None, "OWNERID": None, "ACCOUNTNUMBER": None}, 4),
    layout("salesforce", "Salesforce contacts", "contact", "ID|ACCOUNTID|FIRSTNAME|LASTNAME|OWNERID",
            {"ID": "external_id", "ACCOUNTID": "company_ref", "OWNERID": None}, 4),
    layout("salesforce", "Salesforce opportunities", "deal", "ID|ACCOUNTID|STAGENAME|CLOSEDATE|"
            "ISWON|OWNERID", {"ID": "external_id", "ACCOUNTID": "company_ref", "OWNERID": None,
            "ISCLOSED": None, "ISWON": None, "EXPECTEDREVENUE": None}, 4),
)  # fmt: skip
