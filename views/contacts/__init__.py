"""The contacts page."""
