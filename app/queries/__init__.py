"""Reads: one file per page; frozen rows out, never records."""
