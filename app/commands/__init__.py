"""Writes: one file per record kind; each command gets a session and never commits."""
