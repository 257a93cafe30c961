"""What a mail says: its headers, its parts, its text, whoever wrote it in whatever way."""
