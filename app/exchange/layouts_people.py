"""Address books that are known by their headers."""

from typing import Final

from app.exchange.layout import Layout, layout

LAYOUTS: Final[tuple[Layout, ...]] = (
    layout("google", "Google Contacts", "contact", "E-mail 1 - Value|Given Name|Family Name",
            {"Given Name": "given_name", "Additional Name": "middle_name", "Occupation": None}, 3),
    layout("google", "Google Contacts", "contact", "E-mail 1 - Label|E-mail 1 - Value|First Name|"
            "Organization Name", {}, 3),
    layout("linkedin", "LinkedIn connections", "contact", "First Name|Last Name|URL|Connected On|"
            "Position", {"URL": "linkedin", "Connected On": "created_on"}, 4),
    layout("thunderbird", "Thunderbird address book", "contact", "First Name|Last Name|"
            "Display Name|Primary Email|Screen Name", {"Secondary Email": "email2",
            "Work Phone": "phone", "Home Phone": "phone2", "Mobile Number": "mobile",
            "Organization": "company", "Home Address": "street"}, 4),
    layout("outlook", "Outlook contacts", "contact", "First Name|Last Name|Business Phone|"
            "Business Street|Job Title|Company", {"Business Phone": "phone", "Home Phone": "phone2",
            "E-mail Address": "email"}, 4),
)  # fmt: skip
