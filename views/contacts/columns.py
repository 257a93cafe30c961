"""The columns of the people and company tables."""

from typing import Final

from app.queries.companies import CompanyRow
from app.queries.contacts import ContactRow
from views.contacts.words import lifecycle_pill, lifecycle_word
from views.shared.column import Column
from views.shared.format import DASH, date_words, exact_moment, money, number
from views.shared.text import NBHY


def contact_columns(currency: str) -> tuple[Column[ContactRow], ...]:
    """Return the columns of people; sums are in the workspace's currency."""
    return (
        Column[ContactRow](
            "name",
            "Name",
            lambda r: r.name,
            width=172,
            sort="name",
            weight=600,
            stretch=True,
            avatar=lambda r: (r.id, r.name, False),
            tooltip=lambda r: r.job_title,
        ),
        Column[ContactRow](
            "company",
            "Company",
            lambda r: r.company_name or "",
            width=132,
            stretch=True,
            sort="company",
        ),
        Column[ContactRow](
            "email",
            f"E{NBHY}mail",
            lambda r: r.email or "",
            width=172,
            stretch=True,
            sort="email",
            tone="muted",
            tooltip=lambda r: r.email,
        ),
        Column[ContactRow](
            "lifecycle",
            "Status",
            lambda r: lifecycle_word(r.lifecycle),
            width=118,
            sort="lifecycle",
            pill=lambda r: lifecycle_pill(r.lifecycle),
        ),
        Column[ContactRow](
            "open_deals",
            "Open deals",
            lambda r: money(r.open_minor, currency) if r.open_deals else DASH,
            width=104,
            sort="open_deals",
            align="right",
            tabular=True,
        ),
        Column[ContactRow](
            "last_touch",
            "Last contact",
            lambda r: date_words(r.last_touch) if r.last_touch else DASH,
            width=110,
            sort="last_touch",
            tone="muted",
            tooltip=lambda r: exact_moment(r.last_touch) if r.last_touch else None,
        ),
        Column[ContactRow](
            "job_title", "Job title", lambda r: r.job_title or "", sort="job_title", hidden=True
        ),
        Column[ContactRow](
            "phone",
            "Phone",
            lambda r: r.phone or "",
            sort="phone",
            tone="muted",
            tabular=True,
            hidden=True,
        ),
        Column[ContactRow]("city", "City", lambda r: r.city or "", sort="city", hidden=True),
        Column[ContactRow](
            "owner", "Owner", lambda r: r.owner_name or "", sort="owner", hidden=True
        ),
        Column[ContactRow](
            "source", "Source", lambda r: r.source_name or "", sort="source", hidden=True
        ),
        Column[ContactRow]("tags", "Tags", lambda r: ", ".join(r.tags), tone="muted", hidden=True),
        Column[ContactRow](
            "created",
            "Added",
            lambda r: date_words(r.created_at),
            width=110,
            sort="created",
            tone="muted",
            tooltip=lambda r: exact_moment(r.created_at),
            hidden=True,
        ),
    )


def company_columns(currency: str) -> tuple[Column[CompanyRow], ...]:
    """Return the columns of companies; sums are in the workspace's currency."""
    return (
        Column[CompanyRow](
            "name",
            "Name",
            lambda r: r.name,
            width=230,
            sort="name",
            weight=600,
            stretch=True,
            avatar=lambda r: (r.id, r.name, True),
        ),
        Column[CompanyRow](
            "industry",
            "Industry",
            lambda r: r.industry or "",
            sort="industry",
            tone="muted",
            stretch=True,
        ),
        Column[CompanyRow](
            "people",
            "People",
            lambda r: number(r.people) if r.people else DASH,
            width=84,
            sort="people",
            align="right",
            tabular=True,
        ),
        Column[CompanyRow]("owner", "Owner", lambda r: r.owner_name or "", sort="owner"),
        Column[CompanyRow](
            "open_deals",
            "Open deals",
            lambda r: money(r.open_minor, currency) if r.open_deals else DASH,
            width=116,
            sort="open_deals",
            align="right",
            tabular=True,
        ),
        Column[CompanyRow](
            "last_touch",
            "Last contact",
            lambda r: date_words(r.last_touch) if r.last_touch else DASH,
            width=118,
            sort="last_touch",
            tone="muted",
            tooltip=lambda r: exact_moment(r.last_touch) if r.last_touch else None,
        ),
        Column[CompanyRow](
            "country", "Country", lambda r: r.country or "", width=110, sort="country", hidden=True
        ),
        Column[CompanyRow](
            "domain", "Domain", lambda r: r.domain or "", sort="domain", tone="muted", hidden=True
        ),
        Column[CompanyRow](
            "employees",
            "Staff",
            lambda r: DASH if r.employees is None else number(r.employees),
            width=84,
            sort="employees",
            align="right",
            tabular=True,
            hidden=True,
        ),
        Column[CompanyRow](
            "revenue",
            "Revenue",
            lambda r: (
                money(r.annual_revenue_minor, r.currency or currency, compact=True)
                if r.annual_revenue_minor is not None
                else DASH
            ),
            sort="revenue",
            align="right",
            tabular=True,
            hidden=True,
        ),
        Column[CompanyRow](
            "parent", "Belongs to", lambda r: r.parent_name or "", sort="parent", hidden=True
        ),
        Column[CompanyRow]("tags", "Tags", lambda r: ", ".join(r.tags), tone="muted", hidden=True),
        Column[CompanyRow](
            "created",
            "Added",
            lambda r: date_words(r.created_at),
            width=110,
            sort="created",
            tone="muted",
            hidden=True,
        ),
    )


CONTACT_KINDS: Final = (
    "contact", "activity", "deal", "company", "tag_link", "tag", "user", "lead_source",
)  # fmt: skip
COMPANY_KINDS: Final = ("company", "contact", "activity", "deal", "tag_link", "tag", "user")
