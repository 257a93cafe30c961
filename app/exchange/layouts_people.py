"""Address books and lists of people that are known by their headers.

What is not renamed here goes by its words; phones, mails and addresses with a label by
`point_columns`.
"""

from typing import Final

from app.exchange.layout import Layout, layout

LAYOUTS: Final[tuple[Layout, ...]] = (
    layout("google", "Google Contacts", "contact", "E-mail 1 - Value|Given Name|Family Name|"
            "E-mail 1 - Type|Phone 1 - Type",
            {"Given Name": "given_name", "Additional Name": "middle_name", "Occupation": None,
             "Location": None, "Priority": None, "Subject": None, "Billing Information": None,
             "Group Membership": "tags",
             "Organization 1 - Name": "company", "Organization 1 - Title": "job_title",
             "Organization 1 - Location": None, "Organization 1 - Type": None}, 3),
    layout("google", "Google Contacts", "contact", "E-mail 1 - Label|E-mail 1 - Value|First Name|"
            "Last Name|Phone 1 - Label|Organization Name|Labels",
            {"First Name": "given_name", "Middle Name": "middle_name", "Last Name": "family_name",
             "Organization Name": "company", "Organization Title": "job_title", "Labels": "tags",
             "File As": None}, 3),
    layout("linkedin", "LinkedIn connections", "contact", "First Name|Last Name|URL|Connected On|"
            "Position", {"URL": "linkedin", "Connected On": "created_on"}, 4),
    layout("thunderbird", "Thunderbird address book", "contact", "First Name|Last Name|"
            "Display Name|Primary Email|Screen Name",
            {"Primary Email": "email", "Organization": "company"}, 4),
    layout("outlook", "Outlook contacts", "contact", "First Name|Last Name|Business Phone|"
            "Business Street|Job Title|Company",
            {"E-mail Address": "email", "Account": None, "Location": None,
             "Directory Server": None, "Priority": None}, 4),
    layout("mautic", "Mautic contacts", "contact", "firstname|lastname|address1|zipcode|points|"
            "email|company", {"title": None, "points": None, "ip": None}, 6),
    layout("chatwoot", "Chatwoot contacts", "contact", "first_name|last_name|email|identifier|"
            "ip_address", {"id": None, "identifier": "external_id", "ip_address": None}, 4),
    layout("chatwoot", "Chatwoot contacts", "contact", "name|email|phone_number|identifier|"
            "additional_attributes", {"identifier": "external_id", "id": None}, 4),
    layout("magento", "Magento customers", "contact", "email|_website|_store|website_id|store_id|"
            "created_in|group_id|rp_token|taxvat",
            {"prefix": None, "suffix": None, "website_id": None, "store_id": None,
             "created_in": None, "group_id": None, "_website": None, "_store": None,
             "confirmation": None, "created_at": "created_on", "dob": "birthday",
             "disable_auto_group_change": None, "failures_num": None, "first_failure": None,
             "lock_expires": None, "reward_update_notification": None,
             "reward_warning_notification": None, "gender": None, "taxvat": None}, 5),
)  # fmt: skip
