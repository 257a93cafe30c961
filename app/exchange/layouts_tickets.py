"""Help desks that are known by their headers."""

from typing import Final

from app.exchange.layout import Layout, layout

LAYOUTS: Final[tuple[Layout, ...]] = (
    layout("freshdesk", "Freshdesk tickets", "ticket", "Ticket ID|Subject|Created time|"
            "Resolved time|Full name", {"Ticket ID": "external_id", "Full name": "contact"}, 4),
    layout("zendesk", "Zendesk tickets", "ticket", "Requester|Requester email|Assignee|Subject|Ticket ID|"
            "Satisfaction Score", {"Id": "external_id"}, 4),
    layout("jira", "Jira issues", "ticket", "Issue key|Issue Type|Reporter|Summary",
            {"Issue key": "external_id", "Issue id": None, "Summary": "subject"}, 3),
)  # fmt: skip
