"""The importing page."""
