"""Exports of other programs are known by their headers alone, with invented rows."""

import pytest

from app.exchange.plan import plan_file
from tests.app.exchange.conftest import MakeFile

# system, kind, headers, what some of them become
KNOWN = [
    (
        "hubspot",
        "contact",
        "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,Lead Status,"
        "Contact owner,Associated Company",
        {
            "Record ID": "external_id",
            "First Name": "given_name",
            "Email": "email",
            "Phone Number": "phone",
            "Lifecycle Stage": "lifecycle",
            "Lead Status": "lead_status",
            "Contact owner": "owner",
            "Associated Company": "company",
        },
    ),
    (
        "google",
        "contact",
        "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,"
        "Phonetic Last Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,"
        "Organization Title,Organization Department,Birthday,Notes,Photo,Labels,"
        "E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value",
        {"First Name": "given_name", "Organization Name": "company", "Labels": "tags"},
    ),
    (
        "dynamics",
        "contact",
        "(Do Not Modify) Contact,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,"
        "Full Name,Email,Business Phone,Company Name",
        {
            "(Do Not Modify) Contact": "external_id",
            "(Do Not Modify) Row Checksum": None,
            "Full Name": "name",
            "Email": "email",
            "Company Name": "company",
        },
    ),
    (
        "freshdesk",
        "ticket",
        "Ticket ID,Subject,Description,Status,Priority,Type,Created time,Resolved time,"
        "Full name,Email,Company Name",
        {
            "Ticket ID": "external_id",
            "Subject": "subject",
            "Full name": "contact",
            "Email": "contact_email",
            "Created time": "opened_at",
        },
    ),
    (
        "shopify",
        "order",
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Total,Taxes,"
        "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name",
        {"Name": "number", "Email": "contact_email", "Lineitem quantity": "quantity"},
    ),
    (
        "woocommerce",
        "order",
        "order_number,order_date,status,order_currency,order_total,customer_email,"
        "billing_first_name,billing_last_name,product_name,sku,quantity,item_total",
        {"order_number": "number", "order_total": "total", "product_name": "product"},
    ),
    (
        "linkedin",
        "contact",
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
        {
            "First Name": "given_name",
            "Email Address": "email",
            "Company": "company",
            "Position": "job_title",
        },
    ),
    (
        "pipedrive",
        "deal",
        "Deal - Title,Deal - Value,Deal - Currency,Deal - Stage,Deal - Pipeline,"
        "Deal - Organization,Deal - Contact person,Deal - Owner,Deal - Expected close date",
        {
            "Deal - Title": "name",
            "Deal - Value": "amount",
            "Deal - Currency": "currency",
            "Deal - Stage": "stage",
            "Deal - Pipeline": "pipeline",
            "Deal - Organization": "company",
            "Deal - Contact person": "contact",
            "Deal - Owner": "owner",
            "Deal - Expected close date": "expected_close_on",
        },
    ),
    (
        "zoho",
        "contact",
        "Record Id,First Name,Last Name,Account Name.id,Account Name,Email,Phone,Lead Source,"
        "Contact Owner",
        {
            "Record Id": "external_id",
            "Account Name.id": "company_ref",
            "Account Name": "company",
            "Contact Owner": "owner",
            "Lead Source": "lead_source",
        },
    ),
    (
        "zoho",
        "deal",
        "Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Closing Date,Account Name.id,"
        "Account Name,Stage,Type,Probability (%),Contact Name.id,Contact Name,Pipeline",
        {"Account Name.id": "company_ref", "Deal Owner.id": "owner_ref", "Stage": "stage"},
    ),
    (
        "zoho",
        "company",
        "Record Id,Account Owner.id,Account Owner,Rating,Account Name,Phone,Website,"
        "Ticker Symbol,Parent Account.id,Parent Account,Employees,Industry",
        {"Account Name": "name", "Parent Account.id": "parent_ref", "Employees": "employees"},
    ),
    (
        "salesforce",
        "contact",
        "Id,IsDeleted,AccountId,LastName,FirstName,MailingStreet,MailingCity,Phone,Email,Title,"
        "ReportsToId,OwnerId,CreatedDate,SystemModstamp",
        {"AccountId": "company_ref", "OwnerId": "owner_ref", "IsDeleted": None},
    ),
    (
        "salesforce",
        "contact",
        "id,is_deleted,last_name,first_name,company,status,is_converted,converted_account_id,"
        "owner_id,email",
        {"company": "company", "status": "lead_status", "owner_id": "owner_ref"},
    ),
    (
        "hubspot",
        "deal",
        "deal_id,_fivetran_synced,deal_pipeline_id,deal_pipeline_stage_id,owner_id,portal_id,"
        "property_dealname,property_amount,property_closedate,property_createdate",
        {"deal_id": "external_id", "property_dealname": "name", "property_amount": "amount"},
    ),
    (
        "hubspot",
        "company",
        "id,_fivetran_synced,is_deleted,property_name,property_domain,property_industry,"
        "property_createdate,property_city,property_annualrevenue",
        {"property_name": "name", "property_domain": "domain", "property_city": "city"},
    ),
    (
        "suitecrm",
        "deal",
        "id,name,date_entered,date_modified,modified_user_id,created_by,description,deleted,"
        "assigned_user_id,amount,currency_id,date_closed,sales_stage,probability,account_name",
        {"sales_stage": "stage", "account_name": "company", "assigned_user_id": "owner_ref"},
    ),
    (
        "espocrm",
        "contact",
        "id,name,deleted,salutationName,firstName,lastName,accountId,accountName,title,"
        "emailAddress,phoneNumber,addressCity,createdAt,assignedUserId,assignedUserName",
        {"emailAddress": "email", "accountId": "company_ref", "title": "job_title"},
    ),
    (
        "odoo",
        "contact",
        "id,name,is_company,parent_id/name,email,phone,street,city,zip,country_id/name,"
        "category_id/name,user_id/name",
        {"is_company": "is_company", "parent_id/name": "company", "category_id/name": "tags"},
    ),
    (
        "dynamics",
        "deal",
        "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,"
        "Topic,Potential Customer,Est. Close Date,Est. Revenue,Contact,Account,Probability",
        {"Topic": "name", "Potential Customer": "company", "Est. Revenue": "amount"},
    ),
]
ROWS = {
    "email": "ann@x.example",
    "mail": "ann@x.example",
    "date": "2024-03-05",
    "time": "2024-03-05 10:00",
    "created": "2024-03-05",
    "at": "2024-03-05 10:00",
    "amount": "1200.50",
    "value": "1200.50",
    "revenue": "1200.50",
    "total": "30.00",
    "price": "15.00",
    "phone": "+49 30 5557 0142",
    "quantity": "2",
    "employees": "12",
    "probability": "40",
    "currency": "EUR",
    "deleted": "false",
    "is": "false",
}


def invented(headers: list[str], number: int) -> list[str]:
    """Return a row of values that fit the words of its headers."""
    row = []
    for header in headers:
        words = header.casefold().replace("_", " ").replace("-", " ").split()
        found = next((ROWS[word] for word in words if word in ROWS), f"Abc {number}")
        row.append(found.replace("ann@", f"ann{number}@"))
    return row


@pytest.mark.parametrize(("system", "kind", "header", "some"), KNOWN)
def test_an_export_is_known_by_its_headers(
    make_file: MakeFile, system: str, kind: str, header: str, some: dict[str, str | None]
) -> None:
    headers = header.split(",")
    file = make_file([headers, *(invented(headers, number) for number in range(1, 4))])
    plan = plan_file(file)
    assert (plan.system, plan.kind) == (system, kind)
    mapping = plan.mapping()
    assert {key: mapping[key] for key in some} == some


@pytest.mark.parametrize(("system", "kind", "header", "some"), KNOWN)
def test_case_order_and_more_columns_do_not_matter(
    make_file: MakeFile, system: str, kind: str, header: str, some: dict[str, str | None]
) -> None:
    headers = ["Zodiac", *reversed(header.split(","))]
    shown = [name.upper() for name in headers]
    plan = plan_file(make_file([shown, *(invented(headers, n) for n in range(1, 4))]))
    assert (plan.system, plan.kind) == (system, kind)
    mapping = plan.mapping()
    assert {key: mapping[key.upper()] for key in some} == some
