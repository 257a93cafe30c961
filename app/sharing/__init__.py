"""A workspace that several computers open: where its file may lie, who is in, backups, servers."""
