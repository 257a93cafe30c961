"""Other CRMs that are known by their headers; case, blanks and underscores do not count.

`ID` and `AccountId` are thus Salesforce's API names in its exports, in warehouses and in JSON.
"""

from typing import Final

from app.exchange.layout import Layout, layout

_DO_NOT_MODIFY: Final[dict[str, str | None]] = {
    "(Do Not Modify) Row Checksum": None, "(Do Not Modify) Modified On": "modified_at",
}  # fmt: skip
_SALESFORCE: Final[dict[str, str | None]] = {
    "ID": "external_id", "ISDELETED": None, "TYPE": None, "OWNERID": "owner_ref",
    "MASTERRECORDID": None, "CREATEDBYID": None, "LASTMODIFIEDBYID": None, "RECORDTYPEID": None,
    "LASTMODIFIEDDATE": "modified_at", "SYSTEMMODSTAMP": None, "LASTACTIVITYDATE": None,
    "LASTVIEWEDDATE": None, "LASTREFERENCEDDATE": None, "JIGSAW": None, "JIGSAWCONTACTID": None,
    "JIGSAWCOMPANYID": None, "PHOTOURL": None, "CLEANSTATUS": None, "ERROR": None,
    "_fivetran_synced": None, "_fivetran_active": None, "ISCUSTOMERPORTAL": None,
    "CREATEDDATE": None,
}  # fmt: skip
_HUBSPOT: Final[dict[str, str | None]] = {
    "Record ID": "external_id", "Associated Company IDs": "company_ref",
    "Associated Contact IDs": "contact_ref", "Associated Company": "company",
    "Associated Contact": "contact", "Last Modified Date": "modified_at",
    "Associated Contacts": None, "Associated Deals": None, "Associated Note": None,
    "Number of Associated Contacts": None, "Number of times contacted": None,
}  # fmt: skip
_HUBSPOT_EXTRACT: Final[dict[str, str | None]] = {
    "_fivetran_synced": None, "portal_id": None, "property_hs_object_id": None,
    "property_createdate": "created_on", "property_lastmodifieddate": "modified_at",
    "property_hs_lastmodifieddate": "modified_at", "property_hubspot_owner_id": "owner_ref",
    "owner_id": "owner_ref", "property_associatedcompanyid": "company_ref",
}  # fmt: skip
_ZOHO: Final[dict[str, str | None]] = {
    "Record Id": "external_id", "Account Name.id": "company_ref", "Account Name": "company",
    "Contact Name.id": "contact_ref", "Contact Name": "contact", "Owner.id": "owner_ref",
    "Contact Owner.id": "owner_ref", "Deal Owner.id": "owner_ref", "Lead Owner.id": "owner_ref",
    "Account Owner.id": "owner_ref", "Modified Time": "modified_at", "Tag": "tags",
    "Created By.id": None, "Created By": None, "Modified By.id": None, "Modified By": None,
    "Campaign Source.id": None, "Last Activity Time": None, "Reporting To.id": None,
}  # fmt: skip
_SUITE: Final[dict[str, str | None]] = {
    "id": "external_id", "date_entered": "created_on", "date_modified": "modified_at",
    "modified_user_id": None, "modified_by_name": None, "created_by": None, "deleted": None,
    "created_by_name": None, "created_by_id": None, "assigned_user_id": "owner_ref",
    "account_id": "company_ref", "account_name": "company", "campaign_id": None,
    "reports_to_id": None, "currency_id": None, "assigned_user_name": "owner",
}  # fmt: skip
_ESPO: Final[dict[str, str | None]] = {
    "id": "external_id", "createdAt": "created_on", "modifiedAt": "modified_at",
    "createdById": None, "createdByName": None, "modifiedById": None, "modifiedByName": None,
    "assignedUserId": "owner_ref", "assignedUserName": "owner", "accountId": "company_ref",
    "accountName": "company", "emailAddress": "email", "phoneNumber": "phone",
    "salutationName": None, "campaignId": None, "campaignName": None,
}  # fmt: skip
_ODOO: Final[dict[str, str | None]] = {
    "id": "external_id", ".id": None, "External ID": "external_id", "is_company": "is_company",
    "parent_id": "company", "parent_id/name": "company", "parent_id/id": "company_ref",
    "category_id": "tags", "category_id/name": "tags", "country_id": "country",
    "country_id/name": "country", "country_id/id": None, "state_id": "region",
    "state_id/name": "region", "state_id/id": None, "user_id": "owner", "user_id/name": "owner",
    "user_id/id": "owner_ref", "function": "job_title", "comment": "description",
    "lang": "language", "type": None, "company_type": None, "vat": None, "ref": None,
    "Address type": None, "title/id": None, "partner_id/id": "company_ref",
}  # fmt: skip

LAYOUTS: Final[tuple[Layout, ...]] = (
    layout("hubspot", "HubSpot contacts", "contact", "Record ID|Lifecycle Stage|Contact owner|"
            "Associated Company|Lead Status|First Name|Last Name", _HUBSPOT, 4),
    layout("hubspot", "HubSpot deals", "deal", "Record ID|Deal Name|Deal Stage|Deal owner|Pipeline",
            {**_HUBSPOT, "Create Date": "opened_on", "Weighted amount": None,
             "Forecast category": None, "Amount in company currency": None}, 4),
    layout("hubspot", "HubSpot companies", "company", "Record ID|Company name|Company owner|"
            "Company Domain Name", {**_HUBSPOT, "Record ID - Parent Company": "parent_ref"}, 3),
    layout("hubspot", "HubSpot contacts (extract)", "contact", "id|property_firstname|"
            "property_lastname|property_email|property_createdate|property_lifecyclestage|"
            "property_hs_lead_status|property_hubspot_owner_id",
            {**_HUBSPOT_EXTRACT, "id": "external_id"}, 3),
    layout("hubspot", "HubSpot companies (extract)", "company", "id|property_name|property_domain|"
            "property_industry|property_createdate|property_hubspot_owner_id|"
            "property_numberofemployees|property_annualrevenue",
            {**_HUBSPOT_EXTRACT, "id": "external_id", "property_createdate": None}, 3),
    layout("hubspot", "HubSpot deals (extract)", "deal", "deal_id|property_dealname|property_amount|"
            "property_closedate|property_dealstage|deal_pipeline_stage_id|deal_pipeline_id|"
            "property_pipeline", {**_HUBSPOT_EXTRACT, "deal_id": "external_id",
            "property_createdate": "opened_on", "deal_pipeline_stage_id": "stage",
            "deal_pipeline_id": "pipeline"}, 4),
    layout("dynamics", "Dynamics contacts", "contact", "(Do Not Modify) Contact|"
            "(Do Not Modify) Row Checksum|(Do Not Modify) Modified On",
            {"(Do Not Modify) Contact": "external_id", **_DO_NOT_MODIFY}, 2),
    layout("dynamics", "Dynamics leads", "contact", "(Do Not Modify) Lead|"
            "(Do Not Modify) Row Checksum", {"(Do Not Modify) Lead": "external_id", "Topic": None,
            **_DO_NOT_MODIFY}),
    layout("dynamics", "Dynamics accounts", "company", "(Do Not Modify) Account|"
            "(Do Not Modify) Row Checksum", {"(Do Not Modify) Account": "external_id",
            "Primary Contact": None, **_DO_NOT_MODIFY}),
    layout("dynamics", "Dynamics opportunities", "deal", "(Do Not Modify) Opportunity|"
            "(Do Not Modify) Row Checksum", {"(Do Not Modify) Opportunity": "external_id",
            "Potential Customer": "company", "Est. Revenue": "amount", "Topic": "name",
            "Est. Close Date": "expected_close_on", **_DO_NOT_MODIFY}),
    layout("pipedrive", "Pipedrive deals", "deal", "Deal - Title|Deal - Value|Deal - Stage|"
            "Deal - Organization|Deal - Owner",
            {"Deal - ID": "external_id", "Deal - Title": "name", "Deal - Value": "amount",
             "Deal - Currency": "currency", "Deal - Stage": "stage", "Deal - Pipeline": "pipeline",
             "Deal - Organization": "company", "Deal - Contact person": "contact",
             "Deal - Owner": "owner", "Deal - Expected close date": "expected_close_on",
             "Deal - Won time": "closed_on", "Deal - Lost reason": "lost_reason",
             "Deal - Probability": "probability", "Deal - Deal created": "opened_on",
             "Deal - Label": "tags", "Deal - Update time": "modified_at",
             "Deal - Weighted value": None, "Deal - Currency of Weighted value": None,
             "Deal - Person": "contact", "Deal - Organization ID": "company_ref",
             "Deal - Person ID": "contact_ref", "Deal - Creator": None}, 3),
    layout("pipedrive", "Pipedrive people", "contact", "Person - Name|Person - Email|Person - Phone|"
            "Person - Organization|Person - ID",
            {"Person - ID": "external_id", "Person - Name": "name", "Person - Email": "email",
             "Person - First name": "given_name", "Person - Last name": "family_name",
             "Person - Phone": "phone", "Person - Organization": "company",
             "Person - Organization ID": "company_ref", "Person - Label": "tags",
             "Person - Owner": "owner", "Person - Update time": "modified_at"}, 2),
    layout("pipedrive", "Pipedrive organizations", "company", "Organization - Name|"
            "Organization - Owner|Organization - ID|Organization - Address",
            {"Organization - ID": "external_id", "Organization - Name": "name",
             "Organization - Owner": "owner", "Organization - Address": "street",
             "Organization - Label": "tags", "Organization - Update time": "modified_at",
             "Organization - People": None, "Organization - Open deals": None}, 2),
    layout("zoho", "Zoho contacts", "contact", "Record Id|First Name|Last Name|Account Name|"
            "Contact Owner", _ZOHO, 4),
    layout("zoho", "Zoho leads", "contact", "Record Id|First Name|Last Name|Company|Lead Owner|"
            "Lead Status|Lead Source", _ZOHO, 5),
    layout("zoho", "Zoho accounts", "company", "Record Id|Account Name|Account Owner|Account Number|"
            "Parent Account|Rating|Ownership|Ticker Symbol",
            {**_ZOHO, "Account Name": "name", "Account Name.id": None,
             "Parent Account": "parent", "Parent Account.id": "parent_ref",
             "Account Number": None}, 3),
    layout("zoho", "Zoho deals", "deal", "Record Id|Deal Name|Stage|Closing Date|Account Name",
            {**_ZOHO, "Type": None, "Next Step": None, "Expected Revenue": None,
             "Created Time": "opened_on"}, 4),
    layout("salesforce", "Salesforce accounts", "company", "ID|NAME|BILLINGCITY|PARENTID|OWNERID|"
            "SYSTEMMODSTAMP|ANNUALREVENUE",
            {**_SALESFORCE, "PARENTID": "parent_ref", "ACCOUNTNUMBER": None}, 4),
    layout("salesforce", "Salesforce contacts", "contact", "ID|ACCOUNTID|FIRSTNAME|LASTNAME|OWNERID|"
            "MAILINGCITY|REPORTSTOID|MAILINGSTREET",
            {**_SALESFORCE, "ACCOUNTID": "company_ref", "REPORTSTOID": None, "NAME": None,
             "CREATEDDATE": "created_on"}, 5),
    layout("salesforce", "Salesforce leads", "contact", "ID|FIRSTNAME|LASTNAME|COMPANY|STATUS|"
            "ISCONVERTED|CONVERTEDACCOUNTID|OWNERID",
            {**_SALESFORCE, "NAME": None, "CREATEDDATE": "created_on", "ISCONVERTED": None,
             "CONVERTEDACCOUNTID": None, "CONVERTEDCONTACTID": None, "CONVERTEDDATE": None,
             "CONVERTEDOPPORTUNITYID": None}, 6),
    layout("salesforce", "Salesforce opportunities", "deal", "ID|ACCOUNTID|STAGENAME|CLOSEDATE|"
            "ISWON|OWNERID", {**_SALESFORCE, "ACCOUNTID": "company_ref", "CONTACTID": "contact_ref",
            "CREATEDDATE": "opened_on", "ISCLOSED": None, "ISWON": None, "EXPECTEDREVENUE": None,
            "FORECASTCATEGORY": None, "FORECASTCATEGORYNAME": None}, 4),
    layout("suitecrm", "SuiteCRM accounts", "company", "id|name|date_entered|date_modified|"
            "assigned_user_id|phone_office|billing_address_street|account_type",
            {**_SUITE, "date_entered": None, "account_type": None, "phone_office": "phone",
             "phone_fax": "phone:fax", "email1": "email", "parent_id": "parent_ref"}, 6),
    layout("suitecrm", "SuiteCRM contacts", "contact", "id|first_name|last_name|date_entered|"
            "date_modified|assigned_user_id|phone_mobile|phone_work|primary_address_street",
            {**_SUITE, "phone_work": "phone", "phone_mobile": "mobile", "email1": "email",
             "title": "job_title", "salutation": None, "status": "lead_status"}, 7),
    layout("suitecrm", "SuiteCRM opportunities", "deal", "id|name|date_entered|date_closed|"
            "sales_stage|amount|assigned_user_id|account_name",
            {**_SUITE, "sales_stage": "stage", "date_closed": "closed_on",
             "date_entered": "opened_on", "opportunity_type": None, "amount_usdollar": None}, 6),
    layout("suitecrm", "SuiteCRM accounts", "company", "Name|ID|Office Phone|Email Address|"
            "Billing Street|Assigned User|Date Created|Date Modified|Annual Revenue",
            {"ID": "external_id", "Assigned User": "owner_ref", "Assigned to": "owner",
             "Office Phone": "phone", "Member of": "parent", "Parent Account ID": "parent_ref",
             "Date Modified": "modified_at", "Created By": None, "Modified By": None,
             "Deleted": None, "Campaign ID": None, "Type": None}, 7),
    layout("espocrm", "EspoCRM accounts", "company", "id|name|emailAddress|phoneNumber|"
            "billingAddressCity|assignedUserName|createdAt|sicCode",
            {**_ESPO, "createdAt": None, "type": None, "sicCode": None}, 6),
    layout("espocrm", "EspoCRM contacts", "contact", "id|firstName|lastName|emailAddress|"
            "phoneNumber|accountName|assignedUserName|createdAt|addressCity",
            {**_ESPO, "name": None, "title": "job_title", "status": "lead_status",
             "source": "lead_source"}, 6),
    layout("espocrm", "EspoCRM opportunities", "deal", "id|name|amount|amountCurrency|stage|"
            "closeDate|accountName|assignedUserName|createdAt",
            {**_ESPO, "amountCurrency": "currency", "closeDate": "closed_on",
             "createdAt": "opened_on", "amountConverted": None, "contactId": "contact_ref",
             "contactName": "contact", "lastStage": None}, 7),
    layout("odoo", "Odoo contacts", "contact", "name|is_company|parent_id/name|parent_id/id|"
            "parent_id|category_id/name|category_id|country_id/name|country_id|user_id/name|"
            "company_type", _ODOO, 3),
    layout("odoo", "Odoo contacts", "contact", "Name|Is a company|Related company|Address type",
            _ODOO, 3),
    layout("odoo", "Odoo opportunities", "deal", "Opportunity|Customer|Expected Revenue|Stage|"
            "Salesperson|Sales Team|Probability",
            {**_ODOO, "Opportunity": "name", "Customer": "company", "Expected Revenue": "amount",
             "Salesperson": "owner", "Sales Team": "pipeline", "Email": "contact_email",
             "Contact Name": "contact", "Expected Closing": "expected_close_on"}, 5),
    layout("odoo", "Odoo opportunities", "deal", "name|partner_id/name|expected_revenue|"
            "stage_id/name|user_id/name|team_id/name|date_deadline|partner_id|stage_id|team_id",
            {**_ODOO, "partner_id/name": "company", "partner_id": "company",
             "expected_revenue": "amount", "stage_id/name": "stage", "stage_id": "stage",
             "team_id/name": "pipeline", "team_id": "pipeline", "email_from": "contact_email",
             "contact_name": "contact", "date_deadline": "expected_close_on"}, 3),
)  # fmt: skip
