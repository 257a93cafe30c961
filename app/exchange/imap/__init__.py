"""Mail accounts: read over IMAP into the timeline, never written to."""
