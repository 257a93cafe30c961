"""One company at full width."""

from views.contacts.record_page import RecordPage


class CompanyRecordPage(RecordPage):
    """One company: its own and its people's history, deals and tickets."""

    kind = "company"
