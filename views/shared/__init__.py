"""Widgets, painting and words that every page shares."""
