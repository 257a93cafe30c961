"""Records go out: tables, address cards, calendars, mailboxes, a whole workspace."""
