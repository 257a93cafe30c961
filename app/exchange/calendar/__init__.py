"""Reading iCalendar: blocks of text first, so that one broken event does not hide the others."""
