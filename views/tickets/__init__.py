"""The tickets page."""
